"""From an executed notebook to a page: what is let through, and what is refused by cell."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace

import nbformat.v4 as make
import pages as samples
import pytest
from bs4 import BeautifulSoup

from lbbd_jsna.exhibits.exhibit import MIME, Section, Text
from lbbd_jsna.reporting.export import (
    ExportError,
    exhibits_of,
    export_notebook,
    page_from_bundles,
)
from lbbd_jsna.reporting.frame import css_string
from lbbd_jsna.reporting.index import index_page
from lbbd_jsna.reporting.lint import lint_page


def exported(*cells, page=samples.FRAME) -> str:
    """The page of a notebook that shows a title and then these cells."""
    notebook = samples.notebook([samples.title()])
    notebook.cells[-1:] = cells
    return export_notebook(notebook, page=page)


def refusal(*cells) -> str:
    """Why those cells cannot become a page."""
    with pytest.raises(ExportError) as caught:
        exported(*cells)
    return str(caught.value)


def shown(data: dict, *, count: int | None = 9, **settings) -> make.NotebookNode:
    output = make.new_output("display_data", data=data)
    return make.new_code_cell("x", execution_count=count, outputs=[output], **settings)


@pytest.fixture(scope="module")
def page() -> str:
    return export_notebook(samples.notebook(samples.outcome_exhibits()), page=samples.FRAME)


def test_the_page_breaks_no_rule(page):
    assert lint_page(page) == []


def test_the_title_says_what_quarter_where_and_that_it_is_made_up(page):
    words = "[DEMONSTRATION, NOT REAL FIGURES] Best start in life, 2026-27 Q3: Barking and Dagenham"
    assert f"<title>{words}</title>" in page
    assert page.index("Demonstration, not real figures.") < page.index("<main")
    assert '@top-center{content:"DEMONSTRATION, NOT REAL FIGURES"}' in page


def test_a_real_page_does_not_say_so():
    real = exported(page=replace(samples.FRAME, demonstration=False))
    assert "emonstration, not real" not in real
    assert "DEMONSTRATION" not in real


def test_code_and_analyst_cells_are_left_out(page):
    for hidden in ("secret_code", "For the analyst", "quarter =", "application/vnd"):
        assert hidden not in page


def test_the_policy_knows_the_style_and_lets_nothing_else_through(page):
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.replace("&#39;", "'") == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_contents_list_every_part_and_lead_there(page):
    whole = BeautifulSoup(page, "html.parser")
    listed = [link["href"][1:] for link in whole.select("nav.contents a")]
    assert listed == [tag["id"] for tag in whole.main.find_all("h2")]
    assert whole.select_one("nav.contents").find_next("h2") == whole.main.find("h2")


def test_the_pack_is_linked_and_the_page_itself_marked(page):
    whole = BeautifulSoup(page, "html.parser")
    links = whole.select("nav.pack a")
    assert len(links) == 14
    assert [a.get_text() for a in links if a.get("aria-current") == "page"] == ["Outcome 1"]


def test_the_same_notebook_gives_the_same_bytes(page):
    again = export_notebook(samples.notebook(samples.outcome_exhibits()), page=samples.FRAME)
    assert again == page


def test_markdown_is_written_in_plain_html(page):
    assert '<h2 id="in-words">In words</h2>' in page
    assert "<p>A <em>short</em> list:</p>" in page
    assert "<li>one &amp; two</li>" in page
    assert "<li>5 &lt; 6</li>" in page


def test_a_figure_stands_one_level_below_the_words_before_it():
    html = exported(
        make.new_markdown_cell("## Part"),
        shown({MIME: samples.trend_chart().as_json()}),
        shown({MIME: samples.ward_map().as_json()}),
    )
    whole = BeautifulSoup(html, "html.parser")
    assert [tag.name for tag in whole.main.find_all(re.compile("h[1-6]"))] == ["h1", "h2"] + 2 * [
        "h3"
    ]


@pytest.mark.parametrize(
    "output, message",
    [
        (
            make.new_output("display_data", data={"text/html": "<table>", "text/plain": "x"}),
            "cell 4: an output of type text/html, text/plain; expected an exhibit",
        ),
        (make.new_output("display_data", data={"image/png": "AAAA"}), "of type image/png"),
        (make.new_output("display_data", data={"application/javascript": "x"}), "javascript"),
        (
            make.new_output("display_data", data={MIME: {"kind": "text"}, "image/png": "x"}),
            "of type application/vnd.jsna.exhibit",
        ),
        (
            make.new_output("stream", name="stdout", text="hello\n"),
            "cell 4: printed text ('hello')",
        ),
        (make.new_output("stream", name="stderr", text="UserWarning: x"), "a warning or log line"),
        (
            make.new_output("error", ename="KeyError", evalue="'x'", traceback=["long"]),
            "cell 4: the error KeyError: 'x'",
        ),
        (
            make.new_output("display_data", data={MIME: {"kind": "script"}}),
            "cell 4: 'script' is not a kind of exhibit",
        ),
        (make.new_output("display_data", data={MIME: "<script>"}), "of type application/vnd"),
    ],
)
def test_an_output_that_is_no_exhibit_is_refused_by_cell(output, message):
    assert message in refusal(make.new_code_cell("x", execution_count=9, outputs=[output]))


def test_a_cell_that_did_not_run_is_refused():
    """A killed kernel leaves a notebook that looks whole but for this."""
    assert "cell 4: was not run to its end" in refusal(make.new_code_cell("x"))
    assert exported(make.new_code_cell(""))


def test_two_exhibits_of_one_cell_are_refused():
    cell = shown({MIME: Text(("a",)).as_json()})
    cell.outputs.append(cell.outputs[0])
    assert "cell 4: shows 2 exhibits; expected at most one" in refusal(cell)


@pytest.mark.parametrize("titles", [0, 2])
def test_a_page_has_one_title(titles):
    notebook = samples.notebook([samples.title()] * titles + [Text(("a",))])
    with pytest.raises(ExportError, match=f"shows {titles} titles"):
        export_notebook(notebook, page=samples.FRAME)


@pytest.mark.parametrize(
    "source, message",
    [
        ("<b>bold</b>", "raw HTML"),
        ("<script>alert(1)</script>", "raw HTML"),
        ("![](x.png)", "an image"),
        ("# Another title", "a heading of level 1"),
        ("#### Deep", "a heading of level 4"),
        ("See [the figures](javascript:alert(1)).", "leaves the pack"),
        ("See [the figures](https://example.org).", "leaves the pack"),
        ("[click here](board.html)", "do not say where it leads"),
        ("[here](board.html)", "do not say where it leads"),
        ("`code`", "holds code"),
        ("```\ncode\n```", "a block of code"),
        ("> quoted", "a quotation"),
        ("### Skips a level", 'the heading "Skips a level" stands at level 3 after level 1'),
    ],
)
def test_markdown_a_page_may_not_hold_is_refused_by_cell(source, message):
    words = refusal(make.new_markdown_cell(source))
    assert "cell 4" in words
    assert message in words


def test_a_raw_cell_is_refused():
    assert "cell 4: a raw cell" in refusal(make.new_raw_cell("<b>"))


def test_every_fault_is_reported_at_once():
    words = refusal(make.new_markdown_cell("<b>"), make.new_code_cell("x"), make.new_raw_cell(""))
    assert [f"cell {n}" in words for n in (4, 5, 6)] == [True] * 3


def test_a_section_that_skips_a_level_is_refused():
    cell = shown({MIME: Section("Deep", (), level=4).as_json()})
    assert 'cell 4: the heading "Deep" stands at level 4 after level 1' in refusal(cell)


def test_one_anchor_twice_on_a_page_is_refused_by_cell():
    cell = shown({MIME: Section("Part", (), anchor="part").as_json()})
    assert "cell 5: two sections ask for the anchor 'part'" in refusal(cell, cell)


def test_exhibits_come_out_in_order():
    found = exhibits_of(samples.notebook(samples.outcome_exhibits()))
    shown = [exhibit.as_json() for exhibit in samples.outcome_exhibits()]
    assert json.dumps(found) == json.dumps(shown)


def test_a_heading_cannot_leave_the_style_sheet():
    hostile = '"}</style><script>alert(1)</script>\n\\'
    assert not set(css_string(hostile)[1:-1]) & set('"<>{}\n/')
    title = replace(samples.title(), heading=hostile)
    html = page_from_bundles([title.as_json()], samples.FRAME)
    assert lint_page(html) == []


def test_the_index_lists_every_report_and_file():
    frame = replace(
        samples.FRAME,
        slug="index",
        links=tuple(replace(link, href=f"reports/{link.href}") for link in samples.FRAME.links[1:]),
    )
    files = ["tables/a-and-e-by-borough.csv", "tables/other.csv", "maps/a-and-e-map.svg"]
    html = index_page(
        frame,
        notes={"reports/board.html": "What to look at first."},
        files=files,
        titles={"a-and-e": "A&E attendances", "a": "something shorter"},
    )
    assert lint_page(html) == []
    page = BeautifulSoup(html, "html.parser").main
    links = page.find_all("a")
    assert [a["href"] for a in links] == [link.href for link in frame.links] + files
    assert [a.text for a in links[-3:]] == [
        "A&E attendances: by borough", "Other", "A&E attendances: map"
    ]  # fmt: skip
    assert "What to look at first." in html
    # A list of links leads nowhere on paper, and took ten sheets of it.
    assert "screen-only" in page.find("details")["class"]

"""The renderer: every kind of exhibit, every value escaped, every id once."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import pages as samples
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from lbbd_jsna.exhibits.anchors import Anchors, safe_href, slug
from lbbd_jsna.exhibits.exhibit import (
    Cell,
    ColumnHead,
    KeyEntry,
    Links,
    Quote,
    Quotes,
    Section,
    Strip,
    Table,
    Tallies,
    Tally,
    Text,
    Title,
)
from lbbd_jsna.exhibits.html import preview, render
from lbbd_jsna.exhibits.marks import strip_marks, swatch_marks


def soup(exhibit, **settings) -> BeautifulSoup:
    return BeautifulSoup(str(render(exhibit.as_json(), **settings)), "html.parser")


def table(*cells: Cell, columns: tuple[ColumnHead, ...] = (), **settings) -> Table:
    heads = columns or tuple(ColumnHead(f"Column {n}") for n in range(len(cells)))
    return Table("A caption", heads, (cells,), **settings)


ANY = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1)


@given(hostile=ANY | st.sampled_from([samples.PAYLOAD, '"><script>alert(1)</script>', "' x='"]))
def test_no_text_becomes_markup(hostile):
    exhibits = [
        Title(hostile, (hostile,), context=hostile),
        Text((hostile,), (hostile,)),
        Tallies(hostile, (Tally(hostile, hostile),)),
        Quotes((Quote(hostile, hostile),)),
        table(Cell(hostile, sub=hostile), Cell("1"), notes=(hostile,), source=hostile),
        replace(samples.trend_chart(), title=hostile, alt=hostile, caption=hostile),
        Section(hostile, (Text((hostile,)),)),
        Links(hostile, (Cell(hostile, hostile, href="a.html"),)),
    ]
    for exhibit in exhibits:
        page = soup(exhibit)
        assert hostile in page.get_text() or " ".join(hostile.split()) == ""
        assert {tag.name for tag in page.find_all(True)} <= KNOWN_TAGS
        assert not [name for tag in page.find_all(True) for name in tag.attrs if name[:2] == "on"]


KNOWN_TAGS = {
    "a", "b", "blockquote", "caption", "details", "div", "figcaption", "figure", "h1", "h2", "h3",
    "img", "li", "p", "section", "span", "summary", "table", "tbody", "td", "th", "thead", "tr",
    "ul",
}  # fmt: skip


def test_a_table_has_a_caption_and_scoped_headings():
    page = soup(samples.benchmark_table())
    [found] = page.find_all("table")
    assert found["aria-labelledby"] == found.caption["id"]
    assert {tag["scope"] for tag in found.thead.find_all("th")} == {"col"}
    rows = found.tbody.find_all("tr")
    assert [row.find("th")["scope"] for row in rows] == ["row"] * 4
    assert [len(row.find_all(["th", "td"])) for row in rows] == [11] * 4
    labels = [tag["data-label"] for tag in rows[0].find_all("td")]
    assert labels[:3] == ["Period", "Borough (95% interval)", "Count"]


def test_shorthand_is_explained_once_and_only_when_used():
    assert "[x] means not available." in soup(samples.benchmark_table()).get_text()
    told = table(Cell("a"), Cell("[c]"), notes=("[c] is withheld.",))
    assert "means" not in soup(told).get_text()
    assert soup(table(Cell("a"), Cell("1"))).find(class_="notes") is None


def test_numbers_are_set_right_unless_sentences_stand_under_them():
    heads = (ColumnHead("Area"), ColumnHead("Value", align="number"))
    plain = soup(table(Cell("a"), Cell("12.1%", sub="10.9 to 13.4"), columns=heads))
    wordy = soup(table(Cell("a"), Cell("[x]", sub="no counts for 8 of 8 boroughs"), columns=heads))
    assert plain.td["class"] == ["n"]
    assert wordy.td.get("class") is None


def test_a_verdict_is_a_word_in_a_box_not_a_colour():
    page = soup(table(Cell("a"), Cell("▼ worse", tag="worse", sub="95% interval")))
    assert page.find(class_="tag").get_text() == "▼ worse"
    assert "style" not in str(page)


@pytest.mark.parametrize("columns, scrolls, landscape", [(4, 0, 0), (16, 1, 1)])
def test_only_a_table_too_wide_for_the_page_scrolls(columns, scrolls, landscape):
    page = soup(samples.wide_table(columns))
    assert len(page.select("section[tabindex='0'][aria-labelledby]")) == scrolls
    assert len(page.select(".landscape")) == landscape


def test_a_heading_is_printed_with_the_sideways_table_below_it():
    page = soup(
        Section("Wards", (Text(("Read across.",)), samples.wide_table(), Text(("After.",))))
    )
    together = page.select_one("section > .landscape")
    assert [tag.get_text() for tag in together.select("h2, .text p")] == ["Wards", "Read across."]


def test_a_heading_is_printed_with_the_sideways_part_below_it_and_what_follows_is_upright():
    wide = Section("Rugs", (Text(("One.",)),), level=3, wide=True)
    children = (Text(("Read across.",)), wide, Text(("After.",)))
    together = soup(Section("Wards", children)).select_one("section > .landscape")
    assert [tag.get_text() for tag in together.select("h2, h3")] == ["Wards", "Rugs"]
    folded = soup(Section("Wards", children, folded=True)).details
    assert "landscape" in folded["class"]
    assert [tag.get_text(strip=True) for tag in folded.select(".upright")] == ["After."]
    plain = soup(Section("Wards", (Text(("After.",)),), folded=True)).details
    assert not plain.select(".upright")
    assert "landscape" not in plain["class"]


def test_short_words_beside_a_map_may_stay_on_one_line():
    heads = (ColumnHead("Ward"), ColumnHead("Class"))
    short = soup(table(Cell("a"), Cell("25,000 to 26,999"), columns=heads))
    long = soup(table(Cell("a"), Cell("more than eighteen letters"), columns=heads))
    assert short.td["class"] == ["s"]
    assert long.td.get("class") is None


def test_a_mark_is_its_own_key_without_a_box():
    key = (KeyEntry("[u] low reliability", "none"), KeyEntry("low", "#fff"))
    entries = soup(replace(samples.ward_map(), key=key)).select(".key li")
    assert [len(entry.select("svg")) for entry in entries] == [0, 1]
    assert entries[0].get_text(strip=True) == "[u] low reliability"


def test_a_strip_is_hidden_and_its_range_said():
    strip = Strip((1.0, 2.0, 3.0), 2.0, 1.5, "1%", "3%")
    cell = soup(table(Cell("a"), Cell("", strip=strip))).td
    assert cell.svg["aria-hidden"] == "true"
    assert cell.find(class_="vh").get_text() == "From 1% to 3%"
    assert len(cell.find_all("circle")) == 3


def test_strip_positions_are_true_to_the_values():
    marks = strip_marks(
        {"values": [10.0, 20.0, 30.0], "area": 20.0, "benchmark": 15.0, "low": "", "high": ""}
    )
    assert [x for x, _ in marks["dots"]] == [8.0, 110.0, 212.0]
    assert (marks["area"], marks["benchmark"]) == (110.0, 59.0)


def test_the_ends_of_a_strip_are_named_under_their_dots_not_the_benchmark():
    marks = strip_marks(
        {"values": [10.0, 20.0, 30.0], "area": 20.0, "benchmark": 50.0, "low": "", "high": ""}
    )
    assert [x for x, _ in marks["dots"]] == [8.0, 59.0, 110.0]
    assert (marks["low_at"], marks["high_at"]) == (0.0, 118.0)


def test_dots_of_equal_value_do_not_hide_each_other():
    marks = strip_marks(
        {"values": [5.0, 5.0, 5.0, 9.0], "area": 5.0, "benchmark": None, "low": "", "high": ""}
    )
    assert len(set(marks["dots"])) == 4


def test_a_strip_without_spread_stands_in_the_middle():
    marks = strip_marks({"values": [5.0], "area": 5.0, "benchmark": 5.0, "low": "", "high": ""})
    assert marks["area"] == 110.0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_a_strip_of_something_else_than_numbers_is_refused(value):
    with pytest.raises(ValueError, match="not a finite number"):
        strip_marks({"values": [1.0], "area": value, "benchmark": 1.0, "low": "", "high": ""})


def test_a_figure_is_followed_by_its_numbers():
    page = soup(samples.ward_map(), level=3)
    figure = page.figure
    assert figure.h3.get_text() == "Rates are highest along the river"
    assert figure.find_next_sibling("details").table is not None
    assert base64.b64decode(figure.img["src"].partition(",")[2]).startswith(b"<svg")
    assert len(figure.select(".key svg[aria-hidden=true]")) == 5
    assert figure.figcaption.find_next_sibling() is None


def test_a_key_draws_its_pattern():
    swatch = swatch_marks({"label": "withheld", "fill": "#fff", "hatch": "///"})
    assert swatch["lines"]
    with pytest.raises(ValueError, match="not a colour"):
        swatch_marks({"label": "x", "fill": "url(#x)", "hatch": ""})
    with pytest.raises(ValueError, match="not a pattern"):
        swatch_marks({"label": "x", "fill": "#fff", "hatch": "?"})
    assert KeyEntry("x", "#fff").hatch == ""


def test_sections_nest_their_headings():
    inner = Section("Inner", (samples.trend_chart(),))
    page = soup(Section("Outer", (inner, Section("", (inner,), level=9))))
    names = [tag.name for tag in page.find_all(re.compile("h[1-6]"))]
    assert names == ["h2", "h3", "h4", "h3", "h4"]


def test_ids_are_words_and_never_repeat():
    page = soup(Section("Same", (Section("Same", ()), Section("Other", (), anchor="same"))))
    assert [tag["id"] for tag in page.find_all(id=True)] == ["same-2", "same-3", "same"]
    assert Anchors().claim("12 wards") == "s-12-wards"
    assert re.fullmatch(r"s?-?[a-z0-9]{10,}", Anchors().claim("区"))
    assert len(slug("word " * 40)) <= 60


def test_two_sections_of_one_anchor_are_refused():
    with pytest.raises(ValueError, match="two sections ask"):
        soup(Section("A", (Section("B", (), anchor="x"), Section("C", (), anchor="x"))))


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "//host/x",
        "/etc",
        "https://example.org",
        "a b",
        "\\\\x",
        "x\n",
        "a?b",
    ],
)
def test_a_link_out_of_the_pack_is_refused(href):
    with pytest.raises(ValueError, match="not an anchor or a file of the pack"):
        soup(table(Cell("a", href=href)))


@pytest.mark.parametrize("href", ["#anchor", "outcome-1.html#a", "../index.html", ""])
def test_a_link_inside_the_pack_is_kept(href):
    assert safe_href(href) == href


@pytest.mark.parametrize(
    "bundle, message",
    [
        ({"kind": "script"}, "not a kind of exhibit"),
        ({"kind": "text"}, "a text exhibit lacks something"),
        (table(Cell("a", tag="red")).as_json(), "not a tag"),
        (
            {**table(Cell("a")).as_json(), "columns": []},
            'row 1 of the table "A caption" has 1 cells under 0 headings',
        ),
        ({**samples.trend_chart().as_json(), "mime": "text/html"}, "image/svg"),
        (
            {**samples.trend_chart().as_json(), "mime": "image/png", "image": "no base64!"},
            "base64",
        ),
        (Section("Part", (samples.title(),)).as_json(), "holds a Title"),
    ],
)
def test_a_bundle_out_of_contract_is_refused(bundle, message):
    with pytest.raises(ValueError, match=message):
        render(bundle)


def test_same_bundle_same_text():
    for exhibit in samples.outcome_exhibits():
        assert render(exhibit.as_json()) == render(exhibit.as_json())


def test_the_preview_is_a_fragment_with_ids_of_its_own():
    text = preview(samples.ward_map().as_json())
    page = BeautifulSoup(text, "html.parser")
    assert page.find(["html", "script"]) is None
    assert all(tag["id"].startswith("p") for tag in page.find_all(id=True))
    bundle = samples.ward_map()._repr_mimebundle_()
    assert bundle["text/html"] == text


def test_downloads_are_offered_only_where_there_is_a_pack():
    exhibit = samples.ward_map().as_json()
    assert "href" not in str(render(exhibit))
    page = BeautifulSoup(str(render(exhibit, anchors=Anchors(pack=".."))), "html.parser")
    assert [tag["href"] for tag in page.find_all("a")] == [
        "../maps/reception-map.svg",
        "../tables/reception-wards.csv",
    ]

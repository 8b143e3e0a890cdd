"""Finished pages in a real browser: what no look at their source can tell.

The pages are two made here from every kind of exhibit, and those of the demonstration pack
and, where the extracts are at hand, of the real one. The HTML checker and the links read every
page. The slow looks take of the demonstration all but the profiles of wards, which are one
notebook run many times, and the longest of those; of the real pack, made by the same notebooks,
the longest of each kind.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import browser as gate
import pages as samples
import pytest

from lbbd_jsna.reporting.export import export_notebook, page_from_bundles

MARK = "DEMONSTRATION,NOTREALFIGURES"


@pytest.fixture(scope="module")
def every_page(tmp_path_factory: pytest.TempPathFactory, request) -> list[Path]:
    """Every page there is."""
    folder = tmp_path_factory.mktemp("pages")
    whole = export_notebook(samples.notebook(samples.outcome_exhibits()), page=samples.FRAME)
    plain = replace(samples.FRAME, slug="index", demonstration=False)
    index = page_from_bundles([e.as_json() for e in samples.index_exhibits()], plain)
    for name, text in (("outcome-1.html", whole), ("index.html", index)):
        (folder / name).write_text(text, encoding="utf-8")
    gate.chromium()  # skip before any pack is built
    packs = [request.getfixturevalue("demonstration_pack")]
    if os.environ.get("JSNA_EXTRACTS"):
        packs.append(request.getfixturevalue("real_pack"))
    return [path.resolve() for root in (folder, *packs) for path in sorted(root.rglob("*.html"))]


@pytest.fixture(scope="module")
def pages(every_page) -> list[Path]:
    """The pages of the slow looks: of each kind that stands for others, the longest."""
    kinds: dict[tuple[Path, str], list[Path]] = {}
    for path in every_page:
        made_up = "[DEMONSTRATION" in path.read_text("utf-8")
        kind = re.sub(r"-?[0-9].*|-e0.*", "", path.stem)
        alone = path.stem if made_up and kind != "ward" else kind
        kinds.setdefault((path.parent, alone), []).append(path)
    longest = {max(paths, key=lambda one: (one.stat().st_size, one)) for paths in kinds.values()}
    return [path for path in every_page if path in longest]


@pytest.fixture(scope="module")
def chromium():
    """One browser for all tests."""
    with gate.open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def visits(chromium, pages):
    """Each page as a reader meets it."""
    return {path: gate.watch(chromium, path) for path in pages}


def test_axe_finds_nothing_at_any_width(chromium, pages):
    found = gate.axe_violations(chromium, pages)
    assert len(found) == 3 * len(pages)
    assert {where: what for where, what in found.items() if what} == {}


def test_axe_is_awake(chromium, tmp_path):
    """A page with known faults must not pass, or the test above proves nothing."""
    page = tmp_path / "bad.html"
    page.write_text("<title>x</title><p style='color:#ccc'>pale</p><img src='data:,'>", "utf-8")
    rules = {line.split(":")[0] for line in gate.axe_violations(chromium, [page]).popitem()[1]}
    assert {"html-has-lang", "image-alt", "color-contrast"} <= rules


def test_the_html_checker_finds_no_error(every_page):
    assert gate.vnu_errors(every_page) == []


def test_the_html_checker_is_awake(tmp_path):
    page = tmp_path / "bad.html"
    page.write_text("<!doctype html><title>x</title><p><table><tr><td></p></table>", "utf-8")
    assert gate.vnu_errors([page])


def test_a_page_asks_for_nothing_and_runs_nothing(visits):
    for path, seen in visits.items():
        assert (path.name, seen["requests"], seen["dialogs"]) == (path.name, [], [])
        assert (path.name, seen["errors"]) == (path.name, [])


def test_a_page_fits_every_width(visits):
    for path, seen in visits.items():
        for width, layout in seen["layout"].items():
            where = f"{path.name} at {width}"
            assert (where, layout["over"]) == (where, 0)
            assert (where, layout["unreachable"]) == (where, [])


def test_cards_are_still_tables_to_a_screen_reader(chromium, pages):
    """Only Chromium is asked; other browsers may differ."""
    counted = gate.roles_by_width(chromium, pages[-1])
    assert counted[1280]["columnheader"] > 0
    assert counted[640] == counted[320] == counted[1280]


def test_no_text_is_small(visits):
    for path, seen in visits.items():
        for layout in seen["layout"].values():
            assert (path.name, layout["small"]) == (path.name, [])


def test_the_keyboard_sees_where_it_is(visits):
    for path, seen in visits.items():
        assert seen["focus"], path.name
        assert "skip" in seen["focus"][0]["words"].lower()
        assert [stop["words"] for stop in seen["focus"] if not stop["ring"]] == [], path.name


def test_no_two_pictures_share_their_words(every_page):
    for path in every_page:
        alts = Counter(re.findall(r'<img [^>]*alt="([^"]*)"', path.read_text("utf-8")))
        assert [alt for alt, times in alts.items() if times > 1] == [], path.name


def test_links_of_a_pack_lead_somewhere(every_page):
    for path in every_page:
        if not (path.parent / "manifest.json").exists() and path.parent.name != "reports":
            continue
        links = re.findall(r'<a [^>]*href="([^"#]+)(?:#([^"]+))?', path.read_text("utf-8"))
        for target, place in set(links):
            assert (path.parent / target).is_file(), f"{path.name}: {target}"
            if place:
                text = (path.parent / target).read_text("utf-8")
                assert f' id="{place}"' in text, f"{path.name}: {target}#{place}"


def test_printing_loses_no_heading_and_no_row(chromium, pages, tmp_path):
    for number, path in enumerate(pages):
        target = tmp_path / f"{number}.pdf"
        gate.print_pdf(chromium, path, target)
        sheets = gate.pdf_sheets(target)
        text = "".join(sheets)
        lost = sorted(
            {words for words in gate.printed_words(path) if gate.squeezed(words) not in text}
        )
        assert (path.name, lost) == (path.name, [])
        if "[DEMONSTRATION" in path.read_text("utf-8"):
            unmarked = [n for n, sheet in enumerate(sheets, start=1) if MARK not in sheet]
            assert (path.name, unmarked) == (path.name, [])

"""The page of all wards: who is worse on what, by hand; nothing counted that is not reliable."""

import datetime as dt
import math

import pytest
from bs4 import BeautifulSoup
from made_up_wards import (
    ABBEY,
    QUARTER,
    made_up_facts,
    made_up_rows,
)

from lbbd_jsna import exhibits
from lbbd_jsna.exhibits import board
from lbbd_jsna.exhibits import wards_page as page
from lbbd_jsna.exhibits import wards_page_words as words
from lbbd_jsna.exhibits.html import walk
from lbbd_jsna.exhibits.map_rug import RugMeasure
from lbbd_jsna.exhibits.ward_links import places_of_series
from lbbd_jsna.exhibits.ward_words import exact_words
from lbbd_jsna.exhibits.wards_page_rugs import _parts, thirds_of
from lbbd_jsna.exhibits.wards_page_tables import _end_cell
from lbbd_jsna.facts import Facts
from lbbd_jsna.facts.ward_overview import ward_overview
from lbbd_jsna.facts.ward_series import WardSeries
from lbbd_jsna.findings import Point
from lbbd_jsna.reporting.export import page_from_bundles
from lbbd_jsna.reporting.frame import PageFrame
from lbbd_jsna.reporting.index import index_page
from lbbd_jsna.reporting.links import is_dead, without_dead_links
from lbbd_jsna.reporting.lint import lint_page
from lbbd_jsna.reporting.pages import make_frames
from lbbd_jsna.reporting.parameters import plan_reports
from lbbd_jsna.workspace import build_workspace

DAY = dt.date(2020, 12, 31)


@pytest.fixture(scope="module")
def facts(catalogue) -> Facts:
    return made_up_facts(catalogue)


@pytest.fixture(scope="module")
def overview(facts):
    return ward_overview(facts)


def shown(overview, facts):
    return [
        page.wards_title(overview, facts), page.wards_map(overview, facts),
        page.wards_rugs(overview), page.wards_measures(overview, facts),
        page.wards_unknown(overview, facts), page.wards_former(overview, facts),
        page.wards_sources(overview, facts),
    ]  # fmt: skip


def parts(exhibit, kind):
    return [part for part in walk(exhibit.as_json()) if part["kind"] == kind]


def html_of(facts, only=()):
    frames = make_frames(facts.workspace, plan_reports(facts.catalogue, QUARTER, only))
    bundles = [exhibit.as_json() for exhibit in shown(ward_overview(facts), facts)]
    return page_from_bundles(bundles, frames["wards"])


# ---------------------------------------------------------------- facts


def test_verdicts_are_counted_only_of_reliable_figures(overview):
    # Ward n has 20 + n, from 2 below to 2 above, against 25: 0 to 2 better, 8 to 18 worse.
    (judged,) = overview.judged
    assert judged.indicator.id == "obesity-year-6-wards"
    codes = sorted(overview.wards)
    found = [len(overview.with_verdict(code, "worse")) for code in codes]
    assert found == [0] * 8 + [1] * 11
    assert judged.verdicts[ABBEY] == "better"
    assert overview.tested(ABBEY) == 0  # its figure is of low reliability
    assert [len(overview.with_verdict(code, "better")) for code in codes] == [0, 1, 1] + [0] * 16


def test_wards_stand_by_deprivation_and_by_name_without_it(facts, catalogue, overview):
    assert overview.order == tuple(sorted(overview.wards))  # ward n has rank 20,000 - 100 n
    rows = made_up_rows(catalogue)
    rows = rows[~rows["indicator"].str.contains("deprivation|deprived")]
    bare = ward_overview(made_up_facts(catalogue, observations=rows))
    names = [bare.wards[code] for code in bare.order]
    assert names == sorted(names)


def test_thirds_run_from_the_worse_end_and_ties_share_one(overview):
    codes = sorted(overview.wards)
    thirds = thirds_of(overview.context)
    assert [thirds[code] for code in codes] == [2] * 7 + [1] * 6 + [0] * 6
    # 10 and 20 in turn: the nine of 20 all stand in the worst third, ten places down the rest.
    crowded = next(m for m in overview.measures if m.indicator.id.startswith("overcrowded"))
    assert [thirds_of(crowded)[code] for code in codes] == [1, 2] * 9 + [1]


def test_committed_measures_are_sorted_by_what_is_known_of_wards(overview):
    assert sum(len(one.today) for one in overview.answered) == 4
    assert [m.id for one in overview.answered for m in one.former] == ["bc-safe-poverty"]
    for one in overview.answered:
        every = [m for b in one.outcome.bullets for m in b.measures if m.kind == "measure"]
        assert one.measures == len(every)


# ---------------------------------------------------------------- words and tables


def test_the_title_counts_wards_and_the_lead_says_on_how_many(overview, facts):
    title = page.wards_title(overview, facts)
    assert title.heading == ("Which wards: 11 wards are worse than the borough on the one measure "
                             "tested")
    (lead,) = title.lead
    assert lead.startswith("Of 19 wards, 11 are worse than the borough on at least one measure "
                           "and 2 better on at least one; 5 differ on none. The most deprived are "
                           "Abbey (20,000), Alibon (19,900, estimated) and Barking Riverside")
    assert "4 have a figure for these wards, its own or that of a named proxy; 1 has one for the "\
        "17 former wards only." in lead


def test_chance_alone_is_told(overview):
    # 18 reliable figures, one in twenty of which chance would call different.
    assert words.chance_sentence(overview) == (
        "18 figures of wards are set against the borough here. Were every ward just like the "
        "borough, chance alone would call about 1 of them different.")


def test_the_key_of_the_map_leads_to_every_ward(overview, facts):
    (table,) = parts(page.wards_map(overview, facts), "table")
    assert [row[0]["href"] for row in table["rows"]] == [
        f"ward-{code.lower()}.html" for code in sorted(overview.wards)]
    rows = {row[0]["text"]: [cell["text"] for cell in row[1:]] for row in table["rows"]}
    assert rows["1 Abbey"] == ["1,000", "1st", "[x]", "[x]"]
    assert rows["2 Alibon"] == ["1,100", "2nd", "0 of 1", "1"]
    assert rows["19 Whalebone"] == ["2,800", "19th", "1 of 1", "0"]
    assert [cell["sub"] for cell in table["rows"][1]] == ["", "estimated", "estimated", "", ""]
    assert any("no score" in note for note in table["notes"])


def test_a_rug_says_verdict_third_and_mark_of_every_ward(overview):
    tested, shaded = page.wards_rugs(overview).children
    (table,) = parts(tested, "table")
    assert table["rows"][0][0] == {**table["rows"][0][0], "text": "1 Abbey",
                                   "href": "ward-e05014053.html"}
    assert (table["rows"][0][1]["text"], table["rows"][0][1]["tag"]) == ("▲ 20.0% [u]", "better")
    assert (table["rows"][18][1]["text"], table["rows"][18][1]["sub"]) == ("▼ 38.0%", "worse")
    first, *_, people = parts(shaded, "table")
    heads = [column["text"] for column in first["columns"]]
    at = heads.index("Obesity in Reception")
    assert first["rows"][18][at]["text"] == "[c]"  # withheld: no value, no third
    assert first["rows"][18][at]["sub"] == ""
    assert first["rows"][1][1]["sub"] == "worst third, estimated"
    assert people["rows"][18][1]["sub"] == "highest third"
    for figure in parts(shaded, "figure"):
        assert not figure["table_printed"]
        assert 40 <= len(figure["alt"]) <= 500


def test_measures_name_their_ends_and_who_is_worse(overview, facts):
    (table,) = parts(page.wards_measures(overview, facts), "table")
    row = next(r for r in table["rows"] if r[0]["text"].startswith("Obesity in Year 6"))
    assert [cell["text"] for cell in row[1:4]] == ["25.0%", "Whalebone", "Abbey"]
    assert row[3]["sub"] == "20.0% [u]"
    assert row[4]["text"].startswith("Whalebone, Village, Valence")
    assert row[5]["text"].endswith("and Abbey [u]")
    crowded = next(r for r in table["rows"] if r[0]["text"].startswith("Households"))
    assert (crowded[4]["text"], crowded[5]["text"]) == ("Not tested", "Not tested")
    assert (crowded[2]["text"], crowded[2]["sub"][-5:]) == ("9 wards", " each")


@pytest.mark.parametrize(
    ("values", "words", "sub"),
    [
        ([3, 2, 1, 1], "C [u] and D (estimated)", "both 1.0%"),
        ([3, 1, 1, 1], "B, C [u] and D (estimated)", "all 1.0%"),
        ([1, 1, 1, 1], "All 4 wards", "1.0% each, 2 of them estimated or [u]"),
        ([3, 3, 3, 1], "D", "1.0%, estimated"),
    ],
)
def test_wards_level_at_an_end_are_all_named_or_counted(catalogue, values, words, sub):
    marks = ["published", "published", "low_reliability", "published"]
    notes = ["", "", "", "Estimated: shared out."]
    points = {
        code: Point("2020", DAY, DAY, value, *[math.nan] * 4, status, note, "f.csv, row 2")
        for code, value, status, note in zip("ABCD", values, marks, notes, strict=True)
    }
    indicator = catalogue.indicators["obesity-reception-wards"]
    series = WardSeries(indicator, "2020", DAY, points, math.nan, "", "f.csv")
    cell = _end_cell(series, "D", dict(zip("ABCD", "ABCD", strict=True)))
    assert (cell.text, cell.sub) == (words, sub)


def test_the_board_is_shown_the_way_to_the_wards(facts):
    links = [part for part in walk(board.first_look_table(facts).as_json())
             if part["kind"] == "links"]  # fmt: skip
    assert [(part["label"], part["items"][0]["href"]) for part in links] == [
        ("Which wards?", "wards.html")]  # fmt: skip


@pytest.mark.parametrize(
    ("exact", "words"),
    [
        ({}, ""),
        ({"A": 100, "B": 100}, "Every ward is made up of whole small areas."),
        ({"A": 0, "B": 100, "C": 40}, "wholly within it runs from 0% (Abbey) to 100% (Beam); the"),
        ({"A": 30, "B": 30}, "wholly within it is 30% (Abbey and Beam); the rest rests on"),
    ],
)
def test_how_exact_the_wards_are(exact, words):
    said = exact_words(exact, {"A": "Abbey", "B": "Beam", "C": "Cann"})
    assert words in said
    assert bool(said) == bool(words)


def test_the_map_of_deprivation_says_how_exact_it_is(overview, facts):
    assert overview.context.exact
    figure = page.wards_map(overview, facts).children[0]
    assert exact_words(overview.context.exact, overview.wards) in figure.caption


def test_former_wards_stand_apart_folded_and_under_a_warning(overview, facts, catalogue):
    section = page.wards_former(overview, facts)
    assert section.folded
    assert "the 17 wards in use until May 2022" in section.heading
    assert "14 names stayed with other boundaries" in section.children[0].paragraphs[0]
    table = parts(section, "table")[0]
    assert len(table["rows"]) == 17
    assert not any(row[0]["href"] for row in table["rows"])
    here = str(page.wards_rugs(overview).as_json())
    assert "Child poverty" not in here


@pytest.mark.parametrize(("many", "sizes"), [(1, [1]), (4, [4]), (5, [3, 2]), (9, [3, 3, 3])])
def test_columns_are_shared_out_evenly(many, sizes):
    columns = [RugMeasure(str(n), "2020", "%", 1, {}, {}) for n in range(many)]
    assert [len(part) for part in _parts(columns)] == sizes
    assert [c.title for part in _parts(columns) for c in part] == list(map(str, range(many)))


def test_without_figures_every_part_gives_the_reason(catalogue):
    rows = made_up_rows(catalogue).iloc[:0]
    bare = made_up_facts(catalogue, observations=rows, boundaries={})
    overview = ward_overview(bare)
    title = page.wards_title(overview, bare)
    assert title.heading == "Which wards: no figure for any of them was received this quarter"
    text = str([exhibit.as_json() for exhibit in shown(overview, bare)])
    for said in (page.NO_SHAPES, page.NO_SERIES, page.NO_FORMER, "No figure, so no source."):
        assert said in text
    assert lint_page(html_of(bare)) == []


def test_no_value_that_is_not_known_reaches_the_page(overview, facts):
    for exhibit in shown(overview, facts):
        for table in parts(exhibit, "table"):
            for row in table["rows"]:
                assert all(cell["text"] for cell in row)
                assert not any(part in f"{cell['text']} {cell['sub']}" for cell in row
                               for part in ("nan", "None"))


# ---------------------------------------------------------------- links


def test_a_series_leads_to_the_part_of_the_page_that_maps_it(facts, catalogue):
    places = places_of_series(facts)
    assert "population-wards" not in places
    for name in ("obesity-year-6-wards", "obesity-reception-wards", "child-poverty-wards-atlas"):
        slug, _, anchor = places[name].partition(".html#")
        details = exhibits.measure_details(facts.outcome(slug), facts)
        assert anchor in {part.get("anchor") for part in walk(details.as_json())}


@pytest.mark.parametrize(
    ("href", "pack", "dead"),
    [
        ("board.html", "..", False), ("board.html#x", "..", False), ("wards.html", "..", True),
        ("wards.html#map", "..", True), ("../index.html", "..", False), ("#map", "..", False),
        ("../tables/wards.csv", "..", False), ("", "..", False),
        ("reports/board.html", ".", False), ("reports/wards.html", ".", True),
    ],
)  # fmt: skip
def test_only_a_page_that_the_pack_lacks_is_a_dead_link(href, pack, dead):
    frame = PageFrame("x", "b", "q", pack=pack,
                      pages=frozenset({"index.html", "reports/board.html"}))
    assert is_dead(href, frame) is dead
    assert not is_dead(href, PageFrame("x", "b", "q", pack=pack))


def test_dead_links_lose_their_address_wherever_they_stand_and_keep_their_words():
    frame = PageFrame("x", "b", "q", pages=frozenset({"reports/board.html"}))
    cells = [{"text": "here", "href": "board.html"}, {"text": "gone", "href": "wards.html"}]
    bundle = {"kind": "section", "children": [{"kind": "table", "rows": [cells]},
                                              {"kind": "links", "items": cells}]}
    found = without_dead_links(bundle, frame)
    for where in (found["children"][0]["rows"][0], found["children"][1]["items"]):
        assert where == [{"text": "here", "href": "board.html"}, {"text": "gone", "href": ""}]
    assert cells[1]["href"] == "wards.html"  # what a notebook showed is left alone


def test_a_draft_of_one_report_has_no_dead_link_and_a_whole_pack_has_them_all(facts):
    for only, pages in ((["wards"], {"wards.html", "methods.html", "../index.html"}),
                        ((), None)):
        soup = BeautifulSoup(html_of(facts, only), "html.parser")
        linked = {a["href"].partition("#")[0] for a in soup.select("a[href]")}
        linked = {href for href in linked if href.endswith(".html")}
        if pages:
            assert linked <= pages
        else:
            assert {"ward-e05014053.html", "coverage.html", "best-chance-2.html"} <= linked
        assert "1 Abbey" in soup.get_text()


def test_the_index_names_the_page_of_all_wards_before_the_profiles(facts, catalogue):
    frames = make_frames(facts.workspace, plan_reports(catalogue, QUARTER))
    soup = BeautifulSoup(index_page(frames["index"]), "html.parser")
    links = [a["href"] for a in soup.select("main a")]
    assert links.index("reports/wards.html") < links.index("reports/ward-e05014053.html")
    assert soup.select_one('main a[href="reports/wards.html"]').find_parent("details") is None


def test_the_page_passes_every_rule(facts):
    assert lint_page(html_of(facts)) == []


# ---------------------------------------------------------------- the real extracts


def test_the_real_page_is_honest_about_what_it_lacks(extracts, catalogue, tmp_path):
    real = Facts(build_workspace(extracts, catalogue=catalogue, quarter=QUARTER,
                                 processed=tmp_path / "p"))
    overview = ward_overview(real)
    assert not overview.judged
    assert {one.indicator.ward_vintage for one in overview.former} == {"2002"}
    former = {one.indicator.id for one in overview.former}
    assert {"child-poverty-wards-atlas", "life-expectancy-wards-atlas-female"} < former
    assert not any(name.startswith(("population", "deprivation")) for name in former)
    title = page.wards_title(overview, real)
    assert title.heading == ("Which wards: deprivation is highest in Thames View, Gascoigne and "
                             "Mayesbrook; no measure can be tested by ward yet")
    assert sum(p.value for p in overview.residents.known.values()) == pytest.approx(214_107, abs=1)
    assert math.isnan(overview.former[0].borough)
    assert lint_page(html_of(real)) == []
    assert sorted(overview.order) == sorted(catalogue.wards("2022"))

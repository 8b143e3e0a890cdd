"""Ward profiles: every figure beside the borough's, by code, and nothing made up in between."""

import json
import math
import re
import time
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from made_up_wards import (
    ABBEY,
    ALIBON,
    BOROUGH,
    LAST,
    QUARTER,
    made_up_facts,
    made_up_residents,
)
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lbbd_jsna.catalogue.slugs import ward_slug
from lbbd_jsna.errors import GeographyError, RunError
from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits import ward_profile as page
from lbbd_jsna.exhibits import ward_profile_drawing as drawing
from lbbd_jsna.exhibits import ward_profile_pyramid as pyramid
from lbbd_jsna.exhibits import ward_profile_words as words
from lbbd_jsna.exhibits.html import walk
from lbbd_jsna.exhibits.ward_map import plain_map
from lbbd_jsna.facts import Facts
from lbbd_jsna.facts.ward_profiles import ward_profile
from lbbd_jsna.facts.ward_series import first_age
from lbbd_jsna.reporting.export import page_from_bundles
from lbbd_jsna.reporting.index import index_page
from lbbd_jsna.reporting.lint import lint_page
from lbbd_jsna.reporting.pages import make_frames
from lbbd_jsna.reporting.parameters import check_parameters, plan_reports
from lbbd_jsna.workspace import Workspace, build_workspace

NOTEBOOK = Path(__file__).resolve().parent.parent / "notebooks" / "ward_profile.ipynb"
SHOWN = (
    page.ward_title, page.ward_place, page.ward_people, page.ward_deprivation,
    page.ward_measures, page.ward_former_figures, page.ward_sources, page.ward_onward,
)  # fmt: skip


@pytest.fixture(scope="module")
def facts(catalogue) -> Facts:
    return made_up_facts(catalogue)


@pytest.fixture(scope="module")
def abbey(facts):
    return ward_profile(facts, ABBEY)


def exhibits(facts, code):
    profile = ward_profile(facts, code)
    return [show(profile, facts) for show in SHOWN]


def measure(profile, name):
    return next(m for m in profile.series if m.indicator.id == name)


def table_of(exhibit, caption):
    parts = walk(exhibit.as_json())
    return next(p for p in parts if p["kind"] == "table" and p["caption"].startswith(caption))


def texts(table, place):
    return [row[place]["text"] for row in table["rows"]]


# ---------------------------------------------------------------- facts


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (ABBEY, "better"),  # 18 to 22 against 25
        ("E05014055", "better"),  # 20 to 24
        ("E05014056", "similar"),  # 21 to 25, the end included
        ("E05014060", "similar"),  # 25 to 29
        ("E05014061", "worse"),  # 26 to 30
        (LAST, "worse"),
    ],
)
def test_a_verdict_sets_the_interval_against_the_boroughs_own_value(facts, code, verdict):
    found = measure(ward_profile(facts, code), "obesity-year-6-wards")
    assert (found.verdict.outcome, found.verdict.test) == (verdict, "interval_95")
    assert (found.borough, found.basis) == (25, "the borough's own figure")


def test_a_place_counts_from_the_better_end_and_from_the_worse(facts):
    found = measure(ward_profile(facts, ALIBON), "obesity-year-6-wards")
    assert (found.rank.position, found.rank.of, found.worst) == (2, 19, 18)
    unjudged = measure(ward_profile(facts, ALIBON), "population-65-wards")
    assert (unjudged.rank.position, unjudged.worst) == (18, None)


def test_equal_wards_share_a_place(facts, abbey):
    found = measure(abbey, "overcrowded-households-wards")
    # Ten wards have 10 % (the better), nine have 20 %.
    assert (found.rank.position, found.rank.tied, found.worst) == (1, 9, 10)


def test_all_wards_together_are_the_borough_only_where_every_ward_has_counts(facts, abbey):
    summed = measure(abbey, "overcrowded-households-wards")
    assert summed.borough == pytest.approx(100 * (10 * 100 + 9 * 200) / 19_000)
    assert summed.basis == "all 19 wards together"
    withheld = measure(abbey, "obesity-reception-wards")
    assert math.isnan(withheld.borough)
    assert withheld.basis == "no figure for the borough in the same period"


def test_a_withheld_figure_has_no_value_place_or_verdict(facts):
    found = measure(ward_profile(facts, LAST), "obesity-reception-wards")
    assert (found.point.status, found.rank, found.worst) == ("suppressed", None, None)
    assert (found.verdict.outcome, found.verdict.reason) == (
        "not compared", "no figure for this ward")  # fmt: skip
    other = measure(ward_profile(facts, ABBEY), "obesity-reception-wards")
    assert (other.rank.of, other.rank.members, len(other.others)) == (18, 19, 17)


def test_people_and_deprivation_are_not_tested_because_nobody_was_sampled(abbey):
    for found in (abbey.residents, *abbey.ages, *abbey.deprivation):
        assert found.verdict.test == ""


def test_ages_stand_from_the_youngest(abbey):
    assert [m.indicator.age for m in abbey.ages] == ["0-15 yrs", "16-64 yrs", "65+ yrs"]
    assert [first_age(a) for a in ("<16 yrs", "0-15 yrs", "10-11 yrs", "65+ yrs", "")] == [
        0, 0, 10, 65, 0]  # fmt: skip


def test_former_wards_are_joined_by_ground_and_never_by_name(facts, catalogue):
    old = sorted(catalogue.wards("2002"), reverse=True)
    abbey, alibon, third = (ward_profile(facts, c) for c in (ABBEY, ALIBON, "E05014055"))
    assert [(w.code, w.unchanged) for w in abbey.former] == [(old[0], True)]
    assert abbey.name == "Abbey" != abbey.former[0].name
    assert [(w.code, w.share_of_new, w.share_of_old) for w in alibon.former] == [
        (old[1], pytest.approx(1), pytest.approx(0.8))
    ]
    assert [(w.code, w.share_of_new) for w in third.former] == [
        (old[2], pytest.approx(0.75)), (old[1], pytest.approx(0.25))]  # fmt: skip
    (poverty,) = third.former_figures
    # The old wards run against their codes: the second is n = 15, the third n = 14.
    assert {code: p.value for code, p in poverty.points.items()} == {old[2]: 44, old[1]: 45}


def test_a_series_built_for_both_sets_of_wards_is_not_one_of_the_former_only(abbey):
    assert [f.indicator.id for f in abbey.former_figures] == ["child-poverty-wards-atlas"]


def test_series_without_a_figure_are_named_with_the_reason(abbey, facts):
    silent = {indicator.id for indicator in abbey.silent}
    assert "claimants-wards" in silent
    assert [indicator.id for indicator in abbey.withheld] == ["overweight-year-6-wards"]
    assert not (silent | {"overweight-year-6-wards"}) & {m.indicator.id for m in abbey.series}
    reasons = page.ward_measures(abbey, facts).children[-1].items
    assert [r for r in reasons if "Claimants of unemployment benefits" in r][0].startswith(
        "Not received from "
    )
    assert [r for r in reasons if "Overweight in Year 6" in r] == [
        f"Received from {facts.catalogue.sources['fingertips'].title}, but withheld or not "
        "available for every ward: Overweight in Year 6 (three years together)."
    ]


@pytest.mark.parametrize("code", ["Abbey", "E05000026", "", "e05014053"])
def test_only_the_code_of_a_ward_of_today_opens_a_profile(facts, code):
    with pytest.raises(RunError, match="is not the code of a ward of today"):
        ward_profile(facts, code)


# ---------------------------------------------------------------- words


def test_the_title_states_the_finding(facts):
    titles = [page.ward_title(ward_profile(facts, c), facts).heading for c in (ABBEY, LAST)]
    assert titles == [
        "Abbey: most deprived of 19 wards, with a smaller share aged 65 and over than the borough",
        "Whalebone: least deprived of 19 wards, with a larger share aged 65 and over than the "
        "borough",
    ]


def test_a_place_is_told_from_the_nearer_end(facts, catalogue):
    codes = sorted(catalogue.wards("2022"))
    said = [
        words.place_from_worst(measure(ward_profile(facts, codes[n]), "deprivation-rank-wards"))
        for n in (1, 9, 10)
    ]
    assert said == [
        "2nd most deprived of 19 wards",
        "10th most deprived of 19 wards",
        "9th least deprived of 19 wards",
    ]


def test_the_lead_gives_people_deprivation_measures_and_the_former_ward(abbey, facts):
    (lead,) = page.ward_title(abbey, facts).lead
    assert "1,000 people lived in the ward in the middle of 2020: 25.0% aged under 16" in lead
    assert "10.0% aged 65 and over (15.1% in the borough)" in lead
    assert "residents of the most deprived fifth, 0.0% against 40.0% in the borough" in lead
    assert "by its interval on 1 measure, it is better on 1" in lead
    assert f"It has the boundary of the former ward {abbey.former[0].name}" in lead


def test_what_was_shared_out_is_marked_estimated_wherever_it_shows(facts):
    shown = exhibits(facts, ALIBON)
    title, _, people, deprivation = shown[:4]
    assert "in the middle of 2020 (estimated)" in title.lead[0]
    assert title.lead[0].count("(estimated)") == 3
    residents = table_of(people, "Residents of Alibon")
    assert [row[1]["sub"] for row in residents["rows"]] == ["estimated"] * 4
    assert [r[1]["sub"] for r in table_of(deprivation, "Deprivation")["rows"]] == ["estimated"] * 2
    assert any(note.startswith("Estimated: small areas shared") for note in residents["notes"])
    assert "estimated" not in json.dumps(exhibits(facts, ABBEY)[2].as_json()).lower()


def test_the_measures_table_tells_interval_borough_verdict_place_and_reliability(abbey, facts):
    table = table_of(page.ward_measures(abbey, facts), "Measures with a figure for Abbey")
    rows = {row[0]["text"]: row for row in table["rows"]}
    row = rows["Obesity in Year 6 (three years together)"]
    assert [cell["text"] for cell in row[1:5]] == ["20.0% [u]", "18.0% to 22.0%", "25.0%",
                                                   "▲ better"]  # fmt: skip
    assert row[4]["tag"] == "better"
    assert row[5]["text"] == "1st of 19"
    assert row[1]["sub"] == "low reliability"
    assert any(note.startswith("[u]") for note in table["notes"])
    assert rows["Households with too few bedrooms"][3]["sub"] == "all 19 wards together"


def test_a_withheld_figure_is_a_mark_and_no_number(facts):
    profile = ward_profile(facts, LAST)
    table = table_of(page.ward_measures(profile, facts), "Measures")
    row = next(r for r in table["rows"] if r[0]["text"].startswith("Obesity in Reception"))
    assert [cell["text"] for cell in row[1:]] == ["[c]", "[c]", "[x]", "not compared", "[x]"]
    assert row[5]["strip"] is None


def test_former_figures_stand_apart_under_the_names_of_the_former_wards(facts):
    section = page.ward_former_figures(ward_profile(facts, "E05014055"), facts)
    table = table_of(section, "Former wards")
    assert [head["sub"] for head in table["columns"][2:]] == [
        "former ward, 75% of this ward", "former ward, 25% of this ward"]  # fmt: skip
    assert [cell["text"] for cell in table["rows"][0]] == ["Child poverty", "2012", "44.0%",
                                                           "45.0%"]  # fmt: skip
    assert "not of Barking Riverside" in section.children[0].paragraphs[0]


def test_without_figures_every_part_gives_the_reason(catalogue, facts):
    empty = Facts(
        Workspace(catalogue, QUARTER, facts.workspace.observations.iloc[:0], {}, False, ())
    )
    shown = exhibits(empty, ABBEY)
    said = json.dumps([e.as_json() for e in shown])
    assert shown[0].heading == "Abbey: what is known of the ward"
    for words_of in (page.NO_PEOPLE, page.NO_DEPRIVATION, page.NO_MEASURES, page.NO_SHAPES,
                     "The boundaries of the former wards are not among", "No figure of this ward",
                     "No figure, so no source."):  # fmt: skip
        assert words_of in said


def test_without_former_boundaries_the_map_stands_with_the_wards_by_number(catalogue, facts):
    shapes = {vintage: frame for vintage, frame in facts.workspace.boundaries.items()
              if vintage == catalogue.settings.ward_vintage}  # fmt: skip
    today = Facts(Workspace(catalogue, QUARTER, facts.workspace.observations, shapes, False, ()))
    (figure,) = page.ward_place(ward_profile(today, ABBEY), today).children
    assert "The boundaries of the former wards are not among" in figure.caption
    assert not figure.table_printed
    assert len(figure.table.rows) == 19
    assert [(row[0].text, row[0].href) for row in figure.table.rows[:2]] == [
        ("1 Abbey", ""), ("2 Alibon", "ward-e05014054.html")]  # fmt: skip
    (known,) = page.ward_place(ward_profile(facts, ABBEY), facts).children
    assert known.table_printed
    assert known.table.caption == "What Abbey was made of"


# ---------------------------------------------------------------- pictures and pages


def test_bars_are_as_long_as_their_shares(abbey):
    bars = drawing.share_bars(abbey)
    with style.chart_style():
        figure = drawing.ages_figure(bars, ward="Abbey", borough="B")
    drawn = {
        kind: [a.get_width() for a in figure.artists if a.get_gid() == f"bar-{kind}"]
        for kind in ("ward", "borough")
    }
    scale = drawn["ward"][1] / 65
    assert drawn["ward"] == pytest.approx([scale * v for v in (25, 65, 10)])
    assert drawn["borough"] == pytest.approx([scale * v for v in (24.9, 60, 15.1)])


@pytest.mark.parametrize("name", ["Abbey", "Eastbrook & Rush Green", "St " + "Long Name " * 7])
def test_no_text_of_the_chart_of_ages_runs_over_its_edge(abbey, name):
    bars = drawing.share_bars(abbey)
    with style.chart_style():
        figure = drawing.ages_figure(bars, ward=name.strip(), borough="Barking and Dagenham")
        extents = [text.get_window_extent() for text in figure.texts]
    assert min(box_of.x0 for box_of in extents) >= 0
    assert max(box_of.x1 for box_of in extents) <= figure.bbox.x1
    assert max(box_of.y1 for box_of in extents) <= figure.bbox.y1
    for n, one in enumerate(extents):
        assert not any(one.overlaps(other) for other in extents[n + 1 :])


def test_an_unknown_share_of_the_borough_is_no_bar_and_says_so():
    bars = (drawing.ShareBars("Aged under 16", 25, math.nan, 1),)
    figure = drawing.ages_figure(bars, ward="Abbey", borough="B")
    (borough,) = (a for a in figure.artists if a.get_gid() == "bar-borough")
    assert borough.get_width() == 0
    assert "[x]" in [text.get_text() for text in figure.texts]


def test_one_ward_of_the_small_map_is_filled(facts, abbey):
    (figure,) = page.ward_place(abbey, facts).children
    assert [entry.label for entry in figure.key] == ["Abbey", "the 18 other wards"]
    assert figure.key[0].fill != figure.key[1].fill
    with pytest.raises(GeographyError, match="E05000026"):
        plain_map(facts.workspace.boundaries["2022"], facts, marked={"E05000026"})


# ---------------------------------------------------------------- sexes and ages


@pytest.fixture(scope="module")
def peopled(catalogue) -> Facts:
    return made_up_facts(catalogue, residents=made_up_residents())


def test_sexes_and_ages_are_shares_of_everybody_beside_the_boroughs(peopled):
    people = ward_profile(peopled, ABBEY).by_sex
    assert (people.year, people.ages) == (2020, ("0-64 yrs", "65+ yrs"))
    found = [(b.sex, b.age, b.share, b.borough) for b in people.bands]
    assert found == [
        ("Female", "0-64 yrs", 10.0, 20.0), ("Male", "0-64 yrs", 15.0, 25.0),
        ("Female", "65+ yrs", 30.0, 30.0), ("Male", "65+ yrs", 45.0, 25.0),
    ]  # fmt: skip
    assert ward_profile(peopled, LAST).by_sex is None


def test_the_bars_of_the_pyramid_are_as_long_as_their_shares(peopled):
    people = ward_profile(peopled, ABBEY).by_sex
    with style.chart_style():
        figure = pyramid.pyramid_figure(people, ward="Abbey", borough="Barking and Dagenham")
    width = {a.get_gid(): a.get_width() for a in figure.artists if a.get_gid()}
    assert width["bar-Female-65+ yrs"] == pytest.approx(3 * width["bar-Female-0-64 yrs"])
    assert width["bar-Male-65+ yrs"] == pytest.approx(4.5 * width["bar-Female-0-64 yrs"])
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    edge = figure.get_figwidth() * style.DPI
    for text in figure.texts:
        assert text.get_window_extent(renderer).x0 >= 0
        assert text.get_window_extent(renderer).x1 <= edge


def test_the_pyramid_says_what_differs_and_what_is_estimated(peopled, catalogue):
    profile = ward_profile(peopled, ABBEY)
    (pair,) = page.ward_people(profile, peopled).children
    figure, ages = pair.children
    assert figure.title == ("More men and boys aged 65 and over than the borough: 45.0% of "
                            "everybody, against 25.0%")
    assert "65 and over, 30.0% (30.0%) and 45.0% (25.0%)" in figure.alt
    assert [cell.text for cell in figure.table.rows[0]] == [
        "0 to 64", "10.0%", "20.0%", "15.0%", "25.0%"]
    assert figure.table.rows[0][1].sub == "100"
    assert not any("Not by sex" in note for note in ages.notes)
    alibon = ward_profile(peopled, ALIBON)
    (pair,) = page.ward_people(alibon, peopled).children
    assert "Estimated" in pair.children[0].caption
    assert all(row[1].sub.endswith(", estimated") for row in pair.children[0].table.rows)


def test_a_profile_leads_to_all_wards_and_to_those_before_and_after(facts, abbey):
    (links,) = page.ward_onward(abbey, facts).children
    assert [(item.text, item.href) for item in links.items] == [
        ("All wards at a glance", "wards.html"),
        ("Alibon", "ward-e05014054.html"), ("Whalebone", "ward-e05014071.html"),
    ]


def test_every_figure_has_words_and_a_table(facts, catalogue):
    for code in (ABBEY, ALIBON, LAST):
        figures = [p for e in exhibits(facts, code) for p in walk(e.as_json())
                   if p["kind"] == "figure"]  # fmt: skip
        assert len(figures) == 2
        for figure in figures:
            assert len(figure["alt"]) > 60
            assert figure["table"]["rows"]
            assert catalogue.wards("2022")[code] in figure["alt"]


@pytest.fixture(scope="module")
def frames(facts, catalogue):
    return make_frames(facts.workspace, plan_reports(catalogue, QUARTER))


def test_the_page_passes_every_rule_and_leads_to_the_other_wards(facts, frames, catalogue):
    bundles = [e.as_json() for e in exhibits(facts, ALIBON)]
    html = page_from_bundles(bundles, frames[ward_slug(ALIBON)])
    assert lint_page(html) == []
    soup = BeautifulSoup(html, "html.parser")
    group = next(
        d for d in soup.select("nav.pack details") if d.summary.get_text(strip=True) == "Wards"
    )
    assert [a.get_text() for a in group.find_all("a")] == sorted(catalogue.wards("2022").values())
    current = group.find("a", attrs={"aria-current": "page"})
    assert (current.get_text(), current["href"]) == ("Alibon", "ward-e05014054.html")


def test_the_index_folds_the_wards_and_counts_them_apart(frames, catalogue):
    soup = BeautifulSoup(index_page(frames["index"]), "html.parser")
    text = re.sub(r"\s+", " ", soup.get_text(" "))
    assert f" {len(catalogue.outcomes) + 3} reports on what" in text
    assert ", and how far it has changed, and a profile of each of 19 wards." in text
    (folded,) = (d for d in soup.select("main details") if d.h2.get_text() == "Wards")
    assert len(folded.find_all("a")) == 19
    assert folded.a["href"] == "reports/ward-e05014053.html"


@pytest.mark.parametrize(
    ("only", "said"),
    [
        ([ward_slug(ABBEY)], "December 2026: a profile of one ward."),
        (["board"], "December 2026: one report on what the strategies set out to change, and how "
         "far it has changed."),
    ],
)  # fmt: skip
def test_the_index_tells_only_of_what_is_in_the_pack(facts, catalogue, only, said):
    made = make_frames(facts.workspace, plan_reports(catalogue, QUARTER, only))
    soup = BeautifulSoup(index_page(made["index"]), "html.parser")
    assert said in re.sub(r"\s+", " ", soup.get_text(" "))


def test_the_notebook_takes_a_ward_by_its_code(catalogue):
    given = {"quarter": "2026-27-Q3", "area": BOROUGH, "ward": ABBEY}
    assert check_parameters(NOTEBOOK, given, catalogue) == given
    for value, said in (("Abbey", "not the code of a ward"), ("E05000026", "not one of today's")):
        with pytest.raises(RunError, match=said):
            check_parameters(NOTEBOOK, {**given, "ward": value}, catalogue)


# ---------------------------------------------------------------- the real extracts


@pytest.fixture(scope="module")
def real(extracts, catalogue, tmp_path_factory) -> Facts:
    processed = tmp_path_factory.mktemp("processed") / "2026-27-Q3"
    return Facts(
        build_workspace(extracts, catalogue=catalogue, quarter=QUARTER, processed=processed)
    )


def test_the_real_wards_add_up_and_only_longbridge_is_unchanged(real, catalogue):
    profiles = [ward_profile(real, code) for code in catalogue.wards("2022")]
    assert sum(p.residents.point.value for p in profiles) == pytest.approx(214_107, abs=1)
    assert [p.name for p in profiles if p.unchanged] == ["Longbridge"]
    for profile in profiles:
        assert sum(m.point.value for m in profile.ages) == pytest.approx(100)
        assert sum(m.point.count for m in profile.ages) == pytest.approx(
            profile.residents.point.value)  # fmt: skip
        assert 0.95 < sum(w.share_of_new for w in profile.former) < 1.001
    worst = [words.leading_deprivation(p).worst for p in profiles]
    assert sorted(worst) == list(range(1, 20))


def test_the_real_pages_pass_every_rule_and_are_quick(real, catalogue):
    frames = make_frames(real.workspace, plan_reports(catalogue, QUARTER))
    exhibits(real, ABBEY)  # fonts are looked up once
    start = time.process_time()
    for code in (ALIBON, "E05014064"):
        bundles = [e.as_json() for e in exhibits(real, code)]
        assert lint_page(page_from_bundles(bundles, frames[ward_slug(code)])) == []
    assert time.process_time() - start < 4  # two pages; under half a second as a rule

"""Ward maps as they stand on pages: what is drawn, said and tabled is one and the same."""

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from types import SimpleNamespace

import geopandas
import pandas as pd
import pytest
from made_up_borough import RULES
from shapely.geometry import box

from lbbd_jsna import exhibits
from lbbd_jsna.catalogue.slugs import ward_slug
from lbbd_jsna.exhibits.html import walk
from lbbd_jsna.exhibits.outcome import NO_WARDS, WARDS_NOT_RECEIVED
from lbbd_jsna.exhibits.ward_figures import earlier_periods, verdict_figure, ward_figure
from lbbd_jsna.exhibits.ward_words import built_words, series_headline, ward_headline
from lbbd_jsna.facts import Facts
from lbbd_jsna.facts.wards import borough_value, built_from, places_of
from lbbd_jsna.findings import WardBenchmark, WardFigures, WardPeriod
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.schema import SHORTHAND
from lbbd_jsna.wards.marking import mark_reliability
from lbbd_jsna.workspace import build_workspace

SVG = "{http://www.w3.org/2000/svg}"
NAN = math.nan
MADE_UP = ("obesity-reception-wards", "overweight-year-6-wards", "deprivation-score-wards",
           "most-deprived-fifth-wards")  # fmt: skip
REAL = ("obesity-reception-wards-atlas", "jobseekers-wards-atlas", "skills-level-4-wards-atlas",
        "life-expectancy-wards-atlas-female", "deprivation-rank-wards")  # fmt: skip


@pytest.fixture(scope="module")
def real(extracts, catalogue, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real") / "tables"
    quarter = Quarter.parse("2026-27-Q3")
    return Facts(
        build_workspace(extracts, catalogue=catalogue, quarter=quarter, processed=folder)
    )


@pytest.fixture
def facts_of(request):
    def found(name):
        return request.getfixturevalue("real" if name in REAL else "made_up_facts")

    return found


def faces(image):
    """The fill drawn for each ward by code, the ground of its pattern where it has one."""
    root = ET.fromstring(image)
    grounds = {
        pattern.get("id"): next(pattern.iter(f"{SVG}rect")).get("fill")
        for pattern in root.iter(f"{SVG}pattern")
    }
    found = {}
    for group in root.iter(f"{SVG}g"):
        if (name := group.get("id") or "").startswith("ward-"):
            fill = next(group.iter(f"{SVG}path")).get("fill")
            pattern = re.fullmatch(r"url\(#(.+)\)", fill)
            code = name.removeprefix("ward-")
            found[code] = (grounds[pattern[1]] if pattern else fill, bool(pattern))
    return found


def column(table, heading):
    return next(i for i, head in enumerate(table.columns) if head.text == heading)


def rows_by_code(figure, facts, figures):
    """The rows of wards by code, joined by the number and name they print."""
    names = facts.catalogue.wards(figures.vintage)
    order = sorted(names, key=lambda code: names[code].casefold())
    found = {}
    for number, code in enumerate(order, start=1):
        found[code] = next(
            row for row in figure.table.rows if row[0].text == f"{number} {names[code]}"
        )
    assert len(figure.table.rows) - len(found) == int(figures.borough.known)
    return found


def printed(text):
    return float(text.split()[0].rstrip("%").replace(",", ""))


def in_class(value, words):
    """Whether a printed value lies in a class in words: under a, a to b, a and over."""
    ends = [float(n.replace(",", "")) for n in re.findall(r"[\d,]+(?:\.\d+)?", words)]
    if words.startswith("under"):
        return value < ends[0]
    return value >= ends[0] if words.endswith("over") else ends[0] <= value <= ends[1]


@pytest.mark.parametrize("name", [*MADE_UP, *REAL])
def test_each_face_is_the_class_of_its_value_in_the_table_after_the_map(name, facts_of):
    facts = facts_of(name)
    figures = facts.wards(name)
    figure = ward_figure(figures, facts)
    drawn, at = faces(figure.image), column(figure.table, "Class")
    key = {re.sub(r" \([^()]*\)$", "", e.label): e for e in figure.key}
    rows = rows_by_code(figure, facts, figures)
    assert set(drawn) == set(rows)
    for code, row in rows.items():
        fill, patterned = drawn[code]
        if row[1].text in SHORTHAND.values():
            assert fill.lower() == "#ffffff" and patterned
            assert {cell.text for cell in row[1:]} == {row[1].text}
            continue
        words = row[at].text
        assert in_class(printed(row[1].text), words), (code, row)
        assert fill.lower() == key[words].fill.lower()
        assert patterned == (row[1].sub == "estimated") == (code in figures.estimated)


@pytest.mark.parametrize("name", [*MADE_UP, *REAL])
def test_the_key_counts_every_ward_once_and_the_words_name_the_extremes(name, facts_of):
    facts = facts_of(name)
    figures = facts.wards(name)
    figure = ward_figure(figures, facts)
    counts = {e.label: re.search(r"\((no|[\d,]+) wards?\)$", e.label)[1] for e in figure.key}
    marks = ("estimated", "[u]")
    faces_counted = [n for label, n in counts.items() if not label.startswith(marks)]
    assert sum(0 if n == "no" else int(n) for n in faces_counted) == len(figures.table)
    assert any(label.startswith("estimated") for label in counts) == bool(figures.estimated)
    values = {code: printed(row[1].text)
              for code, row in rows_by_code(figure, facts, figures).items()
              if row[1].text not in SHORTHAND.values()}  # fmt: skip
    names = facts.catalogue.wards(figures.vintage)
    highest, lowest = max(values, key=values.get), min(values, key=values.get)
    if len([v for v in values.values() if v == values[highest]]) == 1:
        assert names[highest] in figure.title.split("lowest")[0]
        assert f"Highest: {names[highest]} " in figure.alt
    if len([v for v in values.values() if v == values[lowest]]) == 1:
        assert f"lowest in {names[lowest]} (" in figure.title
        assert f"Lowest: {names[lowest]} " in figure.alt
    assert ("Higher in the " in figure.alt) != ("spread over several parts" in figure.alt)
    assert 40 <= len(figure.alt) <= 500


@pytest.mark.parametrize("name", [*MADE_UP, *REAL])
def test_places_are_counted_from_the_worse_end_and_said_to_be(name, facts_of):
    facts = facts_of(name)
    figures = facts.wards(name)
    table = ward_figure(figures, facts).table
    at = column(table, "Place")
    sign = -1 if figures.indicator.polarity == "high_is_good" else 1
    assert table.columns[at].sub == ("lowest first" if sign < 0 else "highest first")
    values = dict(zip(figures.known["name"], figures.known["value"], strict=True))
    for row in table.rows[: len(figures.table)]:
        ward = row[0].text.split(" ", 1)[1]
        if ward in values:
            place = 1 + sum(sign * other > sign * values[ward] for other in values.values())
            joint = list(values.values()).count(values[ward]) > 1
            assert row[at].text == f"{'joint ' if joint else ''}{place}"


def test_only_wards_of_today_lead_to_a_page(made_up_facts, real, catalogue):
    today = ward_figure(made_up_facts.wards("obesity-reception-wards"), made_up_facts).table
    pages = {f"{ward_slug(code)}.html" for code in catalogue.wards("2022")}
    assert {row[0].href for row in today.rows} == {*pages, ""}
    assert today.rows[-1][0].text == catalogue.area.name and not today.rows[-1][0].href
    former = ward_figure(real.wards("obesity-reception-wards-atlas"), real).table
    assert {row[0].href for row in former.rows} == {""}


def test_a_ward_without_a_row_is_drawn_missing_and_never_as_the_borough(made_up_facts):
    rows = made_up_facts.workspace.observations
    gone, name = "E05014057", "overweight-year-6-wards"
    kept = rows[~(rows["indicator"].eq(name) & rows["area_code"].eq(gone))]
    facts = Facts(replace(made_up_facts.workspace, observations=kept))
    figures = facts.wards(name)
    assert figures.borough.known
    figure = ward_figure(figures, facts)
    assert faces(figure.image)[gone] == ("#ffffff", True)
    assert {cell.text for cell in rows_by_code(figure, facts, figures)[gone][1:]} == {"[x]"}
    assert any(e.label == "[x] not available (1 ward)" for e in figure.key)
    assert "3 wards have no figure." in figure.alt
    assert faces(verdict_figure(figures, facts).image)[gone] == ("#ffffff", True)


@pytest.mark.parametrize("name", ["obesity-reception-wards", "overweight-year-6-wards"])
def test_verdicts_follow_from_the_interval_and_the_borough_in_the_table(name, made_up_facts):
    figures = made_up_facts.wards(name)
    table, verdicts = ward_figure(figures, made_up_facts).table, verdict_figure(
        figures, made_up_facts
    )  # fmt: skip
    borough = made_up_facts.finding(name).latest.value
    expected = {}
    for row in figures.known.itertuples():
        word = "worse" if row.lower_95 > borough else "better" if row.upper_95 < borough else ""
        expected.setdefault(word or "similar", []).append(row.name)
    at = column(table, "Against the borough")
    for cells in table.rows[:-1]:
        ward = cells[0].text.split(" ", 1)[1]
        if cells[1].text != "[c]":
            assert ward in expected[cells[at].text.split()[-1]]
            low, high = cells[2].text.split(" to ")
            assert printed(low) <= printed(cells[1].text) <= printed(high)
    listed = {row[0].text.split()[-1]: row[2].text for row in verdicts.table.rows}
    for word, wards in expected.items():
        assert all(f" {ward}" in f" {listed[word]}" for ward in wards), word
    fills = {e.label.split()[1 if e.label[0] in "▲▼" else 0]: e.fill for e in verdicts.key}
    codes = dict(zip(figures.table["name"], figures.table["code"], strict=True))
    drawn = faces(verdicts.image)
    for word, wards in expected.items():
        assert {drawn[codes[w]][0].lower() for w in wards} == {fills[word].lower()}
    worse = expected.get("worse", [])
    assert all(ward in verdicts.alt for ward in worse)
    assert 40 <= len(verdicts.alt) <= 500


@pytest.mark.parametrize(
    ("name", "last"), [("obesity-reception-wards", 3), ("obesity-reception-wards-atlas", 4),
                       ("life-expectancy-wards-atlas-female", 6)]
)  # fmt: skip
def test_earlier_periods_are_small_maps_under_the_same_classes(name, last, facts_of):
    facts = facts_of(name)
    figures = facts.wards(name)
    section = earlier_periods(figures, facts)
    (figure,) = section.children
    assert section.folded and len(figure.table.columns) == last + 1
    rows = facts.workspace.observations.query("indicator == @name and area_type == 'ward'")
    ends = rows.dropna(subset=["value"]).groupby("period")["period_end"].max().sort_values()
    assert [head.text for head in figure.table.columns[1:]] == list(ends.index[-last:])
    names = facts.catalogue.wards(figures.vintage)
    values = rows.set_index(["period", "area_code"])["value"]
    by_name = {row[0].text.split(" ", 1)[-1]: row for row in figure.table.rows}
    for code, ward in names.items():
        for cell, head in zip(by_name[ward][1:], figure.table.columns[1:], strict=True):
            value = values.get((head.text, code), NAN)
            if math.isnan(value):
                assert cell.text in ("[c]", "[x]")
            else:
                assert printed(cell.text) == pytest.approx(value, abs=0.0501)
    large = ward_figure(figures, facts)
    classes = [re.sub(r" \([^()]*\)$", "", e.label) for e in large.key if not e.hatch]
    assert [e.label for e in figure.key if not e.hatch] == classes
    assert [e.fill for e in figure.key if not e.hatch] == [
        e.fill for e in large.key if not e.hatch
    ]
    assert figure.mime == "image/svg+xml"
    assert "The same classes for every period." in large.caption
    assert "The periods overlap" in figure.caption
    assert 40 <= len(figure.alt) <= 500


def test_one_earlier_period_is_not_a_series(real):
    figures = real.wards("obesity-reception-wards-atlas")
    assert earlier_periods(replace(figures, history=figures.history[-1:]), real) is None
    assert earlier_periods(real.wards("deprivation-rank-wards"), real) is None


def test_when_all_have_moved_into_one_class_the_latest_figures_are_classed(real):
    figures = real.wards("jobseekers-wards-atlas")
    fills = {fill for fill, _ in faces(ward_figure(figures, real).image).values()}
    assert len(fills) == 3  # by the classes of five years all 17 would be pale


def test_the_real_maps_show_the_thames_the_neighbours_and_the_licence(real, catalogue):
    figure = ward_figure(real.ward_context.deprivation, real)
    groups = {g.get("id") for g in ET.fromstring(figure.image).iter(f"{SVG}g")}
    assert {"land", "water", "around"} <= groups
    assert catalogue.settings.water == "River Thames"
    assert figure.mime == "image/svg+xml" and len(figure.image) < 90 * 1024
    assert figure.width > 500


# Every page.


@pytest.mark.parametrize("which", ["made_up_facts", "real"])
def test_every_outcome_has_a_ward_map_or_the_reason_and_the_map_of_deprivation(which, request):
    facts = request.getfixturevalue(which)
    for page in facts.outcomes:
        context = exhibits.ward_context(page, facts).as_json()
        details = exhibits.measure_details(page, facts).as_json()
        maps = [part["name"] for part in walk(details) if part["kind"] == "figure"
                and part["role"] == "map"]  # fmt: skip
        assert len(maps) == len(set(maps))
        reasons = {
            row[0]["text"]: row[1]["text"]
            for part in walk(context)
            if part["kind"] == "table" and "without a ward map" in part["caption"]
            for row in part["rows"]
        }
        for measure in page.measures:
            words = measure.measure.part or measure.measure.text
            for wards in measure.wards:
                assert f"{wards.indicator.id}-map" in maps
            if not measure.wards:
                assert reasons[words].startswith((NO_WARDS, WARDS_NOT_RECEIVED))
        (deprivation,) = [p for p in walk(context) if p["kind"] == "figure"]
        assert deprivation["name"].startswith("deprivation-") and deprivation["role"] == "map"
        assert {len(p["alt"]) <= 500 for p in walk(details) if p["kind"] == "figure"} <= {True}


# Parts, by hand.


def row_of(code, value, low=NAN, high=NAN, *, count=NAN, people=NAN, kind="ward", period="2024"):
    return {"indicator": "i", "area_code": code, "area_name": code, "area_type": kind, "sex": "",
            "age": "", "category_type": "", "category": "", "period": period,
            "period_start": pd.Timestamp(f"{period}-01-01"), "period_range": "1y",
            "period_end": pd.Timestamp(f"{period}-12-31"), "value": value, "lower_95": low,
            "upper_95": high, "count": count, "denominator": people, "value_note": "",
            "status": "published", "source_file": "f.csv", "source_row": 1}  # fmt: skip


def told(kind="Proportion", *, source="published"):
    indicator = SimpleNamespace(value_type=kind, unit="%" if kind == "Proportion" else "years",
                                source="s", polarity="low_is_good", decimals=1, title="Smoking")
    catalogue = SimpleNamespace(indicators={"i": indicator},
                                sources={"s": SimpleNamespace(kind=source)},
                                rounding=lambda _: RULES if source == "return" else None,
                                settings=SimpleNamespace(area="B"))
    return indicator, catalogue


def test_few_events_and_wide_intervals_are_marked_and_nothing_that_was_counted():
    rows = pd.DataFrame([
        row_of("few", 10, 8, 12, count=19, people=190),
        row_of("enough", 10, 8, 12, count=20, people=200),
        row_of("wide", 4, 1, 5.1, count=40, people=1000),
        row_of("points", 50, 39.9, 60, count=40, people=80),
        row_of("counted", 1, count=1, people=100),
        row_of("blank", NAN),
        row_of("B", 10, 8, 12, count=3, people=30, kind="borough"),
    ])  # fmt: skip
    marked = mark_reliability(rows, catalogue=told()[1])
    doubted = set(marked.loc[marked["status"].eq("low_reliability"), "area_code"])
    assert doubted == {"few", "wide", "points"}
    # 20 rounded to the nearest 5 may be 18.
    rounded = mark_reliability(rows, catalogue=told(source="return")[1])
    doubted = set(rounded.loc[rounded["status"].eq("low_reliability"), "area_code"])
    assert doubted == {"few", "enough", "wide", "points"}
    same = mark_reliability(rows, catalogue=told("Life expectancy")[1])
    assert set(same["status"]) == {"published"}


def test_the_boroughs_figure_is_its_own_or_that_of_all_wards_or_unknown():
    wards = [row_of("W1", 10, count=10, people=100), row_of("W2", 20, count=60, people=300)]

    def found(rows, **options):
        indicator, catalogue = told(**options)
        return borough_value(pd.DataFrame(rows), wards=["W1", "W2"], period="2024",
                             indicator=indicator, catalogue=catalogue)  # fmt: skip

    summed = found(wards)
    assert (summed.value, summed.basis) == (17.5, "all 2 wards together")
    own = found([*wards, row_of("B", 17, 16, 18, kind="borough")])
    assert (own.value, own.lower, own.basis) == (17, 16, "the borough's own figure")
    other = row_of("B", 17, kind="borough", period="2023")
    assert found([wards[0], row_of("W2", NAN), other]).known is False  # a sum would give it away
    assert found(wards[:1]).known is False
    assert found(wards, source="return").known is False  # rounded one by one


def series(values, *, statuses=None, estimated=(), polarity="low_is_good"):
    codes = [f"W{i}" for i in range(len(values))]
    shapes = [box(i, 0, i + 1, 1) for i in range(len(values))]
    shapes = geopandas.GeoDataFrame({"code": codes, "name": codes}, geometry=shapes, crs=27700)
    table = pd.DataFrame({"code": codes, "name": [f"Ward {c}" for c in "ABCDEFG"[: len(values)]],
                          "value": values, "lower_95": NAN, "upper_95": NAN,
                          "status": statuses or ["published"] * len(values), "value_note": ""})
    indicator, _ = told()
    indicator.polarity = polarity
    return WardFigures(indicator=indicator, vintage="2022", period="2024", end=None, table=table,
                       all_values=tuple(values), boundaries=shapes,
                       estimated=frozenset(estimated))  # fmt: skip


@pytest.mark.parametrize(
    ("values", "options", "said"),
    [
        ([3, 1, 2], {}, "highest in Ward A (3.0%), lowest in Ward B (1.0%)"),
        ([3, 1, 3], {}, "highest in Ward A and Ward C (both 3.0%), lowest in Ward B (1.0%)"),
        ([3, 1, 3, 3], {"estimated": ["W2"]},
         "highest in Ward A, Ward C and Ward D (3.0% each, Ward C estimated), lowest in Ward B "
         "(1.0%)"),
        ([3, 1, 1, 1, 1], {"estimated": ["W2"]},
         "highest in Ward A (3.0%), lowest in 4 wards (1.0% each, 1 marked in the table)"),
        ([3, 1, NAN],
         {"estimated": ["W0"], "statuses": ["published", "low_reliability", "suppressed"]},
         "highest in Ward A (3.0%, estimated), lowest in Ward B (1.0%, of low reliability)"),
        ([3, NAN], {}, "3.0% in Ward A alone"),
        ([3, 3], {}, "3.0% in every ward known"),
    ],
)  # fmt: skip
def test_a_title_names_the_ends_ties_and_doubts(values, options, said):
    figures = series(values, **options)
    assert ward_headline(figures, lead="Smoking, 2024") == f"Smoking, 2024: {said}"


def test_places_by_hand():
    values = {"a": 3.0, "b": 1.0, "c": 3.0, "d": NAN, "e": 2.0}
    low = {"a": (1, 1), "c": (1, 1), "e": (3, 0), "b": (4, 0)}
    assert places_of(values, polarity="low_is_good") == low
    assert places_of(values, polarity="no_judgement") == low
    assert places_of(values, polarity="high_is_good") == {
        "b": (1, 0), "e": (2, 0), "a": (3, 1), "c": (3, 1)}  # fmt: skip


@pytest.mark.parametrize(
    ("tops", "said"),
    [("AAA", "Ward A in every period"), ("ABA", "Ward A in 2 of 3 periods"),
     ("ABC", "Ward A at first and in Ward C at last"),
     ("ABBA", "Ward A at first and at last")],
)  # fmt: skip
def test_the_title_of_small_maps_says_where_it_was_highest(tops, said):
    def period(number, top):
        figures = series([9 if ward == top else 1 for ward in "ABC"])
        return WardPeriod(str(2020 + number), None, None, figures.table, frozenset(),
                          WardBenchmark(NAN, NAN, NAN, ""))  # fmt: skip

    periods = [period(*pair) for pair in enumerate(tops)]
    last = 2019 + len(tops)
    assert series_headline(series([1, 2]), periods) == f"Smoking, 2020 to {last}: highest in {said}"


@pytest.mark.parametrize(
    ("note", "built"),
    [("Best fit from 2 small areas; 0% exact", "small areas"),
     ("Sum of 1 small area that lie wholly in the ward; 100% exact", "small areas"),
     ("Estimated: small areas shared between wards; best fit from 3 small areas", "small areas"),
     ("Estimated: shared out from the old wards by people", "old wards"),
     ("Aggregated from all known lower geography values", ""), ("", "")],
)  # fmt: skip
def test_what_was_built_here_is_told_from_what_was_published(note, built):
    assert built_from(pd.Series(["", note])) == built
    words = built_words(replace(series([1, 2]), built=built, estimated=frozenset(["W1"])))
    assert ("here" in words) == bool(built)
    assert "Estimated, with" in words and words.endswith(": Ward B.")

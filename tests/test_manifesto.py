"""The long-term targets: every one a row, earlier places from the source, pace by hand."""

import csv
import math
from dataclasses import replace
from types import SimpleNamespace

import pytest

from lbbd_jsna.exhibits import manifesto
from lbbd_jsna.exhibits.exhibit import Figure, Section, Table
from lbbd_jsna.facts import Facts
from lbbd_jsna.facts.targets import comparator_of, target_year
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.workspace import build_workspace

BOROUGH = "E09000002"
EIGHT = {
    "bm-hle", "bm-skills-l1", "bm-skills-l4", "bm-unemployment", "bm-wellbeing", "bm-happiness",
    "bm-physical-activity", "bm-healthy-weight",
}  # fmt: skip


@pytest.fixture(scope="module")
def rows(made_up_facts):
    return tuple(made_up_facts.target_rows())


@pytest.fixture(scope="module")
def real(extracts, catalogue, tmp_path_factory):
    return Facts(
        build_workspace(
            extracts,
            catalogue=catalogue,
            quarter=Quarter.parse("2026-27-Q3"),
            processed=tmp_path_factory.mktemp("processed") / "2026-27-Q3",
        )
    )


def cells(table):
    return [[cell.text for cell in row] for row in table.rows]


def test_each_of_the_eight_targets_is_a_row_and_the_vision_is_not(rows):
    assert {row.measure.measure.id for row in rows} == EIGHT
    assert all(row.finding or row.reason for row in rows)


def test_the_section_draws_the_league_and_lists_every_target(made_up_facts, rows):
    found = manifesto.target_tracker(made_up_facts)
    chart, table = found.children
    assert isinstance(chart, Figure) and isinstance(table, Table)
    assert len(table.rows) == len(chart.table.rows) == len(rows)
    assert all(text for row in cells(table) for text in row)
    placed = [row for row in rows if row.finding and row.place]
    behind = sum(row.finding.rank.position >= row.place for row in placed)
    assert chart.title.startswith(f"On {behind or 'none'} of {len(placed)} target figures")


def test_a_league_without_places_is_not_drawn(made_up_facts, rows):
    silent = [replace(row, finding=None, path=None, reason="not received") for row in rows]
    facts = SimpleNamespace(catalogue=made_up_facts.catalogue, target_rows=lambda: silent)
    (table,) = manifesto.target_tracker(facts).children
    assert isinstance(table, Table) and len(table.rows) == len(rows)


@pytest.mark.parametrize("known", [0, 1, 4])
def test_the_description_stays_short_however_little_is_known(made_up_facts, rows, known):
    some = [*rows[:known], *(replace(r, finding=None, path=None, reason="x") for r in rows[known:])]
    some[0] = rows[0]
    facts = SimpleNamespace(catalogue=made_up_facts.catalogue, target_rows=lambda: some)
    assert 40 <= len(manifesto.target_tracker(facts).children[0].alt) <= 500


def test_a_target_goes_by_the_areas_it_names(catalogue, rows):
    named = {row.measure.measure.id: row.comparator for row in rows}
    assert named["bm-unemployment"] == "London"
    assert named["bm-physical-activity"] == named["bm-healthy-weight"] == "East London"
    measure = rows[0].measure.measure
    assert comparator_of(measure.model_copy(update={"comparator": ""}), catalogue) == "england"


def test_the_year_of_a_target_is_read_from_its_words(rows):
    wellbeing = next(r for r in rows if r.measure.measure.id == "bm-wellbeing").measure.measure
    assert wellbeing.target_year == "not stated; JHWS L602 can be read as 2037"
    assert target_year(wellbeing) == 2037.0
    with pytest.raises(ValueError, match="names no year"):
        target_year(wellbeing.model_copy(update={"target_year": "in time"}))


def test_the_verdict_follows_from_gap_and_pace(rows):
    """By the arithmetic of two straight lines, worked again from the points themselves."""
    told = [row for row in rows if row.path and row.path.verdict != "cannot be told"]
    assert len(told) > 3
    for row in told:
        path, good = row.path, 1 if row.path.polarity == "high_is_good" else -1
        ahead = good * (path.value - path.comparator_value)
        closing = good * (path.achieved.value - path.comparator_change)
        if ahead > 0:
            expected = "already better"
        elif closing <= 0:
            expected = "moving away"
        else:
            expected = "on course" if -ahead / closing <= 2037 - path.year else "too slow"
        assert path.verdict == expected, row.finding.indicator.id


def test_a_target_without_its_comparator_shows_the_benchmark_apart(rows, made_up_facts):
    active = next(r for r in rows if r.measure.measure.id == "bm-physical-activity")
    assert active.path.verdict == "cannot be told" and math.isnan(active.path.gap.value)
    table = manifesto.tracker_table(
        [active], catalogue=made_up_facts.catalogue, caption="c", name="n"
    )
    (row,) = table.rows
    assert row[2].text == "East London [x]"
    assert (row[3].text, row[6].text) == ("[x]", "cannot be told")
    assert row[3].sub.startswith("to England: ")


def test_an_outcome_shows_its_own_targets_with_their_curves(made_up_facts):
    page = made_up_facts.outcome("outcome-5")
    table, *curves = manifesto.outcome_targets(page, made_up_facts).children
    served = [r for r in made_up_facts.target_rows() if "outcome-5" in r.measure.measure.serves]
    assert len(table.rows) == len(served)
    assert len(curves) == sum(row.finding is not None for row in served)
    assert all(isinstance(curve, Section) for curve in curves)
    none = manifesto.outcome_targets(made_up_facts.outcome("outcome-7"), made_up_facts)
    assert none.children[0].paragraphs == ("No long-term target names this outcome.",)


# The latest period that ended in the year, and whether the highest stands first.
PLACES = (
    ("healthy-life-expectancy-male", "90362", "Male", "2017", "2015 - 17", -1),
    ("healthy-life-expectancy-female", "90362", "Female", "2018", "2016 - 18", -1),
    ("active-adults", "93014", "Persons", "2017", "2016/17", -1),
    ("overweight-adults", "93088", "Persons", "2018", "2017/18", 1),
)


@pytest.mark.parametrize(("name", "file", "sex", "year", "period", "sign"), PLACES)
def test_earlier_places_are_those_of_the_raw_figures(
    real, extracts, name, file, sex, year, period, sign
):
    (path,) = (extracts / "fingertips").glob(f"{file}-*.csv")
    with path.open(encoding="utf-8-sig", newline="") as text:
        values = {
            row["Area Code"]: float(row["Value"])
            for row in csv.DictReader(text)
            if row["Area Code"].startswith("E09") and row["Sex"] == sex and row["Value"]
            and row["Time period"] == period and not row["Category Type"]
        }  # fmt: skip
    place = 1 + sum(sign * value < sign * values[BOROUGH] for value in values.values())
    target = next(r for r in real.target_rows() if r.finding and r.finding.indicator.id == name)
    then = {year: (period, rank) for year, period, rank in target.earlier}
    assert then[year][0] == period
    assert (then[year][1].position, then[year][1].of) == (place, len(values))

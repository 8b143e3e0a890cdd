"""Returns by ward, end to end: from the rows a service sends to what a page says of them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from lbbd_jsna.exhibits.outcome import outcome_sources
from lbbd_jsna.exhibits.sources import protection_note
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.sources.demonstration.levels import read_levels
from lbbd_jsna.sources.demonstration.returns import return_file

CALIBRATION = Path(__file__).resolve().parent.parent / "catalogue" / "demonstration.csv"
QUARTER = Quarter.parse("2026-27-Q3")
OWN = "E09000002"
BY_WARD = ("early-help-on-time", "early-help-successful", "early-help-within-72-hours",
           "work-placements")  # fmt: skip


@pytest.fixture(params=BY_WARD)
def sent(request, catalogue) -> tuple[str, dict[str, dict[str, str]]]:
    """A series, and its rows of the last period as the made-up service sends them, by area."""
    indicator = catalogue.indicators[request.param]
    text = return_file(indicator, catalogue=catalogue, quarter=QUARTER,
                       levels=read_levels(CALIBRATION))  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(text)))
    last = max(row["period"] for row in rows)
    return indicator.id, {row["area_code"]: row for row in rows if row["period"] == last}


def nearest_5(text: str) -> int:
    return (int(text) + 2) // 5 * 5


def test_the_borough_answers_the_measure_with_its_own_rounded_row(sent, made_up_facts):
    name, rows = sent
    latest = made_up_facts.finding(name).latest
    own = rows[OWN]
    assert latest.period == own["period"]
    assert (latest.count, latest.denominator) == tuple(
        map(nearest_5, (own["numerator"], own["denominator"]))
    )
    per = 1000 if name == "work-placements" else 100
    assert latest.value == pytest.approx(per * latest.count / latest.denominator)


def test_the_wards_make_the_map_rounded_or_withheld(sent, made_up_facts):
    """Every ward of today once; 1 to 7 never shown, nothing shown that is not a rounding."""
    name, rows = sent
    figures = made_up_facts.wards(name)
    assert figures.vintage == "2022"
    shown = figures.table.set_index("code")
    assert set(shown.index) == set(rows) - {OWN}
    withheld = 0
    for code, row in shown.iterrows():
        given = rows[code]
        small = given["numerator"] and 1 <= int(given["numerator"]) <= 7
        if small or row["status"] == "suppressed":
            withheld += 1
            assert row["status"] == "suppressed"
            assert row[["value", "lower_95", "upper_95", "count"]].isna().all()
        elif given["value"] == "[z]":
            assert row["status"] == "not_applicable"
        else:
            assert row["count"] == nearest_5(given["numerator"])
    assert 1 <= withheld <= 6


def test_a_page_says_once_how_returns_are_protected(made_up_facts):
    """Under the sources, in the words of the thresholds; not at each figure as well."""
    rules = made_up_facts.catalogue.disclosure
    page = made_up_facts.outcome("best-chance-1")
    (table,) = outcome_sources(page, made_up_facts).children
    said = [note for note in table.notes if "protected" in note]
    assert said == [f"Figures of returns and surveys are protected. {rules.in_words} {rules.note}."]
    cells = " ".join(cell.text for row in table.rows for cell in row)
    assert "ounded: counts" not in cells
    assert "Early help that started on time" in cells


def test_a_page_of_published_figures_says_nothing_of_it(made_up_facts):
    facts, catalogue = made_up_facts, made_up_facts.catalogue
    published = facts.finding("obesity-reception")
    assert protection_note([published], catalogue=catalogue) == ()
    # Schools with an award are counted, not people.
    assert protection_note([facts.finding("healthy-schools-awards")], catalogue=catalogue) == ()
    survey = facts.finding("residents-take-part")
    assert len(protection_note([published, survey, survey], catalogue=catalogue)) == 1

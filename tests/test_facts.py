"""Facts from the real extracts, against the values their keeper lists and the files themselves."""

import csv
import datetime as dt
import math
from dataclasses import replace

import pytest

from lbbd_jsna.catalogue import Break
from lbbd_jsna.exhibits import ward_words, wording
from lbbd_jsna.exhibits.outcome import NO_WARDS, WARDS_NOT_RECEIVED, _wards
from lbbd_jsna.facts import Facts
from lbbd_jsna.facts.judgement import comparable_from, goal_of, trend_of
from lbbd_jsna.facts.printed import printed_verdicts
from lbbd_jsna.facts.reasons import reason_without
from lbbd_jsna.findings import Point
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.schema import COMPARISONS
from lbbd_jsna.workspace import build_workspace

BOROUGH = "E09000002"


@pytest.fixture(scope="module")
def facts(extracts, catalogue, tmp_path_factory) -> Facts:
    processed = tmp_path_factory.mktemp("processed") / "2026-27-Q3"
    return Facts(
        build_workspace(
            extracts,
            catalogue=catalogue,
            quarter=Quarter.parse("2026-27-Q3"),
            processed=processed,
        )
    )


# The list in the README of the extracts.
@pytest.mark.parametrize(
    ("indicator", "value", "period"),
    [
        ("obesity-reception", 12.1, "2024/25"),
        ("obesity-year-6", 28.3, "2024/25"),
        ("inactive-adults", 30.7, "2024/25"),
        ("adult-smoking", 15.4, "2024"),
        ("dental-decay-at-five", 34.4, "2023/24"),
        ("nhs-health-checks", 55.1, "2021/22 Q1 - 2025/26 Q3"),
        ("healthy-life-expectancy-male", 59.6, "2022 - 24"),
        ("healthy-life-expectancy-female", 59.0, "2022 - 24"),
    ],
)
def test_the_latest_values_are_those_of_the_extracts(facts, indicator, value, period):
    latest = facts.finding(indicator).latest
    assert (latest.value, latest.period) == (value, period)


def rows_of(extracts, name, **wanted):
    path = next((extracts / "fingertips").glob(f"{name}-*.csv"))
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            row for row in csv.DictReader(file) if all(row[k] == v for k, v in wanted.items())
        ]


@pytest.mark.parametrize(
    ("indicator", "file", "period", "low_is_good"),
    [
        ("obesity-reception", "90319", "2024/25", True),
        ("inactive-adults", "93015", "2024/25", True),
        ("nhs-health-checks", "91112", "2021/22 Q1 - 2025/26 Q3", False),
        ("dental-decay-at-five", "93563", "2023/24", True),
    ],
)
def test_rank_and_verdict_agree_with_the_file_read_another_way(
    facts, extracts, indicator, file, period, low_is_good
):
    rows = rows_of(extracts, file, **{"Indicator ID": file, "Time period": period})
    london = {
        r["Area Code"]: float(r["Value"])
        for r in rows
        if r["Area Code"].startswith("E09") and r["Value"] and not r["Category Type"]
    }
    own = london[BOROUGH]
    ahead = sum(v < own if low_is_good else v > own for v in london.values())
    finding = facts.finding(indicator)
    assert (finding.rank.position, finding.rank.of) == (ahead + 1, len(london))
    printed = next(r for r in rows if r["Area Code"] == BOROUGH)
    label = printed["Compared to England value or percentiles"]
    assert finding.verdict.outcome == label.lower()
    assert finding.verdict.test == "published"


def test_a_period_without_a_value_is_not_the_latest_and_is_still_told(facts):
    finding = facts.finding("active-children")
    assert (finding.latest.period, finding.latest.value) == ("2023/24", 49.1)
    last = finding.history[-1]
    assert (last.period, math.isnan(last.value)) == ("2024/25", True)
    assert last.status == "not_available"
    assert last.note == "Value missing in source extract"


def test_quintile_rows_and_other_boroughs_wards_never_become_the_headline(facts, extracts):
    named = facts.workspace.observations
    quintiles = named[named["category_type"].ne("")]
    assert len(quintiles)
    for indicator in ("obesity-reception", "obesity-year-6"):
        headline = [
            f"{point.value:g}" if point.known else "" for point in facts.finding(indicator).history
        ]
        plain = rows_of(
            extracts,
            {"obesity-reception": "90319", "obesity-year-6": "90323"}[indicator],
            **{"Area Code": BOROUGH, "Category Type": "", "Time period range": "1y"},
        )
        assert headline == [r["Value"] for r in plain]
    wards = named.loc[named["area_type"].eq("ward"), "area_code"]
    assert set(wards) <= set(facts.catalogue.wards("2002")) | set(facts.catalogue.wards("2022"))


def test_london_is_missing_and_said_to_be(facts):
    finding = facts.finding("obesity-reception")
    assert finding.at("london", finding.latest.period) is None
    assert finding.peers.value is None
    assert "no counts" in finding.peers.reason


def test_ward_atlas_obesity_stands_on_the_seventeen_and_never_on_the_nineteen(facts, catalogue):
    page = facts.outcome("outcome-1")
    measure = next(m for m in page.measures if m.measure.id == "jhws-o1-obesity-reception")
    (figures,) = measure.wards
    assert figures.vintage == "2002"
    assert set(figures.table["code"]) == set(catalogue.wards("2002"))
    assert set(figures.boundaries["code"]) == set(catalogue.wards("2002"))
    assert len(figures.table) == 17
    note = ward_words.ward_note(figures, catalogue=catalogue)
    assert "17 wards" in note
    assert "do not read" in note


def test_life_in_good_health_is_the_share_worked_by_hand(facts):
    # Men, 2022 - 24: 59.6 of the years of life expectancy in the extract of the same period.
    expectancy = {p.period: p.value for p in facts.finding("life-expectancy-male").history}
    expected = 100 * 59.6 / expectancy["2022 - 24"]
    assert facts.finding("healthy-share-of-life-male").latest.value == pytest.approx(expected)


def test_every_measure_has_figures_or_a_reason(facts):
    for page in facts.outcomes:
        for measure in page.measures:
            assert bool(measure.findings) != bool(measure.reason), measure.measure.id


def test_a_measure_tells_of_its_twin_its_other_place_and_the_figure_quoted(facts, catalogue):
    pages = {page.outcome.id: page for page in facts.outcomes}
    found = {
        measure.measure.id: " ".join(wording.remarks(measure, catalogue))
        for page in pages.values()
        for measure in page.measures
    }
    twin = found["jhws-o6-yp-unhealthy-behaviours"]
    assert f"it belongs to “{pages['outcome-7'].outcome.title}”" in twin
    assert f"also stands under “{pages['outcome-3'].outcome.title}”" in twin
    assert "71.6% (B&D, 2016/17" in found["jhws-o1-gld-age5"]
    assert found["jhws-o1-mmr2"] == ""


def test_health_checks_are_cumulative_and_not_set_against_an_earlier_quarter(facts):
    finding = facts.finding("nhs-health-checks")
    assert finding.cumulative
    assert finding.previous is None


def test_our_trend_never_crosses_a_break(catalogue):
    # Five years that rise steadily; after a break at the third only three are left.
    values = [10.0, 20.0, 30.0, 40.0, 50.0]
    history = tuple(
        Point(str(year), dt.date(year, 1, 1), dt.date(year, 12, 31), value, value - 1, value + 1,
              value * 10, 1000, "published", "", "")
        for year, value in zip(range(2020, 2025), values, strict=True)
    )
    plain = catalogue.indicators["obesity-reception"]
    broken = plain.model_copy(update={"breaks": (Break(period="2022", why="new method"),)})
    assert trend_of(plain, history, "", None).direction == "rising"
    since = comparable_from(broken, history[-1])
    assert since == dt.date(2022, 1, 1)
    assert trend_of(broken, history, "", since).direction == "unknown"
    assert trend_of(broken, history, "Increasing", since).direction == "rising"  # as printed
    # The publisher works out none for a survey without counts, nor for expectancies.
    survey = tuple(replace(point, count=math.nan, denominator=math.nan) for point in history)
    assert trend_of(plain, survey, "", None).direction == "unknown"
    years = catalogue.indicators["healthy-life-expectancy-male"]
    assert trend_of(years, history, "", None).direction == "unknown"


def test_ward_figures_that_were_not_received_are_not_called_unpublished(facts):
    absent = {measure.measure.id: measure for page in facts.outcomes for measure in page.measures}
    one = absent["jhws-o1-obesity-reception"]
    said = _wards((replace(one, wards=()),), facts, set())
    assert said[0].paragraphs == (WARDS_NOT_RECEIVED,)
    said = _wards((absent["jhws-o5-physical-inactivity"],), facts, set())
    assert said[0].paragraphs == (NO_WARDS,)


def test_a_series_no_reader_takes_is_told_apart_from_one_not_received(facts):
    """A source read table by table: what names no table is not read, whatever is received."""
    indicators, sources = facts.catalogue.indicators.values(), facts.catalogue.sources
    named = [i for i in indicators if i.source == "dfe" and i.source_id]
    unnamed = [i for i in indicators if i.source == "dfe" and not i.source_id]
    later = [i for i in indicators if sources[i.source].supplied == "later"]
    assert named and unnamed and later
    measures = {
        m.evidence.indicators: m
        for strategy in facts.catalogue.strategies
        for m in strategy.measures
    }

    def reason(*series):
        measure = next(m for used, m in measures.items() if used in {(i.id,) for i in series})
        return reason_without(measure, rows={}, catalogue=facts.catalogue)

    assert reason(*named) == (
        "Published by Explore education statistics; not among this quarter's extracts."
    )
    assert reason(*unnamed) == (
        "Published by Explore education statistics, which this workspace does not read yet."
    )
    assert reason(*later).endswith(", which this workspace does not read yet.")


def test_counts_of_one_person_many_times_get_no_interval(made_up_facts):
    """Half days attended are counted by the hundred thousand: limits from them would lie."""
    attendance = made_up_facts.finding("attendance-of-persistent-absentees").latest
    assert attendance.count > 100_000
    assert math.isnan(attendance.lower) and math.isnan(attendance.upper)
    visits = made_up_facts.finding("early-help-within-72-hours").latest
    assert visits.lower < visits.value < visits.upper


def test_every_observation_is_judged_or_says_why(made_up_facts):
    """The table a notebook opens holds a verdict or a reason in every row, never both."""
    table = made_up_facts.workspace.observations
    assert [c.name for c in COMPARISONS] == list(table.columns[-len(COMPARISONS):])
    judged = table["test"].ne("")
    assert (table["not_compared_reason"].eq("") == judged).all()
    assert (table["verdict"].eq("not compared") == ~judged).all()
    assert judged.sum() > 10_000


def test_a_verdict_of_the_workspace_is_that_of_the_interval(made_up_facts):
    """Worked again, row by row, for one series: the borough's interval against England's value."""
    rows = made_up_facts.workspace.observations
    rows = rows[rows["indicator"].eq("obesity-year-6") & rows["category_type"].eq("")]
    england = rows[rows["area_code"].eq("E92000001")].set_index("period")["value"]
    boroughs = rows[rows["area_type"].eq("borough") & rows["lower_95"].notna()]
    assert len(boroughs) > 100
    for row in boroughs.itertuples():
        reference = england[row.period]
        word = "similar"
        if row.lower_95 > reference:
            word = "worse"
        elif row.upper_95 < reference:
            word = "better"
        assert (row.verdict, row.benchmark_value) == (word, reference)


def test_goals_of_publishers(catalogue):
    mmr, late = catalogue.indicators["mmr-two-doses"], catalogue.indicators["hiv-late-diagnosis"]
    said = {value: goal_of(mmr, value).outcome for value in (89.9, 90.0, 94.9, 95.0)}
    assert list(said.values()) == [
        "goal not met", "goal nearly met", "goal nearly met", "goal met"
    ]  # fmt: skip
    # HIV 25/50, low is good: green below 25, red from 50 on.
    assert [goal_of(late, value).outcome for value in (24.9, 25.0, 49.9, 50.0)] == [
        "goal met", "goal nearly met", "goal nearly met", "goal not met"
    ]  # fmt: skip
    assert goal_of(catalogue.indicators["obesity-year-6"], 20.0) is None


def test_no_printed_verdict_of_the_demonstration_differs(made_up_facts):
    printed = made_up_facts.printed
    assert printed.counts.agree > 10_000
    assert printed.differing.empty


def test_printed_verdicts_that_differ_are_found(made_up_facts):
    """Turn one printed label round: it is the one that is listed, with its row."""
    table = made_up_facts.workspace.observations.copy()
    one = table.index[table["verdict"].eq("worse") & table["category_type"].eq("")][0]
    table.loc[one, "published_comparison"] = "Better"
    found = printed_verdicts(table).differing
    assert list(found.index) == [one]
    assert found.loc[one, "why"].startswith("another polarity")

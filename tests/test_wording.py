"""Words about figures: made once from one object, so that no two of them can differ."""

import datetime as dt
import math
from dataclasses import replace

import pytest
from made_up_borough import NEIGHBOUR, OWN, indicator, made_up_catalogue

from lbbd_jsna.catalogue.models import Goal
from lbbd_jsna.exhibits import tables, wording
from lbbd_jsna.exhibits.figures import league_figure, trend_figure
from lbbd_jsna.findings import Finding, Point
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.statistics.areas import Combined
from lbbd_jsna.statistics.ranks import Rank
from lbbd_jsna.statistics.trends import Trend
from lbbd_jsna.statistics.verdicts import Verdict

NAN = math.nan
OBESITY = indicator("obesity", title="Children living with obesity", unit="%")
CATALOGUE = made_up_catalogue(OBESITY)


def point(year, value, lower=NAN, upper=NAN, count=NAN, denominator=NAN, status="published"):
    return Point(f"{year}/{(year + 1) % 100:02d}", dt.date(year, 4, 1), dt.date(year + 1, 3, 31),
                 value, lower, upper, count, denominator, status, "", f"file.csv, row {year}")


def finding(**changes):
    history = (point(2022, 14.0, 13.0, 15.0), point(2023, 12.36, 11.3, 13.4, 423, 3421))
    said = {
        "indicator": OBESITY,
        "history": history,
        "latest": history[-1],
        "comparators": {
            "england": (point(2022, 10.2), point(2023, 10.04)),
            "midshire": (),
            "peers": (),
        },
        "peers": Combined(None, None, None, "no counts for 1 of 2 boroughs"),
        "league": {OWN: history[-1], NEIGHBOUR: point(2023, 11.0)},
        "verdict": Verdict("worse", "interval_95"),
        "printed": None,
        "rank": Rank(2, 2, 3, 0, "lowest"),
        "trend": Trend("unknown", "", "fewer than 5 points with intervals"),
    }
    return Finding(**{**said, **changes})


def test_the_sentence_of_a_measure():
    assert wording.finding_sentence(finding(), CATALOGUE) == (
        "Children living with obesity stood at 12.4% in 2023/24 (95% interval 11.3% to 13.4%), "
        "worse than England (10.0%)."
    )
    assert wording.change_sentence(finding()) == "It is lower than 14.0% in 2022/23."
    assert wording.rank_sentence(finding(), CATALOGUE) == (
        "It stands 2nd of 2 League with a figure, lowest first; 1 borough has no figure."
    )


def test_without_an_interval_no_interval_is_claimed():
    bare = (point(2023, 12.36),)
    said = wording.finding_sentence(
        finding(history=bare, latest=bare[0], verdict=Verdict("worse", "published")), CATALOGUE
    )
    assert said == (
        "Children living with obesity stood at 12.4% in 2023/24, worse than England (10.0%)."
    )


def test_no_verdict_gives_its_reason():
    said = wording.finding_sentence(
        finding(verdict=Verdict("not compared", "", "no confidence interval in the extract")),
        CATALOGUE,
    )
    assert said.endswith(
        "not compared with England (10.0%): no confidence interval in the extract."
    )


def test_movement_follows_the_figures_as_printed():
    same = (point(2022, 12.41), point(2023, 12.36))
    assert wording.movement(finding(history=same, latest=same[1])) == "no change"


def test_a_cumulative_series_is_never_said_to_have_risen():
    first, second = point(2022, 52.3), point(2023, 55.1)
    second = replace(second, start=first.start)
    one = finding(history=(first, second), latest=second)
    assert one.previous is None
    assert wording.movement(one) == ""
    assert wording.change_sentence(one).startswith("Each period adds to the one before")


def test_nothing_is_compared_across_a_break():
    one = finding(comparable_from=dt.date(2023, 4, 1))
    assert one.previous is None
    assert wording.change_sentence(one) == (
        "The series changed after the period before, so the two are not compared."
    )
    assert finding(comparable_from=dt.date(2022, 4, 1)).previous is not None


def test_one_number_in_title_sentence_alt_and_table():
    one = finding()
    row = tables.benchmark_table([((), one)], catalogue=CATALOGUE, caption="c", name="n").rows[0]
    trend = trend_figure(one, catalogue=CATALOGUE)
    league = league_figure(one, catalogue=CATALOGUE)
    assert row[1].text == "12.4%"
    assert row[2].sub == "423 of 3,421"
    for said in (wording.headline(one, CATALOGUE), trend.title, trend.alt, league.alt):
        assert "12.4%" in said
    assert trend.table.rows[-1][1].text == "12.4%"
    own = next(cells for cells in league.table.rows if cells[0].text == "Marsh and Quay")
    assert own[1].text == "12.4%"


def test_a_missing_comparator_is_marked_and_explained():
    table = tables.benchmark_table([((), finding())], catalogue=CATALOGUE, caption="c", name="n")
    cells = {head.text: cell for head, cell in zip(table.columns, table.rows[0], strict=True)}
    assert (cells["Midshire"].text, cells["Peers"].text) == ("[x]", "[x]")
    assert cells["Peers"].sub == "no counts for 1 of 2 boroughs"
    assert any(note.startswith("[x]") for note in table.notes)
    assert "The extracts hold no figure for Midshire in the same period for any row." in table.notes
    assert not any("no figure for England" in note for note in table.notes)


def test_a_withheld_point_is_never_a_number():
    hidden = point(2024, NAN, status="suppressed")
    history = (*finding().history, hidden)
    table = tables.history_table(finding(history=history), catalogue=CATALOGUE)
    assert [cell.text for cell in table.rows[-1][:3]] == ["2024/25", "[c]", "[c]"]
    assert any(note.startswith("[c]") for note in table.notes)


@pytest.mark.parametrize(
    ("position", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"),
     (21, "21st"), (22, "22nd"), (33, "33rd")],
)
def test_ordinals(position, words):
    assert wording.ordinal(position) == words


@pytest.mark.parametrize(
    ("end", "months", "words"),
    [
        (dt.date(2026, 12, 31), 0, "under a month"),
        (dt.date(2026, 3, 31), 9, "9 months"),
        (dt.date(2025, 3, 31), 21, "1 year 9 months"),
        (dt.date(2024, 12, 31), 24, "2 years"),
        (dt.date(2014, 3, 31), 153, "12 years 9 months"),
    ],
)
def test_the_age_of_data_runs_to_the_end_of_the_quarter(end, months, words):
    assert wording.months_old(end, Quarter.parse("2026-27-Q3")) == months
    assert wording.age_text(months) == words


def test_lists_read_as_english():
    assert wording.listed([]) == ""
    assert wording.listed(["a"]) == "a"
    assert wording.listed(["a", "b"]) == "a and b"
    assert wording.listed(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (("2026-10-01",), "1 October 2026"),
        (("2026-10-01", "2026-11-22"), "1 October 2026 and 22 November 2026"),
        (("",), "date of receipt not recorded"),
        ((), "date of receipt not recorded"),
        (("", "2026-10-01"), "1 October 2026; of one file, not recorded"),
    ],
)
def test_the_day_of_receipt_is_said_and_never_invented(days, words):
    assert wording.received(days) == words


def test_a_series_that_could_not_be_renewed_says_since_when_its_figures_stand():
    assert wording.not_renewed("", ("2026-10-01",)) == ""
    assert wording.not_renewed("2026-11-22", ("2026-10-01",)) == (
        "The fetch of 22 November 2026 could not renew this series; these are the figures "
        "received on 1 October 2026."
    )
    assert wording.not_renewed("2026-11-22", ("",)) == (
        "The fetch of 22 November 2026 could not renew this series; these are figures received "
        "earlier."
    )


@pytest.mark.parametrize(
    ("direction", "progress", "said"),
    [
        ("rising", "worse", "↗ rising, getting worse"),
        ("falling", "", "↘ falling"),
        ("steady", "", "→ no significant change"),
        ("unknown", "", "no verdict"),
    ],
)
def test_a_trend_is_a_marker_and_words(direction, progress, said):
    assert wording.trend_text(finding(trend=Trend(direction, progress, ""))) == said


def test_a_goal_is_told_with_where_it_comes_from():
    goal = Goal(lower=90, upper=95, basis="The publisher's")
    told = finding(
        indicator=OBESITY.model_copy(update={"goal": goal}), goal=Verdict("goal nearly met", "goal")
    )
    assert wording.goal_sentence(told) == "Goal nearly met: 90.0% to 95.0% (the publisher's)."
    single = Goal(lower=75, upper=75, basis="The publisher's")
    told = replace(told, indicator=OBESITY.model_copy(update={"goal": single}))
    assert wording.goal_sentence(told) == "Goal nearly met: 75.0% (the publisher's)."
    assert wording.goal_sentence(finding()) == ""


def test_a_place_says_how_sure_it_is():
    sure = finding(rank=Rank(2, 2, 3, 0, "lowest", 1, 2))
    assert wording.rank_sentence(sure, CATALOGUE).endswith(
        "Within the intervals of all of them it could be 1st to 2nd."
    )
    unsure = finding(rank=Rank(2, 2, 3, 0, "lowest", unsure="no intervals"))
    assert wording.rank_sentence(unsure, CATALOGUE).endswith(
        "How sure that place is cannot be told: no intervals."
    )
    assert wording.rank_range(Rank(1, 5, 5, 0, "lowest", 1, 1)) == "1st"
    assert wording.rank_range(None) == ""

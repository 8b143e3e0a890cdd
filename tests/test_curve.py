"""The curve chart and its sentences: one set of numbers, no promise, nothing overlaps."""

import dataclasses
import datetime as dt
import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from lbbd_jsna.exhibits import style, target_words
from lbbd_jsna.exhibits.curve import _lines, curve_figure
from lbbd_jsna.exhibits.curve_drawing import curve_drawing
from lbbd_jsna.exhibits.target_words import (
    later_period,
    target_alt,
    target_points,
    target_sentences,
    target_title,
)
from lbbd_jsna.findings import Finding, Gap, MeasureFacts, Point, TargetFacts
from lbbd_jsna.statistics.areas import Combined
from lbbd_jsna.statistics.forecasts import COVERAGE_80, forecast
from lbbd_jsna.statistics.targets import target_path, turned
from lbbd_jsna.statistics.trends import Trend
from lbbd_jsna.statistics.verdicts import Verdict
from tests.test_charts import artists, assert_all_readable, written

NAN = math.nan
OWN = [56.6, 53.3, 55.8, 46.7, 53.9, 52.3, 58.4, 51.4, 57.4, 58.7]
LONDON = [64.6, 64.6, 66.4, 66.8, 65.0, 64.9, 66.9, 66.3, 66.8, 64.0]


def point(year, value, *, half=NAN, months=4, years=1):
    start = dt.date(year, months, 1)
    end = dt.date(year + years, months, 1) - dt.timedelta(days=1)
    last = f"{(year + years - 1) % 100:02d}"
    split = f"{year}/{(year + 1) % 100:02d}"
    period = split if months == 4 else f"{year}" if years == 1 else f"{year} - {last}"
    return Point(period, start, end, value, value - half, value + half, NAN, NAN,
                 "published", "", "made up")  # fmt: skip


def points(values, *, first=2015, **options):
    return tuple(point(first + i, v, **options) for i, v in enumerate(values))


def columns(series):
    return [[getattr(p, c) for p in series] for c in ("middle", "value", "lower", "upper")]


@pytest.fixture
def target(catalogue):
    """A function that makes the facts of one figure of a target from plain values."""
    strategy = next(s for s in catalogue.strategies if s.targets)
    bullet, measure = next(
        (bullet, measure) for bullet in strategy.targets for measure in bullet.measures
        if measure.id == "bm-physical-activity"
    )  # fmt: skip

    def make(own=OWN, beside=LONDON, *, name="active-adults", half=4.5, gap=None, beside_half=NAN,
             since=None, **options):
        indicator = catalogue.indicators[name]
        history = points(own, half=half, **options)
        known = [p for p in history if p.known]
        others = points(beside, half=beside_half, **options)
        finding = Finding(
            indicator=indicator, history=history, latest=known[-1],
            comparators={"london": others}, peers=Combined(None, None, None, ""), league={},
            verdict=Verdict("not compared"), printed=None, rank=None,
            trend=Trend("unknown", "", ""), gaps={"london": gap} if gap else {},
            comparable_from=since,
        )  # fmt: skip
        used = [p for p in known if since is None or p.start >= since]
        a, b = columns(used), columns(others)
        ahead = None
        if len(used) >= 5:
            ahead = forecast(a[0], a[1], bounds=(0, 100), span=options.get("years", 1))
        return TargetFacts(
            measure=MeasureFacts(measure, bullet, (finding,), (), "", ""), finding=finding,
            comparator="London", beside=others,
            path=target_path(*a, *b[:2], polarity=indicator.polarity, baseline=2019,
                             comparator_lower=b[2], comparator_upper=b[3],
                             span=options.get("years", 1)),
            nothing_done=ahead,
            turned=turned(*a, baseline_year=2019, polarity=indicator.polarity),
            baseline=2019,
        )  # fmt: skip

    return make


CASES = {
    "active adults": {},
    "without intervals": {"half": NAN},
    "without the comparator": {"beside": []},
    "a comparator that ends early": {"beside": LONDON[:8]},
    "a comparator of two figures": {"beside": [NAN] * 8 + LONDON[8:]},
    "already better": {"own": [v + 20 for v in OWN]},
    "level with the comparator": {"own": LONDON},
    "a year missing": {"own": [*OWN[:5], NAN, *OWN[6:]]},
    "too short to forecast": {"own": OWN[:4], "beside": LONDON[:4]},
    "years of life": {"name": "healthy-life-expectancy-male", "own": [61.4, 61, 59.7, 58.7, 57.6],
                      "beside": [63, 63.1, 63.2, 63.3, 63.4], "half": 1.2, "months": 1, "years": 3},
    "calendar years": {"name": "adult-smoking", "own": [23.7, 22.8, 22.7, 23.1, 18.4, 18.8, 18.7],
                       "beside": [18, 17, 17, 16, 15, 15, 14], "half": 2, "months": 1},
    "many years": {"own": OWN * 3, "beside": LONDON * 3, "first": 1996},
    "near nought": {"own": [0.4, 0.2, 0.1, 0.3, 0.2, 0.1], "beside": [0.5] * 6, "half": 0.1},
}


def drawn(facts, catalogue):
    lines = _lines(facts, target_points(facts), catalogue)
    with style.chart_style():
        return curve_drawing(lines, unit=facts.finding.indicator.unit,
                             decimals=facts.finding.indicator.decimals)  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_no_text_overlaps_or_is_cut_off(case, target, catalogue):
    assert_all_readable(drawn(target(**CASES[case]), catalogue))


@pytest.mark.parametrize("case", CASES)
def test_every_figure_is_well_formed_small_and_legible(case, target, catalogue):
    figure = curve_figure(target(**CASES[case]), catalogue=catalogue)
    root = ET.fromstring(figure.image)
    assert root.get("viewBox") == f"0 0 {figure.width} {figure.height}"
    assert len(figure.image) < 60 * 1024
    assert figure.width <= 640
    sizes = [t.get_fontsize() for t in drawn(target(**CASES[case]), catalogue).findobj(
        lambda a: hasattr(a, "get_text")) if t.get_text().strip()]  # fmt: skip
    assert min(sizes) >= 12
    for sentence in (figure.title, figure.alt, figure.caption):
        assert "nan" not in sentence
        assert "the comparator" not in sentence.lower()
    for sentence in target_sentences(target(**CASES[case]), catalogue):
        assert sentence.endswith(".")
        assert "nan" not in sentence


def test_the_same_facts_give_the_same_bytes(target, catalogue):
    one, other = (curve_figure(target(), catalogue=catalogue) for _ in range(2))
    assert one == other


def test_what_is_supposed_is_dashed_without_points_and_ends_where_it_was_tried(target, catalogue):
    figure = drawn(target(), catalogue)
    (ahead,) = artists(figure, "nothing-done")
    assert ahead.get_linestyle() not in ("-", "solid")
    assert ahead.get_marker() in ("", "None", None)
    # The latest period is 2024/25; five years on is as far as the method was tried.
    assert max(ahead.get_xdata()) == pytest.approx(2024.75 + 5, abs=0.01)
    (band,) = artists(figure, "band")
    assert band.get_paths()[0].vertices[:, 0].max() == pytest.approx(2029.75, abs=0.01)
    assert len(artists(figure, "points-area")[0].get_xdata()) == len(OWN)
    assert any("if nothing changes" in text for text, _ in written(drawn(target(), catalogue)))


def test_the_band_is_the_forecast(target, catalogue):
    facts = target()
    (band,) = artists(drawn(facts, catalogue), "band")
    heights = {round(y, 6) for y in band.get_paths()[0].vertices[:, 1]}
    assert {round(v, 6) for v in (*facts.nothing_done.lower, *facts.nothing_done.upper)} <= heights


def test_the_way_needed_points_at_the_comparator_in_the_targets_year(target, catalogue):
    facts = target()
    way = _lines(facts, target_points(facts), catalogue).needed
    rate = (way.values[-1] - way.values[0]) / (way.dates[-1] - way.dates[0])
    beside = facts.path.comparator_value + facts.path.comparator_change * (2037 - facts.path.year)
    assert way.values[0] + rate * (2037 - way.dates[0]) == pytest.approx(beside)
    assert artists(drawn(facts, catalogue), "needed")


@pytest.mark.parametrize("case", ["already better", "without the comparator"])
def test_no_way_is_drawn_where_none_is_needed_or_known(case, target, catalogue):
    assert not artists(drawn(target(**CASES[case]), catalogue), "needed")


def test_a_short_series_has_no_forecast_and_says_nothing_of_one(target, catalogue):
    facts = target(**CASES["too short to forecast"])
    figure = curve_figure(facts, catalogue=catalogue)
    assert not artists(drawn(facts, catalogue), "band")
    assert "Dashed" not in figure.caption
    assert len(figure.table.rows) == 4


def test_years_before_a_break_are_left_out_and_that_is_said(target, catalogue):
    facts = target(since=dt.date(2018, 4, 1))
    figure = curve_figure(facts, catalogue=catalogue)
    assert figure.table.rows[0][0].text == "2018/19"
    assert "last changed" in figure.caption
    assert len(artists(drawn(facts, catalogue), "points-area")[0].get_xdata()) == 7


def test_no_curve_without_a_finding_or_of_one_value(target, catalogue):
    facts = target()
    nobody = dataclasses.replace(facts, finding=None, path=None, reason="no extract")
    assert curve_figure(nobody, catalogue=catalogue) is None
    assert target_sentences(nobody, catalogue) == ("No extract.",)
    assert curve_figure(target([57.0], [64.0]), catalogue=catalogue) is None


# --- Words -------------------------------------------------------------------------------


def test_titles_state_the_finding(target):
    assert target_title(target()) == (
        "Adults who are physically active: at the present pace the borough would pass London by "
        "2037, but the pace is uncertain"
    )
    slow = [50, 50, 50, 50, 50, 50.1, 50.2, 50.3, 50.4, 50.5]
    still = [64.0] * 10
    titles = {
        "would not pass London by 2037": target(slow, still, half=0.01),
        "would fall further behind London": target(slow[::-1], still, half=0.01),
        "already better than London": target(OWN, [40.0] * 10),
        "whether the borough will pass London by 2037 cannot be told": target(beside=[]),
    }
    for words, facts in titles.items():
        assert words in target_title(facts)
        assert "uncertain" not in target_title(facts)


def test_the_sentences_are_those_worked_by_hand(target, catalogue):
    gap = Gap(-5.3, -9.8, -0.8, -8500, -15700, -1280, True)
    # Since 2019 the borough gains exactly 0.5 a year, London 0.1.
    own = [50.0, 50, 50, 50, *[55.7 + 0.5 * i for i in range(1, 7)]]
    other = [60.0, 60, 60, 60, *[63.4 + 0.1 * i for i in range(1, 7)]]
    said = " ".join(target_sentences(target(own, other, gap=gap), catalogue))
    assert (
        "In 2024/25 the borough stood at 58.7%, 5.3 percentage points below London's 64.0% (95% "
        "interval of the difference −9.8 to −0.8, taking London's figure as certain)." in said
    )
    assert "With London's figure there would be about 8,500 more (1,300 to 16,000)." in said
    assert "Since 2019/20 the figure has risen by 0.50 percentage points each year" in said
    assert "London's has risen by 0.10 percentage points each year" in said
    # 5.3 in the 12.25 years from the middle of 2024/25 to 2037 is 0.4327 a year.
    assert "it must rise by more than 0.53 percentage points each year if London keeps" in said
    assert "if London stands still, it must rise by more than 0.43 percentage points" in said
    # 5.3 at 0.4 a year is 13.25 years: the first day of 2038.
    assert re.search(r"it would pass London about 203[89]: too slow", said)


def test_a_slope_with_narrow_limits_is_told_apart_from_none(target, catalogue):
    sure = " ".join(target_sentences(target(half=0.2), catalogue))
    unsure = " ".join(target_sentences(target(half=4.5), catalogue))
    assert "may not have changed at all" not in sure
    assert "may not have changed at all" in unsure
    assert "also allows another answer" in unsure


def test_a_gap_that_chance_explains_says_so_and_counts_nobody(target, catalogue):
    gap = Gap(-5.3, -12.3, 1.7, -8500, -19700, 2700, True)
    said = " ".join(target_sentences(target(half=7, gap=gap), catalogue))
    assert "chance alone could explain it" in said
    assert "8,500" not in said


def test_people_are_left_out_where_the_gap_is_of_an_earlier_year(target, catalogue):
    gap = Gap(-5.3, -9.8, -0.8, -8500, -15700, -1280, True)
    said = " ".join(target_sentences(target(beside=LONDON[:8], gap=gap), catalogue))
    assert "In 2022/23 the borough stood at 51.4%" in said
    assert "8,500" not in said


def test_a_worse_figure_may_still_be_enough_where_the_comparator_worsens(target, catalogue):
    falling = [90.0 - 3 * i for i in range(10)]
    said = " ".join(target_sentences(target([57.0] * 10, falling), catalogue))
    assert "may fall by no more than" in said
    assert "must rise by more than" in said


def test_the_turn_is_told_with_its_limits(target, catalogue):
    flat = [57.0, 57.2, 56.8, 57.1, 56.9]
    rows = {"has turned: 66.0% in 2020/21 is better than": 66.0, "has not turned: 57.1%": 57.1,
            "has turned for the worse: 44.0%": 44.0}  # fmt: skip
    for words, last in rows.items():
        facts = target([*flat, 57.0, last], [64.0] * 7, first=2014)
        low, high = (f"{v:.1f}%" for v in facts.turned.expected[1:])
        said = " ".join(target_sentences(facts, catalogue))
        assert f"Since 2019 the curve {words}" in said
        assert f"the {low} to {high} that doing nothing would have brought (80% limits)" in said
    assert "cannot be told: a forecast needs 5 figures up to the baseline" in " ".join(
        target_sentences(target(), catalogue)
    )


def test_title_alt_table_and_drawing_have_the_same_numbers(target, catalogue):
    facts = target()
    figure = curve_figure(facts, catalogue=catalogue)
    value, low, high = (f"{a[-1]:.1f}%" for a in facts.nothing_done[1:])
    last = figure.table.rows[-1]
    assert (last[0].text, last[0].sub) == ("2029/30", "if nothing changed")
    assert (last[1].text, last[2].text) == (value, f"{low} to {high}")
    assert f"about {value} in 2029/30 (80% limits {low} to {high})" in figure.alt
    label = f"If nothing changes: {value} ({low} to {high})"
    texts = {text.replace("\n", " ") for text, _ in written(drawn(facts, catalogue))}
    assert label in texts
    assert last[3].text in next(text for text in texts if text.startswith("London: 64.0% now"))
    assert [row[1].text for row in figure.table.rows[:10]] == [f"{v}%" for v in OWN]
    assert "58.7% in 2024/25" in target_alt(facts, catalogue)


def test_the_caption_names_the_method_its_record_and_the_assumption(target, catalogue):
    caption = curve_figure(target(), catalogue=catalogue).caption
    assert "not a promise" in caption
    assert f"held {100 * min(COVERAGE_80.values()):.0f}% to" in caption
    assert "London is taken to keep changing at the rate it has shown." in caption
    still = curve_figure(target(beside=[NAN] * 8 + LONDON[8:]), catalogue=catalogue).caption
    assert "London is taken to stand still" in still


def test_overlapping_years_are_drawn_less_far_and_own_up_to_a_worse_record(target, catalogue):
    figure = curve_figure(target(**CASES["years of life"]), catalogue=catalogue)
    assert "(4 years)" in figure.caption
    assert "of overlapping years, in English authorities, it held 69% to 77%" in figure.caption
    assert [row[0].text for row in figure.table.rows[-4:]] == [
        "2020 - 22", "2021 - 23", "2022 - 24", "2023 - 25"]  # fmt: skip


@pytest.mark.parametrize(
    ("point_", "name"),
    [
        (point(2024, 1.0), "2029/30"),
        (point(2024, 1.0, months=1), "2029"),
        (point(2022, 1.0, months=1, years=3), "2027 - 29"),
        (point(2022, 1.0, years=3), "2027/28 - 29/30"),
        (point(2024, 1.0, months=9), "2029/30"),
    ],
)
def test_later_periods_are_named_like_the_latest(point_, name):
    assert later_period(point_, 5) == name


def test_rates_have_one_decimal_more_and_a_true_minus():
    indicator = type("I", (), {"decimals": 1, "unit": "%"})()
    assert target_words.moved(-0.26, indicator) == "fallen by 0.26 percentage points each year"
    assert target_words.moved(0.004, indicator) == "stayed as it was"
    years = type("I", (), {"decimals": 1, "unit": "years"})()
    assert target_words.moved(0.3, years) == "risen by 0.30 years each year"


def test_nothing_is_said_in_traffic_lights(target, catalogue):
    said = " ".join(target_sentences(target(), catalogue)).lower()
    assert not re.search(r"\b(red|amber|green)\b", said)
    assert np.isfinite(target().path.gap.value)

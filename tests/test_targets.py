"""Gaps, people, paces and turns: by hand, by scipy and numpy, and what must always hold."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, stats

from lbbd_jsna.statistics.forecasts import forecast
from lbbd_jsna.statistics.intervals import Interval, wilson
from lbbd_jsna.statistics.targets import (
    KEEPS_MOVING,
    STANDS_STILL,
    gap_to,
    needed_change,
    people,
    target_path,
    turned,
    yearly_change,
    years_to_reach,
)
from lbbd_jsna.statistics.workings.series import overlap

NAN = math.nan
HIGH, LOW, NEITHER = "high_is_good", "low_is_good", "no_judgement"


def none(values):
    return [NAN] * len(values)


# --- Gaps and people ---------------------------------------------------------------------


def test_a_gap_of_two_proportions_is_newcombes_published_example():
    # Newcombe 1998, table II, example (a): 56/70 less 48/80; method 10: 0.0524 to 0.3339.
    found = gap_to(wilson(56, 70, multiplier=1), wilson(48, 80, multiplier=1))
    np.testing.assert_allclose(found, [0.2, 0.0524, 0.3339], atol=5e-5)


def test_a_comparator_without_limits_is_taken_as_fixed():
    found = gap_to(Interval([58.7, 40], [54, 30], [63, 50]), Interval(64.0, NAN, NAN))
    np.testing.assert_allclose(found, [[-5.3, -24], [-10, -34], [-1, -14]])


def test_a_gap_is_as_unknown_as_the_borough():
    found = gap_to(Interval(58.7, NAN, NAN), Interval(64.0, 63.0, 65.0))
    np.testing.assert_allclose(found, [-5.3, NAN, NAN])
    assert math.isnan(gap_to(Interval(58.7, 55, 60), Interval(NAN, NAN, NAN)).value)


def test_people_by_hand():
    gap = Interval([5.0, -2.0], [1.0, -4.5], [9.0, 0.5])
    found = people(gap, [2000, 1000])
    np.testing.assert_allclose(found, [[100, -20], [20, -45], [180, 5]])
    per_100_000 = people(Interval(24.2, 4.0, 44.0), 220_000, multiplier=100_000)
    np.testing.assert_allclose(per_100_000, [53.24, 8.8, 96.8])


def test_people_where_nobody_knows_how_many():
    assert np.isnan(people(Interval(5.0, 1.0, 9.0), NAN)).all()


@pytest.mark.parametrize(("denominator", "multiplier"), [([10, -1], 100), ([10, 10], 0)])
def test_impossible_people_are_refused(denominator, multiplier):
    with pytest.raises(ValueError, match=r"\(1,\)|multiplier"):
        people(Interval([1, 1], [0, 0], [2, 2]), denominator, multiplier=multiplier)


# --- Paces -------------------------------------------------------------------------------

YEARS = np.array([2019.75, 2020.75, 2021.75, 2023.75, 2024.75])
VALUES = np.array([53.9, 52.3, 58.4, 57.4, 58.7])


def test_a_pace_is_the_slope_of_least_squares():
    found = yearly_change(YEARS, VALUES, confidence=0.9)
    by_scipy = stats.linregress(YEARS, VALUES)
    reach = stats.t.ppf(0.95, 3) * by_scipy.stderr
    expected = [by_scipy.slope, by_scipy.slope - reach, by_scipy.slope + reach]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_known_errors_weigh_the_points_and_set_the_limits():
    errors = np.array([2.0, 1.0, 1.5, 2.5, 0.5])
    found = yearly_change(YEARS, VALUES, standard_errors=errors)
    (slope, _), covariance = np.polyfit(YEARS - 2022, VALUES, 1, w=1 / errors, cov="unscaled")
    reach = stats.norm.ppf(0.975) * math.sqrt(covariance[0, 0])
    np.testing.assert_allclose(found, [slope, slope - reach, slope + reach], rtol=1e-9)


def test_overlapping_periods_are_whitened():
    years = np.arange(2016.5, 2024.5)
    values = np.array([61.5, 61, 59.7, 59.5, 57.8, 61.1, 63.5, 59])
    shared = linalg.toeplitz([1, 2 / 3, 1 / 3, 0, 0, 0, 0, 0])
    root = np.linalg.cholesky(shared)
    x = linalg.solve_triangular(root, np.c_[np.ones(8), years - 2020], lower=True)
    y = linalg.solve_triangular(root, values, lower=True)
    (_, slope), squares, *_ = np.linalg.lstsq(x, y)
    spread = math.sqrt(squares[0] / 6 * np.linalg.inv(x.T @ x)[1, 1])
    reach = stats.t.ppf(0.975, 6) * spread
    found = yearly_change(years, values, span=3)
    np.testing.assert_allclose(found, [slope, slope - reach, slope + reach], rtol=1e-9)
    plain = yearly_change(years, values)
    assert found.upper - found.lower > plain.upper - plain.lower
    np.testing.assert_allclose(overlap(years, years, 3.0), shared)


def test_many_series_at_once_and_points_left_out():
    values = np.array([VALUES, VALUES[::-1], VALUES])
    values[2, 1] = NAN
    found = yearly_change(YEARS, values)
    kept = [0, 2, 3, 4]
    for row, (t, y) in enumerate([(YEARS, values[0]), (YEARS, values[1]),
                                  (YEARS[kept], VALUES[kept])]):  # fmt: skip
        one = yearly_change(t, y)
        np.testing.assert_allclose([a[row] for a in found], one, rtol=1e-9)


def test_a_point_without_an_error_is_left_out():
    errors = [1.0, 1.0, NAN, 1.0, 1.0]
    kept = [0, 1, 3, 4]
    found = yearly_change(YEARS, VALUES, standard_errors=errors)
    np.testing.assert_allclose(
        found, yearly_change(YEARS[kept], VALUES[kept], standard_errors=1.0), rtol=1e-9
    )


@pytest.mark.parametrize("values", [[], [5], [5, 6], [NAN, 5, NAN, 6, NAN]])
def test_fewer_than_three_points_have_no_pace(values):
    found = yearly_change(np.arange(len(values)), values)
    assert np.isnan(found).all()


def test_errors_of_nought_are_refused_by_place():
    with pytest.raises(ValueError, match=r"above 0; wrong at \(1,\)"):
        yearly_change([1, 2, 3], [1, 2, 3], standard_errors=[1, 0, 1])


many = st.lists(st.floats(-1e3, 1e3).map(lambda v: round(v, 2)), min_size=3, max_size=9)


@settings(max_examples=50, deadline=None)
@given(many, st.floats(0.01, 1000), st.floats(-1000, 1000))
def test_a_pace_changes_with_the_unit_and_not_with_the_origin(values, scale, shift):
    t = np.arange(len(values)) + 2015.5
    plain = np.array(yearly_change(t, values))
    moved = yearly_change(t - 2000, scale * np.array(values) + shift)
    np.testing.assert_allclose(moved, scale * plain, rtol=1e-6, atol=1e-6 * scale)
    value, lower, upper = plain
    assert lower <= value <= upper
    wider = yearly_change(t, values, confidence=0.998)
    assert wider.lower <= lower
    assert upper <= wider.upper


# --- Needed, and how long ----------------------------------------------------------------


def test_needed_by_hand():
    assert needed_change(58, 2025, 64) == 0.5
    assert needed_change(58, 2025, 64, comparator_change=0.25) == 0.75
    np.testing.assert_allclose(needed_change([6.5, 5.1], 2027, [5.5, 5.1]), [-0.1, 0])
    assert np.isnan(needed_change(58, [2037, 2040], 64)).all()


@settings(max_examples=50, deadline=None)
@given(*[st.floats(-100, 100)] * 3, st.floats(2000, 2036))
def test_going_at_the_needed_rate_gets_there(value, other, moving, year):
    rate = needed_change(value, year, other, comparator_change=moving, by=2037)
    left = 2037 - year
    assert value + rate * left == pytest.approx(other + moving * left, abs=1e-6)
    if abs(other - value) > 1e-3:
        assert years_to_reach(value, rate, other, moving) == pytest.approx(left, rel=1e-6)


def test_years_by_hand():
    found = years_to_reach([58, 58, 58, 58, 64, NAN], [0.5, -0.5, 0, 0.3, 0, 1], 64, 0)
    np.testing.assert_allclose(found, [12, math.inf, math.inf, 20, 0, NAN])
    assert years_to_reach(58, 0.5, 64, 0.2) == pytest.approx(20)
    assert years_to_reach(58, 0.5, 64, 0.5) == math.inf
    assert years_to_reach(6.5, -0.25, 5.0) == 6


# --- Paths -------------------------------------------------------------------------------

FIVE = np.arange(2020.5, 2025.5)


def path(values, other, *, polarity=HIGH, half=None, **options):
    values = np.asarray(values, float)
    half = NAN if half is None else half
    return target_path(FIVE[: len(values)], values, values - half, values + half,
                       FIVE[: len(other)], other, polarity=polarity, **options)  # fmt: skip


STILL = [64.0] * 5
VERDICTS = {
    "already better": ([60, 61, 62, 63, 65], STILL),
    "on course": ([60, 60.5, 61, 61.5, 62], STILL),
    "too slow": ([58, 58.2, 58.4, 58.6, 58.8], STILL),
    "moving away": ([58, 57.8, 57.6, 57.4, 57.2], STILL),
    "cannot be told": ([58, 58.2], STILL),
}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_verdict_and_its_mirror_image(verdict):
    own, other = VERDICTS[verdict]
    found = path(own, other)
    assert found.verdict == verdict
    mirrored = path(-np.array(own), -np.array(other), polarity=LOW)
    assert mirrored.verdict == verdict
    assert mirrored.years_left == pytest.approx(found.years_left, nan_ok=True)


def test_a_path_by_hand():
    found = path([60, 60.5, 61, 61.5, 62], STILL, half=1.96)
    assert (found.year, found.value, found.comparator_value, found.points) == (2024.5, 62, 64, 5)
    np.testing.assert_allclose(found.gap, [-2, -3.96, -0.04])
    # se 1 and times -2 ... 2: the slope's standard error is 1 / sqrt 10.
    reach = stats.norm.ppf(0.975) / math.sqrt(10)
    np.testing.assert_allclose(found.achieved, [0.5, 0.5 - reach, 0.5 + reach], rtol=1e-9)
    assert found.comparator_change == pytest.approx(0, abs=1e-12)
    assert found.needed_still == pytest.approx(2 / 12.5)
    assert found.years_left == pytest.approx(4)
    assert found.reached == pytest.approx(2028.5)
    assert found.comparator_by == pytest.approx(64)
    assert found.assumption == KEEPS_MOVING
    # The pace may be as low as -0.12 a year, which moves away.
    assert (found.verdict, found.certain, found.reason) == ("on course", False, "")


def test_a_narrow_interval_leaves_one_verdict():
    assert path([60, 60.5, 61, 61.5, 62], STILL, half=0.2).certain
    assert path([60, 61, 62, 63, 65], STILL, half=0.5).certain
    assert not path([60, 61, 62, 63, 65], STILL, half=2).certain
    assert not path([60, 61, 62, 63, 65], STILL).certain


def test_a_comparator_that_moves_can_put_the_target_out_of_reach():
    own = [60, 60.5, 61, 61.5, 62]
    moving = path(own, [63, 63.6, 64.2, 64.8, 65.4])
    assert moving.comparator_change == pytest.approx(0.6)
    assert moving.needed_moving == pytest.approx(moving.needed_still + 0.6)
    assert (moving.verdict, moving.years_left) == ("moving away", math.inf)
    few = target_path(FIVE, own, none(own), none(own), FIVE[3:], [64.8, 65.4], polarity=HIGH)
    assert few.assumption == STANDS_STILL
    assert math.isnan(few.needed_moving)
    assert few.verdict == "on course"
    assert few.comparator_by == 65.4


def test_the_gap_is_of_the_latest_year_both_have():
    found = path([60, 60.5, 61, 61.5, 62], [64, 64, 64, NAN, NAN])
    assert (found.year, found.value) == (2022.5, 61)


def test_only_points_since_the_baseline_make_the_pace():
    found = path([70, 50, 61, 61.5, 62], STILL, baseline=2022)
    assert (found.points, found.since) == (3, 2022.5)
    assert found.achieved.value == pytest.approx(0.5)
    late = path([70, 50, 61, 61.5, 62], STILL, baseline=2023)
    assert (late.verdict, late.points) == ("cannot be told", 2)
    assert "3 figures" in late.reason


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"other": none(STILL)}, "the comparator has no figures"),
        ({"other": []}, "the comparator has no figures"),
        ({"polarity": NEITHER}, "neither direction is the better one"),
        ({"by": 2024}, "the year of the target has passed"),
        ({"other": [64, NAN, NAN, NAN, NAN], "values": [NAN, 58, 59, 60, 61]},
         "no period in which both have a figure"),
    ],
)
def test_what_cannot_be_told_says_why(options, reason):
    found = path(options.pop("values", [60, 60.5, 61, 61.5, 62]), options.pop("other", STILL),
                 **options)  # fmt: skip
    assert (found.verdict, found.reason, found.certain) == ("cannot be told", reason, False)


def test_level_is_not_better_and_keeping_level_is_too_slow():
    assert path([64] * 5, STILL).verdict == "too slow"
    # Level today and going the right way: ahead tomorrow.
    rising = path([60, 61, 62, 63, 64], STILL)
    assert (rising.verdict, rising.years_left) == ("on course", 0)


def test_crooked_columns_and_unknown_polarities_are_refused():
    with pytest.raises(ValueError, match="one length"):
        target_path([1, 2], [1], [1], [1], [1], [1], polarity=HIGH)
    with pytest.raises(ValueError, match="polarity is one of"):
        path([1, 2, 3], STILL, polarity="up")


# --- Turning the curve -------------------------------------------------------------------

BEFORE = np.array([23.1, 18.4, 18.8, 18.7, 22.4])
PAST = np.arange(2014.5, 2019.5)


def turn(value, *, polarity=LOW, before=BEFORE, year=2021.5, **options):
    years, values = [*PAST[: len(before)], year], [*before, value]
    return turned(years, values, none(values), none(values), baseline_year=2019,
                  polarity=polarity, **options)  # fmt: skip


def test_a_turn_is_a_value_outside_the_limits_of_doing_nothing():
    made = forecast(PAST, BEFORE, ahead=[3])
    # The straight line carried on: its limits by the textbook's formula.
    line, off = stats.linregress(PAST, BEFORE), PAST - PAST.mean()
    squares = ((BEFORE - line.intercept - line.slope * PAST) ** 2).sum() / 3
    spread = math.sqrt(squares * (1 + 1 / 5 + (2021.5 - PAST.mean()) ** 2 / (off**2).sum()))
    centre, reach = line.intercept + line.slope * 2021.5, stats.t.ppf(0.9, 3) * spread
    low, high = min(made.lower[0], centre - reach), max(made.upper[0], centre + reach)
    assert turn(low - 0.01).verdict == "turned"
    assert turn(low + 0.01).verdict == "not turned"
    assert turn(high - 0.01).verdict == "not turned"
    assert turn(high + 0.01).verdict == "worse"
    assert turn(high + 0.01, polarity=HIGH).verdict == "turned"
    found = turn(low - 0.01)
    assert (found.year, found.ahead, found.level) == (2021.5, 3, 0.8)
    np.testing.assert_allclose(found.expected, [made.value[0], low, high])


def steady(last):
    """A figure that fell by one each year from 2010 to 2020; the last value as given."""
    values = 40 - np.arange(12.0) + [0.2, -0.2] * 6
    values[-1] = last
    return turned(np.arange(2010.5, 2022.5), values, none(values), none(values),
                  baseline_year=2019, polarity=LOW)  # fmt: skip


def test_going_on_improving_is_not_a_turn_but_more_than_that_is():
    assert steady(29).verdict == "not turned"
    assert steady(26).verdict == "turned"
    assert steady(31).verdict == "not turned"
    assert steady(40).verdict == "worse"


def test_limits_stop_where_the_unit_ends():
    falling = np.array([30, 24, 18, 12, 6.5])
    assert turn(1.0, before=falling).expected.lower < 0
    assert turn(1.0, before=falling, bounds=(0, 100)).expected.lower == 0


def test_overlapping_periods_widen_the_line_carried_on():
    apart, sharing = turn(15.0, span=1), turn(15.0, span=3)
    assert sharing.expected.upper > apart.expected.upper
    assert sharing.year == apart.year == 2021.5


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"before": BEFORE[:4]}, "a forecast needs 5 figures up to the baseline"),
        ({"polarity": NEITHER}, "neither direction is the better one"),
        ({"year": 2018.9}, "no figure after the baseline"),
        ({"span": 3.0, "year": 2020.5}, "no figure after the baseline"),
    ],
)
def test_a_turn_that_cannot_be_told_says_why(options, reason):
    found = turn(15.0, **options)
    assert (found.verdict, found.reason) == ("cannot be told", reason)
    assert np.isnan(found.expected).all()

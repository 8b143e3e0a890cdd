"""Inequality and life expectancy against independent workings, and what must always hold."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lbbd_jsna.statistics.inequality import (
    AGE_STARTS,
    gap,
    life_expectancy,
    slope_index,
    standard_error,
)
from lbbd_jsna.statistics.intervals import Interval, wilson

FIFTHS = np.array([10.0, 12, 15, 17, 20])
PEOPLE = np.array([100.0, 200, 150, 120, 130])
ERRORS = np.full(5, 0.8)
# A made-up borough of 176,000 over twenty bands.
DEATHS = np.array([10, 2, 1, 1, 3, 5, 6, 8, 12, 18, 28, 45,
                   70, 110, 170, 260, 380, 500, 450, 400.0])  # fmt: skip
LIVING = np.array([2000, 8000, 10000, 9800, 9900, 10500, 11000, 10800, 10000, 9500, 9200, 9000,
                   8500, 7500, 6500, 5500, 4500, 3000, 1800, 900.0])  # fmt: skip


def test_equal_groups_by_hand():
    """Three equal groups at 1/6, 1/2 and 5/6: a line through 10, 13, 16 rises 9 in all."""
    found = slope_index([10, 13, 16], [50, 50, 50], [0, 0, 0])
    assert found.slope.value == pytest.approx(9)
    assert found.relative.value == pytest.approx(17.5 / 8.5)
    assert found.slope.lower == found.slope.upper == pytest.approx(9)


def test_the_slope_is_the_weighted_least_squares_line():
    share = PEOPLE / PEOPLE.sum()
    place = share.cumsum() - share / 2
    design = np.sqrt(share)[:, None] * np.column_stack([np.ones(5), place])
    start, slope = np.linalg.lstsq(design, np.sqrt(share) * FIFTHS, rcond=None)[0]
    found = slope_index(FIFTHS, PEOPLE, ERRORS)
    assert found.slope.value == pytest.approx(slope, rel=1e-12)
    assert found.relative.value == pytest.approx((start + slope) / start, rel=1e-12)


def test_the_closed_form_agrees_with_simulation():
    closed = slope_index(FIFTHS, PEOPLE, ERRORS)
    drawn = slope_index(FIFTHS, PEOPLE, ERRORS, draws=40_000, seed=5)
    for one, other in zip(closed, drawn, strict=True):
        spread = one.upper - one.lower
        assert [other.lower, other.upper] == pytest.approx(
            [one.lower, one.upper], abs=0.02 * float(spread)
        )


@pytest.mark.parametrize(
    ("scale", "onto", "back"),
    [
        ("log", np.log, np.exp),
        ("logit", lambda p: np.log(p / (1 - p)), lambda x: 1 / (1 + np.exp(-x))),
    ],
)
def test_other_scales_fit_the_line_there_and_read_the_ends_back(scale, onto, back):
    values = FIFTHS / 100
    straight = slope_index(onto(values), PEOPLE, [0] * 5)
    half, middle = straight.slope.value / 2, np.average(onto(values), weights=PEOPLE)
    found = slope_index(values, PEOPLE, [0] * 5, scale=scale, draws=10)
    assert found.slope.value == pytest.approx(back(middle + half) - back(middle - half))
    assert found.relative.value == pytest.approx(back(middle + half) / back(middle - half))


def test_a_slope_that_cannot_be():
    with pytest.raises(ValueError, match="three groups"):
        slope_index([1, 2], [1, 1], [0, 0])
    with pytest.raises(ValueError, match="people"):
        slope_index(FIFTHS, [1, 1, 0, 1, 1], ERRORS)
    with pytest.raises(ValueError, match="log scale"):
        slope_index([0, 1, 2], [1, 1, 1], [0, 0, 0], scale="log")
    assert np.isnan(slope_index([1, np.nan, 2], [1, 1, 1], [0, 0, 0]).slope.value)


def test_the_relative_index_has_no_limits_where_its_base_may_be_nought():
    found = slope_index([0.5, 2, 4], [1, 1, 1], [1, 1, 1])
    assert np.isnan(found.relative.lower) and np.isnan(found.relative.upper)
    assert not np.isnan(found.slope.lower)


def test_a_published_interval_stands_for_its_error():
    assert standard_error(8.04, 11.96) == pytest.approx(1.0)
    assert standard_error(math.exp(-1.96), math.exp(1.96), scale="log") == pytest.approx(1.0)


def test_newcombes_own_difference():
    """Newcombe (1998), table II, method 10, 56/70 less 48/80: 0.0524 to 0.3339."""
    found = gap(wilson(56, 70, multiplier=1), wilson(48, 80, multiplier=1))
    assert found.value == pytest.approx(0.2)
    assert (found.lower, found.upper) == pytest.approx((0.0524, 0.3339), abs=5e-5)


values = st.lists(st.floats(1, 99), min_size=5, max_size=5)


@given(values, st.floats(0.1, 5), st.floats(0.5, 20))
def test_the_slope_turns_with_the_order_and_scales_with_the_unit(group_values, error, unit):
    y = np.array(group_values)
    there = slope_index(y, PEOPLE, [error] * 5).slope
    back = slope_index(y[::-1], PEOPLE[::-1], [error] * 5).slope
    scaled = slope_index(unit * y, PEOPLE, [unit * error] * 5).slope
    assert [back.value, back.lower, back.upper] == pytest.approx(
        [-there.value, -there.upper, -there.lower], abs=1e-9
    )
    assert scaled.lower == pytest.approx(unit * there.lower, rel=1e-9, abs=1e-9)


@given(st.floats(1, 50), st.floats(1, 50), st.floats(0.1, 9), st.floats(0.1, 9))
def test_a_gap_turns_with_its_order(one, other, reach, wider):
    first, second = (
        Interval(*map(np.asarray, (one, one - reach, one + 2 * reach))),
        Interval(*map(np.asarray, (other, other - wider, other + wider))),
    )
    there, back = gap(first, second), gap(second, first)
    assert there.lower <= there.value <= there.upper
    assert (back.lower, back.upper) == pytest.approx((-there.upper, -there.lower))


def table_by_hand(deaths, living):
    """Chiang's table, one person and one band at a time, with its variance."""
    alive, rows = 1.0, []
    starts = [*AGE_STARTS, None]
    for i, (d, n) in enumerate(zip(deaths, living, strict=True)):
        rate = d / n
        if starts[i + 1] is None:
            rows.append((alive, alive / rate, None, None))
            break
        width = starts[i + 1] - starts[i]
        a = 0.1 if i == 0 else 0.5
        q = width * rate / (1 + width * rate * (1 - a))
        rows.append((alive, width * (alive - alive * q + a * alive * q), q, (1 - a) * width))
        alive *= 1 - q
    expectancy = [sum(row[1] for row in rows[i:]) / rows[i][0] for i in range(len(rows))]
    variance = rows[-1][0] ** 2 / (deaths[-1] * (deaths[-1] / living[-1]) ** 2)
    for i in reversed(range(len(rows) - 1)):
        alive, _, q, rest = rows[i]
        variance += alive**2 * (rest + expectancy[i + 1]) ** 2 * q**2 * (1 - q) / deaths[i]
    return expectancy, math.sqrt(variance)


def test_expectancy_agrees_with_a_table_made_row_by_row():
    expectancy, error = table_by_hand(DEATHS.tolist(), LIVING.tolist())
    found = life_expectancy(DEATHS, LIVING)
    assert found.value == pytest.approx(expectancy, rel=1e-12)
    z = stats.norm.ppf(0.975)
    assert found.lower[0] == pytest.approx(expectancy[0] - z * error, rel=1e-12)
    assert found.upper[0] == pytest.approx(expectancy[0] + z * error, rel=1e-12)


def test_its_variance_is_that_of_redrawn_deaths():
    """The delta method against deaths drawn anew: within a few per cent."""
    rng = np.random.default_rng(3)
    drawn = np.minimum(rng.poisson(DEATHS, (4000, 20)), LIVING)
    found, again = life_expectancy(DEATHS, LIVING), life_expectancy(drawn, LIVING)
    half = (found.upper[0] - found.lower[0]) / 2
    assert 1.96 * again.value[:, 0].std() == pytest.approx(half, rel=0.06)


def test_tables_that_are_not_given():
    good = life_expectancy(DEATHS, LIVING)
    deaths, living = np.tile(DEATHS, (6, 1)), np.tile(LIVING, (6, 1))
    deaths[1, 3] = -1  # negative
    deaths[2, 3] = living[2, 3] + 1  # more than lived
    deaths[3, 3] = np.nan  # a band missing
    deaths[4, -1] = 0  # nobody died in the open band
    deaths[4, 4] = 2  # a sound table but for its end
    living[5] = living[5] * 5000 / LIVING.sum()  # 5,000 people: not more than 5,000
    deaths[5] = deaths[5] * 5000 / LIVING.sum()
    found = life_expectancy(deaths, living)
    assert found.value[0] == pytest.approx(good.value)
    assert np.isnan(found.value[1:]).all() and np.isnan(found.lower[1:]).all()


def test_a_wide_interval_hides_the_band_and_not_the_table():
    scale = 6000 / LIVING.sum()
    found = life_expectancy(DEATHS * scale, LIVING * scale, confidence=1 - 1e-15)
    width = found.upper - found.lower
    assert np.isnan(width[0])
    assert (width[~np.isnan(width)] <= 20).all()


@given(st.integers(0, 19), st.floats(1.05, 1.5))
def test_more_deaths_shorten_life(band, factor):
    more = DEATHS.copy()
    more[band] *= factor
    assert life_expectancy(more, LIVING).value[0] < life_expectancy(DEATHS, LIVING).value[0]


@given(st.floats(2, 50))
def test_more_people_narrow_the_interval_and_leave_the_value(factor):
    one, many = life_expectancy(DEATHS, LIVING), life_expectancy(factor * DEATHS, factor * LIVING)
    assert many.value == pytest.approx(one.value, rel=1e-9)
    assert (many.upper - many.lower)[0] == pytest.approx(
        (one.upper - one.lower)[0] / math.sqrt(factor), rel=1e-9
    )

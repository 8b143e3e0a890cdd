"""Inequality and life expectancy against independent workings, and what must always hold."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lbbd_jsna.statistics.inequality import (
    fitted_line,
    gap,
    group_gaps,
    slope_index,
    standard_error,
)
from lbbd_jsna.statistics.intervals import Interval, wilson
from lbbd_jsna.statistics.life_tables import AGE_STARTS, expectancy_withheld, life_expectancy

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


BENT = {
    "log": (np.log, np.exp),
    "logit": (lambda p: np.log(p / (1 - p)), lambda x: 1 / (1 + np.exp(-x))),
}


@pytest.mark.parametrize(("scale", "onto", "back"), [(s, *BENT[s]) for s in BENT])
def test_other_scales_fit_the_line_there_and_read_the_ends_back(scale, onto, back):
    values = FIFTHS / 100
    straight = slope_index(onto(values), PEOPLE, [0] * 5)
    half, middle = straight.slope.value / 2, np.average(onto(values), weights=PEOPLE)
    found = slope_index(values, PEOPLE, [0] * 5, scale=scale)
    assert found.slope.value == pytest.approx(back(middle + half) - back(middle - half))
    assert found.relative.value == pytest.approx(back(middle + half) / back(middle - half))


@pytest.mark.parametrize("scale", BENT)
@pytest.mark.parametrize("errors_on", ["own", "linear"])
def test_limits_on_other_scales_agree_with_simulation(scale, errors_on):
    """Drawn here on the scale of the errors, every line fitted by least squares."""
    onto, back = BENT[scale]
    y, share = FIFTHS / 100, PEOPLE / PEOPLE.sum()
    errors = np.full(5, 0.05) if errors_on == "own" else 0.05 * y
    rng = np.random.default_rng(11)
    noise = errors * rng.standard_normal((20_000, 5))
    drawn = onto(y) + noise if errors_on == "own" else onto(y + noise)
    place = share.cumsum() - share / 2
    fitted = np.polyfit(place, drawn.T, 1, w=np.sqrt(share))
    starts, ends = back(fitted[1]), back(fitted.sum(axis=0))
    found = slope_index(
        y, PEOPLE, errors, scale=scale, errors_on=None if errors_on == "own" else "linear"
    )
    for part, simulated in ((found.slope, ends - starts), (found.relative, ends / starts)):
        low, high = np.quantile(simulated, [0.025, 0.975])
        assert [part.lower, part.upper] == pytest.approx([low, high], rel=0.05)


def test_errors_on_another_scale_than_the_line():
    """A straight line through rates whose intervals are symmetrical in logarithms."""
    relative = np.full(5, 0.04)
    found = slope_index(FIFTHS, PEOPLE, relative, errors_on="log")
    plain = slope_index(FIFTHS, PEOPLE, 0.04 * FIFTHS)
    assert found.slope.lower == pytest.approx(plain.slope.lower, rel=1e-12)
    drawn = slope_index(FIFTHS, PEOPLE, relative, errors_on="log", draws=40_000)
    assert drawn.slope.value == found.slope.value
    assert [drawn.slope.lower, drawn.slope.upper] == pytest.approx(
        [found.slope.lower, found.slope.upper], rel=0.05
    )


@pytest.mark.parametrize(
    ("polarity", "first", "sign"),
    [
        (None, "most deprived", 1),
        ("low_is_good", "most deprived", -1),
        ("no_judgement", "most deprived", -1),
        ("high_is_good", "most deprived", 1),
        ("low_is_good", "least deprived", 1),
        ("high_is_good", "least deprived", -1),
    ],
)
@pytest.mark.parametrize("draws", [0, 2000])
def test_a_bigger_number_is_a_bigger_gap(polarity, first, sign, draws):
    """FIFTHS rise from the first group to the last: 10 to 20."""
    raw = slope_index(FIFTHS, PEOPLE, ERRORS, draws=draws)
    found = slope_index(FIFTHS, PEOPLE, ERRORS, polarity=polarity, first=first, draws=draws)
    turned = [sign * limit for limit in raw.slope]
    if sign < 0:
        turned[1:] = turned[:0:-1]
    assert list(found.slope) == pytest.approx(turned, rel=1e-12)
    base = list(raw.relative)
    ratio = base if sign > 0 else [1 / base[0], 1 / base[2], 1 / base[1]]
    assert list(found.relative) == pytest.approx(ratio, rel=1e-4 if draws else 1e-12)


def test_many_series_are_each_as_if_alone_and_a_blank_stays_in_its_own():
    rng = np.random.default_rng(4)
    values = rng.uniform(5, 30, (3, 4, 5))
    people, errors = rng.uniform(50, 200, (3, 4, 5)), rng.uniform(0.1, 1, (3, 4, 5))
    values[1, 2, 0] = people[0, 3, 1] = errors[2, 0, 4] = np.nan
    for draws in (0, 200):
        found = slope_index(values, people, errors, draws=draws)
        blank = np.zeros((3, 4), bool)
        blank[1, 2] = blank[0, 3] = blank[2, 0] = True
        for part in (*found.slope[1:], *found.relative[1:]):
            assert (np.isnan(part) == blank).all()
        for at in np.ndindex(3, 4):
            alone = slope_index(values[at], people[at], errors[at], draws=draws)
            assert np.array(alone.slope) == pytest.approx(
                [part[at] for part in found.slope], rel=1e-12, nan_ok=True
            )
            assert np.array(alone.relative) == pytest.approx(
                [part[at] for part in found.relative], rel=1e-12, nan_ok=True
            )


def test_the_fitted_line_is_that_of_weighted_least_squares():
    share = PEOPLE / PEOPLE.sum()
    slope, start = np.polyfit(share.cumsum() - share / 2, FIFTHS, 1, w=np.sqrt(share))
    found = fitted_line(FIFTHS, PEOPLE)
    assert (found.start, found.end) == pytest.approx((start, start + slope), rel=1e-12)


def test_a_slope_that_cannot_be():
    with pytest.raises(ValueError, match="three groups"):
        slope_index([1, 2], [1, 1], [0, 0])
    with pytest.raises(ValueError, match=r"population must be above 0.*\(2,\)"):
        slope_index(FIFTHS, [1, 1, 0, 1, 1], ERRORS)
    with pytest.raises(ValueError, match=r"standard error 0 or more.*\(4,\)"):
        slope_index(FIFTHS, PEOPLE, [1, 1, 1, 1, -1])
    with pytest.raises(ValueError, match=r"log scale.*\(0,\)"):
        slope_index([0, 1, 2], [1, 1, 1], [0, 0, 0], scale="log")
    with pytest.raises(ValueError, match=r"logit scale.*\(2,\)"):
        slope_index([0.1, 0.4, 1], [1, 1, 1], [0, 0, 0], scale="logit")
    for wrong in ({"polarity": "good"}, {"first": "rich"}, {"scale": "root"}, {"draws": 1}):
        with pytest.raises(ValueError, match="not"):
            slope_index(FIFTHS, PEOPLE, ERRORS, **wrong)
    with pytest.raises(ValueError, match="confidence"):
        slope_index(FIFTHS, PEOPLE, ERRORS, confidence=95)


def test_what_cannot_be_is_missing_by_choice():
    people = np.tile(PEOPLE, (2, 1))
    people[1, 2] = 0
    found = slope_index(FIFTHS, people, ERRORS, errors="missing").slope
    assert not np.isnan(found.value[0]) and np.isnan(found.value[1])


def test_the_relative_index_has_no_limits_where_its_base_may_be_nought():
    found = slope_index([0.5, 2, 4], [1, 1, 1], [1, 1, 1])
    assert np.isnan(found.relative.lower) and np.isnan(found.relative.upper)
    assert not np.isnan(found.slope.lower)


def test_a_published_interval_stands_for_its_error():
    assert standard_error(8.04, 11.96) == pytest.approx(1.0)
    assert standard_error(math.exp(-1.96), math.exp(1.96), scale="log") == pytest.approx(1.0)


def test_a_published_interval_that_cannot_be():
    with pytest.raises(ValueError, match=r"above its upper one.*\(1,\)"):
        standard_error([1, 3], [2, 2])
    assert np.isnan(standard_error([1, 3, np.nan], [2, 2, 4], errors="missing")[1:]).all()


def test_named_groups_against_their_peers():
    """Two areas, two groups each, by hand: 40 and 55 (each +/- 4) against 60 (+/- 3)."""
    middle = np.array([[40.0, 55], [40, np.nan]])
    groups = Interval(middle, middle - 4, middle + 4)
    peers = Interval(*(np.array([v, v]) for v in (60.0, 57.0, 63.0)))
    behind = group_gaps(groups, peers, polarity="high_is_good")
    assert behind.value == pytest.approx(np.array([[20, 5], [20, np.nan]]), nan_ok=True)
    assert behind.lower == pytest.approx(np.array([[15, 0], [15, np.nan]]), nan_ok=True)
    assert behind.upper == pytest.approx(np.array([[25, 10], [25, np.nan]]), nan_ok=True)
    above = group_gaps(groups, peers)
    assert above.value[0] == pytest.approx([-20, -5])
    assert above.upper[0] == pytest.approx([-15, 0])
    with pytest.raises(ValueError, match="polarity"):
        group_gaps(groups, peers, polarity="good")


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


def test_why_tables_are_not_given():
    deaths, living = np.tile(DEATHS, (8, 1)), np.tile(LIVING, (8, 1))
    living[1, 2] = np.nan
    living[2, 2] = 0
    deaths[3, 2] = -1
    deaths[4, 2] = living[4, 2] + 1
    deaths[5, -1] = 0
    for row, people in ((6, 5000), (7, 5001)):
        living[row], deaths[row] = (a * people / LIVING.sum() for a in (LIVING, DEATHS))
    living[6, 0] -= living[6].sum() - 5000  # exactly 5,000, whatever rounding did
    said = expectancy_withheld(deaths, living).tolist()
    assert [*said[:1], *said[7:]] == ["", ""]
    words = ("missing", "no people", "fewer than no", "more deaths", "last age band", "5,000")
    assert all(word in reason for word, reason in zip(words, said[1:7], strict=True))
    given = ~np.isnan(life_expectancy(deaths, living).value[:, -1])
    assert given.tolist() == [reason == "" for reason in said]
    with pytest.raises(ValueError, match="bands"):
        expectancy_withheld(DEATHS[:5], LIVING[:5])


def test_a_wide_interval_hides_the_band_and_not_the_table():
    """6,000 people with one death at 90 and over: that band's interval is over 20 years."""
    scale = 6000 / LIVING.sum()
    deaths, living = DEATHS * scale, LIVING * scale
    deaths[-1], living[-1] = 1, 12
    expectancy, error = table_by_hand(deaths.tolist(), living.tolist())
    assert 2 * 1.96 * error < 20 < 2 * 1.96 * 12  # at 90, 1/M = 12 years with the same error
    for confidence in (0.5, 0.95, 0.998):  # the rule is about 95 %, whatever is shown
        found = life_expectancy(deaths, living, confidence=confidence)
        assert np.isnan(found.value[-1]) and np.isnan(found.lower[-1])
        assert found.value[0] == pytest.approx(expectancy[0], rel=1e-12)


@pytest.mark.parametrize(("people", "shown"), [(40, True), (41, False)])
def test_an_interval_of_twenty_years_is_the_widest(people, shown):
    """Four deaths among 40: 1/M is 10 years +/- 1.96 x 10 / sqrt 4, so 19.6 wide; 41: 20.1."""
    deaths, living = DEATHS.copy(), LIVING.copy()
    deaths[-1], living[-1] = 4, people
    last = life_expectancy(deaths, living).value[-1]
    assert last == pytest.approx(people / 4) if shown else np.isnan(last)


def test_a_band_in_which_all_would_die_ends_the_table():
    """Deaths so many that more than all would die count as all, and nobody is older."""
    deaths, living = DEATHS.copy(), LIVING.copy()
    living[-2], deaths[-2] = 100, 50  # nM = 2.5, so q = 2.5 / 2.25
    found = life_expectancy(deaths, living)
    assert expectancy_withheld(deaths, living) == ""
    # All who are alive at 85 live half of five years more.
    assert found.value[-2] == pytest.approx(2.5)
    assert np.isnan(found.value[-1])
    assert not np.isnan(found.lower[:-1]).any()


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

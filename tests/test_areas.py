"""Rates for sets of areas, and how far areas stand apart, against workings by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lbbd_jsna.statistics.areas import combined_rate, combined_rates, ward_range
from lbbd_jsna.statistics.intervals import poisson, wilson

NAN = math.nan


def test_a_rate_is_of_the_sums_and_not_the_mean_of_the_rates():
    """10 of 100 and 90 of 300: 25 %, where the mean of the rates is 20 %."""
    found = combined_rates([10, 90], [100, 300], multiplier=100)
    assert (found.value, found.count, found.denominator) == (25, 100, 400)
    assert found.reason == ""
    # Wilson by hand: (203.84146 -/+ 1.959964 x sqrt(303.84146)) / 807.68292.
    assert (found.lower, found.upper) == pytest.approx((21.0079, 29.4677), abs=1e-4)


def test_a_rate_of_events_has_poisson_limits():
    """6 + 9 events in 30,000 person-years: 50 per 100,000, exact limits 27.98 to 82.47 by Byar."""
    found = combined_rates([6, 9], [10_000, 20_000], multiplier=100_000)
    assert found.value == pytest.approx(50)
    low = 15 * (1 - 1 / 135 - 1.959964 / (3 * math.sqrt(15))) ** 3
    high = 16 * (1 - 1 / 144 + 1.959964 / (3 * 4)) ** 3
    assert (found.lower, found.upper) == pytest.approx((low / 0.3, high / 0.3), rel=1e-6)


def test_the_kind_of_limits_can_be_named():
    rate = combined_rates([6, 9], [100, 200], multiplier=100, interval="poisson")
    assert rate.upper == pytest.approx(poisson(15, 300, multiplier=100).upper)
    share = combined_rates([6, 9], [100, 200], multiplier=1000, interval="wilson", confidence=0.998)
    assert share.lower == pytest.approx(wilson(15, 300, multiplier=1000, confidence=0.998).lower)


def test_every_reason_for_no_rate():
    counts = [[1, 2, 3], [1, NAN, 3], [NAN, NAN, 3], [1, 2, 3], [-1, 2, 3], [0, 0, 0], [9, 9, 9]]
    people = [[9, 9, 9], [9, 9, 9], [9, 9, 9], [9, NAN, 9], [9, 9, 9], [0, 0, 0], [8, 9, 9]]
    found = combined_rates(counts, people, multiplier=100, areas="boroughs")
    assert found.reason.tolist() == [
        "",
        "no counts for 1 of 3 boroughs",
        "no counts for 2 of 3 boroughs",
        "no counts for 1 of 3 boroughs",
        "a count or a denominator is below 0",
        "the denominators sum to nothing",
        "the counts exceed the denominators",
    ]
    for part in found[:5]:
        assert np.isnan(part).tolist() == [False] + [True] * 6
    # More events than people are no fault of a rate.
    assert combined_rates([9, 9, 9], [8, 9, 9], multiplier=1000).reason == ""
    no_ratio = combined_rates(counts, people, multiplier=None)
    assert set(no_ratio.reason) == {"not a plain ratio of counts, so it cannot be summed"}
    assert np.isnan(no_ratio.value).all()


def test_a_set_has_members_that_the_arrays_may_lack():
    short = combined_rates([10, 90], [100, 300], members=4, multiplier=100)
    assert short.reason == "no counts for 2 of 4 areas"
    assert np.isnan(short.value)


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        (5, {}, "axis of areas"),
        ([1, 2], {"members": 1}, "2 areas of a set of 1"),
        ([1, 2], {"interval": "exact"}, "wilson"),
        ([1, 2], {"multiplier": -100}, "multiplier"),
        ([1, 2], {"confidence": 95}, "confidence"),
    ],
)
def test_what_cannot_be_asked(counts, options, message):
    with pytest.raises(ValueError, match=message):
        people = 10 if counts == 5 else [10, 10]
        combined_rates(counts, people, **{"multiplier": 100, **options})


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_many_periods_are_each_as_if_alone(seed):
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 50, (6, 2, 3)).astype(float)
    people = rng.integers(50, 99, (6, 2, 3)).astype(float)
    counts[rng.random(counts.shape) < 0.1] = NAN
    found = combined_rates(counts, people, multiplier=100)
    for at in np.ndindex(6, 2):
        alone = combined_rate(list(counts[at]), list(people[at]), members=3, multiplier=100)
        assert alone.reason == found.reason[at].replace("areas", "boroughs")
        if alone.value is None:
            assert np.isnan(found.value[at]) and np.isnan(alone.lower)
            continue
        assert alone.value == pytest.approx(100 * sum(counts[at]) / sum(people[at]), rel=1e-12)
        assert (alone.value, alone.lower, alone.upper, alone.count, alone.denominator) == tuple(
            part[at] for part in found[:5]
        )
        assert alone.lower <= alone.value <= alone.upper


def test_the_order_of_the_areas_is_nothing():
    counts, people = np.array([10.0, 90, 7]), np.array([100.0, 300, 40])
    one = combined_rates(counts, people, multiplier=100)
    other = combined_rates(counts[::-1], people[::-1], multiplier=100)
    assert one.lower == pytest.approx(other.lower, rel=1e-12)


def test_a_range_by_hand():
    found = ward_range([12.0, NAN, 9, 15, 9])
    assert (found.highest_at, found.lowest_at, found.apart, found.known) == (3, 2, 6, 4)
    assert found.ratio == pytest.approx(15 / 9)
    assert np.isnan(found.by_chance) and np.isnan(found.excess)


def test_a_range_needs_two_areas():
    found = ward_range([[NAN, 4, NAN], [NAN, NAN, NAN], [1, 2, 3]], standard_errors=1.0)
    assert found.highest_at.tolist() == [-1, -1, 2]
    assert found.lowest_at.tolist() == [-1, -1, 0]
    for part in (found.apart, found.ratio, found.by_chance):
        assert np.isnan(part).tolist() == [True, True, False]


def test_a_ratio_to_nothing_is_not_given():
    assert np.isnan(ward_range([[0.0, 5], [-1, 5]]).ratio).all()


def test_people_above_the_best_area():
    """Rates of 10, 20 and 40 % of 100, 200 and 50 people: 20 and 15 above 10 %."""
    values, people = [10.0, 20, 40, NAN], [100.0, 200, 50, NAN]
    low = ward_range(values, populations=people, polarity="low_is_good")
    assert low.excess == pytest.approx(20 + 15)
    high = ward_range(values, populations=people, polarity="high_is_good")
    assert high.excess == pytest.approx(30 + 40)
    rate = ward_range(values, populations=people, multiplier=100_000)
    assert rate.excess == pytest.approx(0.035)


@pytest.mark.parametrize("wards", [2, 5, 19])
def test_areas_that_are_alike_stand_as_far_apart_as_tukeys_range(wards):
    error = 1.5
    found = ward_range(np.arange(wards), standard_errors=np.full(wards, error), draws=40_000)
    # The range of normal errors: two of them by hand, more by Tukey's distribution.
    expected = error * stats.studentized_range.ppf(0.95, wards, 1e6)
    assert found.by_chance == pytest.approx(expected, rel=0.01)
    if wards == 2:
        assert expected == pytest.approx(error * math.sqrt(2) * 1.959964, rel=1e-4)


def test_chance_is_unknown_where_an_area_has_no_error():
    errors = [[1.0, NAN, 1], [1, 1, NAN]]
    found = ward_range([[1.0, 2, 3], [1, 2, NAN]], standard_errors=errors, confidence=0.5)
    # The error of an area without a value is not needed.
    assert np.isnan(found.by_chance).tolist() == [True, False]
    assert found.by_chance[1] == pytest.approx(math.sqrt(2) * 0.6745, rel=0.03)


def test_unequal_errors_agree_with_areas_redrawn():
    errors = np.array([0.2, 0.5, 1.0, 3.0])
    drawn = np.random.default_rng(9).normal(7.0, errors, (100_000, 4))
    found = ward_range([7.0, 7, 7, 7], standard_errors=errors, draws=100_000)
    apart = drawn.max(axis=1) - drawn.min(axis=1)
    assert found.by_chance == pytest.approx(np.quantile(apart, 0.95), rel=0.02)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"standard_errors": [1, -1]}, "standard error"),
        ({"populations": [1, -1]}, "population"),
        ({"polarity": "good"}, "polarity"),
        ({"standard_errors": [1, 1], "confidence": 95}, "confidence"),
    ],
)
def test_a_range_that_cannot_be(options, message):
    with pytest.raises(ValueError, match=message):
        ward_range([1.0, 2], **options)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-99, 99), min_size=2, max_size=8), st.floats(0.5, 20))
def test_a_range_grows_with_the_unit_and_not_with_the_level(values, unit):
    plain = ward_range(values)
    assert ward_range([unit * v for v in values]).apart == pytest.approx(unit * plain.apart)
    assert ward_range([v + 7 for v in values]).apart == pytest.approx(plain.apart, abs=1e-9)
    assert plain.apart == pytest.approx(max(values) - min(values))

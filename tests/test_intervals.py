"""Intervals against published tables and independent workings, and what must always hold."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from lbbd_jsna.statistics.intervals import (
    ESP_2013,
    directly_standardised_rate,
    indirectly_standardised_ratio,
    mean,
    poisson,
    wilson,
)

EXACT = {"rel": 1e-9, "abs": 1e-9}


# Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3 (score, no correction).
@pytest.mark.parametrize(
    ("count", "denominator", "lower", "upper"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_wilson_agrees_with_the_published_table(count, denominator, lower, upper):
    found = wilson(count, denominator, multiplier=1)
    assert found.lower == pytest.approx(lower, abs=5e-5)
    assert found.upper == pytest.approx(upper, abs=5e-5)


# Garwood (1936), exact 95 % limits of a Poisson count, as tabulated by Pearson and Hartley.
@pytest.mark.parametrize(
    ("count", "lower", "upper"),
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (9, 4.115, 17.085)],
)
def test_few_events_have_the_tabulated_exact_limits(count, lower, upper):
    found = poisson(count, 1, multiplier=1)
    assert found.lower == pytest.approx(lower, abs=6e-4)
    assert found.upper == pytest.approx(upper, abs=6e-4)


@pytest.mark.parametrize("confidence", [0.95, 0.998])
@pytest.mark.parametrize("count", [1, 3, 9])
def test_exact_limits_solve_the_poisson_tails(count, confidence):
    """The lower limit is the mean at which so many events or more have half the error."""
    tail = (1 - confidence) / 2
    lower = optimize.brentq(lambda m: stats.poisson.sf(count - 1, m) - tail, 1e-9, 99, xtol=1e-14)
    upper = optimize.brentq(lambda m: stats.poisson.cdf(count, m) - tail, 1e-9, 99, xtol=1e-14)
    found = poisson(count, 2, confidence=confidence, multiplier=10)
    assert found.lower == pytest.approx(5 * lower, **EXACT)
    assert found.upper == pytest.approx(5 * upper, **EXACT)


def test_byars_limits_of_a_hundred_and_of_ten():
    # 100 (1 - 1/900 - 1.959964/30)^3 and 101 (1 - 1/909 + 1.959964/(3 sqrt 101))^3 by hand.
    found = poisson([100, 10], 1, multiplier=1)
    assert found.lower == pytest.approx([81.3621, 4.7874], abs=5e-5)
    assert found.upper == pytest.approx([121.6279, 18.3915], abs=5e-5)


def test_a_rate_may_exceed_its_denominator_and_nought_is_a_rate():
    found = poisson([12, 0], [10, 10], multiplier=100)
    assert found.value.tolist() == [120, 0]
    assert found.lower[1] == 0 < found.upper[1]


def test_a_standardised_rate_worked_in_fractions():
    counts, populations, standard = (4, 12), (1000, 2000), (3, 1)
    value = sum(Fraction(w * o, n * 4) for o, n, w in zip(counts, populations, standard,
                                                          strict=True))  # fmt: skip
    variance = sum(Fraction(w * w * o, n * n * 16) for o, n, w in zip(counts, populations, standard,
                                                                      strict=True))  # fmt: skip
    byar = poisson(16, 1, multiplier=1)
    unit = math.sqrt(variance / 16)
    found = directly_standardised_rate(counts, populations, standard=standard, multiplier=1)
    assert value == Fraction(9, 2000)
    assert found.value == pytest.approx(float(value), **EXACT)
    assert found.lower == pytest.approx(float(value) + unit * (byar.lower - 16), **EXACT)
    assert found.upper == pytest.approx(float(value) + unit * (byar.upper - 16), **EXACT)


def test_no_standardised_rate_under_ten_events():
    found = directly_standardised_rate([[4, 5], [5, 5]], [1000, 1000], standard=[1, 1])
    assert np.isnan([found.value[0], found.lower[0], found.upper[0]]).all()
    assert found.value[1] == pytest.approx(500)


def test_people_with_several_events_widen_the_limits():
    """Ten people twice vary as 40 independent events would: 2^2 x 10."""
    counts, populations = [20.0, 20.0], [1000, 1000]
    once = [[20, 0], [20, 0]]
    twice = [[0, 10], [0, 10]]
    plain = directly_standardised_rate(counts, populations, standard=[1, 1])
    same = directly_standardised_rate(
        counts, populations, standard=[1, 1], people_by_events=once
    )
    wide = directly_standardised_rate(
        counts, populations, standard=[1, 1], people_by_events=twice
    )
    assert same.lower == pytest.approx(plain.lower, **EXACT)
    assert wide.value - wide.lower == pytest.approx(
        math.sqrt(2) * (plain.value - plain.lower), **EXACT
    )
    with pytest.raises(ValueError, match=r"add up to the count; wrong at \(1,\)"):
        directly_standardised_rate(
            counts, populations, standard=[1, 1], people_by_events=[[20, 0], [0, 11]]
        )


def test_the_standard_population_has_nineteen_bands_of_a_hundred_thousand():
    assert (ESP_2013.size, ESP_2013.sum()) == (19, 100_000)
    with pytest.raises(ValueError, match="bands"):
        directly_standardised_rate([1, 2], [3, 4])


def test_observed_over_expected():
    # Expected: 100 x 10/1000 + 200 x 20/1000 = 5; observed 12.
    reference = {"reference_counts": [10, 20], "reference_populations": [1000, 1000]}
    found = indirectly_standardised_ratio(12, [100, 200], **reference)
    bands = indirectly_standardised_ratio([5, 7], [100, 200], **reference)
    byar = poisson(12, 5, multiplier=100)
    assert found.value == bands.value == pytest.approx(240)
    assert (found.lower, found.upper) == (byar.lower, byar.upper)


def test_a_mean_as_student_had_it():
    values = [4.1, 5.0, 6.2, 5.5]
    low, high = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    found = mean(values)
    assert found.value == pytest.approx(5.2)
    assert (found.lower, found.upper) == pytest.approx((low, high), **EXACT)
    assert np.isnan(mean([5.0]).lower)
    assert np.isnan(mean([[1, 2], [1, np.nan]]).value).tolist() == [False, True]


@pytest.mark.parametrize("interval", [wilson, poisson])
def test_missing_stays_missing_and_the_impossible_is_named(interval):
    found = interval([1, np.nan, 1], [10, 10, np.nan])
    assert np.isnan(found.value).tolist() == [False, True, True]
    assert np.isnan(found.upper).tolist() == [False, True, True]
    with pytest.raises(ValueError, match=r"wrong at \(0, 1\), \(1, 0\)"):
        interval([[1, -1], [2, 3]], [[5, 5], [0, 5]])
    lenient = interval([[1, -1], [2, 3]], [[5, 5], [0, 5]], errors="missing")
    assert np.isnan(lenient.lower).tolist() == [[False, True], [True, False]]
    with pytest.raises(ValueError, match="confidence"):
        interval(1, 2, confidence=95)


def test_many_impossible_positions_are_counted():
    with pytest.raises(ValueError, match=r"\(4,\) and 3 more"):
        wilson([9] * 8, 1)


RATES = st.sampled_from([wilson, poisson])
PAIRS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 400)).map(lambda p: (p[0], p[0] + p[1])),
    min_size=1,
    max_size=20,
)


@given(RATES, PAIRS, st.sampled_from([0.8, 0.9, 0.95]))
def test_limits_bracket_the_value_and_widen_with_confidence(interval, pairs, confidence):
    count, people = np.array(pairs, float).T
    narrow, wide = interval(count, people, confidence=confidence), interval(
        count, people, confidence=0.998
    )
    for outer, inner in ((wide.lower, narrow.lower), (narrow.lower, narrow.value),
                         (narrow.value, narrow.upper), (narrow.upper, wide.upper)):  # fmt: skip
        assert (outer <= inner + 1e-9 * np.abs(inner)).all()


@given(RATES, PAIRS)
def test_limits_narrow_as_numbers_grow(interval, pairs):
    count, people = np.array(pairs, float).T
    small, large = interval(count, people), interval(4 * count, 4 * people)
    spread, tighter = small.upper - small.lower, large.upper - large.lower
    assert (tighter < spread).all()


@given(RATES, PAIRS, st.randoms())
def test_order_and_shape_do_not_matter(interval, pairs, shuffler):
    count, people = np.array(pairs, float).T
    order = list(range(count.size))
    shuffler.shuffle(order)
    together, shuffled = interval(count, people), interval(count[order], people[order])
    for one, other in zip(together, shuffled, strict=True):
        assert (one[order] == other).all()
    alone = interval(count[0], people[0])
    assert alone == pytest.approx([part[0] for part in together], rel=1e-15)


@given(RATES, st.integers(0, 300), st.integers(1, 300))
def test_limits_rise_with_the_count(interval, count, more):
    people = count + more
    first, next_ = interval(count, people), interval(count + 1, people)
    # From 9 events, exact, to 10, by Byar: the two methods differ by less than an event.
    assert all(a <= b for a, b in zip(first, next_, strict=True))

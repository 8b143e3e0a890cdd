"""Intervals against published tables and independent workings, and every odd input."""

import math
import statistics
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
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


# Adversaries: the same formulas in arithmetic of fifty digits, and every odd input.


def quantile(confidence):
    """The standard library's, which is not the one we use."""
    return Decimal(statistics.NormalDist().inv_cdf(0.5 + confidence / 2))


def wilson_in_fifty_digits(o, n, confidence):
    with localcontext(prec=50):
        o, n, z = Decimal(o), Decimal(n), quantile(confidence)
        root = z * (z * z + 4 * o * (1 - o / n)).sqrt()
        middle, whole = 2 * o + z * z, 2 * (n + z * z)
        return [float(100 * x) for x in (o / n, (middle - root) / whole, (middle + root) / whole)]


def byar_in_fifty_digits(o, confidence):
    with localcontext(prec=50):
        z, limits = quantile(confidence), []
        for c, side in ((Decimal(o), -1), (Decimal(o) + 1, 1)):
            limits.append(c * (1 - 1 / (9 * c) + side * z / (3 * c.sqrt())) ** 3)
        return limits


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.998, 0.999999])
def test_wilson_loses_no_digits_however_few_of_however_many(confidence):
    pairs = [(o, n) for n in (1, 7, 400, 10**6, 10**12, 10**15) for o in (0, 1, 3, n // 2, n - 1, n)
             if o <= n]  # fmt: skip
    found = wilson(*zip(*pairs, strict=True), confidence=confidence)
    expected = np.array([wilson_in_fifty_digits(o, n, confidence) for o, n in pairs]).T
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, rel=1e-14, abs=1e-25)
    assert (found.lower <= found.value).all()
    assert (found.value <= found.upper).all()
    assert (found.lower[[o == 0 for o, _ in pairs]] == 0).all()
    assert (found.upper[[o == n for o, n in pairs]] == 100).all()


@pytest.mark.parametrize("confidence", [0.95, 0.998])
def test_limits_of_every_few_events_are_chi_squared_and_of_more_byars(confidence):
    few, tail = np.arange(10), (1 - confidence) / 2
    found = poisson(few, 4, confidence=confidence, multiplier=4)
    assert found.lower[0] == 0
    assert found.lower[1:] == pytest.approx(stats.chi2.ppf(tail, 2 * few[1:]) / 2, rel=1e-12)
    assert found.upper == pytest.approx(stats.chi2.isf(tail, 2 * few + 2) / 2, rel=1e-12)
    many = [10, 11, 25, 999, 10**6, 10**9, 10**15]
    found = poisson(many, 1, confidence=confidence, multiplier=1)
    limits = [byar_in_fifty_digits(o, confidence) for o in many]
    assert np.transpose(found[1:]) == pytest.approx(np.array(limits, float), rel=1e-14)


def test_fractions_of_an_event_have_limits_between_their_neighbours():
    found = poisson([2, 2.5, 3, 9.5], 1, multiplier=1)
    assert (np.diff(found.lower) > 0).all()
    assert found.lower[1] == pytest.approx(stats.chi2.ppf(0.025, 5) / 2, rel=1e-12)
    assert found.upper[3] == pytest.approx(stats.chi2.isf(0.025, 21) / 2, rel=1e-12)


def test_where_exact_limits_give_way_to_byars_fractions_of_an_event_step_back():
    """As the notes of `poisson` say; whole events do not (test_statistics_properties)."""
    for confidence, step in ((0.95, 0.008), (0.998, 0.044)):
        exact, byar = poisson([10 - 1e-9, 10], 1, confidence=confidence, multiplier=1).lower
        assert exact - byar == pytest.approx(step, abs=5e-4)


@pytest.mark.parametrize("multiplier", [1, 100, 1000, 100_000])
def test_a_standardised_rate_of_nineteen_bands_in_fifty_digits(multiplier):
    counts = [0, 0, 1, 0, 2, 5, 0, 3, 4, 9, 12, 20, 31, 44, 60, 85, 90, 71, 33]
    people = [9000 - 400 * band for band in range(19)]
    standard = [5000, 5500, 5500, 5500, 6000, 6000, 6500, *[7000] * 4, 6500, 6000, 5500, 5000,
                4000, 2500, 1500, 1000]  # fmt: skip
    with localcontext(prec=50):
        value = sum(Decimal(w) * o / n for w, o, n in zip(standard, counts, people, strict=True))
        variance = sum(Decimal(w * w) * o / (n * n)
                       for w, o, n in zip(standard, counts, people, strict=True))  # fmt: skip
        events, whole = sum(counts), Decimal(sum(standard))
        unit = (variance / events).sqrt() / whole
        expected = [value / whole + unit * (limit - events)
                    for limit in (events, *byar_in_fifty_digits(events, 0.998))]  # fmt: skip
    found = directly_standardised_rate(counts, people, confidence=0.998, multiplier=multiplier)
    assert np.array(found) == pytest.approx([float(multiplier * x) for x in expected], rel=1e-13)


def test_areas_are_standardised_each_for_itself():
    counts = np.array([[3, 7], [4, 5], [40, 0], [0, 12], [np.nan, 30]])
    people = np.array([[100.0, 300], [100, 300], [250, 10], [5, 600], [100, 300]])
    found = directly_standardised_rate(counts, people, standard=[2, 1], multiplier=1000)
    assert np.isnan(found.value).tolist() == [False, True, False, False, True]
    for area in (0, 2, 3):
        alone = directly_standardised_rate(counts[area], people[area], standard=[2, 1],
                                           multiplier=1000)  # fmt: skip
        assert [part[area] for part in found] == pytest.approx(list(alone), rel=1e-14)
    # 2/3 of 3/100 and 1/3 of 7/300.
    assert found.value[0] == pytest.approx(1000 * (0.02 + 7 / 900), rel=1e-14)


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"standard": [0, 0]}, "standard population"),
        ({"standard": [1, -1]}, "standard population"),
        ({"standard": [1, np.nan]}, "standard population"),
        ({"standard": [1, 1, 1]}, "bands"),
        ({"people_by_events": [[1, 2]]}, "people_by_events of shape"),
        ({"people_by_events": [[22, -1], [20, 0]]}, r"wrong at \(0,\)"),
        ({"populations": [0, 100]}, r"wrong at \(0,\)"),
        ({"counts": [20, np.inf]}, r"wrong at \(1,\)"),
    ],
)
def test_what_cannot_be_standardised_is_refused(extra, said):
    given = {"counts": [20, 20], "populations": [100, 100], "standard": [1, 1]} | extra
    with pytest.raises(ValueError, match=said):
        directly_standardised_rate(**given)


REFERENCE = {"reference_counts": [10, 20], "reference_populations": [1000, 1000]}


def test_ratios_of_totals_and_of_bands_are_the_same():
    people = np.array([[100, 200], [300, 0], [50, 25]])
    bands = np.array([[0, 0], [4, 5], [11, 2]])
    whole = indirectly_standardised_ratio(bands, people, **REFERENCE)
    total = indirectly_standardised_ratio(bands.sum(axis=1), people, **REFERENCE)
    # Expected: 1 + 4, 3 + 0, 0.5 + 0.5.
    assert whole.value == pytest.approx([0, 300, 1300], rel=1e-14)
    assert np.array(whole) == pytest.approx(np.array(total), rel=1e-15)
    assert whole.lower[0] == 0
    assert whole.upper[0] == pytest.approx(100 * -math.log(0.025) / 5, rel=1e-13)
    years = indirectly_standardised_ratio([[5, 0], [9, 3]], [100, 200], **REFERENCE)
    assert years.value == pytest.approx([100, 240])
    assert np.isnan(indirectly_standardised_ratio([np.nan, 3], [5, 5], **REFERENCE).value)


@pytest.mark.parametrize(
    ("counts", "populations", "said"),
    [
        ([[-1, 5]], [[100, 200]], r"wrong at \(0, 0\)"),
        ([3, 4], [[100, 200], [0, 0]], r"expected must be above 0; wrong at \(1,\)"),
        ([3, 4], [[100, -1], [5, 5]], r"wrong at \(0, 1\)"),
        (np.ones((3, 3)), np.ones((3, 2)), "bands for a reference"),
        (3, [100, 200, 300], "bands for a reference"),
    ],
)
def test_what_cannot_be_expected_is_refused(counts, populations, said):
    with pytest.raises(ValueError, match=said):
        indirectly_standardised_ratio(counts, populations, **REFERENCE)
    with pytest.raises(ValueError, match="reference"):
        indirectly_standardised_ratio(
            3, [1, 2], reference_counts=[1, 2], reference_populations=[5, 0]
        )


@pytest.mark.parametrize("confidence", [0.95, 0.998])
def test_means_of_two_and_of_three_have_limits_in_closed_form(confidence):
    """Student's t of one degree of freedom is a tangent, of two an algebraic function."""
    t1 = math.tan(math.pi * confidence / 2)
    t2 = confidence * math.sqrt(2 / (1 - confidence**2))
    two, three = mean([1, 4], confidence=confidence), mean([0, 3, 6], confidence=confidence)
    assert two.upper - two.value == pytest.approx(t1 * 1.5, rel=1e-12)
    assert three.value - three.lower == pytest.approx(t2 * math.sqrt(3), rel=1e-12)
    far = mean(np.array([0, 3, 6]) + 1e9, confidence=confidence)
    assert far.upper - far.value == pytest.approx(t2 * math.sqrt(3), rel=1e-6)


def test_means_along_an_axis_of_none_and_of_the_infinite():
    table = np.array([[1, 2, 6], [3, 3, 3]])
    assert mean(table, axis=0).value.tolist() == [2, 2.5, 4.5]
    assert mean(table).value.tolist() == [3, 3]
    assert mean(table).lower[1] == 3
    assert np.isnan(mean(np.empty((2, 0))).value).tolist() == [True, True]
    with pytest.raises(ValueError, match=r"finite; wrong at \(1,\)"):
        mean([1, np.inf])
    assert np.isnan(mean([[1, np.inf], [1, 3]], errors="missing").upper).tolist() == [True, False]
    with pytest.raises(ValueError, match="confidence"):
        mean([5.0], confidence=np.nan)


@pytest.mark.parametrize(
    "count",
    [
        [3, None, 5],
        [3, pd.NA, 5],
        (3.0, np.nan, 5.0),
        np.array([3, np.nan, 5], np.float32),
        np.ma.masked_array([3, 4, 5], [False, True, False]),
        pd.Series([3, None, 5], dtype="Int64"),
        pd.Series([3, None, 5], dtype="int64[pyarrow]"),
        pd.Series([3, None, 5], index=list("abc")),
        pd.array([3, None, 5], dtype="Int64"),
        [Decimal(3), None, Decimal(5)],
    ],
    ids=repr,
)
@pytest.mark.parametrize("interval", [wilson, poisson])
def test_missing_is_missing_in_every_kind_of_array(interval, count):
    found = interval(count, [40, 40, 40])
    for part, whole in zip(found, interval([3, 5], 40), strict=True):
        assert type(part) is np.ndarray
        assert part.dtype == float
        assert np.isnan(part).tolist() == [False, True, False]
        assert part[[0, 2]].tolist() == whole.tolist()


def test_frames_and_shapes():
    frame = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": [1.0, 2.0]})
    assert np.isnan(wilson(frame, 10).value).tolist() == [[False, False], [True, False]]
    column, row = np.arange(3)[:, None], np.array([10, 20], np.uint8)
    table = poisson(column, row, multiplier=1)
    assert [part.shape for part in table] == [(3, 2)] * 3
    assert table.value[2].tolist() == [0.2, 0.1]
    turned = poisson(np.asfortranarray(np.broadcast_to(column, (3, 2))), row, multiplier=1)
    assert all((one == other).all() for one, other in zip(table, turned, strict=True))
    assert [type(part) for part in (*wilson(1, 2), *mean([1, 2]))] == [np.float64] * 6
    assert [part.shape for part in wilson([], 2)] == [(0,)] * 3
    assert poisson(np.empty((0, 4)), 1).value.shape == (0, 4)
    assert directly_standardised_rate(np.empty((0, 19)), np.empty((0, 19))).value.shape == (0,)


def test_what_crosses_from_one_block_to_the_next_is_worked_out_alike():
    count = np.resize([0, 3, 9, 10, 40, 2.5], 20_001)
    large, small = poisson(count, 50), poisson(count[:6], 50)
    for one, other in zip(large, small, strict=True):
        assert (one == np.resize(other, 20_001)).all()


def test_rows_labelled_differently_are_not_matched_by_position():
    count, people = pd.Series([1, 2]), pd.Series([10, 20], index=[1, 0])
    for interval in (wilson, poisson):
        with pytest.raises(ValueError, match="labels of the rows differ"):
            interval(count, people)
    assert wilson(count, people.to_numpy()).value.tolist() == [10, 10]
    table = pd.DataFrame([[50, 60]] * 2, index=[1, 0])
    with pytest.raises(ValueError, match="labels"):
        indirectly_standardised_ratio(count, table, **REFERENCE)


@pytest.mark.parametrize("wrong", [["3"], np.array(["2020-01-01"], "M8[D]"), np.array([3j])])
def test_what_is_not_a_number_is_refused(wrong):
    with pytest.raises(ValueError, match="numbers are needed"):
        wilson(wrong, 10)


@pytest.mark.parametrize("interval", [wilson, poisson])
@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"confidence": np.nan}, "confidence"),
        ({"confidence": 1}, "confidence"),
        ({"confidence": [0.95, 0.998]}, "confidence"),
        ({"multiplier": 0}, "multiplier"),
        ({"multiplier": -100}, "multiplier"),
        ({"multiplier": np.nan}, "multiplier"),
        ({"errors": "ignore"}, "errors"),
        ({"denominator": np.inf}, "count"),
        ({"count": -1}, "count"),
    ],
)
def test_what_is_asked_wrongly_is_refused(interval, extra, said):
    with pytest.raises(ValueError, match=said):
        interval(**{"count": 1, "denominator": 2} | extra)


def test_the_infinite_is_impossible_and_may_be_missing():
    for interval in (wilson, poisson):
        found = interval([1, np.inf, 1], [np.inf, np.inf, 2], errors="missing")
        assert np.isnan(found.value).tolist() == [True, True, False]


def test_nothing_given_is_changed():
    count, people = np.array([[3.0, 12, np.nan]]), np.array([[40.0, 50, 60]])
    before = count.copy(), people.copy()
    for array in (count, people):
        array.flags.writeable = False
    wilson(count, people)
    poisson(count, people)
    directly_standardised_rate(count, people, standard=[1, 1, 1])
    indirectly_standardised_ratio(count, people, reference_counts=[1, 1, 1],
                                  reference_populations=[5, 5, 5])  # fmt: skip
    mean(count)
    assert np.array_equal(count, before[0], equal_nan=True)
    assert (people == before[1]).all()

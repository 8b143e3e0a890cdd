"""Funnel limits and classes against brute force, tables by others and what must always hold."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from lbbd_jsna.statistics.funnels import (
    CLASSES,
    control_limits,
    funnel_limits,
    funnel_verdicts,
    funnel_verdicts_from,
)
from lbbd_jsna.statistics.intervals import poisson, wilson

NAN = math.nan
EXACT = {"rel": 1e-9, "abs": 1e-12}
quick = settings(max_examples=60, deadline=None)
KINDS = st.sampled_from(["proportion", "rate", "ratio"])


def test_control_limits_of_a_proportion_by_hand():
    # n 100, 20 % expected: e 20, z 1.959964: z^2 3.841459; root of 3.841459 + 4*20*0.8.
    z = stats.norm.ppf(0.975)
    root = math.sqrt(z**2 + 64)
    found = control_limits(100, benchmark=20)
    assert found.value == 20
    assert found.lower == pytest.approx(100 * (40 + z**2 - z * root) / (2 * (100 + z**2)), **EXACT)
    assert found.upper == pytest.approx(100 * (40 + z**2 + z * root) / (2 * (100 + z**2)), **EXACT)


@pytest.mark.parametrize("confidence", [0.95, 0.998])
def test_control_limits_of_a_rate_solve_the_poisson_tails(confidence):
    """Twelve events expected: the means at which 12 or more, and 12 or fewer, are rare."""
    tail = (1 - confidence) / 2
    lower = optimize.brentq(lambda m: stats.poisson.sf(11, m) - tail, 1e-9, 99, xtol=1e-14)
    upper = optimize.brentq(lambda m: stats.poisson.cdf(12, m) - tail, 1e-9, 99, xtol=1e-14)
    found = control_limits(24_000, benchmark=50, kind="rate", confidence=confidence)
    assert found.lower == pytest.approx(lower / 24_000 * 100_000, rel=1e-9)
    assert found.upper == pytest.approx(upper / 24_000 * 100_000, rel=1e-9)
    ratio = control_limits(12, benchmark=100, kind="ratio", confidence=confidence)
    assert ratio.lower == pytest.approx(lower / 12 * 100, rel=1e-9)


def test_nothing_expected_has_a_lower_limit_of_nothing():
    found = control_limits([1000, 1000], benchmark=[0, 1], kind="rate", multiplier=1000)
    assert found.lower[0] == 0
    assert found.upper[0] == pytest.approx(-math.log(0.025), rel=1e-9)
    assert funnel_limits(1000, benchmark=0, kind="rate").upper_95 == 0


def wilson_reach(n, share, z, sign):
    """The proportion one of whose Wilson limits is the benchmark, by bisection."""

    def gap(p):
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        reach = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return middle - sign * reach - share

    edges = (share, 1.0) if sign > 0 else (0.0, share)
    if gap(edges[0]) * gap(edges[1]) > 0:
        return edges[1] if sign > 0 else edges[0]  # the funnel is cut there
    return optimize.brentq(gap, *edges, xtol=1e-14)


@pytest.mark.parametrize("n", [3, 45, 2000])
@pytest.mark.parametrize("share", [0.02, 0.31, 0.9])
def test_proportions_at_the_limits_just_reach_the_benchmark(n, share):
    found = funnel_limits(n, benchmark=share, multiplier=1)
    for level, z in (("95", stats.norm.ppf(0.975)), ("99_8", stats.norm.ppf(0.999))):
        lower, upper = getattr(found, f"lower_{level}"), getattr(found, f"upper_{level}")
        assert lower == pytest.approx(wilson_reach(n, share, z, -1), abs=1e-10)
        assert upper == pytest.approx(wilson_reach(n, share, z, 1), abs=1e-10)


# Worked for every area of England with a proportion of 80.642448 % in the funnel plot template
# of the English public health observatories; published to six places.
@pytest.mark.parametrize(
    ("n", "limits"),
    [
        (1, (3.204264, 100, 0, 100)),
        (4, (41.923356, 100, 19.594903, 100)),
        (45, (69.098645, 92.186251, 62.441586, 98.843309)),
        (1008, (78.203374, 83.081521, 76.796814, 84.488082)),
        (110000, (80.408963, 80.875933, 80.274317, 81.010578)),
    ],
)
def test_proportions_agree_with_a_published_table(n, limits):
    found = funnel_limits(n, benchmark=80.642448)
    assert found[1:] == pytest.approx(limits, abs=2e-6)


# Published table of ratios: O observed events are at the limit when so many are expected.
@pytest.mark.parametrize(
    ("observed", "at_95_low", "at_95_high", "at_99_8_low", "at_99_8_high"),
    [
        (1, 5.571644585, 0.025317898, 9.233410143, 0.001000547),
        (10, 18.39035799, 4.795387629, 24.13397235, 2.960519925),
        (100, 121.6268111, 81.36400699, 134.9243187, 71.92139974),
    ],
)
def test_ratios_agree_with_a_published_table(
    observed, at_95_low, at_95_high, at_99_8_low, at_99_8_high
):
    limit = {
        "lower_95": at_95_low, "upper_95": at_95_high,
        "lower_99_8": at_99_8_low, "upper_99_8": at_99_8_high,
    }  # fmt: skip
    for name, expected in limit.items():
        found = getattr(funnel_limits(expected, benchmark=1, kind="ratio", multiplier=1), name)
        assert found * expected == pytest.approx(observed, rel=1e-5)


@pytest.mark.parametrize("expected", [0.01, 0.6, 3.7, 12, 95.5])
@pytest.mark.parametrize(("level", "tail"), [("95", 0.025), ("99_8", 0.001)])
def test_events_at_the_limits_just_reach_the_number_expected(expected, level, tail):
    """Bisection over a number of events that need not be whole."""
    found = funnel_limits(expected, benchmark=1, kind="ratio", multiplier=1)
    lower, upper = (getattr(found, f"{side}_{level}") * expected for side in ("lower", "upper"))
    high = optimize.brentq(
        lambda o: stats.gamma.ppf(tail, o) - expected, 1e-9, 500, xtol=1e-13, rtol=1e-13
    )
    assert upper == pytest.approx(high, rel=1e-8)
    if stats.gamma.isf(tail, 1) > expected:  # the upper limit of no events
        assert lower == 0
        return
    low = optimize.brentq(
        lambda o: stats.gamma.isf(tail, o + 1) - expected, 0, 500, xtol=1e-13, rtol=1e-13
    )
    assert lower == pytest.approx(low, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("expected", [0.4, 2.2, 7.9, 40.5])
def test_whole_numbers_of_events_fall_where_enumeration_puts_them(expected):
    """So many or more events are rare exactly above the upper limit; so few, below the lower."""
    found = funnel_limits(expected, benchmark=1, kind="ratio", multiplier=1)
    for events in range(100):
        rare_above = stats.poisson.sf(events - 1, expected) < 0.025
        rare_below = stats.poisson.cdf(events, expected) < 0.025
        assert (events > found.upper_95 * expected) == rare_above
        assert (events < found.lower_95 * expected) == rare_below


def test_classes_of_proportions_by_hand():
    # 100 people each; Wilson 95 % and 99.8 % limits of the counts, from the closed form.
    share = 10.0
    counts = [0, 3, 10, 18, 25]
    found = funnel_verdicts(counts, 100, benchmark=share)
    expected = []
    for count in counts:
        words = "within"
        for level, z in (("95", stats.norm.ppf(0.975)), ("99.8", stats.norm.ppf(0.999))):
            middle = (2 * count + z * z) / (2 * (100 + z * z))
            reach = z * math.sqrt(z * z + 4 * count * (1 - count / 100)) / (2 * (100 + z * z))
            if 100 * (middle + reach) < share:
                words = f"low {level}"
            if 100 * (middle - reach) > share:
                words = f"high {level}"
        expected.append(words)
    assert found.tolist() == expected
    assert len(set(expected)) == 5


def test_classes_of_events_by_hand():
    # Ten expected; exact limits below ten events are Garwood's: 1 (0.03, 5.57), 3 (0.62, 8.77),
    # 4 (1.09, 10.24); 99.8 %: 0 (0, 6.91), 1 (0.001, 9.23), 2 (0.05, 11.23).
    found = funnel_verdicts([0, 1, 2, 3, 4, 10], 10, benchmark=100, kind="ratio")
    assert found.tolist() == ["low 99.8", "low 99.8", "low 95", "low 95", "within", "within"]
    # Byar's limits of 19, 95 %: 11.43; and of 25, 99.8 %: 12.36.
    found = funnel_verdicts([19, 25, 19, 25], [12, 12, 11, 12.4], benchmark=100, kind="ratio")
    assert found.tolist() == ["within", "high 99.8", "high 95", "high 95"]


def test_a_rate_and_a_ratio_are_the_same_funnel():
    counts, people = np.array([0, 4, 9, 30, 61]), np.array([1e4, 2e4, 5e3, 3e4, 3e4])
    rate = funnel_verdicts(counts, people, benchmark=100, kind="rate")
    ratio = funnel_verdicts(counts, people * 100 / 1e5, benchmark=100, kind="ratio")
    assert rate.tolist() == ratio.tolist()


def test_missing_numbers_have_no_class_and_no_limits():
    assert funnel_verdicts([NAN, 5, 5], [9, NAN, 9], benchmark=[1, 1, NAN]).tolist() == [""] * 3
    found = funnel_limits([NAN, 5], benchmark=[3, NAN])
    assert np.isnan(np.array(found)).all()
    assert np.isnan(np.array(control_limits([NAN, 5], benchmark=[3, NAN], kind="rate"))).all()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"denominator": [5, 0, -1]}, r"wrong at \(1,\), \(2,\)"),
        ({"benchmark": 101}, "between 0 and 100"),
        ({"benchmark": -1, "kind": "rate"}, "between 0"),
        ({"kind": "mean"}, "kind is"),
        ({"multiplier": 0}, "multiplier"),
    ],
)
@pytest.mark.parametrize("limits", [control_limits, funnel_limits])
def test_what_cannot_be_is_named(limits, asked, message):
    plain = {"denominator": [5, 6, 7], "benchmark": 3}
    with pytest.raises(ValueError, match=message):
        limits(**(plain | asked))


def test_what_cannot_be_may_be_missing_instead():
    found = funnel_limits([5, 0], benchmark=3, errors="missing")
    assert np.isnan(np.array(found)[:, 1]).all()
    assert not np.isnan(np.array(found)[:, 0]).any()
    assert funnel_verdicts([5, 6], [10, 5], benchmark=3, errors="missing")[1] == ""
    with pytest.raises(ValueError, match="count"):
        funnel_verdicts([5, 6], [10, 5], benchmark=3)
    with pytest.raises(ValueError, match="confidence"):
        control_limits(10, benchmark=3, kind="rate", confidence=95)


def test_classes_from_known_limits_by_hand():
    # Limits 4 to 6 and 3 to 7; a benchmark on a limit is within it.
    found = funnel_verdicts_from(4, 6, 3, 7, benchmark=[2.9, 3, 3.9, 4, 6, 6.1, 7, 7.1])
    assert found.tolist() == [
        "high 99.8", "high 95", "high 95", "within", "within", "low 95", "low 95", "low 99.8",
    ]  # fmt: skip
    assert funnel_verdicts_from(4, 6, 3, NAN, benchmark=9).tolist() == ""
    with pytest.raises(ValueError, match="above its upper"):
        funnel_verdicts_from([4, 6], [6, 4], 3, 7, benchmark=5)


sizes = st.floats(1, 1e6)
shares = st.floats(0.5, 99.5)


@quick
@given(sizes, shares, KINDS)
def test_limits_bracket_the_benchmark_and_widen_with_confidence(n, benchmark, kind):
    found = funnel_limits(n, benchmark=benchmark, kind=kind)
    slack = 1e-9 * found.upper_99_8
    assert found.lower_99_8 <= found.lower_95 + slack
    assert found.lower_95 <= benchmark + slack
    assert benchmark <= found.upper_95 + slack
    assert found.upper_95 <= found.upper_99_8 + slack
    narrow = control_limits(n, benchmark=benchmark, kind=kind)
    wide = control_limits(n, benchmark=benchmark, kind=kind, confidence=0.998)
    assert wide.lower <= narrow.lower <= benchmark <= narrow.upper <= wide.upper


@quick
@given(sizes, shares, KINDS)
def test_funnels_narrow_with_size(n, benchmark, kind):
    found = funnel_limits([n, 3 * n], benchmark=benchmark, kind=kind)
    for lower, upper in ((found.lower_95, found.upper_95), (found.lower_99_8, found.upper_99_8)):
        assert lower[0] <= lower[1] * (1 + 1e-9)
        assert upper[1] <= upper[0] * (1 + 1e-9)


@quick
@given(st.integers(0, 400), st.floats(0.2, 1), shares)
def test_a_count_beyond_a_limit_is_classed_so(count, fill, benchmark):
    """The two say the same of a proportion: one is the other solved for the value."""
    n = max(count, 1) / fill
    found = funnel_limits(n, benchmark=benchmark)
    value, word = 100 * count / n, funnel_verdicts(count, n, benchmark=benchmark)
    edges = np.array(found[1:])
    if (abs(edges - value) < 1e-6 * max(value, 1)).any():
        return
    below = sum(map(int, (value < found.lower_95, value < found.lower_99_8)))
    above = sum(map(int, (value > found.upper_95, value > found.upper_99_8)))
    assert word == CLASSES[2 - below + above]


@quick
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(50, 90)), min_size=1, max_size=9),
       st.floats(1, 90), KINDS, st.randoms(use_true_random=False))  # fmt: skip
def test_one_at_a_time_and_in_any_order(areas, benchmark, kind, random):
    random.shuffle(areas)
    counts, sizes_ = np.array(areas).T
    together = funnel_verdicts(counts, sizes_, benchmark=benchmark, kind=kind)
    alone = [funnel_verdicts(c, n, benchmark=benchmark, kind=kind).item() for c, n in areas]
    assert together.tolist() == alone
    limits = funnel_limits(sizes_, benchmark=benchmark, kind=kind)
    each = [funnel_limits(n, benchmark=benchmark, kind=kind) for n in sizes_]
    np.testing.assert_allclose(np.array(limits).T, np.array(each, float), rtol=1e-12)


@quick
@given(st.lists(st.integers(0, 60), min_size=2, max_size=30), st.floats(1, 90), KINDS)
def test_classes_rise_with_counts(counts, benchmark, kind):
    found = funnel_verdicts(sorted(counts), 60, benchmark=benchmark, kind=kind)
    assert (np.diff([CLASSES.index(word) for word in found]) >= 0).all()


def test_limits_given_and_limits_worked_out_class_alike():
    counts, people = np.array([0, 3, 9, 30]), np.array([90.0, 80, 40, 60])
    for kind, interval in (("proportion", wilson), ("rate", poisson)):
        at_95 = interval(counts, people, multiplier=100)
        at_99_8 = interval(counts, people, multiplier=100, confidence=0.998)
        given_limits = funnel_verdicts_from(*at_95[1:], *at_99_8[1:], benchmark=12)
        direct = funnel_verdicts(counts, people, benchmark=12, kind=kind, multiplier=100)
        assert given_limits.tolist() == direct.tolist()

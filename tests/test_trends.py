"""Recent trends against other people's labels, independent workings, and what must always hold."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from lbbd_jsna.statistics.trends import (
    THRESHOLD,
    Trend,
    published_trend,
    recent_trend,
    recent_trends,
    why_no_trend,
)

NAN = math.nan
POLARITIES = ("high_is_good", "low_is_good", "no_judgement")
FEW = settings(max_examples=60, deadline=None)

# Fingertips, figures and recent trend as published there in 2024 (Open Government Licence):
# value, limits, count and denominator of each of five years, oldest first.
MMR_YORKSHIRE = [  # 30309, Yorkshire and the Humber
    (92.6254, 92.4168, 92.8288, 57274, 61834),
    (92.3221, 92.1072, 92.5315, 55865, 60511),
    (90.8708, 90.6358, 91.1004, 53681, 59074),
    (90.0170, 89.7694, 90.2594, 51767, 57508),
    (90.1013, 89.8578, 90.3396, 53185, 59028),
]
DIABETES_ENGLAND = [  # 241
    (7.0826, 7.0754, 7.0940, 3455176, 48783947),
    (7.1085, 7.1013, 7.1199, 3491868, 49122259),
    (7.2571, 7.2499, 7.2684, 3625401, 49956777),
    (7.4528, 7.4456, 7.4643, 3774801, 50649129),
    (7.6554, 7.6481, 7.6669, 3938080, 51441896),
]
SIGHT_LOSS_ENGLAND = [  # 41203, a crude rate
    (2.9350, 2.7841, 3.0919, 1416, 48246126),
    (1.93028, 1.8085, 2.0580, 935, 48440507),
    (2.7567, 2.6113, 2.9082, 1344, 48753376),
    (2.8701, 2.7225, 3.0237, 1415, 49300918),
    (3.0121, 2.8616, 3.1683, 1502, 49866388),
]


@pytest.mark.parametrize(
    ("series", "polarity", "label"),
    [
        (MMR_YORKSHIRE, "high_is_good", "Decreasing and getting worse"),
        (DIABETES_ENGLAND, "no_judgement", "Increasing"),
        (SIGHT_LOSS_ENGLAND, "low_is_good", "Increasing and getting worse"),
    ],
)
def test_published_labels_are_reproduced(series, polarity, label):
    values, lower, upper, counts, denominators = zip(*series, strict=True)
    found = recent_trend(
        values, lower, upper, polarity=polarity, counts=counts, denominators=denominators
    )
    assert found.label == label


def exact_slope(times, values, widths):
    """The weighted slope and its chi-squared in fractions, from the normal equations."""
    w = [Fraction(1) / Fraction(width) ** 2 * Fraction(392, 100) ** 2 for width in widths]
    s = sum(w)
    mean_t = sum(a * t for a, t in zip(w, times, strict=True)) / s
    mean_y = sum(a * Fraction(y) for a, y in zip(w, values, strict=True)) / s
    spread = sum(a * (t - mean_t) ** 2 for a, t in zip(w, times, strict=True))
    rise = sum(a * (t - mean_t) * (Fraction(y) - mean_y)
               for a, t, y in zip(w, times, values, strict=True))
    return rise / spread, (rise / spread) ** 2 * spread


def by_hand(values, widths):
    """The rule step by step: five points, then each left out in turn."""
    times = range(1, 6)
    slope, chi = exact_slope(times, values, widths)
    signs = set()
    for left_out in range(5):
        kept = [i for i in range(5) if i != left_out]
        rest = exact_slope([times[i] for i in kept], [values[i] for i in kept],
                           [widths[i] for i in kept])[0]
        signs.add((rest > 0) - (rest < 0))
    moved = chi > THRESHOLD and signs == {(slope > 0) - (slope < 0)}
    word = ("rising" if slope > 0 else "falling") if moved else "steady"
    return word, float(slope), float(chi)


# Sixteenths, so that limits and their differences are exact in binary.
EXACT = st.integers(16, 2000).map(lambda n: n / 16)
WIDTHS = st.integers(1, 64).map(lambda n: n / 16)


@FEW
@given(st.lists(EXACT, min_size=5, max_size=5), st.lists(WIDTHS, min_size=5, max_size=5))
def test_the_interval_rule_agrees_with_exact_fractions(values, halves):
    y, half = np.array(values), np.array(halves)
    found = recent_trends(y, y - half, y + half, polarity="no_judgement")
    word, slope, chi = by_hand(values, [2 * h for h in halves])
    assert found.direction == word
    assert found.slope == pytest.approx(slope, rel=1e-9, abs=1e-12)
    assert found.chi_squared == pytest.approx(chi, rel=1e-9, abs=1e-12)


@FEW
@given(st.lists(EXACT, min_size=5, max_size=5), st.lists(WIDTHS, min_size=5, max_size=5))
def test_the_interval_rule_agrees_with_numpys_weighted_fit(values, halves):
    y, half = np.array(values), np.array(halves)
    found = recent_trends(y, y - half, y + half, polarity="no_judgement")
    fit, covariance = np.polyfit(range(5), y, 1, w=1.96 / half, cov="unscaled")
    assert found.slope == pytest.approx(fit[0], rel=1e-7, abs=1e-9)
    assert found.chi_squared == pytest.approx(fit[0] ** 2 / covariance[0, 0], rel=1e-6, abs=1e-9)


def test_a_series_worked_by_hand():
    # Equal widths of 3.92, so each standard error is 1: slope 2, D/S = 10, chi-squared 40.
    y = np.array([1, 3, 5, 7, 9.0])
    found = recent_trends(y, y - 1.96, y + 1.96, polarity="low_is_good")
    assert found.slope == pytest.approx(2, rel=1e-12)
    assert found.chi_squared == pytest.approx(40, rel=1e-12)
    assert (found.direction, found.progress, found.label) == (
        "rising", "worse", "Increasing and getting worse")


@pytest.mark.parametrize(("widening", "direction"), [(0.9999, "rising"), (1.0001, "steady")])
def test_the_threshold_stands_at_two_in_a_thousand(widening, direction):
    # With y = t the chi-squared is 10 / se^2, so the edge is at se^2 = 10 / threshold.
    assert pytest.approx(stats.chi2.isf(0.002, 1), rel=1e-9) == THRESHOLD
    half = widening * 1.96 * math.sqrt(10 / stats.chi2.isf(0.002, 1))
    y = np.arange(1.0, 6)
    assert recent_trends(y, y - half, y + half, polarity="no_judgement").direction == direction


def test_a_trend_that_rests_on_one_point_is_none():
    # Level but for the last: chi-squared is 1,000, yet without that point there is no slope.
    y = np.array([10, 10, 10, 10, 20.0])
    found = recent_trends(y, y - 0.392, y + 0.392, polarity="no_judgement")
    assert found.chi_squared == pytest.approx(1000)
    assert found.direction == "steady"
    assert recent_trends(-y, -y - 0.392, -y + 0.392, polarity="no_judgement").direction == "steady"


def brute_proportion(counts, people):
    """Cochran and Armitage's test as correlation of each person's 0 or 1 with their year."""
    years = np.repeat(np.arange(1, 6), people)
    events = np.concatenate([np.repeat([1, 0], [c, n - c])
                             for c, n in zip(counts, people, strict=True)])
    r = np.corrcoef(years, events)[0, 1]
    odds = [math.log(c / (n - c)) for c, n in zip(counts, people, strict=True)]
    slopes = [np.polyfit(kept, [odds[i - 1] for i in kept], 1)[0]
              for kept in [(1, 2, 3, 4, 5), *itertools.combinations(range(1, 6), 4)]]
    return len(years) * r**2, slopes


PEOPLE = st.lists(st.integers(20, 300), min_size=5, max_size=5)


@FEW
@given(PEOPLE, st.lists(st.floats(0.05, 0.95), min_size=5, max_size=5))
def test_the_rule_for_proportions_agrees_with_everybody_one_by_one(people, shares):
    counts = [min(n - 1, max(1, round(n * share))) for n, share in zip(people, shares, strict=True)]
    chi, slopes = brute_proportion(counts, people)
    assume(min(map(abs, slopes)) > 1e-6)
    found = recent_trends(
        np.array(counts) / people, polarity="high_is_good", rule="proportion",
        counts=counts, denominators=people,
    )
    assert found.chi_squared == pytest.approx(chi, rel=1e-8, abs=1e-9)
    assert found.slope == pytest.approx(slopes[0], rel=1e-8)
    same = all(s > 0 for s in slopes) or all(s < 0 for s in slopes)
    moved = same and chi > THRESHOLD
    assert found.direction == (("rising" if slopes[0] > 0 else "falling") if moved else "steady")


def test_the_latest_five_usable_points_count():
    y = np.array([90, 1, 2, NAN, 3, 4, 5, NAN])
    half = np.where(np.arange(8) == 0, NAN, 0.2)
    found = recent_trends(y, y - half, y + half, polarity="no_judgement")
    plain = np.arange(1.0, 6)
    alone = recent_trends(plain, plain - 0.2, plain + 0.2, polarity="no_judgement")
    assert found.slope == pytest.approx(alone.slope)
    assert found.label == "Increasing"
    earlier = np.array([50, 40, *plain])
    later = recent_trends(earlier, earlier - 0.2, earlier + 0.2, polarity="no_judgement")
    assert later.slope == pytest.approx(1)


LINE = np.arange(1.0, 6)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"values": LINE[:4], "lower": LINE[:4] - 1, "upper": LINE[:4] + 1},
         "fewer than 5 points with intervals"),
        ({"values": [1, 2, NAN, 4, 5]}, "fewer than 5 points with intervals"),
        ({"lower": [0, NAN, 2, 3, 4]}, "fewer than 5 points with intervals"),
        ({"counts": [1, 2, NAN, 4, 5], "denominators": [9] * 5},
         "fewer than 5 points with intervals and counts"),
        ({"counts": [1, 2, 9, 4, 5], "denominators": [9] * 5},
         "the count of a point is its whole denominator"),
        ({"counts": [0, 2, 3, 4, 5], "denominators": [9] * 5, "rule": "proportion"},
         "a point has a count of none"),
        ({"counts": [1, 2, 3, 4, NAN], "denominators": [9] * 5, "rule": "proportion"},
         "fewer than 5 points with counts"),
        ({"lower": LINE, "upper": LINE}, "a point has an interval of no width"),
        ({"value_type": "Life expectancy"},
         "no trend is worked out for a value type of life expectancy"),
        ({"period_years": 3}, "no trend is worked out for periods other than single years"),
    ],
)
def test_what_cannot_be_calculated_says_why(changes, reason):
    said = {"values": LINE, "lower": LINE - 0.1, "upper": LINE + 0.1, "polarity": "low_is_good"}
    found = recent_trends(**{**said, **changes})
    assert found.reason == reason
    assert found.label == "Cannot be calculated"
    assert found.progress == ""
    assert math.isnan(found.slope)
    one = recent_trend(**{**said, **changes})
    assert (one.direction, one.basis) == ("unknown", reason)


@pytest.mark.parametrize("value_type", ["Proportion", "Crude rate", "Directly standardised rate"])
def test_the_kinds_of_figure_with_a_trend(value_type):
    assert why_no_trend(value_type) == ""
    assert recent_trend(LINE, LINE - 0.1, LINE + 0.1, polarity="no_judgement",
                        value_type=value_type).label == "Increasing"


def test_reasons_for_a_whole_table_at_once():
    found = why_no_trend(["Proportion", "Ratio", "Crude rate"], period_years=[1, 1, 3])
    assert [bool(reason) for reason in found] == [False, True, True]


@pytest.mark.parametrize(
    ("direction", "progress", "label"),
    [
        ("rising", "better", "Increasing and getting better"),
        ("rising", "worse", "Increasing and getting worse"),
        ("falling", "better", "Decreasing and getting better"),
        ("falling", "worse", "Decreasing and getting worse"),
        ("rising", "", "Increasing"),
        ("falling", "", "Decreasing"),
        ("steady", "", "No significant change"),
        ("unknown", "", "Cannot be calculated"),
    ],
)
def test_the_words_are_those_printed_and_read_back(direction, progress, label):
    assert Trend(direction, progress, "").label == label
    polarity = "no_judgement"
    if progress:
        polarity = "high_is_good" if (direction, progress) in (
            ("rising", "better"), ("falling", "worse")) else "low_is_good"
    read = published_trend(label, polarity=polarity)
    assert (read.direction, read.progress) == (direction, progress)


def test_nothing_printed_is_no_trend():
    assert published_trend("  ", polarity="low_is_good") is None


def many(seed=1, series=40, periods=8):
    """Series that rise, fall and stand still, with gaps, and their limits."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(rng.normal(0, 1.5, (series, 1)), 1, (series, periods))
    y = 50 + steps.cumsum(axis=1)
    y[rng.random(y.shape) < 0.15] = NAN
    half = rng.uniform(0.5, 3, y.shape)
    return y, y - half, y + half


def test_made_up_series_take_every_direction():
    assert set(recent_trends(*many(), polarity="no_judgement").direction) == {
        "rising", "falling", "steady", "unknown"}


def test_one_by_one_and_all_at_once_are_the_same():
    polarity = np.resize(POLARITIES, 40)
    found = recent_trends(*many(), polarity=polarity)
    for i, series in enumerate(zip(*many(), strict=True)):
        one = recent_trend(*series, polarity=str(polarity[i]))
        assert (one.direction, one.progress) == (found.direction[i], found.progress[i])
        assert one.label == found.label[i]
    cube = recent_trends(*(a.reshape(4, 10, 8) for a in many()), polarity=polarity.reshape(4, 10))
    np.testing.assert_array_equal(cube.label.ravel(), found.label)


def test_the_order_of_the_series_does_not_matter():
    order = np.random.default_rng(2).permutation(40)
    found = recent_trends(*many(), polarity="low_is_good")
    moved = recent_trends(*(a[order] for a in many()), polarity="low_is_good")
    for column, other in zip(found, moved, strict=True):
        np.testing.assert_array_equal(column[order], other)


def test_polarity_turns_progress_round_and_nothing_else():
    high, low, none = (recent_trends(*many(), polarity=word) for word in POLARITIES)
    np.testing.assert_array_equal(high.direction, low.direction)
    turned = {"better": "worse", "worse": "better", "": ""}
    assert [turned[word] for word in high.progress] == list(low.progress)
    assert set(high.progress) == {"better", "worse", ""}
    assert set(none.progress) == {""}


@FEW
@given(st.integers(0, 10_000), st.sampled_from([0.001, 10, 1000]), st.sampled_from([-1, 0, 1]))
def test_the_unit_does_not_matter(seed, factor, shift):
    series = many(seed, series=6)
    found = recent_trends(*series, polarity="low_is_good")
    other = recent_trends(*((a + 100 * shift) * factor for a in series), polarity="low_is_good")
    np.testing.assert_array_equal(found.label, other.label)


@FEW
@given(st.integers(0, 10_000))
def test_time_run_backwards_turns_the_direction_round(seed):
    y, lower, upper = (a[:, ::-1] for a in many(seed, series=6, periods=5))
    turned = {"rising": "falling", "falling": "rising"}
    found = recent_trends(*many(seed, series=6, periods=5), polarity="no_judgement")
    back = recent_trends(y, lower, upper, polarity="no_judgement")
    assert [turned.get(word, word) for word in found.direction] == list(back.direction)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lower": [0.5, 2.5, 3.5, 9, 4.5]}, r"upper limit.*wrong at \(3,\)"),
        ({"values": [1, 2, math.inf, 4, 5]}, r"finite.*\(2,\)"),
        ({"counts": [1, 2, -3, 4, 5], "denominators": [9] * 5}, r"count.*\(2,\)"),
        ({"counts": [1, 2, 3, 4, 5], "denominators": [9, 0, 9, 9, 9]}, r"denominator.*\(1,\)"),
        ({"counts": [1, 2, 3, 4, 99], "denominators": [9] * 5, "rule": "proportion"}, r"\(4,\)"),
        ({"polarity": "good"}, "polarity.*not good"),
        ({"rule": "guess"}, "not guess"),
        ({"counts": [1, 2, 3, 4, 5]}, "needs denominators"),
        ({"rule": "proportion"}, "needs counts and denominators"),
        ({"lower": None, "upper": None}, "needs lower and upper"),
        ({"values": 1.0, "lower": 0.5, "upper": 1.5}, "axis of periods"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(changes, message):
    said = {"values": LINE, "lower": LINE - 0.5, "upper": LINE + 0.5, "polarity": "low_is_good"}
    with pytest.raises(ValueError, match=message):
        recent_trends(**{**said, **changes})


def test_what_cannot_be_is_passed_over_by_choice():
    y = np.arange(1.0, 7)
    crossed = np.where(y == 6, -1, 1) * 0.2
    found = recent_trends(y, y - crossed, y + crossed, polarity="no_judgement", errors="missing")
    assert found.label == "Increasing"
    assert found.slope == pytest.approx(1)


def test_a_crude_rate_may_count_more_events_than_people():
    found = recent_trends(LINE, LINE - 0.1, LINE + 0.1, polarity="no_judgement",
                          counts=LINE * 30, denominators=[25] * 5)
    assert found.label == "Increasing"

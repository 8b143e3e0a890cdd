"""Statistics against published examples and against independent workings."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbbd_jsna.statistics.areas import combined_rate
from lbbd_jsna.statistics.comparisons import compare, published_verdict, quintile
from lbbd_jsna.statistics.ranks import league_position
from lbbd_jsna.statistics.trends import THRESHOLD, published_trend, recent_trend

LEVEL_95 = "ci_overlapping_reference_value_95"


@pytest.mark.parametrize(
    ("lower", "upper", "polarity", "outcome"),
    [
        (11.0, 13.0, "low_is_good", "worse"),
        (11.0, 13.0, "high_is_good", "better"),
        (11.0, 13.0, "no_judgement", "higher"),
        (8.0, 9.9, "low_is_good", "better"),
        (8.0, 9.9, "no_judgement", "lower"),
        (10.0, 13.0, "low_is_good", "similar"),  # the limit equals the benchmark: both ends count
        (8.0, 10.0, "high_is_good", "similar"),
    ],
)
def test_the_interval_against_the_benchmark_is_inclusive_and_follows_polarity(
    lower, upper, polarity, outcome
):
    middle = (lower + upper) / 2
    verdict = compare(
        middle, lower, upper, reference=10.0, polarity=polarity, method=LEVEL_95
    )
    assert verdict.outcome == outcome
    assert verdict.test == LEVEL_95


@pytest.mark.parametrize(
    ("value", "lower", "reference", "method", "reason"),
    [
        (math.nan, 1, 10, LEVEL_95, "no value"),
        (2, math.nan, 10, LEVEL_95, "no confidence interval"),
        (2, 1, math.nan, LEVEL_95, "benchmark has no value"),
        (2, 1, 10, "none", "not judged"),
    ],
)
def test_no_verdict_comes_with_its_reason(value, lower, reference, method, reason):
    verdict = compare(value, lower, 3, reference=reference, polarity="low_is_good", method=method)
    assert verdict.outcome == "not compared"
    assert reason in verdict.reason
    assert verdict.test == ""


def test_quintiles_by_hand():
    # Ten values 1 to 10: linear percentiles are 2.8, 4.6, 6.4, 8.2, 10.
    values = [float(v) for v in range(1, 11)]
    expected = ["lowest fifth"] * 2 + ["second lowest fifth"] * 2 + ["middle fifth"] * 2
    expected += ["second highest fifth"] * 2 + ["highest fifth"] * 2
    found = [quintile(v, values, polarity="no_judgement").outcome for v in values]
    assert found == expected
    assert quintile(1.0, values, polarity="low_is_good").outcome == "best fifth"
    assert quintile(1.0, values, polarity="high_is_good").outcome == "worst fifth"
    assert quintile(1.0, values[:4], polarity="low_is_good").outcome == "not compared"


@pytest.mark.parametrize(
    ("label", "outcome"),
    [("Worse", "worse"), ("Lower 99.8", "lower"), ("Best", "better"), ("Similar", "similar")],
)
def test_printed_labels_are_read(label, outcome):
    assert published_verdict(label).outcome == outcome


@pytest.mark.parametrize("label", ["", "Not compared"])
def test_labels_that_judge_nothing_are_none(label):
    assert published_verdict(label) is None


def test_league_positions_share_places_and_skip_blanks():
    values = {"a": 3.0, "b": 2.0, "c": 2.0, "d": 5.0, "e": math.nan}
    low = {c: league_position(c, values, polarity="low_is_good", members=6) for c in "abcd"}
    assert [low[c].position for c in "bcad"] == [1, 1, 3, 4]
    assert (low["b"].tied, low["a"].tied) == (1, 0)
    assert (low["a"].of, low["a"].members, low["a"].first) == (4, 6, "lowest")
    high = league_position("d", values, polarity="high_is_good", members=6)
    assert (high.position, high.first) == (1, "highest")
    assert league_position("e", values, polarity="low_is_good", members=6) is None


def independent_trend(values, lower, upper):
    """The same rule through numpy's own weighted fit."""
    se = (np.array(upper) - np.array(lower)) / 3.92
    x = np.arange(1.0, 6)

    def slope(keep):
        fit, cov = np.polyfit(x[keep], np.array(values)[keep], 1, w=1 / se[keep], cov="unscaled")
        return fit[0], cov[0, 0]

    whole = np.ones(5, bool)
    b, variance = slope(whole)
    left_out = [slope(np.arange(5) != i)[0] for i in range(5)]
    settled = b**2 / variance > THRESHOLD and all(np.sign(s) == np.sign(b) for s in left_out)
    return settled, b, min(map(abs, [b, *left_out]))


@given(
    st.lists(st.floats(1, 100), min_size=5, max_size=5),
    st.lists(st.floats(0.2, 5), min_size=5, max_size=5),
)
def test_recent_trend_agrees_with_numpys_weighted_fit(values, widths):
    lower = [v - w for v, w in zip(values, widths, strict=True)]
    upper = [v + w for v, w in zip(values, widths, strict=True)]
    settled, slope, flattest = independent_trend(values, lower, upper)
    found = recent_trend(values, lower, upper, polarity="low_is_good")
    if flattest < 1e-6:
        return  # a level slope has a sign only by rounding
    assert (found.direction != "steady") == settled
    if settled:
        assert found.direction == ("rising" if slope > 0 else "falling")
        assert found.progress == ("worse" if slope > 0 else "better")


def test_no_trend_from_four_points():
    found = recent_trend([1, 2, 3, 4], [0, 1, 2, 3], [2, 3, 4, 5], polarity="low_is_good")
    assert found.direction == "unknown"
    assert "fewer than 5" in found.basis


@pytest.mark.parametrize(
    ("label", "direction", "progress"),
    [
        ("Increasing and getting worse", "rising", "worse"),
        ("Decreasing and getting better", "falling", "better"),
        ("No significant change", "steady", ""),
        ("Cannot be calculated", "unknown", ""),
    ],
)
def test_printed_trends_are_read(label, direction, progress):
    found = published_trend(label, polarity="low_is_good")
    assert (found.direction, found.progress) == (direction, progress)


def test_combined_rate_sums_before_it_divides():
    counts, people = [10.0, 90.0], [100.0, 300.0]
    # 100 of 400 is 25; the mean of 10 and 30 would be 20.
    assert combined_rate(counts, people, members=2, multiplier=100).value == 25
    assert combined_rate(counts, people, members=3, multiplier=100).value is None
    missing = combined_rate([math.nan, 90.0], people, members=2, multiplier=100)
    assert missing.value is None
    assert missing.reason == "no counts for 1 of 2 boroughs"
    assert combined_rate(counts, people, members=2, multiplier=None).value is None

"""Shrunken estimates, against worked examples, a simulation and what must always hold."""

import numpy as np
import pytest

from lbbd_jsna.statistics.shrinkage import empirical_bayes


def test_rates_by_hand():
    # Rates 0.01, 0.02, 0.06 of 1,000 each: m = 0.03, s2 = (4 + 1 + 9) / 3 * 1e-4,
    # A = s2 - m / 1000, weight = A / (A + m / 1000).
    found = empirical_bayes([10, 20, 60], [1000, 1000, 1000], kind="rate", multiplier=1)
    between = 14e-4 / 3 - 0.03 / 1000
    weight = between / (between + 0.03 / 1000)
    assert found.mean == pytest.approx(0.03)
    assert found.spread == pytest.approx(np.sqrt(between))
    assert found.weight == pytest.approx([weight] * 3)
    assert found.value == pytest.approx([0.03 + weight * (r - 0.03) for r in (0.01, 0.02, 0.06)])


def test_proportions_by_hand():
    # Shares 0.1, 0.3, 0.5 of 100 each: m = 0.3, s2 = 0.08 / 3, chance m(1 - m) / 100 = 0.0021.
    found = empirical_bayes([10, 30, 50], [100, 100, 100])
    between = (0.08 / 3 - 0.0021) / 0.99
    size = 0.21 / between - 1
    weight = 100 / (100 + size)
    assert found.mean == pytest.approx(30)
    assert found.weight == pytest.approx([weight] * 3)
    assert found.value == pytest.approx([30 - weight * 20, 30, 30 + weight * 20])
    # The posterior mean of a beta: (a + O) / (a + b + n).
    assert found.value[0] == pytest.approx(100 * (0.3 * size + 10) / (size + 100))


def test_differences_no_larger_than_chance_leave_the_mean_and_no_limits():
    found = empirical_bayes([30, 31, 29], [100, 100, 100])
    assert found.value == pytest.approx([30, 30, 30])
    assert list(found.weight) == [0, 0, 0]
    assert found.spread == 0
    assert np.isnan(found.lower).all()
    assert np.isnan(found.upper).all()


def test_small_areas_are_drawn_furthest():
    found = empirical_bayes([2, 200, 500, 20], [10, 1000, 1000, 100])
    assert found.weight[0] < found.weight[3] < found.weight[1]
    raw = 100 * np.array([0.2, 0.2, 0.5, 0.2])
    assert ((found.value - found.mean) * (raw - found.mean) > 0).all()
    assert (abs(found.value - found.mean) < abs(raw - found.mean)).all()
    assert (found.lower < found.value).all()
    assert (found.value < found.upper).all()


def test_a_missing_area_stays_missing_and_changes_nothing_for_the_rest():
    whole = empirical_bayes([10, 30, 50], [100, 100, 100])
    gap = empirical_bayes([10, np.nan, 30, 50], [100, 80, 100, 100])
    assert np.isnan(gap.value[1])
    assert np.isnan(gap.weight[1])
    assert gap.value[[0, 2, 3]] == pytest.approx(whole.value)


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_they_are_nearer_the_truth_than_raw_figures(kind):
    draw = np.random.default_rng(20)
    raw_error = shrunk_error = 0.0
    covered = []
    for _ in range(60):
        n = draw.integers(40, 400, 19)
        truth = draw.beta(20, 80, 19) if kind == "proportion" else draw.gamma(20, 0.01, 19)
        o = draw.binomial(n, truth) if kind == "proportion" else draw.poisson(n * truth)
        found = empirical_bayes(o, n, kind=kind, multiplier=1)
        raw_error += ((o / n - truth) ** 2).sum()
        shrunk_error += ((found.value - truth) ** 2).sum()
        if found.spread:  # else there are no limits
            covered.append(((found.lower <= truth) & (truth <= found.upper)).mean())
        assert found.mean == pytest.approx(0.2, abs=0.05)
    assert shrunk_error < 0.85 * raw_error
    assert len(covered) > 50
    assert 0.90 < np.mean(covered) < 0.98


@pytest.mark.parametrize(
    ("count", "people", "kind", "words"),
    [
        ([1, 2], [10, 10], "proportion", "at least 3 areas"),
        ([1, 2, 11], [10, 10, 10], "proportion", "between 0 and a positive denominator"),
        ([1, 2, -1], [10, 10, 10], "rate", "0 or more"),
        ([1, 2, 3], [10, 10, 0], "rate", "above 0"),
        ([1, 2, 3], [10, 10, 10], "mean", "kind is"),
        ([[1, 2, 3]], [[10, 10, 10]], "rate", "one row of areas"),
    ],
)
def test_what_cannot_be_is_refused(count, people, kind, words):
    with pytest.raises(ValueError, match=words):
        empirical_bayes(count, people, kind=kind)


def test_no_events_at_all_are_no_differences():
    found = empirical_bayes([0, 0, 0], [10, 20, 30], kind="rate")
    assert list(found.value) == [0, 0, 0]
    assert found.spread == 0


def test_all_or_nothing_areas_keep_their_own_figures_nearly():
    found = empirical_bayes([100, 0, 100, 0], [100, 100, 100, 100])
    assert found.value == pytest.approx([100, 0, 100, 0], abs=0.1)
    assert (found.lower <= found.upper).all()

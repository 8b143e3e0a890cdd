"""What must hold of every statistic, whatever the numbers: order, units, direction, certainty."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lbbd_jsna.statistics.comparisons import compare
from lbbd_jsna.statistics.funnels import (
    CLASSES,
    control_limits,
    funnel_limits,
    funnel_verdicts,
)
from lbbd_jsna.statistics.intervals import (
    Interval,
    directly_standardised_rate,
    indirectly_standardised_ratio,
    mean,
    poisson,
    wilson,
)
from lbbd_jsna.statistics.quantiles import bounds, fifths, quantiles
from lbbd_jsna.statistics.ranks import rank_intervals, ranks
from lbbd_jsna.statistics.targets import gap_to, needed_change, people, years_to_reach
from lbbd_jsna.statistics.trends import recent_trends

few = settings(max_examples=40, deadline=None)


def standardised(count, people, **asked):
    """Three bands, of ten events or more together."""
    counts = np.stack([count, count + 5, 2 * count + 5], axis=-1)
    populations = np.stack([people, 2 * people, people], axis=-1)
    return directly_standardised_rate(counts, populations, standard=[3, 2, 1], **asked)


def ratio(count, people, **asked):
    reference = {"reference_counts": [3, 8], "reference_populations": [90, 100]}
    return indirectly_standardised_ratio(
        count, np.stack([people, 2 * people], axis=-1), **reference, **asked
    )


INTERVALS = pytest.mark.parametrize("interval", [wilson, poisson, standardised, ratio])
LEVELS = st.sampled_from([0.8, 0.9, 0.95, 0.998, 0.9999])


@st.composite
def counts_and_people(draw):
    pairs = draw(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 10**6)), min_size=1,
                          max_size=12))  # fmt: skip
    count, others = np.array(pairs, float).T
    return count, count + others


def same(one, other, rel=1e-12):
    """Equal to rounding, with what is missing in the same places."""
    return np.allclose(one, other, rtol=rel, atol=1e-12, equal_nan=True)


@INTERVALS
@few
@given(counts_and_people(), LEVELS)
def test_limits_bracket_the_value_and_widen_with_confidence(interval, given, confidence):
    narrow, wide = interval(*given, confidence=0.7), interval(*given, confidence=confidence)
    assert (wide.lower <= narrow.lower).all()
    assert (narrow.lower <= narrow.value).all()
    assert (narrow.value <= narrow.upper).all()
    assert (narrow.upper < wide.upper).all()


@INTERVALS
@few
@given(counts_and_people(), LEVELS, st.integers(2, 9))
def test_limits_narrow_as_numbers_grow_at_one_proportion(interval, given, confidence, times):
    count, people = given
    asked = {"confidence": confidence}
    small, large = interval(count, people, **asked), interval(times * count, times * people,
                                                              **asked)  # fmt: skip
    assert (large.upper - large.lower < small.upper - small.lower).all()


@INTERVALS
@few
@given(counts_and_people(), st.randoms(use_true_random=False))
def test_order_does_not_matter_and_one_is_as_many(interval, given, shuffler):
    count, people = given
    order = shuffler.sample(range(len(count)), len(count))
    together, shuffled = interval(count, people), interval(count[order], people[order])
    alone = [interval(*pair) for pair in zip(count, people, strict=True)]
    for part, other, single in zip(together, shuffled, zip(*alone, strict=True), strict=True):
        assert part[order].tolist() == other.tolist()
        assert part.tolist() == list(single)


@pytest.mark.parametrize("interval", [wilson, poisson, ratio])
@few
@given(counts_and_people(), LEVELS)
def test_limits_rise_with_every_event(interval, given, confidence):
    """Also from the nine events of exact limits to the ten of Byar's."""
    count, people = np.append(given[0], [8, 9, 10]), np.append(given[1], [5e3, 5e3, 5e3])
    first = interval(count, people + 1, confidence=confidence)
    next_ = interval(count + 1, people + 1, confidence=confidence)
    assert all((one < other).all() for one, other in zip(first, next_, strict=True))


def test_a_standardised_limit_may_fall_with_an_event():
    """One more event of a band that weighs nothing makes the rate surer, and no higher.

    So Dobson's method has it: the limits of a standardised rate do not rise with every event.
    """
    found = directly_standardised_rate([[10, 0], [10, 90]], 1000, standard=[1, 0])
    assert found.value[0] == found.value[1]
    assert found.upper[0] > found.upper[1]


@INTERVALS
@few
@given(counts_and_people(), st.sampled_from([1, 1000, 100_000]))
def test_the_multiplier_scales(interval, given, multiplier):
    one, many = interval(*given, multiplier=1), interval(*given, multiplier=multiplier)
    assert all(same(multiplier * part, other) for part, other in zip(one, many, strict=True))


@few
@given(counts_and_people(), LEVELS)
def test_those_it_did_not_happen_to_have_the_limits_turned_round(given, confidence):
    count, people = given
    own = wilson(count, people, confidence=confidence)
    others = wilson(people - count, people, confidence=confidence)
    assert same(own.lower + others.upper, 100)
    assert same(own.value + others.value, 100)


@few
@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=9), LEVELS,
       st.sampled_from([0.01, 0.5, 3, 1000]), st.integers(-500, 500))  # fmt: skip
def test_means_follow_their_units(values, confidence, scale, shift):
    own = mean(values, confidence=confidence)
    other = mean(scale * np.array(values) + shift, confidence=confidence)
    assert own.lower <= own.value <= own.upper
    assert all(np.isclose(scale * a + shift, b, atol=1e-6 * scale * 1000)
               for a, b in zip(own, other, strict=True))  # fmt: skip
    assert mean(values[::-1]).value == pytest.approx(np.mean(values), abs=1e-9)


# Comparisons -----------------------------------------------------------------------------

TURNED = {"better": "worse", "best": "worst", "best fifth": "worst fifth",
          "second best fifth": "second worst fifth"}  # fmt: skip
TURNED |= {bad: good for good, bad in TURNED.items()}
NEUTRAL = {"better": "higher", "worse": "lower", "best": "higher 99.8", "worst": "lower 99.8",
           "best fifth": "highest fifth", "second best fifth": "second highest fifth",
           "worst fifth": "lowest fifth", "second worst fifth": "second lowest fifth"}  # fmt: skip
METHODS = st.sampled_from(["interval_95", "interval_99_8", "interval_both", "overlapping",
                           "quintiles"])  # fmt: skip


@st.composite
def observations(draw):
    """One indicator of a few areas in one period; tenths, so that ties and touching happen."""
    tenths = st.integers(0, 60)
    rows = draw(st.lists(st.tuples(tenths, st.integers(0, 9), st.integers(0, 9)), min_size=2,
                         max_size=9))  # fmt: skip
    value, near, far = np.array(rows, float).T
    value[draw(st.integers(0, len(rows) - 1))] = np.nan
    common = dict.fromkeys(("category_type", "category"), "")
    return pd.DataFrame({
        "indicator": "one", "area_code": [f"E{n}" for n in range(len(rows))],
        "area_type": "borough", "sex": "Persons", "age": "All", **common, "period": "2020",
        "period_range": "1y", "value": value, "lower_95": value - near, "upper_95": value + near,
        "lower_99_8": value - near - far, "upper_99_8": value + near + far,
    })  # fmt: skip


def verdicts(table, method, polarity):
    return compare(table, benchmark="E0", method=method, polarity=polarity).verdict


@few
@given(observations(), METHODS)
def test_verdicts_flip_with_polarity(table, method):
    good = verdicts(table, method, "high_is_good")
    assert good.replace(TURNED).tolist() == verdicts(table, method, "low_is_good").tolist()
    assert good.replace(NEUTRAL).tolist() == verdicts(table, method, "no_judgement").tolist()


@few
@given(observations(), METHODS, st.sampled_from([0.25, 4, 1024]),
       st.randoms(use_true_random=False))  # fmt: skip
def test_verdicts_know_no_units_and_no_order(table, method, scale, shuffler):
    own = verdicts(table, method, "high_is_good")
    numbers = table.select_dtypes("number")
    other = verdicts(table.assign(**scale * numbers), method, "high_is_good")
    assert own.tolist() == other.tolist()
    order = shuffler.sample(range(len(table)), len(table))
    shuffled = verdicts(table.iloc[order], method, "high_is_good")
    assert own.iloc[order].tolist() == shuffled.tolist()


@few
@given(observations())
def test_surer_levels_say_less(table):
    """Outside the 99.8 % limits is outside the 95 % ones; overlapping asks for more than either."""
    near = verdicts(table, "interval_95", "no_judgement")
    for method in ("interval_99_8", "overlapping"):
        wide = verdicts(table, method, "no_judgement")
        assert all(b in (a, "similar") for a, b in zip(near, wide, strict=True))
    both = verdicts(table, "interval_both", "no_judgement")
    assert both.str.removesuffix(" 99.8").tolist() == near.tolist()


@few
@given(observations())
def test_every_row_has_a_verdict_or_a_reason(table):
    for method in ("interval_both", "quintiles", "none"):
        found = compare(table, benchmark="E0", method=method, polarity="low_is_good")
        silent = found.verdict == "not compared"
        assert (silent == (found.not_compared_reason != "")).all()
        assert (silent == (found.test == "")).all()
        assert found.index.equals(table.index)


VALUES = st.lists(st.integers(0, 30), min_size=1, max_size=30).map(lambda x: np.array(x, float))


@few
@given(VALUES, st.sampled_from([2, 4, 5, 10]))
def test_quantiles_know_the_order_of_values_alone(values, n):
    own = quantiles(values, n=n)
    assert same(own, quantiles(np.exp(values / 8), n=n))
    assert np.isnan(own).all() if len(values) < n else not np.isnan(own).any()
    turned = quantiles(-values, n=n, first="lowest")
    assert same(own, turned)
    assert (np.diff(own[values.argsort()]) <= 0).all() or len(values) < n


@few
@given(VALUES, st.sampled_from([0.25, 8, 1024]))
def test_fifths_follow_units_and_lie_below_their_bounds(values, scale):
    assume(len(values) >= 5)
    own, edges = fifths(values), bounds(values)
    assert same(own, fifths(scale * values))
    assert (values <= edges[own.astype(int) - 1] + 1e-9).all()
    assert (np.diff(edges) >= 0).all()
    assert edges[-1] == values.max()


@few
@given(counts_and_people(), st.floats(0.1, 99.9), st.sampled_from(["proportion", "rate", "ratio"]))
def test_funnels_narrow_with_numbers_and_hold_their_benchmark(given, benchmark, kind):
    people = np.sort(given[1])
    funnel = funnel_limits(people, benchmark=benchmark, kind=kind, multiplier=100)
    assert (funnel.lower_99_8 <= funnel.lower_95).all()
    assert (funnel.upper_95 <= funnel.upper_99_8).all()
    for limits in ((funnel.lower_95, funnel.upper_95),
                   control_limits(people, benchmark=benchmark, kind=kind, multiplier=100)[1:]):
        lower, upper = limits
        assert (lower <= benchmark).all()
        assert (benchmark <= upper).all()
        assert (np.diff(lower) >= -1e-9).all()
        assert (np.diff(upper) <= 1e-9).all()


@few
@given(counts_and_people(), st.floats(1, 99))
def test_the_funnel_of_those_it_did_not_happen_to_is_turned_round(given, benchmark):
    count, people = given
    own = funnel_verdicts(count, people, benchmark=benchmark)
    others = funnel_verdicts(people - count, people, benchmark=100 - benchmark)
    turned = dict(zip(CLASSES, CLASSES[::-1], strict=True))
    assert [turned[word] for word in own] == others.tolist()


# Trends ----------------------------------------------------------------------------------


@st.composite
def series(draw):
    """A few series of seven points with their limits."""
    shape = (draw(st.integers(1, 4)), 7)
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    steps = random.normal(draw(st.sampled_from([-3, 0, 3])), 1, shape)
    values = 100 + steps.cumsum(axis=1)
    return values, values - random.uniform(0.5, 3, shape), values + random.uniform(0.5, 3, shape)


def trends(*points, polarity="high_is_good"):
    return recent_trends(*points, polarity=polarity)


@few
@given(series(), st.sampled_from([0.25, 8, 1024]), st.randoms(use_true_random=False))
def test_trends_know_no_units_no_order_of_series_and_no_older_points(points, scale, shuffler):
    own = trends(*points)
    order = shuffler.sample(range(len(points[0])), len(points[0]))
    scaled = trends(*(scale * part for part in points))
    latest = trends(*(part[:, 2:] for part in points))
    shuffled = trends(*(part[order] for part in points))
    for other, places in ((scaled, ...), (latest, ...), (shuffled, order)):
        assert own.direction[places].tolist() == other.direction.tolist()
        assert same(own.chi_squared[places], other.chi_squared, rel=1e-9)
    for place, direction in enumerate(own.direction):
        assert trends(*(part[place] for part in points)).direction == direction


@few
@given(series())
def test_trends_turn_with_their_series_and_their_polarity(points):
    values, lower, upper = points
    own, mirrored = trends(*points), trends(200 - values, 200 - upper, 200 - lower)
    turned = {"rising": "falling", "falling": "rising", "better": "worse", "worse": "better"}
    assert [turned.get(word, word) for word in own.direction] == mirrored.direction.tolist()
    other = trends(*points, polarity="low_is_good")
    assert own.direction.tolist() == other.direction.tolist()
    assert [turned.get(word, word) for word in own.progress] == other.progress.tolist()
    assert set(trends(*points, polarity="no_judgement").progress) == {""}


@few
@given(series(), st.sampled_from([0.1, 0.5, 0.9]))
def test_surer_points_make_no_trend_less_significant(points, narrower):
    values, lower, upper = points
    own = trends(*points)
    surer = trends(values, values - narrower * (values - lower),
                   values + narrower * (upper - values))  # fmt: skip
    moved = own.direction != "steady"
    assert (surer.direction[moved] == own.direction[moved]).all()


# Places and targets ----------------------------------------------------------------------


@few
@given(VALUES, st.sampled_from([0.25, 8, 1024]), st.randoms(use_true_random=False))
def test_places_know_no_units_and_turn_with_polarity(values, scale, shuffler):
    own = ranks(values, polarity="low_is_good")
    assert own.position.tolist() == ranks(scale * values, polarity="low_is_good").position.tolist()
    order = shuffler.sample(range(len(values)), len(values))
    shuffled = ranks(values[order], polarity="low_is_good")
    assert own.position[order].tolist() == shuffled.position.tolist()
    # Counted from the other end, the place of the last of those that tie.
    turned = ranks(values, polarity="high_is_good")
    assert (own.position + turned.position + own.tied == len(values) + 1).all()


@settings(max_examples=15, deadline=None)
@given(VALUES, st.sampled_from([0.25, 8, 1024]), st.randoms(use_true_random=False))
def test_ranges_of_places_know_no_units_and_no_order_and_hold_the_place(values, scale, shuffler):
    limits = values, values - 1, values + 2
    asked = {"polarity": "high_is_good", "draws": 200}
    own, scaled = rank_intervals(*limits, **asked), rank_intervals(*(scale * x for x in limits),
                                                                   **asked)  # fmt: skip
    order = shuffler.sample(range(len(values)), len(values))
    shuffled = rank_intervals(*(x[order] for x in limits), **asked)
    assert (own.low <= own.position).all()
    assert (own.position <= own.high).all()
    for part, other, moved in zip(own[:3], scaled[:3], shuffled[:3], strict=True):
        assert part.tolist() == other.tolist()
        assert part[order].tolist() == moved.tolist()


AMOUNTS = st.integers(1, 999).map(float)


@few
@given(AMOUNTS, AMOUNTS, st.integers(2000, 2036), st.integers(-20, 20))
def test_the_needed_change_arrives_in_time(own, other, year, pace):
    change = needed_change(own, year, other, comparator_change=pace, by=2037)
    left = 2037 - year
    assert own + change * left == pytest.approx(other + pace * left, abs=1e-9)
    if own != other:
        assert years_to_reach(own, change, other, pace) == pytest.approx(left, rel=1e-9)


@few
@given(counts_and_people(), st.randoms(use_true_random=False))
def test_gaps_turn_round_and_are_as_many_people(given, shuffler):
    own = wilson(*given)
    other = Interval(*(part[shuffler.sample(range(len(part)), len(part))] for part in own))
    there, back = gap_to(own, other), gap_to(other, own)
    assert same(there.value, -back.value)
    assert same(there.lower, -back.upper)
    assert (there.lower <= there.value).all()
    assert (there.value <= there.upper).all()
    many = people(there, given[1], multiplier=100)
    assert same(many.value, (own.value - other.value) * given[1] / 100)

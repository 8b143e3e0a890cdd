"""Rounding makes no verdicts: what is worked out from rounded counts allows for all it hides."""

import math

import numpy as np
import pytest
from made_up_borough import OWN, RULES
from made_up_returns import CATALOGUE, WARDS, observations, row

from lbbd_jsna.disclosure import protect
from lbbd_jsna.disclosure.knowledge import rounded, shown
from lbbd_jsna.facts.comparators import comparators_of
from lbbd_jsna.facts.gaps import gaps_of
from lbbd_jsna.facts.wards import ward_verdicts
from lbbd_jsna.findings import points_by_area
from lbbd_jsna.statistics.areas import ward_range
from lbbd_jsna.statistics.control_charts import control_chart
from lbbd_jsna.statistics.inequality import standard_error
from lbbd_jsna.statistics.rounding import span_of_rounded, wilson_of_rounded
from lbbd_jsna.wards.marking import mark_reliability
from lbbd_jsna.workspace import _with_intervals

Z = 1.959963984540054
RULE = {"to": 5, "smallest": 8}


def wilson_limits(o, n):
    """Newcombe's formula, from the true counts."""
    spread = Z * math.sqrt(Z * Z + 4 * o * (1 - o / n))
    return [100 * (2 * o + Z * Z + sign * spread) / (2 * (n + Z * Z)) for sign in (-1, 1)]


def to_five(counts):
    return 5 * np.rint(np.asarray(counts) / 5)


def test_a_rounded_count_may_be_two_more_or_less_but_never_hidden():
    span = span_of_rounded([0, 5, 10, 15, 100, math.nan], **RULE)
    np.testing.assert_array_equal(span.least, [0, 8, 8, 13, 98, math.nan])
    np.testing.assert_array_equal(span.most, [0, 7, 12, 17, 102, math.nan])
    with pytest.raises(ValueError, match="odd"):
        span_of_rounded([10], to=10, smallest=8)


def test_the_widening_supposes_what_the_attack_supposes():
    for count in (0, *range(8, 300)):
        known = shown(count, rules=RULES)
        span = span_of_rounded(known.shown, to=RULES.round_to, smallest=RULES.smallest_shown)
        assert (known.low, known.high) == (span.least, span.most)
        assert span.least <= count <= span.most


@pytest.mark.parametrize("people", [10, 15, 20, 35, 100, 400])
def test_the_limits_are_those_of_the_widest_true_counts(people):
    """Every pair of counts that prints so, tried one by one."""
    for counted in [0, *range(10, people + 1, 5)]:
        pairs = [(o, n) for n in range(8, people + 3) for o in (0, *range(8, n + 1))
                 if (rounded(o, to=5), rounded(n, to=5)) == (counted, people)]  # fmt: skip
        limits = np.array([wilson_limits(*pair) for pair in pairs])
        found = wilson_of_rounded(counted, people, **RULE)
        assert found.value == 100 * counted / people
        assert found.lower == pytest.approx(limits[:, 0].min(), abs=1e-9)
        assert found.upper == pytest.approx(limits[:, 1].max(), abs=1e-9)


def test_what_is_missing_stays_missing_and_what_cannot_be_is_refused():
    found = wilson_of_rounded([10, math.nan, 10], [20, 20, math.nan], **RULE)
    assert np.isnan(found.lower).tolist() == [False, True, True]
    with pytest.raises(ValueError, match="between 0 and"):
        wilson_of_rounded([25], [20], **RULE)
    assert np.isnan(wilson_of_rounded(25, 20, **RULE, errors="missing").upper)


def finished(*rows):
    out = protect(observations(*rows), catalogue=CATALOGUE, release="2026-27-Q1")
    return out, _with_intervals(out.observations, catalogue=CATALOGUE)


def test_a_small_ward_is_called_nothing_that_its_true_counts_do_not_say():
    """12 of 18 prints as 10 of 20, and 10 of 11 as all: neither says a thing of the ward."""
    out, rows = finished(
        row(WARDS[0], 12.0, 18.0), row(WARDS[1], 10.0, 11.0), row(WARDS[2], 400.0, 500.0),
        row(OWN, 422.0, 529.0), row(OWN, 11.0, 11.0, name="places"),
    )  # fmt: skip
    first, second, _, borough, things = rows.itertuples()
    assert (rows["count"][0], first.denominator, first.value) == (10, 20, 50)
    assert first.lower_95 <= wilson_limits(12, 18)[0] < 79.8 < wilson_limits(12, 18)[1]
    assert first.upper_95 > borough.value == pytest.approx(100 * 420 / 530)
    assert second.value == 100 and second.lower_95 < wilson_limits(10, 11)[0] < 65
    # What counts nobody is not rounded, and its limits are the plain ones.
    assert [things.lower_95, things.upper_95] == pytest.approx(wilson_limits(11, 11))
    cells = out.with_limits(rows).cells.set_index("area_code")
    np.testing.assert_allclose(cells.loc[WARDS[0], "released_lower_95"], first.lower_95)
    np.testing.assert_allclose(cells.loc[WARDS[0], "released_upper_95"], first.upper_95)


def test_no_ward_is_judged_by_rounding_that_its_true_counts_leave_open():
    """Of many small wards, each verdict from the released counts is also that of the true ones."""
    random, judged, by_plain = np.random.default_rng(3), 0, 0
    for _ in range(4000):
        n = int(random.integers(16, 60))
        o = int(random.binomial(n, 0.7))
        if min(o, n - o) < 8:
            continue
        found = wilson_of_rounded(*to_five([o, n]), **RULE)
        low, high = wilson_limits(o, n)
        plain_low, plain_high = wilson_limits(*to_five([o, n]))
        by_plain += (plain_high < 70 <= high) or (plain_low > 70 >= low)
        worse, better = found.upper < 70, found.lower > 70
        assert not (worse and high >= 70) and not (better and low <= 70)
        judged += worse or better
    assert judged > 10
    assert by_plain > 20, "plain intervals of rounded counts do no harm: this tests nothing"


def test_few_events_are_the_fewest_there_may_be():
    _, rows = finished(row(WARDS[0], 20.0, 100.0), row(WARDS[1], 27.0, 135.0),
                       row(WARDS[2], 400.0, 2000.0), row(OWN, 447.0, 2235.0))  # fmt: skip
    rules = CATALOGUE.indicators["early-help"].model_copy(update={"value_type": "Proportion"})
    told = {**CATALOGUE.indicators, "early-help": rules}
    marked = mark_reliability(rows, catalogue=CATALOGUE.__class__(
        **{**CATALOGUE.__dict__, "indicators": told}))  # fmt: skip
    assert list(marked["status"]) == ["low_reliability", "published", "published", "published"]


def test_wards_that_are_alike_are_not_set_apart_by_rounding():
    """Twelve alike wards of 25 people, 300 times: called unlike in no more than 1 of 20."""
    random, apart = np.random.default_rng(5), 0
    for _ in range(300):
        o = random.binomial(25, 0.6, size=12)
        o = np.clip(o, 8, 17)
        n = np.full(12, 25) + random.integers(-2, 3, size=12)
        counts, people = to_five(o), to_five(n)
        found = wilson_of_rounded(counts, people, **RULE)
        errors = standard_error(found.lower, found.upper)
        spread = ward_range(found.value, standard_errors=errors, draws=500)
        apart += spread.apart > spread.by_chance
    assert apart / 300 <= 0.05


def test_a_control_chart_of_rounded_counts_allows_for_the_rounding():
    n, p = 60.0, 0.5
    counts, people = np.array([30.0, 25, 35] * 6), np.full(18, n)
    chart = control_chart(100 * counts / people, counts, people, multiplier=100, kind="p",
                          rounded_to=5)  # fmt: skip
    # Five equally likely errors from -2 to 2 have a variance of 2.
    sigma = math.sqrt(p * (1 - p) / n + (2 + 2 * p * p) / n**2)
    np.testing.assert_allclose(chart.upper, 50 + 300 * sigma)
    np.testing.assert_allclose(chart.lower, 50 - 300 * sigma)


def test_rounding_is_no_special_cause_of_a_small_service():
    """16 quarters of about 20 people, nothing ever changed: how often is a point called special?"""
    random = np.random.default_rng(1)
    n = np.maximum(random.poisson(20, (400, 16)), 10)
    o = random.binomial(n, 0.6)
    people, counts = to_five(n), np.minimum(to_five(o), to_five(n))
    called = [
        control_chart(100 * a / b, a, b, multiplier=100, kind="p", rounded_to=r)
        .special.any(axis=-1).mean()
        for a, b, r in ((o, n, 1), (counts, people, 1), (counts, people, 5))
    ]  # fmt: skip
    exact, naive, allowing = called
    assert naive > 0.2, "rounding does no harm here: this tests nothing"
    assert allowing <= exact + 0.03


def test_counts_that_hardly_leave_their_rounding_have_no_chart():
    """26 to 28 people a quarter print as 25 and, now and then, 30."""
    values = np.array([25.0] * 9 + [30.0] + [25.0] * 6)
    assert control_chart(values).special.any()
    with pytest.raises(ValueError, match="vary by more than their rounding"):
        control_chart(values, rounded_to=5)
    refused = control_chart(values, rounded_to=5, errors="missing")
    assert not refused.special.any() and not str(refused.variation)
    varied = values + np.tile([0.0, 10.0], 8)
    for other in (values + 0.5, varied):  # no rounded counts; and counts that do vary
        np.testing.assert_array_equal(
            control_chart(other, rounded_to=5).upper, control_chart(other).upper
        )


def test_gaps_in_people_and_rates_of_others_allow_for_rounding_or_are_refused():
    _, rows = finished(row(OWN, 60.0, 100.0), row(WARDS[0], 30.0, 50.0))
    indicator = CATALOGUE.indicators["early-help"].model_copy(update={"value_type": "Proportion"})
    (own,) = points_by_area(rows)[OWN]
    other = own.__class__(**{**own.__dict__, "value": 40.0, "lower": math.nan, "upper": math.nan})
    plain, wide = (
        gaps_of(own, {"england": (other,)}, indicator=indicator, rounding=rules)["england"]
        for rules in (None, RULES)
    )
    assert plain.people == wide.people == pytest.approx(20)
    assert wide.fewest == pytest.approx(plain.fewest * 98 / 100)
    assert wide.most == pytest.approx(plain.most * 102 / 100)
    found, peers = comparators_of(indicator, points_by_area(rows), own.period, CATALOGUE)
    assert peers.value is None and "rounded" in peers.reason
    assert found["peers"] == ()


def test_the_verdict_of_a_map_comes_from_the_widened_limits():
    _, rows = finished(row(WARDS[0], 12.0, 18.0))
    said = {"benchmark": 79.9, "polarity": "high_is_good"}
    ward, (low, high) = WARDS[0], wilson_limits(10, 20)
    found = [{ward: rows[name][0]} for name in ("value", "lower_95", "upper_95")]
    assert ward_verdicts(*found, **said) == {ward: "similar"}
    assert ward_verdicts({ward: 50.0}, {ward: low}, {ward: high}, **said) == {ward: "worse"}

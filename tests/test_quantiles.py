"""Quantile groups against the rules worked by hand, in fractions and one value at a time."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbbd_jsna.statistics.quantiles import bounds, fifths, quantiles
from lbbd_jsna.statistics.workings.keys import row_keys

NAN = math.nan
quick = settings(max_examples=60, deadline=None)
tied = st.lists(st.integers(0, 12).map(float) | st.just(NAN), max_size=40)


def by_hand(values, n, first):
    """The rule in exact fractions, one value at a time."""
    known = [v for v in values if not math.isnan(v)]
    found = []
    for v in values:
        if math.isnan(v) or len(known) < n:
            found.append(NAN)
            continue
        ahead = sum(other > v if first == "highest" else other < v for other in known)
        share = Fraction(len(known) + 1 - (ahead + 1), 1) / Fraction(len(known), n)
        found.append(float(max(1, math.floor(n + 1 - math.ceil(share)))))
    return found


def test_ten_areas_make_five_pairs():
    values = [10.0, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    assert quantiles(values).tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert quantiles(values, first="lowest").tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert quantiles(values, n=10).tolist() == list(range(10, 0, -1))


def test_seven_areas_in_fifths_by_hand():
    # (8 - r) / 1.4 for r = 1 to 7 is 5, 4.29, 3.57, 2.86, 2.14, 1.43, 0.71; 6 less the next whole.
    assert quantiles([1, 2, 3, 4, 5, 6, 7], first="lowest").tolist() == [1, 1, 2, 3, 3, 4, 5]


def test_equal_values_share_the_best_of_their_places():
    assert quantiles([5, 5, 5, 5, 1], first="highest").tolist() == [1, 1, 1, 1, 5]


def test_too_few_and_missing_values_have_no_quantile():
    assert np.isnan(quantiles([1, 2, 3, 4])).all()
    found = quantiles([1, NAN, 2, 3, 4, 5], first="lowest")
    np.testing.assert_array_equal(found, [1, NAN, 2, 3, 4, 5])


def test_a_row_without_a_group_is_not_ranked():
    groups = pd.Series(["a"] * 5 + [None] * 6)
    found = quantiles([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], groups=groups, first="lowest")
    np.testing.assert_array_equal(found, [1, 2, 3, 4, 5] + [NAN] * 6)


@quick
@given(tied, st.sampled_from([2, 4, 5, 10]), st.sampled_from(["highest", "lowest"]))
def test_the_rank_rule_agrees_with_fractions(values, n, first):
    np.testing.assert_array_equal(quantiles(values, n=n, first=first), by_hand(values, n, first))


@quick
@given(st.lists(st.tuples(st.integers(0, 9).map(float), st.sampled_from("ab"),
                          st.sampled_from([1, 2])), max_size=60))  # fmt: skip
def test_groups_are_ranked_by_themselves(rows):
    table = pd.DataFrame(rows, columns=["value", "letter", "number"])
    found = quantiles(table["value"], groups=table[["letter", "number"]])
    classes = fifths(table["value"], groups=table[["letter", "number"]])
    for _, group in table.groupby(["letter", "number"]):
        alone = quantiles(group["value"])
        np.testing.assert_array_equal(found[group.index], alone)
        np.testing.assert_array_equal(classes[group.index], fifths(group["value"]))


@quick
@given(tied, st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_unit_matters(values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    x = np.array(values, float)
    np.testing.assert_array_equal(quantiles(x[order]), quantiles(x)[order])
    np.testing.assert_array_equal(quantiles(1000 * x), quantiles(x))
    np.testing.assert_array_equal(fifths(x[order]), fifths(x)[order])


def one_by_one(values, n):
    """Fingertips' classes: the first bound that is not below the value."""
    known = sorted(v for v in values if not math.isnan(v))
    if len(known) < n:
        return [NAN] * len(values)
    upper = [round(float(np.percentile(known, 100 * i / n)), 10) for i in range(1, n)]
    upper.append(known[-1])
    return [
        NAN if math.isnan(v) else float(next(i for i, b in enumerate(upper, 1) if v <= b))
        for v in values
    ]


@quick
@given(
    st.lists(st.floats(-1e5, 1e5).map(lambda v: round(v, 3)) | st.just(NAN), max_size=40),
    st.sampled_from([4, 5]),
)
def test_the_rule_of_bounds_agrees_with_numpys_percentiles(values, n):
    np.testing.assert_array_equal(fifths(values, n=n), one_by_one(values, n))


def test_bounds_by_hand():
    # Positions 1.8, 3.6, 5.4, 7.2 and 9 from 0 in 1 to 10.
    np.testing.assert_allclose(bounds(range(1, 11)), [2.8, 4.6, 6.4, 8.2, 10], rtol=1e-15)
    assert bounds([1, 2, 4, 8, 16], n=4).tolist() == [2, 4, 8, 16]
    assert np.isnan(bounds([1, 2, 3, 4, NAN])).all()


def test_inner_bounds_are_rounded_and_the_last_is_the_highest_value():
    thirds = np.arange(1, 7) / 3
    found = bounds(thirds)
    assert found[0] == 0.6666666667  # the second of six values is the first bound
    assert found[-1] == thirds[-1]
    assert fifths(thirds).max() == 5
    # The third value, 1, is the second bound; two thirds lies below its rounded self.
    assert fifths(thirds).tolist() == [1, 1, 2, 4, 4, 5]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"n": 1}, "n is 2 or more"),
        ({"first": "best"}, "'highest' or 'lowest'"),
        ({"groups": ["a"]}, "1 rows for 5"),
    ],
)
def test_what_cannot_be_asked(asked, message):
    with pytest.raises(ValueError, match=message):
        quantiles([1, 2, 3, 4, 5], **asked)


@quick
@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 2)), min_size=1))
def test_keys_are_equal_exactly_where_rows_are(rows):
    table = pd.DataFrame(rows, columns=["letter", "number"])
    keys = row_keys([table["letter"], table["number"]])
    first = {}
    for pair, key in zip(rows, keys, strict=True):
        assert first.setdefault(pair, key) == key
    assert len(set(keys)) == len(set(rows))


def test_keys_of_many_columns_do_not_run_over():
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.permuted(np.tile(np.arange(400), (12, 1)), axis=1).T)
    table = pd.concat([table, table])  # 400 to the twelfth is above 2 to the 63rd
    keys = row_keys(column for _, column in table.items())
    assert len(set(keys)) == 400
    assert (keys[:400] == keys[400:]).all()

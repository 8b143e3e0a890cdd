"""League positions and their limits against exact probabilities, and what must always hold."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from lbbd_jsna.statistics import ranks as module
from lbbd_jsna.statistics.ranks import league_position, place_of, rank_intervals, ranks

NAN = math.nan
HIGH, LOW, NEITHER = "high_is_good", "low_is_good", "no_judgement"
# A league of eight whose intervals overlap, some of them lopsided.
VALUES = np.array([52.0, 50.0, 55.0, 47.0, 51.5, 60.0, 49.0, 53.0])
LOWER = VALUES - [3, 1, 4, 2, 3, 5, 6, 2]
UPPER = VALUES + [3, 2, 4, 2, 1, 5, 2, 7]


def eight(**options):
    return rank_intervals(VALUES, LOWER, UPPER, **{"polarity": HIGH, **options})


# --- Positions ---------------------------------------------------------------------------


def test_equal_values_share_the_best_place_and_blanks_have_none():
    found = ranks([3, 1, NAN, 3, 9], polarity=LOW)
    np.testing.assert_array_equal(found.position, [2, 1, NAN, 2, 4])
    np.testing.assert_array_equal(found.tied, [1, 0, NAN, 1, 0])
    assert found.of == 4


def test_what_is_not_judged_starts_with_the_highest():
    for polarity in (HIGH, NEITHER):
        np.testing.assert_array_equal(ranks([3, 1, 9], polarity=polarity).position, [2, 3, 1])


def test_each_row_is_a_league_of_its_own():
    found = ranks([[[1, 2, 2]], [[NAN, NAN, 7]]], polarity=HIGH)
    np.testing.assert_array_equal(found.position, [[[3, 1, 1]], [[NAN, NAN, 1]]])
    np.testing.assert_array_equal(found.of, [[3], [1]])


def test_a_league_of_nobody():
    assert ranks([], polarity=HIGH).position.shape == (0,)
    assert ranks([NAN], polarity=HIGH).of == 0
    found = rank_intervals([NAN], [NAN], [NAN], polarity=HIGH)
    assert np.isnan(found.low).all()
    assert found.unsure == "no values"


whole = st.integers(-5, 5).map(float) | st.just(NAN)


@settings(max_examples=60, deadline=None)
@given(st.lists(whole, min_size=1, max_size=12), st.sampled_from([HIGH, LOW]))
def test_positions_are_one_more_than_the_number_ahead(values, polarity):
    found = ranks(values, polarity=polarity)
    for value, position, tied in zip(values, found.position, found.tied, strict=True):
        if math.isnan(value):
            assert math.isnan(position)
            continue
        assert position == 1 + sum(v > value if polarity == HIGH else v < value for v in values)
        assert tied == values.count(value) - 1


@settings(max_examples=40, deadline=None)
@given(st.lists(whole, min_size=1, max_size=12))
def test_polarity_turns_the_table_round(values):
    best, worst = (ranks(values, polarity=p) for p in (HIGH, LOW))
    # Counted from the other end, with those tied: 1, 2, 2, 4 becomes 4, 2, 2, 1.
    np.testing.assert_array_equal(worst.position, best.of + 1 - best.position - best.tied)


@pytest.mark.parametrize("call", [ranks, lambda v, polarity: place_of(1, v, polarity=polarity)])
def test_a_polarity_nobody_knows_is_refused(call):
    with pytest.raises(ValueError, match="'good'.*high_is_good, low_is_good, no_judgement"):
        call([1, 2], polarity="good")


def test_a_single_number_is_not_a_league():
    with pytest.raises(ValueError, match="axis of areas"):
        ranks(3, polarity=HIGH)


# --- Their limits, against exact probabilities ---------------------------------------------


def share_below(x, value, lower, upper):
    """How often a draw lies below x: half a normal distribution on each side of the value."""
    z = (x - value) / np.where(x < value, value - lower, upper - value) * stats.norm.ppf(0.975)
    return stats.norm.cdf(z)


def exact_places(values, lower, upper):
    """The chance of each place, highest first, by integrating over each area's own draws.

    Where an area's draw lies, the number of others above it is a sum of independent yes and
    no, whose distribution is built up one area at a time.
    """
    own = np.linspace(0.0005, 0.9995, 1000)  # equal shares of an area's own draws
    chances = np.zeros((len(values), len(values)))
    for i, sides in enumerate(zip(values, lower, upper, strict=True)):
        value, low, high = sides
        z = stats.norm.ppf(own) / stats.norm.ppf(0.975)
        x = value + z * np.where(z < 0, value - low, high - value)
        above = np.zeros((len(values), len(own)))
        above[0] = 1
        for j, other in enumerate(zip(values, lower, upper, strict=True)):
            if j != i:
                p = 1 - share_below(x, *other)
                above[1:] = above[1:] * (1 - p) + above[:-1] * p
                above[0] *= 1 - p
        chances[i] = above.mean(axis=1)
    return chances


def test_three_areas_by_the_bivariate_normal_distribution():
    """A is last where B - A and C - A are both above 0."""
    a, b, c = 10.0, 11.0, 12.0
    errors = np.array([1.0, 2.0, 1.5])
    covariance = np.full((2, 2), errors[0] ** 2) + np.diag(errors[1:] ** 2)
    last = stats.multivariate_normal.cdf([b - a, c - a], mean=[0, 0], cov=covariance)
    first = stats.multivariate_normal.cdf([a - b, a - c], mean=[0, 0], cov=covariance)
    reach = stats.norm.ppf(0.975) * errors
    for tail, low, high in [
        (first - 0.01, 1, 3), (first + 0.01, 2, 3), (1 - last + 0.01, 3, 3),
    ]:  # fmt: skip
        found = rank_intervals(
            [a, b, c], [a, b, c] - reach, [a, b, c] + reach, polarity=HIGH, confidence=1 - 2 * tail
        )
        assert (found.low[0], found.high[0]) == (low, high)
    assert 0.05 < first < 0.2 < 0.4 < last


def test_four_areas_by_integration():
    """The first quarter of four is the first place: above all of the others."""
    v, low, high = VALUES[:4], LOWER[:4], VALUES[:4] * 2 - LOWER[:4]
    found = rank_intervals(v, low, high, polarity=HIGH)
    errors = (v - low) / stats.norm.ppf(0.975)
    for i in range(4):
        others = [stats.norm(v[j], errors[j]).cdf for j in range(4) if j != i]
        own = stats.norm(v[i], errors[i]).pdf
        first, _ = integrate.quad(
            lambda x, own=own, others=others: own(x) * math.prod(cdf(x) for cdf in others), 30, 80
        )
        assert found.first_quarter[i] == pytest.approx(first, abs=0.015)


def test_eight_areas_with_lopsided_intervals_by_the_distribution_of_the_number_ahead():
    exact = exact_places(VALUES, LOWER, UPPER)
    np.testing.assert_allclose(exact.sum(axis=0), 1, atol=0.003)
    reached = np.column_stack([np.zeros(8), exact.cumsum(axis=1)])
    found = eight()
    np.testing.assert_allclose(found.first_quarter, reached[:, 2], atol=0.015)
    np.testing.assert_allclose(found.last_quarter, 1 - reached[:, 6], atol=0.015)
    for area, (low, high) in enumerate(zip(found.low, found.high, strict=True)):
        low, high = int(low), int(high)
        assert reached[area, low - 1] < 0.025 + 0.006 < reached[area, low] + 0.012
        assert 1 - reached[area, high] < 0.025 + 0.006 < 1 - reached[area, high - 1] + 0.012


def test_a_lopsided_interval_is_drawn_half_on_each_side():
    """One at 10 (9 to 20) passes one that is certain at 15 as often as z > 1.96 * 5 / 10."""
    found = rank_intervals([10, 15, 1, 0], [9, 15, 1, 0], [20, 15, 1, 0], polarity=HIGH)
    assert found.first_quarter[0] == pytest.approx(stats.norm.sf(1.959964 / 2), abs=0.012)
    mirrored = rank_intervals([10, 15, 1, 0], [0, 15, 1, 0], [11, 15, 1, 0], polarity=HIGH)
    assert mirrored.first_quarter[0] == 0


def test_areas_all_alike_could_stand_anywhere():
    found = rank_intervals([5] * 33, [4] * 33, [6] * 33, polarity=LOW)
    assert set(found.low) == {1}
    assert set(found.high) == {33}
    assert found.first_quarter == pytest.approx(8 / 33)
    assert found.last_quarter == pytest.approx(8 / 33)


def test_a_share_of_exactly_the_tail_lies_outside():
    """A quarter of the draws in each of four places: the middle half is the second and third."""
    low, high, first, last = module._summary(np.array([[5, 5, 5, 5]]), np.array([20]), 0.5)
    assert (low, high, first, last) == (2, 3, 0.25, 0.25)


def test_areas_far_apart_stand_where_they_stand():
    values = np.arange(33.0)
    found = rank_intervals(values, values - 0.05, values + 0.05, polarity=HIGH)
    np.testing.assert_array_equal(found.low, found.position)
    np.testing.assert_array_equal(found.high, found.position)
    assert list(found.last_quarter) == [1] * 8 + [0] * 25


def test_values_without_error_share_their_place_in_every_draw():
    found = rank_intervals([5, 5, 1], [5, 5, 1], [5, 5, 1], polarity=HIGH)
    assert list(found.low) == list(found.high) == [1, 1, 3]


def test_limits_always_hold_the_position():
    """First of 300 hardly different areas, one is first in less than 2.5 % of the draws."""
    values = np.arange(300) / 1000
    found = rank_intervals(values, values - 1, values + 1, polarity=HIGH)
    assert (found.low <= found.position).all()
    assert (found.position <= found.high).all()
    assert found.low[-1] == 1
    assert found.high[0] == 300


def test_more_confidence_gives_wider_limits():
    narrow, middle, wide = (eight(confidence=c) for c in (0.5, 0.95, 0.998))
    for inner, outer in [(narrow, middle), (middle, wide)]:
        assert (outer.low <= inner.low).all()
        assert (outer.high >= inner.high).all()
    assert (wide.high - wide.low).sum() > (narrow.high - narrow.low).sum() + 8


def test_narrower_intervals_give_narrower_limits():
    finer = rank_intervals(
        VALUES, VALUES - (VALUES - LOWER) / 10, VALUES + (UPPER - VALUES) / 10, polarity=HIGH
    )
    assert (finer.low >= eight().low).all()
    assert (finer.high <= eight().high).all()


# --- What must not matter ------------------------------------------------------------------


def assert_same(one, other):
    for name in ("position", "low", "high", "first_quarter", "last_quarter"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


areas = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 4), st.integers(0, 4)) | st.none(),
    min_size=1, max_size=9,
)  # fmt: skip


def league(drawn):
    """Values with limits, some of them alike; a blank where there is no area."""
    rows = [
        (NAN,) * 3 if one is None else (one[0], one[0] - one[1], one[0] + one[2]) for one in drawn
    ]
    return np.array(rows, float).T


@settings(max_examples=40, deadline=None)
@given(areas, st.randoms(use_true_random=False))
def test_the_order_of_the_areas_does_not_matter(drawn, random):
    order = random.sample(range(len(drawn)), len(drawn))
    sides = league(drawn)
    straight = rank_intervals(*sides, polarity=LOW, draws=200)
    shuffled = rank_intervals(*sides[:, order], polarity=LOW, draws=200)
    assert_same(shuffled, type(straight)(*(side[order] for side in straight[:-1]), ""))


@settings(max_examples=40, deadline=None)
@given(areas, st.sampled_from([0.01, 1 / 3, 100, 1e5]), st.sampled_from([0, 2.5, -40]))
def test_the_unit_does_not_matter(drawn, scale, shift):
    """Per cent or per 100,000; but not where sums of such numbers round to other ties."""
    sides = league(drawn)
    sides[1:] += [[-0.1234567], [0.2345678]]
    one = rank_intervals(*sides, polarity=HIGH, draws=200)
    assert_same(one, rank_intervals(*(scale * sides + shift), polarity=HIGH, draws=200))


@settings(max_examples=40, deadline=None)
@given(areas)
def test_a_share_with_and_a_share_without_rank_the_same(drawn):
    value, lower, upper = league(drawn)
    good = rank_intervals(value, lower, upper, polarity=HIGH, draws=200)
    assert_same(good, rank_intervals(-value, -upper, -lower, polarity=LOW, draws=200))


@settings(max_examples=40, deadline=None)
@given(areas)
def test_positions_agree_and_areas_without_a_value_change_nothing(drawn):
    sides = league(drawn)
    found = rank_intervals(*sides, polarity=LOW, draws=200)
    np.testing.assert_array_equal(found.position, ranks(sides[0], polarity=LOW).position)
    known = ~np.isnan(sides[0])
    np.testing.assert_array_equal(np.isnan(found.low), ~known)
    alone = rank_intervals(*sides[:, known], polarity=LOW, draws=200)
    assert_same(alone, type(alone)(*(side[known] for side in found[:-1]), ""))
    assert ((alone.low <= alone.position) & (alone.position <= alone.high)).all()


def test_the_seed_fixes_the_limits_and_another_gives_nearly_the_same():
    assert_same(eight(seed=7), eight(seed=7))
    one, other = eight(seed=7), eight(seed=8)
    assert not np.array_equal(one.first_quarter, other.first_quarter)
    np.testing.assert_allclose(one.first_quarter, other.first_quarter, atol=0.02)


def test_how_many_are_drawn_at_a_time_does_not_matter(monkeypatch):
    whole = eight(draws=1000)
    monkeypatch.setattr(module, "DRAWN_AT_ONCE", 100)
    assert_same(whole, eight(draws=1000))


def test_a_league_among_others_is_as_it_is_alone():
    turned = [side[::-1] for side in (VALUES, LOWER, UPPER)]
    stacked = rank_intervals(*np.stack([[VALUES, LOWER, UPPER], turned], axis=1), polarity=HIGH)
    assert stacked.low.shape == (2, 8)
    assert list(stacked.unsure) == ["", ""]
    assert_same(eight(), type(stacked)(*(side[0] for side in stacked[:-1]), ""))
    assert_same(stacked, type(stacked)(*(np.stack([s, s[::-1]]) for s in eight()[:-1]), ""))


def test_what_is_given_is_not_changed():
    given_values = VALUES.copy()
    given_values.flags.writeable = False
    rank_intervals(given_values, LOWER, UPPER, polarity=LOW)
    np.testing.assert_array_equal(given_values, VALUES)


# --- Where there are none ------------------------------------------------------------------


def test_one_area_without_an_interval_leaves_the_whole_league_unsure():
    lower = LOWER.copy()
    lower[2] = NAN
    found = rank_intervals(VALUES, lower, UPPER, polarity=HIGH)
    assert found.unsure == "1 of 8 has no interval"
    assert np.isnan(found.low).all()
    assert np.isnan(found.first_quarter).all()
    np.testing.assert_array_equal(found.position, eight().position)


def test_no_intervals_at_all():
    found = rank_intervals([[1, 2], [1, 2]], [[NAN, NAN], [0, 1]], [[2, 3], [2, 3]], polarity=HIGH)
    assert list(found.unsure) == ["no intervals", ""]
    np.testing.assert_array_equal(np.isnan(found.high), [[True, True], [False, False]])


def test_quarters_need_four_areas():
    found = rank_intervals([1, 2, 3], [0, 1, 2], [2, 3, 4], polarity=HIGH)
    assert np.isnan(found.first_quarter).all()
    assert np.isnan(found.last_quarter).all()
    assert not np.isnan(found.low).any()


@pytest.mark.parametrize("limits", [(6, 7), (3, 4), (-math.inf, 6), (7, 3)])
def test_limits_that_do_not_enclose_their_value_are_named(limits):
    lower, upper = [0, limits[0]], [2, limits[1]]
    with pytest.raises(ValueError, match=r"enclose their value; wrong at \(1,\)"):
        rank_intervals([1, 5], lower, upper, polarity=HIGH)
    found = rank_intervals([1, 5], lower, upper, polarity=HIGH, errors="missing")
    assert found.unsure == "1 of 2 has no interval"


@pytest.mark.parametrize("option", [{"confidence": 1.0}, {"draws": 0}, {"errors": "ignore"}])
def test_impossible_options_are_refused(option):
    with pytest.raises(ValueError, match="between 0 and 1|at least one draw|'raise' or 'missing'"):
        eight(**option)


# --- One area, for a page ------------------------------------------------------------------

NAMED = dict(zip("abcdefgh", VALUES, strict=True))
LIMITS = dict(zip("abcdefgh", zip(LOWER, UPPER, strict=True), strict=True))


def test_one_area_has_the_place_and_the_limits_it_has_in_its_league():
    all_of_them = eight()
    for at, code in enumerate(NAMED):
        found = league_position(code, NAMED, polarity=HIGH, members=9, limits=LIMITS)
        assert (found.position, found.low, found.high) == tuple(
            int(side[at]) for side in all_of_them[:3]
        )
        assert (found.of, found.members, found.tied, found.first) == (8, 9, 0, "highest")
        assert found.unsure == ""


def test_a_place_without_limits_says_why_or_was_not_asked():
    unasked = league_position("c", NAMED, polarity=LOW, members=9)
    assert (unasked.position, unasked.low, unasked.high, unasked.unsure) == (7, None, None, "")
    some = {code: limits for code, limits in LIMITS.items() if code not in "gh"}
    partly = league_position("c", NAMED, polarity=LOW, members=9, limits=some)
    assert (partly.low, partly.unsure) == (None, "2 of 8 have no interval")
    none = league_position("c", NAMED, polarity=LOW, members=9, limits={})
    assert (none.high, none.unsure) == (None, "no intervals")


def test_a_limit_that_cannot_be_leaves_a_place_unsure_rather_than_no_page():
    wrong = {**LIMITS, "a": (99.0, 100.0)}
    found = league_position("c", NAMED, polarity=HIGH, members=9, limits=wrong)
    assert found.unsure == "1 of 8 has no interval"


def test_areas_without_a_value_are_not_ranked():
    values = {**NAMED, "i": NAN}
    assert league_position("i", values, polarity=HIGH, members=9, limits=LIMITS) is None
    assert league_position("z", values, polarity=HIGH, members=9) is None
    assert league_position("a", values, polarity=HIGH, members=9, limits=LIMITS).of == 8


# --- Where a value from outside would stand --------------------------------------------------


def test_the_place_of_an_average_by_hand():
    boroughs = [10, 20, 30, NAN]
    assert [place_of(v, boroughs, polarity=HIGH) for v in (35, 30, 25, 5)] == [1, 1, 2, 4]
    assert [place_of(v, boroughs, polarity=LOW) for v in (35, 30, 25, 5)] == [4, 3, 3, 1]
    assert place_of(NAN, boroughs, polarity=LOW) is None
    assert place_of(3, [NAN], polarity=LOW) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=9), st.integers(-6, 6))
def test_an_area_is_ahead_of_a_value_exactly_where_its_position_is_smaller(values, other):
    for polarity, better in [(HIGH, float.__gt__), (LOW, float.__lt__)]:
        place = place_of(other, values, polarity=polarity)
        positions = ranks(values, polarity=polarity).position
        assert [p < place for p in positions] == [better(v, float(other)) for v in values]

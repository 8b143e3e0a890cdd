"""Control charts against hand workings, brute force, and what must always hold."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbbd_jsna.statistics.control_charts import control_chart, p_chart, u_chart, xmr
from lbbd_jsna.statistics.workings import special_causes
from lbbd_jsna.statistics.workings.special_causes import causes, in_words

NAN = math.nan
FEW = settings(max_examples=80, deadline=None)
FLAGS = ("beyond", "run", "trend", "near")
# Up and down by 1 about 50: mean 50, mean moving range 2, limits 44.68 and 55.32.
CALM = [49.0, 51.0] * 6


def test_individuals_by_hand():
    chart = xmr(CALM)
    assert chart.centre == pytest.approx([50] * 12, abs=1e-12)
    assert chart.lower == pytest.approx([44.68] * 12, rel=1e-12)
    assert chart.upper == pytest.approx([55.32] * 12, rel=1e-12)
    assert not chart.special.any()
    assert chart.variation == "common cause"
    assert chart.assurance == "no target"


def test_one_leap_widens_the_limits_unless_it_is_screened():
    # Eighteen values, sum 35; seventeen ranges: fifteen of 1, one of 8 and one of 9, sum 32.
    values = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
    plain, screened = xmr(values), xmr(values, screened=True)
    assert plain.upper[0] == pytest.approx(35 / 18 + 2.66 * 32 / 17, rel=1e-12)
    # 8 and 9 exceed 3.267 x 32/17 = 6.15; the fifteen that are left have a mean of 1.
    assert screened.upper[0] == pytest.approx(35 / 18 + 2.66, rel=1e-12)
    assert screened.lower[0] == pytest.approx(35 / 18 - 2.66, rel=1e-12)
    assert list(np.flatnonzero(plain.beyond)) == list(np.flatnonzero(screened.beyond)) == [4]


def test_limits_stop_at_what_can_be():
    chart = xmr([1.0, 9] * 6, bounds=(0, 20))
    assert chart.lower[0] == 0  # 5 - 2.66 x 8 would be below
    assert chart.upper[0] == 20  # and 26.28 above


def test_proportions_by_hand():
    people = np.array([100.0] * 11 + [400])
    chart = p_chart(people / 2, people)
    # p = 0.5: 3 sqrt(0.25 / 100) is 15 points, and half of it with four times the people.
    assert chart.centre == pytest.approx([50] * 12)
    assert chart.upper == pytest.approx([65] * 11 + [57.5], rel=1e-12)
    assert chart.lower == pytest.approx([35] * 11 + [42.5], rel=1e-12)


def test_rates_by_hand():
    exposures = np.array([100.0] * 11 + [1600])
    chart = u_chart(exposures * 0.04, exposures, multiplier=1000)
    # u = 0.04: 3 sqrt(0.04 / 100) is 60 per 1,000, a quarter of it with 16 times as many.
    assert chart.upper == pytest.approx([100] * 11 + [55], rel=1e-12)
    assert chart.lower == pytest.approx([0] * 11 + [25], rel=1e-12)


@FEW
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(40, 90)), min_size=12, max_size=20))
def test_limits_by_counts_agree_with_exact_fractions(pairs):
    counts, people = zip(*pairs, strict=True)
    rate = Fraction(sum(counts), sum(people))
    p, u = p_chart(counts, people), u_chart(counts, people, multiplier=100)
    for i, n in enumerate(people):
        reach = 300 * math.sqrt(rate * (1 - rate) / n)
        assert p.upper[i] == pytest.approx(min(100, 100 * float(rate) + reach), rel=1e-9)
        assert p.lower[i] == pytest.approx(max(0, 100 * float(rate) - reach), rel=1e-9, abs=1e-9)
        reach = 300 * math.sqrt(rate / n)
        assert u.upper[i] == pytest.approx(100 * float(rate) + reach, rel=1e-9)
        assert u.lower[i] == pytest.approx(max(0, 100 * float(rate) - reach), rel=1e-9, abs=1e-9)


def flagged_by_hand(values):
    """The four rules read out one point at a time; a gap, None, ends every pattern."""
    known = [v for v in values if v is not None]
    mean = Fraction(sum(known), len(known))
    pairs = [(a, b) for a, b in zip(values, values[1:], strict=False) if None not in (a, b)]
    reach = Fraction(266, 100) * Fraction(sum(abs(a - b) for a, b in pairs), len(pairs))
    found = {name: set() for name in FLAGS}

    def beyond(v):
        return abs(v - mean) > reach

    def near(v):
        return not beyond(v) and abs(v - mean) > reach * 2 / 3

    for i in range(len(values)):
        if values[i] is not None and beyond(values[i]):
            found["beyond"].add(i)
        seven = values[i : i + 7]
        if len(seven) == 7 and None not in seven:
            if all(v > mean for v in seven) or all(v < mean for v in seven):
                found["run"] |= set(range(i, i + 7))
            steps = [b - a for a, b in zip(seven, seven[1:], strict=False)]
            if all(s > 0 for s in steps) or all(s < 0 for s in steps):
                found["trend"] |= set(range(i, i + 7))
        three = values[i : i + 3]
        if len(three) == 3 and None not in three:
            one_side = all(v > mean for v in three) or all(v < mean for v in three)
            close = [i + k for k in range(3) if near(three[k])]
            if one_side and len(close) >= 2:
                found["near"] |= set(close)
    return found


VALUES = st.one_of(
    st.lists(st.integers(0, 12), min_size=12, max_size=30),
    # Few steps, many of them alike: long runs and long rises.
    st.lists(st.sampled_from([1, 1, 1, 1, -6, 0]), min_size=12, max_size=30).map(
        lambda steps: [int(v) for v in np.cumsum(steps)]
    ),
    # A quiet stretch, then another level.
    st.tuples(st.lists(st.integers(0, 2), min_size=8, max_size=12),
              st.lists(st.integers(3, 9), min_size=4, max_size=9)).map(lambda p: p[0] + p[1]),
)  # fmt: skip


@FEW
@given(VALUES, st.one_of(st.none(), st.integers(0, 11)))
def test_every_rule_agrees_with_reading_the_points_one_by_one(values, gap):
    values = list(values) + [values[0]]  # one more, so that twelve are left beside a gap
    if gap is not None:
        values[gap] = None
    chart = xmr([NAN if v is None else v for v in values])
    by_hand = flagged_by_hand(values)
    for name in FLAGS:
        assert set(np.flatnonzero(getattr(chart, name))) == by_hand[name], name


@pytest.mark.parametrize(
    ("rule", "tail", "flagged"),
    [
        ("beyond", [60.0], 1),
        ("run", [49.5] * 7, 7),
        ("run", [49.5] * 9, 9),
        ("trend", [46.0, 47, 48, 49, 50.5, 51, 52], 7),
        ("near", [54.9, 51.0, 54.8], 2),
    ],
)
def test_each_rule_alone(rule, tail, flagged):
    chart = xmr([49.0, 51.0] * 15 + tail)
    assert getattr(chart, rule).sum() == flagged
    assert getattr(chart, rule)[-1]
    assert causes(chart)[-1]


@pytest.mark.parametrize(
    "tail", [[50.5] * 5 + [49, 51], [46.0, 47, 48, 49, 50.5, 51, 51], [54.9, 49.0, 54.9]]
)
def test_one_short_of_a_rule_is_no_special_cause(tail):
    assert not xmr([49.0, 51.0] * 15 + tail).special.any()


@pytest.mark.parametrize("values", [[0.1] * 12, [1 / 3] * 15, [1e9 / 3] * 13, [0.0] * 12])
def test_a_level_series_has_no_special_cause(values):
    assert not xmr(values).special.any()


def test_a_missing_point_ends_a_run_and_a_range():
    broken = [49.0, 51] * 6 + [50.5] * 4 + [NAN] + [50.5] * 4
    assert not xmr(broken).run.any()
    assert xmr([v for v in broken if v == v]).run[-8:].all()
    # Ranges: ten pairs within the two halves, none across the gap.
    halves = [10.0] * 6 + [NAN] + [30.0] * 6
    assert xmr(halves).upper[0] == pytest.approx(20)


VERDICTS = [
    # values at the end, then what is said by polarity: high, low, none
    ([60.0], ("improving", "concerning", "up")),
    ([40.0], ("concerning", "improving", "down")),
    ([50.5] * 7, ("improving", "concerning", "up")),
    ([49.5] * 7, ("concerning", "improving", "down")),
]


@pytest.mark.parametrize(("tail", "words"), VERDICTS)
def test_the_latest_point_gives_the_variation_by_polarity(tail, words):
    values = [49.0, 51.0] * 15 + tail
    found = [str(xmr(values, polarity=p).variation)
             for p in ("high_is_good", "low_is_good", "no_judgement")]
    assert found == [f"special cause, {word}" for word in words]


def test_a_rise_points_up_from_its_first_point_below_the_mean():
    chart = xmr([49.0, 51.0] * 15 + [48.0, 48.5, 49.5, 50.5, 51, 51.5, 52])
    assert chart.values[-7] < chart.centre[-7]
    assert list(chart.side[-7:]) == [1] * 7
    assert chart.variation == "special cause, up"


def test_a_fall_that_stays_above_the_mean_is_still_up():
    # Seven in a row above the mean are a shift; that they fall does not undo it yet.
    chart = xmr([49.0, 51.0] * 15 + [53.0, 52.8, 52.6, 52.4, 52.2, 52.0, 51.8])
    assert chart.trend[-1]
    assert chart.run[-1]
    assert chart.variation == "special cause, up"


def test_an_old_special_cause_is_marked_but_does_not_decide():
    chart = xmr([60.0] + [49.0, 51.0] * 10)
    assert chart.beyond[0]
    assert chart.variation == "common cause"


def test_the_latest_point_with_a_value_decides():
    chart = xmr([49.0, 51.0] * 15 + [60.0, NAN, NAN], polarity="high_is_good")
    assert chart.variation == "special cause, improving"


@pytest.mark.parametrize(
    ("target", "high", "low"),
    [
        (44, "will be met", "will not be met"),
        (44.7, "hit and miss", "hit and miss"),
        (50, "hit and miss", "hit and miss"),
        (55.3, "hit and miss", "hit and miss"),
        (56, "will not be met", "will be met"),
    ],
)
def test_assurance_by_polarity(target, high, low):
    assert xmr(CALM, polarity="high_is_good", target=target).assurance == high
    assert xmr(CALM, polarity="low_is_good", target=target).assurance == low
    assert xmr(CALM, target=target).assurance == "not judged"


def test_what_is_said():
    assert in_words(xmr(CALM)) == "varies as it has before, no special cause"
    assert in_words(xmr(CALM, polarity="low_is_good", target=60), target="the target of 60") == (
        "varies as it has before, no special cause; within these limits the target of 60 will be "
        "met"
    )
    assert in_words(xmr([*CALM, 60.0], polarity="low_is_good")).startswith("a change for the worse")


def test_every_verdict_has_words():
    names = ("COMMON", "IMPROVING", "CONCERNING", "UP", "DOWN", "MET", "MISSED", "BY_CHANCE",
             "NO_TARGET", "NO_DIRECTION")  # fmt: skip
    said = special_causes._VARIATION | special_causes._ASSURANCE
    assert {getattr(special_causes, name) for name in names} | {""} == set(said)


def test_the_reasons_of_a_point():
    chart = xmr([49.0, 51.0] * 15 + [50.5] * 6 + [60.0])
    assert causes(chart)[0] == ""
    assert causes(chart)[-1] == "above the upper limit; 7 or more above the mean"


PEOPLE = np.array([80, 95, 120, 70, 110, 100, 90, 105, 115, 85, 75, 100.0])
EVENTS = np.array([40, 50, 58, 36, 57, 48, 47, 50, 60, 41, 39, 51.0])


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"multiplier": 100}, "p"),
        ({"multiplier": 1, "values": EVENTS / PEOPLE}, "p"),
        ({"multiplier": 1000, "values": 1000 * EVENTS / PEOPLE}, "u"),
        ({"multiplier": None}, "xmr"),
        ({"multiplier": 100, "counts": None}, "xmr"),
        ({"multiplier": 100, "values": EVENTS}, "xmr"),  # the counts do not give these values
        ({"multiplier": 100, "denominators": PEOPLE * [0] * 12}, "xmr"),
        # A thousand times as many people in each: the same figures are then far beyond chance.
        ({"multiplier": 100, "counts": EVENTS * 1000, "denominators": PEOPLE * 1000}, "xmr"),
    ],
)
def test_the_kind_that_fits_is_chosen(said, kind):
    plain = {"values": (100 * EVENTS / PEOPLE).round(1), "counts": EVENTS, "denominators": PEOPLE}
    if said.get("counts") is None and "counts" in said:
        plain.pop("counts")
    assert control_chart(**{**plain, **said}).kind == kind


def test_a_kind_can_be_asked_for():
    values = 100 * EVENTS / PEOPLE
    assert control_chart(values, EVENTS, PEOPLE, kind="xmr", multiplier=100).kind == "xmr"
    chart = control_chart(values, EVENTS * 1000, PEOPLE * 1000, kind="p", multiplier=100)
    assert chart.kind == "p"
    assert chart.centre[0] == pytest.approx(100 * EVENTS.sum() / PEOPLE.sum())


def test_a_suppressed_value_is_not_brought_back_from_its_counts():
    values = np.append(100 * EVENTS / PEOPLE, NAN)
    chart = control_chart(values, np.append(EVENTS, 3), np.append(PEOPLE, 90), multiplier=100)
    assert chart.kind == "p"
    assert np.isnan(chart.values[-1])
    assert chart.centre[0] == pytest.approx(100 * EVENTS.sum() / PEOPLE.sum())


def made_up(series=12, periods=18):
    rng = np.random.default_rng(4)
    y = 50 + rng.normal(0, 3, (series, periods)) + np.linspace(0, 9, series)[:, None] * (
        np.arange(periods) > 9)
    y[3, 5] = NAN
    return y


def test_one_by_one_and_all_at_once_are_the_same():
    together = xmr(made_up(), polarity="high_is_good", target=48)
    for i, series in enumerate(made_up()):
        alone = xmr(series, polarity="high_is_good", target=48)
        for name in ("centre", "lower", "upper", *FLAGS, "side", "variation", "assurance"):
            np.testing.assert_array_equal(getattr(alone, name), getattr(together, name)[i], name)
    assert {"common cause", "special cause, improving"} <= set(together.variation)


@FEW
@given(st.integers(0, 10_000), st.sampled_from([0.01, 10, 7]), st.sampled_from([-40, 0, 300]))
def test_the_unit_does_not_matter(seed, factor, shift):
    values = np.random.default_rng(seed).integers(0, 30, 20) + np.linspace(0, seed % 30, 20)
    plain, other = xmr(values), xmr((values + shift) * factor)
    for name in FLAGS:
        np.testing.assert_array_equal(getattr(plain, name), getattr(other, name))
    assert plain.variation == other.variation


@FEW
@given(st.integers(0, 10_000))
def test_upside_down_the_variation_turns_round(seed):
    values = np.random.default_rng(seed).integers(0, 30, 20) + np.linspace(0, seed % 30, 20)
    plain, other = xmr(values, polarity="high_is_good"), xmr(-values, polarity="low_is_good")
    assert plain.variation == other.variation
    np.testing.assert_array_equal(plain.special, other.special)


def test_by_chance_alone_few_points_lie_beyond():
    chart = xmr(np.random.default_rng(8).normal(50, 5, (2000, 36)))
    # 0.27 in 100 with known limits, a little more with limits from the same 36 points.
    assert 0.001 < chart.beyond.mean() < 0.006


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: xmr([1.0] * 11), "12 points"),
        (lambda: xmr([1.0] * 11 + [NAN] * 5), "12 points"),
        (lambda: xmr([[1.0] * 12, [1.0] * 11 + [NAN]]), r"12 points.*wrong at \(1,\)"),
        (lambda: xmr([1.0, NAN] * 12), "6 pairs"),
        (lambda: xmr([1.0] * 11 + [math.inf]), r"finite.*\(11,\)"),
        (lambda: xmr(1.0), "axis of periods"),
        (lambda: xmr(CALM, polarity="up"), "polarity.*not up"),
        (lambda: p_chart([1] * 11, [2] * 11), "12 points"),
        (lambda: p_chart([1] * 11 + [3], [2] * 12), r"count.*\(11,\)"),
        (lambda: p_chart([1] * 12, [2] * 11 + [0]), r"denominator.*\(11,\)"),
        (lambda: u_chart([-1] + [1] * 11, [2] * 12, multiplier=10), r"exposure|denominator"),
        (lambda: u_chart([1] * 12, [2] * 12, multiplier=0), "multiplier"),
        (lambda: control_chart(CALM, kind="c"), "not c"),
        (lambda: control_chart(CALM, kind="p"), "needs counts"),
    ],
)
def test_what_allows_no_chart_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


def test_too_short_a_series_is_missing_by_choice():
    chart = xmr([CALM, [*CALM[:11], NAN]], errors="missing")
    assert list(chart.variation) == ["common cause", ""]
    assert np.isnan(chart.upper[1]).all()
    assert not chart.special[1].any()
    short = xmr([1.0] * 3, errors="missing")
    assert short.variation == ""
    assert short.assurance == ""
    assert in_words(short) == "too few points to say"
    assert p_chart([1] * 12 + [9], [2] * 13, errors="missing").variation == "common cause"

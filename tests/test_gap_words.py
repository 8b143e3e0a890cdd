"""Gaps in words: worked out before rounding, in people where they are known, never over-precise."""

import math
from dataclasses import replace

import pytest
from made_up_borough import indicator
from test_wording import CATALOGUE, OBESITY, finding, point

from lbbd_jsna.exhibits import gap_words
from lbbd_jsna.facts.gaps import gaps_of
from lbbd_jsna.findings import Gap
from lbbd_jsna.statistics.verdicts import Verdict

NAN = math.nan
# 423 of 3,421 are 12.3648 %; Wilson's limits, by the formula, are 11.3026 % and 13.5115 %.
OWN = point(2023, 100 * 423 / 3421, 11.3026, 13.5115, 423, 3421)


def gap(other, *, own=OWN, series=OBESITY):
    return gaps_of(own, {"england": (other,)}, indicator=series)["england"]


def with_gap(other, **changes):
    one = replace(finding(), latest=OWN, **changes)
    return replace(one, gaps={"england": gap(other)})


def test_against_a_benchmark_without_limits_its_value_is_fixed():
    found = gap(point(2023, 10.0))
    assert found.fixed
    limits = (found.value, found.lower, found.upper)
    assert limits == pytest.approx((2.3648, 1.3026, 3.5115), abs=1e-4)
    # A 2.3648 % gap of 3,421 children is 80.9 of them.
    assert (found.people, found.fewest, found.most) == pytest.approx((80.9, 44.6, 120.1), abs=0.1)


def test_limits_of_both_are_squared_and_added():
    found = gap(point(2023, 10.0, 9.0, 11.5))
    # Newcombe: 2.3648 - sqrt(1.0622^2 + 1.5^2) and 2.3648 + sqrt(1.1467^2 + 1.0^2).
    assert not found.fixed
    assert (found.lower, found.upper) == pytest.approx((0.5268, 3.8863), abs=1e-3)


@pytest.mark.parametrize(
    ("series", "own"),
    [
        (OBESITY.model_copy(update={"counts_people": False}), OWN),
        (OBESITY.model_copy(update={"repeated": True}), OWN),
        (indicator("years", unit="years", value_type="Life expectancy"), OWN),
        (OBESITY, replace(OWN, denominator=NAN)),
        (OBESITY, replace(OWN, value=30.0)),  # its counts do not give its value
    ],
)
def test_no_people_where_the_figure_is_not_a_share_of_people(series, own):
    assert math.isnan(gap(point(2023, 10.0), own=own, series=series).people)


def test_no_gap_where_the_other_has_no_value_in_the_period():
    assert gaps_of(OWN, {"england": (point(2022, 10.0), point(2023, NAN))}, indicator=OBESITY) == {}


def test_the_sentence_of_a_gap_says_how_many_people():
    assert gap_words.gap_sentence(with_gap(point(2023, 10.0)), CATALOGUE) == (
        "The borough is 2.4 percentage points above England (95% interval 1.3 to 3.5). With "
        "England's figure there would be about 81 fewer (45 to 120)."
    )
    below = gap_words.gap_sentence(with_gap(point(2023, 14.0)), CATALOGUE)
    assert "is 1.6 percentage points below England (95% interval 0.5 to 2.7)." in below
    assert "about 56 more" in below


def test_a_gap_that_chance_could_make_is_not_counted_in_people():
    said = gap_words.gap_sentence(with_gap(point(2023, 12.0)), CATALOGUE)
    assert said == "The borough is 0.4 percentage points above England (95% interval −0.7 to 1.5)."


def test_a_gap_of_nothing_as_printed():
    said = gap_words.gap_sentence(with_gap(point(2023, 12.36)), CATALOGUE)
    assert said == "As printed, it does not differ from England's figure."
    assert gap_words.gap_sentence(finding(), CATALOGUE) == ""


def test_people_are_given_to_two_figures():
    assert [gap_words.rounded(n) for n in (0.4, 7.6, 44.6, 123.0, 1251.0, 86499.0)] == [
        "0", "8", "45", "120", "1,300", "86,000"
    ]  # fmt: skip


def test_the_region_and_the_peers_are_told_in_one_sentence():
    beside = {"midshire": (point(2023, 14.0, 13.5, 14.5),), "peers": (point(2023, 12.36),)}
    gaps = gaps_of(OWN, beside, indicator=OBESITY)
    one = replace(finding(), latest=OWN, gaps=gaps)
    # Newcombe: 1.6352 below, - sqrt(1.1467^2 + 0.5^2) and + sqrt(1.0622^2 + 0.5^2).
    assert gap_words.beside_sentence(one, CATALOGUE) == (
        "It is 1.6 percentage points below Midshire (95% interval 0.4 to 2.8) and level with "
        "Peers as printed."
    )
    assert gap_words.beside_sentence(finding(), CATALOGUE) == ""


def test_a_gap_in_a_cell():
    found = Gap(-1.64, -2.7, -0.49, NAN, NAN, NAN, fixed=True)
    assert gap_words.gap_in_cell(found, OBESITY) == (
        "1.6 percentage points lower", "95% interval 0.5 to 2.7"
    )  # fmt: skip


def judged(*tests):
    return [finding(verdict=Verdict("worse", test)) for test in tests]


def test_how_many_comparisons_chance_alone_would_make():
    # Forty at 95 %, twenty of them the publisher's, and ten at 99.8 %: 40 x 0.05 + 10 x 0.002.
    many = judged(*["interval_95"] * 20, *["published"] * 20, *["interval_99_8"] * 10)
    assert gap_words.by_chance(many, CATALOGUE) == (
        "50 figures here are compared with England. Were the borough just like England on every "
        "one, chance alone would call about 2.0 of them different."
    )
    assert "1 time in 20." in gap_words.by_chance(judged("interval_95"), CATALOGUE)
    # A fifth is a place and no test, and what is not compared is not counted.
    assert gap_words.by_chance(judged("quintiles", "goal", ""), CATALOGUE) == ""

"""The board's first page: the rule, on facts made by hand."""

from types import SimpleNamespace

from lbbd_jsna.selection import MOST, first_looks
from lbbd_jsna.statistics.comparisons import Verdict
from lbbd_jsna.statistics.ranks import Rank
from lbbd_jsna.statistics.trends import Trend


def finding(name, *, outcome="similar", progress="", position=1, polarity="low_is_good"):
    return SimpleNamespace(
        indicator=SimpleNamespace(id=name, polarity=polarity),
        verdict=Verdict(outcome, "published"),
        trend=Trend("rising", progress, ""),
        rank=Rank(position, 33, 33, 0, "lowest"),
    )


def chosen(*findings):
    measures = [SimpleNamespace(findings=(one,)) for one in findings]
    page = SimpleNamespace(with_figures=measures, outcome=SimpleNamespace(id="outcome-1"))
    return [item.finding.indicator.id for item in first_looks(SimpleNamespace(outcomes=[page]))]


def test_worse_comes_first_then_getting_worse_then_the_lowest_place():
    found = chosen(
        finding("last-place", position=33),
        finding("getting-worse", progress="worse"),
        finding("worse", outcome="worse"),
        finding("worse-and-lower", outcome="worse", position=30),
        finding("worse-and-getting-worse", outcome="worse", progress="worse"),
    )
    assert found == [
        "worse-and-getting-worse", "worse-and-lower", "worse", "getting-worse", "last-place"
    ]


def test_what_gives_no_reason_to_look_is_left_out():
    assert chosen(finding("fine", position=25), finding("good", outcome="better")) == []
    # Place 26 of 33 is the first beyond three quarters of the way down: 25 of 32 steps.
    assert chosen(finding("low", position=26)) == ["low"]


def test_a_place_without_a_good_direction_is_no_reason():
    assert chosen(finding("births", position=33, polarity="no_judgement")) == []


def test_an_indicator_appears_once_and_eight_at_most():
    twice = finding("same", outcome="worse")
    assert chosen(twice, twice) == ["same"]
    many = [finding(f"i{n}", outcome="worse", position=n) for n in range(1, 12)]
    assert chosen(*many) == [f"i{n}" for n in range(11, 11 - MOST, -1)]

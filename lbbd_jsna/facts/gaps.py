"""How far the borough stands from each comparator, and what that comes to in people."""

from __future__ import annotations

import math

import numpy as np

from lbbd_jsna.catalogue import DisclosureRules, Indicator
from lbbd_jsna.facts.comparators import consistent, multiplier
from lbbd_jsna.findings import Gap, Point
from lbbd_jsna.statistics.intervals import Interval
from lbbd_jsna.statistics.rounding import span_of_rounded
from lbbd_jsna.statistics.targets import gap_to, people


def gaps_of(
    latest: Point,
    comparators: dict[str, tuple[Point, ...]],
    *,
    indicator: Indicator,
    rounding: DisclosureRules | None = None,
) -> dict[str, Gap]:
    """The gap to every comparator that has a value in the period of the borough's latest.

    Parameters
    ----------
    rounding : DisclosureRules, optional
        By which the borough's counts are rounded: the fewest and most people then allow for it.

    Returns
    -------
    dict of the name of the set to Gap
    """
    return {
        name: _gap(latest, point, indicator, rounding)
        for name, points in comparators.items()
        for point in points
        if point.period == latest.period and point.known
    }


def _gap(
    own: Point, other: Point, indicator: Indicator, rounding: DisclosureRules | None
) -> Gap:
    factor = multiplier(indicator)
    apart = gap_to(own.interval, other.interval)
    counted = (math.nan,) * 3
    if consistent(own, factor) and indicator.counts_people and not indicator.repeated:
        counted = _people(apart, own.denominator, factor, rounding)
    return Gap(*map(float, apart), *map(float, counted), fixed=math.isnan(other.lower))


def _people(
    apart: Interval, denominator: float, factor: float, rounding: DisclosureRules | None
) -> tuple[float, float, float]:
    """The gap in people, among as few or as many as the denominator may stand for."""
    ends = (denominator, denominator)
    if rounding is not None:
        ends = span_of_rounded(
            denominator, to=rounding.round_to, smallest=rounding.smallest_shown
        )
    value = people(apart, denominator, multiplier=factor).value
    few, many = (people(apart, end, multiplier=factor) for end in ends)
    return value, np.minimum(few.lower, many.lower), np.maximum(few.upper, many.upper)

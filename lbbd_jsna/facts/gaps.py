"""How far the borough stands from each comparator, and what that comes to in people."""

from __future__ import annotations

import math

from lbbd_jsna.catalogue import Indicator
from lbbd_jsna.facts.comparators import consistent, multiplier
from lbbd_jsna.findings import Gap, Point
from lbbd_jsna.statistics.targets import gap_to, people


def gaps_of(
    latest: Point, comparators: dict[str, tuple[Point, ...]], *, indicator: Indicator
) -> dict[str, Gap]:
    """The gap to every comparator that has a value in the period of the borough's latest.

    Returns
    -------
    dict of the name of the set to Gap
    """
    return {
        name: _gap(latest, point, indicator)
        for name, points in comparators.items()
        for point in points
        if point.period == latest.period and point.known
    }


def _gap(own: Point, other: Point, indicator: Indicator) -> Gap:
    factor = multiplier(indicator)
    apart = gap_to(own.interval, other.interval)
    counted = (math.nan,) * 3
    if consistent(own, factor) and indicator.counts_people and not indicator.repeated:
        counted = people(apart, own.denominator, multiplier=factor)
    return Gap(*map(float, apart), *map(float, counted), fixed=math.isnan(other.lower))

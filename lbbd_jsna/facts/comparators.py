"""The areas listed beside the borough, and the rate of those that stand together."""

from __future__ import annotations

import re
from dataclasses import replace

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.findings import Point
from lbbd_jsna.statistics.areas import Combined, combined_rate

PLAIN_RATIOS = ("proportion", "crude rate")
ROUNDED = "the counts are rounded one by one, so they do not add up"


def comparators_of(
    indicator: Indicator, by_area: dict[str, tuple[Point, ...]], latest: str, catalogue: Catalogue
) -> tuple[dict[str, tuple[Point, ...]], Combined]:
    """The points of the benchmark, the region and the peers, and why the peers have no rate."""
    named = catalogue.comparators
    found = {
        name: by_area.get(catalogue.set_of(name).areas[0], ())
        for name in (named.benchmark, named.region)
    }
    members = catalogue.set_of(named.peers).areas
    by_period: dict[str, list[Point]] = {}
    for code in members:
        for point in by_area.get(code, ()):
            by_period.setdefault(point.period, []).append(point)
    if catalogue.rounding(indicator) is not None:
        return found | {named.peers: ()}, Combined(None, None, None, ROUNDED)
    combined = {
        period: _combine(points, members=len(members), factor=multiplier(indicator))
        for period, points in by_period.items()
    }
    found[named.peers] = tuple(
        _combined_point(by_period[period][0], rate)
        for period, rate in combined.items()
        if rate.value is not None
    )
    missing = Combined(None, None, None, "no figures for these boroughs")
    return found, combined.get(latest, missing)


def multiplier(indicator: Indicator) -> float | None:
    """What a ratio of counts is multiplied by to give the unit, or None if it is no such ratio."""
    if indicator.value_type.lower() not in PLAIN_RATIOS:
        return None
    if indicator.unit.startswith("%"):
        return 100.0
    match = re.match(r"per ([\d,]+)", indicator.unit)
    return float(match.group(1).replace(",", "")) if match else None


def _combine(points: list[Point], *, members: int, factor: float | None) -> Combined:
    """The rate of a set of areas, from those whose counts give the value they print."""
    usable = [point for point in points if consistent(point, factor)]
    return combined_rate(
        [point.count for point in usable],
        [point.denominator for point in usable],
        members=members,
        multiplier=factor,
    )


def consistent(point: Point, factor: float | None) -> bool:
    """Whether a point's counts give the value printed beside them."""
    if factor is None or not point.denominator > 0:
        return False
    implied = factor * point.count / point.denominator
    return abs(implied - point.value) <= 0.02 * abs(point.value) + 0.05


def _combined_point(member: Point, rate: Combined) -> Point:
    return replace(
        member,
        value=rate.value,
        lower=rate.lower,
        upper=rate.upper,
        count=rate.count,
        denominator=rate.denominator,
        status="published",
        note="summed numerators over summed denominators",
        source="worked out from the member boroughs",
        file="",
        row=0,
    )

"""Figures by group, and how far the wards of the borough stand apart."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from lbbd_jsna.catalogue import Indicator
from lbbd_jsna.findings import (
    BesideAll,
    Finding,
    Gap,
    GroupFigures,
    Point,
    WardFigures,
    points_by_area,
)
from lbbd_jsna.statistics.areas import ward_range
from lbbd_jsna.statistics.inequality import (
    FEWEST_GROUPS,
    fitted_line,
    group_gaps,
    slope_index,
    standard_error,
)
from lbbd_jsna.statistics.intervals import Interval
from lbbd_jsna.statistics.targets import gap_to

NO_ORDER = "the groups have no order"
TOO_FEW = "a slope needs three groups or more"
INCOMPLETE = "not every group has a figure"
NO_LIMITS = "the extract gives no intervals for the groups"
NO_PEOPLE = "the extract does not say how many people are in each group"
# Rows that make up one set of groups share these.
_SET = ["category_type", "sex", "age", "period_range"]
# Where people live says more of them than which council they live in; the first that fits.
_PREFERRED = ("lsoa", "within area", "district")
_ORDINALS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6}
_ENDS = re.compile(r"(?:(\w+)\s+)?(most|more|least|less)[\s-]deprived")
_MIDDLE = re.compile(r"\b(average|middle)\b")
_NUMBER = re.compile(r"\b(1?\d|20)\b")
_SIZES = {"quintile": 5, "fifth": 5, "decile": 10, "tenth": 10, "quartile": 4}
_FAR = 1000
_PEERS = re.compile(r"\b(no|not|non|without)\b|\ball other\b|\bother (pupils|children|people)\b")


class WardSpread(NamedTuple):
    """The highest and the lowest ward of a series, and how far apart they stand.

    `by_chance` is how far apart wards that are truly alike would stand nineteen times in
    twenty, nan where a ward has no interval; `known` of `wards` have a figure.
    """

    highest: str
    highest_value: float
    lowest: str
    lowest_value: float
    apart: float
    by_chance: float
    known: int
    wards: int


def group_figures(
    rows: pd.DataFrame, *, indicator: Indicator, area_code: str, benchmark_code: str
) -> tuple[GroupFigures, ...]:
    """The figures of an indicator by group: the borough's, or else the country's.

    Parameters
    ----------
    rows : DataFrame
        The observations of the indicator, headline rows among them.
    area_code, benchmark_code : str
        The borough, and the country whose groups stand in where the borough has none.

    Returns
    -------
    tuple of GroupFigures
        One for each breakdown with two figures or more, deprivation first and only once;
        empty where there is none.
    """
    for code in dict.fromkeys((area_code, benchmark_code)):
        own = rows[rows["area_code"].eq(code)]
        found = list(_sets(own, indicator=indicator, own=code == area_code))
        if found:
            ordered = sorted((f for f in found if f.ordered), key=_preference)
            others = sorted((f for f in found if not f.ordered), key=lambda f: f.category_type)
            return (*ordered[:1], *others)
    return ()


def beside_all(group: Finding, everybody: Finding) -> BesideAll | None:
    """A named group's figure beside everybody's, or None without a period of both.

    Everybody's is taken as fixed, as it holds the group: the two are not independent.
    """
    whole = {point.period: point for point in everybody.known}
    both = [point for point in group.known if point.period in whole]
    if not both:
        return None
    own = both[-1]
    other = whole[own.period]
    apart = gap_to(own.interval, Interval(other.value, math.nan, math.nan))
    counted = (math.nan,) * 3
    gap = Gap(*map(float, apart), *counted, fixed=True)
    return BesideAll(group.indicator, everybody.indicator, own, other, gap)


def ward_spread(figures: WardFigures) -> WardSpread | None:
    """How far the borough's wards stand apart, or None without two with a figure."""
    table = figures.table
    values = table["value"].to_numpy(float)
    errors = standard_error(table["lower_95"], table["upper_95"], errors="missing")
    found = ward_range(values, standard_errors=errors)
    if found.known < 2:
        return None
    high, low = int(found.highest_at), int(found.lowest_at)
    names = table["name"].tolist()
    return WardSpread(
        names[high], float(values[high]), names[low], float(values[low]),
        float(found.apart), float(found.by_chance), int(found.known), len(table),
    )


def deprivation_order(names: list[str]) -> list[int] | None:
    """The positions of names of groups from the most to the least deprived.

    None where the names are not an order of deprivation: not every one has its place, two
    share one, or an end is missing.
    """
    lower = [name.lower() for name in names]
    places = [_place(name) for name in lower]
    if None in places:
        places = _numbered(lower)
    if len(set(places)) < len(places) or not {1, _FAR - 1} <= set(places):
        return None
    return sorted(range(len(names)), key=lambda i: places[i])


def _place(name: str) -> int | None:
    """A group's place by its words: 1 is the most deprived, `_FAR` less 1 the least."""
    found = _ENDS.search(name)
    if found:
        step = _ORDINALS.get(found[1] or "", 1)
        return step if found[2] in ("most", "more") else _FAR - step
    return _FAR // 2 if _MIDDLE.search(name) else None


def _numbered(names: list[str]) -> list[int]:
    """Places by number, where words name only the two ends; empty where they do not."""
    found = [_NUMBER.search(name) for name in names]
    if not all(found) or len(names) < FEWEST_GROUPS:
        return []
    numbers = [int(match[1]) for match in found]
    ends = {_place(name): number for name, number in zip(names, numbers, strict=True)}
    first, last = ends.get(1), ends.get(_FAR - 1)
    if {first, last} != {min(numbers), max(numbers)}:
        return []
    places = [number - first if first < last else first - number for number in numbers]
    return [_FAR - 1 if place == max(places) else place + 1 for place in places]


def _preference(figures: GroupFigures) -> tuple:
    kind = figures.category_type.lower()
    best = next((i for i, word in enumerate(_PREFERRED) if word in kind), len(_PREFERRED))
    return -figures.end.toordinal(), best, figures.category_type


def _sets(rows: pd.DataFrame, *, indicator: Indicator, own: bool) -> Iterator[GroupFigures]:
    headline = rows[rows["category_type"].eq("")]
    parts = rows[rows["category_type"].ne("")]
    for (kind, sex, age, span), group in parts.groupby(_SET, sort=True):
        known = group[group["value"].notna()]
        if known.empty:
            continue
        latest = known.iloc[known["period_end"].argmax()]
        group = group[group["period"].eq(latest["period"])]
        if group["value"].notna().sum() < 2:
            continue
        same = headline["period"].eq(latest["period"]) & headline["sex"].eq(sex)
        same &= headline["age"].eq(age) & headline["period_range"].eq(span)
        plain = GroupFigures(
            indicator=indicator,
            area_code=latest["area_code"],
            own=own,
            category_type=kind,
            period=latest["period"],
            end=latest["period_end"].date(),
            names=tuple(group["category"]),
            points=_points(group),
            ordered=False,
            overall=next(iter(_points(headline[same & headline["value"].notna()])), None),
        )
        yield _with_peers(plain) if _order_of(plain) is None else _with_slope(plain)


def _points(rows: pd.DataFrame) -> tuple[Point, ...]:
    return tuple(point for points in points_by_area(rows).values() for point in points)


def _order_of(figures: GroupFigures) -> list[int] | None:
    return deprivation_order(list(figures.names))


def _with_slope(figures: GroupFigures) -> GroupFigures:
    """Put the groups in order and work out what the order allows."""
    order = _order_of(figures)
    figures = replace(
        figures,
        ordered=True,
        names=tuple(figures.names[i] for i in order),
        points=tuple(figures.points[i] for i in order),
    )
    most, least = (_interval([figures.points[i]]) for i in (0, -1))
    apart = _scalar(group_gaps(most, _first(least), polarity=figures.indicator.polarity))
    figures = replace(figures, gap=None if np.isnan(apart.value) else apart)
    reason = _against_slope(figures)
    if reason:
        return replace(figures, no_slope=reason)
    values, lower, upper = _interval(figures.points)
    people = [point.denominator for point in figures.points]
    found = slope_index(
        values, people, standard_error(lower, upper), polarity=figures.indicator.polarity
    )
    start, end = map(float, fitted_line(values, people))
    return replace(
        figures,
        slope=_scalar(found.slope),
        relative=_scalar(found.relative),
        line=(start, end),
    )


def _against_slope(figures: GroupFigures) -> str:
    """Why no line can be put through the groups, or nothing."""
    points = figures.points
    wanted = next((n for word, n in _SIZES.items() if word in figures.names[0].lower()), 0)
    if len(points) < FEWEST_GROUPS:
        return TOO_FEW
    if len(points) < wanted or not all(point.known for point in points):
        return INCOMPLETE
    if not all(point.lower <= point.upper for point in points):
        return NO_LIMITS
    return "" if all(point.denominator > 0 for point in points) else NO_PEOPLE


def _with_peers(figures: GroupFigures) -> GroupFigures:
    """Gaps between named groups and their peers, where the names say who the peers are."""
    figures = replace(figures, no_slope=NO_ORDER)
    peers = [i for i, name in enumerate(figures.names) if _PEERS.search(name.lower())]
    if len(peers) != 1 or not figures.points[peers[0]].known:
        return figures
    reference = _first(_interval([figures.points[peers[0]]]))
    found = group_gaps(
        _interval(figures.points), reference, polarity=figures.indicator.polarity
    )
    gaps = {
        name: Interval(*(float(part[i]) for part in found))
        for i, name in enumerate(figures.names)
        if i != peers[0] and figures.points[i].known
    }
    return replace(figures, peers=figures.names[peers[0]], gaps=gaps)


def _interval(points) -> Interval:
    columns = ([getattr(point, name) for point in points] for name in ("value", "lower", "upper"))
    return Interval(*(np.array(column, float) for column in columns))


def _first(interval: Interval) -> Interval:
    return Interval(*(part[0] for part in interval))


def _scalar(interval: Interval) -> Interval:
    return Interval(*(float(np.ravel(part)[0]) for part in interval))

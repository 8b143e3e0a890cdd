"""One small map a period, side by side, under the same classes."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from geopandas import GeoDataFrame
from matplotlib.figure import Figure

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.drawing import Drawing, blank_figure, put_text, render
from lbbd_jsna.exhibits.exhibit import KeyEntry
from lbbd_jsna.exhibits.map_drawing import (
    FOOT,
    MARGIN,
    WIDTH,
    draw_wards,
    fit,
    panel_axes,
    simplified,
    small_print,
)
from lbbd_jsna.exhibits.map_plan import MapPlan, check_wards, plan_ward_map

ACROSS = 2  # maps in a row: a third would leave each ward too few pixels on a phone
HEADING = 24
TALLEST = 300
COARSE = 0.35  # of the detail of a large map: six small ones must not weigh more than three


@dataclass(frozen=True)
class WardSeries:
    """Finished small maps; `classes` gives each ward's class by period, then by code."""

    drawing: Drawing
    key: tuple[KeyEntry, ...]
    classes: dict[str, dict[str, str]]


Period = tuple[Mapping[str, float], Mapping[str, str]]


def draw_ward_series(wards: GeoDataFrame, periods: Mapping[str, Period], *, unit: str,
                     decimals: int, breaks: Sequence[float],
                     estimated: Mapping[str, Collection[str]] | None = None,
                     licence: str = "") -> WardSeries:
    """Draw several periods of one indicator on the boundaries they all belong to.

    Parameters
    ----------
    wards : GeoDataFrame, one row per ward; columns code, name, geometry; EPSG:27700
    periods : mapping of period to (values, statuses), in the order to draw them
        Each as for `maps.draw_ward_map`.
    unit, decimals
        For the words of the key.
    breaks : sequence of float
        From `class_breaks` of the values of every period: a colour means the same on each.
    estimated : mapping of period to ward codes, optional
    licence : str, optional
        Small print under the maps.

    Returns
    -------
    WardSeries
        The key counts no wards: it is that of every map. Numbers stand on none of them.

    Raises
    ------
    GeographyError
        As for `maps.draw_ward_map`; a series that crosses a change of wards is refused.
    ValueError
        No period, or breaks that cannot class.
    """
    if not periods:
        raise ValueError("a series of maps needs at least one period")
    guessed = estimated or {}
    check_wards(wards, {c for pair in periods.values() for each in pair for c in each}
                | {c for codes in guessed.values() for c in codes})
    plans = {period: plan_ward_map(wards, values, statuses, unit=unit, decimals=decimals,
                                   breaks=breaks, estimated=guessed.get(period, ()))
             for period, (values, statuses) in periods.items()}
    with style.chart_style():
        drawing = render(series_figure(wards, plans, licence=licence))
    return WardSeries(drawing, _shared_key(plans.values()),
                      {period: plan.classes for period, plan in plans.items()})


def series_figure(wards: GeoDataFrame, plans: Mapping[str, MapPlan], *,
                  licence: str = "") -> Figure:
    """Lay the maps out in rows of `ACROSS`; each axes carries its period as gid."""
    across = min(ACROSS, len(plans))
    side = WIDTH / ACROSS
    size = fit(wards, 0, 0, side, TALLEST)
    step = HEADING + size.height + 12
    words, foot = small_print(licence, width=side * across)
    height = step * math.ceil(len(plans) / across)
    figure = blank_figure(side * across, height + foot)
    shapes = simplified(wards, size.scale * COARSE)
    for place, (period, plan) in enumerate(plans.items()):
        left, top = side * (place % across), step * (place // across)
        put_text(figure, left + side / 2, top + HEADING / 2, period, size=style.BODY,
                 colour=style.INK, bold=True, align="center")
        axes = panel_axes(figure, replace(size, left=left + size.left, top=top + HEADING))
        axes.set_gid(f"period-{period}")
        draw_wards(axes, shapes, plan, size.scale)
    if words:
        put_text(figure, MARGIN, height + foot / 2, words, size=FOOT, colour=style.MUTED)
    return figure


def _shared_key(plans) -> tuple[KeyEntry, ...]:
    """Every entry of any map once, without the count, in the order of a single map's key."""
    entries: dict[tuple[str, str], KeyEntry] = {}
    for plan in sorted(plans, key=lambda plan: len(plan.key), reverse=True):
        for entry in plan.key:
            words = entry.label.rpartition(" (")[0]
            entries.setdefault((entry.fill, entry.hatch), replace(entry, label=words))
    return tuple(entries.values())

"""Ward maps: a value in every ward or the reason for none, a number in each to look it up.

Classes of one hue, dark upwards, with dark edges on white casings under a stronger outline;
what is withheld or missing is white under a pattern of its own, never the lowest colour; what
is estimated keeps the colour of its class under upright lines.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from geopandas import GeoDataFrame

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.classes import class_breaks
from lbbd_jsna.exhibits.drawing import Drawing, render
from lbbd_jsna.exhibits.exhibit import KeyEntry
from lbbd_jsna.exhibits.map_drawing import WIDTH, ward_figure
from lbbd_jsna.exhibits.map_plan import (
    ESTIMATED,
    HATCHES,
    MapPlan,
    check_wards,
    plan_of,
    plan_ward_map,
    shown_statuses,
)
from lbbd_jsna.exhibits.map_verdicts import verdict_kinds, verdict_place

__all__ = ["ESTIMATED", "HATCHES", "MapPlan", "WardMap", "class_breaks", "draw_verdict_map",
           "draw_ward_map", "plan_verdict_map", "plan_ward_map", "ward_figure"]  # fmt: skip


@dataclass(frozen=True)
class WardMap:
    """A finished map.

    `key` holds the classes from low to high, with the wards in each counted, then what is
    estimated, withheld or missing. `numbers` gives the number drawn on each ward, in
    alphabetical order of the names. `classes` gives each ward's class in the words of the
    key, without the count: "12.5 to 13.9%".
    """

    drawing: Drawing
    key: tuple[KeyEntry, ...]
    numbers: dict[str, int]
    classes: dict[str, str]


def draw_ward_map(wards: GeoDataFrame, values: Mapping[str, float], statuses: Mapping[str, str],
                  *, unit: str, decimals: int, breaks: Sequence[float],
                  estimated: Collection[str] = (), neighbours: GeoDataFrame | None = None,
                  water: str = "", licence: str = "", width: float = WIDTH) -> WardMap:
    """Draw one period's ward values on the boundaries they belong to.

    Parameters
    ----------
    wards : GeoDataFrame, one row per ward; columns code, name, geometry; EPSG:27700
        True boundaries, or squares of a schematic map (`tile_map.tile_wards`).
    values : mapping of ward code to value, in `unit`
    statuses : mapping of ward code to a status of `schema.STATUSES`
        A ward without a value, or with a status that withholds one, is drawn as withheld or
        missing whatever `values` holds. A value of low reliability is drawn with "[u]"
        after its number.
    unit, decimals
        For the words of the key.
    breaks : sequence of float
        From `class_breaks`; at most three.
    estimated : collection of ward code
        Wards whose value was apportioned: their class under upright lines, and "estimated" in
        the key and in `classes`.
    neighbours : GeoDataFrame, optional; columns name, geometry; EPSG:27700
        Areas around, drawn quietly, named where a name fits.
    water : str, optional
        Name of the water between `neighbours`, such as "River Thames".
    licence : str, optional
        Small print under the map, for a picture that travels alone.
    width : float, optional
        CSS pixels.

    Returns
    -------
    WardMap

    Raises
    ------
    GeographyError
        A code that is not one of the wards (a value of another vintage), a ward that is
        repeated or without a shape, or boundaries not in EPSG:27700. Every fault is listed.
    ValueError
        Breaks that do not rise, or more than three.
    """
    check_wards(wards, {*values, *statuses, *estimated})
    plan = plan_ward_map(wards, values, statuses, unit=unit, decimals=decimals, breaks=breaks,
                         estimated=estimated)
    return _drawn(wards, plan, neighbours=neighbours, water=water, licence=licence, width=width)


def draw_verdict_map(wards: GeoDataFrame, verdicts: Mapping[str, str],
                     statuses: Mapping[str, str], *, benchmark: str = "the borough",
                     estimated: Collection[str] = (), neighbours: GeoDataFrame | None = None,
                     water: str = "", licence: str = "", width: float = WIDTH) -> WardMap:
    """Draw how each ward stands against the borough, by its interval.

    Parameters
    ----------
    wards, statuses, estimated, neighbours, water, licence, width
        As for `draw_ward_map`.
    verdicts : mapping of ward code to verdict
        From `facts.wards.ward_verdicts`; a ward with a status that withholds its value, or
        without a verdict, is drawn as withheld or missing.
    benchmark : str
        What the wards are compared with, for the words of the key.

    Returns
    -------
    WardMap
        Each ward carries its number and the symbol of its verdict.

    Raises
    ------
    GeographyError
        As for `draw_ward_map`.
    ValueError
        A word that is no verdict, or judgements mixed with neutral words.
    """
    check_wards(wards, {*verdicts, *statuses, *estimated})
    plan = plan_verdict_map(wards, verdicts, statuses, benchmark=benchmark, estimated=estimated)
    return _drawn(wards, plan, neighbours=neighbours, water=water, licence=licence, width=width)


def plan_verdict_map(wards: GeoDataFrame, verdicts: Mapping[str, str],
                     statuses: Mapping[str, str], *, benchmark: str = "the borough",
                     estimated: Collection[str] = ()) -> MapPlan:
    """Decide every ward's verdict, fill, pattern and text; see `draw_verdict_map`."""
    kinds, names = verdict_kinds(verdicts.values(), benchmark)
    known = dict.fromkeys(verdicts, 0.0)
    shown = shown_statuses(wards["code"], known, statuses)
    place = {code: verdict_place(verdicts[code], names)
             for code, status in shown.items() if status not in HATCHES}
    return plan_of(wards, kinds, place, shown, estimated)


def _drawn(wards: GeoDataFrame, plan: MapPlan, **options) -> WardMap:
    with style.chart_style():
        drawing = render(ward_figure(wards, plan, **options))
    return WardMap(drawing, plan.key, plan.numbers, plan.classes)

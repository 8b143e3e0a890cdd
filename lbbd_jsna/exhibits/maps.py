"""Ward maps: a value in every ward or the reason for none, a number in each to look it up.

Four classes of one hue, dark upwards, with dark edges on white casings; what is
withheld or missing is white under a pattern of its own, never the lowest colour.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from geopandas import GeoDataFrame
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from lbbd_jsna.errors import Fault, GeographyError
from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.classes import class_breaks, class_words, printed_value, rising
from lbbd_jsna.exhibits.drawing import Drawing, add_axes, blank_figure, render, text_width
from lbbd_jsna.exhibits.exhibit import KeyEntry
from lbbd_jsna.schema import SHORTHAND, SHORTHAND_MEANING

__all__ = ["MapPlan", "WardMap", "class_breaks", "draw_ward_map", "plan_ward_map", "ward_figure"]

WIDTH = 430
MARGIN = 4
TALLEST = 560
# matplotlib's letters, which the page's key reads too: slanted lines, dots, level lines.
HATCHES = {"suppressed": "///", "not_available": ".", "not_applicable": "--"}
# Which of the four fills stand for fewer classes: those furthest apart.
_FILLS = {1: (1,), 2: (0, 2), 3: (0, 1, 3), 4: (0, 1, 2, 3)}
_GRID = "EPSG:27700"


@dataclass(frozen=True)
class WardMap:
    """A finished map.

    `key` holds the classes from low to high, with the wards in each counted, then what is
    withheld or missing. `numbers` gives the number drawn on each ward, in alphabetical
    order of the names. `classes` gives each ward's class in the words of the key, without
    the count: "12.5 to 13.9%".
    """

    drawing: Drawing
    key: tuple[KeyEntry, ...]
    numbers: dict[str, int]
    classes: dict[str, str]


@dataclass(frozen=True)
class MapPlan:
    """What a map shows, before it is drawn: number, class, fill, pattern and text by ward code."""

    key: tuple[KeyEntry, ...]
    numbers: dict[str, int]
    classes: dict[str, str]
    fills: dict[str, str]
    hatches: dict[str, str]
    texts: dict[str, str]


def draw_ward_map(wards: GeoDataFrame, values: Mapping[str, float], statuses: Mapping[str, str],
                  *, unit: str, decimals: int, breaks: Sequence[float]) -> WardMap:
    """Draw one period's ward values on the boundaries they belong to.

    Parameters
    ----------
    wards : GeoDataFrame, one row per ward; columns code, name, geometry; EPSG:27700
        True boundaries, or squares of a schematic map.
    values : mapping of ward code to value, in `unit`
    statuses : mapping of ward code to a status of `schema.STATUSES`
        A ward without a value, or with a status that withholds one, is drawn as withheld or
        missing whatever `values` holds. A value of low reliability is drawn with "[u]"
        after its number.
    unit, decimals
        For the words of the key.
    breaks : sequence of float
        From `class_breaks`; at most three.

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
    _check(wards, values, statuses)
    plan = plan_ward_map(wards, values, statuses, unit=unit, decimals=decimals, breaks=breaks)
    with style.chart_style():
        drawing = render(ward_figure(wards, plan))
    return WardMap(drawing, plan.key, plan.numbers, plan.classes)


def _check(wards, values, statuses) -> None:
    faults = []
    if wards.crs is None or wards.crs.to_epsg() != 27700:
        found = "no coordinate system" if wards.crs is None else wards.crs.to_string()
        faults.append(Fault("ward boundaries", found, _GRID, "reproject with to_crs"))
    for code in sorted(set(wards["code"][wards["code"].duplicated()])):
        faults.append(Fault(f"ward {code}", "appears more than once", "one shape a ward"))
    missing = wards.geometry.isna() | wards.geometry.is_empty
    for code in sorted(wards["code"][missing]):
        faults.append(Fault(f"ward {code}", "has no shape", "a polygon"))
    for code in sorted((set(values) | set(statuses)) - set(wards["code"])):
        faults.append(Fault(f"ward {code}", "has a value but no shape", "wards of one vintage",
                            "draw it on the boundaries its values were published for"))
    if faults:
        raise GeographyError("the ward map cannot be drawn", faults)


def plan_ward_map(wards, values, statuses, *, unit, decimals, breaks) -> MapPlan:
    """Decide every ward's number, class, fill and pattern; see `draw_ward_map`."""
    breaks = tuple(printed_value(b, decimals) for b in breaks)
    if not rising(breaks) or len(breaks) + 1 not in _FILLS:
        raise ValueError(f"map breaks must rise and be at most three, not {breaks}")
    order = sorted(zip(wards["name"], wards["code"], strict=True),
                   key=lambda ward: (ward[0].casefold(), ward[1]))
    numbers = {code: number for number, (_, code) in enumerate(order, start=1)}
    shown = {code: _shown(code, values, statuses) for code in numbers}
    fills = [style.SEQUENTIAL[i] for i in _FILLS[len(breaks) + 1]]
    kept = [printed_value(values[code], decimals) for code, s in shown.items() if s not in HATCHES]
    words = class_words(breaks, kept, unit=unit, decimals=decimals)
    place = {code: int(np.searchsorted(breaks, printed_value(values[code], decimals), side="right"))
             for code, status in shown.items() if status not in HATCHES}
    low = "low_reliability"
    return MapPlan(
        key=_key(words, fills, list(place.values()), list(shown.values())),
        numbers=numbers,
        classes={c: words[place[c]] if c in place else _missing_words(shown[c]) for c in numbers},
        fills={c: fills[place[c]] if c in place else style.PAPER for c in numbers},
        hatches={c: HATCHES.get(status, "") for c, status in shown.items()},
        texts={c: f"{n} [u]" if shown[c] == low else str(n) for c, n in numbers.items()},
    )


def _shown(code, values, statuses) -> str:
    """The status a ward is drawn by: no value is never drawn as one."""
    status = statuses.get(code, "published")
    if status in HATCHES:
        return status
    return status if math.isfinite(values.get(code, math.nan)) else "not_available"


def _missing_words(status: str) -> str:
    return f"{SHORTHAND[status]} {SHORTHAND_MEANING[SHORTHAND[status]]}"


def _key(words, fills, places, statuses) -> tuple[KeyEntry, ...]:
    entries = [KeyEntry(f"{text} ({_wards(places.count(i))})", fill)
               for i, (text, fill) in enumerate(zip(words, fills, strict=True))]
    for status, hatch in HATCHES.items():
        if count := statuses.count(status):
            label = f"{_missing_words(status)} ({_wards(count)})"
            entries.append(KeyEntry(label, style.PAPER, hatch))
    if count := statuses.count("low_reliability"):
        entries.append(KeyEntry(f"{_missing_words('low_reliability')} ({_wards(count)})", "none"))
    return tuple(entries)


def _wards(count: int) -> str:
    return "no wards" if count == 0 else f"{count} ward{'' if count == 1 else 's'}"


def ward_figure(wards: GeoDataFrame, plan: MapPlan) -> Figure:
    """Lay out a map: fills, casings, edges, numbers. Artists carry `ward-<code>` as gid."""
    left, bottom, right, top = wards.total_bounds
    scale = min((WIDTH - 2 * MARGIN) / (right - left), (TALLEST - 2 * MARGIN) / (top - bottom))
    width, height = WIDTH - 2 * MARGIN, math.ceil((top - bottom) * scale)
    shapes = dict(zip(wards["code"], _simplified(wards, 0.5 / scale), strict=True))
    figure = blank_figure(WIDTH, height + 2 * MARGIN)
    axes = add_axes(figure, MARGIN, MARGIN, width, height)
    axes.set_axis_off()
    axes.set_aspect("equal")
    middle = (left + right) / 2
    axes.set_xlim(middle - width / 2 / scale, middle + width / 2 / scale)
    axes.set_ylim(top - height / scale, top)
    for code in plan.numbers:
        axes.add_patch(_ward_patch(shapes[code], plan.fills[code], plan.hatches[code], code))
    edges = Path.make_compound_path(*(_path(shape) for shape in shapes.values()))
    for colour, thickness in ((style.PAPER, 2.6), (style.MAP_EDGE, 0.9)):
        axes.add_patch(PathPatch(edges, facecolor="none", edgecolor=colour, linewidth=thickness,
                                 clip_on=False))
    for code, text in plan.texts.items():
        _write_number(axes, shapes[code], text, plan.fills[code], plan.hatches[code], scale)
    return figure


def _simplified(wards: GeoDataFrame, tolerance: float) -> np.ndarray:
    """Drop detail finer than half a pixel, shared borders staying shared, holes wound as holes."""
    shapes = shapely.force_2d(wards.geometry.to_numpy())
    if shapely.coverage_is_valid(shapes):  # overlaps or slivers would tear further apart
        shapes = shapely.coverage_simplify(shapes, tolerance)
    return shapely.orient_polygons(shapes)


def _ward_patch(shape, fill: str, hatch: str, code: str) -> PathPatch:
    # A stroke in the fill's own colour would hide the neighbour's edge; casings come after.
    return PathPatch(_path(shape), facecolor=fill, edgecolor=style.MUTED, linewidth=0,
                     hatch=hatch or None, gid=f"ward-{code}")


def _path(shape) -> Path:
    rings = [ring for polygon in shapely.get_parts(shape) for ring in shapely.get_rings(polygon)]
    return Path.make_compound_path(
        *(Path(shapely.get_coordinates(ring), closed=True) for ring in rings)
    )


def _write_number(axes, shape, text: str, fill: str, hatch: str, scale: float) -> None:
    """Write a ward's number at the middle of the largest circle its shape can hold."""
    circle = shapely.maximum_inscribed_circle(shape, tolerance=1 / scale)
    x, y = shapely.get_coordinates(circle)[0]
    radius = shapely.length(circle) * scale
    widest = text_width(text, size=style.BODY, bold=True)
    fits = math.hypot(widest / 2, style.BODY * 0.36) <= radius
    size = style.BODY if fits else style.ROW - 0.5
    ground = {"boxstyle": "round,pad=0.25", "facecolor": style.PAPER, "linewidth": 0}
    axes.text(x, y, text, ha="center", va="center_baseline", fontsize=size, fontweight="bold",
              color=style.ink_on(fill), bbox=ground if hatch else None)

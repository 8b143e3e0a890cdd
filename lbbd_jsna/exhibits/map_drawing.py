"""A planned map drawn: surroundings, fills, patterns, casings, edges, outline, numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from geopandas import GeoDataFrame
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.drawing import add_axes, blank_figure, put_text, text_height, wrap
from lbbd_jsna.exhibits.map_labels import Label, place_labels
from lbbd_jsna.exhibits.map_plan import MapPlan
from lbbd_jsna.exhibits.map_surroundings import NAME_SIZE, Surroundings, surroundings

WIDTH = 430
MARGIN = 4
TALLEST = 560
LAND, BORDER, WATER = "#F2F2F0", "#C9CDD0", "#FFFFFF"
OUTLINE = 2.2
FOOT = 11.0
# Room around the wards when their surroundings are drawn, as a share of their width, height.
AROUND = (0.03, 0.08)
ROOMY = 26.0  # pixels across a ward, from which its edges are drawn at full thickness


@dataclass(frozen=True)
class Panel:
    """A rectangle of a figure (CSS pixels from the top left) and of the ground (metres)."""

    left: float
    top: float
    width: float
    height: float
    frame: tuple[float, float, float, float]
    scale: float

    @property
    def box(self) -> shapely.Geometry:
        """The ground drawn."""
        return shapely.box(*self.frame)


def ward_figure(wards: GeoDataFrame, plan: MapPlan, *, neighbours: GeoDataFrame | None = None,
                water: str = "", licence: str = "", width: float = WIDTH) -> Figure:
    """Lay out a map: fills, casings, edges, numbers. Artists carry `ward-<code>` as gid.

    Parameters are those of `maps.draw_ward_map`; north is up, and there is no scale: a map of
    this kind is read by its numbers, not by its distances.
    """
    panel = fit(wards, 0, 0, width, TALLEST, around=neighbours is not None)
    words, foot = small_print(licence, width=width)
    figure = blank_figure(width, panel.height + 2 * MARGIN + foot)
    axes = panel_axes(figure, panel)
    shapes = simplified(wards, panel.scale)
    if neighbours is not None:
        area = shapely.union_all(list(shapes.values()))
        draw_around(axes, surroundings(neighbours, area, panel.box, water=water,
                                       scale=panel.scale), panel)
    draw_wards(axes, shapes, plan, panel.scale)
    labels = place_labels(shapes, plan.texts, frame=panel.box, scale=panel.scale)
    for code, label in labels.items():
        _write_number(axes, label, plan.texts[code], plan.fills[code], plan.hatches[code])
    if words:
        put_text(figure, MARGIN, panel.height + 2 * MARGIN + foot / 2, words, size=FOOT,
                 colour=style.MUTED)
    return figure


def small_print(licence: str, *, width: float) -> tuple[str, float]:
    """The licence in lines that fit a width, and the height they take up, in CSS pixels."""
    words = wrap(licence.split(), limit=width - 2 * MARGIN, size=FOOT)
    return words, text_height(words, size=FOOT) + 6 if words else 0


def fit(wards: GeoDataFrame, left: float, top: float, width: float, tallest: float, *,
        around: bool = False) -> Panel:
    """The largest panel of a width and a greatest height that shows all wards."""
    west, south, east, north = wards.total_bounds
    if around:
        across, up = (east - west) * AROUND[0], (north - south) * AROUND[1]
        west, south, east, north = west - across, south - up, east + across, north + up
    room = width - 2 * MARGIN
    scale = min(room / (east - west), (tallest - 2 * MARGIN) / (north - south))
    height = math.ceil((north - south) * scale)
    middle = (west + east) / 2
    frame = (middle - room / 2 / scale, north - height / scale, middle + room / 2 / scale, north)
    return Panel(left + MARGIN, top + MARGIN, room, height, frame, scale)


def panel_axes(figure: Figure, panel: Panel):
    """Axes in which a metre is a metre both ways."""
    axes = add_axes(figure, panel.left, panel.top, panel.width, panel.height)
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_xlim(panel.frame[0], panel.frame[2])
    axes.set_ylim(panel.frame[1], panel.frame[3])
    return axes


def simplified(wards: GeoDataFrame, scale: float) -> dict[str, shapely.Geometry]:
    """Drop detail finer than half a pixel, shared borders staying shared, holes wound as holes."""
    shapes = shapely.force_2d(wards.geometry.to_numpy())
    if shapely.coverage_is_valid(shapes):  # overlaps or slivers would tear further apart
        shapes = shapely.coverage_simplify(shapes, 0.5 / scale)
    return dict(zip(wards["code"], shapely.orient_polygons(shapes), strict=True))


def draw_around(axes, around: Surroundings, panel: Panel) -> None:
    """Draw land, water, borders and names behind the wards; no outline, no figure."""
    _add(axes, panel.box, facecolor=LAND, gid="land")
    if not around.water.is_empty:
        _add(axes, around.water, facecolor=WATER, gid="water")
    for line in shapely.get_parts(around.borders):
        axes.plot(*shapely.get_coordinates(line).T, color=BORDER, linewidth=1, zorder=1)
    for name in around.names:
        axes.text(name.x, name.y, name.text, ha="center", va="center", fontsize=NAME_SIZE,
                  color=style.MUTED, fontstyle="italic" if name.water else "normal",
                  gid="around")


def draw_wards(axes, shapes: Mapping[str, shapely.Geometry], plan: MapPlan, scale: float) -> None:
    """Draw fills, then white casings under dark edges, then the outline of them all.

    Edges are thinner where wards are only a few pixels across: they must not hide them.
    Patches are added as artists: of thousands, axes would measure every corner to no purpose.
    """
    for code in plan.numbers:
        axes.add_artist(_ward_patch(shapes[code], plan.fills[code], plan.hatches[code], code))
    across = math.sqrt(float(np.median(shapely.area(list(shapes.values()))))) * scale
    thin = min(1.0, across / ROOMY)
    # Each border once: drawn from both sides it would double the size of the picture.
    borders = shapely.line_merge(shapely.union_all(shapely.boundary(list(shapes.values()))))
    edges = Path.make_compound_path(
        *(Path(shapely.get_coordinates(line)) for line in shapely.get_parts(borders)))
    for colour, thickness in ((style.PAPER, 2.6), (style.MAP_EDGE, 0.9)):
        axes.add_artist(PathPatch(edges, facecolor="none", edgecolor=colour, clip_on=False,
                                  linewidth=thickness * thin))
    # A creek of a pixel or two within the area is no part of its outline.
    apart = 1.5 / scale
    outline = shapely.union_all(list(shapes.values())).buffer(apart, join_style="mitre")
    outline = outline.buffer(-apart, join_style="mitre").simplify(0.2 / scale)
    axes.add_artist(PathPatch(make_path(outline), facecolor="none", edgecolor=style.MAP_EDGE,
                              linewidth=max(OUTLINE * thin, 0.9), clip_on=False, gid="outline"))


def _ward_patch(shape, fill: str, hatch: str, code: str) -> PathPatch:
    # A stroke in the fill's own colour would hide the neighbour's edge; casings come after.
    lines = style.MUTED if fill == style.PAPER else style.ink_on(fill)
    return PathPatch(make_path(shape), facecolor=fill, edgecolor=lines, linewidth=0,
                     hatch=hatch or None, gid=f"ward-{code}")


def _add(axes, shape, **look) -> None:
    axes.add_artist(PathPatch(make_path(shape), linewidth=0, **look))


def make_path(shape) -> Path:
    """One path of all rings of a polygon or several."""
    rings = [ring for polygon in shapely.get_parts(shape) for ring in shapely.get_rings(polygon)]
    return Path.make_compound_path(
        *(Path(shapely.get_coordinates(ring), closed=True) for ring in rings)
    )


def _write_number(axes, label: Label, text: str, fill: str, hatch: str) -> None:
    """A ward's number, on a ground of its own where a pattern runs behind it."""
    look = {"ha": "center", "va": "center_baseline", "fontsize": label.size, "fontweight": "bold"}
    if label.to:
        axes.plot([label.x, label.to[0]], [label.y, label.to[1]], color=style.MAP_EDGE,
                  linewidth=0.9)
        ground = {"boxstyle": "square,pad=0.1", "facecolor": style.PAPER, "linewidth": 0}
        axes.text(label.x, label.y, text, color=style.INK, bbox=ground, **look)
        return
    ground = {"boxstyle": "round,pad=0.25", "facecolor": fill, "linewidth": 0}
    axes.text(label.x, label.y, text, color=style.ink_on(fill), bbox=ground if hatch else None,
              **look)

"""What lies around the wards: neighbouring areas, a river between them, and their names.

All of it is quiet, none of it carries a figure, and a name is only written where it fits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from geopandas import GeoDataFrame

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.drawing import text_width

NAME_SIZE = 12.0
GAP = 7  # pixels between a name and the wards, or another name
NEAR = 4  # pixels between a name and a border or the frame; that of a narrow river keeps one
# A river is what neither bank claims: gaps of up to this many metres between areas.
WIDEST_RIVER = 1200.0
_STEP = 4  # pixels between the places tried for a name
_OWN = 0.5  # a neighbour that shares this much of itself with the wards is not a neighbour


@dataclass(frozen=True)
class Name:
    """A name beside the wards: its middle in metres, and whether it is of water."""

    text: str
    x: float
    y: float
    water: bool = False


@dataclass(frozen=True)
class Surroundings:
    """What is drawn behind the wards, in metres: borders of neighbours, water, names."""

    borders: shapely.Geometry
    water: shapely.Geometry
    names: tuple[Name, ...]


def surroundings(neighbours: GeoDataFrame, area: shapely.Geometry, frame: shapely.Geometry, *,
                 water: str, scale: float) -> Surroundings:
    """Work out what to draw around an area.

    Parameters
    ----------
    neighbours : GeoDataFrame, one row per area; columns name, geometry; EPSG:27700
        The area itself may be among them.
    area : Geometry
        The wards together.
    frame : Geometry
        The rectangle drawn, in metres.
    water : str
        Name of the water between the areas, such as "River Thames"; empty for none. It is
        what lies between areas less than `WIDEST_RIVER` apart and belongs to none.
    scale : float
        Pixels a metre.

    Returns
    -------
    Surroundings
        The name of the water, then those of `neighbours`; those that do not fit are left out.
    """
    near = neighbours[neighbours.geometry.intersects(frame)]
    shapes = shapely.simplify(shapely.force_2d(near.geometry.to_numpy()), 0.5 / scale)
    others = [(name, shape) for name, shape in zip(near["name"], shapes, strict=True)
              if not _is_own(shape, area)]
    between = _between(shapes, area, frame, scale) if water else shapely.Polygon()
    close = area.buffer(3 / scale).union(between.buffer(1 / scale))
    lines = [shapely.intersection(shapely.boundary(shape), frame) for _, shape in others]
    borders = shapely.line_merge(shapely.union_all([*lines]).difference(close))
    wanted = [(Name(water, 0, 0, water=True), between)] if water else []
    wanted += [(Name(name, 0, 0), shape.difference(between)) for name, shape in others]
    return Surroundings(borders, between, _names(wanted, area, frame, scale))


def _is_own(shape, area) -> bool:
    return shapely.area(shape.intersection(area)) > _OWN * shapely.area(shape)


def _between(shapes, area, frame, scale: float) -> shapely.Geometry:
    """The gaps between areas that lie beside the wards; slivers between two drawings do not."""
    wide = frame.buffer(2 * WIDEST_RIVER, join_style="mitre")
    land = shapely.union_all([area, *(shapely.intersection(shape, wide) for shape in shapes)])
    closed = land.buffer(WIDEST_RIVER / 2).buffer(-WIDEST_RIVER / 2)
    gaps = closed.difference(land).intersection(frame)
    open_water = gaps.buffer(-2 / scale).buffer(2 / scale)
    beside = [part for part in shapely.get_parts(open_water)
              if part.distance(area) * scale < GAP and part.area * scale**2 > NAME_SIZE**2]
    return shapely.union_all(beside).simplify(0.5 / scale) if beside else shapely.Polygon()


def _names(wanted, area, frame, scale: float) -> tuple[Name, ...]:
    found, kept = [], shapely.Polygon()
    for name, shape in wanted:
        size = (text_width(name.text, size=NAME_SIZE), NAME_SIZE * style.LINE_HEIGHT)
        half = np.array(size) / 2 / scale
        near = (1 if name.water else NEAR) / scale
        away = area.buffer(near if name.water else GAP / scale)
        room = shape.intersection(frame).buffer(-near).difference(away).difference(kept)
        place = _place(room, half, scale)
        if place is not None:
            found.append(Name(name.text, *place, water=name.water))
            box = shapely.box(*(place - half), *(place + half))
            kept = kept.union(box.buffer(GAP / scale))
    return tuple(found)


def _place(room, half, scale: float) -> np.ndarray | None:
    """Where a box lies wholly in the room and nearest to its middle; None where it cannot."""
    if room.is_empty:
        return None
    left, bottom, right, top = shapely.bounds(room)
    step = _STEP / scale
    xs, ys = np.arange(left, right, step), np.arange(bottom, top, step)
    x, y = (axis.ravel() for axis in np.meshgrid(xs, ys))
    shapely.prepare(room)
    boxes = shapely.box(x - half[0], y - half[1], x + half[0], y + half[1])
    fits = shapely.covers(room, boxes)
    if not fits.any():
        return None
    places = np.column_stack([x, y])[fits]
    depth = shapely.distance(shapely.boundary(room), shapely.points(places))
    return places[np.lexsort((places[:, 0], -places[:, 1], -np.round(depth * scale)))[0]]

"""The numbers on a map: each in its ward, or beside it on a line, or left to the table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.drawing import text_width

SIZES = (style.BODY, style.ROW - 0.5)
MOST_LEADERS = 60  # wards; a map of more cannot hold numbers beside the wards
FARTHEST = 90  # pixels a number may stand from its ward
_GAP = 3


@dataclass(frozen=True)
class Label:
    """A number's middle in metres, its size in pixels; `to` is where its line ends, if any."""

    x: float
    y: float
    size: float
    to: tuple[float, float] | None = None


def place_labels(shapes: Mapping[str, shapely.Geometry], texts: Mapping[str, str], *,
                 frame: shapely.Geometry, scale: float) -> dict[str, Label]:
    """Find a place for each number so that none overlaps another.

    Parameters
    ----------
    shapes : mapping of code to polygon, in metres
    texts : mapping of code to the text to place
    frame : Geometry
        The rectangle drawn, in metres.
    scale : float
        Pixels a metre.

    Returns
    -------
    dict of code to Label
        A ward too small for its number has it on the nearest blank ground, at the end of a
        line; where there is none, or on a map of more than `MOST_LEADERS` wards, it has none.
    """
    codes = list(texts)
    circles = shapely.maximum_inscribed_circle([shapes[c] for c in codes], tolerance=1 / scale)
    middles = {c: shapely.get_coordinates(circle)[0]
               for c, circle in zip(codes, circles, strict=True)}
    radii = dict(zip(codes, shapely.length(circles) * scale, strict=True))
    inside = {c: _inside(shapes[c], middles[c], radii[c], texts[c], scale) for c in codes}
    labels = {c: label for c, label in inside.items() if label}
    outside = [c for c in codes if c not in labels]
    if outside and len(codes) <= MOST_LEADERS:
        wards = [shapes[c].buffer(_GAP / scale) for c in codes]
        _beside(labels, {c: middles[c] for c in outside}, texts, wards, frame, scale)
    return labels


def _inside(shape, middle, radius: float, text: str, scale: float) -> Label | None:
    """In the largest circle the ward can hold, or at least wholly within the ward."""
    for size in SIZES:
        if math.hypot(text_width(text, size=size, bold=True) / 2, size * 0.36) <= radius:
            return Label(*middle, size)
    half = _half(text, SIZES[-1], scale)
    fits = radius > 4 and shapely.covers(shape, shapely.box(*(middle - half), *(middle + half)))
    return Label(*middle, SIZES[-1]) if fits else None


def _half(text: str, size: float, scale: float) -> np.ndarray:
    """Half the width and height of a text, in metres."""
    return np.array([text_width(text, size=size, bold=True), size]) / 2 / scale


def _beside(labels, middles, texts, wards, frame, scale: float) -> None:
    """Add the numbers that stand beside their wards, each at the nearest free place.

    Its line crosses no other number.
    """
    boxes = [_box(label, texts[code], scale) for code, label in labels.items()]
    lines: list[shapely.Geometry] = []
    for code, middle in middles.items():
        ground = shapely.union_all([*wards, *boxes, *lines])
        numbers = shapely.union_all(boxes)
        for place in middle + _rings() / scale:
            label = Label(*place, SIZES[-1], to=tuple(map(float, middle)))
            box = _box(label, texts[code], scale)
            line = shapely.linestrings([place, middle])
            free = shapely.covers(frame, box) and not shapely.intersects(ground, box)
            if free and not shapely.intersects(numbers, line):
                labels[code] = label
                boxes.append(box)
                lines.append(line.buffer(_GAP / scale))
                break


def _box(label: Label, text: str, scale: float) -> shapely.Geometry:
    """The room a number takes, with a little around it."""
    place = np.array([label.x, label.y])
    half = _half(text, label.size, scale) + _GAP / scale
    return shapely.box(*(place - half), *(place + half))


def _rings() -> np.ndarray:
    """Places around a point, in pixels, the nearest first, from the right round to the left."""
    turns = np.linspace(0, 2 * math.pi, 32, endpoint=False)
    ring = np.column_stack([np.cos(turns), np.sin(turns)])
    return np.vstack([ring * far for far in range(8, FARTHEST, 3)])

"""The small drawings inside a page's text: a row's strip of boroughs, a key's swatches.

Only numbers and checked colours leave this module; the template writes them as
presentation attributes, because a page's content policy forbids style attributes.
"""

from __future__ import annotations

import math
import re
from typing import Any

STRIP_WIDTH, STRIP_HEIGHT = 220, 50
STRIP_MARGIN, STRIP_MIDDLE = 8, 16
DOT = 3.25
# Two numbers of seven characters and a gap, at 14 pixels.
LABELS_ROOM = 110
# Dots that would hide each other step away from the line, nearest place first.
LANES = (0, -7, 7)

SWATCH_WIDTH, SWATCH_HEIGHT = 28, 18
COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
HATCHES = {
    "/": [(x, SWATCH_HEIGHT, x + SWATCH_HEIGHT, 0) for x in range(-14, SWATCH_WIDTH, 7)],
    "\\": [(x, 0, x + SWATCH_HEIGHT, SWATCH_HEIGHT) for x in range(-14, SWATCH_WIDTH, 7)],
    "-": [(0, y, SWATCH_WIDTH, y) for y in range(4, SWATCH_HEIGHT, 5)],
    "|": [(x, 0, x, SWATCH_HEIGHT) for x in range(4, SWATCH_WIDTH, 5)],
}
HATCHES["x"] = HATCHES["/"] + HATCHES["\\"]
HATCHES["+"] = HATCHES["-"] + HATCHES["|"]
DOTS = [(x, y) for y in (5, 13) for x in range(4, SWATCH_WIDTH, 6)]


def strip_marks(strip: dict[str, Any]) -> dict[str, Any]:
    """Place a strip's dots, diamond and benchmark line.

    Parameters
    ----------
    strip : dict
        `exhibit.Strip` as JSON: values, area and benchmark in the unit of the row.

    Returns
    -------
    dict
        Positions in pixels of a drawing `STRIP_WIDTH` by `STRIP_HEIGHT`, one decimal.

    Raises
    ------
    ValueError
        A value that is not a finite number: it cannot be placed.
    """
    benchmark = strip["benchmark"]
    shown = [*strip["values"], strip["area"], *([] if benchmark is None else [benchmark])]
    if not all(isinstance(value, int | float) and math.isfinite(value) for value in shown):
        raise ValueError("a strip holds a value that is not a finite number")
    low, high = min(shown), max(shown)

    def place(value: float) -> float:
        if high == low:
            return STRIP_WIDTH / 2
        room = STRIP_WIDTH - 2 * STRIP_MARGIN
        return round(STRIP_MARGIN + room * (value - low) / (high - low), 1)

    # Each end's value stands under the dot it belongs to: the benchmark may lie beyond both.
    places = [place(value) for value in sorted([*strip["values"], strip["area"]])]
    low_at = max(0.0, min(places[0] - STRIP_MARGIN, STRIP_WIDTH - LABELS_ROOM))
    return {
        "dots": _spread([place(value) for value in sorted(strip["values"])]),
        "low_at": low_at,
        "high_at": min(STRIP_WIDTH, max(places[-1] + STRIP_MARGIN, low_at + LABELS_ROOM)),
        "area": place(strip["area"]),
        "benchmark": None if benchmark is None else place(benchmark),
        "low": strip["low"],
        "high": strip["high"],
        "width": STRIP_WIDTH,
        "height": STRIP_HEIGHT,
        "middle": STRIP_MIDDLE,
        "margin": STRIP_MARGIN,
        "radius": DOT,
    }


def _spread(places: list[float]) -> list[tuple[float, float]]:
    """Give each dot, from left to right, the first lane in which it hides no other."""
    last = dict.fromkeys(LANES, -math.inf)
    dots = []
    for x in places:
        free = [lane for lane in LANES if x - last[lane] >= 2 * DOT]
        lane = free[0] if free else min(LANES, key=lambda lane: last[lane])
        last[lane] = x
        dots.append((x, STRIP_MIDDLE + lane))
    return dots


def swatch_marks(entry: dict[str, str]) -> dict[str, Any]:
    """A key entry's swatch: its fill, and the lines or dots of its pattern.

    Raises
    ------
    ValueError
        A fill that is not a hex colour, or a pattern this module cannot draw.
    """
    fill, hatch = entry["fill"], entry["hatch"]
    if not COLOUR.fullmatch(fill) and fill != "none":
        raise ValueError(f"{fill!r} is not a colour such as #12436D")
    pattern = hatch[:1]
    if pattern and pattern != "." and pattern not in HATCHES:
        raise ValueError(f"{hatch!r} is not a pattern this page can draw")
    return {
        "label": entry["label"],
        "fill": fill,
        "lines": HATCHES.get(pattern, []),
        "dots": DOTS if pattern == "." else [],
        "width": SWATCH_WIDTH,
        "height": SWATCH_HEIGHT,
    }

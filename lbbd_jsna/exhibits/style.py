"""How every chart and map looks: colours, type, contrast.

Colours come from the Government Analysis Function palettes (`afcharts`). One
accent, for the area; everything it stands beside is grey. Lines differ by dash
and marker and shapes by lightness, so nothing is lost in grey or to a reader
who does not see colour.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import matplotlib as mpl
import matplotlib.style
from afcharts.af_colours import get_af_colours
from matplotlib import font_manager

_CATEGORICAL = get_af_colours("categorical")

ACCENT = _CATEGORICAL[0]
ACCENT_TINT = "#7F98B2"  # intervals of the area: the accent, half way to white
ACCENT_WASH = "#E6ECF2"  # ground behind the area's row
DARK_GREY = _CATEGORICAL[4]
INK = "#1F2328"
MUTED = "#595959"
LIGHT_MUTED = "#737373"
MID_GREY = "#6F777B"
FOCUS_GREY = get_af_colours("focus")[1]
GRID = "#D6D9DC"
PAPER = "#FFFFFF"

# One hue, dark upwards. Relative luminance falls by a constant ratio of about 2.2
# from class to class: the largest steps four fills allow while the lightest still
# differs from white paper and the darkest is still seen as blue.
SEQUENTIAL = ("#DDE9F4", "#66A3DB", "#2068A8", "#0D3355")
MAP_EDGE = "#1F2328"

BODY = 14.0
SMALL = 13.0
ROW = 12.5
LINE_HEIGHT = 1.2


@dataclass(frozen=True)
class Look:
    """How a line is drawn: colour, width, dash, and the marker on its points."""

    colour: str
    width: float
    dash: object
    marker: str
    size: float
    filled: bool = True


# By role; told apart by dash, marker and filling as well as by shade.
LOOKS = {
    "area": Look(ACCENT, 2.4, "solid", "o", 6.5),
    "benchmark": Look(DARK_GREY, 1.8, (0, (5, 2.2)), "s", 4.5),
    "region": Look(MUTED, 1.5, (0, (1.2, 1.8)), "^", 5.0, filled=False),
    "peers": Look(LIGHT_MUTED, 1.5, (0, (7, 2, 1.2, 2)), "D", 4.0, filled=False),
}

# CSS pixels: a figure is drawn at 72 dots an inch so that one point is one pixel.
DPI = 72

_PREFERRED = ("Arial", "Helvetica", "Liberation Sans", "DejaVu Sans")


@cache
def fonts() -> list[str]:
    """The first sans-serif of the house list that is installed, then DejaVu Sans.

    Naming only fonts that are there keeps matplotlib from warning; DejaVu Sans,
    which comes with it, fills in letters the first one lacks.
    """
    present = {font.name for font in font_manager.fontManager.ttflist}
    first = next(name for name in _PREFERRED if name in present)
    return list(dict.fromkeys((first, "DejaVu Sans")))


@contextmanager
def chart_style() -> Iterator[None]:
    """The Analysis Function style sheet with ours over it, for one figure only.

    Starts from matplotlib's defaults, so neither the reader's settings nor a
    notebook's leak into a published chart, and leaves them as they were.
    """
    ours = {
        "font.family": fonts(),
        "font.size": SMALL,
        "text.hinting": "none",  # a PNG is set as wide as its outlines were measured
        "text.parse_math": False,  # a "$" in a label is a dollar sign
        "figure.dpi": DPI,
        "svg.fonttype": "path",
        "svg.hashsalt": "lbbd-jsna",
        "path.simplify": False,
        "axes.edgecolor": MID_GREY,
        "axes.linewidth": 0.8,
        "grid.color": GRID,
        "grid.linewidth": 0.8,
        "text.color": INK,
        "xtick.labelcolor": MUTED,
        "ytick.labelcolor": MUTED,
        "xtick.color": MID_GREY,
        "hatch.linewidth": 1.1,
    }
    with matplotlib.style.context(["default", "afcharts.afcharts", ours]):
        yield


def relative_luminance(colour: str) -> float:
    """Relative luminance of a hex colour, 0 (black) to 1 (white).

    Source
    ------
    WCAG 2.2, "relative luminance" (sRGB).
    """
    channels = mpl.colors.to_rgb(colour)
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two hex colours, 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((relative_luminance(one), relative_luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(fill: str) -> str:
    """White or dark text, whichever stands out more from a fill."""
    return max((PAPER, INK), key=lambda ink: contrast(ink, fill))


def number_text(value: float, *, decimals: int) -> str:
    """A number as printed: thousands apart, a true minus sign, never "-0"."""
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", "\N{MINUS SIGN}")


def value_text(value: float, *, unit: str, decimals: int) -> str:
    """A value beside its mark: "12.1%"; other units stand on the axis only."""
    text = number_text(value, decimals=decimals)
    return f"{text}%" if unit.startswith("%") else text


def axis_title(unit: str, *, start: float, decimals: int) -> str:
    """The words above an axis: its unit and, where it is not zero, where it starts."""
    words = unit.replace("%", "per cent", 1) if unit.startswith("%") else unit
    title = words[:1].upper() + words[1:]
    if start <= 0:
        return title
    return f"{title} (axis starts at {number_text(start, decimals=decimals)})"

"""From a matplotlib figure to a small, deterministic picture.

Everything is laid out in CSS pixels from the top left, at fixed margins worked
out from the text itself: no tight layout, no second pass.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO, StringIO
from typing import Literal

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D, Transform

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.svg import compact_svg

HEAD = 22  # height of the line that names the unit
LARGEST_SVG = 150 * 1024
# Made compact, no picture here becomes less than half as large: beyond so many times the
# largest, nobody need try.
BEYOND_SHRINKING = 4
SVG, PNG = "image/svg+xml", "image/png"


@dataclass(frozen=True)
class Drawing:
    """A picture ready for a page.

    `image` is SVG text or base64 PNG, as `mime` says; width and height in CSS pixels.
    """

    mime: str
    image: str
    width: int
    height: int


@lru_cache(maxsize=4096)
def text_width(text: str, *, size: float, bold: bool = False) -> float:
    """Width in pixels of the widest line of a text, as its outlines will be drawn."""
    font = FontProperties(
        family=style.fonts(), size=size, weight="bold" if bold else "normal"
    )
    lines = text.split("\n")
    return max(text_to_path.get_text_width_height_descent(s, font, False)[0] for s in lines)


def text_height(text: str, *, size: float) -> float:
    """Height in pixels a text takes up, line spacing included."""
    return (text.count("\n") + 1) * size * style.LINE_HEIGHT


def wrap(words: Sequence[str], *, limit: float, size: float, bold: bool = False) -> str:
    """Break words into lines no wider than `limit` pixels; a longer word keeps its own line."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size=size, bold=bold) <= limit:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


def spread(wanted: Sequence[float], *, sizes: Sequence[float], low: float, high: float
           ) -> list[float]:
    """Move labels along a line as little as possible so that none overlaps another.

    Parameters
    ----------
    wanted : n centres, in pixels
        Where each label would stand were it alone.
    sizes : n lengths, in pixels
        Room each label takes along the line, gaps included.
    low, high : float
        Ends of the line. Where the labels need more, they run past `high`.

    Returns
    -------
    list of n centres, in the order given. Labels keep the order of `wanted`; ties
    keep the order given.

    Source
    ------
    Least squares under order constraints (pool adjacent violators).
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    blocks: list[tuple[float, float, list[int]]] = []  # start wanted, length, members
    for index in order:
        block = (wanted[index] - sizes[index] / 2, sizes[index], [index])
        while blocks and blocks[-1][0] + blocks[-1][1] > block[0]:
            block = _pool(blocks.pop(), block)
        blocks.append(block)
    return _place(blocks, sizes=sizes, low=low, high=high)


def _pool(first, second):
    # The start that serves both, each label counting once.
    n, m = len(first[2]), len(second[2])
    start = (first[0] * n + (second[0] - first[1]) * m) / (n + m)
    return start, first[1] + second[1], first[2] + second[2]


def _place(blocks, *, sizes, low, high) -> list[float]:
    starts = [start for start, _, _ in blocks]
    limit = high
    for i in reversed(range(len(blocks))):
        starts[i] = min(starts[i], limit - blocks[i][1])
        limit = starts[i]
    limit = low
    for i, (_, length, _) in enumerate(blocks):
        starts[i] = max(starts[i], limit)
        limit = starts[i] + length
    centres = [0.0] * len(sizes)
    for start, (_, _, members) in zip(starts, blocks, strict=True):
        for index in members:
            centres[index] = start + sizes[index] / 2
            start += sizes[index]
    return centres


@dataclass(frozen=True)
class Scale:
    """A value axis: where it starts and ends, its ticks, and their decimals."""

    low: float
    high: float
    ticks: tuple[float, ...]
    decimals: int

    @property
    def labels(self) -> list[str]:
        """The ticks as printed."""
        return [style.number_text(tick, decimals=self.decimals) for tick in self.ticks]


def value_scale(values: Sequence[float], *, limits: Sequence[float] = (), intervals: int = 5
                ) -> Scale:
    """Choose an axis for values: from zero unless they all stand far from it.

    The axis starts at zero unless the lowest value is above two thirds of the highest, as it
    is for a life expectancy; then it starts at the round number below what is drawn and
    `style.axis_title` says so. One value, or values all alike, start at zero: there is no
    difference to bring out. Values below zero keep zero on the axis. `limits` are ends of
    intervals: they widen the axis but do not decide where it starts.
    """
    far = 0 < min(values) < max(values) and min(values) > max(values) * 2 / 3
    low, high = min([*values, *limits]), max([*values, *limits])
    if not far:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        high = low + 1
    ticks = MaxNLocator(nbins=intervals, steps=[1, 2, 5, 10]).tick_values(low, high)
    start, end = _trim(ticks, low, high)
    kept = tuple(float(tick) for tick in ticks if start <= tick <= end)
    return Scale(float(start), float(end), kept, _tick_decimals(ticks))


def _trim(ticks, low: float, high: float) -> tuple[float, float]:
    """Leave a little room beyond the data rather than an empty interval.

    The lower end stays on a tick unless it is below zero, so that an axis that does not
    start at zero starts at a round number.
    """
    room = (high - low) * 0.05
    start = max(ticks[0], low - room) if ticks[0] < 0 else ticks[0]
    return start, ticks[-1] if high <= 0 else min(ticks[-1], high + room)


def _tick_decimals(ticks) -> int:
    step = ticks[1] - ticks[0]
    return next(d for d in range(12) if abs(round(step, d) - step) < step * 1e-6)


def blank_figure(width: float, height: float) -> Figure:
    """A white figure of a size in CSS pixels."""
    return Figure(
        figsize=(width / style.DPI, height / style.DPI), dpi=style.DPI, facecolor=style.PAPER
    )


def pixels(figure: Figure) -> Transform:
    """The transform from CSS pixels, counted from the top left, to the figure."""
    inches = Affine2D().scale(1 / style.DPI, -1 / style.DPI)
    return inches.translate(0, figure.get_figheight()) + figure.dpi_scale_trans


def add_axes(figure: Figure, left: float, top: float, width: float, height: float):
    """Axes at a place given in CSS pixels from the top left."""
    full_width, full_height = (side * style.DPI for side in figure.get_size_inches())
    bottom = full_height - top - height
    return figure.add_axes(
        (left / full_width, bottom / full_height, width / full_width, height / full_height)
    )


def put_text(figure: Figure, x: float, y: float, text: str, *, size: float, colour: str,
             bold: bool = False, align: str = "left") -> Text:
    """Write a text whose middle stands at height `y`, in CSS pixels from the top left."""
    return figure.text(
        x, y, text, transform=pixels(figure), ha=align, va="center", fontsize=size, color=colour,
        fontweight="bold" if bold else "normal", linespacing=style.LINE_HEIGHT,
        multialignment=align,
    )


def put_line(figure: Figure, xs: Sequence[float], ys: Sequence[float], *, colour: str,
             width: float = 0.8, dash="solid") -> Line2D:
    """Draw a line in CSS pixels from the top left."""
    line = Line2D(xs, ys, transform=pixels(figure), color=colour, linewidth=width, linestyle=dash)
    return figure.add_artist(line)


def value_axis(figure: Figure, axes, scale: Scale, *, name: Literal["x", "y"], unit: str) -> None:
    """Set the value axis up: its few grid lines, its ticks, its unit at the top left."""
    getattr(axes, f"set_{name}lim")(scale.low, scale.high)
    getattr(axes, f"set_{name}ticks")(scale.ticks, labels=scale.labels)
    axes.tick_params(axis=name, length=0, pad=6, labelsize=style.SMALL)
    axes.grid(visible=True, axis=name)
    axes.grid(visible=False, axis="y" if name == "x" else "x")
    if scale.low < 0 < scale.high:
        rule = axes.axhline if name == "y" else axes.axvline
        rule(0, color=style.MID_GREY, linewidth=1, zorder=1.5)
    title = style.axis_title(unit, start=scale.low, decimals=scale.decimals)
    put_text(figure, 0, HEAD / 2, title, size=style.SMALL, colour=style.MUTED)


class _TooLarge(Exception):
    """An SVG that compacting could not make small enough."""


class _Bounded(StringIO):
    """Takes text until it is certain to be too much."""

    def write(self, text: str) -> int:
        if self.tell() > BEYOND_SHRINKING * LARGEST_SVG:
            raise _TooLarge
        return super().write(text)


def render(figure: Figure) -> Drawing:
    """Turn a figure into a drawing: SVG, or PNG at twice the size if the SVG is too large.

    Text is drawn as outlines, so that a page looks the same on every machine.
    """
    width, height = (round(side * style.DPI) for side in figure.get_size_inches())
    image = _small_svg(figure)
    if image:
        return Drawing(SVG, image, width, height)
    data = BytesIO()
    figure.set_dpi(2 * style.DPI)
    FigureCanvasAgg(figure).print_png(data, metadata={"Software": None})
    return Drawing(PNG, base64.b64encode(data.getvalue()).decode("ascii"), width, height)


def _small_svg(figure: Figure) -> str:
    """The figure as SVG; empty where that is too large."""
    text = _Bounded()
    try:
        FigureCanvasSVG(figure).print_svg(
            text, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    except _TooLarge:
        return ""
    image = compact_svg(text.getvalue())
    return image if len(image) <= LARGEST_SVG else ""

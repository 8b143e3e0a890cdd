"""The boroughs chart: every borough of the league, a row each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.figure import Figure

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.drawing import (
    HEAD,
    Drawing,
    Scale,
    add_axes,
    blank_figure,
    put_line,
    put_text,
    render,
    spread,
    text_height,
    text_width,
    value_axis,
    value_scale,
)

WIDTH = 480
SMALLEST_PLOT = 230
ROW_HEIGHT = 16


@dataclass(frozen=True)
class Bar:
    """One borough's value and interval (nan where there is none)."""

    label: str
    value: float
    lower: float
    upper: float
    role: Literal["area", "other"]


def draw_boroughs(bars: Sequence[Bar], *, unit: str, decimals: int,
                  references: Sequence[tuple[str, float]] = (),
                  lowest_first: bool = False) -> Drawing:
    """Draw all boroughs in order; see `boroughs_figure`."""
    with style.chart_style():
        return render(boroughs_figure(bars, unit=unit, decimals=decimals, references=references,
                                      lowest_first=lowest_first))


def boroughs_figure(bars: Sequence[Bar], *, unit: str, decimals: int,
                    references: Sequence[tuple[str, float]] = (),
                    lowest_first: bool = False) -> Figure:
    """Lay out one row a borough, the first of the league at the top.

    Each has a dot for its value and a rule for its interval.

    A dot, not a bar from zero, because a life expectancy stands far from zero; the axis
    follows `drawing.value_scale`. Ties stand in the order of their names. A borough without
    a value is not drawn.

    Parameters
    ----------
    bars : sequence of Bar
    unit, decimals
        As for `trend.trend_figure`.
    references : sequence of (label, value)
        Vertical rules, named with their value above the plot; one without a value is
        left out. The first is dashed dark, any other dotted.
    lowest_first : bool
        The league starts with the lowest value, as where low is good.

    Returns
    -------
    Figure, in CSS pixels. It grows where names need more room; nothing is cut off.

    Raises
    ------
    ValueError
        No borough has a value.
    """
    sign = 1 if lowest_first else -1
    bars = sorted((bar for bar in bars if math.isfinite(bar.value)),
                  key=lambda bar: (sign * bar.value, bar.label))
    if not bars:
        raise ValueError("a boroughs chart needs at least one value")
    references = [(name, value) for name, value in references if math.isfinite(value)]
    scale, frame = _fitted(bars, references, unit=unit, decimals=decimals)
    figure = blank_figure(frame.width, frame.height)
    axes = add_axes(figure, frame.left, frame.top, frame.plot_width, frame.plot_height)
    value_axis(figure, axes, scale, name="x", unit=unit)
    _plot_bars(axes, bars)
    _write_names(figure, bars, frame, unit=unit, decimals=decimals)
    _write_references(figure, references, scale, frame, unit=unit, decimals=decimals)
    return figure


@dataclass(frozen=True)
class _Frame:
    left: float
    top: float
    plot_width: float
    plot_height: float
    width: float
    height: float


def _fitted(bars, references, *, unit, decimals) -> tuple[Scale, _Frame]:
    """The finest axis whose numbers do not touch."""
    values = [*(bar.value for bar in bars), *(value for _, value in references)]
    limits = [h for bar in bars for h in (bar.lower, bar.upper) if math.isfinite(h)]
    for intervals in (5, 4, 3, 2, 1):
        scale = value_scale(values, limits=limits, intervals=intervals)
        frame = _boroughs_frame(bars, scale, references, unit=unit, decimals=decimals)
        step = (scale.ticks[1] - scale.ticks[0]) if len(scale.ticks) > 1 else math.inf
        room = frame.plot_width * step / (scale.high - scale.low)
        if room >= max(text_width(label, size=style.SMALL) for label in scale.labels) + 10:
            break
    return scale, frame


def _boroughs_frame(bars, scale, references, *, unit, decimals) -> _Frame:
    names = max(text_width(b.label, size=style.ROW, bold=b.role == "area") for b in bars)
    ends = (text_width(s, size=style.SMALL) / 2 for s in (scale.labels[0], scale.labels[-1]))
    first, last = ends
    values = [text_width(_row_value(b, unit, decimals), size=style.ROW, bold=True)
              for b in bars if b.role == "area"]
    left = math.ceil(max(names + 10, first + 2))
    right = math.ceil(max([last + 2, *(width + 12 for width in values)]))
    heads = sum(text_width(_reference_text(r, unit, decimals), size=style.SMALL) + 14
                for r in references)
    plot_width = math.ceil(max(SMALLEST_PLOT, WIDTH - left - right, heads - left - right))
    top = HEAD + (24 if references else 6)
    height = ROW_HEIGHT * len(bars)
    foot = 12 + text_height("0", size=style.SMALL)
    return _Frame(left, top, plot_width, height, left + plot_width + right,
                      math.ceil(top + height + foot))


def _row_value(bar, unit, decimals) -> str:
    return style.value_text(bar.value, unit=unit, decimals=decimals)


def _reference_text(reference, unit, decimals) -> str:
    name, value = reference
    return f"{name} {style.value_text(value, unit=unit, decimals=decimals)}"


def _plot_bars(axes, bars) -> None:
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_yticks([])
    _rules(axes, [(row, *axes.get_xlim()) for row in range(len(bars))], zorder=0.5,
           color=style.GRID, linewidth=0.5)
    for role, colour, thick, dot in (("other", style.FOCUS_GREY, 1.8, 5.2),
                                     ("area", style.ACCENT, 2.2, 7.4)):
        rows = [row for row, bar in enumerate(bars) if bar.role == role]
        limits = [(row, bars[row].lower, bars[row].upper) for row in rows]
        _rules(axes, [limit for limit in limits if all(map(math.isfinite, limit))],
               color=colour, linewidth=thick, zorder=2, gid=f"intervals-{role}")
        axes.plot([bars[row].value for row in rows], rows, linestyle="none", marker="o", zorder=3,
                  color=style.ACCENT if role == "area" else style.MID_GREY, markersize=dot,
                  markeredgewidth=0, clip_on=False, gid=f"points-{role}")
        for row in rows if role == "area" else ():
            axes.axhspan(row - 0.5, row + 0.5, color=style.ACCENT_WASH, linewidth=0, zorder=0.4)


def _rules(axes, rules, **look) -> None:
    """Draw horizontal rules (row, from, to) as one path, which keeps the file small."""
    xs = [x for _, start, end in rules for x in (start, end, math.nan)]
    ys = [y for row, _, _ in rules for y in (row, row, math.nan)]
    axes.plot(xs, ys, solid_capstyle="butt", **look)


def _write_names(figure, bars, frame: _Frame, *, unit, decimals) -> None:
    for row, bar in enumerate(bars):
        y = frame.top + ROW_HEIGHT * (row + 0.5)
        area = bar.role == "area"
        put_text(figure, frame.left - 8, y, bar.label, size=style.ROW, bold=area, align="right",
                 colour=style.ACCENT if area else style.INK)
        if area:
            put_text(figure, frame.left + frame.plot_width + 8, y,
                     _row_value(bar, unit, decimals), size=style.ROW, bold=True,
                     colour=style.ACCENT)


def _write_references(figure, references, scale, frame: _Frame, *, unit, decimals) -> None:
    texts = [_reference_text(reference, unit, decimals) for reference in references]
    widths = [text_width(text, size=style.SMALL) + 12 for text in texts]
    at = [frame.left + frame.plot_width * (value - scale.low) / (scale.high - scale.low)
          for _, value in references]
    places = spread(at, sizes=widths, low=0, high=frame.width)
    looks = [style.LOOKS["benchmark"]] + [style.LOOKS["region"]] * len(references)
    for x, centre, text, look in zip(at, places, texts, looks, strict=False):
        put_text(figure, centre, HEAD + 9, text, size=style.SMALL, colour=look.colour,
                 align="center")
        put_line(figure, [centre, x], [HEAD + 17, frame.top], colour=look.colour)
        put_line(figure, [x, x], [frame.top, frame.top + frame.plot_height],
                 colour=look.colour, width=1.4, dash=look.dash)

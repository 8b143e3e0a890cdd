"""The two charts of the pack: a trend against benchmarks, and all boroughs in a row.

Both name every line and mark directly, show intervals for what is judged, and say
so when an axis does not start at zero. Each `*_figure` function returns the
matplotlib figure; each `draw_*` function the finished picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

import numpy as np
from matplotlib.figure import Figure

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.drawing import (
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
    value_scale,
    wrap,
)

__all__ = ["Bar", "Drawing", "Line", "boroughs_figure", "draw_boroughs", "draw_trend",
           "trend_figure"]

TREND_WIDTH = 520
TREND_PLOT = (250, 190)  # least width and height of the plot itself
LABEL_LIMIT = 132
BOROUGHS_WIDTH = 480
BOROUGHS_PLOT = 230
ROW_HEIGHT = 16
HEAD = 22  # height of the line that names the unit
INSET = 10  # from the edge of the plot to the first and last point
LARGEST_GAP = 1.6  # in typical steps; a wider one means a period is missing


@dataclass(frozen=True)
class Line:
    """One series of a trend chart.

    `dates` are the mid-points of the periods in decimal years; `periods` their published
    names; `lower` and `upper` the interval, nan where there is none. All of one length.
    """

    label: str
    dates: tuple[float, ...]
    periods: tuple[str, ...]
    values: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    role: Literal["area", "benchmark", "region", "peers"]


@dataclass(frozen=True)
class Bar:
    """One borough's value and interval (nan where there is none)."""

    label: str
    value: float
    lower: float
    upper: float
    role: Literal["area", "other"]


@dataclass(frozen=True)
class _Look:
    colour: str
    width: float
    dash: object
    marker: str
    size: float
    filled: bool = True


_LOOKS = {
    "area": _Look(style.ACCENT, 2.4, "solid", "o", 6.5),
    "benchmark": _Look(style.DARK_GREY, 1.8, (0, (5, 2.2)), "s", 4.5),
    "region": _Look(style.MUTED, 1.5, (0, (1.2, 1.8)), "^", 5.0, filled=False),
    "peers": _Look(style.LIGHT_MUTED, 1.5, (0, (7, 2, 1.2, 2)), "D", 4.0, filled=False),
}


def draw_trend(lines: Sequence[Line], *, unit: str, decimals: int,
               breaks: Sequence[tuple[float, str]] = ()) -> Drawing:
    """Draw series over time; see `trend_figure`."""
    with style.chart_style():
        return render(trend_figure(lines, unit=unit, decimals=decimals, breaks=breaks))


def trend_figure(lines: Sequence[Line], *, unit: str, decimals: int,
                 breaks: Sequence[tuple[float, str]] = ()) -> Figure:
    """Lay out a trend chart, each line named with its last value at its right end.

    The time axis is true to time. A line is interrupted, never joined, where a value is
    missing, where two dates lie more than 1.6 typical steps apart, and at a break. Only
    the area's interval is drawn. The value axis follows `drawing.value_scale`: it starts
    at zero unless every value is above two thirds of the highest, and then says so.

    Parameters
    ----------
    lines : sequence of Line
        A line without a single value is left out.
    unit : str
        As catalogued; "%" is written "Per cent" above the axis and after each value.
    decimals : int
        Of the values in the labels.
    breaks : sequence of (decimal year, label)
        Changes of method or boundary: a dashed rule with a short label.

    Returns
    -------
    Figure, in CSS pixels. It grows where labels need more room; nothing is cut off.

    Raises
    ------
    ValueError
        No line has a value, or a line's columns are of unequal length.
    """
    lines = [line for line in lines if _checked(line) and _drawn(line)]
    if not lines:
        raise ValueError("a trend chart needs at least one value")
    scale = value_scale([value for line in lines for value in _heights(line)])
    labels = _end_labels(lines, unit=unit, decimals=decimals)
    frame = _trend_frame(lines, labels, scale, breaks)
    figure = blank_figure(frame.width, frame.height)
    axes = add_axes(figure, frame.left, frame.top, frame.plot_width, frame.plot_height)
    _value_axis(axes, scale, "y")
    _time_axis(axes, frame)
    title = style.axis_title(unit, start=scale.low, decimals=scale.decimals)
    put_text(figure, 0, HEAD / 2, title, size=style.SMALL, colour=style.MUTED)
    cuts = [date for date, _ in breaks if frame.first <= date <= frame.last]
    for line in reversed(lines):
        _plot_line(axes, line, cuts, second=_is_second(line, lines))
    _write_end_labels(figure, lines, labels, scale, frame)
    _write_breaks(figure, frame)
    return figure


def _checked(line: Line) -> bool:
    lengths = {len(line.dates), len(line.periods), len(line.values), len(line.lower),
               len(line.upper)}
    if len(lengths) != 1:
        raise ValueError(f"the columns of the line {line.label!r} are of unequal length")
    return True


def _drawn(line: Line) -> list[int]:
    """Positions of the points that have a value, in order of time."""
    known = [i for i, value in enumerate(line.values) if math.isfinite(value)]
    return sorted(known, key=lambda i: line.dates[i])


def _interval(line: Line, i: int) -> tuple[float, ...]:
    limits = (line.lower[i], line.upper[i])
    return limits if line.role == "area" and all(map(math.isfinite, limits)) else ()


def _heights(line: Line) -> list[float]:
    return [h for i in _drawn(line) for h in (line.values[i], *_interval(line, i))]


def _is_second(line: Line, lines: Sequence[Line]) -> bool:
    alike = [other for other in lines if other.role == line.role]
    return alike.index(line) % 2 == 1


@dataclass(frozen=True)
class _EndLabel:
    text: str
    height: float
    bold: bool


def _end_labels(lines, *, unit, decimals) -> list[_EndLabel]:
    latest = max(line.dates[i] for line in lines for i in _drawn(line))
    labels = []
    for line in lines:
        last = _drawn(line)[-1]
        words = [*line.label.split(), style.value_text(line.values[last], unit=unit,
                                                       decimals=decimals)]
        if line.dates[last] < latest - 1e-6:
            # A value of an earlier period must not be read as the newest.
            words.append(f"({line.periods[last]})")
        bold = line.role == "area"
        text = wrap(words, limit=LABEL_LIMIT, size=style.BODY, bold=bold)
        labels.append(_EndLabel(text, text_height(text, size=style.BODY), bold))
    return labels


@dataclass(frozen=True)
class _Frame:
    """Where everything of a trend chart stands, in CSS pixels from the top left."""

    left: float
    top: float
    plot_width: float
    plot_height: float
    width: float
    height: float
    first: float
    last: float
    ticks: tuple[tuple[float, str], ...]
    breaks: tuple[tuple[float, str, int], ...]  # date, label, row

    def x(self, date: float) -> float:
        """Where a date stands."""
        return self.left + INSET + _share(date, self) * (self.plot_width - 2 * INSET)

    def y(self, value: float, scale: Scale) -> float:
        """Where a value stands."""
        share = (value - scale.low) / (scale.high - scale.low)
        return self.top + self.plot_height * (1 - share)


def _share(date: float, frame: _Frame) -> float:
    span = frame.last - frame.first
    return (date - frame.first) / span if span else 0.5


def _trend_frame(lines, labels, scale, breaks) -> _Frame:
    periods = {line.dates[i]: _tick_label(line.periods[i]) for line in reversed(lines)
               for i in _drawn(line)}
    first, last = min(periods), max(periods)
    tick_widths = {d: text_width(p, size=style.SMALL) for d, p in periods.items()}
    number_width = max(text_width(s, size=style.SMALL) for s in scale.labels)
    left = math.ceil(max(number_width + 8, tick_widths[first] / 2 - INSET))
    column = max(text_width(s.text, size=style.BODY, bold=s.bold) for s in labels)
    right = math.ceil(max(column + 16, tick_widths[last] / 2 - INSET)) + 2
    plot_width = max(TREND_PLOT[0], TREND_WIDTH - left - right)
    plot_height = max(TREND_PLOT[1], math.ceil(sum(s.height for s in labels)))
    base = _Frame(left, 0, plot_width, plot_height, left + plot_width + right, 0, first, last,
                  (), ())
    placed = _stack_breaks(base, breaks)
    top = HEAD + 8 + 17 * (1 + max((row for *_, row in placed), default=-1))
    ticks = _thin(base, periods, tick_widths)
    foot = 10 + max(text_height(p, size=style.SMALL) for _, p in ticks)
    return _Frame(left, top, plot_width, plot_height, base.width,
                  math.ceil(top + plot_height + foot), first, last, ticks, placed)


def _tick_label(period: str) -> str:
    """Break a long range over two lines: "2022/23 - 24/25"."""
    return period.replace(" - ", " -\n", 1) if len(period) > 10 else period


def _thin(frame, periods, widths) -> tuple[tuple[float, str], ...]:
    """Keep every first, second, third, ... period back from the last, so that none touch."""
    dates = sorted(periods, reverse=True)
    for stride in range(1, len(dates) + 1):
        kept = dates[::stride]
        room = [frame.x(later) - frame.x(earlier) - (widths[later] + widths[earlier]) / 2
                for later, earlier in zip(kept, kept[1:], strict=False)]
        if all(gap >= 12 for gap in room):
            break
    return tuple((date, periods[date]) for date in reversed(kept))


def _stack_breaks(frame, breaks) -> tuple[tuple[float, str, int], ...]:
    """Give each break's label the lowest row in which it touches no other."""
    ends: list[float] = []
    placed = []
    for date, label in sorted(breaks):
        if not frame.first <= date <= frame.last:
            continue
        start = _break_start(frame, date, label)
        row = next((i for i, end in enumerate(ends) if start > end + 8), len(ends))
        ends[row:row + 1] = [start + text_width(label, size=style.SMALL)]
        placed.append((date, label, row))
    return tuple(placed)


def _break_start(frame, date, label) -> float:
    """Left end of a break's label: on its rule, moved only as far as the edges ask."""
    width = text_width(label, size=style.SMALL)
    return max(0, min(frame.x(date) - width / 2, frame.width - width - 2))


def _value_axis(axes, scale: Scale, name: Literal["x", "y"]) -> None:
    getattr(axes, f"set_{name}lim")(scale.low, scale.high)
    getattr(axes, f"set_{name}ticks")(scale.ticks, labels=scale.labels)
    axes.tick_params(axis=name, length=0, pad=6, labelsize=style.SMALL)
    axes.grid(visible=True, axis=name)
    axes.grid(visible=False, axis="y" if name == "x" else "x")
    if scale.low < 0 < scale.high:
        rule = axes.axhline if name == "y" else axes.axvline
        rule(0, color=style.MID_GREY, linewidth=1, zorder=1.5)


def _time_axis(axes, frame: _Frame) -> None:
    span = frame.last - frame.first
    pad = INSET * span / (frame.plot_width - 2 * INSET) if span else 0.5
    axes.set_xlim(frame.first - pad, frame.last + pad)
    axes.set_xticks([date for date, _ in frame.ticks], labels=[text for _, text in frame.ticks])
    axes.tick_params(axis="x", length=4, width=0.8, labelsize=style.SMALL)


def _plot_line(axes, line: Line, cuts: Sequence[float], *, second: bool) -> None:
    look = _LOOKS[line.role]
    shown = _drawn(line)
    dates = [line.dates[i] for i in shown]
    values = [line.values[i] for i in shown]
    smaller = 0.7 if len(shown) > 16 else 1.0
    top = 4 if line.role == "area" else 3
    hollow = second or not look.filled
    for i in shown:
        if limits := _interval(line, i):
            axes.vlines(line.dates[i], *limits, color=style.ACCENT_TINT, linewidth=1.6, zorder=2)
    for run in _runs(line, shown, cuts):
        axes.plot([line.dates[i] for i in run], [line.values[i] for i in run],
                  color=look.colour, linewidth=look.width, linestyle=look.dash, zorder=top,
                  gid=f"line-{line.role}")
    axes.plot(dates, values, linestyle="none", marker=look.marker, zorder=top + 0.1,
              markersize=look.size * smaller, markeredgecolor=look.colour, markeredgewidth=1.2,
              markerfacecolor=style.PAPER if hollow else look.colour,
              gid=f"points-{line.role}", clip_on=False)


def _runs(line: Line, shown: Sequence[int], cuts: Sequence[float]) -> list[list[int]]:
    """Split a line into the stretches that may be joined."""
    dates = sorted(line.dates)
    steps = [b - a for a, b in zip(dates, dates[1:], strict=False) if b > a]
    widest = LARGEST_GAP * median(steps) if steps else 0
    runs: list[list[int]] = []
    for i in shown:
        before = line.dates[runs[-1][-1]] if runs else -math.inf
        cut = any(before < date <= line.dates[i] for date in cuts)
        if line.dates[i] - before <= widest and not cut:
            runs[-1].append(i)
        else:
            runs.append([i])
    return [run for run in runs if len(run) > 1]


def _write_end_labels(figure, lines, labels, scale, frame: _Frame) -> None:
    ends = [_drawn(line)[-1] for line in lines]
    wanted = [frame.y(line.values[i], scale) for line, i in zip(lines, ends, strict=True)]
    slack = style.BODY * 0.6
    heights = [label.height for label in labels]
    places = spread(wanted, sizes=heights, low=frame.top - slack,
                    high=max(frame.top + frame.plot_height + slack,
                             frame.top - slack + sum(heights)))
    left = frame.left + frame.plot_width + 14
    for line, i, label, y0, y1 in zip(lines, ends, labels, wanted, places, strict=True):
        look = _LOOKS[line.role]
        x0 = frame.x(line.dates[i]) + look.size
        if abs(y1 - y0) > 4 or left - x0 > 2 * INSET + 4:
            put_line(figure, [x0, left - 3], [y0, y1], colour=style.FOCUS_GREY)
        put_text(figure, left, y1, label.text, size=style.BODY, colour=look.colour,
                 bold=label.bold)


def _write_breaks(figure, frame: _Frame) -> None:
    rows = 1 + max((row for *_, row in frame.breaks), default=0)
    for date, label, row in frame.breaks:
        x = frame.x(date)
        y = HEAD + 4 + 17 * (rows - row - 0.5)
        put_text(figure, _break_start(frame, date, label), y, label, size=style.SMALL,
                 colour=style.MUTED)
        put_line(figure, [x, x], [y + 9, frame.top + frame.plot_height], colour=style.MID_GREY,
                 width=1, dash=(0, (3, 3)))


def draw_boroughs(bars: Sequence[Bar], *, unit: str, decimals: int,
                  references: Sequence[tuple[str, float]] = ()) -> Drawing:
    """Draw all boroughs in order; see `boroughs_figure`."""
    with style.chart_style():
        return render(boroughs_figure(bars, unit=unit, decimals=decimals, references=references))


def boroughs_figure(bars: Sequence[Bar], *, unit: str, decimals: int,
                    references: Sequence[tuple[str, float]] = ()) -> Figure:
    """Lay out one row a borough, highest first, a dot for its value and a bar for its interval.

    A dot, not a bar from zero, because many indicators (a life expectancy) stand far
    from zero; the axis follows `drawing.value_scale` and says where it starts. Ties
    stand in the order of their names. A borough without a value is not drawn.

    Parameters
    ----------
    bars : sequence of Bar
    unit, decimals
        As for `trend_figure`.
    references : sequence of (label, value)
        Vertical rules, named with their value above the plot; one without a value is
        left out. The first is dashed dark, any other dotted.

    Returns
    -------
    Figure, in CSS pixels. It grows where names need more room; nothing is cut off.

    Raises
    ------
    ValueError
        No borough has a value.
    """
    bars = sorted((bar for bar in bars if math.isfinite(bar.value)),
                  key=lambda bar: (-bar.value, bar.label))
    if not bars:
        raise ValueError("a boroughs chart needs at least one value")
    references = [(name, value) for name, value in references if math.isfinite(value)]
    reach = [h for bar in bars for h in (bar.value, bar.lower, bar.upper) if math.isfinite(h)]
    scale = value_scale([*reach, *(value for _, value in references)])
    frame = _boroughs_frame(bars, scale, references, unit=unit, decimals=decimals)
    figure = blank_figure(frame.width, frame.height)
    axes = add_axes(figure, frame.left, frame.top, frame.plot_width, frame.plot_height)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_yticks([])
    _value_axis(axes, scale, "x")
    title = style.axis_title(unit, start=scale.low, decimals=scale.decimals)
    put_text(figure, 0, HEAD / 2, title, size=style.SMALL, colour=style.MUTED)
    _plot_bars(axes, bars)
    _write_names(figure, bars, frame, unit=unit, decimals=decimals)
    _write_references(figure, references, scale, frame, unit=unit, decimals=decimals)
    return figure


@dataclass(frozen=True)
class _RowsFrame:
    left: float
    top: float
    plot_width: float
    plot_height: float
    width: float
    height: float


def _boroughs_frame(bars, scale, references, *, unit, decimals) -> _RowsFrame:
    names = max(text_width(b.label, size=style.ROW, bold=b.role == "area") for b in bars)
    ends = (text_width(s, size=style.SMALL) / 2 for s in (scale.labels[0], scale.labels[-1]))
    first, last = ends
    values = [text_width(_row_value(b, unit, decimals), size=style.ROW, bold=True)
              for b in bars if b.role == "area"]
    left = math.ceil(max(names + 10, first + 2))
    right = math.ceil(max([last + 2, *(width + 12 for width in values)]))
    heads = sum(text_width(_reference_text(r, unit, decimals), size=style.SMALL) + 14
                for r in references)
    plot_width = math.ceil(max(BOROUGHS_PLOT, BOROUGHS_WIDTH - left - right, heads - left - right))
    top = HEAD + (24 if references else 6)
    height = ROW_HEIGHT * len(bars)
    foot = 12 + text_height("0", size=style.SMALL)
    return _RowsFrame(left, top, plot_width, height, left + plot_width + right,
                      math.ceil(top + height + foot))


def _row_value(bar, unit, decimals) -> str:
    return style.value_text(bar.value, unit=unit, decimals=decimals)


def _reference_text(reference, unit, decimals) -> str:
    name, value = reference
    return f"{name} {style.value_text(value, unit=unit, decimals=decimals)}"


def _plot_bars(axes, bars) -> None:
    rows = np.arange(len(bars))
    colours = [style.ACCENT if bar.role == "area" else style.MID_GREY for bar in bars]
    axes.hlines(rows, *axes.get_xlim(), color=style.GRID, linewidth=0.5, zorder=0.5)
    for row, bar in zip(rows, bars, strict=True):
        if bar.role == "area":
            axes.axhspan(row - 0.5, row + 0.5, color=style.ACCENT_WASH, linewidth=0, zorder=0.4)
        if math.isfinite(bar.lower) and math.isfinite(bar.upper):
            accent = bar.role == "area"
            axes.hlines(row, bar.lower, bar.upper, zorder=2,
                        color=style.ACCENT if accent else style.FOCUS_GREY,
                        linewidth=2.2 if accent else 1.8)
    sizes = [52 if bar.role == "area" else 26 for bar in bars]
    axes.scatter([bar.value for bar in bars], rows, s=sizes, c=colours, zorder=3, linewidth=0,
                 gid="boroughs", clip_on=False)


def _write_names(figure, bars, frame: _RowsFrame, *, unit, decimals) -> None:
    for row, bar in enumerate(bars):
        y = frame.top + ROW_HEIGHT * (row + 0.5)
        area = bar.role == "area"
        put_text(figure, frame.left - 8, y, bar.label, size=style.ROW, bold=area, align="right",
                 colour=style.ACCENT if area else style.INK)
        if area:
            put_text(figure, frame.left + frame.plot_width + 8, y,
                     _row_value(bar, unit, decimals), size=style.ROW, bold=True,
                     colour=style.ACCENT)


def _write_references(figure, references, scale, frame: _RowsFrame, *, unit, decimals) -> None:
    texts = [_reference_text(reference, unit, decimals) for reference in references]
    widths = [text_width(text, size=style.SMALL) + 12 for text in texts]
    at = [frame.left + frame.plot_width * (value - scale.low) / (scale.high - scale.low)
          for _, value in references]
    places = spread(at, sizes=widths, low=0, high=frame.width)
    looks = [_LOOKS["benchmark"]] + [_LOOKS["region"]] * len(references)
    for x, centre, text, look in zip(at, places, texts, looks, strict=False):
        put_text(figure, centre, HEAD + 9, text, size=style.SMALL, colour=look.colour,
                 align="center")
        put_line(figure, [centre, x], [HEAD + 17, frame.top], colour=look.colour)
        put_line(figure, [x, x], [frame.top, frame.top + frame.plot_height],
                 colour=look.colour, width=1.4, dash=look.dash)

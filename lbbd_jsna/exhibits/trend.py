"""The trend chart: a series against its benchmarks, true to time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
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
    wrap,
)

WIDTH = 480
SMALLEST_PLOT = (250, 190)  # width and height
LABEL_LIMIT = 132
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


def draw_trend(lines: Sequence[Line], *, unit: str, decimals: int,
               breaks: Sequence[tuple[float, str]] = ()) -> Drawing:
    """Draw series over time; see `trend_figure`."""
    with style.chart_style():
        return render(trend_figure(lines, unit=unit, decimals=decimals, breaks=breaks))


def trend_figure(lines: Sequence[Line], *, unit: str, decimals: int,
                 breaks: Sequence[tuple[float, str]] = ()) -> Figure:
    """Lay out a trend chart, true to time, each line named with its last value at its end.

    A line is interrupted, never joined, where a value is missing, where two dates lie more
    than 1.6 typical steps apart, and at a break. Only the area's interval is drawn. The axis
    starts at zero unless all values are above two thirds of the highest, and then says so.

    Parameters
    ----------
    lines : sequence of Line
        A line without a single value is left out.
    unit, decimals : str, int
        As catalogued; "%" is written "Per cent" above the axis and after each value.
    breaks : sequence of (decimal year, label)
        Changes of method or boundary: a dashed rule with a short label.

    Returns
    -------
    Figure, in CSS pixels, grown where labels need more room; nothing is cut off.

    Raises
    ------
    ValueError
        No line has a value, or a line's columns are of unequal length.
    """
    lines = _with_values(lines)
    scale = _scale(lines)
    labels = _end_labels(lines, unit=unit, decimals=decimals)
    frame = _trend_frame(lines, labels, scale, breaks)
    figure = blank_figure(frame.width, frame.height)
    axes = add_axes(figure, frame.left, frame.top, frame.plot_width, frame.plot_height)
    value_axis(figure, axes, scale, name="y", unit=unit)
    _time_axis(axes, frame)
    for line in reversed(lines):
        _plot_line(axes, line, frame, second=_is_second(line, lines))
    _write_end_labels(figure, lines, labels, scale, frame)
    _write_breaks(figure, frame)
    return figure


def _with_values(lines: Sequence[Line]) -> list[Line]:
    for line in lines:
        columns = (line.dates, line.periods, line.values, line.lower, line.upper)
        if len(set(map(len, columns))) != 1:
            raise ValueError(f"the columns of the line {line.label!r} are of unequal length")
    kept = [line for line in lines if _drawn(line)]
    if not kept:
        raise ValueError("a trend chart needs at least one value")
    return kept


def _drawn(line: Line) -> list[int]:
    """Positions of the points that have a value, in order of time."""
    known = [i for i, value in enumerate(line.values) if math.isfinite(value)]
    return sorted(known, key=lambda i: line.dates[i])


def _interval(line: Line, i: int) -> tuple[float, ...]:
    limits = (line.lower[i], line.upper[i])
    return limits if line.role == "area" and all(map(math.isfinite, limits)) else ()


def _scale(lines: Sequence[Line]) -> Scale:
    shown = [(line, i) for line in lines for i in _drawn(line)]
    limits = [limit for line, i in shown for limit in _interval(line, i)]
    return value_scale([line.values[i] for line, i in shown], limits=limits)


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
    plot_width = max(SMALLEST_PLOT[0], WIDTH - left - right)
    plot_height = max(SMALLEST_PLOT[1], math.ceil(sum(s.height for s in labels)))
    base = _Frame(left, 0, plot_width, plot_height, left + plot_width + right, 0, first, last,
                  (), ())
    placed = _stack_breaks(base, breaks)
    top = HEAD + 8 + 17 * (1 + max((row for *_, row in placed), default=-1))
    ends = (base.x(d) + text_width(s, size=style.SMALL) + 2 for d, s, _ in placed)
    ticks = _thin(base, periods, tick_widths)
    foot = 12 + max(text_height(p, size=style.SMALL) for _, p in ticks)
    return _Frame(left, top, plot_width, plot_height, math.ceil(max([base.width, *ends])),
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
    """Give each break the lowest row in which its label touches no other label or rule.

    From the latest back: a label stands right of its rule, so only later breaks are
    in its way, and their rules run from their own row down.
    """
    placed: list[tuple[float, str, int]] = []
    for date, label in sorted(breaks, reverse=True):
        if frame.first <= date <= frame.last:
            end = frame.x(date) + text_width(label, size=style.SMALL) + 12
            rows = [row for later, _, row in placed if frame.x(later) < end]
            placed.append((date, label, 1 + max(rows, default=-1)))
    return tuple(reversed(placed))


def _time_axis(axes, frame: _Frame) -> None:
    span = frame.last - frame.first
    pad = INSET * span / (frame.plot_width - 2 * INSET) if span else 0.5
    axes.set_xlim(frame.first - pad, frame.last + pad)
    axes.set_xticks([date for date, _ in frame.ticks], labels=[text for _, text in frame.ticks])
    axes.tick_params(axis="x", length=4, width=0.8, pad=5, labelsize=style.SMALL)


def _plot_line(axes, line: Line, frame: _Frame, *, second: bool) -> None:
    look = style.LOOKS[line.role]
    shown = _drawn(line)
    dates = [line.dates[i] for i in shown]
    values = [line.values[i] for i in shown]
    smaller = 0.7 if len(shown) > 16 else 1.0
    top = 4 if line.role == "area" else 3
    hollow = second or not look.filled
    for i in shown:
        if limits := _interval(line, i):
            axes.vlines(line.dates[i], *limits, color=style.ACCENT_TINT, linewidth=1.6, zorder=2)
    for run in _runs(line, shown, [date for date, *_ in frame.breaks]):
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
        look = style.LOOKS[line.role]
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
        put_text(figure, x, y, label, size=style.SMALL, colour=style.MUTED)
        put_line(figure, [x, x], [y + 9, frame.top + frame.plot_height], colour=style.MID_GREY,
                 width=1, dash=(0, (3, 3)))

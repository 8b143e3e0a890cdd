"""Lines over time: the parts that every chart with a time axis is laid out from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.drawing import (
    HEAD,
    Scale,
    put_line,
    put_text,
    spread,
    text_height,
    text_width,
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


def with_values(lines: Sequence[Line]) -> list[Line]:
    """The lines that have a value; the columns of each must be of one length."""
    for line in lines:
        columns = (line.dates, line.periods, line.values, line.lower, line.upper)
        if len(set(map(len, columns))) != 1:
            raise ValueError(f"the columns of the line {line.label!r} are of unequal length")
    kept = [line for line in lines if drawn(line)]
    if not kept:
        raise ValueError("a trend chart needs at least one value")
    return kept


def drawn(line: Line) -> list[int]:
    """Positions of the points that have a value, in order of time."""
    known = [i for i, value in enumerate(line.values) if math.isfinite(value)]
    return sorted(known, key=lambda i: line.dates[i])


def interval_at(line: Line, i: int) -> tuple[float, ...]:
    """The interval drawn at a point: only the area has one, and only where both ends are known."""
    limits = (line.lower[i], line.upper[i])
    return limits if line.role == "area" and all(map(math.isfinite, limits)) else ()


def line_scale(lines: Sequence[Line]) -> Scale:
    """The axis that holds every value and every interval drawn."""
    shown = [(line, i) for line in lines for i in drawn(line)]
    limits = [limit for line, i in shown for limit in interval_at(line, i)]
    return value_scale([line.values[i] for line, i in shown], limits=limits)


def is_second(line: Line, lines: Sequence[Line]) -> bool:
    """Whether another line of the same role stands before it."""
    alike = [other for other in lines if other.role == line.role]
    return alike.index(line) % 2 == 1


@dataclass(frozen=True)
class EndLabel:
    """The words at the end of a line."""

    text: str
    height: float
    bold: bool


def end_labels(lines, *, unit, decimals) -> list[EndLabel]:
    """The name and last value of each line, wrapped for the column at the right."""
    latest = max(line.dates[i] for line in lines for i in drawn(line))
    labels = []
    for line in lines:
        last = drawn(line)[-1]
        words = [*line.label.split(), style.value_text(line.values[last], unit=unit,
                                                       decimals=decimals)]
        if line.dates[last] < latest - 1e-6:
            # A value of an earlier period must not be read as the newest.
            words.append(f"({line.periods[last]})")
        bold = line.role == "area"
        text = wrap(words, limit=LABEL_LIMIT, size=style.BODY, bold=bold)
        labels.append(EndLabel(text, text_height(text, size=style.BODY), bold))
    return labels


@dataclass(frozen=True)
class TimeFrame:
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


def _share(date: float, frame: TimeFrame) -> float:
    span = frame.last - frame.first
    return (date - frame.first) / span if span else 0.5


def time_frame(lines, labels, scale, breaks) -> TimeFrame:
    """Where everything stands, grown until every label has room."""
    periods = {line.dates[i]: tick_label(line.periods[i]) for line in reversed(lines)
               for i in drawn(line)}
    first, last = min(periods), max(periods)
    tick_widths = {d: text_width(p, size=style.SMALL) for d, p in periods.items()}
    number_width = max(text_width(s, size=style.SMALL) for s in scale.labels)
    left = math.ceil(max(number_width + 8, tick_widths[first] / 2 - INSET))
    column = max(text_width(s.text, size=style.BODY, bold=s.bold) for s in labels)
    right = math.ceil(max(column + 16, tick_widths[last] / 2 - INSET)) + 2
    plot_width = max(SMALLEST_PLOT[0], WIDTH - left - right)
    plot_height = max(SMALLEST_PLOT[1], math.ceil(sum(s.height for s in labels)))
    base = TimeFrame(left, 0, plot_width, plot_height, left + plot_width + right, 0, first, last,
                  (), ())
    placed = stacked_breaks(base, breaks)
    top = HEAD + 8 + 17 * (1 + max((row for *_, row in placed), default=-1))
    ends = (base.x(d) + text_width(s, size=style.SMALL) + 2 for d, s, _ in placed)
    ticks = thinned(base, periods, tick_widths)
    foot = 12 + max(text_height(p, size=style.SMALL) for _, p in ticks)
    return TimeFrame(left, top, plot_width, plot_height, math.ceil(max([base.width, *ends])),
                  math.ceil(top + plot_height + foot), first, last, ticks, placed)


def tick_label(period: str) -> str:
    """Break a long range over two lines: "2022/23 - 24/25"."""
    return period.replace(" - ", " -\n", 1) if len(period) > 10 else period


def thinned(frame, periods, widths) -> tuple[tuple[float, str], ...]:
    """Keep every first, second, third, ... period back from the last, so that none touch."""
    dates = sorted(periods, reverse=True)
    for stride in range(1, len(dates) + 1):
        kept = dates[::stride]
        room = [frame.x(later) - frame.x(earlier) - (widths[later] + widths[earlier]) / 2
                for later, earlier in zip(kept, kept[1:], strict=False)]
        if all(gap >= 12 for gap in room):
            break
    return tuple((date, periods[date]) for date in reversed(kept))


def stacked_breaks(frame, breaks) -> tuple[tuple[float, str, int], ...]:
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


def time_axis(axes, frame: TimeFrame) -> None:
    """The periods that have room for their names, under the plot."""
    span = frame.last - frame.first
    pad = INSET * span / (frame.plot_width - 2 * INSET) if span else 0.5
    axes.set_xlim(frame.first - pad, frame.last + pad)
    axes.set_xticks([date for date, _ in frame.ticks], labels=[text for _, text in frame.ticks])
    axes.tick_params(axis="x", length=4, width=0.8, pad=5, labelsize=style.SMALL)


def plot_line(axes, line: Line, frame: TimeFrame, *, second: bool) -> None:
    """One line with its points and intervals, interrupted where it may not be joined."""
    look = style.LOOKS[line.role]
    shown = drawn(line)
    dates = [line.dates[i] for i in shown]
    values = [line.values[i] for i in shown]
    smaller = 0.7 if len(shown) > 16 else 1.0
    top = 4 if line.role == "area" else 3
    hollow = second or not look.filled
    for i in shown:
        if limits := interval_at(line, i):
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


def write_end_labels(figure, lines, labels, scale, frame: TimeFrame) -> None:
    """The names at the right, spread so that none touch, with leaders to their lines."""
    ends = [drawn(line)[-1] for line in lines]
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


def write_breaks(figure, frame: TimeFrame) -> None:
    """The breaks: a dashed rule each, with its words above the plot."""
    rows = 1 + max((row for *_, row in frame.breaks), default=0)
    for date, label, row in frame.breaks:
        x = frame.x(date)
        y = HEAD + 4 + 17 * (rows - row - 0.5)
        put_text(figure, x, y, label, size=style.SMALL, colour=style.MUTED)
        put_line(figure, [x, x], [y + 9, frame.top + frame.plot_height], colour=style.MID_GREY,
                 width=1, dash=(0, (3, 3)))

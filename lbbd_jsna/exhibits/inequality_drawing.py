"""The groups chart: one row a group, from the most to the least deprived."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

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
    text_height,
    text_width,
    value_axis,
    value_scale,
    wrap,
)

WIDTH = 480
SMALLEST_PLOT = 200
LABEL_LIMIT = 170
ROW_GAP = 17  # between the texts of two rows
LEGEND = "line through all the groups"


@dataclass(frozen=True)
class GroupRow:
    """One group: its value and interval (nan where there is none), and what stands beside it.

    `shown` is the value as printed, or the shorthand of a blank; `share` its share of the
    people, the same for all where it is not known.
    """

    label: str
    value: float
    lower: float
    upper: float
    shown: str
    share: float = 1.0


def draw_groups(rows: Sequence[GroupRow], *, unit: str, own: bool,
                line: tuple[float, float] | None = None,
                reference: tuple[str, float] | None = None) -> Drawing:
    """Draw groups in order; see `groups_figure`."""
    with style.chart_style():
        return render(groups_figure(rows, unit=unit, own=own, line=line, reference=reference))


def groups_figure(rows: Sequence[GroupRow], *, unit: str, own: bool,
                  line: tuple[float, float] | None = None,
                  reference: tuple[str, float] | None = None) -> Figure:
    """Lay out one row a group, in the order given, each with a dot and its interval.

    Parameters
    ----------
    rows : sequence of GroupRow
        A group without a value keeps its row, with its shorthand and no dot.
    unit : str
        As catalogued.
    own : bool
        The borough's groups, drawn in its colour; those of the country are grey.
    line : (float, float), optional
        A fitted line's values before the first and after the last group. Rows are then as
        high as their share of the people, so that the line is straight.
    reference : (label, value), optional
        A dashed vertical rule for the area as a whole, named above the plot with its value.

    Returns
    -------
    Figure, in CSS pixels, grown where names need more room; nothing is cut off.

    Raises
    ------
    ValueError
        No group has a value.
    """
    if not any(math.isfinite(row.value) for row in rows):
        raise ValueError("a groups chart needs at least one value")
    labels = [wrap(row.label.split(), limit=LABEL_LIMIT, size=style.ROW) for row in rows]
    scale, frame = _fitted(rows, labels, line, reference)
    figure = blank_figure(frame.width, frame.height)
    axes = add_axes(figure, frame.left, frame.top, frame.plot_width, frame.edges[-1])
    value_axis(figure, axes, scale, name="x", unit=unit)
    axes.set_ylim(frame.edges[-1], 0)
    axes.set_yticks([])
    _plot_rows(axes, rows, frame, own=own)
    if line:
        axes.plot(line, [0, frame.edges[-1]], color=style.MID_GREY, linewidth=1.3, zorder=1.8,
                  gid="fitted-line")
        _write_legend(figure, frame)
    _write_rows(figure, rows, labels, frame)
    if reference:
        _write_reference(figure, reference, scale, frame)
    return figure


@dataclass(frozen=True)
class _Frame:
    """Where everything stands, in CSS pixels; `edges` of the rows are from the plot's top."""

    left: float
    top: float
    plot_width: float
    width: float
    height: float
    edges: tuple[float, ...]

    def middle(self, row: int) -> float:
        """The middle of a row, from the top of the plot."""
        return (self.edges[row] + self.edges[row + 1]) / 2


def _fitted(rows, labels, line, reference) -> tuple[Scale, _Frame]:
    """The finest axis whose numbers do not touch."""
    values = [row.value for row in rows if math.isfinite(row.value)]
    values += [reference[1]] if reference else []
    limits = [limit for row in rows for limit in (row.lower, row.upper) if math.isfinite(limit)]
    for intervals in (5, 4, 3, 2, 1):
        scale = value_scale(values, limits=[*limits, *(line or ())], intervals=intervals)
        frame = _frame(rows, labels, scale, line, reference)
        step = (scale.ticks[1] - scale.ticks[0]) if len(scale.ticks) > 1 else math.inf
        room = frame.plot_width * step / (scale.high - scale.low)
        if room >= max(text_width(text, size=style.SMALL) for text in scale.labels) + 10:
            break
    return scale, frame


def _frame(rows, labels, scale, line, reference) -> _Frame:
    first, last = (text_width(scale.labels[i], size=style.SMALL) / 2 for i in (0, -1))
    left = math.ceil(max(max(text_width(s, size=style.ROW) for s in labels) + 12, first + 2))
    shown = max(text_width(row.shown, size=style.ROW, bold=True) for row in rows)
    right = math.ceil(max(shown + 14, last + 2))
    head = text_width(reference[0], size=style.SMALL) if reference else 0
    plot_width = math.ceil(max(SMALLEST_PLOT, WIDTH - left - right, head - left - right))
    least = [text_height(label, size=style.ROW) + ROW_GAP for label in labels]
    heights = _heights(least, [row.share for row in rows], true_to_share=line is not None)
    edges = tuple(accumulate(heights, initial=0.0))
    top = HEAD + (24 if reference else 6)
    foot = 12 + text_height("0", size=style.SMALL) * (2.3 if line else 1)
    return _Frame(left, top, plot_width, left + plot_width + right,
                  math.ceil(top + edges[-1] + foot), edges)


def _heights(least, shares, *, true_to_share) -> list[float]:
    """Heights of rows that hold their texts; in the ratio of the shares where a line is drawn."""
    if not true_to_share:
        return [float(max(least))] * len(least)
    whole = max(room * sum(shares) / share for room, share in zip(least, shares, strict=True))
    return [math.ceil(whole) * share / sum(shares) for share in shares]


def _plot_rows(axes, rows, frame: _Frame, *, own: bool) -> None:
    colour, tint = (style.ACCENT, style.ACCENT_TINT) if own else (
        style.DARK_GREY, style.LIGHT_MUTED)
    for edge in frame.edges[1:-1]:
        axes.axhline(edge, color=style.GRID, linewidth=0.5, zorder=0.5)
    for i, row in enumerate(rows):
        if math.isfinite(row.lower) and math.isfinite(row.upper):
            axes.plot([row.lower, row.upper], [frame.middle(i)] * 2, color=tint, linewidth=2.4,
                      solid_capstyle="butt", zorder=2, gid="group-interval")
    known = [i for i, row in enumerate(rows) if math.isfinite(row.value)]
    axes.plot([rows[i].value for i in known], [frame.middle(i) for i in known], linestyle="none",
              marker="o", markersize=8, markeredgewidth=1.2, markeredgecolor=style.PAPER,
              color=colour, zorder=3, clip_on=False, gid="group-points")


def _write_rows(figure, rows, labels, frame: _Frame) -> None:
    for i, (row, label) in enumerate(zip(rows, labels, strict=True)):
        y = frame.top + frame.middle(i)
        put_text(figure, frame.left - 10, y, label, size=style.ROW, colour=style.INK,
                 align="right")
        put_text(figure, frame.left + frame.plot_width + 10, y, row.shown, size=style.ROW,
                 colour=style.INK, bold=True)


def _write_legend(figure, frame: _Frame) -> None:
    y = frame.height - text_height("0", size=style.SMALL) / 2 - 2
    put_line(figure, [frame.left, frame.left + 26], [y, y], colour=style.MID_GREY, width=1.3)
    put_text(figure, frame.left + 32, y, LEGEND, size=style.SMALL, colour=style.MUTED)


def _write_reference(figure, reference, scale: Scale, frame: _Frame) -> None:
    text, value = reference
    x = frame.left + frame.plot_width * (value - scale.low) / (scale.high - scale.low)
    half = text_width(text, size=style.SMALL) / 2
    centre = min(max(x, half), frame.width - half)
    look = style.LOOKS["benchmark"]
    put_text(figure, centre, HEAD + 9, text, size=style.SMALL, colour=look.colour, align="center")
    put_line(figure, [centre, x], [HEAD + 17, frame.top], colour=look.colour)
    put_line(figure, [x, x], [frame.top, frame.top + frame.edges[-1]], colour=look.colour,
             width=1.4, dash=look.dash)

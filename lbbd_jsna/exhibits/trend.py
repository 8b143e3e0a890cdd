"""The trend chart: a series against its benchmarks, true to time."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.drawing import Drawing, add_axes, blank_figure, render, value_axis
from lbbd_jsna.exhibits.time_lines import (
    Line,
    end_labels,
    is_second,
    line_scale,
    plot_line,
    time_axis,
    time_frame,
    with_values,
    write_breaks,
    write_end_labels,
)


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
    lines = with_values(lines)
    scale = line_scale(lines)
    labels = end_labels(lines, unit=unit, decimals=decimals)
    frame = time_frame(lines, labels, scale, breaks)
    figure = blank_figure(frame.width, frame.height)
    axes = add_axes(figure, frame.left, frame.top, frame.plot_width, frame.plot_height)
    value_axis(figure, axes, scale, name="y", unit=unit)
    time_axis(axes, frame)
    for line in reversed(lines):
        plot_line(axes, line, frame, second=is_second(line, lines))
    write_end_labels(figure, lines, labels, scale, frame)
    write_breaks(figure, frame)
    return figure

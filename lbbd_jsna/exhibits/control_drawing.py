"""The drawing of a control chart: points, mean and limits, true to time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.drawing import (
    HEAD,
    Drawing,
    Scale,
    add_axes,
    blank_figure,
    pixels,
    put_text,
    render,
    text_width,
    value_axis,
    value_scale,
)
from lbbd_jsna.exhibits.time_lines import (
    Line,
    end_labels,
    plot_line,
    time_axis,
    time_frame,
    write_end_labels,
)
from lbbd_jsna.findings import Point
from lbbd_jsna.statistics.workings.special_causes import ControlChart

KEY = 20  # height of the line that explains the markers
MARKERS = {1: "^", -1: "v"}  # a special cause, up or down
MARKED = 10.0
KEY_WORDS = {1: "special cause, up", -1: "special cause, down"}


def draw_control(
    points: Sequence[Point],
    chart: ControlChart,
    *,
    places: Sequence[int],
    unit: str,
    decimals: int,
    target: float | None = None,
) -> Drawing:
    """Draw a control chart; see `control_drawing`."""
    with style.chart_style():
        return render(
            control_drawing(
                points, chart, places=places, unit=unit, decimals=decimals, target=target
            )
        )


def control_drawing(
    points: Sequence[Point],
    chart: ControlChart,
    *,
    places: Sequence[int],
    unit: str,
    decimals: int,
    target: float | None = None,
) -> Figure:
    """Lay out a control chart: a band between the limits, the mean, and the points over it.

    A special cause is a triangle, pointing the way it goes, so that its shape tells it from
    the round points of chance. The line is interrupted where a value is missing.

    Parameters
    ----------
    points : sequence of Point, oldest first
    chart : ControlChart
    places : sequence of int
        The place of each point in the chart.
    unit, decimals : str, int
        As catalogued.
    target : float, optional
        Drawn as a line of its own.

    Returns
    -------
    Figure, in CSS pixels.
    """
    lines = _lines(points, chart, places, target)
    scale = _scale(lines)
    labels = end_labels(lines, unit=unit, decimals=decimals)
    frame = time_frame(lines, labels, scale, ())
    ways = [int(chart.side[i]) for i in places]
    if any(ways):
        frame = replace(frame, top=frame.top + KEY, height=frame.height + KEY)
    figure = blank_figure(frame.width, frame.height)
    axes = add_axes(figure, frame.left, frame.top, frame.plot_width, frame.plot_height)
    value_axis(figure, axes, scale, name="y", unit=unit)
    time_axis(axes, frame)
    _draw_band(axes, lines)
    plot_line(axes, lines[0], frame, second=False)
    _mark(axes, lines[0], ways)
    _write_key(figure, ways)
    write_end_labels(figure, lines, labels, scale, frame)
    return figure


def _lines(points, chart, places, target) -> list[Line]:
    """The figure, its mean, its limits and its target, as lines with a name and a last value."""
    blank = (np.nan,) * len(points)
    dates, periods = tuple(p.middle for p in points), tuple(p.period for p in points)

    def line(label: str, values, role) -> Line:
        return Line(label, dates, periods, tuple(map(float, values)), blank, blank, role)

    lines = [line("Borough", [point.value for point in points], "area")]
    lines.append(line("Mean", chart.centre[list(places)], "benchmark"))
    lines.append(line("Upper limit", chart.upper[list(places)], "region"))
    lines.append(line("Lower limit", chart.lower[list(places)], "region"))
    if target is not None:
        lines.append(line("Target", [target] * len(points), "peers"))
    return lines


def _scale(lines: Sequence[Line]) -> Scale:
    """An axis for the points, widened to hold the limits and the target."""
    known = [[v for v in line.values if np.isfinite(v)] for line in lines]
    return value_scale(known[0], limits=[value for values in known[1:] for value in values])


def _draw_band(axes, lines: Sequence[Line]) -> None:
    dates = lines[0].dates
    upper, lower = lines[2].values, lines[3].values
    axes.fill_between(dates, lower, upper, step="mid", color=style.ACCENT_WASH, linewidth=0,
                      zorder=1, gid="band")
    for line in lines[1:]:
        look = style.LOOKS[line.role]
        axes.plot(dates, line.values, color=look.colour, linewidth=look.width,
                  linestyle=look.dash, drawstyle="steps-mid", zorder=2,
                  gid=f"line-{line.label.lower().replace(' ', '-')}")


def _mark(axes, line: Line, ways: Sequence[int]) -> None:
    for way, marker in MARKERS.items():
        found = [i for i, found in enumerate(ways) if found == way]
        axes.plot([line.dates[i] for i in found], [line.values[i] for i in found],
                  linestyle="none", marker=marker, markersize=MARKED, zorder=6,
                  markerfacecolor=style.PAPER, markeredgecolor=style.INK, markeredgewidth=1.6,
                  clip_on=False, gid=f"special-{'up' if way > 0 else 'down'}")


def _write_key(figure: Figure, ways: Sequence[int]) -> None:
    """What the triangles mean, for those that are drawn."""
    x, y = 0.0, HEAD + KEY / 2
    for way in (way for way in MARKERS if way in ways):
        figure.add_artist(_swatch(figure, x + MARKED / 2, y, MARKERS[way]))
        put_text(figure, x + MARKED + 6, y, KEY_WORDS[way], size=style.SMALL,
                 colour=style.MUTED)
        x += MARKED + 6 + text_width(KEY_WORDS[way], size=style.SMALL) + 18


def _swatch(figure: Figure, x: float, y: float, marker: str) -> Line2D:
    return Line2D([x], [y], transform=pixels(figure), linestyle="none", marker=marker,
                  markersize=MARKED, markerfacecolor=style.PAPER, markeredgecolor=style.INK,
                  markeredgewidth=1.6)

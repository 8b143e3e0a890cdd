"""The drawing of a "turn the curve" chart: the past, the past carried on, and what is needed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
from lbbd_jsna.exhibits.time_lines import (
    INSET,
    Line,
    TimeFrame,
    drawn,
    interval_at,
    plot_line,
    stacked_breaks,
    thinned,
    tick_label,
    time_axis,
    with_values,
    write_breaks,
)

PLOT = (300, 220)  # width and height
LABELS = 150  # width of the column of names at the right
FORECAST_DASH = (0, (4, 2.5))
NEEDED_DASH = (0, (1, 1.6))
CARRIED_ON = 0.6  # of the comparator's width, where its line is only supposed
ABOVE = 11  # from a point, or its interval, to its value


@dataclass(frozen=True)
class Path:
    """A line into the years ahead: where it starts, then one point a year.

    `lower` and `upper` are limits where it has some, else empty; `label` is set at its end.
    """

    label: str
    dates: tuple[float, ...]
    periods: tuple[str, ...]
    values: tuple[float, ...]
    lower: tuple[float, ...] = ()
    upper: tuple[float, ...] = ()


@dataclass(frozen=True)
class CurveLines:
    """What a curve chart draws: two pasts and up to three ways ahead, None where there is none.

    `marks` are decimal years with a few words: when the strategy began, where the past ends.
    """

    own: Line
    beside: Line | None
    nothing_done: Path | None
    beside_ahead: Path | None
    needed: Path | None
    marks: tuple[tuple[float, str], ...] = ()

    @property
    def ahead(self) -> tuple[Path, ...]:
        """The ways ahead there are."""
        ways = (self.nothing_done, self.beside_ahead, self.needed)
        return tuple(way for way in ways if way is not None)


def draw_curve(lines: CurveLines, *, unit: str, decimals: int) -> Drawing:
    """Draw a curve chart; see `curve_drawing`."""
    with style.chart_style():
        return render(curve_drawing(lines, unit=unit, decimals=decimals))


def curve_drawing(lines: CurveLines, *, unit: str, decimals: int) -> Figure:
    """Lay out a curve chart, true to time, each way ahead named at its end.

    What was measured is solid and has points; what is only supposed is dashed, thinner and
    has none, and its limits are a wash. The way needed ends in an arrow.

    Parameters
    ----------
    lines : CurveLines
    unit, decimals : str, int
        As catalogued.

    Returns
    -------
    Figure, in CSS pixels, grown where labels need more room.

    Raises
    ------
    ValueError
        The borough has no value.
    """
    past = with_values([line for line in (lines.own, lines.beside) if line])
    if past[0] is not lines.own:
        raise ValueError("a curve chart needs at least one value of the borough")
    scale = _scale(past, lines)
    labels = _labels(past, lines, unit=unit, decimals=decimals)
    frame = _frame(past, lines, labels, scale)
    figure = blank_figure(frame.width, frame.height)
    axes = add_axes(figure, frame.left, frame.top, frame.plot_width, frame.plot_height)
    value_axis(figure, axes, scale, name="y", unit=unit)
    time_axis(axes, frame)
    _draw_ahead(axes, lines, role=lines.beside.role if lines.beside else "region")
    joined = replace(frame, breaks=())
    for line in reversed(past):
        plot_line(axes, line, joined, second=False)
    _write_labels(figure, labels, scale, frame)
    write_breaks(figure, frame)
    _write_latest(figure, lines.own, scale, frame, unit=unit, decimals=decimals)
    return figure


def _scale(past: Sequence[Line], lines: CurveLines) -> Scale:
    """One axis for the pasts and the ways ahead, widened to hold every limit."""
    values = [line.values[i] for line in past for i in drawn(line)]
    values += [value for way in lines.ahead for value in way.values]
    limits = [end for line in past for i in drawn(line) for end in interval_at(line, i)]
    limits += [end for way in lines.ahead for end in (*way.lower, *way.upper)]
    return value_scale(values, limits=limits)


@dataclass(frozen=True)
class _Label:
    """A name at the right: where its line ends and how it is set."""

    text: str
    date: float
    value: float
    colour: str
    bold: bool = False

    @property
    def height(self) -> float:
        return text_height(self.text, size=style.SMALL) + 4


def _labels(
    past: Sequence[Line], lines: CurveLines, *, unit: str, decimals: int
) -> list[_Label]:
    labels = []
    colours = (style.ACCENT, style.DARK_GREY, style.INK)
    ways = (lines.nothing_done, lines.beside_ahead, lines.needed)
    for way, colour in zip(ways, colours, strict=True):
        if way is not None:
            bold = way is lines.nothing_done
            text = wrap(way.label.split(" "), limit=LABELS, size=style.SMALL, bold=bold)
            labels.append(_Label(text, way.dates[-1], way.values[-1], colour, bold))
    if lines.beside in past and lines.beside_ahead is None:
        line = lines.beside
        i = drawn(line)[-1]
        value = style.value_text(line.values[i], unit=unit, decimals=decimals)
        text = wrap(f"{line.label} {value}".split(" "), limit=LABELS, size=style.SMALL)
        labels.append(_Label(text, line.dates[i], line.values[i], style.DARK_GREY))
    return labels


def _frame(past, lines: CurveLines, labels: Sequence[_Label], scale: Scale) -> TimeFrame:
    periods = {d: tick_label(p) for way in reversed(lines.ahead)
               for d, p in zip(way.dates, way.periods, strict=True)}
    periods |= {line.dates[i]: tick_label(line.periods[i]) for line in reversed(past)
                for i in drawn(line)}
    first, last = min(periods), max(periods)
    widths = {d: text_width(p, size=style.SMALL) for d, p in periods.items()}
    numbers = max(text_width(s, size=style.SMALL) for s in scale.labels)
    left = math.ceil(max(numbers + 8, widths[first] / 2 - INSET))
    column = max((text_width(s.text, size=style.SMALL, bold=s.bold) for s in labels), default=0)
    right = math.ceil(max(column + 18, widths[last] / 2 - INSET)) + 2
    height = max(PLOT[1], math.ceil(sum(label.height for label in labels)))
    base = TimeFrame(left, 0, PLOT[0], height, left + PLOT[0] + right, 0, first, last, (), ())
    placed = stacked_breaks(base, lines.marks)
    top = HEAD + 8 + 17 * (1 + max((row for *_, row in placed), default=-1))
    ends = (base.x(d) + text_width(s, size=style.SMALL) + 2 for d, s, _ in placed)
    ticks = thinned(base, periods, widths)
    foot = 12 + max(text_height(p, size=style.SMALL) for _, p in ticks)
    return replace(base, top=top, width=math.ceil(max([base.width, *ends])),
                   height=math.ceil(top + height + foot), ticks=ticks, breaks=placed)


def _draw_ahead(axes, lines: CurveLines, *, role: str) -> None:
    if way := lines.nothing_done:
        axes.fill_between(way.dates, way.lower, way.upper, color=style.ACCENT_WASH,
                          linewidth=0, zorder=1, gid="band")
        for ends in (way.lower, way.upper):
            # In grey print the wash all but vanishes; its edges do not.
            axes.plot(way.dates, ends, color=style.ACCENT_TINT, linewidth=0.8, zorder=1.4)
        axes.plot(way.dates, way.values, color=style.ACCENT, linewidth=1.8,
                  linestyle=FORECAST_DASH, zorder=3.5, gid="nothing-done")
    if way := lines.beside_ahead:
        look = style.LOOKS[role]
        axes.plot(way.dates, way.values, color=look.colour, linewidth=look.width * CARRIED_ON,
                  linestyle=NEEDED_DASH, zorder=3, gid="beside-ahead")
    if way := lines.needed:
        axes.annotate(
            "", xy=(way.dates[-1], way.values[-1]), xytext=(way.dates[0], way.values[0]),
            arrowprops={"arrowstyle": "->", "color": style.INK, "linewidth": 1.2,
                        "shrinkA": 5, "shrinkB": 0},
            zorder=3.2, gid="needed",
        )  # fmt: skip


def _write_labels(figure, labels: Sequence[_Label], scale: Scale, frame: TimeFrame) -> None:
    wanted = [frame.y(label.value, scale) for label in labels]
    sizes = [label.height for label in labels]
    slack = style.SMALL * 0.6
    places = spread(wanted, sizes=sizes, low=frame.top - slack,
                    high=max(frame.top + frame.plot_height + slack, frame.top - slack + sum(sizes)))
    left = frame.left + frame.plot_width + 14
    for label, y0, y1 in zip(labels, wanted, places, strict=True):
        x0 = frame.x(label.date) + 4
        if abs(y1 - y0) > 4 or left - x0 > 2 * INSET + 8:
            put_line(figure, [x0, left - 3], [y0, y1], colour=style.FOCUS_GREY)
        put_text(figure, left, y1, label.text, size=style.SMALL, colour=label.colour,
                 bold=label.bold)


def _write_latest(figure, own: Line, scale: Scale, frame: TimeFrame, *, unit, decimals) -> None:
    """The latest value: above or below its interval, else beside its point, clear of the line."""
    shown = drawn(own)
    i = shown[-1]
    ends = interval_at(own, i)
    text = style.value_text(own.values[i], unit=unit, decimals=decimals)
    high, low = max(ends or (own.values[i],)), min(ends or (own.values[i],))
    above, below = frame.y(high, scale) - ABOVE, frame.y(low, scale) + ABOVE
    falls = len(shown) > 1 and own.values[shown[-2]] > own.values[i]
    lowest = frame.top + frame.plot_height - style.BODY / 2
    y = below if above < frame.top or (falls and below <= lowest) else above
    half = text_width(text, size=style.BODY, bold=True) / 2
    x = frame.x(own.dates[i]) - (0 if ends else half + 5)
    x = max(frame.left + half, min(x, frame.left + frame.plot_width - half))
    written = put_text(figure, x, y, text, size=style.BODY, colour=style.ACCENT, bold=True,
                       align="center")
    if ends:
        # The rule that ends the past runs through this place.
        written.set_bbox({"facecolor": style.PAPER, "edgecolor": "none", "pad": 1.5})

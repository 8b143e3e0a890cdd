"""The control chart of a monthly or quarterly figure: its points, its mean and its limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.control_drawing import draw_control
from lbbd_jsna.exhibits.exhibit import Cell, Figure, Table
from lbbd_jsna.exhibits.tables import explained, heads
from lbbd_jsna.facts.comparators import multiplier
from lbbd_jsna.findings import Finding, Point
from lbbd_jsna.statistics.control_charts import FEWEST, control_chart
from lbbd_jsna.statistics.workings.special_causes import RUN, ControlChart, causes, in_words

LONGEST = 350  # days; a period as long as a year has too few points and hides the months
MOST_NAMED = 4
LIMITS_OF = {
    "xmr": "the mean and 2.66 mean moving ranges either side (an individuals, or XmR, chart)",
    "p": "the mean and 3 standard deviations of a proportion either side (a p chart)",
    "u": "the mean and 3 standard deviations of a rate either side (a u chart)",
}
ROUNDED = (
    "No control chart is drawn: the counts are rounded to the nearest {} and vary by less."
)
ALLOWED = " The limits allow for counts rounded to the nearest {}."
RULES = (
    f"A special cause is a point beyond a limit, {RUN} or more on one side of the mean or in one "
    "direction, or 2 of 3 near a limit (NHS England, Making Data Count). "
    "Seasons are not taken out."
)


@dataclass(frozen=True)
class _Charted:
    """A finding's points, the chart of them, and what it says in words.

    The chart has a place for every period, also for one the extract leaves out; `places`
    are those of the points.
    """

    points: tuple[Point, ...]
    places: tuple[int, ...]
    chart: ControlChart
    said: str

    @property
    def latest(self) -> int:
        """The place of the latest point with a value."""
        return max(i for i in self.places if not math.isnan(self.chart.values[i]))

    @property
    def special(self) -> list[int]:
        """Places of the points that are special causes."""
        return [i for i in self.places if self.chart.special[i]]


def control_figure(
    finding: Finding, *, catalogue: Catalogue, target: float | None = None
) -> Figure | None:
    """The control chart of a finding, or None where there are not twelve points for one.

    Parameters
    ----------
    finding : Finding
        Of its history the points since the last break, all of one length and shorter than a
        year, none of which overlaps or holds the one before.
    catalogue : Catalogue
    target : float, optional
        In the unit of the indicator.

    Returns
    -------
    Figure or None
    """
    charted = _charted(finding, target)
    if charted is None:
        return None
    indicator = finding.indicator
    drawing = draw_control(
        charted.points,
        charted.chart,
        places=charted.places,
        unit=indicator.unit,
        decimals=indicator.decimals,
        target=target,
    )
    return Figure.of(
        drawing,
        title=_title(finding, charted),
        alt=_alt(finding, charted, catalogue),
        caption=_caption(finding, charted, catalogue),
        table=_table(finding, charted, catalogue),
        name=f"{indicator.id}-control",
    )


def control_sentence(finding: Finding, *, target: float | None = None) -> str:
    """What the control chart says of the latest figure; empty where there is none."""
    charted = _charted(finding, target)
    if charted is None:
        return ROUNDED.format(finding.rounded_to) if _refused(finding) else ""
    i = charted.latest
    why = causes(charted.chart)[i]
    sign = f" The sign of it: {why}." if why else ""
    return (
        f"Control chart of {len(charted.points)} periods: {charted.said}.{sign} "
        f"By chance alone the figure would lie within {_limits(charted, i, finding.indicator)}."
    )


def _charted(finding: Finding, target: float | None) -> _Charted | None:
    points = _to_chart(finding)
    if not points:
        return None
    rows = _with_gaps(points)
    values, counts, people = (
        np.array([getattr(p, name) if p else math.nan for p in rows])
        for name in ("value", "count", "denominator")
    )
    chart = control_chart(
        values,
        counts,
        people,
        polarity=finding.indicator.polarity,
        target=target,
        multiplier=multiplier(finding.indicator),
        bounds=_bounds(finding.indicator, values),
        rounded_to=finding.rounded_to,
        errors="missing",
    )
    if not str(chart.variation):
        return None
    wanted = "" if target is None else wording.number(target, finding.indicator)
    said = in_words(chart, target=f"the target of {wanted}")
    return _Charted(points, tuple(i for i, p in enumerate(rows) if p), chart, said)


def _to_chart(finding: Finding) -> tuple[Point, ...]:
    """The points a chart can be drawn of; none where they are too few or not of a kind."""
    since = finding.comparable_from
    points = tuple(p for p in finding.history if since is None or p.start >= since)
    few = sum(p.known for p in points) < FEWEST
    return () if few or finding.cumulative or not _in_step(points) else points


def _refused(finding: Finding) -> bool:
    """Whether only the rounding of its counts stands against a chart."""
    return finding.rounded_to > 1 and _charted(replace(finding, rounded_to=1), None) is not None


def _in_step(points: Sequence[Point]) -> bool:
    """Whether the periods are of one length, under a year, and none overlaps another."""
    days = [(p.end - p.start).days + 1 for p in points]
    apart = all(b.start > a.end for a, b in zip(points, points[1:], strict=False))
    return apart and max(days) < min(LONGEST, 1.5 * min(days))


def _with_gaps(points: Sequence[Point]) -> list[Point | None]:
    """The points, with None for every period the extract leaves out."""
    rows: list[Point | None] = [points[0]]
    for before, point in zip(points, points[1:], strict=False):
        length = (point.end - point.start).days + 1
        rows += [None] * round(((point.start - before.end).days - 1) / length)
        rows.append(point)
    return rows


def _bounds(indicator: Indicator, values: np.ndarray) -> tuple[float, float]:
    if indicator.unit.startswith("%"):
        return 0.0, 100.0
    return (0.0 if np.nanmin(values) >= 0 else -math.inf), math.inf


def _title(finding: Finding, charted: _Charted) -> str:
    latest = finding.latest
    now = f"{wording.number(latest.value, finding.indicator)} in {latest.period}"
    return f"{finding.indicator.title}: {now}, {charted.said}"


def _alt(finding: Finding, charted: _Charted, catalogue: Catalogue) -> str:
    points, indicator, i = charted.points, finding.indicator, charted.latest
    mean = wording.number(charted.chart.centre[i], indicator)
    return (
        f"Control chart of {wording.named(finding)} in {catalogue.area.name}, "
        f"{wording.plural(len(points), 'period')} from {points[0].period} to "
        f"{points[-1].period}. Latest {wording.quantity(finding.latest.value, indicator)} in "
        f"{finding.latest.period}; mean {mean}, limits {_limits(charted, i, indicator)}. "
        f"{_special(charted)}"
    )


def _special(charted: _Charted) -> str:
    said, places = causes(charted.chart), charted.special
    if not places:
        return "No point is a special cause."
    period = {i: point.period for i, point in zip(charted.places, charted.points, strict=True)}
    named = [f"{period[i]} ({said[i]})" for i in places[-MOST_NAMED:]]
    many = f"{wording.plural(len(places), 'point is a special cause', 'points are special causes')}"
    last = f", the last {MOST_NAMED} being" if len(places) > MOST_NAMED else ":"
    return f"{wording.sentence(many)}{last} {wording.listed(named)}."


def _limits(charted: _Charted, i: int, indicator: Indicator) -> str:
    low, high = charted.chart.lower[i], charted.chart.upper[i]
    return f"{wording.number(low, indicator)} to {wording.number(high, indicator)}"


def _caption(finding: Finding, charted: _Charted, catalogue: Catalogue) -> str:
    indicator = finding.indicator
    source = catalogue.sources[indicator.source].title
    number = f" {indicator.source_id}" if indicator.source_id else ""
    counts = finding.rounded_to > 1 and charted.chart.kind != "xmr"
    allowed = ALLOWED.format(finding.rounded_to) if counts else ""
    return (
        f"{indicator.title}, {indicator.unit}. The band, {LIMITS_OF[charted.chart.kind]}, is "
        f"how far the figure varies by chance alone.{allowed} {RULES} {source}{number}."
    )


def _table(finding: Finding, charted: _Charted, catalogue: Catalogue) -> Table:
    """Every point with its limits and why it is a special cause."""
    indicator, chart, said = finding.indicator, charted.chart, causes(charted.chart)
    rows = tuple(
        (
            Cell(point.period),
            Cell(wording.shown(point, indicator)),
            *(_limit(column[i], indicator) for column in (chart.lower, chart.centre, chart.upper)),
            Cell(said[i] or ("none" if point.known else "not judged")),
        )
        for i, point in zip(charted.places, charted.points, strict=True)
    )
    return Table(
        caption=f"{indicator.title} by period, with its limits ({indicator.unit})",
        columns=heads("Period", f"#{catalogue.area.name}", "#Lower limit", "#Mean",
                      "#Upper limit", "Special cause"),
        rows=rows,
        notes=explained(rows),
        name=f"{indicator.id}-control",
    )


def _limit(value: float, indicator: Indicator) -> Cell:
    """A limit, or its shorthand for a period without the denominator it would follow."""
    return Cell("[z]" if math.isnan(value) else wording.number(value, indicator))

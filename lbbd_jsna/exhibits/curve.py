"""The "turn the curve" chart: the past, where it would go if nothing changed, what is needed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.exhibits import target_words, wording
from lbbd_jsna.exhibits.curve_drawing import CurveLines, Path, draw_curve
from lbbd_jsna.exhibits.exhibit import Cell, Figure, Table
from lbbd_jsna.exhibits.tables import explained, heads
from lbbd_jsna.exhibits.target_words import later_period, target_points
from lbbd_jsna.exhibits.time_lines import Line
from lbbd_jsna.findings import Point, TargetFacts

FEWEST_POINTS = 2  # a single point is no curve


def curve_figure(target: TargetFacts, *, catalogue: Catalogue) -> Figure | None:
    """The curve chart of one figure of a target, or None where there is no curve to draw.

    Solid lines are what was measured, the borough's and the comparator's. Ahead of them, no
    further than the forecast was tried: where the borough would go if nothing changed, with
    80 % limits; where the comparator would, if it went on as it has; and the way the borough
    must go to pass it in time.

    Parameters
    ----------
    target : TargetFacts
        With a finding.
    catalogue : Catalogue

    Returns
    -------
    Figure or None
        None without a finding, or with fewer than two comparable values.
    """
    if target.finding is None or target.path is None:
        return None
    points = target_points(target)
    if len(points) < FEWEST_POINTS or target.finding.cumulative:
        return None
    indicator = target.finding.indicator
    lines = _lines(target, points, catalogue)
    drawing = draw_curve(lines, unit=indicator.unit, decimals=indicator.decimals)
    return Figure.of(
        drawing,
        title=target_words.target_title(target),
        alt=target_words.target_alt(target, catalogue),
        caption=target_words.target_caption(target, catalogue),
        table=_table(target, lines, catalogue),
        name=f"{indicator.id}-curve",
    )


def _lines(target: TargetFacts, points: Sequence[Point], catalogue: Catalogue) -> CurveLines:
    """What is drawn, from the facts."""
    beside = [p for p in target.beside if p.known]
    region = catalogue.set_of(catalogue.comparators.region).title
    role = "region" if target.comparator == region else "peers"
    last = points[-1]
    marks = [(float(target.baseline), f"strategy of {target.baseline}")] if target.baseline else []
    if target.nothing_done:
        marks.append((last.middle, "if nothing changes"))
    return CurveLines(
        own=_line("Borough", points, "area"),
        beside=_line(target.comparator, beside, role) if beside else None,
        nothing_done=_nothing_done(target, last),
        beside_ahead=_beside_ahead(target, last),
        needed=_needed(target, last),
        marks=tuple(marks),
    )


def _line(label: str, points: Sequence[Point], role: str) -> Line:
    return Line(
        label,
        *(tuple(getattr(p, c) for p in points) for c in ("middle", "period")),
        *(tuple(getattr(p, c) for p in points) for c in ("value", "lower", "upper")),
        role=role,
    )


def _nothing_done(target: TargetFacts, last: Point) -> Path | None:
    """The forecast, drawn from the latest point on."""
    ahead = target.nothing_done
    if ahead is None:
        return None
    indicator = target.finding.indicator
    value, low, high = (wording.number(a[-1], indicator) for a in ahead[1:])
    return Path(
        f"If nothing changes: {value} ({low} to {high})",
        (last.middle, *map(float, ahead.years)),
        (last.period, *_periods_ahead(target, last)),
        *((last.value, *map(float, a)) for a in ahead[1:]),
    )


def _beside_ahead(target: TargetFacts, last: Point) -> Path | None:
    """The comparator as it is supposed to go on, from its value in the year compared."""
    path = target.path
    if math.isnan(path.comparator_value) or target.nothing_done is None:
        return None
    still = math.isnan(path.comparator_change)
    rate = 0.0 if still else path.comparator_change
    indicator = target.finding.indicator
    years = _years_ahead(target, last)
    values = tuple(path.comparator_value + rate * (year - path.year) for year in years)
    now, then = (wording.number(v, indicator) for v in (path.comparator_value, values[-1]))
    words = "taken to stay there" if still else f"{then} if it keeps changing"
    return Path(
        f"{target.comparator}: {now} now, {words}",
        (path.year, *years),
        (target_words.period_at(target.beside, path.year), *_periods_ahead(target, last)),
        (path.comparator_value, *values),
    )


def _needed(target: TargetFacts, last: Point) -> Path | None:
    """The straight way to the comparator's level in the target's year, as far as it is drawn."""
    path = target.path
    rate = path.needed_still if math.isnan(path.comparator_change) else path.needed_moving
    if math.isnan(rate) or path.verdict == "already better" or target.nothing_done is None:
        return None
    years = _years_ahead(target, last)
    return Path(
        f"Needed to pass {target.comparator} by {path.by:.0f}",
        (path.year, *years),
        (target_words.period_at(target.finding.history, path.year), *_periods_ahead(target, last)),
        (path.value, *(path.value + rate * (year - path.year) for year in years)),
    )


def _years_ahead(target: TargetFacts, last: Point) -> tuple[float, ...]:
    return tuple(last.middle + i for i in _ahead(target))


def _periods_ahead(target: TargetFacts, last: Point) -> tuple[str, ...]:
    return tuple(later_period(last, i) for i in _ahead(target))


def _ahead(target: TargetFacts) -> range:
    """Years ahead that are drawn: as many as there is a forecast for."""
    return range(1, len(target.nothing_done.years) + 1)


def _table(target: TargetFacts, lines: CurveLines, catalogue: Catalogue) -> Table:
    """Every number drawn: what was measured, then what is supposed, marked as such."""
    indicator = target.finding.indicator
    rows = (*_measured(target), *_supposed(target, lines))
    return Table(
        caption=f"{indicator.title} by period, and if nothing changed ({indicator.unit})",
        columns=heads(
            "Period",
            f"#{catalogue.area.name}",
            ("#Interval", "95%; of a forecast, 80%"),
            f"#{target.comparator}",
            ("#Needed", f"to pass {target.comparator} by {target.path.by:.0f}"),
        ),
        rows=rows,
        notes=explained(rows),
        name=f"{indicator.id}-curve",
    )


def _measured(target: TargetFacts) -> list[tuple[Cell, ...]]:
    indicator = target.finding.indicator
    beside = {p.period: p for p in target.beside if p.known}
    return [
        (
            Cell(p.period),
            Cell(wording.shown(p, indicator)),
            Cell(wording.interval(p, indicator)),
            Cell(wording.shown(beside[p.period], indicator) if p.period in beside else "[x]"),
            Cell("[z]"),
        )
        for p in target_points(target)
    ]


def _supposed(target: TargetFacts, lines: CurveLines) -> list[tuple[Cell, ...]]:
    indicator = target.finding.indicator
    way = lines.nothing_done
    if way is None:
        return []

    def at(path: Path | None, period: str) -> str:
        values = dict(zip(path.periods, path.values, strict=True)) if path else {}
        return wording.number(values[period], indicator) if period in values else ""

    return [
        (
            Cell(period, sub="if nothing changed"),
            Cell(wording.number(way.values[i], indicator)),
            Cell(f"{wording.number(way.lower[i], indicator)} to "
                 f"{wording.number(way.upper[i], indicator)}"),
            Cell(at(lines.beside_ahead, period) or "[x]"),
            Cell(at(lines.needed, period) or "[z]"),
        )
        for i, period in enumerate(way.periods[1:], start=1)
    ]  # fmt: skip

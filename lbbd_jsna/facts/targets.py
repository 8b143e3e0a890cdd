"""A long-term target, worked out: where the borough stood, stands and must come to."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import timedelta

import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator, Measure, Strategy
from lbbd_jsna.facts.ranking import rank_of
from lbbd_jsna.findings import Finding, MeasureFacts, Point, TargetFacts, points_by_area
from lbbd_jsna.statistics.forecasts import FEWEST_POINTS, Forecast, forecast
from lbbd_jsna.statistics.ranks import Rank, place_of
from lbbd_jsna.statistics.targets import target_path, turned

DAYS_OF_A_YEAR = 365.25


def target_facts(
    measure: MeasureFacts,
    finding: Finding | None,
    *,
    strategy: Strategy,
    rows: pd.DataFrame | None,
    catalogue: Catalogue,
) -> TargetFacts:
    """One figure of a target; without a finding, a row that says why there is none.

    Parameters
    ----------
    measure : MeasureFacts
        Of kind `target`.
    finding : Finding or None
    strategy : Strategy
        That sets the target: its first year is the baseline, its `league_years` the earlier
        places.
    rows : DataFrame or None
        The observations of the finding's indicator, every area and period.
    """
    name = comparator_of(measure.measure, catalogue)
    title = catalogue.set_of(name).title
    if finding is None:
        return TargetFacts(measure, None, title, reason=measure.reason)
    own, beside = (
        _comparable(points, finding) for points in (finding.history, finding.comparators[name])
    )
    span = max(1.0, round(_years(finding.latest), 1))
    columns = [[getattr(p, c) for p in own] for c in ("middle", "value", "lower", "upper")]
    others = [[getattr(p, c) for p in beside] for c in ("middle", "value", "lower", "upper")]
    polarity = finding.indicator.polarity
    bounds = (0.0, 100.0) if finding.indicator.unit.startswith("%") else (0.0, math.inf)
    level = finding.at(name, finding.latest.period)
    return TargetFacts(
        measure=measure,
        finding=finding,
        comparator=title,
        beside=beside,
        path=target_path(
            *columns, *others[:2], polarity=polarity, by=target_year(measure.measure),
            baseline=strategy.began, comparator_lower=others[2], comparator_upper=others[3],
            span=span,
        ),
        nothing_done=_forecast(columns, span, bounds),
        turned=turned(
            *columns, baseline_year=strategy.began, polarity=polarity, span=span, bounds=bounds
        ),
        earlier=tuple(_earlier(rows, finding.indicator, strategy.league_years, catalogue)),
        place=place_of(
            level.value if level else math.nan,
            [point.value for point in finding.league.values()],
            polarity=polarity,
        ),
        baseline=strategy.began,
        reason="" if beside else f"no figure for {title} among this quarter's extracts",
    )  # fmt: skip


def comparator_of(measure: Measure, catalogue: Catalogue) -> str:
    """The set of areas a measure names to do better than; the benchmark if it names none."""
    sets = catalogue.comparators.sets
    titled = (name for name, areas in sets.items() if areas.title == measure.comparator)
    return next(titled, catalogue.comparators.benchmark)


def target_year(measure: Measure) -> float:
    """The first year a target names, such as 2037 of `not stated; can be read as 2037`.

    Raises
    ------
    ValueError
        A target that names no year.
    """
    found = re.search(r"\b20\d\d\b", measure.target_year)
    if not found:
        raise ValueError(f"the target {measure.id} names no year: {measure.target_year!r}")
    return float(found.group())


def _comparable(points: tuple[Point, ...], finding: Finding) -> tuple[Point, ...]:
    """The points with a value since the last break of the series."""
    since = finding.comparable_from
    return tuple(p for p in points if p.known and (since is None or p.start >= since))


def _years(point: Point) -> float:
    return (point.end - point.start + timedelta(days=1)).days / DAYS_OF_A_YEAR


def _forecast(
    columns: list[list[float]], span: float, bounds: tuple[float, float]
) -> Forecast | None:
    """Where the series would go if nothing changed; None where it is too short to say."""
    years, values, lower, upper = columns
    if len(values) < FEWEST_POINTS:
        return None
    errors = [(high - low) / (2 * 1.96) for low, high in zip(lower, upper, strict=True)]
    return forecast(
        years,
        values,
        standard_errors=errors if all(error > 0 for error in errors) else None,
        span=span,
        bounds=bounds,
    )


def _earlier(
    rows: pd.DataFrame | None,
    indicator: Indicator,
    years: tuple[int, ...],
    catalogue: Catalogue,
) -> Iterator[tuple[str, str, Rank | None]]:
    """The place in each earlier year: that of the latest period that ended in it."""
    for year in years:
        ended = rows[rows["period_end"].dt.year.eq(year)] if rows is not None else None
        own = () if ended is None else points_by_area(
            ended[ended["area_code"].eq(catalogue.settings.area) & ended["value"].notna()]
            .sort_values("period_end")
        ).get(catalogue.settings.area, ())
        if not own:
            yield str(year), "", None
            continue
        period = own[-1].period
        league = points_by_area(ended[ended["period"].eq(period)])
        latest = {code: points[-1] for code, points in league.items()}
        yield str(year), period, rank_of(latest, indicator, catalogue, with_limits=False)

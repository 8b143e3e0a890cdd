"""The facts a page is made of: one object an indicator, one a measure, one an outcome.

Every title, sentence, alternative text, chart and table of a page takes its
numbers from these objects, so that they cannot differ.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import geopandas
import pandas as pd

from lbbd_jsna.catalogue import Bullet, Indicator, Measure, Outcome, Strategy, Theme
from lbbd_jsna.statistics.areas import Combined
from lbbd_jsna.statistics.forecasts import Forecast
from lbbd_jsna.statistics.intervals import Interval
from lbbd_jsna.statistics.ranks import Rank
from lbbd_jsna.statistics.targets import TargetPath, Turned
from lbbd_jsna.statistics.trends import Trend
from lbbd_jsna.statistics.verdicts import NOT_COMPARED, Verdict


@dataclass(frozen=True)
class Point:
    """One area's figure for one period; nan where there is none.

    `source` names the file and row in words; `file` and `row` are the same, apart, and
    empty for a figure worked out here.
    """

    period: str
    start: dt.date
    end: dt.date
    value: float
    lower: float
    upper: float
    count: float
    denominator: float
    status: str
    note: str
    source: str
    file: str = ""
    row: int = 0

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return not math.isnan(self.value)

    @property
    def interval(self) -> Interval:
        """The value with its 95 % limits."""
        return Interval(self.value, self.lower, self.upper)

    @property
    def middle(self) -> float:
        """The middle of the period as a year with decimals, so that time is true."""
        days = (self.start, self.end)
        start, end = (day.year + (day.timetuple().tm_yday - 1) / 365.25 for day in days)
        return (start + end) / 2


@dataclass(frozen=True)
class Gap:
    """The borough's latest figure less a comparator's, in the unit and in people.

    `lower` and `upper` are 95 % limits, nan where the borough has none; `fixed` says that the
    comparator has none and its value was taken as certain. `people`, `fewest` and `most` are
    nan where the figure is not a share or a rate of people whose number is known.
    """

    value: float
    lower: float
    upper: float
    people: float
    fewest: float
    most: float
    fixed: bool


@dataclass(frozen=True)
class BesideAll:
    """A figure of a named group beside the same figure of everybody, the group among them.

    `gap` is the group's less everybody's at the latest period of both, with the limits of the
    group's own interval.
    """

    group: Indicator
    everybody: Indicator
    own: Point
    all: Point
    gap: Gap


@dataclass(frozen=True)
class WardBenchmark:
    """The borough's figure of the period of its wards, nan where it is not known.

    `basis` says what it is, or why there is none; a figure summed from wards has no limits.
    """

    value: float
    lower: float
    upper: float
    basis: str

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return not math.isnan(self.value)


@dataclass(frozen=True)
class WardPeriod:
    """One period of a ward series; `table` and `estimated` are as in `WardFigures`."""

    period: str
    start: dt.date
    end: dt.date
    table: pd.DataFrame
    estimated: frozenset[str]
    borough: WardBenchmark


@dataclass(frozen=True)
class WardFigures:
    """One ward series at its latest period, on boundaries of its own vintage.

    `table` has one row a ward: code, name, value, lower_95, upper_95, count, denominator,
    status, value_note. `all_values` holds every period's, so that the classes of
    a map stay the same from one period to the next. `source` names the `files` and rows;
    `received` and `not_renewed` are as in `Finding`.

    `history` holds the earlier periods with a value on the same boundaries, oldest first.
    `estimated` are the wards whose figure was shared out, and `built` what figures worked out
    here were built from (`small areas`, `old wards`), empty for published ones; `exact` is the
    per cent of a ward that comes from small areas wholly in it, where known. `verdicts` are
    those of each ward with a value against `borough`, by its 95 % interval. `places` counts
    from the end `first` (`highest` or `lowest`: the worse one, the highest where nothing is
    judged), each with the number of other wards that share it.
    """

    indicator: Indicator
    vintage: str
    period: str
    end: dt.date
    table: pd.DataFrame
    all_values: tuple[float, ...]
    boundaries: geopandas.GeoDataFrame
    source: str = ""
    files: frozenset[str] = frozenset()
    received: tuple[str, ...] = ()
    not_renewed: str = ""
    start: dt.date | None = None
    history: tuple[WardPeriod, ...] = ()
    estimated: frozenset[str] = frozenset()
    built: str = ""
    exact: Mapping[str, int] = field(default_factory=dict)
    borough: WardBenchmark = WardBenchmark(math.nan, math.nan, math.nan, "")
    verdicts: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    first: str = "highest"

    @property
    def known(self) -> pd.DataFrame:
        """The rows of `table` with a value."""
        return self.table.dropna(subset=["value"])

    @property
    def partly(self) -> bool:
        """Whether some ward is known not to be made up of whole small areas."""
        return any(share < 100 for share in self.exact.values())

    @property
    def compared(self) -> bool:
        """Whether any ward is set against the borough."""
        return any(verdict != NOT_COMPARED for verdict in self.verdicts.values())


@dataclass(frozen=True)
class Finding:
    """What is known of one indicator for the borough.

    `history` is the borough's, oldest first, and holds at least one value;
    `latest` is the last point with a value. `comparators` gives the points of
    the benchmark, the region and the peers by the name of the set; `peers` says
    why the peers have no rate. `gaps` holds the distance to each of them at the latest
    period. `league` gives each borough's value at the latest period. `goal` is the verdict
    against the publisher's goal, where the catalogue names one. `comparable_from` is the
    first day after the last break in the series, if it has one. `received` holds the days
    (`2026-10-01`) on which the files behind the latest figure were received, an empty text
    for one not recorded; `not_renewed` is the day of the last fetch if that could not renew
    the series. `rounded_to` is what the counts behind it are rounded to, 1 where they are as
    received.
    """

    indicator: Indicator
    history: tuple[Point, ...]
    latest: Point
    comparators: dict[str, tuple[Point, ...]]
    peers: Combined
    league: dict[str, Point]
    verdict: Verdict
    printed: Verdict | None
    rank: Rank | None
    trend: Trend
    gaps: dict[str, Gap] = field(default_factory=dict)
    goal: Verdict | None = None
    comparable_from: dt.date | None = None
    received: tuple[str, ...] = ()
    not_renewed: str = ""
    rounded_to: int = 1

    def at(self, name: str, period: str) -> Point | None:
        """A comparator's point of a period, if it has a value."""
        points = {point.period: point for point in self.comparators[name]}
        point = points.get(period)
        return point if point is not None and point.known else None

    @property
    def previous(self) -> Point | None:
        """The value before the latest one, if the two can be compared."""
        before = self.known[-2] if len(self.known) > 1 else None
        if before is None or self.cumulative:
            return None
        since = self.comparable_from
        return None if since and before.start < since else before

    @property
    def known(self) -> tuple[Point, ...]:
        """The points with a value, oldest first."""
        return tuple(point for point in self.history if point.known)

    @property
    def cumulative(self) -> bool:
        """Whether each period holds the one before it, so that the value can only grow."""
        return len(self.known) > 1 and self.known[-1].start == self.known[-2].start

    @property
    def disagrees(self) -> bool:
        """Whether the publisher printed another verdict than the test gives."""
        return (
            self.printed is not None
            and self.verdict.test not in ("", "published", "quintiles")
            and self.printed.outcome != self.verdict.outcome
        )


@dataclass(frozen=True)
class MeasureFacts:
    """One committed measure: its figures, or the reason there are none."""

    measure: Measure
    bullet: Bullet
    findings: tuple[Finding, ...]
    wards: tuple[WardFigures, ...]
    reason: str
    supplier: str

    @property
    def proxy(self) -> bool:
        """Whether the figures are those of something else, close to the measure."""
        return self.measure.evidence.kind == "proxy"


@dataclass(frozen=True)
class TargetFacts:
    """One figure of a long-term target, or the reason there is none.

    `comparator` is the title of the areas to do better than, `beside` their points.
    `path` says whether the borough gets there in time; `nothing_done` is the forecast;
    `turned` whether the curve has turned since `baseline`. `earlier` holds the year, the
    period and the place in the league of each year the strategy shows; `place` is that which
    the comparator's figure would take today.
    """

    measure: MeasureFacts
    finding: Finding | None
    comparator: str
    beside: tuple[Point, ...] = ()
    path: TargetPath | None = None
    nothing_done: Forecast | None = None
    turned: Turned | None = None
    earlier: tuple[tuple[str, str, Rank | None], ...] = ()
    place: int | None = None
    baseline: int = 0
    reason: str = ""


@dataclass(frozen=True)
class OutcomeFacts:
    """One outcome of a strategy: all that its page is made of."""

    strategy: Strategy
    theme: Theme
    outcome: Outcome
    measures: tuple[MeasureFacts, ...]
    related: tuple[Finding, ...]
    proposed_here: tuple[MeasureFacts, ...]

    @property
    def with_figures(self) -> tuple[MeasureFacts, ...]:
        """Measures with at least one figure."""
        return tuple(m for m in self.measures if m.findings)

    @property
    def answers(self) -> tuple[tuple[tuple[MeasureFacts, ...], Finding], ...]:
        """Each finding once, with every measure of the outcome that rests on it."""
        resting: dict[str, list[MeasureFacts]] = {}
        findings: dict[str, Finding] = {}
        for measure in self.with_figures:
            for finding in measure.findings:
                findings[finding.indicator.id] = finding
                resting.setdefault(finding.indicator.id, []).append(measure)
        return tuple((tuple(resting[name]), finding) for name, finding in findings.items())

    @property
    def without_figures(self) -> tuple[MeasureFacts, ...]:
        """Measures with none."""
        return tuple(m for m in self.measures if not m.findings)


def points_by_area(rows: pd.DataFrame) -> dict[str, tuple[Point, ...]]:
    """Every area's points, in the order of the rows."""
    found: dict[str, list[Point]] = {}
    for row in rows.itertuples():
        point = Point(
            period=row.period,
            start=row.period_start.date(),
            end=row.period_end.date(),
            value=row.value,
            lower=row.lower_95,
            upper=row.upper_95,
            count=row.count,
            denominator=row.denominator,
            status=row.status,
            note=row.value_note,
            source=f"{row.source_file}, row {row.source_row}",
            file=row.source_file,
            row=row.source_row,
        )
        found.setdefault(row.area_code, []).append(point)
    return {code: tuple(points) for code, points in found.items()}


def span_of(places: Iterable[tuple[str, int]]) -> str:
    """The rows of each file that hold a set of figures, in words."""
    rows: dict[str, list[int]] = {}
    for name, row in places:
        rows.setdefault(name, []).append(row)
    spans = [
        f"{name}, row" + (f" {found[0]}" if len(found) == 1 else f"s {min(found)} to {max(found)}")
        for name, found in sorted(rows.items())
    ]
    return "; ".join(spans)


@dataclass(frozen=True)
class GroupFigures:
    """One indicator by group, at the latest period an area's groups have figures for.

    `own` says whether the groups are the borough's; else they are those of the country.
    `names` (as published) and `points` go together: from the most to the least deprived where
    `ordered`. `overall` is the area's own figure for that period. Gaps and the slope are above
    0 where the most deprived, or a named group, are worse off (have more, where nothing is
    judged). `gap` is between the two ends of the order, its limits nan without intervals;
    `gaps` are between each named group and its `peers`. `line` holds the fitted line's values
    before the first and after the last group; `no_slope` says why there is no slope.
    `received` and `not_renewed` are as in `Finding`.
    """

    indicator: Indicator
    area_code: str
    own: bool
    category_type: str
    period: str
    end: dt.date
    names: tuple[str, ...]
    points: tuple[Point, ...]
    ordered: bool
    overall: Point | None = None
    gap: Interval | None = None
    peers: str = ""
    gaps: dict[str, Interval] = field(default_factory=dict)
    slope: Interval | None = None
    relative: Interval | None = None
    line: tuple[float, float] | None = None
    no_slope: str = ""
    received: tuple[str, ...] = ()
    not_renewed: str = ""

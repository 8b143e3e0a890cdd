"""Facts worked out from the observations: which figures answer which measure."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

import pandas as pd

from lbbd_jsna.catalogue import Bullet, Catalogue, Indicator, Measure
from lbbd_jsna.findings import (
    Finding,
    MeasureFacts,
    OutcomeFacts,
    Point,
    WardFigures,
    points_by_area,
    span_of,
)
from lbbd_jsna.periods import read_period
from lbbd_jsna.statistics.areas import Combined, combined_rate
from lbbd_jsna.statistics.comparisons import (
    Verdict,
    compare,
    not_compared,
    published_verdict,
    quintile,
)
from lbbd_jsna.statistics.ranks import league_position
from lbbd_jsna.statistics.trends import Trend, published_trend, recent_trend
from lbbd_jsna.workspace import Workspace, open_workspace

PLAIN_RATIOS = ("proportion", "crude rate")


def open_facts(quarter: str, *, area: str | None = None) -> Facts:
    """The facts of a quarter, for a notebook.

    Parameters
    ----------
    quarter : str
        Such as `2026-27-Q3`.
    area : str, optional
        The borough's code; must be the one the catalogue is about.
    """
    return Facts(open_workspace(quarter, area=area))


class Facts:
    """All findings of a workspace, each worked out once."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.catalogue: Catalogue = workspace.catalogue
        headline = workspace.observations["category_type"].eq("")
        self._rows = dict(iter(workspace.observations[headline].groupby("indicator", sort=True)))
        self._findings: dict[str, Finding | None] = {}

    def outcome(self, outcome_id: str) -> OutcomeFacts:
        """Everything for the page of one outcome."""
        strategy, theme = self.catalogue.theme_of(outcome_id)
        outcome = self.catalogue.outcomes[outcome_id]
        related = (self.finding(name) for name in outcome.context)
        proposed = [
            self.measure(measure, bullet)
            for other in strategy.outcomes
            for bullet in other.bullets
            for measure in bullet.measures
            if measure.proposed_outcome == outcome_id
        ]
        return OutcomeFacts(
            strategy=strategy,
            theme=theme,
            outcome=outcome,
            measures=tuple(
                self.measure(measure, bullet)
                for bullet in outcome.bullets
                for measure in bullet.measures
            ),
            related=tuple(finding for finding in related if finding),
            proposed_here=tuple(proposed),
        )

    @property
    def not_renewed(self) -> tuple[str, ...]:
        """Indicators with figures that the last fetch could not renew."""
        return tuple(
            name for name in self.workspace.not_renewed if self.finding(name) or self.wards(name)
        )

    @cached_property
    def outcomes(self) -> tuple[OutcomeFacts, ...]:
        """Every outcome, in the order of the pack."""
        return tuple(self.outcome(outcome_id) for outcome_id in self.catalogue.outcomes)

    def targets(self) -> Iterator[MeasureFacts]:
        """The targets of every strategy."""
        for strategy in self.catalogue.strategies:
            for bullet in strategy.targets:
                for measure in bullet.measures:
                    yield self.measure(measure, bullet)

    def measure(self, measure: Measure, bullet: Bullet) -> MeasureFacts:
        """One measure, with its figures or the reason there are none."""
        findings = tuple(
            finding for name in measure.evidence.indicators if (finding := self.finding(name))
        )
        return MeasureFacts(
            measure=measure,
            bullet=bullet,
            findings=findings,
            wards=tuple(w for name in measure.evidence.wards if (w := self.wards(name))),
            reason="" if findings else self._reason(measure),
            supplier=measure.evidence.supplier,
        )

    def finding(self, indicator_id: str) -> Finding | None:
        """One indicator, or None when the borough has no value in any period."""
        if indicator_id not in self._findings:
            self._findings[indicator_id] = self._find(self.catalogue.indicators[indicator_id])
        return self._findings[indicator_id]

    def wards(self, indicator_id: str) -> WardFigures | None:
        """A ward series at its latest period, or None without rows or boundaries."""
        indicator = self.catalogue.indicators[indicator_id]
        names = self.catalogue.wards(indicator.ward_vintage)
        rows = self._rows.get(indicator_id)
        boundaries = self.workspace.boundaries.get(indicator.ward_vintage)
        if rows is None or boundaries is None:
            return None
        rows = rows[rows["area_code"].isin(names)]
        known = rows[rows["value"].notna()]
        if known.empty:
            return None
        latest = known.loc[known["period_end"].idxmax()]
        rows = rows[rows["period"] == latest["period"]]
        table = rows.set_index("area_code")
        columns = ["value", "lower_95", "upper_95", "count", "status", "value_note"]
        table = table[columns].reindex(sorted(names, key=names.get))
        table["status"] = table["status"].fillna("not_available")
        table["value_note"] = table["value_note"].fillna("")
        table.insert(0, "name", [names[code] for code in table.index])
        return WardFigures(
            indicator=indicator,
            vintage=indicator.ward_vintage,
            period=latest["period"],
            end=latest["period_end"].date(),
            table=table.rename_axis("code").reset_index(),
            all_values=tuple(known["value"]),
            boundaries=boundaries,
            source=span_of(zip(rows["source_file"], rows["source_row"], strict=True)),
            received=self._received(rows["source_file"]),
            not_renewed=self._not_renewed(indicator_id),
        )

    def _find(self, indicator: Indicator) -> Finding | None:
        rows = self._rows.get(indicator.id)
        if rows is None:
            return None
        area = self.catalogue.settings.area
        rows = rows.sort_values(["period_end", "period_start"])
        by_area = points_by_area(rows)
        history = by_area.get(area, ())
        known = [point for point in history if point.known]
        if not known:
            return None
        latest = known[-1]
        comparators, peers = self._comparators(indicator, by_area, latest.period)
        is_latest = rows["area_code"].eq(area) & rows["period"].eq(latest.period)
        own_row = rows[is_latest].iloc[-1]
        league = {
            code: point
            for code in self.catalogue.league.areas
            for point in by_area.get(code, ())
            if point.period == latest.period
        }
        since = _comparable_from(indicator, latest)
        reference = _value_at(comparators[self.catalogue.comparators.benchmark], latest.period)
        printed = published_verdict(own_row["published_comparison"])
        return Finding(
            indicator=indicator,
            history=history,
            latest=latest,
            comparators=comparators,
            peers=peers,
            league=league,
            verdict=_verdict(indicator, own_row, reference, printed, league),
            printed=printed,
            rank=league_position(
                area,
                {code: point.value for code, point in league.items()},
                polarity=indicator.polarity,
                members=len(self.catalogue.league.areas),
            ),
            trend=_trend(indicator, history, own_row["published_trend"], since),
            comparable_from=since,
            received=self._received(self._files(indicator, latest)),
            not_renewed=self._not_renewed(indicator.id),
        )

    def _files(self, indicator: Indicator, point: Point) -> set[str]:
        """The files a figure of the borough rests on: its own, or those of both its parts."""
        derived = indicator.derived
        files = {point.file}
        for part in (derived.numerator, derived.denominator) if derived else ():
            found = self.finding(part)
            files |= {p.file for p in found.history if p.period == point.period} if found else set()
        return files

    def _received(self, files: Iterable[str]) -> tuple[str, ...]:
        """The days on which files were received, each once, sorted; empty for one not known."""
        known = self.workspace.files
        return tuple(sorted({known[name].received if name in known else "" for name in files}))

    def _not_renewed(self, indicator_id: str) -> str:
        said = self.workspace.not_renewed.get(indicator_id)
        return said.attempted if said else ""

    def _comparators(
        self, indicator: Indicator, by_area: dict[str, tuple[Point, ...]], latest: str
    ) -> tuple[dict[str, tuple[Point, ...]], Combined]:
        named = self.catalogue.comparators
        found = {
            name: by_area.get(self.catalogue.set_of(name).areas[0], ())
            for name in (named.benchmark, named.region)
        }
        members = self.catalogue.set_of(named.peers).areas
        by_period: dict[str, list[Point]] = {}
        for code in members:
            for point in by_area.get(code, ()):
                by_period.setdefault(point.period, []).append(point)
        combined = {
            period: _combine(points, members=len(members), factor=multiplier(indicator))
            for period, points in by_period.items()
        }
        found[named.peers] = tuple(
            _combined_point(by_period[period][0], rate)
            for period, rate in combined.items()
            if rate.value is not None
        )
        missing = Combined(None, None, None, "no figures for these boroughs")
        return found, combined.get(latest, missing)

    def _reason(self, measure: Measure) -> str:
        evidence = measure.evidence
        if evidence.kind == "none":
            return evidence.why
        indicators = [self.catalogue.indicators[name] for name in evidence.indicators]
        sources = {self.catalogue.sources[i.source].title: i.source for i in indicators}
        titles = " and ".join(sources)
        if any(self._rows.get(i.id) is not None for i in indicators):
            return self._blank_reason(indicators)
        if all(self.catalogue.sources[key].kind == "return" for key in sources.values()):
            return "The return has not been received."
        if all(self.catalogue.sources[key].kind == "survey" for key in sources.values()):
            return f"No result has been received from the {titles}."
        if not any(self._is_read(indicator) for indicator in indicators):
            return f"Published by {titles}, which this workspace does not read yet."
        return f"Published by {titles}; not among this quarter's extracts."

    def _is_read(self, indicator: Indicator) -> bool:
        """Whether a reader takes it: of a source read table by table, only what names one."""
        if self.catalogue.sources[indicator.source].supplied == "later":
            return False
        return bool(indicator.source_id) or indicator.source not in self.catalogue.live.tables

    def _blank_reason(self, indicators: list[Indicator]) -> str:
        rows = pd.concat([self._rows[i.id] for i in indicators if i.id in self._rows])
        own = rows[rows["area_code"] == self.catalogue.settings.area]
        if own.empty:
            return "The extract has no row for the borough."
        last = own.sort_values("period_end").iloc[-1]
        note = last["value_note"].rstrip(".") or "no value and no reason given"
        return f"No value for the borough in {last['period']}: {note[0].lower() + note[1:]}."


def multiplier(indicator: Indicator) -> float | None:
    """What a ratio of counts is multiplied by to give the unit, or None if it is no such ratio."""
    if indicator.value_type.lower() not in PLAIN_RATIOS:
        return None
    if indicator.unit.startswith("%"):
        return 100.0
    match = re.match(r"per ([\d,]+)", indicator.unit)
    return float(match.group(1).replace(",", "")) if match else None


def _combine(points: list[Point], *, members: int, factor: float | None) -> Combined:
    """The rate of a set of areas, from those whose counts give the value they print."""
    usable = [point for point in points if _consistent(point, factor)]
    return combined_rate(
        [point.count for point in usable],
        [point.denominator for point in usable],
        members=members,
        multiplier=factor,
    )


def _consistent(point: Point, factor: float | None) -> bool:
    if factor is None or not point.denominator > 0:
        return False
    implied = factor * point.count / point.denominator
    return abs(implied - point.value) <= 0.02 * abs(point.value) + 0.05


def _combined_point(member: Point, rate: Combined) -> Point:
    return replace(
        member,
        value=rate.value,
        lower=math.nan,
        upper=math.nan,
        count=rate.count,
        denominator=rate.denominator,
        status="published",
        note="summed numerators over summed denominators",
        source="worked out from the member boroughs",
        file="",
        row=0,
    )


def _value_at(points: tuple[Point, ...], period: str) -> float:
    return next((p.value for p in points if p.period == period), math.nan)


def _verdict(
    indicator: Indicator,
    row: pd.Series,
    reference: float,
    printed: Verdict | None,
    league: dict[str, Point],
) -> Verdict:
    """Our test where the extract allows it, else the printed label, else none and why."""
    if indicator.method == "quintiles":
        return quintile(
            row["value"], [p.value for p in league.values()], polarity=indicator.polarity
        )
    level = "99_8" if indicator.method.endswith("99_8") else "95"
    ours = compare(
        row["value"],
        row[f"lower_{level}"],
        row[f"upper_{level}"],
        reference=reference,
        polarity=indicator.polarity,
        method=indicator.method,
    )
    if ours.test or indicator.method == "none":
        return ours
    if printed is None and not row["published_comparison"]:
        return ours
    return printed or not_compared("the publisher does not compare it")


def _comparable_from(indicator: Indicator, latest: Point) -> dt.date | None:
    """The first day of the last break up to the latest period, or None without one."""
    starts = [read_period(item.period).start for item in indicator.breaks]
    return max((start for start in starts if start <= latest.start), default=None)


def _trend(
    indicator: Indicator, history: tuple[Point, ...], label: str, since: dt.date | None
) -> Trend:
    """The publisher's marker when printed, else the rule on the points since the last break."""
    printed = published_trend(label, polarity=indicator.polarity)
    if printed is not None:
        return printed
    history = tuple(point for point in history if since is None or point.start >= since)
    yearly = all(350 < (p.end - p.start).days < 380 for p in history)
    if not yearly:
        return Trend("unknown", "", "no trend is worked out for overlapping or part-year periods")
    return recent_trend(
        [p.value for p in history],
        [p.lower for p in history],
        [p.upper for p in history],
        polarity=indicator.polarity,
    )

"""All findings of a workspace, each worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

import pandas as pd

from lbbd_jsna.catalogue import Bullet, Catalogue, Indicator, Measure, Strategy
from lbbd_jsna.facts.comparators import comparators_of
from lbbd_jsna.facts.gaps import gaps_of
from lbbd_jsna.facts.groups import beside_all, group_figures
from lbbd_jsna.facts.judgement import comparable_from, goal_of, trend_of, verdict_of
from lbbd_jsna.facts.printed import Printed, printed_verdicts
from lbbd_jsna.facts.ranking import rank_of
from lbbd_jsna.facts.reasons import reason_without
from lbbd_jsna.facts.targets import target_facts
from lbbd_jsna.facts.ward_context import WardContext, ward_context
from lbbd_jsna.facts.wards import ward_figures
from lbbd_jsna.findings import (
    BesideAll,
    Finding,
    GroupFigures,
    MeasureFacts,
    OutcomeFacts,
    Point,
    TargetFacts,
    WardFigures,
    points_by_area,
)
from lbbd_jsna.statistics.verdicts import published_verdict
from lbbd_jsna.workspace import Workspace, open_workspace


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
        # By indicator: every row, and the headline rows, which are of no category.
        self._every = dict(iter(workspace.observations.groupby("indicator", sort=True)))
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

    @cached_property
    def printed(self) -> Printed:
        """Our verdicts beside those the publishers printed."""
        return printed_verdicts(self.workspace.observations)

    def targets(self) -> Iterator[MeasureFacts]:
        """The targets and the vision of every strategy."""
        for _, measure in self._targets():
            yield measure

    def target_rows(self, outcome_id: str = "") -> Iterator[TargetFacts]:
        """Each figure of each target, or only of those that an outcome serves."""
        for strategy, measure in self._targets():
            if measure.measure.kind != "target":
                continue
            if outcome_id and outcome_id not in measure.measure.serves:
                continue
            for finding in measure.findings or (None,):
                yield target_facts(
                    measure,
                    finding,
                    strategy=strategy,
                    rows=self._rows.get(finding.indicator.id) if finding else None,
                    catalogue=self.catalogue,
                )

    def _targets(self) -> Iterator[tuple[Strategy, MeasureFacts]]:
        for strategy in self.catalogue.strategies:
            for bullet in strategy.targets:
                for measure in bullet.measures:
                    yield strategy, self.measure(measure, bullet)

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
            reason=""
            if findings
            else reason_without(measure, rows=self._rows, catalogue=self.catalogue),
            supplier=measure.evidence.supplier,
        )

    def rows(self, indicator_id: str) -> pd.DataFrame:
        """The observations of a series that are of no category; empty without any."""
        return self._rows.get(indicator_id, self.workspace.observations.iloc[:0])

    def finding(self, indicator_id: str) -> Finding | None:
        """One indicator, or None when the borough has no value in any period."""
        if indicator_id not in self._findings:
            self._findings[indicator_id] = self._find(self.catalogue.indicators[indicator_id])
        return self._findings[indicator_id]

    def wards(self, indicator_id: str) -> WardFigures | None:
        """A ward series at its latest period, or None without rows or boundaries."""
        indicator = self.catalogue.indicators[indicator_id]
        rows = self._rows.get(indicator_id)
        boundaries = self.workspace.boundaries.get(indicator.ward_vintage)
        if rows is None or boundaries is None:
            return None
        names = self.catalogue.wards(indicator.ward_vintage)
        found = ward_figures(
            rows,
            indicator=indicator,
            names=names,
            boundaries=boundaries,
            catalogue=self.catalogue,
        )
        return found and replace(
            found,
            received=self.received(found.files),
            not_renewed=self.attempted(indicator_id),
        )

    @cached_property
    def ward_context(self) -> WardContext | None:
        """Deprivation and people by ward; None where small areas were not received."""
        return ward_context(self)

    def groups(self, indicator_id: str) -> tuple[GroupFigures, ...]:
        """An indicator by group: the borough's groups, or else the country's; empty without any."""
        rows = self._every.get(indicator_id)
        if rows is None:
            return ()
        found = group_figures(
            rows,
            indicator=self.catalogue.indicators[indicator_id],
            area_code=self.catalogue.settings.area,
            benchmark_code=self.catalogue.benchmark.areas[0],
        )
        return tuple(
            replace(
                figures,
                received=self.received({point.file for point in figures.points}),
                not_renewed=self.attempted(indicator_id),
            )
            for figures in found
        )

    def beside_all(self, indicator_id: str) -> BesideAll | None:
        """A named group's figure beside everybody's, where the catalogue pairs them."""
        group = self.finding(indicator_id)
        whole = self.catalogue.indicators[indicator_id].part_of
        everybody = self.finding(whole) if whole else None
        return beside_all(group, everybody) if group and everybody else None

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
        comparators, peers = comparators_of(indicator, by_area, latest.period, self.catalogue)
        is_latest = rows["area_code"].eq(area) & rows["period"].eq(latest.period)
        own_row = rows[is_latest].iloc[-1]
        league = {
            code: point
            for code in self.catalogue.league.areas
            for point in by_area.get(code, ())
            if point.period == latest.period
        }
        since, rounding = comparable_from(indicator, latest), self.catalogue.rounding(indicator)
        printed = published_verdict(own_row["published_comparison"])
        return Finding(
            indicator=indicator,
            history=history,
            latest=latest,
            comparators=comparators,
            peers=peers,
            league=league,
            verdict=verdict_of(own_row, printed),
            goal=goal_of(indicator, latest.value),
            printed=printed,
            rank=rank_of(league, indicator, self.catalogue),
            gaps=gaps_of(latest, comparators, indicator=indicator, rounding=rounding),
            trend=trend_of(indicator, history, own_row["published_trend"], since),
            comparable_from=since,
            received=self.received(self._files(indicator, latest)),
            not_renewed=self.attempted(indicator.id),
            rounded_to=1 if rounding is None else rounding.round_to,
        )

    def _files(self, indicator: Indicator, point: Point) -> set[str]:
        """The files a figure of the borough rests on: its own, or those of both its parts."""
        derived = indicator.derived
        files = {point.file}
        for part in (derived.numerator, derived.denominator) if derived else ():
            found = self.finding(part)
            files |= {p.file for p in found.history if p.period == point.period} if found else set()
        return files

    def received(self, files: Iterable[str]) -> tuple[str, ...]:
        """The days on which files were received, each once, sorted; empty for one not known."""
        known = self.workspace.files
        return tuple(sorted({known[name].received if name in known else "" for name in files}))

    def attempted(self, indicator_id: str) -> str:
        """The day of the last fetch if that could not renew the series; else empty."""
        said = self.workspace.not_renewed.get(indicator_id)
        return said.attempted if said else ""

"""Which measures the board should look at first, by a stated rule."""

from __future__ import annotations

from dataclasses import dataclass

from lbbd_jsna.facts import Facts
from lbbd_jsna.findings import Finding, MeasureFacts

MOST = 8
RULE = (
    "Chosen by rule, not by hand: measures worse than the benchmark come first, then those getting "
    "worse, then those that stand lowest in the league. Each indicator appears once, and at most "
    "eight are shown."
)


@dataclass(frozen=True)
class Chosen:
    """A measure for the first page, and what put it there."""

    measure: MeasureFacts
    finding: Finding
    outcome_id: str
    reasons: tuple[str, ...]


def first_looks(facts: Facts) -> tuple[Chosen, ...]:
    """At most eight measures, the most pressing first.

    Returns
    -------
    tuple of Chosen
        Only measures that are worse than the benchmark, getting worse, or in the
        last quarter of the league; fewer than eight, or none, when few are.
    """
    candidates, seen = [], set()
    for outcome in facts.outcomes:
        for measure in outcome.with_figures:
            for finding in measure.findings:
                reasons = _reasons(finding)
                if finding.indicator.id in seen or not reasons:
                    continue
                seen.add(finding.indicator.id)
                candidates.append(Chosen(measure, finding, outcome.outcome.id, reasons))
    candidates.sort(key=_urgency)
    return tuple(candidates[:MOST])


def _reasons(finding: Finding) -> tuple[str, ...]:
    reasons = []
    if finding.verdict.outcome == "worse":
        reasons.append("worse than the benchmark")
    if finding.trend.progress == "worse":
        reasons.append("getting worse")
    if _standing(finding) > 0.75:
        reasons.append("in the last quarter of the league")
    return tuple(reasons)


def _standing(finding: Finding) -> float:
    """0 for first in the league, 1 for last; 0 without a place or without a good direction."""
    rank = finding.rank
    if rank is None or rank.of < 2 or finding.indicator.polarity == "no_judgement":
        return 0.0
    return (rank.position - 1) / (rank.of - 1)


def _urgency(chosen: Chosen) -> tuple:
    finding = chosen.finding
    return (
        finding.verdict.outcome != "worse",
        finding.trend.progress != "worse",
        -_standing(finding),
        finding.indicator.id,
    )

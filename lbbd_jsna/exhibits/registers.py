"""The registers of what was committed: measures without figures, coverage, targets."""

from __future__ import annotations

from collections.abc import Iterable

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.exhibit import Cell, Table
from lbbd_jsna.exhibits.tables import explained, heads, league_note
from lbbd_jsna.findings import Finding, MeasureFacts
from lbbd_jsna.quarters import Quarter


def missing_table(
    measures: Iterable[MeasureFacts], *, catalogue: Catalogue, name: str
) -> Table:
    """The measures without a figure: why, and who can supply one."""
    rows = tuple(
        (
            Cell(_committed(facts), sub=f"{facts.measure.source_line} · {facts.measure.id}"),
            Cell(facts.reason, sub=" ".join(wording.remarks(facts, catalogue))),
            Cell(facts.supplier or "to be agreed with the Board"),
        )
        for facts in measures
    )
    return Table(
        caption="Measures without a figure, and why",
        columns=heads("Measure as committed", "Why there is no figure", "Who can supply it"),
        rows=rows,
        name=name,
    )


def _committed(facts: MeasureFacts) -> str:
    part = f": {facts.measure.part}" if facts.measure.part else ""
    return f"{facts.measure.text}{part}"


def coverage_table(
    measures: Iterable[MeasureFacts], *, catalogue: Catalogue, quarter: Quarter, caption: str,
    name: str,
) -> Table:
    """Every measure: what answers it, how old that is, what is missing and why."""
    rows = tuple(_coverage_row(facts, catalogue, quarter) for facts in measures)
    return Table(
        caption=caption,
        columns=heads(
            "Measure as committed", "Answered by", "Latest period", "Age", "What is missing"
        ),
        rows=rows,
        name=name,
    )


KINDS = {
    "indicator": "published figure",
    "proxy": "proxy",
    "return": "return",
    "survey": "survey",
    "none": "nothing yet",
}


def _coverage_row(
    facts: MeasureFacts, catalogue: Catalogue, quarter: Quarter
) -> tuple[Cell, ...]:
    evidence = facts.measure.evidence
    titles = [catalogue.indicators[name].title for name in evidence.indicators]
    sources = {
        catalogue.sources[catalogue.indicators[name].source].title: None
        for name in evidence.indicators
    }
    latest = max((f.latest for f in facts.findings), key=lambda p: p.end, default=None)
    months = wording.months_old(latest.end, quarter) if latest else None
    return (
        Cell(_committed(facts), sub=f"{facts.measure.source_line} · {facts.measure.id}"),
        Cell(
            wording.sentence(KINDS[evidence.kind]),
            sub=wording.sentence("; ".join([*titles, *sources])),
        ),
        Cell(latest.period if latest else "none"),
        Cell(wording.age_text(months) if latest else "none"),
        Cell(_missing(facts), sub=" ".join(wording.remarks(facts, catalogue))),
    )


def _missing(facts: MeasureFacts) -> str:
    if facts.reason:
        supplier = f" Supplier: {facts.supplier}." if facts.supplier else ""
        return facts.reason + supplier
    gaps = []
    if facts.proxy:
        gaps.append(f"Proxy: {facts.measure.evidence.why}")
    if not facts.wards:
        gaps.append("No ward figures.")
    return " ".join(gaps) or "Nothing is missing."


def targets_table(
    targets: Iterable[MeasureFacts], *, catalogue: Catalogue, caption: str, name: str
) -> Table:
    """One row a figure of a long-term target: where we stand, the comparator, the gap."""
    rows = tuple(row for facts in targets for row in _target_rows(facts, catalogue))
    return Table(
        caption=caption,
        columns=heads(
            "Target as committed",
            ("#Borough", "figure and period"),
            ("#Compared with", "as the target says"),
            ("Gap now", "borough less comparator"),
            f"Place among {catalogue.league.title}",
        ),
        rows=rows,
        notes=explained(rows),
        name=name,
    )


def _target_rows(facts: MeasureFacts, catalogue: Catalogue) -> list[tuple[Cell, ...]]:
    measure = facts.measure
    part = f" ({measure.part})" if measure.part else ""
    head = Cell(f"{measure.text}{part}", sub=f"{measure.source_line} · {measure.id}")
    if not facts.findings:
        return [(head, Cell("[x]", sub=facts.reason), Cell("[x]"), Cell("[x]"), Cell("[x]"))]
    return [_target_row(head, facts, finding, catalogue) for finding in facts.findings]


def _target_row(
    head: Cell, facts: MeasureFacts, finding: Finding, catalogue: Catalogue
) -> tuple[Cell, ...]:
    indicator, latest = finding.indicator, finding.latest
    named = next(
        (k for k, v in catalogue.comparators.sets.items() if v.title == facts.measure.comparator),
        catalogue.comparators.benchmark,
    )
    title = catalogue.set_of(named).title
    point = finding.at(named, latest.period) if named in finding.comparators else None
    proxy = "proxy: " if facts.proxy else ""
    own = Cell(
        wording.shown(latest, indicator),
        sub=f"{proxy}{indicator.title}, {latest.period}",
        strong=True,
    )
    place = Cell(wording.rank_text(finding.rank), sub=league_note(finding))
    if point is None:
        reason = finding.peers.reason if named == catalogue.comparators.peers else "no figure"
        return (head, own, Cell(f"{title} [x]", sub=reason), Cell("[x]"), place)
    gap = round(latest.value, indicator.decimals) - round(point.value, indicator.decimals)
    return (head, own, Cell(f"{title} {wording.number(point.value, indicator)}"),
            Cell(_gap(gap, finding), sub=f"want {wording.wanted((facts,), indicator)}"), place)


def _gap(gap: float, finding: Finding) -> str:
    indicator = finding.indicator
    if round(gap, indicator.decimals) == 0:
        return "none"
    size = f"{abs(gap):,.{indicator.decimals}f}"
    unit = "percentage points" if indicator.unit.startswith("%") else indicator.unit
    return f"{size} {unit} {'higher' if gap > 0 else 'lower'}"

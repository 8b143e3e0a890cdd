"""The registers of what was committed: measures without figures, coverage."""

from __future__ import annotations

from collections.abc import Iterable

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.exhibit import Cell, Table
from lbbd_jsna.exhibits.tables import heads
from lbbd_jsna.findings import MeasureFacts
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

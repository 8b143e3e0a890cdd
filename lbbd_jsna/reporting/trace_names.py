"""What can be traced on a page, and what to say of a name that is not there."""

from __future__ import annotations

from dataclasses import dataclass

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import nearest
from lbbd_jsna.facts import Facts
from lbbd_jsna.findings import Finding, MeasureFacts, OutcomeFacts, WardFigures


@dataclass(frozen=True)
class Shown:
    """A measure or an indicator as a page shows it: in words, with its figures and its maps."""

    words: str
    findings: tuple[Finding, ...] = ()
    maps: tuple[WardFigures, ...] = ()
    remarks: tuple[str, ...] = ()


def shown_on(page: OutcomeFacts, facts: Facts) -> dict[str, Shown]:
    """What may be asked for on a page: its measures, its targets, and the indicators it shows."""
    targets = [m for m in facts.targets() if page.outcome.id in m.measure.serves]
    measures = [*page.measures, *targets]
    shown = {measure.measure.id: _of_measure(measure) for measure in measures}
    found = [finding for measure in measures for finding in measure.findings]
    for finding in (*found, *page.related):
        title = f"{finding.indicator.title}: {finding.indicator.definition}"
        shown.setdefault(finding.indicator.id, Shown(title, findings=(finding,)))
    for figures in (figures for measure in measures for figures in measure.wards):
        title = f"{figures.indicator.title}: {figures.indicator.definition}"
        shown.setdefault(figures.indicator.id, Shown(title, maps=(figures,)))
    return shown


def _of_measure(measure: MeasureFacts) -> Shown:
    said = measure.measure
    part = f" ({said.part})" if said.part else ""
    why = measure.measure.evidence.why
    remarks = (f"No figure: {measure.reason}",) if measure.reason else ()
    remarks += (f"This is a proxy. {why}",) if measure.proxy and why else ()
    words = f"“{said.text}”{part}, {said.source_line}"
    return Shown(words, measure.findings, measure.wards, remarks)


def not_there(name: str, outcome_id: str, shown: dict[str, Shown], catalogue: Catalogue) -> str:
    """Say where the measure stands instead, or which was probably meant."""
    if not name:
        listed = "\n".join(f"  {known}" for known in shown)
        return f"name a measure of {outcome_id}; these are on its page:\n{listed}"
    elsewhere = catalogue.outcome_of.get(name)
    if elsewhere is not None:
        return f'"{name}" stands under {elsewhere.id}; ask: jsna trace {elsewhere.id} {name}'
    everywhere = {**dict.fromkeys(catalogue.outcome_of), **dict.fromkeys(shown)}
    return f'no measure "{name}" on the page of {outcome_id}; {nearest(name, everywhere)}'

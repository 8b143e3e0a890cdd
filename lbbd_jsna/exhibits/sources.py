"""The list of sources of a page: where each figure is from, its age, what to beware of."""

from __future__ import annotations

from collections.abc import Iterable

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.disclosure import ROUNDED
from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.exhibit import Cell, Table
from lbbd_jsna.exhibits.tables import heads
from lbbd_jsna.findings import Finding, WardFigures
from lbbd_jsna.quarters import Quarter

# Sources that send their own counts, which the disclosure gate protects.
_OWN = ("return", "survey")


def sources_table(
    findings: Iterable[Finding],
    *,
    wards: Iterable[WardFigures] = (),
    catalogue: Catalogue,
    quarter: Quarter,
    name: str,
) -> Table:
    """Where each figure of a page comes from, how old it is, and what to beware of."""
    unique = {f.indicator.id: (f, f.latest, _caveats(f, catalogue)) for f in findings}
    for series in wards:  # one with figures of the borough too is told of once
        unique.setdefault(series.indicator.id, (series, series, _series_caveats(series)))
    rows = tuple(
        (
            Cell(series.indicator.title, sub=series.indicator.definition),
            Cell(
                catalogue.sources[series.indicator.source].title,
                sub=f"{_published_id(series)}{latest.source}",
            ),
            Cell(wording.sentence(wording.received(series.received))),
            Cell(
                latest.period,
                sub=f"{wording.age_text(wording.months_old(latest.end, quarter))} old",
            ),
            Cell(_sentences(caveats)),
        )
        for series, latest, caveats in unique.values()
    )
    return Table(
        caption="Sources, age and caveats",
        columns=heads(
            "Figure", ("Source", "file and row"), "Received", "Latest period", "Caveats"
        ),
        rows=rows,
        notes=(
            "Age runs from the end of the data's period to the end of this report's quarter.",
            *protection_note((series for series, _, _ in unique.values()), catalogue=catalogue),
        ),
        name=name,
    )


def protection_note(
    series: Iterable[Finding | WardFigures], *, catalogue: Catalogue
) -> tuple[str, ...]:
    """What is done to small numbers, said once where any figure is a return's count of people."""
    own = any(catalogue.rounding(one.indicator) is not None for one in series)
    rules = catalogue.disclosure
    said = f"Figures of returns and surveys are protected. {rules.in_words} {rules.note}."
    return (said,) if own else ()


def _published_id(series: Finding | WardFigures) -> str:
    return f"{series.indicator.source_id}; " if series.indicator.source_id else ""


def _series_caveats(series: Finding | WardFigures) -> list[str]:
    """What is to be said of a series whatever its latest figure is."""
    indicator = series.indicator
    stale = wording.not_renewed(series.not_renewed, series.received)
    caveats = [stale] if stale else []
    caveats += indicator.caveats
    caveats += [f"Break at {item.period}: {item.why}" for item in indicator.breaks]
    if not indicator.verified:
        caveats.append("The publisher's id has not been confirmed.")
    return caveats


def _noted(note: str, indicator: Indicator, catalogue: Catalogue) -> list[str]:
    """The note that came with a figure; that of the gate is said once, under the table."""
    if catalogue.sources[indicator.source].kind not in _OWN:
        return [f"Publisher's note: {note}."]
    gate = ROUNDED.format(catalogue.disclosure.round_to)
    sent = note.removesuffix(gate).rstrip("; ")
    return [f"Note of the return: {sent}."] if sent else []


def _sentences(caveats: list[str]) -> str:
    return " ".join(c.rstrip(".") + "." for c in caveats) or "None recorded."


def _caveats(finding: Finding, catalogue: Catalogue) -> list[str]:
    caveats = _series_caveats(finding)
    if finding.latest.note:
        caveats += _noted(finding.latest.note, finding.indicator, catalogue)
    later = [point for point in finding.history if point.end > finding.latest.end]
    caveats += [f"{p.period}: no value ({p.note or 'no reason given'})." for p in later]
    if finding.disagrees:
        caveats.append(
            f"The publisher prints {finding.printed.outcome}; our test gives "
            f"{finding.verdict.outcome}."
        )
    return caveats

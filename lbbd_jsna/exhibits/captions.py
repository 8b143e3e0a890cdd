"""Titles, alternative texts and notes of the figures, from the facts they draw."""

from __future__ import annotations

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.exhibits import wording
from lbbd_jsna.findings import Finding


def trend_title(finding: Finding) -> str:
    """The title of a trend chart: the latest change, without claiming a trend."""
    latest, previous = finding.latest, finding.previous
    now = f"{wording.number(latest.value, finding.indicator)} in {latest.period}"
    if previous is None:
        return f"{finding.indicator.title}: {now}"
    before = f"{wording.number(previous.value, finding.indicator)} in {previous.period}"
    return f"{finding.indicator.title}: {now}, after {before}"


def league_title(finding: Finding, catalogue: Catalogue) -> str:
    """The title of a compare-boroughs chart: our place."""
    return (
        f"{finding.indicator.title}: {wording.rank_text(finding.rank)} {catalogue.league.title}, "
        f"{finding.rank.first} first, {finding.latest.period}"
    )


def trend_alt(finding: Finding, catalogue: Catalogue) -> str:
    """What a trend chart shows: first, last, extremes and the benchmark."""
    indicator = finding.indicator
    known = [p for p in finding.history if p.known]
    low, high = (f(known, key=lambda p: p.value) for f in (min, max))
    said = f"Line chart of {wording.named(finding)} in {catalogue.area.name}. "
    if len(known) == 1:
        said = f"Chart with one point, {wording.named(finding)} in {catalogue.area.name}. "
        said += f"{wording.sentence(wording.quantity(low.value, indicator))} in {low.period}."
    else:
        said += (
            f"From {wording.number(known[0].value, indicator)} in {known[0].period} to "
            f"{wording.quantity(known[-1].value, indicator)} in {known[-1].period}; lowest "
            f"{wording.number(low.value, indicator)} in {low.period}, highest "
            f"{wording.number(high.value, indicator)} in {high.period}."
        )
    reference = finding.at(catalogue.comparators.benchmark, finding.latest.period)
    if reference:
        said += f" {catalogue.benchmark.title} in {reference.period}: "
        said += f"{wording.number(reference.value, indicator)}."
    return said


def league_alt(finding: Finding, catalogue: Catalogue) -> str:
    """What a compare-boroughs chart shows: extremes and our place."""
    indicator = finding.indicator
    known = {c: p for c, p in finding.league.items() if p.known}
    low = min(known, key=lambda code: known[code].value)
    high = max(known, key=lambda code: known[code].value)
    name = {code: catalogue.area_of(code).name for code in (low, high)}
    return (
        f"Chart of {wording.named(finding)} in {len(known)} {catalogue.league.title}, "
        f"{finding.latest.period}. "
        f"Lowest {name[low]}, {wording.number(known[low].value, indicator)}; highest {name[high]}, "
        f"{wording.number(known[high].value, indicator)}. {catalogue.area.name}: "
        f"{wording.number(finding.latest.value, indicator)}, {wording.rank_text(finding.rank)}, "
        f"{finding.rank.first} first."
    )

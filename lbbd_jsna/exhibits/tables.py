"""The tables of the pack, from facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.exhibits import gap_words, wording
from lbbd_jsna.exhibits.exhibit import Cell, ColumnHead, Strip, Table
from lbbd_jsna.findings import Finding, MeasureFacts
from lbbd_jsna.schema import SHORTHAND_MEANING

NUMBER = "number"


def heads(*titles: str | tuple[str, str]) -> tuple[ColumnHead, ...]:
    """Column headings; a title starting with `#` is a column of numbers."""
    pairs = [title if isinstance(title, tuple) else (title, "") for title in titles]
    return tuple(
        ColumnHead(text.removeprefix("#"), sub, NUMBER if text.startswith("#") else "text")
        for text, sub in pairs
    )


def explained(rows: Iterable[Iterable[Cell]]) -> tuple[str, ...]:
    """A note for each shorthand that stands in the rows, and for no other."""
    text = " ".join(part for row in rows for cell in row for part in (cell.text, cell.sub))
    return tuple(f"{mark} {words}." for mark, words in SHORTHAND_MEANING.items() if mark in text)


def benchmark_table(
    answers: Iterable[tuple[tuple[MeasureFacts, ...], Finding]],
    *,
    catalogue: Catalogue,
    caption: str,
    name: str,
) -> Table:
    """One row a figure: the borough beside the benchmark, the region and the peers."""
    answers = tuple(answers)
    rows = tuple(_benchmark_row(measures, finding, catalogue) for measures, finding in answers)
    named = catalogue.comparators
    peers = catalogue.set_of(named.peers)
    columns = heads(
        "Measure",
        (f"#{catalogue.area.name}", "period"),
        ("#95% interval", "count"),
        f"#{catalogue.benchmark.title}",
        f"#{catalogue.set_of(named.region).title}",
        f"#{peers.title}",
        (f"Against {catalogue.benchmark.title}", "test used"),
        (catalogue.league.title, "our place"),
        ("Direction", "seen since the period before"),
        "Trend",
    )
    return Table(
        caption=caption,
        columns=columns,
        rows=rows,
        notes=(
            *_benchmark_notes(catalogue),
            *range_note(finding for _, finding in answers),
            *_silent_comparators([finding for _, finding in answers], catalogue),
            *filter(None, [gap_words.by_chance([f for _, f in answers], catalogue)]),
            *explained(rows),
        ),
        name=name,
    )


def _benchmark_notes(catalogue: Catalogue) -> tuple[str, ...]:
    peers = catalogue.set_of(catalogue.comparators.peers)
    members = wording.listed([catalogue.area_of(code).name for code in peers.areas])
    return (
        f"A verdict sets the borough's interval against {catalogue.benchmark.title}'s value, both "
        "ends included; “as published” is the publisher's own, where the extract has no interval. "
        "Gaps are worked out before figures are rounded.",
        f"In the {catalogue.league.title} column ◆ is the borough, each circle another borough "
        f"and the upright line {catalogue.benchmark.title}.",
        f"{peers.title} is {members} ({peers.status}). {wording.sentence(peers.rule)}",
    )


def _silent_comparators(findings: list[Finding], catalogue: Catalogue) -> Iterator[str]:
    """Say which of the benchmark and the region the extracts hold no figure for, and how often."""
    named = catalogue.comparators
    for name in (named.benchmark, named.region):
        missing = sum(finding.at(name, finding.latest.period) is None for finding in findings)
        if missing:
            title = catalogue.set_of(name).title
            rows = "any row" if missing == len(findings) else f"{missing} of {len(findings)} rows"
            yield f"The extracts hold no figure for {title} in the same period for {rows}."


def _benchmark_row(
    measures: tuple[MeasureFacts, ...], finding: Finding, catalogue: Catalogue
) -> tuple[Cell, ...]:
    indicator, latest = finding.indicator, finding.latest
    named = catalogue.comparators
    tag, box = wording.verdict_tag(finding.verdict)
    anchor = f"#{anchor_of(finding)}"
    return (
        Cell(indicator.title, sub=_row_note(measures), href=anchor),
        Cell(wording.shown(latest, indicator), sub=period_and_unit(finding), strong=True),
        Cell(wording.interval(latest, indicator), sub=wording.counted(latest)),
        _comparator_cell(finding, named.benchmark),
        _comparator_cell(finding, named.region),
        _comparator_cell(finding, named.peers, finding.peers.reason),
        Cell(tag, sub=_verdict_note(finding, catalogue), tag=box),
        Cell(
            wording.rank_text(finding.rank),
            sub=league_note(finding),
            strip=strip(finding, catalogue),
        ),
        Cell(f"Want {wording.wanted(measures, indicator)}", sub=_seen(finding)),
        Cell(wording.trend_text(finding), sub=finding.trend.basis),
    )


def _verdict_note(finding: Finding, catalogue: Catalogue) -> str:
    """The test behind the verdict, and whether the publisher's goal is met."""
    basis = wording.verdict_basis(finding.verdict, catalogue)
    goal = finding.goal.outcome if finding.goal and finding.goal.test else ""
    return "; ".join(filter(None, [basis, goal]))


def anchor_of(finding: Finding) -> str:
    """Where a page shows an indicator in detail."""
    return f"figures-{finding.indicator.id}"


def _row_note(measures: tuple[MeasureFacts, ...]) -> str:
    if not measures:
        return "related figure, not a measure of the strategy"
    notes = dict.fromkeys(
        f"proxy for: {facts.measure.text}" if facts.proxy else facts.measure.part
        for facts in measures
    )
    return "; ".join(note for note in notes if note)


def period_and_unit(finding: Finding) -> str:
    unit = finding.indicator.unit
    return finding.latest.period + ("" if unit.startswith("%") else f", {unit}")


def _comparator_cell(finding: Finding, name: str, reason: str = "") -> Cell:
    point = finding.at(name, finding.latest.period)
    if point is not None:
        return Cell(wording.number(point.value, finding.indicator))
    return Cell("[x]", sub=reason)


def strip(finding: Finding, catalogue: Catalogue) -> Strip | None:
    """All boroughs as dots, when there are at least two."""
    area = catalogue.settings.area
    others = {c: p.value for c, p in finding.league.items() if p.known and c != area}
    if not others:
        return None
    everyone = [*others.values(), finding.latest.value]
    reference = finding.at(catalogue.comparators.benchmark, finding.latest.period)
    return Strip(
        values=tuple(others.values()),
        area=finding.latest.value,
        benchmark=reference.value if reference else None,
        low=wording.number(min(everyone), finding.indicator),
        high=wording.number(max(everyone), finding.indicator),
    )


def league_note(finding: Finding) -> str:
    """Which end of the league is first, and the places the borough could have."""
    if not finding.rank or finding.rank.of < 2:
        return ""
    could = wording.rank_range(finding.rank)
    return f"{finding.rank.first} first" + (f"; {could}" if could else "")


def range_note(findings: Iterable[Finding]) -> tuple[str, ...]:
    """What the places behind a place mean, where a table has any."""
    if not any(wording.rank_range(finding.rank) for finding in findings):
        return ()
    return ("The places after it are those the borough could hold within the intervals of all.",)


def _seen(finding: Finding) -> str:
    seen = wording.movement(finding)
    if seen:
        return f"Seen {seen}"
    return "Only one period" if len(finding.known) == 1 else "Not comparable with the one before"


def history_table(finding: Finding, *, catalogue: Catalogue) -> Table:
    """Every point of a trend chart."""
    named = catalogue.comparators
    beside = [
        name
        for name in (named.benchmark, named.region, named.peers)
        if any(point.known for point in finding.comparators[name])
    ]
    indicator = finding.indicator
    rows = tuple(
        (
            Cell(point.period),
            Cell(wording.shown(point, indicator)),
            Cell(wording.interval(point, indicator)),
            *(_at(finding, name, point.period) for name in beside),
        )
        for point in finding.history
    )
    titles = [f"#{catalogue.set_of(name).title}" for name in beside]
    return Table(
        caption=f"{indicator.title} by period ({indicator.unit})",
        columns=heads("Period", f"#{catalogue.area.name}", "#95% interval", *titles),
        rows=rows,
        notes=explained(rows),
        name=f"{indicator.id}-by-period",
    )


def _at(finding: Finding, name: str, period: str) -> Cell:
    point = finding.at(name, period)
    return Cell(wording.number(point.value, finding.indicator) if point else "[x]")


def league_table(finding: Finding, *, catalogue: Catalogue) -> Table:
    """Every borough of a compare-boroughs chart, best or highest first, the blanks last."""
    indicator = finding.indicator
    sign = 1 if indicator.polarity == "low_is_good" else -1
    order = sorted(
        finding.league.items(),
        key=lambda item: (
            not item[1].known,
            sign * item[1].value if item[1].known else 0,
            catalogue.area_of(item[0]).name,
        ),
    )
    rows = tuple(
        (
            Cell(catalogue.area_of(code).name),
            Cell(wording.shown(point, indicator)),
            Cell(wording.interval(point, indicator)),
        )
        for code, point in order
    )
    return Table(
        caption=f"{indicator.title} in {catalogue.league.title}, {finding.latest.period} "
        f"({indicator.unit})",
        columns=heads("Borough", "#Value", "#95% interval"),
        rows=rows,
        notes=explained(rows),
        name=f"{indicator.id}-by-borough",
    )

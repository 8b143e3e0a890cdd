"""The exhibits of the coverage page: what we have, how old it is, what is missing and why."""

from __future__ import annotations

import pandas as pd

from lbbd_jsna.exhibits import registers, tables, wording
from lbbd_jsna.exhibits.exhibit import Cell, Exhibit, Section, Table, Tallies, Tally, Text, Title
from lbbd_jsna.facts import Facts
from lbbd_jsna.findings import OutcomeFacts


def coverage_title(facts: Facts) -> Title:
    """The page's heading, and how much of what was committed can be shown."""
    measures = [m for o in facts.outcomes for m in o.measures if m.measure.kind == "measure"]
    known = [m for m in measures if m.findings]
    proxies = sum(m.proxy for m in known)
    lead = (
        f"{len(known)} of the {len(measures)} committed measures have a figure; for "
        f"{proxies} of them it is a proxy. {len(measures) - len(known)} have none, each for the "
        "reason given."
    )
    return Title(
        heading="Every measure: what we have, how old it is, what is missing",
        lead=(lead,),
        context="Measures are in the words of the strategies, with their line and our reference.",
        short="Coverage",
    )


def coverage_tallies(facts: Facts) -> Tallies:
    """How the committed measures are answered."""
    measures = [m for o in facts.outcomes for m in o.measures if m.measure.kind == "measure"]
    counts = []
    for kind, words in registers.KINDS.items():
        of_kind = [m for m in measures if m.measure.evidence.kind == kind]
        known = sum(bool(m.findings) for m in of_kind)
        label = words if kind == "none" else f"{words}, {known} with figures"
        counts.append(Tally(str(len(of_kind)), label))
    return Tallies(label="Committed measures by what answers them", tallies=tuple(counts))


def coverage_by_outcome(facts: Facts) -> Section:
    """One table an outcome: every measure, its answer, its age, its gap."""
    children = tuple(_outcome_coverage(page, facts) for page in facts.outcomes)
    return Section(heading="Measures by outcome", anchor="measures", children=children)


def _outcome_coverage(page: OutcomeFacts, facts: Facts) -> Section:
    table = registers.coverage_table(
        page.measures,
        catalogue=facts.catalogue,
        quarter=facts.workspace.quarter,
        caption=f"{page.strategy.short_title}: {page.outcome.title}",
        name=f"coverage-{page.outcome.id}",
    )
    known, total = len(page.with_figures), len(page.measures)
    return Section(
        heading=f"{page.outcome.title}: {known} of {total} with a figure",
        anchor=page.outcome.id,
        children=(table,),
        level=3,
        folded=True,
    )


def coverage_targets(facts: Facts) -> Section:
    """The long-term targets and the vision."""
    targets = tuple(facts.targets())
    if not targets:
        children: tuple[Exhibit, ...] = (Text(paragraphs=("No strategy sets a target.",)),)
    else:
        table = registers.coverage_table(
            targets,
            catalogue=facts.catalogue,
            quarter=facts.workspace.quarter,
            caption="Long-term targets and the vision",
            name="coverage-targets",
        )
        children = (table,)
    return Section(heading="Long-term targets", anchor="targets", children=children)


def coverage_statements(facts: Facts) -> Section:
    """What residents said good looks like, and whether anybody has asked since."""
    children: list[Exhibit] = []
    for strategy in facts.catalogue.strategies:
        rows = tuple(
            (
                Cell(f"“{statement.text}”", sub=f"{statement.source_line} · {statement.id}"),
                Cell(str(len(statement.parts))),
                Cell(statement.evidence.why or "A survey asks it."),
            )
            for statement in strategy.all_statements
        )
        if rows:
            children.append(
                Table(
                    caption=f"{strategy.statements_title or 'Statements'}: {strategy.short_title}",
                    columns=tables.heads("Statement", "#Parts to ask", "What is known"),
                    rows=rows,
                    name=f"coverage-statements-{strategy.id}",
                )
            )
    if not children:
        children.append(Text(paragraphs=("No strategy quotes residents.",)))
    return Section(heading="Statements by residents", anchor="statements", children=tuple(children))


def printed_verdicts_check(facts: Facts) -> Section:
    """Whether our verdicts are those the publishers printed, with every one that is not."""
    printed = facts.printed
    counts, name = printed.counts, facts.catalogue.benchmark.title
    tested = counts.agree + len(printed.differing)
    silent = sum(counts.not_testable.values())
    said = (
        f"The extracts print {tested + silent:,} comparisons with {name}, of all areas and "
        f"periods. On {tested:,} of them our own test could be made: {counts.agree:,} "
        f"agree and {len(printed.differing):,} differ. "
        f"{silent:,} could not be tested, for these reasons:"
    )
    reasons = tuple(f"{why}: {number:,}" for why, number in counts.not_testable.items())
    children: list[Exhibit] = [Text(paragraphs=(said,), items=reasons)]
    if tested:
        children.append(_differing(printed.differing, facts))
    return Section(
        heading="Our verdicts beside the publishers'",
        anchor="printed",
        children=tuple(children),
        folded=True,
    )


def _differing(rows: pd.DataFrame, facts: Facts) -> Exhibit:
    if rows.empty:
        return Text(paragraphs=("None of those tested differs.",))
    indicators = facts.catalogue.indicators
    cells = tuple(
        (
            Cell(row.area_name, sub=", ".join(filter(None, [row.sex, row.age, row.category]))),
            Cell(indicators[row.indicator].title, sub=row.period),
            Cell(row.verdict),
            Cell(row.published_comparison),
            Cell(wording.sentence(row.why), sub=f"{row.source_file}, row {row.source_row}"),
        )
        for row in rows.itertuples()
    )
    return Table(
        caption="Verdicts that differ from the printed ones",
        columns=tables.heads("Area", "Indicator", "Ours", "Printed", "Why"),
        rows=cells,
        name="verdicts-that-differ",
    )


def reading_notes(facts: Facts) -> Section:
    """What was dropped, repaired or left out while the extracts were read."""
    notes = facts.workspace.notes
    text = Text(
        paragraphs=(f"{wording.sentence(wording.plural(len(notes), 'note'))} from reading:",),
        items=notes,
    )
    return Section(
        heading="Notes from reading the extracts", anchor="notes", children=(text,), folded=True
    )

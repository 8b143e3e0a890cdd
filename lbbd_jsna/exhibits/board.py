"""The exhibits of the board's page: what to look at first, then everything at a glance."""

from __future__ import annotations

from lbbd_jsna.exhibits import registers, tables, wording
from lbbd_jsna.exhibits.exhibit import Cell, Section, Table, Text, Title
from lbbd_jsna.facts import Facts
from lbbd_jsna.findings import OutcomeFacts
from lbbd_jsna.selection import RULE, Chosen, first_looks


def board_title(facts: Facts) -> Title:
    """The page's heading and the shape of the quarter in two sentences."""
    outcomes = facts.outcomes
    measures = [m for o in outcomes for m in o.measures if m.measure.kind == "measure"]
    known = [m for m in measures if m.findings]
    groups = wording.verdicts(tuple(known))
    benchmark = facts.catalogue.benchmark.title
    parts = [
        f"{len(groups.get(name, []))} {name} {'to' if name == 'similar' else 'than'} {benchmark}"
        for name in ("better", "similar", "worse")
    ]
    lead = (
        f"{len(known)} of {len(measures)} committed measures have a figure this quarter. Of the "
        f"indicators behind them, {wording.listed(parts)}."
    )
    names = wording.listed([strategy.title for strategy in facts.catalogue.strategies])
    return Title(
        heading="What the board should look at first",
        lead=(lead,),
        context=f"{facts.workspace.quarter.words}. {names}.",
        short="Board page",
    )


def first_look_table(facts: Facts) -> Section:
    """At most eight measures, the most pressing first, and the rule that chose them."""
    chosen = first_looks(facts)
    if not chosen:
        text = Text(paragraphs=("No measure is worse than the benchmark or getting worse.",))
        return Section(heading="Look at these first", anchor="first", children=(text,))
    rows = tuple(_first_row(item, facts) for item in chosen)
    benchmark = facts.catalogue.benchmark.title
    table = Table(
        caption=f"The {len(rows)} measures to look at first",
        columns=tables.heads(
            "Measure", ("#Borough", "period"), f"#{benchmark}", f"Against {benchmark}",
            ("London boroughs", "our place"), "Why it is here",
        ),
        rows=rows,
        notes=(RULE.replace("the benchmark", benchmark), *tables.explained(rows)),
        name="board-first",
    )
    return Section(heading="Look at these first", anchor="first", children=(table,))


def _first_row(item: Chosen, facts: Facts) -> tuple[Cell, ...]:
    catalogue, finding = facts.catalogue, item.finding
    indicator, latest = finding.indicator, finding.latest
    reference = finding.at(catalogue.comparators.benchmark, latest.period)
    tag, box = wording.verdict_tag(finding.verdict)
    outcome = catalogue.outcomes[item.outcome_id]
    proxy = "proxy · " if item.measure.proxy else ""
    return (
        Cell(
            indicator.title,
            sub=f"{proxy}{outcome.title}",
            href=f"{item.outcome_id}.html#{tables.anchor_of(finding)}",
        ),
        Cell(wording.shown(latest, indicator), sub=tables.period_and_unit(finding)),
        Cell(wording.number(reference.value, indicator) if reference else "[x]"),
        Cell(tag, sub=wording.verdict_basis(finding.verdict), tag=box),
        Cell(
            wording.rank_text(finding.rank),
            sub=tables.league_note(finding),
            strip=tables.strip(finding, catalogue),
        ),
        Cell(wording.sentence(wording.listed(item.reasons)).replace(
            "the benchmark", catalogue.benchmark.title
        )),
    )


def outcomes_glance(facts: Facts) -> Section:
    """Every outcome in one row: how many measures, how many figures, which verdicts."""
    benchmark = facts.catalogue.benchmark.title
    rows = tuple(_glance_row(outcome) for outcome in facts.outcomes)
    table = Table(
        caption="Every outcome at a glance",
        columns=tables.heads(
            "Outcome", "#Measures", "#With a figure", f"#Better than {benchmark}",
            f"#Similar to {benchmark}", f"#Worse than {benchmark}", "#Not judged", "Data to",
        ),
        rows=rows,
        notes=(
            "Verdicts count indicators, each once an outcome; a measure may rest on two "
            "indicators, such as men and women.",
        ),
        name="board-outcomes",
    )
    return Section(heading="Every outcome at a glance", anchor="outcomes", children=(table,))


def _glance_row(page: OutcomeFacts) -> tuple[Cell, ...]:
    groups = wording.verdicts(page.with_figures)
    counts = (len(groups.get(name, [])) for name in ("better", "similar", "worse", "not judged"))
    return (
        Cell(page.outcome.title, sub=page.strategy.short_title, href=f"{page.outcome.id}.html"),
        Cell(str(len(page.measures))),
        Cell(str(len(page.with_figures))),
        *(Cell(str(count)) for count in counts),
        Cell(wording.latest_period(page) or "none"),
    )


def board_targets(facts: Facts) -> Section:
    """The long-term targets: where the borough stands and the gap."""
    targets = [m for m in facts.targets() if m.measure.kind == "target"]
    if not targets:
        text = Text(paragraphs=("No strategy sets a long-term target.",))
        return Section(heading="Long-term targets", anchor="targets", children=(text,))
    table = registers.targets_table(
        targets,
        catalogue=facts.catalogue,
        caption="Long-term targets: where the borough stands",
        name="board-targets",
    )
    title = next(s.targets_title for s in facts.catalogue.strategies if s.targets)
    return Section(heading=title or "Long-term targets", anchor="targets", children=(table,))

"""The exhibits of the board's page: what to look at first, then everything at a glance."""

from __future__ import annotations

from lbbd_jsna.exhibits import gap_words, tables, wording
from lbbd_jsna.exhibits.exhibit import Cell, Links, Section, Table, Text, Title
from lbbd_jsna.exhibits.ward_links import ALL_WARDS
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
    better, similar, worse = (len(groups.get(name, [])) for name in ("better", "similar", "worse"))
    lead = (
        f"{len(known)} of {len(measures)} committed measures have a figure this quarter. Of the "
        f"indicators behind them, {better} are better than {benchmark}, {similar} similar to it "
        f"and {worse} worse.",
        *_pressing(facts),
        *_not_renewed(facts),
    )
    names = wording.listed([strategy.title for strategy in facts.catalogue.strategies])
    return Title(
        heading="What the board should look at first",
        lead=lead,
        context=f"{facts.workspace.quarter.words}. {names}.",
        short="Board page",
    )


def _pressing(facts: Facts) -> tuple[str, ...]:
    """The three most pressing measures, in a sentence."""
    chosen = first_looks(facts)[:3]
    names = [wording.named_with_value(item.finding) for item in chosen]
    return (f"Look first at {wording.listed(names)}.",) if names else ()


def _not_renewed(facts: Facts) -> tuple[str, ...]:
    """How many series stand as received earlier because the last fetch could not bring them."""
    stale = len(facts.not_renewed)
    if not stale:
        return ()
    words = wording.plural(stale, "series was", "series were")
    return (
        f"{wording.sentence(words)} not renewed by the last fetch: the figures are those received "
        "before it, and each page says which.",
    )


def first_look_table(facts: Facts) -> Section:
    """At most eight measures, the most pressing first, and the rule that chose them."""
    chosen = first_looks(facts)
    if not chosen:
        none = "No measure is worse than the benchmark, getting worse or low in the league."
        text = Text(paragraphs=(_plain(none, facts),))
        children = (text, *_which_wards(facts))
        return Section(heading="Look at these first", anchor="first", children=children)
    rows = tuple(_first_row(item, facts) for item in chosen)
    benchmark = facts.catalogue.benchmark.title
    table = Table(
        caption="Measures to look at first",
        columns=tables.heads(
            "Measure", ("#Borough", "period"), f"#{benchmark}", f"Against {benchmark}",
            (facts.catalogue.league.title, "our place"), "Why it is here",
        ),
        rows=rows,
        notes=(
            _plain(RULE, facts),
            *tables.range_note(item.finding for item in chosen),
            *tables.explained(rows),
        ),
        name="board-first",
    )
    children = (table, *_which_wards(facts))
    return Section(heading="Look at these first", anchor="first", children=children)


def _which_wards(facts: Facts) -> tuple[Links, ...]:
    """The way to the page of all wards, where the catalogue names any."""
    wards = facts.catalogue.wards(facts.catalogue.settings.ward_vintage)
    if not wards:
        return ()
    said = f"The {len(wards)} wards beside each other: which stand worse, and what is not known."
    return (Links("Which wards?", (Cell("All wards at a glance", href=ALL_WARDS, sub=said),)),)


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
        Cell(wording.shown(latest, indicator), sub=tables.period_and_unit(finding), strong=True),
        Cell(wording.number(reference.value, indicator) if reference else "[x]"),
        Cell(tag, sub=wording.verdict_basis(finding.verdict, catalogue), tag=box),
        Cell(
            wording.rank_text(finding.rank),
            sub=tables.league_note(finding),
            strip=tables.strip(finding, catalogue),
        ),
        Cell(_plain(wording.sentence(wording.listed(item.reasons)), facts)),
    )


def _plain(rule: str, facts: Facts) -> str:
    """A rule's words with the names of this catalogue's benchmark and league."""
    words = rule.replace("the benchmark", facts.catalogue.benchmark.title)
    return words.replace("the league", facts.catalogue.league.title)


def outcomes_glance(facts: Facts) -> Section:
    """Every outcome in one row: how many measures, how many figures, which verdicts."""
    glances = tuple(_glance_table(strategy.id, facts) for strategy in facts.catalogue.strategies)
    return Section(heading="Every outcome at a glance", anchor="outcomes", children=glances)


def _glance_table(strategy_id: str, facts: Facts) -> Table:
    benchmark = facts.catalogue.benchmark.title
    pages = [page for page in facts.outcomes if page.strategy.id == strategy_id]
    last = strategy_id == facts.catalogue.strategies[-1].id
    every = {f.indicator.id: f for page in facts.outcomes for _, f in page.answers}
    notes = (
        "Verdicts count indicators, each once an outcome; a measure may rest on two indicators, "
        "such as men and women.",
        *filter(None, [gap_words.by_chance(every.values(), facts.catalogue)]),
    )
    return Table(
        caption=pages[0].strategy.title,
        columns=tables.heads(
            "Outcome", "#Measures", "#With a figure", f"#Better than {benchmark}",
            f"#Similar to {benchmark}", f"#Worse than {benchmark}", "#Not judged", "Data to",
        ),
        rows=tuple(_glance_row(page) for page in pages),
        notes=notes if last else (),
        name=f"board-outcomes-{strategy_id}",
    )


def _glance_row(page: OutcomeFacts) -> tuple[Cell, ...]:
    groups = wording.verdicts(page.with_figures)
    counts = (len(groups.get(name, [])) for name in ("better", "similar", "worse", "not judged"))
    return (
        Cell(page.outcome.title, href=f"{page.outcome.id}.html"),
        Cell(str(len(page.measures))),
        Cell(str(len(page.with_figures))),
        *(Cell(str(count)) for count in counts),
        Cell(wording.latest_period(page) or "none"),
    )

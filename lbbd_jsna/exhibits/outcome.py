"""The exhibits of an outcome's page, in the order the notebook shows them."""

from __future__ import annotations

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.exhibits import gap_words, registers, sources, tables, wording
from lbbd_jsna.exhibits.control import control_figure, control_sentence
from lbbd_jsna.exhibits.exhibit import (
    Exhibit,
    Quote,
    Quotes,
    Section,
    Table,
    Tallies,
    Tally,
    Text,
    Title,
)
from lbbd_jsna.exhibits.figures import league_figure, trend_figure
from lbbd_jsna.exhibits.ward_figures import ward_exhibits
from lbbd_jsna.facts import Facts
from lbbd_jsna.findings import Finding, MeasureFacts, OutcomeFacts

NO_WARDS = "No ward figures are published for this measure."
WARDS_NOT_RECEIVED = (
    "There are ward figures near this measure, but not among this quarter's extracts."
)


def outcome_title(page: OutcomeFacts, facts: Facts) -> Title:
    """The outcome in the strategy's words, and the finding that leads the page."""
    return Title(
        heading=page.outcome.title,
        lead=wording.outcome_lead(page, facts.catalogue),
        context=f"{page.strategy.short_title}, {page.theme.title}. As committed: "
        f"“{page.outcome.text}” ({page.outcome.source_line}). {wording.data_range(page)}",
        short=page.outcome.title,
    )


def outcome_tallies(page: OutcomeFacts, facts: Facts) -> Tallies:
    """How many figures are better, similar or worse, and how many measures have none."""
    groups = wording.verdicts(page.with_figures)
    benchmark = facts.catalogue.benchmark.title
    words = {
        "better": f"better than {benchmark}",
        "similar": f"similar to {benchmark}",
        "worse": f"worse than {benchmark}",
        "not judged": "not judged",
    }
    counts = [Tally(str(len(groups.get(name, []))), label) for name, label in words.items()]
    silent = len(page.without_figures)
    without = Tally(str(silent), f"measure{'' if silent == 1 else 's'} without a figure")
    return Tallies(label="Figures by verdict", tallies=(*counts, without))


def outcome_table(page: OutcomeFacts, facts: Facts) -> Table | Text:
    """The benchmark table of the outcome's measures."""
    if not page.answers:
        return Text(paragraphs=("No measure of this outcome has a figure yet.",), tone="note")
    named = facts.catalogue.comparators
    beside = [
        facts.catalogue.set_of(name).title for name in (named.benchmark, named.region, named.peers)
    ]
    return tables.benchmark_table(
        page.answers,
        catalogue=facts.catalogue,
        caption=f"The measures with figures, beside {wording.listed(beside)}",
        name=f"{page.outcome.id}-benchmarks",
    )


def measure_details(page: OutcomeFacts, facts: Facts) -> Section:
    """Each figure in turn: the commitment, the finding, its charts and its ward map."""
    mapped: set[str] = set()
    children = [_detail(finding, measures, facts, mapped) for measures, finding in page.answers]
    children += [
        _only_wards(measure, facts, mapped) for measure in page.without_figures if measure.wards
    ]
    if not children:
        children = [Text(paragraphs=("There is no figure to show in detail.",))]
    return Section(heading="Each measure in turn", anchor="measures", children=tuple(children))


def related_figures(page: OutcomeFacts, facts: Facts) -> Section:
    """Figures about the same subject that the strategy does not commit to."""
    shown = {finding.indicator.id for _, finding in page.answers}
    findings = [f for f in page.related if f.indicator.id not in shown]
    if not findings:
        text = Text(paragraphs=("There are no related figures among this quarter's extracts.",))
        return Section(heading="Related figures", anchor="related", children=(text,))
    table = tables.benchmark_table(
        [((), finding) for finding in findings],
        catalogue=facts.catalogue,
        caption="Related figures, not measures of the strategy",
        name=f"{page.outcome.id}-related",
    )
    details = tuple(_detail(finding, (), facts, set()) for finding in findings)
    return Section(heading="Related figures", anchor="related", children=(table, *details))


def missing_measures(page: OutcomeFacts, facts: Facts) -> Section:
    """The measures without a figure, with the reason and who can supply one."""
    children: list[Exhibit] = []
    if page.without_figures:
        children.append(
            registers.missing_table(
                page.without_figures,
                catalogue=facts.catalogue,
                name=f"{page.outcome.id}-without-figures",
            )
        )
    else:
        children.append(Text(paragraphs=("Every measure of this outcome has a figure.",)))
    if page.proposed_here:
        children.append(
            Text(
                paragraphs=("Printed under another outcome, but most likely meant for this one:",),
                items=tuple(
                    f"“{m.measure.text}” ({m.measure.source_line})" for m in page.proposed_here
                ),
                tone="note",
            )
        )
    return Section(
        heading="Measures without a figure", anchor="without-figures", children=tuple(children)
    )


def resident_statements(page: OutcomeFacts) -> Section:
    """What residents said good looks like, beside what is known of it."""
    statements = page.theme.statements or page.strategy.statements
    quotes = tuple(
        Quote(statement.text, f"{statement.source_line}. {statement.evidence.why}")
        for statement in statements
    )
    children = (
        (Quotes(quotes=quotes),)
        if quotes
        else (Text(paragraphs=("This theme has no statements by residents.",)),)
    )
    return Section(
        heading="What residents said good looks like", anchor="statements", children=children
    )


def outcome_sources(page: OutcomeFacts, facts: Facts) -> Section:
    """Sources, caveats and the age of the data, for every figure of the page."""
    findings = [*(finding for _, finding in page.answers), *page.related]
    wards = [wards for measure in page.measures for wards in measure.wards]
    wards += facts.ward_context.series if facts.ward_context else ()
    if not findings and not wards:
        children: tuple[Exhibit, ...] = (Text(paragraphs=("No figure, so no source.",)),)
    else:
        table = sources.sources_table(
            findings,
            wards=wards,
            catalogue=facts.catalogue,
            quarter=facts.workspace.quarter,
            name=f"{page.outcome.id}-sources",
        )
        children = (table,)
    return Section(heading="Sources and caveats", anchor="sources", children=children)


def commentary(page: OutcomeFacts, facts: Facts) -> Section:
    """The analyst's words for this quarter, from the catalogue."""
    key = (str(facts.workspace.quarter), page.outcome.id)
    text = facts.catalogue.commentary.get(key, "")
    paragraphs = tuple(part.strip() for part in text.split("\n\n") if part.strip())
    words = paragraphs or ("No commentary has been written for this quarter.",)
    return Section(
        heading="Commentary",
        anchor="commentary",
        children=(Text(paragraphs=words, tone="commentary" if paragraphs else "plain"),),
    )


def _detail(
    finding: Finding, measures: tuple[MeasureFacts, ...], facts: Facts, mapped: set[str]
) -> Section:
    catalogue = facts.catalogue
    control = control_figure(finding, catalogue=catalogue)
    charts = [control or trend_figure(finding, catalogue=catalogue)]
    league = league_figure(finding, catalogue=catalogue)
    if league:
        charts.append(league)
    children: list[Exhibit] = [*_commitments(measures, catalogue), _said(finding, measures, facts)]
    children.append(
        Section(heading="", children=tuple(charts), level=4, side_by_side=len(charts) > 1)
    )
    children += _wards(measures, facts, mapped)
    return Section(
        heading=wording.headline(finding, catalogue),
        anchor=tables.anchor_of(finding),
        children=tuple(children),
        level=3,
    )


def _commitments(measures: tuple[MeasureFacts, ...], catalogue: Catalogue) -> list[Exhibit]:
    if not measures:
        return []
    lines = []
    for facts in measures:
        part = f" ({facts.measure.part})" if facts.measure.part else ""
        committed = (
            f"As committed: “{facts.measure.text}”{part}, {facts.measure.source_line}, "
            f"reference {facts.measure.id}."
        )
        lines.append(" ".join((committed, *wording.remarks(facts, catalogue))))
    return [Text(paragraphs=tuple(lines))]


def _said(finding: Finding, measures: tuple[MeasureFacts, ...], facts: Facts) -> Text:
    catalogue = facts.catalogue
    finds = (
        wording.finding_sentence(finding, catalogue),
        wording.change_sentence(finding),
        gap_words.gap_sentence(finding, catalogue),
        wording.goal_sentence(finding),
        control_sentence(finding),
    )
    beside = (
        gap_words.beside_sentence(finding, catalogue),
        wording.rank_sentence(finding, catalogue),
        wording.test_used(finding.verdict, catalogue),
    )
    notes = [f"This is a proxy. {m.measure.evidence.why}" for m in measures if m.proxy]
    notes += [m.measure.evidence.why for m in measures if m.measure.evidence.kind == "indicator"]
    notes.append(wording.not_renewed(finding.not_renewed, finding.received))
    told = tuple(dict.fromkeys(note for note in notes if note))
    said = (" ".join(filter(None, part)) for part in (finds, beside))
    return Text(paragraphs=(*filter(None, said), *told), tone="finding")


def _wards(measures: tuple[MeasureFacts, ...], facts: Facts, mapped: set[str]) -> list[Exhibit]:
    if not measures:
        return []
    series = {wards.indicator.id: wards for m in measures for wards in m.wards}
    if not series:
        named = any(m.measure.evidence.wards for m in measures)
        return [Text(paragraphs=(WARDS_NOT_RECEIVED if named else NO_WARDS,))]
    shown: list[Exhibit] = []
    for name, wards in series.items():
        if name in mapped:
            shown.append(Text(paragraphs=(f"{wards.indicator.title}: see the map above.",)))
        else:
            shown += ward_exhibits(wards, facts)
        mapped.add(name)
    whys = dict.fromkeys(m.measure.evidence.wards_why for m in measures if m.wards)
    shown += [Text(paragraphs=(why,), tone="note") for why in whys if why]
    return shown


def wards_anchor(measure: MeasureFacts) -> str:
    """Where a page shows the wards of a measure that has no figure for the borough."""
    return f"wards-{measure.measure.id}"


def _only_wards(measure: MeasureFacts, facts: Facts, mapped: set[str]) -> Section:
    """A measure without a figure for the borough, but with a ward series near it."""
    words = measure.measure.part or measure.measure.text
    why = f"There is no figure for the borough. {measure.reason}"
    return Section(
        heading=f"{wording.sentence(words)}: by ward only",
        anchor=wards_anchor(measure),
        children=(
            *_commitments((measure,), facts.catalogue),
            Text(paragraphs=(why,), tone="finding"),
            *_wards((measure,), facts, mapped),
        ),
        level=3,
    )

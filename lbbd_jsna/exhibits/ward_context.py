"""Which wards: where a page has ward maps, why others have none, and deprivation by ward."""

from __future__ import annotations

from lbbd_jsna.catalogue import Indicator
from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.exhibit import (
    Cell,
    Exhibit,
    Figure,
    Links,
    Section,
    Table,
    Text,
)
from lbbd_jsna.exhibits.map_plan import number_wards
from lbbd_jsna.exhibits.outcome import NO_WARDS, WARDS_NOT_RECEIVED, wards_anchor
from lbbd_jsna.exhibits.tables import anchor_of, heads
from lbbd_jsna.exhibits.ward_figures import ward_figure
from lbbd_jsna.exhibits.ward_tables import (
    NUMBERED,
    Beside,
    named_cells,
    rows_of,
    table_notes,
    value_cells,
)
from lbbd_jsna.exhibits.ward_words import WardWords, ward_headline
from lbbd_jsna.facts import Facts
from lbbd_jsna.facts.ward_context import WardContext
from lbbd_jsna.findings import MeasureFacts, OutcomeFacts, WardFigures

NOT_RECEIVED = (
    "There is no map of deprivation by ward: the files it is built from were not among this "
    "quarter's extracts."
)
NO_FIGURE = "There is no figure for the borough either: see Measures without a figure."


def ward_context(page: OutcomeFacts, facts: Facts) -> Section:
    """Links to the ward maps of the page, the reasons for none, and the context map."""
    children = [*_maps_here(page), *_without_map(page)]
    context = facts.ward_context
    if context is None:
        children.append(Text(paragraphs=(NOT_RECEIVED,), tone="note"))
    else:
        children.append(_deprivation_figure(context, facts))
        if context.people:
            people = _people_table(context, facts)
            heading = "Residents by ward and age"
            children.append(Section(heading=heading, children=(people,), level=3, folded=True))
    return Section(heading="Which wards", anchor="wards", children=tuple(children))


def _maps_here(page: OutcomeFacts) -> list[Exhibit]:
    """Links to the maps that stand under the measures, each series once."""
    places: dict[str, tuple[str, WardFigures]] = {}
    names: dict[str, list[MeasureFacts]] = {}
    for measures, finding in page.answers:
        for measure in measures:
            _place(measure, anchor_of(finding), places, names)
    for measure in page.without_figures:
        _place(measure, wards_anchor(measure), places, names)
    if not places:
        words = "No measure of this outcome has a ward map, nor a proxy for it that has one."
        return [Text(paragraphs=(words,))]
    items = tuple(
        Cell(_title(wards), sub=_told(names[name]), href=f"#{anchor}")
        for name, (anchor, wards) in places.items()
    )
    return [Links(label="Ward maps on this page", items=items)]


def _place(
    measure: MeasureFacts,
    anchor: str,
    places: dict[str, tuple[str, WardFigures]],
    names: dict[str, list[MeasureFacts]],
) -> None:
    for wards in measure.wards:
        name = wards.indicator.id
        places.setdefault(name, (anchor, wards))
        if measure not in names.setdefault(name, []):
            names[name].append(measure)


def _title(wards: WardFigures) -> str:
    return f"{wards.indicator.title}, {wards.period}"


def _told(measures: list[MeasureFacts]) -> str:
    """Why the map stands for a measure, where it is a proxy; else which measure it is of."""
    whys = dict.fromkeys(m.measure.evidence.wards_why for m in measures)
    of = "; ".join(dict.fromkeys(_words(measure) for measure in measures))
    return " ".join(filter(None, (f"For: {of.rstrip('.')}.", *whys)))


def _words(measure: MeasureFacts) -> str:
    return measure.measure.part or measure.measure.text


def _without_map(page: OutcomeFacts) -> list[Exhibit]:
    silent = [measure for measure in page.measures if not measure.wards]
    if not silent:
        return []
    rows = tuple((Cell(_words(measure)), Cell(_why_none(measure))) for measure in silent)
    count = wording.plural(len(silent), "measure")
    table = Table(
        caption=f"{wording.sentence(count)} without a ward map, and why",
        columns=heads("Measure", "Why there is none"),
        rows=rows,
        name=f"{page.outcome.id}-without-ward-maps",
    )
    return [Section(heading=f"No ward map: {count}", children=(table,), level=3, folded=True)]


def _why_none(measure: MeasureFacts) -> str:
    named = bool(measure.measure.evidence.wards)
    why = WARDS_NOT_RECEIVED if named else NO_WARDS
    return why if measure.findings else f"{why} {NO_FIGURE}"


def _deprivation_figure(context: WardContext, facts: Facts) -> Figure:
    figures, fifth = context.deprivation, context.most_deprived
    lead = f"The context, deprivation by ward, {figures.period}"
    words = WardWords(
        title=ward_headline(figures, lead=lead, ends=("most deprived on average in", "least in")),
        about=figures.indicator.definition,
        table=f"Deprivation by ward, {figures.period}",
        first="most deprived first",
    )
    share = Beside("Most deprived fifth", "of England, % of residents", fifth)
    return ward_figure(figures, facts, words=words, beside=[share] if fifth else [])


def _people_table(context: WardContext, facts: Facts) -> Table:
    """Residents and broad ages of each ward, with the borough below."""
    first = context.people[0]
    numbers = number_wards(context.deprivation.boundaries)
    columns = [(NUMBERED, named_cells(first, numbers, catalogue=facts.catalogue))]
    columns += [(_age_head(series.indicator), value_cells(series)) for series in context.people]
    rows = rows_of(columns, numbers, borough=first.borough.known)
    source = facts.catalogue.sources[first.indicator.source].title
    return Table(
        caption=f"Residents by ward and broad age, {first.period}",
        columns=heads(*(head for head, _ in columns)),
        rows=rows,
        notes=table_notes(first, rows),
        source=f"{source}, built from small areas as the map above.",
        name="residents-by-ward",
    )


def _age_head(indicator: Indicator) -> tuple[str, str]:
    words = indicator.age.replace(" yrs", "").replace("All ages", "residents")
    under = "% of residents" if indicator.unit == "%" else "number"
    return f"#{wording.sentence(words)}", under

"""Which wards: where a page has ward maps, why others have none, and deprivation by ward."""

from __future__ import annotations

from lbbd_jsna.exhibits import captions, wording
from lbbd_jsna.exhibits.exhibit import (
    Cell,
    Exhibit,
    Figure,
    Links,
    Section,
    Table,
    Text,
)
from lbbd_jsna.exhibits.maps import WardMap, class_breaks, draw_ward_map
from lbbd_jsna.exhibits.outcome import NO_WARDS, WARDS_NOT_RECEIVED, wards_anchor
from lbbd_jsna.exhibits.tables import anchor_of, explained, heads
from lbbd_jsna.facts import Facts
from lbbd_jsna.facts.ward_context import ContextSeries, WardContext
from lbbd_jsna.findings import MeasureFacts, OutcomeFacts, WardFigures
from lbbd_jsna.schema import SHORTHAND

NOT_RECEIVED = (
    "There is no map of deprivation by ward: the files it is built from were not among this "
    "quarter's extracts."
)
ESTIMATED = "estimated"
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
    figures, catalogue = context.deprivation.wards, facts.catalogue
    indicator = figures.indicator
    drawn = _drawn(context, facts)
    source = catalogue.sources[indicator.source].title
    note = captions.ward_note(
        figures, catalogue=catalogue, demonstration=facts.workspace.demonstration
    )
    return Figure.of(
        drawn.drawing,
        title=_headline(context),
        alt=_alt(context),
        caption=f"{_built(context)} {indicator.definition} {note} {source}.",
        table=_deprivation_table(context, facts, drawn),
        name=f"{indicator.id}-map",
        key=drawn.key,
        role="map",
    )


def _headline(context: WardContext) -> str:
    """Which ward is the most deprived and which the least."""
    said = _in_order(context)
    return (
        f"The context, deprivation by ward, {context.deprivation.wards.period}: most deprived on "
        f"average in {said[0]}, least in {said[-1]}"
    )


def _alt(context: WardContext) -> str:
    """What the map shows: the three most and the three least deprived, and what is missing."""
    figures, said = context.deprivation.wards, _in_order(context)
    silent = len(figures.table) - len(said)
    words = (
        f"Map of {figures.indicator.title} on {len(figures.table)} wards, {figures.period}. "
        f"Highest, so most deprived: {wording.listed(said[:3])}. "
        f"Lowest: {wording.listed(said[:-4:-1])}."
    )
    if silent:
        words += f" {wording.sentence(wording.plural(silent, 'ward has', 'wards have'))} no figure."
    return words


def _in_order(context: WardContext) -> list[str]:
    """The wards with their figures, the most deprived first: `Thames View (27,922, estimated)`."""
    figures = context.deprivation.wards
    known = figures.table.dropna(subset=["value"]).sort_values("value", ascending=False)
    return [
        f"{name} ({wording.number(value, figures.indicator)}"
        f"{', estimated' if code in context.estimated else ''})"
        for code, name, value in zip(known["code"], known["name"], known["value"], strict=True)
    ]


def _drawn(context: WardContext, facts: Facts) -> WardMap:
    """The map; a true one carries the licence of its boundaries, made-up tiles have none."""
    figures = context.deprivation.wards
    known = figures.table.dropna(subset=["value"])
    indicator = figures.indicator
    shapes = facts.catalogue.sources.get("open-geography")
    return draw_ward_map(
        figures.boundaries,
        dict(zip(known["code"], known["value"], strict=True)),
        dict(zip(figures.table["code"], figures.table["status"], strict=True)),
        unit=indicator.unit,
        decimals=indicator.decimals,
        breaks=class_breaks(figures.all_values, decimals=indicator.decimals),
        estimated=context.estimated,
        licence="" if facts.workspace.demonstration or not shapes else shapes.licence,
    )


def _built(context: WardContext) -> str:
    """That the figures are built here, how exact they are, and which are estimated."""
    names = context.deprivation.wards.table.set_index("code")["name"]
    said = ["Built here from small areas by best fit, not published by ward."]
    if context.exact:
        low, high = min(context.exact.values()), max(context.exact.values())
        there = {share: [names[c] for c, s in context.exact.items() if s == share]
                 for share in (low, high)}  # fmt: skip
        ends = [f"{share}% ({wording.listed(wards)})" for share, wards in there.items()]
        said.append(
            "The share of a ward's residents in small areas that lie wholly in it runs from "
            f"{' to '.join(ends)}; the rest of each figure rests on small areas that reach "
            "across its boundary."
        )
    if context.estimated:
        wards = wording.listed(sorted(names[code] for code in context.estimated))
        said.append(f"Estimated, with a small area shared out between wards: {wards}.")
    return " ".join(said)


def _deprivation_table(context: WardContext, facts: Facts, drawn: WardMap) -> Table:
    figures, fifth = context.deprivation.wards, context.most_deprived
    places = figures.table["value"].rank(ascending=False, method="min")
    rows = [
        (
            Cell(f"{drawn.numbers[row.code]} {row.area}"),
            _cell(context.deprivation, row.code, context),
            Cell(f"{place:.0f}" if place == place else "[x]"),
            Cell(drawn.classes[row.code]),
            *((_cell(fifth, row.code, context),) if fifth else ()),
            *((Cell(_exact(context, row.code)),) if context.exact else ()),
        )
        for row, place in zip(
            figures.table.rename(columns={"name": "area"}).itertuples(), places, strict=True
        )
    ]
    whole = [Cell(facts.catalogue.area.name), _own(context.deprivation), Cell("[z]"), Cell("[z]")]
    rows.append(
        (
            *whole,
            *((_own(fifth),) if fifth else ()),
            *((Cell("[z]"),) if context.exact else ()),
        )
    )
    titles = (
        "Ward, numbered as on the map",
        (f"#{wording.sentence(figures.indicator.unit)}", figures.period),
        ("#Place", "most deprived first"),
        "Class on the map",
        *((("#In the most deprived fifth", "of England, % of residents"),) if fifth else ()),
        *((("#Exact", "% of residents"),) if context.exact else ()),
    )
    return Table(
        caption=f"Deprivation by ward, {figures.period}",
        columns=heads(*titles),
        rows=tuple(rows),
        notes=explained(rows),
        name=f"{figures.indicator.id}-by-ward",
    )


def _people_table(context: WardContext, facts: Facts) -> Table:
    """Residents and broad ages of each ward, with the borough below."""
    first = context.people[0].wards
    rows = [
        (Cell(row.area), *(_cell(one, row.code, context) for one in context.people))
        for row in first.table.rename(columns={"name": "area"}).itertuples()
    ]
    rows.append((Cell(facts.catalogue.area.name), *(_own(one) for one in context.people)))
    names = [one.wards.indicator for one in context.people]
    heading = [(f"#{_age(i.age)}", "number" if i.unit != "%" else "% of residents") for i in names]
    source = facts.catalogue.sources[first.indicator.source].title
    return Table(
        caption=f"Residents by ward and broad age, {first.period}",
        columns=heads("Ward", *heading),
        rows=tuple(rows),
        notes=explained(rows),
        source=f"{source}, built from small areas as the map above.",
        name="residents-by-ward",
    )


def _age(age: str) -> str:
    return wording.sentence(age.replace(" yrs", "").replace("All ages", "residents"))


def _cell(series: ContextSeries, code: str, context: WardContext) -> Cell:
    """A ward's figure, marked where it is estimated, or its shorthand."""
    row = series.wards.table.set_index("code").loc[code]
    if row["value"] != row["value"]:
        return Cell(SHORTHAND[row["status"]] or "[x]")
    mark = SHORTHAND[row["status"]]
    text = f"{wording.number(row['value'], series.wards.indicator)} {mark}".strip()
    return Cell(text, sub=ESTIMATED if code in context.estimated else "")


def _own(series: ContextSeries) -> Cell:
    point = series.borough.latest if series.borough else None
    same = point is not None and point.period == series.wards.period
    return Cell(wording.shown(point, series.wards.indicator) if same else "[x]")


def _exact(context: WardContext, code: str) -> str:
    return f"{context.exact[code]}%" if code in context.exact else "[x]"

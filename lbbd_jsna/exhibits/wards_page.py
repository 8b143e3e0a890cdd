"""The exhibits of the page of all wards: which wards, on which measures, and what is not known."""

from __future__ import annotations

from lbbd_jsna.exhibits import wards_page_tables as own_tables
from lbbd_jsna.exhibits import wards_page_words as words
from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.exhibit import Cell, Exhibit, Figure, Links, Section, Text, Title
from lbbd_jsna.exhibits.map_plan import number_wards
from lbbd_jsna.exhibits.map_words import map_alt
from lbbd_jsna.exhibits.ward_links import places_of_series
from lbbd_jsna.exhibits.ward_map import context_map, map_caption
from lbbd_jsna.exhibits.ward_profile_sources import ward_sources_table
from lbbd_jsna.exhibits.ward_profile_words import plain_title, wards_words
from lbbd_jsna.exhibits.wards_page_rugs import former_rugs, rugs
from lbbd_jsna.facts import Facts
from lbbd_jsna.facts.ward_overview import WardOverview, ward_overview

__all__ = [
    "open_overview",
    "wards_former",
    "wards_map",
    "wards_measures",
    "wards_rugs",
    "wards_sources",
    "wards_title",
    "wards_unknown",
]

NO_SHAPES = "The boundaries of today's wards are not among this quarter's extracts: no map."
NO_SERIES = (
    "No series of this quarter's extracts has a figure for today's wards. What is known of the "
    "former wards stands below."
)
NO_FORMER = "No series of this quarter's extracts is of the former wards only."


def open_overview(facts: Facts) -> WardOverview:
    """Everything known of the wards of today, all of them at once."""
    return ward_overview(facts)


def wards_title(overview: WardOverview, facts: Facts) -> Title:
    """What stands out among the wards, then the page in a few sentences."""
    return Title(
        heading=f"Which wards: {words.finding(overview)}",
        lead=words.lead(overview, facts.catalogue),
        context=words.context_words(facts.catalogue),
        short="All wards at a glance",
    )


def wards_map(overview: WardOverview, facts: Facts) -> Section:
    """The map that numbers the wards, beside the table that leads to their pages."""
    shapes = facts.workspace.boundaries.get(overview.vintage)
    heading = f"The {len(overview.wards)} wards"
    if shapes is None:
        numbers = {c: n for n, c in enumerate(sorted(overview.wards, key=overview.wards.get), 1)}
        table = own_tables.places_table(overview, numbers)
        return Section(heading, (Text((NO_SHAPES,), tone="note"), table), anchor="map")
    drawing, key = context_map(shapes, overview.context, facts)
    figure = Figure.of(
        drawing,
        title=words.map_title(overview),
        alt=_map_alt(overview, shapes, facts),
        caption=map_caption(overview.context, facts),
        table=own_tables.places_table(overview, number_wards(shapes)),
        key=key,
        role="map",
        compact=True,
    )
    return Section(heading, (figure,), anchor="map")


def _map_alt(overview: WardOverview, shapes, facts: Facts) -> str:
    series = overview.context
    if series is None:
        return (f"Map of {wards_words(facts.catalogue)}, each with the number that it has in the "
                "table.")
    indicator = series.indicator
    return map_alt(
        shapes, {code: point.value for code, point in series.known.items()},
        title=plain_title(indicator), period=series.period, unit=indicator.unit,
        decimals=indicator.decimals, estimated=series.estimated,
    )  # fmt: skip


def wards_rugs(overview: WardOverview) -> Section:
    """Wards by measures: first those that are tested, then those that have no interval."""
    tested, shaded = rugs(overview)
    children: list[Exhibit] = []
    order = words.ORDER if overview.context else ""
    for heading, figures, reading in (
        ("Set against the borough", tested, words.READING_TESTED),
        ("Not tested: by thirds of the wards", shaded, words.READING_THIRDS),
    ):
        if figures:
            children.append(_rugs(heading, figures, f"{reading} {order}".strip()))
    if not children:
        children.append(Text((NO_SERIES,)))
    return Section("Every measure, ward by ward", tuple(children), anchor="measures")


def _rugs(heading: str, figures: tuple[Exhibit, ...], reading: str) -> Section:
    """Two rugs beside each other, on screens and on a sheet turned on its side."""
    pairs = Section("", figures, level=4, side_by_side=True, paired=True)
    return Section(heading, (Text((reading,)), pairs), level=3, wide=True)


def wards_measures(overview: WardOverview, facts: Facts) -> Section:
    """Each measure with its ends among the wards, and the page that tells more of it."""
    series = (*overview.measures, *overview.shown_deprivation)
    children: tuple[Exhibit, ...] = (Text((NO_SERIES,)),)
    if series:
        table = own_tables.series_table(
            series,
            wards=overview.wards,
            catalogue=facts.catalogue,
            hrefs=places_of_series(facts),
            caption="Measures with a figure for today's wards",
            name="wards-by-measure",
        )
        children = (table,)
    return Section("Measure by measure", children, anchor="by-measure")


def wards_unknown(overview: WardOverview, facts: Facts) -> Section:
    """How much of what was committed cannot be told by ward, and where the reasons stand."""
    silent = sum(len(one.silent) for one in overview.answered)
    what = wording.plural(silent, "committed measure has", "committed measures have")
    link = Cell("Coverage of the measures", href="coverage.html",
                sub="What there is for each measure, how old it is, and what is missing.")
    children: list[Exhibit] = [
        Text((f"{wording.sentence(what)} no figure by ward. A figure of the borough is never "
              "drawn as one of a ward.",)),
        own_tables.answered_table(overview.answered),
    ]
    if overview.silent:
        names = "; ".join(plain_title(indicator) for indicator in overview.silent)
        children.append(Text((f"Not received this quarter, or withheld for every ward: {names}.",),
                             tone="note"))
    children.append(Links("", (link,)))
    return Section("What cannot be told by ward", tuple(children), anchor="unknown")


def wards_former(overview: WardOverview, facts: Facts) -> Section:
    """The series that are known for the former wards only, clearly apart."""
    settings = facts.catalogue.settings
    which = settings.ward_vintages.get(overview.former_vintage, "the former wards")
    heading = f"Known for {which} only"
    if not overview.former:
        return Section(heading, (Text((NO_FORMER,)),), anchor="former", folded=True)
    warning = Text((f"These are figures of {which}. {settings.ward_warning}".strip(),), tone="note")
    figures = former_rugs(overview)
    table = own_tables.series_table(
        overview.former,
        wards=overview.former_wards,
        catalogue=facts.catalogue,
        hrefs=places_of_series(facts),
        caption=f"Measures known for {which} only",
        name="former-wards-by-measure",
    )
    # An odd number leaves room for the table beside the last of them.
    beside = (table,) if len(figures) % 2 else ()
    shown = _rugs("The former wards by thirds", (*figures, *beside), words.READING_THIRDS)
    children = (warning, shown, *(() if beside else (table,)))
    return Section(heading, children, anchor="former", folded=True)


def wards_sources(overview: WardOverview, facts: Facts) -> Section:
    """Sources, age and caveats of every figure of the page."""
    children: tuple[Exhibit, ...] = (Text(("No figure, so no source.",)),)
    if overview.series:
        table = ward_sources_table(
            overview.series,
            catalogue=facts.catalogue,
            quarter=facts.workspace.quarter,
            name="wards-sources",
        )
        children = (table,)
    return Section("Sources and caveats", children, anchor="sources", folded=True)

"""The exhibits of a ward's page: where it is, who lives there, and how it stands."""

from __future__ import annotations

from lbbd_jsna.exhibits import ward_profile_tables as own_tables
from lbbd_jsna.exhibits.exhibit import Exhibit, Figure, Section, Text, Title
from lbbd_jsna.exhibits.ward_profile_drawing import draw_ages, draw_place, share_bars
from lbbd_jsna.exhibits.ward_profile_sources import ward_sources_table
from lbbd_jsna.exhibits.ward_profile_words import (
    ages_alt,
    ages_title,
    deprivation_sentence,
    finding_words,
    former_sentence,
    measures_sentence,
    place_alt,
    place_title,
    plain_title,
    residents_sentence,
    wards_words,
)
from lbbd_jsna.facts import Facts
from lbbd_jsna.facts.ward_profiles import WardProfile, ward_profile

__all__ = [
    "open_profile",
    "ward_deprivation",
    "ward_former_figures",
    "ward_measures",
    "ward_people",
    "ward_place",
    "ward_sources",
    "ward_title",
]

NO_PEOPLE = (
    "No residents by age were received for this ward, so its ages cannot be set beside the "
    "borough's. They are built from small areas: see the notes on the coverage page."
)
NO_DEPRIVATION = (
    "No deprivation was received for this ward. It is built from small areas: see the notes on "
    "the coverage page."
)
NO_MEASURES = (
    "No measure of the strategies has a figure for today's wards among this quarter's extracts."
)
MISSING = "These series of today's wards have no figure this quarter:"
NO_FORMER_FIGURES = "No series of this quarter's extracts is of the former wards only."
NO_SHAPES = "The boundaries of today's wards are not among this quarter's extracts: no map."


def open_profile(facts: Facts, ward: str) -> WardProfile:
    """Everything known of one ward of today, by its code."""
    return ward_profile(facts, ward)


def ward_title(profile: WardProfile, facts: Facts) -> Title:
    """The ward and what stands out about it, then the page in a few sentences."""
    said = [
        residents_sentence(profile),
        deprivation_sentence(profile),
        measures_sentence(profile),
        former_sentence(profile),
    ]
    told = " ".join(filter(None, said))
    return Title(
        heading=f"{profile.name}: {finding_words(profile)}",
        lead=(told,) if told else ("No figure of this ward was received this quarter.",),
        context=f"Ward profile: one of {wards_words(facts.catalogue)}, code {profile.code}.",
        short=f"{profile.name} ward",
    )


def ward_place(profile: WardProfile, facts: Facts) -> Section:
    """A small map with the ward in it, and the former wards it was made of."""
    shapes = facts.workspace.boundaries.get(profile.vintage)
    table = own_tables.former_table(profile)
    children: list[Exhibit] = []
    if shapes is None:
        children += [Text(paragraphs=(NO_SHAPES,)), *([table] if profile.former else [])]
    else:
        drawing, key = draw_place(shapes, profile.code, profile.name)
        children.append(
            Figure.of(
                drawing,
                title=place_title(profile, shapes, facts.catalogue),
                alt=place_alt(profile, shapes, facts.catalogue),
                caption=_place_caption(profile, facts),
                table=table,
                key=key,
                role="map",
            )
        )
    if profile.no_former:
        children.append(Text(paragraphs=(profile.no_former,), tone="note"))
    return Section("Where it is, and what it was before", tuple(children), anchor="place")


def _place_caption(profile: WardProfile, facts: Facts) -> str:
    if facts.workspace.demonstration:
        return "Made-up tiles, one a ward; the true shapes of the wards differ."
    source = facts.catalogue.sources.get("open-geography")
    licence = f" {source.title}." if source else ""
    return f"Drawn on {wards_words(facts.catalogue)}.{licence}"


def ward_people(profile: WardProfile, facts: Facts) -> Section:
    """Residents by age beside the borough, as a figure and a table."""
    children: tuple[Exhibit, ...] = (Text(paragraphs=(NO_PEOPLE,)),)
    bars = share_bars(profile)
    if profile.ages and bars:
        borough = facts.catalogue.area.name
        figure = Figure.of(
            draw_ages(bars, ward=profile.name, borough=borough),
            title=ages_title(profile),
            alt=ages_alt(profile, facts.catalogue),
            caption=f"Share of all residents, {profile.ages[0].period}.",
            table=own_tables.people_table(profile, facts.catalogue),
        )
        children = (figure,)
    return Section("Who lives there", children, anchor="people")


def ward_deprivation(profile: WardProfile, facts: Facts) -> Section:
    """How deprived the ward is, and its place among the wards."""
    known = [m for m in profile.deprivation if m.point.known]
    shown: Exhibit = Text(paragraphs=(NO_DEPRIVATION,))
    if known:
        shown = own_tables.deprivation_table(profile, facts.catalogue)
    return Section("How deprived it is", (shown,), anchor="deprivation")


def ward_measures(profile: WardProfile, facts: Facts) -> Section:
    """Every other measure with a figure for today's ward, and those without one."""
    children: list[Exhibit] = []
    if profile.measures:
        children.append(own_tables.measures_table(profile, facts.catalogue))
    else:
        children.append(Text(paragraphs=(NO_MEASURES,)))
    if profile.silent or profile.withheld:
        children.append(_silent(profile, facts))
    return Section("Every measure with a figure for the ward", tuple(children), anchor="measures")


def _silent(profile: WardProfile, facts: Facts) -> Text:
    """The series of today's wards without a figure, and why: not received, or withheld."""
    items = []
    for indicators, why in (
        (profile.silent, "Not received from {}"),
        (profile.withheld, "Received from {}, but withheld or not available for every ward"),
    ):
        by_source: dict[str, list[str]] = {}
        for indicator in indicators:
            by_source.setdefault(indicator.source, []).append(plain_title(indicator))
        items += [
            f"{why.format(facts.catalogue.sources[source].title)}: {'; '.join(titles)}."
            for source, titles in by_source.items()
        ]
    return Text((MISSING,), tuple(items), tone="note")


def ward_former_figures(profile: WardProfile, facts: Facts) -> Section:
    """What is known of the former wards only, each under its own name and code."""
    if not profile.former_figures:
        words = profile.no_former or NO_FORMER_FIGURES
        children: tuple[Exhibit, ...] = (Text(paragraphs=(words,)),)
    else:
        children = (
            Text(paragraphs=(own_tables.former_words(profile, facts.catalogue),)),
            own_tables.former_figures_table(profile),
        )
    return Section("Known for the former wards only", children, anchor="former")


def ward_sources(profile: WardProfile, facts: Facts) -> Section:
    """Sources, age and caveats of every figure of the page."""
    series = [*profile.series, *(found.figures for found in profile.former_figures)]
    children: tuple[Exhibit, ...] = (Text(paragraphs=("No figure, so no source.",)),)
    if series:
        table = ward_sources_table(
            series,
            catalogue=facts.catalogue,
            quarter=facts.workspace.quarter,
            name=own_tables.file_of(profile, "sources"),
        )
        children = (table,)
    return Section("Sources and caveats", children, anchor="sources", folded=True)

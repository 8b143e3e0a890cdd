"""The exhibits of a ward's page: where it is, who lives there, and how it stands."""

from __future__ import annotations

from lbbd_jsna.exhibits import style, wording
from lbbd_jsna.exhibits import ward_profile_tables as own_tables
from lbbd_jsna.exhibits.exhibit import (
    Cell,
    Exhibit,
    Figure,
    KeyEntry,
    Links,
    Section,
    Text,
    Title,
)
from lbbd_jsna.exhibits.ward_links import ALL_WARDS, places_of_series, ward_href, wards_by_name
from lbbd_jsna.exhibits.ward_map import OTHERS, drawn_on, plain_map
from lbbd_jsna.exhibits.ward_profile_drawing import draw_ages, share_bars
from lbbd_jsna.exhibits.ward_profile_pyramid import (
    draw_pyramid,
    pyramid_alt,
    pyramid_table,
    pyramid_title,
)
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
from lbbd_jsna.exhibits.ward_words import ESTIMATED_NOTE
from lbbd_jsna.facts import Facts
from lbbd_jsna.facts.ward_profiles import WardProfile, ward_profile

__all__ = [
    "open_profile",
    "ward_deprivation",
    "ward_former_figures",
    "ward_measures",
    "ward_onward",
    "ward_people",
    "ward_place",
    "ward_sources",
    "ward_title",
]

PLACE_WIDTH = 340.0
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
    known = bool(profile.former)
    table = (own_tables.former_table if known else own_tables.numbers_table)(profile)
    children: list[Exhibit] = []
    if shapes is None:
        told = tuple(filter(None, (NO_SHAPES, profile.no_former)))
        children += [Text(paragraphs=told), *([table] if known else [])]
    else:
        others = wording.plural(len(shapes) - 1, "other ward")
        children.append(
            Figure.of(
                plain_map(shapes, facts, marked={profile.code}, width=PLACE_WIDTH),
                title=place_title(profile, shapes, facts.catalogue),
                alt=place_alt(profile, shapes, facts.catalogue),
                caption=_place_caption(profile, facts),
                table=table,
                key=(KeyEntry(profile.name, style.ACCENT), KeyEntry(f"the {others}", OTHERS)),
                role="map",
                table_printed=known,
                compact=True,
            )
        )
    return Section("Where it is, and what it was before", tuple(children), anchor="place")


def _place_caption(profile: WardProfile, facts: Facts) -> str:
    said = ("Numbers as on the page of all wards.", drawn_on(facts), profile.no_former)
    return " ".join(filter(None, said))


def ward_people(profile: WardProfile, facts: Facts) -> Section:
    """Residents by sex and age beside the borough, and the place among the wards by age."""
    if profile.by_sex is not None:
        return _people_by_sex(profile, facts)
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


def _people_by_sex(profile: WardProfile, facts: Facts) -> Section:
    """The pyramid, and beside it broad ages with their places."""
    people = profile.by_sex
    figure = Figure.of(
        draw_pyramid(people, ward=profile.name, borough=facts.catalogue.area.name),
        title=pyramid_title(people, profile),
        alt=pyramid_alt(people, profile, facts.catalogue),
        caption=f"Share of all residents, {people.year}."
        + f" {ESTIMATED_NOTE}" * people.estimated,
        table=pyramid_table(people, profile, facts.catalogue,
                            name=own_tables.file_of(profile, "sex-and-age")),
        table_printed=False,
    )
    children: tuple[Exhibit, ...] = (figure,)
    if profile.ages:
        children = (figure, own_tables.people_table(profile, facts.catalogue))
    pair = Section("", children, level=3, side_by_side=True, paired=True)
    return Section("Who lives there", (pair,), anchor="people")


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
        places = places_of_series(facts)
        children.append(own_tables.measures_table(profile, facts.catalogue, hrefs=places))
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
    series = [*profile.series, *(found.series for found in profile.former_figures)]
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


def ward_onward(profile: WardProfile, facts: Facts) -> Section:
    """The wards before and after this one by name, and the page of all of them."""
    codes = wards_by_name(facts.catalogue)
    at = codes.index(profile.code)
    before, after = codes[at - 1], codes[(at + 1) % len(codes)]
    items = [Cell("All wards at a glance", href=ALL_WARDS,
                  sub="Every ward beside the others, on every measure.")]
    near = dict.fromkeys(code for code in (after, before) if code != profile.code)
    items += [Cell(profile.wards[code], href=ward_href(code), sub=said)
              for code, said in zip(near, ("The next ward by name.", "The ward before by name."),
                                    strict=False)]
    return Section("Other wards", (Links("", tuple(items)),), anchor="onward", screen_only=True)

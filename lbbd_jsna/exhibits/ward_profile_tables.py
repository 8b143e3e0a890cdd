"""The tables of a ward's page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.catalogue.slugs import ward_slug
from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.exhibit import Cell, Strip, Table
from lbbd_jsna.exhibits.tables import explained, heads
from lbbd_jsna.exhibits.ward_links import ward_href
from lbbd_jsna.exhibits.ward_profile_words import (
    band,
    percent,
    place_from_worst,
    plain_title,
    wards_words,
)
from lbbd_jsna.facts.ward_profiles import WardMeasure, WardProfile
from lbbd_jsna.statistics.verdicts import NOT_COMPARED

MOST_FORMER = 4  # columns a printed page has room for
ESTIMATED = "estimated"
STRIPS = "◆ is this ward, each circle another ward and the upright line the borough."
RULE = (
    "A verdict sets the ward's 95% interval against the borough's value, both ends included. The "
    "borough's value holds the ward's own people too."
)
NO_SEX = "Not by sex: the series of residents that are built for wards are of everybody."
RANGES = "The places after it are those the ward could hold within the intervals of all wards."


def file_of(profile: WardProfile, what: str) -> str:
    """The file stem of one of the page's tables."""
    return f"{ward_slug(profile.code)}-{what}"


def people_table(profile: WardProfile, catalogue: Catalogue) -> Table:
    """Residents by age: people, share, the borough's share, and the place among the wards."""
    rows = [_age_row(measure) for measure in profile.ages]
    whole = profile.residents
    if whole is not None:
        rows.append(
            (
                Cell("Everybody"),
                Cell(wording.shown(whole.point, whole.indicator), sub=_mark(whole)),
                Cell("100%" if whole.point.known else "[x]"),
                Cell("100%"),
                Cell(wording.rank_text(whole.rank)),
            )
        )
    return Table(
        caption=f"Residents of {profile.name} by age, {profile.ages[0].period}",
        columns=heads(
            "Age", "#People", "#Share", f"#{catalogue.area.name}",
            ("Place", "highest first"),
        ),
        rows=tuple(rows),
        notes=(
            *_made_of([*profile.ages, *([whole] if whole else [])]),
            *(() if profile.by_sex or any(_sex(m) for m in profile.ages) else (NO_SEX,)),
            *explained(rows),
        ),
        name=file_of(profile, "ages"),
    )


def _age_row(measure: WardMeasure) -> tuple[Cell, ...]:
    point, indicator = measure.point, measure.indicator
    people = "[x]" if math.isnan(point.count) else f"{point.count:,.0f}"
    return (
        Cell(wording.sentence(band(measure).removeprefix("aged ")), sub=_sex(measure)),
        Cell(people, sub=_mark(measure)),
        Cell(wording.shown(point, indicator), strong=True),
        _borough_cell(measure),
        Cell(wording.rank_text(measure.rank)),
    )


def _sex(measure: WardMeasure) -> str:
    return "" if measure.indicator.sex == "Persons" else measure.indicator.sex


def deprivation_table(profile: WardProfile, catalogue: Catalogue) -> Table:
    """Every figure of deprivation beside the borough, with the place from the most deprived."""
    known = [m for m in profile.deprivation if m.point.known]
    rows = tuple(
        (
            Cell(plain_title(m.indicator), sub=_period_and_unit(m)),
            Cell(wording.shown(m.point, m.indicator), sub=_mark(m), strong=True),
            _borough_cell(m),
            Cell(
                wording.sentence(place_from_worst(m)) if m.worst else "[x]",
                strip=_strip(m),
            ),
        )
        for m in known
    )
    return Table(
        caption=f"Deprivation in {profile.name}",
        columns=heads("Figure", f"#{profile.name}", f"#{catalogue.area.name}",
                      ("Wards", "its place")),
        rows=rows,
        notes=(STRIPS, *_made_of(known), *explained(rows)),
        name=file_of(profile, "deprivation"),
    )


def measures_table(
    profile: WardProfile, catalogue: Catalogue, *, hrefs: Mapping[str, str] | None = None
) -> Table:
    """Every measure of today's ward: interval, borough, verdict, place, reliability."""
    places = hrefs or {}
    rows = tuple(_measure_row(m, places.get(m.indicator.id, "")) for m in profile.measures)
    ranges = [RANGES] if any(wording.rank_range(m.rank) for m in profile.measures) else []
    return Table(
        caption=f"Measures with a figure for {profile.name}, beside {catalogue.area.name}",
        columns=heads(
            "Measure", f"#{profile.name}", ("#95% interval", "count"), f"#{catalogue.area.name}",
            ("Against the borough", "test used"), ("Wards", "its place"),
        ),
        rows=rows,
        notes=(RULE, STRIPS, *ranges, *_made_of(profile.measures), *explained(rows)),
        name=file_of(profile, "measures"),
    )


def _measure_row(measure: WardMeasure, href: str) -> tuple[Cell, ...]:
    indicator, point = measure.indicator, measure.point
    tag, box = wording.verdict_tag(measure.verdict)
    compared = measure.verdict.outcome != NOT_COMPARED
    basis = "95% interval" if compared else measure.verdict.reason
    return (
        Cell(plain_title(indicator), sub=_period_and_unit(measure), href=href),
        Cell(wording.shown(point, indicator), sub=_flag(measure), strong=True),
        Cell(wording.interval(point, indicator), sub=wording.counted(point)),
        _borough_cell(measure),
        Cell(tag, sub=basis, tag=box),
        _place_cell(measure),
    )


def _period_and_unit(measure: WardMeasure) -> str:
    return f"{measure.period}{_unit_after(measure.indicator)}"


def _flag(measure: WardMeasure) -> str:
    """Estimated, of low reliability, or what the publisher says of the figure."""
    low = "low reliability" if measure.point.status == "low_reliability" else ""
    note = "" if measure.point.known else measure.point.note
    return "; ".join(filter(None, [_mark(measure), low, note]))


def _mark(measure: WardMeasure) -> str:
    return ESTIMATED if measure.estimated else ""


def _borough_cell(measure: WardMeasure) -> Cell:
    if math.isnan(measure.borough):
        return Cell("[x]", sub=measure.basis)
    basis = "" if measure.basis.startswith("the borough") else measure.basis
    return Cell(wording.number(measure.borough, measure.indicator), sub=basis)


def _place_cell(measure: WardMeasure) -> Cell:
    rank = measure.rank
    if rank is None or rank.of < 2:
        return Cell("[x]")
    could = wording.rank_range(rank)
    sub = f"{rank.first} first" + (f"; {could}" if could else "")
    return Cell(wording.rank_text(rank), sub=sub, strip=_strip(measure))


def _strip(measure: WardMeasure) -> Strip | None:
    """Every ward as a dot; None without others."""
    if not measure.others:
        return None
    everyone = [*measure.others, measure.point.value]
    known = not math.isnan(measure.borough) and min(everyone) <= measure.borough <= max(everyone)
    return Strip(
        values=measure.others,
        area=measure.point.value,
        benchmark=measure.borough if known else None,
        low=wording.number(min(everyone), measure.indicator),
        high=wording.number(max(everyone), measure.indicator),
    )


def _made_of(measures: Iterable[WardMeasure]) -> tuple[str, ...]:
    """What figures rest on, in the words of their notes, each once."""
    notes = {m.point.note.rstrip(".") for m in measures if m.point.known and m.point.note}
    longest = [n for n in notes if not any(o != n and o.startswith(n) for o in notes)]
    return tuple(f"{note}." for note in sorted(longest))


def former_table(profile: WardProfile) -> Table:
    """The former wards that today's was made of, with the ground they share."""
    rows = tuple(
        (
            Cell(f"{ward.name} (former ward)"),
            Cell(percent(ward.share_of_new)),
            Cell(percent(ward.share_of_old), sub="same boundary" if ward.unchanged else ""),
        )
        for ward in profile.former
    )
    return Table(
        caption=f"What {profile.name} was made of",
        columns=heads(
            "Former ward",
            ("#Part of this ward", "of its ground"),
            ("#Part of the former ward", "that is here"),
        ),
        rows=rows,
        notes=(*_former_notes(profile), *explained(rows)),
        name=file_of(profile, "former-wards"),
    )


def numbers_table(profile: WardProfile) -> Table:
    """The wards by the numbers on the map, where nothing is known of the former ones."""
    in_order = sorted(profile.wards.items(), key=lambda ward: (ward[1].casefold(), ward[0]))
    rows = tuple(
        (Cell(f"{number} {name}", href="" if code == profile.code else ward_href(code)),
         Cell(code))
        for number, (code, name) in enumerate(in_order, start=1)
    )
    return Table(
        caption="The wards by number",
        columns=heads("Ward, numbered as on the map", "Code"),
        rows=rows,
    )  # fmt: skip


def _former_notes(profile: WardProfile) -> tuple[str, ...]:
    said = "Wards are joined by the ground they share, never by name"
    same = [w.name for w in profile.former if w.name == profile.name and not w.unchanged]
    if same:
        said += f": the former {profile.name} had another boundary than this ward"
    codes = wording.listed([f"{w.name} {w.code}" for w in profile.former])
    return (f"{said}. Shares are of ground, not of people. Former codes: {codes}.",)


def former_words(profile: WardProfile, catalogue: Catalogue) -> str:
    """Which wards the figures of former wards are of, and what they are not."""
    if profile.unchanged:
        return (
            f"These figures are of the former ward {profile.former[0].name}, whose boundary is "
            f"that of today's. They are older than {wards_words(catalogue)}."
        )
    return (
        f"These figures are of whole former wards, not of {profile.name}, and there is none for "
        "it: rates are not shared out between wards. The larger the part of this ward that lay "
        "in a former one, the more its figure says."
    )


def former_figures_table(profile: WardProfile) -> Table:
    """The series known for the former wards only, a column for each of those wards."""
    wards = profile.former[:MOST_FORMER]
    rows = tuple(
        (
            Cell(plain_title(f.indicator)),
            Cell(f"{f.series.period}{_unit_after(f.indicator)}"),
            *(_former_cell(f, ward.code) for ward in wards),
        )
        for f in profile.former_figures
    )
    left_out = [f"{w.name} ({percent(w.share_of_new)})" for w in profile.former[MOST_FORMER:]]
    notes = [f"Left out, with the least ground: {wording.listed(left_out)}."] if left_out else []
    return Table(
        caption=f"Former wards that {profile.name} was made of: figures of the whole former ward",
        columns=heads(
            "Measure",
            "Period",
            *((f"#{w.name}", f"former ward, {percent(w.share_of_new)} of this ward")
              for w in wards),
        ),
        rows=rows,
        notes=(*notes, *explained(rows)),
        name=file_of(profile, "former-figures"),
    )


def _unit_after(indicator: Indicator) -> str:
    """The unit after a period, unless each value carries it."""
    return "" if indicator.unit.startswith("%") else f", {indicator.unit}"


def _former_cell(found, code: str) -> Cell:
    point = found.points.get(code)
    if point is None:
        return Cell("[x]")
    limits = wording.interval(point, found.indicator)
    sub = f"{limits} (95%)" if limits != "[x]" and point.known else ""
    return Cell(wording.shown(point, found.indicator), sub=sub)

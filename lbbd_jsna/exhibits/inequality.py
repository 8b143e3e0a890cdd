"""Inequality on a page: figures by group, the gaps between them, and the range of the wards."""

from __future__ import annotations

import re

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.exhibit import Cell, Exhibit, Figure, Section, Table, Text
from lbbd_jsna.exhibits.inequality_drawing import GroupRow, draw_groups
from lbbd_jsna.exhibits.inequality_words import (
    beside_all_sentence,
    inequality_alt,
    inequality_caption,
    inequality_sentences,
    inequality_title,
    plain_name,
    row_words,
    ward_sentence,
    where_of,
)
from lbbd_jsna.exhibits.tables import explained, heads
from lbbd_jsna.facts import Facts
from lbbd_jsna.findings import Finding, GroupFigures, OutcomeFacts, Point

NO_GROUPS = (
    "This quarter's extracts hold no measure of this outcome for groups within the borough, such "
    "as by deprivation, ethnic group or special educational needs"
)
NOTHING = f"{NO_GROUPS}, and none by ward. How unequal the borough is on it cannot be said."
ONLY_WARDS = f"{NO_GROUPS}; the range of its wards is all that can be said."
ONLY_GAPS = f"{NO_GROUPS}, other than the figures that are gaps in themselves."
_IS_GAP = re.compile(r"\b(gap|inequality)\b", re.I)


def inequality_section(page: OutcomeFacts, facts: Facts) -> Section:
    """The outcome's figures by group, its gaps and the range of its wards, or that none are known.

    Figures by group come from the measures' indicators and from those related to the outcome,
    which may be published by group only.
    """
    catalogue = facts.catalogue
    findings = [finding for _, finding in page.answers]
    names = [*(finding.indicator.id for finding in findings), *page.outcome.context]
    groups: list[Exhibit] = [
        part
        for name in dict.fromkeys(names)
        for figures in facts.groups(name)
        for part in _part(figures, catalogue)
    ]
    series = {wards.indicator.id: wards for m in page.measures for wards in m.wards}
    wards = tuple(filter(None, (ward_sentence(one, catalogue) for one in series.values())))
    gaps = tuple(_gap_line(f, catalogue) for f in findings if _IS_GAP.search(f.indicator.title))
    paired = [facts.beside_all(name) for name in dict.fromkeys(names)]
    named = tuple(beside_all_sentence(found) for found in paired if found)
    if not groups and not named:
        groups.append(Text(paragraphs=(ONLY_GAPS if gaps else ONLY_WARDS if wards else NOTHING,)))
    parts = (
        ("Named groups beside everybody", named),
        ("Measures that are gaps in themselves", gaps),
        ("Between wards", wards),
    )
    listed = [
        Section(heading=heading, children=(Text(items=lines),), level=3)
        for heading, lines in parts
        if lines
    ]
    return Section(
        heading="Inequality between groups", anchor="inequality", children=(*groups, *listed)
    )


def inequality_figure(figures: GroupFigures, *, catalogue: Catalogue) -> Figure:
    """An indicator by group: a row each, the line through them, and the area as a whole."""
    drawing = draw_groups(
        _rows(figures),
        unit=figures.indicator.unit,
        own=figures.own,
        line=figures.line,
        reference=_reference(figures, catalogue),
    )
    return Figure.of(
        drawing,
        title=inequality_title(figures, catalogue),
        alt=inequality_alt(figures, catalogue),
        caption=inequality_caption(figures, catalogue),
        table=group_table(figures, catalogue=catalogue),
        name=_name(figures),
    )


def group_table(figures: GroupFigures, *, catalogue: Catalogue) -> Table:
    """Every number of a groups chart, and the area as a whole."""
    indicator, where = figures.indicator, where_of(figures, catalogue)
    named = zip(figures.names, figures.points, strict=True)
    rows = [_table_row(wording.sentence(plain_name(n)), p, figures) for n, p in named]
    if figures.overall is not None:
        rows.append(_table_row(f"{where} as a whole", figures.overall, figures))
    return Table(
        caption=f"{indicator.title} by group, {where}, {figures.period} ({indicator.unit})",
        columns=heads("Group", ("#Value", "count"), "#95% interval"),
        rows=tuple(rows),
        notes=explained(rows),
        name=_name(figures),
    )


def _part(figures: GroupFigures, catalogue: Catalogue) -> tuple[Exhibit, ...]:
    first, *rest = inequality_sentences(figures, catalogue)
    said = Text(paragraphs=tuple(filter(None, (first, " ".join(rest)))), tone="finding")
    figure = inequality_figure(figures, catalogue=catalogue)
    return (Section(heading="", children=(said, figure), level=4, side_by_side=True),)


def _gap_line(finding: Finding, catalogue: Catalogue) -> str:
    return wording.finding_sentence(finding, catalogue)


def _rows(figures: GroupFigures) -> list[GroupRow]:
    return [
        GroupRow(
            label=row_words(name),
            value=point.value,
            lower=point.lower,
            upper=point.upper,
            shown=wording.shown(point, figures.indicator),
            share=point.denominator if figures.line else 1.0,
        )
        for name, point in zip(figures.names, figures.points, strict=True)
    ]


def _reference(figures: GroupFigures, catalogue: Catalogue) -> tuple[str, float] | None:
    if figures.overall is None:
        return None
    value = figures.overall.value
    return f"{where_of(figures, catalogue)} {wording.number(value, figures.indicator)}", value


def _table_row(label: str, point: Point, figures: GroupFigures) -> tuple[Cell, ...]:
    return (
        Cell(label),
        Cell(wording.shown(point, figures.indicator), sub=wording.counted(point)),
        Cell(wording.interval(point, figures.indicator)),
    )


def _name(figures: GroupFigures) -> str:
    """The file stem: what sets this breakdown apart from the others of its indicator."""
    words = ["deprivation"]
    if not figures.ordered:
        words = re.findall(r"[a-z0-9]+", figures.category_type.lower())[:6]
    return "-".join([figures.indicator.id, "by", *words])

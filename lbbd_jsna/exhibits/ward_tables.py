"""The tables after ward maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.catalogue.slugs import ward_slug
from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.exhibit import Cell, Table
from lbbd_jsna.exhibits.maps import WardMap
from lbbd_jsna.exhibits.tables import explained, heads
from lbbd_jsna.exhibits.ward_words import (
    ESTIMATED,
    WardWords,
    by_verdict,
    mark_notes,
)
from lbbd_jsna.findings import WardBenchmark, WardFigures, WardPeriod
from lbbd_jsna.schema import SHORTHAND
from lbbd_jsna.statistics.verdicts import NOT_COMPARED

NUMBERED = ("Ward", "number on the map")
NOT_APPLICABLE = Cell("[z]")
BOROUGH_NOTE = "[z] not applicable: the borough is set beside its wards, not placed among them."


@dataclass(frozen=True)
class Beside:
    """A further series of the same wards in a map's table: its heading, and what stands under."""

    head: str
    sub: str
    figures: WardFigures


def ward_table(
    figures: WardFigures,
    drawn: WardMap,
    *,
    words: WardWords,
    catalogue: Catalogue,
    beside: Sequence[Beside] = (),
) -> Table:
    """Every ward in the order of its number, then the borough: all that a ward map shows.

    Parameters
    ----------
    figures : WardFigures
    drawn : WardMap
        Gives the numbers and the classes.
    words : WardWords
        The caption, and the end from which places are counted.
    catalogue : Catalogue
    beside : sequence of Beside
    """
    columns = [
        (NUMBERED, named_cells(figures, drawn.numbers, catalogue=catalogue)),
        (_unit_head(figures.indicator), value_cells(figures)),
    ]
    if figures.known["lower_95"].notna().any():
        columns.append(("#95% interval", _interval_cells(figures)))
    if figures.compared:
        columns.append(("Against the borough", _verdict_cells(figures)))
    columns.append((("#Place", words.first), _place_cells(figures)))
    columns.append(("Class", _class_cells(figures, drawn)))
    columns += [((f"#{b.head}", b.sub), value_cells(b.figures)) for b in beside]
    if figures.partly:
        columns.append((("#Exact", "% of residents"), _exact_cells(figures)))
    shown = (figures, *(b.figures for b in beside))
    rows = rows_of(columns, drawn.numbers, borough=any(f.borough.known for f in shown))
    return Table(
        caption=words.table,
        columns=heads(*(head for head, _ in columns)),
        rows=rows,
        notes=table_notes(figures, rows),
        name=f"{figures.indicator.id}-by-ward",
    )


# A cell for every ward by code, and the borough's under the empty code.
Cells = dict[str, Cell]
Column = tuple[str | tuple[str, str], Cells]


def rows_of(
    columns: Sequence[Column], numbers: Mapping[str, int], *, borough: bool
) -> tuple[tuple[Cell, ...], ...]:
    """The wards in the order of their numbers, then the borough, if it has a figure."""
    order = [*sorted(numbers, key=numbers.get), *([""] if borough else [])]
    return tuple(tuple(cells[code] for _, cells in columns) for code in order)


def named_cells(
    figures: WardFigures, numbers: Mapping[str, int], *, catalogue: Catalogue
) -> Cells:
    """Number and name, linked to the ward's page where the ward is one of today's."""
    today = figures.vintage == catalogue.settings.ward_vintage
    names = zip(figures.table["code"], figures.table["name"], strict=True)
    found = {
        code: Cell(f"{numbers[code]} {name}", href=f"{ward_slug(code)}.html" if today else "")
        for code, name in names
    }
    summed = figures.borough.known and figures.borough.lower != figures.borough.lower
    basis = figures.borough.basis if summed and figures.compared else ""
    return {**found, "": Cell(catalogue.area.name, sub=basis)}


def value_cells(figures: WardFigures | WardPeriod, indicator: Indicator | None = None) -> Cells:
    """Values, marked where estimated or of low reliability, or their shorthand."""
    indicator = indicator or figures.indicator
    found = {row.code: _value_cell(row, figures.estimated, indicator)
             for row in figures.table.itertuples()}  # fmt: skip
    borough = figures.borough
    return {**found, "": Cell(wording.number(borough.value, indicator) if borough.known else "[x]")}


def _value_cell(row, estimated: frozenset[str], indicator: Indicator) -> Cell:
    if row.value != row.value:
        return _blank(row)
    text = f"{wording.number(row.value, indicator)} {SHORTHAND[row.status]}".strip()
    return Cell(text, sub=ESTIMATED if row.code in estimated else "")


def _blank(row) -> Cell:
    return Cell(SHORTHAND[row.status] or "[x]")


def _interval_cells(figures: WardFigures) -> Cells:
    def cell(row) -> Cell:
        if row.lower_95 != row.lower_95 or row.upper_95 != row.upper_95:
            return Cell("[x]")
        low, high = (wording.number(v, figures.indicator) for v in (row.lower_95, row.upper_95))
        return Cell(f"{low} to {high}")

    return _where_known(figures, cell, borough=_borough_interval(figures.borough, cell))


def _borough_interval(borough: WardBenchmark, cell) -> Cell:
    row = pd.Series({"lower_95": borough.lower, "upper_95": borough.upper})
    return cell(row)


def _where_known(figures: WardFigures, cell, *, borough: Cell = NOT_APPLICABLE) -> Cells:
    """A cell for each ward with a value; its shorthand for one without."""
    found = {row.code: cell(row) if row.value == row.value else _blank(row)
             for row in figures.table.itertuples()}  # fmt: skip
    return {**found, "": borough}


def _verdict_cells(figures: WardFigures) -> Cells:
    return _where_known(figures, lambda row: _verdict_cell(figures.verdicts[row.code]))


def _verdict_cell(verdict: str) -> Cell:
    if verdict == NOT_COMPARED:
        return Cell(verdict, tag="none")
    return Cell(f"{wording.SYMBOLS[verdict]} {verdict}", tag=verdict)


def _place_cells(figures: WardFigures) -> Cells:
    def cell(row) -> Cell:
        place, tied = figures.places[row.code]
        return Cell(f"{'joint ' if tied else ''}{place}")

    return _where_known(figures, cell)


def _class_cells(figures: WardFigures, drawn: WardMap) -> Cells:
    words = {code: said.removesuffix(f", {ESTIMATED}") for code, said in drawn.classes.items()}
    return _where_known(figures, lambda row: Cell(words[row.code]))


def _exact_cells(figures: WardFigures) -> Cells:
    found = {code: Cell(f"{figures.exact[code]}%" if code in figures.exact else "[x]")
             for code in figures.table["code"]}  # fmt: skip
    return {**found, "": NOT_APPLICABLE}


def _unit_head(indicator: Indicator) -> str:
    unit = indicator.unit
    return "#Value" if unit.startswith("%") else f"#{wording.sentence(unit)}"


def table_notes(figures: WardFigures, rows: Sequence[Sequence[Cell]]) -> tuple[str, ...]:
    """What the marks in a table of wards mean; [u] by the numbers of its rule."""
    own = mark_notes(figures)
    told = [note for note in own if note.startswith("[u]")]
    rest = [note for note in explained(rows) if not (told and note.startswith("[u]"))]
    return (*own, *(BOROUGH_NOTE if note.startswith("[z]") else note for note in rest))


def verdict_table(figures: WardFigures, numbers: Mapping[str, int]) -> Table:
    """The wards of each verdict, by number and name."""
    names = figures.table.set_index("code")["name"]

    def said(code: str) -> str:
        mark = f" ({ESTIMATED})" if code in figures.estimated else ""
        return f"{numbers[code]} {names[code]}{mark}"

    rows = [
        (
            _verdict_cell(verdict),
            Cell(f"{len(codes)}"),
            Cell(wording.listed([said(code) for code in codes]) or "none"),
        )
        for verdict, codes in by_verdict(figures).items()
        if codes or verdict != NOT_COMPARED
    ]
    return Table(
        caption=f"{figures.indicator.title}, {figures.period}: the wards by verdict",
        columns=heads("Against the borough", "#Wards", ("Which", "number on the map")),
        rows=tuple(rows),
        notes=table_notes(figures, rows),
        name=f"{figures.indicator.id}-by-verdict",
    )


def periods_table(
    figures: WardFigures,
    periods: Sequence[WardPeriod | WardFigures],
    numbers: Mapping[str, int],
    *,
    catalogue: Catalogue,
) -> Table:
    """Wards by periods, and the borough's own row last."""
    columns = [(NUMBERED, named_cells(figures, numbers, catalogue=catalogue))]
    columns += [(f"#{p.period}", value_cells(p, figures.indicator)) for p in periods]
    rows = rows_of(columns, numbers, borough=any(p.borough.known for p in periods))
    return Table(
        caption=f"{figures.indicator.title} by ward and period ({figures.indicator.unit})",
        columns=heads(*(head for head, _ in columns)),
        rows=rows,
        notes=explained(rows),
        name=f"{figures.indicator.id}-by-ward-and-period",
    )

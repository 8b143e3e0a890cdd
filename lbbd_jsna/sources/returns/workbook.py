"""A return in an Excel workbook, read as strictly as one in CSV."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from lbbd_jsna.sources.csv_files import shown
from lbbd_jsna.sources.returns.grid import HIDDEN, CellFault, Grid, cell_fault
from lbbd_jsna.sources.returns.headings import known_among, known_as
from lbbd_jsna.sources.returns.layout import arrange, personal_fault
from lbbd_jsna.sources.returns.personal import personal_kind
from lbbd_jsna.sources.returns.sheet import MOST_FAULTS_ALIKE
from lbbd_jsna.sources.returns.workbook_formats import (
    Formats,
    as_shown,
    read_formats,
)
from lbbd_jsna.sources.returns.workbook_parts import (
    Attributes,
    Parts,
    refused,
    sheet_path,
)
from lbbd_jsna.sources.returns.workbook_sheet import (
    TRUE,
    Cell,
    Worksheet,
    letters,
    place_of,
    read_shared_texts,
    read_sheet,
)

# The template's sheets: the one that is read, and the one that is only for people.
SHEET, NOTES = "Return", "Notes"
# The headings stand among the first rows, even below a title.
ROWS_LOOKED_AT = 20
LONGEST_FORMULA = 100
# Kinds that stand in no guidance; an e-mail address may be where a form is to be sent.
NUMBERS_OF_PERSONS = ("an NHS number", "a National Insurance number", "a pupil number")


@dataclass(frozen=True)
class _Listed:
    """A sheet as the workbook lists it."""

    name: str
    part: str
    hidden: bool
    is_table: bool

    @property
    def called(self) -> str:
        """Its name for messages."""
        return HIDDEN if personal_kind(self.name) else shown(self.name)


def grid_of_workbook(path: Path, *, name: str) -> Grid:
    """Read the sheet `Return` of a workbook.

    Where no sheet has that name, the only sheet with anything on it is read, with a note.
    Cells come as text the way Excel shows them, so that the rules for CSV hold for them: a date
    as a date, a per cent with its sign, an error by its name, a formula with its =.

    Parameters
    ----------
    path : Path
        An .xlsx file, of whatever content.
    name : str
        What to call it in messages.

    Returns
    -------
    Grid
        `lines` are the rows as Excel numbers them. `faults` has a fault for each merged cell,
        hidden row or column, cell right of the table, other sheet with content, macro and link.

    Raises
    ------
    ExtractError
        The file is no workbook, damaged, locked, too large, a bomb, or holds no such sheet.
    """
    parts = Parts(path, name=name)
    listed, from_1904 = _list_sheets(parts)
    sheets = {one.name: read_sheet(parts, one.part) for one in listed if one.is_table}
    chosen, notes = _choose(listed, sheets, name)
    formats = read_formats(parts, from_1904=from_1904)
    reader = _Reader(name, sheets[chosen.name], read_shared_texts(parts), formats)
    grid = reader.grid(notes + parts.notes())
    whole = parts.unwanted() + _other_sheets(chosen, listed, sheets, name)
    whole += _persons_in_notes(sheets, reader, name) if chosen.name != NOTES else []
    return replace(grid, faults=whole + grid.faults)


def _list_sheets(parts: Parts) -> tuple[list[_Listed], bool]:
    """The sheets in their order, and whether days count from 1904."""
    targets: dict[str, tuple[str, bool]] = {}
    given_sheets: list[Attributes] = []
    from_1904 = []

    def relation(name: str, given: Attributes) -> None:
        if name == "Relationship":
            is_table = given.get("Type", "").endswith("/worksheet")
            targets[given.get("Id", "")] = (sheet_path(given.get("Target", "")), is_table)

    def sheet(name: str, given: Attributes) -> None:
        if name == "sheet":
            given_sheets.append(given)
        elif name == "workbookPr":
            from_1904.append(given.get("date1904") in TRUE)

    parts.walk("xl/workbook.xml", sheet)
    parts.walk("xl/_rels/workbook.xml.rels", relation)
    listed = []
    for given in given_sheets:
        part, is_table = targets.get(given.get("id", ""), ("", False))
        hidden = given.get("state", "visible") != "visible"
        listed.append(_Listed(given.get("name", ""), part, hidden, is_table))
    tables = [one.part for one in listed if one.is_table]
    names = {one.name.casefold() for one in listed}
    if len(names) < len(listed) or len(set(tables)) < len(tables):
        raise refused(parts.name, "a sheet is listed twice", "save it again in Excel", "damaged")
    return listed, any(from_1904)


def _choose(
    listed: list[_Listed], sheets: dict[str, Worksheet], name: str
) -> tuple[_Listed, list[str]]:
    tables = [one for one in listed if one.is_table]
    for one in tables:
        if one.name.strip().casefold() == SHEET.casefold():
            return one, []
    filled = [one for one in tables if sheets[one.name].cells and one.name != NOTES]
    if len(filled) == 1:
        note = f'{name}: no sheet is called "{SHEET}"; read {filled[0].called}'
        return filled[0], [note]
    found = ", ".join(one.called for one in listed[:20]) or "no sheet"
    todo = f'call the sheet with the figures "{SHEET}", or fill in the template'
    raise refused(name, f"the sheets {found}", todo, "no-return-sheet")


def _other_sheets(
    chosen: _Listed, listed: list[_Listed], sheets: dict[str, Worksheet], name: str
) -> list[CellFault]:
    faults = []
    for one in listed:
        filled = not one.is_table or bool(sheets[one.name].cells)
        if one == chosen and one.hidden:
            found, todo = f"the sheet {one.called} is hidden", "show it and look at it"
            faults.append(cell_fault(name, "hidden-sheet", found, todo=todo))
        elif one != chosen and filled and (one.hidden or one.name != NOTES):
            kind = "a hidden sheet" if one.hidden else "another sheet with something on it"
            found, todo = f"{kind}: {one.called}", f'only "{SHEET}" is read; delete the other'
            faults.append(cell_fault(name, "other-sheet", found, todo=todo))
    return faults


def _persons_in_notes(sheets: dict[str, Worksheet], reader: _Reader, name: str) -> list[CellFault]:
    """Numbers of persons in the sheet that is not read; it is kept with the file all the same."""
    notes = sheets.get(NOTES, Worksheet())
    found = ((row, personal_kind(reader.plain_text(c))) for (row, _), c in notes.cells.items())
    return [
        personal_fault(name, row, f"sheet {NOTES}", kind)
        for row, kind in found
        if kind in NUMBERS_OF_PERSONS
    ]


class _Reader:
    """Turns a worksheet into rows of text, and keeps what is wrong with it."""

    def __init__(self, name: str, sheet: Worksheet, texts: list[str], formats: Formats) -> None:
        self.name, self.sheet, self.texts, self.formats = name, sheet, texts, formats
        self.faults: list[CellFault] = []
        self.headings: dict[int, str] = {}
        self._alike: dict[str, int] = {}

    def grid(self, notes: list[str]) -> Grid:
        """The table, whose faults are those of its cells and of the sheet."""
        rows: dict[int, dict[int, Cell]] = {}
        for (row, column), cell in self.sheet.cells.items():
            rows.setdefault(row, {})[column] = cell
        self.headings = self._find_headings(rows)
        width = max(self.headings, default=1)
        records = [self._record(row, cells, width) for row, cells in rows.items()]
        for reference in self.sheet.merged:
            place = place_of(reference.split(":")[0]) or (0, 0)
            self._fault(*place, f"merged cells {reference[:20]!r}", "unmerge them", "merged-cells")
        self._blame_hidden(rows)
        grid = arrange(records, list(rows), name=self.name, notes=notes)
        return replace(grid, faults=[*self.faults, *grid.faults])

    def _find_headings(self, rows: dict[int, dict[int, Cell]]) -> dict[int, str]:
        """The texts of the first row with most known headings, by column."""
        found: dict[int, str] = {}
        for cells in islice(rows.values(), ROWS_LOOKED_AT):
            texts = {column: self.plain_text(cell) for column, cell in cells.items()}
            if not found or known_among(texts.values()) > known_among(found.values()):
                found = {column: text for column, text in texts.items() if text.strip()}
        return found

    def _record(self, row: int, cells: dict[int, Cell], width: int) -> list[str]:
        record = [""] * width
        for column, cell in cells.items():
            text = self._text(row, column, cell)
            if column <= width:
                record[column - 1] = text
            elif kind := personal_kind(text):
                self.faults.append(
                    personal_fault(self.name, row, f"column {letters(column)}", kind)
                )
            elif text.strip():
                todo = "clear it, or put it in its column"
                self._fault(row, column, "something right of the table", todo, "outside-the-table")
        return record

    def _text(self, row: int, column: int, cell: Cell) -> str:
        """What a cell says, as Excel shows it; a formula as it is typed."""
        if cell.formula is not None:
            return f"={' '.join(cell.formula.split())[:LONGEST_FORMULA]}"
        if cell.kind == "n":
            heading = known_as(self.headings.get(column, ""))
            return as_shown(cell.text, cell.style, self.formats, heading=heading)
        if cell.kind == "b":
            return "FALSE" if cell.text == "0" else "TRUE"
        if cell.kind == "e":
            return cell.text if cell.text.startswith("#") else "#VALUE!"
        if cell.kind == "d" or cell.kind in ("str", "inlineStr") or self._is_shared(cell):
            return self.plain_text(cell)
        self._fault(row, column, "a damaged cell", "type it again", "damaged")
        return ""

    def _is_shared(self, cell: Cell) -> bool:
        is_place = cell.kind == "s" and re.fullmatch("[0-9]{1,9}", cell.text)
        return bool(is_place) and int(cell.text) < len(self.texts)

    def plain_text(self, cell: Cell) -> str:
        """The text of a cell as it stands, shared or its own."""
        return self.texts[int(cell.text)] if self._is_shared(cell) else cell.text

    def _blame_hidden(self, rows: dict[int, dict[int, Cell]]) -> None:
        todo = "show what is hidden and look at it; clear the filter if there is one"
        self.faults += [
            cell_fault(self.name, "hidden-row", "a hidden row", row=row, todo=todo)
            for row in islice((r for r in rows if r in self.sheet.hidden_rows), MOST_FAULTS_ALIKE)
        ]
        for column in sorted({column for cells in rows.values() for column in cells}):
            if self.sheet.hides_column(column):
                self._fault(min(rows), column, "a hidden column", todo, "hidden-column")

    def _fault(self, row: int, column: int, found: str, todo: str, rule: str) -> None:
        self._alike[rule] = self._alike.get(rule, 0) + 1
        if self._alike[rule] > MOST_FAULTS_ALIKE:
            return
        called = known_as(self.headings.get(column, "")) or f"column {letters(column)}"
        self.faults.append(cell_fault(self.name, rule, found, row=row, column=called, todo=todo))

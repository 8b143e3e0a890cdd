"""The rows of a published workbook, read as it comes: a national table has many thousands.

The checks against hostile archives and XML are those of the council's returns. What those
forms must not have (other sheets, hidden rows, unusual formats) is nobody's fault here, and
no cell holds data about a person, so that far less is looked at and a large sheet takes
seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from lbbd_jsna.errors import ExtractError, Fault
from lbbd_jsna.sources.csv_files import shown
from lbbd_jsna.sources.returns.workbook_parts import Attributes, Parts, sheet_path
from lbbd_jsna.sources.returns.workbook_sheet import place_of, read_shared_texts, unescaped

MOST_ROWS, MOST_COLUMNS = 100_000, 300
ROWS_LOOKED_AT = 20
_LETTERS = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")

Records = list[tuple[int, list[str]]]


def read_workbook_rows(
    path: Path, *, name: str, is_heading: Callable[[Sequence[str]], bool]
) -> tuple[Records, list[str]]:
    """Read the one sheet whose headings are those wanted.

    Parameters
    ----------
    path : Path
        An .xlsx file, of whatever content.
    name : str
        What to call it in messages.
    is_heading : callable
        Says of the cells of a row whether they are the headings.

    Returns
    -------
    list of (int, list of str), list of str
        Each row that is not empty, with its number as Excel counts; numbers with all their
        digits. A cell with a formula is given as the formula, which is no figure. Then notes.

    Raises
    ------
    ExtractError
        The file is no workbook, damaged, locked, too large or a bomb; no sheet has such
        headings, or more than one.
    """
    parts = Parts(path, name=name)
    texts = read_shared_texts(parts)
    listed = _sheets(parts)
    found = {}
    for sheet, part in listed:
        rows = _Rows(name, sheet, texts)
        parts.walk(part, rows.begin, text=rows.text)
        records = rows.finish()
        if any(is_heading(cells) for _, cells in records[:ROWS_LOOKED_AT]):
            found[sheet] = records
    if len(found) == 1:
        return next(iter(found.values())), parts.notes()
    what = f"{len(found)} sheets" if found else "no sheet"
    names = ", ".join(shown(sheet) for sheet, _ in listed[:MOST_COLUMNS]) or "none"
    said = f"{what} with a column of area codes (sheets: {names})"
    fault = Fault(name, said, "one sheet", "delete the others, or save the one as CSV UTF-8")
    raise ExtractError(f"{name} cannot be used", [fault])


def _sheets(parts: Parts) -> list[tuple[str, str]]:
    """The worksheets of a workbook: their names, and where they lie in the archive."""
    targets: dict[str, str] = {}
    given_sheets: list[Attributes] = []

    def relation(element: str, given: Attributes) -> None:
        if element == "Relationship" and given.get("Type", "").endswith("/worksheet"):
            targets[given.get("Id", "")] = sheet_path(given.get("Target", ""))

    def sheet(element: str, given: Attributes) -> None:
        if element == "sheet":
            given_sheets.append(given)

    parts.walk("xl/workbook.xml", sheet)
    parts.walk("xl/_rels/workbook.xml.rels", relation)
    return [
        (given.get("name", ""), targets[given["id"]])
        for given in given_sheets
        if given.get("id") in targets
    ]


class _Rows:
    """Gathers the rows of a sheet from its elements as they begin.

    A cell ends where the next begins, so that nobody need be told of the ends of half a
    million elements.
    """

    def __init__(self, name: str, sheet: str, texts: list[str]) -> None:
        self.name, self.sheet, self.texts = name, sheet, texts
        self.records: Records = []
        self._columns: dict[str, int] = {}
        self._row, self._cells = 0, []
        self._column, self._kind = 0, ""
        self._inside, self._pieces = "", []
        self._formula = self._spoken = False

    def begin(self, element: str, given: Attributes) -> None:
        """An element begins."""
        self._inside = element
        if element == "c":
            self._end_cell()
            self._column = self._place(given.get("r", ""))
            self._kind = given.get("t", "n")
        elif element == "row":
            self._end_row()
            self._row = self._number(given)
        elif element == "f":
            self._formula = True
        elif element == "rPh":
            self._spoken = True

    def text(self, said: str) -> None:
        """Text comes; that of a formula and of a cell's figure are kept together."""
        if self._inside in ("v", "t", "f") and not self._spoken:
            self._pieces.append(said)

    def finish(self) -> Records:
        """Every row that is not empty."""
        self._end_row()
        return self.records

    def _end_row(self) -> None:
        self._end_cell()
        if any(self._cells):
            self.records.append((self._row, self._cells))
        self._cells, self._column = [], 0
        if len(self.records) > MOST_ROWS:
            raise self._refused(f"more than {MOST_ROWS:,} rows", "ask for fewer areas")

    def _end_cell(self) -> None:
        if self._pieces and self._column:
            said = "".join(self._pieces).strip()
            empty = self._column - 1 - len(self._cells)
            self._cells += [""] * empty
            self._cells.append(self._value(said))
        self._pieces, self._formula, self._spoken = [], False, False

    def _value(self, said: str) -> str:
        if self._formula:
            return f"={said}"
        if self._kind != "s":
            return unescaped(said) if self._kind in ("str", "inlineStr") else said
        if re.fullmatch("[0-9]{1,9}", said) and int(said) < len(self.texts):
            return self.texts[int(said)]
        raise self._refused(f"a damaged cell in row {self._row}", "fetch it again")

    def _place(self, reference: str) -> int:
        """The column of a cell, from 1; columns only go up within a row."""
        match = _LETTERS.fullmatch(reference)
        column = self._column + 1 if not reference else 0
        if match:
            column = self._columns.get(match[1]) or (place_of(reference) or (0, 0))[1]
            self._columns[match[1]] = column
        if not len(self._cells) < column <= MOST_COLUMNS:
            raise self._refused(f"a cell of row {self._row} is out of its place", "fetch it again")
        return column

    def _number(self, given: Attributes) -> int:
        said = given.get("r", str(self._row + 1))
        if not re.fullmatch("[0-9]{1,7}", said) or int(said) <= self._row:
            raise self._refused(f"row {said[:9]!r} after row {self._row}", "fetch it again")
        return int(said)

    def _refused(self, found: str, todo: str) -> ExtractError:
        where = f"{self.name}, sheet {shown(self.sheet)}"
        return ExtractError(f"{self.name} cannot be read", [Fault(where, found, todo=todo)])

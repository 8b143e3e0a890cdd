"""A worksheet as its XML has it: every cell, with what is usually not seen of it.

Formulas, merged cells and what is hidden are read together with the values, by one reader.
Libraries made for speed show none of them, drop parts of unusual text, and stop the whole
program at a worksheet whose stated size is a lie.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lbbd_jsna.errors import ExtractError
from lbbd_jsna.sources.returns.sheet import MOST_FAULTS_ALIKE
from lbbd_jsna.sources.returns.workbook_parts import Attributes, Parts, refused

MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 200_000, 200, 1_000_000
# What Excel itself allows in a cell, and columns in a sheet.
LONGEST_TEXT, EXCEL_COLUMNS = 32_767, 16_384
DAMAGED = "open it in Excel, save it again and send that"
TRUE = ("1", "true", "on")
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
# Excel writes a control character as _x000D_, and _x005F_ for an underscore before such.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass
class Cell:
    """A cell with something in it.

    Parameters
    ----------
    kind : str
        `n` number, `s` shared text, `str`, `inlineStr`, `b` yes or no, `e` error, `d` date.
    style : int
        Which of the workbook's cell styles it has.
    formula : str or None
        Its formula without the sign, empty where another cell holds it; None without one.
    text : str
        What it holds: the number's digits, the place of shared text, the text itself.
    """

    kind: str
    style: int
    formula: str | None = None
    text: str = ""


@dataclass
class Worksheet:
    """A worksheet: its cells by row and column, both from 1, and what is done to them."""

    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)

    def hides_column(self, column: int) -> bool:
        """Whether a column, counted from 1, is hidden."""
        return any(first <= column <= last for first, last in self.hidden_columns)


def read_sheet(parts: Parts, part: str) -> Worksheet:
    """Read a worksheet.

    Parameters
    ----------
    parts : Parts
    part : str
        Its path in the archive: `xl/worksheets/sheet1.xml`.

    Raises
    ------
    ExtractError
        The XML is damaged, its cells are not in order, or there are too many of them.
    """
    reader = _SheetReader(parts.name)
    parts.walk(part, reader.begin, end=reader.end, text=reader.text)
    return reader.sheet


def read_shared_texts(parts: Parts) -> list[str]:
    """The texts that cells share by number, without the hints on how to say them."""
    part = "xl/sharedStrings.xml"
    texts: list[list[str]] = []
    path: list[str] = []

    def begin(name: str, _: Attributes) -> None:
        path.append(name)
        if name == "si":
            texts.append([])
        if len(texts) > MOST_CELLS:
            raise refused(parts.name, f"more than {MOST_CELLS:,} texts", "send less", "too-large")

    def text(said: str) -> None:
        if path[-1] == "t" and "rPh" not in path and texts:
            texts[-1].append(said)

    if part in parts:
        parts.walk(part, begin, end=lambda _: path.pop(), text=text)
    return [unescaped("".join(pieces)) for pieces in texts]


def unescaped(text: str) -> str:
    """Excel's `_x000D_` back to the character it stands for."""

    def character(match: re.Match) -> str:
        code = int(match[1], 16)
        return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)

    return _ESCAPED.sub(character, text)


def place_of(reference: str) -> tuple[int, int] | None:
    """`C12` to (12, 3); None when it is no cell."""
    match = _PLACE.fullmatch(reference)
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def letters(column: int) -> str:
    """3 to `C`, as Excel heads its columns."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


class _SheetReader:
    """Fills a `Worksheet` from the elements of a worksheet as they come."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sheet = Worksheet()
        self._row, self._column, self._length = 0, 0, 0
        self._cell: Cell | None = None
        self._path: list[str] = []

    def begin(self, name: str, given: Attributes) -> None:
        self._path.append(name)
        if name == "c":
            self._begin_cell(given)
        elif name == "f" and self._cell is not None:
            self._cell.formula = ""
        elif name == "row":
            self._begin_row(given)
        elif name == "mergeCell" and len(self.sheet.merged) <= MOST_FAULTS_ALIKE:
            self.sheet.merged.append(given.get("ref", ""))
        elif name == "col" and (given.get("hidden") in TRUE or _is_nothing(given.get("width"))):
            first = self._number(given.get("min"))
            if len(self.sheet.hidden_columns) >= EXCEL_COLUMNS:
                raise self._damaged("more columns than Excel has")
            self.sheet.hidden_columns.append((first, self._number(given.get("max"))))

    def text(self, text: str) -> None:
        if self._cell is None:
            return
        self._length += len(text)
        if self._length > LONGEST_TEXT:
            raise self._damaged(f"a cell of row {self._row} holds more than Excel allows")
        if self._path[-1] == "f":
            self._cell.formula += text
        elif self._path[-1] == "v" or (self._path[-1] == "t" and "rPh" not in self._path):
            self._cell.text += text

    def end(self, name: str) -> None:
        self._path.pop()
        if name != "c" or self._cell is None:
            return
        cell, self._cell = self._cell, None
        if cell.kind in ("str", "inlineStr"):
            cell.text = unescaped(cell.text)
        if cell.text or cell.formula is not None:
            self._keep(cell)

    def _begin_row(self, given: Attributes) -> None:
        row = self._number(given["r"]) if "r" in given else self._row + 1
        if row <= self._row:
            raise self._damaged(f"row {row} comes after row {self._row}")
        self._row, self._column = row, 0
        if given.get("hidden") in TRUE or _is_nothing(given.get("ht")):
            self.sheet.hidden_rows.add(row)

    def _begin_cell(self, given: Attributes) -> None:
        place = place_of(given["r"]) if "r" in given else (self._row, self._column + 1)
        if place is None or place[0] != self._row or place[1] <= self._column or self._cell:
            raise self._damaged(f"a cell of row {self._row} is out of its place")
        self._column, self._length = place[1], 0
        self._cell = Cell(given.get("t", "n"), self._number(given.get("s", "0")))

    def _keep(self, cell: Cell) -> None:
        if self._row > MOST_ROWS or self._column > MOST_COLUMNS:
            raise refused(
                self.name,
                f"something in cell {letters(self._column)}{self._row}",
                f"at most {MOST_ROWS:,} rows and {MOST_COLUMNS} columns are read; clear the rest",
                "too-large",
            )
        if len(self.sheet.cells) >= MOST_CELLS:
            raise refused(self.name, f"more than {MOST_CELLS:,} cells", "send less", "too-large")
        self.sheet.cells[self._row, self._column] = cell

    def _number(self, text: str | None) -> int:
        if text is None or not re.fullmatch("[0-9]{1,9}", text):
            raise self._damaged("a row, column or style without its number")
        return int(text)

    def _damaged(self, found: str) -> ExtractError:
        return refused(self.name, f"a damaged worksheet: {found}", DAMAGED, "damaged")


def _is_nothing(size: str | None) -> bool:
    """Whether a height or width is given as 0."""
    return bool(size) and re.fullmatch(r"0+(\.0*)?", size) is not None

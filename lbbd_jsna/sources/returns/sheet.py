"""A return by columns: each different text once, and which text stands in which row.

A return repeats itself: a few indicators, areas and periods in many rows. Rules that judge a
text judge each different text once, and the rows are looked up only for those at fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lbbd_jsna.sources.returns.grid import MOST_FAULTS_ALIKE, Alike, CellFault, cell_fault

__all__ = ["MOST_FAULTS_ALIKE", "Column", "Finding", "Sheet", "joined"]


@dataclass(frozen=True)
class Finding:
    """What is wrong with a text: a rule, and the words of a fault (see `grid.cell_fault`)."""

    rule: str
    found: str
    expected: str = ""
    todo: str = ""


@dataclass(frozen=True)
class Column:
    """One column: its different texts, and for each row the place of its text among them."""

    texts: list[str]
    codes: np.ndarray

    @classmethod
    def of(cls, cells: Sequence[str]) -> Column:
        """Make a column of its cells, one a row."""
        places: dict[str, int] = {}
        for place, text in enumerate(dict.fromkeys(cells)):
            places[text] = place
        codes = np.fromiter(map(places.__getitem__, cells), dtype=np.int32, count=len(cells))
        return cls(list(places), codes)

    def changed(self, texts: Sequence[str]) -> Column:
        """The same rows with each different text replaced; equal ones become one."""
        once = Column.of(texts)
        return Column(once.texts, once.codes[self.codes])

    def rows_where(self, wanted: Iterable[int]) -> np.ndarray:
        """The rows whose text is among some places, in order."""
        hit = np.zeros(len(self.texts) + 1, dtype=bool)
        hit[list(wanted)] = True
        return np.flatnonzero(hit[self.codes])

    def each(self, judge: Callable[[str], object], dtype: type) -> np.ndarray:
        """What `judge` says of the text of each row."""
        said = np.array([judge(text) for text in self.texts], dtype=dtype)
        return said[self.codes] if len(self.texts) else np.empty(0, dtype=dtype)


def joined(parts: Iterable[tuple[np.ndarray, int]]) -> np.ndarray:
    """One whole number for each row, the same in two rows where every part is the same.

    Parameters
    ----------
    parts : iterable of (ndarray of int, int)
        A number from 0 for each row, and how many different ones there are at the most.
    """
    key, room = np.zeros(0, dtype=np.int64), 0
    for numbers, most in parts:
        if not room:
            key, room = numbers.astype(np.int64), max(most, 1)
            continue
        if room > 2**62 // max(most, 1):
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            room = len(key)
        key, room = key * most + numbers, room * max(most, 1)
    return key


@dataclass
class Sheet:
    """Every column of a return, and what was found wrong with its cells so far.

    Parameters
    ----------
    name : str
        The file, for messages.
    columns : dict of str to Column
        By heading; only headings that are known.
    lines : ndarray of int
        The line of each row in the file.
    comma_decimal : bool
        Whether a comma in a value may have been meant as a decimal point, as it may where
        cells are parted by semicolons.
    """

    name: str
    columns: dict[str, Column]
    lines: np.ndarray
    comma_decimal: bool = False
    notes: list[str] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)
    wrong: dict[str, np.ndarray] = field(default_factory=dict)
    left_out: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=bool))
    lost_rows: int = 0
    alike: Alike = field(default_factory=Alike)

    def __post_init__(self) -> None:
        self.left_out = np.zeros(len(self.lines), dtype=bool)
        self.wrong = {heading: np.zeros(len(self.lines), dtype=bool) for heading in self.columns}

    def text(self, row: int, heading: str) -> str:
        """The cell of a row."""
        column = self.columns[heading]
        return column.texts[column.codes[row]]

    def blame(self, row: int, heading: str, finding: Finding, *, value: str | None = None) -> None:
        """Set down a fault in a cell, once a cell; of very many alike only the first 500."""
        if heading:
            if self.wrong[heading][row]:
                return
            self.wrong[heading][row] = True
        if not self.alike.is_told(finding.rule, heading):
            return
        said = value if value is not None else self.text(row, heading) if heading else ""
        self.faults.append(
            cell_fault(
                self.name, finding.rule, finding.found, row=int(self.lines[row]), column=heading,
                value=said, expected=finding.expected, todo=finding.todo,
            )
        )  # fmt: skip

    def blame_row(self, row: int, fault: Callable[[int], CellFault], heading: str = "") -> None:
        """Set down a fault made by a function of the row's line; of very many only 500."""
        made = fault(int(self.lines[row]))
        if self.alike.is_told(made.rule, heading):
            self.faults.append(made)

    def blame_texts(self, heading: str, findings: Mapping[int, Finding]) -> None:
        """Set down a fault in every cell of a column whose text, by its place, is wrong."""
        if not findings:
            return
        column = self.columns[heading]
        for row in column.rows_where(findings):
            if not self.left_out[row]:
                self.blame(int(row), heading, findings[int(column.codes[row])])

    def sound(self, *headings: str) -> np.ndarray:
        """Which rows have no fault in these columns and are not left out."""
        good = ~self.left_out
        for heading in headings:
            good &= ~self.wrong[heading]
        return good

    def all_faults(self, order: Sequence[str]) -> list[CellFault]:
        """Every fault, row by row, column by column; then how many were not said."""
        places = {heading: place for place, heading in enumerate(order)}
        ordered = sorted(self.faults, key=lambda f: (f.row, places.get(f.column, -1)))
        return ordered + self.alike.rest(self.name)

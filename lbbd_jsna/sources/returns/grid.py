"""A return as a grid of text, and a fault in one of its cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lbbd_jsna.errors import Fault
from lbbd_jsna.sources.csv_files import MOST_SHOWN, shown
from lbbd_jsna.sources.returns.personal import LONGEST, personal_kind

# What stands in a message in place of a cell that may hold data about a person.
HIDDEN = "a value that is not shown"
# So many rows of one kind are named; a column that is wrong throughout says so in few words.
MOST_ROWS_NAMED = 10
# A column that is wrong throughout need not be said a million times.
MOST_FAULTS_ALIKE = 500


@dataclass(frozen=True)
class CellFault(Fault):
    """A fault with its place taken apart, for machines.

    Parameters
    ----------
    file : str
        The name the file is called by in messages.
    row : int
        As an editor or Excel counts, from 1; 0 for the whole file.
    column : str
        The heading, or empty for a whole row.
    value : str
        The cell as it stands, at most 40 characters; always empty where it may hold
        personal data.
    rule : str
        A short name that does not change: `decimal-comma`, `old-ward-code`.
    """

    file: str = ""
    row: int = 0
    column: str = ""
    value: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Grid:
    """The cells of a return before any rule on figures.

    Parameters
    ----------
    heading : list of str
        The first row, tidied.
    rows : list of list of str
        The rows under it, each as wide as the heading; blank rows left out.
    lines : list of int
        Where each row stands in the file, the heading being row 1 or later.
    notes : list of str
        Each repair that was made, with its row.
    faults : list of CellFault
        What is already wrong: a short row, a merged cell, a formula.
    """

    heading: list[str]
    rows: list[list[str]]
    lines: list[int]
    notes: list[str] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)


def cell_fault(
    name: str,
    rule: str,
    found: str,
    *,
    row: int = 0,
    column: str = "",
    value: str = "",
    expected: str = "",
    todo: str = "",
) -> CellFault:
    """Make a fault that never repeats data about a person.

    Parameters
    ----------
    name : str
        The file, for messages.
    rule : str
        As `CellFault.rule`.
    found : str
        In words; `{value}` stands for the cell, quoted and cut to 40 characters, or for
        `HIDDEN` where it may hold data about a person.
    value : str
        The cell as it stands.
    """
    hide = len(value) > LONGEST or bool(personal_kind(value))
    where = [name] + [f"row {row}"] * bool(row) + [column] * bool(column)
    return CellFault(
        where=", ".join(where),
        found=found.replace("{value}", HIDDEN if hide else shown(value)),
        expected=expected,
        todo=todo,
        file=name,
        row=row,
        column=column,
        value="" if hide else value[:MOST_SHOWN],
        rule=rule,
    )


def rows_named(rows: Iterable[int]) -> str:
    """`row 5`, `rows 5, 7 and 9`, or the first ten and how many more."""
    numbers: Sequence[int] = list(rows)
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    named, more = numbers[:MOST_ROWS_NAMED], len(numbers) - MOST_ROWS_NAMED
    if more > 0:
        return f"rows {', '.join(map(str, named))} and {more:,} more"
    return f"rows {', '.join(map(str, named[:-1]))} and {named[-1]}"


class Alike:
    """Counts faults of one rule in one column, of which only the first 500 are set down."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}

    def is_told(self, rule: str, column: str = "") -> bool:
        """Count one more; whether it is to be set down."""
        key = (rule, column)
        self._counts[key] = self._counts.get(key, 0) + 1
        return self._counts[key] <= MOST_FAULTS_ALIKE

    def rest(self, name: str) -> list[CellFault]:
        """A fault for each rule and column that says how many more there are."""
        return [
            cell_fault(name, rule, f"{count - MOST_FAULTS_ALIKE:,} more like those that are named",
                       column=column)
            for (rule, column), count in self._counts.items()
            if count > MOST_FAULTS_ALIKE
        ]  # fmt: skip

"""The rows of a Nomis file, and which of them are those of a value that is wanted."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lbbd_jsna.errors import CatalogueError, ExtractError, Fault
from lbbd_jsna.periods import MONTHS
from lbbd_jsna.sources.csv_files import is_number, name_fault, number, read_records, shown, tidy

CODE, NAME, VALUE = "GEOGRAPHY_CODE", "GEOGRAPHY_NAME", "OBS_VALUE"
PERIODS = ("DATE_NAME", "DATE")
NORMAL = ("", "a", "normal value")
# What stands in a value's place, in words that `value_notes` knows.
SYMBOLS = {
    "": "", ":": "not available", "..": "not available", "-": "not available",
    "x": "not available", "z": "not applicable", "c": "confidential", "*": "suppressed",
    "!": "suppressed", "u": "not available: unreliable",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row of a Nomis file: its line, and its cells by heading in capitals."""

    line: int
    cells: Mapping[str, str]

    @property
    def period(self) -> str:
        """As published: `October 2026`, `2021`; `2026-10` alone is written `Oct 2026`."""
        said = next((self.cells[name] for name in PERIODS if self.cells.get(name)), "")
        month = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", said)
        return f"{MONTHS[int(month[2]) - 1].capitalize()} {month[1]}" if month else said


@dataclass(frozen=True)
class Choice:
    """The values of one dimension that are wanted, by code, by words of their names or both.

    `codes` and `words` are of one length where both are given; a row of a code must then be
    called by its words.
    """

    column: str
    codes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def values(self) -> range:
        """One number for each value wanted."""
        return range(max(len(self.codes), len(self.words)))


def read_rows(text: str, *, name: str) -> Iterator[Row]:
    """Yield the rows of a Nomis file.

    Raises
    ------
    ExtractError
        No header, a heading twice or missing, or rows of another length than the header:
        all of them together.
    """
    records = read_records(text, name=name)
    heading = [tidy(cell).upper() for cell in next(records, (1, []))[1]]
    faults = [
        Fault(f"{name}, row 1", f"there is no column {wanted}", todo="fetch it again")
        for wanted in (CODE, VALUE)
        if wanted not in heading
    ]
    if not any(wanted in heading for wanted in PERIODS):
        faults.append(Fault(f"{name}, row 1", "there is no column DATE_NAME", "DATE_NAME or DATE"))
    faults += [
        Fault(f"{name}, row 1", f"the heading {shown(cell)} stands there more than once")
        for cell in sorted({cell for cell in heading if heading.count(cell) > 1})
    ]
    rows = []
    for line, cells in records:
        if len(cells) == len(heading):
            plain = map(tidy, cells)
            rows.append(Row(line, dict(zip(heading, plain, strict=True))))
        else:
            found = f"{len(cells)} values under {len(heading)} headings"
            todo = "the row is cut off or a comma is not quoted; fetch the file again"
            faults.append(Fault(f"{name}, row {line}", found, todo=todo))
    if faults:
        raise ExtractError(f"{name} cannot be read", faults)
    yield from rows


def choices(picked: Mapping[str, str] | str) -> list[Choice]:
    """What `pick`, or a part of `columns` in the same words, chooses.

    Parameters
    ----------
    picked : mapping of str to str, or str
        `{"MEASURE": "1"}` or `"MEASURE=1; MEASURE_NAME=claimant count"`; a bar between
        values that are added up.

    Returns
    -------
    list of Choice
        One for each dimension.

    Raises
    ------
    CatalogueError
        Codes and names are not of one number.
    """
    if isinstance(picked, str):
        parts = (part.partition("=") for part in picked.split(";"))
        picked = {column.strip(): values for column, _, values in parts}
    columns = {column.upper(): _listed(values) for column, values in picked.items()}
    stems = dict.fromkeys(column.removesuffix("_NAME") for column in columns)
    for stem in stems:
        codes, words = (columns.get(name, ()) for name in (stem, f"{stem}_NAME"))
        if codes and words and len(codes) != len(words):
            raise CatalogueError(f"{stem}: {len(codes)} codes are picked and {len(words)} names")
    return [
        Choice(
            stem,
            columns.get(stem, ()),
            tuple(words.casefold() for words in columns.get(f"{stem}_NAME", ())),
        )
        for stem in stems
    ]


def _listed(values: str) -> tuple[str, ...]:
    return tuple(tidy(value) for value in values.split("|"))


def text_faults(rows: Iterable[Row], name: str) -> list[Fault]:
    """Values that are neither numbers nor signs for a missing one, and names that are none."""
    faults = []
    for row in rows:
        where = f"{name}, row {row.line}"
        value, place = row.cells[VALUE], row.cells.get(NAME, "")
        if not is_number(value) and value.casefold() not in SYMBOLS:
            todo = "fetch it again"
            faults.append(
                Fault(f"{where}, {VALUE}", f"{shown(value)} is not a number", "digits", todo)
            )
        if name_fault(place):
            faults.append(Fault(f"{where}, {NAME}", f"{name_fault(place)}: {shown(place)}"))
    return faults


def value_of(row: Row, choice: Choice) -> int:
    """Which of the values wanted a row is, or -1."""
    code = row.cells.get(choice.column) if choice.codes else None
    if code is not None:
        return choice.codes.index(code) if code in choice.codes else -1
    said = row.cells.get(f"{choice.column}_NAME", "").casefold()
    # "Level 4 or above, such as NVQ level 4 to 5": what stands first is meant.
    found = [(said.index(words), i) for i, words in enumerate(choice.words) if words in said]
    return min(found, default=(0, -1))[1]


def figure(row: Row) -> float:
    """The value of a row; nan where it has none."""
    text = row.cells[VALUE]
    return number(text) if is_number(text) else math.nan


def note(row: Row) -> str:
    """The publisher's words on a value, or on a blank."""
    for column in ("OBS_STATUS_NAME", "OBS_STATUS"):
        said = row.cells.get(column, "")
        if said.casefold() not in NORMAL:
            return said
    return SYMBOLS.get(row.cells[VALUE].casefold(), "")

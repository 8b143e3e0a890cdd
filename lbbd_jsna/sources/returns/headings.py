"""The headings of a return: which they are, and under which guises they are known."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lbbd_jsna.errors import nearest
from lbbd_jsna.sources.returns.grid import CellFault, cell_fault
from lbbd_jsna.sources.returns.personal import is_personal_heading, personal_kind

COLUMNS = (
    "indicator",
    "area_code",
    "area_name",
    "period",
    "numerator",
    "denominator",
    "value",
    "note",
)
LISTED = ", ".join(COLUMNS)
# Fewer known headings than this, and a row is no heading but a title or figures.
FEWEST = 3
_SQUASHED = {column.replace("_", ""): column for column in COLUMNS}
# With all the spaces that a heading may be padded with.
_LONGEST = 60
_DIGIT = re.compile("[0-9]")
_BETWEEN = re.compile(r"[\s_\-.\u00a0\u200b-\u200d\u2060\ufeff\u00ad]+")


def known_as(text: str) -> str:
    """A heading as `COLUMNS` has it, whatever its case, spaces and underscores; or empty."""
    if not 4 <= len(text) <= _LONGEST or _DIGIT.search(text):
        return ""
    return _SQUASHED.get(_BETWEEN.sub("", text).lower(), "")


def known_among(texts: Iterable[str]) -> int:
    """How many different headings of `COLUMNS` are among some texts."""
    return len({known_as(text) for text in texts} - {""})


def read_heading(
    cells: list[str], *, name: str, row: int
) -> tuple[list[str], list[str], list[CellFault]]:
    """Read the row of headings.

    Parameters
    ----------
    cells : list of str
        As they stand, without blank ones at the end.
    name, row : str, int
        The file and the row, for messages.

    Returns
    -------
    list of str, list of str, list of CellFault
        The heading of each column: one of `COLUMNS`, or empty where it is not known or comes
        again. Then notes, then faults.
    """
    if known_among(cells) < FEWEST:
        return [""] * len(cells), [], [_no_heading(cells, name, row)]
    heading: list[str] = []
    notes, faults = [], []
    for place, cell in enumerate(cells, start=1):
        column = known_as(cell)
        if column and column not in heading:
            heading.append(column)
            if cell != column:
                notes.append(f"{name}, row {row}: the heading {cell[:40]!r} is read as {column}")
        else:
            heading.append("")
            faults.append(_unwanted(cell, column, place, heading, name, row, cells))
    faults += [
        cell_fault(
            name, "column-missing", f'there is no column "{column}"',
            row=row, column=column, expected=LISTED,
        )
        for column in COLUMNS
        if column not in heading
    ]  # fmt: skip
    return heading, notes, faults


def _no_heading(cells: list[str], name: str, row: int) -> CellFault:
    return cell_fault(
        name,
        "no-heading",
        "the first row is {value}, not the headings",
        row=row,
        value=next((cell for cell in cells if cell.strip()), ""),
        expected=LISTED,
        todo="put the headings of the template in the first row",
    )


def _unwanted(
    cell: str, column: str, place: int, heading: list[str], name: str, row: int, cells: list[str]
) -> CellFault:
    """A heading that comes again, announces data about persons, is blank or is not known."""
    if column:
        return cell_fault(
            name, "column-twice", f"the column {column} comes twice, the second time in place "
            f"{place}", row=row, column=column, value=cell, todo="keep the right one",
        )  # fmt: skip
    plain = _BETWEEN.sub("_", cell.strip().lower()).strip("_:")
    if _is_personal(cell, plain, cells):
        return cell_fault(
            name, "personal-column", "a column of data about persons, {value}",
            row=row, column=f"column {place}" if personal_kind(cell) else cell.strip()[:40],
            value=cell,
            todo="remove the column; a return holds counts, never persons",
        )  # fmt: skip
    missing = [c for c in COLUMNS if c not in {known_as(other) for other in cells}]
    return cell_fault(
        name,
        "column-unknown",
        "the column {value} is not known" if plain else "a column without a heading",
        row=row,
        column=f"column {place}" if not plain else cell.strip()[:40],
        value=cell,
        expected=LISTED,
        todo=nearest(plain, missing) if missing else "remove it",
    )


def _is_personal(cell: str, plain: str, cells: list[str]) -> bool:
    if personal_kind(cell) or is_personal_heading(cell):
        return True
    # Where area_name is missing, "name" may be what somebody made of it.
    return plain == "name" and any(known_as(other) == "area_name" for other in cells)

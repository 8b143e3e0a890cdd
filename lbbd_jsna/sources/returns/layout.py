"""From records to a grid: where the heading stands, and rows that are no rows of figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lbbd_jsna.sources.returns.grid import Alike, CellFault, Grid, cell_fault, rows_named
from lbbd_jsna.sources.returns.headings import LISTED, known_among, read_heading
from lbbd_jsna.sources.returns.personal import personal_kind

MOST_COLUMNS = 200
# A heading may stand below a title; further down it would be a second table.
_ROWS_LOOKED_AT = 20
_BLANK = " \t\u00a0\u2007\u2009\u202f\u200b\u200c\u200d\u2060\ufeff\r\n"


def arrange(
    records: Sequence[list[str]], lines: Sequence[int], *, name: str, notes: Sequence[str] = ()
) -> Grid:
    """Find the heading, drop blank rows and blank columns at the end, and blame other widths.

    Parameters
    ----------
    records : sequence of list of str
        Every row as it stands, of any width.
    lines : sequence of int
        Where each stands in the file.
    name : str
        The file, for messages.
    notes : sequence of str
        Repairs made so far.

    Returns
    -------
    Grid
        Whose heading holds names of `headings.COLUMNS`, or empty texts over columns that are not
        known.
    """
    filled = [(line, row) for line, row in zip(lines, records, strict=True) if not is_blank(row)]
    if not filled:
        fault = cell_fault(name, "no-rows", "there are no rows", expected=LISTED)
        return Grid([], [], [], list(notes), [fault])
    start, faults = _heading_place(filled, name)
    grid = _below(filled[start:], name)
    left_out = _blank_notes(records, lines, grid.lines, name)
    return replace(
        grid, notes=[*notes, *left_out, *grid.notes], faults=[*faults, *grid.faults]
    )


def _below(filled: list[tuple[int, list[str]]], name: str) -> Grid:
    """The grid of a heading, the first of these rows, and the rows below it."""
    line, first = filled[0]
    width = len(first)
    while is_blank(first[width - 1 : width]):
        width -= 1
    if width > MOST_COLUMNS:
        found = f"{width:,} columns"
        fault = cell_fault(name, "too-many-columns", found, row=line, expected=LISTED)
        return Grid([], [], [], [], [fault])
    heading, notes, faults = read_heading(first[:width], name=name, row=line)
    if not any(heading):
        return Grid([], [], [], [], faults)
    rows, kept, row_faults = _rows(filled[1:], width, len(first), name)
    if not rows and not row_faults and not faults:
        expected = "one row for each area and period"
        row_faults = [cell_fault(name, "no-rows", "no rows", expected=expected)]
    if width < len(first):
        notes.append(f"{name}, row {line}: blank columns at the end of every row left out")
    return Grid(heading, rows, kept, notes, [*faults, *row_faults])


def is_blank(row: Sequence[str]) -> bool:
    """Whether a row holds nothing but white space, seen or unseen."""
    # Nearly every row has its first cell filled, which saves looking at the others.
    return not (row and row[0].strip(_BLANK)) and not any(cell.strip(_BLANK) for cell in row)


def _heading_place(
    filled: list[tuple[int, Sequence[str]]], name: str
) -> tuple[int, list[CellFault]]:
    """The place of the heading, and a fault where rows stand above it."""
    known = [known_among(row[:MOST_COLUMNS]) for _, row in filled[:_ROWS_LOOKED_AT]]
    place = known.index(max(known))
    if known[place] <= max(3, known[0]):
        return 0, []
    above = "a row stands" if place == 1 else f"{place} rows stand"
    first = next(cell for cell in filled[0][1] if cell.strip(_BLANK))
    return place, [
        cell_fault(
            name,
            "title-rows",
            f"{above} above the headings, which are in row {filled[place][0]}: {{value}}",
            row=filled[0][0],
            value=first,
            expected=LISTED,
            todo="remove the rows above the headings",
        )
    ]


def _rows(
    filled: list[tuple[int, list[str]]], width: int, most: int, name: str
) -> tuple[list[list[str]], list[int], list[CellFault]]:
    """The rows as wide as the heading, their lines, and a fault for each of another width."""
    rows, lines, faults = [], [], []
    alike = Alike()
    for line, row in filled:
        given = len(row)
        if given == width:
            rows.append(row)
            lines.append(line)
        elif width < given <= most and is_blank(row[width:]):
            rows.append(row[:width])
            lines.append(line)
        else:
            found = _width_faults(row, line, width, name)
            faults += [fault for fault in found if alike.is_told(fault.rule)]
    return rows, lines, [*faults, *alike.rest(name)]


def _width_faults(row: Sequence[str], line: int, width: int, name: str) -> list[CellFault]:
    texts = [cell for cell in row[:MOST_COLUMNS] if cell.strip(_BLANK)]
    kinds = {personal_kind(cell) for cell in texts} - {""}
    faults = [personal_fault(name, line, "", kind) for kind in sorted(kinds)]
    if len(texts) == 1:
        return [*faults, footer_fault(name, line, texts[0])]
    found = f"{len(row)} values under {width} headings"
    todo = "put names that hold a comma in quotes"
    return [*faults, cell_fault(name, "row-width", found, row=line, todo=todo)]


def footer_fault(name: str, line: int, text: str) -> CellFault:
    """A row with one text and nothing else: a title, a source or a remark."""
    return cell_fault(
        name,
        "footer",
        "a row that holds only the text {value}",
        row=line,
        value=text.strip(_BLANK),
        expected="rows of figures and nothing else",
        todo="remove it, or write it in the note column of a row",
    )


def personal_fault(name: str, line: int, column: str, kind: str) -> CellFault:
    """Data about a person; the value is nowhere in it."""
    return cell_fault(
        name,
        "personal-data",
        f"a cell holds {kind}, which is not shown here",
        row=line,
        column=column,
        todo="remove it, delete every copy of the file, and tell your data protection lead",
    )


def _blank_notes(
    records: Sequence[Sequence[str]], lines: Sequence[int], kept: list[int], name: str
) -> list[str]:
    if len(kept) + 1 == len(records):
        return []
    blank = [line for line, row in zip(lines, records, strict=True) if is_blank(row)]
    return [f"{name}, {rows_named(blank)}: blank; left out"] if blank else []

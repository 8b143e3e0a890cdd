"""The text of a CSV return as records, and the line each of them starts on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa
from pyarrow import csv as arrow_csv

from lbbd_jsna.errors import ExtractError
from lbbd_jsna.sources.returns.grid import CellFault, cell_fault
from lbbd_jsna.sources.returns.headings import COLUMNS, known_among
from lbbd_jsna.sources.returns.layout import is_blank
from lbbd_jsna.sources.returns.sheet import Column

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
# Every area, measure and month of a generation is less than a million rows.
MOST_ROWS = 1_000_000
_SEPARATOR_LINE = re.compile(r'"?sep=(.?)"?[,;\t]*[ ]*(\r\n|\r|\n|$)', re.IGNORECASE)
# A bare CR has rules of its own; Arrow drops a byte order mark unasked.
_NOT_PLAIN = ("\r", "\ufeff")
# A cell in quotes as it should be: on one line, its own quotes doubled, nothing beside it.
_QUOTED = re.compile(r'"(?<=[,\n]")(?:[^"\n]|"")*+"(?=[,\n])')
_TEXTS = pa.dictionary(pa.int32(), pa.string())
# The heading stands among the first lines, even below a title.
_LINES_LOOKED_AT = 20


@dataclass(frozen=True)
class Records:
    """Rows of cells as they stand, the heading among them.

    Parameters
    ----------
    rows : list of list of str
    lines : sequence of int
        The line each starts on, the first of the file being 1.
    delimiter : str
    notes : list of str
    faults : list of CellFault
        A quote that is not closed; what follows it is not among the rows.
    """

    rows: list[list[str]]
    lines: Sequence[int]
    delimiter: str = ","
    notes: list[str] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)


def plain_columns(text: str) -> dict[str, Column] | None:
    """The columns of a text with a sound heading, sound quotes, one width and no blank keys.

    Nearly every return is so. For such a text CSV has one reading only, and Arrow makes it, each
    different text once, in a tenth of the time of the csv module.

    Returns
    -------
    dict of str to Column, or None
        By heading, in the order of `COLUMNS`; None when the text is not so plain, and must be
        read record by record.
    """
    heading, _, body = text.replace("\r\n", "\n").partition("\n")
    all_quoted = heading[:1] == heading[-1:] == '"'
    names = heading[1:-1].split('","') if all_quoted else heading.split(",")
    if sorted(names) != sorted(COLUMNS) or any(mark in body for mark in _NOT_PLAIN) or not body:
        return None
    has_quotes = '"' in body
    if has_quotes and '"' in _QUOTED.sub("", f"\n{body}\n"):
        return None
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(body.encode("utf-8")),
            read_options=arrow_csv.ReadOptions(use_threads=False, column_names=names),
            parse_options=arrow_csv.ParseOptions(
                quote_char='"' if has_quotes else False, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, _TEXTS)),
        )
    except pa.ArrowInvalid:  # a row of another width, or one longer than a megabyte
        return None
    if not 0 < table.num_rows <= MOST_ROWS:
        return None
    columns = {name: _column(table.column(name)) for name in COLUMNS}
    keys = (columns[name].texts for name in ("indicator", "area_code", "period"))
    return None if any(is_blank([text]) for texts in keys for text in texts) else columns


def _column(cells: pa.ChunkedArray) -> Column:
    whole = cells.unify_dictionaries().combine_chunks()
    return Column(whole.dictionary.to_pylist(), whole.indices.to_numpy())


def read_records(text: str, *, name: str) -> Records:
    """Part a text into records by Python's csv module, whatever its delimiter.

    Parameters
    ----------
    text : str
        Without a byte order mark.
    name : str
        The file, for messages.

    Returns
    -------
    Records

    Raises
    ------
    ExtractError
        More than `MOST_ROWS` rows, or Excel's `sep=` line names no delimiter known here.
    """
    notes, skipped = [], 0
    separator = _SEPARATOR_LINE.match(text)
    if separator:
        notes.append(f"{name}, row 1: Excel's line {separator[0].strip()[:8]!r} skipped")
        text, skipped = text[separator.end() :], 1
    delimiter = _delimiter(text)
    if delimiter != ",":
        notes.append(f"{name}, row {1 + skipped}: cells parted by {DELIMITERS[delimiter]}; "
                     "the whole file is read so")  # fmt: skip
    if "\r" in text.replace("\r\n", ""):
        row = len(re.split(r"\r\n|\n", text[: re.search(r"\r(?!\n)", text).start()])) + skipped
        notes.append(f"{name}, row {row}: rows end as on an old Mac; read as such")
    rows, lines, faults = _parse(text, delimiter, name, skipped)
    return Records(rows, lines, delimiter, notes, faults)


def _delimiter(text: str) -> str:
    """The one under which most headings are known; a comma when none is better."""
    start = re.split(r"\r\n|\r|\n", text[:100_000], maxsplit=_LINES_LOOKED_AT)[:_LINES_LOOKED_AT]
    found = {
        mark: max(known_among(line.replace('"', "").split(mark)) if mark in line else 0
                  for line in start)
        for mark in DELIMITERS
    }  # fmt: skip
    return max(found, key=lambda mark: (found[mark], mark == ","))


def _parse(
    text: str, delimiter: str, name: str, skipped: int
) -> tuple[list[list[str]], Sequence[int], list[CellFault]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    start, broken = 1 + skipped, False
    # A long cell is refused by a rule that names its column, not by the csv module.
    limit = csv.field_size_limit(len(text) + 1)
    try:
        for record in reader:
            rows.append(record)
            lines.append(start)
            start = reader.line_num + 1 + skipped
            if len(rows) > MOST_ROWS:
                break
    except csv.Error:
        broken = True
    finally:
        csv.field_size_limit(limit)
    if len(rows) > MOST_ROWS:
        fault = cell_fault(name, "too-many-rows", f"more than {MOST_ROWS:,} rows",
                           todo="send fewer periods a file")  # fmt: skip
        raise ExtractError(f"{name} cannot be read", [fault])
    return rows, lines, [_broken(name, start)] if broken else []


def _broken(name: str, row: int) -> CellFault:
    return cell_fault(
        name,
        "quote",
        "a quote is not closed, or text follows a closing quote",
        row=row,
        todo='write a quote inside a quoted cell twice (""); the rows below were not checked',
    )

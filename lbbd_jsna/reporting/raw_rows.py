"""One row of a raw file as it stands on the disk, and whether the file is still the same."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lbbd_jsna.errors import JsnaError
from lbbd_jsna.reporting.manifest import sha256
from lbbd_jsna.sources.csv_files import tidy
from lbbd_jsna.sources.fingertips_columns import ID
from lbbd_jsna.sources.receipts import Receipt
from lbbd_jsna.sources.returns import COLUMNS, texts
from lbbd_jsna.sources.returns.layout import arrange
from lbbd_jsna.sources.returns.records import read_records
from lbbd_jsna.sources.returns.workbook import grid_of_workbook

RETURNS = "returns"
WORKBOOK = ".xlsx"
# Bytes that would steer a terminal instead of being read.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class FileState:
    """A raw file now, beside what it was when the tables were made.

    Parameters
    ----------
    name : str
        Its path below the extracts folder.
    receipt : Receipt or None
        What the tables remember of it.
    now : str
        Its sha256 on the disk; empty when it is not there.
    """

    name: str
    receipt: Receipt | None
    now: str

    @property
    def same(self) -> bool:
        """Whether it is, byte for byte, the file the tables were made from."""
        return bool(self.now) and self.receipt is not None and self.receipt.sha256 == self.now

    @property
    def words(self) -> str:
        """What has become of it."""
        if not self.now:
            return "the file is not in the folder of extracts any longer"
        if self.receipt is None:
            return "the tables do not say what it was when they were made; make them again"
        if not self.same:
            return "CHANGED since the tables were made"
        if self.receipt.accessed:
            return "as received"
        return "as it was when the tables were made; its receipt was not recorded"


def file_state(folder: Path, name: str, receipt: Receipt | None) -> FileState:
    """Look at a file below the folder of extracts."""
    path = folder / name
    return FileState(name, receipt, sha256(path) if path.is_file() else "")


def read_raw_row(path: Path, row: int, *, name: str, source: str) -> dict[str, str]:
    """Read the cells of one row, by their headings, as they stand in the file.

    Parameters
    ----------
    path : Path
        A CSV, or a workbook of a return.
    row : int
        As an editor or Excel numbers them, from 1.
    name : str
        What to call the file in messages.
    source : str
        `RawFile.source`: a file of Fingertips may hold several headings.

    Returns
    -------
    dict of heading to cell
        Blank cells left out; empty where no row starts there or the file cannot be read.
    """
    try:
        heading, cells = _find(path, row, name=name, source=source)
    except (JsnaError, OSError, UnicodeDecodeError, csv.Error):
        return {}  # the caller says that the row can no longer be read
    return {
        plain(title): plain(cell)
        for title, cell in zip(heading, cells, strict=False)
        if plain(cell)
    }


def plain(text: str) -> str:
    """Text on one line without anything that would steer a terminal."""
    return tidy(_STEERING.sub(" ", text))


def _find(path: Path, row: int, *, name: str, source: str) -> tuple[list[str], list[str]]:
    if source == RETURNS:
        return _of_return(path, row, name)
    heading: list[str] = []
    for line, record in _streamed(path):
        if line > row:
            break
        if line == row:
            return heading, record
        if not heading or (source == "fingertips" and record[0].strip() == ID):
            heading = record
    return [], []


def _of_return(path: Path, row: int, name: str) -> tuple[list[str], list[str]]:
    """The cells under the template's headings, as they are known; others are nobody's to see."""
    if path.suffix.lower() == WORKBOOK:
        grid = grid_of_workbook(path, name=name)
    else:
        text, _ = texts.decode(texts.read_bytes(path, name=name), name=name)
        records = read_records(text, name=name)
        grid = arrange(records.rows, records.lines, name=name)
    cells = dict(zip(grid.lines, grid.rows, strict=True)).get(row, [])
    known = [pair for pair in zip(grid.heading, cells, strict=False) if pair[0] in COLUMNS]
    return [heading for heading, _ in known], [cell for _, cell in known]


def _streamed(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Records with the line each starts on, without reading a large file whole."""
    with path.open(encoding=_encoding(path), newline="") as file:
        reader = csv.reader(file, strict=True)
        line = 1
        for record in reader:
            if any(record):
                yield line, record
            line = reader.line_num + 1


def _encoding(path: Path) -> str:
    """UTF-8 unless some byte of the file is not; then cp1252, as the readers take it."""
    with path.open(encoding="utf-8-sig") as file:
        try:
            while file.read(1 << 20):
                pass
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"

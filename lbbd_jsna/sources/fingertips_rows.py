"""The wanted rows of a Fingertips CSV, of any size that is published."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd

from lbbd_jsna.errors import ExtractError, Fault
from lbbd_jsna.sources import csv_files
from lbbd_jsna.sources.csv_blocks import Block, Irregular, read_blocks
from lbbd_jsna.sources.csv_files import counted, refused, shown
from lbbd_jsna.sources.fingertips_columns import (
    FIELDS,
    ID,
    RANGE,
    REQUIRED,
    Layout,
    layout_of,
    width_fault,
)
from lbbd_jsna.sources.fingertips_kept import Kept
from lbbd_jsna.sources.fingertips_wanted import (
    DETAIL,
    NO,
    OTHER_AREAS,
    OTHER_CATEGORIES,
    OTHER_IDS,
    UNSURE,
    YES,
    Areas,
    Ids,
    Wanted,
)

__all__ = ["FIELDS", "ID", "RANGE", "REQUIRED", "Wanted", "fingertips_rows"]

# Every indicator for every area of England is about half of this.
MOST_BYTES = 4_000_000_000
MOST_ROWS = 10_000_000
MOST_LINE_BYTES = 10_000_000
# A file with so many rows at fault is not read to its end.
MOST_FAULTS = 1_000
_BLANK = UNSURE + 1
_ASCII = 127
_MARK = "\ufeff".encode()


class _NotUtf8(Exception):
    """A byte that is not UTF-8 stands on this row."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


@dataclass
class _Sieve:
    """What has been gathered from a file so far."""

    name: str
    wanted: Wanted
    encoding: str
    layouts: list[Layout] = field(default_factory=list)
    widest: int = 0
    last_width: int = 0
    left_out: Counter = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ids, self.areas = Ids(self.wanted), Areas(self.wanted)
        self.kept = Kept(self.encoding)

    def take(self, line: int, record: list[str]) -> None:
        """Keep a record, count it, or find fault with it."""
        if self._is_heading(record):
            self._turn_to(line, record)
            return
        layout = self.layouts[-1]
        if not layout.fewest <= len(record) <= layout.width:
            self._find_fault(line, len(record))
            return
        self._measure(np.array([len(record)]))
        reason = self.wanted.reason_to_drop(record, layout)
        self.left_out[reason] += 1
        if not reason:
            self.kept.add_parsed(layout, line, record)

    def take_block(self, block: Block) -> None:
        """Do so with the records of a block, of which few are parsed."""
        verdicts = self.ids.judge(block)
        if not self.layouts:
            verdicts[np.argmax(verdicts != UNSURE)] = UNSURE
        elif self._passes_by(block, verdicts):
            self._measure(block.widths)
            self.left_out[OTHER_IDS] += len(verdicts)
            return
        self._turn_unsure(verdicts)
        unsure, first = np.flatnonzero(verdicts == UNSURE), 0
        for row, record in zip(unsure.tolist(), block.records(unsure, self.encoding), strict=True):
            if not any(record):
                verdicts[row] = _BLANK
            elif self._is_heading(record):
                self._settle(block, np.arange(first, row), verdicts)
                self._turn_to(int(block.lines[row]), record)
                first = row + 1
                self._turn_unsure(verdicts[first:])
        self._settle(block, np.arange(first, len(verdicts)), verdicts)

    def _passes_by(self, block: Block, verdicts: np.ndarray) -> bool:
        """Whether a block is of other ids throughout and without fault: nearly all blocks are."""
        layout, widths = self.layouts[-1], block.widths
        sound = layout.fewest <= widths.min() and widths.max() <= layout.width
        return sound and not layout.places[0] and not (verdicts != NO).any()

    def _turn_unsure(self, verdicts: np.ndarray) -> None:
        """Where the id is not the first field of a row, its first bytes say nothing."""
        if self.layouts and self.layouts[-1].places[0]:
            verdicts[:] = UNSURE

    def _settle(self, block: Block, rows: np.ndarray, verdicts: np.ndarray) -> None:
        """Keep, count or find fault with the rows of a block that stand under one heading."""
        rows = rows[verdicts[rows] != _BLANK]
        if not len(rows):
            return
        layout, widths = self.layouts[-1], block.widths[rows]
        sound = (layout.fewest <= widths) & (widths <= layout.width)
        for row in rows[~sound].tolist():
            self._find_fault(int(block.lines[row]), int(block.widths[row]))
        rows = rows[sound]
        self._measure(widths[sound])
        judged = verdicts[rows]
        self.left_out[OTHER_IDS] += int(np.count_nonzero(judged == NO))
        known = np.flatnonzero(judged == YES)
        if len(known):
            judged[known] = self.areas.sort_out(block, rows[known], layout)
            self.left_out[OTHER_AREAS] += int(np.count_nonzero(judged[known] == NO))
            self.left_out[OTHER_CATEGORIES] += int(np.count_nonzero(judged[known] == DETAIL))
        unsure = np.flatnonzero(judged == UNSURE)
        for at, record in zip(unsure, block.records(rows[unsure], self.encoding), strict=True):
            reason = self.wanted.reason_to_drop(record, layout)
            judged[at] = NO if reason else YES
            self.left_out[reason] += 1
        rows = rows[judged == YES]
        if len(rows):
            self.kept.add(layout, block.lines[rows].tolist(), block.wholes(rows, layout.width))

    def _is_heading(self, record: list[str]) -> bool:
        return not self.layouts or record[0].strip() == ID

    def _turn_to(self, line: int, heading: list[str]) -> None:
        where = f"{self.name}, row {line}"
        self.layouts.append(layout_of(heading, where=where, name=self.name))

    def _find_fault(self, line: int, width: int) -> None:
        where = f"{self.name}, row {line}"
        self.faults.append(width_fault(width, self.layouts[-1], where=where))
        if len(self.faults) == MOST_FAULTS:
            more = Fault(self.name, f"{MOST_FAULTS:,} rows at fault; the rest was not read")
            raise ExtractError(f"{self.name} cannot be used", [*self.faults, more])

    def _measure(self, widths: np.ndarray) -> None:
        """Remember the widest row but the last, and the last."""
        if len(widths):
            self.widest = max(self.widest, self.last_width, int(widths[:-1].max(initial=0)))
            self.last_width = int(widths[-1])

    def finish(self, *, ended: bool) -> None:
        """Find fault with how the file ends; `ended` says whether a line break ends it."""
        if self.faults:
            return
        if not self.last_width:
            todo = "the id is withdrawn or has no figures for that area type"
            self.faults.append(Fault(self.name, "no rows under the heading", "figures", todo))
        elif not ended and self.last_width < (self.widest or self.layouts[-1].width):
            # A whole file ends its last line; a short last line without an end is a stump.
            todo = "the download was interrupted; fetch it again"
            self.faults.append(Fault(f"{self.name}, last row", "cut off", "a whole row", todo))

    def notes(self) -> list[str]:
        """What was left out, and what the headings hold besides."""
        extras = sorted({column for layout in self.layouts for column in layout.extras})
        notes = [f"columns not used: {', '.join(map(shown, extras))}"] if extras else []
        if len(self.layouts) > 1:
            notes.append(
                f"{counted(len(self.layouts) - 1, 'more heading')} in the middle of the file"
            )
        notes += [
            f"{counted(count, 'row')} {why} left out"
            for why, count in sorted(self.left_out.items())
            if why and count
        ]
        return [f"{self.name}: {note}" for note in notes]


def fingertips_rows(path: Path, *, name: str, wanted: Wanted) -> tuple[pd.DataFrame, list[str]]:
    """Read the wanted rows of a Fingertips CSV as text.

    The file is read a block at a time and only wanted rows are parsed: five million rows take
    no more memory than those kept. It is of one encoding: where any byte is not UTF-8, the
    whole file is read again as cp1252.

    Parameters
    ----------
    path : Path
        The file, of at most `MOST_BYTES` and `MOST_ROWS`.
    name : str
        What to call it in messages.
    wanted : Wanted
        Which rows to keep.

    Returns
    -------
    DataFrame, list of str
        Columns source_row (the line on which the record starts) and `FIELDS`; white space of
        words collapsed; printed_range is empty where the file has none. Then notes.

    Raises
    ------
    ExtractError
        The file is not CSV, a column is missing (at once); or a row has too few or too many
        fields, the last one is cut off, or there are none (all together).
    """
    csv_files.check_start(path, name=name, most_bytes=MOST_BYTES)
    notes = []
    try:
        sieve = _sift(path, _Sieve(name, wanted, "utf-8"))
    except _NotUtf8 as error:
        notes = [csv_files.not_utf8(name, error.row)]
        sieve = _sift(path, _Sieve(name, wanted, "cp1252"))
    if sieve.faults:
        raise ExtractError(f"{name} cannot be used", sieve.faults)
    return sieve.kept.table(), notes + sieve.notes()


def _sift(path: Path, sieve: _Sieve) -> _Sieve:
    """Put a whole file through a sieve."""
    with path.open("rb") as stream:
        stream.seek(-1, io.SEEK_END)
        ended = stream.read(1) in (b"\n", b"\r")
        stream.seek(0)
        marked = sieve.encoding == "utf-8" and stream.read(len(_MARK)) == _MARK
        stream.seek(len(_MARK) if marked else 0)
        try:
            for block in read_blocks(stream):
                _check_text(block, sieve)
                sieve.take_block(block)
        except Irregular as error:
            stream.seek(error.offset)
            lines = _lines(stream, sieve, error.line)
            for line, record in csv_files.records_of(
                lines, name=sieve.name, most_rows=MOST_ROWS, first=error.line
            ):
                sieve.take(line, record)
    sieve.finish(ended=ended)
    return sieve


def _check_text(block: Block, sieve: _Sieve) -> None:
    """Refuse a block that is not text, or of too many rows."""
    if block.lines[-1] > MOST_ROWS:
        raise refused(sieve.name, f"more than {MOST_ROWS:,} rows", "ask for fewer areas")
    content = block.bytes[: block.size]
    if content.max() > _ASCII:
        _decode(content, sieve, int(block.lines[0]))
    if not content.min():
        raise refused(sieve.name, *csv_files.NUL)


def _decode(content: np.ndarray | bytes, sieve: _Sieve, line: int) -> str:
    """Bytes that start on a line as text."""
    try:
        return str(content, sieve.encoding)
    except UnicodeDecodeError as error:
        if sieve.encoding == "utf-8":
            row = line + bytes(content[: error.start]).count(b"\n")
            raise _NotUtf8(row) from None
        raise refused(sieve.name, *csv_files.NO_TEXT) from None


def _lines(stream: BinaryIO, sieve: _Sieve, line: int) -> Iterator[str]:
    """The lines of a file with their breaks, of which a lone carriage return is one."""
    while content := stream.readline(MOST_LINE_BYTES):
        if len(content) == MOST_LINE_BYTES:
            where = f"{sieve.name}, row {line}"
            raise refused(where, f"longer than {MOST_LINE_BYTES:,} bytes", "fetch it again")
        text = _decode(content, sieve, line)
        if "\x00" in text:
            raise refused(sieve.name, *csv_files.NUL)
        yield from io.StringIO(text, newline="")
        line += 1

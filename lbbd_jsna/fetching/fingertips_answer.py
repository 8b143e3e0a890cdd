"""An answer of Fingertips, parted into the records of each id."""

from __future__ import annotations

import io
import itertools
import operator
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lbbd_jsna.errors import ExtractError, Fault
from lbbd_jsna.sources.csv_files import read_records, read_text, tidy
from lbbd_jsna.sources.fingertips_rows import ID, REQUIRED, Wanted, fingertips_rows

NAME, AREA, PERIOD = "Indicator Name", "Area Code", "Time period"
_SERIES = (ID, "Sex", "Age", "Category Type", "Category")


@dataclass(frozen=True)
class Parted:
    """An answer parted into the records of each id.

    Parameters
    ----------
    path : Path
        Where it lies.
    name : str
        What to call it in messages.
    lines : list of str
        Its lines, with their ends.
    spans : list of (str, int, int)
        Id, first line and the line after the last, of each record.
    records : dict of str to list
        The records of each id as received.
    called : dict of str to list of str
        What each id is called in them.
    areas : dict of str to set of str
        The codes of the areas each id has rows for.
    ends_short : bool
        Whether the last rows break off where the period, or the area, before them goes on.
    """

    path: Path
    name: str
    lines: list[str]
    spans: list[tuple[str, int, int]]
    records: dict[str, list[list[str]]]
    called: dict[str, list[str]]
    areas: dict[str, set[str]]
    ends_short: bool = False

    @classmethod
    def read(cls, path: Path, name: str, *, wanted: Wanted) -> Parted:
        """Part a file; `wanted` is what the reader of extracts wants of one.

        Raises
        ------
        ExtractError
            It is not CSV, not of these columns, or cut off in its last field.
        """
        text, _ = read_text(path, name=name)
        rows = list(read_records(text, name=name))
        heading = [tidy(column) for column in rows[0][1]]
        if not set(REQUIRED) <= set(heading):
            # Raises, naming the nearest heading to each that is missing.
            fingertips_rows(path, name=name, wanted=wanted)
        _stop_at_stump(text, [record for _, record in rows], name)
        short = _ends_short([record for _, record in rows[1:]], heading)
        self = cls(path, name, list(io.StringIO(text, newline="")), [], {}, {}, {}, short)
        self._part(rows, [heading.index(column) for column in (ID, NAME, AREA)])
        return self

    def _part(self, rows: list[tuple[int, list[str]]], places: list[int]) -> None:
        ends = [line for line, _ in rows[1:]] + [len(self.lines) + 1]
        for (line, record), end in zip(rows, ends, strict=True):
            if len(record) <= max(places):
                continue  # too short a row, which the reader refuses
            one, called, area = (record[place] for place in places)
            one = tidy(one)
            self.spans.append((one, line, end))
            if one == ID:
                continue
            self.records.setdefault(one, []).append(record)
            names = self.called.setdefault(one, [])
            if called not in names:
                names.append(called)
            self.areas.setdefault(one, set()).add(tidy(area))

    def only(self, source_id: str) -> str:
        """The text with every other id's records as blank lines: rows keep their numbers."""
        return "".join(self._kept(source_id))

    def _kept(self, source_id: str) -> Iterator[str]:
        for one, start, end in self.spans:
            lines = self.lines[start - 1 : end - 1]
            yield "".join(lines) if one in (source_id, ID) else "\n" * len(lines)


def _ends_short(records: list[list[str]], heading: list[str]) -> bool:
    """Whether the last block of rows is no more than the beginning of the block before it.

    Rows come period by period and area by area within it, or the other way round; a block is
    what one period, or one area, has in the series whose rows come last.
    """
    at = {column: heading.index(column) for column in (*_SERIES, AREA, PERIOD)}
    if any(len(record) <= max(at.values()) for record in records):
        return False  # the reader refuses rows as short as that

    def series(record: list[str]) -> list[str]:
        return [record[at[column]] for column in _SERIES]

    last = series(records[-1]) if records else []
    backwards = itertools.takewhile(lambda record: series(record) == last, reversed(records))
    run = list(backwards)[::-1]
    for outer, inner in ((PERIOD, AREA), (AREA, PERIOD)):
        parts = itertools.groupby(run, key=operator.itemgetter(at[outer]))
        blocks = [[record[at[inner]] for record in block] for _, block in parts]
        before, end = (blocks[-2], blocks[-1]) if len(blocks) > 1 else ([], [])
        if len(end) < len(before) and before[: len(end)] == end:
            return True
    return False


def _stop_at_stump(text: str, records: list[list[str]], name: str) -> None:
    """Refuse an answer that ends in its last field, which the width of a row cannot show."""
    *others, last = records
    if text.endswith(("\n", "\r")) or len(last) < len(records[0]):
        return
    if not last[-1] and others[1:] and all(record[-1] for record in others[1:]):
        fault = Fault(f"{name}, last row", "cut off", "a whole row", "fetch it again")
        raise ExtractError(f"{name} cannot be used", [fault])

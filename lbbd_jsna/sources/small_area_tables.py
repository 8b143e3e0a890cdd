"""A small-area file as a table of text, whether it came as CSV, a workbook or JSON."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lbbd_jsna.errors import ExtractError, Fault
from lbbd_jsna.sources.csv_files import numbers, read_records, read_text, shown, tidy
from lbbd_jsna.sources.small_area_headings import code_columns
from lbbd_jsna.sources.small_area_workbook import read_workbook_rows

MOST_BYTES = 50_000_000
# Headings may stand below a title, but not far.
ROWS_LOOKED_AT = 20
# A file that is wrong throughout says so once for each of so many rows of a column.
MOST_ALIKE = 20


@dataclass(frozen=True)
class Table:
    """A table of text.

    Parameters
    ----------
    name : str
        The file's path below the extracts folder, with forward slashes.
    headings : tuple of str
    lines : tuple of int
        Where each row stands: the line of a CSV, the row of a sheet, the number of a feature.
    rows : tuple of list of str
        As many cells as headings, white space tidied.
    unit : str
        What a line is called in messages: `row` or `feature`.
    heading_line : int
        Where the headings stand.
    """

    name: str
    headings: tuple[str, ...]
    lines: tuple[int, ...]
    rows: tuple[list[str], ...]
    unit: str = "row"
    heading_line: int = 1

    def texts(self, place: int) -> list[str]:
        """One column."""
        return [row[place] for row in self.rows]

    def where(self, line: int, place: int | None = None) -> str:
        """A place in the file, for messages."""
        column = "" if place is None else f", {self.headings[place]}"
        return f"{self.name}, {self.unit} {line}{column}"

    def at_headings(self) -> str:
        """Where the headings are, for messages."""
        return f"{self.name}, row {self.heading_line}" if self.unit == "row" else self.name

    def only(self, chosen: Sequence[bool]) -> Table:
        """The rows for which `chosen` is true."""
        kept = [place for place, is_kept in enumerate(chosen) if is_kept]
        return replace(
            self,
            lines=tuple(self.lines[place] for place in kept),
            rows=tuple(self.rows[place] for place in kept),
        )


def read_table(path: Path, *, name: str) -> tuple[Table, list[str]]:
    """Read a table from CSV, an Excel workbook (.xlsx) or the JSON of a feature service.

    Parameters
    ----------
    path : Path
    name : str
        Its path below the extracts folder, for messages.

    Returns
    -------
    Table, list of str
        The table, and notes. Its headings are the first row, of the first twenty, that has a
        column of area codes; the first row where none has.

    Raises
    ------
    ExtractError
        The file is empty, damaged, too large or of another kind; a heading comes twice; a row
        has more or fewer cells than there are headings. All faults of the rows together.
    """
    kind = path.suffix.lower()
    if kind in (".json", ".geojson"):
        return table_of_features(_features(path, name), name), []
    if kind == ".xlsx":
        records, notes = read_workbook_rows(path, name=name, is_heading=_has_codes)
        return _table(records, name, ragged=True), notes
    text, notes = read_text(path, name=name)
    return _table(list(read_records(text, name=name)), name), notes


def _has_codes(cells: Sequence[str]) -> bool:
    return bool(code_columns(cells)) or any(cell.casefold() == "geography code" for cell in cells)


def _table(records: list[tuple[int, list[str]]], name: str, *, ragged: bool = False) -> Table:
    """Records with headings among them; in a sheet, empty cells at the end are not written."""
    if not records:
        raise unusable(name, [Fault(name, "no rows", "headings and rows", "fetch it again")])
    start = next((i for i, (_, r) in enumerate(records[:ROWS_LOOKED_AT]) if _has_codes(r)), 0)
    heading_line, found = records[start]
    headings = tuple(tidy(cell.removeprefix("\ufeff")) for cell in found)
    width, kept, faults = len(headings), [], []
    for line, cells in records[start + 1 :]:
        cells = cells + [""] * (width - len(cells)) if ragged else cells
        if len(cells) != width:
            said = f"{len(cells)} values under {width} headings"
            todo = "the row is cut off or a comma is not quoted; fetch the file again"
            faults.append(Fault(f"{name}, row {line}", said, todo=todo))
        kept.append((line, [tidy(cell) for cell in cells]))
    faults = repeated_headings(headings, f"{name}, row {heading_line}") + capped(faults, name)
    if not kept:
        faults.append(Fault(name, "headings and no rows", "rows", "fetch it again"))
    if faults:
        raise unusable(name, faults)
    lines, rows = zip(*kept, strict=True)
    return Table(name, headings, lines, rows, heading_line=heading_line)


def repeated_headings(headings: Sequence[str], where: str) -> list[Fault]:
    """A fault for each heading that stands in a row more than once."""
    counts = Counter(filter(None, headings))
    said = "the heading {} stands there more than once"
    return [Fault(where, said.format(shown(h))) for h, count in counts.items() if count > 1]


def capped(faults: list[Fault], name: str) -> list[Fault]:
    """So many faults of one kind; then how many more there are."""
    if len(faults) <= MOST_ALIKE:
        return faults
    return [*faults[:MOST_ALIKE], Fault(name, f"{len(faults) - MOST_ALIKE:,} more of this kind")]


def unusable(name: str, faults: Sequence[Fault]) -> ExtractError:
    """The error of a file with these faults."""
    return ExtractError(f"{name} cannot be used", faults)


def _features(path: Path, name: str) -> list[dict[str, Any]]:
    """The features of GeoJSON, or of the table of a feature service."""
    said = read_json(path, name=name)
    features = said.get("features") if isinstance(said, dict) else None
    if not isinstance(features, list) or not features:
        raise unusable(name, [Fault(name, "no features", "one for each area", "fetch it again")])
    return features


def read_json(path: Path, *, name: str) -> Any:
    """Read JSON with care.

    Raises
    ------
    ExtractError
        Too large, not JSON, or nested without end.
    """
    if path.stat().st_size > MOST_BYTES:
        found = f"larger than {MOST_BYTES // 1_000_000} MB"
        raise unusable(name, [Fault(name, found, todo="ask for fewer areas")])
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:  # no UTF-8, no JSON, or a number of thousands of digits
        found = f"not JSON, or cut off ({error})"
    except RecursionError:
        found = "JSON nested too deeply"
    raise unusable(name, [Fault(name, found, todo="fetch it again")])


def columns_of(feature: dict[str, Any]) -> Any:
    """The columns of a feature: `properties` in GeoJSON, `attributes` in a service's table."""
    return feature.get("properties") or feature.get("attributes")


def table_of_features(features: list[dict[str, Any]], name: str) -> Table:
    """The columns of features as a table, whose lines are the features' numbers from 1.

    Raises
    ------
    ExtractError
        A feature without columns; a heading twice.
    """
    wrong = [
        Fault(f"{name}, feature {number}", "no columns", "a JSON object of columns")
        for number, feature in enumerate(features, start=1)
        if not isinstance(feature, dict) or not isinstance(columns_of(feature), dict)
    ]
    if wrong:
        raise unusable(name, capped(wrong, name))
    headings = tuple(dict.fromkeys(h for feature in features for h in columns_of(feature)))
    faults = repeated_headings(headings, name)
    if faults:
        raise unusable(name, faults)
    rows = tuple([as_text(columns_of(f).get(h)) for h in headings] for f in features)
    return Table(name, headings, tuple(range(1, len(rows) + 1)), rows, unit="feature")


def as_text(value: object) -> str:
    """A value of JSON as text, nothing as a blank."""
    return "" if value is None else tidy(str(value))


def figures(
    table: Table,
    place: int,
    *,
    lowest: float = -math.inf,
    highest: float = math.inf,
    whole: bool = False,
) -> tuple[np.ndarray, list[Fault]]:
    """Read a column in which every row must have a number.

    Parameters
    ----------
    table : Table
    place : int
        Which column.
    lowest, highest : float
        What the numbers may be, in the column's own unit, both included.
    whole : bool
        Whether they must be whole numbers.

    Returns
    -------
    array of float, shape (rows,); list of Fault
        NaN where there is no number; a fault for each cell that cannot be. A blank is one:
        it is never taken for 0.
    """
    texts = table.texts(place)
    values, wrong = numbers(texts)
    bad = wrong | np.isnan(values) | (values < lowest) | (values > highest)
    if whole:
        bad |= values != np.floor(values)
    expected = _expected(lowest, highest, whole)
    faults = []
    for row in np.flatnonzero(bad):
        found = shown(texts[row]) if texts[row] else "a blank"
        where = table.where(table.lines[row], place)
        faults.append(Fault(where, found, expected, "fetch the file again or ask the publisher"))
    return values, capped(faults, table.name)


def _expected(lowest: float, highest: float, whole: bool) -> str:
    what = "a whole number" if whole else "a number"
    if math.isfinite(lowest) and math.isfinite(highest):
        return f"{what} from {lowest:,g} to {highest:,.0f}"
    return f"{what}, {lowest:g} or more" if math.isfinite(lowest) else what


def code_faults(table: Table, place: int, pattern: re.Pattern[str], what: str) -> list[Fault]:
    """A fault for each cell of a column that is not such a code."""
    return capped(
        [
            Fault(table.where(line, place), shown(text) if text else "a blank", what)
            for line, text in zip(table.lines, table.texts(place), strict=True)
            if not pattern.fullmatch(text)
        ],
        table.name,
    )


def repeat_faults(table: Table, place: int) -> list[Fault]:
    """A fault for each row whose code stood in an earlier row already."""
    first: dict[str, int] = {}
    faults = []
    for line, code in zip(table.lines, table.texts(place), strict=True):
        if code in first:
            found = f"{shown(code)} stands in {table.unit} {first[code]} already"
            faults.append(Fault(table.where(line, place), found, "each area once"))
        first.setdefault(code, line)
    return capped(faults, table.name)

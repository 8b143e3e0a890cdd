"""The raw row behind a figure: read again where it may be shown, and the file it stands in."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Indicator
from lbbd_jsna.reporting import trace_nomis
from lbbd_jsna.reporting.raw_rows import FileState, file_state, plain, read_raw_row
from lbbd_jsna.reporting.trace_steps import OWN, alike, value_heading
from lbbd_jsna.sources.csv_files import is_number, number
from lbbd_jsna.workspace import Workspace

# Of a wider row only the cells that say what, where and when are shown, and the value.
MOST_CELLS = 40
FEW = "not shown: this row of a return holds a small count"
TRUE = "true counts, as returned: for whoever checks this figure, not to be passed on"
WITHHELD = "withheld: this row of a return is not shown"
UNSURE = "not shown: the return on the disk is not, or not certainly, the one that was checked"


@dataclass(frozen=True)
class Origin:
    """A row of a raw file: its cells by heading, and what is to be said of it.

    `role` says what it gave where a figure rests on several rows: count, denominator, value.
    """

    name: str
    row: int
    cells: dict[str, str]
    remark: str = ""
    role: str = ""


@dataclass(frozen=True)
class File:
    """A raw file that a figure rests on."""

    state: FileState
    source: str
    licence: str


class Origins:
    """The raw rows asked for, and the files they stand in, each looked at once."""

    def __init__(self, workspace: Workspace, raw: Path) -> None:
        self.workspace, self.catalogue, self.raw = workspace, workspace.catalogue, raw
        self._files: dict[str, File] = {}

    @property
    def files(self) -> tuple[File, ...]:
        """Every file met so far, sorted by name."""
        return tuple(self._files[name] for name in sorted(self._files))

    def of(self, row: pd.Series) -> tuple[Origin, ...]:
        """The raw rows behind a row of the tables, as far as they may be shown: mostly one."""
        indicator, name = self.catalogue.indicators[row["indicator"]], row["source_file"]
        if indicator.source != trace_nomis.SOURCE:
            return (self._one(row),)
        self.note_files(indicator, [row])
        found = trace_nomis.rows_behind(self.raw / name, row, indicator, name=name)
        return tuple(
            Origin(name, one.line, {key: plain(cell) for key, cell in one.cells.items() if cell},
                   role=what)
            for what, one in found
        ) or (self._one(row),)  # fmt: skip

    def _one(self, row: pd.Series) -> Origin:
        """The row itself.

        A row of a return is shown only where it passed the gate, stands in the very file
        that passed it, and holds no small count.
        """
        indicator, name = self.catalogue.indicators[row["indicator"]], row["source_file"]
        self.note_files(indicator, [row])
        state, line = self._files[name].state, int(row["source_row"])
        own = self.catalogue.sources[indicator.source].kind in OWN
        least = self.catalogue.disclosure.smallest_shown
        barred = _barred(row, state) if own else ""
        if barred or not state.now:
            return Origin(name, line, {}, barred or state.words)
        source = state.receipt.source if state.receipt else indicator.source
        cells = read_raw_row(self.raw / name, line, name=name, source=source)
        if own and _holds_few(cells, indicator, least):
            return Origin(name, line, {}, FEW)
        remark = _doubt(cells, row) or (TRUE if own and indicator.counts_people else "")
        return Origin(name, line, _telling(cells, row, indicator), remark)

    def note_files(self, indicator: Indicator, rows: Iterable[pd.Series]) -> None:
        """Look at the files some rows of an indicator stand in."""
        for name in dict.fromkeys(row["source_file"] for row in rows):
            if name not in self._files:
                receipt = self.workspace.files.get(name)
                source = self.catalogue.sources[indicator.source]
                said = receipt.licence if receipt else ""
                self._files[name] = File(
                    file_state(self.raw, name, receipt),
                    source.title,
                    said or f"{source.licence} (as the catalogue says)",
                )


def _barred(row: pd.Series, state: FileState) -> str:
    """Why a row of a return may not even be read again, or nothing."""
    if row["status"] == "suppressed":
        return WITHHELD
    return UNSURE if state.now and not state.same else ""


def _holds_few(cells: dict[str, str], indicator: Indicator, least: int) -> bool:
    """Whether the cells of a return hold a small count, or one that cannot be judged.

    The raw counts decide: those of the tables are rounded, and so say nothing of few.
    """
    columns = ["numerator", "denominator"]
    columns += ["value"] if "count" in indicator.value_type.casefold() else []
    found = [cells.get(column, "") for column in columns]
    if any(cell and not is_number(cell) for cell in found):
        return True
    count, people, *value = (number(cell) if cell else math.nan for cell in found)
    return any(1 <= n < least for n in (count, people, people - count, *value))


def _doubt(cells: dict[str, str], row: pd.Series) -> str:
    if not cells:
        return "the file has no such row any longer"
    if row["area_code"] in cells.values():
        return ""
    return f"this row is not {row['area_name']}'s: the file is not the one that was read"


def _telling(cells: dict[str, str], row: pd.Series, indicator: Indicator) -> dict[str, str]:
    """All cells of a row, or of a very wide one those that say what, where, when and how much."""
    if len(cells) <= MOST_CELLS:
        return cells
    named = {*indicator.columns.values(), *indicator.pick, value_heading(row, indicator)}
    columns = set(map(alike, named))
    known = {row["area_code"], row["area_name"], row["period"]}
    kept = {
        heading: cell
        for heading, cell in cells.items()
        if alike(heading) in columns or cell in known
    }
    return {**kept, "and besides": f"{len(cells) - len(kept)} more cells"}

"""The returns accepted so far: which files they are, and the figures that stand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import ExtractError
from lbbd_jsna.periods import Period
from lbbd_jsna.schema import empty_observations
from lbbd_jsna.sources.returns.reader import read_return
from lbbd_jsna.sources.store import FOLDERS, SIDECAR

TABLES = (".csv", ".xlsx")
FIGURE = ["indicator", "area_code", "period_start", "period_end"]


@dataclass(frozen=True)
class Stored:
    """A return in the raw folder.

    Parameters
    ----------
    path : Path
    name : str
        Its path below the raw folder.
    date : str
        The folder it was put in, `2026-11-22` or `2026-11-22-02`; empty without one.
    """

    path: Path
    name: str
    date: str

    @property
    def sha256(self) -> str:
        """Of its content."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def find_stored(raw: Path) -> list[Stored]:
    """Every return in the raw folder, oldest first; those without a date are the oldest."""
    tops = [raw / folder for folder, source in FOLDERS.items() if source == "returns"]
    found = [
        Stored(path, path.relative_to(raw).as_posix(), _date(path.relative_to(top)))
        for top in tops
        if top.is_dir()
        for path in top.rglob("*")
        if _is_table(path.relative_to(top)) and path.is_file()
    ]
    return sorted(found, key=lambda stored: (_order(stored.date), stored.name))


def standing_figures(raw: Path, *, catalogue: Catalogue) -> tuple[pd.DataFrame, list[str]]:
    """The figures of all returns accepted so far; of one figure given twice, the newest.

    Parameters
    ----------
    raw : Path
        The folder of raw extracts; it need not be there.
    catalogue : Catalogue

    Returns
    -------
    DataFrame, list of str
        Columns `schema.OBSERVATIONS`; and a note for each file that cannot be read any more,
        with which nothing can be compared.
    """
    tables, notes = [], []
    for stored in find_stored(raw):
        try:
            tables.append(read_return(stored.path, name=stored.name, catalogue=catalogue)[0])
        except ExtractError as error:
            faults = len(error.faults) or 1
            notes.append(
                f"{stored.name}: nothing is compared with it; it cannot be read any more "
                f"({faults} fault{'s' * (faults > 1)})"
            )
    filled = [table for table in tables if not table.empty]
    if not filled:
        return empty_observations(), notes
    table = pd.concat(filled, ignore_index=True)
    return table.drop_duplicates(FIGURE, keep="last").reset_index(drop=True), notes


def newest_periods(figures: pd.DataFrame) -> Mapping[str, Period]:
    """The newest period of each series among some figures."""
    newest = figures.sort_values("period_end", kind="stable").groupby("indicator").tail(1)
    return {
        row.indicator: Period(row.period_start.date(), row.period_end.date(), row.period_range)
        for row in newest.itertuples()
    }


def newest_of_each_name(stored: Iterable[Stored]) -> dict[str, Stored]:
    """By file name in small letters, the file that was put in last."""
    return {one.path.name.casefold(): one for one in stored}


def _is_table(place: Path) -> bool:
    hidden = any(part.startswith(".") for part in place.parts)
    paper = place.name.upper().startswith("README") or place.name.endswith(SIDECAR)
    return place.suffix.lower() in TABLES and not hidden and not paper


def _date(place: Path) -> str:
    return place.parts[0] if len(place.parts) > 1 else ""


def _order(date: str) -> tuple[str, int]:
    """So that 2026-11-22-100 comes after 2026-11-22-02, and both after 2026-11-22."""
    return date[:10], int(date[11:]) if date[11:].isdecimal() else 0

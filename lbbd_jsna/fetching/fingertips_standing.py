"""The Fingertips extracts that stand: what the last good copy of each series holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import JsnaError
from lbbd_jsna.fetching.standing import read_sidecar
from lbbd_jsna.schema import empty_observations
from lbbd_jsna.sources.fingertips import SOURCE, read_fingertips
from lbbd_jsna.sources.store import DATE

Level = Literal["borough", "ward"]


@dataclass(frozen=True)
class Coverage:
    """How much of one series a copy holds.

    Parameters
    ----------
    periods : dict
        The publisher's words of each period by its first and last day, oldest first.
    latest : frozenset of str
        Codes of the boroughs or wards with a row for the latest period, blank or not.
    day : str
        The day the copy was received, `2026-10-01`, or empty where nothing says it.
    """

    periods: dict[tuple[pd.Timestamp, pd.Timestamp], str]
    latest: frozenset[str]
    day: str = ""


class Standing:
    """The extracts of `<raw>/fingertips/`, newest first.

    Parameters
    ----------
    raw : Path
        The folder of raw extracts; only read.
    catalogue : Catalogue
    """

    def __init__(self, raw: Path, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.copies = sorted(
            (_Copy.at(path, raw) for path in _files(raw / SOURCE)),
            key=lambda copy: (copy.day, copy.name),
            reverse=True,
        )
        self._held: dict[_Copy, _Held] = {}

    def of(self, indicator: str, ids: Iterable[str], level: Level) -> Coverage | None:
        """What the newest copy that has a series holds of it.

        Parameters
        ----------
        indicator : str
            Its id in the catalogue.
        ids : iterable of str
            The publisher's ids it may stand under.
        level : {"borough", "ward"}

        Returns
        -------
        Coverage or None
            None where no copy that can be read holds it.
        """
        wanted, own_only = set(ids), None
        for copy in self.copies:
            if copy.holds is not None and not wanted & copy.holds:
                continue
            found = self._read(copy).coverages.get((indicator, level))
            # A file of wards holds the borough too, and does not say which boroughs there were.
            if found and (level == "ward" or len(found.latest) > 1):
                return found
            own_only = own_only or found
        return own_only

    def rows(self, source_id: str, areas: str) -> int:
        """How many rows the newest copy fetched for `areas` had of an id; 0 if none says."""
        had = (copy.rows.get(source_id, 0) for copy in self.copies if copy.areas == areas)
        return next((count for count in had if count), 0)

    def received(self, source_id: str) -> str:
        """When an id was last received: an ISO time or day, or empty."""
        times = (copy.time for copy in self.copies if source_id in self._ids(copy))
        return max(times, default="")

    def _ids(self, copy: _Copy) -> frozenset[str]:
        return self._read(copy).ids if copy.holds is None else copy.holds

    def _read(self, copy: _Copy) -> _Held:
        """What a copy holds; nothing where it cannot be read, so it is held against nothing."""
        if copy not in self._held:
            try:
                table, _ = read_fingertips(copy.path, name=copy.name, catalogue=self._catalogue)
            except JsnaError:
                table = empty_observations()
            self._held[copy] = _Held(
                frozenset(table["source_id"]), coverages(table, self._catalogue, day=copy.day)
            )
        return self._held[copy]


@dataclass(frozen=True)
class _Held:
    """What a copy turned out to hold."""

    ids: frozenset[str]
    coverages: dict[tuple[str, str], Coverage]


@dataclass(frozen=True)
class _Copy:
    """One file; `holds` is None where no sidecar says which ids are in it."""

    path: Path
    name: str
    day: str
    time: str
    holds: frozenset[str] | None
    areas: str = field(compare=False, default="")
    rows: dict[str, int] = field(compare=False, default_factory=dict)

    @classmethod
    def at(cls, path: Path, raw: Path) -> _Copy:
        told = read_sidecar(path) or {}
        name = path.relative_to(raw).as_posix()
        dated = next((part[:10] for part in path.parts if DATE.fullmatch(part[:10])), "")
        time = str(told.get("time", "")) or dated
        holds = told.get("holds")
        ids = frozenset(map(str, holds)) if isinstance(holds, list) and holds else None
        rows = told.get("rows")
        return cls(
            path, name, _day(time) or dated, time, ids, str(told.get("areas", "")),
            dict(rows) if isinstance(rows, dict) else {},
        )  # fmt: skip


def coverages(
    table: pd.DataFrame, catalogue: Catalogue, *, day: str = ""
) -> dict[tuple[str, str], Coverage]:
    """How much of each series a table of observations holds.

    Parameters
    ----------
    table : DataFrame
        Columns indicator, area_type, area_code, category_type, period, period_start and
        period_end.
    catalogue : Catalogue
        Of the boroughs, only those of the borough's own region count: only they are asked for.
    day : str, optional
        Put into each coverage.

    Returns
    -------
    dict
        By indicator and level (`borough` or `ward`).
    """
    region = catalogue.area.parent
    near = {a.code for a in catalogue.areas if a.type == "borough" and a.parent == region}
    place = (table["area_type"] == "ward") | table["area_code"].isin(near)
    rows = table[place & (table["category_type"] == "")]
    found = {}
    for key, group in rows.groupby(["indicator", "area_type"], sort=True):
        ordered = group.sort_values(["period_end", "period_start"], kind="stable")
        bounds = zip(ordered["period_start"], ordered["period_end"], strict=True)
        periods = dict(zip(bounds, ordered["period"], strict=True))
        last = ordered["period_end"] == ordered["period_end"].iloc[-1]
        found[key] = Coverage(periods, frozenset(ordered.loc[last, "area_code"]), day)
    return found


def _files(folder: Path) -> list[Path]:
    """CSV files that readers would take: nothing hidden, such as a fetch under way."""
    return [
        path for path in sorted(folder.rglob("*.csv"))
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    ]  # fmt: skip


def _day(text: str) -> str:
    try:
        return dt.date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return ""

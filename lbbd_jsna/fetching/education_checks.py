"""Whether a data set of Explore Education Statistics, as received, can be accepted."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import ExtractError
from lbbd_jsna.fetching.standing import last_copy
from lbbd_jsna.fetching.web import Refused
from lbbd_jsna.schema import empty_observations
from lbbd_jsna.sources.csv_files import counted
from lbbd_jsna.sources.education import SOURCE, read_data_set, read_education
from lbbd_jsna.sources.education_rows import indicators_of, sieve

FOLDER = "dfe"
MOST_NAMED = 5


def accept(body: bytes, key: str, *, rows: int, raw: Path, catalogue: Catalogue) -> list[str]:
    """Judge a data set by reading the catalogue's series out of it.

    Parameters
    ----------
    body : bytes
        The CSV, unpacked.
    key : str
        The data set's key in `live.yml`.
    rows : int
        How many rows the service says it has; 0 where it does not say.
    raw : Path
        The folder of raw extracts; what stands there is compared, nothing is written.
    catalogue : Catalogue

    Returns
    -------
    list of str
        Notes of the reading.

    Raises
    ------
    ExtractError
        The series cannot be read from it.
    Refused
        Rows, areas or periods are missing.
    """
    name = f"{key}.csv"
    lines = io.TextIOWrapper(io.BytesIO(body), encoding="utf-8-sig", newline="")
    if not indicators_of(key, catalogue, source=SOURCE):
        found = sieve(lines, name=name, indicators=[], catalogue=catalogue)
        if found.faults:
            raise ExtractError(f"{name} cannot be used", found.faults)
        return []
    table, notes, sieved = read_data_set(lines, key=key, name=name, catalogue=catalogue)
    standing, more = _standing(raw, name, catalogue)
    faults = [
        *_row_faults(sieved.count, rows),
        *_area_faults(table, standing, catalogue),
        *_period_faults(table, standing),
    ]
    if faults:
        raise Refused(f"{name}: " + "; ".join(faults))
    return notes + more


def _standing(
    raw: Path, name: str, catalogue: Catalogue
) -> tuple[pd.DataFrame, list[str]]:
    """The figures of the copy that stands; none where there is none or it cannot be read."""
    path = last_copy(raw, FOLDER, name)
    if path is None:
        return empty_observations(), []
    below = path.relative_to(raw).as_posix()
    try:
        return read_education(path, name=below, catalogue=catalogue)[0], []
    except ExtractError as error:
        return empty_observations(), [
            f"{below}: not compared with what was received now ({error.message})"
        ]


def _row_faults(count: int, said: int) -> Iterator[str]:
    if count < said:
        yield (
            f"{counted(count, 'row')}, but the service says it has {said:,}: it was cut off; "
            "fetch it again"
        )


def _area_faults(
    table: pd.DataFrame, standing: pd.DataFrame, catalogue: Catalogue
) -> Iterator[str]:
    """The borough must be there; so must every area that was: England, London, each borough."""
    own = catalogue.area
    if own.code not in set(table["area_code"]):
        yield f"no row for {own.name} ({own.code}); fetch the whole data set again"
    for indicator, rows in standing.groupby("indicator", sort=True):
        now = set(table.loc[table["indicator"] == indicator, "area_code"])
        gone = [catalogue.area_of(code).name for code in sorted(set(rows["area_code"]) - now)]
        if gone:
            yield (
                f"{indicator}: {_first(gone)} had rows in the last good copy and have none; "
                "fetch the whole data set again, or ask the publisher"
            )


def _period_faults(table: pd.DataFrame, standing: pd.DataFrame) -> Iterator[str]:
    for indicator, rows in standing.groupby("indicator", sort=True):
        now = set(table.loc[table["indicator"] == indicator, "period"])
        gone = rows[~rows["period"].isin(now)].sort_values("period_end")["period"].unique()
        if len(gone) and len(now) < rows["period"].nunique():
            yield (
                f"{indicator}: {counted(len(gone), 'period')} of the last good copy "
                f"missing ({_first(gone)}); ask the publisher, or move the old copy away if they "
                "are withdrawn"
            )


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")

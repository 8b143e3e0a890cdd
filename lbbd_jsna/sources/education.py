"""Explore Education Statistics CSV files to observations."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import ExtractError, Fault
from lbbd_jsna.schema import as_observations, empty_observations
from lbbd_jsna.sources import checks
from lbbd_jsna.sources.csv_files import counted
from lbbd_jsna.sources.education_rows import Sieved, indicators_of, sieve
from lbbd_jsna.sources.education_series import COUNTS, SeriesReader

SOURCE = "dfe"
_NO_WORDS = ("category_type", "category", "published_trend", "published_comparison")
_LIMITS = ("lower_95", "upper_95", "lower_99_8", "upper_99_8")


def read_education(
    path: Path, *, name: str, catalogue: Catalogue
) -> tuple[pd.DataFrame, list[str]]:
    """Read the catalogue's series out of one data set.

    The name of the file without its ending is the data set's key in `live.yml`.

    Parameters
    ----------
    path : Path
        The CSV in UTF-8, as `/data-sets/{id}/csv` gives it, unpacked.
    name : str
        Its path below the extracts folder, for messages and `source_file`.
    catalogue : Catalogue
        Indicators of the source `dfe` whose `source_id` is the key: `pick` gives the value
        of each column that picks its rows, `columns` the headings of its figures.

    Returns
    -------
    DataFrame, list of str
        Columns `schema.OBSERVATIONS`: each indicator, area and period. The publisher prints
        no intervals. Then notes.

    Raises
    ------
    ExtractError
        With every fault: file, row, column, value.
    """
    key = path.stem
    if not indicators_of(key, catalogue, source=SOURCE):
        return empty_observations(), [f"{name}: not read; no indicator rests on it"]
    _check_kind(path, name)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        table, notes, sieved = read_data_set(lines, key=key, name=name, catalogue=catalogue)
    return table, [*_left_out(sieved, name), *notes]


def read_data_set(
    lines: Iterable[str], *, key: str, name: str, catalogue: Catalogue
) -> tuple[pd.DataFrame, list[str], Sieved]:
    """Read a data set from its lines; `read_education` without the file.

    Parameters
    ----------
    lines : iterable of str
        Without a byte order mark, line ends kept.
    key : str
        The data set's key in `live.yml`.
    name, catalogue
        As in `read_education`.

    Returns
    -------
    DataFrame, list of str, Sieved
        Observations, notes, and what the file holds besides.

    Raises
    ------
    ExtractError
    """
    indicators = indicators_of(key, catalogue, source=SOURCE)
    sieved = sieve(lines, name=name, indicators=indicators, catalogue=catalogue)
    data_set = catalogue.live.dfe.data_sets.get(key)
    reading = SeriesReader(sieved, name, data_set.reporting_year if data_set else "")
    rows = [row for choice in sieved.choices for row in reading.rows(choice)]
    faults = sieved.faults + reading.faults
    if faults or not rows:
        todo = "fetch the whole file again"
        raise ExtractError(
            f"{name} cannot be used", faults or [Fault(name, "no row of any series", todo=todo)]
        )
    table = pd.DataFrame(rows).assign(
        source_id=key, source_file=name,
        **dict.fromkeys(_NO_WORDS, ""), **dict.fromkeys(_LIMITS, math.nan),
    )  # fmt: skip
    headings = {column: column for column in ("value", *COUNTS)}
    faults = checks.figure_faults(table, catalogue=catalogue, name=name, headings=headings)
    if faults:
        raise ExtractError(f"{name} cannot be used", faults)
    notes = [*reading.notes, *_coverage(table, name, catalogue)]
    return as_observations(table), notes, sieved


def _check_kind(path: Path, name: str) -> None:
    """What the file really is, by its first bytes, where that is not CSV."""
    with path.open("rb") as stream:
        start = stream.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    for first, found, todo in (
        (b"\x1f\x8b", "a gzip archive, not CSV", "unpack it, or fetch it again"),
        (b"PK\x03\x04", "an Excel workbook or a zip archive, not CSV", "fetch it again"),
        (b"<", "a web page, not CSV", "fetch it again"),
        (b"{", "JSON, not CSV", "fetch it again"),
    ):
        if start.startswith(first):
            raise ExtractError(f"{name} cannot be read", [Fault(name, found, todo=todo)])


def _left_out(sieved: Sieved, name: str) -> list[str]:
    return [
        f"{name}: {counted(count, 'row')} {why} left out"
        for why, count in sorted(sieved.left_out.items())
        if count
    ]


def _coverage(table: pd.DataFrame, name: str, catalogue: Catalogue) -> list[str]:
    """Series without a row for the borough, the region or the country."""
    compared = catalogue.comparators
    sets = [catalogue.set_of(key) for key in (compared.region, compared.benchmark)]
    wanted = [catalogue.area.code, *(code for one in sets for code in one.areas)]
    areas = table.groupby("indicator", sort=True)["area_code"].agg(set)
    notes = []
    for indicator, codes in areas.items():
        missing = [catalogue.area_of(code).name for code in wanted if code not in codes]
        if missing:
            notes.append(f"{name}: {indicator}: no row for {', '.join(missing)}")
    return notes

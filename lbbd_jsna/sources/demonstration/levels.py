"""Levels of the demonstration figures.

`catalogue/demonstration.csv` says how high each made-up series should stand. The
numbers there were judged from general knowledge of public health in England, not
copied from a publication, and the series drawn around them are random.
"""

from __future__ import annotations

import csv
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.errors import ExtractError, Fault
from lbbd_jsna.sources.demonstration.periods import FORMS, form_of

COLUMNS = (
    "indicator", "england", "london", "borough", "spread", "change_per_year", "denominator",
    "periods", "also", "note",
)
NUMBERS = ("england", "london", "borough", "spread", "change_per_year", "denominator")
# What `also` may ask for: how the publisher's file looks, and what is wrong with it.
ALSO = {
    "survey": "values from a sample, without counts",
    "sexes": "rows for males and females beside persons",
    "ages": "rows for two narrower ages",
    "quintiles": "rows by deprivation quintile for the country and the borough",
    "bom": "a byte-order mark at the start of the file",
    "line-break": "a line break at the end of the indicator's name",
    "old-style": "26 columns, as exported before 2022",
    "short-rows": "rows that lack their last field",
    "gaps": "three boroughs without the latest value",
    "borough-gap": "the workspace's own borough without the latest value",
    "pandemic-gap": "no value for 2020/21 anywhere",
    "late": "a return that lacks the last year",
    "not-received": "no return at all",
}
# The level of a series nobody calibrated, by unit: (level, spread, denominator).
NEUTRAL = {
    "per 1,000": (10.0, 2.0, 20_000),
    "per 10,000": (80.0, 15.0, 40_000),
    "per 100,000": (200.0, 40.0, 200_000),
    "per cent": (50.0, 6.0, 2_500),
    "%": (50.0, 6.0, 2_500),
    "years": (70.0, 2.0, 100_000),
}
OTHERWISE = (50.0, 8.0, 2_500)
# Residents in ten thousands, roughly; only the size of the made-up counts hangs on it.
RESIDENTS = dict(
    zip(
        (f"E090000{number:02d}" for number in range(1, 34)),
        (1, 22, 39, 25, 34, 33, 21, 39, 37, 33, 29, 26, 18, 26, 26, 26, 31, 29, 22, 14, 17, 32,
         30, 22, 35, 31, 20, 31, 21, 31, 28, 33, 20),
        strict=True,
    )
)
TYPICAL_RESIDENTS = 25
ENGLAND_RESIDENTS = 5_700


@dataclass(frozen=True)
class Level:
    """Where a made-up series stands in its latest period, and how its file looks.

    `spread` is the standard deviation among boroughs; `denominator` the borough's
    people (the sample, for a survey); `periods` one of `periods.FORMS` with an optional
    last year, such as `financial to 2015`.
    """

    england: float
    london: float
    borough: float
    spread: float
    change_per_year: float
    denominator: float
    periods: str
    also: frozenset[str]


def generator(*words: str) -> np.random.Generator:
    """Random numbers that depend on the words alone, never on the order of work."""
    return np.random.default_rng(zlib.crc32("|".join(words).encode("utf-8")))


def read_levels(path: Path) -> dict[str, Level]:
    """Read the calibration table.

    Parameters
    ----------
    path : Path
        CSV with the columns `COLUMNS`, one row an indicator; the numbers are in the
        indicator's unit, `denominator` in people.

    Returns
    -------
    dict of str to Level
        By catalogue id.

    Raises
    ------
    ExtractError
        With every fault: a column missing, a number that is none, an unknown word.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ExtractError(
                f"{path.name} has other columns than expected",
                [Fault(path.name, ", ".join(reader.fieldnames or ()), ", ".join(COLUMNS))],
            )
        rows = list(enumerate(reader, start=2))
    faults = [fault for number, row in rows for fault in _row_faults(path.name, number, row)]
    if faults:
        raise ExtractError(f"{path.name} cannot be used", faults)
    return {row["indicator"]: _level(row) for _, row in rows}


def _row_faults(name: str, number: int, row: dict[str, str]) -> list[Fault]:
    where = f"{name}, row {number}"
    faults = [
        Fault(where, f'{key} is "{row[key]}"', "a number")
        for key in NUMBERS
        if not re.fullmatch(r"-?\d+(\.\d+)?", row[key])
        and not (key in ("england", "london") and row[key] == "")
    ]
    unknown = sorted(set(row["also"].split()) - set(ALSO))
    faults += [Fault(where, f'also has "{word}"', ", ".join(sorted(ALSO))) for word in unknown]
    if form_of(row["periods"])[0] not in FORMS:
        faults.append(Fault(where, f'periods is "{row["periods"]}"', ", ".join(FORMS)))
    return faults


def _level(row: dict[str, str]) -> Level:
    # A return has no figures for England or London.
    numbers = {key: float(row[key] or "nan") for key in NUMBERS}
    return Level(**numbers, periods=row["periods"], also=frozenset(row["also"].split()))


def neutral_level(indicator: Indicator) -> Level:
    """The level of a series without a row in the table, by unit and period range."""
    known = [key for key in NEUTRAL if key in indicator.unit]
    middle, spread, denominator = NEUTRAL[known[0]] if known else OTHERWISE
    form = {"3y": "calendar-3", "5y": "financial-5", "1q": "quarter",
            "cumulative quarterly": "cumulative"}  # fmt: skip
    periods = form.get(indicator.period_range.lower(), "financial")
    return Level(middle, middle, middle, spread, 0.0, denominator, periods, frozenset())


def residents(code: str) -> int:
    """Rough residents of a borough, in ten thousands."""
    return RESIDENTS.get(code, TYPICAL_RESIDENTS)


def boroughs(catalogue: Catalogue) -> list[str]:
    """Codes of the boroughs compared, the workspace's own among them."""
    league = set(catalogue.league.areas)
    return sorted(league | {catalogue.area.code})

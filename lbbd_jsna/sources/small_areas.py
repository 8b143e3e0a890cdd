"""A whole folder of extracts to what ward figures are built from: small areas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas
import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import ExtractError, JsnaError
from lbbd_jsna.sources import open_geography
from lbbd_jsna.sources.deprivation import read_deprivation
from lbbd_jsna.sources.faulty import stop_if_faulty
from lbbd_jsna.sources.small_area_agreement import Held, area_faults, lsoas_held
from lbbd_jsna.sources.small_area_lookups import read_lookup
from lbbd_jsna.sources.small_area_newest import Found, newest
from lbbd_jsna.sources.small_area_population import read_people
from lbbd_jsna.sources.small_area_shapes import GEOJSON, read_lsoa_shapes
from lbbd_jsna.sources.small_area_wards import TABLE, read_ward_people
from lbbd_jsna.sources.store import RawFile, find_extracts

# Folders, and the endings that are read of each.
DEPRIVATION, POPULATION, LOOKUPS, NOMIS = "deprivation", "population", "lookups", "nomis"
ENDINGS = {
    DEPRIVATION: (".xlsx", ".csv"),
    POPULATION: (".csv", ".xlsx"),
    LOOKUPS: (".csv", ".json"),
}
# What ward figures are built from, and what cannot be built without it.
WANTED = {
    "population": "no people by LSOA (population/lsoa11-mid2020.csv): no ward counts of people",
    "deprivation": "no Indices of Deprivation (deprivation/): no deprivation by ward",
    "lsoa11-ward2002": "no lookup of the LSOAs of 2011 to the wards of 2002",
    "lsoa21-ward2022": "no lookup of the LSOAs of 2021 to the wards of 2022",
    "lsoa11-lsoa21": "no lookup of the LSOAs of 2011 to those of 2021",
    "2011": "no shapes of the LSOAs of 2011",
    "2021": "no shapes of the LSOAs of 2021",
}


@dataclass(frozen=True)
class SmallAreas:
    """What ward figures are built from.

    Parameters
    ----------
    population : DataFrame or None
        Columns lsoa, vintage, year, sex, age_from, age_to, count, source_file, source_row:
        mid-year estimates, **with their totals** (`Persons`; all ages: 0 and <NA>). `people`
        chooses rows that may be added up.
    deprivation : DataFrame or None
        Columns lsoa, vintage, measure, value, source_file, source_row. The measures are those
        the files hold: `imd_rank` and `imd_decile` from File 1, `imd_score`, the domains and
        `population` (the publisher's weights) only from File 7.
    lookups : dict of str to DataFrame
        Columns from_code, to_code, source_file, source_row by `lsoa11-ward2002`,
        `lsoa21-ward2022`, `lsoa11-lsoa21` (this also with `change`: U, S, M or X).
    boundaries : dict of str to GeoDataFrame
        Columns code, name, geometry in EPSG:27700 by LSOA vintage, `2011` or `2021`.
    borough_population : DataFrame or None
        Columns area, year, sex, age_from, age_to, count, source_file, source_row: the Census.
    ward_population : DataFrame or None
        Columns ward, vintage, year, sex, age_from, age_to, count, source_file, source_row:
        published by ward, not built here.
    notes : tuple of str
        What is missing, was left out, or gave way to a newer file.
    """

    population: pd.DataFrame | None
    deprivation: pd.DataFrame | None
    lookups: dict[str, pd.DataFrame]
    boundaries: dict[str, geopandas.GeoDataFrame]
    borough_population: pd.DataFrame | None = None
    ward_population: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()


@dataclass
class _Reading:
    """What has been gathered so far: tables by kind and key, notes and errors."""

    found: dict[str, list[Found]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    errors: list[JsnaError] = field(default_factory=list)

    def add(self, kind: str, raw: RawFile, table: pd.DataFrame | None, key: str) -> None:
        if table is not None:
            self.found.setdefault(kind, []).append(Found(raw, key, table))

    def standing(self, kind: str) -> dict[str, pd.DataFrame]:
        """Of each key the table of the newest file; the others give way with a note."""
        tables, notes, faults = newest(self.found.get(kind, []))
        self.notes += notes
        if faults:
            self.errors.append(ExtractError("two extracts contradict each other", faults))
        return tables


def read_small_areas(
    folder: Path, *, catalogue: Catalogue, inputs: Sequence[RawFile] | None = None
) -> SmallAreas:
    """Read the population, deprivation, lookups and shapes of the borough's small areas.

    Parameters
    ----------
    folder : Path
        Laid out as `store.find_extracts` says, with the folders `deprivation`, `population`,
        `lookups`, `nomis` and those of the Open Geography portal.
    catalogue : Catalogue
        The borough, and its wards of each vintage.
    inputs : sequence of RawFile, optional
        What `find_extracts` lists of the folder, where it has been listed already.

    Returns
    -------
    SmallAreas
        Of each table the newest date; what no file holds is None or not there, with a note.

    Raises
    ------
    ExtractError
        With every fault of every file; two files of one date contradict each other; or the
        files do not agree which LSOAs the borough has.
    GeographyError
        The only faults are those of shapes.
    """
    listed = find_extracts(folder) if inputs is None else inputs
    reading = _Reading()
    for raw in listed:
        _guarded(reading, _read_one, raw, reading, catalogue)
    lookups = reading.standing(LOOKUPS)
    population = _together(reading.standing(POPULATION))
    deprivation = _together(reading.standing(DEPRIVATION))
    known = _known(lsoas_held(population, deprivation, lookups, {}))
    for raw in listed:
        if raw.source == open_geography.SOURCE and raw.path.suffix.lower() in GEOJSON:
            _guarded(reading, _read_shapes, raw, reading, catalogue, known)
    boundaries = reading.standing(open_geography.SOURCE)
    areas = SmallAreas(
        population=population,
        deprivation=deprivation,
        lookups=lookups,
        boundaries=boundaries,
        borough_population=_together(reading.standing("borough")),
        ward_population=_together(reading.standing(NOMIS)),
    )
    faults = area_faults(lsoas_held(population, deprivation, lookups, boundaries))
    if faults:
        reading.errors.append(ExtractError("the files do not agree on the LSOAs", faults))
    stop_if_faulty(reading.errors, "extracts of small areas")
    return replace(areas, notes=(*reading.notes, *_missing(areas)))


def people(
    population: pd.DataFrame, *, sex: str = "Persons", ages: tuple[int, int | None] = (0, None)
) -> pd.DataFrame:
    """Rows of one sex and one group of ages, which may be added up over areas.

    Parameters
    ----------
    population : DataFrame
        `SmallAreas.population`, or that of wards or the borough.
    sex : str
        `Persons`, `Male` or `Female`.
    ages : tuple of int and int or None
        From and to in years, both included; no upper end is None. A group of the file.

    Returns
    -------
    DataFrame
        The same columns, one row for each area and year; empty where there is no such group.
    """
    low, high = ages
    to = population["age_to"]
    same = to.isna() if high is None else (to == high).fillna(False)
    rows = (population["sex"] == sex) & (population["age_from"] == low) & same
    return population[rows].reset_index(drop=True)


def _guarded(reading: _Reading, read: Callable[..., None], *arguments: object) -> None:
    """Read a file; its error joins the others."""
    try:
        read(*arguments)
    except JsnaError as error:
        reading.errors.append(error)


def _read_one(raw: RawFile, reading: _Reading, catalogue: Catalogue) -> None:
    folder = Path(raw.name).parts[0]
    if raw.source == NOMIS and raw.path.stem == TABLE:
        table, notes = read_ward_people(raw.path, name=raw.name, catalogue=catalogue)
        reading.notes += notes
        for vintage, rows in table.groupby("vintage"):
            reading.add(NOMIS, raw, rows, f"population of the wards of {vintage}")
    elif folder in ENDINGS and raw.path.suffix.lower() not in ENDINGS[folder]:
        reading.notes.append(f'{raw.name}: a "{raw.path.suffix}" file, not read')
    elif folder in _READERS:
        _READERS[folder](raw, reading, catalogue)


def _read_deprivation(raw: RawFile, reading: _Reading, catalogue: Catalogue) -> None:
    table, notes = read_deprivation(raw.path, name=raw.name, catalogue=catalogue)
    reading.notes += notes
    for (vintage, measure), rows in table.groupby(["vintage", "measure"]):
        reading.add(DEPRIVATION, raw, rows, f"{measure} by LSOA of {vintage}")


def _read_population(raw: RawFile, reading: _Reading, catalogue: Catalogue) -> None:
    found = read_people(raw.path, name=raw.name, catalogue=catalogue)
    reading.notes += found.notes
    if found.lsoas is not None:
        for (vintage, year), rows in found.lsoas.groupby(["vintage", "year"]):
            reading.add(POPULATION, raw, rows, f"people of {year} by LSOA of {vintage}")
    if found.borough is not None:
        for year, rows in found.borough.groupby("year"):
            reading.add("borough", raw, rows, f"people of the borough in {year}")


def _read_lookup(raw: RawFile, reading: _Reading, catalogue: Catalogue) -> None:
    found = read_lookup(raw.path, name=raw.name, catalogue=catalogue)
    reading.notes += found.notes
    reading.add(LOOKUPS, raw, found.table, found.key)


_READERS = {
    DEPRIVATION: _read_deprivation,
    POPULATION: _read_population,
    LOOKUPS: _read_lookup,
}


def _read_shapes(
    raw: RawFile, reading: _Reading, catalogue: Catalogue, known: dict[str, set[str]]
) -> None:
    found = read_lsoa_shapes(raw.path, name=raw.name, catalogue=catalogue, known=known)
    reading.notes += found.notes
    reading.add(open_geography.SOURCE, raw, found.lsoas, found.vintage)


def _together(tables: dict[str, pd.DataFrame]) -> pd.DataFrame | None:
    """The tables of all keys, one below the other; None without any."""
    if not tables:
        return None
    return pd.concat([tables[key] for key in sorted(tables)], ignore_index=True)


def _known(held: Iterable[Held]) -> dict[str, set[str]]:
    """The borough's LSOAs of each vintage, as far as any table says."""
    known: dict[str, set[str]] = {}
    for vintage, _, codes in held:
        known.setdefault(vintage, set()).update(codes)
    return known


def _missing(areas: SmallAreas) -> Iterable[str]:
    """A note for each table that no file holds."""
    held = {*areas.lookups, *areas.boundaries}
    held |= {"population"} if areas.population is not None else set()
    held |= {"deprivation"} if areas.deprivation is not None else set()
    yield from (f"small areas: {words}" for what, words in WANTED.items() if what not in held)
    if areas.deprivation is not None and "imd_score" not in set(areas.deprivation["measure"]):
        yield (
            "small areas: the Indices of Deprivation are here as ranks and deciles only; for "
            "scores put File 7 (scores and population denominators) into deprivation/"
        )

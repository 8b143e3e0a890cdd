"""A whole folder of extracts to one table of observations and the ward boundaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import geopandas
import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import ExtractError, Fault, GeographyError, JsnaError
from lbbd_jsna.schema import KEY, as_observations, empty_observations
from lbbd_jsna.sources import education, fingertips, nomis, open_geography, returns, ward_atlas
from lbbd_jsna.sources.csv_files import counted
from lbbd_jsna.sources.derived import derive
from lbbd_jsna.sources.faulty import stop_if_faulty
from lbbd_jsna.sources.neighbours import neighbours_of
from lbbd_jsna.sources.newest import newest_only
from lbbd_jsna.sources.repeats import drop_repeats
from lbbd_jsna.sources.small_area_newest import Found, newest
from lbbd_jsna.sources.small_areas import WANTED, SmallAreas, read_small_areas
from lbbd_jsna.sources.store import DEMONSTRATION, KEPT, NOT_READ, RawFile, find_extracts

Reader = Callable[..., tuple[pd.DataFrame, list[str]]]
TABLES: dict[str, Reader] = {
    "fingertips": fingertips.read_fingertips,
    "ward-atlas": ward_atlas.read_ward_atlas,
    "returns": returns.read_return,
    "nomis": nomis.read_nomis,
    "dfe": education.read_education,
}
SMALL_AREAS = "small-areas"
OUTLINES = "outlines of boroughs"
# What a file must be for its reader, by its ending; CSV if nothing else is said.
ENDINGS = {"returns": (".csv", ".xlsx")}


@dataclass(frozen=True)
class Extracts:
    """What a folder of extracts holds.

    Parameters
    ----------
    observations : DataFrame
        Columns `schema.OBSERVATIONS`, sorted by its key.
    boundaries : dict of str to GeoDataFrame
        Wards (code, name, geometry in EPSG:27700) by vintage, `2002` or `2022`.
    inputs : list of RawFile
        Every file of the folder, sorted by name, those not read among them.
    notes : list of str
        What was left out, repaired or not read, file by file.
    demonstration : bool
        Whether the figures are made up.
    small_areas : SmallAreas
        What ward figures are built from; empty where no file holds any of it.
    neighbours : GeoDataFrame or None
        Boroughs around the wards (code, name, geometry in EPSG:27700), its own among them;
        None where no file holds any.
    """

    observations: pd.DataFrame
    boundaries: dict[str, geopandas.GeoDataFrame]
    inputs: list[RawFile]
    notes: list[str]
    demonstration: bool
    small_areas: SmallAreas = field(default_factory=lambda: SmallAreas(None, None, {}, {}))
    neighbours: geopandas.GeoDataFrame | None = None


@dataclass
class _Reading:
    """What has been gathered so far, file by file."""

    tables: list[tuple[RawFile, pd.DataFrame]] = field(default_factory=list)
    boundaries: dict[str, geopandas.GeoDataFrame] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    errors: list[JsnaError] = field(default_factory=list)
    faulty: set[str] = field(default_factory=set)
    drawn_in: dict[str, str] = field(default_factory=dict)
    outlines: list[Found] = field(default_factory=list)


def read_extracts(folder: Path, *, catalogue: Catalogue) -> Extracts:
    """Read every extract of a folder.

    Parameters
    ----------
    folder : Path
        Laid out as `store.find_extracts` says.
    catalogue : Catalogue
        Which series, areas and wards are wanted.

    Returns
    -------
    Extracts
        With the derived series worked out, identical rows of several files once, and of a
        series in files of several dates the newest (`newest.newest_only`).

    Raises
    ------
    ExtractError
        The folder is missing or holds no extract; or with every fault of every file, and
        both rows wherever two files of one date contradict each other.
    GeographyError
        The only faults are those of boundaries.
    """
    inputs = find_extracts(folder)
    if all(raw.source in (KEPT, NOT_READ) for raw in inputs):
        raise ExtractError(
            f'the folder of extracts "{folder.name}" holds none; put files in folders such as '
            "fingertips/2026-10-01/, open-geography/2026-10-01/ and returns/2026-10-01/, or name "
            "another folder with --extracts"
        )
    reading = _Reading()
    for raw in inputs:
        _read_one(raw, reading, catalogue)
    small = _read_small(folder, inputs, reading, catalogue)
    neighbours = _neighbours(reading, catalogue)
    stop_if_faulty(reading.errors, "extracts")
    reading.notes.extend(_kept_notes(inputs))
    observations = _together(reading, catalogue)
    worked_out, notes = derive(observations, catalogue=catalogue)
    parts = [table for table in (observations, worked_out) if not table.empty]
    table = pd.concat(parts) if parts else empty_observations()
    return Extracts(
        observations=as_observations(table.sort_values(list(KEY), kind="stable")),
        boundaries=dict(sorted(reading.boundaries.items())),
        inputs=inputs,
        notes=reading.notes + notes,
        demonstration=(folder / DEMONSTRATION).is_file(),
        small_areas=small,
        neighbours=neighbours,
    )


def _read_one(raw: RawFile, reading: _Reading, catalogue: Catalogue) -> None:
    """Read a file into what has been gathered; its error joins the others."""
    try:
        if raw.source in TABLES:
            _read_table(raw, reading, catalogue)
        elif raw.source == open_geography.SOURCE:
            _read_shapes(raw, reading, catalogue)
        elif raw.source not in (KEPT, SMALL_AREAS):
            reading.notes.append(f"{raw.name}: not read; no reader takes this folder")
    except JsnaError as error:
        reading.errors.append(error)
        reading.faulty.add(raw.name)


def _read_small(
    folder: Path, inputs: list[RawFile], reading: _Reading, catalogue: Catalogue
) -> SmallAreas:
    """What ward figures are built from; a file already found faulty is not read again."""
    sound = [raw for raw in inputs if raw.name not in reading.faulty]
    try:
        small = read_small_areas(folder, catalogue=catalogue, inputs=sound)
    except JsnaError as error:
        reading.errors.append(error)
        return SmallAreas(None, None, {}, {})
    held = any(raw.source == SMALL_AREAS for raw in inputs)
    lacking = {f"small areas: {words}" for words in WANTED.values()}
    reading.notes += [note for note in small.notes if held or note not in lacking]
    return small


def _read_table(raw: RawFile, reading: _Reading, catalogue: Catalogue) -> None:
    endings = ENDINGS.get(raw.source, (".csv",))
    if raw.path.suffix.lower() not in endings:
        kinds = " or ".join({".csv": "CSV", ".xlsx": "XLSX"}[ending] for ending in endings)
        fault = Fault(raw.name, f'a "{raw.path.suffix}" file', kinds, "save it as CSV UTF-8")
        raise ExtractError(f"{raw.name} cannot be used", [fault])
    table, notes = TABLES[raw.source](raw.path, name=raw.name, catalogue=catalogue)
    reading.notes.extend(notes)
    if not table.empty:
        reading.tables.append((raw, table))


def _kept_notes(inputs: list[RawFile]) -> list[str]:
    """A note for each folder of files that are kept as received and not read."""
    folders = Counter(Path(raw.name).parts[0] for raw in inputs if raw.source == KEPT)
    return [f"{name}: {counted(count, 'file')} kept, not read" for name, count in folders.items()]


def _read_shapes(raw: RawFile, reading: _Reading, catalogue: Catalogue) -> None:
    if raw.path.suffix.lower() in open_geography.SHAPEFILE_PARTS:
        return
    found = open_geography.read_boundaries(raw.path, name=raw.name, catalogue=catalogue)
    if found.authorities is not None:
        reading.outlines.append(Found(raw, OUTLINES, found.authorities))
    if found.wards is None:  # shapes of LSOAs are read with the small areas
        reading.notes.extend(note for note in found.notes if " LSOAs, not used" not in note)
        return
    reading.notes.extend(found.notes)
    if found.vintage in reading.drawn_in:
        fault = Fault(
            raw.name,
            f"the wards of {found.vintage} again",
            "one file of them",
            f"remove it or {reading.drawn_in[found.vintage]}",
        )
        raise GeographyError(f"{raw.name} cannot be used", [fault])
    reading.drawn_in[found.vintage] = raw.name
    reading.boundaries[found.vintage] = found.wards


def _neighbours(reading: _Reading, catalogue: Catalogue) -> geopandas.GeoDataFrame | None:
    """The boroughs near the wards, from the newest file of outlines."""
    tables, notes, faults = newest(reading.outlines)
    reading.notes += notes
    if faults:
        reading.errors.append(GeographyError("two extracts contradict each other", faults))
    if not tables:
        return None
    near, notes = neighbours_of(tables[OUTLINES], reading.boundaries, catalogue=catalogue)
    reading.notes += notes
    return near


def _together(reading: _Reading, catalogue: Catalogue) -> pd.DataFrame:
    """The tables of all files; a figure that two files of one date give alike is kept once."""
    if not reading.tables:
        return empty_observations()
    newest, notes = newest_only(reading.tables, catalogue=catalogue)
    reading.notes.extend(notes)
    table, repeats, faults = drop_repeats(newest)
    if faults:
        raise ExtractError("two extracts contradict each other", faults)
    if repeats:
        reading.notes.append(f"{counted(repeats, 'row')} of one file again in another; kept once")
    return as_observations(table)

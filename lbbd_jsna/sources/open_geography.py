"""Wards and outlines of boroughs from GeoJSON, shapefile or GeoPackage, on the National Grid."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import geopandas
import pyogrio
import shapely

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import Fault, GeographyError
from lbbd_jsna.sources.coordinates import GRID, on_grid, refused, sound
from lbbd_jsna.sources.csv_files import name_fault, shown, tidy
from lbbd_jsna.sources.neighbours import authorities_of

SOURCE = "open-geography"
MOST_BYTES = 50_000_000
VINTAGES = ("2002", "2022")
WARD, CODE = re.compile(r"E05\d{6}"), re.compile(r"[ENSW]\d{8}")
SMALLER = re.compile(r"E0[0-2]\d{6}")
# What else a folder of boundaries holds, by the start of its codes.
OTHERS = {
    "E00": "output areas",
    "E01": "LSOAs",
    "E02": "MSOAs",
    "E12": "regions",
    "E92": "the country",
}
GEOJSON = (".geojson", ".json")
# A shapefile is several files; these are read with the .shp.
SHAPEFILE_PARTS = (".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".qmd", ".qpj")

_DAMAGED = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    shapely.errors.GEOSException,
    UnicodeDecodeError,
)


@dataclass(frozen=True)
class Boundaries:
    """The wards of one file; `vintage` is empty where it holds none of the borough's.

    `authorities` are the outlines of boroughs (code, name, geometry), where it holds those.
    """

    vintage: str
    wards: geopandas.GeoDataFrame | None
    notes: tuple[str, ...]
    authorities: geopandas.GeoDataFrame | None = None


def read_wards(path: Path, *, vintage: str, catalogue: Catalogue) -> geopandas.GeoDataFrame:
    """Read the borough's wards of one vintage.

    Parameters
    ----------
    path : Path
        As for `read_boundaries`.
    vintage : str
        `2002` or `2022`.
    catalogue : Catalogue
        Its wards are those the file must hold.

    Returns
    -------
    GeoDataFrame
        Columns code, name (the catalogue's), geometry; EPSG:27700; sorted by code.

    Raises
    ------
    GeographyError
        As `read_boundaries`, or the file holds the wards of another vintage or none.
    """
    found = read_boundaries(path, name=path.name, catalogue=catalogue)
    if found.wards is None or found.vintage != vintage:
        raise refused(
            path.name,
            f"wards of {found.vintage}" if found.vintage else "no wards of this borough",
            f"the wards of {vintage}",
        )
    return found.wards


def read_boundaries(path: Path, *, name: str, catalogue: Catalogue) -> Boundaries:
    """Read a file of boundaries and say which wards it holds.

    Columns are found by what stands in them, never by their headings, which change with
    every vintage (WD22CD, wd13cd, WARDCD, GSS_CODE). The set of codes decides the vintage;
    names recur with other shapes and never do.

    Parameters
    ----------
    path : Path
        `.geojson`, `.json`, `.shp` (with its parts beside it) or `.gpkg`.
    name : str
        Its path below the extracts folder, for messages.
    catalogue : Catalogue
        The borough, and its wards of each vintage.

    Returns
    -------
    Boundaries
        Wards, or outlines of boroughs, as columns code, name, geometry in EPSG:27700, sorted
        by code; or none, with a note, where the file holds other areas.

    Raises
    ------
    GeographyError
        Not a file of these kinds; no features; a shape missing, broken or not an area; a
        code twice, missing or of two vintages; no coordinate system declared, or
        coordinates that are not in it; wards that overlap. All faults of a step together.
    """
    frame = _read(path, name)
    code_column = _code_column(frame, catalogue)
    if not code_column:
        smaller = _holds_smaller(frame)
        authorities = None if smaller else authorities_of(frame, name=name)
        notes = () if authorities is not None else (_other_note(frame, name),)
        return Boundaries("", None, notes, authorities)
    codes = frame[code_column].fillna("").astype(str).str.strip()
    vintage, own, notes = _vintage(frame, codes, name, catalogue)
    if not vintage:
        return Boundaries("", None, tuple(notes))
    wards = frame.loc[own, ["geometry"]].assign(code=codes[own])
    names = catalogue.wards(vintage)
    notes += _check_names(frame, code_column, wards["code"], names, name)
    wards = on_grid(sound(wards, name=name), name=name)
    wards = wards.assign(name=wards["code"].map(names))[["code", "name", "geometry"]]
    return Boundaries(vintage, wards.sort_values("code", ignore_index=True), tuple(notes))


def _read(path: Path, name: str) -> geopandas.GeoDataFrame:
    kind = path.suffix.lower()
    if not path.is_file():
        raise refused(name, "not a file")
    if kind not in (*GEOJSON, ".shp", ".gpkg"):
        todo = "unpack it" if kind == ".zip" else ""
        raise refused(name, f'a "{kind}" file', "GeoJSON, shapefile or GeoPackage", todo)
    if path.stat().st_size > MOST_BYTES:
        raise refused(
            name, f"larger than {MOST_BYTES // 1_000_000} MB", todo="use generalised boundaries"
        )
    if kind in GEOJSON:
        _check_json(path, name)
    frame = _frame(path, name)
    if frame.empty or "geometry" not in frame:
        raise refused(name, "no features", "one for each ward", "fetch it again")
    if frame.crs is None:
        raise refused(
            name,
            "no coordinate reference system",
            f"{GRID} or EPSG:4326, declared",
            "add the .prj file",
        )
    return frame


def _frame(path: Path, name: str) -> geopandas.GeoDataFrame:
    """Whatever GDAL makes of the file's one layer; the checks that follow decide on it."""
    # An absolute path: GDAL would take "/vsicurl/..." and the like for an address.
    place = path.resolve()
    try:
        # GDAL warns of rings and points it mends or drops; what it dropped is refused below.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            layers = pyogrio.list_layers(place)
            if len(layers) == 1:
                return geopandas.read_file(place, engine="pyogrio")
    except _DAMAGED as error:
        found = f"damaged or cut off ({error})".replace(str(place), path.name)
        raise refused(name, found, todo="fetch it again") from None
    found = ", ".join(sorted(layer[0] for layer in layers)) or "none"
    raise refused(name, f"{len(layers)} layers ({found})", "one layer")


def _check_json(path: Path, name: str) -> None:
    """Refuse what GDAL would read in part: half a file, a web page, another kind of JSON."""
    try:
        said = json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise refused(name, f"not JSON, or cut off ({error})", todo="fetch it again") from None
    except RecursionError:
        raise refused(name, "JSON nested too deeply", todo="fetch it again") from None
    if not isinstance(said, dict) or said.get("type") != "FeatureCollection":
        raise refused(name, "not a GeoJSON FeatureCollection", todo="fetch it again")
    if not said.get("features"):
        raise refused(name, "no features", "one for each ward", "fetch it again")


def _code_column(frame: geopandas.GeoDataFrame, catalogue: Catalogue) -> str:
    """The column in which most of the borough's ward codes stand, or that of any wards."""
    if _holds_smaller(frame):
        return ""  # with the ward of each beside them
    own = {code for vintage in VINTAGES for code in catalogue.wards(vintage)}
    best, most = "", (0, 0)
    for column in sorted(set(frame.columns) - {frame.geometry.name}):
        texts = frame[column].astype(str).str.strip()
        found = (int(texts.isin(own).sum()), int(texts.str.fullmatch(WARD).sum()))
        if found > most:
            best, most = column, found
    return best


def _holds_smaller(frame: geopandas.GeoDataFrame) -> bool:
    """Whether a column has the code of a small area in every row."""
    columns = set(frame.columns) - {frame.geometry.name}
    return any(frame[c].astype(str).str.strip().str.fullmatch(SMALLER).all() for c in columns)


def _other_note(frame: geopandas.GeoDataFrame, name: str) -> str:
    for column in frame.columns:
        texts = frame[column].astype(str) if column != frame.geometry.name else None
        if texts is not None and texts.str.fullmatch(r"[EKW]\d{8}").all():
            what = OTHERS.get(texts.iloc[0][:3], "areas of another kind")
            return f"{name}: {len(frame)} {what}, not used in this pack"
    columns = ", ".join(shown(c) for c in frame.columns if c != frame.geometry.name) or "none"
    raise refused(
        name,
        f"no column holds the codes of areas (columns: {columns})",
        "codes such as E05014053",
        "fetch it again, with its attributes",
    )


def _vintage(
    frame: geopandas.GeoDataFrame, codes, name: str, catalogue: Catalogue
) -> tuple[str, object, list[str]]:
    """Which vintage of the borough's wards the codes are, and the rows of it."""
    counts = {vintage: int(codes.isin(catalogue.wards(vintage)).sum()) for vintage in VINTAGES}
    held = [vintage for vintage, count in counts.items() if count]
    if not held:
        return "", None, [f"{name}: wards of other boroughs only, not used in this pack"]
    if len(held) > 1:
        raise refused(name, f"wards of {' and of '.join(held)} together", "one vintage")
    names = catalogue.wards(held[0])
    own = codes.isin(names)
    strangers = _strangers(frame, codes, own, catalogue.settings.area)
    twice = sorted(codes[own][codes[own].duplicated()].unique())
    missing = sorted(set(names) - set(codes))
    faults = [Fault(name, f"{code} {names[code]} stands more than once") for code in twice]
    faults += [
        Fault(name, f"no shape for {code} {names[code]}", f"all {len(names)} wards of {held[0]}")
        for code in missing
    ]
    faults += [
        Fault(
            name,
            f"{shown(code)} is given as a ward of this borough",
            f"the {len(names)} wards of {held[0]}",
            "is the file of another year?",
        )
        for code in strangers
    ]
    if faults:
        raise GeographyError(f"{name} cannot be used", faults)
    others = int((~own).sum())
    notes = [f"{name}: {others} wards of other boroughs left out"] if others else []
    return held[0], own, notes


def _strangers(frame: geopandas.GeoDataFrame, codes, own, borough: str) -> list[str]:
    """Codes outside the vintage on rows that name the borough, and what is no code at all."""
    here = frame.drop(columns=frame.geometry.name).eq(borough).any(axis="columns")
    malformed = ~codes.str.fullmatch(CODE)
    return sorted(codes[~own & (here | malformed)])


def _check_names(
    frame: geopandas.GeoDataFrame, code_column: str, codes, names: dict[str, str], name: str
) -> list[str]:
    """Note names that differ from the catalogue's; refuse what is no name at all."""
    beside = re.sub("cd", "nm", code_column, flags=re.IGNORECASE)
    by_heading = {column.casefold(): column for column in frame.columns}
    if beside.casefold() == code_column.casefold() or beside.casefold() not in by_heading:
        return []
    printed = frame.loc[codes.index, by_heading[beside.casefold()]].fillna("").astype(str)
    pairs = [(code, tidy(text)) for code, text in zip(codes, printed, strict=True)]
    faults = [
        Fault(f"{name}, {code}", f"{name_fault(text)}: {shown(text)}", "the name of a ward")
        for code, text in pairs
        if name_fault(text)
    ]
    if faults:
        raise GeographyError(f"{name} cannot be used", faults)
    differing = [
        f'{code} "{text}" is {names[code]}'
        for code, text in sorted(pairs)
        if text.casefold() != names[code].casefold()
    ]
    return [f"{name}: wards called otherwise: {'; '.join(differing)}"] if differing else []

"""The shapes of the borough's LSOAs, in metres on the National Grid."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import shapely

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import Fault, GeographyError
from lbbd_jsna.sources.coordinates import on_grid, sound
from lbbd_jsna.sources.csv_files import counted, name_fault, shown
from lbbd_jsna.sources.small_area_borough import VINTAGES, number_faults
from lbbd_jsna.sources.small_area_headings import AN_LSOA, LSOA, area_column, code_columns
from lbbd_jsna.sources.small_area_tables import (
    as_text,
    code_faults,
    columns_of,
    read_json,
    repeat_faults,
    table_of_features,
    unusable,
)

GEOJSON = (".geojson", ".json")
# GeoJSON that declares nothing is in degrees (RFC 7946).
DEGREES = "OGC:CRS84"


@dataclass(frozen=True)
class Shapes:
    """LSOAs of one file; `vintage` is empty where it holds none of the borough's."""

    vintage: str
    lsoas: geopandas.GeoDataFrame | None
    notes: list[str]


def read_lsoa_shapes(
    path: Path, *, name: str, catalogue: Catalogue, known: Mapping[str, set[str]]
) -> Shapes:
    """Read the shapes of LSOAs.

    Parameters
    ----------
    path : Path
        GeoJSON with a column of codes such as `LSOA11CD` or `LSOA21CD`.
    name : str
        Its path below the extracts folder, for messages.
    catalogue : Catalogue
        Says which borough.
    known : mapping of str to set of str
        The borough's LSOAs by vintage, where other files have said which they are. With
        these or a column of boroughs, shapes of other boroughs are left out.

    Returns
    -------
    Shapes
        Columns code, name, geometry in EPSG:27700, sorted by code; or none where the file
        holds other areas, such as wards, which `open_geography` reads.

    Raises
    ------
    ExtractError
        Codes that are none or twice, another number of LSOAs than the borough has.
    GeographyError
        A shape missing, broken or not an area; coordinates that are not where they are said
        to be; LSOAs that overlap. All faults of a step together.
    """
    said = read_json(path, name=name)
    features = said.get("features") if isinstance(said, dict) else None
    if not isinstance(features, list) or not _has_lsoas(features):
        return Shapes("", None, [])
    table = table_of_features(features, name)
    vintage, place = _codes(table.headings, name)
    own = _own(table, place, known.get(vintage), catalogue)
    kept = table.only(own)
    codes = kept.texts(place)
    faults = code_faults(table, place, LSOA, AN_LSOA)
    faults += repeat_faults(kept, place)
    faults += number_faults(set(codes), vintage, catalogue=catalogue, where=name)
    names, more = _names(kept, vintage)
    if faults + more:
        raise unusable(name, faults + more)
    shapes = [_geometry(features[line - 1]) for line in kept.lines]
    geometry = _placed(shapes, said.get("crs"), name)
    frame = geopandas.GeoDataFrame({"code": codes, "name": names}, geometry=geometry)
    frame = on_grid(sound(frame, name=name), name=name)[["code", "name", "geometry"]]
    others = len(own) - sum(own)
    notes = [f"{name}: {counted(others, 'LSOA')} of other boroughs left out"] if others else []
    return Shapes(vintage, frame.sort_values("code", ignore_index=True), notes)


def _has_lsoas(features: list[Any]) -> bool:
    """Whether the first feature has a column of LSOA codes: wards and boroughs have none."""
    first = features[0] if features else None
    columns = columns_of(first) if isinstance(first, dict) else None
    return isinstance(columns, dict) and any(
        kind == "lsoa" for kind, _ in code_columns(list(columns))
    )


def _codes(headings: tuple[str, ...], name: str) -> tuple[str, int]:
    found = [(year, p) for (kind, year), places in code_columns(headings).items()
             if kind == "lsoa" for p in places]  # fmt: skip
    if len(found) == 1 and found[0][0] in VINTAGES:
        return found[0]
    named = ", ".join(shown(headings[place]) for _, place in found)
    expected = "one column that says which, such as LSOA21CD"
    raise unusable(name, [Fault(name, f"LSOAs in {named}", expected)])


def _own(table, place: int, known: set[str] | None, catalogue: Catalogue) -> list[bool]:
    boroughs = [p for (kind, _), places in code_columns(table.headings).items()
                if kind == "borough" for p in places]  # fmt: skip
    if len(boroughs) == 1:
        return [text == catalogue.settings.area for text in table.texts(boroughs[0])]
    if known:
        return [text in known for text in table.texts(place)]
    return [True] * len(table.rows)


def _names(table, vintage: str) -> tuple[list[str], list[Fault]]:
    """The LSOAs' names; blank where the file has none."""
    places = [
        place
        for place, heading in enumerate(table.headings)
        if (column := area_column(heading))
        and column.kind == "lsoa"
        and not column.is_code
        and column.year == vintage
    ]
    if len(places) != 1:
        return [""] * len(table.rows), []
    names = table.texts(places[0])
    faults = [
        Fault(table.where(line, places[0]), f"{name_fault(text)}: {shown(text)}", "a name")
        for line, text in zip(table.lines, names, strict=True)
        if name_fault(text)
    ]
    return names, faults


def _geometry(feature: dict[str, Any]) -> shapely.Geometry | None:
    """A feature's shape; None where there is none or it cannot be read."""
    return shapely.from_geojson(json.dumps(feature.get("geometry")), on_invalid="ignore")


def _placed(shapes: list[Any], crs: object, name: str) -> geopandas.GeoSeries:
    """Shapes in the coordinate system the file declares, or in that of GeoJSON."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    text = as_text(properties.get("name")) if isinstance(properties, dict) else ""
    try:
        return geopandas.GeoSeries(shapes, crs=DEGREES if crs is None else text or "none")
    except RuntimeError:  # an error of pyproj
        fault = Fault(f"{name}, crs", shown(text), "a coordinate system such as EPSG:4326")
        raise GeographyError(f"{name} cannot be used", [fault]) from None

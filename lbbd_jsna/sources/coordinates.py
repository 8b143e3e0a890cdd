"""Whether shapes are sound and lie where they say they do, in metres on the National Grid."""

from __future__ import annotations

import geopandas
import shapely

from lbbd_jsna.errors import Fault, GeographyError

GRID = "EPSG:27700"
# Great Britain on the National Grid, in metres: west, south, east, north.
BRITAIN = (0, 0, 700_000, 1_300_000)
# Great Britain in degrees of longitude and latitude.
BRITAIN_DEGREES = (-9.0, 49.0, 2.5, 61.5)
# The wards of one borough together, in square metres.
AREA = (1_000_000, 5_000_000_000)
# Neighbours drawn apart overlap in slivers; more than this share is a wrong file.
OVERLAP = 0.01


def refused(where: str, found: str, expected: str = "", todo: str = "") -> GeographyError:
    return GeographyError(f"{where} cannot be used", [Fault(where, found, expected, todo)])


def sound(wards: geopandas.GeoDataFrame, *, name: str) -> geopandas.GeoDataFrame:
    """Flat polygons, each of them valid; anything else is refused with its ward."""
    faults = []
    for code, shape in zip(wards["code"], wards.geometry, strict=True):
        if shape is None or shape.is_empty:
            faults.append(Fault(f"{name}, {code}", "no shape", "an area", "fetch it again"))
        elif not _is_area(shape):
            faults.append(Fault(f"{name}, {code}", f"a {shape.geom_type}", "an area"))
        elif not shape.is_valid:
            faults.append(
                Fault(
                    f"{name}, {code}",
                    f"a broken shape ({shapely.is_valid_reason(shape)})",
                    "a valid area",
                    "mend it in a geographic information system, or fetch it again",
                )
            )
    if faults:
        raise GeographyError(f"{name} cannot be used", faults)
    flat = [_areas_only(shape) for shape in shapely.force_2d(wards.geometry.values)]
    return wards.set_geometry(geopandas.GeoSeries(flat, index=wards.index, crs=wards.crs))


def _areas_only(shape: shapely.Geometry) -> shapely.Geometry:
    """A collection of areas, as some exports write them, is one area of several parts."""
    if shape.geom_type != "GeometryCollection":
        return shape
    return shapely.union_all(shapely.get_parts(shape))


def _is_area(shape: shapely.Geometry) -> bool:
    parts = shapely.get_parts(shape)
    return all(part.geom_type in ("Polygon", "MultiPolygon") for part in parts)


def on_grid(
    wards: geopandas.GeoDataFrame, *, name: str, areas: str = "wards", largest: float = AREA[1]
) -> geopandas.GeoDataFrame:
    """Convert to the National Grid; coordinates that cannot be there are refused.

    `areas` is what messages call them; `largest` the most ground they have together.
    """
    bounds = wards.total_bounds
    reason = _wrong_coordinates(wards)
    if reason:
        raise refused(
            name,
            reason,
            f"coordinates of {wards.crs.to_string()} in Great Britain",
            f"export it again as {GRID} or EPSG:4326, and declare which",
        )
    moved = wards.to_crs(GRID)
    if not _inside(moved.total_bounds, BRITAIN):
        raise refused(
            name,
            f"coordinates {_pair(bounds)} of {wards.crs.to_string()}, outside Great Britain",
            todo="is the coordinate reference system the right one?",
        )
    total = float(moved.area.sum())
    if not AREA[0] <= total <= largest:
        raise refused(
            name,
            f"{areas} of {total / 1e6:,.2f} square kilometres together",
            f"1 to {largest / 1e6:,.0f} square kilometres",
            "is the coordinate reference system right?",
        )
    if total - shapely.area(shapely.union_all(moved.geometry.values)) > OVERLAP * total:
        raise refused(name, f"{areas} that overlap", f"{areas} side by side", "fetch it again")
    return moved


def _wrong_coordinates(wards: geopandas.GeoDataFrame) -> str:
    """Say which slip the numbers show: metres for degrees, degrees for metres, or swapped."""
    bounds = wards.total_bounds
    west, south, east, north = bounds
    declared = wards.crs.to_string()
    if wards.crs.is_geographic and (abs(bounds) > 180).any():
        grid = f", which look like British National Grid ({GRID})"
        return (
            f"metres {_pair(bounds)}{grid if _inside(bounds, BRITAIN) else ''}, but the file is "
            f"in {declared} (longitude and latitude), as it says or as GeoJSON without crs is"
        )
    if wards.crs.is_geographic and _inside((south, west, north, east), BRITAIN_DEGREES):
        return f"latitude and longitude the wrong way round {_pair(bounds)}"
    if wards.crs.is_projected and (abs(bounds) <= 180).all():
        return f"degrees {_pair(bounds)}, but the file says it is in {declared} (metres)"
    return ""


def _inside(bounds: tuple[float, ...], box: tuple[float, ...]) -> bool:
    west, south, east, north = bounds
    return box[0] <= west and box[1] <= south and east <= box[2] and north <= box[3]


def _pair(bounds: tuple[float, ...]) -> str:
    return (
        f"({bounds[0]:,.5g}, {bounds[1]:,.5g})"
        if abs(bounds[0]) < 1000
        else (f"({bounds[0]:,.0f}, {bounds[1]:,.0f})")
    )

"""Schematic ward shapes: a tile map of equal squares, drawn by us."""

from __future__ import annotations

import json
import math

import geopandas as gpd

from lbbd_jsna.catalogue import Catalogue

# Wards of 2022, column from the west and row from the south: near their true places,
# without gaps. Any other set of wards is laid out in a plain grid.
LAYOUT = {
    "E05014058": (3, 5),  # Chadwell Heath
    "E05014071": (3, 4),  # Whalebone
    "E05014057": (2, 3),  # Becontree
    "E05014069": (3, 3),  # Valence
    "E05014063": (4, 3),  # Heath
    "E05014059": (5, 3),  # Eastbrook & Rush Green
    "E05014066": (0, 2),  # Northbury
    "E05014064": (1, 2),  # Longbridge
    "E05014065": (2, 2),  # Mayesbrook
    "E05014067": (3, 2),  # Parsloes
    "E05014054": (4, 2),  # Alibon
    "E05014053": (0, 1),  # Abbey
    "E05014061": (1, 1),  # Gascoigne
    "E05014060": (2, 1),  # Eastbury
    "E05014062": (3, 1),  # Goresbrook
    "E05014070": (4, 1),  # Village
    "E05014068": (2, 0),  # Thames View
    "E05014055": (3, 0),  # Barking Riverside
    "E05014056": (4, 0),  # Beam
}
SIDE = 1_400  # metres
CENTRE = (548_500, 186_000)  # easting and northing of the middle of the tiles


def places(codes: list[str]) -> dict[str, tuple[int, int]]:
    """Column and row of each ward's tile.

    Parameters
    ----------
    codes : list of str
        GSS codes of one vintage.

    Returns
    -------
    dict of str to (int, int)
        From `LAYOUT` when it knows every ward, else row by row in a near square.
    """
    if all(code in LAYOUT for code in codes):
        return {code: LAYOUT[code] for code in codes}
    across = math.ceil(math.sqrt(len(codes)))
    down = math.ceil(len(codes) / across)
    return {
        code: (number % across, down - 1 - number // across)
        for number, code in enumerate(sorted(codes))
    }


def ward_tiles(catalogue: Catalogue, *, vintage: str) -> str:
    """The wards of the borough as GeoJSON text, one square a ward, in EPSG:4326.

    Parameters
    ----------
    catalogue : Catalogue
    vintage : str
        `2022` or `2002`.

    Returns
    -------
    str
        A FeatureCollection sorted by code; neighbouring tiles share their corners.
    """
    wards = dict(sorted(catalogue.wards(vintage).items()))
    tiles = places(list(wards))
    corners = _corners(list(tiles.values()))
    year = vintage[2:]
    features = []
    for code, name in wards.items():
        x, y = tiles[code]
        ring = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)]
        names = {
            f"WD{year}CD": code, f"WD{year}NM": name,
            f"LAD{year}CD": catalogue.area.code, f"LAD{year}NM": catalogue.area.name,
        }  # fmt: skip
        shape = {"type": "Polygon", "coordinates": [[corners[point] for point in ring]]}
        features.append({"type": "Feature", "properties": names, "geometry": shape})
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, indent=1, ensure_ascii=False) + "\n"


def _corners(tiles: list[tuple[int, int]]) -> dict[tuple[int, int], list[float]]:
    """Longitude and latitude of every corner of the tiles, the middle of them at `CENTRE`."""
    grid = sorted({(x + right, y + up) for x, y in tiles for right in (0, 1) for up in (0, 1)})
    (west, east), (south, north) = ((min(axis), max(axis)) for axis in zip(*grid, strict=True))
    points = gpd.GeoSeries.from_xy(
        [CENTRE[0] + (x - (west + east) / 2) * SIDE for x, _ in grid],
        [CENTRE[1] + (y - (south + north) / 2) * SIDE for _, y in grid],
        crs="EPSG:27700",
    ).to_crs("EPSG:4326")
    places = [[round(point.x, 8), round(point.y, 8)] for point in points]
    return dict(zip(grid, places, strict=True))

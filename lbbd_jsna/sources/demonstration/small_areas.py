"""Made-up small areas: pieces of the ward tiles, with people and deprivation of their own.

Their codes belong to no area: real ones of England stand well below E0198. Along some borders
a piece reaches into the next ward, and one piece of 2011 lies in two wards, so that best fit
and estimates can be seen at work.
"""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import shapely

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.sources.demonstration.levels import generator
from lbbd_jsna.sources.demonstration.wards import CENTRE, SIDE, places
from lbbd_jsna.sources.small_area_headings import LSOAS_OF_ENGLAND

ACROSS, UP = 3, 2
REACH = 0.08  # of a tile, by which a piece reaches into the next ward
TOGETHER = 3  # wards in which two pieces were one in 2011
AGES = ("0-15", "16-29", "30-44", "45-64", "65+")
# Of all residents, by sex: more boys are born, and more women grow old.
SEXES = {
    "Males": (0.139, 0.091, 0.117, 0.108, 0.040),
    "Females": (0.131, 0.089, 0.123, 0.112, 0.050),
}
YEAR = 2020  # of the people, as in the catalogue


class Box(NamedTuple):
    """A rectangle in tiles: west, south, east, north."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Pieces:
    """Small areas of both vintages.

    Parameters
    ----------
    boxes : dict of code to Box
        Those of 2021.
    ward_of : dict of code to str
        The ward each of 2021 counts for.
    former : dict of code to tuple of str
        Those of 2011, with the ones of 2021 they became.
    """

    boxes: dict[str, Box]
    ward_of: dict[str, str]
    former: dict[str, tuple[str, ...]]


def small_area_files(catalogue: Catalogue) -> dict[tuple[str, str], str]:
    """The text of every file of small areas, by folder and name.

    Parameters
    ----------
    catalogue : Catalogue
        Its wards of today are cut into pieces.

    Returns
    -------
    dict of (str, str) to str
        Deprivation, people, two lookups and two sets of shapes; empty without wards.
    """
    wards = sorted(catalogue.wards(catalogue.settings.ward_vintage))
    if not wards:
        return {}
    pieces = _pieces(places(wards))
    borough = (catalogue.area.code, catalogue.area.name)
    return {
        ("deprivation", "lsoa11-indices-2019.csv"): _deprivation(pieces, borough),
        ("population", f"lsoa11-mid{YEAR}.csv"): _people(pieces, borough),
        ("lookups", "lsoa11-lsoa21.csv"): _changes(pieces, borough[0]),
        ("lookups", "lsoa21-wards.csv"): _to_wards(pieces, borough[0]),
        ("open-geography", "lsoa-2011.geojson"): _shapes(_former_boxes(pieces), "11", pieces),
        ("open-geography", "lsoa-2021.geojson"): _shapes(
            {code: (box,) for code, box in pieces.boxes.items()}, "21", pieces
        ),
    }


def _pieces(tiles: dict[str, tuple[int, int]]) -> Pieces:
    """Six pieces a ward; a few of them together in 2011, and one halved since."""
    shifted = _shifted(tiles)
    boxes: dict[str, Box] = {}
    ward_of: dict[str, str] = {}
    at: dict[tuple[str, int, int], str] = {}
    for ward, (x, y) in tiles.items():
        for j in range(UP):
            for i in range(ACROSS):
                code = at[ward, i, j] = f"E0199{len(boxes) + 1:04d}"
                left = REACH if i == 0 and j == 0 and (x, y) in shifted else 0
                right = REACH if i == ACROSS - 1 and j == 0 and (x + 1, y) in shifted else 0
                boxes[code] = Box(x + i / ACROSS + left, y + j / UP,
                                  x + (i + 1) / ACROSS + right, y + (j + 1) / UP)  # fmt: skip
                ward_of[code] = ward
    halved = _halve(at, list(tiles), boxes, ward_of)
    groups = [halved, *_together(at, tiles, shifted)]
    joined = {code for group in groups for code in group}
    former = {f"E0198{n:04d}": group for n, group in enumerate(groups, start=1)}
    former |= {code: (code,) for code in boxes if code not in joined}
    return Pieces(boxes, ward_of, dict(sorted(former.items())))


def _shifted(tiles: dict[str, tuple[int, int]]) -> set[tuple[int, int]]:
    """Places of tiles into whose south-western piece the ward before them reaches."""
    taken = set(tiles.values())
    return {(x, y) for x, y in taken if x % 2 and (x - 1, y) in taken}


def _halve(
    at: dict[tuple[str, int, int], str],
    wards: list[str],
    boxes: dict[str, Box],
    ward_of: dict[str, str],
) -> tuple[str, str]:
    """Cut a piece of the last ward in two, as happened between 2011 and 2021."""
    code = at[wards[-1], ACROSS - 1, UP - 1]
    west, south, east, north = boxes[code]
    middle = (west + east) / 2
    other = f"E0199{len(boxes) + 1:04d}"
    boxes[code], boxes[other] = Box(west, south, middle, north), Box(middle, south, east, north)
    ward_of[other] = ward_of[code]
    return code, other


def _together(
    at: dict[tuple[str, int, int], str],
    tiles: dict[str, tuple[int, int]],
    shifted: set[tuple[int, int]],
) -> list[tuple[str, str]]:
    """Pieces that were one in 2011: one pair in two wards, the others each in one ward."""
    groups = [(at[ward, 0, 1], at[ward, 1, 1]) for ward in list(tiles)[:TOGETHER]]
    ward_at = {place: ward for ward, place in tiles.items()}
    for x, y in sorted(shifted)[:1]:
        groups.append((at[ward_at[x - 1, y], ACROSS - 1, 0], at[ward_at[x, y], 0, 0]))
    return groups


def _former_boxes(pieces: Pieces) -> dict[str, tuple[Box, ...]]:
    return {
        code: tuple(pieces.boxes[part] for part in parts) for code, parts in pieces.former.items()
    }


def _name(code: str) -> str:
    return f"Made-up small area {code[-5:]}"


def _deprivation(pieces: Pieces, borough: tuple[str, str]) -> str:
    most = LSOAS_OF_ENGLAND["2011"]
    rows = [
        ["LSOA code (2011)", "LSOA name (2011)", "Local Authority District code (2019)",
         "Local Authority District name (2019)", "Index of Multiple Deprivation (IMD) Score",
         "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)",
         "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)",
         "Total population: mid 2015 (excluding prisoners)"]
    ]  # fmt: skip
    for code, parts in pieces.former.items():
        ward = generator("made-up deprivation", pieces.ward_of[parts[0]]).uniform(0.08, 0.45)
        rng = generator("made-up deprivation", code)
        place = min(max(ward + rng.normal(scale=0.08), 0.005), 0.995)
        rank = math.ceil(place * most)
        score = 4 + 70 * (1 - rank / most) ** 2
        people = round(0.95 * _residents(code))
        rows.append([code, _name(code), *borough, f"{score:.3f}", rank,
                     math.ceil(rank * 10 / most), people])  # fmt: skip
    return _csv(rows)


def _residents(code: str) -> int:
    return int(generator("made-up residents", code).integers(1500, 2500))


def _people(pieces: Pieces, borough: tuple[str, str]) -> str:
    rows = [["LSOA11CD", "LSOA11NM", "LAD11CD", "LAD11NM"]]
    for sex in ("Persons", *SEXES):
        rows[0] += [f"{sex}_{age}" for age in ("All-Ages", *AGES)]
    for code in pieces.former:
        rng = generator("made-up ages", code)
        shares = rng.dirichlet([60 * share for shares in SEXES.values() for share in shares])
        drawn = [round(_residents(code) * share) for share in shares]
        counts = {"Males": drawn[: len(AGES)], "Females": drawn[len(AGES) :]}
        counts = {"Persons": [sum(pair) for pair in zip(*counts.values(), strict=True)], **counts}
        figures = [number for parts in counts.values() for number in (sum(parts), *parts)]
        rows.append([code, _name(code), *borough, *figures])
    return _csv(rows)


def _changes(pieces: Pieces, borough: str) -> str:
    rows = [["LSOA11CD", "LSOA21CD", "CHGIND", "LAD22CD"]]
    rows += [
        [code, part, "U" if len(parts) == 1 else "S", borough]
        for code, parts in pieces.former.items()
        for part in parts
    ]
    return _csv(rows)


def _to_wards(pieces: Pieces, borough: str) -> str:
    rows = [["LSOA21CD", "WD22CD", "LAD22CD"]]
    rows += [[code, ward, borough] for code, ward in sorted(pieces.ward_of.items())]
    return _csv(rows)


def _csv(rows: list[list[object]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _shapes(areas: dict[str, tuple[Box, ...]], year: str, pieces: Pieces) -> str:
    """Small areas as GeoJSON text in EPSG:4326, the tiles where `wards.ward_tiles` has them."""
    drawn = list(pieces.boxes.values())
    across = math.floor(min(b.west for b in drawn)) + math.ceil(max(b.east for b in drawn))
    up = math.floor(min(b.south for b in drawn)) + math.ceil(max(b.north for b in drawn))
    shapes = [shapely.union_all([shapely.box(*box) for box in boxes]) for boxes in areas.values()]
    grid = gpd.GeoSeries(shapes).affine_transform(
        [SIDE, 0, 0, SIDE, CENTRE[0] - across / 2 * SIDE, CENTRE[1] - up / 2 * SIDE]
    )
    placed = grid.set_crs("EPSG:27700").to_crs("EPSG:4326")
    features = [
        {
            "type": "Feature",
            "properties": {f"LSOA{year}CD": code, f"LSOA{year}NM": _name(code)},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[round(n, 8) for n in p] for p in shape.exterior.coords]],
            },
        }
        for code, shape in zip(areas, placed, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, indent=1) + "\n"

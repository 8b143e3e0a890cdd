"""The Open Geography portal as its service descriptions say: ArcGIS feature services.

Pages of a few rows, `exceededTransferLimit` at the top or under `properties`, errors inside
answers of status 200, `where` as an equality or a list of values.
"""

import json
import re

import shapely

from lbbd_jsna.sources.demonstration.wards import ward_tiles
from tests.replicas.server import Request, Response

WARDS_2022 = "Wards_December_2022_Boundaries_UK_BGC"
WARDS_2021 = "Wards_December_2021_UK_BFC_V2"
LSOAS = "Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_BGC_V5"
BOROUGHS = "Local_Authority_Districts_December_2022_UK_BGC_V2"
LSOA_WARDS = "LSOA21_WD24_LAD24_EW_LU"
LSOA_LSOA = "LSOA11_LSOA21_LAD22_EW_LU"
EDITED = 1_764_000_000_000  # 24 November 2025, in milliseconds
# How many LSOAs fall to each of the 19 wards, in the order of their codes.
PER_WARD = (3, 5, 5, 5, 5, 7, 5, 10, 5, 7, 4, 6, 9, 6, 8, 3, 9, 6, 7)
# LSOAs of 2011 that became two each.
SPLIT = 6
_WHERE = re.compile(r"(?i)\s*(\w+)\s*(?:=\s*'([^']*)'|IN\s*\(([^)]*)\))\s*")


def geography_routes(
    catalogue, *, page=1000, limit="top", layers=None, edited=EDITED, base=""
):
    """A route over made-up layers.

    Parameters
    ----------
    catalogue : Catalogue
    page : int
        The most rows of one answer, whatever is asked.
    limit : {"top", "properties"}
        Where `exceededTransferLimit` stands in GeoJSON.
    layers : dict of str to list of (dict, geometry), optional
        In place of `made_up_layers(catalogue)`.
    edited : int or None
        The layers' last edit, in milliseconds; None: they do not say.
    base : str
        The path below which the services lie.
    """
    held = made_up_layers(catalogue) if layers is None else layers

    def route(request: Request) -> Response:
        place = request.path.removeprefix(base).strip("/")
        if not request.path.startswith(base):
            return Response(status=404, body=b"not here")
        if not place:
            names = [{"name": name, "type": "FeatureServer"} for name in sorted(held)]
            return _json({"currentVersion": 11.3, "services": names})
        match = re.fullmatch(r"(\w+)/FeatureServer/0(/query)?", place)
        if match is None or match[1] not in held:
            return error("Invalid URL")
        if not match[2]:
            info = {"editingInfo": {"lastEditDate": edited}} if edited is not None else {}
            return _json({"id": 0, "name": match[1], "type": "Feature Layer", **info})
        return _query(held[match[1]], request.query, page, limit)

    return route


def error(message, *, code=400, details=None) -> Response:
    """An error as ArcGIS gives it: with status 200."""
    said = {"code": code, "message": message, "details": details or [message]}
    return _json({"error": said})


def _json(said) -> Response:
    body = json.dumps(said, ensure_ascii=False).encode("utf-8")
    return Response(body=body, content_type="application/json;charset=utf-8")


def _query(rows, query, page, limit) -> Response:
    wrong = "Cannot perform query. Invalid query parameters."
    match = _WHERE.fullmatch(query.get("where", ""))
    if match is None or not any(match[1] in row for row, _ in rows):
        return error(wrong, details=["'where' clause is invalid"])
    values = [match[2]] if match[2] is not None else re.findall(r"'([^']*)'", match[3])
    found = [(row, shape) for row, shape in rows if row[match[1]] in values]
    order = query.get("orderByFields", "").split(",")[0].split(" ")[0]
    if order:
        if order not in rows[0][0]:
            return error(wrong, details=["'orderByFields' parameter is invalid"])
        found.sort(key=lambda pair: pair[0][order])
    start = int(query.get("resultOffset") or 0)
    count = min(page, int(query.get("resultRecordCount") or page))
    part, more = found[start : start + count], start + count < len(found)
    if query.get("f") == "geojson":
        return _geojson(part, more, limit)
    fields = [{"name": name, "type": "esriFieldTypeString"} for name in rows[0][0]]
    said = {"objectIdFieldName": "ObjectId", "fields": fields}
    said["features"] = [{"attributes": row} for row, _ in part]
    return _json({**said, **({"exceededTransferLimit": True} if more else {})})


def _geojson(part, more, limit) -> Response:
    features = [
        {"type": "Feature", "id": row.get("FID"), "geometry": shape, "properties": row}
        for row, shape in part
    ]
    said = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "EPSG:4326"}},
    }
    if limit == "properties":
        said["properties"] = {"exceededTransferLimit": more}
    elif more:
        said["exceededTransferLimit"] = True
    return _json({**said, "features": features})


def made_up_layers(catalogue):
    """Every layer the catalogue may ask for, with rows of another borough among them."""
    return {
        WARDS_2022: _wards(catalogue, "2022", "22"),
        WARDS_2021: _wards(catalogue, "2002", "21"),
        LSOAS: _lsoas(catalogue),
        BOROUGHS: _boroughs(catalogue),
        LSOA_WARDS: _lsoa_wards(catalogue),
        LSOA_LSOA: _lsoa_lsoa(catalogue),
    }


def _wards(catalogue, vintage, year):
    """Squares, and one ward of another borough."""
    rows = []
    for number, (said, shape) in enumerate(_own_wards(catalogue, vintage), start=1):
        rows.append((_ward(number, year, *said.values()), shape))
    far = [[[0.3, 51.6], [0.31, 51.6], [0.31, 51.61], [0.3, 51.6]]]
    rows.append((_ward(99, year, "E05099999", "Else", "E09000016", "Havering"),
                 {"type": "Polygon", "coordinates": far}))  # fmt: skip
    return rows


def _own_wards(catalogue, vintage="2022"):
    features = json.loads(ward_tiles(catalogue, vintage=vintage))["features"]
    return [(feature["properties"], feature["geometry"]) for feature in features]


def _ward(number, year, code, name, lad, lad_name):
    row = {"FID": number, f"WD{year}CD": code, f"WD{year}NM": name}
    # The layers of 2021 do not say which borough a ward is in.
    return row if year == "21" else {**row, f"LAD{year}CD": lad, f"LAD{year}NM": lad_name}


def lsoa_codes(catalogue):
    """Made-up LSOA codes by ward, as many as the borough has."""
    wards = sorted(catalogue.wards("2022"))
    counts = PER_WARD if len(wards) == len(PER_WARD) else [2] * len(wards)
    found, number = {}, 1
    for ward, count in zip(wards, counts, strict=True):
        found[ward] = [f"E01{900_000 + number + i:06d}" for i in range(count)]
        number += count
    return found


def _lsoas(catalogue):
    """Strips of the wards, from south to north."""
    shapes = {row["WD22CD"]: shape for row, shape in _wards(catalogue, "2022", "22")}
    return [
        ({"FID": int(code[3:]), "LSOA21CD": code, "LSOA21NM": f"Place {code[-3:]}"},
         _strip(shapes[ward], place, len(codes)))
        for ward, codes in lsoa_codes(catalogue).items()
        for place, code in enumerate(codes)
    ] + [({"FID": 1, "LSOA21CD": "E01000001", "LSOA21NM": "Far away"}, shapes["E05099999"])]


def _strip(square, place, count):
    """One of so many strips of a square whose corners go round from the south-west."""
    (south_west, south_east, north_east, north_west, _) = square["coordinates"][0]
    west, east = ((south_west, north_west), (south_east, north_east))
    ends = [[_between(*side, (place + up) / count) for side in (west, east)] for up in (0, 1)]
    ring = [ends[0][0], ends[0][1], ends[1][1], ends[1][0], ends[0][0]]
    return {"type": "Polygon", "coordinates": [ring]}


def _between(low, high, share):
    return [round(a + (b - a) * share, 8) for a, b in zip(low, high, strict=True)]


def _boroughs(catalogue):
    """Squares west of the wards, the last columns of them near; its own is all its wards."""
    rows = []
    for number, code in enumerate(sorted(catalogue.league.areas)):
        west, south = -0.33 + 0.05 * (number % 8), 51.3 + 0.05 * (number // 8)
        shape = shapely.box(west, south, west + 0.05, south + 0.05)
        if code == catalogue.area.code:
            wards = [shapely.from_geojson(json.dumps(s)) for _, s in _own_wards(catalogue)]
            shape = shapely.union_all(wards)
        names = {"LAD22CD": code, "LAD22NM": catalogue.area_of(code).name}
        rows.append(({"FID": number, **names}, json.loads(shapely.to_geojson(shape))))
    return [*rows, ({"FID": 99, "LAD22CD": "E06000001", "LAD22NM": "Hartlepool"}, rows[0][1])]


def _lsoa_wards(catalogue):
    own = {"LAD24CD": catalogue.area.code, "LAD24NM": catalogue.area.name}
    rows = [
        {"LSOA21CD": code, "WD24CD": ward, **own, "ObjectId": int(code[3:])}
        for ward, codes in lsoa_codes(catalogue).items()
        for code in codes
    ]
    far = {"LAD24CD": "E09000016", "LAD24NM": "Havering", "ObjectId": 1}
    return [(row, None) for row in [*rows, {"LSOA21CD": "E01000001", "WD24CD": "E05099999", **far}]]


def _lsoa_lsoa(catalogue):
    """Most LSOAs stayed; two became one, others became two: 110 of 2011 to 115 of 2021."""
    own = {"LAD22CD": catalogue.area.code, "LAD22NM": catalogue.area.name}
    codes = [code for codes in lsoa_codes(catalogue).values() for code in codes]
    parts = codes[-1 - 2 * SPLIT : -1]
    pairs = [(code, code, "U") for code in codes[: -1 - 2 * SPLIT]]
    pairs += [(f"E010009{10 + i // 2}", code, "S") for i, code in enumerate(parts)]
    pairs += [("E01000902", codes[-1], "M"), ("E01000903", codes[-1], "M")]
    return [
        ({"F_LSOA11CD": old, "LSOA21CD": new, "CHGIND": sign, **own, "ObjectId": number}, None)
        for number, (old, new, sign) in enumerate(pairs, start=1)
    ]

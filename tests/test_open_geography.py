"""Ward boundaries: any format and property names in use, and every way to be wrong.

The made-up borough is a block of squares of one kilometre, so areas are known by hand.
"""

import json

import geopandas
import pytest
import shapely

from lbbd_jsna.errors import GeographyError
from lbbd_jsna.sources.open_geography import read_boundaries, read_wards
from tests.made_up_borough import NEW_WARDS, OLD_WARDS, OWN, made_up_catalogue

EAST, NORTH, SIDE = 543_000, 183_000, 1_000


def square(place, **_):
    west = EAST + SIDE * place
    return shapely.box(west, NORTH, west + SIDE, NORTH + SIDE)


def wards_frame(wards=NEW_WARDS, *, code="WD22CD", name="WD22NM", **more):
    columns = {code: list(wards), name: list(wards.values()), **more}
    shapes = [square(place) for place in range(len(wards))]
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=27700)


@pytest.fixture
def read(tmp_path):
    """Write a frame (or text) under a file name and read it back as boundaries."""

    def reader(content, name="wards.geojson"):
        path = tmp_path / name
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8", newline="\n")
        elif name.endswith("json"):
            content.to_crs(4326).to_file(path, driver="GeoJSON", engine="pyogrio")
        else:
            content.to_file(path, engine="pyogrio")
        return read_boundaries(path, name=name, catalogue=made_up_catalogue())

    return reader


def faults_of(read, *args):
    with pytest.raises(GeographyError) as caught:
        read(*args)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("name", ["wards.geojson", "wards.json", "wards.shp", "wards.gpkg"])
def test_every_format_gives_the_same_wards_on_the_national_grid(read, name):
    found = read(wards_frame(), name)
    assert found.vintage == "2022"
    assert list(found.wards.columns) == ["code", "name", "geometry"]
    assert dict(zip(found.wards["code"], found.wards["name"], strict=True)) == NEW_WARDS
    assert found.wards.crs == "EPSG:27700"
    assert found.wards.area.tolist() == pytest.approx([1e6] * 3, rel=1e-5)
    assert found.wards.total_bounds == pytest.approx([543000, 183000, 546000, 184000], abs=0.1)
    assert found.notes == ()


@pytest.mark.parametrize("code", ["WD13CD", "wd22cd", "WARDCD", "GSS_CODE", "code", "ref"])
def test_codes_are_found_by_what_stands_in_the_column(read, code):
    found = read(wards_frame(OLD_WARDS, code=code, name="label", WD13CDO=["00XXFX", "00XXFY"]))
    assert found.vintage == "2002"
    assert list(found.wards["name"]) == ["Abbey", "Marsh"]


def test_rows_are_sorted_by_code_and_names_come_from_the_catalogue(read):
    wards = {**dict(reversed(NEW_WARDS.items())), "E05019001": "Abbey Ward"}
    found = read(wards_frame(wards))
    assert list(found.wards["code"]) == sorted(NEW_WARDS)
    assert list(found.wards["name"]) == ["Abbey", "Marsh & Quay", "Heath"]
    assert found.notes == (
        'wards.geojson: wards called otherwise: E05019001 "Abbey Ward" is Abbey',
    )


def test_read_wards_refuses_another_vintage(tmp_path):
    path = tmp_path / "wards.gpkg"
    wards_frame(OLD_WARDS).to_file(path, engine="pyogrio")
    catalogue = made_up_catalogue()
    assert len(read_wards(path, vintage="2002", catalogue=catalogue)) == 2
    with pytest.raises(GeographyError, match="wards of 2002; expected the wards of 2022"):
        read_wards(path, vintage="2022", catalogue=catalogue)


def test_wards_of_other_boroughs_are_left_out_with_a_note(read):
    wards = {**NEW_WARDS, "E05029001": "Else", "W05000001": "Far"}
    found = read(wards_frame(wards, LAD22CD=[OWN] * 3 + ["E09000102", "W06000001"]))
    assert len(found.wards) == 3
    assert found.notes == ("wards.geojson: 2 wards of other boroughs left out",)


def test_smaller_areas_and_other_wards_are_noted_and_not_used(read):
    smaller = wards_frame({"E01000001": "001A"}, code="LSOA21CD", WD22CD=["E05019001"])
    assert read(smaller).notes == ("wards.geojson: 1 LSOAs, not used in this pack",)
    # The borough of each stands beside it, and is no outline of that borough.
    twice = {"E01000001": "001A", "E01000002": "001B"}
    beside = wards_frame(twice, code="LSOA21CD", LAD22CD=["E09000101"] * 2)
    assert read(beside).authorities is None
    others = read(wards_frame({"E05029001": "Else"}))
    assert others.notes == ("wards.geojson: wards of other boroughs only, not used in this pack",)


def test_a_missing_ward_is_named(read):
    wards = dict(list(NEW_WARDS.items())[1:])
    assert faults_of(read, wards_frame(wards)) == [
        "wards.geojson: no shape for E05019001 Abbey; expected all 3 wards of 2022"
    ]


def test_a_ward_too_many_a_broken_code_and_a_double_are_named_together(read):
    frame = wards_frame({**NEW_WARDS, "E05019009": "New", "5.02E+09": "Broken"})
    frame["LAD22CD"] = OWN
    frame.loc[2, "WD22CD"] = "E05019002"
    assert [fault.split(";")[0] for fault in faults_of(read, frame)] == [
        "wards.geojson: E05019002 Marsh & Quay stands more than once",
        "wards.geojson: no shape for E05019003 Heath",
        "wards.geojson: '5.02E+09' is given as a ward of this borough",
        "wards.geojson: 'E05019009' is given as a ward of this borough",
    ]


def test_two_vintages_in_one_file_are_refused(read):
    faults = faults_of(read, wards_frame({**OLD_WARDS, **NEW_WARDS}))
    assert "wards of 2002 and of 2022 together" in faults[0]


def geojson_of(frame, crs=None):
    """The coordinates of a frame as they stand, declared as another system or none."""
    said = json.loads(frame.to_json(drop_id=True))
    said.pop("crs", None)
    if crs:
        said["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs}"}}
    return json.dumps(said)


def test_grid_coordinates_declared_as_such_are_read(read):
    assert read(geojson_of(wards_frame(), crs=27700)).wards.area.tolist() == [1e6] * 3


def test_grid_coordinates_in_geojson_without_crs_are_refused(read):
    faults = faults_of(read, geojson_of(wards_frame()))
    assert len(faults) == 1
    assert "metres (543,000, 183,000), which look like British National Grid" in faults[0]
    assert "EPSG:4326" in faults[0]


def test_degrees_declared_as_metres_are_refused(read):
    faults = faults_of(read, geojson_of(wards_frame().to_crs(4326), crs=27700))
    assert "but the file says it is in EPSG:27700 (metres)" in faults[0]


def test_latitude_before_longitude_is_refused(read):
    frame = wards_frame().to_crs(4326)
    swapped = [shapely.transform(shape, lambda xy: xy[:, ::-1]) for shape in frame.geometry]
    faults = faults_of(read, geojson_of(frame.set_geometry(swapped, crs=4326)))
    assert "latitude and longitude the wrong way round" in faults[0]


@pytest.mark.parametrize(("made", "declared"), [(27700, 3857), (3857, 27700), (32630, 27700)])
def test_metres_of_another_system_are_refused(read, made, declared):
    faults = faults_of(read, geojson_of(wards_frame().to_crs(made), crs=declared))
    assert "outside Great Britain" in faults[0]


def test_a_shapefile_without_its_prj_is_refused(read, tmp_path):
    read(wards_frame(), "wards.shp")
    (tmp_path / "wards.prj").unlink()
    with pytest.raises(GeographyError, match="no coordinate reference system"):
        read_boundaries(tmp_path / "wards.shp", name="wards.shp", catalogue=made_up_catalogue())


def test_a_shapefile_without_its_attributes_is_refused(read, tmp_path):
    read(wards_frame(), "wards.shp")
    (tmp_path / "wards.dbf").unlink()
    with pytest.raises(GeographyError, match="wards.shp"):
        read_boundaries(tmp_path / "wards.shp", name="wards.shp", catalogue=made_up_catalogue())


def test_wards_the_size_of_a_garden_or_of_a_country_are_refused(read):
    for factor in (0.01, 45):
        frame = wards_frame()
        frame = frame.set_geometry(frame.scale(factor, factor, origin=(EAST, NORTH)))
        assert "square kilometres together" in faults_of(read, frame)[0]


def test_overlapping_wards_are_refused_and_slivers_are_not(read):
    frame = wards_frame()
    frame.loc[1, "geometry"] = shapely.box(EAST + 500, NORTH, EAST + 2000, NORTH + SIDE)
    assert "wards that overlap" in faults_of(read, frame)[0]
    frame.loc[1, "geometry"] = shapely.box(EAST + 990, NORTH, EAST + 2000, NORTH + SIDE)
    assert len(read(frame).wards) == 3


def test_broken_missing_and_other_shapes_are_named_together(read):
    frame = wards_frame()
    corners = [(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)]
    bow_tie = shapely.Polygon([(EAST + SIDE * x, NORTH + SIDE * y) for x, y in corners])
    frame.loc[:, "geometry"] = [bow_tie, None, shapely.Point(EAST, NORTH)]
    faults = faults_of(read, frame, "wards.gpkg")
    assert [fault.split(" (")[0].split(";")[0] for fault in faults] == [
        "wards.gpkg, E05019001: a broken shape",
        "wards.gpkg, E05019002: no shape",
        "wards.gpkg, E05019003: a Point",
    ]


def test_heights_are_dropped_and_collections_of_areas_are_joined(read):
    frame = wards_frame()
    parts = [square(0), square(5)]
    frame.loc[0, "geometry"] = shapely.GeometryCollection(parts)
    frame = frame.set_geometry(shapely.force_3d(frame.geometry.values, 7.0))
    wards = read(frame).wards
    assert not wards.has_z.any()
    assert list(wards.geom_type) == ["MultiPolygon", "Polygon", "Polygon"]
    assert wards.area.tolist() == pytest.approx([2e6, 1e6, 1e6], rel=1e-5)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("w.geojson", "<html>Sign in</html>", "not JSON, or cut off"),
        ("w.geojson", '{"type": "FeatureCollection", "features": []}', "no features"),
        ("w.geojson", '{"error": {"code": 400}}', "not a GeoJSON FeatureCollection"),
        ("w.geojson", "[1, 2]", "not a GeoJSON FeatureCollection"),
        ("w.geojson", "[" * 100_000, "nested too deeply"),
        ("w.shp", "not a shapefile", "damaged or cut off"),
        ("w.gpkg", "not a database", "damaged or cut off"),
        ("w.zip", "PK", 'a ".zip" file'),
        ("w.kml", "<kml/>", 'a ".kml" file'),
        ("w.geojson", '{"type": "FeatureCollection", "features": [1]}', "w.geojson"),
        ("w.geojson", '{"type": "FeatureCollection", "features": [{"type": "Feature", '
         '"properties": {"a": 1}, "geometry": null}]}', "w.geojson"),
    ],
)  # fmt: skip
def test_what_is_not_a_file_of_boundaries_is_refused(read, name, text, found):
    assert found in faults_of(read, text, name)[0]


def test_half_a_file_is_refused(read):
    text = geojson_of(wards_frame(), crs=27700)
    assert "not JSON, or cut off" in faults_of(read, text[: len(text) // 2])[0]


def test_a_ward_name_with_markup_is_refused(read):
    wards = {**NEW_WARDS, "E05019001": "<img src=x onerror=alert(1)>"}
    faults = faults_of(read, wards_frame(wards))
    assert faults[0].startswith("wards.geojson, E05019001: markup in a name")

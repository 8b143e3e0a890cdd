"""The boroughs around the wards: which are near, whole shapes, and what is refused."""

import json

import geopandas
import pytest
import shapely
from shapely.geometry import box

from lbbd_jsna.errors import ExtractError, GeographyError
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.sources.extracts import read_extracts
from lbbd_jsna.sources.neighbours import NEAR, authorities_of, neighbours_of
from lbbd_jsna.sources.open_geography import read_boundaries, read_wards
from lbbd_jsna.workspace import build_workspace, read_workspace
from tests.made_up_borough import NEIGHBOUR, OWN, made_up_catalogue
from tests.replicas.open_geography import geography_routes
from tests.test_fetch_open_geography import fetched
from tests.test_open_geography import EAST, NORTH, wards_frame

# Named by where they stand from the wards, which go 3 km eastwards from the corner.
PLACES = {
    OWN: ("Marsh and Quay", box(0, 0, 3000, 1000)),
    NEIGHBOUR: ("Overstream", box(3000, 0, 6000, 1000)),
    "E07000001": ("Just near", box(3000 + NEAR, 0, 12_000, 1000)),
    "W06000001": ("Just far", box(0, 1000 + NEAR + 1, 3000, 9000)),
}


def outlines(places=PLACES, *, code="LAD22CD", name="LAD22NM", crs=27700, **more):
    shapes = [shapely.transform(shape, lambda p: p + [EAST, NORTH]) for _, shape in places.values()]
    columns = {code: list(places), name: [called for called, _ in places.values()], **more}
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=crs)


@pytest.fixture
def wards(tmp_path):
    path = tmp_path / "wards.gpkg"
    wards_frame().to_file(path, engine="pyogrio")
    return {"2022": read_wards(path, vintage="2022", catalogue=made_up_catalogue())}


def near(places, wards):
    table = authorities_of(outlines(places), name="lads.geojson")
    return neighbours_of(table, wards, catalogue=made_up_catalogue())


def faults(frame):
    with pytest.raises(GeographyError) as caught:
        authorities_of(frame, name="lads.geojson")
    return " ".join(map(str, caught.value.faults))


def test_those_within_five_kilometres_are_kept_and_its_own(wards):
    found, notes = near(PLACES, wards)
    assert NEAR == 5000
    assert list(found.columns) == ["code", "name", "geometry"] and found.crs == "EPSG:27700"
    assert dict(zip(found["code"], found["name"], strict=True)) == {
        "E07000001": "Just near", OWN: "Marsh and Quay", NEIGHBOUR: "Overstream",
    }  # fmt: skip
    assert notes == []


def test_none_near_and_no_wards_are_none(wards):
    assert near({"W06000001": PLACES["W06000001"]}, wards) == (None, [])
    assert near(PLACES, {}) == (None, [])


def test_wards_that_are_not_the_boroughs_ground_are_noted(wards):
    """An outline 2 % larger than its wards: the wards are 3 square kilometres."""
    larger = PLACES | {OWN: ("Marsh and Quay", box(0, 0, 3000, 1020))}
    _, notes = near(larger, wards)
    assert notes == [
        "the wards of 2022 and the outline of Marsh and Quay differ by 2.0% of its ground: "
        "are they of one edition?"
    ]


def test_shared_borders_stay_shared_when_detail_goes():
    """A wavy border of a point every 5 m between two areas; both lose the same points."""
    wave = [(3000 + (8 if n % 2 else 0), 5 * n) for n in range(201)]
    left = shapely.Polygon([(0, 0), *wave, (0, 1000)])
    right = shapely.Polygon([(6000, 0), *wave, (6000, 1000)])
    table = authorities_of(
        outlines({OWN: ("Left", left), NEIGHBOUR: ("Right", right)}), name="lads.geojson"
    )
    found, _ = neighbours_of(table, {"2022": table}, catalogue=made_up_catalogue())
    assert found.geometry.count_coordinates().sum() < 40
    assert found.geometry.is_valid_coverage()
    assert found.area.sum() == pytest.approx(6_000_000, rel=1e-6)


def test_areas_of_another_kind_are_not_outlines():
    assert authorities_of(outlines({"E12000007": ("London", box(0, 0, 1, 1))}), name="a") is None
    # Places with the borough of each beside them, once only.
    beside = outlines({"E02000001": ("001", box(0, 0, 1, 1))}, code="MSOA", LAD=[OWN])
    assert authorities_of(beside, name="a") is None


def test_northern_ireland_is_on_another_grid_and_left_aside():
    more = PLACES | {"N09000001": ("Far away", box(-900_000, 0, -899_000, 1000))}
    table = authorities_of(outlines(more), name="lads.geojson")
    assert set(table["code"]) == set(PLACES)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.drop(columns="LAD22NM"), "no column of names beside"),
        (lambda f: f.assign(LAD22CD=[OWN, OWN, *f["LAD22CD"][2:]]), f"{OWN} stands more than once"),
        (lambda f: f.assign(LAD22NM=["<b>", *f["LAD22NM"][1:]]), f"{OWN}: "),
        (lambda f: f.set_geometry([None, *f.geometry[1:]], crs=27700), f"{OWN}: no shape"),
        (lambda f: f.set_geometry(f.boundary), "a LineString"),
        (lambda f: f.set_geometry([f.geometry[0], *f.geometry[[0, 2, 3]]], crs=27700),
         "areas that overlap"),
        (lambda f: f.set_crs(4326, allow_override=True), "British National Grid"),
    ],
)  # fmt: skip
def test_a_slip_in_outlines_is_refused(change, said):
    frame = outlines()
    assert said in faults(geopandas.GeoDataFrame(change(frame), geometry="geometry"))


# A whole folder.


def put(folder, name, frame):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_crs(4326).to_file(path, driver="GeoJSON", engine="pyogrio")


def test_the_newest_file_of_outlines_stands_and_two_of_a_date_may_not_differ(tmp_path):
    put(tmp_path, "boundaries/2026-10-01/wards.geojson", wards_frame())
    put(tmp_path, "boundaries/2026-09-01/lads.geojson", outlines())
    fewer = {code: PLACES[code] for code in (OWN, NEIGHBOUR)}
    put(tmp_path, "boundaries/2026-10-01/boroughs.geojson", outlines(fewer))
    read = read_extracts(tmp_path, catalogue=made_up_catalogue())
    assert set(read.neighbours["code"]) == {OWN, NEIGHBOUR}
    assert any("lads.geojson: outlines of boroughs gives way to newer" in n for n in read.notes)
    put(tmp_path, "boundaries/2026-10-01/lads.geojson", outlines())
    with pytest.raises(GeographyError, match="contradict each other"):
        read_extracts(tmp_path, catalogue=made_up_catalogue())


def test_faults_of_outlines_join_those_of_other_files(tmp_path):
    put(tmp_path, "boundaries/lads.geojson", outlines().drop(columns="LAD22NM"))
    put(tmp_path, "boundaries/wards.geojson", wards_frame().iloc[1:])
    with pytest.raises((ExtractError, GeographyError)) as caught:
        read_extracts(tmp_path, catalogue=made_up_catalogue())
    assert {fault.where for fault in caught.value.faults} == {
        "boundaries/lads.geojson", "boundaries/wards.geojson",
    }  # fmt: skip


def test_what_is_fetched_surrounds_the_wards(catalogue, tmp_path):
    """Of the made-up boroughs one square stands within five kilometres of the tiles."""
    fetched(catalogue, geography_routes(catalogue), tmp_path)
    read = read_extracts(tmp_path, catalogue=catalogue)
    assert set(read.neighbours["code"]) == {"E09000002", "E09000032"}
    # Its outline is the tiles of today, which those of the former wards do not cover.
    apart = [note for note in read.notes if "the outline of" in note]
    assert len(apart) == 1 and apart[0].startswith("the wards of 2002 and the outline of")


# The real extracts.


@pytest.fixture(scope="module")
def real(extracts, catalogue, tmp_path_factory):
    """The workspace of the real extracts, built and opened again."""
    folder = tmp_path_factory.mktemp("real") / "tables"
    quarter = Quarter.parse("2026-27-Q3")
    build_workspace(extracts, catalogue=catalogue, quarter=quarter, processed=folder)
    return read_workspace(folder, quarter=quarter, catalogue=catalogue)


def test_the_real_neighbours_are_those_of_the_map(real, extracts):
    """The five that touch or face the borough, and two more within five kilometres."""
    names = set(real.neighbours["name"])
    assert names == {
        "Barking and Dagenham", "Redbridge", "Havering", "Newham", "Greenwich", "Bexley",
        "Tower Hamlets", "Waltham Forest",
    }  # fmt: skip
    said = json.loads((extracts / "boundaries/boroughs_2022_london.geojson").read_text("utf-8"))
    printed = {f["properties"]["LAD22CD"]: f["properties"]["LAD22NM"] for f in said["features"]}
    assert names == {printed[code] for code in real.neighbours["code"]}
    assert real.neighbours.crs == "EPSG:27700"
    assert real.neighbours.geometry.is_valid_coverage()


@pytest.mark.parametrize("vintage", ["2002", "2022"])
def test_the_real_wards_are_the_boroughs_ground(real, vintage):
    """Within what two generalisations of one line differ by: half a per cent, and 35 m."""
    own = real.neighbours.set_index("code").geometry["E09000002"]
    wards = shapely.union_all(real.boundaries[vintage].geometry.values)
    assert shapely.area(wards.symmetric_difference(own)) / own.area < 0.01
    assert shapely.hausdorff_distance(wards.boundary, own.boundary) < 60


def test_the_real_wards_meet_no_neighbour_in_more_than_strips(real):
    wards = shapely.union_all(real.boundaries["2022"].geometry.values)
    others = real.neighbours[real.neighbours["code"] != "E09000002"]
    assert max(shapely.area(wards.intersection(shape)) for shape in others.geometry) < 100_000
    assert not [note for note in real.notes if "outline" in note]


def test_read_boundaries_says_which_kind_it_found(tmp_path):
    put(tmp_path, "lads.geojson", outlines())
    found = read_boundaries(
        tmp_path / "lads.geojson", name="lads.geojson", catalogue=made_up_catalogue()
    )
    assert found.wards is None and found.vintage == "" and found.notes == ()
    assert set(found.authorities["code"]) == set(PLACES)

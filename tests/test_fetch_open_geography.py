"""Boundaries and lookups from a replica of the Open Geography portal."""

import datetime as dt
import json
import shutil
from dataclasses import replace

import pytest

from lbbd_jsna.catalogue.live import Manners
from lbbd_jsna.fetching import open_geography
from lbbd_jsna.fetching.job import Job
from lbbd_jsna.fetching.staging import Stage
from lbbd_jsna.fetching.web import Unreachable, Web
from lbbd_jsna.sources.open_geography import read_wards
from lbbd_jsna.sources.store import find_extracts
from tests.replicas.open_geography import (
    BOROUGHS,
    LSOA_LSOA,
    LSOA_WARDS,
    LSOAS,
    WARDS_2021,
    WARDS_2022,
    error,
    geography_routes,
    lsoa_codes,
    made_up_layers,
)
from tests.replicas.server import Replica, Response, but

TODAY = dt.date(2026, 11, 22)
QUICK = Manners(pause=0, connect=1, read=1, whole=1, budget=2, tries=1)


def job_for(catalogue, address, raw, *, today=TODAY) -> Job:
    web = Web(address, title="Open Geography portal", manners=QUICK)
    stage = Stage(raw, open_geography.SOURCE, today=today)
    return Job(catalogue=catalogue, web=web, stage=stage, raw=raw, step=lambda _: None)


def fetched(catalogue, route, raw, *, faults=(), path="", today=TODAY):
    """One fetch, published; the job and the replica that answered."""
    with Replica(route) as replica:
        replica.faults = faults if callable(faults) else replica.faults
        if not callable(faults):
            replica.faults.extend(faults)
        job = job_for(catalogue, replica.address + path, raw, today=today)
        open_geography.fetch(job)
        job.stage.publish()
    return job, replica


def why(job, key):
    """The refusal of one layer."""
    found = [refusal for refusal in job.refusals if refusal.ids == (key,)]
    assert len(found) == 1, job.refusals
    return found[0].why


# ---------------------------------------------------------------- all is well


@pytest.mark.parametrize("limit", ["top", "properties"])
def test_every_layer_comes_in_pages_of_ten_rows(catalogue, tmp_path, limit):
    job, replica = fetched(catalogue, geography_routes(catalogue, page=10, limit=limit), tmp_path)
    assert job.refusals == []
    shapes, lookups = (tmp_path / name / "2026-11-22" for name in ("open-geography", "lookups"))
    for vintage, number in (("2022", 19), ("2002", 17)):
        path = shapes / f"wards-{vintage}.geojson"
        wards = read_wards(path, vintage=vintage, catalogue=catalogue)
        assert list(wards["code"]) == sorted(catalogue.wards(vintage)) and len(wards) == number
    boroughs = json.loads((shapes / "boroughs.geojson").read_text(encoding="utf-8"))
    codes = [feature["properties"]["LAD22CD"] for feature in boroughs["features"]]
    assert sorted(codes) == sorted(f"E09{number:06d}" for number in range(1, 34))
    lsoas = json.loads((shapes / "lsoa-2021.geojson").read_text(encoding="utf-8"))
    assert len({feature["properties"]["LSOA21CD"] for feature in lsoas["features"]}) == 115
    pairs = json.loads((lookups / "lsoa21-wards.json").read_text(encoding="utf-8"))["features"]
    beam = [p["attributes"]["LSOA21CD"] for p in pairs if p["attributes"]["WD24CD"] == "E05014056"]
    assert sorted(beam) == lsoa_codes(catalogue)["E05014056"] and len(beam) == 5
    changes = json.loads((lookups / "lsoa11-lsoa21.json").read_text(encoding="utf-8"))["features"]
    assert len(changes) == 116
    asked = [request for request in replica.asked if f"/{WARDS_2022}/" in request.path]
    assert [request.query["resultOffset"] for request in asked] == ["0", "10"]
    assert {request.query["where"] for request in asked} == {"LAD22CD='E09000002'"}
    assert {request.query["outSR"] for request in asked} == {"4326"}


def test_a_list_of_codes_is_asked_seventy_at_a_time(catalogue, tmp_path):
    _, replica = fetched(catalogue, geography_routes(catalogue), tmp_path)
    wheres = [r.query["where"] for r in replica.asked if f"/{LSOAS}/" in r.path]
    assert [where.count("E01") for where in wheres] == [70, 45]


def test_one_answer_is_kept_as_received_and_several_are_listed(catalogue, tmp_path):
    fetched(catalogue, geography_routes(catalogue, page=18), tmp_path)
    folder = tmp_path / "open-geography" / "2026-11-22"
    told = {
        name: json.loads((folder / f"{name}.geojson.source.json").read_text(encoding="utf-8"))
        for name in ("wards-2022", "wards-2002")
    }
    assert len(told["wards-2022"]["pages"]) == 2 and "pages" not in told["wards-2002"]
    assert told["wards-2002"]["holds"] == [WARDS_2021]
    assert "OS data" in told["wards-2002"]["licence"]
    raw = json.loads((folder / "wards-2002.geojson").read_text(encoding="utf-8"))
    assert raw["crs"]["properties"]["name"] == "EPSG:4326"
    whole = json.loads((folder / "wards-2022.geojson").read_text(encoding="utf-8"))
    assert "exceededTransferLimit" not in whole and len(whole["features"]) == 19
    assert {raw.source for raw in find_extracts(tmp_path)} >= {"open-geography"}


def test_names_found_otherwise_than_pinned_are_told(catalogue, tmp_path):
    job, _ = fetched(catalogue, geography_routes(catalogue), tmp_path)
    notes = "\n".join(job.notes)
    assert f"the portal calls it {WARDS_2021}" in notes and "verified: true" in notes
    assert WARDS_2022 not in notes


def test_an_address_without_its_usual_path_will_do(catalogue, tmp_path):
    base = "/ESMARspQHYMw9BZ9/arcgis/rest/services"
    route = geography_routes(catalogue, base=base)
    for number, path in enumerate(("", "/", base, f"{base}/")):
        job, _ = fetched(catalogue, route, tmp_path / str(number), path=path)
        assert job.refusals == [], path


def test_running_again_on_the_same_day_asks_for_nothing(catalogue, tmp_path):
    with Replica(geography_routes(catalogue, page=10)) as replica:
        for _ in range(2):
            job = job_for(catalogue, replica.address, tmp_path)
            replica.asked.clear()
            open_geography.fetch(job)
            job.stage.publish()
            assert job.refusals == []
        assert replica.asked == []
    folders = [path.name for path in (tmp_path / "open-geography").iterdir()]
    assert [name for name in folders if name[0] != "."] == ["2026-11-22"]


class Stopped(BaseException):
    """As a person who ends the program does."""


def test_a_fetch_that_was_stopped_is_taken_up_where_it_was(catalogue, tmp_path):
    def step(what):
        if what == "London boroughs":
            raise Stopped

    with Replica(geography_routes(catalogue)) as replica:
        job = job_for(catalogue, replica.address, tmp_path)
        job.step = step
        with pytest.raises(Stopped):
            open_geography.fetch(job)
        assert {path.split("/")[1] for path in replica.paths} >= {WARDS_2022, WARDS_2021}
        replica.asked.clear()
        job = job_for(catalogue, replica.address, tmp_path)
        open_geography.fetch(job)
        job.stage.publish()
        again = {path.split("/")[1] for path in replica.paths}
    assert job.refusals == [] and again == {BOROUGHS, LSOA_WARDS, LSOA_LSOA, LSOAS}
    folder = tmp_path / "open-geography" / "2026-11-22"
    assert len(list(folder.glob("*.geojson"))) == 4


def test_a_borough_without_wards_is_not_refused_for_ever(catalogue, tmp_path):
    areas = tuple(area for area in catalogue.areas if area.vintage != "2002")
    without = replace(catalogue, areas=areas)
    job, replica = fetched(without, geography_routes(catalogue), tmp_path)
    assert job.refusals == []
    assert "Wards in use until 2022: not asked; the catalogue has no such wards" in job.notes
    assert not [path for path in replica.paths if WARDS_2021 in path]


# ---------------------------------------------------------------- what is refused


def test_an_error_with_status_200_is_told_and_the_other_layers_stand(catalogue, tmp_path):
    def faulty(request, response):
        if f"/{LSOA_LSOA}/" in request.path:
            return error("Cannot perform query.", details=["'where' clause is invalid"])
        return response

    job, _ = fetched(catalogue, geography_routes(catalogue), tmp_path, faults=faulty)
    assert len(job.refusals) == 1
    told = why(job, "lsoa11-lsoa21")
    assert LSOA_LSOA in told and "error 400" in told and "'where' clause is invalid" in told
    assert (tmp_path / "open-geography" / "2026-11-22" / "wards-2022.geojson").is_file()
    assert not (tmp_path / "lookups" / "2026-11-22" / "lsoa11-lsoa21.json").exists()


def test_a_layer_of_another_name_is_told_with_the_nearest(catalogue, tmp_path):
    layers = made_up_layers(catalogue)
    layers["Wards_December_2022_Boundaries_UK_BGC_V2"] = layers.pop(WARDS_2022)
    job, _ = fetched(catalogue, geography_routes(catalogue, layers=layers), tmp_path)
    told = why(job, "wards-2022")
    assert "no layer called Wards_December_2022_Boundaries_UK_BGC or " in told
    assert "it has Wards_December_2022_Boundaries_UK_BGC_V2" in told
    assert "catalogue/live.yml" in told and "?f=json" in told


def without(rows, code):
    return [pair for pair in rows if code not in pair[0].values()]


def twice(rows, code):
    return [*rows, *(pair for pair in rows if code in pair[0].values())]


def renamed(rows, old, new):
    return [({new if k == old else k: v for k, v in row.items()}, shape) for row, shape in rows]


def recoded(rows, old, new):
    return [({k: new if v == old else v for k, v in row.items()}, shape) for row, shape in rows]


@pytest.mark.parametrize(
    ("layer", "key", "change", "told"),
    [
        (WARDS_2022, "wards-2022", lambda r: without(r, "E05014060"), "1 of 19 areas missing: E05"),
        (WARDS_2022, "wards-2022", lambda r: twice(r, "E05014060"), "more than once: E05014060"),
        (WARDS_2022, "wards-2022", lambda r: renamed(r, "WD22CD", "WD23CD"), "orderByFields"),
        (LSOA_WARDS, "lsoa21-wards", lambda r: renamed(r, "WD24CD", "WD25CD"), "no column WD24CD"),
        (WARDS_2022, "wards-2022", lambda _: made_up_layers_of_none(), "invalid"),
        (WARDS_2021, "wards-2002", lambda r: without(r, "E05000030"), "1 of 17 areas missing"),
        (BOROUGHS, "boroughs", lambda r: without(r, "E09000001"), "1 of 33 areas missing"),
        (LSOA_WARDS, "lsoa21-wards", lambda r: without(r, "E05014056"), "1 of 19 wards missing"),
        (
            LSOA_WARDS,
            "lsoa21-wards",
            lambda r: recoded(r, "E05014056", "E05000030"),
            "wards that were not asked for: E05000030",
        ),
        (LSOAS, "lsoa-2021", lambda r: r[5:], "5 of 115 areas missing"),
    ],
)
def test_a_layer_must_hold_exactly_its_areas(catalogue, tmp_path, layer, key, change, told):
    layers = made_up_layers(catalogue)
    layers[layer] = change(layers[layer])
    job, _ = fetched(catalogue, geography_routes(catalogue, layers=layers), tmp_path)
    assert told in why(job, key)
    assert {refusal.ids for refusal in job.refusals} <= {(key,), ("lsoa-2021",)}


def made_up_layers_of_none():
    return [({"FID": 1}, None)]


def test_a_server_that_ignores_where_is_refused(catalogue, tmp_path):
    layers = made_up_layers(catalogue)
    plain = geography_routes(catalogue, layers=layers)

    def ignoring(request, response):
        if f"/{LSOA_WARDS}/" not in request.path:
            return response
        rows = [{"attributes": row} for row, _ in layers[LSOA_WARDS]]
        return Response(body=json.dumps({"features": rows}).encode(), content_type="text/plain")

    job, _ = fetched(catalogue, plain, tmp_path, faults=ignoring)
    assert "rows of other boroughs: E09000016" in why(job, "lsoa21-wards")


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (None, "no shape"),
        ({"type": "Point", "coordinates": [0.1, 51.5]}, "a Point"),
        (
            {"type": "Polygon", "coordinates": [[[0.1, 51.5], [0.2, 51.6], [0.2, 51.5],
                                                 [0.1, 51.6], [0.1, 51.5]]]},
            "a broken shape",
        ),
        (
            {"type": "Polygon", "coordinates": [[[51.5, 0.1], [51.6, 0.1], [51.6, 0.2],
                                                 [51.5, 0.1]]]},
            "",
        ),
    ],
)  # fmt: skip
def test_wards_with_a_wrong_shape_are_refused(catalogue, tmp_path, shape, told):
    layers = made_up_layers(catalogue)
    row, _ = layers[WARDS_2022][4]
    layers[WARDS_2022][4] = (row, shape)
    job, _ = fetched(catalogue, geography_routes(catalogue, layers=layers), tmp_path)
    found = why(job, "wards-2022")
    assert told in found and ("wards-2022.geojson" in found)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (but(body=b"<html>sign in</html>", content_type="text/html"), "a web page"),
        (but(body=b'{"type": "FeatureColl'), "cut off"),
        (but(body=b'{"features": {}}'), "no list of features"),
        (but(body=b'{"features": [1]}'), "not a JSON object"),
        (but(body=b'{"features": []}'), "no rows"),
        (but(body=b'{"features": [], "exceededTransferLimit": true}'), "gives none"),
        (but(body=b'{"error": "busy"}'), "busy"),
        (but(status=503), "status 503"),
        (but(drop=True), ""),
    ],
)
def test_an_answer_that_is_none_leaves_the_last_copy(catalogue, tmp_path, fault, told):
    fetched(catalogue, geography_routes(catalogue), tmp_path, today=dt.date(2026, 11, 1))
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    job, _ = fetched(catalogue, geography_routes(catalogue), tmp_path, faults=[fault])
    assert len(job.refusals) == 1 and told in why(job, "wards-2022")
    for path, body in before.items():
        assert path.read_bytes() == body
    new = tmp_path / "open-geography" / "2026-11-22"
    assert not (new / "wards-2022.geojson").exists() and (new / "wards-2002.geojson").is_file()


def test_pages_that_overlap_are_refused(catalogue, tmp_path):
    def stuck(request, response):
        offset = "resultOffset"
        if WARDS_2022 in request.path and request.query[offset] != "0":
            again = {**request.query, offset: "0"}
            return route(type(request)(request.method, request.path, again, request.headers))
        return response

    route = geography_routes(catalogue, page=18)
    job, replica = fetched(catalogue, route, tmp_path, faults=stuck)
    told = why(job, "wards-2022")
    assert "pages" in told
    assert len(replica.asked) < 400


def test_small_areas_are_asked_by_the_last_good_lookup(catalogue, tmp_path):
    fetched(catalogue, geography_routes(catalogue), tmp_path, today=dt.date(2026, 11, 1))
    layers = made_up_layers(catalogue)
    del layers[LSOA_WARDS]
    job, _ = fetched(catalogue, geography_routes(catalogue, layers=layers), tmp_path)
    assert [refusal.ids for refusal in job.refusals] == [("lsoa21-wards",)]
    shutil.rmtree(tmp_path)
    job, _ = fetched(catalogue, geography_routes(catalogue, layers=layers), tmp_path)
    assert "never received" in why(job, "lsoa-2021")


def test_without_a_network_it_is_unreachable(catalogue, tmp_path):
    with Replica(geography_routes(catalogue)) as replica:
        address = replica.address
    job = job_for(catalogue, address, tmp_path)
    with pytest.raises(Unreachable):
        open_geography.fetch(job)
    assert job.refusals == [] and not list(tmp_path.rglob("*.geojson"))


# ---------------------------------------------------------------- what is new


def test_check_tells_what_was_edited_and_downloads_no_shapes(catalogue, tmp_path):
    def news(route):
        with Replica(route) as replica:
            found = open_geography.check(job_for(catalogue, replica.address, tmp_path))
            assert not [request for request in replica.asked if "query" in request.path]
        return {one.what: one.state for one in found}

    assert set(news(geography_routes(catalogue)).values()) == {"never fetched"}
    fetched(catalogue, geography_routes(catalogue), tmp_path)
    later = int(dt.datetime(2099, 1, 1, tzinfo=dt.UTC).timestamp() * 1000)
    assert news(geography_routes(catalogue))["Wards of 2022"] == "unchanged"
    assert set(news(geography_routes(catalogue, edited=later)).values()) == {"new"}
    assert set(news(geography_routes(catalogue, edited=None)).values()) == {"unknown"}
    layers = made_up_layers(catalogue)
    del layers[BOROUGHS]
    assert news(geography_routes(catalogue, layers=layers))["London boroughs"] == "unknown"


# ---------------------------------------------------------------- real shapes


def test_the_real_boundaries_pass(catalogue, extracts, tmp_path):
    def real(name, **columns):
        said = json.loads((extracts / "boundaries" / name).read_text(encoding="utf-8"))
        return [
            ({columns.get(k, k): v for k, v in f["properties"].items()}, f["geometry"])
            for f in said["features"]
        ]

    layers = made_up_layers(catalogue)
    layers[WARDS_2022] = real("wards_2022_lbbd.geojson")
    layers[WARDS_2021] = real("wards_2013_lbbd.geojson", WD13CD="WD21CD", WD13NM="WD21NM")
    layers[BOROUGHS] = real("boroughs_2022_london.geojson")
    layers[LSOAS] = real("lsoa_2021_lbbd.geojson")
    path = extracts / "lookups" / "lsoa21_ward22_lad22_lbbd.csv"
    header, *lines = path.read_text(encoding="utf-8-sig").splitlines()
    names = [name.replace("22", "24") for name in header.split(",")]
    layers[LSOA_WARDS] = [(dict(zip(names, line.split(","), strict=True)), None) for line in lines]
    job, _ = fetched(catalogue, geography_routes(catalogue, page=50, layers=layers), tmp_path)
    assert job.refusals == []
    path = tmp_path / "open-geography" / "2026-11-22" / "wards-2022.geojson"
    wards = read_wards(path, vintage="2022", catalogue=catalogue)
    assert len(wards) == 19 and 30e6 < wards.area.sum() < 45e6

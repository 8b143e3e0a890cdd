"""Claimants, population and Census tables from a replica of Nomis."""

import csv
import datetime as dt
import json
from dataclasses import replace

import pandas as pd
import pytest

from lbbd_jsna.catalogue.live import Manners
from lbbd_jsna.errors import ExtractError
from lbbd_jsna.fetching import nomis
from lbbd_jsna.fetching.job import Job
from lbbd_jsna.fetching.staging import Stage
from lbbd_jsna.fetching.standing import last_copy
from lbbd_jsna.fetching.web import Unreachable, Web
from lbbd_jsna.sources.nomis import read_nomis
from tests.replicas.nomis import BEDROOMS, Dataset, made_up_datasets, nomis_routes, with_figure
from tests.replicas.server import Replica, Request, but

TODAY = dt.date(2026, 11, 22)
QUICK = Manners(pause=0, connect=1, read=1, whole=2, budget=2, tries=1)
TABLES = (
    "claimants", "claimants-wards", "overcrowding", "overcrowding-wards", "qualifications-wards",
    "population-wards",
)  # fmt: skip
MISSING = ("", "Q", "These figures are missing.")


def job_for(catalogue, address, raw, *, today=TODAY) -> Job:
    web = Web(address, title="Nomis", manners=QUICK)
    stage = Stage(raw, nomis.SOURCE, today=today)
    return Job(catalogue=catalogue, web=web, stage=stage, raw=raw, step=lambda _: None)


def fetched(catalogue, route, raw, *, faults=None, path="", today=TODAY):
    """One fetch, published; the job and the replica that answered."""
    with Replica(route) as replica:
        replica.faults = faults or replica.faults
        job = job_for(catalogue, replica.address + path, raw, today=today)
        nomis.fetch(job)
        job.stage.publish()
    return job, replica


def only(*names, of):
    """The catalogue with some tables of Nomis in it."""
    catalogue, service = of, of.live.nomis
    tables = {name: service.tables[name] for name in names}
    return changed(catalogue, service.model_copy(update={"tables": tables}))


def changed(catalogue, service):
    live = catalogue.live.model_copy(update={"nomis": service})
    return replace(catalogue, live=live)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def on(table, fault):
    """A fault laid over the data of one dataset only."""
    def lay(request, response):
        return fault(request, response) if f"{table}.data.csv" in request.path else response

    return lay


# ---------------------------------------------------------------- all is well


def test_every_table_is_kept_with_its_areas_and_periods(catalogue, tmp_path):
    job, replica = fetched(catalogue, nomis_routes(catalogue), tmp_path)
    assert job.refusals == []
    folder = tmp_path / "nomis" / "2026-11-22"
    assert {path.stem for path in folder.glob("*.csv")} == set(TABLES)
    rows = {name: rows_of(folder / f"{name}.csv") for name in TABLES}
    places = {name: {row["GEOGRAPHY_CODE"] for row in rows[name]} for name in TABLES}
    boroughs = {"E92000001", "E12000007", *(f"E09{number:06d}" for number in range(1, 34))}
    wards = {f"E050140{number}" for number in range(53, 72)}
    assert places["claimants"] == places["overcrowding"] == boroughs
    assert all(places[name] == wards for name in TABLES if name.endswith("-wards"))
    months = [row["DATE"] for row in rows["claimants-wards"]]
    assert (min(months), max(months), len(set(months))) == ("2023-10", "2026-10", 37)
    assert len(rows["claimants"]) == 35 * 37 * 2
    assert {row["DATE"] for row in rows["population-wards"]} == {"2024"}
    assert len(rows["population-wards"]) == 19 * 92
    asked = {request.query["geography"] for request in replica.asked if request.query}
    assert "E09000002TYPE153" in asked
    notes = "\n".join(job.notes)
    assert "NM_2014_1" in notes and "Population estimates" in notes and "NM_162_1" not in notes


def test_the_reader_makes_series_of_what_was_fetched(catalogue, tmp_path):
    fetched(catalogue, nomis_routes(catalogue), tmp_path)
    folder, tables = tmp_path / "nomis" / "2026-11-22", []
    for name in TABLES:
        path = folder / f"{name}.csv"
        table, notes = read_nomis(path, name=f"nomis/{name}.csv", catalogue=catalogue)
        tables.append(table)
        assert bool(notes) == (name == "population-wards"), notes
    found = pd.concat(tables).groupby("indicator")["area_code"].nunique().to_dict()
    assert found == {
        "claimants": 35,
        "claimants-wards": 19,
        "overcrowded-households": 35,
        "overcrowded-households-wards": 19,
        "skills-level-1-wards": 19,
        "skills-level-3-wards": 19,
        "skills-level-4-wards": 19,
    }


def test_pages_are_put_together_under_one_header(catalogue, tmp_path):
    catalogue = only("claimants", of=catalogue)
    fetched(catalogue, nomis_routes(catalogue), tmp_path / "whole")
    for counted in (True, False):
        raw = tmp_path / f"counted-{counted}"
        service = catalogue.live.nomis.model_copy(update={"rows_per_request": 1000})
        route = nomis_routes(catalogue, limit=1000, counted=counted)
        job, replica = fetched(changed(catalogue, service), route, raw)
        assert job.refusals == []
        offsets = [
            request.query["recordoffset"]
            for request in replica.asked
            if "NM_162_1.data" in request.path and "TYPE153" not in request.query["geography"]
        ]
        assert offsets == ["0", "1000", "2000"]
        path = raw / "nomis" / "2026-11-22" / "claimants.csv"
        whole = tmp_path / "whole" / "nomis" / "2026-11-22" / "claimants.csv"
        assert not counted or path.read_bytes() == whole.read_bytes()
        assert len(rows_of(path)) == 2590
        told = json.loads(path.with_name("claimants.csv.source.json").read_text(encoding="utf-8"))
        assert len(told["pages"]) == 3 and told["holds"] == ["NM_162_1"]
        assert told["licence"].startswith("Open Government Licence")


def test_a_server_of_shorter_pages_than_asked_is_followed_by_its_count(catalogue, tmp_path):
    one = only("overcrowding-wards", of=catalogue)
    job, replica = fetched(one, nomis_routes(catalogue, limit=10), tmp_path / "a")
    assert job.refusals == [] and len(replica.asked) == 1 + 12
    job, _ = fetched(one, nomis_routes(catalogue, limit=10, counted=False), tmp_path / "b")
    assert job.refusals == []


def test_without_definitions_the_columns_and_names_must_do(catalogue, tmp_path):
    some = only("overcrowding-wards", "qualifications-wards", of=catalogue)
    job, _ = fetched(some, nomis_routes(catalogue, titles=False), tmp_path)
    assert job.refusals == []
    assert "did not say the titles of NM_2070_1, NM_2084_1" in "\n".join(job.notes)


def test_another_dataset_is_asked_where_the_first_has_nothing(catalogue, tmp_path):
    datasets = made_up_datasets()
    datasets["NM_2002_1"] = datasets.pop("NM_2014_1")
    one = only("population-wards", of=catalogue)
    job, _ = fetched(one, nomis_routes(catalogue, datasets=datasets), tmp_path)
    assert job.refusals == [] and "NM_2002_1" in "\n".join(job.notes)
    datasets["NM_2002_1"] = replace(datasets["NM_2002_1"], title="Jobs density")
    job, _ = fetched(one, nomis_routes(catalogue, datasets=datasets), tmp_path / "b")
    assert [refusal.ids for refusal in job.refusals] == [("population-wards",)]


def test_an_address_without_its_usual_path_will_do(catalogue, tmp_path):
    one = only("overcrowding-wards", of=catalogue)
    route = nomis_routes(catalogue, base="/api/v01")
    for number, path in enumerate(("", "/", "/api/v01", "/api/v01/")):
        job, _ = fetched(one, route, tmp_path / str(number), path=path)
        assert job.refusals == [], path


def test_running_again_on_the_same_day_asks_for_no_data(catalogue, tmp_path):
    some = only("overcrowding-wards", "population-wards", of=catalogue)
    with Replica(nomis_routes(catalogue)) as replica:
        for _ in range(2):
            job = job_for(some, replica.address, tmp_path)
            replica.asked.clear()
            nomis.fetch(job)
            job.stage.publish()
        assert not [path for path in replica.paths if path.endswith(".csv")]


def test_a_borough_without_wards_is_not_refused_for_ever(catalogue, tmp_path):
    areas = tuple(area for area in catalogue.areas if area.type != "ward")
    without = replace(catalogue, areas=areas)
    job, _ = fetched(without, nomis_routes(without), tmp_path)
    assert job.refusals == [] and "Claimant count by ward: not asked" in "\n".join(job.notes)
    folder = tmp_path / "nomis" / "2026-11-22"
    assert {path.stem for path in folder.glob("*.csv")} == {"claimants", "overcrowding"}


# ---------------------------------------------------------------- wrong ids


def swapped(catalogue):
    """The catalogue with the ids of two Census tables exchanged."""
    service = catalogue.live.nomis
    tables = dict(service.tables)
    for name, other in (("overcrowding-wards", "NM_2084_1"), ("qualifications-wards", "NM_2070_1")):
        tables[name] = tables[name].model_copy(update={"id": other})
    return changed(catalogue, service.model_copy(update={"tables": tables}))


@pytest.mark.parametrize("titles", [True, False])
def test_swapped_ids_stop_the_fetch_and_are_both_named(catalogue, tmp_path, titles):
    with Replica(nomis_routes(catalogue, titles=titles)) as replica:
        job = job_for(swapped(catalogue), replica.address, tmp_path)
        with pytest.raises(ExtractError) as caught:
            nomis.fetch(job)
    told = str(caught.value)
    assert "overcrowding-wards" in told and "qualifications-wards" in told
    assert "NM_2084_1" in told and "NM_2070_1" in told
    if titles:
        assert 'NM_2084_1 is "TS067 - Highest level of qualification"' in told
        assert 'expected "occupancy rating", "bedrooms" in the title' in told
        assert not [path for path in replica.paths if path.endswith(".csv")]
    else:
        assert "there is no column C2021_HIQUAL_8" in told
    assert not list(tmp_path.glob("nomis/2026*"))


@pytest.mark.parametrize("titles", [True, False])
def test_a_renumbered_table_is_not_read_wrongly(catalogue, tmp_path, titles):
    datasets = made_up_datasets()
    names = list(BEDROOMS.values.values())
    other = replace(BEDROOMS, values=dict(zip("012345", [names[0], *names[:0:-1]], strict=True)))
    datasets["NM_2070_1"] = replace(datasets["NM_2070_1"], dimensions=(other,))
    one = only("overcrowding-wards", of=catalogue)
    with Replica(nomis_routes(catalogue, datasets=datasets, titles=titles)) as replica:
        job = job_for(one, replica.address, tmp_path)
        if titles:
            nomis.fetch(job)
            told = job.refusals[0].why
        else:
            with pytest.raises(ExtractError) as caught:
                nomis.fetch(job)
            told = str(caught.value)
    assert "C2021_OCCRAT_BEDROOMS_6 4 is called 'Occupancy rating of bedrooms: +1'" in told


# ---------------------------------------------------------------- what is refused


def body_without(code):
    """The answer without the rows of an area, as if they had not come."""
    def fault(_, response):
        lines = response.body.decode().splitlines(keepends=True)
        kept = [line for line in lines if f'"{code}"' not in line]
        return replace(response, body="".join(kept).encode())

    return fault


def edited(old, new, count=1):
    def fault(_, response):
        text = response.body.decode()
        assert old in text
        return replace(response, body=text.replace(old, new, count).encode())

    return fault


def last_lines(change):
    def fault(_, response):
        return replace(response, body=change(response.body))

    return fault


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (body_without("E05014060"), "no rows for E05014060 Eastbury; expected all 19"),
        (last_lines(lambda b: b[: b.rindex(b"\r\n", 0, -2) + 2]), "113 rows; expected 114"),
        (last_lines(lambda b: b[:-60]), "cut off or damaged"),
        (last_lines(lambda b: b[: b.rindex(b",")]), "values under"),
        (last_lines(lambda b: b[:-3]), "does not end with a line break"),
        (last_lines(lambda b: b + b[b.index(b"\r\n") + 2 :]), "again; the first is row 2"),
        (last_lines(lambda b: b[: b.index(b"\r\n") + 2]), "a header and no rows"),
        (edited('"OBS_VALUE"', '"VALUE"'), "no column OBS_VALUE"),
        (edited('"C2021_OCCRAT_BEDROOMS_6', '"C2021_OTHER', 3), "no column C2021_OCCRAT_BEDROOMS"),
        (edited('"OBS_STATUS_NAME"', '"OBS_STATUS"'), "more than once"),
        (edited('"Place E05014053"', "=HYPERLINK()"), "a formula in place of a name"),
        (but(body=b"<html>"), "a web page"),
        (but(body=b""), "empty"),
        (but(body=b'{"error": "x"}', content_type="application/json"), "json"),
        (but(status=404), "404"),
        (but(status=500), "500"),
    ],
)
def test_an_answer_that_is_none_leaves_the_last_copy(catalogue, tmp_path, fault, told):
    one = only("overcrowding-wards", of=catalogue)
    fetched(one, nomis_routes(catalogue), tmp_path, today=dt.date(2026, 11, 1))
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    faults = on("NM_2070_1", fault)
    with Replica(nomis_routes(catalogue)) as replica:
        replica.faults = faults
        job = job_for(one, replica.address, tmp_path)
        try:
            nomis.fetch(job)
        except Unreachable as error:
            assert told == "500" and told in str(error)
        else:
            assert len(job.refusals) == 1 and told in job.refusals[0].why, job.refusals
        job.stage.publish()
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_one_table_that_fails_does_not_spoil_the_others(catalogue, tmp_path):
    some = only("claimants", "overcrowding", "claimants-wards", "overcrowding-wards", of=catalogue)
    for number, how in enumerate((but(status=503), but(body=b"<html>"))):
        raw = tmp_path / str(number)
        job, _ = fetched(some, nomis_routes(catalogue), raw, faults=on("NM_162_1", how))
        assert {refusal.ids for refusal in job.refusals} == {("claimants",), ("claimants-wards",)}
        assert len(list((raw / "nomis" / "2026-11-22").glob("*.csv"))) == 2


def test_pages_of_another_header_or_overlapping_are_refused(catalogue, tmp_path):
    def later(change):
        def fault(request, response):
            return change(request, response) if request.query["recordoffset"] != "0" else response

        return on("NM_2070_1", fault)

    one = only("overcrowding-wards", of=catalogue)
    route = nomis_routes(catalogue, limit=60)
    job, _ = fetched(one, route, tmp_path, faults=later(edited('"DATE_NAME"', '"DAY_NAME"')))
    assert "page 2 has another header" in job.refusals[0].why

    def first_again(request, response):
        same = {**request.query, "recordoffset": "0"}
        return route(replace(request, query=same))

    job, _ = fetched(one, route, tmp_path, faults=later(first_again))
    assert "again; the first is row 2" in job.refusals[0].why


def test_blanks_need_a_status(catalogue, tmp_path):
    one = only("overcrowding-wards", of=catalogue)
    datasets, key = made_up_datasets(), ("E05014060", "2021", "4")
    for said, refused in ((MISSING, False), (("", "A", "Normal Value"), True)):
        datasets["NM_2070_1"] = with_figure(datasets["NM_2070_1"], key, said)
        raw = tmp_path / said[1]
        job, _ = fetched(one, nomis_routes(catalogue, datasets=datasets), raw)
        assert bool(job.refusals) == refused
    assert "blank for E05014060, 2021, and OBS_STATUS does not say why" in job.refusals[0].why
    path = tmp_path / "Q" / "nomis" / "2026-11-22" / "overcrowding-wards.csv"
    table, _ = read_nomis(path, name=path.name, catalogue=one)
    row = table[table["area_code"] == "E05014060"].iloc[0]
    assert pd.isna(row["value"]) and row["status"] == "not_available"
    assert row["value_note"] == "These figures are missing."


def test_no_fewer_periods_than_last_time(catalogue, tmp_path):
    one = only("claimants-wards", of=catalogue)
    fetched(one, nomis_routes(catalogue), tmp_path, today=dt.date(2026, 11, 1))
    datasets = made_up_datasets()
    shorter = replace(datasets["NM_162_1"], dates=datasets["NM_162_1"].dates[-20:])
    route = nomis_routes(catalogue, datasets={**datasets, "NM_162_1": shorter})
    job, _ = fetched(one, route, tmp_path)
    assert "20 periods; expected 37, as in 2026-11-01" in job.refusals[0].why


def test_without_a_network_it_is_unreachable(catalogue, tmp_path):
    with Replica(nomis_routes(catalogue)) as replica:
        address = replica.address
    job = job_for(catalogue, address, tmp_path)
    with pytest.raises(Unreachable):
        nomis.fetch(job)
    assert job.refusals == [] and not list(tmp_path.rglob("*.csv"))


def test_the_last_copy_is_that_of_the_newest_folder(tmp_path):
    for name in ("2026-11-01", "2026-11-22", "2026-11-22-02", "2026-11-22-10", ".fetching", "old"):
        (tmp_path / "nomis" / name).mkdir(parents=True)
        (tmp_path / "nomis" / name / "a.csv").write_text(name, encoding="utf-8")
    assert last_copy(tmp_path, "nomis", "a.csv").read_text(encoding="utf-8") == "2026-11-22-10"
    assert last_copy(tmp_path, "nomis", "b.csv") is None


# ---------------------------------------------------------------- what is new


def test_check_asks_for_definitions_only(catalogue, tmp_path):
    def news(route):
        with Replica(route) as replica:
            found = nomis.check(job_for(catalogue, replica.address, tmp_path))
            assert not [path for path in replica.paths if path.endswith(".csv")]
        return {one.what: one.state for one in found}

    title = "Occupancy rating for bedrooms by ward"
    assert set(news(nomis_routes(catalogue)).values()) == {"never fetched"}
    fetched(only("overcrowding-wards", of=catalogue), nomis_routes(catalogue), tmp_path)
    assert news(nomis_routes(catalogue))[title] == "unchanged"
    later = nomis_routes(catalogue, updated="2099-11-10 07:00:00")
    assert news(later)[title] == "new"
    assert news(nomis_routes(catalogue, updated=""))[title] == "unknown"
    assert news(nomis_routes(catalogue, titles=False))[title] == "unknown"


def test_the_replica_gives_no_more_than_its_limit(catalogue):
    """The replica itself: 25,000 rows, and the rest at an offset."""
    everything = Dataset("Wide", tuple((f"{y}", f"{y}") for y in range(1000, 1400)), (BEDROOMS,))
    route = nomis_routes(catalogue, datasets={"NM_1_1": everything}, counted=False)
    query = {"geography": "E09000002TYPE153"}

    def lines(**more):
        answer = route(Request("GET", "/dataset/NM_1_1.data.csv", {**query, **more}, {}))
        return answer.body.count(b"\r\n") - 1

    assert (lines(), lines(recordoffset="25000")) == (25_000, 19 * 6 * 400 - 25_000)

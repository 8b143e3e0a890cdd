"""Data sets from a replica of the API of Explore Education Statistics."""

import datetime as dt
import json
import math
from collections import Counter
from dataclasses import replace

import pytest

from lbbd_jsna.catalogue.live import DataSet, Manners
from lbbd_jsna.errors import ExtractError
from lbbd_jsna.fetching import education
from lbbd_jsna.fetching.job import Job
from lbbd_jsna.fetching.staging import Stage
from lbbd_jsna.fetching.web import Unreachable, Web
from lbbd_jsna.sources.education import read_education
from lbbd_jsna.sources.store import find_extracts
from tests.made_up_borough import LIVE, NEIGHBOUR, OWN, indicator, made_up_catalogue
from tests.replicas.education import education_routes, id_of, made_up_csv, problem
from tests.replicas.server import Replica, Response, but

TODAY = dt.date(2026, 11, 22)
LATER = dt.date(2026, 12, 22)
QUICK = Manners(pause=0, connect=1, read=1, whole=1, budget=2, tries=1, give_up_after=2)
ABSENCE, REFERRALS = "Absence rates", "Referrals"


def small(*, pinned=(), version="1.0", titles=None, **changes):
    """A catalogue with two data sets; those pinned carry the replica's ids."""
    titles = titles or {}
    said = {"absence": ("Pupil absence", ABSENCE), "referrals": ("Children in need", REFERRALS)}
    sets = {
        key: DataSet(
            publication=publication,
            title=titles.get(key, title),
            id=id_of(f"{publication}: {title}") if key in pinned else "",
            version=version if key in pinned else "",
            reporting_year="financial" if key == "referrals" else "",
            verified=False,
            **changes,
        )
        for key, (publication, title) in said.items()
    }
    series = [
        indicator(
            "absence", source="dfe", source_id="absence", name_words=(),
            pick={"phase": "Total"}, columns={"value": "rate", "count": "missed"},
        ),
        indicator(
            "referred-again", source="dfe", source_id="referrals", name_words=(),
            pick={"group": "All"}, columns={"value": "again_percent"},
        ),
    ]  # fmt: skip
    catalogue = made_up_catalogue(*series)
    sources = {**catalogue.sources, "dfe": catalogue.sources["fingertips"]}
    live = LIVE.model_copy(
        update={"dfe": LIVE.dfe.model_copy(update={"data_sets": sets}), "manners": QUICK}
    )
    return replace(catalogue, live=live, sources=sources)


def job_for(catalogue, address, raw, *, today=TODAY) -> Job:
    web = Web(address, title="Explore education statistics", manners=QUICK)
    stage = Stage(raw, education.SOURCE, today=today)
    return Job(catalogue=catalogue, web=web, stage=stage, raw=raw, step=lambda _: None)


def fetched(catalogue, routes, raw, *, faults=(), path="", today=TODAY):
    """One fetch, published; the job and the replica that answered."""
    with Replica(routes) as replica:
        if callable(faults):
            replica.faults = faults
        else:
            replica.faults.extend(faults)
        job = job_for(catalogue, replica.address + path, raw, today=today)
        education.fetch(job)
        job.stage.publish()
    return job, replica


def news(catalogue, routes, raw, *, faults=()):
    with Replica(routes) as replica:
        replica.faults = faults if callable(faults) else replica.faults
        job = job_for(catalogue, replica.address, raw, today=LATER)
        found = education.check(job)
        assert not any("/csv" in path for path in replica.paths)
    return {one.what: (one.state, one.detail) for one in found}


def why(job, key):
    """The refusal of one data set."""
    found = [refusal for refusal in job.refusals if refusal.ids == (key,)]
    assert len(found) == 1, job.refusals
    return found[0].why


def on_csv(changed):
    """A fault on every CSV answer."""
    return lambda request, response: (
        changed(request, response) if request.path.endswith("/csv") else response
    )


def edit(routes, key, old, new, *, count=-1):
    """Change the text of a data set's latest version."""
    made = routes.data_sets[key]
    text = made.versions[made.latest]
    assert old in text
    made.versions[made.latest] = text.replace(old, new, count)


# ---------------------------------------------------------------- all is well


def test_the_data_sets_of_the_catalogue_that_is_shipped(catalogue, tmp_path):
    routes = education_routes(catalogue)
    job, replica = fetched(catalogue, routes, tmp_path)
    assert job.refusals == []
    folder = tmp_path / "dfe" / "2026-11-22"
    keys = set(catalogue.live.dfe.data_sets)
    assert {path.stem for path in folder.glob("*.csv")} == keys
    found = set()
    for key in keys:
        path = folder / f"{key}.csv"
        made = routes.data_sets[key]
        assert path.read_bytes() == made.versions["1.0"].encode("utf-8")
        sidecar = json.loads(path.with_name(path.name + ".source.json").read_text("utf-8"))
        assert (sidecar["data_set"], sidecar["version"]) == (made.id, "1.0")
        assert sidecar["address"].endswith(f"/data-sets/{made.id}/csv?dataSetVersion=1.0")
        assert (sidecar["holds"], sidecar["bytes"]) == ([key], path.stat().st_size)
        assert sidecar["licence"] == "Open Government Licence v3.0"
        table, _ = read_education(path, name=f"dfe/{key}.csv", catalogue=catalogue)
        found |= set(table["indicator"])
    series = [i for i in catalogue.indicators.values() if i.source == "dfe" and i.source_id]
    assert found == {i.id for i in series}
    assert {raw.source for raw in find_extracts(tmp_path)} == {"dfe"}
    sizes = [int(r.query["pageSize"]) for r in replica.asked if "pageSize" in r.query]
    assert sizes and max(sizes) <= 20
    assert Counter(r.path for r in replica.asked if "/csv" in r.path).most_common(1)[0][1] == 1


def test_a_figure_is_that_of_the_row_of_the_borough(tmp_path):
    catalogue = small()
    routes = education_routes(catalogue)
    fetched(catalogue, routes, tmp_path)
    path = tmp_path / "dfe" / "2026-11-22" / "referrals.csv"
    table, _ = read_education(path, name="dfe/referrals.csv", catalogue=catalogue)
    own = table[(table["area_code"] == OWN) & (table["period"] == "2024/25")].iloc[0]
    lines = routes.data_sets["referrals"].versions["1.0"].splitlines()
    place, (line,) = next(
        (n, [cells]) for n, text in enumerate(lines, 1)
        if (cells := text.split(","))[0] == "2025" and OWN in cells and cells[10] == "All"
    )  # fmt: skip
    assert (own["value"], own["source_row"]) == (float(line[11]), place)
    assert (str(own["period_start"].date()), str(own["period_end"].date())) == (
        "2024-04-01", "2025-03-31")  # fmt: skip
    assert math.isnan(own["count"])


def test_a_data_set_found_by_its_titles_is_told_with_the_lines_that_pin_it(tmp_path):
    catalogue = small()
    routes = education_routes(catalogue)
    job, _ = fetched(catalogue, routes, tmp_path)
    assert job.notes[0] == (
        "Absence rates: looked up by its titles; to pin it, put into catalogue/live.yml, below "
        f'"absence:": id: {routes.data_sets["absence"].id} and version: 1.0'
    )


def test_a_pinned_data_set_is_not_looked_up(tmp_path):
    catalogue = small(pinned=("absence", "referrals"))
    job, replica = fetched(catalogue, education_routes(catalogue), tmp_path)
    assert (job.notes, job.refusals) == ([], [])
    assert not any("publications" in path for path in replica.paths)
    assert len(replica.asked) == 4


@pytest.mark.parametrize("path", ["", "/", "/statistics/v1", "/statistics/v1/"])
@pytest.mark.parametrize("below", ["", "statistics/v1"])
def test_the_address_may_come_without_its_path(tmp_path, path, below):
    catalogue = small(pinned=("absence",))
    usual = catalogue.live.dfe.model_copy(update={"address": "https://x.test/statistics/v1"})
    catalogue = replace(catalogue, live=catalogue.live.model_copy(update={"dfe": usual}))
    job, _ = fetched(catalogue, education_routes(catalogue, below=below), tmp_path, path=path)
    assert job.refusals == []
    assert len(list(tmp_path.glob("dfe/2026-11-22/*.csv"))) == 2


def test_a_second_fetch_on_one_day_downloads_nothing_again(tmp_path):
    catalogue = small(pinned=("absence", "referrals"))
    routes = education_routes(catalogue)
    with Replica(routes) as replica:
        for expected in (2, 2):
            job = job_for(catalogue, replica.address, tmp_path)
            education.fetch(job)
            job.stage.publish()
            assert job.refusals == []
            assert sum("/csv" in path for path in replica.paths) == expected
    assert [path.name for path in (tmp_path / "dfe").glob("2*")] == ["2026-11-22"]


def test_titles_differ_in_case_and_quotes_only(tmp_path):
    catalogue = small(titles={"absence": "absence  RATES"})
    routes = education_routes(catalogue)
    routes.data_sets["absence"].title = "Absence rates"
    job, _ = fetched(catalogue, routes, tmp_path)
    assert job.refusals == []


def test_a_publication_on_a_later_page_is_found(tmp_path):
    catalogue = small()
    routes = education_routes(catalogue)
    routes.publications = [f"Pupil numbers {n}" for n in range(45)]
    job, replica = fetched(catalogue, routes, tmp_path)
    assert job.refusals == []
    pages = [r.query["page"] for r in replica.asked if r.query.get("search") == "Pupil absence"]
    assert pages == ["1", "2", "3"]


def test_a_data_set_kept_for_something_needs_no_indicator(tmp_path):
    catalogue = small(kept_for="the record")
    lone = replace(catalogue, indicators={})
    job, _ = fetched(lone, education_routes(lone), tmp_path)
    assert job.refusals == []
    assert len(list(tmp_path.glob("dfe/*/*.csv"))) == 2


# ---------------------------------------------------------------- versions


def test_a_pinned_version_is_asked_for_and_a_newer_one_is_told(tmp_path):
    catalogue = small(pinned=("absence",))
    routes = education_routes(catalogue)
    made = routes.data_sets["absence"]
    made.versions["1.10"] = made.versions["1.0"].replace("Total", "All")
    job, replica = fetched(catalogue, routes, tmp_path)
    assert job.refusals == []
    assert "Absence rates: version 1.10 is out; catalogue/live.yml pins 1.0" in job.notes
    asked = [r.query for r in replica.asked if r.path.endswith(f"{made.id}/csv")]
    assert asked == [{"dataSetVersion": "1.0"}]


def test_check_tells_new_versions_without_downloading(tmp_path):
    catalogue = small(pinned=("absence",))
    routes = education_routes(catalogue)
    assert news(catalogue, routes, tmp_path) == {
        ABSENCE: ("never fetched", ""), REFERRALS: ("never fetched", "")}  # fmt: skip
    fetched(catalogue, routes, tmp_path)
    assert {state for state, _ in news(catalogue, routes, tmp_path).values()} == {"unchanged"}
    for made in routes.data_sets.values():
        made.versions["1.10"] = made.versions["1.0"]
    assert news(catalogue, routes, tmp_path) == {
        ABSENCE: ("new", "version 1.10; received 1.0; live.yml pins 1.0"),
        REFERRALS: ("new", "version 1.10; received 1.0"),
    }


def test_check_reads_the_list_of_versions_where_there_is_no_description(tmp_path):
    catalogue = small()
    routes = education_routes(catalogue)
    fetched(catalogue, routes, tmp_path)
    routes.data_sets["absence"].versions["1.2"] = "x"

    def no_description(request, response):
        is_one = request.path.startswith("/data-sets/") and request.path.count("/") == 2
        return problem(404, "Not Found") if is_one else response

    assert news(catalogue, routes, tmp_path, faults=no_description) == {
        ABSENCE: ("new", "version 1.2; received 1.0"),
        REFERRALS: ("unchanged", "version 1.0"),
    }


def test_check_knows_nothing_of_an_id_that_is_gone_and_sees_one_that_changed(tmp_path):
    catalogue = small()
    routes = education_routes(catalogue)
    fetched(catalogue, routes, tmp_path)
    pinned = small(pinned=("absence",))
    other = pinned.live.dfe.data_sets["absence"].model_copy(update={"id": id_of("another")})
    sets = {**pinned.live.dfe.data_sets, "absence": other}
    dfe = pinned.live.dfe.model_copy(update={"data_sets": sets})
    moved = replace(pinned, live=pinned.live.model_copy(update={"dfe": dfe}))
    del routes.data_sets["referrals"]
    found = news(moved, routes, tmp_path)
    assert found[ABSENCE][0] == "new" and id_of("another") in found[ABSENCE][1]
    assert found[REFERRALS][0] == "unknown" and "404" in found[REFERRALS][1]


# ---------------------------------------------------------------- the wrong thing


def test_two_ids_swapped_stop_the_source_and_both_are_named(tmp_path):
    catalogue = small(pinned=("absence", "referrals"))
    sets = catalogue.live.dfe.data_sets
    swapped = {
        "absence": sets["absence"].model_copy(update={"id": sets["referrals"].id}),
        "referrals": sets["referrals"].model_copy(update={"id": sets["absence"].id}),
    }
    dfe = catalogue.live.dfe.model_copy(update={"data_sets": swapped})
    wrong = replace(catalogue, live=catalogue.live.model_copy(update={"dfe": dfe}))
    with Replica(education_routes(catalogue)) as replica:
        job = job_for(wrong, replica.address, tmp_path)
        with pytest.raises(ExtractError) as caught:
            education.fetch(job)
        assert not any("/csv" in path for path in replica.paths)
    assert [str(fault) for fault in caught.value.faults] == [
        f'catalogue/live.yml, dfe: absence: the id {sets["referrals"].id} is that of "Referrals"; '
        'expected "Absence rates"; is the id the right one?',
        f'catalogue/live.yml, dfe: referrals: the id {sets["absence"].id} is that of '
        '"Absence rates"; expected "Referrals"; is the id the right one?',
    ]
    assert job.stage.publish() == []
    assert not list(tmp_path.glob("dfe/2*"))


def test_a_title_nobody_has_is_refused_with_the_nearest(tmp_path):
    catalogue = small()
    routes = education_routes(catalogue)
    routes.data_sets["absence"].title = "Absence rates by school"
    routes.data_sets["referrals"].publication = "Children in need and care"
    job, _ = fetched(catalogue, routes, tmp_path)
    assert why(job, "absence") == (
        'the publication "Pupil absence" has nothing called "Absence rates"; the nearest are '
        '"Absence rates by school"; put the right title into catalogue/live.yml'
    )
    assert why(job, "referrals").startswith(
        'the service has nothing called "Children in need"; the nearest are '
        '"Children in need and care", '
    )
    assert not list(tmp_path.glob("dfe/2*"))


def test_a_title_two_data_sets_have_is_refused_with_both_ids(tmp_path):
    catalogue = small()
    routes = education_routes(catalogue)
    routes.data_sets["again"] = replace(routes.data_sets["absence"], id=id_of("again"))
    job, _ = fetched(catalogue, routes, tmp_path)
    told = why(job, "absence")
    assert "2 times" in told and id_of("again") in told
    assert routes.data_sets["absence"].id in told
    assert [path.name for path in tmp_path.glob("dfe/2*/*.csv")] == ["referrals.csv"]


def test_a_pinned_id_that_is_gone_is_refused_with_what_its_titles_lead_to(tmp_path):
    catalogue = small(pinned=("absence", "referrals"))
    routes = education_routes(catalogue)
    routes.data_sets["absence"].id = id_of("moved")
    job, _ = fetched(catalogue, routes, tmp_path)
    told = why(job, "absence")
    assert "status 404" in told
    assert f'below "absence:": id: {id_of("moved")} and version: 1.0' in told
    assert [path.name for path in tmp_path.glob("dfe/2*/*.csv")] == ["referrals.csv"]


def test_a_pinned_version_that_is_not_there_is_refused(tmp_path):
    routes = education_routes(small(pinned=("absence",)))
    job, _ = fetched(small(pinned=("absence",), version="3.0"), routes, tmp_path)
    assert "its latest version is 1.0; see live.yml" in why(job, "absence")


def test_without_a_description_the_pin_is_trusted_with_a_note(tmp_path):
    catalogue = small(pinned=("absence", "referrals"))

    def no_description(request, response):
        return response if request.path.endswith("/csv") else problem(404, "Not Found")

    job, _ = fetched(catalogue, education_routes(catalogue), tmp_path, faults=no_description)
    assert job.refusals == []
    assert [note.split(" (")[0] for note in job.notes] == [
        "Absence rates: its title could not be checked",
        "Referrals: its title could not be checked",
    ]
    assert len(list(tmp_path.glob("dfe/2*/*.csv"))) == 2


# ---------------------------------------------------------------- what is not accepted


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (",rate,", ",absence_rate,", 'there is no column "rate"; the nearest is "absence_rate"'),
        (",phase,", ",education_phase,", 'no column "phase"; the nearest is "education_phase"'),
        (",Total,", ",All,", "no row of an area wanted holds 'total'"),
        ("Academic year", "Week 12", "is no kind of period that is read"),
        (OWN, "E09000999", f"no row for Marsh and Quay ({OWN})"),
        ("Overstream,Total,", "Overstream,Total,k", "is neither a number nor a symbol"),
        ("missed", "rate", 'the column "rate" appears 2 times'),
    ],
)
def test_a_data_set_the_catalogue_cannot_use_is_refused_and_the_other_is_kept(
    tmp_path, old, new, told
):
    catalogue = small()
    routes = education_routes(catalogue)
    edit(routes, "absence", old, new)
    job, _ = fetched(catalogue, routes, tmp_path)
    assert told in why(job, "absence")
    assert [path.name for path in tmp_path.glob("dfe/2*/*.csv")] == ["referrals.csv"]


def standing(tmp_path, catalogue=None):
    """A first fetch that is well, and what it left."""
    catalogue = catalogue or small()
    routes = education_routes(catalogue)
    fetched(catalogue, routes, tmp_path)
    old = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    return catalogue, routes, old


@pytest.mark.parametrize("area", [NEIGHBOUR, "National", "Regional"])
def test_an_area_that_has_gone_is_refused(tmp_path, area):
    catalogue, routes, old = standing(tmp_path)
    made = routes.data_sets["absence"]
    kept = [line for line in made.versions["1.0"].splitlines() if area not in line]
    made.versions["1.1"] = "\n".join(kept) + "\n"
    job, _ = fetched(catalogue, routes, tmp_path, today=LATER)
    assert "had rows in the last good copy and have none" in why(job, "absence")
    assert all(path.read_bytes() == content for path, content in old.items())
    assert not (tmp_path / "dfe/2026-12-22/absence.csv").exists()


def test_fewer_periods_than_the_standing_copy_are_refused_and_more_are_not(tmp_path):
    catalogue, routes, old = standing(tmp_path)
    series = {key: [i for i in catalogue.indicators.values() if i.source_id == key]
              for key in ("absence", "referrals")}  # fmt: skip
    routes.data_sets["absence"].versions["1.1"] = made_up_csv(
        catalogue, series["absence"], years=(2023, 2024)
    )
    routes.data_sets["referrals"].versions["1.1"] = made_up_csv(
        catalogue, series["referrals"], years=range(2022, 2027), reporting=True
    )
    job, _ = fetched(catalogue, routes, tmp_path, today=LATER)
    assert "absence: 2 periods of the last good copy missing (2021/22, 2022/23)" in why(
        job, "absence"
    )
    assert all(path.read_bytes() == content for path, content in old.items())
    new = tmp_path / "dfe/2026-12-22"
    assert sorted(path.name for path in new.iterdir()) == [
        "referrals.csv", "referrals.csv.source.json"]  # fmt: skip


def test_fewer_rows_than_the_service_says_are_a_file_cut_off(tmp_path):
    catalogue = small()
    routes = education_routes(catalogue)
    text = routes.data_sets["absence"].versions["1.0"]
    routes.data_sets["absence"].rows = text.count("\n")
    job, _ = fetched(catalogue, routes, tmp_path)
    count = text.count("\n") - 1
    assert (
        f"{count} rows, but the service says it has {count + 1}: it was cut off" in why(
            job, "absence")
    )  # fmt: skip


def test_a_last_row_cut_off_is_refused(tmp_path):
    catalogue = small()

    def cut(_, response):
        body = response.body.rstrip(b"\n").rpartition(b",")[0].rpartition(b",")[0]
        return replace(response, body=body, compress=False)

    job, _ = fetched(catalogue, education_routes(catalogue), tmp_path, faults=on_csv(cut))
    assert "values under" in why(job, "absence") and "cut off" in why(job, "referrals")
    assert not list(tmp_path.glob("dfe/2*"))


def test_a_standing_copy_that_cannot_be_read_is_not_compared(tmp_path):
    catalogue, routes, _ = standing(tmp_path)
    path = tmp_path / "dfe/2026-11-22/absence.csv"
    path.write_text("damaged\n", encoding="utf-8")
    job, _ = fetched(catalogue, routes, tmp_path, today=LATER)
    assert job.refusals == []
    assert any(note.startswith("dfe/2026-11-22/absence.csv: not compared") for note in job.notes)


# ---------------------------------------------------------------- trouble on the way


def test_a_web_page_in_place_of_a_csv_is_refused(tmp_path):
    catalogue, routes, old = standing(tmp_path)
    for made in routes.data_sets.values():
        made.versions["1.1"] = made.versions["1.0"]
    page = Response(body=b"<!DOCTYPE html><title>Log in</title>", content_type="text/html")
    job, _ = fetched(catalogue, routes, tmp_path, faults=on_csv(lambda *_: page), today=LATER)
    assert "a web page, not CSV" in why(job, "absence")
    assert all(path.read_bytes() == content for path, content in old.items())


def test_a_gzip_bomb_is_stopped_at_the_limit(tmp_path):
    catalogue = small(most_bytes=2_000_000)
    routes = education_routes(catalogue)
    edit(routes, "absence", "Overstream", "O" * 3_000_000, count=1)
    job, _ = fetched(catalogue, routes, tmp_path)
    assert "more than 2,000,000 bytes" in why(job, "absence")
    assert [path.name for path in tmp_path.glob("dfe/2*/*.csv")] == ["referrals.csv"]


def test_a_gzip_body_that_nobody_announced_is_unpacked(tmp_path):
    catalogue = small()
    routes = education_routes(catalogue)
    silent = on_csv(but(headers={"Content-Encoding": ""}))
    job, _ = fetched(catalogue, routes, tmp_path, faults=silent)
    assert job.refusals == []
    text = routes.data_sets["absence"].versions["1.0"]
    assert (tmp_path / "dfe/2026-11-22/absence.csv").read_bytes() == text.encode("utf-8")


def test_one_data_set_without_an_answer_leaves_the_other(tmp_path):
    catalogue = small(pinned=("absence", "referrals"))
    lost = catalogue.live.dfe.data_sets["absence"].id

    def fails(request, response):
        return problem(503, "Unavailable") if f"{lost}/csv" in request.path else response

    job, _ = fetched(catalogue, education_routes(catalogue), tmp_path, faults=fails)
    assert "status 503" in why(job, "absence")
    assert [path.name for path in tmp_path.glob("dfe/2*/*.csv")] == ["referrals.csv"]


def test_a_service_that_never_answers_is_unreachable(tmp_path):
    catalogue, routes, old = standing(tmp_path)
    with pytest.raises(Unreachable):
        fetched(
            catalogue, routes, tmp_path, today=LATER, faults=lambda *_: problem(500, "Error")
        )
    assert {p: p.read_bytes() for p in old} == old


@pytest.mark.parametrize(
    "body", [b"[1, 2]", b'"text"', b'{"results": 5}', b'{"results": [5]}', b"{", b'{"paging": {}}']
)
def test_lists_of_no_known_shape_are_refused(tmp_path, body):
    catalogue = small()
    odd = Response(body=body, content_type="application/json")
    job, _ = fetched(catalogue, education_routes(catalogue), tmp_path, faults=lambda *_: odd)
    assert sorted(refusal.ids for refusal in job.refusals) == [("absence",), ("referrals",)]


def test_a_step_is_told_for_each_step_promised(tmp_path):
    catalogue = small()
    told = []
    with Replica(education_routes(catalogue)) as replica:
        job = job_for(catalogue, replica.address, tmp_path)
        job.step = told.append
        education.fetch(job)
    assert len(told) == education.steps(catalogue) == 4

"""Fingertips asked over HTTP: what is accepted, what is refused, and what stands meanwhile."""

import csv
import datetime as dt
import io
import json
import random
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from lbbd_jsna.catalogue import read_catalogue
from lbbd_jsna.catalogue.live import Manners
from lbbd_jsna.errors import ExtractError
from lbbd_jsna.fetching import fingertips
from lbbd_jsna.fetching.fingertips_checks import Judge
from lbbd_jsna.fetching.fingertips_names import Names, expected_name
from lbbd_jsna.fetching.fingertips_plan import Asked
from lbbd_jsna.fetching.fingertips_standing import Standing
from lbbd_jsna.fetching.job import Job
from lbbd_jsna.fetching.staging import Stage
from lbbd_jsna.fetching.web import Unreachable, Web
from lbbd_jsna.sources.fingertips import read_fingertips
from tests.made_up_borough import (
    COUNTRY,
    LIVE,
    NEIGHBOUR,
    NEW_WARDS,
    OWN,
    REGION,
    indicator,
    made_up_catalogue,
)
from tests.replicas.fingertips import Slice, fingertips_routes
from tests.replicas.server import Replica, Response, but

QUICK = Manners(pause=0, connect=2, read=2, whole=5, budget=10, tries=2)
ALL_DATA = "/api/all_data/csv/by_indicator_id"
RECEPTION = indicator(
    "reception",
    expected_name="Reception prevalence of obesity",
    name_words=("reception", "obesity"),
    age="4-5 yrs",
)
YEAR_6 = indicator(
    "year-6",
    source_id="90323",
    expected_name="Year 6 prevalence of obesity",
    name_words=("year 6", "obesity"),
    age="10-11 yrs",
)
SMOKING = indicator(
    "smoking",
    source_id="92443",
    expected_name="Smoking prevalence in adults (C18)",
    name_words=("smoking",),
    area_types=("borough", "ward"),
)
THREE = (RECEPTION, YEAR_6, SMOKING)


def catalogue_of(*indicators, per_request=20):
    service = LIVE.fingertips.model_copy(update={"ids_per_request": per_request})
    live = LIVE.model_copy(update={"fingertips": service})
    return replace(made_up_catalogue(*(indicators or THREE)), live=live)


class Bench:
    """A replica, a raw folder, and fetches from the one into the other."""

    def __init__(self, raw, catalogue, route):
        self.raw, self.catalogue, self.route = raw, catalogue, route
        self.day = dt.date(2026, 10, 1)

    def job(self, manners=QUICK):
        stage = Stage(self.raw, "fingertips", today=self.day)
        web = Web(self.replica.address + "/api", title="Fingertips", manners=manners)
        return Job(self.catalogue, web, stage, self.raw, lambda _: None)

    def fetch(self, **how):
        """Fetch and publish, as `jsna fetch` does, and move on by a day."""
        job = self.job(**how)
        fingertips.fetch(job)
        job.stage.publish()
        self.day += dt.timedelta(days=1)
        return job

    def over(self, fault, *, path=ALL_DATA, times=99):
        """Lay a fault over the next answers of one path."""
        left = [times]

        def lay(request, response):
            if request.path != path or not left[0]:
                return response
            left[0] -= 1
            return fault if isinstance(fault, Response) else fault(request, response)

        self.replica.faults = lay

    def asked(self, path=ALL_DATA):
        return [request.query for request in self.replica.asked if request.path == path]

    def files(self):
        found = (path.relative_to(self.raw).as_posix() for path in self.raw.rglob("*.csv"))
        return sorted(name for name in found if ".fetching" not in name)

    def holds(self, name):
        text = (self.raw / f"{name}.source.json").read_text(encoding="utf-8")
        return json.loads(text)["holds"]


@pytest.fixture
def bench(tmp_path):
    made = []

    def make(*indicators, route=None, per_request=20, **service):
        catalogue = catalogue_of(*indicators, per_request=per_request)
        one = Bench(tmp_path / "raw", catalogue, route or fingertips_routes(catalogue, **service))
        one.replica = Replica(one.route)
        one.replica.__enter__()
        made.append(one.replica)
        return one

    yield make
    for replica in made:
        replica.__exit__(None, None, None)


def rows_of(body):
    heading, *rows = csv.reader(io.StringIO(body.decode("utf-8"), newline=""))
    return heading, rows


def body_of(heading, rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([heading, *rows])
    return out.getvalue().encode("utf-8")


def editing(edit):
    """A fault that edits the records (as dicts) of an answer; None takes one out."""

    def fault(_, response):
        heading, rows = rows_of(response.body)
        edited = [edit(dict(zip(heading, row, strict=True))) for row in rows]
        kept = [list(row.values()) for row in edited if row is not None]
        return replace(response, body=body_of(heading, kept))

    return fault


def cut(share, *, at="\r\n", keep=True):
    """A fault that ends an answer after a share of it, at a text or right before it."""

    def fault(_, response):
        start = response.body.index(at.encode(), int(len(response.body) * share))
        end = start + len(at) if keep else start
        return replace(response, body=response.body[:end], no_length=True)

    return fault


def first_rows(count):
    """A fault that ends an answer after so many rows."""

    def fault(_, response):
        heading, rows = rows_of(response.body)
        return replace(response, body=body_of(heading, rows[:count]))

    return fault


def ids_refused(job):
    return [refusal.ids for refusal in job.refusals]


def why(job):
    return "\n".join(refusal.why for refusal in job.refusals)


# What a fetch asks and keeps


def test_boroughs_london_and_england_come_in_one_request_a_chunk(bench):
    one = bench(*THREE, per_request=2)
    job = one.fetch()
    wanted = [query for query in one.asked() if "," in query["indicator_ids"]]
    assert wanted == [
        {"indicator_ids": "90319,90323", "child_area_type_id": "502", "parent_area_type_id": "6",
         "parent_area_code": REGION},
    ]  # fmt: skip
    assert {
        "indicator_ids": "92443", "child_area_type_id": "8", "parent_area_type_id": "502",
        "parent_area_code": OWN,
    } in one.asked()  # fmt: skip
    assert (job.refusals, job.notes) == ([], [])
    assert one.files() == [
        "fingertips-metadata/2026-10-01/metadata-01.csv",
        "fingertips-metadata/2026-10-01/metadata-02.csv",
        "fingertips/2026-10-01/boroughs-01.csv",
        "fingertips/2026-10-01/boroughs-02.csv",
        "fingertips/2026-10-01/wards-01.csv",
    ]
    assert one.holds("fingertips/2026-10-01/boroughs-01.csv") == ["90319", "90323"]


def test_what_was_kept_is_what_was_sent_and_reads_as_the_right_areas(bench):
    one = bench()
    one.fetch()
    name = "fingertips/2026-10-01/boroughs-01.csv"
    table, _ = read_fingertips(one.raw / name, name=name, catalogue=one.catalogue)
    assert set(table["area_code"]) == {COUNTRY, REGION, OWN, NEIGHBOUR}
    sent = one.route._all_data(one.asked()[0]).body
    assert (one.raw / name).read_bytes() == sent
    wards, _ = read_fingertips(
        one.raw / "fingertips/2026-10-01/wards-01.csv", name="wards", catalogue=one.catalogue
    )
    assert set(wards.loc[wards["area_type"] == "ward", "area_code"]) == set(NEW_WARDS)


def test_an_id_of_several_series_is_asked_for_once(bench):
    men, women = (SMOKING.model_copy(update={"id": s, "sex": s.capitalize()})
                  for s in ("male", "female"))  # fmt: skip
    one = bench(men, women)
    assert one.fetch().refusals == []
    assert one.asked()[0]["indicator_ids"] == "92443"


def test_area_types_are_found_by_name_and_a_moved_one_is_told(bench):
    one = bench()
    for kind in one.route.area_types:
        kind["Id"] = {502: 602}.get(kind["Id"], kind["Id"])
    job = one.job()
    fingertips.fetch(job)
    assert one.asked()[0]["child_area_type_id"] == "602"
    assert "is 602 now; mend its id in live.yml (502)" in job.notes[0]


@pytest.mark.parametrize(
    "answer",
    [Response(status=404), Response(body=b"<html>sign in</html>", content_type="text/html"),
     Response(body=b'{"Message": "none"}', content_type="application/json"),
     Response(body=b"[1, 2", content_type="application/json")],
)  # fmt: skip
def test_without_area_types_the_pinned_ids_are_used_with_a_note(bench, answer):
    one = bench()
    one.over(answer, path="/api/area_types")
    job = one.fetch()
    assert one.asked()[0]["child_area_type_id"] == "502"
    assert job.refusals == []
    assert "live.yml" in job.notes[0]


def test_other_sexes_and_deprivation_deciles_do_no_harm(bench):
    one = bench(RECEPTION)
    assert one.fetch().refusals == []
    sent = (one.raw / "fingertips/2026-10-01/boroughs-01.csv").read_text(encoding="utf-8")
    assert "Most deprived decile" in sent
    assert ",Female," in sent
    name = "fingertips/2026-10-01/boroughs-01.csv"
    table, _ = read_fingertips(one.raw / name, name=name, catalogue=one.catalogue)
    plain = table[table["category_type"] == ""]
    assert set(plain["sex"]) == {"Persons"}
    assert not plain.duplicated(["area_code", "period"]).any()


# Faults of a whole answer


def test_an_answer_cut_off_in_the_middle_of_a_row_is_refused(bench):
    one = bench()
    one.over(cut(0.6, at=",", keep=True))
    job = one.fetch()
    assert ids_refused(job) == [("90319", "90323", "92443"), ("92443",)]
    assert "cut off" in why(job)
    assert one.files() == []


def test_an_answer_cut_off_in_its_last_field_is_refused(bench):
    one = bench(RECEPTION)
    one.over(cut(0.9, at="1y", keep=False))
    job = one.fetch()
    assert "cut off" in why(job)
    assert one.files() == []


def test_an_answer_cut_off_at_the_end_of_a_row_is_refused_the_first_time_too(bench):
    one = bench(RECEPTION, YEAR_6)
    # Within the rows of the last id: nothing in the answer itself can show it.
    one.over(cut(0.9), times=1)
    job = one.fetch()
    assert ids_refused(job) == [("90319", "90323")]
    assert "differ in the rows of 90323" in why(job)
    assert one.files() == []


def test_an_answer_cut_off_at_the_end_of_a_row_every_time_is_refused(bench):
    one = bench(RECEPTION, YEAR_6)
    one.over(cut(0.9))
    job = one.fetch()
    assert ids_refused(job) == [("90319", "90323")]
    assert one.files() == []


def test_an_answer_short_of_rows_that_stand_is_refused_and_the_copy_is_untouched(bench):
    one = bench(RECEPTION, YEAR_6)
    one.fetch()
    before = {name: (one.raw / name).read_bytes() for name in one.files()}
    # Rows of the series wanted are gone; then only rows of other sexes are.
    for rows, words in ((90, "year-6: 3 periods, where the copy of 20"), (120, "rows of 90323")):
        one.over(first_rows(rows))
        job = one.fetch()
        assert ids_refused(job)[0][-1] == "90323"
        assert words in why(job)
    assert {name: (one.raw / name).read_bytes() for name in before} == before


@pytest.mark.parametrize("by_area", [False, True])
def test_a_first_answer_that_breaks_off_in_a_period_or_an_area_is_refused(bench, by_area):
    one = bench(RECEPTION)

    def fault(request, response):
        heading, rows = rows_of(response.body)
        plain = [row for row in rows if row[7] == "Persons" and not row[9]]
        ordered = sorted(plain, key=lambda row: row[4]) if by_area else plain
        return replace(response, body=body_of(heading, ordered[:-2]))

    one.over(fault)
    job = one.fetch()
    assert ids_refused(job) == [("90319",)]
    assert "its last rows break off" in why(job)


def test_a_first_answer_without_an_area_in_the_middle_is_accepted(bench):
    one = bench(RECEPTION)
    one.over(editing(lambda row: None if (row["Area Code"], row["Time period"])
                     == (REGION, "2024/25") else row))  # fmt: skip
    assert one.fetch().refusals == []


def test_ids_that_were_not_asked_for_are_refused(bench):
    one = bench(RECEPTION)
    other = catalogue_of(YEAR_6)
    body = fingertips_routes(other)._all_data(
        {"indicator_ids": "90323", "child_area_type_id": "502", "parent_area_type_id": "6",
         "parent_area_code": REGION}
    ).body  # fmt: skip
    one.over(but(body=body))
    job = one.fetch()
    assert ids_refused(job) == [("90319",)]
    assert "ids that were not asked for: 90323" in why(job)


def test_a_renamed_column_is_refused_naming_the_nearest(bench):
    one = bench(RECEPTION)
    one.over(lambda _, r: replace(r, body=r.body.replace(b",Value,", b",Value of it,", 1)))
    job = one.fetch()
    assert 'no column "Value"; the nearest heading is \'Value of it\'' in why(job)
    assert one.files() == []


def test_the_comparison_with_the_parent_may_be_called_anything(bench):
    one = bench(RECEPTION)
    one.over(lambda _, r: replace(r, body=r.body.replace(b"Regions (statistical)", b"Region", 1)))
    assert one.fetch().refusals == []


@pytest.mark.parametrize(
    "answer",
    [Response(body=b"<!doctype html><p>Sign in", content_type="text/csv"),
     Response(status=400, body=b"Parameter missing"), Response(body=b"", content_type="text/csv")],
)  # fmt: skip
def test_what_is_no_csv_is_refused(bench, answer):
    one = bench(RECEPTION)
    one.over(answer)
    job = one.fetch()
    assert ids_refused(job) == [("90319",)]
    assert one.files() == []


# Faults of some ids


def test_an_id_without_rows_is_refused_and_the_rest_is_asked_for_again(bench):
    one = bench(RECEPTION, YEAR_6, only_ids=["90323"])
    job = one.fetch()
    assert [query["indicator_ids"] for query in one.asked()] == ["90319,90323", "90323"]
    assert ids_refused(job) == [("90319",)]
    assert job.refusals[0].what == "Fingertips 90319 (Reception)"
    assert "withdrawn" in why(job)
    assert one.holds("fingertips/2026-10-01/boroughs-01.csv") == ["90323"]


def test_nothing_but_a_heading_is_refused(bench):
    one = bench(RECEPTION, YEAR_6, only_ids=[])
    job = one.fetch()
    assert sorted(ids_refused(job)) == [("90319",), ("90323",)]
    assert one.files() == []


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda row: row | {"Value": "", "Value note": ""}, "blank without a note"),
        (lambda row: row | {"Value": "twelve"}, "not a number"),
        (lambda row: row | {"Value": "", "Value note": "zzz"}, "a note that says why"),
        (lambda row: row | {"Value": "99", "Upper CI 95.0 limit": "1"}, "at least the value"),
    ],
)
def test_a_fault_in_one_id_leaves_the_others(bench, edit, words):
    one = bench(RECEPTION, YEAR_6)
    wrong = editing(
        lambda row: edit(row) if (row["Indicator ID"], row["Area Code"], row["Sex"])
        == ("90323", NEIGHBOUR, "Persons") else row
    )  # fmt: skip
    one.over(wrong)
    job = one.fetch()
    assert ids_refused(job) == [("90323",)]
    assert words in why(job)
    assert one.holds("fingertips/2026-10-01/boroughs-01.csv") == ["90319"]


def test_the_row_of_a_fault_is_that_of_the_whole_answer(bench):
    one = bench(RECEPTION, YEAR_6)
    one.over(editing(lambda row: row | {"Value": "x"} if row["Indicator ID"] == "90323" else row))
    body = one.route._all_data(
        {"indicator_ids": "90319,90323", "child_area_type_id": "502", "parent_area_type_id": "6",
         "parent_area_code": REGION}
    ).body  # fmt: skip
    first = next(n for n, row in enumerate(rows_of(body)[1], start=2) if row[0] == "90323")
    assert f"row {first}, Value: 'x' is not a number" in why(one.fetch())


@pytest.mark.parametrize("note", ["Value suppressed for disclosure control due to small count",
                                  "Value missing in source data", "Not applicable"])  # fmt: skip
def test_a_blank_with_a_note_is_accepted(bench, note):
    one = bench(RECEPTION)
    one.route.blank["90319", OWN] = note
    assert one.fetch().refusals == []


def test_a_blank_of_a_place_nobody_wants_needs_no_note(bench):
    one = bench(RECEPTION)
    one.over(editing(lambda row: row | {"Value": "", "Area Code": "E09000333"}
                     if row["Area Code"] == NEIGHBOUR else row))  # fmt: skip
    assert one.fetch().refusals == []


def repeating(change):
    """Every row of England and the region again, as of another parent, with a change."""

    def fault(_, response):
        heading, rows = rows_of(response.body)
        again = [dict(zip(heading, r, strict=True)) for r in rows if r[4] in (COUNTRY, REGION)]
        more = [list((row | {"Parent Code": "E12000099"} | change(row)).values()) for row in again]
        return replace(response, body=body_of(heading, rows + more))

    return fault


def test_rows_repeated_for_another_parent_are_accepted_when_identical(bench):
    one = bench(RECEPTION)
    one.over(repeating(lambda _: {}))
    assert one.fetch().refusals == []


def test_rows_repeated_for_another_parent_are_refused_when_they_differ(bench):
    one = bench(RECEPTION, YEAR_6)
    one.over(repeating(lambda row: {"Count": "1"} if row["Indicator ID"] == "90319" else {}))
    job = one.fetch()
    assert ids_refused(job) == [("90319",)]
    assert "count of reception" in why(job)


def test_an_answer_without_the_borough_is_refused(bench):
    one = bench(RECEPTION)
    one.over(editing(lambda row: None if row["Area Code"] == OWN else row))
    job = one.fetch()
    assert f"no row for Marsh and Quay ({OWN})" in why(job)
    assert one.files() == []


def test_wards_that_nobody_knows_are_refused(bench):
    one = bench(SMOKING)
    one.over(editing(lambda row: row | {"Area Code": row["Area Code"].replace("E0501", "E0507")}))
    job = one.fetch()
    assert [refusal.what for refusal in job.refusals] == ["Fingertips 92443 (Smoking), wards"]
    assert "no row for any ward" in why(job)
    assert one.files()[-1] == "fingertips/2026-10-01/boroughs-01.csv"


def test_fewer_periods_than_last_time_are_refused(bench):
    one = bench(RECEPTION, YEAR_6)
    one.fetch()
    one.route.published["90319"].years.pop(0)
    job = one.fetch()
    assert ids_refused(job) == [("90319",)]
    assert "reception: 5 periods, where the copy of" in why(job)
    assert "has 6 (gone: 2019/20)" in why(job)
    assert one.holds("fingertips/2026-10-02/boroughs-01.csv") == ["90323"]


def test_fewer_boroughs_for_the_latest_period_than_last_time_are_refused(bench):
    one = bench(RECEPTION)
    one.fetch()
    one.route.published["90319"].years.append(2025)
    one.over(editing(lambda row: None if (row["Area Code"], row["Time period"])
                     == (NEIGHBOUR, "2025/26") else row))  # fmt: skip
    job = one.fetch()
    assert "1 boroughs for the latest period, where the copy of" in why(job)
    assert NEIGHBOUR in why(job)


def test_a_standing_file_of_wards_does_not_say_which_boroughs_there_were(bench):
    one = bench(SMOKING)
    one.fetch()
    one.over(editing(lambda row: None if row["Area Code"] == NEIGHBOUR else row))
    job = one.fetch()
    assert "1 boroughs for the latest period" in why(job)


def test_fewer_wards_than_last_time_are_refused(bench):
    one = bench(SMOKING)
    one.fetch()
    one.over(editing(lambda row: None if row["Area Code"] == "E05019002" else row))
    job = one.fetch()
    assert "2 wards for the latest period" in why(job)


def test_a_new_period_is_accepted_without_asking_twice(bench):
    one = bench(RECEPTION)
    one.fetch()
    one.route.published["90319"].years.append(2025)
    one.replica.asked.clear()
    assert one.fetch().refusals == []
    assert len(one.asked()) == 1


# Ids that are not what they seem


def test_a_successor_is_followed_and_told(bench):
    old = indicator("life", source_id="90366", expected_name="Life expectancy at birth (A01b)",
                    name_words=("life expectancy",), superseded_by="93283")  # fmt: skip
    one = bench(old, RECEPTION)
    one.route.published["93283"] = one.route.published.pop("90366")
    job = one.fetch()
    assert job.refusals == []
    assert "93283, which took its place, was taken: make it the source_id" in job.notes[0]
    assert one.holds("fingertips/2026-10-01/boroughs-02.csv") == ["93283"]


def test_a_successor_of_another_name_or_without_rows_is_not_taken(bench):
    old = indicator("life", source_id="90366", expected_name="Life expectancy at birth",
                    name_words=("life expectancy",), superseded_by="93283")  # fmt: skip
    one = bench(old, RECEPTION)
    gone = one.route.published.pop("90366")
    job = one.fetch()
    assert ids_refused(job) == [("90366", "93283")]
    one.route.published["93283"] = replace(gone, name="Something else")
    with pytest.raises(ExtractError, match="93283"):
        one.fetch()


def test_an_indicator_of_its_own_is_never_taken_for_another_one_s_successor(bench):
    old = indicator("life", source_id="90366", expected_name="Life expectancy at birth",
                    name_words=("life expectancy",), superseded_by="90319")  # fmt: skip
    one = bench(old, RECEPTION, only_ids=["90319"])
    job = one.fetch()
    assert ("90366",) in ids_refused(job)
    assert "took its place" not in " ".join(job.notes)


def test_two_ids_swapped_in_the_catalogue_stop_the_fetch_naming_both(bench):
    truth = fingertips_routes(catalogue_of(RECEPTION, YEAR_6, SMOKING))
    swapped = (RECEPTION.model_copy(update={"source_id": "90323"}),
               YEAR_6.model_copy(update={"source_id": "90319"}), SMOKING)  # fmt: skip
    one = bench(*swapped, route=truth, per_request=1)
    job = one.job()
    with pytest.raises(ExtractError) as caught:
        fingertips.fetch(job)
    told = [str(fault) for fault in caught.value.faults]
    assert told == [
        "Fingertips 90319: is called 'Reception prevalence of obesity'; expected year-6 "
        "('Year 6 prevalence of obesity'), with the words 'year 6'; that is the name of "
        "reception (id 90323): are the two ids swapped? Mend source_id in "
        "catalogue/indicators/year-6.yml",
        "Fingertips 90323: is called 'Year 6 prevalence of obesity'; expected reception "
        "('Reception prevalence of obesity'), with the words 'reception'; that is the name of "
        "year-6 (id 90319): are the two ids swapped? Mend source_id in "
        "catalogue/indicators/reception.yml",
    ]


def test_a_name_of_nobody_asks_for_the_right_id(bench):
    one = bench(RECEPTION, names={"90319": "Hospital admissions for asthma"})
    with pytest.raises(ExtractError) as caught:
        one.fetch()
    assert "find the right id and mend source_id" in str(caught.value)


def test_a_wrong_name_of_an_id_never_confirmed_is_refused_and_the_others_are_kept(bench):
    guess = YEAR_6.model_copy(update={"verified": False})
    one = bench(RECEPTION, guess, names={guess.source_id: "Hospital admissions for asthma"})
    job = one.fetch()
    assert ids_refused(job) == [(guess.source_id,)]
    assert "find the right id and mend source_id" in why(job)
    assert [one.holds(name) for name in one.files() if "boroughs" in name] == [["90319"]]


def test_a_swapped_pair_stops_the_fetch_though_neither_was_confirmed(bench):
    truth = fingertips_routes(catalogue_of(RECEPTION, YEAR_6))
    swapped = [
        one.model_copy(update={"source_id": other.source_id, "verified": False})
        for one, other in ((RECEPTION, YEAR_6), (YEAR_6, RECEPTION))
    ]
    with pytest.raises(ExtractError, match="90319, 90323"):
        bench(*swapped, route=truth).fetch()


SHIPPED = read_catalogue(Path("catalogue"))
BY_ID = {name: group for name, group in Names(SHIPPED).of.items()
         if any(one.source_id == name for one in group)}  # fmt: skip


def test_any_two_ids_of_the_shipped_catalogue_swapped_are_found():
    names = Names(SHIPPED)
    called = {name: expected_name(group[0]) for name, group in BY_ID.items()}
    assert [name for name in called if not names.fits(name, called[name])] == []
    slips = [(a, b) for a, b in permutations(called, 2) if names.fits(a, called[b])]
    assert slips == []
    unowned = [(a, b) for a, b in permutations(called, 2) if names.owner(a, called[b]) is None]
    assert unowned == []
    assert len(called) > 100


# As seen in public files and code, not in our catalogue.
SEEN = {
    "40401": "Under 75 mortality rate from all circulatory diseases",
    "93722": "Under 75 mortality rate from circulatory diseases considered preventable",
    "92443": "Smoking Prevalence in adults (aged 18 and over) - current smokers (APS)",
    "93088": "Overweight (including obesity) prevalence in adults, (using adjusted self-reported "
    "height and weight)",
    "93721": "Under 75 mortality rate from causes considered preventable (per 100,000 population)",
    "93085": "Smokers at time of childbirth delivery",
    "93436": "Child development: percentage of children achieving a good level of development at "
    "2 to 2 and a half years",
    "20601": "C09a - Reception prevalence of overweight (including obesity)",
    "90366": "Life expectancy at birth (3 year range)",
    "22301": "Self reported wellbeing: people with a low satisfaction score",
}


@pytest.mark.parametrize(("source_id", "seen"), SEEN.items(), ids=list(SEEN))
def test_names_in_another_style_pass_for_their_own_id_and_for_no_other(source_id, seen):
    names = Names(SHIPPED)
    assert names.fault(source_id, seen) is None
    assert [name for name in BY_ID if name != source_id and names.fits(name, seen)] == []


def test_no_successor_in_the_shipped_catalogue_is_an_indicator_of_its_own():
    later = {one.superseded_by for one in SHIPPED.indicators.values()} - {""}
    assert later.isdisjoint(BY_ID)


def test_the_shipped_catalogue_is_fetched_whole(tmp_path):
    with Replica(fingertips_routes(SHIPPED, periods=2)) as replica:
        web = Web(replica.address, title="Fingertips", manners=QUICK)
        stage = Stage(tmp_path, "fingertips", today=dt.date(2026, 10, 1))
        job = Job(SHIPPED, web, stage, tmp_path, lambda _: None)
        steps = []
        job.step = steps.append
        fingertips.fetch(job)
    assert (job.refusals, job.notes) == ([], [])
    assert len(steps) == fingertips.steps(SHIPPED)
    stage.publish()
    papers = sorted((tmp_path / "fingertips").rglob("boroughs*.source.json"))
    held = [json.loads(paper.read_text(encoding="utf-8"))["holds"] for paper in papers]
    assert sorted(sum(held, [])) == sorted(BY_ID)


# What the publisher says besides


def test_polarities_that_differ_are_told(bench):
    one = bench(RECEPTION, YEAR_6)
    one.route.published["90319"].polarity = "high_is_good"
    job = one.fetch()
    assert job.notes == [
        'Fingertips 90319 (reception): polarity "RAG - High is good" at the publisher, '
        "low_is_good in the catalogue; which is right?"
    ]


def test_without_metadata_the_figures_are_kept_with_a_note(bench):
    one = bench(RECEPTION)
    one.over(Response(status=404), path="/api/indicator_metadata/csv/by_indicator_id")
    job = one.fetch()
    assert one.files() == ["fingertips/2026-10-01/boroughs-01.csv"]
    assert "nothing was learnt about 90319" in job.notes[0]


# Trouble on the way, and afterwards


def failing_for(source_id):
    def fault(request, response):
        wrong = source_id in request.query.get("indicator_ids", "")
        return Response(status=500, body=b"exception") if wrong else response

    return fault


def test_a_chunk_that_fails_in_the_middle_leaves_the_others_and_is_fetched_later(bench):
    one = bench(RECEPTION, YEAR_6, per_request=1)
    one.over(failing_for("90319"))
    manners = QUICK.model_copy(update={"budget": 0.2})
    job = one.fetch(manners=manners)
    assert ids_refused(job) == [("90319",)]
    assert "status 500" in why(job)
    assert one.files()[-1] == "fingertips/2026-10-01/boroughs-02.csv"
    one.day = dt.date(2026, 10, 1)
    one.replica.faults = lambda _, response: response
    one.replica.asked.clear()
    assert one.fetch().refusals == []
    assert {query["indicator_ids"] for query in one.asked()} == {"90319"}


def test_a_service_that_does_not_answer_is_one_error(bench):
    one = bench(RECEPTION, YEAR_6, per_request=1)
    one.over(Response(status=503))
    with pytest.raises(Unreachable):
        one.fetch(manners=QUICK.model_copy(update={"budget": 0.2}))


def test_a_fetch_that_was_stopped_carries_on(bench):
    one = bench(RECEPTION, YEAR_6, per_request=1)
    first = one.job()
    fingertips.fetch(first)  # not published: as if killed here
    one.replica.asked.clear()
    second = one.fetch()
    assert one.asked() == []
    assert second.refusals == []
    assert len(one.files()) == 4


def test_check_says_what_is_new_and_downloads_nothing(bench):
    one = bench(RECEPTION, YEAR_6, SMOKING)
    news = fingertips.check(one.job())
    assert [(n.what, n.state) for n in news] == [("3 indicators", "never fetched")]
    one.fetch()
    one.route.published["90323"].uploaded = "2099-01-01T09:00:00"
    one.replica.asked.clear()
    news = fingertips.check(one.job())
    assert [(n.what, n.state) for n in news] == [
        ("90323 (Year-6)", "new"), ("2 indicators", "unchanged"),
    ]  # fmt: skip
    assert set(one.replica.paths) == {"/api/data_changes"}


def test_a_service_that_tells_all_dates_together_is_asked_once(bench):
    one = bench(RECEPTION, YEAR_6)
    one.fetch()
    one.replica.asked.clear()
    told = {"90319": {"LastUploadedAt": "2099-01-01T09:00:00"},
            "90323": {"LastUploadedAt": "2001-01-01T09:00:00"}}  # fmt: skip
    body = json.dumps(told).encode()
    one.over(Response(body=body, content_type="application/json"), path="/api/data_changes")
    assert {n.state for n in fingertips.check(one.job())} == {"new", "unchanged"}
    assert len(one.asked("/api/data_changes")) == 1


def test_check_without_dates_of_upload_says_unknown(bench):
    one = bench(RECEPTION, YEAR_6)
    one.fetch()
    one.over(Response(status=404), path="/api/data_changes")
    job = one.job()
    assert [(n.what, n.state) for n in fingertips.check(job)] == [("2 indicators", "unknown")]
    assert len(one.asked("/api/data_changes")) == 1


def test_whatever_comes_is_judged_and_never_an_error_of_another_kind():
    catalogue = catalogue_of(RECEPTION, YEAR_6)
    asked = Asked(("90319", "90323"), "borough")
    body = fingertips_routes(catalogue, periods=1)._all_data(
        {"indicator_ids": "90319,90323", "child_area_type_id": "502", "parent_area_type_id": "6",
         "parent_area_code": REGION}
    ).body  # fmt: skip
    judge = Judge(catalogue, Names(catalogue), Standing(Path("nowhere"), catalogue))
    chance = random.Random(3)
    pieces = [b"", b'"', b",", b"\n", b"\xff", b"\x00", b"=1+1", b"<a>", b"E09000101", b"99"]
    for _ in range(60):
        damaged = bytearray(body)
        for _ in range(chance.randint(1, 4)):
            at, length = chance.randrange(len(damaged)), chance.choice([0, 1, 3, 400])
            damaged[at : at + length] = chance.choice(pieces)
        verdict = judge.judge(bytes(damaged), asked, name="answer")
        assert verdict.broken or set(verdict.good) <= set(asked.ids)


# The replica itself


def test_the_replica_answers_as_documented():
    catalogue = catalogue_of(RECEPTION)
    ask = {"indicator_ids": "90319", "child_area_type_id": "502", "parent_area_type_id": "6",
           "parent_area_code": REGION}  # fmt: skip
    route = fingertips_routes(catalogue, periods=1)
    heading, rows = rows_of(route._all_data(ask).body)
    assert len(heading) == 27
    assert heading[22] == "Compared to Regions (statistical) value or percentiles"
    plain = [row[4] for row in rows if row[7] == "Persons" and not row[9]]
    assert plain == [COUNTRY, REGION, OWN, NEIGHBOUR]
    assert rows_of(route._all_data(ask | {"indicator_ids": "7"}).body)[1] == []
    with pytest.raises(ValueError, match="more than 100"):
        route._all_data(ask | {"indicator_ids": ",".join(map(str, range(1, 102)))})
    assert route.published["90319"].slices[0] == Slice("Persons", "4-5 yrs", "1y")

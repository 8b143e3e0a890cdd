"""Files on their way into the raw folder: whole or not there, and not asked for twice."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from pathlib import Path

import pytest

from lbbd_jsna.errors import ExtractError
from lbbd_jsna.fetching.staging import Stage
from lbbd_jsna.fetching.standing import last_good, read_sidecar
from lbbd_jsna.fetching.web import Answer
from lbbd_jsna.sources.fetched import Fetched, Refusal, read_fetched, write_fetched
from lbbd_jsna.sources.store import find_extracts
from lbbd_jsna.whole_files import write_whole

DAY = dt.date(2026, 11, 21)
BODY = b"Indicator ID,Value\r\n90319,12.1\r\n"
LICENCE = "Open Government Licence v3.0"


def answer(body: bytes = BODY, ids: str = "90319", *, tries: int = 1) -> Answer:
    return Answer(
        address=f"https://host/api/data?ids={ids}",
        parameters={"ids": ids},
        status=200,
        content_type="text/csv",
        body=body,
        time="2026-11-21T09:30:00+00:00",
        tries=tries,
    )


def keep(stage: Stage, name: str = "boroughs-01.csv", ids: str = "90319", **more) -> Path:
    told = answer(ids=ids)
    folder = more.pop("folder", "fingertips")
    return stage.keep(folder, name, told.body, [told], licence=LICENCE, holds=[ids], **more)


def files(raw: Path) -> list[str]:
    return sorted(p.relative_to(raw).as_posix() for p in raw.rglob("*") if p.is_file())


@pytest.fixture
def stage(tmp_path) -> Stage:
    return Stage(tmp_path, "fingertips", today=DAY)


def test_nothing_is_seen_before_it_is_published(stage, tmp_path):
    assert not stage.pending
    assert list(tmp_path.iterdir()) == []
    keep(stage)
    assert stage.pending
    assert find_extracts(tmp_path) == []
    assert stage.publish() == [tmp_path / "fingertips/2026-11-21"]
    assert files(tmp_path) == [
        "fingertips/2026-11-21/boroughs-01.csv",
        "fingertips/2026-11-21/boroughs-01.csv.source.json",
    ]
    assert [raw.name for raw in find_extracts(tmp_path)] == [files(tmp_path)[0]]
    assert not stage.pending


def test_a_sidecar_says_where_it_came_from(stage, tmp_path):
    path = keep(stage, more={"release": "3.1"})
    assert path.read_bytes() == BODY
    assert read_sidecar(path) == {
        "source": "fingertips",
        "address": "https://host/api/data?ids=90319",
        "parameters": {"ids": "90319"},
        "time": "2026-11-21T09:30:00+00:00",
        "accessed": "2026-11-21",
        "status": 200,
        "content_type": "text/csv",
        "tries": 1,
        "bytes": 32,
        "sha256": hashlib.sha256(BODY).hexdigest(),
        "licence": LICENCE,
        "holds": ["90319"],
        "release": "3.1",
    }


def test_a_file_of_several_pages_lists_them(stage):
    pages = [answer(b"a,b\n1,2\n", "1", tries=2), answer(b"a,b\n3,4\n", "2")]
    path = stage.keep("nomis", "claimants.csv", b"a,b\n1,2\n3,4\n", pages, licence=LICENCE)
    told = read_sidecar(path)
    assert told["bytes"] == 12
    assert told["tries"] == 3
    assert told["address"] == pages[0].address
    assert [page["address"] for page in told["pages"]] == [one.address for one in pages]
    assert [page["bytes"] for page in told["pages"]] == [8, 8]
    assert told["pages"][1]["sha256"] == hashlib.sha256(b"a,b\n3,4\n").hexdigest()


def test_a_second_and_third_fetch_on_one_day_get_numbers(tmp_path):
    for number in range(1, 4):
        stage = Stage(tmp_path, "fingertips", today=DAY)
        keep(stage, ids=str(number))
        stage.publish()
    names = sorted(path.name for path in (tmp_path / "fingertips").iterdir())
    assert names == ["2026-11-21", "2026-11-21-02", "2026-11-21-03"]


def test_each_folder_is_published_by_itself(stage, tmp_path):
    keep(stage)
    keep(stage, "metadata-01.csv", folder="fingertips-metadata")
    assert [path.parent.name for path in stage.publish()] == ["fingertips", "fingertips-metadata"]


def test_what_a_stopped_fetch_kept_is_found_and_published(stage, tmp_path):
    keep(stage)
    again = Stage(tmp_path, "fingertips", today=DAY)
    assert again.kept("fingertips", "boroughs-01.csv", answer().address) == BODY
    assert (again.pending, again.already, again.held) == (True, 0, {"90319"})
    assert again.publish() == [tmp_path / "fingertips/2026-11-21"]


def test_what_was_received_today_is_found_and_not_published_again(stage, tmp_path):
    keep(stage)
    stage.publish()
    again = Stage(tmp_path, "fingertips", today=DAY)
    assert again.kept("fingertips", "boroughs-01.csv", answer().address) == BODY
    assert (again.pending, again.already, again.held) == (False, 1, {"90319"})
    assert again.publish() == []
    again.drop("fingertips", "boroughs-01.csv")
    assert again.already == 0
    assert (tmp_path / "fingertips/2026-11-21/boroughs-01.csv").read_bytes() == BODY


def test_what_was_received_yesterday_is_asked_for_again(stage, tmp_path):
    keep(stage)
    stage.publish()
    tomorrow = Stage(tmp_path, "fingertips", today=DAY + dt.timedelta(days=1))
    assert tomorrow.kept("fingertips", "boroughs-01.csv", answer().address) is None


@pytest.mark.parametrize(("days", "found"), [(0, True), (1, True), (2, False), (-2, False)])
def test_what_a_stopped_fetch_kept_is_good_for_a_day(stage, tmp_path, days, found):
    keep(stage)
    later = Stage(tmp_path, "fingertips", today=DAY + dt.timedelta(days=days))
    kept = later.kept("fingertips", "boroughs-01.csv", answer().address)
    assert kept == (BODY if found else None)


def spoil_body(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def spoil_sidecar(path: Path) -> None:
    path.with_name(path.name + ".source.json").write_text('{"address": "https', encoding="utf-8")


def lose_sidecar(path: Path) -> None:
    path.with_name(path.name + ".source.json").unlink()


def lose_body(path: Path) -> None:
    path.unlink()


def list_for_sidecar(path: Path) -> None:
    path.with_name(path.name + ".source.json").write_text("[]", encoding="utf-8")


@pytest.mark.parametrize(
    "spoil", [spoil_body, spoil_sidecar, lose_sidecar, lose_body, list_for_sidecar]
)
@pytest.mark.parametrize("published", [False, True])
def test_a_pair_that_is_not_whole_is_not_taken(stage, tmp_path, spoil, published):
    path = keep(stage)
    if published:
        path = stage.publish()[0] / path.name
    spoil(path)
    again = Stage(tmp_path, "fingertips", today=DAY)
    assert again.kept("fingertips", "boroughs-01.csv", answer().address) is None
    assert not again.pending


def test_a_pair_of_another_address_is_not_taken(stage, tmp_path):
    keep(stage)
    assert stage.kept("fingertips", "boroughs-01.csv", answer(ids="1").address) is None


def test_only_what_this_fetch_wants_is_published(stage, tmp_path):
    keep(stage, "boroughs-07.csv")
    (tmp_path / "fingertips/.fetching/.boroughs-01.csv.part").write_bytes(b"half")
    again = Stage(tmp_path, "fingertips", today=DAY)
    keep(again)
    again.publish()
    assert files(tmp_path) == [
        "fingertips/2026-11-21/boroughs-01.csv",
        "fingertips/2026-11-21/boroughs-01.csv.source.json",
    ]


def test_a_file_dropped_is_not_published(stage, tmp_path):
    keep(stage)
    keep(stage, "wards-01.csv")
    stage.drop("fingertips", "wards-01.csv")
    stage.publish()
    assert not any("wards" in name for name in files(tmp_path))
    stage.drop("fingertips", "never-there.csv")


def test_discarding_leaves_nothing_and_touches_nothing_published(stage, tmp_path):
    keep(stage)
    stage.publish()
    before = files(tmp_path)
    again = Stage(tmp_path, "fingertips", today=DAY)
    keep(again, ids="2")
    again.discard()
    assert (again.pending, again.held, again.publish()) == (False, set(), [])
    assert files(tmp_path) == before


@pytest.mark.parametrize("name", ["../x.csv", "a/b.csv", ".hidden", "", "x\n.csv", ".."])
def test_a_name_that_leads_elsewhere_is_a_bug(stage, name):
    with pytest.raises(ValueError, match="not a file name"):
        keep(stage, name)
    with pytest.raises(ValueError, match="not a file name"):
        keep(stage, folder=name)


class Killed(BaseException):
    """The process is gone at this point."""


class Countdown:
    """Ends the process at the nth call that changes the disk, before or after it."""

    def __init__(self, monkeypatch, when: str) -> None:
        self.left, self.when = None, when
        monkeypatch.setattr(os, "fsync", self._counting(os.fsync))
        for name in ("replace", "rename", "unlink", "mkdir"):
            monkeypatch.setattr(Path, name, self._counting(getattr(Path, name)))

    def _counting(self, real):
        def call(*given, **named):
            if self.left is None:
                return real(*given, **named)
            self.left -= 1
            if self.left <= 0 and self.when == "before":
                raise Killed
            result = real(*given, **named)
            if self.left <= 0:
                raise Killed
            return result

        return call


@pytest.mark.parametrize("when", ["before", "after"])
def test_stopped_at_any_step_only_whole_pairs_stand(tmp_path, monkeypatch, when):
    """Every call that changes the disk is, in turn, the last one, or the first that is not."""
    countdown = Countdown(monkeypatch, when)
    for number in range(1, 200):
        raw = tmp_path / str(number)
        raw.mkdir()
        countdown.left = number
        try:
            fetch_three(raw)
        except Killed:
            pass
        else:
            break
        finally:
            countdown.left = None
        check_whole(raw)
        received = len(whole_sidecars(raw))
        assert len(fetch_three(raw)) == 3 - received
        check_whole(raw)
        assert len(find_extracts(raw)) == 3
        assert not list(raw.rglob(".fetching"))
    assert 25 < number < 100


def whole_sidecars(raw: Path) -> list[Path]:
    """Sidecars written whole, staged or published; each is written after its file."""
    return [path for path in raw.rglob("*.source.json") if not path.name.startswith(".")]


def fetch_three(raw: Path) -> list[str]:
    """Keep three files of two folders and publish them; says which had to be asked for."""
    stage, asked = Stage(raw, "fingertips", today=DAY), []
    for folder, name, ids in (
        ("fingertips", "boroughs-01.csv", "1"),
        ("fingertips", "boroughs-02.csv", "2"),
        ("fingertips-metadata", "metadata-01.csv", "3"),
    ):
        if stage.kept(folder, name, answer(ids=ids).address) is None:
            asked.append(ids)
            keep(stage, name, ids, folder=folder)
    stage.publish()
    return asked


def check_whole(raw: Path) -> None:
    for folder in raw.glob("*/[0-9]*"):
        names = {path.name for path in folder.iterdir()}
        bodies = {name for name in names if not name.endswith(".source.json")}
        assert bodies
        assert names == bodies | {f"{name}.source.json" for name in bodies}
        for name in bodies:
            told = json.loads((folder / f"{name}.source.json").read_text("utf-8"))
            assert told["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()


def test_a_write_that_fails_leaves_what_stood_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    write_whole(path, b"good")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"better")
    assert path.read_bytes() == b"good"
    assert files(tmp_path) == ["x.csv"]


# What stands


def test_the_last_good_copy_of_an_id(tmp_path):
    for day, ids in ((1, "90319"), (2, "90323"), (3, "90319")):
        stage = Stage(tmp_path, "fingertips", today=dt.date(2026, 10, day))
        keep(stage, ids=ids)
        stage.publish()
    assert last_good(tmp_path, "fingertips", ["90319"]) == "2026-10-03"
    assert last_good(tmp_path, "fingertips", ["90323"]) == "2026-10-02"
    assert last_good(tmp_path, "fingertips", ["90323", "90319"]) == "2026-10-03"
    assert last_good(tmp_path, "fingertips", ["1"]) == ""
    assert last_good(tmp_path, "fingertips", []) == "2026-10-03"
    assert last_good(tmp_path, "nomis", []) == ""
    assert last_good(tmp_path / "none", "nomis", []) == ""


def test_a_copy_is_known_by_its_name_or_taken_for_anything(tmp_path):
    stage = Stage(tmp_path, "open-geography", today=DAY)
    keep(stage, "wards-2022.geojson", "Wards_December_2022", folder="open-geography")
    stage.publish()
    assert last_good(tmp_path, "open-geography", ["wards-2022"]) == "2026-11-21"
    assert last_good(tmp_path, "open-geography", ["lsoa-2021"]) == ""
    by_hand = tmp_path / "fingertips_raw_export/2019-05-01"
    by_hand.mkdir(parents=True)
    (by_hand / "everything.csv").write_text("x", encoding="utf-8")
    (by_hand / "README.md").write_text("x", encoding="utf-8")
    assert last_good(tmp_path, "fingertips", ["90319"]) == "2019-05-01"


# fetched.json


def test_what_a_fetch_did_not_bring_is_remembered_by_source(tmp_path):
    assert read_fetched(tmp_path) == {}
    first = Fetched("2026-10-01T09:00:00+00:00", (Refusal("Fingertips 1", ("1",), "gone"),))
    second = Fetched("2026-11-21T09:00:00+00:00")
    write_fetched(tmp_path, {"fingertips": first, "nomis": first})
    write_fetched(tmp_path, {"nomis": second})
    assert read_fetched(tmp_path) == {"fingertips": first, "nomis": second}
    assert files(tmp_path) == ["fetched.json"]
    assert [raw.source for raw in find_extracts(tmp_path) if raw.source != "other"] == []


@pytest.mark.parametrize("text", ["{", "[]", '{"nomis": {"refused": []}}', ""])
def test_a_damaged_record_is_told_and_written_anew(tmp_path, text):
    (tmp_path / "fetched.json").write_text(text, encoding="utf-8")
    with pytest.raises(ExtractError, match="record of the last fetch") as caught:
        read_fetched(tmp_path)
    assert "fetched.json" in str(caught.value)
    now = Fetched("2026-11-21T09:00:00+00:00")
    write_fetched(tmp_path, {"dfe": now})
    assert read_fetched(tmp_path) == {"dfe": now}

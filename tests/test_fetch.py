"""`jsna fetch` against replicas of the services that fail in every way of FAULTS 1 to 17.

After each fault the files received earlier are byte for byte as they were.
"""

from __future__ import annotations

import datetime
import gzip
import hashlib
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from lbbd_jsna.catalogue import read_catalogue
from lbbd_jsna.fetching.fetch import _progress
from lbbd_jsna.sources.fetched import read_fetched
from lbbd_jsna.sources.store import find_extracts
from tests.replicas.fingertips import Fingertips, fingertips_routes
from tests.replicas.open_geography import geography_routes
from tests.replicas.preloaded import Done, Preloaded, Running
from tests.replicas.server import Override, Replica, Request, Response, but
from tests.replicas.small import write_catalogue

pytestmark = pytest.mark.skipif(os.name != "posix", reason="starts commands by forking")

ROOT = Path(__file__).resolve().parent.parent
EARLIER, TODAY = "2026-10-01", "2026-11-21"
NOWHERE = "http://127.0.0.1:9"
DATA = "/api/all_data/csv/by_indicator_id"
PERIODS = 3
HASTY = {"read": 0.25, "whole": 0.4, "budget": 1.0, "tries": 2}


@pytest.fixture(scope="module")
def jsna(tmp_path_factory):
    with Preloaded(tmp_path_factory.mktemp("said")) as preloaded:
        yield preloaded


@pytest.fixture(scope="module")
def catalogue_folder(tmp_path_factory) -> Path:
    return write_catalogue(tmp_path_factory.mktemp("small") / "catalogue")


@pytest.fixture(scope="module")
def hasty_folder(tmp_path_factory) -> Path:
    return write_catalogue(tmp_path_factory.mktemp("hasty") / "catalogue", manners=HASTY)


@dataclass
class World:
    """A raw folder with what an earlier fetch left, the services, and the command."""

    jsna: Preloaded
    folder: Path
    catalogue: Path
    route: Fingertips
    fingertips: Replica
    geography: Replica

    @property
    def raw(self) -> Path:
        return self.folder / "raw"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "JSNA_FINGERTIPS_URL": self.fingertips.address + "/api/",
            "JSNA_OPEN_GEOGRAPHY_URL": self.geography.address,
            "JSNA_NOMIS_URL": NOWHERE,
            "JSNA_EES_URL": NOWHERE,
        }

    def arguments(self, *more: object, today: str = TODAY) -> list[object]:
        return ["fetch", "--raw", self.raw, "--catalogue", self.catalogue,
                "--processed", self.folder / "processed", "--today", today, *more]  # fmt: skip

    def start(self, *more: object, today: str = TODAY, **how) -> Running:
        environment = {**self.environment, **how.pop("environment", {})}
        return self.jsna.start(*self.arguments(*more, today=today), environment=environment, **how)

    def fetch(self, *more: object, **how) -> Done:
        return self.start(*more, **how).wait()

    def ids(self) -> list[str]:
        """The ids asked for figures, request by request."""
        asked = [one for one in self.fingertips.asked if one.path == DATA]
        return [one.query["indicator_ids"] for one in asked]


@pytest.fixture(scope="module")
def earlier(jsna, catalogue_folder, tmp_path_factory) -> Path:
    """The raw folder after a fetch of everything, on an earlier day."""
    folder = tmp_path_factory.mktemp("earlier")
    with serving(jsna, folder, catalogue_folder) as world:
        done = world.fetch(today=EARLIER)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "raw"


class serving:  # noqa: N801
    """The services of a catalogue, for a raw folder."""

    def __init__(self, jsna: Preloaded, folder: Path, catalogue: Path) -> None:
        read = read_catalogue(catalogue)
        route = fingertips_routes(read, periods=PERIODS)
        self._replicas = Replica(route), Replica(geography_routes(read))
        self.world = World(jsna, folder, catalogue, route, *self._replicas)

    def __enter__(self) -> World:
        for replica in self._replicas:
            replica.__enter__()
        return self.world

    def __exit__(self, *ended: object) -> None:
        for replica in self._replicas:
            replica.__exit__(*ended)


@pytest.fixture
def world(jsna, catalogue_folder, earlier, tmp_path):
    shutil.copytree(earlier, tmp_path / "raw")
    with serving(jsna, tmp_path, catalogue_folder) as made:
        yield made


@pytest.fixture
def hasty(jsna, hasty_folder, earlier, tmp_path):
    """The same with little patience."""
    shutil.copytree(earlier, tmp_path / "raw")
    with serving(jsna, tmp_path, hasty_folder) as made:
        yield made


def snapshot(raw: Path, day: str = "") -> dict[str, str]:
    """Every file of the dated folders, with its hash."""
    return {
        path.relative_to(raw).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(raw.glob(f"*/{day or '[0-9]'}*/*"))
    }


def check_whole(raw: Path) -> None:
    """Every file of a dated folder has a sidecar that is its own; nothing else lies there."""
    for folder in raw.glob("*/[0-9]*"):
        names = {path.name for path in folder.iterdir()}
        files = {name for name in names if not name.endswith(".source.json")}
        assert files
        assert names == files | {f"{name}.source.json" for name in files}
        for name in files:
            sidecar = json.loads((folder / f"{name}.source.json").read_text("utf-8"))
            body = (folder / name).read_bytes()
            assert sidecar["bytes"] == len(body)
            assert sidecar["sha256"] == hashlib.sha256(body).hexdigest()
            for key in ("address", "parameters", "time", "status", "licence"):
                assert sidecar[key]


def only_data(fault: Override) -> Callable[[Request, Response], Response]:
    """A fault of the requests for figures; the others are answered well."""

    def laid(request: Request, response: Response) -> Response:
        if request.path != DATA:
            return response
        return fault if isinstance(fault, Response) else fault(request, response)

    return laid


# The good way


def test_a_fetch_fills_the_raw_folder_with_sidecars(earlier, catalogue_folder):
    check_whole(earlier)
    assert {path.parent.name for path in earlier.glob("*/*/*")} == {EARLIER}
    sidecar = json.loads(
        (earlier / f"fingertips/{EARLIER}/boroughs-01.csv.source.json").read_text("utf-8")
    )
    assert re.fullmatch(
        rf"http://127\.0\.0\.1:\d+{DATA}\?indicator_ids=.*parent_area_code=E12000007",
        sidecar["address"],
    )
    assert sidecar["parameters"]["indicator_ids"] == ",".join(sidecar["holds"])
    assert sidecar["accessed"] == EARLIER
    assert (sidecar["source"], sidecar["status"]) == ("fingertips", 200)
    assert sidecar["licence"] == "Open Government Licence v3.0"
    extracts = find_extracts(earlier)
    assert {"fingertips", "open-geography"} <= {one.source for one in extracts}
    state = read_fetched(earlier)
    assert set(state) == {"fingertips", "open-geography", "nomis", "dfe"}
    assert all(one.refused == () for one in state.values())


def test_the_command_as_a_person_runs_it(world):
    """In a fresh interpreter, without the help of a preloaded one."""
    arguments = world.arguments("2026-27-Q2", "--only", "open-geography")
    done = subprocess.run(
        [sys.executable, "-m", "lbbd_jsna", *map(str, arguments)],
        cwd=ROOT, env={**os.environ, **world.environment}, capture_output=True, text=True,
        encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(r"^Open Geography: 1 file, [\d,]+ bytes$", done.stdout, re.MULTILINE)
    assert "Build the pack from what stands: jsna run 2026-27-Q2" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_what_was_received_today_is_not_asked_for_again(world):
    assert world.fetch().returncode == 0
    before = snapshot(world.raw)
    world.fingertips.asked.clear()
    world.geography.asked.clear()
    again = world.fetch()
    assert again.returncode == 0
    assert "files already received today" in again.stdout
    assert world.ids() == []
    assert [one for one in world.geography.asked if one.path.endswith("query")] == []
    assert snapshot(world.raw) == before


def test_only_what_is_missing_is_asked_for_on_the_same_day(world):
    lost = "90319,90323"

    def fault(request: Request, response: Response) -> Response:
        broken = request.query["indicator_ids"] == lost
        return Response(status=500) if broken else response

    world.fingertips.faults = only_data(fault)
    assert world.fetch().returncode == 3
    world.fingertips.faults = but()
    world.fingertips.asked.clear()
    before = snapshot(world.raw)
    assert world.fetch().returncode == 0
    assert world.ids()[0] == lost
    assert not any("92443" in ids for ids in world.ids())
    new = set(snapshot(world.raw)) - set(before)
    assert f"fingertips/{TODAY}-02/boroughs-01.csv" in new
    assert not any("boroughs-02" in name for name in new)
    assert {name: snapshot(world.raw)[name] for name in before} == before
    check_whole(world.raw)
    assert read_fetched(world.raw)["fingertips"].refused == ()


def test_one_source_can_be_fetched_alone(world):
    (world.raw / "fetched.json").unlink()
    done = world.fetch("--only", "open-geography")
    assert done.returncode == 0
    assert world.fingertips.asked == []
    assert set(read_fetched(world.raw)) == {"open-geography"}
    assert "Fingertips" not in done.stdout


def test_what_changed_is_shown_and_written(world, catalogue_folder):
    read = read_catalogue(catalogue_folder)
    world.fingertips.route = fingertips_routes(read, periods=PERIODS + 1, latest=2025)
    done = world.fetch("--only", "fingertips")
    assert done.returncode == 0, done.stdout
    assert re.search("^obesity-year-6: new period .*2025/26", done.stdout, re.MULTILINE)
    written = world.folder / f"processed/changes/{TODAY}.csv"
    assert str(written) in done.stdout
    assert "obesity-year-6" in written.read_text("utf-8-sig")


def test_what_a_killed_fetch_changed_is_told_by_the_next(world, catalogue_folder):
    """Killed after its figures appeared and before it had said what they changed."""
    read = read_catalogue(catalogue_folder)
    world.fingertips.route = fingertips_routes(read, periods=PERIODS + 1, latest=2025)
    running = world.start("--only", "fingertips")
    wait_for(lambda: (world.raw / f"fingertips/{TODAY}").exists())
    running.signal(signal.SIGKILL)
    assert running.wait().returncode == -signal.SIGKILL
    assert not (world.folder / "processed/changes").exists()
    done = world.fetch("--only", "fingertips")
    assert done.returncode == 0
    assert re.search("^obesity-year-6: new period .*2025/26", done.stdout, re.MULTILINE)
    again = world.fetch("--only", "fingertips")
    assert "new period" not in again.stdout


def test_check_tells_what_is_new_and_writes_nothing(world):
    before = sorted((p, p.stat().st_mtime_ns) for p in world.raw.rglob("*"))
    world.route.published["90319"].uploaded = "2099-01-01T09:00:00"
    done = world.fetch("--check")
    assert done.returncode == 0
    assert "90319" in next(line for line in done.stdout.splitlines() if ": new" in line)
    assert world.ids() == []
    assert sorted((p, p.stat().st_mtime_ns) for p in world.raw.rglob("*")) == before


def test_check_without_network_says_unknown(world):
    done = world.fetch(
        "--check", "--only", "open-geography", environment={"JSNA_OPEN_GEOGRAPHY_URL": NOWHERE}
    )
    assert done.returncode == 0
    assert "unknown" in done.stdout and "refused" in done.stdout


# Faults 1 to 8, 12, 15, 17: each ends with the last good copy standing


def refused(done: Done, world: World, *words: str) -> None:
    """Exit code 3; said why and which copy stands; nothing new of the figures."""
    assert done.returncode == 3, done.stdout + done.stderr
    for word in (*words, f"the last good copy stands, of {EARLIER}"):
        assert word in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert not list(world.raw.glob(f"fingertips/{TODAY}*"))
    told = {name for one in read_fetched(world.raw)["fingertips"].refused for name in one.ids}
    assert told == {"90319", "90323", "92443"}
    check_whole(world.raw)


def test_fault_1_trouble_in_the_middle_of_a_loop_passes(world):
    before = snapshot(world.raw, EARLIER)
    world.fingertips.faults.extend([None, None, Response(status=500), Response(status=503)])
    done = world.fetch("--only", "fingertips")
    assert done.returncode == 0, done.stdout
    check_whole(world.raw)
    assert list(world.raw.glob(f"fingertips/{TODAY}"))
    assert snapshot(world.raw, EARLIER) == before


def test_fault_1_trouble_that_stays(world):
    before = snapshot(world.raw, EARLIER)
    world.fingertips.faults = only_data(Response(status=503))
    refused(world.fetch(), world, "status 503", "after 3 tries")
    assert snapshot(world.raw, EARLIER) == before
    assert list(world.raw.glob(f"open-geography/{TODAY}"))  # the others are fetched all the same


def test_fault_1_retry_after_is_honoured(world):
    wait = Response(status=429, headers={"Retry-After": "1"})
    world.fingertips.faults.extend([None, wait, None])
    start = time.monotonic()
    assert world.fetch("--only", "fingertips").returncode == 0
    assert time.monotonic() - start > 1


ENDLESS = {
    "sleeps": {"hang_seconds": 30},
    "trickles": {"trickle": 0.05, "no_length": True},
}


@pytest.mark.parametrize("how", ENDLESS.values(), ids=ENDLESS)
def test_fault_2_a_server_that_never_ends(hasty, how):
    before = snapshot(hasty.raw, EARLIER)
    hasty.fingertips.faults = only_data(but(**how))
    start = time.monotonic()
    done = hasty.fetch("--only", "fingertips")
    refused(done, hasty, "no answer after 2 tries")
    assert time.monotonic() - start < 15
    assert snapshot(hasty.raw, EARLIER) == before


BOMB = gzip.compress(bytes(80_000_000), compresslevel=6)
SIGN_IN = b"<!DOCTYPE html><html><title>Sign in</title></html>"
HEADER = b"Indicator ID,Indicator Name,Parent Code,Area Code\r\n"
ANSWERS: dict[str, tuple[Override, str]] = {
    "3 a web page": (Response(body=SIGN_IN, content_type="text/html"), "a web page, not CSV"),
    "3 a web page that says it is CSV": (
        Response(body=SIGN_IN, content_type="text/csv"), "a web page, not CSV"),
    "4 a login page elsewhere": (
        Response(status=302, headers={"Location": "https://login.example.org/?to=x"}),
        "sent on to https://login.example.org, which is not the service"),
    "5 always cut off": (but(cut_at=3000), "cut off"),
    "6 cut off in a row": (lambda _, good: cut(good, row_end=False), "cut"),
    "7 cut off at a row end": (lambda _, good: cut(good, row_end=True), "cut"),
    "8 only a header": (lambda _, good: header_only(good), "no row"),
    "8 a header that is another": (Response(body=HEADER, content_type="text/csv"), ""),
    "8 an empty body": (Response(body=b"", content_type="text/csv"), "an empty answer"),
    "15 too many bytes": (
        Response(body=b"x" * 6_000_000, content_type="text/csv"), "more than 5,000,000 bytes"),
}  # fmt: skip


def cut(good: Response, *, row_end: bool) -> Response:
    """A part of an answer, without a length: nothing but the rows says that it is one."""
    end = good.body.index(b"\n", len(good.body) // 4) + 1
    return Response(
        body=good.body[: end if row_end else end - 30],
        content_type=good.content_type,
        no_length=True,
    )


def header_only(good: Response) -> Response:
    return Response(body=good.body[: good.body.index(b"\n") + 1], content_type=good.content_type)


@pytest.mark.parametrize(("fault", "words"), ANSWERS.values(), ids=ANSWERS)
def test_faults_3_to_8_and_15_are_refused(world, fault, words):
    before = snapshot(world.raw, EARLIER)
    world.fingertips.faults = only_data(fault)
    refused(world.fetch("--only", "fingertips"), world, words)
    assert snapshot(world.raw, EARLIER) == before


def test_fault_5_cut_off_once_is_asked_for_again(world):
    world.fingertips.faults.extend([None, but(cut_at=500), None])
    assert world.fetch("--only", "fingertips").returncode == 0
    check_whole(world.raw)


def test_fault_12_a_withdrawn_indicator_keeps_its_last_good_copy(world):
    before = snapshot(world.raw, EARLIER)
    del world.route.published["90319"]
    done = world.fetch("--only", "fingertips")
    assert done.returncode == 3
    line = next(line for line in done.stdout.splitlines() if "90319" in line)
    assert "withdrawn" in line and f"the last good copy stands, of {EARLIER}" in line
    refusals = read_fetched(world.raw)["fingertips"].refused
    assert [one.ids for one in refusals] == [("90319",)]
    held = [
        json.loads(path.read_text("utf-8"))["holds"]
        for path in world.raw.glob(f"fingertips/{TODAY}/*.source.json")
    ]
    assert sorted(one for ids in held for one in ids) == ["90323", "92443"]
    assert snapshot(world.raw, EARLIER) == before
    check_whole(world.raw)


@pytest.mark.parametrize("kind", ["large", "bomb"])
def test_fault_15_80_megabytes_take_little_memory(world, kind):
    """Against the peak of a fetch that is refused for a few bytes."""
    large = Response(body=(bytes(1_000_000) for _ in range(80)), content_type="text/csv")
    bomb = Response(body=BOMB, content_type="text/csv", headers={"Content-Encoding": "gzip"})
    world.fingertips.faults = only_data(Response(body=SIGN_IN))
    usual = world.fetch("--only", "fingertips")
    world.fingertips.faults = only_data({"large": large, "bomb": bomb}[kind])
    done = world.fetch("--only", "fingertips")
    assert done.returncode == 3
    assert (done.peak - usual.peak) / 1024 < 40


def test_fault_17_without_network_the_last_good_copies_stand(world):
    before = snapshot(world.raw)
    nowhere = {"JSNA_FINGERTIPS_URL": NOWHERE, "JSNA_OPEN_GEOGRAPHY_URL": NOWHERE}
    done = world.fetch(environment=nowhere)
    refused(done, world, "the connection was refused")
    assert snapshot(world.raw) == before
    state = read_fetched(world.raw)
    assert [one.ids for one in state["open-geography"].refused] == [("wards-2022",)]
    assert state["open-geography"].refused[0].why


def test_fault_17_in_a_room_without_a_network_at_all(world):
    """In a network namespace with nothing in it, not even this machine."""
    alone = ["unshare", "-rn"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], check=False).returncode:
        pytest.skip("the unshare command cannot make a network namespace here")
    before = snapshot(world.raw)
    arguments = map(str, world.arguments("--only", "open-geography"))
    done = subprocess.run(
        [*alone, sys.executable, "-m", "lbbd_jsna", *arguments],
        cwd=ROOT, env={**os.environ, **world.environment}, capture_output=True, text=True,
        encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "there is no network" in done.stdout
    assert f"the last good copy stands, of {EARLIER}" in done.stdout
    assert snapshot(world.raw) == before


def test_wrong_ids_stop_a_source_and_name_both(world, tmp_path):
    """With two ids swapped in the catalogue, nothing of Fingertips is accepted."""
    swapped = tmp_path / "catalogue"
    shutil.copytree(world.catalogue, swapped)
    for name, ours, theirs in (("obesity-year-6", "90323", "92443"),
                               ("adult-smoking", "92443", "90323")):  # fmt: skip
        path = swapped / f"indicators/{name}.yml"
        text = path.read_text("utf-8")
        assert f"source_id: {ours}" in text
        path.write_text(text.replace(f"source_id: {ours}", f"source_id: {theirs}"), "utf-8")
    before = snapshot(world.raw)
    world.catalogue = swapped
    done = world.fetch()
    assert done.returncode == 1
    assert "90323" in done.stderr and "92443" in done.stderr
    assert f"Nothing of it was accepted; the last good copy stands, of {EARLIER}." in done.stderr
    after = snapshot(world.raw)
    assert {name for name in after if name.startswith("fingertips")} == {
        name for name in before if name.startswith("fingertips")
    }
    assert not list(world.raw.glob("fingertips*/.fetching"))
    assert f"open-geography/{TODAY}/wards-2022.geojson" in after
    assert {"90323", "92443"} <= set(read_fetched(world.raw)["fingertips"].refused[-1].ids)


def test_a_bar_moves_on_a_terminal_and_nothing_elsewhere():
    for terminal in (True, False):
        written = io.StringIO()
        screen = Console(file=written, force_terminal=terminal, width=100)
        with _progress(screen, 4) as step:
            step("Fingertips: boroughs-01 [x]")
            step("Fingertips: boroughs-02")
        if terminal:
            assert "2/4" in written.getvalue() and "boroughs-02" in written.getvalue()
        else:
            assert written.getvalue() == ""


# Asked wrongly, or of a folder that will not do


@pytest.mark.parametrize(
    ("more", "environment", "words"),
    [
        (["--only", "fingertip"], {}, 'did you mean "fingertips"'),
        ([], {"JSNA_NOMIS_URL": "nomisweb.co.uk"}, "JSNA_NOMIS_URL names"),
        ([], {"JSNA_EES_URL": "file:///etc/passwd"}, "not an address"),
        ([], {"JSNA_EES_URL": "https://me:secret@host/v1"}, "holds a name, a password"),
        (["2026-27-Q9"], {}, "not a quarter"),
        ([], {"REQUESTS_CA_BUNDLE": "/no/such.pem"}, "REQUESTS_CA_BUNDLE names /no/such.pem"),
    ],
)
def test_a_fetch_asked_for_wrongly_asks_nobody(world, more, environment, words):
    before = snapshot(world.raw)
    done = world.fetch(*more, environment=environment)
    assert done.returncode == 1
    assert words in done.stderr
    assert "secret" not in done.stderr
    assert world.fingertips.asked == []
    assert snapshot(world.raw) == before


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_asked(world):
    done = world.fetch("--raw", "/proc/raw")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "/proc/raw" in done.stderr
    assert world.fingertips.asked == []


def test_a_full_disk_is_one_plain_line_and_nothing_half_written(world):
    before = snapshot(world.raw)
    done = world.fetch("--only", "fingertips", file_size=50_000)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "The disk is full" in done.stderr
    assert "the raw files received earlier are as they were" in done.stderr
    assert snapshot(world.raw) == before
    assert not [path for path in world.raw.rglob("*") if path.name.endswith(".part")]
    assert world.fetch("--only", "fingertips").returncode == 0
    check_whole(world.raw)


def test_two_fetches_never_mix(world):
    world.fingertips.faults = but(hang_seconds=1)
    first = world.start("--only", "fingertips")
    wait_for(lambda: world.fingertips.asked)
    second = world.fetch("--only", "open-geography")
    assert second.returncode == 1
    assert re.search(rf"in use by process {first.pid} \(jsna fetch\)", second.stderr)
    assert world.geography.asked == []
    world.fingertips.faults = but()
    assert first.wait().returncode == 0
    check_whole(world.raw)


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


# Stopped


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_polite_stop_says_so_and_the_next_fetch_carries_on(world, number):
    before = snapshot(world.raw)
    world.fingertips.faults = lambda request, good: (
        Response(hang_seconds=20) if request.query.get("indicator_ids", "") == "92443" else good
    )
    running = world.start("--only", "fingertips")
    wait_for(lambda: "92443" in world.ids())
    running.signal(number)
    done = running.wait(timeout=10)
    assert done.returncode == 130
    assert done.stderr.startswith("Stopped. What was received before is as it was;")
    assert len(done.stderr.strip().splitlines()) == 1
    assert snapshot(world.raw) == before
    staged = staged_ids(world.raw)
    assert staged == {"90319,90323"}  # that chunk was whole
    world.fingertips.faults = but()
    world.fingertips.asked.clear()
    assert world.fetch("--only", "fingertips").returncode == 0
    assert set(world.ids()) == {"92443"}
    check_whole(world.raw)


def staged_ids(raw: Path) -> set[str]:
    """The ids of the whole pairs that wait to be published."""
    found = set()
    for path in raw.glob("fingertips/.fetching/*.csv"):
        sidecar = path.with_name(path.name + ".source.json")
        if sidecar.exists():
            told = json.loads(sidecar.read_text("utf-8"))
            assert told["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
            found.add(told["parameters"]["indicator_ids"])
    return found


def test_killed_at_any_moment_only_whole_files_stand_and_the_next_fetch_carries_on(world):
    seeded = random.Random(3)
    usual = seconds_until_published(world, "2027-01-01")
    kept, day, killed, resumed = snapshot(world.raw), 2, 0, 0
    while killed < 42:
        staged = staged_ids(world.raw)
        world.fingertips.asked.clear()
        running = world.start("--only", "fingertips", today=nth_day(day))
        time.sleep(seeded.uniform(0, 1.2 * usual))
        running.signal(signal.SIGKILL)
        done = running.wait()
        assert done.returncode in (0, -signal.SIGKILL), done.stdout + done.stderr
        killed += done.returncode != 0
        assert not staged & set(world.ids())
        resumed += bool(staged and world.fingertips.asked)
        check_whole(world.raw)
        stands = snapshot(world.raw)
        assert {name: stands[name] for name in kept} == kept
        day += bool(set(stands) - set(kept))
        kept = stands
    assert resumed > 3
    done = world.fetch("--only", "fingertips", today=nth_day(day))
    assert done.returncode == 0, done.stdout + done.stderr
    check_whole(world.raw)
    assert not list(world.raw.glob("*/.fetching"))
    assert find_extracts(world.raw)


def nth_day(number: int) -> str:
    """The days from 1 January 2027 on: on a busy machine more fetches end than a month has days."""
    return (datetime.date(2027, 1, 1) + datetime.timedelta(days=number - 1)).isoformat()


def seconds_until_published(world: World, day: str) -> float:
    """How long a fetch takes until its last folder appears."""
    start = time.monotonic()
    running = world.start("--only", "fingertips", today=day)
    wait_for(lambda: (world.raw / f"fingertips-metadata/{day}").exists())
    seconds = time.monotonic() - start
    assert running.wait().returncode == 0
    return seconds

"""From the services to the page: `jsna fetch` from replicas of all four, then `jsna run`."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack

import pytest
from bs4 import BeautifulSoup

from lbbd_jsna.catalogue import read_catalogue
from tests.conftest import QUARTER, ROOT
from tests.replicas.education import education_routes
from tests.replicas.fingertips import fingertips_routes
from tests.replicas.nomis import nomis_routes
from tests.replicas.open_geography import geography_routes
from tests.replicas.server import Replica

SERVICES = {
    "JSNA_FINGERTIPS_URL": fingertips_routes,
    "JSNA_OPEN_GEOGRAPHY_URL": geography_routes,
    "JSNA_NOMIS_URL": nomis_routes,
    "JSNA_EES_URL": education_routes,
}
TODAY = "2026-11-22"


class Desk:
    """An analyst's folders, and the command with the replicas' addresses."""

    def __init__(self, folder, addresses):
        self.raw, self.processed = folder / "raw", folder / "processed"
        self.outputs, self.catalogue = folder / "outputs", folder / "catalogue"
        shutil.copytree(ROOT / "catalogue", self.catalogue)
        live = self.catalogue / "live.yml"
        text = live.read_text(encoding="utf-8")
        live.write_text(re.sub(r"pause: [\d.]+", "pause: 0", text), encoding="utf-8")
        self.addresses = addresses

    def jsna(self, *arguments):
        return subprocess.run(
            [sys.executable, "-m", "lbbd_jsna", *map(str, arguments)],
            cwd=ROOT, env={**os.environ, **self.addresses, "JSNA_TODAY": TODAY},
            capture_output=True, text=True, encoding="utf-8", timeout=600, check=False,
        )  # fmt: skip

    def page(self, slug):
        path = self.outputs / QUARTER / "reports" / f"{slug}.html"
        return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    catalogue = read_catalogue(ROOT / "catalogue")
    with ExitStack() as running:
        replicas = {
            variable: running.enter_context(Replica(routes(catalogue)))
            for variable, routes in SERVICES.items()
        }
        addresses = {variable: replica.address for variable, replica in replicas.items()}
        desk = Desk(tmp_path_factory.mktemp("desk"), addresses)
        done = desk.jsna("fetch", QUARTER, "--raw", desk.raw, "--processed", desk.processed,
                         "--catalogue", desk.catalogue)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        yield desk


@pytest.fixture(scope="module")
def pack(desk):
    done = desk.jsna("run", QUARTER, "--extracts", desk.raw, "--processed", desk.processed,
                     "--catalogue", desk.catalogue, "--outputs", desk.outputs,
                     "--only", "outcome-4", "--only", "outcome-1", "--only", "board")  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    draft = desk.outputs / f"{QUARTER}-draft"
    draft.rename(desk.outputs / QUARTER)
    return desk


def text_of(soup) -> str:
    return " ".join(soup.get_text(" ").split())


def raw_rows(desk, pattern):
    for path in sorted(desk.raw.glob(pattern)):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from ((path, row) for row in csv.DictReader(stream))


def test_every_service_fills_its_folder_with_whole_files_and_sidecars(desk):
    for folder in ("fingertips", "open-geography", "lookups", "nomis", "dfe"):
        files = [p for p in (desk.raw / folder / TODAY).iterdir() if "source.json" not in p.name]
        assert files, folder
        for path in files:
            told = json.loads(path.with_name(f"{path.name}.source.json").read_text("utf-8"))
            assert told["bytes"] == path.stat().st_size
            assert told["address"].startswith("http://127.0.0.1:")
            assert told["licence"].startswith("Open Government Licence")


def test_a_fingertips_figure_is_on_its_page_as_the_service_gave_it(pack):
    (value,) = {
        row["Value"]
        for _, row in raw_rows(pack, "fingertips/*/boroughs-*.csv")
        if row["Indicator ID"] == "90319" and row["Area Code"] == "E09000002"
        and row["Time period"] == "2024/25" and row["Sex"] == "Persons"
        and not row["Category Type"]
    }  # fmt: skip
    page = text_of(pack.page("outcome-1"))
    assert f"stood at {float(value):.1f}% in 2024/25" in page
    assert "22 November 2026" in page


def test_an_education_figure_is_on_its_page_as_the_service_gave_it(pack):
    catalogue = read_catalogue(pack.catalogue)
    absence = catalogue.indicators["persistent-absence"]
    last = max(
        (row["time_period"], row[absence.columns["value"]])
        for path, row in raw_rows(pack, f"dfe/*/{absence.source_id}.csv")
        if row["new_la_code"] == "E09000002"
        and all(row[column] == label for column, label in absence.pick.items())
    )
    assert f"{float(last[1]):.1f}%" in text_of(pack.page("outcome-4"))


def test_the_census_is_mapped_on_todays_wards(pack):
    page = pack.page("outcome-4")
    captions = [figure.figcaption.get_text(" ") for figure in page.find_all("figure")]
    assert any("ward" in caption.lower() for caption in captions)
    table = next(t for t in page.find_all("table") if "Longbridge" in t.get_text())
    assert "Thames View" in table.get_text()  # a ward of 2022 only


def test_a_printed_figure_is_traced_to_the_address_it_came_from(pack):
    done = pack.jsna("trace", "outcome-1", "jhws-o1-obesity-reception", "--quarter", QUARTER,
                     "--extracts", pack.raw, "--processed", pack.processed,
                     "--outputs", pack.outputs, "--catalogue", pack.catalogue)  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    told = next(
        json.loads(path.read_text("utf-8"))
        for path in sorted(pack.raw.glob("fingertips/*/boroughs-*.source.json"))
        if "90319" in json.loads(path.read_text("utf-8"))["holds"]
    )
    assert told["sha256"] in said.replace(" ", "")
    assert told["address"] in done.stdout.replace("\n", "").replace(" ", "")
    page = text_of(pack.page("outcome-1"))
    printed = re.search(r"Reception living with obesity stood at ([\d.]+%)", page)[1]
    assert printed in said


def test_a_second_fetch_of_the_day_asks_for_no_data_again(desk):
    before = {path: path.read_bytes() for path in desk.raw.rglob("*") if path.is_file()}
    done = desk.jsna("fetch", "--raw", desk.raw, "--processed", desk.processed,
                     "--catalogue", desk.catalogue, "--only", "nomis")  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "already received today" in done.stdout
    kept = {p: c for p, c in before.items() if p.name not in ("fetched.json", ".lock")}
    assert all(path.read_bytes() == content for path, content in kept.items())


def test_a_service_that_is_down_leaves_its_last_good_copy_and_the_page_says_so(pack):
    before = {p: p.read_bytes() for p in (pack.raw / "fingertips").rglob("*.csv")}
    pack.addresses["JSNA_FINGERTIPS_URL"] = "http://127.0.0.1:9/api"
    fetched = pack.jsna("fetch", "--raw", pack.raw, "--processed", pack.processed,
                        "--catalogue", pack.catalogue, "--only", "fingertips",
                        "--today", "2026-12-05")  # fmt: skip
    assert fetched.returncode == 3, fetched.stdout + fetched.stderr
    assert "22 November 2026" in fetched.stdout or TODAY in fetched.stdout
    assert before == {p: p.read_bytes() for p in (pack.raw / "fingertips").rglob("*.csv")}
    built = pack.jsna("run", QUARTER, "--extracts", pack.raw, "--processed", pack.processed,
                      "--catalogue", pack.catalogue, "--outputs", pack.outputs,
                      "--only", "outcome-1")  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    page = (pack.outputs / f"{QUARTER}-draft" / "reports" / "outcome-1.html").read_text("utf-8")
    said = text_of(BeautifulSoup(page, "html.parser"))
    assert "could not renew this series" in said
    assert "received on 22 November 2026" in said

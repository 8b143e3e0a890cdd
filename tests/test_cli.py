"""The command: plain words for what a person can mend, a traceback for a bug."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import lbbd_jsna
from lbbd_jsna.disk import hold_lock
from lbbd_jsna.errors import Fault, RunError
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.reporting.publish import open_stage, publish

PROJECT = Path(__file__).resolve().parent.parent
QUARTER = Quarter(2026, 3)


@pytest.fixture
def jsna(in_process):
    """Run the command in this process: exit code, standard output, standard error."""
    return in_process


@pytest.fixture
def folders(tmp_path) -> list[str]:
    return ["--outputs", str(tmp_path / "outputs"), "--processed", str(tmp_path / "processed")]


def pack(outputs: Path, page: str = "one") -> Path:
    outputs.mkdir(exist_ok=True)
    with open_stage(outputs, QUARTER) as stage:
        (stage / "index.html").write_text(page, encoding="utf-8")
        manifest = {"demonstration": False, "reports": {"board": {}}}
        return publish(stage, manifest, outputs=outputs, quarter=QUARTER).folder


def test_the_module_is_the_command():
    said = subprocess.run(
        [sys.executable, "-m", "lbbd_jsna", "--version"],
        capture_output=True, text=True, check=True, cwd=PROJECT,
    )  # fmt: skip
    assert said.stdout == f"jsna {lbbd_jsna.__version__}\n"


@pytest.mark.parametrize(
    "arguments", [[], ["run"], ["report"], ["demo"], ["list"], ["verify"], ["catalogue", "check"]]
)
def test_every_command_has_help(jsna, arguments):
    code, out, _ = jsna(*arguments, "--help")
    assert code == 0
    assert "Usage: jsna" in out


@pytest.mark.parametrize("quarter", ["2026-27-Q5", "2026-28-Q1", "Q3", "../../2026-27-Q3"])
def test_an_impossible_quarter_is_refused_in_plain_words(jsna, folders, quarter, tmp_path):
    code, _, err = jsna("run", quarter, *folders)
    assert code == 1
    assert f'"{quarter}" is not a quarter' in err
    assert "Traceback" not in err
    assert not (tmp_path / "outputs").exists()


def test_an_unknown_report_is_refused_before_anything_is_built(jsna, folders, tmp_path):
    code, _, err = jsna("run", "2026-27-Q3", "--only", "outcome-99", *folders)
    assert code == 1
    assert 'did you mean "outcome-' in err
    assert not (tmp_path / "outputs").exists()


def test_a_catalogue_that_is_not_there_is_one_message(jsna, folders, tmp_path):
    code, _, err = jsna("run", "2026-27-Q3", "--catalogue", tmp_path / "none", *folders)
    assert code == 1
    assert "Traceback" not in err


def test_an_extracts_folder_that_is_not_there_leaves_the_pack(jsna, folders, tmp_path):
    before = (pack(tmp_path / "outputs") / "index.html").read_bytes()
    code, _, err = jsna("run", "2026-27-Q3", "--extracts", tmp_path / "none", *folders)
    assert code == 1
    assert "there is no folder of extracts" in err
    assert (tmp_path / "outputs" / "2026-27-Q3" / "index.html").read_bytes() == before


def test_a_second_run_says_who_holds_the_lock(jsna, folders, tmp_path):
    before = (pack(tmp_path / "outputs") / "index.html").read_bytes()
    with hold_lock(tmp_path / "outputs", purpose="building 2026-27-Q2"):
        code, _, err = jsna("run", "2026-27-Q3", *folders)
    assert code == 1
    assert f"in use by process {os.getpid()} (building 2026-27-Q2)" in err
    assert (tmp_path / "outputs" / "2026-27-Q3" / "index.html").read_bytes() == before


@pytest.mark.parametrize(
    ("today", "quarter"),
    [("2026-11-21", "2026-27-Q3"), ("2027-03-31", "2026-27-Q4"), ("2027-04-01", "2027-28-Q1"),
     ("2028-02-29", "2027-28-Q4")],
)  # fmt: skip
def test_report_takes_the_quarter_of_today(monkeypatch, jsna, today, quarter):
    asked = []

    def record(quarter, **settings):
        asked.append(str(quarter))
        raise RunError("enough")

    monkeypatch.setattr("lbbd_jsna.reporting.run.run_pack", record)
    monkeypatch.setenv("JSNA_TODAY", today)
    jsna("report")
    assert asked == [quarter]


def test_a_day_that_is_no_date_is_refused(jsna):
    code, _, err = jsna("report", "--today", "tomorrow")
    assert (code, err) == (1, '"tomorrow" is not a date; write it like 2026-11-21\n')


def test_every_fault_is_printed_and_markup_in_it_is_only_text(monkeypatch, jsna):
    def refuse(quarter, **settings):
        raise RunError("two faults", [Fault("a.csv, row 3", "[red]x[/red]"), Fault("b.csv", "y")])

    monkeypatch.setattr("lbbd_jsna.reporting.run.run_pack", refuse)
    code, _, err = jsna("run", "2026-27-Q3")
    assert (code, err) == (1, "two faults\n  - a.csv, row 3: [red]x[/red]\n  - b.csv: y\n")


def test_a_bug_keeps_its_traceback_and_shows_no_values(tmp_path):
    script = (
        "import sys, lbbd_jsna.reporting.run as run\n"
        "def broken(quarter, **settings):\n"
        "    secret = 'patient ' + str(7)\n"
        "    raise KeyError('column')\n"
        "run.run_pack = broken\n"
        "from lbbd_jsna.cli import main\n"
        "sys.argv = ['jsna', 'run', '2026-27-Q3']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")
    assert "KeyError: 'column'" in done.stderr
    assert "patient 7" not in done.stderr


def test_verify_says_what_was_edited(jsna, tmp_path):
    folder = pack(tmp_path / "outputs")
    where = ["--outputs", tmp_path / "outputs"]
    code, out, _ = jsna("verify", "2026-27-Q3", *where)
    assert (code, out) == (0, f"{folder} is as it was published.\n")
    (folder / "index.html").write_text("edited", encoding="utf-8")
    code, _, err = jsna("verify", "2026-27-Q3", *where)
    assert code == 1
    assert "2026-27-Q3/index.html: was changed after it was published" in err


def test_verify_of_no_pack_says_so(jsna, tmp_path):
    code, _, err = jsna("verify", "2026-27-Q3", "--outputs", tmp_path)
    assert code == 1
    assert "there is no pack of 2026-27-Q3" in err


def test_list_names_reports_and_packs(jsna, tmp_path):
    pack(tmp_path / "outputs")
    code, out, _ = jsna("list", "--outputs", tmp_path / "outputs")
    assert code == 0
    for words in ("board", "coverage", "outcome-7", "best-chance-4"):
        assert f"  {words} " in out
    assert "2026-27-Q3         real figures, 1 report\n" in out


def test_the_catalogue_is_checked(jsna):
    code, out, _ = jsna("catalogue", "check")
    assert code == 0
    assert "2 strategies, 11 outcomes" in out


def test_demo_writes_extracts_only_into_a_new_folder(jsna, tmp_path):
    code, out, _ = jsna("demo", tmp_path / "made", "--quarter", "2026-27-Q3")
    assert code == 0
    assert "made-up figures for 2026-27-Q3" in out
    assert (tmp_path / "made" / "DEMONSTRATION.txt").exists()
    code, _, err = jsna("demo", tmp_path / "made", "--quarter", "2026-27-Q3")
    assert code == 1
    assert "not an empty folder" in err


def test_the_help_names_every_command(jsna):
    _, out, _ = jsna("--help")
    for name in ("run", "report", "demo", "list", "verify", "catalogue"):
        assert f"\n  {name} " in out

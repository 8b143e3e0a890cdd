"""Real notebooks in real kernels: whatever goes wrong, the last good pack stands."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest
from rich.console import Console

from lbbd_jsna.errors import RunError
from lbbd_jsna.reporting.manifest import read_manifest
from lbbd_jsna.reporting.publish import latest_pack, verify_pack
from lbbd_jsna.reporting.run import run_pack
from tests.tiny_pack import PARAMETERS, QUARTER, build, tiny_job, write_notebook

PROJECT = Path(__file__).resolve().parent.parent
CATALOGUE = PROJECT / "catalogue"
GOOD = {"good": ("figure = 41 + 1", "figure")}


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def standing(tmp_path_factory) -> Path:
    """An outputs folder with one good pack; copied by the tests that need one."""
    folder = tmp_path_factory.mktemp("standing")
    build(folder / "outputs", tiny_job(folder / "notebooks", GOOD))
    return folder / "outputs"


@pytest.fixture
def outputs(standing, tmp_path) -> Path:
    return Path(shutil.copytree(standing, tmp_path / "outputs"))


def hidden(outputs: Path) -> list[str]:
    """What a run left beside the packs, the lock's own file apart."""
    return sorted(p.name for p in outputs.glob(".*") if p.name != ".lock")


def test_a_pack_is_built_by_real_kernels_with_its_parameters(standing):
    pack = latest_pack(standing, QUARTER)
    assert (pack / "reports" / "good.html").read_text(encoding="utf-8") == "42\n"
    manifest = read_manifest(pack)
    assert manifest["status"] == "complete"
    assert sorted(manifest["outputs"]) == ["index.html", "notebooks/good.ipynb",
                                           "reports/good.html"]  # fmt: skip
    injected = json.loads((pack / "notebooks" / "good.ipynb").read_text("utf-8"))["cells"][2]
    assert injected["metadata"]["tags"] == ["injected-parameters"]
    assert 'quarter = "2026-27-Q3"\n' in injected["source"]
    assert hidden(standing) == []


def test_an_executed_notebook_carries_no_time_no_path_and_no_version(standing):
    text = (latest_pack(standing, QUARTER) / "notebooks" / "good.ipynb").read_text("utf-8")
    for word in ("start_time", "duration", "input_path", "/tmp", "/home", str(PROJECT),
                 '"version"'):  # fmt: skip
        assert word not in text


def test_the_same_inputs_give_the_same_bytes(outputs, tmp_path):
    before = snapshot(outputs / "2026-27-Q3")
    published = build(outputs, tiny_job(tmp_path / "notebooks", GOOD))
    assert published.how == "unchanged"
    fresh = build(tmp_path / "elsewhere", tiny_job(tmp_path / "notebooks", GOOD)).folder
    after = snapshot(fresh)
    assert {**after, "run.log": b""} == {**before, "run.log": b""}


BROKEN = {
    "raises": ("1", "1 / 0", "2"),
    "killed": ("1", "import os\nos.kill(os.getpid(), 9)"),
    "endless": ("while True:\n    pass",),
    "leaves": ("1", "import sys\nsys.exit()", "2"),
    "refused": ("1", "'refuse me'"),
    "good": GOOD["good"],
}


@pytest.fixture(scope="module")
def failed(standing, tmp_path_factory):
    """One run in which notebooks fail in every way they can: the error and the outputs."""
    folder = tmp_path_factory.mktemp("failed")
    shutil.copytree(standing, folder / "outputs")
    with pytest.raises(RunError) as caught:
        build(folder / "outputs", tiny_job(folder / "notebooks", BROKEN, cell_seconds=3))
    return caught.value, folder / "outputs"


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ("raises.ipynb (report raises), cell 4", "ZeroDivisionError: division by zero"),
        ("killed.ipynb (report killed), cell 4", "DeadKernelError"),
        ("endless.ipynb (report endless), cell 3", "ran for more than 3 seconds"),
        ("leaves.ipynb (report leaves), cell 4", "SystemExit"),
        ("refused.ipynb (report refused)", "the page breaks a rule"),
    ],
)
def test_a_failure_names_notebook_cell_and_error(failed, where, error):
    fault = next(fault for fault in failed[0].faults if fault.where == where)
    assert error in fault.found
    assert failed[0].exit_code == 1


def test_a_failure_leaves_the_last_good_pack_and_makes_the_other_reports(failed, standing):
    error, outputs = failed
    assert snapshot(outputs / "2026-27-Q3") == snapshot(standing / "2026-27-Q3")
    assert hidden(outputs) == [".failed"]
    kept = outputs / ".failed" / "2026-27-Q3"
    assert str(kept) in str(error)
    assert (kept / "reports" / "good.html").read_text(encoding="utf-8") == "42\n"
    assert sorted(path.stem for path in (kept / "notebooks").iterdir()) == sorted(BROKEN)
    manifest = read_manifest(kept)
    assert (manifest["status"], manifest["made"]) == ("failed", ["good"])
    assert {one["report"]: one["cell"] for one in manifest["failures"]} == {
        "raises": 4, "killed": 4, "endless": 3, "leaves": 4, "refused": None,
    }  # fmt: skip


def test_the_broken_notebook_shows_what_broke(failed):
    text = (failed[1] / ".failed/2026-27-Q3/notebooks/raises.ipynb").read_text("utf-8")
    assert "ZeroDivisionError" in text


def test_a_persons_own_settings_do_not_reach_a_report(tmp_path, monkeypatch):
    startup = tmp_path / "home" / ".ipython" / "profile_default" / "startup" / "00.py"
    startup.parent.mkdir(parents=True)
    startup.write_text("import builtins\nbuiltins.figure = 13\n", encoding="utf-8")
    kernel = tmp_path / "home" / ".local/share/jupyter/kernels/python3"
    kernel.mkdir(parents=True)
    spec = {"argv": ["/bin/false"], "display_name": "other", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    styled = tmp_path / "home" / ".config" / "matplotlib" / "matplotlibrc"
    styled.parent.mkdir(parents=True)
    styled.write_text("font.size: 99\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "home" / ".ipython"))
    monkeypatch.setenv("PYTHONSTARTUP", str(startup))
    monkeypatch.setenv("MPLCONFIGDIR", str(styled.parent))
    look = (
        "import builtins, os, sys, matplotlib\n"
        "(hasattr(builtins, 'figure'), matplotlib.rcParams['font.size'], sys.flags.utf8_mode,"
        " sys.executable, os.environ['JSNA_PROCESSED'], hash('a') == hash('a'),"
        " os.environ['PYTHONHASHSEED'], matplotlib.get_backend())"
    )
    pack = build(tmp_path / "outputs", tiny_job(tmp_path / "notebooks", {"look": (look,)})).folder
    shown = (pack / "reports" / "look.html").read_text(encoding="utf-8")
    values = " ".join(shown.split())
    assert values == f"(False, 10.0, 1, '{sys.executable}', 'here', True, '0', 'agg')"
    assert os.environ["PYTHONSTARTUP"] == str(startup), "the caller's environment is put back"


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_is_shown_as_plain_lines_and_on_a_terminal_with_a_bar(tmp_path, terminal):
    said = io.StringIO()
    console = Console(file=said, force_terminal=terminal, width=80, color_system=None)
    build(tmp_path / "outputs", tiny_job(tmp_path / "notebooks", GOOD), console=console)
    lines = [line for line in said.getvalue().splitlines() if "good " in line]
    assert re.fullmatch(r"\s*good {13}\d+\.\d s\s*", re.sub(r"\x1b\S*?[A-Za-z]", "", lines[0]))
    assert ("Running notebooks" in said.getvalue()) is terminal


def test_kernels_share_nothing(tmp_path):
    cells = {"first": ("import builtins\nbuiltins.left = 1", "left"),
             "second": ("import builtins", "hasattr(builtins, 'left')")}  # fmt: skip
    pack = build(tmp_path / "outputs", tiny_job(tmp_path / "notebooks", cells)).folder
    assert (pack / "reports" / "second.html").read_text(encoding="utf-8") == "False\n"


def test_a_report_whose_process_is_stopped_takes_no_other_with_it(tmp_path):
    cells = {"stopped": ("import os\nos.kill(os.getppid(), 9)", "1"),
             "slow": ("import time\ntime.sleep(1)", "'slow'"), **GOOD}  # fmt: skip
    with pytest.raises(RunError) as caught:
        build(tmp_path / "outputs", tiny_job(tmp_path / "notebooks", cells))
    assert [fault.where for fault in caught.value.faults] == ["stopped.ipynb (report stopped)"]
    assert "most often because memory ran out" in caught.value.faults[0].found
    kept = read_manifest(tmp_path / "outputs" / ".failed" / "2026-27-Q3")
    assert kept["made"] == ["slow", "good"]


def start_endless(
    outputs: Path, folder: Path, *, background: bool = False
) -> tuple[subprocess.Popen[str], list[int]]:
    """Start a run whose two notebooks wait; return it and its kernels once both have begun."""
    marker = folder / "kernels"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.tiny_pack", outputs, folder / "notebooks", marker],
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=ignore_ctrl_c if background else None,
    )
    deadline = time.monotonic() + 60
    while not marker.exists() or marker.read_text("utf-8").count("\n") < 2:
        assert time.monotonic() < deadline, "the kernels did not start"
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    return process, [int(line) for line in marker.read_text("utf-8").split()]


def wait_until_gone(pids: list[int], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while any(psutil.pid_exists(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(psutil.pid_exists(pid) for pid in pids)


POSIX = pytest.mark.skipif(os.name != "posix", reason="signals as on Linux and macOS")


def ignore_ctrl_c() -> None:
    """What a shell without a terminal does to a command it starts with `&`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@POSIX
@pytest.mark.parametrize(
    ("number", "background"),
    [(signal.SIGINT, False), (signal.SIGTERM, False), (signal.SIGINT, True)],
)
def test_ctrl_c_leaves_the_last_pack_and_no_process(outputs, tmp_path, number, background):
    before = snapshot(outputs / "2026-27-Q3")
    process, kernels = start_endless(outputs, tmp_path, background=background)
    workers = [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said == "Stopped. Nothing was published; the last good pack is as it was.\n"
    assert wait_until_gone(kernels + workers)
    assert snapshot(outputs / "2026-27-Q3") == before
    assert hidden(outputs) == []


@POSIX
def test_a_killed_run_leaves_the_last_pack_and_the_next_run_clears_up(outputs, tmp_path):
    before = snapshot(outputs / "2026-27-Q3")
    process, kernels = start_endless(outputs, tmp_path)
    process.kill()
    process.communicate(timeout=20)
    assert wait_until_gone(kernels)
    assert snapshot(outputs / "2026-27-Q3") == before
    assert any(name.startswith(".staging-") for name in hidden(outputs))
    published = build(outputs, tiny_job(tmp_path / "again", GOOD))
    assert published.how == "unchanged"
    assert hidden(outputs) == []


@pytest.fixture
def small_disk(tmp_path):
    """A file system of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if sys.platform != "linux" or not shutil.which("mount"):
        pytest.skip("no tmpfs on this system")
    made = subprocess.run(mount, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_the_last_pack(standing, small_disk, tmp_path):
    outputs = Path(shutil.copytree(standing, small_disk / "outputs"))
    before = snapshot(outputs)
    big = {"big": ("1", "'x' * 4_000_000"), **GOOD}
    with pytest.raises(RunError, match="The disk is full") as caught:
        build(outputs, tiny_job(tmp_path / "notebooks", big))
    assert caught.value.exit_code == 1
    assert snapshot(outputs) == before
    assert verify_pack(outputs / "2026-27-Q3") == []


def test_inputs_that_change_during_a_run_are_refused(outputs, tmp_path):
    def changed() -> None:
        raise RunError("inputs changed during the run")

    before = snapshot(outputs)
    cells = {"good": ("43",)}
    with pytest.raises(RunError, match="inputs changed"):
        build(outputs, tiny_job(tmp_path / "notebooks", cells, unchanged=changed))
    assert snapshot(outputs) == before


def test_a_draft_stands_beside_the_pack(outputs, tmp_path):
    before = snapshot(outputs / "2026-27-Q3")
    published = build(outputs, tiny_job(tmp_path / "notebooks", {"good": ("43",)}, draft=True))
    assert (published.how, published.folder.name) == ("draft", "2026-27-Q3-draft")
    assert read_manifest(published.folder)["status"] == "draft"
    assert snapshot(outputs / "2026-27-Q3") == before


SHOW = (
    "from lbbd_jsna.exhibits.exhibit import Title",
    "from lbbd_jsna.workspace import open_workspace\nworkspace = open_workspace(quarter)",
    "Title(heading='Made small', lead=(f'{len(workspace.observations)} rows.',))",
)


@pytest.fixture(scope="module")
def made_up(tmp_path_factory, made_up_extracts) -> Path:
    """A few demonstration extracts, quick to read; this file's own, as some tests change them."""
    folder = shutil.copytree(made_up_extracts, tmp_path_factory.mktemp("run") / "made-up")
    kept = ("90319.csv", "93015.csv", "early-help-on-time.csv")
    for name in ("fingertips", "returns"):
        for path in (folder / name).rglob("*"):
            if path.is_file() and not path.name.startswith(kept):
                path.unlink()
    return folder


@pytest.fixture
def notebooks(tmp_path) -> Path:
    """Small notebooks under the names a pack is made of."""
    area = '\narea = "E09000002"  # the borough'
    wanted = {"board": "", "wards": "", "coverage": "", "outcome": '\noutcome = "outcome-1"',
              "ward_profile": '\nward = "E05014053"'}  # fmt: skip
    for name, more in wanted.items():
        cell = PARAMETERS + area + more
        write_notebook(tmp_path / "notebooks" / f"{name}.ipynb", *SHOW, parameters=cell)
    return tmp_path / "notebooks"


@pytest.fixture
def run(tmp_path, notebooks, made_up):
    """`run_pack` on demonstration extracts and small notebooks, one report unless told."""

    def start(**changes):
        settings = {
            "extracts": made_up,
            "outputs": tmp_path / "outputs",
            "processed": tmp_path / "processed",
            "catalogue_folder": CATALOGUE,
            "notebooks": notebooks,
            "only": ["board"],
        }
        return run_pack(QUARTER, **{**settings, **changes})

    return start


def test_a_run_goes_from_extracts_to_a_pack_and_its_manifest(run, made_up, tmp_path):
    result = run()
    folder = result.published.folder
    assert (result.published.how, folder.name) == ("draft", "2026-27-Q3-draft")
    assert result.demonstration
    page = (folder / "reports" / "board.html").read_text(encoding="utf-8")
    rows = len(pd.read_parquet(tmp_path / "processed" / "2026-27-Q3" / "observations.parquet"))
    assert f"{rows} rows." in page
    assert "Demonstration, not real figures" in page
    manifest = read_manifest(folder)
    assert manifest["reports"]["board"]["parameters"]["area"] == "E09000002"
    listed = {entry["name"]: entry["sha256"] for entry in manifest["inputs"]}
    one = sorted(listed)[0]
    assert listed[one] == hashlib.sha256((made_up / one).read_bytes()).hexdigest()
    accessed = {entry["accessed"] for entry in manifest["inputs"] if "accessed" in entry}
    assert accessed == {"2026-10-01"}  # the first day of the quarter, as the sidecars say
    assert "settings.yml" in manifest["catalogue"]
    assert list(manifest["notebooks"]) == ["board.ipynb"]
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    for place in (tmp_path, made_up, PROJECT):
        assert str(place) not in text


def test_an_input_that_changes_while_notebooks_run_is_named(run, made_up, notebooks, tmp_path):
    mine = Path(shutil.copytree(made_up, tmp_path / "extracts"))
    victim = next(path for path in sorted(mine.rglob("*.csv")))
    victim.with_name(f"{victim.name}.source.json").unlink()
    sources = (f"open({str(victim)!r}, 'a').write(' ')\nNone", *SHOW)
    cell = PARAMETERS + '\narea = "E09000002"'
    write_notebook(notebooks / "board.ipynb", *sources, parameters=cell)
    with pytest.raises(RunError, match="inputs changed during the run") as caught:
        run(extracts=mine)
    assert [fault.where for fault in caught.value.faults] == [
        f"extracts/{victim.relative_to(mine).as_posix()}"
    ]
    assert hidden(tmp_path / "outputs") == []
    assert not (tmp_path / "outputs" / "2026-27-Q3-draft").exists()


def test_a_demonstration_is_refused_beside_real_figures_before_a_kernel_starts(
    run, outputs, tmp_path
):
    before = snapshot(outputs / "2026-27-Q3")
    started = time.monotonic()
    with pytest.raises(RunError, match="holds real figures"):
        run(only=(), extracts=None)
    assert snapshot(outputs / "2026-27-Q3") == before
    assert time.monotonic() - started < 30


def test_a_wrong_parameters_cell_stops_the_run_before_anything_is_read(run, notebooks, tmp_path):
    write_notebook(notebooks / "board.ipynb", *SHOW, parameters='quater = "2026-27-Q3"')
    with pytest.raises(RunError, match="did you mean"):
        run(extracts=tmp_path / "none")
    assert not (tmp_path / "outputs").exists()


def test_packs_and_tables_need_different_folders(run, tmp_path):
    with pytest.raises(RunError, match="different folders"):
        run(processed=tmp_path / "outputs")

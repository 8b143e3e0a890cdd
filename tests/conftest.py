"""Shared fixtures: the catalogue, the real extracts where they are at hand, whole packs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lbbd_jsna import cli
from lbbd_jsna.catalogue import Catalogue, read_catalogue
from lbbd_jsna.facts import Facts
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.reporting.manifest import describe_code, hash_files, read_manifest
from lbbd_jsna.reporting.run import CATALOGUE_FILES
from lbbd_jsna.sources.demonstration import write_demonstration
from lbbd_jsna.workspace import Workspace, build_workspace

ROOT = Path(__file__).resolve().parent.parent
QUARTER = "2026-27-Q3"


# Whole packs take minutes to make; two of these files share them, and the others run kernels too.
PACK_FILES = {
    "test_browser", "test_fetch_and_run", "test_pack", "test_release", "test_run",
    "test_second_borough",
}  # fmt: skip


def pytest_collection_modifyitems(items):
    """Mark what runs whole packs, so that the two halves can run side by side."""
    for item in items:
        if item.path.stem in PACK_FILES:
            item.add_marker(pytest.mark.pack)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The catalogue the project ships."""
    return read_catalogue(ROOT / "catalogue")


@pytest.fixture(scope="session")
def made_up_extracts(catalogue, tmp_path_factory) -> Path:
    """Demonstration extracts, as `jsna demo` writes them. Copy before changing one."""
    processed = tmp_path_factory.mktemp("made-up")
    folder = processed / "demonstration-extracts" / QUARTER
    write_demonstration(
        folder,
        catalogue=catalogue,
        quarter=Quarter.parse(QUARTER),
        calibration=ROOT / "catalogue" / "demonstration.csv",
    )
    return folder


@pytest.fixture(scope="session")
def made_up_workspace(made_up_extracts, catalogue) -> Workspace:
    """The workspace of the demonstration; its tables stand where a run would put them."""
    return build_workspace(
        made_up_extracts,
        catalogue=catalogue,
        quarter=Quarter.parse(QUARTER),
        processed=made_up_extracts.parent.parent / QUARTER,
    )


@pytest.fixture(scope="session")
def made_up_facts(made_up_workspace) -> Facts:
    """Every fact of the demonstration."""
    return Facts(made_up_workspace)


@pytest.fixture(scope="session")
def extracts() -> Path:
    """The folder of real extracts, named by JSNA_EXTRACTS."""
    named = os.environ.get("JSNA_EXTRACTS", "")
    if not named or not Path(named).is_dir():
        pytest.skip("no real extracts: set JSNA_EXTRACTS to their folder")
    return Path(named)


def jsna(*arguments: object, timeout: float = 600) -> subprocess.CompletedProcess:
    """The command as a person runs it."""
    return subprocess.run(
        [sys.executable, "-m", "lbbd_jsna", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )


def build_pack(folder: Path, *arguments: object) -> Path:
    """Build a pack in a folder of its own and say where it is."""
    done = jsna(*arguments, "--outputs", folder / "outputs", "--processed", folder / "processed")
    assert done.returncode == 0, done.stderr
    return folder / "outputs" / QUARTER


@pytest.fixture(scope="session")
def demonstration_pack(tmp_path_factory) -> Path:
    """The pack a clone builds: made-up figures.

    JSNA_PACK names one that `make report` has just built here; of any other code it is refused.
    """
    folder = tmp_path_factory.mktemp("demonstration")
    built = os.environ.get("JSNA_PACK", "")
    if not built:
        return build_pack(folder, "report", "--today", "2026-11-21")
    made = read_manifest(Path(built))
    assert (made["quarter"], made["demonstration"]) == (QUARTER, True)
    assert made["code"] == describe_code()
    assert made["catalogue"] == hash_files(ROOT / "catalogue", suffixes=CATALOGUE_FILES)
    assert made["notebooks"].items() <= hash_files(ROOT / "notebooks").items()
    return Path(shutil.copytree(built, folder / "outputs" / QUARTER))


@pytest.fixture(scope="session")
def real_pack(tmp_path_factory, extracts) -> Path:
    """The pack of the real extracts."""
    folder = tmp_path_factory.mktemp("real")
    return build_pack(folder, "run", QUARTER, "--extracts", extracts)


@pytest.fixture
def in_process(monkeypatch, capsys):
    """The command in this process: exit code, standard output, standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["jsna", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return run

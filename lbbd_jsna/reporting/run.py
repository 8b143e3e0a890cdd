"""One command from raw extracts to a published pack."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

import lbbd_jsna
from lbbd_jsna.catalogue import Catalogue, read_catalogue
from lbbd_jsna.disclosure import Ledger
from lbbd_jsna.disk import check_room, hold_lock, plain_disk_errors
from lbbd_jsna.errors import Fault, RunError
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.reporting import manifest as manifests
from lbbd_jsna.reporting.make import Job, make_pack
from lbbd_jsna.reporting.output_check import check_outputs
from lbbd_jsna.reporting.pages import finish_pack, finish_report, make_frames
from lbbd_jsna.reporting.parameters import Report, check_parameters, plan_reports
from lbbd_jsna.reporting.publish import (
    Published,
    check_standing,
    clear_leftovers,
)
from lbbd_jsna.reporting.releases import describe, protected_in, read_ledger, record
from lbbd_jsna.sources.demonstration import write_demonstration
from lbbd_jsna.sources.store import DEMONSTRATION, find_extracts
from lbbd_jsna.stopping import stoppable
from lbbd_jsna.workspace import Workspace, build_workspace

CATALOGUE_FILES = (".yml", ".csv", ".md")
PACKAGE = Path(lbbd_jsna.__file__).parent


@dataclass(frozen=True)
class RunResult:
    """What a run did.

    Parameters
    ----------
    published : Published
        Where the pack is and how it got there.
    reports : int
        Reports in it.
    seconds : float
        From start to end.
    demonstration : bool
        The figures are made up.
    notes : tuple of str
        What the readers of the extracts had to say.
    """

    published: Published
    reports: int
    seconds: float
    demonstration: bool
    notes: tuple[str, ...]


def run_pack(
    quarter: Quarter,
    *,
    extracts: Path | None,
    outputs: Path,
    processed: Path,
    catalogue_folder: Path,
    notebooks: Path,
    only: Iterable[str] = (),
    workers: int | None = None,
    console: Console | None = None,
) -> RunResult:
    """Build and publish the pack of a quarter.

    Parameters
    ----------
    quarter : Quarter
    extracts : Path or None
        The raw extracts; `None` for demonstration extracts, made on the way.
    outputs : Path
        Where packs are published, each in a folder named after its quarter.
    processed : Path
        Where the quarter's tables are rebuilt.
    catalogue_folder, notebooks : Path
    only : iterable of str, optional
        Slugs or notebook names: builds only these, as `<quarter>-draft/`.
    workers : int, optional
        Notebooks run at a time.
    console : rich Console, optional
        Where progress is shown; nowhere when not given.

    Returns
    -------
    RunResult

    Raises
    ------
    JsnaError
        Anything a person can mend. The last good pack is as it was.
    """
    screen = console or Console(quiet=True)
    start = time.perf_counter()
    wanted = tuple(only)
    outputs, processed, notebooks = outputs.resolve(), processed.resolve(), notebooks.resolve()
    before = _standing_files(catalogue_folder, notebooks)
    catalogue = read_catalogue(catalogue_folder)
    reports = plan_reports(catalogue, quarter, wanted)
    for report in reports:
        check_parameters(notebooks / f"{report.notebook}.ipynb", report.parameters, catalogue)
    with _ready(outputs, processed, quarter, screen):
        source = extracts or _made_up(processed, catalogue_folder, catalogue, quarter)
        screen.print(f"Reading {escape(str(source))}")
        tables, ledger = processed / str(quarter), _ledger(source, outputs)
        workspace = build_workspace(
            source, catalogue=catalogue, quarter=quarter, processed=tables, ledger=ledger
        )
        check_standing(outputs, quarter, demonstration=workspace.demonstration)
        job = replace(
            _job(workspace, reports, notebooks, before),
            environment={
                "JSNA_PROCESSED": str(tables),
                "JSNA_CATALOGUE": str(catalogue_folder.resolve()),
            },
            unchanged=partial(
                _check_unchanged, workspace, source, before, catalogue_folder, notebooks
            ),
            draft=bool(wanted),
        )
        job = _guarded(job, workspace, ledger, outputs)
        published = make_pack(job, outputs=outputs, workers=workers, console=screen)
    seconds = time.perf_counter() - start
    return RunResult(published, len(reports), seconds, workspace.demonstration, workspace.notes)


def _ledger(source: Path, outputs: Path) -> Ledger:
    """What was released before; a damaged ledger stops the run here, before any kernel starts.

    A demonstration has none: its figures are nobody's.
    """
    return Ledger() if (source / DEMONSTRATION).is_file() else read_ledger(outputs)


def _job(
    workspace: Workspace,
    reports: tuple[Report, ...],
    notebooks: Path,
    before: Mapping[str, Mapping[str, str]],
) -> Job:
    """The pack to make from a workspace: its pages and its manifest."""
    frames = make_frames(workspace, reports)
    return Job(
        quarter=workspace.quarter,
        reports=reports,
        notebooks=notebooks,
        about=_about(workspace, reports, before),
        finish=partial(finish_report, frames=frames),
        complete=partial(finish_pack, frames=frames, catalogue=workspace.catalogue),
        notes=workspace.notes,
    )


def _guarded(job: Job, workspace: Workspace, ledger: Ledger, outputs: Path) -> Job:
    """The job, with what keeps protected figures in and notes down those that leave.

    A draft is checked as a pack is, and protected against all that was published; it is not
    published, so it is not recorded. Nor are the figures of a demonstration.
    """
    catalogue, protection = workspace.catalogue, workspace.protection
    job = replace(
        job,
        about={**job.about, **describe(ledger, catalogue=catalogue)},
        leaks=partial(check_outputs, protected=protected_in(workspace)),
    )
    if job.draft or workspace.demonstration or protection is None:
        return job
    releases = protection.releases
    return replace(
        job, record=partial(record, ledger, releases, outputs=outputs, catalogue=catalogue)
    )


@contextmanager
def _ready(outputs: Path, processed: Path, quarter: Quarter, console: Console) -> Iterator[None]:
    """Room, locks and tidy folders; a full disk or Ctrl-C becomes one clear message."""
    if outputs == processed:
        raise RunError("packs and tables need different folders; change --outputs or --processed")
    with stoppable(), plain_disk_errors():
        check_room(outputs)
        check_room(processed)
        purpose = f"building {quarter}"
        with (
            hold_lock(outputs, purpose=purpose),
            hold_lock(processed, purpose=purpose, name=f".lock-{quarter}"),
        ):
            for note in clear_leftovers(outputs):
                console.print(escape(note))
            yield


def _made_up(processed: Path, folder: Path, catalogue: Catalogue, quarter: Quarter) -> Path:
    """Demonstration extracts of the quarter, made again each time."""
    made = processed / "demonstration-extracts" / str(quarter)
    if made.exists():
        shutil.rmtree(made)
    write_demonstration(
        made, catalogue=catalogue, quarter=quarter, calibration=folder / "demonstration.csv"
    )
    return made


def _standing_files(catalogue: Path, notebooks: Path) -> dict[str, dict[str, str]]:
    return {
        "catalogue": manifests.hash_files(catalogue, suffixes=CATALOGUE_FILES),
        "notebooks": {
            path.name: manifests.sha256(path) for path in sorted(notebooks.glob("*.ipynb"))
        },
        "lbbd_jsna": manifests.hash_files(PACKAGE),
    }


def _about(
    workspace: Workspace,
    reports: Iterable[Report],
    before: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    used = {f"{report.notebook}.ipynb" for report in reports}
    return {
        "schema": manifests.SCHEMA,
        "quarter": str(workspace.quarter),
        "area": workspace.catalogue.settings.area,
        "demonstration": workspace.demonstration,
        "reports": manifests.describe_reports(reports),
        "inputs": manifests.describe_inputs(workspace.inputs),
        "notes": list(workspace.notes),
        "catalogue": before["catalogue"],
        "notebooks": {name: sha for name, sha in before["notebooks"].items() if name in used},
        "code": manifests.describe_code(),
    }


def _check_unchanged(
    workspace: Workspace,
    extracts: Path,
    before: Mapping[str, Mapping[str, str]],
    catalogue: Path,
    notebooks: Path,
) -> None:
    """Refuse a pack whose inputs changed while it was made: it would be a mixture."""
    then = {**before, "extracts": {raw.name: raw.sha256 for raw in workspace.inputs}}
    now = {
        **_standing_files(catalogue, notebooks),
        "extracts": {raw.name: raw.sha256 for raw in find_extracts(extracts)},
    }
    faults = [
        Fault(f"{kind}/{name}", "changed while the pack was being built")
        for kind, files in then.items()
        for name in sorted(files.keys() | now[kind].keys())
        if files.get(name) != now[kind].get(name)
    ]
    if faults:
        raise RunError("inputs changed during the run; nothing was published. Run again", faults)

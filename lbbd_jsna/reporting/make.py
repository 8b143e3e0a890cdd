"""Making a pack: run a job's notebooks, publish what they made, or say what broke."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lbbd_jsna.errors import DisclosureError, Fault, JsnaError, RunError
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.reporting.execute import CELL_SECONDS, Failure, Made, Order, run_reports
from lbbd_jsna.reporting.manifest import LOG
from lbbd_jsna.reporting.parameters import Report
from lbbd_jsna.reporting.publish import (
    Published,
    keep_failed,
    open_stage,
    publish,
    publish_draft,
)

PACK_FOLDERS = ("reports", "notebooks", "tables", "maps")
LEAK = "a figure that must not leave can be read in what was made"
GONE = "Nothing was published or kept of it; the last good pack is as it was"


@dataclass(frozen=True)
class Job:
    """A pack to make: its reports, their surroundings, and what its manifest says.

    `finish(notebook, report, stage)` makes the files of one report, in the
    process that ran it. `complete(stage)` makes what stands around them.
    `unchanged()` raises when an input is no longer what was read. `leaks(stage)` names every
    place where a protected figure can be read. `record()` writes down what is released, and
    gives back what the manifest says of it.
    """

    quarter: Quarter
    reports: tuple[Report, ...]
    notebooks: Path
    about: Mapping[str, Any]
    finish: Callable[[Any, Report, Path], None]
    environment: Mapping[str, str] = field(default_factory=dict)
    complete: Callable[[Path], None] = lambda stage: None
    unchanged: Callable[[], None] = lambda: None
    leaks: Callable[[Path], list[Fault]] = lambda stage: []
    record: Callable[[], Mapping[str, Any]] = dict
    draft: bool = False
    cell_seconds: int = CELL_SECONDS
    notes: tuple[str, ...] = ()


def make_pack(
    job: Job, *, outputs: Path, workers: int | None = None, console: Console | None = None
) -> Published:
    """Run a job's notebooks and publish what they made. Call with the lock held.

    Returns
    -------
    Published

    Raises
    ------
    RunError
        A notebook failed: which, in which cell, and where to look. The other
        reports were made all the same, and are kept beside it under `.failed/`.
    DisclosureError
        A protected figure can be read in what was made: in which files and where. Nothing is
        kept of it.
    """
    screen = console or Console(quiet=True)
    with open_stage(outputs, job.quarter) as stage:
        for name in PACK_FOLDERS:
            (stage / name).mkdir()
        order = Order(job.notebooks, stage, job.finish, job.cell_seconds)
        with _progress(screen, len(job.reports)) as done:
            made = run_reports(
                job.reports, order, environment=job.environment, workers=workers, done=done
            )
        _write_log(stage, job, made)
        failures = [one.failure for one in made if one.failure]
        if failures:
            raise _failed(job, stage, failures, outputs)
        job.complete(stage)
        for name in PACK_FOLDERS:
            if not any((stage / name).iterdir()):
                (stage / name).rmdir()
        job.unchanged()
        # All but the manifest is there by now: that repeats the notes of the log, and hashes.
        if leaks := job.leaks(stage):
            raise DisclosureError(f"{LEAK}. {GONE}", leaks)
        return _published(job, stage, outputs)


def _published(job: Job, stage: Path, outputs: Path) -> Published:
    if job.draft:
        about = {**job.about, "status": "draft"}
        return publish_draft(stage, about, outputs=outputs, quarter=job.quarter)
    about = {**job.about, "status": "complete"}
    return publish(stage, about, outputs=outputs, quarter=job.quarter, record=job.record)


@contextmanager
def _progress(console: Console, total: int) -> Iterator[Callable[[Made], None]]:
    """Print a line for each report; on a terminal also one bar for all of them."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeElapsedColumn())  # fmt: skip
    bar = Progress(*columns, console=console, transient=True) if console.is_terminal else None
    task = bar.add_task("Running notebooks", total=total) if bar else None

    def done(made: Made) -> None:
        words = "failed" if made.failure else f"{made.seconds:.1f} s"
        console.print(f"  {made.slug:<16} {words}", highlight=False)
        if bar:
            bar.advance(task)

    with bar or nullcontext():
        yield done


def _write_log(stage: Path, job: Job, made: Iterable[Made]) -> None:
    """Seconds and notes: what may differ between two runs on the same inputs."""
    lines = [f"{one.slug}: {one.seconds:.2f} s" + (" (failed)" if one.failure else "")
             for one in made]  # fmt: skip
    text = "\n".join([f"quarter {job.quarter}", *lines, *job.notes])
    (stage / LOG).write_text(text + "\n", encoding="utf-8", newline="\n")


def _failed(job: Job, stage: Path, failures: list[Failure], outputs: Path) -> JsnaError:
    # Notebooks open released tables only, so what they leave should hold no protected figure.
    # It is read back all the same: a notebook that fails is the likeliest to do what it should
    # not, and its error may quote what it found.
    if leaks := job.leaks(stage):
        broke = [Fault(failure.where, failure.error) for failure in failures]
        return DisclosureError(f"notebooks failed, and {LEAK}. {GONE}", [*broke, *leaks])
    broken = {failure.slug for failure in failures}
    about = {
        **job.about,
        "status": "failed",
        "made": [report.slug for report in job.reports if report.slug not in broken],
        "failures": [
            {
                "report": failure.slug,
                "notebook": failure.notebook,
                "cell": failure.cell,
                "error": failure.error,
                "message": failure.message,
            }
            for failure in failures
        ],
    }
    kept = keep_failed(stage, about, outputs=outputs, quarter=job.quarter)
    return RunError(
        f"{len(failures)} of {len(job.reports)} reports could not be made; no pack was changed. "
        f"The notebooks as far as they ran, the reports that were made and a manifest are in "
        f"{kept}",
        [Fault(failure.where, f"{failure.error}: {failure.message}") for failure in failures],
    )

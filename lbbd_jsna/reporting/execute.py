"""Running notebooks with papermill, each in a new kernel, two or more at a time.

Nothing of the person's own set-up (Jupyter kernels and settings, IPython
start-up files, matplotlib style) reaches a report, and nothing of one report
reaches the next.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

import lbbd_jsna
from lbbd_jsna.errors import JsnaError
from lbbd_jsna.reporting.parameters import KERNEL, Report, read_notebook

CELL_SECONDS = 300
STOPPED = "ProcessStopped"
INJECTED = "injected-parameters"
ERROR_MARKER = "papermill-error-cell-tag"
# What a person may have set for themselves, and must not change a report.
UNSET = ("PYTHONSTARTUP", "PYTHONWARNINGS", "PYTHONINSPECT", "MPLSTYLE", "JUPYTER_PREFER_ENV_PATH")


@dataclass(frozen=True)
class Failure:
    """Why a report was not made: the notebook, its cell (1 is the first), the error."""

    slug: str
    notebook: str
    cell: int | None
    error: str
    message: str

    @property
    def where(self) -> str:
        """The place, as a person would look it up."""
        cell = f", cell {self.cell}" if self.cell else ""
        return f"{self.notebook} (report {self.slug}){cell}"


@dataclass(frozen=True)
class Made:
    """A report that has ended, well or not, and how long it took."""

    slug: str
    seconds: float
    failure: Failure | None = None


@dataclass(frozen=True)
class Order:
    """What a worker needs: where notebooks stand, where to write, what to do afterwards.

    `finish(notebook, report, stage)` makes the page and tables of an executed
    notebook; it must be importable by name, so that a new process can find it.
    """

    notebooks: Path
    stage: Path
    finish: Callable[[Any, Report, Path], None]
    cell_seconds: int = CELL_SECONDS


def run_reports(
    reports: Iterable[Report],
    order: Order,
    *,
    environment: Mapping[str, str],
    workers: int | None = None,
    done: Callable[[Made], None] = lambda made: None,
) -> list[Made]:
    """Run every report, even when some fail.

    Parameters
    ----------
    reports : iterable of Report
    order : Order
    environment : mapping
        Variables for the kernels, over what `kernel_environment` sets.
    workers : int, optional
        Processes at a time; the number of processors, and no more than reports.
    done : callable, optional
        Told of each report as it ends.

    Returns
    -------
    list of Made, in the order of `reports`

    Raises
    ------
    OSError, KeyboardInterrupt
        A full disk or Ctrl-C stops all: no process is left behind.
    """
    wanted = tuple(reports)
    many = max(1, min(workers or os.cpu_count() or 1, len(wanted)))
    ended = {}
    # Closed at once when Ctrl-C comes between two reports, so that its processes are stopped.
    with closing(_batch(wanted, order, environment, many)) as batch:
        for one in batch:
            if not _lost(one):
                done(one)
                ended[one.slug] = one
    for report in wanted:
        if report.slug not in ended:
            # A process stopped from outside takes the others of its pool with it: alone, each
            # shows whether it was the one.
            (ended[report.slug],) = _batch((report,), order, environment, 1)
            done(ended[report.slug])
    return [ended[report.slug] for report in wanted]


def _batch(
    reports: tuple[Report, ...], order: Order, environment: Mapping[str, str], workers: int
) -> Iterator[Made]:
    """Run reports in a pool of their own; yield each as it ends."""
    with tempfile.TemporaryDirectory(prefix="jsna-", ignore_cleanup_errors=True) as scratch:
        settings = {**kernel_environment(Path(scratch)), **environment}
        with _environment(settings), _pool(workers, Path(scratch)) as pool:
            with _deaf_children():
                futures = {
                    pool.submit(run_report, report, order, Path(scratch)): report
                    for report in reports
                }
            yield from _as_they_end(futures)


def _as_they_end(futures: dict[Future[Made], Report]) -> Iterator[Made]:
    waiting = set(futures)
    while waiting:
        # The short wait lets Ctrl-C through on Windows.
        ended, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
        for future in ended:
            yield _outcome(future, futures[future])


def _outcome(future: Future[Made], report: Report) -> Made:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, BrokenProcessPool):
        message = "its process was stopped from outside, most often because memory ran out"
        return Made(report.slug, 0.0, _failure(report, None, STOPPED, message))
    raise error


def _lost(made: Made) -> bool:
    return made.failure is not None and made.failure.error == STOPPED


def _failure(report: Report, cell: int | None, error: str, message: str) -> Failure:
    return Failure(report.slug, f"{report.notebook}.ipynb", cell, error, message)


def kernel_environment(scratch: Path) -> dict[str, str]:
    """Variables that make a kernel the same for everyone, with its files in a scratch folder.

    The kernel runs this interpreter and this copy of the package, whatever
    kernel the person has registered under the same name.
    """
    kernel = scratch / "jupyter" / "kernels" / KERNEL
    kernel.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8", newline="\n")
    matplotlib = Path(find_spec("matplotlib").submodule_search_locations[0])
    package = str(Path(lbbd_jsna.__file__).resolve().parent.parent)
    before = os.environ.get("PYTHONPATH")
    return {
        "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join([package, before] if before else [package]),
        "MPLBACKEND": "agg",
        "MATPLOTLIBRC": str(matplotlib / "mpl-data" / "matplotlibrc"),
        "IPYTHONDIR": str(scratch / "ipython"),
        "JUPYTER_PATH": str(scratch / "jupyter"),
        "JUPYTER_DATA_DIR": str(scratch / "data"),
        "JUPYTER_CONFIG_DIR": str(scratch / "config"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
        "JUPYTER_PLATFORM_DIRS": "1",
    }


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """Set variables for the processes started inside, then put all back."""
    before = dict(os.environ)
    os.environ.update(settings)
    for name in UNSET:
        os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Processes started inside never hear Ctrl-C: their parent hears it for them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous or signal.SIG_DFL)


@contextmanager
def _pool(workers: int, scratch: Path) -> Iterator[ProcessPoolExecutor]:
    """A pool of new processes; when anything goes wrong they and their kernels are stopped."""
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(scratch,),
    )
    finished = False
    try:
        yield pool
        finished = True
    finally:
        if not finished:
            for worker in set(multiprocessing.active_children()) - before:
                _stop_tree(worker.pid, itself=True)
        pool.shutdown(wait=True, cancel_futures=True)


def _stop_tree(pid: int | None, *, itself: bool) -> None:
    """Kill the descendants of a process, and the process too if asked."""
    try:
        process = psutil.Process(pid)
        doomed = process.children(recursive=True) + ([process] if itself else [])
    except psutil.NoSuchProcess:
        return
    for one in doomed:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue


def _start_worker(scratch: Path) -> None:
    """Keep a worker quiet, deaf to Ctrl-C, and never alive longer than its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with (scratch / f"worker-{os.getpid()}.log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    _stop_tree(os.getpid(), itself=False)
    os._exit(1)


def run_report(report: Report, order: Order, scratch: Path) -> Made:
    """Run one report in this process: execute, check, clean, finish.

    Returns
    -------
    Made
        With its `failure` when the notebook, or what it showed, was at fault.
    """
    start = time.perf_counter()
    notebook, failure = _execute(report, order, scratch)
    failure = failure or _unfinished(report, notebook)
    if notebook is not None:
        write_notebook(clean(notebook), order.stage / "notebooks" / f"{report.slug}.ipynb")
    if failure is None:
        try:
            order.finish(notebook, report, order.stage)
        except JsnaError as error:
            said = "; ".join([error.message, *map(str, error.faults)])
            failure = _failure(report, None, type(error).__name__, said)
    return Made(report.slug, time.perf_counter() - start, failure)


def _execute(report: Report, order: Order, scratch: Path) -> tuple[Any, Failure | None]:
    """Execute with papermill; give back the notebook as far as it came, and what went wrong."""
    import papermill
    from nbclient.exceptions import CellTimeoutError

    saved = scratch / f"{report.slug}.ipynb"
    try:
        papermill.execute_notebook(
            read_notebook(order.notebooks / f"{report.notebook}.ipynb"),
            str(saved).replace("{", "{{").replace("}", "}}"),  # papermill fills braces in a path
            parameters=dict(report.parameters),
            kernel_name=KERNEL,
            language="python",
            cwd=str(order.notebooks),
            progress_bar=False,
            execution_timeout=order.cell_seconds,
            autosave_cell_every=0,
            record_timing=False,
            shutdown_kernel="immediate",
        )
    except papermill.PapermillExecutionError as error:
        return _broken(report, saved, error.ename, error.evalue)
    except CellTimeoutError:
        limit = f"the cell ran for more than {order.cell_seconds} seconds and was stopped"
        return _broken(report, saved, "CellTimeoutError", limit)
    except RuntimeError as error:  # nbclient's own errors: the kernel died, or never answered
        hint = f"{error}; most often memory ran out, or the process was killed"
        return _broken(report, saved, type(error).__name__, hint)
    return read_notebook(saved), None


def _broken(report: Report, saved: Path, error: str, message: str) -> tuple[Any, Failure]:
    notebook = read_notebook(saved) if saved.exists() else None
    cell = _last_started(notebook) if notebook is not None else None
    return notebook, _failure(report, cell, error, message)


def _own_cells(notebook: Any) -> list[Any]:
    """The cells a person wrote, without those papermill added: numbered as they see them."""
    added = {INJECTED, ERROR_MARKER}
    return [cell for cell in notebook.cells if not added & set(cell.metadata.get("tags", []))]


def _last_started(notebook: Any) -> int | None:
    started = [
        number
        for number, cell in enumerate(_own_cells(notebook), start=1)
        if cell.cell_type == "code" and cell.metadata.get("papermill", {}).get("start_time")
    ]
    return started[-1] if started else None


def _unfinished(report: Report, notebook: Any) -> Failure | None:
    """A notebook that ended quietly but not whole: a cell did not run, or shows an error."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    numbers = {id(cell): number for number, cell in enumerate(_own_cells(notebook), start=1)}
    for expected, cell in enumerate(code, start=1):
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if errors:
            return _failure(report, numbers.get(id(cell)), errors[0].ename, errors[0].evalue)
        if cell.execution_count != expected:
            return _failure(report, numbers.get(id(cell)), "NotRun", "the cell was never run")
    return None


def clean(notebook: Any) -> Any:
    """Take out what differs between two runs of the same: times, paths, random ids, versions."""
    kernel = {"name": KERNEL, "display_name": "Python 3", "language": "python"}
    notebook.metadata = type(notebook.metadata)(
        kernelspec=type(notebook.metadata)(kernel),
        language_info=type(notebook.metadata)(name="python"),
    )
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number}"
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        if not cell.metadata.get("tags"):
            cell.metadata.pop("tags", None)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def write_notebook(notebook: Any, path: Path) -> None:
    """Write a notebook file."""
    import nbformat

    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")

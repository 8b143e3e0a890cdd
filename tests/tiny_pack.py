"""Small notebooks and a job that runs them for real, for tests of the run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
import nbformat.v4
from rich.console import Console

from lbbd_jsna.disk import hold_lock, plain_disk_errors
from lbbd_jsna.errors import JsnaError
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.reporting.make import Job, make_pack
from lbbd_jsna.reporting.parameters import Report
from lbbd_jsna.reporting.publish import clear_leftovers
from lbbd_jsna.stopping import stoppable
from tests.tiny_pages import finish

QUARTER = Quarter(2026, 3)
PARAMETERS = 'quarter = "2026-27-Q3"  # the quarter of the report'
KERNELSPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}


def write_notebook(path: Path, *cells: str, parameters: str | None = PARAMETERS) -> Path:
    """A notebook of an `about` cell, a parameters cell (unless `None`) and code cells."""
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": KERNELSPEC})
    notebook.cells = [nbformat.v4.new_markdown_cell("# About", metadata={"tags": ["about"]})]
    if parameters is not None:
        tagged = {"tags": ["parameters"]}
        notebook.cells.append(nbformat.v4.new_code_cell(parameters, metadata=tagged))
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in cells]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return path


def complete(stage: Path) -> None:
    (stage / "index.html").write_text("index\n", encoding="utf-8")


def tiny_job(notebooks: Path, cells: dict[str, tuple[str, ...]], **changes: Any) -> Job:
    """A job of one report for each entry: the cells of its notebook."""
    for name, sources in cells.items():
        write_notebook(notebooks / f"{name}.ipynb", *sources)
    settings = {
        "quarter": QUARTER,
        "reports": tuple(Report(name, name, {"quarter": str(QUARTER)}) for name in cells),
        "notebooks": notebooks,
        "environment": {"JSNA_PROCESSED": "here"},
        "about": {"demonstration": False, "quarter": str(QUARTER)},
        "finish": finish,
        "complete": complete,
    }
    return Job(**{**settings, **changes})


def build(outputs: Path, job: Job, *, console: Console | None = None):
    """Build a pack as `run_pack` does, lock, signals and full disks included."""
    outputs.mkdir(exist_ok=True)
    with stoppable(), plain_disk_errors(), hold_lock(outputs, purpose="building 2026-27-Q3"):
        clear_leftovers(outputs)
        return make_pack(job, outputs=outputs, workers=2, console=console)


if __name__ == "__main__":
    # python -m tests.tiny_pack OUTPUTS NOTEBOOKS MARKER: a run that never ends by itself.
    waits = f"open({sys.argv[3]!r}, 'a').write(f'{{__import__(\"os\").getpid()}}\\n')"
    endless = (waits, "__import__('time').sleep(600)")
    try:
        build(Path(sys.argv[1]), tiny_job(Path(sys.argv[2]), {"a": endless, "b": endless}))
    except JsnaError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)

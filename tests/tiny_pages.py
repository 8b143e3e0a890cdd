"""The pages of small packs; apart, so that a worker process need not load all of the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lbbd_jsna.errors import Fault, RunError
from lbbd_jsna.reporting.parameters import Report


def finish(notebook: Any, report: Report, stage: Path) -> None:
    """Write the last output as the page; a notebook that says `refuse` is refused."""
    shown = notebook.cells[-1].outputs[0].data["text/plain"]
    if "refuse" in shown:
        raise RunError("the page breaks a rule", [Fault("cell 4", "an image without words")])
    (stage / "reports" / f"{report.slug}.html").write_text(shown + "\n", encoding="utf-8")

"""Publishing what a source brought, so that what it changed is told even after a kill.

The figures as they stood before are put aside until the file of changes is written. A fetch
that is stopped between the two leaves them, and the next one tells what the stopped one
changed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from rich.console import Console

from lbbd_jsna.errors import JsnaError
from lbbd_jsna.fetching import changes
from lbbd_jsna.fetching.job import Job
from lbbd_jsna.fetching.standing import is_data
from lbbd_jsna.whole_files import write_whole

BEFORE = ".before"
FIGURES = ("fingertips", "nomis", "dfe")
"""The sources that bring figures; boundaries are shapes, and lookups are not published."""


def publish(job: Job) -> tuple[list[Path], pd.DataFrame | None]:
    """Publish what a job accepted.

    Returns
    -------
    list of Path
        The files published, without their sidecars.
    DataFrame or None
        What that changed in the figures that stand, as `changes.record_changes` gives it;
        None where no figures came, or, with a note, where those that stand cannot be read.
    """
    aside = _aside(job.raw, job.stage.source)
    if not job.stage.pending and not aside.exists():
        return [], None
    before = _recall(aside) if aside.exists() else None
    if before is None and (before := _standing(job)) is not None:
        _remember(before, aside)
    folders = job.stage.publish()
    files = [path for folder in folders for path in sorted(folder.iterdir()) if is_data(path)]
    after = _standing(job) if before is not None else None
    if before is None or after is None:
        return files, None
    return files, changes.record_changes(before, after, catalogue=job.catalogue)


def tell(
    tables: Mapping[str, pd.DataFrame | None],
    *,
    raw: Path,
    processed: Path,
    today: dt.date,
    console: Console,
) -> Path | None:
    """Show what changed, write it to `changes/<today>.csv`, and forget what stood before.

    Parameters
    ----------
    tables : mapping of str to DataFrame or None
        Of `publish`, by source.

    Returns
    -------
    Path or None
        The file; None where no figures came.
    """
    found = {source: table for source, table in tables.items() if table is not None}
    if not found:
        return None
    changed = pd.concat(found.values(), ignore_index=True)
    changes.show_changes(changed, console)
    path = changes.write_changes(changed, processed / "changes" / f"{today.isoformat()}.csv")
    for source in found:
        _aside(raw, source).unlink(missing_ok=True)
    return path


def _aside(raw: Path, source: str) -> Path:
    return raw / BEFORE / f"{source}.parquet"


def _remember(before: pd.DataFrame, aside: Path) -> None:
    aside.parent.mkdir(exist_ok=True)
    packed = io.BytesIO()
    before.to_parquet(packed, index=False)
    write_whole(aside, packed.getvalue())


def _recall(aside: Path) -> pd.DataFrame | None:
    """What stood before a fetch that was stopped; None where it cannot be read any longer."""
    with contextlib.suppress(OSError, ValueError):
        return pd.read_parquet(aside)
    return None


def _standing(job: Job) -> pd.DataFrame | None:
    """The figures of a source as they stand; None, with a note, where they cannot be read."""
    if job.stage.source not in FIGURES:
        return None
    try:
        return changes.read_standing(job.raw, job.stage.source, catalogue=job.catalogue)
    except JsnaError as error:
        job.notes.append(f"what changed cannot be said: {error}")
        return None

"""Putting accepted returns where they are read: whole, with their sidecars, or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.disk import hold_lock
from lbbd_jsna.sources.returns.unusual import Unusual
from lbbd_jsna.sources.store import SIDECAR
from lbbd_jsna.whole_files import flush_folder, next_place, write_whole

FOLDER, HIDDEN = "returns", ".adding-"


@dataclass(frozen=True)
class Received:
    """A return that has passed every check.

    Parameters
    ----------
    path : Path
        Where it was found.
    content : bytes
        As received.
    table : DataFrame
        Columns `schema.OBSERVATIONS`.
    notes : list of str
        The repairs that reading it took.
    unusual : list of Unusual
        What is worth a question.
    """

    path: Path
    content: bytes
    table: pd.DataFrame
    notes: list[str]
    unusual: list[Unusual]

    @property
    def sha256(self) -> str:
        """Of its content."""
        return hashlib.sha256(self.content).hexdigest()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One command at a time adds returns; what a killed one left half done is cleared away."""
    with hold_lock(folder, purpose="adding returns"):
        for left in folder.glob(f"{HIDDEN}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def store(
    received: Sequence[Received],
    folder: Path,
    *,
    catalogue: Catalogue,
    today: dt.date,
    now: dt.datetime,
    accept: str | None,
) -> list[Path]:
    """Write files and sidecars out of sight, then let all of them appear by one rename.

    Parameters
    ----------
    received : sequence of Received
    folder : Path
        `returns` in the raw folder, held by `alone`.
    catalogue : Catalogue
    today, now : date, datetime
        Name the dated folder, and stand in the sidecars.
    accept : str or None
        Who accepted what is unusual, and why.

    Returns
    -------
    list of Path
        In `<today>`, or in `<today>-02` and so on where something stands already.
    """
    if not received:
        return []
    staging = Path(tempfile.mkdtemp(prefix=HIDDEN, dir=folder))
    try:
        for file in received:
            told = json.dumps(_sidecar(file, catalogue, today, now, accept), indent=1,
                              ensure_ascii=False) + "\n"  # fmt: skip
            write_whole(staging / file.path.name, file.content)
            write_whole(staging / (file.path.name + SIDECAR), told.encode("utf-8"))
        staging.chmod(0o755)
        flush_folder(staging)
        target = next_place(folder, today)
        staging.rename(target)
    except OSError:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    flush_folder(folder)
    return [target / file.path.name for file in received]


def _sidecar(
    file: Received, catalogue: Catalogue, today: dt.date, now: dt.datetime, accept: str | None
) -> dict[str, object]:
    series = sorted(set(file.table["indicator"]))
    sources = sorted({catalogue.indicators[name].source for name in series})
    told: dict[str, object] = {
        "source": FOLDER,
        "address": "",
        "time": now.isoformat(timespec="seconds"),
        "accessed": today.isoformat(),
        "bytes": len(file.content),
        "sha256": file.sha256,
        "licence": "; ".join(dict.fromkeys(catalogue.sources[key].licence for key in sources)),
        "sources": sources,
        "holds": series,
        "rows": len(file.table),
        "notes": [_by_name(note, file.path) for note in file.notes],
    }
    if file.unusual:
        questions = [_by_name(str(one), file.path) for one in file.unusual]
        told["accepted"] = {"by": accept, "unusual": questions}
    return told


def _by_name(text: str, path: Path) -> str:
    """A message without the folder the file came from, which is somebody's own."""
    return text.replace(called(path), path.name)


def called(path: Path) -> str:
    """A path for messages: as it was given, without anything a terminal would obey."""
    text = str(path)
    return text if text.isprintable() else ascii(text)

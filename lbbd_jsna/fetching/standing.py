"""What stands of a source among the raw files: the good copies of earlier days."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lbbd_jsna.sources.store import DATE, FOLDERS, SIDECAR, order_of

_ALSO = {"fingertips-metadata": "fingertips", "lookups": "open-geography"}


def read_sidecar(path: Path) -> dict[str, Any] | None:
    """The sidecar of a raw file; None where there is none that can be read."""
    with contextlib.suppress(OSError, ValueError):
        told = json.loads(path.with_name(path.name + SIDECAR).read_text(encoding="utf-8"))
        if isinstance(told, dict):
            return told
    return None


def last_copy(raw: Path, folder: str, name: str) -> Path | None:
    """The newest file of a name below the dated folders of a source, or None."""
    found = [path for path in (raw / folder).glob(f"*/{name}") if DATE.fullmatch(path.parent.name)]
    return max(found, key=lambda path: order_of(path.parent.name), default=None)


def last_good(raw: Path, source: str, ids: Iterable[str]) -> str:
    """The day of the newest raw file that holds one of the ids.

    Parameters
    ----------
    raw : Path
    source : str
        A key of `sources.yml`.
    ids : iterable of str
        The source's own ids; none of them: any file of the source.

    Returns
    -------
    str
        Such as `2026-10-01`; empty where nothing was received before. A file that does not
        say what it holds is taken to hold anything.
    """
    wanted = set(ids)
    days = [
        day
        for day, name, holds in _copies(raw, source)
        if not (wanted and holds) or wanted & {name, *holds}
    ]
    return max(days, default="")


def _copies(raw: Path, source: str) -> Iterator[tuple[str, str, set[str]]]:
    """Day, name and ids of every dated file of a source; a name may be the id."""
    for top in sorted(raw.iterdir()) if raw.is_dir() else ():
        if source not in (FOLDERS.get(top.name), _ALSO.get(top.name)):
            continue
        for path in sorted(top.glob("*/*")):
            dated = DATE.fullmatch(path.parent.name)
            if dated and is_data(path):
                holds = (read_sidecar(path) or {}).get("holds", [])
                yield dated[1], path.stem, set(map(str, holds))


def is_data(path: Path) -> bool:
    """Whether a file is neither hidden nor a sidecar nor a README."""
    name = path.name
    paper = name.startswith(".") or name.endswith(SIDECAR) or name.upper().startswith("README")
    return path.is_file() and not paper

"""What has been accepted, out of sight until it appears in `data/raw/` by one rename.

A file lies beside its sidecar in `<folder>/.fetching/` and is whole once the sidecar stands
and its sha256 is the file's. Killing a fetch leaves such pairs, which the next fetch takes
instead of asking again; a dated folder never holds anything else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lbbd_jsna.fetching.standing import read_sidecar
from lbbd_jsna.fetching.web import Answer
from lbbd_jsna.sources.store import DATE, SIDECAR
from lbbd_jsna.stopping import uninterrupted
from lbbd_jsna.whole_files import flush_folder, next_place, write_whole

HIDDEN = ".fetching"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LONGEST_KEPT = dt.timedelta(days=1)


class Stage:
    """The files of one source on their way into the raw folder. Use with its lock held.

    Parameters
    ----------
    raw : Path
        The folder of raw extracts.
    source : str
        Its key in `sources.yml`, written in the sidecars.
    today : date
        The day that names the dated folders.

    Attributes
    ----------
    held : set of str
        The source's own ids in what was kept or found.
    """

    def __init__(self, raw: Path, source: str, *, today: dt.date) -> None:
        self.raw, self.source, self.today = raw, source, today
        self.held: set[str] = set()
        self._wanted: dict[str, set[str]] = {}
        self._found: set[tuple[str, str]] = set()
        self._touched: set[str] = set()

    def kept(self, folder: str, name: str, address: str) -> bytes | None:
        """What was received of this address today, or by a fetch that was stopped.

        Parameters
        ----------
        folder, name : str
            `fingertips`, `boroughs-01.csv`.
        address : str
            The address it would be asked of (`Web.url`); of several pages, the first's.

        Returns
        -------
        bytes or None
            The body of a whole pair with the same address: of a dated folder of today, or of
            the staging folder when it is no older than a day. None: ask.
        """
        standing = next((p / name for p in self._today(folder) if (p / name).exists()), None)
        sidecar = _whole(standing) if standing else None
        if sidecar is not None and sidecar["address"] == address:
            self._found.add((folder, name))
            self.held.update(sidecar.get("holds", ()))
            return standing.read_bytes()
        staged = self._staging(folder) / name
        sidecar = _whole(staged)
        if sidecar is None or sidecar["address"] != address or self._is_old(sidecar):
            return None
        self._wanted.setdefault(folder, set()).add(name)
        self.held.update(sidecar.get("holds", ()))
        return staged.read_bytes()

    def keep(
        self,
        folder: str,
        name: str,
        body: bytes,
        answers: Sequence[Answer],
        *,
        licence: str,
        holds: Sequence[str] = (),
        more: Mapping[str, Any] | None = None,
    ) -> Path:
        """Keep an accepted file with its sidecar.

        Parameters
        ----------
        folder, name : str
            `nomis`, `claimants.csv`.
        body : bytes
            The file: one answer as received, or several put together.
        answers : sequence of Answer
            What it is made of, in order.
        licence : str
        holds : sequence of str, optional
            The source's own ids in it.
        more : mapping, optional
            Further keys of the sidecar.

        Returns
        -------
        Path
            Where it lies until `publish`.
        """
        place = self._staging(folder)
        path = place / _safe(name)
        place.mkdir(parents=True, exist_ok=True)
        path.with_name(name + SIDECAR).unlink(missing_ok=True)
        write_whole(path, body)
        told = self._sidecar(body, answers, licence, holds, more or {})
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        write_whole(path.with_name(name + SIDECAR), text.encode("utf-8"))
        self._wanted.setdefault(folder, set()).add(name)
        self.held.update(holds)
        return path

    def drop(self, folder: str, name: str) -> None:
        """Forget a file that is not accepted after all; what a dated folder holds stays there."""
        staged = self._staging(folder) / _safe(name)
        staged.with_name(name + SIDECAR).unlink(missing_ok=True)
        staged.unlink(missing_ok=True)
        self._wanted.get(folder, set()).discard(name)
        self._found.discard((folder, name))

    def publish(self) -> list[Path]:
        """Put what was accepted where it is read, each folder by one rename.

        Returns
        -------
        list of Path
            The new dated folders: `<raw>/<folder>/<today>`, or `<today>-02`, `-03`, ...
            where something stands already.
        """
        return [self._publish(folder) for folder, names in sorted(self._wanted.items()) if names]

    @property
    def already(self) -> int:
        """How many files of today's dated folders were found, and need not be asked for."""
        return len(self._found)

    @property
    def pending(self) -> bool:
        """Whether there is anything to publish."""
        return any(self._wanted.values())

    def discard(self) -> None:
        """Drop everything that was not published."""
        for folder in sorted(self._touched):
            shutil.rmtree(self._staging(folder), ignore_errors=True)
        self._wanted.clear()
        self.held.clear()

    def _publish(self, folder: str) -> Path:
        staging, names = self._staging(folder), self._wanted.pop(folder)
        papers = {name + SIDECAR for name in names}
        for path in staging.iterdir():
            if path.name not in names | papers:
                path.unlink()  # half written, or kept by an earlier fetch and not wanted now
        flush_folder(staging)
        target = next_place(self.raw / folder, self.today)
        with uninterrupted():
            staging.rename(target)
            flush_folder(target.parent)
        return target

    def _staging(self, folder: str) -> Path:
        self._touched.add(folder)
        return self.raw / _safe(folder) / HIDDEN

    def _today(self, folder: str) -> list[Path]:
        """The dated folders of today, newest first."""
        today = self.today.isoformat()
        top = self.raw / _safe(folder)
        found = [
            path
            for path in top.glob(f"{today}*")
            if (dated := DATE.fullmatch(path.name)) and dated[1] == today
        ]
        return sorted(found, key=lambda path: (len(path.name), path.name), reverse=True)

    def _is_old(self, sidecar: Mapping[str, Any]) -> bool:
        try:
            accessed = dt.date.fromisoformat(sidecar["accessed"])
        except (TypeError, ValueError):
            return True
        return abs(self.today - accessed) > _LONGEST_KEPT

    def _sidecar(
        self,
        body: bytes,
        answers: Sequence[Answer],
        licence: str,
        holds: Sequence[str],
        more: Mapping[str, Any],
    ) -> dict[str, Any]:
        first, last = answers[0], answers[-1]
        pages = [
            {"address": one.address, "time": one.time, "bytes": len(one.body),
             "sha256": hashlib.sha256(one.body).hexdigest()}
            for one in answers
        ]  # fmt: skip
        return {
            "source": self.source,
            "address": first.address,
            "parameters": first.parameters,
            "time": last.time,
            "accessed": self.today.isoformat(),
            "status": last.status,
            "content_type": first.content_type,
            "tries": sum(one.tries for one in answers),
            "bytes": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "licence": licence,
            "holds": list(holds),
            **({"pages": pages} if len(pages) > 1 else {}),
            **more,
        }


def _whole(path: Path) -> dict[str, Any] | None:
    """The sidecar of a file that is exactly what the sidecar says; None otherwise."""
    told = read_sidecar(path)
    if told is None or not path.is_file() or not {"address", "sha256", "accessed"} <= set(told):
        return None
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return told if digest == told["sha256"] else None


def _safe(name: str) -> str:
    """A name that cannot lead out of its folder; names are ours, so a bad one is a bug."""
    if not _NAME.fullmatch(name) or name != os.path.basename(name):  # noqa: PTH119
        raise ValueError(f"{name!r} is not a file name")
    return name

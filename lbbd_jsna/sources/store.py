"""The folder of raw extracts: which files it holds, and what each of them is."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lbbd_jsna.errors import ExtractError, Fault

# Folder names in use for each source.
FOLDERS = {
    "fingertips": "fingertips",
    "fingertips_raw_export": "fingertips",
    "boundaries": "open-geography",
    "open_geography": "open-geography",
    "open-geography": "open-geography",
    "ward_atlas": "ward-atlas",
    "ward-atlas": "ward-atlas",
    "returns": "returns",
    "council-returns": "returns",
    "nomis": "nomis",
    "dfe": "dfe",
    "fingertips-metadata": "kept",
    "deprivation": "small-areas",
    "population": "small-areas",
    "lookups": "small-areas",
}
# Kept as received and not read; and what nobody knows.
KEPT = "kept"
NOT_READ = "other"
DEMONSTRATION = "DEMONSTRATION.txt"
SIDECAR = ".source.json"
# A day, and which fetch of that day it was where there was more than one.
DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:-(\d{2,}))?")
# Beside the files that one source brings in turn, these hold several kinds of its own.
_PART = re.compile(r"-?\d+$")
_STATE = "fetched.json"


@dataclass(frozen=True)
class RawFile:
    """One file as received.

    Parameters
    ----------
    source : str
        `fingertips`, `open-geography`, `ward-atlas`, `returns`, `nomis`, `dfe`; `small-areas`
        for what ward figures are built from; `kept` for what is kept and not read; `other`
        for a file that no reader takes.
    path : Path
        Where it lies.
    name : str
        Its path below the extracts folder, with forward slashes.
    bytes : int
        Its size.
    sha256 : str
        Of its content.
    sidecar : dict
        What `<file>.source.json` says of it (address, time, sha256, licence), or empty.
    date : str
        The dated folder it lies in, `2026-10-01` or `2026-10-01-02`; empty without one.
    """

    source: str
    path: Path
    name: str
    bytes: int
    sha256: str
    sidecar: dict = field(default_factory=dict)
    date: str = ""


def order_of(date: str) -> tuple[str, int]:
    """A key that sorts dated folders: `2026-10-01`, `2026-10-01-02`, then `2026-10-02`."""
    dated = DATE.fullmatch(date)
    return (dated[1], int(dated[2] or 1)) if dated else ("", 0)


def find_extracts(folder: Path) -> list[RawFile]:
    """List the files of a folder of extracts.

    Parameters
    ----------
    folder : Path
        `<source>/<YYYY-MM-DD>/<file>` or `<source>/<file>`, or both. Where a file name stands
        under several dates, the newest is listed and the others are not, but for two kinds.
        Every return is listed: each brings periods of its own. An extract of Fingertips whose
        sidecar says which ids it holds is listed until newer ones of its kind (`boroughs-01`
        and `boroughs-02` are of one kind, `wards-01` is not) hold all of them: which ids are
        asked for together may change from fetch to fetch.
        Hidden files, README files, sidecars and `fetched.json` are not extracts.

    Returns
    -------
    list of RawFile, sorted by name.

    Raises
    ------
    ExtractError
        The folder is not there; or, all together: a link leads out of it, a file is not
        regular, a sidecar cannot be read or its sha256 is not the file's.
    """
    if not folder.is_dir():
        raise ExtractError(
            f'there is no folder of extracts "{folder.name}"; '
            "make it, or name another one with --extracts"
        )
    faults: list[Fault] = []
    files = [_Place.of(path, folder) for path in _files(folder, faults)]
    listed = _newest_of_each_name(files)
    found = [_raw_file(file, faults) for file in listed]
    if faults:
        raise ExtractError("the folder of extracts cannot be read", faults)
    return sorted(found, key=lambda raw: raw.name)


@dataclass(frozen=True)
class _Place:
    """A file and what its path says of it."""

    path: Path
    name: str
    top: str
    date: str
    rest: str

    @classmethod
    def of(cls, path: Path, folder: Path) -> _Place:
        top, *rest = path.relative_to(folder).parts
        dated = len(rest) > 1 and DATE.fullmatch(rest[0])
        date = rest.pop(0) if dated else ""
        return cls(path, path.relative_to(folder).as_posix(), top, date, "/".join(rest))

    @property
    def source(self) -> str:
        """What the folder is for; a file beside the folders is of none."""
        return FOLDERS.get(self.top, NOT_READ) if self.rest else NOT_READ

    @property
    def kind(self) -> tuple[str, str]:
        """What its name says beside which part it is."""
        return self.top, _PART.sub("", Path(self.rest).stem)


def _newest_of_each_name(files: list[_Place]) -> list[_Place]:
    """The files that `find_extracts` lists."""
    newest: dict[tuple[str, str], _Place] = {}
    for file in files:
        newest[file.top, file.rest] = max(newest.get((file.top, file.rest), file), file, key=_age)
    holding = {file: ids for file in files if (ids := _ids_held(file))}
    needed = _needed(holding)
    return [
        file
        for file in files
        if file.source == "returns"
        or (file in needed if file in holding else file is newest[file.top, file.rest])
    ]


def _age(file: _Place) -> tuple[tuple[str, int], str]:
    return order_of(file.date), file.name


def _needed(holding: dict[_Place, set[str]]) -> set[_Place]:
    """Files with an id that no file of their kind and a later date holds."""
    needed = set()
    for file, ids in holding.items():
        left = set(ids)
        for other, others in holding.items():
            if other.kind == file.kind and order_of(other.date) > order_of(file.date):
                left -= others
        if left:
            needed.add(file)
    return needed


def _ids_held(file: _Place) -> set[str]:
    """The ids that the sidecar of a Fingertips extract says it holds, where it can be read."""
    if file.source != "fingertips":
        return set()
    try:
        holds = json.loads(_beside(file.path).read_text(encoding="utf-8"))["holds"]
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return set(map(str, holds)) if isinstance(holds, list) else set()


def _files(folder: Path, faults: list[Fault]) -> Iterator[Path]:
    """Regular files that are extracts; links out and devices become faults."""
    inside = folder.resolve()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in Path(name).parts)
        if hidden or name == _STATE or _is_paper(path.name):
            continue
        if path.is_symlink() and not path.resolve().is_relative_to(inside):
            faults.append(_fault(name, "a link that leads out of the folder", "copy the file here"))
        elif path.is_file():
            yield path
        elif not path.is_dir():
            faults.append(_fault(name, "not a regular file", "remove it"))


def _is_paper(name: str) -> bool:
    return name.upper().startswith("README") or name == DEMONSTRATION or name.endswith(SIDECAR)


def _raw_file(file: _Place, faults: list[Fault]) -> RawFile:
    with file.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    sidecar = _sidecar(file.path, file.name, digest, faults)
    size = file.path.stat().st_size
    return RawFile(file.source, file.path, file.name, size, digest, sidecar, file.date)


def _beside(path: Path) -> Path:
    return path.with_name(path.name + SIDECAR)


def _sidecar(path: Path, name: str, digest: str, faults: list[Fault]) -> dict:
    beside = _beside(path)
    if not beside.is_file():
        return {}
    try:
        sidecar = json.loads(beside.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        faults.append(_fault(name + SIDECAR, f"not JSON ({error})", "fetch the extract again"))
        return {}
    if not isinstance(sidecar, dict):
        faults.append(_fault(name + SIDECAR, "not a JSON object", "fetch the extract again"))
        return {}
    if sidecar.get("sha256", digest) != digest:
        faults.append(
            _fault(
                name,
                "changed since it was received: its sha256 is not its sidecar's",
                "fetch the extract again; raw files are never edited",
            )
        )
    return sidecar


def _fault(where: str, found: str, todo: str) -> Fault:
    return Fault(where, found, todo=todo)

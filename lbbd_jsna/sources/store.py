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
}
NOT_READ = "other"
DEMONSTRATION = "DEMONSTRATION.txt"
SIDECAR = ".source.json"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class RawFile:
    """One file as received.

    Parameters
    ----------
    source : str
        `fingertips`, `open-geography`, `ward-atlas`, `returns`, or `other` for a file that
        no reader takes.
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
    """

    source: str
    path: Path
    name: str
    bytes: int
    sha256: str
    sidecar: dict = field(default_factory=dict)


def find_extracts(folder: Path) -> list[RawFile]:
    """List the files of a folder of extracts.

    Parameters
    ----------
    folder : Path
        `<source>/<YYYY-MM-DD>/<file>` or `<source>/<file>`, or both. Where a file name
        stands under several dates, the newest is listed and the others are not.
        Hidden files, README files and sidecars are not extracts.

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
    newest: dict[tuple[str, str], tuple[str, Path]] = {}
    for path in _files(folder, faults):
        top, date, rest = _place(path.relative_to(folder))
        newest[(top, rest)] = max(newest.get((top, rest), ("", path)), (date, path))
    found = [_raw_file(folder, path, faults) for _, path in newest.values()]
    if faults:
        raise ExtractError("the folder of extracts cannot be read", faults)
    return sorted(found, key=lambda raw: raw.name)


def _files(folder: Path, faults: list[Fault]) -> Iterator[Path]:
    """Regular files that are extracts; links out and devices become faults."""
    inside = folder.resolve()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in Path(name).parts) or _is_paper(path.name):
            continue
        if path.is_symlink() and not path.resolve().is_relative_to(inside):
            faults.append(_fault(name, "a link that leads out of the folder", "copy the file here"))
        elif path.is_file():
            yield path
        elif not path.is_dir():
            faults.append(_fault(name, "not a regular file", "remove it"))


def _is_paper(name: str) -> bool:
    return name.upper().startswith("README") or name == DEMONSTRATION or name.endswith(SIDECAR)


def _place(relative: Path) -> tuple[str, str, str]:
    """Source folder, date (empty when there is none) and the rest of the path."""
    top, *rest = relative.parts
    if len(rest) > 1 and DATE.fullmatch(rest[0]):
        return top, rest[0], "/".join(rest[1:])
    return top, "", "/".join(rest)


def _raw_file(folder: Path, path: Path, faults: list[Fault]) -> RawFile:
    relative = path.relative_to(folder)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    source = FOLDERS.get(relative.parts[0], NOT_READ) if len(relative.parts) > 1 else NOT_READ
    sidecar = _sidecar(path, relative.as_posix(), digest, faults)
    return RawFile(source, path, relative.as_posix(), path.stat().st_size, digest, sidecar)


def _sidecar(path: Path, name: str, digest: str, faults: list[Fault]) -> dict:
    beside = path.with_name(path.name + SIDECAR)
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

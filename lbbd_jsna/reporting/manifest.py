"""What a pack was made from and what it holds: `manifest.json`.

No clock and no path of a machine: the same inputs give the same bytes. Times
are in `run.log`.
"""

from __future__ import annotations

import csv
import hashlib
import json
import platform
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import lbbd_jsna
from lbbd_jsna.errors import RunError
from lbbd_jsna.reporting.parameters import Report
from lbbd_jsna.whole_files import write_whole

SCHEMA = 1
NAME = "manifest.json"
LOG = "run.log"
LIBRARIES = (
    "afcharts", "geopandas", "ipykernel", "jinja2", "matplotlib", "nbclient", "nbconvert",
    "nbformat", "numpy", "pandas", "papermill", "pyarrow", "pydantic", "scipy", "shapely",
)  # fmt: skip
# What is told of a file's sidecar, and what it is called there.
SIDECAR_FIELDS = {"licence": "licence", "address": "address", "accessed": "time"}


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_files(folder: Path, *, suffixes: Iterable[str] = ()) -> dict[str, str]:
    """Hash the files below a folder.

    Parameters
    ----------
    folder : Path
    suffixes : iterable of str, optional
        Only files ending so; empty for all. Hidden files and compiled code are
        left out.

    Returns
    -------
    dict of path below the folder (with `/`) to SHA-256, sorted
    """
    wanted = tuple(suffixes)
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and (not wanted or path.suffix in wanted)
        and not any(_passed_over(part) for part in path.relative_to(folder).parts)
    ]
    return {path.relative_to(folder).as_posix(): sha256(path) for path in paths}


def _passed_over(part: str) -> bool:
    return part.startswith(".") or part == "__pycache__"


def hash_outputs(pack: Path) -> dict[str, dict[str, Any]]:
    """Hash and measure every file of a pack, apart from its manifest and its log."""
    files = sorted(path for path in pack.rglob("*") if path.is_file())
    return {
        name: {"sha256": sha256(path), "bytes": path.stat().st_size}
        for path in files
        if (name := path.relative_to(pack).as_posix()) not in (NAME, LOG)
    }


def describe_inputs(inputs: Iterable[Any]) -> list[dict[str, Any]]:
    """The raw files of a run (`sources.store.RawFile`): name, source, hash, licence, date."""
    described = []
    for raw in inputs:
        entry = {"name": raw.name, "source": raw.source, "sha256": raw.sha256, "bytes": raw.bytes}
        told = raw.sidecar or {}
        entry |= {key: told[name] for key, name in SIDECAR_FIELDS.items() if name in told}
        described.append(entry)
    return sorted(described, key=lambda entry: entry["name"])


def describe_code() -> dict[str, Any]:
    """The package and the libraries that made the pack, by version and by hash."""
    package = Path(lbbd_jsna.__file__).parent
    files = hash_files(package)
    joined = "".join(f"{name} {digest}\n" for name, digest in files.items())
    return {
        "lbbd_jsna": lbbd_jsna.__version__,
        "lbbd_jsna_sha256": hashlib.sha256(joined.encode("utf-8")).hexdigest(),
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
    }


def describe_reports(reports: Iterable[Report]) -> dict[str, Any]:
    """Which notebook made each report, with which parameters."""
    return {
        report.slug: {"notebook": f"{report.notebook}.ipynb", "parameters": dict(report.parameters)}
        for report in reports
    }


def write_manifest(pack: Path, manifest: Mapping[str, Any]) -> None:
    """Write `manifest.json`, keys sorted, whole or not at all."""
    text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)
    write_whole(pack / NAME, f"{text}\n".encode())


def read_manifest(pack: Path) -> dict[str, Any]:
    """Read the manifest of a pack.

    Raises
    ------
    RunError
        The folder holds no manifest, or one that cannot be read.
    """
    path = pack / NAME
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RunError(
            f"{pack} holds no {NAME}: it is not a pack made by this command; "
            "move it away or name another --outputs folder"
        ) from error
    except ValueError as error:
        raise RunError(f"{path} cannot be read ({error}); move {pack.name} away") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("outputs"), dict):
        raise RunError(f"{path} is not the manifest of a pack; move {pack.name} away")
    return manifest


def list_changes(old: Path, new: Path, new_outputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Say what differs between a standing pack and the one that revises it.

    Parameters
    ----------
    old, new : Path
        Folders of the two packs; the standing one is read from the disk.
    new_outputs : mapping
        `hash_outputs(new)`.

    Returns
    -------
    list of dict
        `output`, `change` (added, removed or changed) and, for a changed CSV
        table, `rows_changed`: rows of either version that the other lacks,
        the larger of the two counts.
    """
    before = hash_outputs(old)
    added, removed = new_outputs.keys() - before.keys(), before.keys() - new_outputs.keys()
    changes = [{"output": name, "change": "added"} for name in added]
    changes += [{"output": name, "change": "removed"} for name in removed]
    for name in before.keys() & new_outputs.keys():
        if before[name]["sha256"] != new_outputs[name]["sha256"]:
            change = {"output": name, "change": "changed"}
            if name.endswith(".csv"):
                change["rows_changed"] = _rows_changed(old / name, new / name)
            changes.append(change)
    return sorted(changes, key=lambda change: change["output"])


def _rows_changed(old: Path, new: Path) -> int:
    before, after = _rows(old), _rows(new)
    return max((before - after).total(), (after - before).total())


def _rows(table: Path) -> Counter[tuple[str, ...]]:
    with table.open(encoding="utf-8-sig", newline="") as file:
        return Counter(tuple(row) for row in csv.reader(file))

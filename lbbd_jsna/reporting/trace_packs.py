"""Whether the packs of a quarter were made from what a trace shows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import RunError
from lbbd_jsna.exhibits.wording import listed
from lbbd_jsna.reporting.manifest import hash_files, read_manifest
from lbbd_jsna.reporting.publish import list_packs
from lbbd_jsna.reporting.run import CATALOGUE_FILES
from lbbd_jsna.reporting.trace import Trace
from lbbd_jsna.workspace import Workspace

MOST_NAMED = 3


def pack_remarks(
    trace: Trace, workspace: Workspace, *, outputs: Path, catalogue_folder: Path
) -> tuple[str, ...]:
    """Say of each pack of the quarter whether it rests on the same files and prints the same.

    Parameters
    ----------
    trace : Trace
    workspace : Workspace
        The tables the trace was read from.
    outputs : Path
        Where packs are published; it need not exist.
    catalogue_folder : Path
        The catalogue as it is now.
    """
    packs = list_packs(outputs, workspace.quarter) if outputs.is_dir() else []
    if not packs:
        return (f"No pack of {workspace.quarter} is in {outputs.name}: nothing to compare with.",)
    return tuple(_remark(pack, trace, workspace, catalogue_folder) for pack in packs)


def _remark(pack: Path, trace: Trace, workspace: Workspace, catalogue_folder: Path) -> str:
    try:
        manifest = read_manifest(pack)
    except RunError as error:
        return f"Pack {pack.name}: {error.message}"
    theirs = {entry["name"]: entry["sha256"] for entry in manifest.get("inputs", ())}
    names = [file.state.name for file in trace.files]
    ours = {name: said.sha256 for name, said in workspace.files.items()}
    other = [name for name in names if theirs.get(name) != ours.get(name)]
    if other:
        shown = listed(other[:MOST_NAMED])
        said = f"made from another {shown}; what follows is not what it prints"
    else:
        said = "made from the same files (sha256)"
        if manifest.get("catalogue") != hash_files(catalogue_folder, suffixes=CATALOGUE_FILES):
            said += ", the catalogue has changed since"
        said += "".join(f"; {words}" for words in _printed(pack, trace, workspace.catalogue))
    return f"Pack {pack.name}: {said}."


def _printed(pack: Path, trace: Trace, catalogue: Catalogue) -> Iterator[str]:
    """What the pack's own table prints for each series of the trace."""
    name = f"{trace.page.outcome.id}-benchmarks.csv"
    table = pack / "tables" / name
    if not table.is_file():
        return
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["Measure"]: row for row in csv.DictReader(file) if row.get("Measure")}
    for series in trace.series:
        row = rows.get(series.indicator.title)
        if row is None:
            continue
        theirs, ours = row.get(catalogue.area.name, ""), series.figures[0].printed.get("Value", "")
        same = "" if theirs == ours else f", but this trace ends at {ours}"
        yield f"its {name} prints {theirs} for {series.indicator.title}{same}"

"""`jsna trace`: from a printed figure back to the file and row it came from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lbbd_jsna.cli.options import (
    CATALOGUE,
    OUTPUTS,
    PROCESSED,
    RAW,
    CatalogueFolder,
    Outputs,
    Processed,
    Today,
    current_quarter,
)
from lbbd_jsna.errors import RunError
from lbbd_jsna.quarters import PATTERN, Quarter

if TYPE_CHECKING:
    from lbbd_jsna.workspace import Workspace


def trace(
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help="The page, such as outcome-1.")],
    measure: Annotated[
        str,
        typer.Argument(
            metavar="MEASURE",
            help="The measure's id as the page gives it, or the id of an indicator on the page. "
            "Leave it out to be shown them.",
            show_default=False,
        ),
    ] = "",
    quarter: Annotated[
        str | None,
        typer.Option(
            help="Quarter. Default: the current one, or the newest with tables.",
            show_default=False,
        ),
    ] = None,
    wards: Annotated[bool, typer.Option("--wards", help="List each ward of a map.")] = False,
    extracts: Annotated[
        Path | None,
        typer.Option(
            help="Folder of raw extracts the tables were made from. Default: data/raw, or those "
            "of the demonstration.",
            show_default=False,
        ),
    ] = None,
    outputs: Outputs = OUTPUTS,
    processed: Processed = PROCESSED,
    catalogue: CatalogueFolder = CATALOGUE,
    today: Today = None,
) -> None:
    """Trace every figure a page prints for a measure to its file, row and cells.

    Shows for each the row of the tables, the row of the raw file as it stands, where and when
    the file was got, its hash and licence, and each step to the printed number. Withheld
    figures stay withheld.
    """
    from lbbd_jsna.catalogue import read_catalogue
    from lbbd_jsna.facts import Facts
    from lbbd_jsna.reporting.trace import trace_measure
    from lbbd_jsna.reporting.trace_packs import pack_remarks
    from lbbd_jsna.reporting.trace_text import trace_lines
    from lbbd_jsna.workspace import read_workspace

    read = read_catalogue(catalogue)
    chosen = _quarter(quarter, processed, today)
    workspace = read_workspace(processed / str(chosen), quarter=chosen, catalogue=read)
    raw = extracts or _raw(workspace, processed)
    traced = trace_measure(Facts(workspace), outcome, measure, raw=raw, wards=wards)
    packs = pack_remarks(traced, workspace, outputs=outputs, catalogue_folder=catalogue)
    lines = trace_lines(
        traced, quarter=str(chosen), demonstration=workspace.demonstration, packs=packs
    )
    # A screen of few letters shows a question mark for the others rather than an error.
    letters = sys.stdout.encoding or "utf-8"
    typer.echo("\n".join(lines).encode(letters, errors="replace").decode(letters))


def _quarter(given: str | None, processed: Path, today: str | None) -> Quarter:
    """The quarter asked for, else the current one if it has tables, else the newest with any."""
    if given:
        return Quarter.parse(given)
    current = current_quarter(today)
    made = [
        Quarter.parse(path.parent.name)
        for path in processed.glob("*/workspace.json")
        if PATTERN.fullmatch(path.parent.name)
    ]
    if not made:
        raise RunError(
            f"there are no tables in {processed} yet; make them with: jsna run {current}"
        )
    return current if current in made else max(made)


def _raw(workspace: Workspace, processed: Path) -> Path:
    """Where the extracts behind the tables stand when nobody says so."""
    if workspace.demonstration:
        made = processed / "demonstration-extracts" / str(workspace.quarter)
        return made if made.is_dir() else RAW
    return RAW

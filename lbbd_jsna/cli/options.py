"""What the commands have in common: their options, their screen and the clock.

The clock is read here and nowhere else.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import lbbd_jsna
from lbbd_jsna.errors import RunError
from lbbd_jsna.quarters import Quarter

PROJECT = Path(lbbd_jsna.__file__).resolve().parent.parent
NOTEBOOKS = PROJECT / "notebooks"
RAW = PROJECT / "data" / "raw"
OUTPUTS = PROJECT / "outputs"
PROCESSED = PROJECT / "data" / "processed"
CATALOGUE = PROJECT / "catalogue"

QuarterName = Annotated[
    str, typer.Argument(metavar="QUARTER", help="Financial year and quarter, such as 2026-27-Q3.")
]
Extracts = Annotated[
    Path | None,
    typer.Option(
        help="Folder of raw extracts. Default: data/raw; when that is empty, a demonstration "
        "with made-up figures is built and says so on every page."
    ),
]
Outputs = Annotated[
    Path, typer.Option(help="Folder where packs are published.", show_default="outputs")
]
Processed = Annotated[
    Path,
    typer.Option(help="Folder of the tables built on the way.", show_default="data/processed"),
]
CatalogueFolder = Annotated[
    Path, typer.Option("--catalogue", help="Folder of the catalogue.", show_default="catalogue")
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        help="Build only this report (outcome-3) or notebook (outcome); may be repeated. The "
        "result goes to QUARTER-draft and never touches the published pack."
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="Notebooks run at a time. Default: one for each processor."),
]
Today = Annotated[
    str | None,
    typer.Option(envvar="JSNA_TODAY", help="Day to take as today, such as 2026-11-21."),
]
Raw = Annotated[
    Path, typer.Option("--raw", help="Folder of raw extracts.", show_default="data/raw")
]


def today_or(given: str | None) -> dt.date:
    """The day given, such as `2026-11-21`, or today's."""
    try:
        return dt.date.fromisoformat(given) if given else dt.datetime.now(dt.UTC).date()
    except ValueError as error:
        raise RunError(f'"{given}" is not a date; write it like 2026-11-21') from error


def current_quarter(today: str | None) -> Quarter:
    """The quarter of the day given, or of today."""
    return Quarter.containing(today_or(today))


def terminal() -> Console:
    """Where a command writes what it has to say."""
    return Console(soft_wrap=True)

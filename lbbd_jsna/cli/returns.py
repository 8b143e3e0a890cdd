"""`jsna returns`: the forms that services and partners fill in, and what comes back."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from lbbd_jsna.cli.options import (
    CATALOGUE,
    OUTPUTS,
    RAW,
    CatalogueFolder,
    Raw,
    Today,
    current_quarter,
    terminal,
    today_or,
)
from lbbd_jsna.errors import ExtractError
from lbbd_jsna.quarters import Quarter

if TYPE_CHECKING:
    from lbbd_jsna.catalogue import Catalogue

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Make the forms for council returns and surveys, and check and keep what comes back.",
)
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Returns, CSV or .xlsx.")]
OfQuarter = Annotated[
    str | None,
    typer.Option(
        "--quarter", help="The quarter the returns are for. Default: the one in the file's name."
    ),
]


@app.command()
def templates(
    quarter: Annotated[
        str | None,
        typer.Argument(metavar="[QUARTER]", help="Such as 2026-27-Q3. Default: the current one."),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(help="Folder to write to.", show_default="outputs/returns/QUARTER"),
    ] = None,
    raw: Raw = RAW,
    catalogue: CatalogueFolder = CATALOGUE,
    today: Today = None,
) -> None:
    """Write a form for every measure that a service, a partner or a survey supplies.

    Each is written as CSV and as an Excel workbook with notes; README.txt says who fills in
    which. Forms that somebody has changed are never overwritten.
    """
    from lbbd_jsna.catalogue import read_catalogue
    from lbbd_jsna.disk import plain_disk_errors
    from lbbd_jsna.sources.returns.standing import newest_periods, standing_figures
    from lbbd_jsna.sources.returns.templates import write_templates

    wanted = Quarter.parse(quarter) if quarter else current_quarter(today)
    read = read_catalogue(catalogue)
    folder = to or OUTPUTS / "returns" / str(wanted)
    standing, notes = standing_figures(raw, catalogue=read)
    with plain_disk_errors("no form that stood there was changed"):
        files = write_templates(
            folder, catalogue=read, quarter=wanted, earlier=newest_periods(standing)
        )
    forms = _counted(len(files) // 2, "form")
    _say(
        *notes,
        f"{forms} for {wanted}, as CSV and for Excel, and README.txt are in {folder}.",
        "When they come back: jsna returns check FILE..., then jsna returns add FILE...",
    )


@app.command()
def check(
    files: Files,
    quarter: OfQuarter = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
    raw: Raw = RAW,
    catalogue: CatalogueFolder = CATALOGUE,
) -> None:
    """Read returns strictly and print everything that is wrong with them at once.

    Nothing is stored. Ends with 0 when every file is clean and with 1 when one is refused.
    Figures far from those of the last return are mentioned and are no fault.
    """
    from lbbd_jsna.catalogue import read_catalogue
    from lbbd_jsna.sources.returns.standing import standing_figures

    read = read_catalogue(catalogue)
    wanted = Quarter.parse(quarter) if quarter else None
    standing, notes = standing_figures(raw, catalogue=read)
    told = [_verdict(path, read, wanted, standing) for path in files]
    if as_json:
        typer.echo(json.dumps({"files": told}, indent=1))
        typer.echo("\n".join(notes), err=True, nl=bool(notes))
    else:
        _say(*notes)
        for one in told:
            _say(*_lines(one))
    if any(one["verdict"] != "clean" for one in told):
        raise typer.Exit(1)


@app.command()
def add(
    files: Files,
    quarter: OfQuarter = None,
    accept: Annotated[
        str | None,
        typer.Option(help='Who accepts the unusual figures, and why: "J. Day: service closed".'),
    ] = None,
    raw: Raw = RAW,
    catalogue: CatalogueFolder = CATALOGUE,
    today: Today = None,
) -> None:
    """Check returns and keep them, as received, in data/raw/returns/DATE.

    All of the files are kept or none. Each gets a sidecar: when it came, its hash, what was
    repaired, and who accepted what is unusual. A file that was accepted is never overwritten:
    a later one is put beside it and its figures take the place of the earlier ones.
    """
    from lbbd_jsna.catalogue import read_catalogue
    from lbbd_jsna.disk import plain_disk_errors
    from lbbd_jsna.sources.returns.keeping import add_returns

    read = read_catalogue(catalogue)
    with plain_disk_errors("nothing was stored"):
        added = add_returns(
            files,
            raw=raw,
            catalogue=read,
            quarter=Quarter.parse(quarter) if quarter else None,
            today=today_or(today),
            now=dt.datetime.now(dt.UTC),
            accept=accept,
        )
    _say(*(f"note: {note}" for note in added.notes))
    _say(*(f"accepted although unusual: {one}" for one in added.unusual))
    _say(*added.stored_before)
    if added.paths:
        _say(f"{_counted(len(added.paths), 'return')} stored in {added.paths[0].parent}")


def _verdict(path: Path, catalogue: Catalogue, quarter: Quarter | None, standing: object) -> dict:
    """What there is to say of one file, ready for JSON."""
    from lbbd_jsna.sources.returns.keeping import receive
    from lbbd_jsna.sources.returns.storing import called

    told = {"file": called(path), "verdict": "refused", "rows": 0, "notes": [], "warnings": []}
    try:
        received = receive(path, catalogue=catalogue, quarter=quarter, standing=standing)
    except ExtractError as error:
        return told | {"faults": [_fault(fault, called(path)) for fault in error.faults]}
    return told | {
        "verdict": "clean",
        "rows": len(received.table),
        "notes": received.notes,
        "warnings": [str(one) for one in received.unusual],
        "faults": [],
    }


def _fault(fault: object, file: str) -> dict:
    """A fault taken apart; one without a place is the whole file's."""
    return {
        "file": getattr(fault, "file", file),
        "row": getattr(fault, "row", 0),
        "column": getattr(fault, "column", ""),
        "value": getattr(fault, "value", ""),
        "rule": getattr(fault, "rule", ""),
        "found": fault.found,
        "expected": fault.expected,
        "todo": fault.todo,
        "text": str(fault),
    }


def _lines(told: dict) -> list[str]:
    """What is printed of one file, its name said once."""
    faults = [f"  - {_without(fault['text'], told['file'])}" for fault in told["faults"]]
    if told["verdict"] == "clean":
        first = f"{told['file']}: clean, {_counted(told['rows'], 'row')}"
    else:
        first = f"{told['file']}: refused, {_counted(len(faults), 'fault')}"
    notes = [f"  note: {_without(note, told['file'])}" for note in told["notes"]]
    warnings = [f"  unusual: {_without(one, told['file'])}" for one in told["warnings"]]
    return [first, *faults, *notes, *warnings]


def _without(text: str, file: str) -> str:
    return text.removeprefix(file).lstrip(",: ") if text.startswith(file) else text


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _say(*lines: str) -> None:
    """Print lines, with nothing in them that a terminal would obey."""
    screen: Console = terminal()
    for line in lines:
        plain = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)
        screen.print(escape(plain), highlight=False, soft_wrap=True)

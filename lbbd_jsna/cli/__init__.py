"""The `jsna` command.

A fault a person can mend is printed in plain words; anything else is a bug and
keeps its traceback, without the values of its variables, which could be
somebody's figures.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

import lbbd_jsna
from lbbd_jsna.cli import fetch, packs, returns, trace
from lbbd_jsna.errors import JsnaError

app = typer.Typer(
    name="jsna",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Make the quarterly JSNA performance reports from published and council data.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"jsna {lbbd_jsna.__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Make the quarterly JSNA performance reports from published and council data."""


app.command()(fetch.fetch)
app.add_typer(returns.app, name="returns")
app.command()(packs.run)
app.command()(packs.report)
app.command("list")(packs.list_all)
app.command()(trace.trace)
app.command()(packs.verify)
app.command()(packs.demo)
app.add_typer(packs.catalogue_app, name="catalogue")


def main() -> None:
    """Run the command; print what a person can mend without a traceback."""
    try:
        app(prog_name="jsna")
    except JsnaError as error:
        sys.stdout.flush()
        Console(stderr=True, soft_wrap=True).print(escape(str(error)), highlight=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(130)

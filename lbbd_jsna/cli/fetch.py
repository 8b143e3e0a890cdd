"""`jsna fetch`: bring what is published."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from lbbd_jsna.cli.options import (
    CATALOGUE,
    PROCESSED,
    RAW,
    CatalogueFolder,
    Processed,
    Raw,
    Today,
    current_quarter,
    terminal,
    today_or,
)
from lbbd_jsna.quarters import Quarter

if TYPE_CHECKING:
    from lbbd_jsna.fetching.fetch import FetchResult, Received

OnlySource = Annotated[
    list[str] | None,
    typer.Option(
        help="Fetch only from this source: fingertips, open-geography, nomis or dfe; may be "
        "repeated."
    ),
]


def fetch(
    quarter: Annotated[
        str | None,
        typer.Argument(
            metavar="[QUARTER]", help="The quarter to build afterwards. Default: the current one."
        ),
    ] = None,
    only: OnlySource = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say what is new; download no data.")
    ] = False,
    raw: Raw = RAW,
    catalogue: CatalogueFolder = CATALOGUE,
    processed: Processed = PROCESSED,
    today: Today = None,
) -> None:
    """Bring every published series of the catalogue into data/raw.

    Files are kept as received, with a sidecar each, in data/raw/SOURCE/DATE. What was received
    today is not asked for again, and a fetch that was stopped carries on. Whatever cannot be
    received or accepted leaves the last good copy in use.

    Ends with 0 when all was received, 3 when something was not, and 1 when the catalogue asks
    for the wrong thing.
    """
    from lbbd_jsna.catalogue import read_catalogue
    from lbbd_jsna.fetching.fetch import check_all, fetch_all

    wanted = Quarter.parse(quarter) if quarter else current_quarter(today)
    read, day, screen = read_catalogue(catalogue), today_or(today), terminal()
    if check:
        for title, news in check_all(raw=raw, catalogue=read, only=only or (), today=day).items():
            for one in news:
                detail = f": {one.detail}" if one.detail else ""
                _say(screen, f"{title}, {one.what}: {one.state}{detail}")
        return
    result = fetch_all(
        raw=raw,
        catalogue=read,
        processed=processed,
        only=only or (),
        today=day,
        now=dt.datetime.combine(day, dt.datetime.now(dt.UTC).timetz()),
        console=screen,
    )
    for line in summary(result, wanted):
        _say(screen, line)
    _explain(result)
    if result.exit_code:
        raise typer.Exit(result.exit_code)


def _say(screen: Console, line: str) -> None:
    screen.print(escape(line), highlight=False, soft_wrap=True)


def summary(result: FetchResult, quarter: Quarter) -> list[str]:
    """What a fetch ends with on the terminal."""
    lines = [line for one in result.sources for line in _source(one)]
    if result.changes:
        lines.append(f"What changed in the figures is in {result.changes}")
    if any(one.files or one.already for one in result.sources):
        lines.append(f"Build the pack from what stands: jsna run {quarter}")
    return lines


def _source(one: Received) -> Iterator[str]:
    parts = [f"{_files(len(one.files))}, {one.bytes:,} bytes"] if one.files else []
    parts += [f"{_files(one.already)} already received today"] if one.already else []
    nothing = "nothing received" if one.wanted else "the catalogue names nothing of it"
    yield f"{one.title}: {'; '.join(parts) or nothing}"
    for refusal, day in one.refusals if one.error is None else ():
        told = "" if "copy stands" in refusal.why or "earlier copy" in refusal.why else _stands(day)
        yield f"  not received: {refusal.what}: {refusal.why}{told and f'; {told}'}"
    for note in one.notes:
        yield f"  note: {note}"


def _explain(result: FetchResult) -> None:
    """Say, apart, for which sources the catalogue asks for the wrong thing."""
    sys.stdout.flush()
    for one in result.sources:
        if one.error is not None:
            day = one.refusals[-1][1] if one.refusals else ""
            named = one.title in one.error.message
            told = str(one.error) if named else f"{one.title}: {one.error}"
            _say(
                Console(stderr=True, soft_wrap=True),
                f"{told}\nNothing of it was accepted; {_stands(day)}.",
            )


def _stands(day: str) -> str:
    return f"the last good copy stands, of {day}" if day else "there is no earlier copy"


def _files(number: int) -> str:
    return f"{number} file" + ("" if number == 1 else "s")

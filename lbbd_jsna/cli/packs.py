"""The commands that build, list and check packs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from lbbd_jsna.cli.options import (
    CATALOGUE,
    NOTEBOOKS,
    OUTPUTS,
    PROCESSED,
    RAW,
    CatalogueFolder,
    Extracts,
    Only,
    Outputs,
    Processed,
    QuarterName,
    Today,
    Workers,
    current_quarter,
    terminal,
)
from lbbd_jsna.errors import RunError
from lbbd_jsna.quarters import Quarter

catalogue_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Look after the catalogue of measures."
)


def run(
    quarter: QuarterName,
    extracts: Extracts = None,
    outputs: Outputs = OUTPUTS,
    processed: Processed = PROCESSED,
    catalogue: CatalogueFolder = CATALOGUE,
    only: Only = None,
    workers: Workers = None,
) -> None:
    """Build the pack of a quarter and publish it.

    Checks the catalogue and every parameter, reads the extracts, runs the notebooks, makes the
    pages, and publishes all of them at once in OUTPUTS/QUARTER. If anything is wrong, the last
    good pack stays as it was.

    Published real figures are never overwritten: a pack that differs goes to QUARTER-r1 and its
    manifest says what changed. A demonstration is replaced.
    """
    _run(Quarter.parse(quarter), extracts, outputs, processed, catalogue, only, workers)


def report(
    extracts: Extracts = None,
    outputs: Outputs = OUTPUTS,
    processed: Processed = PROCESSED,
    catalogue: CatalogueFolder = CATALOGUE,
    workers: Workers = None,
    today: Today = None,
) -> None:
    """Build the pack of the current quarter: `run` with the quarter of today's date."""
    _run(current_quarter(today), extracts, outputs, processed, catalogue, None, workers)


def demo(
    folder: Annotated[Path, typer.Argument(help="New or empty folder to write to.")],
    quarter: Annotated[
        str | None, typer.Option(help="Quarter to make them for. Default: the current one.")
    ] = None,
    catalogue: CatalogueFolder = CATALOGUE,
) -> None:
    """Write demonstration extracts: made-up figures in the shape of the real ones."""
    from lbbd_jsna.catalogue import read_catalogue
    from lbbd_jsna.disk import plain_disk_errors
    from lbbd_jsna.sources.demonstration import write_demonstration

    wanted = Quarter.parse(quarter) if quarter else current_quarter(None)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RunError(f"{folder} exists and is not an empty folder; name a new one")
    read = read_catalogue(catalogue)
    with plain_disk_errors():
        files = write_demonstration(
            folder, catalogue=read, quarter=wanted, calibration=catalogue / "demonstration.csv"
        )
    terminal().print(
        f"{len(files)} files of made-up figures for {wanted} are in {escape(str(folder))}.\n"
        f"Build a pack from them: jsna run {wanted} --extracts {escape(str(folder))}"
    )


def list_all(outputs: Outputs = OUTPUTS, catalogue: CatalogueFolder = CATALOGUE) -> None:
    """List the reports a pack holds and the packs that have been built."""
    from lbbd_jsna.catalogue import read_catalogue
    from lbbd_jsna.catalogue.slugs import ward_slug
    from lbbd_jsna.reporting.manifest import NAME, read_manifest

    read = read_catalogue(catalogue)
    screen = terminal()
    screen.print("Reports (for --only):")
    titles = {"board": "What the board should look at first",
              "wards": "All wards at a glance",
              "coverage": "Every measure: what there is, and what is missing"}  # fmt: skip
    titles |= {slug: outcome.title for slug, outcome in read.outcomes.items()}
    wards = read.wards(read.settings.ward_vintage)
    titles |= {ward_slug(code): f"{name} ward" for code, name in wards.items()}
    for slug, title in titles.items():
        screen.print(f"  {slug:<16} {escape(title)}")
    packs = sorted(path.parent for path in outputs.glob(f"[0-9]*/{NAME}"))
    screen.print(f"Packs in {escape(str(outputs))}:" if packs else "No packs have been built yet.")
    for pack in packs:
        told = read_manifest(pack)
        kind = "demonstration, not real figures" if told["demonstration"] else "real figures"
        screen.print(f"  {pack.name:<18} {kind}, {_reports(len(told['reports']))}")


def verify(quarter: QuarterName, outputs: Outputs = OUTPUTS) -> None:
    """Check that the packs of a quarter are as they were published, byte for byte.

    Checks the ledger of releases beside them too: no line of it may be changed or missing.
    Back it up with the packs, since it cannot be made again.
    """
    from lbbd_jsna.reporting.publish import list_packs, verify_pack
    from lbbd_jsna.reporting.releases import LEDGER, ledger_faults

    packs = list_packs(outputs, Quarter.parse(quarter))
    if not packs:
        raise RunError(f"there is no pack of {quarter} in {outputs}")
    faults = [fault for pack in packs for fault in verify_pack(pack)]
    faults += ledger_faults(outputs)
    if faults:
        raise RunError("a pack or the ledger is not as it was published", faults)
    for pack in packs:
        terminal().print(f"{escape(str(pack))} is as it was published.")
    if (outputs / LEDGER).exists():
        terminal().print(f"{escape(str(outputs / LEDGER))} holds every release of every pack.")


@catalogue_app.command("check")
def check_catalogue(catalogue: CatalogueFolder = CATALOGUE) -> None:
    """Check every file of the catalogue and list every fault at once."""
    from lbbd_jsna.catalogue import read_catalogue

    read = read_catalogue(catalogue)
    measures = sum(len(strategy.measures) for strategy in read.strategies)
    terminal().print(
        f"The catalogue is sound: {len(read.strategies)} strategies, {len(read.outcomes)} "
        f"outcomes, {measures} measures and targets, {len(read.indicators)} indicators."
    )


def _run(
    quarter: Quarter,
    extracts: Path | None,
    outputs: Path,
    processed: Path,
    catalogue: Path,
    only: list[str] | None,
    workers: int | None,
) -> None:
    from lbbd_jsna.reporting.run import run_pack

    screen = terminal()
    source = extracts or (RAW if _holds_extracts(RAW) else None)
    if source is None:
        screen.print(
            "data/raw holds no extracts, so this pack is a demonstration: "
            "its figures are made up and every page says so."
        )
    result = run_pack(
        quarter,
        extracts=source,
        outputs=outputs,
        processed=processed,
        catalogue_folder=catalogue,
        notebooks=NOTEBOOKS,
        only=only or (),
        workers=workers,
        console=screen,
    )
    for line in summary(result):
        screen.print(escape(line), highlight=False, soft_wrap=True)


def summary(result: object) -> list[str]:
    """What a run ends with on the terminal."""
    published, folder = result.published, result.published.folder
    how = {
        "new": f"Published {folder.name}",
        "unchanged": f"{folder.name} is unchanged: the same inputs gave the same pack",
        "replaced": f"Published {folder.name} in place of the demonstration that stood there",
        "revision": f"The figures differ from those published, which stay as they are: this pack "
        f"is the revision {folder.name} ({_changes(published.changes)})",
        "draft": f"Built a draft, {folder.name}; the published pack was not touched",
    }[published.how]
    lines = [f"{how}. {_reports(result.reports)} in {result.seconds:.0f} seconds."]
    if result.notes:
        lines.append(f"{len(result.notes)} notes on the extracts are in run.log.")
    if result.demonstration:
        lines.append("DEMONSTRATION: the figures in this pack are made up. They are not real.")
    lines.append(f"Open {folder / 'index.html'}")
    return lines


def _reports(number: int) -> str:
    return f"{number} report" + ("" if number == 1 else "s")


def _changes(changes: tuple[dict, ...]) -> str:
    kinds = [change["change"] for change in changes]
    rows = sum(change.get("rows_changed", 0) for change in changes)
    counts = [f"{kinds.count(kind)} {kind}" for kind in ("added", "removed", "changed")
              if kind in kinds]  # fmt: skip
    return "files " + ", ".join(counts) + (f"; {rows} table rows changed" if rows else "")


def _holds_extracts(folder: Path) -> bool:
    from lbbd_jsna.sources.store import find_extracts

    return folder.is_dir() and bool(find_extracts(folder))

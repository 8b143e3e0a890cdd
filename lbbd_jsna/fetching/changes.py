"""What a fetch changed: rows added, gone and revised, so that no revision upstream is silent."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import ExtractError
from lbbd_jsna.exhibits.wording import listed
from lbbd_jsna.fetching.revisions import (
    MOST_PERIODS,
    MOST_PLACES,
    find_revisions,
    revision_words,
)
from lbbd_jsna.reporting.downloads import guarded
from lbbd_jsna.schema import KEY, as_observations, empty_observations
from lbbd_jsna.sources.csv_files import counted
from lbbd_jsna.sources.extracts import TABLES
from lbbd_jsna.sources.newest import newest_only
from lbbd_jsna.sources.repeats import drop_repeats
from lbbd_jsna.sources.store import find_extracts

NARROW = 100
FIRST = "received for the first time"
MOST_FIRST = 5
HEADINGS = {
    "indicator": "Indicator",
    "rows_added": "Rows added",
    "rows_gone": "Rows gone",
    "rows_revised": "Rows revised",
    "new_periods": "New periods",
    "largest_area": "Largest revision: area",
    "largest_period": "Largest revision: period",
    "largest_from": "Largest revision: from",
    "largest_to": "Largest revision: to",
    "words": "What changed",
}


@dataclass(frozen=True)
class Change:
    """What changed in one indicator.

    Parameters
    ----------
    indicator : str
    rows_added, rows_gone, rows_revised : int
        Rows of an area and period that are new, are no longer there, or say something else.
    new_periods : str
        Periods no row had before, oldest first, parted by `; `.
    largest_area, largest_period : str
        Where a published value moved furthest; empty when none moved.
    largest_from, largest_to : float
        That value before and after, in the indicator's unit; nan when none moved.
    words : str
        All of it in a line for an analyst. A value that is now withheld is never in it.
    """

    indicator: str
    rows_added: int
    rows_gone: int
    rows_revised: int
    new_periods: str
    largest_area: str
    largest_period: str
    largest_from: float
    largest_to: float
    words: str


TYPES = {field.name: field.type for field in fields(Change)}


def read_standing(raw: Path, source: str, *, catalogue: Catalogue) -> pd.DataFrame:
    """Read the figures of one published source as `data/raw` stands now.

    Parameters
    ----------
    raw : Path
        The folder of raw extracts; it need not exist yet.
    source : str
        `fingertips`, `nomis` or `dfe`.
    catalogue : Catalogue

    Returns
    -------
    DataFrame
        Columns `schema.OBSERVATIONS`; no rows where nothing has been received.

    Raises
    ------
    ExtractError
        A standing file cannot be read.
    """
    files = [file for file in find_extracts(raw) if file.source == source] if raw.is_dir() else []
    tables = []
    for file in files:
        table, _ = TABLES[source](file.path, name=file.name, catalogue=catalogue)
        tables += [(file, table)] if len(table) else []
    if not tables:
        return empty_observations()
    newest, _ = newest_only(tables, catalogue=catalogue)
    standing, _, faults = drop_repeats(newest)
    if faults:
        raise ExtractError("two extracts contradict each other", faults)
    return as_observations(standing)


def record_changes(
    before: pd.DataFrame, after: pd.DataFrame, *, catalogue: Catalogue
) -> pd.DataFrame:
    """Set the figures that stood before a fetch against those that stand after it.

    A figure is revised when its value or a limit of its interval moved by more than half a
    unit of the last digit the indicator prints, or so that the page prints another number;
    its count or denominator by more than half; or when a blank was filled, a figure blanked,
    or the status became another.

    Parameters
    ----------
    before, after : DataFrame
        Columns `schema.OBSERVATIONS`, as `read_standing` gives them.
    catalogue : Catalogue
        Says how many decimals an indicator prints.

    Returns
    -------
    DataFrame
        One row an indicator that changed, sorted; the columns are those of `Change`.
    """
    names = sorted(set(before["indicator"]) | set(after["indicator"]))
    old, new = (dict(iter(table.groupby("indicator"))) for table in (before, after))
    none = empty_observations()
    found = []
    for name in names:
        change = _change(name, old.get(name, none), new.get(name, none), catalogue)
        found += [change] if change else []
    table = pd.DataFrame([asdict(change) for change in found], columns=list(TYPES))
    return table.astype(TYPES)


def changes_table(changes: pd.DataFrame) -> Table:
    """The changes as a table for a terminal."""
    table = Table(title="What changed", title_justify="left", expand=False)
    table.add_column("Indicator", overflow="fold")
    for heading in ("Added", "Gone", "Revised"):
        table.add_column(heading, justify="right")
    table.add_column("What changed", overflow="fold")
    for row in changes.itertuples():
        counts = (f"{n:,}" for n in (row.rows_added, row.rows_gone, row.rows_revised))
        table.add_row(row.indicator, *counts, row.words)
    return table


def change_lines(changes: pd.DataFrame) -> list[str]:
    """The changes as lines of text: one an indicator, those that are new to us together."""
    first = changes["words"].str.startswith(FIRST)
    lines = [f"{row.indicator}: {row.words}" for row in changes[~first].itertuples()]
    if first.any():
        names = changes.loc[first, "indicator"]
        shown = ", ".join(names[:MOST_FIRST])
        more = f" and {len(names) - MOST_FIRST} more" if len(names) > MOST_FIRST else ""
        lines.append(f"{len(names):,} series {FIRST}: {shown}{more}")
    return lines


def show_changes(changes: pd.DataFrame, console: Console) -> None:
    """Print the changes: a table where there is room for one, else lines."""
    if changes.empty:
        console.print("Nothing changed in the figures that stand.", highlight=False)
    elif console.is_terminal and console.width >= NARROW:
        console.print(changes_table(changes), markup=False, highlight=False, soft_wrap=False)
    else:
        for line in change_lines(changes):
            console.print(line, markup=False, highlight=False)


def write_changes(changes: pd.DataFrame, path: Path) -> Path:
    """Write the changes as CSV, for the analyst's spreadsheet and for the record.

    Parameters
    ----------
    changes : DataFrame
        Of `record_changes`.
    path : Path
        Such as `data/processed/changes/2026-11-22.csv`. Where it stands already with other
        content (a second fetch on one day), the next free name (`2026-11-22-02.csv`) is taken.

    Returns
    -------
    Path
        The file that holds these changes.
    """
    content = _csv(changes).encode("utf-8-sig")
    path.parent.mkdir(parents=True, exist_ok=True)
    target, number = path, 1
    while target.exists() and target.read_bytes() != content:
        number += 1
        target = path.with_name(f"{path.stem}-{number:02d}{path.suffix}")
    part = target.with_name(f".{target.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(target)
    return target


def _csv(changes: pd.DataFrame) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(HEADINGS.values())
    for row in changes[list(HEADINGS)].itertuples(index=False):
        writer.writerow([guarded(_cell(value)) for value in row])
    return written.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.10g}"
    return str(value)


def _change(
    name: str, old: pd.DataFrame, new: pd.DataFrame, catalogue: Catalogue
) -> Change | None:
    """What changed in one indicator, or None."""
    both = old.merge(new, on=list(KEY), suffixes=("_old", "_new"), validate="one_to_one")
    indicator = catalogue.indicators[name]
    found = find_revisions(both, decimals=indicator.decimals)
    added, gone, revised = len(new) - len(both), len(old) - len(both), len(found.rows)
    if not (added or gone or revised):
        return None
    largest = found.largest
    said = revision_words(found, catalogue=catalogue, indicator=indicator)
    words = [*_row_words(old, new), *said]
    return Change(
        indicator=name,
        rows_added=added,
        rows_gone=gone,
        rows_revised=revised,
        new_periods="; ".join(_periods(new, old)),
        largest_area=largest.area if largest else "",
        largest_period=largest.period if largest else "",
        largest_from=largest.old if largest else math.nan,
        largest_to=largest.new if largest else math.nan,
        words="; ".join(words),
    )


def _row_words(old: pd.DataFrame, new: pd.DataFrame) -> Iterator[str]:
    """Rows that came and went: whole periods by name, else how many."""
    if old.empty or new.empty:
        first = f"{FIRST}, {counted(len(new), 'row')}"
        yield first if old.empty else f"no row any longer; {counted(len(old), 'row')} stood before"
        return
    yield from _named("new period", _periods(new, old))
    yield from _named("period gone", _periods(old, new), "periods gone")
    for rows, others, what in ((new, old, "added to"), (old, new, "gone from")):
        single = _only_in(rows[rows["period"].isin(others["period"])], others)
        if len(single):
            places = dict.fromkeys(zip(single["area_name"], single["period"], strict=True))
            names = listed([" ".join(place) for place in places])
            where = f": {names}" if len(places) <= MOST_PLACES else ""
            yield f"{counted(len(single), 'row')} {what} a period that stands{where}"


def _only_in(rows: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Rows whose key the others lack."""
    known = pd.MultiIndex.from_frame(others[list(KEY)])
    return rows[~pd.MultiIndex.from_frame(rows[list(KEY)]).isin(known)]


def _periods(rows: pd.DataFrame, others: pd.DataFrame) -> list[str]:
    """Periods that some rows have and others lack, oldest first."""
    fresh = rows[~rows["period"].isin(others["period"])]
    return list(dict.fromkeys(fresh.sort_values(["period_end", "period_start"])["period"]))


def _named(what: str, periods: list[str], several: str = "") -> Iterator[str]:
    several = several or f"{what}s"
    if len(periods) > MOST_PERIODS:
        yield f"{len(periods)} {several}, {periods[0]} to {periods[-1]}"
    elif periods:
        yield f"{what if len(periods) == 1 else several} {listed(periods)}"

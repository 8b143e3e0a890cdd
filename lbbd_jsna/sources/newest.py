"""Which of several extracts stands, where they hold the same series."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.sources.csv_files import counted
from lbbd_jsna.sources.series import successor_rows
from lbbd_jsna.sources.store import RawFile, order_of

RETURNS = "returns"
_SERIES = ["indicator", "area_type"]


def newest_only(
    tables: Sequence[tuple[RawFile, pd.DataFrame]], *, catalogue: Catalogue
) -> tuple[pd.DataFrame, list[str]]:
    """Put tables of several files together; of a series in files of two dates, the newest.

    A published file brings a series whole, so that of each indicator and type of area only the
    rows of the newest date stand: what the publisher has withdrawn or revised since is gone.
    A return brings a quarter or a year, so there it is each indicator, type of area and
    period. Files without a date are the oldest. Where the id that took the place of a series
    stands beside the id it had, in files of one date, the rows of the new id stand.

    Parameters
    ----------
    tables : sequence of (RawFile, DataFrame)
        Each with the columns `schema.OBSERVATIONS`; not all empty.
    catalogue : Catalogue
        Says which ids took the place of others.

    Returns
    -------
    DataFrame, list of str
        The rows that stand, in the order of the files; two files of one date may repeat or
        contradict each other still. Then a note for each file of which rows gave way.
    """
    dates = sorted({raw.date for raw, _ in tables}, key=order_of)
    ages = {raw.name: dates.index(raw.date) for raw, _ in tables}
    kinds = {raw.name: raw.source for raw, _ in tables}
    table = pd.concat([table for _, table in tables], ignore_index=True)
    age = table["source_file"].map(ages)
    returned = table["source_file"].map(kinds) == RETURNS
    period = table["period"].where(returned, "")
    newest = age.groupby([*(table[c] for c in _SERIES), returned, period]).transform("max")
    stands = age == newest
    notes = _gave_way(table.assign(_returned=returned, _period=period), stands)
    table = table[stands]
    if table["source_file"].nunique() > 1:
        table, more = _successors_only(table, catalogue)
        notes += more
    return table.reset_index(drop=True), notes


def _gave_way(table: pd.DataFrame, stands: pd.Series) -> list[str]:
    """A note for each file of which rows gave way, with the files that took their place."""
    if stands.all():
        return []
    kind = [*_SERIES, "_returned", "_period"]
    newer = table[stands].drop_duplicates([*kind, "source_file"]).set_index(kind)["source_file"]
    notes = []
    for name, rows in table[~stands].groupby("source_file", sort=True):
        places = pd.MultiIndex.from_frame(rows[kind].drop_duplicates())
        names = ", ".join(sorted(newer[newer.index.isin(places)].unique()))
        verb = "gives" if len(rows) == 1 else "give"
        notes.append(f"{name}: {counted(len(rows), 'row')} {verb} way to newer ones in {names}")
    return notes


def _successors_only(
    table: pd.DataFrame, catalogue: Catalogue
) -> tuple[pd.DataFrame, list[str]]:
    """Drop rows of an id beside which the id that took its place stands."""
    notes = []
    for name in sorted(set(table["indicator"])):
        indicator: Indicator = catalogue.indicators[name]
        rows = table[table["indicator"] == name] if indicator.superseded_by else table.iloc[:0]
        kept, note = successor_rows(rows, indicator)
        table = table.drop(index=rows.index.difference(kept.index))
        notes += note
    return table, notes

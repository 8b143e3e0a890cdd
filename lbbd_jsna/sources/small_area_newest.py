"""Which of several files of small areas stands, where they hold the same table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lbbd_jsna.errors import Fault
from lbbd_jsna.sources.store import RawFile, order_of

_ORIGIN = ["source_file", "source_row"]


@dataclass(frozen=True)
class Found:
    """A table of a file, and what it is of: tables of one key take each other's place."""

    raw: RawFile
    key: str
    table: pd.DataFrame


def newest(found: Sequence[Found]) -> tuple[dict[str, pd.DataFrame], list[str], list[Fault]]:
    """Of each key, the table of the newest date.

    A published file brings a table whole, so that all of an older one gives way. Files
    without a date are the oldest.

    Parameters
    ----------
    found : sequence of Found

    Returns
    -------
    dict of str to DataFrame, list of str, list of Fault
        The tables that stand; a note for each that gave way or came twice alike; a fault for
        each that says something else than another of its date.
    """
    tables: dict[str, pd.DataFrame] = {}
    notes, faults = [], []
    for key in sorted({one.key for one in found}):
        group = [one for one in found if one.key == key]
        last = max(order_of(one.raw.date) for one in group)
        first, *others = [one for one in group if order_of(one.raw.date) == last]
        tables[key] = first.table.reset_index(drop=True)
        for one in group:
            if order_of(one.raw.date) != last:
                notes.append(f"{one.raw.name}: {key} gives way to newer in {first.raw.name}")
        for one in others:
            if _same(first.table, one.table):
                notes.append(f"{one.raw.name}: {key} is in {first.raw.name} too; kept once")
            else:
                said = f"another {key} than in {first.raw.name}"
                faults.append(Fault(one.raw.name, said, "one of them", "remove the wrong one"))
    return tables, notes, faults


def _same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables say the same, wherever they say it."""
    columns = [column for column in one.columns if column not in _ORIGIN]
    plain = [table.reindex(columns=columns).reset_index(drop=True) for table in (one, other)]
    return plain[0].equals(plain[1])

"""Checks of `live.yml` against the indicators that rest on its tables and data sets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lbbd_jsna.catalogue.files import unknown
from lbbd_jsna.catalogue.live import Live
from lbbd_jsna.catalogue.models import Indicator
from lbbd_jsna.catalogue.names import Names
from lbbd_jsna.errors import Fault, nearest

LIVE = "live.yml"
# What the reader of each source takes of `columns`, and what it must have of them.
PARTS = {"nomis": ("value", "denominator"), "dfe": ("value", "count", "denominator")}
NEEDED = {"nomis": ("value", "denominator"), "dfe": ("value",)}
# The forms of what pins a data set, and their names.
PINS = {
    "id": (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "five groups of 0 to 9 and a to f"),
    "version": (r"[0-9]+(\.[0-9]+){0,2}", "a version such as 1.0"),
}


def table_faults(
    indicators: Mapping[str, Indicator], live: Live | None, names: Names
) -> Iterator[Fault]:
    """Every table named is in `live.yml`, and its indicator has what its reader needs."""
    if live is None:
        return
    for source, tables in live.tables.items():
        for series in indicators.values():
            if series.source == source:
                yield from _series_faults(series, tables, names)
    yield from _pin_faults(live, names)


def _series_faults(
    series: Indicator, tables: Mapping[str, object], names: Names
) -> Iterator[Fault]:
    where = names.where("indicator", series.id, "source_id")
    source = series.source
    if not series.source_id:
        for key in ("pick", "columns"):
            if getattr(series, key):
                place = names.where("indicator", series.id, key)
                todo = "say which table of live.yml in source_id, or leave it out"
                yield Fault(place, "given without a source_id", todo=todo)
        return
    yield from unknown(where, [series.source_id], tables, f"table of {source} in {LIVE}")
    place = names.where("indicator", series.id, "columns")
    for part in series.columns:
        if part not in PARTS[source]:
            yield Fault(place, f'unknown figure "{part}"', todo=nearest(part, PARTS[source]))
    if not set(series.columns) & set(NEEDED[source]):
        yield Fault(place, "empty", f"the column of its {' or '.join(NEEDED[source])}")
    if source == "nomis" and not series.pick:
        yield Fault(names.where("indicator", series.id, "pick"), "empty", "the rows it is made of")


def _pin_faults(live: Live, names: Names) -> Iterator[Fault]:
    for key, data_set in live.dfe.data_sets.items():
        for part, (form, expected) in PINS.items():
            found = getattr(data_set, part)
            if found and not re.fullmatch(form, found):
                yield Fault(_where(key, names, part), f'"{found[:60]}"', expected)


def _where(key: str, names: Names, part: str) -> str:
    line = names.reader.trees[LIVE].line(("dfe", "data_sets", key, part))
    return names.reader.where(LIVE, line, key, part)

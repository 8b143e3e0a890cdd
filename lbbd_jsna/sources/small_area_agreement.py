"""Which LSOAs each table of small areas holds, and whether the tables agree on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from lbbd_jsna.errors import Fault

MOST_NAMED = 5

# A vintage, what to call the table, and its LSOAs.
Held = tuple[str, str, set[str]]


def lsoas_held(
    population: pd.DataFrame | None,
    deprivation: pd.DataFrame | None,
    lookups: Mapping[str, pd.DataFrame],
    boundaries: Mapping[str, pd.DataFrame],
) -> Iterator[Held]:
    """The LSOAs of each table.

    Parameters
    ----------
    population, deprivation, lookups, boundaries
        As `small_areas.SmallAreas` has them.

    Yields
    ------
    str, str, set of str
        A vintage, what to call the table in a message, and its codes.
    """
    if population is not None:
        for (vintage, year), rows in population.groupby(["vintage", "year"]):
            yield vintage, f"people of {year}", set(rows["lsoa"])
    if deprivation is not None:
        for (vintage, measure), rows in deprivation.groupby(["vintage", "measure"]):
            yield vintage, f"deprivation, {measure}", set(rows["lsoa"])
    for key, table in lookups.items():
        yield f"20{key[4:6]}", f"lookup {key}", set(table["from_code"])
        if key == "lsoa11-lsoa21":
            yield "2021", f"lookup {key}", set(table["to_code"])
    for vintage, shapes in boundaries.items():
        yield vintage, f"shapes of the LSOAs of {vintage}", set(shapes["code"])


def area_faults(held: Iterable[Held]) -> list[Fault]:
    """Find tables of one vintage that do not hold the same LSOAs.

    Parameters
    ----------
    held : iterable of (str, str, set of str)
        What `lsoas_held` yields.

    Returns
    -------
    list of Fault
        One for each table whose LSOAs are not those of the first of its vintage: of a row
        dropped on the way from LSOAs to wards nobody would hear.
    """
    faults = []
    first: dict[str, tuple[str, set[str]]] = {}
    for vintage, name, codes in held:
        other, expected = first.setdefault(vintage, (name, codes))
        parts = (("lacks", expected - codes), ("has besides", codes - expected))
        said = [f"{words} {_named(which)}" for words, which in parts if which]
        if said:
            faults.append(Fault(name, "; ".join(said), f"the LSOAs of {vintage} in {other}"))
    return faults


def _named(codes: set[str]) -> str:
    more = f" and {len(codes) - MOST_NAMED} more" if len(codes) > MOST_NAMED else ""
    return ", ".join(sorted(codes)[:MOST_NAMED]) + more

"""A table of counts before protection: its cells, and how each adds up to others."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lbbd_jsna.errors import DisclosureError, Fault

ALL = "All"
_FLAGS = {"published": True, "public": False}
_LARGEST = 10**7


@dataclass(frozen=True)
class Relation:
    """A whole and its parts, by the names of their cells.

    Where the parts are not complete, the rest (offered but not received; the sliver between
    an old ward and a new one) is a group of people too, and is attacked like a hidden cell.
    """

    whole: str
    parts: tuple[str, ...]
    complete: bool = True

    @property
    def rest(self) -> str:
        """The name of those in the whole and in none of the parts."""
        return f"{self.whole} less {' and '.join(self.parts)}"


@dataclass(frozen=True)
class ReleaseTable:
    """Counts of people that are meant for publication together.

    Parameters
    ----------
    name : str
        Such as `Early help by ward and sex`.
    indicator : str
        Its id in the catalogue.
    cells : DataFrame, n rows
        `cell` (a name of its own, the same in every release), `count` (people; blank where
        it is not available), any columns of dimensions, and where wanted `published` (False:
        nobody prints it, but relations run over it), `public` (True: the exact count can be
        read elsewhere) and `group` (people of whom these are counted).
    relations : tuple of Relation
        Every way the cells add up, among themselves and with cells of earlier releases.
    below_borough : bool
        Whether any cell is of an area smaller than the borough.
    revised : tuple of str, optional
        Cells whose count is another than when it was last released, by late returns or a
        correction. Without it, what looks the same is taken to be the same.
    """

    name: str
    indicator: str
    cells: pd.DataFrame
    relations: tuple[Relation, ...] = ()
    below_borough: bool = True
    revised: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        rows = self.cells.reset_index(drop=True).copy()
        for column, usual in _FLAGS.items():
            rows[column] = rows[column].astype(bool) if column in rows else usual
        rows["group"] = rows["group"].astype(float) if "group" in rows else float("nan")
        if rows["count"].dtype != float:
            rows["count"] = rows["count"].astype(float)
        object.__setattr__(self, "cells", rows)
        faults = [*_cell_faults(rows), *_relation_faults(self)]
        if faults:
            raise DisclosureError(f"{self.name}: the table cannot be protected as it is", faults)

    @property
    def counts(self) -> dict[str, float]:
        """True counts by cell. Never to be printed, drawn or written."""
        return dict(zip(self.cells["cell"], self.cells["count"], strict=True))


def _cell_faults(rows: pd.DataFrame) -> Iterator[Fault]:
    names, counts = rows["cell"].to_numpy(), rows["count"].to_numpy()
    for cell in sorted(name for name, times in Counter(names).items() if times > 1):
        yield Fault(cell, "given more than once", "one row for each cell")
    blank = np.isnan(counts)
    wrong = ~blank & ((counts < 0) | (counts != np.round(counts)) | (counts > _LARGEST))
    for cell in names[wrong]:
        yield Fault(cell, "not a number of people", "a whole number, 0 or more, or blank")
    for cell in names[rows["public"].to_numpy() & blank]:
        yield Fault(cell, "called public without a count", todo="give the count as it is public")


def _relation_faults(table: ReleaseTable) -> Iterator[Fault]:
    counts = table.counts
    for relation in table.relations:
        if not relation.parts or relation.whole in relation.parts:
            yield Fault(relation.whole, "its parts are none, or itself", "its parts")
        again = sorted(name for name, times in Counter(relation.parts).items() if times > 1)
        for name in again:
            yield Fault(relation.whole, f"{name} is a part of it twice", "each part once")
        named = [counts.get(name, float("nan")) for name in (relation.whole, *relation.parts)]
        left = named[0] - sum(named[1:])  # blank where a count is unknown here: nothing to check
        if left < 0 or (relation.complete and left > 0):
            todo = "mend the counts, or leave out the relation if it does not hold"
            yield Fault(relation.whole, "its parts do not add up to it", todo=todo)


def crossed(
    counts: pd.DataFrame,
    dimensions: Sequence[str],
    *,
    prefix: str = "",
    public: Sequence[str] = (),
) -> tuple[pd.DataFrame, tuple[Relation, ...]]:
    """Every cell and total of a table over its dimensions, and how they add up.

    Parameters
    ----------
    counts : DataFrame
        One row an inner cell: the dimensions and `count`.
    dimensions : sequence of str
        Such as ward, sex, age. Their totals are called `All`.
    prefix : str
        Before every cell's name, such as the indicator and quarter.
    public : sequence of str
        Names of cells whose exact count can be read elsewhere.

    Returns
    -------
    DataFrame
        `cell`, the dimensions, `count`, `public`.
    tuple of Relation
    """
    dims = list(dimensions)
    frames = []
    for kept in itertools.product((True, False), repeat=len(dims)):
        by = [name for name, keep in zip(dims, kept, strict=True) if keep]
        frames.append(_margin(counts, by).reindex(columns=[*dims, "count"]))
    cells = pd.concat(frames, ignore_index=True)
    cells[dims] = cells[dims].fillna(ALL).astype(str)
    cells.insert(0, "cell", prefix + cells[dims].agg(" | ".join, axis=1))
    cells["public"] = cells["cell"].isin(list(public))
    return cells, tuple(_sums(cells, dims))


def _margin(counts: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Sums over the other dimensions; blank where a part is, since a blank is never 0."""
    if not by:
        return pd.DataFrame({"count": [counts["count"].sum(skipna=False)]})
    groups = counts.groupby(by, sort=True)["count"]
    return groups.sum(min_count=0).where(groups.count() == groups.size()).reset_index()


def _sums(cells: pd.DataFrame, dims: list[str]) -> Iterator[Relation]:
    """One relation for every total and every dimension it is a total over."""
    for over in dims:
        rest = [name for name in dims if name != over]
        groups = cells.groupby(rest, sort=True) if rest else [((), cells)]
        for _, rows in groups:
            whole = rows.loc[rows[over].eq(ALL), "cell"]
            parts = rows.loc[rows[over].ne(ALL), "cell"]
            yield Relation(whole.iloc[0], tuple(parts))

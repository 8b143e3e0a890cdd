"""Quantile groups: by rank, as the indicator methods do, and by bounds, as Fingertips does."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lbbd_jsna.statistics.workings.inputs import floats
from lbbd_jsna.statistics.workings.keys import row_keys

Groups = pd.DataFrame | pd.Series | ArrayLike | None


def quantiles(
    values: ArrayLike,
    *,
    groups: Groups = None,
    n: int = 5,
    first: Literal["highest", "lowest"] = "highest",
) -> np.ndarray:
    """Quantile groups by rank: 1 to n, each of about the same number of areas.

    Parameters
    ----------
    values : array_like of float, shape (rows,)
        Missing values are left out of the ranking.
    groups : array_like or DataFrame, rows rows, optional
        Rows are ranked among those of the same group, or that agree in every column of a
        frame; all together if not given. A row without a group is not ranked.
    n : int
        5 for fifths, 10 for tenths.
    first : {"highest", "lowest"}
        Which values are in quantile 1. For deprivation scores "highest" makes 1 the most
        deprived.

    Returns
    -------
    ndarray of float, shape (rows,)
        1 to n; nan for missing values, and in a group with fewer than n of them. Equal values
        are in the same quantile.

    Raises
    ------
    ValueError
        `n` is below 2, `first` is neither word, or `groups` has another length.

    Source
    ------
    Public Health England's indicator methods for Fingertips (PHEindicatormethods,
    phe_quantile): floor((q + 1) - ceil((N + 1 - r) / (N / q))), 0 read as 1, where q is `n`,
    N the number of values in the group and r the rank, ties taking the lowest.
    """
    if first not in ("highest", "lowest"):
        raise ValueError(f"first is 'highest' or 'lowest', not {first!r}")
    x = floats(values)
    ranked = _rank(-x if first == "highest" else x, groups, n)
    size = ranked.size.astype(float)
    placed = np.floor((n + 1) - np.ceil((size + 1 - ranked.rank) / (size / n)))
    found = np.full(len(x), np.nan)
    found[ranked.rows] = np.where(ranked.size < n, np.nan, np.maximum(placed, 1))
    return found


def bounds(values: ArrayLike, *, n: int = 5) -> np.ndarray:
    """The upper bounds of n classes that Fingertips shades areas by.

    Parameters
    ----------
    values : array_like of float, shape (rows,)
        Every area of one type; missing values are left out.
    n : int
        5 for fifths, 4 for quarters.

    Returns
    -------
    ndarray of float, shape (n,)
        In the unit of the values; all nan below n values. The last is the highest value.

    Raises
    ------
    ValueError
        `n` is below 2.

    Source
    ------
    Fingertips (OHID, fingertips-open, comparator methods 15 and 16): percentiles i / n by
    linear interpolation at position (N - 1) i / n of the sorted values, counted from 0,
    rounded to 10 decimal places; the last is the highest value as it stands.
    """
    ranked = _rank(floats(values), None, n)
    if not len(ranked.rows):
        return np.full(n, np.nan)
    return _bounds(ranked, n)[:, 0]


def fifths(values: ArrayLike, *, groups: Groups = None, n: int = 5) -> np.ndarray:
    """The class, from 1 for the lowest values, by the bounds Fingertips uses.

    Parameters
    ----------
    values, groups
        As for `quantiles`.
    n : int
        5 for fifths, 4 for quarters.

    Returns
    -------
    ndarray of float, shape (rows,)
        1 to n: the first class whose bound is not below the value; nan for missing values,
        and in a group with fewer than n of them.

    Raises
    ------
    ValueError
        As for `quantiles`.

    Source
    ------
    As for `bounds`. Fingertips numbers them from the best when high is good; here 1 is
    always the lowest.
    """
    x = floats(values)
    ranked = _rank(x, groups, n)
    placed = np.ones(len(ranked.rows))
    for bound in _bounds(ranked, n)[:-1]:
        placed += ranked.values > np.repeat(bound, ranked.sizes)
    found = np.full(len(x), np.nan)
    found[ranked.rows] = np.where(ranked.size < n, np.nan, placed)
    return found


class _Ranked(NamedTuple):
    """Known values in order, group after group."""

    rows: np.ndarray  # where each stood
    values: np.ndarray
    rank: np.ndarray  # within its group, from 1, ties taking the lowest
    size: np.ndarray  # of its group
    starts: np.ndarray  # of the groups
    sizes: np.ndarray  # of the groups


def _rank(x: np.ndarray, groups: Groups, n: int) -> _Ranked:
    if n < 2:
        raise ValueError(f"{n} groups cannot be told apart: n is 2 or more")
    rows = np.flatnonzero(~np.isnan(x))
    keys = np.zeros(len(rows), np.int64)
    if groups is not None:
        keys, held = _group_keys(groups, len(x))
        rows = rows[held[rows]]
        keys = keys[rows]
    # By value, then by group keeping that order: twice as fast as sorting by both at once.
    order = np.argsort(x[rows])
    order = order[np.argsort(keys[order], kind="stable")]
    rows, keys = rows[order], keys[order]
    ordered = x[rows]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    sizes = np.diff(starts, append=len(rows))
    first = np.flatnonzero(_changes(keys, ordered))
    ties = np.diff(first, append=len(rows))
    rank = np.repeat(first, ties) - np.repeat(starts, sizes) + 1
    return _Ranked(rows, ordered, rank, np.repeat(sizes, sizes), starts, sizes)


def _group_keys(groups: Groups, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """A number for each row's group, and whether it has one."""
    frame = groups if isinstance(groups, pd.DataFrame) else pd.Series(groups).to_frame()
    if len(frame) != rows:
        raise ValueError(f"groups of {len(frame)} rows for {rows} values")
    return row_keys(column for _, column in frame.items()), frame.notna().all(axis=1).to_numpy()


def _changes(keys: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Where a new group or a new value begins."""
    new = np.ones(len(keys), bool)
    new[1:] = (keys[1:] != keys[:-1]) | (ordered[1:] != ordered[:-1])
    return new


def _bounds(ranked: _Ranked, n: int) -> np.ndarray:
    """Bounds of shape (n, groups); nan for groups of fewer than n values."""
    steps = (ranked.sizes - 1) * np.arange(1, n + 1)[:, None]
    below, part = steps // n, steps % n / n
    last = ranked.sizes - 1
    low = ranked.values[ranked.starts + below]
    high = ranked.values[ranked.starts + np.minimum(below + 1, last)]
    found = np.round(low + part * (high - low), 10)
    found[-1] = ranked.values[ranked.starts + last]
    return np.where(ranked.sizes < n, np.nan, found)

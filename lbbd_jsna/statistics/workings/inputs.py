"""What the statistics accept: numbers in any array or frame, checked before they are used."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri

Errors = Literal["raise", "missing"]
MOST_NAMED = 5
# Numbers worked on at a time: what a formula sets aside for them stays in a processor's cache.
BLOCK = 8192


def numbers(*arrays: ArrayLike) -> list[np.ndarray]:
    """Arrays of floats of one shape, with nan for whatever is missing.

    Parameters
    ----------
    *arrays : array_like, any shapes that broadcast
        Lists, arrays, masked arrays, Series or frames; None, nan, pd.NA and what is masked are
        missing. They are matched by position, so the rows of Series and frames of one length
        must have the same labels in the same order.

    Returns
    -------
    list of ndarray of float
        Read-only where they were broadcast; nothing that was given is changed.

    Raises
    ------
    ValueError
        Not numbers; labels that differ; shapes that do not broadcast.
    """
    same_rows(*arrays)
    return list(np.broadcast_arrays(*map(floats, arrays)))


def floats(array: ArrayLike) -> np.ndarray:
    """One array of floats, with nan for whatever is missing."""
    if isinstance(array, np.ma.MaskedArray):
        return np.ma.filled(array.astype(float), np.nan)
    plain = np.asarray(array)
    if plain.dtype.kind == "O":  # None, pd.NA, Decimal and whole numbers beyond 64 bits
        plain = np.where(pd.isna(plain), np.nan, plain)
    elif plain.dtype.kind not in "biuf":
        raise ValueError(f"numbers are needed, not {plain.dtype}")
    return plain.astype(float, copy=False)


def same_rows(*arrays: ArrayLike) -> None:
    """Refuse Series and frames of one length whose labels differ: they would be mismatched."""
    labels = [a.index for a in arrays if isinstance(a, pd.Series | pd.DataFrame)]
    for other in labels[1:]:
        if other.size == labels[0].size and not other.equals(labels[0]):
            raise ValueError("the labels of the rows differ; rows are matched by position")


def possible(
    right: np.ndarray, rule: str, errors: Errors, *arrays: np.ndarray
) -> list[np.ndarray]:
    """The arrays, all missing wherever one of them is missing or breaks the rule.

    Parameters
    ----------
    right : ndarray of bool
        Where the arrays keep the rule; false where one is missing.
    rule : str
        The rule in words, which begins the message.
    errors : {"raise", "missing"}
        Whether what breaks the rule is an error or missing.
    *arrays : ndarray of float, of the shape of `right`

    Raises
    ------
    ValueError
        With the positions of the first few that break the rule, and how many more.
    """
    if errors not in ("raise", "missing"):
        raise ValueError(f"errors is 'raise' or 'missing', not {errors!r}")
    if right.all():
        return list(arrays)
    if errors == "raise":
        missing = np.logical_or.reduce([np.isnan(array) for array in arrays])
        _raise_where(~right & ~missing, rule)
    return [np.where(right, array, np.nan) for array in arrays]


def in_blocks(
    formula: Callable[..., Sequence[np.ndarray]], *arrays: np.ndarray, results: int = 3
) -> tuple[np.ndarray, ...]:
    """Apply a formula to a few thousand numbers at a time.

    A million numbers then need no room but for their results, and take half the time: what is
    set aside on the way never leaves the processor's cache.

    Parameters
    ----------
    formula : callable
        Given one-dimensional pieces of the arrays, returns so many results of their length;
        each number of them depends on the numbers at its own place alone.
    *arrays : ndarray of float, of one shape
    results : int
        How many the formula returns.
    """
    kinds = [["readonly"]] * len(arrays) + [["writeonly", "allocate"]] * results
    how = ["external_loop", "buffered", "zerosize_ok"]
    operands = [*arrays, *[None] * results]
    types = [float] * len(operands)
    with np.nditer(operands, how, kinds, op_dtypes=types, buffersize=BLOCK) as blocks:
        for block in blocks:
            found = formula(*block[: len(arrays)])
            for place, result in zip(block[len(arrays) :], found, strict=True):
                place[...] = result
        return blocks.operands[len(arrays) :]


def _raise_where(wrong: np.ndarray, rule: str) -> None:
    places = np.argwhere(wrong)
    if not len(places):
        return
    if not wrong.ndim:
        raise ValueError(rule)
    named = ", ".join(str(tuple(map(int, place))) for place in places[:MOST_NAMED])
    more = f" and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
    raise ValueError(f"{rule}; wrong at {named}{more}")


def normal_quantile(confidence: float) -> float:
    """How many standard errors either side hold a share of a normal distribution."""
    if np.ndim(confidence) or not 0 < confidence < 1:
        raise ValueError(f"confidence is a share between 0 and 1, not {confidence}")
    return float(ndtri(0.5 + confidence / 2))


def checked_multiplier(multiplier: float) -> float:
    """A multiplier that can scale limits without turning them round."""
    if np.ndim(multiplier) or not 0 < multiplier < math.inf:
        raise ValueError(f"a multiplier is a number above 0, not {multiplier}")
    return float(multiplier)

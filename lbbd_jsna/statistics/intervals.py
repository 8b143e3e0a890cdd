"""Confidence intervals of proportions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm


class Interval(NamedTuple):
    """Estimates with their limits: three arrays of one shape."""

    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def wilson(
    count: ArrayLike,
    denominator: ArrayLike,
    *,
    confidence: float = 0.95,
    multiplier: float = 100,
) -> Interval:
    """Proportions with Wilson score intervals.

    Parameters
    ----------
    count, denominator : array_like of float, any shapes that broadcast
        Events and the people they could have happened to. A missing input gives
        a missing result.
    confidence : float
        Two-sided level, 0.95 or 0.998.
    multiplier : float
        100 for per cent.

    Returns
    -------
    Interval
        Arrays of the broadcast shape, in units of `multiplier`.

    Raises
    ------
    ValueError
        A count below 0 or above its denominator, or a denominator of 0 or less,
        with the positions.

    Source
    ------
    Wilson EB (1927), JASA 22, 209-212; Newcombe RG (1998), Statistics in
    Medicine 17, 857-872, method 3. Limits are
    (2O + z^2 -/+ z sqrt(z^2 + 4O(1 - O/n))) / (2(n + z^2)).
    """
    o, n = np.broadcast_arrays(np.asarray(count, float), np.asarray(denominator, float))
    impossible = (o < 0) | (o > n) | (n <= 0)
    if impossible.any():
        where = np.argwhere(impossible)[:5].tolist()
        raise ValueError(f"count must lie between 0 and a positive denominator; wrong at {where}")
    z = norm.ppf(0.5 + confidence / 2)
    middle = 2 * o + z**2
    spread = z * np.sqrt(z**2 + 4 * o * (1 - o / n))
    scale = 2 * (n + z**2)
    lower = np.where(o == 0, 0.0, (middle - spread) / scale)
    upper = np.where(o == n, 1.0, (middle + spread) / scale)
    missing = np.isnan(o) | np.isnan(n)
    lower, upper = (np.where(missing, np.nan, limit) for limit in (lower, upper))
    return Interval(multiplier * o / n, multiplier * lower, multiplier * upper)

"""Which shown counts to hide as well, so that a hidden one cannot be worked out."""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint
from scipy.sparse import csr_array

from lbbd_jsna.disclosure.programme import System, constraints_of, run

# A count moves a few people for another to change by a few: a small reach keeps it quick.
_SPARE = 8


def cheapest_hiding(
    system: System,
    costs: np.ndarray,
    *,
    smallest_shown: int,
    position: int,
    within: tuple[int, int],
) -> tuple[list[int], float] | None:
    """The cheapest shown counts to hide so that another count can lie within a range.

    Only what is released enters into the choice, so that the choice tells nothing new.

    Parameters
    ----------
    system : System
    costs : array, shape (n,)
        What hiding each count costs; infinite where it must stay as it is.
    smallest_shown : int
        What is hidden besides small counts is 0 or at least this.
    position : int
        The count that is too well known.
    within : (least, most)
        Where it must also be able to lie.

    Returns
    -------
    (positions to hide, their cost), or None
        None when no hiding is enough.
    """
    free = np.flatnonzero(np.isfinite(costs))
    before = system.size + int(np.count_nonzero(system.gap))
    total = before + len(free)
    low, high = np.zeros(total), np.ones(total)
    low[: system.size], high[: system.size] = system.low, system.high
    reach = np.full(len(free), float(smallest_shown + _SPARE))
    floor = np.minimum(system.low[free], smallest_shown).astype(float)
    low[free], high[free] = floor, system.high[free] + reach
    low[position], high[position] = within
    constraints = constraints_of(system, total=total)
    if len(free):
        constraints += _switches(system, free, reach, floor, smallest_shown, before, total)
    objective = np.zeros(total)
    objective[before:] = costs[free]
    found = run(objective, constraints, Bounds(low, high))
    if found is None:
        return None
    hidden = free[found[before:] > 0.5]
    return [int(place) for place in hidden], float(costs[hidden].sum())


def _switches(
    system: System,
    free: np.ndarray,
    reach: np.ndarray,
    floor: np.ndarray,
    smallest_shown: int,
    before: int,
    total: int,
) -> list[LinearConstraint]:
    """Off, a count stays within what it is shown as; on, it is hidden and may leave it."""
    at, shape = np.arange(len(free)), (len(free), total)
    low, high = system.low[free].astype(float), system.high[free].astype(float)
    count = csr_array((np.ones(len(free)), (at, free)), shape=shape)
    up = csr_array((reach, (at, before + at)), shape=shape)
    # A hidden 0 that is not 0 is a count large enough to be shown.
    slack = np.where(high == 0, -float(smallest_shown), low - floor)
    down = csr_array((slack, (at, before + at)), shape=shape)
    return [
        LinearConstraint(count - up, -np.inf, high),
        LinearConstraint(count + down, low, np.inf),
    ]

"""Integer programmes over counts: every true table that fits what is known.

Unknown counts are whole and not negative; each lies between two bounds, or is 0 or at
least a bound (a gap). Rows say which of them add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from lbbd_jsna.errors import DisclosureError

INFEASIBLE = 2
SECONDS = 60.0


@dataclass
class System:
    """What is known of n counts.

    Parameters
    ----------
    low, high : integer arrays, shape (n,)
        Bounds of each count. `high` is `ceiling` where nothing bounds it.
    gap : integer array, shape (n,)
        Where above 0, the count is 0 or at least this.
    rows : list of (positions, signs)
        Each says that the signed sum of those counts is 0.
    ceiling : int
        No count is taken to be above it.
    """

    low: np.ndarray
    high: np.ndarray
    gap: np.ndarray
    rows: list[tuple[list[int], list[int]]]
    ceiling: int

    @property
    def size(self) -> int:
        """How many counts."""
        return len(self.low)

    def matrix(self, extra: int = 0) -> csr_array:
        """The rows as a matrix, with columns of nothing after them."""
        at = np.repeat(np.arange(len(self.rows)), [len(places) for places, _ in self.rows])
        places = np.concatenate([places for places, _ in self.rows] or [[]]).astype(int)
        signs = np.concatenate([signs for _, signs in self.rows] or [[]]).astype(float)
        return csr_array((signs, (at, places)), shape=(len(self.rows), self.size + extra))

    def fits(self, counts: np.ndarray) -> bool:
        """Whether whole counts agree with everything known."""
        inside = (counts >= self.low) & (counts <= self.high)
        jumped = (self.gap == 0) | (counts == 0) | (counts >= self.gap)
        return bool(inside.all() and jumped.all() and not (self.matrix() @ counts).any())


def solve(system: System, objective: np.ndarray) -> np.ndarray | None:
    """The table that makes an objective least.

    Parameters
    ----------
    system : System
    objective : array, shape (n,)
        Weight of each count.

    Returns
    -------
    integer array, shape (n,), or None
        None when no table fits.

    Raises
    ------
    DisclosureError
        No answer in time, so nothing is known to be safe.
    """
    n, more = system.size, int(np.count_nonzero(system.gap))
    bounds = Bounds(
        np.concatenate([system.low, np.zeros(more)]), np.concatenate([system.high, np.ones(more)])
    )
    weights = np.concatenate([objective, np.zeros(more)])
    found = run(weights, constraints_of(system, total=n + more), bounds)
    if found is None:
        return None
    counts = np.rint(found[:n]).astype(np.int64)
    if not system.fits(counts):
        raise DisclosureError("the attack gave a table that does not fit; nothing may be released")
    return counts


def fewest_above_none(system: System, places: list[int]) -> list[int]:
    """The fewest of some counts that must be above 0 for any table to fit.

    Parameters
    ----------
    system : System
        With a gap at each of the places.
    places : list of int

    Returns
    -------
    list of int
        Positions; empty where none need be, and where no table fits.
    """
    gaps = np.flatnonzero(system.gap)
    total = system.size + len(gaps)
    switch = dict(zip(gaps.tolist(), range(system.size, total), strict=True))
    weights = np.zeros(total)
    weights[[switch[place] for place in places]] = 1
    ends = np.r_[system.low, np.zeros(len(gaps))], np.r_[system.high, np.ones(len(gaps))]
    found = run(weights, constraints_of(system, total=total), Bounds(*ends))
    return [] if found is None else [place for place in places if found[switch[place]] > 0.5]


def constraints_of(system: System, *, total: int) -> list[LinearConstraint]:
    """The rows and gaps over `total` unknowns: the counts, a switch for each gap, others.

    With its switch off a count is 0; on, it is at least the gap's end.
    """
    found = []
    if system.rows:
        found.append(LinearConstraint(system.matrix(total - system.size), 0, 0))
    gaps = np.flatnonzero(system.gap)
    if len(gaps):
        at, shape = np.arange(len(gaps)), (len(gaps), total)
        switches = system.size + at
        count = csr_array((np.ones(len(gaps)), (at, gaps)), shape=shape)
        least = csr_array((system.gap[gaps].astype(float), (at, switches)), shape=shape)
        most = csr_array((system.high[gaps].astype(float), (at, switches)), shape=shape)
        found.append(LinearConstraint(count - least, 0, np.inf))
        found.append(LinearConstraint(count - most, -np.inf, 0))
    return found


def run(
    objective: np.ndarray, constraints: list[LinearConstraint], bounds: Bounds
) -> np.ndarray | None:
    """The whole numbers that make an objective least; None when none fit.

    Raises
    ------
    DisclosureError
        No answer in time, so nothing is known to be safe.
    """
    answer = milp(
        objective,
        constraints=constraints,
        bounds=bounds,
        integrality=np.ones(len(objective)),
        options={"mip_rel_gap": 0.0, "time_limit": SECONDS},
    )
    if answer.status == INFEASIBLE:
        return None
    if answer.status != 0 or answer.x is None:
        raise DisclosureError("the attack found no answer in time; make the table smaller")
    return answer.x

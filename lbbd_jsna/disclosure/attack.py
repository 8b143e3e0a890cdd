"""The attack: what the released figures, put together, leave open of each hidden count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from lbbd_jsna.catalogue import DisclosureRules
from lbbd_jsna.disclosure.programme import System, solve
from lbbd_jsna.errors import DisclosureError

# Tables drawn at random, from one seed, settle most hidden counts before any is attacked
# by itself.
_DRAWS = 8
_FEW = 3
_SEED = 20221105


@dataclass
class Witnesses:
    """True tables that fit what is released, and the values they show each count may have.

    Hiding more only ever adds tables that fit, so those found stay good.
    """

    tables: list[np.ndarray] = field(default_factory=list)

    def values(self, place: int) -> set[int]:
        """Values a count is known to be able to have."""
        return {int(table[place]) for table in self.tables}


def is_unsafe(values: set[int], *, rules: DisclosureRules, implied: bool) -> bool:
    """Whether the values left for a count say too much of it.

    Parameters
    ----------
    values : set of int
        Every value it may have.
    rules : DisclosureRules
    implied : bool
        Nobody hides or shows it: it matters only if it may be a few people.
    """
    if all(1 <= value <= rules.never_within for value in values):
        return True
    few = any(1 <= value < rules.smallest_shown for value in values)
    return len(values) < rules.fewest_values and (few or not implied)


def unsafe_counts(
    system: System,
    targets: list[int],
    *,
    implied: set[int],
    rules: DisclosureRules,
    witnesses: Witnesses,
    most: int,
) -> dict[int, set[int]]:
    """Targets that can be worked out, or nearly.

    Parameters
    ----------
    system : System
    targets : list of int
        Positions to attack, in this order.
    implied : set of int
        Those of them that nobody prints.
    witnesses : Witnesses
        Tables found before; those found now are added.
    most : int
        Stop when so many are found.

    Returns
    -------
    dict
        Every value left, by position. Empty: nothing is unsafe.
    """

    def still(places: list[int]) -> list[int]:
        # Some of the values prove a count safe only by the rule for hidden ones.
        values = ((place, witnesses.values(place)) for place in places)
        return [place for place, seen in values if is_unsafe(seen, rules=rules, implied=False)]

    unsafe, apart = {}, ranges_apart(system)
    hard = _drawn(system, still([p for p in targets if p not in apart]), still, witnesses)
    for place in [*(place for place in targets if place in apart), *hard]:
        if place in apart:
            values = _first_of(apart[place], rules)
        else:
            if still([place]):
                _exhaust(system, place, rules, witnesses)
            values = witnesses.values(place)
        if is_unsafe(values, rules=rules, implied=place in implied):
            unsafe[place] = values
        if len(unsafe) == most:
            break
    return unsafe


def ranges_apart(system: System) -> dict[int, tuple[int, int]]:
    """The least and most of counts that one row ties at most, and to no count of another row.

    Their every value in between is possible: no programme is needed for them.
    """
    tied = np.zeros(system.size, dtype=int)
    for places, _ in system.rows:
        np.add.at(tied, places, 1)
    low, high = system.low, system.high
    loose = np.flatnonzero((tied == 0) & (system.gap == 0))
    ranges = {int(place): (int(low[place]), int(high[place])) for place in loose}
    for places, signs in system.rows:
        if (tied[places] == 1).all() and not system.gap[places].any():
            ranges |= _within_row(places, np.array(signs), low[places], high[places])
    return ranges


def _within_row(
    places: list[int], signs: np.ndarray, low: np.ndarray, high: np.ndarray
) -> dict[int, tuple[int, int]]:
    """What a sum of 0 leaves of each count's bounds; nothing where it leaves no value."""
    ends = np.sort([signs * low, signs * high], axis=0)
    least, most = ends.sum(axis=1)
    found = {}
    for i, place in enumerate(places):
        # The others, on the other side of the sum.
        others = sorted(-signs[i] * np.array([least - ends[0, i], most - ends[1, i]]))
        found[place] = (int(max(low[i], others[0])), int(min(high[i], others[1])))
    return found if all(a <= b for a, b in found.values()) else {}


def _first_of(ends: tuple[int, int], rules: DisclosureRules) -> set[int]:
    """The values of a range, from the least on, as many as can matter."""
    most = ends[0] + rules.smallest_shown + rules.fewest_values
    return set(range(ends[0], min(ends[1], most) + 1))


def _drawn(
    system: System,
    places: list[int],
    still: Callable[[list[int]], list[int]],
    witnesses: Witnesses,
) -> list[int]:
    """Settle many counts at once: all as large as can be, all as small, then as it falls."""
    random = np.random.default_rng(_SEED)
    for draw in range(_DRAWS):
        if len(places) <= _FEW:
            break
        weights = np.zeros(system.size)
        drawn = random.choice([-2.0, -1.0, 1.0, 2.0], size=len(places))
        weights[places] = (-1.0, 1.0)[draw] if draw < 2 else drawn
        _witness(system, weights, witnesses)
        places = still(places)
    return places


def bounds_of(system: System, place: int, witnesses: Witnesses) -> tuple[int, int]:
    """The least and the largest a count may be."""
    ends = []
    for sign in (1.0, -1.0):
        weights = np.zeros(system.size)
        weights[place] = sign
        ends.append(int(_witness(system, weights, witnesses)[place]))
    return ends[0], ends[1]


def _witness(system: System, weights: np.ndarray, witnesses: Witnesses) -> np.ndarray:
    table = solve(system, weights)
    if table is None:
        raise DisclosureError("no true table fits the figures: a relation does not hold")
    witnesses.tables.append(table)
    return table


def _exhaust(system: System, place: int, rules: DisclosureRules, witnesses: Witnesses) -> None:
    """Find every value of a count, as far as it matters: both ends, then those between."""
    least, most = bounds_of(system, place, witnesses)
    top = min(most, least + rules.smallest_shown + rules.fewest_values)
    for value in range(least + 1, top):
        if len(witnesses.values(place)) >= rules.fewest_values:
            return
        if value not in witnesses.values(place):
            fixed = System(system.low.copy(), system.high.copy(), system.gap, system.rows,
                           system.ceiling)  # fmt: skip
            fixed.low[place] = fixed.high[place] = value
            table = solve(fixed, np.zeros(system.size))
            if table is not None:
                witnesses.tables.append(table)

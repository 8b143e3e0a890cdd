"""League position among a set of areas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Rank:
    """A position in a league: 1 is best, or highest where nothing is judged.

    `tied` counts the other areas with the same value; `of` counts the areas with
    a value, out of `members`.
    """

    position: int
    of: int
    members: int
    tied: int
    first: str


def league_position(
    area: str, values: Mapping[str, float], *, polarity: str, members: int
) -> Rank | None:
    """Place one area among others by value.

    Parameters
    ----------
    area : str
        Its code.
    values : mapping of code to float
        One value an area, in one unit; nan is left out.
    polarity : str
        `low_is_good` puts the lowest first; the others put the highest first.
    members : int
        How many areas the league has, with or without a value.

    Returns
    -------
    Rank or None
        None when the area has no value. Areas with equal values share the best
        of their places (1, 2, 2, 4).
    """
    own = values.get(area, math.nan)
    if math.isnan(own):
        return None
    known = [value for value in values.values() if not math.isnan(value)]
    ahead = sum(v < own if polarity == "low_is_good" else v > own for v in known)
    tied = sum(v == own for v in known) - 1
    first = {"low_is_good": "lowest", "high_is_good": "highest"}.get(polarity, "highest")
    return Rank(ahead + 1, len(known), members, tied, first)

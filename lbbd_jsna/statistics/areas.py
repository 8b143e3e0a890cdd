"""One figure for a set of areas, from their summed numerators and denominators."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Combined:
    """A rate for a set of areas, or the reason there is none."""

    value: float | None
    count: float | None
    denominator: float | None
    reason: str = ""


def combined_rate(
    counts: Sequence[float],
    denominators: Sequence[float],
    *,
    members: int,
    multiplier: float | None,
) -> Combined:
    """Sum numerators and denominators over a set of areas and divide.

    Parameters
    ----------
    counts, denominators : sequences of float, one entry an area
        People or events, never rates; nan for none. One period, sex, age and category.
    members : int
        How many areas the set has.
    multiplier : float or None
        100 for per cent, 100 000 for a rate; None where the indicator is not a
        plain ratio of the two (a standardised rate, an expectancy).

    Returns
    -------
    Combined
        Without a value when the indicator is not a plain ratio, or when any area
        lacks a count or a denominator: a mean of rates is never passed off as a rate.
    """
    if multiplier is None:
        return Combined(None, None, None, "not a plain ratio of counts, so it cannot be summed")
    pairs = [
        pair
        for pair in zip(counts, denominators, strict=True)
        if not math.isnan(pair[0]) and not math.isnan(pair[1])
    ]
    short = members - len(pairs)
    if short:
        return Combined(None, None, None, f"no counts for {short} of {members} boroughs")
    count, denominator = (math.fsum(column) for column in zip(*pairs, strict=True))
    if denominator <= 0:
        return Combined(None, None, None, "the denominators sum to nothing")
    return Combined(multiplier * count / denominator, count, denominator)

"""One figure for a set of areas, from their summed numerators and denominators."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Combined:
    """A rate for a set of areas, or the reason there is none."""

    value: float | None
    count: float | None
    denominator: float | None
    reason: str = ""


def combined_rate(rows: pd.DataFrame, *, members: int, multiplier: float | None) -> Combined:
    """Sum numerators and denominators over a set of areas and divide.

    Parameters
    ----------
    rows : DataFrame, one row an area, columns count and denominator
        People or events; never rates. One period, sex, age and category.
    members : int
        How many areas the set has.
    multiplier : float or None
        100 for per cent, 100 000 for a rate; None where the indicator is not a
        plain ratio of the two (a standardised rate, an expectancy).

    Returns
    -------
    Combined
        Without a value when the indicator is not a plain ratio, or when any area
        lacks a row, a count or a denominator: a mean of rates is never passed off
        as a rate.
    """
    if multiplier is None:
        return Combined(None, None, None, "not a plain ratio of counts, so it cannot be summed")
    usable = rows.dropna(subset=["count", "denominator"])
    short = members - len(usable)
    if short:
        return Combined(None, None, None, f"no counts for {short} of {members} boroughs")
    count, denominator = float(usable["count"].sum()), float(usable["denominator"].sum())
    if denominator <= 0:
        return Combined(None, None, None, "the denominators sum to nothing")
    return Combined(multiplier * count / denominator, count, denominator)

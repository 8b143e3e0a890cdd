"""What a rounded count may have been, and intervals that allow for it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lbbd_jsna.statistics.intervals import Interval, wilson
from lbbd_jsna.statistics.workings.inputs import (
    Errors,
    checked_multiplier,
    floats,
    numbers,
    possible,
)


class Span(NamedTuple):
    """The least and the most each count may be: arrays of one shape."""

    least: np.ndarray
    most: np.ndarray


def span_of_rounded(shown: ArrayLike, *, to: int, smallest: int) -> Span:
    """The true counts that a rounded count may stand for.

    Parameters
    ----------
    shown : array_like of float, any shape
        Counts as released: multiples of `to`.
    to : int
        What counts are rounded to, an odd number.
    smallest : int
        The smallest count, but for none, that is shown at all.

    Returns
    -------
    Span
        Of the shape given; missing where a count is. None is exactly none.

    Raises
    ------
    ValueError
        `to` is no odd whole number.

    Source
    ------
    NHS Digital (2019), Hospital Episode Statistics analysis guide: counts of 1 to 7 hidden,
    others rounded to the nearest 5. Rounding to an odd number r moves a count by (r - 1) / 2
    at most. Only what is released is used, so the ends tell a reader nothing new.
    """
    if to != int(to) or to % 2 != 1:
        raise ValueError(f"counts are rounded to an odd whole number, not {to}")
    number = floats(shown)
    half = to // 2
    least = np.maximum(number - half, smallest)  # a missing count stays missing
    return Span(np.where(number == 0, 0.0, least), np.where(number == 0, 0.0, number + half))


def wilson_of_rounded(
    count: ArrayLike,
    denominator: ArrayLike,
    *,
    to: int,
    smallest: int,
    confidence: float = 0.95,
    multiplier: float = 100,
    errors: Errors = "raise",
) -> Interval:
    """Proportions of rounded counts, with limits that cover every count the rounding allows.

    Parameters
    ----------
    count, denominator : array_like of float, any shapes that broadcast
        As released, rounded one by one.
    to, smallest : int
        As for `span_of_rounded`.
    confidence, multiplier, errors
        As for `wilson`.

    Returns
    -------
    Interval
        The value of the rounded counts, and limits never narrower than `wilson` gives of the
        true ones.

    Raises
    ------
    ValueError
        As for `wilson`, of the rounded counts.

    Source
    ------
    As for `wilson`: both limits rise with the count and fall with the denominator. So the
    lowest lower limit is that of the least count among the most people, and the highest upper
    one that of the largest count among the fewest, who are no fewer than those counted.
    """
    o, n = numbers(count, denominator)
    rule = "a count must lie between 0 and a positive denominator"
    o, n = possible((o >= 0) & (o <= n) & (n > 0) & (n < np.inf), rule, errors, o, n)
    counted, people = (span_of_rounded(part, to=to, smallest=smallest) for part in (o, n))
    said = {"confidence": confidence, "multiplier": multiplier}
    lowest = wilson(counted.least, people.most, **said)
    most = np.minimum(counted.most, people.most)
    highest = wilson(most, np.maximum(people.least, most), **said)
    value = checked_multiplier(multiplier) * o / n
    return Interval(*(part[()] for part in (value, lowest.lower, highest.upper)))

"""League positions among a set of areas, and how sure they are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lbbd_jsna.statistics.workings.inputs import Errors, floats, normal_quantile, numbers, possible

# Which end of the values stands first; what is not judged starts with the highest.
FIRST = {"high_is_good": "highest", "low_is_good": "lowest", "no_judgement": "highest"}
# Standard errors between a value and its 95 % limit.
REACH = normal_quantile(0.95)
# Numbers drawn at a time: 8 MB of them, whatever the size of the league.
DRAWN_AT_ONCE = 2**20


class Ranks(NamedTuple):
    """Places of areas in their league.

    `position` and `tied` have the shape of the values, missing where they are; `of`, how many
    areas have a value, has no axis of areas.
    """

    position: np.ndarray
    tied: np.ndarray
    of: np.ndarray


class RankIntervals(NamedTuple):
    """Places of areas with the limits of those places.

    `low` is the lowest number, so the place nearest the first. `first_quarter` and
    `last_quarter` are the chances, 0 to 1, of standing in the quarter of the league at
    either end (8 places of 32 or 33). All have the shape of the values. `unsure`, without the
    axis of areas, says why a league has no limits and is empty where it has.
    """

    position: np.ndarray
    low: np.ndarray
    high: np.ndarray
    first_quarter: np.ndarray
    last_quarter: np.ndarray
    unsure: np.ndarray


@dataclass(frozen=True)
class Rank:
    """A position in a league: 1 is best, or highest where nothing is judged.

    `tied` counts the other areas with the same value; `of` counts the areas with
    a value, out of `members`. `low` and `high` are the limits of the position; without them
    `unsure` says why, or is empty where nobody asked.
    """

    position: int
    of: int
    members: int
    tied: int
    first: str
    low: int | None = None
    high: int | None = None
    unsure: str = ""


def ranks(values: ArrayLike, *, polarity: str) -> Ranks:
    """Positions of areas in a league table, the best first.

    Parameters
    ----------
    values : array_like of float, shape (..., areas)
        One league along the last axis, in one unit; nan has no place.
    polarity : {"high_is_good", "low_is_good", "no_judgement"}
        `low_is_good` puts the lowest value first; the others put the highest first.

    Returns
    -------
    Ranks
        Positions from 1, how many others have the same value, and how many areas have one.

    Raises
    ------
    ValueError
        An unknown polarity, or values without an axis of areas.

    Source
    ------
    Ours: standard competition ranking, 1 + the number of areas with a strictly better value, so
    that equal values share the best of their places (1, 2, 2, 4).
    """
    keys = _first_lowest(values, polarity)
    order = keys.argsort(axis=-1, kind="stable")
    ordered = np.take_along_axis(keys, order, axis=-1)
    starts = _starts(ordered)
    ends = keys.shape[-1] - 1 - _starts(ordered[..., ::-1])[..., ::-1]
    position, tied = np.empty_like(keys), np.empty_like(keys)
    np.put_along_axis(position, order, starts + 1.0, axis=-1)
    np.put_along_axis(tied, order, ends - starts + 0.0, axis=-1)
    known = ~np.isnan(keys)
    position[~known] = tied[~known] = np.nan
    return Ranks(position, tied, known.sum(axis=-1))


def rank_intervals(
    values: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    polarity: str,
    confidence: float = 0.95,
    draws: int = 10_000,
    seed: int = 1,
    errors: Errors = "raise",
) -> RankIntervals:
    """League positions with the range each could lie in, given the intervals of the values.

    Parameters
    ----------
    values, lower, upper : array_like of float, shape (..., areas), any that broadcast
        Values and their 95 % limits, in one unit. Where a single area with a value has no
        limits the whole league has none: taken as certain, it would make every other
        place look surer than it is.
    polarity
        As for `ranks`.
    confidence : float
        Of the limits of a position, such as 0.95.
    draws : int
        How often the league is drawn. At 10,000 a chance is within 0.01 of what countless
        draws would give. Memory grows with the square of the areas: 0.8 GB for 7,000.
    seed : int
        The same seed gives the same limits, whatever the unit of the values and the order
        of the areas.
    errors : {"raise", "missing"}
        What becomes of limits that do not enclose their value, or are infinite.

    Returns
    -------
    RankIntervals
        Limits are whole positions, and widened where needed to hold the position itself.

    Raises
    ------
    ValueError
        As `errors` says, with the positions; an unknown polarity; a confidence not between
        0 and 1; or no draws.

    Source
    ------
    Goldstein H, Spiegelhalter DJ (1996), Journal of the Royal Statistical Society A 159,
    385-443: every value is drawn many times with its error, independently of the others, each
    draw is ranked, and the limits are the a/2 and 1 - a/2 quantiles of an area's positions.
    A draw is value + z (upper - value) / 1.96 where z, a standard normal number, is above 0
    and value + z (value - lower) / 1.96 where it is below: a half of a normal distribution on
    each side, so that the value is the median of its draws and 2.5 % lie beyond each limit,
    however lopsided the interval. There is no change of scale, such as to logarithms: the
    order of the draws, which is all that counts here, hardly depends on it.

    Notes
    -----
    The limits are cautious. Values measured with error already differ more than what they
    measure, and drawing them adds the error once more.
    """
    normal_quantile(confidence)  # refuses what is not a share
    if draws < 1:
        raise ValueError(f"a simulation needs at least one draw, not {draws}")
    v, low, high = numbers(values, lower, upper)
    right = (low <= v) & (v <= high) & np.isfinite(low) & np.isfinite(high)
    rule = "limits must be finite and enclose their value"
    _, low, high = possible(right, rule, errors, v, low, high)
    position = ranks(v, polarity=polarity).position
    centre = _first_lowest(v, polarity)
    near, far = (low, high) if FIRST[polarity] == "lowest" else (-high, -low)
    found = np.full((4, *v.shape), np.nan)
    unsure = np.full(v.shape[:-1], "", dtype=object)
    for league in np.ndindex(v.shape[:-1]):
        known = ~np.isnan(centre[league])
        limits = [side[league][known] for side in (centre, near, far)]
        unsure[league] = _why_unsure(*limits[1:])
        if not unsure[league]:
            drawn = _simulated(*limits, confidence=confidence, draws=draws, seed=seed)
            found[(slice(None), *league, known)] = drawn
    found[0] = np.minimum(found[0], position)
    found[1] = np.maximum(found[1], position)
    return RankIntervals(position, *found, unsure.astype(str))


def league_position(
    area: str,
    values: Mapping[str, float],
    *,
    polarity: str,
    members: int,
    limits: Mapping[str, tuple[float, float]] | None = None,
) -> Rank | None:
    """Place one area among others by value.

    Parameters
    ----------
    area : str
        Its code.
    values : mapping of code to float
        One value an area, in one unit; nan is left out.
    polarity
        As for `ranks`.
    members : int
        How many areas the league has, with or without a value.
    limits : mapping of code to (lower, upper), optional
        The 95 % limits of the values, from which `rank_intervals` works out those of the
        position. Limits that do not enclose their value count as none.

    Returns
    -------
    Rank or None
        None when the area has no value.

    Raises
    ------
    ValueError
        An unknown polarity.

    Source
    ------
    As for `ranks` and `rank_intervals`.
    """
    if math.isnan(values.get(area, math.nan)):
        return None
    at, known = list(values).index(area), list(values.values())
    found = ranks(known, polarity=polarity)
    low, high, unsure = None, None, ""
    if limits is not None:
        pairs = np.array([limits.get(code, (math.nan, math.nan)) for code in values], float).T
        sure = rank_intervals(known, *pairs, polarity=polarity, errors="missing")
        unsure = str(sure.unsure)
        if not unsure:
            low, high = int(sure.low[at]), int(sure.high[at])
    position, tied = int(found.position[at]), int(found.tied[at])
    return Rank(position, int(found.of), members, tied, FIRST[polarity], low, high, unsure)


def place_of(value: float, values: ArrayLike, *, polarity: str) -> int | None:
    """The place a value from outside a league, such as London's average, would take in it.

    Parameters
    ----------
    value : float
        In the unit of the values.
    values : array_like of float, shape (areas,)
        Of every area of the league; nan is left out. An area among them is ahead of the
        value exactly where its own position is a smaller number than this place.
    polarity
        As for `ranks`.

    Returns
    -------
    int or None
        From 1 to one more than there are areas; None where the value or all others are missing.

    Raises
    ------
    ValueError
        An unknown polarity, or values without an axis of areas.

    Source
    ------
    As for `ranks`: 1 + the number of areas with a strictly better value.
    """
    keys = _first_lowest(values, polarity)
    own = _first_lowest([value], polarity)[0]
    if np.isnan(own) or np.isnan(keys).all():
        return None
    return 1 + int((keys < own).sum())


def _first_lowest(values: ArrayLike, polarity: str) -> np.ndarray:
    """The values turned so that the lowest stands first."""
    if polarity not in FIRST:
        raise ValueError(f"polarity {polarity!r}; expected one of {', '.join(FIRST)}")
    known = floats(values)
    if known.ndim == 0:
        raise ValueError("a league needs an axis of areas")
    return known if FIRST[polarity] == "lowest" else -known


def _starts(ordered: np.ndarray) -> np.ndarray:
    """Where the run of equal values that each belongs to starts, along sorted leagues."""
    at = np.broadcast_to(np.arange(ordered.shape[-1]), ordered.shape).copy()
    at[..., 1:][ordered[..., 1:] == ordered[..., :-1]] = 0
    return np.maximum.accumulate(at, axis=-1)


def _why_unsure(lower: np.ndarray, upper: np.ndarray) -> str:
    silent = int((np.isnan(lower) | np.isnan(upper)).sum())
    if not silent:
        return "" if len(lower) else "no values"
    if silent == len(lower):
        return "no intervals"
    return f"{silent} of {len(lower)} {'has' if silent == 1 else 'have'} no interval"


def _simulated(value, lower, upper, *, confidence: float, draws: int, seed: int) -> np.ndarray:
    """Lowest and highest place and the chances of the two end quarters: (4, areas).

    The numbers drawn belong to the areas in the order of their values and limits, not in the
    order they came in; areas alike in all three share their places.
    """
    size = len(value)
    order = np.lexsort((upper, lower, value))
    sides = np.stack([value, lower, upper])[:, order]
    counts = _places_drawn(*sides, draws=draws, seed=seed)
    firsts = np.flatnonzero(np.r_[True, (sides[:, 1:] != sides[:, :-1]).any(axis=0)])
    alike = np.diff(np.r_[firsts, size])
    if len(firsts) < size:
        counts = np.add.reduceat(counts, firsts, axis=0)
    found = np.empty((4, size))
    found[:, order] = np.repeat(_summary(counts, draws * alike, confidence), alike, axis=1)
    return found


def _places_drawn(value, lower, upper, *, draws: int, seed: int) -> np.ndarray:
    """How many draws put each area (row) at each place (column)."""
    size = len(value)
    counts = np.zeros(size * size, np.int32)
    for z in _normal_numbers(draws, size, seed):
        z *= np.where(z < 0, value - lower, upper - value) / REACH
        z += value
        area = z.argsort(axis=1)
        places = _starts(np.take_along_axis(z, area, axis=1))
        counts += np.bincount((area * size + places).ravel(), minlength=size * size)
    return counts.reshape(size, size)


def _normal_numbers(draws: int, size: int, seed: int) -> Iterator[np.ndarray]:
    """Standard normal numbers, a row a draw: as many rows at a time as memory should hold."""
    random = np.random.default_rng(seed)
    rows = max(1, DRAWN_AT_ONCE // size)
    for start in range(0, draws, rows):
        yield random.standard_normal((min(rows, draws - start), size))


def _summary(counts: np.ndarray, draws: np.ndarray, confidence: float) -> np.ndarray:
    """What the draws of each area come to: (4, areas)."""
    size = counts.shape[-1]
    # As many draws as may lie outside a limit; what falls short of a whole one by rounding is one.
    outside = np.floor(draws * (1 - confidence) / 2 + 1e-6)[:, None]
    reached = counts.cumsum(axis=1, dtype=counts.dtype)
    low = (reached > outside).argmax(axis=1) + 1
    high = (reached >= draws[:, None] - outside).argmax(axis=1) + 1
    quarter = size // 4
    if not quarter:
        return np.stack([low, high, *np.full((2, len(counts)), np.nan)])
    beyond = draws - reached[:, size - quarter - 1]
    return np.stack([low, high, reached[:, quarter - 1] / draws, beyond / draws])

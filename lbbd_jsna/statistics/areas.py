"""Figures of sets of areas: one rate for all, and how far the members stand apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lbbd_jsna.statistics.intervals import poisson, wilson
from lbbd_jsna.statistics.workings.inputs import (
    checked_multiplier,
    floats,
    normal_quantile,
    numbers,
)

NOT_A_RATIO = "not a plain ratio of counts, so it cannot be summed"
NO_DENOMINATOR = "the denominators sum to nothing"
IMPOSSIBLE = "a count or a denominator is below 0"
TOO_MANY = "the counts exceed the denominators"


class CombinedRates(NamedTuple):
    """Rates for a set of areas with limits, and what they were worked out from.

    Arrays of one shape, without the axis of areas; `reason` says in words why a rate is
    missing and is empty where there is one.
    """

    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    count: np.ndarray
    denominator: np.ndarray
    reason: np.ndarray


@dataclass(frozen=True)
class Combined:
    """A rate for a set of areas, or the reason there is none."""

    value: float | None
    count: float | None
    denominator: float | None
    reason: str = ""
    lower: float = math.nan
    upper: float = math.nan


class Range(NamedTuple):
    """How far areas stand apart: arrays without the axis of areas.

    `highest_at` and `lowest_at` say which areas, counted from 0, and are -1 where there are
    not two with a value; `known` counts those with one. `apart` is the highest less the
    lowest value and `ratio` the one over the other. `by_chance` is how far apart areas that are
    truly alike would stand, `excess` a number of people; both missing where not asked for.
    """

    highest_at: np.ndarray
    lowest_at: np.ndarray
    apart: np.ndarray
    ratio: np.ndarray
    known: np.ndarray
    by_chance: np.ndarray
    excess: np.ndarray


def combined_rates(
    counts: ArrayLike,
    denominators: ArrayLike,
    *,
    multiplier: float | None,
    members: int | None = None,
    interval: Literal["wilson", "poisson"] | None = None,
    confidence: float = 0.95,
    areas: str = "areas",
) -> CombinedRates:
    """Rates for a set of areas from summed numerators and denominators, with limits.

    Parameters
    ----------
    counts, denominators : array_like of float, shape (..., areas)
        People or events, never rates; nan for none. Each entry of the other axes is one
        period, sex, age and category.
    multiplier : float or None
        100 for per cent, 100,000 for a rate; None where the indicator is not a plain ratio
        of the two (a standardised rate, an expectancy).
    members : int, optional
        How many areas the set has, where the arrays lack some; their own length if not given.
    interval : {"wilson", "poisson"}, optional
        Limits of a proportion or of a rate; if not given, of a proportion for a multiplier
        of 100 and else of a rate.
    confidence : float
        Two-sided level of the limits.
    areas : str
        What a reason calls the areas, in the plural.

    Returns
    -------
    CombinedRates
        Arrays of shape (...). No rate where the indicator is not a plain ratio, where any
        area lacks a count or a denominator, where one is below 0, where the denominators sum
        to nothing, and where a proportion would be above one.

    Raises
    ------
    ValueError
        No axis of areas, more areas than the set has, a multiplier of 0 or less, or an
        interval or confidence that is none.

    Source
    ------
    multiplier * sum(O_i) / sum(n_i), with the limits of `wilson` (Wilson EB, 1927) or `poisson`
    (Breslow NE, Day NE, 1987). A mean of rates is never passed off as a rate: it would weigh a
    small borough as heavily as a large one.
    """
    o, n = numbers(counts, denominators)
    if not o.ndim:
        raise ValueError("counts of a set of areas need an axis of areas")
    members = o.shape[-1] if members is None else members
    if o.shape[-1] > members:
        raise ValueError(f"figures for {o.shape[-1]} areas of a set of {members}")
    proportion = _is_proportion(interval, multiplier)
    reason = _why_not(o, n, members, multiplier, proportion=proportion, areas=areas)
    given = reason == ""
    o, n = (np.where(given, part.sum(axis=-1), np.nan) for part in (o, n))
    limits = wilson if proportion else poisson
    rates = limits(o, n, confidence=confidence, multiplier=multiplier or 1.0)
    return CombinedRates(*rates, o, n, reason)


def combined_rate(
    counts: Sequence[float],
    denominators: Sequence[float],
    *,
    members: int,
    multiplier: float | None,
) -> Combined:
    """One rate for a set of boroughs, or the reason there is none.

    Parameters
    ----------
    counts, denominators : sequences of float, one entry an area
        As for `combined_rates`, of one period, sex, age and category.
    members, multiplier
        As for `combined_rates`.

    Returns
    -------
    Combined
        With its 95 % limits.

    Source
    ------
    As for `combined_rates`.
    """
    found = combined_rates(
        counts, denominators, members=members, multiplier=multiplier, areas="boroughs"
    )
    if found.reason[()]:
        return Combined(None, None, None, str(found.reason))
    value, lower, upper, count, denominator = map(float, found[:5])
    return Combined(value, count, denominator, lower=lower, upper=upper)


def ward_range(
    values: ArrayLike,
    *,
    standard_errors: ArrayLike | None = None,
    populations: ArrayLike | None = None,
    polarity: str = "no_judgement",
    multiplier: float = 100,
    confidence: float = 0.95,
    draws: int = 10_000,
    seed: int = 1,
) -> Range:
    """How far apart the highest and the lowest ward of a borough stand.

    Parameters
    ----------
    values : array_like of float, shape (..., areas)
        One value an area, in one unit; areas without one are passed over.
    standard_errors : array_like of float, shape (..., areas), optional
        For `by_chance`: the highest of many areas is the highest partly by luck.
    populations : array_like of float, shape (..., areas), optional
        The denominators of the values, for `excess`.
    polarity : {"low_is_good", "high_is_good", "no_judgement"}
        With `high_is_good`, `excess` counts the people short of the highest value.
    multiplier : float
        Of the values: 100 for per cent.
    confidence : float
        How surely areas that are alike stand no further apart than `by_chance`.
    draws, seed : int
        Of the simulation behind `by_chance`. Every set gets the same draws.

    Returns
    -------
    Range
        Of equal areas the one that stands first. `excess` is the people above what there
        would be were every area as the lowest one.

    Raises
    ------
    ValueError
        No axis of areas, an unknown polarity, a standard error or a population below 0, or a
        multiplier or confidence that is none.

    Source
    ------
    The range of normal errors: Tippett LHC (1925), Biometrika 17, 364-387. `by_chance` is its
    quantile by simulation, as errors differ; with equal ones it is that of Tukey's studentised
    range without limit of degrees of freedom. `excess` is sum n_i (v_i - lowest) / multiplier.
    """
    y = floats(values)
    if not y.ndim:
        raise ValueError("values of a set of areas need an axis of areas")
    if polarity not in ("low_is_good", "high_is_good", "no_judgement"):
        raise ValueError(f"polarity is not {polarity!r}")
    known = ~np.isnan(y)
    enough = known.sum(axis=-1) > 1
    top = np.where(known, y, -np.inf).argmax(axis=-1)
    foot = np.where(known, y, np.inf).argmin(axis=-1)
    high, low = (
        np.where(enough, np.take_along_axis(y, at[..., None], axis=-1)[..., 0], np.nan)
        for at in (top, foot)
    )
    missing = np.full(enough.shape, np.nan)
    chance, excess = missing, missing.copy()
    if standard_errors is not None:
        errors = _of_known(standard_errors, known, "a standard error")
        tails = (confidence, draws, seed)
        chance = np.where(enough, _range_by_chance(errors, known, *tails), np.nan)
    if populations is not None:
        people = _of_known(populations, known, "a population")
        best = (high if polarity == "high_is_good" else low)[..., None]
        short = np.where(known, np.abs(y - best), 0.0)
        excess = (people * short).sum(axis=-1) / checked_multiplier(multiplier)
    at = (np.where(enough, place, -1) for place in (top, foot))
    ratio = high / np.where(low > 0, low, np.nan)
    return Range(*at, high - low, ratio, known.sum(axis=-1), chance, excess)


def _is_proportion(interval: str | None, multiplier: float | None) -> bool:
    if interval not in (None, "wilson", "poisson"):
        raise ValueError(f"an interval is 'wilson' or 'poisson', not {interval!r}")
    return interval == "wilson" if interval else multiplier == 100


def _why_not(
    o: np.ndarray,
    n: np.ndarray,
    members: int,
    multiplier: float | None,
    *,
    proportion: bool,
    areas: str,
) -> np.ndarray:
    """The first reason against each rate, or an empty text."""
    if multiplier is None:
        return np.full(o.shape[:-1], NOT_A_RATIO)
    short = members - (~np.isnan(o) & ~np.isnan(n)).sum(axis=-1)
    lacking = np.array([f"no counts for {k} of {members} {areas}" for k in range(members + 1)])
    below = ((o < 0) | (n < 0)).any(axis=-1)
    nothing = n.sum(axis=-1) <= 0
    above = proportion & (o.sum(axis=-1) > n.sum(axis=-1))
    tests = [short > 0, below, nothing, above]
    words = [lacking[short], IMPOSSIBLE, NO_DENOMINATOR, TOO_MANY]
    return np.asarray(np.select(tests, words, default=""))


def _of_known(array: ArrayLike, known: np.ndarray, what: str) -> np.ndarray:
    """What belongs to the areas with a value; 0 for the others."""
    kept = np.where(known, np.broadcast_to(floats(array), known.shape), 0.0)
    if (kept < 0).any():
        raise ValueError(f"{what} must be 0 or more")
    return kept


def _range_by_chance(
    errors: np.ndarray, known: np.ndarray, confidence: float, draws: int, seed: int
) -> np.ndarray:
    normal_quantile(confidence)  # refuses what is no share
    noise = np.random.default_rng(seed).standard_normal((draws, errors.shape[-1]))
    found = np.full(errors.shape[:-1], np.nan)
    for at in np.ndindex(found.shape):
        drawn = noise[:, known[at]] * errors[at][known[at]]
        if drawn.shape[-1] > 1:
            found[at] = np.quantile(np.ptp(drawn, axis=-1), confidence)
    return found

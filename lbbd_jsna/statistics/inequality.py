"""Inequality between groups in order of deprivation, gaps, and life expectancy."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from lbbd_jsna.statistics.intervals import Interval

# First years of the bands of an abridged life table; the last is open.
AGE_STARTS = (0, 1, *range(5, 95, 5))
# Where in a band those who die in it die, as a share of its length; infants die early.
INFANT, LATER = 0.1, 0.5
# An area must have more people than this, and a narrower interval, for an expectancy.
FEWEST_PEOPLE, WIDEST = 5000, 20.0
# A published interval is this many standard errors wide to each side.
PUBLISHED_Z = 1.96


class Inequality(NamedTuple):
    """The slope index (in the unit of the values) and the relative index, each with limits."""

    slope: Interval
    relative: Interval


def slope_index(
    values: ArrayLike,
    populations: ArrayLike,
    standard_errors: ArrayLike,
    *,
    scale: Literal["linear", "log", "logit"] = "linear",
    confidence: float = 0.95,
    draws: int = 0,
    seed: int = 1,
) -> Inequality:
    """Slope and relative index of inequality over groups in order.

    The line is fitted to the groups' values against their place in the cumulative population,
    each weighted by its share of the people. The slope index is the line's value at the far
    end less that at the near end; the relative index is their ratio.

    Parameters
    ----------
    values : array_like of float, shape (..., groups)
        One value a group, the most deprived first (or last: the sign follows the order).
        `log` wants them above 0 (rates); `logit` between 0 and 1 (proportions).
    populations : array_like of float, shape (..., groups)
        People in each group; above 0.
    standard_errors : array_like of float, shape (..., groups)
        Of the values on `scale`; `standard_error` reads them from a published interval.
    scale : {"linear", "log", "logit"}
        On which the line is straight. Limits are worked out there.
    confidence : float
        Two-sided level.
    draws : int
        0 for limits in closed form. Otherwise limits are the quantiles of so many normal
        draws of the values: the method of the publishers, kept as a check and for the
        slope on a log or logit scale.
    seed : int
        Of the draws.

    Returns
    -------
    Inequality
        Arrays of shape (...); missing where any input is missing.

    Raises
    ------
    ValueError
        Fewer than three groups, a population of 0 or less, or values outside their scale.

    Source
    ------
    Low A, Low A (2004), Journal of Public Health 26, 404-412; weights and mid-points as in
    Public Health England, Technical Guide: SII and RII (2018). The fitted ends are sums
    c_i y_i, so on the linear scale the slope is normal with variance sum c_i^2 se_i^2, and
    the ratio of the ends has Fieller limits: Fieller EC (1954), JRSS B 16, 175-185.
    """
    y, people, errors = np.broadcast_arrays(
        *(np.asarray(a, float) for a in (values, populations, standard_errors))
    )
    if y.ndim == 0 or y.shape[-1] < 3:
        raise ValueError("a slope needs three groups or more")
    if (people <= 0).any():
        raise ValueError("every group needs people")
    y = _onto(y, scale)
    near, far = _ends(people)
    start, end = (near * y).sum(axis=-1), (far * y).sum(axis=-1)
    if draws or scale != "linear":
        drawn = _drawn(y, errors, near, far, draws=draws or 100_000, seed=seed)
        return _from_draws(start, end, drawn, scale, confidence)
    z = ndtri(0.5 + confidence / 2)
    spread = z * np.sqrt((((far - near) * errors) ** 2).sum(axis=-1))
    slope = Interval(end - start, end - start - spread, end - start + spread)
    return Inequality(slope, _fieller(start, end, near * errors, far * errors, z))


def standard_error(
    lower: ArrayLike, upper: ArrayLike, *, scale: Literal["linear", "log", "logit"] = "linear"
) -> np.ndarray:
    """The standard error that a published 95 % interval stands for.

    Parameters
    ----------
    lower, upper : array_like of float, one shape
    scale : str
        On which the interval is taken to be symmetrical.

    Returns
    -------
    ndarray of the same shape, in the unit of the values

    Source
    ------
    Public Health England, Technical Guide: SII and RII (2018): (upper - lower) / (2 x 1.96).
    """
    low, high = np.asarray(lower, float), np.asarray(upper, float)
    if scale != "linear":
        low, high = (_onto(limit, scale) for limit in (low, high))
    return (high - low) / (2 * PUBLISHED_Z)


def gap(first: Interval, second: Interval) -> Interval:
    """The first value less the second, with limits, for two independent groups.

    Parameters
    ----------
    first, second : Interval
        Values with limits of one level, in one unit: most and least deprived, children with
        special needs and their peers, this year and the year of the baseline.

    Returns
    -------
    Interval
        Arrays of the broadcast shape, limits of the level of those given.

    Source
    ------
    Newcombe RG (1998), Statistics in Medicine 17, 873-890, method 10 (square and add):
    d - sqrt((v1 - l1)^2 + (u2 - v2)^2) and d + sqrt((u1 - v1)^2 + (v2 - l2)^2).
    """
    (v1, l1, u1), (v2, l2, u2) = (map(np.asarray, part) for part in (first, second))
    apart = v1 - v2
    return Interval(
        apart, apart - np.hypot(v1 - l1, u2 - v2), apart + np.hypot(u1 - v1, v2 - l2)
    )


def life_expectancy(
    deaths: ArrayLike,
    populations: ArrayLike,
    *,
    starts: ArrayLike = AGE_STARTS,
    confidence: float = 0.95,
) -> Interval:
    """Expectancy of life at the start of each age band, from an abridged life table.

    Parameters
    ----------
    deaths, populations : array_like of float, shape (..., bands)
        Deaths and person-years of each band over the same years.
    starts : array_like of float, shape (bands,)
        The first year of each band, rising; the last band is open. 0, 1, 5, 10, ... 90
        if not given.
    confidence : float
        Two-sided level.

    Returns
    -------
    Interval
        Years, arrays of shape (..., bands); `value[..., 0]` is at birth. A whole table is
        missing where a band is missing, has no people, negative deaths or more deaths than
        people, or so many that more than all would die; where nobody died in the last band;
        and where it has 5,000 people or fewer. A band is missing where its interval is wider
        than 20 years.

    Raises
    ------
    ValueError
        Shapes that do not match, or starts that do not rise.

    Source
    ------
    Chiang CL (1984), The Life Table and its Applications; variance with the open band as
    Silcocks PBS, Jenner DA, Reza R (2001), Journal of Epidemiology and Community Health 55,
    38-43. Probability of dying q = nM / (1 + nM(1 - a)), a = 0.1 under one year, else 0.5.
    Suppression: Public Health England, Life Expectancy Calculator.
    """
    d, people = np.broadcast_arrays(np.asarray(deaths, float), np.asarray(populations, float))
    age = np.asarray(starts, float)
    if d.ndim == 0 or d.shape[-1:] != age.shape or (np.diff(age) <= 0).any():
        raise ValueError(f"{d.shape[-1:] or 'no'} bands for {age.size} rising starts")
    sound = (people > 0) & (d >= 0) & (d <= people)
    # The chance of dying in a band passes 1 where n M a does.
    sound[..., :-1] &= np.diff(age) * _lived(age) * d[..., :-1] <= people[..., :-1]
    whole = sound.all(axis=-1) & (d[..., -1] > 0) & (people.sum(axis=-1) > FEWEST_PEOPLE)
    # A table that cannot be made is worked out on small numbers and left out at the end.
    d = np.where(whole[..., None], d, 0.1)
    people = np.where(whole[..., None], people, 1.0)
    value, error = _life_table(d, people, age)
    reach = ndtri(0.5 + confidence / 2) * error
    shown = whole[..., None] & (2 * reach <= WIDEST)
    return Interval(*(np.where(shown, a, np.nan) for a in (value, value - reach, value + reach)))


def _life_table(
    deaths: np.ndarray, people: np.ndarray, age: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Expectancy at the start of each band, and its standard error."""
    rate = deaths / people
    width = np.diff(age)
    lived = _lived(age)
    m = rate[..., :-1]
    dying = width * m / (1 + width * m * (1 - lived))
    alive = np.concatenate(
        [np.ones_like(rate[..., :1]), np.cumprod(1 - dying, axis=-1)], axis=-1
    )
    years = width * (alive[..., 1:] + lived * (alive[..., :-1] - alive[..., 1:]))
    last = alive[..., -1:] / rate[..., -1:]
    ahead = _from_the_end(np.concatenate([years, last], axis=-1))
    value = ahead / alive
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = np.where(deaths[..., :-1] > 0, dying**2 * (1 - dying) / deaths[..., :-1], 0.0)
    weight = alive[..., :-1] * ((1 - lived) * width + value[..., 1:])
    open_band = alive[..., -1:] ** 2 / (deaths[..., -1:] * rate[..., -1:] ** 2)
    spread = _from_the_end(np.concatenate([weight**2 * chance, open_band], axis=-1))
    return value, np.sqrt(spread) / alive


def _lived(age: np.ndarray) -> np.ndarray:
    """The share of a closed band lived by those who die in it."""
    return np.where((age[:-1] == 0) & (np.diff(age) <= 1), INFANT, LATER)


def _from_the_end(parts: np.ndarray) -> np.ndarray:
    """Sums of each part and all after it."""
    return np.cumsum(parts[..., ::-1], axis=-1)[..., ::-1]


def _onto(values: np.ndarray, scale: str) -> np.ndarray:
    if scale == "linear":
        return values
    top = np.inf if scale == "log" else 1.0
    if ((values <= 0) | (values >= top)).any():
        raise ValueError(f"the {scale} scale needs values above 0" + " and below 1" * (top == 1))
    return np.log(values) if scale == "log" else np.log(values / (1 - values))


def _back(values: np.ndarray, scale: str) -> np.ndarray:
    if scale == "linear":
        return values
    return np.exp(values) if scale == "log" else 1 / (1 + np.exp(-values))


def _ends(people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each group adds to the fitted line's value at place 0 and at place 1."""
    share = people / people.sum(axis=-1, keepdims=True)
    place = share.cumsum(axis=-1) - share / 2
    # Shares sum to 1 and so does share times twice the place: the mean place is a half.
    off = place - 0.5
    steepness = share * off / (share * off**2).sum(axis=-1, keepdims=True)
    return share - steepness / 2, share + steepness / 2


def _fieller(
    start: np.ndarray, end: np.ndarray, start_errors: np.ndarray, end_errors: np.ndarray, z: float
) -> Interval:
    """End over start with limits; none where the start may be 0."""
    vs, ve = (start_errors**2).sum(axis=-1), (end_errors**2).sum(axis=-1)
    both = (start_errors * end_errors).sum(axis=-1)
    a = start**2 - z**2 * vs
    b = start * end - z**2 * both
    c = end**2 - z**2 * ve
    with np.errstate(invalid="ignore", divide="ignore"):
        reach = np.sqrt(np.where(a > 0, b**2 - a * c, np.nan))
        return Interval(end / start, (b - reach) / a, (b + reach) / a)


def _drawn(
    y: np.ndarray, errors: np.ndarray, near: np.ndarray, far: np.ndarray, *, draws: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """The line's two ends for normal draws of the values; draws along the first axis."""
    rng = np.random.default_rng(seed)
    start, end = (np.empty((draws, *y.shape[:-1])) for _ in range(2))
    for place in range(draws):
        values = y + errors * rng.standard_normal(y.shape)
        start[place], end[place] = (near * values).sum(axis=-1), (far * values).sum(axis=-1)
    return start, end


def _from_draws(
    start: np.ndarray,
    end: np.ndarray,
    drawn: tuple[np.ndarray, np.ndarray],
    scale: str,
    confidence: float,
) -> Inequality:
    start, end, starts, ends = (_back(a, scale) for a in (start, end, *drawn))
    tails = [0.5 - confidence / 2, 0.5 + confidence / 2]
    slope = np.quantile(ends - starts, tails, axis=0)
    relative = np.quantile(ends / starts, tails, axis=0)
    return Inequality(Interval(end - start, *slope), Interval(end / start, *relative))

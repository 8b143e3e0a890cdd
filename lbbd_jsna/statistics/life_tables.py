"""Life expectancy from an abridged life table, and why one is not given."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lbbd_jsna.statistics.intervals import Interval
from lbbd_jsna.statistics.workings.inputs import normal_quantile, numbers

# First years of the bands of an abridged life table; the last is open.
AGE_STARTS = (0, 1, *range(5, 95, 5))
# Where in a band those who die in it die, as a share of its length; infants die early.
INFANT, LATER = 0.1, 0.5
# An area must have more people than this, and a narrower 95 % interval, for an expectancy.
FEWEST_PEOPLE, WIDEST = 5000, 20.0
MISSING_BAND = "an age band is missing"
NOBODY = "an age band has no people"
NEGATIVE = "an age band has fewer than no deaths"
TOO_MANY = "an age band has more deaths than people"
NO_END = "nobody died in the last age band"
TOO_FEW = f"{FEWEST_PEOPLE:,} people or fewer"


class _Table(NamedTuple):
    """Expectancies and their standard errors, arrays of shape (..., bands)."""

    value: np.ndarray
    error: np.ndarray


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
        Two-sided level of the limits.

    Returns
    -------
    Interval
        Years, arrays of shape (..., bands); `value[..., 0]` is at birth. A whole table is
        missing for the reasons that `expectancy_withheld` gives. A band is missing where its
        95 % interval is wider than 20 years, and where nobody of the table reaches it.

    Raises
    ------
    ValueError
        Shapes that do not match, starts that do not rise, or a confidence not between 0 and 1.

    Source
    ------
    Chiang CL (1984), The Life Table and its Applications; variance of the open band as in
    Silcocks PBS, Jenner DA, Reza R (2001), Journal of Epidemiology and Community Health 55,
    38-43; rules for withholding as in Public Health England's Life Expectancy Calculator,
    after Eayres D, Williams ES (2004), Journal of Epidemiology and Community Health 58,
    243-249. With death rate M, width n and a = 0.1 under one year, else 0.5:
    q = nM / (1 + nM(1 - a)), at most 1; l falls by q from band to band; years lived are
    n(l' + a(l - l')), and l/M in the open band, which is as wide as 2/M with a = 0.5.
    Var(q) = q^2 (1 - q) / deaths; the width of the open band has variance 4 / (deaths M^2),
    so its years, l/2 times that width, have l^2 / (deaths M^2).
    """
    d, people, age = _bands(deaths, populations, starts)
    z = normal_quantile(confidence)
    whole = np.asarray(_why_withheld(d, people) == "")
    # A table that cannot be made is worked out on small numbers and left out at the end.
    d = np.where(whole[..., None], d, 0.1)
    people = np.where(whole[..., None], people, 1.0)
    value, error = _life_table(d, people, age)
    # Not "above": where nobody is alive the error is missing, and so is the band.
    shown = whole[..., None] & (2 * normal_quantile(0.95) * error <= WIDEST)
    limits = (value, value - z * error, value + z * error)
    return Interval(*(np.where(shown, a, np.nan) for a in limits))


def expectancy_withheld(
    deaths: ArrayLike, populations: ArrayLike, *, starts: ArrayLike = AGE_STARTS
) -> np.ndarray:
    """Why `life_expectancy` gives an area no expectancy at all.

    Parameters
    ----------
    deaths, populations, starts
        As for `life_expectancy`.

    Returns
    -------
    ndarray of str, shape (...)
        The first reason that applies, and an empty text where a table is given: a band is
        missing, has no people, negative deaths or more deaths than people; the area has 5,000
        people or fewer; nobody died in the last band, so that it has no end.

    Raises
    ------
    ValueError
        As for `life_expectancy`.

    Source
    ------
    Public Health England's Life Expectancy Calculator, after Eayres D, Williams ES (2004),
    Journal of Epidemiology and Community Health 58, 243-249; but for the last reason, where
    the method gives no number.
    """
    d, people, _ = _bands(deaths, populations, starts)
    return _why_withheld(d, people)


def _bands(
    deaths: ArrayLike, populations: ArrayLike, starts: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    d, people = numbers(deaths, populations)
    age = np.asarray(starts, float)
    if d.ndim == 0 or d.shape[-1:] != age.shape or not (np.diff(age) > 0).all():
        raise ValueError(f"{d.shape[-1:] or 'no'} bands for {age.size} rising starts")
    return d, people, age


def _why_withheld(d: np.ndarray, people: np.ndarray) -> np.ndarray:
    reasons = {
        MISSING_BAND: (np.isnan(d) | np.isnan(people)).any(axis=-1),
        NOBODY: (people <= 0).any(axis=-1),
        NEGATIVE: (d < 0).any(axis=-1),
        TOO_MANY: (d > people).any(axis=-1),
        TOO_FEW: people.sum(axis=-1) <= FEWEST_PEOPLE,
        NO_END: d[..., -1] == 0,
    }
    return np.select(list(reasons.values()), list(reasons), default="")


def _life_table(deaths: np.ndarray, people: np.ndarray, age: np.ndarray) -> _Table:
    """Expectancy at the start of each band, and its standard error."""
    rate = deaths / people
    width, lived = np.diff(age), _lived(age)
    m = rate[..., :-1]
    dying = np.minimum(width * m / (1 + width * m * (1 - lived)), 1.0)
    alive = np.concatenate(
        [np.ones_like(rate[..., :1]), np.cumprod(1 - dying, axis=-1)], axis=-1
    )
    years = width * (alive[..., 1:] + lived * (alive[..., :-1] - alive[..., 1:]))
    last = alive[..., -1:] / rate[..., -1:]
    ahead = _from_the_end(np.concatenate([years, last], axis=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = ahead / alive  # missing where nobody is alive
        chance = np.where(deaths[..., :-1] > 0, dying**2 * (1 - dying) / deaths[..., :-1], 0.0)
        later = np.where(alive[..., 1:] > 0, value[..., 1:], 0.0)
        weight = alive[..., :-1] * ((1 - lived) * width + later)
        open_band = alive[..., -1:] ** 2 / (deaths[..., -1:] * rate[..., -1:] ** 2)
        spread = _from_the_end(np.concatenate([weight**2 * chance, open_band], axis=-1))
        return _Table(value, np.sqrt(spread) / alive)


def _lived(age: np.ndarray) -> np.ndarray:
    """The share of a closed band lived by those who die in it."""
    return np.where((age[:-1] == 0) & (np.diff(age) <= 1), INFANT, LATER)


def _from_the_end(parts: np.ndarray) -> np.ndarray:
    """Sums of each part and all after it."""
    return np.cumsum(parts[..., ::-1], axis=-1)[..., ::-1]

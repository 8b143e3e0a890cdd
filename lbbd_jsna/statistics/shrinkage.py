"""Shrunken estimates: each area's figure drawn towards the mean of all, small areas most.

Empirical Bayes by the method of moments. They stand beside the raw figures, never instead:
they say what a small area's figure is likely to be once chance is allowed for.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, gammaincinv

from lbbd_jsna.statistics.workings.inputs import (
    checked_multiplier,
    normal_quantile,
    numbers,
    possible,
)

Kind = Literal["proportion", "rate"]
MULTIPLIERS = {"proportion": 100.0, "rate": 100_000.0}
# A mean and a spread cannot be told from fewer areas.
FEWEST_AREAS = 3


class Shrunken(NamedTuple):
    """Shrunken estimates and what they rest on; the first four are arrays of one shape.

    `weight` is the part of each estimate that is the area's own figure: 1 leaves it as it
    is, 0 puts the mean of all in its place. `mean` is that mean and `spread` the standard
    deviation of the true figures between areas, both in units of the multiplier.
    """

    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    weight: np.ndarray
    mean: float
    spread: float


def empirical_bayes(
    count: ArrayLike,
    denominator: ArrayLike,
    *,
    kind: Kind = "proportion",
    confidence: float = 0.95,
    multiplier: float | None = None,
) -> Shrunken:
    """Global empirical Bayes estimates: beta-binomial of proportions, gamma-Poisson of rates.

    Parameters
    ----------
    count, denominator : array_like of float, shape (n,)
        Events and people, or person-years, of each area. Areas with either missing are
        left out and their estimate is missing.
    kind : {"proportion", "rate"}
    confidence : float
        Level of the limits: those of the posterior distribution, the mean and the spread
        taken as known. They are a little too narrow where there are few areas.
    multiplier : float, optional
        100 for proportions and 100,000 for rates if not given.

    Returns
    -------
    Shrunken
        Limits are missing where areas differ by no more than chance: every estimate is
        then the mean.

    Raises
    ------
    ValueError
        Fewer than three areas with figures; a count below 0, a denominator of 0 or less, or
        a proportion with more events than people.

    Source
    ------
    Marshall RJ (1991), Applied Statistics 40, 283-294: m = sum O / sum n,
    s^2 = sum n (r - m)^2 / sum n, and for rates A = max(0, s^2 - m / mean n), so that the
    weight is A / (A + m / n). Proportions likewise with the binomial variance of a
    beta-binomial, m(1 - m) / n + A(1 - 1/n): Kleinman JC (1973), JASA 68, 46-54.
    """
    if kind not in MULTIPLIERS:
        raise ValueError(f'kind is "proportion" or "rate", not {kind!r}')
    normal_quantile(confidence)
    multiplier = checked_multiplier(MULTIPLIERS[kind] if multiplier is None else multiplier)
    o, n = _areas(count, denominator, kind)
    known = ~np.isnan(o)
    if known.sum() < FEWEST_AREAS:
        raise ValueError(f"at least {FEWEST_AREAS} areas with figures are needed")
    mean, variance = _moments(o[known], n[known], kind)
    weight, lower, upper = _posterior(o, n, mean, variance, kind, confidence)
    weight = np.where(known, weight, np.nan)
    value = mean + weight * (o / n - mean)
    return Shrunken(
        *(multiplier * part for part in (value, lower, upper)),
        weight,
        float(multiplier * mean),
        float(multiplier * np.sqrt(variance)),
    )


def _areas(count: ArrayLike, denominator: ArrayLike, kind: Kind) -> list[np.ndarray]:
    o, n = numbers(count, denominator)
    if o.ndim != 1:
        raise ValueError(f"one row of areas is needed, not an array of shape {o.shape}")
    right = (o >= 0) & (n > 0) & (n < np.inf) & (o < np.inf)
    rule = "a count must be 0 or more and its denominator above 0"
    if kind == "proportion":
        right &= o <= n
        rule = "a count must lie between 0 and a positive denominator"
    return possible(right, rule, "raise", o, n)


def _moments(o: np.ndarray, n: np.ndarray, kind: Kind) -> tuple[float, float]:
    """The mean of all areas, and the variance of their true figures beyond chance."""
    mean, size = o.sum() / n.sum(), n.mean()
    found = (n * (o / n - mean) ** 2).sum() / n.sum()
    if kind == "rate":
        return mean, max(0.0, found - mean / size)
    if size <= 1:
        return mean, 0.0
    between = (found - mean * (1 - mean) / size) / (1 - 1 / size)
    # No distribution of proportions spreads as far as the all-or-nothing one.
    return mean, min(max(0.0, between), mean * (1 - mean) * (1 - 1e-9))


def _posterior(
    o: np.ndarray, n: np.ndarray, mean: float, variance: float, kind: Kind, confidence: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each area's weight and the limits of its true figure, given its events."""
    if not variance > 0:
        nothing = np.full(o.shape, np.nan)
        return np.zeros(o.shape), nothing, nothing
    ends = ((1 - confidence) / 2, (1 + confidence) / 2)
    if kind == "rate":
        size = mean / variance
        lower, upper = (gammaincinv(size * mean + o, e) / (size + n) for e in ends)
    else:
        size = mean * (1 - mean) / variance - 1
        a, b = size * mean + o, size * (1 - mean) + n - o
        lower, upper = (betaincinv(a, b, e) for e in ends)
    return n / (n + size), lower, upper

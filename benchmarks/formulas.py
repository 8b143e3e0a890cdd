"""Formulas as one would write them at first: numpy and scipy, nothing checked."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import gammainccinv, gammaincinv

from lbbd_jsna.statistics.intervals import ESP_2013

Z, TAIL = float(stats.norm.ppf(0.975)), 0.025
Three = tuple[np.ndarray, np.ndarray, np.ndarray]


def wilson(o: np.ndarray, n: np.ndarray, z: float = Z) -> Three:
    """Per cent."""
    p = o / n
    root = z * np.sqrt(z * z + 4 * o * (1 - p))
    whole = 2 * (n + z * z)
    return 100 * p, 100 * (2 * o + z * z - root) / whole, 100 * (2 * o + z * z + root) / whole


def byar(o: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Limits of ten events or more."""
    c = o + 1
    lower = o * (1 - 1 / (9 * o) - Z / (3 * np.sqrt(o))) ** 3
    return lower, c * (1 - 1 / (9 * c) + Z / (3 * np.sqrt(c))) ** 3


def event_limits(o: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Byar's, and below ten, for whole numbers, exact ones from a table of ten."""
    few = np.arange(10.0)
    exact_lower, exact_upper = gammaincinv(few, TAIL), gammainccinv(few + 1, TAIL)
    exact_lower[0] = 0
    lower, upper = byar(np.maximum(o, 1))
    rows = o < 10
    counts = o[rows].astype(int)
    lower[rows], upper[rows] = exact_lower[counts], exact_upper[counts]
    return lower, upper


def poisson(o: np.ndarray, n: np.ndarray, multiplier: float = 100_000) -> Three:
    """Per 100,000."""
    lower, upper = event_limits(o)
    return multiplier * o / n, multiplier * lower / n, multiplier * upper / n


def directly_standardised_rate(o: np.ndarray, n: np.ndarray) -> Three:
    """Per 100,000, of areas with ten events or more."""
    w = ESP_2013 / ESP_2013.sum()
    events = o.sum(axis=1)
    value = (w * o / n).sum(axis=1)
    unit = np.sqrt((w**2 * o / n**2).sum(axis=1) / events)
    lower, upper = byar(events)
    limits = (100_000 * (value + unit * (limit - events)) for limit in (lower, upper))
    return 100_000 * value, *limits


def indirectly_standardised_ratio(
    o: np.ndarray, n: np.ndarray, *, reference_counts: np.ndarray, reference_populations: np.ndarray
) -> Three:
    """Per cent."""
    expected = n @ (reference_counts / reference_populations)
    return poisson(o.sum(axis=1), expected, 100)


def mean(x: np.ndarray) -> Three:
    """With Student's limits."""
    n, middle = x.shape[1], x.mean(axis=1)
    reach = stats.t.ppf(0.975, n - 1) * x.std(axis=1, ddof=1) / np.sqrt(n)
    return middle, middle - reach, middle + reach


def recent_trends(y: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> Three:
    """Direction, slope and chi-squared of series of five points, all of them known."""
    t = np.arange(1.0, 6)
    w = (3.92 / (upper - lower)) ** 2

    def slope_of(kept: list[int]) -> tuple[np.ndarray, np.ndarray]:
        u, x, v = w[:, kept], t[kept], y[:, kept]
        s, sx, sy = u.sum(axis=1), u @ x, (u * v).sum(axis=1)
        spread = s * (u @ x**2) - sx**2
        return (s * ((u * v) @ x) - sx * sy) / spread, spread / s

    slope, precision = slope_of([0, 1, 2, 3, 4])
    chi_squared = slope**2 * precision
    steady = chi_squared <= 9.549535706
    for out in range(5):
        steady |= slope_of([i for i in range(5) if i != out])[0] * slope <= 0
    return np.where(steady, 0, np.sign(slope)), slope, chi_squared


def quantiles(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Fifths by rank within groups, the first of the highest."""
    by_group = pd.Series(-values).groupby(groups)
    rank, size = by_group.rank(method="min"), by_group.transform("size")
    fifth = np.floor(6 - np.ceil((size + 1 - rank) / (size / 5)))
    return np.maximum(fifth, 1).to_numpy()


def funnel_verdicts(o: np.ndarray, n: np.ndarray, *, benchmark: float) -> np.ndarray:
    """Of proportions, by their own limits at 95 % and 99.8 %."""
    _, lower, upper = wilson(o, n)
    _, lowest, highest = wilson(o, n, float(stats.norm.ppf(0.999)))
    outside = [benchmark > highest, benchmark > upper, benchmark < lowest, benchmark < lower]
    return np.select(outside, ["low 99.8", "low 95", "high 99.8", "high 95"], "within")


def rank_intervals(
    value: np.ndarray, lower: np.ndarray, upper: np.ndarray, *, draws: int
) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the places, the highest first, of leagues one after the other."""
    random = np.random.default_rng(1)
    found = []
    for v, low, high in zip(value, lower, upper, strict=True):
        z = random.standard_normal((draws, len(v)))
        drawn = v + z * np.where(z < 0, v - low, high - v) / Z
        places = (-drawn).argsort(axis=1).argsort(axis=1) + 1
        found.append(np.quantile(places, [TAIL, 1 - TAIL], axis=0))
    return tuple(np.transpose(found, (1, 0, 2)))

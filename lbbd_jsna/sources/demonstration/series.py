"""Made-up series: values, counts and intervals around a level, for every area.

Arrays are areas by periods. The first areas are the boroughs; the last two rows are
the region, which is the sum of its boroughs, and the country, drawn by itself.
"""

from __future__ import annotations

import numpy as np

from lbbd_jsna.sources.demonstration.counts import Z_95, Z_99_8, Series, counted_series
from lbbd_jsna.sources.demonstration.levels import ENGLAND_RESIDENTS, Level
from lbbd_jsna.sources.demonstration.periods import DemoPeriod

PER_CENT = ("%", "per cent")


def kind_of(unit: str, value_type: str, *, survey: bool) -> tuple[str, float]:
    """How a series is made, and its multiplier, from what the catalogue calls it.

    Returns
    -------
    tuple of str and float
        `survey`, `standardised`, `rate`, `proportion`, `estimate` (normal intervals)
        or `plain` (no interval).
    """
    words = value_type.lower()
    multiplier = next((m for m in (100_000, 10_000, 1_000) if f"per {m:,}" in unit), 100)
    if survey:
        return "survey", 100
    if "standardised" in words:
        return "standardised", multiplier
    if multiplier > 100:
        return "rate", multiplier
    if any(word in words for word in ("expectancy", "slope", "gap", "point", "difference")):
        return "estimate", 1
    if unit in PER_CENT and not any(word in words for word in ("mean", "score")):
        return "proportion", 100
    return "plain", 1


def draw(
    level: Level,
    periods: list[DemoPeriod],
    *,
    kind: str,
    multiplier: float,
    weights: np.ndarray,
    home: int,
    rng: np.random.Generator,
) -> Series:
    """Draw a series for boroughs, region and country.

    Parameters
    ----------
    level, periods
        The level of the latest period, and the periods, oldest first.
    kind, multiplier
        As `kind_of` gives them.
    weights : ndarray of float, one a borough
        Residents relative to the home borough.
    home : int
        Position of the home borough.

    Returns
    -------
    Series
        Rows: the boroughs as `weights`, then region, then country.
    """
    expected = _expected(level, periods, kind=kind, boroughs=len(weights), home=home, rng=rng)
    england = ENGLAND_RESIDENTS / 22
    sizes = _sizes(level, periods, np.append(weights, england), kind=kind, rng=rng)
    if kind in ("estimate", "plain"):
        return _estimated(level, expected, sizes, kind=kind, weights=weights, rng=rng)
    count, factor = _counts(expected, sizes, kind=kind, multiplier=multiplier, rng=rng)
    # The region's age structure is that of its boroughs, each by its events.
    events = np.maximum(count[:-1], 0.5)
    region = (events * factor[:-1]).sum(0) / events.sum(0)
    factor = np.vstack([factor[:-1], region, factor[-1]])
    return counted_series(kind, multiplier, _with_region(count), _with_region(sizes), factor)


def _expected(
    level: Level, periods: list[DemoPeriod], *, kind: str, boroughs: int, home: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Expected values, boroughs then country, by period, on a scale that keeps bounds."""
    to, back, slope = _scale(kind)
    middle = to(np.array([level.london]))[0]
    spread = level.spread * slope(level.london)
    latest = middle + spread * np.clip(rng.normal(size=boroughs + 1), -2.2, 2.2)
    latest[home], latest[-1] = to(np.array([level.borough, level.england]))
    change = level.change_per_year * slope(level.england)
    changes = change * (1 + 0.35 * rng.normal(size=boroughs + 1))
    changes[-1] = change
    years = np.array([p.time for p in periods]) - periods[-1].time
    wobble = 0.12 * spread * rng.normal(size=(boroughs + 1, len(periods)))
    wobble[-1] *= 0.15
    expected = back(latest[:, None] + changes[:, None] * years + wobble)
    if level.periods == "cumulative":
        # Five years of invitations: the share reached grows with every quarter.
        expected = expected * np.arange(1, len(periods) + 1) / len(periods)
    return expected


def _scale(kind: str) -> tuple:
    if kind in ("survey", "proportion"):
        return (
            lambda p: np.log(p / (100 - p)),
            lambda x: 100 / (1 + np.exp(-x)),
            lambda p: 100 / (p * (100 - p)),
        )
    if kind in ("rate", "standardised"):
        return np.log, np.exp, lambda v: 1 / v
    return (lambda v: v), (lambda x: x), lambda _: 1.0


def _sizes(
    level: Level, periods: list[DemoPeriod], weights: np.ndarray, *, kind: str,
    rng: np.random.Generator,
) -> np.ndarray:
    years = np.array([p.time for p in periods]) - periods[-1].time
    # Samples of a survey are much alike whatever the borough's size; the country's is large.
    alike = np.where((weights < 1) | (weights > 50), 0.8, 0.35)
    relative = weights**alike if kind == "survey" else weights
    mine = relative * np.exp(0.08 * rng.normal(size=len(weights)) * (weights != 1.0))
    growth = np.exp(0.006 * years + 0.006 * rng.normal(size=(len(weights), len(periods))))
    return np.maximum(np.round(level.denominator * mine[:, None] * growth), 1)


def _counts(
    expected: np.ndarray, sizes: np.ndarray, *, kind: str, multiplier: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    factor = np.ones_like(expected)
    if kind in ("survey", "proportion"):
        return rng.binomial(sizes.astype(np.int64), expected / 100).astype(float), factor
    if kind == "standardised":
        # What standardising by age does to a crude rate; nearly the same every year.
        factor[:] = np.exp(0.1 * rng.normal(size=(len(expected), 1)))
        factor *= np.exp(0.004 * rng.normal(size=expected.shape))
    return rng.poisson(expected * sizes / multiplier / factor).astype(float), factor


def _with_region(array: np.ndarray) -> np.ndarray:
    return np.vstack([array[:-1], array[:-1].sum(0), array[-1]])


def _estimated(
    level: Level, expected: np.ndarray, sizes: np.ndarray, *, kind: str, weights: np.ndarray,
    rng: np.random.Generator,
) -> Series:
    """Values whose numerator is not published: years, gaps, scores."""
    error = 0.22 * level.spread / np.sqrt(np.append(weights, ENGLAND_RESIDENTS / 22))[:, None]
    value = expected + 0.4 * error * rng.normal(size=expected.shape)
    share = (weights / weights.sum())[:, None]
    value = np.vstack([value[:-1], (value[:-1] * share).sum(0), value[-1]])
    error = np.vstack([error[:-1], np.sqrt((error[:-1] ** 2 * share**2).sum(0)), error[-1]])
    blank = np.full(value.shape, np.nan)
    limits = np.stack([value + z * error for z in (-Z_95, Z_95, -Z_99_8, Z_99_8)])
    if kind == "plain":
        limits = np.full(limits.shape, np.nan)
    note = np.full(value.shape, "", dtype=object)
    return Series(kind, 1, value, limits, blank, _with_region(sizes), note, np.ones_like(value))

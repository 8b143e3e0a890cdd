"""Counts and what follows from them: values, intervals, parts, and what is withheld."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

Z_95, Z_99_8 = 1.959964, 3.090232
# Publishers withhold counts below this; rates standardised by age need ten events.
SMALLEST_COUNT = 8
SMALLEST_STANDARDISED = 10
# A survey sample this small is not published for an area.
SMALLEST_SAMPLE = 60
SMALL_COUNT = "Value suppressed for disclosure control due to small count"
SMALL_SAMPLE = "Value missing due to small sample size"
FEW_EVENTS = "Value cannot be calculated as number of cases is too small"
SMALL_POPULATION = "Value not calculated: population too small"
AGGREGATED = "Aggregated from all known lower geography values"
NOT_COLLECTED = "Value not available: figures were not collected in this year"
QUALITY = "Value not published for data quality reasons"


@dataclass(frozen=True)
class Series:
    """One series: arrays areas by periods; `note` holds the publisher's words.

    `limits` are the lower and upper 95 % and the lower and upper 99.8 % limits.
    """

    kind: str
    multiplier: float
    value: np.ndarray
    limits: np.ndarray
    count: np.ndarray
    denominator: np.ndarray
    note: np.ndarray
    factor: np.ndarray

    @property
    def counted(self) -> bool:
        """Whether values come from counts that are published beside them."""
        return self.kind in ("proportion", "rate", "standardised")


def counted_series(
    kind: str, multiplier: float, count: np.ndarray, size: np.ndarray, factor: np.ndarray
) -> Series:
    """Values, intervals and notes from counts; nothing small is withheld yet."""
    value = multiplier * factor * count / size
    if kind in ("survey", "proportion"):
        limits = np.stack([a for z in (Z_95, Z_99_8) for a in _wilson(count, size, z)])
        limits = limits * multiplier
    else:
        limits = np.stack([a for z in (Z_95, Z_99_8) for a in _byar(count, z)])
        limits = limits * multiplier * factor / size
    note = np.full(value.shape, "", dtype=object)
    return Series(kind, multiplier, value, limits, count, size, note, factor)


def _wilson(count: np.ndarray, size: np.ndarray, z: float) -> tuple[np.ndarray, np.ndarray]:
    middle = 2 * count + z**2
    half = z * np.sqrt(z**2 + 4 * count * (1 - count / size))
    # At no events, or all, the exact bound is the value; rounding must not cross it.
    lower = np.where(count == 0, 0.0, (middle - half) / (2 * (size + z**2)))
    upper = np.where(count == size, 1.0, (middle + half) / (2 * (size + z**2)))
    return lower, upper


def _byar(count: np.ndarray, z: float) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.maximum(count, 1), count + 1
    lower = low * (1 - 1 / (9 * low) - z / (3 * np.sqrt(low))) ** 3
    upper = high * (1 - 1 / (9 * high) + z / (3 * np.sqrt(high))) ** 3
    return np.where(count < 1, 0.0, np.maximum(lower, 0.0)), upper


def withhold(series: Series, *, weights: np.ndarray) -> Series:
    """Blank what a publisher would not print, and say why.

    Parameters
    ----------
    series : Series
    weights : ndarray of float, one an area of `series`
        Residents relative to the home borough.

    Returns
    -------
    Series
        Value, intervals and count blank where small, with the value note. The region
        keeps its sums.
    """
    if series.kind == "survey":
        small, words = series.denominator < SMALLEST_SAMPLE, SMALL_SAMPLE
    elif series.kind == "standardised":
        small, words = series.count < SMALLEST_STANDARDISED, FEW_EVENTS
    elif series.counted:
        small, words = series.count < SMALLEST_COUNT, SMALL_COUNT
    else:
        small, words = np.broadcast_to(weights[:, None] < 0.2, series.value.shape), SMALL_POPULATION
    return blank(series, small, words)


def blank(series: Series, where: np.ndarray, words: str, *, people: bool = True) -> Series:
    """A series without its values, intervals and counts at some places, with a note there.

    `people` says whether the denominators stay.
    """
    denominator = series.denominator if people else np.where(where, np.nan, series.denominator)
    return replace(
        series,
        denominator=denominator,
        value=np.where(where, np.nan, series.value),
        limits=np.where(where, np.nan, series.limits),
        count=np.where(where, np.nan, series.count),
        note=np.where(where, words, series.note),
    )


def split(series: Series, shares: np.ndarray, *, rng: np.random.Generator) -> list[Series]:
    """Part a counted series into groups whose counts and people add up to it.

    Parameters
    ----------
    series : Series
        With counts for every area.
    shares : ndarray of shape (groups, 2)
        Share of the people, and rate relative to the whole.
    rng : Generator

    Returns
    -------
    list of Series, one a group
    """
    left_count, left_size, parts = series.count, series.denominator, []
    left_share, left_events = 1.0, float((shares[:, 0] * shares[:, 1]).sum())
    for people, rate in shares[:-1]:
        size = np.round(left_size * people / left_share)
        drawn = rng.binomial(left_count.astype(np.int64), min(people * rate / left_events, 1.0))
        count = drawn.astype(float)
        if series.kind == "proportion":
            # No group can have more events than people, nor leave too few to the rest.
            count = np.clip(count, np.maximum(left_count - (left_size - size), 0), size)
        parts.append(counted_series(series.kind, series.multiplier, count, size, series.factor))
        left_count, left_size = left_count - count, left_size - size
        left_share, left_events = left_share - people, left_events - people * rate
    rest = counted_series(
        series.kind, series.multiplier, left_count, left_size, series.factor
    )
    return [*parts, rest]

"""Confidence intervals of proportions, rates, standardised rates and means.

Arrays of any shapes that broadcast go in; an `Interval` of arrays comes out. What is missing
stays missing. What cannot be, such as a count above its denominator, is an error that names
the positions, or missing when `errors="missing"`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainccinv, gammaincinv, ndtri, stdtrit

Errors = Literal["raise", "missing"]

# European Standard Population 2013: 0-4, 5-9, ... 85-89, 90 and over; Eurostat (2013).
ESP_2013 = np.array(
    [5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000,
     7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000], float
)  # fmt: skip
ESP_2013.flags.writeable = False
# Below this many events limits are exact, and no directly standardised rate is given.
FEW = 10
MOST_NAMED = 5


class Interval(NamedTuple):
    """Estimates with their limits: three arrays of one shape."""

    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def wilson(
    count: ArrayLike,
    denominator: ArrayLike,
    *,
    confidence: float = 0.95,
    multiplier: float = 100,
    errors: Errors = "raise",
) -> Interval:
    """Proportions with Wilson score intervals.

    Parameters
    ----------
    count, denominator : array_like of float, any shapes that broadcast
        Events and the people they could have happened to.
    confidence : float
        Two-sided level, such as 0.95 or 0.998.
    multiplier : float
        100 for per cent.
    errors : {"raise", "missing"}
        What becomes of a count below 0 or above its denominator, or a denominator of 0 or less.

    Returns
    -------
    Interval
        Arrays of the broadcast shape, in units of `multiplier`.

    Raises
    ------
    ValueError
        As `errors` says, with the positions; or the confidence is not between 0 and 1.

    Source
    ------
    Wilson EB (1927), JASA 22, 209-212; Newcombe RG (1998), Statistics in
    Medicine 17, 857-872, method 3. Limits are
    (2O + z^2 -/+ z sqrt(z^2 + 4O(1 - O/n))) / (2(n + z^2)).
    """
    o, n = _numbers(count, denominator)
    rule = "a count must lie between 0 and a positive denominator"
    o, n = _possible((o >= 0) & (o <= n) & (n > 0), rule, errors, o, n)
    z = _z(confidence)
    p = o / n
    spread = z * np.sqrt(z * z + 4 * o * (1 - p))
    middle, scale = 2 * o + z * z, multiplier / (2 * (n + z * z))
    # The limits of none and of all are 0 and 1 exactly; rounding must not move them.
    lower = np.where(o == 0, 0.0, (middle - spread) * scale)
    upper = np.where(p == 1, multiplier, (middle + spread) * scale)
    return Interval(multiplier * p, lower, upper)


def poisson(
    count: ArrayLike,
    denominator: ArrayLike,
    *,
    confidence: float = 0.95,
    multiplier: float = 100_000,
    errors: Errors = "raise",
) -> Interval:
    """Crude rates with Poisson intervals: exact below 10 events, Byar's from 10.

    Parameters
    ----------
    count, denominator : array_like of float, any shapes that broadcast
        Events and person-years. A count may exceed its denominator; 0 events are valid.
    confidence, multiplier, errors
        As for `wilson`; `multiplier` is 100,000 for a rate per 100,000.

    Returns
    -------
    Interval
        Arrays of the broadcast shape, in units of `multiplier`.

    Raises
    ------
    ValueError
        A count below 0 or a denominator of 0 or less, with the positions.

    Source
    ------
    Breslow NE, Day NE (1987), Statistical Methods in Cancer Research II, IARC, page 69
    (Byar's approximation): O(1 - 1/(9O) - z/(3 sqrt O))^3 and, with O + 1 for O,
    O(1 - 1/(9O) + z/(3 sqrt O))^3. Exact: halves of chi-squared quantiles with 2O and
    2O + 2 degrees of freedom; Garwood F (1936), Biometrika 28, 437-442.
    """
    o, n = _numbers(count, denominator)
    rule = "a count must be 0 or more and its denominator above 0"
    o, n = _possible((o >= 0) & (n > 0), rule, errors, o, n)
    lower, upper = _event_limits(o, confidence)
    scale = multiplier / n
    return Interval(o * scale, lower * scale, upper * scale)


def directly_standardised_rate(
    counts: ArrayLike,
    populations: ArrayLike,
    *,
    standard: ArrayLike = ESP_2013,
    people_by_events: ArrayLike | None = None,
    confidence: float = 0.95,
    multiplier: float = 100_000,
    errors: Errors = "raise",
) -> Interval:
    """Directly age-standardised rates with Dobson intervals.

    Parameters
    ----------
    counts, populations : array_like of float, shape (..., bands)
        Events and person-years of each age band.
    standard : array_like of float, shape (bands,)
        The standard population; the 19 bands of 2013 if not given.
    people_by_events : array_like of float, shape (..., bands, K), optional
        Where one person may have several events: how many people of the band had
        1, 2, ... K of them. Their counts are then not independent and vary more.
    confidence, multiplier, errors
        As for `wilson`.

    Returns
    -------
    Interval
        Arrays of shape (...). Missing where a band is missing and where there are fewer
        than 10 events in all, too few to standardise.

    Raises
    ------
    ValueError
        Shapes that do not match; a count below 0 or a population of 0 or less; or people
        whose events do not add up to the counts; with the positions.

    Source
    ------
    Dobson AJ, Kuulasmaa K, Eberle E, Scherer J (1991), Statistics in Medicine 10, 457-462:
    DSR +/- sqrt(V / O) (limit of O - O), limits of O by Byar. V = sum(w^2 O / n^2) / (sum w)^2;
    with non-independent events sum over k of k^2 f_k stands for O in V (Public Health
    England, Technical Guide: Confidence Intervals, 2018).
    """
    o, n = _numbers(counts, populations)
    w = np.asarray(standard, float)
    if o.ndim == 0 or o.shape[-1:] != w.shape:
        raise ValueError(f"{o.shape[-1:] or 'no'} bands for a standard of {w.shape} bands")
    rule = "a count must be 0 or more and its population above 0"
    o, n = _possible((o >= 0) & (n > 0), rule, errors, o, n)
    weights = w / w.sum()
    variances = o if people_by_events is None else _repeated(o, people_by_events, errors)
    total = o.sum(axis=-1)
    enough = np.where(total >= FEW, total, np.nan)
    value = np.where(np.isnan(enough), np.nan, ((o / n) @ weights))
    variance = (variances / n**2) @ weights**2
    lower, upper = _event_limits(enough, confidence)
    unit = np.sqrt(variance / enough)
    return Interval(
        multiplier * value,
        multiplier * (value + unit * (lower - enough)),
        multiplier * (value + unit * (upper - enough)),
    )


def indirectly_standardised_ratio(
    counts: ArrayLike,
    populations: ArrayLike,
    *,
    reference_counts: ArrayLike,
    reference_populations: ArrayLike,
    confidence: float = 0.95,
    multiplier: float = 100,
    errors: Errors = "raise",
) -> Interval:
    """Observed events over those expected at the reference's age-specific rates.

    Parameters
    ----------
    counts : array_like of float, shape (...) or (..., bands)
        Events observed; bands are summed, so a total is enough.
    populations : array_like of float, shape (..., bands)
    reference_counts, reference_populations : array_like of float, shape (bands,)
        Of the area whose rates are expected, such as England.
    confidence, multiplier, errors
        As for `wilson`; `multiplier` is 100 for a standardised mortality ratio.

    Returns
    -------
    Interval
        Arrays of shape (...). A standardised rate is this ratio times the reference's
        crude rate.

    Raises
    ------
    ValueError
        Shapes that do not match; a count below 0, a population or an expected number of
        0 or less; with the positions.

    Source
    ------
    Breslow NE, Day NE (1987), chapter 2: O / E with E = sum(n_i O_ref / n_ref) and the
    limits of O as in `poisson`.
    """
    n = np.asarray(populations, float)
    rates = np.asarray(reference_counts, float) / np.asarray(reference_populations, float)
    if n.ndim == 0 or n.shape[-1:] != rates.shape:
        raise ValueError(f"{n.shape[-1:] or 'no'} bands for a reference of {rates.shape} bands")
    o = np.asarray(counts, float)
    if o.ndim == n.ndim and o.shape[-1:] == rates.shape:
        o = o.sum(axis=-1)
    (n,) = _possible(n >= 0, "a population must be 0 or more", errors, n)
    return poisson(o, n @ rates, confidence=confidence, multiplier=multiplier, errors=errors)


def mean(
    values: ArrayLike, *, axis: int = -1, confidence: float = 0.95
) -> Interval:
    """Means with Student's t intervals.

    Parameters
    ----------
    values : array_like of float, shape (..., n)
        A mean of values of which one is missing is missing.
    axis : int
        Along which the values of one mean lie.
    confidence : float
        As for `wilson`.

    Returns
    -------
    Interval
        Arrays without the axis. Limits are missing for a single value.

    Source
    ------
    Student (1908), Biometrika 6, 1-25: mean +/- t(1 - a/2; n - 1) s / sqrt n.
    """
    x = np.asarray(values, float)
    n = x.shape[axis]
    middle = x.mean(axis=axis)
    if n < 2:
        missing = np.full_like(middle, np.nan)
        return Interval(middle, missing, missing.copy())
    _z(confidence)
    reach = stdtrit(n - 1, 0.5 + confidence / 2) * x.std(axis=axis, ddof=1) / np.sqrt(n)
    return Interval(middle, middle - reach, middle + reach)


def _event_limits(o: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Limits of a number of events: Byar's, and exact ones below ten."""
    z, tail = _z(confidence), (1 - confidence) / 2
    few = o < FEW
    # One event stands in where the exact limits will: Byar's divides by the count.
    c = np.where(few, 1.0, o)
    lower = np.asarray(c * (1 - 1 / (9 * c) - z / (3 * np.sqrt(c))) ** 3)
    c = c + 1
    upper = np.asarray(c * (1 - 1 / (9 * c) + z / (3 * np.sqrt(c))) ** 3)
    if few.any():
        # Few different numbers are below ten: each is worked out once.
        small, place = np.unique(o[few], return_inverse=True)
        with np.errstate(invalid="ignore"):
            exact = np.where(small > 0, gammaincinv(small, tail), 0.0)
        lower[few], upper[few] = exact[place], gammainccinv(small + 1, tail)[place]
    return lower, upper


def _repeated(o: np.ndarray, people_by_events: ArrayLike, errors: Errors) -> np.ndarray:
    """Sum over k of k^2 f_k, once the events add up to the counts."""
    people = np.asarray(people_by_events, float)
    k = np.arange(1, people.shape[-1] + 1)
    agree = np.isclose(people @ k, o, rtol=1e-12, atol=1e-9)
    rule = "people times their events must add up to the count"
    return _possible(agree, rule, errors, people @ k**2, o)[0]


def _z(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is a share between 0 and 1, not {confidence}")
    return float(ndtri(0.5 + confidence / 2))


def _numbers(*arrays: ArrayLike) -> list[np.ndarray]:
    return np.broadcast_arrays(*(np.asarray(array, float) for array in arrays))


def _possible(
    right: np.ndarray, rule: str, errors: Errors, *arrays: np.ndarray
) -> list[np.ndarray]:
    """The arrays, all missing wherever one of them is missing or breaks the rule."""
    if right.all():
        return list(arrays)
    missing = np.logical_or.reduce([np.isnan(array) for array in arrays])
    wrong = ~right & ~missing
    if errors == "raise" and wrong.any():
        places = np.argwhere(wrong)
        named = ", ".join(str(tuple(map(int, place))) for place in places[:MOST_NAMED])
        more = f" and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
        raise ValueError(f"{rule}; wrong at {named}{more}")
    return [np.where(right, array, np.nan) for array in arrays]

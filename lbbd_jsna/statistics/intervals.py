"""Confidence intervals of proportions, rates, standardised rates and means.

Lists, arrays, Series or frames of any shapes that broadcast go in, matched by position; an
`Interval` of arrays comes out. What is missing stays missing. What cannot be, such as a count
above its denominator, is an error that names the positions, or missing when `errors="missing"`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from lbbd_jsna.statistics.workings.events import FEW, limits_of_events
from lbbd_jsna.statistics.workings.inputs import (
    Errors,
    checked_multiplier,
    floats,
    in_blocks,
    normal_quantile,
    numbers,
    possible,
    same_rows,
)

# European Standard Population 2013: 0-4, 5-9, ... 85-89, 90 and over; Eurostat (2013).
ESP_2013 = np.array(
    [5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000,
     7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000], float
)  # fmt: skip
ESP_2013.flags.writeable = False


class Interval(NamedTuple):
    """Estimates with their limits: arrays of one shape, or numbers where plain numbers went in."""

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
        What becomes of a count below 0 or above its denominator, of a denominator of 0 or
        less, and of what is infinite. Fractions of an event are allowed.

    Returns
    -------
    Interval
        Arrays of the broadcast shape, in units of `multiplier`; missing where either is.

    Raises
    ------
    ValueError
        As `errors` says, with the positions; or the confidence is not between 0 and 1, the
        multiplier not above 0, or Series of one length have different labels.

    Source
    ------
    Wilson EB (1927), JASA 22, 209-212; Newcombe RG (1998), Statistics in
    Medicine 17, 857-872, method 3. Limits are
    (2O + z^2 -/+ z sqrt(z^2 + 4O(1 - O/n))) / (2(n + z^2)). The lower one is worked out as
    2O(O/n) / (2O + z^2 + z sqrt(z^2 + 4O(1 - O/n))): the same, but no digits are lost in a
    difference of nearly equal numbers.
    """
    z, multiplier = normal_quantile(confidence), checked_multiplier(multiplier)
    o, n = numbers(count, denominator)
    rule = "a count must lie between 0 and a positive denominator"
    o, n = possible((o >= 0) & (o <= n) & (n > 0) & (n < np.inf), rule, errors, o, n)
    return _interval(*in_blocks(partial(_wilson, z=z, multiplier=multiplier), o, n))


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
        Events and person-years. A count may exceed its denominator; 0 events are valid, and
        so are fractions of an event.
    confidence, multiplier, errors
        As for `wilson`; `multiplier` is 100,000 for a rate per 100,000.

    Returns
    -------
    Interval
        Arrays of the broadcast shape, in units of `multiplier`.

    Raises
    ------
    ValueError
        As for `wilson`: a count below 0, a denominator of 0 or less, or either infinite.

    Source
    ------
    Breslow NE, Day NE (1987), Statistical Methods in Cancer Research II, IARC, page 69
    (Byar's approximation): O(1 - 1/(9O) - z/(3 sqrt O))^3 and, with O + 1 for O,
    O(1 - 1/(9O) + z/(3 sqrt O))^3. Exact: halves of chi-squared quantiles with 2O and
    2O + 2 degrees of freedom; Garwood F (1936), Biometrika 28, 437-442.

    Notes
    -----
    Limits rise with every whole event, also from 9 to 10 where the method changes. For
    fractions of an event just below 10 the exact lower limit is the higher: at 95 % by 0.008
    events, at 99.8 % by 0.044.
    """
    multiplier = checked_multiplier(multiplier)
    o, n = numbers(count, denominator)
    rule = "a count must be 0 or more and its denominator above 0"
    o, n = possible(_possible_events(o, n), rule, errors, o, n)
    limits = limits_of_events(confidence)
    return _interval(*in_blocks(partial(_rates, limits=limits, multiplier=multiplier), o, n))


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
        Shapes that do not match; a standard population that has no people; and, with the
        positions or as `errors` says, a count below 0, a population of 0 or less, or people
        whose events do not add up to the counts.

    Source
    ------
    Dobson AJ, Kuulasmaa K, Eberle E, Scherer J (1991), Statistics in Medicine 10, 457-462:
    DSR +/- sqrt(V / O) (limit of O - O), limits of O by Byar. V = sum(w^2 O / n^2) / (sum w)^2;
    with non-independent events sum over k of k^2 f_k stands for O in V (Public Health
    England, Technical Guide: Confidence Intervals, 2018).
    """
    multiplier = checked_multiplier(multiplier)
    o, n = numbers(counts, populations)
    weights = _weights(standard)
    if o.shape[-1:] != weights.shape:
        raise ValueError(f"{o.shape[-1:] or 'no'} bands for a standard of {weights.shape} bands")
    rule = "a count must be 0 or more and its population above 0"
    o, n = possible(_possible_events(o, n), rule, errors, o, n)
    total = _summed(o)
    enough = np.where(total >= FEW, total, np.nan)
    rates = o / n
    value = np.where(np.isnan(enough), np.nan, _weighted(rates, weights))
    if people_by_events is not None:
        rates = _repeated(o, people_by_events, errors) / n
    rates /= n
    lower, upper = in_blocks(limits_of_events(confidence), enough, results=2)
    unit = np.sqrt(_weighted(rates, weights**2) / enough)
    limits = (value + unit * (limit - enough) for limit in (lower, upper))
    return _interval(*(multiplier * part for part in (value, *limits)))


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
    counts : array_like of float, shape (..., bands) or (...)
        Events observed; bands are summed, so a total is enough. With one area's populations,
        as many counts as there are bands are taken to be its bands.
    populations : array_like of float, shape (..., bands)
        Person-years; a band may be empty.
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
        Shapes that do not match; a reference band without people or with fewer than 0
        events; and, with the positions or as `errors` says, a count or a population below 0,
        or an expected number of 0.

    Source
    ------
    Breslow NE, Day NE (1987), chapter 2: O / E with E = sum(n_i O_ref / n_ref) and the
    limits of O as in `poisson`.
    """
    same_rows(counts, populations)
    o, n = floats(counts), floats(populations)
    rates = _reference_rates(reference_counts, reference_populations)
    banded = o.ndim >= n.ndim and o.shape[-1:] == rates.shape
    if n.shape[-1:] != rates.shape or (o.ndim >= n.ndim > 1 and not banded):
        wrong = o if n.shape[-1:] == rates.shape else n
        raise ValueError(f"{wrong.shape[-1:] or 'no'} bands for a reference of {rates.shape} bands")
    expected = _weighted(_amounts(n, "a population must be 0 or more", errors), rates)
    if banded:
        o = _summed(_amounts(o, "a count must be 0 or more", errors))
    (expected,) = possible(expected > 0, "the number expected must be above 0", errors, expected)
    return poisson(o, expected, confidence=confidence, multiplier=multiplier, errors=errors)


def mean(
    values: ArrayLike, *, axis: int = -1, confidence: float = 0.95, errors: Errors = "raise"
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
    errors : {"raise", "missing"}
        What becomes of a mean of which a value is infinite.

    Returns
    -------
    Interval
        Arrays without the axis. Limits are missing for a single value, and so is the mean
        of none.

    Raises
    ------
    ValueError
        As `errors` says, with the positions; or there is no such axis.

    Source
    ------
    Student (1908), Biometrika 6, 1-25: mean +/- t(1 - a/2; n - 1) s / sqrt n, with
    s^2 = sum((x - mean)^2) / (n - 1).
    """
    normal_quantile(confidence)
    x = np.moveaxis(np.atleast_1d(floats(values)), axis, -1)
    (x,) = possible(np.isfinite(x), "a value must be finite", errors, x)
    n = x.shape[-1]
    middle = x.mean(axis=-1, keepdims=True) if n else np.full((*x.shape[:-1], 1), np.nan)
    reach = np.full(x.shape[:-1], np.nan)
    if n > 1:
        reach = x.std(axis=-1, ddof=1, mean=middle) / np.sqrt(n)
        reach *= stdtrit(n - 1, 0.5 + confidence / 2)
    middle = middle[..., 0]
    return _interval(middle, middle - reach, middle + reach)


def _interval(*parts: np.ndarray) -> Interval:
    """As numpy has it, what has no dimension is a number: it can be rounded, hashed, written."""
    return Interval(*(part[()] for part in parts))


def _possible_events(o: np.ndarray, n: np.ndarray) -> np.ndarray:
    return (o >= 0) & (o < np.inf) & (n > 0) & (n < np.inf)


def _wilson(o: np.ndarray, n: np.ndarray, *, z: float, multiplier: float) -> tuple[np.ndarray, ...]:
    share = o / n
    top = 2 * o + z * z + z * np.sqrt(z * z + 4 * o * (1 - share))
    lower = (2 * multiplier) * o * share / top
    # The limit of all is all, exactly; rounding must not move it.
    upper = np.where(o == n, multiplier, (multiplier / 2) * top / (n + z * z))
    return multiplier * share, lower, upper


def _rates(
    o: np.ndarray, n: np.ndarray, *, limits: Callable[[np.ndarray], np.ndarray], multiplier: float
) -> tuple[np.ndarray, ...]:
    lower, upper = limits(o)
    scale = multiplier / n
    return o * scale, lower * scale, upper * scale


def _weights(standard: ArrayLike) -> np.ndarray:
    """Each band's share of the standard population."""
    people = floats(standard)
    if people.ndim != 1 or not ((people >= 0) & (people < np.inf)).all() or not people.any():
        raise ValueError("a standard population is one number of people, 0 or more, for each band")
    return people / people.sum()


def _amounts(x: np.ndarray, rule: str, errors: Errors) -> np.ndarray:
    """Numbers of 0 or more: finding the lowest and highest is cheaper than looking at each."""
    if x.size and x.min() >= 0 and x.max() < np.inf:
        return x
    return possible((x >= 0) & (x < np.inf), rule, errors, x)[0]


def _summed(bands: np.ndarray) -> np.ndarray:
    """Sums over bands, three times as fast as numpy's own of few numbers at a time."""
    return np.einsum("...b->...", bands)


def _weighted(bands: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Sums over bands, alike for one area and for many; `@` wakes threads, and is slower."""
    return np.einsum("...b,b->...", bands, weights)


def _reference_rates(counts: ArrayLike, populations: ArrayLike) -> np.ndarray:
    o, n = numbers(counts, populations)
    if o.ndim != 1 or not _possible_events(o, n).all():
        raise ValueError("a reference has a number of events and, above 0, of people for each band")
    return o / n


def _repeated(o: np.ndarray, people_by_events: ArrayLike, errors: Errors) -> np.ndarray:
    """Sum over k of k^2 f_k, once the events add up to the counts."""
    people = floats(people_by_events)
    if people.shape[:-1] != o.shape:
        raise ValueError(f"people_by_events of shape {people.shape} for counts of {o.shape}")
    k = np.arange(1, people.shape[-1] + 1)
    agree = np.isclose(people @ k, o, rtol=1e-12, atol=1e-9) & (people >= 0).all(axis=-1)
    rule = "people times their events must add up to the count"
    return possible(agree, rule, errors, people @ k**2, o)[0]

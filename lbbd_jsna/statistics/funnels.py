"""Funnels: how far chance alone takes areas of each size from the benchmark.

Three things that are easily mixed up. `control_limits` are drawn around the benchmark, and are
what Fingertips judges by under its two control-chart methods. `funnel_limits` are the values at
which an area's own interval just reaches the benchmark, and are what a funnel plot draws.
`funnel_verdicts` class areas by their own intervals.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtriv, gammainccinv, gammaincinv

from lbbd_jsna.statistics.intervals import Interval, poisson, wilson
from lbbd_jsna.statistics.workings.inputs import (
    Errors,
    checked_multiplier,
    normal_quantile,
    numbers,
    possible,
)

Kind = Literal["proportion", "rate", "ratio"]
MULTIPLIERS = {"proportion": 100.0, "rate": 100_000.0, "ratio": 100.0}
LEVELS = (0.95, 0.998)
CLASSES = ("low 99.8", "low 95", "within", "high 95", "high 99.8")


class Funnel(NamedTuple):
    """The benchmark and its limits at two levels: five arrays of one shape."""

    value: np.ndarray
    lower_95: np.ndarray
    upper_95: np.ndarray
    lower_99_8: np.ndarray
    upper_99_8: np.ndarray


def control_limits(
    denominator: ArrayLike,
    *,
    benchmark: ArrayLike,
    kind: Kind = "proportion",
    confidence: float = 0.95,
    multiplier: float | None = None,
    errors: Errors = "raise",
) -> Interval:
    """Control limits around the benchmark for areas of given sizes.

    Parameters
    ----------
    denominator : array_like of float
        People or person-years; for ratios the number of events expected.
    benchmark : array_like of float, a shape that broadcasts with it
        In units of `multiplier`: per cent for proportions, 100 for most ratios.
    kind : {"proportion", "rate", "ratio"}
    confidence : float
        Two-sided level, such as 0.95 or 0.998.
    multiplier : float, optional
        100 for proportions and ratios and 100,000 for rates if not given.
    errors : {"raise", "missing"}
        What becomes of a denominator of 0 or less, or a benchmark that cannot be.

    Returns
    -------
    Interval
        The benchmark and the limits, in units of `multiplier`, arrays of the broadcast shape;
        missing where either is.

    Raises
    ------
    ValueError
        As `errors` says, with the positions; an unknown kind; a confidence not between 0 and 1.

    Source
    ------
    Fingertips (OHID), comparator methods 5 and 6. With P the benchmark, n the denominator and
    e = nP: proportions (2e + z^2 -/+ z sqrt(z^2 + 4e(1 - e/n))) / (2(n + z^2)), after Wilson EB
    (1927), JASA 22, 209-212. Rates and ratios: the exact Poisson limits of e, halves of
    chi-squared quantiles with 2e and 2e + 2 degrees of freedom, divided by n.

    Notes
    -----
    Fingertips counts only whole events of e, so that its limits go up in steps; here they rise
    smoothly, and are the same wherever e is a whole number.
    """
    n, share, scale = _sizes(denominator, benchmark, kind, multiplier, errors)
    if kind == "proportion":
        around = wilson(n * share, n, confidence=confidence, multiplier=scale)
        return Interval(scale * share, around.lower, around.upper)
    tail = _tail(confidence)
    expected, none = _positive(n * share)
    lower = np.where(none, 0.0, gammaincinv(expected, tail))
    upper = gammainccinv(np.where(none, 0.0, expected) + 1, tail)
    return Interval(scale * share, scale * lower / n, scale * upper / n)


def funnel_limits(
    denominator: ArrayLike,
    *,
    benchmark: ArrayLike,
    kind: Kind = "proportion",
    multiplier: float | None = None,
    errors: Errors = "raise",
) -> Funnel:
    """The values at which areas of given sizes begin to differ from the benchmark.

    Parameters
    ----------
    denominator, benchmark, kind, multiplier, errors
        As for `control_limits`. To draw a funnel, give a range of denominators.

    Returns
    -------
    Funnel
        The benchmark and the limits at 95 % and 99.8 %, in units of `multiplier`; arrays of
        the broadcast shape, missing where either is. A lower limit of 0 cannot be passed: the
        area is too small to be low.

    Raises
    ------
    ValueError
        As for `control_limits`.

    Source
    ------
    Spiegelhalter DJ (2005), Statistics in Medicine 24, 1185-1202. Proportions: the value p
    whose Wilson limit is the benchmark P, which is P -/+ z sqrt(P(1 - P) / n), cut to lie
    between none and all. Rates and ratios: the number of events O, not a whole one, whose exact
    Poisson limit is the number expected e, over n: O solves chi2(1 - a/2; 2O + 2) / 2 = e for
    the lower limit and chi2(a/2; 2O) / 2 = e for the upper one.
    """
    n, share, scale = _sizes(denominator, benchmark, kind, multiplier, errors)
    limits = _proportions_that_differ if kind == "proportion" else _events_that_differ
    at_95, at_99_8 = (limits(n, share, confidence) for confidence in LEVELS)
    return Funnel(*(scale * found for found in (share, *at_95, *at_99_8)))


def funnel_verdicts(
    count: ArrayLike,
    denominator: ArrayLike,
    *,
    benchmark: ArrayLike,
    kind: Kind = "proportion",
    multiplier: float | None = None,
    errors: Errors = "raise",
) -> np.ndarray:
    """Where areas stand in the funnel, by their own intervals.

    Parameters
    ----------
    count, denominator : array_like of float, any shapes that broadcast
        Events, and people or person-years; for ratios the number of events expected. For a
        directly standardised rate use `funnel_verdicts_from`, or give as its denominator the
        person-years at which the count would make that rate.
    benchmark, kind, multiplier, errors
        As for `control_limits`. The rate of all areas together is the sum of their counts
        over the sum of their denominators.

    Returns
    -------
    ndarray of str
        One of `CLASSES`: low 99.8, low 95, within, high 95, high 99.8; empty where the count,
        denominator or benchmark is missing. A benchmark on a limit is within.

    Raises
    ------
    ValueError
        As for `intervals.wilson` and `intervals.poisson`, or an unknown kind.

    Source
    ------
    Spiegelhalter DJ (2005), as for `funnel_limits`; the intervals are Wilson's for proportions
    and for rates and ratios Poisson, exact below 10 events and Byar's from 10. The curves of
    `funnel_limits` are exact throughout, so a point within a hair of one may class otherwise.
    """
    scale = _scale(kind, multiplier)
    interval = wilson if kind == "proportion" else poisson
    at_95, at_99_8 = (
        interval(count, denominator, confidence=confidence, multiplier=scale, errors=errors)
        for confidence in LEVELS
    )
    return funnel_verdicts_from(
        at_95.lower, at_95.upper, at_99_8.lower, at_99_8.upper, benchmark=benchmark
    )


def funnel_verdicts_from(
    lower_95: ArrayLike,
    upper_95: ArrayLike,
    lower_99_8: ArrayLike,
    upper_99_8: ArrayLike,
    *,
    benchmark: ArrayLike,
) -> np.ndarray:
    """Where areas stand in the funnel, from limits that are known.

    Parameters
    ----------
    lower_95, upper_95, lower_99_8, upper_99_8, benchmark : array_like of float
        Of shapes that broadcast and in one unit; such as directly standardised rates.

    Returns
    -------
    ndarray of str
        As for `funnel_verdicts`; empty where any of the five is missing.

    Raises
    ------
    ValueError
        A lower limit above its upper one, with the positions.

    Source
    ------
    As for `funnel_verdicts`: low when the benchmark is above the area's upper limit, high when
    it is below the lower one; at 99.8 % where that holds of those limits too.
    """
    given = numbers(lower_95, upper_95, lower_99_8, upper_99_8, benchmark)
    rule = "a lower limit must not be above its upper limit"
    known = (given[0] <= given[1]) & (given[2] <= given[3]) & ~np.isnan(given[4])
    lower, upper, lowest, highest, reference = possible(known, rule, "raise", *given)
    side = 1 * (reference < lower) - (reference > upper)
    beyond = (reference < lowest) | (reference > highest)
    names = np.array(("", *CLASSES))
    return np.asarray(names[np.where(np.isnan(reference), 0, 3 + side * (1 + beyond))])


def _sizes(
    denominator: ArrayLike,
    benchmark: ArrayLike,
    kind: Kind,
    multiplier: float | None,
    errors: Errors,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Denominators, the benchmark as a share or a rate of one, and the multiplier."""
    scale = _scale(kind, multiplier)
    n, reference = numbers(denominator, benchmark)
    most = scale if kind == "proportion" else np.inf
    right = (n > 0) & (n < np.inf) & (reference >= 0) & (reference <= most)
    rule = f"a denominator must be above 0 and the benchmark of a {kind} between 0 and {most:g}"
    n, reference = possible(right & (reference < np.inf), rule, errors, n, reference)
    return n, reference / scale, scale


def _scale(kind: Kind, multiplier: float | None) -> float:
    if kind not in MULTIPLIERS:
        raise ValueError(f"kind is {', '.join(MULTIPLIERS)}, not {kind!r}")
    return MULTIPLIERS[kind] if multiplier is None else checked_multiplier(multiplier)


def _tail(confidence: float) -> float:
    normal_quantile(confidence)  # refuses what is no level
    return (1 - confidence) / 2


def _positive(expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Expected events with 1 standing in for none, and where there are none."""
    none = expected == 0
    return np.where(none, 1.0, expected), none


def _proportions_that_differ(
    n: np.ndarray, share: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    reach = normal_quantile(confidence) * np.sqrt(share * (1 - share) / n)
    return np.maximum(share - reach, 0.0), np.minimum(share + reach, 1.0)


def _events_that_differ(
    n: np.ndarray, rate: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Rates at which the exact limits of the events reach the number expected."""
    tail = _tail(confidence)
    expected, none = _positive(n * rate)
    # The chi-squared distribution function, solved for its degrees of freedom.
    lower = np.maximum(chdtriv(1 - tail, 2 * expected) / 2 - 1, 0.0)
    upper = chdtriv(tail, 2 * expected) / 2
    return tuple(np.where(none, 0.0, events) / n for events in (lower, upper))

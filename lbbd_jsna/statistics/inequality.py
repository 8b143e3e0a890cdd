"""Inequality: slopes over groups in order of deprivation, and gaps between groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lbbd_jsna.statistics.intervals import Interval
from lbbd_jsna.statistics.workings.inputs import Errors, floats, normal_quantile, numbers, possible
from lbbd_jsna.statistics.workings.slopes import (
    Inequality,
    Line,
    Scale,
    at_end,
    bent,
    drawn,
    ends,
    on_scale,
    onto,
    square_and_add,
    steepness,
    straight,
)

FEWEST_GROUPS = 3
# A published 95 % interval is this many standard errors wide to each side.
PUBLISHED_Z = 1.96
MOST_DEPRIVED, LEAST_DEPRIVED = "most deprived", "least deprived"
# Whether the worse off have the higher values: where nothing is judged, more is read as a gap.
HIGHER_IS_WORSE = {"low_is_good": True, "no_judgement": True, "high_is_good": False}


def slope_index(
    values: ArrayLike,
    populations: ArrayLike,
    standard_errors: ArrayLike,
    *,
    scale: Scale = "linear",
    errors_on: Scale | None = None,
    polarity: str | None = None,
    first: str = MOST_DEPRIVED,
    confidence: float = 0.95,
    draws: int = 0,
    seed: int = 1,
    errors: Errors = "raise",
) -> Inequality:
    """Slope and relative index of inequality over groups in order.

    Parameters
    ----------
    values : array_like of float, shape (..., groups)
        One value a group, in the order of deprivation. `log` wants them above 0 (rates);
        `logit` between 0 and 1 (proportions).
    populations : array_like of float, shape (..., groups)
        People in each group; above 0.
    standard_errors : array_like of float, shape (..., groups)
        Of the values, taken as known; `standard_error` reads them from published intervals.
        They speak of chance within the groups, not of how well a line fits them.
    scale : {"linear", "log", "logit"}
        On which the line is straight.
    errors_on : {"linear", "log", "logit"}, optional
        The scale of the standard errors; that of the line if not given.
    polarity : {"low_is_good", "high_is_good", "no_judgement"}, optional
        Turns the sign so that a bigger number is a bigger gap: above 0, and a relative index
        above 1, where the most deprived are worse off (have more, where nothing is judged).
        Without it the slope is the far end of the order less the near end.
    first : {"most deprived", "least deprived"}
        Which end of the order the first group is; only read together with `polarity`.
    confidence : float
        Two-sided level.
    draws : int
        0 for limits in closed form. Otherwise limits are the quantiles of so many normal
        draws of the values: the publishers' method, kept as a check. Every series gets the
        same draws.
    seed : int
        Of the draws.
    errors : {"raise", "missing"}
        What becomes of a population of 0 or less, a standard error below 0, a value outside
        its scale, and of what is infinite.

    Returns
    -------
    Inequality
        Arrays of shape (...); missing where any input of the series is missing. The relative
        index has no limits where the end it is divided by may be 0.

    Raises
    ------
    ValueError
        As `errors` says, with the positions; or fewer than three groups, or a word this
        function does not know.

    Source
    ------
    Low A, Low A (2004), Journal of Public Health 26, 404-412; weights and mid-points as in
    Public Health England, Technical Guide: SII and RII (2018). With population shares a and
    mid-points b of the cumulative share, least squares of sqrt(a) y on sqrt(a) and sqrt(a) b
    without intercept give y = s + SII b; RII = (s + SII) / s. Both ends of the line are sums
    of c_i y_i with variance sum c_i^2 se_i^2. On the linear scale the slope is normal and the
    ratio has Fieller's limits: Fieller EC (1954), JRSS B 16, 175-185. On another scale the
    ends, or their logarithms, are set apart by square and add with their correlation: Zou GY,
    Donner A (2008), Statistics in Medicine 27, 1693-1702. Errors are brought from one scale
    to another by the derivative (delta method).
    """
    errors_on = errors_on or scale
    turned = _turned(polarity, first)
    y, people, se = _groups(values, populations, standard_errors, (scale, errors_on), errors)
    weights = ends(people)
    near, far = weights[::-1] if turned else weights
    z = normal_quantile(confidence)
    if draws:
        scales = (scale, errors_on)
        return drawn(
            y, se, near, far, scales=scales, confidence=confidence, draws=draws, seed=seed
        )
    se = se * steepness(y, errors_on) / steepness(y, scale)
    if scale == "linear":
        return straight(y, se, near, far, z=z)
    return bent(onto(y, scale), se, near, far, scale=scale, z=z)


def fitted_line(
    values: ArrayLike, populations: ArrayLike, *, scale: Scale = "linear", errors: Errors = "raise"
) -> Line:
    """The line of the slope index at the two ends of the population, for drawing it.

    Parameters
    ----------
    values, populations, scale, errors
        As for `slope_index`.

    Returns
    -------
    Line
        In the unit of the values, arrays of shape (...): before the first group and after
        the last. On a scale that is not linear the line between them is bent.

    Raises
    ------
    ValueError
        As for `slope_index`.

    Source
    ------
    As for `slope_index`.
    """
    y, people, _ = _groups(values, populations, 0.0, (scale,), errors)
    return Line(*(at_end(y, weights, scale) for weights in ends(people)))


def standard_error(
    lower: ArrayLike, upper: ArrayLike, *, scale: Scale = "linear", errors: Errors = "raise"
) -> np.ndarray:
    """The standard error that a published 95 % interval stands for.

    Parameters
    ----------
    lower, upper : array_like of float, any shapes that broadcast
    scale : {"linear", "log", "logit"}
        On which the interval is taken to be symmetrical.
    errors : {"raise", "missing"}
        What becomes of a lower limit above the upper one, or a limit outside the scale.

    Returns
    -------
    ndarray of the broadcast shape
        In the unit of the values on the linear scale, without a unit on the others.

    Raises
    ------
    ValueError
        As `errors` says, with the positions.

    Source
    ------
    Public Health England, Technical Guide: SII and RII (2018): (upper - lower) / (2 x 1.96).
    """
    low, high = numbers(lower, upper)
    low, high = possible(low <= high, "a lower limit is above its upper one", errors, low, high)
    low, high = (onto(limit, scale) for limit in on_scale(scale, errors, low, high))
    return (high - low) / (2 * PUBLISHED_Z)


def gap(first: Interval, second: Interval) -> Interval:
    """The first value less the second, with limits, for two independent groups.

    Parameters
    ----------
    first, second : Interval
        Values with limits of one level, in one unit: most and least deprived, children with
        special needs and their peers, this year and the year of the baseline. Neither may
        hold people of the other.

    Returns
    -------
    Interval
        Arrays of the broadcast shape, limits of the level of those given; missing where a
        value or a limit is.

    Source
    ------
    Newcombe RG (1998), Statistics in Medicine 17, 873-890, method 10 (square and add):
    d - sqrt((v1 - l1)^2 + (u2 - v2)^2) and d + sqrt((u1 - v1)^2 + (v2 - l2)^2).
    """
    return square_and_add(Interval(*map(floats, first)), Interval(*map(floats, second)), 0.0)


def group_gaps(groups: Interval, reference: Interval, *, polarity: str | None = None) -> Interval:
    """How far each of several named groups stands from their peers, with limits.

    Parameters
    ----------
    groups : Interval, arrays of shape (..., k)
        One value a group with limits of one level: pupils with special needs, children looked
        after.
    reference : Interval, arrays of shape (...)
        The peers, such as pupils without special needs. All pupils are not peers: they hold
        the group, and the limits would be wrong.
    polarity : {"low_is_good", "high_is_good", "no_judgement"}, optional
        Turns the sign so that a bigger number is a bigger gap: above 0 where the group is worse
        off than its peers. Without it, the group less its peers.

    Returns
    -------
    Interval
        Arrays of shape (..., k).

    Raises
    ------
    ValueError
        An unknown polarity.

    Source
    ------
    As for `gap`.
    """
    peers = Interval(*(floats(part)[..., None] for part in reference))
    return gap(groups, peers) if _higher_is_worse(polarity) else gap(peers, groups)


def _higher_is_worse(polarity: str | None) -> bool:
    if polarity is None:
        return True
    if polarity not in HIGHER_IS_WORSE:
        raise ValueError(f"polarity is one of {', '.join(HIGHER_IS_WORSE)}, not {polarity!r}")
    return HIGHER_IS_WORSE[polarity]


def _turned(polarity: str | None, first: str) -> bool:
    """Whether the slope is the near end less the far end."""
    if first not in (MOST_DEPRIVED, LEAST_DEPRIVED):
        raise ValueError(f"first is {MOST_DEPRIVED!r} or {LEAST_DEPRIVED!r}, not {first!r}")
    higher_is_worse = _higher_is_worse(polarity)
    return polarity is not None and higher_is_worse == (first == MOST_DEPRIVED)


def _groups(
    values: ArrayLike,
    populations: ArrayLike,
    standard_errors: ArrayLike,
    scales: tuple[Scale, ...],
    errors: Errors,
) -> list[np.ndarray]:
    """Values, people and standard errors of one shape, missing where they cannot be."""
    y, people, se = numbers(values, populations, standard_errors)
    if y.ndim == 0 or y.shape[-1] < FEWEST_GROUPS:
        raise ValueError("a slope needs three groups or more")
    rule = "a population must be above 0, a standard error 0 or more, and all finite"
    right = (people > 0) & (se >= 0) & np.isfinite(y + people + se)
    y, people, se = possible(right, rule, errors, y, people, se)
    for scale in scales:
        y, people, se = on_scale(scale, errors, y, people, se)
    return [y, people, se]

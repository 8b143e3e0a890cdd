"""Lines over groups in order: the workings behind the slope index of inequality."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import expit, logit

from lbbd_jsna.statistics.intervals import Interval
from lbbd_jsna.statistics.workings.inputs import Errors, possible

Scale = Literal["linear", "log", "logit"]


class Inequality(NamedTuple):
    """The slope index (in the unit of the values) and the relative index, each with limits."""

    slope: Interval
    relative: Interval


class Line(NamedTuple):
    """The fitted line's values at the two ends of the population, arrays of one shape."""

    start: np.ndarray
    end: np.ndarray


def on_scale(scale: str, errors: Errors, *arrays: np.ndarray) -> list[np.ndarray]:
    """The arrays, missing or refused where the first or, of two limits, one is off the scale."""
    if scale == "linear":
        return list(arrays)
    if scale not in ("log", "logit"):
        raise ValueError(f"a scale is linear, log or logit, not {scale!r}")
    rule = "a value on the log scale must be above 0"
    checked = arrays if len(arrays) == 2 else arrays[:1]
    right = np.logical_and.reduce([array > 0 for array in checked])
    if scale == "logit":
        rule = "a value on the logit scale must lie between 0 and 1"
        right &= np.logical_and.reduce([array < 1 for array in checked])
    return possible(right, rule, errors, *arrays)


def onto(values: np.ndarray, scale: str) -> np.ndarray:
    """Values brought onto a scale."""
    if scale == "linear":
        return values
    return np.log(values) if scale == "log" else logit(values)


def back(values: np.ndarray, scale: str) -> np.ndarray:
    """Places on a scale brought back to values."""
    if scale == "linear":
        return values
    return np.exp(values) if scale == "log" else expit(values)


def steepness(values: np.ndarray, scale: str) -> np.ndarray | float:
    """How much a value changes with its place on a scale."""
    if scale == "linear":
        return 1.0
    return values if scale == "log" else values * (1 - values)


def ends(people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each group adds to the fitted line's value at place 0 and at place 1."""
    share = people / people.sum(axis=-1, keepdims=True)
    place = share.cumsum(axis=-1) - share / 2
    # Shares sum to 1 and so does share times twice the place: the mean place is a half.
    off = place - 0.5
    rising = share * off / (share * off**2).sum(axis=-1, keepdims=True)
    return share - rising / 2, share + rising / 2


def at_end(values: np.ndarray, weights: np.ndarray, scale: str) -> np.ndarray:
    """The fitted line's value at the end that the weights of `ends` are for."""
    return back((weights * onto(values, scale)).sum(axis=-1), scale)


def square_and_add(first: Interval, second: Interval, correlation: np.ndarray | float) -> Interval:
    """Square and add: the first less the second, with limits."""
    (v1, l1, u1), (v2, l2, u2) = first, second
    down, up = (
        np.sqrt(np.maximum(one**2 + other**2 - 2 * correlation * one * other, 0.0))
        for one, other in ((v1 - l1, u2 - v2), (u1 - v1, v2 - l2))
    )
    return Interval(v1 - v2, v1 - v2 - down, v1 - v2 + up)


def straight(
    y: np.ndarray, se: np.ndarray, near: np.ndarray, far: np.ndarray, *, z: float
) -> Inequality:
    """Both indices of a line that is straight on the scale of the values."""
    start, end = (at_end(y, weights, "linear") for weights in (near, far))
    reach = z * np.sqrt((((far - near) * se) ** 2).sum(axis=-1))
    slope = Interval(end - start, end - start - reach, end - start + reach)
    return Inequality(slope, fieller(start, end, near * se, far * se, z))


def bent(
    y: np.ndarray, se: np.ndarray, near: np.ndarray, far: np.ndarray, *, scale: str, z: float
) -> Inequality:
    """Both indices of a line that is straight on another scale than the values'."""
    middles = [(weights * y).sum(axis=-1) for weights in (near, far)]
    spreads = [np.sqrt(((weights * se) ** 2).sum(axis=-1)) for weights in (near, far)]
    both, product = (near * far * se**2).sum(axis=-1), spreads[0] * spreads[1]
    certain = product == 0  # nothing varies, or next to nothing
    correlation = np.where(certain, 0.0, both / np.where(certain, 1.0, product))
    start, end = (
        Interval(*(back(v + side * z * spread, scale) for side in (0, -1, 1)))
        for v, spread in zip(middles, spreads, strict=True)
    )
    logs = (Interval(*map(np.log, part)) for part in (end, start))
    relative = Interval(*map(np.exp, square_and_add(*logs, correlation)))
    return Inequality(square_and_add(end, start, correlation), relative)


def fieller(
    start: np.ndarray, end: np.ndarray, start_errors: np.ndarray, end_errors: np.ndarray, z: float
) -> Interval:
    """End over start with limits; none where the start may be 0."""
    vs, ve = (start_errors**2).sum(axis=-1), (end_errors**2).sum(axis=-1)
    both = (start_errors * end_errors).sum(axis=-1)
    a = start**2 - z**2 * vs
    b = start * end - z**2 * both
    c = end**2 - z**2 * ve
    sure = a > 0
    a = np.where(sure, a, np.nan)
    # Rounding alone takes this below 0 where there are no errors.
    reach = np.sqrt(np.maximum(b**2 - a * c, 0.0))
    return Interval(ratio(end, start), (b - reach) / a, (b + reach) / a)


def ratio(end: np.ndarray, start: np.ndarray) -> np.ndarray:
    """End over start; missing where the start is 0."""
    return end / np.where(start == 0, np.nan, start)


def drawn(
    y: np.ndarray,
    se: np.ndarray,
    near: np.ndarray,
    far: np.ndarray,
    *,
    scales: tuple[Scale, Scale],
    confidence: float,
    draws: int,
    seed: int,
) -> Inequality:
    """Both indices with the quantiles of normal draws of the values for limits."""
    scale, errors_on = scales
    if draws < 2:
        raise ValueError(f"limits need many draws, not {draws}")
    start, end = (at_end(y, weights, scale) for weights in (near, far))
    noise = np.random.default_rng(seed).standard_normal((draws, y.shape[-1]))
    tails = [0.5 - confidence / 2, 0.5 + confidence / 2]
    slope, relative = (np.empty((2, *y.shape[:-1])) for _ in range(2))
    # Series by series: the draws of all series at once would not fit into memory.
    for at in np.ndindex(y.shape[:-1]):
        values = onto(y[at], errors_on) + se[at] * noise
        if scale != errors_on:
            values = onto(back(values, errors_on), scale)
        starts, ends_ = (back(values @ weights[at], scale) for weights in (near, far))
        slope[:, *at] = np.quantile(ends_ - starts, tails)
        relative[:, *at] = np.quantile(ratio(ends_, starts), tails)
    return Inequality(Interval(end - start, *slope), Interval(ratio(end, start), *relative))

"""Which points of a control chart are special causes, and what the latest of them means."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lbbd_jsna.statistics.verdicts import POLARITIES

Kind = Literal["xmr", "p", "u"]

RUN = 7
# Differences this small beside the largest figure are rounding.
ROUNDING = 1e-9

IMPROVING, CONCERNING = "special cause, improving", "special cause, concerning"
UP, DOWN, COMMON = "special cause, up", "special cause, down", "common cause"
MET, MISSED, BY_CHANCE = "will be met", "will not be met", "hit and miss"
NO_TARGET, NO_DIRECTION = "no target", "not judged"
_VARIATION = {
    COMMON: "varies as it has before, no special cause",
    IMPROVING: "a change for the better, more than chance explains",
    CONCERNING: "a change for the worse, more than chance explains",
    UP: "a rise, more than chance explains",
    DOWN: "a fall, more than chance explains",
    "": "too few points to say",
}
_ASSURANCE = {
    MET: "within these limits the target will be met",
    MISSED: "within these limits the target will not be met",
    BY_CHANCE: "within these limits the target is met or missed by chance",
    NO_TARGET: "",
    NO_DIRECTION: "no direction is wanted, so the target is not judged",
    "": "",
}


class ControlChart(NamedTuple):
    """One or many control charts: arrays of shape (..., periods) unless said otherwise.

    `kind` is xmr, p or u. `beyond`, `run`, `trend` and `near` say by which rules a point is a
    special cause. `side` is which way it points: 1 up, -1 down, 0 where it is none.
    `variation` and `assurance`, of shape (...), are those of the latest point.
    """

    kind: str
    values: np.ndarray
    centre: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    beyond: np.ndarray
    run: np.ndarray
    trend: np.ndarray
    near: np.ndarray
    side: np.ndarray
    variation: np.ndarray
    assurance: np.ndarray

    @property
    def special(self) -> np.ndarray:
        """Whether a point is a special cause by any rule."""
        return self.beyond | self.run | self.trend | self.near


def in_words(chart: ControlChart, *, target: str = "the target") -> str:
    """What one control chart says of its latest point and its target, to follow a colon."""
    assurance = _ASSURANCE[str(chart.assurance)].replace("the target", target)
    said = (_VARIATION[str(chart.variation)], assurance)
    return "; ".join(part for part in said if part)


def causes(chart: ControlChart) -> tuple[str, ...]:
    """By which rules each point of one chart is a special cause, in words; empty where none."""
    off = np.sign(chart.values - chart.centre)
    said = []
    for i, above in enumerate(off > 0):
        rules = (
            (chart.beyond[i], "above the upper limit" if above else "below the lower limit"),
            (chart.run[i], f"{RUN} or more {'above' if above else 'below'} the mean"),
            (chart.trend[i], f"{RUN} or more in one direction"),
            (chart.near[i], f"2 of 3 near the {'upper' if above else 'lower'} limit"),
        )
        said.append("; ".join(words for found, words in rules if found))
    return tuple(said)


def judged(
    kind: Kind,
    y: np.ndarray,
    centre: np.ndarray,
    sigma: np.ndarray,
    bounds: tuple[float, float],
    polarity: str,
    target: float | None,
) -> ControlChart:
    """A control chart from its points, its centre and the spread of each point.

    Parameters
    ----------
    kind : {"xmr", "p", "u"}
    y, centre, sigma : ndarray of float, shape (..., periods)
        Points, nan where missing; the expected value and the standard deviation of each.
    bounds : pair of float
        Where limits stop: the lowest and the highest value there can be.
    polarity, target
        As for `control_charts.control_chart`.

    Returns
    -------
    ControlChart

    Raises
    ------
    ValueError
        A polarity that is none of the three.

    Source
    ------
    NHS England, Making Data Count, Strengthening your decisions. A point is a special cause
    beyond a limit, 3 sigma from the centre; in a run of 7 or more on one side of the centre;
    in 7 or more that all rise or all fall; or, between 2 and 3 sigma from it, as one of two
    or more such points among three in a row on one side. The latest point gives the
    variation: the side of the centre it is on or, by the third rule alone, the way the
    points go. Assurance sets the target against the limits of the latest point.
    """
    lower = np.maximum(centre - 3 * sigma, bounds[0])
    upper = np.minimum(centre + 3 * sigma, bounds[1])
    slack = ROUNDING * np.nan_to_num(np.abs(y)).max(axis=-1, keepdims=True, initial=0.0)
    off = y - centre
    half = _sign(off, slack)
    beyond = (y > upper + slack) | (y < lower - slack)
    outer = ~beyond & (np.abs(off) > 2 * sigma + slack)
    run = _within(half, RUN, 1) | _within(half, RUN, -1)
    steps = _sign(np.diff(y, axis=-1), 0.0)
    rising, falling = (_spanned(steps, RUN - 1, way) for way in (1, -1))
    near = outer & (_two_of_three(outer, half, 1) | _two_of_three(outer, half, -1))
    trend = rising | falling
    way = np.where(beyond | run | near, half, rising.astype(int) - falling)
    variation, assurance = _icons(y, lower, upper, way, polarity, target)
    return ControlChart(
        kind, y, centre, lower, upper, beyond, run, trend, near, way, variation, assurance
    )


def _sign(x: np.ndarray, slack) -> np.ndarray:
    """1 above, -1 below, 0 within the slack or missing."""
    return (x > slack).astype(int) - (x < -slack)


def _windows(x: np.ndarray, size: int) -> np.ndarray:
    if x.shape[-1] < size:
        return np.zeros((*x.shape[:-1], 0, size), x.dtype)
    return sliding_window_view(x, size, axis=-1)


def _members(found: np.ndarray, periods: int, size: int) -> np.ndarray:
    """The points that belong to at least one of the windows found."""
    inside = np.zeros((*found.shape[:-1], periods), bool)
    for place in range(size):
        inside[..., place : place + found.shape[-1]] |= found
    return inside


def _within(half: np.ndarray, size: int, way: int) -> np.ndarray:
    """The points in a run on one side."""
    return _members((_windows(half, size) == way).all(axis=-1), half.shape[-1], size)


def _spanned(steps: np.ndarray, size: int, way: int) -> np.ndarray:
    """The points at either end of steps that all go one way."""
    found = (_windows(steps, size) == way).all(axis=-1)
    return _members(found, steps.shape[-1] + 1, size + 1)


def _two_of_three(outer: np.ndarray, half: np.ndarray, way: int) -> np.ndarray:
    found = (_windows(outer, 3).sum(axis=-1) >= 2) & (_windows(half, 3) == way).all(axis=-1)
    return _members(found, outer.shape[-1], 3)


def _icons(y, lower, upper, way, polarity, target) -> tuple[np.ndarray, np.ndarray]:
    """Variation and assurance at the latest point."""
    if polarity not in POLARITIES:
        raise ValueError(f"a polarity is one of {', '.join(POLARITIES)}, not {polarity}")
    known = ~np.isnan(y)
    last = y.shape[-1] - 1 - np.argmax(known[..., ::-1], axis=-1)[..., None]
    none = ~known.any(axis=-1)
    way, lower, upper = (
        np.take_along_axis(part, last, axis=-1)[..., 0] for part in (way, lower, upper)
    )
    good = {"high_is_good": 1, "low_is_good": -1, "no_judgement": 0}[polarity]
    up, down = {1: (IMPROVING, CONCERNING), -1: (CONCERNING, IMPROVING), 0: (UP, DOWN)}[good]
    variation = np.select([none, way > 0, way < 0], ["", up, down], COMMON)
    if target is None:
        return variation, np.where(none, "", NO_TARGET)
    if not good:
        return variation, np.where(none, "", NO_DIRECTION)
    above, below = (MET, MISSED) if good > 0 else (MISSED, MET)
    return variation, np.select([none, lower > target, upper < target], ["", above, below],
                                BY_CHANCE)

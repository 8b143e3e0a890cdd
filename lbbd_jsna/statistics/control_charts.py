"""Control charts: whether a monthly or quarterly figure has changed or only varies."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lbbd_jsna.statistics.workings.inputs import Errors, checked_multiplier, numbers, possible
from lbbd_jsna.statistics.workings.special_causes import ControlChart, Kind, judged

Wanted = Kind | Literal["auto"]

FEWEST = 12  # points; with fewer, limits are too uncertain to judge by
FEWEST_RANGES = 6  # pairs of neighbours that make up the moving range
# Natural limits stand 3 / 1.128 mean moving ranges from the mean; 1.128 is the mean range of
# two normal values in standard deviations, and 3.267 mean ranges the upper limit of a range.
REACH = 2.66
LARGEST_RANGE = 3.267
PAIR = 1.128
# Of series that scatter as counts do by chance, one in twenty of twelve points looks wider.
OVERDISPERSED = 1.5


def control_chart(
    values: ArrayLike,
    counts: ArrayLike | None = None,
    denominators: ArrayLike | None = None,
    *,
    polarity: str = "no_judgement",
    target: float | None = None,
    kind: Wanted = "auto",
    multiplier: float | None = None,
    bounds: tuple[float, float] = (-np.inf, np.inf),
    rounded_to: int = 1,
    errors: Errors = "raise",
) -> ControlChart:
    """A control chart of monthly or quarterly figures, of the kind that fits them.

    Parameters
    ----------
    values : array_like of float, shape (..., periods), oldest first
        Periods shorter than a year; a missing one leaves a gap.
    counts, denominators : array_like of float, shape (..., periods), optional
        Of a proportion or a rate.
    polarity : {"high_is_good", "low_is_good", "no_judgement"}
    target : float, optional
        In the unit of the values.
    kind : {"auto", "xmr", "p", "u"}
        Auto is p where the counts times a multiplier of 1 or 100 give the values, u where
        they do with any other multiplier, and xmr where they do not, where there are none,
        or where the figures scatter more than 1.5 times as widely as counts by chance.
    multiplier : float, optional
        100 for per cent; auto is xmr without it.
    bounds : pair of float
        The lowest and highest value there can be: limits of an xmr chart stop there.
    rounded_to : int
        What counts and denominators were rounded to, one by one: limits widen by it. Where
        the values are such counts themselves, and their mean moving range is less, there is
        no chart: what is left of the change is rounding.
    errors : {"raise", "missing"}
        As for `xmr`.

    Returns
    -------
    ControlChart

    Raises
    ------
    ValueError
        As for the chart chosen; rounded counts that vary less than their rounding; or a
        polarity or kind that is none of these.

    Source
    ------
    As for the chart chosen. Scatter of a p or u chart in the standard deviations expected:
    the mean moving range of (value - centre) / sigma, over 1.128 (Laney DB, 2002, Quality
    Engineering 14, 531-537). With large denominators almost every point lies beyond limits
    by counts alone, which understate how much services vary from month to month; NHS
    England's Making Data Count draws xmr charts for the same reason. Rounding to r adds a
    variance of (r^2 - 1) / 12 to a count (Sheppard WF, 1898, Proceedings of the London
    Mathematical Society 29, 353-380, for whole numbers), so (r^2 - 1) (1 + rate^2) / (12 n^2)
    to a rate of two rounded counts. Steps wider than the scatter hide it: Wheeler DJ, Lyday RW
    (1989), Evaluating the Measurement Process.
    """
    if kind == "auto":
        kind = _fitting(values, counts, denominators, multiplier, rounded_to)
    if kind == "xmr":
        least = _step_of(values, rounded_to)
        return _xmr(values, polarity, target, False, bounds, errors, least)
    if kind not in ("p", "u"):
        raise ValueError(f"a control chart is auto, xmr, p or u, not {kind}")
    if counts is None or denominators is None or multiplier is None:
        raise ValueError(f"a {kind} chart needs counts, denominators and a multiplier")
    y, x, n = numbers(values, counts, denominators)
    x = np.where(np.isnan(y), np.nan, x)
    x, n = _counted(kind, x, n, errors)
    return _by_counts(kind, x, n, checked_multiplier(multiplier), polarity, target, rounded_to)


def xmr(
    values: ArrayLike,
    *,
    polarity: str = "no_judgement",
    target: float | None = None,
    screened: bool = False,
    bounds: tuple[float, float] = (-np.inf, np.inf),
    errors: Errors = "raise",
) -> ControlChart:
    """An individuals (XmR) chart: limits from how far each figure lies from the one before.

    Parameters
    ----------
    values : array_like of float, shape (..., periods), oldest first
        A missing one leaves a gap: no range is taken over it and no run crosses it.
    polarity, target
        As for `control_chart`.
    screened : bool
        Whether moving ranges above 3.267 times their mean are left out once, so that one
        leap does not widen the limits. Making Data Count's own tools keep them, as here.
    bounds : pair of float
        As for `control_chart`.
    errors : {"raise", "missing"}
        What becomes of a series with fewer than twelve points, or six pairs of neighbours,
        and of what is infinite.

    Returns
    -------
    ControlChart

    Raises
    ------
    ValueError
        As `errors` says, with the positions.

    Source
    ------
    Limits: mean +/- 2.66 mean moving range (Wheeler DJ, 1993, Understanding Variation);
    screening: Nelson LS (1982), Journal of Quality Technology 14, 172-173; Provost LP,
    Murray SK (2011), The Health Care Data Guide. Rules: NHS England, Making Data Count,
    Strengthening your decisions. A point is a special cause beyond a limit; in a run of 7 or
    more on one side of the mean; in 7 or more that all rise or all fall; or as one of two of
    three in the outer third on one side of the mean, where all three are. The latest point
    gives the variation: which side of the mean it is on or, by the third rule alone, which
    way the points go. Assurance sets the target against the limits of the latest point.
    """
    return _xmr(values, polarity, target, screened, bounds, errors, 0.0)


def _xmr(values, polarity, target, screened, bounds, errors: Errors, least: float) -> ControlChart:
    """An individuals chart, missing where the mean moving range is less than a number."""
    (y,) = _long_enough(errors, *_finite(errors, *numbers(values)))
    y = _neighbours(errors, y)
    ranges = np.abs(np.diff(y, axis=-1))
    typical = _mean(ranges)
    if screened:
        typical = _mean(np.where(ranges > LARGEST_RANGE * typical, np.nan, ranges))
    said = "rounded counts must vary by more than their rounding"
    (typical,) = possible(typical >= least, said, errors, typical)
    y = np.where(np.isnan(typical), np.nan, y)
    centre = np.broadcast_to(_mean(y), y.shape)
    sigma = np.broadcast_to(REACH / 3 * typical, y.shape)
    return judged("xmr", y, centre, sigma, bounds, polarity, target)


def p_chart(
    counts: ArrayLike,
    denominators: ArrayLike,
    *,
    multiplier: float = 100,
    polarity: str = "no_judgement",
    target: float | None = None,
    errors: Errors = "raise",
) -> ControlChart:
    """A control chart of proportions, whose limits follow the denominators.

    Parameters
    ----------
    counts, denominators : array_like of float, shape (..., periods), oldest first
    multiplier : float
        100 for per cent.
    polarity, target
        As for `control_chart`.
    errors : {"raise", "missing"}
        What becomes of a count below 0 or above its denominator, of a denominator of 0 or
        less and of a series with fewer than twelve points.

    Returns
    -------
    ControlChart

    Raises
    ------
    ValueError
        As `errors` says, with the positions.

    Source
    ------
    Provost LP, Murray SK (2011), The Health Care Data Guide: centre p = sum of counts over
    sum of denominators, limits p +/- 3 sqrt(p (1 - p) / n), within 0 and 1. Rules as for
    `xmr`.
    """
    x, n = _counted("p", counts, denominators, errors)
    return _by_counts("p", x, n, checked_multiplier(multiplier), polarity, target)


def u_chart(
    counts: ArrayLike,
    exposures: ArrayLike,
    *,
    multiplier: float,
    polarity: str = "no_judgement",
    target: float | None = None,
    errors: Errors = "raise",
) -> ControlChart:
    """A control chart of rates of events, whose limits follow the exposures.

    Parameters
    ----------
    counts, exposures : array_like of float, shape (..., periods), oldest first
        Events, and the people or person-years they happened to.
    multiplier : float
        1,000 for a rate per 1,000.
    polarity, target
        As for `control_chart`.
    errors : {"raise", "missing"}
        As for `p_chart`; a count may exceed its exposure.

    Returns
    -------
    ControlChart

    Raises
    ------
    ValueError
        As `errors` says, with the positions.

    Source
    ------
    Provost LP, Murray SK (2011), The Health Care Data Guide: centre u = sum of counts over
    sum of exposures, limits u +/- 3 sqrt(u / n), not below 0. Rules as for `xmr`.
    """
    x, n = _counted("u", counts, exposures, errors)
    return _by_counts("u", x, n, checked_multiplier(multiplier), polarity, target)


def _step_of(values: ArrayLike, rounded_to: int) -> float:
    """The step between values that are rounded counts; 0 where they are something else."""
    (y,) = numbers(values)
    whole = bool((np.isnan(y) | (np.mod(y, rounded_to) == 0)).all())
    return float(rounded_to) if rounded_to > 1 and whole else 0.0


def _fitting(values, counts, denominators, multiplier, rounded_to: int = 1) -> Kind:
    """The kind of chart whose limits fit the figures."""
    if counts is None or denominators is None or multiplier is None:
        return "xmr"
    y, x, n = numbers(values, counts, denominators)
    x, n = (np.where(np.isnan(y), np.nan, part) for part in (x, n))
    kind: Kind = "p" if multiplier in (1, 100) else "u"
    possible_counts = (x >= 0) & (n > 0) & ((x <= n) | (kind == "u"))
    # A printed value is rounded, and some counts are rounded before they are published.
    slack = 0.01 * np.abs(y) + 0.0005 * multiplier
    n = np.where(possible_counts, n, np.nan)
    agree = np.abs(multiplier * x / n - y) <= slack
    if not (agree | np.isnan(y)).all():
        return "xmr"
    return kind if _scatter(kind, x, n, rounded_to) <= OVERDISPERSED else "xmr"


def _scatter(kind: Kind, x: np.ndarray, n: np.ndarray, rounded_to: int = 1) -> float:
    """How widely figures scatter, in the standard deviations counts have by chance."""
    centre, sigma = _spread(kind, x, n, rounded_to)
    z = (x / n - centre) / np.where(sigma > 0, sigma, np.nan)
    widest = _mean(np.abs(np.diff(z, axis=-1))) / PAIR
    return float(np.nan_to_num(widest).max(initial=0.0))


def _counted(kind: Kind, counts, denominators, errors: Errors) -> list[np.ndarray]:
    x, n = _finite(errors, *numbers(counts, denominators))
    right, said = (x >= 0) & (n > 0), "a count must be 0 or more and its denominator above 0"
    if kind == "p":
        right, said = right & (x <= n), "a count must lie between 0 and a positive denominator"
    x, n = possible(right, said, errors, x, n)
    return _long_enough(errors, x, n)


def _by_counts(
    kind: Kind, x, n, multiplier: float, polarity, target, rounded_to: int = 1
) -> ControlChart:
    centre, sigma = _spread(kind, x, n, rounded_to)
    highest = multiplier if kind == "p" else np.inf
    parts = (multiplier * part for part in (x / n, centre, sigma))
    return judged(kind, *parts, (0.0, highest), polarity, target)


def _spread(
    kind: Kind, x: np.ndarray, n: np.ndarray, rounded_to: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """The common rate, and the standard deviation of each period's by chance and rounding."""
    known = ~np.isnan(x + n)
    events, people = (np.where(known, part, 0.0).sum(axis=-1, keepdims=True) for part in (x, n))
    rate = events / np.where(people > 0, people, np.nan)
    variance = rate * (1 - rate) if kind == "p" else rate
    rounding = (rounded_to**2 - 1) * (1 + rate**2) / 12
    return np.broadcast_to(rate, x.shape), np.sqrt(variance / n + rounding / n**2)


def _finite(errors: Errors, *arrays: np.ndarray) -> list[np.ndarray]:
    if arrays[0].ndim == 0:
        raise ValueError("a series needs an axis of periods")
    right = np.logical_and.reduce([np.isfinite(array) for array in arrays])
    return possible(right, "figures must be finite", errors, *arrays)


def _long_enough(errors: Errors, y: np.ndarray, *others: np.ndarray) -> list[np.ndarray]:
    """The series with twelve points or more; the others are missing, or an error."""
    points = (~np.isnan(y)).sum(axis=-1).astype(float)
    said = f"a control chart needs {FEWEST} points with a value"
    possible(points >= FEWEST, said, errors, points)
    kept = (points >= FEWEST)[..., None]
    return [np.where(kept, array, np.nan) for array in (y, *others)]


def _neighbours(errors: Errors, y: np.ndarray) -> np.ndarray:
    """The series with enough points next to each other to take their ranges."""
    pairs = (~np.isnan(np.diff(y, axis=-1))).sum(axis=-1)
    pairs = np.where(np.isnan(y).all(axis=-1), np.nan, pairs)
    said = f"an individuals chart needs {FEWEST_RANGES} pairs of points next to each other"
    possible(pairs >= FEWEST_RANGES, said, errors, pairs)
    return np.where((pairs >= FEWEST_RANGES)[..., None], y, np.nan)


def _mean(x: np.ndarray) -> np.ndarray:
    """The mean of what is known along the last axis, which is kept."""
    known = ~np.isnan(x)
    count = known.sum(axis=-1, keepdims=True)
    total = np.where(known, x, 0.0).sum(axis=-1, keepdims=True)
    return total / np.where(count, count, np.nan)

"""The rate at which a yearly series has changed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from lbbd_jsna.statistics.intervals import Interval
from lbbd_jsna.statistics.workings.inputs import normal_quantile, numbers, possible
from lbbd_jsna.statistics.workings.series import overlap

# A slope with limits needs one point more than a line through two.
FEWEST_FOR_A_PACE = 3



def yearly_change(
    years: ArrayLike,
    values: ArrayLike,
    *,
    standard_errors: ArrayLike | None = None,
    span: float = 1.0,
    confidence: float = 0.95,
) -> Interval:
    """The rate of change per year: the slope of a straight line, with limits.

    Parameters
    ----------
    years, values : array_like of float, shapes (..., n) that broadcast
        Middles of periods in decimal years, and values; a point without a value is left out.
    standard_errors : array_like of float, shape (..., n), optional
        Of the values, above 0; a point without one is left out. Limits then rest on them
        and on the normal distribution; otherwise on the scatter about the line and on
        Student's t with two degrees of freedom fewer than points.
    span : float
        Years that a value covers; those of overlapping periods are correlated.
    confidence : float
        Two-sided level.

    Returns
    -------
    Interval
        Per year, in the unit of the values, arrays of shape (...); missing with fewer than
        three points.

    Raises
    ------
    ValueError
        A standard error of 0 or less, with the positions.

    Source
    ------
    Generalised least squares: Aitken AC (1935), Proceedings of the Royal Society of
    Edinburgh 55, 42-48. (X'V^-1 X)^-1 X'V^-1 y with X = (1, t) and V_ij = e_i e_j
    max(0, 1 - |t_i - t_j| / span), e the standard errors, or 1. With span 1 this is
    least squares weighted by 1/e^2. Slope -/+ z sqrt(v), or -/+ t(n - 2) s sqrt(v), v the
    slope's element of (X'V^-1 X)^-1 and s^2 = r'V^-1 r / (n - 2), r the residuals.
    """
    z = normal_quantile(confidence)
    weighted = standard_errors is not None
    t, y, e = numbers(years, values, standard_errors if weighted else 1.0)
    possible((e > 0) | np.isnan(e), "a standard error must be above 0", "raise", e)
    known = np.isfinite(t) & np.isfinite(y) & np.isfinite(e)
    slope, unit, scatter = _slopes(t, y, np.where(known, e, 1.0), known, span)
    n = known.sum(axis=-1)
    freedom = np.maximum(n - 2, 1)
    reach = z if weighted else stdtrit(freedom, 0.5 + confidence / 2)
    variance = unit if weighted else unit * scatter / freedom
    enough = n >= FEWEST_FOR_A_PACE
    reach = reach * np.sqrt(np.maximum(variance, 0.0))
    return Interval(*(np.where(enough, a, np.nan) for a in (slope, slope - reach, slope + reach)))


def _slopes(
    t: np.ndarray, y: np.ndarray, e: np.ndarray, known: np.ndarray, span: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes, their variances and the weighted squares about the lines, shapes (...)."""
    count = np.maximum(known.sum(axis=-1, keepdims=True), 1)
    time = np.where(known, t, 0.0)
    time = np.where(known, time - time.sum(axis=-1, keepdims=True) / count, 0.0)
    y = np.where(known, y, 0.0)
    # A point left out has a row of noughts in X and touches no other in V.
    pair = known[..., :, None] & known[..., None, :]
    both = e[..., :, None] * e[..., None, :]
    v = np.where(pair, both * overlap(time, time, span), np.eye(t.shape[-1]))
    x = np.stack([known.astype(float), time], axis=-1)
    weighted_x = np.linalg.solve(v, x)
    information = x.swapaxes(-1, -2) @ weighted_x
    few = (known.sum(axis=-1) < FEWEST_FOR_A_PACE)[..., None, None]
    covariance = np.linalg.inv(np.where(few, np.eye(2), information))
    fitted = covariance @ (weighted_x.swapaxes(-1, -2) @ y[..., None])
    residual = y[..., None] - x @ fitted
    scatter = (residual * np.linalg.solve(v, residual)).sum(axis=(-1, -2))
    return fitted[..., 1, 0], covariance[..., 1, 1], scatter

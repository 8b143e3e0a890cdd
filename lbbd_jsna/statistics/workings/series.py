"""What the methods for yearly series share: points in order, errors, overlap, the better way."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lbbd_jsna.statistics.workings.inputs import floats

# A published 95 % interval is so many standard errors wide.
WIDTH_95 = 2 * 1.96
# Middles of periods this near each other, in years, are those of one period.
ONE_PERIOD = 0.02
# Which way is better, as a sign.
GOOD_WAY = {"high_is_good": 1, "low_is_good": -1, "no_judgement": 0}


def overlap(years: np.ndarray, others: np.ndarray, span: float) -> np.ndarray:
    """The share of their data that figures of several years have in common.

    Parameters
    ----------
    years, others : ndarray of float, shapes (..., n) and (..., m)
        Middles of the periods, in decimal years.
    span : float
        Years that each covers.

    Returns
    -------
    ndarray of float, shape (..., n, m), 0 to 1

    Source
    ------
    Ours: three-year figures published each year share two years, max(0, 1 - |t - t'| / span).
    """
    return np.clip(1 - np.abs(years[..., :, None] - others[..., None, :]) / span, 0, None)


def good_way(polarity: str) -> int:
    """Which way is better, as a sign.

    Parameters
    ----------
    polarity : {"high_is_good", "low_is_good", "no_judgement"}

    Returns
    -------
    int
        1 where higher is better, -1 where lower is, 0 where neither is.

    Raises
    ------
    ValueError
        An unknown polarity.

    Source
    ------
    The polarities of Fingertips.
    """
    if polarity not in GOOD_WAY:
        raise ValueError(f"polarity is one of {', '.join(GOOD_WAY)}, not {polarity!r}")
    return GOOD_WAY[polarity]


def as_series(
    years: ArrayLike, values: ArrayLike, lower: ArrayLike | None, upper: ArrayLike | None
) -> np.ndarray:
    """The points of a series that have a value, oldest first.

    Parameters
    ----------
    years, values : array_like of float, shape (n,)
        Decimal years, and values in one unit.
    lower, upper : array_like of float, shape (n,), or None
        Limits in the unit of the values; None for none.

    Returns
    -------
    ndarray of float, shape (4, points with a value)
        Rows of years, values, lower and upper limits.

    Raises
    ------
    ValueError
        Columns of unequal length.

    Source
    ------
    Ours: nothing is worked out.
    """
    y = floats(values)
    given = [years, y, *(np.full(y.shape, np.nan) if a is None else a for a in (lower, upper))]
    columns = [np.atleast_1d(floats(column)) for column in given]
    if len({column.shape for column in columns}) > 1 or columns[0].ndim > 1:
        raise ValueError("years, values and limits are columns of one length")
    series = np.array(columns)
    series = series[:, np.isfinite(series[:2]).all(axis=0)]
    return series[:, np.argsort(series[0], kind="stable")]


def standard_errors_of(series: np.ndarray) -> np.ndarray | None:
    """The standard errors that the 95 % limits of a series stand for.

    Parameters
    ----------
    series : ndarray of float, shape (4, n)
        From `as_series`.

    Returns
    -------
    ndarray of float, shape (n,), or None
        In the unit of the values; None unless every point has limits that are apart.

    Source
    ------
    As for `standard_error`: (upper - lower) / (2 x 1.96).
    """
    errors = (series[3] - series[2]) / WIDTH_95
    return errors if errors.size and (errors > 0).all() else None

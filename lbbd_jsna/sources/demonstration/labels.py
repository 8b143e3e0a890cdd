"""The labels a publisher prints beside a figure, worked out for the made-up series."""

from __future__ import annotations

import numpy as np

# Chi-squared of one degree of freedom at 99.8 %, over the latest five points.
THRESHOLD, POINTS = 9.549535706, 5
NOT_COMPARED, NO_TREND = "Not compared", "Cannot be calculated"


def comparison(
    value: np.ndarray, limits: np.ndarray, reference: np.ndarray, *, polarity: str, method: str
) -> np.ndarray:
    """Compare each value's interval with a reference value, in Fingertips' words.

    Parameters
    ----------
    value : ndarray, areas by periods
    limits : ndarray of shape (4, areas, periods)
        Lower and upper 95 %, lower and upper 99.8 %.
    reference : ndarray, one a period
    polarity, method : str
        As in the catalogue.

    Returns
    -------
    ndarray of str, areas by periods
    """
    pick = {"interval_95": 0, "interval_99_8": 2}
    if method not in pick:
        return np.full(value.shape, NOT_COMPARED, dtype=object)
    lower, upper = limits[pick[method]], limits[pick[method] + 1]
    above, below = {
        "high_is_good": ("Better", "Worse"),
        "low_is_good": ("Worse", "Better"),
        "no_judgement": ("Higher", "Lower"),
    }[polarity]
    unknown = np.isnan(value) | np.isnan(lower) | np.isnan(reference)
    return np.select(
        [unknown, lower > reference, upper < reference], [NOT_COMPARED, above, below], "Similar"
    ).astype(object)


def recent_trend(value: np.ndarray, limits: np.ndarray, *, polarity: str) -> np.ndarray:
    """The trend marker of each area, by the publisher's rule on the last five points.

    Parameters
    ----------
    value : ndarray, areas by periods, oldest first
    limits : ndarray of shape (4, areas, periods)
    polarity : str

    Returns
    -------
    ndarray of str, one an area
    """
    if value.shape[1] < POINTS:
        return np.full(len(value), NO_TREND, dtype=object)
    # The latest five points that have a value: blank ones are passed over.
    order = np.argsort(np.where(np.isnan(value), -1, np.arange(value.shape[1])), axis=1)
    latest = order[:, -POINTS:]
    y = np.take_along_axis(value, latest, axis=1)
    se = np.take_along_axis(limits[1] - limits[0], latest, axis=1) / 3.92
    known = ~np.isnan(y).any(1) & (np.nan_to_num(se) > 0).all(1)
    y, weight = np.where(known[:, None], y, 0.0), 1 / np.where(known[:, None], se, 1.0) ** 2
    slope, variance = _slope(y, weight)
    steady = np.ones(len(y), dtype=bool)
    for left_out in range(POINTS):
        other, _ = _slope(y, weight * (np.arange(POINTS) != left_out))
        steady &= np.sign(other) == np.sign(slope)
    moving = steady & (slope**2 / variance > THRESHOLD)
    up, down = _words(polarity)
    return np.select(
        [~known, moving & (slope > 0), moving & (slope < 0)], [NO_TREND, up, down],
        "No significant change",
    ).astype(object)


def _slope(y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    t = np.arange(1, POINTS + 1)
    s, sx, sy = weight.sum(1), (weight * t).sum(1), (weight * y).sum(1)
    spread = s * (weight * t**2).sum(1) - sx**2
    return (s * (weight * t * y).sum(1) - sx * sy) / spread, s / spread


def _words(polarity: str) -> tuple[str, str]:
    if polarity == "no_judgement":
        return "Increasing", "Decreasing"
    up, down = ("better", "worse") if polarity == "high_is_good" else ("worse", "better")
    return f"Increasing and getting {up}", f"Decreasing and getting {down}"

"""The recent trend of a series, by the publisher's rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

POINTS = 5
# Chi-squared with one degree of freedom at p = 0.002 (99.8 %).
THRESHOLD = 9.549535706


@dataclass(frozen=True)
class Trend:
    """The direction of the latest five points.

    `direction` is rising, falling, steady or unknown; `progress` is better,
    worse or empty; `basis` says who says so, or why nobody can.
    """

    direction: str
    progress: str
    basis: str


def recent_trend(
    values: Sequence[float], lower: Sequence[float], upper: Sequence[float], *, polarity: str
) -> Trend:
    """Say whether the latest five points rise or fall by more than chance.

    Parameters
    ----------
    values, lower, upper : sequences of float, oldest first
        One point a year, in one unit, with 95 % limits. Points without a value
        or limits are passed over.
    polarity : str

    Returns
    -------
    Trend
        Unknown with the reason when fewer than five points can be used.

    Source
    ------
    Fingertips technical guidance, recent trends: weighted least squares with
    weights 1/se^2, se = (upper - lower) / 3.92; significant when (slope/se)^2 is
    above 9.5495 and the slope keeps its sign when any one point is left out.
    """
    points = np.array([values, lower, upper], float)
    points = points[:, ~np.isnan(points).any(axis=0)][:, -POINTS:]
    if points.shape[1] < POINTS:
        return Trend("unknown", "", f"fewer than {POINTS} points with intervals")
    if (points[2] <= points[1]).any():
        return Trend("unknown", "", "a point has an interval of no width")
    times = np.arange(1.0, POINTS + 1)
    errors = (points[2] - points[1]) / 3.92
    slope, variance = _weighted_slope(times, points[0], errors)
    signs = {
        np.sign(_weighted_slope(*(np.delete(a, i) for a in (times, points[0], errors)))[0])
        for i in range(POINTS)
    }
    settled = slope**2 / variance > THRESHOLD and signs == {np.sign(slope)}
    basis = "our working, latest five points"
    if not settled:
        return Trend("steady", "", basis)
    return _directed(slope > 0, polarity, basis)


def _weighted_slope(x: np.ndarray, y: np.ndarray, errors: np.ndarray) -> tuple[float, float]:
    w = 1 / errors**2
    determinant = w.sum() * (w * x**2).sum() - (w * x).sum() ** 2
    slope = (w.sum() * (w * x * y).sum() - (w * x).sum() * (w * y).sum()) / determinant
    return float(slope), float(w.sum() / determinant)


def _directed(rising: bool, polarity: str, basis: str) -> Trend:
    progress = ""
    if polarity != "no_judgement":
        progress = "better" if rising == (polarity == "high_is_good") else "worse"
    return Trend("rising" if rising else "falling", progress, basis)


def published_trend(label: str, *, polarity: str) -> Trend | None:
    """Read a printed recent trend; None when nothing is printed.

    `Cannot be calculated` is a trend of unknown direction; the publisher's
    direction is kept and its progress follows our polarity.
    """
    text = label.strip().lower()
    basis = "as published"
    if not text:
        return None
    if text.startswith(("increasing", "decreasing")):
        return _directed(text.startswith("increasing"), polarity, basis)
    if text.startswith("no significant change"):
        return Trend("steady", "", basis)
    return Trend("unknown", "", "the publisher could not calculate one")

"""The recent trend of a series, by the publisher's rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lbbd_jsna.statistics.verdicts import POLARITIES
from lbbd_jsna.statistics.workings.inputs import Errors, in_blocks
from lbbd_jsna.statistics.workings.recent_points import POINTS, Rule, recent_points

# Chi-squared with one degree of freedom at p = 0.002 (99.8 %).
THRESHOLD = 9.549535706
# A slope this small beside what its points move up and down is level but for rounding.
LEVEL = 1e-9
VALUE_TYPES = ("proportion", "crude rate", "directly standardised rate")
OURS = "our working, latest five points"

_TIMES = np.arange(1.0, POINTS + 1)
_PAIRS = np.array(list(combinations(range(POINTS), 2))).T
_APART = _TIMES[_PAIRS[1]] - _TIMES[_PAIRS[0]]
# One column for all five points, then one for each point left out: the pairs that remain.
_KEPT = np.array(
    [[left_out not in pair for left_out in (None, *range(POINTS))] for pair in _PAIRS.T], float
)


@dataclass(frozen=True)
class Trend:
    """The direction of the latest five points.

    `direction` is rising, falling, steady or unknown; `progress` is better,
    worse or empty; `basis` says who says so, or why nobody can.
    """

    direction: str
    progress: str
    basis: str

    @property
    def label(self) -> str:
        """The words Fingertips prints, such as `Increasing and getting better`."""
        return str(_labels(np.asarray(self.direction), np.asarray(self.progress)))


class Trends(NamedTuple):
    """The recent trends of many series: arrays of one shape.

    `direction` is rising, falling, steady or unknown and `progress` better, worse or empty.
    `slope` is the change a period, in the unit of the values (by the rule for proportions, in
    log odds). `reason` says why a direction is unknown, and is empty for all others.
    """

    direction: np.ndarray
    progress: np.ndarray
    slope: np.ndarray
    chi_squared: np.ndarray
    reason: np.ndarray

    @property
    def label(self) -> np.ndarray:
        """The words Fingertips prints, such as `Increasing and getting better`."""
        return _labels(self.direction, self.progress)


def recent_trends(
    values: ArrayLike,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    *,
    polarity: ArrayLike,
    counts: ArrayLike | None = None,
    denominators: ArrayLike | None = None,
    rule: Rule = "interval",
    value_type: ArrayLike | None = None,
    period_years: ArrayLike = 1,
    errors: Errors = "raise",
) -> Trends:
    """Whether the latest five points of each series rise or fall by more than chance.

    Parameters
    ----------
    values, lower, upper : array_like of float, shape (..., periods), oldest first
        Yearly points in one unit with their 95 % limits. Points without a value or a limit
        are passed over; the years need not follow each other. The rule for proportions
        makes no use of the limits.
    polarity : str, or array_like of str of shape (...)
        "high_is_good", "low_is_good" or "no_judgement".
    counts, denominators : array_like of float, shape (..., periods), optional
        Where given, a point without them is passed over as well.
    rule : {"interval", "proportion"}
        By the limits, or by the counts of a proportion.
    value_type, period_years : optional, scalars or shape (...)
        As for `why_no_trend`; unless given, nothing is refused for its type.
    errors : {"raise", "missing"}
        What becomes of limits that cross, of a count below 0, of a denominator of 0 or less
        and of what is infinite; by the rule for proportions also of a count above its
        denominator.

    Returns
    -------
    Trends
        Arrays of shape (...). Unknown, with the reason, where fewer than five points can be
        used; where the count of any usable point equals its denominator; where one of the
        five has an interval of no width or, by the rule for proportions, a count of none.

    Raises
    ------
    ValueError
        As `errors` says, with the positions; a polarity or a rule that is none of these.

    Source
    ------
    Office for Health Improvement and Disparities, Fingertips technical guidance, recent
    trends. By intervals: weighted least squares on t = 1 to 5 with weights w = 1 / se^2,
    se = (upper - lower) / 3.92; slope = (S Sxy - Sx Sy) / D, D = S Sxx - Sx^2, where S is
    the sum of w, Sx of w t, Sy of w y, Sxy of w t y and Sxx of w t^2;
    chi-squared = slope^2 D / S. By proportions, x of n: the chi-squared test for trend,
    N (N sum xt - X sum nt)^2 / (X (N - X) (N sum nt^2 - (sum nt)^2)) with N and X the sums
    of n and x (Armitage P, 1955, Biometrics 11, 375-386), and the unweighted slope of
    log(x / (n - x)). A trend is significant when chi-squared is above 9.549535706 (one
    degree of freedom, p = 0.002) and the slope keeps its sign when any one point is left
    out.
    """
    latest, unusable = recent_points(
        values, lower, upper, counts=counts, denominators=denominators, rule=rule, errors=errors
    )
    barred = why_no_trend(value_type, period_years=period_years)
    reason = np.where(barred != "", barred, unusable)
    slopes, chi_squared = _SLOPES[rule](latest)
    same = (slopes > 0).all(axis=0) | (slopes < 0).all(axis=0)
    settled = same & (chi_squared > THRESHOLD)
    return _worded(reason, settled, slopes[0], chi_squared, _known(polarity))


def recent_trend(
    values: Sequence[float],
    lower: Sequence[float],
    upper: Sequence[float],
    *,
    polarity: str,
    counts: Sequence[float] | None = None,
    denominators: Sequence[float] | None = None,
    rule: Rule = "interval",
    value_type: str | None = None,
    period_years: float = 1,
) -> Trend:
    """Whether the latest five points of one series rise or fall by more than chance.

    Parameters
    ----------
    values, lower, upper, polarity, counts, denominators, rule, value_type, period_years
        As for `recent_trends`, of a single series.

    Returns
    -------
    Trend
        Unknown with the reason when fewer than five points can be used.

    Raises
    ------
    ValueError
        As for `recent_trends`.

    Source
    ------
    As for `recent_trends`.
    """
    found = recent_trends(
        values, lower, upper, polarity=polarity, counts=counts, denominators=denominators,
        rule=rule, value_type=value_type, period_years=period_years,
    )  # fmt: skip
    return Trend(str(found.direction), str(found.progress), str(found.reason) or OURS)


def why_no_trend(value_type: ArrayLike | None, *, period_years: ArrayLike = 1) -> np.ndarray:
    """Why the publisher works out no recent trend for a kind of figure; empty where it does.

    Parameters
    ----------
    value_type : str or array_like of str, optional
        As published, such as "Crude rate", in any case of letters; None asks nothing of it.
    period_years : float or array_like of float
        Years pooled in one period.

    Returns
    -------
    ndarray of str
        Of the shape the two broadcast to.

    Source
    ------
    Office for Health Improvement and Disparities, Fingertips technical guidance, recent
    trends: proportions, crude rates and directly standardised rates, one year a period.
    Labels published in December 2022 follow this; later guidance names more value types.
    """
    years = np.asarray(period_years, float)
    kind = np.asarray("" if value_type is None else value_type, dtype=str)
    kind, years = np.broadcast_arrays(np.char.lower(kind), years)
    other = np.zeros(kind.shape, bool) if value_type is None else ~np.isin(kind, VALUE_TYPES)
    return np.select(
        [other, years != 1],
        [np.char.add("no trend is worked out for a value type of ", kind),
         "no trend is worked out for periods other than single years"],
        "",
    )  # fmt: skip


def published_trend(label: str, *, polarity: str) -> Trend | None:
    """Read a recent trend as the publisher prints it.

    Parameters
    ----------
    label : str
        Such as "Decreasing and getting better"; may be empty.
    polarity : {"high_is_good", "low_is_good", "no_judgement"}
        Ours, which decides what is better: the same series can be judged otherwise elsewhere.

    Returns
    -------
    Trend or None
        None when nothing is printed; of unknown direction for "Cannot be calculated".

    Raises
    ------
    ValueError
        A polarity that is none of the three.

    Source
    ------
    The words of Fingertips downloads, column Recent Trend.
    """
    text = label.strip().lower()
    basis = "as published"
    if not text:
        return None
    if text.startswith("no significant change"):
        return Trend("steady", "", basis)
    if not text.startswith(("increasing", "decreasing")):
        return Trend("unknown", "", "the publisher could not calculate one")
    direction = "rising" if text.startswith("increasing") else "falling"
    return Trend(direction, str(_progress(np.asarray(direction), _known(polarity))), basis)


def _by_interval(latest) -> tuple[np.ndarray, np.ndarray]:
    width = latest["upper"] - latest["lower"]
    weights = (3.92 / np.where(width > 0, width, np.nan)) ** 2
    rise, run, slopes = _slopes(latest["values"], weights)
    return slopes, rise**2 / (run * weights.sum(axis=-1))


def _by_proportion(latest) -> tuple[np.ndarray, np.ndarray]:
    n, share = latest["denominators"], latest["counts"] / latest["denominators"]
    inside = np.where((share > 0) & (share < 1), share, np.nan)
    slopes = _slopes(np.log(inside / (1 - inside)), np.ones_like(n))[-1]
    rise, run, _ = _slopes(inside, n)
    events, people = latest["counts"].sum(axis=-1), n.sum(axis=-1)
    none = np.isnan(inside).any(axis=-1)
    chance = np.where(none, np.nan, events * (people - events))
    return slopes, people * rise**2 / (chance * run)


_SLOPES = {"interval": _by_interval, "proportion": _by_proportion}


def _slopes(y: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """S Sxy - Sx Sy and S Sxx - Sx^2 of all points, and the slopes with none and one left out.

    The slopes have shape (6, ...). Each is a sum over pairs of points, so that nothing large is
    subtracted from its like: S Sxy - Sx Sy is the sum of w_i w_j (t_j - t_i) (y_j - y_i).
    """
    points = [part[..., place] for part in (y, weights) for place in range(POINTS)]
    rise, run, *slopes = in_blocks(_over_pairs, *points, results=3 + POINTS)
    return rise, run, np.stack(slopes)


def _over_pairs(*points: np.ndarray) -> tuple[np.ndarray, ...]:
    y, weights = np.reshape(points, (2, POINTS, -1))
    first, second = _PAIRS
    both = weights[first] * weights[second] * _APART[:, None]
    moves = both * (y[second] - y[first])
    rise, run, most = (
        np.einsum("ps,pk->ks", pairs, _KEPT)
        for pairs in (moves, both * _APART[:, None], np.abs(moves))
    )
    return rise[0], run[0], *np.where(np.abs(rise) <= LEVEL * most, 0.0, rise / run)


def _worded(reason, settled, slope, chi_squared, polarity) -> Trends:
    direction = np.select(
        [reason != "", ~settled, slope > 0], ["unknown", "steady", "rising"], "falling"
    )
    # A polarity for each series; it must not add a shape of its own.
    polarity = np.broadcast_to(polarity, direction.shape)
    unknown = direction == "unknown"
    return Trends(
        direction,
        _progress(direction, polarity),
        np.where(unknown, np.nan, slope),
        np.where(unknown, np.nan, chi_squared),
        reason,
    )


def _known(polarity: ArrayLike) -> np.ndarray:
    words = np.asarray(polarity, dtype=str)
    wrong = sorted(set(words.ravel().tolist()) - set(POLARITIES))
    if wrong:
        raise ValueError(f"a polarity is one of {', '.join(POLARITIES)}, not {', '.join(wrong)}")
    return words


def _progress(direction: np.ndarray, polarity: np.ndarray) -> np.ndarray:
    moved = np.isin(direction, ("rising", "falling")) & (polarity != "no_judgement")
    good = (direction == "rising") == (polarity == "high_is_good")
    return np.select([~moved, good], ["", "better"], "worse")


def _labels(direction: np.ndarray, progress: np.ndarray) -> np.ndarray:
    words = {"rising": "Increasing", "falling": "Decreasing", "steady": "No significant change"}
    said = np.select(
        [direction == word for word in words], list(words.values()), "Cannot be calculated"
    )
    getting = np.where(progress == "", "", np.char.add(" and getting ", progress))
    return np.char.add(said, getting)

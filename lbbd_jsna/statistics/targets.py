"""Gaps to a comparator, how many people they are, and the pace at which they close."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lbbd_jsna.statistics import inequality
from lbbd_jsna.statistics.changes import FEWEST_FOR_A_PACE, yearly_change
from lbbd_jsna.statistics.intervals import Interval
from lbbd_jsna.statistics.turning import MEANINGS, Turned, turned
from lbbd_jsna.statistics.workings.inputs import numbers, possible
from lbbd_jsna.statistics.workings.series import ONE_PERIOD, as_series, good_way, standard_errors_of

__all__ = [
    "KEEPS_MOVING", "MEANINGS", "STANDS_STILL", "TargetPath", "Turned", "gap_to",
    "needed_change", "people", "target_path", "turned", "yearly_change", "years_to_reach",
]  # fmt: skip

KEEPS_MOVING = "The comparator is taken to keep changing at the rate it has shown."
STANDS_STILL = "The comparator is taken to stand still: too few figures show how it changes."


def gap_to(own: Interval, comparator: Interval) -> Interval:
    """The borough's value less the comparator's, with limits.

    Parameters
    ----------
    own, comparator : Interval
        Values with limits of one level, in one unit; arrays of any shapes that broadcast.
        Where the comparator has no limits its value is taken as fixed, and the gap is as
        uncertain as the borough's value alone.

    Returns
    -------
    Interval
        Above 0 where the borough's value is the higher, whichever way is better. Limits are
        missing where the borough has none.

    Source
    ------
    Newcombe RG (1998), Statistics in Medicine 17, 873-890, method 10, as in
    `inequality.gap`: d - sqrt((v1 - l1)^2 + (u2 - v2)^2) and d + sqrt((u1 - v1)^2 +
    (v2 - l2)^2). With the comparator fixed these are l1 - v2 and u1 - v2.
    """
    v1, l1, u1, v2, l2, u2 = numbers(*own, *comparator)
    fixed = np.isnan(l2) | np.isnan(u2)
    known = Interval(v2, np.where(fixed, v2, l2), np.where(fixed, v2, u2))
    return inequality.gap(Interval(v1, l1, u1), known)


def people(gap: Interval, denominator: ArrayLike, *, multiplier: float = 100) -> Interval:
    """How many people a gap stands for: so many fewer, or more, at the comparator's rate.

    Parameters
    ----------
    gap : Interval
        Of proportions or rates, in units of `multiplier`; not of expectancies or means.
    denominator : array_like of float
        The people (or person-years) the borough's value is a rate of; 0 or more.
    multiplier : float
        100 for per cent, 100,000 for a rate per 100,000.

    Returns
    -------
    Interval
        People, not rounded. Negative where the borough's rate is the lower. Limits on either
        side of 0 say that the gap may be chance.

    Raises
    ------
    ValueError
        A denominator below 0, with the positions, or a multiplier that is not above 0.

    Source
    ------
    gap * denominator / multiplier: the attributable number for the difference of two rates;
    Rothman KJ, Greenland S, Lash TL (2008), Modern Epidemiology, chapter 4.
    """
    if not multiplier > 0:
        raise ValueError(f"a multiplier is above 0, not {multiplier}")
    value, lower, upper, n = numbers(*gap, denominator)
    possible((n >= 0) | np.isnan(n), "a denominator must be 0 or more", "raise", n)
    share = n / multiplier
    return Interval(value * share, lower * share, upper * share)


def needed_change(
    value: ArrayLike,
    year: ArrayLike,
    comparator_value: ArrayLike,
    *,
    comparator_change: ArrayLike = 0.0,
    by: float = 2037,
) -> np.ndarray:
    """The change per year that would bring a value level with its comparator in time.

    Parameters
    ----------
    value, comparator_value : array_like of float
        Both in `year`, in one unit.
    year : array_like of float
        Decimal year of the two values.
    comparator_change : array_like of float
        How the comparator moves in a year; 0 if it stands still.
    by : float
        Decimal year; 2037 is its first day.

    Returns
    -------
    ndarray of the broadcast shape
        Per year; missing where `by` is not after `year`.

    Source
    ------
    Ours: straight lines, (comparator + comparator's change * (by - year) - value) /
    (by - year).
    """
    own, then, other, change = numbers(value, year, comparator_value, comparator_change)
    left = np.where(by > then, by - then, np.nan)
    return (other - own) / left + change


def years_to_reach(
    value: ArrayLike,
    change: ArrayLike,
    comparator_value: ArrayLike,
    comparator_change: ArrayLike = 0.0,
) -> np.ndarray:
    """How many years until a value is level with its comparator, at steady rates.

    Parameters
    ----------
    value, comparator_value : array_like of float
        In the same year and unit.
    change, comparator_change : array_like of float
        Per year.

    Returns
    -------
    ndarray of the broadcast shape
        Years; 0 where they are level, infinite where the gap stays as it is or widens.

    Source
    ------
    Ours: straight lines, (comparator - value) / (change - comparator's change).
    """
    own, pace, other, other_pace = numbers(value, change, comparator_value, comparator_change)
    gap, closing = other - own, pace - other_pace
    with np.errstate(divide="ignore", invalid="ignore"):
        years = np.where(gap * closing > 0, gap / closing, np.inf)
    years = np.where(gap == 0, 0.0, years)
    return np.where(np.isnan(gap) | np.isnan(closing), np.nan, years)


@dataclass(frozen=True)
class TargetPath:
    """Where a borough stands on its way past a comparator; nan for what is not known.

    `gap` (borough less comparator) and the two values are of `year`, the latest both have.
    `achieved` is the borough's change per year with 95 % limits, over `points` figures since
    `since`; `comparator_change` the comparator's. `needed_still` and `needed_moving` are the
    changes per year that would draw level by `by` if the comparator stands still, or keeps
    changing; `years_left` how long it takes at the rates shown (0: better already; infinite:
    never). `verdict`
    is already better, on course, too slow (the gap closes, but later), moving away (the gap
    widens) or cannot be told, with the `reason`. `certain` says whether the limits allow no
    other verdict, and `assumption` what is supposed of the comparator.
    """

    by: float
    polarity: str
    year: float
    value: float
    comparator_value: float
    gap: Interval
    achieved: Interval
    points: int
    since: float
    comparator_change: float
    needed_still: float
    needed_moving: float
    years_left: float
    verdict: str
    certain: bool
    reason: str
    assumption: str

    @property
    def reached(self) -> float:
        """The year in which the two would be level, infinite if never."""
        return self.year + self.years_left

    @property
    def comparator_by(self) -> float:
        """The comparator's value in the target's year, if it keeps changing."""
        change = 0.0 if math.isnan(self.comparator_change) else self.comparator_change
        return self.comparator_value + change * (self.by - self.year)


def target_path(
    years: ArrayLike,
    values: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    comparator_years: ArrayLike,
    comparator_values: ArrayLike,
    *,
    polarity: str,
    by: float = 2037,
    baseline: float | None = None,
    comparator_lower: ArrayLike | None = None,
    comparator_upper: ArrayLike | None = None,
    span: float = 1.0,
) -> TargetPath:
    """Whether a borough will be better than its comparator in time, at the rates shown.

    Parameters
    ----------
    years, values, lower, upper : array_like of float, shape (n,)
        The borough's series, one point a period: the middle of the period in decimal years,
        the value, and 95 % limits (missing where there are none).
    comparator_years, comparator_values : array_like of float, shape (m,)
        The comparator's, in the same unit; they may be empty or all missing.
    polarity : {"high_is_good", "low_is_good", "no_judgement"}
    by : float
        Decimal year of the target; 2037 is its first day, the stricter reading.
    baseline : float, optional
        The pace is that of the points of this year or later; of all of them if not given.
    comparator_lower, comparator_upper : array_like of float, shape (m,), optional
        95 % limits; without them the comparator is taken as known exactly.
    span : float
        Years that a value covers.

    Returns
    -------
    TargetPath

    Raises
    ------
    ValueError
        Columns of unequal length, or an unknown polarity.

    Source
    ------
    The arithmetic of straight lines in `yearly_change`, `needed_change` and
    `years_to_reach`; the comparator keeps its own slope over the same years where it has
    three points, and else stands still. Reporting as in Friedman M (2005), Trying Hard Is
    Not Good Enough (results-based accountability).
    """
    good = good_way(polarity)
    own = as_series(years, values, lower, upper)
    other = as_series(comparator_years, comparator_values, comparator_lower, comparator_upper)
    achieved, points, since = _pace(own, baseline, span)
    moving, *_ = _pace(other, baseline, span)
    year, here, there = _latest_of_both(own, other)
    gap = _plain(gap_to(here, there))
    still_rate, moving_rate = needed_change(
        here.value, year, there.value, comparator_change=[0.0, moving.value], by=by
    )
    still = math.isnan(moving.value)
    other_change = 0.0 if still else moving.value
    left = float(years_to_reach(here.value, achieved.value, there.value, other_change))
    left = 0.0 if good * gap.value > 0 else left
    verdict, certain, reason = _verdict(
        gap, achieved, other_change, by - year, good, compared=bool(other.shape[1])
    )
    return TargetPath(
        by=by, polarity=polarity, year=year, value=float(here.value),
        comparator_value=float(there.value), gap=gap, achieved=achieved, points=points,
        since=since, comparator_change=moving.value, needed_still=float(still_rate),
        needed_moving=float(moving_rate), years_left=left, verdict=verdict, certain=certain,
        reason=reason, assumption=STANDS_STILL if still else KEEPS_MOVING,
    )  # fmt: skip


def _pace(
    series: np.ndarray, baseline: float | None, span: float
) -> tuple[Interval, int, float]:
    """The change per year since the baseline, over how many points, and from which year."""
    recent = series if baseline is None else series[:, series[0] >= baseline - ONE_PERIOD]
    errors = standard_errors_of(recent)
    change = yearly_change(recent[0], recent[1], standard_errors=errors, span=span)
    first = float(recent[0, 0]) if recent.shape[1] else math.nan
    return _plain(change), recent.shape[1], first


def _latest_of_both(own: np.ndarray, other: np.ndarray) -> tuple[float, Interval, Interval]:
    same = np.abs(own[0][:, None] - other[0][None]) < ONE_PERIOD
    pairs = np.argwhere(same)
    if not len(pairs):
        none = Interval(math.nan, math.nan, math.nan)
        latest = Interval(*own[1:, -1]) if own.shape[1] else none
        return (float(own[0, -1]) if own.shape[1] else math.nan), latest, none
    here, there = pairs[-1]
    return float(own[0, here]), Interval(*own[1:, here]), Interval(*other[1:, there])


def _plain(interval: Interval) -> Interval:
    return Interval(*(float(a) for a in interval))


def _verdict(
    gap: Interval, achieved: Interval, other_change: float, left: float, good: int, *,
    compared: bool,
) -> tuple[str, bool, str]:
    """The verdict, whether the limits allow no other, and the reason where there is none."""
    if reason := _untold(gap, achieved, left, good, compared=compared):
        return "cannot be told", False, reason
    if good * gap.value > 0:
        return "already better", bool(min(good * gap.lower, good * gap.upper) > 0), ""
    words = [_course(gap.value, pace - other_change, left, good) for pace in achieved]
    return words[0], len(set(words)) == 1 and not math.isnan(achieved.lower), ""


def _untold(
    gap: Interval, achieved: Interval, left: float, good: int, *, compared: bool
) -> str:
    if not good:
        return "neither direction is the better one"
    if not compared:
        return "the comparator has no figures"
    if math.isnan(gap.value):
        return "no period in which both have a figure"
    if good * gap.value > 0:
        return ""
    if left <= 0:
        return "the year of the target has passed"
    if math.isnan(achieved.value):
        return f"a pace needs {FEWEST_FOR_A_PACE} figures since the baseline"
    return ""


def _course(gap: float, closing: float, left: float, good: int) -> str:
    if good * closing < 0:
        return "moving away"
    return "on course" if closing and -gap / closing <= left else "too slow"

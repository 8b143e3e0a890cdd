"""The verdict and the trend of a finding: ours, or the publisher's where ours cannot be had."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from lbbd_jsna.catalogue import Indicator
from lbbd_jsna.findings import Point
from lbbd_jsna.periods import read_period
from lbbd_jsna.statistics.comparisons import compare
from lbbd_jsna.statistics.trends import Trend, published_trend, recent_trend
from lbbd_jsna.statistics.verdicts import Verdict, not_compared

# A verdict at both levels, as the level that decides it.
DECIDED = {"best": "better", "worst": "worse", "higher 99.8": "higher", "lower 99.8": "lower"}


def verdict_of(row: pd.Series, printed: Verdict | None) -> Verdict:
    """Our test where the extract allows it, else the printed label, else none and why.

    Parameters
    ----------
    row : Series
        The borough's latest observation, with the columns of `schema.COMPARISONS`.
    printed : Verdict or None
        What the publisher printed beside it.
    """
    ours = Verdict(row["verdict"], row["test"], row["not_compared_reason"])
    if ours.test == "interval_both":
        beyond = ours.outcome in DECIDED
        return Verdict(
            DECIDED.get(ours.outcome, ours.outcome), "interval_99_8" if beyond else "interval_95"
        )
    if ours.test or not row["published_comparison"]:
        return ours
    return printed or not_compared("the publisher does not compare it")


def goal_of(indicator: Indicator, value: float) -> Verdict | None:
    """Whether the publisher's goal is met; None where the catalogue names none."""
    if indicator.goal is None:
        return None
    found = compare(
        pd.DataFrame({"indicator": [indicator.id], "value": [value]}),
        benchmark=value,
        method="goal",
        polarity=indicator.polarity,
        goals={indicator.id: (indicator.goal.lower, indicator.goal.upper)},
    ).iloc[0]
    return Verdict(found["verdict"], found["test"], found["not_compared_reason"])


def comparable_from(indicator: Indicator, latest: Point) -> dt.date | None:
    """The first day of the last break up to the latest period, or None without one."""
    starts = [read_period(item.period).start for item in indicator.breaks]
    return max((start for start in starts if start <= latest.start), default=None)


def trend_of(
    indicator: Indicator, history: tuple[Point, ...], label: str, since: dt.date | None
) -> Trend:
    """The publisher's marker when printed, else the rule on the points since the last break."""
    printed = published_trend(label, polarity=indicator.polarity)
    if printed is not None:
        return printed
    history = tuple(point for point in history if since is None or point.start >= since)
    yearly = all(350 < (p.end - p.start).days < 380 for p in history)
    if not yearly:
        return Trend("unknown", "", "no trend is worked out for overlapping or part-year periods")
    return recent_trend(
        [p.value for p in history],
        [p.lower for p in history],
        [p.upper for p in history],
        polarity=indicator.polarity,
        counts=[p.count for p in history],
        denominators=[p.denominator for p in history],
        value_type=indicator.value_type,
    )

"""The verdict and the trend of a finding: ours, or the publisher's where ours cannot be had."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from lbbd_jsna.catalogue import Indicator
from lbbd_jsna.findings import Point
from lbbd_jsna.periods import read_period
from lbbd_jsna.statistics.comparisons import Verdict, compare, not_compared, quintile
from lbbd_jsna.statistics.trends import Trend, published_trend, recent_trend


def verdict_of(
    indicator: Indicator,
    row: pd.Series,
    reference: float,
    printed: Verdict | None,
    league: dict[str, Point],
) -> Verdict:
    """Our test where the extract allows it, else the printed label, else none and why."""
    if indicator.method == "quintiles":
        return quintile(
            row["value"], [p.value for p in league.values()], polarity=indicator.polarity
        )
    level = "99_8" if indicator.method.endswith("99_8") else "95"
    ours = compare(
        row["value"],
        row[f"lower_{level}"],
        row[f"upper_{level}"],
        reference=reference,
        polarity=indicator.polarity,
        method=indicator.method,
    )
    if ours.test or indicator.method == "none":
        return ours
    if printed is None and not row["published_comparison"]:
        return ours
    return printed or not_compared("the publisher does not compare it")


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
    )

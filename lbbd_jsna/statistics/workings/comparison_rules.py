"""The rules of comparison, one function each: where rows stand, or why they are not judged."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from lbbd_jsna.schema import KEY
from lbbd_jsna.statistics.quantiles import fifths
from lbbd_jsna.statistics.verdicts import POLARITIES
from lbbd_jsna.statistics.workings.comparison_rows import SERIES, Rows, require
from lbbd_jsna.statistics.workings.keys import row_keys

# Why a row has no verdict.
REASONS = (
    NO_METHOD := "no test is set for this indicator",
    NOT_JUDGED := "this indicator is not judged against a benchmark",
    NO_POLARITY := "it is not set which way is better for this indicator",
    WITHHELD := "the value is withheld to protect confidentiality",
    NO_VALUE := "the area has no value",
    ITSELF := "it is the benchmark itself",
    NO_BENCHMARK := "the benchmark has no value for this period",
    NO_INTERVAL := "no 95% confidence interval in the extract",
    NO_WIDE_INTERVAL := "no 99.8% confidence interval in the extract",
    UPSIDE_DOWN := "its lower confidence limit is above its upper one",
    NOT_NESTED := "its 99.8% confidence interval is narrower than its 95% one",
    NO_BENCHMARK_INTERVAL := "the benchmark has no 95% confidence interval",
    FEW_AREAS := "fewer than five areas of its type have values",
    NO_GOAL := "no goal is set for this indicator",
    NO_BETTER_WAY := "neither high nor low is good, so a goal cannot be met or missed",
)
NO_LIMITS = {"95": NO_INTERVAL, "99_8": NO_WIDE_INTERVAL}
# Standings, in the steps of `verdicts.outcome_of`, and places in REASONS from 1, 0 for none.
Judged = tuple[np.ndarray | int, np.ndarray]


def unjudged(rows: Rows, *, why: str) -> Judged:
    """No row is judged."""
    return 0, np.full(len(rows.value), REASONS.index(why) + 1, np.int8)


def by_interval(rows: Rows, *, levels: Sequence[str]) -> Judged:
    """How many intervals leave out the benchmark's value, and on which side it lies."""
    value, reference = rows.value, rows.reference
    limits = [rows.limits(level) for level in levels]
    outside = np.zeros(len(value), np.int8)
    why = [(rows.is_itself, ITSELF), (np.isnan(reference), NO_BENCHMARK)]
    for level, (lower, upper) in zip(levels, limits, strict=True):
        outside += (reference < lower) | (reference > upper)
        why += _interval_reasons(lower, upper, NO_LIMITS[level])
    if len(levels) == 2:
        (lower, upper), (lowest, highest) = limits
        why.append(((lowest > lower) | (highest < upper), NOT_NESTED))
    return np.where(value > reference, outside, -outside), _reasons(rows, why)


def by_overlap(rows: Rows, *, level: str) -> Judged:
    """Whether two intervals touch, and if not which is above."""
    lower, upper = rows.limits(level)
    their_lower, their_upper = rows.benchmark_limits(level)
    why = [
        (rows.is_itself, ITSELF),
        (np.isnan(rows.reference), NO_BENCHMARK),
        *_interval_reasons(lower, upper, NO_LIMITS[level]),
        (~(their_lower <= their_upper), NO_BENCHMARK_INTERVAL),
    ]
    return (lower > their_upper).astype(np.int8) - (upper < their_lower), _reasons(rows, why)


def by_fifth(rows: Rows) -> Judged:
    """The fifth among the areas of one type with a value in the same series and period."""
    require(rows.table.frame, (*KEY, "area_type"), "a comparison by fifths")
    groups = row_keys(rows.column(name) for name in (*SERIES, "area_type"))
    fifth = fifths(rows.value, groups=groups)
    few = np.isnan(fifth)
    return np.where(few, 0, fifth - 3), _reasons(rows, [(few, FEW_AREAS)])


def by_goal(rows: Rows) -> Judged:
    """Whether a value has reached a goal (1), lies in its range (0) or has not (-1)."""
    value, polarity = rows.value, rows.polarity
    indicators, names = pd.factorize(rows.column("indicator"))
    goals = [rows.table.goals.get(name, (math.nan, math.nan)) for name in names]
    lower, upper = np.array([*goals, (math.nan, math.nan)], float)[indicators].T
    above = (value >= upper).astype(np.int8) - (value < lower)
    # A single goal is reached by its own value, whichever way is better.
    reached = np.where((lower == upper) & (value == lower), 1, -above)
    why = [
        (np.isnan(lower) | np.isnan(upper), NO_GOAL),
        (polarity == POLARITIES.index("no_judgement"), NO_BETTER_WAY),
    ]
    low_is_good = polarity == POLARITIES.index("low_is_good")
    return np.where(low_is_good, reached, above), _reasons(rows, why)


RULES: dict[str, Callable[[Rows], Judged]] = {
    "": partial(unjudged, why=NO_METHOD),
    "none": partial(unjudged, why=NOT_JUDGED),
    "interval_95": partial(by_interval, levels=("95",)),
    "interval_99_8": partial(by_interval, levels=("99_8",)),
    "interval_both": partial(by_interval, levels=("95", "99_8")),
    "overlapping": partial(by_overlap, level="95"),
    "quintiles": by_fifth,
    "goal": by_goal,
}
Why = Sequence[tuple[np.ndarray | bool, str]]


def _interval_reasons(lower: np.ndarray, upper: np.ndarray, missing: str) -> Why:
    return [(np.isnan(lower) | np.isnan(upper), missing), (lower > upper, UPSIDE_DOWN)]


def _reasons(rows: Rows, why: Why) -> np.ndarray:
    """The first reason that holds for each row, beginning with what no rule can do without."""
    always = [
        (rows.polarity < 0, NO_POLARITY),
        (rows.table.withheld[rows.at], WITHHELD),
        (np.isnan(rows.value), NO_VALUE),
    ]
    found = np.zeros(len(rows.value), np.int8)
    for holds, text in reversed([*always, *why]):
        found[np.broadcast_to(holds, found.shape)] = REASONS.index(text) + 1
    return found

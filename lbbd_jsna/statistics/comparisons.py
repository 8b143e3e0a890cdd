"""How areas stand against the one benchmark, and by which test.

`compare` judges a whole table of observations at once; every row that is not judged says why.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lbbd_jsna.statistics.agreement import agreement, counted
from lbbd_jsna.statistics.verdicts import (
    METHODS,
    NOT_COMPARED,
    POLARITIES,
    QUINTILES,
    TESTS,
    Verdict,
    differ_by_chance,
    not_compared,
    outcome_of,
    published_verdict,
    read_labels,
)
from lbbd_jsna.statistics.workings.comparison_rows import (
    Benchmark,
    Breakdowns,
    Goals,
    Rows,
    Table,
    Words,
)
from lbbd_jsna.statistics.workings.comparison_rules import REASONS, RULES

__all__ = [
    "QUINTILES", "TESTS", "Verdict", "agreement", "compare", "counted",
    "differ_by_chance", "not_compared", "published_verdict", "read_labels",
]  # fmt: skip

STEPS = range(-2, 3)


def compare(
    values: pd.DataFrame,
    *,
    benchmark: str | float | ArrayLike,
    method: Words,
    polarity: Words,
    goals: Goals | None = None,
    breakdowns: Breakdowns = "own",
) -> pd.DataFrame:
    """Judge every area against one benchmark, row by row of a table of observations.

    Parameters
    ----------
    values : DataFrame, n rows, columns of `schema.OBSERVATIONS`
        Needs `indicator` and `value`; all of `schema.KEY` where the benchmark is an area or
        the method `quintiles`, and for `quintiles` also `area_type`; and the limits that the
        method asks for. A value whose `status` is `suppressed` counts as missing.
    benchmark : str, float or array_like of float, shape (n,)
        An area's code: each row is held against that area's row of the same indicator, sex,
        age, category, period and length of period. Or one number for all rows, or one for
        each, in the unit of the values.
    method : str or mapping of indicator to str
        `interval_95`, `interval_99_8`, `interval_both`, `overlapping`, `quintiles`, `goal` or
        `none`. An indicator that is not in the mapping is not compared.
    polarity : str or mapping of indicator to str
        `high_is_good`, `low_is_good` or `no_judgement`.
    goals : mapping of indicator to (float, float), optional
        Lower and upper goal in the unit of the values; equal for a single goal.
    breakdowns : {"own", "headline"}
        Whether a row of a category, such as the most deprived fifth, is held against the
        benchmark's row of the same category or, as Fingertips prints it, against the
        benchmark's headline row.

    Returns
    -------
    DataFrame, the same n rows in the same order
        `benchmark_value`, in the unit of the values. `verdict`: better, similar, worse, and
        under `interval_both` best or worst; higher, similar, lower where nothing is judged,
        and under `interval_both` higher 99.8 or lower 99.8; one of `QUINTILES`; goal met, goal
        nearly met, goal not met; or not compared. `test`: the method, empty where not
        compared. `not_compared_reason`: empty where compared.

    Raises
    ------
    ValueError
        A column is missing; there is no such method or polarity; a lower goal is above the
        upper one; the benchmark has two rows for one series and period, which are named; or
        there are not as many benchmark values as rows.

    Source
    ------
    Fingertips technical guidance (OHID). Comparator methods 1 and 18, `interval_95` and
    `interval_99_8`: similar when lower <= benchmark <= upper, both ends included; the
    benchmark's own interval is not used. Method 17, `interval_both`: as at 95 %, and best or
    worst when the benchmark's value lies outside the 99.8 % limits too. Method 12,
    `overlapping`: similar when the two 95 % intervals touch. Method 15, `quintiles`: the
    classes of `quantiles.fifths` among areas of one type. Goals: where high is good, met at or
    above the upper goal and not met below the lower; where low is good, met below the lower
    (or at a single goal) and not met at or above the upper; nearly met in between.
    """
    table = Table.of(values, method, polarity, goals or {})
    against = Benchmark.of(table, benchmark, breakdowns)
    standing = np.zeros(len(values), np.int8)
    reason = np.zeros(len(values), np.int8)
    for place in np.unique(table.method):
        rows = Rows(table, against, _where(table.method == place))
        rule = RULES[METHODS[place] if place >= 0 else ""]
        standing[rows.at], reason[rows.at] = rule(rows)
    return _answers(table, against.value, standing, reason)


def _where(chosen: np.ndarray) -> np.ndarray | slice:
    """Rows by place; all of them as a slice, which copies nothing."""
    return slice(None) if chosen.all() else np.flatnonzero(chosen)


def _answers(
    table: Table, reference: np.ndarray, standing: np.ndarray, reason: np.ndarray
) -> pd.DataFrame:
    """Standings and reasons in words."""
    judged = reason == 0
    outcomes = [outcome_of(s, m, p) for m in METHODS for p in POLARITIES for s in STEPS]
    kind = table.method.astype(np.int16) * len(POLARITIES) + table.polarity
    place = np.where(judged, kind * len(STEPS) + standing - STEPS[0], -1)
    return pd.DataFrame(
        {
            "benchmark_value": np.array(reference),
            "verdict": _words([*outcomes, NOT_COMPARED], place),
            "test": _words([*METHODS, ""], np.where(judged, table.method, -1)),
            "not_compared_reason": _words(["", *REASONS], reason),
        },
        index=table.frame.index,
    )


def _words(words: Sequence[str], places: np.ndarray) -> pd.api.extensions.ExtensionArray:
    """A column of text from places in a list, -1 being the last."""
    return pd.array(words, dtype="str").take(places)

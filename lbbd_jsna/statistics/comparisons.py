"""How an area stands against the one benchmark, and by which test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

TESTS = {
    "ci_overlapping_reference_value_95": "the borough's 95% interval against the benchmark's value",
    "ci_overlapping_reference_value_99_8": (
        "the borough's 99.8% interval against the benchmark's value"
    ),
    "quintiles": "its fifth among the areas compared, without an interval",
    "published": "as published; the extract does not allow our own",
}
GOOD = ("better", "similar", "worse")
NEUTRAL = ("higher", "similar", "lower")
QUINTILES = {
    "high_is_good": ("worst fifth", "second worst fifth", "middle fifth", "second best fifth",
                     "best fifth"),
    "low_is_good": ("best fifth", "second best fifth", "middle fifth", "second worst fifth",
                    "worst fifth"),
    "no_judgement": ("lowest fifth", "second lowest fifth", "middle fifth",
                     "second highest fifth", "highest fifth"),
}


@dataclass(frozen=True)
class Verdict:
    """The outcome of one comparison.

    `outcome` is better, similar or worse; higher, similar or lower where nothing
    is judged; a fifth; or `not compared`, and then `reason` says why. `test` is a
    key of `TESTS`, or empty.
    """

    outcome: str
    test: str = ""
    reason: str = ""


def not_compared(reason: str) -> Verdict:
    """No verdict, and why."""
    return Verdict("not compared", "", reason)


def compare(
    value: float, lower: float, upper: float, *, reference: float, polarity: str, method: str
) -> Verdict:
    """Judge a value against the benchmark's, by the area's own interval.

    Parameters
    ----------
    value, lower, upper : float
        The area's value and the limits of the level `method` names; nan for none.
    reference : float
        The benchmark's value, in the same unit; its own interval is not used.
    polarity : {"high_is_good", "low_is_good", "no_judgement"}
    method : str
        One of the two `ci_overlapping_reference_value` methods, or `none`.

    Returns
    -------
    Verdict
        Similar when lower <= reference <= upper, both ends included.

    Source
    ------
    Fingertips technical guidance, comparator methods 1 (95 %) and 18 (99.8 %).
    """
    if method == "none":
        return not_compared("this indicator is not judged against a benchmark")
    if math.isnan(value):
        return not_compared("the borough has no value")
    if math.isnan(reference):
        return not_compared("the benchmark has no value for this period")
    if math.isnan(lower) or math.isnan(upper):
        return not_compared("no confidence interval in the extract")
    if lower <= reference <= upper:
        return Verdict("similar", method)
    return Verdict(side(value > reference, polarity), method)


def side(above: bool, polarity: str) -> str:
    """The word for standing above (or below) the benchmark."""
    if polarity == "no_judgement":
        return "higher" if above else "lower"
    return "better" if above == (polarity == "high_is_good") else "worse"


def quintile(value: float, values: Sequence[float], *, polarity: str) -> Verdict:
    """The fifth a value falls in among all areas of its type.

    Parameters
    ----------
    value : float
    values : sequence of float
        Every area's value, the area's own included; nan is left out.
    polarity : str
        Decides the words: best to worst, or lowest to highest.

    Returns
    -------
    Verdict
        `not compared` below five values.

    Source
    ------
    Fingertips: bounds by linear interpolation, rounded to 10 places; a value
    belongs to the first fifth whose bound is not below it.
    """
    known = np.asarray([v for v in values if not math.isnan(v)], float)
    if math.isnan(value):
        return not_compared("the borough has no value")
    if known.size < 5:
        return not_compared("fewer than five areas have values")
    bounds = np.round(np.percentile(known, [20, 40, 60, 80, 100]), 10)
    place = int(np.searchsorted(bounds, round(value, 10)))
    return Verdict(QUINTILES[polarity][min(place, 4)], "quintiles")


# What publishers print, in our words. Fingertips adds the level to some labels.
_PRINTED = {"better": "better", "best": "better", "similar": "similar", "worse": "worse",
            "worst": "worse", "higher": "higher", "lower": "lower"}


def published_verdict(label: str) -> Verdict | None:
    """Read the comparison a publisher printed; None when nothing was judged.

    `Lower 99.8` reads as lower, `Best` as better; `Not compared` and an empty
    label are None.
    """
    first = label.strip().lower().split(" ")[0]
    outcome = _PRINTED.get(first)
    return Verdict(outcome, "published") if outcome else None

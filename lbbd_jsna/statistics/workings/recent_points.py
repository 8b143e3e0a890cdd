"""The latest five points of a series that a recent trend can be worked out from."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lbbd_jsna.statistics.workings.inputs import Errors, numbers, possible

Rule = Literal["interval", "proportion"]
Points = dict[str, np.ndarray]

POINTS = 5


def recent_points(
    values: ArrayLike,
    lower: ArrayLike | None,
    upper: ArrayLike | None,
    *,
    counts: ArrayLike | None,
    denominators: ArrayLike | None,
    rule: Rule,
    errors: Errors,
) -> tuple[Points, np.ndarray]:
    """The latest five usable points of each series, and why a series has no trend.

    Parameters
    ----------
    values, lower, upper, counts, denominators, rule, errors
        As for `trends.recent_trends`.

    Returns
    -------
    dict of ndarray of float, shape (..., 5)
        By name, only what the rule needs; missing for series with fewer points.
    ndarray of str, shape (...)
        Empty where there are five points fit for a trend.

    Raises
    ------
    ValueError
        As for `trends.recent_trends`.
    """
    columns = _columns(rule, values, lower, upper, counts, denominators)
    columns, whole = _usable(columns, rule, errors)
    latest, enough = _latest(columns)
    reason = np.select(
        [~enough, whole, _spoiled(latest, rule)],
        [_too_few(columns), "the count of a point is its whole denominator", _SPOILED[rule]],
        "",
    )
    return latest, reason


_SPOILED = {
    "interval": "a point has an interval of no width",
    "proportion": "a point has a count of none",
}


def _columns(rule, values, lower, upper, counts, denominators) -> Points:
    """What the rule needs of each point, as arrays of one shape."""
    limits = {"lower": lower, "upper": upper} if rule == "interval" else {}
    counted = {"counts": counts, "denominators": denominators}
    if rule == "interval" and counts is None and denominators is None:
        counted = {}
    elif rule not in ("interval", "proportion"):
        raise ValueError(f"a rule is interval or proportion, not {rule}")
    needed = limits | counted
    lacking = [name for name, column in needed.items() if column is None]
    if lacking:
        raise ValueError(f"the rule {rule} needs {' and '.join(lacking)}")
    arrays = numbers(values, *needed.values())
    if arrays[0].ndim == 0:
        raise ValueError("a series needs an axis of periods")
    return dict(zip(("values", *needed), arrays, strict=True))


def _usable(columns: Points, rule: Rule, errors: Errors) -> tuple[Points, np.ndarray]:
    """The columns with whatever is impossible missing, and which series hold a whole count."""
    finite = np.logical_and.reduce([np.isfinite(column) for column in columns.values()])
    kept = _keep(finite, "figures must be finite", errors, columns)
    if rule == "interval":
        right = kept["upper"] >= kept["lower"]
        kept = _keep(right, "an upper limit must not lie below the lower", errors, kept)
    if "counts" not in kept:
        return kept, np.zeros(finite.shape[:-1], bool)
    said = "a count must be 0 or more and its denominator above 0"
    right = (kept["counts"] >= 0) & (kept["denominators"] > 0)
    if rule == "proportion":
        said = "a count must lie between 0 and a positive denominator"
        right &= kept["counts"] <= kept["denominators"]
    kept = _keep(right, said, errors, kept)
    return kept, (kept["counts"] == kept["denominators"]).any(axis=-1)


def _keep(right: np.ndarray, said: str, errors: Errors, columns: Points) -> Points:
    """The columns, each missing at every point where one is missing or breaks a rule."""
    return dict(zip(columns, possible(right, said, errors, *columns.values()), strict=True))


def _latest(columns: Points) -> tuple[Points, np.ndarray]:
    """The latest five usable points of each series, and whether there are as many."""
    known = ~np.isnan(columns["values"])
    if known.shape[-1] >= POINTS and known.all():  # nothing to pass over
        latest = {name: column[..., -POINTS:] for name, column in columns.items()}
        return latest, np.ones(known.shape[:-1], bool)
    enough = known.sum(axis=-1) >= POINTS
    if known.shape[-1] < POINTS:
        blank = np.full((*known.shape[:-1], POINTS), np.nan)
        return dict.fromkeys(columns, blank), enough
    # A stable sort puts the usable points last and keeps them in order of time.
    order = np.argsort(known, axis=-1, kind="stable")[..., -POINTS:]
    latest = {
        name: np.where(enough[..., None], np.take_along_axis(column, order, axis=-1), np.nan)
        for name, column in columns.items()
    }
    return latest, enough


def _too_few(columns: Points) -> str:
    limits = " with intervals" if "lower" in columns else ""
    counts = " and counts" if limits and "counts" in columns else ""
    return f"fewer than {POINTS} points{limits or ' with counts'}{counts}"


def _spoiled(latest: Points, rule: Rule) -> np.ndarray:
    """Whether a point would divide by zero: no width to weigh by, or no log odds."""
    if rule == "interval":
        return (latest["upper"] <= latest["lower"]).any(axis=-1)
    return (latest["counts"] == 0).any(axis=-1)

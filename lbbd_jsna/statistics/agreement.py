"""Whether our verdicts are those the publisher printed, and why not where they are not."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import pandas as pd

from lbbd_jsna.statistics.verdicts import NOT_COMPARED, read_labels

NO_LABEL = "no comparison is printed"
NOT_JUDGED = "the publisher does not compare it"
UNKNOWN = "the printed label is not one we know"
ROUNDING = "rounding: the benchmark's value is within a printed digit of the limit"
DIRECTION = "another polarity: the publisher judges it the other way, or not at all"
LEVEL = "another level: the label is that of the other interval"
UNEXPLAINED = "unexplained"
_NUMBERS = ("value", "lower_95", "upper_95", "lower_99_8", "upper_99_8")
# Whose limits a test goes by.
_LEVELS = {"interval_95": ("95",), "interval_99_8": ("99_8",), "interval_both": ("95", "99_8"),
           "overlapping": ("95",)}  # fmt: skip
_JUDGED = {"better": 1, "best": 1, "worse": -1, "worst": -1}
_UNJUDGED = ("higher", "lower", "higher 99.8", "lower 99.8")


class Agreement(NamedTuple):
    """How many verdicts agree with what is printed; the others counted by reason."""

    agree: int
    differ: dict[str, int]
    not_testable: dict[str, int]


def agreement(values: pd.DataFrame, compared: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """Hold our verdicts against the comparisons the publisher printed.

    Parameters
    ----------
    values : DataFrame, n rows, columns of `schema.OBSERVATIONS`
        The value and limits that were compared.
    compared : DataFrame, the same n rows, from `comparisons.compare`
    labels : Series of str, the same n rows
        As printed.

    Returns
    -------
    DataFrame, the same n rows in the same order
        `outcome`: agree, differ or not testable. `why`: for the last the reason, ours or the
        publisher's; for a difference what explains it, or `unexplained`; empty for agree.

    Raises
    ------
    ValueError
        The rows are not labelled alike.

    Source
    ------
    Ours. Verdicts agree when `read_labels` gives the same word for the same test. A difference
    is put down to rounding when the benchmark's value and a limit are no further apart than
    one unit of the last decimal place printed in the row, half a unit for each of the two; to
    polarity when the words are of the other direction; to level when the other interval in the
    row, of 95 % or 99.8 %, gives the printed word.
    """
    if not (values.index.equals(compared.index) and values.index.equals(labels.index)):
        raise ValueError("values, verdicts and labels are not of the same rows")
    labels = labels.astype("str").fillna("").str.strip()
    ours, printed = compared["verdict"], read_labels(labels, tests=compared["test"])
    blank, silent = labels.eq(""), labels.str.lower().eq(NOT_COMPARED)
    no_verdict = ours.eq(NOT_COMPARED)
    untestable = (printed == "") | no_verdict
    why = compared["not_compared_reason"].mask(printed.eq(""), UNKNOWN)
    why = why.mask(silent, NOT_JUDGED).mask(blank, NO_LABEL).where(untestable, "")
    differ = ~untestable & (ours != printed)
    why[differ] = list(_explained(values[differ], compared[differ], printed[differ]))
    outcome = pd.Series("agree", index=values.index, dtype="str")
    outcome = outcome.mask(untestable, "not testable").mask(differ, "differ")
    return pd.DataFrame({"outcome": outcome, "why": why})


def counted(rows: pd.DataFrame) -> Agreement:
    """Count the rows of `agreement` by outcome and reason.

    Parameters
    ----------
    rows : DataFrame
        From `agreement`.

    Returns
    -------
    Agreement
        The commonest reason first, equal ones by name.

    Source
    ------
    As for `agreement`.
    """
    outcome = rows["outcome"]

    def by_reason(name: str) -> dict[str, int]:
        found = rows.loc[outcome.eq(name), "why"].value_counts()
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    return Agreement(
        int(outcome.eq("agree").sum()), by_reason("differ"), by_reason("not testable")
    )


def _explained(
    values: pd.DataFrame, compared: pd.DataFrame, printed: pd.Series
) -> Iterator[str]:
    """What explains each difference; there are few, so row by row."""
    numbers = values[[name for name in values if name in _NUMBERS]]
    rows = zip(numbers.to_dict("records"), compared.to_dict("records"), printed, strict=True)
    for row, ours, label in rows:
        if _is_direction(ours["verdict"], label):
            yield DIRECTION
        elif _is_rounding(row, ours):
            yield ROUNDING
        elif _is_level(row, ours, label):
            yield LEVEL
        else:
            yield UNEXPLAINED


def _limits(row: dict, level: str) -> list[float]:
    limits = [row.get(f"lower_{level}", math.nan), row.get(f"upper_{level}", math.nan)]
    return [limit for limit in limits if math.isfinite(limit)]


def _is_rounding(row: dict, ours: dict) -> bool:
    reference = ours["benchmark_value"]
    limits = [limit for level in _LEVELS.get(ours["test"], ()) for limit in _limits(row, level)]
    unit = 10.0 ** -max(map(_decimals, (row["value"], reference, *limits)))
    # A little more, for the binary form of decimal numbers.
    return any(abs(reference - limit) <= unit * (1 + 1e-6) for limit in limits)


def _decimals(number: float) -> int:
    """Decimal places of a number as it would be printed."""
    return max(0, -int(Decimal(repr(float(number))).normalize().as_tuple().exponent))


def _is_direction(ours: str, printed: str) -> bool:
    if ours in _JUDGED and printed in _JUDGED:
        return _JUDGED[ours] != _JUDGED[printed]
    both = (ours, printed)
    return any(word in _JUDGED for word in both) and any(word in _UNJUDGED for word in both)


def _is_level(row: dict, ours: dict, printed: str) -> bool:
    other = {"interval_95": "99_8", "interval_99_8": "95"}.get(ours["test"], "")
    limits = _limits(row, other)
    if len(limits) < 2:
        return False
    inside = limits[0] <= ours["benchmark_value"] <= limits[1]
    return inside == (printed == "similar")

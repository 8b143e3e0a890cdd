"""The counts of people in a table of observations: one cell each, named for good."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import starmap

import pandas as pd

from lbbd_jsna.catalogue import Indicator

COUNTED, OF = "counted", "of"
# Areas within the borough: where few people are known to each other.
BELOW = ("ward", "other")
_PLACE = ("indicator", "area_code", "area_type", "sex", "age", "category_type", "category",
          "period", "period_range")  # fmt: skip
# As the readers of returns have them.
_PER_CENT = ("%", "per cent")
_RATIOS = ("proportion", "crude rate")


@dataclass(frozen=True)
class Cell:
    """One count of people: how many were counted, or of how many.

    `row` is the position in the observations; `first` and `last` are days, as ordinals, the
    last not included. `count` is the true number: never to be printed.
    """

    name: str
    row: int
    indicator: str
    area: str
    area_type: str
    sex: str
    age: str
    category_type: str
    category: str
    first: int
    last: int
    role: str
    count: float
    group: float = math.nan
    published: bool = True

    def __repr__(self) -> str:
        return f"Cell({self.name!r})"

    @property
    def below(self) -> bool:
        """Whether it is of an area smaller than the borough."""
        return self.area_type in BELOW


def multiplier(indicator: Indicator) -> float | None:
    """What a count over its denominator is multiplied by; None where that is not the value."""
    if indicator.unit in _PER_CENT:
        return 100.0
    if indicator.value_type.lower() not in _RATIOS:
        return None
    if indicator.unit.startswith("%"):
        return 100.0
    match = re.match(r"per ([\d,]+)", indicator.unit)
    return float(match.group(1).replace(",", "")) if match else None


def is_count(indicator: Indicator) -> bool:
    """Whether the value is itself a number of people."""
    kind = indicator.value_type.lower()
    return "count" in kind or "number" in kind


def true_counts(rows: pd.DataFrame, indicators: dict[str, Indicator]) -> pd.DataFrame:
    """What is counted in each row, and of how many.

    Parameters
    ----------
    rows : DataFrame, n rows, columns schema.OBSERVATIONS
    indicators : dict of str to Indicator
        By id, of every row.

    Returns
    -------
    DataFrame, n rows, the same index
        `counted` (the value where that is the count), `of`, `per` (the multiplier, NaN where
        none), and `whole`: that the released figures can be worked out from the two.
    """
    of_people = rows["indicator"].map(lambda name: is_count(indicators[name])).astype(bool)
    per = rows["indicator"].map(lambda name: multiplier(indicators[name]) or math.nan)
    counted = rows["count"].where(rows["count"].notna() | ~of_people, rows["value"])
    both = counted.notna() & rows["denominator"].notna() & per.notna()
    return pd.DataFrame(
        {"counted": counted, "of": rows["denominator"], "per": per.astype(float),
         "whole": both | (of_people & counted.notna())}
    )  # fmt: skip


def cells_of(rows: pd.DataFrame, counts: pd.DataFrame) -> list[Cell]:
    """A cell for every count that may be shown; none for a blank.

    Parameters
    ----------
    rows : DataFrame, n rows, columns schema.OBSERVATIONS
    counts : DataFrame, n rows
        As `true_counts` gives them.
    """
    dates = [rows[c].map(lambda day: day.toordinal()) for c in ("period_start", "period_end")]
    columns = [rows[name] for name in _PLACE]
    numbers = [counts["counted"], counts["of"]]
    found = zip(rows.index, *columns, *dates, *numbers, strict=True)
    return [cell for cells in starmap(_cells, found) for cell in cells]


def _cells(
    row, indicator, area, kind, sex, age, category_type, category, period, span, first, last,
    counted, of,
) -> list[Cell]:  # fmt: skip
    apart = f"{category_type}: {category} | " if category_type or category else ""
    name = f"{indicator} | {area} | {sex} | {age} | {apart}{period} ({span})"
    said = (row, indicator, area, kind, sex, age, category_type, category, first, last + 1)
    found = [] if math.isnan(counted) else [(COUNTED, counted, of)]
    found += [] if math.isnan(of) else [(OF, of, math.nan)]
    return [Cell(f"{name} | {role}", *said, role, n, group) for role, n, group in found]

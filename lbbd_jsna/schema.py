"""The tables of the workspace, each column stated once for reader and writer."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lbbd_jsna.errors import Fault, TableError

STATUSES = ("published", "suppressed", "not_available", "not_applicable", "low_reliability")
# Analysis Function shorthand, in the order of STATUSES.
SHORTHAND = dict(zip(STATUSES, ("", "[c]", "[x]", "[z]", "[u]"), strict=True))
SHORTHAND_MEANING = {
    "[c]": "withheld to protect confidentiality",
    "[x]": "not available",
    "[z]": "not applicable",
    "[u]": "low reliability: few cases or a wide interval",
}


@dataclass(frozen=True)
class Column:
    """A column's contract: type (`text`, `number`, `date`, `whole`), meaning, blank or not."""

    name: str
    type: str
    meaning: str
    blank: bool = True
    allowed: tuple[str, ...] = ()


OBSERVATIONS = (
    Column("indicator", "text", "catalogue id of the series", blank=False),
    Column("source_id", "text", "the publisher's own id, or blank for a council return"),
    Column("area_code", "text", "GSS code", blank=False),
    Column("area_name", "text", "as published", blank=False),
    Column("area_type", "text", "borough, region, country, ward or other", blank=False),
    Column("sex", "text", "as published: Persons, Male, Female", blank=False),
    Column("age", "text", "as published", blank=False),
    Column("category_type", "text", "empty for a headline row", blank=False),
    Column("category", "text", "empty for a headline row", blank=False),
    Column("period", "text", "time period of the data, as published", blank=False),
    Column("period_start", "date", "first day of the period", blank=False),
    Column("period_end", "date", "last day of the period", blank=False),
    Column("period_range", "text", "1y, 3y, 5y, 1q, ... as published or worked out", blank=False),
    Column("value", "number", "in the indicator's unit, unrounded"),
    Column("lower_95", "number", "lower 95 % confidence limit"),
    Column("upper_95", "number", "upper 95 % confidence limit"),
    Column("lower_99_8", "number", "lower 99.8 % confidence limit"),
    Column("upper_99_8", "number", "upper 99.8 % confidence limit"),
    Column("count", "number", "numerator"),
    Column("denominator", "number", "denominator"),
    Column("value_note", "text", "the publisher's words, or empty", blank=False),
    Column("status", "text", "what the value is", blank=False, allowed=STATUSES),
    Column("published_trend", "text", "recent trend as printed, or empty", blank=False),
    Column("published_comparison", "text", "against England, as printed, or empty", blank=False),
    Column("source_file", "text", "path below the extracts folder", blank=False),
    Column("source_row", "whole", "row in that file, the header being row 1", blank=False),
)
# What the workspace adds once the observations are read and protected.
COMPARISONS = (
    Column("benchmark_value", "number", "the benchmark's, of the same series and period"),
    Column("verdict", "text", "how the area stands against it", blank=False),
    Column("test", "text", "the method of the comparison, or empty", blank=False),
    Column("not_compared_reason", "text", "why there is no verdict, or empty", blank=False),
)
KEY = ("indicator", "area_code", "sex", "age", "category_type", "category", "period",
       "period_range")

_EMPTY = {
    "text": pd.Series(dtype="str"),
    "number": pd.Series(dtype="float64"),
    "date": pd.Series(dtype="datetime64[s]"),
    "whole": pd.Series(dtype="int64"),
}
_DTYPES = {"text": "str", "number": "float64", "date": "datetime64[s]", "whole": "int64"}


def empty_observations() -> pd.DataFrame:
    """An observations table of no rows."""
    return pd.DataFrame({column.name: _EMPTY[column.type] for column in OBSERVATIONS})


def as_observations(rows: pd.DataFrame) -> pd.DataFrame:
    """Give a table the columns, order and types of `OBSERVATIONS`, and check it.

    Parameters
    ----------
    rows : DataFrame, n rows
        Every column of `OBSERVATIONS`, in any order; others are dropped.

    Returns
    -------
    DataFrame, the same n rows in the same order, columns `OBSERVATIONS`.

    Raises
    ------
    TableError
        A column is missing, blank where it may not be, outside its allowed
        values, or the key is not unique. Every fault is listed.
    """
    missing = [column.name for column in OBSERVATIONS if column.name not in rows]
    if missing:
        raise TableError(f"observations lack the columns {', '.join(missing)}")
    table = pd.DataFrame(
        {column.name: rows[column.name].astype(_DTYPES[column.type]) for column in OBSERVATIONS}
    ).reset_index(drop=True)
    faults = [fault for column in OBSERVATIONS for fault in _column_faults(table, column)]
    faults += _key_faults(table)
    if faults:
        raise TableError("the observations break their contract", faults)
    return table


def _column_faults(table: pd.DataFrame, column: Column) -> list[Fault]:
    values = table[column.name]
    wrong = pd.Series(False, index=values.index)
    if not column.blank:
        wrong |= values.isna()
    if column.allowed:
        wrong |= ~values.isin(column.allowed)
    if not wrong.any():  # nearly always: spare the cost of selecting nothing
        return []
    return [
        Fault(
            f"{row.source_file}, row {row.source_row}",
            f"{column.name} is {getattr(row, column.name)!r}",
            column.meaning if not column.allowed else "one of " + ", ".join(column.allowed),
        )
        for row in table[wrong].itertuples()
    ]


def _key_faults(table: pd.DataFrame) -> list[Fault]:
    again = table.duplicated(list(KEY), keep=False)
    if not again.any():
        return []
    repeated = table[again]
    return [
        Fault(
            f"{row.source_file}, row {row.source_row}",
            f"{row.indicator}, {row.area_code}, {row.sex}, {row.period} appears more than once",
            "one row for each " + ", ".join(KEY),
        )
        for row in repeated.itertuples()
    ]

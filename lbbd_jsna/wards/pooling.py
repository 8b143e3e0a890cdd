"""Years put together where one year has too few events, the period always stated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lbbd_jsna.errors import TableError
from lbbd_jsna.wards.codes import checked_codes, needs, one_vintage
from lbbd_jsna.wards.rates import Kind, with_rates

YEARS = 3
# Fewer events than this in some ward and year, and every ward is pooled alike.
FEWEST = 10


def pooled(
    table: pd.DataFrame,
    *,
    years: int = YEARS,
    by: Sequence[str] = (),
    kind: Kind = "proportion",
    multiplier: float | None = None,
    year_type: str = "calendar",
    rolling: bool = False,
) -> pd.DataFrame:
    """Sum events and people over several years and work the rates out again.

    Parameters
    ----------
    table : DataFrame
        As `rates` gives it, with a column year (whole number: the year, or the first of a
        split year) and the columns of `by`.
    years : int
        How many to put together.
    by, kind, multiplier
        As for `rates`.
    year_type : {"calendar", "financial", "academic"}
        What a year is, for its words: `2018 - 20`, or `2018/19 - 20/21`.
    rolling : bool
        Whether spans overlap. They do not unless asked: the difference of two spans that
        overlap is the difference of two single years, and may point to a person.

    Returns
    -------
    DataFrame
        As `rates`, with period and period_range in place of year; spans counted back from
        the latest year, in order of time. A year that fills no span is left out. No figure
        where a ward lacks one of its years.

    Raises
    ------
    GeographyError
        Wards of two vintages: years on either side of new boundaries never pool.
    TableError
        A ward twice in a year, or fewer years in a row than one span.
    """
    by = list(by)
    needs(table, ["ward", "vintage", "year", *by, "count", "denominator"], where="the years")
    checked_codes(table["ward"], kind="ward", where="the years")
    one_vintage(table, where="the years")
    if table.duplicated(["ward", "year", *by]).any():
        raise TableError("a ward stands more than once in a year")
    found = [
        _span(table, range(last - years + 1, last + 1), by, year_type)
        for last in _ends(table["year"], years, rolling)
    ]
    return with_rates(pd.concat(found, ignore_index=True), kind=kind, multiplier=multiplier)


def pooled_where_few(
    table: pd.DataFrame, *, fewest: float = FEWEST, years: int = YEARS, **how: object
) -> pd.DataFrame:
    """Pool every ward alike if any ward has too few events in any year; else year by year.

    All wards or none: a map never mixes periods. Parameters as for `pooled`; `fewest` is
    the number of events that is enough.
    """
    few = (table["count"] < fewest).any()
    return pooled(table, years=years if few else 1, **how)


def period_of(first: int, last: int, *, year_type: str = "calendar") -> str:
    """The words of a span of years, as `periods.read_period` reads them back."""
    if year_type == "calendar":
        return str(first) if first == last else f"{first} - {last % 100:02d}"
    one = f"{first}/{(first + 1) % 100:02d}"
    return one if first == last else f"{one} - {last % 100:02d}/{(last + 1) % 100:02d}"


def _ends(year: pd.Series, years: int, rolling: bool) -> list[int]:
    """The last year of each span, in order of time."""
    if years < 1:
        raise ValueError(f"at least one year, not {years}")
    held = sorted(set(year.astype(int)))
    step = 1 if rolling else years
    ends, last = [], held[-1] if held else 0
    while held and last - years + 1 >= held[0]:
        if set(range(last - years + 1, last + 1)) <= set(held):
            ends.append(last)
        last -= step
    if not ends:
        raise TableError(f"there are no {years} years in a row to put together")
    return ends[::-1]


def _span(table: pd.DataFrame, span: range, by: list[str], year_type: str) -> pd.DataFrame:
    rows = table[table["year"].isin(span)]
    groups = rows.groupby(["ward", "vintage", *by], sort=True, dropna=False, observed=True)
    whole = groups["year"].nunique() == len(span)
    result = pd.DataFrame(index=whole.index)
    result.insert(0, "period", period_of(span[0], span[-1], year_type=year_type))
    result.insert(1, "period_range", f"{len(span)}y")
    for column in ("count", "denominator"):
        result[column] = groups[column].agg(lambda part: part.sum(skipna=False)).where(whole)
    result["status"] = np.where(whole, "published", "not_available")
    if "status" in table:
        withheld = groups["status"].agg(lambda part: (part == "suppressed").any())
        result.loc[withheld, "status"] = "suppressed"
    for column, choose in _CHOICES.items():
        if column in table:
            result[column] = groups[column].agg(choose)
    return result.reset_index()


_CHOICES = {
    "areas": "max",
    "exact_share": "min",
    "estimated": "any",
    "source_file": "last",
    "source_row": "last",
}

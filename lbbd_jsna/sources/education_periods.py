"""Periods of Explore Education Statistics: a number such as 202324 and what kind of year it is."""

from __future__ import annotations

import re
from functools import lru_cache

from lbbd_jsna.errors import ExtractError
from lbbd_jsna.periods import Period, read_period

# What a year is, by the words of `time_identifier`. Six half terms are a whole school year.
YEARS = {
    "academic year": "academic",
    "six half terms": "academic",
    "financial year": "financial",
    "calendar year": "calendar",
}
REPORTING = "reporting year"
FORMS = (
    "Academic year, Six half terms, Financial year, Calendar year or Reporting year, "
    "a quarter of one such as Financial year Q2, or a month"
)
_NUMBER = re.compile(r"(\d{4})(\d{2})?", flags=re.ASCII)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_QUARTERS = re.compile(r"(.+ year) q([1-4])(?:-q?([1-4]))?", flags=re.ASCII)


@lru_cache(maxsize=4096)
def education_period(
    number: str, identifier: str, *, reporting_year: str = ""
) -> tuple[str, Period]:
    """Read a period of two columns.

    Parameters
    ----------
    number : str
        `time_period`: `202324`, or `2024`.
    identifier : str
        `time_identifier`: `Academic year`, `Financial year Q2`, `January`.
    reporting_year : {"", "academic", "financial", "calendar"}
        What a reporting year of this data set is; 2025 is the one that ends in 2025.

    Returns
    -------
    str, Period
        The period as other publishers print it, such as `2023/24`, and its days: September
        to August for an academic year, April to March for a financial year.

    Raises
    ------
    ExtractError
        The number or the words are of no form known, or do not go together.

    Source
    ------
    "Open data standards" of the Department for Education, time periods.
    """
    match = _NUMBER.fullmatch(number)
    if not match:
        raise ExtractError(f'"{number[:20]}" is not a time period: expected 202324 or 2024')
    first, second = match.groups()
    words = identifier.casefold()
    if words == REPORTING:
        return _reporting_year(first, second, reporting_year)
    if words in YEARS:
        return _year(first, second, YEARS[words])
    quarters = _QUARTERS.fullmatch(words)
    if quarters and quarters.group(1) in YEARS:
        return _quarters(first, second, YEARS[quarters.group(1)], *quarters.group(2, 3))
    if words in _MONTHS and not second:
        text = f"{words[:3].capitalize()} {first}"
        return text, read_period(text)
    raise ExtractError(f'"{identifier[:40]}" is no kind of period that is read: expected {FORMS}')


def period_kind(identifier: str) -> str:
    """The kind of period, the same for every quarter of a year and for every month."""
    words = identifier.casefold()
    quarters = _QUARTERS.fullmatch(words)
    if quarters:
        first, last = int(quarters.group(2)), int(quarters.group(3) or quarters.group(2))
        return f"{last - first + 1} quarters of {quarters.group(1)}"
    return "month" if words in _MONTHS else identifier


def _reporting_year(first: str, second: str | None, kind: str) -> tuple[str, Period]:
    if not kind:
        raise ExtractError(
            "a reporting year may be any twelve months; say which, with reporting_year in live.yml"
        )
    if second or kind == "calendar":
        return _year(first, second, kind)
    return _year(str(int(first) - 1), None, kind)


def _year(first: str, second: str | None, kind: str) -> tuple[str, Period]:
    text = _label(first, second, kind)
    year_type = "financial" if kind == "calendar" else kind
    return text, read_period(text, year_type=year_type)


def _quarters(
    first: str, second: str | None, kind: str, start: str, end: str | None
) -> tuple[str, Period]:
    year = _label(first, second, kind)
    text = f"{year} Q{start}" + (f" - {year} Q{end}" if end else "")
    year_type = "financial" if kind == "calendar" else kind
    return text, read_period(text, year_type=year_type)


def _label(first: str, second: str | None, kind: str) -> str:
    """`2023/24`; `2024` for a calendar year. A lone year of another kind is its first."""
    if kind == "calendar":
        if second:
            raise ExtractError(f'"{first}{second}" is not a calendar year: expected four digits')
        return first
    return f"{first}/{second or f'{(int(first) + 1) % 100:02d}'}"

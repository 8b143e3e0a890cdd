"""Periods of data, as publishers print them, turned into dates.

A period is what a figure covers. It is never the quarter of a report.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from lbbd_jsna.errors import ExtractError

YEARS = range(1900, 2100)
# No publisher pools more years than this; a longer span is a slip such as "2024 - 23".
LONGEST_YEARS = 20
# The month a year of each type starts in.
YEAR_STARTS = {"financial": 4, "academic": 9}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FORMS = (
    "a form such as 2024, 2024/25, 2022 - 24, 2022/23 - 24/25, 2018 Q1, 2013/14 Q2, "
    "2021/22 Q1 - 2025/26 Q3 or Aug 2019"
)

_DASH = r"\s*(?:[-\u2013\u2014]|\bto\b)\s*"
_YEAR = r"(\d{4})"
_SPLIT_YEAR = r"(\d{4})/(\d{2}|\d{4})"
_MONTH = r"([A-Za-z]{3,9})\.? (\d{4})"


@dataclass(frozen=True)
class Period:
    """The days a figure covers.

    Parameters
    ----------
    start, end : date
        First and last day, both included.
    range : str
        How long, in the unit the text is written in: `1y`, `3y` for years; `1q` for one
        quarter, `1m` for one month; `57m` for several quarters or months together.
    """

    start: dt.date
    end: dt.date
    range: str


@lru_cache(maxsize=4096)
def read_period(text: str, *, year_type: str = "financial") -> Period:
    """Read a period as a publisher prints it.

    Parameters
    ----------
    text : str
        `2024` is a calendar year and `2009-2013`, `2010-12`, `2022 - 24` several of them;
        `2024/25` a split year and `2022/23 - 24/25` several; `2018 Q1` a calendar quarter,
        `2013/14 Q2` a quarter of a split year; `Aug 2019` a month. A span may be written
        with a hyphen, a dash or "to".
    year_type : {"financial", "academic"}
        What a split year is: April to March, or September to August.

    Returns
    -------
    Period

    Raises
    ------
    ExtractError
        The text is none of these forms, the years of a split year are not in a row, or a
        span ends before it starts or is longer than 20 years. `2010-11` without spaces is
        refused: it may be two calendar years or one financial year.
    """
    plain = " ".join(str(text).split())
    for pattern, read in _FORMS:
        match = re.fullmatch(pattern, plain, flags=re.ASCII | re.IGNORECASE)
        if match:
            if any(int(year) not in YEARS for year in re.findall(r"\d{4}", plain)):
                raise _refusal(text, f"expected years from {YEARS[0]} to {YEARS[-1]}")
            return read(plain, match.groups(), YEAR_STARTS[year_type])
    raise _refusal(text, f"expected {FORMS}")


def _refusal(text: str, reason: str) -> ExtractError:
    return ExtractError(f'"{str(text)[:40]}" is not a period: {reason}')


def _calendar_years(text: str, groups: tuple[str, ...], _: int) -> Period:
    first, last = int(groups[0]), _full_year(groups[0], groups[-1])
    if re.fullmatch(r"\d{4}-\d{2}", text) and last == first + 1:
        raise _refusal(
            text,
            f"it may be two calendar years or one financial year; write {first} - {last % 100:02d} "
            f"or {first}/{last % 100:02d}",
        )
    return _span(text, dt.date(first, 1, 1), dt.date(last, 12, 31), f"{last - first + 1}y")


def _split_years(text: str, groups: tuple[str, ...], month: int) -> Period:
    pairs = [groups[index : index + 2] for index in range(0, len(groups), 2)]
    starts = [_full_year(groups[0], start) for start, _ in pairs]
    for start, (_, end) in zip(starts, pairs, strict=True):
        _check_split(text, start, end)
    years = starts[-1] - starts[0] + 1
    return _span(text, dt.date(starts[0], month, 1), _eve(starts[-1] + 1, month), f"{years}y")


def _calendar_quarters(text: str, groups: tuple[str, ...], _: int) -> Period:
    quarters = [(int(year), 1, int(number)) for year, number in _pairs(groups)]
    return _quarters(text, quarters)


def _split_quarters(text: str, groups: tuple[str, ...], month: int) -> Period:
    quarters = []
    for index in range(0, len(groups), 3):
        start, end, number = groups[index : index + 3]
        _check_split(text, int(start), end)
        quarters.append((int(start), month, int(number)))
    return _quarters(text, quarters)


def _quarters(text: str, quarters: list[tuple[int, int, int]]) -> Period:
    months = [year * 12 + month - 1 + 3 * (number - 1) for year, month, number in quarters]
    return _months(text, months[0], months[-1] + 2, one="1q" if len(set(months)) == 1 else "")


def _calendar_months(text: str, groups: tuple[str, ...], _: int) -> Period:
    months = []
    for name, year in _pairs(groups):
        if name[:3].lower() not in MONTHS:
            raise _refusal(text, f"expected {FORMS}")
        months.append(int(year) * 12 + MONTHS.index(name[:3].lower()))
    return _months(text, months[0], months[-1])


def _months(text: str, first: int, last: int, *, one: str = "") -> Period:
    """A period of whole months, each counted from year 0."""
    start = dt.date(first // 12, first % 12 + 1, 1)
    following = last + 1
    end = _eve(following // 12, following % 12 + 1)
    return _span(text, start, end, one or f"{last - first + 1}m")


def _span(text: str, start: dt.date, end: dt.date, length: str) -> Period:
    if end < start:
        raise _refusal(text, "it ends before it starts")
    if end.year - start.year > LONGEST_YEARS:
        raise _refusal(text, f"it spans more than {LONGEST_YEARS} years")
    return Period(start, end, length)


def _check_split(text: str, start: int, end: str) -> None:
    following = start + 1
    if end not in (str(following), f"{following % 100:02d}"):
        raise _refusal(
            text,
            "a split year runs over two calendar years in a row; "
            f"expected {start}/{following % 100:02d}",
        )


def _full_year(first: str, year: str) -> int:
    """`24` after `2022` is 2024, `01` after `1999` is 2001."""
    if len(year) == 4:
        return int(year)
    full = int(first[:2] + year)
    return full if full >= int(first) else full + 100


def _eve(year: int, month: int) -> dt.date:
    return dt.date(year, month, 1) - dt.timedelta(days=1)


def _pairs(groups: tuple[str, ...]) -> list[tuple[str, str]]:
    return list(zip(groups[::2], groups[1::2], strict=True))


_Reader = Callable[[str, tuple[str, ...], int], Period]
_FORMS: tuple[tuple[str, _Reader], ...] = (
    (_YEAR, _calendar_years),
    (rf"{_YEAR}{_DASH}(\d{{4}}|\d{{2}})", _calendar_years),
    (_SPLIT_YEAR, _split_years),
    (rf"{_SPLIT_YEAR}{_DASH}(\d{{4}}|\d{{2}})/(\d{{2}}|\d{{4}})", _split_years),
    (rf"{_YEAR} Q([1-4])", _calendar_quarters),
    (rf"{_YEAR} Q([1-4]){_DASH}{_YEAR} Q([1-4])", _calendar_quarters),
    (rf"{_SPLIT_YEAR} Q([1-4])", _split_quarters),
    (rf"{_SPLIT_YEAR} Q([1-4]){_DASH}{_SPLIT_YEAR} Q([1-4])", _split_quarters),
    (_MONTH, _calendar_months),
    (rf"{_MONTH}{_DASH}{_MONTH}", _calendar_months),
)

"""What a cell's number format makes of its number: a date, a per cent, or nothing.

Excel stores 12.3% as 0.123 and a range such as 5-10 as the number of a day; only the format
of the cell tells.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from decimal import Decimal

from lbbd_jsna.sources.returns.workbook_parts import Attributes, Parts

# Formats that Excel knows by number. 27 to 36 and 50 to 58 are dates of East Asia.
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_PER_CENTS = {9, 10}
# Text in a format that is shown as it stands: "day", \d, _), *x, and [Red] or [$-809].
_AS_IT_STANDS = re.compile(r'"[^"]*"|[\\_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)
_DIGITS = re.compile(r"\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?\s*")
# Excel keeps 15 digits; a longer number has lost some.
_WHOLE = 10**15
_LAST_DAY = 2_957_000
FIGURES = ("numerator", "denominator", "value")


@dataclass(frozen=True)
class Formats:
    """The cell styles, by place, that show a number as a date or as a per cent."""

    dates: frozenset[int]
    per_cents: frozenset[int]
    from_1904: bool


def read_formats(parts: Parts, *, from_1904: bool) -> Formats:
    """Read the number formats of a workbook's cell styles.

    Parameters
    ----------
    parts : Parts
    from_1904 : bool
        Whether the workbook counts its days from 1904, as those of old Macs do.
    """
    codes: dict[str, str] = {}
    styles: list[str] = []
    inside: list[str] = []

    def begin(name: str, given: Attributes) -> None:
        inside.append(name)
        if name == "numFmt":
            codes[given.get("numFmtId", "")] = given.get("formatCode", "")
        elif name == "xf" and "cellXfs" in inside:
            styles.append(given.get("numFmtId", "0"))

    if "xl/styles.xml" in parts:
        parts.walk("xl/styles.xml", begin, end=lambda _: inside.pop())
    kinds = [_kind(key, codes) for key in styles]
    return Formats(
        dates=frozenset(place for place, kind in enumerate(kinds) if kind == "date"),
        per_cents=frozenset(place for place, kind in enumerate(kinds) if kind == "per cent"),
        from_1904=from_1904,
    )


def as_shown(digits: str, style: int, formats: Formats, *, heading: str) -> str:
    """A number the way its cell shows it, but never rounded.

    Parameters
    ----------
    digits : str
        As the file holds it; returned as it is when it is no number.
    style : int
        The cell's style.
    formats : Formats
    heading : str
        The column's; a period is shown as `Mar-24`, a figure as `05-Oct`, anything else as
        `2024-03-01`: as Excel shows what it has made of 2023/24 or 5-10.
    """
    number = float(digits) if _DIGITS.fullmatch(digits) else math.nan
    if not math.isfinite(number):
        return digits.strip()
    if style in formats.dates:
        return _date_text(number, formats, heading)
    if style in formats.per_cents:
        return f"{number_text(100 * number)}%"
    return number_text(number)


def number_text(number: float) -> str:
    """A number with the 15 digits that Excel shows of it: 30, not 30.0; 0.3, not 0.30...04."""
    if not abs(number) < _WHOLE:
        return repr(number)
    text = f"{Decimal(f'{number:.15g}'):.15f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _date_text(number: float, formats: Formats, heading: str) -> str:
    """Hashes, as Excel shows them, for what is no day."""
    if 0 <= number < 1:
        minutes = int(number * 24 * 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    if not 1 <= number <= _LAST_DAY:
        return "#" * 8
    first = dt.date(1904, 1, 1) if formats.from_1904 else dt.date(1899, 12, 30)
    day = first + dt.timedelta(days=int(number))
    if heading == "period":
        return f"{day:%b-%y}"
    return f"{day:%d-%b}" if heading in FIGURES else day.isoformat()


def _kind(key: str, codes: dict[str, str]) -> str:
    if key in codes:
        shown = _AS_IT_STANDS.sub("", codes[key])
        if "%" in shown:
            return "per cent"
        return "date" if _DATE_LETTERS.search(shown.split(";")[0]) else ""
    number = int(key) if re.fullmatch("[0-9]{1,5}", key) else 0
    return "date" if number in _DATES else "per cent" if number in _PER_CENTS else ""

"""The cells of numbers: what is a number, what marks one that is withheld, what is neither."""

from __future__ import annotations

import math
import re

import numpy as np

from lbbd_jsna.sources.returns.contents import NUMBERS
from lbbd_jsna.sources.returns.grid import rows_named
from lbbd_jsna.sources.returns.sheet import Column, Finding, Sheet

MARKS = {"[c]": "suppressed", "[x]": "not_available", "[z]": "not_applicable"}
# Other ways in which services write that a figure is withheld.
_WITHHELD = re.compile(r"\*+|c|\[C\]|(?:<|&lt;|less than|fewer than|under)\s*(?:[1-9]|10)",
                       re.IGNORECASE)  # fmt: skip
_MARK = re.compile(r"\[[cxz]\]", re.IGNORECASE)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
_THOUSANDS = re.compile(r"(-?[1-9][0-9]{0,2}(?:([, ])[0-9]{3})(?:\2[0-9]{3})*)(\.[0-9]{1,15})?")
_COMMA = re.compile(r"-?[0-9][0-9. ]*,[0-9]+")
_PER_CENT = re.compile(r".*[0-9]\s*(?:%|\uff05|per ?cent|pc)", re.IGNORECASE)
_NOTHING = re.compile(
    r"n\.?/?a\.?|-+|[\u2010-\u2015]+|\.+|:|nil|none|null|unknown|"
    r"not (?:known|available|applicable)|tbc|tba|x|z|u|low|missing|blank|\?+|"
    r"no data|suppressed|withheld",
    re.IGNORECASE,
)
_INFINITE = re.compile(r"[+-]?(?:inf|infinity|nan|\u221e)", re.IGNORECASE)
_MINUS = re.compile(r"[\u2212\u2010-\u2015\ufe63\uff0d]\s*[0-9].*")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
EXCEL_DATE = re.compile(
    rf"\d{{1,2}}[-/ .]{_MONTH}(?:[-/ .]\d{{2,4}})?|{_MONTH}[-/ .]\d{{1,4}}"
    r"|\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d{1,2}[-.]\d{1,2}[-.]\d{2,4}"
    r"|\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[ T].*)?|\d{1,2}/\d{1,2}/\d{2,4} .*",
    re.IGNORECASE,
)
CHANGED_BY_EXCEL = Finding(
    "excel-date",
    "{value}: Excel has changed this value into a date",
    todo="format the column as Text in Excel and enter the value again",
)


def mend_numbers(sheet: Sheet) -> None:
    """Take the commas and spaces out of thousands, and read other marks as `[c]`; with notes."""
    for heading in NUMBERS:
        column = sheet.columns.get(heading)
        if column is None:
            continue
        texts = list(column.texts)
        thousands, marked = [], []
        for place, text in enumerate(texts):
            if text.isdecimal() or not text:
                continue
            if _is_thousands(text, heading, sheet):
                texts[place] = re.sub("[, ]", "", text)
                thousands.append(place)
            elif text not in MARKS and _MARK.fullmatch(text):
                texts[place] = text.lower()
                marked.append(place)
            elif text not in MARKS and _WITHHELD.fullmatch(text):
                texts[place] = "[c]"
                marked.append(place)
        for places, repair in ((thousands, "separators of thousands removed"), (marked, "")):
            if places:
                rows = rows_named(sheet.lines[column.rows_where(places)].tolist())
                words = ", ".join(sorted({column.texts[place] for place in places}))
                repair = repair or f"{words} read as {texts[places[0]]}: a figure that is not known"
                sheet.notes.append(f"{sheet.name}, {rows}, {heading}: {repair}")
        if thousands or marked:
            sheet.columns[heading] = column.changed(texts)


def _is_thousands(text: str, heading: str, sheet: Sheet) -> bool:
    unclear = sheet.comma_decimal and heading == "value" and "," in text
    return bool(_THOUSANDS.fullmatch(text)) and not unclear


def blame_numbers(sheet: Sheet) -> None:
    """Set down every cell of a number that is neither blank, a mark nor a number."""
    for heading in NUMBERS:
        if heading in sheet.columns:
            findings = {
                place: finding
                for place, text in enumerate(sheet.columns[heading].texts)
                if (finding := number_finding(text))
            }
            sheet.blame_texts(heading, findings)


def figures(column: Column) -> np.ndarray:
    """The number in each row; NaN where the cell is blank, a mark or not a number."""
    return column.each(lambda t: float(t) if _NUMBER.fullmatch(t) else math.nan, np.float64)


def decimals(column: Column) -> np.ndarray:
    """How many decimal places each row's number was written with."""
    return column.each(
        lambda text: len(text.partition(".")[2]) if _NUMBER.fullmatch(text) else 0, np.int16
    )


def number_finding(text: str) -> Finding | None:
    """What is wrong with the text of a number; None for a number, a mark or a blank."""
    if not text or text in MARKS or _NUMBER.fullmatch(text):
        return None
    for pattern, finding in (
        (_NOTHING, _BLANK),
        (_INFINITE, _NOT_FINITE),
        (_PER_CENT, _SIGN),
        (_COMMA, _DECIMAL_COMMA),
        (EXCEL_DATE, CHANGED_BY_EXCEL),
        (_MINUS, _OTHER_MINUS),
    ):
        if pattern.fullmatch(text):
            return finding
    odd = any(character.isnumeric() and not character.isascii() for character in text)
    return _OTHER_DIGITS if odd else _NOT_A_NUMBER


_DIGITS = "digits with a decimal point"
_BLANK = Finding(
    "blank",
    "{value} in place of a number",
    "a number, or [c], [x] or [z]",
    "write 0 for none, [c] for a figure withheld, [x] for one that is not available",
)
_NOT_FINITE = Finding("infinite", "{value} is not a number", _DIGITS, "mend the division by 0")
_SIGN = Finding(
    "percent-sign",
    "{value}: with its sign it may mean 12.3 or 0.123",
    "the number alone, 12.3 for 12.3 per cent",
)
_DECIMAL_COMMA = Finding(
    "decimal-comma",
    "{value} is not a number: a comma may only part thousands",
    "a decimal point",
)
_OTHER_MINUS = Finding(
    "minus-sign", "{value} is not a number: its first character is not a minus", _DIGITS
)
_OTHER_DIGITS = Finding(
    "other-digits", "{value} is not a number: its digits are not 0 to 9", _DIGITS,
    "type the number again",
)  # fmt: skip
_NOT_A_NUMBER = Finding("not-a-number", "{value} is not a number", f"{_DIGITS}, or [c], [x] or [z]")

"""The cells of periods: one form for each, and whose quarter they may be of."""

from __future__ import annotations

import re
from pathlib import Path

from lbbd_jsna.errors import ExtractError, RunError
from lbbd_jsna.periods import FORMS, Period, read_period
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.sources.returns.grid import cell_fault, rows_named
from lbbd_jsna.sources.returns.numbers import EXCEL_DATE
from lbbd_jsna.sources.returns.sheet import Finding, Sheet

# Different periods whose rewriting is told one by one.
MOST_NOTES = 50
_YEARS = r"(\d{4})\s?[/-]\s?(\d{4}|\d{2})"
_QUARTER = r"(?:q|qtr|quarter)\.?\s?([1-4])"
_QUARTER_OF_YEARS = (
    re.compile(rf"(?:fy\s?)?{_YEARS}[\s,-]*{_QUARTER}", re.IGNORECASE | re.ASCII),
    re.compile(rf"{_QUARTER}[\s,-]*(?:of )?(?:fy\s?)?{_YEARS}", re.IGNORECASE | re.ASCII),
)
_QUARTER_OF_YEAR = (
    re.compile(rf"(\d{{4}})[\s,-]*{_QUARTER}", re.IGNORECASE | re.ASCII),
    re.compile(rf"{_QUARTER}[\s,-]*(?:of )?(\d{{4}})", re.IGNORECASE | re.ASCII),
)
_SPLIT_YEAR = re.compile(r"(\d{4})/(\d{4})", re.ASCII)
_MONTH = re.compile(r"([A-Za-z]{3,9})\.? (\d{4})")
_SERIAL = re.compile(r"[2-6]\d{4}(?:\.\d+)?")
_NAMED_QUARTER = re.compile(r"(?:^|[_ -])(\d{4}-\d{2}-Q\d)$")


def quarter_of(name: str, quarter: Quarter | None) -> tuple[Quarter | None, list]:
    """The quarter that the rows of a file must be of, and a fault when its name contradicts.

    Parameters
    ----------
    name : str
        The file; its name may end in a quarter, as in `early-help_2026-27-Q3.csv`.
    quarter : Quarter or None
        The quarter asked for.

    Returns
    -------
    Quarter or None, list of CellFault
        None where neither says: then rows may be of any period, as in a file of history.
    """
    said = _NAMED_QUARTER.search(Path(name).stem)
    if not said:
        return quarter, []
    try:
        named = Quarter.parse(said[1])
    except RunError:
        named = None
    if named is None:
        found = f"the file's name ends in {said[1]}, which is no quarter"
        return quarter, [cell_fault(name, "quarter", found, expected="such as 2026-27-Q3")]
    if quarter not in (None, named):
        found = f"the file's name ends in {named}"
        return quarter, [cell_fault(name, "quarter", found, expected=f"a return for {quarter}")]
    return named, []


def mend_periods(sheet: Sheet) -> None:
    """Give every period the one form of `periods.read_period`, with a note."""
    column = sheet.columns.get("period")
    if column is None:
        return
    texts = [one_form(text) for text in column.texts]
    changed = [p for p, text in enumerate(column.texts) if text != texts[p]]
    for place in changed[:MOST_NOTES]:
        rows = rows_named(sheet.lines[column.rows_where([place])].tolist())
        repair = f"{column.texts[place][:40]} read as {texts[place]}"
        sheet.notes.append(f"{sheet.name}, {rows}, period: {repair}")
    if len(changed) > MOST_NOTES:
        rows = rows_named(sheet.lines[column.rows_where(changed[MOST_NOTES:])].tolist())
        sheet.notes.append(f"{sheet.name}, {rows}, period: read in the same way")
    sheet.columns["period"] = column.changed(texts)


def one_form(text: str) -> str:
    """`Q4 2023-24` as `2023/24 Q4`, `2023/2024` as `2023/24`, `march 2024` as `Mar 2024`."""
    for pattern, order in zip(_QUARTER_OF_YEARS, ((1, 2, 3), (2, 3, 1)), strict=True):
        if match := pattern.fullmatch(text):
            first, second, number = (match[place] for place in order)
            if int(second) % 100 == (int(first) + 1) % 100:
                return f"{first}/{second[-2:]} Q{number}"
    for pattern, order in zip(_QUARTER_OF_YEAR, ((1, 2), (2, 1)), strict=True):
        if match := pattern.fullmatch(text):
            return f"{match[order[0]]} Q{match[order[1]]}"
    match = _SPLIT_YEAR.fullmatch(text)
    if match and int(match[2]) == int(match[1]) + 1:
        return f"{match[1]}/{match[2][-2:]}"
    match = _MONTH.fullmatch(text)
    if match and _read(text):
        return f"{match[1][:3].capitalize()} {match[2]}"
    return text


def blame_periods(sheet: Sheet, quarter: Quarter | None) -> dict[str, Period]:
    """Set down every period that is none or not the quarter's; return those that are."""
    column = sheet.columns.get("period")
    periods: dict[str, Period] = {}
    if column is None:
        return periods
    findings = {}
    for place, text in enumerate(column.texts):
        period = _read(text)
        if period is not None:
            periods[text] = period
        finding = _finding(text, period, quarter)
        if finding:
            findings[place] = finding
    sheet.blame_texts("period", findings)
    return periods


def _read(text: str) -> Period | None:
    try:
        return read_period(text)
    except ExtractError:
        return None


def _finding(text: str, period: Period | None, quarter: Quarter | None) -> Finding | None:
    if period is not None:
        return _another_quarter(period, quarter) if quarter else None
    if not text:
        return Finding("blank", "blank", FORMS)
    if _SERIAL.fullmatch(text) or EXCEL_DATE.fullmatch(text):
        todo = "format the column as Text in Excel and enter the period again"
        return Finding("excel-date", "{value}: Excel has changed this value into a date", FORMS,
                       todo)  # fmt: skip
    return Finding("period", "{value} is not a period" + _why(text), FORMS)


def _why(text: str) -> str:
    """Why two years in one period cannot be, where that is what is wrong."""
    years = re.match(r"(\d{4})([/-])(\d{4}|\d{2})(?!\d)", text, re.ASCII)
    if not years:
        return ""
    first, following = years[1], (int(years[1]) + 1) % 100
    if int(years[3]) % 100 == following:
        return f": for the financial year write {first}/{following:02d}"
    return f": the financial year after April {first} is written {first}/{following:02d}"


def _another_quarter(period: Period, quarter: Quarter) -> Finding | None:
    start, end = quarter.start, quarter.end
    if period.end > end:
        return Finding(
            "another-quarter", f"{{value}} ends after {quarter}, the quarter of this return",
            f"periods that end by {end.day} {end:%B %Y}",
        )  # fmt: skip
    if period.range == "1q" and (period.start, period.end) != (start, end):
        return Finding(
            "another-quarter", f"{{value}} is another quarter than {quarter}, the return's",
            f"{str(quarter)[:4]}/{str(quarter)[5:7]} Q{quarter.number}",
            "send other quarters in a file of their own, without a quarter in its name",
        )  # fmt: skip
    return None

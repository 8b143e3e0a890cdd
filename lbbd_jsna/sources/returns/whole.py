"""What the rows of a return must be together: each figure once, and no ward missing."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.periods import Period
from lbbd_jsna.sources.returns.grid import cell_fault
from lbbd_jsna.sources.returns.sheet import Finding, Sheet, joined

KEY = ("indicator", "area_code", "period")
_FIGURES = ("numerator", "denominator", "value")


def blame_repeats(sheet: Sheet, periods: dict[str, Period]) -> None:
    """Set down every row whose indicator, area and period stand in an earlier row.

    Different texts can be one period: `2018 Q1` and `2017/18 Q4` are.
    """
    if not set(KEY) <= set(sheet.columns):
        return
    rows = np.flatnonzero(sheet.sound(*KEY))
    key = joined(
        numbered(sheet, heading, rows, days(periods) if heading == "period" else str)
        for heading in KEY
    )
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    if len(first) == len(rows):
        return
    # np.unique gives the first row of each key, so that every other row is a repeat of it.
    for row, earlier in zip(rows.tolist(), rows[first[place]].tolist(), strict=True):
        if row != earlier:
            _blame_repeat(sheet, row, earlier)


def days(periods: dict[str, Period]) -> Callable[[str], Hashable]:
    """What tells one period from another: its days, or the text of one that is not known."""
    return lambda text: (periods[text].start, periods[text].end) if text in periods else text


def numbered(
    sheet: Sheet, heading: str, rows: np.ndarray, identity: Callable[[str], Hashable]
) -> tuple[np.ndarray, int]:
    """A number for what each row says in a column, and how many there are."""
    column = sheet.columns[heading]
    numbers: dict[Hashable, int] = {}
    said = [numbers.setdefault(identity(text), len(numbers)) for text in column.texts]
    return np.array(said, dtype=np.int64)[column.codes[rows]], len(numbers)


def _blame_repeat(sheet: Sheet, row: int, earlier: int) -> None:
    same = all(
        sheet.text(row, heading) == sheet.text(earlier, heading)
        for heading in _FIGURES
        if heading in sheet.columns
    )
    key = ", ".join(sheet.text(row, heading) for heading in KEY)
    figures = "with the same figures" if same else "with other figures"
    finding = Finding(
        "duplicate-row" if same else "contradiction",
        f"{key} stands in row {sheet.lines[earlier]} already, {figures}",
        "one row for each area and period",
        "remove one of the two" if same else "remove the wrong one of the two",
    )
    sheet.blame(row, "", finding)


def blame_missing_wards(sheet: Sheet, catalogue: Catalogue) -> None:
    """Where any ward of an indicator and period is given, set down those that are not."""
    if not set(KEY) <= set(sheet.columns):
        return
    indicators, areas = sheet.columns["indicator"], sheet.columns["area_code"]
    sound = sheet.sound(*KEY)
    for place, indicator in enumerate(indicators.texts):
        wanted = wards_of(indicator, catalogue)
        if not wanted:
            continue
        of_wards = areas.each(wanted.__contains__, bool)
        rows = np.flatnonzero((indicators.codes == place) & of_wards & sound)
        if len(rows):
            _check_wards(sheet, rows, indicator, wanted)


def wards_of(indicator: str, catalogue: Catalogue) -> dict[str, str]:
    """The wards, name by code, that a series is returned for; none where it is not known."""
    series = catalogue.indicators.get(indicator)
    if series is None:
        return {}
    return catalogue.wards(series.ward_vintage or catalogue.settings.ward_vintage)


def _check_wards(sheet: Sheet, rows: np.ndarray, indicator: str, wanted: dict[str, str]) -> None:
    periods = sheet.columns["period"]
    codes = periods.codes[rows]
    areas = sheet.columns["area_code"]
    pairs = np.unique(codes.astype(np.int64) * len(areas.texts) + areas.codes[rows])
    given, counts = np.unique(pairs // len(areas.texts), return_counts=True)
    for place in given[counts < len(wanted)].tolist():
        there = {sheet.text(row, "area_code") for row in rows[codes == place].tolist()}
        missing = [code for code in wanted if code not in there]
        if len(missing) > in_refused_rows(sheet, indicator, periods.texts[place]):
            _blame_missing(sheet, missing, wanted, f"{indicator}, {periods.texts[place]}")


def in_refused_rows(sheet: Sheet, indicator: str, period: str) -> int:
    """How many wards may stand in rows refused for another fault: they are not missing as well."""
    refused = ~sheet.sound(*KEY) & ~sheet.left_out
    of_this = [
        row
        for row in np.flatnonzero(refused).tolist()
        if sheet.wrong["indicator"][row] or sheet.text(row, "indicator") == indicator
        if sheet.wrong["period"][row] or sheet.text(row, "period") == period
    ]
    return sheet.lost_rows + len(of_this)


def _blame_missing(sheet: Sheet, missing: list[str], wanted: dict[str, str], key: str) -> None:
    names = ", ".join(f"{wanted[code]} ({code})" for code in missing)
    wards = "1 ward is" if len(missing) == 1 else f"{len(missing)} wards are"
    fault = cell_fault(
        sheet.name,
        "missing-ward",
        f"{wards} missing for {key}: {names}",
        column="area_code",
        value=", ".join(missing),
        expected=f"all {len(wanted)} wards",
        todo="add a row for each; write [c] or [x] as its value where there is none",
    )
    sheet.faults.append(fault)

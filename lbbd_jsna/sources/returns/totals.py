"""Wards beside their borough: its row must stand there, and they may not come to more than it.

They may come to less: a person with no known address in the borough is in no ward. A message
says that wards do not add up and never by how much, since that can be a few people.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.periods import Period
from lbbd_jsna.sources.returns.figures import Figures
from lbbd_jsna.sources.returns.grid import cell_fault
from lbbd_jsna.sources.returns.sheet import Finding, Sheet
from lbbd_jsna.sources.returns.whole import KEY, days, in_refused_rows, numbered, wards_of

_SLACK = 1e-6


@dataclass(frozen=True)
class _Pair:
    """The rows of one series: those of wards, those of the borough, and each row's period."""

    series: Indicator
    wards: np.ndarray
    borough: np.ndarray
    periods: np.ndarray

    @property
    def times(self) -> np.ndarray:
        """The periods of the wards, as numbers."""
        return np.unique(self.periods[self.wards])


def blame_totals(
    sheet: Sheet, given: Figures, periods: dict[str, Period], catalogue: Catalogue
) -> None:
    """Set down wards without their borough, and a borough below the sum of its wards."""
    if not set(KEY) <= set(sheet.columns):
        return
    for pair in _pairs(sheet, periods, catalogue):
        _blame_missing(sheet, pair, catalogue)
        for heading, figures in _added(given, pair):
            wrong = sheet.wrong.get(heading, False)
            for row in _below(pair, np.where(wrong, np.nan, figures)).tolist():
                finding = Finding(
                    "wards-above", "the wards add up to more",
                    "at least the sum of the wards, for the same people and period",
                    "correct the one that is wrong",
                )  # fmt: skip
                sheet.blame(row, heading, finding, value="")


def _pairs(sheet: Sheet, periods: dict[str, Period], catalogue: Catalogue) -> Iterator[_Pair]:
    """The series of the sheet that are of the borough and of wards, where wards are given."""
    indicators, areas = sheet.columns["indicator"], sheet.columns["area_code"]
    rows = np.arange(len(sheet.lines))
    times, _ = numbered(sheet, "period", rows, days(periods))
    sound = sheet.sound(*KEY)
    own = areas.each(catalogue.settings.area.__eq__, bool) & sound
    for place, name in enumerate(indicators.texts):
        series, wanted = catalogue.indicators.get(name), wards_of(name, catalogue)
        if series is None or "borough" not in series.area_types:
            continue
        of_this = indicators.codes == place
        wards = rows[of_this & areas.each(wanted.__contains__, bool) & sound]
        if len(wards):
            yield _Pair(series, wards, rows[of_this & own], times)


def _blame_missing(sheet: Sheet, pair: _Pair, catalogue: Catalogue) -> None:
    column, own = sheet.columns["period"], catalogue.area
    for time in np.setdiff1d(pair.times, pair.periods[pair.borough]).tolist():
        row = pair.wards[pair.periods[pair.wards] == time][0]
        key = f"{pair.series.id}, {column.texts[column.codes[row]]}"
        # It may stand in a row that is refused for another fault.
        if in_refused_rows(sheet, pair.series.id, column.texts[column.codes[row]]):
            continue
        fault = cell_fault(
            sheet.name, "missing-borough", f"wards are given for {key}, and the borough is not",
            column="area_code", value=own.code, expected=f"a row for {own.name} ({own.code}) too",
            todo="count the borough by itself and add its row: people of no known ward belong in "
            "it, so it is not worked out from the wards",
        )  # fmt: skip
        sheet.faults.append(fault)


def _added(given: Figures, pair: _Pair) -> Iterator[tuple[str, np.ndarray]]:
    """The figures of a series that wards share out: counts, never shares or rates."""
    yield "numerator", given.numerator
    yield "denominator", given.denominator
    if given.unit["whole_value"][pair.wards].any():
        yield "value", given.value


def _below(pair: _Pair, figures: np.ndarray) -> np.ndarray:
    """The borough's rows whose figure is below the sum of those known of its wards."""
    known = np.nan_to_num(figures[pair.wards])
    sums = np.bincount(
        pair.periods[pair.wards], weights=known, minlength=int(pair.periods.max()) + 1
    )
    return pair.borough[figures[pair.borough] < sums[pair.periods[pair.borough]] - _SLACK]

"""What is asked of whom: one form for each series that is returned or surveyed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.periods import Period
from lbbd_jsna.quarters import Quarter

QUARTERS, YEARS, CALENDAR_YEARS = "quarter", "financial year", "calendar year"


@dataclass(frozen=True)
class Form:
    """One form.

    Parameters
    ----------
    indicator : Indicator
    stem : str
        What its files are called, without the ending.
    period : str
        Filled in; empty where the series covers periods this workspace cannot foresee.
    covers : str
        The period in words.
    areas : tuple of (str, str)
        Code and name of each row.
    """

    indicator: Indicator
    stem: str
    period: str
    covers: str
    areas: tuple[tuple[str, str], ...]

    @property
    def by_ward(self) -> bool:
        """Whether it has rows for wards."""
        return len(self.areas) > 1

    def rows(self) -> list[list[str]]:
        """Its rows under `COLUMNS`, the figures blank."""
        return [
            [self.indicator.id, code, name, self.period, "", "", "", ""]
            for code, name in self.areas
        ]


def returned_series(catalogue: Catalogue) -> list[Indicator]:
    """The series of returns and surveys that this workspace reads, sorted by id."""
    wanted = {
        key
        for key, source in catalogue.sources.items()
        if source.kind in ("return", "survey") and source.supplied != "later"
    }
    found = [one for one in catalogue.indicators.values() if one.source in wanted]
    return sorted(found, key=lambda one: one.id)


def form_of(
    indicator: Indicator, *, catalogue: Catalogue, quarter: Quarter, earlier: Mapping[str, Period]
) -> Form:
    """The form of one series: its rows, and the period it is to cover."""
    cadence = cadence_of(indicator, earlier.get(indicator.id))
    period, covers = _period(cadence, quarter)
    if catalogue.sources[indicator.source].kind == "survey":
        covers += "; if the survey was held in another year, write that one"
    elif cadence == YEARS:
        covers += f"; for schools and colleges the school year {period}"
    areas = [(catalogue.area.code, catalogue.area.name)]
    if "ward" in indicator.area_types:
        vintage = indicator.ward_vintage or catalogue.settings.ward_vintage
        areas += catalogue.wards(vintage).items()
    return Form(indicator, f"{indicator.id}_{quarter}", period, covers, tuple(areas))


def cadence_of(indicator: Indicator, earlier: Period | None) -> str:
    """How long a figure of the series covers: as it did last time, or as it is defined.

    A definition that counts what happens "in the quarter" is of a quarter. Everything else,
    surveys and school results among it, is of a year. Empty for an earlier period of another
    length, such as three years.
    """
    if earlier is not None:
        if earlier.range == "1q":
            return QUARTERS
        years = {4: YEARS, 1: CALENDAR_YEARS}
        return years.get(earlier.start.month, "") if earlier.range == "1y" else ""
    quarterly = indicator.period_range == "1q" or "in the quarter" in indicator.definition
    return QUARTERS if quarterly else YEARS


def _period(cadence: str, quarter: Quarter) -> tuple[str, str]:
    """The period that ends with the quarter, or last ended before, as text and in words."""
    if cadence == QUARTERS:
        label = f"{quarter.year}/{(quarter.year + 1) % 100:02d} Q{quarter.number}"
        return label, f"{quarter.words}, the quarter of the report"
    if cadence == YEARS:
        year = quarter.year if quarter.number == 4 else quarter.year - 1
        words = f"April {year} to March {year + 1}, the last financial year that has ended"
        return f"{year}/{(year + 1) % 100:02d}", words
    if cadence == CALENDAR_YEARS:
        year = quarter.end.year if quarter.end.month == 12 else quarter.end.year - 1
        return str(year), f"January to December {year}, the last calendar year that has ended"
    return "", "as long as in your last return; write it in the same form"

"""Made-up returns of council services, partners and surveys: the borough, and some by ward.

Wards are given for the last few periods of the series that the catalogue has returned by ward.
They add up to the borough's row, and many hold few people or none, so that a report shows what
protecting small numbers does. Every figure is drawn; none is anybody's.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.sources.demonstration.levels import Level, generator, neutral_level
from lbbd_jsna.sources.demonstration.periods import DemoPeriod, demo_periods
from lbbd_jsna.sources.demonstration.return_wards import shared_out
from lbbd_jsna.sources.demonstration.series import kind_of
from lbbd_jsna.sources.returns import COLUMNS

# Wards are sent for so many of the latest periods.
WARD_PERIODS = 4


@dataclass(frozen=True)
class _Counts:
    """Numerator and denominator of each period; `per` is 100 for a per cent."""

    counts: np.ndarray
    people: np.ndarray
    per: float
    decimals: int

    def typed(self) -> list[tuple[str, str, str]]:
        """Numerator, denominator and value as they would be typed: a per cent is worked out."""
        pairs = zip(self.counts.tolist(), self.people.tolist(), strict=True)
        return [self._typed(count, people) for count, people in pairs]

    def _typed(self, count: int, people: int) -> tuple[str, str, str]:
        if people == 0:
            return "", "", "[z]"
        worked = "" if self.per == 100 else f"{self.per * count / people:.{self.decimals}f}"
        return f"{count}", f"{people}", worked


def return_file(
    indicator: Indicator, *, catalogue: Catalogue, quarter: Quarter, levels: dict[str, Level]
) -> str:
    """The text of the CSV a service would send for one indicator.

    Parameters
    ----------
    indicator : Indicator
        Of a return or a survey.
    catalogue : Catalogue
    quarter : Quarter
    levels : dict of str to Level
        By catalogue id; others get `neutral_level`. `late` takes the last year away.

    Returns
    -------
    str
        CSV with the columns of `returns.COLUMNS`: one row a period for the borough, oldest
        first; then, where the series has wards, the last `WARD_PERIODS` periods of each.
    """
    level = levels.get(indicator.id) or _neutral(indicator)
    asked = replace(quarter, year=quarter.year - 1) if "late" in level.also else quarter
    periods = demo_periods(level.periods, asked)
    drawn = _drawn(indicator, level, periods)
    own = drawn.typed() if isinstance(drawn, _Counts) else drawn
    rows = [(catalogue.area.code, catalogue.area.name, own)]
    if "ward" in indicator.area_types and isinstance(drawn, _Counts):
        rows += _wards(indicator, drawn, catalogue)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for code, name, figures in rows:
        for period, told in zip(periods[-len(figures) :], figures, strict=True):
            writer.writerow([indicator.id, code, name, period.label, *told, ""])
    return stream.getvalue()


def _neutral(indicator: Indicator) -> Level:
    periods = "return-quarters" if indicator.period_range == "1q" else "return-years"
    return replace(neutral_level(indicator), periods=periods)


def _drawn(
    indicator: Indicator, level: Level, periods: list[DemoPeriod]
) -> _Counts | list[tuple[str, str, str]]:
    """The borough's counts by period; or its figures as typed, where they are not shares."""
    rng = generator(indicator.id, "return")
    kind, multiplier = kind_of(indicator.unit, indicator.value_type, survey=False)
    years = np.array([period.time for period in periods]) - periods[-1].time
    wobble = 0.25 * level.spread * rng.normal(size=len(periods))
    expected = level.borough + level.change_per_year * years + wobble
    expected = np.maximum(expected, 0.2 * level.borough)
    if kind == "proportion":
        people = _people(level, years, rng)
        share = np.clip(expected, 1, 99) / 100
        return _Counts(rng.binomial(people, share), people, 100, indicator.decimals)
    if multiplier > 100:
        people = _people(level, years, rng)
        counts = rng.poisson(expected * people / multiplier)
        return _Counts(counts, people, multiplier, indicator.decimals)
    if "count" in indicator.value_type.lower() or "number" in indicator.value_type.lower():
        return [(f"{c}", "", f"{c}") for c in rng.poisson(expected)]
    return [("", "", f"{value:.{indicator.decimals}f}") for value in expected]


def _people(level: Level, years: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    growth = np.exp(0.01 * years + 0.05 * rng.normal(size=len(years)))
    return np.maximum(np.round(level.denominator * growth), 1).astype(np.int64)


def _wards(
    indicator: Indicator, whole: _Counts, catalogue: Catalogue
) -> Iterator[tuple[str, str, list[tuple[str, str, str]]]]:
    """Code, name and figures of each ward for the last periods, adding up to the borough's."""
    wards = catalogue.wards(indicator.ward_vintage or catalogue.settings.ward_vintage)
    counts, people = shared_out(
        whole.counts[-WARD_PERIODS:], whole.people[-WARD_PERIODS:], wards=len(wards),
        alike=whole.per != 100, rng=generator(indicator.id, "wards"),
    )  # fmt: skip
    for (code, name), some, of in zip(wards.items(), counts, people, strict=True):
        yield code, name, replace(whole, counts=some, people=of).typed()

"""Made-up returns of council services, partners and surveys, for the borough alone.

A council's own counts of people by ward are not for publication, so none are made.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.sources.demonstration.levels import Level, generator, neutral_level
from lbbd_jsna.sources.demonstration.periods import DemoPeriod, demo_periods
from lbbd_jsna.sources.demonstration.series import kind_of
from lbbd_jsna.sources.returns import COLUMNS


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
        CSV with the columns of `returns.COLUMNS`, one row a period, oldest first.
    """
    level = levels.get(indicator.id) or _neutral(indicator)
    asked = replace(quarter, year=quarter.year - 1) if "late" in level.also else quarter
    periods = demo_periods(level.periods, asked)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for period, figures in zip(periods, _figures(indicator, level, periods), strict=True):
        place = (catalogue.area.code, catalogue.area.name)
        writer.writerow([indicator.id, *place, period.label, *figures, ""])
    return stream.getvalue()


def _neutral(indicator: Indicator) -> Level:
    periods = "return-quarters" if indicator.period_range == "1q" else "return-years"
    return replace(neutral_level(indicator), periods=periods)


def _figures(
    indicator: Indicator, level: Level, periods: list[DemoPeriod]
) -> list[tuple[str, str, str]]:
    """Numerator, denominator and value of each period, as they would be typed."""
    rng = generator(indicator.id, "return")
    kind, multiplier = kind_of(indicator.unit, indicator.value_type, survey=False)
    years = np.array([period.time for period in periods]) - periods[-1].time
    wobble = 0.25 * level.spread * rng.normal(size=len(periods))
    expected = level.borough + level.change_per_year * years + wobble
    expected = np.maximum(expected, 0.2 * level.borough)
    if kind == "proportion":
        people = _people(level, years, rng)
        share = np.clip(expected, 1, 99) / 100
        return [(f"{c}", f"{n}", "") for c, n in zip(rng.binomial(people, share), people,
                                                     strict=True)]  # fmt: skip
    if multiplier > 100:
        people = _people(level, years, rng)
        counts = rng.poisson(expected * people / multiplier)
        values = [f"{multiplier * c / n:.{indicator.decimals}f}" for c, n in
                  zip(counts, people, strict=True)]  # fmt: skip
        return [(f"{c}", f"{n}", v) for c, n, v in zip(counts, people, values, strict=True)]
    if "count" in indicator.value_type.lower() or "number" in indicator.value_type.lower():
        return [(f"{c}", "", f"{c}") for c in rng.poisson(expected)]
    return [("", "", f"{value:.{indicator.decimals}f}") for value in expected]


def _people(level: Level, years: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    growth = np.exp(0.01 * years + 0.05 * rng.normal(size=len(years)))
    return np.maximum(np.round(level.denominator * growth), 1).astype(np.int64)

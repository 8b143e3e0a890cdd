"""Rows and the text of a made-up Fingertips file: columns, areas, numbers."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass

import numpy as np

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.sources.demonstration.counts import Series
from lbbd_jsna.sources.demonstration.levels import ENGLAND_RESIDENTS, Level, residents
from lbbd_jsna.sources.demonstration.periods import DemoPeriod

COLUMNS = (
    "Indicator ID", "Indicator Name", "Parent Code", "Parent Name", "Area Code", "Area Name",
    "Area Type", "Sex", "Age", "Category Type", "Category", "Time period", "Value",
    "Lower CI 95.0 limit", "Upper CI 95.0 limit", "Lower CI 99.8 limit", "Upper CI 99.8 limit",
    "Count", "Denominator", "Value note", "Recent Trend",
    "Compared to England value or percentiles",
    "Compared to Regions (statistical) value or percentiles", "Time period Sortable", "New data",
    "Compared to goal", "Time period range",
)
AREA_TYPES = {
    "country": "England", "region": "Regions (statistical)",
    "borough": "Districts & UAs (from Apr 2023)", "ward": "Electoral Wards (2024)",
}
# As the website exported before 2022.
OLD_AREA_TYPES = {**AREA_TYPES, "country": "Country", "region": "Region",
                  "borough": "District & UA"}
QUINTILE_TYPE = "LSOA21 deprivation quintiles within area (IMD trend)"


@dataclass(frozen=True)
class Slice:
    """What one run of rows shares."""

    indicator: Indicator
    name: str
    sex: str
    age: str
    category: str = ""


@dataclass(frozen=True)
class Scene:
    """Where the rows of one indicator are drawn: its areas, periods and level."""

    catalogue: Catalogue
    level: Level
    periods: list[DemoPeriod]
    codes: list[str]

    @property
    def home(self) -> int:
        return self.codes.index(self.catalogue.area.code)

    @property
    def weights(self) -> np.ndarray:
        """Residents of boroughs, region and country relative to the home borough."""
        people = np.array([residents(code) for code in self.codes], float)
        whole = np.array([*people, people.sum(), ENGLAND_RESIDENTS])
        return whole / residents(self.catalogue.area.code)


def area_ids(scene: Scene) -> list[tuple[str, str, str, str, str]]:
    """Parent code and name, code, name and type of each area of a series."""
    catalogue = scene.catalogue
    country = next(iter(catalogue.benchmark.areas))
    region = next(iter(catalogue.set_of(catalogue.comparators.region).areas))
    above = catalogue.area_of(region).name
    return [
        *((region, above, c, catalogue.area_of(c).name, "borough") for c in scene.codes),
        (country, catalogue.area_of(country).name, region, above, "region"),
        ("", "", country, catalogue.area_of(country).name, "country"),
    ]


def row_of(
    part: Slice, area: tuple[str, str, str, str, str], scene: Scene, series: Series,
    position: int, t: int, marks: tuple[str, str, str],
) -> list[str]:
    period, latest = scene.periods[t], t == len(scene.periods) - 1
    trend, england, region = marks
    place = (position, t)
    counts = ("", "")
    if series.kind not in ("survey", "estimate", "plain"):
        counts = (_number(series.count[place]), _number(series.denominator[place]))
    return [
        part.indicator.source_id, part.name, *area[:4], area[4], part.sex, part.age,
        QUINTILE_TYPE if part.category else "", part.category, period.label,
        _number(series.value[place]), *(_number(limit[place]) for limit in series.limits),
        *counts, series.note[place], trend if latest else "", england, region,
        period.sortable, "New data" if latest else "", "", period.range,
    ]


def _number(value: float) -> str:
    """Full precision; blank where there is none, never 0."""
    if math.isnan(value):
        return ""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def file_text(rows: list[list[str]], also: set[str]) -> str:
    old = "old-style" in also
    types = OLD_AREA_TYPES if old else AREA_TYPES
    header = list(COLUMNS)
    if old:
        header[22] = "Compared to Region value or percentiles"
    # A saved export of before 2022: no time period range, and rows short of it by one more.
    width = 26 if old else 27
    short = width - 1 if "short-rows" in also else width
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header[:width])
    for row in rows:
        row[6] = types.get(row[6], row[6])
        writer.writerow(row[:short])
    return ("\ufeff" if "bom" in also else "") + stream.getvalue()

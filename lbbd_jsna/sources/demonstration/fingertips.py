"""Made-up files in the exact shape of a Fingertips download, quirks and all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.sources.demonstration.counts import (
    AGGREGATED,
    NOT_COLLECTED,
    QUALITY,
    SMALL_COUNT,
    Series,
    blank,
    split,
    withhold,
)
from lbbd_jsna.sources.demonstration.labels import NOT_COMPARED, comparison, recent_trend
from lbbd_jsna.sources.demonstration.levels import Level, boroughs, generator, neutral_level
from lbbd_jsna.sources.demonstration.periods import demo_periods
from lbbd_jsna.sources.demonstration.rows import Scene, Slice, area_ids, file_text, row_of
from lbbd_jsna.sources.demonstration.series import draw, kind_of

# Share of the people and rate relative to the whole, most deprived first (low is good).
QUINTILES = {
    "Most deprived quintile": 1.28, "Second most deprived quintile": 1.12,
    "Average deprived quintile": 0.99, "Second least deprived quintile": 0.87,
    "Least deprived quintile": 0.74,
}
SEXES = {"Male": (0.495, 1.06), "Female": (0.505, 0.941)}
WARDS_WITHHELD = 2
PANDEMIC = "2020/21"


def fingertips_file(
    indicators: list[Indicator], *, catalogue: Catalogue, quarter: Quarter,
    levels: dict[str, Level],
) -> str:
    """The text of the file a publisher would give for one of its ids.

    Parameters
    ----------
    indicators : list of Indicator
        Every catalogue indicator with one `source_id`: they differ by sex, age or
        period range.
    catalogue : Catalogue
    quarter : Quarter
    levels : dict of str to Level
        By catalogue id; others get `neutral_level`.

    Returns
    -------
    str
        CSV of 27 columns (26 in the old style), with a byte-order mark where asked.
    """
    taken: set[tuple[str, str, str, str]] = set()
    claimed = {(i.sex, i.age or "All ages") for i in indicators}
    rows, also = [], set()
    for indicator in sorted(indicators, key=lambda i: i.id):
        level = levels.get(indicator.id) or neutral_level(indicator)
        also |= level.also
        scene = Scene(catalogue, level, demo_periods(level.periods, quarter), boroughs(catalogue))
        for key, block in _blocks(indicator, scene, claimed):
            if key not in taken:
                taken.add(key)
                rows += block
    return file_text(rows, also)


def _blocks(
    indicator: Indicator, scene: Scene, claimed: set[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str, str, str], list[list[str]]]]:
    """Runs of rows, each with what makes it one series."""
    rng = generator(indicator.id, "series")
    survey = "survey" in scene.level.also
    kind, multiplier = kind_of(indicator.unit, indicator.value_type, survey=survey)
    whole = draw(
        scene.level, scene.periods, kind=kind, multiplier=multiplier,
        weights=scene.weights[:-2], home=scene.home, rng=rng,
    )
    name = indicator.expected_name or indicator.title
    name += "\n" if "line-break" in scene.level.also else ""
    main = Slice(indicator, name, indicator.sex, indicator.age or "All ages")
    span = scene.periods[-1].range
    for part, series in [(main, whole), *_parts(main, whole, scene, claimed)]:
        yield (part.sex, part.age, span, "boroughs"), _area_rows(part, series, scene)
    if "quintiles" in scene.level.also and whole.counted:
        key = (main.sex, main.age, span, "quintiles")
        yield key, _quintile_rows(main, whole, scene)
    if "ward" in indicator.area_types and whole.counted:
        yield (main.sex, main.age, span, "wards"), _ward_rows(main, whole, scene)


def _parts(
    main: Slice, whole: Series, scene: Scene, claimed: set[tuple[str, str]]
) -> list[tuple[Slice, Series]]:
    """Sexes and ages printed beside the series wanted, adding up to it."""
    if not whole.counted:
        return []
    found = []
    if "sexes" in scene.level.also and main.sex == "Persons":
        rng = generator(main.indicator.id, "sexes")
        halves = split(whole, np.array(list(SEXES.values())), rng=rng)
        found += [(replace(main, sex=s), h) for s, h in zip(SEXES, halves, strict=True)]
    ages = _halves_of(main.age)
    if "ages" in scene.level.also and ages:
        rng = generator(main.indicator.id, "ages")
        halves = split(whole, np.array([(0.55, 0.9), (0.45, 1.122)]), rng=rng)
        found += [(replace(main, age=a), h) for a, h in zip(ages, halves, strict=True)]
    return [(part, series) for part, series in found if (part.sex, part.age) not in claimed]


def _halves_of(age: str) -> list[str]:
    """Two narrower ages: `10-24 yrs` gives `10-16 yrs` and `17-24 yrs`."""
    bounds = re.fullmatch(r"(\d+)-(\d+) yrs", age)
    if bounds:
        low, high = int(bounds[1]), int(bounds[2])
        middle = (low + high) // 2
        return [f"{low}-{middle - 1} yrs", f"{middle}-{high} yrs"] if high - low > 2 else []
    bounds = re.fullmatch(r"(\d+)\+ yrs", age)
    if not bounds:
        return []
    return [f"{bounds[1]}-{int(bounds[1]) + 19} yrs", f"{int(bounds[1]) + 20}+ yrs"]


def _area_rows(part: Slice, series: Series, scene: Scene) -> list[list[str]]:
    """Rows of two parents' downloads laid end to end, so that England's and the region's repeat."""
    series = _as_published(series, part.indicator, scene)
    polarity, method = part.indicator.polarity, part.indicator.method
    england, region = (
        comparison(
            series.value, series.limits, series.value[row], polarity=polarity, method=method
        )
        for row in (-1, -2)
    )
    england[-1], region[-2:] = NOT_COMPARED, NOT_COMPARED
    trend = _trend(series, scene, polarity)
    ids = area_ids(scene)
    rows = {
        position: [
            row_of(part, ids[position], scene, series, position, t,
                 (trend[position], england[position, t], region[position, t]))
            for t in range(len(scene.periods))
        ]
        for position in range(len(ids))
    }
    last = len(ids) - 1
    order = [last, last - 1, last, last - 1, *range(last - 1)]
    return [row for position in order for row in rows[position]]


def _as_published(series: Series, indicator: Indicator, scene: Scene) -> Series:
    rng = generator(indicator.id, "gaps")
    series = withhold(series, weights=scene.weights)
    lost = np.zeros(series.value.shape, dtype=bool)
    if "gaps" in scene.level.also:
        others = np.delete(np.arange(len(scene.codes)), scene.home)
        lost[rng.permutation(others)[:3], -1] = True
    if "borough-gap" in scene.level.also:
        lost[scene.home, -1] = True
    series = blank(series, lost, QUALITY, people=False)
    if "pandemic-gap" in scene.level.also:
        closed = [period.label == PANDEMIC for period in scene.periods]
        closed = np.broadcast_to(closed, lost.shape)
        series = blank(series, closed, NOT_COLLECTED, people=False)
    note = series.note.copy()
    if series.counted:
        note[-2] = np.where(note[-2] == "", AGGREGATED, note[-2])
    return replace(series, note=note)


def _trend(series: Series, scene: Scene, polarity: str) -> np.ndarray:
    yearly = scene.periods[-1].range == "1y" and series.counted
    value = series.value if yearly else series.value[:, :0]
    return recent_trend(value, series.limits, polarity=polarity)


def _quintile_rows(main: Slice, whole: Series, scene: Scene) -> list[list[str]]:
    """The country's and the borough's latest period by deprivation: inequality rows."""
    polarity = main.indicator.polarity
    rates = np.array(list(QUINTILES.values()))
    rates = rates[::-1] if polarity == "high_is_good" else rates
    if whole.kind == "proportion":
        # High coverage leaves little room above it.
        worst = (whole.count / whole.denominator).max()
        rates = 1 + (rates - 1) * min(1.0, 0.6 * (1 - worst) / worst)
    rng = generator(main.indicator.id, "quintiles")
    shares = np.column_stack([np.full(len(rates), 1 / len(rates)), rates])
    ids, rows = area_ids(scene), []
    for name, part in zip(QUINTILES, split(whole, shares, rng=rng), strict=True):
        part = withhold(part, weights=scene.weights)
        england = comparison(
            part.value, part.limits, whole.value[-1], polarity=polarity,
            method=main.indicator.method,
        )
        for position in (len(ids) - 1, scene.home):
            marks = ("", england[position, -1], NOT_COMPARED)
            one = replace(main, category=name)
            rows.append(
                row_of(one, ids[position], scene, part, position, len(scene.periods) - 1, marks)
            )
    return rows


def _ward_rows(main: Slice, whole: Series, scene: Scene) -> list[list[str]]:
    """The borough's wards: counts add up to the borough's, the smallest two are withheld."""
    catalogue, indicator = scene.catalogue, main.indicator
    wards = catalogue.wards(indicator.ward_vintage or catalogue.settings.ward_vintage)
    if not wards:
        return []
    rng = generator(indicator.id, "wards")
    people = rng.uniform(0.7, 1.3, size=len(wards))
    shares = np.column_stack([people / people.sum(), np.exp(0.13 * rng.normal(size=len(wards)))])
    shares[:, 1] /= (shares[:, 0] * shares[:, 1]).sum()
    series = _stacked(split(_only(whole, scene.home), shares, rng=rng))
    series = withhold(series, weights=np.ones(len(wards)))
    fewest = np.argsort(series.count[:, -1], kind="stable")[:WARDS_WITHHELD]
    small = np.isin(np.arange(len(wards)), fewest)[:, None]
    series = blank(series, np.broadcast_to(small, series.value.shape), SMALL_COUNT)
    england, home = (
        comparison(series.value, series.limits, whole.value[row], polarity=indicator.polarity,
                   method=indicator.method)
        for row in (-1, scene.home)
    )
    parent = (catalogue.area.code, catalogue.area.name)
    return [
        row_of(main, (*parent, code, wards[code], "ward"), scene, series, position, t,
             ("Cannot be calculated", england[position, t], home[position, t]))
        for t in range(len(scene.periods))
        for position, code in enumerate(sorted(wards))
    ]


def _only(series: Series, position: int) -> Series:
    one = slice(position, position + 1)
    return replace(
        series, value=series.value[one], limits=series.limits[:, one], count=series.count[one],
        denominator=series.denominator[one], note=series.note[one], factor=series.factor[one],
    )


def _stacked(parts: list[Series]) -> Series:
    names = ("value", "count", "denominator", "note", "factor")
    arrays = {name: np.vstack([getattr(part, name) for part in parts]) for name in names}
    return replace(parts[0], **arrays, limits=np.concatenate([p.limits for p in parts], axis=1))

"""Nomis as its documentation describes it: data.csv in pages of 25,000 rows, and definitions.

Areas by code, by `<code>TYPE153` (wards of 2022 within) or `<code>TYPE154` (boroughs within);
dates as `latest`, `latestMINUS12` and spans of them; measures 20100 (value) and 20301 (per
cent); texts in quotes and numbers without.
"""

import json
import re
import zlib
from dataclasses import dataclass, field, replace

from tests.replicas.server import Request, Response

MEASURES = {"20100": "Value", "20301": "Percent"}
UPDATED = "2026-10-13 07:00:00"
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip


@dataclass(frozen=True)
class Dimension:
    """A dimension: its name, and its values by code."""

    name: str
    values: dict[str, str]


@dataclass(frozen=True)
class Dataset:
    """A dataset of the replica.

    `figures` gives the value of an area, date and values of the dimensions, or a status
    such as `("", "Q", "These figures are missing.")`.
    """

    title: str
    dates: tuple[tuple[str, str], ...]
    dimensions: tuple[Dimension, ...]
    measures: tuple[str, ...] = ("20100",)
    changes: dict = field(default_factory=dict)

    def figure(self, area, date, values):
        """A made-up value: the same for the same question."""
        key = (area, date, *values)
        if key in self.changes:
            return self.changes[key]
        return self.made_up(area, date, values)

    def made_up(self, area, date, values):
        """A count that is larger for larger areas; the first value of a dimension is its total."""
        *others, (name, rest) = ((d.name, list(d.values)) for d in self.dimensions)
        size = {"E92": 4000, "E12": 700, "E09": 40}.get(area[:3], 2)
        part = {c: 10 * size + _chance(area, date, name, c) % (50 * size) for c in rest[1:]}
        return sum(part.values()) if values[-1] == rest[0] else part[values[-1]]


class Claimants(Dataset):
    """Measure 1 is a count rounded to five, measure 2 the published share of residents."""

    def made_up(self, area, date, values):
        """A share of 2.0 to 7.9 per cent, or a count."""
        share = 20 + _chance(area, date) % 60
        size = {"E92": 36_000_000, "E12": 6_000_000, "E09": 150_000}.get(area[:3], 8_000)
        return share / 10 if values[-1] == "2" else 5 * round(size * share / 5000)


def _chance(*parts):
    return zlib.crc32("/".join(parts).encode())


def nomis_routes(
    catalogue, *, limit=25_000, counted=True, titles=True, datasets=None, updated=UPDATED, base=""
):
    """A route over made-up datasets.

    Parameters
    ----------
    catalogue : Catalogue
    limit : int
        The most rows of one answer.
    counted : bool
        Whether rows carry RECORD_OFFSET and RECORD_COUNT.
    titles : bool
        Whether definitions are answered.
    datasets : dict of str to Dataset, optional
        In place of `made_up_datasets()`.
    updated : str
        What definitions say of the last update; empty: they do not say.
    base : str
        The path below which the API lies.
    """
    held = made_up_datasets() if datasets is None else datasets

    def route(request: Request) -> Response:
        place = request.path.removeprefix(base)
        match = re.fullmatch(r"/dataset/(NM_\d+_\d+)\.(data\.csv|def\.sdmx\.json)", place)
        if not request.path.startswith(base) or match is None or match[1] not in held:
            return Response(status=404, body=b"not found")
        if match[2] == "data.csv":
            rows = _rows(catalogue, held[match[1]], request.query)
            return _csv(held[match[1]], rows, request.query, limit, counted)
        if not titles:
            return Response(status=404, body=b"not found")
        return _definition(match[1], held[match[1]], updated)

    return route


def _definition(dataset, held, updated):
    notes = [{"annotationtitle": "Status", "annotationtext": "Current (being actively updated)"}]
    notes += [{"annotationtitle": "LastUpdated", "annotationtext": updated}] if updated else []
    family = {
        "id": dataset,
        "agencyid": "NOMIS",
        "name": {"value": held.title, "lang": "en"},
        "annotations": {"annotation": notes},
    }
    said = {"structure": {"header": {"id": dataset}, "keyfamilies": {"keyfamily": [family]}}}
    body = json.dumps(said).encode()
    return Response(body=body, content_type="application/json; charset=utf-8")


def _places(catalogue, asked):
    """The areas of the parameter `geography`, in the order asked."""
    found = []
    for part in asked.split(","):
        code, _, kind = part.partition("TYPE")
        if not kind:
            found += [code] if any(area.code == code for area in catalogue.areas) else []
        elif kind == "153" and code == catalogue.area.code:
            found += sorted(catalogue.wards("2022"))
        elif kind == "154":
            own = (area for area in catalogue.areas if area.parent == code)
            found += [area.code for area in own if area.type == "borough"]
    return found


def _dates(held, asked):
    codes = [code for code, _ in held.dates]

    def place(word):
        if word.startswith("latest"):
            return len(codes) - 1 - int(word.removeprefix("latest").removeprefix("MINUS") or 0)
        return codes.index(word)

    wanted = []
    for part in (asked or "first-latest").split(","):
        ends = re.fullmatch(r"(latest(?:MINUS\d+)?|first)(?:-(latest(?:MINUS\d+)?))?", part)
        start = 0 if ends and ends[1] == "first" else place(ends[1] if ends else part)
        stop = place(ends[2]) if ends and ends[2] else start
        wanted += held.dates[max(start, 0) : stop + 1]
    return wanted


def _values(dimension, query):
    """The codes asked of a dimension: a list, spans of numbers, or all of them."""
    asked = query.get(dimension.name.lower())
    if asked is None:
        return list(dimension.values)
    wanted = []
    for part in asked.split(","):
        start, _, stop = part.partition("...")
        wanted += [str(n) for n in range(int(start), int(stop or start) + 1)]
    return [code for code in wanted if code in dimension.values]


def _rows(catalogue, held, query):
    """Rows as (date, area, values, measure), area by area within each date."""
    measures = query.get("measures", ",".join(held.measures)).split(",")
    combined = [()]
    for dimension in held.dimensions:
        combined = [(*so, code) for so in combined for code in _values(dimension, query)]
    return [
        (date, area, values, measure)
        for date in _dates(held, query.get("date") or query.get("time"))
        for area in _places(catalogue, query.get("geography", ""))
        for values in combined
        for measure in measures
        if measure in held.measures
    ]


def _csv(held, rows, query, limit, counted):
    start = int(query.get("recordoffset") or 0)
    limit = min(limit, int(query.get("recordlimit") or limit))
    header = ["DATE", "DATE_NAME", "GEOGRAPHY", "GEOGRAPHY_NAME", "GEOGRAPHY_CODE"]
    for dimension in held.dimensions:
        header += [dimension.name, f"{dimension.name}_NAME", f"{dimension.name}_CODE"]
    header += ["MEASURES", "MEASURES_NAME", "OBS_VALUE", "OBS_STATUS", "OBS_STATUS_NAME", "URN"]
    header += ["RECORD_OFFSET", "RECORD_COUNT"] if counted else []
    lines = [",".join(f'"{name}"' for name in header)]
    for number, row in enumerate(rows[start : start + limit], start=start):
        cells = _cells(held, row, number)
        lines.append(",".join([*cells, str(number), str(len(rows))] if counted else cells))
    body = "\r\n".join([*lines, ""]).encode()
    return Response(body=body, content_type="text/csv; charset=utf-8")


def _cells(held, row, number):
    (date, date_name), area, values, measure = row
    said = held.figure(area, date, values)
    value, status, words = said if isinstance(said, tuple) else (said, "A", "Normal Value")
    if measure == "20301":
        value = 12.3
    cells = [f'"{date}"', f'"{date_name}"', str(zlib.crc32(area.encode())), f'"Place {area}"',
             f'"{area}"']  # fmt: skip
    for dimension, code in zip(held.dimensions, values, strict=True):
        cells += [code, f'"{dimension.values[code]}"', f'"_{code}"']
    cells += [measure, f'"{MEASURES[measure]}"', str(value), f'"{status}"', f'"{words}"']
    return [*cells, f'"Nm-{number}d1"']


def made_up_datasets(latest=(2026, 10)):
    """The datasets that the catalogue asks for, and one it does not."""
    year, month = latest
    months = [divmod(year * 12 + month - 1 - back, 12) for back in range(79, -1, -1)]
    dates = tuple((f"{y}-{m + 1:02d}", f"{MONTHS[m]} {y}") for y, m in months)
    total = Dimension("GENDER", {"0": "Total", "1": "Male", "2": "Female"})
    ages = Dimension("AGE", {"0": "All categories: Age 16+", "2": "Aged 16-24"})
    measure = Dimension("MEASURE", {
        "1": "Claimant count", "2": "Claimants as a proportion of residents aged 16-64",
    })  # fmt: skip
    census = {"dates": (("2021", "2021"),), "measures": ("20100", "20301")}
    years = Dimension("C_AGE", {
        "200": "All Ages", **{str(101 + n): f"Age {n}" for n in range(90)}, "191": "Aged 90+",
    })  # fmt: skip
    title = "Population estimates - small area (2021 based) by single year of age"
    return {
        "NM_162_1": Claimants("Claimant count by sex and age", dates, (total, ages, measure)),
        "NM_2070_1": Dataset("TS052 - Occupancy rating for bedrooms", dimensions=(BEDROOMS,),
                             **census),
        "NM_2072_1": Dataset("TS054 - Tenure", dimensions=(TENURE,), **census),
        "NM_2084_1": Dataset("TS067 - Highest level of qualification", dimensions=(LEVELS,),
                             **census),
        "NM_2014_1": Dataset(title, (("2023", "2023"), ("2024", "2024")), (total, years)),
    }  # fmt: skip


def with_figure(held, key, said):
    """A dataset with one figure changed: `key` is area, date and values."""
    return replace(held, changes={**held.changes, key: said})


BEDROOMS = Dimension("C2021_OCCRAT_BEDROOMS_6", {
    "0": "Total: All households", "1": "Occupancy rating of bedrooms: +2 or more",
    "2": "Occupancy rating of bedrooms: +1", "3": "Occupancy rating of bedrooms: 0",
    "4": "Occupancy rating of bedrooms: -1", "5": "Occupancy rating of bedrooms: -2 or less",
})  # fmt: skip
LEVELS = Dimension("C2021_HIQUAL_8", {
    "0": "Total: All usual residents aged 16 years and over", "1": "No qualifications",
    "2": "Level 1 and entry level qualifications", "3": "Level 2 qualifications",
    "4": "Apprenticeship", "5": "Level 3 qualifications",
    "6": "Level 4 qualifications and above", "7": "Other qualifications",
})  # fmt: skip
TENURE = Dimension("C2021_TENURE_9", {
    "0": "Total: All households", "1001": "Owned", "1003": "Social rented",
    "1004": "Private rented",
})  # fmt: skip

"""A Fingertips that answers as SOURCES 1.2 to 1.5 say, with figures made up for every id.

Written from what the publisher documents and from its published server code: ask for ids,
a child and a parent area type, and there come England, the parent and its children for every
period; an unknown id gives a heading and no rows.
"""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lbbd_jsna.catalogue import Catalogue, Indicator
from tests.replicas.server import Request, Response

COLUMNS = (
    "Indicator ID", "Indicator Name", "Parent Code", "Parent Name", "Area Code", "Area Name",
    "Area Type", "Sex", "Age", "Category Type", "Category", "Time period", "Value",
    "Lower CI 95.0 limit", "Upper CI 95.0 limit", "Lower CI 99.8 limit", "Upper CI 99.8 limit",
    "Count", "Denominator", "Value note", "Recent Trend",
    "Compared to England value or percentiles",
    "Compared to {parent} value or percentiles", "Time period Sortable", "New data",
    "Compared to goal", "Time period range",
)  # fmt: skip
AREA_TYPES = [
    {"Id": 6, "Name": "Government Office Region (E12)", "Short": "Regions (statistical)"},
    {"Id": 8, "Name": "Electoral Ward", "Short": "Electoral Wards (2024)"},
    {"Id": 15, "Name": "England", "Short": "England"},
    {"Id": 402, "Name": "Upper tier local authorities (4/21-3/23)",
     "Short": "Counties & UAs (2021/22-2022/23)"},
    {"Id": 502, "Name": "Upper tier local authorities (post 4/23)",
     "Short": "Counties & UAs (from Apr 2023)"},
]  # fmt: skip
ENGLAND = "E92000001"
KNOWN = {"indicator_ids", "child_area_type_id", "parent_area_type_id", "parent_area_code",
         "profile_id", "category_area_code", "include_sortable_time_periods"}  # fmt: skip
POLARITIES = {
    "high_is_good": "RAG - High is good   ",
    "low_is_good": "RAG - Low is good   ",
    "no_judgement": "BOB - Blue orange blue   ",
}


@dataclass(frozen=True)
class Slice:
    """What one run of rows is of."""

    sex: str
    age: str
    span: str
    category_type: str = ""
    category: str = ""


@dataclass
class Published:
    """What the service has of one id."""

    name: str
    polarity: str
    slices: list[Slice]
    years: list[int]
    per_cent: bool
    wards: bool
    uploaded: str = "2026-02-03T09:30:00"


@dataclass
class Fingertips:
    """A route of `tests.replicas.server.Replica`; a test may change what it has.

    Attributes
    ----------
    published : dict of str to Published
        By id. Take one out and it is withdrawn: a heading and no rows.
    area_types : list of dict
        What `area_types` gives.
    """

    catalogue: Catalogue
    published: dict[str, Published]
    area_types: list[dict] = field(default_factory=lambda: [dict(one) for one in AREA_TYPES])
    blank: dict[tuple[str, str], str] = field(default_factory=dict)

    def __call__(self, request: Request) -> Response:
        """Answer below `/` and below `/api/`."""
        path = request.path.strip("/").removeprefix("api/")
        routes = {
            "area_types": self._area_types,
            "all_data/csv/by_indicator_id": self._all_data,
            "indicator_metadata/csv/by_indicator_id": self._metadata,
            "data_changes": self._data_changes,
        }
        if path not in routes:
            return Response(status=404, body=b"No HTTP resource was found")
        try:
            return routes[path](request.query)
        except (KeyError, ValueError) as error:
            return Response(status=400, body=f"Parameter missing or invalid: {error}".encode())

    def _area_types(self, _: Mapping[str, str]) -> Response:
        return _json(self.area_types)

    def _all_data(self, query: Mapping[str, str]) -> Response:
        if not set(query) <= KNOWN:
            raise ValueError(", ".join(sorted(set(query) - KNOWN)))
        child, parent = int(query["child_area_type_id"]), int(query["parent_area_type_id"])
        ids = [str(int(one)) for one in query["indicator_ids"].split(",")]
        if len(ids) > 100:
            raise ValueError("indicator_ids: more than 100")
        short = next(one["Short"] for one in AREA_TYPES if one["Id"] == parent)
        code = query.get("parent_area_code", ENGLAND)
        rows = [
            row for one in ids if one in self.published for row in self._rows(one, child, code)
        ]
        compared = "percentiles" if code == ENGLAND else f"{short} value or percentiles"
        heading = [*COLUMNS[:22], f"Compared to {compared}", *COLUMNS[23:]]
        return Response(body=_text(heading, rows), content_type="text/csv")

    def _rows(self, source_id: str, child: int, parent: str) -> Iterator[list[str]]:
        """England, the parent and its children, period by period."""
        one = self.published[source_id]
        if child == 8 and not one.wards:
            return
        # An area type that has retired is no longer added to.
        years = one.years if child in (8, 502) else one.years[:-2]
        for part in one.slices:
            for year in years:
                for area in self._areas(child, parent, part):
                    yield self._row(source_id, one, part, year, area, last=year == years[-1])

    def _areas(self, child: int, parent: str, part: Slice) -> list[tuple[str, str, str, str, str]]:
        """Parent code and name, code, name and area type."""
        catalogue = self.catalogue
        kind, level = ("ward", 8) if child == 8 else ("borough", child)
        short = {one["Id"]: one["Short"] for one in AREA_TYPES}
        found = [("", "", ENGLAND, "England", "England")]
        above = catalogue.area_of(parent)
        above_type = short[502] if above.type == "borough" else short[6]
        found.append((ENGLAND, "England", parent, f"{above.name} region" * (level != 8)
                      or above.name, above_type))  # fmt: skip
        if part.category:
            return found[:1] if level != 8 else found
        vintage = catalogue.settings.ward_vintage
        found += [
            (parent, above.name, area.code, area.name, short[level])
            for area in sorted(catalogue.areas, key=lambda area: area.code)
            if area.type == kind and area.parent == parent and area.vintage in ("", vintage)
        ]
        return found

    def _row(
        self, source_id: str, one: Published, part: Slice, year: int,
        area: tuple[str, str, str, str, str], *, last: bool,
    ) -> list[str]:  # fmt: skip
        code = area[2]
        figures = _figures(source_id, part, year, code, per_cent=one.per_cent)
        note = self.blank.get((source_id, code), None) if last else None
        if note is not None:
            figures = [""] * 7 + [note]
        trend = "Cannot be calculated" if last and not part.category else ""
        against = "Not compared" if code == ENGLAND else "Similar"
        return [
            source_id, one.name, *area, part.sex, part.age, part.category_type, part.category,
            _period(part.span, year), *figures, trend, against,
            "Not compared", f"{year}0000", "New data" if last else "", "", _range(part.span),
        ]  # fmt: skip

    def _metadata(self, query: Mapping[str, str]) -> Response:
        ids = [str(int(one)) for one in query["indicator_ids"].split(",")]
        known = [one for one in ids if one in self.published]
        if not known:
            return Response(body=b"", content_type="text/csv")
        heading = ["Indicator ID", "Indicator", "Indicator full name", "Definition", "Unit",
                   "Value type", "Polarity"]  # fmt: skip
        rows = [
            [one, self.published[one].name, self.published[one].name, "Made up,\nfor a test",
             "%", "Proportion", POLARITIES[self.published[one].polarity]]
            for one in known
        ]  # fmt: skip
        return Response(body=_text(heading, rows), content_type="text/csv")

    def _data_changes(self, query: Mapping[str, str]) -> Response:
        one = str(int(query["indicator_id"]))
        if one not in self.published:
            return _json(None)
        uploaded = self.published[one].uploaded
        return _json({"IndicatorId": int(one), "LastDeletedAt": None, "LastUploadedAt": uploaded})


def fingertips_routes(
    catalogue: Catalogue,
    *,
    periods: int = 6,
    latest: int = 2024,
    only_ids: Iterable[str] | None = None,
    names: Mapping[str, str] | None = None,
) -> Fingertips:
    """A Fingertips that has every id of a catalogue.

    Parameters
    ----------
    catalogue : Catalogue
        Which ids, in which sexes, ages and lengths of period, and for which areas.
    periods : int
        How many, one a year, the last starting in `latest`.
    latest : int
    only_ids : iterable of str, optional
        The ids it has; others are withdrawn.
    names : mapping of str to str, optional
        Names by id in place of the catalogue's expected ones.
    """
    groups: dict[str, list[Indicator]] = {}
    for _, indicator in sorted(catalogue.indicators.items()):
        if indicator.source == "fingertips" and indicator.source_id:
            groups.setdefault(indicator.source_id, []).append(indicator)
    years = list(range(latest - periods + 1, latest + 1))
    published = {one: _published(group, years) for one, group in groups.items()}
    for one, name in (names or {}).items():
        if one in published:
            published[one] = replace(published[one], name=name)
    chosen = published if only_ids is None else {str(one) for one in only_ids}
    return Fingertips(catalogue, {k: v for k, v in published.items() if k in chosen})


def _published(group: list[Indicator], years: list[int]) -> Published:
    """The series wanted, the other sexes beside them, and a breakdown by deprivation."""
    first, slices = group[0], []
    for indicator in group:
        main = Slice(indicator.sex, indicator.age or "All ages", indicator.period_range or "1y")
        others = [replace(main, sex=sex) for sex in ("Male", "Female")]
        decile = replace(main, category_type="County & UA deprivation deciles in England",
                         category="Most deprived decile (IMD2019)")  # fmt: skip
        beside = others if indicator.sex == "Persons" else []
        slices += [part for part in (main, *beside, decile) if part not in slices]
    return Published(
        name=first.expected_name or first.title,
        polarity=first.polarity,
        slices=slices,
        years=list(years),
        per_cent=first.unit in ("%", "per cent"),
        wards=any("ward" in indicator.area_types for indicator in group),
    )


def _figures(
    source_id: str, part: Slice, year: int, code: str, *, per_cent: bool
) -> list[str]:
    """Value, four limits, count, denominator and note: the same for the same key, always."""
    key = f"{source_id} {part} {year} {code}"
    count = 200 + zlib.crc32(key.encode()) % 300
    denominator = 1000 if per_cent else ""
    value = count / 10
    limits = [value - 2, value + 2, value - 3.5, value + 3.5]
    return [f"{one:.4f}" for one in (value, *limits)] + [str(count), str(denominator), ""]


def _period(span: str, year: int) -> str:
    if span.startswith("Cumulative"):
        return f"{year - 3}/{(year - 2) % 100:02d} Q1 - {year}/{(year + 1) % 100:02d} Q3"
    if span.endswith("y") and span != "1y":
        return f"{year - int(span[:-1]) + 1} - {year % 100:02d}"
    return f"{year}/{(year + 1) % 100:02d}"


def _range(span: str) -> str:
    return "Cumulative quarterly" if span.startswith("Cumulative") else span


def _text(heading: list[str], rows: Iterable[list[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def _json(told: object) -> Response:
    return Response(body=json.dumps(told).encode("utf-8"), content_type="application/json")

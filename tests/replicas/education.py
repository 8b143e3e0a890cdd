"""A replica of the API of Explore Education Statistics, from its published description.

Publications are listed in pages of at most 20 and found by any word of a search. A data set is
described by its id, has versions, and comes as a whole CSV packed with gzip, with a byte order
mark, the publisher's own headings and the labels of its filters. What is not there answers
404 with a problem in JSON. Figures are made up.
"""

import csv
import io
import json
import uuid
from dataclasses import dataclass, field, replace

from tests.replicas.server import Request, Response

SYMBOLS = ("c", "low", "u", "x", "z", ":")
YEARS = (2021, 2022, 2023, 2024)
PLACES = (
    "time_period", "time_identifier", "geographic_level", "country_code", "country_name",
    "region_code", "region_name", "old_la_code", "new_la_code", "la_name",
)  # fmt: skip
# Places no borough is compared with; a national file is full of them.
ELSEWHERE = (("E12000001", "North East"), ("E13000001", "Inner London"))
OTHERS = (("E06000001", "Hartlepool"), ("E08000021", "Newcastle upon Tyne"))


@dataclass
class MadeUp:
    """One data set of the replica.

    `versions` maps each version to its CSV text, oldest first. `rows` says what the service
    tells of the length of the latest, if not the truth.
    """

    id: str
    publication: str
    title: str
    versions: dict[str, str]
    rows: int | None = None
    status: str = "Published"

    @property
    def latest(self) -> str:
        return list(self.versions)[-1]

    def describe(self) -> dict:
        count = self.versions[self.latest].count("\n") - 1
        return {
            "id": self.id,
            "title": self.title,
            "summary": f"Made-up figures of {self.title}",
            "status": self.status,
            "latestVersion": {
                "version": self.latest,
                "published": "2026-10-15T08:30:00+00:00",
                "totalResults": count if self.rows is None else self.rows,
                "timePeriods": {"start": "2021/22", "end": "2024/25"},
                "geographicLevels": ["National", "Regional", "Local authority"],
                "filters": [],
                "indicators": [],
            },
        }


@dataclass
class EducationRoutes:
    """The routes; call it with a request.

    Parameters
    ----------
    data_sets : dict of str to MadeUp
        By their keys in `live.yml`; may be changed between requests.
    publications : list of str
        Titles the service lists besides.
    below : str
        The leading path without which nothing is found; with none, any leading path is
        accepted.
    """

    data_sets: dict[str, MadeUp]
    publications: list[str] = field(default_factory=list)
    below: str = ""

    def __call__(self, request: Request) -> Response:
        path = request.path.strip("/")
        if self.below:
            if not path.startswith(self.below.strip("/") + "/"):
                return problem(404, "Not Found")
            path = path[len(self.below.strip("/")) + 1 :]
        else:
            path = path.removeprefix("statistics/v1/")
        parts = path.split("/")
        if request.method != "GET":
            return problem(405, "Method Not Allowed")
        if parts[0] == "publications":
            return self._publications(parts[1:], request.query)
        if parts[0] == "data-sets" and len(parts) > 1:
            return self._data_set(parts[1], parts[2:], request.query)
        return problem(404, "Not Found")

    def _publications(self, parts: list[str], query: dict[str, str]) -> Response:
        titles = dict.fromkeys([*self.publications, *(d.publication for d in self._all())])
        listed = [{"id": id_of(title), "title": title, "slug": id_of(title)} for title in titles]
        if not parts:
            search = query.get("search")
            if search is not None and len(search) < 3:
                return problem(400, "There are validation errors with the request.")
            words = (search or "").casefold().split()
            found = [one for one in listed
                     if not words or any(word in one["title"].casefold() for word in words)]
            return paged(found, query)
        if parts[0] not in {one["id"] for one in listed}:
            return problem(404, "Not Found")
        if parts[1:] == ["data-sets"]:
            own = [d.describe() for d in self._all() if id_of(d.publication) == parts[0]]
            return paged(own, query)
        return answer(next(one for one in listed if one["id"] == parts[0]))

    def _data_set(self, name: str, parts: list[str], query: dict[str, str]) -> Response:
        found = next((one for one in self._all() if one.id == name), None)
        if found is None:
            return problem(404, "Not Found")
        if not parts:
            return answer(found.describe())
        if parts == ["meta"]:
            heading = found.versions[found.latest].splitlines()[0].lstrip("\ufeff").split(",")
            filters = [{"id": one[:5], "column": one, "label": one} for one in heading[10:]]
            return answer({"filters": filters, "indicators": [], "timePeriods": []})
        if parts == ["versions"]:
            newest_first = [{"version": one, "type": "Minor"} for one in reversed(found.versions)]
            return paged(newest_first, query)
        if parts == ["csv"]:
            version = query.get("dataSetVersion", found.latest)
            if version not in found.versions:
                return problem(404, "Not Found")
            body = found.versions[version].encode("utf-8")
            return Response(body=body, content_type="text/csv", compress=True)
        return problem(404, "Not Found")

    def _all(self) -> list[MadeUp]:
        return list(self.data_sets.values())


def education_routes(catalogue, *, below: str = "", years=YEARS) -> EducationRoutes:
    """Routes that hold every data set of a catalogue's `live.yml`, with made-up figures."""
    made = {}
    for key, data_set in catalogue.live.dfe.data_sets.items():
        series = [i for i in catalogue.indicators.values()
                  if i.source == "dfe" and i.source_id == key]
        text = made_up_csv(catalogue, series, years=years, reporting=bool(data_set.reporting_year))
        made[key] = MadeUp(
            id=data_set.id or id_of(f"{data_set.publication}: {data_set.title}"),
            publication=data_set.publication,
            title=data_set.title,
            versions={data_set.version or "1.0": text},
        )
    return EducationRoutes(made, publications=["Apprenticeships", "School workforce in England"],
                           below=below)


def made_up_csv(catalogue, series, *, years=YEARS, reporting=False) -> str:
    """A CSV as the service gives it: every area, every choice of each filter, every symbol."""
    filters, figures = _columns(series)
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow([*PLACES, *filters, *figures, "not_wanted_count"])
    number = 0
    for year in reversed(years):
        period = [str(year + 1), "Reporting year"] if reporting else [
            f"{year}{(year + 1) % 100:02d}", "Academic year"]
        for place in _places(catalogue):
            for choice in _choices(filters, series, year):
                number += 1
                values = [figure(number, column) for column in figures]
                rows.writerow([*period, *place, *choice, *values, number])
    return "\ufeff" + out.getvalue()


def figure(number: int, column: int | str) -> str:
    """The made-up figure of a row: mostly a number, now and then a symbol."""
    if number % 23 == 0:
        return SYMBOLS[number // 23 % len(SYMBOLS)]
    if any(word in str(column) for word in ("percent", "rate", "average", "avg")):
        return f"{number * 7 % 997 / 10:.1f}"
    return str(1000 + number)


def id_of(title: str) -> str:
    """An id that stays the same; no real one looks like it."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, title))


def _columns(series) -> tuple[dict[str, list[str]], list[str]]:
    """The filters with the labels each has, and the headings of figures."""
    filters, figures = {}, []
    for one in series:
        for column, label in one.pick.items():
            labels = filters.setdefault(column, [])
            if label not in labels:
                labels.append(label)
        figures += [heading for heading in one.columns.values() if heading not in figures]
    return filters, figures


def _places(catalogue):
    country = next(a for a in catalogue.areas if a.type == "country")
    base = [country.code, country.name]
    yield ["National", *base, "", "", "", "", ""]
    for area in catalogue.areas:
        if area.type == "region":
            yield ["Regional", *base, area.code, area.name, "", "", ""]
    for code, name in ELSEWHERE:
        yield ["Regional", *base, code, name, "", "", ""]
    for number, area in enumerate(a for a in catalogue.areas if a.type == "borough"):
        yield ["Local authority", *base, "E12000007", "London", str(200 + number), area.code,
               area.name]  # fmt: skip
    for code, name in OTHERS:
        yield ["Local authority", *base, "E12000001", "North East", "840", code, name]


def _choices(filters, series, year):
    """The rows of one place and year: each series, and for each filter another label."""
    seen = []
    for one in series:
        picked = {column: one.pick.get(column, "Total") for column in filters}
        other = {**picked}
        for column, label in picked.items():
            if label == "*":
                picked[column] = other[column] = "Final" if year < 2024 else "Revised"
        for column in filters:
            if one.pick.get(column) != "*":
                decoy = {**picked, column: f"Not {picked[column]}"}
                seen.append(decoy)
        seen.append(picked)
    unique = [dict(kept) for kept in dict.fromkeys(tuple(one.items()) for one in seen)]
    return [[one[column] for column in filters] for one in unique or [{}]]


def paged(listed: list[dict], query: dict[str, str]) -> Response:
    """A page of a list; a page of more than 20 is an error."""
    page, size = int(query.get("page", "1")), int(query.get("pageSize", "20"))
    if not 1 <= size <= 20 or page < 1:
        return problem(400, "There are validation errors with the request.")
    pages = -(-len(listed) // size)
    paging = {"page": page, "pageSize": size, "totalResults": len(listed), "totalPages": pages}
    return answer({"paging": paging, "results": listed[(page - 1) * size : page * size]})


def answer(told: dict) -> Response:
    """An answer in JSON."""
    return Response(body=json.dumps(told).encode("utf-8"), content_type="application/json")


def problem(status: int, title: str) -> Response:
    """An error as the service words it."""
    told = {"title": title, "type": "about:blank", "status": status, "errors": []}
    return replace(answer(told), status=status, content_type="application/problem+json")

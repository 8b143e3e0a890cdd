"""A layer of an ArcGIS feature service, page by page until it says that there is no more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lbbd_jsna.fetching.root import Root
from lbbd_jsna.fetching.web import Answer, Refused

# The services of the Open Geography portal give 1,000 or 2,000 rows at most.
ROWS_PER_REQUEST = 1000
# Longer lists make addresses that servers and proxies cut off.
CODES_PER_REQUEST = 70
MOST_PAGES = 300
_NO_LAYER = ("invalid url", "not found", "does not exist", "error 404")
GEOJSON = {"outFields": "*", "outSR": "4326", "geometryPrecision": "6", "f": "geojson"}
TABLE = {"outFields": "*", "returnGeometry": "false", "f": "json"}


class NoLayer(Refused):
    """The service has no layer of that name."""


@dataclass(frozen=True)
class Layered:
    """What a layer holds: its features, and the answers they came in."""

    features: list[dict[str, Any]]
    answers: list[Answer]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The properties of each feature, headings in capitals: their case changes."""
        said = (f.get("properties") or f.get("attributes") or {} for f in self.features)
        return [{str(name).upper(): value for name, value in row.items()} for row in said]

    @property
    def body(self) -> bytes:
        """As received where it came in one answer; else the first with every feature in it."""
        if len(self.answers) == 1:
            return self.answers[0].body
        said = self.answers[0].json()
        said.pop("exceededTransferLimit", None)
        if isinstance(said.get("properties"), dict):
            said["properties"].pop("exceededTransferLimit", None)
        whole = {**said, "features": self.features}
        return (json.dumps(whole, ensure_ascii=False) + "\n").encode("utf-8")


def clauses(column: str, codes: Iterable[str]) -> list[str]:
    """`where` clauses that ask for so many codes, at most 70 in each."""
    wanted = sorted(codes)
    chunks = [wanted[i : i + CODES_PER_REQUEST] for i in range(0, len(wanted), CODES_PER_REQUEST)]
    quoted = [",".join(f"'{code}'" for code in chunk) for chunk in chunks]
    return [f"{column} IN ({codes})" for codes in quoted]


def query_of(service: str, where: str, order: str, form: Mapping[str, str], offset: int = 0):
    """Path and parameters of one request.

    Returns
    -------
    str, dict of str to str
    """
    parameters = {
        "where": where,
        **form,
        "orderByFields": order,
        "resultOffset": str(offset),
        "resultRecordCount": str(ROWS_PER_REQUEST),
    }
    return f"{service}/FeatureServer/0/query", parameters


def read_layer(
    root: Root, service: str, *, wheres: Sequence[str], order: str, form: Mapping[str, str]
) -> Layered:
    """Ask for every feature that the clauses find.

    Parameters
    ----------
    root : Root
        Below it lie the services.
    service : str
        The layer's name.
    wheres : sequence of str
        Asked one after the other.
    order : str
        The column the pages are sorted by, without which they may overlap.
    form : mapping
        `GEOJSON` or `TABLE`.

    Returns
    -------
    Layered

    Raises
    ------
    NoLayer
        There is no service of that name.
    Refused
        An error inside an answer of status 200, another kind of answer, or pages that do
        not end.
    Unreachable

    Source
    ------
    ArcGIS REST API, query of a feature service layer: `exceededTransferLimit` stands at the
    top of the answer, or under `properties` in GeoJSON.
    """
    features: list[dict[str, Any]] = []
    answers: list[Answer] = []
    for where in wheres:
        offset = 0
        while True:
            path, parameters = query_of(service, where, order, form, offset)
            answer = root.get(path, parameters, expects="json", absent=_says_no_layer)
            said = _features(answer, service)
            answers.append(answer)
            features += said["features"]
            offset += len(said["features"])
            if not _more(said):
                break
            _check_page(said, service, len(answers))
    return Layered(features, answers)


def said_error(answer: Answer) -> str:
    """The error inside an answer, in its own words; empty where there is none."""
    said = answer.json()
    error = said.get("error") if isinstance(said, dict) else None
    if error is None:
        return ""
    if not isinstance(error, dict):
        return str(error)[:200]
    details = [str(part) for part in error.get("details") or [] if part]
    words = dict.fromkeys(filter(None, [str(error.get("message") or ""), *details]))
    return f"error {error.get('code', '')} ({'; '.join(words)[:200] or 'no reason given'})"


def _says_no_layer(answer: Answer) -> bool:
    """Names it does not know are answered with status 200 and "Invalid URL"."""
    words = said_error(answer).casefold()
    return any(sign in words for sign in _NO_LAYER)


def _features(answer: Answer, service: str) -> dict[str, Any]:
    error = said_error(answer)
    if error:
        kind = NoLayer if _says_no_layer(answer) else Refused
        raise kind(f"{service}: the answer is an {error}")
    said = answer.json()
    if not isinstance(said, dict) or not isinstance(said.get("features"), list):
        raise Refused(f"{service}: the answer holds no list of features; fetch later")
    if not all(isinstance(feature, dict) for feature in said["features"]):
        raise Refused(f"{service}: a feature is not a JSON object; fetch later")
    return said


def _more(said: Mapping[str, Any]) -> bool:
    under = said.get("properties")
    deeper = under.get("exceededTransferLimit") if isinstance(under, dict) else None
    return bool(said.get("exceededTransferLimit") or deeper)


def _check_page(said: Mapping[str, Any], service: str, pages: int) -> None:
    if not said["features"]:
        raise Refused(f"{service}: it says that there is more and gives none; fetch later")
    if pages >= MOST_PAGES:
        raise Refused(f"{service}: more than {MOST_PAGES} pages; is the layer the right one?")


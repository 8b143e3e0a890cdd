"""The Open Geography portal: shapes of wards and small areas, and lookups between them."""

from __future__ import annotations

import datetime as dt
import difflib
import json
import tempfile
from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.catalogue.live import Layer
from lbbd_jsna.errors import JsnaError
from lbbd_jsna.fetching.feature_layers import (
    GEOJSON,
    TABLE,
    Layered,
    NoLayer,
    clauses,
    query_of,
    read_layer,
)
from lbbd_jsna.fetching.job import Job, News, Refusal, news_of
from lbbd_jsna.fetching.root import Root, told
from lbbd_jsna.fetching.standing import last_copy
from lbbd_jsna.fetching.web import FetchError, Missing, Refused, Unreachable
from lbbd_jsna.sources.open_geography import read_boundaries

SOURCE = "open-geography"
VARIABLE = "JSNA_OPEN_GEOGRAPHY_URL"
SHAPES, LOOKUPS = "open-geography", "lookups"
MOST_NAMED = 5
# Numbers that a server gives its rows; they say nothing about the row.
_ROW_NUMBERS = ("OBJECTID", "FID", "GLOBALID")


def address(catalogue: Catalogue) -> str:
    """The portal's address in the catalogue."""
    return catalogue.live.open_geography.address


def steps(catalogue: Catalogue) -> int:
    """One for each layer."""
    return len(catalogue.live.open_geography.layers)


def fetch(job: Job) -> None:
    """Ask for each layer; keep those that hold exactly the areas expected.

    A layer that cannot be had joins `job.refusals`, and the others are kept all the same.

    Raises
    ------
    Unreachable
        No layer was answered.
    """
    root = _root(job)
    lookups: dict[str, Layered] = {}
    silent: list[tuple[str, Layer, Unreachable]] = []
    asked = 0
    for key, layer in job.catalogue.live.open_geography.layers.items():
        job.step(layer.title)
        of_wards = layer.holds == "wards" or layer.wards
        if of_wards and not job.catalogue.wards(layer.vintage):
            job.notes.append(f"{layer.title}: not asked; the catalogue has no such wards")
            continue
        asked += 1
        try:
            _fetch_layer(job, root, key, layer, lookups)
        except Unreachable as error:
            silent.append((key, layer, error))
        except JsnaError as error:
            job.refusals.append(Refusal(layer.title, (key,), told(error)))
    if silent and len(silent) == asked:
        raise silent[0][2]
    job.refusals += [Refusal(layer.title, (key,), told(error)) for key, layer, error in silent]


def check(job: Job) -> list[News]:
    """Whether each layer was edited after it was last fetched; no shapes are downloaded.

    Raises
    ------
    Unreachable
    """
    root = _root(job)
    return [
        news_of(job, layer.title, *_place(key, layer), partial(_news, root, layer))
        for key, layer in job.catalogue.live.open_geography.layers.items()
    ]


def _root(job: Job) -> Root:
    return Root(job.web, usual=address(job.catalogue))


def _place(key: str, layer: Layer) -> tuple[str, str]:
    """The folder and file name of a layer."""
    return (LOOKUPS, f"{key}.json") if layer.holds == "lookup" else (SHAPES, f"{key}.geojson")


def _fetch_layer(
    job: Job, root: Root, key: str, layer: Layer, lookups: dict[str, Layered]
) -> None:
    codes = _expected(job, layer, lookups)
    place = _place(key, layer)
    kept = _kept(job, root, layer, place, codes)
    if kept is not None and not _faults(kept, layer, codes, job.catalogue):
        lookups[key] = kept
        return
    service, found = _ask(job, root, layer, codes)
    faults = _faults(found, layer, codes, job.catalogue)
    if faults:
        raise Refused(f"{service}: " + "; ".join(faults))
    if layer.holds != "lookup":
        _check_shapes(found, key, job.catalogue)
    lookups[key] = found
    licence = job.catalogue.sources[SOURCE].licence
    job.stage.keep(*place, found.body, found.answers, licence=licence, holds=[service])
    if not layer.verified or service != layer.service:
        job.notes.append(
            f"{layer.title}: the portal calls it {service}; in catalogue/live.yml write "
            "that name and verified: true"
        )


def _kept(
    job: Job, root: Root, layer: Layer, place: tuple[str, str], codes: set[str]
) -> Layered | None:
    """What today's fetch or one that was stopped has received of the layer."""
    for service in (layer.service, *layer.also):
        path, parameters = query_of(service, _wheres(job, layer, codes)[0], *_form(layer))
        for url in root.url(path, parameters):
            body = job.stage.kept(*place, url)
            if body is not None:
                return Layered(json.loads(body)["features"], [])
    return None


def _ask(job: Job, root: Root, layer: Layer, codes: set[str]) -> tuple[str, Layered]:
    """The layer under the first of its names that the portal knows."""
    order, form = _form(layer)
    for service in (layer.service, *layer.also):
        try:
            found = read_layer(
                root, service, wheres=_wheres(job, layer, codes), order=order, form=form
            )
        except (NoLayer, Missing):
            continue
        return service, found
    raise NoLayer(_no_layer(root, layer, address(job.catalogue)))


def _form(layer: Layer) -> tuple[str, dict[str, str]]:
    return layer.code, TABLE if layer.holds == "lookup" else GEOJSON


def _wheres(job: Job, layer: Layer, codes: set[str]) -> list[str]:
    if layer.where:
        return [f"{layer.where}='{job.catalogue.settings.area}'"]
    return clauses(layer.code, codes)


def _no_layer(root: Root, layer: Layer, usual: str) -> str:
    asked = " or ".join((layer.service, *layer.also))
    close = _names_like(root, layer.service)
    near = f"; it has {', '.join(close)}" if close else ""
    return (
        f"the portal has no layer called {asked}{near}; names change with every edition: find "
        f"today's at {usual}?f=json and put it in catalogue/live.yml"
    )


def _names_like(root: Root, service: str) -> list[str]:
    """Names in the portal's own list that are near the one wanted; none without the list."""
    try:
        said = root.get("", {"f": "json"}, expects="json").json()
    except FetchError:
        return []
    listed = said.get("services") if isinstance(said, dict) else None
    names = [str(one.get("name", "")) for one in listed or [] if isinstance(one, dict)]
    return difflib.get_close_matches(service, names, n=3, cutoff=0.6)


def _expected(job: Job, layer: Layer, lookups: dict[str, Layered]) -> set[str]:
    """The codes a layer must hold, and no others; empty for a lookup."""
    if layer.codes_from:
        return _codes_of(job, layer.codes_from, lookups)
    if layer.holds == "wards":
        return set(job.catalogue.wards(layer.vintage))
    return set(job.catalogue.league.areas) if layer.holds == "boroughs" else set()


def _codes_of(job: Job, key: str, lookups: dict[str, Layered]) -> set[str]:
    """The codes of a lookup: of this fetch, or of its last good copy.

    Raises
    ------
    Unreachable
        There is neither, so nothing can be asked.
    """
    layer = job.catalogue.live.open_geography.layers[key]
    found = lookups.get(key)
    if found is None:
        path = last_copy(job.raw, *_place(key, layer))
        if path is None:
            raise Unreachable(f"it is asked by the codes of {layer.title}: never received")
        said = json.loads(path.read_text(encoding="utf-8-sig"))
        found = Layered(said["features"], [])
    return {str(row[layer.code.upper()]) for row in found.rows}


def _faults(found: Layered, layer: Layer, codes: set[str], catalogue: Catalogue) -> list[str]:
    """Why what was received is not what was asked for."""
    rows = found.rows
    if not rows:
        return ["no rows; has the portal renamed its columns?"]
    lacking = [c for c in (layer.code, layer.where, layer.wards) if c and c.upper() not in rows[0]]
    if lacking:
        return [f"no column {', '.join(lacking)} (columns: {', '.join(sorted(rows[0]))})"]
    values = _column(rows, layer.code)
    faults = _repeats(rows, values, layer)
    if codes:
        faults += _differences(set(values), codes, "areas")
    if layer.where:
        others = set(_column(rows, layer.where)) - {catalogue.settings.area}
        faults += [f"rows of other boroughs: {_named(others)}"] if others else []
    if layer.wards:
        wards = set(catalogue.wards(layer.vintage))
        faults += _differences(set(_column(rows, layer.wards)), wards, "wards")
    return faults


def _column(rows: list[dict[str, Any]], name: str) -> list[str]:
    return [str(row.get(name.upper()) or "").strip() for row in rows]


def _repeats(rows: list[dict[str, Any]], values: list[str], layer: Layer) -> list[str]:
    """Areas that come twice; an area may be in a lookup twice, but not the same pair."""
    if layer.holds == "lookup" and not layer.wards:
        plain = [{k: v for k, v in row.items() if k not in _ROW_NUMBERS} for row in rows]
        values = [json.dumps(row, sort_keys=True) for row in plain]
    twice = [value for value, count in Counter(values).items() if count > 1]
    if not twice:
        return []
    named = _named(twice) if layer.holds != "lookup" or layer.wards else f"{len(twice)} rows"
    return [f"given more than once: {named}; do its pages overlap?"]


def _differences(found: set[str], wanted: set[str], what: str) -> list[str]:
    faults = []
    if wanted - found:
        faults.append(f"{len(wanted - found)} of {len(wanted)} {what} missing: "
                      + _named(wanted - found))  # fmt: skip
    if found - wanted:
        faults.append(f"{what} that were not asked for: {_named(found - wanted)}")
    return faults


def _named(codes: Iterable[str]) -> str:
    listed = sorted(code or "a blank" for code in codes)
    more = f" and {len(listed) - MOST_NAMED} more" if len(listed) > MOST_NAMED else ""
    return ", ".join(listed[:MOST_NAMED]) + more


def _check_shapes(found: Layered, key: str, catalogue: Catalogue) -> None:
    """Refuse now what the pack's own reader of boundaries would refuse later."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{key}.geojson"
        path.write_bytes(found.body)
        read_boundaries(path, name=path.name, catalogue=catalogue)


def _news(root: Root, layer: Layer, sidecar: dict[str, Any]) -> News:
    """What the layer says of its last edit; it need not say anything."""
    service = next(iter(sidecar.get("holds") or []), layer.service)
    try:
        said = root.get(f"{service}/FeatureServer/0", {"f": "json"}, expects="json").json()
    except Refused as error:
        return News(layer.title, "unknown", error.message)
    info = said.get("editingInfo") if isinstance(said, dict) else None
    edited = info.get("lastEditDate") if isinstance(info, dict) else None
    if not isinstance(edited, int):
        return News(layer.title, "unknown", "the portal does not say when it was last edited")
    day = dt.datetime.fromtimestamp(edited / 1000, dt.UTC).date()
    fetched = str(sidecar.get("time", ""))[:10]
    detail = f"last edited {day.isoformat()}, fetched {fetched}"
    return News(layer.title, "new" if day.isoformat() > fetched else "unchanged", detail)

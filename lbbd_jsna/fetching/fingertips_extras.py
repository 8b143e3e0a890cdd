"""What Fingertips says besides figures: area types, metadata, dates of upload. All optional."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from lbbd_jsna.catalogue.live import FingertipsAreaType
from lbbd_jsna.fetching.fingertips_names import Names
from lbbd_jsna.fetching.job import Job
from lbbd_jsna.fetching.root import Root
from lbbd_jsna.fetching.web import FetchError, Missing, Refused, Unreachable
from lbbd_jsna.sources.csv_files import tidy
from lbbd_jsna.sources.fingertips import SOURCE
from lbbd_jsna.sources.fingertips_rows import ID

AREA_TYPES = "area_types"
METADATA = "indicator_metadata/csv/by_indicator_id"
CHANGES = "data_changes"
FOLDER = "fingertips-metadata"
# A year in brackets at the end moves on: "Electoral Wards (2024)".
_YEAR = re.compile(r" \([0-9]{4}\)$")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:]{5,8})?")
_POLARITIES = {
    "high is good": "high_is_good",
    "low is good": "low_is_good",
    "blue orange blue": "no_judgement",
    "bob": "no_judgement",
    "not applicable": "no_judgement",
}


def area_type_ids(job: Job, root: Root) -> dict[str, str]:
    """Find the ids of the area types by their names; the pinned ones where that fails.

    Parameters
    ----------
    job : Job
        A note is added for each that was not found, or whose id has changed.
    root : Root

    Returns
    -------
    dict of str to str
        By `boroughs`, `regions` and `wards`.
    """
    service = job.catalogue.live.fingertips
    pinned = {"boroughs": service.boroughs, "regions": service.regions, "wards": service.wards}
    try:
        listed = list(_named(root.get(AREA_TYPES, expects="json").json()))
    except FetchError as error:
        job.notes.append(f"Fingertips: area types taken from live.yml, unconfirmed: {error}")
        return {key: str(wanted.id) for key, wanted in pinned.items()}
    return {key: _found(wanted, listed, job) for key, wanted in pinned.items()}


def _named(told: Any) -> Iterator[tuple[str, str]]:
    """Name and id of each area type, by its long and its short name."""
    for one in told if isinstance(told, list) else []:
        if isinstance(one, dict) and str(one.get("Id", "")).isdigit():
            for key in ("Name", "Short"):
                if isinstance(one.get(key), str):
                    yield _plain(one[key]), str(one["Id"])


def _found(wanted: FingertipsAreaType, listed: list[tuple[str, str]], job: Job) -> str:
    ids = sorted({one for name, one in listed if name == _plain(wanted.name)}, key=int)
    if str(wanted.id) in ids:
        return str(wanted.id)
    if len(ids) == 1:
        job.notes.append(
            f'Fingertips: the area type "{wanted.name}" is {ids[0]} now; mend its id in live.yml '
            f"({wanted.id})"
        )
        return ids[0]
    found = f"are {', '.join(ids)}" if ids else "is none"
    job.notes.append(
        f'Fingertips: of the area types there {found} called "{wanted.name}"; {wanted.id} of '
        "live.yml was used"
    )
    return str(wanted.id)


def _plain(name: str) -> str:
    return _YEAR.sub("", tidy(name)).casefold()


def keep_metadata(job: Job, root: Root, names: Names, ids: list[str]) -> None:
    """Keep what the publisher says about the accepted ids; note where polarities differ.

    Parameters
    ----------
    job : Job
        Its stage receives `fingertips-metadata/metadata-01.csv` and so on; what cannot be had
        is a note.
    root : Root
    names : Names
    ids : list of str
        Accepted ids.
    """
    ordered = sorted(ids, key=int)
    most = job.catalogue.live.fingertips.ids_per_request
    for number, start in enumerate(range(0, len(ordered), most), start=1):
        chunk = ordered[start : start + most]
        try:
            text = _metadata(job, root, f"metadata-{number:02d}.csv", chunk)
            job.notes.extend(_polarity_notes(text, names))
        except FetchError as error:
            job.notes.append(f"Fingertips: nothing was learnt about {', '.join(chunk)}: {error}")


def _metadata(job: Job, root: Root, name: str, ids: list[str]) -> str:
    parameters = {"indicator_ids": ",".join(ids)}
    for one in root.url(METADATA, parameters):
        body = job.stage.kept(FOLDER, name, one)
        if body is not None:
            return body.decode("utf-8-sig")
    answer = root.get(METADATA, parameters, expects="csv")
    held = {tidy(row.get(ID) or "") for row in _records(answer.text)}
    if not held & set(ids):
        raise Refused(f"{METADATA}: no row of any of the ids")
    licence = job.catalogue.sources[SOURCE].licence
    job.stage.keep(
        FOLDER, name, answer.body, [answer], licence=licence, holds=sorted(held & set(ids))
    )
    return answer.text


def _records(text: str) -> list[dict[str, str]]:
    try:
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise Refused(f"{METADATA}: not CSV, or cut off ({error})") from error


def _polarity_notes(text: str, names: Names) -> Iterator[str]:
    for row in _records(text):
        said = tidy(row.get("Polarity") or "")
        meant = next((ours for word, ours in _POLARITIES.items() if word in said.casefold()), "")
        for indicator in names.of.get(tidy(row.get(ID) or ""), ()):
            if meant and meant != indicator.polarity:
                yield (
                    f'Fingertips {row[ID].strip()} ({indicator.id}): polarity "{said}" at the '
                    f"publisher, {indicator.polarity} in the catalogue; which is right?"
                )


def uploads(job: Job, root: Root, ids: list[str]) -> dict[str, str]:
    """When the publisher last uploaded figures of each id, where it says.

    Parameters
    ----------
    job : Job
        A note is added where it does not say.
    root : Root
    ids : list of str

    Returns
    -------
    dict of str to str
        ISO times, without a zone, by id.
    """
    job.step("Fingertips: dates of upload")
    try:
        found = _uploads_together(root, ids)
    except (Missing, Unreachable) as error:
        job.notes.append(f"Fingertips: no dates of upload: {error}")
        return {}
    for one in [one for one in ids if one not in found]:
        try:
            found[one] = _latest(root.get(CHANGES, {"indicator_id": one}, expects="json").json())
        except FetchError as error:
            job.notes.append(f"Fingertips: no date of upload for {one}: {error}")
            if not found or isinstance(error, Unreachable):
                return found
    return found


def _uploads_together(root: Root, ids: list[str]) -> dict[str, str]:
    """All dates in one request, where the service takes a list of ids and answers by id."""
    try:
        told = root.get(CHANGES, {"indicator_ids": ",".join(ids)}, expects="json").json()
    except Missing:
        raise
    except Refused:
        return {}
    by_id = told if isinstance(told, dict) else {}
    return {one: when for one in ids if one in by_id and (when := _latest(by_id[one]))}


def _latest(told: Any) -> str:
    """The latest time in an answer: that of uploads where one is called so, else of all."""
    times = list(_times(told, ""))
    uploaded = [time for key, time in times if "upload" in key.casefold()]
    return max(uploaded or [time for _, time in times], default="")


def _times(told: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(told, dict):
        for name, inner in told.items():
            yield from _times(inner, name)
    elif isinstance(told, list):
        for inner in told:
            yield from _times(inner, key)
    elif isinstance(told, str) and (found := _TIME.match(told)):
        yield key, found[0]

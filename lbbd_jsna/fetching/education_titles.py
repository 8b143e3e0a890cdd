"""Data sets of Explore Education Statistics: what the service says of them, and their ids."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lbbd_jsna.catalogue.live import DataSet
from lbbd_jsna.fetching.root import Root
from lbbd_jsna.fetching.web import Answer, Refused

PAGE_SIZE = 20  # the service refuses more
MOST_PAGES = 50
MOST_NAMED = 3
_VERSION = re.compile(r"\d+(\.\d+)*")
_MARKS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-"})


@dataclass(frozen=True)
class Described:
    """What the service says of a data set.

    Parameters
    ----------
    id, title : str
    version : str
        The latest, or empty where it is not said.
    rows : int
        How many rows the latest version has, or 0 where it is not said.
    superseded_by : str
        The id of the data set that took its place, or empty.
    """

    id: str
    title: str
    version: str = ""
    rows: int = 0
    superseded_by: str = ""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Described:
        """As an answer has it; what is missing or of another kind is left empty."""
        latest = told.get("latestVersion")
        latest = latest if isinstance(latest, dict) else {"version": latest}
        rows = latest.get("totalResults")
        return cls(
            id=str(told.get("id") or ""),
            title=str(told.get("title") or told.get("name") or ""),
            version=_version(latest.get("version")),
            rows=rows if isinstance(rows, int) else 0,
            superseded_by=str(told.get("supersedingDataSetId") or ""),
        )


class Directory:
    """The publications and data sets of the service, each list asked for once.

    Parameters
    ----------
    root : Root
    """

    def __init__(self, root: Root) -> None:
        self._root = root
        self._lists: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def describe(self, data_set_id: str) -> Described:
        """What the service says of a data set, by its id.

        Raises
        ------
        Missing, Refused, Unreachable
        """
        answer = self._root.get(f"data-sets/{data_set_id}", expects="json")
        told = answer.json()
        if not isinstance(told, dict):
            raise Refused(f"{answer.address}: not a description of a data set; fetch later")
        return Described.of(told)

    def latest_version(self, data_set_id: str) -> str:
        """The latest version: as the description says it, else from the list of versions.

        Raises
        ------
        Missing, Refused, Unreachable
        """
        try:
            version = self.describe(data_set_id).version
        except Refused:
            version = ""
        if version:
            return version
        told = self._listed(f"data-sets/{data_set_id}/versions")
        versions = [_version(one.get("version")) for one in told]
        return max(versions, key=version_key, default="")

    def find(self, data_set: DataSet) -> Described:
        """Look a data set up by the titles of its publication and of itself.

        Raises
        ------
        Refused
            No publication or data set has the title, or several have; the nearest are named.
        Unreachable
        """
        publication = self._publication(data_set.publication)
        listed = self._listed(f"publications/{publication['id']}/data-sets")
        told = _only(listed, data_set.title, f'the publication "{data_set.publication}"')
        return Described.of(told)

    def _publication(self, title: str) -> dict[str, Any]:
        found = self._listed("publications", search=title)
        if not any(same_title(_title(one), title) for one in found):
            found = self._listed("publications")  # for a search that finds too little
        return _only(found, title, "the service")

    def _listed(self, path: str, *, search: str = "") -> list[dict[str, Any]]:
        key = (path, search)
        if key not in self._lists:
            self._lists[key] = list(self._pages(path, {"search": search} if search else {}))
        return self._lists[key]

    def _pages(self, path: str, asked: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        for page in range(1, MOST_PAGES + 1):
            paging = {"page": str(page), "pageSize": str(PAGE_SIZE)}
            answer = self._root.get(path, {**asked, **paging}, expects="json")
            results, pages = _page(answer)
            yield from results
            if page >= pages:
                return
        raise Refused(f"{answer.address}: more than {MOST_PAGES} pages, which cannot be right")


def same_title(one: str, other: str) -> bool:
    """Whether two titles are the same but for case, white space and the shape of quotes."""
    return _plain(one) == _plain(other)


def version_key(version: str) -> tuple[int, ...]:
    """For comparing versions: 2.0 is 2 and comes after 1.10."""
    numbers = [int(part) for part in version.split(".") if part.isdigit()]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _page(answer: Answer) -> tuple[list[dict[str, Any]], int]:
    """The results of a page, and how many pages there are."""
    told = answer.json()
    results = told.get("results") if isinstance(told, dict) else told
    if not isinstance(results, list) or not all(isinstance(one, dict) for one in results):
        raise Refused(f"{answer.address}: not a list of results; fetch later")
    paging = told.get("paging") if isinstance(told, dict) else None
    pages = paging.get("totalPages") if isinstance(paging, dict) else None
    return results, pages if isinstance(pages, int) else 1


def _only(listed: list[dict[str, Any]], title: str, where: str) -> dict[str, Any]:
    """The one entry of a title; the nearest titles where there is none."""
    same = [one for one in listed if one.get("id") and same_title(_title(one), title)]
    found = {str(one["id"]): one for one in same}
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise Refused(
            f'{where} has "{title}" {len(found)} times: ids {", ".join(sorted(found))}; '
            "put the id that is meant into catalogue/live.yml"
        )
    titles = {_plain(_title(one)): _title(one) for one in listed}
    close = difflib.get_close_matches(_plain(title), titles, n=MOST_NAMED, cutoff=0.0)
    nearest = ", ".join(f'"{titles[one]}"' for one in close)
    raise Refused(
        f'{where} has nothing called "{title}"; '
        + (f"the nearest are {nearest}" if close else "it lists nothing")
        + "; put the right title into catalogue/live.yml"
    )


def _title(told: Mapping[str, Any]) -> str:
    return str(told.get("title") or told.get("name") or "")


def _plain(title: str) -> str:
    return " ".join(title.translate(_MARKS).casefold().split())


def _version(told: object) -> str:
    text = str(told) if isinstance(told, (str, int, float)) else ""
    return text if _VERSION.fullmatch(text) else ""

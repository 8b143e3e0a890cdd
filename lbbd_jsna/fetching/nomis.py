"""Nomis: claimant count, mid-year population and Census tables, by borough and by ward."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.catalogue.live import NomisTable
from lbbd_jsna.errors import ExtractError, Fault, JsnaError
from lbbd_jsna.fetching.job import Job, News, Refusal, news_of
from lbbd_jsna.fetching.nomis_pages import (
    Table,
    columns_lacking,
    read_table,
    request_of,
    table_faults,
)
from lbbd_jsna.fetching.root import Root, told
from lbbd_jsna.fetching.standing import last_copy
from lbbd_jsna.fetching.web import Refused, Unreachable
from lbbd_jsna.sources.nomis import WrongTable, read_nomis, series_of
from lbbd_jsna.sources.nomis_rows import read_rows

SOURCE = "nomis"
VARIABLE = "JSNA_NOMIS_URL"
FOLDER = "nomis"


def address(catalogue: Catalogue) -> str:
    """The address of the API in the catalogue."""
    return catalogue.live.nomis.address


def steps(catalogue: Catalogue) -> int:
    """One for each table."""
    return len(catalogue.tables(SOURCE))


def fetch(job: Job) -> None:
    """Ask for each table; keep those that hold every area, once, and no figure unexplained.

    A table that cannot be had joins `job.refusals`, and the others are kept all the same.

    Raises
    ------
    ExtractError
        An id of the catalogue is that of another dataset; every such id is named.
    Unreachable
        No table was answered.
    """
    root = Root(job.web, usual=address(job.catalogue))
    titles = _Titles(job, root)
    tables = _tables(job)
    wrong = [f for key, table in tables.items() for f in titles.faults(key, table, table.id)]
    _stop_if(wrong)
    silent: list[tuple[str, NomisTable, Unreachable]] = []
    for key, table in tables.items():
        job.step(table.title)
        try:
            _fetch_table(job, root, key, table, titles)
        except Unreachable as error:
            silent.append((key, table, error))
        except JsnaError as error:
            if isinstance(error, WrongTable) and not titles.title(table.id):
                wrong += error.faults
                continue
            job.refusals.append(Refusal(table.title, (key,), told(error)))
    _stop_if(wrong)
    if silent and len(silent) == len(tables):
        raise silent[0][2]
    job.refusals += [Refusal(table.title, (key,), told(error)) for key, table, error in silent]
    titles.note()


def check(job: Job) -> list[News]:
    """Whether each dataset was updated after it was last fetched, by its definition.

    Raises
    ------
    Unreachable
    """
    titles = _Titles(job, Root(job.web, usual=address(job.catalogue)))
    return [
        news_of(job, table.title, FOLDER, f"{key}.csv", partial(_news, titles, table))
        for key, table in job.catalogue.tables(SOURCE).items()
    ]


def _tables(job: Job) -> dict[str, NomisTable]:
    """The tables whose areas the catalogue has."""
    tables = job.catalogue.tables(SOURCE)
    if job.catalogue.wards(job.catalogue.live.nomis.wards.vintage):
        return tables
    wanted = dict(tables)
    for key, table in tables.items():
        if "wards" in table.areas:
            job.notes.append(f"{table.title}: not asked; the catalogue has no such wards")
            del wanted[key]
    return wanted


def _stop_if(wrong: list[Fault]) -> None:
    if wrong:
        raise ExtractError("ids of Nomis in the catalogue are not those of its tables", wrong)


def _fetch_table(job: Job, root: Root, key: str, table: NomisTable, titles: _Titles) -> None:
    first: JsnaError | None = None
    for dataset in filter(None, (table.id, table.also)):
        if _is_kept(job, root, key, table, dataset):
            return
        try:
            found = _accepted(job, root, key, table, dataset, titles)
        except Unreachable:
            raise
        except JsnaError as error:
            # Where the title was right, the dataset has changed; else the id may be wrong.
            if isinstance(error, WrongTable) and not titles.title(dataset):
                raise
            first = first or error
            continue
        licence = job.catalogue.sources[SOURCE].licence
        name = f"{key}.csv"
        job.stage.keep(FOLDER, name, found.body, found.answers, licence=licence, holds=[dataset])
        if not table.verified or dataset != table.id:
            job.notes.append(
                f"{table.title}: Nomis gives it as {dataset}{titles.quoted(dataset)}; in "
                "catalogue/live.yml write that id and verified: true"
            )
        return
    raise first


def _is_kept(job: Job, root: Root, key: str, table: NomisTable, dataset: str) -> bool:
    """Whether today's fetch, or one that was stopped, has the table already."""
    urls = root.url(*request_of(job.catalogue, table, dataset))
    return any(job.stage.kept(FOLDER, f"{key}.csv", url) is not None for url in urls)


def _accepted(
    job: Job, root: Root, key: str, table: NomisTable, dataset: str, titles: _Titles
) -> Table:
    """The whole table, checked; what the pack's reader would refuse later is refused now."""
    if dataset != table.id and titles.faults(key, table, dataset):
        raise Refused(f"{dataset} is {titles.quoted(dataset).strip()}")
    name = f"{key}.csv"
    found = read_table(root, job.catalogue, table, dataset, name=name)
    lacking = columns_lacking(found, table, name=name)
    if lacking:
        raise WrongTable(f"{dataset} is not what was asked for", lacking)
    faults = table_faults(found, table, catalogue=job.catalogue, name=name)
    faults += _fewer_periods(job, found, name)
    if faults:
        raise ExtractError(f"{dataset} is not what was asked for", faults)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(found.body)
        read, _ = read_nomis(path, name=name, catalogue=job.catalogue)
    without = {i.id for i in series_of(job.catalogue, key)} - set(read["indicator"])
    if without:
        raise Refused(f"{dataset}: no figure for {', '.join(sorted(without))}")
    return found


def _fewer_periods(job: Job, found: Table, name: str) -> list[Fault]:
    """A table that reaches less far than its last good copy was cut short."""
    path = last_copy(job.raw, FOLDER, name)
    if path is None:
        return []
    before = {row.period for row in read_rows(path.read_text(encoding="utf-8-sig"), name=name)}
    now = {row.period for row in found.rows}
    if len(now) >= len(before):
        return []
    expected = f"{len(before)}, as in {path.parent.name}"
    return [Fault(name, f"{len(now)} periods", expected, "has Nomis taken some away?")]


class _Titles:
    """What Nomis calls its datasets, asked once each; it need not say."""

    def __init__(self, job: Job, root: Root) -> None:
        self._job, self._root = job, root
        self._families: dict[str, dict[str, Any]] = {}
        self._silent: Unreachable | None = None

    def family(self, dataset: str) -> dict[str, Any]:
        """The definition of a dataset; empty where it cannot be had."""
        if dataset not in self._families:
            self._families[dataset] = {} if self._silent else self._ask(dataset)
        return self._families[dataset]

    def title(self, dataset: str) -> str:
        """Its title; empty where it cannot be had."""
        name = self.family(dataset).get("name")
        said = name.get("value") if isinstance(name, dict) else name
        return " ".join(str(said or "").split())

    def quoted(self, dataset: str) -> str:
        """Its title for a message: ` "TS054 - Tenure"`, or nothing."""
        title = self.title(dataset)
        return f' "{title[:100]}"' if title else ""

    def updated(self, dataset: str) -> str:
        """The day it was last updated, `2026-10-13`; empty where it does not say."""
        notes = self.family(dataset).get("annotations")
        listed = notes.get("annotation") if isinstance(notes, dict) else None
        for one in listed if isinstance(listed, list) else []:
            heading = str(one.get("annotationtitle", "")).replace(" ", "").casefold()
            if heading == "lastupdated":
                return str(one.get("annotationtext", ""))[:10]
        return ""

    def faults(self, key: str, table: NomisTable, dataset: str) -> list[Fault]:
        """The dataset is called otherwise than the catalogue says."""
        title = self.title(dataset)
        missing = [w for w in table.title_words if w.casefold() not in title.casefold()]
        if not title or not missing:
            return []
        words = ", ".join(f'"{word}"' for word in table.title_words)
        return [
            Fault(
                f"catalogue/live.yml, nomis, {key}",
                f"{dataset} is{self.quoted(dataset)}",
                f"{words} in the title",
                "give the id of the right dataset",
            )
        ]

    def note(self) -> None:
        """Say which titles could not be checked."""
        unknown = sorted(dataset for dataset in self._families if not self.title(dataset))
        if unknown:
            self._job.notes.append(
                f"Nomis did not say the titles of {', '.join(unknown)}; its tables were told "
                "by their columns and names alone"
            )

    def _ask(self, dataset: str) -> dict[str, Any]:
        try:
            answer = self._root.get(f"dataset/{dataset}.def.sdmx.json", expects="json")
            said = answer.json()
        except Refused:
            return {}
        except Unreachable as error:
            # The data may be answered all the same; its other definitions are not waited for.
            self._silent = error
            return {}
        for name in ("structure", "keyfamilies", "keyfamily"):
            said = said.get(name) if isinstance(said, dict) else None
        family = said[0] if isinstance(said, list) and said else said
        return family if isinstance(family, dict) else {}


def _news(titles: _Titles, table: NomisTable, sidecar: dict[str, Any]) -> News:
    dataset = next(iter(sidecar.get("holds") or []), table.id)
    updated, fetched = titles.updated(dataset), str(sidecar.get("time", ""))[:10]
    if not updated:
        return News(table.title, "unknown", "Nomis does not say when it was last updated")
    detail = f"last updated {updated}, fetched {fetched}"
    return News(table.title, "new" if updated > fetched else "unchanged", detail)

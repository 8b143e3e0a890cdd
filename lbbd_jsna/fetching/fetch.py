"""One fetch: every service in turn, what is accepted published, what is not recorded."""

from __future__ import annotations

import datetime as dt
import importlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.disk import check_room, hold_lock, plain_disk_errors
from lbbd_jsna.errors import JsnaError, RunError, nearest
from lbbd_jsna.fetching.job import Job, News, Refusal, Service
from lbbd_jsna.fetching.recording import publish, tell
from lbbd_jsna.fetching.staging import Stage
from lbbd_jsna.fetching.standing import last_good
from lbbd_jsna.fetching.web import FetchError, Web
from lbbd_jsna.sources.fetched import Fetched, write_fetched
from lbbd_jsna.stopping import stoppable

UNCHANGED = "the raw files received earlier are as they were"
STOPPED = (
    "What was received before is as it was; what had been accepted is kept, and the next "
    "jsna fetch carries on from there."
)
SERVICES = {
    "fingertips": ("Fingertips", "lbbd_jsna.fetching.fingertips"),
    "open-geography": ("Open Geography", "lbbd_jsna.fetching.open_geography"),
    "nomis": ("Nomis", "lbbd_jsna.fetching.nomis"),
    "dfe": ("Explore Education Statistics", "lbbd_jsna.fetching.education"),
}
"""In the order they are asked: the key in `sources.yml`, the name in messages, the module."""


@dataclass(frozen=True)
class Received:
    """What came of one source.

    Parameters
    ----------
    source, title : str
    files : tuple of Path
        Published by this fetch, without their sidecars.
    bytes : int
        Of those files.
    wanted : bool
        Whether the catalogue names anything of it.
    already : int
        Files that had been received earlier today and were not asked for again.
    refusals : tuple of (Refusal, str)
        What was not received, with the day of the good copy that stands or nothing.
    notes : tuple of str
    error : JsnaError or None
        The catalogue asks for the wrong thing: nothing of the source was accepted.
    """

    source: str
    title: str
    wanted: bool = True
    files: tuple[Path, ...] = ()
    bytes: int = 0
    already: int = 0
    refusals: tuple[tuple[Refusal, str], ...] = ()
    notes: tuple[str, ...] = ()
    error: JsnaError | None = None


@dataclass(frozen=True)
class FetchResult:
    """What a fetch did: each source in turn, and the file of what changed if any figure came."""

    sources: tuple[Received, ...]
    changes: Path | None = None

    @property
    def exit_code(self) -> int:
        """0 all received; 3 something was not, and its last good copy stands; 1 asked wrongly."""
        if any(one.error for one in self.sources):
            return 1
        return 3 if any(one.refusals for one in self.sources) else 0


def fetch_all(
    *,
    raw: Path,
    catalogue: Catalogue,
    processed: Path,
    only: Iterable[str] = (),
    today: dt.date,
    now: dt.datetime,
    console: Console | None = None,
) -> FetchResult:
    """Bring everything published that the catalogue names into the raw folder.

    Parameters
    ----------
    raw : Path
        The folder of raw extracts. Each source's files appear in it by one rename.
    catalogue : Catalogue
    processed : Path
        `changes/<today>.csv` below it says what changed in the figures.
    only : iterable of str, optional
        Keys of SERVICES; all when empty.
    today : date
        Names the dated folders.
    now : datetime
        When this was tried, for the record.
    console : rich Console, optional

    Returns
    -------
    FetchResult

    Raises
    ------
    RunError
        Before anything is asked: an unknown source, an address that is none, a folder in use
        or not to be written to. On the way: the disk is full, or Ctrl-C. Files received
        earlier are as they were in every case.
    """
    screen = console or Console(quiet=True)
    services = _services(only)
    with stoppable(STOPPED), plain_disk_errors(UNCHANGED):
        webs = _webs(services, catalogue)
        check_room(raw, unchanged=UNCHANGED)
        with hold_lock(raw, purpose="jsna fetch"):
            jobs = {
                key: Job(catalogue, webs[key], Stage(raw, key, today=today), raw, lambda _: None)
                for key in services
            }
            tables: dict[str, pd.DataFrame | None] = {}
            try:
                results = _fetch_each(services, jobs, tables, now, screen)
            finally:  # what the first sources changed is told when the next one is stopped
                told = tell(tables, raw=raw, processed=processed, today=today, console=screen)
            return FetchResult(results, told)


def _fetch_each(
    services: Mapping[str, Service],
    jobs: Mapping[str, Job],
    tables: dict[str, pd.DataFrame | None],
    now: dt.datetime,
    screen: Console,
) -> tuple[Received, ...]:
    """Fetch from each service in turn; what changed joins `tables` on the way."""
    results = []
    total = sum(service.steps(jobs[key].catalogue) for key, service in services.items())
    with _progress(screen, total) as step:
        for key, service in services.items():
            job = replace(jobs[key], step=step)
            result, tables[key] = _fetch_one(service, job)
            _record(job.raw, result, now)
            results.append(result)
    return tuple(results)


def check_all(
    *,
    raw: Path,
    catalogue: Catalogue,
    only: Iterable[str] = (),
    today: dt.date,
) -> dict[str, list[News]]:
    """Ask every service what is new, without its data and without writing anything.

    Returns
    -------
    dict of str to list of News
        By the service's name in messages. A service that does not answer is `unknown`.
    """
    services = _services(only)
    webs = _webs(services, catalogue)
    news: dict[str, list[News]] = {}
    with stoppable("Nothing was fetched or changed."), plain_disk_errors(UNCHANGED):
        for key, service in services.items():
            title = SERVICES[key][0]
            job = Job(catalogue, webs[key], Stage(raw, key, today=today), raw, lambda _: None)
            try:
                news[title] = service.check(job)
            except JsnaError as error:
                news[title] = [News(title, "unknown", str(error))]
    return news


def _services(only: Iterable[str]) -> dict[str, Service]:
    wanted = tuple(only)
    for name in wanted:
        if name not in SERVICES:
            raise RunError(f'"{name}" is not a source to fetch; {nearest(name, SERVICES)}')
    return {
        key: importlib.import_module(module)
        for key, (_, module) in SERVICES.items()
        if not wanted or key in wanted
    }


def _webs(services: Mapping[str, Service], catalogue: Catalogue) -> dict[str, Web]:
    manners = catalogue.live.manners
    return {
        key: Web(_address(service, catalogue), title=SERVICES[key][0], manners=manners)
        for key, service in services.items()
    }


def _address(service: Service, catalogue: Catalogue) -> str:
    """The address of a service: the environment's, else the catalogue's."""
    given = os.environ.get(service.VARIABLE, "").strip()
    address = given or service.address(catalogue)
    where = service.VARIABLE if given else "live.yml"
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RunError(
            f'{where} names "{address}", which is not an address; write it like https://host/path'
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise RunError(
            f"the address in {where} holds a name, a password or parameters; addresses are "
            "written down beside the files, so it must not"
        )
    return address


def _fetch_one(service: Service, job: Job) -> tuple[Received, pd.DataFrame | None]:
    """Fetch from one service and publish what it accepted; its failures stay its own."""
    try:
        service.fetch(job)
    except FetchError as error:
        job.refusals.append(_rest(job, str(error)))
    except JsnaError as error:
        job.stage.discard()
        job.refusals.append(_rest(job, error.message))
        return _received(job, [], error=error), None
    files, changed = publish(job)
    return _received(job, files, wanted=service.steps(job.catalogue) > 0), changed


def _rest(job: Job, why: str) -> Refusal:
    """Everything of a source, where it is not known to have been received."""
    source = job.stage.source
    ids = {one.source_id for one in job.catalogue.indicators.values() if one.source == source}
    if source == "open-geography":
        ids |= set(job.catalogue.live.open_geography.layers)
    what = "the rest of" if job.stage.held else "all of"
    return Refusal(f"{what} {job.web.title}", tuple(sorted(ids - job.stage.held - {""})), why)


def _received(
    job: Job, files: list[Path], *, wanted: bool = True, error: JsnaError | None = None
) -> Received:
    told = tuple(
        (refusal, last_good(job.raw, job.stage.source, refusal.ids)) for refusal in job.refusals
    )
    return Received(
        source=job.stage.source,
        title=job.web.title,
        wanted=wanted,
        files=tuple(files),
        bytes=sum(path.stat().st_size for path in files),
        already=job.stage.already,
        refusals=told,
        notes=tuple(job.notes),
        error=error,
    )


def _record(raw: Path, result: Received, now: dt.datetime) -> None:
    refused = tuple(refusal for refusal, _ in result.refusals)
    attempted = now.astimezone(dt.UTC).isoformat(timespec="seconds")
    write_fetched(raw, {result.source: Fetched(attempted, refused)})


@contextmanager
def _progress(console: Console, total: int) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal; nothing elsewhere."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("{task.description}", markup=False))  # fmt: skip
    bar = Progress(*columns, console=console, transient=True) if console.is_terminal else None
    task = bar.add_task("", total=total) if bar else None

    def step(words: str) -> None:
        if bar:
            bar.update(task, advance=1, description=words)

    with bar or nullcontext():
        yield step

"""Explore Education Statistics: the data sets of `live.yml`, pinned by id and version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.catalogue.live import DataSet
from lbbd_jsna.errors import ExtractError, Fault, JsnaError
from lbbd_jsna.fetching.education_checks import FOLDER, accept
from lbbd_jsna.fetching.education_titles import Described, Directory, same_title, version_key
from lbbd_jsna.fetching.job import Job, News, Refusal, news_of
from lbbd_jsna.fetching.root import Root
from lbbd_jsna.fetching.web import Answer, FetchError, Missing, Refused, Unreachable
from lbbd_jsna.sources.education import SOURCE

__all__ = ["SOURCE", "VARIABLE", "address", "check", "fetch", "steps"]

VARIABLE = "JSNA_EES_URL"


@dataclass(frozen=True)
class _Wanted:
    """A data set and what is to be asked of it; `described` is None where nothing is said."""

    key: str
    data_set: DataSet
    id: str
    version: str
    described: Described | None

    @property
    def file(self) -> str:
        return f"{self.key}.csv"

    @property
    def path(self) -> str:
        return f"data-sets/{self.id}/csv"

    @property
    def parameters(self) -> dict[str, str]:
        return {"dataSetVersion": self.version} if self.version else {}

    @property
    def rows(self) -> int:
        """How many rows there must be, or 0 where the service does not say it of this version."""
        told = self.described
        return told.rows if told and told.version == self.version else 0


def address(catalogue: Catalogue) -> str:
    """The service's address in the catalogue."""
    return catalogue.live.dfe.address


def steps(catalogue: Catalogue) -> int:
    """Two for each data set: which version, and its rows."""
    return 2 * len(catalogue.tables(SOURCE))


def fetch(job: Job) -> None:
    """Ask for each data set; keep those that the catalogue's series can be read from.

    All titles are checked before anything is downloaded. A data set that cannot be had joins
    `job.refusals`, and the others are kept all the same.

    Raises
    ------
    ExtractError
        A pinned id is that of a data set of another title: nothing is kept.
    Unreachable
        The service did not answer once.
    """
    root = Root(job.web, usual=address(job.catalogue))
    asking = _Asking(job, root, Directory(root))
    asking.settle()
    asking.download()
    asking.end()


def check(job: Job) -> list[News]:
    """Whether each data set has a later version than was last received.

    Raises
    ------
    Unreachable
    """
    directory = Directory(Root(job.web, usual=address(job.catalogue)))
    return [
        news_of(job, one.title, FOLDER, f"{key}.csv", partial(_news, directory, one))
        for key, one in job.catalogue.tables(SOURCE).items()
    ]


def _news(directory: Directory, data_set: DataSet, sidecar: Mapping[str, object]) -> News:
    had_id, had = str(sidecar.get("data_set", "")), str(sidecar.get("version", ""))
    if data_set.id and had_id and data_set.id != had_id:
        return News(data_set.title, "new", f"live.yml names {data_set.id}; received {had_id}")
    try:
        latest = directory.latest_version(data_set.id or had_id) if data_set.id or had_id else ""
    except Refused as error:
        return News(data_set.title, "unknown", error.message)
    if not latest or not had:
        return News(data_set.title, "unknown", "the service does not say its version")
    if version_key(latest) <= version_key(had):
        return News(data_set.title, "unchanged", f"version {had}")
    pinned = f"; live.yml pins {data_set.version}" if data_set.version else ""
    return News(data_set.title, "new", f"version {latest}; received {had}{pinned}")


class _Asking:
    """One fetch: what is wanted, and what did not answer."""

    def __init__(self, job: Job, root: Root, directory: Directory) -> None:
        self._job, self._root, self._directory = job, root, directory
        self._wanted: list[_Wanted] = []
        self._silent: list[tuple[str, DataSet, Unreachable]] = []

    def settle(self) -> None:
        """Find out the id and version of each data set, and whether the titles are right."""
        faults = []
        for key, data_set in self._job.catalogue.tables(SOURCE).items():
            self._job.step(f"{data_set.title}: which version")
            try:
                wanted = self._pinned(key, data_set) if data_set.id else self._found(key, data_set)
            except Unreachable as error:
                self._silent.append((key, data_set, error))
                continue
            except FetchError as error:
                self._refuse(key, data_set, error.message)
                continue
            self._wanted.append(wanted)
            faults += _title_faults(wanted)
        if faults:
            raise ExtractError(
                "catalogue/live.yml names data sets that are something else; nothing was kept",
                faults,
            )

    def _pinned(self, key: str, data_set: DataSet) -> _Wanted:
        """A data set by its id; where the service says nothing of it, the pin is trusted."""
        try:
            told = self._directory.describe(data_set.id)
        except Refused as error:
            self._note(data_set, f"its title could not be checked ({error.message})")
            return _Wanted(key, data_set, data_set.id, data_set.version, None)
        wanted = _Wanted(key, data_set, data_set.id, data_set.version or told.version, told)
        if told.superseded_by:
            self._note(data_set, f"{told.superseded_by} has taken its place; see live.yml")
        if version_key(told.version) > version_key(wanted.version):
            self._note(
                data_set,
                f"version {told.version} is out; catalogue/live.yml pins {wanted.version}",
            )
        return wanted

    def _found(self, key: str, data_set: DataSet) -> _Wanted:
        told = self._directory.find(data_set)
        version = data_set.version or told.version
        self._note(data_set, f"looked up by its titles; {_pin(key, told.id, version)}")
        return _Wanted(key, data_set, told.id, version, told)

    def download(self) -> None:
        """Ask for the rows of each data set and keep what can be accepted."""
        for wanted in self._wanted:
            self._job.step(wanted.data_set.title)
            try:
                self._download(wanted)
            except Unreachable as error:
                self._silent.append((wanted.key, wanted.data_set, error))
            except JsnaError as error:
                self._refuse(wanted.key, wanted.data_set, str(error))

    def _download(self, wanted: _Wanted) -> None:
        job = self._job
        for url in self._root.url(wanted.path, wanted.parameters):
            body = job.stage.kept(FOLDER, wanted.file, url)
            if body is not None and self._is_good(body, wanted):
                return
        answer = self._ask(wanted)
        job.notes += self._accept(answer.body, wanted)
        job.stage.keep(
            FOLDER, wanted.file, answer.body, [answer],
            licence=job.catalogue.sources[SOURCE].licence,
            holds=[wanted.key],
            more={"data_set": wanted.id, "version": wanted.version,
                  "title": wanted.data_set.title, "publication": wanted.data_set.publication},
        )  # fmt: skip

    def _ask(self, wanted: _Wanted) -> Answer:
        """The CSV, asked at each place below the address where it may be."""
        web = self._job.web
        missing = Missing("")
        for url in self._root.url(wanted.path, {}):
            path = url.removeprefix(web.address + "/")
            try:
                return web.get(
                    path, wanted.parameters, expects="csv",
                    most_bytes=wanted.data_set.most_bytes or None,
                )  # fmt: skip
            except Missing as error:
                missing = error
        raise Refused(f"{missing.message}; {self._instead(wanted)}")

    def _instead(self, wanted: _Wanted) -> str:
        """What the titles lead to, for a pin that leads nowhere."""
        try:
            told = self._directory.find(wanted.data_set)
        except Refused as error:
            return f"looked up by its titles: {error.message}"
        if told.id == wanted.id:
            return f"its latest version is {told.version or 'not said'}; see live.yml"
        return f"by its titles it is another one: {_pin(wanted.key, told.id, told.version)}"

    def _is_good(self, body: bytes, wanted: _Wanted) -> bool:
        """Whether what an earlier fetch received is accepted by the catalogue of today."""
        try:
            self._accept(body, wanted)
        except JsnaError:
            return False
        return True

    def _accept(self, body: bytes, wanted: _Wanted) -> list[str]:
        return accept(
            body, wanted.key, rows=wanted.rows, raw=self._job.raw, catalogue=self._job.catalogue
        )

    def _refuse(self, key: str, data_set: DataSet, why: str) -> None:
        self._job.refusals.append(Refusal(data_set.title, (key,), why))

    def _note(self, data_set: DataSet, words: str) -> None:
        self._job.notes.append(f"{data_set.title}: {words}")

    def end(self) -> None:
        """Nothing answered at all, or some did not.

        Raises
        ------
        Unreachable
        """
        data_sets = self._job.catalogue.tables(SOURCE)
        if self._silent and len(self._silent) == len(data_sets):
            raise self._silent[0][2]
        for key, data_set, error in self._silent:
            self._refuse(key, data_set, error.message)


def _pin(key: str, data_set_id: str, version: str) -> str:
    """The lines that pin a data set, in the words of the file."""
    lines = [f"id: {data_set_id}"] + ([f"version: {version}"] if version else [])
    return f'to pin it, put into catalogue/live.yml, below "{key}:": ' + " and ".join(lines)


def _title_faults(wanted: _Wanted) -> Iterator[Fault]:
    told = wanted.described
    if told is not None and told.title and not same_title(told.title, wanted.data_set.title):
        yield Fault(
            f"catalogue/live.yml, dfe: {wanted.key}",
            f'the id {wanted.id} is that of "{told.title}"',
            f'"{wanted.data_set.title}"',
            "is the id the right one?",
        )

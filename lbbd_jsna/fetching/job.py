"""What every service is given to do, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.fetching.staging import Stage
from lbbd_jsna.fetching.standing import last_copy, read_sidecar
from lbbd_jsna.fetching.web import Web
from lbbd_jsna.sources.fetched import Refusal

__all__ = ["Job", "News", "Refusal", "Service", "news_of"]


@dataclass(frozen=True)
class News:
    """What `--check` found of one thing: `new`, `unchanged`, `never fetched` or `unknown`."""

    what: str
    state: str
    detail: str = ""


@dataclass
class Job:
    """One fetch from one service.

    Parameters
    ----------
    catalogue : Catalogue
        What is wanted.
    web : Web
        Asks the service, politely, below its base address.
    stage : Stage
        Keeps what is accepted, out of sight until all of it is there.
    raw : Path
        The folder of raw extracts as it stands; only read.
    step : callable
        Called with a line of words at each step, for the progress bar.
    refusals : list of Refusal
        Filled on the way.
    notes : list of str
        Filled on the way: what an analyst should know and need not mend.
    """

    catalogue: Catalogue
    web: Web
    stage: Stage
    raw: Path
    step: Callable[[str], None]
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Service(Protocol):
    """A module of this room that knows one publisher."""

    SOURCE: str
    """Its key in `sources.yml`."""
    VARIABLE: str
    """The environment variable that replaces its address."""

    def address(self, catalogue: Catalogue) -> str:
        """Its base address in the catalogue."""

    def steps(self, catalogue: Catalogue) -> int:
        """How many steps a fetch takes, for the progress bar."""

    def fetch(self, job: Job) -> None:
        """Ask, check, keep; refusals join `job.refusals`.

        Raises
        ------
        ExtractError
            The catalogue asks for the wrong thing, such as an id of another name: nothing
            of this source is accepted.
        Unreachable
            The service does not answer.
        """

    def check(self, job: Job) -> list[News]:
        """What is new, without downloading bodies."""


def news_of(
    job: Job, title: str, folder: str, name: str, tell: Callable[[dict[str, Any]], News]
) -> News:
    """What is new of one file: never fetched, or what `tell` finds from its sidecar."""
    job.step(title)
    path = last_copy(job.raw, folder, name)
    sidecar = read_sidecar(path) if path else None
    return News(title, "never fetched") if sidecar is None else tell(sidecar)

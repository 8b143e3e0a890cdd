"""What the last fetch of each source could not bring: `fetched.json` among the raw extracts.

A page reads it to say which figures are those of the last good copy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lbbd_jsna.errors import ExtractError, Fault
from lbbd_jsna.whole_files import write_whole

FETCHED = "fetched.json"


@dataclass(frozen=True)
class Refusal:
    """Something that was asked for and not accepted.

    Parameters
    ----------
    what : str
        As an analyst knows it, such as `Fingertips 90319`.
    ids : tuple of str
        The source's own ids concerned.
    why : str
        What came instead, and what to do.
    """

    what: str
    ids: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Fetched:
    """The last fetch of one source: when it was tried (ISO, UTC) and what it did not bring."""

    attempted: str
    refused: tuple[Refusal, ...] = ()


_STATE = TypeAdapter(dict[str, Fetched])


def read_fetched(raw: Path) -> dict[str, Fetched]:
    """Read the state after the last fetch, by source; empty when there was none.

    Raises
    ------
    ExtractError
        The file is damaged.
    """
    path = raw / FETCHED
    if not path.is_file():
        return {}
    try:
        return _STATE.validate_json(path.read_bytes())
    except ValidationError as error:
        raise ExtractError(
            "the record of the last fetch cannot be read",
            [Fault(FETCHED, "damaged", "what jsna fetch wrote",
                   "delete it; the next jsna fetch writes it again")],
        ) from error  # fmt: skip


def write_fetched(raw: Path, fetched: Mapping[str, Fetched]) -> None:
    """Write the state of some sources over theirs of before; the others stay."""
    state = {**_standing(raw), **fetched}
    told: dict[str, Any] = {source: asdict(state[source]) for source in sorted(state)}
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    write_whole(raw / FETCHED, text.encode("utf-8"))


def _standing(raw: Path) -> dict[str, Fetched]:
    """What stands; a damaged record is written anew rather than kept."""
    try:
        return read_fetched(raw)
    except ExtractError:
        return {}

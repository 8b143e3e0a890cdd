"""The ledger: every count ever released, so that no later release can undo it.

A text file of one line a table and release, only ever added to. It holds released numbers
and how cells add up, never a true count. It says which [c] stand for small counts and which
for others; the attack supposes that a reader knows that already. Each line carries the hash
of the line before it, so that a line changed, moved or taken out is noticed; lines cut off
the end are noticed by `head`, which the record of the last run should hold.

It belongs beside the packs (`outputs/release-ledger.jsonl`): not inside a pack, which is
replaced, and not in `data/processed/`, which is rebuilt at will.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from lbbd_jsna.disclosure.joint import Edition
from lbbd_jsna.disclosure.knowledge import Known
from lbbd_jsna.disclosure.released import Released
from lbbd_jsna.disclosure.tables import Relation
from lbbd_jsna.errors import DisclosureError, Fault
from lbbd_jsna.whole_files import write_whole

_RESTORE = "put back the ledger as it was last recorded; it is never edited"


@dataclass(frozen=True)
class Ledger:
    """Everything released, from first to last.

    Parameters
    ----------
    lines : tuple of str
        As they stand in the file.
    editions : tuple of Edition
        What they say.
    """

    lines: tuple[str, ...] = ()
    editions: tuple[Edition, ...] = ()

    @property
    def head(self) -> str:
        """The hash of the last line; empty for an empty ledger."""
        return _hash(self.lines[-1]) if self.lines else ""

    @property
    def heads(self) -> frozenset[str]:
        """The hash of every line: what the head was after each release."""
        return frozenset(map(_hash, self.lines))

    @staticmethod
    def read(path: Path) -> Ledger:
        """Read and check a ledger; an empty one where there is no file yet.

        Raises
        ------
        DisclosureError
            A line was changed, moved or taken out.
        """
        if not path.exists():
            return Ledger()
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            fault = Fault(path.name, "not UTF-8 text", todo=_RESTORE)
            raise DisclosureError("the ledger of releases is damaged", [fault]) from error
        return _parsed(text, path.name)

    def record(self, released: Released, path: Path) -> Ledger:
        """Add one release to the file: see `record_all`."""
        return self.record_all([released], path)

    def record_all(self, releases: Iterable[Released], path: Path) -> Ledger:
        """Add releases to the file, each once, all of them or none.

        Parameters
        ----------
        releases : iterable of Released
            Made with `previous=ledger.editions`.
        path : Path
            The file this ledger was read from. Its folder must exist.

        Returns
        -------
        Ledger
            With the releases; the same one where they stand there already.

        Raises
        ------
        DisclosureError
            The file has changed since it was read, or the same release of the same table
            stands there with other figures: a revision needs a name of its own.
        """
        if Ledger.read(path).lines != self.lines:
            fault = Fault(path.name, "another release was recorded meanwhile", todo="run again")
            raise DisclosureError("the ledger of releases has changed", [fault])
        lines, editions, head = list(self.lines), list(self.editions), self.head
        places = {(one.release, one.table): i for i, one in enumerate(editions)}
        for edition in (released.edition for released in releases):
            place = places.setdefault((edition.release, edition.table), len(lines))
            if place < len(lines):
                if _line(edition, json.loads(lines[place])["before"]) != lines[place]:
                    raise _already_out(edition)
                continue
            lines.append(_line(edition, head))
            editions.append(edition)
            head = _hash(lines[-1])
        if len(lines) == len(self.lines):
            return self
        write_whole(path, "".join(f"{line}\n" for line in lines).encode("utf-8"))
        return Ledger(tuple(lines), tuple(editions))


def _already_out(edition: Edition) -> DisclosureError:
    return DisclosureError(
        f"{edition.table}: {edition.release} was released with other figures",
        [Fault(edition.release, "it stands in the ledger, and cannot be taken back",
               "a name of its own for a revision", "such as 2026-27-Q3-revised")],
    )  # fmt: skip


def _hash(line: str) -> str:
    return hashlib.sha256(line.encode("utf-8")).hexdigest()


def _line(edition: Edition, before: str) -> str:
    said = {
        "release": edition.release,
        "table": edition.table,
        "cells": {cell: _short(known) for cell, known in edition.known.items()},
        "relations": [asdict(relation) for relation in edition.relations],
        "revised": edition.revised,
        "before": before,
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _short(known: Known) -> dict[str, object]:
    """What differs from nothing known, so that a line stays readable."""
    nothing = Known("missing")
    said = {k: v for k, v in asdict(known).items() if v != getattr(nothing, k)}
    return {"kind": known.kind, **said}


def _parsed(text: str, name: str) -> Ledger:
    *lines, end = text.split("\n")
    faults = [Fault(name, "cut off in its last line", todo=_RESTORE)] if end else []
    editions, before = [], ""
    for number, line in enumerate(lines, start=1):
        try:
            said = json.loads(line)
            edition = _edition(said)
            if said["before"] != before or _line(edition, before) != line:
                raise ValueError("not what was recorded")
        except (ValueError, TypeError, KeyError, AttributeError):
            faults.append(Fault(f"{name}, line {number}", "not as recorded", todo=_RESTORE))
            break  # every later line hangs on this one
        editions.append(edition)
        before = _hash(line)
    if faults:
        raise DisclosureError("the ledger of releases is damaged", faults)
    return Ledger(tuple(lines), tuple(editions))


def _edition(said: dict) -> Edition:
    relations = tuple(
        Relation(one["whole"], tuple(one["parts"]), bool(one["complete"]))
        for one in said["relations"]
    )
    known = {cell: Known(**one) for cell, one in said["cells"].items()}
    revised = None if said["revised"] is None else tuple(said["revised"])
    return Edition(said["release"], said["table"], known, relations, revised)

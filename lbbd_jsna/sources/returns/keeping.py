"""Accepting returns: all of the files given or none, as received, each with a sidecar."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import ExtractError, Fault, RunError
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.sources.repeats import drop_repeats
from lbbd_jsna.sources.returns.grid import cell_fault
from lbbd_jsna.sources.returns.reader import read_return
from lbbd_jsna.sources.returns.standing import (
    TABLES,
    Stored,
    find_stored,
    newest_of_each_name,
    standing_figures,
)
from lbbd_jsna.sources.returns.storing import FOLDER, Received, alone, called, store
from lbbd_jsna.sources.returns.unusual import Unusual, find_unusual
from lbbd_jsna.sources.store import SIDECAR

LONGEST_NAME = 120
# Names that Windows keeps for devices, whatever their ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9]|conin\$|conout\$)", re.IGNORECASE)
_FORBIDDEN = '<>:"/\\|?*'


@dataclass(frozen=True)
class Added:
    """What `add_returns` did.

    Parameters
    ----------
    paths : list of Path
        The files as they are stored now, without those stored before.
    stored_before : list of str
        A sentence for each file that lay there already, byte for byte.
    notes : list of str
        The repairs, and standing returns that cannot be read any more.
    unusual : list of Unusual
        What was accepted by name.
    """

    paths: list[Path]
    stored_before: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unusual: list[Unusual] = field(default_factory=list)


def add_returns(
    paths: Sequence[Path],
    *,
    raw: Path,
    catalogue: Catalogue,
    quarter: Quarter | None,
    today: dt.date,
    now: dt.datetime,
    accept: str | None,
) -> Added:
    """Check returns and store them in `returns/<today>/`, or nothing if anything is wrong.

    Parameters
    ----------
    paths : sequence of Path
    raw : Path
        The folder of raw extracts; made when missing.
    catalogue : Catalogue
    quarter : Quarter or None
        The quarter they must be of.
    today, now : date, datetime
        Name the folder, and stand in the sidecars.
    accept : str or None
        Who accepts unusual figures, and why.

    Returns
    -------
    Added

    Raises
    ------
    ExtractError
        With every fault of every file; or with every unusual figure when nobody accepts them.
    RunError
        Another command is adding returns.
    """
    if accept is not None:
        accept = _signature(accept)
    _check_names(paths)
    folder = raw / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise RunError(f"{folder} is not a folder, or lies below a file") from None
    with alone(folder):
        before = newest_of_each_name(find_stored(raw))
        new = [path for path in paths if not _is_stored(path, before)]
        said = [f"{called(path)}: stored already, as {before[path.name.casefold()].name}"
                for path in paths if path not in new]  # fmt: skip
        standing, notes = standing_figures(raw, catalogue=catalogue)
        received = check_returns(new, catalogue=catalogue, quarter=quarter, standing=standing)
        unusual = [one for file in received for one in file.unusual]
        if unusual and not accept:
            raise _questions(unusual)
        stored = store(
            received, folder, catalogue=catalogue, today=today, now=now, accept=accept
        )  # fmt: skip
    notes += [note for file in received for note in file.notes]
    return Added(stored, said, notes, unusual)


def check_returns(
    paths: Sequence[Path],
    *,
    catalogue: Catalogue,
    quarter: Quarter | None,
    standing: pd.DataFrame,
) -> list[Received]:
    """Read every file strictly and compare it with the standing figures.

    Raises
    ------
    ExtractError
        With every fault of every file, and every figure that two of them give differently.
    """
    received, errors = [], []
    for path in paths:
        try:
            received.append(receive(path, catalogue=catalogue, quarter=quarter, standing=standing))
        except ExtractError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        faults = [fault for error in errors for fault in error.faults or [Fault(error.message, "")]]
        raise ExtractError(f"{len(errors)} returns cannot be used", faults)
    if len(received) > 1:
        tables = pd.concat([file.table for file in received], ignore_index=True)
        faults = drop_repeats(tables)[2]
        if faults:
            raise ExtractError("two of the returns contradict each other", faults)
    return received


def receive(
    path: Path, *, catalogue: Catalogue, quarter: Quarter | None, standing: pd.DataFrame
) -> Received:
    """Read one return strictly and compare it with the standing figures.

    Raises
    ------
    ExtractError
        With every fault of the file.
    """
    name = called(path)
    try:
        _check_is_table(path, name)
        content = path.read_bytes()
        table, notes = read_return(path, name=name, catalogue=catalogue, quarter=quarter)
        unchanged = path.read_bytes() == content
    except OSError as error:
        raise _refused(name, "unreadable", f"it cannot be opened: {error.strerror}") from None
    if not unchanged:
        raise _refused(name, "changed", "it changed while it was read", "close it and try again")
    return Received(path, content, table, notes, find_unusual(table, standing=standing))


def _check_is_table(path: Path, name: str) -> None:
    if not path.is_file():
        found = "there is no such file"
        if path.exists():
            found = "a folder, not a file" if path.is_dir() else "not a regular file"
        raise _refused(name, "no-file", found)
    if path.suffix.lower() not in TABLES:
        raise _refused(
            name,
            "file-ending",
            f"its name ends in {path.suffix[:12]!r}, not in {' or '.join(TABLES)}",
            "save it as CSV UTF-8 or as an Excel workbook (.xlsx)",
        )


def _refused(name: str, rule: str, found: str, todo: str = "") -> ExtractError:
    return ExtractError(f"{name} cannot be read", [cell_fault(name, rule, found, todo=todo)])


def _check_names(paths: Sequence[Path]) -> None:
    """Names that every computer of the council can hold, and each of them once."""
    names = [path.name.casefold() for path in paths]
    faults = []
    for path in paths:
        wrong = _wrong_name(path.name)
        if not wrong and names.count(path.name.casefold()) > 1:
            wrong = "another file of this name is given"
        if wrong:
            faults.append(Fault(called(path), wrong, todo="rename the file"))
    if faults:
        raise ExtractError("files cannot be stored under their names", faults)


def _wrong_name(name: str) -> str:
    """Why a file cannot be stored under a name, or nothing."""
    if not name.isprintable() or any(mark in name for mark in _FORBIDDEN):
        return f"a character in its name that cannot stand there: none of {_FORBIDDEN}"
    if name != name.strip(" .") or len(name.encode("utf-8")) > LONGEST_NAME:
        return f"a name that begins or ends in a point or space, or is over {LONGEST_NAME} letters"
    if _DEVICES.fullmatch(name.partition(".")[0].strip()):
        return "a name that Windows keeps for itself"
    if name.upper().startswith("README") or name.lower().endswith(SIDECAR):
        return "a name that is never read as a return"
    return ""


def _signature(text: str) -> str:
    plain = " ".join(text.split())
    if len(plain) < 3 or len(plain) > 500 or not plain.isprintable():
        raise RunError('--accept takes who accepts the figures and why, such as "J. Day: checked"')
    return plain


def _is_stored(path: Path, before: Mapping[str, Stored]) -> bool:
    stored = before.get(path.name.casefold())
    return stored is not None and path.is_file() and stored.path.read_bytes() == path.read_bytes()


def _questions(unusual: Sequence[Unusual]) -> ExtractError:
    todo = "ask the sender; to accept it as it is, add --accept \"who and why\""
    faults = [Fault(one.where, one.sentence, todo=todo) for one in unusual]
    return ExtractError("some figures are unusual; nothing was stored", faults)

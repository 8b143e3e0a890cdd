"""Putting a finished pack where readers look, whole or not at all.

A pack is built in a staging folder beside the packs and published by one
rename, under a lock that the operating system frees when its holder dies. Real
figures once published are never overwritten: what differs becomes a revision.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from lbbd_jsna.errors import Fault, RunError
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.reporting.manifest import (
    hash_outputs,
    list_changes,
    read_manifest,
    write_manifest,
)

LEAST_FREE_BYTES = 40_000_000
STAGING, REPLACED, FAILED = ".staging-", ".replaced-", ".failed"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)

How = Literal["new", "unchanged", "replaced", "revision", "draft"]


@dataclass(frozen=True)
class Published:
    """Where a pack ended up, how, and what it changed in the one it revises."""

    folder: Path
    how: How
    changes: tuple[dict[str, Any], ...] = ()


@contextmanager
def hold_lock(folder: Path, *, purpose: str, name: str = ".lock") -> Iterator[None]:
    """Let one run at a time use a folder.

    Parameters
    ----------
    folder : Path
        Must exist.
    purpose : str
        What the holder is doing, shown to whoever is turned away.
    name : str
        The lock's file in the folder.

    Raises
    ------
    RunError
        Another process holds the lock: which, and what it is doing.
    """
    holder = folder / f"{name}-holder"
    lock = FileLock(folder / name, blocking=False)
    try:
        lock.acquire()
    except Timeout as error:
        held = holder.read_text(encoding="utf-8").strip() if holder.exists() else "another run"
        raise RunError(
            f"{folder} is in use by {held}; wait until it has finished. Nothing was changed."
        ) from error
    try:
        holder.write_text(f"process {os.getpid()} ({purpose})\n", encoding="utf-8", newline="\n")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


@contextmanager
def plain_disk_errors() -> Iterator[None]:
    """Turn a full disk or a refused write, wherever it happens, into one clear message."""
    try:
        yield
    except OSError as error:
        message = explain_disk_error(error)
        if not message:
            raise
        raise RunError(message) from error


def explain_disk_error(error: OSError) -> str:
    """The message for a full disk or a refused permission; empty for other errors."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in _FULL or "No space left" in str(error):
        return f"The disk is full{where}. Free some space and run again; no pack was changed."
    if error.errno in _REFUSED:
        return (
            f"Permission was refused{where}: see who may read and write there, and whether another "
            "program has it open. No pack was changed."
        )
    return ""


def check_room(folder: Path, *, least: int = LEAST_FREE_BYTES) -> None:
    """Make sure a folder exists, can be written to and has room, before a long run.

    Raises
    ------
    RunError
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0")
    except FileExistsError as error:
        raise RunError(f"{folder} is a file, not a folder; name another") from error
    except OSError as error:
        reason = explain_disk_error(error) or f"{folder} cannot be written to: {error.strerror}"
        raise RunError(reason) from error
    free = shutil.disk_usage(folder).free
    if free < least:
        raise RunError(
            f"The disk is nearly full: {folder} has {free / 1e6:.0f} MB free and a run needs "
            f"{least / 1e6:.0f} MB. Free some space and run again; no pack was changed."
        )


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold off Ctrl-C and a polite stop for the moment a swap of folders takes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {
        number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler or signal.SIG_DFL)


def clear_leftovers(outputs: Path) -> list[str]:
    """Undo what a killed run left behind. Call with the lock held.

    Returns
    -------
    list of str
        What was done, one sentence each.
    """
    done = []
    for aside in sorted(outputs.glob(f"{REPLACED}*")):
        standing = outputs / aside.name.removeprefix(REPLACED)
        if standing.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(standing)
            done.append(f"An earlier run was stopped while publishing: {standing.name} is restored")
    for stage in sorted(outputs.glob(f"{STAGING}*")):
        shutil.rmtree(stage)
        done.append("What an earlier, stopped run had half built was removed")
    return done


@contextmanager
def open_stage(outputs: Path, quarter: Quarter) -> Iterator[Path]:
    """A new folder beside the packs to build in; removed unless it was published."""
    stage = outputs / f"{STAGING}{quarter}-{os.getpid()}"
    stage.mkdir()
    try:
        yield stage
    finally:
        with uninterrupted():
            shutil.rmtree(stage, ignore_errors=True)


def latest_pack(outputs: Path, quarter: Quarter) -> Path | None:
    """The standing pack of a quarter: its last revision, or the pack itself, or none."""
    packs = list_packs(outputs, quarter)
    return packs[-1] if packs else None


def list_packs(outputs: Path, quarter: Quarter) -> list[Path]:
    """The packs of a quarter from the first published to its last revision."""
    pattern = re.compile(re.escape(str(quarter)) + r"(?:-r([1-9]\d*))?")
    found = [
        (int(match.group(1) or 0), path)
        for path in outputs.glob(f"{quarter}*")
        if (match := pattern.fullmatch(path.name)) and path.is_dir()
    ]
    return [path for _, path in sorted(found)]


def check_standing(outputs: Path, quarter: Quarter, *, demonstration: bool) -> None:
    """Refuse, before any work, what could not be published afterwards.

    Raises
    ------
    RunError
        The standing folder is no pack, or holds real figures while the new
        ones are made up.
    """
    standing = latest_pack(outputs, quarter)
    if standing is None:
        return
    if standing.is_symlink():
        raise RunError(f"{standing} is a link; a pack must be a folder")
    if demonstration and not read_manifest(standing)["demonstration"]:
        raise RunError(
            f"{standing} holds real figures, and these extracts are a demonstration. "
            "Nothing was changed; name another folder with --outputs, or give real extracts "
            "with --extracts."
        )


def publish(
    stage: Path, manifest: Mapping[str, Any], *, outputs: Path, quarter: Quarter
) -> Published:
    """Publish a finished pack by one rename. Call with the lock held.

    Nothing there yet: the pack takes the quarter's name. A standing pack with
    the same bytes: the new one is dropped. A demonstration: it is replaced.
    Real figures that differ: they stay, and the new pack becomes `-r1`, `-r2`, ...
    whose manifest says what it revises and what changed.

    Parameters
    ----------
    stage : Path
        The finished pack, without its manifest.
    manifest : mapping
        Everything but `outputs`, `revises` and `changes`. Must hold `demonstration`.

    Returns
    -------
    Published
    """
    made = {**manifest, "outputs": hash_outputs(stage)}
    standing = latest_pack(outputs, quarter)
    if standing is None:
        return _put(stage, made, outputs / str(quarter), "new")
    check_standing(outputs, quarter, demonstration=made["demonstration"])
    old = read_manifest(standing)
    same = old["outputs"] == made["outputs"] and not verify_pack(standing)
    if same and old["demonstration"] == made["demonstration"]:
        return Published(standing, "unchanged")
    if old["demonstration"]:
        return _put(stage, made, standing, "replaced")
    changes = list_changes(standing, stage, made["outputs"])
    made |= {"revises": standing.name, "changes": changes}
    number = len(list_packs(outputs, quarter))
    while (target := outputs / f"{quarter}-r{number}").exists():
        number += 1
    return _put(stage, made, target, "revision")


def publish_draft(
    stage: Path, manifest: Mapping[str, Any], *, outputs: Path, quarter: Quarter
) -> Published:
    """Put a partial pack in `<quarter>-draft/`, in place of an earlier draft."""
    made = {**manifest, "outputs": hash_outputs(stage)}
    return _put(stage, made, outputs / f"{quarter}-draft", "draft")


def keep_failed(
    stage: Path, manifest: Mapping[str, Any], *, outputs: Path, quarter: Quarter
) -> Path:
    """Move what a failed run made to `.failed/<quarter>/`, in place of an earlier failure."""
    write_manifest(stage, {**manifest, "outputs": hash_outputs(stage)})
    kept = outputs / FAILED / str(quarter)
    kept.parent.mkdir(exist_ok=True)
    if kept.exists():
        shutil.rmtree(kept)
    stage.rename(kept)
    return kept


def _put(stage: Path, manifest: Mapping[str, Any], target: Path, how: How) -> Published:
    write_manifest(stage, manifest)
    _flush(stage)
    aside = target.with_name(f"{REPLACED}{target.name}")
    with uninterrupted():
        replacing = target.exists()
        if replacing:
            target.rename(aside)
        try:
            stage.rename(target)
        except OSError:
            if replacing:
                aside.rename(target)
            raise
        _flush_folder(target.parent)
        if replacing:
            shutil.rmtree(aside)
    return Published(target, how, tuple(manifest.get("changes", ())))


def _flush(folder: Path) -> None:
    """Have the disk hold every byte before the rename says that it does."""
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            _flush_folder(path)
        else:
            with path.open("rb+") as file:
                os.fsync(file.fileno())
    _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":  # Windows has no handle on a folder to flush
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def verify_pack(folder: Path) -> list[Fault]:
    """Compare a pack with its manifest.

    Returns
    -------
    list of Fault
        A file changed, missing or added since the pack was published; empty
        when it is as it was.
    """
    listed = read_manifest(folder)["outputs"]
    found = hash_outputs(folder)
    faults = [
        Fault(f"{folder.name}/{name}", "is missing", "the file that was published")
        for name in listed.keys() - found.keys()
    ]
    faults += [
        Fault(f"{folder.name}/{name}", "is not part of the pack", "only what was published")
        for name in found.keys() - listed.keys()
    ]
    faults += [
        Fault(f"{folder.name}/{name}", "was changed after it was published",
              f"SHA-256 {listed[name]['sha256'][:12]}...")
        for name in listed.keys() & found.keys()
        if listed[name]["sha256"] != found[name]["sha256"]
    ]
    return sorted(faults, key=lambda fault: fault.where)


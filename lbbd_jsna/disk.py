"""Writing so that nothing is half written: locks, flushes, and plain words for a full disk."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from lbbd_jsna.errors import RunError
from lbbd_jsna.whole_files import flush_folder

LEAST_FREE_BYTES = 40_000_000
UNCHANGED = "no pack was changed"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


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
def plain_disk_errors(unchanged: str = UNCHANGED) -> Iterator[None]:
    """Turn a full disk or a refused write, wherever it happens, into one clear message.

    `unchanged` says what stands as it was.
    """
    try:
        yield
    except OSError as error:
        message = explain_disk_error(error, unchanged)
        if not message:
            raise
        raise RunError(message) from error


def explain_disk_error(error: OSError, unchanged: str = UNCHANGED) -> str:
    """The message for a full disk or a refused permission; empty for other errors."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in _FULL or "No space left" in str(error):
        return f"The disk is full{where}. Free some space and run again; {unchanged}."
    if error.errno in _REFUSED:
        return (
            f"Permission was refused{where}: see who may read and write there, and whether another "
            f"program has it open. {unchanged[:1].upper()}{unchanged[1:]}."
        )
    return ""


def check_room(folder: Path, *, least: int = LEAST_FREE_BYTES, unchanged: str = UNCHANGED) -> None:
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
        known = explain_disk_error(error, unchanged)
        raise RunError(known or f"{folder} cannot be written to: {error.strerror}") from error
    free = shutil.disk_usage(folder).free
    if free < least:
        raise RunError(
            f"The disk is nearly full: {folder} has {free / 1e6:.0f} MB free and a run needs "
            f"{least / 1e6:.0f} MB. Free some space and run again; {unchanged}."
        )


def flush(folder: Path) -> None:
    """Have the disk hold every byte of a folder before a rename says that it does."""
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            flush_folder(path)
        else:
            with path.open("rb+") as file:
                os.fsync(file.fileno())
    flush_folder(folder)

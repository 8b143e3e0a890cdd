"""Files and dated folders that are there whole or not at all."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that takes its name only when the disk holds every byte of it.

    Parameters
    ----------
    path : Path
        Replaced if it stands. Its folder must exist.
    content : bytes

    Raises
    ------
    OSError
        The disk is full or refuses; what stood there stands, and nothing else is left.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def flush_folder(folder: Path) -> None:
    """Have the disk hold the names in a folder."""
    if os.name != "posix":  # Windows has no handle on a folder to flush
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def next_place(folder: Path, day: dt.date) -> Path:
    """The dated folder for what is received now: `2026-11-22`, or `2026-11-22-02` after it."""
    target, number = folder / day.isoformat(), 1
    while target.exists():
        number += 1
        target = folder / f"{day.isoformat()}-{number:02d}"
    return target

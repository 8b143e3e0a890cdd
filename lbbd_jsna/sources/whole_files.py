"""Files that are there whole or not at all."""

from __future__ import annotations

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

"""The independent check before publication: read the finished files back and look for leaks.

It shares no code with what made the files: only the truth, what was released, and the
files themselves. A fault names file and place, never the figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lbbd_jsna.errors import Fault
from lbbd_jsna.reporting.output_files import (
    READERS,
    half_a_notebook,
    read_pack,
    whole_notebook,
)
from lbbd_jsna.reporting.output_judging import Judge
from lbbd_jsna.reporting.output_notebooks import frames_in
from lbbd_jsna.reporting.output_pages import raw_frame
from lbbd_jsna.reporting.output_pieces import Place, Wrong
from lbbd_jsna.reporting.output_protected import Protected

__all__ = ["Protected", "check_outputs"]

_FRAME_CLASS = re.compile(r"class=[\"'][^\"']*\bdataframe\b")


def check_outputs(stage: Path, *, protected: Protected) -> list[Fault]:
    """Every place in a finished pack where a protected figure can be read.

    Looks into pages (text, attributes, comments, pictures inside them), notebooks (every
    output, hidden or not, metadata, attachments), tables, workbooks, JSON, maps and the log.
    Where nothing is protected, only raw data frames and files of unknown kinds are looked for.

    Parameters
    ----------
    stage : Path
        The folder of a finished pack.
    protected : Protected
        The truth and what was released in its place.

    Returns
    -------
    list of Fault
        File and place, never a figure; empty for a pack that may be published.

    Source
    ------
    This project's own. OpenSAFELY has people check every output before its release; here every
    file is read back.
    """
    if protected.nothing:
        return [_wrong(piece) for piece in _plain_faults(stage)]
    return Judge(protected).faults(read_pack(stage))


def _wrong(piece: Wrong) -> Fault:
    return Fault(str(piece.place), piece.found, "nothing of the kind", piece.todo)


def _plain_faults(stage: Path) -> Iterator[Wrong]:
    for path in sorted(path for path in stage.rglob("*") if path.is_file()):
        place = Place(path.relative_to(stage).as_posix())
        if path.suffix.lower() not in READERS:
            yield Wrong(place, "a kind of file that cannot be checked", "leave it out of the pack")
        elif path.suffix.lower() == ".ipynb":
            notebook = whole_notebook(path.read_bytes())
            yield from [half_a_notebook(place)] if notebook is None else frames_in(notebook, place)
        elif path.suffix.lower() == ".html" and _FRAME_CLASS.search(
            path.read_text(encoding="utf-8", errors="replace")
        ):
            yield raw_frame(place)

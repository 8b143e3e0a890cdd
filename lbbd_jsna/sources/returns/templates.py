"""Writes the forms that services and partners fill in, as CSV and for Excel."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import Fault, RunError
from lbbd_jsna.periods import Period
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.sources.returns.form_workbook import workbook_bytes
from lbbd_jsna.sources.returns.forms import Form, form_of, returned_series
from lbbd_jsna.sources.returns.guidance import read_me, sheet_notes
from lbbd_jsna.sources.returns.headings import COLUMNS

READ_ME = "README.txt"


def write_templates(
    folder: Path,
    *,
    catalogue: Catalogue,
    quarter: Quarter,
    earlier: Mapping[str, Period] | None = None,
) -> list[Path]:
    """Write a form for every series that is returned or surveyed.

    Parameters
    ----------
    folder : Path
        Made when missing. Files that are there already are kept when they are the same.
    catalogue : Catalogue
    quarter : Quarter
        The quarter the report is for.
    earlier : mapping of str to Period, optional
        The newest period each series was returned for: its length is asked for again.

    Returns
    -------
    list of Path
        `<indicator>_<quarter>.csv` and `.xlsx` for each, and `README.txt`. The same
        arguments give the same bytes.

    Raises
    ------
    RunError
        A file of one of these names has been changed, filled in for instance; nothing is
        written then.
    """
    forms = [
        form_of(indicator, catalogue=catalogue, quarter=quarter, earlier=earlier or {})
        for indicator in returned_series(catalogue)
    ]
    if not forms:
        raise RunError("the catalogue has no series that is returned or surveyed")
    files: dict[str, bytes] = {READ_ME: _bytes(read_me(forms, catalogue, quarter))}
    for form in forms:
        files[f"{form.stem}.csv"] = _bytes(_csv(form))
        notes = sheet_notes(form, catalogue, quarter)
        files[f"{form.stem}.xlsx"] = workbook_bytes(form, notes, catalogue=catalogue)
    return _write(folder, files)


def _csv(form: Form) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(form.rows())
    return stream.getvalue()


def _bytes(text: str) -> bytes:
    """With a byte order mark, so that Excel and Notepad read accents rightly."""
    return text.encode("utf-8-sig")


def _write(folder: Path, files: dict[str, bytes]) -> list[Path]:
    paths = {folder / name: content for name, content in sorted(files.items())}
    changed = [
        Fault(str(path), "changed since it was written", todo="move it, or name another folder")
        for path, content in paths.items()
        if path.exists() and (not path.is_file() or path.read_bytes() != content)
    ]
    if changed:
        raise RunError("templates would overwrite files that have been changed", changed)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise RunError(f"{folder} is not a folder, or lies below a file; name another") from None
    for path, content in paths.items():
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(content)
        part.replace(path)
    return list(paths)

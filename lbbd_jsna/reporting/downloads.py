"""The files behind a page: each named table as CSV, each map as SVG.

A CSV is opened in Excel by somebody sooner or later, so it starts with a byte
order mark (else accents break) and no cell can become a formula.
"""

from __future__ import annotations

import base64
import csv
import io
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from nbformat import NotebookNode

from lbbd_jsna.errors import Fault, RunError
from lbbd_jsna.exhibits.html import walk
from lbbd_jsna.reporting.export import exhibits_of
from lbbd_jsna.reporting.frame import DEMONSTRATION

NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d+)?\s?%?")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
ENDINGS = {"image/svg+xml": "svg", "image/png": "png"}


def write_tables(
    executed: NotebookNode, folder: Path, *, demonstration: bool = False
) -> dict[str, str]:
    """Write every named table of a notebook's exhibits, those of figures included.

    Parameters
    ----------
    executed : NotebookNode
    folder : Path
        Made when missing.
    demonstration : bool
        Add a last column that says in every row that the figures are made up.

    Returns
    -------
    dict
        Caption by file name.

    Raises
    ------
    RunError
        A name that is not a file stem, or two different tables of one name.
    """
    tables = _named(executed, "table")
    texts = {f"{name}.csv": table_csv(table, demonstration=demonstration) for name, table in tables}
    faults = [
        Fault(f"{name}.csv", f'"{table["caption"]}" differs from another table of this name')
        for name, table in tables
        if table_csv(table, demonstration=demonstration) != texts[f"{name}.csv"]
    ]
    _write(folder, {name: text.encode("utf-8-sig") for name, text in texts.items()}, faults)
    return {f"{name}.csv": table["caption"] for name, table in tables}


def write_maps(
    executed: NotebookNode, folder: Path, *, demonstration: bool = False
) -> dict[str, str]:
    """Write every named map of a notebook's exhibits, with its title and words inside.

    Returns
    -------
    dict
        Title by file name.
    """
    figures = [(name, figure) for name, figure in _named(executed, "figure") if _is_map(figure)]
    files = {
        f"{name}.{ENDINGS[figure['mime']]}": _picture(figure, demonstration)
        for name, figure in figures
    }
    _write(folder, files, [])
    return {f"{name}.{ENDINGS[figure['mime']]}": figure["title"] for name, figure in figures}


def table_csv(table: dict[str, Any], *, demonstration: bool = False) -> str:
    """A table's text as CSV; what stands small beneath a cell gets a column of its own.

    Parameters
    ----------
    table : dict
        `exhibit.Table` as JSON.

    Returns
    -------
    str
        Lines end in CR LF, as RFC 4180 asks.
    """
    with_sub = [any(row[place]["sub"] for row in table["rows"]) for place in _places(table)]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    heads = _cells(table["columns"], with_sub, heading=True)
    extra = ["Note"] if demonstration else []
    writer.writerow([guarded(text) for text in (*heads, *extra)])
    extra = [DEMONSTRATION] if demonstration else []
    for row in table["rows"]:
        writer.writerow([guarded(text) for text in (*_cells(row, with_sub), *extra)])
    return written.getvalue()


def guarded(text: str) -> str:
    """Text that a spreadsheet shows and never runs: an apostrophe before a formula."""
    if text.lstrip(" ").startswith(FORMULA_STARTS) and not NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _places(table: dict[str, Any]) -> range:
    return range(len(table["columns"]))


def _cells(
    row: Iterable[dict[str, Any]], with_sub: list[bool], *, heading: bool = False
) -> Iterator[str]:
    for cell, has_sub in zip(row, with_sub, strict=True):
        if not has_sub:
            joined = heading and cell["sub"]
            yield f"{cell['text']} ({cell['sub']})" if joined else _said(cell)
            continue
        yield _said(cell)
        yield f"{cell['text']}: {cell['sub'] or 'detail'}" if heading else cell["sub"]


def _said(cell: dict[str, Any]) -> str:
    strip = cell.get("strip")
    return cell["text"] or (f"From {strip['low']} to {strip['high']}" if strip else "")


def _named(executed: NotebookNode, kind: str) -> list[tuple[str, dict[str, Any]]]:
    found = [
        (part["name"], part)
        for bundle in exhibits_of(executed)
        for part in walk(bundle)
        if part["kind"] == kind and part["name"]
    ]
    wrong = sorted({name for name, _ in found if not NAME.fullmatch(name)})
    if wrong:
        raise RunError(
            "an exhibit's name cannot be a file name",
            [Fault(name, "not a file stem", "small letters, digits, hyphens") for name in wrong],
        )
    return found


def _is_map(figure: dict[str, Any]) -> bool:
    return figure["role"] == "map"


def _picture(figure: dict[str, Any], demonstration: bool) -> bytes:
    if figure["mime"] == "image/png":
        return base64.b64decode(figure["image"])
    title = f"{DEMONSTRATION} {figure['title']}" if demonstration else figure["title"]
    words = f"<title>{escape(title)}</title><desc>{escape(figure['alt'])}</desc>"
    return re.sub(r"(<svg\b[^>]*>)", lambda m: m[1] + words, figure["image"], count=1).encode()


def _write(folder: Path, files: dict[str, bytes], faults: list[Fault]) -> None:
    """Write each file whole or not at all: reports made side by side share some tables."""
    for name, content in files.items():
        path = folder / name
        if path.exists() and path.read_bytes() != content:
            faults.append(Fault(name, "another report wrote this file with other figures"))
    if faults:
        raise RunError("two exhibits of one name differ", faults)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in sorted(files.items()):
        part = folder / f".{name}.{os.getpid()}"
        part.write_bytes(content)
        part.replace(folder / name)

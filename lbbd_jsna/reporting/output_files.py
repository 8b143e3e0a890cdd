"""Reading every file of a pack back, by its kind."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from lbbd_jsna.reporting.output_notebooks import read_json, read_notebook
from lbbd_jsna.reporting.output_pages import read_page, read_png
from lbbd_jsna.reporting.output_pictures import read_svg
from lbbd_jsna.reporting.output_pieces import Grid, Piece, Place, Words, Wrong, read_lines


def read_pack(stage: Path) -> Iterator[Piece]:
    """Everything that can be read in the files below a folder, file by file."""
    for path in sorted(path for path in stage.rglob("*") if path.is_file()):
        yield from read_file(path, path.relative_to(stage).as_posix())


def read_file(path: Path, name: str) -> Iterator[Piece]:
    """Everything that can be read in one file; `name` is how faults call it."""
    stem = re.sub(r"[-_]", " ", path.stem)
    place = Place(name, context=(path.stem, stem))
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        yield Wrong(place, "a kind of file that cannot be checked", "leave it out of the pack")
        return
    yield from reader(path.read_bytes(), place)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8-sig", "replace")


def _html(raw: bytes, place: Place) -> Iterator[Piece]:
    return read_page(_text(raw), place)


def _svg(raw: bytes, place: Place) -> Iterator[Piece]:
    return read_svg(_text(raw), place)


def _lines(raw: bytes, place: Place) -> Iterator[Piece]:
    return read_lines(_text(raw), place)


def _json(raw: bytes, place: Place) -> Iterator[Piece]:
    try:
        return read_json(json.loads(_text(raw)), place)
    except ValueError:
        return read_lines(_text(raw), place)


def _notebook(raw: bytes, place: Place) -> Iterator[Piece]:
    notebook = whole_notebook(raw)
    return iter([half_a_notebook(place)]) if notebook is None else read_notebook(notebook, place)


def whole_notebook(raw: bytes) -> dict[str, Any] | None:
    """A notebook's JSON; None where only a part of it was written."""
    try:
        return json.loads(_text(raw))
    except ValueError:
        return None


def half_a_notebook(place: Place) -> Wrong:
    """The fault of a notebook that a run left half written."""
    return Wrong(place, "a notebook that cannot be read back", "run it again")


def _csv(raw: bytes, place: Place) -> Iterator[Piece]:
    rows = [tuple(row) for row in csv.reader(io.StringIO(_text(raw), newline="")) if row]
    if rows:
        yield Grid(place, rows[0], tuple(rows[1:]))


def _workbook(raw: bytes, place: Place) -> Iterator[Piece]:
    """Every sheet, hidden ones too, and every other part: comments, charts, stored pivots."""
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        names = parts.namelist()
        shared: list[str] = []
        if "xl/sharedStrings.xml" in names:
            root = ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))
            shared = ["".join(item.itertext()) for item in root]
        for name in sorted(names):
            part = place.within(f"part {name}")
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                yield from _sheet(ElementTree.fromstring(parts.read(name)), shared, part)
            elif name.endswith((".xml", ".vml")) and name != "xl/sharedStrings.xml":
                yield from _part(ElementTree.fromstring(parts.read(name)), part)
            elif name.endswith(".png"):
                yield from read_png(parts.read(name), part)


def _sheet(root: Element, shared: list[str], place: Place) -> Iterator[Piece]:
    rows = [
        tuple(_cell(cell, shared) for cell in row)
        for row in root.iter()
        if row.tag.endswith("}row") and len(row)
    ]
    if rows:
        yield Grid(place, rows[0], tuple(rows[1:]))
    others = [n for n in root if not n.tag.endswith(("}sheetData", "}cols"))]
    for element in others:
        said = " ".join("".join(element.itertext()).split())
        if said:
            yield Words(place, said)


def _cell(cell: Element, shared: list[str]) -> str:
    texts = [part.text or "" for part in cell.iter() if part is not cell]
    if cell.get("t") == "s" and texts and texts[-1].isdigit():
        return shared[int(texts[-1])]
    return " ".join(filter(None, texts))


def _part(root: Element, place: Place) -> Iterator[Piece]:
    """Any other part, read as rows of neighbours; a chart's names beside its values."""
    for series in root.iter():
        if series.tag.endswith("}ser"):
            columns = [
                [v.text or "" for v in kind.iter() if v.tag.endswith("}v")]
                for kind in series
                if kind.tag.endswith(("}cat", "}val", "}xVal", "}yVal"))
            ]
            yield Grid(place, (), tuple(zip(*columns, strict=False)))
    rows = [
        tuple(child.get("v") or child.text or "" for child in element)
        for element in root.iter()
        if len(element) > 1
    ]
    yield Grid(place, (), tuple(row for row in rows if any(text.strip() for text in row)))
    yield Words(place, " ".join(" ".join(root.itertext()).split()))


READERS: dict[str, Callable[[bytes, Place], Iterator[Piece]]] = {
    ".html": _html,
    ".htm": _html,
    ".ipynb": _notebook,
    ".csv": _csv,
    ".json": _json,
    ".geojson": _json,
    ".svg": _svg,
    ".png": read_png,
    ".xlsx": _workbook,
    ".log": _lines,
    ".txt": _lines,
    ".md": _lines,
}

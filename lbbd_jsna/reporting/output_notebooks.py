"""Reading an executed notebook back: every output, hidden or not, metadata, attachments."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lbbd_jsna.exhibits.exhibit import MIME
from lbbd_jsna.reporting.output_pages import raw_frame, read_page, read_png
from lbbd_jsna.reporting.output_pictures import read_svg
from lbbd_jsna.reporting.output_pieces import Grid, Piece, Place, Words, read_lines

FRAME_MIME = "application/vnd.dataresource+json"
_FRAME_END = re.compile(
    r"\[\d+ rows x \d+ columns\]|^(?:Name: .*, |Length: \d+, )*dtype: \w+\s*$|^Empty DataFrame",
    re.M,
)
_FRAME_ROW = re.compile(r"\S+(?: \S+)*\s{2,}\S")


def read_notebook(notebook: Mapping[str, Any], place: Place) -> Iterator[Piece]:
    """Everything an executed notebook holds."""
    rest = {name: value for name, value in notebook.items() if name != "cells"}
    yield from read_json(rest, place.within("metadata of the notebook"))
    heading = ""
    for number, cell in enumerate(notebook.get("cells", ()), start=1):
        source = _joined(cell.get("source", ""))
        if cell.get("cell_type") == "markdown":
            named = re.findall(r"^#+\s+(.*)", source, re.M)
            heading = named[-1] if named else heading
        here = place.within(f"cell {number}", heading)
        yield from read_lines(source, here.within("source"))
        for name, value in cell.items():
            if name == "attachments":
                for attached, bundle in value.items():
                    yield from _bundle(bundle, here.within(f"attachment {attached}", attached))
            elif name not in ("source", "outputs", "cell_type", "id", "execution_count"):
                yield from read_json(value, here.within(name))
        for output in cell.get("outputs", ()):
            yield from _output(output, here)


def frames_in(notebook: Mapping[str, Any], place: Place) -> Iterator[Piece]:
    """Only the data frames that a notebook shows as they are."""
    for number, cell in enumerate(notebook.get("cells", ()), start=1):
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            html, plain = _joined(data.get("text/html", "")), _joined(data.get("text/plain", ""))
            raw = re.search(r"class=[\"'][^\"']*\bdataframe\b", html)
            if raw or FRAME_MIME in data or _is_frame(plain) or _is_frame(
                _joined(output.get("text", ""))
            ):
                yield raw_frame(place.within(f"cell {number}"))


def _is_frame(text: str) -> bool:
    """Whether a text is how a data frame prints itself."""
    if _FRAME_END.search(text):
        return True
    lines = text.rstrip().splitlines()
    return (
        len(lines) > 2
        and lines[0].startswith(" ")
        and all(_FRAME_ROW.match(line) for line in lines[1:])
        and len({len(line.rstrip()) for line in lines}) == 1
    )


def _joined(text: Any) -> str:
    return "".join(text) if isinstance(text, list) else str(text)


def _output(output: Mapping[str, Any], place: Place) -> Iterator[Piece]:
    yield from _bundle(output.get("data", {}), place.within("output"))
    told = [_joined(output[name]) for name in ("text", "evalue", "traceback") if name in output]
    for text in told:
        if _is_frame(text):
            yield raw_frame(place)
        yield from read_lines(text, place.within("printed text"))
    known = {"data", "text", "evalue", "traceback", "output_type", "execution_count"}
    rest = {name: value for name, value in output.items() if name not in known}
    yield from read_json(rest, place.within("metadata of an output"))


def _bundle(bundle: Mapping[str, Any], place: Place) -> Iterator[Piece]:
    exhibit = bundle.get(MIME)
    above = tuple(_titles(exhibit)) if isinstance(exhibit, dict) else ()
    for mime, value in bundle.items():
        here = place.within("" if mime == MIME else mime, *above)
        if mime == MIME and isinstance(value, dict):
            yield from read_exhibit(value, place)
        elif mime == FRAME_MIME:
            yield raw_frame(here)
            yield from read_json(value, here)
        elif isinstance(value, (dict, list)) and not _is_text(value):
            yield from read_json(value, here)
        else:
            yield from _mime_text(mime, _joined(value), here)


def _is_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)


def _titles(exhibit: Mapping[str, Any]) -> Iterator[str]:
    return (exhibit[n] for n in ("heading", "title", "caption") if isinstance(exhibit.get(n), str))


def _mime_text(mime: str, text: str, place: Place) -> Iterator[Piece]:
    if mime == "text/html":
        yield from read_page(text, place)
    elif mime == "image/svg+xml":
        yield from read_svg(text, place)
    elif mime == "image/png":
        try:
            yield from read_png(base64.b64decode(text), place)
        except binascii.Error:
            yield from read_lines(text, place)
    elif mime.endswith("json") and text.lstrip().startswith(("{", "[")):
        yield from read_json(json.loads(text), place)
    else:
        if _is_frame(text):
            yield raw_frame(place)
        yield from read_lines(text, place)


def read_exhibit(exhibit: Mapping[str, Any], place: Place) -> Iterator[Piece]:
    """An exhibit's JSON: what its renderer shows, and anything else it was given."""
    here = place.within("", *_titles(exhibit))
    kind, left = exhibit.get("kind"), dict(exhibit)
    if kind == "table":
        yield _exhibit_table(exhibit, here)
        for row in left.pop("rows", ()):
            for cell in row:
                extra = {n: v for n, v in cell.items() if n not in _CELL_PARTS}
                yield from read_json(extra, here.within("cell", _cell_text(row[0])))
        left.pop("columns", None)
    elif kind == "figure":
        name = str(exhibit.get("name") or "")
        here = here.within(f"figure {name}".strip(), name, str(exhibit.get("alt", "")))
        yield from _mime_text(str(left.pop("mime", "")), str(left.pop("image", "")), here)
        for part in ("alt", "caption", "title"):
            yield Words(here.within("alternative text" if part == "alt" else part),
                        str(left.pop(part, "")))
        table = left.pop("table", None)
        if isinstance(table, dict):
            yield from read_exhibit(table, here.within("table"))
    for child in left.pop("children", ()):
        yield from read_exhibit(child, here)
    yield from read_json({n: v for n, v in left.items() if n not in ("kind", "level")}, here)


_CELL_PARTS = {"text", "sub", "tag", "href", "strip", "strong"}


def _exhibit_table(table: Mapping[str, Any], place: Place) -> Grid:
    heads = tuple(_cell_text(head) for head in table.get("columns", ()))
    rows = tuple(tuple(_cell_text(cell) for cell in row) for row in table.get("rows", ()))
    named = place.within(f"table {table['name']}" if table.get("name") else "table",
                         str(table.get("name", "")))
    return Grid(named, heads, rows)


def _cell_text(cell: Mapping[str, Any]) -> str:
    strip = cell.get("strip") or {}
    drawn = f"{strip['area']!r}" if "area" in strip else ""
    return " ".join(filter(None, (cell.get("text", ""), cell.get("sub", ""), drawn)))


def read_json(value: Any, place: Place) -> Iterator[Piece]:
    """Any JSON: records as rows, equal lists as columns, texts as words."""
    if isinstance(value, Mapping):
        yield from _mapping(value, place)
    elif isinstance(value, list) and value:
        yield from _list(value, place)
    elif isinstance(value, str):
        yield from _string(value, place)


def _mapping(value: Mapping[str, Any], place: Place) -> Iterator[Piece]:
    plain = {str(name): _shown(part) for name, part in value.items() if _is_plain(part)}
    if plain:
        yield Grid(place, tuple(plain), (tuple(plain.values()),))
        yield Grid(place, (), tuple(plain.items()))
    columns = {str(name): _column(part) for name, part in value.items() if _column(part)}
    if len(columns) > 1 and len({len(column) for column in columns.values()}) == 1:
        yield Grid(place, tuple(columns), tuple(map(_flat, zip(*columns.values(), strict=True))))
    for name, part in value.items():
        if not _is_plain(part):
            yield from read_json(part, place.within(str(name), str(name)))


def _column(part: Any) -> list[Any]:
    """A list, or the values of a mapping with its keys beside them."""
    if isinstance(part, Mapping):
        return [[name, inner] for name, inner in part.items() if _is_plain(inner)]
    return part if isinstance(part, list) else []


def _flat(row: tuple[Any, ...]) -> tuple[str, ...]:
    cells: list[str] = []
    for part in row:
        cells += map(_shown, part if isinstance(part, list) else [part])
    return tuple(cells)


def _list(value: list[Any], place: Place) -> Iterator[Piece]:
    if all(isinstance(part, Mapping) for part in value):
        heads = tuple(dict.fromkeys(str(name) for part in value for name in part))
        rows = tuple(
            tuple(_shown(part.get(n, "")) if _is_plain(part.get(n, "")) else "" for n in heads)
            for part in value
        )
        yield Grid(place, heads, rows)
    elif all(isinstance(part, list) for part in value):
        yield Grid(place, (), tuple(_flat((part,)) for part in value))
    elif all(_is_plain(part) for part in value):
        yield Grid(place, (), tuple((_shown(part),) for part in value))
    for number, part in enumerate(value):
        if isinstance(part, Mapping):
            named = " ".join(str(v) for v in part.values() if isinstance(v, str) and _is_plain(v))
            nested = {name: inner for name, inner in part.items() if not _is_plain(inner)}
            yield from read_json(nested, place.within(f"item {number}", named))
        elif not _is_plain(part):
            yield from read_json(part, place.within(f"item {number}"))


def _is_plain(part: Any) -> bool:
    if isinstance(part, str):
        return len(part) < 300 and "\n" not in part and not part.lstrip().startswith("<")
    return part is None or isinstance(part, (bool, int, float))


def _shown(part: Any) -> str:
    if isinstance(part, bool) or part is None:
        return ""
    return part if isinstance(part, str) else repr(part)


def _string(text: str, place: Place) -> Iterator[Piece]:
    if text.lstrip().startswith("<svg"):
        yield from read_svg(text, place)
    elif text.lstrip().startswith("<"):
        yield from read_page(text, place)
    else:
        yield from read_lines(text, place)

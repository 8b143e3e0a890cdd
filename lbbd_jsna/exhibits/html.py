"""The one renderer: an exhibit's JSON in, escaped HTML out.

`prepare` works out everything a page needs (heading levels, ids, positions of
marks, how wide a table is); the template beside this module only writes it
down, with every value escaped.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, UndefinedError
from markupsafe import Markup

from lbbd_jsna.exhibits.anchors import Anchors, safe_href
from lbbd_jsna.exhibits.marks import STRIP_WIDTH, strip_marks, swatch_marks
from lbbd_jsna.schema import SHORTHAND_MEANING

TAGS = ("", "better", "similar", "worse", "higher", "lower", "none")
# Widths (in rem) below which a page turns a table's rows into cards, the first never.
FITS = (18, 22, 28, 36, 46, 64)
# The widest table (in em of its text) on portrait A4 as it is, the widest there in small
# print before the page is turned, and the widest that no screen has to scroll.
WIDEST_PORTRAIT, WIDEST_DENSE, WIDEST_SCREEN = 56, 62, 64
TALLEST = 24  # rows; a narrow table of more is printed in two columns
# The widest table that stands beside its map: as a page cares to show it, and its least.
WIDEST_BESIDE, NEEDED_BESIDE = 46, 38
LONGEST_SET_RIGHT = 24
LONGEST_UNBROKEN = 18  # characters: "25,000 to 26,999"

_ENVIRONMENT = Environment(
    loader=PackageLoader("lbbd_jsna.exhibits"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)


def walk(bundle: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The exhibit and every exhibit inside it, in reading order."""
    yield bundle
    for child in bundle.get("children", ()):
        yield from walk(child)
    if bundle["kind"] == "figure":
        yield bundle["table"]


def anchors_asked(bundle: dict[str, Any]) -> set[str]:
    """The ids that the sections of an exhibit ask for by name."""
    return {part["anchor"] for part in walk(bundle) if part.get("anchor")}


def render(bundle: dict[str, Any], *, level: int = 2, anchors: Anchors | None = None) -> Markup:
    """Turn one exhibit into HTML, every value escaped.

    Parameters
    ----------
    bundle : dict
        `Exhibit.as_json()`.
    level : int
        Level of the exhibit's own heading, if it has one.
    anchors : Anchors, optional
        The ids of the page it will stand on; a new page when left out.

    Returns
    -------
    Markup
        Same bundle, same text.

    Raises
    ------
    ValueError
        The bundle breaks the contract of `exhibits.exhibit`.
    """
    page = Anchors(kept=anchors_asked(bundle)) if anchors is None else anchors
    node = prepare(bundle, level=level, anchors=page)
    try:
        written = _ENVIRONMENT.get_template("exhibits.html.j2").module.exhibit(node)
    except UndefinedError as missing:
        raise ValueError(f"a {node['kind']} exhibit lacks something: {missing}") from missing
    return Markup(written.strip())


def is_turned(bundle: dict[str, Any]) -> bool:
    """Whether an exhibit is a table too wide to be printed upright."""
    if bundle.get("kind") != "table":
        return False
    try:
        return prepare(bundle, level=2, anchors=Anchors())["landscape"]
    except ValueError:  # rendering it will say what is wrong, and where
        return False


def preview(bundle: dict[str, Any]) -> str:
    """The exhibit as JupyterLab shows it: the same HTML with a small style of its own."""
    mark = hashlib.sha256(repr(bundle).encode()).hexdigest()[:8]
    page = Anchors(prefix=f"p{mark}-", kept=anchors_asked(bundle))
    template = _ENVIRONMENT.get_template("preview.html.j2")
    return template.render(content=render(bundle, anchors=page))


def prepare(bundle: dict[str, Any], *, level: int, anchors: Anchors) -> dict[str, Any]:
    """Everything the template needs to write an exhibit down."""
    kind = bundle.get("kind")
    if kind not in _PREPARE:
        raise ValueError(f"{kind!r} is not a kind of exhibit; known: {', '.join(_PREPARE)}")
    try:
        return _PREPARE[kind](bundle, level, anchors)
    except KeyError as missing:
        raise ValueError(f"a {kind} exhibit without {missing}") from missing


def _title(bundle: dict[str, Any], level: int, anchors: Anchors) -> dict[str, Any]:
    return {**bundle, "id": anchors.heading(1, bundle["heading"])}


def _text(bundle: dict[str, Any], level: int, anchors: Anchors) -> dict[str, Any]:
    return dict(bundle)


def _labelled(bundle: dict[str, Any], level: int, anchors: Anchors) -> dict[str, Any]:
    for item in bundle.get("items", ()):
        safe_href(item["href"])
    return {**bundle, "id": anchors.claim(bundle["label"]) if bundle["label"] else ""}


def _section(bundle: dict[str, Any], level: int, anchors: Anchors) -> dict[str, Any]:
    below, name = level, ""
    if any(child.get("kind") == "title" for child in bundle["children"]):
        raise ValueError("a section holds a Title, which belongs at the top of the page")
    if bundle["heading"]:
        name = anchors.heading(level, bundle["heading"], anchor=bundle["anchor"])
        below = level + 1
    children = [prepare(child, level=below, anchors=anchors) for child in bundle["children"]]
    return {**bundle, "id": name, "level": level, "children": children, "led": _led(children)}


def _led(children: list[dict[str, Any]]) -> int:
    """How many children, up to a turned table or part, must be printed with the heading.

    A heading must not stay behind on the page before what is turned.
    """
    led = 0
    for number, child in enumerate(children, start=1):
        if child.get("landscape") or child.get("wide"):
            led = number
        elif child["kind"] not in ("table", "text"):
            break
    return led


def _figure(bundle: dict[str, Any], level: int, anchors: Anchors) -> dict[str, Any]:
    name = anchors.heading(level, bundle["title"])
    table = prepare(bundle["table"], level=level, anchors=anchors)
    is_map = bundle["role"] == "map"
    return {
        **bundle,
        "id": name,
        "level": level,
        "src": _data_uri(bundle["mime"], bundle["image"]),
        "key": [swatch_marks(entry) for entry in bundle["key"]],
        "table": table,
        "beside": is_map and _beside(table),
        "file": anchors.file("maps", bundle["name"], "svg") if is_map else "",
    }


def _beside(table: dict[str, Any]) -> bool:
    return table["fit"] <= WIDEST_BESIDE and table["needed"] <= NEEDED_BESIDE


def _data_uri(mime: str, image: str) -> str:
    if mime == "image/svg+xml":
        return f"data:{mime};base64,{base64.b64encode(image.encode()).decode('ascii')}"
    if mime != "image/png":
        raise ValueError(f"a figure is image/svg+xml or image/png, not {mime!r}")
    try:
        base64.b64decode(image, validate=True)
    except binascii.Error as fault:
        raise ValueError("a PNG figure's image must be base64 text") from fault
    return f"data:{mime};base64,{image}"


def _table(bundle: dict[str, Any], level: int, anchors: Anchors) -> dict[str, Any]:
    for number, row in enumerate(bundle["rows"], start=1):
        if len(row) != len(bundle["columns"]):
            raise ValueError(
                f'row {number} of the table "{bundle["caption"]}" has {len(row)} cells '
                f"under {len(bundle['columns'])} headings"
            )
    rows = [[_cell(cell) for cell in row] for row in bundle["rows"]]
    columns = [
        _column(head, [row[place] for row in rows]) for place, head in enumerate(bundle["columns"])
    ]
    wanted, needed = _widths(columns, rows)
    return {
        **bundle,
        "id": anchors.claim(f"table {bundle['caption']}"),
        "columns": columns,
        "rows": rows,
        "fit": next((fit for fit in FITS if wanted <= fit), FITS[-1]),
        "needed": needed,
        "scrolls": needed > WIDEST_SCREEN,
        "dense": wanted > WIDEST_PORTRAIT,
        "tall": len(rows) > TALLEST and wanted < WIDEST_PORTRAIT / 2,
        "landscape": needed > WIDEST_DENSE,
        "shorthand": _shorthand(bundle),
        "file": anchors.file("tables", bundle["name"], "csv"),
    }


def _column(head: dict[str, Any], cells: list[dict[str, Any]]) -> dict[str, Any]:
    """A heading with the label its cells carry on a narrow screen, and how they are set.

    Sentences under the numbers of a column would be hard to read set to the right.
    """
    wordy = any(len(cell[part]) > LONGEST_SET_RIGHT for cell in cells for part in ("text", "sub"))
    right = head["align"] == "number" and not wordy
    return {
        **head,
        "label": f"{head['text']} ({head['sub']})" if head["sub"] else head["text"],
        "right": right,
        # Beside its map a row must not be taller for the sake of two short words.
        "short": not wordy and not right
        and all(len(cell["text"]) <= LONGEST_UNBROKEN for cell in cells),
    }


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    if cell["tag"] not in TAGS:
        raise ValueError(f"{cell['tag']!r} is not a tag; known: {', '.join(TAGS[1:])}")
    safe_href(cell["href"])
    return {**cell, "strip": strip_marks(cell["strip"]) if cell["strip"] else None}


def _widths(columns: list[dict], rows: list[list[dict]]) -> tuple[float, float]:
    """Guesses, in em of the cells' text, at the room a table wants and the least it needs.

    Half an em a character is about right for Arial. It wants no cell to wrap
    before 16 characters; it needs room for its longest words.
    """
    wanted = needed = 0.0
    for place, head in enumerate(columns):
        cells = [row[place] for row in rows]
        parts = [cell[part] for cell in cells for part in ("text", "sub") if cell[part]]
        unbroken = [cell["text"] for cell in cells] if head["right"] else []
        words = [word for text in [*parts, head["text"], head["sub"]] for word in text.split()]
        longest_word = max(map(len, [*words, *unbroken]), default=0)
        longest = max((min(len(text), 16) for text in parts), default=0)
        boxed = 2 if any(cell["tag"] for cell in cells) else 0
        drawn = STRIP_WIDTH / 16 if any(cell["strip"] for cell in cells) else 0
        wanted += max((max(longest_word, longest) + boxed) / 2, drawn) + 1.2
        needed += max((longest_word + boxed) / 2, drawn) + 0.8
    return wanted, needed


def _shorthand(bundle: dict[str, Any]) -> list[tuple[str, str]]:
    """The marks a table uses and its notes do not explain, with their meanings."""
    notes = " ".join(bundle["notes"])
    used = " ".join(f"{cell['text']} {cell['sub']}" for row in bundle["rows"] for cell in row)
    return [
        (mark, meaning)
        for mark, meaning in SHORTHAND_MEANING.items()
        if mark in used and mark not in notes
    ]


_PREPARE = {
    "title": _title,
    "text": _text,
    "tallies": _labelled,
    "quotes": _text,
    "table": _table,
    "figure": _figure,
    "section": _section,
    "links": _labelled,
}

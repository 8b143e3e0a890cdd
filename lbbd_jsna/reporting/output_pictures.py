"""Reading a finished drawing back: its words, outlined letters too, and its geometry."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.drawing import blank_figure, put_text
from lbbd_jsna.exhibits.drawing import render as draw
from lbbd_jsna.reporting.output_pieces import Marks, Piece, Place, Shape, Words, Wrong

LETTERS = (
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,%-+/()[]:;&'<>=*#£–’"
)
SAME_LINE, SAME_COLUMN = 7.0, 14.0  # px within which two labels are read together
FEWEST_MARKS = 3
_TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TRANSLATE = re.compile(r"translate\(\s*(-?[\d.]+)[ ,]*(-?[\d.]*)")
_COMMENT = re.compile(r"<!--(.*?)-->", re.S)
_SILENT = re.compile(
    r"(?:\{.*\})?(?:d|id|class|style|fill.*|stroke.*|clip-.*|transform|points|x\d?|y\d?|[cr][xy]|r|"
    r"width|height|viewBox|version|href|font-.*|text-anchor|opacity|focusable|role|dx|dy|space|"
    r"aria-hidden|aria-labelledby|preserveAspectRatio|patternUnits|patternTransform|gradient.*)"
)


@dataclass
class _Drawing:
    """What a walk through a drawing gathers."""

    labels: list[tuple[float, float, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    shapes: list[tuple[str, str]] = field(default_factory=list)
    lengths: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    points: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    glyphs: dict[str, str] = field(default_factory=dict)


def read_svg(text: str, place: Place) -> Iterator[Piece]:
    """The words, marks and named shapes of an SVG drawing.

    Parameters
    ----------
    text : str
        Of the whole drawing. Letters drawn as outlines are recognised when they are set in
        the charts' own fonts.
    """
    for piece in _drawing(text):
        said = piece.place
        yield replace(piece, place=place.within(said.what, *said.context))


@lru_cache(maxsize=2048)  # a pack holds most drawings in a notebook, a page and a file
def _drawing(text: str) -> tuple[Piece, ...]:
    """What a drawing holds, wherever it stands."""
    nowhere = Place("")
    try:
        root = ElementTree.fromstring(_rooted(text))
    except ElementTree.ParseError:
        return (Wrong(nowhere, "a drawing that cannot be read back", "make it again"),)
    found = _Drawing()
    _note_glyphs(root, found)
    _walk(root, found, name="", fill="", drawn=True)
    named = Place("", context=tuple(_own_words(root)))
    # A pattern drawn over a shape is no second shape.
    often = Counter(name for name, fill in found.shapes if not fill.startswith("url("))
    words = nowhere.within("words of the drawing")
    labels = nowhere.within("labels of the drawing")
    return (
        *(Words(words, said) for said in [*found.said, *_COMMENT.findall(text)]),
        *(Words(labels, said) for said in _lines(found.labels)),
        *(Shape(named, name, fill, often[name] > 1) for name, fill in found.shapes),
        *_marks(found, named.within("marks of the drawing")),
    )


def _own_words(root: Element) -> Iterator[str]:
    """What a drawing says of itself, its description before its title."""
    for wanted in ("desc", "title"):
        for child in root:
            if _tag(child) == wanted:
                yield " ".join("".join(child.itertext()).split())


def _rooted(text: str) -> str:
    """A drawing from inside a page may use `xlink:` without declaring it."""
    if "xlink:" in text and "xmlns:xlink" not in text:
        return text.replace("<svg", '<svg xmlns:xlink="http://www.w3.org/1999/xlink"', 1)
    return text


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _note_glyphs(root: Element, found: _Drawing) -> None:
    for path in root.iter():
        if _tag(path) == "path" and path.get("id"):
            found.glyphs[path.get("id", "")] = path.get("d", "")


def _walk(element: Element, found: _Drawing, *, name: str, fill: str, drawn: bool) -> None:
    tag = _tag(element)
    name = element.get("id") or name
    fill = element.get("fill") or _styled(element, "fill") or fill
    drawn = drawn and tag not in ("defs", "clipPath", "pattern", "marker", "symbol")
    _note_words(element, tag, name, found)
    if drawn:
        _note_geometry(element, tag, fill, found)
        if tag in ("path", "rect", "polygon", "circle", "ellipse"):
            found.shapes.append((name, fill))
    if not _outlined(element, found):
        for child in element:
            _walk(child, found, name=name, fill=fill, drawn=drawn)


def _styled(element: Element, name: str) -> str:
    match = re.search(rf"(?:^|;)\s*{name}\s*:\s*([^;]+)", element.get("style") or "")
    return match[1].strip() if match else ""


def _note_words(element: Element, tag: str, name: str, found: _Drawing) -> None:
    if tag in ("title", "desc", "metadata"):
        # A shape's own title says something about that shape.
        found.said.append(f"{name} {' '.join(''.join(element.itertext()).split())}".strip())
    elif tag == "text":
        x, y = _at(element)
        words = " ".join("".join(element.itertext()).split())
        found.labels.append((x, y, words))
        if name:
            found.said.append(f"{name} {words}")
    spoken = [v for key, v in element.attrib.items() if not _SILENT.fullmatch(key)]
    if spoken:
        found.said.append(" ".join([name, *spoken]).strip())


def _at(element: Element) -> tuple[float, float]:
    moved = _TRANSLATE.search(element.get("transform") or "")
    dx, dy = (float(moved[1]), float(moved[2] or 0)) if moved else (0.0, 0.0)
    return _number(element, "x") + dx, _number(element, "y") + dy


def _number(element: Element, name: str) -> float:
    match = re.match(r"-?[\d.]+", element.get(name) or "")
    return float(match[0]) if match else 0.0


def _outlined(element: Element, found: _Drawing) -> bool:
    """Read a group of outlined letters as the label it draws."""
    inside = [child for child in element if _tag(child) != "defs"]
    uses = [child for child in inside if _tag(child) == "use"]
    if "scale(" not in (element.get("transform") or "") or not uses or len(uses) != len(inside):
        return False
    names = [next((v for k, v in use.attrib.items() if k.endswith("href")), "") for use in uses]
    known = _letters()
    letters = [known.get(found.glyphs.get(name[1:], ""), " ") for name in names]
    found.labels.append((*_at(element), "".join(letters)))
    return True


@lru_cache(maxsize=1)
def _letters() -> dict[str, str]:
    """The outline of each letter of the charts' fonts, drawn the way charts are drawn."""
    known: dict[str, str] = {}
    for bold in (False, True):
        with style.chart_style():
            figure = blank_figure(1200, 40)
            put_text(figure, 0, 20, LETTERS, size=style.SMALL, colour=style.INK, bold=bold)
            root = ElementTree.fromstring(draw(figure).image)
        paths = {path.get("id"): path.get("d", "") for path in root.iter() if path.get("id")}
        uses = [use for use in root.iter() if _tag(use) == "use"]
        for letter, use in zip(LETTERS, uses, strict=True):
            href = next(v for k, v in use.attrib.items() if k.endswith("href"))
            known.setdefault(paths[href[1:]], letter)
    return known


def _lines(labels: list[tuple[float, float, str]]) -> Iterator[str]:
    """Labels read along each line and down each column."""
    for axis, along, near in ((1, 0, SAME_LINE), (0, 1, SAME_COLUMN)):
        line: list[tuple[float, float, str]] = []
        for label in sorted(labels, key=lambda entry: (entry[axis], entry[along])):
            if line and label[axis] - line[-1][axis] > near:
                yield _joined(line, along)
                line = []
            line.append(label)
        if line:
            yield _joined(line, along)


def _joined(line: list[tuple[float, float, str]], along: int) -> str:
    return " ".join(text for *_, text in sorted(line, key=lambda entry: entry[along]))


def _note_geometry(element: Element, tag: str, fill: str, found: _Drawing) -> None:
    if tag == "rect":
        for side in ("width", "height"):
            found.lengths[side, fill].append(_number(element, side))
    elif tag in ("circle", "ellipse"):
        found.points["across", fill].append(_number(element, "cx"))
        found.points["up", fill].append(_number(element, "cy"))
        found.lengths["radius", fill].append(_number(element, "r") or _number(element, "rx"))
    elif tag == "use":
        x, y = _at(element)
        found.points["across", fill].append(x)
        found.points["up", fill].append(y)
    elif tag == "line":
        ends = [(_number(element, f"x{n}"), _number(element, f"y{n}")) for n in (1, 2)]
        _note_line(ends, element.get("stroke") or "", found)
    elif tag in ("path", "polyline"):
        data = element.get("d") or f"M{element.get('points') or ''}"
        for corners, closed in _subpaths(data):
            _note_path(corners, closed, fill, element.get("stroke") or "", found)


def _note_path(corners, closed: bool, fill: str, stroke: str, found: _Drawing) -> None:
    distinct = corners[:-1] if len(corners) > 1 and corners[0] == corners[-1] else corners
    xs, ys = {x for x, _ in distinct}, {y for _, y in distinct}
    if len(distinct) == 4 and len(xs) == len(ys) == 2 and (closed or distinct is not corners):
        found.lengths["width", fill].append(max(xs) - min(xs))
        found.lengths["height", fill].append(max(ys) - min(ys))
    elif not closed:
        _note_line(corners, stroke, found)


def _note_line(corners: list[tuple[float, float]], stroke: str, found: _Drawing) -> None:
    if len(corners) == 2:
        (x1, y1), (x2, y2) = corners
        found.lengths["line across", stroke].append(abs(x2 - x1))
        found.lengths["line up", stroke].append(abs(y2 - y1))
    elif len(corners) > 2:
        found.points["path across", stroke] += [x for x, _ in corners]
        found.points["path up", stroke] += [y for _, y in corners]


def _subpaths(data: str) -> Iterator[tuple[list[tuple[float, float]], bool]]:
    """The corners of each part of a path, and whether it is closed; curves give none."""
    tokens = _TOKEN.findall(data)
    corners: list[tuple[float, float]] = []
    x = y = 0.0
    at, order, plain = 0, "", True
    while at < len(tokens):
        if tokens[at].isalpha():
            order, at = tokens[at], at + 1
        kind, relative = order.upper(), order.islower()
        size = {"M": 2, "L": 2, "T": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "A": 7, "Z": 0}
        length = size.get(kind, 0)
        values = [float(token) for token in tokens[at : at + length] if not token.isalpha()]
        if len(values) < length:
            return
        at += length
        if kind in ("M", "Z") and corners:
            if plain:
                yield corners, kind == "Z"
            corners, plain = [], True
        if kind == "Z":
            if at < len(tokens) and not tokens[at].isalpha():
                return
            continue
        x, y = _moved(kind, values, x if relative else 0.0, y if relative else 0.0, (x, y))
        corners.append((x, y))
        plain = plain and kind not in "CSQTA"
        order = ("l" if relative else "L") if kind == "M" else order
    if corners and plain:
        yield corners, False


def _moved(kind: str, values: list[float], dx: float, dy: float, at: tuple[float, float]):
    if kind == "H":
        return values[0] + dx, at[1]
    if kind == "V":
        return at[0], values[0] + dy
    return values[-2] + dx, values[-1] + dy


def _marks(found: _Drawing, place: Place) -> Iterator[Marks]:
    """Marks of one kind and colour, and of one kind in all colours."""
    for gathered, from_zero in ((found.lengths, True), (found.points, False)):
        kinds: dict[str, dict[str, list[float]]] = defaultdict(dict)
        for (kind, colour), sizes in gathered.items():
            kinds[kind][colour] = sizes
        for by_colour in kinds.values():
            sets = list(by_colour.values())
            if len(sets) > 1:
                sets.append([size for sizes in sets for size in sizes])
            for sizes in sets:
                if len(sizes) >= FEWEST_MARKS and any(a != b for a, b in pairwise(sizes)):
                    yield Marks(place, tuple(sizes), from_zero)

"""Reading a finished page back: text, attributes, comments, tables, pictures inside it."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser

from lbbd_jsna.reporting.output_pictures import read_svg
from lbbd_jsna.reporting.output_pieces import Grid, Piece, Place, Words, Wrong

# Attributes that draw or link and cannot say a figure; `src` and `href` are looked into.
SILENT = {
    "class", "id", "style", "width", "height", "href", "src", "scope", "role", "lang", "rel",
    "charset", "http-equiv", "name", "type", "tabindex", "aria-labelledby", "aria-describedby",
    "aria-hidden", "focusable", "colspan", "rowspan", "border", "valign", "align", "media",
    "sizes", "open",
}  # fmt: skip
BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "button", "caption", "dd", "details",
    "div", "dl", "dt", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "html", "li", "main", "nav", "ol", "option", "p", "pre", "section",
    "select", "summary", "table", "template", "textarea", "title", "ul", "noscript", "script",
}  # fmt: skip
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
_SVG = re.compile(r"<svg\b.*?</svg\s*>", re.S | re.I)
_DATA = re.compile(r"data:([\w/+.-]*)([^,]*),(.*)", re.S)


def read_page(html: str, place: Place) -> Iterator[Piece]:
    """Everything a page or an HTML fragment says, to the eye or not."""
    drawings: list[str] = []

    def keep(match: re.Match[str]) -> str:
        drawings.append(match[0])
        return f'<jsna-drawing n="{len(drawings) - 1}"></jsna-drawing>'

    reader = _Reader(place, drawings)
    reader.feed(_SVG.sub(keep, html))
    reader.close()
    reader.flush()
    yield from reader.pieces


def read_data_address(address: str, place: Place) -> Iterator[Piece]:
    """What stands inside a `data:` address: a drawing, or text hidden in a PNG."""
    match = _DATA.fullmatch(address.strip())
    if match is None:
        return
    body = match[3].encode("ascii", "ignore")
    try:
        raw = base64.b64decode(body) if "base64" in match[2] else _unescaped(match[3])
    except binascii.Error:
        yield Wrong(place, "a picture that cannot be decoded", "make it again")
        return
    if "svg" in match[1]:
        yield from read_svg(raw.decode("utf-8", "replace"), place)
    elif "png" in match[1]:
        yield from read_png(raw, place)
    elif match[1].startswith("text/"):
        yield Words(place, raw.decode("utf-8", "replace"))


def _unescaped(text: str) -> bytes:
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), text.encode())


def read_png(raw: bytes, place: Place) -> Iterator[Piece]:
    """The texts in a PNG's own chunks; what is painted cannot be read."""
    at = 8
    while at + 8 <= len(raw):
        length, kind = int.from_bytes(raw[at : at + 4]), raw[at + 4 : at + 8]
        body = raw[at + 8 : at + 8 + length]
        if kind in (b"tEXt", b"iTXt"):
            yield Words(place, body.replace(b"\0", b" ").decode("utf-8", "replace"))
        elif kind == b"zTXt":
            packed = body.partition(b"\0")[2][1:]
            yield Words(place, zlib.decompress(packed).decode("latin-1"))
        at += 12 + length


class _Table:
    """A table being read, headings apart from rows, merged cells repeated."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.heads: list[list[str]] = []
        self.rows: list[list[str]] = []
        self.caption = ""
        self.row: list[str] | None = None
        self.cell: list[str] | None = None
        self.spans: dict[int, tuple[str, int]] = {}
        self.extras: list[str] = []
        self.all_heads, self.size = True, (1, 1)

    def start_row(self) -> None:
        self.end_row()
        self.row, self.extras, self.all_heads = [], [], True
        self._carried()

    def _carried(self) -> None:
        """Repeat what a merged cell of a row above says."""
        while self.row is not None and len(self.row) in self.spans:
            column = len(self.row)
            text, left = self.spans.pop(column)
            self.row.append(text)
            if left > 1:
                self.spans[column] = (text, left - 1)

    def start_cell(self, tag: str, attributes: dict[str, str | None]) -> None:
        self.end_cell()
        if self.row is None:
            self.start_row()
        self.cell, self.all_heads = [], self.all_heads and tag == "th"
        sizes = (attributes.get("colspan"), attributes.get("rowspan"))
        self.size = tuple(min(int(s), 200) if (s or "").isdigit() else 1 for s in sizes)

    def end_cell(self) -> None:
        if self.cell is None or self.row is None:
            return
        text = " ".join("".join(self.cell).split())
        for _ in range(max(self.size[0], 1)):
            if self.size[1] > 1:
                self.spans[len(self.row)] = (text, self.size[1] - 1)
            self.row.append(text)
        self._carried()
        self.cell = None

    def end_row(self) -> None:
        self.end_cell()
        if self.row:
            if self.all_heads and not self.rows:
                self.heads.append(self.row)
            else:
                self.rows.append([*self.row, *self.extras])
        self.row = None

    def grid(self) -> Grid:
        self.end_row()
        width = max(map(len, self.heads), default=0)
        heads = [
            " ".join(dict.fromkeys(row[n] for row in self.heads if n < len(row) and row[n]))
            for n in range(width)
        ]
        rows = tuple(map(tuple, self.rows))
        return Grid(self.place.within("", self.caption), tuple(heads), rows)


class _Reader(HTMLParser):
    def __init__(self, place: Place, drawings: list[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.place, self.drawings = place, drawings
        self.pieces: list[Piece] = []
        self.headings: dict[int, str] = {}
        self.title = ""
        self.tables: list[_Table] = []
        self.words: list[str] = []
        self.block = ""
        self.silent = False
        self.pictures = self.grids = 0

    def updatepos(self, i: int, j: int) -> int:
        """Lines are not counted: no place is told by them, and it takes a tenth of the time."""
        return j

    def here(self, what: str = "", *words: str) -> Place:
        """Where the reader stands, under which headings."""
        above = [self.headings[level] for level in sorted(self.headings)]
        around = [self.tables[-1].caption] if self.tables else []
        return self.place.within(what, self.title, *above, *around, *words)

    def flush(self) -> None:
        """End a run of words."""
        text, self.words = " ".join("".join(self.words).split()), []
        if not text:
            return
        if self.block == "title":
            self.title = text
        if re.fullmatch("h[1-6]", self.block):
            level = int(self.block[1])
            self.headings = {n: t for n, t in self.headings.items() if n < level} | {level: text}
        kinds = {"title": "title", "figcaption": "caption of a figure", "li": "list"}
        self.pieces.append(Words(self.here(kinds.get(self.block, "text")), text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "jsna-drawing":
            self._drawing(int(attributes["n"] or 0))
            return
        if tag in BLOCKS and not (self.tables and self.tables[-1].cell is not None):
            self.flush()
            self.block = tag
        self.silent = tag == "style"
        self._table_tag(tag, attributes)
        self._attributes(tag, attributes)

    def _table_tag(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "table":
            self.grids += 1
            self.tables.append(_Table(self.here(f"table {self.grids}")))
            if "dataframe" in (attributes.get("class") or "").split():
                self.pieces.append(raw_frame(self.here(f"table {self.grids}")))
        elif self.tables and tag == "tr":
            self.tables[-1].start_row()
        elif self.tables and tag in ("td", "th"):
            self.tables[-1].start_cell(tag, attributes)

    def _attributes(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "img":
            self.pictures += 1
            place = self.here(f"picture {self.pictures}", attributes.get("alt") or "")
            self.pieces += read_data_address(attributes.get("src") or "", place)
        for name, text in attributes.items():
            if not text or name in SILENT or text == "" or text.startswith("data:"):
                continue
            if self.tables and self.tables[-1].row is not None:
                self.tables[-1].extras.append(text)
            elif name == "alt":
                self.pieces.append(
                    Words(self.here(f"alternative text of picture {self.pictures}"), text)
                )
            else:
                self.words.append(f" {text} ")

    def _drawing(self, number: int) -> None:
        what = f"drawing {number + 1}"
        if self.tables and self.tables[-1].row is not None:
            # A picture in a cell says what it says in that row.
            row = self.tables[-1]
            said = list(read_svg(self.drawings[number], self.here(what)))
            row.extras += [piece.text for piece in said if isinstance(piece, Words)]
            self.pieces += [piece for piece in said if not isinstance(piece, Words)]
        else:
            self.pieces += read_svg(self.drawings[number], self.here(what))

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self.silent = False
        if self.tables and tag in ("td", "th"):
            self.tables[-1].end_cell()
        elif self.tables and tag == "tr":
            self.tables[-1].end_row()
        elif self.tables and tag == "caption":
            self.tables[-1].caption = " ".join("".join(self.words).split())
            self.flush()
        elif self.tables and tag == "table":
            self.flush()
            self.pieces.append(self.tables.pop().grid())
        elif tag in BLOCKS and not (self.tables and self.tables[-1].cell is not None):
            self.flush()
            self.block = ""

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        cell = self.tables[-1].cell if self.tables else None
        (self.words if cell is None else cell).append(data)

    def handle_comment(self, data: str) -> None:
        self.pieces.append(Words(self.here("comment"), data))


def raw_frame(place: Place) -> Wrong:
    """The fault of a data frame shown as it is."""
    return Wrong(place, "a data frame shown as it is", "show an exhibit, or end the line with ;")

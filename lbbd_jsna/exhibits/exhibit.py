"""What a notebook shows: exhibits that carry data, never markup.

An exhibit owns its title, unit, period, source, notes, alternative text and the
data behind it. It leaves a notebook as JSON (`MIME`), which one renderer
(`exhibits.html`) turns into escaped HTML, in JupyterLab and in the pack alike.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from lbbd_jsna.exhibits.drawing import Drawing

MIME = "application/vnd.jsna.exhibit+json"


@dataclass(frozen=True)
class Exhibit:
    """Anything a page can hold."""

    kind: ClassVar[str]

    def as_json(self) -> dict[str, Any]:
        """The exhibit as plain JSON: what the notebook stores and the renderer reads."""
        return {"kind": self.kind, **_plain(self)}

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        from lbbd_jsna.exhibits.html import preview

        bundle = self.as_json()
        return {MIME: bundle, "text/html": preview(bundle), "text/plain": f"<{self.kind}>"}


def _plain(exhibit: Exhibit) -> dict[str, Any]:
    plain = {}
    for name in exhibit.__dataclass_fields__:
        value = getattr(exhibit, name)
        if isinstance(value, Exhibit):
            value = value.as_json()
        elif isinstance(value, tuple):
            value = [
                item.as_json()
                if isinstance(item, Exhibit)
                else asdict(item)
                if hasattr(item, "__dataclass_fields__")
                else item
                for item in value
            ]
        elif hasattr(value, "__dataclass_fields__"):
            value = asdict(value)
        plain[name] = value
    return plain


@dataclass(frozen=True)
class Title(Exhibit):
    """The page's one h1, what stands above it, and the finding that leads it."""

    kind = "title"
    heading: str
    lead: tuple[str, ...]
    context: str = ""
    short: str = ""


@dataclass(frozen=True)
class Text(Exhibit):
    """Paragraphs, an optional list, in one of a few tones."""

    kind = "text"
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    tone: Literal["plain", "finding", "note", "commentary", "code"] = "plain"


@dataclass(frozen=True)
class Tally:
    """A count and what is counted."""

    value: str
    label: str


@dataclass(frozen=True)
class Tallies(Exhibit):
    """A short row of counts under the lead."""

    kind = "tallies"
    label: str
    tallies: tuple[Tally, ...]


@dataclass(frozen=True)
class Quote:
    """Words of residents, with what is known about them."""

    text: str
    note: str


@dataclass(frozen=True)
class Quotes(Exhibit):
    """The "I" or "My" statements."""

    kind = "quotes"
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class Strip:
    """All boroughs as dots on a line: values in the unit of the row."""

    values: tuple[float, ...]
    area: float
    benchmark: float | None
    low: str
    high: str


@dataclass(frozen=True)
class Cell:
    """One cell: text, what stands small beneath it, and how it is set.

    `tag` draws a boxed verdict: one of better, similar, worse, higher, lower, none.
    `strong` sets the figure a row is about.
    `href` links to an anchor of the page or a file of the pack (relative only).
    """

    text: str
    sub: str = ""
    tag: str = ""
    href: str = ""
    strip: Strip | None = None
    strong: bool = False


@dataclass(frozen=True)
class ColumnHead:
    """A column's heading, what stands small beneath it, and its alignment."""

    text: str
    sub: str = ""
    align: Literal["text", "number"] = "text"


@dataclass(frozen=True)
class Table(Exhibit):
    """A captioned table; the first cell of each row is its row header.

    `name` is the file stem under `tables/` of the pack (CSV), or empty for none.
    """

    kind = "table"
    caption: str
    columns: tuple[ColumnHead, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    source: str = ""
    name: str = ""

    def as_json(self) -> dict[str, Any]:
        plain = {"kind": self.kind, **_plain(self)}
        plain["rows"] = [[asdict(cell) for cell in row] for row in self.rows]
        return plain


@dataclass(frozen=True)
class KeyEntry:
    """One entry of a map's key: a swatch (fill, and a pattern if any) and its words."""

    label: str
    fill: str
    hatch: str = ""


@dataclass(frozen=True)
class Figure(Exhibit):
    """A chart or map: the picture, what it shows in words, and the data behind it.

    `image` is SVG text or base64 PNG (`mime` says which); `alt` is computed from
    the data; `table` holds every number drawn. `table_printed` is False where the picture
    itself prints what a reader of paper needs. `compact` prints a map beside its table, as on a
    screen.
    """

    kind = "figure"
    title: str
    alt: str
    caption: str
    mime: Literal["image/svg+xml", "image/png"]
    image: str
    width: int
    height: int
    table: Table
    key: tuple[KeyEntry, ...] = ()
    role: Literal["chart", "map"] = "chart"
    name: str = ""
    table_printed: bool = True
    compact: bool = False

    @classmethod
    def of(cls, drawing: Drawing, **said: Any) -> Figure:
        """A figure of a drawing: its picture and size, and all that is said of it."""
        return cls(
            mime=drawing.mime,
            image=drawing.image,
            width=drawing.width,
            height=drawing.height,
            **said,
        )


@dataclass(frozen=True)
class Section(Exhibit):
    """A headed part of a page.

    `side_by_side` sets the children in two columns if wide enough, `paired` in print too;
    `folded` shows the heading alone until it is opened; `screen_only` leaves the part out of
    print and `wide` prints it on a sheet turned on its side.
    """

    kind = "section"
    heading: str
    children: tuple[Exhibit, ...]
    anchor: str = ""
    level: int = 2
    side_by_side: bool = False
    folded: bool = False
    screen_only: bool = False
    paired: bool = False
    wide: bool = False


@dataclass(frozen=True)
class Links(Exhibit):
    """A list of links to files of the pack, each with a sentence."""

    kind = "links"
    label: str
    items: tuple[Cell, ...] = field(default=())

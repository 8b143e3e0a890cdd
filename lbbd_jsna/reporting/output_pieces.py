"""What the output check reads files into: grids, words, marks and shapes, each in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_GAPS = re.compile(r"\s{2,}|\t|[;|,](?!\d{3})")
LONGEST_QUOTED = 70


@dataclass(frozen=True)
class Place:
    """Where something stands: file, what it is, and the words around it, outermost first."""

    file: str
    what: str = ""
    context: tuple[str, ...] = ()

    def within(self, what: str, *words: str) -> Place:
        """A place inside this one, with more words around it."""
        joined = f"{self.what}, {what}" if self.what and what else self.what or what
        context = (*self.context, *filter(None, words)) if words else self.context
        return Place(self.file, joined, context)

    def __str__(self) -> str:
        return f"{self.file}, {self.what}" if self.what else self.file


def quoted(words: str) -> str:
    """Words of a pack as a fault may repeat them: short, every number taken out."""
    short = " ".join(words.split())
    short = short if len(short) <= LONGEST_QUOTED else short[: LONGEST_QUOTED - 3] + "..."
    return f'"{_DIGITS.sub("#", short)}"'


@dataclass(frozen=True)
class Grid:
    """A table of texts; `heads` may be shorter than the rows, or empty."""

    place: Place
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def head(self, column: int) -> str:
        """The heading of a column, or nothing."""
        return self.heads[column] if column < len(self.heads) else ""


@dataclass(frozen=True)
class Words:
    """A run of text: a paragraph, an alternative text, an attribute, a line of a log."""

    place: Place
    text: str


@dataclass(frozen=True)
class Marks:
    """Lengths or positions of the marks of one kind in a drawing, in its own unit.

    `from_zero` tells bars, whose lengths start at nothing, from points on an axis.
    """

    place: Place
    sizes: tuple[float, ...]
    from_zero: bool


@dataclass(frozen=True)
class Shape:
    """A shape of a map that says which area it is, and the colour it is filled with.

    `again`: the drawing has several of the area, as where it shows periods side by side.
    """

    place: Place
    name: str
    fill: str
    again: bool = False


@dataclass(frozen=True)
class Wrong:
    """Something no pack may hold, whatever is protected."""

    place: Place
    found: str
    todo: str


Piece = Grid | Words | Marks | Shape | Wrong


def read_lines(text: str, place: Place) -> Iterator[Piece]:
    """Plain text: each line as words, and several lines together as the rows of a table."""
    lines = [line for line in text.splitlines() if line.strip()]
    for line in lines:
        yield Words(place, line.strip())
    if len(lines) > 1:
        rows = tuple(tuple(part.strip() for part in _GAPS.split(line.strip())) for line in lines)
        yield Grid(place, rows[0], rows[1:])

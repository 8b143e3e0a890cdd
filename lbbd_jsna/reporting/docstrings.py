"""Reading docstrings of the house style: a summary, paragraphs, and a few named sections.

Only what the methods page shows is understood: entries (Parameters, Returns, Raises) and
words (Notes, Source), each under a title underlined with dashes.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

ENTRIES = ("Parameters", "Returns", "Raises")
UNDERLINE = re.compile(r"-{3,}")
ITEM = re.compile(r"[*-] ")
SIGNS = (
    (r"\+/-", "±"), (r"-/\+", "∓"), (r"<=", "≤"), (r">=", "≥"), (r"!=", "≠"),
    (r"\^2(?!\.?\d)", "²"), (r"\^3(?!\.?\d)", "³"), (r"\bsqrt ?(?=[\w(])", "√"), (r" - ", " − "),
    (r"(?<=[\d)]) [x*] (?=[\w(])", " × "), (r" \* ", " × "),
    (r"\^-1\b", "⁻¹"), (r"\bnan\b", "not a number"),
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One line of a section, such as `count, denominator : array_like`, and what it says.

    `names` is empty where the line is a type only, as under Returns.
    """

    names: tuple[str, ...]
    kind: str
    text: str


@dataclass(frozen=True)
class Docstring:
    """What a docstring says. A list item among `words` starts with `- `."""

    summary: str
    words: tuple[str, ...] = ()
    entries: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    sections: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read_docstring(text: str) -> Docstring:
    """Take a docstring apart.

    Parameters
    ----------
    text : str
        As written; the indentation of its lines does not matter.

    Returns
    -------
    Docstring
        Sections of titles not known here are kept among `sections`.
    """
    lines = inspect.cleandoc(text).splitlines()
    marks = [n for n, line in enumerate(lines) if n and UNDERLINE.fullmatch(line)]
    ends = [*(n - 1 for n in marks[1:]), len(lines)]
    bodies = {lines[n - 1]: lines[n + 1 : end] for n, end in zip(marks, ends, strict=False)}
    summary, *words = _blocks(lines[: marks[0] - 1 if marks else None]) or ("",)
    return Docstring(
        summary,
        tuple(words),
        {name: tuple(_entries(name, body)) for name, body in bodies.items() if name in ENTRIES},
        {name: _blocks(body) for name, body in bodies.items() if name not in ENTRIES},
    )


def _blocks(lines: Iterable[str]) -> tuple[str, ...]:
    """Paragraphs and list items, each on one line."""
    blocks: list[str] = []
    fresh = True
    for line in (line.strip() for line in lines):
        # Inside a paragraph a line that starts with a minus is a formula broken there.
        listed = fresh or blocks[-1].startswith("- ")
        if line and listed and ITEM.match(line):
            blocks.append(f"- {line[2:]}")
        elif line and fresh:
            blocks.append(line)
        elif line:
            blocks[-1] += f" {line}"
        fresh = not line
    return tuple(blocks)


def _entries(section: str, lines: Iterable[str]) -> Iterator[Entry]:
    """Each line that is not indented, with the indented ones below it."""
    head, below = "", list[str]()
    for line in [*lines, "end"]:
        if not line or line.startswith(" "):
            below.append(line)
            continue
        if head:
            yield _entry(section, head, below)
        head, below = line, []


def _entry(section: str, head: str, below: list[str]) -> Entry:
    """Without a colon a parameter has no type, and a result has no name."""
    bare = ("", head) if section != "Parameters" else (head, "")
    named, kind = head.split(" : ", 1) if " : " in head else bare
    names = tuple(name.strip().lstrip("*") for name in named.split(",") if name.strip())
    return Entry(names, kind, " ".join(_blocks(below)))


def typeset(text: str) -> str:
    """Words of a docstring as they are printed: signs for formulas, quotes for names."""
    parts = re.split(r"`+([^`]+)`+", text)
    parts[::2] = [_signed(part) for part in parts[::2]]
    parts[1::2] = [f"‘{part}’" for part in parts[1::2]]
    return "".join(parts)


def _signed(text: str) -> str:
    for pattern, sign in SIGNS:
        text = re.sub(pattern, sign, text)
    return text

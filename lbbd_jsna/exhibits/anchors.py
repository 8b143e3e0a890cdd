"""The ids, headings and addresses of one page, each id given once."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field

ANCHOR = re.compile(r"[a-z][a-z0-9-]*")
DEEPEST_HEADING = 6


@dataclass
class Anchors:
    """The ids of one page, each given once, and the headings met so far.

    Parameters
    ----------
    prefix : str
        Stands before every id made here (not before those an exhibit asks for).
    kept : set of str
        Ids an exhibit asks for by name, which no other may be given.
    pack : str
        Address of the pack's folder as seen from the page (`..`); where it is empty,
        nothing can be downloaded from the page.
    """

    prefix: str = ""
    pack: str = ""
    kept: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    headings: list[tuple[int, str, str]] = field(default_factory=list)

    def claim(self, text: str) -> str:
        """A new id made of the words of `text`."""
        stem = self.prefix + (slug(text) or hashlib.sha256(text.encode()).hexdigest()[:10])
        if not stem[0].isalpha():
            stem = f"s-{stem}"
        name, number = stem, 1
        while name in self.taken or name in self.kept:
            number += 1
            name = f"{stem}-{number}"
        self.taken.add(name)
        return name

    def file(self, folder: str, name: str, ending: str) -> str:
        """Address of a file of the pack, or nothing."""
        return safe_href(f"{self.pack}/{folder}/{name}.{ending}") if self.pack and name else ""

    def heading(self, level: int, text: str, *, anchor: str = "") -> str:
        """Note a heading and return its id: `anchor` when it asks for one."""
        if level > DEEPEST_HEADING:
            raise ValueError(f'the heading "{text}" would stand at level {level}')
        if anchor and not ANCHOR.fullmatch(anchor):
            raise ValueError(f"{anchor!r} is not an anchor such as reception-obesity")
        if anchor in self.taken:
            raise ValueError(f"two sections ask for the anchor {anchor!r}")
        name = anchor or self.claim(text)
        self.taken.add(name)
        self.headings.append((level, name, text))
        return name


def slug(text: str, *, longest: int = 60) -> str:
    """Lower-case words joined by hyphens, cut at a whole word."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return words if len(words) <= longest else words[: longest + 1].rsplit("-", 1)[0][:longest]


def safe_href(href: str) -> str:
    """Let through an anchor of the page or a file of the pack, and nothing else.

    Raises
    ------
    ValueError
        An address with a scheme, a host, a leading slash or a control character.
    """
    if href and not re.fullmatch(r"(?![/\\])[A-Za-z0-9._/#-]+", href):
        raise ValueError(f"{href!r} is not an anchor or a file of the pack")
    return href

"""What stands around a report: whose it is, of which quarter, and where else to go."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

DEMONSTRATION = "[DEMONSTRATION, NOT REAL FIGURES]"
POLICY = (
    "default-src 'none'; img-src data:; style-src 'sha256-{hash}'; "
    "base-uri 'none'; form-action 'none'"
)

# Widths (rem) a table may want, as exhibits.html sorts them, and the page's margins there.
# The least of them fits the smallest screen.
CARDS = {22: 2, 28: 2, 36: 2, 46: 3.5, 64: 3.5}
CARDS_IN_HALF = (36, 46, 64)


@dataclass(frozen=True)
class Link:
    """A page of the pack; links with a `group` are folded under its name."""

    label: str
    href: str
    group: str = ""


INDEX = "index.html"
# Every page links to it; the address is as seen from a report.
METHODS = Link("How the figures are worked out", "methods.html")
# The group under which the pages of wards are folded.
WARDS = "Wards"


@dataclass(frozen=True)
class PageFrame:
    """Everything on a page that its notebook does not say.

    Parameters
    ----------
    slug : str
        The page's file stem. Links to `<slug>.html` are marked as the current page.
    borough, board : str
        Whose report, for whom.
    quarter, quarter_words : str
        `2026-27 Q3`; `October to December 2026`.
    demonstration : bool
        The figures are made up: say so at the top, in the title and on every printed page.
    status : str
        `Draft`, or empty.
    data_age : str
        A few words such as `data to 2024/25`.
    reader : str
        The strategy and whom the report is for, in a sentence.
    links : tuple of Link
        The pack's pages, with addresses relative to this page.
    contact, accessibility : str
        Sentences of the footer.
    provenance : tuple of str
        Sources, licence, versions: one paragraph each.
    pack : str
        The pack's folder as seen from the page: `..` from a report, `.` from the index.
    contents : bool
        List the page's parts after its title.
    pages : frozenset of str, optional
        Every page that the pack holds, as seen from its folder (`reports/board.html`): a link
        to any other becomes plain text. None where nobody knows; all links then stay.
    """

    slug: str
    borough: str
    quarter: str
    quarter_words: str = ""
    board: str = ""
    demonstration: bool = False
    status: str = "Draft"
    data_age: str = ""
    reader: str = ""
    links: tuple[Link, ...] = ()
    contact: str = ""
    accessibility: str = ""
    provenance: tuple[str, ...] = ()
    pack: str = ".."
    contents: bool = True
    pages: frozenset[str] | None = None


def page_title(frame: PageFrame, heading: str) -> str:
    """`Best start in life, 2026-27 Q3: Barking and Dagenham`, marked when made up."""
    words = f"{heading}, {frame.quarter}: {frame.borough}"
    return f"{DEMONSTRATION} {words}" if frame.demonstration else words


def page_style(frame: PageFrame, heading: str) -> str:
    """The page's style sheet: the common one and the words its printed margins repeat."""
    words = f"{frame.borough} · {frame.quarter} · {heading}"
    boxes = f"@bottom-left{{content:{css_string(words)}}}"
    if frame.demonstration:
        boxes += f"@top-center{{content:{css_string('DEMONSTRATION, NOT REAL FIGURES')}}}"
    return f"{_css('page.css')}{card_style()}@page{{{boxes}}}\n"


@cache
def card_style() -> str:
    """The rules that turn rows into cards, for each width a table may want.

    Container queries would say this once, but the HTML checker does not know them.
    """
    rules = _css("cards.css").split("*/", 1)[1].strip()
    blocks = [
        f"@media screen and (max-width:{fit + margin - 0.01:.2f}rem){{\n"
        f"{rules.replace('.box', f'.fit-{fit}')}\n}}\n"
        for fit, margin in CARDS.items()
    ]
    halves = "\n".join(rules.replace(".box", f".half .fit-{fit}") for fit in CARDS_IN_HALF)
    return "".join(blocks) + f"@media screen and (min-width:60rem){{\n{halves}\n}}\n"


def _css(name: str) -> str:
    return files("lbbd_jsna.reporting").joinpath("template", name).read_text("utf-8")


def page_policy(style: str) -> str:
    """The content policy that lets through this style sheet, data images and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return POLICY.format(hash=digest)


def css_string(text: str) -> str:
    """A CSS string that can end neither itself nor the style element."""
    return '"' + "".join(c if c.isalnum() or c in " ·,.-" else f"\\{ord(c):x} " for c in text) + '"'


def pack_links(frame: PageFrame) -> tuple[list[dict], list[tuple[str, list[dict]]]]:
    """The links always shown, and the folded ones by group in the order first met."""
    shown: list[dict] = []
    groups: dict[str, list[dict]] = {}
    for link in frame.links:
        stem = link.href.rsplit("/", 1)[-1].removesuffix(".html")
        entry = {"label": link.label, "href": link.href, "here": stem == frame.slug}
        (groups.setdefault(link.group, []) if link.group else shown).append(entry)
    return shown, list(groups.items())

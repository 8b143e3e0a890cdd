"""What a page must not be: the rules a reader's browser does not enforce.

Every export passes through here (under a second, no browser). The browser tests
see what this cannot: contrast, focus, width, requests.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag

ALT_LENGTHS = (40, 500)
PLACEHOLDERS = re.compile(
    r"no description has been provided|^(?:image|figure|chart|map|picture|graph|todo|tbc)\W*$",
    re.IGNORECASE,
)
VAGUE_LINKS = re.compile(
    r"(?:click )?(?:here|this|link|more|read more|this link|details)\W*", re.IGNORECASE
)
BLANKS = {"", "nan", "NaN", "None", "NaT", "<NA>", "null", "inf", "-inf", "-", "–", "—", "*", "n/a"}
SHORTHAND = re.compile(r"\[[cxzurp]\]")
PATHS = re.compile(
    r"(?:^|[\s\"'(])(?:/(?:home|tmp|root|work|usr|var|mnt|Users)/\S|[A-Z]:\\\w|file://)"
)
TRACES = re.compile(
    r"Traceback \(most recent call|\b\w+Error:|\b\w*Warning:|ipykernel|<Axes|<Figure size|"
    r"object at 0x|Text\(0"
)
ASKING = ("src", "srcset", "action", "data", "poster", "xlink:href")
RAW_TEX = re.compile(r"\$\$|\\\(|\\frac|\\begin\{")


@dataclass(frozen=True)
class Finding:
    """One rule broken in one place."""

    rule: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}" + (f" ({self.where})" if self.where else "")


Rule = Callable[[BeautifulSoup], Iterator[tuple[Tag | str, str]]]
RULES: dict[str, Rule] = {}


def lint_page(html: str) -> list[Finding]:
    """Every rule a page breaks, in the order of the rules.

    Parameters
    ----------
    html : str
        A whole page.

    Returns
    -------
    list of Finding
        Empty for a page that may be published.
    """
    page = BeautifulSoup(html, "html.parser")
    return [
        Finding(name, _where(place), what)
        for name, rule in RULES.items()
        for place, what in rule(page)
    ]


def rule(name: str) -> Callable[[Rule], Rule]:
    """Give a rule the name its findings carry."""

    def keep(function: Rule) -> Rule:
        RULES[name] = function
        return function

    return keep


def _where(place: Tag | str) -> str:
    if isinstance(place, str):
        return place
    named = place.get("id") or place.get("aria-labelledby") or place.find_parent(id=True) or ""
    named = named if isinstance(named, str) else named["id"]
    return f"<{place.name}>" + (f" near #{named}" if named else "")


def text_of(tag: Tag) -> str:
    """A tag's words, spaces made single."""
    return " ".join(tag.get_text(" ").split())


@rule("document")
def _document(page):
    html, title = page.find("html"), page.find("title")
    if html is None or not html.get("lang"):
        yield "", "the page does not say its language"
    if title is None or len(text_of(title)) < 5:
        yield "", "the page has no title"
    viewport = page.find("meta", attrs={"name": "viewport"})
    if viewport is None or re.search(r"user-scalable\s*=\s*no|maximum-scale", viewport["content"]):
        yield "", "the page cannot be enlarged, or does not fit a small screen"
    if "doctype html" not in str(page)[:60].lower():
        yield "", "the page has no doctype"


@rule("landmarks")
def _landmarks(page):
    for name in ("main", "header", "footer"):
        found = [tag for tag in page.find_all(name) if tag.find_parent(("main", "section")) is None]
        if len(found) != 1:
            yield "", f"{len(found)} <{name}> where one belongs"
    for tag in page.find_all("nav"):
        if not (tag.get("aria-label") or tag.get("aria-labelledby")):
            yield tag, "a navigation without a name"
    skip = page.find("a")
    if skip is None or "skip" not in text_of(skip).lower():
        yield "", "the first link does not skip to the report"


@rule("headings")
def _headings(page):
    tags = page.find_all(re.compile(r"h[1-6]"))
    firsts = [tag for tag in tags if tag.name == "h1"]
    if len(firsts) != 1:
        yield "", f"{len(firsts)} main headings (h1) where one belongs"
    before = 0
    for tag in tags:
        level = int(tag.name[1])
        if level > before + 1:
            yield tag, f'"{text_of(tag)}" stands at level {level} after level {before}'
        if not text_of(tag):
            yield tag, "an empty heading"
        before = level


@rule("identifiers")
def _identifiers(page):
    names = Counter(tag["id"] for tag in page.find_all(id=True))
    for name, times in names.items():
        if times > 1:
            yield f"#{name}", f"{times} elements share one id"
    for tag in page.find_all(["a", "table", "section", "ul", "nav"]):
        target = tag.get("href", "")
        asked = [target[1:]] if target.startswith("#") else []
        asked += tag.get("aria-labelledby", "").split()
        for name in asked:
            if name not in names:
                yield tag, f"points to #{name}, which is not on the page"


@rule("links")
def _links(page):
    for tag in page.find_all("a"):
        words, target = text_of(tag), tag.get("href", "")
        if not words or VAGUE_LINKS.fullmatch(words):
            yield tag, f'a link whose words do not say where it leads ("{words}")'
        if not target:
            yield tag, "a link that leads nowhere"
        elif re.match(r"[a-z][a-z0-9+.-]*:|//|/|\\", target, re.IGNORECASE):
            yield tag, f'a link that leaves the pack ("{target[:60]}")'


@rule("pictures")
def _pictures(page):
    for tag in page.find_all(["picture", "object", "embed", "iframe", "canvas", "video", "audio"]):
        yield tag, f"<{tag.name}> has no place on a page"
    for tag in page.find_all("svg"):
        if tag.get("aria-hidden") != "true":
            yield tag, "a drawing that is neither described nor hidden from screen readers"
    alts: Counter[str] = Counter()
    for tag in page.find_all("img"):
        alt = " ".join(tag.get("alt", "").split())
        alts[alt] += 1
        if not alt:
            yield tag, "a picture without alternative text"
        elif PLACEHOLDERS.search(alt):
            yield tag, f'alternative text that says nothing ("{alt[:60]}")'
        elif not ALT_LENGTHS[0] <= len(alt) <= ALT_LENGTHS[1]:
            yield tag, f"alternative text of {len(alt)} characters ({ALT_LENGTHS[0]} to 500)"
    for alt, times in alts.items():
        if alt and times > 1:
            yield "", f'{times} pictures share the alternative text "{alt[:60]}"'


@rule("figures")
def _figures(page):
    for tag in page.find_all("figure"):
        if tag.find("figcaption") is None:
            yield tag, "a figure without a caption"
        after = tag.find_next_sibling()
        if after is None or after.name != "details" or after.find("table") is None:
            yield tag, "a figure without its numbers in a table after it"


@rule("tables")
def _tables(page):
    for table in page.find_all("table"):
        caption = table.find("caption")
        if caption is None or not text_of(caption):
            yield table, "a table without a caption"
        if table.find("thead") is None:
            yield table, "a table without a row of headings"
        for head in table.find_all("th"):
            if head.get("scope") not in ("col", "row", "colgroup", "rowgroup"):
                yield table, f'the heading "{text_of(head)}" has no scope'
        widths = {len(row.find_all(["th", "td"])) for row in table.find_all("tr")}
        if len(widths) > 1:
            yield table, f"rows of different lengths ({sorted(widths)})"
        yield from _cells(table)


def _cells(table):
    for row in table.find_all("tr"):
        if row.find_parent("tbody") is not None and row.find("th") is None:
            yield table, f'a row without a heading ("{text_of(row)[:60]}")'
        for cell in row.find_all(["th", "td"]):
            words = text_of(cell)
            if words in BLANKS:
                yield table, f'a blank cell ("{words}"): say why with [x], [c] or [z]'
            elif re.search(r"\b(?:nan|NaN|NaT)\b|<NA>", words):
                yield table, f'a cell that shows a blank ("{words[:60]}")'


@rule("shorthand")
def _shorthand(page):
    for table in page.find_all("table"):
        around = table.find_parent(class_="table") or table
        notes = " ".join(text_of(tag) for tag in around.find_all(class_="notes"))
        marks = set(SHORTHAND.findall(" ".join(map(text_of, table.find_all(["td", "th"])))))
        for mark in sorted(marks - set(SHORTHAND.findall(notes))):
            yield table, f"{mark} is not explained beside the table"


@rule("content policy")
def _policy(page):
    meta = page.find("meta", attrs={"http-equiv": re.compile("content-security-policy", re.I)})
    policy = meta["content"] if meta is not None else ""
    for part in ("default-src 'none'", "base-uri 'none'", "form-action 'none'"):
        if part not in policy:
            yield "", f"the content policy lacks {part}"
    if "unsafe" in policy or "*" in policy or "http" in policy:
        yield "", "the content policy lets something through"
    for style in page.find_all("style"):
        digest = hashlib.sha256(style.decode_contents(formatter=None).encode("utf-8")).digest()
        if f"'sha256-{base64.b64encode(digest).decode('ascii')}'" not in policy:
            yield style, "the content policy does not know this style sheet"


@rule("script")
def _script(page):
    for tag in page.find_all(["script", "base", "form", "link", "meta"]):
        if tag.name in ("script", "base", "form"):
            yield tag, f"<{tag.name}> has no place on a page"
        elif tag.name == "link" and not tag.get("href", "").startswith("data:"):
            yield tag, "a <link> that asks for a file"
        elif tag.get("http-equiv", "").lower() == "refresh":
            yield tag, "a page that sends its reader elsewhere"
    for tag in page.find_all(True):
        for name, value in tag.attrs.items():
            if name.startswith("on") or name in ("style", "srcdoc"):
                yield tag, f"the attribute {name}"
            elif name in ASKING and not str(value).startswith("data:image/"):
                yield tag, f'{name} asks for a file ("{str(value)[:60]}")'
    for style in page.find_all("style"):
        if re.search(r"@import|url\((?!['\"]?data:)", style.decode_contents(formatter=None)):
            yield style, "the style sheet asks for a file"


@rule("leftovers")
def _leftovers(page):
    words = " ".join(page.get_text(" ").split())
    words += " " + " ".join(tag.get("alt", "") for tag in page.find_all("img"))
    for style in page.find_all("style"):
        words = words.replace(" ".join(style.get_text(" ").split()), "")
    for pattern, what in (
        (PATHS, "an address on the machine that made the page"),
        (TRACES, "a programmer's message"),
        (RAW_TEX, "a formula that no browser shows"),
    ):
        found = pattern.search(words)
        if found:
            yield "", f'{what} ("{words[max(0, found.start() - 10) : found.end() + 30]}")'

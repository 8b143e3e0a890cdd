"""The little markdown a board notebook may hold: headings, paragraphs, lists, emphasis, links.

mistune only reads it; what it read is written here, every word escaped, so that
nothing a reader of markdown might let through can reach a page.
"""

from __future__ import annotations

import re
from typing import Any

import mistune
from markupsafe import Markup

from lbbd_jsna.exhibits.anchors import Anchors, safe_href

_READ = mistune.create_markdown(renderer=None)
VAGUE = re.compile(r"(?:click )?(?:here|this|link|more|read more|this link)", re.IGNORECASE)
REFUSED = {
    "block_html": "raw HTML",
    "inline_html": "raw HTML",
    "image": "an image (show a Figure, which carries its text alternative)",
    "block_code": "a block of code",
    "codespan": "code",
    "block_quote": "a quotation (show Quotes)",
    "thematic_break": "a ruled line",
}


def markdown_tokens(source: str) -> list[dict[str, Any]]:
    """What a markdown cell says, as mistune's tokens."""
    return _READ(source)


def markdown_faults(tokens: list[dict[str, Any]]) -> list[str]:
    """What a markdown cell holds that a page may not, in words."""
    found = []
    for token in tokens:
        kind = token["type"]
        if kind in REFUSED:
            found.append(REFUSED[kind])
        elif kind == "heading" and token["attrs"]["level"] not in (2, 3):
            found.append(f"a heading of level {token['attrs']['level']} (only ## and ###)")
        elif kind == "link":
            found += _link_faults(token)
        elif kind not in _WRITE:
            found.append(f"a {kind}")
        found += markdown_faults(token.get("children", []))
    return found


def _link_faults(token: dict[str, Any]) -> list[str]:
    address, words = token["attrs"]["url"], plain(token["children"])
    faults = []
    try:
        safe_href(address)
    except ValueError:
        faults.append(f'a link that leaves the pack ("{words}")')
    if VAGUE.fullmatch(words.strip().rstrip(".")) or not words.strip():
        faults.append(f'a link whose words do not say where it leads ("{words}")')
    return faults


def plain(tokens: list[dict[str, Any]]) -> str:
    """The words alone."""
    return "".join(
        token.get("raw", "") if token["type"] == "text" else plain(token.get("children", []))
        for token in tokens
    )


def render_markdown(tokens: list[dict[str, Any]], *, anchors: Anchors) -> Markup:
    """Write tokens that `markdown_faults` passed, every word escaped."""
    return Markup("").join(_WRITE[token["type"]](token, anchors) for token in tokens)


def _wrapped(tag: str):
    pattern = Markup(f"<{tag}>%s</{tag}>") + ("\n" if tag in ("p", "li") else "")

    def write(token: dict[str, Any], anchors: Anchors) -> Markup:
        return pattern % render_markdown(token["children"], anchors=anchors)

    return write


def _heading(token: dict[str, Any], anchors: Anchors) -> Markup:
    level = token["attrs"]["level"]
    words = plain(token["children"])
    inner = render_markdown(token["children"], anchors=anchors)
    name = anchors.heading(level, words)
    return Markup('<h%d id="%s">%s</h%d>\n') % (level, name, inner, level)


def _list(token: dict[str, Any], anchors: Anchors) -> Markup:
    tag = Markup("ol" if token["attrs"].get("ordered") else "ul")
    inner = render_markdown(token["children"], anchors=anchors)
    return Markup("<%s>\n%s</%s>\n") % (tag, inner, tag)


def _link(token: dict[str, Any], anchors: Anchors) -> Markup:
    inner = render_markdown(token["children"], anchors=anchors)
    return Markup('<a href="%s">%s</a>') % (safe_href(token["attrs"]["url"]), inner)


def _inner(token: dict[str, Any], anchors: Anchors) -> Markup:
    return render_markdown(token["children"], anchors=anchors)


_WRITE = {
    "paragraph": _wrapped("p"),
    "list": _list,
    "list_item": _wrapped("li"),
    "block_text": _inner,
    "heading": _heading,
    "strong": _wrapped("strong"),
    "emphasis": _wrapped("em"),
    "link": _link,
    "text": lambda token, anchors: Markup("%s") % token["raw"],
    "softbreak": lambda token, anchors: Markup(" "),
    "linebreak": lambda token, anchors: Markup("<br>"),
    "blank_line": lambda token, anchors: Markup(""),
}

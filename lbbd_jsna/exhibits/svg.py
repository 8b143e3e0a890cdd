"""Matplotlib's SVG made small, plain and the same every time."""

from __future__ import annotations

import re

_DROPPED = re.compile(
    r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", re.S
)
_NUMBERED_ID = re.compile(r'(<g) id="[A-Za-z0-9.]+_\d+"')
_STYLE = re.compile(r' style="([^"]*)"')
_PATH = re.compile(r' d="([^"]*)"')
_GLYPH = re.compile(r' d="([^"]*)" transform="scale\(0\.015625\)"')
_PLACE = re.compile(r'( (?:x|y|x1|x2|y1|y2|width|height)=")(-?[\d.]+)(?:pt)?"')
_TRANSLATE = re.compile(r"translate\((-?[\d.]+)[ ,]+(-?[\d.]+)\)")
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_USED = re.compile(r'(?:href="#|url\(#)([^")]+)')
_LOOSE = re.compile(r" ?([A-Za-z]) ?| (?=-)")
_EMPTY_DEFS = re.compile(r"<defs>\s*</defs>")


def compact_svg(text: str) -> str:
    """Make matplotlib's SVG small and safe to stand in a page, without moving anything.

    Prolog, comments, metadata and the style element go; style attributes become
    presentation attributes, so that a strict content policy has nothing to refuse;
    numbers are rounded to a hundredth of a pixel. Ids are short and so not unique between
    pictures: show one as an image, not as part of a page.
    """
    text = _DROPPED.sub("", text)
    text = _NUMBERED_ID.sub(r"\1", text)
    text = _STYLE.sub(lambda match: _attributes(match[1]), text)
    text = _GLYPH.sub(lambda match: f' d="{_glyph(match[1])}" transform="scale(.125)"', text)
    text = _PATH.sub(lambda match: f' d="{_path(match[1])}"', text)
    text = _PLACE.sub(lambda match: f'{match[1]}{_short(match[2])}"', text)
    text = _TRANSLATE.sub(lambda m: f"translate({_short(m[1])} {_short(m[2])})", text)
    text = re.sub(r">\s+<", "><", _EMPTY_DEFS.sub("", text)).strip()
    for number, name in enumerate(dict.fromkeys(_USED.findall(text))):
        text = re.sub(rf'(["#]){re.escape(name)}(?=["\)])', rf"\1k{number}", text)
    # What the style element said of every shape, inherited from the root instead.
    root = '<svg stroke-linejoin="round" stroke-linecap="butt"'
    return text.replace("<svg", root, 1) + "\n"


def _attributes(declarations: str) -> str:
    pairs = (pair.split(":", 1) for pair in declarations.split(";") if ":" in pair)
    return "".join(f' {name.strip()}="{value.strip()}"' for name, value in pairs)


def _path(data: str) -> str:
    short = _NUMBER.sub(lambda match: _short(match[0]), " ".join(data.split()))
    return _LOOSE.sub(r"\1", short)


def _glyph(data: str) -> str:
    # From 1/64 to 1/8 of a unit, of which there are 100 in an em: 0.02 px at 14 px.
    return re.sub(r"-?\d+(?:\.\d+)?", lambda match: str(round(float(match[0]) / 8)), data)


def _short(number: str) -> str:
    text = f"{float(number):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text

"""What the columns of small-area files are, by their headings, however these are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Publishers write a column in as many ways: LSOA11CD, lsoa11_code, "LSOA code (2011)"; and
# F_LSOA11CD where a byte order mark was taken for a letter.
_CODE = re.compile(
    r"f?(lsoa|wd|ward|lad|ltla|la)([0-9]{2}|[0-9]{4})?(cd|code|nm|name)([0-9]{4})?"
)
_KINDS = {"lsoa": "lsoa", "wd": "ward", "ward": "ward"}
_CHANGE = ("changecode", "chgind", "chngind", "changeindicator", "change")
LSOA = re.compile(r"E01[0-9]{6}")
WARD = re.compile(r"E05[0-9]{6}")
AN_LSOA = "the code of an LSOA in England, E01 and six digits"
A_WARD = "the code of a ward in England, E05 and six digits"
# The LSOAs of England of each vintage: a rank can be no higher.
LSOAS_OF_ENGLAND = {"2011": 32_844, "2021": 33_755}
# How many a borough has, where it is known; others must agree among their files.
LSOAS_OF = {("E09000002", "2011"): 110, ("E09000002", "2021"): 115}


@dataclass(frozen=True)
class AreaColumn:
    """A column of codes or names: `lsoa`, `ward` or `borough`, and the year it is of."""

    kind: str
    year: str
    is_code: bool


def area_column(heading: str) -> AreaColumn | None:
    """What a heading says of areas, or None.

    Parameters
    ----------
    heading : str
        `LSOA11CD`, `lsoa11_code`, `LSOA code (2011)`, `LAD22NM`, `ltla22_code`, `WD24CD`.

    Returns
    -------
    AreaColumn or None
        Its year has four digits, or none where the heading has none.
    """
    match = _CODE.fullmatch(plain(heading).replace("localauthoritydistrict", "lad"))
    if not match:
        return None
    year = match[2] or match[4] or ""
    year = f"20{year}" if len(year) == 2 else year
    return AreaColumn(_KINDS.get(match[1], "borough"), year, match[3] in ("cd", "code"))


def is_change(heading: str) -> bool:
    """Whether a column says how an LSOA changed: `CHGIND`, `change_code`."""
    return plain(heading) in _CHANGE


def plain(heading: str) -> str:
    """A heading without case, spaces, brackets, signs and marks of byte order."""
    return re.sub(r"[^a-z0-9]", "", heading.replace("ï»¿", "").casefold())


def code_columns(headings: Sequence[str]) -> dict[tuple[str, str], list[int]]:
    """The places of columns of codes, by kind of area and year."""
    found: dict[tuple[str, str], list[int]] = {}
    for place, heading in enumerate(headings):
        column = area_column(heading)
        if column and column.is_code:
            found.setdefault((column.kind, column.year), []).append(place)
    return found

"""What a ward map shows, in words: its extremes, and where the high wards lie."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import shapely
from geopandas import GeoDataFrame

from lbbd_jsna.exhibits import style, wording
from lbbd_jsna.exhibits.classes import printed_value

LEAST = 6  # wards with a value, below which there is no pattern to speak of
PARTS = ("north", "east", "south", "west", "centre")
MOST_PARTS = 2  # "in the north, south and east" says little


def map_alt(wards: GeoDataFrame, values: Mapping[str, float], *, title: str, period: str,
            unit: str, decimals: int, estimated: Collection[str] = (),
            unreliable: Collection[str] = ()) -> str:
    """The alternative text of a ward map: extremes, pattern, what is missing or estimated.

    Parameters
    ----------
    wards : GeoDataFrame, one row per ward; columns code, name, geometry; EPSG:27700
    values : mapping of ward code to released value
        Only what the map shows: a withheld value must not be among them.
    title, period, unit, decimals
        Of the indicator.
    estimated, unreliable : collection of ward code
        Marked where they are named, and counted.

    Returns
    -------
    str
    """
    guessed, doubted = set(estimated), set(unreliable)
    names = dict(zip(wards["code"], wards["name"], strict=True))
    known = {code: values[code] for code in names if math.isfinite(values.get(code, math.nan))}
    said = [f"Map of {title} on {len(names):,} wards, {period}."]
    if known:
        order = sorted(known, key=lambda code: (-known[code], names[code]))
        text = {c: f"{names[c]} {style.value_text(known[c], unit=unit, decimals=decimals)}"
                   f"{' (estimated)' if c in guessed else ''}{' [u]' if c in doubted else ''}"
                for c in known}
        few = min(3, math.ceil(len(order) / 2))
        said.append(f"Highest: {wording.listed([text[c] for c in order[:few]])}.")
        order = sorted(known, key=lambda code: (known[code], names[code]))
        said.append(f"Lowest: {wording.listed([text[c] for c in order[:few]])}.")
        said.append(where_high(wards, known, decimals=decimals))
    if silent := len(names) - len(known):
        said.append(f"{wording.sentence(wording.plural(silent, 'ward has', 'wards have'))} "
                    "no figure.")
    for marked, what in ((guessed, "estimated"), (doubted, "of low reliability [u]")):
        if many := len(marked & set(known)):
            said.append(f"{wording.sentence(wording.plural(many, 'figure is', 'figures are'))} "
                        f"{what}.")
    return " ".join(filter(None, said))


def where_high(wards: GeoDataFrame, values: Mapping[str, float], *, decimals: int) -> str:
    """Say where the highest third of the wards lies, from the centroids of the wards.

    Parameters
    ----------
    wards : GeoDataFrame, one row per ward; columns code, geometry
    values : mapping of ward code to value; wards without one are left out
    decimals : int
        Values are compared as printed; those level with the last of the third count as high.

    Returns
    -------
    str
        Such as "Higher in the south and centre: 5 of the 6 highest wards lie there." A part is
        named if at least half of its wards, and two of them, are among the highest; parts are
        named at all if they are one or two and hold two thirds of the highest. Of 1,000
        shufflings of the borough's 19 wards one in six passes: it says where high figures lie,
        not that there is a cause. Empty for fewer than
        `LEAST` values, or where more than half of them are level with the highest third.
    """
    parts = dict(zip(wards["code"], parts_of(wards), strict=True))
    known = {c: printed_value(values[c], decimals) for c in parts
             if math.isfinite(values.get(c, math.nan))}
    high = _highest_third(known)
    if len(known) < LEAST or len(high) > len(known) / 2:
        return ""
    named = [part for part in PARTS if _is_high(part, parts, known, high)]
    there = sum(parts[code] in named for code in high)
    if not 0 < len(named) <= MOST_PARTS or there < len(high) * 2 / 3:
        return "The highest wards are spread over several parts of the area."
    many = "all" if there == len(high) else str(there)
    return (f"Higher in the {wording.listed(named)}: {many} of the {len(high)} highest wards lie "
            "there.")


def _highest_third(known: Mapping[str, float]) -> set[str]:
    if not known:
        return set()
    cut = sorted(known.values(), reverse=True)[math.ceil(len(known) / 3) - 1]
    return {code for code, value in known.items() if value >= cut}


def _is_high(part: str, parts, known, high) -> bool:
    here = [code for code in known if parts[code] == part]
    among = sum(code in high for code in here)
    return among >= 2 and among >= len(here) / 2


def parts_of(wards: GeoDataFrame) -> Sequence[str]:
    """The part of the area each ward lies in: centre, north, east, south or west.

    The centre is the fifth of the wards nearest to the middle of the area; the rest lie
    where their centroid does, seen from that middle, distances up and across each measured
    against the area's own height and width.
    """
    shapes = wards.geometry.to_numpy()
    middle = shapely.get_coordinates(shapely.centroid(shapely.union_all(shapes)))[0]
    west, south, east, north = wards.total_bounds
    away = shapely.get_coordinates(shapely.centroid(shapes)) - middle
    away = np.round(away / [east - west, north - south], 9)
    near = np.hypot(*away.T)
    central = set(np.lexsort((wards["code"].to_numpy(dtype=str), near))[: len(wards) // 5].tolist())
    return ["centre" if i in central else _side(x, y) for i, (x, y) in enumerate(away)]


def _side(x: float, y: float) -> str:
    if abs(y) >= abs(x):
        return "north" if y > 0 else "south"
    return "east" if x > 0 else "west"

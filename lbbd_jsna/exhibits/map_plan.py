"""What a map shows, before it is drawn: the class, fill, pattern and text of each ward."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from geopandas import GeoDataFrame

from lbbd_jsna.errors import Fault, GeographyError
from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.classes import FILLS, class_words, printed_value, rising
from lbbd_jsna.exhibits.exhibit import KeyEntry
from lbbd_jsna.schema import SHORTHAND, SHORTHAND_MEANING

# matplotlib's letters, which the page's key reads too: slanted lines, dots, level lines.
HATCHES = {"suppressed": "///", "not_available": ".", "not_applicable": "--"}
# Upright lines, over the fill of the class and never on white.
ESTIMATED = "||"
ESTIMATED_WORDS = "estimated: less than half exact, or shared out between wards"
_GRID = "EPSG:27700"


@dataclass(frozen=True)
class MapPlan:
    """What a map shows, before it is drawn: number, class, fill, pattern and text by ward code."""

    key: tuple[KeyEntry, ...]
    numbers: dict[str, int]
    classes: dict[str, str]
    fills: dict[str, str]
    hatches: dict[str, str]
    texts: dict[str, str]


@dataclass(frozen=True)
class Kind:
    """One class of a map: its words, fill and pattern, and a symbol after the number."""

    words: str
    fill: str
    hatch: str = ""
    symbol: str = ""


def plan_ward_map(wards: GeoDataFrame, values: Mapping[str, float], statuses: Mapping[str, str],
                  *, unit: str, decimals: int, breaks: Sequence[float],
                  estimated: Collection[str] = ()) -> MapPlan:
    """Decide every ward's number, class, fill and pattern; see `maps.draw_ward_map`."""
    breaks = tuple(printed_value(b, decimals) for b in breaks)
    if not rising(breaks) or len(breaks) + 1 not in FILLS:
        raise ValueError(f"map breaks must rise and be at most three, not {breaks}")
    shown = shown_statuses(wards["code"], values, statuses)
    printed = {c: printed_value(values[c], decimals) for c, s in shown.items() if s not in HATCHES}
    words = class_words(breaks, list(printed.values()), unit=unit, decimals=decimals)
    kinds = tuple(map(Kind, words, FILLS[len(breaks) + 1]))
    place = {c: int(np.searchsorted(breaks, v, side="right")) for c, v in printed.items()}
    return plan_of(wards, kinds, place, shown, estimated)


def check_wards(wards: GeoDataFrame, codes: Iterable[str]) -> None:
    """Refuse wards that cannot be drawn, and codes that are none of them, all at once.

    Raises
    ------
    GeographyError
        See `maps.draw_ward_map`.
    """
    faults = []
    if wards.crs is None or wards.crs.to_epsg() != 27700:
        found = "no coordinate system" if wards.crs is None else wards.crs.to_string()
        faults.append(Fault("ward boundaries", found, _GRID, "reproject with to_crs"))
    for code in sorted(set(wards["code"][wards["code"].duplicated()])):
        faults.append(Fault(f"ward {code}", "appears more than once", "one shape a ward"))
    missing = wards.geometry.isna() | wards.geometry.is_empty
    for code in sorted(wards["code"][missing]):
        faults.append(Fault(f"ward {code}", "has no shape", "a polygon"))
    for code in sorted(set(codes) - set(wards["code"])):
        faults.append(Fault(f"ward {code}", "has a value but no shape", "wards of one vintage",
                            "draw it on the boundaries its values were published for"))
    if faults:
        raise GeographyError("the ward map cannot be drawn", faults)


def number_wards(wards: GeoDataFrame) -> dict[str, int]:
    """The number of each ward, in the alphabetical order of their names."""
    order = sorted(zip(wards["name"], wards["code"], strict=True),
                   key=lambda ward: (ward[0].casefold(), ward[1]))
    return {code: number for number, (_, code) in enumerate(order, start=1)}


def shown_statuses(codes: Iterable[str], values: Mapping[str, float],
                   statuses: Mapping[str, str]) -> dict[str, str]:
    """The status each ward is drawn by: no value is never drawn as one."""
    return {code: _shown(code, values, statuses) for code in codes}


def _shown(code, values, statuses) -> str:
    status = statuses.get(code, "published")
    if status in HATCHES:
        return status
    return status if math.isfinite(values.get(code, math.nan)) else "not_available"


def plan_of(wards: GeoDataFrame, kinds: Sequence[Kind], place: Mapping[str, int],
            shown: Mapping[str, str], estimated: Collection[str]) -> MapPlan:
    """A plan from each known ward's place among the kinds, and the status of every ward."""
    numbers = number_wards(wards)
    guessed = set(estimated) & set(place)
    return MapPlan(
        key=_key(kinds, list(place.values()), list(shown.values()), len(guessed)),
        numbers=numbers,
        classes={c: _class_of(c, kinds, place, shown, guessed) for c in numbers},
        fills={c: kinds[place[c]].fill if c in place else style.PAPER for c in numbers},
        hatches={c: (kinds[place[c]].hatch if c in place else HATCHES[shown[c]])
                 + (ESTIMATED if c in guessed else "") for c in numbers},
        texts={c: _text(n, kinds[place[c]].symbol if c in place else "", shown[c])
               for c, n in numbers.items()},
    )


def _class_of(code, kinds, place, shown, guessed) -> str:
    if code not in place:
        return missing_words(shown[code])
    return kinds[place[code]].words + (", estimated" if code in guessed else "")


def _text(number: int, symbol: str, status: str) -> str:
    return " ".join(filter(None, [str(number), symbol,
                                  "[u]" if status == "low_reliability" else ""]))


def missing_words(status: str) -> str:
    """A status as the key and the table say it: "[x] not available"."""
    return f"{SHORTHAND[status]} {SHORTHAND_MEANING[SHORTHAND[status]]}"


def _key(kinds, places, statuses, estimated: int) -> tuple[KeyEntry, ...]:
    entries = [KeyEntry(f"{kind.symbol} {kind.words} ({_wards(places.count(i))})".strip(),
                        kind.fill, kind.hatch) for i, kind in enumerate(kinds)]
    if estimated:
        entries.append(KeyEntry(f"{ESTIMATED_WORDS} ({_wards(estimated)})", kinds[0].fill,
                                ESTIMATED))
    for status, hatch in HATCHES.items():
        if count := statuses.count(status):
            label = f"{missing_words(status)} ({_wards(count)})"
            entries.append(KeyEntry(label, style.PAPER, hatch))
    if count := statuses.count("low_reliability"):
        entries.append(KeyEntry(f"{missing_words('low_reliability')} ({_wards(count)})", "none"))
    return tuple(entries)


def _wards(count: int) -> str:
    return "no wards" if count == 0 else f"{count:,} ward{'' if count == 1 else 's'}"

"""How the verdict of each ward against the borough is drawn."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from lbbd_jsna.exhibits.classes import FILLS
from lbbd_jsna.exhibits.map_plan import Kind
from lbbd_jsna.exhibits.wording import SYMBOLS
from lbbd_jsna.statistics.verdicts import GOOD, NEUTRAL, NOT_COMPARED

# Light, middle, dark: 3:1 apart, so that grey print and colour-blind readers keep them.
SIMILAR, BETTER, WORSE = "#E4E7E9", FILLS[3][1], "#40081F"
LOWER, HIGHER = "#6E747A", "#1F2328"  # greys: nothing is judged
NO_INTERVAL = "#FFFFFF"
_LOOKS = {
    "similar": (SIMILAR, ""), "better": (BETTER, "\\\\"), "worse": (WORSE, ""),
    "lower": (LOWER, "\\\\"), "higher": (HIGHER, ""), NOT_COMPARED: (NO_INTERVAL, "++"),
}  # fmt: skip


def verdict_kinds(verdicts: Iterable[str], benchmark: str) -> tuple[tuple[Kind, ...], list[str]]:
    """The classes of a verdict map with their words and looks, and the verdict behind each.

    Raises
    ------
    ValueError
        A word that is no verdict, or judgements mixed with neutral words.
    """
    found = set(verdicts)
    names = NEUTRAL if found & ({*NEUTRAL} - {*GOOD}) else GOOD
    if odd := found - {*names, NOT_COMPARED}:
        raise ValueError(f"not verdicts of one map: {', '.join(sorted(odd))} beside "
                         f"{', '.join(names)}")
    names = [*names, *([NOT_COMPARED] if NOT_COMPARED in found else [])]
    return tuple(_kind(name, benchmark) for name in names), names


def _kind(name: str, benchmark: str) -> Kind:
    fill, hatch = _LOOKS[name]
    if name == NOT_COMPARED:
        return Kind("not compared: no interval", fill, hatch)
    if name == "similar":
        return Kind(f"similar to {benchmark}", fill, hatch)
    return Kind(f"{name} than {benchmark}", fill, hatch, SYMBOLS[name])


def verdict_place(verdict: str, names: Collection[str]) -> int:
    """Where a verdict stands among the classes of its map."""
    return list(names).index(verdict)

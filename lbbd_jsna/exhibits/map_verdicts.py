"""Wards against the borough: a verdict by each ward's interval, and how it is drawn."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping

from lbbd_jsna.exhibits.classes import FILLS
from lbbd_jsna.exhibits.map_plan import Kind
from lbbd_jsna.exhibits.wording import SYMBOLS
from lbbd_jsna.statistics.verdicts import GOOD, NEUTRAL, NOT_COMPARED, outcome_of

# Light, middle, dark: 3:1 apart, so that grey print and colour-blind readers keep them.
SIMILAR, BETTER, WORSE = "#E4E7E9", FILLS[3][1], "#40081F"
LOWER, HIGHER = "#6E747A", "#1F2328"  # greys: nothing is judged
NO_INTERVAL = "#FFFFFF"
_LOOKS = {
    "similar": (SIMILAR, ""), "better": (BETTER, "\\\\"), "worse": (WORSE, ""),
    "lower": (LOWER, "\\\\"), "higher": (HIGHER, ""), NOT_COMPARED: (NO_INTERVAL, "++"),
}  # fmt: skip


def ward_verdicts(values: Mapping[str, float], lower: Mapping[str, float],
                  upper: Mapping[str, float], *, benchmark: float, polarity: str
                  ) -> dict[str, str]:
    """Hold each ward's 95 % interval against the borough's value, both ends included.

    Parameters
    ----------
    values, lower, upper : mapping of ward code to value and limits, in the unit
    benchmark : float
        The borough's value, not of the wards but its own.
    polarity : {"high_is_good", "low_is_good", "no_judgement"}

    Returns
    -------
    dict of ward code to verdict
        better, similar or worse; higher, similar or lower where nothing is judged; "not
        compared" for a value without an interval, or where the borough's is not known. A
        ward without a value is left out.

    Source
    ------
    The rule of the tables: `statistics.verdicts.outcome_of`.
    """
    return {
        code: _verdict(lower.get(code, math.nan), upper.get(code, math.nan), benchmark, polarity)
        for code, value in values.items() if math.isfinite(value)
    }


def _verdict(low: float, high: float, benchmark: float, polarity: str) -> str:
    if not all(map(math.isfinite, (low, high, benchmark))):
        return NOT_COMPARED
    standing = int(low > benchmark) - int(high < benchmark)
    return outcome_of(standing, "interval_95", polarity)


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

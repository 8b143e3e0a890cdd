"""The classes of a map: round, filled, the same for every period, and the fill of each.

Three classes unless more are asked for. Neighbouring classes then differ by 3:1 in
contrast, in grey and to colour-blind readers too; with four they cannot: three steps of 3:1
make 27:1, and black on white is 21:1. Four stand 2.1:1 apart, by the edges between them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lbbd_jsna.exhibits import style

NAMED_UNITS = ("years", "people")  # others are left to the caption: "under 40.0 score"
CLASSES = 3
# One hue, dark upwards, from the palest still told from white paper. The middle one carries
# white figures at 4.5:1.
_THREE = ("#DDE9F4", "#2979BE", "#07213B")
FILLS = {1: _THREE[:1], 2: _THREE[:2], 3: _THREE, 4: style.SEQUENTIAL}


def class_breaks(values: Sequence[float], *, classes: int = CLASSES, decimals: int
                 ) -> tuple[float, ...]:
    """Choose the lower limits of every class but the first.

    The quantiles of the values, as printed, rounded to the coarsest of 1, 2 and 5 times
    a power of ten that leaves at least half an even share of the values in each class. Pass
    the values of every period, so that a colour means the same on each map of a series.

    Parameters
    ----------
    values : sequence of float
        In the indicator's unit; values that are not finite are passed over.
    classes : int
        Most classes wanted, four at the most.
    decimals : int
        Values are classed as they are printed, so no class contradicts its table.

    Returns
    -------
    tuple of float, ascending, one fewer than the classes. Ties can leave fewer classes than
    wanted; values all alike leave one, and an empty tuple.
    """
    printed = np.sort([printed_value(v, decimals) for v in values if math.isfinite(v)])
    classes = min(classes, len(np.unique(printed)))
    if classes < 2:
        return ()
    wanted = np.quantile(printed, np.arange(1, classes) / classes)
    share = max(1, math.floor(len(printed) / classes / 2))
    for step in _steps(float(printed[-1] - printed[0]), decimals):
        breaks = [printed_value(round(w / step) * step, decimals) for w in wanted]
        if rising(breaks) and min(_counts(printed, breaks)) >= share:
            return tuple(breaks)
    return _tied_breaks(printed, wanted)


def _steps(span: float, decimals: int) -> list[float]:
    highest = math.ceil(math.log10(span)) + 1
    steps = [m * 10.0**power for power in range(highest, -decimals - 1, -1) for m in (5, 2, 1)]
    return [step for step in steps if step <= span]


def _tied_breaks(printed, wanted) -> tuple[float, ...]:
    """Where ties defeat even classes: the printed value at each quantile, emptier classes left."""
    above = [float(printed[np.searchsorted(printed, w, side="left")]) for w in wanted]
    kept = sorted({value for value in above if value > printed[0]})
    return tuple(kept) or (float(printed[printed > printed[0]][0]),)


def rising(breaks: Sequence[float]) -> bool:
    """Whether each break is above the one before."""
    return all(a < b for a, b in zip(breaks, breaks[1:], strict=False))


def _counts(printed, breaks) -> np.ndarray:
    return np.bincount(np.searchsorted(breaks, printed, side="right"), minlength=len(breaks) + 1)


def printed_value(value: float, decimals: int) -> float:
    """A value as its table prints it, so that no class contradicts its table."""
    return float(f"{value:.{decimals}f}")


def class_words(breaks: Sequence[float], shown: Sequence[float], *, unit: str, decimals: int
                ) -> list[str]:
    """Put each class into words that leave no gap and no overlap: "12.5 to 13.9%".

    `shown` are the values on the map; they name the only class where there are no breaks.
    """
    suffix = "%" if unit.startswith("%") else f" {unit}" if unit in NAMED_UNITS else ""

    def text(value):
        return style.number_text(value, decimals=decimals)

    if not breaks:
        ends = dict.fromkeys(map(text, (min(shown), max(shown)))) if shown else ()
        return [" to ".join(ends) + suffix if shown else "no values"]
    unit_in_last_place = 10.0**-decimals
    between = [dict.fromkeys((text(a), text(b - unit_in_last_place)))
               for a, b in zip(breaks, breaks[1:], strict=False)]
    return [f"under {text(breaks[0])}{suffix}",
            *(" to ".join(pair) + suffix for pair in between),
            f"{text(breaks[-1])}{suffix} and over"]

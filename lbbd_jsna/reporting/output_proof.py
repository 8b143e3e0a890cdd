"""How strongly a column or an order of rows agrees with the truth."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

from lbbd_jsna.reporting.output_numbers import Number, tells
from lbbd_jsna.reporting.output_protected import Protected, Secret


def agreement(by_area: dict[str, list[Number]], cells: tuple[Secret, ...]) -> float:
    """How strongly numbers beside areas agree with the truth rather than what was released."""
    seen = Counter(number.value for numbers in by_area.values() for number in numbers)
    bits, telling = 0.0, 0
    for cell in cells:
        numbers = by_area.get(cell.area)
        if not numbers:
            continue
        if any(number.value == cell.count for number in numbers):
            bits += max(math.log2(max(10.0, cell.count) / seen[cell.count]), 0.0)
            telling += cell.hidden or cell.count != cell.count_out
        elif any(n.figures >= 3 and tells(n, cell).startswith("a rate") for n in numbers):
            bits, telling = bits + 6.0, telling + 1
        else:
            bits -= 6.0
    return bits if telling >= 2 else 0.0


def in_true_order(rows: list[tuple[Secret, bool]]) -> bool:
    """Whether rows with withheld ones among them follow the truth and not names or codes."""
    hidden = [cell for cell, withheld in rows if withheld]
    if len(rows) < 4 or not hidden or len(hidden) == len(rows):
        return False
    cells = [cell for cell, _ in rows]
    for key in (lambda cell: cell.name.casefold(), lambda cell: cell.area):
        if cells == sorted(cells, key=key):
            return False
    marks = [withheld for _, withheld in rows]
    together = "".join("c" if mark else "." for mark in marks).strip(".")
    at_an_end = set(together) == {"c"} and (marks[0] or marks[-1])
    if at_an_end and any(
        hidden == sorted(hidden, key=key)
        for key in (lambda cell: cell.name.casefold(), lambda cell: cell.area)
    ):
        return False
    for figures in ([cell.count for cell in cells], [cell.value for cell in cells]):
        if figures in (sorted(figures), sorted(figures, reverse=True)) and len(set(figures)) > 2:
            return True
    return False


def families_of(protected: Protected) -> dict[str, list[tuple[Secret, ...]]]:
    """By indicator, what a chart may draw together: all areas, or all periods of one."""
    found: dict[str, list[tuple[Secret, ...]]] = defaultdict(list)
    along: dict[tuple[str, ...], list[Secret]] = defaultdict(list)
    for group, cells in protected.by_group.items():
        found[group[0]].append(cells)
        for cell in cells:
            along[cell.indicator, cell.area, cell.sex, cell.age].append(cell)
    for (indicator, *_), cells in along.items():
        if len(cells) > 2:
            found[indicator].append(tuple(cells))
    return found


def wholes_of(protected: Protected) -> dict[tuple[float, ...], tuple[str, ...]]:
    """The indicators of tables with something withheld, by their true counts in order."""
    found: dict[tuple[float, ...], dict[str, None]] = defaultdict(dict)
    for group, cells in protected.by_group.items():
        if any(cell.hidden for cell in cells):
            found[tuple(sorted(cell.count for cell in cells))][group[0]] = None
    return {counts: tuple(names) for counts, names in found.items()}

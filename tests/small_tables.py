"""Made-up tables of counts, and an attack on them that shares nothing with the project's.

The attack walks through the wards one by one and keeps every pair of sums (women, men) that
can be reached: an exact answer without any solver. It knows the rules, and which [c] stand
for 1 to 7 people and which for others.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lbbd_jsna.disclosure import ReleaseTable, crossed

WARDS, SEXES = 19, ("Female", "Male")
MOST = 120


def random_counts(seed: int, *, wards: int = WARDS, spread: float = 5.0) -> pd.DataFrame:
    """Counts by ward and sex, from one seed: many small, some large."""
    random = np.random.default_rng(seed)
    means = random.gamma(1.2, spread, size=wards)
    rows = [
        (f"Ward {ward:02d}", sex, int(random.poisson(means[ward])))
        for ward in range(wards)
        for sex in SEXES
    ]
    return pd.DataFrame(rows, columns=["ward", "sex", "count"])


def ward_table(counts: pd.DataFrame, *, public=()) -> ReleaseTable:
    cells, relations = crossed(counts, ["ward", "sex"], public=public)
    return ReleaseTable("Early help by ward and sex", "early-help", cells, relations)


def nhs(count: int) -> str:
    """The first half of the method alone: 1 to 7 hidden, others to the nearest 5."""
    return "[c]" if 1 <= count <= 7 else str(5 * round(count / 5))


def may_be(shown: str, true: int) -> set[int]:
    """Every count a figure may stand for, told by someone who knows the rules."""
    if shown == "[c]":
        return set(range(1, 8)) if 1 <= true <= 7 else {0, *range(8, MOST + 1)}
    number = int(shown)
    return {n for n in range(number - 2, number + 3) if n >= 8} if number else {0}


class WardAttack:
    """Every value left for each cell of a ward by sex table with its totals."""

    def __init__(self, shown: dict[str, str], true: dict[str, int], exact=()) -> None:
        self.allowed = {
            cell: {true[cell]} if cell in exact else may_be(shown[cell], true[cell])
            for cell in shown
        }
        self.wards = sorted({cell.split(" | ")[0] for cell in shown} - {"All"})
        self.values: dict[str, set[int]] = {cell: set() for cell in shown}
        self._walk()

    def _pairs(self, ward: str) -> list[tuple[int, int]]:
        women, men, both = (self.allowed[f"{ward} | {s}"] for s in (*SEXES, "All"))
        return [(f, m) for f in women for m in men if f + m in both]

    def _walk(self) -> None:
        pairs = [self._pairs(ward) for ward in self.wards]
        base = [tuple(min(p[k] for p in options) for k in (0, 1)) for options in pairs]
        size = tuple(
            1 + sum(max(p[k] for p in o) - b[k] for o, b in zip(pairs, base, strict=True))
            for k in (0, 1)
        )
        steps = [
            [(f - b[0], m - b[1]) for f, m in o] for o, b in zip(pairs, base, strict=True)
        ]
        reached = [np.zeros(size, bool)]
        reached[0][0, 0] = True
        for options in steps:
            reached.append(spread(reached[-1], options, forward=True))
        lowest = [sum(b[k] for b in base) for k in (0, 1)]
        left = reached[-1] & self._totals_fit(size, lowest)
        for f, m in np.argwhere(left):
            women, men = int(f) + lowest[0], int(m) + lowest[1]
            self.values["All | Female"].add(women)
            self.values["All | Male"].add(men)
            self.values["All | All"].add(women + men)
        for number in range(len(self.wards) - 1, -1, -1):
            for f, m in steps[number]:
                if (reached[number] & shifted(left, -f, -m)).any():
                    self._note(self.wards[number], f + base[number][0], m + base[number][1])
            left = spread(left, steps[number], forward=False)

    def _note(self, ward: str, women: int, men: int) -> None:
        self.values[f"{ward} | Female"].add(women)
        self.values[f"{ward} | Male"].add(men)
        self.values[f"{ward} | All"].add(women + men)

    def _totals_fit(self, size: tuple[int, int], lowest: list[int]) -> np.ndarray:
        women = np.arange(size[0])[:, None] + lowest[0]
        men = np.arange(size[1])[None, :] + lowest[1]
        fits = np.isin(women, self._of("Female")) & np.isin(men, self._of("Male"))
        return fits & np.isin(women + men, self._of("All"))

    def _of(self, sex: str) -> list[int]:
        return sorted(self.allowed[f"All | {sex}"])


def spread(grid: np.ndarray, options: list[tuple[int, int]], *, forward: bool) -> np.ndarray:
    sign = 1 if forward else -1
    found = np.zeros_like(grid)
    for f, m in options:
        found |= shifted(grid, sign * f, sign * m)
    return found


def shifted(grid: np.ndarray, down: int, right: int) -> np.ndarray:
    """The grid moved, with nothing coming in from outside."""
    rows, columns = grid.shape
    found = np.zeros_like(grid)
    if abs(down) < rows and abs(right) < columns:
        found[max(down, 0):rows + min(down, 0), max(right, 0):columns + min(right, 0)] = grid[
            max(-down, 0):rows + min(-down, 0), max(-right, 0):columns + min(-right, 0)
        ]
    return found


def unsafe(values: set[int]) -> bool:
    return len(values) < 3 or values <= set(range(1, 6))


def kinds(released) -> dict[str, int]:
    found: dict[str, int] = {}
    for known in released.edition.known.values():
        found[known.kind] = found.get(known.kind, 0) + 1
    return found

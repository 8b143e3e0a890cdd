"""Whether the marks of a drawing stand at the heights of protected figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lbbd_jsna.reporting.output_pieces import Marks
from lbbd_jsna.reporting.output_protected import Secret

Floats = NDArray[np.float64]

DRAWN_WITHIN = 0.02  # px: drawings are written to a hundredth
COARSEST = 0.2  # counts that a pixel's rounding may blur before a height tells nothing
BITS_OF_PROOF = 8.0
FEWEST_BARS, FEWEST_POINTS, FEWEST_UNNAMED = 2, 4, 6
MOST_MARKS = 400


@dataclass(frozen=True)
class _Figures:
    """What one kind of figure of some cells is: all of them, shown, and only withheld.

    `known` and `plain` hold 0 too. `step` is what one count more or less makes of it; `whole`
    are the true ones in order, and those above 0, where enough of them differ.
    """

    known: Floats
    plain: Floats
    secret: Floats
    step: float
    whole: tuple[Floats, ...]


@dataclass(frozen=True)
class _Wholes:
    """The true figures of every table of one length: a row a table, smallest first."""

    truths: Floats
    steps: Floats
    indicators: tuple[str, ...]


class Heights:
    """The heights of protected figures, ready to be looked for in drawings.

    Parameters
    ----------
    families : mapping of indicator to sequences of Secret
        The cells that one drawing may show together: all areas, or all periods of one.
    """

    def __init__(self, families: Mapping[str, Sequence[tuple[Secret, ...]]]) -> None:
        self._kinds = {
            indicator: [figures for cells in groups for figures in _family(cells)]
            for indicator, groups in families.items()
        }
        self._wholes = _wholes(self._kinds)
        self._found = lru_cache(maxsize=None)(self._look)

    def drawn(self, marks: Marks, *, named: frozenset[str]) -> tuple[str, ...]:
        """Indicators whose truth marks fit, hidden figures among them, and not what was shown.

        Where the words around a drawing name the indicator, any few marks count: bars at every
        scale that makes one of the tallest a figure of the cells, points on every axis that
        makes the outermost two figures of them, believed when chance would rarely do it.
        Elsewhere the marks must be the whole table, one for one.

        Parameters
        ----------
        marks : Marks
        named : frozenset of str
            The indicators that the words around the drawing name.
        """
        return self._found(marks.sizes, marks.from_zero, named.intersection(self._kinds))

    def _look(
        self, sizes: tuple[float, ...], from_zero: bool, named: frozenset[str]
    ) -> tuple[str, ...]:
        drawn = np.sort(np.asarray(sizes, dtype=float))
        if from_zero:
            drawn = drawn[drawn > 2 * DRAWN_WITHIN]
        distinct = np.unique(np.round(drawn, 2))
        if len(distinct) < FEWEST_BARS or len(drawn) > MOST_MARKS or _is_even(distinct):
            return ()
        found = set()
        if len(distinct) >= FEWEST_UNNAMED:
            found |= self._wholly(drawn, from_zero)
        if from_zero or len(distinct) >= FEWEST_POINTS:
            found |= {name for name in named - found if self._partly(distinct, name, from_zero)}
        return tuple(sorted(found))

    def _wholly(self, drawn: Floats, from_zero: bool) -> set[str]:
        """Where there is a mark for every cell (or every cell above 0), at its true height."""
        tables = self._wholes.get(len(drawn))
        if tables is None:
            return set()
        fits = _agrees(drawn, tables, from_zero)
        if not from_zero:
            fits |= _agrees(-drawn[::-1], tables, from_zero)
        return {tables.indicators[row] for row in np.flatnonzero(fits)}

    def _partly(self, distinct: Floats, indicator: str, from_zero: bool) -> bool:
        kinds = self._kinds[indicator]
        # The more tables are tried, and the freer the axis, the more chance has to be ruled out.
        proof = BITS_OF_PROOF + np.log2(len(kinds) or 1) + (0.0 if from_zero else 10.0)
        return any(_is_part(distinct, figures, from_zero, proof) for figures in kinds)


def _wholes(kinds: Mapping[str, Sequence[_Figures]]) -> dict[int, _Wholes]:
    """Every table that may be drawn whole, by how many figures it has."""
    rows: dict[int, list[tuple[Floats, float, str]]] = defaultdict(list)
    for indicator, every in kinds.items():
        for figures in every:
            for truth in figures.whole:
                rows[len(truth)].append((truth, figures.step, indicator))
    return {
        length: _Wholes(
            np.array([truth for truth, *_ in some]),
            np.array([step for _, step, _ in some]),
            tuple(indicator for *_, indicator in some),
        )
        for length, some in rows.items()
    }


def _family(cells: tuple[Secret, ...]) -> Iterator[_Figures]:
    """The counts of cells, then their rates; nothing where none is withheld."""
    hidden = [cell for cell in cells if cell.hidden]
    if not hidden:
        return
    shown = np.array([cell.count_out for cell in cells if not cell.hidden])
    counts = np.array([cell.count for cell in cells])
    yield _figures(counts, shown, np.array([cell.count for cell in hidden]), 1.0)
    steps = [cell.scale / cell.denominator for cell in cells if cell.denominator > 0]
    rates = np.array([cell.value for cell in cells])
    if steps and np.isfinite(rates).all():
        out = np.array([figure for cell in cells for figure in cell.released[1:]])
        yield _figures(rates, out, np.array([cell.value for cell in hidden]), min(steps))


def _figures(every: Floats, shown: Floats, hidden: Floats, step: float) -> _Figures:
    plain = np.union1d(shown, [0.0])
    return _Figures(
        np.union1d(every, plain), plain, np.setdiff1d(hidden, shown), step, _whole(every)
    )


def _whole(figures: Floats) -> tuple[Floats, ...]:
    sets = (np.sort(figures), np.sort(figures[figures > 0]))
    return tuple(some for some in sets if len(np.unique(some)) >= FEWEST_UNNAMED)


def _is_even(sizes: Floats) -> bool:
    """Whether sizes are steps of a ladder, as rows and grid lines are."""
    gaps = np.diff(sizes)
    return bool(np.ptp(gaps) <= 2 * DRAWN_WITHIN)


def _agrees(drawn: Floats, tables: _Wholes, from_zero: bool) -> NDArray[np.bool_]:
    """Which tables the marks, one for each of their figures, are drawn from at some scale."""
    truths = tables.truths
    if from_zero:
        per = truths[:, -1] / drawn[-1]
        fitted = per[:, None] * drawn
    else:
        per = (truths[:, -1] - truths[:, 0]) / (drawn[-1] - drawn[0])
        fitted = truths[:, :1] + per[:, None] * (drawn - drawn[0])
    blur = np.abs(per) * DRAWN_WITHIN
    near = (np.abs(fitted - truths) <= 2 * blur[:, None] + 1e-9).all(axis=1)
    return near & (blur <= COARSEST * tables.steps)


def _is_part(sizes: Floats, figures: _Figures, from_zero: bool, proof: float) -> bool:
    known = figures.known
    if not len(figures.secret) or known[-1] <= 0:
        return False
    values, blur = _scaled(sizes, known, from_zero)
    usable = (blur > 0) & (blur <= COARSEST * figures.step)
    if not usable.any():
        return False
    values, blur = values[usable], blur[usable]
    near = _near(values, known, blur)
    chance = np.clip(len(known) * 2 * blur / (known[-1] - known[0]), 1e-4, 1.0)
    free = 1 if from_zero else 2
    bits = (near.sum(axis=1) - free) * -np.log2(chance) - np.log2(len(blur))
    bits -= 6.0 * (~near).sum(axis=1)
    proven = bits >= proof
    if not proven.any():
        return False
    plain = _near(values, figures.plain, blur)
    if plain.all(axis=1).any():  # a drawing of what was released, at some scale
        return False
    told = _near(values[proven], figures.secret, blur[proven]) & ~plain[proven]
    return bool(told.any())


def _scaled(sizes: Floats, known: Floats, from_zero: bool) -> tuple[Floats, Floats]:
    """The marks as figures under each scale, and how far drawing may have moved each."""
    if from_zero:
        per = (known[known > 0][:, None] / sizes[-3:]).ravel()
        return per[:, None] * sizes, per * DRAWN_WITHIN
    low, high = np.meshgrid(known, known)
    rise = (high - low).ravel() / (sizes[-1] - sizes[0])
    return low.ravel()[:, None] + rise[:, None] * (sizes - sizes[0]), np.abs(rise) * DRAWN_WITHIN


def _near(values: Floats, known: Floats, blur: Floats) -> NDArray[np.bool_]:
    place = np.searchsorted(known, values)
    below = known[np.clip(place - 1, 0, len(known) - 1)]
    above = known[np.clip(place, 0, len(known) - 1)]
    gap = np.minimum(np.abs(values - below), np.abs(values - above))
    return gap <= blur[:, None] + 1e-9

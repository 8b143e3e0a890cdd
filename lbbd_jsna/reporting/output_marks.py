"""Whether the marks of a drawing stand at the heights of protected figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    """What one kind of figure of some cells is: all true, shown, and only withheld.

    `step` is what one count more or less makes of it; `whole` are all of them in order, and
    all above 0, where enough of them differ.
    """

    every: Floats
    shown: Floats
    secret: Floats
    step: float
    whole: tuple[Floats, ...]


Family = tuple[_Figures, ...]


def drawn_from(marks: Marks, families: Sequence[Family], *, named: bool) -> bool:
    """Whether marks fit the truth of some cells, hidden ones among them, and not what was shown.

    Where the words around a drawing name the indicator, any few marks count: bars at every
    scale that makes one of the tallest a figure of the cells, points on every axis that makes
    the outermost two figures of them, believed when chance would rarely do it. Elsewhere the
    marks must be the whole table, one for one.

    Parameters
    ----------
    marks : Marks
    families : sequence of sequence
        From `family_of`: the figures of cells that one drawing may show together.
    named : bool
        The words around the drawing name their indicator.
    """
    sizes = np.sort(np.asarray(marks.sizes, dtype=float))
    if marks.from_zero:
        sizes = sizes[sizes > 2 * DRAWN_WITHIN]
    distinct = np.unique(np.round(sizes, 2))
    if len(distinct) < FEWEST_BARS or len(sizes) > MOST_MARKS or _is_even(distinct):
        return False
    kinds = [figures for family in families for figures in family]
    if len(distinct) >= FEWEST_UNNAMED and any(
        _is_whole(sizes, truth, figures.step, marks.from_zero)
        for figures in kinds
        for truth in figures.whole
        if len(truth) == len(sizes)
    ):
        return True
    if not named or (not marks.from_zero and len(distinct) < FEWEST_POINTS):
        return False
    # The more tables are tried, and the freer the axis, the more chance has to be ruled out.
    proof = BITS_OF_PROOF + np.log2(len(kinds) or 1) + (0.0 if marks.from_zero else 10.0)
    return any(_is_part(distinct, figures, marks.from_zero, proof) for figures in kinds)


def family_of(cells: tuple[Secret, ...]) -> Family:
    """The figures of cells that one drawing may show; none where nothing is withheld."""
    return tuple(_figures(cells)) if any(cell.hidden for cell in cells) else ()


def _figures(cells: tuple[Secret, ...]) -> Iterator[_Figures]:
    """The cells' counts, then their rates."""
    hidden = [cell for cell in cells if cell.hidden]
    shown = np.array([cell.count_out for cell in cells if not cell.hidden])
    counts = np.array([cell.count for cell in cells])
    yield _Figures(counts, shown, np.setdiff1d([cell.count for cell in hidden], shown), 1.0,
                   _whole(counts))
    steps = [cell.scale / cell.denominator for cell in cells if cell.denominator > 0]
    rates = np.array([cell.value for cell in cells])
    if steps and np.isfinite(rates).all():
        out = np.array([figure for cell in cells for figure in cell.released[1:]])
        secret = np.setdiff1d([cell.value for cell in hidden], out)
        yield _Figures(rates, out, secret, min(steps), _whole(rates))


def _whole(figures: Floats) -> tuple[Floats, ...]:
    sets = (np.sort(figures), np.sort(figures[figures > 0]))
    return tuple(some for some in sets if len(np.unique(some)) >= FEWEST_UNNAMED)


def _is_even(sizes: Floats) -> bool:
    """Whether sizes are steps of a ladder, as rows and grid lines are."""
    gaps = np.diff(sizes)
    return bool(np.ptp(gaps) <= 2 * DRAWN_WITHIN)


def _is_whole(drawn: Floats, truth: Floats, step: float, from_zero: bool) -> bool:
    """Whether there is a mark for every cell (or every cell above 0), at its true height."""
    if _agrees(drawn, truth, step, from_zero):
        return True
    return not from_zero and _agrees(-drawn[::-1], truth, step, from_zero)


def _agrees(drawn: Floats, truth: Floats, step: float, from_zero: bool) -> bool:
    if from_zero:
        per = truth[-1] / drawn[-1]
        fitted = per * drawn
    else:
        per = (truth[-1] - truth[0]) / (drawn[-1] - drawn[0])
        fitted = truth[0] + per * (drawn - drawn[0])
    blur = abs(per) * DRAWN_WITHIN
    return blur <= COARSEST * step and bool((np.abs(fitted - truth) <= 2 * blur + 1e-9).all())


def _is_part(sizes: Floats, figures: _Figures, from_zero: bool, proof: float) -> bool:
    known = np.union1d(np.union1d(figures.every, figures.shown), [0.0])
    if not len(figures.secret) or known[-1] <= 0:
        return False
    values, blur = _scaled(sizes, known, from_zero)
    usable = (blur > 0) & (blur <= COARSEST * figures.step)
    if not usable.any():
        return False
    values, blur = values[usable], blur[usable]
    plain = _near(values, np.union1d(figures.shown, [0.0]), blur)
    if plain.all(axis=1).any():  # a drawing of what was released, at some scale
        return False
    near, told = _near(values, known, blur), _near(values, figures.secret, blur) & ~plain
    chance = np.clip(len(known) * 2 * blur / (known[-1] - known[0]), 1e-4, 1.0)
    free = 1 if from_zero else 2
    bits = (near.sum(axis=1) - free) * -np.log2(chance) - np.log2(len(blur))
    bits -= 6.0 * (~near).sum(axis=1)
    return bool(((bits >= proof) & told.any(axis=1)).any())


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

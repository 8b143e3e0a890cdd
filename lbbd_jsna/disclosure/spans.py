"""Counts over spans that overlap: quarters and years, ages in bands, rolling pools.

Cutting the line at the ends of every span gives pieces of which each span is made. A piece
that no count was given for is a count too: it can be worked out, so it is attacked.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np
from scipy.optimize import linprog

from lbbd_jsna.disclosure.counting import Cell
from lbbd_jsna.disclosure.tables import Relation

OLDEST = 200
_SLACK = 1e-6
_AGES = (
    (r"all(?: ages)?", lambda: (0, OLDEST)),
    (r"(?:<|under |below )\s*(\d+)", lambda a: (0, int(a))),
    (r"(\d+)\s*(?:\+|and over|or over|plus)", lambda a: (int(a), OLDEST)),
    (r"(\d+)\s*(?:-|\u2013|to)\s*(\d+)", lambda a, b: (int(a), int(b) + 1)),
    (r"(\d+)", lambda a: (int(a), int(a) + 1)),
)  # fmt: skip

Span = tuple[int, int]


@lru_cache(maxsize=1024)
def ages_of(text: str) -> Span | None:
    """First age and the one after the last; None for words that are no ages."""
    plain = re.sub(r"\s*(?:yrs?|years?)(?: olds?)?$", "", text.strip().lower())
    for pattern, read in _AGES:
        match = re.fullmatch(pattern, plain.replace(" years", "").replace(" yrs", ""))
        if match:
            first, after = read(*match.groups())
            return (first, after) if first < after else None
    return None


def days_of(cell: Cell) -> Span:
    """The days a count covers."""
    return cell.first, cell.last


def over_spans(
    cells: list[Cell], span_of: Callable[[Cell], Span | None], within: Callable[[Cell, Span], Cell]
) -> tuple[list[Cell], list[Relation]]:
    """How the counts of one series add up along a line.

    Parameters
    ----------
    cells : list of Cell
        Alike but for their spans.
    span_of : callable
        The span of a cell; None leaves it out.
    within : callable
        A cell that nobody publishes, for a piece of a span.

    Returns
    -------
    list of Cell
        The pieces that no count was given for.
    list of Relation
        Only those that hold for the counts as they are.
    """
    spans = {cell: span for cell in cells if (span := span_of(cell)) is not None}
    pieces, relations = [], []
    for cluster in _clusters(spans):
        if len(cluster) > 1:
            found, sums = _cut({cell: spans[cell] for cell in cluster}, within)
            pieces += found
            relations += sums
    return pieces, relations


def days_within(cell: Cell, span: Span) -> Cell:
    """A count of some days that nobody publishes."""
    first, last = (dt.date.fromordinal(day) for day in (span[0], span[1] - 1))
    return replace(_unpublished(cell, -2, f"{first} to {last}"), first=span[0], last=span[1])


def ages_within(cell: Cell, span: Span) -> Cell:
    """A count of some ages that nobody publishes."""
    ages = f"{span[0]} to {span[1] - 1}"
    return replace(_unpublished(cell, 3, ages), age=ages)


def _unpublished(cell: Cell, place: int, words: str) -> Cell:
    """A cell named alike but for one part, whose count nobody gave."""
    parts = cell.name.split(" | ")
    parts[place] = words
    nobody = float("nan")
    return replace(cell, name=" | ".join(parts), count=nobody, group=nobody, published=False)


def _clusters(spans: dict[Cell, Span]) -> Iterator[list[Cell]]:
    """Cells whose spans overlap, directly or through others."""
    ordered = sorted(spans, key=lambda cell: (spans[cell], cell.name))
    cluster, end = [], None
    for cell in ordered:
        first, last = spans[cell]
        if end is not None and first >= end:
            yield cluster
            cluster, end = [], None
        cluster.append(cell)
        end = last if end is None else max(end, last)
    if cluster:
        yield cluster


def _cut(
    spans: dict[Cell, Span], within: Callable[[Cell, Span], Cell]
) -> tuple[list[Cell], list[Relation]]:
    """Each span as the sum of its pieces."""
    ends = sorted({end for span in spans.values() for end in span})
    bits = list(zip(ends, ends[1:], strict=False))
    given: dict[Span, Cell] = {}
    for cell in sorted(spans, key=lambda cell: cell.name):
        given.setdefault(spans[cell], cell)
    some = next(iter(spans))
    made = {bit: within(some, bit) for bit in bits if bit not in given}
    sums = {}
    for cell, (first, last) in spans.items():
        parts = [given.get(bit) or made[bit] for bit in bits if first <= bit[0] and bit[1] <= last]
        if parts != [cell]:
            sums[cell] = parts
    if _adds_up(sums):
        return list(made.values()), [
            Relation(whole.name, tuple(part.name for part in parts))
            for whole, parts in sums.items()
        ]
    return [], list(_as_far_as_it_holds(spans, sums))


def _adds_up(sums: dict[Cell, list[Cell]]) -> bool:
    """Whether some counts of the pieces nobody gave make every sum right."""
    unknown = sorted({part for parts in sums.values() for part in parts if not part.published},
                     key=lambda part: part.name)  # fmt: skip
    place = {part: i for i, part in enumerate(unknown)}
    rows = np.zeros((len(sums), len(unknown)))
    left = np.zeros(len(sums))
    for number, (whole, parts) in enumerate(sums.items()):
        left[number] = whole.count - sum(part.count for part in parts if part.published)
        for part in parts:
            if not part.published:
                rows[number, place[part]] = 1
    if (left < 0).any() or (left[~rows.any(axis=1)] != 0).any():
        return False
    if not unknown:
        return True
    return linprog(np.zeros(len(unknown)), A_eq=rows, b_eq=left).status == 0


def _as_far_as_it_holds(
    spans: dict[Cell, Span], sums: dict[Cell, list[Cell]]
) -> Iterator[Relation]:
    """Sums that leave somebody over, or one span within another, where nothing adds up.

    A year may have people that no quarter had time to count; a number of different people
    over a year is at least that of any quarter.
    """
    for whole, parts in sums.items():
        known = [part for part in parts if part.published]
        left = whole.count - sum(part.count for part in known)
        if known and left >= 0:
            complete = left == 0 and len(known) == len(parts)
            yield Relation(whole.name, tuple(part.name for part in known), complete)
            continue
        first, last = spans[whole]
        for part, (start, end) in spans.items():
            if part != whole and first <= start and end <= last and part.count <= whole.count:
                yield Relation(whole.name, (part.name,), complete=False)

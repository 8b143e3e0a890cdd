"""Every way in which counts of people add up, as far as it holds in the counts themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from lbbd_jsna.disclosure.counting import COUNTED, OF, Cell
from lbbd_jsna.disclosure.spans import (
    ages_of,
    ages_within,
    days_of,
    days_within,
    over_spans,
)
from lbbd_jsna.disclosure.tables import Relation

_EVERYBODY = "persons"


def relations_of(cells: list[Cell], *, borough: str) -> tuple[list[Cell], list[Relation]]:
    """How the cells of one indicator add up.

    Parameters
    ----------
    cells : list of Cell
        Of one indicator, every area, sex, age, category and period of it.
    borough : str
        The code of the area that the wards make up.

    Returns
    -------
    list of Cell
        Counts that nobody gave and anybody can work out: pieces of years, rests of ages.
    list of Relation
        In stable order, none twice.
    """
    ordered = sorted(cells, key=lambda cell: cell.name)
    relations = [*_complements(ordered), *_areas(ordered, borough), *_sexes(ordered)]
    relations += _categories(ordered)
    pieces: list[Cell] = []
    for line in (_over_ages, _over_time):
        found, sums = line(ordered)
        pieces += found
        relations += sums
    return pieces, list(dict.fromkeys(relations))


def within_others(cells: list[Cell], wholes: dict[tuple, Cell]) -> list[Relation]:
    """A named group's counts within everybody's (`part_of`): the others can be worked out."""
    found = ((wholes.get(place_of(cell)), cell) for cell in cells)
    return [
        Relation(whole.name, (part.name,), complete=False)
        for whole, part in found
        if whole is not None and whole.count >= part.count
    ]


def place_of(cell: Cell) -> tuple:
    """What a cell is of, but for the indicator."""
    return (cell.area, cell.sex, cell.category_type, cell.category, cell.first, cell.last,
            cell.role)  # fmt: skip


def _grouped(cells: Iterable[Cell], key: Callable[[Cell], tuple]) -> Iterator[list[Cell]]:
    groups: dict[tuple, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[key(cell)].append(cell)
    return iter(groups.values())


def _sum(whole: Cell, parts: list[Cell]) -> Iterator[Relation]:
    """Parts that make the whole, or leave some over; nothing where they are more than it."""
    left = whole.count - sum(part.count for part in parts)
    if parts and left >= 0:
        yield Relation(whole.name, tuple(part.name for part in parts), complete=left == 0)


def _complements(cells: list[Cell]) -> Iterator[Relation]:
    """Those counted are some of those they are counted of; the others are people too."""
    for pair in _grouped(cells, lambda c: (c.row,)):
        roles = {cell.role: cell for cell in pair}
        if len(roles) == 2 and roles[COUNTED].count <= roles[OF].count:
            yield Relation(roles[OF].name, (roles[COUNTED].name,), complete=False)


def _areas(cells: list[Cell], borough: str) -> Iterator[Relation]:
    """The borough is its wards and those who live in none that is known."""
    for group in _grouped(cells, lambda c: (c.sex, c.age, c.category_type, c.category, c.first,
                                            c.last, c.role)):  # fmt: skip
        for whole in (cell for cell in group if cell.area == borough):
            for kind in ("ward", "other"):
                yield from _sum(whole, [cell for cell in group if cell.area_type == kind])


def _sexes(cells: list[Cell]) -> Iterator[Relation]:
    for group in _grouped(cells, lambda c: (c.area, c.age, c.category_type, c.category, c.first,
                                            c.last, c.role)):  # fmt: skip
        wholes = [cell for cell in group if cell.sex.lower() == _EVERYBODY]
        for whole in wholes:
            yield from _sum(whole, [cell for cell in group if cell not in wholes])


def _categories(cells: list[Cell]) -> Iterator[Relation]:
    """Parts of a headline figure.

    Where they add up to it for every area and period they are taken to make it up; where
    they are more than it somewhere they overlap, and each is attacked by itself.
    """
    heads = {_head(cell): cell for cell in cells if not cell.category_type and not cell.category}
    parted = [cell for cell in cells if cell.category_type or cell.category]
    for breakdown in _grouped(parted, lambda c: (c.category_type,)):
        groups = [(heads[_head(group[0])], group)
                  for group in _grouped(breakdown, _head) if _head(group[0]) in heads]  # fmt: skip
        apart = all(whole.count >= sum(p.count for p in parts) for whole, parts in groups)
        for whole, parts in groups:
            for some in [parts] if apart else [[part] for part in parts]:
                yield from _sum(whole, some)


def _head(cell: Cell) -> tuple:
    return cell.area, cell.sex, cell.age, cell.first, cell.last, cell.role


def _over_ages(cells: list[Cell]) -> tuple[list[Cell], list[Relation]]:
    return _along(
        cells,
        lambda c: (c.area, c.sex, c.category_type, c.category, c.first, c.last, c.role),
        lambda cell: ages_of(cell.age),
        ages_within,
    )


def _over_time(cells: list[Cell]) -> tuple[list[Cell], list[Relation]]:
    return _along(
        cells,
        lambda c: (c.area, c.sex, c.age, c.category_type, c.category, c.role),
        days_of,
        days_within,
    )


def _along(cells, key, span_of, within) -> tuple[list[Cell], list[Relation]]:
    pieces, relations = [], []
    for group in _grouped(cells, key):
        found, sums = over_spans(group, span_of, within)
        pieces += found
        relations += sums
    return pieces, relations

"""Counts gathered into tables small enough to attack: what adds up together, and no more."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from lbbd_jsna.disclosure.counting import Cell
from lbbd_jsna.disclosure.joint import Edition
from lbbd_jsna.disclosure.relating import relations_of, within_others
from lbbd_jsna.disclosure.tables import Relation, ReleaseTable


@dataclass(frozen=True)
class Part:
    """Counts of one indicator that hang together, and how."""

    name: str
    indicator: str
    cells: tuple[Cell, ...] = field(repr=False)
    relations: tuple[Relation, ...] = field(repr=False)

    @property
    def below(self) -> bool:
        """Whether any count is of an area below the borough."""
        return any(cell.below for cell in self.cells)

    def whole_areas(self) -> Part | None:
        """The same without the areas below the borough; None where nothing is left."""
        cells = tuple(cell for cell in self.cells if not cell.below)
        gone = {cell.name for cell in self.cells if cell.below}
        relations = tuple(r for r in self.relations if not gone & {r.whole, *r.parts})
        return Part(self.name, self.indicator, cells, relations) if cells else None

    def table(self) -> ReleaseTable:
        """For `protect_table`."""
        rows = [(c.name, c.count, c.group, c.published) for c in self.cells]
        frame = pd.DataFrame(rows, columns=["cell", "count", "group", "published"])
        return ReleaseTable(self.name, self.indicator, frame, self.relations, self.below)


def parts_of(
    cells: list[Cell], *, borough: str, wholes: dict[tuple, Cell], periods: dict[int, str]
) -> list[Part]:
    """The tables of one indicator, each with everything that hangs together.

    Parameters
    ----------
    cells : list of Cell
        Of one indicator.
    borough : str
        Its code.
    wholes : dict of place to Cell
        What has been protected of the indicator that this one is a part of.
    periods : dict of int to str
        The period of each row.

    Returns
    -------
    list of Part
        By name. Names say the indicator and the periods, and a number where that is not enough.
    """
    pieces, relations = relations_of(cells, borough=borough)
    others = within_others(cells, wholes)
    tied = Ties()
    for relation in relations:
        tied.tie((relation.whole, *relation.parts))
    groups: dict[str, list[Cell]] = defaultdict(list)
    for cell in sorted([*cells, *pieces], key=lambda cell: cell.name):
        groups[tied.root(cell.name)].append(cell)
    sums = defaultdict(list)
    for relation in relations:
        sums[tied.root(relation.whole)].append(relation)
    for relation in others:
        sums[tied.root(relation.parts[0])].append(relation)
    found = [(_name(group, periods), group, sums[root]) for root, group in groups.items()]
    return _numbered(found)


def _name(cells: list[Cell], periods: dict[int, str]) -> str:
    given = sorted((c for c in cells if c.published), key=lambda c: (c.first, c.last, c.name))
    first, last = periods[given[0].row], periods[max(given, key=lambda c: (c.last, c.first)).row]
    return f"{given[0].indicator}: {first}" + (f" to {last}" if last != first else "")


def _numbered(found: list[tuple[str, list[Cell], list[Relation]]]) -> list[Part]:
    """Two tables of the same periods are told apart by numbers, in the order of their cells."""
    often, met, parts = Counter(name for name, _, _ in found), Counter(), []
    for name, cells, relations in sorted(found, key=lambda one: (one[0], one[1][0].name)):
        met[name] += 1
        label = f"{name}, table {met[name]}" if often[name] > 1 else name
        parts.append(Part(label, cells[0].indicator, tuple(cells), tuple(relations)))
    return parts


class Ties:
    """Which names hang together (union and find)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def root(self, name: str) -> str:
        """The name that stands for all that hang together with one."""
        above = self._above
        while above.get(name, name) != name:
            above[name] = above.get(above[name], above[name])
            name = above[name]
        return name

    def tie(self, names: Iterable[str]) -> None:
        """From now on these hang together."""
        first, *rest = map(self.root, names)
        for other in rest:
            self._above[self.root(other)] = self.root(first)


class Earlier:
    """Everything released before, and which of it hangs together with a table."""

    def __init__(self, editions: Sequence[Edition]) -> None:
        self._ties = Ties()
        self._editions: list[Edition] = []
        self._named: dict[tuple[str, str], Edition] = {}
        self._together: dict[str, list[int]] = {}
        for edition in editions:
            self.add(edition)

    def add(self, edition: Edition) -> None:
        """One more, released now."""
        self._editions.append(edition)
        self._named.setdefault((edition.release, edition.table), edition)
        self._ties.tie(_names(edition.known, edition.relations))
        self._together = {}

    @property
    def cells(self) -> set[str]:
        """The name of every count ever released."""
        return set().union(*(edition.known for edition in self._editions))

    def with_table(self, table: ReleaseTable) -> list[Edition]:
        """Editions that share a count with a table, directly or through others, in order."""
        if not self._together:
            for place, edition in enumerate(self._editions):
                root = self._ties.root(next(iter(edition.known)))
                self._together.setdefault(root, []).append(place)
        reached = {self._ties.root(name) for name in _names(table.counts, table.relations)}
        places = sorted(place for root in reached for place in self._together.get(root, []))
        return [self._editions[place] for place in places]

    def named(self, release: str, table: str) -> Edition | None:
        """What was released of a table under a name."""
        return self._named.get((release, table))


def _names(known: Iterable[str], relations: Sequence[Relation]) -> list[str]:
    return [*known, *(name for r in relations for name in (r.whole, *r.parts))]

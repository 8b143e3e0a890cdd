"""Every table of a release, protected one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.disclosure.counting import Cell
from lbbd_jsna.disclosure.hiding import is_out, protect_table
from lbbd_jsna.disclosure.relating import place_of
from lbbd_jsna.disclosure.released import Released
from lbbd_jsna.disclosure.tabling import Earlier, Part, parts_of
from lbbd_jsna.errors import DisclosureError


@dataclass
class Run:
    """What becomes of the counts of one release.

    `earlier` is everything released before, and grows; `releases` is what it did not hold
    yet, under the name of the release or, where other figures stand under that, of a revision
    (`2026-27-Q3 revised 1`). `numbers` are released numbers by row
    and role, NaN where hidden; `dropped` the rows left out since nothing made their table
    safe, `hidden` those of whole areas for the same reason.
    """

    catalogue: Catalogue
    release: str
    earlier: Earlier
    periods: dict[int, str]
    releases: list[Released] = field(default_factory=list)
    numbers: dict[tuple[int, str], float] = field(default_factory=dict, repr=False)
    dropped: set[int] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)

    def protect(self, cells: list[Cell]) -> None:
        """Protect every table that some cells make."""
        by_indicator: dict[str, list[Cell]] = defaultdict(list)
        for cell in cells:
            by_indicator[cell.indicator].append(cell)
        done: dict[str, dict[tuple, Cell]] = defaultdict(dict)
        for name in self._in_order(by_indicator):
            wholes = done[self.catalogue.indicators[name].part_of]
            own = by_indicator[name]
            for part in parts_of(own, borough=self.catalogue.settings.area, wholes=wholes,
                                 periods=self.periods):  # fmt: skip
                self._settle(part)
            done[name] = {place_of(c): c for c in own if (c.row, c.role) in self.numbers}

    def _in_order(self, names: dict[str, list[Cell]]) -> Iterator[str]:
        """By name, but everybody before a named group of them."""
        seen: set[str] = set()
        for name in sorted(names):
            chain = [name]
            while (above := self.catalogue.indicators[chain[-1]].part_of) in names:
                if above in chain:
                    break
                chain.append(above)
            for one in reversed(chain):
                if one not in seen:
                    seen.add(one)
                    yield one

    def _settle(self, part: Part) -> None:
        """Protect a table; without its wards, or not at all, where nothing makes it safe."""
        rows = {cell.row: cell.below for cell in part.cells}
        released = self._released(part)
        if released is None:
            self.dropped |= {row for row, below in rows.items() if below}
            smaller = part.whole_areas() if part.below else None
            released = self._released(smaller) if smaller else None
        if released is None:
            self.hidden |= {row for row, below in rows.items() if not below}
            return
        shown = released.edition.known
        for cell in part.cells:
            if cell.published and cell.name in shown:
                number = shown[cell.name].shown
                self.numbers[cell.row, cell.role] = float("nan" if number is None else number)

    def _released(self, part: Part) -> Released | None:
        """A table as released; None where it is refused, by figures that are out already."""
        table = part.table()
        previous, name, number = self.earlier.with_table(table), self.release, 0
        while True:
            try:
                released = protect_table(
                    table, catalogue=self.catalogue, release=name, previous=previous
                )
            except DisclosureError:
                return None
            recorded = self.earlier.named(name, table.name)
            if recorded is None or recorded == released.edition:
                break
            number += 1
            name = f"{self.release} revised {number}"
        if recorded is None and not is_out(released.edition, previous):
            self.releases.append(released)
            self.earlier.add(released.edition)
        return released

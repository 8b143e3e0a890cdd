"""Protecting a table of counts: hide, round, attack, hide more, or refuse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from lbbd_jsna.catalogue import Catalogue, DisclosureRules
from lbbd_jsna.disclosure.attack import Witnesses, bounds_of, unsafe_counts
from lbbd_jsna.disclosure.choosing import cheapest_hiding
from lbbd_jsna.disclosure.classing import classify
from lbbd_jsna.disclosure.joint import Edition, Joint, editions_before, joins
from lbbd_jsna.disclosure.knowledge import Known, first_look, kept, second_look, shown
from lbbd_jsna.disclosure.released import Released, published
from lbbd_jsna.disclosure.tables import ReleaseTable
from lbbd_jsna.errors import DisclosureError, Fault

# What hiding a count costs beside hiding a count that is no total: totals are read most.
_TOTAL = 1.75
_SMALLEST_FIRST = 0.5
_NO_END = -1
MERGE = "merge categories or areas, or leave the table out"


def protect_table(
    table: ReleaseTable,
    *,
    catalogue: Catalogue,
    release: str,
    previous: Sequence[Edition] = (),
) -> Released:
    """Hide, round and attack a table until nothing hidden can be worked out.

    Parameters
    ----------
    table : ReleaseTable
    catalogue : Catalogue
        Its indicators, and the thresholds of `disclosure.yml`.
    release : str
        The name of this release, such as `2026-27-Q3`.
    previous : sequence of Edition
        Everything released before, from first to last: `Ledger.editions`.

    Returns
    -------
    Released

    Raises
    ------
    DisclosureError
        The indicator is of no class, or not of the council's own counts of people; its topic
        allows no table below the borough; a relation names no cell; or a count can be worked
        out from figures that must stay as they are. Cells are named, never values.

    Source
    ------
    NHS England's method for small numbers (hide 1 to 7, round others to 5), then an attack
    by integer programme in place of second hiding by hand.
    """
    rules, sensitive = catalogue.disclosure, _sensitive(table, catalogue)
    earlier = editions_before(previous, release=release, table=table.name)
    known, frozen = _first_pass(table, rules, sensitive, earlier)
    _check_relations(table, known, earlier)
    edition = Edition(release, table.name, known, table.relations, table.revised)
    if is_out(edition, earlier):
        return _finished(table, edition, rules)
    seen = Seen()
    while True:
        joint, unsafe = _first_unsafe(joins([*earlier, edition]), rules, seen)
        if not unsafe:
            return _finished(table, edition, rules)
        prices = _prices(edition, table, frozen)
        second = second_look(rules=rules, sensitive=sensitive)
        more = dict.fromkeys(_choose(joint, unsafe, prices, rules), second)
        if not more:
            unsafe = _unsafe(joint, rules, seen.of(joint), most=_NO_END)
            cells = _withdrawn(joint, unsafe, edition, table, frozen)
            more = dict.fromkeys(cells, Known("withdrawn"))
        if not more:
            raise _refusal(table, joint, unsafe)
        edition = replace(edition, known={**edition.known, **more})


def attack(released: Released, *, previous: Sequence[Edition] = ()) -> pd.DataFrame:
    """What a reader of everything released can work out of each hidden count.

    Parameters
    ----------
    released : Released
    previous : sequence of Edition
        Everything released before it.

    Returns
    -------
    DataFrame
        One row a hidden or implied count: `cell`, `low`, `high` (blank: nothing bounds it).
        For the person who signs a release off, never for printing.
    """
    own = released.edition
    found: dict[str, tuple[float, float]] = {}
    for joint in joins([*editions_before(previous, release=own.release, table=own.table), own]):
        system, witnesses = joint.system(), Witnesses()
        for place in joint.targets:
            low, high = bounds_of(system, place, witnesses)
            ends = low, high if high < system.ceiling else math.inf
            name = joint.names[place]
            found[name] = min(ends, found.get(name, ends), key=lambda e: (e[1] - e[0], e))
    rows = [(name, *found[name]) for name in sorted(found)]
    frame = pd.DataFrame(rows, columns=["cell", "low", "high"]).astype({"high": "float64"})
    return frame.assign(high=frame["high"].where(frame["high"] < math.inf))


def _sensitive(table: ReleaseTable, catalogue: Catalogue) -> bool:
    """Whether the stricter rules hold; refuse what may not be tabled at all."""
    if classify([table.indicator], catalogue=catalogue)[table.indicator] != "people":
        raise DisclosureError(
            f"{table.name}: only the council's own counts of people are protected here",
            [Fault(table.indicator, "a published figure, or not of people", todo="pass it on")],
        )
    rules = catalogue.disclosure
    topic = rules.topic_of(catalogue.indicators[table.indicator])
    if topic and table.below_borough:
        raise DisclosureError(
            f"{table.name}: no table below the borough is published on this topic",
            [Fault(table.indicator, f"about {rules.sensitive[topic].title.lower()}",
                   todo="show the borough as a whole")],
        )  # fmt: skip
    return bool(topic)


def _first_pass(
    table: ReleaseTable, rules: DisclosureRules, sensitive: bool, previous: Sequence[Edition]
) -> tuple[dict[str, Known], set[str]]:
    """Each cell by itself, and which cells stay as they were released before."""
    before: dict[str, Known] = {}
    for edition in previous:
        before |= {cell: k for cell, k in edition.known.items() if k.kind != "kept"}
    known, frozen = {}, set()
    for row in table.cells.rename(columns={"count": "count_"}).itertuples():
        now = _by_itself(row, rules, sensitive)
        then = before.get(row.cell)
        stays = None if then is None else _as_before(then, now, row.count_, rules)
        if stays is not None:
            frozen.add(row.cell)
        known[row.cell] = stays or now
    return known, frozen


def is_out(edition: Edition, previous: Sequence[Edition]) -> bool:
    """Whether all of an edition stands in earlier releases just so.

    Then it tells nothing new, and was attacked when it was first released.

    Parameters
    ----------
    edition : Edition
    previous : sequence of Edition
        From first to last, all that hang together with it.
    """
    last: dict[str, Known] = {}
    for one in previous:
        last |= one.known
    sums = {relation for one in previous for relation in one.relations}
    return (
        not edition.revised
        and all(last.get(cell) == known for cell, known in edition.known.items())
        and sums.issuperset(edition.relations)
    )


def _by_itself(row, rules: DisclosureRules, sensitive: bool) -> Known:
    if row.public:
        count = int(row.count_)
        small = 0 < count < rules.smallest_shown
        number = None if small else shown(count, rules=rules).shown
        return Known("public", shown=number, low=count, high=count)
    if not row.published:
        return Known("unpublished")
    return first_look(row.count_, rules=rules, sensitive=sensitive, group=row.group)


def _as_before(then: Known, now: Known, count: float, rules: DisclosureRules) -> Known | None:
    """What was released of a cell, if it is still true or has changed by a few people."""
    if then.kind not in ("shown", "first", "second", "withdrawn", "public"):
        return None
    if then.allows(count):
        return then
    return None if now.kind in ("missing", "public") else kept(then, now, rules=rules)


def _check_relations(
    table: ReleaseTable, known: dict[str, Known], previous: Sequence[Edition]
) -> None:
    named = set(known).union(*(edition.known for edition in previous))
    faults = [
        Fault(relation.whole, f'"{name}" is no cell of this table or an earlier release')
        for relation in table.relations
        for name in (relation.whole, *relation.parts)
        if name not in named
    ]
    if faults:
        raise DisclosureError(f"{table.name}: relations name cells that are not there", faults)


class Seen:
    """True tables found for each way of putting releases together."""

    def __init__(self) -> None:
        self._found: list[tuple[Joint, Witnesses]] = []

    def of(self, joint: Joint) -> Witnesses:
        """Those of the same unknowns and rows; tables of other unknowns tell nothing."""
        for other, witnesses in self._found:
            if (other.names, other.rows) == (joint.names, joint.rows):
                return witnesses
        self._found.append((joint, Witnesses()))
        return self._found[-1][1]


def _first_unsafe(
    joints: list[Joint], rules: DisclosureRules, seen: Seen
) -> tuple[Joint, dict[int, set[int]]]:
    """The first supposition under which a count is unsafe, and that count; or none."""
    for joint in joints:
        unsafe = _unsafe(joint, rules, seen.of(joint), most=1)
        if unsafe:
            return joint, unsafe
    return joints[0], {}


def _unsafe(
    joint: Joint, rules: DisclosureRules, witnesses: Witnesses, *, most: int
) -> dict[int, set[int]]:
    targets = sorted(joint.targets, key=lambda i: joint.names[i])
    return unsafe_counts(
        joint.system(), targets, implied=joint.implied, rules=rules, witnesses=witnesses, most=most
    )


def _choose(
    joint: Joint, unsafe: dict[int, set[int]], prices: dict[str, float], rules: DisclosureRules
) -> list[str]:
    """The cheapest cells to hide so that the first count opens; none where no hiding helps."""
    system = joint.system()
    place, values = next(iter(unsafe.items()))
    costs = np.full(system.size, np.inf)
    for cell, price in prices.items():
        costs[joint.places[cell]] = price
    ways = [
        cheapest_hiding(
            system, costs, smallest_shown=rules.smallest_shown, position=place, within=within
        )
        for within in _wanted(values, system.low[place], system.high[place], rules)
    ]
    found = [way for way in ways if way is not None and way[0]]
    if not found:
        return []
    cells = {joint.places[cell]: cell for cell in prices}
    return sorted(cells[i] for i in min(found, key=lambda way: way[1])[0])


def _withdrawn(
    joint: Joint,
    unsafe: dict[int, set[int]],
    edition: Edition,
    table: ReleaseTable,
    frozen: set[str],
) -> list[str]:
    """A total and all its parts, to be withheld whatever their size.

    Where few people are spread over hidden parts of a hidden total, that each is small says
    too much. With all of them withheld alike, [c] no longer says that any one is small.
    """
    ways = []
    for relation in table.relations:
        cells = [c for c in (relation.whole, *relation.parts) if c in edition.known]
        if not set(unsafe) & {joint.places[cell] for cell in cells}:
            continue
        kinds = {c: edition.known[c].kind for c in cells if c not in frozen}
        loose = [c for c, kind in kinds.items() if kind in ("shown", "first", "second", "whole")]
        if loose:
            dear = sum(edition.known[cell].shown is not None for cell in loose)
            ways.append((dear, len(loose), loose))
    return min(ways)[2] if ways else []


def _refusal(table: ReleaseTable, joint: Joint, unsafe: dict[int, set[int]]) -> DisclosureError:
    names = sorted(joint.names[i] for i in unsafe)
    return DisclosureError(
        f"{table.name}: counts can be worked out from figures that must stay as they are",
        [Fault(name, "too few values are left for it", todo=MERGE) for name in names],
    )


def _wanted(
    values: set[int], low: int, high: int, rules: DisclosureRules
) -> list[tuple[int, int]]:
    """Ranges any one value of which would make a count safer."""
    least, most = min(values), max(values)
    if least >= 1 and most <= rules.never_within:
        ranges = [(low, 0), (rules.never_within + 1, high)]
    else:
        ranges = [(low, least - 1), (most + 1, high)]
    return [(int(a), int(b)) for a, b in ranges if a <= b]


def _prices(edition: Edition, table: ReleaseTable, frozen: set[str]) -> dict[str, float]:
    """What hiding each shown cell costs: small and no total first, then by name."""
    totals: dict[str, int] = {}
    for relation in table.relations:
        totals[relation.whole] = totals.get(relation.whole, 0) + 1
    may = [c for c, k in edition.known.items() if k.kind == "shown" and c not in frozen]
    may.sort(key=lambda cell: (edition.known[cell].shown, cell))
    step = _SMALLEST_FIRST / max(len(may), 1)
    dear = _TOTAL - 1
    return {cell: 1 + dear * totals.get(cell, 0) + step * i for i, cell in enumerate(may)}


def _finished(table: ReleaseTable, edition: Edition, rules: DisclosureRules) -> Released:
    cells = published(table.cells)
    hidden = sum(known.hidden for known in edition.known.values())
    notes = [f"{table.name}: {hidden} of {len(cells)} figures withheld; all others rounded"]
    notes += [] if rules.signed_off.signed else [rules.note]
    return Released(table.name, table.indicator, cells, edition, tuple(notes))

"""Releases put together as one system of unknown counts, as an attacker would."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

import numpy as np

from lbbd_jsna.disclosure.knowledge import Known
from lbbd_jsna.disclosure.programme import System, fewest_above_none, solve
from lbbd_jsna.disclosure.tables import Relation
from lbbd_jsna.errors import DisclosureError, Fault

# What an attacker may suppose of counts released again, from the boldest on, where what looks
# the same cannot be the same but for a few. `grown`: hidden counts may have grown by late
# returns. `late`: so may those shown, within their rounding. `changed`: hidden counts may be
# any others. `apart`: so may those shown.
SUPPOSED = ("grown", "late", "changed", "apart")
_CEILING = 4
_SPARE = 1000


@dataclass(frozen=True)
class Edition:
    """One table of one release: what is known of its cells, and how they add up.

    `revised` names cells whose true count has changed since they were last released; None
    where nobody has said which have.
    """

    release: str
    table: str
    known: dict[str, Known]
    relations: tuple[Relation, ...]
    revised: tuple[str, ...] | None = None


def editions_before(editions: Sequence[Edition], *, release: str, table: str) -> list[Edition]:
    """What was released before a table, were it released already."""
    own = [i for i, one in enumerate(editions) if (one.release, one.table) == (release, table)]
    return list(editions[: own[0]] if own else editions)


@dataclass
class Joint:
    """Counts of every release as unknowns, and where each stands.

    `places` gives the unknown of each cell as the last release has it. `targets` are the
    unknowns to attack; `implied` those of them that nobody prints. `changes` are unknowns that
    are above 0 only if a count, by release and cell, is another than it looks.
    """

    names: list[str] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    rows: list[tuple[list[int], list[int]]] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    implied: set[int] = field(default_factory=set)
    changes: dict[int, tuple[str, str]] = field(default_factory=dict)

    def add(self, name: str, known: Known, *, implied: bool = False) -> int:
        """A new unknown."""
        self.names.append(name)
        self.known.append(known)
        place = len(self.names) - 1
        if implied or known.kind in ("unpublished", "kept"):
            self.implied.add(place)
        return place

    def row(self, whole: int, parts: Iterable[int]) -> None:
        """The whole is the sum of its parts."""
        places = [whole, *parts]
        self.rows.append((places, [1] + [-1] * (len(places) - 1)))

    @property
    def targets(self) -> list[int]:
        """Unknowns nobody may work out."""
        return [i for i, k in enumerate(self.known) if k.hidden or i in self.implied]

    def system(self) -> System:
        """The integer programme's bounds and rows."""
        largest = max((k.high for k in self.known if k.high is not None), default=0)
        ceiling = _CEILING * largest + _SPARE
        return System(
            low=np.array([k.low for k in self.known], dtype=np.int64),
            high=np.array([ceiling if k.high is None else k.high for k in self.known], np.int64),
            gap=np.array([k.gap for k in self.known], dtype=np.int64),
            rows=self.rows,
            ceiling=ceiling,
        )


def joins(editions: list[Edition]) -> list[Joint]:
    """Put releases together under the boldest suppositions that do not refute themselves.

    Parameters
    ----------
    editions : list of Edition
        From the first release to the last.

    Returns
    -------
    list of Joint
        Only what the last release's cells hang together with. What looks the same is the
        same; where that cannot be, all but as few counts as can be, and besides the boldest
        that is supposed of all counts alike. An insider knows which counts were left alone:
        he supposes no more than the first, unless those that changed were others, and as few.

    Raises
    ------
    DisclosureError
        No true table fits the last release by itself: its relations do not hold.
    """
    cells = set(editions[-1].known)
    same = _near(_joined(editions, "same"), cells)
    if len(editions) == 1 or _holds(same):
        return [same]
    changed = _fewest_changes(_near(_joined(editions, "late"), cells))
    first = [_near(_joined(editions, "same", changed), cells)] if changed else []
    for supposed in SUPPOSED:
        joint = _near(_joined(editions, supposed), cells)
        if _holds(joint):
            return [*first, joint]
    raise DisclosureError(
        "no true table fits the figures",
        [Fault(editions[-1].release, "its relations contradict its figures")],
    )


def _holds(joint: Joint) -> bool:
    """Whether any true table fits."""
    system = joint.system()
    return solve(system, np.zeros(system.size)) is not None


def _fewest_changes(joint: Joint) -> frozenset[tuple[str, str]]:
    """The fewest counts, by release and cell, that must have changed; empty: none can be told."""
    system, places = joint.system(), sorted(joint.changes)
    system.gap[places] = 1  # a switch each: 0, or at least 1
    return frozenset(joint.changes[place] for place in fewest_above_none(system, places))


def _joined(
    editions: list[Edition], supposed: str, changed: Set[tuple[str, str]] = frozenset()
) -> Joint:
    joint, stated = Joint(), set()
    for number, edition in enumerate(editions):
        for cell, known in edition.known.items():
            before = joint.places.get(cell)
            how = "must" if (edition.release, cell) in changed else supposed
            if before is None:
                joint.places[cell] = joint.add(cell, known)
            elif not (joint.known[before] == known and _kept(cell, known, edition, how)):
                joint.places[cell] = _again(joint, before, cell, known, edition, how)
        for relation in edition.relations:
            row = _places(joint, relation)
            if row not in stated:  # of the same unknowns as before: nothing new
                stated.add(row)
                _relate(joint, relation, number)
    return joint


def _places(joint: Joint, relation: Relation) -> tuple:
    """The unknowns that a relation ties, which may be others in a later release."""
    parts = sorted(joint.places[name] for name in relation.parts)
    return joint.places[relation.whole], tuple(parts), relation.complete


def _kept(cell: str, known: Known, edition: Edition, supposed: str) -> bool:
    """Whether a count that looks as it did is taken to be the same unknown."""
    if supposed in ("apart", "must") or (supposed == "late" and edition.revised is None):
        return False
    if edition.revised is not None:
        return cell not in edition.revised
    return supposed == "same" or known.shown is not None


def _again(
    joint: Joint, before: int, cell: str, known: Known, edition: Edition, supposed: str
) -> int:
    """A new unknown for a count released again, and how many came or went in between."""
    old = joint.known[before]
    place = joint.add(f"{cell} ({edition.release})", known)
    if supposed == "apart" or "missing" in (old.kind, known.kind):
        return place
    met, told = old.meets(known), edition.revised is not None
    if met and (cell not in edition.revised if told else supposed == "same"):
        joint.row(place, [before])
    elif not met or supposed in ("grown", "late", "must") or (told and supposed == "same"):
        fallen = not met and known.high is not None and known.high < old.low
        more, less = (before, place) if fallen else (place, before)
        # Nobody sees that a count changed which is shown as it was: that is no target.
        unseen = supposed == "late" and met and known.shown is not None
        kind = "missing" if unseen else "unpublished"
        late = joint.add(f"{cell}: change in {edition.release}", Known(kind))
        joint.row(more, [less, late])
        if met and not told:
            joint.changes[late] = (edition.release, cell)
    return place


def _relate(joint: Joint, relation: Relation, number: int) -> None:
    parts = [joint.places[name] for name in relation.parts]
    whole = joint.places[relation.whole]
    if not relation.complete:
        parts.append(joint.add(f"{relation.rest} ({number})", Known("unpublished")))
    joint.row(whole, parts)


def _near(joint: Joint, cells: set[str]) -> Joint:
    """Only the unknowns that the rows tie to some cells."""
    tied: dict[int, list[int]] = {}
    for number, (places, _) in enumerate(joint.rows):
        for place in places:
            tied.setdefault(place, []).append(number)
    reached = {joint.places[cell] for cell in cells}
    waiting, rows = sorted(reached), set()
    while waiting:
        for number in tied.get(waiting.pop(), []):
            if number not in rows:
                rows.add(number)
                found = set(joint.rows[number][0]) - reached
                reached |= found
                waiting += sorted(found)
    order = sorted(reached)
    new = {old: i for i, old in enumerate(order)}
    return Joint(
        names=[joint.names[i] for i in order],
        known=[joint.known[i] for i in order],
        rows=[([new[p] for p in joint.rows[n][0]], joint.rows[n][1]) for n in sorted(rows)],
        places={cell: new[place] for cell, place in joint.places.items() if place in new},
        implied={new[i] for i in joint.implied if i in new},
        changes={new[i]: change for i, change in joint.changes.items() if i in new},
    )

"""Releases put together as one system of unknown counts, as an attacker would."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from lbbd_jsna.disclosure.knowledge import Known
from lbbd_jsna.disclosure.programme import System, solve
from lbbd_jsna.disclosure.tables import Relation
from lbbd_jsna.errors import DisclosureError, Fault

# What an attacker may suppose of a count released again, from the boldest on. `same`: what
# looks the same is the same. `grown`: hidden counts may have grown by late returns.
# `changed`: hidden counts may be any others. `apart`: so may those shown.
SUPPOSED = ("same", "grown", "changed", "apart")
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
    unknowns to attack; `implied` those of them that nobody prints.
    """

    names: list[str] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    rows: list[tuple[list[int], list[int]]] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    implied: set[int] = field(default_factory=set)

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


def join(editions: list[Edition]) -> Joint:
    """Put releases together under the boldest supposition that does not refute itself.

    Parameters
    ----------
    editions : list of Edition
        From the first release to the last.

    Returns
    -------
    Joint
        Only what the last release's cells hang together with.

    Raises
    ------
    DisclosureError
        No true table fits the last release by itself: its relations do not hold.
    """
    for supposed in SUPPOSED if len(editions) > 1 else SUPPOSED[:1]:
        joint = _near(_joined(editions, supposed), set(editions[-1].known))
        system = joint.system()
        if len(editions) == 1 or solve(system, np.zeros(system.size)) is not None:
            return joint
    raise DisclosureError(
        "no true table fits the figures",
        [Fault(editions[-1].release, "its relations contradict its figures")],
    )


def _joined(editions: list[Edition], supposed: str) -> Joint:
    joint = Joint()
    for number, edition in enumerate(editions):
        for cell, known in edition.known.items():
            before = joint.places.get(cell)
            if before is None:
                joint.places[cell] = joint.add(cell, known)
            elif not (joint.known[before] == known and _kept(cell, known, edition, supposed)):
                joint.places[cell] = _again(joint, before, cell, known, edition, supposed)
        for relation in edition.relations:
            _relate(joint, relation, number)
    return joint


def _kept(cell: str, known: Known, edition: Edition, supposed: str) -> bool:
    """Whether a count that looks as it did is taken to be the same unknown."""
    if supposed == "apart":
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
    elif not met or supposed == "grown" or (told and supposed == "same"):
        fallen = not met and known.high is not None and known.high < old.low
        more, less = (before, place) if fallen else (place, before)
        late = joint.add(f"{cell}: change in {edition.release}", Known("unpublished"))
        joint.row(more, [less, late])
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
    )

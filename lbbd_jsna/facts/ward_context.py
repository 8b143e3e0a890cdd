"""The ground every outcome stands on: deprivation and people by ward, built from small areas."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lbbd_jsna.catalogue import Indicator
from lbbd_jsna.findings import Finding, WardFigures
from lbbd_jsna.wards import is_estimated
from lbbd_jsna.wards.from_catalogue import DEPRIVATION, POPULATION

if TYPE_CHECKING:
    from lbbd_jsna.facts.facts import Facts

# Which measure of the indices leads, the first that was received.
LEADING = ("imd_score", "imd_rank")
_EXACT = re.compile(r"\b(\d+)% exact\b")


@dataclass(frozen=True)
class ContextSeries:
    """A series by ward, and the borough's own figure where there is one."""

    wards: WardFigures
    borough: Finding | None = None


@dataclass(frozen=True)
class WardContext:
    """Deprivation and people on today's wards.

    Parameters
    ----------
    deprivation : ContextSeries
        The mean score, or the mean rank where only ranks were received.
    most_deprived : ContextSeries or None
        The share of residents who live in the most deprived fifth of England.
    people : tuple of ContextSeries
        Residents, then the shares of broad ages, youngest first.
    exact : dict of ward code to int
        Per cent of a ward that comes from small areas lying wholly in it; without shapes,
        empty.
    estimated : frozenset of ward code
        Wards that hold only a share of some small area.
    """

    deprivation: ContextSeries
    most_deprived: ContextSeries | None
    people: tuple[ContextSeries, ...]
    exact: dict[str, int]
    estimated: frozenset[str]

    @property
    def series(self) -> tuple[WardFigures, ...]:
        """Every series of the context, as a page tells of their sources."""
        parts = (self.deprivation, self.most_deprived, *self.people)
        return tuple(part.wards for part in parts if part)


def ward_context(facts: Facts) -> WardContext | None:
    """What is known of today's wards, or None without their deprivation or their shapes."""
    found = _series(facts, DEPRIVATION)
    leading = [one for measure in LEADING for one in found if _measure(one) == measure]
    if not leading:
        return None
    notes = leading[0].wards.table.set_index("code")["value_note"]
    people = _series(facts, POPULATION)
    return WardContext(
        deprivation=leading[0],
        most_deprived=next((one for one in found if "tenths" in one.wards.indicator.pick), None),
        people=tuple(sorted(people, key=lambda one: _youngest(one.wards.indicator))),
        exact={code: share for code, note in notes.items() if (share := exact_of(note)) >= 0},
        estimated=frozenset(code for code, note in notes.items() if is_estimated(note)),
    )


def exact_of(note: str) -> int:
    """The per cent of a ward that its value note calls exact; -1 where it says none."""
    found = _EXACT.search(note)
    return int(found[1]) if found else -1


def _series(facts: Facts, source: str) -> list[ContextSeries]:
    """The series of a source on today's wards that have figures."""
    today = facts.catalogue.settings.ward_vintage
    return [
        ContextSeries(wards, facts.finding(name))
        for name, indicator in sorted(facts.catalogue.indicators.items())
        if (indicator.source, indicator.ward_vintage) == (source, today)
        and (wards := facts.wards(name))
    ]


def _measure(series: ContextSeries) -> str:
    return series.wards.indicator.pick.get("measure", "")


def _youngest(indicator: Indicator) -> int:
    """The first year of a band of ages; everybody stands before all bands."""
    first = re.match(r"\d+", indicator.age)
    return int(first[0]) if first else -1

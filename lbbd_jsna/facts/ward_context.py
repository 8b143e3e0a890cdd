"""The ground every outcome stands on: deprivation and people by ward, built from small areas."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lbbd_jsna.catalogue import Indicator
from lbbd_jsna.findings import WardFigures
from lbbd_jsna.wards.from_catalogue import DEPRIVATION, POPULATION

if TYPE_CHECKING:
    from lbbd_jsna.facts.facts import Facts

# Which measure of the indices leads, the first that was received.
LEADING = ("imd_score", "imd_rank")


@dataclass(frozen=True)
class WardContext:
    """Deprivation and people on today's wards.

    Parameters
    ----------
    deprivation : WardFigures
        The mean score, or the mean rank where only ranks were received.
    most_deprived : WardFigures or None
        The share of residents who live in the most deprived fifth of England.
    people : tuple of WardFigures
        Residents, then the shares of broad ages, youngest first.
    """

    deprivation: WardFigures
    most_deprived: WardFigures | None
    people: tuple[WardFigures, ...]

    @property
    def series(self) -> tuple[WardFigures, ...]:
        """Every series of the context, as a page tells of their sources."""
        return tuple(filter(None, (self.deprivation, self.most_deprived, *self.people)))


def ward_context(facts: Facts) -> WardContext | None:
    """What is known of today's wards, or None without their deprivation or their shapes."""
    found = _series(facts, DEPRIVATION)
    leading = [one for measure in LEADING for one in found if _measure(one) == measure]
    if not leading:
        return None
    people = _series(facts, POPULATION)
    return WardContext(
        deprivation=leading[0],
        most_deprived=next((one for one in found if "tenths" in one.indicator.pick), None),
        people=tuple(sorted(people, key=lambda one: _youngest(one.indicator))),
    )


def _series(facts: Facts, source: str) -> list[WardFigures]:
    """The series of a source on today's wards that have figures."""
    today = facts.catalogue.settings.ward_vintage
    return [
        wards
        for name, indicator in sorted(facts.catalogue.indicators.items())
        if (indicator.source, indicator.ward_vintage) == (source, today)
        and (wards := facts.wards(name))
    ]


def _measure(series: WardFigures) -> str:
    return series.indicator.pick.get("measure", "")


def _youngest(indicator: Indicator) -> int:
    """The first year of a band of ages; everybody stands before all bands."""
    first = re.match(r"\d+", indicator.age)
    return int(first[0]) if first else -1

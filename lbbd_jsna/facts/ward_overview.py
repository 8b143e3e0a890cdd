"""All wards of today beside each other, on every series that has a figure for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from lbbd_jsna.catalogue import Indicator, Measure, Outcome
from lbbd_jsna.facts.facts import Facts
from lbbd_jsna.facts.ward_profile_former import earlier_vintage, only_former
from lbbd_jsna.facts.ward_series import (
    WardSeries,
    first_age,
    leading,
    people_of,
    series_of_wards,
    ward_series,
)
from lbbd_jsna.wards.from_catalogue import DEPRIVATION
from lbbd_jsna.wards.from_catalogue import POPULATION as PEOPLE

WORSE, BETTER = "worse", "better"


@dataclass(frozen=True)
class Answered:
    """The committed measures of an outcome by what is known of wards, its own or a proxy.

    `today` have a figure for today's wards, `former` for the former ones only, `silent` none.
    """

    outcome: Outcome
    today: tuple[Measure, ...]
    former: tuple[Measure, ...]
    silent: tuple[Measure, ...]

    @property
    def measures(self) -> int:
        """How many there are."""
        return len(self.today) + len(self.former) + len(self.silent)


@dataclass(frozen=True)
class WardOverview:
    """All wards of today at a glance.

    `wards` has their names by code. `people` are residents, then their shares by age from the
    youngest. `deprivation` and `measures` are series of today's wards
    with a figure, in the order of the pack; `silent` those without one. `former` are those
    known for the wards of `former_vintage` only, `former_wards` the names of these.
    """

    vintage: str
    wards: Mapping[str, str]
    people: tuple[WardSeries, ...]
    deprivation: tuple[WardSeries, ...]
    measures: tuple[WardSeries, ...]
    silent: tuple[Indicator, ...]
    former_vintage: str
    former_wards: Mapping[str, str]
    former: tuple[WardSeries, ...]
    answered: tuple[Answered, ...]

    @property
    def series(self) -> tuple[WardSeries, ...]:
        """Every series of the page."""
        return (*self.people, *self.shown_deprivation, *self.measures, *self.former)

    @cached_property
    def context(self) -> WardSeries | None:
        """The series of deprivation that leads."""
        return leading(self.deprivation)

    @property
    def residents(self) -> WardSeries | None:
        """Everybody, where it was received."""
        return next((one for one in self.people if not one.indicator.unit.startswith("%")), None)

    @property
    def shown_deprivation(self) -> tuple[WardSeries, ...]:
        """The series that leads, and shares of residents: no mean rank beside a score."""
        return tuple(one for one in self.deprivation
                     if one is self.context or one.indicator.unit.startswith("%"))

    @cached_property
    def judged(self) -> tuple[WardSeries, ...]:
        """The measures that set some ward against the borough, better or worse."""
        return tuple(m for m in self.measures
                     if m.verdicts and m.indicator.polarity != "no_judgement")

    def with_verdict(self, code: str, verdict: str) -> list[WardSeries]:
        """The measures on which a ward has a verdict and a figure that is reliable."""
        return [m for m in self._counted(code) if m.verdicts[code] == verdict]

    def tested(self, code: str) -> int:
        """The measures on which a ward is set against the borough by a reliable figure."""
        return len(self._counted(code))

    def _counted(self, code: str) -> list[WardSeries]:
        return [m for m in self.judged
                if code in m.verdicts and m.points[code].status != "low_reliability"]

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The wards, the most deprived first; by name where that is not known."""
        names = sorted(self.wards, key=lambda code: (self.wards[code].casefold(), code))
        if self.context is None:
            return tuple(names)
        first = [code for code in self.context.in_order() if code in self.wards]
        if self.context.indicator.polarity == "high_is_good":
            first.reverse()
        return tuple(dict.fromkeys([*first, *names]))


def ward_overview(facts: Facts) -> WardOverview:
    """Everything for the page of all wards."""
    catalogue = facts.catalogue
    vintage = catalogue.settings.ward_vintage
    today = series_of_wards(catalogue, vintage)
    found = [one for indicator in today if (one := ward_series(facts, indicator))]
    known = {one.indicator.id for one in found}
    before = earlier_vintage(catalogue) or ""
    older = only_former(catalogue, before) if before else []
    former = [one for indicator in older if (one := ward_series(facts, indicator))]
    ages = sorted(people_of(found, share=True), key=lambda one: first_age(one.indicator.age))
    return WardOverview(
        vintage=vintage,
        wards=catalogue.wards(vintage),
        people=(*people_of(found, share=False), *ages),
        deprivation=tuple(o for o in found if o.indicator.source == DEPRIVATION),
        measures=tuple(o for o in found if o.indicator.source not in (PEOPLE, DEPRIVATION)),
        silent=tuple(i for i in today if i.id not in known),
        former_vintage=before,
        former_wards=catalogue.wards(before) if before else {},
        former=tuple(former),
        answered=tuple(
            _answered(outcome, known, {one.indicator.id for one in former})
            for outcome in catalogue.outcomes.values()
        ),
    )


def _answered(outcome: Outcome, known: set[str], former: set[str]) -> Answered:
    """Sort an outcome's committed measures by the ward series that answer them."""
    measures = [m for b in outcome.bullets for m in b.measures if m.kind == "measure"]
    today = [m for m in measures if known & set(m.evidence.wards)]
    rest = [m for m in measures if m not in today]
    older = [m for m in rest if former & set(m.evidence.wards)]
    silent = tuple(m for m in rest if m not in older)
    return Answered(outcome, tuple(today), tuple(older), silent)

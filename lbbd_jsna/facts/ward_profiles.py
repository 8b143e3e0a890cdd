"""What is known of one ward of today: every figure beside the borough and the other wards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lbbd_jsna.catalogue import Indicator
from lbbd_jsna.errors import RunError, nearest
from lbbd_jsna.facts.facts import Facts
from lbbd_jsna.facts.ward_profile_former import FormerFigures, FormerWard, former_of
from lbbd_jsna.facts.ward_profile_people import ResidentsBySex, residents_by_sex
from lbbd_jsna.facts.ward_series import (
    WardSeries,
    first_age,
    people_of,
    series_of_wards,
    ward_series,
)
from lbbd_jsna.findings import Point
from lbbd_jsna.statistics.ranks import Rank
from lbbd_jsna.statistics.verdicts import Verdict
from lbbd_jsna.wards import is_estimated
from lbbd_jsna.wards.from_catalogue import DEPRIVATION
from lbbd_jsna.wards.from_catalogue import POPULATION as PEOPLE


@dataclass(frozen=True)
class WardMeasure:
    """One series at its latest period: the ward's figure among those of the wards.

    `borough` is nan where it is not known; `basis` says what it is, or why there is none.
    `worst` is the place counted from the worse end (1: no ward is worse), None where nothing
    is judged. `others` holds the values of the other wards. `source` names the rows of all
    wards; `received` and `not_renewed` are as in `Finding`.
    """

    indicator: Indicator
    period: str
    end: dt.date
    point: Point
    borough: float
    basis: str
    verdict: Verdict
    rank: Rank | None
    worst: int | None
    others: tuple[float, ...]
    source: str
    received: tuple[str, ...] = ()
    not_renewed: str = ""

    @property
    def estimated(self) -> bool:
        """Whether most of the ward's figure is not exact, or part was shared out."""
        return is_estimated(self.point.note)


@dataclass(frozen=True)
class WardProfile:
    """All that the page of one ward is made of.

    `ages` are shares of residents by age, from the youngest, of one period; `residents` is
    everybody. `measures` are all series that are of neither people nor deprivation.
    `silent` are series of today's wards without a row; `withheld` have rows, and no value for
    any ward. `former` are the wards it was
    made of, largest first, empty with a reason in `no_former`; `former_figures` are the
    series known for those wards only. `by_sex` are residents by sex and age, None where not
    received.
    """

    code: str
    name: str
    vintage: str
    wards: Mapping[str, str]
    residents: WardMeasure | None
    ages: tuple[WardMeasure, ...]
    deprivation: tuple[WardMeasure, ...]
    measures: tuple[WardMeasure, ...]
    silent: tuple[Indicator, ...]
    withheld: tuple[Indicator, ...]
    former: tuple[FormerWard, ...]
    former_figures: tuple[FormerFigures, ...]
    no_former: str
    by_sex: ResidentsBySex | None = None

    @property
    def series(self) -> tuple[WardMeasure, ...]:
        """Every figure of the page that is of today's ward."""
        residents = (self.residents,) if self.residents else ()
        return (*residents, *self.ages, *self.deprivation, *self.measures)

    @property
    def unchanged(self) -> bool:
        """Whether the ward has the boundary of one former ward."""
        return len(self.former) == 1 and self.former[0].unchanged


def ward_profile(facts: Facts, code: str) -> WardProfile:
    """Everything for the page of one ward of today.

    Parameters
    ----------
    facts : Facts
    code : str
        GSS code of a ward of `settings.ward_vintage`; a name is refused.

    Raises
    ------
    RunError
        No such ward.
    """
    catalogue = facts.catalogue
    vintage = catalogue.settings.ward_vintage
    wards = catalogue.wards(vintage)
    if code not in wards:
        raise RunError(f'"{code}" is not the code of a ward of today; {nearest(code, wards)}')
    today = series_of_wards(catalogue, vintage)
    series = [one for indicator in today if (one := ward_series(facts, indicator))]
    absent = [i for i in today if i.id not in {one.indicator.id for one in series}]
    held = set(facts.workspace.observations.query("area_type == 'ward'")["indicator"])
    former, why = former_of(facts, code)
    of_people = [measure_of(one, code) for one in people_of(series, share=False)]
    others = [one for one in series if one.indicator.source not in (PEOPLE, DEPRIVATION)]
    deprived = [one for one in series if one.indicator.source == DEPRIVATION]
    return WardProfile(
        code=code,
        name=wards[code],
        vintage=vintage,
        wards=wards,
        residents=next(iter(of_people), None),
        ages=_ages(measure_of(one, code) for one in people_of(series, share=True)),
        deprivation=tuple(measure_of(one, code) for one in deprived),
        measures=tuple(measure_of(one, code) for one in others),
        silent=tuple(i for i in absent if i.id not in held),
        withheld=tuple(i for i in absent if i.id in held),
        former=former.wards,
        former_figures=former.figures,
        no_former=why,
        by_sex=residents_by_sex(facts, code),
    )


def measure_of(series: WardSeries, code: str) -> WardMeasure:
    """One ward's figure of a series, among those of the other wards."""
    return WardMeasure(
        indicator=series.indicator,
        period=series.period,
        end=series.end,
        point=series.points[code],
        borough=series.borough,
        basis=series.basis,
        verdict=series.verdict(code),
        rank=series.rank(code),
        worst=series.worst(code),
        others=tuple(p.value for area, p in series.known.items() if area != code),
        source=series.source,
        received=series.received,
        not_renewed=series.not_renewed,
    )


def _ages(shares: Iterable[WardMeasure]) -> tuple[WardMeasure, ...]:
    """Shares of the latest period, the youngest first."""
    found = list(shares)
    last = max((m.end for m in found), default=None)
    latest = [m for m in found if m.end == last]
    return tuple(sorted(latest, key=lambda m: (first_age(m.indicator.age), m.indicator.sex)))

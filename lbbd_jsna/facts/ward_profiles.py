"""What is known of one ward of today: every figure beside the borough and the other wards."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.errors import RunError, nearest
from lbbd_jsna.facts.comparators import consistent, multiplier
from lbbd_jsna.facts.facts import Facts
from lbbd_jsna.facts.ward_profile_former import FormerFigures, FormerWard, former_of, rows_of
from lbbd_jsna.findings import Point, points_by_area, span_of
from lbbd_jsna.statistics.ranks import Rank, league_position
from lbbd_jsna.statistics.verdicts import Verdict, not_compared, outcome_of
from lbbd_jsna.wards import is_estimated
from lbbd_jsna.wards.from_catalogue import DEPRIVATION
from lbbd_jsna.wards.from_catalogue import POPULATION as PEOPLE
from lbbd_jsna.workspace import Workspace

NO_INTERVAL = "no interval is published for wards"
COUNTED = "everybody is counted, so there is no interval to compare by"
NO_BOROUGH = "no figure for the borough in the same period"


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
        """Whether part of the ward's figure was shared out between wards."""
        return is_estimated(self.point.note)


@dataclass(frozen=True)
class WardProfile:
    """All that the page of one ward is made of.

    `ages` are shares of residents by age, from the youngest, of one period; `residents` is
    everybody. `measures` are all series that are of neither people nor deprivation.
    `silent` are series of today's wards without a row; `withheld` have rows, and no value for
    any ward. `former` are the wards it was
    made of, largest first, empty with a reason in `no_former`; `former_figures` are the
    series known for those wards only.
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
    wards = catalogue.wards(catalogue.settings.ward_vintage)
    if code not in wards:
        raise RunError(f'"{code}" is not the code of a ward of today; {nearest(code, wards)}')
    today = ward_series(catalogue)
    found = {i.id: m for i in today if (m := _measure(facts, i, code, wards))}
    own = [m for m in found.values() if m.indicator.source not in (PEOPLE, DEPRIVATION)]
    absent = [i for i in today if i.id not in found]
    held = set(facts.workspace.observations.query("area_type == 'ward'")["indicator"])
    former, why = former_of(facts, code)
    return WardProfile(
        code=code,
        name=wards[code],
        vintage=catalogue.settings.ward_vintage,
        wards=wards,
        residents=next(iter(_people(found.values(), share=False)), None),
        ages=_ages(_people(found.values(), share=True)),
        deprivation=tuple(m for m in found.values() if m.indicator.source == DEPRIVATION),
        measures=tuple(own),
        silent=tuple(i for i in absent if i.id not in held),
        withheld=tuple(i for i in absent if i.id in held),
        former=former.wards,
        former_figures=former.figures,
        no_former=why,
    )


def ward_series(catalogue: Catalogue) -> tuple[Indicator, ...]:
    """The series of today's wards, those that outcomes map first, in the order of the pack."""
    vintage = catalogue.settings.ward_vintage
    mapped = [
        name
        for strategy in catalogue.strategies
        for measure in strategy.measures
        for name in measure.evidence.wards
    ]
    order = dict.fromkeys([*mapped, *sorted(catalogue.indicators)])
    known = catalogue.indicators
    return tuple(known[name] for name in order if known[name].ward_vintage == vintage)


def _people(measures: Iterable[WardMeasure], *, share: bool) -> list[WardMeasure]:
    """Series of residents: of their shares by age, or of everybody."""
    return [
        m
        for m in measures
        if m.indicator.source == PEOPLE and m.indicator.unit.startswith("%") == share
    ]


def _ages(shares: list[WardMeasure]) -> tuple[WardMeasure, ...]:
    """Shares of the latest period, the youngest first."""
    last = max((m.end for m in shares), default=None)
    latest = [m for m in shares if m.end == last]
    return tuple(sorted(latest, key=lambda m: (first_age(m.indicator.age), m.indicator.sex)))


def first_age(age: str) -> int:
    """Where a band of ages starts: 16 of `16-64 yrs`, 65 of `65+ yrs`."""
    digits = age.lstrip("<").replace("+", "-").split("-")[0].split()[0] if age else "0"
    return int(digits) if digits.isdigit() and not age.startswith("<") else 0


def _measure(
    facts: Facts, indicator: Indicator, code: str, wards: Mapping[str, str]
) -> WardMeasure | None:
    rows = rows_of(facts.workspace, indicator.id)
    of_wards = rows[rows["area_code"].isin(list(wards))]
    if not of_wards["value"].notna().any():
        return None
    last = of_wards.loc[of_wards.loc[of_wards["value"].notna(), "period_end"].idxmax()]
    same = of_wards[of_wards["period"] == last["period"]]
    points = {area: found[-1] for area, found in points_by_area(same).items()}
    point = points.get(code) or _nothing(last)
    borough, basis = _borough(rows, points, indicator, len(wards), facts)
    return WardMeasure(
        indicator=indicator,
        period=last["period"],
        end=last["period_end"].date(),
        point=point,
        borough=borough,
        basis=basis,
        verdict=_verdict(point, borough, indicator),
        rank=_rank(code, points, indicator, len(wards)),
        worst=_from_worst(point, points, indicator),
        others=tuple(p.value for area, p in points.items() if p.known and area != code),
        source=span_of(zip(same["source_file"], same["source_row"], strict=True)),
        **_received(facts.workspace, indicator.id, set(same["source_file"])),
    )


def _received(workspace: Workspace, indicator_id: str, files: set[str]) -> dict[str, object]:
    """The days on which files were received, and of a fetch that could not renew the series."""
    known, said = workspace.files, workspace.not_renewed.get(indicator_id)
    days = {known[name].received if name in known else "" for name in files}
    return {"received": tuple(sorted(days)), "not_renewed": said.attempted if said else ""}


def _nothing(row: pd.Series) -> Point:
    """A ward without a row: not available, of the period the others have."""
    nan = math.nan
    return Point(
        row["period"], row["period_start"].date(), row["period_end"].date(),
        nan, nan, nan, nan, nan, "not_available", "no row for this ward", "",
    )  # fmt: skip


def _borough(
    rows: pd.DataFrame, points: Mapping[str, Point], indicator: Indicator, many: int, facts: Facts
) -> tuple[float, str]:
    """The borough's own figure of the period, or that of all its wards together."""
    period = next(iter(points.values())).period
    area = facts.catalogue.settings.area
    own = rows[(rows["area_code"] == area) & (rows["period"] == period) & rows["value"].notna()]
    if not own.empty:
        return float(own.iloc[-1]["value"]), "the borough's own figure"
    factor = multiplier(indicator)
    # Without a value, a count or people, no ward is consistent: nothing is summed around it.
    if len(points) == many and all(consistent(p, factor) for p in points.values()):
        events = sum(p.count for p in points.values())
        people = sum(p.denominator for p in points.values())
        return factor * events / people, f"all {many} wards together"
    return math.nan, NO_BOROUGH


def _verdict(point: Point, borough: float, indicator: Indicator) -> Verdict:
    """The ward's 95 % interval against the borough's value, both ends included."""
    if not point.known:
        return not_compared("no figure for this ward")
    if indicator.source in (PEOPLE, DEPRIVATION):
        return not_compared(COUNTED)
    if math.isnan(point.lower) or math.isnan(point.upper):
        return not_compared(NO_INTERVAL)
    if math.isnan(borough):
        return not_compared(NO_BOROUGH)
    standing = int(point.lower > borough) - int(point.upper < borough)
    return Verdict(outcome_of(standing, "interval_95", indicator.polarity), "interval_95")


def _rank(
    code: str, points: Mapping[str, Point], indicator: Indicator, many: int
) -> Rank | None:
    if code not in points:
        return None
    limits = {area: (p.lower, p.upper) for area, p in points.items()}
    some = any(not math.isnan(p.lower) for p in points.values())
    return league_position(
        code,
        {area: p.value for area, p in points.items()},
        polarity=indicator.polarity,
        members=many,
        limits=limits if some else None,
    )


def _from_worst(point: Point, points: Mapping[str, Point], indicator: Indicator) -> int | None:
    """1 plus the number of wards that are worse; None where neither way is."""
    if not point.known or indicator.polarity == "no_judgement":
        return None
    sign = 1 if indicator.polarity == "low_is_good" else -1
    return 1 + sum(sign * p.value > sign * point.value for p in points.values() if p.known)

"""A ward series at its latest period: every ward's figure beside the borough's."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.facts.facts import Facts
from lbbd_jsna.facts.wards import (
    NO_BOROUGH,
    borough_value,
    built_from,
    exact_of,
    places_of,
    ward_verdicts,
)
from lbbd_jsna.findings import Point, points_by_area, span_of
from lbbd_jsna.statistics.ranks import Rank, league_position
from lbbd_jsna.statistics.verdicts import NOT_COMPARED, Verdict, not_compared
from lbbd_jsna.wards import is_estimated
from lbbd_jsna.wards.from_catalogue import DEPRIVATION, POPULATION

NO_FIGURE = "no figure for this ward"
NO_INTERVAL = "no interval is published for wards"
COUNTED = "everybody is counted, so there is no interval to compare by"


@dataclass(frozen=True)
class WardSeries:
    """One series at its latest period with a value, on the wards it belongs to.

    `points` has every ward of the vintage by code; one without a row is not available.
    `borough` is nan where it is not known; `basis` says what it is, or why there is none.
    `source` names the rows of all wards; `received` and `not_renewed` are as in `Finding`.
    """

    indicator: Indicator
    period: str
    end: dt.date
    points: Mapping[str, Point]
    borough: float
    basis: str
    source: str
    received: tuple[str, ...] = ()
    not_renewed: str = ""

    @cached_property
    def known(self) -> dict[str, Point]:
        """The points with a value."""
        return {code: point for code, point in self.points.items() if point.known}

    @cached_property
    def estimated(self) -> frozenset[str]:
        """The wards whose figure is mostly not exact, or partly shared out between wards."""
        return frozenset(code for code, p in self.known.items() if is_estimated(p.note))

    @property
    def exact(self) -> dict[str, int]:
        """The per cent of each ward that is made up of whole small areas, where that is said."""
        found = {code: exact_of(point.note) for code, point in self.known.items()}
        return {code: share for code, share in found.items() if share >= 0}

    @cached_property
    def verdicts(self) -> dict[str, str]:
        """The verdict of each ward that can be set against the borough, by code."""
        found = ward_verdicts(
            {code: point.value for code, point in self.known.items()},
            {code: point.lower for code, point in self.known.items()},
            {code: point.upper for code, point in self.known.items()},
            benchmark=self.borough,
            polarity=self.indicator.polarity,
        )
        return {code: said for code, said in found.items() if said != NOT_COMPARED}

    def verdict(self, code: str) -> Verdict:
        """A ward's 95 % interval against the borough's value, or why there is none."""
        if code in self.verdicts:
            return Verdict(self.verdicts[code], "interval_95")
        return not_compared(self._why_not(self.points[code]))

    def _why_not(self, point: Point) -> str:
        if not point.known:
            return NO_FIGURE
        if self.indicator.source in (POPULATION, DEPRIVATION):
            return COUNTED
        some = not (math.isnan(point.lower) or math.isnan(point.upper))
        return NO_BOROUGH if some else NO_INTERVAL

    @property
    def built(self) -> str:
        """What figures worked out here were built from, such as `small areas`; else empty."""
        return built_from(pd.Series([point.note for point in self.known.values()], dtype=str))

    def rank(self, code: str) -> Rank | None:
        """A ward's place among the wards with a value, and the places it could hold."""
        limits = {area: (p.lower, p.upper) for area, p in self.points.items()}
        some = any(not math.isnan(p.lower) for p in self.points.values())
        return league_position(
            code,
            {area: p.value for area, p in self.points.items()},
            polarity=self.indicator.polarity,
            members=len(self.points),
            limits=limits if some else None,
        )

    @cached_property
    def places(self) -> dict[str, tuple[int, int]]:
        """Each ward's place from the worse end, or from the highest, and how many share it."""
        values = {code: point.value for code, point in self.known.items()}
        return places_of(values, polarity=self.indicator.polarity)

    def worst(self, code: str) -> int | None:
        """1 plus the number of wards that are worse; None where neither way is."""
        if code not in self.places or self.indicator.polarity == "no_judgement":
            return None
        return self.places[code][0]

    def in_order(self) -> list[str]:
        """Wards with a value, highest first, those of one value by code."""
        return sorted(self.known, key=lambda code: (-self.known[code].value, code))


def ward_series(facts: Facts, indicator: Indicator) -> WardSeries | None:
    """A series at its latest period, or None without a value for any ward.

    Parameters
    ----------
    facts : Facts
    indicator : Indicator
        Of a ward vintage; its own wards are looked at and no others.
    """
    wards = facts.catalogue.wards(indicator.ward_vintage)
    rows = facts.rows(indicator.id)
    of_wards = rows[rows["area_code"].isin(list(wards))]
    known = of_wards[of_wards["value"].notna()]
    if known.empty:
        return None
    last = known.loc[known["period_end"].idxmax()]
    same = of_wards[of_wards["period"] == last["period"]]
    found = {area: points[-1] for area, points in points_by_area(same).items()}
    points = {code: found.get(code) or _nothing(last) for code in wards}
    borough = borough_value(
        rows, wards=wards, period=last["period"], indicator=indicator, catalogue=facts.catalogue
    )
    return WardSeries(
        indicator=indicator,
        period=last["period"],
        end=last["period_end"].date(),
        points=points,
        borough=borough.value,
        basis=borough.basis,
        source=span_of(zip(same["source_file"], same["source_row"], strict=True)),
        received=facts.received(set(same["source_file"])),
        not_renewed=facts.attempted(indicator.id),
    )


def series_of_wards(catalogue: Catalogue, vintage: str) -> tuple[Indicator, ...]:
    """The series of a set of wards, those that outcomes map first, in the order of the pack."""
    mapped = [
        name
        for strategy in catalogue.strategies
        for measure in strategy.measures
        for name in measure.evidence.wards
    ]
    order = dict.fromkeys([*mapped, *sorted(catalogue.indicators)])
    known = catalogue.indicators
    return tuple(known[name] for name in order if known[name].ward_vintage == vintage)


def people_of(series: Iterable[WardSeries], *, share: bool) -> list[WardSeries]:
    """Series of residents: of their shares by age, or of everybody."""
    return [
        one
        for one in series
        if one.indicator.source == POPULATION and one.indicator.unit.startswith("%") == share
    ]


def first_age(age: str) -> int:
    """Where a band of ages starts: 16 of `16-64 yrs`, 65 of `65+ yrs`."""
    digits = age.lstrip("<").replace("+", "-").split("-")[0].split()[0] if age else "0"
    return int(digits) if digits.isdigit() and not age.startswith("<") else 0


def leading(deprivation: Iterable[WardSeries]) -> WardSeries | None:
    """The score of deprivation, where it was received, else the first measure of it."""
    known = [one for one in deprivation if one.indicator.polarity != "no_judgement"]
    scores = [one for one in known if one.indicator.unit == "score"]
    return next(iter([*scores, *known]), None)


def _nothing(row: pd.Series) -> Point:
    """A ward without a row: not available, of the period the others have."""
    nan = math.nan
    return Point(
        row["period"], row["period_start"].date(), row["period_end"].date(),
        nan, nan, nan, nan, nan, "not_available", "no row for this ward", "",
    )  # fmt: skip

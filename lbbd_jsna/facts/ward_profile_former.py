"""What a ward of today was before its boundary changed, and what is known of those wards only."""

from __future__ import annotations

from dataclasses import dataclass

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.facts.facts import Facts
from lbbd_jsna.facts.ward_series import WardSeries, ward_series
from lbbd_jsna.findings import Point
from lbbd_jsna.wards import concordance, made_of

NO_SHAPES = (
    "The boundaries of the former wards are not among this quarter's extracts, so what this ward "
    "was made of is not known."
)


@dataclass(frozen=True)
class FormerWard:
    """A former ward that shares ground with a ward of today.

    `share_of_new` is the part of today's ward that it holds, `share_of_old` the part of
    itself that went there, both of the ground and 0 to 1. `unchanged` says that the two have
    one boundary.
    """

    code: str
    name: str
    share_of_new: float
    share_of_old: float
    unchanged: bool


@dataclass(frozen=True)
class FormerFigures:
    """A series known for former wards only, at its latest period: their points by code."""

    series: WardSeries
    points: dict[str, Point]

    @property
    def indicator(self) -> Indicator:
        """What the series is of."""
        return self.series.indicator


@dataclass(frozen=True)
class Former:
    """The wards a ward of today was made of, largest part first, and their figures."""

    wards: tuple[FormerWard, ...] = ()
    figures: tuple[FormerFigures, ...] = ()


def former_of(facts: Facts, code: str) -> tuple[Former, str]:
    """The former wards of a ward of today, by the ground they share; or why they are not known.

    Parameters
    ----------
    facts : Facts
    code : str
        A ward of today. Wards are joined by code and by ground, never by name.

    Returns
    -------
    Former
    str
        Empty, or the reason there are none.
    """
    catalogue, shapes = facts.catalogue, facts.workspace.boundaries
    old, new = earlier_vintage(catalogue), catalogue.settings.ward_vintage
    if old is None:
        return Former(), "The catalogue knows of no earlier wards."
    if old not in shapes or new not in shapes:
        return Former(), NO_SHAPES
    names = catalogue.wards(old)
    table = made_of(concordance(shapes[old], shapes[new]), code)
    wards = tuple(
        FormerWard(row.old, names[row.old], row.share_of_new, row.share_of_old, row.unchanged)
        for row in table.itertuples()
    )
    figures = tuple(
        found
        for indicator in only_former(catalogue, old)
        if (found := _figures(facts, indicator, wards))
    )
    return Former(wards, figures), ""


def earlier_vintage(catalogue: Catalogue) -> str | None:
    """The latest set of wards before today's, or None."""
    today = catalogue.settings.ward_vintage
    before = {a.vintage for a in catalogue.areas if a.type == "ward" and a.vintage < today}
    return max((v for v in before if catalogue.wards(v)), default=None)


def only_former(catalogue: Catalogue, vintage: str) -> list[Indicator]:
    """Series of former wards that are not built for the wards of today in the same way."""
    known = catalogue.indicators.values()
    today = {_built_from(i) for i in known if i.ward_vintage == catalogue.settings.ward_vintage}
    return [i for i in known if i.ward_vintage == vintage and _built_from(i) not in today]


def _built_from(indicator: Indicator) -> tuple[object, ...]:
    picked = tuple(sorted(indicator.pick.items()))
    return indicator.source, picked, indicator.age, indicator.sex, indicator.unit


def _figures(
    facts: Facts, indicator: Indicator, wards: tuple[FormerWard, ...]
) -> FormerFigures | None:
    series = ward_series(facts, indicator)
    if series is None:
        return None
    mine = {w.code: series.points[w.code] for w in wards if series.points[w.code].source}
    return FormerFigures(series, mine) if mine else None

"""The borough's place in the league, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.findings import Point
from lbbd_jsna.statistics.ranks import Rank, league_position


def rank_of(
    points: Mapping[str, Point],
    indicator: Indicator,
    catalogue: Catalogue,
    *,
    with_limits: bool = True,
) -> Rank | None:
    """The borough's place among the areas of the league; None where it has no value.

    Parameters
    ----------
    points : mapping of area code to Point
        One period; areas outside the league are passed over.
    with_limits : bool
        Work out how sure the place is as well, which takes a simulation.
    """
    members = catalogue.league.areas
    league = {code: points[code] for code in members if code in points}
    return league_position(
        catalogue.settings.area,
        {code: point.value for code, point in league.items()},
        polarity=indicator.polarity,
        members=len(members),
        limits={code: (point.lower, point.upper) for code, point in league.items()}
        if with_limits
        else None,
    )

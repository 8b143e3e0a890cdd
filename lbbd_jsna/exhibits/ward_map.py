"""The map that shows where wards are: shaded by deprivation, or with one of them marked."""

from __future__ import annotations

from collections.abc import Collection

from geopandas import GeoDataFrame

from lbbd_jsna.exhibits import style, wording
from lbbd_jsna.exhibits.classes import class_breaks
from lbbd_jsna.exhibits.drawing import Drawing, render
from lbbd_jsna.exhibits.exhibit import KeyEntry
from lbbd_jsna.exhibits.map_drawing import ward_figure
from lbbd_jsna.exhibits.map_plan import MapPlan, check_wards, number_wards
from lbbd_jsna.exhibits.maps import draw_ward_map
from lbbd_jsna.exhibits.ward_profile_words import plain_title, wards_words
from lbbd_jsna.exhibits.ward_words import exact_words
from lbbd_jsna.facts import Facts
from lbbd_jsna.facts.ward_series import WardSeries

OTHERS = "#EDEEEC"


def context_map(
    wards: GeoDataFrame, series: WardSeries | None, facts: Facts
) -> tuple[Drawing, tuple[KeyEntry, ...]]:
    """All wards with their numbers, in the classes of a series; plain without one.

    Parameters
    ----------
    wards : GeoDataFrame, one row per ward; columns code, name, geometry; EPSG:27700
    series : WardSeries or None
    facts : Facts

    Returns
    -------
    Drawing
    tuple of KeyEntry
    """
    if series is None:
        return plain_map(wards, facts), ()
    indicator = series.indicator
    values = {code: point.value for code, point in series.known.items()}
    drawn = draw_ward_map(
        wards,
        values,
        {code: point.status for code, point in series.points.items()},
        unit=indicator.unit,
        decimals=indicator.decimals,
        breaks=class_breaks(list(values.values()), decimals=indicator.decimals),
        estimated=series.estimated,
        neighbours=facts.workspace.neighbours,
        water=facts.catalogue.settings.water,
        licence=_licence(facts),
    )
    return drawn.drawing, drawn.key


def plain_map(
    wards: GeoDataFrame, facts: Facts, *, marked: Collection[str] = (), width: float = 430
) -> Drawing:
    """All wards with their numbers and no figure, some of them filled.

    Parameters
    ----------
    wards : GeoDataFrame, one row per ward; columns code, name, geometry; EPSG:27700
    marked : codes of wards
        To be filled with the accent.
    width : float
        CSS pixels.

    Raises
    ------
    GeographyError
        As for `maps.draw_ward_map`: a code is not one of the wards.
    """
    check_wards(wards, set(marked))
    numbers = number_wards(wards)
    fills = {code: style.ACCENT if code in marked else OTHERS for code in numbers}
    texts = {code: str(number) for code, number in numbers.items()}
    plan = MapPlan((), numbers, {}, fills, dict.fromkeys(numbers, ""), texts)
    with style.chart_style():
        return render(
            ward_figure(wards, plan, neighbours=facts.workspace.neighbours,
                        water=facts.catalogue.settings.water, licence=_licence(facts),
                        width=width)
        )


def _licence(facts: Facts) -> str:
    """The licence of true boundaries; made-up tiles have none."""
    source = facts.catalogue.sources.get("open-geography")
    return "" if facts.workspace.demonstration or not source else source.licence


def map_caption(series: WardSeries | None, facts: Facts) -> str:
    """What the classes are of, and which boundaries they are drawn on."""
    said = []
    if series is not None:
        unit = f" ({series.indicator.unit})" if not series.indicator.unit.startswith("%") else ""
        said.append(f"{wording.sentence(plain_title(series.indicator))}{unit}, {series.period}. "
                    f"{series.indicator.definition}")
        if series.built:
            said.append(f"Built here from {series.built} by best fit, not published by ward.")
            said.append(exact_words(series.exact, facts.catalogue.wards(
                series.indicator.ward_vintage)))
    return " ".join(filter(None, [*said, drawn_on(facts)]))


def drawn_on(facts: Facts) -> str:
    """Which boundaries a map of today's wards stands on."""
    if facts.workspace.demonstration:
        return "Made-up tiles, one a ward; the true shapes of the wards differ."
    source = facts.catalogue.sources.get("open-geography")
    return f"Drawn on {wards_words(facts.catalogue)}.{f' {source.title}.' if source else ''}"

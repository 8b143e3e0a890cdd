"""A ward series on a page: the map of classes, that of verdicts, and its earlier periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lbbd_jsna.exhibits import ward_words
from lbbd_jsna.exhibits.drawing import Drawing
from lbbd_jsna.exhibits.exhibit import Exhibit, Figure, Section
from lbbd_jsna.exhibits.map_plan import number_wards
from lbbd_jsna.exhibits.map_series import draw_ward_series
from lbbd_jsna.exhibits.maps import class_breaks, draw_verdict_map, draw_ward_map
from lbbd_jsna.exhibits.ward_tables import Beside, periods_table, verdict_table, ward_table
from lbbd_jsna.exhibits.ward_words import WardWords
from lbbd_jsna.facts import Facts
from lbbd_jsna.findings import WardFigures, WardPeriod

# How much larger than it was laid out a map is shown where there is room.
LARGE = 1.3
MOST_PERIODS = 6  # small maps
FEWEST_EARLIER = 2
SHAPES = "open-geography"  # the source of all boundaries


def ward_exhibits(figures: WardFigures, facts: Facts) -> list[Exhibit]:
    """Everything a page shows of a ward series.

    Parameters
    ----------
    figures : WardFigures
    facts : Facts

    Returns
    -------
    list of Exhibit
        The map of classes; where wards have intervals, the map of verdicts, so that noise is
        not read as difference; where there are two earlier periods or more, small maps of
        them, folded.
    """
    found = [
        ward_figure(figures, facts), verdict_figure(figures, facts), earlier_periods(figures, facts)
    ]  # fmt: skip
    return [exhibit for exhibit in found if exhibit]


def ward_figure(
    figures: WardFigures,
    facts: Facts,
    *,
    words: WardWords | None = None,
    beside: Sequence[Beside] = (),
) -> Figure:
    """A map on the boundaries its values belong to, with its table.

    Parameters
    ----------
    figures : WardFigures
    facts : Facts
    words : WardWords, optional
        Better ones than `ward_words.words_of` finds.
    beside : sequence of Beside
        Further series of the same wards, for the table.
    """
    indicator, catalogue = figures.indicator, facts.catalogue
    said = words or ward_words.words_of(figures)
    values, statuses = _shown(figures)
    drawn = draw_ward_map(
        figures.boundaries, values, statuses, **_classes(figures), estimated=figures.estimated,
        **_around(facts),
    )  # fmt: skip
    return Figure.of(
        _enlarged(drawn.drawing),
        title=said.title,
        alt=ward_words.ward_alt(figures),
        caption=ward_words.ward_caption(
            figures, said.about, catalogue=catalogue, demonstration=facts.workspace.demonstration
        ),
        table=ward_table(figures, drawn, words=said, catalogue=catalogue, beside=beside),
        name=f"{indicator.id}-map",
        key=drawn.key,
        role="map",
    )


def verdict_figure(figures: WardFigures, facts: Facts) -> Figure | None:
    """Which wards stand apart from the borough by their intervals; None where none can be held."""
    if not figures.compared:
        return None
    catalogue, demonstration = facts.catalogue, facts.workspace.demonstration
    _, statuses = _shown(figures)
    drawn = draw_verdict_map(
        figures.boundaries, figures.verdicts, statuses, estimated=figures.estimated,
        **_around(facts),
    )  # fmt: skip
    return Figure.of(
        drawn.drawing,
        title=ward_words.verdict_headline(figures),
        alt=ward_words.verdict_alt(figures, catalogue=catalogue),
        caption=ward_words.verdict_caption(
            figures, catalogue=catalogue, demonstration=demonstration
        ),
        table=verdict_table(figures, drawn.numbers),
        name=f"{figures.indicator.id}-verdicts",
        key=drawn.key,
        role="map",
    )


def earlier_periods(figures: WardFigures, facts: Facts) -> Section | None:
    """The last periods as small maps under the classes of the large one, folded.

    None without two earlier periods.
    """
    if len(figures.history) < FEWEST_EARLIER:
        return None
    periods = (*figures.history[1 - MOST_PERIODS :], figures)
    drawn = draw_ward_series(
        figures.boundaries,
        {p.period: _shown(p) for p in periods},
        **_classes(figures),
        estimated={p.period: p.estimated for p in periods},
        licence=_around(facts)["licence"],
    )
    catalogue = facts.catalogue
    numbers = number_wards(figures.boundaries)
    figure = Figure.of(
        _enlarged(drawn.drawing),
        title=ward_words.series_headline(figures, periods),
        alt=ward_words.series_alt(figures, periods),
        caption=ward_words.series_caption(
            figures, periods, catalogue=catalogue, demonstration=facts.workspace.demonstration
        ),
        table=periods_table(figures, periods, numbers, catalogue=catalogue),
        name=f"{figures.indicator.id}-periods",
        key=drawn.key,
        role="map",
    )
    heading = f"Earlier periods: {figures.indicator.title}"
    return Section(heading=heading, children=(figure,), level=4, folded=True)


def _shown(figures: WardFigures | WardPeriod) -> tuple[dict[str, float], dict[str, str]]:
    """Released values and every ward's status, by code."""
    table = figures.table
    known = table.dropna(subset=["value"])
    values = dict(zip(known["code"], known["value"], strict=True))
    return values, dict(zip(table["code"], table["status"], strict=True))


def _classes(figures: WardFigures) -> dict[str, Any]:
    """The unit, and classes that stay the same on every map of the series."""
    indicator, latest = figures.indicator, list(figures.known["value"])
    breaks = class_breaks(figures.all_values, decimals=indicator.decimals)
    if len(set(np.searchsorted(breaks, latest, side="right"))) < 2:
        # The whole area has moved into one class: it would tell no ward from another.
        breaks = class_breaks(latest, decimals=indicator.decimals)
    return {"unit": indicator.unit, "decimals": indicator.decimals, "breaks": breaks}


def _around(facts: Facts) -> dict[str, Any]:
    """What is drawn around the wards; made-up tiles have neither neighbours nor a licence."""
    if facts.workspace.demonstration:
        return {"licence": ""}
    shapes = facts.catalogue.sources.get(SHAPES)
    return {
        "neighbours": facts.workspace.neighbours,
        "water": facts.catalogue.settings.water,
        "licence": shapes.licence if shapes else "",
    }


def _enlarged(drawing: Drawing) -> Drawing:
    return replace(
        drawing, width=round(drawing.width * LARGE), height=round(drawing.height * LARGE)
    )

"""The rugs of the page of all wards: wards by measures, a few measures each.

One rug of every measure would be too small to read on a phone or a sheet of paper. The rows of
all stand in line, so that on a wide screen a ward is read across two of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.exhibit import Figure
from lbbd_jsna.exhibits.map_rug import RugMeasure, draw_rug, rug_layout, rug_rows
from lbbd_jsna.exhibits.ward_links import ward_href
from lbbd_jsna.exhibits.wards_page_words import rug_alt, rug_title, short_title
from lbbd_jsna.facts.ward_overview import WardOverview
from lbbd_jsna.facts.ward_series import WardSeries
from lbbd_jsna.statistics.verdicts import NOT_COMPARED

MOST_COLUMNS = 4
THIRDS = 3


def rugs(overview: WardOverview) -> tuple[tuple[Figure, ...], tuple[Figure, ...]]:
    """The rugs of measures that are tested, and of those and of people that are only shaded."""
    series = [*overview.shown_deprivation, *_by_source(overview.measures)]
    frame = _frame(overview.wards)
    common = {
        "order": overview.order,
        "hrefs": {code: ward_href(code) for code in overview.wards},
    }
    tested = [one for one in series if one.verdicts]
    shaded = [one for one in series if not one.verdicts]
    return (
        _figures(tested, frame, name="wards-tested", **common),
        (*_figures(shaded, frame, name="wards-shaded", **common),
         *_figures(overview.people, frame, name="wards-people", **common)),
    )


def _by_source(series: Sequence[WardSeries]) -> list[WardSeries]:
    """What one publisher counts stands together, publishers in the order of the pack."""
    sources = [one.indicator.source for one in series]
    return sorted(series, key=lambda one: sources.index(one.indicator.source))


def former_rugs(overview: WardOverview) -> tuple[Figure, ...]:
    """The rugs of the former wards, in the order of their names and without numbers."""
    frame = _frame(overview.former_wards)
    return _figures(list(overview.former), frame, name="former-wards", numbered=False)


def _frame(wards: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame({"code": list(wards), "name": list(wards.values())})


def _figures(
    series: Sequence[WardSeries], frame: pd.DataFrame, *, name: str, order: Sequence[str] = (),
    hrefs: Mapping[str, str] | None = None, numbered: bool = True,
) -> tuple[Figure, ...]:
    if not series:
        return ()
    columns = [_column(one, short_title(one, series)) for one in series]
    rows = rug_rows(frame, order=order, numbered=numbered)
    layout = rug_layout(rows, columns)
    wards = {code: dict(zip(frame["code"], frame["name"], strict=True))[code] for code in rows}
    return tuple(
        _figure(part, frame, wards, f"{name}-{number}", _built(part, columns, series),
                order=order, hrefs=hrefs, numbered=numbered, layout=layout)
        for number, part in enumerate(_parts(columns), start=1)
    )


def _built(part: Sequence[RugMeasure], columns: Sequence[RugMeasure],
           series: Sequence[WardSeries]) -> str:
    """Which of a rug's measures were built here, and from what."""
    found = {column.title: one.built for column, one in zip(columns, series, strict=True)}
    built = [column.title for column in part if found[column.title]]
    if not built:
        return ""
    named = "All" if len(built) == len(part) else wording.listed(built)
    return f"{named} built here from {found[built[0]]} by best fit, not published by ward."


def _parts(columns: Sequence[RugMeasure]) -> Iterator[Sequence[RugMeasure]]:
    """Even parts of at most `MOST_COLUMNS`: five are three and two, not four and one."""
    many = -(-len(columns) // MOST_COLUMNS)
    size, more = divmod(len(columns), many)
    start = 0
    for part in range(many):
        end = start + size + (part < more)
        yield columns[start:end]
        start = end


def _figure(
    columns: Sequence[RugMeasure], frame: pd.DataFrame, wards: dict[str, str], name: str,
    built: str, **said,
) -> Figure:
    title = rug_title(columns)
    rug = draw_rug(frame, columns, caption=title, name=name, **said)
    periods = "; ".join(f"{column.title}, {column.period}" for column in columns)
    return Figure.of(
        rug.drawing,
        title=title,
        alt=rug_alt(columns, wards),
        caption=f"{periods}. {built}".strip(),
        table=rug.table,
        key=rug.key,
        table_printed=False,
    )


def _column(series: WardSeries, title: str) -> RugMeasure:
    verdicts = dict.fromkeys(series.known, NOT_COMPARED) | series.verdicts
    return RugMeasure(
        title=title,
        period=series.period,
        unit=series.indicator.unit,
        decimals=series.indicator.decimals,
        values={code: point.value for code, point in series.known.items()},
        verdicts=verdicts if series.verdicts else {},
        statuses={code: point.status for code, point in series.points.items()},
        estimated=series.estimated,
        thirds={} if series.verdicts else thirds_of(series),
        neutral=series.indicator.polarity == "no_judgement",
    )


def thirds_of(series: WardSeries) -> dict[str, int]:
    """The third of the wards with a value that each falls in, 2 the worst, by printed value.

    Where nothing is judged 2 is the highest. Wards level with each other share a third.
    """
    decimals = series.indicator.decimals
    sign = -1 if series.indicator.polarity == "high_is_good" else 1
    printed = {code: sign * round(p.value, decimals) for code, p in series.known.items()}
    many = len(printed)
    worse = {code: sum(other > mine for other in printed.values())
             for code, mine in printed.items()}
    return {code: THIRDS - 1 - THIRDS * before // many for code, before in worse.items()}

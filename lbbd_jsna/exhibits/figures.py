"""The figures of the pack: facts drawn, titled and described."""

from __future__ import annotations

import math

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.exhibits import captions, wording
from lbbd_jsna.exhibits.boroughs import Bar, draw_boroughs
from lbbd_jsna.exhibits.exhibit import Figure
from lbbd_jsna.exhibits.tables import history_table, league_table
from lbbd_jsna.exhibits.time_lines import Line
from lbbd_jsna.exhibits.trend import draw_trend
from lbbd_jsna.findings import Finding, Point
from lbbd_jsna.periods import read_period


def trend_figure(finding: Finding, *, catalogue: Catalogue) -> Figure:
    """The borough over time, beside the benchmark, the region and the peers."""
    named = catalogue.comparators
    indicator = finding.indicator
    lines = [_line("Borough", finding.history, "area")]
    roles = {named.benchmark: "benchmark", named.region: "region", named.peers: "peers"}
    for name, role in roles.items():
        if any(point.known for point in finding.comparators[name]):
            lines.append(_line(catalogue.set_of(name).title, finding.comparators[name], role))
    drawing = draw_trend(
        lines,
        unit=indicator.unit,
        decimals=indicator.decimals,
        breaks=tuple(_breaks(finding)),
    )
    return Figure.of(
        drawing,
        title=captions.trend_title(finding),
        alt=captions.trend_alt(finding, catalogue),
        caption=_caption(finding, catalogue, "Bars show the borough's 95% interval."),
        table=history_table(finding, catalogue=catalogue),
        name=f"{indicator.id}-trend",
    )


def league_figure(finding: Finding, *, catalogue: Catalogue) -> Figure | None:
    """Every borough of the league at the latest period; None where there is nobody to compare."""
    known = {code: point for code, point in finding.league.items() if point.known}
    if len(known) < 2:
        return None
    named = catalogue.comparators
    references = tuple(
        (catalogue.set_of(name).title, point.value)
        for name in (named.benchmark, named.region)
        if (point := finding.at(name, finding.latest.period))
    )
    drawing = draw_boroughs(
        [
            Bar(
                catalogue.area_of(code).name,
                point.value,
                point.lower,
                point.upper,
                "area" if code == catalogue.settings.area else "other",
            )
            for code, point in known.items()
        ],
        unit=finding.indicator.unit,
        decimals=finding.indicator.decimals,
        references=references,
        lowest_first=finding.rank.first == "lowest",
    )
    return Figure.of(
        drawing,
        title=captions.league_title(finding, catalogue),
        alt=captions.league_alt(finding, catalogue),
        caption=_caption(finding, catalogue, _silent(finding, catalogue)),
        table=league_table(finding, catalogue=catalogue),
        name=f"{finding.indicator.id}-boroughs",
    )


def _line(label: str, points: tuple[Point, ...], role: str) -> Line:
    ordered = sorted(points, key=lambda point: point.end)
    own = role == "area"
    return Line(
        label=label,
        dates=tuple(point.middle for point in ordered),
        periods=tuple(point.period for point in ordered),
        values=tuple(point.value for point in ordered),
        lower=tuple(point.lower if own else math.nan for point in ordered),
        upper=tuple(point.upper if own else math.nan for point in ordered),
        role=role,
    )


def _breaks(finding: Finding):
    first = finding.history[0]
    for item in finding.indicator.breaks:
        period = read_period(item.period)
        if period.start > first.start:
            yield period.start.year + (period.start.month - 1) / 12, "new method"


def _caption(finding: Finding, catalogue: Catalogue, remark: str) -> str:
    indicator = finding.indicator
    source = catalogue.sources[indicator.source].title
    number = f" {indicator.source_id}" if indicator.source_id else ""
    has_limits = any(not math.isnan(point.lower) for point in finding.history)
    if remark.startswith("Bars") and not has_limits:
        remark = "The extract holds no intervals."
    return f"{indicator.title}, {indicator.unit}. {remark} {source}{number}."


def _silent(finding: Finding, catalogue: Catalogue) -> str:
    members = catalogue.league.areas
    silent = [
        catalogue.area_of(code).name
        for code in members
        if code not in finding.league or not finding.league[code].known
    ]
    if not silent:
        return f"All {len(members)} boroughs have a figure."
    names = wording.listed(silent[:4]) if len(silent) <= 4 else f"{len(silent)} boroughs"
    return f"No figure for {names}."

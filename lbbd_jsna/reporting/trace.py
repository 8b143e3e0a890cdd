"""From each printed figure of a measure back to the file and row it came from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Indicator
from lbbd_jsna.errors import RunError, nearest
from lbbd_jsna.exhibits import wording
from lbbd_jsna.facts import Facts
from lbbd_jsna.findings import Finding, OutcomeFacts, Point, WardFigures
from lbbd_jsna.reporting import trace_steps as steps
from lbbd_jsna.reporting.trace_names import not_there, shown_on
from lbbd_jsna.reporting.trace_nomis import OBS_VALUE
from lbbd_jsna.reporting.trace_origins import File, Origin, Origins
from lbbd_jsna.reporting.trace_steps import Step, exact
from lbbd_jsna.schema import SHORTHAND

OBSERVED = ("indicator", "source_id", "area_code", "area_name", "sex", "age", "period")
NUMBERS = ("value", "lower_95", "upper_95", "count", "denominator")


@dataclass(frozen=True)
class Figure:
    """One figure of the page.

    Parameters
    ----------
    title : str
        Whose it is, and of when.
    printed : dict of str to str
        What the page prints of it, by what that is.
    observed : dict of str to str
        The row of the tables behind it, every digit.
    origins : tuple of Origin
        The raw rows: one, or two for a series worked out from two; of Nomis, every row that
        was added up or divided by.
    inputs : tuple of str
        The figures it was put together from, a line each.
    steps : tuple of Step
        From the raw row to the printed number.
    """

    title: str
    printed: dict[str, str]
    observed: dict[str, str]
    origins: tuple[Origin, ...] = ()
    inputs: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Series:
    """One indicator of the measure: its figures, and what the page does not print."""

    indicator: Indicator
    figures: tuple[Figure, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trace:
    """Every figure that a page prints for one measure."""

    page: OutcomeFacts
    name: str
    words: str
    series: tuple[Series, ...]
    remarks: tuple[str, ...]
    files: tuple[File, ...]


def trace_measure(
    facts: Facts, outcome_id: str, name: str, *, raw: Path, wards: bool = False
) -> Trace:
    """Trace every figure that a page prints for a measure.

    Parameters
    ----------
    facts : Facts
        Of the quarter.
    outcome_id : str
        The page.
    name : str
        A measure of it, a target it serves, or an indicator it shows.
    raw : Path
        The folder of extracts the tables were made from.
    wards : bool
        List each ward of a ward map.

    Raises
    ------
    RunError
        There is no such outcome, or no such measure on its page; says which was meant.
    """
    catalogue = facts.catalogue
    if outcome_id not in catalogue.outcomes:
        raise RunError(f'no outcome "{outcome_id}"; {nearest(outcome_id, catalogue.outcomes)}')
    page = facts.outcome(outcome_id)
    shown = shown_on(page, facts)
    if name not in shown:
        raise RunError(not_there(name, outcome_id, shown, catalogue))
    asked = shown[name]
    tracer = _Tracer(facts, raw)
    series = [tracer.finding(finding) for finding in asked.findings]
    series += [tracer.wards(figures, listed=wards) for figures in asked.maps]
    return Trace(page, name, asked.words, tuple(series), asked.remarks, tracer.origins.files)


class _Tracer:
    """Looks each figure up in the tables and in the raw files, each file once."""

    def __init__(self, facts: Facts, raw: Path) -> None:
        self.facts, self.catalogue = facts, facts.catalogue
        self.origins = Origins(facts.workspace, raw)
        self._rows: dict[str, tuple[dict[tuple[str, str], int], pd.DataFrame]] = {}

    def finding(self, finding: Finding) -> Series:
        """The figures that a page prints of an indicator."""
        named = self.catalogue.comparators
        figures = [self._latest(finding)]
        if finding.previous is not None:
            figures.append(self._plain(finding, self.catalogue.settings.area, finding.previous))
        figures += [self._comparator(finding, name) for name in (named.benchmark, named.region)]
        figures.append(self._peers(finding))
        later = [point for point in finding.history if point.end > finding.latest.end]
        remarks = [
            f"{point.period}: {SHORTHAND[point.status]} {point.note or 'no reason given'}"
            for point in later
        ]
        remarks.append(wording.not_renewed(finding.not_renewed, finding.received))
        return Series(finding.indicator, tuple(figures), tuple(filter(None, remarks)))

    def wards(self, figures: WardFigures, *, listed: bool) -> Series:
        """The wards of a map: how many and where, or each of them."""
        known = figures.table.dropna(subset=["value"])
        printed = {"Wards with a figure": f"{len(known)} of {len(figures.table)}"}
        for what, place in (("Highest", "idxmax"), ("Lowest", "idxmin")):
            ward = known.loc[getattr(known["value"], place)()]
            printed[what] = f"{ward['name']} {wording.number(ward['value'], figures.indicator)}"
        lines = [self._ward_line(figures, ward) for ward in figures.table.to_dict("records")]
        self.origins.note_files(figures.indicator, self._ward_rows(figures))
        return Series(
            figures.indicator,
            (
                Figure(
                    f"Wards of {figures.vintage}, {figures.period}",
                    printed,
                    {},
                    inputs=tuple(lines) if listed else (f"{figures.source}; --wards lists them",),
                ),
            ),
        )

    def _ward_rows(self, figures: WardFigures) -> list[pd.Series]:
        found = (
            self._row(figures.indicator.id, code, figures.period) for code in figures.table["code"]
        )
        return [row for row in found if row is not None]

    def _ward_line(self, figures: WardFigures, ward: dict) -> str:
        row = self._row(figures.indicator.id, ward["code"], figures.period)
        if row is None:
            return f"{ward['code']} {ward['name']}: [x], no row"
        where = f"({row['source_file']}, row {row['source_row']})"
        if math.isnan(ward["value"]):
            return f"{ward['code']} {ward['name']}: {SHORTHAND[ward['status']]} {where}"
        printed = wording.number(ward["value"], figures.indicator)
        return f"{ward['code']} {ward['name']}: {printed}, from {exact(ward['value'])} {where}"

    def _latest(self, finding: Finding) -> Figure:
        """The borough's latest figure, with all that the page says of it."""
        catalogue, latest, indicator = self.catalogue, finding.latest, finding.indicator
        plain = self._plain(finding, catalogue.settings.area, latest)
        row = self._row(indicator.id, catalogue.settings.area, latest.period)
        tag, _ = wording.verdict_tag(finding.verdict)
        printed = {
            **plain.printed,
            "95% interval": wording.interval(latest, indicator),
            "Count": wording.counted(latest) or "none",
            f"Against {catalogue.benchmark.title}": tag,
            catalogue.league.title: wording.rank_text(finding.rank),
            "Since the period before": wording.movement(finding) or "not compared",
            "Trend": f"{wording.trend_words(finding)} ({finding.trend.basis or 'no basis'})",
        }
        cells = plain.origins[0].cells if plain.origins else {}
        more = [
            steps.comparison_step(finding, row, cells, catalogue),
            steps.rank_step(finding, catalogue),
        ]
        return Figure(
            plain.title, printed, plain.observed, plain.origins, steps=(*plain.steps, *more)
        )

    def _comparator(self, finding: Finding, name: str) -> Figure:
        area = self.catalogue.set_of(name).areas[0]
        point = finding.at(name, finding.latest.period)
        if point is not None:
            return self._plain(finding, area, point)
        title = f"{self.catalogue.set_of(name).title}, {finding.latest.period}"
        return Figure(title, {"Value": "[x] (the extracts hold no figure for it)"}, {})

    def _peers(self, finding: Finding) -> Figure:
        """The boroughs added up, with what each of them put in."""
        named, indicator = self.catalogue.comparators, finding.indicator
        period = finding.latest.period
        peers = self.catalogue.set_of(named.peers)
        combined = finding.at(named.peers, period)
        lines = [self._member(indicator.id, code, period) for code in peers.areas]
        title = f"{peers.title}, {period}"
        if combined is None:
            reason = finding.peers.reason
            return Figure(title, {"Value": f"[x] ({reason})"}, {}, inputs=tuple(lines))
        printed = wording.number(combined.value, indicator)
        summed = steps.sum_step(combined, indicator)
        rounded = steps.rounding_step(combined.value, indicator, printed)
        return Figure(title, {"Value": printed}, {}, inputs=tuple(lines), steps=(summed, rounded))

    def _member(self, indicator_id: str, code: str, period: str) -> str:
        name = self.catalogue.area_of(code).name
        row = self._row(indicator_id, code, period)
        if row is None:
            return f"{name}: no row"
        self.origins.note_files(self.catalogue.indicators[indicator_id], [row])
        where = f"({row['source_file']}, row {row['source_row']})"
        if math.isnan(row["value"]):
            return f"{name}: {SHORTHAND[row['status']]} {where}"
        known = not math.isnan(row["count"]) and not math.isnan(row["denominator"])
        counts = f"{exact(row['count'])} of {exact(row['denominator'])}" if known else "no counts"
        return f"{name}: {counts}, value {exact(row['value'])} {where}"

    def _plain(self, finding: Finding, area: str, point: Point) -> Figure:
        """One area's published or returned figure."""
        indicator, catalogue = finding.indicator, self.catalogue
        row = self._row(indicator.id, area, point.period)
        own = area == catalogue.settings.area
        printed = wording.shown(point, indicator) if own else wording.number(point.value, indicator)
        if own and finding.previous is point:
            printed = wording.number(point.value, indicator)
        parts = self._parts(indicator, row)
        origins = tuple(origin for part in parts or [row] for origin in self.origins.of(part))
        if steps.is_protected(row, indicator, catalogue):
            read = steps.protected_steps(row, indicator, origins[0].cells, catalogue)
        elif parts:
            read = [steps.derived_step(row, parts), steps.gate_step(row, indicator, catalogue)]
        else:
            read = [
                *steps.picked_steps(indicator),
                *_read_steps(row, indicator, origins),
                steps.gate_step(row, indicator, catalogue),
            ]
        return Figure(
            title=f"{catalogue.area_of(area).name}, {point.period}",
            printed={"Value": printed},
            observed=_observed(row),
            origins=origins,
            steps=(
                *read,
                steps.interval_step(row, indicator, catalogue),
                steps.rounding_step(point.value, indicator, printed),
            ),
        )

    def _row(self, indicator: str, area: str, period: str) -> pd.Series | None:
        """The headline row of an area and period in the tables."""
        if indicator not in self._rows:
            table = self.facts.workspace.observations
            own = table[table["indicator"].eq(indicator) & table["category_type"].eq("")]
            # The last, as for the facts, should an area have two lengths of one period.
            keys = zip(own["area_code"], own["period"], strict=True)
            self._rows[indicator] = dict(zip(keys, range(len(own)), strict=True)), own
        places, own = self._rows[indicator]
        place = places.get((area, period))
        return None if place is None else own.iloc[place]

    def _parts(self, indicator: Indicator, row: pd.Series) -> list[pd.Series]:
        """The two rows a derived figure was worked out from."""
        derived = indicator.derived
        names = (derived.numerator, derived.denominator) if derived else ()
        rows = (self._row(name, row["area_code"], row["period"]) for name in names)
        found = [part for part in rows if part is not None]
        return found if len(found) == len(names) else []


def _read_steps(row: pd.Series, indicator: Indicator, origins: tuple[Origin, ...]) -> list[Step]:
    if not origins[0].role:
        return [steps.read_step(row, indicator, origins[0].cells)]
    parts = [(origin.role, origin.cells.get(OBS_VALUE, "blank")) for origin in origins]
    return steps.added_steps(row, indicator, parts)


def _observed(row: pd.Series) -> dict[str, str]:
    """The row of the tables, every digit; blank texts left out."""
    said = {column: str(row[column]) for column in OBSERVED if row[column]}
    said |= {column: exact(row[column]) for column in NUMBERS}
    said["status"] = row["status"]
    return said | ({"note": row["value_note"]} if row["value_note"] else {})

"""Nomis CSV files to observations: shares worked out from the counts of their tables."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.errors import ExtractError, Fault
from lbbd_jsna.schema import as_observations, empty_observations
from lbbd_jsna.sources import checks
from lbbd_jsna.sources.csv_files import read_text, shown
from lbbd_jsna.sources.nomis_rows import (
    CODE,
    NAME,
    VALUE,
    Choice,
    Row,
    choices,
    figure,
    note,
    read_rows,
    text_faults,
    value_of,
)
from lbbd_jsna.sources.series import ALWAYS

SOURCE = "nomis"
# Counts; 20301 is a per cent that the publisher has rounded.
MEASURES, COUNTS = "MEASURES", "20100"
_EMPTY = ("category_type", "category", "printed_range", "published_trend", "published_comparison")
_NO_LIMITS = ("lower_95", "upper_95", "lower_99_8", "upper_99_8")
_PER = re.compile(r"per ([\d,]+)")


class WrongTable(ExtractError):
    """The file is of another table than the catalogue says: columns or names are not its own."""


@dataclass
class _Sum:
    """The figures of one area and period, added up."""

    row: Row
    parts: dict[tuple[int, ...], Row] = field(default_factory=dict)

    @property
    def value(self) -> float:
        """The sum; nan where a part has no value."""
        return math.fsum(figure(row) for row in self.parts.values())

    @property
    def note(self) -> str:
        """Why a part has no value, or what is said of one that has."""
        rows = sorted(self.parts.values(), key=lambda row: not math.isnan(figure(row)))
        return next((said for row in rows if (said := note(row))), "")


def read_nomis(path: Path, *, name: str, catalogue: Catalogue) -> tuple[pd.DataFrame, list[str]]:
    """Read one file of Nomis.

    Its stem is a table of `live.yml`, and the indicators with that `source_id` are read from
    it. `pick` chooses the rows of the numerator: `{C2021_HIQUAL_8: 5|6}` adds up two rows of
    each area and period; beside it, `C2021_HIQUAL_8_NAME: level 3|level 4` says what those
    rows must be called, so that a renumbered table is not read wrongly. `columns` holds, in
    the same words, `denominator: C2021_HIQUAL_8=0; C2021_HIQUAL_8_NAME=total`: the value is
    then 100 x numerator / denominator, from counts, for published per cents are rounded.
    `value` picks a published rate in the same way, where the table has no denominator.

    Parameters
    ----------
    path : Path
        CSV with headings such as DATE_NAME, GEOGRAPHY_CODE and OBS_VALUE.
    name : str
        Its path below the extracts folder, for messages and `source_file`.
    catalogue : Catalogue

    Returns
    -------
    DataFrame, list of str
        Columns `schema.OBSERVATIONS`, without intervals: a count of everybody has none.
        `source_row` is the line of the first row of the numerator. Then notes.

    Raises
    ------
    WrongTable
        A column or a name that the catalogue picks by is not there.
    ExtractError
        Figures that cannot be, rows twice or missing; all faults together.

    Source
    ------
    Nomis API, data.csv: https://www.nomisweb.co.uk/api/v01/help.
    """
    text, notes = read_text(path, name=name)
    indicators = series_of(catalogue, path.stem)
    if not indicators:
        table = catalogue.live.nomis.tables.get(path.stem)
        why = (table.kept_for if table else "") or "reference"
        told = f"{name}: no series of the catalogue is worked out from it; kept for {why}"
        return empty_observations(), [*notes, told]
    rows = list(read_rows(text, name=name))
    found, faults, wrong = [], text_faults(rows, name), []
    for indicator in indicators:
        more, kind = _read_series(rows, indicator, catalogue, name, found)
        (wrong if kind is WrongTable else faults).extend(more)
    if wrong or faults:
        raise (WrongTable if wrong else ExtractError)(f"{name} cannot be used", wrong + faults)
    if not found:
        return empty_observations(), [*notes, f"{name}: no row of an area of the catalogue"]
    table = pd.DataFrame(found).assign(
        source_file=name, **dict.fromkeys(_EMPTY, ""), **dict.fromkeys(_NO_LIMITS, math.nan)
    )
    faults = checks.read_periods(table, name=name)
    more, status_faults = checks.read_statuses(table, name=name)
    headings = {"value": VALUE, "count": VALUE, "denominator": VALUE}
    faults += status_faults
    faults += checks.figure_faults(table, catalogue=catalogue, name=name, headings=headings)
    if faults:
        raise ExtractError(f"{name} cannot be used", faults)
    return as_observations(table), notes + more


def series_of(catalogue: Catalogue, table: str) -> list[Indicator]:
    """The indicators that are read from a table of `live.yml`."""
    every = catalogue.indicators.values()
    return [i for i in every if i.source == SOURCE and i.source_id == table]


def _read_series(
    rows: list[Row], indicator: Indicator, catalogue: Catalogue, name: str, found: list[dict]
) -> tuple[list[Fault], type[ExtractError]]:
    """Add the rows of one indicator to `found`; its faults, and what kind they are."""
    own = _own_rows(rows, indicator, catalogue)
    asked = {"count": indicator.pick, **indicator.columns}
    picked = {what: choices(said) for what, said in asked.items()}
    wrong = [f for one in picked.values() for c in one for f in _wrong(own, c, indicator, name)]
    if wrong:
        return wrong, WrongTable
    sums, faults = {}, []
    for what, chosen in picked.items():
        sums[what], more = _sums(own, chosen, indicator, name)
        faults += more
    counts = sums.pop("count")
    for what, others in sums.items():
        faults += [
            Fault(f"{name}, row {one.row.line}", f"no {what} for {' in '.join(key)}")
            for key, one in counts.items()
            if key not in others
        ]
    if not faults:
        found += [
            _observation(key, one, {what: sums[what][key] for what in sums}, indicator, catalogue)
            for key, one in counts.items()
        ]
    return faults, ExtractError


def _own_rows(rows: list[Row], indicator: Indicator, catalogue: Catalogue) -> list[Row]:
    """Counts, for the kinds of area of the series; wards of its vintage in the borough only."""
    kinds = {*ALWAYS, *indicator.area_types} - {"ward"}
    places = {area.code for area in catalogue.areas if area.type in kinds}
    if "ward" in indicator.area_types:
        places |= set(catalogue.wards(indicator.ward_vintage))
    return [
        row
        for row in rows
        if row.cells[CODE] in places and row.cells.get(MEASURES, COUNTS) in (COUNTS, "")
    ]


def _wrong(rows: list[Row], choice: Choice, indicator: Indicator, name: str) -> list[Fault]:
    """A dimension that is not in the file, or a code that is called otherwise."""
    names = f"{choice.column}_NAME"
    held = rows[0].cells if rows else {}
    by_code = bool(choice.codes) and choice.column in held
    if rows and not by_code and not (choice.words and names in held):
        found = f"there is no column {choice.column} (for {indicator.id})"
        return [Fault(f"{name}, row 1", found, todo="is it the table that was asked for?")]
    if not (by_code and choice.words and names in held):
        return []
    wanted = dict(zip(choice.codes, choice.words, strict=True))
    called = {(row.cells[choice.column], row.cells[names]): row.line for row in reversed(rows)}
    return [
        Fault(
            f"{name}, row {line}, {names}",
            f"{choice.column} {code} is called {shown(said)}",
            f'"{wanted[code]}" in it, for {indicator.id}',
            "is the id of the table in catalogue/live.yml the right one?",
        )
        for (code, said), line in sorted(called.items(), key=lambda item: item[1])
        if code in wanted and wanted[code] not in said.casefold()
    ]


def _sums(
    rows: Iterable[Row], chosen: list[Choice], indicator: Indicator, name: str
) -> tuple[dict[tuple[str, str], _Sum], list[Fault]]:
    """The chosen rows of each area and period together; each value must be there once."""
    sums: dict[tuple[str, str], _Sum] = {}
    faults = []
    for row in rows:
        part = tuple(value_of(row, choice) for choice in chosen)
        if -1 in part:
            continue
        one = sums.setdefault((row.cells[CODE], row.period), _Sum(row))
        if part in one.parts:
            found = (
                f"another row for {indicator.id}, {row.cells[CODE]}, {row.period}; the first is "
                f"row {one.parts[part].line}"
            )
            todo = f"pick one in catalogue/indicators/{indicator.id}.yml"
            faults.append(Fault(f"{name}, row {row.line}", found, "one row", todo))
        one.parts[part] = row
    wanted = len(list(product(*(choice.values for choice in chosen))))
    faults += [
        Fault(
            f"{name}, row {one.row.line}",
            f"{len(one.parts)} of {wanted} rows to add up for {indicator.id}, {code}, {period}",
            todo="fetch it again",
        )
        for (code, period), one in sums.items()
        if len(one.parts) < wanted
    ]
    return sums, faults


def _observation(
    key: tuple[str, str], one: _Sum, others: Mapping[str, _Sum], indicator: Indicator,
    catalogue: Catalogue,
) -> dict[str, object]:  # fmt: skip
    count, under = one.value, others["denominator"].value if "denominator" in others else math.nan
    value, why = count, one.note
    if "value" in others:
        value, why = others["value"].value, others["value"].note or why
    elif "denominator" in others:
        value = _factor(indicator) * count / under if under > 0 else math.nan
        why = why or others["denominator"].note
        if under == 0:
            why = "not applicable: nobody to take a share of"
    code, period = key
    return {
        "indicator": indicator.id,
        "source_id": indicator.source_id,
        "area_code": code,
        "area_name": one.row.cells.get(NAME) or catalogue.area_of(code).name,
        "area_type": catalogue.area_of(code).type,
        "sex": indicator.sex or "Persons",
        "age": indicator.age or "All ages",
        "period": period,
        "value": value,
        "count": count,
        "denominator": under,
        "value_note": why,
        "source_row": one.row.line,
    }


def _factor(indicator: Indicator) -> float:
    """What a share is multiplied by to be in the indicator's unit."""
    if indicator.unit in checks.PER_CENT:
        return 100.0
    per = _PER.match(indicator.unit)
    return float(per[1].replace(",", "")) if per else 1.0

"""Fingertips CSV files, in every shape they have been exported in, to observations."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.errors import ExtractError, Fault
from lbbd_jsna.schema import as_observations, empty_observations
from lbbd_jsna.sources import checks
from lbbd_jsna.sources.csv_files import counted, name_fault, shown, text_fault, tidy
from lbbd_jsna.sources.fingertips_columns import FIELDS, FIGURES, RANGE, REQUIRED
from lbbd_jsna.sources.fingertips_rows import Wanted, fingertips_rows
from lbbd_jsna.sources.repeats import drop_repeats
from lbbd_jsna.sources.series import ids_of, pick_series

SOURCE = "fingertips"
HEADINGS = {field: heading for heading, field in REQUIRED.items()}
NUMBERS = {field: HEADINGS[field] for field in FIGURES}
MOST_NAMED = 5


def read_fingertips(
    path: Path, *, name: str, catalogue: Catalogue
) -> tuple[pd.DataFrame, list[str]]:
    """Read one Fingertips CSV.

    Columns are found by name: 26 or 27 of them, any heading for the comparison with the
    parent area, "Target data" for "Compared to goal", late columns missing from the heading
    or from the rows. Headings may recur in the middle (files put together).
    Rows of the catalogue's ids are kept for its countries, regions and boroughs and the
    borough's own wards; breakdowns by category for the country and the borough itself.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        Its path below the extracts folder, for messages and `source_file`.
    catalogue : Catalogue
        Says which ids, sexes, ages, periods and areas are wanted.

    Returns
    -------
    DataFrame, list of str
        Columns `schema.OBSERVATIONS`, in the order of the file; `source_row` is the line on
        which the record starts. Then notes on what was left out or repaired.

    Raises
    ------
    ExtractError
        With every fault of the file: file, row, column and value.

    Source
    ------
    The column list and its history: `all_data/csv` of the Fingertips API, 2019 to 2026.
    """
    rows, notes = fingertips_rows(path, name=name, wanted=Wanted.by(catalogue, source=SOURCE))
    if rows.empty:
        notes.append(f"{name}: no row belongs to a series and an area of the catalogue")
        return empty_observations(), notes
    table, more, faults = _observations(rows, name, catalogue)
    faults += checks.figure_faults(table, catalogue=catalogue, name=name, headings=HEADINGS)
    table, repeats, repeat_faults = drop_repeats(table)
    if faults or repeat_faults:
        raise ExtractError(f"{name} cannot be used", faults + repeat_faults)
    if repeats:
        more.append(f"{name}: {counted(repeats, 'repeated row')} dropped, figures identical")
    more += _name_notes(table, name, catalogue) + _coverage_notes(table, name)
    return as_observations(table), notes + more


def _observations(
    rows: pd.DataFrame, name: str, catalogue: Catalogue
) -> tuple[pd.DataFrame, list[str], list[Fault]]:
    """Rows of text to rows of series with figures, dates and statuses; notes and faults."""
    held = set(rows["source_id"])
    published = (i for i in catalogue.indicators.values() if i.source == SOURCE)
    indicators = [i for i in published if held & set(ids_of(i))]
    faults = _text_faults(rows, name) + _indicator_faults(rows, indicators, name)
    faults += checks.read_numbers(rows, NUMBERS, name=name)
    faults += checks.read_periods(rows, name=name)
    notes, status_faults = checks.read_statuses(rows, name=name)
    # The type of an area is its code's; the Area Type column is named anew every few years.
    rows["area_type"] = rows["area_code"].map({area.code: area.type for area in catalogue.areas})
    table, series_notes, series_faults = pick_series(rows, indicators=indicators, name=name)
    table = table.assign(source_file=name).reset_index(drop=True)
    return table, notes + series_notes, faults + status_faults + series_faults


def _text_faults(rows: pd.DataFrame, name: str) -> list[Fault]:
    """Markup, formulas and control characters, at the first row of each such text."""
    faults = []
    for column in FIELDS:
        if column in NUMBERS or column == "indicator_name":
            continue
        judge = name_fault if column == "area_name" else text_fault
        for text in rows[column].unique():
            found = judge(text)
            if found:
                row = rows["source_row"].iloc[(rows[column] == text).argmax()]
                faults.append(
                    Fault(
                        f"{name}, row {row}, {HEADINGS.get(column, RANGE)}",
                        f"{found}: {shown(text)}",
                        "plain text",
                        "download it again, or ask the publisher",
                    )
                )
    return faults


def _indicator_faults(rows: pd.DataFrame, indicators: list[Indicator], name: str) -> list[Fault]:
    """Ids whose returned name does not hold the words the catalogue expects."""
    faults = []
    called: dict[str, list[Indicator]] = {}
    for indicator in indicators:
        for source_id in ids_of(indicator):
            called.setdefault(source_id, []).append(indicator)
    pairs = rows.drop_duplicates(["source_id", "indicator_name"])
    for row in pairs.itertuples():
        for indicator in called[row.source_id]:
            returned = row.indicator_name.casefold()
            missing = [w for w in indicator.name_words if tidy(w).casefold() not in returned]
            if missing:
                faults.append(
                    Fault(
                        f"{name}, row {row.source_row}, Indicator Name",
                        f'id {row.source_id} is called "{row.indicator_name[:80]}"',
                        f"the words {', '.join(missing)} for {indicator.id}",
                        "is the id in the catalogue the right one?",
                    )
                )
    return faults


def _name_notes(table: pd.DataFrame, name: str, catalogue: Catalogue) -> list[str]:
    """Areas that are called otherwise here than in the catalogue; codes join, names never."""
    pairs = table.drop_duplicates(["area_code", "area_name"])
    differing = sorted(
        f'{row.area_code} "{row.area_name}" is {catalogue.area_of(row.area_code).name}'
        for row in pairs.itertuples()
        if row.area_name.casefold() != catalogue.area_of(row.area_code).name.casefold()
    )
    more = [f"and {len(differing) - MOST_NAMED} more"] if len(differing) > MOST_NAMED else []
    listed = "; ".join(differing[:MOST_NAMED] + more)
    notes = [f"{name}: areas called otherwise: {listed}"] if differing else []
    own = catalogue.area
    if own.code not in set(table["area_code"]):
        notes.append(f"{name}: no rows for {own.name}")
    return notes


def _coverage_notes(table: pd.DataFrame, name: str) -> list[str]:
    """Series whose latest period has fewer boroughs than an earlier one: a file cut short?"""
    boroughs = table[(table["area_type"] == "borough") & (table["category_type"] == "")]
    counts = boroughs.groupby(["indicator", "period_end", "period"])["area_code"].nunique()
    notes = []
    for indicator, periods in counts.groupby(level="indicator", sort=True):
        if periods.iloc[-1] < periods.max():
            notes.append(
                f"{name}: {indicator}: boroughs with a row for {periods.index[-1][2]}: "
                f"{periods.iloc[-1]}; for an earlier period: {periods.max()}"
            )
    return notes

"""Returns: the small CSV in which a service sends its own figures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Area, Catalogue, Indicator
from lbbd_jsna.errors import ExtractError, Fault, nearest
from lbbd_jsna.schema import SHORTHAND, as_observations
from lbbd_jsna.sources import checks
from lbbd_jsna.sources.csv_files import name_fault, read_records, read_text, shown, text_fault, tidy

COLUMNS = (
    "indicator",
    "area_code",
    "area_name",
    "period",
    "numerator",
    "denominator",
    "value",
    "note",
)
# Series that a publisher's own file holds are never taken from a return.
PUBLISHED = ("fingertips", "ward-atlas", "derived")
MARKS = {"[c]": "suppressed", "[x]": "not_available", "[z]": "not_applicable"}
WORDS = ("area_code", "area_name", "period", "note")
NUMBERS = {column: column for column in ("numerator", "denominator", "value")}
HEADINGS = {"count": "numerator"}
# How far a returned per cent may lie from numerator over denominator: half a point.
ROUNDING = 0.5


def read_return(path: Path, *, name: str, catalogue: Catalogue) -> tuple[pd.DataFrame, list[str]]:
    """Read one return.

    A blank value is worked out as 100 x numerator / denominator where the indicator is a per
    cent. A figure that cannot be given is marked in the value column: `[c]` confidential,
    `[x]` not available, `[z]` not applicable. A blank is never 0.

    Parameters
    ----------
    path : Path
        A CSV with the columns `COLUMNS`, in any order.
    name : str
        Its path below the extracts folder, for messages and `source_file`.
    catalogue : Catalogue
        Its indicators, and the areas and ward vintage they may be returned for.

    Returns
    -------
    DataFrame, list of str
        Columns `schema.OBSERVATIONS`, in the order of the file, without intervals.
        Then notes.

    Raises
    ------
    ExtractError
        With every fault of the file: file, row, column and value.
    """
    text, notes = read_text(path, name=name)
    rows = _rows(text, name)
    faults = _text_faults(rows, name) + _place_faults(rows, name, catalogue)
    rows["printed_range"] = ""
    rows["mark"] = rows["value"].map(MARKS).fillna("")
    for column in NUMBERS:
        rows[column] = rows[column].where(~rows[column].isin(MARKS), "")
    faults += checks.read_numbers(rows, NUMBERS, name=name)
    faults += checks.read_periods(rows, name=name)
    faults += _figure_faults(rows, name, catalogue)
    faults += _repeat_faults(rows, name)
    if faults:
        raise ExtractError(f"{name} cannot be used", faults)
    table = _as_table(rows, catalogue).assign(source_file=name)
    faults = checks.figure_faults(table, catalogue=catalogue, name=name, headings=HEADINGS)
    if faults:
        raise ExtractError(f"{name} cannot be used", faults)
    return as_observations(table), notes


def _rows(text: str, name: str) -> pd.DataFrame:
    records = read_records(text, name=name)
    line, first = next(records, (1, []))
    heading = [tidy(column) for column in first]
    faults = _heading_faults(heading, f"{name}, row {line}")
    kept = []
    for line, record in records:
        if len(record) == len(heading):
            cells = dict(zip(heading, map(tidy, record), strict=True))
            kept.append({"source_row": line, **cells})
        else:
            found = f"{len(record)} values under {len(heading)} headings"
            todo = "put names that hold a comma in quotes"
            faults.append(Fault(f"{name}, row {line}", found, todo=todo))
    if not kept and not faults:
        faults.append(Fault(name, "no rows", "one row for each area and period"))
    if faults:
        raise ExtractError(f"{name} cannot be used", faults)
    return pd.DataFrame(kept)


def _heading_faults(heading: list[str], where: str) -> list[Fault]:
    missing = [column for column in COLUMNS if column not in heading]
    wrong = [c for c in sorted(set(heading)) if c not in COLUMNS or heading.count(c) > 1]
    faults = [Fault(where, f'there is no column "{c}"', ", ".join(COLUMNS)) for c in missing]
    for column in wrong:
        found = f"the column {shown(column)} is not known or comes twice"
        faults.append(Fault(where, found, todo=nearest(column, COLUMNS)))
    return faults


def _text_faults(rows: pd.DataFrame, name: str) -> list[Fault]:
    faults = []
    for column in WORDS:
        judge = name_fault if column == "area_name" else text_fault
        for row, text in zip(rows["source_row"], rows[column], strict=True):
            if judge(text):
                where = f"{name}, row {row}, {column}"
                faults.append(Fault(where, f"{judge(text)}: {shown(text)}", "plain text"))
    return faults


def _place_faults(rows: pd.DataFrame, name: str, catalogue: Catalogue) -> list[Fault]:
    """Indicators and areas that the catalogue does not know, or not together."""
    areas = {area.code: area for area in catalogue.areas}
    faults = []
    for row in rows.itertuples():
        where = f"{name}, row {row.source_row}"
        indicator, area = catalogue.indicators.get(row.indicator), areas.get(row.area_code)
        faults += _indicator_faults(row.indicator, indicator, catalogue, f"{where}, indicator")
        if area is None:
            expected = "a code of catalogue/areas.csv"
            faults.append(Fault(f"{where}, area_code", shown(row.area_code), expected))
        elif area.name.casefold() != row.area_name.casefold():
            found = f"{area.code} with the name {shown(row.area_name)}"
            faults.append(Fault(f"{where}, area_name", found, area.name))
        elif indicator is not None:
            faults += _area_faults(area, indicator, catalogue, f"{where}, area_code")
    return faults


def _indicator_faults(
    text: str, indicator: Indicator | None, catalogue: Catalogue, where: str
) -> list[Fault]:
    if indicator is None:
        todo = nearest(text, catalogue.indicators)
        return [Fault(where, shown(text), "an id of the catalogue", todo)]
    if indicator.source in PUBLISHED:
        found = f"{text} comes from {indicator.source}"
        return [Fault(where, found, "a series that is returned")]
    return []


def _area_faults(area: Area, indicator: Indicator, catalogue: Catalogue, where: str) -> list[Fault]:
    if area.type not in ("country", "region", *indicator.area_types):
        return [Fault(where, f"{area.code} is a {area.type}", " or ".join(indicator.area_types))]
    vintage = indicator.ward_vintage or catalogue.settings.ward_vintage
    if area.type == "ward" and area.code not in catalogue.wards(vintage):
        return [
            Fault(
                where,
                f"{area.code} is not a ward of {vintage} of this borough",
                todo="count again for these wards; old wards cannot be renamed",
            )
        ]
    return []


def _figure_faults(rows: pd.DataFrame, name: str, catalogue: Catalogue) -> list[Fault]:
    faults = []
    for row in rows.itertuples():
        indicator = catalogue.indicators.get(row.indicator)
        wrong = _wrong_figure(row, indicator) if indicator else None
        if wrong:
            column, found, expected = wrong
            faults.append(Fault(f"{name}, row {row.source_row}, {column}", found, expected))
    return faults


def _wrong_figure(row: tuple, indicator: Indicator) -> tuple[str, str, str] | None:
    """Column, what is found and what is expected of the first wrong figure of a row."""
    count, people, value = row.numerator, row.denominator, row.value
    share = indicator.unit in checks.PER_CENT
    for column, figure in (("numerator", count), ("denominator", people)):
        if figure < 0:
            return column, f"{figure:g}", "0 or more"
        if share and indicator.counts_people and pd.notna(figure) and figure != int(figure):
            return column, f"{figure:g}", "a whole number of people"
    if row.mark and pd.notna(count):
        return (
            "numerator",
            f"a number beside {SHORTHAND[row.mark]}",
            "blank: it would give the value away",
        )
    if share and count > people:
        return "numerator", f"{count:g} of {people:g}", "at most the denominator"
    worked = share and pd.notna(count) and people > 0
    if pd.isna(value) and not worked and not row.mark:
        return "value", "blank", "a value, or [c], [x] or [z]; 0 is written 0"
    if worked and abs(value - 100 * count / people) > ROUNDING:
        return "value", f"{value:g}", f"{100 * count / people:.1f}, numerator over denominator"
    return None


def _repeat_faults(rows: pd.DataFrame, name: str) -> list[Fault]:
    key = ["indicator", "area_code", "period"]
    first = rows.groupby(key, sort=False)["source_row"].transform("first")
    repeated = rows[rows["source_row"] != first]
    return [
        Fault(
            f"{name}, row {row.source_row}",
            f"{row.indicator}, {row.area_code}, {row.period} stands in row {first[row.Index]} "
            "already",
            "one row for each area and period",
        )
        for row in repeated.itertuples()
    ]


def _as_table(rows: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    indicators = rows["indicator"].map(catalogue.indicators)
    share = indicators.map(lambda indicator: indicator.unit in checks.PER_CENT)
    worked = 100 * rows["numerator"] / rows["denominator"].where(rows["denominator"] > 0)
    blank = rows["value"].isna() & share & (rows["mark"] == "")
    return rows.assign(
        value=rows["value"].where(~blank, worked),
        status=rows["mark"].where(rows["mark"] != "", "published"),
        source_id=indicators.map(lambda indicator: indicator.source_id),
        sex=indicators.map(lambda indicator: indicator.sex or "Persons"),
        age=indicators.map(lambda indicator: indicator.age or "All ages"),
        area_type=rows["area_code"].map({area.code: area.type for area in catalogue.areas}),
        count=rows["numerator"],
        value_note=rows["note"],
        **dict.fromkeys(
            ("category_type", "category", "published_trend", "published_comparison"), ""
        ),
        **dict.fromkeys(("lower_95", "upper_95", "lower_99_8", "upper_99_8"), float("nan")),
    )

"""Returns: the strict reader of the small table in which a service sends its own figures.

Whatever has one reading only is mended, with a note; whatever might mean two things, or is
not what the template asks for, is refused, all faults at once. A blank is never 0.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import ExtractError
from lbbd_jsna.periods import Period
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.schema import OBSERVATIONS, as_observations
from lbbd_jsna.sources.returns import contents, places, spans, texts, totals, whole, workbook
from lbbd_jsna.sources.returns.figures import Figures, blame_figures, read_figures
from lbbd_jsna.sources.returns.grid import Grid
from lbbd_jsna.sources.returns.headings import COLUMNS
from lbbd_jsna.sources.returns.layout import arrange
from lbbd_jsna.sources.returns.numbers import MARKS, blame_numbers, mend_numbers
from lbbd_jsna.sources.returns.records import MOST_ROWS, plain_columns, read_records
from lbbd_jsna.sources.returns.sheet import Column, Sheet

# Below so many characters the csv module is as fast as Arrow.
SMALL = 100_000
Read = tuple[pd.DataFrame, list[str]]


def read_return(
    path: Path, *, name: str, catalogue: Catalogue, quarter: Quarter | None = None
) -> Read:
    """Read one return, CSV or Excel.

    The value of a per cent is worked out as 100 x numerator / denominator; one that is given
    must be the same but for its rounding. A figure that cannot be given is marked in the value
    column: `[c]` confidential, `[x]` not available, `[z]` not applicable.

    Parameters
    ----------
    path : Path
        A file with the columns `COLUMNS`, in any order; `.xlsx` is read as a workbook,
        anything else as CSV.
    name : str
        Its path below the extracts folder, for messages and `source_file`. Where it ends in a
        quarter (`early-help_2026-27-Q3.csv`), that is the quarter of its rows.
    catalogue : Catalogue
        Its indicators, and the areas and ward vintage they may be returned for.
    quarter : Quarter, optional
        Rows by quarter must be of this one, and no period may end after it. Where neither
        this nor the name gives a quarter, rows may be of any period.

    Returns
    -------
    DataFrame, list of str
        Columns `schema.OBSERVATIONS`, in the order of the file, without intervals.
        Then a note of each repair: what, and in which rows.

    Raises
    ------
    ExtractError
        With every fault of the file, each a `grid.CellFault`: file, row, column and value.
    """
    if path.suffix.lower() == ".xlsx":
        grid = workbook.grid_of_workbook(path, name=name)
        return check_grid(grid, name=name, catalogue=catalogue, quarter=quarter)
    content = texts.read_bytes(path, name=name)
    return read_csv(content, name=name, catalogue=catalogue, quarter=quarter)


def read_csv(
    content: bytes, *, name: str, catalogue: Catalogue, quarter: Quarter | None = None
) -> Read:
    """Read the bytes of a CSV return; as `read_return`."""
    text, notes = texts.decode(content, name=name)
    columns = plain_columns(text) if len(text) > SMALL else None
    if columns is not None:
        rows = len(columns["period"].codes)
        sheet = Sheet(name, columns, np.arange(2, rows + 2), notes=notes)
        return _judged(sheet, catalogue, quarter)
    records = read_records(text, name=name)
    grid = arrange(records.rows, records.lines, name=name, notes=[*notes, *records.notes])
    grid.faults.extend(records.faults)
    sheet = _sheet(grid, name, comma_decimal=records.delimiter == ";")
    return _judged(sheet, catalogue, quarter)


def check_grid(
    grid: Grid, *, name: str, catalogue: Catalogue, quarter: Quarter | None = None
) -> Read:
    """Judge a grid of text by the rules of every return; as `read_return`.

    Parameters
    ----------
    grid : Grid
        Its faults and notes come before those found here.
    """
    return _judged(_sheet(grid, name), catalogue, quarter)


def _sheet(grid: Grid, name: str, *, comma_decimal: bool = False) -> Sheet:
    cells = list(zip(*grid.rows, strict=True)) or [()] * len(grid.heading)
    columns = {
        heading: Column.of(column)
        for heading, column in zip(grid.heading, cells, strict=True)
        if heading in COLUMNS
    }
    sheet = Sheet(
        name, columns, np.array(grid.lines, dtype=np.int64), comma_decimal,
        notes=list(grid.notes), faults=list(grid.faults),
    )  # fmt: skip
    rules = [fault.rule for fault in grid.faults]
    # Below a quote that is not closed any number of rows may stand.
    sheet.lost_rows = MOST_ROWS if "quote" in rules else rules.count("row-width")
    return sheet


def _judged(sheet: Sheet, catalogue: Catalogue, quarter: Quarter | None) -> Read:
    quarter, faults = spans.quarter_of(sheet.name, quarter)
    sheet.faults.extend(faults)
    contents.mend_spaces(sheet)
    contents.blame_rows_of_no_figures(sheet)
    contents.blame_contents(sheet)
    places.mend_names(sheet, catalogue)
    places.blame_places(sheet, catalogue)
    spans.mend_periods(sheet)
    periods = spans.blame_periods(sheet, quarter)
    mend_numbers(sheet)
    blame_numbers(sheet)
    figures = read_figures(sheet, catalogue)
    blame_figures(sheet, figures)
    whole.blame_repeats(sheet, periods)
    whole.blame_missing_wards(sheet, catalogue)
    totals.blame_totals(sheet, figures, periods, catalogue)
    if sheet.faults:
        raise ExtractError(f"{sheet.name} cannot be used", sheet.all_faults(COLUMNS))
    return _table(sheet, figures, periods, catalogue), sheet.notes


def _table(
    sheet: Sheet, figures: Figures, periods: dict[str, Period], catalogue: Catalogue
) -> pd.DataFrame:
    indicators = [catalogue.indicators[text] for text in sheet.columns["indicator"].texts]
    areas = {area.code: area for area in catalogue.areas}
    codes = sheet.columns["area_code"]
    spans_of = [periods[text] for text in sheet.columns["period"].texts]
    blank = np.isnan(figures.value) | figures.unit["share"]
    value = np.where(blank, figures.worked, figures.value)
    status = {"": "published", **MARKS}
    said = {
        "indicator": _texts(sheet, "indicator", [one.id for one in indicators]),
        "source_id": _texts(sheet, "indicator", [one.source_id for one in indicators]),
        "sex": _texts(sheet, "indicator", [one.sex or "Persons" for one in indicators]),
        "age": _texts(sheet, "indicator", [one.age or "All ages" for one in indicators]),
        "area_code": _texts(sheet, "area_code", codes.texts),
        "area_name": _texts(sheet, "area_code", [areas[text].name for text in codes.texts]),
        "area_type": _texts(sheet, "area_code", [areas[text].type for text in codes.texts]),
        "period": _texts(sheet, "period", sheet.columns["period"].texts),
        "period_range": _texts(sheet, "period", [span.range for span in spans_of]),
        "value_note": _texts(sheet, "note", sheet.columns["note"].texts),
        "status": pd.array([status[mark] for mark in figures.mark.tolist()], dtype="str"),
        "value": np.where(figures.mark == "", value, np.nan),
        "count": figures.numerator,
        "denominator": figures.denominator,
        "source_row": sheet.lines,
    }
    for part in ("start", "end"):
        days = np.array([getattr(span, part) for span in spans_of], dtype="datetime64[s]")
        said[f"period_{part}"] = days[sheet.columns["period"].codes]
    return as_observations(_with_constants(said, sheet))


def _texts(sheet: Sheet, heading: str, texts: list[str]) -> pd.api.extensions.ExtensionArray:
    """A column of texts, given the text for each different text of a column of the sheet."""
    return pd.array(texts, dtype="str").take(sheet.columns[heading].codes)


def _with_constants(said: dict[str, object], sheet: Sheet) -> pd.DataFrame:
    """The columns of `schema.OBSERVATIONS`, those of no meaning in a return left blank."""
    rows = len(sheet.lines)
    nothing = pd.array([""], dtype="str").take(np.zeros(rows, dtype=np.intp))
    file = pd.array([sheet.name], dtype="str").take(np.zeros(rows, dtype=np.intp))
    blank = {
        column.name: nothing if column.type == "text" else np.full(rows, np.nan)
        for column in OBSERVATIONS
        if column.name not in said
    }
    return pd.DataFrame({**blank, **said, "source_file": file})

"""Checks of figures that every reader of published tables makes, all faults at once."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import ExtractError, Fault
from lbbd_jsna.periods import read_period
from lbbd_jsna.sources.csv_files import counted, numbers, shown, tidy
from lbbd_jsna.sources.value_notes import status_of

# Published limits and values may differ in the last printed digit.
TOLERANCE = 1e-6
PER_CENT = ("%", "per cent")


def read_numbers(rows: pd.DataFrame, headings: Mapping[str, str], *, name: str) -> list[Fault]:
    """Turn columns of text into numbers in place, blank to NaN, and return what is not one.

    Parameters
    ----------
    rows : DataFrame
        The columns named, as text, and source_row. Changed in place.
    headings : mapping of str to str
        The columns to read, and what the file calls each.
    name : str
        The file, for messages.

    Returns
    -------
    list of Fault
        One for each cell that is neither blank nor a number.
    """
    faults = []
    for column, heading in headings.items():
        texts = rows[column]
        rows[column], wrong = numbers(texts)
        faults += [
            Fault(
                f"{name}, row {row}, {heading}",
                f"{shown(tidy(text))} is not a number",
                "digits with a decimal point, or blank",
            )
            for row, text in zip(rows["source_row"][wrong], texts[wrong], strict=True)
        ]
    return faults


def read_periods(rows: pd.DataFrame, *, name: str) -> list[Fault]:
    """Add period_start, period_end and period_range from `period`, in place.

    The length is worked out from the dates. Where `printed_range` says a number of years,
    it must be the same; a bare number there is the stump of a row that was cut off.

    Parameters
    ----------
    rows : DataFrame
        Columns period, printed_range and source_row. Changed in place; where a period
        cannot be read the new columns are blank.
    name : str
        The file, for messages.

    Returns
    -------
    list of Fault
        One for each different period or printed length at fault, at its first row.
    """
    faults, read = [], {}
    pairs = rows.drop_duplicates(["period", "printed_range"])
    for row, text, printed in pairs[["source_row", "period", "printed_range"]].itertuples(
        index=False
    ):
        where = f"{name}, row {row}"
        if text not in read:
            try:
                read[text] = read_period(text)
            except ExtractError as error:
                read[text] = None
                faults.append(Fault(f"{where}, period", error.message))
        faults += _range_faults(read[text], printed, where)
    for column, part in (("period_start", "start"), ("period_end", "end")):
        dates = {
            text: pd.Timestamp(getattr(period, part)) for text, period in read.items() if period
        }
        rows[column] = pd.to_datetime(rows["period"].map(dates)).astype("datetime64[s]")
    lengths = {text: period.range if period else "" for text, period in read.items()}
    rows["period_range"] = rows["period"].map(lengths)
    return faults


def _range_faults(period: object, printed: str, where: str) -> list[Fault]:
    years = r"[0-9]+y"
    if printed.isdigit():
        return [
            Fault(
                f"{where}, Time period range",
                f"{shown(printed)} is cut off",
                "a length such as 3y",
                "fetch the file again",
            )
        ]
    if not period or not re.fullmatch(years, printed) or not re.fullmatch(years, period.range):
        return []
    if printed == period.range:
        return []
    return [
        Fault(
            f"{where}, Time period range",
            f"{printed} printed beside a period of {period.range}",
            "the same length",
            "ask the publisher",
        )
    ]


def read_statuses(rows: pd.DataFrame, *, name: str) -> tuple[list[str], list[Fault]]:
    """Add `status` from `value` and `value_note`, in place. A blank is never 0.

    Parameters
    ----------
    rows : DataFrame
        Columns value (number), value_note and source_row. Changed in place.
    name : str
        The file, for messages.

    Returns
    -------
    list of str, list of Fault
        A note that counts blanks without a word of explanation; a fault for each blank
        whose note is of unknown meaning.
    """
    blank = rows["value"].isna()
    kinds = pd.DataFrame({"blank": blank, "note": rows["value_note"]}).drop_duplicates()
    meaning = {(b, n): status_of(n, blank=b) for b, n in kinds.itertuples(index=False)}
    rows["status"] = [meaning[pair] for pair in zip(blank, rows["value_note"], strict=True)]
    unknown = rows[rows["status"] == ""].drop_duplicates("value_note")
    faults = [
        Fault(
            f"{name}, row {row}, Value note",
            f"blank value with the note {shown(note)}",
            "a note that says why there is no value",
            "ask the publisher what it means, then add it to lbbd_jsna/sources/value_notes.py",
        )
        for row, note in zip(unknown["source_row"], unknown["value_note"], strict=True)
    ]
    silent = int((blank & (rows["value_note"] == "")).sum())
    notes = [f"{name}: {counted(silent, 'blank value')} without a note, taken as not available"]
    return notes if silent else [], faults


def figure_faults(
    table: pd.DataFrame, *, catalogue: Catalogue, name: str, headings: Mapping[str, str]
) -> list[Fault]:
    """Find figures that cannot be: limits, negative counts, per cents beyond 0 to 100.

    Parameters
    ----------
    table : DataFrame
        Columns indicator, area_code, period, source_row and the figures.
    catalogue : Catalogue
        Says which series are per cents.
    name : str
        The file, for messages.
    headings : mapping of str to str
        What the file calls a column, where it is not the column's own name.

    Returns
    -------
    list of Fault
    """
    slack = TOLERANCE * table["value"].abs().clip(lower=1)
    shares = [i.id for i in catalogue.indicators.values() if i.unit in PER_CENT]
    share = table["indicator"].isin(shares)
    rules = []
    for level in ("95", "99_8"):
        lower, upper = f"lower_{level}", f"upper_{level}"
        rules.append((lower, table[lower] > table["value"] + slack, "at most the value"))
        rules.append((upper, table[upper] < table["value"] - slack, "at least the value"))
        rules.append((lower, table[lower] > table[upper] + slack, "at most the upper limit"))
    for column in ("count", "denominator"):
        rules.append((column, table[column] < 0, "0 or more"))
    for column in ("value", "lower_95", "upper_95", "lower_99_8", "upper_99_8"):
        beyond = (table[column] < -TOLERANCE) | (table[column] > 100 + TOLERANCE)
        rules.append((column, share & beyond, "a per cent from 0 to 100"))
    return [
        Fault(
            f"{name}, row {row.source_row}, {headings.get(column, column)}",
            f"{getattr(row, column):g} for {row.indicator}, {row.area_code}, {row.period}",
            expected,
            "check the source",
        )
        for column, wrong, expected in rules
        if wrong.any()
        for row in table[wrong].itertuples()
    ]

"""People by single year of age in the wards themselves, as Nomis publishes them."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import Fault
from lbbd_jsna.sources.csv_files import is_number, number, read_text, shown
from lbbd_jsna.sources.nomis_rows import CODE, VALUE, Row, read_rows
from lbbd_jsna.sources.small_area_ages import EVERYBODY, PERSONS, age_words, ages_of, sex_of
from lbbd_jsna.sources.small_area_population import MOST_PEOPLE, PEOPLE, in_order, people_frame
from lbbd_jsna.sources.small_area_tables import capped, unusable

WARD_POPULATION = ("ward", "vintage", *PEOPLE)
# The table of `live.yml` that brings it.
TABLE = "population-wards"
VINTAGES = ("2002", "2022")
_AGE_NAMES = ("C_AGE_NAME", "AGE_NAME")
_SEX_NAMES = ("GENDER_NAME", "C_SEX_NAME", "SEX_NAME")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


def read_ward_people(
    path: Path, *, name: str, catalogue: Catalogue
) -> tuple[pd.DataFrame, list[str]]:
    """Read mid-year estimates by ward and age.

    Parameters
    ----------
    path : Path
        CSV of Nomis with DATE_NAME, GEOGRAPHY_CODE, C_AGE_NAME, OBS_VALUE and, where it is
        by sex, GENDER_NAME.
    name : str
        Its path below the extracts folder, for messages and `source_file`.
    catalogue : Catalogue
        Its wards of one vintage are those the file must hold.

    Returns
    -------
    DataFrame, list of str
        Columns `WARD_POPULATION`: every ward, year, sex and group of ages of the file, the
        total of all ages among them. Published for the ward, so nothing in it is estimated
        here. Then notes.

    Raises
    ------
    ExtractError
        A column is not there; wards of no vintage, or not all of one; a count or an age that
        is none; a row twice; ages that miss their total by more than rounding. All faults of
        the file together.
    """
    text, notes = read_text(path, name=name)
    rows = list(read_rows(text, name=name))
    held = rows[0].cells if rows else {}
    ages = next((column for column in _AGE_NAMES if column in held), "")
    if not ages:
        raise unusable(name, [Fault(f"{name}, row 1", "no column C_AGE_NAME", "ages by name")])
    vintage, own, faults = _own_rows(rows, name, catalogue)
    read = [_read(row, ages, name, faults) for row in own]
    frame = _frame([one for one in read if one], name, vintage)
    faults = faults or [*_repeats(frame, name), *_sum_faults(frame, name)]
    if faults:
        raise unusable(name, capped(faults, name))
    return frame, notes


def _own_rows(
    rows: list[Row], name: str, catalogue: Catalogue
) -> tuple[str, list[Row], list[Fault]]:
    """The rows of the borough's wards, which must be all those of one vintage."""
    codes = {row.cells[CODE] for row in rows}
    held = [vintage for vintage in VINTAGES if codes & set(catalogue.wards(vintage))]
    if len(held) != 1:
        found = f"wards of {' and of '.join(held)} together" if held else "no ward of the borough"
        return "", [], [Fault(name, found, "the wards of one vintage")]
    wards = catalogue.wards(held[0])
    missing = sorted(set(wards) - codes)
    faults = [Fault(name, f"no row for {code} {wards[code]}", f"{len(wards)} wards")
              for code in missing]  # fmt: skip
    return held[0], [row for row in rows if row.cells[CODE] in wards], faults


def _read(row: Row, column: str, name: str, faults: list[Fault]) -> dict[str, object]:
    """One count; empty, with a fault, where something in the row is none."""
    where = f"{name}, row {row.line}"
    ages = ages_of(row.cells[column])
    sex = next((sex_of(row.cells[c]) for c in _SEX_NAMES if c in row.cells), PERSONS)
    year, value = row.period, row.cells[VALUE]
    wrong = []
    if ages is None:
        wrong.append(Fault(f"{where}, {column}", shown(row.cells[column]), "a group of ages"))
    if not sex:
        wrong.append(Fault(f"{where}, sex", "none that is known", "Total, Male or Female"))
    if not _YEAR.fullmatch(year):
        wrong.append(Fault(f"{where}, DATE_NAME", shown(year), "a year"))
    if not is_number(value) or not 0 <= number(value) <= MOST_PEOPLE or number(value) % 1:
        found = shown(value) if value else "a blank"
        wrong.append(Fault(f"{where}, {VALUE}", found, "a whole number, 0 or more"))
    faults += wrong
    if wrong:
        return {}
    return {
        "ward": row.cells[CODE], "year": int(year), "sex": sex, "age_from": ages[0],
        "age_to": ages[1], "count": number(value), "source_row": row.line,
    }  # fmt: skip


def _frame(read: list[dict[str, object]], name: str, vintage: str) -> pd.DataFrame:
    columns = ["ward", "year", "sex", "age_from", "age_to", "count", "source_row"]
    said = pd.DataFrame(read, columns=columns).assign(vintage=vintage)
    counts, lines = said.pop("count"), said.pop("source_row")
    return in_order(people_frame(dict(said.items()), counts, name, lines), "ward")


def _repeats(frame: pd.DataFrame, name: str) -> list[Fault]:
    keys = ["ward", "year", "sex", "age_from", "age_to"]
    return [
        Fault(f"{name}, row {row.source_row}", f"{row.ward}, {row.year}, {row.sex}, "
              f"{age_words((row.age_from, None if row.age_to is pd.NA else row.age_to))} again",
              "one row")
        for row in frame[frame.duplicated(keys)].itertuples()
    ]  # fmt: skip


def _sum_faults(frame: pd.DataFrame, name: str) -> list[Fault]:
    """Wards whose single years do not add up to all ages, but for rounding."""
    total = (frame["age_from"] == EVERYBODY[0]) & frame["age_to"].isna()
    single = (frame["age_from"] == frame["age_to"]).fillna(False)
    last = frame["age_to"].isna() & ~total
    faults = []
    for (ward, year, sex), rows in frame.groupby(["ward", "year", "sex"], sort=True):
        parts = rows[(single | last).loc[rows.index]]
        given = rows[total.loc[rows.index]]
        if given.empty or len(parts) != parts["age_from"].max() + 1:
            continue
        count, line = int(given["count"].iloc[0]), given["source_row"].iloc[0]
        if abs(parts["count"].sum() - count) > len(parts) / 2:
            said = f"{count:,} for {ward}, {year}, {sex}; its ages make {parts['count'].sum():,}"
            faults.append(Fault(f"{name}, row {line}, {VALUE}", said, "a total of its ages"))
    return faults

"""People by age and sex: of each LSOA, of each ward, of the borough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import Fault
from lbbd_jsna.sources.csv_files import shown
from lbbd_jsna.sources.small_area_ages import (
    EVERYBODY,
    PERSONS,
    Ages,
    age_words,
    ages_of,
    parts_of_everybody,
    sex_and_ages,
)
from lbbd_jsna.sources.small_area_borough import borough_rows
from lbbd_jsna.sources.small_area_headings import code_columns, plain
from lbbd_jsna.sources.small_area_tables import Table, capped, figures, read_table, unusable

# What follows the columns that say which area: `lsoa` or `ward` with its vintage, or `area`.
PEOPLE = ("year", "sex", "age_from", "age_to", "count", "source_file", "source_row")
LSOA_POPULATION = ("lsoa", "vintage", *PEOPLE)
BOROUGH_POPULATION = ("area", *PEOPLE)
_MID_YEAR = re.compile(r"mid[-_ ]?((?:19|20)[0-9]{2})")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
# No area of England has so many: a cell that says so is no count.
MOST_PEOPLE = 100_000_000
_AREA, _DATE = "geographycode", "date"

# Of each column of people: its place, sex and ages.
Groups = list[tuple[int, str, Ages]]


@dataclass(frozen=True)
class People:
    """What a file of the folder `population` holds: `lsoas` or `borough`, or neither."""

    lsoas: pd.DataFrame | None
    borough: pd.DataFrame | None
    notes: list[str]


def read_people(path: Path, *, name: str, catalogue: Catalogue) -> People:
    """Read a file of people by age, and by sex where it has it.

    Parameters
    ----------
    path : Path
        Either one row for each LSOA, with columns such as `LSOA11CD`, `LAD11CD`,
        `Males_16-29`, and the year in the file's name (`mid2020`); or the Census table TS007
        of Nomis, one row for each authority, with columns such as `Age: Aged 5 to 9 years`.
    name : str
        Its path below the extracts folder, for messages and `source_file`.
    catalogue : Catalogue
        Says which borough.

    Returns
    -------
    People
        `lsoas` with the columns `LSOA_POPULATION`, or `borough` with `BOROUGH_POPULATION`.
        **Totals are among the rows**: sex `Persons`, and all ages (0 and no upper end); of
        the others, ages do not overlap. `age_to` is included and is <NA> where there is no
        upper end. Never add up a column as it stands: choose a sex, and ages or all ages.

    Raises
    ------
    ExtractError
        A column, a row, a year or a count is not there or cannot be; an LSOA twice; sexes or
        ages that do not add up to their totals. All faults of the file together.
    """
    table, notes = read_table(path, name=name)
    if any(kind == "lsoa" for kind, _ in code_columns(table.headings)):
        frame, more = _lsoas(table, catalogue)
        return People(frame, None, notes + more)
    if _AREA in map(plain, table.headings):
        return People(None, _borough(table, catalogue), notes)
    return People(None, None, [*notes, f"{name}: no people by LSOA or borough, not used"])


def _lsoas(table: Table, catalogue: Catalogue) -> tuple[pd.DataFrame, list[str]]:
    own = borough_rows(table, catalogue=catalogue)
    groups = [
        (place, *found)
        for place, text in enumerate(table.headings)
        if (found := sex_and_ages(text))
    ]
    faults = [*own.faults, *_group_faults(table, groups, "Persons_All-Ages")]
    match = _MID_YEAR.search(Path(table.name).stem.casefold())
    if not match:
        expected, todo = "mid and four digits in its name", 'call it "lsoa11-mid2020.csv" or so'
        faults.append(Fault(table.name, "it does not say of which year it is", expected, todo))
    counts, wrong = _counts(own.table, groups)
    faults += wrong or _sum_faults(own.table, groups, counts, slack=0)
    if faults:
        raise unusable(table.name, faults)
    areas = {"lsoa": own.codes, "vintage": own.vintage}
    return _long(own.table, groups, counts, areas, int(match[1])), own.notes


def _borough(table: Table, catalogue: Catalogue) -> pd.DataFrame:
    headings = list(map(plain, table.headings))
    table = table.only([c == catalogue.settings.area for c in table.texts(headings.index(_AREA))])
    groups = [
        (place, PERSONS, ages)
        for place, text in enumerate(table.headings)
        if text.casefold().startswith("age") and (ages := ages_of(text))
    ]
    groups = _apart(groups)
    faults = _group_faults(table, groups, "Age: Total")
    if len(table.rows) != 1:
        found = f"{len(table.rows)} rows of {catalogue.settings.area}"
        faults.append(Fault(table.name, found, "one row"))
    years = table.texts(headings.index(_DATE)) if _DATE in headings else [""]
    faults += [
        Fault(table.at_headings(), f"the year {shown(year)}", "four digits in a column date")
        for year in years
        if not _YEAR.fullmatch(year)
    ]
    counts, wrong = _counts(table, groups)
    # Census counts are altered a little, so that parts may miss their total.
    faults += wrong or _sum_faults(table, groups, counts, slack=0.5)
    if faults:
        raise unusable(table.name, faults)
    areas = {"area": catalogue.settings.area}
    return _long(table, groups, counts, areas, int(years[0]))


def _apart(groups: Groups) -> Groups:
    """Everybody, and the narrowest groups: five years beside their single years are left out."""
    parts = parts_of_everybody({ages for _, _, ages in groups})
    return [one for one in groups if not parts or one[2] in (EVERYBODY, *parts)]


def _group_faults(table: Table, groups: Groups, example: str) -> list[Fault]:
    """No column of people, no total of persons, or a group twice."""
    found = [(sex, ages) for _, sex, ages in groups]
    faults = []
    if (PERSONS, EVERYBODY) not in found:
        said = "no column of all people" if found else "no columns of people by age"
        faults.append(Fault(table.at_headings(), said, f'a heading such as "{example}"'))
    for place, sex, ages in groups:
        if found.count((sex, ages)) > 1:
            said = f"{shown(table.headings[place])} is one of several columns of {sex}, "
            faults.append(Fault(table.at_headings(), said + age_words(ages), "one column"))
    return faults


def _counts(table: Table, groups: Groups) -> tuple[np.ndarray, list[Fault]]:
    """Counts of shape (rows, groups), and a fault for each that cannot be."""
    columns, faults = [], []
    for place, _, _ in groups:
        values, wrong = figures(table, place, lowest=0, highest=MOST_PEOPLE, whole=True)
        columns.append(values)
        faults += wrong
    return np.column_stack(columns) if columns else np.empty((len(table.rows), 0)), faults


def _sum_faults(table: Table, groups: Groups, counts: np.ndarray, *, slack: float) -> list[Fault]:
    """Ages that do not add up to all ages, and sexes that do not add up to persons.

    `slack` is how much each part may miss by.
    """
    at = {(sex, ages): column for column, (_, sex, ages) in enumerate(groups)}
    faults = []
    for total, parts, what in _sums(set(at)):
        sums = counts[:, [at[part] for part in parts]].sum(axis=1)
        given = counts[:, at[total]]
        place = groups[at[total]][0]
        faults += [
            Fault(
                table.where(table.lines[row], place),
                f"{given[row]:,.0f}, while {what} add up to {sums[row]:,.0f}",
                "a total and its parts that agree",
                "a figure or a heading is wrong; fetch the file again",
            )
            for row in np.flatnonzero(abs(sums - given) > slack * len(parts))
        ]
    return capped(faults, table.name)


def _sums(groups: set[tuple[str, Ages]]) -> Iterator[tuple[tuple, list[tuple], str]]:
    """Each total with its parts, and what the parts are."""
    for sex in sorted({sex for sex, _ in groups}):
        parts = parts_of_everybody({ages for s, ages in groups if s == sex})
        if parts and (sex, EVERYBODY) in groups:
            yield (sex, EVERYBODY), [(sex, ages) for ages in parts], "its ages"
    for sex, ages in sorted(groups, key=str):
        both = [("Male", ages), ("Female", ages)]
        if sex == PERSONS and groups.issuperset(both):
            yield (sex, ages), both, "males and females"


def _long(
    table: Table, groups: Groups, counts: np.ndarray, areas: dict[str, object], year: int
) -> pd.DataFrame:
    """One row for each area and group, in the order of areas, then sexes and ages."""
    frames = [
        people_frame(
            {**areas, "year": year, "sex": sex, "age_from": ages[0], "age_to": ages[1]},
            counts[:, column], table.name, table.lines,
        )
        for column, (_, sex, ages) in enumerate(groups)
    ]  # fmt: skip
    return in_order(pd.concat(frames, ignore_index=True), next(iter(areas)))


def people_frame(said: dict[str, object], counts, name: str, lines) -> pd.DataFrame:
    """Rows of people: `said` of each of them, their counts, and where they come from."""
    frame = pd.DataFrame({"count": np.asarray(counts, dtype="int64")})
    frame = frame.assign(**said, source_file=name, source_row=np.asarray(lines, dtype="int64"))
    return frame.astype({"year": "int64", "age_from": "int64", "age_to": "Int64"})


def in_order(frame: pd.DataFrame, area: str) -> pd.DataFrame:
    """The columns in their order, sorted by area, year, sex and ages."""
    before = [area, "vintage"] if "vintage" in frame else [area]
    keys = [area, "year", "sex", "age_from", "age_to"]
    return frame[[*before, *PEOPLE]].sort_values(keys, ignore_index=True)

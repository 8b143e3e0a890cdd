"""The Indices of Deprivation by LSOA: ranks, deciles, scores and the people they are of."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import Fault
from lbbd_jsna.sources.csv_files import counted
from lbbd_jsna.sources.small_area_borough import borough_rows
from lbbd_jsna.sources.small_area_headings import LSOAS_OF_ENGLAND, area_column
from lbbd_jsna.sources.small_area_population import MOST_PEOPLE
from lbbd_jsna.sources.small_area_tables import Table, capped, figures, read_table, unusable

DEPRIVATION = ("lsoa", "vintage", "measure", "value", "source_file", "source_row")
# A measure is a domain and one of these: `imd_rank`, `income_score`, `crime_decile`.
KINDS = ("score", "rank", "decile")
DOMAINS = {
    "index of multiple deprivation (imd)": "imd",
    "income": "income",
    "employment": "employment",
    "education, skills and training": "education",
    "health deprivation and disability": "health",
    "crime": "crime",
    "barriers to housing and services": "housing",
    "living environment": "environment",
    "income deprivation affecting children index (idaci)": "idaci",
    "income deprivation affecting older people (idaopi)": "idaopi",
    "income deprivation affecting older people index (idaopi)": "idaopi",
    "children and young people sub-domain": "children_and_young_people",
    "adult skills sub-domain": "adult_skills",
    "geographical barriers sub-domain": "geographical_barriers",
    "wider barriers sub-domain": "wider_barriers",
    "indoors sub-domain": "indoors",
    "outdoors sub-domain": "outdoors",
}
# The people a score is of, by which scores of LSOAs are weighted in a mean.
PEOPLE = {
    "total population": "population",
    "dependent children aged 0-15": "population_0_15",
    "population aged 16-59": "population_16_59",
    "older population aged 60 and over": "population_60_plus",
    "working age population": "population_working_age",
}
_FIGURE = re.compile(r"(.+?) (score|rank|decile)( \(.+)?")


@dataclass(frozen=True)
class Measure:
    """A column of the indices: its name, and the numbers that may stand in it."""

    name: str
    kind: str
    is_rate: bool = False

    def bounds(self, vintage: str) -> tuple[float, float, bool]:
        """Lowest, highest, and whether only whole numbers may be."""
        if self.kind == "decile":
            return 1, 10, True
        if self.kind == "rank":
            return 1, LSOAS_OF_ENGLAND[vintage], True
        if self.kind == "people":
            return 0, MOST_PEOPLE, True
        if self.is_rate:
            return 0, 1, False
        return (0, 100, False) if self.name == "imd_score" else (-math.inf, math.inf, False)


def read_deprivation(
    path: Path, *, name: str, catalogue: Catalogue
) -> tuple[pd.DataFrame, list[str]]:
    """Read the borough's rows of a file of the Indices of Deprivation.

    Parameters
    ----------
    path : Path
        File 1 (ranks and deciles, .xlsx) or File 7 (all scores, ranks, deciles and
        population denominators, .csv) of the Indices of 2019 (LSOAs of 2011) or of 2025
        (LSOAs of 2021), or a part of one with the same headings.
    name : str
        Its path below the extracts folder, for messages and `source_file`.
    catalogue : Catalogue
        Says which borough.

    Returns
    -------
    DataFrame, list of str
        Columns `DEPRIVATION`, sorted by vintage, measure and lsoa, one row for each LSOA and
        measure. `value` has the unit of its measure: a rank among the LSOAs of England (1 is
        the most deprived), a decile (1 is the most deprived tenth), a score (higher is more
        deprived; rates from 0 to 1), people. `population` and the like are the publisher's
        denominators, not those of a mid-year estimate. Then notes.

    Raises
    ------
    ExtractError
        A column, a row or a figure is not there or cannot be, or a decile is not that of its
        rank; all faults of the file together.

    Source
    ------
    Ministry of Housing, Communities and Local Government, English Indices of Deprivation:
    deciles are tenths of the ranked LSOAs of England. In File 1 of 2019 each of the 32,844
    deciles is its rank x 10 / 32,844, rounded up.
    """
    table, notes = read_table(path, name=name)
    own = borough_rows(table, catalogue=catalogue)
    measures = {place: m for place, text in enumerate(table.headings) if (m := measure_of(text))}
    faults = [*own.faults, *_heading_faults(table, list(measures.values()))]
    if own.vintage not in LSOAS_OF_ENGLAND:
        raise unusable(name, faults)
    values = {}
    for place, measure in measures.items():
        lowest, highest, whole = measure.bounds(own.vintage)
        values[measure.name], wrong = figures(
            own.table, place, lowest=lowest, highest=highest, whole=whole
        )
        faults += wrong
    faults += _decile_faults(own.table, measures, values, own.vintage)
    if faults:
        raise unusable(name, faults)
    wide = pd.DataFrame(values).assign(lsoa=own.codes, source_row=own.table.lines)
    long = wide.melt(["lsoa", "source_row"], var_name="measure", value_name="value")
    long = long.assign(vintage=own.vintage, source_file=name)[list(DEPRIVATION)]
    notes += [*own.notes, *_unread(table, list(measures))]
    return long.sort_values(["vintage", "measure", "lsoa"], ignore_index=True), notes


def measure_of(heading: str) -> Measure | None:
    """What a heading says of deprivation, or None.

    Parameters
    ----------
    heading : str
        `Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)`, `Income Score
        (rate)`, `Total population: mid 2015 (excluding prisoners)`.

    Returns
    -------
    Measure or None
    """
    said = " ".join(heading.split()).casefold()
    match = _FIGURE.fullmatch(said)
    if match and match[1] in DOMAINS:
        return Measure(f"{DOMAINS[match[1]]}_{match[2]}", match[2], match[3] == " (rate)")
    for start, people in PEOPLE.items():
        if said.startswith(start) and "numerator" not in said:
            return Measure(people, "people")
    return None


def _heading_faults(table: Table, measures: list[Measure]) -> list[Fault]:
    names = [measure.name for measure in measures]
    expected = "Index of Multiple Deprivation (IMD) Rank, Decile or Score"
    faults = []
    if not any(measure.kind in KINDS for measure in measures):
        todo = "is it a file of the Indices of Deprivation?"
        faults.append(Fault(table.at_headings(), "no column of deprivation", expected, todo))
    faults += [
        Fault(table.at_headings(), f"{names.count(one)} columns of {one}", "one column")
        for one in sorted({one for one in names if names.count(one) > 1})
    ]
    return faults


def _decile_faults(
    table: Table, measures: dict[int, Measure], values: dict[str, np.ndarray], vintage: str
) -> list[Fault]:
    """A decile that is not the tenth its rank lies in: columns mixed up, or a slip."""
    places = {measure.name: place for place, measure in measures.items()}
    faults = []
    for domain in sorted(set(DOMAINS.values())):
        rank, decile = (values.get(f"{domain}_{kind}") for kind in ("rank", "decile"))
        if rank is None or decile is None:
            continue
        tenth = np.ceil(rank * 10 / LSOAS_OF_ENGLAND[vintage])
        known = (tenth >= 1) & (tenth <= 10) & (decile >= 1) & (decile <= 10)
        # LSOAs alike in a domain may share a rank at the edge of a tenth.
        slack = 0 if (domain, vintage) == ("imd", "2011") else 1
        place = places[f"{domain}_decile"]
        faults += [
            Fault(
                table.where(table.lines[row], place),
                f"{decile[row]:g} beside a rank of {rank[row]:,g}",
                f"{tenth[row]:g}",
                "are the columns mixed up?",
            )
            for row in np.flatnonzero(known & (abs(tenth - decile) > slack))
        ]
    return capped(faults, table.name)


def _unread(table: Table, places: list[int]) -> list[str]:
    """A note on columns that are neither areas nor any of the indices' figures."""
    others = [
        heading
        for place, heading in enumerate(table.headings)
        if place not in places and heading and area_column(heading) is None
    ]
    return [f"{table.name}: {counted(len(others), 'other column')} not read"] if others else []

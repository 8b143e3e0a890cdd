"""The ward series of the catalogue that are built here from small areas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.errors import TableError
from lbbd_jsna.schema import KEY, as_observations, empty_observations
from lbbd_jsna.sources.csv_files import counted
from lbbd_jsna.sources.small_area_headings import LSOAS_OF_ENGLAND
from lbbd_jsna.sources.small_areas import SmallAreas, people
from lbbd_jsna.wards.ages import ALL, in_bands
from lbbd_jsna.wards.build import build_counts, dropped_areas
from lbbd_jsna.wards.lookup import Lookup
from lbbd_jsna.wards.means import most_deprived, population_of, weighted_mean
from lbbd_jsna.wards.observations import as_ward_observations
from lbbd_jsna.wards.residents import borough_sums, note_sums, residents
from lbbd_jsna.wards.routes import WARD_VINTAGES, Routes

DEPRIVATION, POPULATION = "indices-of-deprivation", "mid-year-estimates"
SOURCES = (DEPRIVATION, POPULATION)
# Which edition of the indices is of which small areas.
EDITIONS = {"2011": "2019", "2021": "2025"}
NONE_RECEIVED = (
    "small areas: no population, deprivation or lookups were received, so no ward figures are "
    "built from them; put the files into deprivation/, population/ and lookups/"
)


@dataclass(frozen=True)
class BuiltWards:
    """Ward figures built from small areas.

    Parameters
    ----------
    observations : DataFrame
        Columns `schema.OBSERVATIONS`: a row for each ward, and one for the borough.
    notes : tuple of str
        What could not be built and why, areas left out, and sums that do not agree.
    residents : DataFrame or None
        Everybody by ward, sex and age, as `residents.residents` gives it; None where the
        catalogue has no series of the sources either.
    """

    observations: pd.DataFrame
    notes: tuple[str, ...] = ()
    residents: pd.DataFrame | None = None


def built_series(
    small: SmallAreas, shapes: Mapping[str, geopandas.GeoDataFrame], *, catalogue: Catalogue
) -> BuiltWards:
    """Build the ward series that the catalogue takes from small areas.

    Parameters
    ----------
    small : SmallAreas
    shapes : mapping of ward vintage to GeoDataFrame
        Columns code, geometry; EPSG:27700.
    catalogue : Catalogue
        Series of the sources `SOURCES`: those of the indices say the measure in `pick`
        (`tenths` for the share of residents in so many tenths), those of people the band in
        `age`; `ward_vintage` says on which wards.

    Returns
    -------
    BuiltWards
        Every count with its denominator, every figure with a note of what it is made of
        ("Best fit from 6 small areas; 83% exact"), beginning with "Estimated" where a small
        area was shared between wards. No intervals: everybody is counted, nobody sampled.

    Raises
    ------
    GeographyError, TableError
        Lookups that do not meet, shapes that are not those of the lookups, or counts that
        cannot be.
    """
    wanted = [i for _, i in sorted(catalogue.indicators.items()) if i.source in SOURCES]
    if not wanted:
        return BuiltWards(empty_observations())
    if small.population is None and small.deprivation is None:
        return BuiltWards(empty_observations(), (NONE_RECEIVED,))
    work = Routes(small, shapes, catalogue)
    tables = []
    for vintage in WARD_VINTAGES:
        series = [i for i in wanted if i.ward_vintage == vintage]
        tables += _people_series([i for i in series if i.source == POPULATION], vintage, work)
        tables += _deprivation_series([i for i in series if i.source == DEPRIVATION], vintage, work)
    rows = empty_observations()
    if tables:
        rows = as_observations(pd.concat(tables).sort_values(list(KEY), kind="stable"))
    everybody = residents(work)  # before its notes are taken
    return BuiltWards(rows, tuple(work.notes), everybody)


def _people_series(wanted: list[Indicator], vintage: str, work: Routes) -> Iterator[pd.DataFrame]:
    """Residents of each year by broad age."""
    if wanted:
        for year, rows, lookup in work.people(vintage):
            yield from _people_of(rows, str(year), lookup, wanted, work)


def _people_of(
    rows: pd.DataFrame, year: str, lookup: Lookup, wanted: list[Indicator], work: Routes
) -> Iterator[pd.DataFrame]:
    everybody = people(rows)
    bands = [everybody.assign(age=ALL), *_bands(rows, work)]
    bands = pd.concat(bands)[["lsoa", "vintage", "age", "count", "source_file", "source_row"]]
    weights = population_of(everybody.assign(vintage=lookup.source_vintage), lookup)
    wards = build_counts(bands, lookup, by=["age"], people=weights, outside="drop")
    note_sums(wards, bands, ["age"], f"residents of {year}", lookup, work)
    borough = borough_sums(bands, ["age"]).assign(ward=_BOROUGH)
    table = pd.concat([wards, borough], ignore_index=True)
    whole = table[table["age"] == ALL].set_index("ward")["count"]
    table["denominator"] = table["ward"].map(whole)
    for indicator in wanted:
        own = table[table["age"] == (indicator.age or ALL)]
        if own.empty:
            continue
        share = indicator.unit == "%"
        value = 100 * own["count"] / own["denominator"].where(own["denominator"] > 0)
        own = own.assign(value=value if share else own["count"])
        yield from _rows(own.drop(columns=[] if share else "denominator"), indicator, year, work)


def _bands(rows: pd.DataFrame, work: Routes) -> list[pd.DataFrame]:
    """Broad ages of persons, or none with a note where the file's bands do not make them up."""
    persons = rows[rows["sex"] == "Persons"]
    try:
        return [in_bands(persons, total=False)]
    except TableError as error:
        work.note(f"residents by broad age: not built; {error.message}")
        return []


_BOROUGH = ""


def _deprivation_series(
    wanted: list[Indicator], vintage: str, work: Routes
) -> Iterator[pd.DataFrame]:
    deprivation = work.small.deprivation
    if deprivation is None or not wanted:
        return
    for source, rows in deprivation.groupby("vintage"):
        lookup = work.lookup(source, vintage)
        weights, said = _weights(source, work)
        if lookup is None:
            continue
        if weights is None:
            work.note(f"deprivation by ward of {vintage}: not built; no people to weigh by")
            continue
        dropped = dropped_areas(rows, lookup)
        if dropped:
            codes = ", ".join(dropped)
            work.note(f"deprivation by ward of {vintage}: small areas left out: {codes}.")
        for indicator in wanted:
            own = rows[rows["measure"] == indicator.pick["measure"]]
            if not own.empty:
                table = _scores(own, weights, said, lookup, indicator)
                yield from _rows(table, indicator, EDITIONS[source], work)


def _weights(source: str, work: Routes) -> tuple[pd.DataFrame | None, str]:
    """Who weighs, and who they are in words: the publisher's people, or all residents."""
    deprivation, population = work.small.deprivation, work.small.population
    own = deprivation[(deprivation["vintage"] == source) & (deprivation["measure"] == "population")]
    if not own.empty:
        return own.rename(columns={"value": "count"}), "the publisher's own population"
    if population is None:
        return None, ""
    rows = people(population[population["vintage"] == source])
    if rows.empty:
        return None, ""
    year = rows["year"].max()
    return rows[rows["year"] == year], f"all residents, mid-{year}"


def _scores(
    rows: pd.DataFrame, weights: pd.DataFrame, said: str, lookup: Lookup, indicator: Indicator
) -> pd.DataFrame:
    """The wards and the borough, on a score, a rank or the share in the most deprived tenths."""
    whole = Lookup(
        pd.DataFrame({"small_area": sorted(rows["lsoa"]), "ward": _AS_ONE, "share": 1.0}),
        lookup.source_vintage,
        lookup.ward_vintage,
    )
    if indicator.pick["measure"].endswith("_rank"):  # the most deprived last, so highest
        most = LSOAS_OF_ENGLAND[lookup.source_vintage]
        rows = rows.assign(value=most + 1 - rows["value"])
    tables = []
    for one in (lookup, whole):
        if "tenths" in indicator.pick:
            held = rows[rows["lsoa"].isin(one.small_areas)]
            table = most_deprived(held, weights, one, tenths=int(indicator.pick["tenths"]))
        else:
            table = weighted_mean(rows, weights, one, weights_are=said, outside="drop")
        tables.append(table)
    tables[1] = tables[1].assign(ward=_BOROUGH)
    return pd.concat(tables, ignore_index=True).drop(columns="vintage")


# Stands for the whole borough where all its small areas are summed as if they were one ward.
_AS_ONE = "E05999999"


def _rows(
    table: pd.DataFrame, indicator: Indicator, period: str, work: Routes
) -> Iterator[pd.DataFrame]:
    """Observations of the wards, and of the borough as their template."""
    catalogue, vintage = work.catalogue, indicator.ward_vintage
    columns = [c for c in ("age", "sex", "period", "vintage") if c in table]
    table = table.drop(columns=columns).assign(vintage=vintage)
    said = {"period": period, "age": indicator.age or ALL}
    wards = table[table["ward"] != _BOROUGH]
    rows = as_ward_observations(
        wards, indicator=indicator.id, names=catalogue.wards(vintage), **said
    )
    yield rows
    borough = table[table["ward"] == _BOROUGH].iloc[0]
    known = {c: borough[c] for c in ("value", "count", "denominator") if c in table}
    template = rows.iloc[[0]].assign(value=np.nan, count=np.nan, denominator=np.nan)
    yield template.assign(
        **known,
        area_code=catalogue.area.code,
        area_name=catalogue.area.name,
        area_type="borough",
        status="published" if borough.get("status") == "published" else "not_available",
        value_note=f"From all {counted(int(borough['areas']), 'small area')} of the borough",
        source_file=borough["source_file"],
        source_row=borough["source_row"],
    )

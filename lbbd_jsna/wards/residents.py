"""Residents of each ward and of the borough by sex and age: a table of its own.

`residents` makes it, with the columns `COLUMNS`: area_code, area_type (`ward` or `borough`),
vintage (the ward's; empty for the borough), year, sex (`Persons`, and `Male` and `Female` where
the source has them), age (the bands of the source and `All ages`), age_from, age_to (missing:
no upper end), count, areas, exact_share, estimated, status, source_file, source_row. A series
of the catalogue is of one sex and one age; these are too many for that, and nothing is ranked
or judged by them. `residents_of` chooses what a page shows of one area.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lbbd_jsna.errors import TableError
from lbbd_jsna.sources.small_areas import people
from lbbd_jsna.wards.ages import ALL, age_label, in_bands
from lbbd_jsna.wards.build import ORIGIN, build_counts, dropped_areas
from lbbd_jsna.wards.lookup import Lookup
from lbbd_jsna.wards.means import population_of
from lbbd_jsna.wards.reconciliation import reconcile
from lbbd_jsna.wards.routes import WARD_VINTAGES, Routes

COLUMNS = (
    "area_code", "area_type", "vintage", "year", "sex", "age", "age_from", "age_to", "count",
    "areas", "exact_share", "estimated", "status", *ORIGIN,
)  # fmt: skip
_GROUPS = ["sex", "age"]
_ORDER = ["area_type", "area_code", "year", "sex", "age_from", "age_to"]


def residents(routes: Routes) -> pd.DataFrame | None:
    """Everybody by ward, sex and the narrowest bands of ages that all sexes have.

    Parameters
    ----------
    routes : Routes
        Sums that do not agree with the borough, and years that cannot be built, join its
        notes.

    Returns
    -------
    DataFrame or None
        Columns `COLUMNS`, for each year received, on every set of wards there is a way to,
        and for the borough, whose rows are sums of its small areas whatever their wards.
        Persons are all males and females, `All ages` all bands. None without people.

    Raises
    ------
    TableError
        A small area of the lookup has no people.
    """
    tables = []
    known = [v for v in reversed(WARD_VINTAGES) if routes.catalogue.wards(v)]
    for vintage in known:  # today's first: the borough as today's small areas have it
        for year, rows, lookup in routes.people(vintage):
            bands, ends = _bands(rows, year, routes)
            if bands is None:
                continue
            wards = _of_wards(bands, rows, lookup)
            _note_sums(wards, bands, lookup, year, routes)
            area = routes.catalogue.settings.area
            tables += [
                table.assign(year=year, **_ends(table["age"], ends))
                for table in (wards, _of_borough(bands, area))
            ]
    if not tables:
        return None
    table = pd.concat(tables)[list(COLUMNS)].drop_duplicates(["area_code", "year", *_GROUPS])
    return table.sort_values(_ORDER, na_position="first", ignore_index=True)


def residents_of(table: pd.DataFrame, area_code: str) -> pd.DataFrame:
    """The residents of one area in the latest year, by sex and band of ages.

    Parameters
    ----------
    table : DataFrame
        As `residents` gives it.
    area_code : str
        Code of a ward or of the borough.

    Returns
    -------
    DataFrame
        The same columns and share: per cent of all residents of the area, so that the rows of
        `Male` and `Female` together make 100. Without `All ages`, unless there is nothing
        else; empty where the area has no rows.
    """
    rows = table[table["area_code"] == area_code]
    rows = rows[rows["year"] == rows["year"].max()]
    everybody = rows["age"] == ALL
    whole = rows.loc[everybody & (rows["sex"] == "Persons"), "count"].sum(min_count=1)
    chosen = rows if everybody.all() else rows[~everybody]
    share = 100 * chosen["count"] / (whole if whole > 0 else np.nan)
    return chosen.assign(share=share).reset_index(drop=True)


def _bands(
    rows: pd.DataFrame, year: int, routes: Routes
) -> tuple[pd.DataFrame | None, dict[str, tuple[int, int | None]]]:
    """People by the bands that all sexes have, with their total; and the ends of the bands."""
    held = rows.groupby(["age_from", "age_to"], dropna=False)["sex"].transform("nunique")
    common = held == rows["sex"].nunique()
    spans = rows.loc[common, ["age_from", "age_to"]].drop_duplicates().sort_values("age_from")
    known = [(int(a), None if pd.isna(b) else int(b)) for a, b in spans.itertuples(index=False)]
    narrow = [span for span in known if span != (0, None)] or [(0, None)]
    try:
        table = in_bands(rows[common], bands=narrow)
    except TableError as error:
        routes.note(f"residents of {year} by sex and age: not built; {error.message}")
        return None, {}
    return table, {ALL: (0, None)} | {age_label(*span): span for span in narrow}


def _ends(ages: pd.Series, ends: dict[str, tuple[int, int | None]]) -> dict[str, pd.Series]:
    return {
        "age_from": ages.map({age: first for age, (first, _) in ends.items()}).astype(int),
        "age_to": ages.map({age: last for age, (_, last) in ends.items()}).astype("Int64"),
    }


def _of_wards(bands: pd.DataFrame, rows: pd.DataFrame, lookup: Lookup) -> pd.DataFrame:
    weights = population_of(people(rows).assign(vintage=lookup.source_vintage), lookup)
    table = build_counts(bands, lookup, by=_GROUPS, people=weights, outside="drop")
    return table.rename(columns={"ward": "area_code"}).assign(area_type="ward")


def _of_borough(bands: pd.DataFrame, area: str) -> pd.DataFrame:
    table = borough_sums(bands, _GROUPS)
    return table.assign(area_code=area, area_type="borough", vintage="", exact_share=1.0,
                        estimated=False)  # fmt: skip


def borough_sums(bands: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Everybody of the borough by group: the sum of its small areas, whatever their wards.

    Columns of `by`, count (missing where a small area lacks one), areas, status, source_file,
    source_row.
    """
    table = bands.groupby(by).agg(
        count=("count", lambda part: part.sum(skipna=False)),
        areas=("lsoa", "size"),
        source_file=("source_file", "first"),
        source_row=("source_row", "first"),
    )
    table["count"] = table["count"].astype(float)
    table["status"] = np.where(table["count"].isna(), "not_available", "published")
    return table.reset_index()


def _note_sums(
    wards: pd.DataFrame, bands: pd.DataFrame, lookup: Lookup, year: int, routes: Routes
) -> None:
    table = wards.rename(columns={"area_code": "ward"})
    note_sums(table, bands, _GROUPS, f"residents of {year}", lookup, routes)


def note_sums(
    wards: pd.DataFrame, bands: pd.DataFrame, by: list[str], what: str, lookup: Lookup,
    routes: Routes,
) -> None:  # fmt: skip
    """Set wards against everybody in the file, who were not summed by way of wards; say it once."""
    what = f"{what} by ward of {lookup.ward_vintage}: "
    if any(said.startswith(what) for said in routes.notes):
        return
    found = reconcile(
        wards,
        bands.groupby(by, as_index=False)["count"].sum(),
        by=by,
        expected=routes.catalogue.wards(lookup.ward_vintage),
        dropped=dropped_areas(bands, lookup),
    )
    if found.dropped or not found.agrees:
        routes.note(f"{what}{found.sentence}")

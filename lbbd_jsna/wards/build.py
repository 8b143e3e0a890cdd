"""Counts of wards, summed from small areas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lbbd_jsna.errors import Fault, GeographyError, TableError
from lbbd_jsna.wards.codes import checked_codes, needs, one_vintage, refused
from lbbd_jsna.wards.fit import fit_of
from lbbd_jsna.wards.lookup import Lookup

ORIGIN = ("source_file", "source_row")


def build_counts(
    small: pd.DataFrame,
    lookup: Lookup,
    *,
    by: Sequence[str] = (),
    people: pd.Series | None = None,
    outside: str = "refuse",
) -> pd.DataFrame:
    """Sum the counts of small areas to wards.

    Parameters
    ----------
    small : DataFrame
        lsoa, vintage, count and the columns of `by`; optionally status (a blank that is
        `suppressed` stays so), source_file, source_row. One row for each small area of
        each group: a small area without a row is missing, never 0.
    lookup : Lookup
    by : list of str
        Columns that tell groups apart, such as year, sex, age.
    people : Series of float by small area, optional
        As for `fit.fit_of`.
    outside : {"refuse", "drop"}
        What becomes of small areas that the lookup does not know, such as those of other
        boroughs. `reconcile` names what was dropped.

    Returns
    -------
    DataFrame, one row for each group and ward
        ward, vintage (the wards'), the columns of `by`, count (missing unless every small
        area has one), areas, missing (how many lack one), exact_share, estimated, status,
        and source_file, source_row (of the ward's first small area) if given.

    Raises
    ------
    GeographyError
        Names in place of codes, small areas of another vintage or unknown to the lookup.
    TableError
        A small area twice in a group, or a count below 0.
    """
    by = list(by)
    needs(small, ["lsoa", "vintage", "count", *by], where="the counts")
    rows = own_rows(small, lookup, outside=outside, where="the counts")
    check_counts(rows, by)
    pairs = complete(rows, lookup, by)
    pairs["amount"] = pairs["count"] * pairs["share"]
    return with_fit(summed(pairs, by), lookup, people, by)


def own_rows(
    small: pd.DataFrame, lookup: Lookup, *, outside: str = "refuse", where: str
) -> pd.DataFrame:
    """The rows of the lookup's small areas, by checked code, of the lookup's vintage."""
    if outside not in ("refuse", "drop"):
        raise ValueError(f'outside is "refuse" or "drop", not {outside!r}')
    codes = checked_codes(small["lsoa"], kind="small area", where=where)
    vintage = one_vintage(small, where=where)
    if vintage != lookup.source_vintage:
        raise refused(where, f"small areas of {vintage}", f"those of {lookup.source_vintage}")
    rows = small.assign(small_area=codes)
    known = codes.isin(lookup.small_areas)
    if outside == "refuse" and not known.all():
        raise GeographyError(
            f"{where} cannot be used",
            [
                Fault(where, f"{code} has no ward in the lookup", todo='or ask to "drop" it')
                for code in sorted(codes[~known].unique())
            ],
        )
    return rows[known]


def dropped_areas(small: pd.DataFrame, lookup: Lookup) -> tuple[str, ...]:
    """The small areas of a table that no ward of the lookup counts, by code."""
    codes = checked_codes(small["lsoa"], kind="small area", where="the counts")
    return tuple(sorted(set(codes) - set(lookup.small_areas)))


def check_counts(rows: pd.DataFrame, by: list[str]) -> None:
    """Refuse a small area twice in a group, and counts below 0."""
    again = rows[rows.duplicated(["small_area", *by])]
    faults = [
        Fault(f"the counts, {code}", "stands more than once in a group", todo="name it in `by`")
        for code in again["small_area"].unique()
    ]
    faults += [
        Fault(f"the counts, {code}", "a count below 0", "0 or more, or blank")
        for code in rows.loc[rows["count"] < 0, "small_area"].unique()
    ]
    if faults:
        raise TableError("the counts cannot be summed", faults)


def complete(rows: pd.DataFrame, lookup: Lookup, by: list[str]) -> pd.DataFrame:
    """Every small area and ward of the lookup in every group, with a blank where no row is."""
    pairs = lookup.table
    if by:
        pairs = pairs.merge(rows[by].drop_duplicates(), how="cross")
    kept = [c for c in ("count", "status", *ORIGIN) if c in rows]
    return pairs.merge(rows[["small_area", *by, *kept]], on=["small_area", *by], how="left")


def summed(pairs: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Sums of `amount` by ward and group; a blank among them leaves a blank."""
    pairs = pairs.assign(lacking=pairs["amount"].isna())
    groups = pairs.groupby(["ward", *by], sort=True, observed=True, dropna=False)
    table = groups.agg(
        count=("amount", "sum"),
        areas=("small_area", "size"),
        missing=("lacking", "sum"),
    )
    table.loc[table["missing"] > 0, "count"] = np.nan
    table["status"] = np.where(table["missing"] > 0, "not_available", "published")
    if "status" in pairs:
        withheld = pairs["status"].eq("suppressed").groupby([pairs[k] for k in ["ward", *by]])
        table.loc[withheld.any().reindex(table.index), "status"] = "suppressed"
        table.loc[table["status"] == "suppressed", "count"] = np.nan
    if set(ORIGIN) <= set(pairs):
        first = pairs.dropna(subset=list(ORIGIN)).sort_values(list(ORIGIN), kind="stable")
        first = first.groupby(["ward", *by], observed=True, dropna=False)[list(ORIGIN)].first()
        table = table.join(first)
    return table.reset_index()


def with_fit(
    table: pd.DataFrame, lookup: Lookup, people: pd.Series | None, by: list[str]
) -> pd.DataFrame:
    """Sums with what their wards are made of, their columns in order."""
    fit = fit_of(lookup, people=people)[["ward", "exact_share", "estimated"]]
    table = table.merge(fit, on="ward", validate="many_to_one")
    table.insert(1, "vintage", lookup.ward_vintage)
    last = [c for c in ("status", *ORIGIN) if c in table]
    measures = [c for c in table if c not in (*last, "ward", "vintage", *by)]
    return table[["ward", "vintage", *by, *measures, *last]]

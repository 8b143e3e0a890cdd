"""Scores of wards, weighted by people, and how many of them live in deprived small areas."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lbbd_jsna.errors import Fault, TableError
from lbbd_jsna.wards.build import (
    build_counts,
    check_counts,
    complete,
    own_rows,
    summed,
    with_fit,
)
from lbbd_jsna.wards.codes import needs
from lbbd_jsna.wards.lookup import Lookup

# What has no mean. Ranks have one: the publisher's own "average rank" of larger areas.
NO_MEAN = ("decile", "quintile", "quartile")


def weighted_mean(
    values: pd.DataFrame,
    weights: pd.DataFrame,
    lookup: Lookup,
    *,
    weights_are: str,
    outside: str = "refuse",
) -> pd.DataFrame:
    """Means of a score, or of a rank, over the small areas of each ward, weighted by people.

    Parameters
    ----------
    values : DataFrame
        lsoa, vintage, value; optionally measure (one), source_file, source_row. One row
        for each small area.
    weights : DataFrame
        lsoa, vintage, count: the people who weigh.
    lookup : Lookup
    weights_are : str
        Who they are, in words for the note: "all residents, mid-2015".
    outside : {"refuse", "drop"}
        As for `build_counts`.

    Returns
    -------
    DataFrame, one row a ward
        ward, vintage, value, weight, weights (the words), areas, missing, exact_share (of
        the people who weigh), estimated, status, and source_file, source_row if given. A
        value is missing unless every small area has one. A score has no interval.

    Raises
    ------
    GeographyError, TableError
        As for `build_counts`; a measure that has no mean (a decile); a small area
        without weight, or wards without words for the weights.
    """
    _check_score(values, weights_are)
    rows = own_rows(values, lookup, outside=outside, where="the scores")
    check_counts(rows.assign(count=np.nan), [])  # each small area once; a score may be below 0
    people = _weights(weights, lookup)
    products = rows.assign(count=rows["value"] * rows["small_area"].map(people))
    pairs = complete(products.drop(columns="status", errors="ignore"), lookup, [])
    sums = summed(pairs.assign(amount=pairs["count"] * pairs["share"]), [])
    table = with_fit(sums, lookup, people, []).rename(columns={"count": "value"})
    weight = table["ward"].map(_by_ward(people, lookup))
    table["value"] = table["value"] / weight.where(weight > 0)
    table.insert(3, "weight", weight)
    table.insert(4, "weights", weights_are)
    return table


def _by_ward(people: pd.Series, lookup: Lookup) -> pd.Series:
    """The people of each ward."""
    rows = people.rename("count").rename_axis("lsoa").reset_index()
    table = build_counts(rows.assign(vintage=lookup.source_vintage), lookup)
    return table.set_index("ward")["count"]


def _check_score(values: pd.DataFrame, weights_are: str) -> None:
    needs(values, ["lsoa", "vintage", "value"], where="the scores")
    if not weights_are.strip():
        raise TableError("say who the weights are: a weighted mean without them says nothing")
    measures = sorted(values["measure"].unique()) if "measure" in values else []
    if len(measures) > 1:
        raise TableError(f"one measure at a time, not {', '.join(measures)}")
    if measures and str(measures[0]).rsplit("_", 1)[-1] in NO_MEAN:
        raise TableError(f"{measures[0]} has no mean: take that of the score or of the rank")


def _weights(weights: pd.DataFrame, lookup: Lookup) -> pd.Series:
    """People by small area, each of the lookup's with some."""
    needs(weights, ["lsoa", "vintage", "count"], where="the weights")
    rows = own_rows(weights, lookup, outside="drop", where="the weights")
    check_counts(rows, [])
    people = rows.set_index("small_area")["count"].astype(float)
    people = people.reindex(list(lookup.small_areas))
    faults = [
        Fault(f"the weights, {code}", "no people", "the people of every small area")
        for code in people.index[~(people >= 0)]
    ]
    if faults:
        raise TableError("the scores cannot be weighted", faults)
    return people


def population_of(population: pd.DataFrame, lookup: Lookup) -> pd.Series:
    """People by small area, for `people`, from a table of one year, sex and span of ages."""
    return _weights(population, lookup)


def most_deprived(
    deprivation: pd.DataFrame,
    people: pd.DataFrame,
    lookup: Lookup,
    *,
    tenths: int = 2,
    measure: str = "imd_decile",
) -> pd.DataFrame:
    """How many of each ward's people live in small areas among the most deprived of England.

    Parameters
    ----------
    deprivation : DataFrame
        lsoa, vintage, measure, value (1, the most deprived tenth, to 10); optionally
        source_file, source_row.
    people : DataFrame
        lsoa, vintage, count: one year, sex and span of ages.
    lookup : Lookup
    tenths : int
        2 for the most deprived fifth.

    Returns
    -------
    DataFrame, one row a ward
        ward, vintage, value (per cent), count, denominator, areas, missing, exact_share,
        estimated, status, and source_file, source_row if given. No interval: everybody is
        counted, nobody sampled.

    Raises
    ------
    GeographyError, TableError
        As for `build_counts`; values that are not tenths.
    """
    needs(deprivation, ["lsoa", "vintage", "measure", "value"], where="the deprivation")
    rows = deprivation[deprivation["measure"] == measure]
    if rows.empty or not rows["value"].dropna().isin(range(1, 11)).all():
        raise TableError(f"{measure} is not there in tenths, from 1 to 10")
    rows = own_rows(rows, lookup, where="the deprivation")
    weights = _weights(people, lookup)
    lives = rows["small_area"].map(weights)
    there = lives.where(rows["value"] <= tenths, 0.0).where(rows["value"].notna())
    table = build_counts(rows.assign(count=there), lookup, people=weights)
    everybody = table["ward"].map(_by_ward(weights, lookup))
    table.insert(2, "value", 100 * table["count"] / everybody.where(everybody > 0))
    table.insert(4, "denominator", everybody)
    return table

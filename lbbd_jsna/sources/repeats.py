"""Rows that say the same thing twice, and rows that contradict each other."""

from __future__ import annotations

import pandas as pd

from lbbd_jsna.errors import Fault
from lbbd_jsna.schema import KEY

FIGURES = (
    "value",
    "lower_95",
    "upper_95",
    "lower_99_8",
    "upper_99_8",
    "count",
    "denominator",
    "status",
)


def drop_repeats(observations: pd.DataFrame) -> tuple[pd.DataFrame, int, list[Fault]]:
    """Keep the first of identical rows; name both rows where figures differ.

    Publishers repeat England and the region for each parent area, and files are put
    together from overlapping downloads.

    Parameters
    ----------
    observations : DataFrame, n rows
        Columns of `schema.KEY`, `FIGURES`, `source_file` and `source_row`.

    Returns
    -------
    DataFrame, int, list of Fault
        The rows without repeats in the same order; how many were dropped; one fault for
        each row whose figures differ from the first of the same key.
    """
    repeated = observations.duplicated(list(KEY), keep=False)
    if not repeated.any():
        return observations, 0, []
    rows = observations[repeated]
    keys = [rows[column] for column in KEY]
    first = rows.index.to_series().groupby(keys, sort=False).transform("first")
    others = rows[rows.index != first]
    earlier = rows.loc[first[others.index]]
    differing = {
        figure: _differ(
            others[figure].reset_index(drop=True), earlier[figure].reset_index(drop=True)
        )
        for figure in FIGURES
    }
    faults = []
    for place in pd.DataFrame(differing).any(axis="columns").to_numpy().nonzero()[0]:
        figure = next(name for name, wrong in differing.items() if wrong[place])
        faults.append(_contradiction(others.iloc[place], earlier.iloc[place], figure))
    return observations.drop(index=others.index), len(others), faults


def _differ(ones: pd.Series, others: pd.Series) -> pd.Series:
    return (ones != others) & ~(ones.isna() & others.isna())


def _contradiction(row: pd.Series, earlier: pd.Series, figure: str) -> Fault:
    what = ", ".join((row.indicator, row.area_code, row.sex, row.age, row.period))
    return Fault(
        f"{row.source_file}, row {row.source_row}",
        f"{figure} of {what} is {row[figure]}, but {earlier[figure]} in "
        f"{earlier.source_file}, row {earlier.source_row}",
        "one figure for each area, sex, age, category and period",
        "keep the newer download and remove the other",
    )

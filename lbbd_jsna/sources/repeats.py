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
    first = rows.groupby(list(KEY), sort=False)["source_row"].transform(
        lambda group: group.index[0]
    )
    others = rows[rows.index != first]
    faults = []
    for row, earlier in zip(
        others.itertuples(), rows.loc[first[others.index]].itertuples(), strict=True
    ):
        pairs = ((name, getattr(row, name), getattr(earlier, name)) for name in FIGURES)
        differing = [name for name, one, other in pairs if _differ(one, other)]
        if differing:
            faults.append(_contradiction(row, earlier, differing[0]))
    return observations.drop(index=others.index), len(others), faults


def _differ(one: object, other: object) -> bool:
    return not (one == other or (pd.isna(one) and pd.isna(other)))


def _contradiction(row: tuple, earlier: tuple, figure: str) -> Fault:
    what = ", ".join((row.indicator, row.area_code, row.sex, row.age, row.period))
    return Fault(
        f"{row.source_file}, row {row.source_row}",
        f"{figure} of {what} is {getattr(row, figure)}, but {getattr(earlier, figure)} in "
        f"{earlier.source_file}, row {earlier.source_row}",
        "one figure for each area, sex, age, category and period",
        "keep the newer download and remove the other",
    )

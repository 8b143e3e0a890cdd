"""Which catalogue series a published row belongs to, where one id holds several."""

from __future__ import annotations

import pandas as pd

from lbbd_jsna.catalogue import Indicator
from lbbd_jsna.errors import Fault

# The benchmark areas are kept for every series; boroughs and wards where it has them.
ALWAYS = ("country", "region")
# One row of a series for each of these: what an area has at one time.
_PLACE = ["area_code", "category_type", "category", "period", "period_range"]


def pick_series(
    rows: pd.DataFrame, *, indicators: list[Indicator], name: str
) -> tuple[pd.DataFrame, list[str], list[Fault]]:
    """Give each row the catalogue series it belongs to.

    Parameters
    ----------
    rows : DataFrame, n rows
        Columns source_id, area_type, sex, age, period_range (worked out), printed_range,
        category_type, category, area_code, period, source_row.
    indicators : list of Indicator
        The series a publisher's ids may belong to. Several may share one id.
    name : str
        The file, for messages.

    Returns
    -------
    DataFrame, list of str, list of Fault
        Rows of a series with its id in the column `indicator` (a row that belongs to two
        series comes twice); a note that counts the rows of no series; and a fault for each
        series in which one place and period has several sexes, ages or lengths of period
        because the catalogue does not pick one. The first is never taken silently.
    """
    picked, faults = [], []
    used = pd.Series(False, index=rows.index)
    for indicator in indicators:
        own = rows[_belongs(rows, indicator)]
        used[own.index] = True
        faults.extend(_ambiguities(own, indicator, name))
        picked.append(own.assign(indicator=indicator.id))
    table = pd.concat(picked) if picked else rows.assign(indicator="")
    return table, _note_unused(rows[~used], name), faults


def _belongs(rows: pd.DataFrame, indicator: Indicator) -> pd.Series:
    mask = rows["source_id"] == indicator.source_id
    mask &= rows["area_type"].isin([*ALWAYS, *indicator.area_types])
    for column, wanted in (("sex", indicator.sex), ("age", indicator.age)):
        if wanted:
            mask &= rows[column].str.casefold() == wanted.casefold()
    if indicator.period_range:
        wanted = indicator.period_range.casefold()
        mask &= (rows["period_range"] == wanted) | (rows["printed_range"].str.casefold() == wanted)
    return mask


def _ambiguities(own: pd.DataFrame, indicator: Indicator, name: str) -> list[Fault]:
    faults = []
    for column in ("sex", "age"):
        several = own.groupby(_PLACE, sort=False)[column].nunique() > 1
        if several.any():
            row = own["source_row"].iloc[0]
            faults.append(_choice(own[column], column, indicator, f"{name}, row {row}"))
    lengths = own["printed_range"].where(own["printed_range"] != "", own["period_range"])
    if lengths[lengths.str.endswith("y")].nunique() > 1:
        row = own["source_row"].iloc[0]
        faults.append(_choice(lengths, "period_range", indicator, f"{name}, row {row}"))
    return faults


def _choice(values: pd.Series, column: str, indicator: Indicator, where: str) -> Fault:
    found = ", ".join(sorted(values.unique()))
    return Fault(
        where,
        f"id {indicator.source_id} holds several values of {column}: {found}",
        "one series",
        f"set {column} in catalogue/indicators/{indicator.id}.yml",
    )


def _note_unused(rows: pd.DataFrame, name: str) -> list[str]:
    if rows.empty:
        return []
    kinds = rows.groupby(["source_id", "sex", "age", "printed_range"], sort=True).size()
    listed = "; ".join(
        f"id {source_id}, {', '.join(part for part in kind if part)}: {count:,}"
        for (source_id, *kind), count in kinds.items()
    )
    return [f"{name}: rows of known ids that belong to no series in the catalogue ({listed})"]

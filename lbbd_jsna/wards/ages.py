"""Bands of ages, put together from the narrower bands of a source."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lbbd_jsna.errors import Fault, TableError
from lbbd_jsna.wards.codes import needs

# First and last age of each; None is no upper end.
BROAD = ((0, 15), (16, 64), (65, None))
ALL = "All ages"


def age_label(first: float, last: float | None) -> str:
    """A span of ages in words: `0-15 yrs`, `65+ yrs`, `All ages`."""
    if last is None or not np.isfinite(last):
        return f"{int(first)}+ yrs" if first else ALL
    return f"{int(first)}-{int(last)} yrs" if first < last else f"{int(first)} yrs"


def in_bands(
    population: pd.DataFrame,
    *,
    bands: Sequence[tuple[int, int | None]] = BROAD,
    total: bool = True,
) -> pd.DataFrame:
    """Put narrow bands of ages together into wider ones.

    Parameters
    ----------
    population : DataFrame
        lsoa, vintage, year, sex, age_from, age_to (missing: no upper end), count; other
        columns are kept from the first row of each sum. A total of all ages among the rows
        is left aside where there are narrower bands.
    bands : sequence of (first, last)
        Last is None for no upper end.
    total : bool
        Whether to add the sum of all bands of the source as `All ages`.

    Returns
    -------
    DataFrame
        The same columns with `age` in place of age_from, age_to: one row for each lsoa,
        vintage, year, sex and band, and count missing where a part is.

    Raises
    ------
    TableError
        Bands of the source that overlap, leave a gap, or straddle the end of a wanted one.
    """
    needs(population, ["lsoa", "vintage", "year", "sex", *_ENDS, "count"], where="the population")
    ends = population["age_to"].astype("Float64").to_numpy(dtype=float, na_value=np.inf)
    rows = population.assign(age_to=ends)
    everybody = (rows["age_from"] == 0) & np.isinf(rows["age_to"])
    if not everybody.all():
        rows = rows[~everybody]
    source = sorted({(float(a), float(b)) for a, b in zip(*(rows[c] for c in _ENDS), strict=True)})
    wanted = [(float(a), np.inf if b is None else float(b)) for a, b in bands]
    _check(source, wanted)
    spans = [*wanted, (source[0][0], source[-1][1])] if total else wanted
    tables = [_band(rows, first, last) for first, last in dict.fromkeys(spans)]
    return pd.concat(tables, ignore_index=True)


_ENDS = ("age_from", "age_to")
_KEY = ["lsoa", "vintage", "year", "sex"]


def _band(rows: pd.DataFrame, first: float, last: float) -> pd.DataFrame:
    inside = rows[(rows["age_from"] >= first) & (rows["age_to"] <= last)]
    others = [c for c in inside if c not in (*_KEY, *_ENDS, "count")]
    groups = inside.groupby(_KEY, sort=False)
    table = groups[others].first() if others else groups.size().to_frame().iloc[:, :0]
    table.insert(0, "age", age_label(first, last))
    blank = inside["count"].isna().groupby([inside[c] for c in _KEY], sort=False).any()
    table["count"] = groups["count"].sum().astype(float).where(~blank)
    return table.reset_index()


def _check(source: list[tuple[float, float]], wanted: list[tuple[float, float]]) -> None:
    faults = [
        Fault("the population", f"bands {age_label(*a)} and {age_label(*b)}", "one after another")
        for a, b in zip(source, source[1:], strict=False)
        if a[1] + 1 != b[0]
    ]
    for first, last in wanted:
        label = age_label(first, last)
        inside = [band for band in source if band[0] >= first and band[1] <= last]
        if not inside or (inside[0][0], inside[-1][1]) != (first, last):
            faults.append(Fault("the population", f"no bands that make up {label}"))
    if faults:
        raise TableError("the bands of ages do not fit together", faults)

"""A ward series at its latest period, on the boundaries it belongs to."""

from __future__ import annotations

import geopandas
import pandas as pd

from lbbd_jsna.catalogue import Indicator
from lbbd_jsna.findings import WardFigures, span_of

COLUMNS = ["value", "lower_95", "upper_95", "count", "status", "value_note"]


def ward_figures(
    rows: pd.DataFrame,
    *,
    indicator: Indicator,
    names: dict[str, str],
    boundaries: geopandas.GeoDataFrame,
) -> WardFigures | None:
    """The wards of a series at the latest period with a value, or None without one.

    Parameters
    ----------
    rows : DataFrame
        The observations of the indicator.
    names : dict of code to name
        Every ward of the series' vintage; one without a row stands as not available.
    """
    rows = rows[rows["area_code"].isin(names)]
    known = rows[rows["value"].notna()]
    if known.empty:
        return None
    latest = known.loc[known["period_end"].idxmax()]
    rows = rows[rows["period"] == latest["period"]]
    table = rows.set_index("area_code")[COLUMNS].reindex(sorted(names, key=names.get))
    table["status"] = table["status"].fillna("not_available")
    table["value_note"] = table["value_note"].fillna("")
    table.insert(0, "name", [names[code] for code in table.index])
    return WardFigures(
        indicator=indicator,
        vintage=indicator.ward_vintage,
        period=latest["period"],
        end=latest["period_end"].date(),
        table=table.rename_axis("code").reset_index(),
        all_values=tuple(known["value"]),
        boundaries=boundaries,
        source=span_of(zip(rows["source_file"], rows["source_row"], strict=True)),
        files=frozenset(rows["source_file"]),
    )

"""Rows below the borough that may not be shown at all, and why."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.disclosure.counting import BELOW


def left_out(
    rows: pd.DataFrame, counts: pd.DataFrame, *, catalogue: Catalogue, released: set[str]
) -> tuple[list[int], list[str]]:
    """Which rows of areas below the borough to leave out before any table is made.

    Parameters
    ----------
    rows : DataFrame, columns schema.OBSERVATIONS
        Counts of people.
    counts : DataFrame, the same index
        As `true_counts` gives them.
    catalogue : Catalogue
    released : set of str
        Names of the counts ever released.

    Returns
    -------
    list of int
        The index of each row left out.
    list of str
        Why, by indicator and period.
    """
    below = rows[rows["area_type"].isin(BELOW)]
    if below.empty:
        return [], []
    topics = {
        name: catalogue.disclosure.topic_of(catalogue.indicators[name])
        for name in below["indicator"].unique()
    }
    sensitive = below["indicator"].map(topics).ne("")
    bare = ~sensitive & below["value"].notna() & ~counts.loc[below.index, "whole"]
    old = ~sensitive & ~bare & _on_other_wards(below, catalogue=catalogue, released=released)
    notes = [
        f"{name}: no figures below the borough are published on "
        f"{catalogue.disclosure.sensitive[topics[name]].title.lower()}"
        for name in sorted(below.loc[sensitive, "indicator"].unique())
    ]
    notes += by_period(
        below[bare], "figures below the borough are left out, since they came without the counts "
        "that they are worked out from",
    )  # fmt: skip
    notes += by_period(
        below[old], "ward figures on other boundaries than those published are left out, since "
        "people of the slivers between the two could be worked out",
    )  # fmt: skip
    return list(below.index[sensitive | bare | old]), notes


def by_period(rows: pd.DataFrame, words: str) -> list[str]:
    """A note for each indicator that names its periods, in order of time."""
    ordered = rows.sort_values(["period_end", "period_start", "period"], kind="stable")
    return [
        f"{name}: {words} ({', '.join(dict.fromkeys(found['period']))})"
        for name, found in ordered.groupby("indicator", sort=True)
    ]


def _on_other_wards(
    rows: pd.DataFrame, *, catalogue: Catalogue, released: set[str]
) -> pd.Series:
    """Rows on other ward boundaries than the series is shown on for the same period.

    Shown are the boundaries it was first released on, or else the newest.
    """
    vintages = {a.code: a.vintage for a in catalogue.areas if a.type == "ward" and a.vintage}
    own = rows["area_code"].map(vintages).fillna("")
    first: dict[tuple[str, str], str] = {}
    for indicator, area, period in map(_parts, sorted(released)):
        if area in vintages:
            first.setdefault((indicator, period), vintages[area])
    newest: dict[tuple[str, str], str] = defaultdict(str)
    places = list(zip(rows["indicator"], _periods(rows), strict=True))
    for place, vintage in zip(places, own, strict=True):
        newest[place] = max(newest[place], vintage)
    chosen = [first.get(place) or newest[place] for place in places]
    return own.ne("") & own.ne(pd.Series(chosen, index=rows.index, dtype=str))


def _periods(rows: pd.DataFrame) -> pd.Series:
    return rows["period"] + " (" + rows["period_range"] + ")"


def _parts(cell: str) -> tuple[str, str, str]:
    """Indicator, area and period of a cell's name."""
    parts = [*cell.split(" | "), "", ""]
    return parts[0], parts[1], parts[-4]

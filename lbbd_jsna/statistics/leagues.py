"""The league tables of many indicators at once, each place with its limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from lbbd_jsna.statistics.ranks import rank_intervals

_PLACES = ["position", "low", "high", "first_quarter", "last_quarter", "unsure"]


def latest_leagues(
    observations: pd.DataFrame,
    *,
    areas: Collection[str],
    polarity: Mapping[str, str],
    draws: int = 10_000,
    seed: int = 1,
) -> pd.DataFrame:
    """Every area's place on every indicator, in the latest period that most areas have.

    Parameters
    ----------
    observations : DataFrame
        Columns as `schema.OBSERVATIONS`; headline values are used.
    areas : collection of str
        Codes of the areas of the league.
    polarity : mapping of indicator to polarity
        Indicators that it does not name are left out.
    draws, seed : int
        As for `ranks.rank_intervals`.

    Returns
    -------
    DataFrame
        One row an indicator and area: indicator, area_code, area_name, period, value,
        lower_95, upper_95, of (areas with a value), position, low and high (the 95 % limits
        of the place), width (places from low to high, both counted), first_quarter and
        last_quarter (chances of those ends of the league), unsure (why there are no limits).
        Of each indicator the latest period in which at least half of the areas have a value;
        an indicator without one has no rows.

    Source
    ------
    As for `ranks.rank_intervals`.
    """
    rows = observations[
        observations["category_type"].eq("")
        & observations["area_code"].isin(list(areas))
        & observations["indicator"].isin(list(polarity))
        & observations["value"].notna()
    ]
    leagues = [
        _places(_latest(one, len(areas)), polarity[name], draws, seed)
        for name, one in rows.groupby("indicator", sort=True)
    ]
    columns = ["indicator", "area_code", "area_name", "period", "value", "lower_95", "upper_95",
               "of", *_PLACES, "width"]  # fmt: skip
    if not leagues:
        return pd.DataFrame(columns=columns)
    return pd.concat(leagues, ignore_index=True)[columns]


def _latest(rows: pd.DataFrame, members: int) -> pd.DataFrame:
    """The rows of the latest period that at least half of the members have."""
    sizes = rows.groupby(["period_end", "period_start", "period"])["area_code"].nunique()
    full = sizes[sizes.ge(members / 2)]
    if full.empty:
        return rows.iloc[:0]
    return rows[rows["period"].eq(full.index.max()[2])].sort_values("area_code")


def _places(league: pd.DataFrame, polarity: str, draws: int, seed: int) -> pd.DataFrame:
    found = rank_intervals(
        league["value"], league["lower_95"], league["upper_95"],
        polarity=polarity, draws=draws, seed=seed, errors="missing",
    )  # fmt: skip
    places = dict(zip(_PLACES, found, strict=True)) | {"unsure": str(found.unsure)}
    return league.assign(of=len(league), **places, width=found.high - found.low + 1)

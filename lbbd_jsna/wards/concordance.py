"""The old wards and the new: what became of each, by ground and by people."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas
import numpy as np
import pandas as pd
import shapely

from lbbd_jsna.errors import Fault, GeographyError, TableError
from lbbd_jsna.wards.codes import checked_codes, needs, one_vintage, refused
from lbbd_jsna.wards.fit import shapes

# A piece that is less than this share of both its wards is a strip between two drawings of
# one line, not a change. Real changes of the borough's wards begin at four times as much.
SLIVER = 0.01
# An old ward is unchanged if at least this much of it and of its only successor is shared.
UNCHANGED = 0.97
COLUMNS = (
    "old",
    "new",
    "area_km2",
    "share_of_old",
    "share_of_new",
    "people",
    "people_share_of_old",
    "people_share_of_new",
    "unchanged",
)


def concordance(
    boundaries_2002: geopandas.GeoDataFrame,
    boundaries_2022: geopandas.GeoDataFrame,
    small_areas: geopandas.GeoDataFrame | None = None,
    *,
    people: pd.Series | None = None,
    sliver: float = SLIVER,
) -> pd.DataFrame:
    """Which new wards each old ward went to.

    Parameters
    ----------
    boundaries_2002, boundaries_2022 : GeoDataFrame
        Columns code, geometry; EPSG:27700. Names are not looked at.
    small_areas : GeoDataFrame, optional
        Columns code, geometry; EPSG:27700.
    people : Series of float by small area, optional
        With `small_areas`, shares of people: those of each small area are spread evenly
        over its ground, so that shares of people are estimates.
    sliver : float
        Pieces that are less than this share of both wards are left out.

    Returns
    -------
    DataFrame, one row for each pair that shares ground, sorted by old, largest piece first
        old, new; area_km2; share_of_old, share_of_new (of the ground, 0 to 1; they add up
        to a little less than 1, by the strips); people, people_share_of_old,
        people_share_of_new (missing without people); unchanged (the old ward went to this
        new one alone, which came from it alone).

    Raises
    ------
    GeographyError
        Another coordinate system; names in place of codes; a code twice; small areas with
        ground but no people.
    """
    old = shapes(boundaries_2002, kind="ward", where="the boundaries of the old wards")
    new = shapes(boundaries_2022, kind="ward", where="the boundaries of the new wards")
    pieces = _pieces(old, new)
    pieces["share_of_old"] = pieces["ground"] / pieces["old"].map(old.area)
    pieces["share_of_new"] = pieces["ground"] / pieces["new"].map(new.area)
    pieces = pieces[pieces[["share_of_old", "share_of_new"]].max(axis=1) >= sliver]
    pieces = _with_people(pieces.reset_index(drop=True), small_areas, people)
    alone = ~pieces["old"].duplicated(keep=False) & ~pieces["new"].duplicated(keep=False)
    shared = pieces[["share_of_old", "share_of_new"]].min(axis=1)
    pieces["unchanged"] = alone & (shared >= UNCHANGED)
    pieces["area_km2"] = pieces["ground"] / 1e6
    order = pieces.sort_values(["old", "ground"], ascending=[True, False], kind="stable")
    return order[list(COLUMNS)].reset_index(drop=True)


def _pieces(old: geopandas.GeoSeries, new: geopandas.GeoSeries) -> pd.DataFrame:
    of_old, of_new = new.sindex.query(old.values, predicate="intersects")
    shape = shapely.intersection(old.values[of_old], new.values[of_new])
    pieces = pd.DataFrame({"old": old.index[of_old], "new": new.index[of_new]})
    return pieces.assign(shape=shape, ground=shapely.area(shape)).query("ground > 0")


def _with_people(
    pieces: pd.DataFrame, small_areas: geopandas.GeoDataFrame | None, people: pd.Series | None
) -> pd.DataFrame:
    """The people of each piece, from the ground it shares with small areas."""
    if small_areas is None or people is None:
        return pieces.assign(people=np.nan, people_share_of_old=np.nan, people_share_of_new=np.nan)
    where = "the boundaries of small areas"
    small = shapes(small_areas, kind="small area", where=where)
    amounts = people.reindex(small.index).astype(float)
    faults = [Fault(where, f"{code} has no people") for code in small.index[~(amounts >= 0)]]
    if faults:
        raise GeographyError("the people of the small areas are not known", faults)
    at, of = small.sindex.query(pieces["shape"].values, predicate="intersects")
    ground = shapely.area(shapely.intersection(pieces["shape"].values[at], small.values[of]))
    parts = pd.DataFrame({"piece": at, "small": of, "ground": ground})
    covered = parts.groupby("small")["ground"].transform("sum")
    share = np.where(covered > 0, parts["ground"] / covered.where(covered > 0, 1), 0.0)
    lives = pd.Series(share * amounts.to_numpy()[of]).groupby(at).sum()
    pieces = pieces.assign(people=lives.reindex(pieces.index, fill_value=0.0))
    for side in ("old", "new"):
        whole = pieces.groupby(side)["people"].transform("sum")
        pieces[f"people_share_of_{side}"] = pieces["people"] / whole.where(whole > 0)
    return pieces


def unchanged_wards(table: pd.DataFrame) -> dict[str, str]:
    """Old code to new code of the wards whose boundaries stayed."""
    same = table[table["unchanged"]]
    return dict(zip(same["old"], same["new"], strict=True))


def made_of(table: pd.DataFrame, ward: str) -> pd.DataFrame:
    """What a ward of today was before, largest part of its ground first.

    Parameters
    ----------
    table : DataFrame
        From `concordance`.
    ward : str
        The code of a ward of today; a name is refused.
    """
    checked_codes([ward], kind="ward", where="the ward")
    rows = table[table["new"] == ward]
    if rows.empty:
        raise refused("the concordance", f"no new ward {ward}", "the code of a ward of today")
    return rows.sort_values("area_km2", ascending=False, ignore_index=True)


def apportioned(
    counts: pd.DataFrame,
    table: pd.DataFrame,
    *,
    by: Sequence[str] = (),
    shared_by: str = "people",
    ward_vintage: str = "2022",
) -> pd.DataFrame:
    """Share counts of the old wards among the new: estimates, and marked so.

    Parameters
    ----------
    counts : DataFrame
        ward (old), vintage, count and the columns of `by`; optionally source_file, source_row.
    table : DataFrame
        From `concordance`, with people if they are to share.
    by : list of str
        Columns that tell groups apart, such as year.
    shared_by : {"people", "area"}
    ward_vintage : str
        What the new wards are.

    Returns
    -------
    DataFrame
        ward (new), `by`, count (missing where an old ward's is), estimated (true unless the
        ward is unchanged), exact_share (0 or 1), status, shared_by, vintage, and
        source_file, source_row (of the first old ward) if given.

    Raises
    ------
    GeographyError
        A ward the concordance does not know.
    TableError
        No shares of that kind; or a column beside the count that would have to be
        recomputed (value, rate, limits): rates are never shared.
    """
    _check_apportioned(counts, table, list(by), shared_by)
    share = "people_share_of_old" if shared_by == "people" else "share_of_old"
    shares = table[["old", "new", share, "unchanged"]].copy()
    # Strips left out, the rest is the whole.
    shares["part"] = shares[share] / shares.groupby("old")[share].transform("sum")
    by = list(by)
    rows = counts.merge(shares, left_on="ward", right_on="old", how="inner")
    rows["count"] = rows["count"] * rows["part"]
    groups = rows.groupby(["new", *by], sort=True, dropna=False)
    result = groups["count"].agg(lambda part: part.sum(skipna=False)).to_frame()
    result["estimated"] = ~groups["unchanged"].all()
    result["exact_share"] = np.where(result["estimated"], 0.0, 1.0)
    if {"source_file", "source_row"} <= set(counts):
        result = result.join(groups[["source_file", "source_row"]].first())
    whole = groups["old"].nunique()
    expected = shares.groupby("new")["old"].nunique()
    enough = whole.eq(whole.index.get_level_values("new").map(expected))
    result["count"] = result["count"].where(enough)
    result["status"] = np.where(result["count"].isna(), "not_available", "published")
    result = result.reset_index().rename(columns={"new": "ward"})
    return result.assign(shared_by=shared_by, vintage=ward_vintage)


_NEVER_SHARED = ("value", "rate", "lower_95", "upper_95", "lower_99_8", "upper_99_8")


def _check_apportioned(
    counts: pd.DataFrame, table: pd.DataFrame, by: list[str], shared_by: str
) -> None:
    needs(counts, ["ward", "vintage", "count", *by], where="the counts of old wards")
    one_vintage(counts, where="the counts of old wards")
    codes = checked_codes(counts["ward"], kind="ward", where="the counts of old wards")
    if counts.duplicated(["ward", *by]).any():
        raise TableError("a ward stands more than once in a group of the counts of old wards")
    strangers = sorted(set(codes) - set(table["old"]))
    if strangers:
        raise GeographyError(
            "the counts are not of the old wards",
            [Fault("the counts of old wards", f"{code} is not one of them") for code in strangers],
        )
    if shared_by not in ("people", "area"):
        raise ValueError(f'shared_by is "people" or "area", not {shared_by!r}')
    if shared_by == "people" and table["people_share_of_old"].isna().any():
        raise TableError("the concordance has no shares of people: share by area, or add people")
    figures = [c for c in _NEVER_SHARED if c in counts]
    if figures:
        raise TableError(
            f"only counts are shared among wards, not {', '.join(figures)}: "
            "share the events and the people, and work the rate out again"
        )

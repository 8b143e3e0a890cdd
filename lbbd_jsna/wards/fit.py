"""How well a best fit fits: what part of each ward comes from small areas that lie wholly in it.

A small area lies wholly in a ward when the parts of it outside, narrow strips left aside, are
a small share of it. Strips are what generalised boundaries leave between two drawings of one
line. Both tolerances are stated here and nowhere else.
"""

from __future__ import annotations

from dataclasses import replace

import geopandas
import numpy as np
import pandas as pd
import shapely

from lbbd_jsna.errors import Fault, GeographyError
from lbbd_jsna.sources.coordinates import GRID
from lbbd_jsna.wards.codes import checked_codes, needs, refused
from lbbd_jsna.wards.lookup import Lookup

# Metres: a strip narrower than this between two drawings of a boundary is no ground. Drawings
# of one line, each generalised to 20 m, are up to 30 m apart where nothing changed: the outer
# border of the borough, and the border of Longbridge in its two editions.
STRIP = 30
# The share of a small area that may lie outside its ward, strips left aside.
OUTSIDE = 0.025


def measured(
    lookup: Lookup, small_areas: geopandas.GeoDataFrame, wards: geopandas.GeoDataFrame
) -> Lookup:
    """The lookup, with what its small areas share with the wards on the ground.

    Parameters
    ----------
    lookup : Lookup
    small_areas, wards : GeoDataFrame
        Columns code, geometry; EPSG:27700; of the lookup's vintages. Every area of the
        lookup must be there; others are left aside.

    Returns
    -------
    Lookup
        With `overlaps`: small_area, ward, ground (of the small area, in square metres), share
        (of it in the ward), wholly; one row for each pair that meets in more than a strip.

    Raises
    ------
    GeographyError
        Another coordinate system, or areas of the lookup without a shape.
    """
    small = shapes(small_areas, kind="small area", where="the boundaries of small areas")
    outlines = shapes(wards, kind="ward", where="the boundaries of wards")
    faults = [
        Fault(f"the boundaries of {what}", f"no shape for {code}")
        for what, wanted, held in (
            ("small areas", lookup.small_areas, small.index),
            ("wards", lookup.wards, outlines.index),
        )
        for code in sorted(set(wanted) - set(held))
    ]
    if faults:
        raise GeographyError("the boundaries are not those of the lookup", faults)
    small = small.loc[list(lookup.small_areas)]
    return replace(lookup, overlaps=_overlaps(small, outlines))


def shapes(frame: geopandas.GeoDataFrame, *, kind: str, where: str) -> geopandas.GeoSeries:
    """The shapes by code, once they are in metres on the National Grid and each there once."""
    needs(frame, ["code", "geometry"], where=where)
    if frame.crs is None or frame.crs.to_epsg() != 27700:
        raise refused(where, f"coordinates of {frame.crs or 'no system'}", GRID)
    codes = checked_codes(frame["code"], kind=kind, where=where)
    if codes.duplicated().any():
        raise refused(where, f"{codes[codes.duplicated()].iloc[0]} stands more than once")
    return frame.set_geometry("geometry").set_index(codes.to_numpy()).geometry.sort_index()


def ground_of(small_areas: geopandas.GeoDataFrame) -> pd.Series:
    """Square metres of each small area by code: what `lookup_from` shares by, if need be."""
    return shapes(small_areas, kind="small area", where="the boundaries of small areas").area


def _overlaps(small: geopandas.GeoSeries, wards: geopandas.GeoSeries) -> pd.DataFrame:
    """Every small area and ward that meet, with the share of the small area's ground.

    Ground outside all wards (a river bank drawn otherwise) is nobody's and left aside.
    """
    at, of = wards.sindex.query(small.values, predicate="intersects")
    piece = shapely.intersection(small.values[at], wards.values[of])
    table = pd.DataFrame({"small_area": small.index[at], "ward": wards.index[of], "piece": piece})
    table["share"] = shapely.area(piece)
    table = table[table["share"] > 0].reset_index(drop=True)
    # Every row of a small area says how much of it lies inside any ward.
    table["ground"] = table.groupby("small_area")["share"].transform("sum")
    table["share"] /= table["ground"]
    table["wholly"] = _wholly(table)
    # What lies wholly in one ward has no part in its neighbours: strips are no ground.
    placed = table["small_area"].isin(table.loc[table["wholly"], "small_area"])
    table = table[table["wholly"] | ~placed].drop(columns="piece")
    table["share"] = table["share"].where(~table["wholly"], 1.0)
    return table.sort_values(["small_area", "ward"], ignore_index=True)


def _wholly(table: pd.DataFrame) -> np.ndarray:
    """Whether a small area lies wholly in a ward; only where much lies outside, look closely."""
    wholly = (table["share"] >= 1 - OUTSIDE).to_numpy(copy=True)
    rows = table.groupby("small_area").indices
    for place in np.flatnonzero(~wholly & (table["share"] > 0.5)):
        there = rows[table.at[place, "small_area"]]
        others = shapely.union_all(table["piece"].to_numpy()[there[there != place]])
        wholly[place] = _wide(others) <= OUTSIDE * table.at[place, "ground"]
    return wholly


def _wide(ground: shapely.Geometry) -> float:
    """Square metres of ground, strips left aside."""
    opened = ground.buffer(-STRIP / 2, join_style="mitre").buffer(STRIP / 2, join_style="mitre")
    return min(opened.area, ground.area)


# Below it a ward's figure rests mostly on people who may live across its boundary: a choice of
# this project, on the side of caution; the publisher's best fit has no such mark.
LEAST_EXACT = 0.5


def fit_of(lookup: Lookup, *, people: pd.Series | None = None) -> pd.DataFrame:
    """How well each ward is made up of its small areas.

    Parameters
    ----------
    lookup : Lookup
        With overlaps, or the shares are missing: without boundaries nobody knows.
    people : Series of float by small area, optional
        Weighs small areas by their people; by their ground if not given.

    Returns
    -------
    DataFrame, one row a ward in the order of codes
        ward; areas (how many count for it); wholly (how many lie wholly in it); exact_share
        (0 to 1: people or ground of those, over the larger of what is counted and what lies
        in the ward); size_ratio (counted over what lies in the ward); estimated (a small area
        was shared out, or less than `LEAST_EXACT` is exact).
    """
    table = lookup.table
    fit = table.groupby("ward", sort=True).agg(areas=("small_area", "size")).reset_index()
    fit["estimated"] = fit["ward"].isin(lookup.estimated)
    if lookup.overlaps is None:
        return fit.assign(wholly=np.nan, exact_share=np.nan, size_ratio=np.nan)[_FIT]
    ground = lookup.overlaps.groupby("small_area")["ground"].first()
    size = ground if people is None else people.reindex(ground.index)
    pairs = table.merge(lookup.overlaps[["small_area", "ward", "wholly"]], how="left")
    pairs["wholly"] = pairs["wholly"].eq(True) & (pairs["share"] == 1)
    counted = _sum(pairs, size)
    exact = _sum(pairs[pairs["wholly"]], size)
    there = _sum(lookup.overlaps, size)
    fit = fit.set_index("ward")
    fit["wholly"] = pairs.groupby("ward")["wholly"].sum().astype(float)
    # As large as the larger of the two, so that people too many lower the share as well.
    larger = pd.concat([counted, there], axis=1).max(axis=1, skipna=False).reindex(fit.index)
    fit["exact_share"] = (exact.reindex(fit.index, fill_value=0.0) / larger).clip(upper=1.0)
    fit["size_ratio"] = (counted / there).reindex(fit.index)
    fit["estimated"] |= fit["exact_share"] < LEAST_EXACT
    return fit.reset_index()[_FIT]


_FIT = ["ward", "areas", "wholly", "exact_share", "size_ratio", "estimated"]


def _sum(pairs: pd.DataFrame, size: pd.Series) -> pd.Series:
    amounts = pairs["share"] * pairs["small_area"].map(size).astype(float)
    return amounts.groupby(pairs["ward"]).agg(lambda part: part.sum(skipna=False))

"""The lookup that the extracts at hand allow, with all that is known of its fit."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas

from lbbd_jsna.sources.small_areas import SmallAreas
from lbbd_jsna.wards.fit import ground_of, measured
from lbbd_jsna.wards.lookup import Lookup, lookup_from


def lookup_for(
    areas: SmallAreas,
    wards: Mapping[str, geopandas.GeoDataFrame],
    *,
    source_vintage: str,
    ward_vintage: str,
) -> Lookup:
    """The lookup of the extracts, measured on the ground where there are shapes.

    Parameters
    ----------
    areas : SmallAreas
        Small areas that went to several of 2021 are shared by the ground of those.
    wards : mapping of ward vintage to GeoDataFrame
        Columns code, geometry; EPSG:27700. Without them, or without the shapes of the small
        areas, what part of a ward is exact is not known.
    source_vintage, ward_vintage : str
        As for `lookup.lookup_from`.

    Raises
    ------
    GeographyError
        As `lookup.lookup_from` and `fit.measured`.
    """
    ground = areas.boundaries.get("2021")
    weights = ground_of(ground) if ground is not None else None
    lookup = lookup_from(areas.lookups, source_vintage, ward_vintage, weights=weights)
    shapes, outlines = areas.boundaries.get(source_vintage), wards.get(ward_vintage)
    if shapes is None or outlines is None:
        return lookup
    return measured(lookup, shapes, outlines)

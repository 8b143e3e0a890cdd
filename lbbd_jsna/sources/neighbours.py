"""The outlines of the boroughs around the wards, which a map draws quietly behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import geopandas
import pandas as pd
import shapely

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import Fault, GeographyError
from lbbd_jsna.sources.coordinates import on_grid, refused, sound
from lbbd_jsna.sources.csv_files import name_fault, shown, tidy

# Counties' districts, unitary authorities and boroughs; Northern Ireland is on another grid.
AUTHORITY, ELSEWHERE = re.compile(r"(E0[6-9]|W06|S12|N09)\d{6}"), "N09"
CODE = re.compile(r"[EKNSW]\d{8}")
# Metres from the wards beyond which no map reaches.
NEAR = 5_000
# Metres: detail finer than two pixels of a map. Shared borders stay shared.
DETAIL = 25
# Square metres of all of them: at most those of Great Britain.
LARGEST = 300_000_000_000
# The share of the borough's ground by which its outline and its wards may differ: two
# generalisations of one line differ by half as much.
AGREES = 0.01


def authorities_of(
    frame: geopandas.GeoDataFrame, *, name: str
) -> geopandas.GeoDataFrame | None:
    """The outlines of local authorities, where that is what a file holds.

    Parameters
    ----------
    frame : GeoDataFrame
        The file as read, in the coordinate system it declares.
    name : str
        Its path below the extracts folder, for messages.

    Returns
    -------
    GeoDataFrame or None
        Columns code, name, geometry; EPSG:27700; sorted by code. None where the first
        column of codes is not of authorities.

    Raises
    ------
    GeographyError
        A code twice, no names beside the codes or one that is none, a shape missing, broken
        or not an area, coordinates that cannot be. All faults of a step together.
    """
    texts = {c: frame[c].astype(str).str.strip() for c in frame if c != frame.geometry.name}
    coded = [c for c, text in texts.items() if text.str.fullmatch(CODE).all()]
    # The first codes are those of the areas; beside them stand the larger areas they lie in.
    if not coded or not texts[coded[0]].str.fullmatch(AUTHORITY).all():
        return None
    column = coded[0]
    beside = {str(c).casefold(): c for c in texts}.get(re.sub("cd", "nm", column.casefold()))
    if beside is None or beside == column:
        raise refused(name, f"no column of names beside {shown(column)}", "such as LAD22NM")
    said = {"code": texts[column], "name": [tidy(text) for text in texts[beside]]}
    table = geopandas.GeoDataFrame(said, geometry=frame.geometry)
    _check_texts(table, name)
    table = table[~table["code"].str.startswith(ELSEWHERE)]
    if table.empty:
        return None
    placed = on_grid(sound(table, name=name), name=name, areas="areas", largest=LARGEST)
    return placed[["code", "name", "geometry"]].sort_values("code", ignore_index=True)


def _check_texts(table: pd.DataFrame, name: str) -> None:
    twice = sorted(table.loc[table["code"].duplicated(), "code"].unique())
    faults = [Fault(name, f"{code} stands more than once", "each area once") for code in twice]
    faults += [
        Fault(f"{name}, {code}", f"{name_fault(text)}: {shown(text)}", "a name")
        for code, text in zip(table["code"], table["name"], strict=True)
        if name_fault(text)
    ]
    if faults:
        raise GeographyError(f"{name} cannot be used", faults)


def neighbours_of(
    authorities: geopandas.GeoDataFrame,
    boundaries: Mapping[str, geopandas.GeoDataFrame],
    *,
    catalogue: Catalogue,
) -> tuple[geopandas.GeoDataFrame | None, list[str]]:
    """The authorities near the borough's wards, in less detail.

    Parameters
    ----------
    authorities : GeoDataFrame
        Columns code, name, geometry; EPSG:27700. The borough itself may be among them.
    boundaries : mapping of ward vintage to GeoDataFrame
        Columns geometry; EPSG:27700.
    catalogue : Catalogue
        Says which borough.

    Returns
    -------
    GeoDataFrame or None, list of str
        Those within `NEAR` metres, simplified together so that shared borders stay shared;
        None where there are none, or no wards. A note for each set of wards that is not what
        the borough's outline holds.
    """
    if not boundaries:
        return None, []
    covered = {v: shapely.union_all(wards.geometry.values) for v, wards in boundaries.items()}
    own = authorities[authorities["code"] == catalogue.settings.area]
    notes = [
        f"the wards of {vintage} and the outline of {catalogue.area.name} differ by "
        f"{100 * share:.1f}% of its ground: are they of one edition?"
        for vintage, ground in sorted(covered.items())
        for outline in own.geometry
        if (share := shapely.area(ground.symmetric_difference(outline)) / outline.area) > AGREES
    ]
    close = authorities.distance(shapely.union_all(list(covered.values()))) <= NEAR
    near = authorities[close].reset_index(drop=True)
    if near.empty:
        return None, notes
    return near.set_geometry(near.geometry.simplify_coverage(DETAIL)), notes

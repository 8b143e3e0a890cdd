"""The ways from the small areas at hand to wards, and what is said of those there are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import geopandas
import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.sources.small_areas import SmallAreas
from lbbd_jsna.wards.lookup import Lookup
from lbbd_jsna.wards.series import lookup_for

WARD_VINTAGES = ("2002", "2022")


@dataclass
class Routes:
    """What ward figures are built from, each lookup made once, and what has been found so far.

    Parameters
    ----------
    small : SmallAreas
    shapes : mapping of ward vintage to GeoDataFrame
        Columns code, geometry; EPSG:27700.
    catalogue : Catalogue
    notes : dict of str
        What could not be built and why, each once, in the order met.
    """

    small: SmallAreas
    shapes: Mapping[str, geopandas.GeoDataFrame]
    catalogue: Catalogue
    notes: dict[str, None] = field(default_factory=dict)
    _lookups: dict[tuple[str, str], Lookup | None] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Say something, once."""
        self.notes[text] = None

    def lookup(self, source: str, wards: str) -> Lookup | None:
        """The lookup, measured on the ground where there are shapes; None with a note."""
        if (source, wards) not in self._lookups:
            self._lookups[source, wards] = self._find(source, wards)
        return self._lookups[source, wards]

    def people(self, wards: str) -> Iterator[tuple[int, pd.DataFrame, Lookup]]:
        """Of each year, the people of the newest small areas there is a way from, and the way."""
        if self.small.population is None:
            return
        for year, rows in self.small.population.groupby("year"):
            for source in sorted(rows["vintage"].unique(), reverse=True):
                lookup = self.lookup(source, wards)
                if lookup is not None:
                    yield year, rows[rows["vintage"] == source], lookup
                    break

    def _find(self, source: str, wards: str) -> Lookup | None:
        why = _no_route(self.small, source, wards)
        if why:
            self.note(f"wards of {wards}: not built from small areas of {source}; {why}")
            return None
        areas, outlines = self.small.boundaries.get(source), self.shapes.get(wards)
        if areas is None or outlines is None:
            lacking = f"small areas of {source}" if areas is None else f"wards of {wards}"
            self.note(f"wards of {wards}: no shapes of the {lacking}, so what part is exact is "
                      "not known")  # fmt: skip
        return lookup_for(self.small, self.shapes, source_vintage=source, ward_vintage=wards)


def _no_route(small: SmallAreas, source: str, wards: str) -> str:
    """Why there is no way from small areas to wards; empty where there is one."""
    direct = {("2011", "2002"): "lsoa11-ward2002", ("2021", "2022"): "lsoa21-ward2022"}
    chain = ("lsoa11-lsoa21", "lsoa21-ward2022")
    if (source, wards) == ("2021", "2002"):
        return "there is no lookup between them"
    needed = (direct[source, wards],) if (source, wards) in direct else chain
    missing = [name for name in needed if name not in small.lookups]
    if missing:
        return f"no lookup {' and '.join(missing)}"
    if needed == chain and "2021" not in small.boundaries and _shared(small):
        return "no shapes of the small areas of 2021 to share those between wards by"
    return ""


def _shared(small: SmallAreas) -> bool:
    """Whether a small area of 2011 has parts in two wards of 2022."""
    parts, wards = small.lookups["lsoa11-lsoa21"], small.lookups["lsoa21-ward2022"]
    to = parts["to_code"].map(wards.set_index("from_code")["to_code"])
    return bool(to.groupby(parts["from_code"]).nunique().gt(1).any())

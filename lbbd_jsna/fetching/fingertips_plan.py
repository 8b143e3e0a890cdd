"""What is asked of Fingertips: which ids, in which chunks, for which areas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.fetching.fingertips_names import Names
from lbbd_jsna.fetching.fingertips_standing import Level
from lbbd_jsna.sources.fingertips import SOURCE

PLURAL: dict[Level, str] = {"borough": "boroughs", "ward": "wards"}


@dataclass(frozen=True)
class Asked:
    """What one request asks for: ids by number, for boroughs or for the borough's wards."""

    ids: tuple[str, ...]
    level: Level

    def parameters(self, catalogue: Catalogue, types: Mapping[str, str]) -> dict[str, str]:
        """The parameters of the request.

        Parameters
        ----------
        catalogue : Catalogue
        types : mapping of str to str
            Ids of the area types `boroughs`, `regions` and `wards`.
        """
        own = catalogue.area
        if self.level == "borough":
            child, parent, code = "boroughs", "regions", own.parent
        else:
            child, parent, code = "wards", "boroughs", own.code
        return {
            "indicator_ids": ",".join(self.ids),
            "child_area_type_id": types[child],
            "parent_area_type_id": types[parent],
            "parent_area_code": code,
        }


def own_ids(catalogue: Catalogue) -> list[str]:
    """Ids of the catalogue's indicators, each once, by number."""
    ids = {i.source_id for i in catalogue.indicators.values() if i.source == SOURCE}
    return sorted(ids - {""}, key=int)


def chunks(catalogue: Catalogue, names: Names) -> list[tuple[str, Asked]]:
    """The requests for figures, with the name of the file each answer is kept in."""
    every = own_ids(catalogue)
    wards = [one for one in every if any("ward" in i.area_types for i in names.of[one])]
    return [*_parted("borough", every, catalogue), *_parted("ward", wards, catalogue)]


def successor(source_id: str, catalogue: Catalogue, names: Names) -> str:
    """The id that took the place of one, or nothing; never an id the catalogue has besides."""
    later = {i.superseded_by for i in names.of[source_id] if i.source_id == source_id}
    return min(later - {""} - set(own_ids(catalogue)), default="")


def named(names: Names, source_id: str) -> str:
    """An id with the titles of its indicators."""
    return f"{source_id} ({' and '.join(i.title for i in names.of[source_id])})"


def _parted(level: Level, ids: list[str], catalogue: Catalogue) -> Iterator[tuple[str, Asked]]:
    most = catalogue.live.fingertips.ids_per_request
    for number, start in enumerate(range(0, len(ids), most), start=1):
        asked = Asked(tuple(ids[start : start + most]), level)
        yield f"{PLURAL[level]}-{number:02d}.csv", asked

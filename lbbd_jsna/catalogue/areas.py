"""Checks of the catalogue's areas, and of the sets of areas held beside the borough."""

from __future__ import annotations

from collections.abc import Iterator

from lbbd_jsna.catalogue.files import FileReader, unknown
from lbbd_jsna.catalogue.models import Area, Comparators, Settings
from lbbd_jsna.errors import Fault


def area_faults(
    settings: Settings | None,
    areas: tuple[Area, ...],
    comparators: Comparators | None,
    reader: FileReader,
) -> Iterator[Fault]:
    """Faults of `areas.csv`, and of the settings and comparators that name areas."""
    codes = [area.code for area in areas]
    name = "areas.csv"
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield Fault(reader.where(name, 0, code), "this area is given more than once")
    if name in reader.faulty:
        return
    for area in areas:
        known = codes if area.parent else [""]
        where = reader.where(name, 0, area.code, "parent")
        yield from unknown(where, [area.parent], known, "area")
        if area.type == "ward" and area.vintage not in ("2002", "2022"):
            yield Fault(
                reader.where(name, 0, area.code, "vintage"),
                f'"{area.vintage}"',
                "2002 or 2022 for a ward",
            )
    if settings:
        where = reader.where("settings.yml", 0, key="area")
        yield from unknown(where, [settings.area], codes, "area")
        today = (settings.area, settings.ward_vintage)
        if not any(area.type == "ward" and (area.parent, area.vintage) == today for area in areas):
            yield Fault(
                where,
                f"areas.csv has no wards of {settings.ward_vintage} for it",
                todo="add its wards, with this area as their parent",
            )
    if comparators:
        yield from _comparator_faults(comparators, codes, reader)


def _comparator_faults(
    comparators: Comparators, codes: list[str], reader: FileReader
) -> Iterator[Fault]:
    name = "comparators.yml"
    tree = reader.trees[name]
    for key in ("benchmark", "region", "peers", "league"):
        where = reader.where(name, tree.line((key,)), key=key)
        yield from unknown(where, [getattr(comparators, key)], comparators.sets, "set of areas")
    benchmark = comparators.sets.get(comparators.benchmark)
    if benchmark and len(benchmark.areas) != 1:
        yield Fault(
            reader.where(name, tree.line(("benchmark",)), key="benchmark"),
            f"{len(benchmark.areas)} areas",
            "one: the area judged against",
        )
    for part in ("sets", "alternatives"):
        for title, areas in getattr(comparators, part).items():
            where = reader.where(name, tree.line((part, title, "areas")), title, "areas")
            yield from unknown(where, areas.areas, codes, "area")

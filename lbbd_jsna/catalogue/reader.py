"""Reads the catalogue from its files, checks it whole, and reports every fault at once."""

from __future__ import annotations

from pathlib import Path

from lbbd_jsna.catalogue.checks import Entries, cross_faults
from lbbd_jsna.catalogue.contents import Catalogue
from lbbd_jsna.catalogue.disclosure import FILE as DISCLOSURE
from lbbd_jsna.catalogue.disclosure import DisclosureRules
from lbbd_jsna.catalogue.files import FileReader
from lbbd_jsna.catalogue.live import Live
from lbbd_jsna.catalogue.models import (
    Area,
    Comparators,
    Fact,
    Indicator,
    Settings,
    Source,
    Strategy,
)
from lbbd_jsna.errors import CatalogueError, Fault, RunError
from lbbd_jsna.quarters import Quarter


def read_catalogue(folder: Path) -> Catalogue:
    """Read and check every file of a catalogue.

    Parameters
    ----------
    folder : Path
        A folder laid out as `catalogue/`.

    Returns
    -------
    Catalogue

    Raises
    ------
    CatalogueError
        With every fault of every file: file, line, key, what was found, what to do.
    """
    reader = FileReader(Path(folder).resolve())
    settings = reader.yaml("settings.yml", Settings)
    strategies = [reader.yaml(f"strategies/{name}.yml", Strategy) for name in _listed(settings)]
    indicators = [reader.yaml(name, Indicator) for name in reader.names("indicators/*.yml")]
    entries = Entries(
        settings=settings,
        strategies=tuple(strategy for strategy in strategies if strategy is not None),
        indicators={series.id: series for series in indicators if series is not None},
        sources=reader.yaml_map("sources.yml", Source),
        areas=tuple(reader.csv("areas.csv", Area)),
        comparators=reader.yaml("comparators.yml", Comparators),
        facts=tuple(reader.csv("facts.csv", Fact)),
        commentary=_commentary(reader),
        live=reader.yaml("live.yml", Live),
        disclosure=reader.yaml(DISCLOSURE, DisclosureRules),
    )
    # What could be read is checked even when something else could not, so that
    # one reading of the message mends everything.
    faults = [*reader.faults, *cross_faults(entries, reader)]
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise CatalogueError(f"the catalogue has {count}", faults)
    return Catalogue(**vars(entries))


def _listed(settings: Settings | None) -> tuple[str, ...]:
    return settings.strategies if settings else ()


def _commentary(reader: FileReader) -> dict[tuple[str, str], str]:
    """The analyst's words by quarter and outcome: `commentary/<quarter>/<outcome>.md`."""
    words = {}
    for name in reader.names("commentary/*/*.md"):
        text = reader.text(name)
        try:
            quarter = str(Quarter.parse(Path(name).parent.name))
        except RunError as error:
            reader.faults.append(Fault(reader.where(name, 0), error.message))
            continue
        if text and text.strip():
            words[(quarter, Path(name).stem)] = text.strip()
    return words

"""The whole catalogue, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from lbbd_jsna.catalogue.disclosure import DisclosureRules
from lbbd_jsna.catalogue.live import DataSet, Live, NomisTable
from lbbd_jsna.catalogue.models import (
    Area,
    AreaSet,
    Comparators,
    Fact,
    Indicator,
    Outcome,
    Settings,
    Source,
    Strategy,
    Theme,
)
from lbbd_jsna.errors import CatalogueError, nearest


@dataclass(frozen=True)
class Catalogue:
    """The whole catalogue, read and checked."""

    settings: Settings
    strategies: tuple[Strategy, ...]
    indicators: dict[str, Indicator]
    sources: dict[str, Source]
    areas: tuple[Area, ...]
    comparators: Comparators
    facts: tuple[Fact, ...]
    commentary: dict[tuple[str, str], str]
    live: Live
    disclosure: DisclosureRules

    @cached_property
    def area(self) -> Area:
        """The borough this workspace reports on."""
        return self.area_of(self.settings.area)

    def area_of(self, code: str) -> Area:
        """The area with a GSS code."""
        return self._areas[code]

    @cached_property
    def _areas(self) -> dict[str, Area]:
        return {area.code: area for area in self.areas}

    @cached_property
    def outcomes(self) -> dict[str, Outcome]:
        """Every outcome of every strategy by id, in the order of the pack."""
        return {o.id: o for strategy in self.strategies for o in strategy.outcomes}

    def theme_of(self, outcome_id: str) -> tuple[Strategy, Theme]:
        """The strategy and theme an outcome stands under."""
        for strategy in self.strategies:
            for theme in strategy.themes:
                if any(outcome.id == outcome_id for outcome in theme.outcomes):
                    return strategy, theme
        raise CatalogueError(f'no outcome "{outcome_id}"; {nearest(outcome_id, self.outcomes)}')

    def set_of(self, name: str) -> AreaSet:
        """A comparator's set of areas."""
        return self.comparators.sets[name]

    @cached_property
    def benchmark(self) -> AreaSet:
        """The one area judged against."""
        return self.set_of(self.comparators.benchmark)

    @cached_property
    def outcome_of(self) -> dict[str, Outcome]:
        """The outcome each measure is printed under, by the measure's id."""
        return {m.id: outcome for outcome in self.outcomes.values() for m in outcome.measures}

    def tables(self, source: str) -> dict[str, NomisTable] | dict[str, DataSet]:
        """What `live.yml` has of a source and an indicator rests on, or is kept for something."""
        used = {i.source_id for i in self.indicators.values() if i.source == source}
        return {k: t for k, t in self.live.tables[source].items() if k in used or t.kept_for}

    @cached_property
    def league(self) -> AreaSet:
        """The areas the borough is ranked among."""
        return self.set_of(self.comparators.league)

    def rounding(self, indicator: Indicator) -> DisclosureRules | None:
        """The rules by which the counts behind a figure are rounded; None: as received."""
        own = self.sources[indicator.source].kind in ("return", "survey")
        return self.disclosure if own and indicator.counts_people else None

    def wards(self, vintage: str) -> dict[str, str]:
        """Ward names by code for the borough, one vintage (`2002` or `2022`)."""
        return {
            area.code: area.name
            for area in self.areas
            if area.type == "ward" and area.vintage == vintage and area.parent == self.settings.area
        }

    def area_table(self) -> pd.DataFrame:
        """`areas.csv` as a table, one row an area."""
        return pd.DataFrame([area.model_dump() for area in self.areas])

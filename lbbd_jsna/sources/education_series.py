"""The rows of a series of Explore Education Statistics, turned into figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import pandas as pd

from lbbd_jsna.errors import ExtractError, Fault, nearest
from lbbd_jsna.periods import Period
from lbbd_jsna.sources.csv_files import counted, is_number, name_fault, number, shown
from lbbd_jsna.sources.education_periods import education_period, period_kind
from lbbd_jsna.sources.education_rows import LEVELS, MOST_ROWS, Choice, Picked, Sieved, plain

# The publisher's symbols: what each says of the value, and in which words. Government
# statisticians agreed on c, low, u, x and z; a colon and empty cells stand in older files.
# A dash and k have meant several things, so they are not guessed.
SYMBOLS = {
    "c": ("suppressed", "withheld to protect confidentiality"),
    "low": ("not_available", "rounds to 0 but is more than 0"),
    "u": ("low_reliability", "withheld: too unreliable to be published"),
    "x": ("not_available", "not available"),
    ":": ("not_available", "not available"),
    "z": ("not_applicable", "not applicable"),
    "": ("not_available", "blank in the source"),
}
COUNTS = ("count", "denominator")
# Columns that say where and when, not which series.
PLACES = frozenset(
    {
        "time_period", "time_identifier", "geographic_level", "country_code", "country_name",
        "region_code", "region_name", "old_la_code", "new_la_code", "la_name", "lad_code",
        "lad_name", "rsc_region_lead_name", "opportunity_area_code", "opportunity_area_name",
        "english_devolved_area_code", "english_devolved_area_name", "lsip_code", "lsip_name",
        "local_enterprise_partnership_code", "local_enterprise_partnership_name",
        "pcon_code", "pcon_name", "ward_code", "ward_name",
    }
)  # fmt: skip
MOST_NAMED = 8


class SeriesReader:
    """Turns the rows of each series into figures.

    Parameters
    ----------
    sieved : Sieved
        The rows.
    name : str
        The file, for messages.
    reporting_year : str
        As `education_period` takes it.

    Attributes
    ----------
    faults : list of Fault
        Filled on the way.
    notes : list of str
        Filled on the way: repairs.
    """

    def __init__(self, sieved: Sieved, name: str, reporting_year: str) -> None:
        self.sieved, self.name, self.reporting_year = sieved, name, reporting_year
        self.faults: list[Fault] = []
        self.notes: list[str] = []
        self._told: set[tuple[object, ...]] = set()
        self._number = sieved.place("time_period")
        self._identifier = sieved.place("time_identifier")

    def rows(self, choice: Choice) -> list[dict[str, object]]:
        """The rows of one series, each area and period once."""
        rows = self.sieved.rows[choice.indicator.id]
        before = len(self.faults)
        self.faults += self._nothing_faults(choice) if not rows else self._filter_faults(choice)
        if len(self.faults) > before:
            return []
        read, kept, repeats = [], {}, 0
        for row in rows:
            figures = self._row(row, choice)
            if figures is None:
                continue
            first = kept.setdefault((row.area, figures["period"]), row)
            if first is row:
                read.append(figures)
            elif not self._is_repeat(row, first, choice):
                self.faults.append(self._clash(row, first, choice))
            else:
                repeats += 1
        if repeats:
            self.notes.append(
                f"{self.name}: {choice.indicator.id}: {counted(repeats, 'repeated row')} dropped, "
                "figures identical"
            )
        return read

    def _nothing_faults(self, choice: Choice) -> Iterator[Fault]:
        """A series without rows: which of its picks no row has, and what is there instead."""
        todo = f"in catalogue/indicators/{choice.indicator.id}.yml"
        any_fault = False
        for place, value in choice.picks:
            seen = self.sieved.seen[place]
            if value not in {one.casefold() for one in seen}:
                any_fault = True
                yield Fault(
                    f"{self.name}, {self.sieved.heading[place]} (for {choice.indicator.id})",
                    f"no row of an area wanted holds {shown(value)}; there is {_listed(seen)}",
                    todo=f"{nearest(value, seen)} Set pick {todo}" if seen else "",
                )
        if not any_fault:
            yield Fault(
                f"{self.name} (for {choice.indicator.id})",
                "no row holds all that it picks, for any area wanted",
                todo=f"see pick {todo}",
            )

    def _filter_faults(self, choice: Choice) -> Iterator[Fault]:
        """Columns that hold several values in the rows of a series; none is taken silently."""
        rows = self.sieved.rows[choice.indicator.id]
        picked = {plain(column) for column in choice.indicator.pick}
        figures = set(choice.places.values())
        for place, heading in enumerate(self.sieved.heading):
            if plain(heading) in picked | PLACES or place in figures:
                continue
            values = {row.record[place] for row in rows}
            words = {value for value in values if not _is_figure(value)}
            if len(words) > 1:
                yield self._several(heading, words, choice)
        kinds = {period_kind(row.record[self._identifier]) for row in rows}
        if len(kinds) > 1 and "time_identifier" not in picked:
            yield self._several("time_identifier", kinds, choice)
        if len(rows) >= MOST_ROWS:
            yield Fault(
                f"{self.name} (for {choice.indicator.id})",
                f"{MOST_ROWS:,} rows or more",
                "a row for each area and period",
                f"set pick in catalogue/indicators/{choice.indicator.id}.yml",
            )

    def _several(self, heading: str, values: set[str], choice: Choice) -> Fault:
        return Fault(
            f"{self.name}, {heading}",
            f"filter {heading} has several values: {_listed(values)}",
            f"one, for {choice.indicator.id}",
            f"set pick in catalogue/indicators/{choice.indicator.id}.yml",
        )

    def _row(self, row: Picked, choice: Choice) -> dict[str, object] | None:
        """A row of a series, or None with faults."""
        period = self._period(row)
        figures = {part: self._figure(row, part, choice) for part in ("value", *COUNTS)}
        found = name_fault(self._area_name(row))
        if found:
            self.faults.append(
                Fault(f"{self.name}, row {row.line}", f"{found}: {shown(self._area_name(row))}")
            )
        if period is None or None in figures.values():
            return None
        value, symbol = figures["value"]
        status, words = SYMBOLS[symbol] if math.isnan(value) else ("published", "")
        marked = f'"{symbol}" in the source: {words}' if symbol else words
        return {
            "indicator": choice.indicator.id,
            "area_code": row.area,
            "area_name": self._area_name(row),
            "area_type": self._level(row)[0],
            "sex": choice.indicator.sex or "Persons",
            "age": choice.indicator.age or "All ages",
            "period": period[0],
            "period_start": pd.Timestamp(period[1].start),
            "period_end": pd.Timestamp(period[1].end),
            "period_range": period[1].range,
            "value": value,
            **{part: figures[part][0] for part in COUNTS},
            "value_note": marked,
            "status": status,
            "source_row": row.line,
        }

    def _level(self, row: Picked) -> tuple[str, str, str]:
        return LEVELS[row.record[self.sieved.place("geographic_level")].casefold()]

    def _area_name(self, row: Picked) -> str:
        place = self.sieved.place(self._level(row)[2])
        return row.record[place] if place >= 0 and row.record[place] else row.area

    def _period(self, row: Picked) -> tuple[str, Period] | None:
        texts = row.record[self._number], row.record[self._identifier]
        try:
            return education_period(*texts, reporting_year=self.reporting_year)
        except ExtractError as error:
            self._tell(texts, Fault(f"{self.name}, row {row.line}, time_period", error.message))
            return None

    def _figure(self, row: Picked, part: str, choice: Choice) -> tuple[float, str] | None:
        """A number or NaN with its symbol; None with a fault. A count not named is NaN."""
        if part not in choice.places:
            return math.nan, ""
        text = row.record[choice.places[part]]
        if is_number(text):
            return number(text), ""
        symbol = text.strip("[]").casefold()
        if symbol in SYMBOLS:
            return math.nan, symbol
        heading = self.sieved.heading[choice.places[part]]
        fault = Fault(
            f"{self.name}, row {row.line}, {heading}",
            f"{shown(text)} is neither a number nor a symbol that is known",
            "a number, or one of " + ", ".join(one for one in SYMBOLS if one),
            "ask the publisher what it means, then add it to lbbd_jsna/sources/education.py",
        )
        self._tell((heading, row.line), fault)
        return None

    def _tell(self, what: tuple[object, ...], fault: Fault) -> None:
        """A fault of a row, once however many series rest on it."""
        if what not in self._told:
            self._told.add(what)
            self.faults.append(fault)

    def _is_repeat(self, row: Picked, first: Picked, choice: Choice) -> bool:
        return all(row.record[i] == first.record[i] for i in choice.places.values())

    def _clash(self, row: Picked, first: Picked, choice: Choice) -> Fault:
        """Two rows of one area and period that say different things."""
        figures = set(choice.places.values())
        apart = [
            heading
            for place, heading in enumerate(self.sieved.heading)
            if row.record[place] != first.record[place] and place not in figures
        ]
        value = choice.places["value"]
        return Fault(
            f"{self.name}, row {row.line}",
            f"{shown(row.record[value])} for {choice.indicator.id}, {row.area}, but "
            f"{shown(first.record[value])} in row {first.line}"
            + (f"; they differ in {_listed(apart)}" if apart else ""),
            "one row for each area and period",
            f"set pick in catalogue/indicators/{choice.indicator.id}.yml",
        )


def _is_figure(text: str) -> bool:
    return is_number(text) or text.strip("[]").casefold() in SYMBOLS


def _listed(values: Iterable[str]) -> str:
    """The first few values, sorted."""
    known = sorted(set(values))
    more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
    return ", ".join(map(shown, known[:MOST_NAMED])) + more

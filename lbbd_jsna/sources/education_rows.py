"""The rows of an Explore Education Statistics CSV that belong to series of the catalogue."""

from __future__ import annotations

import csv
import difflib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.errors import ExtractError, Fault
from lbbd_jsna.sources.csv_files import counted, shown, tidy
from lbbd_jsna.sources.series import ALWAYS

ANY = "*"
"""As a value of `pick`: whatever the column holds, an area has one row for each period."""
LEVELS = {
    "national": ("country", "country_code", "country_name"),
    "regional": ("region", "region_code", "region_name"),
    "local authority": ("borough", "new_la_code", "la_name"),
}
REQUIRED = ("time_period", "time_identifier", "geographic_level", "country_code", "new_la_code")
# A series of 35 areas has some hundred rows; of more, the catalogue does not pick one.
MOST_ROWS = 20_000
MOST_VALUES = 60
MOST_FAULTS = 200


@dataclass(frozen=True)
class Picked:
    """A row of a series: the line it starts on, its area and all its fields, tidied."""

    line: int
    area: str
    record: list[str]


@dataclass(frozen=True)
class Choice:
    """One indicator and where in a row its columns stand.

    Parameters
    ----------
    indicator : Indicator
    codes : frozenset of str
        The areas it is wanted for.
    picks : tuple of (int, str)
        Columns and the value each must hold, in lower case.
    places : dict of str to int
        Where value, count and denominator stand.
    """

    indicator: Indicator
    codes: frozenset[str]
    picks: tuple[tuple[int, str], ...]
    places: dict[str, int]


@dataclass
class Sieved:
    """What a file holds of the catalogue's series.

    Parameters
    ----------
    heading : list of str
        As printed, white space collapsed.
    choices : list of Choice
    rows : dict of str to list of Picked
        By indicator, in the order of the file.
    seen : dict of int to set of str
        The values found in each column a choice picks by.
    count : int
        Rows under the heading.
    left_out : Counter
        Rows not wanted, by reason.
    faults : list of Fault
    """

    heading: list[str]
    choices: list[Choice]
    rows: dict[str, list[Picked]]
    seen: dict[int, set[str]]
    count: int = 0
    left_out: Counter = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    def place(self, column: str) -> int:
        """Where a column stands, or -1."""
        wanted = plain(column)
        return next((i for i, name in enumerate(self.heading) if plain(name) == wanted), -1)


def plain(heading: str) -> str:
    """A heading without the differences that do not matter: `New LA code` is `new_la_code`."""
    return "_".join(heading.casefold().replace("_", " ").replace("-", " ").split())


def indicators_of(key: str, catalogue: Catalogue, *, source: str) -> list[Indicator]:
    """The indicators that rest on a data set of `live.yml`."""
    series = catalogue.indicators.values()
    return [one for one in series if one.source == source and one.source_id == key]


def sieve(
    lines: Iterable[str], *, name: str, indicators: list[Indicator], catalogue: Catalogue
) -> Sieved:
    """Read a CSV line by line and keep the rows of series and areas of the catalogue.

    Parameters
    ----------
    lines : iterable of str
        The file, its line ends kept.
    name : str
        What to call it in messages.
    indicators : list of Indicator
        Of this data set, each with `pick` and `columns`.
    catalogue : Catalogue
        Says which areas are wanted.

    Returns
    -------
    Sieved
        With the faults of its rows; those of its heading are raised.

    Raises
    ------
    ExtractError
        It is not CSV; or a column is missing: all of them, with the nearest heading.
    """
    records = _records(lines, name)
    first = next(records, None)
    if first is None:
        raise _cannot(name, [Fault(name, "empty", "a heading and rows", "fetch it again")])
    heading = [tidy(cell) for cell in first[1]]
    faults = list(_heading_faults(heading, indicators, f"{name}, row {first[0]}"))
    if faults:
        raise _cannot(name, faults)
    sieved = _empty(heading, indicators, catalogue)
    _fill(sieved, records, name)
    if not sieved.count and not sieved.faults:
        sieved.faults.append(Fault(name, "no rows under the heading", "figures", "fetch it again"))
    return sieved


def _records(lines: Iterable[str], name: str) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank, with the line it starts on."""
    reader = csv.reader(lines, strict=True)
    line = 1
    try:
        for record in reader:
            if record:
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        found = f"a quoted field is broken or not closed ({error})"
        todo = "the file is cut off or damaged; fetch it again"
        raise _cannot(name, [Fault(f"{name}, row {line}", found, todo=todo)]) from None
    except UnicodeDecodeError as error:
        found = f"not UTF-8 text ({error.reason})"
        fault = Fault(f"{name}, after row {line}", found, todo="fetch it again")
        raise _cannot(name, [fault]) from None


def _cannot(name: str, faults: list[Fault]) -> ExtractError:
    return ExtractError(f"{name} cannot be used", faults)


def _heading_faults(
    heading: list[str], indicators: list[Indicator], where: str
) -> Iterator[Fault]:
    names = [plain(cell) for cell in heading]
    if not set(REQUIRED) & set(names):
        yield Fault(
            where,
            f"the heading is {shown(','.join(heading))}",
            f"columns such as {', '.join(REQUIRED)}",
            "is it the right file, with commas between the columns?",
        )
        return
    for column in REQUIRED:
        yield from _column_faults(column, names, heading, where)
    for indicator in indicators:
        for column in (*indicator.pick, *indicator.columns.values()):
            yield from _column_faults(column, names, heading, f"{where} (for {indicator.id})")


def _column_faults(
    column: str, names: list[str], heading: list[str], where: str
) -> Iterator[Fault]:
    count = names.count(plain(column))
    if count > 1:
        yield Fault(where, f'the column "{column}" appears {count} times', "each column once")
    elif not count:
        close = difflib.get_close_matches(plain(column), names, n=1, cutoff=0.0)
        nearest = heading[names.index(close[0])] if close else ""
        yield Fault(where, f'there is no column "{column}"', todo=f'the nearest is "{nearest}"')


def _empty(heading: list[str], indicators: list[Indicator], catalogue: Catalogue) -> Sieved:
    names = [plain(cell) for cell in heading]
    choices = []
    for one in indicators:
        types = {*ALWAYS, *one.area_types} - {"ward"}
        codes = frozenset(area.code for area in catalogue.areas if area.type in types)
        picks = tuple(
            (names.index(plain(column)), tidy(value).casefold())
            for column, value in one.pick.items()
            if value != ANY
        )
        places = {part: names.index(plain(column)) for part, column in one.columns.items()}
        choices.append(Choice(one, codes, picks, places))
    seen = {place: set() for choice in choices for place, _ in choice.picks}
    return Sieved(heading, choices, {one.id: [] for one in indicators}, seen)


def _fill(sieved: Sieved, records: Iterator[tuple[int, list[str]]], name: str) -> None:
    """Go through the rows; only those of an area wanted are looked at closely."""
    width = len(sieved.heading)
    level_at = sieved.place("geographic_level")
    code_at = {level: sieved.place(code) for level, (_, code, _) in LEVELS.items()}
    codes = frozenset().union(*(choice.codes for choice in sieved.choices))
    count = others = levels = 0
    for line, record in records:
        count += 1
        if len(record) != width:
            if len(sieved.faults) < MOST_FAULTS:
                sieved.faults.append(_width_fault(len(record), width, f"{name}, row {line}"))
            continue
        place = code_at.get(record[level_at].strip().casefold(), -1)
        if place < 0:
            levels += 1
            continue
        code = record[place].strip()
        if code not in codes:
            others += 1
            continue
        _take(sieved, line, code, record)
    sieved.count = count
    sieved.left_out.update({"of other areas": others, "of other levels of geography": levels})


def _take(sieved: Sieved, line: int, code: str, record: list[str]) -> None:
    """Keep a row for each series it belongs to; only then are its fields tidied."""
    picked = {place: tidy(record[place]) for place in sieved.seen}
    for place, values in sieved.seen.items():
        if len(values) < MOST_VALUES:
            values.add(picked[place])
    row = None
    for choice in sieved.choices:
        if code not in choice.codes:
            continue
        if all(picked[place].casefold() == value for place, value in choice.picks):
            row = row or Picked(line, code, [tidy(cell) for cell in record])
            rows = sieved.rows[choice.indicator.id]
            if len(rows) < MOST_ROWS:
                rows.append(row)
    if row is None:
        sieved.left_out["of no series in the catalogue"] += 1


def _width_fault(found: int, width: int, where: str) -> Fault:
    return Fault(
        where,
        counted(found, "value") + f" under {width} headings",
        str(width),
        "the row is cut off, or a comma is not in quotes; fetch the file again",
    )

"""Which LSOA lies in which ward, and which LSOA of 2021 came from which of 2011."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import Fault
from lbbd_jsna.sources.csv_files import counted, shown
from lbbd_jsna.sources.small_area_borough import VINTAGES, number_faults
from lbbd_jsna.sources.small_area_headings import (
    A_WARD,
    AN_LSOA,
    LSOA,
    WARD,
    code_columns,
    is_change,
)
from lbbd_jsna.sources.small_area_tables import (
    Table,
    capped,
    code_faults,
    read_table,
    repeat_faults,
    unusable,
)

LOOKUP = ("from_code", "to_code", "source_file", "source_row")
CHANGED = ("from_code", "to_code", "change", "source_file", "source_row")
WARD_VINTAGES = ("2002", "2022")
# Unchanged; split into several; merged from several; changed in another way.
CHANGES = {"U": "one to one", "S": "one to several", "M": "several to one", "X": "irregular"}


@dataclass(frozen=True)
class Lookup:
    """A lookup: `key` is `lsoa11-ward2002`, `lsoa21-ward2022`, `lsoa11-lsoa21`, or empty."""

    key: str
    table: pd.DataFrame | None
    notes: list[str]


def read_lookup(path: Path, *, name: str, catalogue: Catalogue) -> Lookup:
    """Read a lookup between small areas of the borough.

    Parameters
    ----------
    path : Path
        CSV, or the JSON of a feature service, with columns of codes such as `LSOA21CD`,
        `lsoa11_code`, `WD24CD`, `ward17_code`. The year of a ward column says little: wards
        keep their codes for years, so their codes say which vintage they are.
    name : str
        Its path below the extracts folder, for messages and `source_file`.
    catalogue : Catalogue
        The borough, and its wards of each vintage.

    Returns
    -------
    Lookup
        To wards: columns `LOOKUP`, one row for each LSOA. Between LSOAs: columns `CHANGED`,
        one row for each pair; `change` is U, S, M or X. Sorted by codes. No table, with a
        note, where the file is of other kinds of area.

    Raises
    ------
    ExtractError
        Codes that are none, twice or not the borough's; wards without an LSOA; another number
        of LSOAs than the borough has; a letter of change that is not what the pairs say. All
        faults of the file together.
    """
    table, notes = read_table(path, name=name)
    columns = code_columns(table.headings)
    years = {year for kind, year in columns if kind == "lsoa"}
    _refuse_twins(table, columns)
    if years == set(VINTAGES):
        found = _between_lsoas(table, columns, catalogue)
    elif len(years) == 1 and years <= set(VINTAGES) and _of(columns, "ward"):
        found = _to_wards(table, columns, years.pop(), catalogue)
    else:
        said = f"{name}: no lookup of LSOAs to wards or to LSOAs, not used"
        return Lookup("", None, [*notes, said])
    return Lookup(found.key, found.table, notes + found.notes)


def _of(columns: dict[tuple[str, str], list[int]], kind: str) -> list[int]:
    return [place for (k, _), places in columns.items() if k == kind for place in places]


def _refuse_twins(table: Table, columns: dict[tuple[str, str], list[int]]) -> None:
    """Refuse two columns of LSOAs of one year, or of wards: either might be the right one."""
    groups = [places for (kind, _), places in columns.items() if kind == "lsoa"]
    faults = []
    for places in [*groups, _of(columns, "ward")]:
        if len(places) > 1:
            named = ", ".join(shown(table.headings[place]) for place in places)
            faults.append(Fault(table.at_headings(), f"codes in {named}", "one of these columns"))
    if faults:
        raise unusable(table.name, faults)


def _own(table: Table, columns: dict, catalogue: Catalogue) -> tuple[list[bool], list[Fault]]:
    """Which rows name the borough, where a column says it; else which might be its."""
    boroughs = _of(columns, "borough")
    if len(boroughs) > 1:
        named = ", ".join(shown(table.headings[place]) for place in boroughs)
        return [False] * len(table.rows), [Fault(table.at_headings(), f"{named}", "one of them")]
    if not boroughs:
        return [True] * len(table.rows), []
    return [text == catalogue.settings.area for text in table.texts(boroughs[0])], []


def _to_wards(table: Table, columns: dict, year: str, catalogue: Catalogue) -> Lookup:
    lsoa, ward = columns["lsoa", year][0], _of(columns, "ward")[0]
    own, faults = _own(table, columns, catalogue)
    faults += code_faults(table, lsoa, LSOA, AN_LSOA)
    faults += code_faults(table, ward, WARD, A_WARD)
    vintage, more = _vintage(table.texts(ward), table.name, catalogue)
    wards = catalogue.wards(vintage)
    if not _of(columns, "borough"):
        own = [code in wards for code in table.texts(ward)]
    kept = table.only(own)
    faults += more + repeat_faults(kept, lsoa)
    if vintage:
        faults += _ward_faults(table, kept, ward, wards, vintage)
        codes = set(kept.texts(lsoa))
        faults += number_faults(codes, year, catalogue=catalogue, where=table.name)
    if faults:
        raise unusable(table.name, faults)
    frame = _pairs(kept, lsoa, ward)
    notes = _left_out(table, kept)
    return Lookup(f"lsoa{year[2:]}-ward{vintage}", frame[list(LOOKUP)], notes)


def _vintage(codes: list[str], name: str, catalogue: Catalogue) -> tuple[str, list[Fault]]:
    """The vintage whose wards of the borough are among the codes."""
    held = [v for v in WARD_VINTAGES if set(codes) & set(catalogue.wards(v))]
    if len(held) == 1:
        return held[0], []
    found = f"wards of {' and of '.join(held)} together" if held else "no ward of the borough"
    return "", [Fault(name, found, "wards of one vintage, as in catalogue/areas.csv")]


def _ward_faults(
    table: Table, kept: Table, ward: int, wards: dict[str, str], vintage: str
) -> list[Fault]:
    """Wards the borough has not, wards without an LSOA, and its wards in another borough."""
    found = set(kept.texts(ward))
    faults = [
        Fault(
            kept.where(line, ward),
            f"{shown(code)} is given as a ward of the borough",
            f"the {len(wards)} wards of {vintage}",
            "is the file of another year?",
        )
        for line, code in zip(kept.lines, kept.texts(ward), strict=True)
        if code not in wards
    ]
    faults += [
        Fault(table.name, f"no LSOA in {code} {wards[code]}", f"the {len(wards)} of {vintage}")
        for code in sorted(set(wards) - found)
    ]
    own_lines = set(kept.lines)
    faults += [
        Fault(table.where(line, ward), f"{code} {wards[code]} in another borough", "its own")
        for line, code in zip(table.lines, table.texts(ward), strict=True)
        if code in wards and line not in own_lines
    ]
    return capped(faults, table.name)


def _between_lsoas(table: Table, columns: dict, catalogue: Catalogue) -> Lookup:
    old, new = (columns["lsoa", year][0] for year in VINTAGES)
    change = [place for place, heading in enumerate(table.headings) if is_change(heading)]
    own, faults = _own(table, columns, catalogue)
    if len(change) != 1:
        found = f"{len(change)} columns of change" if change else "no column of change"
        faults.append(Fault(table.at_headings(), found, 'one, such as "CHGIND"'))
    for place in (old, new):
        faults += code_faults(table, place, LSOA, AN_LSOA)
    kept = table.only(own)
    for place, year in ((old, "2011"), (new, "2021")):
        codes = set(kept.texts(place))
        faults += number_faults(codes, year, catalogue=catalogue, where=kept.name)
    faults += _pair_faults(kept, old, new, change[0] if len(change) == 1 else None)
    if faults:
        raise unusable(table.name, faults)
    frame = _pairs(kept, old, new, change=change[0])
    return Lookup("lsoa11-lsoa21", frame[list(CHANGED)], _left_out(table, kept))


def _pair_faults(table: Table, old: int, new: int, change: int | None) -> list[Fault]:
    """Pairs twice, and letters of change that are not what the pairs themselves say."""
    pairs = list(zip(table.texts(old), table.texts(new), strict=True))
    news, olds = Counter(before for before, _ in pairs), Counter(after for _, after in pairs)
    letters = table.texts(change) if change is not None else [None] * len(pairs)
    seen: dict[tuple[str, str], int] = {}
    faults = []
    for line, pair, letter in zip(table.lines, pairs, letters, strict=True):
        if pair in seen:
            found = f"{pair[0]} and {pair[1]} stand in {table.unit} {seen[pair]} already"
            faults.append(Fault(table.where(line), found, "each pair once"))
        seen.setdefault(pair, line)
        right = _letter(news[pair[0]], olds[pair[1]])
        if letter is not None and letter.upper() not in (right, "X"):
            found = f"{shown(letter)} for {pair[0]} to {pair[1]}"
            expected = f"{right} ({CHANGES[right]}), as the pairs say"
            faults.append(Fault(table.where(line, change), found, expected, "is a row missing?"))
    return capped(faults, table.name)


def _letter(news: int, olds: int) -> str:
    """What a pair's change is, by how many new the old one has and how many old the new one."""
    if news == 1 and olds == 1:
        return "U"
    if news > 1 and olds > 1:
        return "X"
    return "S" if news > 1 else "M"


def _pairs(table: Table, old: int, new: int, change: int | None = None) -> pd.DataFrame:
    frame = pd.DataFrame({"from_code": table.texts(old), "to_code": table.texts(new)})
    frame = frame.assign(source_file=table.name, source_row=table.lines)
    if change is not None:
        frame["change"] = [letter.upper() for letter in table.texts(change)]
    return frame.sort_values(["from_code", "to_code"], ignore_index=True)


def _left_out(table: Table, kept: Table) -> list[str]:
    others = len(table.rows) - len(kept.rows)
    return [f"{table.name}: {counted(others, 'row')} of other boroughs left out"] if others else []

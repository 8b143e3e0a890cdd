"""Which rows of a small-area table are the borough's, and whether its codes are sound."""

from __future__ import annotations

from dataclasses import dataclass, field

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import Fault
from lbbd_jsna.sources.csv_files import counted, shown
from lbbd_jsna.sources.small_area_headings import AN_LSOA, LSOA, LSOAS_OF, code_columns
from lbbd_jsna.sources.small_area_tables import Table, code_faults, repeat_faults

VINTAGES = ("2011", "2021")


@dataclass(frozen=True)
class BoroughRows:
    """The borough's rows of a table with one row for each LSOA.

    Parameters
    ----------
    table : Table
        The borough's rows.
    vintage : str
        `2011` or `2021`; empty where the columns do not say, with a fault.
    codes : list of str
        The LSOA of each row.
    faults : list of Fault
        Of the whole file's codes.
    notes : list of str
    """

    table: Table
    vintage: str = ""
    codes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def borough_rows(table: Table, *, catalogue: Catalogue) -> BoroughRows:
    """Find the borough's LSOAs in a table by the columns of codes.

    Parameters
    ----------
    table : Table
        With a column of LSOAs of 2011 or 2021 and one of boroughs, as their headings say.
    catalogue : Catalogue
        Says which borough.

    Returns
    -------
    BoroughRows
        With faults for: no such column or two of them; codes that are none; an LSOA twice,
        anywhere in the file; none of the borough's, or another number than it has.
    """
    columns = code_columns(table.headings)
    lsoa, faults = _one_column(table, columns, "lsoa", "LSOA code (2011)")
    borough, more = _one_column(table, columns, "borough", "Local Authority District code")
    faults += more
    if not lsoa or not borough:
        return BoroughRows(table.only([False] * len(table.rows)), faults=faults)
    faults += code_faults(table, lsoa[1], LSOA, AN_LSOA)
    faults += repeat_faults(table, lsoa[1])
    own = [text == catalogue.settings.area for text in table.texts(borough[1])]
    kept = table.only(own)
    codes = kept.texts(lsoa[1])
    faults += number_faults(set(codes), lsoa[0], catalogue=catalogue, where=table.name)
    others = len(own) - sum(own)
    notes = [f"{table.name}: {counted(others, 'LSOA')} of other boroughs left out"]
    return BoroughRows(kept, lsoa[0], codes, faults, notes if others else [])


def _one_column(
    table: Table, columns: dict[tuple[str, str], list[int]], kind: str, example: str
) -> tuple[tuple[str, int] | None, list[Fault]]:
    """The year and place of the only column of a kind of area; LSOAs must have their year."""
    found = [(year, p) for (k, year), places in columns.items() if k == kind for p in places]
    where = table.at_headings()
    if len(found) != 1:
        named = ", ".join(shown(table.headings[place]) for _, place in found)
        said = f"{len(found)} columns of {kind} codes ({named})" if found else (
            f"no column of {kind} codes"
        )  # fmt: skip
        return None, [Fault(where, said, f'one, such as "{example}"')]
    if kind == "lsoa" and found[0][0] not in VINTAGES:
        said = f"{shown(table.headings[found[0][1]])} does not say which LSOAs these are"
        return None, [Fault(where, said, f'2011 or 2021 in it, such as "{example}"')]
    return found[0], []


def number_faults(
    codes: set[str], vintage: str, *, catalogue: Catalogue, where: str
) -> list[Fault]:
    """Whether there are as many LSOAs as the borough is known to have, or any at all."""
    borough = catalogue.settings.area
    expected = LSOAS_OF.get((borough, vintage))
    if not codes:
        todo = "is it the file of another part of the country?"
        return [Fault(where, f"no LSOA of {borough}", f"{expected or 'its LSOAs'}", todo)]
    if expected and len(codes) != expected:
        found = f"{counted(len(codes), 'LSOA')} of {vintage} in {borough}"
        return [Fault(where, found, str(expected), "the file is cut off or of another vintage")]
    return []

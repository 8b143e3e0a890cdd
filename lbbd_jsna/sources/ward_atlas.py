"""The GLA Ward Atlas: one row a ward, 946 columns, two heading rows, to observations."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.errors import ExtractError, Fault
from lbbd_jsna.schema import as_observations, empty_observations
from lbbd_jsna.sources import checks
from lbbd_jsna.sources.csv_files import name_fault, read_records, read_text, shown, tidy

SOURCE = "ward-atlas"
# The atlas stopped before the wards of 2022.
VINTAGE = "2002"
CODE, NAME = "New Code", "Names"
MISSING = {"n/a", "na", "#n/a", "#div/0!", "#value!", "#ref!", "#null!", ".", "..", "-", ":", "*"}
_NO_WORDS = (
    "category_type",
    "category",
    "printed_range",
    "published_trend",
    "published_comparison",
)
_NO_FIGURES = ("lower_95", "upper_95", "lower_99_8", "upper_99_8", "count", "denominator")


@dataclass(frozen=True)
class _Ward:
    """One row of the atlas."""

    line: int
    code: str
    name: str
    cells: list[str]


def read_ward_atlas(
    path: Path, *, name: str, catalogue: Catalogue
) -> tuple[pd.DataFrame, list[str]]:
    """Read the catalogue's ward atlas series for the borough's old wards.

    The first heading row names a column in full ("Group; Series; Period"), the second
    repeats its last part. An indicator's `columns` give the heading for each period.

    Parameters
    ----------
    path : Path
        The CSV, in UTF-8 or cp1252.
    name : str
        Its path below the extracts folder, for messages and `source_file`.
    catalogue : Catalogue
        Indicators of the source `ward-atlas`, and the borough's wards of 2002.

    Returns
    -------
    DataFrame, list of str
        Columns `schema.OBSERVATIONS`: each indicator, period and ward. The atlas prints
        no intervals, counts or denominators. Then notes.

    Raises
    ------
    ExtractError
        A heading or a ward is not there, a ward comes twice, or a cell is neither a number
        nor a mark for a missing value; all faults together.
    """
    text, notes = read_text(path, name=name)
    records = list(read_records(text, name=name))
    heading = _heading(records, name)
    wards, faults = _ward_rows(records[2:], heading, name, catalogue)
    indicators = [i for i in catalogue.indicators.values() if i.source == SOURCE]
    rows = []
    for indicator in indicators:
        for period, column in indicator.columns.items():
            place = _place(column, heading, faults, f"{name}, row 1", indicator)
            if place >= 0:
                rows += [_row(indicator, period, ward, place) for ward in wards]
    if faults:
        raise ExtractError(f"{name} cannot be used", faults)
    if not rows:
        return empty_observations(), [*notes, f"{name}: no series of the catalogue is in it"]
    table = pd.DataFrame(rows).assign(
        source_file=name, **dict.fromkeys(_NO_WORDS, ""), **dict.fromkeys(_NO_FIGURES, float("nan"))
    )
    faults += checks.read_numbers(table, {"value": "value"}, name=name)
    faults += checks.read_periods(table, name=name)
    faults += checks.figure_faults(table, catalogue=catalogue, name=name, headings={})
    if faults:
        raise ExtractError(f"{name} cannot be used", faults)
    table["status"] = "published"
    table.loc[table["value"].isna(), "status"] = "not_available"
    return as_observations(table), notes


def _heading(records: list[tuple[int, list[str]]], name: str) -> list[str]:
    if len(records) < 3:
        raise ExtractError(
            f"{name} cannot be used",
            [Fault(name, f"{len(records)} rows", "two heading rows and a row for each ward")],
        )
    heading = [_plain(column) for column in records[0][1]]
    missing = [column for column in (CODE, NAME) if column not in heading]
    if missing:
        raise ExtractError(
            f"{name} cannot be used",
            [_no_heading(column, heading, f"{name}, row 1") for column in missing],
        )
    return heading


def _plain(column: str) -> str:
    return tidy(column).rstrip("; ")


def _no_heading(column: str, heading: list[str], where: str) -> Fault:
    close = difflib.get_close_matches(column, heading, n=1, cutoff=0.0)
    return Fault(
        where,
        f'there is no column "{column}"',
        todo=f'the nearest heading is "{close[0]}"' if close else "",
    )


def _ward_rows(
    records: list[tuple[int, list[str]]], heading: list[str], name: str, catalogue: Catalogue
) -> tuple[list[_Ward], list[Fault]]:
    """The borough's wards, in the order of their codes."""
    expected = catalogue.wards(VINTAGE)
    code_at, name_at = heading.index(CODE), heading.index(NAME)
    found: dict[str, _Ward] = {}
    faults = []
    for line, cells in records:
        where = f"{name}, row {line}"
        if len(cells) != len(heading):
            faults.append(
                Fault(
                    where,
                    f"{len(cells)} values under {len(heading)} headings",
                    todo="the row is cut off or a comma is not quoted; fetch the file again",
                )
            )
            continue
        code = cells[code_at].strip()
        if code not in expected:
            continue
        if code in found:
            faults.append(Fault(where, f"{code} stands in row {found[code].line} already"))
        elif name_fault(cells[name_at]):
            faults.append(Fault(where, f"{name_fault(cells[name_at])}: {shown(cells[name_at])}"))
        found[code] = _Ward(line, code, tidy(cells[name_at]), cells)
    faults += [
        Fault(name, f"no row for the ward {code} {ward}", todo="fetch the whole file again")
        for code, ward in sorted(expected.items())
        if code not in found
    ]
    return [found[code] for code in sorted(found)], faults


def _place(
    column: str, heading: list[str], faults: list[Fault], where: str, indicator: Indicator
) -> int:
    """Where a heading stands, or -1 with a fault."""
    if heading.count(_plain(column)) == 1:
        return heading.index(_plain(column))
    fault = _no_heading(column, heading, f"{where} (for {indicator.id})")
    if _plain(column) in heading:
        fault = Fault(where, f'the heading "{column}" stands there more than once')
    faults.append(fault)
    return -1


def _row(indicator: Indicator, period: str, ward: _Ward, place: int) -> dict[str, object]:
    printed = ward.cells[place].strip()
    missing = printed.casefold() in MISSING or not printed
    return {
        "indicator": indicator.id,
        "source_id": indicator.source_id,
        "area_code": ward.code,
        "area_name": ward.name,
        "area_type": "ward",
        "sex": indicator.sex or "Persons",
        "age": indicator.age or "All ages",
        "period": period,
        "value": "" if missing else printed,
        "value_note": f"{printed or 'blank'} in the source" if missing else "",
        "source_row": ward.line,
    }

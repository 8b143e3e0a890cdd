"""A table of Nomis in pages of 25,000 rows, and whether it is all that was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.catalogue.live import NomisTable
from lbbd_jsna.errors import Fault
from lbbd_jsna.fetching.root import Root
from lbbd_jsna.fetching.web import Answer, Refused
from lbbd_jsna.sources.csv_files import tidy
from lbbd_jsna.sources.nomis_rows import CODE, NORMAL, VALUE, Row, read_rows, text_faults

MOST_PAGES = 200
MOST_NAMED = 5
COUNT = "RECORD_COUNT"
# Columns with a name beside them that are no dimension of the figures.
_NO_DIMENSION = ("GEOGRAPHY", "DATE", "OBS_STATUS", "OBS_CONF")
# Parameters that are no dimension either.
_NOT_TOLD_APART = ("date", "time", "geography", "measures", "select", "uid")


@dataclass(frozen=True)
class Table:
    """A whole table: its rows, numbered as in the file put together, and its answers."""

    rows: list[Row]
    answers: list[Answer]
    body: bytes


def request_of(
    catalogue: Catalogue, table: NomisTable, dataset: str, *, offset: int = 0
) -> tuple[str, dict[str, str]]:
    """Path and parameters of one request.

    Returns
    -------
    str, dict of str to str
        Areas are asked by their codes, and wards as those within the borough.
    """
    limit = str(catalogue.live.nomis.rows_per_request)
    asked = {"geography": ",".join(_asked(catalogue, table)), **table.parameters}
    return f"dataset/{dataset}.data.csv", {
        **asked, "recordlimit": limit, "recordoffset": str(offset)
    }  # fmt: skip


def read_table(
    root: Root, catalogue: Catalogue, table: NomisTable, dataset: str, *, name: str
) -> Table:
    """Ask until every row is there.

    Parameters
    ----------
    root : Root
    catalogue : Catalogue
    table : NomisTable
    dataset : str
        Its id, or that of the one asked in its place.
    name : str
        Of the file, for messages.

    Returns
    -------
    Table
        One answer as received, or several under one header.

    Raises
    ------
    Refused
        A page with another header, cut off in its last row, or no end of pages.
    ExtractError
        A page that is no table of Nomis.
    Unreachable

    Source
    ------
    Nomis API: 25,000 rows an answer without a key, `recordoffset` for those that follow;
    `RECORD_COUNT`, where given, is the number of rows of all answers together.
    """
    answers: list[Answer] = []
    text, rows = "", 0
    per_area = Counter(dict.fromkeys(expected_areas(catalogue, table), 0))
    while True:
        path, parameters = request_of(catalogue, table, dataset, offset=rows)
        answer = root.get(path, parameters, expects="csv")
        page = list(read_rows(answer.text, name=name))
        _check_end(answer, page, dataset)
        if answers and _header(answer) != _header(answers[0]):
            raise Refused(f"{dataset}: page {len(answers) + 1} has another header than the first")
        answers.append(answer)
        lines = answer.text if len(answers) == 1 else answer.text.partition("\n")[2]
        text = text + ("" if not text or text.endswith("\n") else "\n") + lines
        rows += len(page)
        per_area.update(row.cells[CODE] for row in page)
        full = len(page) >= catalogue.live.nomis.rows_per_request
        # Where rows are not counted, a server of shorter pages shows by areas cut short.
        uneven = len(set(per_area.values())) > 1
        again = len(answers) > 1 and answer.body == answers[-2].body
        if not page or again or not _more(page, rows, full=full or uneven):
            break
        if len(answers) >= MOST_PAGES:
            raise Refused(f"{dataset}: more than {MOST_PAGES} pages; is the table the right one?")
    body = answers[0].body if len(answers) == 1 else text.encode("utf-8")
    return Table(list(read_rows(text, name=name)), answers, body)


def columns_lacking(found: Table, table: NomisTable, *, name: str) -> list[Fault]:
    """Find dimensions of which several values were asked and that the rows do not tell apart.

    Returns
    -------
    list of Fault
        Then it is another dataset, or it has changed.
    """
    held = found.rows[0].cells if found.rows else {}
    several = [
        parameter.upper()
        for parameter, values in table.parameters.items()
        if parameter not in _NOT_TOLD_APART and ("," in values or "..." in values)
    ]
    return [
        Fault(
            f"{name}, row 1",
            f"there is no column {column}",
            todo=f"is {table.id} in catalogue/live.yml the right id?",
        )
        for column in several
        if held and column not in held and f"{column}_NAME" not in held
    ]


def table_faults(
    found: Table, table: NomisTable, *, catalogue: Catalogue, name: str
) -> list[Fault]:
    """Find what is missing, twice or unexplained.

    Every area must be there with the same periods and values of the dimensions; a blank
    needs a status that says why.

    Returns
    -------
    list of Fault
    """
    if not found.rows:
        todo = "has the dataset been withdrawn, or its geography or dates changed?"
        return [Fault(name, "a header and no rows", todo=todo)]
    told = found.rows[0].cells.get(COUNT, "")
    faults = []
    if told.isdigit() and int(told) != len(found.rows):
        faults.append(Fault(name, f"{len(found.rows)} rows", f"{told}, as {COUNT} says"))
    faults += text_faults(found.rows, name) + _blank_faults(found.rows, name)
    return faults + _grid_faults(found, table, catalogue, name)


def expected_areas(catalogue: Catalogue, table: NomisTable) -> list[str]:
    """The codes of every area that a table must hold."""
    return [code for kind in table.areas for code in _codes(catalogue, kind)]


def _asked(catalogue: Catalogue, table: NomisTable) -> list[str]:
    """What is asked in `geography`."""
    wards = f"{catalogue.settings.area}{catalogue.live.nomis.wards.type}"
    parts = ([wards] if kind == "wards" else _codes(catalogue, kind) for kind in table.areas)
    return [code for part in parts for code in part]


def _codes(catalogue: Catalogue, kind: str) -> list[str]:
    named = catalogue.comparators
    if kind == "wards":
        return sorted(catalogue.wards(catalogue.live.nomis.wards.vintage))
    sets = {"country": named.benchmark, "region": named.region, "boroughs": named.league}
    return sorted(catalogue.set_of(sets[kind]).areas)


def _header(answer: Answer) -> str:
    return tidy(answer.text.partition("\n")[0]).upper()


def _more(page: list[Row], rows: int, *, full: bool) -> bool:
    """Whether rows are left: by the count they carry, else when the page is full."""
    told = page[0].cells.get(COUNT, "")
    return rows < int(told) if told.isdigit() else full


def _check_end(answer: Answer, page: list[Row], dataset: str) -> None:
    """Without a line break at its end, the last cell of an answer may be half a cell."""
    if not page or answer.text.endswith("\n"):
        return
    last = list(page[-1].cells)[-1]
    if last != COUNT or page[-1].cells[COUNT] != page[0].cells[COUNT]:
        raise Refused(
            f"{dataset}: the answer does not end with a line break: its last row, "
            f"{page[-1].line}, may be cut off; fetch later"
        )


def _blank_faults(rows: Iterable[Row], name: str) -> list[Fault]:
    return [
        Fault(
            f"{name}, row {row.line}, {VALUE}",
            f"blank for {row.cells[CODE]}, {row.period}, and OBS_STATUS does not say why",
            "a value or a status",
            "fetch later, or ask Nomis",
        )
        for row in rows
        if not row.cells[VALUE]
        and row.cells.get("OBS_STATUS", "").casefold() in NORMAL
        and row.cells.get("OBS_STATUS_NAME", "").casefold() in NORMAL
    ]


def _grid_faults(
    found: Table, table: NomisTable, catalogue: Catalogue, name: str
) -> list[Fault]:
    """Rows twice, and rows that one expected area has and another has not."""
    columns = _dimensions(found.rows[0])
    cells: dict[str, dict[tuple[str, ...], Row]] = {}
    faults, twice = [], []
    for row in found.rows:
        key = (row.period, *(row.cells[column] for column in columns))
        held = cells.setdefault(row.cells[CODE], {})
        if key in held:
            said = f"{row.cells[CODE]}, {', '.join(key)} again; the first is row {held[key].line}"
            twice.append(Fault(f"{name}, row {row.line}", said, "each row once"))
        held[key] = row
    expected = expected_areas(catalogue, table)
    absent = [code for code in expected if code not in cells]
    if absent:
        listed = ", ".join(f"{c} {catalogue.area_of(c).name}" for c in absent[:MOST_NAMED])
        more = f" and {len(absent) - MOST_NAMED} more" if len(absent) > MOST_NAMED else ""
        todo = f"all {len(expected)} areas"
        faults.append(Fault(name, f"no rows for {listed}{more}", todo, "fetch later"))
    whole = {key: None for code in expected for key in cells.get(code, {})}
    for code in expected:
        missing = [key for key in whole if code in cells and key not in cells[code]]
        if missing:
            said = f"{len(missing)} of {len(whole)} rows missing for {code}, the first of them "
            faults.append(Fault(name, said + ", ".join(missing[0]), todo="fetch later"))
    return faults + twice


def _dimensions(row: Row) -> list[str]:
    """The columns that tell the rows of one area and period apart."""
    stems = [column.removesuffix("_NAME") for column in row.cells if column.endswith("_NAME")]
    found = [stem for stem in stems if stem not in _NO_DIMENSION]
    return [stem if stem in row.cells else f"{stem}_NAME" for stem in found]

"""Workbooks for tests: made with XlsxWriter, then changed inside as no library would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import xlsxwriter

from tests.made_up_borough import OWN, indicator, made_up_catalogue

COLUMNS = ("indicator", "area_code", "area_name", "period", "numerator", "denominator", "value",
           "note")  # fmt: skip
OWN_NAME = "Marsh and Quay"
CATALOGUE = made_up_catalogue(
    indicator("helped", source="council-return", source_id="", unit="%"),
    indicator("calls", source="council-return", source_id="", unit="calls", value_type="Count"),
)
SHEET_1, SHEET_2 = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"


def row(period="2025/26 Q1", numerator=30, denominator=120, value=None, note=None):
    """A row of figures that is clean."""
    return ("helped", OWN, OWN_NAME, period, numerator, denominator, value, note)


ROWS = (row(), row("2025/26 Q2", 31), row("2025/26 Q3", 32))


def workbook(
    rows=ROWS, *, heading=COLUMNS, sheet="Return", then: Callable | None = None, **options
) -> bytes:
    """A workbook of one sheet; `then(book, sheet)` does to it what a person would."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, **options}
    with xlsxwriter.Workbook(stream, options) as book:
        page = book.add_worksheet(sheet)
        for place, cells in enumerate([heading, *rows]):
            for column, cell in enumerate(cells):
                if cell is not None:
                    page.write(place, column, cell)
        if then:
            then(book, page)
    return stream.getvalue()


def changed(content: bytes, part: str, old: str, new: str) -> bytes:
    """The workbook with the first `old` of a part replaced; it must be there."""
    parts = unpacked(content)
    text = parts[part].decode("utf-8")
    assert old in text, f"{old!r} is not in {part}"
    return packed(parts | {part: text.replace(old, new, 1).encode("utf-8")})


def unpacked(content: bytes) -> dict[str, bytes]:
    """The parts of a workbook by their names."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Parts put together to an archive again."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()

"""A form as an Excel workbook: the sheet to fill in, and a sheet of notes."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.sources.returns.forms import Form
from lbbd_jsna.sources.returns.guidance import MARKS
from lbbd_jsna.sources.returns.headings import COLUMNS
from lbbd_jsna.sources.returns.workbook import NOTES, SHEET

WIDTHS = {"indicator": 34, "area_code": 12, "area_name": 26, "period": 14, "numerator": 12,
          "denominator": 12, "value": 12, "note": 44}  # fmt: skip
FIGURES = ("numerator", "denominator", "value")
# Excel's own formats by number: what is typed stays as it is; a number is a number.
TEXT, GENERAL = 49, 0
# Rows that are checked while they are typed, for whoever adds some.
ROWS_CHECKED = 500
# Excel keeps a list of choices only up to this many characters.
LONGEST_LIST = 255
# Excel wants a day on which a workbook was made; the same form is to have the same bytes.
MADE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)


def workbook_bytes(
    form: Form, notes: Sequence[tuple[str, str]], *, catalogue: Catalogue
) -> bytes:
    """Make the workbook of a form.

    Parameters
    ----------
    form : Form
    notes : sequence of (str, str)
        The rows of the sheet `Notes`.
    catalogue : Catalogue

    Returns
    -------
    bytes
        An .xlsx file: `Return` with the form's rows, its columns of text formatted as Text
        so that Excel changes nothing that is typed, and `Notes`.
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties(
        {"title": form.indicator.title, "author": catalogue.settings.council, "created": MADE}
    )
    _fill_return(book, form)
    _fill_notes(book, notes)
    book.close()
    return stream.getvalue()


def _fill_return(book: xlsxwriter.Workbook, form: Form) -> None:
    sheet = book.add_worksheet(SHEET)
    head = book.add_format({"bold": True, "bg_color": "#E8EDF2", "bottom": 1})
    text, figure = book.add_format({"num_format": TEXT}), book.add_format({"num_format": GENERAL})
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, WIDTHS[column], figure if column in FIGURES else text)
        sheet.write_string(0, place, column, head)
    for row, cells in enumerate(form.rows(), start=1):
        for place, cell in enumerate(cells):
            if cell:
                sheet.write_string(row, place, cell, text)
    sheet.freeze_panes(1, 0)
    _check_while_typing(sheet, form)


def _check_while_typing(sheet: Worksheet, form: Form) -> None:
    _offer(sheet, "indicator", [form.indicator.id])
    codes = [code for code, _ in form.areas]
    if len(",".join(codes)) <= LONGEST_LIST:
        _offer(sheet, "area_code", codes)
    for column in FIGURES:
        cell = f"{chr(65 + COLUMNS.index(column))}2"
        marked = ",".join(f'{cell}="{mark}"' for mark in MARKS) if column == "value" else ""
        number = f"AND(ISNUMBER({cell}),{cell}>=0)" if column != "value" else f"ISNUMBER({cell})"
        choice = f"=OR({number},{marked})" if marked else f"={number}"
        kind = f"a number, or one of {', '.join(MARKS)}" if marked else "a number, 0 or more"
        _validate(
            sheet,
            column,
            {"validate": "custom", "value": choice, "error_title": column,
             "error_message": f"{column} takes {kind}. See the sheet {NOTES}."},
        )  # fmt: skip


def _offer(sheet: Worksheet, column: str, choices: list[str]) -> None:
    _validate(
        sheet,
        column,
        {"validate": "list", "source": choices, "error_title": column,
         "error_message": f"Choose from the list. See the sheet {NOTES}."},
    )  # fmt: skip


def _validate(sheet: Worksheet, column: str, rule: dict) -> None:
    place = COLUMNS.index(column)
    sheet.data_validation(1, place, ROWS_CHECKED, place, rule)


def _fill_notes(book: xlsxwriter.Workbook, notes: Sequence[tuple[str, str]]) -> None:
    sheet = book.add_worksheet(NOTES)
    about = book.add_format({"bold": True, "valign": "top", "text_wrap": True})
    words = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 22, about)
    sheet.set_column(1, 1, 96, words)
    for row, (what, note) in enumerate(notes):
        sheet.write_string(row, 0, what, about)
        sheet.write_string(row, 1, note, words)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)

"""What no cell may hold, whatever its column, and the white space that is mended in any."""

from __future__ import annotations

import re
from functools import partial

import numpy as np

from lbbd_jsna.sources.returns.grid import CellFault, rows_named
from lbbd_jsna.sources.returns.layout import footer_fault, personal_fault
from lbbd_jsna.sources.returns.personal import LONGEST, personal_kind
from lbbd_jsna.sources.returns.sheet import Finding, Sheet

NUMBERS = ("numerator", "denominator", "value")
_WIDE = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_UNSEEN = re.compile(r"[\u200b-\u200d\u2060\ufeff\u00ad]")
_BREAKS = re.compile(r"[ \t]*(?:\r\n|\r|\n)[ \t]*")
_SPACES = re.compile(r"[ \t]+")
# Control characters, marks that turn the direction of text, and the mark of a lost character.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2061-\u206f"
    r"\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_ERROR = re.compile(
    r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|"
    r"GETTING_DATA|BUSY!|UNKNOWN!|PYTHON!|#+)",
    re.IGNORECASE,
)
_FORMULA = re.compile(r"'?[=@\uff1d\uff20]|'?[+\uff0b](?=\S)|'?[-\uff0d](?=[^\s\d.,])")
_FORMULA_IN_TEXT = re.compile(r"'?[-\uff0d](?=\S)")
_MARKUP = re.compile(
    r"<\s*[A-Za-z/!?]|&(?:#\w{1,8}|lt|gt|quot|apos|nbsp);|javascript:", re.IGNORECASE
)
_POWER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]{1,3}")
_TOTAL = re.compile(
    r"(?:(?:grand|sub|overall|borough|ward|wards|all|running|sum)[ -]*)*totals?\b[ :]*"
    r"|totals?[ :,(-].*|.*[ (-]totals?\)?|all wards|sum|overall|average|mean|all areas",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"(?:source|notes?|prepared by|produced by|copyright)\s*[:.].*|©.*",
                     re.IGNORECASE)  # fmt: skip


def mend_spaces(sheet: Sheet) -> None:
    """Mend white space in every cell, with a note for each kind of repair in each column.

    Wide and non-breaking spaces become spaces, characters without width go, spaces at the
    ends go, several become one; a line break in a note becomes a space.
    """
    for heading, column in sheet.columns.items():
        steps = (
            (_WIDE, " ", "non-breaking or thin spaces read as spaces"),
            (_UNSEEN, "", "characters without width removed"),
            *([(_BREAKS, " ", "line breaks read as spaces")] if heading == "note" else []),
            (_SPACES, " ", "spaces at the ends, or several in a row, removed"),
        )
        texts, mended = column.texts, False
        for pattern, instead, repair in steps:
            after = [pattern.sub(instead, text) for text in texts]
            if instead and pattern is _SPACES:
                after = [text.strip(" ") for text in after]
            changed = [place for place, text in enumerate(after) if text != texts[place]]
            if changed:
                _note(sheet, heading, changed, repair)
                texts, mended = after, True
        if mended:
            sheet.columns[heading] = column.changed(texts)


def _note(sheet: Sheet, heading: str, places: list[int], repair: str) -> None:
    rows = sheet.columns[heading].rows_where(places)
    sheet.notes.append(
        f"{sheet.name}, {rows_named(sheet.lines[rows].tolist())}, {heading}: {repair}"
    )


def blame_rows_of_no_figures(sheet: Sheet) -> None:
    """Set down totals and footers among the rows, and leave those rows out of other rules."""
    words = [h for h in ("indicator", "area_code", "area_name", "period") if h in sheet.columns]
    for heading in words:
        column = sheet.columns[heading]
        totals = [place for place, text in enumerate(column.texts) if _TOTAL.fullmatch(text)]
        for row in column.rows_where(totals):
            if not sheet.left_out[row]:
                sheet.blame(int(row), heading, _A_TOTAL)
                sheet.left_out[row] = True
    for row in _rows_of_one_text(sheet):
        _blame_footer(sheet, row)
    if "indicator" in words:
        column = sheet.columns["indicator"]
        sources = [place for place, text in enumerate(column.texts) if _SOURCE.fullmatch(text)]
        for row in column.rows_where(sources).tolist():
            if not sheet.left_out[row]:
                _blame_footer(sheet, row)


def _blame_footer(sheet: Sheet, row: int) -> None:
    text = next(filled for heading in sheet.columns if (filled := sheet.text(row, heading)))
    sheet.blame_row(row, lambda line: footer_fault(sheet.name, line, text))
    sheet.left_out[row] = True


_A_TOTAL = Finding(
    "total-row",
    "a row of totals, {value}",
    "one row for each area, and no sums of them",
    "remove the row",
)


def _rows_of_one_text(sheet: Sheet) -> list[int]:
    """Rows with one cell filled, in sheets with blank area codes; others have none."""
    codes = sheet.columns.get("area_code")
    if codes is None or "" not in codes.texts:
        return []
    filled = sum(
        (column.each(bool, bool).astype(np.int8) for column in sheet.columns.values()),
        np.zeros(len(sheet.lines), dtype=np.int8),
    )
    return np.flatnonzero((filled == 1) & ~sheet.left_out).tolist()


def blame_contents(sheet: Sheet) -> None:
    """Set down data about persons, formulas, markup and whatever else no cell may hold."""
    for heading, column in sheet.columns.items():
        personal, other = {}, {}
        for place, text in enumerate(column.texts):
            if kind := personal_kind(text):
                personal[place] = kind
            elif finding := content_finding(text, heading):
                other[place] = finding
        for row in column.rows_where(personal).tolist():
            sheet.wrong[heading][row] = True
            kind = personal[column.codes[row]]
            sheet.blame_row(row, partial(_of_a_person, sheet.name, heading, kind), heading)
        sheet.blame_texts(heading, other)


def _of_a_person(name: str, heading: str, kind: str, line: int) -> CellFault:
    return personal_fault(name, line, heading, kind)


def content_finding(text: str, heading: str) -> Finding | None:
    """What is wrong with a text wherever it stands; None when nothing is."""
    if text.isalnum() and text.isascii() and len(text) <= LONGEST:
        return _power(text, heading)
    for finding, holds in (
        (_TOO_LONG, len(text) > LONGEST),
        (_CONTROLS, _CONTROL.search(text)),
        (_LINE_BREAK, "\n" in text or "\r" in text),
        (_EXCEL_ERROR, _ERROR.search(text)),
        (_A_FORMULA, _FORMULA.match(text)),
        (_A_FORMULA, heading not in NUMBERS and _FORMULA_IN_TEXT.match(text)),
        (_SOME_MARKUP, _MARKUP.search(text)),
        (_SOME_MARKUP, heading not in (*NUMBERS, "note") and ("<" in text or ">" in text)),
    ):
        if holds:
            return finding
    return _power(text, heading)


def _power(text: str, heading: str) -> Finding | None:
    return _SCIENTIFIC if heading != "note" and _POWER.fullmatch(text) else None


_TOO_LONG = Finding(
    "cell-too-long",
    f"more than {LONGEST:,} characters",
    todo="shorten it; a note is a sentence",
)
_CONTROLS = Finding(
    "control-character",
    "control characters, or marks that turn the direction of text, in {value}",
    "plain text",
    "type the cell again",
)
_LINE_BREAK = Finding(
    "line-break", "a line break inside {value}", "one line", "type the cell again"
)
_EXCEL_ERROR = Finding(
    "excel-error",
    "an error of Excel, {value}",
    todo="mend the formula it comes from, or write [x] where there is no figure",
)
_A_FORMULA = Finding(
    "formula",
    "a formula in place of a plain cell, {value}",
    "the text or the number itself",
    "in Excel, copy the column and paste it as values",
)
_SOME_MARKUP = Finding("markup", "markup in {value}", "plain text", "type the cell again")
_SCIENTIFIC = Finding(
    "scientific",
    "{value}: Excel has changed this value into a power of ten",
    "the code or number with all its characters",
    "format the column as Text in Excel and enter it again",
)

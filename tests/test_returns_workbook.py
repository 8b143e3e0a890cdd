"""Returns in Excel: read as strictly as CSV, with what Excel hides brought to light."""

from __future__ import annotations

import datetime as dt
import io
import random
import re
import zipfile

import pytest
import python_calamine

from lbbd_jsna.errors import ExtractError
from lbbd_jsna.sources.returns import read_return
from lbbd_jsna.sources.returns.reader import check_grid
from lbbd_jsna.sources.returns.workbook import grid_of_workbook
from lbbd_jsna.sources.returns.workbook_formats import number_text
from lbbd_jsna.sources.returns.workbook_sheet import letters, place_of, unescaped
from tests.workbooks import (
    CATALOGUE,
    COLUMNS,
    ROWS,
    SHEET_1,
    SHEET_2,
    changed,
    packed,
    row,
    unpacked,
    workbook,
)

NHS_NUMBER = 9434765919  # the example of the NHS Data Dictionary, of no person


@pytest.fixture
def read(tmp_path):
    """Read the bytes of a workbook: table and notes."""

    def reader(content: bytes, name="r.xlsx"):
        path = tmp_path / name
        path.write_bytes(content)
        return read_return(path, name=name, catalogue=CATALOGUE)

    return reader


@pytest.fixture
def faults(read):
    """Every fault of a workbook: rule, row and column; and all that is said of it."""

    def reader(content: bytes, name="r.xlsx"):
        with pytest.raises(ExtractError) as caught:
            read(content, name)
        error = caught.value
        return [(one.rule, one.row, one.column) for one in error.faults], str(error)

    return reader


def test_a_workbook_is_read_like_the_csv_of_the_same_cells(read, tmp_path):
    table, notes = read(workbook())
    path = tmp_path / "r.csv"
    lines = [COLUMNS, *[[("" if c is None else str(c)) for c in cells] for cells in ROWS]]
    path.write_text("\n".join(map(",".join, lines)) + "\n", encoding="utf-8", newline="\n")
    as_csv, _ = read_return(path, name="r.xlsx", catalogue=CATALOGUE)
    assert notes == []
    assert table.equals(as_csv)
    assert table["value"].tolist() == pytest.approx([25, 31 / 1.2, 32 / 1.2])


def test_rows_are_numbered_as_excel_does_and_blank_ones_left_out(read):
    def move_down(book, sheet):
        for column, cell in enumerate(row("2025/26 Q4")):
            if cell is not None:
                sheet.write(8, column, cell)

    table, _ = read(workbook(then=move_down))
    assert table["source_row"].tolist() == [2, 3, 4, 9]


def test_figures_come_as_typed_and_text_figures_like_csv(read):
    rows = [row("2023", 30.0), row("2024", "1,230", "12 300"), row(2025, 0, 120), row("2022", 1, 8)]
    table, notes = read(workbook(rows))
    assert table["count"].tolist() == [30, 1230, 0, 1]
    assert table["period"].tolist() == ["2023", "2024", "2025", "2022"]
    assert any("thousands" in note for note in notes)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (30.0, "30"), (0.0, "0"), (-0.0, "0"), (-4.5, "-4.5"), (0.1 + 0.2, "0.3"), (12.3, "12.3"),
        (123456789012345.0, "123456789012345"), (1e15, "1000000000000000.0"),
        (0.00001, "0.00001"), (1 / 3, "0.333333333333333"), (2.1e9, "2100000000"),
        (1e300, "1e+300"),
    ],
)  # fmt: skip
def test_a_number_is_written_with_the_digits_excel_shows(number, text):
    assert number_text(number) == text


def as_format(code):
    return lambda book: book.add_format({"num_format": code})


DAY, BORN = dt.date(2024, 10, 5), dt.date(1950, 10, 5)
# What somebody does to the sheet, and the faults that must come of it.
FAULTY = {
    "a period that became a date": (
        lambda book, s: s.write_datetime(1, 3, DAY, as_format("mmm-yy")(book)),
        [("excel-date", 2, "period")],
    ),
    "a period that became the number of a day": (
        lambda book, s: s.write_number(2, 3, 45352),
        [("excel-date", 3, "period")],
    ),
    "a range that became a date": (
        lambda book, s: s.write_datetime(1, 4, DAY, as_format("d-mmm")(book)),
        [("excel-date", 2, "numerator")],
    ),
    "a date of one of Excel's own formats": (
        lambda book, s: s.write_datetime(3, 5, DAY, as_format(14)(book)),
        [("excel-date", 4, "denominator")],
    ),
    "a per cent format": (
        lambda book, s: s.write_number(1, 6, 0.25, as_format("0.0%")(book)),
        [("percent-sign", 2, "value")],
    ),
    "a per cent of Excel's own formats": (
        lambda book, s: s.write_number(1, 6, 0.25, as_format(9)(book)),
        [("percent-sign", 2, "value")],
    ),
    "a per cent as text": (
        lambda book, s: s.write_string(1, 6, "25%"),
        [("percent-sign", 2, "value")],
    ),
    "a formula": (
        lambda book, s: s.write_formula(1, 4, "=15+15", None, 30),
        [("formula", 2, "numerator")],
    ),
    "a formula of the system's": (
        lambda book, s: s.write_formula(1, 7, "=cmd|'/C calc'!A0", None, "fine"),
        [("formula", 2, "note")],
    ),
    "a formula without a result": (
        lambda book, s: s.write_formula(2, 6, "=1/0", None, "#DIV/0!"),
        [("formula", 3, "value")],
    ),
    "a formula in a text": (
        lambda book, s: s.write_string(2, 7, "=1+1"),
        [("formula", 3, "note")],
    ),
    "an array formula": (
        lambda book, s: s.write_array_formula("E2:E3", "{=F2:F3/4}", None, 30),
        [("formula", 2, "numerator")],
    ),
    "yes in place of a figure": (
        lambda book, s: s.write_boolean(1, 5, True),
        [("not-a-number", 2, "denominator")],
    ),
    "merged cells": (
        lambda book, s: s.merge_range("H2:H4", "all sites"),
        [("merged-cells", 2, "note")],
    ),
    "a merged title below": (
        lambda book, s: s.merge_range("A6:C6", ""),
        [("merged-cells", 6, "indicator")],
    ),
    "a hidden row": (
        lambda book, s: s.set_row(2, None, None, {"hidden": True}),
        [("hidden-row", 3, "")],
    ),
    "a row of no height": (lambda book, s: s.set_row(2, 0), [("hidden-row", 3, "")]),
    "a hidden column": (
        lambda book, s: s.set_column(4, 5, None, None, {"hidden": True}),
        [("hidden-column", 1, "numerator"), ("hidden-column", 1, "denominator")],
    ),
    "a column of no width": (
        lambda book, s: s.set_column(6, 6, 0),
        [("hidden-column", 1, "value")],
    ),
    "a filter that hides rows": (
        lambda book, s: (s.autofilter("A1:H4"), s.set_row(1, None, None, {"hidden": True})),
        [("hidden-row", 2, "")],
    ),
    "figures right of the table": (
        lambda book, s: s.write(2, 11, 5),
        [("outside-the-table", 3, "column L")],
    ),
    "a total": (lambda book, s: s.write(4, 0, "Total"), [("total-row", 5, "indicator")]),
    "a footer": (lambda book, s: s.write(5, 0, "Source: MIS"), [("footer", 6, "")]),
    "another sheet with figures": (
        lambda book, s: book.add_worksheet("Q2").write(0, 0, 1),
        [("other-sheet", 0, "")],
    ),
    "a chart on a sheet of its own": (
        lambda book, s: _chartsheet(book),
        [("other-sheet", 0, "")],
    ),
    "a hidden sheet with figures": (
        lambda book, s: _hidden(book, "hide"),
        [("other-sheet", 0, "")],
    ),
    "a very hidden sheet": (
        lambda book, s: _hidden(book, "very_hidden"),
        [("other-sheet", 0, "")],
    ),
    "a link in a name": (
        lambda book, s: s.write_string(1, 7, "<a href=x>"),
        [("markup", 2, "note")],
    ),
    "everything at once": (
        lambda book, s: (
            s.write_formula(1, 4, "=15+15", None, 30),
            s.write_number(2, 6, 0.25, as_format("0%")(book)),
            s.merge_range("A9:B9", "Total"),
            s.set_row(3, None, None, {"hidden": True}),
            book.add_worksheet("Old").write(0, 0, "x"),
        ),
        [
            ("other-sheet", 0, ""), ("formula", 2, "numerator"), ("percent-sign", 3, "value"),
            ("hidden-row", 4, ""), ("merged-cells", 9, "indicator"),
            ("total-row", 9, "indicator"),
        ],
    ),
}  # fmt: skip


def _chartsheet(book):
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Return!$E$2:$E$4"})
    book.add_chartsheet("Picture").set_chart(chart)


def _hidden(book, how):
    sheet = book.add_worksheet("Raw")
    sheet.write(0, 0, 1)
    getattr(sheet, how)()


@pytest.mark.parametrize("case", FAULTY)
def test_what_excel_makes_of_a_return_is_refused_by_row_and_column(faults, case):
    then, expected = FAULTY[case]
    found, _ = faults(workbook(then=then))
    assert found == expected


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("General", ""), ("0.00", ""), ("#,##0;[Red]-#,##0", ""), ("0.00E+00", ""), ("# ?/?", ""),
        ('_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-', ""), ("[$£-809]#,##0.00", ""),
        ('0.0" days of the month"', ""), ("0.0\\%", ""), ("[>9]0.0;0.00", ""), ("@", ""),
        ("0%", "percent-sign"), ("0.0 %;[Red]-0.0 %", "percent-sign"), (10, "percent-sign"),
        ("d-mmm", "excel-date"), ("[$-809]dd mmmm yyyy;@", "excel-date"), (17, "excel-date"),
        ("yyyy/yy", "excel-date"), ('"Q"m', "excel-date"),
    ],
)  # fmt: skip
def test_a_number_format_says_whether_a_figure_is_a_date_or_a_per_cent(read, code, rule):
    def show(book, sheet):
        sheet.write_number(1, 6, 25, book.add_format({"num_format": code}))

    found = []
    try:
        read(workbook(then=show))
    except ExtractError as error:
        found = [(fault.rule, fault.row, fault.column) for fault in error.faults]
    assert found == ([(rule, 2, "value")] if rule else [])


@pytest.mark.parametrize("error", ["#DIV/0!", "#N/A", "#REF!", "#SPILL!"])
def test_an_error_that_was_pasted_as_a_value_is_refused(faults, error):
    content = changed(workbook(), SHEET_1, '<c r="E3"><v>31</v>', f'<c r="E3" t="e"><v>{error}</v>')
    found, said = faults(content)
    assert found == [("excel-error", 3, "numerator")]
    assert error in said


def test_a_date_in_the_newer_form_of_the_file_is_refused(faults):
    new = '<c r="E3" t="d"><v>2024-10-05</v>'
    found, _ = faults(changed(workbook(), SHEET_1, '<c r="E3"><v>31</v>', new))
    assert found == [("excel-date", 3, "numerator")]


def test_days_counted_from_1904_are_the_days_they_are(faults):
    content = workbook(
        then=lambda book, s: s.write_datetime(1, 3, DAY, as_format("mmm-yy")(book)),
        date_1904=True,
    )
    assert "'Oct-24'" in faults(content)[1]


def test_a_shared_formula_is_refused_in_every_cell_it_fills(faults):
    content = changed(workbook(), SHEET_1, '<c r="E2"><v>30</v>',
                      '<c r="E2"><f t="shared" ref="E2:E3" si="0">F2/4</f><v>30</v>')  # fmt: skip
    content = changed(content, SHEET_1, '<c r="E3"><v>31</v>',
                      '<c r="E3"><f t="shared" si="0"/><v>31</v>')  # fmt: skip
    assert faults(content)[0] == [("formula", 2, "numerator"), ("formula", 3, "numerator")]


def test_a_table_that_starts_in_another_column_is_refused(faults):
    rows = [(None, *cells) for cells in ROWS]
    found, _ = faults(workbook(rows, heading=(None, *COLUMNS)))
    assert [rule for rule, *_ in found] == ["column-unknown"]


def test_the_notes_and_empty_sheets_are_no_fault_and_comments_are_told(read):
    def add(book, sheet):
        book.add_worksheet("Notes").write(0, 0, "=not read, whatever it says")
        book.add_worksheet("Sheet3")
        sheet.write_comment("E2", "provisional")

    table, notes = read(workbook(then=add))
    assert len(table) == 3
    assert notes == ["r.xlsx: comments on cells are not read"]


def test_hidden_columns_with_nothing_in_them_are_no_fault(read):
    def hide(book, sheet):
        sheet.set_column(8, 16383, None, None, {"hidden": True})

    assert len(read(workbook(then=hide))[0]) == 3


def test_the_only_sheet_is_read_under_another_name_with_a_note(read):
    table, notes = read(workbook(sheet="Sheet1"))
    assert len(table) == 3
    assert notes == ["r.xlsx: no sheet is called \"Return\"; read 'Sheet1'"]


def test_of_several_sheets_none_is_guessed(faults):
    content = workbook(sheet="Q1", then=lambda book, s: book.add_worksheet("Q2").write(0, 0, 1))
    found, said = faults(content)
    assert found == [("no-return-sheet", 0, "")]
    assert "'Q1', 'Q2'" in said


def test_a_return_sheet_that_is_hidden_is_refused(faults):
    def hide(book, sheet):
        book.add_worksheet("Notes").activate()
        sheet.hide()

    assert faults(workbook(then=hide))[0] == [("hidden-sheet", 0, "")]


def test_no_rows_and_no_sheets_say_so(faults):
    assert faults(workbook([]))[0] == [("no-rows", 0, "")]
    assert faults(workbook([], heading=[]))[0] == [("no-rows", 0, "")]


def test_numbers_of_persons_are_found_and_never_said(faults):
    places = {
        "as a figure": lambda book, s: s.write_number(1, 4, NHS_NUMBER),
        "in a note": lambda book, s: s.write_string(1, 7, "see 943 476 5919"),
        "as a result": lambda book, s: s.write_formula(1, 7, "=A1", None, "943 476 5919"),
        "in a formula": lambda book, s: s.write_formula(1, 7, '="943 476 5919"', None, ""),
        "in another column": lambda book, s: (s.write(0, 8, "Ref"), s.write(1, 8, NHS_NUMBER)),
        "right of the table": lambda book, s: s.write(1, 12, NHS_NUMBER),
        "in the heading": lambda book, s: s.write(0, 8, str(NHS_NUMBER)),
        "in the notes": lambda book, s: book.add_worksheet("Notes").write(4, 1, NHS_NUMBER),
        "on another sheet": lambda book, s: book.add_worksheet("Q").write(4, 1, NHS_NUMBER),
        "as a name of a sheet": lambda book, s: book.add_worksheet(f"{NHS_NUMBER}").write(0, 0, 1),
        "a date of birth": lambda book, s: (
            s.write(0, 8, "DOB"), s.write_datetime(1, 8, BORN, as_format("dd/mm/yyyy")(book))
        ),
        "a birthday as a note": lambda book, s: s.write_datetime(
            1, 7, BORN, as_format("dd/mm/yyyy")(book)
        ),
    }  # fmt: skip
    for place, then in places.items():
        _, said = faults(workbook(then=then))
        for secret in (str(NHS_NUMBER), "943 476", "4765919", "1950"):
            assert secret not in said, place


def test_a_number_of_a_person_is_named_for_what_it_is_wherever_it_stands(faults):
    for then, column in (
        (lambda book, s: s.write_number(1, 4, NHS_NUMBER), "numerator"),
        (lambda book, s: s.write(1, 12, NHS_NUMBER), "column M"),
        (lambda book, s: book.add_worksheet("Notes").write(1, 1, NHS_NUMBER), "sheet Notes"),
    ):
        assert faults(workbook(then=then))[0][0] == ("personal-data", 2, column)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
NOT_WORKBOOKS = {
    "an old workbook": (OLE + "Workbook".encode("utf-16-le"), "(.xls)"),
    "a locked workbook": (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
    "CSV": (b"indicator,area_code\n", ".csv"),
    "CSV with a mark": (b"\xef\xbb\xbfindicator,area_code\n", ".csv"),
    "a web page": (b"\n <!DOCTYPE html><html>", "web page"),
    "a spreadsheet of XML": (b'<?xml version="1.0"?><Workbook/>', "XML"),
    "a PDF": (b"%PDF-1.7", "PDF"),
    "a gzip archive": (b"\x1f\x8b\x08\x00", "gzip"),
    "nothing": (b"", "empty"),
    "blanks": (b"  \r\n", "empty"),
    "an archive of something else": (packed({"a.txt": b"x"}), "a zip archive"),
    "a Word document": (packed({"word/document.xml": b"<x/>"}), "Word"),
    "an OpenDocument": (packed({"content.xml": b"<x/>"}), "OpenDocument"),
    "a binary workbook": (packed({"xl/workbook.bin": b"x"}), ".xlsb"),
    "half a workbook": (workbook()[:3000], "damaged or cut off"),
}


@pytest.mark.parametrize("case", NOT_WORKBOOKS)
def test_what_is_no_workbook_is_named_for_what_it_is(faults, case):
    content, words = NOT_WORKBOOKS[case]
    found, said = faults(content)
    assert len(found) == 1
    assert words in said


@pytest.mark.parametrize(
    ("part", "rule", "words"),
    [
        ("xl/vbaProject.bin", "macros", "macros"),
        ("xl/macrosheets/sheet1.xml", "macros", "macros"),
        ("xl/externalLinks/externalLink1.xml", "external-link", "other workbooks"),
        ("xl/connections.xml", "external-link", "other data"),
        ("xl/embeddings/oleObject1.bin", "embedded-file", "another file"),
        ("xl/activeX/activeX1.xml", "embedded-file", "controls"),
    ],
)
def test_more_than_a_table_is_refused_beside_the_faults_of_the_cells(faults, part, rule, words):
    content = packed(unpacked(workbook([row(numerator=-1)])) | {part: b"x"})
    found, said = faults(content)
    assert found == [(rule, 0, ""), ("negative", 2, "numerator")]
    assert words in said


def test_archives_that_would_fill_the_memory_are_refused_unopened(faults):
    parts = unpacked(workbook())
    zeros = packed(parts | {"xl/media/a.png": bytes(30_000_000)})
    assert len(zeros) < 100_000
    assert faults(zeros)[0] == [("archive-bomb", 0, "")]
    assert faults(packed(parts | {f"xl/p{n}.xml": b"" for n in range(2_100)}))[0] == [
        ("archive-bomb", 0, "")
    ]


def test_entities_that_grow_are_refused_before_they_do(faults):
    lol = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet'
    for part, old in ((SHEET_1, "<worksheet"), ("xl/sharedStrings.xml", "<sst")):
        content = changed(workbook(), part, old, lol.replace("<worksheet", old))
        assert faults(content)[0] == [("document-type", 0, "")]


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET_1, 'r="H', 'r="ZZZ'),
        (SHEET_1, '<row r="3"', '<row r="1"'),
        (SHEET_1, '<row r="3"', '<row r="99999999"'),
        (SHEET_1, '<c r="B2"', '<c r="A2"'),
        (SHEET_1, '<c r="B2"', '<c r="B3"'),
        (SHEET_1, '<c r="B2" t="s"', '<c r="B2" t="s" s="x"'),
        (SHEET_1, '<v>30</v></c>', '<v>30</v>'),
        (SHEET_1, '<c r="A2" t="s"><v>8</v>', '<c r="A2" t="s"><v>8000</v>'),
        (SHEET_1, '<c r="A2" t="s"><v>8</v>', '<c r="A2" t="s"><v>-1</v>'),
        (SHEET_1, '<c r="A2" t="s">', '<c r="A2" t="whatever">'),
        ("xl/workbook.xml", 'r:id="rId1"', 'r:id="rId77"'),
        ("xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", "../../etc/passwd"),
        ("xl/sharedStrings.xml", "<si>", "<si"),
    ],
)  # fmt: skip
def test_damage_inside_is_refused_in_words(faults, part, old, new):
    content = workbook([*ROWS[:1], row("2025/26 Q2", 31, note="x")])
    found, said = faults(changed(content, part, old, new))
    assert found
    assert "Traceback" not in said


def test_two_sheets_of_one_part_and_parts_of_one_name_are_refused(faults):
    content = workbook(then=lambda book, s: book.add_worksheet("Q2"))
    same = changed(content, "xl/_rels/workbook.xml.rels", "sheet2.xml", "sheet1.xml")
    assert faults(same)[0] == [("damaged", 0, "")]
    named = changed(content, "xl/workbook.xml", 'name="Q2"', 'name="RETURN"')
    assert faults(named)[0] == [("damaged", 0, "")]
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(SHEET_1.upper(), b"<worksheet/>")
    assert faults(stream.getvalue())[0] == [("damaged", 0, "")]


def test_a_stated_size_that_is_a_lie_stops_nothing(read):
    """A library that believes it asks for 96 GB at once, and the process is gone."""
    content = changed(workbook(), "xl/sharedStrings.xml", "<sst ", '<sst uniqueCount="4000000000" ')
    parts = unpacked(content)
    texts = parts["xl/sharedStrings.xml"].decode("utf-8")
    texts = re.sub(r'(uniqueCount="4000000000")(.*?) uniqueCount="\d+"', r"\1\2", texts, count=1)
    content = packed(parts | {"xl/sharedStrings.xml": texts.encode("utf-8")})
    content = changed(content, SHEET_1, '<dimension ref="A1:H4"', '<dimension ref="A1:XFD1048576"')
    assert len(read(content)[0]) == 3


def test_a_cell_far_out_is_refused_and_not_filled_up_to(faults):
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    found, said = faults(changed(workbook(), SHEET_1, "</sheetData>", far))
    assert found == [("too-large", 0, "")]
    assert "XFD1048576" in said


def test_text_in_pieces_comments_and_escapes_is_put_together(read):
    rows = [row(note="one"), row("2025/26 Q2", note="two"), row("2025/26 Q3", note="six")]
    content = workbook(rows)
    for plain, rich in (
        ("one", "<r><t>o</t></r><r><t>ne</t></r><rPh sb='0' eb='1'><t>not</t></rPh>"),
        ("two", "<t>t<!-- never -->w<![CDATA[o]]></t>"),
        ("six", "<t>si_x0078_</t>"),
    ):
        content = changed(content, "xl/sharedStrings.xml", f"<t>{plain}</t>", rich)
    assert read(content)[0]["value_note"].tolist() == ["one", "two", "six"]


def test_escapes_places_and_letters():
    assert unescaped("a_x000D_b_x005F_x0041_") == "a\rb_x0041_"
    assert unescaped("_xD83D_") == "_xD83D_"
    assert [place_of(text) for text in ("A1", "AA10", "XFD1048576", "a1", "A0x", "")] == [
        (1, 1), (10, 27), (1048576, 16384), None, None, None
    ]  # fmt: skip
    assert [letters(number) for number in (1, 26, 27, 52, 703, 16384)] == [
        "A", "Z", "AA", "AZ", "AAA", "XFD"
    ]  # fmt: skip


def test_an_independent_reader_finds_the_same_cells(tmp_path):
    """python-calamine on 150 workbooks of random text and numbers."""
    chance = random.Random(20261122)
    letters_ = "abc &<>\"'éß—漢\u00a0 \n_x"
    for _ in range(150):
        rows = [
            tuple(
                chance.choice([
                    None, round(chance.uniform(-1e6, 1e6), chance.randrange(6)),
                    chance.randrange(10**9), "".join(chance.choices(letters_, k=6)),
                ])
                for _ in range(7)
            ) + ("end",)
            for _ in range(chance.randrange(1, 6))
        ]  # fmt: skip
        content = workbook(rows)
        path = tmp_path / "r.xlsx"
        path.write_bytes(content)
        grid = grid_of_workbook(path, name="r.xlsx")
        other = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_name("Return")
        expected = [list(map(_as_text, cells)) for cells in other.to_python()]
        assert grid.heading == expected[0] == list(COLUMNS)
        assert grid.rows == expected[1:]


def _as_text(cell):
    return number_text(float(cell)) if isinstance(cell, int | float) else cell


NASTY = (b"", b"0", b"-1", b"x", b"A1", b"XFD1048576", b"9" * 30, b"s", b"d", b"b", b"e", b"nan",
         b"1e308", b"45352", b"#N/A", b"_xD83D_", b"_x0000_", b"&#10;", b"&#x202E;", b"&lt;b&gt;",
         b"../../x", b"/xl/workbook.xml", b"rId2", b"hidden", b"true", b"\xc3\xa9", b"\xff",
         b"\x00", b"<f>1</f>", b"<!DOCTYPE x>", b"</row>", b'hidden="1"', b"Notes",
         b"9434765919")  # fmt: skip


def test_three_thousand_damaged_workbooks_end_in_a_grid_or_a_refusal(tmp_path):
    """And what becomes of a grid is judged by the rules for CSV, here for one in four."""
    chance, path = random.Random(3), tmp_path / "r.xlsx"
    whole = workbook(then=lambda book, s: book.add_worksheet("Notes").write(0, 0, "hello"))
    parts, grids, refusals = unpacked(whole), 0, 0
    for number in range(3_000):
        path.write_bytes(_damaged(whole, parts, chance))
        try:
            grid = grid_of_workbook(path, name="r.xlsx")
            grids += 1
            if number % 4 == 0:
                check_grid(grid, name="r.xlsx", catalogue=CATALOGUE)
        except ExtractError as error:
            assert error.faults
            str(error).encode("utf-8")
            refusals += 1
    assert min(grids, refusals) > 800


def _damaged(whole: bytes, parts: dict[str, bytes], chance: random.Random) -> bytes:
    """The bytes of the archive changed, or one part inside it."""
    if chance.random() < 0.3:
        return _bytes_changed(whole, chance)
    part = chance.choice([SHEET_1, SHEET_1, SHEET_2, "xl/workbook.xml", "xl/styles.xml",
                          "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"])  # fmt: skip
    kind = chance.choice([_bytes_changed, _values_changed, _values_changed])
    return packed(parts | {part: kind(parts[part], chance)}, method=zipfile.ZIP_STORED)


def _bytes_changed(content: bytes, chance: random.Random) -> bytes:
    changing = bytearray(content)
    for _ in range(chance.choice([1, 2, 5])):
        place = chance.randrange(len(changing))
        length = chance.choice([1, 1, 4, 60, 900])
        changing[place : place + length] = chance.choice(
            [b"", chance.choice(NASTY), chance.randbytes(length), changing[:length]]
        )
        if not changing:
            return b""
    return bytes(changing)


def _values_changed(content: bytes, chance: random.Random) -> bytes:
    """Texts and attributes changed so that most of it stays XML."""
    for _ in range(chance.choice([1, 2])):
        places = list(re.finditer(rb'="([^"]*)"|>([^<]+)<', content))
        if not places:
            return content
        place = chance.choice(places)
        start, end = place.span(1) if place[1] is not None else place.span(2)
        content = content[:start] + chance.choice(NASTY) + content[end:]
    return content

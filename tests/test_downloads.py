"""The files behind a page: read them back as a spreadsheet would."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from xml.etree import ElementTree

import pages as samples
import pytest

from lbbd_jsna.errors import RunError
from lbbd_jsna.exhibits.exhibit import Cell, ColumnHead, Table
from lbbd_jsna.reporting.downloads import guarded, table_csv, write_maps, write_tables


def rows_of(table: Table, **settings) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table_csv(table.as_json(), **settings))))


def test_every_named_table_is_written_once_figures_included(tmp_path):
    written = write_tables(samples.notebook(samples.outcome_exhibits()), tmp_path)
    assert sorted(written) == [
        "outcome-1-benchmarks.csv",
        "outcome-1-missing.csv",
        "reception-trend.csv",
        "reception-wards.csv",
        "wards-by-year.csv",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(written)
    assert written["reception-wards.csv"] == "Per cent of children obese in Reception, by ward"


def test_a_file_opens_in_a_spreadsheet_as_it_was(tmp_path):
    write_tables(samples.notebook([samples.title(), samples.ward_map()]), tmp_path)
    raw = (tmp_path / "reception-wards.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfWard,Per cent\r\n")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[1] == ["Abbey", "9.4"]
    assert rows[-1] == [samples.PAYLOAD, "15.0"]


def test_small_print_gets_a_column_of_its_own():
    rows = rows_of(samples.benchmark_table())
    assert rows[0][:5] == [
        "Measure",
        "Measure: detail",
        "Period",
        "Borough",
        "Borough: 95% interval",
    ]
    assert rows[1][:5] == [
        "Obesity, Reception (age 4 to 5)", "want lower", "2024/25", "12.1%", "10.9 to 13.4",
    ]  # fmt: skip
    assert {len(row) for row in rows} == {len(rows[0])}
    assert "From 8.1% to 15.9%" in rows[1]


def test_made_up_figures_say_so_in_every_row():
    rows = rows_of(samples.ward_table(), demonstration=True)
    assert rows[0][-1] == "Note"
    assert {row[-1] for row in rows[1:]} == {"[DEMONSTRATION, NOT REAL FIGURES]"}


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "+1+cmd", "-2+3", "@SUM(A1)", "\tx", "\rx", " =1+1", "-", "+a"]
)
def test_a_formula_is_never_written_live(text):
    assert guarded(text) == f"'{text}"
    table = Table(text, (ColumnHead(text), ColumnHead("b")), ((Cell(text), Cell("1", sub=text)),))
    starts = {cell[:1] for row in rows_of(table) for cell in row}
    assert not starts & set("=+-@\t\r")


@pytest.mark.parametrize("text", ["-1.5", "+3", "-12.4%", "1,234", "-1,234.5 %", "", "a-b", "[c]"])
def test_a_number_stays_a_number(text):
    assert guarded(text) == text


def test_two_different_tables_of_one_name_are_refused(tmp_path):
    other = replace(samples.ward_table(), rows=((Cell("Abbey"), Cell("1.0")),))
    notebook = samples.notebook([samples.title(), samples.ward_map(), other])
    with pytest.raises(RunError, match="differs from another table of this name"):
        write_tables(notebook, tmp_path / "tables")
    assert not (tmp_path / "tables").exists()


def test_another_report_may_write_the_same_table_but_no_other(tmp_path):
    notebook = samples.notebook([samples.title(), samples.ward_map()])
    write_tables(notebook, tmp_path)
    write_tables(notebook, tmp_path)
    with pytest.raises(RunError, match="another report wrote this file"):
        write_tables(notebook, tmp_path, demonstration=True)


@pytest.mark.parametrize("name", ["../escape", "A", "a.b", "/etc/x", "a/b"])
def test_a_name_that_is_no_file_stem_is_refused(tmp_path, name):
    table = replace(samples.ward_table(), name=name)
    with pytest.raises(RunError, match="cannot be a file name"):
        write_tables(samples.notebook([samples.title(), table]), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_map_carries_its_words(tmp_path):
    written = write_maps(
        samples.notebook([samples.title(), samples.ward_map(), samples.trend_chart()]),
        tmp_path,
        demonstration=True,
    )
    assert written == {"reception-map.svg": "Rates are highest along the river"}
    root = ElementTree.parse(tmp_path / "reception-map.svg").getroot()
    title, words = (
        root.find(f"{{http://www.w3.org/2000/svg}}{name}") for name in ("title", "desc")
    )
    assert title.text == "[DEMONSTRATION, NOT REAL FIGURES] Rates are highest along the river"
    assert words.text == samples.ward_map().alt

"""Fingertips extracts of any size: the quick way keeps what the plain way keeps."""

import csv
import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.extracts import CATALOGUE, SHAPES, large_extract, read_with_pandas
from lbbd_jsna.catalogue import read_catalogue
from lbbd_jsna.errors import ExtractError
from lbbd_jsna.sources import csv_blocks, fingertips_kept, fingertips_rows
from lbbd_jsna.sources.csv_blocks import Irregular
from lbbd_jsna.sources.fingertips import SOURCE, read_fingertips
from lbbd_jsna.sources.fingertips_rows import FIELDS, REQUIRED, Wanted
from tests.made_up_borough import COUNTRY, NEIGHBOUR, OWN, indicator, made_up_catalogue
from tests.test_fingertips import HEADING, text_of

ROWS = 200_000
NAME = "fingertips/england.csv"
ENGLAND = {"Area Code": COUNTRY, "Area Name": "England"}
THERE = {"Area Code": NEIGHBOUR, "Area Name": "Overstream"}
WANTED = Wanted.by(made_up_catalogue(indicator()), source=SOURCE)


def rows_of(path, wanted=WANTED):
    """Rows and notes, or the faults."""
    try:
        table, notes = fingertips_rows.fingertips_rows(path, name=NAME, wanted=wanted)
    except ExtractError as error:
        return str(error)
    return table.to_dict("list"), notes


def plainly(path, wanted=WANTED):
    """The same by the csv module alone, from the first byte on."""

    def nothing(stream):
        raise Irregular(stream.tell(), 1)
        yield

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fingertips_rows, "read_blocks", nothing)
        return rows_of(path, wanted)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_large_file_keeps_the_rows_that_an_independent_filter_keeps(tmp_path, shape):
    path = tmp_path / "england.csv"
    rows = ROWS if shape == "normal" else ROWS // 10
    catalogue = large_extract(path, catalogue=read_catalogue(CATALOGUE), rows=rows, shape=shape)
    wanted = Wanted.by(catalogue, source=SOURCE)
    expected = []
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        for number, row in enumerate(reader, start=2):
            broken_down = row["Category Type"] and row["Area Code"] not in wanted.detailed
            if row["Indicator ID"] in wanted.ids and row["Area Code"] in wanted.areas:
                expected += [(number, row)] * (not broken_down)
    table, notes = fingertips_rows.fingertips_rows(path, name=NAME, wanted=wanted)
    assert len(expected) > 1_000
    assert table["source_row"].tolist() == [number for number, _ in expected]
    for heading, field in REQUIRED.items():
        assert table[field].tolist() == [row[heading] for _, row in expected], field
    left_out = sum(int(note.split()[1].replace(",", "")) for note in notes)
    assert left_out == number - 1 - len(expected)
    read, _ = read_fingertips(path, name=NAME, catalogue=catalogue)
    assert len(read) == len(expected) == len(read_with_pandas(path, catalogue=catalogue))
    published = [float(row["Value"]) for _, row in expected if row["Value"]]
    assert sorted(read["value"].dropna()) == sorted(published)


CELLS = st.sampled_from(
    ["90319", '"90319"', " 90319", "90319 ", "1", "", "Indicator ID", "90319901", "9031\u00e9",
     OWN, f'"{OWN}"', f" {OWN}", COUNTRY, NEIGHBOUR, "E09000999", "E0500090", '"a ""b"", c"',
     '"90319""1"', f"{OWN}9", f'"{OWN[:-1]}""{OWN[-1]}"', '"two\r\nlines"', "x", '"', "\r",
     "5 \u00b0", "Deprivation", " x", '""', " "]
)  # fmt: skip
PLACES = [HEADING.index(name) for name in ("Indicator ID", "Area Code", "Category Type", "Sex")]


@settings(max_examples=250, deadline=None, derandomize=True)
@given(
    changes=st.lists(st.tuples(st.integers(1, 13), st.sampled_from(PLACES), CELLS), max_size=8),
    widths=st.dictionaries(st.integers(1, 13), st.integers(-3, 1), max_size=2),
    ending=st.sampled_from(["\r\n", "\n", ""]),
    cp1252=st.booleans(),
)
def test_the_quick_way_and_the_csv_module_agree(
    tmp_path_factory, changes, widths, ending, cp1252
):
    lines = text_of(*[ENGLAND, {}, THERE, THERE] * 3, {"Indicator ID": "7"}).split("\r\n")[:-1]
    cells = [line.split(",") for line in lines]
    for row, place, cell in changes:
        cells[row][place] = cell
    for row, more in widths.items():
        cells[row] = cells[row][:more] if more < 0 else [*cells[row], *["y"] * more]
    text = (ending or "\n").join(map(",".join, cells)) + ending
    path = tmp_path_factory.mktemp("agree") / "england.csv"
    path.write_bytes(text.encode("cp1252" if cp1252 else "utf-8"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_blocks, "BLOCK_BYTES", 701)
        patch.setattr(fingertips_kept, "MOST_WAITING", 900)
        assert rows_of(path) == plainly(path)


@pytest.mark.parametrize("size", range(300, 560, 20))
def test_a_stump_at_the_end_is_found_wherever_blocks_part(tmp_path, monkeypatch, size):
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", size)
    path = tmp_path / "england.csv"
    path.write_text(text_of({}, {}).removesuffix(",1y\r\n"), encoding="utf-8", newline="")
    assert "last row: cut off" in rows_of(path)
    short = text_of({}, {}).replace(",1y\r\n", "\r\n").removesuffix("\r\n")
    path.write_text(short, encoding="utf-8", newline="")
    assert len(rows_of(path)[0]["value"]) == 2


def test_another_heading_in_the_middle_turns_the_columns_for_what_follows(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 500)
    turned = [*HEADING[:1], *reversed(HEADING[1:])]
    texts = [text_of({}, {"Indicator ID": "5"}), text_of(THERE, ENGLAND, heading=turned)] * 2
    path = tmp_path / "england.csv"
    path.write_text("".join(texts), encoding="utf-8", newline="")
    table, notes = fingertips_rows.fingertips_rows(path, name=NAME, wanted=WANTED)
    assert table["area_code"].tolist() == [OWN, NEIGHBOUR, COUNTRY] * 2
    assert table["source_row"].tolist() == [2, 5, 6, 8, 11, 12]
    assert table["value"].tolist() == ["12.1"] * 6
    assert list(table.columns) == ["source_row", *FIELDS]
    assert f"{NAME}: 3 more headings in the middle of the file" in notes


def test_the_id_may_stand_in_another_column(tmp_path, monkeypatch):
    path = tmp_path / "england.csv"
    heading = [*reversed(HEADING[:-3]), *HEADING[-3:]]
    # What stands first in a row is the sortable period; once it looks like an id.
    rows = [{}, {"Indicator ID": "5"}, {heading[0]: "90319"}, THERE] * 4
    text = text_of(*({heading[0]: "2024", **row} for row in rows), heading=heading)
    path.write_text(text, encoding="utf-8", newline="")
    for size in (600, 1 << 20):
        monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", size)
        table, _ = rows_of(path)
        assert table["area_code"] == [OWN, OWN, NEIGHBOUR] * 4
        assert rows_of(path) == plainly(path)


def test_a_byte_that_is_not_utf8_in_a_row_nobody_wants_makes_the_whole_file_cp1252(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 500)
    path = tmp_path / "england.csv"
    other = {"Indicator ID": "5", "Area Name": "Pl\u00e9r"}
    text = text_of({"Value note": "a \u2013 b"}, *[{"Indicator ID": "5"}] * 9, other, THERE)
    path.write_bytes(text.encode("cp1252"))
    table, notes = fingertips_rows.fingertips_rows(path, name=NAME, wanted=WANTED)
    assert table["value_note"].tolist() == ["a \u2013 b", ""]
    assert notes[0] == f"{NAME}: not UTF-8 (row 2); read as cp1252"
    # A dash in UTF-8 before a byte that is not: the file is one or the other, never both.
    path.write_bytes(text_of({"Value note": "a \u2013 b"}).encode() + b"5," + other["Area Name"]
                     .encode("cp1252") + b"," * 25 + b"\r\n")  # fmt: skip
    table, notes = fingertips_rows.fingertips_rows(path, name=NAME, wanted=WANTED)
    assert table["value_note"].tolist() == ["a \u00e2\u20ac\u201c b"]
    assert notes[0] == f"{NAME}: not UTF-8 (row 3); read as cp1252"
    path.write_bytes(text_of({}).encode() + b"5,\x81" + b"," * 25 + b"\r\n")
    assert "neither UTF-8 nor cp1252" in rows_of(path)


def test_nul_bytes_are_refused_wherever_they_stand(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 500)
    path = tmp_path / "england.csv"
    path.write_bytes(text_of(*[{"Indicator ID": "5"}] * 9, {"Area Name": "a\0b"}).encode())
    assert "NUL bytes" in rows_of(path)
    assert "NUL bytes" in plainly(path)


def test_more_rows_or_bytes_than_any_extract_has_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "england.csv"
    path.write_text(text_of(*[{}] * 30), encoding="utf-8", newline="")
    os.truncate(path, 4_000_000_001)
    assert "larger than 4,000 MB" in rows_of(path)
    monkeypatch.setattr(fingertips_rows, "MOST_ROWS", 20)
    path.write_text(text_of(*[{}] * 30), encoding="utf-8", newline="")
    assert "more than 20 rows" in rows_of(path)
    assert "more than 20 rows" in plainly(path)


def test_a_file_of_rows_at_fault_is_not_read_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(fingertips_rows, "MOST_FAULTS", 50)
    path = tmp_path / "england.csv"
    path.write_text(text_of(*[{}] * 200).replace(",1y", ",1y,z"), encoding="utf-8", newline="")
    with pytest.raises(ExtractError) as caught:
        fingertips_rows.fingertips_rows(path, name=NAME, wanted=WANTED)
    assert len(caught.value.faults) == 51
    assert "50 rows at fault; the rest was not read" in str(caught.value.faults[-1])


def test_a_line_without_an_end_is_refused_before_memory_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(fingertips_rows, "MOST_LINE_BYTES", 100_000)
    path = tmp_path / "england.csv"
    path.write_text(text_of({}) + '90319,"' + "x" * 300_000, encoding="utf-8", newline="")
    assert "row 3: longer than 100,000 bytes" in rows_of(path)


def test_thousands_of_rows_are_kept_in_their_order(tmp_path):
    chosen = random.Random(3).choices([OWN, NEIGHBOUR, "E07000001"], k=5_000)
    rows = [{"Area Code": code, "Count": str(place)} for place, code in enumerate(chosen)]
    path = tmp_path / "england.csv"
    path.write_text(text_of(*rows), encoding="utf-8", newline="")
    table, _ = rows_of(path)
    kept = [place for place, code in enumerate(chosen) if code != "E07000001"]
    assert table["count"] == list(map(str, kept))
    assert table["source_row"] == [place + 2 for place in kept]

"""Records found by arithmetic on bits are those the csv module finds, or are left to it."""

import csv
import io

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lbbd_jsna.sources import csv_blocks
from lbbd_jsna.sources.csv_blocks import Irregular, first_words, read_blocks

# Mostly what a CSV is made of, so that quotes and breaks meet in every way.
PIECES = ['"', '""', ",", "\n", "\r\n", "\r", "a", "90319", ' "', "\u00e9", '"b",', '\n"c,\n"\r\n']
TEXTS = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Blocks of a few records, so that records straddle them."""
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 37)


def as_the_csv_module_reads(text):
    """Line and fields of each record; None where the module stops."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records, line = [], 1
    try:
        for record in reader:
            records.append((line, record))
            line = reader.line_num + 1
    except csv.Error:
        records.append((line, None))
    return records


def found(text):
    """Line and fields of each record as blocks give them, and what is left to the csv module."""
    records, content = [], text.encode()
    try:
        for block in read_blocks(io.BytesIO(content)):
            rows = np.arange(len(block.starts))
            fields = block.records(rows, "utf-8")
            for row in rows.tolist():
                assert block.widths[row] == max(len(fields[row]), 1)
                for place in range(len(fields[row])):
                    start, end = (int(at[0]) for at in block.field(rows[[row]], place))
                    cell = bytes(block.content[start:end]).decode().replace('""', '"')
                    assert cell == fields[row][place]
            records += zip(block.lines.tolist(), fields, strict=True)
    except Irregular as error:
        return records, (error.offset, error.line)
    return records, None


@settings(max_examples=400, deadline=None, derandomize=True)
@given(TEXTS)
@example('a,b\r\n"x\r\ny",1\r\n\r\nc,"d ""e"", f"')
@example('a,"b"c\nd,e\n')
@example('a,b"c,d"\n1,2\n')
def test_what_blocks_give_is_what_the_csv_module_reads(text):
    expected = as_the_csv_module_reads(text)
    records, left = found(text)
    assert records == expected[: len(records)]
    if left is None:
        assert len(records) == len(expected)
    else:
        offset, line = left
        rest = as_the_csv_module_reads(text.encode()[offset:].decode())
        assert [(line + at - 1, record) for at, record in rest] == expected[len(records) :]


@pytest.mark.parametrize(
    ("text", "why"),
    [('a,"b" c\n', "text after a quote"), ('a, "b"\n', "a quote after white space"),
     ("a\rb\n", "a lone carriage return"), ('a,"b\n', "a quote that is not closed")],
)  # fmt: skip
def test_what_could_be_read_otherwise_is_left_to_the_csv_module(text, why):
    assert found("1,2\n" * 20 + text)[1], why


def test_a_record_longer_than_the_csv_module_takes_is_left_to_it(monkeypatch):
    monkeypatch.setattr(csv_blocks, "MOST_RECORD_BYTES", 100)
    records, left = found("1,2\n" * 30 + "3," + "x" * 120 + "\n")
    assert left is not None
    assert len(records) == (left[0]) // 4 == left[1] - 1


def test_the_first_field_is_a_word_of_its_bytes():
    text = '90319,a\n"90320",b\n,c\n12345678,d\n1234567,e\n"1234567",f\n"1234567x",g\nx\n'
    words = [
        word.to_bytes(8, "little").rstrip(b"\0")
        for block in read_blocks(io.BytesIO(text.encode()))
        for word in np.repeat(*first_words(block)).tolist()
    ]
    assert words == [b"90319", b"90320", b"", b"", b"1234567", b"", b"", b""]

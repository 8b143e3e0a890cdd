"""The strict reader of returns, on a corpus of faulty files and on files broken at random."""

import dataclasses
import json
import random
import re
from collections import Counter

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from lbbd_jsna.errors import ExtractError
from lbbd_jsna.sources.returns import reader
from lbbd_jsna.sources.returns.grid import CellFault
from lbbd_jsna.sources.returns.reader import read_csv, read_return
from tests.faulty_returns import NAME, PERSONAL, catalogue, coded, corpus, good, mutations

CASES = corpus()
CATALOGUE = catalogue()
FIGURES = ["indicator", "area_code", "area_name", "area_type", "period", "period_start",
           "period_end", "status", "value", "count", "denominator"]  # fmt: skip
FUZZED = 50_000


def verdict_of(content, name=NAME):
    """The table and notes, or the error; any other exception ends the test."""
    try:
        return read_csv(content, name=name, catalogue=CATALOGUE)
    except ExtractError as error:
        return error


GOOD, _ = verdict_of(coded(good()))


def test_the_corpus_holds_the_faults_of_the_list():
    assert len(CASES) >= 90
    assert len({case.title for case in CASES}) == len({case.content for case in CASES})
    numbers = {int(n) for case in CASES if (n := case.title.split()[0]).isdigit()}
    # 61 is a warning about an accepted return, not a fault of a file.
    assert numbers == set(range(18, 63)) - {61}
    assert Counter(case.verdict for case in CASES)["repaired"] >= 26


def test_the_good_return_is_read_as_it_stands():
    assert GOOD["area_code"].tolist() == [row[1] for row in good()[1:]]
    assert GOOD["count"].tolist() == [*(1200 + 11 * place for place in range(19)), 30_000]
    assert GOOD["value"].iloc[3] == 100 * 1233 / 4111
    assert GOOD["source_row"].tolist() == list(range(2, 22))
    assert set(GOOD["period_end"].astype(str)) == {"2026-12-31"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_verdict(case):
    verdict = verdict_of(case.content, case.name)
    if case.verdict == "refused":
        assert isinstance(verdict, ExtractError), f"accepted: {verdict[1]}"
        check_faults(verdict, case)
    else:
        assert not isinstance(verdict, ExtractError), str(verdict)
        check_table(*verdict, case)


def check_faults(error, case):
    assert all(isinstance(fault, CellFault) for fault in error.faults)
    assert {(fault.row, fault.column) for fault in error.faults} == case.places, str(error)
    assert case.rule in {fault.rule for fault in error.faults}, str(error)
    assert case.word in str(error)
    for fault in error.faults:
        assert fault.file == case.name
        assert fault.where.startswith(case.name)
        assert fault.row == 0 or f"row {fault.row}" in fault.where
        assert fault.column in fault.where
        assert fault.expected or fault.todo


def check_table(table, notes, case):
    expected = GOOD.copy()
    # The row of the file is the good one's plus the rows put above it; heading row 1.
    by_code = table.drop_duplicates("area_code").head(len(expected))
    for row in case.unknown:
        assert by_code["status"].iloc[row - 2] == "suppressed"
        assert pd.isna(by_code["value"].iloc[row - 2])
        assert pd.isna(by_code["count"].iloc[row - 2])
        expected.loc[row - 2, ["value", "count"]] = float("nan")
        expected.loc[row - 2, "status"] = "suppressed"
    if case.verdict == "right":
        assert notes == []
        return
    assert_frame_equal(by_code[FIGURES].reset_index(drop=True), expected[FIGURES])
    row = next(iter(case.places))[0]
    named = [note for note in notes if re.search(rf"\brows? (\d+, )*{row}\b", note)]
    assert any(case.word in note for note in named), notes
    assert all(note.startswith(case.name) for note in notes)


def test_no_personal_value_leaves_the_reader():
    """Neither in the message nor for machines nor in the exception's own context."""
    checked = 0
    for case in CASES:
        hidden = [text for text in PERSONAL if text.encode() in case.content]
        if not hidden:
            continue
        error = verdict_of(case.content, case.name)
        said = [str(error), repr(error), repr(error.args), repr(error.faults)]
        said += [json.dumps([dataclasses.asdict(fault) for fault in error.faults])]
        said += [repr(error.__cause__), repr(error.__context__)]
        for text in hidden:
            assert all(text not in words for words in said), case.title
        checked += 1
    assert checked >= 15


def test_the_same_bytes_have_the_same_verdict():
    for case in CASES:
        first, second = verdict_of(case.content, case.name), verdict_of(case.content, case.name)
        if case.verdict == "refused":
            assert str(first) == str(second)
            assert first.faults == second.faults
        else:
            assert_frame_equal(first[0], second[0])
            assert first[1] == second[1]


def test_a_small_file_read_the_way_of_large_ones_has_the_same_verdict(monkeypatch):
    slow = [verdict_of(case.content, case.name) for case in CASES]
    monkeypatch.setattr(reader, "SMALL", 0)
    for case, before in zip(CASES, slow, strict=True):
        after = verdict_of(case.content, case.name)
        if case.verdict == "refused":
            assert after.faults == before.faults, case.title
        else:
            assert_frame_equal(after[0], before[0])
            assert after[1] == before[1], case.title


def test_a_file_is_read_from_disk_as_from_its_bytes(tmp_path):
    for case in CASES[:40]:
        path = tmp_path / "return.csv"
        path.write_bytes(case.content)
        try:
            read = read_return(path, name=case.name, catalogue=CATALOGUE)
        except ExtractError as error:
            assert str(error) == str(verdict_of(case.content, case.name))
        else:
            assert_frame_equal(read[0], verdict_of(case.content, case.name)[0])


def test_files_broken_at_random_end_in_a_table_or_in_the_readers_own_error(monkeypatch):
    seeds = [case.content for case in CASES if len(case.content) < 5_000]
    rng = random.Random(20261121)
    ends = Counter()
    for number, content in enumerate(mutations(seeds, FUZZED, rng)):
        if number == FUZZED - 5_000:  # the rest in the way of large files
            monkeypatch.setattr(reader, "SMALL", 0)
        verdict = verdict_of(content)
        ends[type(verdict).__name__] += 1
        if isinstance(verdict, ExtractError):
            assert verdict.faults
        else:
            assert len(verdict[0])
    assert ends.total() == FUZZED
    # Broken files must also reach the rules, not only the first gate.
    assert ends["tuple"] > FUZZED / 100

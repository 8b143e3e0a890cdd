"""`jsna returns`: forms out, returns checked, accepted ones kept."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import python_calamine
import xlsxwriter

from lbbd_jsna.catalogue import read_catalogue
from lbbd_jsna.errors import ExtractError
from lbbd_jsna.periods import Period
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.sources.extracts import read_extracts
from lbbd_jsna.sources.returns import COLUMNS, guidance, read_return, storing
from lbbd_jsna.sources.returns.forms import cadence_of, form_of
from lbbd_jsna.sources.returns.keeping import add_returns
from lbbd_jsna.sources.returns.reader import read_csv
from lbbd_jsna.sources.returns.standing import find_stored, newest_periods, standing_figures
from lbbd_jsna.sources.returns.templates import write_templates
from lbbd_jsna.sources.returns.unusual import find_unusual
from tests.conftest import ROOT
from tests.made_up_borough import NEW_WARDS, OWN, indicator, made_up_catalogue

QUARTER = "2026-27-Q3"
PLACE = "E09000002,Barking and Dagenham"
HEADING = ",".join(COLUMNS)
SERIES = "early-help-on-time"
NHS_NUMBER = "943 476 5919"
CATALOGUE = read_catalogue(ROOT / "catalogue")


@pytest.fixture
def jsna(in_process, tmp_path):
    """Run `jsna returns` in this process on a raw folder of its own: code, output, errors."""
    return lambda *arguments: in_process("returns", *arguments, "--raw", tmp_path / "raw")


@pytest.fixture
def write(tmp_path):
    """Write a return of rows such as `2026/27 Q3,344,430`."""

    def writer(*rows: str, name="early help.csv", series=SERIES, heading=HEADING) -> Path:
        path = tmp_path / "in" / name
        path.parent.mkdir(exist_ok=True)
        lines = [heading, *(f"{series},{PLACE},{row},," for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        return path

    return writer


def stored(tmp_path) -> list[str]:
    """Everything in the raw folder but the lock."""
    raw = tmp_path / "raw"
    names = sorted(path.relative_to(raw).as_posix() for path in raw.rglob("*") if path.is_file())
    return [name for name in names if not name.endswith(".lock")]


# ------------------------------------------------------------------------------------- templates


@pytest.fixture(scope="module")
def forms(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("forms") / QUARTER
    write_templates(folder, catalogue=CATALOGUE, quarter=Quarter.parse(QUARTER))
    return folder


WANTED = sorted(
    one.id
    for one in CATALOGUE.indicators.values()
    if CATALOGUE.sources[one.source].kind in ("return", "survey")
    and CATALOGUE.sources[one.source].supplied == "extract"
)


def test_every_series_that_is_returned_has_its_forms(forms):
    assert len(WANTED) > 20
    expected = {f"{name}_{QUARTER}{ending}" for name in WANTED for ending in (".csv", ".xlsx")}
    assert {path.name for path in forms.iterdir()} == expected | {"README.txt"}


def test_a_form_has_its_codes_and_period_and_blank_figures(forms):
    text = (forms / f"{SERIES}_{QUARTER}.csv").read_bytes()
    wards = [f"{code},{name}" for code, name in CATALOGUE.wards("2022").items()]
    rows = [f"{SERIES},{place},2026/27 Q3,,,,\r\n" for place in (PLACE, *wards)]
    assert text == b"\xef\xbb\xbf" + f"{HEADING}\r\n{''.join(rows)}".encode()
    book = python_calamine.load_workbook(str(forms / f"{SERIES}_{QUARTER}.xlsx"))
    assert book.sheet_names == ["Return", "Notes"]
    sheet = book.get_sheet_by_name("Return").to_python()
    assert sheet == [list(COLUMNS), *(
        [SERIES, *place.split(","), "2026/27 Q3", "", "", "", ""] for place in (PLACE, *wards)
    )]  # fmt: skip


def test_forms_that_come_back_as_they_went_are_refused_for_their_blanks(forms, jsna):
    files = [forms / f"{SERIES}_{QUARTER}{ending}" for ending in (".csv", ".xlsx")]
    code, out, _ = jsna("check", *files)
    assert code == 1
    assert out.count("row 2, value: blank") == out.count("row 21, value: blank") == 2


@pytest.mark.parametrize("name", WANTED)
def test_every_form_filled_in_as_its_own_example_is_clean(forms, tmp_path, name):
    """The example of the notes goes into both files; a newcomer can do no more."""
    form = form_of(CATALOGUE.indicators[name], catalogue=CATALOGUE,
                   quarter=Quarter.parse(QUARTER), earlier={})  # fmt: skip
    example = guidance.example_row(form)
    for ending in (".csv", ".xlsx"):
        path = tmp_path / f"{form.stem}{ending}"
        _fill_in(forms / path.name, path, example)
        table, _ = read_return(path, name=path.name, catalogue=CATALOGUE,
                               quarter=Quarter.parse(QUARTER))  # fmt: skip
        assert table["indicator"].tolist() == [name] * len(form.areas)
        assert table["value"].notna().tolist() == [True] + [False] * (len(form.areas) - 1)


def _fill_in(form: Path, path: Path, example: list[str]) -> None:
    """As a person would: the borough's figures, and [x] for wards; other cells are the form's."""
    if form.suffix == ".csv":
        with form.open(encoding="utf-8-sig", newline="") as file:
            heading, row, *wards = csv.reader(file)
        row = [given or filled for given, filled in zip(row, example, strict=True)]
        wards = [[*cells[:6], "[x]", ""] for cells in wards]
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([heading, row, *wards])
        return
    with zipfile.ZipFile(form) as old, zipfile.ZipFile(path, "w") as new:
        for item in old.namelist():
            part = old.read(item).decode("utf-8")
            if item == "xl/worksheets/sheet1.xml":
                part = _filled(part, example)
            new.writestr(item, part)


def _filled(sheet: str, example: list[str]) -> str:
    """The XML of a form's sheet with figures in row 2, and [x] as the value of those below."""
    before, rows = sheet.split('<row r="2"')
    first, *others = rows.split("</row>")
    first += "".join(
        f'<c r="{letter}2"><v>{figure}</v></c>'
        for letter, figure in zip("EFG", example[4:7], strict=True)
        if figure
    )
    others = [
        f'{row}<c r="G{number}" t="inlineStr"><is><t>[x]</t></is></c>' if "<row" in row else row
        for number, row in enumerate(others, start=3)
    ]
    return before + '<row r="2"' + "</row>".join([first, *others])


def test_the_workbook_keeps_excel_from_changing_what_is_typed(forms):
    with zipfile.ZipFile(forms / f"{SERIES}_{QUARTER}.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode("utf-8")
        styles = archive.read("xl/styles.xml").decode("utf-8")
    cell_styles = re.findall('<xf numFmtId="([0-9]+)"', styles.split("<cellXfs")[1])
    text = {place for place, number in enumerate(cell_styles) if number == "49"}  # 49 is Text
    columns = re.findall(r'<col min="(\d+)" max="(\d+)"[^>]*?style="(\d+)"', sheet)
    as_text = [range(int(a), int(b) + 1) for a, b, style in columns if int(style) in text]
    assert [column for several in as_text for column in several] == [1, 2, 3, 4, 8]
    assert 'state="frozen"' in sheet
    checked = re.findall(r'<dataValidation type="(\w+)".*?sqref="([A-Z])2:(?:\2)501"', sheet)
    assert checked == [("list", "A"), ("list", "B"), ("custom", "E"), ("custom", "F"),
                       ("custom", "G")]  # fmt: skip
    assert f'"{SERIES}"' in sheet.replace("&quot;", '"')
    assert "[c]" in sheet
    assert "sheetProtection" not in sheet


def test_the_notes_say_what_to_count_and_what_never_to_send(forms):
    book = python_calamine.load_workbook(str(forms / f"{SERIES}_{QUARTER}.xlsx"))
    rows = book.get_sheet_by_name("Notes").to_python()
    notes = dict(row for row in rows if row[0])
    indicator_ = CATALOGUE.indicators[SERIES]
    assert notes["What is counted"] == indicator_.definition
    assert notes["numerator"].startswith("Children whose early help started within")
    assert notes["denominator"].startswith("all children whose early help started in the quarter")
    assert notes["Period"].startswith("2026/27 Q3: October to December 2026")
    assert notes["Who fills it in"] == "Children's services"
    assert notes["Send it to"] == CATALOGUE.settings.contact
    words = " ".join(note for _, note in rows)
    for told in ("[c]", "[x]", "[z]", "NHS numbers", "written 0", "numerator: 45"):
        assert told in words


def test_the_read_me_says_who_fills_in_what(forms):
    text = (forms / "README.txt").read_text(encoding="utf-8-sig")
    owner, form = text.split("WHO FILLS IN WHICH FORM")[1].split("HOW TO FILL IT IN")[0], SERIES
    section = owner.split("Children's services")[1].split("\n\n")[0]
    assert f"{form}_{QUARTER}" in section
    for name in WANTED:
        assert text.count(f"{name}_{QUARTER}\n") >= 2
    assert max(map(len, text.splitlines())) <= 100


def test_the_notes_say_who_protects_small_numbers_and_how(forms):
    """By the thresholds of disclosure.yml, in the notes, the README and sources.yml alike."""
    rules = CATALOGUE.disclosure
    book = python_calamine.load_workbook(str(forms / f"{SERIES}_{QUARTER}.xlsx"))
    notes = " ".join(note for _, note in book.get_sheet_by_name("Notes").to_python())
    read_me = " ".join((forms / "README.txt").read_text(encoding="utf-8-sig").split())
    said = [notes, read_me]
    said += [CATALOGUE.sources[f"{who}-return"].note for who in ("council", "partner")]
    for text in said:
        assert f"1 to {rules.smallest_shown - 1} " in text
        assert f"rounded to the nearest {rules.round_to}" in text
        assert "from the rounded counts" in text
    for text in said[:2]:
        assert "Do not round them and do not put stars in their place" in text
        assert "true whole numbers, small ones and noughts too" in text


def test_only_a_form_with_wards_says_how_to_count_them(forms):
    def notes(name):
        book = python_calamine.load_workbook(str(forms / f"{name}_{QUARTER}.xlsx"))
        return dict(row for row in book.get_sheet_by_name("Notes").to_python() if row[0])

    assert notes(SERIES)["Wards"].startswith("Count each person in the ward of their home")
    assert "Wards" not in notes("job-shop-jobs-sustained")
    text = (forms / "README.txt").read_text(encoding="utf-8-sig")
    assert "FORMS WITH ROWS FOR WARDS" in text


def test_the_same_catalogue_and_quarter_give_the_same_bytes(forms, tmp_path):
    write_templates(tmp_path / "b", catalogue=CATALOGUE, quarter=Quarter.parse(QUARTER))
    for path in forms.iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_a_form_that_was_changed_is_never_overwritten(jsna, tmp_path):
    folder = tmp_path / "out"
    code, out, _ = jsna("templates", QUARTER, "--to", folder)
    assert code == 0
    assert f"{len(WANTED)} forms for {QUARTER}" in out
    filled, gone = folder / f"{SERIES}_{QUARTER}.csv", folder / "README.txt"
    filled.write_text("filled in", encoding="utf-8")
    gone.unlink()
    code, _, err = jsna("templates", QUARTER, "--to", folder)
    assert code == 1
    assert f"{filled}: changed since it was written" in err
    assert filled.read_text(encoding="utf-8") == "filled in"
    assert not gone.exists()
    filled.unlink()
    assert jsna("templates", QUARTER, "--to", folder)[0] == 0
    assert gone.exists()


def test_the_quarter_of_the_forms_is_the_current_one_unless_named(jsna, tmp_path):
    code, out, _ = jsna("templates", "--today", "2026-05-02", "--to", tmp_path / "o")
    assert code == 0
    assert "2026-27-Q1" in out
    code, _, err = jsna("templates", "2026-27-Q9", "--to", tmp_path / "p")
    assert code == 1
    assert "is not a quarter" in err
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize(
    ("quarter", "definition", "earlier", "period"),
    [
        ("2026-27-Q3", "Calls in the quarter.", None, "2026/27 Q3"),
        ("2026-27-Q4", "Calls in the quarter.", None, "2026/27 Q4"),
        ("2026-27-Q3", "Calls.", None, "2025/26"),
        ("2026-27-Q1", "Calls.", None, "2025/26"),
        ("2026-27-Q4", "Calls.", None, "2026/27"),
        ("1999-00-Q4", "Calls.", None, "1999/00"),
        ("2026-27-Q3", "Calls.", ("2025-07-01", "2025-09-30", "1q"), "2026/27 Q3"),
        ("2026-27-Q3", "Calls in the quarter.", ("2024-04-01", "2025-03-31", "1y"), "2025/26"),
        ("2026-27-Q3", "Calls.", ("2025-01-01", "2025-12-31", "1y"), "2026"),
        ("2026-27-Q4", "Calls.", ("2025-01-01", "2025-12-31", "1y"), "2026"),
        ("2026-27-Q2", "Calls.", ("2025-01-01", "2025-12-31", "1y"), "2025"),
        ("2026-27-Q3", "Calls.", ("2021-04-01", "2024-03-31", "3y"), ""),
    ],
)
def test_the_period_asked_for_is_the_last_one_of_the_series_own_length(
    quarter, definition, earlier, period
):
    year, number = int(quarter[:4]), int(quarter[-1])
    series = indicator("calls", source="council-return", definition=definition)
    known = {}
    if earlier:
        start, end = map(dt.date.fromisoformat, earlier[:2])
        known = {"calls": Period(start, end, earlier[2])}
    form = form_of(series, catalogue=made_up_catalogue(series), quarter=Quarter(year, number),
                   earlier=known)  # fmt: skip
    assert form.period == period


def test_a_series_of_wards_has_a_row_for_each_ward_of_its_vintage(tmp_path):
    series = indicator("helped", source="council-return", area_types=("borough", "ward"))
    catalogue = made_up_catalogue(series)
    write_templates(tmp_path, catalogue=catalogue, quarter=Quarter(2026, 3))
    lines = (tmp_path / "helped_2026-27-Q3.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == [OWN, *NEW_WARDS]
    grid = python_calamine.load_workbook(str(tmp_path / "helped_2026-27-Q3.xlsx"))
    rows = grid.get_sheet_by_name("Return").to_python()
    assert [row[1:3] for row in rows[2:]] == [list(ward) for ward in NEW_WARDS.items()]


def test_the_length_of_the_last_return_is_asked_for_again(jsna, write, tmp_path):
    assert jsna("add", write("2024/25,344,430"), "--today", "2026-01-05")[0] == 0
    assert jsna("templates", QUARTER, "--to", tmp_path / "out")[0] == 0
    text = (tmp_path / "out" / f"{SERIES}_{QUARTER}.csv").read_text("utf-8-sig")
    assert f"{PLACE},2025/26," in text
    assert cadence_of(CATALOGUE.indicators[SERIES], None) == "quarter"


# ----------------------------------------------------------------------------------------- check


def test_a_clean_return_is_called_clean_with_its_repairs(jsna, write):
    path = write('2026/27 Q3,"1,344","4 430"')
    code, out, err = jsna("check", path)
    assert (code, err) == (0, "")
    assert f"{path}: clean, 1 row\n" in out
    assert out.count("note: row 2, ") == 2


def test_every_fault_of_every_file_is_printed_and_nothing_is_stored(jsna, write, tmp_path):
    one = write("2026/27 Q3,500,430", "2026/28,some,430", name="a.csv")
    two = write("2026/27 Q3,3,4", name="b.csv", series="no-such")
    code, out, _ = jsna("check", one, two, write("2025/26 Q1,1,2", name="c.csv"))
    assert code == 1
    assert f"{one}: refused, 3 faults" in out
    assert "  - row 2, numerator: " in out
    assert "  - row 3, period: " in out
    assert "  - row 3, numerator: 'some' is not a number" in out
    assert "  - row 2, indicator: " in out
    assert "c.csv: clean" in out
    assert not (tmp_path / "raw").exists()


def test_json_is_one_document_and_nothing_else(jsna, write, tmp_path):
    bad = write("2026/27 Q3,50 %,430", name="bad.csv")
    good = write("2026/27 Q3,344,430", name="good.csv")
    code, out, err = jsna("check", "--json", bad, good, tmp_path / "none.csv", tmp_path)
    assert (code, err) == (1, "")
    told = json.loads(out)
    assert list(told) == ["files"]
    assert [(one["file"], one["verdict"]) for one in told["files"]] == [
        (str(bad), "refused"), (str(good), "clean"), (str(tmp_path / "none.csv"), "refused"),
        (str(tmp_path), "refused"),
    ]  # fmt: skip
    assert told["files"][1] == {
        "file": str(good), "verdict": "clean", "rows": 1, "notes": [], "warnings": [], "faults": [],
    }  # fmt: skip
    [fault] = told["files"][0]["faults"]
    assert (fault["file"], fault["row"], fault["column"]) == (str(bad), 2, "numerator")
    assert (fault["value"], fault["rule"]) == ("50 %", "percent-sign")
    assert set(fault) >= {"found", "expected", "todo"}
    assert told["files"][2]["faults"][0]["found"] == "there is no such file"
    assert told["files"][3]["faults"][0]["found"] == "a folder, not a file"


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
@pytest.mark.parametrize("as_json", [[], ["--json"]])
@pytest.mark.parametrize("command", ["check", "add"])
def test_numbers_of_persons_are_never_printed(jsna, tmp_path, ending, as_json, command):
    figures_ = ["2026/27 Q3", 344, 430, "", f"see {NHS_NUMBER}", NHS_NUMBER]
    rows = [[*COLUMNS, "NHS number"], [SERIES, *PLACE.split(","), *figures_]]
    path = tmp_path / f"r{ending}"
    if ending == ".csv":
        stream = io.StringIO()
        csv.writer(stream).writerows(rows)
        path.write_text(stream.getvalue(), encoding="utf-8")
    else:
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("Return")
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    code, out, err = jsna(command, path, *(as_json if command == "check" else []))
    assert code == 1
    assert "personal" in out + err or "persons" in out + err
    assert "943" not in out + err
    assert not [name for name in stored(tmp_path) if "r." in name]


def test_rows_of_another_quarter_are_refused_when_one_is_named(jsna, write):
    path = write("2026/27 Q2,344,430")
    assert jsna("check", path)[0] == 0
    code, out, _ = jsna("check", path, "--quarter", QUARTER)
    assert code == 1
    assert "row 2, period: " in out


def test_files_that_cannot_be_read_are_said_plainly(jsna, tmp_path, write):
    locked = write("2026/27 Q3,344,430", name="locked.csv")
    other = tmp_path / "in" / "r.xlsm"
    other.write_bytes(b"PK")
    pipe = tmp_path / "in" / "pipe.csv"
    os.mkfifo(pipe)
    code, out, err = jsna("check", other, pipe, tmp_path / ("x" * 300))
    assert code == 1
    assert "its name ends in '.xlsm', not in .csv or .xlsx" in out
    assert "not a regular file" in out
    assert "Traceback" not in out + err
    code, out, _ = jsna("check", locked.rename(tmp_path / "in" / "a\x1b[31mb.csv"))
    assert code == 0
    assert "\x1b" not in out


def test_unusual_figures_are_mentioned_and_are_no_fault(jsna, write):
    assert jsna("add", write("2025/26 Q4,344,430", name="old.csv"))[0] == 0
    path = write("2026/27 Q1,34,430")
    code, out, _ = jsna("check", path)
    assert code == 0
    assert "unusual: row 2: the value of early-help-on-time, Barking and Dagenham, 2026/27 Q1 is " \
        "7.90698 after 80 for 2025/26 Q4" in out  # fmt: skip
    told = json.loads(jsna("check", "--json", path)[1])
    assert len(told["files"][0]["warnings"]) == 2


# ------------------------------------------------------------------------------------------- add


def test_an_accepted_return_is_kept_as_received_with_its_sidecar(jsna, write, tmp_path):
    path = write('2026/27 Q3,"1,344","4,430"', name="Early help (final).csv")
    content = path.read_bytes()
    code, out, err = jsna("add", path, "--today", "2026-11-22")
    assert (code, err) == (0, "")
    assert "1 return stored in " in out
    name = "returns/2026-11-22/Early help (final).csv"
    assert stored(tmp_path) == [name, f"{name}.source.json"]
    assert (tmp_path / "raw" / name).read_bytes() == content
    told = json.loads((tmp_path / "raw" / f"{name}.source.json").read_text("utf-8"))
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert told["bytes"] == len(content)
    assert told["licence"] == CATALOGUE.sources["council-return"].licence
    assert (told["holds"], told["rows"], told["accessed"]) == ([SERIES], 1, "2026-11-22")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", told["time"])
    assert len(told["notes"]) == 2
    assert str(tmp_path) not in json.dumps(told)
    assert "accepted" not in told


def test_what_was_added_is_what_a_pack_is_built_from(jsna, write, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "r.xlsx") as book:
        sheet = book.add_worksheet("Return")
        sheet.write_row(0, 0, COLUMNS)
        sheet.write_row(1, 0, [SERIES, *PLACE.split(","), "2025/26 Q1", 300, 400])
    assert jsna("add", tmp_path / "r.xlsx", write("2025/26 Q2,344,430"))[0] == 0
    table = read_extracts(tmp_path / "raw", catalogue=CATALOGUE).observations
    assert table["value"].tolist() == pytest.approx([75, 80])


def test_all_of_the_files_are_kept_or_none(jsna, write, tmp_path):
    good, bad = write("2026/27 Q3,344,430", name="a.csv"), write("2026/27 Q2,9,4", name="b.csv")
    worse = write("never,3,4", name="c.csv")
    code, _, err = jsna("add", good, bad, worse)
    assert code == 1
    assert "2 returns cannot be used" in err
    assert "b.csv, row 2, numerator" in err
    assert "c.csv, row 2, period" in err
    assert stored(tmp_path) == []


def test_the_same_file_again_is_no_fault_and_writes_nothing(jsna, write, tmp_path):
    path = write("2026/27 Q3,344,430")
    assert jsna("add", path, "--today", "2026-11-22")[0] == 0
    before = stored(tmp_path)
    code, out, _ = jsna("add", path, "--today", "2026-11-23")
    assert code == 0
    assert "stored already, as returns/2026-11-22/early help.csv" in out
    assert stored(tmp_path) == before
    new = write("2026/27 Q2,340,430", name="b.csv")
    assert "1 return stored" in jsna("add", path, new, "--today", "2026-11-23")[1]
    assert len(stored(tmp_path)) == 4


def test_a_corrected_return_never_overwrites_and_takes_the_place_of_the_first(
    jsna, write, tmp_path
):
    for place, count in enumerate((344, 340, 330), start=1):
        path = write(f"2026/27 Q3,{count},430")
        assert jsna("add", path, "--today", "2026-11-22")[0] == 0
        assert len(stored(tmp_path)) == 2 * place
    folders = [one.date for one in find_stored(tmp_path / "raw")]
    assert folders == ["2026-11-22", "2026-11-22-02", "2026-11-22-03"]
    first = (tmp_path / "raw" / "returns" / "2026-11-22" / "early help.csv").read_text("utf-8")
    assert "344,430" in first
    table, notes = standing_figures(tmp_path / "raw", catalogue=CATALOGUE)
    assert (table["count"].tolist(), notes) == ([330], [])
    pack = read_extracts(tmp_path / "raw", catalogue=CATALOGUE)
    assert pack.observations["count"].tolist() == [330]
    # The first version again is news, not a repeat: another one stands.
    code, out, _ = jsna("add", write("2026/27 Q3,344,430"), "--today", "2026-11-22")
    assert "1 return stored" in out
    assert standing_figures(tmp_path / "raw", catalogue=CATALOGUE)[0]["count"].tolist() == [344]


def test_unusual_figures_need_somebody_who_accepts_them(jsna, write, tmp_path):
    jsna("add", write("2025/26 Q4,344,430", name="old.csv"), "--today", "2026-10-01")
    path, before = write("2026/27 Q1,34,430"), stored(tmp_path)
    code, _, err = jsna("add", path)
    assert code == 1
    assert "row 2: the numerator of early-help-on-time, Barking and Dagenham, 2026/27 Q1 is 34 " \
        "after 344 for 2025/26 Q4" in err  # fmt: skip
    assert '--accept "who and why"' in err
    assert stored(tmp_path) == before
    for empty in ("", " ", "x", "a\x1b[0mbc"):
        assert jsna("add", path, "--accept", empty)[0] == 1
    assert stored(tmp_path) == before
    code, out, _ = jsna("add", path, "--accept", "J. Day:  service closed", "--today", "2026-11-22")
    assert code == 0
    assert out.count("accepted although unusual: ") == 2
    sidecar = tmp_path / "raw" / "returns" / "2026-11-22" / "early help.csv.source.json"
    accepted = json.loads(sidecar.read_text("utf-8"))["accepted"]
    assert accepted["by"] == "J. Day: service closed"
    assert len(accepted["unusual"]) == 2
    assert accepted["unusual"][1].startswith("early help.csv, row 2: the value of ")


@pytest.mark.parametrize(
    "name",
    ["README first.csv", ".hidden.csv", "con.csv", "LPT1.2.csv", "a:b.csv", "a\x07b.csv",
     "a\u202eb.csv", "x.csv ", "x.source.json", "l" * 130 + ".csv", 'q"q.csv', "what?.csv"],
)  # fmt: skip
def test_names_that_some_computer_cannot_hold_are_refused(jsna, write, tmp_path, name):
    code, _, err = jsna("add", write("2026/27 Q3,344,430", name=name))
    assert code == 1
    assert "rename the file" in err
    assert stored(tmp_path) == []
    assert "\x07" not in err


def test_two_files_of_one_name_are_refused(jsna, write, tmp_path):
    one = write("2026/27 Q3,344,430")
    other = tmp_path / "Early Help.csv"
    other.write_bytes(one.read_bytes())
    code, _, err = jsna("add", one, other)
    assert code == 1
    assert "another file of this name is given" in err
    assert stored(tmp_path) == []


def test_two_files_that_contradict_each_other_are_refused(jsna, write, tmp_path):
    one = write("2026/27 Q3,344,430", name="a.csv")
    two = write("2026/27 Q3,345,430", name="b.csv")
    code, _, err = jsna("add", one, two)
    assert code == 1
    assert "contradict" in err
    assert stored(tmp_path) == []


def test_a_folder_that_is_a_file_is_said_plainly(jsna, write, tmp_path):
    (tmp_path / "raw").write_text("", encoding="utf-8")
    for command in (["add", write("2026/27 Q3,344,430")], ["templates", "--to", tmp_path / "raw"]):
        code, _, err = jsna(*command)
        assert code == 1
        assert "is not a folder" in err


def test_a_second_command_waits_its_turn(jsna, write, tmp_path):
    folder = tmp_path / "raw" / "returns"
    folder.mkdir(parents=True)
    with storing.alone(folder):
        code, _, err = jsna("add", write("2026/27 Q3,344,430"))
    assert code == 1
    assert "(adding returns); wait until it has finished. Nothing was changed." in err
    assert stored(tmp_path) == []


KILLED = """
import datetime as dt, os, pathlib, signal, sys
from lbbd_jsna.catalogue import read_catalogue
from lbbd_jsna.sources.returns import keeping, storing
calls = 0
def die(*arguments):
    global calls
    calls += 1
    if calls == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
os.fsync = die  # what the disk would have been asked next is never done
keeping.add_returns(
    [pathlib.Path(name) for name in sys.argv[4:]], raw=pathlib.Path(sys.argv[1]),
    catalogue=read_catalogue(pathlib.Path(sys.argv[2])), quarter=None,
    today=dt.date(2026, 11, 22), now=dt.datetime(2026, 11, 22, 9), accept=None)
"""


@pytest.mark.parametrize("call", [1, 4, 5])
def test_killed_at_any_step_nothing_or_all_of_it_is_there(jsna, write, tmp_path, call):
    files = [write("2026/27 Q3,344,430", name="a.csv"), write("2026/27 Q2,340,430", name="b.csv")]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path / "raw", ROOT / "catalogue", str(call), *files],
        cwd=ROOT, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == -9
    assert find_stored(tmp_path / "raw") == []
    assert jsna("add", *files, "--today", "2026-11-22")[0] == 0
    assert [one.path.name for one in find_stored(tmp_path / "raw")] == ["a.csv", "b.csv"]
    assert len(stored(tmp_path)) == 4, "what was left half done is cleared away"


def test_a_full_disk_leaves_what_stood(monkeypatch, jsna, write, tmp_path):
    jsna("add", write("2026/27 Q3,344,430"))
    before = stored(tmp_path)
    path = write("2026/27 Q3,340,430")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, _, err = jsna("add", path)
    assert code == 1
    assert "The disk is full" in err
    assert "nothing was stored" in err
    assert stored(tmp_path) == before


# --------------------------------------------------------------------------------------- unusual


def figures(*rows, file="r.csv"):
    """Observations of one series from (period end, value, count, denominator, area)."""
    catalogue = made_up_catalogue(
        indicator("gap", source="council-return", source_id="", unit="percentage points",
                  value_type="Percentage point", counts_people=False)  # fmt: skip
    )
    names = {OWN: "Marsh and Quay", "E09000102": "Overstream"}
    lines = [HEADING]
    for period, value, *counts in rows:
        count, people = (*counts, "", "")[:2]
        area = counts[2] if len(counts) > 2 else OWN
        lines.append(f"gap,{area},{names[area]},{period},{count},{people},{value},")
    return _table("\n".join(lines), catalogue, file)


def _table(text, catalogue, file):
    from lbbd_jsna.sources.returns.reader import read_csv

    return read_csv(text.encode("utf-8"), name=file, catalogue=catalogue)[0]


def rules(table, *standing):
    before = figures(*standing, file="old.csv") if standing else table.iloc[:0]
    return [(one.row, one.rule) for one in find_unusual(table, standing=before)]


@pytest.mark.parametrize(
    ("now", "then", "expected"),
    [
        ("20", "2", [(2, "ten-times")]), ("19.9", "2", []), ("0.2", "2", [(2, "ten-times")]),
        ("0.21", "2", []), ("-11.5", "11.5", [(2, "ten-times")]),
        ("0", "2", [(0, "all-zero"), (2, "ten-times")]), ("20", "0", []),
        ("[c]", "2", []), ("20", "[x]", []),
    ],
)  # fmt: skip
def test_a_value_ten_times_the_last_is_unusual(now, then, expected):
    assert rules(figures(("2025/26", now)), ("2024/25", then)) == expected


@pytest.mark.parametrize(
    ("now", "then", "expected"),
    [
        ((90, 400), (30, 400), [(2, "far-count")]), ((89, 400), (30, 400), []),
        ((10, 400), (30, 400), [(2, "far-count")]), ((9, 30), (3, 30), []),
        ((30, 4000), (30, 400), [(2, "far-count")]),
        ((300, 4000), (30, 400), [(2, "far-count"), (2, "far-count")]),
    ],
)  # fmt: skip
def test_a_count_three_times_the_last_is_unusual_unless_both_are_few(now, then, expected):
    assert rules(figures(("2025/26", "5", *now)), ("2024/25", "5", *then)) == expected


def test_a_figure_is_set_beside_the_one_before_and_the_one_it_replaces():
    standing = (("2023/24", "4"), ("2024/25", "5"), ("2025/26", "6"))
    assert rules(figures(("2025/26", "60")), *standing) == [(2, "ten-times"), (2, "ten-times")]
    assert rules(figures(("2024/25", "39")), *standing) == []
    assert rules(figures(("2026/27", "50")), *standing) == []
    # Within one return too, whatever the order of its rows, and only periods of one length.
    assert rules(figures(("2026/27", "50"), ("2025/26", "5"))) == [(2, "ten-times")]
    assert rules(figures(("2026/27 Q1", "50"), ("2025/26", "5"))) == []


def by_ward(own: tuple[int, int], *wards: tuple[int, int], year=2025) -> pd.DataFrame:
    """A return of the borough and its wards: numerator and denominator of each."""
    series = indicator("helped", source="council-return", source_id="", unit="%",
                       area_types=("borough", "ward"))  # fmt: skip
    names = {OWN: "Marsh and Quay", **NEW_WARDS}
    rows = zip(names.items(), (own, *wards), strict=True)
    lines = [f"helped,{code},{name},{year}/{year - 1999},{count},{people},,"
             for (code, name), (count, people) in rows]  # fmt: skip
    text = "\n".join([HEADING, *lines, ""]).encode()
    return read_csv(text, name="w.csv", catalogue=made_up_catalogue(series))[0]


def test_people_in_no_ward_are_unusual_and_never_counted_out():
    exact = by_ward((9, 60), (2, 20), (3, 20), (4, 20))
    assert find_unusual(exact, standing=exact.iloc[:0]) == []
    some = by_ward((12, 67), (2, 20), (3, 20), (4, 20))
    assert [str(one) for one in find_unusual(some, standing=some.iloc[:0])] == [
        f"w.csv, row 2: the {what} of helped, Marsh and Quay, 2025/26 is more than its wards add "
        "up to: some are in no known ward" for what in ("denominator", "numerator")
    ]  # fmt: skip


def test_the_figures_of_a_ward_are_in_no_warning():
    """They are small counts, and a warning is kept beside the file and sent about."""
    before = by_ward((50, 160), (4, 73), (6, 43), (40, 44), year=2024)
    after = by_ward((87, 160), (71, 73), (0, 43), (16, 44))
    said = [str(one) for one in find_unusual(after, standing=before)]
    assert len(said) == 3  # Abbey's value and numerator, the value of Marsh & Quay
    assert said[0] == (
        "w.csv, row 3: the numerator of helped, Abbey, 2025/26 is far from the one for 2024/25"
    )
    alike = by_ward((9, 60), (3, 20), (3, 20), (3, 20))
    said += [str(one) for one in find_unusual(alike, standing=before.iloc[:0])]
    assert said[-1].startswith("w.csv: every value of helped is the same")
    for figure in ("71", "97.", "5.4", "15"):
        assert not any(re.search(rf"\b{figure}", text) for text in said), figure


def test_values_all_alike_or_all_nought_are_unusual():
    alike = figures(("2023/24", "5"), ("2024/25", "5"), ("2025/26", "5"))
    assert rules(alike) == [(0, "all-alike")]
    assert "(rows 2, 3 and 4)" in find_unusual(alike, standing=alike.iloc[:0])[0].sentence
    assert rules(figures(("2023/24", "5"), ("2024/25", "5"))) == []
    assert rules(figures(("2023/24", "0"), ("2024/25", "0"))) == [(0, "all-zero")]
    assert rules(figures(("2023/24", "0"), ("2024/25", "3"))) == []


def test_a_standing_return_that_cannot_be_read_any_more_is_told(jsna, write, tmp_path):
    jsna("add", write("2025/26 Q4,344,430", name="old.csv"), "--today", "2026-10-01")
    (tmp_path / "raw" / "returns" / "2026-10-01" / "old.csv").write_text("x", encoding="utf-8")
    code, out, _ = jsna("check", write("2026/27 Q1,34,430"))
    assert code == 0
    assert "returns/2026-10-01/old.csv: nothing is compared with it" in out
    code, out, err = jsna("check", "--json", write("2026/27 Q1,34,430"))
    assert code == 0
    assert json.loads(out)["files"][0]["verdict"] == "clean"
    assert "nothing is compared with it" in err


def test_no_figures_have_no_newest_period(tmp_path):
    empty, notes = standing_figures(tmp_path / "nowhere", catalogue=CATALOGUE)
    assert isinstance(empty, pd.DataFrame)
    assert (len(empty), notes, dict(newest_periods(empty))) == (0, [], {})


def test_a_file_that_changes_while_it_is_read_is_refused(monkeypatch, write, tmp_path):
    path = write("2026/27 Q3,344,430")
    contents = iter([path.read_bytes(), b"other"])
    monkeypatch.setattr(Path, "read_bytes", lambda _: next(contents))
    with pytest.raises(ExtractError) as caught:
        add_returns([path], raw=tmp_path / "raw", catalogue=CATALOGUE, quarter=None,
                    today=dt.date(2026, 11, 22), now=dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC),
                    accept=None)  # fmt: skip
    assert caught.value.faults[0].found == "it changed while it was read"


def test_the_command_as_a_person_runs_it(write, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "lbbd_jsna", "returns", "check", write("2026/27 Q3,9,4"),
         "--raw", tmp_path / "raw"],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False, timeout=60,
        env=os.environ | {"LC_ALL": "C"},
    )  # fmt: skip
    assert done.returncode == 1
    assert "row 2, numerator" in done.stdout
    assert done.stderr == ""

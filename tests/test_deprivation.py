"""The Indices of Deprivation by LSOA: the official workbook, all scores as CSV, every slip."""

import csv
import math

import pytest
import python_calamine

from lbbd_jsna.errors import ExtractError
from lbbd_jsna.sources import small_area_workbook
from lbbd_jsna.sources.deprivation import measure_of, read_deprivation
from tests.made_up_borough import NEIGHBOUR, OWN, made_up_catalogue
from tests.workbooks import changed, workbook

LSOA, BOROUGH = "LSOA code (2011)", "Local Authority District code (2019)"
NAME, BOROUGH_NAME = "LSOA name (2011)", "Local Authority District name (2019)"
IMD = "Index of Multiple Deprivation (IMD)"
RANK, DECILE = f"{IMD} Rank", f"{IMD} Decile"
HEADING = (LSOA, NAME, BOROUGH, BOROUGH_NAME, RANK, DECILE)
FIRST = ("E01000002", "Quay 001B", OWN, "Marsh and Quay", 3284, 1)
SECOND = ("E01000001", "Quay 001A", OWN, "Marsh and Quay", 3285, 2)
OTHER = ("E01000003", "Over 001A", NEIGHBOUR, "Overstream", 32844, 10)
ROWS = (FIRST, SECOND, OTHER)
OFFICIAL = "deprivation/imd2019_lsoa11_england.xlsx"


@pytest.fixture
def read(tmp_path):
    """Rows as CSV, or a workbook's bytes, read back as deprivation."""

    def reader(rows=ROWS, *, heading=HEADING, bom=False):
        if isinstance(rows, bytes):
            path = tmp_path / "imd.xlsx"
            path.write_bytes(rows)
        else:
            path = tmp_path / "imd.csv"
            with path.open("w", newline="", encoding="utf-8-sig" if bom else "utf-8") as file:
                csv.writer(file).writerows([heading, *rows])
        name = f"deprivation/{path.name}"
        return read_deprivation(path, name=name, catalogue=made_up_catalogue())

    return reader


def faults_of(read, *args, **kwargs):
    with pytest.raises(ExtractError) as caught:
        read(*args, **kwargs)
    return [str(fault) for fault in caught.value.faults]


def with_figures(rank, decile, row=FIRST):
    return (*row[:4], rank, decile)


def test_the_official_workbook_against_another_reader(extracts, catalogue):
    path = extracts / OFFICIAL
    table, notes = read_deprivation(path, name=OFFICIAL, catalogue=catalogue)
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    sheet = book.get_sheet_by_name("IMD2019").to_python()
    assert sheet[0] == list(HEADING)
    expected = {
        (row[0], measure, row[place], number)
        for number, row in enumerate(sheet[1:], start=2)
        if row[2] == "E09000002"
        for measure, place in (("imd_rank", 4), ("imd_decile", 5))
    }
    found = table[["lsoa", "measure", "value", "source_row"]].itertuples(index=False)
    assert set(map(tuple, found)) == expected
    assert len(table) == 2 * 110
    assert set(table["vintage"]) == {"2011"}
    assert set(table["source_file"]) == {OFFICIAL}
    assert f"{OFFICIAL}: 32,734 LSOAs of other boroughs left out" in notes


def test_each_official_decile_is_the_tenth_of_its_rank(extracts):
    """The rule that a decile is checked by holds for all of England, by another reader."""
    book = python_calamine.CalamineWorkbook.from_path(str(extracts / OFFICIAL))
    rows = book.get_sheet_by_name("IMD2019").to_python()[1:]
    assert len(rows) == 32_844
    assert [row for row in rows if math.ceil(row[4] * 10 / 32_844) != row[5]] == []


@pytest.mark.parametrize("as_workbook", [True, False])
def test_the_boroughs_rows_come_sorted_with_their_rows(read, as_workbook):
    table, notes = read(workbook(ROWS, heading=HEADING, sheet="IMD2019") if as_workbook else ROWS)
    rows = table[["lsoa", "vintage", "measure", "value", "source_row"]]
    assert list(map(tuple, rows.itertuples(index=False))) == [
        ("E01000001", "2011", "imd_decile", 2, 3),
        ("E01000002", "2011", "imd_decile", 1, 2),
        ("E01000001", "2011", "imd_rank", 3285, 3),
        ("E01000002", "2011", "imd_rank", 3284, 2),
    ]
    ending = "xlsx" if as_workbook else "csv"
    assert notes == [f"deprivation/imd.{ending}: 1 LSOA of other boroughs left out"]


def test_columns_are_found_by_their_headings_wherever_they_stand(read):
    order = [5, 3, 0, 4, 2, 1]
    heading = [HEADING[i] for i in order]
    heading[2], heading[4] = "lsoa11cd", "LAD19CD"
    table, _ = read([[row[i] for i in order] for row in ROWS], heading=heading, bom=True)
    expected, _ = read()
    assert table.equals(expected)


def test_all_scores_are_read_under_short_names(read):
    more = {
        f"{IMD} Score": 21.5,
        f"{IMD} Rank (where 1 is most deprived)": 9000,
        f"{IMD} Decile (where 1 is most deprived 10% of LSOAs)": 3,
        "Income Score (rate)": 0.13,
        "Crime Score": -0.42,
        "Income Deprivation Affecting Children Index (IDACI) Score (rate)": 0.3,
        "Total population: mid 2015 (excluding prisoners)": 1523,
        "Dependent Children aged 0-15: mid 2015 (excluding prisoners)": 400,
    }
    table, _ = read([(*FIRST[:4], *more.values())], heading=[*HEADING[:4], *more])
    assert dict(zip(table["measure"], table["value"], strict=True)) == {
        "imd_score": 21.5, "imd_rank": 9000, "imd_decile": 3, "income_score": 0.13,
        "crime_score": -0.42, "idaci_score": 0.3, "population": 1523, "population_0_15": 400,
    }  # fmt: skip


def test_the_indices_of_2025_are_of_the_lsoas_of_2021(read):
    heading = ("LSOA code (2021)", "LSOA name (2021)", "Local Authority District code (2024)",
               "Local Authority District name (2024)", f"{IMD} Rank (where 1 is most deprived)")
    table, _ = read([(*FIRST[:4], 33_755)], heading=heading)
    assert table["vintage"].tolist() == ["2021"]
    assert faults_of(read, [(*FIRST[:4], 33_756)], heading=heading)


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("  Index of Multiple  Deprivation (IMD)\nRank ", "imd_rank"),
        ("Education, Skills and Training Decile (where 1 is most deprived 10% of LSOAs)",
         "education_decile"),
        ("Income Deprivation Affecting Older People Index (IDAOPI) Score (rate)", "idaopi_score"),
        ("Income Domain numerator", ""),
        ("Score", ""),
        ("LSOA code (2011)", ""),
    ],
)  # fmt: skip
def test_a_heading_says_which_measure_it_is(heading, name):
    measure = measure_of(heading)
    assert (measure.name if measure else "") == name


@pytest.mark.parametrize(
    ("rank", "decile", "said"),
    [
        (0, 1, "Rank: '0'; expected a whole number from 1 to 32,844"),
        (32845, 10, "Rank: '32845'; expected a whole number from 1 to 32,844"),
        (12.5, 1, "Rank: '12.5'"),
        ("", 1, "Rank: a blank; expected"),
        ("12a", 1, "Rank: '12a'"),
        (100, 0, "Decile: '0'; expected a whole number from 1 to 10"),
        (100, 11, "Decile: '11'"),
        (100, "", "Decile: a blank"),
        (3284, 2, "Decile: 2 beside a rank of 3,284; expected 1"),
        (3285, 1, "Decile: 1 beside a rank of 3,285; expected 2"),
    ],
)
def test_a_figure_that_cannot_be_is_named_with_its_row_and_column(read, rank, decile, said):
    faults = faults_of(read, [SECOND, with_figures(rank, decile)])
    assert len(faults) == 1
    assert faults[0].startswith("deprivation/imd.csv, row 3, Index of Multiple Deprivation (IMD) ")
    assert said in faults[0]


def test_all_faults_of_a_file_are_told_at_once(read):
    rows = [with_figures(0, 11), SECOND, SECOND, ("E0100004", *OTHER[1:])]
    faults = faults_of(read, rows)
    where = [fault.split(":")[0] for fault in faults]
    assert where == [
        f"deprivation/imd.csv, row 5, {LSOA}",
        f"deprivation/imd.csv, row 4, {LSOA}",
        f"deprivation/imd.csv, row 2, {RANK}",
        f"deprivation/imd.csv, row 2, {DECILE}",
    ]


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        (LSOA, "no column of lsoa codes"),
        (BOROUGH, "no column of borough codes"),
        (None, "no column of deprivation"),
    ],
)
def test_a_column_that_is_not_there_is_named(read, gone, said):
    places = [i for i, h in enumerate(HEADING) if h != gone and (gone or i < 4)]
    rows = [[row[i] for i in places] for row in ROWS]
    faults = faults_of(read, rows, heading=[HEADING[i] for i in places])
    assert any(said in fault for fault in faults)


def test_an_lsoa_column_must_say_of_which_year(read):
    faults = faults_of(read, ROWS, heading=("LSOA code", *HEADING[1:]))
    assert "'LSOA code' does not say which LSOAs these are" in faults[0]


def test_two_columns_of_one_measure_are_refused(read):
    heading = (*HEADING, f"{IMD} Rank (where 1 is most deprived)")
    faults = faults_of(read, [(*row, row[4]) for row in ROWS], heading=heading)
    assert any("2 columns of imd_rank" in fault for fault in faults)


def test_a_file_without_the_borough_is_refused(read):
    assert f"no LSOA of {OWN}" in faults_of(read, [OTHER])[0]


def test_a_borough_with_too_few_lsoas_is_refused(extracts, catalogue, tmp_path):
    """A workbook cut off after the borough's first rows."""
    book = python_calamine.CalamineWorkbook.from_path(str(extracts / OFFICIAL))
    rows = book.get_sheet_by_name("IMD2019").to_python()
    path = tmp_path / "imd.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([rows[0], *(r for r in rows[1:] if r[2] == "E09000002")][:110])
    with pytest.raises(ExtractError) as caught:
        read_deprivation(path, name="deprivation/imd.csv", catalogue=catalogue)
    texts = [str(fault) for fault in caught.value.faults]
    assert any("109 LSOAs of 2011 in E09000002; expected 110" in text for text in texts)


@pytest.mark.parametrize("old", ['<v>3284</v>', '<v>1</v></c></row><row r="3"'])
def test_a_formula_is_no_figure(read, old):
    book = workbook(ROWS, heading=HEADING, sheet="IMD2019")
    book = changed(book, "xl/worksheets/sheet1.xml", old, "<f>1+2</f>" + old)
    faults = faults_of(read, book)
    assert len(faults) == 1
    assert "row 2" in faults[0]
    assert "'=1+2" in faults[0]


def test_cells_that_are_not_written_are_blanks(read):
    faults = faults_of(read, workbook([with_figures(None, 1), SECOND], heading=HEADING))
    assert faults[0].startswith(f"deprivation/imd.xlsx, row 2, {RANK}: a blank")
    faults = faults_of(read, workbook([with_figures(100, None), SECOND], heading=HEADING))
    assert faults[0].startswith(f"deprivation/imd.xlsx, row 2, {DECILE}: a blank")


def test_headings_may_stand_below_a_title_and_beside_other_sheets(read):
    def title(book, page):
        book.add_worksheet("Notes").write(0, 0, "About these figures")

    rows = [("",), HEADING, *ROWS]
    table, _ = read(workbook(rows, heading=("Indices of Deprivation 2019",), then=title))
    assert table["source_row"].tolist() == [5, 4, 5, 4]


def test_two_sheets_with_codes_are_refused(read):
    def again(book, page):
        book.add_worksheet("Copy").write_row(0, 0, HEADING)

    faults = faults_of(read, workbook(ROWS, heading=HEADING, then=again))
    assert "2 sheets with a column of area codes (sheets: 'Return', 'Copy')" in faults[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('r="A3"', 'r="ZZZ3"'),
        ('r="B3"', 'r="A3"'),
        ('<row r="3"', '<row r="2"'),
        ('<row r="3"', '<row r="x"'),
        ("</sheetData>", ""),
        ('<c r="A3" t="s"><v>', '<c r="A3" t="s"><v>9'),
    ],
)
def test_a_damaged_sheet_is_refused(read, old, new):
    book = changed(workbook(ROWS, heading=HEADING), "xl/worksheets/sheet1.xml", old, new)
    assert faults_of(read, book)


def test_a_sheet_of_too_many_rows_or_columns_is_refused(read, monkeypatch):
    monkeypatch.setattr(small_area_workbook, "MOST_ROWS", 3)
    assert "more than 3 rows" in faults_of(read, workbook(ROWS, heading=HEADING))[0]
    monkeypatch.undo()
    far = workbook(ROWS, heading=HEADING, then=lambda book, page: page.write(1, 300, 1))
    assert "a cell of row 2 is out of its place" in faults_of(read, far)[0]


def test_columns_that_are_not_read_are_counted(read):
    heading = (*HEADING, "Income Domain numerator", "Remarks")
    _, notes = read([(*row, 1, "x") for row in ROWS], heading=heading)
    assert "deprivation/imd.csv: 2 other columns not read" in notes


def test_a_domain_may_share_a_rank_at_the_edge_of_a_tenth(read):
    """Of the whole index each decile is its rank's tenth; in a domain ranks may be shared."""
    heading = (*HEADING[:4], "Crime Rank", "Crime Decile")
    table, _ = read([with_figures(3284, 2)], heading=heading)
    assert table["value"].tolist() == [2, 3284]
    assert "beside a rank of 3,284" in faults_of(read, [with_figures(3284, 3)], heading=heading)[0]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no workbook", b"<html>sign in</html>"])
def test_what_is_no_workbook_is_refused(read, content):
    assert faults_of(read, content)

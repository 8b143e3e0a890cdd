"""The GLA Ward Atlas: two heading rows, mixed marks for what is missing."""

import pytest

from lbbd_jsna.errors import ExtractError
from lbbd_jsna.sources.ward_atlas import read_ward_atlas
from tests.made_up_borough import indicator, made_up_catalogue

OBESE = "Childhood Obesity Prevalence; Reception (age 4-5 years); 2008/09 to 2010/11: % obese"
LATER = "Childhood Obesity Prevalence; Reception (age 4-5 years); 2009/10 to 2011/12: % obese"
FIRST = f"Codes,New Code,Borough,Names,{OBESE},{LATER},House Prices; Median; 2011"
SECOND = "Codes,New Code,Borough,Names,2008/09 to 2010/11: % obese,2009/10 to 2011/12: % obese,2011"
ABBEY = "00XXFX,E05000901,Marsh and Quay,Abbey,14.0077821,n/a,\xa3250"
MARSH = "00XXFY,E05000902,Marsh and Quay,Marsh,0,12.5,\xa3260"
OTHERS = ["00ZZFX,E05029001,Overstream,Else,1,2,3", "#2,E92000001,,England,9.8,9.9,3"]

SERIES = indicator(
    "obesity-wards",
    source="ward-atlas",
    source_id="",
    area_types=("ward",),
    ward_vintage="2002",
    age="4-5 yrs",
    columns={"2008/09 - 10/11": OBESE, "2009/10 - 11/12": LATER},
)


@pytest.fixture
def read(tmp_path):
    def reader(*lines, series=SERIES, encoding="cp1252"):
        path = tmp_path / "atlas.csv"
        path.write_bytes("\r\n".join([*lines, ""]).encode(encoding))
        return read_ward_atlas(path, name="ward_atlas/a.csv", catalogue=made_up_catalogue(series))

    return reader


def test_each_period_and_old_ward_becomes_an_observation(read):
    table, notes = read(FIRST, SECOND, MARSH, ABBEY, *OTHERS)
    rows = table[["area_code", "period", "value", "status", "value_note", "source_row"]]
    assert [tuple(row) for row in rows.fillna(-1).to_numpy()] == [
        ("E05000901", "2008/09 - 10/11", 14.0077821, "published", "", 4),
        ("E05000902", "2008/09 - 10/11", 0.0, "published", "", 3),
        ("E05000901", "2009/10 - 11/12", -1, "not_available", "n/a in the source", 4),
        ("E05000902", "2009/10 - 11/12", 12.5, "published", "", 3),
    ]
    assert set(table["period_range"]) == {"3y"}
    assert set(table["sex"] + ", " + table["age"]) == {"Persons, 4-5 yrs"}
    assert list(table["area_name"])[:2] == ["Abbey", "Marsh"]
    assert notes == ["ward_atlas/a.csv: not UTF-8 (row 3); read as cp1252"]


@pytest.mark.parametrize("mark", ["", "n/a", "N/A", ".", "-", "#DIV/0!", "#N/A", " n/a "])
def test_every_mark_for_a_missing_value_is_a_blank_and_never_zero(read, mark):
    table, _ = read(FIRST, SECOND, ABBEY, MARSH.replace(",0,", f",{mark},"))
    assert table["value"].isna().sum() == 2
    assert set(table.loc[table["value"].isna(), "status"]) == {"not_available"}


def test_a_heading_that_is_not_there_is_refused_with_the_nearest(read):
    wrong = SERIES.model_copy(update={"columns": {"2008/09 - 10/11": OBESE.replace("%", "pct")}})
    with pytest.raises(ExtractError) as caught:
        read(FIRST, SECOND, ABBEY, MARSH, series=wrong)
    message = str(caught.value)
    assert "row 1 (for obesity-wards): there is no column" in message
    assert f'the nearest heading is "{OBESE}"' in message


def test_a_missing_ward_a_double_ward_and_a_short_row_are_refused_together(read):
    with pytest.raises(ExtractError) as caught:
        read(FIRST, SECOND, ABBEY, ABBEY, "00,E05000902,Marsh")
    assert [str(fault).removeprefix("ward_atlas/a.csv") for fault in caught.value.faults] == [
        ", row 4: E05000901 stands in row 3 already",
        ", row 5: 3 values under 7 headings; the row is cut off or a comma is not quoted; "
        "fetch the file again",
        ": no row for the ward E05000902 Marsh; fetch the whole file again",
    ]


def test_a_cell_that_is_neither_a_number_nor_a_mark_is_refused(read):
    with pytest.raises(ExtractError, match="row 4, value: 'about 9' is not a number"):
        read(FIRST, SECOND, ABBEY, MARSH.replace(",0,", ",about 9,"))


def test_a_per_cent_above_100_is_refused(read):
    with pytest.raises(ExtractError, match="row 4, value: 123 for obesity-wards"):
        read(FIRST, SECOND, ABBEY, MARSH.replace(",0,", ",123,"))


def test_a_ward_name_with_markup_is_refused(read):
    with pytest.raises(ExtractError, match="row 3: markup in a name"):
        read(FIRST, SECOND, ABBEY.replace(",Abbey,", ",<img src=x>,"), MARSH)


def test_another_csv_is_refused(read):
    with pytest.raises(ExtractError, match='there is no column "New Code"'):
        read("a,b", "1,2", "3,4")


def test_a_catalogue_without_its_series_takes_nothing(read):
    table, notes = read(FIRST, SECOND, ABBEY, MARSH, series=indicator(), encoding="utf-8")
    assert table.empty
    assert notes == ["ward_atlas/a.csv: no series of the catalogue is in it"]

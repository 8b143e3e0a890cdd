"""Explore Education Statistics files: rows picked, symbols read, and what is refused."""

import datetime as dt
import gzip
import math
import tracemalloc

import pytest

from lbbd_jsna.catalogue.live import DataSet
from lbbd_jsna.errors import ExtractError
from lbbd_jsna.sources.education import read_data_set, read_education
from lbbd_jsna.sources.education_periods import education_period
from tests.made_up_borough import (
    COUNTRY,
    LIVE,
    NEIGHBOUR,
    OWN,
    REGION,
    indicator,
    made_up_catalogue,
)
from tests.replicas.education import SYMBOLS, education_routes

PLACES = (
    "time_period,time_identifier,geographic_level,country_code,country_name,"
    "region_code,region_name,old_la_code,new_la_code,la_name"
)
NATION = f"National,{COUNTRY},England,,,,,"
LONDON = f"Regional,{COUNTRY},England,{REGION},Midshire,,,"
MARSH = f"Local authority,{COUNTRY},England,{REGION},Midshire,301,{OWN},Marsh and Quay"
OVER = f"Local authority,{COUNTRY},England,{REGION},Midshire,302,{NEIGHBOUR},Overstream"
ELSE = f"Local authority,{COUNTRY},England,E12000001,North East,840,E06000047,County Durham"
YEAR = "202425,Academic year"


def absence(name="absence", **changes):
    """An indicator of the data set `absence`."""
    said = {
        "source": "dfe",
        "source_id": "absence",
        "name_words": (),
        "pick": {"phase": "Total"},
        "columns": {"value": "rate", "count": "missed", "denominator": "possible"},
    }
    return indicator(name, **{**said, **changes})


def catalogue_of(*indicators, reporting_year=""):
    data_set = DataSet(
        publication="Absence", title="Rates", verified=False, reporting_year=reporting_year
    )
    service = LIVE.dfe.model_copy(update={"data_sets": {"absence": data_set}})
    catalogue = made_up_catalogue(*(indicators or (absence(),)))
    return catalogue.__class__(
        **{**vars(catalogue), "live": LIVE.model_copy(update={"dfe": service})}
    )


def text_of(*rows, heading="phase,rate,missed,possible"):
    return "\n".join([f"{PLACES},{heading}", *rows]) + "\n"


def read(text, *indicators, reporting_year=""):
    """The observations of a text, and the notes."""
    catalogue = catalogue_of(*indicators, reporting_year=reporting_year)
    table, notes, _ = read_data_set(
        text.splitlines(keepends=True), key="absence", name="absence.csv", catalogue=catalogue
    )
    return table, notes


def faults(text, *indicators, reporting_year=""):
    """Every fault of a text, one line each."""
    with pytest.raises(ExtractError) as caught:
        read(text, *indicators, reporting_year=reporting_year)
    return [str(fault) for fault in caught.value.faults]


# ---------------------------------------------------------------- what it reads


def test_a_row_for_each_level_with_its_area_and_its_row(tmp_path):
    path = tmp_path / "absence.csv"
    text = text_of(
        f"{YEAR},{NATION},Total,7.1,710,10000",
        f"{YEAR},{LONDON},Total,6.8,68,1000",
        f"{YEAR},{MARSH},Primary,5.5,11,200",
        f"{YEAR},{MARSH},Total,6.25,25,400",
        f"{YEAR},{ELSE},Total,8,80,1000",
        f"{YEAR},{OVER},Total,9,90,1000",
        f"{YEAR},School,{COUNTRY},England,,,301,,,Total,1,1,1",
    )
    path.write_text("\ufeff" + text, encoding="utf-8")
    table, notes = read_education(path, name="dfe/2026-11-22/absence.csv", catalogue=catalogue_of())
    rows = {row.area_code: row for row in table.itertuples()}
    assert list(rows) == [COUNTRY, REGION, OWN, NEIGHBOUR]
    own = rows[OWN]
    assert (own.value, own.count, own.denominator) == (6.25, 25, 400)
    assert (own.area_name, own.area_type, own.source_row) == ("Marsh and Quay", "borough", 5)
    assert (own.indicator, own.source_id, own.sex) == ("absence", "absence", "Persons")
    assert (own.source_file, own.status, own.value_note) == (
        "dfe/2026-11-22/absence.csv", "published", "")  # fmt: skip
    assert [rows[code].area_type for code in (COUNTRY, REGION)] == ["country", "region"]
    assert [rows[code].area_name for code in (COUNTRY, REGION)] == ["England", "Midshire"]
    assert math.isnan(own.lower_95)
    assert notes == [
        "dfe/2026-11-22/absence.csv: 1 row of no series in the catalogue left out",
        "dfe/2026-11-22/absence.csv: 1 row of other areas left out",
        "dfe/2026-11-22/absence.csv: 1 row of other levels of geography left out",
    ]


@pytest.mark.parametrize(
    ("number", "words", "text", "start", "end", "length"),
    [
        ("202324", "Academic year", "2023/24", "2023-09-01", "2024-08-31", "1y"),
        ("2023", "Academic year", "2023/24", "2023-09-01", "2024-08-31", "1y"),
        ("202324", "Six half terms", "2023/24", "2023-09-01", "2024-08-31", "1y"),
        ("202324", "Financial year", "2023/24", "2023-04-01", "2024-03-31", "1y"),
        ("199900", "Financial year", "1999/00", "1999-04-01", "2000-03-31", "1y"),
        ("2024", "Calendar year", "2024", "2024-01-01", "2024-12-31", "1y"),
        ("202324", "Academic year Q1", "2023/24 Q1", "2023-09-01", "2023-11-30", "1q"),
        ("202324", "Financial year Q4", "2023/24 Q4", "2024-01-01", "2024-03-31", "1q"),
        ("2024", "Calendar year Q2", "2024 Q2", "2024-04-01", "2024-06-30", "1q"),
        ("202324", "Financial year Q1-Q3", "2023/24 Q1 - 2023/24 Q3", "2023-04-01",
         "2023-12-31", "9m"),
        ("2024", "January", "Jan 2024", "2024-01-01", "2024-01-31", "1m"),
    ],
)  # fmt: skip
def test_periods(number, words, text, start, end, length):
    printed, period = education_period(number, words)
    days = (dt.date.fromisoformat(start), dt.date.fromisoformat(end))
    assert (printed, period.start, period.end, period.range) == (text, *days, length)


@pytest.mark.parametrize(
    ("kind", "text", "start", "end"),
    [
        ("financial", "2024/25", "2024-04-01", "2025-03-31"),
        ("academic", "2024/25", "2024-09-01", "2025-08-31"),
        ("calendar", "2025", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_reporting_year_is_the_one_that_ends_in_the_year_named(kind, text, start, end):
    printed, period = education_period("2025", "Reporting year", reporting_year=kind)
    assert (printed, str(period.start), str(period.end)) == (text, start, end)


@pytest.mark.parametrize(
    ("number", "words", "told"),
    [
        ("202325", "Academic year", "two calendar years in a row"),
        ("202324", "Calendar year", "expected four digits"),
        ("24", "Calendar year", "is not a time period"),
        ("202324", "Week 12", "is no kind of period that is read"),
        ("202324", "Autumn term", "is no kind of period that is read"),
        ("202324", "January", "is no kind of period that is read"),
        ("2025", "Reporting year", "say which, with reporting_year in live.yml"),
        ("1850", "Calendar year", "expected years from 1900"),
    ],
)
def test_periods_that_are_refused(number, words, told):
    row = f"{number},{words},{MARSH},Total,1,1,1"
    assert [told in fault for fault in faults(text_of(row))] == [True]


@pytest.mark.parametrize(
    ("symbol", "status", "words"),
    [
        ("c", "suppressed", "withheld to protect confidentiality"),
        ("z", "not_applicable", "not applicable"),
        ("x", "not_available", "not available"),
        (":", "not_available", "not available"),
        ("u", "low_reliability", "too unreliable"),
        ("low", "not_available", "rounds to 0 but is more than 0"),
        ("LOW", "not_available", "rounds to 0 but is more than 0"),
        ("[c]", "suppressed", "withheld to protect confidentiality"),
        ("", "not_available", "blank in the source"),
    ],
)
def test_a_symbol_is_a_missing_value_with_a_reason_and_never_0(symbol, status, words):
    table, _ = read(text_of(f"{YEAR},{MARSH},Total,{symbol},c,400"))
    row = table.iloc[0]
    assert math.isnan(row["value"]) and math.isnan(row["count"]) and row["denominator"] == 400
    assert row["status"] == status and words in row["value_note"]


@pytest.mark.parametrize("cell", ["k", "-", "~", "12.3%", "1.2.3", "n/a", "r", "12r", "."])
def test_an_unknown_symbol_is_refused_with_its_row(cell):
    (found,) = faults(text_of(f"{YEAR},{OVER},Total,1,1,1", f"{YEAR},{MARSH},Total,{cell},1,1"))
    assert found.startswith(f"absence.csv, row 3, rate: '{cell}' is neither a number nor a symbol")


def test_an_unknown_symbol_among_the_counts_is_refused_too():
    rows = [f"{YEAR},{MARSH},Total,1,k,400", f"{YEAR},{OVER},Total,1,2,~"]
    found = faults(text_of(*rows))
    assert [fault.split(":")[0] for fault in found] == [
        "absence.csv, row 2, missed", "absence.csv, row 3, possible"]  # fmt: skip


def test_thousands_and_line_breaks_in_a_field_keep_the_row_number():
    rows = [f'{YEAR},{MARSH.replace("Marsh and", chr(34) + "Marsh" + chr(10) + "and")}"'
            ',Total,5,"1,234","20,000"', f"{YEAR},{OVER},Total,6,1,2"]  # fmt: skip
    table, _ = read(text_of(*rows))
    assert table["count"].tolist() == [1234, 1]
    assert table["source_row"].tolist() == [2, 4]
    assert table["area_name"].tolist() == ["Marsh and Quay", "Overstream"]


def test_headings_may_differ_in_case_and_in_how_words_are_joined():
    text = text_of(f"{YEAR},{MARSH},total,6,1,2").replace("new_la_code", "New LA code")
    text = text.replace("geographic_level", "Geographic level").replace(",rate,", ",RATE,")
    assert read(text)[0]["value"].tolist() == [6]


def test_two_series_of_one_file_and_one_without_counts():
    primary = absence("primary", pick={"phase": "Primary"}, columns={"value": "rate"})
    rows = [f"{YEAR},{MARSH},Total,6,1,2", f"{YEAR},{MARSH},Primary,4,1,2"]
    table, _ = read(text_of(*rows), absence(), primary)
    assert dict(zip(table["indicator"], table["value"], strict=True)) == {
        "absence": 6, "primary": 4}  # fmt: skip
    assert table.set_index("indicator")["count"].isna().to_dict() == {
        "absence": False, "primary": True}  # fmt: skip


def test_a_file_no_indicator_rests_on_is_noted(tmp_path):
    path = tmp_path / "exclusions.csv"
    path.write_text("anything\n", encoding="utf-8")
    table, notes = read_education(path, name="dfe/exclusions.csv", catalogue=catalogue_of())
    assert table.empty and notes == ["dfe/exclusions.csv: not read; no indicator rests on it"]


# ---------------------------------------------------------------- never the first row


def test_a_filter_with_several_values_asks_for_a_pick():
    rows = [f"{YEAR},{MARSH},Total,{sex},6,1,2" for sex in ("Boys", "Girls", "Total")]
    (found,) = faults(text_of(*rows, heading="phase,sex,rate,missed,possible"))
    assert found == (
        "absence.csv, sex: filter sex has several values: 'Boys', 'Girls', 'Total'; expected "
        "one, for absence; set pick in catalogue/indicators/absence.yml"
    )


def test_even_where_each_area_has_one_row_a_filter_must_be_picked():
    rows = [f"{YEAR},{MARSH},Total,Boys,6,1,2", f"{YEAR},{OVER},Total,Girls,7,1,2"]
    text = text_of(*rows, heading="phase,sex,rate,missed,possible")
    assert "filter sex has several values" in faults(text)[0]
    any_sex = absence(pick={"phase": "Total", "sex": "*"})
    assert read(text, any_sex)[0]["value"].tolist() == [6, 7]


def test_a_filter_of_numbers_shows_in_the_rows_that_clash():
    rows = [f"{YEAR},{MARSH},Total,{age},{rate},1,2" for age, rate in ((16, 6), (17, 7))]
    (found,) = faults(text_of(*rows, heading="phase,age,rate,missed,possible"))
    assert found == (
        f"absence.csv, row 3: '7' for absence, {OWN}, but '6' in row 2; they differ in 'age'; "
        "expected one row for each area and period; set pick in catalogue/indicators/absence.yml"
    )


def test_any_value_still_means_one_row_for_each_area_and_period():
    rows = [f"{YEAR},{MARSH},Total,{sex},{rate},1,2" for sex, rate in (("Boys", 6), ("Girls", 7))]
    text = text_of(*rows, heading="phase,sex,rate,missed,possible")
    (found,) = faults(text, absence(pick={"phase": "Total", "sex": "*"}))
    assert "they differ in 'sex'" in found


def test_identical_rows_are_kept_once_with_a_note():
    row = f"{YEAR},{MARSH},Total,6,1,2"
    table, notes = read(text_of(row, row))
    assert len(table) == 1
    assert "absence.csv: absence: 1 repeated row dropped, figures identical" in notes


def test_quarters_and_months_are_a_series_and_years_among_them_are_not():
    rows = [f"202324,Financial year Q{n},{MARSH},Total,{n},1,2" for n in (1, 2, 3)]
    assert read(text_of(*rows))[0]["period"].tolist() == ["2023/24 Q1", "2023/24 Q2", "2023/24 Q3"]
    rows.append(f"202324,Financial year,{MARSH},Total,6,1,2")
    (found,) = faults(text_of(*rows))
    assert "filter time_identifier has several values: '1 quarters of financial year'" in found
    year = absence(pick={"phase": "Total", "time_identifier": "Financial year"})
    assert read(text_of(*rows), year)[0]["value"].tolist() == [6]


# ---------------------------------------------------------------- the catalogue asks wrongly


def test_every_missing_column_is_told_with_the_nearest_heading():
    wrong = absence("wrong", pick={"phase_of_school": "Total"}, columns={"value": "rates"})
    found = faults(text_of(f"{YEAR},{MARSH},Total,6,1,2"), absence(), wrong)
    assert found == [
        'absence.csv, row 1 (for wrong): there is no column "phase_of_school"; '
        'the nearest is "phase"',
        'absence.csv, row 1 (for wrong): there is no column "rates"; the nearest is "rate"',
    ]


def test_a_column_given_twice_is_refused():
    (found,) = faults(text_of(f"{YEAR},{MARSH},Total,6,1,2,3", heading="phase,rate,missed,"
                              "possible,Rate"))  # fmt: skip
    assert 'the column "rate" appears 2 times' in found


def test_a_label_no_row_has_is_told_with_those_there_are():
    wrong = absence(pick={"phase": "Totals"})
    rows = [f"{YEAR},{MARSH},{phase},6,1,2" for phase in ("Primary", "Total")]
    (found,) = faults(text_of(*rows), wrong)
    assert "no row of an area wanted holds 'totals'; there is 'Primary', 'Total'" in found
    assert "did you mean" in found and "catalogue/indicators/absence.yml" in found


def test_labels_that_never_stand_together_are_told():
    wrong = absence(pick={"phase": "Total", "sex": "Boys"})
    rows = [f"{YEAR},{MARSH},Total,Girls,6,1,2", f"{YEAR},{MARSH},Primary,Boys,6,1,2"]
    (found,) = faults(text_of(*rows, heading="phase,sex,rate,missed,possible"), wrong)
    assert "no row holds all that it picks" in found


def test_a_file_of_other_areas_only_is_refused():
    (found,) = faults(text_of(f"{YEAR},{ELSE},Total,6,1,2"))
    assert "no row of an area wanted" in found


def test_an_area_that_is_not_there_is_noted():
    _, notes = read(text_of(f"{YEAR},{NATION},Total,6,1,2"))
    assert notes == ["absence.csv: absence: no row for Marsh and Quay, Midshire"]


# ---------------------------------------------------------------- damage


def test_all_faults_of_a_file_are_told_at_once():
    found = faults(text_of(
        f"{YEAR},{MARSH},Total,6,1",
        f"{YEAR},{OVER},Total,k,1,2",
        f"202325,Academic year,{MARSH},Total,6,1,2",
        f"{YEAR},{NATION},Total,130,1,2",
    ))  # fmt: skip
    assert [fault.split(":")[0] for fault in found] == [
        "absence.csv, row 2",
        "absence.csv, row 3, rate",
        "absence.csv, row 4, time_period",
    ]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ("130,1,2", "row 2, value: 130 for absence"),
        ("-1,1,2", "row 2, value: -1 for absence"),
        ("6,-1,2", "row 2, count: -1 for absence"),
    ],
)
def test_figures_that_cannot_be_are_refused(cells, told):
    (found,) = faults(text_of(f"{YEAR},{MARSH},Total,{cells}"))
    assert told in found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        (text_of(), "no rows under the heading"),
        ("a;b;c\n1;2;3\n", "the heading is 'a;b;c'"),
        (text_of(f'{YEAR},{MARSH},"Total,6,1,2'), "a quoted field is broken or not closed"),
        (text_of(f"{YEAR},{MARSH},Total,6"), "12 values under 14 headings; expected 14"),
        (text_of(f"{YEAR},{MARSH.replace('Marsh', '<b>Marsh')},Total,6,1,2"), "markup in a name"),
    ],
)
def test_damaged_files_are_refused(text, told):
    assert any(told in fault for fault in faults(text))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (gzip.compress(b"time_period\n"), "a gzip archive, not CSV"),
        (b"PK\x03\x04rest", "an Excel workbook or a zip archive"),
        (b"\xef\xbb\xbf <!DOCTYPE html>", "a web page, not CSV"),
        (b'{"title": "Not Found"}', "JSON, not CSV"),
        (text_of(f"{YEAR},{MARSH},Total,6,1,2").encode("utf-16"), "not UTF-8 text"),
        (text_of(f"{YEAR},{MARSH},Tot\xe9l,6,1,2").encode("cp1252"), "not UTF-8 text"),
    ],
)
def test_files_that_are_something_else_are_refused(tmp_path, content, told):
    path = tmp_path / "absence.csv"
    path.write_bytes(content)
    with pytest.raises(ExtractError) as caught:
        read_education(path, name="dfe/absence.csv", catalogue=catalogue_of())
    assert told in str(caught.value)


# ---------------------------------------------------------------- size


def test_a_long_file_is_read_a_row_at_a_time():
    def lines():
        yield f"{PLACES},phase,rate,missed,possible\n"
        yield f"{YEAR},{MARSH},Total,6,1,2\n"
        for number in range(40_000):
            yield f"{YEAR},{ELSE},Total,{number % 90},1,2\n"

    tracemalloc.start()
    try:
        table, _, sieved = read_data_set(
            lines(), key="absence", name="absence.csv", catalogue=catalogue_of()
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (len(table), sieved.count) == (1, 40_001)
    assert peak < 2_000_000  # the text alone is five


def test_a_filter_nobody_picks_does_not_fill_the_memory():
    rows = (f"{YEAR},{MARSH},Total,Group {n},6,1,2\n" for n in range(25_000))
    heading = f"{PLACES},phase,group,rate,missed,possible\n"
    with pytest.raises(ExtractError) as caught:
        read_data_set(
            iter([heading, *rows]), key="absence", name="absence.csv", catalogue=catalogue_of()
        )
    told = [str(fault) for fault in caught.value.faults]
    assert "and 19992 more" in told[0] and "20,000 rows or more" in told[1]


# ---------------------------------------------------------------- the catalogue that is shipped


def test_every_data_set_of_the_catalogue_gives_its_series(catalogue):
    routes = education_routes(catalogue)
    boroughs = {area.code for area in catalogue.areas if area.type == "borough"}
    wanted = {i.id for i in catalogue.indicators.values() if i.source == "dfe" and i.source_id}
    found, statuses = set(), set()
    for key, made in routes.data_sets.items():
        text = made.versions[made.latest].removeprefix("\ufeff")
        table, notes, _ = read_data_set(
            text.splitlines(keepends=True), key=key, name=f"{key}.csv", catalogue=catalogue
        )
        assert notes == []
        for name, rows in table.groupby("indicator"):
            assert set(rows["area_code"]) == boroughs | {"E92000001", "E12000007"}
            assert rows["period"].nunique() == 4
            found.add(name)
        assert (table["value"].isna() == (table["value_note"] != "")).all()
        statuses |= set(table["value_note"])
    assert found == wanted and len(wanted) >= 15
    assert {note[: len(symbol) + 2] for note in statuses if note for symbol in SYMBOLS
            if note.startswith(f'"{symbol}"')} == {f'"{symbol}"' for symbol in SYMBOLS}  # fmt: skip

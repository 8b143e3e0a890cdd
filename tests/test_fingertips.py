"""Fingertips files in every shape, the good ones read and the bad ones refused."""

import csv
import io
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbbd_jsna.errors import ExtractError
from lbbd_jsna.sources.fingertips import read_fingertips
from lbbd_jsna.sources.value_notes import status_of
from tests.made_up_borough import COUNTRY, NEIGHBOUR, OWN, indicator, made_up_catalogue

ALL_HEADINGS = (
    "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,"
    "Category Type,Category,Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,"
    "Lower CI 99.8 limit,Upper CI 99.8 limit,Count,Denominator,Value note,Recent Trend,"
    "Compared to England value or percentiles,"
    "Compared to Regions (statistical) value or percentiles,Time period Sortable,New data,"
    "Compared to goal,Time period range"
)
HEADING = ALL_HEADINGS.split(",")
BASE = dict.fromkeys(HEADING, "") | {
    "Indicator ID": "90319",
    "Indicator Name": "Reception prevalence of obesity",
    "Area Code": OWN,
    "Area Name": "Marsh and Quay",
    "Sex": "Persons",
    "Age": "4-5 yrs",
    "Time period": "2024/25",
    "Value": "12.1",
    "Time period range": "1y",
}


def text_of(*changes, heading=HEADING, **of_all):
    """A Fingertips CSV: one row for each dict of changes to a plain row."""
    out = io.StringIO()
    writer = csv.DictWriter(out, heading, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({**BASE, **of_all, **change} for change in changes)
    return out.getvalue()


@pytest.fixture
def read(tmp_path):
    """Write a text as a file and read it with the series given (or one of obesity)."""

    def reader(text, *indicators, encoding="utf-8"):
        path = tmp_path / "obesity.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        catalogue = made_up_catalogue(*(indicators or [indicator()]))
        return read_fingertips(path, name="fingertips/obesity.csv", catalogue=catalogue)

    return reader


def faults_of(read, text, *indicators, **options):
    with pytest.raises(ExtractError) as caught:
        read(text, *indicators, **options)
    return [str(fault) for fault in caught.value.faults]


def test_a_row_becomes_an_observation_with_its_file_and_row(read):
    row = {"Value": "12.1", "Lower CI 95.0 limit": "11.2", "Upper CI 95.0 limit": "13.0",
           "Lower CI 99.8 limit": "10.7", "Upper CI 99.8 limit": "13.6", "Count": "1,234",
           "Denominator": "10198.5", "Recent Trend": "Increasing and getting worse",
           "Compared to England value or percentiles": "Worse"}  # fmt: skip
    table, notes = read(text_of({"Area Code": COUNTRY, "Area Name": "England"}, row))
    assert list(table["area_type"]) == ["country", "borough"]
    own = table.iloc[1]
    assert (own["indicator"], own["source_id"]) == ("obesity", "90319")
    assert (own["value"], own["lower_95"], own["upper_95"]) == (12.1, 11.2, 13.0)
    assert (own["lower_99_8"], own["upper_99_8"]) == (10.7, 13.6)
    assert (own["count"], own["denominator"]) == (1234, 10198.5)
    assert str(own["period_start"].date()) == "2024-04-01"
    assert str(own["period_end"].date()) == "2025-03-31"
    assert own["period_range"] == "1y"
    assert own["published_trend"] == "Increasing and getting worse"
    assert own["published_comparison"] == "Worse"
    assert (own["source_file"], own["source_row"]) == ("fingertips/obesity.csv", 3)
    assert own["status"] == "published"
    assert notes == []


@pytest.mark.parametrize(
    "comparator",
    ["Compared to Region value or percentiles", "Compared to percentiles", "Column not used",
     "Compared to Counties & UAs (from Apr 2023) value or percentiles"],
)  # fmt: skip
def test_any_heading_may_stand_over_the_comparison_with_the_parent(read, comparator):
    heading = [comparator if name.startswith("Compared to Reg") else name for name in HEADING]
    table, notes = read(text_of({}, heading=heading))
    assert len(table) == 1
    assert notes == []


def test_an_old_export_of_26_headings_over_25_fields_with_broken_names(read):
    # As the website exported in 2019: no range, "Compared to goal" missing from the rows,
    # an indicator name that ends in a line break.
    lines = text_of(
        {"Indicator Name": "Reception prevalence of obesity\n", "Area Name": "Marsh and Quay"},
        {"Indicator Name": "Reception prevalence of obesity\n", "Time period": "2023/24"},
        heading=HEADING[:26],
    ).split("\r\n")
    short = "\r\n".join([lines[0], *(line.removesuffix(",") for line in lines[1:])])
    table, _ = read(short)
    assert list(table["value"]) == [12.1, 12.1]
    assert list(table["period_range"]) == ["1y", "1y"]
    # The first record takes lines 2 and 3, so the second starts on line 4.
    assert list(table["source_row"]) == [2, 4]


def test_target_data_is_the_old_name_of_the_goal_and_the_range_may_be_missing(read):
    heading = [*HEADING[:25], "Target data"]
    assert len(read(text_of({}, heading=heading))[0]) == 1


def test_a_column_nobody_knows_is_noted(read):
    table, notes = read(text_of({}, heading=[*HEADING, "Flag"]))
    assert len(table) == 1
    assert notes == ["fingertips/obesity.csv: columns not used: 'Flag'"]


def test_a_byte_order_mark_is_no_part_of_the_heading(read):
    assert len(read("\ufeff" + text_of({}))[0]) == 1


def test_text_in_cp1252_is_read_with_a_note(read):
    table, notes = read(text_of({"Value note": "Value \u2013 estimated"}), encoding="cp1252")
    assert table["value_note"][0] == "Value \u2013 estimated"
    assert notes == ["fingertips/obesity.csv: not UTF-8 (row 2); read as cp1252"]


def test_files_put_together_repeat_the_heading_and_england(read):
    england = {"Area Code": COUNTRY, "Area Name": "England"}
    # The second file has the columns of 2019, so its fields stand in other places.
    text = text_of(england, {}) + text_of(
        england, {"Area Code": NEIGHBOUR, "Area Name": "Overstream"}, heading=HEADING[:26]
    )
    table, notes = read(text)
    assert list(table["area_code"]) == [COUNTRY, OWN, NEIGHBOUR]
    assert list(table["source_row"]) == [2, 3, 6]
    assert notes == [
        "fingertips/obesity.csv: 1 more heading in the middle of the file",
        "fingertips/obesity.csv: 1 repeated row dropped, figures identical",
    ]


def test_a_repeated_key_with_another_value_is_refused_naming_both_rows(read):
    faults = faults_of(read, text_of({}, {"Value": "12.2"}))
    assert len(faults) == 1
    assert faults[0].startswith("fingertips/obesity.csv, row 3: value of obesity, E09000101")
    assert "12.2, but 12.1 in fingertips/obesity.csv, row 2" in faults[0]


def test_areas_join_by_code_whatever_the_export_calls_them(read):
    table, notes = read(text_of({"Area Code": "E12000090", "Area Name": "Midshire region"}, {}))
    assert list(table["area_type"]) == ["region", "borough"]
    assert notes == [
        'fingertips/obesity.csv: areas called otherwise: E12000090 "Midshire region" is Midshire'
    ]


def test_other_places_are_left_out_and_counted(read):
    places = [{}, {"Area Code": "E07000001"}, {"Area Code": "E05029001"}, {"Area Code": "nhs"}]
    table, notes = read(text_of(*places))
    assert list(table["area_code"]) == [OWN]
    assert notes == ["fingertips/obesity.csv: 3 rows of other areas left out"]


def test_own_wards_of_both_vintages_are_kept_for_a_ward_series_only(read):
    text = text_of({"Area Code": "E05000901", "Area Name": "Abbey"},
                   {"Area Code": "E05019001", "Area Name": "Abbey"}, {})  # fmt: skip
    table, _ = read(text, indicator(area_types=("borough", "ward")))
    assert list(table["area_type"]) == ["ward", "ward", "borough"]
    table, notes = read(text)
    assert list(table["area_type"]) == ["borough"]
    assert notes == [
        "fingertips/obesity.csv: rows of known ids that belong to no series in the catalogue "
        "(id 90319, Persons, 4-5 yrs, 1y: 2)"
    ]


def test_breakdowns_by_category_are_kept_apart_from_the_headline(read):
    quintile = {"Category Type": "Deprivation quintiles", "Category": "Most deprived quintile"}
    places = [{"Area Code": COUNTRY, "Area Name": "England"}, {},
              {"Area Code": NEIGHBOUR, "Area Name": "Overstream"}]  # fmt: skip
    table, notes = read(text_of(*places, *({**place, **quintile} for place in places)))
    headline = table[table["category_type"] == ""]
    assert list(headline["area_code"]) == [COUNTRY, OWN, NEIGHBOUR]
    assert list(table.loc[table["category_type"] != "", "area_code"]) == [COUNTRY, OWN]
    assert notes == [
        "fingertips/obesity.csv: 1 row of breakdowns by category for other areas left out"
    ]


def test_one_id_serves_several_series_by_sex_and_length_of_period(read):
    men = indicator("men", sex="Male", period_range="1y")
    women = indicator("women", sex="Female", period_range="3y")
    pooled = {"Time period": "2022/23 - 24/25", "Time period range": "3y"}
    rows = [{"Sex": sex, **when} for sex in ("Male", "Female") for when in ({}, pooled)]
    table, notes = read(text_of(*rows), men, women)
    assert [tuple(row) for row in table[["indicator", "sex", "period_range"]].to_numpy()] == [
        ("men", "Male", "1y"),
        ("women", "Female", "3y"),
    ]
    assert "Female, 4-5 yrs, 1y: 1; id 90319, Male, 4-5 yrs, 3y: 1" in notes[0]


def test_two_ages_are_never_settled_by_taking_the_first(read):
    text = text_of({}, {"Age": "10-11 yrs"})
    faults = faults_of(read, text)
    assert "several values of age: 10-11 yrs, 4-5 yrs" in faults[0]
    assert "set age in catalogue/indicators/obesity.yml" in faults[0]
    assert list(read(text, indicator(age="10-11 YRS"))[0]["age"]) == ["10-11 yrs"]


def test_two_lengths_of_period_in_one_series_are_refused(read):
    text = text_of({}, {"Time period": "2022 - 24", "Time period range": "3y"})
    assert "several values of period_range: 1y, 3y" in faults_of(read, text)[0]


def test_cumulative_quarters_are_one_series(read):
    periods = ["2021/22 Q1", "2021/22 Q1 - 2021/22 Q2", "2021/22 Q1 - 2025/26 Q3"]
    text = text_of(
        *({"Time period": period} for period in periods),
        **{"Time period range": "Cumulative quarterly"},
    )
    table, _ = read(text, indicator(period_range="Cumulative quarterly"))
    assert list(table["period_range"]) == ["1q", "6m", "57m"]
    assert len(read(text)[0]) == 3


def test_a_printed_length_that_is_not_the_period_s_is_refused(read):
    faults = faults_of(read, text_of({"Time period": "2022 - 24"}))
    assert faults[0].startswith("fingertips/obesity.csv, row 2, Time period range: 1y printed")


NOTES = [
    ("", "not_available"),
    ("Value suppressed for disclosure control due to small count", "suppressed"),
    ("Value cannot be calculated as number of cases is too small", "suppressed"),
    ("Value suppressed due to incompleteness of source data", "not_available"),
    ("Value missing in source data", "not_available"),
    ("Value not published for data quality reasons", "not_available"),
    ("Value for Hackney and City of London combined", "not_available"),
    ("Not applicable", "not_applicable"),
]


@pytest.mark.parametrize(("note", "status"), NOTES)
def test_a_blank_is_never_zero_and_its_note_says_why(read, note, status):
    table, notes = read(text_of({"Value": "", "Value note": note}))
    assert math.isnan(table["value"][0])
    assert (table["status"][0], table["value_note"][0]) == (status, note)
    said = "fingertips/obesity.csv: 1 blank value without a note, taken as not available"
    assert notes == ([] if note else [said])


def test_a_blank_with_a_note_of_unknown_meaning_is_refused(read):
    faults = faults_of(read, text_of({"Value": "", "Value note": "See footnote 7"}))
    assert "row 2, Value note: blank value with the note 'See footnote 7'" in faults[0]


def test_a_value_keeps_its_note_and_is_low_reliability_when_it_says_so(read):
    notes = ["Aggregated from all known lower geography values", "Small sample: use with caution"]
    rows = [{"Value note": notes[0]}, {"Value note": notes[1], "Time period": "2023/24"}]
    table, _ = read(text_of(*rows))
    assert list(table["status"]) == ["published", "low_reliability"]
    assert list(table["value_note"]) == notes
    assert status_of("", blank=False) == "published"


def test_zero_is_a_value(read):
    assert read(text_of({"Value": "0"}))[0]["value"][0] == 0


def test_every_fault_of_a_file_is_reported_at_once_with_row_and_column(read):
    faults = faults_of(
        read,
        text_of(
            {"Value": "12,1"},
            {"Time period": "2023/25"},
            {"Time period": "2022/23", "Value": "9", "Lower CI 95.0 limit": "10"},
            {"Time period": "2021/22", "Value": "123"},
            {"Time period": "2020/21", "Count": "-3"},
            {"Time period": "2019/20", "Upper CI 99.8 limit": "12.0"},
        ),
    )
    assert [fault.split(": ")[0].removeprefix("fingertips/obesity.csv, ") for fault in faults] == [
        "row 2, Value",
        "row 3, period",
        "row 4, Lower CI 95.0 limit",
        "row 7, Upper CI 99.8 limit",
        "row 6, Count",
        "row 5, Value",
    ]
    assert "'12,1' is not a number" in faults[0]
    assert "expected 2023/24" in faults[1]


def test_a_rate_may_be_above_100_but_a_per_cent_may_not(read):
    rate = indicator(unit="per 100,000", value_type="Crude rate")
    assert read(text_of({"Value": "123"}), rate)[0]["value"][0] == 123
    assert "a per cent from 0 to 100" in faults_of(read, text_of({"Value": "123"}))[0]


@pytest.mark.parametrize("number", ["12.3%", "3,1", "1 234", "inf", "nan", "\uff11\uff12", "#REF!",
                                    "\u221212", "1e999", "<5", "*"])  # fmt: skip
def test_what_is_not_a_plain_number_is_refused(read, number):
    assert "is not a number" in faults_of(read, text_of({"Value": number}))[0]


def test_a_name_without_the_words_expected_of_its_id_is_refused(read):
    faults = faults_of(read, text_of({"Indicator Name": "Smoking  prevalence"}))
    assert 'Indicator Name: id 90319 is called "Smoking prevalence"' in faults[0]
    assert "expected the words obesity for obesity" in faults[0]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("Area Name", "<img src=x onerror=alert(1)>"),
        ("Area Name", "=cmd|' /C calc'!A0"),
        ("Area Name", "@SUM(A1)"),
        ("Area Name", "Abb\x07ey"),
        ("Area Name", "Abbey\u202e"),
        ("Value note", "<script>alert(1)</script>"),
        ("Category", "=1+1"),
    ],
)
def test_markup_formulas_and_control_characters_are_refused(read, column, text):
    faults = faults_of(read, text_of({column: text}))
    assert faults[0].startswith(f"fingertips/obesity.csv, row 2, {column}: ")
    assert len(faults) == 1


def test_a_long_text_is_not_echoed_whole(read):
    faults = faults_of(read, text_of({"Area Name": "<" + "secret " * 40}))
    assert len(faults[0]) < 200


def test_an_age_below_a_number_is_a_text_like_any_other(read):
    assert read(text_of({"Age": "<75 yrs"}))[0]["age"][0] == "<75 yrs"


def test_a_renamed_column_is_refused_naming_it_and_the_nearest(read):
    heading = ["Values" if name == "Value" else name for name in HEADING]
    faults = faults_of(read, text_of({}, heading=heading))
    assert faults == [
        'fingertips/obesity.csv, row 1: there is no column "Value"; the nearest heading is '
        "'Values'; do not change headings"
    ]


def test_a_column_that_appears_twice_is_refused(read):
    heading = [*HEADING, "Value"]
    faults = faults_of(read, text_of({}, heading=heading))
    assert 'the column "Value" appears 2 times' in faults[0]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "a web page, not CSV"),
        (b"\xef\xbb\xbf\r\n  <html>", "a web page, not CSV"),
        (b"PK\x03\x04rest", "an Excel workbook or a zip archive"),
        (b"\xd0\xcf\x11\xe0rest", "an old Excel workbook"),
        (b"\x1f\x8brest", "a gzip archive"),
        (b"%PDF-1.7", "a PDF"),
        ("Indicator ID".encode("utf-16"), "UTF-16"),
        (b"Indicator ID\x00,", "NUL bytes"),
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b'{"error": "not found"}', "the heading is"),
        (b"Indicator ID;Indicator Name\r\n1;2", "the heading is"),
    ],
)
def test_what_is_not_a_fingertips_csv_says_what_it_is(read, content, found):
    faults = faults_of(read, content)
    assert len(faults) == 1
    assert found in faults[0]


def test_a_heading_alone_is_refused(read):
    assert "no rows under the heading" in faults_of(read, text_of())[0]


def test_rows_too_short_or_too_long_are_refused(read):
    lines = text_of({}, {}, {}).split("\r\n")
    lines[2] += ",extra"
    lines[3] = ",".join(lines[3].split(",")[:24])
    faults = faults_of(read, "\r\n".join(lines))
    assert "row 3: 28 values under 27 headings; expected 25 to 27" in faults[0]
    assert "row 4: 24 values under 27 headings" in faults[1]


def test_an_unclosed_quote_is_refused_with_its_row(read):
    faults = faults_of(read, text_of({}, {}) + '90319,"Reception')
    assert faults[0].startswith("fingertips/obesity.csv, row 4: a quoted field is broken")


WHOLE = text_of(
    {"Area Code": COUNTRY, "Area Name": "England"},
    {"Indicator Name": "Reception prevalence of obesity, all"},
    {"Time period": "2023/24", "Compared to goal": "Red"},
)


def test_a_last_row_cut_off_anywhere_is_refused_or_gives_no_other_figure(read):
    start = WHOLE.rindex("90319")
    whole = []
    for length in range(start + 1, len(WHOLE) + 1):
        try:
            table, _ = read(WHOLE[:length])
        except ExtractError:
            continue
        whole.append(WHOLE[start:length])
        assert list(table["value"]) == [12.1, 12.1, 12.1]
    # All that passes is the whole row, or the row up to its last field, which is not a figure.
    row = WHOLE[start:].rstrip()
    assert whole == [row.removesuffix("1y"), row, f"{row}\r", f"{row}\r\n"]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.binary(max_size=60), st.integers(min_value=0, max_value=len(WHOLE)))
def test_any_bytes_are_read_or_refused_and_nothing_else(tmp_path_factory, noise, place):
    path = tmp_path_factory.mktemp("noise") / "obesity.csv"
    whole = WHOLE.encode()
    path.write_bytes(whole[:place] + noise + whole[place:])
    try:
        read_fingertips(path, name="obesity.csv", catalogue=made_up_catalogue(indicator()))
    except ExtractError as error:
        assert str(error)


def test_ids_that_are_not_in_the_catalogue_are_counted(read):
    table, notes = read(text_of({"Indicator ID": "1"}, {"Indicator ID": "2"}))
    assert table.empty
    assert notes == [
        "fingertips/obesity.csv: 2 rows of ids that are not in the catalogue left out",
        "fingertips/obesity.csv: no row belongs to a series and an area of the catalogue",
    ]


def test_a_file_without_the_borough_and_a_thinner_latest_period_are_noted(read):
    there = {"Area Code": NEIGHBOUR, "Area Name": "Overstream"}
    _, notes = read(text_of(there))
    assert notes == ["fingertips/obesity.csv: no rows for Marsh and Quay"]
    _, notes = read(text_of({**there, "Time period": "2023/24"}, {"Time period": "2023/24"}, there))
    assert notes == [
        "fingertips/obesity.csv: obesity: boroughs with a row for 2024/25: 1; "
        "for an earlier period: 2"
    ]


def test_the_real_export_of_2019_is_read_as_it_was_printed(extracts, catalogue):
    name = "fingertips_raw_export/93356-website-export-2019.csv"
    series = indicator(
        "campylobacter", source_id="93356", name_words=("campylobacter",), age="All ages",
        unit="per 100,000", value_type="Crude rate",
    )  # fmt: skip
    table, notes = read_fingertips(
        extracts / name,
        name=name,
        catalogue=replace(catalogue, indicators={"campylobacter": series}),
    )
    own = table[table["area_code"] == "E09000002"].set_index("period").loc["2017"]
    assert (own["value"], own["lower_95"], own["upper_95"]) == (
        40.68584713746,
        32.4526187220902,
        50.3718457022249,
    )
    assert (own["count"], own["denominator"], own["published_comparison"]) == (84, 206460, "Better")
    # The name breaks over two lines, and the code stands on the second.
    lines = (extracts / name).read_text(encoding="utf-8").splitlines()
    assert lines[own["source_row"] - 1] == '93356,"Campylobacter incidence rate/100,000'
    assert ",E09000002," in lines[own["source_row"]]
    deciles = table[table["category_type"] != ""]
    assert len(deciles) == 60
    assert set(deciles["area_code"]) == {"E92000001"}
    assert any('E12000007 "London region" is London' in note for note in notes)

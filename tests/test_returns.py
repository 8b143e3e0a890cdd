"""Returns: strict, small, and every fault at once."""

import csv
import io
import random
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from lbbd_jsna.errors import ExtractError
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.schema import as_observations
from lbbd_jsna.sources.returns import reader as reader_module
from lbbd_jsna.sources.returns import records, texts
from lbbd_jsna.sources.returns.grid import rows_named
from lbbd_jsna.sources.returns.headings import COLUMNS, known_as
from lbbd_jsna.sources.returns.personal import is_personal_heading, personal_kind
from lbbd_jsna.sources.returns.reader import read_csv, read_return
from lbbd_jsna.sources.returns.spans import one_form
from tests.made_up_borough import indicator, made_up_catalogue

HEADING = "indicator,area_code,area_name,period,numerator,denominator,value,note"
SMOKERS = indicator(
    "smokers-helped", source="council-return", source_id="", area_types=("borough", "ward")
)
CALLS = indicator(
    "calls", source="council-return", source_id="", unit="calls", value_type="Count", sex=""
)
OLD = indicator("old", source="council-return", source_id="", area_types=("ward",),
                ward_vintage="2002")  # fmt: skip
VISITS = indicator("visits", source="council-return", source_id="", unit="per 1,000",
                   value_type="Crude rate")  # fmt: skip
TREES = VISITS.model_copy(update={"id": "trees", "counts_people": False})
CATALOGUE = made_up_catalogue(SMOKERS, CALLS, OLD, VISITS, TREES, indicator())
OWN = "E09000101,Marsh and Quay"
WARDS = ("E05019001,Abbey", "E05019002,Marsh & Quay", "E05019003,Heath")


@pytest.fixture
def read(tmp_path):
    def reader(*rows, heading=HEADING, name="returns/r.csv", quarter=None):
        path = tmp_path / "return.csv"
        path.write_text("\n".join([heading, *rows, ""]), encoding="utf-8", newline="\n")
        return read_return(path, name=name, catalogue=CATALOGUE, quarter=quarter)

    return reader


def faults_of(read, *rows, **options):
    with pytest.raises(ExtractError) as caught:
        read(*rows, **options)
    return [str(fault).removeprefix("returns/r.csv, ") for fault in caught.value.faults]


def test_a_blank_per_cent_is_worked_out_from_its_counts(read):
    table, notes = read(f"smokers-helped,{OWN},2025/26 Q1,30,120,,sample of one clinic")
    row = table.iloc[0]
    assert (row["value"], row["count"], row["denominator"]) == (25.0, 30, 120)
    assert (row["status"], row["value_note"]) == ("published", "sample of one clinic")
    assert (row["area_type"], row["sex"], row["age"]) == ("borough", "Persons", "All ages")
    assert (row["period_range"], str(row["period_end"].date())) == ("1q", "2025-06-30")
    assert table[["lower_95", "upper_95", "lower_99_8", "upper_99_8"]].isna().all(axis=None)
    assert (row["source_file"], row["source_row"]) == ("returns/r.csv", 2)
    assert notes == []


def test_a_count_is_returned_as_its_value(read):
    table, notes = read(f'calls,{OWN},2025/26,,,"1,234",')
    assert table["value"][0] == 1234
    assert table["sex"][0] == "Persons"
    assert notes == ["returns/r.csv, row 2, value: separators of thousands removed"]


def test_the_value_of_a_per_cent_is_that_of_its_counts_not_its_rounded_print(read):
    table, _ = read(f"smokers-helped,{OWN},2025/26,1,3,33,")
    assert table["value"][0] == 100 / 3


def test_zero_of_many_is_zero(read):
    assert read(f"smokers-helped,{OWN},2025/26,0,120,,")[0]["value"][0] == 0


@pytest.mark.parametrize(
    ("mark", "status"),
    [("[c]", "suppressed"), ("[x]", "not_available"), ("[z]", "not_applicable")],
)
def test_a_mark_says_why_there_is_no_value(read, mark, status):
    table, _ = read(f"smokers-helped,{OWN},2025/26,{mark},120,{mark},")
    assert table["status"][0] == status
    assert table["value"].isna().all()
    assert table["count"].isna().all()


def test_a_number_beside_a_mark_is_refused_and_not_repeated(read):
    faults = faults_of(read, f"smokers-helped,{OWN},2025/26,3,120,[c],")
    assert faults == [
        "row 2, numerator: a number beside [c]; expected blank: it would give the value away"
    ]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (f"smoker-helped,{OWN},2025/26,1,2,,", 'indicator: \'smoker-helped\'; expected an id of '
         'the catalogue; did you mean "smokers-helped"?'),
        (f"obesity,{OWN},2025/26,1,2,,", "indicator: obesity comes from fingertips"),
        ("smokers-helped,E05999999,Nowhere,2025/26,1,2,,", "area_code: 'E05999999' is not Marsh "
         "and Quay, and no area of it"),
        ("smokers-helped,5.01E+09,Abbey,2025/26,1,2,,", "area_code: '5.01E+09': Excel has"),
        ("smokers-helped,E05019001,Marsh & Quay,2025/26,1,2,,", "area_code: 'E05019001' is Abbey, "
         "but the name is Marsh & Quay; write Abbey if the code is right, E05019002 if the name"),
        ("smokers-helped,E05019002,Marsh and Quay,2025/26,1,2,,", "area_code: 'E05019002' is Marsh "
         "& Quay, but the name is Marsh and Quay"),
        ("smokers-helped,E05019002,Marsh + Quay,2025/26,1,2,,", "area_name: E05019002 with the "
         "name 'Marsh + Quay'; expected Marsh & Quay"),
        ("smokers-helped,E05000901,Abbey,2025/26,1,2,,", "area_code: 'E05000901' is not a ward of "
         "2022: it is the old Abbey; expected a ward of 2022; boundaries have changed"),
        ("smokers-helped,E05029001,Else,2025/26,1,2,,", "area_code: Else is a ward of another"),
        ("smokers-helped,E09000102,Overstream,2025/26,1,2,,", "area_code: Overstream is another "
         "borough; expected Marsh and Quay or areas of it; remove the row"),
        ("calls,E05019001,Abbey,2025/26,,,7,", "area_code: E05019001 is a ward; expected borough"),
        (f"smokers-helped,{OWN},2025/27,1,2,,", "period: '2025/27' is not a period: the financial "
         "year after April 2025 is written 2025/26"),
        (f"smokers-helped,{OWN},Mar-24,1,2,,", "period: 'Mar-24': Excel has changed this value"),
        (f"smokers-helped,{OWN},2025/26,3,2,,", "numerator: 3 of 2; expected at most"),
        (f"smokers-helped,{OWN},2025/26,-1,2,,", "numerator: '-1'; expected 0 or more"),
        (f"smokers-helped,{OWN},2025/26,1,-2,,", "denominator: '-2'; expected 0 or more"),
        (f"smokers-helped,{OWN},2025/26,1.5,2,,", "numerator: '1.5'; expected a whole number"),
        (f"smokers-helped,{OWN},2025/26,2O,200,,", "numerator: '2O' is not a number"),
        (f"smokers-helped,{OWN},2025/26,1,8,12.5%,", "value: '12.5%': with its sign it may mean"),
        (f"smokers-helped,{OWN},2025/26,1,8,#DIV/0!,", "value: an error of Excel, '#DIV/0!'"),
        (f"smokers-helped,{OWN},2025/26,1,,,", "denominator: no number; expected the numerator "
         "and the denominator, or [c]"),
        (f"smokers-helped,{OWN},2025/26,,,25,", "numerator: no number; expected the numerator"),
        (f"smokers-helped,{OWN},2025/26,0,0,,", "value: blank; expected a value, or [c]"),
        (f"smokers-helped,{OWN},2025/26,,,,", "value: blank; expected a value, or [c]"),
        (f"calls,{OWN},2025/26,,,,", "value: blank; expected a value, or [c]"),
        (f"smokers-helped,{OWN},2025/26,30,120,52,", "value: '52'; expected 25.0, numerator over"),
        (f"smokers-helped,{OWN},2025/26,30,120,25.6,", "value: '25.6'; expected 25.0, numerator"),
        (f"smokers-helped,{OWN},2025/26,,,123,", "value: '123'; expected a per cent from 0 to 100"),
        (f"smokers-helped,{OWN},2025/26,1,2,,=cmd|' /C calc'!A0", "note: a formula in place of"),
        (f"smokers-helped,{OWN},2025/26,1,2,,<script>", "note: markup in '<script>'"),
        ("smokers-helped,E09000101,<img src=x>,2025/26,1,2,,", "area_name: markup in '<img"),
    ],
)  # fmt: skip
def test_a_faulty_row_is_refused_with_row_column_and_value(read, row, fault):
    assert faults_of(read, row)[-1].startswith(f"row 2, {fault}")


def test_every_fault_of_a_file_is_reported_at_once(read):
    faults = faults_of(
        read,
        "nonsense,E09,Nowhere,never,x,y,z,",
        f"smokers-helped,{OWN},2025/26,1,2,,",
        f"smokers-helped,{OWN},2025/26,1,2,,",
    )
    assert len(faults) == 7
    assert faults[-1].startswith("row 4: smokers-helped, E09000101, 2025/26 stands in row 3")


def test_columns_may_stand_in_any_order_but_not_under_other_names(read):
    heading = "note,value,denominator,numerator,period,area_name,area_code,indicator"
    row = "smokers-helped,E09000101,Marsh and Quay,2025/26,1,2,,"
    turned = ",".join(reversed(row.split(",")))
    assert read(turned, heading=heading)[0]["value"][0] == 50
    faults = faults_of(read, turned, heading=heading.replace("value", "values"))
    assert "the column 'values' is not known" in faults[0]
    assert 'did you mean "value"?' in faults[0]
    assert 'value: there is no column "value"' in faults[1]
    assert len(faults) == 2


def test_rows_of_another_width_and_no_rows_are_refused(read):
    assert faults_of(read, f"smokers-helped,{OWN},2025/26,1,200,") == [
        "row 2: 7 values under 8 headings; put names that hold a comma in quotes",
    ]
    assert "there are no rows" in faults_of(read, heading=",,,")[0]
    assert "no rows" in faults_of(read)[0]


def test_several_periods_may_stand_in_one_file_but_each_only_once(read):
    years = [f"smokers-helped,{OWN},{year},1,4,," for year in ("2023/24", "2024/25", "2025/26")]
    table, _ = read(*years)
    assert table["period"].tolist() == ["2023/24", "2024/25", "2025/26"]
    # January to March 2018, said in two ways.
    twice = [f"smokers-helped,{OWN},{period},1,4,," for period in ("2018 Q1", "2017/18 Q4")]
    assert faults_of(read, *twice) == [
        "row 3: smokers-helped, E09000101, 2017/18 Q4 stands in row 2 already, with the same "
        "figures; expected one row for each area and period; remove one of the two"
    ]


def test_a_ward_may_be_missing_from_one_period_only_and_is_named(read):
    rows = [f"smokers-helped,{ward},{year},{figures},," for year in ("2024/25", "2025/26")
            for ward, figures in ((OWN, "3,12"), *((ward, "1,4") for ward in WARDS))]  # fmt: skip
    assert len(read(*rows)[0]) == 8
    faults = faults_of(read, *rows[:7])
    assert len(faults) == 1
    assert faults[0].startswith(
        "area_code: 1 ward is missing for smokers-helped, 2025/26: Heath (E05019003); expected all"
    )


def test_a_ward_whose_row_is_refused_is_not_missing_as_well(read):
    own, *rows = [f"smokers-helped,{area},2025/26,4,16,," for area in (OWN, *WARDS)]
    rows = [row.replace("4,16", "1,4") for row in rows]
    faults = faults_of(read, own, *rows[:2], rows[2].replace("E05019003", "E05000902"))
    assert len(faults) == 1
    faults = faults_of(read, own, rows[0], rows[1].replace("E05019002", "E05000902"))
    assert [fault.split(":")[0] for fault in faults] == ["area_code", "row 4, area_code"]


def by_ward(*figures, own="6,20", period="2025/26"):
    """Rows of the borough and its three wards: numerator and denominator, or marks."""
    places = zip((OWN, *WARDS), (own, *figures), strict=True)
    return [f"smokers-helped,{place},{period},{given}" for place, given in places if given]


def test_wards_that_add_up_to_the_borough_or_less_are_read(read):
    table, notes = read(*by_ward("1,5,,", "0,4,,", "5,11,,", own="6,20,,"))
    assert table["area_type"].tolist() == ["borough", "ward", "ward", "ward"]
    assert (table["value"][2], table["count"][2], table["status"][2]) == (0.0, 0, "published")
    assert len(read(*by_ward("1,5,,", "0,4,,", "4,10,,", own="6,20,,"))[0]) == 4
    assert len(read(*by_ward("1,5,,", ",,[c],", "5,15,,", own="6,20,,"))[0]) == 4
    assert notes == []


@pytest.mark.parametrize(
    ("wards", "own", "column"),
    [
        (("2,5,,", "0,4,,", "5,11,,"), "6,20,,", "numerator"),
        (("1,5,,", "0,4,,", "5,12,,"), "6,20,,", "denominator"),
        (("1,5,,", ",,[x],", "6,12,,"), "6,20,,", "numerator"),
    ],
)
def test_wards_of_more_people_than_the_borough_are_refused_without_saying_by_how_much(
    read, wards, own, column
):
    faults = faults_of(read, *by_ward(*wards, own=own))
    assert faults == [
        f"row 2, {column}: the wards add up to more; expected at least the sum of the wards, for "
        "the same people and period; correct the one that is wrong"
    ]


def test_wards_are_added_up_period_by_period(read):
    """2018 Q1 and 2017/18 Q4 are one period, whichever way a row writes it."""
    first = by_ward("1,5,,", "0,4,,", "5,11,,", own="6,20,,", period="2017/18 Q4")
    later = by_ward("9,50,,", "9,40,,", "9,10,,", own="27,100,,", period="2018/19 Q1")
    assert len(read(*first, *later)[0]) == 8
    mixed = [first[0].replace("2017/18 Q4", "2018 Q1"), *first[1:]]
    assert len(read(*mixed, *later)[0]) == 8
    low = [row.replace("27,100", "26,100") for row in later]
    assert [fault[:16] for fault in faults_of(read, *first, *low)] == ["row 6, numerator"]


def test_wards_without_their_borough_are_refused(read):
    """The borough is not the sum of its wards: people of no known ward are in it."""
    rows = by_ward("1,5,,", "0,4,,", "5,11,,", own="6,20,,")
    (fault,) = faults_of(read, *rows[1:])
    assert fault.startswith(
        "area_code: wards are given for smokers-helped, 2025/26, and the borough is not; expected "
        "a row for Marsh and Quay (E09000101) too; count the borough by itself"
    )
    earlier = [row.replace("2025/26", "2024/25") for row in rows]
    assert "2025/26, and the borough" in faults_of(read, *earlier, *rows[1:])[0]


def test_a_borough_whose_row_is_refused_is_not_missing_as_well(read):
    rows = by_ward("1,5,,", "0,4,,", "5,11,,", own="6,20,,")
    faults = faults_of(read, rows[0].replace("E09000101", "E09000102"), *rows[1:])
    assert [fault.split(":")[0] for fault in faults] == ["row 2, area_code"]


def test_a_figure_that_is_refused_is_not_added_up_as_well(read):
    rows = by_ward("1,5,,", "-2,4,,", "5,11,,", own="-6,20,,")
    assert [f.split(":")[0] for f in faults_of(read, *rows)] == [
        "row 2, numerator", "row 4, numerator",
    ]  # fmt: skip


def test_a_ward_by_its_name_alone_is_refused_with_its_code(read):
    rows = by_ward("1,5,,", "0,4,,", "5,11,,", own="6,20,,")
    rows[3] = rows[3].replace("E05019003", "")
    assert faults_of(read, *rows) == ["row 5, area_code: blank; expected E05019003"]


def test_the_wards_of_another_vintage_are_refused_whatever_they_are_called(read):
    """Old Abbey and new Abbey share a name and no boundary."""
    rows = by_ward("1,5,,", "0,4,,", "5,11,,", own="6,20,,")
    rows[1] = rows[1].replace("E05019001", "E05000901")
    (fault,) = faults_of(read, *rows)
    assert fault.startswith("row 3, area_code: 'E05000901' is not a ward of 2022: it is the old")


def test_a_rate_of_people_needs_its_counts_and_one_of_things_does_not(read):
    """Without counts nothing can be rounded; 12.5 per 1,000 of a known 800 would say 10."""
    faults = faults_of(read, f"visits,{OWN},2025/26,,,12.5,")
    assert faults[0].startswith("row 2, numerator: no number; expected the numerator and the")
    assert faults_of(read, f"visits,{OWN},2025/26,10.5,840,12.5,")[0].startswith(
        "row 2, numerator: '10.5'; expected a whole number"
    )
    assert read(f"visits,{OWN},2025/26,10,800,12.5,")[0]["value"][0] == 12.5
    assert read(f"trees,{OWN},2025/26,,,12.5,")[0]["value"][0] == 12.5


def test_a_series_of_the_old_wards_takes_the_old_codes(read):
    table, _ = read("old,E05000901,Abbey,2013/14,1,4,,", "old,E05000902,Marsh,2013/14,1,4,,")
    assert table["area_code"].tolist() == ["E05000901", "E05000902"]
    assert "'E05019001' is Abbey of 2022" in faults_of(read, "old,E05019001,Abbey,2013/14,1,4,,")[0]


def test_the_region_and_the_country_may_stand_beside_the_borough(read):
    table, _ = read("smokers-helped,E12000090,Midshire,2025/26,1,4,,",
                    "smokers-helped,E92000001,England,2025/26,1,4,,")  # fmt: skip
    assert table["area_type"].tolist() == ["region", "country"]


@pytest.mark.parametrize(
    "name", ["returns/r_2026-27-Q3.csv", "returns/2027-01-15/a 2026-27-Q3.csv"]
)
def test_the_quarter_in_a_files_name_binds_its_rows(read, name):
    sound = [f"smokers-helped,{OWN},{period},1,4,," for period in ("2026/27 Q3", "2025/26", "2025")]
    assert len(read(*sound, name=name)[0]) == 3
    for period in ("2026/27 Q2", "2026/27 Q4", "2026/27", "Jan 2027"):
        with pytest.raises(ExtractError, match="quarter") as caught:
            read(f"smokers-helped,{OWN},{period},1,4,,", name=name)
        assert [fault.rule for fault in caught.value.faults] == ["another-quarter"]


def test_the_quarter_asked_for_binds_the_rows_and_the_name(read):
    row, quarter = f"smokers-helped,{OWN},2026/27 Q2,1,4,,", Quarter(2026, 2)
    assert len(read(row, quarter=quarter)[0]) == 1
    with pytest.raises(ExtractError, match="expected a return for 2026-27-Q2"):
        read(row, quarter=quarter, name="returns/r_2026-27-Q3.csv")
    with pytest.raises(ExtractError, match="ends in 2026-28-Q3, which is no quarter"):
        read(row, name="returns/r_2026-28-Q3.csv")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Q4 2023-24", "2023/24 Q4"),
        ("2023-24 Q4", "2023/24 Q4"),
        ("q4 2023/2024", "2023/24 Q4"),
        ("2023/24Q4", "2023/24 Q4"),
        ("Quarter 4, 2023/24", "2023/24 Q4"),
        ("Q1 2018", "2018 Q1"),
        ("2023/2024", "2023/24"),
        ("1999-00 Q1", "1999/00 Q1"),
        ("march 2024", "Mar 2024"),
        ("2023/24", "2023/24"),
        ("2022 - 24", "2022 - 24"),
        ("Q4 2023-25", "Q4 2023-25"),
        ("2023/2025", "2023/2025"),
        ("Mar-24", "Mar-24"),
    ],
)
def test_a_period_has_one_form(text, form):
    assert one_form(text) == form


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("943 476 5919", "an NHS number"),
        ("9434765919", "an NHS number"),
        ("401-023-2137", "an NHS number"),
        ("9434765919.0", "an NHS number"),
        ("\uff19\uff14\uff13\uff14\uff17\uff16\uff15\uff19\uff11\uff19", "an NHS number"),
        ("\u0669\u0664\u0663\u0664\u0667\u0666\u0665\u0669\u0661\u0669", "an NHS number"),
        ("943\u200b4765919", "an NHS number"),
        ("9434765918", ""),
        ("9434765910", ""),
        ("0000000000", ""),
        ("33.3333333333", ""),
        ("19434765919", ""),
        ("2022-23 and 2023-24", ""),
        ("AB123456C", "a National Insurance number"),
        ("ab 12 34 56 c", "a National Insurance number"),
        ("AB123456E", ""),
        ("E05014053", ""),
        ("j.bloggs@example.org", "an e-mail address"),
        ("5 @ 3", ""),
        ("RM10 7BN", "a full postcode"),
        ("lives at sw1a 1aa", "a full postcode"),
        ("RM10", ""),
        ("Q1 2AB", ""),
        ("A801200001001", ""),
        ("born 3 May 2019", "what looks like a date of birth"),
        ("12/03/1985", "what looks like a date of birth"),
        ("1985-03-12", "what looks like a date of birth"),
        ("12.3.85", "what looks like a date of birth"),
        ("as at 31/03/2026", ""),
        ("07700 900123", "a mobile phone number"),
        ("2.07763195559", ""),
    ],
)
def test_data_about_persons_are_known_by_their_shape(text, kind):
    assert personal_kind(text) == kind


def test_the_check_digit_of_an_nhs_number_by_another_route():
    """Nine digits and each possible tenth: at most one of them is valid, none where it is 10."""
    rng = random.Random(1)
    for _ in range(300):
        nine = f"{rng.randrange(10**8, 10**9)}"
        rest = sum(int(d) * weight for d, weight in zip(nine, range(10, 1, -1), strict=True))
        valid = [d for d in range(10) if (rest + d) % 11 == 0]
        assert [d for d in range(10) if personal_kind(f"{nine}{d}")] == valid


def test_the_check_letter_of_a_pupil_number_by_another_route():
    letters = "ABCDEFGHJKLMNPQRTUVWXYZ"
    digits = "801200001001"
    weighted = 2 * 8 + 4 * 1 + 5 * 2 + 10 * 1 + 13 * 1
    valid = letters[weighted % 23]
    assert [one for one in letters if personal_kind(one + digits)] == [valid]


def test_headings_of_persons_are_told_from_headings_of_figures():
    for heading in ("NHS No.", "Child\u2019s name", "D.O.B.", "Home address line 1", "Client ID"):
        assert is_personal_heading(heading), heading
    for heading in (*COLUMNS, "team", "ward name", "provider name", "number of children"):
        assert not is_personal_heading(heading), heading
    assert known_as(" Area Code") == "area_code"
    assert known_as("areas") == ""


def test_rows_are_named_but_not_a_thousand_of_them():
    assert rows_named([5]) == "row 5"
    assert rows_named([5, 7, 9]) == "rows 5, 7 and 9"
    assert rows_named(range(2, 1002)).endswith("10, 11 and 990 more")


CELLS = st.text(alphabet="ab 1.,;\t\"'\n\r\ufeff\u00a0\u00e9[]<", max_size=6)


@given(st.lists(st.lists(CELLS, min_size=8, max_size=8), min_size=1, max_size=6), st.booleans())
@settings(max_examples=400, deadline=None)
def test_plain_text_parted_by_arrow_is_what_the_csv_module_reads(rows, quoted):
    """Whatever the fast way reads, the slow way reads alike; what it leaves, it leaves whole."""
    stream = io.StringIO()
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    writer = csv.writer(stream, lineterminator="\n", quoting=quoting, escapechar="\\")
    writer.writerows([COLUMNS, *rows])
    columns = records.plain_columns(stream.getvalue())
    if columns is None:
        return
    read = list(csv.reader(io.StringIO(stream.getvalue(), newline=""), strict=True))
    for place, column in enumerate(columns.values()):
        assert [column.texts[code] for code in column.codes] == [row[place] for row in read[1:]]


@pytest.mark.parametrize(
    ("cell", "is_plain"),
    [('plain', True), ('"a, b"', True), ('"say ""yes"", ""no"""', True), ('""', True),
     ('"two\nlines"', False), ('"open', False), ('"a"b', False), ('a "b" c', False),
     ('"a""', False)],
)  # fmt: skip
def test_only_text_that_has_one_reading_is_read_the_fast_way(cell, is_plain):
    row = f"smokers-helped,{OWN},2025/26,1,4,,{cell}"
    columns = records.plain_columns(f"{HEADING}\n{row}\n{row}\n")
    assert (columns is not None) == is_plain
    if columns:
        expected = next(csv.reader([row]))[-1]
        assert [columns["note"].texts[code] for code in columns["note"].codes] == [expected] * 2


def large(periods):
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    places = [(OWN, 3), *((ward, 1) for ward in WARDS)]
    rows = [f"smokers-helped,{place},{month} {year},{wards * (year - 1900)},{wards * 4000},,"
            for year in periods for month in months for place, wards in places]  # fmt: skip
    return "\n".join([HEADING, *rows, ""])


def test_the_fast_and_the_slow_way_give_one_table(monkeypatch):
    text = large(range(1950, 2020))
    assert len(text) > reader_module.SMALL
    fast = read_csv(text.encode(), name="returns/r.csv", catalogue=CATALOGUE)
    monkeypatch.setattr(reader_module, "SMALL", 10**9)
    slow = read_csv(text.encode(), name="returns/r.csv", catalogue=CATALOGUE)
    assert_frame_equal(fast[0], slow[0])
    assert_frame_equal(fast[0], as_observations(fast[0]))
    assert fast[1] == slow[1] == []
    assert np.array_equal(fast[0]["source_row"], np.arange(2, 70 * 12 * 4 + 2))


def test_a_fault_in_a_large_file_is_found_the_fast_way(monkeypatch):
    lines = large(range(1950, 2020)).split("\n")
    lines[1999] = lines[1999].replace("Abbey", "Abbot").replace("Heath", "Heth").replace("y,", ",")
    with pytest.raises(ExtractError) as caught:
        read_csv("\n".join(lines).encode(), name="returns/r.csv", catalogue=CATALOGUE)
    assert [(f.row, f.column, f.rule) for f in caught.value.faults] == [
        (2000, "area_name", "name-and-code")
    ]


def test_a_column_wrong_throughout_is_told_in_few_faults():
    text = large(range(1950, 2020)).replace("Abbey", "Abbot")
    with pytest.raises(ExtractError) as caught:
        read_csv(text.encode(), name="returns/r.csv", catalogue=CATALOGUE)
    faults = caught.value.faults
    assert len(faults) == 501
    assert faults[-1].found == "340 more like those that are named"


def test_files_beyond_the_limits_are_refused_before_they_are_read(tmp_path, monkeypatch):
    path = tmp_path / "r.csv"
    path.write_text(large([2020]), encoding="utf-8")
    monkeypatch.setattr(texts, "MOST_BYTES", 500)
    with pytest.raises(ExtractError, match="larger than"):
        read_return(path, name="returns/r.csv", catalogue=CATALOGUE)
    monkeypatch.undo()
    monkeypatch.setattr(records, "MOST_ROWS", 30)
    with pytest.raises(ExtractError, match="more than 30 rows"):
        read_return(path, name="returns/r.csv", catalogue=CATALOGUE)
    with pytest.raises(ExtractError, match="is not a file"):
        read_return(tmp_path, name="returns", catalogue=CATALOGUE)


def test_every_rule_has_one_name_in_small_letters():
    """The names are for machines, so they are listed here and do not change."""
    folder = Path(reader_module.__file__).parent
    used = set()
    for module in folder.glob("*.py"):
        text = module.read_text(encoding="utf-8")
        used |= set(re.findall(r'Finding\(\s*"([^"]*)"', text))
        used |= set(re.findall(r'(?:fault|refused)\(\s*(?:\w+\.)?name,\s*"([a-z-]*)"', text))
    assert used >= {"decimal-comma", "old-ward-code", "title-rows", "not-csv", "missing-ward"}
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", rule) for rule in used), sorted(used)

"""Returns: strict, small, and every fault at once."""

import pytest

from lbbd_jsna.errors import ExtractError
from lbbd_jsna.sources.returns import read_return
from tests.made_up_borough import indicator, made_up_catalogue

HEADING = "indicator,area_code,area_name,period,numerator,denominator,value,note"
SMOKERS = indicator(
    "smokers-helped", source="council-return", source_id="", area_types=("borough", "ward")
)
CALLS = indicator(
    "calls", source="council-return", source_id="", unit="calls", value_type="Count", sex=""
)
OWN = "E09000101,Marsh and Quay"


@pytest.fixture
def read(tmp_path):
    def reader(*rows, heading=HEADING):
        path = tmp_path / "return.csv"
        path.write_text("\n".join([heading, *rows, ""]), encoding="utf-8-sig", newline="\n")
        catalogue = made_up_catalogue(SMOKERS, CALLS, indicator())
        return read_return(path, name="returns/r.csv", catalogue=catalogue)

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
    table, _ = read(f'calls,{OWN},2025/26,,,"1,234",')
    assert table["value"][0] == 1234
    assert table["sex"][0] == "Persons"


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
        ("smokers-helped,E05999999,Abbey,2025/26,1,2,,", "area_code: 'E05999999'"),
        ("smokers-helped,5.01E+09,Abbey,2025/26,1,2,,", "area_code: '5.01E+09'"),
        ("smokers-helped,E05019001,Marsh & Quay,2025/26,1,2,,", "area_name: E05019001 with the "
         "name 'Marsh & Quay'; expected Abbey"),
        ("smokers-helped,E05000901,Abbey,2025/26,1,2,,", "area_code: E05000901 is not a ward of "
         "2022 of this borough"),
        ("smokers-helped,E05029001,Else,2025/26,1,2,,", "area_code: E05029001 is not a ward of"),
        ("calls,E05019001,Abbey,2025/26,,,7,", "area_code: E05019001 is a ward; expected borough"),
        (f"smokers-helped,{OWN},2025/27,1,2,,", 'period: "2025/27" is not a period'),
        (f"smokers-helped,{OWN},Mar-24,1,2,,", 'period: "Mar-24" is not a period'),
        (f"smokers-helped,{OWN},2025/26,3,2,,", "numerator: 3 of 2; expected at most"),
        (f"smokers-helped,{OWN},2025/26,-1,2,,", "numerator: -1; expected 0 or more"),
        (f"smokers-helped,{OWN},2025/26,1,-2,,", "denominator: -2; expected 0 or more"),
        (f"smokers-helped,{OWN},2025/26,1.5,2,,", "numerator: 1.5; expected a whole number"),
        (f"smokers-helped,{OWN},2025/26,2O,200,,", "numerator: '2O' is not a number"),
        (f"smokers-helped,{OWN},2025/26,,,12.3%,", "value: '12.3%' is not a number"),
        (f"smokers-helped,{OWN},2025/26,,,<5,", "value: '<5' is not a number"),
        (f"smokers-helped,{OWN},2025/26,,,#DIV/0!,", "value: '#DIV/0!' is not a number"),
        (f"smokers-helped,{OWN},2025/26,1,,,", "value: blank; expected a value, or [c]"),
        (f"smokers-helped,{OWN},2025/26,0,0,,", "value: blank; expected a value, or [c]"),
        (f"smokers-helped,{OWN},2025/26,30,120,52,", "value: 52; expected 25.0, numerator over"),
        (f"smokers-helped,{OWN},2025/26,,,123,", "value: 123 for smokers-helped"),
        (f"smokers-helped,{OWN},2025/26,1,2,,=cmd|' /C calc'!A0", "note: a formula in place of"),
        (f"smokers-helped,{OWN},2025/26,1,2,,<script>", "note: markup in a text"),
        ("smokers-helped,E09000101,<img src=x>,2025/26,1,2,,", "area_name: markup in a name"),
    ],
)  # fmt: skip
def test_a_faulty_row_is_refused_with_row_column_and_value(read, row, fault):
    assert faults_of(read, row)[0].startswith(f"row 2, {fault}")


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
    assert 'there is no column "value"' in faults[0]
    assert "'values' is not known or comes twice; did you mean \"value\"?" in faults[1]


def test_rows_of_another_width_and_no_rows_are_refused(read):
    assert faults_of(read, f"smokers-helped,{OWN},2025/26,1,200,") == [
        "row 2: 7 values under 8 headings; put names that hold a comma in quotes",
    ]
    assert len(faults_of(read, heading=",,,")) > 1
    assert "no rows" in faults_of(read)[0]

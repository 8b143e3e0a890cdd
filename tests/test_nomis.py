"""Files of Nomis become series: shares from counts, published rates, reasons for blanks."""

import math

import pytest

from lbbd_jsna.errors import CatalogueError, ExtractError
from lbbd_jsna.sources.nomis import WrongTable, read_nomis
from lbbd_jsna.sources.nomis_rows import choices
from tests.made_up_borough import COUNTRY, NEIGHBOUR, OWN, REGION, indicator, made_up_catalogue

ABBEY, QUAY = "E05019001", "E05019002"
HEADER = (
    "DATE,DATE_NAME,GEOGRAPHY_NAME,GEOGRAPHY_CODE,LEVEL,LEVEL_NAME,MEASURES,OBS_VALUE,OBS_STATUS,"
    "OBS_STATUS_NAME"
)
PICK = {"LEVEL": "5|6", "LEVEL_NAME": "level 3|level 4"}
UNDER = {"denominator": "LEVEL=0; LEVEL_NAME=total"}
NAMES = {"0": "Total: everybody", "1": "None", "5": "Level 3 passes", "6": "Level 4, NVQ level 3"}


def level(name="skills", **changes):
    """A share of people by their level."""
    said = {
        "source": "nomis", "source_id": "levels", "name_words": ("level",), "unit": "%",
        "polarity": "high_is_good", "method": "none", "pick": PICK, "columns": UNDER,
    }  # fmt: skip
    return indicator(name, **{**said, **changes})


def line(area, code, value, *, date="2021", measure="20100", status="A", words="Normal Value",
         place="Somewhere"):  # fmt: skip
    said = f'{date},{date},"{place}",{area},{code},"{NAMES[code]}",{measure}'
    return f"{said},{value},{status},{words}"


def people(area, total, none, three, four, **more):
    """The four rows of an area."""
    counts = zip(NAMES, (total, none, three, four), strict=True)
    return [line(area, code, count, **more) for code, count in counts]


def read(tmp_path, lines, *indicators, header=HEADER, stem="levels"):
    path = tmp_path / f"{stem}.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8", newline="\n")
    catalogue = made_up_catalogue(*(indicators or (level(),)))
    return read_nomis(path, name=f"nomis/{stem}.csv", catalogue=catalogue)


def told(tmp_path, lines, *indicators, kind=ExtractError, **more):
    with pytest.raises(kind) as caught:
        read(tmp_path, lines, *indicators, **more)
    return str(caught.value)


def test_a_share_is_worked_out_from_the_counts_added_up(tmp_path):
    lines = people(OWN, 1600, 700, 400, 500) + people(COUNTRY, 9000, 3000, 3000, 3000)
    table, notes = read(tmp_path, lines)
    assert notes == []
    own, country = table.to_dict("records")
    assert (own["value"], own["count"], own["denominator"]) == (56.25, 900, 1600)
    assert (own["area_type"], own["period"], own["period_range"]) == ("borough", "2021", "1y")
    assert (own["sex"], own["age"], own["source_id"]) == ("Persons", "All ages", "levels")
    # The header is row 1, and the first row of the numerator the fourth.
    assert (own["source_file"], own["source_row"]) == ("nomis/levels.csv", 4)
    assert math.isnan(own["lower_95"]) and own["status"] == "published"
    assert country["value"] == pytest.approx(200 / 3) and country["area_type"] == "country"


def test_wards_of_the_vintage_only_and_no_other_area(tmp_path):
    lines = [
        row
        for place in (ABBEY, QUAY, "E05000901", "E05029001", OWN, NEIGHBOUR, REGION, "E06000001")
        for row in people(place, 100, 40, 10, 30)
    ]
    wards = level("wards", area_types=("ward",), ward_vintage="2022")
    table, _ = read(tmp_path, lines, wards, level())
    found = table.groupby("indicator")["area_code"].apply(sorted).to_dict()
    assert found == {
        "wards": sorted([ABBEY, QUAY, REGION]),
        "skills": sorted([OWN, NEIGHBOUR, REGION]),
    }


def test_a_published_rate_is_taken_where_there_is_no_denominator(tmp_path):
    header = "DATE_NAME,GEOGRAPHY_NAME,GEOGRAPHY_CODE,MEASURE,MEASURE_NAME,OBS_VALUE"
    lines = [
        f'October 2026,Marsh and Quay,{OWN},1,Claimant count,"1,235"',
        f"October 2026,Marsh and Quay,{OWN},2,Claimants as a share of residents,3.4",
        f"November 2026,Marsh and Quay,{OWN},1,Claimant count,0",
        f"November 2026,Marsh and Quay,{OWN},2,Claimants as a share of residents,0.0",
    ]
    claims = level(
        "claims",
        pick={"MEASURE": "1", "MEASURE_NAME": "claimant count"},
        columns={"value": "MEASURE=2; MEASURE_NAME=share of residents"},
    )
    table, _ = read(tmp_path, lines, claims, header=header)
    first, second = table.to_dict("records")
    assert (first["value"], first["count"]) == (3.4, 1235) and math.isnan(first["denominator"])
    assert (second["value"], second["count"], second["status"]) == (0, 0, "published")
    assert str(first["period_start"])[:10] == "2026-10-01" and first["period_range"] == "1m"
    assert (first["period"], first["source_row"]) == ("October 2026", 2)


def test_a_bare_month_is_read(tmp_path):
    header = HEADER.replace("DATE,DATE_NAME", "TIME,DATE")
    table, _ = read(tmp_path, people(OWN, 10, 4, 3, 3, date="2026-02"), header=header)
    assert table["period"].tolist() == ["Feb 2026"]
    assert str(table["period_end"].iloc[0])[:10] == "2026-02-28"


def test_per_cents_that_nomis_rounded_are_not_read(tmp_path):
    lines = people(OWN, 1600, 700, 400, 500) + people(OWN, 100, 44, 25, 31, measure="20301")
    table, _ = read(tmp_path, lines)
    assert table["value"].tolist() == [56.25]


def test_names_alone_will_do_and_codes_alone(tmp_path):
    lines = people(OWN, 1600, 700, 400, 500)
    nameless = HEADER.replace("LEVEL_NAME", "OTHER")
    codeless = HEADER.replace("LEVEL,LEVEL_NAME", "OTHER,LEVEL_NAME")
    for header in (nameless, codeless):
        table, _ = read(tmp_path, lines, header=header)
        assert table["value"].tolist() == [56.25]


@pytest.mark.parametrize(
    ("value", "status", "words", "expected", "note"),
    [
        ("", "Q", "These figures are missing.", "not_available", "These figures are missing."),
        ("", "S", "Suppressed to protect people", "suppressed", "Suppressed to protect people"),
        ("*", "A", "Normal Value", "suppressed", "suppressed"),
        ("c", "", "", "suppressed", "confidential"),
        (":", "", "", "not_available", "not available"),
        ("z", "", "", "not_applicable", "not applicable"),
    ],
)
@pytest.mark.parametrize("place", [0, 2])
def test_a_figure_that_is_missing_is_never_a_nought(
    tmp_path, value, status, words, expected, note, place
):
    lines = people(OWN, 1600, 700, 400, 500)
    lines[place] = line(OWN, list(NAMES)[place], value, status=status, words=words)
    row = read(tmp_path, lines)[0].iloc[0]
    assert math.isnan(row["value"])
    assert math.isnan(row["denominator"] if place == 0 else row["count"])
    assert (row["status"], row["value_note"]) == (expected, note)


def test_a_share_of_nobody_is_not_applicable(tmp_path):
    row = read(tmp_path, people(OWN, 0, 0, 0, 0))[0].iloc[0]
    assert math.isnan(row["value"]) and row["status"] == "not_applicable" and row["count"] == 0


def test_what_is_said_of_a_value_is_kept(tmp_path):
    lines = people(OWN, 1600, 700, 400, 500)
    lines[2] = line(OWN, "5", 400, status="P", words="Provisional")
    lines[3] = line(OWN, "6", 500, status="U", words="Low reliability")
    row = read(tmp_path, lines)[0].iloc[0]
    assert (row["value"], row["value_note"]) == (56.25, "Provisional")


def test_a_file_no_series_is_read_from_is_kept(tmp_path):
    table, notes = read(tmp_path, ["anything"], stem="population-wards")
    assert table.empty and "no series of the catalogue is worked out from it" in notes[0]


def test_a_file_without_an_area_of_the_catalogue_is_empty(tmp_path):
    table, notes = read(tmp_path, people("E06000001", 10, 4, 3, 3))
    assert table.empty and "no row of an area" in notes[0]


# ---------------------------------------------------------------- what is refused


def test_a_table_of_other_columns_or_names_is_a_wrong_table(tmp_path):
    lines = people(OWN, 1600, 700, 400, 500)
    found = told(tmp_path, lines, kind=WrongTable, header=HEADER.replace("LEVEL", "TENURE"))
    assert "nomis/levels.csv, row 1: there is no column LEVEL (for skills)" in found
    found = told(tmp_path, [row.replace("Level 3 p", "No p") for row in lines], kind=WrongTable)
    assert "row 4, LEVEL_NAME: LEVEL 5 is called 'No passes'; expected \"level 3\" in it" in found
    assert "catalogue/live.yml" in found


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda rows: [*rows, rows[2]], "row 6: another row for skills, E09000101, 2021;"),
        (lambda rows: rows[:3], "row 4: 1 of 2 rows to add up for skills, E09000101, 2021"),
        (lambda rows: rows[1:], "row 3: no denominator for E09000101 in 2021"),
        (lambda rows: [*rows[:3], rows[3][:30]], "row 5: 4 values under 10 headings"),
        (lambda rows: [*rows[:3], rows[3].replace("500", "5OO")], "row 5, OBS_VALUE: '5OO' is not"),
        (lambda rows: [*rows[:3], rows[3].replace("500", "-500")], "-100 for skills"),
        (lambda rows: [*rows[:3], rows[3].replace("500", "5000")], "expected a per cent from 0"),
        (lambda rows: [*rows[:3], rows[3].replace("500,A,N", ",K,X")], "a note that says why"),
        (lambda rows: [r.replace("2021", "21st") for r in rows], '"21st" is not a period'),
        (lambda rows: [r.replace("Somewhere", "<b>") for r in rows], "markup in a name"),
    ],
)
def test_faults_name_row_and_column(tmp_path, change, expected):
    rows = people(OWN, 1600, 700, 400, 500)
    assert expected in told(tmp_path, change(rows))


def test_every_fault_of_a_file_is_told_at_once(tmp_path):
    rows = people(OWN, 1600, 700, "4OO", 500) + people(COUNTRY, 10, 4, 3, "x%")
    found = told(tmp_path, rows)
    assert "row 4, OBS_VALUE" in found and "row 9, OBS_VALUE" in found


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("GEOGRAPHY_CODE", "CODE", "there is no column GEOGRAPHY_CODE"),
        ("OBS_VALUE", "VALUE", "there is no column OBS_VALUE"),
        ("DATE,DATE_NAME", "D,D2", "there is no column DATE_NAME"),
        ("OBS_STATUS_NAME", "OBS_STATUS", "'OBS_STATUS' stands there more than once"),
    ],
)
def test_a_header_must_be_that_of_nomis(tmp_path, old, new, expected):
    rows = people(OWN, 1600, 700, 400, 500)
    assert expected in told(tmp_path, rows, header=HEADER.replace(old, new))


def test_headings_may_be_in_small_letters(tmp_path):
    table, _ = read(tmp_path, people(OWN, 1600, 700, 400, 500), header=HEADER.lower())
    assert table["value"].tolist() == [56.25]


def test_the_real_bulk_download_is_no_answer_of_the_api(catalogue, extracts, tmp_path):
    body = (extracts / "population" / "census2021_ts007_ltla.csv").read_bytes()
    path = tmp_path / "overcrowding.csv"
    path.write_bytes(body)
    with pytest.raises(ExtractError, match="there is no column GEOGRAPHY_CODE"):
        read_nomis(path, name=path.name, catalogue=catalogue)


# ---------------------------------------------------------------- the catalogue


def test_what_a_pick_chooses():
    one, two = choices("MEASURE=2; MEASURE_NAME=Share of residents; AGE=0|1")
    assert (one.column, one.codes, one.words) == ("MEASURE", ("2",), ("share of residents",))
    assert (two.column, two.codes, two.words) == ("AGE", ("0", "1"), ())
    with pytest.raises(CatalogueError, match="LEVEL: 2 codes are picked and 1 names"):
        choices({"LEVEL": "5|6", "LEVEL_NAME": "level 3"})


def test_every_series_of_nomis_is_picked_from_a_table_that_is_fetched(catalogue):
    tables = catalogue.live.nomis.tables
    own = [series for series in catalogue.indicators.values() if series.source == "nomis"]
    assert len(own) == 7
    for series in own:
        table = tables[series.source_id]
        dimensions = {name.upper() for name in table.parameters}
        assert {choice.column for choice in choices(series.pick)} <= dimensions, series.id
        assert set(series.columns) in ({"denominator"}, {"value"})
        assert all(word in series.expected_name.casefold() for word in table.title_words)
        assert ("wards" in table.areas) == ("ward" in series.area_types)
    assert set(tables) - {series.source_id for series in own} == {"population-wards"}

"""What a fetch changed: every expected line was worked out by hand from the rows given."""

import csv
import io
import math

import pandas as pd
import pytest
from rich.console import Console

from lbbd_jsna.fetching.changes import (
    change_lines,
    changes_table,
    read_standing,
    record_changes,
    show_changes,
    write_changes,
)
from lbbd_jsna.schema import OBSERVATIONS, as_observations
from lbbd_jsna.sources.fingertips_columns import REQUIRED
from tests.made_up_borough import COUNTRY, LIVE, NEIGHBOUR, OWN, indicator, made_up_catalogue

OBESITY = indicator("obesity", unit="%")
CATALOGUE = made_up_catalogue(OBESITY, indicator("smoking", unit="%", source_id="92443",
                                                 name_words=("smoking",)))
NAMES = {OWN: "Marsh and Quay", NEIGHBOUR: "Overstream", COUNTRY: "England"}
KINDS = {OWN: "borough", NEIGHBOUR: "borough", COUNTRY: "country"}
FIGURES = ("value", "lower_95", "upper_95", "lower_99_8", "upper_99_8", "count", "denominator")


def row(area, year, value, *, name="obesity", **more):
    said = {column.name: "" for column in OBSERVATIONS} | dict.fromkeys(FIGURES, math.nan)
    said |= {
        "indicator": name, "source_id": "90319", "area_code": area, "area_name": NAMES[area],
        "area_type": KINDS[area], "sex": "Persons", "age": "4-5 yrs",
        "period": f"{year}/{(year + 1) % 100:02d}", "period_start": pd.Timestamp(year, 4, 1),
        "period_end": pd.Timestamp(year + 1, 3, 31), "period_range": "1y", "value": value,
        "status": "published", "source_file": "fingertips/x.csv", "source_row": 2,
    }  # fmt: skip
    return {**said, **more}


def table(*rows):
    return as_observations(pd.DataFrame(list(rows)))


def changed(before, after):
    return record_changes(table(*before), table(*after), catalogue=CATALOGUE)


def only(changes):
    (one,) = changes.to_dict("records")
    return one


STOOD = (row(OWN, 2023, 12.1), row(NEIGHBOUR, 2023, 9.0), row(COUNTRY, 2023, 10.0))


def test_the_same_figures_are_no_change():
    changes = changed(STOOD, STOOD)
    assert changes.empty
    assert list(changes.columns)[:4] == ["indicator", "rows_added", "rows_gone", "rows_revised"]


def test_a_revision_becomes_a_line_with_our_own_step():
    one = only(changed(STOOD, (row(OWN, 2023, 12.4), *STOOD[1:])))
    assert one["words"] == "2023/24 revised for 1 of 2 boroughs; Marsh and Quay 12.1% -> 12.4%"
    assert (one["rows_added"], one["rows_gone"], one["rows_revised"]) == (0, 0, 1)
    assert (one["largest_area"], one["largest_period"]) == ("Marsh and Quay", "2023/24")
    assert (one["largest_from"], one["largest_to"]) == (12.1, 12.4)


@pytest.mark.parametrize(
    ("column", "old", "new", "revised"),
    [
        ("value", 12.06, 12.11, False),  # half a unit of the last printed digit is rounding
        ("value", 12.14, 12.16, True),  # less, but the page prints 12.2 for 12.1
        ("value", 12.1, 12.1501, True),
        ("value", 12.1, 12.0499, True),
        ("lower_95", 11.0, 11.04, False),
        ("upper_99_8", 11.0, 11.06, True),
        ("count", 400.0, 400.4, False),
        ("count", 400.0, 401.0, True),
        ("denominator", 3000.0, 2999.0, True),
        ("lower_95", math.nan, 11.0, True),
        ("count", 400.0, math.nan, True),
    ],
)
def test_more_than_the_rounding_is_a_revision(column, old, new, revised):
    before = row(OWN, 2023, old if column == "value" else 12.1,
                 **({} if column == "value" else {column: old}))
    after = row(OWN, 2023, new if column == "value" else 12.1,
                **({} if column == "value" else {column: new}))
    assert len(changed([before], [after])) == int(revised)


def test_a_value_now_withheld_is_told_of_and_never_given():
    hidden = row(OWN, 2023, math.nan, status="suppressed", value_note="suppressed")
    changes = changed(STOOD, (hidden, *STOOD[1:]))
    one = only(changes)
    assert one["words"] == "1 figure now withheld: Marsh and Quay 2023/24"
    assert math.isnan(one["largest_from"])
    assert "12.1" not in changes.to_csv()


def test_a_withheld_value_that_appears_is_told_of():
    hidden = row(OWN, 2023, math.nan, status="suppressed")
    one = only(changed((hidden, *STOOD[1:]), STOOD))
    assert one["words"] == "1 figure now given: Marsh and Quay 2023/24"


def test_new_periods_are_named_and_so_are_rows_that_are_gone():
    after = (STOOD[0], STOOD[2], row(OWN, 2024, 12.0), row(NEIGHBOUR, 2024, 8.9))
    one = only(changed(STOOD, after))
    assert (one["rows_added"], one["rows_gone"], one["rows_revised"]) == (2, 1, 0)
    assert one["new_periods"] == "2024/25"
    assert one["words"] == (
        "new period 2024/25; 1 row gone from a period that stands: Overstream 2023/24"
    )


def test_many_new_periods_are_counted():
    after = (*STOOD, *(row(OWN, year, 12.0) for year in range(2024, 2029)))
    assert only(changed(STOOD, after))["words"] == "5 new periods, 2024/25 to 2028/29"


def test_a_series_that_comes_or_goes_whole():
    smoking = row(OWN, 2023, 15.0, name="smoking")
    came, went = changed(STOOD, (*STOOD, smoking)), changed((*STOOD, smoking), STOOD)
    assert only(came)["words"] == "received for the first time, 1 row"
    assert only(went)["words"] == "no row any longer; 1 row stood before"


def test_the_furthest_move_is_named_when_it_is_not_ours():
    after = (row(OWN, 2023, 12.2), row(NEIGHBOUR, 2023, 7.0), row(COUNTRY, 2023, 10.1))
    one = only(changed(STOOD, after))
    assert one["words"] == (
        "2023/24 revised for 2 of 2 boroughs and England; Marsh and Quay 12.1% -> 12.2%; "
        "largest, 2023/24: Overstream 9.0% -> 7.0%"
    )


def test_a_move_inside_one_printed_digit_is_shown_finer():
    one = only(changed([row(OWN, 2023, 12.051)], [row(OWN, 2023, 12.149)]))
    assert one["words"] == "2023/24 revised for 1 of 1 borough; Marsh and Quay 12.05% -> 12.15%"


def test_intervals_counts_and_status_are_told_apart():
    before = row(OWN, 2023, 12.1, count=400.0, lower_95=11.0)
    after = row(OWN, 2023, 12.1, count=410.0, lower_95=11.2, status="low_reliability")
    assert only(changed([before], [after]))["words"] == (
        "intervals changed in 1 row; counts or denominators changed in 1 row; "
        "status changed in 1 row"
    )


def test_the_file_is_safe_in_a_spreadsheet_and_keeps_an_earlier_one(tmp_path):
    renamed = row(OWN, 2023, 12.4, area_name="=HYPERLINK(1)")
    first = changed(STOOD, (row(OWN, 2023, 12.4), *STOOD[1:]))
    second = changed(STOOD, (renamed, *STOOD[1:]))
    path = tmp_path / "processed" / "changes" / "2026-11-22.csv"
    assert write_changes(first, path) == path
    assert write_changes(first, path) == path  # the same again: one file
    other = write_changes(second, path)
    assert other.name == "2026-11-22-02.csv"
    text = path.read_bytes().decode("utf-8")
    assert text.startswith("\ufeffIndicator,")
    (said,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert said["Rows revised"] == "1"
    assert said["Largest revision: from"] == "12.1"
    (said,) = csv.DictReader(io.StringIO(other.read_text("utf-8-sig")))
    assert said["Largest revision: area"] == "'=HYPERLINK(1)"


def test_a_narrow_terminal_gets_lines_and_a_wide_one_a_table():
    changes = changed(STOOD, (row(OWN, 2023, 12.4), *STOOD[1:]))
    assert change_lines(changes)[0].startswith("obesity: 2023/24 revised for 1 of 2 boroughs; ")
    assert changes_table(changes).row_count == 1
    for width, terminal, words in ((60, True, "obesity: "), (120, True, "What changed"),
                                   (120, False, "obesity: ")):  # fmt: skip
        seen = io.StringIO()
        show_changes(changes, Console(file=seen, width=width, force_terminal=terminal,
                                      color_system=None, soft_wrap=True))
        assert words in seen.getvalue()
        assert "Marsh and Quay 12.1% -> 12.4%" in " ".join(seen.getvalue().split())
    seen = io.StringIO()
    show_changes(changed(STOOD, STOOD), Console(file=seen))
    assert seen.getvalue() == "Nothing changed in the figures that stand.\n"


def fingertips_file(folder, name, *values):
    """A Fingertips CSV of the borough's values by year."""
    headings = [*REQUIRED, "Time period range"]
    lines = []
    for year, value in values:
        cells = dict.fromkeys(headings, "")
        cells |= {
            "Indicator ID": "90319", "Indicator Name": "Prevalence of obesity",
            "Area Code": OWN, "Area Name": "Marsh and Quay", "Sex": "Persons", "Age": "4-5 yrs",
            "Time period": f"{year}/{(year + 1) % 100:02d}", "Value": str(value),
            "Time period range": "1y",
        }  # fmt: skip
        lines.append(cells)
    folder.mkdir(parents=True)
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headings)
        writer.writeheader()
        writer.writerows(lines)


def test_what_stands_is_the_newest_copy_and_nothing_of_other_sources(tmp_path):
    assert LIVE is CATALOGUE.live
    raw = tmp_path / "raw"
    assert read_standing(raw, "fingertips", catalogue=CATALOGUE).empty
    july, october = (raw / "fingertips" / day for day in ("2026-07-01", "2026-10-01"))
    fingertips_file(july, "boroughs-01.csv", (2022, 12.0), (2023, 12.1))
    (raw / "returns").mkdir()
    (raw / "returns" / "broken.csv").write_text("no return at all\n", encoding="utf-8")
    before = read_standing(raw, "fingertips", catalogue=CATALOGUE)
    assert list(before["value"]) == [12.0, 12.1]
    # Another name on another day: the newest copy of the series counts, whole.
    fingertips_file(october, "boroughs-02.csv", (2023, 12.4))
    after = read_standing(raw, "fingertips", catalogue=CATALOGUE)
    assert list(after["value"]) == [12.4]
    one = only(record_changes(before, after, catalogue=CATALOGUE))
    assert one["words"] == (
        "period gone 2022/23; 2023/24 revised for 1 of 1 borough; Marsh and Quay 12.1% -> 12.4%"
    )

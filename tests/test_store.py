"""Which files of a folder of extracts are listed, where fetches of several days lie there."""

import json

import pytest

from lbbd_jsna.sources.store import find_extracts, order_of


@pytest.fixture
def folder(tmp_path):
    """Write files, each with a sidecar when it says which ids it holds."""

    def writer(**files):
        for name, holds in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name, encoding="utf-8")
            if holds is not None:
                beside = path.with_name(path.name + ".source.json")
                beside.write_text(json.dumps({"holds": holds}), encoding="utf-8")
        return tmp_path

    return writer


def names(top):
    return [raw.name for raw in find_extracts(top)]


def test_dates_sort_by_day_and_then_by_fetch():
    dates = ["2026-11-22-100", "2026-11-23", "", "2026-11-22", "2026-11-22-02"]
    expected = ["", "2026-11-22", "2026-11-22-02", "2026-11-22-100", "2026-11-23"]
    assert sorted(dates, key=order_of) == expected


def test_the_second_fetch_of_a_day_is_newer_than_the_first(folder):
    top = folder(**{f"nomis/{date}/claimants.csv": None
                    for date in ("2026-11-21", "2026-11-22", "2026-11-22-02")})  # fmt: skip
    (found,) = find_extracts(top)
    assert (found.name, found.date) == ("nomis/2026-11-22-02/claimants.csv", "2026-11-22-02")
    assert found.source == "nomis"


def test_a_file_without_a_date_has_none(folder):
    assert find_extracts(folder(**{"fingertips/a.csv": None}))[0].date == ""


def test_an_older_part_is_listed_while_it_holds_an_id_that_no_newer_part_holds(folder):
    top = folder(
        **{
            "fingertips/2026-10-01/boroughs-01.csv": ["1", "2"],
            "fingertips/2026-10-01/boroughs-02.csv": ["3", "4"],
            "fingertips/2026-10-01/boroughs-03.csv": ["5"],
            "fingertips/2026-10-01/wards-01.csv": ["1"],
            "fingertips/2026-11-22/boroughs-01.csv": ["1", "3"],
            "fingertips/2026-11-22/boroughs-02.csv": ["2", "5"],
        }
    )
    # Part 1 and 3 of October are held in November; id 4 of part 2 is not, nor are wards.
    assert names(top) == [
        "fingertips/2026-10-01/boroughs-02.csv",
        "fingertips/2026-10-01/wards-01.csv",
        "fingertips/2026-11-22/boroughs-01.csv",
        "fingertips/2026-11-22/boroughs-02.csv",
    ]


def test_parts_of_one_date_never_hide_each_other(folder):
    top = folder(**{"fingertips/2026-11-22/boroughs-01.csv": ["1"],
                    "fingertips/2026-11-22/boroughs-02.csv": ["1"]})  # fmt: skip
    assert len(names(top)) == 2


@pytest.mark.parametrize("holds", [None, [], "1", {"1": 2}])
def test_a_part_that_does_not_say_what_it_holds_goes_by_its_name(folder, holds):
    top = folder(**{"fingertips/2026-10-01/boroughs-01.csv": holds,
                    "fingertips/2026-10-01/boroughs-02.csv": holds,
                    "fingertips/2026-11-22/boroughs-01.csv": ["1"]})  # fmt: skip
    assert names(top) == [
        "fingertips/2026-10-01/boroughs-02.csv",
        "fingertips/2026-11-22/boroughs-01.csv",
    ]


def test_layers_and_tables_go_by_their_name_whatever_their_sidecars_say(folder):
    # The same wards from another service: two files of them could not both be read.
    top = folder(**{"open-geography/2026-10-01/wards-2022.geojson": ["BGC"],
                    "open-geography/2026-11-22/wards-2022.geojson": ["BSC"]})  # fmt: skip
    assert names(top) == ["open-geography/2026-11-22/wards-2022.geojson"]


def test_every_return_is_listed(folder):
    top = folder(**{"returns/2026-10-01/early-help.csv": None,
                    "returns/2026-11-22/early-help.csv": None,
                    "returns/early-help.csv": None})  # fmt: skip
    assert [raw.date for raw in find_extracts(top)] == ["2026-10-01", "2026-11-22", ""]


def test_what_a_fetch_keeps_beside_is_kept_and_its_state_is_no_extract(folder):
    top = folder(
        **{
            "fetched.json": None,
            "fingertips-metadata/2026-11-22/metadata-01.csv": ["1"],
            "fingertips/.fetching/boroughs-01.csv": ["1"],
            "lookups/2026-11-22/lsoa.json": None,
            "other/fetched.json": None,
        }
    )
    assert [(raw.source, raw.name) for raw in find_extracts(top)] == [
        ("kept", "fingertips-metadata/2026-11-22/metadata-01.csv"),
        ("small-areas", "lookups/2026-11-22/lsoa.json"),
        ("other", "other/fetched.json"),
    ]

"""A whole folder: what is found, how files meet, and the real extracts where at hand."""

import hashlib
import json
import os
from dataclasses import replace

import pytest

from lbbd_jsna.catalogue import Derivation, Source
from lbbd_jsna.errors import ExtractError, GeographyError
from lbbd_jsna.schema import KEY, OBSERVATIONS
from lbbd_jsna.sources.extracts import read_extracts
from lbbd_jsna.sources.store import find_extracts
from tests.made_up_borough import (
    COUNTRY,
    NEW_WARDS,
    OLD_WARDS,
    OWN,
    indicator,
    made_up_catalogue,
)
from tests.test_fingertips import text_of
from tests.test_open_geography import wards_frame

WHOLE_LIFE = {"unit": "years", "value_type": "Life expectancy", "name_words": ()}
GOOD = indicator("healthy-years", source_id="1", **WHOLE_LIFE)
ALL = indicator("years", source_id="2", **WHOLE_LIFE)
SHARE = indicator("share", source="derived", source_id="",
                  derived=Derivation(numerator="healthy-years", denominator="years"))  # fmt: skip
HELPED = indicator("helped", source="council-return", source_id="")
RETURN = "indicator,area_code,area_name,period,numerator,denominator,value,note\n"


@pytest.fixture
def folder(tmp_path):
    """Write files of a folder of extracts: text, or a frame of wards."""

    def writer(**files):
        for name, content in files.items():
            path = tmp_path / "extracts" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, str):
                path.write_text(content, encoding="utf-8", newline="")
            else:
                content.to_crs(4326).to_file(path, driver="GeoJSON", engine="pyogrio")
        return tmp_path / "extracts"

    return writer


def test_a_dated_folder_and_a_flat_one_hold_the_same_extracts(folder):
    found = find_extracts(
        folder(
            **{
                "fingertips/2026-09-01/a.csv": "old",
                "fingertips/2026-10-01/a.csv": "new",
                "fingertips/2026-10-01/.a.csv.part": "half",
                "fingertips/2025-01-01/b.csv": "only here",
                "fingertips/b.csv": "not dated, so oldest",
                "fingertips_raw_export/c.csv": "c",
                "boundaries/w.geojson": "{}",
                "open-geography/2026-10-01/w.geojson": "{}",
                "ward_atlas/atlas.csv": "x",
                "returns/README.md": "not an extract",
                "returns/r.csv": "r",
                "population/p.csv": "p",
                "stray.csv": "s",
            }
        )
    )
    assert [(raw.source, raw.name) for raw in found] == [
        ("open-geography", "boundaries/w.geojson"),
        ("fingertips", "fingertips/2025-01-01/b.csv"),
        ("fingertips", "fingertips/2026-10-01/a.csv"),
        ("fingertips", "fingertips_raw_export/c.csv"),
        ("open-geography", "open-geography/2026-10-01/w.geojson"),
        ("small-areas", "population/p.csv"),
        ("returns", "returns/r.csv"),
        ("other", "stray.csv"),
        ("ward-atlas", "ward_atlas/atlas.csv"),
    ]
    assert found[2].bytes == 3
    assert found[2].sha256 == hashlib.sha256(b"new").hexdigest()
    assert found[2].sidecar == {}


def test_a_sidecar_is_read_and_holds_the_file_to_its_word(folder):
    digest = hashlib.sha256(b"abc").hexdigest()
    place = "fingertips/2026-10-01/a.csv"
    said = {"address": "https://example.org/a.csv", "sha256": digest}
    top = folder(**{place: "abc", f"{place}.source.json": json.dumps(said)})
    assert find_extracts(top)[0].sidecar == said
    folder(**{place: "abd"})
    with pytest.raises(ExtractError, match="changed since it was received"):
        find_extracts(top)
    folder(**{f"{place}.source.json": "{"})
    with pytest.raises(ExtractError, match="not JSON"):
        find_extracts(top)


def test_links_out_of_the_folder_and_devices_are_refused_together(folder, tmp_path):
    top = folder(**{"returns/r.csv": "r"})
    (tmp_path / "secret.csv").write_text("s", encoding="utf-8")
    (top / "returns" / "in.csv").symlink_to(top / "returns" / "r.csv")
    assert len(find_extracts(top)) == 2
    (top / "returns" / "out.csv").symlink_to(tmp_path / "secret.csv")
    (top / "fingertips").symlink_to(tmp_path)
    os.mkfifo(top / "returns" / "pipe.csv")
    with pytest.raises(ExtractError) as caught:
        find_extracts(top)
    assert [str(fault) for fault in caught.value.faults] == [
        "fingertips: a link that leads out of the folder; copy the file here",
        "returns/out.csv: a link that leads out of the folder; copy the file here",
        "returns/pipe.csv: not a regular file; remove it",
    ]


def test_a_missing_or_empty_folder_says_what_to_do(tmp_path, folder):
    with pytest.raises(ExtractError, match="make it, or name another one with --extracts"):
        read_extracts(tmp_path / "nowhere", catalogue=made_up_catalogue())
    with pytest.raises(ExtractError, match="put files in folders such as"):
        read_extracts(folder(**{"README.md": "hello"}), catalogue=made_up_catalogue())


def test_a_folder_becomes_one_table_and_the_wards_of_each_vintage(folder):
    top = folder(
        **{
            "DEMONSTRATION.txt": "made up",
            "fingertips/a.csv": text_of({}),
            "returns/r.csv": RETURN + f"helped,{OWN},Marsh and Quay,2025/26,30,120,,\n",
            "boundaries/new.geojson": wards_frame(NEW_WARDS),
            "boundaries/old.geojson": wards_frame(OLD_WARDS, code="WD13CD"),
            "fingertips-metadata/l.csv": "a,b",
            "fingertips-metadata/m.csv": "a,b",
            "weather/p.csv": "a,b",
        }
    )
    found = read_extracts(top, catalogue=made_up_catalogue(indicator(), HELPED))
    assert list(found.observations["indicator"]) == ["helped", "obesity"]
    assert list(found.observations["value"]) == [25.0, 12.1]
    assert list(found.observations["source_file"]) == ["returns/r.csv", "fingertips/a.csv"]
    assert {vintage: len(wards) for vintage, wards in found.boundaries.items()} == {
        "2002": 2,
        "2022": 3,
    }
    assert found.demonstration
    assert len(found.inputs) == 7
    assert found.notes == [
        "weather/p.csv: not read; no reader takes this folder",
        "fingertips-metadata: 2 files kept, not read",
    ]


def test_files_that_overlap_are_joined_and_files_that_differ_are_refused(folder):
    top = folder(**{"fingertips/a.csv": text_of({}, {"Time period": "2023/24"}),
                    "fingertips/b.csv": text_of({}, {"Time period": "2022/23"})})  # fmt: skip
    catalogue = made_up_catalogue(indicator())
    found = read_extracts(top, catalogue=catalogue)
    assert list(found.observations["period"]) == ["2022/23", "2023/24", "2024/25"]
    assert found.notes == ["1 row of one file again in another; kept once"]
    assert not found.demonstration
    folder(**{"fingertips/b.csv": text_of({"Value": "12.2"})})
    with pytest.raises(ExtractError) as caught:
        read_extracts(top, catalogue=catalogue)
    message = str(caught.value)
    assert "fingertips/b.csv, row 2: value of obesity" in message
    assert "12.2, but 12.1 in fingertips/a.csv, row 2" in message


EARLIER, LATEST = {"Time period": "2023/24"}, {"Time period": "2024/25"}
ENGLAND = {"Area Code": COUNTRY, "Area Name": "England"}


def figures_of(found):
    """Area, period and value of each row."""
    return sorted(found.observations[["area_code", "period", "value"]].itertuples(index=False))


def test_of_two_dates_the_newest_file_stands_whole_for_each_type_of_area(folder):
    top = folder(
        **{
            "fingertips/2026-10-01/a.csv": text_of(
                {"Value": "11"}, {"Value": "12", **EARLIER}, {"Value": "13", **ENGLAND}
            ),
            "fingertips/2026-11-22/b.csv": text_of({"Value": "21"}),
            "fingertips/c.csv": text_of({"Value": "31"}),
        }
    )
    found = read_extracts(top, catalogue=made_up_catalogue(indicator()))
    # The borough's earlier period is gone from the newer file, so it is gone; England is not
    # in it at all, so the older file's row stands.
    assert figures_of(found) == [(OWN, "2024/25", 21.0), (COUNTRY, "2024/25", 13.0)]
    assert found.notes[-2:] == [
        "fingertips/2026-10-01/a.csv: 2 rows give way to newer ones in "
        "fingertips/2026-11-22/b.csv",
        "fingertips/c.csv: 1 row gives way to newer ones in fingertips/2026-11-22/b.csv",
    ]


def test_the_second_fetch_of_a_day_stands_before_the_first(folder):
    top = folder(
        **{
            f"fingertips/{date}/{name}.csv": text_of({"Value": value})
            for date, name, value in (
                ("2026-11-22", "a", "11"), ("2026-11-22-02", "b", "12"), ("2026-11-21", "c", "13")
            )
        }
    )  # fmt: skip
    found = read_extracts(top, catalogue=made_up_catalogue(indicator()))
    assert figures_of(found) == [(OWN, "2024/25", 12.0)]


def test_two_files_of_one_date_may_not_contradict_each_other(folder):
    top = folder(**{"fingertips/2026-11-22/a.csv": text_of({"Value": "11"}),
                    "fingertips/2026-11-22/b.csv": text_of({"Value": "12"})})  # fmt: skip
    with pytest.raises(ExtractError, match="two extracts contradict each other"):
        read_extracts(top, catalogue=made_up_catalogue(indicator()))


def returned(*periods, people=120):
    """A return of one borough's figure for each period."""
    rows = (f"helped,{OWN},Marsh and Quay,{period},30,{people},,\n" for period in periods)
    return RETURN + "".join(rows)


def test_of_two_returns_the_newest_stands_for_each_period(folder):
    top = folder(
        **{
            "returns/2026-10-01/r.csv": returned("2024/25", "2025/26"),
            "returns/2026-11-22/r.csv": returned("2025/26", people=60),
        }
    )
    found = read_extracts(top, catalogue=made_up_catalogue(HELPED))
    assert figures_of(found) == [(OWN, "2024/25", 25.0), (OWN, "2025/26", 50.0)]
    assert found.notes[-1:] == [
        "returns/2026-10-01/r.csv: 1 row gives way to newer ones in returns/2026-11-22/r.csv"
    ]


HEIR = {"Indicator ID": "93283"}
MOVED = indicator(superseded_by="93283")


def test_an_id_that_took_the_place_of_another_brings_the_same_series(folder):
    top = folder(**{"fingertips/a.csv": text_of(HEIR)})
    found = read_extracts(top, catalogue=made_up_catalogue(MOVED))
    assert list(found.observations["indicator"]) == ["obesity"]
    assert list(found.observations["source_id"]) == ["93283"]
    folder(**{"fingertips/a.csv": text_of({**HEIR, "Indicator Name": "Smoking"})})
    with pytest.raises(ExtractError, match="id 93283 is called"):
        read_extracts(top, catalogue=made_up_catalogue(MOVED))


@pytest.mark.parametrize("files", [1, 2])
def test_where_both_ids_have_rows_for_a_type_of_area_the_new_id_s_stand(folder, files):
    old = [{"Value": "11"}, {"Value": "12", **EARLIER}, {"Value": "13", **ENGLAND}]
    new = {"Value": "21", **HEIR}
    texts = [text_of(*old, new)] if files == 1 else [text_of(*old), text_of(new)]
    top = folder(**{f"fingertips/{place}.csv": text for place, text in enumerate(texts)})
    found = read_extracts(top, catalogue=made_up_catalogue(MOVED))
    assert figures_of(found) == [(OWN, "2024/25", 21.0), (COUNTRY, "2024/25", 13.0)]
    said = "obesity: 2 rows of id 90319 give way to id 93283, which replaced it"
    assert [note.removeprefix("fingertips/0.csv: ") for note in found.notes[-1:]] == [said]


def test_rows_of_the_new_id_in_an_older_file_give_way_to_newer_rows_of_the_old(folder):
    top = folder(**{"fingertips/2026-10-01/a.csv": text_of({"Value": "21", **HEIR}),
                    "fingertips/2026-11-22/b.csv": text_of({"Value": "11"})})  # fmt: skip
    found = read_extracts(top, catalogue=made_up_catalogue(MOVED))
    assert figures_of(found) == [(OWN, "2024/25", 11.0)]


def test_the_faults_of_every_file_are_reported_together(folder):
    top = folder(
        **{
            "fingertips/a.csv": "<html>",
            "fingertips/b.csv": text_of({"Value": "x"}, {"Time period": "y"}),
            "returns/r.ods": "PK",
            "boundaries/w.geojson": "{",
        }
    )
    with pytest.raises(ExtractError) as caught:
        read_extracts(top, catalogue=made_up_catalogue(indicator()))
    assert caught.value.message == "4 extracts cannot be used"
    assert [fault.where for fault in caught.value.faults] == [
        "boundaries/w.geojson",
        "fingertips/a.csv",
        "fingertips/b.csv, row 2, Value",
        "fingertips/b.csv, row 3, period",
        "returns/r.ods",
    ]
    assert caught.value.faults[-1].expected == "CSV or XLSX"


def test_a_ward_file_at_fault_is_an_error_of_geography(folder):
    top = folder(**{"boundaries/w.geojson": "{", "fingertips/a.csv": text_of({})})
    with pytest.raises(GeographyError, match="boundaries/w.geojson"):
        read_extracts(top, catalogue=made_up_catalogue(indicator()))
    folder(**{"boundaries/v.geojson": "{"})
    with pytest.raises(GeographyError, match="2 extracts cannot be used"):
        read_extracts(top, catalogue=made_up_catalogue(indicator()))


def test_the_same_wards_twice_are_refused(folder):
    top = folder(**{"boundaries/a.geojson": wards_frame(), "boundaries/b.geojson": wards_frame()})
    with pytest.raises(GeographyError, match="remove it or boundaries/a.geojson"):
        read_extracts(top, catalogue=made_up_catalogue(indicator()))


def test_a_derived_series_is_a_share_of_two_published_ones(folder):
    years = {"Time period": "2022 - 24", "Time period range": "3y"}
    earlier = {"Time period": "2021 - 23", "Time period range": "3y"}
    latest = {"Time period": "2023 - 25", "Time period range": "3y"}
    missing = {"Value": "", "Value note": "Value missing in source data"}
    top = folder(
        **{
            "fingertips/1.csv": text_of(
                {"Value": "57", "Lower CI 95.0 limit": "55", "Upper CI 95.0 limit": "59", **years},
                {**missing, **earlier},
                {"Value": "50", **latest},
                **{"Indicator ID": "1"},
            ),
            "fingertips/2.csv": text_of(
                {"Value": "76", **years}, {"Value": "75", **earlier}, **{"Indicator ID": "2"}
            ),
        }
    )
    found = read_extracts(top, catalogue=made_up_catalogue(GOOD, ALL, SHARE))
    share = found.observations[found.observations["indicator"] == "share"]
    assert list(share["period"]) == ["2021 - 23", "2022 - 24"]
    # 57 of 76 years is three quarters.
    assert share["value"].fillna(-1).tolist() == [-1, 75.0]
    assert list(share["status"]) == ["not_available", "published"]
    assert share[["lower_95", "upper_95", "count", "denominator"]].isna().all(axis=None)
    assert set(share["value_note"]) == {"Worked out: 100 x Healthy-years / Years"}
    assert list(share["source_file"]) == ["fingertips/1.csv"] * 2
    assert found.notes == ["share: 1 row without a partner of the same area and period"]


def test_a_share_of_two_counts_keeps_them(folder):
    counted = {"value_type": "Count", "unit": "children", "source": "council-return"}
    part, whole = (indicator(name, **counted, source_id="") for name in ("poor", "children"))
    share = SHARE.model_copy(
        update={"derived": Derivation(numerator="poor", denominator="children")}
    )
    rows = f"poor,{OWN},Marsh and Quay,2024,,,30,\nchildren,{OWN},Marsh and Quay,2024,,,120,\n"
    top = folder(**{"returns/r.csv": RETURN + rows})
    catalogue = made_up_catalogue(part, whole, share)
    derived = Source(title="derived", publisher="derived", licence="OGL", kind="derived",
                     supplied="extract")  # fmt: skip
    catalogue = replace(catalogue, sources={**catalogue.sources, "derived": derived})
    found = read_extracts(top, catalogue=catalogue)
    row = found.observations.set_index("indicator").loc["share"]
    assert (row["value"], row["count"], row["denominator"]) == (25.0, 30, 120)


REAL = [
    ("obesity-reception", "2024/25", 12.1),
    ("obesity-year-6", "2024/25", 28.3),
    ("inactive-adults", "2024/25", 30.7),
    ("adult-smoking", "2024", 15.4),
    ("dental-decay-at-five", "2023/24", 34.4),
    ("nhs-health-checks", "2021/22 Q1 - 2025/26 Q3", 55.1),
    ("healthy-life-expectancy-male", "2022 - 24", 59.6),
    ("healthy-life-expectancy-female", "2022 - 24", 59.0),
]


@pytest.fixture(scope="module")
def real(extracts, catalogue):
    """The real extracts, read once."""
    return read_extracts(extracts, catalogue=catalogue)


@pytest.mark.parametrize(("name", "period", "value"), REAL)
def test_the_real_extracts_give_the_borough_its_published_headline(real, name, period, value):
    rows = real.observations
    own = rows[(rows["indicator"] == name) & (rows["area_code"] == "E09000002")]
    latest = own[own["category_type"] == ""].sort_values("period_end").iloc[-1]
    assert (latest["period"], latest["value"]) == (period, value)


def test_the_real_extracts_keep_to_this_borough_and_its_benchmarks(real, catalogue):
    rows = real.observations
    assert list(rows.columns) == [column.name for column in OBSERVATIONS]
    assert not rows.duplicated(list(KEY)).any()
    wards = {code for vintage in ("2002", "2022") for code in catalogue.wards(vintage)}
    assert set(rows.loc[rows["area_type"] == "ward", "area_code"]) <= wards
    assert rows.loc[rows["value"].isna(), "status"].ne("published").all()
    quintiles = rows[rows["category_type"] != ""]
    assert set(quintiles["area_code"]) == {"E92000001"}
    assert {v: len(w) for v, w in real.boundaries.items()} == {"2002": 17, "2022": 19}
    assert not real.demonstration


def test_the_real_ward_atlas_is_of_the_old_wards(real):
    rows = real.observations
    obesity = rows[rows["indicator"] == "obesity-reception-wards-atlas"]
    abbey = obesity[obesity["area_code"] == "E05000026"].sort_values("period_end")
    assert abbey["value"].tolist() == [14.0077821, 15.42372881, 15.12859304, 13.34269663]
    assert str(abbey["period_end"].iloc[-1].date()) == "2014-03-31"
    assert obesity["area_code"].nunique() == 17

"""The made-up extracts: honest about themselves, in the publishers' shape, the same every time."""

import csv
import hashlib
import io
import json
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from lbbd_jsna.errors import ExtractError
from lbbd_jsna.periods import read_period
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.sources.demonstration import write_demonstration
from lbbd_jsna.sources.demonstration.fingertips import fingertips_file
from lbbd_jsna.sources.demonstration.labels import comparison, recent_trend
from lbbd_jsna.sources.demonstration.levels import ALSO, COLUMNS, read_levels
from lbbd_jsna.sources.demonstration.periods import FORMS, demo_periods
from lbbd_jsna.sources.demonstration.returns import return_file
from lbbd_jsna.sources.demonstration.rows import COLUMNS as HEADINGS
from lbbd_jsna.sources.demonstration.wards import SIDE, ward_tiles
from lbbd_jsna.sources.extracts import read_extracts
from tests.made_up_borough import NEW_WARDS, indicator, made_up_catalogue
from tests.made_up_borough import OWN as OTHER

CALIBRATION = Path(__file__).resolve().parent.parent / "catalogue" / "demonstration.csv"
QUARTER = Quarter.parse("2026-27-Q3")
DATE = "2026-10-01"
OWN, CITY, LONDON, ENGLAND = "E09000002", "E09000001", "E12000007", "E92000001"
LIMITS = (
    "Lower CI 99.8 limit", "Lower CI 95.0 limit", "Value", "Upper CI 95.0 limit",
    "Upper CI 99.8 limit",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(catalogue, tmp_path_factory):
    made = tmp_path_factory.mktemp("demonstration")
    begun = time.perf_counter()
    write_demonstration(made, catalogue=catalogue, quarter=QUARTER, calibration=CALIBRATION)
    assert time.perf_counter() - begun < 15
    return made


@pytest.fixture(scope="module")
def levels():
    return read_levels(CALIBRATION)


@pytest.fixture(scope="module")
def texts(folder):
    """Every Fingertips file by id, byte-order mark and all."""
    return {
        path.stem: path.read_bytes().decode("utf-8")
        for path in sorted((folder / "fingertips" / DATE).glob("*.csv"))
    }


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.fixture(scope="module")
def rows(texts):
    return [row for text in texts.values() for row in rows_of(text)]


@pytest.fixture(scope="module")
def read(folder, catalogue):
    return read_extracts(folder, catalogue=catalogue)


def kinds(catalogue, *wanted):
    return {
        i.id
        for i in catalogue.indicators.values()
        if catalogue.sources[i.source].kind in wanted
        and catalogue.sources[i.source].supplied != "later"
    }


def published(catalogue):
    return {i.id for i in catalogue.indicators.values() if i.source == "fingertips"}


def id_of(catalogue, name):
    return catalogue.indicators[name].source_id


def test_two_builds_have_the_same_bytes(folder, catalogue, tmp_path):
    paths = write_demonstration(
        tmp_path, catalogue=catalogue, quarter=QUARTER, calibration=CALIBRATION
    )
    assert paths == sorted(path for path in tmp_path.rglob("*") if path.is_file())
    for path in paths:
        assert path.read_bytes() == (folder / path.relative_to(tmp_path)).read_bytes(), path


def test_a_series_does_not_hang_on_the_others(catalogue, levels, texts):
    indicator = catalogue.indicators["mmr-two-doses"]
    alone = fingertips_file([indicator], catalogue=catalogue, quarter=QUARTER, levels=levels)
    assert alone == texts[indicator.source_id]


def test_every_file_says_that_it_is_made_up(folder):
    words = (folder / "DEMONSTRATION.txt").read_text(encoding="utf-8")
    assert "NOT REAL" in words
    assert "Every figure in this folder is made up" in words
    sidecars = list(folder.rglob("*.source.json"))
    for path in sidecars:
        said = json.loads(path.read_text(encoding="utf-8"))
        assert said["licence"] == "made-up figures, not real"
        assert said["address"] == "made by jsna demo"
        file = path.with_name(path.name.removesuffix(".source.json"))
        assert said["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    others = [p for p in folder.rglob("*") if p.is_file() and p not in sidecars]
    assert len(others) == len(sidecars) + 1


def test_everything_reads_without_a_fault(read, catalogue):
    assert read.demonstration
    assert list(read.boundaries) == ["2022"]
    found = set(read.observations["indicator"])
    assert published(catalogue) <= found
    missing = kinds(catalogue, "return", "survey") - found
    assert missing == {"drug-users-trauma-informed-care", "parents-in-training"}


def test_what_is_missing_on_purpose_is_said(folder, catalogue, levels):
    words = (folder / "DEMONSTRATION.txt").read_text(encoding="utf-8")
    told = {"not-received", "late", "borough-gap"}
    named = [name for name, level in levels.items() if level.also & told]
    assert len(named) == 4
    for name in named:
        assert catalogue.indicators[name].title in words


def test_the_table_names_each_series_once_and_no_other(catalogue, levels):
    assert set(levels) == published(catalogue) | kinds(catalogue, "return", "survey")
    with CALIBRATION.open(encoding="utf-8", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == len(levels)


def test_other_publishers_get_no_figures(folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "DEMONSTRATION.txt", "deprivation", "fingertips", "lookups", "open-geography",
        "population", "returns",
    ]  # fmt: skip


def test_the_heading_is_the_publishers(texts, levels, catalogue):
    old = {id_of(catalogue, n) for n, level in levels.items() if "old-style" in level.also}
    assert old
    for source_id, text in texts.items():
        heading = next(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
        assert len(heading) == (26 if source_id in old else 27)
        assert heading[22].startswith("Compared to Region")
        if source_id not in old:
            assert heading == list(HEADINGS)


def test_the_quirks_of_real_files_are_there(texts, rows):
    assert sum(text.startswith("\ufeff") for text in texts.values()) > 3
    assert any(row["Indicator Name"].endswith("\n") for row in rows)
    assert {"Male", "Female", "Persons"} <= {row["Sex"] for row in rows}
    assert {row["Area Code"] for row in rows if row["Category Type"]} == {ENGLAND, OWN}
    widths = {len(line) for text in texts.values() for line in csv.reader(io.StringIO(text))}
    assert widths == {25, 26, 27}
    assert any(row["Value note"].startswith("Aggregated") for row in rows)
    mmr = rows_of(next(t for i, t in texts.items() if i == "30311"))
    england = [tuple(row.values()) for row in mmr if row["Area Code"] == ENGLAND]
    assert len(england) == 2 * len(set(england))


def test_only_the_latest_period_has_a_trend(texts):
    for row in rows_of(texts["30311"]):
        assert bool(row["Recent Trend"]) == (row["Time period"] == "2024/25")


def test_a_blank_has_a_note_and_is_never_nought(rows):
    blanks = [row for row in rows if row["Value"] == ""]
    assert blanks
    for row in blanks:
        assert row["Value note"]
        assert not any(row[column] for column in (*LIMITS, "Count"))
    withheld = [row for row in rows if "suppressed" in row["Value note"]]
    assert CITY in {row["Area Code"] for row in withheld}
    assert all(row["Value"] == "" for row in withheld)
    assert not [row for row in rows if row["Count"] and float(row["Count"]) < 8]


def test_values_are_counts_over_denominators(rows, catalogue):
    multipliers = {"%": 100, "per cent": 100, "per 1,000": 1e3, "per 10,000": 1e4,
                   "per 100,000": 1e5}  # fmt: skip
    crude = {
        i.source_id: next(m for unit, m in reversed(multipliers.items()) if unit in i.unit)
        for i in catalogue.indicators.values()
        if i.source == "fingertips" and i.value_type in ("Proportion", "Crude rate")
    }
    checked = 0
    for row in rows:
        if row["Indicator ID"] in crude and row["Count"]:
            expected = crude[row["Indicator ID"]] * int(row["Count"]) / int(row["Denominator"])
            assert float(row["Value"]) == pytest.approx(expected, rel=1e-12)
            checked += 1
    assert checked > 10_000


def test_intervals_hold_their_values_in_order(rows):
    with_limits = [row for row in rows if row["Lower CI 95.0 limit"]]
    assert len(with_limits) > 10_000
    for row in with_limits:
        limits = [float(row[column]) for column in LIMITS]
        assert limits == sorted(limits), row
        assert limits[0] < limits[-1]


def test_wilson_and_byar_worked_by_hand(texts, levels, catalogue):
    row = next(r for r in rows_of(texts["30311"]) if r["Area Code"] == OWN)
    o, n, z = int(row["Count"]), int(row["Denominator"]), 1.959964
    p = o / n
    centre, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    lower = 100 * (centre - half) / (1 + z**2 / n)
    assert float(row["Lower CI 95.0 limit"]) == pytest.approx(lower)
    row = next(r for r in rows_of(texts["92196"]) if r["Area Code"] == OWN)
    o, n = int(row["Count"]), int(row["Denominator"])
    upper = (o + 1) * (1 - 1 / (9 * (o + 1)) + z / (3 * np.sqrt(o + 1))) ** 3
    assert float(row["Upper CI 95.0 limit"]) == pytest.approx(1000 * upper / n)


def test_london_is_the_sum_of_its_boroughs(texts):
    # The share at school age, where no borough's figure is withheld or missing.
    latest = [r for r in rows_of(texts["90323"]) if r["Time period"] == "2024/25"]
    latest = [r for r in latest if r["Sex"] == "Persons" and not r["Category"]]
    boroughs = [r for r in latest if r["Area Code"].startswith("E09")]
    assert len(boroughs) == 33
    shown = [r for r in boroughs if r["Count"]]
    london = next(r for r in latest if r["Area Code"] == LONDON)
    people = sum(int(r["Denominator"]) for r in boroughs)
    assert int(london["Denominator"]) == people
    hidden = int(london["Count"]) - sum(int(r["Count"]) for r in shown)
    assert 0 <= hidden < 8 * (len(boroughs) - len(shown)) + 1
    england = next(r for r in latest if r["Area Code"] == ENGLAND)
    assert int(england["Denominator"]) > 5 * people


def test_the_sexes_add_up(texts):
    rows = [r for r in rows_of(texts["90319"]) if r["Area Code"] == LONDON and not r["Category"]]
    count = {s: sum(int(r["Count"] or 0) for r in rows if r["Sex"] == s)
             for s in ("Persons", "Male", "Female")}  # fmt: skip
    assert count["Persons"] == count["Male"] + count["Female"] > 0


def test_wards_have_figures_and_two_are_withheld(read, catalogue):
    table = read.observations
    wards = table[table["area_type"] == "ward"]
    wards = wards[wards["indicator"] == "obesity-reception-wards"]
    assert set(wards["area_code"]) == set(catalogue.wards("2022"))
    for _, period in wards.groupby("period"):
        assert len(period) == 19
        withheld = period[period["status"] == "suppressed"]
        assert len(withheld) == 2
        assert withheld[["value", "count"]].isna().all(axis=None)


def test_no_per_cent_is_beyond_its_bounds(read, catalogue):
    table = read.observations
    units = table["indicator"].map(lambda name: catalogue.indicators[name].unit)
    shares = table[units.isin(["%", "per cent"]) & table["value"].notna()]
    assert shares["value"].between(0, 100).all()
    # None or all of the few people of a ward is nothing odd.
    assert not shares.loc[shares["area_type"].ne("ward"), "value"].isin([0, 100]).any()


def test_levels_are_near_the_calibration(read, levels):
    table = read.observations[read.observations["category_type"] == ""]
    latest = table.sort_values("period_end").groupby(["indicator", "area_code"]).tail(1)
    own = latest[latest["area_code"] == OWN].set_index("indicator")["value"]
    for name, level in levels.items():
        if name in own and not np.isnan(own[name]):
            sampling = 4 * abs(level.borough) / np.sqrt(max(level.denominator * 0.05, 20))
            assert abs(own[name] - level.borough) < 2 * level.spread + sampling, name


BY_WARD = {"early-help-on-time", "early-help-successful", "early-help-within-72-hours",
           "work-placements"}  # fmt: skip


def test_returns_are_for_the_borough_and_one_is_a_year_late(read, catalogue):
    table = read.observations
    returned = table[table["indicator"].isin(kinds(catalogue, "return", "survey"))]
    wards = returned["area_type"].eq("ward")
    assert set(returned.loc[wards, "indicator"]) == BY_WARD
    assert set(returned.loc[~wards, "area_code"]) == {OWN}
    assert returned.groupby("indicator")["period"].nunique().between(4, 13).all()
    latest = returned.groupby("indicator")["period"].max()
    assert latest["early-help-on-time"] == "2026/27 Q2"
    assert latest["job-shop-jobs-sustained"] == "2025/26 Q2"


@pytest.mark.parametrize("name", sorted(BY_WARD))
def test_returned_wards_add_up_and_some_are_too_small_to_show(folder, catalogue, name):
    """Read without our reader: every ward, the last four periods, exactly the borough's counts."""
    rows = rows_of((folder / "returns" / DATE / f"{name}.csv").read_text(encoding="utf-8"))
    own = {row["period"]: row for row in rows if row["area_code"] == OWN}
    wards = [row for row in rows if row["area_code"] != OWN]
    assert sorted({row["period"] for row in wards}) == sorted(own)[-4:]
    small = 0
    for period in sorted(own)[-4:]:
        of = [row for row in wards if row["period"] == period]
        assert {row["area_code"]: row["area_name"] for row in of} == catalogue.wards("2022")
        for column in ("numerator", "denominator"):
            parts = [int(row[column] or 0) for row in of]
            assert sum(parts) == int(own[period][column]), (period, column)
        assert all((row["value"] == "[z]") == (row["denominator"] == "") for row in of)
        small += sum(0 < int(row["numerator"] or 0) < 8 for row in of)
    assert 4 <= small <= 19 * 4 / 2 or name == "work-placements"


def test_wards_are_drawn_the_same_whatever_else_is_made(catalogue, levels):
    one = catalogue.indicators["early-help-on-time"]
    texts = {return_file(one, catalogue=catalogue, quarter=QUARTER, levels=levels)
             for _ in range(2)}  # fmt: skip
    assert len(texts) == 1
    alone = one.model_copy(update={"area_types": ("borough",)})
    text = return_file(alone, catalogue=catalogue, quarter=QUARTER, levels=levels)
    assert texts.pop().startswith(text)  # the borough's rows do not hang on its wards


def test_every_form_of_period_can_be_read():
    for form in FORMS:
        for quarter in ("2026-27-Q1", "2026-27-Q3", "2030-31-Q4"):
            periods = demo_periods(form, Quarter.parse(quarter))
            read = [read_period(period.label) for period in periods]
            assert [p.end for p in read] == sorted(p.end for p in read)
            assert read[-1].end < Quarter.parse(quarter).start


@pytest.mark.parametrize(
    ("form", "last"),
    [("financial", "2024/25"), ("calendar", "2024"), ("calendar-3", "2022 - 24"),
     ("wards-3", "2022/23 - 24/25"), ("financial-5", "2020/21 - 24/25"),
     ("financial to 2015", "2015/16"), ("quarter", "2025/26 Q4"),
     ("cumulative", "2021/22 Q1 - 2025/26 Q4"), ("return-quarters", "2026/27 Q2"),
     ("return-years", "2025/26")],
)  # fmt: skip
def test_the_latest_period_lags_as_a_publisher_does(form, last):
    assert demo_periods(form, QUARTER)[-1].label == last


def test_tiles_meet_and_do_not_overlap(folder, catalogue):
    wards = gpd.read_file(folder / "open-geography" / DATE / "wards-2022.geojson")
    assert dict(zip(wards["WD22CD"], wards["WD22NM"], strict=True)) == catalogue.wards("2022")
    assert set(wards["LAD22CD"]) == {OWN}
    tiles = wards.to_crs(27700)
    assert len(tiles) == 19
    assert np.allclose(tiles.area, SIDE**2, rtol=1e-5)
    whole = tiles.union_all()
    assert whole.area == pytest.approx(19 * SIDE**2, rel=1e-6)
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    middle = tiles.total_bounds.reshape(2, 2).mean(axis=0)
    assert np.allclose(middle, (548_500, 186_000), atol=5)


def test_wards_without_a_layout_stand_in_a_grid(catalogue):
    tiles = gpd.read_file(io.StringIO(ward_tiles(catalogue, vintage="2002"))).to_crs(27700)
    assert set(tiles["WD02CD"]) == set(catalogue.wards("2002"))
    assert tiles.union_all().area == pytest.approx(len(tiles) * SIDE**2, rel=1e-6)


def test_a_series_nobody_calibrated_gets_a_neutral_level(catalogue):
    asked = catalogue.indicators["mmr-two-doses"]
    rows = rows_of(fingertips_file([asked], catalogue=catalogue, quarter=QUARTER, levels={}))
    values = [float(row["Value"]) for row in rows if row["Value"]]
    assert 20 < min(values) < 50 < max(values) < 80
    asked = catalogue.indicators["emotional-wellbeing-waits"]
    text = return_file(asked, catalogue=catalogue, quarter=QUARTER, levels={})
    assert len(rows_of(text)) == 5


def test_a_second_borough_gets_its_own(tmp_path):
    catalogue = made_up_catalogue(
        indicator("obesity", age="4-5 yrs"),
        indicator("obesity-wards", source_id="93105", period_range="3y",
                  area_types=("borough", "ward")),
        indicator("visits", source="council-return", source_id="", name_words=()),
        indicator("score", source_id="7", name_words=(), unit="score", value_type="Score",
                  method="none"),
    )  # fmt: skip
    table = tmp_path / "demonstration.csv"
    table.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    made = tmp_path / "made"
    write_demonstration(made, catalogue=catalogue, quarter=QUARTER, calibration=table)
    read = read_extracts(made, catalogue=catalogue)
    assert set(read.observations["indicator"]) == set(catalogue.indicators)
    assert {OTHER, *NEW_WARDS} <= set(read.observations["area_code"])
    assert set(read.boundaries["2022"]["code"]) == set(NEW_WARDS)


def test_a_faulty_table_is_refused_with_every_fault(tmp_path):
    table = tmp_path / "demonstration.csv"
    table.write_text(
        ",".join(COLUMNS) + "\n"
        "mmr-two-doses,eighty,74,77,6,-0.6,3700,financial,,\n"
        "adult-smoking,10,10,14,2,0,500,yearly,surveyed,\n",
        encoding="utf-8",
    )
    with pytest.raises(ExtractError) as refused:
        read_levels(table)
    assert len(refused.value.faults) == 3
    table.write_text("indicator,england\n", encoding="utf-8")
    with pytest.raises(ExtractError, match="other columns"):
        read_levels(table)


def test_words_of_the_table_are_all_in_use(levels):
    assert set(ALSO) == set().union(*(level.also for level in levels.values()))


def test_comparisons_use_the_interval_and_its_ends_count_as_similar():
    value = np.array([[10.0, 10.0, 10.0, np.nan]])
    limits = np.stack([value - 2, value + 2, value - 3, value + 3])
    reference = np.array([12.0, 12.1, 7.9, 10.0])
    words = comparison(value, limits, reference, polarity="low_is_good",
                       method="interval_95")  # fmt: skip
    assert words.tolist() == [["Similar", "Better", "Worse", "Not compared"]]
    words = comparison(value, limits, reference, polarity="no_judgement",
                       method="interval_99_8")  # fmt: skip
    assert words.tolist() == [["Similar", "Similar", "Similar", "Not compared"]]


def test_the_trend_marker_follows_the_rule():
    rising = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    flat = np.array([5.0, 5.2, 4.9, 5.1, 5.0, 5.1])
    gap = np.array([1.0, 2.0, np.nan, 4.0, 5.0, 6.0])
    short = np.array([np.nan, np.nan, 3.0, 4.0, 5.0, 6.0])
    value = np.stack([rising, flat, gap, short])
    limits = np.stack([value - 0.4, value + 0.4, value - 0.6, value + 0.6])
    assert recent_trend(value, limits, polarity="high_is_good").tolist() == [
        "Increasing and getting better", "No significant change",
        "Increasing and getting better", "Cannot be calculated",
    ]  # fmt: skip

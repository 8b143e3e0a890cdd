"""Ward figures of the real extracts against another reading of the same files.

What the pack says of wards is worked out again here with the csv module and by hand: no reader,
lookup or sum of the package has a part in the figures expected.
"""

import csv
from collections import Counter, defaultdict

import pandas as pd
import pytest
import python_calamine
import shapely

from lbbd_jsna.errors import GeographyError
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.sources.small_areas import read_small_areas
from lbbd_jsna.wards import (
    across_vintages,
    as_ward_observations,
    concordance,
    residents_of,
    trend_rows,
    unchanged_wards,
)
from lbbd_jsna.wards.fit import STRIP
from lbbd_jsna.workspace import build_workspace

BOROUGH = "E09000002"
OLD = [f"E050000{n}" for n in range(26, 43)]
NEW = [f"E050140{n}" for n in range(53, 72)]
LONGBRIDGE = ("E05000035", "E05014064")
# The small area of 2011 that has parts in two wards of today, and those two.
SHARED, HALVES = "E01000092", ("E05014055", "E05014068")
# Abbey and Mayesbrook: no small area is shared, but less than half of them is exact.
MOSTLY_ACROSS = {"E05014053", "E05014065"}
HEADINGS = {"Persons": "Persons", "Male": "Males", "Female": "Females"}
AGES = ("0-15", "16-29", "30-44", "45-64", "65+")
BROAD = {"0-15": ["0-15"], "16-64": ["16-29", "30-44", "45-64"], "65": ["65+"]}


def rows_of(path, encoding="utf-8-sig"):
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def workspace(extracts, catalogue, tmp_path_factory):
    return build_workspace(
        extracts, catalogue=catalogue, quarter=Quarter.parse("2026-27-Q3"),
        processed=tmp_path_factory.mktemp("real") / "tables",
    )  # fmt: skip


@pytest.fixture(scope="module")
def people(extracts):
    """The borough's rows of the file of people, by small area of 2011."""
    rows = rows_of(extracts / "population" / "lsoa11_mid2020_london.csv")
    return {row["LSOA11CD"]: row for row in rows if row["LAD11CD"] == BOROUGH}


@pytest.fixture(scope="module")
def ranks(extracts):
    """Ranks of the Index of Multiple Deprivation, by small area of 2011."""
    path = str(extracts / "deprivation" / "imd2019_lsoa11_england.xlsx")
    sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_name("IMD2019")
    return {row[0]: int(row[4]) for row in sheet.to_python() if row[2] == BOROUGH}


@pytest.fixture(scope="module")
def wards_of(extracts):
    """Every ward that a small area of 2011 counts for, old and new."""
    folder, found = extracts / "lookups", defaultdict(set)
    for row in rows_of(folder / "lsoa11_ward17_lbbd.csv"):
        found[row["lsoa11_code"]].add(row["ward17_code"])
    new = {r["LSOA21CD"]: r["WD22CD"] for r in rows_of(folder / "lsoa21_ward22_lad22_lbbd.csv")}
    for row in rows_of(folder / "lsoa11_lsoa21_lbbd.csv"):
        found[row["lsoa11_code"]].add(new[row["lsoa21_code"]])
    return found


def values(workspace, indicator):
    """Figures of a series by area."""
    rows = workspace.observations[workspace.observations["indicator"] == indicator]
    return rows.set_index("area_code")["value"].to_dict()


# People by ward, age and sex.


def test_the_files_are_those_that_were_looked_at(people, ranks, wards_of):
    assert len(people) == len(ranks) == len(wards_of) == 110
    assert {area for area, wards in wards_of.items() if len(wards) > 2} == {SHARED}


@pytest.mark.parametrize("wards", [OLD, NEW], ids=["17", "19"])
def test_residents_by_ward_sex_and_age_are_sums_of_the_file(workspace, people, wards_of, wards):
    """Every ward but the two that share a small area, cell by cell."""
    expected = Counter()
    for area, row in people.items():
        for ward in wards_of[area] & set(wards):
            for sex, heading in HEADINGS.items():
                for age in AGES:
                    expected[ward, sex, f"{age} yrs"] += int(row[f"{heading}_{age}"])
    for ward in wards:
        rows = residents_of(workspace.residents, ward)
        assert len(rows) == len(HEADINGS) * len(AGES)
        if ward in HALVES:
            assert rows["estimated"].all()
            continue
        assert rows["estimated"].all() == (ward in MOSTLY_ACROSS)
        for row in rows.itertuples():
            assert row.count == expected[ward, row.sex, row.age]


@pytest.mark.parametrize("wards", [OLD, NEW], ids=["17", "19"])
def test_residents_of_the_wards_add_up_to_the_borough(workspace, people, wards):
    table = workspace.residents
    held = table[table["area_code"].isin(wards)]
    assert set(held["area_code"]) == set(wards)
    sums = held.groupby(["sex", "age"])["count"].sum()
    borough = table[table["area_code"] == BOROUGH].set_index(["sex", "age"])["count"]
    for sex, heading in HEADINGS.items():
        for age in AGES:
            total = sum(int(row[f"{heading}_{age}"]) for row in people.values())
            assert borough[sex, f"{age} yrs"] == total
            assert sums[sex, f"{age} yrs"] == pytest.approx(total)
        total = sum(int(row[f"{heading}_All-Ages"]) for row in people.values())
        assert borough[sex, "All ages"] == total
        assert sums[sex, "All ages"] == pytest.approx(total)
    assert borough["Persons", "All ages"] == 214_107


def test_the_shares_of_both_sexes_make_a_hundred(workspace):
    for area in (BOROUGH, *OLD, *NEW):
        rows = residents_of(workspace.residents, area)
        apart = rows[rows["sex"] != "Persons"]
        assert apart["share"].sum() == pytest.approx(100)
        assert rows.loc[rows["sex"] == "Persons", "share"].sum() == pytest.approx(100)


@pytest.mark.parametrize(("wards", "suffix"), [(OLD, "old-wards"), (NEW, "wards")])
def test_the_series_of_broad_ages_are_of_the_same_people(workspace, people, wards, suffix):
    """Counts add up to the file's total, and shares weighted by residents to the borough's."""
    everybody = values(workspace, f"population-{suffix}")
    assert set(everybody) == {*wards, BOROUGH}
    assert sum(everybody[ward] for ward in wards) == pytest.approx(214_107)
    for band, parts in BROAD.items():
        share = values(workspace, f"population-{band}-{suffix}")
        there = sum(int(row[f"Persons_{age}"]) for row in people.values() for age in parts)
        assert share[BOROUGH] == pytest.approx(100 * there / 214_107)
        held = sum(share[ward] * everybody[ward] / 100 for ward in wards)
        assert held == pytest.approx(there)


# Deprivation.


@pytest.mark.parametrize(("wards", "suffix"), [(OLD, "old-wards"), (NEW, "wards")])
def test_the_average_rank_of_every_ward(workspace, people, ranks, wards_of, wards, suffix):
    """Weighted by residents, counted so that the most deprived small area is 32,844."""
    found = values(workspace, f"deprivation-rank-{suffix}")
    assert set(found) == {*wards, BOROUGH}
    for ward in wards:
        if ward in HALVES:
            continue
        lsoas = [area for area, held in wards_of.items() if ward in held]
        lives = [int(people[area]["Persons_All-Ages"]) for area in lsoas]
        total = sum(n * (32_845 - ranks[area]) for n, area in zip(lives, lsoas, strict=True))
        assert found[ward] == pytest.approx(total / sum(lives))


def test_two_average_ranks_by_hand(workspace):
    """Abbey: 3,650 people at rank 6,900 and 1,974 at 5,994. Longbridge: six small areas."""
    found = values(workspace, "deprivation-rank-wards")
    assert found["E05014053"] == pytest.approx(147_703_124 / 5_624)
    longbridge = (
        (2264, 10329), (2304, 13573), (1570, 10421), (1921, 17580), (2226, 13531), (2660, 15370),
    )  # fmt: skip
    by_hand = sum(n * (32_845 - rank) for n, rank in longbridge) / 12_945
    assert by_hand == pytest.approx(19_264.98, abs=0.01)
    assert found["E05014064"] == pytest.approx(by_hand)


def test_people_in_the_most_deprived_fifth_are_those_of_the_file(workspace, people, ranks):
    """A fifth of 32,844 small areas: ranks to 6,568 (the publisher's deciles 1 and 2)."""
    most = sum(int(row["Persons_All-Ages"]) for a, row in people.items() if ranks[a] <= 6_568)
    for suffix, wards in (("old-wards", OLD), ("wards", NEW)):
        share = values(workspace, f"most-deprived-fifth-{suffix}")
        everybody = values(workspace, f"population-{suffix}")
        held = sum(share[ward] * everybody[ward] / 100 for ward in wards)
        assert held == pytest.approx(most)
        assert share[BOROUGH] == pytest.approx(100 * most / 214_107)


# The ward atlas.


def atlas(catalogue):
    return sorted(n for n, one in catalogue.indicators.items() if one.source == "ward-atlas")


def test_every_atlas_series_is_of_the_seventeen_only(workspace, catalogue):
    names = atlas(catalogue)
    assert len(names) >= 12
    rows = workspace.observations
    for name in names:
        held = rows[rows["indicator"] == name]
        assert set(held["area_code"]) == set(OLD)
        assert len(held) == len(OLD) * len(catalogue.indicators[name].columns)
        assert catalogue.indicators[name].ward_vintage == "2002"


def test_every_atlas_figure_is_the_cell_of_the_file(workspace, catalogue, extracts):
    path = extracts / "ward_atlas" / "ward-atlas-data.csv"
    cells = {row["New Code"]: row for row in rows_of(path, encoding="cp1252")}
    rows = workspace.observations
    for name in atlas(catalogue):
        held = rows[rows["indicator"] == name].set_index(["area_code", "period"])["value"]
        for period, heading in catalogue.indicators[name].columns.items():
            for ward in OLD:
                assert held[ward, period] == float(cells[ward][heading]), (name, ward, period)


def test_a_series_that_stands_for_a_measure_says_that_it_does(catalogue):
    """An atlas series answers no measure by itself: wherever it is mapped, it says so."""
    named = set(atlas(catalogue))
    mapped = [m.evidence for s in catalogue.strategies for m in s.measures
              if named & set(m.evidence.wards)]  # fmt: skip
    assert {name for one in mapped for name in one.wards} & named >= {
        "gcse-points-wards-atlas", "recorded-crime-wards-atlas",
        "nature-deficiency-wards-atlas", "workless-families-wards-atlas",
    }  # fmt: skip
    for one in mapped:
        alone = set(one.wards) <= named  # or beside a series of today's wards
        assert one.wards_why and ("until 2022" in one.wards_why or not alone), one.wards
    for name in named:
        text = " ".join(catalogue.indicators[name].caveats)
        assert "wards in use until May 2022" in text and "other shapes" in text, name


# Two sets of wards.


@pytest.fixture(scope="module")
def table(workspace):
    return concordance(workspace.boundaries["2002"], workspace.boundaries["2022"])


def test_longbridge_alone_is_unchanged(table):
    assert unchanged_wards(table) == dict([LONGBRIDGE])


def counts(workspace, wards, year):
    """Residents of one set of wards, as counts of a year."""
    held = workspace.residents[workspace.residents["area_code"].isin(wards)]
    held = held[(held["sex"] == "Persons") & (held["age"] == "All ages")]
    return held[["area_code", "vintage", "count"]].rename(columns={"area_code": "ward"}).assign(
        year=year
    )


def test_no_trend_crosses_unless_asked_and_then_it_is_warned_of(workspace, table):
    old, new = counts(workspace, OLD, 2019), counts(workspace, NEW, 2023)
    with pytest.raises(GeographyError, match="areas of 2002 and of 2022 together"):
        trend_rows(pd.concat([old, new]))
    with pytest.raises(GeographyError, match="does not cross"):
        across_vintages(old, new, table, by=["year"])
    series = across_vintages(old, new, table, by=["year"], across=True, shared_by="area")
    assert "boundaries changed in May 2022" in series.warning
    before = series.rows[series.rows["year"] == 2019]
    assert set(before.loc[~before["estimated"], "ward"]) == {LONGBRIDGE[1]}
    # The strips between two drawings of a line are nobody's: a hundredth of the people at most.
    assert before["count"].sum() == pytest.approx(214_107, rel=0.01)


def test_no_series_of_the_pack_is_of_both_sets_of_wards(workspace, catalogue):
    """A trend of an indicator cannot cross, because none has rows on both."""
    rows = workspace.observations
    wards = rows[rows["area_type"] == "ward"]
    for name, held in wards.groupby("indicator"):
        vintage = catalogue.indicators[name].ward_vintage
        assert set(held["area_code"]) <= set(OLD if vintage == "2002" else NEW), name


def test_fourteen_names_stand_for_two_wards_and_none_can_join(workspace, catalogue, extracts):
    """Codes are never shared, names are; whatever is asked to join by a name refuses."""
    old, new = catalogue.wards("2002"), catalogue.wards("2022")
    assert not set(old) & set(new)
    assert len(set(old.values()) & set(new.values())) == 14
    named = counts(workspace, NEW, 2023)
    named["ward"] = named["ward"].map(new)
    shapes = workspace.boundaries["2022"].assign(code=lambda frame: frame["name"])
    doors = (
        lambda: as_ward_observations(named, indicator="a", names=new, period="2023"),
        lambda: trend_rows(named),
        lambda: concordance(workspace.boundaries["2002"], shapes),
    )
    for door in doors:
        with pytest.raises(GeographyError, match="is not the code of a ward"):
            door()


def test_what_is_exact_and_what_is_estimated_is_said_of_every_ward(workspace):
    """Abbey and Thames View have no small area wholly inside: seen on the ground, not slivers."""
    rows = workspace.observations
    notes = rows[rows["indicator"] == "population-wards"].set_index("area_code")["value_note"]
    assert notes["E05014053"] == (
        "Estimated: less than half exact; best fit from 2 small areas, none wholly in the ward; "
        "0% exact"
    )
    assert notes[LONGBRIDGE[1]].endswith("100% exact")
    exact = {ward: int(notes[ward].split("; ")[-1].split("%")[0]) for ward in NEW}
    assert [ward for ward, share in exact.items() if share == 100] == [LONGBRIDGE[1]]
    marked = {ward for ward in NEW if notes[ward].startswith("Estimated")}
    assert marked == {*HALVES, *MOSTLY_ACROSS}


def widest(shape):
    """Metres of the widest strip of a shape: the largest disc that fits in is as wide."""
    return max(2 * shapely.maximum_inscribed_circle(part, tolerance=0.5).length
               for part in shapely.get_parts(shape) if part.area > 1)  # fmt: skip


def test_the_tolerance_is_what_two_drawings_of_one_line_differ_by(workspace):
    """Longbridge did not change, and the borough's border did not: strips up to 30 m, no more.

    What reaches out of Abbey and Thames View is far wider, so that no tolerance of this kind
    would make it part of them.
    """
    old, new = (workspace.boundaries[v].set_index("code").geometry for v in ("2002", "2022"))
    longbridge = old[LONGBRIDGE[0]].symmetric_difference(new[LONGBRIDGE[1]])
    border = shapely.union_all(old.values).symmetric_difference(shapely.union_all(new.values))
    assert widest(longbridge) == pytest.approx(STRIP, abs=0.5)  # the widest of all
    assert 20 < widest(border) < STRIP == 30


@pytest.mark.parametrize("ward", ["E05014053", "E05014068"])
def test_abbey_and_thames_view_are_straddled(workspace, extracts, catalogue, wards_of, ward):
    """Every small area of theirs has a fifth of its ground or more in another ward."""
    areas = read_small_areas(extracts, catalogue=catalogue)
    small = areas.boundaries["2011"].set_index("code").geometry
    outline = workspace.boundaries["2022"].set_index("code").geometry[ward]
    mine = [small[area] for area, held in wards_of.items() if ward in held]
    outside = [shape.difference(outline) for shape in mine]
    assert len(mine) == 2
    for shape, part in zip(mine, outside, strict=True):
        assert part.area / shape.area > 0.19
        assert widest(part) > 3 * STRIP

"""The old wards and the new: squares by hand, then the borough's own boundaries."""

import geopandas
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import GeographyError, TableError
from lbbd_jsna.sources.open_geography import read_wards
from lbbd_jsna.sources.small_areas import people, read_small_areas
from lbbd_jsna.wards import (
    across_vintages,
    apportioned,
    concordance,
    lookup_from,
    made_of,
    population_of,
    trend_rows,
    unchanged_wards,
)

A, B, C = "E05000901", "E05000902", "E05000903"
X, Y, Z = "E05019001", "E05019002", "E05019003"


def shapes(*named, crs="EPSG:27700"):
    codes, areas = zip(*named, strict=True)
    return geopandas.GeoDataFrame({"code": codes}, geometry=list(areas), crs=crs)


# Three old wards of 1,000 m by 1,000 m side by side; the new line between the first two lies
# 300 m further east, and that between the last two was drawn 5 m off.
OLD = shapes(
    (A, box(0, 0, 1000, 1000)), (B, box(1000, 0, 2000, 1000)), (C, box(2000, 0, 3000, 1000))
)
NEW = shapes(
    (X, box(0, 0, 1300, 1000)), (Y, box(1300, 0, 2005, 1000)), (Z, box(2005, 0, 3000, 1000))
)
# The first two small areas are the halves of A; B is one small area; so is C.
SMALL = shapes(
    ("E01000001", box(0, 0, 500, 1000)),
    ("E01000002", box(500, 0, 1000, 1000)),
    ("E01000003", box(1000, 0, 2000, 1000)),
    ("E01000004", box(2000, 0, 3000, 1000)),
)
PEOPLE = pd.Series({"E01000001": 100, "E01000002": 300, "E01000003": 1000, "E01000004": 600})


@pytest.fixture(scope="module")
def table():
    return concordance(OLD, NEW, SMALL, people=PEOPLE)


def row(table, old, new):
    found = table[(table["old"] == old) & (table["new"] == new)]
    assert len(found) == 1
    return found.iloc[0]


def test_shares_of_ground_by_hand(table):
    assert list(zip(table["old"], table["new"], strict=True)) == [(A, X), (B, Y), (B, X), (C, Z)]
    moved = row(table, B, X)
    assert moved["area_km2"] == pytest.approx(0.3)
    assert moved["share_of_old"] == pytest.approx(0.3)
    assert moved["share_of_new"] == pytest.approx(0.3 / 1.3)
    assert row(table, A, X)["share_of_old"] == pytest.approx(1)


def test_a_strip_between_two_drawings_of_a_line_is_no_change(table):
    """5 m of 1,000 is left out: C went to Z alone, which came from C alone."""
    assert unchanged_wards(table) == {C: Z}
    strict = concordance(OLD, NEW, sliver=0.001)
    assert (C, Y) in set(zip(strict["old"], strict["new"], strict=True))
    assert unchanged_wards(strict) == {}


def test_a_small_ward_swallowed_by_a_large_one_is_no_strip():
    """It is a two-hundredth of the new ward, but all of the old one."""
    old = shapes((A, box(0, 0, 5, 1000)), (B, box(5, 0, 1000, 1000)))
    found = concordance(old, shapes((X, box(0, 0, 1000, 1000))))
    assert list(found["old"]) == [A, B]
    assert not found["unchanged"].any()


def test_a_ward_that_only_shrank_is_not_unchanged():
    shrunk = concordance(shapes((A, box(0, 0, 1000, 1000))), shapes((X, box(0, 0, 900, 1000))))
    assert not shrunk["unchanged"].any()


def test_shares_of_people_by_hand(table):
    """300 of B's 1,000 people live on the three tenths of its ground that went to X."""
    assert row(table, B, X)["people"] == pytest.approx(300)
    assert row(table, B, X)["people_share_of_old"] == pytest.approx(300 / 1000, abs=0.002)
    assert row(table, A, X)["people"] == pytest.approx(400)
    assert row(table, A, X)["people_share_of_new"] == pytest.approx(400 / 700, abs=0.002)
    assert table["people"].sum() == pytest.approx(2000, rel=0.003)


def test_without_people_there_are_no_shares_of_people():
    bare = concordance(OLD, NEW)
    assert bare[["people", "people_share_of_old", "people_share_of_new"]].isna().all(axis=None)
    with pytest.raises(TableError, match="no shares of people"):
        apportioned(counts(A=10, B=20, C=30), bare)


def test_what_a_new_ward_was_made_of(table):
    parts = made_of(table, X)
    assert list(parts["old"]) == [A, B]
    with pytest.raises(GeographyError, match="no new ward"):
        made_of(table, A)
    with pytest.raises(GeographyError, match="'Abbey' is not the code of a ward"):
        made_of(table, "Abbey")


def counts(year=None, **by_letter):
    codes = {"A": A, "B": B, "C": C, "X": X, "Y": Y, "Z": Z}
    vintage = "2002" if set(by_letter) <= set("ABC") else "2022"
    rows = [{"ward": codes[k], "vintage": vintage, "count": v} for k, v in by_letter.items()]
    frame = pd.DataFrame(rows)
    return frame if year is None else frame.assign(year=year)


def test_old_counts_are_shared_out_and_marked(table):
    shared = apportioned(counts(A=10, B=100, C=40), table, shared_by="area").set_index("ward")
    part = 0.3 / 0.995  # of B, the strip that went nowhere left aside
    assert part == pytest.approx(0.3015, abs=1e-4)
    kept = row(table, B, X)["share_of_old"]
    assert kept / (kept + row(table, B, Y)["share_of_old"]) == pytest.approx(0.3)
    assert shared["count"].to_dict() == pytest.approx({X: 40, Y: 70, Z: 40})
    assert shared["estimated"].to_dict() == {X: True, Y: True, Z: False}
    assert shared["exact_share"].to_dict() == {X: 0, Y: 0, Z: 1}


def test_by_people_is_not_by_area():
    crowded = pd.Series({"E01000001": 100, "E01000002": 300, "E01000004": 600})
    halves = shapes(
        *zip(SMALL["code"][[0, 1, 3]], SMALL.geometry[[0, 1, 3]], strict=True),
        ("E01000005", box(1000, 0, 1300, 1000)),
        ("E01000006", box(1300, 0, 2000, 1000)),
    )
    crowded["E01000005"], crowded["E01000006"] = 900, 100
    table = concordance(OLD, NEW, halves, people=crowded)
    shared = apportioned(counts(A=10, B=100, C=40), table).set_index("ward")["count"]
    assert shared[X] == pytest.approx(10 + 90, abs=0.1)
    assert shared[Y] == pytest.approx(10, abs=0.1)


def test_a_blank_old_ward_leaves_blanks_never_nought(table):
    shared = apportioned(counts(A=10, B=np.nan, C=40), table, shared_by="area").set_index("ward")
    assert shared["count"].isna().to_dict() == {X: True, Y: True, Z: False}
    assert shared.loc[X, "status"] == "not_available"


def test_an_absent_old_ward_leaves_blanks_too(table):
    shared = apportioned(counts(A=10, C=40), table, shared_by="area").set_index("ward")
    assert shared["count"].isna().to_dict() == {X: True, Z: False}


def test_rates_are_never_shared_out(table):
    with pytest.raises(TableError, match="only counts are shared among wards, not value"):
        apportioned(counts(A=1, B=2, C=3).assign(value=9.9), table)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (counts(A=1).replace(A, "Abbey"), "'Abbey' is not the code of a ward"),
        (counts(X=1), f"{X} is not one of them"),
        (pd.concat([counts(A=1), counts(B=1).assign(vintage="2022")]), "areas of 2002 and of 2022"),
    ],
)
def test_counts_that_are_not_of_the_old_wards_are_refused(table, frame, words):
    with pytest.raises(GeographyError, match=words):
        apportioned(frame, table)


def test_a_ward_twice_is_refused(table):
    with pytest.raises(TableError, match="more than once"):
        apportioned(pd.concat([counts(A=1), counts(A=2)]), table)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (OLD.to_crs("EPSG:4326"), NEW, "EPSG:27700"),
        (OLD.assign(code=["Abbey", "Alibon", "Longbridge"]), NEW, "'Abbey' is not the code"),
        (OLD, NEW.assign(code=[X, X, Z]), f"{X} stands more than once"),
        (OLD, NEW.drop(columns="code"), "no column code"),
    ],
)
def test_boundaries_that_cannot_be_compared_are_refused(old, new, words):
    with pytest.raises(GeographyError, match=words):
        concordance(old, new)


def test_small_areas_without_people_are_refused():
    with pytest.raises(GeographyError, match="people of the small areas") as found:
        concordance(OLD, NEW, SMALL, people=PEOPLE.drop("E01000003"))
    assert [fault.found for fault in found.value.faults] == ["E01000003 has no people"]


# Over time.


def test_a_trend_over_both_sets_of_wards_is_refused(table):
    old, new = counts(A=10, B=100, C=40, year=2021), counts(X=1, Y=2, Z=3, year=2022)
    with pytest.raises(GeographyError, match="does not cross"):
        across_vintages(old, new, table, by=["year"])
    with pytest.raises(GeographyError, match="areas of 2002 and of 2022 together"):
        trend_rows(pd.concat([old, new]))
    assert len(trend_rows(new)) == 3


def test_asked_for_it_is_estimated_and_warned_of(table):
    old, new = counts(A=10, B=100, C=40, year=2021), counts(X=44, Y=68, Z=39, year=2022)
    series = across_vintages(old, new, table, by=["year"], across=True, shared_by="area")
    assert "boundaries changed in May 2022" in series.warning
    assert "estimates" in series.warning
    before = series.rows[series.rows["year"] == 2021].set_index("ward")
    assert before["count"].to_dict() == pytest.approx({X: 40, Y: 70, Z: 40})
    assert before["estimated"].to_dict() == {X: True, Y: True, Z: False}
    after = series.rows[series.rows["year"] == 2022]
    assert not after["estimated"].any()
    assert set(series.rows["vintage"]) == {"2022"}


def test_an_unchanged_ward_alone_crosses_without_a_warning(table):
    old, new = counts(C=40, year=2021), counts(Z=39, year=2022)
    series = across_vintages(old, new, table, by=["year"], across=True)
    assert series.warning == ""
    assert list(series.rows["count"]) == [40, 39]


# The borough.


@pytest.fixture(scope="module")
def real(extracts, catalogue: Catalogue):
    folder = extracts / "boundaries"
    old = read_wards(folder / "wards_2013_lbbd.geojson", vintage="2002", catalogue=catalogue)
    new = read_wards(folder / "wards_2022_lbbd.geojson", vintage="2022", catalogue=catalogue)
    areas = read_small_areas(extracts, catalogue=catalogue)
    lookup = lookup_from(areas.lookups, "2011", "2002")
    weights = population_of(people(areas.population), lookup)
    return concordance(old, new, areas.boundaries["2011"], people=weights)


def test_longbridge_is_the_only_unchanged_ward(real, catalogue):
    found = unchanged_wards(real)
    assert found == {"E05000035": "E05014064"}
    assert catalogue.wards("2002")["E05000035"] == catalogue.wards("2022")["E05014064"]
    assert catalogue.wards("2022")["E05014064"] == "Longbridge"


def test_every_ward_is_in_the_concordance(real, catalogue):
    assert set(real["old"]) == set(catalogue.wards("2002"))
    assert set(real["new"]) == set(catalogue.wards("2022"))
    for side in ("old", "new"):
        ground = real.groupby(side)[f"share_of_{side}"].sum()
        assert ground.between(0.97, 1.000001).all()
        lives = real.groupby(side)[f"people_share_of_{side}"].sum()
        assert lives.to_numpy() == pytest.approx(1)


def test_no_change_is_near_the_tolerance(real):
    """The smallest change that counts is more than three times the largest strip left out."""
    assert real[["share_of_old", "share_of_new"]].max(axis=1).min() > 0.03


def test_fourteen_names_recur_and_thirteen_of_them_have_other_shapes(real, catalogue):
    old, new = catalogue.wards("2002"), catalogue.wards("2022")
    recurring = set(old.values()) & set(new.values())
    assert len(recurring) == 14
    by_name = {name: code for code, name in new.items()}
    same = unchanged_wards(real)
    astray = [c for c, name in old.items() if name in recurring and same.get(c) != by_name[name]]
    assert len(astray) == 13


def test_most_of_old_abbey_is_not_in_todays_abbey(real):
    assert made_of(real, "E05014053").iloc[0]["old"] == "E05000026"
    abbey = real[real["old"] == "E05000026"].set_index("new")["share_of_old"]
    assert abbey["E05014066"] == pytest.approx(0.777, abs=0.002)  # Northbury
    assert abbey["E05014053"] == pytest.approx(0.212, abs=0.002)

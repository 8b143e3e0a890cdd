"""Ward figures built from small areas: by hand first, then on the real extracts."""

import datetime as dt
import re

import geopandas
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from lbbd_jsna.errors import GeographyError, TableError
from lbbd_jsna.periods import read_period
from lbbd_jsna.schema import OBSERVATIONS
from lbbd_jsna.sources.open_geography import read_wards
from lbbd_jsna.sources.small_areas import people, read_small_areas
from lbbd_jsna.sources.value_notes import status_of
from lbbd_jsna.statistics.intervals import poisson, wilson
from lbbd_jsna.wards import (
    Lookup,
    Rules,
    as_ward_observations,
    build_counts,
    concordance,
    dropped_areas,
    fit_of,
    in_bands,
    is_estimated,
    lookup_for,
    lookup_from,
    measured,
    most_deprived,
    pooled,
    pooled_where_few,
    population_of,
    rates,
    reconcile,
    reliability,
    shrunken,
    weighted_mean,
    with_rates,
)
from lbbd_jsna.wards.observations import percent_exact

L1, L2, L3, L4, L5 = (f"E0100000{n}" for n in range(1, 6))
X, Y = "E05019001", "E05019002"
NAMES = {X: "Abbey", Y: "Marsh & Quay"}


def direct(**pairs):
    """Small areas of 2021 to wards of 2022: by default two to X, one to Y."""
    pairs = pairs or {L1: X, L2: X, L3: Y}
    frame = pd.DataFrame({"from_code": list(pairs), "to_code": list(pairs.values())})
    return lookup_from({"lsoa21-ward2022": frame}, "2021", "2022")


def small(counts, vintage="2021", **others):
    frame = pd.DataFrame({"lsoa": list(counts), "vintage": vintage, "count": counts.values()})
    return frame.assign(**others)


def squares(codes, edges):
    """Areas 1 km high side by side, from one edge to the next."""
    areas = [box(west, 0, east, 1000) for west, east in edges]
    return geopandas.GeoDataFrame({"code": codes}, geometry=areas, crs="EPSG:27700")


# Lookups.


def test_counts_are_summed_by_ward():
    table = build_counts(small({L1: 10, L2: 5, L3: 7}), direct())
    assert list(table["ward"]) == [X, Y]
    assert list(table["count"]) == [15, 7]
    assert list(table["areas"]) == [2, 1]
    assert set(table["vintage"]) == {"2022"}
    assert not table["estimated"].any()
    assert table["exact_share"].isna().all()  # nobody knows without boundaries


def chain(change, parts, wards, weights=None, **how):
    """Small areas of 2011 by way of those of 2021 to wards of 2022."""
    lookups = {
        "lsoa11-lsoa21": pd.DataFrame(
            [(a, b, change) for a, b in parts], columns=["from_code", "to_code", "change"]
        ),
        "lsoa21-ward2022": pd.DataFrame(wards.items(), columns=["from_code", "to_code"]),
    }
    return lookup_from(lookups, "2011", "2022", weights=weights, **how)


def test_a_merger_counts_in_full():
    lookup = chain("M", [(L1, L5), (L2, L5)], {L5: X})
    table = build_counts(small({L1: 10, L2: 5}, "2011"), lookup)
    assert list(table["count"]) == [15]
    assert list(table["estimated"]) == [False]


def test_a_split_within_a_ward_counts_in_full_without_weights():
    lookup = chain("S", [(L1, L4), (L1, L5)], {L4: X, L5: X})
    assert lookup.shared_by == ""
    assert list(build_counts(small({L1: 10}, "2011"), lookup)["count"]) == [10]


def test_a_split_between_wards_is_shared_and_estimated():
    lookup = chain("S", [(L1, L4), (L1, L5)], {L4: X, L5: Y}, {L4: 3.0, L5: 1.0})
    assert lookup.shared_by == "area"
    table = build_counts(small({L1: 10}, "2011"), lookup)
    assert table["count"].to_list() == [7.5, 2.5]
    assert table["estimated"].all()


def test_a_split_between_wards_needs_weights():
    with pytest.raises(GeographyError) as found:
        chain("S", [(L1, L4), (L1, L5)], {L4: X, L5: Y}, {L4: 3.0})
    assert [fault.found.split()[-4] for fault in found.value.faults] == [L5]


@pytest.mark.parametrize(
    ("change", "parts", "wards", "words"),
    [
        ("U", [(L1, L4), (L1, L5)], {L4: X, L5: X}, f"{L1} stands more than once"),
        ("?", [(L1, L4)], {L4: X}, 'the change "\\?"'),
        ("U", [(L1, L4)], {L5: X}, f"{L4} has no ward"),
        ("S", [(L1, L4), (L1, L4)], {L4: X}, f"{L1} to {L4} stands more than once"),
        ("U", [("Barking and Dagenham 016A", L4)], {L4: X}, "is not the code of a small area"),
        ("U", [(L1, L4)], {L4: "Abbey"}, "'Abbey' is not the code of a ward"),
    ],
)
def test_lookups_that_do_not_hold_are_refused(change, parts, wards, words):
    with pytest.raises(GeographyError, match=words):
        chain(change, parts, wards)


def test_a_small_area_with_two_wards_is_refused():
    frame = pd.DataFrame({"from_code": [L1, L1], "to_code": [X, Y]})
    with pytest.raises(GeographyError, match="one ward for each small area"):
        lookup_from({"lsoa21-ward2022": frame}, "2021", "2022")


def test_a_route_nobody_has_is_refused():
    with pytest.raises(GeographyError, match="there is no lookup between them"):
        lookup_from({}, "2021", "2002")
    with pytest.raises(GeographyError, match="no lsoa11-lsoa21 and no lsoa21-ward2022"):
        lookup_from({}, "2011", "2022")


# Names.

NAMED = pd.DataFrame({"lsoa": ["Barking and Dagenham 016A"], "vintage": "2021", "count": [1.0]})
NAMED_WARD = pd.DataFrame(
    {"ward": ["Abbey"], "vintage": "2022", "count": [1.0], "denominator": [9.0], "year": [2020]}
)


@pytest.mark.parametrize(
    "door",
    [
        lambda: direct(**{L1: "Abbey"}),
        lambda: direct(Abbey=X),
        lambda: Lookup(pd.DataFrame({"small_area": [L1], "ward": ["Abbey"], "share": 1.0}), "", ""),
        lambda: build_counts(NAMED, direct()),
        lambda: weighted_mean(
            NAMED.assign(value=1.0), small({L1: 1, L2: 1, L3: 1}), direct(), weights_are="all"
        ),
        lambda: weighted_mean(
            small({L1: 1, L2: 1, L3: 1}, value=1.0), NAMED, direct(), weights_are="all"
        ),
        lambda: most_deprived(
            NAMED.assign(measure="imd_decile", value=1), small({L1: 1, L2: 1, L3: 1}), direct()
        ),
        lambda: dropped_areas(NAMED, direct()),
        lambda: rates(NAMED_WARD, NAMED_WARD),
        lambda: with_rates(NAMED_WARD),
        lambda: pooled(NAMED_WARD, years=1),
        lambda: reconcile(NAMED_WARD, 1.0),
        lambda: shrunken(NAMED_WARD.assign(value=1.0)),
        lambda: measured(direct(), squares(["Abbey"], [(0, 1)]), squares([X], [(0, 1)])),
        lambda: measured(direct(), squares([L1], [(0, 1)]), squares(["Abbey"], [(0, 1)])),
        lambda: concordance(squares(["Abbey"], [(0, 1)]), squares(["Abbey"], [(0, 1)])),
        lambda: as_ward_observations(NAMED_WARD, indicator="a", names=NAMES, period="2020"),
    ],
)
def test_no_door_lets_a_name_in(door):
    """14 names stand for two wards each: a name that joined would join the wrong one."""
    with pytest.raises(GeographyError, match="is not the code of a (ward|small area)"):
        door()


def test_codes_of_other_kinds_and_blanks_are_no_codes_either():
    for code in ("E09000002", "E02000001", "e05019001", f"{X} ", "", None, np.nan, 5.01e9):
        with pytest.raises(GeographyError, match="is not the code of a ward"):
            direct(**{L1: code})


# Sums.


def test_a_small_area_without_a_row_leaves_a_blank_never_nought():
    table = build_counts(small({L1: 10, L3: 7}), direct()).set_index("ward")
    assert np.isnan(table.loc[X, "count"])
    assert table.loc[X, "missing"] == 1
    assert table.loc[X, "status"] == "not_available"
    assert table.loc[Y, "count"] == 7


def test_a_withheld_small_area_withholds_the_ward():
    rows = small({L1: 10, L2: np.nan, L3: 7}, status=["published", "suppressed", "published"])
    table = build_counts(rows, direct()).set_index("ward")
    assert table["status"].to_dict() == {X: "suppressed", Y: "published"}
    assert np.isnan(table.loc[X, "count"])


def test_a_figure_left_in_a_withheld_cell_is_not_used():
    rows = small({L1: 10, L2: 4, L3: 7}, status=["published", "suppressed", "published"])
    table = build_counts(rows, direct()).set_index("ward")
    assert table.loc[X, "status"] == "suppressed"
    assert np.isnan(table.loc[X, "count"])


def test_nought_is_a_count():
    table = build_counts(small({L1: 0, L2: 0, L3: 7}), direct())
    assert list(table["count"]) == [0, 7]
    assert list(table["status"]) == ["published", "published"]


def test_groups_are_kept_apart():
    rows = pd.concat(
        [
            small({L1: 1, L2: 2, L3: 3}, sex="Male", year=2020),
            small({L1: 10, L2: 20, L3: 30}, sex="Female", year=2020),
            small({L1: 100, L2: 200}, sex="Female", year=2021),
        ]
    )
    table = build_counts(rows, direct(), by=["year", "sex"]).set_index(["ward", "year", "sex"])
    assert table.loc[(X, 2020, "Female"), "count"] == 30
    assert table.loc[(X, 2020, "Male"), "count"] == 3
    assert table.loc[(X, 2021, "Female"), "count"] == 300
    assert np.isnan(table.loc[(Y, 2021, "Female"), "count"])


def test_a_total_beside_its_parts_is_refused_unless_told_apart():
    rows = pd.concat([small({L1: 1, L2: 2, L3: 3}), small({L1: 1, L2: 2, L3: 3})])
    with pytest.raises(TableError, match="stands more than once in a group"):
        build_counts(rows, direct())


def test_the_order_of_rows_changes_nothing():
    rows = small({L1: 10, L2: 5, L3: 7}, source_file="a.csv", source_row=[4, 2, 9])
    one, two = build_counts(rows, direct()), build_counts(rows[::-1], direct())
    pd.testing.assert_frame_equal(one, two)
    assert list(one["source_row"]) == [2, 9]  # the first row of each ward
    assert set(one["source_file"]) == {"a.csv"}


@pytest.mark.parametrize(
    ("rows", "error", "words"),
    [
        (small({L1: 1, L2: 2, L3: 3}, "2011"), GeographyError, "small areas of 2011"),
        (
            pd.concat([small({L1: 1, L2: 2}), small({L3: 3}, "2011")]),
            GeographyError,
            "areas of 2011 and of 2021 together",
        ),
        (small({L1: 1, L2: 2, L3: 3, L4: 4}), GeographyError, f"{L4} has no ward"),
        (small({L1: 1, L2: -2, L3: 3}), TableError, "a count below 0"),
        (small({L1: 1}).drop(columns="vintage"), GeographyError, "no column vintage"),
    ],
)
def test_counts_that_do_not_belong_are_refused(rows, error, words):
    with pytest.raises(error, match=words):
        build_counts(rows, direct())


def test_other_boroughs_are_dropped_when_asked_and_named():
    rows = small({L1: 1, L2: 2, L3: 3, L4: 4})
    assert list(build_counts(rows, direct(), outside="drop")["count"]) == [3, 3]
    assert dropped_areas(rows, direct()) == (L4,)


# The fit.

SMALL = squares([L1, L2, L3], [(0, 1000), (1000, 2000), (2000, 3000)])


def test_what_is_exact_by_ground():
    """X is 1,600 m of L1 and L2: L1 is wholly in it, so 1,000 of the 2,000 counted."""
    lookup = measured(direct(), SMALL, squares([X, Y], [(0, 1600), (1600, 3000)]))
    fit = fit_of(lookup).set_index("ward")
    assert fit.loc[X, "wholly"] == 1
    assert fit.loc[X, "exact_share"] == pytest.approx(1000 / 2000)
    assert fit.loc[X, "size_ratio"] == pytest.approx(2000 / 1600)
    assert fit.loc[Y, "exact_share"] == pytest.approx(1000 / 1400)
    assert fit.loc[Y, "size_ratio"] == pytest.approx(1000 / 1400)


def test_what_is_exact_by_people():
    lookup = measured(direct(), SMALL, squares([X, Y], [(0, 1600), (1600, 3000)]))
    lives = pd.Series({L1: 900, L2: 100, L3: 60})
    fit = fit_of(lookup, people=lives).set_index("ward")
    assert fit.loc[X, "exact_share"] == pytest.approx(900 / 1000)
    assert fit.loc[Y, "exact_share"] == pytest.approx(60 / 100)  # 40 of L2's people live there


@pytest.mark.parametrize(("shift", "exact"), [(0, 1), (20, 1), (60, 0.5)])
def test_a_strip_between_two_drawings_is_not_ground(shift, exact):
    """20 m of 1,000 is how boundaries are drawn; 60 m is people."""
    lookup = measured(direct(), SMALL, squares([X, Y], [(0, 2000 - shift), (2000 - shift, 3000)]))
    assert fit_of(lookup).set_index("ward").loc[X, "exact_share"] == pytest.approx(exact)


def test_a_river_bank_drawn_otherwise_is_nobodys():
    lookup = measured(direct(), SMALL, squares([X, Y], [(400, 2000), (2000, 2700)]))
    assert list(fit_of(lookup)["exact_share"]) == [1, 1]


def test_a_shared_small_area_is_never_exact():
    shared = chain("S", [(L1, L4), (L1, L5)], {L4: X, L5: Y}, {L4: 3.0, L5: 1.0})
    one = squares([L1], [(0, 1000)])
    fit = fit_of(measured(shared, one, squares([X, Y], [(0, 750), (750, 1000)])))
    assert list(fit["exact_share"]) == [0, 0]
    assert list(fit["estimated"]) == [True, True]
    assert list(fit["size_ratio"]) == [1, 1]


def test_nor_is_it_where_the_ground_of_another_vintage_says_so():
    shared = chain("S", [(L1, L4), (L1, L5)], {L4: X, L5: Y}, {L4: 3.0, L5: 1.0})
    wards = squares([X, Y], [(0, 1000), (1000, 2000)])  # all of L1 in X
    fit = fit_of(measured(shared, squares([L1], [(0, 1000)]), wards)).set_index("ward")
    assert fit.loc[X, "wholly"] == 0
    assert fit.loc[X, "exact_share"] == 0


def test_shapes_that_are_not_those_of_the_lookup_are_refused():
    with pytest.raises(GeographyError, match=f"no shape for {L3}"):
        measured(direct(), SMALL[:2], squares([X, Y], [(0, 1), (1, 2)]))
    with pytest.raises(GeographyError, match=f"no shape for {Y}"):
        measured(direct(), SMALL, squares([X], [(0, 1)]))
    with pytest.raises(GeographyError, match="EPSG:27700"):
        measured(direct(), SMALL.to_crs("EPSG:4326"), squares([X, Y], [(0, 1), (1, 2)]))


# Rates.


def built(counts, **others):
    return build_counts(small(counts, **others), direct())


def test_rates_are_worked_out_from_sums_never_averaged():
    """1 of 10 and 90 of 100: 91 of 110 is 82.7 %, the mean of the rates would be 50 %."""
    table = rates(built({L1: 1, L2: 90, L3: 5}), built({L1: 10, L2: 100, L3: 50}))
    assert table.loc[0, "value"] == pytest.approx(100 * 91 / 110)
    limits = wilson(91, 110)
    assert table.loc[0, "lower_95"] == pytest.approx(limits.lower)
    assert table.loc[0, "upper_95"] == pytest.approx(limits.upper)
    wide = wilson(91, 110, confidence=0.998)
    assert table.loc[0, "lower_99_8"] == pytest.approx(wide.lower)
    assert table.loc[0, "upper_99_8"] == pytest.approx(wide.upper)


def test_rates_per_person_year():
    table = rates(built({L1: 2, L2: 3, L3: 0}), built({L1: 900, L2: 100, L3: 50}), kind="rate")
    assert table.loc[0, "value"] == pytest.approx(500)
    assert table.loc[0, "upper_95"] == pytest.approx(poisson(5, 1000).upper)
    assert table.loc[1, "lower_95"] == 0
    assert table.loc[1, "upper_95"] == pytest.approx(100_000 * 3.6888794541 / 50)


def test_no_figure_where_nobody_is_there_or_a_part_is_missing():
    table = rates(built({L1: 1, L2: 1, L3: 0}), built({L1: 10, L2: 10, L3: 0}))
    assert table.loc[1, "status"] == "not_applicable"
    assert np.isnan(table.loc[1, "value"])
    table = rates(built({L1: 1, L3: 0}), built({L1: 10, L2: 10, L3: 9}))
    assert list(table["status"]) == ["not_available", "published"]


def test_withheld_events_withhold_the_rate():
    events = built({L1: 1, L2: np.nan, L3: 1}, status=["published", "suppressed", "published"])
    table = rates(events, built({L1: 10, L2: 10, L3: 9}))
    assert list(table["status"]) == ["suppressed", "published"]
    assert np.isnan(table.loc[0, "lower_95"])


def test_a_rate_is_as_estimated_and_as_exact_as_its_worse_part():
    events = built({L1: 1, L2: 1, L3: 1}).assign(exact_share=[0.9, 0.2], estimated=[False, True])
    below = built({L1: 9, L2: 9, L3: 9}).assign(exact_share=[0.5, 0.8], estimated=False)
    table = rates(events, below)
    assert list(table["exact_share"]) == [0.5, 0.2]
    assert list(table["estimated"]) == [False, True]


def test_rates_of_two_vintages_are_refused():
    with pytest.raises(GeographyError, match="areas of 2002 and of 2022"):
        rates(built({L1: 1}), built({L1: 10}).assign(vintage="2002"))


def test_more_events_than_people_are_refused():
    with pytest.raises(ValueError, match="between 0 and a positive denominator"):
        rates(built({L1: 9, L2: 9, L3: 1}), built({L1: 1, L2: 1, L3: 1}))


# Reliability.


def judged(count, denominator, kind="proportion", **rules):
    rows = [{"ward": X, "vintage": "2022", "count": count, "denominator": denominator}]
    table = with_rates(pd.DataFrame(rows), kind=kind)
    return reliability(table, kind=kind, rules=Rules(**rules)).iloc[0]


@pytest.mark.parametrize(
    ("count", "denominator", "kind", "why"),
    [
        (20, 400, "proportion", ""),
        (19, 400, "proportion", "few events"),
        (25, 50, "proportion", "a wide interval"),  # 37 % to 63 %: 26 points
        (250, 500, "proportion", ""),
        (285, 300, "proportion", ""),  # 15 without are no reason
        (20, 5000, "rate", ""),  # 12.2 to 30.9 events: 0.93 of the figure
        (15, 5000, "rate", "few events and a wide interval"),
        (0, 5000, "rate", "few events and a wide interval"),
    ],
)
def test_few_events_or_a_wide_interval_are_low_reliability(count, denominator, kind, why):
    row = judged(count, denominator, kind)
    assert row["why_low"] == why
    assert row["status"] == ("low_reliability" if why else "published")


def test_a_blank_keeps_its_own_status():
    assert judged(np.nan, 400)["status"] == "not_available"
    assert judged(np.nan, 400)["why_low"] == ""


def test_the_rules_say_what_they_are():
    assert str(Rules()) == (
        "low reliability: fewer than 20 events, or a 95% interval wider than once the figure "
        "or than 20 percentage points"
    )
    assert judged(19, 400, fewest_events=10)["why_low"] == ""


def test_shrunken_estimates_stand_beside_the_raw_ones():
    rows = [
        {"ward": f"E0501900{n}", "vintage": "2022", "count": c, "denominator": d}
        for n, c, d in ((1, 2, 10), (2, 200, 1000), (3, 500, 1000), (4, np.nan, 100))
    ]
    raw = with_rates(pd.DataFrame(rows))
    table = shrunken(raw)
    pd.testing.assert_frame_equal(table[list(raw)], raw)
    assert table.loc[0, "value"] == pytest.approx(20)
    assert table.loc[0, "shrunken"] > 25
    assert table.loc[0, "own_weight"] < table.loc[1, "own_weight"]
    assert np.isnan(table.loc[3, "shrunken"])
    with pytest.raises(TableError, match="one group of wards at a time"):
        shrunken(pd.concat([raw, raw]))


# Several years.


def years(counts, denominators=100.0, ward=X):
    rows = [
        {"ward": ward, "vintage": "2022", "year": y, "count": c, "denominator": denominators}
        for y, c in counts.items()
    ]
    return pd.DataFrame(rows)


def test_years_are_pooled_and_the_period_stated():
    table = pooled(years({2018: 1, 2019: 2, 2020: 3}))
    assert list(table["period"]) == ["2018 - 20"]
    assert list(table["period_range"]) == ["3y"]
    assert table.loc[0, "count"] == 6
    assert table.loc[0, "value"] == pytest.approx(2)  # 6 of 300
    assert table.loc[0, "lower_95"] == pytest.approx(wilson(6, 300).lower)


def test_spans_do_not_overlap_unless_asked():
    counts = years(dict(zip(range(2014, 2021), [1, 2, 3, 4, 5, 6, 7], strict=True)))
    apart = pooled(counts)
    assert list(apart["period"]) == ["2015 - 17", "2018 - 20"]  # 2014 fills no span
    assert list(apart["count"]) == [9, 18]
    assert len(pooled(counts, rolling=True)) == 5


def test_a_ward_without_one_of_its_years_has_no_figure():
    table = pooled(
        pd.concat([years({2018: 1, 2019: 2, 2020: 3}), years({2018: 1, 2020: 3}, ward=Y)])
    )
    assert table["count"].isna().to_list() == [False, True]
    assert list(table["status"]) == ["published", "not_available"]
    blank = pooled(years({2018: 1, 2019: np.nan, 2020: 3}))
    assert list(blank["status"]) == ["not_available"]


def test_a_gap_of_years_is_not_bridged():
    with pytest.raises(TableError, match="no 3 years in a row"):
        pooled(years({2016: 1, 2018: 1, 2020: 1}))


def test_years_of_two_vintages_never_pool():
    old = years({2020: 1, 2021: 2}).assign(vintage="2002")
    with pytest.raises(GeographyError, match="areas of 2002 and of 2022"):
        pooled(pd.concat([old, years({2022: 3})]))


@pytest.mark.parametrize(
    ("first", "year_type", "words", "start"),
    [
        (2018, "calendar", "2018 - 20", dt.date(2018, 1, 1)),
        (1998, "calendar", "1998 - 00", dt.date(1998, 1, 1)),
        (2018, "financial", "2018/19 - 20/21", dt.date(2018, 4, 1)),
        (1998, "academic", "1998/99 - 00/01", dt.date(1998, 9, 1)),
    ],
)
def test_the_words_of_a_span_are_read_back(first, year_type, words, start):
    table = pooled(years({first: 1, first + 1: 1, first + 2: 1}), year_type=year_type)
    assert list(table["period"]) == [words]
    split = "financial" if year_type == "calendar" else year_type
    period = read_period(words, year_type=split)
    assert period.start == start
    assert period.range == "3y"


def test_all_wards_are_pooled_or_none():
    many = years({2018: 50, 2019: 60, 2020: 70})
    assert list(pooled_where_few(many)["period"]) == ["2018", "2019", "2020"]
    few = pd.concat([many, years({2018: 50, 2019: 9, 2020: 70}, ward=Y)])
    assert set(pooled_where_few(few)["period"]) == {"2018 - 20"}


# Scores.


def test_scores_are_weighted_by_people():
    scores = small({L1: 0, L2: 0, L3: 0}, value=[10.0, 40.0, 5.0])
    table = weighted_mean(scores, small({L1: 900, L2: 100, L3: 7}), direct(), weights_are="all")
    assert table["value"].to_list() == pytest.approx([13, 5])
    assert table["weight"].to_list() == [1000, 7]
    assert set(table["weights"]) == {"all"}


def test_a_score_may_be_below_nought_and_a_split_one_keeps_its_score():
    lookup = chain("S", [(L1, L4), (L1, L5)], {L4: X, L5: Y}, {L4: 3.0, L5: 1.0})
    scores = small({L1: 0}, "2011", value=[-2.5])
    table = weighted_mean(scores, small({L1: 80}, "2011"), lookup, weights_are="all")
    assert table["value"].to_list() == [-2.5, -2.5]
    assert table["weight"].to_list() == [60, 20]
    assert table["estimated"].all()


def test_a_missing_score_leaves_a_blank():
    scores = small({L1: 0, L2: 0, L3: 0}, value=[10.0, np.nan, 5.0])
    table = weighted_mean(scores, small({L1: 1, L2: 1, L3: 1}), direct(), weights_are="all")
    assert table["value"].isna().to_list() == [True, False]
    assert list(table["status"]) == ["not_available", "published"]


@pytest.mark.parametrize(
    ("scores", "weights", "are", "words"),
    [
        ({"value": 1.0}, {L1: 1, L2: 1, L3: 1}, " ", "say who the weights are"),
        ({"value": 1.0}, {L1: 1, L2: 1}, "all", f"{L3}: no people"),
        ({"value": 1.0, "measure": "imd_decile"}, {L1: 1, L2: 1, L3: 1}, "all", "has no mean"),
        ({"value": 1.0, "measure": ["a", "b", "b"]}, {L1: 1, L2: 1, L3: 1}, "all", "one measure"),
    ],
)
def test_means_that_say_nothing_are_refused(scores, weights, are, words):
    rows = small({L1: 0, L2: 0, L3: 0}, **scores)
    with pytest.raises(TableError, match=words):
        weighted_mean(rows, small(weights), direct(), weights_are=are)


def test_people_in_the_most_deprived_small_areas():
    tenths = small({L1: 0, L2: 0, L3: 0}, measure="imd_decile", value=[1, 3, 2])
    lives = small({L1: 30, L2: 90, L3: 50})
    table = most_deprived(tenths, lives, direct())
    assert table["value"].to_list() == [25, 100]
    assert table["count"].to_list() == [30, 50]
    assert table["denominator"].to_list() == [120, 50]
    assert most_deprived(tenths, lives, direct(), tenths=1)["value"].to_list() == [25, 0]
    with pytest.raises(TableError, match="not there in tenths"):
        most_deprived(tenths.assign(value=[1, 3, 20_000]), lives, direct())


# Ages.


def ages(*bands, sex="Persons"):
    rows = [
        {"lsoa": L1, "vintage": "2021", "year": 2020, "sex": sex, "age_from": a, "age_to": b,
         "count": c}
        for a, b, c in bands
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"age_to": "Int64"})


BANDS = ((0, 15, 10), (16, 29, 20), (30, 64, 30), (65, None, 5))


def test_ages_are_put_together_and_totals_are_not_counted_twice():
    table = in_bands(ages(*BANDS, (0, None, 65))).set_index("age")["count"]
    assert table.to_dict() == {"0-15 yrs": 10, "16-64 yrs": 50, "65+ yrs": 5, "All ages": 65}


def test_finer_bands_may_be_asked_for():
    table = in_bands(ages(*BANDS), bands=((16, 29), (0, 29)), total=False)
    assert dict(zip(table["age"], table["count"], strict=True)) == {"16-29 yrs": 20, "0-29 yrs": 30}


def test_a_blank_band_leaves_its_sums_blank():
    table = in_bands(ages((0, 15, 1), (16, 29, None), (30, 64, 3), (65, None, 4)))
    assert table.set_index("age")["count"].isna().to_dict() == {
        "0-15 yrs": False, "16-64 yrs": True, "65+ yrs": False, "All ages": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("bands", "words"),
    [
        (((0, 19, 1), (20, 64, 1), (65, None, 1)), "no bands that make up 0-15 yrs"),
        (((0, 15, 1), (16, 70, 1), (65, None, 1)), "bands 16-70 yrs and 65\\+ yrs"),
        (((0, 15, 1), (20, 64, 1), (65, None, 1)), "bands 0-15 yrs and 20-64 yrs"),
    ],
)
def test_ages_that_do_not_fit_together_are_refused(bands, words):
    with pytest.raises(TableError, match=words):
        in_bands(ages(*bands))


# Against the borough.


def test_wards_that_add_up():
    found = reconcile(built({L1: 10, L2: 5, L3: 7}), 22, expected=NAMES)
    assert found.agrees
    assert found.sentence == "The wards add up to the borough total."
    found.check()


def test_what_is_dropped_or_missing_is_named_and_no_count_is_said():
    rows = small({L1: 10, L2: 5, L3: 7, L4: 3})
    table = build_counts(rows, direct(), outside="drop")
    found = reconcile(
        table, 25, expected=[*NAMES, "E05019003"], dropped=dropped_areas(rows, direct())
    )
    assert not found.agrees
    assert found.dropped == (L4,)
    assert found.missing == ("E05019003",)
    assert L4 in found.sentence
    assert "E05019003" in found.sentence
    with pytest.raises(TableError) as refused:
        found.check()
    # The difference of 3 people could be somebody's: messages name areas and groups only.
    words = re.sub(r"E0\d{7}", "", str(refused.value) + found.sentence)
    assert not re.search(r"\b(3|22|25)\b", words)
    assert found.table.loc[0, "difference"] == -3


def test_groups_are_reconciled_one_by_one():
    rows = pd.concat(
        [small({L1: 1, L2: 2, L3: 3}, sex="Male"), small({L1: 4, L2: 5, L3: 6}, sex="Female")]
    )
    table = build_counts(rows, direct(), by=["sex"])
    totals = pd.DataFrame({"sex": ["Male", "Female"], "count": [6, 14]})
    found = reconcile(table, totals, by=["sex"])
    assert found.table.set_index("sex")["agrees"].to_dict() == {"Female": False, "Male": True}
    with pytest.raises(TableError, match="sex Female: they do not add up"):
        found.check()


def test_a_blank_ward_never_adds_up():
    found = reconcile(built({L1: 10, L3: 7}), 17)
    assert not found.agrees
    assert found.missing == (X,)


def test_a_total_without_its_group_is_missed():
    table = build_counts(small({L1: 1, L2: 2, L3: 3}, sex="Male"), direct(), by=["sex"])
    totals = pd.DataFrame({"sex": ["Male", "Female"], "count": [6, 14]})
    assert not reconcile(table, totals, by=["sex"]).agrees
    with pytest.raises(TableError, match="one borough total for each of sex"):
        reconcile(table, 20.0, by=["sex"])


# Observations.


def observed(table, **others):
    given = {"source_file": "a.csv", "source_row": 2, "period": "2020"}
    return as_ward_observations(table, indicator="a", names=NAMES, **{**given, **others})


def test_observations_have_the_workspaces_columns():
    rows = small({L1: 1, L2: 9, L3: 5}, source_file="a.csv", source_row=[7, 8, 9])
    table = rates(build_counts(rows, direct()), built({L1: 10, L2: 100, L3: 50}))
    found = as_ward_observations(table, indicator="a", names=NAMES, period="2020/21")
    assert list(found) == [column.name for column in OBSERVATIONS]
    assert list(found["area_name"]) == ["Abbey", "Marsh & Quay"]
    assert set(found["area_type"]) == {"ward"}
    assert list(found["source_row"]) == [7, 9]
    assert found.loc[0, "period_start"] == pd.Timestamp(2020, 4, 1)
    assert found.loc[0, ["count", "denominator"]].to_list() == [10, 110]
    assert found["lower_99_8"].notna().all()


def test_a_count_is_its_own_value():
    found = observed(built({L1: 1, L2: 9, L3: 5}), age="0-15 yrs", sex="Female")
    assert list(found["value"]) == [10, 5]
    assert set(found["age"]) == {"0-15 yrs"}
    assert set(found["sex"]) == {"Female"}


def test_notes_say_what_a_ward_is_made_of():
    lookup = measured(direct(), SMALL, squares([X, Y], [(0, 2400), (2400, 3000)]))
    notes = observed(build_counts(small({L1: 1, L2: 9, L3: 5}), lookup))["value_note"]
    assert notes.to_list() == [
        "Best fit from 2 small areas; 83% exact",
        "Estimated: less than half exact; best fit from 1 small area, none wholly in the ward; "
        "0% exact",
    ]
    assert list(notes.map(is_estimated)) == [False, True]
    whole = measured(direct(), SMALL, squares([X, Y], [(0, 2000), (2000, 3000)]))
    notes = observed(build_counts(small({L1: 1, L2: 9, L3: 5}), whole))["value_note"]
    assert notes[0] == "Sum of 2 small areas that lie wholly in the ward; 100% exact"
    notes = observed(built({L1: 1, L2: 9, L3: 5}))["value_note"]
    assert notes[0] == "Best fit from 2 small areas; exact share not known"


def test_whatever_is_shared_out_is_estimated_in_its_note():
    lookup = chain("S", [(L1, L4), (L1, L5)], {L4: X, L5: Y}, {L4: 3.0, L5: 1.0})
    found = observed(build_counts(small({L1: 10}, "2011"), lookup))
    assert found["value_note"].map(is_estimated).all()
    assert found.loc[0, "value_note"] == (
        "Estimated: small areas shared between wards; best fit from 1 small area; "
        "exact share not known"
    )
    # The reader of value notes takes none of these words for another status.
    assert {status_of(note, blank=False) for note in found["value_note"]} == {"published"}


def test_low_reliability_reaches_the_observations():
    table = reliability(rates(built({L1: 1, L2: 2, L3: 30}), built({L1: 99, L2: 99, L3: 500})))
    found = observed(table)
    assert list(found["status"]) == ["low_reliability", "published"]
    assert found.loc[0, "value_note"].endswith("; few events and a wide interval")


def test_a_ward_without_a_row_is_a_row_not_available():
    found = observed(build_counts(small({L1: 1}), direct(**{L1: X}))).set_index("area_code")
    assert found.loc[Y, "status"] == "not_available"
    assert np.isnan(found.loc[Y, "value"])
    assert found.loc[Y, "value_note"] == "No small area has its best fit in this ward"


def test_withheld_figures_leave_nothing_behind():
    rows = small({L1: 1, L2: np.nan, L3: 5}, status=["published", "suppressed", "published"])
    table = rates(build_counts(rows, direct()), built({L1: 9, L2: 9, L3: 9}))
    found = observed(table).set_index("area_code").loc[X]
    assert found["status"] == "suppressed"
    assert found[["value", "count", "denominator", "lower_95"]].isna().all()


def test_wards_of_another_vintage_are_refused():
    table = built({L1: 1, L2: 9, L3: 5})
    with pytest.raises(GeographyError, match="not one of the 1"):
        as_ward_observations(table, indicator="a", names={"E05000026": "Abbey"}, period="2020")


# The real extracts.


@pytest.fixture(scope="module")
def areas(extracts, catalogue):
    return read_small_areas(extracts, catalogue=catalogue)


@pytest.fixture(scope="module")
def wards(extracts, catalogue):
    folder = extracts / "boundaries"
    names = {"2002": "wards_2013_lbbd.geojson", "2022": "wards_2022_lbbd.geojson"}
    return {
        vintage: read_wards(folder / name, vintage=vintage, catalogue=catalogue)
        for vintage, name in names.items()
    }


@pytest.fixture(scope="module", params=["2002", "2022"])
def lookup(request, areas, wards):
    return lookup_for(areas, wards, source_vintage="2011", ward_vintage=request.param)


@pytest.fixture(scope="module")
def raw_population(extracts):
    frame = pd.read_csv(extracts / "population" / "lsoa11_mid2020_london.csv")
    return frame[frame["LAD11CD"] == "E09000002"]


def test_population_by_ward_and_age_adds_up_to_the_borough(
    areas, lookup, raw_population, catalogue
):
    names = catalogue.wards(lookup.ward_vintage)
    table = build_counts(in_bands(areas.population), lookup, by=["year", "sex", "age"])
    assert len(table) == len(names) * 3 * 4
    of = {"Persons": "Persons", "Male": "Males", "Female": "Females"}
    columns = {
        "0-15 yrs": ["0-15"],
        "16-64 yrs": ["16-29", "30-44", "45-64"],
        "65+ yrs": ["65+"],
        "All ages": ["All-Ages"],
    }
    totals = pd.DataFrame(
        [
            (sex, age, raw_population[[f"{of[sex]}_{part}" for part in parts]].sum().sum())
            for sex in of
            for age, parts in columns.items()
        ],
        columns=["sex", "age", "count"],
    )
    assert totals.loc[totals["age"] == "All ages", "count"].to_list() == [214107, 106837, 107270]
    found = reconcile(table, totals, by=["sex", "age"], expected=names)
    found.check()
    assert found.agrees
    finer = in_bands(areas.population, bands=((16, 29), (30, 44), (45, 64)), total=False)
    finer = build_counts(finer[finer["sex"] == "Persons"], lookup, by=["age"])
    assert finer["count"].sum() == pytest.approx(39140 + 50508 + 46101)


def test_only_the_split_of_thames_is_estimated(lookup):
    """One LSOA of 2011 became four of 2021, in Barking Riverside and in Thames View."""
    expected = {"2002": set(), "2022": {"E05014055", "E05014068"}}
    assert lookup.estimated == expected[lookup.ward_vintage]


def test_average_rank_by_ward(areas, lookup, extracts, catalogue):
    ranks = areas.deprivation[areas.deprivation["measure"] == "imd_rank"]
    everybody = people(areas.population)
    table = weighted_mean(ranks, everybody, lookup, weights_are="residents, mid-2020")
    assert set(table["ward"]) == set(catalogue.wards(lookup.ward_vintage))
    assert table["value"].between(1, 32_844).all()
    # The wards' means, weighted by their people, are the borough's.
    both = ranks.merge(everybody[["lsoa", "count"]], on="lsoa")
    borough = (both["value"] * both["count"]).sum() / both["count"].sum()
    assert np.average(table["value"], weights=table["weight"]) == pytest.approx(borough)
    # One ward by hand, from the files.
    by_hand = {"2002": "E05000035", "2022": "E05014064"}[lookup.ward_vintage]
    lsoas = ["E01000066", "E01000067", "E01000068", "E01000069", "E01000070", "E01000071"]
    part = both[both["lsoa"].isin(lsoas)]
    expected = (part["value"] * part["count"]).sum() / part["count"].sum()
    assert table.set_index("ward")["value"][by_hand] == pytest.approx(expected)


def test_people_in_the_most_deprived_fifth_add_up(areas, lookup):
    everybody = people(areas.population)
    table = most_deprived(areas.deprivation, everybody, lookup)
    tenths = areas.deprivation[areas.deprivation["measure"] == "imd_decile"]
    lsoas = tenths.loc[tenths["value"] <= 2, "lsoa"]
    there = everybody.loc[everybody["lsoa"].isin(lsoas), "count"].sum()
    assert table["count"].sum() == pytest.approx(there)
    assert table["denominator"].sum() == pytest.approx(214107)
    assert table["value"].between(0, 100).all()


def test_the_old_wards_are_whole_and_the_new_ones_are_not(areas, lookup):
    fit = fit_of(lookup, people=population_of(people(areas.population), lookup))
    if lookup.ward_vintage == "2002":
        assert (fit["exact_share"] == 1).all()
        return
    shares = fit.set_index("ward")["exact_share"]
    assert shares.idxmax() == "E05014064"  # Longbridge
    assert shares.min() == 0  # none of the small areas of Abbey and Thames View is whole
    assert (shares == 0).sum() == 2


def test_best_fit_wards_are_from_078_to_147_of_the_true_ones(areas, wards):
    direct_lookup = lookup_from(areas.lookups, "2021", "2022")
    found = measured(direct_lookup, areas.boundaries["2021"], wards["2022"])
    ratio = fit_of(found)["size_ratio"]
    assert ratio.min() == pytest.approx(0.78, abs=0.01)
    assert ratio.max() == pytest.approx(1.47, abs=0.01)
    assert len(ratio) == 19


@pytest.fixture(scope="module")
def population(areas, lookup, catalogue):
    """People by ward, sex and age, as observations."""
    everybody = population_of(people(areas.population), lookup)
    table = build_counts(in_bands(areas.population), lookup, by=["sex", "age"], people=everybody)
    names = catalogue.wards(lookup.ward_vintage)
    return as_ward_observations(table, indicator="population", names=names, period="2020")


def test_the_populations_of_the_wards_are_observations(population, lookup, catalogue):
    names = catalogue.wards(lookup.ward_vintage)
    assert len(population) == len(names) * 12
    assert set(population["area_code"]) == set(names)
    assert set(population["status"]) == {"published"}
    assert set(population["age"]) == {"0-15 yrs", "16-64 yrs", "65+ yrs", "All ages"}
    everybody = population.query("sex == 'Persons' and age == 'All ages'")
    assert everybody["value"].sum() == pytest.approx(214107)
    estimated = population["value_note"].map(is_estimated)
    less_than_half = {"2002": set(), "2022": {"E05014053", "E05014065"}}[lookup.ward_vintage]
    assert set(population.loc[estimated, "area_code"]) == lookup.estimated | less_than_half
    assert set(population["source_file"]) == {"population/lsoa11_mid2020_london.csv"}


def test_longbridge_is_whole_and_so_is_every_old_ward(population, lookup):
    whole = "Sum of 6 small areas that lie wholly in the ward; 100% exact"
    assert set(population.query("area_name == 'Longbridge'")["value_note"]) == {whole}
    if lookup.ward_vintage == "2002":
        assert set(population["value_note"].str[-10:]) == {"100% exact"}
    else:
        assert sum(population["value_note"].str.endswith("100% exact")) == 12


def test_the_source_row_of_a_ward_is_that_of_its_first_small_area(population, lookup, extracts):
    lines = (extracts / "population" / "lsoa11_mid2020_london.csv").read_text("utf-8").splitlines()
    for row in population.drop_duplicates("area_code").itertuples():
        code = lines[row.source_row - 1].split(",")[0]
        small_areas = lookup.table.loc[lookup.table["ward"] == row.area_code, "small_area"]
        assert code in set(small_areas)


def test_the_ranks_of_the_wards_are_observations(areas, lookup, catalogue):
    ranks = areas.deprivation[areas.deprivation["measure"] == "imd_rank"]
    table = weighted_mean(
        ranks, people(areas.population), lookup, weights_are="all residents, mid-2020"
    )
    names = catalogue.wards(lookup.ward_vintage)
    rows = as_ward_observations(table, indicator="imd", names=names, period="2019")
    assert len(rows) == {"2002": 17, "2022": 19}[lookup.ward_vintage]
    assert rows["lower_95"].isna().all()
    assert rows["value_note"].str.endswith("; mean weighted by all residents, mid-2020").all()
    assert set(rows["source_file"]) == {"deprivation/imd2019_lsoa11_england.xlsx"}


def test_without_shapes_the_fit_is_not_known(areas):
    lookup = lookup_for(areas, {}, source_vintage="2021", ward_vintage="2022")
    assert len(lookup.wards) == 19
    assert fit_of(lookup)["exact_share"].isna().all()


@pytest.mark.parametrize(
    ("share", "words"), [(0.829, "82%"), (0.83, "83%"), (0.994, "99%"), (0.009, "0%"), (1, "100%")]
)
def test_an_exact_share_is_never_rounded_up(share, words):
    assert percent_exact(share) == words


def test_a_ward_that_is_missing_does_not_agree_though_the_sum_does():
    """A ward of nobody would leave the sum as it is."""
    found = reconcile(built({L1: 10, L2: 5, L3: 7}), 22, expected=[*NAMES, "E05019003"])
    assert found.table["agrees"].all()
    assert not found.agrees
    with pytest.raises(TableError, match="no figure for E05019003"):
        found.check()

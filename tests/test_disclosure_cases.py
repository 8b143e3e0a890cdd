"""Eighteen ways in which hiding small numbers alone gives them away; none works here.

Each test first does what a naive report does and works the count out from it.
"""

import dataclasses
import itertools
import json
import math
import random

import numpy as np
import pandas as pd
import pytest
from made_up_borough import RULES, indicator, made_up_catalogue
from small_tables import nhs, unsafe

from lbbd_jsna.catalogue import Source
from lbbd_jsna.disclosure import (
    Relation,
    ReleaseTable,
    attack,
    classify,
    crossed,
    in_order,
    protect_table,
    released_mean,
    released_rates,
)
from lbbd_jsna.errors import DisclosureError
from lbbd_jsna.statistics.intervals import wilson

CATALOGUE = made_up_catalogue(
    indicator("early-help", source="council-return", source_id="", unit="%"),
    indicator("hiv-tests", source="council-return", source_id="", unit="%"),
    indicator("job-posts", source="council-return", source_id="", counts_people=False),
    indicator("obesity"),
)


def table_of(counts, *relations, name="Early help", about="early-help", **marks):
    """Cells by name with their counts, and names of those that are public or unpublished."""
    cells = pd.DataFrame({"cell": list(counts), "count": list(counts.values())})
    cells["public"] = cells["cell"].isin(marks.get("public", ()))
    cells["published"] = ~cells["cell"].isin(marks.get("unpublished", ()))
    if "group" in marks:
        cells["group"] = cells["cell"].map(marks["group"])
    return ReleaseTable(name, about, cells, relations, marks.get("below", True))


def protected(table, previous=(), release="2026-27-Q3"):
    return protect_table(table, catalogue=CATALOGUE, release=release, previous=previous)


def shown_of(released):
    return dict(zip(released.frame["cell"], released.frame["shown"], strict=True))


def ranges(released, previous=()):
    rows = attack(released, previous=previous)
    return {r.cell: (r.low, 999 if math.isnan(r.high) else r.high) for r in rows.itertuples()}


def is_safe(ends):
    return not unsafe(set(range(int(ends[0]), int(min(ends[1], 50)) + 1)))


def naive(count):
    """Hide 1 to 7 and show the rest as it is."""
    return None if 1 <= count <= 7 else count


def by_ward(counts, public=()):
    frame = pd.DataFrame({"ward": list(counts), "count": list(counts.values())})
    cells, relations = crossed(frame, ["ward"], public=public)
    return ReleaseTable("Early help by ward", "early-help", cells, relations)


def test_1_one_hidden_ward_and_an_exact_total():
    counts = {"Abbey": 12, "Alibon": 20, "Beam": 3, "Heath": 15}
    told = {ward: naive(count) for ward, count in counts.items()}
    assert sum(counts.values()) - sum(n for n in told.values() if n is not None) == 3
    released = protected(by_ward(counts, public=["All"]))
    assert shown_of(released)["Beam"] == "[c]"
    assert is_safe(ranges(released)["Beam"])


def test_2_two_hidden_wards_and_two_people_left():
    counts = {"Abbey": 12, "Alibon": 20, "Beam": 1, "Heath": 15, "Marsh": 1}
    left = sum(counts.values()) - sum(n for n in counts.values() if naive(n) is not None)
    pairs = [p for p in itertools.product(range(1, 8), repeat=2) if sum(p) == left]
    assert pairs == [(1, 1)]
    released = protected(by_ward(counts, public=["All"]))
    assert all(is_safe(ranges(released)[ward]) for ward in ("Beam", "Marsh"))


def test_3_three_quarters_and_the_year():
    counts = {"Q1": 10, "Q2": 12, "Q3": 3, "Q4": 11, "Year": 36}
    assert 36 - sum(naive(counts[q]) or 0 for q in ("Q1", "Q2", "Q3", "Q4")) == 3
    quarters = Relation("Year", ("Q1", "Q2", "Q3", "Q4"))
    for public in ((), ("Year",)):
        released = protected(table_of(counts, quarters, public=public))
        assert shown_of(released)["Q3"] == "[c]"
        assert is_safe(ranges(released)["Q3"])


def test_4_the_year_to_date_less_the_one_before():
    assert naive(24) - naive(21) == 3
    first = protected(table_of({"To Q1": 21}, name="To Q1"), release="Q1")
    later = table_of({"To Q2": 24, "Q2": 3}, Relation("To Q2", ("To Q1", "Q2")), name="To Q2")
    released = protected(later, previous=[first.edition], release="Q2")
    assert shown_of(released)["Q2"] == "[c]"
    assert is_safe(ranges(released, previous=[first.edition])["Q2"])
    # Nobody prints the second quarter: it can still be worked out, so it is attacked too.
    later = table_of({"To Q2": 24}, Relation("To Q2", ("To Q1",), complete=False), name="To Q2")
    released = protected(later, previous=[first.edition], release="Q2")
    assert is_safe(ranges(released, previous=[first.edition])["To Q2 less To Q1 (1)"])


def test_5_rolling_three_year_pools_and_one_old_year():
    years = {"2020": 9, "2021": 14, "2022": 12, "2023": 4}
    pools = {"2020-22": 35, "2021-23": 30}
    assert pools["2021-23"] - pools["2020-22"] + years["2020"] == 4
    sums = [Relation("2020-22", ("2020", "2021", "2022")),
            Relation("2021-23", ("2021", "2022", "2023"))]  # fmt: skip
    marks = {"public": ["2020"], "unpublished": ["2021", "2022", "2023"]}
    released = protected(table_of(years | pools, *sums, **marks))
    assert set(shown_of(released)) == {"2020", "2020-22", "2021-23"}
    assert is_safe(ranges(released)["2023"])


def test_6_the_sliver_between_an_old_ward_and_a_new_one_of_its_name():
    old, new = 103, 100
    assert naive(old) - naive(new) == 3
    sliver = Relation("Abbey (2002)", ("Abbey (2022)",), complete=False)
    for public in ((), ("Abbey (2002)",)):
        released = protected(
            table_of({"Abbey (2002)": old, "Abbey (2022)": new}, sliver, public=public)
        )
        left = ranges(released)[f"{sliver.rest} (0)"]
        assert is_safe(left) and left[0] <= 3 <= left[1]


@pytest.mark.parametrize("public", [(), ("offered",)])
def test_7_those_offered_and_not_receiving(public):
    assert naive(120) - naive(117) == 3
    rest = Relation("offered", ("received",), complete=False)
    released = protected(table_of({"offered": 120, "received": 117}, rest, public=public))
    assert is_safe(ranges(released)["offered less received (0)"])


def test_8_a_rate_with_a_public_population():
    fits = [n for n in range(1, 8) if round(1e5 * n / 2987, 1) == 133.9]
    assert fits == [4]
    assert [n for n in range(1, 8) if round(100 * n / 812, 1) == 0.7] == [6]
    released = protected(table_of({"Abbey": 4, "Heath": 6, "Marsh": 13}))
    rates = released_rates(released, ["Abbey", "Heath", "Marsh"], [2987.0, 812.0, 812.0])
    assert list(rates["status"]) == ["suppressed", "suppressed", "published"]
    assert rates.loc[:1, ["count", "denominator", "value"]].isna().all(axis=None)
    # What a shown rate gives back is the rounded count and nothing nearer to the truth.
    assert round(rates.loc[2, "value"] * 812 / 100, 6) == 15


def test_9_limits_shown_beside_a_hidden_value():
    lower, upper = (round(100 * float(limit), 2) for limit in wilson_of(5, 812))
    fits = [n for n in range(1, 8)
            if tuple(round(100 * float(x), 2) for x in wilson_of(n, 812)) == (lower, upper)]
    assert fits == [5]
    released = protected(table_of({"Abbey": 5, "Heath": 13}))
    rates = released_rates(released, ["Abbey", "Heath"], [812.0, 812.0])
    shown = rates[rates["status"].eq("published")]
    assert list(shown["cell"]) == ["Heath"]
    limits = wilson_of(float(shown["count"].iloc[0]), 812)
    assert tuple(limits) == tuple(wilson_of(15, 812)) != tuple(wilson_of(13, 812))


def wilson_of(count, people):
    """Limits as shares."""
    found = wilson(pd.Series([float(count)]), pd.Series([float(people)]), confidence=0.95)
    return float(np.ravel(found.lower)[0]) / 100, float(np.ravel(found.upper)[0]) / 100


def test_10_and_16_nothing_that_leaves_the_gate_holds_a_true_count():
    """Bars, pages, downloads and notebooks have only this to draw from."""
    counts = {"Abbey": 4, "Beam": 1011, "Heath": 2019}
    assert "1011" in json.dumps(counts)
    released = protected(by_ward(counts))
    assert released.numbers == (1010, 2020, 3035)
    held = released.frame.to_csv() + repr(released) + json.dumps(dataclasses.asdict(released),
                                                                 default=str)  # fmt: skip
    for true in ("1011", "2019", "3034"):
        assert true not in held
    assert "count" not in released.frame


def test_11_released_again_after_a_late_return():
    assert naive(27) - naive(24) == 3
    first = protected(table_of({"Abbey": 24}), release="Q1")
    again = protected(table_of({"Abbey": 28}), release="Q1-revised", previous=[first.edition])
    assert (shown_of(first)["Abbey"], shown_of(again)["Abbey"]) == ("25", "25")
    assert is_safe(ranges(again, previous=[first.edition])["Abbey (Q1-revised)"])
    # So many more that the change is nobody's secret are shown.
    many = protected(table_of({"Abbey": 44}), release="Q1-revised", previous=[first.edition])
    assert shown_of(many)["Abbey"] == "45"
    assert is_safe(ranges(many, previous=[first.edition])["Abbey: change in Q1-revised"])


def test_12_hidden_rows_left_in_true_order():
    def told(frame):
        kept = frame.sort_values("count", ascending=False)
        return [(row.cell, naive(row.count_)) for row in
                kept.rename(columns={"count": "count_"}).itertuples()]

    one = {"Abbey": 2, "Beam": 40, "Heath": 6, "Marsh": 20}
    two = one | {"Abbey": 6, "Heath": 2}
    frames = [pd.DataFrame({"cell": list(c), "count": list(c.values())}) for c in (one, two)]
    assert told(frames[0]) != told(frames[1])
    released = [protected(by_ward(counts)).frame for counts in (one, two)]
    pd.testing.assert_frame_equal(*released)
    assert list(released[0]["cell"]) == ["All", "Beam", "Marsh", "Abbey", "Heath"]
    shuffled = released[0].sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(in_order(shuffled), released[0])


def test_13_none_of_nine_and_all_of_nine():
    counts, group = {"Boys": 0, "Girls": 9, "Women": 30}, {"Boys": 9, "Girls": 9, "Women": 30}
    assert (naive(0), naive(9)) == (0, 9)
    marks = {"about": "hiv-tests", "group": group, "below": False}
    assert shown_of(protected(table_of(counts, **marks))) == {
        "Boys": "[c]", "Girls": "[c]", "Women": "30",
    }  # fmt: skip
    with pytest.raises(DisclosureError, match="no table below the borough"):
        protected(table_of(counts, about="hiv-tests"))


def test_14_the_mean_of_three_people():
    waits = [4.0, 9.0, 30.0]
    assert sum(waits) - waits[0] - waits[1] == 30.0  # two of the three work the third out
    with pytest.raises(DisclosureError, match="too few people") as error:
        released_mean(waits, rules=RULES)
    assert not any(number in str(error.value) for number in ("30", "14.3"))
    assert released_mean([*waits, math.nan, 1, 2, 3, 4, 3], rules=RULES) == 7.0
    with pytest.raises(DisclosureError):
        released_mean([*waits, math.nan, 1, 2, 3, 4], rules=RULES)


def test_15_a_sentence_made_from_what_was_counted():
    counts = {"Abbey": 12, "Beam": 3}
    worst = min(counts, key=counts.get)
    assert f"{worst} has {counts[worst]}" == "Beam has 3"
    frame = protected(by_ward(counts)).frame
    said = " ".join(f"{row.cell} has {row.shown}." for row in frame.itertuples())
    assert said == "All has 15. Abbey has 10. Beam has [c]."
    assert not frame["reason"].str.contains(r"\d").any()


def test_17_rounded_parts_added_up():
    counts = dict.fromkeys(["Abbey", "Beam", "Heath", "Marsh"], 8)
    assert sum(int(nhs(n)) for n in counts.values()) == 40
    assert shown_of(protected(by_ward(counts))) == dict.fromkeys(counts, "10") | {"All": "30"}


def test_18_rounding_by_chance_drawn_again_and_again():
    chance = random.Random(1)
    drawn = [5 * (13 // 5) + 5 * (chance.random() < (13 % 5) / 5) for _ in range(4000)]
    assert round(sum(drawn) / len(drawn)) == 13
    counts = {"Abbey": 13, "Beam": 8, "Heath": 22}
    assert len({tuple(protected(by_ward(counts)).frame["shown"]) for _ in range(5)}) == 1


def test_every_indicator_is_classed_and_the_unclassed_refused():
    names = ["early-help", "job-posts", "obesity"]
    assert classify(names, catalogue=CATALOGUE) == {
        "early-help": "people", "job-posts": "not people", "obesity": "published",
    }  # fmt: skip
    odd = Source.model_construct(title="x", publisher="x", licence="x", kind="gossip",
                                 supplied="extract")  # fmt: skip
    strange = dataclasses.replace(CATALOGUE, sources=CATALOGUE.sources | {"fingertips": odd})
    with pytest.raises(DisclosureError) as error:
        classify([*names, "mystery"], catalogue=strange)
    assert [fault.where for fault in error.value.faults] == ["mystery", "obesity"]


def test_the_project_classes_all_it_has_and_knows_what_is_sensitive(catalogue):
    classes = classify(list(catalogue.indicators), catalogue=catalogue)
    assert set(classes.values()) == {"published", "people", "not people"}
    assert classes["early-help-on-time"] == "people"
    topics = {n: catalogue.disclosure.topic_of(i) for n, i in catalogue.indicators.items()}
    wanted = {
        "assessments-domestic-abuse": "domestic-abuse", "repeat-child-protection-plans":
        "child-protection", "hiv-late-diagnosis": "hiv", "self-harm-admissions": "self-harm",
        "stillbirths": "stillbirth", "early-help-on-time": "", "pupil-attendance": "",
    }  # fmt: skip
    assert {name: topics[name] for name in wanted} == wanted
    needed = ("domestic-abuse", "child-protection", "hiv", "self-harm", "stillbirth", "suicide",
              "abortion")  # fmt: skip
    assert set(needed) <= set(catalogue.disclosure.sensitive)


def test_unsigned_thresholds_say_so(catalogue):
    assert not catalogue.disclosure.signed_off.signed
    assert "not yet signed off" in catalogue.disclosure.note

"""What the last gate lets through, as observations; the naive cases are numbered."""

import math

import numpy as np
import pandas as pd
import pytest
from made_up_borough import NEIGHBOUR, OLD_WARDS, OWN
from made_up_returns import CATALOGUE, QUARTER, WARDS, number, observations, printed, row
from scipy.signal import fftconvolve
from small_tables import may_be, nhs, unsafe

from lbbd_jsna.disclosure import FIGURES, ROUNDED, WITHHELD, Ledger, attack, protect
from lbbd_jsna.errors import DisclosureError

NOTE = ROUNDED.format(5)


def gate(*rows, release="2026-27-Q1", ledger=None):
    return protect(observations(*rows), catalogue=CATALOGUE, release=release,
                   ledger=ledger or Ledger())  # fmt: skip


def borough(count, of, **said):
    return row(OWN, float(count), float(of), **said)


def by_ward(counts, of, **said):
    return [row(w, float(n), float(d), **said) for w, n, d in zip(WARDS, counts, of, strict=True)]


def ranges(protection, previous=()):
    """The project's own attack on all that was released."""
    found = pd.concat([attack(one, previous=previous) for one in protection.releases])
    return {r.cell: (r.low, 99 if math.isnan(r.high) else r.high) for r in found.itertuples()}


def is_safe(ends):
    return not unsafe(set(range(int(ends[0]), int(ends[1]) + 1)))


# What passes, what is hidden, what is rounded.


def test_published_figures_and_those_of_no_people_pass_as_they_are():
    rows = observations(
        row(OWN, 3.0, 5.0, name="obesity"), row(NEIGHBOUR, 4.0, 9.0, name="obesity"),
        row(WARDS[0], 2.0, 7.0, name="places"),
    )  # fmt: skip
    protection = protect(rows, catalogue=CATALOGUE, release="R")
    pd.testing.assert_frame_equal(protection.observations, rows)
    assert (protection.notes, protection.releases, len(protection.cells)) == ((), (), 0)


def test_a_figure_nobody_has_classed_is_refused():
    with pytest.raises(DisclosureError, match="no class") as error:
        gate(row(OWN, 50.0, 100.0, name="mystery"), row(OWN, 50.0, 100.0, name="riddle"))
    assert [fault.where for fault in error.value.faults] == ["mystery", "riddle"]


def test_shown_figures_are_rounded_and_worked_out_from_rounded_counts():
    shown = gate(borough(423, 3421, value_note="Provisional.")).observations.iloc[0]
    assert (shown["count"], shown["denominator"]) == (425, 3420)
    assert shown["value"] == 100 * 425 / 3420
    assert shown["value_note"] == f"Provisional; {NOTE}"
    assert shown[FIGURES[1:5]].isna().all()


@pytest.mark.parametrize(
    ("count", "of", "hidden"),
    [(7, 100, True), (8, 100, False), (1, 100, True), (0, 100, False), (93, 100, False),
     (100, 100, False), (3, 6, True), (0, 6, True), (0, 0, False)],
)  # fmt: skip
def test_few_people_counted_or_counted_of_hide_a_row(count, of, hidden):
    shown = gate(borough(count, of)).observations.iloc[0]
    assert shown["status"] == ("suppressed" if hidden else "published")
    assert shown[FIGURES].isna().all() == hidden
    assert shown["value_note"] == (WITHHELD if hidden else NOTE if of else "")
    if not hidden:
        assert shown["count"] == (0 if count == 0 else int(nhs(count)))


def test_none_and_all_of_a_group():
    shown = gate(*by_ward((0, 9, 20), (9, 9, 40)), borough(29, 58)).observations
    assert list(shown["value"]) == [0, 100, 50, 50]
    assert list(shown["count"]) == [0, 10, 20, 30]


def test_other_units_are_worked_out_with_their_own_multiplier():
    rate = row(OWN, 42.0, 2987.0, name="helped-per-thousand", value=14.1)
    shown = gate(rate, number(33)).observations
    assert list(shown["value"]) == [1000 * 40 / 2985, 35]
    assert shown["count"][0] == 40 and math.isnan(shown["count"][1])


def test_blanks_stay_blank():
    blank = row(WARDS[0], status="suppressed", value_note="the service says [c]")
    protection = gate(blank, *by_ward((12, 13, 14), (30, 31, 32))[1:], borough(41, 95))
    shown = protection.observations.set_index("area_code").loc[WARDS[0]]
    assert shown[FIGURES].isna().all()
    assert (shown["status"], shown["value_note"]) == ("suppressed", "the service says [c]")
    # What the service withheld can be worked out from the borough: it is attacked.
    left = [e for cell, e in ranges(protection).items() if f"{OWN} " in cell and "less" in cell]
    assert left and all(map(is_safe, left))


def test_figures_without_counts_pass_for_the_borough_alone():
    rows = [row(area, value=12.5) for area in (OWN, WARDS[0])]
    rows += [row(area, 30.0, value=9.5, name="mean-wait") for area in (OWN, WARDS[0])]
    rows += [row(OWN, 30.0, value=9.5, name="mean-wait", period="2025/26 Q4")]
    rows += [row(OWN, 3.0, value=9.5, name="mean-wait", period="2025/26 Q3")]
    protection = gate(*rows)
    shown = protection.observations
    assert set(shown["area_code"]) == {OWN}
    assert list(shown["value"].fillna(-1)) == [12.5, 9.5, 9.5, -1]
    assert shown[["count", "denominator"]].isna().all(axis=None)
    assert [note for note in protection.notes if "came without the counts" in note] == [
        f"{name}: figures below the borough are left out, since they came without the counts that "
        f"they are worked out from ({QUARTER})" for name in ("early-help", "mean-wait")
    ]  # fmt: skip


def test_sensitive_topics_have_no_wards_and_hide_none_and_all():
    said = {"name": "hiv-tests"}
    rows = [*by_ward((20, 30, 40), (50, 60, 70), **said), borough(90, 180, **said)]
    rows += [borough(0, 60, period="2025/26 Q4", **said)]
    rows += [borough(20, 20, period="2025/26 Q3", **said)]
    rows += [borough(22, 22, period="2025/26 Q2", **said)]
    protection = gate(*rows)
    assert set(protection.observations["area_code"]) == {OWN}
    assert list(protection.observations["status"]) == [
        "published", "suppressed", "suppressed", "published",
    ]  # fmt: skip
    assert "hiv-tests: no figures below the borough are published on hiv" in protection.notes


def test_counts_that_count_nobody_are_all_refused_at_once():
    with pytest.raises(DisclosureError) as error:
        gate(borough(41.5, 95), row(WARDS[0], 20.0, 30.25, source_row=9))
    assert [fault.where for fault in error.value.faults] == ["early-help.csv, row 2",
                                                             "early-help.csv, row 9"]  # fmt: skip
    assert not any(true in str(error.value) for true in ("41.5", "30.25"))


# The naive cases, each first as a naive report would have it.


def test_1_and_2_hidden_wards_and_the_borough():
    for counts in ((12, 3, 15), (1, 20, 1)):
        protection = gate(*by_ward(counts, (60, 60, 60)), borough(sum(counts), 180))
        shown = printed(protection, "count")
        small = [w for w, n in zip(WARDS, counts, strict=True) if n < 8]
        assert all(shown[ward, QUARTER] == "[c]" for ward in small)
        left = ranges(protection)
        assert all(is_safe(ends) for ends in left.values()) and left


def test_3_three_quarters_and_the_year():
    counts = {"Q1": 10, "Q2": 12, "Q3": 3, "Q4": 11}
    assert 36 - sum(n for n in counts.values() if n > 7) == 3
    rows = [number(n, period=f"2025/26 {q}") for q, n in counts.items()]
    protection = gate(*rows, number(36, period="2025/26"))
    assert printed(protection)[OWN, "2025/26 Q3"] == "[c]"
    (released,) = protection.releases
    assert released.name == "children-helped: 2025/26 Q1 to 2025/26 Q4"
    assert all(map(is_safe, ranges(protection).values()))
    # Without the quarter itself, it is what the other three leave.
    others = [r for r in rows if r["period"] != "2025/26 Q3"]
    protection = gate(*others, number(36, period="2025/26"))
    (unpublished,) = [c for c in ranges(protection) if "2025-10-01 to 2025-12-31" in c]
    assert is_safe(ranges(protection)[unpublished])


def test_4_the_year_to_date_less_the_one_before(tmp_path):
    path = tmp_path / "ledger.jsonl"
    first = gate(number(21, period="2026/27 Q1"))
    ledger = Ledger().record_all(first.releases, path)
    to_q2 = number(24, period="2026/27 Q1 - 2026/27 Q2")
    second = gate(number(21, period="2026/27 Q1"), to_q2, release="2026-27-Q2", ledger=ledger)
    assert set(printed(second).values()) == {"20", "25"}
    left = ranges(second, ledger.editions)
    (piece,) = [cell for cell in left if "2026-07-01 to 2026-09-30" in cell]
    assert is_safe(left[piece]) and left[piece][0] <= 3 <= left[piece][1]
    # Only the year to date of the second report: the first one is in the ledger all the same.
    alone = gate(to_q2, number(21, period="2026/27 Q1"), release="2026-27-Q2", ledger=ledger)
    assert printed(alone) == printed(second)


def test_5_rolling_pools_and_one_old_year():
    pools = {"2020/21": 9, "2020/21 - 22/23": 35, "2021/22 - 23/24": 30}
    assert 30 - 35 + 9 == 4
    protection = gate(*(number(n, period=p) for p, n in pools.items()))
    left = ranges(protection)
    (piece,) = [cell for cell in left if "2023-04-01 to 2024-03-31" in cell]
    assert is_safe(left[piece]) and left[piece][0] <= 4 <= left[piece][1]


def test_6_old_wards_are_not_shown_beside_new_ones(tmp_path):
    old, new = next(iter(OLD_WARDS)), WARDS[0]
    rows = [row(old, 103.0, 300.0), row(new, 100.0, 290.0)]
    protection = gate(*rows)
    assert list(protection.observations["area_code"]) == [new]
    (note, *_) = protection.notes
    assert note.startswith("early-help: ward figures on other boundaries") and QUARTER in note
    # Where the old ones are out already, the new ones may not follow.
    first = gate(rows[0])
    ledger = Ledger().record_all(first.releases, tmp_path / "ledger.jsonl")
    again = gate(*rows, release="2026-27-Q2", ledger=ledger)
    assert list(again.observations["area_code"]) == [old]


def test_7_those_offered_and_not_receiving():
    protection = gate(borough(117, 120))
    shown = protection.observations.iloc[0]
    assert (shown["count"], shown["denominator"]) == (115, 120)
    (rest,) = ranges(protection).values()
    assert is_safe(rest) and rest[0] <= 3 <= rest[1]


def test_a_named_group_within_everybody_is_attacked():
    protection = gate(borough(30, 60), borough(27, 55, name="send-early-help"))
    assert [one.indicator for one in protection.releases] == ["early-help", "send-early-help"]
    left = ranges(protection, [protection.releases[0].edition])
    others = [ends for cell, ends in left.items() if cell.startswith("early-help | ")
              and "less send" in cell]  # fmt: skip
    assert len(others) == 2 and all(map(is_safe, others))


def test_11_released_again_after_a_late_return(tmp_path):
    path = tmp_path / "ledger.jsonl"
    assert 27 - 24 == 3
    first = gate(number(24))
    ledger = Ledger().record_all(first.releases, path)
    few = gate(number(28), ledger=ledger)
    assert printed(few) == printed(first) == {(OWN, QUARTER): "25"}
    many = gate(number(44), ledger=ledger)
    assert printed(many) == {(OWN, QUARTER): "45"}
    assert [one.edition.release for one in many.releases] == ["2026-27-Q1 revised 1"]
    ledger = ledger.record_all(many.releases, path)
    # What stands in the ledger comes out again as it was, the first figures too.
    for count, shown in ((24, "25"), (44, "45")):
        again = gate(number(count), ledger=ledger)
        assert printed(again)[OWN, QUARTER] == shown and again.releases == ()
    third = gate(number(66), ledger=ledger)
    assert [one.edition.release for one in third.releases] == ["2026-27-Q1 revised 2"]


def test_an_older_quarter_can_be_made_again(tmp_path):
    path = tmp_path / "ledger.jsonl"
    first = gate(number(24), number(3, period="2025/26 Q4"))
    ledger = Ledger().record_all(first.releases, path)
    rows = [number(44), number(3, period="2025/26 Q4"), number(30, period="2026/27 Q2")]
    later = gate(*rows, release="2026-27-Q2", ledger=ledger)
    # What is out just so is not recorded again.
    assert sorted(one.name for one in later.releases) == [
        "children-helped: 2026/27 Q1", "children-helped: 2026/27 Q2",
    ]  # fmt: skip
    ledger = ledger.record_all(later.releases, path)
    again = gate(number(24), number(3, period="2025/26 Q4"), ledger=ledger)
    pd.testing.assert_frame_equal(again.observations, first.observations)
    assert again.releases == ()


def test_12_rows_stay_in_the_order_given_and_order_changes_nothing():
    rows = [*by_ward((2, 40, 6), (60, 60, 60)), borough(48, 180)]
    rows += [borough(3, 70, period="2025/26 Q4")]
    one = gate(*rows)
    two = protect(observations(*rows[::-1]), catalogue=CATALOGUE, release="2026-27-Q1")
    pd.testing.assert_frame_equal(
        one.observations, two.observations[::-1].reset_index(drop=True)
    )
    assert one.notes == two.notes
    assert [r.edition for r in one.releases] == [r.edition for r in two.releases]
    assert list(one.observations["area_code"]) == [r["area_code"] for r in rows]


def test_15_notes_errors_and_reprs_hold_no_true_count():
    rows = [*by_ward((1011, 4, 2019), (4001, 4004, 4009)), borough(3034, 12014)]
    protection = gate(*rows)
    said = " ".join(protection.notes) + repr(protection) + protection.observations.to_csv()
    said += " ".join(repr(one.edition) + repr(one) for one in protection.releases)
    for true in ("1011", "2019", "3034", "4001", "4004", "4009", "12014"):
        assert true not in said
        assert true in protection.cells.to_csv()
    assert not any(word in " ".join(protection.notes) for word in ("E05", " 3 "))


def test_17_totals_are_rounded_by_themselves():
    shown = printed(gate(*by_ward((8, 8, 8), (20, 20, 20)), borough(24, 60)), "count")
    assert shown == {**{(w, QUARTER): "10" for w in WARDS}, (OWN, QUARTER): "25"}


def test_18_nothing_is_left_to_chance():
    rows = [*by_ward((3, 13, 22), (30, 41, 52)), borough(38, 123)]
    looks = [gate(*rows) for _ in range(3)]
    for look in looks[1:]:
        pd.testing.assert_frame_equal(look.observations, looks[0].observations)
        assert [r.edition for r in look.releases] == [r.edition for r in looks[0].releases]


# Sexes, ages, categories, and tables that nothing makes safe.


def test_sexes_ages_and_categories_cannot_be_subtracted():
    parts = [
        ({"sex": "Female"}, 3), ({"sex": "Male"}, 30),
        ({"age": "0-4 yrs"}, 4), ({"age": "5+ yrs"}, 29),
        ({"category_type": "Need", "category": "New"}, 2),
        ({"category_type": "Need", "category": "Known"}, 31),
    ]  # fmt: skip
    protection = gate(number(33), *(number(n, **said) for said, n in parts))
    (released,) = protection.releases
    assert len(released.edition.relations) == 3 and all(
        relation.complete for relation in released.edition.relations
    )
    shown = list(protection.observations["value"].fillna(-1))
    assert [shown[i] for i in (1, 3, 5)] == [-1, -1, -1]
    assert all(map(is_safe, ranges(protection).values()))


def test_ages_that_leave_some_out_leave_a_rest():
    protection = gate(number(40), number(34, age="Under 18"))
    (rest,) = [e for cell, e in ranges(protection).items() if "| 18 to 199 |" in cell]
    assert is_safe(rest) and rest[0] <= 6 <= rest[1]


def test_people_of_no_ward_are_attacked():
    protection = gate(*by_ward((20, 30, 40), (50, 60, 70)), borough(93, 184))
    rests = [e for cell, e in ranges(protection).items() if f"{OWN} " in cell and "E0501" in cell]
    assert len(rests) == 2 and all(map(is_safe, rests))


def test_a_series_that_does_not_add_up_over_time_is_not_taken_to():
    rows = [number(n, period=f"2025/26 {q}") for q, n in (("Q1", 30), ("Q2", 31), ("Q3", 32))]
    protection = gate(*rows, number(45, period="2025/26"))
    assert set(printed(protection).values()) == {"30", "45"}
    sums = [relation for one in protection.releases for relation in one.edition.relations]
    assert sums and all(len(r.parts) == 1 and not r.complete for r in sums)


def test_wards_that_nothing_makes_safe_are_left_out_with_a_note(tmp_path):
    """The wards are out exactly as they were; now the borough's total would give one away."""
    path = tmp_path / "ledger.jsonl"
    zeros = [number(n, area=w) for w, n in zip(WARDS, (0, 3, 0), strict=True)]
    first = gate(*zeros)
    assert printed(first)[WARDS[1], QUARTER] == "[c]"
    ledger = Ledger().record_all(first.releases, path)
    both = gate(*zeros, number(3), release="2026-27-Q2", ledger=ledger)
    left = ranges(both, ledger.editions) if both.releases else {}
    assert all(map(is_safe, left.values()))
    assert printed(both)[OWN, QUARTER] == "[c]"


# An attack that shares no code with the one that protects.


def pairs_of(true, shown, *, most=70):
    """Every count and denominator that a row may stand for, told which of them are small."""
    n = {k for k in may_be(shown[0], true[0]) if k < most or shown[0] != "[c]"}
    d = {k for k in may_be(shown[1], true[1]) if k < most or shown[1] != "[c]"}
    grid = np.zeros((max(n) + 1, max(d) + 1), bool)
    for count in n:
        for of in d:
            grid[count, of] = count <= of
    return grid


def rests_left(grids, total):
    """The counts, and those outside them, left for each ward, the sums being the borough's."""
    found = []
    for place, grid in enumerate(grids):
        others = np.ones((1, 1), bool)
        for number_, other in enumerate(grids):
            if number_ != place:
                others = fftconvolve(others.astype(float), other.astype(float)) > 0.5
        left = set()
        for n, d in np.argwhere(grid):
            block = total[n : n + others.shape[0], d : d + others.shape[1]]
            if (block & others[: block.shape[0], : block.shape[1]]).any():
                left.add((int(n), int(d)))
        found.append(left)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_small_tables_stand_an_attack_by_trying_everything(seed):
    random = np.random.default_rng(seed)
    of = random.poisson(random.gamma(2, 9, size=3)) + 1
    counts = random.binomial(of, random.uniform(0.1, 0.9, size=3))
    protection = gate(*by_ward(counts, of), borough(counts.sum(), of.sum()))
    rows = protection.observations.set_index("area_code")
    shown = {
        area: ("[c]",) * 2 if rows.loc[area, "status"] == "suppressed"
        else tuple(f"{rows.loc[area, c]:.0f}" for c in ("count", "denominator"))
        for area in rows.index
    }  # fmt: skip
    true = list(zip(counts.tolist(), of.tolist(), strict=True))
    grids = [pairs_of(t, shown[w]) for t, w in zip(true, WARDS, strict=True) if w in shown]
    if len(grids) < 3:
        assert any("left out" in note for note in protection.notes)
        return
    total = pairs_of((counts.sum(), of.sum()), shown[OWN], most=200)
    for pair, left, ward in zip(true, rests_left(grids, total), WARDS, strict=True):
        assert pair in left
        if shown[ward][0] == "[c]" and pair[0] in range(1, 8):
            assert not unsafe({n for n, _ in left}), ward
        if pair[1] - pair[0] in range(1, 8):
            assert not unsafe({d - n for n, d in left}), ward


def test_the_attack_sees_through_a_naive_report():
    """So that the silence above means something."""
    true = [(3, 30), (12, 40), (15, 50)]
    exact = [pairs_of((3, 30), ("[c]", "30"))]
    for n, d in [*true[1:], (30, 120)]:
        grid = np.zeros((n + 1, d + 1), bool)
        grid[n, d] = True
        exact.append(grid)
    left = rests_left(exact[:3], exact[3])
    assert left[0] == {(3, 30)}

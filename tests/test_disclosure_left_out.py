"""Tables that nothing makes safe, wards without anybody, and people of no ward."""

import pytest
from made_up_borough import OWN
from made_up_returns import CATALOGUE, QUARTER, WARDS, number, observations, printed, row

from lbbd_jsna.disclosure import FIGURES, WITHHELD, Ledger, attack, protect


def in_turn(path, *releases):
    """Each release with everything before it in the ledger; what the last one says."""
    ledger = Ledger()
    for place, rows in enumerate(releases, start=1):
        out = protect(observations(*rows), catalogue=CATALOGUE, release=f"2026-27-Q{place}",
                      ledger=ledger)  # fmt: skip
        ledger = ledger.record_all(out.releases, path)
    return out, ledger


def test_wards_are_left_out_where_what_is_out_already_would_give_them_away(tmp_path):
    """Three wards of 1 to 7, then the borough, 1 to 7 too: side by side each ward is 1 to 5."""
    wards = [number(1, area=ward) for ward in WARDS]
    together = [*wards, number(3), *(number(20, area=w, period="2026/27 Q2") for w in WARDS)]
    out, ledger = in_turn(tmp_path / "ledger.jsonl", wards, [number(3)], together)
    rows = out.observations
    assert sorted(zip(rows["area_code"], rows["period"], strict=True)) == sorted(
        [(OWN, QUARTER), *((ward, "2026/27 Q2") for ward in WARDS)]
    )
    own = rows[rows["period"].eq(QUARTER)].iloc[0]
    assert own["status"] == "suppressed" and own[FIGURES].isna().all()
    (note,) = [note for note in out.notes if "any table of them" in note]
    assert note == (
        "children-helped: figures below the borough are left out, since a small number could be "
        f"worked out from any table of them ({QUARTER})"
    )
    # The check of finished pages still knows what was left out, and that nothing stands for it.
    gone = out.cells[out.cells["area_code"].isin(WARDS) & out.cells["period"].eq(QUARTER)]
    assert list(gone["count"]) == [1, 1, 1] and set(gone["row"]) == {-1}
    assert gone["released_count"].isna().all()
    # Nothing ties the wards to their borough in the ledger.
    assert [one for e in ledger.editions for one in e.relations if one.whole.startswith(
        f"children-helped | {OWN} | Persons | All ages | {QUARTER}")] == []  # fmt: skip


def test_figures_of_the_borough_are_withheld_where_nothing_makes_them_safe(tmp_path):
    quarters = [number(n, period=f"2025/26 Q{q}") for q, n in enumerate((1, 1, 1, 0), start=1)]
    year = number(3, period="2025/26")
    out, _ = in_turn(tmp_path / "ledger.jsonl", quarters, [year], [*quarters, year])
    assert set(printed(out).values()) == {"[c]"} and len(out.observations) == 5
    assert set(out.observations["value_note"]) == {WITHHELD}
    assert any("figures of whole areas are withheld" in note for note in out.notes)


def test_a_ward_of_nobody_stays_without_a_figure_and_is_no_ward_of_none():
    wards = [row(WARDS[0], 0.0, 0.0, status="not_applicable"), row(WARDS[1], 0.0, 20.0),
             row(WARDS[2], 12.0, 30.0), row(OWN, 12.0, 50.0)]  # fmt: skip
    out = protect(observations(*wards), catalogue=CATALOGUE, release="2026-27-Q1")
    nobody, none, some, borough = out.observations.itertuples()
    assert nobody.status == "not_applicable" and nobody.value != nobody.value
    assert nobody.value_note == ""
    assert (none.status, none.value) == ("published", 0)
    assert some.value == pytest.approx(100 * 10 / 30)
    assert borough.value == pytest.approx(100 * 10 / 50)


def test_a_ward_of_nobody_tells_nothing_of_a_small_one():
    """With nobody in the first ward and none of the second, the third is the borough."""
    wards = [row(WARDS[0], 0.0, 0.0, status="not_applicable"), row(WARDS[1], 0.0, 20.0),
             row(WARDS[2], 3.0, 30.0), row(OWN, 3.0, 50.0)]  # fmt: skip
    out = protect(observations(*wards), catalogue=CATALOGUE, release="2026-27-Q1")
    assert list(out.observations["status"]) == [
        "not_applicable", "published", "suppressed", "suppressed",
    ]  # fmt: skip
    for one in out.releases:
        for found in attack(one).itertuples():
            if f" | {WARDS[2]} | " in found.cell and found.cell.endswith("counted"):
                assert (found.low, found.high) == (1, 7)


@pytest.mark.parametrize("others", [0, 2, 5, 30])
def test_wards_may_come_to_less_than_their_borough(others):
    """People whose ward nobody knows are people too, be they none, few or many."""
    counts = (15, 4, 22)
    rows = [number(n, area=ward) for ward, n in zip(WARDS, counts, strict=True)]
    out = protect(observations(*rows, number(sum(counts) + others)), catalogue=CATALOGUE,
                  release="2026-27-Q1")  # fmt: skip
    (released,) = out.releases
    (relation,) = released.edition.relations
    assert relation.complete == (others == 0)
    shown = printed(out)
    assert shown[WARDS[1], QUARTER] == "[c]"
    left = {one.cell: (one.low, one.high) for one in attack(released).itertuples()}
    (hidden,) = [ends for cell, ends in left.items() if cell.split(" | ")[1] == WARDS[1]]
    assert hidden[0] <= 4 <= hidden[1] and hidden[1] - hidden[0] >= 2 and hidden[1] > 5
    rests = [ends for cell, ends in left.items() if "less" in cell]
    assert len(rests) == (others > 0)
    assert all(low <= others and not (low >= 1 and high <= 5) for low, high in rests)

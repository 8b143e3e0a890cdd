"""Four quarters with late returns, as observations: nothing can be differenced (criterion 5)."""

import pytest
from made_up_borough import OWN
from made_up_returns import CATALOGUE, number, observations, printed
from small_tables import unsafe
from test_ledger import WARDS as PLACES
from test_ledger import YearAttack, a_year

from lbbd_jsna.disclosure import Ledger, protect


def year_rows(counts, quarter):
    """Wards and the borough, every quarter so far and the year to date, as counts of people."""
    codes = {"All": OWN} | {name: f"E0501900{i}" for i, name in enumerate(PLACES, start=1)}
    rows = []
    for cell, count in counts.items():
        when, place = cell.split(" | ")
        span = f"2026/27 {when}"
        if when.startswith("To "):
            span = f"2026/27 Q1 - 2026/27 Q{quarter}" if quarter > 1 else ""
        if span:
            kind = "borough" if place == "All" else "ward"
            rows.append(number(count, period=span, area=codes[place], area_type=kind))
    return rows


def looks_of(protection, quarter):
    """What is printed of each cell of the year, and which are withheld whatever their size."""
    names = {OWN: "All"} | {f"E0501900{i}": name for i, name in enumerate(PLACES, start=1)}
    kinds = {cell: known.kind for one in protection.releases
             for cell, known in one.edition.known.items()}  # fmt: skip
    shown, withdrawn = {}, set()
    for (area, period), said in printed(protection).items():
        when = f"To Q{quarter}" if " - " in period else period[-2:]
        shown[f"{when} | {names[area]}"] = said
        if any(k == "withdrawn" and f" | {area} " in c and f" | {period} (" in c
               for c, k in kinds.items()):  # fmt: skip
            withdrawn.add(f"{when} | {names[area]}")
    if quarter == 1:  # the year to date is the quarter
        shown |= {f"To {cell}": said for cell, said in shown.items()}
    return shown, withdrawn


def protected_year(seed, path):
    """Four releases: the counts, what is printed of them, and what is withheld at any size."""
    ledger, year, shown, loose = Ledger(), a_year(seed), [], set()
    for quarter, (counts, _) in enumerate(year, start=1):
        rows = observations(*year_rows(counts, quarter))
        out = protect(rows, catalogue=CATALOGUE, release=f"2026-27-Q{quarter}", ledger=ledger)
        ledger = ledger.record_all(out.releases, path)
        look, withdrawn = looks_of(out, quarter)
        shown.append(look)
        loose |= {(quarter - 1, cell) for cell in withdrawn}
    return year, shown, loose, out.notes


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 5, 6, 8, 9])
def test_four_quarters_with_late_returns_give_no_hidden_count_away(seed, tmp_path):
    """A reader knows that late returns only add; an insider also which counts they left alone.

    An insider is kept from every hidden count, and from how many came late. That is tried for
    these years, and not proved: supposed are the fewest changes that explain what was released,
    and an insider may know of as few others.
    """
    year, shown, loose, _ = protected_year(seed, tmp_path / "ledger.jsonl")
    assert all(look.keys() == counts.keys() for look, (counts, _) in zip(shown, year, strict=True))
    attacker = YearAttack(year, shown, loose)
    hidden = [(k, cell) for k, look in enumerate(shown) for cell, said in look.items()
              if said == "[c]"]  # fmt: skip
    assert len(hidden) > 10
    assert [name for name in hidden if unsafe(attacker.values_of(name))] == []
    late = [(k, c, "grew") for k in range(1, 4) for c, n in year[k - 1][0].items()
            if year[k][0].get(c, n) != n]  # fmt: skip
    assert late
    found = {name: attacker.values_of(name) for name in late}
    assert [n for n, v in found.items() if unsafe(v) and any(1 <= x <= 7 for x in v)] == []


def test_where_earlier_releases_leave_no_safe_table_the_wards_are_left_out(tmp_path):
    year, shown, _, notes = protected_year(7, tmp_path / "ledger.jsonl")
    kept = [look.keys() == counts.keys() for look, (counts, _) in zip(shown, year, strict=True)]
    assert kept[0] and not kept[-1]
    assert {cell.split(" | ")[1] for cell in shown[-1]} == {"All"}
    assert any("could be worked out from any table of them" in note for note in notes)

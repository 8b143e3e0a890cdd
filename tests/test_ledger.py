"""What was released stays released: later quarters and revisions cannot undo it."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest
from made_up_borough import indicator, made_up_catalogue
from scipy.optimize import Bounds, LinearConstraint, milp
from small_tables import may_be, unsafe

from lbbd_jsna.disclosure import Ledger, Relation, ReleaseTable, attack, protect_table
from lbbd_jsna.errors import DisclosureError

CATALOGUE = made_up_catalogue(
    indicator("early-help", source="council-return", source_id="", unit="%")
)
WARDS = ("Abbey", "Beam", "Heath", "Marsh", "Quay", "Vale")
TABLE = "Early help by ward and quarter"


def counts_to(quarter, inner):
    """Wards of every quarter so far, borough totals, and wards for the year to date."""
    counts, relations = {}, []
    quarters = [f"Q{q}" for q in range(1, quarter + 1)]
    for q in quarters:
        for ward in WARDS:
            counts[f"{q} | {ward}"] = inner[q, ward]
        counts[f"{q} | All"] = sum(inner[q, ward] for ward in WARDS)
        relations.append((f"{q} | All", [f"{q} | {ward}" for ward in WARDS]))
    for place in (*WARDS, "All"):
        whole = f"To {quarters[-1]} | {place}"
        counts[whole] = sum(counts[f"{q} | {place}"] for q in quarters)
        relations.append((whole, [f"{q} | {place}" for q in quarters]))
    whole = f"To {quarters[-1]} | All"
    relations.append((whole, [f"To {quarters[-1]} | {ward}" for ward in WARDS]))
    return counts, relations


def a_year(seed):
    """Four releases; in each, a few cases of earlier quarters come in late."""
    random = np.random.default_rng(seed)
    means, inner, year = random.gamma(1.5, 8, size=len(WARDS)), {}, []
    for quarter in range(1, 5):
        for earlier in range(1, quarter):
            ward = WARDS[random.integers(len(WARDS))]
            inner[f"Q{earlier}", ward] += int(random.integers(1, 5))
        for mean, ward in zip(means, WARDS, strict=True):
            inner[f"Q{quarter}", ward] = int(random.poisson(mean))
        year.append(counts_to(quarter, inner))
    return year


def release(counts, relations, ledger, name, revised=None):
    cells = pd.DataFrame({"cell": list(counts), "count": list(counts.values())})
    sums = tuple(Relation(whole, tuple(parts)) for whole, parts in relations)
    table = ReleaseTable(TABLE, "early-help", cells, sums, revised=revised)
    return protect_table(table, catalogue=CATALOGUE, release=name, previous=ledger.editions)


def released_year(year, path):
    ledger, outs, before = Ledger.read(path), [], {}
    for number, (counts, relations) in enumerate(year, start=1):
        revised = tuple(cell for cell in before if counts.get(cell, before[cell]) != before[cell])
        before = counts
        released = release(counts, relations, ledger, f"2026-27-Q{number}", revised)
        ledger = ledger.record(released, path)
        outs.append(released)
    return outs


class YearAttack:
    """Every release at once, by someone who also knows which counts were not revised.

    Written with an unknown for every cell of every release; the amounts by which counts grew
    between two releases are attacked as well.
    """

    def __init__(self, year, shown, loose=()):
        self.place, self.sets, self.rows = {}, [], []
        first = {}
        for number, (counts, relations) in enumerate(year):
            for cell, true in counts.items():
                said = shown[number][cell]
                old = first.setdefault(cell, (said, true))
                # The same figure again may be the first one, left as it was.
                kept = old[0] == said and true not in may_be(said, old[1])
                free = kept or (number, cell) in loose
                self._add((number, cell), range(999) if free else may_be(said, true))
                first[cell] = old if kept else (said, true)
            for whole, parts in relations:
                self._row((number, whole), [(number, part) for part in parts])
        for number in range(1, len(year)):
            before, now = year[number - 1][0], year[number][0]
            for cell in set(before) & set(now):
                grew = (number, cell, "grew")
                self._add(grew, {0} if before[cell] == now[cell] else range(999))
                self._row((number, cell), [(number - 1, cell), grew])

    def _add(self, name, values):
        self.place[name] = len(self.sets)
        self.sets.append(sorted(values))

    def _row(self, whole, parts):
        self.rows.append([self.place[whole], *(self.place[p] for p in parts)])

    def values_of(self, name):
        """Values found for an unknown: both ends, and those between if they are few."""
        low, high = self._end(name, 1), self._end(name, -1)
        if low is None or high - low > 12:
            return None if low is None else set(range(low, high + 1))
        return {n for n in range(low, high + 1) if self._end(name, 1, only=n) is not None}

    def _end(self, name, sign, only=None):
        n = len(self.sets)
        low = np.array([s[0] for s in self.sets], float)
        high = np.array([s[-1] for s in self.sets], float)
        jumps = [i for i, s in enumerate(self.sets) if s[-1] - s[0] + 1 > len(s)]
        if only is not None:
            low[self.place[name]] = high[self.place[name]] = only
        matrix = np.zeros((len(self.rows) + 2 * len(jumps), n + len(jumps)))
        for i, row in enumerate(self.rows):
            matrix[i, row] = [1] + [-1] * (len(row) - 1)
        for k, place in enumerate(jumps):
            at = len(self.rows) + 2 * k
            matrix[at, [place, n + k]] = 1, -8
            matrix[at + 1, [place, n + k]] = -1, 999
        ends = np.zeros(len(matrix)), np.full(len(matrix), np.inf)
        ends[1][: len(self.rows)] = 0
        weights = np.zeros(n + len(jumps))
        weights[self.place[name]] = sign
        found = milp(
            weights, constraints=LinearConstraint(matrix, *ends), integrality=np.ones(len(weights)),
            bounds=Bounds(np.r_[low, np.zeros(len(jumps))], np.r_[high, np.ones(len(jumps))]),
        )  # fmt: skip
        return None if found.status == 2 else round(sign * found.fun)


def leaks(year, outs):
    """Hidden counts, and late arrivals, that the attack works out or nearly."""
    shown, found = [shown_of(released) for released in outs], []
    attacker = YearAttack(year, shown, withdrawn(outs))
    for name in attacker.place:
        number, cell, *grew = name
        if grew:
            if len(attacker.sets[attacker.place[name]]) > 1:
                values = attacker.values_of(name)
                if unsafe(values) and any(1 <= n <= 7 for n in values):
                    found.append(name)
        elif shown[number][cell] == "[c]" and unsafe(attacker.values_of(name)):
            found.append(name)
    return found


def withdrawn(outs):
    """Cells withheld with every part of a total: nobody knows which of them are small."""
    return {
        (number, cell)
        for number, released in enumerate(outs)
        for cell, known in released.edition.known.items()
        if known.kind == "withdrawn"
    }


def shown_of(released):
    return dict(zip(released.frame["cell"], released.frame["shown"], strict=True))


@pytest.mark.parametrize("seed", [0, 1, 4])
def test_four_quarters_with_late_returns_give_no_hidden_count_away(seed, tmp_path):
    year = a_year(seed)
    late = [
        now[cell] - before[cell]
        for (before, _), (now, _) in zip(year, year[1:], strict=False)
        for cell in set(before) & set(now)
        if min(before[cell], now[cell]) > 7 and now[cell] != before[cell]
    ]
    assert late and all(0 < n < 8 for n in late), "a naive report would show these to differ"
    outs = released_year(year, tmp_path / "ledger.jsonl")
    assert sum(len(released.hidden) for released in outs) > 10
    assert leaks(year, outs) == []


def test_the_year_attack_sees_through_a_naive_report():
    """So that an empty answer above means something."""
    year = a_year(1)
    naive = [{c: "[c]" if 1 <= n <= 7 else str(n) for c, n in counts.items()} for counts, _ in year]
    rounded = [{c: s if s == "[c]" else str(5 * round(int(s) / 5)) for c, s in one.items()}
               for one in naive]  # fmt: skip
    attacker = YearAttack(year, rounded)
    for place, shown in enumerate(naive):
        for cell, said in shown.items():
            if said != "[c]":
                attacker.sets[attacker.place[place, cell]] = [int(said)]
    hidden = [(k, cell) for k, one in enumerate(naive) for cell, s in one.items() if s == "[c]"]
    exact = [name for name in hidden if len(attacker.values_of(name)) == 1]
    assert len(exact) > len(hidden) / 2


def one_cell(count, ledger, name, path, revised=None):
    released = release({"Abbey": count}, [], ledger, name, revised)
    return released, ledger.record(released, path)


def test_few_more_change_nothing_and_many_more_are_shown(tmp_path):
    path = tmp_path / "ledger.jsonl"
    first, ledger = one_cell(12, Ledger(), "Q1", path)
    few, ledger = one_cell(15, ledger, "Q1-revised", path)
    many, ledger = one_cell(31, ledger, "Q1-again", path)
    assert [shown_of(r)["Abbey"] for r in (first, few, many)] == ["10", "10", "30"]
    found = attack(many, previous=ledger.editions).set_index("cell")
    assert found.loc["Abbey: change in Q1-again", "low"] >= 3


def test_a_hidden_count_that_grows_past_the_threshold_stays_hidden(tmp_path):
    path = tmp_path / "ledger.jsonl"
    first, ledger = one_cell(7, Ledger(), "Q1", path)
    later, ledger = one_cell(8, ledger, "Q1-revised", path)
    assert [shown_of(r)["Abbey"] for r in (first, later)] == ["[c]", "[c]"]


def test_what_was_hidden_for_others_stays_hidden(tmp_path):
    sums = [("All", ["Female", "Male"])]
    counts = {"All": 13, "Female": 6, "Male": 7}
    first = release(counts, sums, Ledger(), "Q1")
    assert shown_of(first) == dict.fromkeys(counts, "[c]")
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger().record(first, path)
    again = release({"All": 13}, [], ledger, "Q1-totals")
    assert shown_of(again) == {"All": "[c]"}
    assert shown_of(release({"All": 13}, [], Ledger(), "Q1-totals")) == {"All": "15"}


def test_the_ledger_reads_back_and_holds_no_true_count(tmp_path):
    path = tmp_path / "ledger.jsonl"
    counts = {"Abbey": 1011, "Beam": 5, "All": 1016}
    released = release(counts, [("All", ["Abbey", "Beam"])], Ledger(), "Q1")
    ledger = Ledger().record(released, path)
    text = path.read_text("utf-8")
    assert "1011" not in text and "1016" not in text
    read = Ledger.read(path)
    assert read == ledger and read.editions == (released.edition,)
    assert read.head == hashlib.sha256(text.strip().encode()).hexdigest()


def test_the_same_release_again_adds_nothing(tmp_path):
    path = tmp_path / "ledger.jsonl"
    outs = released_year(a_year(2)[:2], path)
    before = path.read_bytes()
    again = released_year(a_year(2)[:2], path)
    assert path.read_bytes() == before
    for one, two in zip(outs, again, strict=True):
        pd.testing.assert_frame_equal(one.frame, two.frame)
    other = tmp_path / "other.jsonl"
    released_year(a_year(2)[:2], other)
    assert other.read_bytes() == before


def test_a_release_cannot_be_made_again_with_other_figures(tmp_path):
    path = tmp_path / "ledger.jsonl"
    _, ledger = one_cell(12, Ledger(), "Q1", path)
    before = path.read_bytes()
    with pytest.raises(DisclosureError, match="name of its own") as error:
        one_cell(31, ledger, "Q1", path)
    assert "31" not in str(error.value) and "12" not in str(error.value)
    assert path.read_bytes() == before


def test_two_runs_at_once_do_not_lose_a_release(tmp_path):
    path = tmp_path / "ledger.jsonl"
    one_cell(12, Ledger(), "Q1", path)
    with pytest.raises(DisclosureError, match="recorded meanwhile"):
        one_cell(20, Ledger(), "Q2", path)
    assert len(Ledger.read(path).editions) == 1


def changed(lines):
    said = json.loads(lines[0])
    said["cells"]["Q1 | Abbey"] = {"kind": "public", "low": 3, "high": 3}
    return [json.dumps(said, sort_keys=True, separators=(",", ":")), *lines[1:]]


@pytest.mark.parametrize(
    ("harm", "line"),
    [
        (changed, "line 2"),
        (lambda lines: lines[1:], "line 1"),
        (lambda lines: [lines[1], lines[0]], "line 1"),
        (lambda lines: [lines[0], lines[1].replace('"low"', '"lwo"')], "line 2"),
        (lambda lines: [lines[0], "{}"], "line 2"),
        (lambda lines: [lines[0], "[1"], "line 2"),
    ],
)
def test_a_ledger_touched_by_hand_is_refused(harm, line, tmp_path):
    path = tmp_path / "ledger.jsonl"
    released_year(a_year(2)[:2], path)
    lines = path.read_text("utf-8").splitlines()
    path.write_text("".join(f"{one}\n" for one in harm(lines)), encoding="utf-8")
    with pytest.raises(DisclosureError, match="damaged") as error:
        Ledger.read(path)
    assert error.value.faults[0].where == f"ledger.jsonl, {line}"


def test_a_ledger_cut_off_or_not_text_is_refused(tmp_path):
    path = tmp_path / "ledger.jsonl"
    one_cell(12, Ledger(), "Q1", path)
    whole = path.read_bytes()
    for broken in (whole[:-1], whole[:40], b"\xff\xfe" + whole):
        path.write_bytes(broken)
        with pytest.raises(DisclosureError, match="damaged"):
            Ledger.read(path)
    assert Ledger.read(tmp_path / "none.jsonl") == Ledger()

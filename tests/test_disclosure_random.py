"""Made-up returns through the gate, and an attack on them written for this test alone."""

import numpy as np
import pytest
from made_up_borough import OWN
from made_up_returns import CATALOGUE, number, observations
from scipy.optimize import Bounds, LinearConstraint, milp
from small_tables import may_be, unsafe

from lbbd_jsna.disclosure import protect

MOST = 400


def made_up(seed):
    """Counts by area, sex and period, and how they add up: (whole, parts) by name.

    3 to 6 wards and their borough, with people of no ward in one return of three; 2 to 4
    quarters, sometimes with the year so far; sometimes by sex.
    """
    random = np.random.default_rng(seed)
    wards = [f"E0501900{i}" for i in range(1, random.integers(3, 7) + 1)]
    quarters = [f"2026/27 Q{q}" for q in range(1, random.integers(2, 5) + 1)]
    sexes = ("Female", "Male") if random.random() < 0.4 else ()
    homeless = random.random() < 0.33
    means = random.gamma(1.2, random.choice([3.0, 8.0, 20.0]), size=len(wards) + 1)
    counts, sums = {}, []
    inner = sexes or ("Persons",)
    for quarter in quarters:
        for place, mean in zip([*wards, "nowhere"], means, strict=True):
            for sex in inner:
                few = random.poisson(0.4 * mean) if homeless else 0
                counts[place, sex, quarter] = int(
                    few if place == "nowhere" else random.poisson(mean / len(inner))
                )
    places = [*wards, "nowhere", OWN]
    for quarter in quarters:
        for sex in inner:
            parts = [(place, sex, quarter) for place in places[:-1]]
            counts[OWN, sex, quarter] = sum(counts[part] for part in parts)
            sums.append(((OWN, sex, quarter), parts))
        for place in places if sexes else ():
            parts = [(place, sex, quarter) for sex in sexes]
            counts[place, "Persons", quarter] = sum(counts[part] for part in parts)
            sums.append(((place, "Persons", quarter), parts))
    if random.random() < 0.6:
        year = f"2026/27 Q1 - 2026/27 Q{len(quarters)}"
        for place in places:
            parts = [(place, "Persons", quarter) for quarter in quarters]
            counts[place, "Persons", year] = sum(counts[part] for part in parts)
            sums.append(((place, "Persons", year), parts))
    return counts, sums, homeless


class Attack:
    """What is left of each count to a reader who knows the rules and the sums."""

    def __init__(self, counts, sums, shown, loose, homeless):
        self.names = list(counts)
        place = {name: i for i, name in enumerate(self.names)}
        sets = []
        for name, true in counts.items():
            if name[0] == "nowhere":
                sets.append(range(MOST) if homeless else {0})
            else:
                sets.append(range(MOST) if name in loose else may_be(shown[name], true))
        self.sets = [sorted(one) for one in sets]
        n = len(self.names)
        jumps = [i for i, s in enumerate(self.sets) if len(s) < s[-1] - s[0] + 1]
        rows = np.zeros((len(sums) + 2 * len(jumps), n + len(jumps)))
        for i, (whole, parts) in enumerate(sums):
            rows[i, place[whole]] = 1
            rows[i, [place[part] for part in parts]] = -1
        for k, i in enumerate(jumps):  # 0, or from 8 on
            rows[len(sums) + 2 * k, [i, n + k]] = 1, -8
            rows[len(sums) + 2 * k + 1, [i, n + k]] = -1, MOST
        most = np.r_[np.zeros(len(sums)), np.full(2 * len(jumps), np.inf)]
        self.rules = LinearConstraint(rows, np.zeros(len(rows)), most)
        self.low = np.r_[[s[0] for s in self.sets], np.zeros(len(jumps))].astype(float)
        self.high = np.r_[[s[-1] for s in self.sets], np.ones(len(jumps))].astype(float)

    def values(self, name):
        """All values, or both ends where they are far apart."""
        at = self.names.index(name)
        ends = self._end(at, 1), self._end(at, -1)
        if ends[1] - ends[0] > 9:
            return set(range(ends[0], ends[1] + 1))
        return {n for n in range(ends[0], ends[1] + 1) if self._end(at, 1, only=n) is not None}

    def _end(self, at, sign, only=None):
        low, high, weights = self.low.copy(), self.high.copy(), np.zeros(len(self.low))
        if only is not None:
            low[at] = high[at] = only
        weights[at] = sign
        found = milp(weights, constraints=self.rules, bounds=Bounds(low, high),
                     integrality=np.ones(len(low)))  # fmt: skip
        assert found.status == 0 or only is not None
        return round(sign * found.fun) if found.status == 0 else None


def published(counts):
    """What goes through the gate: everything but the people of no ward, whom nobody returns."""
    rows = [
        number(count, area=place, sex=sex, period=period,
               area_type="borough" if place == OWN else "ward")
        for (place, sex, period), count in counts.items() if place != "nowhere"
    ]  # fmt: skip
    return protect(observations(*rows), catalogue=CATALOGUE, release="2026-27-Q4")


def looks(out):
    """What is printed of each count, and those withheld whatever their size."""
    rows = out.observations
    shown = {
        (r.area_code, r.sex, r.period): "[c]" if r.status == "suppressed" else f"{r.value:.0f}"
        for r in rows.itertuples()
    }
    kinds = {cell: known.kind for one in out.releases for cell, known in one.edition.known.items()}
    loose = {
        (place, sex, period) for place, sex, period in shown
        if any(kind == "withdrawn" and cell.split(" | ")[1:3] == [place, sex]
               and f" | {period} (" in cell for cell, kind in kinds.items())
    }  # fmt: skip
    return shown, loose


def leaks(seed, *, naive=False):
    """Hidden counts of a return that the attack works out or nearly; None where wards are gone."""
    counts, sums, homeless = made_up(seed)
    if naive:
        shown = {n: "[c]" if 1 <= c <= 7 else str(5 * round(c / 5)) for n, c in counts.items()}
        loose = set()
    else:
        shown, loose = looks(published(counts))
    if len(shown) < sum(name[0] != "nowhere" for name in counts):
        return None
    attack = Attack(counts, sums, shown, loose, homeless)
    small = [n for n, c in counts.items() if n[0] == "nowhere" and homeless and 1 <= c <= 7]
    hidden = [n for n, said in shown.items() if said == "[c]" and n[0] != "nowhere"]
    return [name for name in hidden + ([] if naive else small) if unsafe(attack.values(name))]


@pytest.mark.parametrize("first", (12, 16))
def test_random_returns_stand_an_attack_that_shares_no_code(first):
    found = [leaks(seed) for seed in range(first, first + 4)]
    assert [one for one in found if one] == []
    assert sum(one is not None for one in found) >= 3, "wards are left out too often"


def test_the_attack_sees_through_hiding_once():
    assert sum(bool(leaks(seed, naive=True)) for seed in (0, 1, 16, 17)) >= 1

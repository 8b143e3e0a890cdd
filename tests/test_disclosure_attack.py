"""Protected tables stand an attack that shares no code with the one that protected them."""

import itertools

import numpy as np
import pandas as pd
import pytest
from made_up_borough import RULES, indicator, made_up_catalogue
from scipy.optimize import Bounds, LinearConstraint, milp
from small_tables import WardAttack, kinds, may_be, nhs, random_counts, unsafe, ward_table

from lbbd_jsna.catalogue import DisclosureRules
from lbbd_jsna.disclosure import Relation, ReleaseTable, attack, crossed, protect_table
from lbbd_jsna.errors import DisclosureError

CATALOGUE = made_up_catalogue(
    indicator("early-help", source="council-return", source_id="", unit="%"), indicator("obesity")
)
BOROUGH = ("All | All", "All | Female", "All | Male")


def protected(table, previous=(), release="2026-27-Q3"):
    return protect_table(table, catalogue=CATALOGUE, release=release, previous=previous)


def shown_of(released):
    return dict(zip(released.frame["cell"], released.frame["shown"], strict=True))


def whole(table):
    return {cell: int(count) for cell, count in table.counts.items()}


def exhausted(shown, true):
    """Every table of few wards that fits, tried one by one."""
    wards = sorted({cell.split(" | ")[0] for cell in shown} - {"All"})
    inner = [f"{ward} | {sex}" for ward in wards for sex in ("Female", "Male")]
    allowed = {c: {n for n in may_be(shown[c], true[c]) if n <= 40} for c in shown}
    values = {cell: set() for cell in shown}
    for counts in itertools.product(*(sorted(allowed[cell]) for cell in inner)):
        table = dict(zip(inner, counts, strict=True))
        for ward in wards:
            table[f"{ward} | All"] = table[f"{ward} | Female"] + table[f"{ward} | Male"]
        for sex in ("Female", "Male", "All"):
            table[f"All | {sex}"] = sum(table[f"{ward} | {sex}"] for ward in wards)
        if all(table[cell] in allowed[cell] for cell in shown):
            for cell, count in table.items():
                values[cell].add(count)
    return values


@pytest.mark.parametrize("counts", [(3, 11, 9, 2), (1, 1, 14, 6), (12, 4, 3, 8)])
def test_three_ways_to_attack_agree(counts):
    """Trying everything, walking through the wards, and the project's integer programmes."""
    rows = [(f"Ward {i // 2}", ("Female", "Male")[i % 2], n) for i, n in enumerate(counts)]
    table = ward_table(pd.DataFrame(rows, columns=["ward", "sex", "count"]))
    released, true = protected(table), whole(table)
    shown = shown_of(released)
    by_trying, by_walking = exhausted(shown, true), WardAttack(shown, true).values
    found = attack(released).set_index("cell")
    assert set(found.index) == set(released.hidden) and released.hidden
    for cell in released.hidden:
        assert by_trying[cell] == {n for n in by_walking[cell] if n <= 40}
        assert found.loc[cell, "low"] == min(by_walking[cell])
        if max(by_walking[cell]) < 40:
            assert found.loc[cell, "high"] == max(by_walking[cell])


def test_forty_random_tables_stand_the_attack_and_hide_few_more():
    extra, naive_fails = [], 0
    for seed in range(40):
        # The borough's totals are exact elsewhere for every other table.
        public = BOROUGH if seed % 2 else ()
        table = ward_table(random_counts(seed), public=public)
        released, true = protected(table), whole(table)
        left = WardAttack(shown_of(released), true, exact=public).values
        assert not [cell for cell in released.hidden if unsafe(left[cell])], seed
        assert all(true[cell] in left[cell] for cell in true)
        assert "withdrawn" not in kinds(released)
        extra.append(len(released.hidden) - sum(1 <= n <= 7 for n in true.values()))
        once = WardAttack({cell: nhs(n) for cell, n in true.items()}, true, exact=public).values
        naive_fails += any(1 <= n <= 7 and unsafe(once[cell]) for cell, n in true.items())
    assert naive_fails >= 10, "hiding once is enough for these tables: they test nothing"
    assert min(extra) >= 0
    assert np.mean(extra) < 4


def inner_attack(frame, true, exact):
    """Ranges left in a table of three dimensions, with its inner cells as the only unknowns."""
    dims = ["ward", "sex", "age"]
    inner = frame[~frame[dims].eq("All").any(axis=1)].reset_index(drop=True)
    rows = [
        [all(row[d] in ("All", one[d]) for d in dims) for _, one in inner.iterrows()]
        for _, row in frame.iterrows()
    ]
    matrix = np.array(rows, float)
    low, high, jumps = [], [], []
    for number, row in enumerate(frame.itertuples()):
        may = {true[row.cell]} if row.cell in exact else may_be(row.shown, true[row.cell])
        low.append(min(may))
        high.append(max(may) if row.shown != "[c]" or max(may) == 7 else np.inf)
        if len(may) < max(may) - min(may) + 1:
            jumps.append(number)
    n, k = matrix.shape[1], len(jumps)
    padded = np.hstack([matrix, np.zeros((len(frame), k))])
    switched = np.zeros((2 * k, n + k))
    for at, number in enumerate(jumps):
        switched[at, :n], switched[at, n + at] = matrix[number], -8
        switched[k + at, :n], switched[k + at, n + at] = matrix[number], -500
    rules = [LinearConstraint(padded, low, high)]
    if k:
        rules.append(LinearConstraint(switched, [0] * k + [-np.inf] * k, [np.inf] * k + [0] * k))
    bounds = Bounds(np.zeros(n + k), np.r_[np.full(n, 500), np.ones(k)])

    def end(number, sign):
        weights = np.r_[sign * matrix[number], np.zeros(k)]
        found = milp(weights, constraints=rules, bounds=bounds, integrality=np.ones(n + k))
        assert found.status == 0
        return round(sign * found.fun)

    return lambda number: (end(number, 1), end(number, -1))


def test_wards_by_sex_and_age_with_the_borough_known():
    random = np.random.default_rng(2)
    means = random.gamma(1.2, 9, size=19)
    rows = [
        (f"Ward {ward:02d}", sex, f"Age {age}", int(random.poisson(means[ward])))
        for ward in range(19) for sex in ("Female", "Male") for age in range(5)
    ]  # fmt: skip
    counts = pd.DataFrame(rows, columns=["ward", "sex", "age", "count"])
    borough = ("All | All | All", "All | Female | All", "All | Male | All")
    cells, relations = crossed(counts, ["ward", "sex", "age"], public=borough)
    table = ReleaseTable("Early help by ward, sex and age", "early-help", cells, relations)
    released = protected(table)
    assert len(released.frame) == 20 * 3 * 6
    withdrawn = {c for c, known in released.edition.known.items() if known.kind == "withdrawn"}
    true = {c: (9 if c in withdrawn else n) for c, n in whole(table).items()}  # nobody knows why
    ends = inner_attack(released.frame, true | {c: whole(table)[c] for c in borough}, borough)
    hidden = released.frame.index[released.frame["status"].eq("suppressed")]
    assert len(hidden) > 60
    for number in random.choice(hidden, size=40, replace=False):
        low, high = ends(number)
        assert high - low >= 2 and (high > 5 or low == 0), released.frame.loc[number, "cell"]


def test_a_total_that_gives_its_part_away_and_must_stay_is_refused():
    cells = pd.DataFrame(
        {"cell": ["Borough", "Heath", "Marsh"], "count": [15, 3, 12],
         "public": [True, False, True]}
    )
    table = ReleaseTable("T", "early-help", cells, (Relation("Borough", ("Heath", "Marsh")),))
    with pytest.raises(DisclosureError, match="figures that must stay") as error:
        protected(table)
    assert [fault.where for fault in error.value.faults] == ["Heath"]
    assert "merge categories" in str(error.value)
    assert not any(number in str(error.value) for number in ("3", "12", "15"))


def test_few_people_spread_over_hidden_parts_are_withheld_with_every_part():
    """Four parts of 1 to 7 in a whole of 1 to 7: each would be known to be 1 to 4."""
    cells = pd.DataFrame({"cell": ["All", *"abcde"], "count": [5, 1, 1, 2, 1, 0]})
    table = ReleaseTable("T", "early-help", cells, (Relation("All", tuple("abcde")),))
    released = protected(table)
    assert released.hidden == ("All", "a", "b", "c", "d", "e")
    assert kinds(released) == {"withdrawn": 6}


def test_the_choice_of_what_to_hide_tells_nothing_of_true_counts():
    """Tables that look alike before the second hiding look alike after it."""
    looks = []
    for women in ((13, 14, 6), (14, 13, 6), (13, 13, 7)):
        rows = [(f"Ward {i}", "Female", n) for i, n in enumerate(women)]
        rows += [(f"Ward {i}", "Male", n) for i, n in enumerate((3, 3, 20 - sum(women) + 20))]
        table = ward_table(pd.DataFrame(rows, columns=["ward", "sex", "count"]))
        first = {cell: nhs(count) for cell, count in whole(table).items()}
        looks.append((first, shown_of(protected(table))))
    assert looks[0] == looks[1] == looks[2]
    assert looks[0][0] != looks[0][1], "nothing was hidden besides"


def test_relations_that_do_not_hold_are_faults_without_values():
    cells = pd.DataFrame({"cell": ["All", "a", "b", "b"], "count": [50, 21, 20, 7.5]})
    with pytest.raises(DisclosureError) as error:
        ReleaseTable("T", "early-help", cells, (Relation("All", ("a", "a")),))
    places = {fault.where for fault in error.value.faults}
    assert places == {"b", "All"}
    assert len(error.value.faults) == 4
    assert not any(number in str(error.value) for number in ("50", "21", "20", "7.5"))


def test_a_relation_with_a_cell_nobody_knows_is_refused():
    cells = pd.DataFrame({"cell": ["All"], "count": [50]})
    table = ReleaseTable("T", "early-help", cells, (Relation("All", ("Heath",)),))
    with pytest.raises(DisclosureError, match="Heath"):
        protected(table)


def test_a_missing_count_is_neither_none_nor_known():
    """A ward that did not answer stays [x]; its total is blank, never a sum without it."""
    counts = pd.DataFrame({"ward": ["Abbey", "Heath", "Marsh"], "count": [12, np.nan, 3]})
    cells, relations = crossed(counts, ["ward"])
    released = protected(ReleaseTable("T", "early-help", cells, relations))
    assert shown_of(released) == {"Abbey": "10", "Heath": "[x]", "Marsh": "[c]", "All": "[x]"}


def test_published_figures_and_things_are_not_protected_as_people():
    cells = pd.DataFrame({"cell": ["All"], "count": [50]})
    for name in ("obesity", "mystery"):
        with pytest.raises(DisclosureError, match=name):
            protected(ReleaseTable("T", name, cells))


def test_thresholds_that_contradict_each_other_are_refused():
    said = RULES.model_dump()
    for wrong in ({"round_to": 10}, {"never_within": 7}, {"fewest_values": 9},
                  {"signed_off": {"role": "r", "name": "N"}}):  # fmt: skip
        with pytest.raises(ValueError, match="must|neither"):
            DisclosureRules.model_validate(said | wrong)


def test_unsigned_thresholds_say_so_and_signed_ones_do_not():
    table = ward_table(random_counts(3, wards=4))
    assert "not yet signed off by the information governance lead" in " ".join(
        protected(table).notes
    )
    signed = {"role": "lead", "name": "A. Person", "date": "2026-11-22"}
    rules = DisclosureRules.model_validate(RULES.model_dump() | {"signed_off": signed})
    assert rules.note.endswith("signed off by A. Person, lead, on 2026-11-22")

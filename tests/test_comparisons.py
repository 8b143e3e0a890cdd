"""Comparisons of whole tables, against rules written out row by row, and what always holds."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lbbd_jsna.schema import empty_observations
from lbbd_jsna.statistics.comparisons import (
    QUINTILES,
    TESTS,
    agreement,
    compare,
    counted,
    differ_by_chance,
    published_verdict,
    read_labels,
)

ENGLAND = "E92000001"
NAN = math.nan
LIMITS = ["lower_95", "upper_95", "lower_99_8", "upper_99_8"]


def observations(*rows: dict) -> pd.DataFrame:
    """Rows of one series and period, but for what each says."""
    plain = {
        "indicator": "smoking", "area_code": "E09000002", "area_type": "borough",
        "sex": "Persons", "age": "18+ yrs", "category_type": "", "category": "",
        "period": "2024", "period_range": "1y", "value": NAN, "status": "published",
        **dict.fromkeys(LIMITS, NAN),
    }  # fmt: skip
    table = pd.DataFrame([plain | row for row in rows])
    return table.astype({"value": float, **dict.fromkeys(LIMITS, float)})


def row(value, *limits, **more) -> dict:
    return {"value": value} | dict(zip(LIMITS, limits, strict=False)) | more


def england(value, *limits, **more) -> dict:
    return row(value, *limits, area_code=ENGLAND, area_type="country", **more)


def verdicts(table, method="interval_95", polarity="low_is_good", benchmark=ENGLAND, **more):
    found = compare(table, benchmark=benchmark, method=method, polarity=polarity, **more)
    return found["verdict"].tolist()


def reasons(table, method="interval_95", polarity="low_is_good", benchmark=ENGLAND, **more):
    found = compare(table, benchmark=benchmark, method=method, polarity=polarity, **more)
    return found["not_compared_reason"].tolist()


WORDS = {
    "high_is_good": ("worse", "similar", "better"),
    "low_is_good": ("better", "similar", "worse"),
    "no_judgement": ("lower", "similar", "higher"),
}


@pytest.mark.parametrize("polarity", WORDS)
def test_the_interval_against_the_benchmarks_value_both_ends_included(polarity):
    table = observations(
        england(10, 2, 30), row(7, 6, 9), row(12, 10, 14), row(8, 6, 10), row(13, 11, 15)
    )
    low, level, high = WORDS[polarity]
    assert verdicts(table, polarity=polarity)[1:] == [low, level, level, high]


def test_the_wider_interval_is_used_when_it_is_named():
    table = observations(england(10), row(13, 11, 15, 9, 17), row(13, 11, 15, 10.5, 17))
    assert verdicts(table, "interval_99_8")[1:] == ["similar", "worse"]
    assert verdicts(table, "interval_95")[1:] == ["worse", "worse"]


@pytest.mark.parametrize(
    ("polarity", "expected"),
    [
        ("high_is_good", ["worst", "worse", "similar", "better", "best"]),
        ("low_is_good", ["best", "better", "similar", "worse", "worst"]),
        ("no_judgement", ["lower 99.8", "lower", "similar", "higher", "higher 99.8"]),
    ],
)
def test_both_levels_by_hand(polarity, expected):
    table = observations(
        row(5, 4, 6, 3, 7), row(5, 4, 6, 3, 10), row(5, 4, 10, 3, 11),
        row(15, 12, 18, 10, 20), row(15, 12, 18, 10.1, 20),
    )  # fmt: skip
    assert verdicts(table, "interval_both", polarity, benchmark=10.0) == expected


def test_overlapping_uses_the_benchmarks_own_interval_and_touching_counts():
    table = observations(
        england(10, 9, 11), row(13, 11, 15), row(13, 11.1, 15), row(7, 6, 8.9), row(7, 6, 9)
    )
    assert verdicts(table, "overlapping")[1:] == ["similar", "worse", "better", "similar"]
    # Against the value alone the first would differ.
    assert verdicts(table, "interval_95")[1] == "worse"


def test_the_benchmark_of_a_row_is_of_its_own_series_and_period():
    table = observations(
        row(13, 11, 15, sex="Male"),
        england(10, sex="Female"),
        england(14, sex="Male"),
        row(13, 11, 15, sex="Female"),
        row(13, 11, 15, sex="Female", period="2023"),
        row(13, 11, 15, sex="Female", period_range="3y"),
        row(13, 11, 15, sex="Female", category_type="IMD", category="most"),
    )
    found = compare(table, benchmark=ENGLAND, method="interval_95", polarity="low_is_good")
    assert found["benchmark_value"].fillna(-1).tolist() == [14, 10, 14, 10, -1, -1, -1]
    assert found["verdict"].tolist()[:4] == ["similar", "not compared", "not compared", "worse"]
    assert set(found["not_compared_reason"][4:]) == {"the benchmark has no value for this period"}


def test_breakdowns_stand_against_their_own_kind_or_against_the_headline():
    fifth = {"category_type": "IMD", "category": "most"}
    table = observations(england(10, 9, 11), england(14, 13, 15, **fifth), row(13, 11, 14, **fifth))
    assert verdicts(table) == ["not compared", "not compared", "similar"]
    assert verdicts(table, breakdowns="headline") == ["not compared", "worse", "worse"]
    with pytest.raises(ValueError, match="'own' or 'headline'"):
        verdicts(table, breakdowns="all")


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (row(NAN, 1, 3), "the area has no value"),
        (row(NAN, status="suppressed"), "the value is withheld to protect confidentiality"),
        (row(2, 1, 3, status="suppressed"), "the value is withheld to protect confidentiality"),
        (row(2), "no 95% confidence interval in the extract"),
        (row(2, 1), "no 95% confidence interval in the extract"),
        (row(2, 3, 1), "its lower confidence limit is above its upper one"),
        (row(2, 1, 3, period="1999"), "the benchmark has no value for this period"),
        (england(2, 1, 3, period="1999"), "it is the benchmark itself"),
    ],
)
def test_no_verdict_comes_with_its_reason(one, reason):
    table = observations(one, england(10, 9, 11))
    found = compare(table, benchmark=ENGLAND, method="interval_95", polarity="low_is_good").iloc[0]
    assert (found["verdict"], found["test"]) == ("not compared", "")
    assert found["not_compared_reason"] == reason


def test_reasons_of_the_other_methods():
    narrow = observations(england(10), row(2, 1, 3, 1.5, 2.5), row(2, 1, 3))
    assert reasons(narrow, "interval_both")[1:] == [
        "its 99.8% confidence interval is narrower than its 95% one",
        "no 99.8% confidence interval in the extract",
    ]
    assert reasons(narrow, "overlapping")[1] == "the benchmark has no 95% confidence interval"
    assert reasons(narrow, "overlapping", benchmark=10.0)[0].startswith("no 95%")
    assert reasons(narrow, "overlapping", benchmark=10.0)[1].startswith("the benchmark has no 95%")
    assert set(reasons(narrow, "none")) == {"this indicator is not judged against a benchmark"}
    assert set(reasons(narrow, {})) == {"no test is set for this indicator"}
    assert "which way is better" in reasons(narrow, polarity={})[1]


def test_a_withheld_benchmark_is_none():
    table = observations(england(10, status="suppressed"), row(2, 1, 3))
    assert reasons(table)[1] == "the benchmark has no value for this period"


def test_each_indicator_has_its_own_method_polarity_and_goal():
    table = observations(
        row(13, 11, 15, indicator="a"), row(13, 11, 15, indicator="b"), row(13, indicator="c"),
        row(13, indicator="d"), row(13, 11, 15, indicator="e"),
    )  # fmt: skip
    found = compare(
        table,
        benchmark=10,
        method={"a": "interval_95", "b": "interval_95", "c": "goal", "d": "none"},
        polarity={"a": "low_is_good", "b": "no_judgement", "c": "high_is_good",
                  "d": "low_is_good", "e": "low_is_good"},
        goals={"c": (5, 12)},
    )  # fmt: skip
    expected = ["worse", "higher", "goal met", "not compared", "not compared"]
    assert found["verdict"].tolist() == expected
    assert found["test"].tolist() == ["interval_95", "interval_95", "goal", "", ""]
    assert set(found["test"]) - {""} <= set(TESTS)


# MMR: under 90 red, 90 to under 95 amber, 95 and over green. HIV diagnosed late: under 25
# green, 25 to under 50 amber, 50 and over red. From the definitions of these indicators.
@pytest.mark.parametrize(
    ("polarity", "goal", "values", "expected"),
    [
        ("high_is_good", (90, 95), [89.9, 90, 94.9, 95], "not nearly nearly met"),
        ("low_is_good", (25, 50), [24.9, 25, 49.9, 50], "met nearly nearly not"),
        ("high_is_good", (75, 75), [74.9, 75, 75.1], "not met met"),
        ("low_is_good", (5, 5), [4.9, 5, 5.1], "met met not"),
    ],
)
def test_goals_by_hand(polarity, goal, values, expected):
    words = {"met": "goal met", "nearly": "goal nearly met", "not": "goal not met"}
    table = observations(*map(row, values))
    found = verdicts(table, "goal", polarity, goals={"smoking": goal})
    assert found == [words[word] for word in expected.split()]


def test_goals_that_cannot_be_judged():
    table = observations(england(10), row(12), row(NAN))
    assert verdicts(table, "goal", goals={"smoking": (11, 11)})[0] == "goal met"
    assert reasons(table, "goal")[1] == "no goal is set for this indicator"
    assert reasons(table, "goal", goals={"smoking": (11, NAN)})[1].startswith("no goal")
    found = reasons(table, "goal", "no_judgement", goals={"smoking": (11, 11)})
    assert "cannot be met or missed" in found[1]
    assert reasons(table, "goal", goals={"smoking": (11, 11)})[2] == "the area has no value"
    with pytest.raises(ValueError, match="smoking"):
        verdicts(table, "goal", goals={"smoking": (12, 11)})


def test_fifths_are_of_one_series_and_one_type_of_area():
    boroughs = [row(v, area_code=f"E{v}") for v in range(1, 11)]
    others = [row(v, area_code=f"W{v}", area_type="ward") for v in (100, 200, 300)]
    earlier = [row(v, area_code=f"E{v}", period="2023") for v in range(1, 5)]
    table = observations(*boroughs, *others, *earlier, england(5.5))
    # Linear percentiles of 1 to 10 are 2.8, 4.6, 6.4 and 8.2.
    expected = [word for word in QUINTILES["low_is_good"] for _ in range(2)]
    assert verdicts(table, "quintiles")[:10] == expected
    reason = "fewer than five areas of its type have values"
    assert reasons(table, "quintiles")[10:] == [reason] * 8
    assert set(compare(table, benchmark=ENGLAND, method="quintiles", polarity="low_is_good")
               ["benchmark_value"].dropna()) == {5.5}  # fmt: skip


def test_the_words_of_fifths_are_turned_round_with_the_polarity():
    table = observations(*(row(v, area_code=f"E{v}") for v in range(1, 11)))
    found = {polarity: verdicts(table, "quintiles", polarity, benchmark=0) for polarity in WORDS}
    assert found["low_is_good"] == found["high_is_good"][::-1]
    assert found["no_judgement"][0] == "lowest fifth"


def test_the_benchmark_may_not_have_two_rows_for_one_key():
    table = observations(england(10), england(11), row(2, 1, 3), england(10, period="2023"))
    with pytest.raises(ValueError, match=r"E92000001 .* smoking, Persons, 18\+ yrs, .*, 2024, 1y"):
        verdicts(table)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "interval_90"}, "no method is called interval_90"),
        ({"polarity": {"smoking": "up"}}, "no polarity is called up"),
        ({"benchmark": [1.0]}, "shape"),
        ({"benchmark": pd.Series([1.0, 2.0], index=[5, 6])}, "labelled"),
    ],
)
def test_what_cannot_be_asked(changes, message):
    table = observations(england(10), row(2, 1, 3))
    asked = {"benchmark": ENGLAND, "method": "interval_95", "polarity": "low_is_good"} | changes
    with pytest.raises(ValueError, match=message):
        compare(table, **asked)


@pytest.mark.parametrize(
    ("method", "column"),
    [("interval_95", "upper_95"), ("interval_both", "lower_99_8"), ("quintiles", "area_type"),
     ("none", "value"), ("none", "sex")],
)  # fmt: skip
def test_a_missing_column_is_named(method, column):
    table = observations(england(10), row(2, 1, 3, 0, 4)).drop(columns=column)
    with pytest.raises(ValueError, match=column):
        verdicts(table, method)


def test_only_what_a_method_needs_must_be_there():
    table = observations(row(2, 1, 3), row(12, 11, 13))
    few = table[["indicator", "value", "lower_95", "upper_95"]]
    assert verdicts(few, benchmark=10.0) == ["better", "worse"]
    assert verdicts(few[["indicator", "value"]], "goal", benchmark=10.0,
                    goals={"smoking": (5, 5)}) == ["goal met", "goal not met"]  # fmt: skip


@pytest.mark.parametrize("dtype", ["category", "object"])
def test_text_may_be_held_in_any_way(dtype):
    table = observations(england(10, 9, 11), row(2, 1, 3), row(13, 11, 15, sex="Male"))
    texts = table.columns[table.dtypes == "str"]
    other = table.astype(dict.fromkeys(texts, dtype)).astype({"value": "Float64"})
    for method in ("interval_95", "quintiles"):
        asked = {"benchmark": ENGLAND, "method": method, "polarity": "low_is_good"}
        pd.testing.assert_frame_equal(compare(other, **asked), compare(table, **asked))


def test_an_empty_table_has_an_empty_answer():
    found = compare(
        empty_observations(), benchmark=ENGLAND, method="quintiles", polarity="low_is_good"
    )
    assert found.shape == (0, 4)


def test_the_index_and_the_table_are_left_as_they_were():
    table = observations(england(10), row(2, 1, 3), row(2, 1, 3))
    table.index = [7, 7, 3]
    before = table.copy()
    found = compare(table, benchmark=ENGLAND, method="interval_95", polarity="low_is_good")
    assert found.index.tolist() == [7, 7, 3]
    pd.testing.assert_frame_equal(table, before)


def expected_of(one: dict, reference: float, method: str, polarity: str) -> str:
    """The rule of an interval, once more and one row at a time."""
    lower, upper = (one["lower_95"], one["upper_95"])
    if method == "interval_99_8":
        lower, upper = (one["lower_99_8"], one["upper_99_8"])
    if lower <= reference <= upper:
        return "similar"
    above = one["value"] > reference
    return WORDS[polarity][2 if above else 0]


halves = st.integers(0, 40).map(lambda n: n / 2)


@st.composite
def tables(draw):
    """A few areas in a few series; some without a value, some without an interval."""
    rows = []
    for area in range(draw(st.integers(2, 9))):
        for sex in ("Male", "Female"):
            value, near, far = draw(st.tuples(halves, halves, halves))
            limits = [value - near, value + near, value - near - far, value + near + far]
            kind = draw(st.sampled_from(["all", "all", "all", "no value", "no limits"]))
            limits = [NAN] * 4 if kind == "no limits" else limits
            value = NAN if kind == "no value" else value
            code = ENGLAND if area == 0 else f"E{area}"
            rows.append(row(value, *limits, area_code=code, sex=sex))
    return observations(*rows)


METHODS = st.sampled_from(
    ["interval_95", "interval_99_8", "interval_both", "overlapping", "quintiles", "goal"]
)
POLARITIES = st.sampled_from(sorted(WORDS))
GOALS = {"smoking": (8, 12)}
quick = settings(max_examples=40, deadline=None)


@quick
@given(tables(), st.sampled_from(["interval_95", "interval_99_8"]), POLARITIES)
def test_whole_tables_agree_with_the_rule_row_by_row(table, method, polarity):
    found = compare(table, benchmark=ENGLAND, method=method, polarity=polarity)
    references = table[table["area_code"] == ENGLAND].set_index("sex")["value"]
    level = method.removeprefix("interval_")
    for one, answer in zip(table.to_dict("records"), found.to_dict("records"), strict=True):
        reference = references[one["sex"]]
        known = not any(map(math.isnan, (one["value"], reference, one[f"lower_{level}"])))
        if one["area_code"] == ENGLAND or not known:
            assert answer["verdict"] == "not compared"
            assert answer["not_compared_reason"]
            continue
        assert answer["verdict"] == expected_of(one, reference, method, polarity)


@quick
@given(tables(), METHODS, POLARITIES, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(table, method, polarity, random):
    order = list(range(len(table)))
    random.shuffle(order)
    asked = {"benchmark": ENGLAND, "method": method, "polarity": polarity, "goals": GOALS}
    pd.testing.assert_frame_equal(
        compare(table.iloc[order], **asked), compare(table, **asked).iloc[order]
    )


@quick
@given(tables(), METHODS)
def test_verdicts_turn_round_with_the_polarity(table, method):
    asked = {"benchmark": ENGLAND, "method": method, "goals": GOALS}
    high, low, unjudged = (
        compare(table, polarity=polarity, **asked)
        for polarity in ("high_is_good", "low_is_good", "no_judgement")
    )
    if method == "goal":
        return  # a goal is not the same one with another polarity
    turn = {"better": "worse", "worse": "better", "best": "worst", "worst": "best"}
    turned = [
        " ".join(turn.get(word, word) for word in verdict.split()) for verdict in high["verdict"]
    ]
    assert turned == low["verdict"].tolist()
    assert (high["verdict"] == "similar").equals(unjudged["verdict"] == "similar")
    assert high["not_compared_reason"].equals(unjudged["not_compared_reason"])
    up = {"better": "higher", "best": "higher 99.8", "worse": "lower", "worst": "lower 99.8"}
    if method != "quintiles":
        assert unjudged["verdict"].tolist() == [up.get(v, v) for v in high["verdict"]]


@quick
@given(tables(), st.sampled_from(["interval_95", "interval_both"]), POLARITIES)
def test_an_area_as_benchmark_is_the_same_as_its_values_row_by_row(table, method, polarity):
    asked = {"method": method, "polarity": polarity}
    by_code = compare(table, benchmark=ENGLAND, **asked)
    by_value = compare(table, benchmark=by_code["benchmark_value"], **asked)
    others = table["area_code"] != ENGLAND
    pd.testing.assert_frame_equal(by_code[others], by_value[others])
    as_array = compare(table, benchmark=by_code["benchmark_value"].to_numpy(), **asked)
    pd.testing.assert_frame_equal(by_value, as_array)


@quick
@given(tables(), tables(), METHODS, POLARITIES)
def test_rows_of_another_indicator_change_nothing(table, other, method, polarity):
    other["indicator"] = "obesity"
    asked = {"benchmark": ENGLAND, "polarity": polarity, "goals": GOALS}
    alone = compare(table, method=method, **asked)
    methods = {"smoking": method, "obesity": "interval_95"}
    both = compare(pd.concat([other, table], ignore_index=True), method=methods, **asked)
    together = both.iloc[len(other) :].reset_index(drop=True)
    pd.testing.assert_frame_equal(together, alone)


@quick
@given(tables(), METHODS, POLARITIES)
def test_every_row_has_a_verdict_or_a_reason(table, method, polarity):
    found = compare(table, benchmark=ENGLAND, method=method, polarity=polarity, goals=GOALS)
    compared = found["verdict"] != "not compared"
    assert (found["test"] == method).equals(compared)
    assert (found["not_compared_reason"] == "").equals(compared)


@pytest.mark.parametrize(
    ("label", "test", "word"),
    [
        ("Better", "interval_95", "better"), ("Better 95%", "interval_95", "better"),
        ("Lower 99.8", "interval_99_8", "lower"), ("Higher 99.8", "interval_both", "higher 99.8"),
        ("Better 99.8%", "interval_both", "best"), ("Worse 95", "interval_both", "worse"),
        ("Best", "interval_both", "best"), ("Best", "interval_95", "better"),
        ("Best", "quintiles", "best fifth"), ("Better", "quintiles", "second best fifth"),
        ("Middle", "quintiles", "middle fifth"), ("Low", "quintiles", "second lowest fifth"),
        ("Highest", "", "highest fifth"), (" similar ", "overlapping", "similar"),
        ("Not compared", "interval_95", ""), ("", "interval_95", ""), (None, "interval_95", ""),
        ("Better 90", "interval_95", ""), ("Amber", "interval_95", ""),
        ("Similar", "quintiles", ""),
    ],
)  # fmt: skip
def test_printed_labels_are_read(label, test, word):
    assert read_labels(pd.Series([label], dtype="str"), tests=test).tolist() == [word]
    tests = pd.Series(["interval_95", test], dtype="str")
    both = pd.Series(["Worse", label], dtype="str", index=[3, 3])
    assert read_labels(both, tests=tests).tolist() == ["worse", word]


def test_labels_and_their_tests_must_be_of_one_length():
    with pytest.raises(ValueError, match="1 tests for 2 labels"):
        read_labels(pd.Series(["Better", "Worse"]), tests=pd.Series(["interval_95"]))


def test_the_one_label_reader_agrees():
    for label in ("Worse", "Lower 99.8", "Best", "Similar", "Not compared", ""):
        found = published_verdict(label)
        (word,) = read_labels(pd.Series([label]))
        assert (found.outcome if found else "") == word


def agreed(table, labels, method="interval_95", polarity="low_is_good"):
    compared = compare(table, benchmark=10.0, method=method, polarity=polarity)
    return agreement(table, compared, pd.Series(labels, index=table.index, dtype="str"))


def test_agreement_by_hand():
    table = observations(
        row(13, 11, 15), row(13, 11, 15), row(12.4, 10.1, 14.7), row(13, 11, 15),
        row(13, 11.5, 14.5, 9.5, 16.5), row(13, 11.5, 14.5, 10.5, 16.5), row(13, 11, 15),
        row(13), row(13, 11, 15), row(13, 11, 15), row(12, 8.4, 14.7),
    )  # fmt: skip
    labels = ["Worse", "Better", "Similar", "Higher", "Similar", "Similar", "Not compared", "Worse",
              "", "Amber", "Worse"]  # fmt: skip
    found = agreed(table, labels)
    assert found["outcome"].tolist() == ["agree", *["differ"] * 5, *["not testable"] * 4, "differ"]
    assert [why.split(":")[0] for why in found["why"]] == [
        "", "another polarity", "rounding", "another polarity", "another level", "unexplained",
        "the publisher does not compare it", "no 95% confidence interval in the extract",
        "no comparison is printed", "the printed label is not one we know", "unexplained",
    ]  # fmt: skip
    total = counted(found)
    assert total.agree == 1
    assert list(total.differ.values()) == [2, 2, 1, 1]
    assert sum(total.not_testable.values()) == 4


def test_rounding_explains_no_more_than_the_last_printed_digit():
    table = observations(row(12.43, 10.01, 14.71), row(12.43, 10.02, 14.71))
    assert [why.split(":")[0] for why in agreed(table, ["Similar"] * 2)["why"]] == [
        "rounding", "unexplained",
    ]  # fmt: skip


def test_agreement_at_both_levels_wants_the_level_too():
    table = observations(row(13, 11, 15, 9, 17), row(13, 11, 15, 10.5, 17))
    found = agreed(table, ["Worse 95", "Worse 95"], method="interval_both")
    assert found["outcome"].tolist() == ["agree", "differ"]


def test_agreement_refuses_rows_of_another_table():
    table = observations(row(13, 11, 15), row(13, 11, 15))
    compared = compare(table, benchmark=10.0, method="interval_95", polarity="low_is_good")
    with pytest.raises(ValueError, match="same rows"):
        agreement(table, compared, pd.Series(["Worse", "Worse"], index=[4, 5]))


def test_how_many_would_differ_by_chance():
    tests = pd.Series(["interval_95"] * 40 + ["interval_99_8"] * 10 + ["quintiles", "", "goal"])
    assert differ_by_chance(tests) == pytest.approx(40 * 0.05 + 10 * 0.002)
    assert differ_by_chance(pd.Series([], dtype="str")) == 0


def test_overlap_by_chance_is_the_share_of_simulated_pairs():
    share = differ_by_chance(pd.Series(["overlapping"]))
    assert share == pytest.approx(2 * stats.norm.sf(1.959963985 * math.sqrt(2)), rel=1e-6)
    a, b = np.random.default_rng(1).standard_normal((2, 400_000))
    apart = (abs(a - b) > 2 * 1.959963985).mean()
    assert share == pytest.approx(apart, rel=0.1)

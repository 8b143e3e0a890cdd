"""Our verdicts against the comparisons the publisher printed, on the real extracts.

The files are read here by pandas alone, so that our reader cannot hide a difference.
"""

import numpy as np
import pandas as pd
import pytest

from lbbd_jsna.statistics.comparisons import agreement, compare, counted, read_labels

ENGLAND = "E92000001"
COLUMNS = {
    "Indicator ID": "indicator", "Parent Code": "parent", "Area Code": "area_code",
    "Area Type": "area_type", "Sex": "sex", "Age": "age", "Category Type": "category_type",
    "Category": "category", "Time period": "period", "Time period range": "period_range",
    "Value": "value", "Lower CI 95.0 limit": "lower_95", "Upper CI 95.0 limit": "upper_95",
    "Lower CI 99.8 limit": "lower_99_8", "Upper CI 99.8 limit": "upper_99_8",
    "Compared to England value or percentiles": "against_england",
    "Compared to Region value or percentiles": "against_region",
}  # fmt: skip
NUMBERS = ["value", "lower_95", "upper_95", "lower_99_8", "upper_99_8"]
SERIES = ["indicator", "sex", "age", "category_type", "category", "period", "period_range"]
# Of each file: how its publisher judges it, as its labels show.
POLARITIES = {
    "848": "no_judgement", "90319": "low_is_good", "92026": "low_is_good",
    "93105": "low_is_good", "90323": "low_is_good", "92033": "low_is_good",
    "93107": "low_is_good", "90362": "high_is_good", "90366": "high_is_good",
    "91112": "high_is_good", "92254": "no_judgement", "92443": "low_is_good",
    "92445": "low_is_good", "92901": "low_is_good", "93014": "high_is_good",
    "93015": "low_is_good", "93088": "low_is_good", "93563": "low_is_good",
    "93570": "high_is_good", "93721": "low_is_good", "93356": "low_is_good",
}  # fmt: skip


def read(path) -> pd.DataFrame:
    # Older exports have one heading more than their rows have fields.
    table = pd.read_csv(path, index_col=False, dtype=str, keep_default_na=False)
    table = table.rename(columns=COLUMNS).reindex(columns=list(COLUMNS.values()), fill_value="")
    for name in NUMBERS:
        table[name] = pd.to_numeric(table[name].replace("", np.nan)).astype(float)
    return table


@pytest.fixture(scope="module")
def export(extracts) -> pd.DataFrame:
    """The untouched export, the one file with intervals."""
    return read(extracts / "fingertips_raw_export" / "93356-website-export-2019.csv")


@pytest.fixture(scope="module")
def rounded(extracts) -> pd.DataFrame:
    """The sixteen files whose intervals were dropped on their way here."""
    files = sorted((extracts / "fingertips").glob("*.csv"))
    assert len(files) == 16
    return pd.concat(map(read, files), ignore_index=True)


def judged(table, benchmark, labels, method="interval_95", **more):
    found = compare(table, benchmark=benchmark, method=method, polarity=POLARITIES, **more)
    return found, agreement(table, found, table[labels])


def test_every_verdict_against_england_is_the_printed_one(export):
    found, agreed = judged(export, ENGLAND, "against_england")
    counts = counted(agreed)
    assert (counts.agree, counts.differ) == (750, {})
    # England itself, the regions, which the website compares with nothing, England's tenths by
    # deprivation and ten areas without a value.
    assert counts.not_testable == {"the publisher does not compare it": 102}
    assert found["verdict"].value_counts()[["better", "worse", "similar"]].tolist() == [
        283, 247, 220,
    ]  # fmt: skip
    silent = export[agreed["outcome"] == "not testable"]
    assert silent["area_type"].value_counts().to_dict() == {
        "Country": 65, "Region": 27, "County & UA": 10,
    }  # fmt: skip
    assert silent.loc[silent["area_type"] == "County & UA", "value"].isna().all()


def test_what_the_publisher_leaves_out_we_leave_out_too(export):
    found, agreed = judged(export, ENGLAND, "against_england")
    assert (found.loc[agreed["outcome"] == "not testable", "verdict"] == "not compared").all()
    for area_type, reasons in (
        ("Country", {"it is the benchmark itself"}),
        ("County & UA", {"the area has no value"}),
    ):
        rows = (export["area_type"] == area_type) & (agreed["outcome"] == "not testable")
        assert set(found.loc[rows, "not_compared_reason"]) == reasons


def test_every_verdict_against_the_region_is_the_printed_one(export):
    regions = export.loc[export["area_type"] == "Region", ["area_code", *SERIES, "value"]]
    regions = regions.rename(columns={"area_code": "parent", "value": "of_region"})
    benchmark = export.merge(regions, on=["parent", *SERIES], how="left", validate="m:1")
    _, agreed = judged(export, benchmark["of_region"].to_numpy(), "against_region")
    counts = counted(agreed)
    assert (counts.agree, counts.differ) == (450, {})
    assert sum(counts.not_testable.values()) == len(export) - 450


def test_the_printed_labels_follow_the_value_of_england_and_not_its_interval(export):
    """Were intervals held against intervals, some labels would be otherwise."""
    found, agreed = judged(export, ENGLAND, "against_england", method="overlapping")
    differing = agreed[agreed["outcome"] == "differ"]
    assert len(differing)
    assert (found.loc[differing.index, "verdict"] == "similar").all()


def test_a_wrong_polarity_shows(export):
    turned = compare(export, benchmark=ENGLAND, method="interval_95", polarity="high_is_good")
    counts = counted(agreement(export, turned, export["against_england"]))
    assert counts.agree == 220
    assert list(counts.differ.values()) == [530]
    assert next(iter(counts.differ)).startswith("another polarity")


def test_labels_without_intervals_cannot_be_tested_and_say_so(rounded):
    _, agreed = judged(rounded, ENGLAND, "against_england")
    counts = counted(agreed)
    assert (counts.agree, counts.differ) == (0, {})
    assert counts.not_testable == {
        "no 95% confidence interval in the extract": 54_836,
        "the publisher does not compare it": 6_878,
        "the benchmark has no value for this period": 42,  # wards of another borough
        "it is the benchmark itself": 10,  # England's own fifths by deprivation
    }
    assert sum(counts.not_testable.values()) == len(rounded)


def test_printed_directions_are_those_of_the_values(rounded):
    """Without intervals one thing can be checked: the side of England a label is on."""
    headline = rounded[rounded["category_type"] == ""]
    found, _ = judged(headline, ENGLAND, "against_england")
    label = read_labels(headline["against_england"])
    up = label.isin(["better", "higher"])
    down = label.isin(["worse", "lower"])
    low_is_good = headline["indicator"].map(POLARITIES) == "low_is_good"
    above = np.where(low_is_good, down, up)
    below = np.where(low_is_good, up, down)
    known = (headline["value"].notna() & found["benchmark_value"].notna()).to_numpy()
    gap = (headline["value"] - found["benchmark_value"]).to_numpy()
    assert ((above | below) & known).sum() == 29_329
    wrong = known & ((above & (gap < 0)) | (below & (gap > 0)))
    assert not wrong.any()
    # Values are rounded to one decimal: of three health checks figures only the label tells.
    assert (known & (above | below) & (gap == 0)).sum() == 3


def test_printed_labels_of_breakdowns_are_against_the_headline(rounded):
    """England's own fifths are judged: they cannot be held against themselves."""
    own = rounded[(rounded["category_type"] != "") & (rounded["area_code"] == ENGLAND)]
    assert own["against_england"].tolist() == ["Worse", "Worse", "Better", "Better", "Better"] * 2

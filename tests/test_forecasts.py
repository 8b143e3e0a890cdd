"""Forecasts against a diffuse prior worked out another way, simulation and the real past."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lbbd_jsna.periods import read_period
from lbbd_jsna.schema import OBSERVATIONS
from lbbd_jsna.statistics.back_tests import back_test, coverage, yearly_series
from lbbd_jsna.statistics.forecasts import (
    COVERAGE_80,
    COVERAGE_80_OVERLAPPING,
    SLOPE,
    TESTED_YEARS,
    WANDER,
    coverage_80,
    forecast,
)

NAN = math.nan
YEARS = np.array([2015.75, 2016.75, 2017.75, 2018.75, 2019.75, 2021.75, 2022.75])
VALUES = np.array([13.5, 13.8, 13.1, 13.0, 13.2, 14.8, 12.7])


def diffuse(years, values, ahead, *, level=0.8, span=1.0, noise=None):
    """The same model as a joint normal distribution: a vast prior variance for the level.

    Conditions one value at a time, as a filter does, instead of by least squares.
    """
    t = np.concatenate([years, years[-1] + np.asarray(ahead)])
    e = np.concatenate([np.ones(len(years)) if noise is None else noise, np.ones(len(ahead))])
    gap = np.abs(np.subtract.outer(t, t))
    joint = 1e7 + SLOPE * np.multiply.outer(t - years[-1], t - years[-1])
    joint = joint + WANDER * (np.minimum.outer(t, t) - t[0])
    joint = joint + np.multiply.outer(e, e) * np.maximum(1 - gap / span, 0)
    mean, squares = np.full(t.size, float(np.mean(values))), 0.0
    for i, value in enumerate(values):
        off = value - mean[i]
        if i:  # the first only sets the level
            squares += off**2 / joint[i, i]
        gain = joint[:, i] / joint[i, i]
        mean = mean + gain * off
        joint = joint - np.outer(gain, joint[i])
    n = len(values)
    spread = np.sqrt(np.diag(joint)[n:] * squares / (n - 1))
    reach = stats.t.ppf(0.5 + level / 2, n - 1) * spread
    return mean[n:], mean[n:] - reach, mean[n:] + reach


@pytest.mark.parametrize("span", [1.0, 3.0])
@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
def test_it_is_the_conditional_distribution_of_the_model(span, level):
    made = forecast(YEARS, VALUES, ahead=4, level=level, span=span)
    expected = diffuse(YEARS, VALUES, [1, 2, 3, 4], level=level, span=span)
    np.testing.assert_allclose(made.years, 2022.75 + np.arange(1, 5))
    for found, other in zip(made[1:], expected, strict=True):
        np.testing.assert_allclose(found, other, rtol=1e-5)


def test_standard_errors_weigh_the_values_of_one_series():
    errors = np.array([0.1, 0.1, 0.1, 0.1, 0.1, 0.4, 0.1])
    made = forecast(YEARS, VALUES, ahead=2, standard_errors=errors)
    noise = errors / np.sqrt((errors**2).mean())
    expected = diffuse(YEARS, VALUES, [1, 2], noise=noise)
    for found, other in zip(made[1:], expected, strict=True):
        np.testing.assert_allclose(found, other, rtol=1e-5)


def test_limits_are_no_narrower_than_the_values_are_certain():
    flat = forecast(YEARS, np.full(7, 12.0), ahead=1)
    assert flat.value == flat.lower == flat.upper == 12
    unsure = forecast(YEARS, np.full(7, 12.0), ahead=1, standard_errors=0.5)
    # The next value's own scatter alone reaches t(6) standard errors.
    assert unsure.upper[0] - 12 > 0.5 * stats.t.ppf(0.9, 6)


def test_about_so_many_later_values_fall_inside_as_the_level_says():
    """Series drawn from the model itself: the limits must hold their level at every distance."""
    rng = np.random.default_rng(7)
    t = np.arange(14.0)
    drawn, held = 1500, np.zeros(5)
    for _ in range(drawn):
        level = rng.normal(0, math.sqrt(WANDER), t.size).cumsum()
        y = 50 + rng.normal(0, math.sqrt(SLOPE)) * t + level + rng.normal(0, 1, t.size)
        made = forecast(t[:9], y[:9], ahead=5)
        held += (made.lower <= y[9:]) & (y[9:] <= made.upper)
    # Three standard errors of a share of 0.8 in 1,500 draws.
    np.testing.assert_allclose(held / drawn, 0.8, atol=3 * math.sqrt(0.16 / drawn))


def test_a_missing_year_is_a_wider_step():
    close = forecast([1, 2, 3, 4, 5], [10, 11, 12, 13, 14], ahead=1)
    gap = forecast([1, 2, 3, 4, 8], [10, 11, 12, 13, 14], ahead=1)
    assert gap.years[0] == 9
    # The level had time to wander: the newest value counts for more.
    assert close.value[0] < gap.value[0] < 14.5
    blank = forecast([1, 2, 3, 4, 5, 6], [10, 11, 12, 13, NAN, 14], ahead=1)
    left_out = forecast([1, 2, 3, 4, 6], [10, 11, 12, 13, 14], ahead=1)
    np.testing.assert_array_equal(blank, left_out)


def test_the_longer_a_slope_has_lasted_the_more_of_it_is_carried_on():
    carried = [np.diff(forecast(np.arange(n), 3.0 * np.arange(n)).value) for n in (5.0, 10, 30)]
    np.testing.assert_allclose(carried, np.array(carried)[:, :1].repeat(4, axis=1))
    assert 0 < carried[0][0] < carried[1][0] < carried[2][0] < 3


def test_overlapping_years_hold_the_next_value_close_to_the_last():
    y = [10, 10, 10, 10, 10, 13]
    apart = forecast(np.arange(6.0), y, ahead=[1]).value[0]
    sharing = forecast(np.arange(6.0), y, ahead=[1], span=3).value[0]
    assert abs(13 - sharing) < abs(13 - apart)


series = st.lists(
    st.floats(-1e3, 1e3).map(lambda v: round(v, 3)), min_size=5, max_size=12
).filter(lambda v: max(v) - min(v) > 0.01)


@settings(max_examples=40, deadline=None)
@given(series, st.floats(0.01, 100), st.floats(-500, 500), st.randoms(use_true_random=False))
def test_unit_origin_and_order_make_no_difference(y, scale, shift, random):
    t = np.arange(2000.0, 2000 + len(y))
    plain = forecast(t, y, ahead=3)
    moved = forecast(t - 1990, scale * np.array(y) + shift, ahead=3)
    for found, other in zip(plain[1:], moved[1:], strict=True):
        np.testing.assert_allclose(scale * found + shift, other, rtol=1e-6, atol=1e-6)
    order = random.sample(range(len(y)), len(y))
    np.testing.assert_array_equal(forecast(t[order], np.array(y)[order], ahead=3), plain)
    mirrored = forecast(t, -np.array(y), ahead=3)
    np.testing.assert_allclose(mirrored.lower, -plain.upper, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(series)
def test_limits_hold_the_forecast_and_widen_with_time_and_level(y):
    t = np.arange(len(y), dtype=float)
    made, wider = (forecast(t, y, ahead=6, level=level) for level in (0.8, 0.95))
    assert (made.lower <= made.value).all()
    assert (made.value <= made.upper).all()
    assert (np.diff(made.upper - made.lower) > 0).all()
    assert (wider.upper > made.upper).all()


def test_forecasts_stop_where_the_unit_ends():
    made = forecast(np.arange(6.0), [95, 90, 99, 94, 99, 99.5], ahead=5, bounds=(0, 100))
    assert made.upper.max() == 100
    assert (made.value <= 100).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": [1, 2, 3, 4, NAN]}, "needs 5 values; there are 4"),
        ({"years": [1, 2, 3, 3, 4]}, "stands twice"),
        ({"ahead": 0}, "some way ahead"),
        ({"ahead": [1, -1]}, "some way ahead"),
        ({"level": 1}, "between 0 and 1"),
        ({"standard_errors": [1, 1, 0, 1, 1]}, "standard error above 0"),
        ({"standard_errors": [1, 1, NAN, 1, 1]}, "standard error above 0"),
    ],
)
def test_what_cannot_be_forecast_is_refused(change, message):
    given_ = {"years": [1, 2, 3, 4, 5], "values": [1, 2, 3, 4, 5], **change}
    with pytest.raises(ValueError, match=message):
        forecast(given_.pop("years"), given_.pop("values"), **given_)


# --- Back-test ---------------------------------------------------------------------------


def one_series(years, values, name="a", **columns):
    return pd.DataFrame({"series": name, "year": years, "value": values, **columns})


def test_each_past_year_is_forecast_from_what_was_known_then():
    tested = back_test(one_series(YEARS, VALUES, indicator="obesity"), ahead=2)
    assert list(tested.columns[:2]) == ["indicator", "series"]
    assert [(r.points, r.horizon, r.actual, r.naive) for r in tested.itertuples()] == [
        (5, 2, 14.8, 13.2), (6, 1, 12.7, 14.8)]  # fmt: skip
    first = forecast(YEARS[:5], VALUES[:5], ahead=[2])
    row = tested.iloc[0]
    assert (row.forecast, row.lower, row.upper) == (first.value, first.lower, first.upper)
    assert row.inside == (first.lower[0] <= 14.8 <= first.upper[0])


def test_the_future_is_not_looked_at():
    changed = VALUES.copy()
    changed[-1] = 99
    before, after = (back_test(one_series(YEARS, v)) for v in (VALUES, changed))
    made = ["forecast", "lower", "upper"]
    pd.testing.assert_frame_equal(before[made], after[made])
    assert after["actual"].max() == 99


def test_span_and_standard_errors_are_used():
    plain = back_test(one_series(YEARS, VALUES))
    pooled = back_test(one_series(YEARS, VALUES, span=3.0))
    unsure = back_test(one_series(YEARS, VALUES, standard_error=5.0))
    assert (plain["forecast"] != pooled["forecast"]).all()
    assert (unsure["upper"] - unsure["lower"] > plain["upper"] - plain["lower"]).all()


def test_coverage_counted_by_hand():
    tested = pd.DataFrame(
        {
            "horizon": [1, 1, 2],
            "forecast": [10.0, 12, 10], "actual": [11.0, 15, 10], "naive": [13.0, 17, 10],
            "inside": [True, False, True],
        }
    )  # fmt: skip
    found = coverage(tested)
    assert found.loc[1].to_list() == [2, 0.5, 2.0, 2.0, 1.0]
    assert found.loc[2, ["forecasts", "inside", "error"]].to_list() == [1, 1, 0]
    assert math.isnan(found.loc[2, "relative_error"])


def observations(periods, values, **columns):
    """Rows of an observations table, one a period."""
    dates = [read_period(period) for period in periods]
    rows = pd.DataFrame({c.name: "" for c in OBSERVATIONS}, index=range(len(periods)))
    said = {"indicator": "x", "area_code": "E09000002", "sex": "Persons", "age": "all",
            "period_range": [d.range for d in dates], "lower_95": NAN, "upper_95": NAN}  # fmt: skip
    return rows.assign(
        **said,
        period=periods,
        value=values,
        period_start=pd.to_datetime([d.start for d in dates]),
        period_end=pd.to_datetime([d.end for d in dates]),
    ).assign(**columns)


def test_yearly_series_stand_in_the_middle_of_their_periods():
    split = [f"{y}/{(y + 1) % 100:02d}" for y in range(2018, 2024)]
    found = yearly_series(
        observations(split, [1.0, 2, 3, NAN, 5, 6], lower_95=0.0, upper_95=3.92)
    )
    assert found["value"].to_list() == [1, 2, 3, 5, 6]
    np.testing.assert_allclose(found["year"], [2018.75, 2019.75, 2020.75, 2022.75, 2023.75],
                               atol=0.003)
    assert set(found["span"]) == {1.0}
    np.testing.assert_allclose(found["standard_error"], 1.0)


def test_three_years_together_span_three():
    pooled = [f"{y} - {(y + 2) % 100:02d}" for y in range(2015, 2021)]
    found = yearly_series(observations(pooled, range(6)))
    assert set(found["span"]) == {3.0}
    assert found["year"].iloc[0] == pytest.approx(2016.5, abs=0.003)
    assert found["standard_error"].isna().all()


@pytest.mark.parametrize(
    "rows",
    [
        observations(["2019", "2020", "2021", "2022"], [1, 2, 3, 4]),
        observations([f"2021 Q1 - {y} Q4" for y in range(2021, 2027)], range(6)),
        observations([f"{y} Q1" for y in range(2015, 2023)], range(8)),
        observations([str(y) for y in range(2015, 2023)], range(8), category="most deprived",
                     category_type="deprivation"),
    ],
    ids=["too short", "each holds the one before", "quarters", "not the headline"],
)  # fmt: skip
def test_what_is_no_yearly_series_is_left_out(rows):
    assert yearly_series(rows).empty
    assert back_test(yearly_series(rows)).empty


def test_the_coverage_we_print_is_that_of_the_real_past(extracts):
    """The constants on the page, from the raw files of every English authority but London."""
    rows = pd.concat(
        pd.read_csv(path, low_memory=False, dtype={"Category Type": str, "Time period": str})
        for path in sorted((extracts / "fingertips").glob("*.csv"))
    )
    rows = rows[rows["Category Type"].isna() & rows["Value"].notna()]
    rows = rows[rows["Area Type"].isin(["District", "UA", "County"])]
    rows = rows[~rows["Area Code"].str.startswith("E09")]
    periods = {text: read_period(text) for text in rows["Time period"].unique()}
    table = pd.DataFrame(
        {
            "indicator": rows["Indicator ID"].astype(str) + rows["Sex"],
            "area_code": rows["Area Code"], "sex": "", "age": "", "category_type": "",
            "period_range": rows["Time period"].map(lambda text: periods[text].range),
            "period_start": pd.to_datetime(rows["Time period"].map(lambda t: periods[t].start)),
            "period_end": pd.to_datetime(rows["Time period"].map(lambda t: periods[t].end)),
            "value": rows["Value"], "lower_95": NAN, "upper_95": NAN,
        }
    ).drop_duplicates(["indicator", "area_code", "period_start", "period_end"])  # fmt: skip
    tested = back_test(yearly_series(table))
    overlapping = tested["indicator"].str[:5].isin(["90362", "90366", "92901"])
    for rows, printed in ((~overlapping, COVERAGE_80), (overlapping, COVERAGE_80_OVERLAPPING)):
        both = coverage(tested[rows], by=["indicator", "horizon"])
        found = both.groupby("horizon")["inside"].mean()
        assert found.to_dict() == pytest.approx(printed, abs=0.006)
    errors = coverage(tested, by="indicator")["relative_error"]
    assert errors.mean() == pytest.approx(0.94, abs=0.01)


def test_a_forecast_reaches_no_further_than_it_was_tried():
    assert list(COVERAGE_80) == list(range(1, TESTED_YEARS + 1))
    t = np.arange(8.0)
    assert len(forecast(t, t % 3).years) == 5
    assert len(forecast(t, t % 3, span=3).years) == 4
    assert coverage_80(1) is COVERAGE_80
    assert coverage_80(3) is COVERAGE_80_OVERLAPPING

"""How far forecasts can be trusted: made at each past year, and set beside what then happened."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lbbd_jsna.statistics.forecasts import FEWEST_POINTS, TESTED_YEARS, forecast

_SERIES = ["indicator", "area_code", "sex", "age", "period_range"]
_TESTED = ("series", "origin", "points", "horizon", "year", "forecast", "lower", "upper",
           "actual", "naive", "inside")  # fmt: skip
_ROUNDING = 1e-6


def yearly_series(observations: pd.DataFrame) -> pd.DataFrame:
    """The series of an observations table that a forecast can be made for.

    Parameters
    ----------
    observations : DataFrame
        Columns as `schema.OBSERVATIONS`.

    Returns
    -------
    DataFrame
        One row a value: series (area, sex and indicator in one text), indicator, area_code,
        year (the middle of the period), value, span (years it covers), standard_error (of
        the printed 95 % limits, else missing). Headline values only, of series of
        `FEWEST_POINTS` values or more whose periods cover a year or more; series that grow
        from one fixed start are left out, since each value holds the one before.

    Source
    ------
    As for `standard_error`: (upper - lower) / (2 x 1.96).
    """
    rows = observations[observations["category_type"].eq("") & observations["value"].notna()]
    start, end = rows["period_start"], rows["period_end"] + pd.Timedelta(days=1)
    days = (end - start).dt.days
    yearly = pd.DataFrame(
        {
            "series": rows["indicator"].str.cat([rows[c] for c in _SERIES[1:]], sep=" "),
            "indicator": rows["indicator"],
            "area_code": rows["area_code"],
            "year": 1970 + ((start - pd.Timestamp(0)).dt.days + days / 2) / 365.2425,
            "value": rows["value"],
            "span": (days / 365.25).round(),
            "standard_error": (rows["upper_95"] - rows["lower_95"]) / 3.92,
            "_start": start,
        }
    )
    yearly = yearly[yearly["span"].ge(1)].sort_values(["series", "year"])
    grouped = yearly.groupby("series")
    enough = grouped["value"].transform("size").ge(FEWEST_POINTS)
    moving = grouped["_start"].transform("nunique").eq(grouped["value"].transform("size"))
    return yearly[enough & moving].drop(columns="_start").reset_index(drop=True)


def back_test(
    series: pd.DataFrame, *, ahead: int = TESTED_YEARS, level: float = 0.8
) -> pd.DataFrame:
    """Forecasts made at each past year, beside what then happened.

    Parameters
    ----------
    series : DataFrame
        Columns series, year and value, one row a value, as from `yearly_series`; optionally
        span (1 if not given), standard_error, and others that are the same throughout a
        series and are carried over.
    ahead : int
        The furthest, in whole years.
    level : float
        Of the limits.

    Returns
    -------
    DataFrame
        One row for each origin and later value: the carried columns; series, origin (the
        last year known), points (known by then), horizon (years ahead, to the nearest
        whole), year, forecast, lower, upper, actual, naive (the value at the origin),
        inside (whether the limits held the value).

    Source
    ------
    Rolling origin: Tashman LJ (2000), International Journal of Forecasting 16, 437-450.
    """
    rows = [
        row
        for _, one in series.dropna(subset=["year", "value"]).groupby("series", sort=True)
        for row in _origins(one.sort_values("year"), ahead, level)
    ]
    tested = pd.DataFrame(rows, columns=[*_carried(series), *_TESTED])
    return tested.astype({"horizon": int, "points": int, "inside": bool})


def _carried(series: pd.DataFrame) -> list[str]:
    own = {"series", "year", "value", "span", "standard_error"}
    return [column for column in series if column not in own]


def _origins(one: pd.DataFrame, ahead: int, level: float) -> list[tuple]:
    t, y = one["year"].to_numpy(float), one["value"].to_numpy(float)
    span = float(one["span"].iloc[0]) if "span" in one else 1.0
    errors = one["standard_error"].to_numpy(float) if "standard_error" in one else y * np.nan
    known = errors if (errors > 0).all() else None
    said = [*(one[column].iloc[0] for column in _carried(one)), one["series"].iloc[0]]
    rows = []
    for n in range(FEWEST_POINTS, t.size):
        steps = t[n:] - t[n - 1]
        steps = steps[np.rint(steps) <= ahead]
        if not steps.size:
            continue
        past = None if known is None else known[:n]
        made = forecast(
            t[:n], y[:n], ahead=steps, level=level, standard_errors=past, span=span
        )
        for i, (year, value, low, high) in enumerate(zip(*made, strict=True)):
            inside = low - _ROUNDING <= y[n + i] <= high + _ROUNDING
            rows.append((*said, t[n - 1], n, max(1, round(steps[i])), year, value, low, high,
                         y[n + i], y[n - 1], inside))
    return rows


def coverage(tested: pd.DataFrame, *, by: str | Sequence[str] = "horizon") -> pd.DataFrame:
    """How often the limits held what happened, and how large the errors were.

    Parameters
    ----------
    tested : DataFrame
        From `back_test`.
    by : column or columns
        To tell apart, such as horizon or indicator.

    Returns
    -------
    DataFrame, one row a group, indexed by `by`
        forecasts (how many), inside (share, 0 to 1), error (mean absolute, in the unit of
        the values), naive_error (that of "as last year"), relative_error (their ratio).
        Errors of different units are summed where a group holds several series: compare
        groups by the ratio within one indicator.

    Source
    ------
    Hyndman RJ, Koehler AB (2006), International Journal of Forecasting 22, 679-688.
    """
    columns = [by] if isinstance(by, str) else list(by)
    measured = tested[columns].assign(
        inside=tested["inside"],
        error=(tested["forecast"] - tested["actual"]).abs(),
        naive_error=(tested["naive"] - tested["actual"]).abs(),
    )
    grouped = measured.groupby(columns, sort=True)
    found = grouped[["inside", "error", "naive_error"]].mean()
    found.insert(0, "forecasts", grouped.size())
    found["relative_error"] = found["error"] / found["naive_error"].where(found["naive_error"] > 0)
    return found

"""Series worked out from two published ones, such as a share of years in good health."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.schema import as_observations, empty_observations
from lbbd_jsna.sources.csv_files import counted

# What must be the same in both series.
_SAME = ["area_code", "sex", "period", "period_range"]
_LIMITS = ("lower_95", "upper_95", "lower_99_8", "upper_99_8")
_PRINTED = ("category_type", "category", "published_trend", "published_comparison")


def derive(observations: pd.DataFrame, *, catalogue: Catalogue) -> tuple[pd.DataFrame, list[str]]:
    """Work out every derived series of the catalogue.

    100 x numerator / denominator, for the same area, sex, period and length of period;
    headline rows only. It has no interval: the two series are not independent, and what
    they share is not published. Its count and denominator are the two values where both
    series are counts, and blank otherwise.

    Parameters
    ----------
    observations : DataFrame
        Columns `schema.OBSERVATIONS`.
    catalogue : Catalogue
        Indicators with `derived` name the two series.

    Returns
    -------
    DataFrame, list of str
        The derived rows only, with the file and row of the numerator; and a note for each
        series with rows of the numerator that find no partner.
    """
    tables, notes = [], []
    for name in sorted(catalogue.indicators):
        indicator = catalogue.indicators[name]
        if indicator.derived:
            table, note = _derive_one(observations, indicator, catalogue)
            tables.append(table)
            notes += [note] if note else []
    if not any(len(table) for table in tables):
        return empty_observations(), notes
    return as_observations(pd.concat(tables, ignore_index=True)), notes


def _derive_one(
    observations: pd.DataFrame, indicator: Indicator, catalogue: Catalogue
) -> tuple[pd.DataFrame, str]:
    over, under = (
        observations[
            (observations["indicator"] == part)
            & (observations["category_type"] == "")
            & (observations["category"] == "")
        ]
        for part in (indicator.derived.numerator, indicator.derived.denominator)
    )
    if indicator.sex:
        over = over[over["sex"].str.casefold() == indicator.sex.casefold()]
    pairs = over.merge(
        under[[*_SAME, "value", "status"]],
        on=_SAME,
        validate="one_to_one",
        suffixes=("", "_under"),
    )
    single = len(over) - len(pairs)
    note = f"{indicator.id}: {counted(single, 'row')} without a partner of the same area and period"
    if pairs.empty:
        return empty_observations(), note if single else ""
    return _worked_out(pairs, indicator, catalogue), note if single else ""


def _worked_out(pairs: pd.DataFrame, indicator: Indicator, catalogue: Catalogue) -> pd.DataFrame:
    parts = [indicator.derived.numerator, indicator.derived.denominator]
    kinds = {catalogue.indicators[part].value_type.casefold() for part in parts}
    titles = [catalogue.indicators[part].title for part in parts]
    value = 100 * pairs["value"] / pairs["value_under"].where(pairs["value_under"] > 0)
    status = _status(pairs, blank=value.isna())
    return pairs.assign(
        indicator=indicator.id,
        source_id=indicator.source_id,
        age=indicator.age or pairs["age"],
        value=value,
        status=status,
        value_note=f"Worked out: 100 x {titles[0]} / {titles[1]}",
        count=pairs["value"] if kinds == {"count"} else np.nan,
        denominator=pairs["value_under"] if kinds == {"count"} else np.nan,
        **dict.fromkeys(_LIMITS, np.nan),
        **dict.fromkeys(_PRINTED, ""),
    )


def _status(pairs: pd.DataFrame, *, blank: pd.Series) -> np.ndarray:
    """Why there is no value: the numerator's reason first; else as reliable as both parts."""
    low = (pairs["status"] == "low_reliability") | (pairs["status_under"] == "low_reliability")
    return np.select(
        [
            blank & pairs["value"].isna(),
            blank & pairs["value_under"].isna(),
            blank,
            low,
        ],
        [pairs["status"], pairs["status_under"], "not_applicable", "low_reliability"],
        default="published",
    )

"""Built ward figures as rows of the workspace's observations."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from lbbd_jsna.errors import Fault, GeographyError
from lbbd_jsna.periods import read_period
from lbbd_jsna.schema import as_observations
from lbbd_jsna.sources.csv_files import counted
from lbbd_jsna.wards.build import ORIGIN
from lbbd_jsna.wards.codes import checked_codes, needs, one_vintage
from lbbd_jsna.wards.fit import LEAST_EXACT

ESTIMATED = "Estimated"
NO_SMALL_AREA = "No small area has its best fit in this ward"
_LIMITS = ("lower_95", "upper_95", "lower_99_8", "upper_99_8")
_NUMBERS = ("value", *_LIMITS, "count", "denominator")
_BLANKS = ("category_type", "category", "published_trend", "published_comparison")


def as_ward_observations(
    wards: pd.DataFrame,
    *,
    indicator: str,
    names: Mapping[str, str],
    period: str = "",
    year_type: str = "financial",
    sex: str = "Persons",
    age: str = "All ages",
    source_id: str = "",
    source_file: str = "",
    source_row: int = 0,
) -> pd.DataFrame:
    """Give built ward figures the columns of `schema.OBSERVATIONS`.

    Parameters
    ----------
    wards : DataFrame
        As `build_counts`, `weighted_mean`, `rates`, `pooled` or `reliability` give it: ward,
        vintage, and value or count. Columns sex, age and period, if any, hold row by row.
        A count without a value or a denominator is its own value.
    indicator : str
        Id of the catalogue.
    names : mapping of ward code to name
        Every ward of the vintage (`Catalogue.wards`). Names are put beside codes here and
        joined nowhere.
    period, sex, age : str
        For tables without those columns; the period as `periods.read_period` reads it.
    year_type : {"financial", "academic"}
        As for `read_period`.
    source_id : str
        The publisher's id, if there is one.
    source_file, source_row
        Where the inputs stand, for tables that do not say.

    Returns
    -------
    DataFrame
        Columns `schema.OBSERVATIONS`, area_type `ward`. The note says what each figure is
        made of ("Best fit from 6 small areas; 83% exact"), and begins with "Estimated"
        where any of it was shared out or less than half of it is exact. A ward without a row is
        not available.

    Raises
    ------
    GeographyError
        Names in place of codes, wards of two vintages, or wards that are not among `names`.
    TableError, ExtractError
        Rows that break the contract, or a period nobody can read.
    """
    needs(wards, ["ward", "vintage"], where="the wards")
    checked_codes(wards["ward"], kind="ward", where="the wards")
    one_vintage(wards, where="the wards")
    _check_known(wards["ward"], names)
    given = {"sex": sex, "age": age, "period": period}
    given |= {"source_file": source_file, "source_row": source_row}
    table = wards.assign(**{key: said for key, said in given.items() if key not in wards})
    table = _with_every_ward(table, names)
    rows = _figures(table)
    return as_observations(
        rows.assign(
            indicator=indicator,
            source_id=source_id,
            area_code=rows["ward"],
            area_name=rows["ward"].map(dict(names)),
            area_type="ward",
            value_note=[note_of(row) for row in rows.to_dict("records")],
            **_dates(rows["period"], year_type),
            **dict.fromkeys(_BLANKS, ""),
        )
    )


def note_of(row: Mapping[str, object]) -> str:
    """What a ward's figure is made of, in the words of its value note."""
    if row.get("areas", 0) == 0:
        return NO_SMALL_AREA
    said = [_made_of(row)]
    if row.get("weights"):
        said.append(f"mean weighted by {row['weights']}")
    if row.get("why_low"):
        said.append(str(row["why_low"]))
    if _count(row.get("missing")):
        said.append(f"{counted(_count(row['missing']), 'small area')} without a figure")
    return "; ".join(part for part in said if part)


def _made_of(row: Mapping[str, object]) -> str:
    areas, share = _count(row.get("areas")), row.get("exact_share", math.nan)
    if row.get("shared_by"):  # from the old wards, by a concordance
        what = f"shared out from the old wards by {row['shared_by']}"
        return f"{ESTIMATED}: {what}" if row.get("estimated") else "Boundary unchanged in 2022"
    if areas is None:
        return ESTIMATED if row.get("estimated") else ""
    none = ", none wholly in the ward" if share == 0 else ""
    fit = f"est fit from {counted(areas, 'small area')}{none}"
    exact = "exact share not known" if pd.isna(share) else f"{percent_exact(share)} exact"
    if row.get("estimated"):
        why = "less than half exact" if share < LEAST_EXACT else "small areas shared between wards"
        return f"{ESTIMATED}: {why}; b{fit}; {exact}"
    if not pd.isna(share) and share >= _ALL:
        lie = "lies" if areas == 1 else "lie"
        return f"Sum of {counted(areas, 'small area')} that {lie} wholly in the ward; 100% exact"
    return f"B{fit}; {exact}"


# Whole but for the strips between two drawings of one line.
_ALL = 0.995


def percent_exact(share: float) -> str:
    """A share in whole per cent, rounded down, so that 100% is all of it."""
    return "100%" if share >= _ALL else f"{math.floor(100 * share + 1e-9)}%"


def is_estimated(note: str) -> bool:
    """Whether a value note marks its figure as estimated."""
    return note.startswith(ESTIMATED)


def _count(number: object) -> int | None:
    return None if number is None or pd.isna(number) else int(number)


def _check_known(wards: pd.Series, names: Mapping[str, str]) -> None:
    strangers = sorted(set(wards) - set(names))
    if strangers:
        raise GeographyError(
            "the figures are not of these wards",
            [
                Fault("the wards", f"{code} is not one of the {len(names)}", todo="other vintage?")
                for code in strangers
            ],
        )


def _with_every_ward(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """A row for every ward in every group, so that none goes unnoticed."""
    groups = table[["sex", "age", "period", *ORIGIN]].drop_duplicates(["sex", "age", "period"])
    every = groups.merge(pd.DataFrame({"ward": sorted(names)}), how="cross")
    absent = every.merge(table[["ward", "sex", "age", "period"]], how="left", indicator=True)
    absent = absent[absent["_merge"] == "left_only"].drop(columns="_merge")
    if absent.empty:
        return table
    return pd.concat([table, absent.assign(status="not_available", areas=0)], ignore_index=True)


def _figures(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of figures: what is not there is blank, and a blank has no figures left."""
    rows = table.copy()
    for column in _NUMBERS:
        rows[column] = rows[column].astype(float) if column in rows else np.nan
    if "value" not in table:
        rows["value"] = rows["count"]
    if "status" not in rows:
        rows["status"] = "published"
    blank = rows["value"].isna()
    rows.loc[blank & rows["status"].isin(["published", "low_reliability"]), "status"] = (
        "not_available"
    )
    rows.loc[rows["status"] == "suppressed", list(_NUMBERS)] = np.nan
    return rows


def _dates(periods: pd.Series, year_type: str) -> dict[str, object]:
    read = [read_period(text, year_type=year_type) for text in periods]
    return {
        "period_start": pd.to_datetime([period.start for period in read]).as_unit("s"),
        "period_end": pd.to_datetime([period.end for period in read]).as_unit("s"),
        "period_range": [period.range for period in read],
    }

"""Series over time, which never cross from one set of wards to the next unasked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from lbbd_jsna.errors import Fault, GeographyError
from lbbd_jsna.wards.codes import checked_codes, needs, one_vintage
from lbbd_jsna.wards.concordance import apportioned

WARNING = (
    "The boundaries changed in May 2022: figures for the years before are estimates, shared "
    "out from the old wards by {shared_by}. A rise or fall across the change may be the "
    "boundary's, not the people's."
)


class CrossVintage(NamedTuple):
    """A series over both sets of wards, and the warning that goes wherever it is shown."""

    rows: pd.DataFrame
    warning: str


def trend_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a trend, once they are all of one set of wards.

    Parameters
    ----------
    rows : DataFrame
        ward, vintage, and a period.

    Raises
    ------
    GeographyError
        Wards of two vintages: see `across_vintages`.
    """
    needs(rows, ["ward", "vintage"], where="the trend")
    checked_codes(rows["ward"], kind="ward", where="the trend")
    one_vintage(rows, where="the trend")
    return rows


def across_vintages(
    old: pd.DataFrame,
    new: pd.DataFrame,
    table: pd.DataFrame,
    *,
    by: Sequence[str],
    across: bool = False,
    shared_by: str = "people",
) -> CrossVintage:
    """One series of counts over old and new wards: refused unless asked for, then warned of.

    Parameters
    ----------
    old, new : DataFrame
        ward, vintage, count and the columns of `by`.
    table : DataFrame
        From `concordance`.
    by : list of str
        Columns that tell periods and groups apart.
    across : bool
        Has to be true: somebody asked for it and will print the warning.
    shared_by : {"people", "area"}
        As for `concordance.apportioned`.

    Returns
    -------
    CrossVintage
        ward (new), vintage, `by`, count, estimated; and the warning, which is empty where
        every ward of the series is unchanged.

    Raises
    ------
    GeographyError
        Not asked for; or the tables are not of the old and of the new wards.
    """
    if not across:
        raise GeographyError(
            "a trend does not cross from one set of wards to the next",
            [
                Fault(
                    "the trend",
                    "wards of two vintages",
                    "one vintage",
                    "start the trend with the new wards, or ask for across=True and print the "
                    "warning",
                )
            ],
        )
    one_vintage(old, where="the old wards")
    vintage = one_vintage(new, where="the new wards")
    codes = checked_codes(new["ward"], kind="ward", where="the new wards")
    strangers = sorted(set(codes) - set(table["new"]))
    if strangers:
        raise GeographyError(
            "the series is not of the new wards",
            [Fault("the new wards", f"{code} is not one of them") for code in strangers],
        )
    before = apportioned(old, table, by=by, shared_by=shared_by, ward_vintage=vintage)
    before = before[before["ward"].isin(codes)]
    after = new if "estimated" in new else new.assign(estimated=False)
    both = pd.concat([before, after], ignore_index=True)
    warning = WARNING.format(shared_by=shared_by) if before["estimated"].any() else ""
    return CrossVintage(both[["ward", "vintage", *by, "count", "estimated"]], warning)

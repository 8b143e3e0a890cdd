"""Whether the wards add up to the borough, and which areas were left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lbbd_jsna.errors import Fault, TableError
from lbbd_jsna.sources.csv_files import counted
from lbbd_jsna.wards.codes import checked_codes, needs

# Counts are whole; sums of shared ones are not quite.
TOLERANCE = 0.5


@dataclass(frozen=True)
class Reconciliation:
    """The wards against the borough.

    Parameters
    ----------
    table : DataFrame
        The groups, wards (their sum), borough, difference, agrees; one row a group. Holds
        counts: it is not for publication where they are protected.
    missing : tuple of str
        Wards that lack a row, or a count in some group, by code.
    dropped : tuple of str
        Small areas that no ward counts, by code.
    """

    table: pd.DataFrame
    missing: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether every ward is there and every group adds up."""
        return not self.missing and bool(self.table["agrees"].all())

    @property
    def sentence(self) -> str:
        """What was found, without a figure that could be protected."""
        apart = int((~self.table["agrees"]).sum())
        said = "The wards add up to the borough total."
        if apart:
            groups = counted(len(self.table), "group")
            said = f"The wards do not add up to the borough total in {apart} of {groups}."
        if self.missing:
            said += f" Wards without a figure: {', '.join(self.missing)}."
        if self.dropped:
            said += f" Small areas left out: {', '.join(self.dropped)}."
        return said

    def check(self) -> None:
        """Refuse wards that do not add up.

        Raises
        ------
        TableError
            With the groups and the wards, never a count.
        """
        groups = [c for c in self.table if c not in _FIGURES]
        faults = [Fault("the wards", f"no figure for {code}") for code in self.missing]
        for _, row in self.table[~self.table["agrees"]].iterrows():
            what = ", ".join(f"{name} {row[name]}" for name in groups) or "all"
            faults.append(Fault(f"the wards, {what}", "they do not add up to the borough"))
        if faults:
            raise TableError(self.sentence, faults)


_FIGURES = ("wards", "borough", "difference", "agrees")


def reconcile(
    wards: pd.DataFrame,
    borough_total: float | pd.DataFrame,
    *,
    by: Sequence[str] = (),
    expected: Collection[str] = (),
    dropped: Collection[str] = (),
    tolerance: float = TOLERANCE,
) -> Reconciliation:
    """Set the sum of the wards against the borough's own total.

    Parameters
    ----------
    wards : DataFrame
        ward, count, and the columns of `by`; one vintage.
    borough_total : float or DataFrame
        The total, or the columns of `by` with count: one row a group. Not a sum of the
        same wards, which would prove nothing.
    by : list of str
    expected : collection of str
        The codes of every ward there is, so that one without a row is missed.
    dropped : collection of str
        Small areas left out on the way, from `build.dropped_areas`.
    tolerance : float
        People by which a sum may differ.

    Returns
    -------
    Reconciliation
        A sum with a blank in it is missing and does not agree.
    """
    by = list(by)
    needs(wards, ["ward", "count", *by], where="the wards")
    codes = checked_codes(wards["ward"], kind="ward", where="the wards")
    sums = _sums(wards, by)
    totals = _totals(borough_total, by)
    table = sums.merge(totals, on=by, how="outer") if by else sums.join(totals)
    table["difference"] = table["wards"] - table["borough"]
    table["agrees"] = table["difference"].abs() <= tolerance
    blank = set(codes[wards["count"].isna()]) | (set(expected) - set(codes))
    return Reconciliation(table, tuple(sorted(blank)), tuple(sorted(dropped)))


def _sums(wards: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    if not by:
        return pd.DataFrame({"wards": [wards["count"].sum(skipna=False)]})
    groups = wards.groupby(by, sort=True, dropna=False)["count"]
    return groups.agg(lambda part: part.sum(skipna=False)).rename("wards").reset_index()


def _totals(borough: float | pd.DataFrame, by: list[str]) -> pd.DataFrame:
    if not by:
        if isinstance(borough, pd.DataFrame):
            raise TableError("a table of borough totals needs the columns that tell its groups")
        return pd.DataFrame({"borough": [np.float64(borough)]})
    if not isinstance(borough, pd.DataFrame):
        raise TableError(f"one borough total for each of {', '.join(by)} is needed")
    needs(borough, [*by, "count"], where="the borough's totals")
    if borough.duplicated(by).any():
        raise TableError("a group stands more than once in the borough's totals")
    return borough[[*by, "count"]].rename(columns={"count": "borough"})

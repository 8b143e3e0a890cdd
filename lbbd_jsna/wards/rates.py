"""Rates of wards from summed events and summed people, with intervals at both levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from lbbd_jsna.errors import TableError
from lbbd_jsna.statistics.intervals import poisson, wilson
from lbbd_jsna.statistics.shrinkage import MULTIPLIERS, empirical_bayes
from lbbd_jsna.wards.build import ORIGIN
from lbbd_jsna.wards.codes import checked_codes, needs, one_vintage

Kind = Literal["proportion", "rate"]
LEVELS = ((0.95, "95"), (0.998, "99_8"))
# The worst of two reasons for a blank comes last.
_WORST = ("published", "not_applicable", "not_available", "suppressed")


@dataclass(frozen=True)
class Rules:
    """When a ward's figure is of low reliability, [u].

    Parameters
    ----------
    fewest_events : float
        Fewer events than this: the number below which ONS marks a rate as unreliable.
    widest : float
        A 95 % interval wider than this many times the figure itself.
    widest_points : float
        For proportions, also an interval wider than this many percentage points.
    """

    fewest_events: float = 20
    widest: float = 1.0
    widest_points: float = 20

    def __str__(self) -> str:
        return (
            f"low reliability: fewer than {self.fewest_events:g} events, or a 95% interval wider "
            f"than {_times(self.widest)} the figure or than {self.widest_points:g} "
            "percentage points"
        )


RULES = Rules()


def _times(number: float) -> str:
    return "once" if number == 1 else "twice" if number == 2 else f"{number:g} times"


def rates(
    events: pd.DataFrame,
    people: pd.DataFrame,
    *,
    by: Sequence[str] = (),
    kind: Kind = "proportion",
    multiplier: float | None = None,
) -> pd.DataFrame:
    """Rates of wards: summed events over summed people, never a mean of rates.

    Parameters
    ----------
    events, people : DataFrame
        As `build_counts` gives them, of one vintage of wards and with the same groups.
    by : list of str
        The columns that tell groups apart.
    kind : {"proportion", "rate"}
        Wilson's interval, or Poisson's (exact below 10 events, then Byar's).
    multiplier : float, optional
        100 for proportions and 100,000 for rates if not given.

    Returns
    -------
    DataFrame, one row for each ward and group of either table
        ward, vintage, `by`, value, lower_95, upper_95, lower_99_8, upper_99_8, count,
        denominator, areas, exact_share, estimated, status, and source_file, source_row (of
        the events). No value where a count is missing or nobody is there.

    Raises
    ------
    GeographyError
        Wards of two vintages.
    TableError
        A ward twice in a group.
    ValueError
        A proportion with more events than people.
    """
    by = list(by)
    for table, what in ((events, "the events"), (people, "the people")):
        needs(table, ["ward", "vintage", *by, "count"], where=what)
        checked_codes(table["ward"], kind="ward", where=what)
        if table.duplicated(["ward", *by]).any():
            raise TableError(f"a ward stands more than once in a group of {what}")
    one_vintage(pd.concat([events[["vintage"]], people[["vintage"]]]), where="the rates")
    table = events.merge(
        people.rename(columns={"count": "denominator"}).drop(columns=list(ORIGIN), errors="ignore"),
        on=["ward", "vintage", *by],
        how="outer",
        suffixes=("", "_people"),
    )
    return with_rates(_joined(table), kind=kind, multiplier=multiplier)


def _joined(table: pd.DataFrame) -> pd.DataFrame:
    """One column of what both tables say: the more cautious of the two."""
    for column, choose in (
        ("exact_share", lambda pair: pair.min(axis=1)),
        ("areas", lambda pair: pair.max(axis=1)),
        ("estimated", lambda pair: pair.eq(True).any(axis=1)),
        ("status", _worst),
    ):
        if f"{column}_people" in table and column in table:
            table[column] = choose(table[[column, f"{column}_people"]])
    return table.drop(
        columns=[c for c in table if c.endswith("_people")] + ["missing"], errors="ignore"
    )


def _worst(pair: pd.DataFrame) -> pd.Series:
    ranks = pair.fillna("not_available").map(_WORST.index)
    return ranks.max(axis=1).map(dict(enumerate(_WORST)))


def with_rates(
    table: pd.DataFrame, *, kind: Kind = "proportion", multiplier: float | None = None
) -> pd.DataFrame:
    """Work the rates of a table out again from its counts and denominators.

    Parameters
    ----------
    table : DataFrame
        ward, vintage, count, denominator; status if known.
    kind, multiplier
        As for `rates`.
    """
    if kind not in MULTIPLIERS:
        raise ValueError(f'kind is "proportion" or "rate", not {kind!r}')
    scale = MULTIPLIERS[kind] if multiplier is None else multiplier
    needs(table, ["ward", "count", "denominator"], where="the counts of wards")
    checked_codes(table["ward"], kind="ward", where="the counts of wards")
    formula = wilson if kind == "proportion" else poisson
    people = table["denominator"].astype(float)
    empty = people.eq(0)
    found = {}
    for level, suffix in LEVELS:
        interval = formula(
            table["count"].where(~empty), people.where(~empty), confidence=level, multiplier=scale
        )
        found |= {
            "value": interval.value,
            f"lower_{suffix}": interval.lower,
            f"upper_{suffix}": interval.upper,
        }
    result = table.drop(columns=list(found), errors="ignore").assign(**found)
    status = result["status"] if "status" in result else pd.Series("published", result.index)
    blank = result["value"].isna() & status.isin(["published", "low_reliability"])
    result["status"] = np.select(
        [blank & empty, blank], ["not_applicable", "not_available"], default=status
    )
    figures = [*found, "count", "denominator"]
    first = [c for c in result if c not in (*_LAST, *figures)]
    return result[[*first, *figures, *(c for c in _LAST if c in result)]]


_LAST = ("areas", "exact_share", "estimated", "status", *ORIGIN)


def reliability(
    table: pd.DataFrame,
    *,
    kind: Kind = "proportion",
    rules: Rules = RULES,
    multiplier: float | None = None,
) -> pd.DataFrame:
    """Mark figures that rest on few events or have a wide interval.

    Parameters
    ----------
    table : DataFrame
        value, lower_95, upper_95, count, status.
    kind : {"proportion", "rate"}
    rules : Rules
        Stated in words by `str(rules)`.
    multiplier : float, optional
        As for `rates`.

    Returns
    -------
    DataFrame
        The table with `why_low` (words, or empty) and, where it has words, the status
        `low_reliability`. Blanks keep their own status.
    """
    needs(table, ["value", "lower_95", "upper_95", "count", "status"], where="the rates")
    scale = MULTIPLIERS[kind] if multiplier is None else multiplier
    width = table["upper_95"] - table["lower_95"]
    few = table["count"] < rules.fewest_events
    wide = width > rules.widest * table["value"]
    if kind == "proportion":
        wide |= width * 100 / scale > rules.widest_points
    judged = table["value"].notna() & table["status"].isin(["published", "low_reliability"])
    words = np.select(
        [few & wide, few, wide],
        ["few events and a wide interval", "few events", "a wide interval"],
        default="",
    )
    words = np.where(judged, words, "")
    status = table["status"].where(words == "", "low_reliability")
    return table.assign(status=status, why_low=words)


def shrunken(
    table: pd.DataFrame, *, kind: Kind = "proportion", multiplier: float | None = None
) -> pd.DataFrame:
    """Set shrunken estimates beside the raw ones, never in their place.

    Parameters
    ----------
    table : DataFrame
        One row a ward of one vintage and one group: ward, vintage, value, count, denominator.
    kind, multiplier
        As for `rates`.

    Returns
    -------
    DataFrame
        The table as it was, with shrunken, shrunken_lower_95, shrunken_upper_95 and
        own_weight (1: the ward's own figure; 0: the mean of the wards). Missing where the
        raw value is.

    Raises
    ------
    TableError
        A ward more than once: one group at a time.
    """
    needs(table, ["ward", "vintage", "value", "count", "denominator"], where="the rates")
    checked_codes(table["ward"], kind="ward", where="the rates")
    one_vintage(table, where="the rates")
    if table["ward"].duplicated().any():
        raise TableError("shrink one group of wards at a time: a ward stands more than once")
    known = table["value"].notna()
    estimates = empirical_bayes(
        table["count"].where(known),
        table["denominator"].where(known),
        kind=kind,
        multiplier=multiplier,
    )
    return table.assign(
        shrunken=estimates.value,
        shrunken_lower_95=estimates.lower,
        shrunken_upper_95=estimates.upper,
        own_weight=estimates.weight,
    )

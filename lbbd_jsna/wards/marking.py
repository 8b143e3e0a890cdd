"""Ward figures of low reliability, marked once for every page."""

from __future__ import annotations

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.statistics.rounding import span_of_rounded
from lbbd_jsna.wards.rates import RULES, Kind, Rules, reliability

# Kinds of value that are rates of events among people; of other kinds nothing can be told.
_KINDS: dict[str, Kind] = {
    "proportion": "proportion",
    "crude rate": "rate",
    "directly standardised rate": "rate",
}
_LIMITS = ["lower_95", "upper_95"]


def mark_reliability(
    observations: pd.DataFrame, *, catalogue: Catalogue, rules: Rules = RULES
) -> pd.DataFrame:
    """Give ward figures of few events or a wide interval the status `low_reliability`.

    Parameters
    ----------
    observations : DataFrame
        Columns `schema.OBSERVATIONS`, protected and with their intervals.
    catalogue : Catalogue
        Says of each indicator what kind of value it has.
    rules : Rules
        Stated in words by `str(rules)`.

    Returns
    -------
    DataFrame
        The same rows. Only wards with both limits are judged: where everybody is counted, a
        small number is no doubt. A rounded count is taken as the least it may be.
    """
    kinds = observations["indicator"].map(
        {name: _KINDS.get(i.value_type.lower(), "") for name, i in catalogue.indicators.items()}
    )
    measured = observations["area_type"].eq("ward") & observations[_LIMITS].notna().all(axis=1)
    least = _least(observations, catalogue)
    marked = observations.copy()
    for kind in sorted(set(_KINDS.values())):
        rows = measured & kinds.eq(kind)
        if rows.any():
            judged = observations[rows].assign(count=least[rows])
            found = reliability(judged, kind=kind, rules=rules)
            marked.loc[rows, "status"] = found["status"]
    return marked


def _least(observations: pd.DataFrame, catalogue: Catalogue) -> pd.Series:
    """The fewest events there may be behind each row."""
    least = observations["count"].copy()
    for name, indicator in catalogue.indicators.items():
        rounding, rows = catalogue.rounding(indicator), observations["indicator"].eq(name)
        if rounding is not None and rows.any():
            span = span_of_rounded(
                least[rows], to=rounding.round_to, smallest=rounding.smallest_shown
            )
            least[rows] = span.least
    return least

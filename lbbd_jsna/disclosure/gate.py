"""The last gate before anything is drawn or written.

Published sources pass with their own suppression. The council's own counts of
people are protected here; what is hidden is hidden from every later room.
"""

from __future__ import annotations

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import DisclosureError, Fault

# Hide 1 to 7, as NHS England's method for counts below national level does.
SMALLEST_SHOWN = 8
WITHHELD = "Withheld: fewer than eight people in the figure or outside it"
FIGURES = ["value", "lower_95", "upper_95", "lower_99_8", "upper_99_8", "count", "denominator"]


def protect(
    observations: pd.DataFrame, *, catalogue: Catalogue
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Leave out or hide what could point to a person.

    Parameters
    ----------
    observations : DataFrame, n rows, columns schema.OBSERVATIONS

    Returns
    -------
    DataFrame
        At most n rows. Council counts of people below borough level are left
        out. Rows of such counts with 1 to 7 people, or all but 1 to 7, keep
        their place with every figure blank and the status `suppressed`.
    tuple of str
        What was done, by indicator, without figures.

    Raises
    ------
    DisclosureError
        An indicator whose source the catalogue does not class.
    """
    unclassed = set(observations["indicator"]) - set(catalogue.indicators)
    if unclassed:
        raise DisclosureError(
            "some figures belong to no indicator of the catalogue, so nobody has classed them",
            [Fault(name, "not in catalogue/indicators") for name in sorted(unclassed)],
        )
    own = observations["indicator"].isin(_own_counts(catalogue))
    below = own & observations["area_type"].eq("ward")
    kept = observations[~below].reset_index(drop=True)
    small = _small(kept) & own[~below].reset_index(drop=True)
    kept.loc[small, FIGURES] = float("nan")
    kept.loc[small, "status"] = "suppressed"
    kept.loc[small, "value_note"] = WITHHELD
    return kept, _notes(observations[below], kept[small])


def _own_counts(catalogue: Catalogue) -> list[str]:
    return [
        name
        for name, indicator in catalogue.indicators.items()
        if catalogue.sources[indicator.source].kind in ("return", "survey")
        and indicator.counts_people
    ]


def _small(rows: pd.DataFrame) -> pd.Series:
    inside = rows["count"]
    outside = rows["denominator"] - rows["count"]
    return inside.between(1, SMALLEST_SHOWN - 1) | outside.between(1, SMALLEST_SHOWN - 1)


def _notes(dropped: pd.DataFrame, hidden: pd.DataFrame) -> tuple[str, ...]:
    notes = [
        f"{name}: {len(rows)} ward rows of a council return are not published"
        for name, rows in dropped.groupby("indicator", sort=True)
    ]
    notes += [
        f"{name}: {len(rows)} figures withheld because they describe fewer than eight people"
        for name, rows in hidden.groupby("indicator", sort=True)
    ]
    return tuple(notes)

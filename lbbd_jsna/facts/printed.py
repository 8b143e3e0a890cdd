"""Our verdicts held against those the publishers printed beside the same figures."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lbbd_jsna.schema import COMPARISONS
from lbbd_jsna.statistics.agreement import Agreement, agreement, counted


@dataclass(frozen=True)
class Printed:
    """How the printed comparisons stand to ours.

    `counts` are of the rows with a printed label; `differing` holds the observations on which
    the two differ, with `why` as a last column.
    """

    counts: Agreement
    differing: pd.DataFrame


def printed_verdicts(observations: pd.DataFrame) -> Printed:
    """Compare every headline verdict of a workspace with the label in its file.

    Rows by group are left out: publishers hold a group against the whole, we hold it against
    the same group.

    Parameters
    ----------
    observations : DataFrame
        Columns of `schema.OBSERVATIONS` and `schema.COMPARISONS`.
    """
    rows = observations[observations["category_type"].eq("")]
    labelled = rows[rows["published_comparison"].ne("")]
    held = agreement(
        labelled,
        labelled[[column.name for column in COMPARISONS]],
        labelled["published_comparison"],
    )
    differ = held["outcome"].eq("differ")
    return Printed(counted(held), labelled[differ].assign(why=held.loc[differ, "why"]))

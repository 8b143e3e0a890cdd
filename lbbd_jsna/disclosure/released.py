"""Figures as released, and what may be worked out from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from lbbd_jsna.catalogue import DisclosureRules
from lbbd_jsna.disclosure.joint import Edition
from lbbd_jsna.disclosure.knowledge import Known
from lbbd_jsna.errors import DisclosureError, Fault
from lbbd_jsna.schema import SHORTHAND

HIDDEN_REASON = "withheld: small, or a small number could be worked out from it"
MISSING_REASON = "not available"


@dataclass(frozen=True)
class Released:
    """A table that may be drawn and written.

    Parameters
    ----------
    name : str
    indicator : str
    cells : DataFrame
        One row a published cell: `cell` and the dimensions, without any count.
    edition : Edition
        For the ledger and the attack. It tells first from second hiding, so it is not
        to be printed.
    notes : tuple of str
        What was done, without figures.
    """

    name: str
    indicator: str
    cells: pd.DataFrame = field(repr=False)
    edition: Edition = field(repr=False)
    notes: tuple[str, ...] = ()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row a published cell: `cell`, the dimensions, and what is shown of it.

        `released` (number, blank where hidden), `shown` (as printed: `25`, `[c]` or `[x]`),
        `status` and `reason`. In the order of `in_order`, which tells nothing of what is hidden.
        """
        return _frame(self.cells, self.edition)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Every number this release may print, for checks of finished files."""
        return tuple(sorted({int(number) for number in self.frame["released"].dropna()}))

    @property
    def hidden(self) -> tuple[str, ...]:
        """Names of the cells that stand as [c]."""
        rows = self.frame["status"].eq("suppressed")
        return tuple(sorted(self.frame.loc[rows, "cell"]))


def published(cells: pd.DataFrame) -> pd.DataFrame:
    """The names and dimensions of the published cells of a table, without its counts."""
    dims = [c for c in cells if c not in ("cell", "count", "published", "public", "group")]
    return cells.loc[cells["published"].to_numpy(), ["cell", *dims]]


def _frame(cells: pd.DataFrame, edition: Edition) -> pd.DataFrame:
    """The published cells of a table, from what is known of them alone."""
    rows = cells.reset_index(drop=True)
    known = [edition.known[cell] for cell in rows["cell"]]
    rows["released"] = [float("nan") if k.shown is None else float(k.shown) for k in known]
    rows["status"] = [_status(k) for k in known]
    rows["shown"] = [
        str(k.shown) if k.shown is not None else SHORTHAND[status]
        for k, status in zip(known, rows["status"], strict=True)
    ]
    reasons = {"suppressed": HIDDEN_REASON, "not_available": MISSING_REASON}
    rows["reason"] = [reasons.get(status, "") for status in rows["status"]]
    return in_order(rows)


def _status(known: Known) -> str:
    if known.shown is not None:
        return "published"
    return "not_available" if known.kind == "missing" else "suppressed"


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows by released number, largest first, then name; hidden ones last, by name.

    Parameters
    ----------
    frame : DataFrame
        With `cell` and `released`.
    """
    ordered = frame.sort_values(
        ["released", "cell"], ascending=[False, True], na_position="last", kind="stable"
    )
    return ordered.reset_index(drop=True)


def released_rates(
    released: Released,
    numerators: Sequence[str],
    denominators: Sequence[str | float],
    *,
    per: float = 100,
) -> pd.DataFrame:
    """Rates worked out from released numbers only.

    Parameters
    ----------
    released : Released
    numerators : sequence of str, n names
        Cells.
    denominators : sequence of str or float, n names or numbers
        Cells in step with the numerators, or populations that are public.
    per : float
        100 for a per cent; no per cent comes out above it, though both are rounded.

    Returns
    -------
    DataFrame, n rows
        `cell`, `count`, `denominator`, `value` and `status`. All blank, and hidden, where
        either is; intervals are to be worked out from `count` and `denominator`.
    """
    above = [_released_number(released, cell) for cell in numerators]
    below = [_released_number(released, cell) for cell in denominators]
    rows = pd.DataFrame({"cell": list(numerators)})
    rows["count"], rows["denominator"] = [n for n, _ in above], [n for n, _ in below]
    pairs = list(zip((s for _, s in above), (s for _, s in below), strict=True))
    order = ("suppressed", "not_available")
    rows["status"] = [next((s for s in order if s in pair), "published") for pair in pairs]
    rows.loc[rows["status"].ne("published"), ["count", "denominator"]] = float("nan")
    rows["value"] = per * rows["count"] / rows["denominator"].where(rows["denominator"] > 0)
    if per == 100:
        rows["value"] = rows["value"].clip(upper=per)
    rows.loc[rows["denominator"].eq(0), "status"] = "not_applicable"
    return rows[["cell", "count", "denominator", "value", "status"]]


def _released_number(released: Released, cell: str | float) -> tuple[float, str]:
    """A cell's released number and status, or a public number as it is."""
    if not isinstance(cell, str):
        return float(cell), "published"
    row = released.frame.loc[released.frame["cell"].eq(cell)]
    if row.empty:
        raise DisclosureError(
            "a rate of a count that is not released",
            [Fault(cell, f"not in {released.name}", todo="use a cell of the table")],
        )
    return float(row["released"].iloc[0]), str(row["status"].iloc[0])


def released_mean(values: Sequence[float], *, rules: DisclosureRules) -> float:
    """The mean of people's values, if there are enough of them. No least, no largest.

    Raises
    ------
    DisclosureError
        Too few people.
    """
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    if len(known) < rules.fewest_for_a_mean:
        raise DisclosureError(
            "a mean of too few people",
            [Fault("mean", f"fewer than {rules.fewest_for_a_mean} people", todo="show [c]")],
        )
    return float(known.mean())

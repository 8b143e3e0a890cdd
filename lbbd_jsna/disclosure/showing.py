"""Observations as they may be shown: released counts, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.disclosure.counting import COUNTED, OF
from lbbd_jsna.disclosure.knowledge import first_look

FIGURES = ["value", "lower_95", "upper_95", "lower_99_8", "upper_99_8", "count", "denominator"]
LIMITS = FIGURES[1:5]
WITHHELD = "Withheld: a small number, or one from which a small number could be worked out"
ROUNDED = (
    "Rounded: counts of people to the nearest {}, and the figure worked out from them"
)
# The columns that reporting's check of finished pages wants, and the row of each in the
# released observations (-1: it has none).
CELLS = (
    "indicator", "area_code", "area_name", "sex", "age", "period", "count", "released_count",
    "denominator", "value", "lower_95", "upper_95",
    "released_value", "released_lower_95", "released_upper_95", "row",
)  # fmt: skip

Numbers = Mapping[tuple[int, str], float]


def shown_rows(
    rows: pd.DataFrame,
    counts: pd.DataFrame,
    released: Numbers,
    *,
    hidden: Iterable[int],
    catalogue: Catalogue,
) -> pd.DataFrame:
    """Put released numbers in the place of true ones.

    Parameters
    ----------
    rows : DataFrame, n rows, columns schema.OBSERVATIONS
        Counts of people.
    counts : DataFrame, n rows
        As `true_counts` gives them.
    released : mapping of (row, role) to number
        What is released of each; NaN where it is hidden.
    hidden : iterable of int
        Rows hidden whatever is released of them.
    catalogue : Catalogue

    Returns
    -------
    DataFrame, the same n rows
    """
    shown, rules = rows.copy(), catalogue.disclosure
    number = {
        role: pd.Series([released.get((i, role), float("nan")) for i in rows.index], rows.index)
        for role in (COUNTED, OF)
    }
    away = _away(rows, counts, number, catalogue) | rows.index.isin(list(hidden))
    whole = counts["whole"]
    ratio = whole & counts["of"].notna() & counts["per"].notna()
    shown["denominator"] = number[OF].where(whole)
    shown["count"] = number[COUNTED].where(whole & rows["count"].notna())
    worked = counts["per"] * number[COUNTED] / number[OF].where(number[OF] > 0)
    worked = worked.where(counts["per"].ne(100), worked.clip(upper=100))
    shown["value"] = rows["value"].where(~whole, number[COUNTED]).where(~ratio, worked)
    shown[LIMITS] = float("nan")
    some = whole & rows["value"].notna() & ~away
    shown.loc[some, "value_note"] = _with_note(
        rows.loc[some, "value_note"], ROUNDED.format(rules.round_to)
    )
    shown["value"] = shown["value"].where(rows["value"].notna())
    shown.loc[away, FIGURES] = float("nan")
    shown.loc[away, "status"] = "suppressed"
    shown.loc[away, "value_note"] = WITHHELD
    return shown


def _away(
    rows: pd.DataFrame, counts: pd.DataFrame, number: dict[str, pd.Series], catalogue: Catalogue
) -> pd.Series:
    """Rows nothing of which may be seen."""
    whole = counts["whole"]
    gone = counts["counted"].notna() & number[COUNTED].isna()
    gone |= counts["of"].notna() & number[OF].isna()
    # A revision may leave one of the two as it was: more than all of them would be odd.
    gone |= counts["per"].eq(100) & (number[COUNTED] > number[OF])
    return (whole & gone) | (~whole & _few(rows, counts, catalogue))


def _few(rows: pd.DataFrame, counts: pd.DataFrame, catalogue: Catalogue) -> pd.Series:
    """Figures that are no quotient of counts, and that few people stand behind."""
    rules = catalogue.disclosure
    topics = {n: bool(rules.topic_of(catalogue.indicators[n])) for n in rows["indicator"].unique()}

    def few(name: str, *numbers: float) -> bool:
        looks = [first_look(n, rules=rules, sensitive=topics[name]) for n in numbers]
        return any(look.hidden for look in looks)

    columns = (rows["indicator"], counts["counted"], counts["of"])
    found = [few(*said) for said in zip(*columns, strict=True)]
    return pd.Series(found, rows.index, dtype=bool) & rows["value"].notna()


def _with_note(notes: pd.Series, added: str) -> pd.Series:
    return notes.map(lambda note: f"{note.rstrip('.;')}; {added}" if note else added)


def cells_beside(
    rows: pd.DataFrame, counts: pd.DataFrame, shown: pd.DataFrame, *, gone: Iterable[int]
) -> pd.DataFrame:
    """True counts beside released ones, for the check of finished pages.

    Parameters
    ----------
    rows, counts, shown : DataFrame, n rows
        As given, counted, and shown.
    gone : iterable of int
        Rows that are left out.

    Returns
    -------
    DataFrame, columns CELLS
        One row a count that is known; `row` is the index in `rows`, -1 where left out.
    """
    out = shown.index.isin(list(gone))
    number = counts["counted"].where(rows["count"].notna() | shown["count"].isna())
    released = shown["count"].where(rows["count"].notna(), shown["value"])
    cells = rows[["indicator", "area_code", "area_name", "sex", "age", "period"]].assign(
        count=number,
        released_count=released.mask(out),
        denominator=counts["of"],
        **{name: rows[name] for name in FIGURES[:3]},
        released_value=shown["value"].mask(out),
        released_lower_95=float("nan"),
        released_upper_95=float("nan"),
        row=rows.index.where(~out, -1),
    )
    return cells.loc[number.notna(), list(CELLS)].reset_index(drop=True)

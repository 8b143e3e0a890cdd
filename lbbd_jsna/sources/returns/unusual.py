"""Figures that may be right and are worth a question before they are accepted.

None of them is a fault: a service can shrink to a tenth. Somebody has to say so by name. What
they write is kept beside the file and sent about, so that no figure of a ward stands in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from lbbd_jsna.sources.returns.grid import rows_named

# A value so many times the last one, or its reciprocal, is more often a slip of a digit.
TIMES = 10
# Counts move less than rates: three times the last, and by more than a few.
COUNT_TIMES, FEW = 3, 20
FEWEST_ROWS_ALIKE = 3
WARD = "ward"
SERIES = ["indicator", "area_code"]
TIMES_OF = ["indicator", "period_start", "period_end"]
WORDS = {"value": "value", "count": "numerator", "denominator": "denominator"}


@dataclass(frozen=True)
class Unusual:
    """One thing worth a question.

    Parameters
    ----------
    file : str
    row : int
        As in the file; 0 for several rows.
    rule : str
        `ten-times`, `far-count`, `all-alike`, `all-zero` or `in-no-ward`.
    sentence : str
        With the row and both figures; of a ward, without them.
    """

    file: str
    row: int
    rule: str
    sentence: str

    @property
    def where(self) -> str:
        """File and row."""
        return f"{self.file}, row {self.row}" if self.row else self.file

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence}"


def find_unusual(table: pd.DataFrame, *, standing: pd.DataFrame) -> list[Unusual]:
    """Compare a return with itself and with what was returned before.

    Parameters
    ----------
    table : DataFrame
        A return: columns of `schema.OBSERVATIONS`.
    standing : DataFrame
        The same columns: the figures accepted so far. Where both give a figure, the return's
        takes its place.

    Returns
    -------
    list of Unusual
        By row. A value ten times the one of the period before, or a tenth of it; a numerator
        or denominator three times the one before, or a third, and 20 or more away; every value
        of a series the same (three rows or more); every value 0; wards that add up to less
        than their borough. The figure accepted so far for the same period counts as one before.
    """
    found = [*_alike(table), *_leaps(table, standing), *_in_no_ward(table)]
    return sorted(found, key=lambda one: (one.row, one.rule, one.sentence))


def _alike(table: pd.DataFrame) -> Iterator[Unusual]:
    for name, rows in table.groupby("indicator", sort=True):
        values = rows["value"].dropna()
        file = rows["source_file"].iloc[0]
        if not values.empty and values.eq(0).all():
            which = _rows(rows.loc[values.index, "source_row"])
            yield Unusual(file, 0, "all-zero", f"every value of {name} is 0 ({which})")
        elif len(values) >= FEWEST_ROWS_ALIKE and values.nunique() == 1:
            which = _rows(rows.loc[values.index, "source_row"])
            said = "the same" if rows["area_type"].eq(WARD).any() else f"{values.iloc[0]:.6g}"
            sentence = f"every value of {name} is {said} ({which})"
            yield Unusual(file, 0, "all-alike", sentence)


def _leaps(table: pd.DataFrame, standing: pd.DataFrame) -> Iterator[Unusual]:
    """Each figure of the return beside the one accepted for its period, and the one before."""
    wanted = standing["indicator"].isin(set(table["indicator"]))
    known = standing[wanted & standing["value"].notna()]
    given = table[table["value"].notna()]
    same = given.merge(known, on=[*SERIES, "period_start", "period_end"], suffixes=("", "_then"))
    for row in same.to_dict("records"):
        yield from _leaps_of(row, f"accepted before, for {row['period_then']}")
    for row in _beside_the_last(given, known).to_dict("records"):
        yield from _leaps_of(row, f"for {row['period_then']}")


def _beside_the_last(given: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """The rows given that have an earlier one of the same series and length, with its figures."""
    times = [*SERIES, "period_start", "period_end"]
    replaced = pd.MultiIndex.from_frame(known[times]).isin(pd.MultiIndex.from_frame(given[times]))
    parts = [part for part in (known[~replaced], given) if not part.empty]
    if not parts:
        return given.assign(period_then="")
    both = pd.concat(parts, ignore_index=True)
    both["is_given"] = both.index >= len(both) - len(given)
    both = both.sort_values([*SERIES, "period_range", "period_end"], kind="stable")
    before = both.groupby([*SERIES, "period_range"], sort=False)[[*WORDS, "period"]].shift()
    both = both.join(before.add_suffix("_then"))
    return both[both["is_given"] & both["value_then"].notna()]


def _leaps_of(row: dict, when: str) -> Iterator[Unusual]:
    """What is unusual in a row that holds its own figures and, as `_then`, those before."""
    place = f"{row['indicator']}, {row['area_name']}, {row['period']}"
    for column, word in WORDS.items():
        now, then = row[column], row[f"{column}_then"]
        far = _is_leap(now, then) if column == "value" else _is_far(now, then)
        if far:
            said = f"is {now:.6g} after {then:.6g} {when}"
            if row["area_type"] == WARD:
                said = f"is far from the one {when}"
            yield Unusual(
                row["source_file"],
                int(row["source_row"]),
                "ten-times" if column == "value" else "far-count",
                f"the {word} of {place} {said}",
            )


def _in_no_ward(table: pd.DataFrame) -> Iterator[Unusual]:
    """Where every ward is known and together they come to less than the borough."""
    wards = table[table["area_type"].eq(WARD)]
    borough = table[table["area_type"].eq("borough")]
    for column in ("count", "denominator"):
        sums = wards.groupby(TIMES_OF)[column].sum(min_count=1, skipna=False).rename("sum")
        both = borough.join(sums, on=TIMES_OF)
        for row in both[both[column] > both["sum"]].to_dict("records"):
            yield Unusual(
                row["source_file"],
                int(row["source_row"]),
                "in-no-ward",
                f"the {WORDS[column]} of {row['indicator']}, {row['area_name']}, {row['period']} "
                "is more than its wards add up to: some are in no known ward",
            )


def _is_leap(now: float, then: float) -> bool:
    if then == 0:  # nought is no measure of how much more
        return False
    return now * then < 0 or abs(now) >= TIMES * abs(then) or abs(now) * TIMES <= abs(then)


def _is_far(now: float, then: float) -> bool:
    if pd.isna(now) or pd.isna(then) or abs(now - then) < FEW:
        return False
    return now >= COUNT_TIMES * then or now * COUNT_TIMES <= then


def _rows(numbers: pd.Series) -> str:
    return rows_named(int(number) for number in numbers)

"""Which catalogue series a published row belongs to, where one id holds several."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from lbbd_jsna.catalogue import Indicator
from lbbd_jsna.errors import Fault
from lbbd_jsna.sources.csv_files import counted

# The benchmark areas are kept for every series; boroughs and wards where it has them.
ALWAYS = ("country", "region")
# One row of a series for each of these: what an area has at one time.
_PLACE = ["area_code", "category_type", "category", "period", "period_range"]
_PRINTED = "printed_range"
# What tells the series of one id apart.
_PICKS = ("area_type", "sex", "age", "period_range", _PRINTED)


def pick_series(
    rows: pd.DataFrame, *, indicators: list[Indicator], name: str
) -> tuple[pd.DataFrame, list[str], list[Fault]]:
    """Give each row the catalogue series it belongs to.

    Parameters
    ----------
    rows : DataFrame, n rows
        Columns source_id, area_type, sex, age, period_range (worked out), printed_range,
        category_type, category, area_code, period, source_row.
    indicators : list of Indicator
        The series a publisher's ids may belong to. Several may share one id.
    name : str
        The file, for messages.

    Returns
    -------
    DataFrame, list of str, list of Fault
        Rows of a series with its id in the column `indicator` (a row that belongs to two
        series comes twice); notes on rows that gave way to those of the id that took the
        place of theirs, and on rows of no series; and a fault for each series in which one
        place and period has several sexes, ages or lengths of period because the catalogue
        does not pick one. The first is never taken silently.
    """
    faults, notes, picked = [], [], {}
    coded = {column: _Coded(rows[column]) for column in _PICKS}
    places = pd.Series(range(len(rows))).groupby(rows["source_id"].to_numpy()).indices
    used = np.zeros(len(rows), dtype=bool)
    for indicator in indicators:
        held = [places[one] for one in ids_of(indicator) if one in places]
        at = np.sort(np.concatenate([np.empty(0, dtype=np.intp), *held]))
        at = at[_belongs(at, coded, indicator)]
        used[at] = True
        if indicator.superseded_by:
            at, note = _successors(at, rows, indicator)
            notes += [f"{name}: {text}" for text in note]
        faults.extend(_ambiguities(at, rows, coded, indicator, name))
        picked[indicator.id] = at
    table = rows.iloc[np.concatenate([np.empty(0, dtype=np.intp), *picked.values()])]
    table = table.assign(indicator=np.repeat(list(picked), list(map(len, picked.values()))))
    return table, notes + _note_unused(rows[~used], name), faults


class _Coded:
    """A column as the number of each text, to ask a question once for each different text."""

    def __init__(self, column: pd.Series) -> None:
        self.codes, self.texts = pd.factorize(column, use_na_sentinel=False)

    def holds(self, at: np.ndarray, wanted: Iterable[str]) -> np.ndarray:
        """Whether one of some texts, in small letters, stands at each place."""
        allowed = {text.casefold() for text in wanted}
        match = np.array([str(text).casefold() in allowed for text in self.texts], dtype=bool)
        return match[self.codes[at]]

    def is_one(self, at: np.ndarray) -> bool:
        """Whether the same text stands at all places."""
        codes = self.codes[at]
        return not len(codes) or bool((codes == codes[0]).all())


def ids_of(indicator: Indicator) -> tuple[str, ...]:
    """The publisher's ids of a series: its own, and the one that took its place."""
    return tuple(filter(None, dict.fromkeys((indicator.source_id, indicator.superseded_by))))


def successor_rows(rows: pd.DataFrame, indicator: Indicator) -> tuple[pd.DataFrame, list[str]]:
    """Of a series under its own id and under the one that took its place, the latter's rows.

    Parameters
    ----------
    rows : DataFrame
        Rows of the indicator; columns source_id and area_type.
    indicator : Indicator

    Returns
    -------
    DataFrame, list of str
        For each type of area, the rows of the new id where it has any. A note if rows of the
        other gave way.
    """
    new = rows["source_id"] == indicator.superseded_by
    gone = ~new & rows["area_type"].isin(rows.loc[new, "area_type"].unique())
    if not indicator.superseded_by or not gone.any():
        return rows, []
    what = f"{counted(int(gone.sum()), 'row')} of id {indicator.source_id}"
    verb = "gives" if gone.sum() == 1 else "give"
    note = f"{indicator.id}: {what} {verb} way to id {indicator.superseded_by}, which replaced it"
    return rows[~gone], [note]


def _successors(
    at: np.ndarray, rows: pd.DataFrame, indicator: Indicator
) -> tuple[np.ndarray, list[str]]:
    """`successor_rows` of some places."""
    own = rows.iloc[at].reset_index(drop=True)
    kept, note = successor_rows(own, indicator)
    return at[kept.index], note


def _belongs(at: np.ndarray, coded: dict[str, _Coded], indicator: Indicator) -> np.ndarray:
    mask = coded["area_type"].holds(at, [*ALWAYS, *indicator.area_types])
    for column, wanted in (("sex", indicator.sex), ("age", indicator.age)):
        if wanted:
            mask &= coded[column].holds(at, [wanted])
    if indicator.period_range:
        wanted = [indicator.period_range]
        worked_out, printed = (coded[c].holds(at, wanted) for c in ("period_range", _PRINTED))
        mask &= worked_out | printed
    return mask


def _ambiguities(
    at: np.ndarray,
    rows: pd.DataFrame,
    coded: dict[str, _Coded],
    indicator: Indicator,
    name: str,
) -> list[Fault]:
    if all(coded[column].is_one(at) for column in ("sex", "age", "period_range", _PRINTED)):
        return []
    own, faults = rows.iloc[at], []
    where = f"{name}, row {own['source_row'].iloc[0]}"
    for column in ("sex", "age"):
        several = own.groupby(_PLACE, sort=False)[column].nunique() > 1
        if several.any():
            faults.append(_choice(own[column], column, indicator, where))
    lengths = own[_PRINTED].where(own[_PRINTED] != "", own["period_range"])
    if lengths[lengths.str.endswith("y")].nunique() > 1:
        faults.append(_choice(lengths, "period_range", indicator, where))
    return faults


def _choice(values: pd.Series, column: str, indicator: Indicator, where: str) -> Fault:
    found = ", ".join(sorted(values.unique()))
    return Fault(
        where,
        f"id {indicator.source_id} holds several values of {column}: {found}",
        "one series",
        f"set {column} in catalogue/indicators/{indicator.id}.yml",
    )


def _note_unused(rows: pd.DataFrame, name: str) -> list[str]:
    if rows.empty:
        return []
    kinds = rows.groupby(["source_id", "sex", "age", "printed_range"], sort=True).size()
    listed = "; ".join(
        f"id {source_id}, {', '.join(part for part in kind if part)}: {count:,}"
        for (source_id, *kind), count in kinds.items()
    )
    return [f"{name}: rows of known ids that belong to no series in the catalogue ({listed})"]

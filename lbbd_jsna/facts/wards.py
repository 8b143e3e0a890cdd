"""A ward series: its latest period, the earlier ones, and each ward against the borough."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping

import geopandas
import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.facts.comparators import consistent, multiplier
from lbbd_jsna.findings import WardBenchmark, WardFigures, WardPeriod, points_by_area, span_of
from lbbd_jsna.statistics.ranks import FIRST, ranks
from lbbd_jsna.statistics.verdicts import NOT_COMPARED, outcome_of
from lbbd_jsna.wards import is_estimated

COLUMNS = ["value", "lower_95", "upper_95", "count", "denominator", "status", "value_note"]
NO_BOROUGH = "no figure for the borough in the same period"
OWN_FIGURE = "the borough's own figure"
# What a value note says of a figure that was worked out here, and from what.
_BUILT = {
    "old wards": re.compile(r"\bshared out from the old wards\b"),
    "small areas": re.compile(r"\b(?:best fit from|sum of) \d+ small areas?\b", re.IGNORECASE),
}
_EXACT = re.compile(r"\b(\d+)% exact\b")
# The end of the wards that a reader looks for first: the worse one.
_WORSE_FIRST = {"low_is_good": "high_is_good", "high_is_good": "low_is_good",
                "no_judgement": "no_judgement"}  # fmt: skip


def ward_figures(
    rows: pd.DataFrame,
    *,
    indicator: Indicator,
    names: Mapping[str, str],
    boundaries: geopandas.GeoDataFrame,
    catalogue: Catalogue,
) -> WardFigures | None:
    """The wards of a series at the latest period with a value, or None without one.

    Parameters
    ----------
    rows : DataFrame
        The observations of the indicator, those of the borough among them.
    names : mapping of code to name
        Every ward of the series' vintage; one without a row stands as not available.
    boundaries : GeoDataFrame
        Of the same vintage.
    catalogue : Catalogue
        Says which area is the borough, and what kind of source the series has.

    Returns
    -------
    WardFigures or None
    """
    of_wards = rows[rows["area_code"].isin(list(names))]
    known = of_wards[of_wards["value"].notna()].sort_values(["period_end", "period_start"])
    if known.empty:
        return None
    latest = known.iloc[-1]
    same = of_wards[of_wards["period"].eq(latest["period"])]
    now = _period(rows, latest, indicator=indicator, names=names, catalogue=catalogue)
    value, low, high = (_by_code(now.table, c) for c in ("value", "lower_95", "upper_95"))
    return WardFigures(
        indicator=indicator,
        vintage=indicator.ward_vintage,
        period=now.period,
        start=now.start,
        end=now.end,
        table=now.table,
        all_values=tuple(known["value"]),
        boundaries=boundaries,
        source=span_of(zip(same["source_file"], same["source_row"], strict=True)),
        files=frozenset(same["source_file"]),
        history=tuple(
            _period(rows, first, indicator=indicator, names=names, catalogue=catalogue)
            for first in _earlier(known, latest)
        ),
        estimated=now.estimated,
        built=built_from(now.table["value_note"]),
        exact=_exact(_by_code(now.table, "value_note")),
        borough=now.borough,
        verdicts=ward_verdicts(
            value, low, high, benchmark=now.borough.value, polarity=indicator.polarity
        ),
        places=places_of(value, polarity=indicator.polarity),
        first=FIRST[_WORSE_FIRST[indicator.polarity]],
    )


def borough_value(
    rows: pd.DataFrame,
    *,
    wards: Collection[str],
    period: str,
    indicator: Indicator,
    catalogue: Catalogue,
) -> WardBenchmark:
    """The borough's own figure of a period, or else that of all its wards together.

    Parameters
    ----------
    rows : DataFrame
        The observations of the indicator.
    wards : codes
        Every ward of the series' vintage.
    period : str

    Returns
    -------
    WardBenchmark
        Wards are summed only if each of them has counts that give the value it prints, so
        nothing is worked out around a figure that is withheld; nor are the council's own
        counts, which are rounded one by one.
    """
    same = rows[rows["period"].eq(period)]
    own = same[same["area_code"].eq(catalogue.settings.area) & same["value"].notna()]
    if not own.empty:
        row = own.iloc[-1]
        return WardBenchmark(float(row["value"]), row["lower_95"], row["upper_95"], OWN_FIGURE)
    points = points_by_area(same[same["area_code"].isin(list(wards))])
    factor, last = multiplier(indicator), [found[-1] for found in points.values()]
    exact = catalogue.rounding(indicator) is None
    if exact and len(last) == len(wards) and all(consistent(point, factor) for point in last):
        events, people = sum(p.count for p in last), sum(p.denominator for p in last)
        basis = f"all {len(last)} wards together"
        return WardBenchmark(factor * events / people, math.nan, math.nan, basis)
    return WardBenchmark(math.nan, math.nan, math.nan, NO_BOROUGH)


def ward_verdicts(
    values: Mapping[str, float],
    lower: Mapping[str, float],
    upper: Mapping[str, float],
    *,
    benchmark: float,
    polarity: str,
) -> dict[str, str]:
    """Hold each ward's 95 % interval against the borough's value, both ends included.

    Parameters
    ----------
    values, lower, upper : mapping of ward code to value and limits, in the unit
    benchmark : float
        The borough's value, not of the wards but its own.
    polarity : {"high_is_good", "low_is_good", "no_judgement"}

    Returns
    -------
    dict of ward code to verdict
        better, similar or worse; higher, similar or lower where nothing is judged; "not
        compared" for a value without an interval, or where the borough's is not known. A
        ward without a value is left out.

    Source
    ------
    The rule of the tables: `statistics.verdicts.outcome_of`.
    """
    return {
        code: _verdict(lower.get(code, math.nan), upper.get(code, math.nan), benchmark, polarity)
        for code, value in values.items()
        if math.isfinite(value)
    }


def _verdict(low: float, high: float, benchmark: float, polarity: str) -> str:
    if not all(map(math.isfinite, (low, high, benchmark))):
        return NOT_COMPARED
    standing = int(low > benchmark) - int(high < benchmark)
    return outcome_of(standing, "interval_95", polarity)


def places_of(values: Mapping[str, float], *, polarity: str) -> dict[str, tuple[int, int]]:
    """The place of each ward with a value, counted from the worse end, and how many share it.

    Parameters
    ----------
    values : mapping of ward code to value; nan has no place
    polarity : {"high_is_good", "low_is_good", "no_judgement"}

    Returns
    -------
    dict of ward code to (place, others in the same place)

    Source
    ------
    As for `statistics.ranks.ranks`.
    """
    known = {code: value for code, value in values.items() if math.isfinite(value)}
    found = ranks(list(known.values()), polarity=_WORSE_FIRST[polarity])
    return {
        code: (int(place), int(tied))
        for code, place, tied in zip(known, found.position, found.tied, strict=True)
    }


def exact_of(note: str) -> int:
    """The per cent of a ward that its value note calls exact; -1 where it says none."""
    found = _EXACT.search(note)
    return int(found[1]) if found else -1


def _exact(notes: Mapping[str, str]) -> dict[str, int]:
    return {code: share for code, note in notes.items() if (share := exact_of(note)) >= 0}


def built_from(notes: pd.Series) -> str:
    """What the figures with these value notes were built from here; empty if they were not."""
    return next((said for said, words in _BUILT.items() if notes.str.contains(words).any()), "")


def _earlier(known: pd.DataFrame, latest: pd.Series) -> Iterator[pd.Series]:
    """The first row of each earlier period that is as long as the latest, oldest first.

    Another length is another measure: a year so far would stand beside whole years.
    """
    alike = known["period_range"].eq(latest["period_range"]) & known["period"].ne(latest["period"])
    for _, row in known[alike].drop_duplicates("period").iterrows():
        yield row


def _period(
    rows: pd.DataFrame,
    first: pd.Series,
    *,
    indicator: Indicator,
    names: Mapping[str, str],
    catalogue: Catalogue,
) -> WardPeriod:
    """The wards of the period that a row is of."""
    same = rows[rows["period"].eq(first["period"]) & rows["area_code"].isin(list(names))]
    table = same.set_index("area_code")[COLUMNS].reindex(sorted(names, key=names.get))
    table["status"] = table["status"].fillna("not_available")
    table["value_note"] = table["value_note"].fillna("")
    table.insert(0, "name", [names[code] for code in table.index])
    table = table.rename_axis("code").reset_index()
    notes = _by_code(table[table["value"].notna()], "value_note")
    return WardPeriod(
        period=first["period"],
        start=first["period_start"].date(),
        end=first["period_end"].date(),
        table=table,
        estimated=frozenset(code for code, note in notes.items() if is_estimated(note)),
        borough=borough_value(
            rows, wards=names, period=first["period"], indicator=indicator, catalogue=catalogue
        ),
    )


def _by_code(table: pd.DataFrame, column: str) -> dict[str, object]:
    return dict(zip(table["code"], table[column], strict=True))

"""Figures that say something else than before: by how much, where, and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.exhibits.wording import listed, number

LIMITS = ("lower_95", "upper_95", "lower_99_8", "upper_99_8")
COUNTS = ("count", "denominator")
MOST_PERIODS, MOST_PLACES = 3, 3
# Binary fractions: 12.15 - 12.1 is a hair more than 0.05.
HAIR = 1e-9


@dataclass(frozen=True)
class Revision:
    """A published value that moved, in the indicator's unit."""

    area: str
    period: str
    old: float
    new: float


@dataclass(frozen=True)
class Revised:
    """The rows of one indicator that say something else than before.

    Parameters
    ----------
    both : DataFrame
        Every row that stood before and stands now: the key, and each other column of
        `schema.OBSERVATIONS` twice, with `_old` and `_new`. Besides, true or false: `moved`
        (a value became another), `blanked`, `filled`, `limits` and `counts` (they changed),
        `restated` (only the status did), `revised` (any of these).
    """

    both: pd.DataFrame

    @property
    def rows(self) -> pd.DataFrame:
        """The revised ones."""
        return self.both[self.both["revised"]]

    @property
    def largest(self) -> Revision | None:
        """The value that moved furthest, of a headline row if any moved."""
        moved = self.both[self.both["moved"]]
        headline = moved[moved["category_type"].eq("")]
        candidates = moved if headline.empty else headline
        if candidates.empty:
            return None
        furthest = (candidates["value_new"] - candidates["value_old"]).abs().idxmax()
        return _revision(candidates.loc[furthest])


def find_revisions(both: pd.DataFrame, *, decimals: int) -> Revised:
    """Say of each row that stood before and stands now what changed in it.

    Parameters
    ----------
    both : DataFrame, n rows
        As `Revised.both`, without the columns of true or false.
    decimals : int
        Those the indicator prints: half a unit of the last one is rounding, no revision,
        unless the page prints another number for it. Counts and denominators are whole, so
        half of one is.
    """
    rounding = 0.5 * 10.0**-decimals
    was, now = both["value_old"].notna(), both["value_new"].notna()
    value, ends = ("value",), LIMITS[:2]  # what a page prints
    moved = _differ(both, value, rounding) | _reprinted(both, value, decimals)
    moved &= was & now
    blanked, filled = was & ~now, ~was & now
    limits = _differ(both, LIMITS, rounding) | _reprinted(both, ends, decimals)
    counts = _differ(both, COUNTS, 0.5)
    restated = both["status_old"].ne(both["status_new"]) & ~blanked & ~filled
    found = {"moved": moved, "blanked": blanked, "filled": filled, "limits": limits,
             "counts": counts, "restated": restated}  # fmt: skip
    return Revised(both.assign(**found, revised=pd.DataFrame(found).any(axis="columns")))


def revision_words(revised: Revised, *, catalogue: Catalogue, indicator: Indicator) -> list[str]:
    """The revisions in words, the most telling first.

    A value that is now withheld is never given, nor what stands in its place elsewhere.
    """
    both = revised.both
    own = catalogue.area.name
    said = list(_moved_words(both[both["category_type"].eq("")], catalogue, indicator))
    largest = revised.largest
    step = f"{largest.area} {_step(largest, indicator)}" if largest else ""
    if largest and step not in said:
        said.append(f"largest, {largest.period}: {step}")
    withheld = both["blanked"] & both["status_new"].eq("suppressed")
    said += _places(both[withheld], "now withheld", own)
    said += _places(both[both["blanked"] & ~withheld], "no longer given", own)
    said += _places(both[both["filled"]], "now given", own)
    for column, what in (("limits", "intervals"), ("counts", "counts or denominators"),
                         ("restated", "status")):  # fmt: skip
        rows = int(both[column].sum())
        if rows:
            said.append(f"{what} changed in {rows:,} row{'' if rows == 1 else 's'}")
    return said


def _differ(both: pd.DataFrame, columns: tuple[str, ...], rounding: float) -> pd.Series:
    """Rows in which a figure moved by more than its rounding, appeared or vanished."""
    differing = pd.Series(False, index=both.index)
    for column in columns:
        old, new = both[f"{column}_old"], both[f"{column}_new"]
        differing |= (new - old).abs() > rounding * (1 + HAIR) + HAIR
        differing |= old.isna() != new.isna()
    return differing


def _reprinted(both: pd.DataFrame, columns: tuple[str, ...], decimals: int) -> pd.Series:
    """Rows in which a figure moved however little, and yet is printed as another."""
    differing = pd.Series(False, index=both.index)
    for column in columns:
        pair = both[[f"{column}_old", f"{column}_new"]]
        moved = pair[(pair.iloc[:, 1] - pair.iloc[:, 0]).abs() > HAIR]
        printed = moved.map(lambda value: f"{value:.{decimals}f}")
        differing[moved.index] |= printed.iloc[:, 0] != printed.iloc[:, 1]
    return differing


def _revision(row: pd.Series) -> Revision:
    area, part = row["area_name_new"], row["category"]
    area = f"{area} ({part})" if part else area
    return Revision(area, row["period"], row["value_old"], row["value_new"])


def _step(revision: Revision, indicator: Indicator) -> str:
    """`12.1% -> 12.4%`; with one decimal more where both would print alike."""
    old, new = (number(value, indicator) for value in (revision.old, revision.new))
    if old == new:
        finer = indicator.model_copy(update={"decimals": indicator.decimals + 1})
        old, new = (number(value, finer) for value in (revision.old, revision.new))
    return f"{old} -> {new}"


def _moved_words(
    rows: pd.DataFrame, catalogue: Catalogue, indicator: Indicator
) -> Iterator[str]:
    """Each period with revised values, the latest first: how many areas, and our own step."""
    latest = rows.sort_values(["period_end_old", "period_start_old"], ascending=False)
    periods = list(dict.fromkeys(latest.loc[latest["moved"], "period"]))
    for period in periods[:MOST_PERIODS]:
        stood = rows[rows["period"].eq(period)]
        yield f"{period} revised for {listed(_areas(stood, catalogue))}"
        own = stood[stood["moved"] & stood["area_code"].eq(catalogue.settings.area)]
        for _, row in own.iterrows():
            revision = _revision(row)
            yield f"{revision.area} {_step(revision, indicator)}"
    more = len(periods) - MOST_PERIODS
    if more > 0:
        yield f"{more} earlier period{'' if more == 1 else 's'} revised too"


def _areas(stood: pd.DataFrame, catalogue: Catalogue) -> list[str]:
    """`12 of 33 boroughs`, `4 of 19 wards`, and countries and regions by name."""
    said = []
    for kind, rows in stood.groupby("area_type_new", sort=True):
        moved = rows[rows["moved"]]
        if moved.empty:
            continue
        if kind in ("borough", "ward"):
            said.append(f"{len(moved)} of {len(rows)} {kind}{'' if len(rows) == 1 else 's'}")
        else:
            said += [catalogue.area_of(code).name for code in dict.fromkeys(moved["area_code"])]
    return said


def _places(rows: pd.DataFrame, what: str, own: str) -> list[str]:
    """How many figures, and where: by name for a few, else only ours. Never their values."""
    if rows.empty:
        return []
    places = list(dict.fromkeys(zip(rows["area_name_new"], rows["period"], strict=True)))
    count = f"{len(rows):,} figure{'' if len(rows) == 1 else 's'} {what}"
    if len(places) <= MOST_PLACES:
        return [f"{count}: {listed([' '.join(place) for place in places])}"]
    ours = [period for area, period in places if area == own]
    return [f"{count}, {own} {listed(ours[:MOST_PLACES])} among them" if ours else count]

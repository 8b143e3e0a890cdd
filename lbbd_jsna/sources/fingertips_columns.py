"""The headings of a Fingertips CSV in all their shapes, and where its columns stand."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass

from lbbd_jsna.errors import ExtractError, Fault
from lbbd_jsna.sources.csv_files import shown, tidy

ID = "Indicator ID"
ENGLAND = "Compared to England value or percentiles"
RANGE = "Time period range"
REQUIRED = {
    ID: "source_id",
    "Indicator Name": "indicator_name",
    "Area Code": "area_code",
    "Area Name": "area_name",
    "Sex": "sex",
    "Age": "age",
    "Category Type": "category_type",
    "Category": "category",
    "Time period": "period",
    "Value": "value",
    "Lower CI 95.0 limit": "lower_95",
    "Upper CI 95.0 limit": "upper_95",
    "Lower CI 99.8 limit": "lower_99_8",
    "Upper CI 99.8 limit": "upper_99_8",
    "Count": "count",
    "Denominator": "denominator",
    "Value note": "value_note",
    "Recent Trend": "published_trend",
    ENGLAND: "published_comparison",
}
# Headings that were added, renamed or left out over the years, and are not needed.
KNOWN = ("Parent Code", "Parent Name", "Area Type", "Time period Sortable", "New data",
         "Compared to goal", "Target data", RANGE)  # fmt: skip
# Rows of older exports stop before these; no other field may be missing.
LATE = ("Compared to goal", "Target data", RANGE)
FIELDS = (*REQUIRED.values(), "printed_range")
FIGURES = ("value", "lower_95", "upper_95", "lower_99_8", "upper_99_8", "count", "denominator")


@dataclass(frozen=True)
class Layout:
    """Where the columns of one heading stand, in the order of `REQUIRED`."""

    width: int
    fewest: int
    places: tuple[int, ...]
    range_at: int
    extras: tuple[str, ...]

    def names(self) -> list[str]:
        """What each place of a record is called: a field of `FIELDS`, or `unused` and a number."""
        names = [f"unused {place}" for place in range(self.width)]
        for place, name in zip((*self.places, self.range_at), FIELDS, strict=True):
            if place >= 0:
                names[place] = name
        return names


def layout_of(record: list[str], *, where: str, name: str) -> Layout:
    """Where the columns stand, from a heading.

    Raises
    ------
    ExtractError
        A column is missing or stands there twice.
    """
    heading = list(map(tidy, record))
    while heading and not heading[-1]:
        heading.pop()
    others = [column for column in heading if column not in REQUIRED and column not in KNOWN]
    faults = _heading_faults(heading, others, where)
    if faults:
        raise ExtractError(f"{name} cannot be used", faults)
    late = {heading.index(column) for column in LATE if column in heading}
    fewest = len(heading)
    while fewest - 1 in late:
        fewest -= 1
    # The comparison with the parent area: its heading names the parent's type, or nothing.
    parent = heading[heading.index(ENGLAND) + 1 :][:1]
    return Layout(
        width=len(record),
        fewest=fewest,
        places=tuple(heading.index(column) for column in REQUIRED),
        range_at=heading.index(RANGE) if RANGE in heading else -1,
        extras=tuple(c for c in others if c not in parent and not c.startswith("Compared to")),
    )


def _heading_faults(heading: list[str], others: list[str], where: str) -> list[Fault]:
    missing = [column for column in REQUIRED if column not in heading]
    if len(missing) == len(REQUIRED):
        first = shown(",".join(heading))
        return [Fault(where, f"the heading is {first}", "the columns of a Fingertips CSV",
                      "is it the right file, with commas between the columns?")]  # fmt: skip
    faults = [
        Fault(where, f'the column "{column}" appears {count} times', "each column once")
        for column, count in Counter(heading).items()
        if count > 1
    ]
    for column in missing:
        close = difflib.get_close_matches(column, others or heading, n=1, cutoff=0.0)
        todo = f"the nearest heading is {shown(close[0])}; do not change headings"
        faults.append(Fault(where, f'there is no column "{column}"', todo=todo))
    return faults


def width_fault(width: int, layout: Layout, *, where: str) -> Fault:
    """What is wrong with a row of too few or too many fields."""
    few = "" if layout.fewest == layout.width else f"{layout.fewest} to "
    return Fault(
        where,
        f"{width} values under {layout.width} headings",
        f"{few}{layout.width}",
        "the row is cut off, or a comma is not in quotes; fetch the file again",
    )

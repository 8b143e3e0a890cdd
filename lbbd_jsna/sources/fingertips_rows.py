"""The rows of a Fingertips CSV: its headings in all their shapes, and the rows wanted."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import ExtractError, Fault
from lbbd_jsna.sources.csv_files import counted, read_records, read_text, shown, tidy

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
_CODE, _CATEGORY_TYPE = (
    list(REQUIRED).index(heading) for heading in ("Area Code", "Category Type")
)


@dataclass(frozen=True)
class Wanted:
    """Which rows are kept; the rest of a national file is only counted.

    Parameters
    ----------
    ids : frozenset of str
        Ids of series in the catalogue.
    areas : frozenset of str
        Codes of areas in the catalogue, but for other boroughs' wards.
    detailed : frozenset of str
        Codes of areas whose breakdowns by category are kept.
    """

    ids: frozenset[str]
    areas: frozenset[str]
    detailed: frozenset[str]

    @classmethod
    def by(cls, catalogue: Catalogue, *, source: str) -> Wanted:
        """What a catalogue wants of one source."""
        own = catalogue.settings.area
        areas = [a for a in catalogue.areas if a.type != "ward" or a.parent == own]
        countries = {area.code for area in areas if area.type == "country"}
        return cls(
            ids=frozenset(i.source_id for i in catalogue.indicators.values() if i.source == source),
            areas=frozenset(area.code for area in areas),
            detailed=frozenset({own, *countries}),
        )


@dataclass(frozen=True)
class _Layout:
    """Where the columns of one heading stand, in the order of `REQUIRED`."""

    width: int
    fewest: int
    places: tuple[int, ...]
    range_at: int
    extras: tuple[str, ...]

    def pick(self, record: list[str]) -> list[str]:
        """The fields of a record, in the order of `FIELDS`."""
        printed = record[self.range_at] if 0 <= self.range_at < len(record) else ""
        return [*(record[place] for place in self.places), printed]


@dataclass
class _Sieve:
    """What has been gathered from a file so far."""

    name: str
    wanted: Wanted
    layouts: list[_Layout] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    kept: list[list[object]] = field(default_factory=list)
    left_out: Counter = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    def take(self, line: int, record: list[str]) -> None:
        """Keep a record, count it, or find fault with it."""
        where = f"{self.name}, row {line}"
        if not self.layouts or record[0].strip() == ID:
            self.layouts.append(_layout(record, where, self.name))
            return
        layout = self.layouts[-1]
        if not layout.fewest <= len(record) <= layout.width:
            self.faults.append(_width_fault(record, layout, where))
            return
        self.widths.append(len(record))
        reason = self._reason_to_drop(record, layout.places)
        if reason:
            self.left_out[reason] += 1
        else:
            self.kept.append([line, *layout.pick(record)])

    def _reason_to_drop(self, record: list[str], places: tuple[int, ...]) -> str:
        if record[places[0]].strip() not in self.wanted.ids:
            return "of ids that are not in the catalogue"
        code = record[places[_CODE]].strip()
        if code not in self.wanted.areas:
            return "of other areas"
        if code not in self.wanted.detailed and record[places[_CATEGORY_TYPE]].strip():
            return "of breakdowns by category for other areas"
        return ""

    def finish(self, text: str) -> None:
        """Find fault with how the file ends."""
        if not self.widths and not self.faults:
            todo = "the id is withdrawn or has no figures for that area type"
            self.faults.append(Fault(self.name, "no rows under the heading", "figures", todo))
        elif not text.endswith(("\n", "\r")) and not self.faults:
            # A whole file ends its last line; a short last line without an end is a stump.
            *earlier, last = self.widths
            if last < max(earlier, default=self.layouts[-1].width):
                todo = "the download was interrupted; fetch it again"
                self.faults.append(Fault(f"{self.name}, last row", "cut off", "a whole row", todo))

    def notes(self) -> list[str]:
        """What was left out, and what the headings hold besides."""
        extras = sorted({column for layout in self.layouts for column in layout.extras})
        notes = [f"columns not used: {', '.join(map(shown, extras))}"] if extras else []
        if len(self.layouts) > 1:
            notes.append(
                f"{counted(len(self.layouts) - 1, 'more heading')} in the middle of the file"
            )
        notes += [
            f"{counted(count, 'row')} {why} left out"
            for why, count in sorted(self.left_out.items())
        ]
        return [f"{self.name}: {note}" for note in notes]


def fingertips_rows(path: Path, *, name: str, wanted: Wanted) -> tuple[pd.DataFrame, list[str]]:
    """Read the wanted rows of a Fingertips CSV as text.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What to call it in messages.
    wanted : Wanted
        Which rows to keep.

    Returns
    -------
    DataFrame, list of str
        Columns source_row (the line on which the record starts) and `FIELDS`, white space
        collapsed; printed_range is empty where the file has none. Then notes.

    Raises
    ------
    ExtractError
        The file is not CSV, a column is missing (at once); or a row has too few or too many
        fields, the last one is cut off, or there are none (all together).
    """
    text, notes = read_text(path, name=name)
    sieve = _Sieve(name, wanted)
    for line, record in read_records(text, name=name):
        sieve.take(line, record)
    sieve.finish(text)
    if sieve.faults:
        raise ExtractError(f"{name} cannot be used", sieve.faults)
    return _text_table(sieve.kept), notes + sieve.notes()


def _text_table(kept: list[list[object]]) -> pd.DataFrame:
    """Kept records as columns of plain Python text, tidied once for each different text."""
    lines, *columns = zip(*kept, strict=True) if kept else [()] * (1 + len(FIELDS))
    table = {"source_row": pd.Series(lines, dtype="int64")}
    for column, texts in zip(FIELDS, columns, strict=True):
        tidied = {text: tidy(text) for text in set(texts)}
        # Object, not str: many small files make many small steps, and those are quicker so.
        table[column] = pd.Series([tidied[text] for text in texts], dtype="object")
    return pd.DataFrame(table)


def _layout(record: list[str], where: str, name: str) -> _Layout:
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
    return _Layout(
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


def _width_fault(record: list[str], layout: _Layout, where: str) -> Fault:
    few = "" if layout.fewest == layout.width else f"{layout.fewest} to "
    return Fault(
        where,
        f"{len(record)} values under {layout.width} headings",
        f"{few}{layout.width}",
        "the row is cut off, or a comma is not in quotes; fetch the file again",
    )

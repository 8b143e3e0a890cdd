"""How fast a return is read and judged, against pandas.read_csv, which judges nothing.

Run it from the top folder of the project:

    python -m benchmarks.returns [ROWS]
"""

from __future__ import annotations

import csv
import dataclasses
import random
import sys
import tempfile
from functools import partial
from pathlib import Path

import pandas as pd

from benchmarks.timing import report, rounds
from lbbd_jsna.catalogue import Catalogue, read_catalogue
from lbbd_jsna.errors import ExtractError
from lbbd_jsna.periods import MONTHS
from lbbd_jsna.sources.returns import COLUMNS, read_return

ROWS = 300_000
CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue"


def large_return(path: Path, *, catalogue: Catalogue, rows: int) -> Catalogue:
    """Write a sound return of monthly figures, and give the catalogue that it is sound for.

    Parameters
    ----------
    path : Path
        The CSV to write: every ward of every returned percentage and their sum, a row a month,
        until there are enough rows.
    catalogue : Catalogue
        Its returned percentages are taken to be returned by ward.
    rows : int
        How many, rounded up to whole months.
    """
    rng = random.Random(20261121)
    returned = [
        indicator.model_copy(
            update={"area_types": ("borough", "ward"), "ward_vintage": "2022"}
        )
        for indicator in catalogue.indicators.values()
        if catalogue.sources[indicator.source].kind in ("return", "survey")
        and indicator.unit == "%"
    ]
    wards = catalogue.wards(catalogue.settings.ward_vintage)
    borough = {catalogue.area.code: catalogue.area.name}
    written, month = 0, 1940 * 12
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        while written < rows:
            period = f"{MONTHS[month % 12].capitalize()} {month // 12}"
            for indicator in returned:
                people = [rng.randint(20, 4000) for _ in wards]
                counts = [rng.randint(0, many) for many in people]
                figures = zip([*counts, sum(counts)], [*people, sum(people)], strict=True)
                for (code, name), (count, many) in zip(
                    {**wards, **borough}.items(), figures, strict=True
                ):
                    writer.writerow([indicator.id, code, name, period, count, many, "", ""])
            written += len(returned) * (len(wards) + 1)
            month += 1
    changed = {indicator.id: indicator for indicator in returned}
    return dataclasses.replace(catalogue, indicators={**catalogue.indicators, **changed})


def quoted(path: Path) -> Path:
    """The same return with every cell in quotes, which takes the csv module."""
    copy = path.with_name("quoted.csv")
    with path.open(encoding="utf-8", newline="") as lines, copy.open(
        "w", encoding="utf-8", newline=""
    ) as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(csv.reader(lines))
    return copy


def faulty(path: Path) -> Path:
    """The same return with a decimal comma in the last row."""
    copy = path.with_name("faulty.csv")
    text = path.read_text(encoding="utf-8").rstrip("\n")
    copy.write_text(text[: text.rindex(",,")] + ',"3,1",\n', encoding="utf-8", newline="\n")
    return copy


def main(rows: int) -> None:
    """Time the readers on one file and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "return.csv"
        catalogue = large_return(path, catalogue=read_catalogue(CATALOGUE), rows=rows)
        ways = {"read_return": path, "read_return, all quoted": quoted(path),
                "read_return, last row faulty": faulty(path)}  # fmt: skip
        seconds = rounds(
            **{way: partial(judged, file, catalogue) for way, file in ways.items()},
            read_csv=partial(pd.read_csv, path),
        )
        read = judged(path, catalogue)
        print(f"{read:,} rows of {len(COLUMNS)} columns, {path.stat().st_size / 1e6:.1f} MB")
        print(report(seconds, rows=read, against="read_csv"))


def judged(path: Path, catalogue: Catalogue) -> int:
    """Read a return; how many rows, or how many faults."""
    try:
        return len(read_return(path, name="returns/return.csv", catalogue=catalogue)[0])
    except ExtractError as error:
        return len(error.faults)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)

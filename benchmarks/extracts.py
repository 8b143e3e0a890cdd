"""How fast, and in how much memory, a national Fingertips extract is read, against pandas.

Run it from the top folder of the project; the file takes 2.3 GB of disk while it runs:

    python -m benchmarks.extracts [ROWS] [--shape normal|quoted|wanted] [--rounds N]
"""

from __future__ import annotations

import argparse
import itertools
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd

from benchmarks.timing import report, rounds
from lbbd_jsna.catalogue import Catalogue, Indicator, read_catalogue
from lbbd_jsna.sources.fingertips import SOURCE, read_fingertips
from lbbd_jsna.sources.fingertips_wanted import Wanted

ROWS = 5_040_000
CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue"
SHAPES = {
    "normal": "the catalogue's ids among others, three names in ten in quotes",
    "quoted": "the same, every name in quotes and with a comma",
    "wanted": "every row of an id of the catalogue, so that only areas are left out",
}
HEADING = (
    "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,"
    "Category Type,Category,Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,"
    "Lower CI 99.8 limit,Upper CI 99.8 limit,Count,Denominator,Value note,Recent Trend,"
    "Compared to England value or percentiles,"
    "Compared to Regions (statistical) value or percentiles,Time period Sortable,New data,"
    "Compared to goal,Time period range\r\n"
)
# Each series has so many rows: 360 places in 10 periods.
PLACES, PERIODS = 360, 10
YEARS = range(2015, 2015 + PERIODS)
NOTE = "Aggregated from all known lower geography values"
WITHHELD = ",,,,,,,Value suppressed for disclosure control due to small count"


@dataclass(frozen=True)
class Series:
    """What is the same in all rows of a series."""

    source_id: str
    name: str
    sex: str
    age: str
    length: str


def large_extract(path: Path, *, catalogue: Catalogue, rows: int, shape: str) -> Catalogue:
    """Write a file as Fingertips exports it, and give the catalogue that it is read with.

    Parameters
    ----------
    path : Path
        The CSV to write; 430 bytes a row.
    catalogue : Catalogue
        Whose ids and areas are among others.
    rows : int
        How many, rounded up to whole series of 3,600 rows.
    shape : str
        One of `SHAPES`.
    """
    count = -(-rows // (PLACES * PERIODS))
    rng = random.Random(20261121)
    if shape == "wanted":
        catalogue = replace(catalogue, indicators=made_up_indicators(count))
    series = list(itertools.islice(all_series(catalogue, quoted=shape == "quoted"), count))
    rng.shuffle(series)
    figures = [figures_of(rng) for _ in range(20_000)]
    places = all_places(catalogue)
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(HEADING)
        for one in series:
            drawn = iter(rng.choices(figures, k=PLACES * PERIODS))
            start = f"{one.source_id},{one.name},E12000007,London region (statistical),"
            periods = [period_of(year, one.length) for year in YEARS]
            for area, category in places:
                first = f"{start}{area},{one.sex},{one.age},{category},"
                stream.writelines(
                    f"{first}{text},{next(drawn)},Cannot be calculated,Similar,Not compared,"
                    f"{year}0000,,Not compared,{one.length}\r\n"
                    for year, text in zip(YEARS, periods, strict=True)
                )
    return catalogue


def made_up_indicators(count: int) -> dict[str, Indicator]:
    """Indicators with ids from 90001 on."""
    return {
        f"made-up-{number}": Indicator(
            id=f"made-up-{number}", title="Made up", definition="Made up", source=SOURCE,
            source_id=str(90_000 + number), name_words=("share",), verified=False, unit="%",
            value_type="Proportion", polarity="low_is_good", polarity_verified=False,
        )
        for number in range(1, count + 1)
    }  # fmt: skip


def all_series(catalogue: Catalogue, *, quoted: bool) -> Iterator[Series]:
    """The series of the catalogue, then made-up ones without end."""
    for one in catalogue.indicators.values():
        if one.source == SOURCE and one.period_range in ("", "1y", "3y", "5y"):
            words = one.expected_name or " ".join(one.name_words)
            name = words + ", as published" * quoted
            yield Series(
                one.source_id, f'"{name}"' if "," in name else name, one.sex or "Persons",
                f'"{one.age}"' if "," in one.age else one.age or "All ages",
                one.period_range or "1y",
            )  # fmt: skip
    for number in itertools.count(200_001):
        name = f"Share of people in group {number} of whom something is said at length"
        name = f'"{name}, 18 and over"' if quoted or number % 10 < 3 else name
        yield Series(str(number), name, "Persons", "18+ yrs", "1y")


def all_places(catalogue: Catalogue) -> list[tuple[str, str]]:
    """Code, name and type of each place; and category type and category, or blanks."""
    areas = [a for a in catalogue.areas if a.type != "ward"]
    listed = [(f"{a.code},{a.name},{a.type.capitalize()}", ",") for a in areas]
    england = next(a for a in areas if a.type == "country")
    listed += [
        (f"{england.code},{england.name},Country", f"Deprivation deciles,Decile {number}")
        for number in range(1, 11)
    ]
    own = catalogue.area
    listed += [(f"{own.code},{own.name},Borough", f"Ethnic groups,Group {n}") for n in range(5)]
    others = itertools.count(7_000_001)
    while len(listed) < PLACES:
        code = next(others)
        listed.append((f"E0{code},District number {code},Districts & UAs (from Apr 2023)", ","))
    return listed


def figures_of(rng: random.Random) -> str:
    """Value, limits, count, denominator and note, with as many digits as are published."""
    if rng.random() < 0.02:
        return WITHHELD
    value = rng.uniform(10, 90)
    near, far = rng.uniform(0.5, 2), rng.uniform(2, 4)
    limits = [value - near, value + near, value - far, value + far]
    count, people = rng.randint(100, 9_999), rng.randint(10_000, 99_999)
    return ",".join([*map(repr, [value, *limits]), str(count), str(people), NOTE])


def period_of(year: int, length: str) -> str:
    """The period of so many years that ends in a year."""
    years = int(length[0])
    return str(year) if years == 1 else f"{year - years + 1} - {year % 100}"


def read_with_pandas(path: Path, *, catalogue: Catalogue) -> pd.DataFrame:
    """What one would write at first: read everything, then keep the same rows."""
    wanted = Wanted.by(catalogue, source=SOURCE)
    rows = pd.read_csv(path, low_memory=False)  # half the time of the default on such a file
    rows = rows[rows["Indicator ID"].isin(set(map(int, wanted.ids)))]
    rows = rows[rows["Area Code"].isin(wanted.areas)]
    return rows[rows["Category Type"].isna() | rows["Area Code"].isin(wanted.detailed)]


def read_as_we_do(path: Path, *, catalogue: Catalogue) -> pd.DataFrame:
    """Read, filter, check and type."""
    return read_fingertips(path, name="fingertips/england.csv", catalogue=catalogue)[0]


WAYS = {"read_fingertips": read_as_we_do, "pandas.read_csv": read_with_pandas}


def peak_memory(way: str, path: Path, shape: str, rows: int) -> float:
    """The most memory, in MB, that a process of its own takes to read the file."""
    command = [sys.executable, "-m", "benchmarks.extracts", str(rows), "--shape", shape]
    done = subprocess.run(
        [*command, "--alone", way, "--file", str(path)],
        check=True, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    return float(done.stdout.split()[-1])


def catalogue_of(shape: str, rows: int) -> Catalogue:
    """The catalogue that a file of a shape is read with."""
    catalogue = read_catalogue(CATALOGUE)
    if shape != "wanted":
        return catalogue
    return replace(catalogue, indicators=made_up_indicators(-(-rows // (PLACES * PERIODS))))


def read_alone(way: str, path: Path, shape: str, rows: int) -> None:
    """Read the file in this process and print the most memory it took, in MB."""
    import resource

    WAYS[way](path, catalogue=catalogue_of(shape, rows))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000)


def main(arguments: argparse.Namespace) -> None:
    """Make the file, measure memory and time, print a table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "england.csv"
        shape, rows = arguments.shape, arguments.rows
        catalogue = large_extract(
            path, catalogue=read_catalogue(CATALOGUE), rows=rows, shape=shape
        )
        print(f"{shape}: {SHAPES[shape]}; {path.stat().st_size / 1e9:.2f} GB")
        # Before this process grows: a child's peak is counted from its parent's size.
        peaks = {way: peak_memory(way, path, shape, rows) for way in WAYS}
        kept = {way: len(read(path, catalogue=catalogue)) for way, read in WAYS.items()}
        seconds = rounds(
            n=arguments.rounds,
            **{way: partial(read, path, catalogue=catalogue) for way, read in WAYS.items()},
        )
    print(report(seconds, rows=rows, against="pandas.read_csv"))
    for way in WAYS:
        print(f"{way:<34} {peaks[way]:,.0f} MB at most, {kept[way]:,} rows kept")


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="?", type=int, default=ROWS)
    parser.add_argument("--shape", choices=SHAPES, default="normal")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    said = parse(sys.argv[1:])
    if said.alone:
        read_alone(said.alone, said.file, said.shape, said.rows)
    else:
        main(said)

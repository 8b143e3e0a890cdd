"""How fast, and in how much memory, our statistics are, against the formulas written plainly.

Run it from the top folder of the project; the table of a whole country takes 0.4 GB of disk and
4 GB of memory while it runs:

    python -m benchmarks.statistics [--rows N] [--national N] [--rounds N]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks import formulas, national
from benchmarks.timing import rounds
from lbbd_jsna.statistics import comparisons, funnels, intervals, quantiles, ranks, trends

ROWS, NATIONAL = 1_000_000, 5_000_000
BANDS, AREAS = 19, 33
# Of `schema.OBSERVATIONS`, what a comparison at 95 % makes use of.
USED = ["indicator", "area_code", "sex", "age", "category_type", "category", "period",
        "period_range", "value", "lower_95", "upper_95", "status"]  # fmt: skip
DRAWS = 10_000


@dataclass(frozen=True)
class Case:
    """One statistic, ours and the plain one, of the same numbers."""

    name: str
    ours: Callable[..., object]
    plain: Callable[..., object]
    given: tuple[np.ndarray, ...]
    extra: dict[str, object] = field(default_factory=dict)
    agree: Callable[[object, object], bool] | None = None

    def ways(self) -> dict[str, Callable[[], object]]:
        """The two, ready to be called."""
        return {
            "ours": partial(self.ours, *self.given, **self.extra),
            "plain": partial(self.plain, *self.given, **self.extra),
        }

    def check(self) -> None:
        """Stop if the two do not come to the same: their times would mean nothing."""
        ours, plain = (way() for way in self.ways().values())
        agree = self.agree or all_close
        if not agree(ours, plain):
            raise SystemExit(f"{self.name}: ours and the plain formula differ")

    def memory(self) -> tuple[float, float]:
        """The most MB ours takes, results included, and that as a multiple of what is given."""
        peak = peak_memory(self.ways()["ours"])
        return peak / 1e6, peak / sum(array.nbytes for array in self.given)


def all_close(ours: object, plain: object) -> bool:
    """Every number to nine digits."""
    return all(
        np.allclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True)
        for one, other in zip(ours, plain, strict=True)
    )


def peak_memory(function: Callable[[], object]) -> int:
    """The most bytes that numpy, pandas and Arrow set aside while a function runs."""
    before = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(before)
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1] + (pool.max_memory() or 0)
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(before)


def counted(random: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Events, two in five of them below ten, and people."""
    people = random.integers(5_000, 50_000, rows).astype(float)
    return random.poisson(random.choice([0.5, 5, 40, 900], rows)).astype(float), people


def interval_cases(random: np.random.Generator, rows: int) -> Iterator[Case]:
    """Proportions, rates, standardised rates and ratios, and means."""
    events, people = counted(random, rows)
    yield Case("wilson", intervals.wilson, formulas.wilson, (events, people))
    yield Case("poisson", intervals.poisson, formulas.poisson, (events, people))
    yield from banded_cases(random, -(-rows // BANDS), "")
    yield from banded_cases(random, rows, f" x {BANDS} bands")


def banded_cases(random: np.random.Generator, areas: int, said: str) -> Iterator[Case]:
    """Areas by age bands; the last by as many single values."""
    events = random.poisson(8, (areas, BANDS)).astype(float)
    people = random.integers(500, 9_000, (areas, BANDS)).astype(float)
    reference = {
        "reference_counts": random.integers(100, 9_000, BANDS).astype(float),
        "reference_populations": random.integers(10**6, 4 * 10**6, BANDS).astype(float),
    }
    for name, extra in (
        ("directly_standardised_rate", {}), ("indirectly_standardised_ratio", reference),
    ):  # fmt: skip
        ours, plain = getattr(intervals, name), getattr(formulas, name)
        yield Case(name + said, ours, plain, (events, people), extra)
    yield Case("mean" + said, intervals.mean, formulas.mean, (people,))


def comparison_cases(random: np.random.Generator, rows: int) -> Iterator[Case]:
    """Trends, quantile groups, places in funnels and ranges of places in leagues."""
    values = random.normal(50, 4, (rows // trends.POINTS, trends.POINTS))
    near = random.uniform(0.5, 2, values.shape)
    yield Case(
        "recent_trends", partial(trends.recent_trends, polarity="no_judgement"),
        formulas.recent_trends, (values, values - near, values + near), agree=same_trends,
    )  # fmt: skip
    series = np.arange(rows) // 150
    yield Case(
        "quantiles", lambda x, groups: quantiles.quantiles(x, groups=groups), formulas.quantiles,
        (np.round(random.normal(50, 4, rows), 1), series), agree=np.array_equal,
    )  # fmt: skip
    people = random.integers(500, 50_000, rows).astype(float)
    yield Case(
        "funnel_verdicts", partial(funnels.funnel_verdicts, benchmark=30.0),
        partial(formulas.funnel_verdicts, benchmark=30.0),
        (random.binomial(people.astype(int), 0.3).astype(float), people), agree=np.array_equal,
    )  # fmt: skip
    values = random.normal(50, 4, (30, AREAS))
    yield Case(
        f"rank_intervals, 30 x {DRAWS:,}", partial(ranks.rank_intervals, polarity="high_is_good"),
        formulas.rank_intervals, (values, values - 2, values + 2), {"draws": DRAWS}, near_places,
    )  # fmt: skip


def same_trends(ours: trends.Trends, plain: formulas.Three) -> bool:
    """Directions alike, and slopes and chi-squared to nine digits."""
    signs = np.select([ours.direction == "rising", ours.direction == "falling"], [1, -1], 0)
    return np.array_equal(signs, plain[0]) and all_close(ours[2:4], plain[1:])


def near_places(ours: ranks.RankIntervals, plain: tuple[np.ndarray, np.ndarray]) -> bool:
    """Two simulations of the same leagues: no limit more than a place apart."""
    return all(np.abs(one - other).max() <= 1 for one, other in zip(ours[1:3], plain, strict=True))


def time_cases(cases: Iterator[Case], *, n: int) -> None:
    """A line for each: seconds of both, ours over plain, and our memory beyond what is given."""
    print(f"\n{'statistic':<44} {'ours s':>8} {'plain s':>8} {'ratio':>6} {'MB':>6} {'x given':>7}")
    for case in cases:
        case.check()
        most, multiple = case.memory()
        seconds = rounds(n, **case.ways())
        ratio = seconds["ours"] / seconds["plain"]
        print(
            f"{case.name:<44} {seconds['ours']:8.4f} {seconds['plain']:8.4f} {ratio:6.2f} "
            f"{most:6,.0f} {multiple:7.1f}",
            flush=True,
        )


def time_national(path: Path, *, rows: int, n: int) -> None:
    """Comparing the table of a whole country, against reading it."""
    written = national.write_national(path, rows=rows)
    table = pd.read_parquet(path)
    one = partial(
        comparisons.compare, table, benchmark=national.BENCHMARK, method="interval_95",
        polarity="low_is_good",
    )  # fmt: skip
    every = partial(
        comparisons.compare, table, benchmark=national.BENCHMARK, method=national.methods(rows),
        polarity=national.polarities(rows), goals=national.goals(rows),
    )  # fmt: skip
    used = int(table[USED].memory_usage(deep=True).sum())
    peaks = {"one": peak_memory(one), "every": peak_memory(every)}
    seconds = rounds(n, read=partial(pd.read_parquet, path), one=one, every=every)
    print(f"\n{written:,} observations of {len(table.columns)} columns, "
          f"{path.stat().st_size / 1e9:.2f} GB of Parquet")  # fmt: skip
    print(f"pandas.read_parquet {seconds['read']:.2f} s")
    for way, said in (("one", "interval_95"), ("every", "every method, by indicator")):
        print(
            f"compare, {said}: {seconds[way]:.2f} s, {seconds[way] / seconds['read']:.2f} times "
            f"the reading; {peaks[way] / 1e6:,.0f} MB at most, {peaks[way] / used:.1f} times the "
            f"columns used ({used / 1e6:,.0f} MB)"
        )


def main(arguments: argparse.Namespace) -> None:
    """Time everything, print tables."""
    random = np.random.default_rng(20261121)
    print(f"{arguments.rows:,} numbers, or areas by {BANDS} bands, of each kind")
    time_cases(interval_cases(random, arguments.rows), n=arguments.rounds)
    time_cases(comparison_cases(random, arguments.rows), n=arguments.rounds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "observations.parquet"
        time_national(path, rows=arguments.national, n=arguments.rounds)


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--national", type=int, default=NATIONAL)
    parser.add_argument("--rounds", type=int, default=7)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(parse(sys.argv[1:]))

"""A table of observations laid out for judging: methods, values, the benchmark of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lbbd_jsna.schema import KEY
from lbbd_jsna.statistics.verdicts import METHODS, POLARITIES
from lbbd_jsna.statistics.workings.inputs import MOST_NAMED, floats
from lbbd_jsna.statistics.workings.keys import row_keys

Words = str | Mapping[str, str]
Goals = Mapping[str, tuple[float, float]]
Breakdowns = Literal["own", "headline"]
# What a row and its benchmark have in common.
SERIES = tuple(name for name in KEY if name != "area_code")
CATEGORY = ("category_type", "category")


@dataclass(frozen=True)
class Table:
    """The observations; method and polarity as places in their lists, -1 where not given."""

    frame: pd.DataFrame
    method: np.ndarray
    polarity: np.ndarray
    goals: Goals
    value: np.ndarray
    withheld: np.ndarray

    @classmethod
    def of(cls, frame: pd.DataFrame, method: Words, polarity: Words, goals: Goals) -> Table:
        """Check what was given and look up each row's words."""
        require(frame, ("indicator", "value"), "a comparison")
        wrong = [str(name) for name, (lower, upper) in goals.items() if lower > upper]
        if wrong:
            raise ValueError(f"a lower goal is above the upper one: {', '.join(wrong)}")
        indicators, names = pd.factorize(frame["indicator"])
        value = floats(frame["value"])
        withheld = np.zeros(len(frame), bool)
        if "status" in frame:
            withheld = frame["status"].eq("suppressed").to_numpy(bool)
            value = np.where(withheld, np.nan, value)
        methods = _places(method, names, METHODS, "method")[indicators]
        polarities = _places(polarity, names, POLARITIES, "polarity")[indicators]
        return cls(frame, methods, polarities, goals, value, withheld)


@dataclass(frozen=True)
class Benchmark:
    """The benchmark's value for each row, and where its own row stands, -1 for nowhere."""

    value: np.ndarray
    at: np.ndarray | None = None
    is_itself: np.ndarray | None = None

    @classmethod
    def of(
        cls, table: Table, benchmark: str | float | ArrayLike, breakdowns: Breakdowns
    ) -> Benchmark:
        """The benchmark as an area's rows, as one number, or as one number a row."""
        if breakdowns not in ("own", "headline"):
            raise ValueError(f"breakdowns is 'own' or 'headline', not {breakdowns!r}")
        if isinstance(benchmark, str):
            return cls._of_area(table, benchmark, breakdowns)
        index = table.frame.index
        if isinstance(benchmark, pd.Series) and not benchmark.index.equals(index):
            raise ValueError("the rows of the benchmark are labelled unlike those of the values")
        given = floats(benchmark)
        if given.shape not in ((), (len(index),)):
            raise ValueError(f"a benchmark of shape {given.shape} for {len(index)} rows")
        return cls(np.broadcast_to(given, len(index)))

    @classmethod
    def _of_area(cls, table: Table, code: str, breakdowns: Breakdowns) -> Benchmark:
        require(table.frame, KEY, "a comparison with an area")
        shared = [name for name in SERIES if breakdowns == "own" or name not in CATEGORY]
        keys = row_keys(table.frame[name] for name in shared)
        is_itself = table.frame["area_code"].eq(code).to_numpy(bool)
        if breakdowns == "headline":
            is_itself = is_itself & table.frame["category_type"].eq("").to_numpy(bool)
        own = np.flatnonzero(is_itself)
        held = pd.Index(keys[own])
        if not held.is_unique:
            _refuse_repeats(table.frame.iloc[own[held.duplicated()]], code)
        at = np.append(own, -1)[held.get_indexer(keys)]
        return cls(_taken(table.value, at), at, is_itself)


@dataclass(frozen=True)
class Rows:
    """The rows judged by one method."""

    table: Table
    benchmark: Benchmark
    at: np.ndarray | slice

    @property
    def value(self) -> np.ndarray:
        """The areas' values, nan where missing or withheld."""
        return self.table.value[self.at]

    @property
    def reference(self) -> np.ndarray:
        """The benchmark's values."""
        return self.benchmark.value[self.at]

    @property
    def polarity(self) -> np.ndarray:
        """Places in `POLARITIES`."""
        return self.table.polarity[self.at]

    @property
    def is_itself(self) -> np.ndarray | bool:
        """Whether a row is the benchmark's own."""
        flags = self.benchmark.is_itself
        return False if flags is None else flags[self.at]

    def column(self, name: str) -> pd.api.extensions.ExtensionArray:
        """A column of these rows."""
        return self.table.frame[name].array[self.at]

    def limits(self, level: str) -> list[np.ndarray]:
        """The areas' lower and upper limits."""
        return [numbers[self.at] for numbers in self._limits(level)]

    def benchmark_limits(self, level: str) -> list[np.ndarray]:
        """The benchmark's own limits; nan where it is a number."""
        if self.benchmark.at is None:
            return [np.full(len(self.value), np.nan)] * 2
        return [_taken(numbers, self.benchmark.at[self.at]) for numbers in self._limits(level)]

    def _limits(self, level: str) -> list[np.ndarray]:
        names = (f"lower_{level}", f"upper_{level}")
        require(self.table.frame, names, "a comparison by intervals")
        return [floats(self.table.frame[name]) for name in names]


def require(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    """Refuse a table without columns, all of them named."""
    missing = [name for name in columns if name not in frame]
    if missing:
        raise ValueError(f"{what} needs the columns {', '.join(missing)}")


def _places(words: Words, names: pd.Index, allowed: Sequence[str], what: str) -> np.ndarray:
    """Each name's word as its place in a list; the last, -1, is for rows without a name."""
    given = [words] if isinstance(words, str) else words.values()
    unknown = sorted({str(word) for word in given if word not in allowed})
    if unknown:
        raise ValueError(f"no {what} is called {', '.join(unknown)}; {', '.join(allowed)} are")
    found = [words if isinstance(words, str) else words.get(name, "") for name in names]
    last = words if isinstance(words, str) else ""
    return np.array([allowed.index(w) if w else -1 for w in (*found, last)], np.int8)


def _taken(numbers: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Numbers by place; nan for -1."""
    found = numbers[at]
    found[at < 0] = np.nan
    return found


def _refuse_repeats(rows: pd.DataFrame, code: str) -> None:
    named = [", ".join(map(str, row)) for row in rows[list(SERIES)].head(MOST_NAMED).to_numpy()]
    more = f"; and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
    raise ValueError(f"{code} has more than one row for {'; '.join(named)}{more}")

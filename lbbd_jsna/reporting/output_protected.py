"""What must not be readable in a pack: protected cells, and how pages name them."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import pandas as pd

NEEDED = ("indicator", "area_code", "area_name", "sex", "age", "period", "count", "released_count")
OPTIONAL = (
    "denominator", "value", "lower_95", "upper_95",
    "released_value", "released_lower_95", "released_upper_95",
)  # fmt: skip
SCALES = (1.0, 100.0, 1_000.0, 10_000.0, 100_000.0)
SEXES = {
    "male": r"males?|men|boys",
    "female": r"females?|women|girls",
    "persons": r"persons|people|both sexes|all sexes",
}
KIND_OF_AREA = 3  # characters of a code that say what it is of: E05 a ward, E09 a borough
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Secret:
    """One cell of council counts: the truth, and what was released in its place.

    `released` holds every number printed for it (count, value, limits); `count_out` is the
    released count, NaN when withheld.
    """

    indicator: str
    area: str
    name: str
    sex: str
    age: str
    period: str
    count: float
    denominator: float
    value: float
    scale: float
    limits: tuple[float, ...]
    count_out: float
    released: tuple[float, ...]

    @property
    def hidden(self) -> bool:
        """Whether the cell was withheld altogether."""
        return math.isnan(self.count_out)

    @property
    def group(self) -> tuple[str, ...]:
        """The table it belongs to: one cell for each area of a kind, such as the wards."""
        return self.indicator, self.sex, self.age, self.period, self.area[:KIND_OF_AREA]


@dataclass(frozen=True)
class Protected:
    """The protected facts of a pack, held in memory only.

    Parameters
    ----------
    cells : DataFrame
        A row for each cell of council counts of people that the pack could show, those shown
        rounded and totals included. Columns `indicator`, `area_code`, `area_name`, `sex`, `age`,
        `period`, `count` (the true number) and `released_count` (blank when withheld); also,
        where known, `denominator`, `value`, `lower_95`, `upper_95` (true, in the indicator's
        unit) and the same with `released_` before them.
    titles : mapping of indicator id to its titles
        Every form in which pages name it. Give those of unprotected indicators too: a table
        that names one of them is then known to be about something else.
    """

    cells: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    titles: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lacking = [] if self.cells.empty else [n for n in NEEDED if n not in self.cells]
        if lacking:
            raise ValueError(f"protected cells lack the columns {', '.join(lacking)}")
        if not self.cells.empty and self.cells["count"].isna().any():
            raise ValueError("a protected cell has no true count; leave cells without one out")

    @property
    def nothing(self) -> bool:
        """Whether no cell is protected."""
        return self.cells.empty

    @cached_property
    def secrets(self) -> tuple[Secret, ...]:
        """Every cell, with its true rate and limits worked out where they were not given."""
        frame = self.cells.reindex(columns=[*NEEDED, *OPTIONAL])
        texts = {name: frame[name].astype(str) for name in NEEDED[:6]}
        frame = frame.assign(**texts, scale=_scales(frame))
        return tuple(_secret(row) for row in frame.to_dict("records"))

    @cached_property
    def by_place(self) -> dict[tuple[str, str], tuple[Secret, ...]]:
        """The cells of each area's code and indicator."""
        found = defaultdict(list)
        for secret in self.secrets:
            found[secret.area, secret.indicator].append(secret)
        return {place: tuple(cells) for place, cells in found.items()}

    @cached_property
    def by_group(self) -> dict[tuple[str, ...], tuple[Secret, ...]]:
        """The cells of each table of areas."""
        found = defaultdict(list)
        for secret in self.secrets:
            found[secret.group].append(secret)
        return {group: tuple(cells) for group, cells in found.items()}


def _scales(frame: pd.DataFrame) -> pd.Series:
    """What one count in one of the denominator is multiplied by: 100 for per cents."""
    known = frame["value"] * frame["denominator"] / frame["count"].where(frame["count"] > 0)
    nearest = known.map(
        lambda v: min(SCALES, key=lambda s: abs(math.log(v / s))) if v > 0 else math.nan
    )
    usual = nearest.groupby(frame["indicator"]).transform("median")
    return nearest.fillna(usual).fillna(100.0).astype(float)


def _secret(row: dict) -> Secret:
    count, n, scale = float(row["count"]), float(row["denominator"]), row["scale"]
    value = row["value"]
    if pd.isna(value) and n > 0:
        value = count / n * scale
    given = (row["lower_95"], row["upper_95"])
    limits = [float(limit) for limit in given if not pd.isna(limit)] + _limits(count, n, scale)
    names = ("released_count", "released_value", "released_lower_95", "released_upper_95")
    released = tuple(float(row[name]) for name in names if not pd.isna(row[name]))
    return Secret(
        *(row[name] for name in NEEDED[:6]), count, n, float(value), scale, tuple(limits),
        float(row["released_count"]), released,
    )  # fmt: skip


def _limits(count: float, n: float, scale: float) -> list[float]:
    """Wilson's and Byar's limits, written out again: the check shares nothing with the pack."""
    if not n > 0:
        return []
    share, turn = count / n, Z95**2 / n
    middle, half = share + turn / 2, 0.0
    if share <= 1:
        half = Z95 * math.sqrt(share * (1 - share) / n + turn / (4 * n))
    wilson = [(middle - half) / (1 + turn), (middle + half) / (1 + turn)] if share <= 1 else []
    up = count + 1
    byar = [up * (1 - 1 / (9 * up) + Z95 / (3 * math.sqrt(up))) ** 3 / n]
    if count > 0:
        byar += [count * (1 - 1 / (9 * count) - Z95 / (3 * math.sqrt(count))) ** 3 / n]
    return [limit * scale for limit in wilson + byar if limit > 0]


class Names:
    """Finds areas, indicators, periods, sexes and ages in the words around a number."""

    def __init__(self, protected: Protected) -> None:
        self._codes: dict[str, set[str]] = defaultdict(set)
        for secret in protected.secrets:
            for name in (secret.area, *_spellings(secret.name)):
                self._codes[name].add(secret.area)
        self._areas = _any_of(self._codes)
        self.place = _places(protected)
        self._titles: dict[str, set[str]] = defaultdict(set)
        ids = {secret.indicator for secret in protected.secrets}
        self.protected_ids = frozenset(ids)
        for name in ids | set(protected.titles):
            words = {*protected.titles.get(name, ()), name, re.sub(r"[-_]", " ", name)}
            for word in words:
                self._titles[_plain(word)].add(name)
        self._indicators = _any_of(self._titles)
        self._parts = {
            part: _vocabulary({getattr(secret, part) for secret in protected.secrets})
            for part in ("period", "age")
        }
        self.areas = lru_cache(maxsize=100_000)(self._find_areas)
        self.codes = lru_cache(maxsize=100_000)(self._find_codes)
        self.indicators = lru_cache(maxsize=100_000)(self._find_indicators)
        self.said = lru_cache(maxsize=100_000)(self._said)

    def _find_areas(self, text: str) -> tuple[tuple[int, int, frozenset[str]], ...]:
        """Where areas are named: start, end, and the codes the name may stand for."""
        return tuple(
            (match.start(), match.end(), frozenset(self._codes[match[0]]))
            for match in self._areas.finditer(text)
        )

    def _find_codes(self, text: str) -> frozenset[str]:
        """The codes of every area that a text names."""
        return frozenset(code for *_, codes in self.areas(text) for code in codes)

    def _find_indicators(self, text: str) -> frozenset[str]:
        plain, found = _plain(text), set()
        for match in self._indicators.finditer(plain):
            found |= self._titles[match[0]]
        return frozenset(found)

    def _said(self, text: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """The periods, ages and sexes that a text names."""
        plain = _plain(text)
        parts = [
            frozenset(table[match[0]] for match in pattern.finditer(plain))
            for pattern, table in (self._parts["period"], self._parts["age"])
        ]
        sexes = {sex for sex, words in SEXES.items() if re.search(rf"\b(?:{words})\b", plain)}
        return parts[0], parts[1], frozenset(sexes)


def _places(protected: Protected) -> dict[str, frozenset[int]]:
    """Each area's number in alphabetical order, as on a map, in each table it belongs to."""
    found: dict[str, set[int]] = defaultdict(set)
    for cells in protected.by_group.values():
        ordered = sorted({(cell.name.casefold(), cell.area) for cell in cells})
        for number, (_, area) in enumerate(ordered, start=1):
            found[area].add(number)
    return {area: frozenset(numbers) for area, numbers in found.items()}


def _spellings(name: str) -> set[str]:
    return {name, name.replace(" & ", " and "), name.replace(" and ", " & "), name.upper()}


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("–", "-").split())


def _vocabulary(words: set[str]) -> tuple[re.Pattern[str], dict[str, str]]:
    table = {_plain(word): word for word in words if word}
    return _any_of(table), table


def _any_of(words: Mapping[str, object]) -> re.Pattern[str]:
    """Any of the words, the longest first, each whole."""
    ordered = sorted(filter(None, words), key=lambda word: (-len(word), word))
    joined = "|".join(map(re.escape, ordered)) or r"(?!)"
    return re.compile(rf"(?<![\w/])(?:{joined})(?![\w/])")

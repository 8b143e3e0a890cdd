"""Residents of one ward by sex and age, beside those of the borough."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lbbd_jsna.facts.facts import Facts
from lbbd_jsna.wards.residents import residents_of

FEMALE, MALE = "Female", "Male"


@dataclass(frozen=True)
class SexAge:
    """One sex and band of ages: people, and the share of all residents of either sex.

    `share` and `borough` are per cent; figures that are not known are nan.
    """

    sex: str
    age: str
    count: float
    share: float
    borough: float


@dataclass(frozen=True)
class ResidentsBySex:
    """Residents by sex and age, from the youngest, females of each age before males."""

    year: int
    bands: tuple[SexAge, ...]
    estimated: bool

    @property
    def ages(self) -> tuple[str, ...]:
        """The bands of ages, from the youngest."""
        return tuple(dict.fromkeys(band.age for band in self.bands))

    def of(self, sex: str, age: str) -> SexAge:
        """The band of one sex and age."""
        return next(band for band in self.bands if (band.sex, band.age) == (sex, age))


def residents_by_sex(facts: Facts, code: str) -> ResidentsBySex | None:
    """The residents of a ward in the latest year, or None without any by sex.

    Parameters
    ----------
    facts : Facts
    code : str
        A ward of today.

    Returns
    -------
    ResidentsBySex or None
        The borough's shares are of the same year; nan where it has none of that year.
    """
    table = facts.workspace.residents
    if table is None:
        return None
    own = residents_of(table, code)
    own = own[own["sex"].isin((FEMALE, MALE))].sort_values(["age_from", "sex"])
    if own.empty or own["sex"].nunique() < 2:
        return None
    year = int(own["year"].iloc[0])
    beside = residents_of(table[table["year"] == year], facts.catalogue.settings.area)
    return ResidentsBySex(
        year=year,
        bands=tuple(_band(row, beside) for row in own.itertuples()),
        estimated=bool(own["estimated"].any()),
    )


def _band(row, beside: pd.DataFrame) -> SexAge:
    same = beside[(beside["sex"] == row.sex) & (beside["age"] == row.age)]
    borough = float(same["share"].iloc[0]) if len(same) else float("nan")
    return SexAge(row.sex, row.age, float(row.count), float(row.share), borough)

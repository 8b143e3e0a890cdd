"""A made-up table of observations of a whole country, as the workspace keeps it in Parquet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lbbd_jsna.schema import as_observations

BENCHMARK = "E92000001"
METHODS = ("interval_95", "interval_99_8", "interval_both", "overlapping", "quintiles", "goal",
           "none")  # fmt: skip
POLARITIES = ("high_is_good", "low_is_good", "no_judgement")
SEXES = ("Persons", "Male", "Female")
AREAS, PERIODS = 330, 30
# Rows of one indicator, which are a row group of the file.
SERIES = AREAS * PERIODS * len(SEXES)


def indicators(rows: int) -> list[str]:
    """As many ids as the rows need, rounded up to whole indicators of 29,700 rows."""
    return [f"made-up-indicator-{number:03}" for number in range(-(-rows // SERIES))]


def methods(rows: int) -> dict[str, str]:
    """Every method in turn; goals only where one way is better."""
    names = indicators(rows)
    return {name: METHODS[number % len(METHODS)] for number, name in enumerate(names)}


def polarities(rows: int) -> dict[str, str]:
    """Every polarity in turn."""
    return {name: POLARITIES[number % 3] for number, name in enumerate(indicators(rows))}


def goals(rows: int) -> dict[str, tuple[float, float]]:
    """A goal for every indicator."""
    return dict.fromkeys(indicators(rows), (45.0, 55.0))


def write_national(path: Path, *, rows: int) -> int:
    """Write the table, an indicator at a time; give the number of its rows."""
    random = np.random.default_rng(20261121)
    frame = one_indicator()
    names = indicators(rows)
    schema = pa.Schema.from_pandas(frame, preserve_index=False)
    with pq.ParquetWriter(path, schema) as writer:
        for number, name in enumerate(names):
            table = with_figures(frame, name, number, random)
            writer.write_table(pa.Table.from_pandas(table, schema, preserve_index=False))
    return len(names) * SERIES


def one_indicator() -> pd.DataFrame:
    """Rows for every area, period and sex, in the types of the workspace."""
    codes = [BENCHMARK, *(f"E120000{n:02}" for n in range(1, 10))]
    codes += [f"E09{n:06}" for n in range(1, AREAS - len(codes) + 1)]
    types = ["country"] + ["region"] * 9 + ["borough"] * (AREAS - 10)
    area, period, sex = (axis.ravel() for axis in np.indices((AREAS, PERIODS, len(SEXES))))
    starts = pd.to_datetime([f"{year}-01-01" for year in range(1995, 1995 + PERIODS)])
    frame = pd.DataFrame(dict.fromkeys(TEXT, ""), index=range(SERIES))
    return as_observations(frame.assign(
        indicator="", source_id="", area_code=np.array(codes)[area],
        area_name=np.array([f"District of {code}" for code in codes])[area],
        area_type=np.array(types)[area], sex=np.array(SEXES)[sex], age="18+ yrs",
        period=starts.year.astype(str).to_numpy()[period], period_start=starts[period],
        period_end=(starts + pd.offsets.YearEnd())[period], period_range="1y",
        value_note="", status="published", published_trend="Cannot be calculated",
        published_comparison="Similar", source_file="fingertips/england.csv",
        source_row=np.arange(SERIES) + 2, **dict.fromkeys(NUMBERS, 0.0),
    ))  # fmt: skip


TEXT = ("category_type", "category")
NUMBERS = ("value", "lower_95", "upper_95", "lower_99_8", "upper_99_8", "count", "denominator")


def with_figures(
    frame: pd.DataFrame, name: str, number: int, random: np.random.Generator
) -> pd.DataFrame:
    """One indicator's rows: values of which one in fifty is withheld, their limits and counts."""
    people = random.integers(10_000, 99_999, SERIES).astype(float)
    value = random.normal(50, 4, SERIES)
    near = random.uniform(0.5, 2, SERIES)
    figures = np.stack([value, value - near, value + near, value - 1.6 * near,
                        value + 1.6 * near, np.round(value * people / 100), people])  # fmt: skip
    withheld = random.random(SERIES) < 0.02
    figures[:, withheld] = np.nan
    return frame.assign(
        indicator=name, source_id=str(90_000 + number),
        value_note=np.where(withheld, "Value suppressed for disclosure control", ""),
        status=np.where(withheld, "suppressed", "published"),
        source_row=frame["source_row"] + number * SERIES,
        **dict(zip(NUMBERS, figures, strict=True)),
    ).astype(frame.dtypes)  # fmt: skip

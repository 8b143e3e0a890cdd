"""The tables a notebook opens: read once, checked, protected, kept as Parquet."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import geopandas
import pandas as pd

from lbbd_jsna.catalogue import Catalogue, read_catalogue
from lbbd_jsna.disclosure import NO_LEDGER, Ledger, Protection, protect
from lbbd_jsna.errors import RunError
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.schema import COMPARISONS, KEY, as_observations
from lbbd_jsna.sources.extracts import read_extracts
from lbbd_jsna.sources.receipts import NotRenewed, Receipt, read_receipts, series_not_renewed
from lbbd_jsna.sources.store import RawFile
from lbbd_jsna.statistics.comparisons import compare
from lbbd_jsna.statistics.intervals import wilson
from lbbd_jsna.statistics.rounding import wilson_of_rounded
from lbbd_jsna.wards.from_catalogue import built_series
from lbbd_jsna.wards.marking import mark_reliability

PROJECT = Path(__file__).resolve().parent.parent
ABOUT = "workspace.json"
RESIDENTS, NEIGHBOURS = "residents.parquet", "neighbours.parquet"
Table = TypeVar("Table")


@dataclass(frozen=True)
class Workspace:
    """Everything a notebook may use.

    `observations` has the columns of schema.OBSERVATIONS and, after them, those of
    schema.COMPARISONS; `boundaries` holds one
    GeoDataFrame (code, name, geometry; EPSG:27700) for each ward vintage received.
    `files` says of each raw file, by its path below the extracts folder, what it was when
    the tables were made; `not_renewed` names the indicators the last fetch could not bring.
    `residents` is everybody by ward, sex and age, as `wards.residents` says, and `neighbours`
    the boroughs around (code, name, geometry; EPSG:27700); each None where not received.
    `inputs` is empty, and `protection` None, when the workspace was opened rather than built.
    """

    catalogue: Catalogue
    quarter: Quarter
    observations: pd.DataFrame
    boundaries: dict[str, geopandas.GeoDataFrame]
    demonstration: bool
    notes: tuple[str, ...]
    inputs: tuple[RawFile, ...] = ()
    files: Mapping[str, Receipt] = field(default_factory=dict)
    not_renewed: Mapping[str, NotRenewed] = field(default_factory=dict)
    residents: pd.DataFrame | None = None
    neighbours: geopandas.GeoDataFrame | None = None
    protection: Protection | None = field(default=None, repr=False, compare=False)


def build_workspace(
    extracts: Path,
    *,
    catalogue: Catalogue,
    quarter: Quarter,
    processed: Path,
    ledger: Ledger = NO_LEDGER,
) -> Workspace:
    """Read the raw extracts and write the tables of one quarter.

    Parameters
    ----------
    extracts : Path
        A folder laid out as `data/raw/`.
    processed : Path
        The folder to write; replaced whole.
    ledger : Ledger
        Everything released before, which this quarter must not undo. Reading it and
        recording what is released now are left to the caller.

    Returns
    -------
    Workspace

    Raises
    ------
    ExtractError, GeographyError
        With every fault of every file; nothing is written.
    """
    read = read_extracts(extracts, catalogue=catalogue)
    built = built_series(read.small_areas, read.boundaries, catalogue=catalogue)
    timely, late = _within(_with_built(read.observations, built.observations), quarter)
    # Protected first: intervals of true counts would give those counts away.
    protection = protect(timely, catalogue=catalogue, release=str(quarter), ledger=ledger)
    observations = _with_intervals(protection.observations, catalogue=catalogue)
    observations = mark_reliability(observations, catalogue=catalogue)
    files = read_receipts(read.inputs)
    stale = series_not_renewed(extracts, observations, files=files, catalogue=catalogue)
    workspace = Workspace(
        catalogue=catalogue,
        quarter=quarter,
        observations=_compared(as_observations(observations), catalogue=catalogue),
        boundaries=read.boundaries,
        demonstration=read.demonstration,
        notes=(
            *read.notes, *built.notes, *late, *protection.notes,
            *(one.note for one in stale.values()),
        ),
        inputs=tuple(read.inputs),
        files=files,
        not_renewed=stale,
        residents=_counted_by(built.residents, quarter),
        neighbours=read.neighbours,
        protection=protection.with_limits(observations),
    )
    _write(workspace, processed)
    return workspace


def open_workspace(quarter: str, *, area: str | None = None) -> Workspace:
    """Open the tables of a quarter from a notebook, in JupyterLab or in a run.

    A run says where its tables are through `JSNA_PROCESSED`. Otherwise the tables
    stand in `data/processed/<quarter>/`.

    Parameters
    ----------
    quarter : str
        Such as `2026-27-Q3`.
    area : str, optional
        The borough's code; must be the one the catalogue is about.
    """
    wanted = Quarter.parse(quarter)
    catalogue = read_catalogue(Path(os.environ.get("JSNA_CATALOGUE", PROJECT / "catalogue")))
    if area not in (None, catalogue.settings.area):
        raise RunError(
            f"this catalogue is about {catalogue.settings.area}, not {area}; "
            "set the area in catalogue/settings.yml"
        )
    standard = PROJECT / "data" / "processed" / str(wanted)
    folder = Path(os.environ.get("JSNA_PROCESSED", standard))
    return read_workspace(folder, quarter=wanted, catalogue=catalogue)


def read_workspace(folder: Path, *, quarter: Quarter, catalogue: Catalogue) -> Workspace:
    """Read the tables that `build_workspace` wrote.

    Parameters
    ----------
    folder : Path
        The `processed` folder of the quarter.

    Raises
    ------
    RunError
        There are no tables, or they are another quarter's.
    """
    about_file = folder / ABOUT
    if not about_file.exists():
        raise RunError(
            f"there are no tables for {quarter} yet; "
            f"make them with: python -m lbbd_jsna run {quarter}"
        )
    about = json.loads(about_file.read_text(encoding="utf-8"))
    if about["quarter"] != str(quarter):
        raise RunError(f"the tables are those of {about['quarter']}, not of {quarter}")
    boundaries = {
        vintage: geopandas.read_parquet(folder / f"wards-{vintage}.parquet")
        for vintage in about["vintages"]
    }
    return Workspace(
        catalogue=catalogue,
        quarter=quarter,
        observations=pd.read_parquet(folder / "observations.parquet"),
        boundaries=boundaries,
        demonstration=about["demonstration"],
        notes=tuple(about["notes"]),
        files={name: Receipt(**said) for name, said in about.get("files", {}).items()},
        not_renewed={
            name: NotRenewed(**said) for name, said in about.get("not_renewed", {}).items()
        },
        residents=_if_there(folder / RESIDENTS, pd.read_parquet),
        neighbours=_if_there(folder / NEIGHBOURS, geopandas.read_parquet),
    )


def _if_there(path: Path, read: Callable[[Path], Table]) -> Table | None:
    """A table that not every quarter has."""
    return read(path) if path.exists() else None


def _with_built(observations: pd.DataFrame, built: pd.DataFrame) -> pd.DataFrame:
    """Add the ward figures built from small areas to what was published and returned."""
    if built.empty:
        return observations
    table = pd.concat([observations, built]).sort_values(list(KEY), kind="stable")
    return as_observations(table)


def _within(observations: pd.DataFrame, quarter: Quarter) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Leave out figures for periods that had not ended by the end of the quarter."""
    late = observations["period_end"] > pd.Timestamp(quarter.end)
    names = sorted(set(observations.loc[late, "indicator"]))
    notes = tuple(f"{name}: periods that end after {quarter} are left out" for name in names)
    return observations[~late].reset_index(drop=True), notes


def _counted_by(residents: pd.DataFrame | None, quarter: Quarter) -> pd.DataFrame | None:
    """Leave out residents of years that had not ended by the end of the quarter."""
    if residents is None:
        return None
    ends = pd.to_datetime(residents["year"].astype(str) + "-12-31")
    return residents[ends <= pd.Timestamp(quarter.end)].reset_index(drop=True)


def _with_intervals(observations: pd.DataFrame, *, catalogue: Catalogue) -> pd.DataFrame:
    """Give the council's own percentages the Wilson intervals they come without.

    Those of rounded counts are widened by what the rounding may hide. Counts in which one
    person stands many times get none: theirs would be far too narrow.
    """
    own = {
        name: catalogue.rounding(indicator)
        for name, indicator in catalogue.indicators.items()
        if catalogue.sources[indicator.source].kind in ("return", "survey")
        and indicator.unit == "%"
        and not indicator.repeated
    }
    rows = observations["indicator"].isin(list(own)) & observations["lower_95"].isna()
    rows &= observations["value"].notna() & observations["denominator"].gt(0)
    rows &= observations["count"].notna()
    rounded = observations["indicator"].map(own).notna()
    rules = catalogue.disclosure
    allowing = partial(wilson_of_rounded, to=rules.round_to, smallest=rules.smallest_shown)
    completed = observations.copy()
    for some, formula in ((rows & rounded, allowing), (rows & ~rounded, wilson)):
        counts = observations.loc[some, "count"], observations.loc[some, "denominator"]
        for level, suffix in ((0.95, "95"), (0.998, "99_8")):
            limits = formula(*counts, confidence=level)
            completed.loc[some, f"lower_{suffix}"] = limits.lower
            completed.loc[some, f"upper_{suffix}"] = limits.upper
    return completed


def _compared(observations: pd.DataFrame, *, catalogue: Catalogue) -> pd.DataFrame:
    """Set every row against the benchmark's of the same series and period."""
    indicators = catalogue.indicators
    verdicts = compare(
        observations,
        benchmark=catalogue.benchmark.areas[0],
        method={name: indicator.method for name, indicator in indicators.items()},
        polarity={name: indicator.polarity for name, indicator in indicators.items()},
        goals={
            name: (indicator.goal.lower, indicator.goal.upper)
            for name, indicator in indicators.items()
            if indicator.goal
        },
    )
    return pd.concat([observations, verdicts[[c.name for c in COMPARISONS]]], axis=1)


def _write(workspace: Workspace, folder: Path) -> None:
    """Write beside the folder, then swap, so that a reader never sees half a table."""
    staging = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    workspace.observations.to_parquet(staging / "observations.parquet", index=False)
    for vintage, wards in workspace.boundaries.items():
        wards.to_parquet(staging / f"wards-{vintage}.parquet", index=False)
    for table, name in ((workspace.residents, RESIDENTS), (workspace.neighbours, NEIGHBOURS)):
        if table is not None:
            table.to_parquet(staging / name, index=False)
    about = {
        "quarter": str(workspace.quarter),
        "demonstration": workspace.demonstration,
        "notes": list(workspace.notes),
        "vintages": sorted(workspace.boundaries),
        "files": {name: asdict(receipt) for name, receipt in workspace.files.items()},
        "not_renewed": {name: asdict(said) for name, said in workspace.not_renewed.items()},
    }
    text = json.dumps(about, indent=1, ensure_ascii=False, sort_keys=True)
    (staging / ABOUT).write_text(text + "\n", encoding="utf-8", newline="\n")
    shutil.rmtree(folder, ignore_errors=True)
    staging.rename(folder)

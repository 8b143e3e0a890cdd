"""The tables a notebook opens: read once, checked, protected, kept as Parquet."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import geopandas
import pandas as pd

from lbbd_jsna.catalogue import Catalogue, read_catalogue
from lbbd_jsna.disclosure import protect
from lbbd_jsna.errors import RunError
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.schema import COMPARISONS, KEY, as_observations
from lbbd_jsna.sources.extracts import read_extracts
from lbbd_jsna.sources.receipts import NotRenewed, Receipt, read_receipts, series_not_renewed
from lbbd_jsna.sources.store import RawFile
from lbbd_jsna.statistics.comparisons import compare
from lbbd_jsna.statistics.intervals import wilson
from lbbd_jsna.wards.from_catalogue import built_series

PROJECT = Path(__file__).resolve().parent.parent
ABOUT = "workspace.json"


@dataclass(frozen=True)
class Workspace:
    """Everything a notebook may use.

    `observations` has the columns of schema.OBSERVATIONS and, after them, those of
    schema.COMPARISONS; `boundaries` holds one
    GeoDataFrame (code, name, geometry; EPSG:27700) for each ward vintage received.
    `files` says of each raw file, by its path below the extracts folder, what it was when
    the tables were made; `not_renewed` names the indicators the last fetch could not bring.
    `inputs` is empty when the workspace was opened rather than built.
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


def build_workspace(
    extracts: Path, *, catalogue: Catalogue, quarter: Quarter, processed: Path
) -> Workspace:
    """Read the raw extracts and write the tables of one quarter.

    Parameters
    ----------
    extracts : Path
        A folder laid out as `data/raw/`.
    processed : Path
        The folder to write; replaced whole.

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
    observations, withheld = protect(
        _with_intervals(timely, catalogue=catalogue), catalogue=catalogue
    )
    files = read_receipts(read.inputs)
    stale = series_not_renewed(extracts, observations, files=files, catalogue=catalogue)
    workspace = Workspace(
        catalogue=catalogue,
        quarter=quarter,
        observations=_compared(as_observations(observations), catalogue=catalogue),
        boundaries=read.boundaries,
        demonstration=read.demonstration,
        notes=(*read.notes, *built.notes, *late, *withheld, *(one.note for one in stale.values())),
        inputs=tuple(read.inputs),
        files=files,
        not_renewed=stale,
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
    )


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


def _with_intervals(observations: pd.DataFrame, *, catalogue: Catalogue) -> pd.DataFrame:
    """Give the council's own percentages the Wilson intervals they come without.

    Counts in which one person stands many times get none: theirs would be far too narrow.
    """
    own = [
        name
        for name, indicator in catalogue.indicators.items()
        if catalogue.sources[indicator.source].kind in ("return", "survey")
        and indicator.unit == "%"
        and not indicator.repeated
    ]
    rows = observations["indicator"].isin(own) & observations["lower_95"].isna()
    rows &= observations["value"].notna() & observations["denominator"].gt(0)
    rows &= observations["count"].notna()
    completed = observations.copy()
    for level, suffix in ((0.95, "95"), (0.998, "99_8")):
        limits = wilson(
            observations.loc[rows, "count"], observations.loc[rows, "denominator"], confidence=level
        )
        completed.loc[rows, f"lower_{suffix}"] = limits.lower
        completed.loc[rows, f"upper_{suffix}"] = limits.upper
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

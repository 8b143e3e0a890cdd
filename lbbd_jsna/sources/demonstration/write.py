"""Demonstration extracts: a folder of made-up figures, laid out like `data/raw/`.

A clone holds no data. So that the pack can be built and looked at, this module makes
extracts in the publishers' own shapes around the levels of
`catalogue/demonstration.csv`. No figure in them is real, and the folder says so.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.sources.demonstration.fingertips import fingertips_file
from lbbd_jsna.sources.demonstration.levels import Level, read_levels
from lbbd_jsna.sources.demonstration.returns import return_file
from lbbd_jsna.sources.demonstration.small_areas import small_area_files
from lbbd_jsna.sources.demonstration.wards import ward_tiles
from lbbd_jsna.sources.store import DEMONSTRATION, SIDECAR

FINGERTIPS = "fingertips"
RETURNED = ("return", "survey")
ABOUT = """\
DEMONSTRATION FIGURES - NOT REAL

Every figure in this folder is made up by a computer program.
None was published, returned or measured by anybody. No figure here says anything about
{area}, about London, about England or about any person.

The files have the shape of the real extracts, so that reports can be built and looked at
where there are no data. The levels they are drawn around stand in
catalogue/demonstration.csv; they were judged from general knowledge and are made up too.
The ward shapes are equal squares and not the wards' boundaries. The small areas are pieces of
these squares: no such areas exist, and their codes (E0198..., E0199...) belong to nobody.

Made for the report of {quarter}: {files} files.

Left out on purpose, to show how a report tells of them:
{missing}

Do not copy any of this into data/raw/, and do not quote it.
"""


def write_demonstration(
    folder: Path, *, catalogue: Catalogue, quarter: Quarter, calibration: Path
) -> list[Path]:
    """Write a folder of made-up extracts for a quarter.

    Parameters
    ----------
    folder : Path
        Made when it is not there. Files of the same names are written over.
    catalogue : Catalogue
        Series of Fingertips, returns and surveys get figures; those supplied later, none.
    quarter : Quarter
        Decides the latest periods and the date in the paths; the clock does not.
    calibration : Path
        `demonstration.csv` of the catalogue.

    Returns
    -------
    list of Path
        Every file written, sorted. The same inputs give the same bytes.

    Raises
    ------
    ExtractError
        The calibration table cannot be used.
    """
    levels = read_levels(calibration)
    files = {
        **_fingertips(catalogue, quarter, levels),
        **_returns(catalogue, quarter, levels),
        **_boundaries(catalogue),
        **small_area_files(catalogue),
    }
    about = folder / DEMONSTRATION
    date = quarter.start.isoformat()
    written = [about]
    for (source, name), text in sorted(files.items()):
        written += _write(folder / source / date / name, text, date)
    text = _about(catalogue, quarter, levels, files=len(files))
    about.write_text(text, encoding="utf-8", newline="\n")
    return sorted(written)


def _fingertips(
    catalogue: Catalogue, quarter: Quarter, levels: dict[str, Level]
) -> dict[tuple[str, str], str]:
    groups: dict[str, list[Indicator]] = {}
    for indicator in catalogue.indicators.values():
        if indicator.source == FINGERTIPS and indicator.source_id:
            groups.setdefault(indicator.source_id, []).append(indicator)
    return {
        (FINGERTIPS, f"{source_id}.csv"): fingertips_file(
            indicators, catalogue=catalogue, quarter=quarter, levels=levels
        )
        for source_id, indicators in groups.items()
    }


def _returned(catalogue: Catalogue) -> list[Indicator]:
    """Indicators that an office or a survey sends, sorted."""
    return [
        indicator
        for _, indicator in sorted(catalogue.indicators.items())
        if catalogue.sources[indicator.source].kind in RETURNED
        and catalogue.sources[indicator.source].supplied != "later"
    ]


def _returns(
    catalogue: Catalogue, quarter: Quarter, levels: dict[str, Level]
) -> dict[tuple[str, str], str]:
    return {
        ("returns", f"{indicator.id}.csv"): return_file(
            indicator, catalogue=catalogue, quarter=quarter, levels=levels
        )
        for indicator in _returned(catalogue)
        if not _has(levels, indicator, "not-received")
    }


def _boundaries(catalogue: Catalogue) -> dict[tuple[str, str], str]:
    vintage = catalogue.settings.ward_vintage
    if not catalogue.wards(vintage):
        return {}
    name = f"wards-{vintage}.geojson"
    return {("open-geography", name): ward_tiles(catalogue, vintage=vintage)}


def _has(levels: dict[str, Level], indicator: Indicator, word: str) -> bool:
    return indicator.id in levels and word in levels[indicator.id].also


def _write(path: Path, text: str, date: str) -> list[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = text.encode("utf-8")
    path.write_bytes(content)
    sidecar = path.with_name(path.name + SIDECAR)
    said = {
        "address": "made by jsna demo",
        "time": date,
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "made-up figures, not real",
    }
    sidecar.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8", newline="\n")
    return [path, sidecar]


def _about(
    catalogue: Catalogue, quarter: Quarter, levels: dict[str, Level], *, files: int
) -> str:
    reasons = {
        "not-received": "no return was sent",
        "late": "the latest return is a year late",
        "borough-gap": "the borough's latest value is withheld by the publisher",
    }
    missing = [
        f"* {indicator.title}: {reason}"
        for _, indicator in sorted(catalogue.indicators.items())
        for word, reason in reasons.items()
        if _has(levels, indicator, word)
    ]
    return ABOUT.format(
        area=catalogue.area.name, quarter=quarter, files=files,
        missing="\n".join(missing) or "* nothing",
    )

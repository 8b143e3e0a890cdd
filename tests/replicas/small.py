"""A small catalogue on disk that is asked quickly: the project's own, with few indicators."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ("obesity-year-6", "obesity-reception", "adult-smoking")
MANNERS = {"pause": 0.0, "connect": 2, "read": 2, "whole": 4, "budget": 6, "tries": 3,
           "most_bytes": 5_000_000, "give_up_after": 2}  # fmt: skip
PLAN = """\
id: small-plan
title: Small plan 2026-2031
short_title: Small plan
years: 2026-2031
status: Made up for tests
reader: Health and Wellbeing Board
vision: Healthy lives for all.
themes:
  - id: health
    title: Health
    outcomes:
      - id: health-1
        title: A healthy weight
        text: More people of a healthy weight
        source_line: page 4
        bullets:
          - id: SP-1
            text: Less obesity in Year 6
            source_line: page 4
            measures:
              - id: sp-obesity-year-6
                text: Less obesity in Year 6
                source_line: page 4
                direction: decrease
                direction_basis: stated
                evidence:
                  kind: indicator
                  indicators: [obesity-year-6]
"""


def write_catalogue(
    folder: Path,
    *,
    kept: tuple[str, ...] = KEPT,
    manners: Mapping[str, float] | None = None,
    ids_per_request: int = 2,
    layers: tuple[str, ...] = ("wards-2022",),
) -> Path:
    """Write a small catalogue into a new folder and say where it is.

    Parameters
    ----------
    folder : Path
        Made here.
    kept : tuple of str
        The indicators it has.
    manners : mapping, optional
        In place of some of MANNERS.
    ids_per_request : int
        Fingertips ids in a chunk.
    layers : tuple of str
        The layers of Open Geography it asks for.
    """
    shutil.copytree(ROOT / "catalogue", folder)
    for path in [*(folder / "strategies").iterdir(), *(folder / "indicators").iterdir()]:
        if path.stem not in kept:
            path.unlink()
    (folder / "strategies/small-plan.yml").write_text(PLAN, encoding="utf-8")
    for name in ("facts.csv", "demonstration.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        (folder / name).write_text(",".join(header) + "\n", encoding="utf-8")
    shutil.rmtree(folder / "commentary", ignore_errors=True)
    settings = (folder / "settings.yml").read_text("utf-8")
    settings = re.sub(r"  - jhws\n  - best-chance\n", "  - small-plan\n", settings)
    (folder / "settings.yml").write_text(settings, encoding="utf-8")
    live = yaml.safe_load((folder / "live.yml").read_text("utf-8"))
    live["manners"] = {**MANNERS, **(manners or {})}
    live["fingertips"]["ids_per_request"] = ids_per_request
    known = live["open_geography"]["layers"]
    live["open_geography"]["layers"] = {key: known[key] for key in layers}
    live["nomis"]["tables"], live["dfe"]["data_sets"] = {}, {}
    (folder / "live.yml").write_text(yaml.safe_dump(live), encoding="utf-8")
    return folder

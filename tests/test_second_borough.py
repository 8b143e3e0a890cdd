"""Another borough with a strategy of its own is files, not code: build its pack to prove it."""

import csv
import re
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from conftest import QUARTER, ROOT, build_pack

PLAN = """\
id: havering-plan
title: Havering health plan 2026-2031
short_title: Health plan
years: 2026-2031
status: Made up for this test
reader: Havering Health and Wellbeing Board
vision: Healthy lives for all.
themes:
  - id: childhood
    title: Childhood
    outcomes:
      - id: childhood-1
        title: A healthy weight in childhood
        text: More children of a healthy weight
        source_line: page 4
        bullets:
          - id: HP-1
            text: Less obesity in Year 6, and more play
            source_line: page 4
            measures:
              - id: hp-obesity-year-6
                text: Less obesity in Year 6
                source_line: page 4
                direction: decrease
                direction_basis: stated
                evidence:
                  kind: indicator
                  indicators: [obesity-year-6]
                  wards: [obesity-year-6-wards]
              - id: hp-play
                text: more play
                source_line: page 4
                direction: increase
                direction_basis: stated
                evidence:
                  kind: none
                  why: Nobody measures play.
"""
KEPT = {"obesity-year-6", "obesity-year-6-wards"}


@pytest.fixture(scope="module")
def catalogue_folder(tmp_path_factory) -> Path:
    """The project's catalogue, made another borough's by its files alone."""
    folder = tmp_path_factory.mktemp("havering") / "catalogue"
    shutil.copytree(ROOT / "catalogue", folder)
    for name in ("jhws", "best-chance"):
        (folder / f"strategies/{name}.yml").unlink()
    (folder / "strategies/havering-plan.yml").write_text(PLAN, encoding="utf-8")
    for path in (folder / "indicators").glob("*.yml"):
        if path.stem not in KEPT:
            path.unlink()
    for name in ("facts.csv", "demonstration.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        (folder / name).write_text(",".join(header) + "\n", encoding="utf-8")
    with (folder / "areas.csv").open("a", encoding="utf-8", newline="\n") as file:
        for number, ward in enumerate(("North Hill", "South Hill", "Marsh & Quay"), start=1):
            file.write(f"E0509990{number},{ward},ward,E09000016,2022,2022-05-05,\n")
    settings = (folder / "settings.yml").read_text("utf-8")
    settings = settings.replace("area: E09000002", "area: E09000016")
    settings = re.sub(r"  - jhws\n  - best-chance\n", "  - havering-plan\n", settings)
    settings = settings.replace("London Borough of Barking and Dagenham", "Havering Council")
    settings = re.sub(r"ward_vintages:.*", "", settings, flags=re.DOTALL)
    (folder / "settings.yml").write_text(settings, encoding="utf-8")
    return folder


def test_the_pack_of_another_borough_needs_no_code(catalogue_folder, tmp_path):
    pack = build_pack(tmp_path, "run", QUARTER, "--catalogue", catalogue_folder)
    pages = {path.stem for path in (pack / "reports").glob("*.html")}
    wards = {f"ward-e0509990{number}" for number in (1, 2, 3)}
    assert pages == {"board", "wards", "coverage", "childhood-1", "methods", *wards}
    for path in pack.rglob("*.html"):
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        assert soup.title.string.endswith(": Havering")
    outcome = BeautifulSoup((pack / "reports/childhood-1.html").read_text("utf-8"), "html.parser")
    text = re.sub(r"\s+", " ", outcome.get_text(" "))
    assert "Less obesity in Year 6" in text
    assert "Nobody measures play." in text
    assert "Havering Health and Wellbeing Board" in text
    for ward in ("North Hill", "South Hill", "Marsh & Quay"):
        assert ward in text

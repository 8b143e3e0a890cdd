"""The wards of all England, made up, drawn and tabulated by the code that draws nineteen.

Run it from the top folder of the project:

    python -m benchmarks.wards [--wards N] [--folder FOLDER]

The wards are the cells of random points, clipped to a square as large as England, so that
every border is shared. They take the place of the borough's wards in the catalogue, and go
through the facts and the exhibits of an outcome's page. Each step is timed once; with
--folder the pictures are kept.
"""

from __future__ import annotations

import argparse
import base64
import dataclasses
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely

from lbbd_jsna.catalogue import Area, Catalogue, read_catalogue
from lbbd_jsna.exhibits.exhibit import Exhibit, Figure, Section
from lbbd_jsna.exhibits.html import render
from lbbd_jsna.exhibits.tile_map import MOST, tile_wards
from lbbd_jsna.exhibits.ward_figures import earlier_periods, verdict_figure, ward_figure
from lbbd_jsna.facts import Facts
from lbbd_jsna.periods import read_period
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.schema import as_observations, empty_observations
from lbbd_jsna.workspace import PROJECT, Workspace

WARDS = 7000
SIDE = 361_000.0  # metres: the square root of England's 130,000 square kilometres
CORNER = (100_000.0, 50_000.0)
SERIES, PERIODS = "obesity-reception-wards", ("2021/22", "2022/23", "2023/24", "2024/25")
MISSING = ("suppressed", "not_available", "not_applicable", "low_reliability")


def made_up_wards(count: int, random: np.random.Generator) -> geopandas.GeoDataFrame:
    """A coverage of cells around random points, with their borders bent."""
    points = shapely.points(random.uniform(0, SIDE, (count, 2)) + CORNER)
    square = shapely.box(*CORNER, *(np.array(CORNER) + SIDE))
    cells = shapely.get_parts(shapely.voronoi_polygons(
        shapely.multipoints(points), extend_to=square, ordered=True))
    shapes = shapely.segmentize(shapely.intersection(cells, square), SIDE / 900)
    codes = [f"E05{900_000 + i}" for i in range(count)]
    names = [f"Ward {i % 997} of {code}" for i, code in enumerate(codes)]
    return geopandas.GeoDataFrame({"code": codes, "name": names}, geometry=shapes,
                                  crs="EPSG:27700")


def made_up_rows(
    wards: geopandas.GeoDataFrame, period: str, catalogue: Catalogue, random: np.random.Generator
) -> pd.DataFrame:
    """A value and its limits for each ward, higher in the south, and the borough's below.

    One ward in fifty has no figure or an unreliable one.
    """
    north = shapely.get_y(shapely.centroid(wards.geometry.to_numpy()))
    value = np.round(30 - 15 * (north - north.min()) / SIDE + random.normal(0, 2, len(wards)), 3)
    status = np.where(random.random(len(wards)) < 0.02, random.choice(MISSING, len(wards)),
                      "published")  # fmt: skip
    value[np.isin(status, MISSING[:3])] = np.nan
    near = random.uniform(1, 4, len(wards))
    rows = pd.DataFrame({
        "area_code": wards["code"], "area_name": wards["name"], "area_type": "ward",
        "value": value, "lower_95": value - near, "upper_95": value + near, "status": status,
        "source_row": np.arange(len(wards)) + 2,
    })  # fmt: skip
    own = catalogue.area
    rows.loc[len(rows)] = [own.code, own.name, "borough", 22.5, 22.3, 22.7, "published", 1]
    read = read_period(period)
    return rows.assign(
        indicator=SERIES, source_id="93105", sex="Persons", age="4-5 yrs", period=period,
        period_start=pd.Timestamp(read.start), period_end=pd.Timestamp(read.end),
        period_range="1y", source_file="made-up.csv",
    )  # fmt: skip


def made_up_facts(wards: geopandas.GeoDataFrame, random: np.random.Generator) -> Facts:
    """Facts of a borough of so many wards: the project's catalogue with other areas."""
    standing = read_catalogue(PROJECT / "catalogue")
    vintage = standing.settings.ward_vintage
    others = tuple(
        Area(code=code, name=name, type="ward", parent=standing.settings.area, vintage=vintage)
        for code, name in zip(wards["code"], wards["name"], strict=True)
    )
    kept = tuple(area for area in standing.areas if area.type != "ward")
    catalogue = dataclasses.replace(standing, areas=(*kept, *others))
    rows = pd.concat([made_up_rows(wards, period, catalogue, random) for period in PERIODS])
    missing = [name for name in empty_observations().columns if name not in rows]
    kinds = empty_observations()[missing].dtypes
    blanks = {name: "" if pd.api.types.is_string_dtype(kind) else np.nan
              for name, kind in kinds.items()}  # fmt: skip
    return Facts(Workspace(
        catalogue=catalogue, quarter=Quarter.parse("2026-27-Q3"),
        observations=as_observations(rows.assign(**blanks).reset_index(drop=True)),
        boundaries={vintage: wards}, demonstration=True, notes=(),
    ))  # fmt: skip


def timed(name: str, make: Callable[[], object]) -> object:
    """Do something once and print its seconds, and the size and kind of each picture."""
    start = time.perf_counter()
    made = make()
    seconds = time.perf_counter() - start
    sizes = [f"{len(one.image) / 1024:,.0f} KB {one.mime}" for one in pictures(made)]
    if isinstance(made, str):
        sizes.append(f"{len(made) / 1024:,.0f} KB")
    print(f"{name:<46} {seconds:8.2f} s  {', '.join(sizes)}", flush=True)
    return made


def pictures(exhibit: object) -> Iterator[Figure]:
    """The figures of an exhibit."""
    if isinstance(exhibit, Figure):
        yield exhibit
    elif isinstance(exhibit, Section):
        for child in exhibit.children:
            yield from pictures(child)


def keep(folder: Path | None, name: str, exhibit: Exhibit) -> None:
    """Write pictures to be looked at."""
    for number, one in enumerate(pictures(exhibit) if folder else ()):
        data, png = one.image.encode(), one.mime.endswith("png")
        path = folder / f"{name}-{number}.{'png' if png else 'svg'}"
        path.write_bytes(base64.b64decode(data) if png else data)


def run(count: int, folder: Path | None) -> None:
    """Every map of a page, its words and its tables."""
    random = np.random.default_rng(20261122)
    wards = timed(f"make up {count:,} wards", lambda: made_up_wards(count, random))
    corners = int(shapely.get_num_coordinates(wards.geometry.to_numpy()).sum())
    print(f"{corners:,} corners")
    facts = made_up_facts(wards, random)
    figures = timed("the facts of a series of four periods", lambda: facts.wards(SERIES))
    for name, make in (("map by class", ward_figure), ("map by verdict", verdict_figure),
                       ("maps of earlier periods", earlier_periods)):  # fmt: skip
        exhibit = timed(f"{name}, its words and its table", lambda m=make: m(figures, facts))
        keep(folder, name.replace(" ", "-"), exhibit)
        timed("  as a page", lambda e=exhibit: str(render(e.as_json())))
        for one in pictures(exhibit):
            print(f"  {one.alt}")
    few = wards.head(min(count, MOST))
    timed(f"squares for {len(few):,} wards", lambda: tile_wards(few))


def main(arguments: list[str]) -> int:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--wards", type=int, default=WARDS)
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args(arguments)
    run(chosen.wards, chosen.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

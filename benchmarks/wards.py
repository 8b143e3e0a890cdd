"""The wards of all England, made up, drawn and tabulated by the code that draws nineteen.

Run it from the top folder of the project:

    python -m benchmarks.wards [--wards N] [--folder FOLDER]

The wards are the cells of random points, clipped to a square as large as England, so that
every border is shared. Each step is timed once; with --folder the pictures are kept.
"""

from __future__ import annotations

import argparse
import base64
import sys
import time
from collections.abc import Callable
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely

from lbbd_jsna.exhibits.drawing import Drawing
from lbbd_jsna.exhibits.exhibit import Cell, Table
from lbbd_jsna.exhibits.html import render
from lbbd_jsna.exhibits.map_series import draw_ward_series
from lbbd_jsna.exhibits.map_verdicts import ward_verdicts
from lbbd_jsna.exhibits.map_words import map_alt
from lbbd_jsna.exhibits.maps import WardMap, class_breaks, draw_verdict_map, draw_ward_map
from lbbd_jsna.exhibits.tables import explained, heads
from lbbd_jsna.exhibits.tile_map import MOST, tile_wards
from lbbd_jsna.schema import SHORTHAND

WARDS = 7000
SIDE = 361_000.0  # metres: the square root of England's 130,000 square kilometres
CORNER = (100_000.0, 50_000.0)
WORDS = {"unit": "%", "decimals": 1}
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


def made_up_figures(wards: geopandas.GeoDataFrame, random: np.random.Generator) -> pd.DataFrame:
    """A value and its limits for each ward, higher in the south; one in fifty is withheld."""
    north = shapely.get_y(shapely.centroid(wards.geometry.to_numpy()))
    value = np.round(30 - 15 * (north - north.min()) / SIDE + random.normal(0, 2, len(wards)), 3)
    status = np.where(random.random(len(wards)) < 0.02, random.choice(MISSING, len(wards)),
                      "published")
    value[np.isin(status, MISSING[:3])] = np.nan
    near = random.uniform(1, 4, len(wards))
    return pd.DataFrame({"code": wards["code"], "name": wards["name"], "value": value,
                         "lower": value - near, "upper": value + near, "status": status})


def ward_rows(figures: pd.DataFrame, drawn: WardMap) -> Table:
    """The table after the map: number, name, value, interval and class of every ward."""
    known = figures["value"].notna()
    value = figures["value"].map("{:.1f}%".format).where(known, figures["status"].map(SHORTHAND))
    limits = (figures["lower"].map("{:.1f}".format) + " to "
              + figures["upper"].map("{:.1f}".format)).where(known, "[x]")
    rows = sorted(zip(figures["code"].map(drawn.numbers), figures["name"], value, limits,
                      figures["code"].map(drawn.classes), strict=True))
    cells = tuple((Cell(f"{number} {name}"), *map(Cell, rest)) for number, name, *rest in rows)
    return Table("Made-up figures by ward", heads("Ward", "#Value", "#95% interval", "Class"),
                 cells, notes=explained(cells))


def timed(name: str, make: Callable[[], object]) -> object:
    """Do something once and print its seconds, and the size and kind of what it made."""
    start = time.perf_counter()
    made = make()
    seconds = time.perf_counter() - start
    picture = getattr(made, "drawing", None)
    size = len(picture.image) if picture else len(made) if isinstance(made, str) else 0
    kind = picture.mime if picture else ""
    said = f"{size / 1024:10,.0f} KB {kind}" if size else ""
    print(f"{name:<46} {seconds:8.2f} s {said}", flush=True)
    return made


def keep(folder: Path | None, name: str, drawing: Drawing) -> None:
    """Write a picture to be looked at."""
    if folder is None:
        return
    data = drawing.image.encode()
    picture = drawing.mime.endswith("png")
    (folder / f"{name}.{'png' if picture else 'svg'}").write_bytes(
        base64.b64decode(data) if picture else data)


def run(count: int, folder: Path | None) -> None:
    """Every kind of map, its words and its table."""
    random = np.random.default_rng(20261122)
    wards = timed(f"make up {count:,} wards", lambda: made_up_wards(count, random))
    corners = int(shapely.get_num_coordinates(wards.geometry.to_numpy()).sum())
    print(f"{corners:,} corners")
    figures = made_up_figures(wards, random)
    values = figures.dropna(subset="value").set_index("code")["value"].to_dict()
    statuses = dict(zip(figures["code"], figures["status"], strict=True))
    breaks = class_breaks(values.values(), decimals=1)
    for width in (430, 1200):
        drawn = timed(f"map by class, {width} px", lambda w=width: draw_ward_map(
            wards, values, statuses, **WORDS, breaks=breaks, width=w,
            estimated=list(values)[::50]))
        keep(folder, f"classes-{width}", drawn.drawing)
    limits = (figures.set_index("code")[side].to_dict() for side in ("lower", "upper"))
    verdicts = timed("verdicts", lambda: ward_verdicts(
        values, *limits, benchmark=22.5, polarity="low_is_good"))
    keep(folder, "verdicts", timed("map by verdict", lambda: draw_verdict_map(
        wards, verdicts, statuses)).drawing)
    keep(folder, "series", timed("maps of four periods", lambda: draw_ward_series(
        wards, {str(year): (values, statuses) for year in range(2021, 2025)}, **WORDS,
        breaks=breaks)).drawing)
    print(timed("alternative text", lambda: map_alt(wards, values, title="a made-up rate",
                                                    period="2024", **WORDS)))
    table = timed("table of every ward", lambda: ward_rows(figures, drawn))
    timed("the table as a page", lambda: str(render(table.as_json())))
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

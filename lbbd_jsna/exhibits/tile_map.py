"""An equal-area map: one square a ward, on a grid that keeps neighbours near.

Worked out from the boundaries each time and kept nowhere: another set of wards has other
squares, and the same set always the same.
"""

from __future__ import annotations

import math

import numpy as np
import shapely
from geopandas import GeoDataFrame
from scipy.ndimage import label
from scipy.optimize import linear_sum_assignment

MOST = 1000  # wards: an assignment of more takes minutes and a square of it a few pixels
# Grids tried: squares of these sizes, as shares of a ward's, set off by parts of a square.
SIZES = (0.95, 1.0, 1.05, 1.1, 1.2)
OFFSETS = (0.0, 0.25, 0.5, 0.75)


def tile_positions(wards: GeoDataFrame) -> dict[str, tuple[int, int]]:
    """Give each ward a square of a grid, as near to its own place as all of them can be.

    Parameters
    ----------
    wards : GeoDataFrame, one row per ward; columns code, geometry; EPSG:27700
        In any order.

    Returns
    -------
    dict of ward code to (row, column), row 0 in the north and column 0 in the west

    Raises
    ------
    ValueError
        No ward, or more than `MOST`.

    Source
    ------
    The least sum of squared distances between the wards' centroids and the squares given to
    them (linear sum assignment), for `SIZES` times `OFFSETS` grids; of these the one whose
    squares hold together, then those without a hole, then the one that keeps most pairs of
    neighbouring wards side by side or corner to corner, then the least sum.
    """
    if not 0 < len(wards) <= MOST:
        raise ValueError(f"a map of squares takes 1 to {MOST} wards, not {len(wards)}")
    wards = wards.sort_values("code")
    shapes = wards.geometry.to_numpy()
    points = shapely.get_coordinates(shapely.centroid(shapes))
    side = math.sqrt(float(np.mean(shapely.area(shapes))))
    pairs = neighbours(shapes)
    grids = [_assigned(points, side * size, (x, y))
             for size in SIZES for x in OFFSETS for y in OFFSETS]
    cells, _ = min(grids, key=lambda grid: (*_flaws(grid[0]), -kept(grid[0], pairs), grid[1]))
    column, row = cells[:, 0] - cells[:, 0].min(), cells[:, 1].max() - cells[:, 1]
    places = zip(row.tolist(), column.tolist(), strict=True)
    return dict(zip(wards["code"], places, strict=True))


def neighbours(shapes: np.ndarray) -> np.ndarray:
    """Pairs of wards that share a border, as rows of two places, each pair once."""
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.length(shapely.intersection(shapes[one], shapes[other]))
    return np.column_stack([one, other])[shared > 0]


def kept(cells: np.ndarray, pairs: np.ndarray) -> int:
    """How many pairs of neighbours stand side by side or corner to corner."""
    apart = np.abs(cells[pairs[:, 0]] - cells[pairs[:, 1]]).max(axis=1) if len(pairs) else []
    return int(np.sum(np.asarray(apart) <= 1))


def _assigned(points: np.ndarray, side: float, offset) -> tuple[np.ndarray, float]:
    """Squares for points at the least sum of squared distances, and that sum in squares."""
    places = points / side
    places = places - places.mean(axis=0) + np.array(offset)
    low = np.floor(places.min(axis=0)).astype(int) - 1
    high = np.ceil(places.max(axis=0)).astype(int) + 1
    grid = np.stack(np.meshgrid(*(np.arange(a, b + 1) for a, b in zip(low, high, strict=True))), -1)
    cells = grid.reshape(-1, 2)
    # To nine digits, so that a last bit of another machine's sum settles no tie.
    cost = np.round(((places[:, None, :] - cells[None, :, :]) ** 2).sum(axis=2), 9)
    ward, cell = linear_sum_assignment(cost)
    return cells[cell], round(float(cost[ward, cell].sum()), 6)


def _flaws(cells: np.ndarray) -> tuple[int, int]:
    """Pieces beyond the first, walking across shared sides, and empty squares walled in."""
    taken = np.zeros(np.ptp(cells, axis=0) + 3, dtype=bool)
    taken[tuple((cells - cells.min(axis=0) + 1).T)] = True
    return label(taken)[1] - 1, label(~taken)[1] - 1


def tile_wards(wards: GeoDataFrame) -> GeoDataFrame:
    """The wards as equal squares, to be drawn by `maps.draw_ward_map` as they are.

    Parameters
    ----------
    wards : GeoDataFrame, one row per ward; columns code, name, geometry; EPSG:27700

    Returns
    -------
    GeoDataFrame
        The same rows and columns, the shapes squares of the wards' mean area about the same
        middle; the distances between them mean nothing.

    Raises
    ------
    ValueError
        As for `tile_positions`.
    """
    places = tile_positions(wards)
    row, column = np.array([places[code] for code in wards["code"]], dtype=float).T
    shapes = wards.geometry.to_numpy()
    side = math.sqrt(float(np.mean(shapely.area(shapes))))
    west, south, east, north = wards.total_bounds
    left = (west + east) / 2 - (column.max() + 1) * side / 2 + column * side
    top = (south + north) / 2 + (row.max() + 1) * side / 2 - row * side
    squares = shapely.box(left, top - side, left + side, top)
    return wards.assign(geometry=shapely.set_precision(squares, 0.001))

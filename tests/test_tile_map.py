"""Squares for wards: neighbours stay near, and every cell of a rug says what it means."""

import itertools

import geopandas as gpd
import numpy as np
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from lbbd_jsna.errors import GeographyError
from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.map_rug import (
    RugMeasure,
    cell_text,
    draw_rug,
    rug_figure,
    rug_layout,
    rug_rows,
)
from lbbd_jsna.exhibits.maps import draw_ward_map, plan_verdict_map
from lbbd_jsna.exhibits.tile_map import MOST, neighbours, tile_positions, tile_wards


def grid(rows, columns, side=500.0, keep=None):
    places = list(itertools.product(range(rows), range(columns)))
    places = [place for place in places if keep is None or place in keep]
    return gpd.GeoDataFrame(
        {"code": [f"W{y}{x}" for y, x in places], "name": [f"Ward {y}{x}" for y, x in places]},
        geometry=[shapely.box(x * side, -y * side - side, x * side + side, -y * side)
                  for y, x in places], crs="EPSG:27700")


def real(extracts, vintage):
    raw = gpd.read_file(extracts / "boundaries" / f"wards_{vintage}_lbbd.geojson").to_crs(27700)
    short = f"WD{vintage[2:]}"
    wards = raw.rename(columns={f"{short}CD": "code", f"{short}NM": "name"})
    return wards[["code", "name", "geometry"]]


@pytest.mark.parametrize("keep", [None, {(0, 1), (1, 0), (1, 1), (2, 1), (2, 2), (1, 2)}])
def test_wards_that_are_squares_already_keep_their_places(keep):
    wards = grid(3, 4, keep=keep)
    places = tile_positions(wards)
    top, left = (min(int(code[i]) for code in places) for i in (1, 2))
    assert places == {code: (int(code[1]) - top, int(code[2]) - left) for code in places}


def test_the_order_of_the_rows_changes_nothing():
    wards = grid(3, 5)
    assert tile_positions(wards.sample(frac=1, random_state=4)) == tile_positions(wards)


def test_neighbours_share_a_border_and_not_a_corner():
    shapes = grid(2, 2).geometry.to_numpy()
    pairs = {tuple(pair) for pair in neighbours(shapes).tolist()}
    assert pairs == {(0, 1), (0, 2), (1, 3), (2, 3)}


@pytest.mark.parametrize(("vintage", "count"), [("2022", 19), ("2013", 17)])
def test_the_real_wards_keep_their_neighbours_near(extracts, vintage, count):
    wards = real(extracts, vintage)
    places = tile_positions(wards)
    assert len(set(places.values())) == count
    shapes = dict(zip(wards["code"], wards.geometry, strict=True))
    pairs = [(a, b) for a, b in itertools.combinations(shapes, 2)
             if shapes[a].intersection(shapes[b]).length > 0]
    near = [np.abs(np.subtract(places[a], places[b])).max() <= 1 for a, b in pairs]
    assert sum(near) / len(near) >= 0.9
    # In one piece and without a hole: an outline of one ring.
    outline = shapely.union_all(tile_wards(wards).geometry.to_numpy())
    assert outline.geom_type == "Polygon"
    assert len(outline.interiors) == 0
    north, south = (max(shapes, key=lambda c, s=s: s * shapes[c].centroid.y) for s in (1, -1))
    assert places[north][0] == 0
    assert places[south][0] == max(row for row, _ in places.values())


def test_squares_have_the_mean_area_of_the_wards_and_touch_without_overlap():
    wards = grid(2, 3).assign(geometry=lambda w: w.geometry.scale(1, 0.5))
    tiles = tile_wards(wards)
    assert list(tiles["code"]) == list(wards["code"])
    assert tiles.crs == wards.crs
    assert tiles.geometry.area.to_numpy() == pytest.approx(500 * 250, rel=1e-4)
    assert shapely.coverage_is_valid(tiles.geometry.to_numpy())


def test_squares_are_drawn_like_any_wards(extracts):
    tiles = tile_wards(real(extracts, "2022"))
    values = dict(zip(tiles["code"], range(19), strict=True))
    drawn = draw_ward_map(tiles, values, {}, unit="%", decimals=0, breaks=(6, 12))
    assert drawn.drawing.mime == "image/svg+xml"
    assert len(drawn.drawing.image) < 30 * 1024


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_no_wards_or_too_many_are_refused(count):
    wards = gpd.GeoDataFrame({"code": [str(i) for i in range(count)]},
                             geometry=[shapely.box(0, 0, 1, 1)] * count, crs="EPSG:27700")
    with pytest.raises(ValueError, match=f"1 to {MOST} wards, not {count}"):
        tile_positions(wards)


WARDS = grid(2, 2)
CODES = list(WARDS["code"])
ONE = RugMeasure("Reception obesity", "2024", "%", 1,
                 values=dict(zip(CODES, [12.14, 9.0, 11.0, 10.0], strict=True)),
                 verdicts=dict(zip(CODES, ["worse", "better", "similar", "worse"], strict=True)),
                 statuses={CODES[3]: "suppressed", CODES[2]: "low_reliability"},
                 estimated=frozenset({CODES[1]}))
TWO = RugMeasure("Population aged under five in the unusually long heading", "2020", "people", 0,
                 values=dict(zip(CODES, [1234567.0, 900.0, 950.0], strict=False)),
                 verdicts=dict(zip(CODES, ["higher", "lower", "not compared"], strict=False)))


def test_every_cell_has_a_symbol_or_shorthand_and_a_value():
    assert [cell_text(ONE, code) for code in CODES] == ["▼ 12.1%", "▲ 9.0%", "● 11.0% [u]", "[c]"]
    assert [cell_text(TWO, code) for code in CODES] == ["↑ 1,234,567", "↓ 900", "950", "[x]"]


def test_the_table_says_the_same_in_words():
    table = draw_rug(WARDS, [ONE, TWO], caption="Wards by measures", name="rug").table
    rows = [[cell.text for cell in row] for row in table.rows]
    assert rows[0] == ["1 Ward 00", "▼ 12.1%", "↑ 1,234,567"]
    assert [row[1].sub for row in table.rows] == ["worse", "better, estimated", "similar", ""]
    assert [row[1].tag for row in table.rows] == ["worse", "better", "similar", ""]
    assert [row[2].tag for row in table.rows] == ["higher", "lower", "none", ""]
    assert table.notes[0] == (
        "1 figure is estimated: less than half of each is exact, or part was shared out."
    )
    assert any(note.startswith("[c] withheld") for note in table.notes)
    assert "10.0" not in str(table)  # the value under [c]


def test_the_key_of_a_rug_is_complete():
    key = draw_rug(WARDS, [ONE, TWO], caption="", name="").key
    assert [entry.label for entry in key] == [
        "▲ better than the borough", "● similar to the borough", "▼ worse than the borough",
        "estimated: less than half exact, or shared out between wards",
        "[c] withheld to protect confidentiality",
        "[u] low reliability: few cases or a wide interval",
        "↑ higher than the borough", "↓ lower than the borough", "not compared: no interval",
        "[x] not available"]
    assert len({(entry.fill, entry.hatch) for entry in key}) == len(key)


def figure():
    plans = [plan_verdict_map(WARDS, m.verdicts, m.statuses, estimated=m.estimated)
             for m in (ONE, TWO)]
    with style.chart_style():
        rows = rug_rows(WARDS)
        return rug_figure(rows, [ONE, TWO], plans, rug_layout(rows, [ONE, TWO])), plans


def test_no_text_of_a_rug_overlaps_another_or_leaves_its_cell():
    drawn, _ = figure()
    renderer = FigureCanvasAgg(drawn).get_renderer()
    drawn.draw(renderer)
    boxes = {t.get_text(): t.get_window_extent(renderer) for t in drawn.texts}
    for (one, a), (other, b) in itertools.combinations(boxes.items(), 2):
        assert not a.overlaps(b), (one, other)
    width, height = drawn.get_size_inches() * style.DPI
    assert all(b.x0 >= -0.5 and b.x1 <= width and b.y0 >= 0 and b.y1 <= height
               for b in boxes.values())
    for place, measure in enumerate((ONE, TWO)):
        cell = drawn.findobj(lambda a: a.get_gid() == f"cell-{CODES[0]}")[place]
        outer, inner = cell.get_window_extent(renderer), boxes[cell_text(measure, CODES[0])]
        assert outer.x0 <= inner.x0
        assert inner.x1 <= outer.x1


def test_each_tile_of_a_rug_has_the_fill_and_pattern_of_its_verdict():
    drawn, plans = figure()
    for place, plan in enumerate(plans):
        for code in CODES:
            cell = drawn.findobj(lambda a, g=f"cell-{code}": a.get_gid() == g)[place]
            assert to_hex(cell.get_facecolor()) == plan.fills[code].lower()
            assert (cell.get_hatch() or "") == plan.hatches[code]


def test_a_measure_of_other_wards_or_too_many_measures_are_refused():
    other = RugMeasure("x", "2020", "%", 1, values={"E05000026": 1.0}, verdicts={})
    with pytest.raises(GeographyError, match="E05000026: has a value but no row"):
        draw_rug(WARDS, [ONE, other], caption="", name="")
    for measures in ([], [ONE] * 9):
        with pytest.raises(ValueError, match="1 to 8 measures"):
            draw_rug(WARDS, measures, caption="", name="")

"""Ward maps: the colour of a ward is the class of its value, and nothing else."""

import itertools
import math
import xml.etree.ElementTree as ET

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from lbbd_jsna.errors import GeographyError
from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.classes import FILLS
from lbbd_jsna.exhibits.map_series import draw_ward_series, series_figure
from lbbd_jsna.exhibits.map_verdicts import (
    BETTER,
    HIGHER,
    LOWER,
    SIMILAR,
    WORSE,
)
from lbbd_jsna.exhibits.map_words import map_alt, parts_of, where_high
from lbbd_jsna.exhibits.maps import (
    ESTIMATED,
    HATCHES,
    class_breaks,
    draw_verdict_map,
    draw_ward_map,
    plan_verdict_map,
    plan_ward_map,
    ward_figure,
)
from lbbd_jsna.facts.wards import ward_verdicts

NAMES = ["Village", "Abbey", "Alibon", "Parsloes", "River", "Thames"]
CODES = [f"E050000{26 + i}" for i in range(len(NAMES))]
BREAKS = (12.5, 14.0, 15.5)
VALUES = dict(zip(CODES, [12.44, 12.45, 13.96, 15.5, 17.2, 10.0], strict=True))


def tiles(count=6, *, names=NAMES, codes=CODES, side=500.0):
    squares = [shapely.box(x * side, y * side, (x + 1) * side, (y + 1) * side)
               for y, x in itertools.islice(itertools.product(range(9), range(5)), count)]
    return gpd.GeoDataFrame({"code": codes[:count], "name": names[:count]}, geometry=squares,
                            crs="EPSG:27700")


def draw(values=VALUES, statuses=None, wards=None, **options):
    return draw_ward_map(tiles() if wards is None else wards, values, statuses or {},
                         **{"unit": "%", "decimals": 1, "breaks": BREAKS, **options})


def figure_of(values=VALUES, statuses=None, wards=None, around=None, **options):
    wards = tiles() if wards is None else wards
    plan = plan_ward_map(wards, values, statuses or {},
                         **{"unit": "%", "decimals": 1, "breaks": BREAKS, **options})
    with style.chart_style():
        return ward_figure(wards, plan, **(around or {}))


def patch_of(figure, code):
    (patch,) = figure.findobj(lambda a: a.get_gid() == f"ward-{code}")
    return patch


# As printed, 12.44 is 12.4 (first class) and 12.45 is 12.4 too, 13.96 is 14.0 (third).
EXPECTED = dict(zip(CODES, [0, 0, 2, 3, 3, 0], strict=True))


def test_the_fill_of_each_ward_is_the_class_of_its_value_as_printed():
    assert f"{12.45:.1f}" == "12.4"
    figure = figure_of()
    for code, place in EXPECTED.items():
        fill = to_hex(patch_of(figure, code).get_facecolor())
        assert fill == style.SEQUENTIAL[place].lower(), code


def test_the_svg_holds_the_same_fills():
    root = ET.fromstring(draw().drawing.image)
    groups = {g.get("id"): g for g in root.iter("{http://www.w3.org/2000/svg}g") if g.get("id")}
    for code, place in EXPECTED.items():
        (path,) = groups[f"ward-{code}"]
        assert path.get("fill") == style.SEQUENTIAL[place].lower()


def test_the_key_is_complete_and_counts_the_wards():
    key = draw().key
    assert [entry.label for entry in key] == [
        "under 12.5% (3 wards)",
        "12.5 to 13.9% (no wards)",
        "14.0 to 15.4% (1 ward)",
        "15.5% and over (2 wards)",
    ]
    assert [entry.fill for entry in key] == list(style.SEQUENTIAL)


def test_each_ward_carries_the_words_of_its_class():
    drawn = draw(statuses={CODES[4]: "suppressed"})
    assert drawn.classes[CODES[2]] == "14.0 to 15.4%"
    assert drawn.classes[CODES[4]].startswith("[c] withheld")
    assert set(drawn.classes) == set(CODES)
    labels = [entry.label for entry in drawn.key]
    assert all(any(label.startswith(f"{words} (") for label in labels)
               for words in drawn.classes.values())


def test_numbers_follow_the_alphabet():
    drawn = draw()
    by_number = sorted(drawn.numbers, key=drawn.numbers.get)
    names = dict(zip(CODES, NAMES, strict=True))
    assert [names[code] for code in by_number] == sorted(NAMES)
    assert sorted(drawn.numbers.values()) == list(range(1, 7))
    texts = {t.get_text() for t in figure_of().axes[0].texts}
    assert texts == set("123456")


def test_four_classes_darken_upwards_in_even_and_large_steps():
    light = [style.relative_luminance(fill) for fill in style.SEQUENTIAL]
    assert light == sorted(light, reverse=True)
    steps = [style.contrast(a, b) for a, b in itertools.pairwise(style.SEQUENTIAL)]
    assert min(steps) >= 2.1
    assert max(steps) / min(steps) < 1.1


# Machado, Oliveira and Fernandes (2009), severity 1.0: linear RGB to what each reader sees.
COLOUR_BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
READERS = ["colour", "grey", *COLOUR_BLIND]


def luminance_to(reader, colour):
    """Relative luminance of a colour as a reader sees it, worked out from WCAG's formula."""
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    if reader == "grey":  # as a printer takes colour out: a weighted sum of the coded values
        luma = float(srgb @ [0.299, 0.587, 0.114])
        return luma / 12.92 if luma <= 0.04045 else ((luma + 0.055) / 1.055) ** 2.4
    if reader in COLOUR_BLIND:
        linear = np.clip(np.array(COLOUR_BLIND[reader]) @ linear, 0, 1)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast_to(reader, one, other):
    darker, lighter = sorted(luminance_to(reader, colour) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("classes", [2, 3])
def test_adjacent_classes_differ_by_three_to_one_and_keep_their_order(reader, classes):
    light = [luminance_to(reader, fill) for fill in FILLS[classes]]
    assert light == sorted(light, reverse=True)
    for one, other in itertools.pairwise(FILLS[classes]):
        assert contrast_to(reader, one, other) >= 3


def test_four_classes_cannot_differ_by_three_to_one_so_three_are_the_rule():
    assert style.contrast("#000000", "#FFFFFF") < 3**3
    assert len(class_breaks(range(19), decimals=0)) == 2


@pytest.mark.parametrize("reader", READERS)
def test_four_classes_keep_their_order_for_every_reader(reader):
    light = [luminance_to(reader, fill) for fill in FILLS[4]]
    assert light == sorted(light, reverse=True)
    assert min(contrast_to(reader, a, b) for a, b in itertools.pairwise(FILLS[4])) > 1.9


@pytest.mark.parametrize("reader", READERS)
def test_the_fills_of_verdicts_are_told_apart_by_every_reader(reader):
    pairs = [*itertools.combinations([SIMILAR, BETTER, WORSE], 2),
             *itertools.combinations([SIMILAR, LOWER, HIGHER], 2)]
    for one, other in pairs:
        assert contrast_to(reader, one, other) >= 3


@pytest.mark.parametrize("reader", READERS)
def test_some_edge_stands_out_from_every_fill_and_paper_is_no_class(reader):
    for fill in {*itertools.chain(*FILLS.values()), SIMILAR, WORSE, LOWER, HIGHER}:
        assert max(contrast_to(reader, fill, e) for e in (style.MAP_EDGE, style.PAPER)) >= 3
        assert contrast_to(reader, fill, style.PAPER) > 1.2


def test_the_lowest_class_is_told_from_paper_and_edges_from_every_fill():
    assert style.contrast(style.SEQUENTIAL[0], style.PAPER) > 1.2
    for fill in style.SEQUENTIAL:
        assert max(style.contrast(fill, edge) for edge in (style.MAP_EDGE, style.PAPER)) >= 3


@pytest.mark.parametrize("fill", sorted({*itertools.chain(*FILLS.values()), SIMILAR, WORSE, LOWER,
                                         HIGHER, style.PAPER}))
def test_every_number_can_be_read_on_its_fill(fill):
    assert style.contrast(style.ink_on(fill), fill) >= 4.5


def test_numbers_are_written_in_the_ink_of_their_fill():
    figure = figure_of()
    plan = plan_ward_map(tiles(), VALUES, {}, unit="%", decimals=1, breaks=BREAKS)
    inks = {t.get_text(): to_hex(t.get_color()) for t in figure.axes[0].texts}
    for code, number in plan.numbers.items():
        assert style.contrast(inks[str(number)], plan.fills[code]) >= 4.5


@pytest.mark.parametrize("status", list(HATCHES))
def test_what_has_no_value_is_white_under_its_own_pattern_even_if_one_is_passed(status):
    code = CODES[0]
    figure = figure_of(statuses={code: status})
    patch = patch_of(figure, code)
    assert to_hex(patch.get_facecolor()) == "#ffffff"
    assert patch.get_hatch() == HATCHES[status]
    drawn = draw(statuses={code: status})
    (entry,) = [e for e in drawn.key if e.hatch]
    assert entry.hatch == HATCHES[status]
    assert entry.label.endswith("(1 ward)")
    assert "12.4" not in drawn.classes[code]
    assert "<pattern" in drawn.drawing.image


def test_patterns_differ():
    assert len({*HATCHES.values(), ESTIMATED}) == len(HATCHES) + 1


def test_what_is_estimated_keeps_the_colour_of_its_class_under_upright_lines():
    code = CODES[2]
    drawn = draw(estimated=[code])
    assert drawn.classes[code] == "14.0 to 15.4%, estimated"
    assert [e.label for e in drawn.key if e.hatch] == [
        "estimated: less than half exact, or shared out between wards (1 ward)"]
    patch = patch_of(figure_of(estimated=[code]), code)
    assert to_hex(patch.get_facecolor()) == style.SEQUENTIAL[2].lower()
    assert patch.get_hatch() == ESTIMATED
    # The lines are seen on every fill they can lie on.
    for i, name in enumerate(CODES):
        patch = patch_of(figure_of(estimated=CODES), name)
        fill, line = (to_hex(c) for c in (patch.get_facecolor(), patch.get_edgecolor()))
        assert style.contrast(fill, line) >= 3, i


def test_a_withheld_estimate_is_withheld():
    drawn = draw(statuses={CODES[2]: "suppressed"}, estimated=[CODES[2]])
    assert drawn.classes[CODES[2]].startswith("[c]")
    assert not [e for e in drawn.key if e.label.startswith("estimated")]
    assert patch_of(figure_of(statuses={CODES[2]: "suppressed"}, estimated=[CODES[2]]),
                    CODES[2]).get_hatch() == HATCHES["suppressed"]


@pytest.mark.parametrize("value", [math.nan, None])
def test_a_missing_value_is_not_available_and_never_the_lowest_colour(value):
    values = {k: v for k, v in VALUES.items() if k != CODES[5]}
    if value is not None:
        values[CODES[5]] = value
    drawn = draw(values, statuses=dict.fromkeys(CODES, "published"))
    assert drawn.classes[CODES[5]] == "[x] not available"
    assert drawn.key[0].label == "under 12.5% (2 wards)"
    patch = patch_of(figure_of(values), CODES[5])
    assert (to_hex(patch.get_facecolor()), patch.get_hatch()) == ("#ffffff", ".")


def test_a_value_of_low_reliability_is_marked():
    drawn = draw(statuses={CODES[1]: "low_reliability"})
    assert "[u] low reliability" in drawn.key[-1].label
    figure = figure_of(statuses={CODES[1]: "low_reliability"})
    assert "1 [u]" in {t.get_text() for t in figure.axes[0].texts}
    assert to_hex(patch_of(figure, CODES[1]).get_facecolor()) == style.SEQUENTIAL[0].lower()


def test_a_map_with_no_value_at_all_still_draws():
    drawn = draw({}, breaks=())
    assert set(drawn.classes.values()) == {"[x] not available"}
    assert drawn.key[0].label == "no values (no wards)"


def test_a_value_of_another_vintage_is_refused():
    with pytest.raises(GeographyError, match="E05014053: has a value but no shape"):
        draw({**VALUES, "E05014053": 3.0})


def test_every_fault_of_the_boundaries_is_named_at_once():
    wards = gpd.GeoDataFrame({"code": ["A", "A"], "name": ["x", "y"]},
                             geometry=[shapely.Point(0, 0).buffer(1), None], crs="EPSG:4326")
    with pytest.raises(GeographyError) as caught:
        draw({}, wards=wards)
    assert len(caught.value.faults) == 3
    assert "EPSG:27700" in str(caught.value)
    assert "more than once" in str(caught.value)
    assert "no shape" in str(caught.value)


@pytest.mark.parametrize("breaks", [(3, 2), (1, 1), (1, 2, 3, 4), (1.01, 1.02)])
def test_breaks_that_cannot_class_are_refused(breaks):
    with pytest.raises(ValueError, match="map breaks"):
        draw(breaks=breaks)


def test_breaks_of_child_obesity_are_round_and_fill_every_class():
    values = [13.3, 10, 12.3, 12.8, 12.6, 11.5, 16.2, 16.2, 15.0, 11.4, 12.6, 14.8, 17.2, 15.6,
              12.2, 12.9, 12.8]
    # Quartiles 12.3, 12.8 and 15.0; to the nearest whole number 12, 13 and 15, which hold
    # 3, 7, 2 and 5 of the 17: at least the two that half an even share asks for.
    assert class_breaks(values, classes=4, decimals=1) == (12.0, 13.0, 15.0)
    # A third of 16 steps up the 17 sorted values is 5.33: 12.3 and 12.6 stand 6th and 7th,
    # so 12.4; two thirds are 10.67 steps: 12.9 and 13.3 stand 11th and 12th, so 13.2. Fives
    # give 10 and 15, with no value under 10; twos give 12 and 14, which hold 3, 8 and 6.
    assert class_breaks(values, decimals=1) == (12.0, 14.0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], ()),
        ([math.nan, 3.0], ()),
        ([5, 5, 5], ()),
        ([1.04, 1.01], ()),  # alike as printed
        ([1, 2], (2.0,)),
        ([0] * 15 + [1, 2], (1.0,)),
        ([7] * 9 + [3], (7.0,)),
    ],
)
def test_breaks_of_few_or_tied_values(values, expected):
    assert class_breaks(values, decimals=1) == pytest.approx(expected)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.floats(-1e4, 1e5), max_size=40), st.integers(0, 2))
def test_breaks_rise_and_leave_no_class_empty(values, decimals):
    breaks = class_breaks(values, classes=4, decimals=decimals)
    assert len(breaks) <= 3
    printed = [float(f"{v:.{decimals}f}") for v in values]
    edges = [-math.inf, *breaks, math.inf]
    for low, high in itertools.pairwise(edges):
        assert low < high
        if printed:
            assert any(low <= v < high for v in printed)


def readable(figure, wards):
    """Every number stands in its own ward and touches no other."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    axes = figure.axes[0]
    boxes = {t.get_text(): t.get_window_extent(renderer) for t in axes.texts}
    order = wards.sort_values(["name", "code"]).reset_index(drop=True)
    for number, shape in enumerate(order.geometry, start=1):
        box = boxes[str(number)]
        centre = axes.transData.inverted().transform([(box.x0 + box.x1) / 2,
                                                      (box.y0 + box.y1) / 2])
        assert shape.buffer(10).contains(shapely.Point(centre)), number
    for a, b in itertools.combinations(boxes.values(), 2):
        assert not a.overlaps(b)
    width, height = figure.get_size_inches() * style.DPI
    assert all(b.x0 >= 0 and b.y0 >= 0 and b.x1 <= width and b.y1 <= height
               for b in boxes.values())


def nineteen():
    names = [f"Ward {chr(65 + i)}" for i in range(19)]
    codes = [f"E0501{4053 + i}" for i in range(19)]
    return tiles(19, names=names, codes=codes), dict(zip(codes, range(19), strict=True))


def test_square_tiles_are_drawn_square():
    wards, values = nineteen()
    figure = figure_of(values, wards=wards, breaks=class_breaks(values.values(), decimals=1))
    readable(figure, wards)
    box = patch_of(figure, "E05014053").get_window_extent()
    assert box.width == pytest.approx(box.height, abs=0.6)


@pytest.mark.parametrize("vintage", ["2013", "2022"])
def test_numbers_stand_in_their_wards_on_the_real_boundaries(extracts, vintage):
    raw = gpd.read_file(extracts / "boundaries" / f"wards_{vintage}_lbbd.geojson").to_crs(27700)
    short = f"WD{vintage[2:]}"
    wards = raw.rename(columns={f"{short}CD": "code", f"{short}NM": "name"})
    wards = wards[["code", "name", "geometry"]]
    values = dict(zip(wards["code"], range(len(wards)), strict=True))
    breaks = class_breaks(values.values(), decimals=0)
    readable(figure_of(values, wards=wards, breaks=breaks, decimals=0), wards)
    drawing = draw(values, wards=wards, breaks=breaks, decimals=0).drawing
    assert drawing.mime == "image/svg+xml"
    assert len(drawing.image) < 60 * 1024


def real(extracts, vintage):
    raw = gpd.read_file(extracts / "boundaries" / f"wards_{vintage}_lbbd.geojson").to_crs(27700)
    short = f"WD{vintage[2:]}"
    wards = raw.rename(columns={f"{short}CD": "code", f"{short}NM": "name"})
    return wards[["code", "name", "geometry"]]


@pytest.fixture(scope="module")
def boroughs(extracts):
    raw = gpd.read_file(extracts / "boundaries" / "boroughs_2022_london.geojson").to_crs(27700)
    return raw.rename(columns={"LAD22NM": "name"})[["name", "geometry"]]


def written(figure):
    """The extent in pixels of every text of a figure, names beside the wards included."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    texts = [t for axes in figure.axes for t in axes.texts] + figure.texts
    return [(t, t.get_window_extent(renderer)) for t in texts]


@pytest.mark.parametrize("vintage", ["2013", "2022"])
@pytest.mark.parametrize("kind", ["classes", "low reliability", "verdicts"])
def test_no_label_overlaps_another_on_the_real_boundaries(extracts, boroughs, vintage, kind):
    wards = real(extracts, vintage)
    codes = list(wards["code"])
    low = dict.fromkeys(codes, "low_reliability") if kind == "low reliability" else {}
    values = dict(zip(codes, map(float, range(len(codes))), strict=True))
    if kind == "verdicts":
        plan = plan_verdict_map(wards, dict.fromkeys(codes, "worse"), {})
    else:
        plan = plan_ward_map(wards, values, low, unit="%", decimals=0, breaks=(6, 12))
    with style.chart_style():
        figure = ward_figure(wards, plan, neighbours=boroughs, water="River Thames",
                             licence="Contains OS data © Crown copyright " * 3)
    texts = written(figure)
    labels = {t.get_text() for t, _ in texts}
    assert set(plan.texts.values()) <= labels
    assert {"River Thames", "Redbridge", "Havering", "Newham"} <= labels
    assert "Barking and Dagenham" not in labels
    for (one, a), (other, b) in itertools.combinations(texts, 2):
        assert not a.overlaps(b), (one.get_text(), other.get_text())
    width, height = figure.get_size_inches() * style.DPI
    assert all(b.x0 >= 0 and b.y0 >= 0 and b.x1 <= width and b.y1 <= height for _, b in texts)
    within = figure.axes[0].transData.inverted()
    for text, box in texts:
        if text.get_gid() == "around":
            shape = shapely.box(*within.transform([box.p0, box.p1]).ravel())
            assert not wards.geometry.intersects(shape).any(), text.get_text()


def test_the_river_is_what_no_borough_claims_and_lies_south_of_the_wards(extracts, boroughs):
    wards = real(extracts, "2022")
    values = dict.fromkeys(wards["code"], 1.0)
    around = {"neighbours": boroughs, "water": "River Thames"}
    figure = figure_of(values, wards=wards, breaks=(), around=around)
    (patch,) = figure.findobj(lambda a: a.get_gid() == "water")
    water = shapely.union_all([shapely.Polygon(p) for p in patch.get_path().to_polygons()])
    borough = shapely.union_all(wards.geometry.to_numpy())
    assert water.centroid.y < borough.bounds[1] + 1000
    assert shapely.area(water.intersection(borough)) < 0.001 * borough.area
    drawn = draw(values, wards=wards, breaks=(), licence="Contains OS data", **around).drawing
    assert drawn.mime == "image/svg+xml"
    assert len(drawn.image) < 90 * 1024
    without = figure_of(values, wards=wards, breaks=(), around={"neighbours": boroughs})
    assert not without.findobj(lambda a: a.get_gid() == "water")


def test_a_name_that_does_not_fit_is_left_out():
    box = shapely.box(-5000, -5000, 9000, 9000)
    around = gpd.GeoDataFrame({"name": ["Far too long a name for so small a margin", "Tiny"]},
                              geometry=[box, shapely.box(-90, 0, -10, 80)], crs="EPSG:27700")
    values = {code: VALUES[code] for code in CODES[:5]}
    figure = figure_of(values, wards=tiles(5), around={"neighbours": around})
    assert {t.get_text() for t in figure.axes[0].texts} == set("12345")


def test_the_outline_is_stronger_than_any_edge_between_wards():
    figure = figure_of()
    (outline,) = figure.findobj(lambda a: a.get_gid() == "outline")
    edges = [p.get_linewidth() for p in figure.axes[0].patches
             if to_hex(p.get_edgecolor()) == style.MAP_EDGE.lower() and p is not outline
             and p.get_linewidth()]
    assert outline.get_linewidth() > 2 * max(edges)
    (ring,) = outline.get_path().to_polygons()
    # Six squares of 500 m in rows of five: five below and one above.
    assert shapely.Polygon(ring).bounds == pytest.approx((0, 0, 2500, 1000), abs=3)
    assert shapely.Polygon(ring).area == pytest.approx(6 * 500**2, rel=0.01)


def test_a_ward_too_small_for_its_number_has_it_beside_it_on_a_line():
    shapes = [shapely.box(0, 0, 8000, 8000), shapely.box(8000, 0, 8100, 4000)]
    wards = gpd.GeoDataFrame({"code": ["A", "B"], "name": ["Wide", "Sliver"]}, geometry=shapes,
                             crs="EPSG:27700")
    far = gpd.GeoDataFrame({"name": ["Elsewhere"]}, crs="EPSG:27700",
                           geometry=[shapely.box(-9e4, -9e4, 9e4, 9e4)])
    texts = written(figure := figure_of({"A": 1, "B": 20}, wards=wards,
                                        around={"neighbours": far}))
    boxes = {t.get_text(): b for t, b in texts}
    assert {"1", "2"} <= set(boxes)
    to_ground = figure.axes[0].transData.inverted()
    beside = shapely.box(*to_ground.transform([boxes["1"].p0, boxes["1"].p1]).ravel())
    assert not any(shape.intersects(beside) for shape in shapes)
    ends = [line.get_xydata()[-1] for line in figure.axes[0].lines if line.get_linewidth() == 0.9]
    assert [shapes[1].contains(shapely.Point(end)) for end in ends] == [True]


LIMITS = {CODES[0]: (9.0, 9.9), CODES[1]: (9.0, 10.0), CODES[2]: (9.5, 10.5),
          CODES[3]: (10.0, 11.0), CODES[4]: (10.1, 12.0)}  # fmt: skip


@pytest.mark.parametrize(
    ("polarity", "low", "high"),
    [("low_is_good", "better", "worse"), ("high_is_good", "worse", "better"),
     ("no_judgement", "lower", "higher")],
)
def test_verdicts_hold_each_interval_against_the_borough_both_ends_included(polarity, low, high):
    lower, upper = ({c: ends[i] for c, ends in LIMITS.items()} for i in (0, 1))
    values = {**{c: sum(ends) / 2 for c, ends in LIMITS.items()}, CODES[5]: 10.0}
    found = ward_verdicts(values, lower, upper, benchmark=10.0, polarity=polarity)
    assert [found[c] for c in CODES] == [low, "similar", "similar", "similar", high,
                                         "not compared"]
    values[CODES[0]] = math.nan
    found = ward_verdicts(values, lower, upper, benchmark=math.nan, polarity=polarity)
    assert set(found.values()) == {"not compared"}
    assert CODES[0] not in found


def test_a_verdict_map_says_each_verdict_in_words_symbol_pattern_and_fill():
    verdicts = dict(zip(CODES, ["better", "worse", "similar", "not compared", "worse", "better"],
                        strict=True))
    statuses = {CODES[4]: "suppressed", CODES[1]: "low_reliability"}
    drawn = draw_verdict_map(tiles(), verdicts, statuses, estimated=[CODES[0]])
    assert [e.label for e in drawn.key] == [
        "▲ better than the borough (2 wards)",
        "similar to the borough (1 ward)",
        "▼ worse than the borough (1 ward)",
        "not compared: no interval (1 ward)",
        "estimated: less than half exact, or shared out between wards (1 ward)",
        "[c] withheld to protect confidentiality (1 ward)",
        "[u] low reliability: few cases or a wide interval (1 ward)",
    ]
    assert len({(e.fill, e.hatch) for e in drawn.key}) == 7
    assert drawn.classes[CODES[0]] == "better than the borough, estimated"
    plan = plan_verdict_map(tiles(), verdicts, statuses, estimated=[CODES[0]])
    number = plan.numbers
    assert plan.texts[CODES[0]] == f"{number[CODES[0]]} ▲"
    assert plan.texts[CODES[1]] == f"{number[CODES[1]]} ▼ [u]"
    assert plan.texts[CODES[2]] == str(number[CODES[2]])
    assert plan.fills[CODES[4]] == style.PAPER
    assert (plan.fills[CODES[1]], plan.fills[CODES[2]]) == (WORSE, SIMILAR)
    assert plan.hatches[CODES[0]].endswith(ESTIMATED)
    assert "worse" not in drawn.classes[CODES[4]]


@pytest.mark.parametrize("words", [["better", "higher"], ["best"], ["lower", "worse"]])
def test_judgements_and_neutral_words_are_not_mixed_on_a_map(words):
    with pytest.raises(ValueError, match="not verdicts of one map"):
        draw_verdict_map(tiles(), dict(zip(CODES, words, strict=False)), {})


def test_a_ward_without_a_verdict_is_not_available():
    drawn = draw_verdict_map(tiles(), {CODES[0]: "higher"}, {})
    assert drawn.classes[CODES[1]] == "[x] not available"
    assert drawn.classes[CODES[0]] == "higher than the borough"


def test_every_period_of_a_series_has_its_own_map_under_the_same_classes():
    periods = {"2016": (VALUES, {}), "2017": ({**VALUES, CODES[0]: 15.5}, {}),
               "2018": (VALUES, {CODES[0]: "suppressed"})}
    options = {"unit": "%", "decimals": 1, "breaks": BREAKS}
    drawn = draw_ward_series(tiles(), periods, estimated={"2016": [CODES[1]]}, **options)
    assert [drawn.classes[p][CODES[0]] for p in periods] == [
        "under 12.5%", "15.5% and over", "[c] withheld to protect confidentiality"]
    assert [e.label for e in drawn.key] == [
        "under 12.5%", "12.5 to 13.9%", "14.0 to 15.4%", "15.5% and over",
        "estimated: less than half exact, or shared out between wards",
        "[c] withheld to protect confidentiality"]
    plans = {p: plan_ward_map(tiles(), *pair, **options) for p, pair in periods.items()}
    with style.chart_style():
        figure = series_figure(tiles(), plans)
    for axes, fill in zip(figure.axes, (FILLS[4][0], FILLS[4][3], style.PAPER), strict=True):
        (patch,) = axes.findobj(lambda a: a.get_gid() == f"ward-{CODES[0]}")
        assert to_hex(patch.get_facecolor()) == fill.lower()
    assert [t.get_text() for t, _ in written(figure)] == list(periods)
    for (_, a), (_, b) in itertools.combinations(written(figure), 2):
        assert not a.overlaps(b)


def test_a_series_across_a_change_of_wards_is_refused():
    with pytest.raises(GeographyError, match="E05014053: has a value but no shape"):
        draw_ward_series(tiles(), {"2021": (VALUES, {}), "2023": ({"E05014053": 1.0}, {})},
                         unit="%", decimals=1, breaks=BREAKS)
    with pytest.raises(ValueError, match="at least one period"):
        draw_ward_series(tiles(), {}, unit="%", decimals=1, breaks=BREAKS)


def grid(size=5, side=500.0):
    """Wards in rows from the south, numbered 0 to 24: 12 is the middle."""
    codes = [f"W{i:02}" for i in range(size * size)]
    shapes = [shapely.box(x * side, y * side, (x + 1) * side, (y + 1) * side)
              for y, x in itertools.product(range(size), repeat=2)]
    return gpd.GeoDataFrame({"code": codes, "name": codes}, geometry=shapes, crs="EPSG:27700")


def test_parts_of_an_area_by_hand():
    parts = dict(zip(range(25), parts_of(grid()), strict=True))
    # The five nearest to the middle: itself and the four that share its sides.
    assert {i for i, part in parts.items() if part == "centre"} == {7, 11, 12, 13, 17}
    assert [parts[i] for i in (2, 10, 14, 22)] == ["south", "west", "east", "north"]
    assert [parts[i] for i in (0, 4, 20, 24)] == ["south", "south", "north", "north"]


def test_where_the_high_wards_lie():
    wards = grid()
    south, centre = [0, 1, 2, 3, 4], [7, 11, 12, 13]
    values = {c: 10.0 + (i in south + centre) * 5 for i, c in enumerate(wards["code"])}
    # 9 wards are high, as a third of 25 is, rounded up: all five of the south's seven (0 to 4;
    # 6 and 8 lie there too) and four of the centre's five.
    assert where_high(wards, values, decimals=1) == (
        "Higher in the south and centre: all of the 9 highest wards lie there.")
    scattered = {c: float(i * 7 % 25) for i, c in enumerate(wards["code"])}
    assert "spread over several parts" in where_high(wards, scattered, decimals=0)
    assert where_high(wards, dict.fromkeys(wards["code"], 3.0), decimals=0) == ""
    assert where_high(wards, dict(list(values.items())[:5]), decimals=0) == ""
    assert where_high(wards, {}, decimals=0) == ""


def test_the_alternative_text_names_extremes_pattern_and_gaps():
    wards = grid()
    values = {c: float(i in (0, 1, 2, 3, 4, 6, 8, 7, 12)) * 20 + i / 10
              for i, c in enumerate(wards["code"])}
    values["W24"] = math.nan
    said = map_alt(wards, values, title="smoking", period="2024", unit="%", decimals=1,
                   estimated=["W00", "W24"])
    assert said == (
        "Map of smoking on 25 wards, 2024. Highest: W12 21.2%, W08 20.8% and W07 20.7%. "
        "Lowest: W05 0.5%, W09 0.9% and W10 1.0%. Higher in the south: 6 of the 8 highest "
        "wards lie there. 1 ward has no figure. 1 figure is estimated.")
    nothing = map_alt(wards, {}, title="smoking", period="2024", unit="%", decimals=1)
    assert nothing == "Map of smoking on 25 wards, 2024. 25 wards have no figure."


@pytest.mark.parametrize("isle", [shapely.box(300, 300, 600, 600), shapely.box(290, 300, 600, 600)],
                         ids=["a coverage", "overlapping"])
def test_shapes_with_holes_and_islands_are_drawn_whole(isle):
    donut = shapely.box(0, 0, 900, 900) - shapely.box(300, 300, 600, 600)
    parts = shapely.MultiPolygon([isle, shapely.box(1000, 0, 1200, 200)])
    alike = shapely.Polygon(donut.exterior, [list(donut.interiors[0].coords)[::-1]])
    for ring in (donut, donut.reverse(), alike):
        wards = gpd.GeoDataFrame({"code": ["A", "B"], "name": ["Ring", "Isles"]},
                                 geometry=[ring, parts], crs="EPSG:27700")
        figure = figure_of({"A": 1, "B": 20}, wards=wards)
        rings = patch_of(figure, "A").get_path().to_polygons()
        outer, hole = (shapely.LinearRing(points) for points in rings)
        # Wound the other way, a hole is left unfilled by the rule of SVG and PNG alike.
        assert outer.is_ccw != hole.is_ccw
        assert len(patch_of(figure, "B").get_path().to_polygons()) == 2


def test_detail_finer_than_half_a_pixel_is_dropped_and_borders_stay_shared():
    def wavy(x):
        return [(x + 3 * math.sin(i), i) for i in range(2001)]

    left = shapely.Polygon([(0, 2000), (0, 0), *wavy(1000)])
    right = shapely.Polygon([(2000, 2000), (2000, 0), *wavy(1000)])
    wards = gpd.GeoDataFrame({"code": ["A", "B"], "name": ["West", "East"]},
                             geometry=[left, right], crs="EPSG:27700")
    figure = figure_of({"A": 1, "B": 20}, wards=wards)
    a, b = (shapely.Polygon(patch_of(figure, c).get_path().to_polygons()[0]) for c in "AB")
    assert shapely.get_num_coordinates(a) < 700
    assert a.intersection(b).area == pytest.approx(0, abs=1e-6)
    assert a.union(b).area == pytest.approx(left.union(right).area, rel=1e-3)


def test_the_same_facts_give_the_same_bytes_and_well_formed_svg():
    one, other = (draw(statuses={CODES[0]: "suppressed"}) for _ in range(2))
    assert one == other
    assert ET.fromstring(one.drawing.image).get("viewBox")


def test_a_name_that_looks_like_markup_never_reaches_the_picture():
    wards = tiles(names=["<img src=x onerror=alert(1)>", *NAMES[1:]])
    assert "onerror" not in draw(wards=wards).drawing.image

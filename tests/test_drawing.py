"""The craft under every picture: label spreading, axes, small SVG, contrast."""

import base64
import math
import re
import xml.etree.ElementTree as ET
from io import BytesIO, StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG

from lbbd_jsna.exhibits import drawing as drawing_module
from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.drawing import (
    BEYOND_SHRINKING,
    LARGEST_SVG,
    blank_figure,
    put_line,
    put_text,
    render,
    spread,
    text_width,
    value_scale,
    wrap,
)
from lbbd_jsna.exhibits.svg import compact_svg


def test_spread_leaves_labels_that_do_not_touch_where_they_are():
    assert spread([10, 50, 90], sizes=[10, 10, 10], low=0, high=100) == [10, 50, 90]


def test_spread_parts_two_labels_by_the_same_amount():
    # 50 and 52 want to stand 2 apart and need 10: four more on either side.
    assert spread([50, 52], sizes=[10, 10], low=0, high=100) == [46, 56]


def test_spread_keeps_labels_between_the_ends():
    assert spread([0, 1], sizes=[10, 10], low=0, high=100) == [5, 15]
    assert spread([99, 98], sizes=[10, 10], low=0, high=100) == [95, 85]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.floats(-50, 350), st.floats(5, 40)), min_size=1, max_size=8))
def test_spread_never_overlaps_and_keeps_the_order(labels):
    wanted, sizes = map(list, zip(*labels, strict=True))
    places = spread(wanted, sizes=sizes, low=0, high=320)
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    for i, j in zip(order, order[1:], strict=False):
        assert places[j] - places[i] >= (sizes[i] + sizes[j]) / 2 - 1e-6
    assert min(p - s / 2 for p, s in zip(places, sizes, strict=True)) >= -1e-6
    if sum(sizes) <= 320:
        assert max(p + s / 2 for p, s in zip(places, sizes, strict=True)) <= 320 + 1e-6


@pytest.mark.parametrize(
    ("values", "start"),
    [
        ([9.0, 14.8], 0),  # 9.0 is below two thirds of 14.8
        ([57.6, 63.4], 56),
        ([12.0, 12.0], 0),
        ([0.0, 0.0], 0),
        ([61.4], 0),
    ],
)
def test_an_axis_starts_at_zero_unless_the_data_stand_far_from_it(values, start):
    scale = value_scale(values)
    assert scale.low == start
    assert scale.low <= min(values) <= max(values) <= scale.high
    assert scale.ticks[0] == start


def test_an_interval_widens_an_axis_but_does_not_move_its_start_off_zero():
    scale = value_scale([12.3], limits=[10.8, 13.8])
    assert scale.low == 0
    assert scale.high >= 13.8
    assert value_scale([60.0, 63.0], limits=[55.5, 66.0]).low <= 55.5


@pytest.mark.parametrize("values", [[-3.2, 4.1], [-8.0, -5.0]])
def test_an_axis_of_negative_values_keeps_zero(values):
    scale = value_scale(values)
    assert scale.low <= min(values)
    assert scale.high >= max(max(values), 0)
    assert 0 in scale.ticks
    assert not any(label.startswith("-") for label in scale.labels)


def test_the_axis_title_says_where_an_axis_starts():
    assert style.axis_title("%", start=0, decimals=0) == "Per cent"
    assert style.axis_title("% of adults", start=0, decimals=0) == "Per cent of adults"
    assert style.axis_title("years", start=55, decimals=0) == "Years (axis starts at 55)"


@pytest.mark.parametrize(
    ("value", "text"), [(1234.5, "1,234.5"), (-0.04, "0.0"), (-2.5, "\N{MINUS SIGN}2.5")]
)
def test_numbers_as_printed(value, text):
    assert style.number_text(value, decimals=1) == text


def test_contrast_is_that_of_the_guidelines():
    assert style.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    # Worked by hand: 0x80/255 is 0.502, its linear value 0.2159; 1.05 / 0.2659 = 3.95.
    assert style.contrast("#808080", "#FFFFFF") == pytest.approx(3.95, abs=0.01)


@pytest.mark.parametrize("ink", [style.ACCENT, style.DARK_GREY, style.MUTED, style.LIGHT_MUTED])
def test_every_ink_can_be_read_on_paper(ink):
    assert style.contrast(ink, style.PAPER) >= 4.5


def test_the_style_leaves_no_trace():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    with style.chart_style():
        assert mpl.rcParams["axes.spines.top"] is False  # the Analysis Function sheet
        assert mpl.rcParams["svg.fonttype"] == "path"
    assert dict(mpl.rcParams) == before


def test_wrap_keeps_each_line_within_the_limit():
    text = wrap(["Barking", "and", "Dagenham", "12.1%"], limit=120, size=14, bold=True)
    assert text.replace("\n", " ") == "Barking and Dagenham 12.1%"
    assert all(text_width(line, size=14, bold=True) <= 120 for line in text.split("\n"))


def raw_and_compact():
    with style.chart_style():
        figure = blank_figure(200, 100)
        put_text(figure, 12.345678, 30, "12.1% & <Ward>", size=14, colour="#12436D")
        put_line(figure, [10.123456, 190.7], [55.55555, 60], colour="#12436D", dash="dashed")
        text = StringIO()
        FigureCanvasSVG(figure).print_svg(text, metadata={"Date": None})
    return text.getvalue(), compact_svg(text.getvalue())


def numbers(svg, attribute):
    # Glyph outlines are in their own, finer units and are compared apart.
    found = re.findall(rf'[ ]{attribute}="([^"]*)"(?! transform="scale)', svg)
    return [float(n) for text in found for n in re.findall(r"-?\d+(?:\.\d+)?", text)]


def test_compacting_moves_nothing():
    raw, small = raw_and_compact()
    assert len(small) < len(raw) * 0.8
    before, after = numbers(raw, "d"), numbers(small, "d")
    assert len(before) == len(after) > 8
    assert max(abs(a - b) for a, b in zip(before, after, strict=True)) <= 0.005 + 1e-9


def test_compacting_keeps_each_letter_to_a_fiftieth_of_a_pixel():
    raw, small = raw_and_compact()
    old = re.findall(r' d="([^"]*)" transform="scale\(0.015625\)"', raw)
    new = re.findall(r' d="([^"]*)" transform="scale\(.125\)"', small)
    assert len(old) == len(new) > 5
    for a, b in zip(old, new, strict=True):
        before = [float(n) / 64 for n in re.findall(r"-?[\d.]+", a)]
        after = [float(n) / 8 for n in re.findall(r"-?[\d.]+", b)]
        # A hundred units make an em, here of 14 pixels.
        assert max(abs(p - q) for p, q in zip(before, after, strict=True)) * 0.14 <= 0.02


def test_a_small_svg_is_plain_and_whole():
    _, small = raw_and_compact()
    root = ET.fromstring(small)
    assert root.get("viewBox") == "0 0 200 100"
    assert (root.get("width"), root.get("height")) == ("200", "100")
    for unwanted in ("<?xml", "DOCTYPE", "<!--", "metadata", "style", "matplotlib", "<script"):
        assert unwanted not in small
    ids = {element.get("id") for element in root.iter()} - {None}
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', small))
    assert used <= ids


def test_a_picture_too_large_for_svg_becomes_a_png_of_twice_the_size():
    with style.chart_style():
        figure = blank_figure(120, 80)
        points = [math.sin(i * 0.37) * 40 + 40 for i in range(LARGEST_SVG // 8)]
        put_line(figure, [i % 120 + 0.123 for i in range(len(points))], points, colour="#12436D")
        drawing = render(figure)
    assert drawing.mime == "image/png"
    assert (drawing.width, drawing.height) == (120, 80)
    data = base64.b64decode(drawing.image)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(data[16:20]) == 240
    assert int.from_bytes(data[20:24]) == 160


def wavy(points):
    """One line of so many points."""
    figure = blank_figure(120, 80)
    heights = [math.sin(i * 0.37) * 40 + 40 for i in range(points)]
    put_line(figure, [i % 120 + 0.123 for i in range(points)], heights, colour="#12436D")
    return figure


def test_a_picture_far_too_large_is_the_png_it_would_have_been(monkeypatch):
    """Breaking the SVG off leaves no trace in the PNG, and nothing is compacted in vain."""
    monkeypatch.setattr(drawing_module, "compact_svg", None)
    with style.chart_style():
        found = render(wavy(BEYOND_SHRINKING * LARGEST_SVG // 8))
        figure, data = wavy(BEYOND_SHRINKING * LARGEST_SVG // 8), BytesIO()
        figure.set_dpi(2 * style.DPI)
        FigureCanvasAgg(figure).print_png(data, metadata={"Software": None})
    assert found.mime == "image/png"
    assert base64.b64decode(found.image) == data.getvalue()


def test_nothing_that_could_be_small_enough_is_given_up():
    """Compacting leaves more than half of a picture, so that four times as much is too much."""
    with style.chart_style():
        text = StringIO()
        FigureCanvasSVG(wavy(5000)).print_svg(text)
    small = compact_svg(text.getvalue())
    assert 1 < len(text.getvalue()) / len(small) < BEYOND_SHRINKING / 1.5

"""Trend and boroughs charts: nothing overlaps, nothing is cut off, nothing is invented."""

import itertools
import logging
import math
import xml.etree.ElementTree as ET
from io import StringIO

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import RendererSVG

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.boroughs import Bar, boroughs_figure, draw_boroughs
from lbbd_jsna.exhibits.time_lines import Line
from lbbd_jsna.exhibits.trend import draw_trend, trend_figure

NAN = math.nan
BOROUGHS = [
    "Barking and Dagenham", "Barnet", "Bexley", "Brent", "Bromley", "Camden", "City of London",
    "Croydon", "Ealing", "Enfield", "Greenwich", "Hackney", "Hammersmith and Fulham", "Haringey",
    "Harrow", "Havering", "Hillingdon", "Hounslow", "Islington", "Kensington and Chelsea",
    "Kingston upon Thames", "Lambeth", "Lewisham", "Merton", "Newham", "Redbridge",
    "Richmond upon Thames", "Southwark", "Sutton", "Tower Hamlets", "Waltham Forest",
    "Wandsworth", "Westminster",
]


def line(values, *, label="Borough", role="area", first=2014, interval=None, periods=None):
    dates = tuple(first + i + 0.75 for i in range(len(values)))
    known = tuple(float(v) for v in values)
    return Line(
        label=label,
        dates=dates,
        periods=periods or tuple(f"{int(d)}/{(int(d) + 1) % 100:02d}" for d in dates),
        values=known,
        lower=tuple(v - interval if interval else NAN for v in known),
        upper=tuple(v + interval if interval else NAN for v in known),
        role=role,
    )


def obesity():
    """Reception obesity, the borough and England; 2020/21 was not collected in the borough."""
    return [
        line([13.5, 13.8, 13.1, 13.0, 13.2, 12.9, NAN, 14.8, 12.7, 12.4, 12.1], interval=0.8),
        line([9.1, 9.3, 9.6, 9.5, 9.7, 9.9, 14.4, 10.1, 9.2, 9.6, 10.5], label="England",
             role="benchmark"),
    ]


def close_ends():
    roles = ["area", "benchmark", "region", "peers", "peers"]
    names = ["Barking and Dagenham", "England", "London", "East London", "Outer London boroughs"]
    return [line([10 + i, 12.00 + i * 0.02], label=name, role=role, interval=0.5)
            for i, (name, role) in enumerate(zip(names, roles, strict=True))]


def trend(lines, **options):
    with style.chart_style():
        return trend_figure(lines, **{"unit": "%", "decimals": 1, **options})


def boroughs(bars, **options):
    with style.chart_style():
        return boroughs_figure(bars, **{"unit": "%", "decimals": 1, **options})


def written(figure, renderer=None):
    """Every text that is drawn, with the box it takes up in pixels, as the SVG sets it."""
    width, height = figure.get_size_inches() * style.DPI
    renderer = renderer or RendererSVG(width, height, StringIO())
    with style.chart_style():
        figure.draw(renderer)
        return boxes(figure, renderer)


def boxes(figure, renderer):
    texts = [t for t in figure.findobj(lambda a: hasattr(a, "get_text")) if t.get_text().strip()]
    shown = [t for t in texts if t.get_visible() and t.figure is not None]
    found = [(t.get_text(), t.get_window_extent(renderer)) for t in shown]
    return [(text, box) for text, box in found if box.width > 0]


def assert_all_readable(figure, renderer=None):
    labels = written(figure, renderer)
    width, height = figure.get_size_inches() * style.DPI
    for text, box in labels:
        assert box.x0 >= -0.5, f"{text!r} is cut off at the left"
        assert box.x1 <= width + 0.5, f"{text!r} is cut off at the right"
        assert box.y0 >= -0.5, f"{text!r} is cut off at the foot"
        assert box.y1 <= height + 0.5, f"{text!r} is cut off at the top"
    for (one, a), (other, b) in itertools.combinations(labels, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        # A box counts the space below the baseline, whether or not a letter hangs there.
        assert across <= 0.5 or down <= 2.5, f"{one!r} and {other!r} overlap"


def artists(figure, gid):
    return figure.findobj(lambda a: a.get_gid() == gid)


TRENDS = {
    "obesity": (obesity(), {}),
    "five lines ending within 0.1": (close_ends(), {}),
    "25 periods": ([line(range(10, 35), first=2000, interval=2)], {}),
    "25 long periods": (
        [line(range(10, 35), first=2000,
              periods=tuple(f"{y}/{(y + 1) % 100:02d} - {y + 2}/{(y + 3) % 100:02d}"
                            for y in range(2000, 2025)))], {}),
    "negative": ([line([-4.5, 2, -1.5], interval=1.0)], {"unit": "percentage points"}),
    "all negative": ([line([-4.5, -6, -5])], {"unit": "percentage points"}),
    "all equal": ([line([5, 5, 5]), line([5, 5, 5], label="England", role="benchmark")], {}),
    "all zero": ([line([0, 0, 0])], {}),
    "single point": ([line([12.3], interval=1.5)], {}),
    "single long period": ([line([55.1], periods=("2021/22 Q1 - 2025/26 Q3",))], {}),
    "thousands": ([line([12345, 98765.4], label="Borough")], {"unit": "count per month"}),
    "far from zero": ([line([61.4, 57.6, 63.4], interval=1)], {"unit": "years"}),
    "long unit": ([line([61.4, 57.6, 63.4])], {"unit": "per 1,000 females 15-17"}),
    "long word": ([line([1, 2], label="Llanfairpwllgwyngyllgogerychwyrndrobwll")], {}),
    "one series ends early": (
        [line([9, 10, 11, 12]), line([9, 10, 11], label="England", role="benchmark")], {}),
    "breaks": (
        obesity(),
        {"breaks": ((2016.1, "new method"), (2016.4, "new method"), (2017.9, "new definition"),
                    (2024.6, "school closures in the winter"))}),
    "dollar signs": ([line([1, 2], label="cost $5 to $6")], {}),
}


@pytest.mark.parametrize("case", TRENDS)
def test_no_text_of_a_trend_overlaps_or_is_cut_off(case):
    lines, options = TRENDS[case]
    assert_all_readable(trend(lines, **options))


@pytest.mark.parametrize("case", ["obesity", "five lines ending within 0.1", "breaks"])
def test_a_trend_set_as_png_is_as_readable(case):
    lines, options = TRENDS[case]
    figure = trend(lines, **options)
    with style.chart_style():
        assert_all_readable(figure, FigureCanvasAgg(figure).get_renderer())


def test_every_line_is_named_with_its_last_value():
    texts = {text.replace("\n", " ") for text, _ in written(trend(close_ends()))}
    assert {"Barking and Dagenham 12.0%", "England 12.0%", "London 12.0%",
            "East London 12.1%", "Outer London boroughs 12.1%"} <= texts


def test_a_last_value_of_an_earlier_period_says_which():
    lines = [line([9, 10, 11]), line([8, 9], label="England", role="benchmark")]
    texts = {text.replace("\n", " ") for text, _ in written(trend(lines))}
    assert "England 9.0% (2015/16)" in texts
    assert "Borough 11.0%" in texts


def test_labels_stand_in_the_order_of_the_values():
    places = {text.replace("\n", " "): box for text, box in written(trend(close_ends()))}
    assert places["Outer London boroughs 12.1%"].y0 > places["England 12.0%"].y0


def test_the_line_is_interrupted_where_a_value_is_missing():
    runs = artists(trend(obesity()), "line-area")
    assert [len(run.get_xdata()) for run in runs] == [6, 4]
    assert not any(2020.75 in run.get_xdata() for run in runs)


def test_the_line_is_interrupted_where_the_caller_left_the_period_out():
    whole = line([13, 12, 11, 10, 9, 8])
    kept = [0, 1, 2, 4, 5]
    gappy = Line(whole.label, *(tuple(column[i] for i in kept) for column in (
        whole.dates, whole.periods, whole.values, whole.lower, whole.upper)), whole.role)
    assert [len(run.get_xdata()) for run in artists(trend([gappy]), "line-area")] == [3, 2]


def test_the_line_is_not_joined_across_a_break():
    figure = trend([line([1, 2, 3, 4])], breaks=((2016.25, "new method"),))
    assert [len(run.get_xdata()) for run in artists(figure, "line-area")] == [2, 2]


def test_points_stand_true_to_time_and_missing_ones_nowhere():
    (points,) = artists(trend(obesity()), "points-area")
    assert len(points.get_xdata()) == 10
    assert 0 not in points.get_ydata()
    assert 2020.75 not in points.get_xdata()


def test_a_line_without_a_value_is_left_out():
    figure = trend([*obesity(), line([NAN, NAN], label="London", role="region")])
    assert not any("London" in text for text, _ in written(figure))
    assert not artists(figure, "points-region")


def test_only_the_area_shows_an_interval():
    def intervals(role):
        figure = trend([line([10, 11, 12], role=role, interval=1)])
        return [c for c in figure.axes[0].collections if len(c.get_segments())]

    assert len(intervals("area")) == 3
    assert not intervals("benchmark")


@pytest.mark.parametrize("lines", [[], [line([NAN, NAN])]])
def test_a_trend_without_a_value_is_refused(lines):
    with pytest.raises(ValueError, match="at least one value"):
        draw_trend(lines, unit="%", decimals=1)


def test_columns_of_unequal_length_are_refused():
    crooked = Line("Borough", (2014.75, 2015.75), ("2014/15",), (1.0, 2.0), (NAN,) * 2,
                   (NAN,) * 2, "area")
    with pytest.raises(ValueError, match="Borough.*unequal length"):
        draw_trend([crooked], unit="%", decimals=1)


def test_the_last_period_is_always_named():
    figure = trend([line(range(10, 35), first=2000)])
    named = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert named[-1] == "2024/25"
    assert 4 <= len(named) < 25


def test_a_time_axis_is_true_to_time():
    uneven = Line("Borough", (2010.5, 2011.5, 2020.5), ("2010", "2011", "2020"), (1.0, 2.0, 3.0),
                  (NAN,) * 3, (NAN,) * 3, "area")
    axes = trend([uneven]).axes[0]
    a, b, c = axes.transData.transform([(d, 0) for d in uneven.dates])[:, 0]
    assert (c - b) / (b - a) == pytest.approx(9)


def bars(values, names=BOROUGHS, interval=1.0):
    return [
        Bar(name, float(v), v - interval, v + interval, "area" if i == 0 else "other")
        for i, (name, v) in enumerate(zip(names, values, strict=False))
    ]


LEAGUES = {
    "33 boroughs": (bars([12 - i * 0.2 for i in range(33)]), {}),
    "33 long names": (
        bars(range(33), names=[f"{name} and the Royal Docks" for name in BOROUGHS]), {}),
    "references side by side": (
        bars([12 - i * 0.2 for i in range(33)]),
        {"references": (("England", 10.5), ("London region", 10.45), ("East London", 10.4))}),
    "references at the ends": (
        bars([12, 10, 8]), {"references": (("England", 1.0), ("London region", 13.0))}),
    "all equal": (bars([5] * 33, interval=NAN), {"references": (("England", 5),)}),
    "negative": (bars([-5, 3, -1]), {"unit": "percentage points"}),
    "far from zero": (bars([61.2, 59.3, 68.1]), {"unit": "years"}),
    "one borough": (bars([12]), {}),
    "millions": (bars([12345678, 11]), {"unit": "count per month"}),
    "thousands": (bars([123456.7, 98765]), {"unit": "count per month"}),
}


@pytest.mark.parametrize("case", LEAGUES)
def test_no_text_of_a_boroughs_chart_overlaps_or_is_cut_off(case):
    rows, options = LEAGUES[case]
    assert_all_readable(boroughs(rows, **options))


def test_boroughs_stand_highest_first_and_ties_by_name():
    figure = boroughs([Bar("Newham", 5, NAN, NAN, "other"), Bar("Brent", 7, NAN, NAN, "other"),
                       Bar("Barking and Dagenham", 5, NAN, NAN, "area")])
    names = sorted((-box.y0, text) for text, box in written(figure)
                   if text in BOROUGHS)
    assert [text for _, text in names] == ["Brent", "Barking and Dagenham", "Newham"]


def test_a_borough_without_a_value_is_not_drawn():
    figure = boroughs([*bars([5, 4]), Bar("Sutton", NAN, NAN, NAN, "other")])
    assert not any(text == "Sutton" for text, _ in written(figure))
    (points,) = artists(figure, "points-other")
    assert list(points.get_xdata()) == [4]


def test_half_an_interval_is_not_drawn():
    figure = boroughs([Bar("Brent", 5, NAN, 6, "other"), Bar("Newham", 4, 3, 5, "other")])
    (intervals,) = artists(figure, "intervals-other")
    assert [x for x in intervals.get_xdata() if math.isfinite(x)] == [3, 5]


def test_the_area_stands_out_by_weight_and_not_by_colour_alone():
    figure = boroughs(bars([5, 4, 3]))
    (area,), (others,) = (artists(figure, f"points-{role}") for role in ("area", "other"))
    assert area.get_markersize() > others.get_markersize()
    bold = [t.get_text() for t in figure.texts if t.get_fontweight() == "bold"]
    assert bold == ["Barking and Dagenham", "5.0%"]


def test_no_borough_at_all_is_refused():
    with pytest.raises(ValueError, match="at least one value"):
        draw_boroughs([Bar("Brent", NAN, NAN, NAN, "other")], unit="%", decimals=1, references=())


def both():
    return [
        draw_trend(obesity(), unit="%", decimals=1, breaks=((2017.2, "new method"),)),
        draw_boroughs(LEAGUES["33 boroughs"][0], unit="%", decimals=1,
                      references=(("England", 10.5), ("London", 10.2))),
    ]


def test_the_same_facts_give_the_same_bytes():
    assert both() == both()


@pytest.mark.parametrize(("which", "limit"), [(0, 45), (1, 70)])
def test_charts_are_small_and_well_formed(which, limit):
    drawing = both()[which]
    assert drawing.mime == "image/svg+xml"
    assert len(drawing.image) < limit * 1024
    root = ET.fromstring(drawing.image)
    assert root.get("viewBox") == f"0 0 {drawing.width} {drawing.height}"


def test_drawing_is_silent(caplog):
    with caplog.at_level(logging.DEBUG, logger="matplotlib.font_manager"):
        both()
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]


def test_letters_are_large_enough_to_read():
    for figure in (trend(obesity()), boroughs(bars([5, 4, 3]))):
        assert min(t.get_fontsize() for t in figure.findobj(lambda a: hasattr(a, "get_text"))
                   if t.get_text().strip()) >= 12

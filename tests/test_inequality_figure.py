"""Figures by group: which rows are chosen, what is said of them, and how they are drawn."""

import datetime as dt
import itertools
import math
from dataclasses import replace
from io import StringIO
from types import SimpleNamespace

import pandas as pd
import pytest
from matplotlib.backends.backend_svg import RendererSVG

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.exhibit import Figure, Section, Text
from lbbd_jsna.exhibits.html import preview
from lbbd_jsna.exhibits.inequality import inequality_figure, inequality_section
from lbbd_jsna.exhibits.inequality_drawing import GroupRow, draw_groups, groups_figure
from lbbd_jsna.exhibits.inequality_words import (
    beside_all_sentence,
    group_words,
    inequality_sentences,
    inequality_title,
    row_words,
    ward_sentence,
)
from lbbd_jsna.facts.groups import deprivation_order, group_figures, ward_spread
from lbbd_jsna.findings import BesideAll, Gap, Point, WardFigures
from lbbd_jsna.sources.extracts import read_extracts

NAN = math.nan
DAY = dt.date(2025, 7, 31)
BOROUGH, ENGLAND = "E09000002", "E92000001"
FIFTHS = ["Most deprived quintile", "Second most deprived quintile", "Average deprived quintile",
          "Second least deprived quintile", "Least deprived quintile"]
TENTHS = [f"{word} deprived decile (IMD2015)" for word in (
    "Most", "Second most", "Third more", "Fourth more", "Fifth more", "Fifth less", "Fourth less",
    "Third less", "Second least", "Least")]
KIND = "LSOA21 deprivation quintiles within area (IMD trend)"
YEAR_6 = "obesity-year-6-deprivation"


def rows(values, *, names=FIFTHS, area=ENGLAND, kind=KIND, year=2024, error=1.0, people=1000.0,
         indicator=YEAR_6, **columns):
    """Observations of one set of groups, one area and one year; the last name first."""
    table = pd.DataFrame({"category": names, "value": [float(v) for v in values]})
    table = table.assign(
        indicator=indicator, area_code=area, sex="Persons", age="10-11 yrs", period_range="1y",
        category_type=kind, period=f"{year}/{(year + 1) % 100}",
        period_start=pd.Timestamp(year, 4, 1), period_end=pd.Timestamp(year + 1, 3, 31),
        lower_95=table["value"] - 1.96 * error, upper_95=table["value"] + 1.96 * error,
        denominator=people, count=table["value"] * people / 100, status="published",
        value_note="", source_file="fingertips/x.csv", source_row=range(2, len(table) + 2),
    )
    return table.assign(**columns).iloc[::-1]


def headline(value, **options):
    return rows([value], names=[""], kind="", **options)


@pytest.fixture
def figures(catalogue):
    """The sets of groups that rows give, for the borough and England."""

    def chosen(*tables, indicator=YEAR_6):
        return group_figures(
            pd.concat(tables), indicator=catalogue.indicators[indicator],
            area_code=BOROUGH, benchmark_code=ENGLAND,
        )

    return chosen


def test_groups_stand_from_the_most_to_the_least_deprived(figures):
    (found,) = figures(rows([30, 26, 22, 18, 14]), headline(22))
    assert list(found.names) == FIFTHS
    assert [point.value for point in found.points] == [30, 26, 22, 18, 14]
    assert found.ordered and not found.own
    assert found.overall.value == 22


def test_the_gap_and_the_slope_by_hand(figures):
    """Equal fifths falling by 4 a step lie on a line that falls by 20; se of the slope
    is se x sqrt(sum c^2), c = (b - 1/2) / (5 x var b) = -1, -1/2, 0, 1/2, 1."""
    (found,) = figures(rows([30, 26, 22, 18, 14]))
    assert found.gap.value == 16
    assert found.gap.upper - 16 == pytest.approx(1.96 * math.sqrt(2))
    assert found.line == pytest.approx((32, 12))
    assert found.slope.value == pytest.approx(20)
    assert found.relative.value == pytest.approx(32 / 12)
    assert found.slope.upper - 20 == pytest.approx(1.959964 * math.sqrt(2.5), rel=1e-6)


def test_where_high_is_good_a_lower_value_is_the_gap(figures):
    name = "good-level-of-development"
    (found,) = figures(rows([60, 64, 68, 72, 76], indicator=name), indicator=name)
    assert found.gap.value == 16
    assert found.slope.value == pytest.approx(20)
    assert found.relative.value == pytest.approx(78 / 58)


def test_the_boroughs_groups_come_before_the_countrys(figures):
    (found,) = figures(rows([30, 26, 22, 18, 14]), rows([40, 36, 32, 28, 24], area=BOROUGH))
    assert found.own
    assert found.points[0].value == 40


def test_the_latest_period_with_figures_is_shown(figures):
    old, new = rows([30, 26, 22, 18, 14], year=2022), rows([NAN] * 5, year=2024)
    (found,) = figures(old, new, rows([31, 26, 22, 18, 14], year=2023))
    assert found.period == "2023/24"


@pytest.mark.parametrize(
    ("values", "options", "reason"),
    [
        ([30, NAN, 22, 18, 14], {}, "not every group"),
        ([30, 26, 22, 18, 14], {"lower_95": NAN}, "no intervals"),
        ([30, 26, 22, 18, 14], {"denominator": NAN}, "how many people"),
        ([30, 14], {"names": [FIFTHS[0], FIFTHS[4]]}, "three groups"),
        ([30, 26, 14], {"names": [*FIFTHS[:2], FIFTHS[4]]}, "not every group"),
    ],
)
def test_no_slope_comes_with_its_reason(figures, values, options, reason):
    (found,) = figures(rows(values, **options))
    assert found.slope is None and found.line is None
    assert reason in found.no_slope
    assert found.gap.value == 16


def test_no_gap_without_both_ends(figures):
    (found,) = figures(rows([NAN, 26, 22, 18, 14]))
    assert found.gap is None


def test_a_gap_without_intervals_has_no_limits(figures, catalogue):
    (found,) = figures(rows([30, 26, 22, 18, 14], lower_95=NAN, upper_95=NAN))
    assert math.isnan(found.gap.lower)
    said = " ".join(inequality_sentences(found, catalogue))
    assert "That is 16.0 percentage points higher." in said
    assert "how much of that is chance cannot be said" in said
    assert "worse off" not in said
    drawn_from = inequality_figure(found, catalogue=catalogue)
    assert "The extract holds no intervals." in drawn_from.caption


def test_one_breakdown_by_deprivation_by_where_people_live(figures):
    councils = "County & UA deprivation deciles in England (IMD2015)"
    districts = councils.replace("County", "District")
    tenths = [rows(range(30, 20, -1), names=TENTHS, kind=kind) for kind in (councils, districts)]
    assert [f.category_type for f in figures(*tenths)] == [districts]
    assert [f.category_type for f in figures(*tenths, rows([5, 4, 3, 2, 1]))] == [KIND]
    later = tenths[0].assign(period_end=pd.Timestamp(2026, 3, 31))
    (newer,) = figures(rows([5, 4, 3, 2, 1]), later)
    assert newer.category_type == councils


def test_a_single_figure_is_no_breakdown(figures):
    assert figures(rows([30], names=[FIFTHS[0]]), headline(22)) == ()
    assert figures(headline(22)) == ()


PEERS = ["Education, health and care plan", "No special educational needs", "SEN support"]


def test_named_groups_stand_against_their_peers(figures, catalogue):
    (found,) = figures(rows([30, 10, 20], names=PEERS, kind="Special needs", area=BOROUGH))
    assert found.peers == PEERS[1]
    assert {name: gap.value for name, gap in found.gaps.items()} == {PEERS[0]: 20, PEERS[2]: 10}
    assert found.gaps[PEERS[2]].lower == pytest.approx(10 - 1.96 * math.sqrt(2))
    assert found.no_slope == "the groups have no order"
    said = inequality_sentences(found, catalogue)
    assert f"“{PEERS[0]}”: 30.0%, against 10.0% for “{PEERS[1]}”. That is 20.0 percentage points " \
           f"higher (95% interval 17.2 to 22.8): “{PEERS[0]}” are worse off." in said
    title = inequality_title(found, catalogue)
    assert "for “Education, health and care plan” (30.0%)" in title


def test_groups_without_order_or_peers_get_no_gap(figures, catalogue):
    names = ["Asian", "Black", "Other ethnic group", "White"]
    (found,) = figures(rows([30, 26, 22, 24], names=names, kind="Ethnic groups"))
    assert not found.ordered and found.gap is None and not found.gaps
    title = inequality_title(found, catalogue)
    assert "highest for “Asian” (30.0%), lowest for “Other ethnic group” (22.0%)" in title
    assert inequality_figure(found, catalogue=catalogue).name.endswith("-by-ethnic-groups")


@pytest.mark.parametrize(
    "names",
    [
        FIFTHS,
        TENTHS,
        ["1 - Most deprived decile (IMD2019)", *map(str, range(2, 10)), "10 - Least deprived"],
        ["5 (most deprived)", "4", "3", "2", "1 (least deprived)"],
        ["Most deprived", "Middle", "Least deprived"],
        ["Most-deprived fifth", "Least-deprived fifth"],
    ],
)
def test_the_order_of_deprivation_is_read_from_the_words(names):
    shuffled = sorted(names, key=lambda name: hash_free(name))
    order = deprivation_order(shuffled)
    assert [shuffled[i] for i in order] == list(names)


def hash_free(name):
    """An order that has nothing to do with deprivation and is the same every time."""
    return name[::-1]


@pytest.mark.parametrize(
    "names",
    [
        ["White", "Black", "Asian"],
        ["1", "2", "3"],
        FIFTHS[:3],
        [*FIFTHS, "Most deprived quintile (again)"],
        [*FIFTHS, "Not known"],
        ["1 - Most deprived", "2", "3 - Least deprived", "9"],
    ],
)
def test_what_is_no_order_of_deprivation(names):
    assert deprivation_order(names) is None


def test_the_title_says_the_gap_in_plain_words(figures, catalogue):
    (found,) = figures(rows([30, 26, 22, 18, 14]))
    assert inequality_title(found, catalogue) == (
        "Obesity in Year 6, five years together: 16.0 percentage points higher in the most "
        "deprived fifth of England than in the least, 2024/25"
    )
    name = "good-level-of-development"
    (lower,) = figures(rows([60, 64, 68, 72, 76], indicator=name, area=BOROUGH), indicator=name)
    assert "16.0 percentage points lower in the most deprived fifth of Barking and Dagenham" in (
        inequality_title(lower, catalogue)
    )


def test_what_chance_could_make_is_not_called_a_gap(figures, catalogue):
    (found,) = figures(rows([23, 22, 22, 21, 22]))
    assert "no clear difference between the most and the least deprived fifth of England" in (
        inequality_title(found, catalogue)
    )
    said = " ".join(inequality_sentences(found, catalogue))
    assert "(95% interval 1.8 lower to 3.8 higher): chance alone could make the difference" in said
    assert "worse off" not in said


def test_sentences_say_who_is_worse_off_and_whose_groups_they_are(figures, catalogue):
    (found,) = figures(rows([30, 26, 22, 18, 14]))
    said = " ".join(inequality_sentences(found, catalogue))
    assert "30.0% in the most deprived fifth of England and 14.0% in the least" in said
    assert "16.0 percentage points higher (95% interval 13.2 to 18.8): the most deprived" in said
    assert "stands 20.0 percentage points higher at the most deprived end" in said
    assert "its most deprived end is 2.67 times its least deprived end" in said
    assert "These groups are England's" in said
    (turned,) = figures(rows([14, 18, 22, 26, 30], area=BOROUGH))
    said = " ".join(inequality_sentences(turned, catalogue))
    assert "16.0 percentage points lower (95% interval 13.2 to 18.8): the least deprived" in said
    assert "England" not in said


def test_sentences_where_high_is_good(figures, catalogue):
    """The fitted line runs from 58 to 78."""
    name = "good-level-of-development"
    (found,) = figures(rows([60, 64, 68, 72, 76], indicator=name), indicator=name)
    said = " ".join(inequality_sentences(found, catalogue))
    assert "16.0 percentage points lower (95% interval 13.2 to 18.8): the most deprived" in said
    assert "stands 20.0 percentage points lower at the most deprived end" in said
    assert "its least deprived end is 1.34 times its most deprived end" in said
    (unclear,) = figures(rows([68, 69, 68, 69, 69], indicator=name), indicator=name)
    said = " ".join(inequality_sentences(unclear, catalogue))
    assert "1.0 percentage points lower (95% interval 3.8 lower to 1.8 higher): chance" in said


def test_words_for_groups():
    assert group_words("Second most deprived decile (IMD2015)") == "second most deprived tenth"
    assert group_words("1 - Most deprived") == "most deprived group"
    assert row_words("Average deprived quintile") == "Middle"
    assert row_words("Fifth less deprived decile (IMD2015)") == "Fifth less deprived"
    assert row_words("Asian / Asian British") == "Asian / Asian British"


def test_the_figure_holds_every_number_it_draws(figures, catalogue):
    (found,) = figures(rows([30, NAN, 22, 18, 14], status=["published", "suppressed"]
                            + ["published"] * 3), headline(22))
    figure = inequality_figure(found, catalogue=catalogue)
    cells = {row[0].text: (row[1].text, row[2].text) for row in figure.table.rows}
    assert cells["Most deprived quintile"] == ("30.0%", "28.0% to 32.0%")
    assert cells["Second most deprived quintile"] == ("[c]", "[c]")
    assert cells["England as a whole"][0] == "22.0%"
    assert "Second most deprived [c]" in figure.alt
    assert "England as a whole: 22.0%" in figure.alt
    assert KIND in figure.caption
    assert "[c] withheld" in " ".join(figure.table.notes)
    assert "<svg" in preview(figure.as_json()) or "data:image" in preview(figure.as_json())


# The drawing.


def drawn(names, values, *, own=True, reach=1.0, **options):
    shares = options.pop("shares", [1.0] * len(names))
    known = [GroupRow(name, value, value - reach, value + reach, f"{value:.1f}%", share)
             for name, value, share in zip(names, values, shares, strict=True)]
    with style.chart_style():
        return groups_figure(known, unit="%", own=own, **options)


def boxes(figure):
    width, height = figure.get_size_inches() * style.DPI
    renderer = RendererSVG(width, height, StringIO())
    with style.chart_style():
        figure.draw(renderer)
        texts = [t for t in figure.findobj(lambda a: hasattr(a, "get_text")) if t.get_text()]
        found = [(t.get_text(), t.get_window_extent(renderer)) for t in texts if t.get_visible()]
    return [(text, box) for text, box in found if box.width > 0], width, height


LONG = [f"Bangladeshi, Pakistani and any other Asian background, group {i}" for i in range(18)]
DRAWINGS = {
    "fifths": (map(row_words, FIFTHS), [30, 26, 22, 18, 14],
               {"line": (32.0, 12.0), "reference": ("England 22.0%", 22.0)}),
    "tenths": (map(row_words, TENTHS), range(30, 20, -1), {"line": (30.5, 20.5)}),
    "uneven": (map(row_words, FIFTHS), [30, 26, 22, 18, 14],
               {"line": (32.0, 12.0), "shares": [5.0, 1, 1, 1, 9]}),
    "long names": (LONG, range(18), {"reference": ("Barking and Dagenham 17.0%", 17.0)}),
    "far from zero": (map(row_words, FIFTHS), [76, 77, 78, 79, 80.5],
                      {"reference": ("Barking and Dagenham 80.4%", 80.4)}),
    "a gap below zero": (["A", "B"], [-4, 6], {}),
}


@pytest.mark.parametrize("case", DRAWINGS)
def test_no_text_overlaps_or_is_cut_off(case):
    names, values, options = DRAWINGS[case]
    texts, width, height = boxes(drawn(list(names), [float(v) for v in values], **options))
    for text, box in texts:
        assert box.x0 >= -0.5 and box.x1 <= width + 0.5, f"{text!r} is cut off"
        assert box.y0 >= -0.5 and box.y1 <= height + 0.5, f"{text!r} is cut off"
    for (one, a), (other, b) in itertools.combinations(texts, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across <= 0.5 or down <= 2.5, f"{one!r} and {other!r} overlap"


def artists(figure, gid):
    return figure.findobj(lambda a: a.get_gid() == gid)


def test_the_line_goes_through_groups_that_lie_on_it():
    """Shares of 1, 2 and 1: mid-points at 1/8, 1/2 and 7/8 of the height."""
    figure = drawn(["A", "B", "C"], [28.0, 22, 16], line=(30.0, 14.0), shares=[1.0, 2, 1])
    (points,), (line,) = artists(figure, "group-points"), artists(figure, "fitted-line")
    (x0, x1), (y0, y1) = line.get_data()
    for x, y in zip(*points.get_data(), strict=True):
        assert x0 + (x1 - x0) * (y - y0) / (y1 - y0) == pytest.approx(x)


def test_a_blank_keeps_its_row_and_has_no_dot():
    blank = GroupRow("B", NAN, NAN, NAN, "[c]")
    known = [GroupRow(name, 5.0, NAN, NAN, "5.0%") for name in "AC"]
    with style.chart_style():
        figure = groups_figure([known[0], blank, known[1]], unit="%", own=True)
    (points,) = artists(figure, "group-points")
    assert len(points.get_xdata()) == 2
    assert not artists(figure, "group-interval")
    assert "[c]" in [text for text, _ in boxes(figure)[0]]


def test_the_countrys_groups_are_not_in_the_boroughs_colour():
    (own,) = artists(drawn("AB", [1.0, 2]), "group-points")
    (other,) = artists(drawn("AB", [1.0, 2], own=False), "group-points")
    assert own.get_color() == style.ACCENT
    assert other.get_color() != style.ACCENT


def test_a_chart_without_a_value_is_refused():
    with pytest.raises(ValueError, match="at least one value"):
        draw_groups([GroupRow("A", NAN, NAN, NAN, "[x]")], unit="%", own=True)


def test_the_same_groups_give_the_same_picture():
    known = [GroupRow(name, value, value - 1, value + 1, "x") for name, value in zip("AB", (3, 5),
                                                                                     strict=True)]
    assert draw_groups(known, unit="%", own=True) == draw_groups(known, unit="%", own=True)


# Wards, and the section of a page.


def wards(values, *, reach=0.5, vintage="2022", indicator):
    known = [float(v) for v in values]
    table = pd.DataFrame({
        "code": [f"E0501405{i}" for i in range(len(known))],
        "name": [f"Ward {i}" for i in range(len(known))], "value": known,
        "lower_95": [v - reach for v in known], "upper_95": [v + reach for v in known],
        "count": NAN, "status": "published", "value_note": "",
    })
    return WardFigures(
        indicator=indicator, vintage=vintage, period="2024/25",
        end=pd.Timestamp(2025, 3, 31).date(), table=table, all_values=tuple(known),
        boundaries=None,
    )


def test_the_range_of_the_wards(catalogue):
    indicator = catalogue.indicators[YEAR_6]
    figures = wards([12, NAN, 9, 15], indicator=indicator)
    spread = ward_spread(figures)
    assert (spread.highest, spread.lowest, spread.apart) == ("Ward 3", "Ward 2", 6)
    assert (spread.known, spread.wards) == (3, 4)
    said = ward_sentence(figures, catalogue)
    assert "highest in Ward 3 (15.0%), lowest in Ward 2 (9.0%), 6.0 percentage points apart" in said
    assert "That is more than chance" in said
    assert said.endswith("3 of 4 wards have a figure.")
    assert "Chance alone could do that" in ward_sentence(
        wards([12, 9, 15], reach=9, indicator=indicator), catalogue
    )
    assert "cannot be said" in ward_sentence(
        wards([12, 9, 15], reach=NAN, indicator=indicator), catalogue
    )
    assert "on the 17 wards in use until May 2022." in ward_sentence(
        wards([12, 9], vintage="2002", indicator=indicator), catalogue
    )
    assert ward_sentence(wards([12, NAN], indicator=indicator), catalogue) == ""


def section(
    catalogue, *, groups=(), ward_series=(), answers=(), context=(YEAR_6,), beside_all=None
):
    page = SimpleNamespace(
        answers=answers, outcome=SimpleNamespace(context=context),
        measures=[SimpleNamespace(wards=ward_series)],
    )
    facts = SimpleNamespace(
        catalogue=catalogue, groups=lambda name: groups if name == YEAR_6 else (),
        beside_all=lambda name: beside_all,
    )
    return inequality_section(page, facts)


def test_a_page_without_groups_says_so_in_one_paragraph(catalogue):
    found = section(catalogue)
    (text,) = found.children
    assert len(text.paragraphs) == 1
    assert "hold no measure of this outcome for groups within the borough" in text.paragraphs[0]
    assert "and none by ward" in text.paragraphs[0]


def test_a_page_with_groups_shows_each_once(catalogue, figures):
    groups = figures(rows([30, 26, 22, 18, 14]))
    finding = SimpleNamespace(indicator=catalogue.indicators[YEAR_6])
    found = section(catalogue, groups=groups, answers=(((), finding),))
    (one,) = found.children
    assert [type(child) for child in one.children] == [Text, Figure]


def test_a_page_with_wards_only_gives_their_range(catalogue):
    series = wards([12, 9, 15], indicator=catalogue.indicators[YEAR_6])
    found = section(catalogue, ward_series=(series, series))
    assert [type(child) for child in found.children] == [Text, Section]
    assert "range of its wards is all that can be said" in found.children[0].paragraphs[0]
    assert len(found.children[1].children[0].items) == 1


def test_the_real_extracts_by_deprivation(extracts, catalogue):
    """Printed in 90323-obese-year6.csv for England: 28.9, 25.3, 21.4, 18.3, 14.5."""
    table = read_extracts(extracts, catalogue=catalogue).observations
    (found,) = group_figures(
        table[table["indicator"].eq(YEAR_6)], indicator=catalogue.indicators[YEAR_6],
        area_code=BOROUGH, benchmark_code=ENGLAND,
    )
    assert [point.value for point in found.points] == [28.9, 25.3, 21.4, 18.3, 14.5]
    assert found.gap.value == pytest.approx(14.4)
    assert found.slope is None and "no intervals" in found.no_slope
    assert not found.own


def test_a_named_group_stands_beside_everybody(made_up_facts):
    """At the latest period both have; everybody's figure is taken as fixed."""
    found = made_up_facts.beside_all("send-early-help-on-time")
    whole = {p.period: p.value for p in made_up_facts.finding("early-help-on-time").known}
    points = made_up_facts.finding("send-early-help-on-time").known
    own = [point for point in points if point.period in whole][-1]
    assert found.gap.value == pytest.approx(own.value - whole[own.period])
    assert found.gap.fixed and math.isnan(found.gap.people)
    if not math.isnan(own.lower):
        limits = own.lower - whole[own.period], own.upper - whole[own.period]
        assert (found.gap.lower, found.gap.upper) == pytest.approx(limits)
    assert made_up_facts.beside_all("early-help-on-time") is None


def beside(own, lower, upper, every, catalogue):
    point = Point("2024/25", DAY, DAY, own, lower, upper, NAN, NAN, "published", "", "")
    gap = Gap(own - every, lower - every, upper - every, NAN, NAN, NAN, fixed=True)
    indicators = catalogue.indicators
    return BesideAll(
        indicators["send-absence"], indicators["pupil-absence"], point,
        replace(point, value=every), gap,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ((10.2, 9.8, 10.6, 7.2), "3.0 percentage points above school sessions missed (7.2%)"),
        ((10.2, 9.8, 10.6, 7.2), "That is more than chance would make."),
        ((7.4, 7.0, 7.8, 7.2), "Chance alone could make the difference."),
        ((7.24, 7.0, 7.8, 7.2), "as printed no different from"),
        ((6.0, NAN, NAN, 7.2), "The extract gives no interval for the group."),
    ],
)
def test_the_words_of_a_named_group(catalogue, figures, said):
    title = catalogue.indicators["pupil-absence"].title
    words = beside_all_sentence(beside(*figures, catalogue))
    assert said.replace("school sessions missed", title[0].lower() + title[1:]) in words


def test_a_page_with_a_named_group_lists_it(catalogue):
    found = section(catalogue, beside_all=beside(10.2, 9.8, 10.6, 7.2, catalogue))
    assert [child.heading for child in found.children] == ["Named groups beside everybody"]

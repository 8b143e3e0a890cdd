"""The league-table chart: every place stands where it belongs, and nothing overlaps."""

import dataclasses
import math
import xml.etree.ElementTree as ET

import pytest

from lbbd_jsna.catalogue import AreaSet
from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.position_drawing import (
    INSET,
    MARKERS,
    WIDTH,
    draw_positions,
    positions_chart,
)
from lbbd_jsna.exhibits.positions import Position, positions_figure
from lbbd_jsna.statistics.ranks import Rank
from tests.made_up_borough import made_up_catalogue
from tests.test_charts import artists, assert_all_readable, written

PLACE = (WIDTH - 2 * INSET) / 33


def rank(position, of=32, low=None, high=None, **changes):
    return Rank(**{"position": position, "of": of, "members": 33, "tied": 0, "first": "highest",
                   "low": low, "high": high, **changes})  # fmt: skip


def row(now=None, *, label="Unemployment", earlier=(), needed=14, whose="London", **changes):
    said = {"sub": "", "now_period": "2024/25", "reason": ""}
    return Position(label=label, now=now, earlier=earlier, needed=needed, needed_words=whose,
                    **{**said, **changes})  # fmt: skip


def both(first, second):
    return (("2017", rank(first)), ("2018", rank(second)))


MANIFESTO = (
    row(rank(31, 32, 28, 32), label="Healthy life expectancy, men", earlier=both(30, 31)),
    row(rank(29, 32, 21, 32), label="Healthy life expectancy, women", earlier=both(32, 32)),
    row(rank(33, 33, 30, 33), label="Level 1 skills and above", needed=15),
    row(rank(28, 32, 12, 32, tied=1), needed=16, earlier=both(31, 30)[:1]),
    row(rank(9, 32, 2, 26), label="Personal wellbeing", needed=15, earlier=both(14, 17),
        sub="proxy: adults with a low score, the other way round"),
    row(None, label="Happiness", needed=None, reason="No figure for the borough since 2019/20."),
    row(rank(33, 33, 31, 33), label="Regular physical activity", needed=27, whose="East London"),
)  # fmt: skip


def chart(positions=MANIFESTO, by="2037"):
    with style.chart_style():
        return positions_chart(positions, members=33, by=by)


def catalogue():
    made_up = made_up_catalogue()
    league = AreaSet(title="Midshire boroughs", areas=tuple(f"E090009{i:02}" for i in range(33)))
    comparators = made_up.comparators.model_copy(
        update={"sets": {**made_up.comparators.sets, "league": league}}
    )
    return dataclasses.replace(made_up, comparators=comparators)


def figure(positions=MANIFESTO, **options):
    said = {"targets": "Manifesto targets", "by": "2037", **options}
    return positions_figure(positions, catalogue=catalogue(), **said)


def x(place):
    return INSET + (place - 0.5) * PLACE


def places(drawn, gid):
    """Where marks of a kind stand, as places of the league."""
    return [float((a.get_xdata()[0] - INSET) / PLACE + 0.5) for a in artists(drawn, gid)]


def words(drawn):
    return [text for text, _ in written(drawn)]


# --- Readable ------------------------------------------------------------------------------

CROWDED = {
    "manifesto": MANIFESTO,
    "one row": (row(rank(1, 33, 1, 1), needed=1),),
    "nobody ranked": (row(None, needed=None, reason="not read yet"),),
    "no reason": (row(None, needed=None),),
    "an aim without a place": (row(None, needed=33, reason="not read yet"),),
    "every borough ahead": (row(rank(33, 33, 33, 33), needed=34, whose="East London"),),
    "marks all round the flag": (
        row(rank(14), needed=14, earlier=tuple((str(2013 + i), rank(12 + i)) for i in range(5))),
    ),
    "five in one place": (
        row(rank(33, 33), earlier=tuple((str(2014 + i), rank(33, 33)) for i in range(5))),
    ),
    "a long name": (
        row(rank(30, 32, 28, 32, tied=2), sub="proxy: " + "adults who said so " * 8,
            label="Residents who think that the neighbourhood is one where people get on well"),
    ),
    "a long reason": (row(None, needed=None, reason="the series ended and " * 12),),
    "one long word": (row(rank(3), label="Llanfairpwllgwyngyllgogerychwyrndrobwllllantysilio"),),
    "a long comparator": (
        row(rank(31), needed=16, whose="the North East London integrated care footprint of 2022"),
    ),
    "more comparators than the key can name": tuple(
        row(rank(20 + i), whose=f"Outer London {i}", needed=10 + i) for i in range(4)
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CROWDED)
def test_no_text_overlaps_or_is_cut_off(case):
    assert_all_readable(chart(CROWDED[case]))


@pytest.mark.parametrize("needed", [1, 4, 14, 27, 34])
def test_words_beside_a_flag_meet_no_mark(needed):
    for first in {min(max(needed + step, 1), 33) for step in (-9, -2, 0, 3, 8)}:
        drawn = chart((row(rank(20), needed=needed, earlier=both(first, min(first + 3, 33))),))
        (box,) = [box for text, box in written(drawn) if text.startswith("London ")]
        height = drawn.get_figheight() * style.DPI
        for mark in artists(drawn, "earlier")[2:]:  # the first two are the key's
            at, down = mark.get_xydata()[0]
            beside = at + 4 < box.x0 or at - 4 > box.x1
            assert beside or not box.y0 + 2 < height - down < box.y1 - 2, first


def test_letters_are_large_enough_to_read():
    texts = chart().findobj(lambda a: hasattr(a, "get_text"))
    assert min(text.get_fontsize() for text in texts if text.get_text().strip()) >= 12


@pytest.mark.parametrize(("ink", "ground"), [
    (style.INK, style.ACCENT_WASH), (style.MUTED, style.PAPER), (style.ACCENT, style.PAPER),
])  # fmt: skip
def test_words_stand_out_from_their_ground(ink, ground):
    assert style.contrast(ink, ground) >= 4.5


def test_marks_differ_in_grey_and_by_shape():
    shades = [style.relative_luminance(c) for c in (style.ACCENT, style.ACCENT_TINT,
                                                    style.ACCENT_WASH)]  # fmt: skip
    assert shades[0] < shades[1] / 2 < shades[2] / 4
    assert len({shape for shape, _ in MARKERS}) == len(MARKERS)


# --- True ----------------------------------------------------------------------------------


def test_marks_stand_at_their_places():
    drawn = chart((row(rank(31, 32, 28, 32), earlier=both(30, 33)),))
    assert places(drawn, "now")[1:] == pytest.approx([31])  # the first is the key's
    assert places(drawn, "earlier")[2:] == pytest.approx([30, 33])


def test_the_bar_covers_the_places_from_first_to_last():
    bars = artists(chart((row(rank(31, 32, 28, 32)),)), "range")[1:]
    (left, right), = [(b.get_x(), b.get_x() + b.get_width()) for b in bars]
    assert x(27) < x(27.5) < left < x(28)
    assert x(32) < right < x(32.5)


def test_a_place_without_limits_has_no_bar_and_the_key_none_either():
    drawn = chart((row(rank(31, unsure="no intervals")),))
    assert not artists(drawn, "range")
    assert "Now" in words(drawn)


def test_the_flag_stands_before_the_place_and_the_shade_on_the_better_side():
    drawn = chart((row(rank(31), needed=14),))
    assert places(drawn, "flag")[1:] == pytest.approx([13.5])
    shade = artists(drawn, "aim")[1]
    assert shade.get_x() == pytest.approx(x(0.5))
    assert shade.get_x() + shade.get_width() == pytest.approx(x(13.5))
    assert "London 14th" in words(drawn)


def test_a_league_of_32_has_32_specks_and_one_of_33_has_33():
    def specks(of):
        (track,) = artists(chart((row(rank(31, of)),)), "track")
        return [at for at in track.get_xdata()[::3] if math.isfinite(at)]

    assert (len(specks(32)), len(specks(33))) == (32, 33)
    assert specks(33)[-1] == pytest.approx(x(33))


def test_earlier_places_that_are_not_known_are_not_drawn():
    drawn = chart((row(rank(31)),))
    assert not artists(drawn, "earlier")
    assert not any(text in ("2017", "2018") for text in words(drawn))


def test_two_years_in_one_place_stand_side_by_side():
    first, second = places(chart((row(rank(31), earlier=both(20, 20)),)), "earlier")[2:]
    assert (first + second) / 2 == pytest.approx(20)
    assert 0.5 < second - first < 1


def test_a_year_has_the_same_shape_in_every_row_and_in_the_key():
    rows = (row(rank(31), earlier=both(9, 12)[1:]), row(rank(31), earlier=both(9, 12)))
    shapes = [mark.get_marker() for mark in artists(chart(rows), "earlier")]
    assert shapes == ["D", "s", "s", "D", "s"]


def test_a_row_without_a_place_says_so_and_why():
    said = words(chart((row(None, needed=None, reason="The series ended in 2019."),)))
    assert {"no league position", "The series ended in 2019."} <= set(said)
    assert not any("Aim" in text or "Now" in text for text in said)


def test_places_are_written_with_their_limits():
    said = words(chart())
    assert {"joint 28th of 32", "(12th to 32nd)"} <= set(said)


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="at least one row"):
        draw_positions((), members=33, by="2037")


def test_more_periods_than_shapes_are_refused():
    earlier = tuple((str(2010 + i), rank(20)) for i in range(6))
    with pytest.raises(ValueError, match="6 earlier periods; at most 5"):
        draw_positions((row(rank(31), earlier=earlier),), members=33, by="2037")


def test_a_small_league_names_each_place_once():
    with style.chart_style():
        drawn = positions_chart((row(rank(2, 3), needed=1),), members=3, by="2030")
    assert_all_readable(drawn)
    assert words(drawn).count("2nd") == 2  # above and below the rows


# --- In words ------------------------------------------------------------------------------


def test_the_title_counts_the_rows_behind_their_aim():
    assert figure().title == (
        "On 5 of 6 Manifesto targets the borough stands below the place it aims for by 2037"
    )


@pytest.mark.parametrize(("now", "ahead"), [(13, True), (14, False), (15, False)])
def test_to_be_ahead_is_to_stand_before_the_place(now, ahead):
    assert row(rank(now), needed=14).ahead is ahead


def test_what_is_not_known_is_neither_ahead_nor_behind():
    assert row(None).ahead is None
    assert row(rank(3), needed=None).ahead is None
    assert figure((row(rank(3), needed=None),)).title == (
        "The borough stands 3rd on the 1 figure with a league position; what it must pass is not "
        "known"
    )
    two = (row(rank(26), needed=None), row(rank(33), needed=None), row(None))
    assert figure(two).title.startswith("The borough stands 26th to 33rd on the 2 figures with ")
    assert figure((row(None),)).title == "No league position is known for the Manifesto targets"
    assert figure((row(rank(3)),)).title.startswith("On none of 1 ")


def test_the_description_names_the_furthest_behind_and_those_ahead():
    assert figure().alt == (
        "Chart of the borough's place among Midshire boroughs, 1st being best, on 6 of 7 "
        "Manifesto targets. Furthest behind: Level 1 skills and above, 33rd of 33, London 15th; "
        "Healthy life expectancy, men, 31st of 32, London 14th; Healthy life expectancy, women, "
        "29th of 32, London 14th. Ahead: Personal wellbeing, 9th of 32, London 15th. "
        "No place: Happiness."
    )


def test_the_caption_says_how_to_read_it_and_where_the_limits_decide_nothing():
    said = figure(caption="Source: a survey.").caption
    assert "Midshire boroughs that have a figure: 32 or 33 of 33." in said
    assert "London or East London would stand today" in said
    assert "could be on either side: Unemployment and Personal wellbeing." in said
    assert said.endswith("Source: a survey.")
    assert "No bar" not in said


@pytest.mark.parametrize(("low", "high", "either"), [
    (2, 13, False), (2, 14, True), (13, 20, True), (14, 20, False),
])  # fmt: skip
def test_a_bar_crosses_the_flag_with_places_on_both_sides(low, high, either):
    said = figure((row(rank(high, low=low, high=high), needed=14),)).caption
    assert ("on either side: Unemployment" in said) is either


def test_the_caption_says_where_there_is_no_bar_and_why():
    silent = row(rank(31, unsure="no intervals"), label="Healthy weight")
    partly = figure((*MANIFESTO, silent)).caption
    assert "No bar for Healthy weight: no intervals." in partly
    assert "The bar spans" in partly
    alone = figure((silent,)).caption
    assert "No bar for any row: no intervals." in alone
    assert "The bar spans" not in alone


def test_the_table_holds_every_place_drawn():
    table = figure().table
    assert [head.text for head in table.columns] == [
        "Target", "2017", "2018", "Now", "Could be", "To stand before", "Reached",
    ]  # fmt: skip
    cells = {cells[0].text: [cell.text for cell in cells[1:]] for cells in table.rows}
    assert cells["Healthy life expectancy, men"] == [
        "30th of 32", "31st of 32", "31st of 32", "28th to 32nd", "14th", "no",
    ]  # fmt: skip
    assert cells["Unemployment"] == [
        "31st of 32", "[x]", "joint 28th of 32", "12th to 32nd", "16th", "no",
    ]  # fmt: skip
    assert cells["Happiness"] == ["[x]"] * 6
    assert cells["Personal wellbeing"][-1] == "yes"
    happiness = next(cells for cells in table.rows if cells[0].text == "Happiness")
    assert happiness[3].sub == "No figure for the borough since 2019/20."
    assert table.notes == ("[x] not available.",)


def test_a_table_of_places_without_limits_says_why():
    cells = figure((row(rank(31, unsure="2 of 32 have no interval")),)).table.rows[0]
    assert (cells[2].text, cells[2].sub) == ("[x]", "2 of 32 have no interval")


def test_the_same_places_give_the_same_small_picture():
    one, other = figure(), figure()
    assert one == other
    assert one.mime == "image/svg+xml"
    assert len(one.image) < 110 * 1024
    assert ET.fromstring(one.image).get("viewBox") == f"0 0 {one.width} {one.height}"

"""The control chart on a page: when there is one, what it says, and that it can be read."""

import datetime as dt
import math
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from made_up_borough import indicator, made_up_catalogue
from test_charts import artists, assert_all_readable, written

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.control import control_figure, control_sentence
from lbbd_jsna.exhibits.control_drawing import control_drawing
from lbbd_jsna.findings import Finding, Point
from lbbd_jsna.statistics.areas import Combined
from lbbd_jsna.statistics.comparisons import Verdict
from lbbd_jsna.statistics.control_charts import control_chart
from lbbd_jsna.statistics.trends import Trend

NAN = math.nan
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
VISITS = indicator("visits", title="Early help visits within 72 hours", unit="%",
                   polarity="high_is_good")
DAYS = indicator("days", title="Days to an appointment", unit="days", value_type="Mean",
                 polarity="low_is_good")
CALM = [69.0, 71.0] * 8


def month(place, value, *, count=NAN, denominator=NAN, length=1):
    """A point that starts so many months after April 2024."""
    first, after = ((3 + place + k) for k in (0, length))
    start, following = (dt.date(2024 + k // 12, k % 12 + 1, 1) for k in (first, after))
    status = "published" if value == value else "suppressed"
    return Point(f"{MONTHS[first % 12]} {start.year}", start, following - dt.timedelta(days=1),
                 value, NAN, NAN, count, denominator, status, "", f"file.csv, row {place}")


def months(values):
    return tuple(month(place, value) for place, value in enumerate(values))


def finding(history, of=VISITS, **changes):
    said = {
        "indicator": of,
        "history": history,
        "latest": [p for p in history if p.known][-1],
        "comparators": {"england": (), "midshire": (), "peers": ()},
        "peers": Combined(None, None, None, "no counts"),
        "league": {},
        "verdict": Verdict("not compared", "", "the benchmark has no value"),
        "printed": None,
        "rank": None,
        "trend": Trend("unknown", "", "no trend is worked out for part-year periods"),
    }
    return Finding(**{**said, **changes})


def drawn(history, of=VISITS, **options):
    return control_figure(finding(history, of), catalogue=made_up_catalogue(of), **options)


def test_the_title_states_the_finding():
    assert drawn(months(CALM)).title == (
        "Early help visits within 72 hours: 71.0% in Jul 2025, varies as it has before, no "
        "special cause"
    )
    worse = drawn(months([*CALM, 90]), DAYS)
    assert worse.title == (
        "Days to an appointment: 90.0 in Aug 2025, a change for the worse, more than chance "
        "explains"
    )


def test_a_target_is_named_with_its_value():
    title = drawn(months(CALM), target=80).title
    assert title.endswith("within these limits the target of 80.0% will not be met")


def test_the_sentence_of_the_paragraph():
    # Mean 70, fifteen ranges of 2: limits 70 +/- 5.32.
    assert control_sentence(finding(months(CALM))) == (
        "Control chart of 16 periods: varies as it has before, no special cause. By chance alone "
        "the figure would lie within 64.7% to 75.3%."
    )
    assert "The sign of it: above the upper limit." in control_sentence(
        finding(months([*CALM, 90])))


def test_the_alternative_text_holds_what_the_chart_shows():
    alt = drawn(months([80, *CALM])).alt
    assert alt.startswith("Control chart of early help visits within 72 hours in Marsh and Quay, "
                          "17 periods from Apr 2024 to Aug 2025. Latest 71.0% in Aug 2025; mean ")
    assert alt.endswith("1 point is a special cause: Apr 2024 (above the upper limit).")
    assert drawn(months(CALM)).alt.endswith("No point is a special cause.")


def test_only_the_last_of_many_special_causes_are_named():
    alt = drawn(months([*CALM, *[70.5] * 9])).alt
    # The last point of the calm stretch, 71, begins the run of ten.
    assert "10 points are special causes, the last 4 being Jan 2026 (7 or more above" in alt
    assert alt.count("7 or more above the mean") == 4


def test_the_test_stands_in_the_caption():
    assert "2.66 mean moving ranges" in drawn(months(CALM)).caption
    people = np.array([80, 95, 120, 70, 110, 100, 90, 105, 115, 85, 75, 100])
    seen = np.array([40, 50, 58, 36, 57, 48, 47, 50, 60, 41, 39, 51])
    counted = tuple(month(i, 100 * x / n, count=x, denominator=n)
                    for i, (x, n) in enumerate(zip(seen, people, strict=True)))
    figure = drawn(counted)
    assert "a p chart" in figure.caption
    assert "Making Data Count" in figure.caption
    # 577 of 1,145 is 50.4 %; with 100 people 3 standard deviations are 15.0 points.
    assert [cell.text for cell in figure.table.rows[-1]] == [
        "Mar 2025", "51.0%", "35.4%", "50.4%", "65.4%", "none"]


def test_the_table_holds_every_point_its_limits_and_its_flag():
    rows = [[cell.text for cell in row] for row in drawn(months([*CALM, NAN, 80])).table.rows]
    assert len(rows) == 18
    assert rows[-2][:2] == ["Aug 2025", "[c]"]
    assert rows[-2][-1] == "not judged"
    assert rows[-1][-1] == "above the upper limit"
    assert rows[0][-1] == "none"
    # Mean 1200/17; fifteen ranges of 2 and none across the gap.
    assert rows[0][2:5] == ["65.3%", "70.6%", "75.9%"]


def test_limits_never_leave_what_a_share_can_be():
    figure = drawn(months([2.0, 40.0] * 8))
    assert figure.table.rows[0][2].text == "0.0%"
    assert drawn(months([90.0, 99.0] * 8)).table.rows[0][4].text == "100.0%"


YEARS = tuple(replace(month(12 * i, 70.0 + i % 2, length=12)) for i in range(14))
REFUSED = {
    "eleven points": months(CALM[:11]),
    "eleven with a value": months([*CALM[:11], NAN, NAN]),
    "years": YEARS,
    "rolling quarters": tuple(month(i, v, length=3) for i, v in enumerate(CALM)),
    "months and quarters": (*months(CALM), month(16, 70.0, length=3)),
    "every other month missing": tuple(month(2 * i, v) for i, v in enumerate(CALM)),
}


@pytest.mark.parametrize("case", REFUSED)
def test_no_chart_is_made_of(case):
    assert drawn(REFUSED[case]) is None
    assert control_sentence(finding(REFUSED[case])) == ""


def test_no_chart_is_made_of_a_cumulative_series():
    history = tuple(replace(p, start=dt.date(2024, 4, 1)) for p in months(CALM))
    one = finding(history)
    assert one.cumulative
    assert control_figure(one, catalogue=made_up_catalogue(VISITS)) is None


def test_quarters_are_charted():
    history = tuple(month(3 * i, v, length=3) for i, v in enumerate(CALM))
    assert drawn(history) is not None


def test_nothing_before_a_break_counts():
    history = months([10.0] * 6 + CALM)
    broken = finding(history, comparable_from=history[6].start)
    figure = control_figure(broken, catalogue=made_up_catalogue(VISITS))
    assert len(figure.table.rows) == 16
    assert figure.table.rows[0][3].text == "70.0%"
    late = finding(history, comparable_from=history[12].start)
    assert control_figure(late, catalogue=made_up_catalogue(VISITS)) is None


def test_a_month_left_out_of_the_extract_is_a_gap_like_a_suppressed_one():
    whole = months([*CALM[:6], NAN, *[70.6] * 4, *CALM])
    left_out = (*whole[:6], *whole[7:])
    one, other = drawn(whole), drawn(left_out)
    assert one.title == other.title
    assert [row[2:] for row in one.table.rows if row[0].text != "Oct 2024"] == [
        row[2:] for row in other.table.rows]


def picture(values, of=VISITS, target=None):
    points = months(values)
    chart = control_chart(values, target=target, polarity=of.polarity)
    with style.chart_style():
        return control_drawing(points, chart, places=range(len(points)), unit=of.unit,
                               decimals=of.decimals, target=target)


PICTURES = {
    "calm": (CALM, {}),
    "shift": ([*CALM, *[90.0, 91.0, 92.5, 90.5] * 2], {"target": 80}),
    "up and down": ([*CALM, 120.0, 10.0], {"of": DAYS, "target": 45}),
    "far from zero": ([1_000_069.0, 1_000_071.0] * 8, {"of": DAYS}),
    "close limits": ([70.0, 70.1] * 12, {"target": 70.05}),
    "level": ([0.0] * 14, {}),
    "five years": (CALM * 4, {}),
    "a gap": ([*CALM, NAN, *CALM], {}),
}


@pytest.mark.parametrize("case", PICTURES)
def test_no_text_overlaps_or_is_cut_off(case):
    values, options = PICTURES[case]
    assert_all_readable(picture(values, **options))


def test_letters_are_large_enough_to_read():
    figure = picture(*PICTURES["shift"][:1], target=80)
    assert min(t.get_fontsize() for t in figure.findobj(lambda a: hasattr(a, "get_text"))
               if t.get_text().strip()) >= 12


def test_special_causes_differ_by_shape():
    figure = picture([*CALM, 120.0, 10.0])
    (up,), (down,), (usual,) = (
        artists(figure, gid) for gid in ("special-up", "special-down", "points-area"))
    assert len({line.get_marker() for line in (up, down, usual)}) == 3
    assert list(up.get_ydata()) == [120]
    assert list(down.get_ydata()) == [10]
    texts = {text for text, _ in written(figure)}
    assert {"special cause, up", "special cause, down"} <= texts


def test_a_marker_that_is_not_drawn_is_not_explained():
    texts = {text for text, _ in written(picture([*CALM, 80.0]))}
    assert "special cause, up" in texts
    assert "special cause, down" not in texts
    assert not any("special" in text for text, _ in written(picture(CALM)))


def test_mean_and_limits_are_named_with_their_values():
    texts = {text.replace("\n", " ") for text, _ in written(picture(CALM, target=80))}
    assert {"Borough 71.0%", "Mean 70.0%", "Upper limit 75.3%", "Lower limit 64.7%",
            "Target 80.0%"} <= texts


def test_the_line_is_interrupted_at_a_gap():
    figure = picture([*CALM, NAN, *CALM])
    assert [len(run.get_xdata()) for run in artists(figure, "line-area")] == [16, 16]


def test_the_band_lies_between_the_limits():
    (band,) = artists(picture(CALM), "band")
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.min() == pytest.approx(64.68)
    assert heights.max() == pytest.approx(75.32)


def test_the_picture_is_small_well_formed_and_always_the_same():
    history = months([*CALM, *[90.0] * 8])
    one, other = drawn(history), drawn(history)
    assert one == other
    assert len(one.image) < 70 * 1024
    assert ET.fromstring(one.image).get("viewBox") == f"0 0 {one.width} {one.height}"


def test_points_stand_true_to_time():
    (points,) = artists(picture(CALM), "points-area")
    steps = [b - a for a, b in pairwise(points.get_xdata())]
    assert max(steps) - min(steps) < 0.006  # months differ by three days at most
    assert sum(steps) == pytest.approx(15 / 12, abs=0.005)

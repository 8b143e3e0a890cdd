"""A ward's ages beside the borough's, where residents are not known by sex."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lbbd_jsna.exhibits import style, wording
from lbbd_jsna.exhibits.drawing import (
    Drawing,
    blank_figure,
    pixels,
    put_line,
    put_text,
    render,
    text_width,
)
from lbbd_jsna.exhibits.ward_profile_words import band
from lbbd_jsna.facts.ward_profiles import WardProfile

WIDTH = 340  # so that a phone need hardly shrink it
BAR, BETWEEN, ROW_GAP, KEY_LINE = 16, 2, 12, 19
TOP = 2 * KEY_LINE + 4


@dataclass(frozen=True)
class ShareBars:
    """One age: its name, the ward's share and the borough's (nan where not known), in per cent."""

    label: str
    ward: float
    borough: float
    decimals: int


def share_bars(profile: WardProfile) -> tuple[ShareBars, ...]:
    """The shares of everybody of either sex, from the youngest."""
    return tuple(
        ShareBars(wording.sentence(band(m)), m.point.value, m.borough, m.indicator.decimals)
        for m in profile.ages
        if m.point.known and m.indicator.sex == "Persons"
    )


def draw_ages(bars: Sequence[ShareBars], *, ward: str, borough: str) -> Drawing:
    """Draw each age as two bars from zero: the ward's dark, the borough's pale below it.

    Parameters
    ----------
    bars : sequence of ShareBars
        Shares in per cent.
    ward, borough : str
        Their names, for the key.
    """
    with style.chart_style():
        return render(ages_figure(bars, ward=ward, borough=borough))


def ages_figure(bars: Sequence[ShareBars], *, ward: str, borough: str) -> Figure:
    """Lay the bars out in CSS pixels; see `draw_ages`."""
    names = max(text_width(bar.label, size=style.SMALL) for bar in bars)
    left = math.ceil(names) + 10
    most = max(v for bar in bars for v in (bar.ward, bar.borough) if math.isfinite(v))
    value = max(text_width(_text(bar.ward, bar), size=style.SMALL, bold=True) for bar in bars) + 8
    keys = max(text_width(name, size=style.SMALL, bold=True) for name in (ward, borough))
    width = max(WIDTH, math.ceil(keys) + KEY_LINE + 2)
    scale = (width - left - value) / max(most, 1e-9)
    step = 2 * BAR + BETWEEN + ROW_GAP
    figure = blank_figure(width, TOP + step * len(bars))
    _write_key(figure, ward, borough)
    for row, bar in enumerate(bars):
        top = TOP + step * row + ROW_GAP / 2
        middle = top + BAR + BETWEEN / 2
        put_text(figure, left - 10, middle, bar.label, size=style.SMALL, colour=style.INK,
                 align="right")
        _bar(figure, left, top, bar.ward, scale, _text(bar.ward, bar), own=True)
        _bar(figure, left, top + BAR + BETWEEN, bar.borough, scale, _text(bar.borough, bar),
             own=False)
    put_line(figure, [left, left], [TOP, TOP + step * len(bars)], colour=style.MID_GREY)
    return figure


def _text(value: float, bar: ShareBars) -> str:
    known = math.isfinite(value)
    return style.value_text(value, unit="%", decimals=bar.decimals) if known else "[x]"


def _bar(figure: Figure, left, top, value, scale, text, *, own: bool) -> None:
    length = value * scale if math.isfinite(value) else 0
    look = _look(own)
    figure.add_artist(Rectangle((left, top), length, BAR, transform=pixels(figure),
                                gid=f"bar-{'ward' if own else 'borough'}", **look))
    put_text(figure, left + length + 6, top + BAR / 2, text, size=style.SMALL, bold=own,
             colour=style.ACCENT if own else style.MUTED)


def _look(own: bool) -> dict[str, object]:
    if own:
        return {"facecolor": style.ACCENT, "edgecolor": style.ACCENT, "linewidth": 1}
    return {"facecolor": "#E4E7E9", "edgecolor": style.MID_GREY, "linewidth": 1}


def _write_key(figure: Figure, ward: str, borough: str) -> None:
    """A line for each, so that names of any length stand apart."""
    for line, (own, name) in enumerate(((True, ward), (False, borough))):
        top = KEY_LINE * line
        figure.add_artist(Rectangle((1, top + 4), 12, 12, transform=pixels(figure), **_look(own)))
        put_text(figure, KEY_LINE, top + 10, name, size=style.SMALL, bold=own,
                 colour=style.ACCENT if own else style.MUTED)

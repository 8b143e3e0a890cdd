"""The drawing of a league-table chart: places earlier, places now, and the place aimed for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from lbbd_jsna.exhibits import style, wording
from lbbd_jsna.exhibits.drawing import (
    Drawing,
    add_axes,
    blank_figure,
    put_line,
    put_text,
    render,
    spread,
    text_width,
    wrap,
)
from lbbd_jsna.statistics.ranks import Rank

WIDTH = 480
INSET = 8  # from the edge of the picture to the first and the last place
LINE = 17  # height of a line of words
LANE = 14  # height of a lane of marks
GAP = 5
ROOM = 10  # of a mark along its lane
KEY_MARK = 28  # room of a mark before its words in the key
MARKERS = (("D", 5.8), ("s", 6.6), ("^", 7.2), ("v", 7.2), ("p", 7.4))


@dataclass(frozen=True)
class Position:
    """One target as a place in a league.

    `now` is the place at `now_period`, or None with the `reason` there is none. `earlier`
    holds places worked out in the same way for other periods, oldest first, each with its
    label, such as 2017; what is not known is left out. `needed` is where the figure of
    `needed_words`, such as London, would stand among the same areas today
    (`statistics.ranks.place_of`): to be better than it is to stand before that place.
    """

    label: str
    sub: str
    now: Rank | None
    now_period: str
    earlier: tuple[tuple[str, Rank], ...]
    needed: int | None
    needed_words: str
    reason: str = ""

    @property
    def ahead(self) -> bool | None:
        """Whether the place aimed for is reached; None where either place is not known."""
        if self.now is None or self.needed is None:
            return None
        return self.now.position < self.needed


def earlier_labels(positions: Sequence[Position]) -> list[str]:
    """The labels of earlier places, each once, in order."""
    return sorted({label for position in positions for label, _ in position.earlier})


def aimed_at(positions: Sequence[Position]) -> str:
    """Whose figures are to be passed: `London or East London`, or in general if that is long."""
    names = dict.fromkeys(p.needed_words for p in positions if p.needed)
    said = " or ".join(names)
    return said if len(said) <= 36 else "the area named"


def draw_positions(positions: Sequence[Position], *, members: int, by: str) -> Drawing:
    """Draw a row a target; see `positions_chart`."""
    with style.chart_style():
        return render(positions_chart(positions, members=members, by=by))


def positions_chart(positions: Sequence[Position], *, members: int, by: str) -> Figure:
    """Lay out one row a target: its name and place in words, then the league from left to right.

    The upper lane holds a small dot for each place of the league, the borough's place now and
    the bar of places it could hold; the lower lane holds earlier places, hollow. The flag
    stands between two places: whoever is on its shaded side is ahead of the area it names.

    Parameters
    ----------
    positions : sequence of Position
    members : int
        How many areas the league has, which sets the width of a place.
    by : str
        The year of the aim.

    Returns
    -------
    Figure, in CSS pixels, as high as its rows need.

    Raises
    ------
    ValueError
        No rows, or more earlier periods than there are shapes to tell them apart.
    """
    scale, labels = _Scale(members), earlier_labels(positions)
    if not positions:
        raise ValueError("a league-table chart needs at least one row")
    if len(labels) > len(MARKERS):
        raise ValueError(f"{len(labels)} earlier periods; at most {len(MARKERS)} can be told apart")
    key = _key_lines(_key(positions, labels, by))
    rows = [_laid_out(position, scale, labels) for position in positions]
    top = (LINE + 1) * len(key) + GAP + LINE
    figure = blank_figure(WIDTH, math.ceil(top + sum(row.height for row in rows) + LINE + 2))
    axes = _paper(figure)
    _write_key(figure, axes, key)
    _write_axis(figure, scale, top - LINE / 2 - 1)
    for row in rows:
        put_line(figure, [0, WIDTH], [top, top], colour=style.GRID)
        _write_words(figure, row, top)
        _draw_marks(figure, axes, row, scale, top)
        top += row.height
    put_line(figure, [0, WIDTH], [top, top], colour=style.GRID)
    _write_axis(figure, scale, top + LINE / 2 + 1)
    return figure


@dataclass(frozen=True)
class _Scale:
    """Where places stand on the paper."""

    members: int

    def x(self, place: float) -> float:
        """The middle of a place; half a place more is its right edge."""
        return INSET + (place - 0.5) * (WIDTH - 2 * INSET) / self.members

    @property
    def named(self) -> list[int]:
        """The first, the last, and the quarters between, each once."""
        steps = [1 + round((self.members - 1) * share / 4) for share in range(5)]
        return list(dict.fromkeys(steps))


def _paper(figure):
    """Axes over the whole picture, in its pixels from the top left."""
    width, height = (side * style.DPI for side in figure.get_size_inches())
    axes = add_axes(figure, 0, 0, width, height)
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    return axes


def _write_axis(figure, scale: _Scale, y: float) -> None:
    for place in scale.named:
        words = wording.ordinal(place) + (" (best)" if place == 1 else "")
        edge = {1: "left", scale.members: "right"}.get(place, "center")
        x = {"left": 0, "right": WIDTH}.get(edge, scale.x(place))
        _write(figure, x, y + 4.5, words, colour=style.MUTED, align=edge)


# --- The key ------------------------------------------------------------------------------


def _key(positions, labels, by: str) -> list[tuple[str, str]]:
    """What each mark means, in the order of the key: its name and its words."""
    entries = []
    if any(p.now for p in positions):
        ranges = any(p.now and wording.rank_range(p.now) for p in positions)
        entries.append(("range", "Now, and the places it could hold") if ranges
                       else ("now", "Now"))
    entries += [(label, label) for label in labels]
    if any(p.needed for p in positions):
        entries.append(("flag", f"Aim by {by}: on the shaded side, ahead of {aimed_at(positions)}"))
    return [(_marker(mark, labels), words) for mark, words in entries]


def _marker(mark: str, labels: Sequence[str]):
    return MARKERS[labels.index(mark)] if mark in labels else mark


def _key_lines(entries) -> list[list[tuple]]:
    """Each entry with its place from the left, as many on a line as fit."""
    lines: list[list[tuple]] = [[]]
    at = 0.0
    for mark, words in entries:
        width = KEY_MARK + text_width(words, size=style.ROW)
        if lines[-1] and at + width > WIDTH:
            lines.append([])
            at = 0.0
        lines[-1].append((at, mark, words))
        at += width + 14
    return lines


def _write_key(figure, axes, lines) -> None:
    for number, line in enumerate(lines):
        y = (LINE + 1) * (number + 0.5)
        for x, mark, words in line:
            _draw_key_mark(axes, mark, x, y)
            _write(figure, x + KEY_MARK, y + 4.5, words)


def _draw_key_mark(axes, mark, x: float, y: float) -> None:
    middle = x + KEY_MARK / 2 - 3
    if mark == "flag":
        _shade(axes, x, middle + 4, y - 7, y + 7)
        _plant(axes, middle + 4, y - 7, y + 7)
    elif mark in ("now", "range"):
        if mark == "range":
            _bar(axes, x, x + KEY_MARK - 6, y)
        _dot(axes, middle, y)
    else:
        _hollow(axes, middle, y, mark)


# --- A row --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """One row laid out: its words line by line, its marks, and where the flag's words stand."""

    position: Position
    lines: tuple[tuple[tuple[str, bool], ...], ...]
    earlier: tuple[tuple[float, tuple[str, float]], ...]
    flag_words: tuple[float, str, str]
    lanes: int

    @property
    def height(self) -> float:
        """From one rule to the next."""
        return 2 * GAP + LINE * len(self.lines) + (LANE * self.lanes + 4 if self.lanes else -1)


def _laid_out(position: Position, scale: _Scale, labels: Sequence[str]) -> _Row:
    wanted = [scale.x(rank.position) for _, rank in position.earlier]
    places = spread(wanted, sizes=[ROOM] * len(wanted), low=0, high=WIDTH)
    marks = [_marker(label, labels) for label, _ in position.earlier]
    words, crowded = (0.0, "left", ""), False
    if position.needed:
        words, crowded = _beside_flag(position, scale.x(position.needed - 0.5), places)
    upper, lower = bool(position.now), bool(wanted or position.needed)
    lanes = 2 + crowded if lower else int(upper)
    return _Row(position, _lines(position), tuple(zip(places, marks, strict=True)), words, lanes)


def _beside_flag(position: Position, x: float, taken: Sequence[float]):
    """Words beside the pole, where they meet no mark; and whether they need a lane of their own."""
    text = f"{position.needed_words} {wording.ordinal(position.needed)}".strip()
    width = text_width(text, size=style.ROW)
    sides = [(x + 5, "left", x + 5), (x - 5, "right", x - 5 - width)]
    sides = [side for side in sides if side[2] >= 0 and side[2] + width <= WIDTH]
    for at, align, start in sides:
        if not any(start - ROOM / 2 < mark < start + width + ROOM / 2 for mark in taken):
            return (at, align, text), False
    at, align, _ = sides[0] if sides else (0.0, "left", 0.0)
    return (at, align, text), True


def _lines(position: Position) -> tuple[tuple[tuple[str, bool], ...], ...]:
    """The words above the lanes: the name in bold, then what stands small after it."""
    room = WIDTH - sum(width for _, _, width in _result(position)) - 14
    name = wrap(position.label.split(), limit=room, size=style.SMALL, bold=True).split("\n")
    lines = [[(line, True)] for line in name]
    small = "; ".join(filter(None, [position.sub, position.now_period if position.now else ""]))
    last = text_width(name[-1], size=style.SMALL, bold=True) + 8
    if small and last + text_width(small, size=style.ROW) <= (room if len(name) == 1 else WIDTH):
        lines[-1].append((small, False))
    elif small:
        lines += _small_lines(small)
    if position.now is None and position.reason:
        lines += _small_lines(position.reason)
    return tuple(map(tuple, lines))


def _small_lines(text: str) -> list[list[tuple[str, bool]]]:
    wrapped = wrap(text.split(), limit=WIDTH, size=style.ROW)
    return [[(line, False)] for line in wrapped.split("\n")]


def _result(position: Position) -> list[tuple[str, bool, float]]:
    """The place in words, at the right: each piece, whether it is bold, and its width."""
    if position.now is None:
        pieces = [("no league position", False)]
    else:
        limits = wording.rank_range(position.now)
        pieces = [(wording.rank_text(position.now), True)]
        pieces += [(f"({limits})", False)] if limits else []
    return [(text, bold, text_width(text, size=_size(bold), bold=bold) + 5)
            for text, bold in pieces]


def _size(bold: bool) -> float:
    return style.SMALL if bold else style.ROW


def _write_words(figure, row: _Row, top: float) -> None:
    for number, line in enumerate(row.lines):
        x, y = 0.0, top + GAP + LINE * (number + 0.75)
        for text, bold in line:
            _write(figure, x, y, text, bold=bold, colour=style.INK if bold else style.MUTED)
            x += text_width(text, size=_size(bold), bold=bold) + 8
    x = float(WIDTH)
    for text, bold, width in reversed(_result(row.position)):
        colour = style.ACCENT if bold else style.MUTED
        _write(figure, x, top + GAP + LINE * 0.75, text, bold=bold, colour=colour, align="right")
        x -= width


def _write(figure, x, y, text, *, bold=False, colour=style.INK, align="left") -> None:
    """Write on a baseline, so that pieces of one line stand level."""
    put_text(figure, x, y, text, size=_size(bold), bold=bold, colour=colour, align=align).set_va(
        "baseline"
    )


def _draw_marks(figure, axes, row: _Row, scale: _Scale, top: float) -> None:
    if not row.lanes:
        return
    position, now = row.position, row.position.now
    start = top + GAP + 4 + LINE * len(row.lines)  # below the flag's tip
    end = start + LANE * row.lanes
    upper = start + LANE / 2
    if position.needed:
        x = scale.x(position.needed - 0.5)
        _shade(axes, scale.x(0.5), x, start - 3, end)
        _plant(axes, x, start - 3, end)
        at, align, text = row.flag_words
        _write(figure, at, end - 2.5, text, align=align)
    if now:
        _track(axes, [scale.x(place + 1) for place in range(now.of)], upper)
        if wording.rank_range(now):
            _bar(axes, scale.x(now.low - 0.5) + 1, scale.x(now.high + 0.5) - 1, upper)
        _dot(axes, scale.x(now.position), upper)
    for x, marker in row.earlier:
        _hollow(axes, x, upper + LANE, marker)


# --- The marks ----------------------------------------------------------------------------


def _track(axes, xs: Sequence[float], y: float) -> None:
    """A speck for each place, as one path, which keeps the file small."""
    axes.plot([at for x in xs for at in (x, x, math.nan)], [y - 1, y + 1, math.nan] * len(xs),
              color=style.MID_GREY, linewidth=2, solid_capstyle="butt", zorder=2, gid="track")


def _bar(axes, start: float, end: float, y: float) -> None:
    axes.add_patch(Rectangle((start, y - 3.5), end - start, 7, facecolor=style.ACCENT_TINT,
                             linewidth=0, zorder=3, gid="range"))


def _dot(axes, x: float, y: float) -> None:
    axes.plot([x], [y], linestyle="none", marker="o", markersize=10, color=style.ACCENT,
              markeredgecolor=style.PAPER, markeredgewidth=1, zorder=5, gid="now")


def _hollow(axes, x: float, y: float, marker: tuple[str, float]) -> None:
    shape, size = marker
    axes.plot([x], [y], linestyle="none", marker=shape, markersize=size, zorder=4,
              markerfacecolor=style.PAPER, markeredgecolor=style.INK, markeredgewidth=1.2,
              gid="earlier")


def _shade(axes, start: float, end: float, top: float, bottom: float) -> None:
    axes.add_patch(Rectangle((start, top), end - start, bottom - top, linewidth=0, zorder=0.5,
                             facecolor=style.ACCENT_WASH, gid="aim"))


def _plant(axes, x: float, top: float, bottom: float) -> None:
    axes.plot([x, x], [top, bottom], color=style.INK, linewidth=1.4, zorder=4, gid="flag",
              solid_capstyle="butt")
    axes.add_patch(Polygon([(x, top - 0.7), (x - 8, top + 3), (x, top + 6.7)], zorder=4,
                           facecolor=style.INK, linewidth=0))

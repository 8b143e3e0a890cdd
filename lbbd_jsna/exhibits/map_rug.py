"""A tartan rug: wards by measures, a verdict in words and symbols in every cell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from geopandas import GeoDataFrame
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.drawing import (
    Drawing,
    blank_figure,
    pixels,
    put_text,
    render,
    text_height,
    text_width,
    wrap,
)
from lbbd_jsna.exhibits.exhibit import Cell, KeyEntry, Table
from lbbd_jsna.exhibits.map_plan import HATCHES, MapPlan, check_wards, number_wards
from lbbd_jsna.exhibits.maps import plan_verdict_map
from lbbd_jsna.exhibits.tables import explained, heads
from lbbd_jsna.exhibits.wording import SYMBOLS, plural
from lbbd_jsna.schema import SHORTHAND
from lbbd_jsna.statistics.verdicts import NOT_COMPARED

MOST_MEASURES = 8
ROW, COLUMN, GAP = 24, 78, 2
NAME_GAP = 10


@dataclass(frozen=True)
class RugMeasure:
    """One column of a rug: what it is of, and each ward's released value and verdict by code."""

    title: str
    period: str
    unit: str
    decimals: int
    values: Mapping[str, float]
    verdicts: Mapping[str, str]
    statuses: Mapping[str, str] = field(default_factory=dict)
    estimated: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rug:
    """A finished rug, its key and the table of every word in it."""

    drawing: Drawing
    key: tuple[KeyEntry, ...]
    table: Table


def draw_rug(wards: GeoDataFrame, measures: Sequence[RugMeasure], *, caption: str, name: str,
             benchmark: str = "the borough") -> Rug:
    """Draw wards by measures: one cell a ward and measure, none of them empty.

    Parameters
    ----------
    wards : GeoDataFrame, one row per ward; columns code, name, geometry; EPSG:27700
        The wards of every measure; a measure of another vintage is refused.
    measures : sequence of RugMeasure
        One to `MOST_MEASURES`, in the order of the columns.
    caption, name
        Of the table.
    benchmark : str
        What the wards are compared with.

    Returns
    -------
    Rug
        Rows in the order of the numbers on a map of the same wards.

    Raises
    ------
    GeographyError
        A code that is not one of the wards.
    ValueError
        No measure, too many, or a word that is no verdict.
    """
    if not 0 < len(measures) <= MOST_MEASURES:
        raise ValueError(f"a rug has 1 to {MOST_MEASURES} measures, not {len(measures)}")
    check_wards(wards, {c for m in measures for each in (m.values, m.verdicts, m.statuses,
                                                          m.estimated) for c in each})
    plans = [_plan(wards, measure, benchmark) for measure in measures]
    with style.chart_style():
        drawing = render(rug_figure(wards, measures, plans))
    return Rug(drawing, _key(plans), rug_table(wards, measures, caption=caption, name=name))


def _key(plans: Sequence[MapPlan]) -> tuple[KeyEntry, ...]:
    """Every entry of any column once, without its count, "similar" with the symbol of a cell."""
    key = {}
    for entry in (entry for plan in plans for entry in plan.key):
        words = entry.label.rpartition(" (")[0]
        label = f"{SYMBOLS['similar']} {words}" if words.startswith("similar") else words
        key.setdefault(label, KeyEntry(label, entry.fill, entry.hatch))
    return tuple(key.values())


def _plan(wards: GeoDataFrame, measure: RugMeasure, benchmark: str) -> MapPlan:
    known = {code: verdict for code, verdict in measure.verdicts.items()
             if math.isfinite(measure.values.get(code, math.nan))}
    return plan_verdict_map(wards, known, measure.statuses, benchmark=benchmark,
                            estimated=measure.estimated)


def rug_figure(wards: GeoDataFrame, measures: Sequence[RugMeasure],
               plans: Sequence[MapPlan]) -> Figure:
    """Lay the rug out: names at the left, a heading above each column, a tile in each cell."""
    names = dict(zip(wards["code"], wards["name"], strict=True))
    numbers = number_wards(wards)
    rows = {code: f"{number} {names[code]}" for code, number in numbers.items()}
    left = max(text_width(text, size=style.SMALL) for text in rows.values()) + NAME_GAP
    column = _column(measures, rows)
    titles = [wrap(m.title.split(), limit=column - 6, size=style.ROW) for m in measures]
    head = max(text_height(title, size=style.ROW) for title in titles) + 10
    figure = blank_figure(left + column * len(measures), head + ROW * len(rows) + 2)
    for place, title in enumerate(titles):
        put_text(figure, left + column * (place + 0.5), head / 2, title, size=style.ROW,
                 colour=style.INK, align="center")
    for row, (code, text) in enumerate(rows.items()):
        top = head + ROW * row
        put_text(figure, 0, top + ROW / 2, text, size=style.SMALL, colour=style.INK)
        for place, (measure, plan) in enumerate(zip(measures, plans, strict=True)):
            box = (left + column * place, top, column)
            _tile(figure, box, plan, code, cell_text(measure, code), f"cell-{code}-{place}")
    return figure


def _column(measures: Sequence[RugMeasure], codes: Iterable[str]) -> float:
    """Wide enough for the widest cell and the longest word of a heading."""
    texts = [text_width(cell_text(m, code), size=style.ROW, bold=True)
             for m in measures for code in codes]
    words = [text_width(word, size=style.ROW) for m in measures for word in m.title.split()]
    return max(COLUMN, *(wide + 12 for wide in (*texts, *words)))


def _tile(figure: Figure, box: tuple[float, float, float], plan: MapPlan, code: str, text: str,
          gid: str) -> None:
    fill, hatch = plan.fills[code], plan.hatches[code]
    lines = style.MUTED if fill == style.PAPER else style.ink_on(fill)
    left, top, column = box
    place = ((left + GAP / 2, top + GAP / 2), column - GAP, ROW - GAP)
    figure.add_artist(Rectangle(*place, transform=pixels(figure), facecolor=fill, linewidth=0,
                                hatch=hatch or None, edgecolor=lines, gid=gid))
    figure.add_artist(Rectangle(*place, transform=pixels(figure), facecolor="none",
                                edgecolor=style.MID_GREY, linewidth=0.8))
    written = put_text(figure, left + column / 2, top + ROW / 2, text, size=style.ROW,
                       colour=style.ink_on(fill), bold=True, align="center")
    if hatch:
        written.set_bbox({"boxstyle": "round,pad=0.1", "facecolor": fill, "linewidth": 0})


def cell_text(measure: RugMeasure, code: str) -> str:
    """What a cell says: the symbol of its verdict and its value, or the shorthand for none."""
    status = measure.statuses.get(code, "published")
    value = measure.values.get(code, math.nan)
    if status in HATCHES or not math.isfinite(value) or code not in measure.verdicts:
        return SHORTHAND[status if status in HATCHES else "not_available"]
    said = style.value_text(value, unit=measure.unit, decimals=measure.decimals)
    return " ".join(filter(None, [SYMBOLS.get(measure.verdicts[code], ""), said,
                                  SHORTHAND[status]]))


def rug_table(wards: GeoDataFrame, measures: Sequence[RugMeasure], *, caption: str, name: str
              ) -> Table:
    """The same rug as a table: value, verdict in words, and whether it was estimated."""
    names = dict(zip(wards["code"], wards["name"], strict=True))
    rows = tuple((Cell(f"{number} {names[code]}"), *(_cell(m, code) for m in measures))
                 for code, number in number_wards(wards).items())
    guessed = sum(len(measure.estimated) for measure in measures)
    note = f"{plural(guessed, 'figure is', 'figures are')} estimated: part of each was shared out."
    return Table(
        caption=caption,
        columns=heads("Ward, numbered as on the map",
                      *((m.title, f"{m.period}, {m.unit}") for m in measures)),
        rows=rows,
        notes=(*((note[:1].upper() + note[1:],) if guessed else ()), *explained(rows)),
        name=name,
    )


def _cell(measure: RugMeasure, code: str) -> Cell:
    text = cell_text(measure, code)
    if text in (SHORTHAND[status] for status in HATCHES):
        return Cell(text)
    verdict = measure.verdicts[code]
    words = f"{verdict}, estimated" if code in measure.estimated else verdict
    return Cell(text, sub=words, tag="none" if verdict == NOT_COMPARED else verdict)

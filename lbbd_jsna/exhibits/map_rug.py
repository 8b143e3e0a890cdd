"""A tartan rug: wards by measures, a verdict or a third of the wards in every cell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lbbd_jsna.errors import Fault, GeographyError
from lbbd_jsna.exhibits import style
from lbbd_jsna.exhibits.classes import FILLS
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
from lbbd_jsna.exhibits.map_plan import (
    HATCHES,
    Kind,
    MapPlan,
    number_wards,
    plan_of,
    shown_statuses,
)
from lbbd_jsna.exhibits.maps import plan_verdict_map
from lbbd_jsna.exhibits.tables import explained, heads
from lbbd_jsna.exhibits.wording import SYMBOLS, plural
from lbbd_jsna.schema import SHORTHAND
from lbbd_jsna.statistics.verdicts import NOT_COMPARED

MOST_MEASURES = 8
ROW, COLUMN, GAP = 24, 78, 2
NAME_GAP = 10


# From pale to dark. Nothing is tested, so no symbol and no word of a verdict.
THIRDS = ("best third of the wards", "middle third", "worst third")
NEUTRAL_THIRDS = ("lowest third of the wards", "middle third", "highest third")


@dataclass(frozen=True)
class RugMeasure:
    """One column of a rug: what it is of, and each ward's released value and verdict by code.

    A measure without intervals has no verdicts but `thirds`: 0, 1 and 2 from the best to the
    worst (from the lowest to the highest, where `neutral`).
    """

    title: str
    period: str
    unit: str
    decimals: int
    values: Mapping[str, float]
    verdicts: Mapping[str, str]
    statuses: Mapping[str, str] = field(default_factory=dict)
    estimated: frozenset[str] = frozenset()
    thirds: Mapping[str, int] = field(default_factory=dict)
    neutral: bool = False


@dataclass(frozen=True)
class RugLayout:
    """Room for the names at the left, a column and the headings, in CSS pixels."""

    left: float
    column: float
    head: float


@dataclass(frozen=True)
class Rug:
    """A finished rug, its key and the table of every word in it."""

    drawing: Drawing
    key: tuple[KeyEntry, ...]
    table: Table


def draw_rug(wards: pd.DataFrame, measures: Sequence[RugMeasure], *, caption: str, name: str,
             benchmark: str = "the borough", order: Sequence[str] = (),
             layout: RugLayout | None = None, hrefs: Mapping[str, str] | None = None,
             numbered: bool = True) -> Rug:
    """Draw wards by measures: one cell a ward and measure, none of them empty.

    Parameters
    ----------
    wards : DataFrame, one row per ward; columns code, name
        The wards of every measure; a measure of another vintage is refused.
    measures : sequence of RugMeasure
        One to `MOST_MEASURES`, in the order of the columns.
    caption, name
        Of the table.
    benchmark : str
        What the wards are compared with.
    order : sequence of ward code, optional
        Of the rows; that of the numbers on a map of the same wards if not given.
    layout : RugLayout, optional
        From `rug_layout`, so that rugs beside each other have their rows in line.
    hrefs : mapping of ward code to address, optional
        Where the name of a ward leads in the table.
    numbered : bool
        Whether the names carry the numbers of a map.

    Returns
    -------
    Rug

    Raises
    ------
    GeographyError
        A code that is not one of the wards.
    ValueError
        No measure, too many, or a word that is no verdict.
    """
    if not 0 < len(measures) <= MOST_MEASURES:
        raise ValueError(f"a rug has 1 to {MOST_MEASURES} measures, not {len(measures)}")
    _check(wards, measures)
    rows = rug_rows(wards, order=order, numbered=numbered)
    plans = [_plan(wards, measure, benchmark) for measure in measures]
    with style.chart_style():
        figure = rug_figure(rows, measures, plans, layout or rug_layout(rows, measures))
        drawing = render(figure)
    table = rug_table(rows, measures, caption=caption, name=name, hrefs=hrefs or {},
                      numbered=numbered)
    return Rug(drawing, _key(plans), table)


def rug_rows(wards: pd.DataFrame, *, order: Sequence[str] = (), numbered: bool = True
             ) -> dict[str, str]:
    """What stands at the left of each row, by ward code, in the order of the rows."""
    names = dict(zip(wards["code"], wards["name"], strict=True))
    numbers = number_wards(wards)
    return {code: f"{numbers[code]} {names[code]}" if numbered else names[code]
            for code in order or numbers}


def _check(wards: pd.DataFrame, measures: Sequence[RugMeasure]) -> None:
    used = {c for m in measures for each in (m.values, m.verdicts, m.statuses, m.estimated,
                                             m.thirds) for c in each}
    odd = sorted(used - set(wards["code"]))
    if odd:
        raise GeographyError(
            "the rug cannot be drawn",
            [Fault(f"ward {code}", "has a value but no row", "wards of one vintage")
             for code in odd],
        )


def _key(plans: Sequence[MapPlan]) -> tuple[KeyEntry, ...]:
    """Every entry of any column once, without its count, "similar" with the symbol of a cell."""
    key = {}
    for entry in (entry for plan in plans for entry in plan.key):
        words = entry.label.rpartition(" (")[0]
        label = f"{SYMBOLS['similar']} {words}" if words.startswith("similar") else words
        key.setdefault(label, KeyEntry(label, entry.fill, entry.hatch))
    return tuple(key.values())


def _plan(wards: pd.DataFrame, measure: RugMeasure, benchmark: str) -> MapPlan:
    known = {c: v for c, v in measure.values.items() if math.isfinite(v)}
    if measure.thirds:
        return _plan_thirds(wards, measure, known)
    verdicts = {code: verdict for code, verdict in measure.verdicts.items() if code in known}
    return plan_verdict_map(wards, verdicts, measure.statuses, benchmark=benchmark,
                            estimated=measure.estimated)


def _plan_thirds(wards: pd.DataFrame, measure: RugMeasure, known: Mapping[str, float]) -> MapPlan:
    words = NEUTRAL_THIRDS if measure.neutral else THIRDS
    kinds = tuple(map(Kind, words, FILLS[3]))
    shown = shown_statuses(wards["code"], known, measure.statuses)
    place = {c: measure.thirds[c] for c, status in shown.items() if status not in HATCHES}
    return plan_of(wards, kinds, place, shown, measure.estimated)


def rug_layout(rows: Mapping[str, str], measures: Sequence[RugMeasure]) -> RugLayout:
    """Room for the widest name and cell and the tallest heading of any of the measures."""
    left = max(text_width(text, size=style.SMALL) for text in rows.values()) + NAME_GAP
    column = _column(measures, rows)
    tallest = max(text_height(_heading(m, column), size=style.ROW) for m in measures)
    return RugLayout(left, column, tallest + 10)


def _heading(measure: RugMeasure, column: float) -> str:
    return wrap(measure.title.split(), limit=column - 6, size=style.ROW)


def rug_figure(rows: Mapping[str, str], measures: Sequence[RugMeasure],
               plans: Sequence[MapPlan], layout: RugLayout) -> Figure:
    """Lay the rug out: names at the left, a heading above each column, a tile in each cell."""
    left, column, head = layout.left, layout.column, layout.head
    figure = blank_figure(left + column * len(measures), head + ROW * len(rows) + 2)
    for place, measure in enumerate(measures):
        title = _heading(measure, column)
        middle = head - 5 - text_height(title, size=style.ROW) / 2
        put_text(figure, left + column * (place + 0.5), middle, title, size=style.ROW,
                 colour=style.INK, align="center")
    for row, (code, text) in enumerate(rows.items()):
        top = head + ROW * row
        put_text(figure, 0, top + ROW / 2, text, size=style.SMALL, colour=style.INK)
        for place, (measure, plan) in enumerate(zip(measures, plans, strict=True)):
            box = (left + column * place, top, column)
            _tile(figure, box, plan, code, cell_text(measure, code), f"cell-{code}")
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
    placed = code in measure.verdicts or code in measure.thirds
    if status in HATCHES or not math.isfinite(value) or not placed:
        return SHORTHAND[status if status in HATCHES else "not_available"]
    said = style.value_text(value, unit=measure.unit, decimals=measure.decimals)
    symbol = SYMBOLS.get(measure.verdicts.get(code, ""), "")
    return " ".join(filter(None, [symbol, said, SHORTHAND[status]]))


def rug_table(rows: Mapping[str, str], measures: Sequence[RugMeasure], *, caption: str,
              name: str, hrefs: Mapping[str, str], numbered: bool = True) -> Table:
    """The same rug as a table: value, verdict or third in words, and whether it is estimated."""
    cells = tuple(
        (Cell(text, href=hrefs.get(code, "")), *(_cell(m, code) for m in measures))
        for code, text in rows.items()
    )
    guessed = sum(len(measure.estimated) for measure in measures)
    said = plural(guessed, "figure is", "figures are")
    note = f"{said} estimated: less than half of each is exact, or part was shared out."
    return Table(
        caption=caption,
        columns=heads("Ward, numbered as on the map" if numbered else "Ward",
                      *((m.title, f"{m.period}, {m.unit}") for m in measures)),
        rows=cells,
        notes=(*((note[:1].upper() + note[1:],) if guessed else ()), *explained(cells)),
        name=name,
    )


def _cell(measure: RugMeasure, code: str) -> Cell:
    text = cell_text(measure, code)
    if text in (SHORTHAND[status] for status in HATCHES):
        return Cell(text)
    guess = "estimated" if code in measure.estimated else ""
    if measure.thirds:
        words = (NEUTRAL_THIRDS if measure.neutral else THIRDS)[measure.thirds[code]]
        said = words.removesuffix(" of the wards")
        return Cell(text, sub=", ".join(filter(None, [said, guess])))
    verdict = measure.verdicts[code]
    words = ", ".join(filter(None, [verdict, guess]))
    return Cell(text, sub=words, tag="none" if verdict == NOT_COMPARED else verdict)

"""The tables of the page of all wards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.exhibit import Cell, Table
from lbbd_jsna.exhibits.tables import explained, heads
from lbbd_jsna.exhibits.ward_links import ward_href
from lbbd_jsna.exhibits.ward_profile_words import plain_title
from lbbd_jsna.exhibits.wards_page_words import (
    MOST_NAMED,
    NO_SCORE,
    chance_sentence,
    place_words,
)
from lbbd_jsna.facts.ward_overview import BETTER, WORSE, Answered, WardOverview
from lbbd_jsna.facts.ward_series import WardSeries
from lbbd_jsna.facts.wards import NO_BOROUGH

ESTIMATED = "estimated"


def places_table(overview: WardOverview, numbers: Mapping[str, int]) -> Table:
    """The key of the map: each ward by its number, with its people and where it stands."""
    residents, context, many = overview.residents, overview.context, len(overview.judged)
    rows = tuple(_place_row(code, number, overview) for code, number in numbers.items())
    titles = (
        "Ward, numbered as on the map",
        *(((f"#{_residents_head(residents)}", residents.period),) if residents else ()),
        *((("#Deprivation", "place, most first"),) if context else ()),
        *((("#Worse", "of those tested"), "#Better") if many else ()),
    )
    notes = (*((NO_SCORE, chance_sentence(overview)) if many else ()), *explained(rows))
    return Table(caption="The wards, each with a page of its own", columns=heads(*titles),
                 rows=rows, notes=notes, name="wards-at-a-glance")


def _residents_head(series: WardSeries) -> str:
    return wording.sentence(plain_title(series.indicator))


def _place_row(code: str, number: int, overview: WardOverview) -> tuple[Cell, ...]:
    residents, context = overview.residents, overview.context
    cells = [Cell(f"{number} {overview.wards[code]}", href=ward_href(code))]
    if residents:
        cells.append(Cell(wording.shown(residents.points[code], residents.indicator),
                          sub=_mark(residents, code)))
    if context:
        cells.append(Cell(place_words(context, code), sub=_mark(context, code)))
    if overview.judged:
        tested = overview.tested(code)
        worse, better = (len(overview.with_verdict(code, v)) for v in (WORSE, BETTER))
        cells += [Cell(f"{worse} of {tested}" if tested else "[x]"),
                  Cell(str(better) if tested else "[x]")]
    return tuple(cells)


def _mark(series: WardSeries, code: str) -> str:
    return ESTIMATED if code in series.estimated else ""


def series_table(
    series: Sequence[WardSeries],
    *,
    wards: Mapping[str, str],
    catalogue: Catalogue,
    hrefs: Mapping[str, str],
    caption: str,
    name: str,
) -> Table:
    """A row a measure: the borough, the ends among the wards, and who is worse and better."""
    judged = any(one.verdicts for one in series)
    beside = any(_has_borough(one) for one in series)
    rows = tuple(_series_row(one, wards, hrefs, beside=beside, judged=judged) for one in series)
    borough = catalogue.area.name
    return Table(
        caption=caption,
        columns=heads(
            ("Measure", "period"), *((f"#{borough}",) if beside else ()), "Highest", "Lowest",
            *((("Worse than the borough", "or higher"), ("Better than the borough", "or lower"))
              if judged else ()),
        ),
        rows=rows,
        notes=(*(() if beside else (f"{borough} is not beside them: there is {NO_BOROUGH}.",)),
               *explained(rows)),
        name=name,
    )  # fmt: skip


def _has_borough(series: WardSeries) -> bool:
    return series.borough == series.borough


def _series_row(
    series: WardSeries, wards: Mapping[str, str], hrefs: Mapping[str, str], *, beside: bool,
    judged: bool,
) -> tuple[Cell, ...]:
    indicator, order = series.indicator, series.in_order()
    unit = "" if indicator.unit.startswith("%") else f", {indicator.unit}"
    cells = [Cell(plain_title(indicator), sub=f"{series.period}{unit}",
                  href=hrefs.get(indicator.id, ""))]
    if beside:
        value = wording.number(series.borough, indicator) if _has_borough(series) else "[x]"
        cells.append(Cell(value, sub="" if series.basis.startswith("the borough") else
                          series.basis))
    cells += [_end_cell(series, order[0], wards), _end_cell(series, order[-1], wards)]
    if judged:
        cells += _named_cells(series, wards)
    return tuple(cells)


def _end_cell(series: WardSeries, code: str, wards: Mapping[str, str]) -> Cell:
    """The ward at an end and its figure; all that are level with it by name, or how many."""
    value = wording.number(series.points[code].value, series.indicator)
    level = [c for c in wards if c in series.known
             and series.known[c].value == series.points[code].value]
    if len(level) == 1:
        return Cell(wards[code], sub=f"{wording.shown(series.points[code], series.indicator)}"
                    + f", {ESTIMATED}" * (code in series.estimated))
    marks = [_marks(series, c) for c in level]
    if len(level) > MOST_NAMED:
        words = f"all {len(level)} wards" if len(level) == len(wards) else f"{len(level)} wards"
        marked = sum(map(bool, marks))
        sub = f"{value} each" + f", {marked} of them estimated or [u]" * bool(marked)
        return Cell(wording.sentence(words), sub=sub)
    named = [f"{wards[c]}{mark}" for c, mark in zip(level, marks, strict=True)]
    return Cell(wording.listed(named), sub=f"{'both' if len(level) == 2 else 'all'} {value}")


def _marks(series: WardSeries, code: str) -> str:
    guess = f" ({ESTIMATED})" if code in series.estimated else ""
    return f"{' [u]' if _unsure(series, code) else ''}{guess}"


def _named_cells(series: WardSeries, wards: Mapping[str, str]) -> list[Cell]:
    """The wards that are worse, or higher where nothing is judged, and those better or lower."""
    if not series.verdicts:
        why = series.verdict(next(iter(series.known))).reason
        return [Cell("Not tested", sub=why), Cell("Not tested")]
    return [Cell(_named(series, wards, words))
            for words in (("worse", "higher"), ("better", "lower"))]


def _named(series: WardSeries, wards: Mapping[str, str], words: tuple[str, str]) -> str:
    named = [f"{wards[code]}{' [u]' if _unsure(series, code) else ''}"
             for code in series.in_order() if series.verdicts.get(code) in words]
    return wording.listed(named) or "No ward"


def _unsure(series: WardSeries, code: str) -> bool:
    return series.points[code].status == "low_reliability"


def answered_table(answered: Sequence[Answered]) -> Table:
    """An outcome a row: how many of its measures have a figure by ward."""
    rows = tuple(
        (
            Cell(one.outcome.title, href=f"{one.outcome.id}.html#wards"),
            *(Cell(str(n)) for n in (one.measures, len(one.today), len(one.former),
                                     len(one.silent))),
        )
        for one in answered
    )
    return Table(
        caption="Committed measures by what is known of wards",
        columns=heads("Outcome", "#Measures", "#Today's wards", "#Former wards only",
                      "#No figure by ward"),
        rows=rows,
        notes=("A measure counts with its own figure or that of a named proxy. Why the others "
               "have none stands on the page of each outcome.",),
        name="measures-by-ward",
    )

"""The long-term targets: the league they aim up, one row a target, and the curve of each."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.exhibits import gap_words, target_words, wording
from lbbd_jsna.exhibits.curve import curve_figure
from lbbd_jsna.exhibits.exhibit import Cell, Exhibit, Section, Table, Text
from lbbd_jsna.exhibits.position_drawing import Position
from lbbd_jsna.exhibits.positions import positions_figure
from lbbd_jsna.exhibits.tables import explained, heads
from lbbd_jsna.facts import Facts
from lbbd_jsna.findings import OutcomeFacts, TargetFacts

SYMBOLS = {
    "already better": ("▲", "better"),
    "on course": ("●", "similar"),
    "too slow": ("▼", "worse"),
    "moving away": ("▼", "worse"),
}
PLACES = (
    "Places of earlier years are worked out here from the publisher's figures, by the latest "
    "period that ended in the year. The strategy's own chart of them did not survive in its text."
)
# Columns of the tracker: all of them, and those that the league's chart does not draw.
EVERY = range(7)
BRIEF = (0, 1, 2, 3, 5, 6)
COURSE = (
    "On course, too slow and moving away compare the pace since the strategy began with the pace "
    "needed to pass the comparator in time, if the comparator keeps changing as it has."
)


def target_tracker(facts: Facts) -> Section:
    """Every long-term target: the league-table chart and the row of each."""
    rows = tuple(facts.target_rows())
    if not rows:
        text = Text(paragraphs=("No strategy sets a long-term target.",))
        return Section(heading="Long-term targets", anchor="targets", children=(text,))
    catalogue = facts.catalogue
    table = tracker_table(
        rows, catalogue=catalogue, caption="Each target", name="targets", columns=BRIEF
    )
    if not any(row.finding and row.finding.rank for row in rows):
        return Section(heading="Long-term targets", anchor="targets", children=(table,))
    chart = positions_figure(
        [_position(row, catalogue) for row in rows],
        catalogue=catalogue,
        targets="target figures",
        by=max(f"{row.path.by:.0f}" for row in rows if row.path),
        caption=PLACES,
        name="targets-league",
    )
    return Section(heading="Long-term targets", anchor="targets", children=(chart, table))


def outcome_targets(page: OutcomeFacts, facts: Facts) -> Section:
    """The long-term targets this outcome serves, each with its curve."""
    rows = tuple(facts.target_rows(page.outcome.id))
    if not rows:
        text = Text(paragraphs=("No long-term target names this outcome.",))
        return Section(heading="Long-term targets", anchor="targets", children=(text,))
    table = tracker_table(
        rows,
        catalogue=facts.catalogue,
        caption="Targets this outcome serves",
        name=f"{page.outcome.id}-targets",
    )
    curves = [_curve(row, facts.catalogue) for row in rows if row.finding]
    return Section(heading="Long-term targets", anchor="targets", children=(table, *curves))


def tracker_table(
    rows: Sequence[TargetFacts],
    *,
    catalogue: Catalogue,
    caption: str,
    name: str,
    columns: Sequence[int] = EVERY,
) -> Table:
    """One row a figure of a target: where it stood, stands, and whether it gets there.

    `columns` picks among those of `EVERY`: the chart of the league says the places already.
    """
    titles = heads(
        "Target as committed",
        ("#Borough", "figure and period"),
        ("#To pass", "as the target says"),
        ("Gap now", "borough less comparator"),
        (f"Place among {catalogue.league.title}", "and the place to pass"),
        ("#Change a year", "seen, and needed"),
        "Will it get there?",
    )
    every = [_row(row, catalogue) for row in rows]
    cells = tuple(tuple(row[place] for place in columns) for row in every)
    return Table(
        caption=caption,
        columns=tuple(titles[place] for place in columns),
        rows=cells,
        notes=(COURSE, *explained(cells)),
        name=name,
    )


def _row(row: TargetFacts, catalogue: Catalogue) -> tuple[Cell, ...]:
    measure, finding = row.measure.measure, row.finding
    part = f" ({measure.part})" if measure.part else ""
    committed = wording.sentence(f"{measure.text}{part}")
    head = Cell(committed, sub=f"{measure.source_line} · {measure.id}")
    if finding is None:
        blank = Cell("[x]")
        return (head, Cell("[x]", sub=row.reason), Cell(row.comparator), blank, blank, blank,
                Cell("cannot be told"))  # fmt: skip
    indicator, latest = finding.indicator, finding.latest
    proxy = "proxy: " if row.measure.proxy else ""
    own = Cell(
        wording.shown(latest, indicator),
        sub=f"{proxy}{indicator.title}, {latest.period}",
        strong=True,
    )
    return (head, own, _to_pass(row), _gap(row, catalogue), _places(row), _pace(row), _course(row))


def _to_pass(row: TargetFacts) -> Cell:
    if math.isnan(row.path.comparator_value):
        return Cell(f"{row.comparator} [x]", sub=row.reason)
    value = wording.number(row.path.comparator_value, row.finding.indicator)
    return Cell(f"{row.comparator} {value}")


def _gap(row: TargetFacts, catalogue: Catalogue) -> Cell:
    """The gap to the target's comparator; without one, to the benchmark, and said so."""
    path, indicator = row.path, row.finding.indicator
    if not math.isnan(path.gap.value):
        return Cell(*gap_words.gap_in_cell(path.gap, indicator))
    gap = row.finding.gaps.get(catalogue.comparators.benchmark)
    if gap is None:
        return Cell("[x]")
    said, _ = gap_words.gap_in_cell(gap, indicator)
    return Cell("[x]", sub=f"to {catalogue.benchmark.title}: {said}")


def _places(row: TargetFacts) -> Cell:
    rank = row.finding.rank
    sure = wording.rank_range(rank)
    said = [f"could be {sure}"] if sure else []
    said += [f"{year}: {wording.rank_text(place)}" for year, _, place in row.earlier if place]
    said += [f"to pass {row.comparator}: {wording.ordinal(row.place)}"] if row.place else []
    return Cell(wording.rank_text(rank), sub="; ".join(said))


def _pace(row: TargetFacts) -> Cell:
    path, indicator = row.path, row.finding.indicator
    if math.isnan(path.achieved.value):
        return Cell("[x]", sub=f"{wording.plural(path.points, 'figure')} since {row.baseline}")
    seen = _rate(path.achieved.value, indicator)
    if path.verdict == "already better" or math.isnan(path.needed_moving):
        return Cell(seen)
    return Cell(seen, sub=f"needed: {_rate(path.needed_moving, indicator)}")


def _rate(rate: float, indicator: Indicator) -> str:
    """A signed change a year, with one decimal more than the figure: it is small beside it."""
    return f"{rate:+,.{indicator.decimals + 1}f}".replace("-", "−")


def _course(row: TargetFacts) -> Cell:
    path = row.path
    symbol, box = SYMBOLS.get(path.verdict, ("", "none"))
    doubt = path.reason
    if not doubt and not path.certain:
        doubt = "the pace is uncertain"
    return Cell(f"{symbol} {path.verdict}".strip(), sub=doubt, tag=box)


def _position(row: TargetFacts, catalogue: Catalogue) -> Position:
    measure, finding = row.measure.measure, row.finding
    if finding is None:
        named = [catalogue.indicators[name].title for name in measure.evidence.indicators]
        label = named[0] if named else wording.sentence(measure.part or measure.text)
        return Position(label, "", None, "", (), None, row.comparator, row.reason)
    return Position(
        label=finding.indicator.title,
        sub="a proxy" if row.measure.proxy else "",
        now=finding.rank,
        now_period=finding.latest.period,
        earlier=tuple((year, place) for year, _, place in row.earlier if place),
        needed=row.place,
        needed_words=row.comparator,
        reason="" if finding.rank else "no league position",
    )


def _curve(row: TargetFacts, catalogue: Catalogue) -> Section:
    figure = curve_figure(row, catalogue=catalogue)
    said = Text(paragraphs=target_words.target_sentences(row, catalogue), tone="finding")
    parts: tuple[Exhibit, ...] = (said, figure) if figure else (said,)
    beside = Section(heading="", children=parts, level=4, side_by_side=len(parts) > 1)
    return Section(
        heading=row.finding.indicator.title,
        anchor=f"target-{row.finding.indicator.id}",
        children=(beside,),
        level=3,
    )

"""The league-table chart of a set of targets: title, description, drawing and table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.exhibit import Cell, Figure, Table
from lbbd_jsna.exhibits.position_drawing import (
    Position,
    aimed_at,
    draw_positions,
    earlier_labels,
)
from lbbd_jsna.exhibits.tables import explained, heads
from lbbd_jsna.statistics.ranks import Rank

# Longer lists are left to the table.
MOST_NAMED = 3


def positions_figure(
    positions: Sequence[Position],
    *,
    catalogue: Catalogue,
    targets: str,
    by: str,
    caption: str = "",
    name: str = "league-positions",
) -> Figure:
    """The league-table chart of a set of targets, with its title, description and table.

    Parameters
    ----------
    positions : sequence of Position
        A row each, in the order given.
    targets : str
        What the rows are, in the plural: "Manifesto targets".
    by : str
        The year of the aim: "2037".
    caption : str
        What is to be said after the drawing, beside how to read it: sources, proxies.
    name : str
        The file stem of the table.
    """
    drawing = draw_positions(positions, members=len(catalogue.league.areas), by=by)
    return Figure.of(
        drawing,
        title=_title(positions, targets, by),
        alt=_alt(positions, catalogue, targets),
        caption=" ".join(filter(None, [*_reading(positions, catalogue), caption])),
        table=_table(positions, catalogue, targets, name),
        name=name,
    )


def _title(positions, targets: str, by: str) -> str:
    judged = [p for p in positions if p.ahead is not None]
    if not judged:
        return _title_of_places([p.now for p in positions if p.now], targets)
    behind = sum(not p.ahead for p in judged)
    return (
        f"On {behind or 'none'} of {len(judged)} {targets} the borough stands below the place "
        f"it aims for by {by}"
    )


def _title_of_places(ranks: Sequence[Rank], targets: str) -> str:
    """Where nothing can be set against what is aimed for, the places alone."""
    if not ranks:
        return f"No league position is known for the {targets}"
    ends = dict.fromkeys(f(rank.position for rank in ranks) for f in (min, max))
    places = " to ".join(map(wording.ordinal, ends))
    known = wording.plural(len(ranks), "figure")
    return (
        f"The borough stands {places} on the {known} with a league position; what it must pass is "
        "not known"
    )


def _alt(positions, catalogue: Catalogue, targets: str) -> str:
    placed = [p for p in positions if p.now]
    said = [f"Chart of the borough's place among {catalogue.league.title}, 1st being best, "
            f"on {len(placed)} of {len(positions)} {targets}."]
    judged = [p for p in placed if p.ahead is not None]
    behind = sorted((p for p in judged if not p.ahead), key=_distance, reverse=True)
    if behind:
        said.append(f"Furthest behind: {'; '.join(map(_alt_row, behind[:3]))}.")
    ahead = [_alt_row(p) for p in judged if p.ahead]
    if len(ahead) > MOST_NAMED:
        ahead = [f"{len(ahead)} of them"]
    said.append(f"Ahead: {'; '.join(ahead)}." if ahead else "Ahead on none." if judged else "")
    if len(placed) < len(positions):
        silent = [p.label for p in positions if not p.now]
        few = len(silent) <= MOST_NAMED
        said.append(f"No place: {wording.listed(silent) if few else f'{len(silent)} of them'}.")
    return " ".join(filter(None, said))


def _distance(position: Position) -> int:
    return position.now.position - position.needed


def _alt_row(position: Position) -> str:
    place = wording.ordinal(position.needed)
    return f"{position.label}, {wording.rank_text(position.now)}, {position.needed_words} {place}"


def _reading(positions, catalogue: Catalogue) -> Iterator[str]:
    """How to read the chart, as far as it shows such things."""
    ranks = [p.now for p in positions if p.now]
    if ranks:
        sizes = sorted({rank.of for rank in ranks})
        counts = " or ".join(map(str, sizes)) if len(sizes) < 3 else f"{sizes[0]} to {sizes[-1]}"
        yield (f"1st is best. Each row ranks the {catalogue.league.title} that have a figure: "
               f"{counts} of {len(catalogue.league.areas)}.")
    if any(p.needed for p in positions):
        yield f"The flag is where the figure of {aimed_at(positions)} would stand today."
    if any(map(wording.rank_range, ranks)):
        yield ("The bar spans 95% of the places the borough takes when the league is drawn again "
               "and again within the figures' intervals.")
    yield from _undecided(positions)
    yield from _without_bars(positions)


def _undecided(positions) -> Iterator[str]:
    """The rows on which the uncertainty reaches across the flag."""
    both = [p.label for p in positions if p.ahead is not None and wording.rank_range(p.now)
            and p.now.low < p.needed <= p.now.high]
    if both:
        names = wording.listed(both)
        yield f"Where the bar crosses the flag the borough could be on either side: {names}."


def _without_bars(positions) -> Iterator[str]:
    ranks = [p.now for p in positions if p.now]
    unsure = {p.label: p.now.unsure for p in positions if p.now and not wording.rank_range(p.now)}
    if unsure:
        which = "any row" if len(unsure) == len(ranks) else wording.listed(list(unsure))
        reasons = list(dict.fromkeys(filter(None, unsure.values())))
        yield f"No bar for {which}" + (f": {'; '.join(reasons)}." if reasons else ".")


def _table(positions, catalogue: Catalogue, targets: str, name: str) -> Table:
    labels = earlier_labels(positions)
    rows = tuple(_table_row(position, labels) for position in positions)
    columns = heads(
        "Target",
        *(f"#{label}" for label in labels),
        ("#Now", "period"),
        ("#Could be", "95% limits"),
        ("#To stand before", "whose place today"),
        "Reached",
    )
    caption = f"Places among {catalogue.league.title} on the {targets}"
    return Table(caption=caption, columns=columns, rows=rows, notes=explained(rows), name=name)


def _table_row(position: Position, labels: Sequence[str]) -> tuple[Cell, ...]:
    now, earlier = position.now, dict(position.earlier)
    needed = wording.ordinal(position.needed) if position.needed else "[x]"
    return (
        Cell(position.label, sub=position.sub),
        *(Cell(wording.rank_text(earlier.get(label))) for label in labels),
        Cell(wording.rank_text(now), sub=position.now_period if now else position.reason,
             strong=now is not None),
        Cell(wording.rank_range(now) or "[x]", sub=now.unsure) if now else Cell("[x]"),
        Cell(needed, sub=position.needed_words),
        Cell({True: "yes", False: "no", None: "[x]"}[position.ahead]),
    )

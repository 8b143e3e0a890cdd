"""Whether what was read back tells a protected figure.

A number counts where an area is named beside it and the nearest words that name an
indicator name a protected one. Where nothing names an indicator, a column must agree with
the truth, area after area, before chance is ruled out.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lbbd_jsna.errors import Fault
from lbbd_jsna.reporting.output_marks import Family, drawn_from, family_of
from lbbd_jsna.reporting.output_numbers import Number, is_released, numbers_in, tells
from lbbd_jsna.reporting.output_pieces import (
    Grid,
    Marks,
    Piece,
    Place,
    Shape,
    Words,
    Wrong,
    quoted,
)
from lbbd_jsna.reporting.output_proof import agreement, in_true_order
from lbbd_jsna.reporting.output_protected import Names, Protected, Secret

BITS_OF_PROOF = 16.0  # a column of an unnamed table agrees by chance once in 65,000
MARK = "[c]"
ROUNDED_TO = 5
LONGEST_NAMING = 60  # characters of a heading that says what all below it is about
NEARBY = 20  # characters between a figure and a comparator it belongs to
COMPARATOR = re.compile(r"\b(?:England|London|[Bb]orough|peers?|national|[Rr]egion)\b")
EXTREMES = re.compile(r"\b(?:highest|lowest|most|fewest|least)\b", re.I)
NUMBERED = re.compile(r"\bnumber(?:ed)? (?:as )?on\b", re.I)
RANKS = re.compile(r"\b(?:rank|place|position|order|class|quintile|decile|number on)\b", re.I)
COUNTS = re.compile(r"\b(?:counts?|numbers?|numerators?|cases|events|people|children)\b", re.I)
NOT_COUNTS = re.compile(r"\b(?:per|rate|%|population|denominator|rank|place|on the map)\b", re.I)
TODO = "draw and write it from the released figures only"


@dataclass(frozen=True)
class _Meant:
    """The cells a figure may be about, and whether the words around it say so."""

    named: tuple[Secret, ...]
    unnamed: tuple[Secret, ...]


class Judge:
    """Looks through pieces for protected figures."""

    def __init__(self, protected: Protected) -> None:
        self.protected, self.names = protected, Names(protected)
        self.families = _families(protected)

    def faults(self, pieces: Iterable[Piece]) -> list[Fault]:
        """Every fault, each place and kind once, in the order found."""
        found: dict[tuple[str, str], Fault] = {}
        for piece in pieces:
            for fault in self._piece(piece):
                found.setdefault((fault.where, fault.found), fault)
        return list(found.values())

    def _piece(self, piece: Piece) -> Iterator[Fault]:
        if isinstance(piece, Wrong):
            yield Fault(str(piece.place), piece.found, "nothing of the kind", piece.todo)
        elif isinstance(piece, Grid):
            yield from self._grid(piece)
        elif isinstance(piece, Words):
            yield from self._words(piece)
        elif isinstance(piece, Marks):
            yield from self._marks(piece)
        else:
            yield from self._shape(piece)

    # What a figure is about

    def _named_by(self, levels: Iterable[str]) -> frozenset[str]:
        """The indicators of the nearest level that names any."""
        return next(filter(None, map(self.names.indicators, levels)), frozenset())

    def _meant(self, areas: frozenset[str], levels: tuple[str, ...]) -> _Meant:
        cells = [cell for area in sorted(areas) for cell in self.protected.by_area.get(area, ())]
        ids = self._named_by(levels)
        named = [cell for cell in cells if cell.indicator in ids]
        others = [cell for cell in cells if cell.indicator not in ids]
        return _Meant(tuple(self._narrowed(named, levels)), tuple(others))

    def _narrowed(self, cells: list[Secret], levels: tuple[str, ...]) -> list[Secret]:
        """Keep the period, age and sex that the nearest words name, where they name any."""
        for number, part in enumerate(("period", "age", "sex")):
            for level in levels:
                said = self.names.said(level)[number]
                kept = [cell for cell in cells if getattr(cell, part).casefold() in
                        {word.casefold() for word in said}]
                if kept:
                    cells = kept
                    break
        return cells

    # Tables

    def _grid(self, grid: Grid) -> Iterator[Fault]:
        outer = tuple(reversed(grid.place.context))
        above = self._area_above(outer)
        columns: dict[int, dict[str, list[Number]]] = defaultdict(dict)
        for number, row in enumerate(grid.rows, start=1):
            areas, holder = self._row_areas(row)
            said = " ".join(text for text in row if not _figure_only(text))
            for column, text in enumerate(row):
                head = grid.head(column)
                own = self._areas(head) or areas or above
                if not own or (COMPARATOR.search(head) and not self._areas(head)):
                    continue
                levels = (f"{head} {said}", *outer)
                figures = self._figures(text, head, own, column == holder)
                if len(areas) == 1:
                    columns[column][min(areas)] = list(figures)
                meant = self._meant(own, levels) if figures else _Meant((), ())
                yield from self._told(figures, meant.named, self._spot(grid, row, head, number))
            yield from self._ranked(grid, row, areas, said, outer)
        yield from self._unrounded(grid, outer)
        yield from self._proofs(columns, grid)
        yield from self._lists(grid)
        yield from self._ordered(grid, outer)

    def _areas(self, text: str) -> frozenset[str]:
        return frozenset(code for *_, codes in self.names.areas(text) for code in codes)

    def _row_areas(self, row: tuple[str, ...]) -> tuple[frozenset[str], int]:
        """The areas of the first cell that names any, and which cell that is."""
        for column, text in enumerate(row):
            if areas := self._areas(text):
                return areas, column
        return frozenset(), -1

    def _area_above(self, outer: tuple[str, ...]) -> frozenset[str]:
        """The one area that the nearest words naming any name: a page about one ward."""
        plain = [n for n in outer if len(n) <= LONGEST_NAMING and not EXTREMES.search(n)]
        mentions = next(filter(None, map(self.names.areas, plain)), ())
        return mentions[0][2] if len({codes for *_, codes in mentions}) == 1 else frozenset()

    def _figures(
        self, text: str, head: str, areas: frozenset[str], holder: bool
    ) -> tuple[Number, ...]:
        """The figures of a cell: no ranks, and not the number an area has on the map."""
        if RANKS.search(head) and not COUNTS.search(head):
            return ()
        found = tuple(f for f in numbers_in(text) if not self._compared(f, text))
        if holder and found and found[0].at == 0:
            places = {float(n) for area in areas for n in self.names.place.get(area, ())}
            numbered = found[0].value in places or NUMBERED.search(head)
            found = found[1:] if numbered else found
        return found

    def _spot(self, grid: Grid, row: tuple[str, ...], head: str, number: int) -> Place:
        named = [match for text in row for match in self.names.areas(text)]
        texts = [text for text in row if self.names.areas(text)]
        name = texts[0][named[0][0] : named[0][1]] if named else ""
        words = f'row "{name}"' if name else f"row {number}"
        return grid.place.within(words + (f", column {quoted(head)}" if head.strip() else ""))

    def _told(
        self, figures: Iterable[Number], cells: tuple[Secret, ...], place: Place
    ) -> Iterator[Fault]:
        for figure in figures:
            if any(is_released(figure, cell) for cell in cells):
                continue
            for cell in cells:
                if what := tells(figure, cell):
                    yield _fault(place, what, cell)
                    break

    def _unrounded(self, grid: Grid, outer: tuple[str, ...]) -> Iterator[Fault]:
        """Every count of a protected indicator is a multiple of 5, whichever area it is of."""
        for column, head in enumerate(grid.heads):
            if not COUNTS.search(head) or NOT_COUNTS.search(head):
                continue
            for number, row in enumerate(grid.rows, start=1):
                said = " ".join(text for text in row if not _figure_only(text))
                ids = self._named_by((f"{head} {said}", *outer)) & self.names.protected_ids
                text = row[column] if column < len(row) else ""
                own = self._areas(text) or not (self._row_areas(row)[0] or self._area_above(outer))
                if ids and not own and any(
                    f.value % ROUNDED_TO for f in numbers_in(text) if not f.decimals
                ):
                    yield Fault(str(self._spot(grid, row, head, number)),
                                f"a count of {min(ids)} that is not a multiple of {ROUNDED_TO}",
                                "a rounded count", TODO)

    def _ranked(self, grid, row, areas, said, outer) -> Iterator[Fault]:
        """A withheld figure must have no rank and no class either."""
        if MARK not in " ".join(row):
            return
        cells = [c for c in self._meant(areas, (said, *outer)).named if c.hidden]
        other = any(
            numbers_in(text) for column, text in enumerate(row)
            if not self._areas(text) and not RANKS.search(grid.head(column))
        )
        for column, text in enumerate(row):
            head = grid.head(column)
            if cells and not other and RANKS.search(head) and re.search(r"\d", text) \
                    and not self._areas(text):
                place = grid.place.within(f'row "{cells[0].name}", column {quoted(head)}')
                yield _fault(place, "the rank or class of a withheld figure", cells[0])

    def _proofs(self, columns: dict[int, dict[str, list[Number]]], grid: Grid) -> Iterator[Fault]:
        """Columns of tables that name no indicator, against every table of the truth."""
        for column, figures in columns.items():
            by_area = {area: numbers for area, numbers in figures.items() if numbers}
            if len(by_area) < 2:
                continue
            for group, cells in self.protected.by_group.items():
                if agreement(by_area, cells) >= BITS_OF_PROOF:
                    place = grid.place.within(f"column {quoted(grid.head(column)) or column + 1}")
                    yield Fault(str(place), f"a column of protected counts of {group[0]}",
                                "released counts", "leave it out")

    def _lists(self, grid: Grid) -> Iterator[Fault]:
        """A bare list that holds a whole table of counts, in whatever order."""
        width = max(map(len, grid.rows), default=0)
        lists = [[row[n] for row in grid.rows if n < len(row)] for n in range(min(width, 60))]
        lists += [list(row) for row in grid.rows if len(row) > 4]
        for texts in lists:
            values = [float(t) for t in texts if re.fullmatch(r"\d+(?:\.\d+)?", t.strip())]
            if len(values) < 5 or len(set(values)) < 4:
                continue
            for group, cells in self.protected.by_group.items():
                hidden = any(cell.hidden for cell in cells)
                if hidden and len(cells) == len(values) and Counter(values) == Counter(
                    cell.count for cell in cells
                ):
                    yield Fault(str(grid.place), f"a list of protected counts of {group[0]}",
                                "released counts", "leave it out")

    def _ordered(self, grid: Grid, outer: tuple[str, ...]) -> Iterator[Fault]:
        """Withheld rows must not stand where their true figures would put them."""
        for column in range(1, max(map(len, grid.rows), default=0)):
            texts = [row[column] if column < len(row) else "" for row in grid.rows]
            if sum(MARK in text for text in texts) == 0:
                continue
            rows = []
            for row, text in zip(grid.rows, texts, strict=True):
                areas, _ = self._row_areas(row)
                cells = self._meant(areas, (grid.head(column), *outer)).named
                if len({cell.area for cell in cells}) == 1 and (MARK in text or numbers_in(text)):
                    rows.append((cells[0], MARK in text))
            if in_true_order(rows):
                place = grid.place.within(f"column {quoted(grid.head(column))}")
                yield Fault(str(place), "withheld rows stand in the order of their true figures",
                            "sorted by released value, then by name", "sort again")

    # Words

    def _words(self, words: Words) -> Iterator[Fault]:
        outer = tuple(reversed(words.place.context))
        above = self._area_above(outer)
        for sentence in _sentences(words.text):
            figures = numbers_in(sentence, spelt=True)
            if not figures:
                continue
            for figure in figures:
                areas = self._beside(figure, sentence) or (
                    above if not self._areas(sentence) else frozenset()
                )
                if areas:
                    cells = self._meant(areas, (sentence, words.text, *outer)).named
                    yield from self._told([figure], cells, words.place)
        yield from self._spoken_proof(words)

    def _beside(self, figure: Number, sentence: str) -> frozenset[str]:
        """The areas named next before and next after a figure; none beside a comparator."""
        mentions = self.names.areas(sentence)
        before = [m for m in mentions if m[0] <= figure.at]
        after = [m for m in mentions if m[0] > figure.at]
        if self._compared(figure, sentence):
            return frozenset()
        if before and before[-1] is mentions[0] and figure.at == 0:
            before = []
        codes = [m[2] for m in (*before[-1:], *after[:1])]
        found = frozenset(code for group in codes for code in group)
        places = {n for area in found for n in self.names.place.get(area, ())}
        followed = after and after[0][0] - figure.at <= 4
        return frozenset() if followed and figure.value in places and not before else found

    def _compared(self, figure: Number, sentence: str) -> bool:
        """Whether a figure stands beside a comparator and no area as near."""
        near = sentence[max(0, figure.at - NEARBY) : figure.at + NEARBY]
        return bool(COMPARATOR.search(near)) and not self.names.areas(near)

    def _spoken_proof(self, words: Words) -> Iterator[Fault]:
        mentions = self.names.areas(words.text)
        if len(mentions) < 3:
            return
        figures = numbers_in(words.text)
        by_area: dict[str, list[Number]] = {}
        for start, _, codes in mentions:
            after = [f for f in figures if f.at > start]
            before = [f for f in figures if f.at < start]
            for code in codes:
                by_area.setdefault(code, []).extend([*before[-1:], *after[:1]])
        for group, cells in self.protected.by_group.items():
            if agreement(by_area, cells) >= BITS_OF_PROOF:
                yield Fault(str(words.place), f"a list of protected counts of {group[0]}",
                            "released counts", "leave it out")

    # Drawings

    def _marks(self, marks: Marks) -> Iterator[Fault]:
        ids = self._named_by(reversed(marks.place.context))
        for indicator, families in self.families.items():
            if drawn_from(marks, families, named=indicator in ids):
                what = f"marks drawn at the height of protected figures of {indicator}"
                yield Fault(str(marks.place), what, "marks of released figures", TODO)

    def _shape(self, shape: Shape) -> Iterator[Fault]:
        areas = self._areas(shape.name)
        if areas and not _is_neutral(shape.fill):
            cells = self._meant(areas, tuple(reversed(shape.place.context))).named
            if cells and all(cell.hidden for cell in cells):
                place = shape.place.within(f'shape "{cells[0].name}"')
                yield _fault(place, "a withheld figure is filled with the colour of a class",
                             cells[0])


def _fault(place: Place, what: str, cell: Secret) -> Fault:
    about = f"{what}, of {cell.indicator} in {cell.name}"
    return Fault(str(place), about, MARK if cell.hidden else "the released figure", TODO)


def _families(protected: Protected) -> dict[str, list[Family]]:
    """By indicator, what a chart may draw together: all areas, or all periods of one."""
    found: dict[str, list[Family]] = defaultdict(list)
    along: dict[tuple[str, ...], list[Secret]] = defaultdict(list)
    for group, cells in protected.by_group.items():
        found[group[0]].append(family_of(cells))
        for cell in cells:
            along[cell.indicator, cell.area, cell.sex, cell.age].append(cell)
    for (indicator, *_), cells in along.items():
        if len(cells) > 2:
            found[indicator].append(family_of(tuple(cells)))
    return found


def _figure_only(text: str) -> bool:
    return not re.search(r"[^\W\d_]", text)


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.;!?])\s+", text)


def _is_neutral(fill: str) -> bool:
    """No fill, a pattern, or a grey: the colour of no class."""
    match = re.fullmatch(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", fill.strip().casefold())
    if match is None:
        return fill in ("", "none", "white", "transparent") or fill.startswith("url(")
    parts = [int(part, 16) for part in match.groups()]
    return max(parts) - min(parts) <= 12

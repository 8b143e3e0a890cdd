"""Whether what was read back tells a protected figure.

A number counts where an area is named beside it and the nearest words that name an
indicator name a protected one. Where nothing names an indicator, a column must agree with
the truth, area after area, before chance is ruled out.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from lbbd_jsna.errors import Fault
from lbbd_jsna.reporting.output_marks import Heights
from lbbd_jsna.reporting.output_numbers import UNROUNDED, Number, is_released, numbers_in, tells
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
from lbbd_jsna.reporting.output_proof import agreement, families_of, in_true_order, wholes_of
from lbbd_jsna.reporting.output_protected import Names, Protected, Secret

BITS_OF_PROOF = 16.0  # a column of an unnamed table agrees by chance once in 65,000
MARK = "[c]"
ROUNDED_TO = 5
LONGEST_NAMING = 60  # characters of a heading that says what all below it is about
NEARBY = 20  # characters between a figure and a comparator it belongs to
PLAIN = re.compile(r"\d+(?:\.\d+)?")
COMPARATOR = re.compile(r"\b(?:England|London|[Bb]orough|peers?|national|[Rr]egion)\b")
NUMBER_BEFORE = 4  # characters from an area's number on the map to its name
OF_AREAS = re.compile(r"(?:number of )?(?:wards|areas)\b", re.I)
EXTREMES = re.compile(r"\b(?:highest|lowest|most|fewest|least)\b", re.I)
NUMBERED = re.compile(r"\bnumber(?:ed)? (?:as )?on\b", re.I)
RANKS = re.compile(r"\b(?:rank|place|position|order|class|quintile|decile|number on)\b", re.I)
COUNTS = re.compile(r"\b(?:counts?|numbers?|numerators?|cases|events|people|children)\b", re.I)
NOT_COUNTS = re.compile(r"\b(?:per|rate|%|population|denominator|rank|place|on the map)\b", re.I)
TODO = "draw and write it from the released figures only"


class Judge:
    """Looks through pieces for protected figures."""

    def __init__(self, protected: Protected) -> None:
        self.protected, self.names = protected, Names(protected)
        self.heights = Heights(families_of(protected))
        self.wholes = wholes_of(protected)
        self._agreeing = lru_cache(maxsize=None)(self._agree)

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

    def _meant(self, areas: frozenset[str], levels: tuple[str, ...]) -> tuple[Secret, ...]:
        """The cells a figure of some areas is about, as far as the words around it say."""
        ids = sorted(self._named_by(levels) & self.names.protected_ids)
        places = [(area, name) for area in sorted(areas) for name in ids]
        cells = [cell for place in places for cell in self.protected.by_place.get(place, ())]
        return tuple(self._narrowed(cells, levels)) if cells else ()

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
        weak, unlike = defaultdict(list), Counter()
        for number, row in enumerate(grid.rows, start=1):
            areas, holder = self._row_areas(row)
            said = self._said_in(row)
            for column, text in enumerate(row):
                head = grid.head(column)
                own = self.names.codes(head) or areas or above
                if not own or (COMPARATOR.search(head) and not self.names.codes(head)):
                    continue
                levels = (f"{head} {said}", *outer)
                figures = self._figures(text, head, own, column == holder)
                if len(areas) == 1:
                    columns[column][min(areas)] = list(figures)
                cells = self._meant(own, levels) if figures else ()
                for what, cell in self._judged(figures, cells):
                    if cell is None:
                        unlike[column] += 1
                        continue
                    fault = _fault(self._spot(grid, row, head, number), what, cell)
                    if cell.hidden or what == UNROUNDED:
                        yield fault
                    else:
                        weak[column].append(fault)
            yield from self._ranked(grid, row, areas, said, outer)
        for column, faults in weak.items():
            # Among many figures that are something else, a limit or two agree by chance.
            if len(faults) >= unlike[column]:
                yield from faults
        yield from self._unrounded(grid, outer)
        yield from self._proofs(columns, grid)
        yield from self._lists(grid)
        yield from self._ordered(grid, outer)

    def _said_in(self, row: tuple[str, ...]) -> str:
        """What a row says in words; a period such as 2024/25 is among them."""
        return " ".join(t for t in row if not _figure_only(t) or self.names.said(t)[0])

    def _row_areas(self, row: tuple[str, ...]) -> tuple[frozenset[str], int]:
        """The areas of the first cell that names any, and which cell that is."""
        for column, text in enumerate(row):
            if areas := self.names.codes(text):
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
        if len(areas) > 1 and OF_AREAS.match(head):
            return ()
        found = tuple(
            f for f in numbers_in(text) if not (self._compared(f, text) or self._placed(f, text))
        )
        if holder and found and found[0].at == 0 and NUMBERED.search(head):
            found = found[1:]
        return found

    def _placed(self, figure: Number, text: str) -> bool:
        """Whether a figure is the number on the map of the area named right after it."""
        after = next((m for m in self.names.areas(text) if m[0] > figure.at), None)
        if after is None or after[0] - figure.at > NUMBER_BEFORE:
            return False
        return any(figure.value in self.names.place.get(area, ()) for area in after[2])

    def _spot(self, grid: Grid, row: tuple[str, ...], head: str, number: int) -> Place:
        named = [match for text in row for match in self.names.areas(text)]
        texts = [text for text in row if self.names.areas(text)]
        name = texts[0][named[0][0] : named[0][1]] if named else ""
        words = f'row "{name}"' if name else f"row {number}"
        return grid.place.within(words + (f", column {quoted(head)}" if head.strip() else ""))

    def _judged(
        self, figures: Iterable[Number], cells: tuple[Secret, ...]
    ) -> Iterator[tuple[str, Secret | None]]:
        """What each figure that was not released gives away, and of which cell, if any."""
        for figure in figures:
            if cells and not any(is_released(figure, cell) for cell in cells):
                told = ((what, cell) for cell in cells if (what := tells(figure, cell)))
                yield next(told, ("", None))

    def _told(
        self, figures: Iterable[Number], cells: tuple[Secret, ...], place: Place
    ) -> Iterator[Fault]:
        for what, cell in self._judged(figures, cells):
            if cell is not None:
                yield _fault(place, what, cell)

    def _unrounded(self, grid: Grid, outer: tuple[str, ...]) -> Iterator[Fault]:
        """Every count of a protected indicator is a multiple of 5, whichever area it is of."""
        for column, head in enumerate(grid.heads):
            if not COUNTS.search(head) or NOT_COUNTS.search(head):
                continue
            for number, row in enumerate(grid.rows, start=1):
                said = self._said_in(row)
                ids = self._named_by((f"{head} {said}", *outer)) & self.names.protected_ids
                text = row[column] if column < len(row) else ""
                about = self._row_areas(row)[0] or self._area_above(outer)
                own = self.names.codes(text) or not about
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
        cells = [c for c in self._meant(areas, (said, *outer)) if c.hidden]
        other = any(
            numbers_in(text) for column, text in enumerate(row)
            if not self.names.codes(text) and not RANKS.search(grid.head(column))
        )
        for column, text in enumerate(row):
            head = grid.head(column)
            if cells and not other and RANKS.search(head) and re.search(r"\d", text) \
                    and not self.names.codes(text):
                place = grid.place.within(f'row "{cells[0].name}", column {quoted(head)}')
                yield _fault(place, "the rank or class of a withheld figure", cells[0])

    def _proofs(self, columns: dict[int, dict[str, list[Number]]], grid: Grid) -> Iterator[Fault]:
        """Columns of tables that name no indicator, against every table of the truth."""
        for column, figures in columns.items():
            by_area = {area: numbers for area, numbers in figures.items() if numbers}
            if len(by_area) < 2:
                continue
            for indicator in self._proven(by_area):
                place = grid.place.within(f"column {quoted(grid.head(column)) or column + 1}")
                yield Fault(str(place), f"a column of protected counts of {indicator}",
                            "released counts", "leave it out")

    def _proven(self, by_area: dict[str, list[Number]]) -> tuple[str, ...]:
        """Indicators whose truth the numbers beside areas agree with, not by chance."""
        return self._agreeing(tuple((area, tuple(some)) for area, some in by_area.items()))

    def _agree(self, beside: tuple[tuple[str, tuple[Number, ...]], ...]) -> tuple[str, ...]:
        by_area = {area: list(numbers) for area, numbers in beside}
        proofs = (
            group[0]
            for group, cells in self.protected.by_group.items()
            if agreement(by_area, cells) >= BITS_OF_PROOF
        )
        return tuple(dict.fromkeys(proofs))

    def _lists(self, grid: Grid) -> Iterator[Fault]:
        """A bare list that holds a whole table of counts, in whatever order."""
        width = max(map(len, grid.rows), default=0)
        lists = [[row[n] for row in grid.rows if n < len(row)] for n in range(min(width, 60))]
        lists += [list(row) for row in grid.rows if len(row) > 4]
        for texts in lists:
            values = sorted(float(t) for t in texts if PLAIN.fullmatch(t.strip()))
            if len(values) >= 5 and len(set(values)) >= 4:
                for indicator in self.wholes.get(tuple(values), ()):
                    yield Fault(str(grid.place), f"a list of protected counts of {indicator}",
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
                cells = self._meant(areas, (grid.head(column), *outer))
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
                    above if not self.names.codes(sentence) else frozenset()
                )
                if areas:
                    cells = self._meant(areas, (sentence, words.text, *outer))
                    yield from self._told([figure], cells, words.place)
        yield from self._spoken_proof(words)

    def _beside(self, figure: Number, sentence: str) -> frozenset[str]:
        """The areas named next before and next after a figure; none beside a comparator."""
        mentions = self.names.areas(sentence)
        before = [m for m in mentions if m[0] <= figure.at]
        after = [m for m in mentions if m[0] > figure.at]
        if self._compared(figure, sentence) or self._placed(figure, sentence):
            return frozenset()
        if before and before[-1] is mentions[0] and figure.at == 0:
            before = []
        codes = [m[2] for m in (*before[-1:], *after[:1])]
        return frozenset(code for group in codes for code in group)

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
        for indicator in self._proven(by_area):
            yield Fault(str(words.place), f"a list of protected counts of {indicator}",
                        "released counts", "leave it out")

    # Drawings

    def _marks(self, marks: Marks) -> Iterator[Fault]:
        ids = self._named_by(reversed(marks.place.context))
        for indicator in self.heights.drawn(marks, named=ids):
            what = f"marks drawn at the height of protected figures of {indicator}"
            yield Fault(str(marks.place), what, "marks of released figures", TODO)

    def _shape(self, shape: Shape) -> Iterator[Fault]:
        areas, levels = self.names.codes(shape.name), tuple(reversed(shape.place.context))
        if not areas or _is_neutral(shape.fill):
            return
        if self._named_by(levels) - self.names.protected_ids:
            return  # of several measures, the colour may be that of another
        cells = self._repeated(areas, levels) if shape.again else self._meant(areas, levels)
        if cells and all(cell.hidden for cell in cells):
            place = shape.place.within(f'shape "{cells[0].name}"')
            yield _fault(place, "a withheld figure is filled with the colour of a class", cells[0])

    def _repeated(self, areas: frozenset[str], levels: tuple[str, ...]) -> tuple[Secret, ...]:
        """What an area drawn more than once may be about: any period, of one indicator alone.

        Which picture is of which measure cannot be told; the table beside them is read.
        """
        ids = frozenset().union(*map(self.names.indicators, levels))
        if len(ids) != 1:
            return ()
        places = [(area, min(ids)) for area in sorted(areas)]
        return tuple(cell for place in places for cell in self.protected.by_place.get(place, ()))


def _fault(place: Place, what: str, cell: Secret) -> Fault:
    about = f"{what}, of {cell.indicator} in {cell.name}"
    return Fault(str(place), about, MARK if cell.hidden else "the released figure", TODO)


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

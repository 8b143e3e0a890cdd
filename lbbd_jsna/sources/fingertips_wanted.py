"""Which rows of a Fingertips CSV are wanted, asked of a whole block of them at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.sources.csv_blocks import QUOTE, Block, first_words
from lbbd_jsna.sources.fingertips_columns import REQUIRED, Layout

OTHER_IDS = "of ids that are not in the catalogue"
OTHER_AREAS = "of other areas"
OTHER_CATEGORIES = "of breakdowns by category for other areas"
# What the bytes of a row say of it: not wanted, wanted, wanted but for its category, or that
# it must be parsed to know.
NO, YES, DETAIL, UNSURE = range(4)

_AT_ID, _AT_CODE, _AT_CATEGORY_TYPE = (
    list(REQUIRED).index(heading) for heading in ("Indicator ID", "Area Code", "Category Type")
)
_CODE_LENGTH = 9


@dataclass(frozen=True)
class Wanted:
    """Which rows are kept; the rest of a national file is only counted.

    Parameters
    ----------
    ids : frozenset of str
        Ids of series in the catalogue, and ids that took the place of one.
    areas : frozenset of str
        Codes of areas in the catalogue, but for other boroughs' wards.
    detailed : frozenset of str
        Codes of areas whose breakdowns by category are kept.
    """

    ids: frozenset[str]
    areas: frozenset[str]
    detailed: frozenset[str]

    @classmethod
    def by(cls, catalogue: Catalogue, *, source: str) -> Wanted:
        """What a catalogue wants of one source."""
        own = catalogue.settings.area
        areas = [a for a in catalogue.areas if a.type != "ward" or a.parent == own]
        countries = {area.code for area in areas if area.type == "country"}
        published = [i for i in catalogue.indicators.values() if i.source == source]
        ids = {i.source_id for i in published} | {i.superseded_by for i in published}
        return cls(
            ids=frozenset(ids - {""}),
            areas=frozenset(area.code for area in areas),
            detailed=frozenset({own, *countries}),
        )

    def reason_to_drop(self, record: list[str], layout: Layout) -> str:
        """Why a row is left out, or nothing."""
        if record[layout.places[_AT_ID]].strip() not in self.ids:
            return OTHER_IDS
        code = record[layout.places[_AT_CODE]].strip()
        if code not in self.areas:
            return OTHER_AREAS
        if code not in self.detailed and record[layout.places[_AT_CATEGORY_TYPE]].strip():
            return OTHER_CATEGORIES
        return ""


class Ids(dict):
    """What the first word of a row (`csv_blocks.first_words`) says of it, found out once."""

    def __init__(self, wanted: Wanted) -> None:
        super().__init__()
        self.wanted = wanted.ids

    def __missing__(self, word: int) -> int:
        first = word.to_bytes(8, "little").rstrip(b"\0")
        # White space, quotes and other signs might be taken away by whoever parses the row.
        if first.isalnum():
            self[word] = YES if first.decode("ascii") in self.wanted else NO
        else:
            self[word] = UNSURE
        return self[word]

    def judge(self, block: Block) -> np.ndarray:
        """`NO`, `YES` or `UNSURE` for each row of a block; the id is its first field."""
        # Rows of one id stand together, nearly always.
        words, counts = first_words(block)
        verdicts = [self[word] for word in words.tolist()]
        return np.repeat(np.array(verdicts, dtype=np.uint8), counts)


class Areas:
    """The wanted area codes as numbers, to compare a column of codes with."""

    def __init__(self, wanted: Wanted) -> None:
        codes = sorted(wanted.areas, key=lambda code: code[1:])
        ends = [code[1:].encode() for code in codes]
        # Codes are a letter and eight digits; others are compared when the row is parsed.
        self.usable = bool(codes) and len(set(ends)) == len(ends) == sum(len(e) == 8 for e in ends)
        if self.usable:
            order = sorted(codes, key=lambda code: int.from_bytes(code[1:].encode(), "little"))
            text = "".join(order).encode()
            table = np.frombuffer(text, dtype=[("letter", "u1"), ("digits", "<u8")])
            self.letters, self.digits = table["letter"], np.ascontiguousarray(table["digits"])
            self.detailed = np.array([code in wanted.detailed for code in order])

    def sort_out(self, block: Block, rows: np.ndarray, layout: Layout) -> np.ndarray:
        """Say what becomes of rows as far as bytes tell.

        Parameters
        ----------
        block : Block
            Where the rows stand.
        rows : array of int
            Rows of wanted ids.
        layout : Layout
            The columns of these rows.

        Returns
        -------
        array of int, one for each row
            `YES`, `NO` for another area, `DETAIL` or `UNSURE`.
        """
        verdicts = np.full(len(rows), UNSURE, dtype=np.uint8)
        if not self.usable:
            return verdicts
        starts, ends = block.field(rows, layout.places[_AT_CODE])
        digits = block.words(starts + 1)
        at = np.minimum(np.searchsorted(self.digits, digits), len(self.digits) - 1)
        found = (self.digits[at] == digits) & (self.letters[at] == block.bytes[starts])
        found &= ends - starts == _CODE_LENGTH
        plain = _is_plain(block.bytes[starts]) & _is_plain(block.bytes[ends - 1])
        verdicts[~found & plain] = NO
        # A quote may hide that an id goes on after it.
        sure = block.bytes[block.starts[rows]] != QUOTE
        verdicts[found & sure & self.detailed[at]] = YES
        detail = np.flatnonzero(found & sure & ~self.detailed[at])
        starts, ends = block.field(rows[detail], layout.places[_AT_CATEGORY_TYPE])
        verdicts[detail[ends == starts]] = YES
        verdicts[detail[(ends > starts) & _is_plain(block.bytes[starts])]] = DETAIL
        return verdicts


def _is_plain(first: np.ndarray) -> np.ndarray:
    """Whether bytes are signs of ASCII that neither white space nor quotes can be."""
    return (first > ord(" ")) & (first < 127) & (first != QUOTE)

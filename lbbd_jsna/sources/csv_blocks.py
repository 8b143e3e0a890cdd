"""Where the records and fields of a large CSV stand, found a block at a time.

A parser that makes a text of every field spends its time on rows nobody wants. Here each block
of the file becomes a few bits a byte (is it a comma, a line feed, a quote?), and the records,
the number of their fields and the place of any field follow from arithmetic on whole arrays of
bits. Only the records that are wanted are then parsed, by the csv module.

The bits are trusted only where the csv module could not read a block otherwise: every quote
stands at the edge of a field, and every carriage return before a line feed. At the first block
of which that is not so `Irregular` is raised, and the caller goes on with the csv module alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

import numpy as np

BLOCK_BYTES = 1 << 21
# The csv module takes no longer field; a longer record is left to it to judge.
MOST_RECORD_BYTES = csv.field_size_limit()
COMMA, QUOTE, RETURN, FEED = b',"\r\n'
_WORD = np.dtype("<u8")
# Bits in a word; and as many bytes beyond the end, so that a word can be read at any of them.
_BITS = 64
# Words of one byte eight times.
_COMMAS, _QUOTES, _ONES, _HIGHEST = (
    np.frombuffer(bytes([byte] * 8), _WORD)[0] for byte in (COMMA, QUOTE, 1, 0x80)
)


class Irregular(Exception):
    """The csv module must read on from here.

    Parameters
    ----------
    offset : int
        The byte of the file at which a record starts.
    line : int
        The line on which it starts, the first being 1.
    """

    def __init__(self, offset: int, line: int) -> None:
        super().__init__(f"byte {offset}, line {line}")
        self.offset, self.line = offset, line


@dataclass(frozen=True)
class Block:
    """Whole records of a file.

    Parameters
    ----------
    content : bytearray
        The records, and 64 bytes or more beyond them.
    size : int
        How many bytes the records take.
    starts, ends : array of int, one for each record
        Its first byte, and the byte after its last, line break not counted.
    lines : array of int
        The line of the file on which it starts.
    ranks : array of int, one more than there are records
        How many commas between fields stand before it.
    commas : array of uint64
        A bit for each byte: a comma between fields.
    """

    content: bytearray
    size: int
    starts: np.ndarray
    ends: np.ndarray
    lines: np.ndarray
    ranks: np.ndarray
    commas: np.ndarray

    @cached_property
    def bytes(self) -> np.ndarray:
        """The content as numbers from 0 to 255."""
        return np.frombuffer(self.content, dtype=np.uint8)

    @cached_property
    def widths(self) -> np.ndarray:
        """How many fields each record has; a blank line has one."""
        return np.diff(self.ranks) + 1

    @cached_property
    def _words(self) -> np.ndarray:
        count = len(self.content) - _WORD.itemsize + 1
        return np.ndarray((count,), _WORD, buffer=self.content, strides=(1,))

    @cached_property
    def _comma_places(self) -> np.ndarray:
        return np.append(_flagged(self.commas), len(self.content))

    def words(self, places: np.ndarray) -> np.ndarray:
        """The eight bytes from each place on as a number, the first byte the lowest."""
        return self._words[places]

    def field(self, rows: np.ndarray, place: int) -> tuple[np.ndarray, np.ndarray]:
        """Where one field of some records starts and ends, without the quotes around it."""
        after = self.ranks[rows] + place
        starts = self._comma_places[after - 1] + 1 if place else self.starts[rows]
        last = self.widths[rows] == place + 1
        ends = np.where(last, self.ends[rows], self._comma_places[after])
        quoted = (ends > starts) & (self.bytes[starts] == QUOTE)
        return starts + quoted, ends - quoted

    def wholes(self, rows: np.ndarray, width: int) -> list[bytearray]:
        """The bytes of some records, empty fields added to those narrower than `width`."""
        spans = zip(self.starts[rows].tolist(), self.ends[rows].tolist(), strict=True)
        wholes = [self.content[start:end] for start, end in spans]
        for place in np.flatnonzero(self.widths[rows] < width).tolist():
            wholes[place] += b"," * int(width - self.widths[rows[place]])
        return wholes

    def records(self, rows: np.ndarray, encoding: str) -> list[list[str]]:
        """The fields of some records, as the csv module reads them."""
        if not len(rows):
            return []
        text = b"\n".join(self.wholes(rows, 0)).decode(encoding)
        return list(csv.reader(io.StringIO(text + "\n", newline=""), strict=True))


def read_blocks(stream: BinaryIO) -> Iterator[Block]:
    """Yield the records of a CSV from where the stream stands, which is on line 1.

    A block is good until the next one is asked for: its memory is used again, for fresh memory
    costs more than all the arithmetic.

    Parameters
    ----------
    stream : binary file
        Stands at the start of a record.

    Raises
    ------
    Irregular
        What follows must be left to the csv module.
    """
    content = bytearray(BLOCK_BYTES + MOST_RECORD_BYTES + 3 * _BITS)
    flags = np.empty(len(content), dtype=bool)
    offset, line, kept, last = stream.tell(), 1, 0, False
    while not last:
        read = stream.readinto(memoryview(content)[kept : kept + BLOCK_BYTES])
        last, length = not read, kept + read
        if last and kept:
            # The end of a file ends its last record, as a line feed in its place would.
            content[length] = FEED
            length += 1
        block, breaks = _find_records(content, length, line, flags)
        kept = length - block.size if block else 0
        if not block or kept > (0 if last else MOST_RECORD_BYTES):
            raise Irregular(offset, line)
        if len(block.starts):
            yield block
        content[:kept] = content[block.size : length]
        offset, line = offset + block.size, line + breaks


def first_words(block: Block) -> tuple[np.ndarray, np.ndarray]:
    """The first field of records as a number, the first byte the lowest.

    Quotes around it are left away. It is 0 where the field is empty, or has more than 7 bytes
    with the quotes around it.

    Returns
    -------
    array of uint64, array of int
        A number for each run of records that begin alike, and how many there are in the run.
    """
    words = block.words(block.starts)
    runs = np.concatenate(([0], np.flatnonzero(words[1:] != words[:-1]) + 1))
    counts = np.diff(runs, append=len(words))
    words = words[runs]
    words[words & np.uint64(0xFF) == QUOTE] >>= np.uint64(8)
    stops = _zero_bytes(words ^ _COMMAS) | _zero_bytes(words ^ _QUOTES)
    lowest = stops & (np.uint64(0) - stops)
    fields = words & ((lowest >> np.uint64(7)) - np.uint64(1))
    return np.where(stops, fields, np.uint64(0)), counts


def _zero_bytes(words: np.ndarray) -> np.ndarray:
    """The highest bit of each byte that is zero; of higher bytes too, once one is zero."""
    return (words - _ONES) & ~words & _HIGHEST


def _find_records(
    content: bytearray, length: int, line: int, flags: np.ndarray
) -> tuple[Block | None, int]:
    """The whole records of so many bytes, and how many line breaks they take.

    No block where the csv module might read the records otherwise. `flags` is room to work in.
    """
    padded = length + _BITS + -length % _BITS
    content[length:padded] = bytes(padded - length)
    data, flags = np.frombuffer(content, np.uint8, padded), flags[:padded]
    commas, returns, breaks = (
        _bits(np.equal(data, sign, out=flags)) for sign in (COMMA, RETURN, FEED)
    )
    outer = feeds = _places(breaks)
    returned = data[feeds - 1] == RETURN
    lone = int(np.bitwise_count(returns).sum()) - np.count_nonzero(returned)
    lone -= int(data[length - 1] == RETURN)  # its line feed may come yet
    astray = -1
    if content.find(QUOTE, 0, length) >= 0:
        quotes = _bits(np.equal(data, QUOTE, out=flags))
        held = np.flatnonzero(quotes != 0)
        outside = ~_inside(quotes, held)
        commas &= outside
        outer = feeds[_at(outside, feeds)]
        astray = _first_astray(quotes, held, outside, commas | breaks & outside, returns)
    size = int(outer[-1]) + 1 if len(outer) else 0
    starts = np.concatenate(([-1], outer[:-1]))[: len(outer)] + 1
    feeds = feeds[: np.searchsorted(feeds, size)]
    lines = np.arange(len(outer)) if len(feeds) == len(outer) else np.searchsorted(feeds, starts)
    ends = outer - (data[outer - 1] == RETURN)
    ranks = np.concatenate(([0], _rank(commas, outer)))
    block = Block(content, size, starts, ends, lines + line, ranks, commas)
    sound = not lone and not 0 <= astray < size and not (ends - starts > MOST_RECORD_BYTES).any()
    return block if sound else None, len(feeds)


def _bits(flags: np.ndarray) -> np.ndarray:
    """A bit for each flag, the first the lowest of the first word."""
    return np.packbits(flags, bitorder="little").view(_WORD)


def _places(words: np.ndarray) -> np.ndarray:
    """Where bits are set."""
    held = np.flatnonzero(words != 0)
    some = words[held]
    if (some & (some - np.uint64(1))).any():
        return _flagged(words)
    # The quick way, when no word holds two of them.
    return held * _BITS + np.bitwise_count(some - np.uint64(1))


def _flagged(words: np.ndarray) -> np.ndarray:
    """Where bits are set, however many."""
    return np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little").view(bool))


def _at(words: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Whether the bit at each place is set."""
    return (words[places >> 6] >> (places & 63).astype(_WORD) & 1).astype(bool)


def _rank(words: np.ndarray, places: np.ndarray) -> np.ndarray:
    """How many bits are set before each place."""
    before = np.concatenate(([0], np.cumsum(np.bitwise_count(words), dtype=np.int64)))
    below = (np.uint64(1) << (places & 63).astype(_WORD)) - np.uint64(1)
    return before[places >> 6] + np.bitwise_count(words[places >> 6] & below)


def _inside(quotes: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Bits from each opening quote to the byte before its closing quote.

    Each bit is the parity of the quotes up to it: within a word by doubling the reach of
    shifts, from word to word by the parity of all words before. `held` are the words with
    quotes in them.
    """
    own = quotes[held]
    odd = np.bitwise_count(own) & 1
    for reach in (1, 2, 4, 8, 16, 32):
        own ^= own << np.uint64(reach)
    still_open = np.bitwise_xor.accumulate(odd)
    lasting = _all_or_none(still_open)
    inside = np.zeros(len(quotes), dtype=_WORD)
    inside[held[0] :] = np.repeat(lasting, np.diff(held, append=len(quotes)))
    inside[held] = own ^ _all_or_none(still_open ^ odd)
    return inside


def _all_or_none(flags: np.ndarray) -> np.ndarray:
    """Words with every bit set or none, from ones and zeros."""
    return np.uint64(0) - flags.astype(_WORD)


def _first_astray(
    quotes: np.ndarray,
    held: np.ndarray,
    outside: np.ndarray,
    between: np.ndarray,
    returns: np.ndarray,
) -> int:
    """The first quote that neither opens a field, closes one, nor is one of a pair within it.

    `between` has the commas and line feeds that part fields; a field begins at the first byte.
    -1 where there is none.
    """
    one, most = np.uint64(1), np.uint64(_BITS - 1)
    # Before a quote that opens, another quote has closed; after one that closes, another opens.
    edges = np.concatenate((np.array([1 << (_BITS - 1)], _WORD), between | quotes))
    after = np.append(edges[1:] | returns, np.zeros(1, _WORD))
    begun = edges[held + 1] << one | edges[held] >> most
    ended = after[held] >> one | after[held + 1] << most
    shut = outside[held]
    wrong = quotes[held] & ~(begun & ~shut | ended & shut)
    if not wrong.any():
        return -1
    first = int(np.flatnonzero(wrong)[0])
    return int(held[first]) * _BITS + (int(wrong[first]) & -int(wrong[first])).bit_length() - 1

"""A CSV file as received: its bytes, its records and the line each one starts on."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lbbd_jsna.errors import ExtractError, Fault

MOST_BYTES = 200_000_000
MOST_ROWS = 6_000_000
MOST_SHOWN = 40
# What is found, and what to do.
EMPTY = ("empty", "fetch it again")
NUL = ("not text: it holds NUL bytes", "fetch it again")
NO_TEXT = ("neither UTF-8 nor cp1252 text", "save it as CSV UTF-8")
# How much of a file is looked at to say what it is.
_START = 1 << 16

# What a file really is, by its first bytes, whatever its name says.
_KINDS = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive, not CSV", "save it as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook, not CSV", "save it as CSV UTF-8"),
    (b"\x1f\x8b", "a gzip archive, not CSV", "unpack it"),
    (b"%PDF", "a PDF, not CSV", "ask for the CSV"),
    (b"\xff\xfe", "UTF-16 text, not CSV in UTF-8", "save it as CSV UTF-8"),
    (b"\xfe\xff", "UTF-16 text, not CSV in UTF-8", "save it as CSV UTF-8"),
)
_NUMBER = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")
# Numbers of so many signs at most are finite.
_MOST_DIGITS = 100
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_TAG = re.compile(r"<\s*[A-Za-z/!?]")


def read_text(path: Path, *, name: str) -> tuple[str, list[str]]:
    """Read a file that should be CSV text.

    Parameters
    ----------
    path : Path
        A regular file.
    name : str
        What to call it in messages.

    Returns
    -------
    str, list of str
        The text without a byte order mark, and a note when it was not UTF-8.

    Raises
    ------
    ExtractError
        Not a regular file, empty, too large, or something other than text: a web page, a
        workbook, an archive, a PDF.
    """
    check_start(path, name=name, most_bytes=MOST_BYTES)
    text, notes = _decode(path.read_bytes(), name)
    if not text.strip():
        raise refused(name, *EMPTY)
    if "\x00" in text:
        raise refused(name, *NUL)
    return text, notes


def check_start(path: Path, *, name: str, most_bytes: int) -> None:
    """Refuse a file that is too large, or by its first bytes cannot be CSV text.

    Raises
    ------
    ExtractError
        As `read_text` says.
    """
    if not path.is_file():
        raise ExtractError(f"{name} is not a file")
    if path.stat().st_size > most_bytes:
        raise refused(name, f"larger than {most_bytes // 1_000_000:,} MB", "ask for fewer areas")
    with path.open("rb") as stream:
        start = stream.read(_START)
    if not start.strip() and len(start) < _START:
        raise refused(name, *EMPTY)
    for first, found, todo in _KINDS:
        if start.startswith(first):
            raise refused(name, found, todo)
    if start.decode("utf-8-sig", errors="replace").lstrip().startswith("<"):
        raise refused(
            name,
            "a web page, not CSV",
            "open the address in a browser, sign in if it asks, and save the CSV again",
        )


def _decode(content: bytes, name: str) -> tuple[str, list[str]]:
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
    try:
        return content.decode("cp1252"), [not_utf8(name, row)]
    except UnicodeDecodeError:
        raise refused(name, *NO_TEXT) from None


def not_utf8(name: str, row: int) -> str:
    """The note on a file with a byte that is not UTF-8."""
    return f"{name}: not UTF-8 (row {row}); read as cp1252"


def refused(name: str, found: str, todo: str) -> ExtractError:
    """The error for a file of which nothing can be read."""
    return ExtractError(f"{name} cannot be read", [Fault(name, found, todo=todo)])


def read_records(text: str, *, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank with the line it starts on, the first being 1.

    A record whose quoted field holds line breaks takes several lines, so this is the line
    an editor shows, not the count of records.

    Raises
    ------
    ExtractError
        A quote is not closed, text follows a closing quote, or there are too many rows.
    """
    return records_of(io.StringIO(text, newline=""), name=name, most_rows=MOST_ROWS)


def records_of(
    lines: Iterable[str], *, name: str, most_rows: int, first: int = 1
) -> Iterator[tuple[int, list[str]]]:
    """As `read_records`, from lines with their breaks, the first of which is line `first`."""
    reader = csv.reader(lines, strict=True)
    line = first
    try:
        for record in reader:
            if any(record):
                yield line, record
            line = reader.line_num + first
            if line > most_rows:
                raise refused(name, f"more than {most_rows:,} rows", "ask for fewer areas")
    except csv.Error as error:
        raise ExtractError(
            f"{name} cannot be read",
            [
                Fault(
                    f"{name}, row {line}",
                    f"a quoted field is broken or not closed ({error})",
                    todo="the file is cut off or damaged; fetch it again",
                )
            ],
        ) from None


def tidy(text: str) -> str:
    """Collapse white space, line breaks and non-breaking spaces to single spaces."""
    return " ".join(text.split())


def shown(text: str) -> str:
    """A cell for a message: quoted, on one line, at most 40 characters."""
    return repr(text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 3] + "...")


def counted(count: int, what: str) -> str:
    """`1 row`, `3,011 rows`."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def number(text: str) -> float:
    """Read a number strictly; commas may only part thousands.

    Raises
    ------
    ValueError
        For anything else: full-width digits, `12.3%`, `3,1`, `inf`, `nan`.
    """
    if not is_number(text):
        raise ValueError(text)
    return float(text.replace(",", ""))


def is_number(text: str) -> bool:
    """Whether `number` would read it."""
    return bool(_NUMBER.fullmatch(text)) and math.isfinite(float(text.replace(",", "")))


def numbers(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Read a column of numbers as strictly as `number`, all at once.

    Parameters
    ----------
    texts : sequence of str
        White space around or within a text is tidied first.

    Returns
    -------
    array of float, array of bool
        The numbers, NaN where there is none; and whether there stands something that is
        neither blank nor a number.
    """
    column = pa.array(texts, type=pa.string())
    # Shorter ones are finite for certain; what does not pass is read one by one.
    plain = pc.and_(
        pc.match_substring_regex(column, rf"\A(?:{_NUMBER.pattern})\z"),
        pc.less_equal(pc.binary_length(column), _MOST_DIGITS),
    )
    bare = pc.replace_substring(column, ",", "")
    read = pc.cast(pc.if_else(plain, bare, None), pa.float64())
    values = read.to_numpy(zero_copy_only=False).copy()
    wrong = np.zeros(len(values), dtype=bool)
    rest = pc.and_not(pc.not_equal(column, ""), plain).to_numpy(zero_copy_only=False)
    for place in np.flatnonzero(rest).tolist():
        text = tidy(column[place].as_py())
        wrong[place] = bool(text) and not is_number(text)
        if is_number(text):
            values[place] = number(text)
    return values, wrong


def name_fault(text: str) -> str:
    """Say why a text cannot be the name of a place, or nothing when it can."""
    if "<" in text or ">" in text:
        return "markup in a name"
    if text.startswith(("=", "+", "-", "@")):
        return "a formula in place of a name"
    return "control characters in a name" if _CONTROL.search(text) else ""


def text_fault(text: str) -> str:
    """Say why a text cannot be shown, or nothing; "<75 yrs" is a text like any other."""
    if _TAG.search(text):
        return "markup in a text"
    if text.startswith(("=", "@")):
        return "a formula in place of a text"
    return "control characters in a text" if _CONTROL.search(text) else ""

"""A CSV file as received: its bytes, its records and the line each one starts on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from lbbd_jsna.errors import ExtractError, Fault

MOST_BYTES = 200_000_000
MOST_ROWS = 6_000_000
MOST_SHOWN = 40

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
    if not path.is_file():
        raise ExtractError(f"{name} is not a file")
    if path.stat().st_size > MOST_BYTES:
        raise _refused(name, f"larger than {MOST_BYTES // 1_000_000} MB", "ask for fewer areas")
    content = path.read_bytes()
    if not content.strip():
        raise _refused(name, "empty", "fetch it again")
    for start, found, todo in _KINDS:
        if content.startswith(start):
            raise _refused(name, found, todo)
    text, notes = _decode(content, name)
    if text.lstrip().startswith("<"):
        raise _refused(
            name,
            "a web page, not CSV",
            "open the address in a browser, sign in if it asks, and save the CSV again",
        )
    if "\x00" in text:
        raise _refused(name, "not text: it holds NUL bytes", "fetch it again")
    return text, notes


def _decode(content: bytes, name: str) -> tuple[str, list[str]]:
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
    try:
        return content.decode("cp1252"), [f"{name}: not UTF-8 (row {row}); read as cp1252"]
    except UnicodeDecodeError:
        raise _refused(name, "neither UTF-8 nor cp1252 text", "save it as CSV UTF-8") from None


def _refused(name: str, found: str, todo: str) -> ExtractError:
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
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for record in reader:
            if any(record):
                yield line, record
            line = reader.line_num + 1
            if line > MOST_ROWS:
                raise _refused(name, f"more than {MOST_ROWS:,} rows", "ask for fewer areas")
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
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return float(text.replace(",", ""))


def is_number(text: str) -> bool:
    """Whether `number` would read it."""
    return bool(_NUMBER.fullmatch(text))


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

"""The bytes of a CSV return as text: what the file really is, and how its text is coded."""

from __future__ import annotations

import json
import re
from pathlib import Path

from lbbd_jsna.errors import ExtractError
from lbbd_jsna.sources.returns.grid import cell_fault

# A return of 300,000 rows, far beyond any service's, takes 20 MB; what is larger is something
# else, and is refused before it is read into memory.
MOST_BYTES = 50_000_000

_SAVE = "open it in Excel and save it as CSV UTF-8"
_EXCEL, _OTHER = "an Excel workbook, not CSV", "not CSV"
# What a file really is, by its first bytes, whatever its name says.
_KINDS = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls), not CSV", _SAVE),
    (b"\x1f\x8b", "a gzip archive, not CSV", "unpack it"),
    (b"%PDF", "a PDF, not CSV", "ask for the CSV or the workbook it was made from"),
    (b"BZh", "a bzip2 archive, not CSV", "unpack it"),
    (b"\xfd7zXZ", "an xz archive, not CSV", "unpack it"),
    (b"7z\xbc\xaf", "a 7z archive, not CSV", "unpack it"),
    (b"Rar!", "a RAR archive, not CSV", "unpack it"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive, not CSV", "unpack it"),
    (b"PAR1", "a Parquet file, not CSV", "save it as CSV UTF-8"),
    (b"ARROW1", "an Arrow file, not CSV", "save it as CSV UTF-8"),
    (b"SQLite format 3", "a database, not CSV", "save the table as CSV UTF-8"),
    (b"\x89PNG", "a picture, not CSV", "ask for the figures themselves"),
    (b"\xff\xd8\xff", "a picture, not CSV", "ask for the figures themselves"),
    (b"GIF8", "a picture, not CSV", "ask for the figures themselves"),
    (b"{\\rtf", "a Word document (RTF), not CSV", "copy the table into the template"),
    (b"MIME-Version:", "a saved web page, not CSV", _SAVE),
    (b"ID;P", "a SYLK spreadsheet, not CSV", _SAVE),
    (b"MZ", "a program, not CSV", "delete it and tell IT security"),
    (b"\x7fELF", "a program, not CSV", "delete it and tell IT security"),
    (b"\xff\xfe\x00\x00", "UTF-32 text", "save it as CSV UTF-8"),
    (b"\x00\x00\xfe\xff", "UTF-32 text", "save it as CSV UTF-8"),
)
# Protocols 2 to 5 begin with a byte of their own; 0 and 1 with the text of their first step.
_PICKLE = re.compile(
    rb"\x80[\x02-\x05]|c[A-Za-z_.]+\n[A-Za-z_.]+\n|\((?:dp|lp|i)[0-9]*\n|[\]}]q\x00"
)
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def read_bytes(path: Path, *, name: str) -> bytes:
    """The content of a regular file of at most `MOST_BYTES`.

    Raises
    ------
    ExtractError
        Not a regular file, or too large.
    """
    if not path.is_file():
        raise ExtractError(f"{name} is not a file")
    if path.stat().st_size > MOST_BYTES:
        raise _too_large(name)
    with path.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)


def decode(content: bytes, *, name: str) -> tuple[str, list[str]]:
    """The text of a CSV return, and a note of each repair.

    Parameters
    ----------
    content : bytes
        The whole file.
    name : str
        What to call it in messages.

    Returns
    -------
    str, list of str
        Without a byte order mark. UTF-8, else UTF-16 with or without its mark, else cp1252.

    Raises
    ------
    ExtractError
        Empty, too large, something other than CSV (by its bytes: a workbook, an archive, a
        PDF, a pickle, a web page, JSON), UTF-16 that is cut off, no known coding, NUL bytes.
    """
    if len(content) > MOST_BYTES:
        raise _too_large(name)
    if not content.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise _refused(name, "empty-file", "the file is empty", "send it again")
    _refuse_other_kinds(content, name)
    text, notes = _text_of(content, name)
    _refuse_other_texts(text, name)
    nul = text.find("\x00")
    if nul >= 0:
        raise _refused(
            name, "nul", "NUL bytes: it is damaged", "save it again as CSV UTF-8",
            row=_row_at(text, nul),
        )  # fmt: skip
    return text, notes


def _refuse_other_kinds(content: bytes, name: str) -> None:
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        excel = b"xl/" in content or b"[Content_Types]" in content[:2000]
        found = "an Excel workbook (.xlsx), not CSV" if excel else "a zip archive, not CSV"
        todo = "rename it to .xlsx if it is the template, or " + _SAVE if excel else "unpack it"
        raise _refused(name, "not-csv", found, todo)
    for start, found, todo in _KINDS:
        if content.startswith(start):
            raise _refused(name, "not-csv", found, todo)
    if _PICKLE.match(content):
        raise _refused(
            name, "not-csv", "a Python pickle, not CSV: opening one can run a program",
            "delete it and ask for CSV UTF-8",
        )  # fmt: skip


def _refuse_other_texts(text: str, name: str) -> None:
    start = text.lstrip()[:1]
    if start == "<":
        todo = "open the address in a browser, sign in if it asks, and save the CSV again"
        raise _refused(name, "not-csv", "a web page or XML, not CSV", todo)
    if start in ("{", "[") and _is_json(text):
        raise _refused(name, "not-csv", "JSON, not CSV", "fill in the template")


def _is_json(text: str) -> bool:
    """Whether a text is JSON, or begins as JSON does and was cut off."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return bool(re.match(r'\s*(\{\s*"|\[\s*[\[{"])', text))
    return True


def _text_of(content: bytes, name: str) -> tuple[str, list[str]]:
    coding = _UTF16.get(content[:2])
    if coding:
        return _utf16(content[2:], coding, name)
    if content.startswith(b"\xef\xbb\xbf"):
        text, notes = _utf8_or_cp1252(content[3:], name, marked=True)
        return text, [f"{name}, row 1: byte order mark removed", *notes]
    silent = _unmarked_utf16(content)
    return _utf16(content, silent, name) if silent else _utf8_or_cp1252(content, name)


def _unmarked_utf16(content: bytes) -> str:
    """The order of UTF-16 without its mark, when every other byte of the start is NUL."""
    start = content[:200]
    first, second = start[::2], start[1::2]
    if len(start) < 20:
        return ""
    if not first.strip(b"\x00") and second.count(0) == 0:
        return "utf-16-be"
    if not second.strip(b"\x00") and first.count(0) == 0:
        return "utf-16-le"
    return ""


def _utf16(content: bytes, coding: str, name: str) -> tuple[str, list[str]]:
    try:
        text = content.decode(coding)
    except UnicodeDecodeError:
        text = ""
    if not text:
        raise _refused(
            name, "cut-off", "UTF-16 text that is cut off or damaged", "save it as CSV UTF-8"
        )
    return text.removeprefix("\ufeff"), [f"{name}, row 1: the whole file is UTF-16; read as such"]


def _utf8_or_cp1252(content: bytes, name: str, *, marked: bool = False) -> tuple[str, list[str]]:
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError as error:
        wrong = error.start
    row = _row_at(content[:wrong].decode("utf-8"), wrong)
    some_is_utf8 = not content.decode("utf-8", "ignore").isascii()
    try:
        text = "" if marked or some_is_utf8 else content.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    if not text:
        found = "text that is neither UTF-8 nor cp1252 throughout: it is cut off or damaged"
        raise _refused(name, "coding", found, "save it again as CSV UTF-8", row=row)
    return text, [f"{name}, row {row}: not UTF-8; the whole file is read as cp1252"]


def _row_at(text: str, place: int) -> int:
    """The row an editor shows for a place in a text; CR, LF and CRLF all end a row."""
    before = text[:place]
    return len(re.findall(r"\r\n|\r|\n", before)) + 1


def _too_large(name: str) -> ExtractError:
    return _refused(
        name, "too-large", f"larger than {MOST_BYTES // 1_000_000} MB", "send fewer periods a file"
    )


def _refused(name: str, rule: str, found: str, todo: str, *, row: int = 0) -> ExtractError:
    fault = cell_fault(name, rule, found, row=row, todo=todo)
    return ExtractError(f"{name} cannot be read", [fault])

"""An Excel workbook as the zip archive it is: what it holds, opened with care.

An archive can be small and unpack to gigabytes, and its XML can name entities that grow
without end. Nothing is unpacked before its declared size has been looked at, and XML that
declares a document type is refused.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from xml.parsers import expat

from lbbd_jsna.errors import ExtractError
from lbbd_jsna.sources.returns.grid import CellFault, cell_fault

MOST_BYTES = 20_000_000
MOST_UNPACKED = 80_000_000
MOST_PARTS = 2_000
# Worksheets shrink to a fiftieth at the most; from here on it is a bomb.
MOST_SHRUNK, LITTLE = 250, 1_000_000
CSV_INSTEAD = "open it in Excel and save it as CSV UTF-8 or as an Excel workbook (.xlsx)"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KINDS = (
    (b"\x1f\x8b", "a gzip archive", "unpack it"),
    (b"%PDF", "a PDF", "ask for the workbook itself"),
    (b"<", "a web page or XML", CSV_INSTEAD),
    (b"{\\rtf", "a Word document", "copy the table into the template"),
)
_OTHERS = (
    ("xl/workbook.bin", "a binary workbook (.xlsb)"),
    ("content.xml", "an OpenDocument file"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a set of slides"),
)
# What zipfile raises on damaged bytes, besides its own error.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError,
           OverflowError, LookupError, struct.error)  # fmt: skip
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCKED = 0x1
# Folders and files of an archive that make a workbook more than a table.
_UNWANTED = (
    ("vbaproject", "macros", "macros"),
    ("xl/macrosheets/", "macros", "macros"),
    ("xl/dialogsheets/", "macros", "macros"),
    ("xl/externallinks/", "links to other workbooks", "external-link"),
    ("xl/connections", "a connection to other data", "external-link"),
    ("xl/querytables/", "a connection to other data", "external-link"),
    ("xl/embeddings/", "another file inside it", "embedded-file"),
    ("xl/activex/", "buttons or other controls", "embedded-file"),
)
_UNREAD = (
    ("xl/comments", "comments on cells"),
    ("xl/threadedcomments/", "comments on cells"),
    ("xl/media/", "pictures"),
    ("xl/charts/", "charts"),
)

Attributes = dict[str, str]


class Parts:
    """The parts of a workbook's archive, each unpacked when it is asked for.

    Parameters
    ----------
    path : Path
        A file that should be a workbook.
    name : str
        What to call it in messages.

    Raises
    ------
    ExtractError
        Not a file, too large, empty, damaged, locked with a password, an archive that would
        unpack to far more than a return holds, or something other than a workbook.
    """

    def __init__(self, path: Path, *, name: str) -> None:
        self.name = name
        content = _content(path, name)
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
            infos = self._archive.infolist()
        except _DAMAGE as error:
            raise self._damaged(error) from None
        self._check(infos)
        self._infos = {info.filename: info for info in infos}
        if "xl/workbook.xml" not in self._infos:
            raise self._not_excel()

    def __contains__(self, part: str) -> bool:
        return part in self._infos

    def read(self, part: str) -> bytes:
        """Unpack one part.

        Raises
        ------
        ExtractError
            It is damaged or not there.
        """
        if part not in self._infos:
            raise refused(self.name, f"it lacks its part {part[:60]!r}", CSV_INSTEAD, "damaged")
        try:
            return self._archive.read(self._infos[part])
        except _DAMAGE as error:
            raise self._damaged(error) from None

    def walk(self, part: str, begin: Callable[[str, Attributes], None], **others: Callable) -> None:
        """Go through the elements of a part: `walk_xml`."""
        walk_xml(self.read(part), begin, where=f"{self.name}, {part[:60]!r}", **others)

    def unwanted(self) -> list[CellFault]:
        """A fault for each thing that makes it more than a table: macros, links."""
        found = {}
        for part in map(str.casefold, self._infos):
            for start, what, rule in _UNWANTED:
                if part.startswith(start) or (rule == "macros" and start in part):
                    found[what] = rule
        todo = "copy the figures into the template as values"
        return [cell_fault(self.name, r, f"it holds {w}", todo=todo) for w, r in found.items()]

    def notes(self) -> list[str]:
        """A note for each kind of thing that is in the file and is not read."""
        held = {what for part in map(str.casefold, self._infos) for start, what in _UNREAD
                if part.startswith(start)}  # fmt: skip
        return [f"{self.name}: {what} are not read" for what in sorted(held)]

    def _check(self, infos: list[zipfile.ZipInfo]) -> None:
        names = [info.filename.casefold() for info in infos]
        unpacked = sum(info.file_size for info in infos)
        if len(infos) > MOST_PARTS or unpacked > MOST_UNPACKED or any(map(_is_bomb, infos)):
            found = f"an archive that would unpack to {unpacked / 1e6:,.0f} MB"
            raise refused(self.name, found, CSV_INSTEAD, "archive-bomb")
        if len(set(names)) < len(names):
            raise refused(self.name, "a part comes twice in it", CSV_INSTEAD, "damaged")
        if any(info.flag_bits & _LOCKED for info in infos):
            raise refused(self.name, "locked with a password", "save it without", "locked")
        if any(info.compress_type not in _METHODS for info in infos):
            raise refused(self.name, "not packed as Excel packs", CSV_INSTEAD, "damaged")

    def _damaged(self, error: Exception) -> ExtractError:
        found = f"damaged or cut off ({str(error)[:60]})"
        return refused(self.name, found, "ask for it again", "damaged")

    def _not_excel(self) -> ExtractError:
        found = next((kind for part, kind in _OTHERS if part in self._infos), "a zip archive")
        return refused(self.name, f"{found}, not an Excel workbook", CSV_INSTEAD, "not-a-workbook")


def walk_xml(
    content: bytes,
    begin: Callable[[str, Attributes], None],
    *,
    where: str,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Go through the elements of XML in UTF-8 without a document type.

    Parameters
    ----------
    content : bytes
    begin, end, text : callable
        Called with an element's name and attributes, its name, its text; names without
        their namespaces.
    where : str
        For messages.

    Raises
    ------
    ExtractError
        It is not such XML.
    """

    def declared(*_: object) -> None:
        raise refused(where, "a document type in its XML", CSV_INSTEAD, "document-type")

    parser = expat.ParserCreate("UTF-8", " ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = lambda name, given: begin(_local(name), _plain(given))
    if end:
        parser.EndElementHandler = lambda name: end(_local(name))
    if text:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:
        found = f"damaged XML ({error})"
        raise refused(where, found, "ask for the file again", "damaged") from None


def sheet_path(target: str) -> str:
    """Where a target named in `xl/_rels/workbook.xml.rels` lies in the archive."""
    inside = target[1:] if target.startswith("/") else f"xl/{target}"
    steps: list[str] = []
    for step in PurePosixPath(inside).parts:
        steps = steps[:-1] if step == ".." else [*steps, step]
    return "/".join(steps)


def refused(name: str, found: str, todo: str, rule: str) -> ExtractError:
    """The error of a file that cannot be read at all."""
    return ExtractError(f"{name} cannot be read", [cell_fault(name, rule, found, todo=todo)])


def _content(path: Path, name: str) -> bytes:
    if not path.is_file():
        raise ExtractError(f"{name} is not a file")
    if path.stat().st_size > MOST_BYTES:
        found = f"larger than {MOST_BYTES // 1_000_000} MB"
        raise refused(name, found, "send the one table, without pictures", "too-large")
    content = path.read_bytes()
    if not content.strip():
        raise refused(name, "empty", "ask for it again", "empty")
    if content.startswith(b"PK"):
        return content
    if content.startswith(_OLE):
        raise _old_excel(content, name)
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    for first, found, todo in _KINDS:
        if start.startswith(first):
            raise refused(name, f"{found}, not an Excel workbook", todo, "not-a-workbook")
    todo = "if it is CSV, let its name end in .csv"
    raise refused(name, "not an Excel workbook", todo, "not-a-workbook")


def _old_excel(content: bytes, name: str) -> ExtractError:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return refused(name, "locked with a password", "save it without a password", "locked")
    found = "an old Excel workbook (.xls) or another old Office file"
    return refused(name, found, CSV_INSTEAD, "not-a-workbook")


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    return info.file_size > LITTLE and info.file_size > MOST_SHRUNK * max(info.compress_size, 1)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _plain(attributes: Mapping[str, str]) -> Attributes:
    return {_local(name): value for name, value in attributes.items()}

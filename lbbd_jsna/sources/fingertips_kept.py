"""The rows of a Fingertips CSV that are kept, from bytes to columns of text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv

from lbbd_jsna.sources.csv_files import tidy
from lbbd_jsna.sources.fingertips_columns import FIELDS, FIGURES, Layout

# So many bytes of rows are parsed at once.
MOST_WAITING = 32_000_000
# Words recur from row to row, so each is kept once; figures hardly do.
_WORDS = pa.dictionary(pa.int32(), pa.string())
_TYPES = {name: pa.string() if name in FIGURES else _WORDS for name in FIELDS}


class Kept:
    """Rows as bytes until there are many, then as columns.

    Parameters
    ----------
    encoding : str
        Of the bytes.
    """

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.layout: Layout | None = None
        self.lines: list[int] = []
        self.waiting: list[bytes | bytearray] = []
        self.size = 0
        self.tables: list[pa.Table] = []

    def add(self, layout: Layout, lines: list[int], records: Iterable[bytes | bytearray]) -> None:
        """Keep records, each with all the fields of the layout and no line break after it."""
        if layout != self.layout or self.size > MOST_WAITING:
            self._parse()
            self.layout = layout
        before = len(self.waiting)
        self.waiting.extend(records)
        self.lines.extend(lines)
        self.size += sum(map(len, self.waiting[before:]))

    def add_parsed(self, layout: Layout, line: int, record: list[str]) -> None:
        """Keep a record that the csv module has parsed."""
        out = io.StringIO(newline="")
        filled = record + [""] * (layout.width - len(record))
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="").writerow(filled)
        self.add(layout, [line], [out.getvalue().encode(self.encoding)])

    def table(self) -> pd.DataFrame:
        """All rows kept: source_row, then `FIELDS`.

        Words have their white space collapsed; figures are as they stand in the file.
        """
        self._parse()
        columns = {"source_row": pd.Series(self.lines, dtype="int64")}
        if not self.tables:
            return pd.DataFrame(columns | {name: pd.Series(dtype="object") for name in FIELDS})
        table = pa.concat_tables(self.tables).unify_dictionaries().combine_chunks()
        for name in FIELDS:
            column = table.column(name).chunk(0)
            columns[name] = pd.Series(column, dtype="str") if name in FIGURES else _words(column)
        return pd.DataFrame(columns)

    def _parse(self) -> None:
        """Turn the bytes that wait into columns."""
        if not self.waiting:
            return
        content = b"\n".join(self.waiting) + b"\n"
        if self.encoding != "utf-8":
            content = content.decode(self.encoding).encode()
        self.waiting, self.size = [], 0
        names = self.layout.names()
        table = arrow_csv.read_csv(
            pa.BufferReader(content),
            read_options=arrow_csv.ReadOptions(column_names=names),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=_TYPES, include_columns=list(FIELDS), include_missing_columns=True
            ),
        )
        self.tables.append(table)


def _words(column: pa.DictionaryArray) -> pd.Series:
    """Tidied texts, each different one a single Python text; blank where there are none."""
    words = [tidy(word) for word in column.dictionary.to_pylist()]
    places = column.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    # Object, not str: many small files make many small steps, and those are quicker so.
    return pd.Series(np.array([*words, ""], dtype=object)[places], dtype="object")

"""Codes, and nothing but codes: a name never joins, because 14 names have two shapes each."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from lbbd_jsna.errors import Fault, GeographyError
from lbbd_jsna.sources.csv_files import shown

# Output areas and LSOAs of England and Wales, and electoral wards, by the start of their codes.
SMALL_AREA = re.compile(r"[EW]0[01]\d{6}")
WARD = re.compile(r"[EW]05\d{6}")
PATTERNS = {"small area": (SMALL_AREA, "E01000006"), "ward": (WARD, "E05014053")}


def checked_codes(codes: Iterable[object], *, kind: str, where: str) -> pd.Series:
    """The codes as text, once every one of them is a code of its kind.

    Parameters
    ----------
    codes : iterable
        What stands in a column of codes.
    kind : {"ward", "small area"}
    where : str
        The table, for the message.

    Returns
    -------
    Series of str, with the index of `codes` if it is a Series.

    Raises
    ------
    GeographyError
        A name, a blank or the code of another kind of area; each of them is listed once.
    """
    pattern, example = PATTERNS[kind]
    texts = pd.Series(codes, dtype=object)
    wrong = [
        text
        for text in dict.fromkeys(texts.tolist())
        if not (isinstance(text, str) and pattern.fullmatch(text))
    ]
    if wrong:
        raise GeographyError(
            f"{where}: only codes join areas",
            [
                Fault(
                    where,
                    f"{shown(str(text))} is not the code of a {kind}",
                    f"a code such as {example}",
                    "names recur with other boundaries and are never joined",
                )
                for text in wrong
            ],
        )
    return texts.astype("str")


def refused(where: str, found: str, expected: str = "", todo: str = "") -> GeographyError:
    """The error of one fault in one table."""
    return GeographyError(f"{where} cannot be used", [Fault(where, found, expected, todo)])


def needs(table: pd.DataFrame, columns: Iterable[str], *, where: str) -> None:
    """Refuse a table that lacks columns, naming all of them."""
    missing = [column for column in columns if column not in table]
    if missing:
        raise refused(where, f"no column {', '.join(missing)}", "every column named")


def one_vintage(table: pd.DataFrame, *, where: str) -> str:
    """The vintage of every row of a table; two of them are refused."""
    needs(table, ["vintage"], where=where)
    found = sorted(table["vintage"].astype(str).unique())
    if len(found) != 1:
        raise refused(
            where,
            f"areas of {' and of '.join(found) or 'no vintage'} together",
            "one vintage",
            "the same code or name may stand for another shape",
        )
    return found[0]

"""The several rows of a Nomis file behind one figure: counts added up, and what they share."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Indicator
from lbbd_jsna.errors import JsnaError
from lbbd_jsna.sources.csv_files import read_text
from lbbd_jsna.sources.nomis import COUNTS, MEASURES
from lbbd_jsna.sources.nomis_rows import CODE, VALUE, Row, choices, read_rows, value_of

SOURCE = "nomis"
COUNT = "count"
OBS_VALUE = VALUE


def rows_behind(
    path: Path, row: pd.Series, indicator: Indicator, *, name: str
) -> list[tuple[str, Row]]:
    """Find the rows that the catalogue picks for a figure.

    Parameters
    ----------
    path : Path
    row : Series
        A row of the tables.
    indicator : Indicator
        Its `pick` names the rows of the count, its `columns` those of the denominator or of
        a published rate.
    name : str
        What to call the file in messages.

    Returns
    -------
    list of (str, Row)
        What each is (`count`, `denominator`, `value`), in the order of the file for each;
        empty where the file cannot be read any longer.
    """
    try:
        text, _ = read_text(path, name=name)
        held = [
            one
            for one in read_rows(text, name=name)
            if one.cells[CODE] == row["area_code"]
            and one.period == row["period"]
            and one.cells.get(MEASURES, COUNTS) in (COUNTS, "")
        ]
    except JsnaError:
        return []  # the caller says that the row can no longer be read
    asked = {COUNT: indicator.pick, **indicator.columns}
    return [
        (what, one)
        for what, picked in asked.items()
        for one in held
        if all(value_of(one, choice) >= 0 for choice in choices(picked))
    ]

"""One whole number for each row, the same for rows that agree in some columns."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

# Products of counts stay below this, so that whole numbers of 64 bits hold them.
LARGEST = 2**62


def row_keys(columns: Iterable[pd.Series | np.ndarray]) -> np.ndarray:
    """Number rows by what they hold in some columns.

    Parameters
    ----------
    columns : iterable of Series or ndarray, n rows each
        At least one. Missing entries count as one value of their own.

    Returns
    -------
    ndarray of int64, shape (n,)
        Equal exactly where the rows agree in every column; in no order.
    """
    first, *others = columns
    keys, seen = pd.factorize(first, use_na_sentinel=False)
    different = len(seen)
    for column in others:
        codes, seen = pd.factorize(column, use_na_sentinel=False)
        if different > LARGEST // max(len(seen), 1):
            keys, held = pd.factorize(keys)
            different = len(held)
        # In place: a national table has millions of rows.
        keys *= len(seen)
        keys += codes
        different *= len(seen)
    return keys

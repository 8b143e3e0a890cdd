"""Limits of numbers of events: exact ones of a few, Byar's of more."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.special import gammainccinv, gammaincinv

from lbbd_jsna.statistics.workings.inputs import normal_quantile

# Below this many events limits are exact, and no directly standardised rate is given.
FEW = 10


def limits_of_events(confidence: float) -> Callable[[np.ndarray], np.ndarray]:
    """What gives the lower and the upper limits of numbers of events, as two rows."""
    z, tail = normal_quantile(confidence), (1 - confidence) / 2
    whole = _exact(np.arange(float(FEW)), tail)
    return partial(_event_limits, z=z, tail=tail, whole=whole)


def _event_limits(o: np.ndarray, *, z: float, tail: float, whole: np.ndarray) -> np.ndarray:
    """Byar's limits, and below ten events exact ones: looked up for whole numbers of them."""
    few = o < FEW
    # One event stands in where the exact limits will: Byar's divides by the count.
    byar = np.stack([_byar(np.where(few, 1.0, o), -z), _byar(o + 1, z)])
    if not few.any():
        return byar
    small = np.where(few, o, 0.0)
    place = small.astype(np.intp)
    exact = whole[:, place] if (place == small).all() else _exact(small, tail)
    return np.where(few, exact, byar)


def _byar(c: np.ndarray, z: float) -> np.ndarray:
    """c (1 - 1/(9c) + z/(3 sqrt c))^3, with r for 1/(3 sqrt c)."""
    r = 1 / (3 * np.sqrt(c))
    cube_root = 1 - r * r + z * r
    return c * cube_root * cube_root * cube_root


def _exact(o: np.ndarray, tail: float) -> np.ndarray:
    """Garwood's limits; the lower one of no events is 0, where the function has no value."""
    lower = np.where(o > 0, gammaincinv(np.where(o > 0, o, 1.0), tail), 0.0)
    return np.stack([lower, gammainccinv(o + 1, tail)])

"""A small timer: several ways of doing one thing, in shuffled rounds of one process."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable


def rounds(n: int = 3, **functions: Callable[[], object]) -> dict[str, float]:
    """Time each function once a round, in another order every round.

    The machine's mood (other work, caches, clock speed) then falls on all of them alike, so
    that ratios between them can be trusted further than the seconds themselves.

    Parameters
    ----------
    n : int
        How many rounds.
    **functions : callable
        What to time, by name; called without arguments, what they return is dropped.

    Returns
    -------
    dict of str to float
        The median seconds of each, in the order given.
    """
    order = random.Random(20261121)
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(n):
        for name in order.sample(list(functions), len(functions)):
            gc.collect()
            start = time.perf_counter()
            functions[name]()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def report(seconds: dict[str, float], *, rows: int, against: str) -> str:
    """A table of seconds, rows a second and how many times faster than one of them."""
    lines = [f"{'way':<34} {'s':>8} {'rows/s':>12} {'times ' + against:>22}"]
    lines += [
        f"{name:<34} {taken:8.2f} {rows / taken:12,.0f} {seconds[against] / taken:22.2f}"
        for name, taken in seconds.items()
    ]
    return "\n".join(lines)

"""The words of comparisons: which test, which outcome, and what publishers print for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

METHODS = ("interval_95", "interval_99_8", "interval_both", "overlapping", "quintiles", "goal",
           "none")  # fmt: skip
POLARITIES = ("high_is_good", "low_is_good", "no_judgement")
TESTS = {
    "interval_95": "the borough's 95% interval against the benchmark's value",
    "interval_99_8": "the borough's 99.8% interval against the benchmark's value",
    "interval_both": "the borough's 95% and 99.8% intervals against the benchmark's value",
    "overlapping": "the borough's 95% interval against the benchmark's own",
    "quintiles": "its fifth among the areas compared, without an interval",
    "goal": "its value against the goal, without an interval",
    "published": "as published; the extract does not allow our own",
}
NOT_COMPARED = "not compared"
# From below the benchmark to above it.
GOOD = ("better", "similar", "worse")
NEUTRAL = ("higher", "similar", "lower")
BOTH_LEVELS = {
    "high_is_good": ("worst", "worse", "similar", "better", "best"),
    "low_is_good": ("best", "better", "similar", "worse", "worst"),
    "no_judgement": ("lower 99.8", "lower", "similar", "higher", "higher 99.8"),
}
QUINTILES = {
    "high_is_good": ("worst fifth", "second worst fifth", "middle fifth", "second best fifth",
                     "best fifth"),
    "low_is_good": ("best fifth", "second best fifth", "middle fifth", "second worst fifth",
                    "worst fifth"),
    "no_judgement": ("lowest fifth", "second lowest fifth", "middle fifth",
                     "second highest fifth", "highest fifth"),
}
GOALS = ("goal not met", "goal nearly met", "goal met")
# What one level of an interval says of a verdict at both.
_ONE_LEVEL = {"best": "better", "worst": "worse", "higher 99.8": "higher", "lower 99.8": "lower"}


@dataclass(frozen=True)
class Verdict:
    """The outcome of one comparison.

    `outcome` is better, similar or worse; higher, similar or lower where nothing
    is judged; a fifth; or `not compared`, and then `reason` says why. `test` is a
    key of `TESTS`, or empty.
    """

    outcome: str
    test: str = ""
    reason: str = ""


def not_compared(reason: str) -> Verdict:
    """No verdict, and why.

    Parameters
    ----------
    reason : str
        In words for a reader of the pages.

    Returns
    -------
    Verdict
        Not compared, by no test.

    Source
    ------
    Ours: a comparison that cannot be made is told from one that found nothing.
    """
    return Verdict(NOT_COMPARED, "", reason)


def outcome_of(standing: int, method: str, polarity: str) -> str:
    """The word for where a value stands.

    Parameters
    ----------
    standing : int
        -1 below the benchmark, 0 level with it, 1 above it; -2 and 2 beyond the 99.8 % limits
        too. For `quintiles` -2 is the lowest fifth and 2 the highest. For `goal` -1 is not met,
        0 nearly and 1 met, whatever the polarity.
    method : str
        One of `METHODS`.
    polarity : {"high_is_good", "low_is_good", "no_judgement"}

    Returns
    -------
    str
        Such as better, higher 99.8, second best fifth or goal met.

    Source
    ------
    The words of the Fingertips technical guidance: better and worse where one way is better,
    higher and lower where neither is.
    """
    if method == "goal":
        return GOALS[int(np.sign(standing)) + 1]
    if method == "quintiles":
        return QUINTILES[polarity][standing + 2]
    word = BOTH_LEVELS[polarity][standing + 2]
    return word if method == "interval_both" else _ONE_LEVEL.get(word, word)


def read_labels(labels: pd.Series, *, tests: pd.Series | str = "interval_95") -> pd.Series:
    """Comparisons as publishers print them, in our words.

    Parameters
    ----------
    labels : Series of str, n rows
        Such as `Better`, `Better 95%`, `Lower 99.8`, `Best`, `Not compared`, or blank.
    tests : str or Series of str, n rows
        The method behind a label: `Best` is the best fifth of `quintiles`, beyond the 99.8 %
        limit under `interval_both`, and better under any other. Levels are kept under
        `interval_both` only.

    Returns
    -------
    Series of str, the same n rows
        Empty where nothing was judged or the label is not known.

    Raises
    ------
    ValueError
        `tests` has another length.

    Source
    ------
    The comparison columns of Fingertips CSV files, 2019 to 2026: RAG (Better, Similar,
    Worse), BOB (Higher, Similar, Lower), either with its level, and fifths.
    """
    label, printed = pd.factorize(labels, use_na_sentinel=False)
    tests = pd.Series(tests, index=labels.index) if isinstance(tests, str) else tests
    if len(tests) != len(labels):
        raise ValueError(f"{len(tests)} tests for {len(labels)} labels")
    test, named = pd.factorize(tests, use_na_sentinel=False)
    words = [_read(each, str(name)) for each in printed for name in named]
    place = label * max(len(named), 1) + test
    return pd.Series(pd.array(words, dtype="str").take(place), index=labels.index)


def _read(label: object, test: str) -> str:
    """One label; anything but text is a blank."""
    words = label.lower().replace("%", "").split() if isinstance(label, str) else []
    if not words:
        return ""
    first = _FIFTHS.get(words[0], "")
    if test == "quintiles" or words[0] not in _SIDES:
        return first if len(words) == 1 else ""
    if words[1:] not in ([], ["95"], ["95.0"], ["99.8"]):
        return ""
    side = _SIDES[words[0]]
    if test != "interval_both":
        return _ONE_LEVEL.get(side, side)
    return _BEYOND.get(side, side) if words[1:] == ["99.8"] else side


_SIDES = {"better": "better", "best": "best", "similar": "similar", "worse": "worse",
          "worst": "worst", "higher": "higher", "lower": "lower"}  # fmt: skip
_BEYOND = {one: both for both, one in _ONE_LEVEL.items()}
_FIFTHS = dict(
    zip(("worst", "worse", "middle", "better", "best"), QUINTILES["high_is_good"], strict=True)
) | dict(
    zip(("lowest", "low", "middle", "high", "highest"), QUINTILES["no_judgement"], strict=True)
)


def published_verdict(label: str) -> Verdict | None:
    """Read one comparison a publisher printed.

    Parameters
    ----------
    label : str
        `Lower 99.8` reads as lower, `Best` as better.

    Returns
    -------
    Verdict or None
        None when nothing was judged: `Not compared`, or an empty label.

    Source
    ------
    As for `read_labels`.
    """
    outcome = _read(label, "interval_95")
    return Verdict(outcome, "published") if outcome else None


# The share of comparisons that would not read "similar" although nothing differed.
BY_CHANCE = {
    "interval_95": 0.05,
    "interval_99_8": 0.002,
    "interval_both": 0.05,
    "overlapping": float(2 * ndtr(ndtri(0.025) * 2**0.5)),
}


def differ_by_chance(tests: pd.Series) -> float:
    """How many comparisons would read other than similar if no area differed.

    Parameters
    ----------
    tests : Series of str
        The test of each comparison, a key of `TESTS`; empty where nothing was compared.

    Returns
    -------
    float
        The expected number. Fifths, goals and published labels are not tests and add nothing.

    Source
    ------
    An interval of 95 % misses the true value in 5 % of samples, one of 99.8 % in 0.2 %; both
    levels together begin at 5 %. Two independent 95 % intervals of equal width fail to overlap
    when the estimates lie 2 x 1.959964 standard errors apart, and their difference has
    sqrt 2 of these: 2(1 - Phi(1.959964 sqrt 2)) = 0.56 %. It is more when the benchmark's
    interval is the narrower, up to 5 %. Schenker N, Gentleman JF (2001), The American
    Statistician 55, 182-186.
    """
    counts = tests.value_counts()
    shares = np.array([BY_CHANCE.get(name, 0.0) for name in counts.index])
    return float(shares @ counts.to_numpy())

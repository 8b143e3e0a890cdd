"""What a reader knows of each count once figures are released."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from lbbd_jsna.catalogue import DisclosureRules

Kind = Literal[
    "shown", "first", "second", "whole", "withdrawn", "kept", "public", "unpublished", "missing"
]
HIDDEN = ("first", "second", "whole", "withdrawn")


@dataclass(frozen=True)
class Known:
    """One count as released, and what a reader who knows the rules can tell of it.

    Parameters
    ----------
    kind : str
        `shown`; hidden since it is small (`first`), since others could be worked out from
        it (`second`), since it is everybody of a small group (`whole`), or with every part
        of a total whatever their size (`withdrawn`); `kept` as first released, since it was
        revised by few; `public` elsewhere, exactly; `unpublished`, or `missing`.
    shown : int or None
        The number released.
    low, high : int, int or None
        The true count lies between them; None: nothing bounds it.
    gap : int
        Above 0: the true count is 0 or at least this.
    """

    kind: Kind
    shown: int | None = None
    low: int = 0
    high: int | None = None
    gap: int = 0

    @property
    def hidden(self) -> bool:
        """Whether it stands as [c]."""
        return self.kind in HIDDEN

    def allows(self, count: float) -> bool:
        """Whether a true count agrees with what was released."""
        return (
            not math.isnan(count)
            and count >= self.low
            and (self.high is None or count <= self.high)
            and (self.gap == 0 or count == 0 or count >= self.gap)
        )

    def meets(self, other: Known) -> bool:
        """Whether one count could be both."""
        ends = [known.high for known in (self, other) if known.high is not None]
        return not ends or max(self.low, other.low) <= min(ends)


def rounded(count: float, *, to: int) -> int:
    """To the nearest multiple of an odd number."""
    return to * ((int(count) + to // 2) // to)


def first_look(
    count: float, *, rules: DisclosureRules, sensitive: bool, group: float = math.nan
) -> Known:
    """How a count is released before any attack: hidden if small, rounded if not.

    Parameters
    ----------
    count : float
        People; blank where it is not available.
    rules : DisclosureRules
    sensitive : bool
        Hide 0 too, and everybody of a small group.
    group : float
        People of whom these are counted; blank where there is no such number.
    """
    if math.isnan(count):
        return Known("missing")
    if int(not sensitive) <= count < rules.smallest_shown:
        return Known("first", low=int(not sensitive), high=rules.smallest_shown - 1)
    if sensitive and count == group and group <= rules.whole_group:
        return Known("whole")
    return shown(count, rules=rules)


def shown(count: float, *, rules: DisclosureRules) -> Known:
    """A count that is shown, rounded: what it may have been."""
    number = rounded(count, to=rules.round_to)
    if number == 0:
        return Known("shown", shown=0, high=0)
    half = rules.round_to // 2  # as `statistics.rounding` has it for the widened intervals
    low = max(number - half, rules.smallest_shown)
    return Known("shown", shown=number, low=low, high=number + half)


def kept(then: Known, now: Known, *, rules: DisclosureRules) -> Known | None:
    """A count left as first released, if it may have changed by only a few people.

    Parameters
    ----------
    then, now : Known
        As first released, and as it would be released now.

    Returns
    -------
    Known or None
        None when so many came or went that the change tells of nobody.
    """
    if then.high is None or now.high is None or then.kind == "public":
        return None
    if max(now.low - then.high, then.low - now.high) >= rules.smallest_shown:
        return None
    most = rules.smallest_shown + rules.round_to - 1
    return Known("kept", shown=then.shown, low=max(then.low - most, 0), high=then.high + most)


def second_look(*, rules: DisclosureRules, sensitive: bool) -> Known:
    """What is left to know of a count hidden for the sake of others."""
    least = rules.smallest_shown
    return Known("second", low=least) if sensitive else Known("second", gap=least)

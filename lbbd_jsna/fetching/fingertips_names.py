"""Whether an id is what the catalogue takes it for, by the name the publisher gives it."""

from __future__ import annotations

import functools
import math
import re
from collections import Counter

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.errors import Fault
from lbbd_jsna.sources.csv_files import tidy
from lbbd_jsna.sources.fingertips import SOURCE

# "C09a - " or "(C09a)": the number in the outcomes framework, which comes and goes.
_FRAMEWORK = re.compile(r"[a-e][0-9]{2}[a-z]?")
# A name this much like another indicator's is said to be its name.
LIKE = 0.5


class Names:
    """Every Fingertips id of a catalogue, and the indicators it should be.

    Names change in style, so a returned name is held to the indicator's `name_words`; it
    must not be nearer to the name of another id, either, that it could be by its words.
    A swapped pair of ids is found by one or the other.

    Parameters
    ----------
    catalogue : Catalogue

    Attributes
    ----------
    of : dict of str to tuple of Indicator
        By id; ids that took the place of another are among them.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        chosen = [i for _, i in sorted(catalogue.indicators.items()) if i.source == SOURCE]
        own = {i.source_id for i in chosen if i.source_id}
        self.of: dict[str, tuple[Indicator, ...]] = {}
        for indicator in chosen:
            for name in (indicator.source_id, indicator.superseded_by):
                if name == indicator.source_id or name not in own:
                    self.of[name] = (*self.of.get(name, ()), indicator)
        self.of.pop("", None)
        self._parts = {i.id: _parts(expected_name(i)) for i in chosen}
        self._spread = Counter(part for parts in self._parts.values() for part in parts)

    def fits(self, source_id: str, returned: str) -> bool:
        """Whether a returned name can be that of an id's indicators."""
        indicators = self.of[source_id]
        if any(_missing(i, returned) for i in indicators):
            return False
        own = max(self._likeness(i, returned) for i in indicators)
        return self._nearest(source_id, returned)[0] <= own

    def fault(self, source_id: str, returned: str) -> Fault | None:
        """Say why a returned name cannot be that of an id's indicators, or None when it can.

        Parameters
        ----------
        source_id : str
        returned : str
            The publisher's name for it.

        Returns
        -------
        Fault or None
            Naming the indicator whose name it is, when it is another of the catalogue's.
        """
        if self.fits(source_id, returned):
            return None
        indicators = self.of[source_id]
        missing = sorted({word for i in indicators for word in _missing(i, returned)})
        expected = " and ".join(f"{i.id} ({expected_name(i)!r})" for i in indicators)
        if missing:
            expected += f", with the words {', '.join(map(repr, missing))}"
        return Fault(
            f"Fingertips {source_id}",
            f"is called {tidy(returned)[:120]!r}",
            expected,
            _todo(indicators, self.owner(source_id, returned)),
        )

    def owner(self, source_id: str, returned: str) -> Indicator | None:
        """The indicator of another id whose name a returned one is, if it is any's."""
        own = max(self._likeness(i, returned) for i in self.of[source_id])
        likeness, other = self._nearest(source_id, returned)
        return other if likeness > max(own, LIKE) else None

    def is_unconfirmed(self, source_id: str) -> bool:
        """Whether an id stands in the catalogue without having been seen under its name."""
        return not any(indicator.verified for indicator in self.of[source_id])

    def _likeness(self, indicator: Indicator, returned: str) -> float:
        """How much a name shares with an indicator's; words that few names hold weigh more."""
        ones, others = self._parts[indicator.id], _parts(returned)
        either = sum(map(self._weight, ones | others))
        return sum(map(self._weight, ones & others)) / either if either else 0.0

    def _weight(self, part: str) -> float:
        return math.log(1 + len(self._parts) / max(self._spread[part], 1))

    def _nearest(self, source_id: str, returned: str) -> tuple[float, Indicator | None]:
        """The indicator of another id that has its words in a name and is most like it."""
        own = self.of[source_id]
        others = [
            i for group in self.of.values() for i in group
            if i not in own and not _missing(i, returned)
        ]  # fmt: skip
        if not others:
            return 0.0, None
        return max(((self._likeness(i, returned), i) for i in others), key=lambda pair: pair[0])


def expected_name(indicator: Indicator) -> str:
    """What the publisher calls an indicator, as far as the catalogue says."""
    return indicator.expected_name or indicator.title


@functools.cache
def _parts(name: str) -> frozenset[str]:
    parts = re.findall(r"\w+", name.casefold())
    return frozenset(part for part in parts if not _FRAMEWORK.fullmatch(part))


def _missing(indicator: Indicator, returned: str) -> list[str]:
    """As the reader of the file judges it."""
    text = tidy(returned).casefold()
    return [word for word in indicator.name_words if tidy(word).casefold() not in text]


def _todo(indicators: tuple[Indicator, ...], other: Indicator | None) -> str:
    files = ", ".join(f"catalogue/indicators/{i.id}.yml" for i in indicators)
    if other is None:
        return (
            f"find the right id and mend source_id in {files}; if the publisher has only "
            "renamed it, mend expected_name and name_words"
        )
    return (
        f"that is the name of {other.id} (id {other.source_id}): are the two ids swapped? "
        f"Mend source_id in {files}"
    )

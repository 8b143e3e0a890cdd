"""What kind of figure an indicator is, and how strictly its counts are treated."""

from __future__ import annotations

from typing import Literal

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import DisclosureError, Fault

Class = Literal["published", "people", "not people"]
# Kinds of a source, as sources.yml has them. A kind that is not here classes nothing.
PASSING = ("published", "derived")
OWN = ("return", "survey")


def classify(indicators: list[str], *, catalogue: Catalogue) -> dict[str, Class]:
    """Class indicators: what passes through, what is protected, what is nobody.

    Parameters
    ----------
    indicators : list of str
        Catalogue ids.

    Returns
    -------
    dict
        By id: `published` (passes with its publisher's own suppression), `people` (a count
        of people returned to the council: to be protected) or `not people`.

    Raises
    ------
    DisclosureError
        Some cannot be classed: all of them, by name.
    """
    faults = [fault for name in sorted(set(indicators)) for fault in _unclassed(name, catalogue)]
    if faults:
        raise DisclosureError("some figures belong to no class, so nobody may publish them", faults)
    return {name: _class_of(name, catalogue) for name in indicators}


def _class_of(name: str, catalogue: Catalogue) -> Class:
    indicator = catalogue.indicators[name]
    if catalogue.sources[indicator.source].kind in PASSING:
        return "published"
    return "people" if indicator.counts_people else "not people"


def _unclassed(name: str, catalogue: Catalogue) -> list[Fault]:
    indicator = catalogue.indicators.get(name)
    if indicator is None:
        return [Fault(name, "not in catalogue/indicators")]
    source = catalogue.sources.get(indicator.source)
    if source is None or source.kind not in (*PASSING, *OWN):
        found = f'its source is "{indicator.source}"'
        expected = "a source of sources.yml of the kind " + ", ".join((*PASSING, *OWN))
        return [Fault(name, found, expected, "class its source before its figures are used")]
    return []

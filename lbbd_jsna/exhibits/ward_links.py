"""Where a ward, or a series of wards, stands in the pack."""

from __future__ import annotations

from collections.abc import Iterator

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.catalogue.slugs import ward_slug
from lbbd_jsna.exhibits.outcome import wards_anchor
from lbbd_jsna.exhibits.tables import anchor_of
from lbbd_jsna.facts import Facts

ALL_WARDS = "wards.html"


def ward_href(code: str) -> str:
    """The page of a ward of today, as seen from a report."""
    return f"{ward_slug(code)}.html"


def wards_by_name(catalogue: Catalogue) -> tuple[str, ...]:
    """The codes of today's wards in the order of their names, as in the pack."""
    names = catalogue.wards(catalogue.settings.ward_vintage)
    return tuple(sorted(names, key=lambda code: (names[code].casefold(), code)))


def places_of_series(facts: Facts) -> dict[str, str]:
    """The part of an outcome's page that a ward series stands in, by its id.

    Of several pages the first in the order of the pack; a series that answers no measure, or
    that has no map, has none.
    """
    places: dict[str, str] = {}
    for name, href in _places(facts):
        places.setdefault(name, href)
    return places


def _places(facts: Facts) -> Iterator[tuple[str, str]]:
    for slug, outcome in facts.catalogue.outcomes.items():
        for bullet in outcome.bullets:
            for measure in bullet.measures:
                mapped = [name for name in measure.evidence.wards if facts.wards(name)]
                if not mapped:
                    continue
                found = facts.measure(measure, bullet)
                anchor = anchor_of(found.findings[0]) if found.findings else wards_anchor(found)
                yield from ((name, f"{slug}.html#{anchor}") for name in mapped)

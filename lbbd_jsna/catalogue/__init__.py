"""The catalogue: what the strategies commit to, and which series answers it.

The folder `catalogue/` is what an analyst edits. `models` says what each file may
hold; `reader` reads and checks them all. A second borough or a third strategy is
more files of the same kinds, never more code.
"""

from lbbd_jsna.catalogue.contents import Catalogue
from lbbd_jsna.catalogue.disclosure import DisclosureRules, SensitiveTopic, SignOff
from lbbd_jsna.catalogue.live import Live, Manners
from lbbd_jsna.catalogue.models import (
    Area,
    AreaSet,
    Break,
    Bullet,
    Comparators,
    Derivation,
    Evidence,
    Fact,
    Indicator,
    Measure,
    Outcome,
    Settings,
    Source,
    Statement,
    StatementPart,
    Strategy,
    Theme,
)
from lbbd_jsna.catalogue.reader import read_catalogue

__all__ = [
    "Area",
    "AreaSet",
    "Break",
    "Bullet",
    "Catalogue",
    "Comparators",
    "Derivation",
    "DisclosureRules",
    "Evidence",
    "Fact",
    "Indicator",
    "Live",
    "Manners",
    "Measure",
    "Outcome",
    "SensitiveTopic",
    "Settings",
    "SignOff",
    "Source",
    "Statement",
    "StatementPart",
    "Strategy",
    "Theme",
    "read_catalogue",
]

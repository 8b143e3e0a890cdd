"""The last gate before anything is drawn or written.

Published sources pass with their own suppression. The council's own counts of people are
protected: `protect` for the observations of a workspace, `protect_table` for tables of
counts below the borough, with an attack on every hidden count and a ledger of everything
released before.
"""

from lbbd_jsna.disclosure.classing import classify
from lbbd_jsna.disclosure.gate import NO_LEDGER, Protection, protect
from lbbd_jsna.disclosure.hiding import attack, protect_table
from lbbd_jsna.disclosure.joint import Edition
from lbbd_jsna.disclosure.ledger import Ledger
from lbbd_jsna.disclosure.released import Released, in_order, released_mean, released_rates
from lbbd_jsna.disclosure.showing import FIGURES, ROUNDED, WITHHELD
from lbbd_jsna.disclosure.tables import Relation, ReleaseTable, crossed

__all__ = [
    "FIGURES",
    "NO_LEDGER",
    "ROUNDED",
    "WITHHELD",
    "Edition",
    "Ledger",
    "Protection",
    "Relation",
    "ReleaseTable",
    "Released",
    "attack",
    "classify",
    "crossed",
    "in_order",
    "protect",
    "protect_table",
    "released_mean",
    "released_rates",
]

"""Facts worked out from the observations: which figures answer which measure."""

from lbbd_jsna.facts.facts import Facts, open_facts

__all__ = ["Facts", "open_facts"]

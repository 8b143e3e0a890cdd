"""Made-up extracts, so that a clone without data can build a pack."""

from lbbd_jsna.sources.demonstration.write import write_demonstration

__all__ = ["write_demonstration"]

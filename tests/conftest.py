"""Shared fixtures: the catalogue of the project, the real extracts where they are at hand."""

import os
from pathlib import Path

import pytest

from lbbd_jsna.catalogue import Catalogue, read_catalogue

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The catalogue the project ships."""
    return read_catalogue(ROOT / "catalogue")


@pytest.fixture(scope="session")
def extracts() -> Path:
    """The folder of real extracts, named by JSNA_EXTRACTS."""
    named = os.environ.get("JSNA_EXTRACTS", "")
    if not named or not Path(named).is_dir():
        pytest.skip("no real extracts: set JSNA_EXTRACTS to their folder")
    return Path(named)

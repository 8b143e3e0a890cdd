"""What the pages of areas are called: by code, because 14 ward names have two shapes each."""

from __future__ import annotations


def ward_slug(code: str) -> str:
    """The file stem of a ward's page: `ward-e05014053`.

    Parameters
    ----------
    code : str
        GSS code.
    """
    return f"ward-{code.lower()}"

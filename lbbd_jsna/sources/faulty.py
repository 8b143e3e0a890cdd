"""The errors of many files, told at once."""

from __future__ import annotations

from collections.abc import Sequence

from lbbd_jsna.errors import ExtractError, Fault, GeographyError, JsnaError


def stop_if_faulty(errors: Sequence[JsnaError], what: str) -> None:
    """Raise every error met on the way as one.

    Parameters
    ----------
    errors : sequence of JsnaError
        One a file or a step; a single one is raised as it is.
    what : str
        What they are of, in the plural, for the message.

    Raises
    ------
    GeographyError
        All of them are of shapes.
    ExtractError
        Otherwise. With every fault; an error without faults is one itself.
    """
    if len(errors) == 1:
        raise errors[0]
    if errors:
        faults = [fault for error in errors for fault in error.faults or [Fault(error.message, "")]]
        shapes = all(isinstance(error, GeographyError) for error in errors)
        kind = GeographyError if shapes else ExtractError
        raise kind(f"{len(errors)} {what} cannot be used", faults)

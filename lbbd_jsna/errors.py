"""Errors a person can mend, told apart from bugs.

A `JsnaError` says where the fault is, what was found, what was expected and
what to do; the command line prints it without a traceback. Any other exception
is a bug and keeps its traceback. The class says who can mend it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

MOST_FAULTS_SHOWN = 40


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one place.

    Parameters
    ----------
    where : str
        File, row, column or key, as a person would look it up.
    found : str
        What stands there. Never a person's data.
    expected : str
        What should stand there.
    todo : str
        What to do about it.
    """

    where: str
    found: str
    expected: str = ""
    todo: str = ""

    def __str__(self) -> str:
        parts = (self.found, f"expected {self.expected}" if self.expected else "", self.todo)
        return f"{self.where}: " + "; ".join(part for part in parts if part)


class JsnaError(Exception):
    """A fault that the person at the keyboard can mend.

    Parameters
    ----------
    message : str
        One sentence.
    faults : iterable of Fault
        Every fault found, so that one reading of the message mends them all.
    """

    exit_code = 1

    def __init__(self, message: str, faults: Iterable[Fault] = ()) -> None:
        self.message = message
        self.faults = tuple(faults)
        super().__init__(message)

    def __str__(self) -> str:
        shown = [f"  - {fault}" for fault in self.faults[:MOST_FAULTS_SHOWN]]
        hidden = len(self.faults) - len(shown)
        if hidden:
            shown.append(f"  and {hidden} more")
        return "\n".join([self.message, *shown])


class CatalogueError(JsnaError):
    """A file in `catalogue/` is wrong: its editor can mend it."""


class ExtractError(JsnaError):
    """A raw extract is not what it should be: fetch or ask for it again."""


class TableError(JsnaError):
    """A table inside the workspace breaks its contract."""


class GeographyError(JsnaError):
    """Boundaries or area codes are wrong or of the wrong vintage."""


class DisclosureError(JsnaError):
    """Something would be published that must not be. Names cells, never values."""


class RunError(JsnaError):
    """The run was asked for wrongly or could not be finished."""


def nearest(name: str, names: Iterable[str]) -> str:
    """Say which valid name was probably meant, ready to end a message."""
    known = sorted(map(str, names))
    close = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    return f'did you mean "{close[0]}"?' if close else "known names: " + ", ".join(known)

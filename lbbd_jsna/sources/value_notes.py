"""What a publisher's value note says about a value, or about a blank."""

from __future__ import annotations

import re

# Words of the notes seen in Fingertips exports, most telling first: a value suppressed
# because its source is incomplete is missing, not confidential.
_BLANK = (
    ("not_applicable", r"not applicable"),
    (
        "not_available",
        r"incomplete|data quality|quality (?:reason|issue|concern|problem)|source data|"
        r"missing|combined",
    ),
    (
        "suppressed",
        r"suppress|disclos|confidential|small (?:count|number|denominator)|too (?:small|few)|"
        r"fewer than|less than",
    ),
    (
        "not_available",
        r"not (?:available|published|collected|calculated|provided|submitted|possible)|"
        r"unavailable|cannot be calculated|no (?:data|value|return)|withdrawn",
    ),
)
_WITH_VALUE = r"small sample|reliab|caution"


def status_of(note: str, *, blank: bool) -> str:
    """Say what a value is, from its note.

    Parameters
    ----------
    note : str
        The publisher's words, or empty.
    blank : bool
        Whether the value itself is blank.

    Returns
    -------
    str
        One of `schema.STATUSES`; empty for a blank whose note is of unknown meaning.
    """
    if not blank:
        found = re.search(_WITH_VALUE, note, flags=re.IGNORECASE)
        return "low_reliability" if found else "published"
    if not note:
        return "not_available"
    for status, words in _BLANK:
        if re.search(words, note, flags=re.IGNORECASE):
            return status
    return ""

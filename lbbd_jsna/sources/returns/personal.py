"""Data about persons, which no return may hold: known by their shape, never repeated.

Only whether a text holds such data, and of what kind, leaves this module; the text itself
does not.
"""

from __future__ import annotations

import re
import unicodedata

# Texts too short to hold any of the kinds below; nearly every cell of a return.
_SHORTEST = 5
# Longer texts are refused unseen: searching them could take minutes.
LONGEST = 2_000
# Counts and the codes of areas: nearly every other cell.
_HARMLESS = re.compile("[0-9]{1,9}|[EKWNS][0-9]{8}")
_DIGIT = re.compile("[0-9]")
_SEPARATORS = r"[ .\-\u2010-\u2015/_]"
_NHS = (
    re.compile(r"(?<!\d)(?<!\d\.)\d{10}(?!\d)"),
    re.compile(rf"(?<!\d)\d{{3}}{_SEPARATORS}{{1,3}}\d{{3}}{_SEPARATORS}{{1,3}}\d{{4}}(?!\d)"),
    re.compile(r"(?<!\d)(?<!\d[ .-])\d(?:[ -]{0,2}\d){9}(?![ -]?\d)"),
)
# 9.434765919E+09 is all ten digits of a number that Excel was given as a number.
_AS_POWER = re.compile(r"(?<!\d)(\d)[.,](\d{9})\s*[eE]\+?0?9(?!\d)")
_NATIONAL_INSURANCE = re.compile(
    r"(?<![A-Z0-9])(?!BG|GB|KN|NK|NT|TN|ZZ)[A-Z]{2}[ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[A-D]"
    r"(?![A-Z0-9])"
)
# Looked for from its @, not from its first letter, which in a long text would take minutes.
_EMAIL = re.compile(r"(?<=[\w.+'-]) ?@ ?[\w-]+(?:\.[\w-]+)+", re.ASCII)
_POSTCODE_AREAS = (
    "AB|AL|BA|BB|BD|BH|BL|BN|BR|BS|BT|BX|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|"
    "DY|EC|EH|EN|EX|FK|FY|GL|GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|LA|LD|LE|"
    "LL|LN|LS|LU|ME|MK|ML|NE|NG|NN|NP|NR|NW|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|SA|SE|SG|SK|SL|SM|"
    "SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|WA|WC|WD|WF|WN|WR|WS|WV|YO|ZE|"
    "B|E|G|L|M|N|S|W"
)
_POSTCODE = re.compile(
    rf"(?<![A-Z0-9])(?:{_POSTCODE_AREAS})\d(?:\d|[A-Z])?[ -]{{0,2}}\d[ABD-HJLNP-UW-Z]{{2}}"
    r"(?![A-Z0-9])"
)
_UPN = re.compile(r"(?<![A-Z0-9])([A-HJ-NP-RT-Z])(\d{11}[\dA-HJ-NP-RT-Z])(?![A-Z0-9])")
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_MOBILE = re.compile(r"(?<!\d)(?<!\d[.,])(?:\+?44[ -]?|0)7\d{3}[ -]?\d{3}[ -]?\d{3}(?!\d)")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(
    r"(?<![\d/.-])(?:"
    r"\d{1,2}(?P<mark>[/.-])\d{1,2}(?P=mark)(?P<last>\d{4}|\d{2})"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?[ -]{_MONTH}[ ,-]{{1,2}}(?P<spoken>\d{{4}})"
    r"|(?P<first>\d{4})-\d{2}-\d{2}"
    r")(?![\d/-])",
    re.IGNORECASE,
)
_BIRTH = re.compile(r"\b(?:born|birth(?:day|date)?|d\.?\s?o\.?\s?b)\b", re.IGNORECASE)
# Nobody quotes a day so long ago in a return, unless it is somebody's birthday.
_LONG_AGO = 2010

_PERSONS = (
    "child|pupil|student|patient|client|resident|service_?user|person|parent|carer|mother|father|"
    "guardian|staff|officer|worker|contact|claimant|tenant|offender|victim|first|last|full|fore|"
    "sur|family|given|middle|maiden|preferred|known_as"
)
_PERSONAL_HEADING = re.compile(
    r"(?:^|_)(?:"
    r"nhs|dob|d_o_b|date_?of_?birth|birth_?(?:date|day)|born|post_?codes?|address|street|"
    r"e_?mails?|(?:tele)?phones?|tel|mobile|ni_?(?:no|number)|nino|national_?insurance|upn|"
    r"unique_?pupil|uln|uprn|passport|initials|"
    rf"(?:{_PERSONS})_?(?:s_)?(?:name|id|ref|reference|number|no)s?|surname|forename"
    r")(?:_|$)"
)


def personal_kind(text: str) -> str:
    """Say what kind of data about a person a text holds, or nothing.

    Parameters
    ----------
    text : str
        A cell, a heading or a line.

    Returns
    -------
    str
        `an NHS number` (ten digits whose last is the check digit of the others, modulus 11),
        `a National Insurance number`, `an e-mail address`, `a full postcode`, `a pupil number`
        (UPN, by its check letter), `a mobile phone number`, `what looks like a date of birth`;
        or empty. Also empty for a text longer than `LONGEST`, which must never be shown.
    """
    if not _SHORTEST <= len(text) <= LONGEST or _HARMLESS.fullmatch(text):
        return ""
    plain = _plain(text)
    if not _DIGIT.search(plain):
        return "an e-mail address" if _EMAIL.search(plain) else ""
    capitals = plain.upper()
    for kind, holds in (
        ("an NHS number", _holds_nhs_number(plain)),
        ("a National Insurance number", _NATIONAL_INSURANCE.search(capitals)),
        ("an e-mail address", _EMAIL.search(plain)),
        ("a pupil number", _holds_upn(capitals)),
        ("a full postcode", _POSTCODE.search(capitals)),
        ("a mobile phone number", _MOBILE.search(plain)),
        ("what looks like a date of birth", _holds_birthday(plain)),
    ):
        if holds:
            return kind
    return ""


def is_personal_heading(heading: str) -> bool:
    """Whether a heading announces data about persons: `NHS No.`, `Child's name`, `DOB`."""
    words = re.sub("['\u2019]", "", heading[:LONGEST].lower())
    return bool(_PERSONAL_HEADING.search(re.sub("[^a-z0-9]+", "_", words).strip("_")))


def _plain(text: str) -> str:
    """Ordinary digits, letters and single spaces, so that no disguise hides a number."""
    if text.isascii():
        return " ".join(text.split())
    seen = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return " ".join("".join(str(unicodedata.decimal(c, c)) for c in seen).split())


def _holds_nhs_number(text: str) -> bool:
    found = [match[0] for pattern in _NHS for match in pattern.finditer(text)]
    found += ["".join(match.groups()) for match in _AS_POWER.finditer(text)]
    return any(_is_nhs_number(re.sub(r"[^0-9]", "", digits)) for digits in found)


def _is_nhs_number(digits: str) -> bool:
    """The check digit of the NHS Data Dictionary: modulus 11 over weights 10 to 2."""
    if len(digits) != 10 or not int(digits):
        return False
    total = sum((10 - place) * int(digit) for place, digit in enumerate(digits[:9]))
    return (11 - total % 11) % 11 == int(digits[-1])


def _holds_upn(text: str) -> bool:
    return any(_is_upn(match[1], match[2]) for match in _UPN.finditer(text))


def _is_upn(letter: str, rest: str) -> bool:
    """The check letter of the Department for Education: modulus 23 over weights 2 to 13."""
    values = [int(c) if c.isdecimal() else _UPN_LETTERS.index(c) for c in rest]
    total = sum(weight * value for weight, value in zip(range(2, 14), values, strict=True))
    return _UPN_LETTERS[total % 23] == letter


def _holds_birthday(text: str) -> bool:
    dates = list(_DATE.finditer(text))
    if not dates:
        return False
    if _BIRTH.search(text):
        return True
    return any(_year(match) < _LONG_AGO for match in dates)


def _year(match: re.Match[str]) -> int:
    year = next(part for part in (match["last"], match["spoken"], match["first"]) if part)
    if len(year) == 4:
        return int(year)
    return int(year) + (1900 if int(year) >= 30 else 2000)

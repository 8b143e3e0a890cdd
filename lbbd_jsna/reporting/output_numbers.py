"""The numbers in a text, years, ages, ranks and the like left out, and what they tell."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from lbbd_jsna.reporting.output_protected import SCALES, Secret

UNROUNDED = "a count before rounding"
FEWEST_FITTING = 3  # a rate that fewer counts than this fit gives its count away
_NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w])")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_COUNTED = (
    r"wards?|areas?|boroughs?|measures?|years?|months?|quarters?|points?|periods?|class(?:es)?|"
    r"places?|rows?|columns?|days?|groups?|targets?|indicators?|outcomes?|sources?|steps?"
)
_NUMBERED = (
    r"outcomes?|figure|table|row|page|section|version|chapter|priority|cell|picture|part|step|"
    r"note|rank(?:ed)?|place|position|item|about|nearest|multiples? of|per|width|of 17|of 19"
)
_NOISE = re.compile(
    r"(?:19|20)\d\d(?:\s?[-/–]\s?\d{2,4})?(?![\d.])|\d{1,2}/\d\d\b|\d{1,2}:\d\d(?::\d\d)?|"
    rf"\b\d{{1,2}}\s(?:{_MONTHS})[a-z]*|\b(?:{_MONTHS})[a-z]*\s\d{{1,2}}\b|"
    r"\b(?:95|99|99\.8)\s?(?:%|per cent)\s?(?=conf|int|lim|ci\b)|"
    r"\b(?:aged?|ages|under|over|below|above)\s\d+(?:\s?(?:to|and|or|-|–)\s?(?:under |over )?\d+)?|"
    r"\b\d+\s?(?:to|-|–)\s?\d+\s?(?=years|year[- ]old)|\b\d+[- ](?=year[- ]old)|"
    r"\b\d+\s(?:of|out of)\s(?:the\s)?(?=1[79]\b|3[23]\b)|"
    rf"\b\d+\s(?:of\s(?:the\s)?\d+\s)?(?:old |new |other |london )?(?:{_COUNTED})\b|"
    rf"\b(?:{_NUMBERED})\s\d[\d,.]*|"
    r"\b1\s?(?:to|-|–)\s?[57]\b(?!\.)|\b(?:fewer|less) than \d+|\b\d+ or (?:more|fewer)",
    re.IGNORECASE,
)
_SPELT = {
    "zero": 0.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0,
    "seven": 7.0, "eight": 8.0, "nine": 9.0, "ten": 10.0, "eleven": 11.0, "twelve": 12.0,
}  # fmt: skip
_PEOPLE = (
    r"child(?:ren)?|persons?|people|cases?|deaths?|bab(?:y|ies)|births?|girls?|boys?|wom[ae]n|"
    r"m[ae]n|mothers?|residents?|patients?|pupils?|events?|admissions?|conceptions?|teenagers?"
)
_WORD = re.compile(
    rf"\b(?:(?:one)(?=\s(?:{_PEOPLE})\b)|(?:{'|'.join(list(_SPELT)[2:])}|zero)\b"
    rf"(?!\s(?:of|in|to|{_COUNTED}|thirds?|quarters?|hundred|thousand)\b))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Number:
    """A number as printed: where, how much, and to how many decimals and figures."""

    at: int
    value: float
    decimals: int
    figures: int

    def stands_for(self, truth: float) -> bool:
        """Whether the truth, rounded as this number is, gives this number."""
        half = 0.5 * 10.0**-self.decimals
        return abs(self.value - truth) <= half * (1 + 1e-6)


@lru_cache(maxsize=200_000)
def numbers_in(text: str, *, spelt: bool = False) -> tuple[Number, ...]:
    """The numbers of a text that may be figures; those spelt in words on request."""
    if not spelt and not any(map(str.isdigit, text)):
        return ()
    masked = _NOISE.sub(lambda match: " " * len(match[0]), text)
    found = [_number(match.start(), match[0]) for match in _NUMBER.finditer(masked)]
    if spelt:
        found += [
            Number(match.start(), _SPELT[match[0].casefold()], 0, 1)
            for match in _WORD.finditer(masked)
        ]
    return tuple(sorted(found, key=lambda number: number.at))


def _number(at: int, text: str) -> Number:
    mantissa, _, power = text.casefold().replace(",", "").partition("e")
    whole, _, decimals = mantissa.partition(".")
    figures = len((whole + decimals).lstrip("0")) or 1
    return Number(at, float(mantissa + ("e" + power if power else "")),
                  len(decimals) - int(power or 0), figures)


def tells(number: Number, secret: Secret) -> str:
    """What a number gives away about a cell, in words for a fault; empty for nothing."""
    if not secret.hidden and secret.count == secret.count_out:
        return ""
    if number.value == secret.count:
        return "a withheld count" if secret.hidden else UNROUNDED
    if _is_rate(number, secret):
        return "a rate from which a protected count follows"
    if number.figures >= 2 and number.decimals >= 1 and _is_limit(number, secret):
        return "an interval limit from which a protected count follows"
    return ""


def _is_rate(number: Number, secret: Secret) -> bool:
    if not math.isfinite(secret.value):
        return False
    scales = SCALES if number.figures >= 4 else (secret.scale,)
    return any(
        number.stands_for(secret.value / secret.scale * scale) and _gives(number, secret, scale)
        for scale in scales
    )


def _gives(number: Number, secret: Secret, scale: float) -> bool:
    """Whether too few counts fit the number for the true one to stay unknown."""
    if not secret.denominator > 0:
        return number.figures >= 2
    half, share = 0.5 * 10.0**-number.decimals, secret.denominator / scale
    lowest = max(math.ceil((number.value - half) * share - 1e-9), 0)
    highest = math.floor((number.value + half) * share + 1e-9)
    return highest - lowest + 1 < FEWEST_FITTING


def _is_limit(number: Number, secret: Secret) -> bool:
    return any(number.stands_for(limit) for limit in secret.limits)


def is_released(number: Number, secret: Secret) -> bool:
    """Whether a number is one that was released for a cell."""
    return any(
        number.value == figure or (number.decimals >= 1 and number.stands_for(figure))
        for figure in secret.released
    )

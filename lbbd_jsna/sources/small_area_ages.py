"""Groups of age and sex as headings and names have them."""

from __future__ import annotations

import re

# From and to, both included; None: no upper end.
Ages = tuple[int, int | None]
EVERYBODY: Ages = (0, None)
PERSONS = "Persons"
_SEXES = {
    "person": PERSONS, "persons": PERSONS, "people": PERSONS, "total": PERSONS, "all": PERSONS,
    "all persons": PERSONS, "both sexes": PERSONS, "male": "Male", "males": "Male",
    "men": "Male", "female": "Female", "females": "Female", "women": "Female",
}  # fmt: skip
_FILLING = re.compile(r"\b(?:aged?|years?|old|measures?|value|count)\b|[:;]")
_OVER = re.compile(r"([0-9]{1,3}) ?(?:\+|and over|or over|plus|and above)")
_FORMS = (
    (re.compile(r"all(?: (?:categories|ages|people))?|total"), lambda m: EVERYBODY),
    (re.compile(r"([0-9]{1,3}) ?(?:-|to) ?([0-9]{1,3})"), lambda m: (int(m[1]), int(m[2]))),
    (re.compile(r"under ([0-9]{1,3})"), lambda m: (0, int(m[1]) - 1)),
    (re.compile(r"([0-9]{1,3}) and under"), lambda m: (0, int(m[1]))),
    (_OVER, lambda m: (int(m[1]), None)),
    (re.compile(r"([0-9]{1,3})"), lambda m: (int(m[1]), int(m[1]))),
)


def ages_of(text: str) -> Ages | None:
    """Read a group of ages.

    Parameters
    ----------
    text : str
        `All-Ages`, `0-15`, `65+`, `Age: Aged 5 to 9 years; measures: Value`, `Aged under 1
        year`, `Aged 4 years and under`, `Age 90+`.

    Returns
    -------
    tuple of int and int or None, or None
        From and to in years, both included; no upper end is None. None where it is no group
        of ages.
    """
    said = text.casefold().replace("all-ages", "all ages").replace("all ages", "total")
    said = " ".join(_FILLING.sub(" ", said).split())
    for form, read in _FORMS:
        match = form.fullmatch(said)
        if match:
            ages = read(match)
            return ages if ages[1] is None or 0 <= ages[0] <= ages[1] else None
    return None


def sex_of(text: str) -> str:
    """`Persons`, `Male` or `Female`; empty where it is none."""
    return _SEXES.get(" ".join(text.casefold().split()), "")


def sex_and_ages(heading: str) -> tuple[str, Ages] | None:
    """Read a heading such as `Males_16-29` or `Persons_All-Ages`; None where it is none."""
    first, sign, rest = heading.replace("_", " ", 1).partition(" ")
    sex, ages = sex_of(first), ages_of(rest)
    return (sex, ages) if sign and sex and ages else None


def age_words(ages: Ages) -> str:
    """Ages for a message: `all ages`, `0 to 15`, `65 and over`, `4`."""
    low, high = ages
    if ages == EVERYBODY:
        return "all ages"
    if high is None:
        return f"{low} and over"
    return str(low) if low == high else f"{low} to {high}"


def parts_of_everybody(groups: set[Ages]) -> list[Ages]:
    """Groups that together are everybody once, the narrowest there are.

    Returns
    -------
    list of (int, int or None)
        From the youngest; empty where the groups leave a gap or are only the total itself.
    """
    start, parts = 0, []
    while True:
        here = [g for g in groups if g[0] == start and g != EVERYBODY]
        if not here:
            return []
        narrowest = min(here, key=lambda g: g[1] if g[1] is not None else 10_000)
        parts.append(narrowest)
        if narrowest[1] is None:
            return parts
        start = narrowest[1] + 1

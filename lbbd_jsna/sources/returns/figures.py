"""What the figures of one row must be to each other and to the unit of their series."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.sources.checks import PER_CENT
from lbbd_jsna.sources.returns.contents import NUMBERS
from lbbd_jsna.sources.returns.numbers import MARKS, decimals, figures
from lbbd_jsna.sources.returns.sheet import Finding, Sheet

# No count in this country is larger: more than twice its people.
MOST_PEOPLE = 150_000_000
_SLACK = 1e-9


@dataclass(frozen=True)
class Figures:
    """The numbers of a sheet, one a row; NaN where there is none.

    `mark` is empty, or why there is no value: `[c]`, `[x]` or `[z]`; `worked` is the value
    that numerator and denominator give, NaN unless the series is such a quotient; `unit` holds what
    the unit of each row says, by the names of `_Unit`.
    """

    numerator: np.ndarray
    denominator: np.ndarray
    value: np.ndarray
    mark: np.ndarray
    worked: np.ndarray
    unit: dict[str, np.ndarray]


@dataclass(frozen=True)
class _Unit:
    """What a unit says of the figures of a series."""

    share: bool
    multiplier: float
    counted: bool
    whole: bool
    whole_value: bool
    may_be_negative: bool

    @classmethod
    def of(cls, indicator: Indicator | None) -> _Unit:
        """The unit of a series; of an unknown one, nothing is expected."""
        if indicator is None:
            return cls(False, np.nan, False, False, False, True)
        share = indicator.unit in PER_CENT
        kind = indicator.value_type.lower()
        count = "count" in kind or "number" in kind
        per = re.match(r"per ([0-9][0-9,]*)", indicator.unit)
        quotient = per and ("crude" in kind or "proportion" in kind)
        return cls(
            share=share,
            multiplier=100 if share else float(per[1].replace(",", "")) if quotient else np.nan,
            counted=indicator.counts_people and bool(share or quotient),
            whole=(indicator.counts_people and bool(share or quotient)) or count,
            whole_value=count,
            may_be_negative=bool(re.search("point|score|gap|change", indicator.unit.lower())),
        )


def read_figures(sheet: Sheet, catalogue: Catalogue) -> Figures:
    """The numbers of every row, without judging them."""
    numerator, denominator, value = (_column(sheet, heading) for heading in NUMBERS)
    unit = _units(sheet, catalogue)
    mark = _marks(sheet, "value")
    blank = np.isnan(value) & (mark == "")
    # A share whose counts are withheld has no value either, even where none is marked.
    for heading in ("numerator", "denominator"):
        from_count = _marks(sheet, heading)
        mark = np.where(blank & (mark == "") & unit["share"], from_count, mark)
    with np.errstate(divide="ignore", invalid="ignore"):
        worked = unit["multiplier"] * numerator / denominator
    worked = np.where(np.isfinite(worked), worked, np.nan)
    return Figures(numerator, denominator, value, mark, worked, unit)


def blame_figures(sheet: Sheet, given: Figures) -> None:
    """Set down figures that cannot be, one fault a row."""
    if not {"indicator", *NUMBERS} <= set(sheet.columns):
        return
    open_rows = sheet.sound("indicator", *NUMBERS)
    for heading, wrong, finding in _rules(sheet, given):
        for row in np.flatnonzero(wrong & open_rows).tolist():
            said = finding if isinstance(finding, Finding) else finding(row)
            # A figure beside a mark would give away what the mark withholds.
            hidden = "" if said.rule == "number-beside-mark" else None
            sheet.blame(row, heading, said, value=hidden)
            open_rows[row] = False


def _rules(sheet: Sheet, given: Figures) -> list[tuple]:
    """Heading, rows at fault and what is wrong, the plainest first."""
    unit = given.unit
    count, people, value, share = given.numerator, given.denominator, given.value, unit["share"]
    marked = given.mark != ""
    withheld = (_marks(sheet, "numerator") == "[c]") | (_marks(sheet, "denominator") == "[c]")
    positive, whole = ~unit["may_be_negative"], unit["whole"]
    places = decimals(sheet.columns["value"])
    off = _too_far(given, places)
    rules = [
        ("numerator", count < 0, _NEGATIVE),
        ("denominator", people < 0, _NEGATIVE),
        ("value", (value < 0) & positive, _NEGATIVE),
        ("numerator", whole & _broken(count), _FRACTION),
        ("denominator", whole & _broken(people), _FRACTION),
        ("value", unit["whole_value"] & _broken(value), _FRACTION),
        ("numerator", count > MOST_PEOPLE, _TOO_GREAT),
        ("denominator", people > MOST_PEOPLE, _TOO_GREAT),
        ("value", np.abs(value) > 1e9, _TOO_GREAT),
        ("numerator", marked & ~np.isnan(count), lambda row: _beside(given.mark[row])),
        ("value", withheld & ~np.isnan(value), _BESIDE_COUNT),
        ("numerator", share & (count > people), lambda row: Finding(
            "numerator-above", f"{count[row]:g} of {people[row]:g}", "at most the denominator")),
        ("value", share & (value > 100), _BEYOND),
    ]  # fmt: skip
    blank = np.isnan(value) & ~marked
    some = ~np.isnan(count) | ~np.isnan(people) | ~np.isnan(value)
    rules += [
        ("value", blank & ~(share & some), _NO_VALUE),
        ("numerator", (share | unit["counted"]) & ~marked & np.isnan(count), _NO_COUNT),
        ("denominator", (share | unit["counted"]) & ~marked & np.isnan(people), _NO_COUNT),
        ("value", blank & np.isnan(given.worked), _NO_VALUE),
        ("denominator", share & ~marked & (people == 0), _OF_NOBODY),
        ("value", off, lambda row: _not_the_quotient(given.worked[row], places[row])),
        ("value", unit["whole_value"] & (np.abs(value - count) > _SLACK), _NOT_THE_COUNT),
    ]
    return rules


def _column(sheet: Sheet, heading: str) -> np.ndarray:
    if heading in sheet.columns:
        return figures(sheet.columns[heading])
    return np.full(len(sheet.lines), np.nan)


def _marks(sheet: Sheet, heading: str) -> np.ndarray:
    if heading in sheet.columns:
        return sheet.columns[heading].each(lambda text: text if text in MARKS else "", object)
    return np.full(len(sheet.lines), "", dtype=object)


def _units(sheet: Sheet, catalogue: Catalogue) -> dict[str, np.ndarray]:
    """What each row's unit says, by the names of `_Unit`."""
    if "indicator" not in sheet.columns:
        unit = _Unit.of(None)
        return {key: np.full(len(sheet.lines), said) for key, said in vars(unit).items()}
    column = sheet.columns["indicator"]
    units = [_Unit.of(catalogue.indicators.get(text)) for text in column.texts]
    return {
        key: np.array([getattr(unit, key) for unit in units], dtype=type(said))[column.codes]
        for key, said in vars(_Unit.of(None)).items()
    }


def _broken(number: np.ndarray) -> np.ndarray:
    return ~np.isnan(number) & (number != np.round(number))


def _too_far(given: Figures, places: np.ndarray) -> np.ndarray:
    """Where the value is not the quotient rounded to as many places as it is written with."""
    return np.abs(given.value - given.worked) > 0.5 / 10.0**places + _SLACK


def _beside(mark: str) -> Finding:
    return Finding(
        "number-beside-mark", f"a number beside {mark}", "blank: it would give the value away"
    )


def _not_the_quotient(worked: float, places: int) -> Finding:
    return Finding(
        "value-mismatch",
        "{value}",
        f"{worked:.{max(places, 1)}f}, numerator over denominator",
        "correct the one that is wrong, or leave the value blank: it is worked out",
    )


_NEGATIVE = Finding("negative", "{value}", "0 or more")
_FRACTION = Finding("fraction", "{value}", "a whole number of people or cases")
_TOO_GREAT = Finding("too-great", "{value}", f"at most {MOST_PEOPLE:,}")
_BEYOND = Finding("out-of-range", "{value}", "a per cent from 0 to 100")
_BESIDE_COUNT = Finding(
    "number-beside-mark",
    "a value beside a count that is withheld",
    "[c]: it would give the count away",
)
_NO_VALUE = Finding(
    "blank", "blank", "a value, or [c], [x] or [z]",
    "write 0 for none, [c] for a figure withheld, [x] for one not available, [z] for 0 of 0",
)  # fmt: skip
_NO_COUNT = Finding(
    "counts-needed",
    "no number",
    "the numerator and the denominator, or [c], [x] or [z] as its value",
    "without them no confidence interval can be given, and no small number be protected",
)
_OF_NOBODY = Finding("of-nobody", "a per cent of 0", "more than 0, or [z] as the value")
_NOT_THE_COUNT = Finding(
    "value-mismatch", "{value}", "the numerator", "the value of a count is the count"
)

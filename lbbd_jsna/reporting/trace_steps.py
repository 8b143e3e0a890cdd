"""The steps from a raw cell to a printed number, in words, each worked out again here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.exhibits import wording
from lbbd_jsna.facts.comparators import multiplier
from lbbd_jsna.findings import Finding, Point, span_of
from lbbd_jsna.sources.csv_files import is_number, number
from lbbd_jsna.sources.fingertips_columns import ENGLAND, REQUIRED
from lbbd_jsna.statistics.comparisons import TESTS
from lbbd_jsna.statistics.intervals import wilson
from lbbd_jsna.statistics.rounding import wilson_of_rounded

OWN = ("return", "survey")
GATE = "Disclosure gate"
# The counts of a return, by their headings, and what the tables call them.
COUNTS = {"numerator": "count", "denominator": "denominator"}
VALUE = next(heading for heading, field in REQUIRED.items() if field == "value")


@dataclass(frozen=True)
class Step:
    """One step, and what happened in it."""

    name: str
    words: str


def exact(value: float) -> str:
    """A number with every digit the tables hold; `blank` for none."""
    if math.isnan(value):
        return "blank"
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e15 else repr(float(value))


def alike(heading: str) -> str:
    """A heading without what may differ between the catalogue and the file."""
    return heading.casefold().rstrip("; ")


def value_heading(row: pd.Series, indicator: Indicator) -> str:
    """The heading under which a source holds the value of a row, or nothing."""
    if indicator.source == "fingertips":
        return VALUE
    if indicator.source == "ward-atlas":
        return " ".join(indicator.columns.get(row["period"], "").split())
    return indicator.columns.get("value", "value")


def added_steps(row: pd.Series, indicator: Indicator, parts: list[tuple[str, str]]) -> list[Step]:
    """How a figure was put together from the cells of several rows.

    Parameters
    ----------
    parts : list of (str, str)
        What each cell gave (count, denominator or value), and the cell.
    """
    given: dict[str, list[str]] = {}
    for role, cell in parts:
        given.setdefault(role, []).append(cell)
    sums = [
        f"{role}: {' + '.join(cells)}"
        + (f" = {exact(math.fsum(map(number, cells)))}" if len(cells) > 1 else "")
        if all(map(is_number, cells))
        else f"{role}: {', '.join(cells)}"
        for role, cells in given.items()
    ]
    worked = _quotient(row, indicator) if "denominator" in given else ""
    return [
        Step("Read as numbers", "; ".join(sums)),
        *([Step("Worked out", worked)] if worked else []),
    ]


def read_step(row: pd.Series, indicator: Indicator, cells: Mapping[str, str]) -> Step:
    """How the value came out of the cells of the raw row."""
    words = _read_words(row, indicator, cells)
    worked = words == _quotient(row, indicator)
    return Step("Worked out" if worked else "Read as a number", words)


def _read_words(row: pd.Series, indicator: Indicator, cells: Mapping[str, str]) -> str:
    value, heading = row["value"], value_heading(row, indicator)
    cell = next((c for name, c in cells.items() if alike(name) == alike(heading)), "")
    if math.isnan(value):
        return f"{heading or 'the value'} holds no number, so there is none"
    if is_number(cell) and _alike(number(cell), value):
        return f'"{cell}" under {heading} is {exact(value)}'
    worked = _quotient(row, indicator)
    if not cell and worked:
        return worked
    if is_number(cell):
        return (
            f'{heading} holds "{cell}" now and the tables hold {exact(value)}: the file is not '
            "the one they were made from, or the reader works with more than this row"
        )
    return f"the tables hold {exact(value)}; the row above is not shown or holds it in parts"


def _quotient(row: pd.Series, indicator: Indicator) -> str:
    """`100 x 423 / 3421 = 12.36`, where that is what the value is."""
    count, people = row["count"], row["denominator"]
    factor = multiplier(indicator) or (100.0 if indicator.unit.startswith("%") else None)
    if factor is None or math.isnan(count) or not people > 0:
        return ""
    if not _alike(factor * count / people, row["value"]):
        return ""
    return f"{exact(factor)} x {exact(count)} / {exact(people)} = {exact(row['value'])}"


def _alike(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def picked_steps(indicator: Indicator) -> list[Step]:
    """Which rows and columns of a table the catalogue picks; nothing where it picks none."""
    if not indicator.pick:
        return []
    rows = [f"{column} = {value}" for column, value in indicator.pick.items()]
    columns = [f"{what} by {picked}" for what, picked in indicator.columns.items()]
    return [Step("Picked by the catalogue", "; ".join([*rows, *columns]))]


def derived_step(row: pd.Series, parts: list[pd.Series]) -> Step:
    """The division behind a series worked out from two."""
    over, under = (part["value"] for part in parts)
    names = " / ".join(part["indicator"] for part in parts)
    worked = 100 * over / under if under else math.nan
    words = f"100 x {exact(over)} / {exact(under)} = {exact(worked)} (100 x {names})"
    if not _alike(worked, row["value"]):
        words += f"; the tables hold {exact(row['value'])}"
    return Step("Worked out from two series", words)


def interval_step(row: pd.Series, indicator: Indicator, catalogue: Catalogue) -> Step:
    """Where the 95 % interval comes from."""
    name = "95% interval"
    lower, upper = row["lower_95"], row["upper_95"]
    if math.isnan(lower) or math.isnan(upper):
        return Step(name, "none in the file and none worked out here")
    limits = f"{exact(lower)} to {exact(upper)}"
    if catalogue.sources[indicator.source].kind not in OWN:
        return Step(name, f"as published: {limits}")
    count, people = row["count"], row["denominator"]
    rules = catalogue.rounding(indicator)
    words = f"Wilson, worked out here from {exact(count)} of {exact(people)}"
    if rules is None:
        ours = wilson(count, people)
    else:
        ours = wilson_of_rounded(count, people, to=rules.round_to, smallest=rules.smallest_shown)
        words += ", widened by what the rounding may hide"
    words += f": {limits}"
    if not (_alike(float(ours.lower), lower) and _alike(float(ours.upper), upper)):
        words += f"; worked out again: {exact(float(ours.lower))} to {exact(float(ours.upper))}"
    return Step(name, words)


def is_protected(row: pd.Series, indicator: Indicator, catalogue: Catalogue) -> bool:
    """Whether the gate rounded the counts of a row, and its value is worked out from these."""
    own = catalogue.rounding(indicator) is not None
    return own and not math.isnan(row["count"]) and row["status"] != "suppressed"


def protected_steps(
    row: pd.Series, indicator: Indicator, cells: Mapping[str, str], catalogue: Catalogue
) -> list[Step]:
    """From the counts of a return, through the gate, to the value worked out behind it.

    Parameters
    ----------
    cells : mapping of str to str
        The raw row; empty where it may not be shown.
    """
    step = catalogue.disclosure.round_to
    given = {name: cells.get(name, "") for name in COUNTS}
    read = [f'"{cell}" under {name}' for name, cell in given.items() if is_number(cell)]
    rounded = [
        _rounded(name, number(given[name]) if is_number(given[name]) else math.nan, row[key], step)
        for name, key in COUNTS.items()
        if not math.isnan(row[key])
    ]
    worked = _quotient(row, indicator) or _at_most(row, indicator)
    return [
        *([Step("Read as numbers", "; ".join(read))] if read else []),
        Step(GATE, f"rounds counts of people to the nearest {step}: {'; '.join(rounded)}"),
        *([Step("Worked out from the rounded counts", worked)] if worked else []),
    ]


def _rounded(name: str, given: float, released: float, step: int) -> str:
    """What became of one count, without claiming a rounding that was another thing."""
    if math.isnan(given):
        return f"{name} {exact(released)}"
    words = f"{name} {exact(given)} to {exact(released)}"
    if abs(given - released) * 2 < step:
        return words
    return f"{words}, which is not its rounding: it stands as an earlier pack gave it"


def _at_most(row: pd.Series, indicator: Indicator) -> str:
    """A share whose rounded numerator is above its rounded denominator is printed as all."""
    if not indicator.unit.startswith("%") or not row["count"] > row["denominator"]:
        return ""
    return f"100 x {exact(row['count'])} / {exact(row['denominator'])}, and a share is at most 100"


def gate_step(row: pd.Series, indicator: Indicator, catalogue: Catalogue) -> Step:
    """What the disclosure gate said of a row whose counts it did not round."""
    kind = catalogue.sources[indicator.source].kind
    if kind == "derived":
        return Step(GATE, "passes: worked out from series that passed by themselves")
    if kind not in OWN:
        return Step(GATE, "passes: published, with the publisher's own suppression")
    if not indicator.counts_people:
        return Step(GATE, "passes: not a count of people, says the catalogue")
    if row["status"] == "suppressed":
        return Step(GATE, "withheld; nothing of this row is shown")
    return Step(GATE, "passes: no count of people was returned with it")


def rounding_step(value: float, indicator: Indicator, printed: str) -> Step:
    """From the full number to what the page prints."""
    places = f"{indicator.decimals} decimal{'' if indicator.decimals == 1 else 's'}"
    return Step("Rounded and printed", f"{exact(value)} to {places}: {printed}")


def comparison_step(
    finding: Finding, row: pd.Series, cells: Mapping[str, str], catalogue: Catalogue
) -> Step:
    """The test behind the verdict, with the numbers that went into it."""
    verdict, indicator = finding.verdict, finding.indicator
    name = f"Set against {catalogue.benchmark.title}"
    reference = finding.at(catalogue.comparators.benchmark, finding.latest.period)
    beside = exact(reference.value) if reference else "no value"
    if verdict.test == "published":
        label = cells.get(ENGLAND, row["published_comparison"])
        words = f'the publisher prints "{label}"; the extract does not allow a test of our own'
    elif verdict.test == "quintiles":
        values = sum(point.known for point in finding.league.values())
        words = f"{TESTS['quintiles']}, {values} values: {verdict.outcome}"
    elif verdict.test:
        level = "99_8" if verdict.test.endswith("99_8") else "95"
        limits = f"{exact(row[f'lower_{level}'])} to {exact(row[f'upper_{level}'])}"
        test = TESTS[verdict.test].replace("the benchmark", catalogue.benchmark.title)
        words = (
            f"{test}: {limits} against {beside}, ends included; "
            f"{indicator.polarity.replace('_', ' ')}: {verdict.outcome}"
        )
    else:
        words = f"not compared: {wording.verdict_basis(verdict, catalogue)}"
    return Step(name, words)


def rank_step(finding: Finding, catalogue: Catalogue) -> Step:
    """The league position, and what it was made of."""
    rank = finding.rank
    known = {code: p.value for code, p in finding.league.items() if p.known}
    if rank is None or rank.of < 2:
        return Step("Ranked", f"no other {catalogue.league.title} with a figure")
    low, high = (pick(known, key=known.get) for pick in (min, max))
    ends = " to ".join(
        f"{exact(known[code])} ({catalogue.area_of(code).name})" for code in (low, high)
    )
    tied = f", {rank.tied} with the same value" if rank.tied else ""
    own = known[catalogue.settings.area]
    ahead = sum(v < own if rank.first == "lowest" else v > own for v in known.values())
    places = span_of((point.file, point.row) for point in finding.league.values())
    return Step(
        "Ranked",
        f"{rank.of} of {rank.members} {catalogue.league.title} have a value for "
        f"{finding.latest.period}, {ends}; {ahead} stand before {exact(own)}{tied}, "
        f"{rank.first} first: {wording.rank_text(rank)} ({places})",
    )


def sum_step(combined: Point, indicator: Indicator) -> Step:
    """The boroughs' counts added up and divided."""
    return Step(
        "Summed",
        f"{exact(multiplier(indicator))} x {exact(combined.count)} / "
        f"{exact(combined.denominator)} = {exact(combined.value)}",
    )

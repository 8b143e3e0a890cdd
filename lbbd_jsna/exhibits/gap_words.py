"""Sentences about gaps: how far from a comparator, how many people, and how much is chance."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.exhibits import wording
from lbbd_jsna.findings import Finding, Gap
from lbbd_jsna.statistics.intervals import Interval
from lbbd_jsna.statistics.verdicts import differ_by_chance

# A printed verdict stands for the publisher's usual test.
PUBLISHED = "interval_95"


def gap_sentence(finding: Finding, catalogue: Catalogue) -> str:
    """How far the borough stands from the benchmark, and in people; empty without a benchmark."""
    gap = finding.gaps.get(catalogue.comparators.benchmark)
    if gap is None:
        return ""
    name = catalogue.benchmark.title
    size = distance(gap.value, finding.indicator)
    if size == "none":
        return f"As printed, it does not differ from {name}'s figure."
    side = "above" if gap.value > 0 else "below"
    said = f"The borough is {size} {side} {name}{_limits(gap, finding.indicator)}."
    return f"{said} {people_sentence(gap, name)}".strip()


def beside_sentence(finding: Finding, catalogue: Catalogue) -> str:
    """How far the borough stands from the region and the peers; empty where neither is known."""
    named = catalogue.comparators
    parts = []
    for name in (named.region, named.peers):
        gap = finding.gaps.get(name)
        if gap is None:
            continue
        title, size = catalogue.set_of(name).title, distance(gap.value, finding.indicator)
        side = "above" if gap.value > 0 else "below"
        level = f"level with {title} as printed"
        parts.append(
            level if size == "none" else f"{size} {side} {title}{_limits(gap, finding.indicator)}"
        )
    return f"It is {wording.listed(parts)}." if parts else ""


def people_sentence(gap: Gap, name: str) -> str:
    """The gap as a count of people; empty where chance alone may explain it or none is known."""
    if math.isnan(gap.people) or math.isnan(gap.fewest) or gap.fewest * gap.most <= 0:
        return ""
    words = "fewer" if gap.people > 0 else "more"
    low, high = sorted((abs(gap.fewest), abs(gap.most)))
    return (
        f"With {name}'s figure there would be about {rounded(abs(gap.people))} {words} "
        f"({rounded(low)} to {rounded(high)})."
    )


def distance(value: float, indicator: Indicator) -> str:
    """A difference without its sign: `2.0 percentage points`, `1.4 years`; none at 0 as printed."""
    size = round(abs(value), indicator.decimals)
    if size == 0:
        return "none"
    per_cent = indicator.unit.startswith("%")
    return f"{size:,.{indicator.decimals}f} {'percentage points' if per_cent else indicator.unit}"


def gap_in_cell(gap: Gap | Interval, indicator: Indicator) -> tuple[str, str]:
    """A gap for a table: `2.0 percentage points higher`, and its interval."""
    size = distance(gap.value, indicator)
    side = "" if size == "none" else " higher" if gap.value > 0 else " lower"
    limits = "" if math.isnan(gap.lower) else f"95% interval {_ends(gap, indicator)}"
    return f"{size}{side}", limits


def _limits(gap: Gap, indicator: Indicator) -> str:
    return "" if math.isnan(gap.lower) else f" (95% interval {_ends(gap, indicator)})"


def _ends(gap: Gap | Interval, indicator: Indicator) -> str:
    """The interval of a gap, read on the side the gap is on; a minus is the other side."""
    low, high = (gap.lower, gap.upper) if gap.value > 0 else (-gap.upper, -gap.lower)
    ends = (f"{limit:,.{indicator.decimals}f}" for limit in (low, high))
    return " to ".join(end.replace("-", "−") for end in ends)


def rounded(count: float) -> str:
    """A count of people to two figures: an estimate must not look like a count."""
    if count < 10:
        return f"{count:.0f}"
    place = 10 ** (math.floor(math.log10(count)) - 1)
    return f"{place * round(count / place):,.0f}"


def by_chance(findings: Iterable[Finding], catalogue: Catalogue) -> str:
    """How many of a page's comparisons would differ by chance alone; empty without any."""
    tests = [finding.verdict.test for finding in findings if finding.verdict.test]
    counted = [PUBLISHED if test == "published" else test for test in tests]
    counted = [test for test in counted if test not in ("quintiles", "goal")]
    if not counted:
        return ""
    name, expected = catalogue.benchmark.title, differ_by_chance(pd.Series(counted))
    if len(counted) == 1:
        return (
            f"One figure here is compared with {name}. Were the borough just like {name}, chance "
            f"alone would call it different {_odds(expected)}."
        )
    return (
        f"{wording.sentence(wording.plural(len(counted), 'figure'))} here are compared with "
        f"{name}. Were the borough just like {name} on every one, chance alone would call about "
        f"{_about(expected)} of them different."
    )


def _odds(expected: float) -> str:
    return f"1 time in {1 / expected:.0f}"


def _about(expected: float) -> str:
    return f"{expected:.0f}" if expected >= 9.5 else f"{expected:.1f}"

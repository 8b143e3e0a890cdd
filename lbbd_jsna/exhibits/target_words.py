"""Sentences about a target: how far, how fast, how fast is needed, and whether the curve turned."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.exhibits import style, wording
from lbbd_jsna.exhibits.gap_words import distance, people_sentence
from lbbd_jsna.findings import Point, TargetFacts
from lbbd_jsna.statistics.forecasts import coverage_80
from lbbd_jsna.statistics.intervals import Interval
from lbbd_jsna.statistics.targets import TargetPath
from lbbd_jsna.statistics.workings.series import GOOD_WAY, ONE_PERIOD

# A year further off than this is not named.
FURTHEST_YEAR = 2100
NOT_A_PROMISE = "It is what the past would bring if it went on, not a promise or a plan."


def target_title(target: TargetFacts) -> str:
    """The title of a curve chart: whether the present pace is enough."""
    path, title = target.path, target.finding.indicator.title
    year, than = f"{path.by:.0f}", target.comparator
    hedge = "" if path.certain else ", but the pace is uncertain"
    said = {
        "already better": f"already better than {than}",
        "on course": f"at the present pace the borough would pass {than} by {year}{hedge}",
        "too slow": f"at the present pace the borough would not pass {than} by {year}{hedge}",
        "moving away": f"at the present pace the borough would fall further behind {than}{hedge}",
        "cannot be told": f"whether the borough will pass {than} by {year} cannot be told",
    }
    return f"{title}: {said[path.verdict]}"


def target_sentences(target: TargetFacts, catalogue: Catalogue) -> tuple[str, ...]:
    """What there is to say of one figure of a target, in the order a reader asks.

    The gap, in people where they are known; the pace achieved; the pace needed, with what is
    supposed of the comparator; how long the present pace would take; and whether the curve
    has turned since the strategy began. A target without a figure has its reason alone.
    """
    if target.finding is None or target.path is None:
        return (f"{wording.sentence(target.reason).rstrip('.')}.",) if target.reason else ()
    return tuple(sentence for sentence in _sentences(target, catalogue) if sentence)


def _sentences(target: TargetFacts, catalogue: Catalogue) -> Iterator[str]:
    yield gap_sentence(target)
    yield _people(target, catalogue)
    yield pace_sentence(target)
    yield needed_sentence(target)
    yield course_sentence(target)
    yield forecast_sentence(target)
    yield turned_sentence(target)


def gap_sentence(target: TargetFacts) -> str:
    """Where the borough stands beside the comparator, with the limits of the gap."""
    path, indicator, than = target.path, target.finding.indicator, target.comparator
    if math.isnan(path.gap.value):
        why = target.reason or path.reason.replace("the comparator", than)
        return f"How far the borough is from {than} cannot be told: {why}."
    own = wording.number(path.value, indicator)
    other = wording.number(path.comparator_value, indicator)
    size = distance(path.gap.value, indicator)
    period = period_at(target.finding.history, path.year)
    if size == "none":
        return f"In {period} the borough stood level with {than}, at {own}."
    side = "above" if path.gap.value > 0 else "below"
    if math.isnan(path.gap.lower):
        doubt = "; without an interval, how sure that is cannot be told"
    else:
        ends = _ends(path.gap.lower, path.gap.upper, indicator)
        chance = ", so chance alone could explain it" if _holds_zero(path.gap) else ""
        fixed = "" if _limited(target) else f", taking {than}'s figure as certain"
        doubt = f" (95% interval of the difference {ends}{fixed}){chance}"
    return f"In {period} the borough stood at {own}, {size} {side} {than}'s {other}{doubt}."


def _limited(target: TargetFacts) -> bool:
    """Whether the comparator's figure of the year compared has an interval of its own."""
    there = (p for p in target.beside if abs(p.middle - target.path.year) < ONE_PERIOD)
    return any(not math.isnan(p.lower) for p in there)


def _holds_zero(limits: Interval) -> bool:
    return limits.lower <= 0 <= limits.upper


def _people(target: TargetFacts, catalogue: Catalogue) -> str:
    """The gap in people, if it is that of the latest period."""
    sets = catalogue.comparators.sets
    name = next((n for n, areas in sets.items() if areas.title == target.comparator), "")
    gap = target.finding.gaps.get(name)
    if gap is None or abs(target.finding.latest.middle - target.path.year) > ONE_PERIOD:
        return ""
    return people_sentence(gap, target.comparator)


def pace_sentence(target: TargetFacts) -> str:
    """How fast the borough's figure has changed since the strategy began, and the comparator's."""
    path, indicator = target.path, target.finding.indicator
    if math.isnan(path.achieved.value):
        return (
            f"Since {target.baseline} the borough has "
            f"{wording.plural(path.points, 'figure')}, too few to tell its pace."
        )
    since = period_at(target.finding.history, path.since)
    said = f"Since {since} the figure has {moved(path.achieved.value, indicator)}"
    if not math.isnan(path.achieved.lower):
        ends = _ends(path.achieved.lower, path.achieved.upper, indicator, finer=1)
        doubt = ", so it may not have changed at all" if _holds_zero(path.achieved) else ""
        said += f" (95% interval {ends}{doubt})"
    if not math.isnan(path.comparator_change):
        said += f"; {target.comparator}'s has {moved(path.comparator_change, indicator)}"
    return f"{said}."


def needed_sentence(target: TargetFacts) -> str:
    """How fast it must change from now on, and what is supposed of the comparator."""
    path, than = target.path, target.comparator
    if path.verdict == "already better" or math.isnan(path.needed_still):
        return ""
    indicator, better = target.finding.indicator, GOOD_WAY[path.polarity]
    said = f"To pass {than} by {path.by:.0f} it"
    still = _must(path.needed_still, better, indicator)
    if math.isnan(path.comparator_change):
        return f"{said} {still} if {than} stands still; how {than} moves cannot be told."
    moving = _must(path.needed_moving, better, indicator)
    return (
        f"{said} {moving} if {than} keeps changing as it has; if {than} stands still, it {still}."
    )


def _must(rate: float, better: int, indicator: Indicator) -> str:
    """What a needed rate asks for: to move the better way, or not to lose more than so much."""
    size = _size(rate, indicator)
    verb = "rise" if rate > 0 else "fall"
    if float(size.replace(",", "")) == 0:
        return f"must {'rise' if better > 0 else 'fall'}, if only a little"
    by = f"{verb} by {{}} than {size}{_unit(indicator)} each year"
    return f"must {by.format('more')}" if rate * better > 0 else f"may {by.format('no more')}"


def course_sentence(target: TargetFacts) -> str:
    """How long the present pace would take, and how sure that is."""
    path, than = target.path, target.comparator
    if math.isnan(path.gap.value):
        return ""  # the sentence on the gap has said why
    if path.verdict == "cannot be told":
        return f"Whether it will pass {than} cannot be told: {path.reason}."
    if path.verdict == "already better":
        return f"That is better than {than} already."
    if math.isinf(path.years_left):
        said = f"At the present pace it would never pass {than}"
    else:
        said = f"At the present pace it would pass {than} {_when(path)}: {path.verdict}"
    if path.certain:
        return f"{said}."
    doubt = "how sure that is cannot be told" if math.isnan(path.achieved.lower) else (
        "the interval of the pace also allows another answer"
    )
    return f"{said}; {doubt}."


def _when(path: TargetPath) -> str:
    year = math.ceil(path.reached)
    return f"after {FURTHEST_YEAR}" if year > FURTHEST_YEAR else f"about {year}"


def forecast_sentence(target: TargetFacts) -> str:
    """Where it would stand if nothing changed, as far ahead as such forecasts were tried."""
    ahead, indicator = target.nothing_done, target.finding.indicator
    if ahead is None:
        return ""
    value, lower, upper = (wording.number(a[-1], indicator) for a in ahead[1:])
    period = later_period(target.finding.known[-1], len(ahead.years))
    return (
        f"If nothing changed it would stand at about {value} in {period} (80% limits {lower} to "
        f"{upper})."
    )


def turned_sentence(target: TargetFacts) -> str:
    """Whether the curve has turned since the strategy began, and by which test."""
    turn, indicator = target.turned, target.finding.indicator
    if turn is None:
        return ""
    if turn.verdict == "cannot be told":
        return (
            f"Whether the curve has turned since {target.baseline} cannot be told: {turn.reason}."
        )
    value = wording.number(turn.value, indicator)
    period = period_at(target.finding.history, turn.year)
    lower, upper = (wording.number(a, indicator) for a in turn.expected[1:])
    words = {
        "turned": "has turned: {} in {} is better than the {} to {} that doing nothing",
        "not turned": "has not turned: {} in {} lies within the {} to {} that doing nothing",
        "worse": "has turned for the worse: {} in {} is worse than the {} to {} that doing nothing",
    }
    said = words[turn.verdict].format(value, period, lower, upper)
    return f"Since {target.baseline} the curve {said} would have brought (80% limits)."


def target_alt(target: TargetFacts, catalogue: Catalogue) -> str:
    """What a curve chart shows, in words."""
    finding = target.finding
    first, last = target_points(target)[0], target_points(target)[-1]
    said = [
        f"Line chart of {wording.named(finding)} in {catalogue.area.name}, from "
        f"{wording.number(first.value, finding.indicator)} in {first.period} to "
        f"{wording.quantity(last.value, finding.indicator)} in {last.period}."
    ]
    beside = [p for p in target.beside if p.known]
    if beside:
        value = wording.number(beside[-1].value, finding.indicator)
        said.append(f"{target.comparator}: {value} in {beside[-1].period}.")
    return " ".join(filter(None, [*said, forecast_sentence(target), needed_sentence(target)]))


def target_caption(target: TargetFacts, catalogue: Catalogue) -> str:
    """The caption of a curve chart: what is drawn, by which method, and how far it holds."""
    indicator = target.finding.indicator
    said = [f"{indicator.title}, {indicator.unit}."]
    if any(not math.isnan(p.lower) for p in target_points(target)):
        said.append("Bars show the borough's 95% interval.")
    if target.nothing_done is not None:
        said.append(tested_sentence(target))
    if target.path and not math.isnan(target.path.comparator_value):
        words = target.path.assumption.replace("The comparator", target.comparator)
        said.append(words)
    if target.finding.comparable_from:
        said.append("Figures from before the series last changed are left out.")
    source = catalogue.sources[indicator.source].title
    number = f" {indicator.source_id}" if indicator.source_id else ""
    return " ".join([*said, f"{source}{number}."])


def tested_sentence(target: TargetFacts) -> str:
    """What a forecast is and how such forecasts fared when tried on the past."""
    latest = target.finding.latest
    held = coverage_80((latest.end - latest.start).days / 365.25)
    low, high = (f"{100 * f(held.values()):.0f}" for f in (min, max))
    kind = "such figures" if held is coverage_80(1) else "such figures, of overlapping years,"
    return (
        "Dashed, with its band: where the figure would go if nothing changed, as far ahead as the "
        f"method was tried ({len(held)} years). {NOT_A_PROMISE} The band should hold 80% of later "
        f"figures; tried on the past of {kind} in English authorities, it held {low}% to {high}%."
    )


def target_points(target: TargetFacts) -> tuple[Point, ...]:
    """The borough's points with a value since the series last changed, oldest first."""
    since = target.finding.comparable_from
    return tuple(p for p in target.finding.known if since is None or p.start >= since)


def period_at(points: tuple[Point, ...], year: float) -> str:
    """The published name of the period whose middle is `year`."""
    return next((p.period for p in points if abs(p.middle - year) < ONE_PERIOD), f"{year:.0f}")


def later_period(point: Point, years: int) -> str:
    """The name of the period some years after another, in the same form: `2029/30`, `2027 - 29`."""
    first, last = point.start.year + years, point.end.year + years
    if point.start.month == 1:
        return f"{first}" if first == last else f"{first} - {last % 100:02d}"
    one = f"{first}/{(first + 1) % 100:02d}"
    if last - first == 1:
        return one
    return f"{one} - {(last - 1) % 100:02d}/{last % 100:02d}"


def moved(rate: float, indicator: Indicator) -> str:
    """A rate of change as a verb: `risen by 0.36 percentage points each year`.

    One decimal more than the figure itself: a year's change is small beside it.
    """
    size = _size(rate, indicator)
    if float(size.replace(",", "")) == 0:
        return "stayed as it was"
    return f"{'risen' if rate > 0 else 'fallen'} by {size}{_unit(indicator)} each year"


def _size(rate: float, indicator: Indicator) -> str:
    return style.number_text(abs(rate), decimals=indicator.decimals + 1)


def _ends(lower: float, upper: float, indicator: Indicator, *, finer: int = 0) -> str:
    texts = [style.number_text(e, decimals=indicator.decimals + finer) for e in (lower, upper)]
    pairs = zip((lower, upper), texts, strict=True)
    return " to ".join(f"+{text}" if end > 0 else text for end, text in pairs)


def _unit(indicator: Indicator) -> str:
    return " percentage points" if indicator.unit.startswith("%") else f" {indicator.unit}"

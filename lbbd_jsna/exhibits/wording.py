"""Every sentence about a figure: the only place where text about numbers is made."""

from __future__ import annotations

import datetime as dt
import math

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.findings import Finding, MeasureFacts, OutcomeFacts, Point
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.schema import SHORTHAND
from lbbd_jsna.statistics.ranks import Rank
from lbbd_jsna.statistics.verdicts import TESTS, Verdict

SHORT_TESTS = {
    "interval_95": "95% interval",
    "interval_99_8": "99.8% interval",
    "overlapping": "95% intervals of both",
    "quintiles": "by fifths",
    "goal": "against the goal",
    "published": "as published",
}
MARKERS = {"rising": "↗", "falling": "↘", "steady": "→"}
SYMBOLS = {"better": "▲", "similar": "●", "worse": "▼", "higher": "↑", "lower": "↓"}


def number(value: float, indicator: Indicator) -> str:
    """A value as printed in a cell: `12.1%`, `170.0`, `59.6`."""
    text = f"{value:,.{indicator.decimals}f}"
    return f"{text}%" if indicator.unit.startswith("%") else text


def quantity(value: float, indicator: Indicator) -> str:
    """A value with its unit, for a sentence: `12.1%`, `170.0 per 100,000`, `59.6 years`."""
    text = number(value, indicator)
    return text if indicator.unit.startswith("%") else f"{text} {indicator.unit}"


def shown(point: Point, indicator: Indicator) -> str:
    """A point in a table: its value, or its shorthand."""
    if point.known:
        mark = SHORTHAND[point.status]
        return f"{number(point.value, indicator)} {mark}".strip()
    return SHORTHAND[point.status] or "[x]"


def interval(point: Point, indicator: Indicator) -> str:
    """The 95 % interval in a table, or its shorthand."""
    if math.isnan(point.lower) or math.isnan(point.upper):
        return "[x]" if point.known else SHORTHAND[point.status] or "[x]"
    return f"{number(point.lower, indicator)} to {number(point.upper, indicator)}"


def counted(point: Point) -> str:
    """`412 of 3,405`, or empty when the extract holds no counts."""
    if math.isnan(point.count):
        return ""
    if math.isnan(point.denominator):
        return f"{point.count:,.0f} counted"
    return f"{point.count:,.0f} of {point.denominator:,.0f}"


def ordinal(position: int) -> str:
    """1st, 2nd, 3rd, 11th."""
    ending = "th" if position % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(
        position % 10, "th"
    )
    return f"{position}{ending}"


def plural(count: int, thing: str, things: str = "") -> str:
    """`1 measure`, `no measures`, `4 measures`."""
    return f"{count or 'no'} {thing if count == 1 else things or thing + 's'}"


def listed(words: list[str] | tuple[str, ...]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    words = list(words)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def sentence(text: str) -> str:
    """The same words with a capital first letter."""
    return text[:1].upper() + text[1:]


def verdict_tag(verdict: Verdict) -> tuple[str, str]:
    """The boxed verdict: symbol and word, and the name of its box."""
    if not verdict.test:
        return "not compared", "none"
    symbol = SYMBOLS.get(verdict.outcome, "")
    box = verdict.outcome if verdict.outcome in SYMBOLS else "none"
    return f"{symbol} {verdict.outcome}".strip(), box


def verdict_basis(verdict: Verdict, catalogue: Catalogue) -> str:
    """The test behind a verdict in a few words, or why there is none."""
    if verdict.test:
        return SHORT_TESTS[verdict.test]
    return verdict.reason.replace("the benchmark", catalogue.benchmark.title)


def test_used(verdict: Verdict, catalogue: Catalogue) -> str:
    """The test behind a verdict, in a sentence; empty without one."""
    if not verdict.test:
        return ""
    return f"Test: {TESTS[verdict.test].replace('the benchmark', catalogue.benchmark.title)}."


def against(finding: Finding, catalogue: Catalogue) -> str:
    """`worse than England (10.5%)`, as the end of a sentence."""
    name = catalogue.benchmark.title
    verdict = finding.verdict
    reference = finding.at(catalogue.comparators.benchmark, finding.latest.period)
    beside = f" ({number(reference.value, finding.indicator)})" if reference else ""
    if verdict.test == "quintiles":
        return f"in the {verdict.outcome} of {catalogue.league.title}"
    if not verdict.test:
        return f"not compared with {name}{beside}: {verdict_basis(verdict, catalogue)}"
    if verdict.test == "goal":
        return f"{verdict.outcome}{beside}"
    joint = "to" if verdict.outcome == "similar" else "than"
    return f"{verdict.outcome} {joint} {name}{beside}"


def headline(finding: Finding, catalogue: Catalogue) -> str:
    """A title that states the finding."""
    title, latest = finding.indicator.title, finding.latest
    said = f"{title}: {quantity(latest.value, finding.indicator)} in {latest.period}"
    if finding.verdict.test in ("", "quintiles", "goal"):
        return said
    joint = "to" if finding.verdict.outcome == "similar" else "than"
    return f"{said}, {finding.verdict.outcome} {joint} {catalogue.benchmark.title}"


def finding_sentence(finding: Finding, catalogue: Catalogue) -> str:
    """The one sentence of a measure: value, period, uncertainty, comparator."""
    latest, indicator = finding.latest, finding.indicator
    said = f"{indicator.title} stood at {quantity(latest.value, indicator)} in {latest.period}"
    if not math.isnan(latest.lower):
        said += f" (95% interval {interval(latest, indicator)})"
    return f"{said}, {against(finding, catalogue)}."


def goal_sentence(finding: Finding) -> str:
    """Whether the publisher's goal is met, and where the goal comes from; empty without one."""
    goal, verdict = finding.indicator.goal, finding.goal
    if goal is None or verdict is None or not verdict.test:
        return ""
    ends = dict.fromkeys(number(end, finding.indicator) for end in (goal.lower, goal.upper))
    said = " to ".join(ends)
    return f"{sentence(verdict.outcome)}: {said} ({goal.basis[0].lower()}{goal.basis[1:]})."


def change_sentence(finding: Finding) -> str:
    """How the latest value differs from the one before, without claiming a trend."""
    previous = finding.previous
    if previous is None:
        return _no_change(finding)
    before = f"{number(previous.value, finding.indicator)} in {previous.period}"
    seen = movement(finding)
    return f"It is the same as {before}." if seen == "no change" else f"It is {seen} than {before}."


def _no_change(finding: Finding) -> str:
    if len(finding.known) == 1:
        return "It is the only period in the extract."
    if finding.cumulative:
        return "Each period adds to the one before, so it is not set against earlier ones."
    return "The series changed after the period before, so the two are not compared."


def movement(finding: Finding) -> str:
    """higher, lower or no change as printed; empty where no earlier period can be compared."""
    if finding.previous is None:
        return ""
    decimals = finding.indicator.decimals
    now = round(finding.latest.value, decimals)
    before = round(finding.previous.value, decimals)
    return "no change" if now == before else "higher" if now > before else "lower"


def wanted(measures: tuple[MeasureFacts, ...], indicator: Indicator) -> str:
    """The direction wanted of the indicator: higher, lower, or none stated."""
    by_polarity = {"high_is_good": "higher", "low_is_good": "lower"}.get(indicator.polarity)
    if by_polarity or not measures:
        return by_polarity or "no direction"
    measure = measures[0].measure
    rising = (measure.direction == "increase") != measure.evidence.inverse
    return "higher" if rising else "lower"


def remarks(facts: MeasureFacts, catalogue: Catalogue) -> tuple[str, ...]:
    """What the strategies themselves say beside a measure: a figure, another place, a twin."""
    measure = facts.measure
    said = []
    if measure.target:
        said.append(f"Target: {measure.target}.")
    if measure.baseline:
        said.append(f"The strategies quote: {measure.baseline}.")
    if measure.proposed_outcome:
        meant = catalogue.outcomes[measure.proposed_outcome].title
        said.append(f"Printed under this outcome, but by its subject it belongs to “{meant}”.")
    here = catalogue.outcome_of.get(measure.id)
    twins = [catalogue.outcome_of.get(name) for name in measure.same_as]
    titles = dict.fromkeys(other.title for other in twins if other and other is not here)
    if titles:
        said.append(f"The same measure also stands under {listed([f'“{t}”' for t in titles])}.")
    return tuple(said)


def rank_text(rank: Rank | None) -> str:
    """`31st of 32`; `joint 2nd of 33`; `[x]` without one."""
    if rank is None or rank.of < 2:
        return "[x]"
    return f"{'joint ' if rank.tied else ''}{ordinal(rank.position)} of {rank.of}"


def rank_range(rank: Rank | None) -> str:
    """The places it could be, within the intervals: `28th to 32nd`; empty without limits."""
    if rank is None or rank.low is None or rank.high is None:
        return ""
    places = dict.fromkeys((rank.low, rank.high))
    return " to ".join(map(ordinal, places))


def rank_sentence(finding: Finding, catalogue: Catalogue) -> str:
    """The league position in words."""
    rank = finding.rank
    if rank is None or rank.of < 2:
        return f"The extract has no other {catalogue.league.title} to rank it among."
    silent = rank.members - rank.of
    missing = f"; {plural(silent, 'borough has', 'boroughs have')} no figure" if silent else ""
    return (
        f"It stands {rank_text(rank)} {catalogue.league.title} with a figure, "
        f"{rank.first} first{missing}.{_rank_doubt(rank)}"
    )


def _rank_doubt(rank: Rank) -> str:
    if rank.low is None:
        return f" How sure that place is cannot be told: {rank.unsure}." if rank.unsure else ""
    return f" Within the intervals of all of them it could be {rank_range(rank)}."


def trend_text(finding: Finding) -> str:
    """The trend in a table: its marker, direction and progress."""
    return f"{MARKERS.get(finding.trend.direction, '')} {trend_words(finding)}".strip()


def trend_words(finding: Finding) -> str:
    """The trend in words alone: direction and progress."""
    trend = finding.trend
    if trend.direction == "unknown":
        return "no verdict"
    if trend.direction == "steady":
        return "no significant change"
    return f"{trend.direction}, getting {trend.progress}" if trend.progress else trend.direction


def months_old(end: dt.date, quarter: Quarter) -> int:
    """Whole months from the end of the data's period to the end of the report's quarter."""
    return max(0, (quarter.end.year - end.year) * 12 + quarter.end.month - end.month)


def age_text(months: int) -> str:
    """`8 months`, `1 year 8 months`, `12 years`."""
    years, rest = divmod(months, 12)
    if not years:
        return plural(rest, "month").replace("no months", "under a month")
    return plural(years, "year") + (f" {plural(rest, 'month')}" if rest else "")


def day(text: str) -> str:
    """`2026-10-01` as `1 October 2026`."""
    date = dt.date.fromisoformat(text)
    return f"{date.day} {date:%B} {date.year}"


def received(days: tuple[str, ...]) -> str:
    """When the files behind a figure were received, or that nobody wrote it down."""
    known = listed([day(text) for text in days if text])
    if known and all(days):
        return known
    return f"{known}; of one file, not recorded" if known else "date of receipt not recorded"


def not_renewed(attempted: str, days: tuple[str, ...]) -> str:
    """That the last fetch could not renew a series, as a sentence; empty when it could."""
    if not attempted:
        return ""
    known = [text for text in days if text]
    standing = f"the figures received on {received(days)}" if known else "figures received earlier"
    return f"The fetch of {day(attempted)} could not renew this series; these are {standing}."


def data_range(facts: OutcomeFacts) -> str:
    """The latest period any measure of the outcome has data for, in a sentence."""
    latest = latest_period(facts)
    return f"Data to {latest}." if latest else "No measure has data."


def latest_period(facts: OutcomeFacts) -> str:
    """The latest period any measure of the outcome has data for, or empty."""
    ends = [f.latest for m in facts.with_figures for f in m.findings]
    return max(ends, key=lambda point: point.end).period if ends else ""


def verdicts(measures: tuple[MeasureFacts, ...]) -> dict[str, list[Finding]]:
    """Findings by verdict, each indicator once, in the order of the strategy."""
    sorted_out: dict[str, list[Finding]] = {}
    seen = set()
    for measure in measures:
        for finding in measure.findings:
            if finding.indicator.id in seen:
                continue
            seen.add(finding.indicator.id)
            sorted_out.setdefault(verdict_group(finding.verdict), []).append(finding)
    return sorted_out


def verdict_group(verdict: Verdict) -> str:
    """Better, similar, worse, or `not judged` for every other outcome."""
    return verdict.outcome if verdict.outcome in ("better", "similar", "worse") else "not judged"


def outcome_lead(facts: OutcomeFacts, catalogue: Catalogue) -> tuple[str, ...]:
    """Two or three sentences a member can take away."""
    total, known = len(facts.measures), len(facts.with_figures)
    groups = verdicts(facts.with_figures)
    benchmark = catalogue.benchmark.title
    if not known:
        return (f"None of the {plural(total, 'measure')} of this outcome has a figure yet.",)
    if set(groups) == {"not judged"}:
        lead = [f"None of its figures can be compared with {benchmark}."]
    else:
        lead = [_worst(groups.get("worse", []), benchmark)]
    if groups.get("better"):
        names = listed([named(f) for f in groups["better"][:4]])
        lead.append(f"It is better than {benchmark} on {names}.")
    silent = total - known
    if silent:
        lead.append(
            f"{sentence(plural(silent, 'measure'))} of {total} "
            f"{'has' if silent == 1 else 'have'} no figure; the reasons are listed below."
        )
    return (" ".join(lead),)


def _worst(worse: list[Finding], benchmark: str) -> str:
    if not worse:
        return f"On no measure that can be compared is the borough worse than {benchmark}."
    names = [named_with_value(finding) for finding in worse[:4]]
    more = f", and on {len(worse) - 4} more" if len(worse) > 4 else ""
    return f"The borough is worse than {benchmark} on {listed(names)}{more}."


def named_with_value(finding: Finding) -> str:
    """An indicator inside a sentence, with its latest value."""
    return f"{named(finding)} ({quantity(finding.latest.value, finding.indicator)})"


def named(finding: Finding) -> str:
    """An indicator inside a sentence."""
    return named_title(finding.indicator)


def named_title(indicator: Indicator) -> str:
    """An indicator's title inside a sentence, acronyms left as they are."""
    title = indicator.title
    return title if title[:2].isupper() else title[:1].lower() + title[1:]

"""Every sentence of the page of all wards."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.map_rug import RugMeasure
from lbbd_jsna.exhibits.ward_profile_words import plain_title, wards_words
from lbbd_jsna.facts.ward_overview import BETTER, WORSE, WardOverview
from lbbd_jsna.facts.ward_series import WardSeries
from lbbd_jsna.statistics.verdicts import differ_by_chance

MOST_NAMED = 3
MOST_TITLED = 4  # wards in the title of the page
LONGEST_ALT = 500
NO_SCORE = (
    "Measures overlap and some count the same people, so the number of measures on which a ward "
    "is worse shows where to look first; it is no score. Figures of low reliability [u] are shown "
    "and not counted."
)
READING_TESTED = (
    "A row is a ward, a column a measure. ▲ is better than the borough, ▼ worse and ● similar, "
    "by the ward's 95% interval; ↑ higher and ↓ lower where nothing is judged."
)
READING_THIRDS = (
    "These have no interval, so no ward is called better or worse than the borough: the shade "
    "gives the third of the wards that its figure falls in, dark for the worst (the highest, where "
    "nothing is judged)."
)
ORDER = (
    "Wards stand in the order of deprivation, the most deprived first, under the numbers of the "
    "map."
)


def finding(overview: WardOverview) -> str:
    """What stands out among the wards, for the title of the page."""
    if overview.judged:
        return _most_often_worse(overview)
    if overview.context:
        names = wording.listed([overview.wards[code] for code in _ends(overview)[0]])
        return f"deprivation is highest in {names}; no measure can be tested by ward yet"
    return "no figure for any of them was received this quarter"


def _most_often_worse(overview: WardOverview) -> str:
    counts = {c: len(overview.with_verdict(c, WORSE)) for c in overview.wards}
    most, many = max(counts.values()), len(overview.judged)
    of = "the one measure tested" if many == 1 else f"{most} of {many} measures tested"
    if not most:
        what = wording.plural(many, "measure")
        return f"no ward is worse than the borough on any of {what} tested"
    top = [overview.wards[code] for code in overview.order if counts[code] == most]
    if len(top) > MOST_TITLED:
        ending = "" if many == 1 else ", none on more"
        return f"{len(top)} wards are worse than the borough on {of}{ending}"
    verb = "is" if len(top) == 1 else "are"
    return f"{wording.listed(top)} {verb} worse than the borough on {of}, more than any other"


def _ends(overview: WardOverview) -> tuple[list[str], list[str]]:
    """The most deprived wards, most first, and the least, least first."""
    known = [code for code in overview.order if code in overview.context.known]
    return known[:MOST_NAMED], known[:-MOST_NAMED - 1:-1]


def lead(overview: WardOverview, catalogue: Catalogue) -> tuple[str, ...]:
    """The page in a few sentences."""
    told = (tested_sentence(overview), deprivation_sentence(overview),
            answered_sentence(overview, catalogue))
    return (" ".join(filter(None, told)),)


def tested_sentence(overview: WardOverview) -> str:
    """How many wards are worse or better on some measure; empty where nothing is tested."""
    if not overview.judged:
        return ""
    worse, better = ([c for c in overview.wards if overview.with_verdict(c, v)]
                     for v in (WORSE, BETTER))
    alike = [c for c in overview.wards if overview.tested(c) and c not in {*worse, *better}]
    said = (f"Of {len(overview.wards)} wards, {len(worse) or 'none'} "
            f"{'is' if len(worse) == 1 else 'are'} worse than the borough on at least one measure "
            f"and {len(better) or 'none'} better on at least one")
    if alike:
        said += f"; {len(alike)} {'differs' if len(alike) == 1 else 'differ'} on none"
    return f"{said}."


def chance_sentence(overview: WardOverview) -> str:
    """How many of the comparisons would differ by chance alone; empty without any."""
    many = sum(overview.tested(code) for code in overview.wards)
    if not many:
        return ""
    expected = differ_by_chance(pd.Series(["interval_95"] * many))
    return (f"{wording.sentence(wording.plural(many, 'figure'))} of wards are set against the "
            f"borough here. Were every ward just like the borough, chance alone would call about "
            f"{expected:.0f} of them different.")


def deprivation_sentence(overview: WardOverview) -> str:
    """Which wards are the most and the least deprived; empty where that is not known."""
    if overview.context is None:
        return ""
    most, least = (wording.listed([_named(overview, code) for code in codes])
                   for codes in _ends(overview))
    return f"The most deprived are {most}; the least {least}."


def _named(overview: WardOverview, code: str) -> str:
    series = overview.context
    value = wording.number(series.points[code].value, series.indicator)
    guess = ", estimated" if code in series.estimated else ""
    return f"{overview.wards[code]} ({value}{guess})"


def answered_sentence(overview: WardOverview, catalogue: Catalogue) -> str:
    """How many committed measures have a figure by ward."""
    whole = sum(one.measures for one in overview.answered)
    today, former = (sum(len(getattr(one, name)) for one in overview.answered)
                     for name in ("today", "former"))
    said = (f"Of {whole} committed measures, {today or 'none'} "
            f"{'have' if today > 1 else 'has'} a figure for these wards, its own or that of a "
            "named proxy")
    if former:
        words = wording.plural(len(overview.former_wards), "former ward")
        said += f"; {former} {'has' if former == 1 else 'have'} one for the {words} only"
    return f"{said}."


def map_title(overview: WardOverview) -> str:
    """What the map shows."""
    if overview.context is None:
        return f"The {len(overview.wards)} wards"
    names = wording.listed([overview.wards[code] for code in _ends(overview)[0]])
    return f"Deprivation, {overview.context.period}, is highest in {names}"


def place_words(series: WardSeries, code: str) -> str:
    """A ward's place from the worst: `joint 3rd`; `[x]` without a value or a direction."""
    if code not in series.places:
        return "[x]"
    place, tied = series.places[code]
    return f"{'joint ' if tied else ''}{wording.ordinal(place)}"


def rug_title(columns: Sequence[RugMeasure]) -> str:
    """What a rug is of, and how many of its figures are worse."""
    more = f" and {len(columns) - 1} more" if len(columns) > 1 else ""
    names = f"{columns[0].title}{more}"
    if any(column.thirds for column in columns):
        return f"{names}: the wards by thirds"
    found = [verdict for column in columns for verdict in column.verdicts.values()]
    counts = [f"{found.count(word)} {word}" for word in _WORDS if word in found]
    return f"{names}: {wording.listed(counts)}"


_WORDS = ("worse", "better", "higher", "lower", "similar", "not compared")


def rug_alt(columns: Sequence[RugMeasure], wards: dict[str, str]) -> str:
    """What a rug shows: for each measure the wards that stand out."""
    many = wording.plural(len(columns), "measure")
    said = f"Chart of {len(wards)} wards by {many}, a cell each; the table below holds every word."
    for column in columns:
        part = f" {column.title}: {_standing_out(column, wards)}."
        if len(said) + len(part) <= LONGEST_ALT:
            said += part
    return said


def _standing_out(column: RugMeasure, wards: dict[str, str]) -> str:
    if column.thirds:
        word = "highest" if column.neutral else "worst"
        return f"{word} third, {_some([wards[c] for c in wards if column.thirds.get(c) == 2])}"
    word = "higher" if "higher" in column.verdicts.values() else "worse"
    named = [wards[c] for c in wards if column.verdicts.get(c) == word]
    return f"{word}, {_some(named)}" if named else f"no ward is {word}"


def _some(names: list[str]) -> str:
    """The first few names and how many more."""
    more = len(names) - MOST_NAMED
    return wording.listed([*names[:MOST_NAMED], *([f"{more} more"] if more > 0 else [])])


def short_title(series: WardSeries, others: Sequence[WardSeries]) -> str:
    """A title without what stands in brackets at its end, where it stays the only one."""
    def bare(one: WardSeries) -> str:
        title = plain_title(one.indicator)
        return title.rpartition(" (")[0] if title.endswith(")") else title

    mine = bare(series)
    alone = sum(bare(other) == mine for other in others) == 1
    return mine if alone else plain_title(series.indicator)


def context_words(catalogue: Catalogue) -> str:
    """What stands above the title."""
    return f"All wards at a glance: {wards_words(catalogue)}."

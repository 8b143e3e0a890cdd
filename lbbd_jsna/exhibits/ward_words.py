"""What is said of ward maps: titles, alternative texts, captions and notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.map_words import map_alt
from lbbd_jsna.facts.wards import NO_BOROUGH
from lbbd_jsna.findings import WardFigures, WardPeriod
from lbbd_jsna.statistics.verdicts import GOOD, NEUTRAL, NOT_COMPARED
from lbbd_jsna.wards.rates import RULES

ESTIMATED = "estimated"
FEW_NAMED, MANY_NAMED = 3, 6  # wards named in a title, in an alternative text
ESTIMATED_NOTE = (
    "Estimated: less than half of the figure is exact, or part was shared out between wards."
)
MADE_UP = "Made-up figures on tiles, one a ward; the true shapes of the wards differ."

# One period of a series; a series stands for its latest.
Period = WardPeriod | WardFigures


@dataclass(frozen=True)
class WardWords:
    """What is said of one map: its title, how its caption starts, its table's caption.

    `first` says from which end places are counted.
    """

    title: str
    about: str
    table: str
    first: str


def words_of(figures: WardFigures) -> WardWords:
    """The words of a series' map, unless a page has better ones."""
    indicator = figures.indicator
    named = f"{indicator.title} by ward, {figures.period}"
    return WardWords(
        title=ward_headline(figures, lead=f"{indicator.title}, {figures.period}"),
        about=f"{named}, {indicator.unit}.",
        table=f"{named} ({indicator.unit})",
        first=f"{figures.first} first",
    )


def ward_headline(
    figures: WardFigures, *, lead: str, ends: tuple[str, str] = ("highest in", "lowest in")
) -> str:
    """A title that states which wards have the highest and the lowest figure, ties named."""
    known = figures.known
    if known["value"].nunique() == 1:
        where = f"in {known['name'].iloc[0]} alone" if len(known) == 1 else "in every ward known"
        return f"{lead}: {wording.number(known['value'].iloc[0], figures.indicator)} {where}"
    top, bottom = (
        _extreme(figures, value) for value in (known["value"].max(), known["value"].min())
    )
    return f"{lead}: {ends[0]} {top}, {ends[1]} {bottom}"


def _extreme(figures: WardFigures, value: float) -> str:
    """The wards of a value: `Beam (12.1%)`, `Abbey and Beam (both 12.1%, Beam estimated)`."""
    rows = figures.known[figures.known["value"].eq(value)]
    names, printed = list(rows["name"]), wording.number(value, figures.indicator)
    marks = [_mark(figures, row.code, row.status) for row in rows.itertuples()]
    if len(names) == 1:
        return f"{names[0]} ({', '.join(filter(None, [printed, *marks]))})"
    doubted = [f"{name} {mark}" for name, mark in zip(names, marks, strict=True) if mark]
    if len(names) > FEW_NAMED:
        said = [f"{printed} each", *([f"{len(doubted)} marked in the table"] if doubted else [])]
        return f"{len(names)} wards ({', '.join(said)})"
    each = f"both {printed}" if len(names) == 2 else f"{printed} each"
    return f"{wording.listed(names)} ({', '.join([each, *doubted])})"


def _mark(figures: WardFigures, code: str, status: str) -> str:
    marks = [ESTIMATED] if code in figures.estimated else []
    return " and ".join([*marks, *(["of low reliability"] if status == "low_reliability" else [])])


def ward_alt(figures: WardFigures) -> str:
    """What a ward map shows: extremes, pattern, what is missing, estimated or unreliable."""
    indicator, known = figures.indicator, figures.known
    return map_alt(
        figures.boundaries,
        dict(zip(known["code"], known["value"], strict=True)),
        title=indicator.title,
        period=figures.period,
        unit=indicator.unit,
        decimals=indicator.decimals,
        estimated=figures.estimated,
        unreliable=known.loc[known["status"].eq("low_reliability"), "code"],
    )


def ward_caption(
    figures: WardFigures, about: str, *, catalogue: Catalogue, demonstration: bool
) -> str:
    """The caption of a map: what it is of, how it was built, its boundaries and its source."""
    return " ".join(
        filter(
            None,
            [
                about,
                built_words(figures),
                "The same classes for every period." if figures.history else "",
                ward_note(figures, catalogue=catalogue, demonstration=demonstration),
                f"{catalogue.sources[figures.indicator.source].title}.",
            ],
        )
    )


def built_words(figures: WardFigures) -> str:
    """That figures were worked out here, how exact they are, and which are estimated."""
    names = figures.table.set_index("code")["name"]
    said = []
    if figures.built == "small areas":
        said.append("Built here from small areas by best fit, not published by ward.")
    said.append(exact_words(figures.exact, names))
    if figures.built == "old wards":
        said.append("Worked out here from figures for the old wards, not published for these.")
    if figures.estimated:
        wards = wording.listed(sorted(names[code] for code in figures.estimated))
        half = "less than half exact or a small area" if figures.built == "small areas" else "part"
        said.append(f"Estimated, with {half} shared out between wards: {wards}.")
    return " ".join(filter(None, said))


def exact_words(exact: Mapping[str, int], names: Mapping[str, str]) -> str:
    """How much of each ward is made up of whole small areas; empty where that is not known.

    Parameters
    ----------
    exact : mapping of ward code to per cent of its residents
    names : mapping of ward code to name
    """
    if not exact:
        return ""
    low, high = min(exact.values()), max(exact.values())
    if low == 100:
        return "Every ward is made up of whole small areas."
    wards = {end: [names[c] for c, share in exact.items() if share == end] for end in (low, high)}
    ends = [f"{end}% ({_few(found, FEW_NAMED)})" for end, found in wards.items()]
    runs = f"runs from {' to '.join(ends)}" if len(ends) > 1 else f"is {ends[0]}"
    return (f"The share of a ward's residents in small areas wholly within it {runs}; the rest "
            "rests on small areas that reach across its boundary.")


def _few(names: list[str], most: int) -> str:
    """The names, or how many there are where that is shorter."""
    return wording.listed(names) if len(names) <= most else wording.plural(len(names), "ward")


def ward_note(figures: WardFigures, *, catalogue: Catalogue, demonstration: bool = False) -> str:
    """Which boundaries a ward map stands on, and a warning when they are not today's."""
    if demonstration:
        return MADE_UP
    settings = catalogue.settings
    vintage = figures.vintage
    wards = settings.ward_vintages.get(vintage, f"{len(figures.table)} wards of {vintage}")
    if vintage == settings.ward_vintage:
        return f"Drawn on {wards}."
    return f"Drawn on {wards}. {settings.ward_warning}".strip()


def mark_notes(figures: WardFigures) -> tuple[str, ...]:
    """What the marks in a table of wards mean, beyond the words every table has."""
    notes = [ESTIMATED_NOTE] if figures.estimated else []
    if figures.table["status"].eq("low_reliability").any():
        notes.append(f"[u] {RULES}.")
    if figures.compared:
        notes.append(
            "A ward is compared by its 95% interval with the borough's value, both ends included."
        )
    elif not figures.borough.known:
        notes.append(f"Not compared with the borough: {NO_BOROUGH}.")
    return tuple(notes)


def verdict_names(figures: WardFigures) -> tuple[str, ...]:
    """The verdicts a series can have, the worst, or the highest, first; similar last."""
    judged = figures.indicator.polarity != "no_judgement"
    high, similar, low = reversed(GOOD) if judged else NEUTRAL
    return high, low, similar


def by_verdict(figures: WardFigures) -> dict[str, list[str]]:
    """The codes of the wards of each verdict, in the order of the table; `not compared` last."""
    found = {name: [] for name in (*verdict_names(figures), NOT_COMPARED)}
    for code in figures.table["code"]:
        if code in figures.verdicts:
            found[figures.verdicts[code]].append(code)
    return found


def verdict_headline(figures: WardFigures) -> str:
    """Which wards can be told from the borough, and which way they stand."""
    names, found = figures.table.set_index("code")["name"], by_verdict(figures)
    apart = [
        f"{verdict} in {_few([names[c] for c in found[verdict]], FEW_NAMED)}"
        for verdict in verdict_names(figures)[:2]
        if found[verdict]
    ]
    lead = f"{figures.indicator.title}, {figures.period}: against the borough, beyond chance"
    return f"{lead}, {' and '.join(apart) or 'no ward stands apart'}"


def verdict_alt(figures: WardFigures, *, catalogue: Catalogue) -> str:
    """What a map of verdicts shows: the wards that stand apart, and how many do not."""
    names = figures.table.set_index("code")["name"]
    known = {name: codes for name, codes in by_verdict(figures).items() if codes}
    said = [
        f"Map of {figures.indicator.title} on {len(figures.table):,} wards, {figures.period}: each "
        f"ward's 95% interval against {catalogue.area.name} "
        f"({wording.number(figures.borough.value, figures.indicator)})."
    ]
    for verdict, codes in known.items():
        most = MANY_NAMED if verdict in verdict_names(figures)[:2] else 0
        wards = _few([names[c] for c in codes], most)
        said.append(f"{wording.sentence(verdict)}: {wards}.")
    silent = len(figures.table) - len(figures.known)
    if silent:
        words = wording.plural(silent, "ward has", "wards have")
        said.append(f"{wording.sentence(words)} no figure.")
    return " ".join(said)


def verdict_caption(figures: WardFigures, *, catalogue: Catalogue, demonstration: bool) -> str:
    """How the wards were set against the borough, and what chance alone would do."""
    borough = wording.number(figures.borough.value, figures.indicator)
    about = (
        f"Each ward's 95% interval against {catalogue.area.name}, {borough} "
        f"({figures.borough.basis}): a ward stands apart only if its whole interval lies on one "
        "side. Of wards that were all alike about 1 in 20 would, by chance."
    )
    note = ward_note(figures, catalogue=catalogue, demonstration=demonstration)
    return f"{about} {note} {catalogue.sources[figures.indicator.source].title}."


def series_headline(figures: WardFigures, periods: Sequence[Period]) -> str:
    """Which ward was highest in most of the periods."""
    lead = f"{figures.indicator.title}, {periods[0].period} to {periods[-1].period}"
    highest = Counter(name for period in periods for name in _highest(period))
    (name, many), *others = highest.most_common()
    if many == len(periods):
        return f"{lead}: highest in {name} in every period"
    if many > 1 and not (others and others[0][1] == many):
        return f"{lead}: highest in {name} in {many} of {len(periods)} periods"
    ends = [_few(_highest(period), FEW_NAMED) for period in (periods[0], periods[-1])]
    last = "" if ends[0] == ends[1] else f"in {ends[1]} "
    return f"{lead}: highest in {ends[0]} at first and {last}at last"


def _highest(period: Period) -> list[str]:
    known = period.table.dropna(subset=["value"])
    return list(known.loc[known["value"].eq(known["value"].max()), "name"])


def series_alt(figures: WardFigures, periods: Sequence[Period]) -> str:
    """What small maps show: the highest ward of each period."""
    said = []
    for period in periods:
        names, top = _highest(period), period.table["value"].max()
        said.append(
            f"{period.period} {_few(names, 1)} {wording.number(top, figures.indicator)}"
        )
    return (
        f"{len(periods)} small maps of {figures.indicator.title} on {len(figures.table):,} wards, "
        f"one a period, under the same classes. Highest: {'; '.join(said)}."
    )


def series_caption(
    figures: WardFigures,
    periods: Sequence[Period],
    *,
    catalogue: Catalogue,
    demonstration: bool,
) -> str:
    """What to bear in mind from one small map to the next."""
    said = [f"{figures.indicator.title}, {figures.indicator.unit}. The same classes on every map."]
    if len(periods) <= len(figures.history):
        said.append(f"The last {len(periods)} of {len(figures.history) + 1} periods.")
    if any(a.end >= b.start for a, b in pairwise(periods)):
        said.append("The periods overlap, so one map differs little from the next.")
    said += [item.why for item in figures.indicator.breaks]
    said.append(ward_note(figures, catalogue=catalogue, demonstration=demonstration))
    return f"{' '.join(said)} {catalogue.sources[figures.indicator.source].title}."

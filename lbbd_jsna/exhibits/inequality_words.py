"""Titles, sentences, captions and alternative texts of figures by group and by ward."""

from __future__ import annotations

import math
import re

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.exhibits import wording
from lbbd_jsna.facts.groups import NO_LIMITS, WardSpread, ward_spread
from lbbd_jsna.findings import BesideAll, GroupFigures, Point, WardFigures
from lbbd_jsna.statistics.intervals import Interval

_SIZES = {"quintile": "fifth", "decile": "tenth", "quartile": "quarter"}
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_FRAME = re.compile(r"\(.*?\)|^\s*\d+\s*[-.:)]\s*")
_SIZE = re.compile(r"(?<=deprived)\s+(quintile|decile|quartile|fifth|tenth|quarter)s?\b")


def inequality_title(figures: GroupFigures, catalogue: Catalogue) -> str:
    """The gap in plain words: how much higher or lower, in which group, whose, and when."""
    title, period, where = figures.indicator.title, figures.period, where_of(figures, catalogue)
    if figures.gap is not None:
        most, least = (group_words(figures.names[i]) for i in (0, -1))
        if _unclear(figures.gap):
            return f"{title}: no clear difference between the most and the {least} of {where}, " \
                   f"{period}"
        return f"{title}: {_moved(_apart(figures), figures.indicator)} in the {most} of {where} " \
               f"than in the least, {period}"
    known = _known(figures)
    names = [pick(known, key=lambda key: known[key].value) for pick in (max, min)]
    words = ("highest for", "lowest for")
    if figures.gaps:
        names = [max(figures.gaps, key=lambda key: abs(figures.gaps[key].value)), figures.peers]
        words = ("for", "for")
    ends = [
        f"{word} “{name}” ({wording.number(known[name].value, figures.indicator)})"
        for word, name in zip(words, names, strict=True)
    ]
    return f"{title}, {where}: {ends[0]}, {ends[1]}, {period}"


def inequality_sentences(figures: GroupFigures, catalogue: Catalogue) -> tuple[str, ...]:
    """What the groups show: the gap, the slope or why there is none, and whose groups they are."""
    said = [_gap_sentence(figures, catalogue)] if figures.gap is not None else []
    said += [_peers_sentence(figures, name, found) for name, found in figures.gaps.items()]
    if not said:
        said.append(f"{inequality_title(figures, catalogue)}.")
    if figures.ordered:
        said.append(_slope_sentence(figures))
    if not figures.own:
        whose = where_of(figures, catalogue)
        said.append(f"These groups are {whose}'s: the extract has none within the borough.")
    said.append(wording.not_renewed(figures.not_renewed, figures.received))
    return tuple(filter(None, said))


def beside_all_sentence(found: BesideAll) -> str:
    """A named group beside everybody: both figures, how far apart, and how sure that is."""
    indicator = found.group
    size = difference(found.gap.value, indicator)
    own, every = (wording.number(point.value, indicator) for point in (found.own, found.all))
    told = f"{indicator.title}: {own} in {found.own.period}"
    beside = f"{wording.named_title(found.everybody)} ({every}), which counts them too"
    if round(abs(found.gap.value), indicator.decimals) == 0:
        return f"{told}, as printed no different from {beside}."
    side = "above" if found.gap.value > 0 else "below"
    if math.isnan(found.gap.lower):
        return f"{told}, {size} {side} {beside}. The extract gives no interval for the group."
    chance = found.gap.lower <= 0 <= found.gap.upper
    doubt = "Chance alone could make the difference." if chance else (
        "That is more than chance would make."
    )
    return f"{told}, {size} {side} {beside}. {doubt}"


def ward_sentence(figures: WardFigures, catalogue: Catalogue) -> str:
    """How far apart the wards stand, and how much of that chance alone would give."""
    spread = ward_spread(figures)
    if spread is None:
        return ""
    indicator, settings = figures.indicator, catalogue.settings
    high, low = (
        wording.quantity(value, indicator) for value in (spread.highest_value, spread.lowest_value)
    )
    counted = f"{spread.known} of {spread.wards} wards have a figure"
    if figures.vintage != settings.ward_vintage and figures.vintage in settings.ward_vintages:
        counted += f", on {settings.ward_vintages[figures.vintage]}"
    return (
        f"{indicator.title}, {figures.period}: highest in {spread.highest} ({high}), lowest in "
        f"{spread.lowest} ({low}), {difference(spread.apart, indicator)} apart. "
        f"{_chance(spread, indicator)} {wording.sentence(counted)}."
    )


def inequality_alt(figures: GroupFigures, catalogue: Catalogue) -> str:
    """What a groups chart shows: every group's value, the whole area's, and the line."""
    indicator, where = figures.indicator, where_of(figures, catalogue)
    values = [
        f"{row_words(name)} {wording.shown(point, indicator)}"
        for name, point in zip(figures.names, figures.points, strict=True)
    ]
    said = f"Chart of {indicator.title} by group in {where}, {figures.period}. "
    said += f"{wording.listed(values)}."
    if figures.overall is not None:
        said += f" {where} as a whole: {wording.number(figures.overall.value, indicator)}."
    if figures.line:
        start, end = (wording.number(value, indicator) for value in figures.line)
        said += f" A line through all groups runs from {start} to {end}."
    return said


def inequality_caption(figures: GroupFigures, catalogue: Catalogue) -> str:
    """Whose groups, by what, the method of the gap and the line, and the source."""
    indicator = figures.indicator
    source = catalogue.sources[indicator.source].title
    number = f" {indicator.source_id}" if indicator.source_id else ""
    drawn = any(not math.isnan(point.lower) for point in figures.points)
    parts = [
        f"{indicator.title}, {indicator.unit}.",
        f"Groups of {where_of(figures, catalogue)}, as published: {figures.category_type}.",
        "Bars show 95% intervals." if drawn else "The extract holds no intervals.",
    ]
    if figures.gap is not None and not math.isnan(figures.gap.lower):
        parts.append("The interval of the gap is by square and add (Newcombe).")
    if figures.line:
        parts.append("The line weighs each group by its people (slope index of inequality).")
    return " ".join([*parts, f"{source}{number}."])


def where_of(figures: GroupFigures, catalogue: Catalogue) -> str:
    """The area whose groups they are, by name."""
    return catalogue.area_of(figures.area_code).name


def plain_name(name: str) -> str:
    """A group's published name without what stands in brackets and its number."""
    return " ".join(_FRAME.sub(" ", name).split())


def group_words(name: str) -> str:
    """A group inside a sentence: `most deprived fifth`."""
    text = plain_name(name)
    for published, plain in _SIZES.items():
        text = re.sub(published, plain, text, flags=re.I)
    text = text[:1].lower() + text[1:]
    return text if _SIZE.search(text) else f"{text} group"


def row_words(name: str) -> str:
    """A group beside its row: `Most deprived`, `Middle`; other names as published."""
    if "deprived" not in name.lower():
        return name
    text = _SIZE.sub("", plain_name(name).lower())
    return wording.sentence(text.replace("average deprived", "middle"))


def difference(value: float, indicator: Indicator) -> str:
    """The size of a difference with its unit: `14.4 percentage points`, `68.9 per 100,000`."""
    unit = "percentage points" if indicator.unit.startswith("%") else indicator.unit
    return f"{abs(value):,.{indicator.decimals}f} {unit}"


def _moved(value: float, indicator: Indicator, *, unit: bool = True) -> str:
    """`14.4 percentage points higher`, `1.6 lower`, `no different`."""
    if round(value, indicator.decimals) == 0:
        return "no different"
    size = difference(value, indicator) if unit else f"{abs(value):,.{indicator.decimals}f}"
    return f"{size} {'higher' if value > 0 else 'lower'}"


def _apart(figures: GroupFigures) -> float:
    """The most deprived group's value less the least deprived one's."""
    return figures.points[0].value - figures.points[-1].value


def _between(found: Interval, indicator: Indicator, *, turned: bool) -> str:
    """The limits of a difference in words, smaller first: `1.6 lower to 8.3 higher`."""
    low, high = (-found.upper, -found.lower) if turned else (found.lower, found.upper)
    places = indicator.decimals
    if low * high > 0:
        small, large = sorted((abs(low), abs(high)))
        return f"95% interval {small:,.{places}f} to {large:,.{places}f}"
    ends = (_moved(limit, indicator, unit=False) for limit in (low, high))
    return "95% interval " + " to ".join(ends)


def _unclear(found: Interval) -> bool:
    """Whether chance alone could make the difference."""
    return found.lower <= 0 <= found.upper


def _known(figures: GroupFigures) -> dict[str, Point]:
    pairs = zip(figures.names, figures.points, strict=True)
    return {name: point for name, point in pairs if point.known}


def _turned(figures: GroupFigures) -> bool:
    """Whether gaps count downwards: where high is good, lower is worse."""
    return figures.indicator.polarity == "high_is_good"


def _gap_sentence(figures: GroupFigures, catalogue: Catalogue) -> str:
    indicator = figures.indicator
    first, last = (wording.quantity(figures.points[i].value, indicator) for i in (0, -1))
    most = group_words(figures.names[0])
    said = (
        f"{indicator.title}, {figures.period}: {first} in the {most} of "
        f"{where_of(figures, catalogue)} and {last} in the least. That is "
        f"{_moved(_apart(figures), indicator)}"
    )
    return said + _how_sure(figures, figures.gap, ("the most deprived", "the least deprived"))


def _how_sure(figures: GroupFigures, found: Interval, groups: tuple[str, str]) -> str:
    """The interval of a gap, whether chance could make it, and else who is worse off."""
    if math.isnan(found.lower):
        return "."
    limits = f" ({_between(found, figures.indicator, turned=_turned(figures))})"
    if _unclear(found):
        return f"{limits}: chance alone could make the difference."
    if figures.indicator.polarity == "no_judgement" or not found.value:
        return f"{limits}."
    return f"{limits}: {groups[0] if found.value > 0 else groups[1]} are worse off."


def _peers_sentence(figures: GroupFigures, name: str, found: Interval) -> str:
    own, peers = (_known(figures)[key].value for key in (name, figures.peers))
    first, last = (wording.quantity(value, figures.indicator) for value in (own, peers))
    said = f"“{name}”: {first}, against {last} for “{figures.peers}”. That is "
    said += _moved(own - peers, figures.indicator)
    return said + _how_sure(figures, found, (f"“{name}”", f"“{figures.peers}”"))


def _slope_sentence(figures: GroupFigures) -> str:
    if figures.slope is None:
        if figures.no_slope == NO_LIMITS:
            return (
                "The extract gives no intervals for the groups, so how much of that is chance "
                "cannot be said and no slope index is worked out."
            )
        return f"There is no slope index of inequality: {figures.no_slope}."
    indicator, ratio = figures.indicator, figures.relative
    rise = -figures.slope.value if _turned(figures) else figures.slope.value
    count = len(figures.names)
    groups = _COUNTS[count] if count < len(_COUNTS) else str(count)
    said = (
        f"A line through all {groups} groups stands {_moved(rise, indicator)} at the most "
        f"deprived end than at the least (slope index of inequality, "
        f"{_between(figures.slope, indicator, turned=_turned(figures))})"
    )
    if math.isnan(ratio.lower) or ratio.lower <= 0:
        return f"{said}."
    ends = ("least", "most") if _turned(figures) else ("most", "least")
    return (
        f"{said}; its {ends[0]} deprived end is {ratio.value:.2f} times its {ends[1]} deprived "
        f"end (relative index, 95% interval {ratio.lower:.2f} to {ratio.upper:.2f})."
    )


def _chance(spread: WardSpread, indicator: Indicator) -> str:
    if math.isnan(spread.by_chance):
        return "Not every ward has an interval, so how much of that is chance cannot be said."
    reach = difference(spread.by_chance, indicator)
    if spread.apart <= spread.by_chance:
        return f"Chance alone could do that: wards truly alike can stand {reach} apart."
    return f"That is more than chance: wards truly alike would seldom stand {reach} apart."

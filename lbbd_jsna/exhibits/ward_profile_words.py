"""Every sentence of a ward's page."""

from __future__ import annotations

import math

import geopandas

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.map_words import parts_of
from lbbd_jsna.facts.ward_profiles import WardMeasure, WardProfile


def wards_words(catalogue: Catalogue) -> str:
    """Which wards these are: `the 19 wards in use since May 2022`."""
    vintage = catalogue.settings.ward_vintage
    many = len(catalogue.wards(vintage))
    return catalogue.settings.ward_vintages.get(vintage, f"the {many} wards of {vintage}")


def plain_title(indicator: Indicator) -> str:
    """A title without the wards in brackets that end it: the page says which they are."""
    return indicator.title.removesuffix(")").rpartition(" (")[0] if _bracketed(indicator) else (
        indicator.title
    )


def _bracketed(indicator: Indicator) -> bool:
    return indicator.title.endswith("wards)")


def band(measure: WardMeasure) -> str:
    """Whom a share of residents is of: `aged under 16`."""
    title = plain_title(measure.indicator)
    return title.removeprefix("Residents ").strip()


def leading_deprivation(profile: WardProfile) -> WardMeasure | None:
    """The score, where it was received, else the first measure of deprivation with a figure."""
    known = [m for m in profile.deprivation if m.point.known and m.worst]
    scores = [m for m in known if m.indicator.unit == "score"]
    return next(iter([*scores, *known]), None)


def place_from_worst(measure: WardMeasure, word: str = "deprived") -> str:
    """`3rd most deprived of 19 wards`, `least deprived of 19 wards`: from the nearer end."""
    rank = measure.rank
    least = rank.of - measure.worst - rank.tied + 1
    place, end = min((measure.worst, "most"), (least, "least"), key=lambda pair: pair[0])
    which = "" if place == 1 else f"{wording.ordinal(place)} "
    return f"{'joint ' if rank.tied else ''}{which}{end} {word} of {rank.of} wards"


def most_unlike(profile: WardProfile) -> WardMeasure | None:
    """The age whose share differs most from the borough's, in proportion; None if none does."""
    unlike = [m for m in profile.ages if _differs(m)]
    return max(unlike, key=lambda m: abs(math.log(m.point.value / m.borough)), default=None)


def _differs(measure: WardMeasure) -> bool:
    values = (measure.point.value, measure.borough)
    if not all(v > 0 for v in values):  # nan too
        return False
    here, there = (wording.number(v, measure.indicator) for v in values)
    return here != there


def finding_words(profile: WardProfile) -> str:
    """What stands out, for the title of the page."""
    deprived, unlike = leading_deprivation(profile), most_unlike(profile)
    parts = [place_from_worst(deprived)] if deprived else []
    if unlike:
        size = "larger" if unlike.point.value > unlike.borough else "smaller"
        parts.append(f"a {size} share {band(unlike)} than the borough")
    if parts:
        return ", with ".join(parts)
    return _verdict_words(profile) or "what is known of the ward"


def _verdict_words(profile: WardProfile) -> str:
    judged = [m for m in profile.measures if m.verdict.test]
    for word in _ORDER:
        count = sum(m.verdict.outcome == word for m in judged)
        if count:
            joint = "to" if word == "similar" else "than"
            many = wording.plural(len(judged), "figure")
            return f"{word} {joint} the borough on {count} of {many} with an interval"
    return ""


def residents_sentence(profile: WardProfile) -> str:
    """How many people live there, and of which ages; empty where nobody knows."""
    whole = profile.residents
    if whole is None or not whole.point.known:
        return ""
    said = f"{wording.number(whole.point.value, whole.indicator)} people lived in the ward"
    said += f" in the middle of {whole.period}{_estimated(whole)}"
    known = [m for m in profile.ages if m.point.known]
    if known:
        said += ": " + wording.listed([_share(m) for m in known])
    return f"{said}."


def _share(measure: WardMeasure) -> str:
    said = f"{wording.number(measure.point.value, measure.indicator)} {band(measure)}"
    if math.isnan(measure.borough):
        return said
    return f"{said} ({wording.number(measure.borough, measure.indicator)} in the borough)"


def _estimated(measure: WardMeasure) -> str:
    return " (estimated)" if measure.estimated else ""


def deprivation_sentence(profile: WardProfile) -> str:
    """Its place on deprivation, and how many live in the most deprived small areas."""
    leading = leading_deprivation(profile)
    if leading is None:
        return ""
    named = _inside(leading.indicator)
    said = f"It is the {place_from_worst(leading)} by {named}{_estimated(leading)}"
    shares = [
        m for m in profile.deprivation if m.point.known and m.indicator.unit.startswith("%")
    ]
    for m in shares:
        said += f"; {_inside(m.indicator)}, {wording.number(m.point.value, m.indicator)}"
        if not math.isnan(m.borough):
            said += f" against {wording.number(m.borough, m.indicator)} in the borough"
        said += _estimated(m)
    return f"{said}."


def _inside(indicator: Indicator) -> str:
    """A plain title inside a sentence."""
    title = plain_title(indicator)
    return title[:1].lower() + title[1:]


def measures_sentence(profile: WardProfile) -> str:
    """How many measures are better, similar or worse than the borough; empty without any."""
    judged = [m for m in profile.measures if m.verdict.test]
    if not judged:
        return ""
    found = [m.verdict.outcome for m in judged]
    counts = [f"{word} on {found.count(word)}" for word in _ORDER if word in found]
    many = wording.plural(len(judged), "measure")
    return f"Set against the borough by its interval on {many}, it is {wording.listed(counts)}."


# The most pressing first.
_ORDER = ("worse", "better", "higher", "lower", "similar")


def former_sentence(profile: WardProfile) -> str:
    """What the ward was made of; empty where that is not known."""
    if not profile.former:
        return ""
    if profile.unchanged:
        return (
            f"It has the boundary of the former ward {profile.former[0].name} "
            f"({profile.former[0].code})."
        )
    parts = [f"{ward.name} ({percent(ward.share_of_new)})" for ward in profile.former]
    return f"Its ground was in the former {_wards(parts)}."


def _wards(parts: list[str]) -> str:
    return ("ward " if len(parts) == 1 else "wards ") + wording.listed(parts)


def percent(share: float) -> str:
    """A share in whole per cent; what is not quite nothing or all is not printed as that."""
    whole = round(100 * share)
    if whole == 0 < share:
        return "under 1%"
    return "over 99%" if whole == 100 and share < 0.995 else f"{whole}%"


def ages_title(profile: WardProfile) -> str:
    """The age that differs most from the borough's."""
    unlike = most_unlike(profile)
    if unlike is None:
        return f"{profile.name} has the same shares of ages as the borough"
    here, there = (wording.number(v, unlike.indicator)
                   for v in (unlike.point.value, unlike.borough))
    return f"{here} are {band(unlike)}, against {there} in the borough"


def ages_alt(profile: WardProfile, catalogue: Catalogue) -> str:
    """What the chart of ages shows: every pair of bars."""
    pairs = [_pair(m) for m in profile.ages if m.point.known]
    return (
        f"Chart of residents of {profile.name} by age, {profile.ages[0].period}, beside "
        f"{catalogue.area.name}. {wording.sentence('; '.join(pairs))}."
    )


def _pair(measure: WardMeasure) -> str:
    there = "[x]" if math.isnan(measure.borough) else (
        wording.number(measure.borough, measure.indicator)
    )
    here = wording.number(measure.point.value, measure.indicator)
    return f"{band(measure)}, {here} against {there}"


def place_title(
    profile: WardProfile, shapes: geopandas.GeoDataFrame, catalogue: Catalogue
) -> str:
    """Where in the borough the ward lies."""
    parts = dict(zip(shapes["code"], parts_of(shapes), strict=True))
    part = parts.get(profile.code, "")
    where = f"in the {part} of " if part else "in "
    return f"{profile.name} lies {where}{catalogue.area.name}"


def place_alt(profile: WardProfile, shapes: geopandas.GeoDataFrame, catalogue: Catalogue) -> str:
    """What the small map shows."""
    said = f"Map of the {len(shapes)} wards of {catalogue.area.name} with one marked. "
    said += f"{place_title(profile, shapes, catalogue)}."
    return f"{said} {former_sentence(profile)}".strip()

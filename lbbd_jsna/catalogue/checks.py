"""Checks that run across the files of the catalogue: every name used is a name given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lbbd_jsna.catalogue.areas import area_faults
from lbbd_jsna.catalogue.disclosure import DisclosureRules, rule_faults
from lbbd_jsna.catalogue.files import FileReader, unknown
from lbbd_jsna.catalogue.live import Live
from lbbd_jsna.catalogue.live_checks import table_faults
from lbbd_jsna.catalogue.models import (
    Area,
    Comparators,
    Evidence,
    Fact,
    Indicator,
    Measure,
    Settings,
    Source,
    Strategy,
)
from lbbd_jsna.catalogue.names import Names
from lbbd_jsna.errors import Fault

_HAS_SERIES = ("indicator", "proxy", "return", "survey")


@dataclass(frozen=True)
class Entries:
    """What was read of a catalogue; `None` where a file could not be."""

    settings: Settings | None
    strategies: tuple[Strategy, ...]
    indicators: dict[str, Indicator]
    sources: dict[str, Source]
    areas: tuple[Area, ...]
    comparators: Comparators | None
    facts: tuple[Fact, ...]
    commentary: dict[tuple[str, str], str]
    live: Live | None
    disclosure: DisclosureRules | None


def cross_faults(entries: Entries, reader: FileReader) -> list[Fault]:
    """Faults that only show when the files are held against each other.

    Parameters
    ----------
    entries : Entries
    reader : FileReader
        That read them; it knows the lines.

    Returns
    -------
    list of Fault
        Empty when the catalogue is sound.
    """
    names = Names(reader)
    checks = (
        _repeated_ids(names),
        _misplaced_files(entries, names, reader),
        _strategy_faults(entries, names),
        _link_faults(entries, names),
        _indicator_faults(entries, names),
        table_faults(entries.indicators, entries.live, names),
        area_faults(entries.settings, entries.areas, entries.comparators, reader),
        _fact_faults(entries, names, reader),
        _commentary_faults(entries, names, reader),
        rule_faults(entries.disclosure, names.known("indicator"), reader),
    )
    return [fault for check in checks for fault in check]


def _repeated_ids(names: Names) -> Iterator[Fault]:
    for kind in sorted(names.given):
        for entry, places in names.of(kind).items():
            for again in places[1:]:
                tree = names.reader.trees
                first, line = places[0], tree[again.name].line((*again.place, "id"))
                at = tree[first.name].line((*first.place, "id"))
                yield Fault(
                    names.reader.where(again.name, line, entry, "id"),
                    f"another {kind} has this id",
                    todo=f"see {names.reader.where(first.name, at)}; give one of them another id",
                )


def _misplaced_files(entries: Entries, names: Names, reader: FileReader) -> Iterator[Fault]:
    for kind in ("indicator", "strategy"):
        for entry, places in names.of(kind).items():
            stem = Path(places[0].name).stem
            if stem != entry:
                yield Fault(
                    names.where(kind, entry, "id"),
                    f"the file is called {stem}.yml",
                    todo=f"call the file {entry}.yml or give the id {stem}",
                )
    listed = entries.settings.strategies if entries.settings else None
    for name in reader.names("strategies/*.yml"):
        if listed is not None and Path(name).stem not in listed:
            yield Fault(
                reader.where(name, 0),
                "no report uses this strategy",
                todo="list it under strategies in settings.yml",
            )


def _strategy_faults(entries: Entries, names: Names) -> Iterator[Fault]:
    for strategy in entries.strategies:
        for measure in strategy.measures:
            where = names.where("measure", measure.id, "evidence")
            yield from _evidence_faults(measure.evidence, where, entries, names)
            yield from _direction_faults(measure, where, entries)
            yield from _outcome_faults(measure, names)
        for statement in strategy.all_statements:
            where = names.where("statement", statement.id, "evidence")
            yield from _evidence_faults(statement.evidence, where, entries, names)
        for outcome in strategy.outcomes:
            where = names.where("outcome", outcome.id, "context")
            yield from unknown(where, outcome.context, names.known("indicator"), "indicator")


def _outcome_faults(measure: Measure, names: Names) -> Iterator[Fault]:
    moved = (measure.proposed_outcome,) if measure.proposed_outcome else ()
    for key, used in (("serves", measure.serves), ("proposed_outcome", moved)):
        if names.all_strategies_read:
            where = names.where("measure", measure.id, key)
            yield from unknown(where, used, names.known("outcome"), "outcome")


def _link_faults(entries: Entries, names: Names) -> Iterator[Fault]:
    """`same_as` and `close_to` name known entries, and each is named back."""
    if not names.all_strategies_read:
        return
    links, kinds = _links(entries)
    known = names.known("measure", "statement")
    for entry, by_key in links.items():
        for key, others in by_key.items():
            yield from unknown(names.where(kinds[entry], entry, key), others, known, "measure")
            for other in others:
                back = _whole(other, entries)
                if back in links and entry not in [
                    _whole(name, entries) for name in links[back].get(key, ())
                ]:
                    yield Fault(
                        names.where(kinds[back], back, key),
                        f"does not name {entry}, which names {other}",
                        todo="name each other in both or in neither",
                    )


def _links(entries: Entries) -> tuple[dict[str, dict[str, tuple[str, ...]]], dict[str, str]]:
    links, kinds = {}, {}
    for strategy in entries.strategies:
        for statement in strategy.all_statements:
            links[statement.id] = {"close_to": statement.close_to}
            kinds[statement.id] = "statement"
        for measure in strategy.measures:
            links[measure.id] = {"same_as": measure.same_as, "close_to": measure.close_to}
            kinds[measure.id] = "measure"
    return links, kinds


def _whole(name: str, entries: Entries) -> str:
    """The statement a part belongs to; any other name as it is."""
    for strategy in entries.strategies:
        for statement in strategy.all_statements:
            if any(part.id == name for part in statement.parts):
                return statement.id
    return name


def _evidence_faults(
    evidence: Evidence, where: str, entries: Entries, names: Names
) -> Iterator[Fault]:
    named = [*evidence.indicators, *evidence.wards]
    yield from unknown(where, named, names.known("indicator"), "indicator")
    if evidence.kind in ("proxy", "none") and not evidence.why:
        yield Fault(
            where,
            f'the kind is "{evidence.kind}" and `why` is empty',
            todo="say what the series does not measure, or why there is none",
        )
    if evidence.kind in _HAS_SERIES and not evidence.indicators:
        yield Fault(
            where,
            f'the kind is "{evidence.kind}" and no indicator is named',
            todo='name one, or make the kind "none" and say why',
        )
    if evidence.kind == "none" and evidence.indicators:
        yield Fault(
            where,
            'the kind is "none" and an indicator is named',
            todo="leave it out or give another kind",
        )
    for name in evidence.wards:
        series = entries.indicators.get(name)
        if series and not ("ward" in series.area_types and series.ward_vintage):
            yield Fault(
                where,
                f'"{name}" is not a ward series',
                todo="give it the area type ward and a ward_vintage, or leave it out",
            )


def _direction_faults(measure: Measure, where: str, entries: Entries) -> Iterator[Fault]:
    """A measure and its series must want the same thing; `inverse` says the series is flipped."""
    wanted_up = (measure.direction == "increase") != measure.evidence.inverse
    for name in measure.evidence.indicators:
        series = entries.indicators.get(name)
        if series is None or series.polarity == "no_judgement":
            continue
        if wanted_up != (series.polarity == "high_is_good"):
            yield Fault(
                where,
                f'the measure is to {measure.direction}, but for "{name}" '
                f"{series.polarity.replace('_', ' ')}",
                todo="give inverse: true if the series is published the other way round",
            )


def _indicator_faults(entries: Entries, names: Names) -> Iterator[Fault]:
    sources = names.reader.trees.get("sources.yml")
    for series in entries.indicators.values():
        if sources:
            where = names.where("indicator", series.id, "source")
            yield from unknown(where, [series.source], sources.plain, "source")
        yield from _needs(series, names)
        yield from _sensitive_ward_faults(series, entries.disclosure, names)
        yield from _whole_faults(series, entries, names)
        if series.derived:
            where = names.where("indicator", series.id, "derived")
            used = [series.derived.numerator, series.derived.denominator]
            yield from unknown(where, used, names.known("indicator"), "indicator")


def _sensitive_ward_faults(
    series: Indicator, rules: DisclosureRules | None, names: Names
) -> Iterator[Fault]:
    """No table of a sensitive topic goes below the borough, whoever publishes it."""
    topic = rules.topic_of(series) if rules and "ward" in series.area_types else ""
    if topic:
        yield Fault(
            names.where("indicator", series.id, "area_types"),
            f'ward, and the topic "{topic}" is sensitive',
            "no ward figures",
            todo="leave ward out; or name it under not_about in disclosure.yml, with who agreed",
        )


def _whole_faults(series: Indicator, entries: Entries, names: Names) -> Iterator[Fault]:
    """`part_of` names another series, in the same unit and with the same way better."""
    if not series.part_of:
        return
    where = names.where("indicator", series.id, "part_of")
    whole = entries.indicators.get(series.part_of)
    if whole is None:
        yield from unknown(where, [series.part_of], names.known("indicator"), "indicator")
    elif (whole.unit, whole.polarity) != (series.unit, series.polarity):
        yield Fault(
            where,
            f'"{whole.id}" is in {whole.unit}, {whole.polarity.replace("_", " ")}',
            f"{series.unit}, {series.polarity.replace('_', ' ')}",
            todo="name the same figure of everybody",
        )


def _needs(series: Indicator, names: Names) -> Iterator[Fault]:
    fingertips, atlas = series.source == "fingertips", series.source == "ward-atlas"
    needed = (
        ("source_id", fingertips and not series.source_id, "the id the publisher gives it"),
        ("name_words", fingertips and not series.name_words, "words its name must hold"),
        ("columns", atlas and not series.columns, "the column of each period"),
        ("goal", series.method == "goal" and not series.goal, "what the method judges against"),
        ("ward_vintage", "ward" in series.area_types and not series.ward_vintage, "2002 or 2022"),
        (
            "derived",
            series.source == "derived" and not series.derived,
            "the two series it is worked out from",
        ),
    )
    for key, lacking, expected in needed:
        if lacking:
            yield Fault(names.where("indicator", series.id, key), "empty", expected)


def _fact_faults(entries: Entries, names: Names, reader: FileReader) -> Iterator[Fault]:
    """`linked_measure` holds measure ids parted by semicolons, a remark in brackets after each."""
    if not names.all_strategies_read:
        return
    for fact in entries.facts:
        linked = [part.split("(")[0].strip() for part in fact.linked_measure.split(";")]
        where = reader.where("facts.csv", 0, fact.fact_id, "linked_measure")
        known = names.known("measure", "statement")
        yield from unknown(where, filter(None, linked), known, "measure")


def _commentary_faults(entries: Entries, names: Names, reader: FileReader) -> Iterator[Fault]:
    for quarter, outcome in entries.commentary:
        where = reader.where(f"commentary/{quarter}/{outcome}.md", 0)
        if names.all_strategies_read:
            yield from unknown(where, [outcome], names.known("outcome"), "outcome")

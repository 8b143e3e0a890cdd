"""Where the figures of a ward's page come from: a row a source, so that it fits a sheet."""

from __future__ import annotations

from collections.abc import Iterable

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.exhibits import wording
from lbbd_jsna.exhibits.exhibit import Cell, Table
from lbbd_jsna.exhibits.tables import heads
from lbbd_jsna.exhibits.ward_profile_words import plain_title
from lbbd_jsna.facts.ward_profiles import WardMeasure
from lbbd_jsna.facts.ward_series import WardSeries
from lbbd_jsna.quarters import Quarter

Series = WardMeasure | WardSeries


def ward_sources_table(
    series: Iterable[Series], *, catalogue: Catalogue, quarter: Quarter, name: str
) -> Table:
    """Each source with its figures, their age, when they were received, and what to beware of.

    Parameters
    ----------
    series : iterable of WardMeasure or WardSeries
    catalogue : Catalogue
    quarter : Quarter
        Of the report; age runs to its end.
    name : str
        File stem of the table.
    """
    by_source: dict[str, list[Series]] = {}
    for one in series:
        by_source.setdefault(one.indicator.source, []).append(one)
    return Table(
        caption="Sources, age and caveats",
        columns=heads(
            ("Source", "files"), ("Figures", "latest period and its age"), "Received", "Caveats"
        ),
        rows=tuple(
            (
                Cell(catalogue.sources[source].title, sub=_files(found)),
                Cell(_figures(found, quarter)),
                Cell(_received(found)),
                Cell(_caveats(found)),
            )
            for source, found in by_source.items()
        ),
        notes=(
            "Age runs from the end of the data's period to the end of this report's quarter. The "
            "rows of each file are in the tables of the pack.",
        ),
        name=name,
    )


def _files(series: list[Series]) -> str:
    """The files the figures stand in, without their rows."""
    told = [part.split(", row")[0] for one in series for part in one.source.split("; ")]
    return ", ".join(sorted({name.rsplit("/", 1)[-1] for name in told if name}))


def _figures(series: list[Series], quarter: Quarter) -> str:
    by_period: dict[tuple[str, str], list[str]] = {}
    for one in series:
        age = wording.age_text(wording.months_old(one.end, quarter))
        by_period.setdefault((one.period, age), []).append(plain_title(one.indicator))
    return " ".join(
        f"{'; '.join(titles)}: {period}, {age} old." for (period, age), titles in by_period.items()
    )


def _received(series: list[Series]) -> str:
    days = tuple(sorted({day for one in series for day in one.received}))
    return wording.sentence(wording.received(days))


def _caveats(series: list[Series]) -> str:
    """Each caveat once, whichever of the figures has it."""
    said: list[str] = []
    for one in series:
        said.append(wording.not_renewed(one.not_renewed, one.received))
        said += one.indicator.caveats
        said += [f"Break at {item.period}: {item.why}" for item in one.indicator.breaks]
        if not one.indicator.verified:
            said.append(f"{plain_title(one.indicator)}: the publisher's id is not confirmed.")
    told = dict.fromkeys(text.rstrip(".") for text in said if text)
    return " ".join(f"{text}." for text in told) or "None recorded."

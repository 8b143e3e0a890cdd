"""Whether an answer of Fingertips can be accepted: all of it, but for some ids, or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.errors import Fault, JsnaError
from lbbd_jsna.fetching.fingertips_answer import Parted
from lbbd_jsna.fetching.fingertips_names import Names
from lbbd_jsna.fetching.fingertips_plan import PLURAL, Asked
from lbbd_jsna.fetching.fingertips_standing import Coverage, Level, Standing, coverages
from lbbd_jsna.schema import empty_observations
from lbbd_jsna.sources.fingertips import SOURCE, read_fingertips
from lbbd_jsna.sources.fingertips_rows import Wanted, fingertips_rows

MOST_TOLD = 3


@dataclass
class Verdict:
    """What an answer is good for.

    Parameters
    ----------
    broken : str
        Why nothing of it can be used, or empty.
    missing : tuple of str
        Ids asked for of which it has no row.
    faulty : dict of str to str
        Ids of which it has rows that cannot be used, and why.
    misnamed : dict of str to Fault
        Ids that are not what the catalogue takes them for.
    records : dict of str to list
        The records of each id as received, to hold two answers against each other.
    """

    broken: str = ""
    missing: tuple[str, ...] = ()
    faulty: dict[str, str] = field(default_factory=dict)
    misnamed: dict[str, Fault] = field(default_factory=dict)
    records: dict[str, list[list[str]]] = field(default_factory=dict)

    @property
    def good(self) -> tuple[str, ...]:
        """Ids that can be used, by number."""
        usable = (i for i in self.records if i not in self.faulty and i not in self.misnamed)
        return tuple(sorted(usable, key=int))

    @property
    def rows(self) -> dict[str, int]:
        """How many rows each id has."""
        return {one: len(records) for one, records in self.records.items()}

    @property
    def last(self) -> str:
        """The id whose rows come last."""
        return list(self.records)[-1]


@dataclass(frozen=True)
class Judge:
    """Judges answers by a catalogue and by the copies that stand."""

    catalogue: Catalogue
    names: Names
    standing: Standing

    def judge(self, body: bytes, asked: Asked, *, name: str) -> Verdict:
        """Judge an answer.

        Parameters
        ----------
        body : bytes
            As received.
        asked : Asked
            What it should hold.
        name : str
            What to call it in messages.

        Returns
        -------
        Verdict
        """
        with tempfile.TemporaryDirectory(prefix="jsna-") as folder:
            path = Path(folder) / "answer.csv"
            path.write_bytes(body)
            try:
                answer = Parted.read(path, name, wanted=self._wanted)
            except JsnaError as error:
                return Verdict(broken=_told(error))
            return self._judge(answer, asked)

    @property
    def _wanted(self) -> Wanted:
        return Wanted.by(self.catalogue, source=SOURCE)

    def is_proven(self, verdict: Verdict, level: Level) -> bool:
        """Whether the copies that stand would have shown that an answer was cut short.

        One cut at the end of a row lacks whole ids, which is seen, and rows of the last id
        it holds. Those are missed where a copy had no more rows of that id. Without a copy
        only an end in the middle of a period shows; the id has to be asked for by itself.
        """
        had = self.standing.rows(verdict.last, PLURAL[level])
        return 0 < had <= verdict.rows[verdict.last]

    def _judge(self, answer: Parted, asked: Asked) -> Verdict:
        foreign = [one for one in answer.records if one not in asked.ids]
        if foreign:
            found = ", ".join(foreign[:MOST_TOLD])
            return Verdict(broken=f"it holds ids that were not asked for: {found}")
        missing = tuple(one for one in asked.ids if one not in answer.records)
        verdict = Verdict(missing=missing, records=answer.records)
        if answer.records:
            self._judge_names(answer, verdict)
            try:
                self._judge_figures(answer, asked.level, verdict)
            except JsnaError as error:
                verdict.broken = _told(error)
        return verdict

    def _judge_names(self, answer: Parted, verdict: Verdict) -> None:
        """A wrong name stops the source, but for an id that was never confirmed to be right."""
        for source_id, called in answer.called.items():
            for one in called:
                fault = self.names.fault(source_id, one)
                if fault is None:
                    continue
                if self.names.is_unconfirmed(source_id) and not self.names.owner(source_id, one):
                    verdict.faulty[source_id] = f"it {fault.found}; {fault.todo}"
                else:
                    verdict.misnamed[source_id] = fault

    def _judge_figures(self, answer: Parted, level: Level, verdict: Verdict) -> None:
        """Read the ids as the pack will, and hold what they give against what should be."""
        wanted = verdict.good
        try:
            table = read_fingertips(answer.path, name=answer.name, catalogue=self.catalogue)[0]
        except JsnaError:
            # What is wrong with the file as a whole is raised here; else it is some of its ids.
            fingertips_rows(answer.path, name=answer.name, wanted=self._wanted)
            table = self._one_by_one(answer, wanted, verdict)
        found = coverages(table, self.catalogue)
        for one in (one for one in wanted if one not in verdict.faulty):
            why = (
                self._absence(answer.areas[one], level)
                or self._silence(one, table, answer.name)
                or self._loss(one, found, level)
                or self._stump(one, answer, level)
            )
            if why:
                verdict.faulty[one] = why

    def _one_by_one(self, answer: Parted, ids: Sequence[str], verdict: Verdict) -> pd.DataFrame:
        """Read each id as a file of its own, so that one of them cannot spoil the others."""
        tables = [empty_observations()]
        for one in ids:
            path = answer.path.with_name(f"{one}.csv")
            path.write_text(answer.only(one), encoding="utf-8", newline="")
            try:
                table, _ = read_fingertips(path, name=answer.name, catalogue=self.catalogue)
            except JsnaError as error:
                verdict.faulty[one] = _told(error)
            else:
                tables.append(table)
        return pd.concat([t for t in tables if len(t)] or tables, ignore_index=True)

    def _absence(self, areas: set[str], level: Level) -> str:
        """Whether the borough, or every ward of it, is absent."""
        own = self.catalogue.area
        if level == "borough" and own.code not in areas:
            return (
                f"it has no row for {own.name} ({own.code}); is the area type of boroughs in "
                "live.yml still the right one?"
            )
        wards = {ward for vintage in ("2002", "2022") for ward in self.catalogue.wards(vintage)}
        if level == "ward" and not wards & areas:
            return f"it has no row for any ward of {own.name} in areas.csv"
        return ""

    def _silence(self, source_id: str, table: pd.DataFrame, name: str) -> str:
        """Blanks without a note among the rows wanted."""
        own = {indicator.id for indicator in self.names.of[source_id]}
        blank = table["value"].isna() & (table["value_note"] == "")
        rows = table[table["indicator"].isin(own) & blank]
        if rows.empty:
            return ""
        first = rows.iloc[0]
        more = f", and {len(rows) - 1} more" if len(rows) > 1 else ""
        return (
            f"{name}, row {first.source_row}, Value: blank without a note that says why "
            f"({first.area_code}, {first.period}{more}); ask the publisher"
        )

    def _loss(
        self, source_id: str, found: Mapping[tuple[str, str], Coverage], level: Level
    ) -> str:
        """What the last copy had of the series of an id and this answer has not."""
        losses = []
        for indicator in self.names.of[source_id]:
            before = self._before(indicator, level)
            now = found.get((indicator.id, level), Coverage({}, frozenset()))
            if before is not None:
                losses += _fewer(indicator, before, now, level)
        return "; ".join(losses)

    def _stump(self, source_id: str, answer: Parted, level: Level) -> str:
        """Whether the answer ends in the middle of a period, where no copy can tell better."""
        if source_id != list(answer.records)[-1] or not answer.ends_short:
            return ""
        if any(self._before(i, level) for i in self.names.of[source_id]):
            return ""
        return (
            "its last rows break off where the period or the area before goes on: the answer was "
            "cut short; fetch again"
        )

    def _before(self, indicator: Indicator, level: Level) -> Coverage | None:
        ids = (indicator.source_id, indicator.superseded_by)
        return self.standing.of(indicator.id, ids, level)


def _fewer(indicator: Indicator, before: Coverage, now: Coverage, level: Level) -> list[str]:
    copy = f"the copy of {before.day}" if before.day else "the last copy"
    if len(now.periods) < len(before.periods):
        what, had, has = "periods", len(before.periods), len(now.periods)
        gone = [text for bounds, text in before.periods.items() if bounds not in now.periods]
    elif len(now.latest) < len(before.latest):
        what = f"{PLURAL[level]} for the latest period"
        had, has, gone = len(before.latest), len(now.latest), sorted(before.latest - now.latest)
    else:
        return []
    return [
        f"{indicator.id}: {has} {what}, where {copy} has {had} (gone: "
        f"{', '.join(gone[:MOST_TOLD])}): the answer was cut short, or they were withdrawn; if "
        "the publisher means it, move that copy out of data/raw and fetch again"
    ]


def _told(error: JsnaError) -> str:
    """The faults of an error in one line."""
    told = [str(fault) for fault in error.faults[:MOST_TOLD]] or [error.message]
    more = len(error.faults) - MOST_TOLD
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")

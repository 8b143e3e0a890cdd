"""Fingertips: the boroughs of the region and the borough's wards, a chunk of ids at a time.

Nothing of an answer is accepted before it holds exactly the ids asked for, under the names
the catalogue expects, whole, with the borough, a note beside every blank, and no less than
the last good copy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.errors import ExtractError, Fault
from lbbd_jsna.fetching.fingertips_checks import Judge, Verdict
from lbbd_jsna.fetching.fingertips_extras import area_type_ids, keep_metadata, uploads
from lbbd_jsna.fetching.fingertips_names import Names
from lbbd_jsna.fetching.fingertips_plan import PLURAL, Asked, chunks, named, own_ids, successor
from lbbd_jsna.fetching.fingertips_standing import Level, Standing
from lbbd_jsna.fetching.job import Job, News, Refusal
from lbbd_jsna.fetching.root import Root
from lbbd_jsna.fetching.web import Answer, FetchError, Unreachable
from lbbd_jsna.sources.csv_files import counted
from lbbd_jsna.sources.fingertips import SOURCE

__all__ = ["SOURCE", "VARIABLE", "address", "check", "fetch", "steps"]

VARIABLE = "JSNA_FINGERTIPS_URL"
DATA = "all_data/csv/by_indicator_id"
MOST_LISTED = 3


def address(catalogue: Catalogue) -> str:
    """Its base address in the catalogue."""
    return catalogue.live.fingertips.address


def steps(catalogue: Catalogue) -> int:
    """How many steps a fetch takes: area types, chunks, ids that are gone, metadata."""
    return 3 + len(chunks(catalogue, Names(catalogue)))


def fetch(job: Job) -> None:
    """Ask for every id of the catalogue, check what comes, and keep what can be accepted.

    Raises
    ------
    ExtractError
        Ids are not what the catalogue takes them for; each is given with its name, what was
        expected, and whose name it is. Nothing of the source is accepted.
    Unreachable
        Not one request for figures was answered.

    Source
    ------
    `all_data/csv/by_indicator_id` of the Fingertips API.
    """
    _Fetch.of(job).run()


def check(job: Job) -> list[News]:
    """Say whether the publisher uploaded figures after the copies that stand.

    Returns
    -------
    list of News
        Each id with new figures; then the others of each state together.
    """
    standing, names = Standing(job.raw, job.catalogue), Names(job.catalogue)
    received = {one: standing.received(one) for one in own_ids(job.catalogue)}
    told = uploads(job, Root(job.web, usual=address(job.catalogue)), list(received))
    states: dict[str, list[str]] = defaultdict(list)
    for one, when in received.items():
        states[_state(when, told.get(one, ""))].append(one)
    news = [
        News(named(names, one), "new", f"received {received[one][:10]}, uploaded {told[one][:10]}")
        for one in states.pop("new", [])
    ]
    return news + [
        News(counted(len(ids), "indicator"), state, _listed(ids)) for state, ids in states.items()
    ]


def _state(received: str, uploaded: str) -> str:
    if not received:
        return "never fetched"
    if not uploaded:
        return "unknown"
    return "new" if uploaded[: len(received)] > received[: len(uploaded)] else "unchanged"


def _listed(ids: Sequence[str]) -> str:
    more = len(ids) - MOST_LISTED
    return ", ".join(ids[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


@dataclass
class _Fetch:
    """A fetch under way."""

    job: Job
    root: Root
    names: Names
    judge: Judge
    types: dict[str, str] = field(default_factory=dict)
    answered: bool = False
    accepted: dict[Level, list[str]] = field(default_factory=lambda: {"borough": [], "ward": []})
    gone: dict[str, str] = field(default_factory=dict)
    misnamed: dict[str, Fault] = field(default_factory=dict)
    silent: list[tuple[Asked, Unreachable]] = field(default_factory=list)

    @classmethod
    def of(cls, job: Job) -> _Fetch:
        names = Names(job.catalogue)
        judge = Judge(job.catalogue, names, Standing(job.raw, job.catalogue))
        return cls(job, Root(job.web, usual=address(job.catalogue)), names, judge)

    def run(self) -> None:
        """Area types, figures, successors of ids that are gone, metadata."""
        self.job.step("Fingertips: area types")
        self.types = area_type_ids(self.job, self.root)
        for name, asked in chunks(self.job.catalogue, self.names):
            self.job.step(f"Fingertips: {name.removesuffix('.csv')}")
            self.take(name, asked)
        self.job.step("Fingertips: indicators that are gone")
        self.follow()
        self.stop_if_misnamed()
        self.tell_silent()
        self.job.step("Fingertips: about the indicators")
        keep_metadata(self.job, self.root, self.names, self.accepted["borough"])

    def take(self, name: str, asked: Asked) -> None:
        """Ask for a chunk; keep it, keep some of it, or refuse it."""
        if self._taken_before(name, asked):
            return
        try:
            self._take(name, asked)
        except Unreachable as error:
            self.silent.append((asked, error))
        except FetchError as error:
            self.answered = True
            self.refuse(asked.level, asked.ids, str(error))

    def _take(self, name: str, asked: Asked) -> None:
        answer, verdict = self._ask(asked, name)
        if verdict.broken:
            self.refuse(asked.level, asked.ids, verdict.broken)
            return
        self._refuse_some(asked, verdict)
        good = Asked(verdict.good, asked.level)
        if verdict.misnamed or not good.ids:
            return
        if good == asked:
            if self.judge.is_proven(verdict, asked.level) or self._confirmed(asked, verdict):
                self._keep(name, asked, answer, verdict)
        elif not self._taken_before(name, good):
            answer, again = self._ask(good, name)
            if self._agree(good, verdict, again):
                self._keep(name, good, answer, again)

    def _ask(self, asked: Asked, name: str) -> tuple[Answer, Verdict]:
        parameters = asked.parameters(self.job.catalogue, self.types)
        answer = self.root.get(DATA, parameters, expects="csv")
        self.answered = True
        verdict = self.judge.judge(answer.body, asked, name=f"the answer for {name}")
        self.misnamed |= verdict.misnamed
        return answer, verdict

    def _taken_before(self, name: str, asked: Asked) -> bool:
        """Whether a fetch that was stopped, or an earlier one of today, has this very answer."""
        for one in self.root.url(DATA, asked.parameters(self.job.catalogue, self.types)):
            body = self.job.stage.kept(SOURCE, name, one)
            if body is None:
                continue
            verdict = self.judge.judge(body, asked, name=name)
            if verdict.good == asked.ids and not verdict.broken:
                self.answered = True
                self.accepted[asked.level] += asked.ids
                return True
            self.job.stage.drop(SOURCE, name)
        return False

    def _confirmed(self, asked: Asked, verdict: Verdict) -> bool:
        """Ask for the last id of an answer by itself: it must come with the same rows."""
        last = Asked((verdict.last,), asked.level)
        return self._agree(asked, verdict, self._ask(last, f"id {verdict.last} by itself")[1])

    def _agree(self, asked: Asked, one: Verdict, other: Verdict) -> bool:
        """Whether a second answer can be used and has the rows of the first; else refuse."""
        differing = [i for i in other.records if other.records[i] != one.records.get(i)]
        why = other.broken or "; ".join(other.faulty.values())
        if differing:
            why = (
                f"two answers differ in the rows of {_listed(differing)}: one of them was cut "
                "short at the end of a row, or the figures changed meanwhile; fetch again"
            )
        elif other.missing:
            why = f"asked for again, it lacks {_listed(other.missing)}"
        if why:
            self.refuse(asked.level, asked.ids, why)
        return not why and not other.misnamed

    def _keep(self, name: str, asked: Asked, answer: Answer, verdict: Verdict) -> None:
        self.job.stage.keep(
            SOURCE,
            name,
            answer.body,
            [answer],
            licence=self.job.catalogue.sources[SOURCE].licence,
            holds=asked.ids,
            more={"areas": PLURAL[asked.level], "rows": verdict.rows},
        )
        self.accepted[asked.level] += asked.ids

    def _refuse_some(self, asked: Asked, verdict: Verdict) -> None:
        for one, why in verdict.faulty.items():
            self.refuse(asked.level, (one,), why)
        for one in verdict.missing:
            heir = successor(one, self.job.catalogue, self.names)
            if heir and asked.level == "borough":
                self.gone[one] = heir
            elif one not in self.gone.values():
                self.refuse(asked.level, (one,), _withdrawn(asked.level))

    def follow(self) -> None:
        """Ask for the ids that took the place of those that are gone."""
        if not self.gone:
            return
        planned = chunks(self.job.catalogue, self.names)
        number = 1 + sum(asked.level == "borough" for _, asked in planned)
        asked = Asked(tuple(sorted(set(self.gone.values()), key=int)), "borough")
        self.take(f"boroughs-{number:02d}.csv", asked)
        for one, heir in self.gone.items():
            if heir in self.accepted["borough"]:
                self.job.notes.append(
                    f"Fingertips {named(self.names, one)} has no figures any more; {heir}, "
                    "which took its place, was taken: make it the source_id"
                )
            elif heir not in self.misnamed:
                why = f"{_withdrawn('borough')}; nor was {heir} received, its successor"
                self.refuse("borough", (one, heir), why)

    def refuse(self, level: Level, ids: Sequence[str], why: str) -> None:
        """Put ids with the refusals."""
        known = _listed([named(self.names, one) for one in ids])
        wards = ", wards" if level == "ward" else ""
        self.job.refusals.append(Refusal(f"Fingertips {known}{wards}", tuple(ids), why))

    def stop_if_misnamed(self) -> None:
        """Raise every name that is not what the catalogue expects, of all chunks together."""
        if self.misnamed:
            ids = sorted(self.misnamed, key=int)
            raise ExtractError(
                f"Fingertips knows {counted(len(ids), 'id')} of the catalogue by another name: "
                f"{', '.join(ids)}",
                [self.misnamed[one] for one in ids],
            )

    def tell_silent(self) -> None:
        """Chunks that nobody answered: one error when it is all of them, else refusals."""
        if self.silent and not self.answered:
            raise self.silent[0][1]
        for asked, error in self.silent:
            self.refuse(asked.level, asked.ids, str(error))


def _withdrawn(level: Level) -> str:
    return (
        f"the answer has no row of it: it is withdrawn, has no figures for {PLURAL[level]}, or the "
        "answer was cut short; if it has another id now, make that superseded_by in the catalogue"
    )

"""Asking a service politely and with patience, and taking only what can be an answer."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from urllib.parse import urljoin, urlsplit

import requests
import tenacity

import lbbd_jsna
from lbbd_jsna.catalogue.live import Manners
from lbbd_jsna.fetching.answers import (
    Again,
    Answer,
    Asked,
    FetchError,
    Kind,
    Missing,
    Refused,
    Unreachable,
    distrusted,
    explain,
    is_distrusted,
    judge,
)
from lbbd_jsna.fetching.connection import (
    BROKEN,
    CutOff,
    Limits,
    Reply,
    TooLarge,
    TooSlow,
    exchange,
    trusted,
)

__all__ = ["Answer", "FetchError", "Kind", "Missing", "Refused", "Unreachable", "Web"]

AGENT = f"lbbd-jsna/{lbbd_jsna.__version__} (JSNA workspace of a public health team)"
ACCEPT = {"csv": "text/csv, text/plain;q=0.8", "json": "application/json, application/geo+json"}
MOST_REDIRECTS = 5
LONGEST_BACKOFF = 60
_MOVED = (301, 302, 303, 307, 308)


class Web:
    """Asks one service, below its base address.

    Parameters
    ----------
    address : str
        The base, with or without a slash at the end.
    title : str
        The service's name in messages.
    manners : Manners
        Seconds, tries and limits.
    clock : callable, optional
        Seconds, from any start, never going back.
    sleep : callable, optional
        Waits for so many seconds.
    now : callable, optional
        The time of day, with its zone.
    """

    def __init__(
        self,
        address: str,
        *,
        title: str,
        manners: Manners,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self.address = address.rstrip("/")
        self.title = title
        self._manners = manners
        self._clock, self._sleep, self._now = clock, sleep, now
        self._context = trusted()
        self._free_at = 0.0
        self._unanswered = 0

    @property
    def host(self) -> str:
        """The service's host, for messages."""
        return urlsplit(self.address).netloc.rpartition("@")[2]

    def url(self, path: str, parameters: Mapping[str, str] | None = None) -> str:
        """The full address `get` would ask, parameters included."""
        base = f"{self.address}/{path.lstrip('/')}" if path else self.address
        return requests.Request("GET", base, params=dict(parameters or {})).prepare().url

    def get(
        self,
        path: str,
        parameters: Mapping[str, str] | None = None,
        *,
        expects: Kind,
        most_bytes: int | None = None,
    ) -> Answer:
        """Ask until there is an answer, within the manners.

        Parameters
        ----------
        path : str
            Below the base address.
        parameters : mapping, optional
            Sent in the order given.
        expects : {"csv", "json"}
        most_bytes : int, optional
            In place of the manners' limit.

        Raises
        ------
        Missing, Refused
            An answer came and cannot be accepted; asking again would not help.
        Unreachable
            No answer after all tries, or the service has been given up.
        """
        self._check_not_given_up()
        try:
            answer = self._persist(path, dict(parameters or {}), expects, most_bytes)
        except Unreachable:
            self._unanswered += 1
            raise
        except Refused:
            self._unanswered = 0
            raise
        self._unanswered = 0
        return answer

    def _check_not_given_up(self) -> None:
        if self._unanswered >= self._manners.give_up_after:
            raise Unreachable(
                f"{self.title} did not answer {self._unanswered} requests in a row and was not "
                "asked again; fetch later"
            )

    def _persist(
        self, path: str, parameters: dict[str, str], expects: Kind, most_bytes: int | None
    ) -> Answer:
        """Try until there is an answer, the tries are used up or the time is over."""
        start = self._clock()
        asked = Asked(self.title, path, self.host)
        address = self.url(path, parameters)
        retrying = tenacity.Retrying(
            sleep=self._sleep,
            retry=tenacity.retry_if_exception_type(Again),
            wait=self._wait,
            stop=lambda state: self._enough(state, start),
            reraise=True,
        )
        tries = 0
        try:
            for attempt in retrying:
                with attempt:
                    tries += 1
                    limits = self._limits(most_bytes, start)
                    reply, content_type = self._once(address, asked, expects, limits)
        except Again as error:
            raise self._gave_up(asked, error, tries, self._clock() - start) from error
        when = self._now().astimezone(dt.UTC).isoformat(timespec="seconds")
        return Answer(address, parameters, reply.status, content_type, reply.body, when, tries)

    def _wait(self, state: tenacity.RetryCallState) -> float:
        """Back off from twice the pause, doubling, with jitter; at least what was asked for."""
        pause = self._manners.pause
        backoff = tenacity.wait_exponential(multiplier=2 * pause, max=LONGEST_BACKOFF)
        backoff += tenacity.wait_random(0, pause)
        return max(backoff(state), state.outcome.exception().wait)

    def _enough(self, state: tenacity.RetryCallState, start: float) -> bool:
        """All tries made, or the next would start when the time for the request is over."""
        late = self._clock() - start + state.upcoming_sleep >= self._manners.budget
        return late or state.attempt_number >= self._manners.tries

    def _gave_up(self, asked: Asked, error: Again, tries: int, seconds: float) -> Unreachable:
        told = f"after {tries} tries in {seconds:.0f} seconds" if tries > 1 else "after one try"
        wait = ""
        if error.wait and error.wait >= self._manners.budget - seconds:
            wait = f"; it asks to be left alone for {error.wait:.0f} seconds"
        return Unreachable(f"{asked}: no answer {told}: {error.reason}{wait}; fetch later")

    def _limits(self, most_bytes: int | None, start: float) -> Limits:
        manners = self._manners
        left = manners.budget - (self._clock() - start)
        whole = max(min(manners.whole, left), 0.01)
        connect, read = min(manners.connect, whole), min(manners.read, whole)
        return Limits(connect, read, whole, most_bytes or manners.most_bytes)

    def _once(self, address: str, asked: Asked, expects: Kind, limits: Limits) -> tuple[Reply, str]:
        """One try: follows redirects that stay with the service, and judges the answer."""
        headers = {"User-Agent": AGENT, "Accept": ACCEPT[expects], "Accept-Encoding": "gzip"}
        at = address
        for _ in range(MOST_REDIRECTS):
            reply = self._ask(at, asked, headers, limits)
            if reply.status not in _MOVED or "Location" not in reply.headers:
                return reply, judge(reply, asked=asked, expects=expects, now=self._now())
            at = _next(at, reply.headers["Location"], asked)
        raise asked.in_between(f"sent on more than {MOST_REDIRECTS} times")

    def _ask(self, address: str, asked: Asked, headers: Mapping[str, str], limits: Limits) -> Reply:
        early = self._free_at - self._clock()
        if early > 0:
            self._sleep(early)
        try:
            return exchange(address, headers=headers, limits=limits, context=self._context)
        except TooSlow as error:
            raise Again(f"the answer did not end within {limits.whole:.3g} seconds") from error
        except TooLarge as error:
            raise asked.refused(
                f"more than {limits.most_bytes:,} bytes, which is not what was asked for",
                "nothing of it was kept; if it now sends more, raise most_bytes in live.yml",
            ) from error
        except CutOff as error:
            raise Again(f"the answer was cut off: {error}") from error
        except BROKEN as error:
            if is_distrusted(error):
                raise distrusted(asked, error) from error
            raise Again(explain(error)) from error
        finally:
            self._free_at = self._clock() + self._manners.pause


def _next(at: str, location: str, asked: Asked) -> str:
    """Where a redirect leads, when it stays with the service."""
    here, there = urlsplit(at), urlsplit(urljoin(at, location))
    secured = (here.scheme, there.scheme) == ("http", "https")
    same = there.netloc == here.netloc or (secured and there.hostname == here.hostname)
    if not same or (here.scheme, there.scheme) == ("https", "http"):
        name = f"{there.scheme}://{there.netloc.rpartition('@')[2]}"
        raise asked.in_between(f"sent on to {name}, which is not the service")
    return there.geturl()

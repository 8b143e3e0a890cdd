"""What can be an answer, what is refused, and what may pass if asked again."""

from __future__ import annotations

import datetime as dt
import errno
import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import requests

from lbbd_jsna.errors import JsnaError
from lbbd_jsna.fetching.connection import Reply

Kind = Literal["csv", "json"]
TYPES = {
    "csv": {"text/csv", "text/plain", "application/csv", "application/octet-stream",
            "application/vnd.ms-excel", "application/gzip", "application/x-gzip"},
    "json": {"application/json", "application/geo+json", "text/json", "text/plain",
             "application/octet-stream"},
}  # fmt: skip
_MAY_PASS = (408, 425, 429)
_TURNED_AWAY = (401, 403, 407)
_NO_NETWORK = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN)


class FetchError(JsnaError):
    """Something asked for was not received; what was received before stands."""

    exit_code = 3


class Refused(FetchError):
    """An answer came and cannot be accepted."""


class Missing(Refused):
    """The service has nothing at that address (404)."""


class Unreachable(FetchError):
    """No answer after all tries."""


class Again(Exception):
    """A try failed in a way that may pass; `wait` is the least that the service asked for."""

    def __init__(self, reason: str, wait: float = 0) -> None:
        self.reason, self.wait = reason, wait
        super().__init__(reason)


@dataclass(frozen=True)
class Asked:
    """Whom and for what, for messages: service, path below its address, host."""

    title: str
    path: str
    host: str

    def __str__(self) -> str:
        return f"{self.title} ({self.path})" if self.path else self.title

    def refused(self, found: str, todo: str, *, kind: type[Refused] = Refused) -> Refused:
        """The error that says what came and what to do."""
        return kind(f"{self}: {found}; {todo}")

    def in_between(self, found: str) -> Refused:
        """The error for an answer that is not the service's own."""
        return self.refused(
            found,
            "a proxy, a firewall or a login page stands in between: ask the council's IT to let "
            f"this machine reach {self.host}",
        )


@dataclass(frozen=True)
class Answer:
    """An answer that can be one: right kind, whole as far as its length says, not a web page.

    Parameters
    ----------
    address : str
        As sent, parameters included.
    parameters : dict
        What was asked.
    status : int
    content_type : str
    body : bytes
        Unpacked, otherwise as received.
    time : str
        When it had come, UTC, to the second, such as `2026-11-21T09:30:00+00:00`.
    tries : int
        How many it took.
    """

    address: str
    parameters: dict[str, str]
    status: int
    content_type: str
    body: bytes
    time: str
    tries: int

    @property
    def text(self) -> str:
        """The body as text, without a byte order mark.

        Raises
        ------
        Refused
            It is not UTF-8.
        """
        try:
            return self.body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Refused(
                f"{self.address}: byte {error.start + 1} is not UTF-8 text; fetch it again"
            ) from error

    def json(self) -> Any:
        """The body as JSON.

        Raises
        ------
        Refused
            It is not JSON, or was cut off.
        """
        try:
            return json.loads(self.text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise Refused(
                f"{self.address}: not JSON, or cut off ({error}); fetch it again"
            ) from error


def judge(reply: Reply, *, asked: Asked, expects: Kind, now: dt.datetime) -> str:
    """The content type of an answer that can be one.

    Raises
    ------
    Again
        The service is in trouble or wants to be left alone for a while.
    Missing, Refused
        It will not do, whatever its status and its content type say.
    """
    if reply.status in _MAY_PASS or reply.status >= 500:
        raise Again(f"it answers with status {reply.status}", _asked_wait(reply, now))
    page = reply.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    if reply.status != 200:
        raise _status_fault(reply, asked, page=page)
    if page:
        raise asked.in_between(f"a web page, not {expects.upper()}")
    if not reply.body.strip():
        raise asked.refused("an empty answer", "fetch later, or see whether it has moved")
    content_type = reply.headers.get("Content-Type", "")
    bare = content_type.partition(";")[0].strip().lower()
    known = not bare or bare in TYPES[expects] or (expects == "json" and bare.endswith("+json"))
    if not known:
        raise asked.in_between(f'"{bare[:60]}", not {expects.upper()}')
    return content_type


def _status_fault(reply: Reply, asked: Asked, *, page: bool) -> Refused:
    said = "" if page else _first_words(reply.body)
    found = f"status {reply.status}" + (f' ("{said}")' if said else "")
    if reply.status == 404:
        return asked.refused(found, "it has nothing there: see live.yml", kind=Missing)
    if reply.status in _TURNED_AWAY:
        return asked.in_between(found)
    return asked.refused(found, "it does not understand the request: see live.yml")


def _first_words(body: bytes) -> str:
    text = body[:200].decode("utf-8", errors="replace")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:120]


def _asked_wait(reply: Reply, now: dt.datetime) -> float:
    """Seconds of Retry-After, given as a number or as a date."""
    said = reply.headers.get("Retry-After", "").strip()
    if said.isdigit():
        return float(said[:9])
    try:
        when = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return 0
    aware = when if when.tzinfo else when.replace(tzinfo=dt.UTC)
    return max((aware - now).total_seconds(), 0)


def explain(error: BaseException) -> str:
    """A network error in words."""
    chain = tuple(_chain(error))
    for kinds, words in (
        (requests.exceptions.ProxyError, "the proxy named in HTTP_PROXY or HTTPS_PROXY fails"),
        (requests.ConnectTimeout, "no connection in time"),
        (requests.ReadTimeout, "it fell silent"),
        (socket.gaierror, "its name is not known: there is no network, or a proxy is needed"),
        (ConnectionRefusedError, "the connection was refused"),
        (http.client.IncompleteRead, "the answer was cut off"),
        ((http.client.RemoteDisconnected, ConnectionError), "the connection broke"),
    ):
        if any(isinstance(one, kinds) for one in chain):
            return words
    if any(getattr(one, "errno", None) in _NO_NETWORK for one in chain):
        return "there is no network"
    timed_out = any("timed out" in str(one).lower() for one in chain)
    return "it fell silent" if timed_out else f"{type(error).__name__}: {str(error)[:120]}"


def distrusted(asked: Asked, error: BaseException) -> Unreachable:
    """The error for a certificate nobody here vouches for."""
    said = next(
        (one.verify_message for one in _chain(error) if hasattr(one, "verify_message")),
        "the connection cannot be secured",
    )
    return Unreachable(
        f"{asked.title}: the certificate of {asked.host} is not trusted ({said}). Set "
        "REQUESTS_CA_BUNDLE to the council's bundle of certificates (a PEM file), or have its "
        "root certificate installed in the operating system; checks are never switched off"
    )


def is_distrusted(error: BaseException) -> bool:
    """Whether a certificate was not believed, rather than a line cut during the greeting."""
    return any(hasattr(one, "verify_message") for one in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and everything it came from; the libraries nest theirs in four ways."""
    seen: list[BaseException] = []
    left = [error]
    while left:
        one = left.pop(0)
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            yield one
            left += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]

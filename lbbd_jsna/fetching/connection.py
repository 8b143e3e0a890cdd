"""One request over one connection, limited in time and in size, its certificate checked."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import requests
import truststore
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from lbbd_jsna.errors import RunError

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
BROKEN = (requests.exceptions.BaseHTTPError, OSError)
"""Whatever a network can do to a request."""
PIECE = 65_536
EXCERPT = 4_096
_GZIP = b"\x1f\x8b"


class TooLarge(Exception):
    """The answer is larger than allowed; it was not read further."""


class TooSlow(Exception):
    """The answer did not end within its time, and the connection was ended."""


class CutOff(Exception):
    """The answer ended in the middle."""


@dataclass(frozen=True)
class Limits:
    """Seconds for connecting, one silence and the whole answer; bytes of the body unpacked."""

    connect: float
    read: float
    whole: float
    most_bytes: int


@dataclass(frozen=True)
class Reply:
    """What came: the body of a 200 whole and unpacked, of anything else its first bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def trusted() -> ssl.SSLContext:
    """Whose certificates are believed.

    Those of the bundle that REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE names, else
    those of the operating system, where a council installs its own. There is no way to
    believe everybody.

    Raises
    ------
    RunError
        The bundle named is not there or holds no certificate.
    """
    variable = next((name for name in BUNDLES if os.environ.get(name)), None)
    if variable is None:
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bundle = Path(os.environ[variable])
    try:
        if bundle.is_dir():
            return ssl.create_default_context(capath=bundle)
        return ssl.create_default_context(cafile=bundle)
    except OSError as error:
        found = "holds no certificate" if bundle.is_file() else "is not there"
        raise RunError(
            f"{variable} names {bundle}, which {found}; "
            "name the file of certificates (PEM) that the council's IT gives out"
        ) from error


def exchange(
    address: str, *, headers: Mapping[str, str], limits: Limits, context: ssl.SSLContext
) -> Reply:
    """Ask once. Redirects are not followed; a proxy named in the environment is used.

    Raises
    ------
    TooSlow, TooLarge, CutOff
    One of BROKEN
        The network's errors, as the libraries raise them.
    """
    with _watched(limits.whole, context) as (session, late):
        try:
            reply = _reply(session, address, headers, limits)
        except BROKEN as error:
            if late.is_set():
                raise TooSlow from error
            raise
        if late.is_set():  # a body without a length seems to have ended when it was ended
            raise TooSlow
        return reply


def _reply(
    session: requests.Session, address: str, headers: Mapping[str, str], limits: Limits
) -> Reply:
    with session.get(
        address,
        headers=headers,
        stream=True,
        allow_redirects=False,
        timeout=(limits.connect, limits.read),
        proxies=get_environ_proxies(address),
    ) as response:
        if response.status_code != 200:
            body = next(response.raw.stream(EXCERPT, decode_content=False), b"")
            return Reply(response.status_code, response.headers, body)
        promised = response.headers.get("Content-Length", "")
        if promised.isdigit() and int(promised) > limits.most_bytes:
            raise TooLarge
        pieces = response.raw.stream(PIECE, decode_content=False)
        said = response.headers.get("Content-Encoding", "").strip().lower()
        return Reply(200, response.headers, _body(pieces, said, limits.most_bytes))


def _body(pieces: Iterator[bytes], said: str, most: int) -> bytes:
    """The body as its publisher wrote it, unpacked here so that a bomb stays small."""
    first = next(pieces, b"")
    rest = chain((first,), pieces)
    if said in ("gzip", "x-gzip", "deflate") or first.startswith(_GZIP):
        rest = _unpacked(rest, most)
    elif said not in ("", "identity"):
        raise CutOff(f"it is packed as {said}, which was not asked for")
    body = bytearray()
    for piece in rest:
        body += piece
        if len(body) > most:
            raise TooLarge
    return bytes(body)


def _unpacked(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Unpack gzip or zlib, never more than `PIECE` bytes at a time."""
    either = zlib.MAX_WBITS | 32
    unpack = zlib.decompressobj(either)
    try:
        for piece in pieces:
            left = piece
            while left:
                if unpack.eof:
                    unpack = zlib.decompressobj(either)
                yield unpack.decompress(left, min(PIECE, most + 1))
                left = unpack.unconsumed_tail or unpack.unused_data
    except zlib.error as error:
        raise CutOff("it cannot be unpacked") from error
    if not unpack.eof:
        raise CutOff("it ends in the middle")


@contextmanager
def _watched(
    seconds: float, context: ssl.SSLContext
) -> Iterator[tuple[requests.Session, threading.Event]]:
    """A session whose connections are ended when the time is over.

    The limits of the libraries are for one silence; a server that sends one byte now and
    then, of the head or the body, would be listened to for ever. The event says that the
    time was over.
    """
    opened: list[socket.socket] = []
    late = threading.Event()

    def end() -> None:
        late.set()
        for line in opened:
            _hang_up(line)

    watch = threading.Timer(seconds, end)
    watch.daemon = True
    watch.start()
    try:
        with requests.Session() as session:
            session.trust_env = False  # no names and passwords out of a .netrc
            for scheme in ("http://", "https://"):
                session.mount(scheme, _Adapter(context, opened.append))
            yield session, late
    finally:
        watch.cancel()
        watch.join()
        for line in opened:
            line.close()


def _hang_up(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side has hung up already


class _Adapter(HTTPAdapter):
    """Believes only what the context believes, and tells of every connection it opens."""

    def __init__(self, context: ssl.SSLContext, opened: Callable[[socket.socket], None]) -> None:
        self._context, self._opened = context, opened
        super().__init__(max_retries=0)

    def init_poolmanager(self, *sizes: Any, **more: Any) -> None:
        super().init_poolmanager(*sizes, ssl_context=self._context, **more)
        _tell(self.poolmanager, self._opened)

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **more)
        return _tell(manager, self._opened)

    def cert_verify(self, conn: Any, *_: Any) -> None:
        """Leave the believing to the context; the library would add its own bundle to it."""
        conn.cert_reqs = "CERT_REQUIRED"


def _tell(manager: Any, opened: Callable[[socket.socket], None]) -> Any:
    kinds = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {
        scheme: _telling(kind, opened) for scheme, kind in kinds.items()
    }
    return manager


def _telling(kind: type, opened: Callable[[socket.socket], None]) -> type:
    """A pool whose connections hand out a second handle on their socket."""

    class Connection(kind.ConnectionCls):
        def _new_conn(self) -> socket.socket:
            made = super()._new_conn()
            opened(made.dup())
            return made

    return type(kind.__name__, (kind,), {"ConnectionCls": Connection})

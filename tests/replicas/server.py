"""A web server on this machine that answers as a service is documented to, and fails on demand.

A replica is a function from a request to a response, written from what a publisher
documents and not from what our client happens to ask. Faults are laid over its answers.
"""

from __future__ import annotations

import gzip
import http.server
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlsplit

PIECE = 65_536


@dataclass(frozen=True)
class Request:
    """What the client asked. Header names are in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Response:
    """What the server says, and how badly it says it.

    Parameters
    ----------
    body : bytes or iterable of bytes
        An iterable is sent piece by piece, without a length.
    hang_seconds : float
        Silence before the answer.
    cut_at : int, optional
        The connection ends after this many bytes of the body; the length promised is
        that of the whole body unless `no_length`.
    no_length : bool
        No Content-Length: the body ends where the connection ends.
    trickle : float
        Seconds between the bytes of the body; `trickle_headers` between those of the head.
    compress : bool
        The body goes out as gzip and says so.
    drop : bool
        The connection ends without an answer.
    """

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    content_type: str = "text/plain"
    headers: Mapping[str, str] = field(default_factory=dict)
    hang_seconds: float = 0
    cut_at: int | None = None
    no_length: bool = False
    trickle: float = 0
    trickle_headers: float = 0
    compress: bool = False
    drop: bool = False


Route = Callable[[Request], Response]
Override = Response | Callable[[Request, Response], Response] | None


def csv(text: str, **how) -> Response:
    """A CSV answer."""
    return Response(body=text.encode("utf-8"), content_type="text/csv", **how)


def but(**changes) -> Callable[[Request, Response], Response]:
    """The answer the route would give, with these fields of it changed."""
    return lambda _, response: replace(response, **changes)


class Replica:
    """A context manager: the server runs inside it.

    Parameters
    ----------
    route : callable
        From a `Request` to its `Response`.
    tls : ssl.SSLContext, optional
        Speak https with it.

    Attributes
    ----------
    address : str
        `http://127.0.0.1:PORT`, without a slash at the end.
    asked : list of Request
        Every request, in order.
    faults : deque, or callable
        Overrides, one taken for each request while there are any: a `Response`, a function
        of the request and the good response, or None for no fault. A callable in place of
        the deque is asked every time.
    """

    def __init__(self, route: Route, *, tls=None) -> None:
        self.route = route
        self.asked: list[Request] = []
        self.faults: deque[Override] | Callable[[Request, Response], Response] = deque()
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.replica = self
        if tls is not None:
            self._server.tls = tls
        scheme = "http" if tls is None else "https"
        self.address = f"{scheme}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Replica:
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [request.path for request in self.asked]

    def answer(self, request: Request) -> Response:
        """The route's answer with the next fault laid over it."""
        with self._lock:
            self.asked.append(request)
            faults = self.faults
            fault = faults if callable(faults) else faults.popleft() if faults else None
        if isinstance(fault, Response):
            return fault
        response = self.route(request)
        return fault(request, response) if fault else response


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    replica: Replica
    tls = None

    def finish_request(self, request, client_address) -> None:
        if self.tls is not None:
            try:
                request = self.tls.wrap_socket(request, server_side=True)
            except OSError:
                return  # the client would not have our certificate
        try:
            super().finish_request(request, client_address)
        except OSError:
            pass  # the client went away, which many of the tests want
        finally:
            if self.tls is not None:
                request.close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""

    def _serve(self) -> None:
        where = urlsplit(self.path)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(where.query, keep_blank_values=True))
        replica = self.server.replica
        response = replica.answer(Request(self.command, where.path, query, headers))
        self.close_connection = True
        replica.ended.wait(response.hang_seconds)
        if not response.drop and not (response.hang_seconds and replica.ended.is_set()):
            self._send(response)

    do_GET = do_POST = do_HEAD = _serve  # noqa: N815

    def _send(self, response: Response) -> None:
        whole = isinstance(response.body, bytes)
        body = gzip.compress(response.body) if response.compress else response.body
        head = {"Content-Type": response.content_type, "Connection": "close"}
        head |= {"Content-Encoding": "gzip"} if response.compress else {}
        head |= {"Content-Length": str(len(body))} if whole and not response.no_length else {}
        head = {name: value for name, value in {**head, **response.headers}.items() if value}
        lines = [f"HTTP/1.1 {response.status} {self.responses.get(response.status, ('?',))[0]}"]
        lines += [f"{name}: {value}" for name, value in head.items()]
        self._write("\r\n".join([*lines, "", ""]).encode("latin-1"), response.trickle_headers)
        if self.command == "HEAD":
            return
        for piece in (body[: response.cut_at],) if whole else body:
            self._write(piece, response.trickle)

    def _write(self, data: bytes, trickle: float) -> None:
        if not trickle:
            self.wfile.write(data)
            return
        for byte in data:
            if self.server.replica.ended.is_set():
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(trickle)

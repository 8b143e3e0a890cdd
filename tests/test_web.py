"""Asking a service: patience, limits, refusals, certificates and proxies, over real sockets."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lbbd_jsna.catalogue import Manners
from lbbd_jsna.errors import RunError
from lbbd_jsna.fetching.answers import Asked
from lbbd_jsna.fetching.web import Answer, FetchError, Missing, Refused, Unreachable, Web, _next
from tests.replicas.server import Replica, Request, Response, but, csv

ROOT = Path(__file__).resolve().parent.parent
TABLE = "Area,Value\nE09000002,12.1\nE09000003,9.4\n"
QUICK = {"pause": 0.01, "connect": 1, "read": 0.4, "whole": 0.6, "budget": 5, "tries": 3}
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs limits of a POSIX system")


class Hours:
    """A clock that only sleeping moves, so that waits are seen and not sat through."""

    def __init__(self) -> None:
        self.at, self.slept = 1000.0, []

    def clock(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds

    def now(self) -> dt.datetime:
        passed = dt.timedelta(seconds=self.at - 1000)
        return dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC) + passed


def good(_: Request) -> Response:
    return csv(TABLE)


@pytest.fixture
def replica():
    with Replica(good) as running:
        yield running


def web_of(replica: Replica, hours: Hours | None = None, **manners) -> Web:
    kept = Manners(**{**QUICK, **manners})
    if hours is None:
        return Web(replica.address, title="Fingertips", manners=kept)
    return Web(
        replica.address, title="Fingertips", manners=kept,
        clock=hours.clock, sleep=hours.sleep, now=hours.now,
    )  # fmt: skip


def get(replica: Replica, hours: Hours | None = None, **manners) -> Answer:
    return web_of(replica, hours, **manners).get("data/csv", {"ids": "1,2"}, expects="csv")


def test_an_answer_says_what_was_asked_and_when(replica):
    hours = Hours()
    answer = get(replica, hours)
    assert answer.text == TABLE
    assert answer.address == f"{replica.address}/data/csv?ids=1%2C2"
    assert answer.address == web_of(replica).url("/data/csv", {"ids": "1,2"})
    assert (answer.status, answer.content_type, answer.tries) == (200, "text/csv", 1)
    assert answer.time == "2026-11-21T09:30:00+00:00"
    asked = replica.asked[0]
    assert (asked.path, asked.query) == ("/data/csv", {"ids": "1,2"})
    assert asked.headers["user-agent"].startswith("lbbd-jsna/")


def test_a_base_address_may_have_a_path_and_a_slash(replica):
    web = Web(replica.address + "/api/", title="Fingertips", manners=Manners(**QUICK))
    web.get("area_types", expects="csv")
    web.get("", expects="csv")
    assert replica.paths == ["/api/area_types", "/api"]


def test_a_byte_order_mark_is_no_part_of_the_text(replica):
    replica.faults.append(csv("\ufeff" + TABLE))
    answer = get(replica)
    assert answer.body.startswith(b"\xef\xbb\xbf")
    assert answer.text == TABLE


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 408])
def test_trouble_that_passes_is_waited_out(replica, status):
    replica.faults.extend([Response(status=status, body=b"<h1>Oops</h1>")] * 2)
    hours = Hours()
    answer = get(replica, hours, pause=0.5, budget=60)
    assert (answer.text, answer.tries) == (TABLE, 3)
    first, second = (wait for wait in hours.slept if wait > 0.6)
    assert 1 <= first <= 1.5
    assert 2 <= second <= 2.5


def test_waits_have_jitter(replica):
    seen = set()
    for _ in range(5):
        replica.faults.append(Response(status=503))
        hours = Hours()
        get(replica, hours, pause=0.5, budget=60)
        seen.add(max(hours.slept))
    assert len(seen) == 5


def test_trouble_that_stays_ends_after_all_tries(replica):
    replica.faults = but(status=503, body=b"")
    with pytest.raises(Unreachable, match="after 3 tries .* status 503; fetch later"):
        get(replica, Hours())
    assert len(replica.asked) == 3


@pytest.mark.parametrize("said", ["7", "Sat, 21 Nov 2026 09:30:07 GMT"])
def test_retry_after_is_honoured(replica, said):
    replica.faults.append(Response(status=503, headers={"Retry-After": said}))
    hours = Hours()
    assert get(replica, hours, budget=60).tries == 2
    assert max(hours.slept) == pytest.approx(7, abs=0.1)


def test_a_retry_after_past_the_budget_ends_the_request_at_once(replica):
    replica.faults.append(Response(status=429, headers={"Retry-After": "3600"}))
    hours = Hours()
    with pytest.raises(Unreachable, match="after one try: .* 429; .* alone for 3600 seconds"):
        get(replica, hours, budget=60)
    assert hours.at - 1000 < 1


@pytest.mark.parametrize("said", ["soon", "-5", ""])
def test_a_retry_after_that_says_nothing_changes_nothing(replica, said):
    replica.faults.append(Response(status=503, headers={"Retry-After": said}))
    assert get(replica, Hours()).tries == 2


def test_requests_keep_their_distance(replica):
    hours = Hours()
    web = web_of(replica, hours, pause=0.5)
    for _ in range(3):
        web.get("x", expects="csv")
    assert hours.slept == [0.5, 0.5]


def test_a_service_that_does_not_answer_is_left_alone(replica):
    replica.faults = but(status=500)
    web = web_of(replica, Hours(), tries=2, give_up_after=2)
    for _ in range(2):
        with pytest.raises(Unreachable):
            web.get("x", expects="csv")
    with pytest.raises(Unreachable, match="did not answer 2 requests in a row"):
        web.get("x", expects="csv")
    assert len(replica.asked) == 4


def test_an_answer_between_two_silences_counts(replica):
    web = web_of(replica, Hours(), tries=1, give_up_after=2)
    bad = Response(status=500)
    replica.faults.extend([bad, Response(status=400), bad, None])
    for kind in (Unreachable, Refused, Unreachable):
        with pytest.raises(kind):
            web.get("x", expects="csv")
    assert web.get("x", expects="csv").text == TABLE


SLOW = {
    "silence before the answer": {"hang_seconds": 20},
    "a body that trickles": {"trickle": 0.1},
    "a body that trickles and never says how long it is": {"trickle": 0.1, "no_length": True},
    "a head that trickles": {"trickle_headers": 0.1},
}


@pytest.mark.parametrize("how", SLOW.values(), ids=SLOW)
def test_a_server_that_never_ends_is_not_waited_for(replica, how):
    replica.faults = but(body=TABLE.encode() * 50, **how)
    start = time.monotonic()
    with pytest.raises(Unreachable, match="it fell silent|did not end within"):
        get(replica, tries=2)
    assert time.monotonic() - start < 3


def test_the_budget_bounds_all_tries_together(replica):
    replica.faults = but(hang_seconds=20)
    start = time.monotonic()
    with pytest.raises(Unreachable):
        get(replica, tries=10, budget=1)
    assert time.monotonic() - start < 2


PAGES = {
    "plain": b"<!DOCTYPE html><html><body>Sign in</body></html>",
    "after a mark and blanks": b"\xef\xbb\xbf \r\n\t<html></html>",
    "an XML error": b'<?xml version="1.0"?><error/>',
}


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("content_type", ["text/html", "text/csv", "application/json", ""])
@pytest.mark.parametrize("expects", ["csv", "json"])
def test_a_web_page_is_refused_whatever_it_says_it_is(replica, body, content_type, expects):
    replica.faults = but(body=body, content_type=content_type)
    with pytest.raises(Refused, match=f"a web page, not {expects.upper()}.*council's IT"):
        web_of(replica).get("x", expects=expects)
    assert len(replica.asked) == 1


def test_a_redirect_to_a_login_page_is_refused_without_going_there(replica):
    with Replica(lambda _: csv(TABLE)) as elsewhere:
        login = f"{elsewhere.address}/login?t=secret"
        replica.faults = but(status=302, headers={"Location": login})
        with pytest.raises(Refused, match="sent on to .*which is not the service") as caught:
            get(replica)
        assert elsewhere.asked == []
    assert "secret" not in str(caught.value)


def test_a_redirect_on_the_service_itself_is_followed(replica):
    replica.faults.append(Response(status=301, headers={"Location": "/new/place?ids=1"}))
    assert get(replica).text == TABLE
    assert replica.paths == ["/data/csv", "/new/place"]


def test_a_redirect_on_the_service_to_a_web_page_is_refused(replica):
    replica.faults.extend([
        Response(status=302, headers={"Location": "/login"}),
        Response(body=b"<html>Log in</html>", content_type="text/html"),
    ])  # fmt: skip
    with pytest.raises(Refused, match="a web page"):
        get(replica)


def test_redirects_end(replica):
    replica.faults = but(status=302, headers={"Location": "/again"})
    with pytest.raises(Refused, match="more than 5 times"):
        get(replica)
    assert len(replica.asked) == 5


@pytest.mark.parametrize(
    ("at", "location", "leads"),
    [
        ("http://a.example/x", "https://a.example/x", "https://a.example/x"),
        ("https://a.example/x", "y?z=1", "https://a.example/y?z=1"),
        ("https://a.example/x", "http://a.example/x", None),
        ("https://a.example/x", "https://b.example/x", None),
        ("https://a.example/x", "//b.example/x", None),
        ("https://a.example/x", "https://a.example:8443/x", None),
        ("https://a.example/x", "https://a.example@b.example/x", None),
        ("https://a.example/x", "file:///etc/passwd", None),
    ],
)
def test_where_a_redirect_may_lead(at, location, leads):
    asked = Asked("Nomis", "x", "a.example")
    if leads:
        assert _next(at, location, asked) == leads
    else:
        with pytest.raises(Refused, match="not the service"):
            _next(at, location, asked)


def test_an_answer_cut_off_before_its_length_is_asked_for_again(replica):
    replica.faults.extend([but(cut_at=20), but(cut_at=0), None])
    answer = get(replica)
    assert (answer.text, answer.tries) == (TABLE, 3)


def test_an_answer_always_cut_off_is_no_answer(replica):
    replica.faults = but(cut_at=20)
    with pytest.raises(Unreachable, match="cut off"):
        get(replica)


def test_a_connection_that_breaks_without_a_word_is_tried_again(replica):
    replica.faults.extend([but(drop=True), None])
    assert get(replica).tries == 2


@pytest.mark.parametrize("body", [b"", b" \r\n\n"])
def test_an_empty_answer_is_refused(replica, body):
    replica.faults = but(body=body)
    with pytest.raises(Refused, match="an empty answer"):
        get(replica)


@pytest.mark.parametrize(
    "content_type",
    ["text/csv; charset=utf-8", "text/plain", "application/csv", "application/octet-stream",
     "application/vnd.ms-excel", "TEXT/CSV", ""],
)  # fmt: skip
def test_content_types_of_csv(replica, content_type):
    replica.faults = but(content_type=content_type)
    assert get(replica).text == TABLE


@pytest.mark.parametrize("content_type", ["application/pdf", "image/png", "application/json"])
def test_content_types_that_are_not_csv(replica, content_type):
    replica.faults = but(content_type=content_type)
    with pytest.raises(Refused, match=f'"{content_type}", not CSV'):
        get(replica)


@pytest.mark.parametrize(
    "content_type",
    ["application/json;charset=utf-8", "application/geo+json", "text/plain", "",
     "application/vnd.sdmx.structure+json"],
)  # fmt: skip
def test_content_types_of_json(replica, content_type):
    replica.faults = but(body=b'{"a": [1]}', content_type=content_type)
    assert web_of(replica).get("x", expects="json").json() == {"a": [1]}


def test_json_that_was_cut_off_is_refused(replica):
    replica.faults = but(body=b'{"features": [1, 2', content_type="application/json")
    answer = web_of(replica).get("x", expects="json")
    with pytest.raises(Refused, match="not JSON, or cut off"):
        answer.json()


def test_text_that_is_not_utf_8_is_refused(replica):
    replica.faults = but(body=b"Area\nCaf\xe9\n")
    with pytest.raises(Refused, match="byte 9 is not UTF-8"):
        _ = get(replica).text


def test_nothing_at_an_address_is_told_apart(replica):
    replica.faults = but(status=404, body=b"<html>Not found</html>")
    with pytest.raises(Missing, match="status 404"):
        get(replica)
    assert len(replica.asked) == 1


def test_a_request_not_understood_says_what_the_service_said(replica):
    replica.faults = but(status=400, body=b"Parameter 'ids'\r\nis \x1b[31mwrong")
    with pytest.raises(Refused, match=r"status 400 \(\"Parameter 'ids' is \[31mwrong\"\)"):
        get(replica)


@pytest.mark.parametrize("status", [401, 403, 407])
def test_being_turned_away_names_whom_to_ask(replica, status):
    replica.faults = but(status=status, body=b"no")
    with pytest.raises(Refused, match=rf"status {status} .*council's IT"):
        get(replica)


def test_gzip_is_unpacked_and_says_nothing_of_it(replica):
    replica.faults.extend([but(compress=True), but(body=gzip.compress(TABLE.encode()))])
    assert get(replica).text == TABLE
    assert get(replica).text == TABLE  # packed without a word about it


def test_gzip_in_two_parts_is_read_to_its_end(replica):
    whole = TABLE.encode()
    replica.faults = but(body=gzip.compress(whole[:20]) + gzip.compress(whole[20:]))
    assert get(replica).text == TABLE


def test_gzip_cut_off_without_a_length_is_asked_for_again(replica):
    replica.faults.extend([but(compress=True, cut_at=25, no_length=True), None])
    answer = get(replica)
    assert (answer.text, answer.tries) == (TABLE, 2)


def test_a_packing_nobody_asked_for_is_no_answer(replica):
    replica.faults = but(headers={"Content-Encoding": "br"})
    with pytest.raises(Unreachable, match="packed as br"):
        get(replica)


@pytest.mark.parametrize("how", [{}, {"no_length": True}, {"compress": True}])
def test_an_answer_over_the_limit_is_refused(replica, how):
    replica.faults = but(body=b"x" * 2001, **how)
    with pytest.raises(Refused, match="more than 2,000 bytes"):
        get(replica, most_bytes=2000)
    assert len(replica.asked) == 1
    replica.faults = but(body=b"x" * 2000, **how)
    assert len(get(replica, most_bytes=2000).body) == 2000


def test_the_limit_can_be_set_for_one_request(replica):
    with pytest.raises(Refused, match="more than 10 bytes"):
        web_of(replica).get("x", expects="csv", most_bytes=10)


GREEDY = """
import resource, sys
from lbbd_jsna.catalogue import Manners
from lbbd_jsna.fetching.web import Refused, Web

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
size = int(next(l for l in open("/proc/self/status") if l.startswith("VmSize")).split()[1])
resource.setrlimit(resource.RLIMIT_AS, (size * 1024 + 200_000_000,) * 2)
web = Web(sys.argv[1], title="Fingertips", manners=Manners(pause=0, tries=1, most_bytes=20_000_000))
for path in ("large", "bomb"):
    try:
        web.get(path, expects="csv")
    except Refused as error:
        print(path, "refused:", error.message)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_80_megabytes_and_a_gzip_bomb_stay_small_in_memory():
    bomb = gzip.compress(bytes(80_000_000), compresslevel=6)
    assert len(bomb) < 100_000
    packed = {"Content-Encoding": "gzip"}

    def route(request: Request) -> Response:
        if request.path == "/bomb":
            return Response(body=bomb, content_type="text/csv", headers=packed)
        return Response(body=(b"x" * 1_000_000 for _ in range(80)), content_type="text/csv")

    with Replica(route) as replica:
        done = subprocess.run(
            [sys.executable, "-c", GREEDY, replica.address],
            cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    large, exploding, megabytes = done.stdout.splitlines()
    assert large.startswith("large refused") and "more than 20,000,000 bytes" in large
    assert exploding.startswith("bomb refused") and "more than 20,000,000 bytes" in exploding
    assert int(megabytes) < 80


def test_no_network_is_said_in_words():
    for address, words in (
        ("http://127.0.0.1:9", "the connection was refused"),
        ("http://no-such-host.invalid", "its name is not known"),
    ):
        web = Web(address, title="Nomis", manners=Manners(**QUICK))
        with pytest.raises(Unreachable, match=f"Nomis .*{words}"):
            web.get("x", expects="csv")


# Certificates and proxies


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60
    )


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Path:
    """A council's own authority (ca.pem) and a certificate for this machine signed by it."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not there to make a certificate with")
    folder = tmp_path_factory.mktemp("authority")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n", encoding="utf-8")
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout",
            "ca.key", "-out", "ca.pem", "-subj", "/CN=Council root", "-addext",
            "keyUsage=critical,keyCertSign")  # fmt: skip
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out",
            "server.csr", "-subj", "/CN=127.0.0.1")  # fmt: skip
    openssl(folder, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", "names", "-out",
            "server.pem")  # fmt: skip
    return folder


@pytest.fixture
def secured(authority, monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.pem", authority / "server.key")
    with Replica(good, tls=context) as running:
        yield running


def test_a_certificate_nobody_vouches_for_is_refused_and_says_what_to_set(secured):
    with pytest.raises(Unreachable, match="not trusted .*REQUESTS_CA_BUNDLE") as caught:
        get(secured)
    assert "unable to get local issuer certificate" in str(caught.value)
    assert secured.asked == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_councils_own_bundle_is_honoured(secured, authority, monkeypatch, variable):
    monkeypatch.setenv(variable, str(authority / "ca.pem"))
    assert get(secured).text == TABLE


def test_a_root_certificate_of_the_operating_system_is_enough(secured, authority, monkeypatch):
    """Where OpenSSL looks by itself, as after the council has installed its root there."""
    store = authority / "store"
    store.mkdir()
    named = subprocess.run(
        ["openssl", "x509", "-hash", "-noout", "-in", "ca.pem"],
        cwd=authority, check=True, capture_output=True, text=True,
    )  # fmt: skip
    shutil.copy(authority / "ca.pem", store / f"{named.stdout.strip()}.0")
    monkeypatch.setenv("SSL_CERT_DIR", str(store))
    assert get(secured).text == TABLE


def test_the_bundle_named_is_the_only_one_believed(secured, authority, monkeypatch):
    """A bundle of another authority does not let this one in."""
    openssl(authority, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout",
            "other.key", "-out", "other.pem", "-subj", "/CN=Another root")  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority / "other.pem"))
    with pytest.raises(Unreachable, match="not trusted"):
        get(secured)


def test_a_certificate_for_another_host_is_refused(secured, authority, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority / "ca.pem"))
    address = secured.address.replace("127.0.0.1", "localhost")
    web = Web(address, title="Fingertips", manners=Manners(**QUICK))
    with pytest.raises(Unreachable, match=r"not trusted .*localhost"):
        web.get("x", expects="csv")


@pytest.mark.parametrize(("content", "found"), [(None, "is not there"), ("x", "no certificate")])
def test_a_bundle_that_is_none_is_named(replica, tmp_path, monkeypatch, content, found):
    bundle = tmp_path / "council.pem"
    if content:
        bundle.write_text(content, encoding="utf-8")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with pytest.raises(RunError, match=f"REQUESTS_CA_BUNDLE names .*council.pem, .*{found}"):
        web_of(replica)


def test_a_proxy_is_used_and_no_proxy_is_honoured(replica, monkeypatch):
    def proxy(request: Request) -> Response:
        return csv("Area\nfrom the proxy\n")

    with Replica(proxy) as between:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, between.address)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "")
        web = Web("http://fingertips.example", title="Fingertips", manners=Manners(**QUICK))
        assert web.get("data", {"ids": "1"}, expects="csv").text == "Area\nfrom the proxy\n"
        assert between.asked[0].headers["host"] == "fingertips.example"
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "127.0.0.1")
        assert get(replica).text == TABLE
        assert len(between.asked) == 1


def test_a_proxy_that_is_not_there_is_named(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    web = Web("http://fingertips.example", title="Fingertips", manners=Manners(**QUICK))
    with pytest.raises(Unreachable, match="the proxy named in HTTP_PROXY"):
        web.get("x", expects="csv")


def test_no_name_or_password_is_taken_from_a_netrc(replica, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    get(replica)
    assert "authorization" not in replica.asked[0].headers


def test_every_fetch_error_says_that_older_copies_stand_by_its_exit_code():
    assert {kind.exit_code for kind in (FetchError, Refused, Missing, Unreachable)} == {3}


def test_answers_can_be_told_as_json():
    answer = Answer("http://x/y", {}, 200, "application/json", b"\xef\xbb\xbf[1]", "", 1)
    assert answer.json() == json.loads("[1]")

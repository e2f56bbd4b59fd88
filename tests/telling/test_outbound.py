"""The client for all that goes out: whom it does not call, and how little of a bad answer it takes."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network
from pathlib import Path

import pytest

from commentsvc.notifications import outbound
from commentsvc.notifications.outbound import Forbidden, NotFound, Unreachable
from tests.page_host import Authority
from tests.telling.receiving import Receiver, receiving

ALLOWED = (ip_network("127.0.0.0/8"),)
SHORT = 0.3  # seconds, for what never ends

AddressInfo = list[tuple[object, ...]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as here:
        yield here


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What hosts resolve to, look-up by look-up; the last stays."""
    answers: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *more: object, **named: object) -> AddressInfo:
        if host not in answers:
            return real(host, port, *more, **named)  # type: ignore[arg-type,return-value]
        queue = answers[host]
        address = queue.pop(0) if len(queue) > 1 else queue[0]
        if address == "":
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return answers


def post(
    url: str, *, allowed: tuple[outbound.Network, ...] = ALLOWED, seconds: float = outbound.TOTAL_SECONDS
) -> outbound.Answer:
    return outbound.post(url, b"{}", {"Content-Type": "application/json"}, allowed, seconds=seconds)


def unreachable(
    url: str, *, allowed: tuple[outbound.Network, ...] = ALLOWED, seconds: float = outbound.TOTAL_SECONDS
) -> str:
    with pytest.raises(Unreachable) as refused:
        post(url, allowed=allowed, seconds=seconds)
    return refused.value.kind


NOT_PUBLIC = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
    "168.63.129.16", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1",
    "::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:10.0.0.1", "fe80::1", "fec0::1", "fd00::1", "ff02::1", "2002:7f00:1::1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001:db8::1", "2001::1",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_public_is_not_called(names: dict[str, list[str]], address: str) -> None:
    names["hooks.example"] = [address]
    with pytest.raises(Forbidden):
        outbound.check("https://hooks.example/", ())
    assert unreachable("https://hooks.example/", allowed=()) == "forbidden address"
    literal = f"[{address}]" if ":" in address else address
    with pytest.raises(Forbidden):
        outbound.check(f"http://{literal}/", ())


@pytest.mark.parametrize(
    "host",
    ["0x7f000001", "2130706433", "0177.0.0.1", "127.1", "0", "[::ffff:7f00:1]", "127.0.0.1#@public.example"],
)
def test_loopback_in_disguise_is_not_called(host: str) -> None:
    with pytest.raises(Forbidden):
        outbound.check(f"http://{host}/", ())
    assert unreachable(f"http://{host}/", allowed=()) == "forbidden address"


def test_it_connects_to_the_address_that_was_checked(receiver: Receiver, names: dict[str, list[str]]) -> None:
    """A name that leads to another address at the second look-up is looked up once."""
    names["hooks.example"] = ["127.0.0.1", "10.0.0.1"]
    assert post(receiver.url(host="hooks.example")).status == 204
    assert receiver.requests[0].headers["host"] == f"hooks.example:{receiver.port}"
    assert unreachable(receiver.url(host="hooks.example")) == "forbidden address"

    names["rebound.example"] = ["192.0.2.1", "127.0.0.1"]  # refused at once, and not looked up again
    assert unreachable(receiver.url(host="rebound.example"), allowed=()) == "forbidden address"
    assert names["rebound.example"] == ["127.0.0.1"]
    assert len(receiver.requests) == 1


def test_a_name_that_nobody_has_is_no_forbidden_one(names: dict[str, list[str]]) -> None:
    names["hooks.example"] = [""]
    with pytest.raises(NotFound):
        outbound.check("https://hooks.example/", ())
    assert unreachable("https://hooks.example/") == "host not found"


@pytest.mark.parametrize(
    "url",
    ["", "hooks.example", "ftp://hooks.example/", "file:///etc/passwd", "http://", "http://a b/", "http://[::1/",
     "http://ada:pw@hooks.example/", "http://hooks.example:0/", "http://hooks.example:70000/",
     "http://\ud800.example/", f"http://{'a' * 70}.example/", f"http://{'a.' * 200}example/"],
)  # fmt: skip
def test_what_is_no_address_is_said_so(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever its text is
        outbound.check(url, ())


def test_a_redirect_is_an_answer(receiver: Receiver) -> None:
    def to_itself(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(307)
        handler.send_header("Location", receiver.url())
        handler.end_headers()

    receiver.answer = to_itself
    answer = post(receiver.url())
    assert (answer.status, answer.ok, len(receiver.requests)) == (307, False, 1)


def test_proxies_and_passwords_of_the_environment_are_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        assert post(receiver.url()).status == 204
        assert (len(receiver.requests), proxy.requests) == (1, [])


def endless(handler: BaseHTTPRequestHandler) -> None:
    """1 GB."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(2**30))
    handler.end_headers()
    block = b"x" * 65536
    for _ in range(2**30 // len(block)):
        try:
            handler.wfile.write(block)
        except OSError:
            return
    raise AssertionError("all of it was read")


def test_of_a_huge_answer_the_beginning_is_read(receiver: Receiver) -> None:
    receiver.answer = endless
    answer = post(receiver.url())
    assert (answer.status, len(answer.body)) == (200, outbound.MOST_BYTES)


def trickling(handler: BaseHTTPRequestHandler, beginning: bytes) -> None:
    """A byte now and then: no single wait is long."""
    handler.wfile.write(beginning)
    with_end = time.monotonic() + 30
    while time.monotonic() < with_end:
        try:
            handler.wfile.write(b"X")
        except OSError:
            return
        time.sleep(0.05)


def test_an_answer_that_trickles_ends_in_time(receiver: Receiver) -> None:
    receiver.answer = lambda handler: trickling(handler, b"")
    assert unreachable(receiver.url(), seconds=SHORT) == "timeout"


def test_a_status_counts_however_the_rest_trickles(receiver: Receiver) -> None:
    for beginning in (b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\n\r\n"):
        receiver.answer = partial(trickling, beginning=beginning)
        assert (
            post(receiver.url(), seconds=1).status == 200
        )  # in which the beginning comes, however busy the machine is


def nonsense(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"<html>secret</html>\r\n\r\n")


def closes(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("answer", [nonsense, closes])
def test_what_is_no_answer_is_told_without_a_byte_of_it(
    receiver: Receiver, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    receiver.answer = answer
    assert unreachable(receiver.url()) == "connection failed"


def test_nobody_listens_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert unreachable(f"http://127.0.0.1:{port}/") == "connection failed"
    assert unreachable(f"https://127.0.0.1:{port}/") == "connection failed"


def test_what_is_no_tls_is_told_so(receiver: Receiver) -> None:
    assert unreachable(receiver.url().replace("http:", "https:")) == "TLS error"


def test_a_certificate_must_be_of_the_host_that_was_named(
    names: dict[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    names["hooks.example"] = names["other.example"] = ["127.0.0.1"]
    with receiving(authority.certify("hooks.example")) as receiver:
        assert unreachable(receiver.url(host="hooks.example")) == "TLS error"
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.trusted_file()))
        assert post(receiver.url(host="hooks.example")).status == 204
        assert unreachable(receiver.url(host="other.example")) == "TLS error"
        assert unreachable(receiver.url()) == "TLS error"


@pytest.mark.soak
def test_it_is_not_imported_before_something_is_sent() -> None:
    """It takes 12 MB of each process, and 0.1 s of each command."""
    code = "import sys, commentsvc.app; print({'requests', 'urllib3', 'apprise'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"

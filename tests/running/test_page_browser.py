"""The browser of `doctor --page` among servers that are out of order: it says why no answer came, and goes on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from commentsvc.diagnosis.browser import Browser, Unreachable, Why
from tests.page_host import Site, publishing


@contextmanager
def saying(answer: bytes) -> Iterator[int]:
    """A server that says the same to one who comes, and ends; give its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def say() -> None:
            client, _ = server.accept()
            with client:
                client.recv(65_536)
                client.sendall(answer)

        thread = threading.Thread(target=say)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", Why.BROKEN),
        (b"SSH-2.0-x\r\n", Why.BROKEN),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Why.BROKEN),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", Why.BROKEN),
        (b"HTTP/1.1 302 Found\r\nLocation: http://[\r\n\r\n", Why.NO_HOST),
        (b"HTTP/1.1 302 Found\r\nLocation: javascript:alert(1)\r\n\r\n", Why.NO_HOST),
    ],
)
def test_what_is_no_answer_is_told(answer: bytes, why: Why) -> None:
    with saying(answer) as port, pytest.raises(Unreachable) as told:
        Browser().open(f"http://127.0.0.1:{port}/")

    assert told.value.why is why


def test_tls_is_not_spoken_where_there_is_none() -> None:
    with saying(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port, pytest.raises(Unreachable) as told:
        Browser().open(f"https://127.0.0.1:{port}/")

    assert told.value.why is Why.NO_TLS


def test_redirects_in_a_circle_end() -> None:
    circle = Site("", {"Location": "/again"}, status=302)

    with (
        publishing({"127.0.0.1": circle}) as port,
        pytest.raises(Unreachable, match="more than 10 redirects"),
    ):
        Browser().open(f"http://127.0.0.1:{port}/")


def test_an_address_in_any_script_is_asked_as_browsers_do() -> None:
    with publishing({"xn--bcher-kva.example": Site("read")}) as port:
        browser = Browser(reached_at={("xn--bcher-kva.example", 80): ("127.0.0.1", port)})

        answer = browser.open("http://BÜCHER.example/über uns?thema=größe&x=%C3%A9")

    assert (answer.status, answer.body) == (200, b"read")

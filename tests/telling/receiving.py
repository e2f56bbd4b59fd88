"""Servers on loopback that take what the service sends, or do not."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec

ADDRESS = re.compile(rb"[\w.+-]+@[\w-]+\.example")  # of the people of the tests
LOOPBACK = "127.0.0.0/8,::1/128"


@dataclass
class Received:
    """A request that came: what it was about, and its headers in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@dataclass
class Receiver:
    """A server; `status` is what it answers, unless `answer` writes another."""

    port: int = 0
    scheme: str = "http"
    status: int = 204
    answer: Callable[[BaseHTTPRequestHandler], None] | None = None
    requests: list[Received] = field(default_factory=list)
    addresses: set[bytes] = field(default_factory=set)  # e-mail addresses in what it was sent: never any
    asked: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def types(self) -> list[str]:
        return [one.json["type"] for one in self.requests]

    def take(self) -> list[Received]:
        """What came since it was asked last."""
        taken, self.requests = self.requests, []
        return taken


@contextmanager
def receiving(certificate: Path | None = None) -> Iterator[Receiver]:
    """A server that listens until the block ends, by https if there is a *certificate*; it is told of no address."""
    receiver = Receiver(scheme="https" if certificate else "http")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.requests.append(Received(self.path, headers, body))
            receiver.addresses.update(ADDRESS.findall(body))
            receiver.asked.set()
            if receiver.answer is not None:
                receiver.answer(self)
                return
            self.send_response(receiver.status)
            self.end_headers()

        do_GET = do_POST

        def log_message(self, format: str, *words: object) -> None:
            """Tests say what they need to know."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert receiver.addresses == set()

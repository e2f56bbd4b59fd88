"""A browser without a screen: addresses, TLS, redirects and headers as one sends and takes them; nothing is run."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from email.message import Message
from enum import Enum
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote, urljoin, urlsplit

from commentsvc.origins import DEFAULT_PORTS, ascii_name

TIMEOUT_SECONDS = 10
MOST_BYTES = 4 * 2**20  # of an answer that is read; pages have some hundred thousand
MOST_REDIRECTS = 10
REDIRECTS = frozenset({301, 302, 303, 307, 308})
NOT_ESCAPED = "/%:@!$&'()*+,;=~?"

Address = tuple[str, int]


class Why(Enum):
    """Why no answer came."""

    NO_HOST = "its host is not found"
    REFUSED = "nothing listens there"
    TIMED_OUT = "it does not answer"
    CERTIFICATE = "browsers do not trust its certificate"
    NO_TLS = "it does not speak TLS"
    BROKEN = "what it answers is no HTTP"


class Unreachable(Exception):
    """No answer came from *url*; `said` is what the system or the other side said."""

    def __init__(self, url: str, why: Why, said: str) -> None:
        super().__init__(f"{url} cannot be read: {why.value} ({said}).")
        self.why = why


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and the address of this machine from which was asked."""

    url: str
    status: int
    headers: Message
    body: bytes
    own_address: str

    def header(self, name: str) -> str:
        """All values of that header, with commas between, as browsers read them; empty without one."""
        return ", ".join(self.headers.get_all(name, []))

    def content_type(self) -> str:
        """Without its parameters."""
        return self.headers.get_content_type() if "Content-Type" in self.headers else ""


def joined(base: str, target: str) -> str:
    """Where *target* leads from *base*; empty if that is no address."""
    try:
        return urljoin(base, target)
    except ValueError:
        return ""


class Browser:
    """Asks over the network.

    :param tls: whom it trusts; all that the system trusts, unless given.
    :param reached_at: where a host and port are really reached, where it is not what their name says.
    """

    def __init__(
        self, tls: ssl.SSLContext | None = None, reached_at: Mapping[Address, Address] | None = None
    ) -> None:
        self._tls = tls or ssl.create_default_context()
        self._reached_at = reached_at or {}

    def open(self, url: str) -> Answer:
        """Give the answer at the end of all redirects.

        :raises Unreachable: there is none.
        """
        for _ in range(MOST_REDIRECTS):
            answer = self.ask("GET", url)
            target = answer.header("Location")
            if answer.status not in REDIRECTS or not target:
                return answer
            url = joined(url, target)
        raise Unreachable(url, Why.BROKEN, f"more than {MOST_REDIRECTS} redirects")

    def ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Give the answer to one request.

        :raises Unreachable: there is none.
        """
        try:
            parts = urlsplit(url)
            host = ascii_name(parts.hostname or "")
            port = parts.port or DEFAULT_PORTS[parts.scheme]
        except (ValueError, KeyError):
            raise Unreachable(url, Why.NO_HOST, "this is no http or https address") from None
        target = quote(parts.path or "/", safe=NOT_ESCAPED)
        if parts.query:
            target += "?" + quote(parts.query, safe=NOT_ESCAPED)
        sent = {"Accept": "*/*", "User-Agent": "commentsvc doctor", **(headers or {})}
        try:
            with closing(self._connect(parts.scheme, host, port)) as connection:
                own_address = connection.sock.getsockname()[0]
                with suppress(BrokenPipeError, ConnectionResetError):  # it may have answered before the end
                    connection.request(method, target, body or None, sent)
                answer = connection.getresponse()
                return Answer(url, answer.status, answer.headers, answer.read(MOST_BYTES), own_address)
        except ssl.SSLCertVerificationError as why:
            raise Unreachable(url, Why.CERTIFICATE, why.verify_message) from None
        except ssl.SSLError as why:
            raise Unreachable(url, Why.NO_TLS, why.reason or str(why)) from None
        except socket.gaierror as why:
            raise Unreachable(url, Why.NO_HOST, why.strerror or str(why)) from None
        except TimeoutError:
            raise Unreachable(url, Why.TIMED_OUT, f"for {TIMEOUT_SECONDS} seconds") from None
        except HTTPException as why:
            raise Unreachable(url, Why.BROKEN, type(why).__name__) from None
        except OSError as why:
            raise Unreachable(url, Why.REFUSED, why.strerror or str(why)) from None

    def _connect(self, scheme: str, host: str, port: int) -> HTTPConnection:
        connection = HTTPConnection(host, port if port != DEFAULT_PORTS[scheme] else None)
        plain = socket.create_connection(self._reached_at.get((host, port), (host, port)), TIMEOUT_SECONDS)
        try:
            connection.sock = (
                self._tls.wrap_socket(plain, server_hostname=host) if scheme == "https" else plain
            )
        except BaseException:
            plain.close()
            raise
        return connection

"""The one HTTP client for all that goes out: to public addresses alone, and bounded in time and bytes.

A host is looked up once for each call, what was found is checked, and that address is connected to; so a second
look-up cannot lead elsewhere. A redirect is an answer like any other. Proxies and passwords of the environment are
not used.
"""

from __future__ import annotations

import logging
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Self, cast

import requests
from requests.adapters import HTTPAdapter
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress, get_ip_address
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from commentsvc.origins import DEFAULT_PORTS, LONGEST_HOST

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

USER_AGENT = "commentsvc"
CONNECT_SECONDS = 3
TOTAL_SECONDS = 10  # from the connection to the answer's last byte
MOST_BYTES = 64 * 1024  # of an answer
_CHUNK = 8 * 1024
# What `ipaddress` and requests-hardened take for public, and is not: the deprecated forms of IPv6 that hold an address
# of IPv4 or belong to a site, and the address under which a large cloud's machines reach its control plane.
_NOT_PUBLIC = tuple(map(ip_network, ("::/96", "::ffff:0:0:0/96", "fec0::/10", "168.63.129.16/32")))
# It warns of each address that it refuses, and knows nothing of those that the operator allows; `Forbidden` tells.
logging.getLogger("requests_hardened.ip_filter").setLevel(logging.ERROR)


class Unreachable(Exception):
    """There was no answer; `kind` says why in a word or two, without a byte from outside."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Forbidden(Unreachable):
    """The address is of no public network, and of none that the operator allows."""

    def __init__(self) -> None:
        super().__init__("forbidden address")


class NotFound(Unreachable):
    """There is no such host."""

    def __init__(self) -> None:
        super().__init__("host not found")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, of which the first `MOST_BYTES` are here."""

    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it took what was sent; a redirect is none."""
        return 200 <= self.status < 300


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    allowed: Sequence[Network],
    *,
    seconds: float = TOTAL_SECONDS,
) -> Answer:
    """Send *body* to *url*, which `check` knows.

    :param allowed: networks that may be called besides public ones.
    :raises Unreachable: no answer came in time.
    """
    with Guarded(allowed, seconds) as guarded:
        try:
            with guarded.session.post(url, data=body, headers=dict(headers)) as response:
                return read(response)
        except (OSError, HTTPError, ValueError) as error:  # those of `requests` are OSErrors
            raise Unreachable("timeout") if guarded.is_over else unreachable(error) from None


def check(url: str, allowed: Sequence[Network]) -> None:
    """Look the host of *url* up, and connect to nothing.

    :raises ValueError: it is no address of http or https, or has a name and password in it.
    :raises Forbidden: nobody would be called there.
    :raises NotFound: there is no such host (now).
    """
    host, port = _host_and_port(url)
    try:
        _look_up(host, port, allowed)
    except (OSError, requests.RequestException) as error:
        raise unreachable(error) from None


class Guarded:
    """Calls that end all together when their time is over. To be used as a context manager, by one thread.

    `session` is the guarded session of `requests`; its answers come as streams, and `read` reads one.
    """

    def __init__(self, allowed: Sequence[Network], seconds: float = TOTAL_SECONDS) -> None:
        self._watched = _Watched()
        self._timer = threading.Timer(seconds, self._watched.end)
        self._timer.daemon = True
        self.session = HTTPSession(
            Config(
                ip_filter_enable=False,  # its adapters are mounted below, with what the operator allows
                ip_filter_allow_loopback_ips=False,
                never_redirect=True,
                default_timeout=(CONNECT_SECONDS, seconds),
                user_agent_override=USER_AGENT,
            )
        )
        self.session.trust_env = False
        self.session.stream = True
        # What OpenSSL's variable names, as for mail; else the roots that `requests` brings.
        self.session.verify = ssl.get_default_verify_paths().cafile or True
        for scheme in DEFAULT_PORTS:
            self.session.mount(f"{scheme}://", _Adapter(scheme == "https", allowed, self._watched))

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._timer.cancel()
        self.session.close()
        self._watched.close()

    @property
    def is_over(self) -> bool:
        """Whether the time is over."""
        return self._watched.is_over


def read(response: requests.Response) -> Answer:
    """Read the beginning of an answer, and leave the rest; its status is known, however it ends."""
    body = bytearray()
    with suppress(HTTPError, OSError):
        # As it came: what unpacks to a large answer is not unpacked.
        while len(body) < MOST_BYTES and (chunk := response.raw.read(_CHUNK, decode_content=False)):
            body += chunk
    return Answer(response.status_code, bytes(body[:MOST_BYTES]))


def unreachable(error: Exception) -> Unreachable:
    """What went wrong, in our words: the library's hold addresses, and what servers said."""
    match error:
        case InvalidIPAddress():
            return Forbidden()
        case socket.gaierror() | UnicodeError():
            return NotFound()
        case requests.exceptions.SSLError():
            return Unreachable("TLS error")
        case requests.exceptions.ConnectTimeout():
            return Unreachable("connect timeout")
        case requests.exceptions.Timeout():
            return Unreachable("timeout")
        case requests.ConnectionError() if isinstance(error.__cause__, socket.gaierror):
            return NotFound()
        case requests.exceptions.InvalidURL() | ValueError():
            return Unreachable("invalid address")
        case _:
            return Unreachable("connection failed")


def _host_and_port(url: str) -> tuple[str, int]:
    """The host of *url* as it is looked up, and the port.

    :raises ValueError: it is no address of http or https, or has a name and password in it.
    """
    parts = parse_url(url)  # as `requests` does; its error is a ValueError too
    if parts.scheme not in DEFAULT_PORTS or not parts.host or parts.auth is not None or parts.port == 0:
        raise ValueError("an http or https address without a name and password")
    if len(parts.host) > LONGEST_HOST:
        raise ValueError("a host that can be looked up")
    return parts.host.strip("[]"), parts.port or DEFAULT_PORTS[parts.scheme]


def _look_up(host: str, port: int, allowed: Sequence[Network]) -> Address:
    """The address of *host*, if it may be called.

    :raises InvalidIPAddress: it may not.
    :raises socket.gaierror, UnicodeError: there is no such host.
    """
    try:
        address, _ = get_ip_address(host, port, allow_loopback=False)
    except InvalidIPAddress as refused:
        return _allowed(refused.args[0], allowed)
    return address if _is_public(address) else _allowed(address, allowed)


def _is_public(address: Address) -> bool:
    return address.is_global and not any(address in network for network in _NOT_PUBLIC)


def _allowed(address: Address, allowed: Sequence[Network]) -> Address:
    if any(address in network for network in allowed):
        return address
    raise InvalidIPAddress(address)


class _Watched:
    """The sockets of some calls, so that they can be ended whatever is waited for there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self.is_over = False

    def add(self, connected: socket.socket) -> None:
        """Watch a copy: the handshake of TLS takes the descriptor away from its socket."""
        with self._lock:
            self._sockets.append(connected.dup())
        if self.is_over:
            self.end()

    def end(self) -> None:
        """End all connections; who reads from one reads its end."""
        self.is_over = True
        with self._lock:
            for one in self._sockets:
                with suppress(OSError):  # the other side has ended it
                    one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the copies back."""
        with self._lock:
            for one in self._sockets:
                one.close()
            self._sockets.clear()


class _Connection(HTTPConnection):
    """A connection that is watched."""

    def __init__(self, *arguments: Any, watched: _Watched, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._watched = watched

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        self._watched.add(connected)
        return connected


class _TlsConnection(_Connection, HTTPSConnection):
    """The same under TLS."""


class _Adapter(IPFilterAdapter):  # type: ignore[misc]  # it has no types
    """The guard: connects to the address that was checked, with the host's name in `Host` and in TLS.

    `requests-hardened` looks up and refuses; what the operator allows is let through here, and what it misses is refused.
    """

    def __init__(self, is_https: bool, allowed: Sequence[Network], watched: _Watched) -> None:
        super().__init__(is_https_proto=is_https)
        self._connection = partial(_TlsConnection if is_https else _Connection, watched=watched)
        self._allowed = allowed

    def get_connection_with_tls_context(self, *arguments: Any, **named: Any) -> HTTPConnectionPool:
        """As ever, with connections that are watched."""
        pool: HTTPConnectionPool = super().get_connection_with_tls_context(*arguments, **named)
        pool.ConnectionCls = cast("type[HTTPConnection]", self._connection)
        return pool

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Where to connect to, and what name the certificate must have.

        :raises InvalidIPAddress: it may not be called.
        """
        try:
            host, tls = super().build_connection_pool_key_attributes(request, verify, cert)
        except InvalidIPAddress as refused:
            address = _allowed(refused.args[0], self._allowed)
            host, tls = map(
                dict, HTTPAdapter.build_connection_pool_key_attributes(self, request, verify, cert)
            )
            if self._is_https_proto:
                tls |= {"assert_hostname": host["host"], "server_hostname": host["host"]}
            return host | {"host": address.compressed}, tls
        address = ip_address(host["host"].strip("[]"))
        if not _is_public(address):
            _allowed(address, self._allowed)
        return host, tls

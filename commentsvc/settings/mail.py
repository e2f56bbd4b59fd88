"""How the settings of mail are read: the server that takes our mail, and the addresses from which it comes.

A reader raises ValueError with a text that goes on after “expected”; that text holds no part of a password.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from urllib.parse import unquote

from commentsvc.settings.hosts import is_loopback
from commentsvc.unicode_text import ascii_host, is_line

SMTP = "smtp://USER:PASSWORD@HOST:PORT or smtps://…"
QUOTING = "write signs such as @ : / # ? % in a user or password as %40 %3A %2F %23 %3F %25"
SUBMISSION_PORT, RELAY_PORT, IMPLICIT_PORT = 587, 25, 465  # RFC 6409, 5321, 8314
LONGEST_LOCAL = 64  # RFC 5321 §4.5.3.1.1
LONGEST_EMAIL = 254
TOKEN_LENGTH = 26  # characters of an outbox message's public id
LONGEST_BOUNCES_LOCAL = LONGEST_LOCAL - TOKEN_LENGTH - 1

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_USERINFO = re.compile(r"(?:[^\s/?#@\[\]%]|%[0-9A-Fa-f]{2})*")


class Encryption(StrEnum):
    """How the way to the mail server is kept secret."""

    IMPLICIT = "implicit"  # TLS from the first byte: smtps://
    STARTTLS = "starttls"  # required before anything is sent
    LOOPBACK = "loopback"  # not needed on this machine
    NEVER = "never"  # the operator said so


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """What `SMTP_URL` names. It is never printed with its password."""

    host: str
    port: int
    encryption: Encryption
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        scheme = "smtps" if self.encryption is Encryption.IMPLICIT else "smtp"
        return f"{scheme}://{host}:{self.port}"


def read_smtp_url(raw: str) -> SmtpServer:
    """Give the server that *raw* names: `urlsplit` takes the `#` of a password for the end, and quotes it in errors."""
    scheme, there, rest = raw.partition("://")
    scheme = scheme.lower()
    if not there or scheme not in {"smtp", "smtps"}:
        raise ValueError(SMTP)
    userinfo, at, place = rest.rpartition("@")
    if not _USERINFO.fullmatch(userinfo) or (not at and "%" in place):
        raise ValueError(f"{SMTP} ({QUOTING})")
    place, _, query = place.partition("?")
    if query not in {"", "starttls=never"} or (query and scheme == "smtps"):
        raise ValueError(f"{SMTP}; nothing follows it but “?starttls=never” of smtp://")
    host, port = _host_and_port(place.removesuffix("/"))
    user, password = _user_and_password(userinfo) if at else (None, None)
    if scheme == "smtps":
        return SmtpServer(host, port or IMPLICIT_PORT, Encryption.IMPLICIT, user, password)
    if query:
        encryption = Encryption.NEVER
    else:
        encryption = Encryption.LOOPBACK if is_loopback(host) else Encryption.STARTTLS
    usual_port = RELAY_PORT if is_loopback(host) else SUBMISSION_PORT
    return SmtpServer(host, port or usual_port, encryption, user, password)


def _user_and_password(userinfo: str) -> tuple[str, str]:
    try:
        user, password = (unquote(part, errors="strict") for part in userinfo.split(":", 1))
    except ValueError:  # one part alone, or bytes that are no UTF-8
        raise ValueError(f"{SMTP} (a user and a password, with “:” between them; {QUOTING})") from None
    if not user or not password or not is_line(user + password):
        raise ValueError(f"{SMTP} (a user and a password, without control characters)")
    return user, password


def _host_and_port(place: str) -> tuple[str, int | None]:
    """Read `HOST`, `HOST:PORT`, `[IPV6]` or `[IPV6]:PORT`."""
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\s\[\]:/?#@]+)(?::([0-9]{1,5}))?", place)
    if found is None:
        raise ValueError(f"{SMTP} (a host, and a port that is a number)")
    host, port = found[1], found[2]
    if port is not None and not 1 <= int(port) <= 65_535:
        raise ValueError(f"{SMTP} (a port from 1 to 65535)")
    return _host(host), None if port is None else int(port)


def _host(raw: str) -> str:
    """Give a host's name in ASCII, or an IP address without brackets."""
    if raw.startswith("["):
        try:
            return str(IPv6Address(raw[1:-1]))
        except ValueError:
            raise ValueError(f"{SMTP} (an IPv6 address between brackets)") from None
    host = ascii_host(raw)
    if not _HOST.fullmatch(host):
        raise ValueError(f"{SMTP} (the name of a host)")
    return host


def read_mail_address(raw: str) -> str:
    """Give a bare e-mail address whose part before the `@` is ASCII, with its domain in ASCII (A-labels)."""
    local, at, domain = raw.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local) > LONGEST_LOCAL:
        raise ValueError("a bare address such as comments@blog.example, without a name and brackets")
    domain = ascii_host(domain)
    if not _HOST.fullmatch(domain) or len(local) + 1 + len(domain) > LONGEST_EMAIL:
        raise ValueError("a bare address such as comments@blog.example, with a domain after its @")
    return f"{local}@{domain}"


def read_bounce_address(raw: str) -> str:
    """Give the address that bounces go to; a token is put before its `@`."""
    address = read_mail_address(raw)
    if len(address.rpartition("@")[0]) > LONGEST_BOUNCES_LOCAL:
        raise ValueError(
            f"an address such as bounces@blog.example, with at most {LONGEST_BOUNCES_LOCAL} characters before its @: "
            "“+” and a token are added there"
        )
    return address


def read_helo(raw: str) -> str:
    """Give the name with which we greet: a host's, or an IP address, which is written between brackets."""
    try:
        address = ip_address(raw.strip("[]").removeprefix("IPv6:"))
    except ValueError:
        name = ascii_host(raw)
        if not _HOST.fullmatch(name):
            raise ValueError("the name of this host, such as comments.example, or its IP address") from None
        return name
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"

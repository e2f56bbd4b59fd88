"""Origins (RFC 6454) in the one spelling in which browsers send them."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, urlsplit

import idna

WANTED = "an origin such as https://news.example"
DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST = 1000  # characters of what is looked at: a host's name has 253, and before it is mapped perhaps more
LONGEST_HOST = 253  # characters: RFC 1035 §2.3.4, less the length bytes
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_BETWEEN = re.compile(r"[\s,\\\x00-\x1f\x7f]")


def read_origin(raw: str) -> str:
    """Give *raw* as an origin in its one spelling: lower case, ASCII (UTS #46), no default port, no path.

    :raises ValueError: it is none; the text says what it may be, and what is wrong.
    """
    raw = raw.strip()
    if "*" in raw:
        raise _wrong("a wildcard would let pages of strangers post; name each origin by itself")
    if raw == "null":
        raise _wrong("“null” is what any sandboxed frame sends; allow-same-origin gives the frame its page's")
    if not raw:
        raise _wrong("this is empty")
    if len(raw) > LONGEST or _BETWEEN.search(raw):
        raise _wrong("one at a time, without spaces, commas and backslashes")
    try:
        parts = urlsplit(raw)
    except ValueError:
        raise _wrong("the host is no name and no IP address") from None
    _check_parts(parts)
    return origin_of(parts.scheme, parts.hostname or "", _port(parts))


def _check_parts(parts: SplitResult) -> None:
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise _wrong("scheme, host and port; it begins with https:// or http://")
    if parts.username is not None:
        raise _wrong("without a user's name")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise _wrong("scheme, host and port, without a path")


def _port(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise _wrong("a port is a number from 1 to 65535")
    return port


def origin_of(scheme: str, host: str, port: int | None) -> str:
    """Put an origin together; an IPv6 address gets its brackets, a default port is left out.

    :raises ValueError: no browser would reach that host.
    """
    name = ascii_name(host)
    shown = f"[{name}]" if ":" in name else name
    return f"{scheme}://{shown}" if port in {None, DEFAULT_PORTS[scheme]} else f"{scheme}://{shown}:{port}"


@lru_cache(maxsize=256)
def ascii_name(host: str) -> str:
    """Give *host* as browsers write it in an origin (WHATWG URL §3.5); one dot at its end is left out.

    :raises ValueError: it is no name and no IP address.
    """
    if ":" in host:
        return _ipv6(host)
    try:
        name = idna.uts46_remap(host, std3_rules=False, transitional=False).removesuffix(".")
        labels = [_ascii_label(label) for label in name.split(".")]
    except (idna.IDNAError, UnicodeError):
        raise _wrong("the host holds a character that no host's name has") from None
    if labels[-1].isdecimal():
        return _ipv4(name)
    if len(".".join(labels)) > LONGEST_HOST or not all(map(_LABEL.fullmatch, labels)):
        raise _wrong("the host's name has parts of 1 to 63 letters, digits and hyphens, joined by dots")
    return ".".join(labels)


def _ascii_label(label: str) -> str:
    # Browsers take names that IDNA 2008 does not, such as emoji, so the characters are not checked.
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")


def _ipv4(host: str) -> str:
    try:
        return str(IPv4Address(host))
    except ValueError:
        raise _wrong("an IPv4 address is four numbers from 0 to 255, joined by dots") from None


def _ipv6(host: str) -> str:
    try:
        address = IPv6Address(host)
    except ValueError:
        raise _wrong("the brackets hold no IPv6 address") from None
    if address.scope_id is not None:
        raise _wrong("an IPv6 address without a zone")
    return address.compressed


def _wrong(why: str) -> ValueError:
    return ValueError(f"{WANTED} ({why})")

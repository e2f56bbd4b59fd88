"""How the values of settings are read: each function gives what the text means, or says what it may be.

A reader raises ValueError with a text that goes on after “expected”.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

from limits import parse_many

from commentsvc.model import ModerationMode
from commentsvc.origins import DEFAULT_PORTS, origin_of, read_origin
from commentsvc.unicode_text import is_line, trimmed

MOST_HITS = 10**9
LONGEST_WINDOW = 10 * 366 * 86_400  # seconds
_NOT_IN_URL = re.compile(r"[\s<>\"'\\^`{|}]")
SHORTEST_TOKEN = 16  # characters
SHORTEST_SECRET = 32  # characters: 128 bits even if it was written in hexadecimal


def read_file(raw: str) -> Path:
    try:
        return Path(raw).expanduser().absolute()
    except (RuntimeError, FileNotFoundError):
        raise ValueError("the absolute path of a file") from None


def read_host(raw: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,255}", raw):
        raise ValueError("a host name or an IP address of this machine")
    return raw


def read_token(raw: str) -> str:
    if len(raw) < SHORTEST_TOKEN or not re.fullmatch(r"[!-~]+", raw):
        raise ValueError(
            f"at least {SHORTEST_TOKEN} characters, drawn at random, of ASCII and without blanks"
        )
    return raw


def read_folder(raw: str) -> Path:
    if raw[0] in "\"'" and raw[0] == raw[-1]:
        raise ValueError("the path of a folder, without quotes around it")
    try:
        folder = Path(raw).expanduser()
        home = Path(raw.partition("/")[0]).expanduser()
    except RuntimeError:  # “~name”, and there is no such user
        raise ValueError("the path of a folder; there is no such home") from None
    if raw.startswith("~") and not home.is_dir():
        raise ValueError(f"the path of a folder; the home {home} is not there")
    try:
        return folder.absolute()
    except FileNotFoundError:
        raise ValueError(
            "the absolute path of a folder, as the directory in which this runs is not there any more"
        ) from None


def read_bool(raw: str) -> bool:
    if raw not in {"true", "false"}:
        raise ValueError("true or false")
    return raw == "true"


def number(least: int, most: int) -> Callable[[str], int]:
    def read(raw: str) -> int:
        try:
            number = int(raw)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return number

    return read


def read_mode(raw: str) -> ModerationMode:
    try:
        return ModerationMode(raw)
    except ValueError:
        raise ValueError("one of " + ", ".join(ModerationMode)) from None


def one_of(*words: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if raw not in words:
            raise ValueError("one of " + ", ".join(words))
        return raw

    return read


def read_limits(raw: str) -> str:
    try:
        usable = all(
            0 < limit.amount <= MOST_HITS and 0 < limit.get_expiry() <= LONGEST_WINDOW
            for limit in parse_many(raw)
        )
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("limits such as “5 per minute; 40 per hour”")
    return raw


def _parts(raw: str) -> list[str]:
    """The parts of a comma list, each without blanks and line ends around it."""
    return [trimmed(part) for part in raw.split(",")]


def read_secret(raw: str) -> str:
    secrets = _parts(raw)
    if any(len(secret) < SHORTEST_SECRET or not is_line(secret) for secret in secrets):
        raise ValueError(
            f"at least {SHORTEST_SECRET} characters in UTF-8, drawn at random, and no control character"
        )
    return ",".join(secrets)


def read_base_url(raw: str) -> str:
    expected = "an http or https address without “?” and “#”, such as https://comments.example"
    if "?" in raw or "#" in raw:
        raise ValueError(expected)
    if fault := _web_fault(raw):
        raise ValueError(f"{expected} ({fault})")
    parts = urlsplit(raw)
    try:
        origin = origin_of(parts.scheme, parts.hostname or "", parts.port)
    except ValueError:  # no browser would reach that host
        raise ValueError(expected) from None
    return origin + parts.path.rstrip("/")


def read_privacy_page(raw: str) -> str:
    """Give *raw* without what stands around it, if it is the address of a page.

    :raises ValueError: it is none; the text says what it may be.
    """
    raw = trimmed(raw)
    if fault := _web_fault(raw):
        raise ValueError(f"an http or https address, such as https://news.example/privacy ({fault})")
    return raw


def _web_fault(raw: str) -> str | None:
    """Say why *raw* is no http or https address that can be published; None if it is one."""
    if not is_line(raw) or re.search(r"\s", raw):
        return "without blanks and control characters"
    if "\\" in raw:
        return "without backslashes"
    if _NOT_IN_URL.search(raw):
        return "without quotes, brackets and other signs that no address has"
    try:
        parts = urlsplit(raw)
        has_host = parts.scheme in DEFAULT_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets or a port that are none
        has_host = False
    if not has_host:
        return "it begins with https:// or http:// and a host"
    if "@" in parts.netloc:
        return "without a user's name and password, which all would read"
    segments = unquote(parts.path).rstrip("/").split("/")[1:]
    if {"", ".", ".."} & set(segments):
        return "without “.”, “..” and “//” in its path"
    return None


def read_origins(raw: str) -> tuple[str, ...]:
    return tuple(read_origin(part) for part in _parts(raw) if part)


_ADDRESS_KEY = r"\+?[\w-]{1,16}:[A-Za-z0-9_-]{43}=?"  # a `+`: it waits


def read_address_keys(raw: str) -> str:
    keys = ",".join(_parts(raw))
    if not re.fullmatch(rf"{_ADDRESS_KEY}(,{_ADDRESS_KEY})*", keys):
        raise ValueError("a comma list of NAME:KEY, each key 32 bytes in URL-safe Base64; the first seals")
    return keys


def read_security_txt(raw: str) -> str:
    """The text of a `security.txt`, or the absolute path of a file that holds it.

    `\\n` in the text ends a line: an environment file has one line for each setting. Expires and Contact must be
    there (RFC 9116 §2.5.3, §2.5.5).
    """
    text = raw.replace("\\n", "\n")
    if raw.startswith("/"):
        try:
            text = Path(raw).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as why:
            raise ValueError(f"a text, or the path of a file in UTF-8 that can be read ({why})") from None
    fields_there = {line.partition(":")[0].strip().lower() for line in text.splitlines() if ":" in line}
    if not {"contact", "expires"} <= fields_there:
        raise ValueError(
            "a security.txt with the lines “Contact: mailto:…” and “Expires: 2027-12-31T00:00:00Z” (RFC 9116)"
        )
    return text.rstrip() + "\n"


def read_networks(raw: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks or single addresses, separated by commas or blanks."""
    try:
        return tuple(ip_network(part, strict=False) for part in re.split(r"[\s,]+", raw) if part)
    except ValueError:
        raise ValueError("networks, such as 10.0.0.0/8 or fd00::/8, separated by commas") from None


def read_hub(raw: str) -> str:
    """Give *raw*, the address of a WebSub hub.

    :raises ValueError: it is none; the text says what it may be.
    """
    if fault := _web_fault(raw):
        raise ValueError(f"an http or https address, such as https://hub.example/ ({fault})")
    return raw


# Of Apprise's, those that call by HTTP alone: what else it can do, as to write into the system's log, has no guard.
CHATS = (
    "discord", "form", "forms", "gchat", "gotify", "gotifys", "json", "jsons", "matrix", "matrixs", "mmost", "mmosts",
    "nctalk", "nctalks", "ntfy", "ntfys", "pover", "rocket", "rockets", "signal", "signals", "slack", "tgram",
    "workflow", "workflows", "wxteams", "xml", "xmls", "zulip",
)  # fmt: skip


def read_notify_urls(raw: str) -> tuple[str, ...]:
    """Addresses of chats as Apprise writes them, separated by blanks; each holds passwords, so none is repeated."""
    urls = tuple(raw.split())
    for url in urls:
        scheme, found, rest = url.partition("://")
        if not found or not rest or scheme.lower() not in CHATS:
            raise ValueError(
                f"addresses of chats, separated by blanks, that begin with one of {', '.join(CHATS)}"
            )
    return urls


def shown(text: str) -> str:
    """Give *text* as it can be printed in one line: what breaks or controls a line is escaped."""
    return text if is_line(text) else repr(text)[1:-1]

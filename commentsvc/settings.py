"""The operator's settings: read from the environment once, checked, and frozen.

Each field of `Settings` is one variable, named `COMMENTSVC_` and the field in capitals;
its metadata says what it means, and `commentsvc config` prints it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from limits import parse_many

from commentsvc.errors import BadSetting
from commentsvc.model import Mode

PREFIX = "COMMENTSVC_"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
REDIS_SCHEMES = frozenset({"redis", "rediss", "redis+unix", "redis+sentinel", "redis+cluster"})
SHORTEST_SECRET = 32  # characters: 128 bits even if it was written in hexadecimal


def _text(raw: str) -> str:
    return raw


def _folder(raw: str) -> Path:
    return Path(raw).expanduser().absolute()


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(raw: str) -> int:
        try:
            number = int(raw)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return number

    return read


def _mode(raw: str) -> Mode:
    try:
        return Mode(raw)
    except ValueError:
        raise ValueError("one of " + ", ".join(Mode)) from None


def _limits(raw: str) -> str:
    try:
        usable = all(limit.amount > 0 for limit in parse_many(raw))
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("limits such as “5 per minute; 40 per hour”")
    return raw


def _redis(raw: str) -> str:
    if urlsplit(raw).scheme not in REDIS_SCHEMES:
        raise ValueError("the address of a Redis, such as redis://cache.example:6379/0")
    return raw


def _secret(raw: str) -> str:
    if len(raw) < SHORTEST_SECRET:
        raise ValueError(f"at least {SHORTEST_SECRET} characters, drawn at random")
    return raw


def _web_address(raw: str) -> str:
    if not _is_web_address(raw) or "?" in raw or "#" in raw:
        raise ValueError("an http or https address without “?” and “#”, such as https://comments.example")
    return raw.rstrip("/")


def read_privacy_page(raw: str) -> str:
    """Give *raw* if it is the address of a page.

    :raises ValueError: it is none; the text says what it may be.
    """
    if not _is_web_address(raw):
        raise ValueError("an http or https address, such as https://news.example/privacy")
    return raw


def _is_web_address(raw: str) -> bool:
    try:
        parts = urlsplit(raw)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets or a port that are none
        return False


def read_origin(raw: str) -> str:
    """Give *raw* as an origin in its one spelling (RFC 6454): lower case, no default port, no path.

    :raises ValueError: it is none; the text says what it may be.
    """
    wanted = "an origin such as https://news.example (scheme, host and port, without a path)"
    try:
        parts = urlsplit(raw.strip())
        port = parts.port
    except ValueError:
        raise ValueError(wanted) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
        raise ValueError(wanted)
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError(wanted)
    return origin_of(parts.scheme, parts.hostname, port)


def origin_of(scheme: str, host: str, port: int | None) -> str:
    """Put an origin together; an IPv6 address gets its brackets, a default port is left out."""
    name = f"[{host}]" if ":" in host else host.lower()
    default = {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{name}" if port in {None, default} else f"{scheme}://{name}:{port}"


def _origins(raw: str) -> tuple[str, ...]:
    return tuple(read_origin(part) for part in raw.split(",") if part.strip())


def _address_keys(raw: str) -> str:
    if not re.fullmatch(r"[\w-]{1,16}:[A-Za-z0-9_-]{43}=?(,[\w-]{1,16}:[A-Za-z0-9_-]{43}=?)*", raw):
        raise ValueError("a comma list of NAME:KEY, each key 32 bytes in URL-safe Base64; the first seals")
    return raw


def _setting(read: Callable[[str], Any], means: str, *, default: Any = None, secret: bool = False) -> Any:
    return field(default=default, metadata={"read": read, "means": means, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, typed and valid. Times are in seconds, sizes in characters unless said."""

    data_dir: Path = _setting(_folder, "folder of the database and the keys", default=Path("data").absolute())
    database_url: str | None = _setting(
        _text, "SQLAlchemy URL of the database; SQLite in DATA_DIR if unset", secret=True
    )
    redis_url: str | None = _setting(_redis, "Redis that many nodes share for rate limits", secret=True)
    secret_key: str | None = _setting(
        _secret, "signs tokens and keys; made at first start and kept in DATA_DIR if unset", secret=True
    )
    address_keys: str | None = _setting(
        _address_keys,
        "NAME:KEY, …: seal e-mail addresses; made at first start and kept in DATA_DIR if unset",
        secret=True,
    )
    base_url: str = _setting(
        _web_address,
        "the address under which readers reach this service; may have a path",
        default="http://127.0.0.1:5000",
    )
    trusted_proxies: int = _setting(
        _number(0, 10), "how many proxies stand in front and set X-Forwarded-For", default=0
    )
    moderation: Mode = _setting(
        _mode,
        "who waits for a moderator: none, first (until one comment of the same author was approved), all",
        default=Mode.FIRST,
    )
    edit_window: int = _setting(
        _number(0, 86_400), "seconds in which a guest may edit or delete a comment", default=900
    )
    form_min_seconds: int = _setting(
        _number(0, 60), "a form sent sooner than this many seconds is taken for a machine's", default=2
    )
    rate_limit_post: str = _setting(
        _limits, "comments a client may make", default="5 per minute; 40 per hour; 200 per day"
    )
    rate_limit_read: str = _setting(
        _limits, "forms, previews, moderation and rendered reads of a client", default="600 per minute"
    )
    rate_limit_sign_in: str = _setting(
        _limits, "attempts to sign in, per client and per account", default="10 per minute"
    )
    session_idle: int = _setting(
        _number(1, 31_536_000), "seconds without use after which a moderator is signed out", default=12 * 3600
    )
    session_lifetime: int = _setting(
        _number(1, 31_536_000),
        "seconds after which a moderator signs in again in any case",
        default=7 * 86_400,
    )
    max_text: int = _setting(_number(100, 100_000), "characters a comment may have", default=10_000)
    max_depth: int = _setting(_number(1, 20), "levels of replies, for comments posted from now on", default=6)
    origins: tuple[str, ...] = _setting(
        _origins, "comma list of origins whose pages may post to the default site", default=()
    )
    privacy_url: str | None = _setting(read_privacy_page, "the privacy page that the form links to")

    cache_bytes: int = _setting(
        _number(0, 2**40),
        "bytes in which each process keeps answers that it rendered; 0 renders each anew",
        default=64 * 2**20,
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings from *environ*; an empty value counts as unset.

        :raises BadSetting: one is wrong, or nothing of ours has that name.
        """
        names = {PREFIX + setting.name.upper(): setting for setting in fields(cls)}
        values: dict[str, Any] = {}
        for name, raw in environ.items():
            if not name.startswith(PREFIX) or not raw:
                continue
            if name not in names:
                raise BadSetting(f"{name} is no setting; “commentsvc config” lists them all.")
            setting = names[name]
            try:
                values[setting.name] = setting.metadata["read"](raw)
            except ValueError as wrong:
                was = "what it is" if setting.metadata["secret"] else f"“{raw}”"
                raise BadSetting(f"{name} cannot be {was}: it must be {wrong}.") from None
        return cls(**values)

    def own_origins(self) -> tuple[str, ...]:
        """The service's own origins; on loopback all three names of it are the same service."""
        return _own_origins(self.base_url)

    def base_origin(self) -> str:
        """The origin of `base_url`."""
        parts = urlsplit(self.base_url)
        return origin_of(parts.scheme, parts.hostname or "", parts.port)

    def base_path(self) -> str:
        """The path of `base_url`, without a slash at its end; empty at the root of a host."""
        return urlsplit(self.base_url).path.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether *host* (a name or an address) is this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@lru_cache(maxsize=8)  # every request asks
def _own_origins(base_url: str) -> tuple[str, ...]:
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    names = sorted(LOOPBACK_NAMES) if is_loopback(host) else [host]
    return tuple(origin_of(parts.scheme, name, parts.port) for name in names)

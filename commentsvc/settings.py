"""The operator's settings: read from the environment once, checked, and frozen.

Each field of `Settings` is one variable, named `COMMENTSVC_` and the field in capitals;
its metadata says what it means, and `commentsvc config` prints it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from limits import parse_many

from commentsvc.backends import read_database_url, read_redis_url, read_replica_url, sqlite_name
from commentsvc.errors import BadSetting
from commentsvc.log import LEVELS
from commentsvc.model import ModerationMode
from commentsvc.origins import DEFAULT_PORTS, origin_of, read_origin
from commentsvc.unicode_text import is_line, trimmed

PREFIX = "COMMENTSVC_"
MOST_HITS = 10**9
LONGEST_WINDOW = 10 * 366 * 86_400  # seconds
# RFC 6761 §6.3, RFC 6762 §3, RFC 8375, and ICANN's resolution of 2024-07-29.
PRIVATE_DOMAINS = (".localhost", ".local", ".home.arpa", ".internal")
PRIVATE_NETWORKS = tuple(
    map(
        ip_network,
        (
            "127.0.0.0/8", "::1/128",
            "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7",  # RFC 1918, RFC 4193
            "169.254.0.0/16", "fe80::/10", "100.64.0.0/10",  # of one link, RFC 3927 and 4291; shared, RFC 6598
        ),
    )
)  # fmt: skip
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_NOT_IN_URL = re.compile(r"[\s<>\"'\\^`{|}]")
SHORTEST_TOKEN = 16  # characters
SHORTEST_SECRET = 32  # characters: 128 bits even if it was written in hexadecimal


def _file(raw: str) -> Path:
    try:
        return Path(raw).expanduser().absolute()
    except (RuntimeError, FileNotFoundError):
        raise ValueError("the absolute path of a file") from None


def _host(raw: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,255}", raw):
        raise ValueError("a host name or an IP address of this machine")
    return raw


def _token(raw: str) -> str:
    if len(raw) < SHORTEST_TOKEN or not re.fullmatch(r"[!-~]+", raw):
        raise ValueError(
            f"at least {SHORTEST_TOKEN} characters, drawn at random, of ASCII and without blanks"
        )
    return raw


def _folder(raw: str) -> Path:
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


def _yes_or_no(raw: str) -> bool:
    if raw not in {"true", "false"}:
        raise ValueError("true or false")
    return raw == "true"


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


def _mode(raw: str) -> ModerationMode:
    try:
        return ModerationMode(raw)
    except ValueError:
        raise ValueError("one of " + ", ".join(ModerationMode)) from None


def _one_of(*words: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if raw not in words:
            raise ValueError("one of " + ", ".join(words))
        return raw

    return read


def _limits(raw: str) -> str:
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


def _secret(raw: str) -> str:
    secrets = _parts(raw)
    if any(len(secret) < SHORTEST_SECRET or not is_line(secret) for secret in secrets):
        raise ValueError(
            f"at least {SHORTEST_SECRET} characters in UTF-8, drawn at random, and no control character"
        )
    return ",".join(secrets)


def _web_address(raw: str) -> str:
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


def _origins(raw: str) -> tuple[str, ...]:
    return tuple(read_origin(part) for part in _parts(raw) if part)


_ADDRESS_KEY = r"\+?[\w-]{1,16}:[A-Za-z0-9_-]{43}=?"  # a `+`: it waits


def _address_keys(raw: str) -> str:
    keys = ",".join(_parts(raw))
    if not re.fullmatch(rf"{_ADDRESS_KEY}(,{_ADDRESS_KEY})*", keys):
        raise ValueError("a comma list of NAME:KEY, each key 32 bytes in URL-safe Base64; the first seals")
    return keys


def _security_txt(raw: str) -> str:
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


def _setting(
    read: Callable[[str], Any],
    means: str,
    *,
    default: Any = None,
    secret: bool = False,
    lines: bool = False,
    of_node: bool = False,
) -> Any:
    """A setting.

    :param secret: it is never printed.
    :param lines: its value may have several lines, broken between parts of a list.
    :param of_node: nodes may differ in it, as no public answer shows it.
    """
    metadata = {"read": read, "means": means, "secret": secret, "lines": lines, "of_node": of_node}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, typed and valid. Times are in seconds, sizes in characters unless said."""

    data_dir: Path = _setting(
        _folder, "folder of the database and the keys", default=Path("data"), of_node=True
    )
    database_url: str | None = _setting(
        read_database_url,
        "SQLAlchemy URL of the database; a file's relative path begins in DATA_DIR; comments.db there if unset",
        secret=True,
    )
    database_timeout: int = _setting(
        _number(1, 600),
        "seconds that a request waits for a connection and for a statement; a start, for a connection",
        default=2,
        of_node=True,
    )
    stale_seconds: int = _setting(
        _number(0, 86_400),
        "seconds for which kept answers go on while the database is out, removals unseen; 0: not at all",
        default=60,
        of_node=True,
    )
    database_replica_url: str | None = _setting(
        read_replica_url,
        "SQLAlchemy URL of a streaming replica of DATABASE_URL's PostgreSQL, which takes reads off it",
        secret=True,
        of_node=True,
    )
    shared_max_age: int = _setting(
        _number(0, 86_400),
        "seconds for which shared caches may give an answer unasked, removals unseen; 0: not at all",
        default=0,
    )
    redis_url: str | None = _setting(
        read_redis_url, "Redis that many nodes share for rate limits", secret=True
    )
    secret_key: str | None = _setting(
        _secret,
        "signs tokens and keys; made at first start and kept in DATA_DIR if unset; a comma list, newest first",
        secret=True,
        lines=True,
    )
    address_keys: str | None = _setting(
        _address_keys,
        "NAME:KEY, …: seal e-mail addresses; made at first start and kept in DATA_DIR if unset",
        secret=True,
        lines=True,
    )
    base_url: str = _setting(
        _web_address,
        "the address under which readers reach this service; may have a path",
        default="http://127.0.0.1:5000",
    )
    allow_http: bool = _setting(
        _yes_or_no,
        "true: a public BASE_URL of http is meant, though all can be read on its way",
        default=False,
    )
    trusted_proxies: int = _setting(
        _number(0, 10), "how many proxies stand in front and set X-Forwarded-For", default=0, of_node=True
    )
    moderation: ModerationMode = _setting(
        _mode,
        "who waits for a moderator: none, first (until one comment of the same author was approved), all",
        default=ModerationMode.FIRST,
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
        _limits,
        "forms, moderation, rendered reads and all else of a client that has no limit of its own",
        default="600 per minute",
    )
    rate_limit_render: str = _setting(
        _limits,
        "previews, posts and edits of a client, each counted once for every 20 ms that it took to render",
        default="60 per minute",
    )
    rate_limit_sign_in: str = _setting(
        _limits, "attempts to sign in, per client and per account", default="10 per minute"
    )
    rate_limit_threads: str = _setting(
        _limits, "new threads of a site that guests may begin, all of them together", default="600 per hour"
    )
    pending_limit: int = _setting(
        _number(1, 100_000),
        "comments that may wait at a site; guests' further ones are 503",
        default=10_000,
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
        _origins, "comma list of origins whose pages may post to the default site", default=(), lines=True
    )
    privacy_url: str | None = _setting(read_privacy_page, "the privacy page that the form links to")

    security_txt: str | None = _setting(
        _security_txt, "text or file of /.well-known/security.txt: whom to tell of a weakness", lines=True
    )
    cache_bytes: int = _setting(
        _number(0, 2**40),
        "bytes in which each process keeps answers that it rendered; 0 renders each again",
        default=64 * 2**20,
        of_node=True,
    )
    jobs: str = _setting(
        _one_of("serve", "worker"),
        "who runs jobs: serve, in a thread of each process, and workers; or worker, “commentsvc worker” alone",
        default="serve",
        of_node=True,
    )
    metrics_port: int | None = _setting(
        _number(1, 65_535),
        "port on which Prometheus reads /metrics, of METRICS_HOST; none if unset",
        of_node=True,
    )
    metrics_host: str = _setting(
        _host, "address that METRICS_PORT listens on; there nobody is asked for a token", default="127.0.0.1",
        of_node=True,
    )  # fmt: skip
    metrics_token: str | None = _setting(
        _token,
        "with it as a bearer token /metrics can be read on the service's own port",
        secret=True,
        of_node=True,
    )
    log_level: str = _setting(
        _one_of(*LEVELS), f"the least that is logged: {', '.join(LEVELS)}", default="info", of_node=True
    )
    log_file: Path | None = _setting(
        _file, "file of the log; standard error if unset. It may be moved away at any time", of_node=True
    )
    log_access: bool = _setting(
        _yes_or_no, "whether each request has a line in the log", default=True, of_node=True
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings from *environ*; an empty value counts as unset.

        :raises BadSetting: one is wrong, or no setting has that name.
        """
        chosen = {PREFIX + "DATA_DIR": "data"} | _ours(environ)
        settings_by_name = {PREFIX + setting.name.upper(): setting for setting in fields(cls)}
        values: dict[str, Any] = {}
        for name, raw in chosen.items():
            if name not in settings_by_name:
                raise BadSetting(f"Unknown setting {shown(name)}; “commentsvc config” lists all.")
            setting = settings_by_name[name]
            try:
                values[setting.name] = setting.metadata["read"](raw)
                if not is_line(re.sub(r"[\r\n\t]", "", raw) if setting.metadata["lines"] else raw):
                    raise ValueError("text in UTF-8 without control characters")
            except ValueError as wrong:
                value = "" if setting.metadata["secret"] or "@" in raw else f"=“{shown(raw)}”"
                raise BadSetting(f"Invalid {name}{value}: expected {wrong}.") from None
        settings = cls(**values)
        _refuse_former_folder(environ.get(PREFIX + "DATA_DIR", ""), settings.data_dir)
        if settings.is_public_http() and not settings.allow_http:
            raise BadSetting(
                f"Invalid {PREFIX}BASE_URL=“{settings.base_url}”: expected an https:// address, since e-mail addresses "
                f"and passwords would travel unencrypted. If that is meant, set {PREFIX}ALLOW_HTTP=true."
            )
        return settings

    def database_file(self) -> Path | None:
        """The file of SQLite's database; None where the database is another."""
        if self.database_url is None:
            return self.data_dir / "comments.db"
        name = sqlite_name(self.database_url)
        return None if name is None else Path(os.path.normpath(self.data_dir / name))

    def is_public_http(self) -> bool:
        """Whether `base_url` is reached without encryption by more than a private network."""
        parts = urlsplit(self.base_url)
        return parts.scheme == "http" and not is_private(parts.hostname or "")

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


def is_chosen(environ: Mapping[str, str], name: str) -> bool:
    """Whether the setting *name*, without `PREFIX`, has a value in *environ*; blanks are none."""
    return bool(trimmed(environ.get(PREFIX + name, "")))


def _ours(environ: Mapping[str, str]) -> dict[str, str]:
    """The settings of *environ* that have a value, each without the blanks and line ends that a file leaves around it.

    :raises BadSetting: a name has something invisible around it, as the mark at the beginning of a file.
    """
    ours = {}
    for name, value in environ.items():
        if trimmed(name) != name and trimmed(name).startswith(PREFIX):
            raise BadSetting(
                f"{trimmed(name)} has something invisible around its name, such as the byte order mark at the "
                "beginning of a file: save the file without it."
            )
        if name.startswith(PREFIX) and (raw := trimmed(value)):
            ours[name] = raw
    return ours


def _refuse_former_folder(raw: str, folder: Path) -> None:
    """Refuse to begin a new *folder* where an earlier version took the blanks around *raw* for a part of its name.

    :raises BadSetting: that folder is there; the text says how to rename it.
    """
    former = Path(raw)
    if raw != trimmed(raw) and not os.path.exists(folder) and os.path.isdir(former):
        raise BadSetting(
            f"The folder {folder} is not there, but {shown(str(former))} is: an earlier version took the blanks "
            f"or line ends around {PREFIX}DATA_DIR for a part of the name. Stop what runs on it, and rename it."
        )


def shown(text: str) -> str:
    """Give *text* as it can be printed in one line: what breaks or controls a line is escaped."""
    return text if is_line(text) else repr(text)[1:-1]


def is_loopback(host: str) -> bool:
    """Whether *host* (a name or an address) is this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_private(host: str) -> bool:
    """Whether *host* is of a private network or of this machine: nobody gives it a certificate.

    A name is, if it has one part or a domain that is never public.
    """
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(PRIVATE_DOMAINS)
    return any(address in network for network in PRIVATE_NETWORKS)


@lru_cache(maxsize=8)  # every request asks
def _own_origins(base_url: str) -> tuple[str, ...]:
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    names = sorted(LOOPBACK_NAMES) if is_loopback(host) else [host]
    return tuple(origin_of(parts.scheme, name, parts.port) for name in names)

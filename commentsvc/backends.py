"""The addresses of what the service stands on: its database, Redis and chats. Nothing is connected here.

What cannot be read is wrong wherever the settings are read; `check_installed` tells what is
missing, when the application is made.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from commentsvc.errors import BadSetting

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

SQLITE = {"sqlite", "sqlite+pysqlite"}
POSTGRESQL = "postgresql+psycopg"
DATABASES = f"sqlite:///PATH or {POSTGRESQL}://USER:PASSWORD@HOST/NAME"
UNREADABLE = f"{DATABASES} (write signs such as @ : / in a password as %40 %3A %2F)"
POSTGRESQL_LISTS = {"host", "port"}  # which may be named more than once
PREPARE_THRESHOLD = "prepare_threshold"  # the driver's own parameter; all others are libpq's
DEFAULT_THRESHOLD = "5"
REDIS = "the address of a Redis, such as redis://cache.example:6379/0"
REDIS_SCHEMES = {"redis", "rediss", "redis+unix", "redis+sentinel", "redis+cluster"}
REDIS_PARAMETERS = {
    "client_name", "db", "health_check_interval", "max_connections", "password", "protocol", "retry_on_timeout",
    "socket_keepalive", "ssl_ca_certs", "ssl_ca_path", "ssl_cert_reqs", "ssl_certfile", "ssl_check_hostname",
    "ssl_keyfile", "ssl_password", "username",
}  # fmt: skip
HOST_SCHEMES = {"redis", "rediss"}  # the others name a socket, or several hosts


def _parsed(database_url: str) -> URL:
    """Read the address of a database. Where none is set, nothing here loads SQLAlchemy, which takes 14 MB.

    :raises ValueError: it is none.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(database_url)
    except ArgumentError:
        raise ValueError(database_url) from None


def read_database_url(raw: str) -> str:
    """Give *raw* if it is the address of a database that this program can use.

    :raises ValueError: it is none; the text says what it may be, and tells nothing of it.
    """
    from sqlalchemy.exc import ArgumentError

    try:
        url = _parsed(raw)
    except ValueError:
        raise ValueError(UNREADABLE) from None
    # What is there with an “@” is a part of a password, which a driver would tell of.
    if "@" in f"{url.host}{url.database}" + raw.partition("?")[2] or "%00" in raw:
        raise ValueError(UNREADABLE)
    kind = url.drivername.partition("+")[0]
    if kind in {"postgres", "postgresql"} and url.drivername != POSTGRESQL:
        raise ValueError(f"{DATABASES} (the driver is psycopg: begin with {POSTGRESQL}://)")
    if kind == "sqlite" and url.drivername not in SQLITE:
        raise ValueError(f"{DATABASES} (the driver is Python's own: begin with sqlite:///)")
    if kind not in {"sqlite", "postgresql"}:
        raise ValueError(f"{DATABASES} (there are no drivers for others)")
    if kind == "sqlite" and (fault := _sqlite_fault(url, raw)):
        raise ValueError(f"{DATABASES} ({fault})")
    try:
        _, options = url.get_dialect()().create_connect_args(url)
        prepare_threshold(url)
    except (ArgumentError, ValueError):  # the former of a port among several that is no number
        raise ValueError(f"{DATABASES} (what follows “?” has a value that cannot be)") from None
    if not all(map(_can_be_host, str(options.get("host", "")).split(","))):
        raise ValueError(UNREADABLE)
    return raw


def read_replica_url(raw: str) -> str:
    """Give *raw* if it is the address of a PostgreSQL.

    :raises ValueError: it is none; the text says what it may be, and tells nothing of it.
    """
    if not raw.startswith(f"{POSTGRESQL}://"):
        raise ValueError(f"{POSTGRESQL}://USER:PASSWORD@HOST/NAME")
    return read_database_url(raw)


def _sqlite_fault(url: URL, raw: str) -> str | None:
    """Say why *url*, which *raw* spells, names no file of SQLite's that stays; None if it does."""
    name = url.database or ""
    if url.host or url.username or url.port:
        return "three slashes, and no host"
    if "?" in raw:
        return "without what follows “?”: it would have no effect, or a harmful one"
    if name in {"", ":memory:"} or name.startswith("file:"):
        return "a file: each connection would have a memory of its own"
    if name.startswith("~"):
        return "“~” stands for no folder here: write the whole path"
    return None


def sqlite_name(database_url: str) -> str | None:
    """The path that *database_url* has, if it is SQLite's; a relative one begins in DATA_DIR."""
    url = _parsed(database_url)
    return url.database if url.get_backend_name() == "sqlite" else None


def _can_be_host(name: str) -> bool:
    """Whether the driver can look for *name*; that of a socket begins with a slash or, where it is abstract, “@”."""
    if name.startswith(("/", "@")):
        return True
    try:
        name.encode("idna")
    except UnicodeError:
        return False
    return True


def _check_parameters(url: URL, known: Set[str]) -> None:
    """Look whether what follows “?” has names that are known, each once; a driver would fail on others.

    :raises ValueError: one has not. What it is set to may be secret, and is not told.
    """
    several = {name for name, value in url.query.items() if not isinstance(value, str)} - POSTGRESQL_LISTS
    for what, names in (("is not known", url.query.keys() - known), ("can be there but once", several)):
        if names:
            raise ValueError(f"{DATABASES} (of what follows “?”, this {what}: {', '.join(sorted(names))})")


def prepare_threshold(url: URL) -> int | None:
    """After how many runs on a connection to PostgreSQL a statement is prepared; None is never.

    :raises ValueError: the address has one that is neither “none” nor a whole number.
    """
    raw = url.query.get(PREPARE_THRESHOLD, DEFAULT_THRESHOLD)
    if raw == "none":
        return None
    if not isinstance(raw, str) or not raw.isdecimal():
        raise ValueError(raw)
    return int(raw)


def read_redis_url(raw: str) -> str:
    """Give *raw* if it is the address of a Redis.

    :raises ValueError: it is none; the text says what it may be, and tells nothing of it.
    """
    try:
        parts = urlsplit(raw)
        readable = parts.scheme in REDIS_SCHEMES and not re.search(r"\s", raw)
        if parts.scheme in HOST_SCHEMES:
            number = parts.path.removeprefix("/")
            readable = bool(parts.hostname) and parts.port != 0 and (not number or number.isdecimal())
            readable = readable and _can_be_host(parts.hostname or "")
    except ValueError:  # brackets or a port that are none
        readable = False
    if not readable or "@" in parts.query + parts.fragment:
        raise ValueError(REDIS)
    unknown = dict(parse_qsl(parts.query, keep_blank_values=True)).keys() - REDIS_PARAMETERS
    if unknown:
        raise ValueError(f"{REDIS} (of what follows “?”, this is not known: {', '.join(sorted(unknown))})")
    return raw


def check_installed(database_url: str | None, redis_url: str | None, notify_urls: Sequence[str] = ()) -> None:
    """Look whether the packages are there that these addresses need, and take them.

    :raises BadSetting: one is missing, or does not take its address.
    """
    if database_url is not None:
        try:
            driver = _parsed(database_url).get_dialect().import_dbapi()
        except ImportError:
            raise _missing("DATABASE_URL", "psycopg", "postgresql") from None
        if database_url.startswith(POSTGRESQL):
            _check_parameters_of_libpq(_parsed(database_url), driver)
    if notify_urls and find_spec("apprise") is None:
        raise _missing("NOTIFY_URLS", "apprise", "chat")
    if redis_url is not None:
        if find_spec("redis") is None:
            raise _missing("REDIS_URL", "redis", "redis")
        from limits.storage import storage_from_string

        try:
            _try_out(storage_from_string(redis_url))
        except Exception as why:  # of any of its kinds; its text may quote the address
            raise BadSetting(
                f"Invalid COMMENTSVC_REDIS_URL ({type(why).__name__}): expected {REDIS}."
            ) from None


def _try_out(storage: Any) -> None:
    """Make a connection to one Redis without opening it, which reads all of the address."""
    if pool := getattr(storage.storage, "connection_pool", None):
        pool.make_connection()


def _check_parameters_of_libpq(url: URL, driver: Any) -> None:
    keywords = {option.keyword.decode() for option in driver.pq.Conninfo.get_defaults()}
    try:
        _check_parameters(url, keywords | {PREPARE_THRESHOLD})
    except ValueError as wrong:
        raise BadSetting(f"Invalid COMMENTSVC_DATABASE_URL: expected {wrong}.") from None


def _missing(setting: str, package: str, extra: str) -> BadSetting:
    return BadSetting(
        f"COMMENTSVC_{setting} needs the package {package}, which is not installed. "
        f"Run: pip install 'commentsvc[{extra}]'"
    )

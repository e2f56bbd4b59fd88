"""The addresses of what the service stands on: its database and Redis. Nothing is connected here.

What cannot be read is wrong wherever the settings are read; `check_installed` tells what is
missing, when the application is made.
"""

from __future__ import annotations

from collections.abc import Set
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from limits.storage import storage_from_string
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from commentsvc.errors import BadSetting

SQLITE = {"sqlite", "sqlite+pysqlite"}
SQLITE_PARAMETERS = {
    "cached_statements",
    "check_same_thread",
    "detect_types",
    "isolation_level",
    "timeout",
    "uri",
}
SQLITE_URI_PARAMETERS = {
    "cache",
    "immutable",
    "mode",
    "nolock",
    "psow",
    "vfs",
}  # https://sqlite.org/uri.html §3.2
POSTGRESQL = "postgresql+psycopg"
POSTGRESQL_LISTS = {"host", "port"}  # which may be named more than once
PREPARE_THRESHOLD = "prepare_threshold"  # the driver's own parameter; all others are libpq's
DEFAULT_THRESHOLD = "5"
REDIS = "the address of a Redis, such as redis://cache.example:6379/0"
REDIS_SCHEMES = {"redis", "rediss", "redis+unix", "redis+sentinel", "redis+cluster"}
HOST_SCHEMES = {"redis", "rediss"}  # the others name a socket, or several hosts


def read_database_url(raw: str) -> str:
    """Give *raw* if it is the address of a database that this program can use.

    :raises ValueError: it is none; the text says what it may be, and tells nothing of it.
    """
    wanted = f"sqlite:///PATH or {POSTGRESQL}://USER:PASSWORD@HOST/NAME"
    unreadable = ValueError(f"{wanted} (write signs such as @ : / in a password as %40 %3A %2F)")
    try:
        url = make_url(raw)
    except (ArgumentError, ValueError):  # the latter of a port that is no number
        raise unreadable from None
    # What is there with an “@” is a part of a password, which a driver would tell of.
    if "@" in f"{url.host}{url.database}" + raw.partition("?")[2]:
        raise unreadable
    kind = url.drivername.partition("+")[0]
    if kind in {"postgres", "postgresql"} and url.drivername != POSTGRESQL:
        raise ValueError(f"{wanted} (the driver is psycopg: begin with {POSTGRESQL}://)")
    if kind == "sqlite" and url.drivername not in SQLITE:
        raise ValueError(f"{wanted} (the driver is Python's own: begin with sqlite:///)")
    if kind not in {"sqlite", "postgresql"}:
        raise ValueError(f"{wanted} (there are no drivers for others)")
    if kind == "sqlite" and url.database in {None, "", ":memory:"}:
        raise ValueError(f"{wanted} (a file: each connection would have a memory of its own)")
    try:
        url.get_dialect()().create_connect_args(url)
        prepare_threshold(url)
    except ValueError:
        raise ValueError(f"{wanted} (what follows “?” has a value that cannot be)") from None
    return raw


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
        readable = parts.scheme in REDIS_SCHEMES
        if parts.scheme in HOST_SCHEMES:
            number = parts.path.removeprefix("/")
            readable = bool(parts.hostname) and parts.port != 0 and (not number or number.isdecimal())
    except ValueError:  # brackets or a port that are none
        readable = False
    if not readable:
        raise ValueError(REDIS)
    return raw


def check_installed(database_url: str | None, redis_url: str | None) -> None:
    """Look whether the packages are there that these addresses need, and take them.

    :raises BadSetting: one is missing, or does not take its address.
    """
    if database_url is not None:
        try:
            driver = make_url(database_url).get_dialect().import_dbapi()
        except ImportError:
            raise _missing("DATABASE_URL", "psycopg", "postgresql") from None
        _check_parameters(make_url(database_url), driver)
    if redis_url is not None:
        if find_spec("redis") is None:
            raise _missing("REDIS_URL", "redis", "redis")
        try:
            storage_from_string(redis_url)
        except Exception as why:  # of any of its kinds; its text may quote the address
            raise BadSetting(
                f"COMMENTSVC_REDIS_URL cannot be used ({type(why).__name__}): it must be {REDIS}."
            ) from None


def _check_parameters(url: URL, driver: Any) -> None:
    """Look whether what follows “?” has names that are known, each once; a driver would fail on others.

    :raises BadSetting: one has not. What they are set to may be secret, and is not told.
    """
    if url.get_backend_name() == "sqlite":
        known = SQLITE_PARAMETERS | (SQLITE_URI_PARAMETERS if "uri" in url.query else set())
    else:
        known = {option.keyword.decode() for option in driver.pq.Conninfo.get_defaults()} | {
            PREPARE_THRESHOLD
        }
    repeated = {name for name, value in url.query.items() if not isinstance(value, str)}
    _refuse_parameters("that are not known", url.query.keys() - known)
    _refuse_parameters("more than once", repeated - POSTGRESQL_LISTS)


def _refuse_parameters(how: str, names: Set[str]) -> None:
    if names:
        raise BadSetting(f"COMMENTSVC_DATABASE_URL has parameters {how}: {', '.join(sorted(names))}.")


def _missing(setting: str, package: str, extra: str) -> BadSetting:
    return BadSetting(
        f"COMMENTSVC_{setting} needs the package {package}, which is not installed. "
        f"Run: pip install 'commentsvc[{extra}]'"
    )

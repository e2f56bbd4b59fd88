"""The addresses of what the service stands on: its database and Redis. Nothing is connected here.

What cannot be read is wrong wherever the settings are read; `check_installed` tells what is
missing, when the application is made.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from urllib.parse import urlsplit

from limits.storage import storage_from_string
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from commentsvc.errors import BadSetting

SQLITE = {"sqlite", "sqlite+pysqlite"}
POSTGRESQL = "postgresql+psycopg"
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
    if "@" in f"{url.host}{url.database}":  # a part of a password, which a driver would tell of
        raise unreadable
    kind = url.drivername.partition("+")[0]
    if kind in {"postgres", "postgresql"} and url.drivername != POSTGRESQL:
        raise ValueError(f"{wanted} (the driver is psycopg: begin with {POSTGRESQL}://)")
    if kind == "sqlite" and url.drivername not in SQLITE:
        raise ValueError(f"{wanted} (the driver is Python's own: begin with sqlite:///)")
    if kind not in {"sqlite", "postgresql"}:
        raise ValueError(f"{wanted} (there are no drivers for others)")
    if kind == "sqlite" and (fault := _sqlite_fault(url, raw)):
        raise ValueError(f"{wanted} ({fault})")
    try:
        url.get_dialect()().create_connect_args(url)
    except ValueError:
        raise ValueError(f"{wanted} (what follows “?” has a value that cannot be)") from None
    return raw


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
    url = make_url(database_url)
    return url.database if url.get_backend_name() == "sqlite" else None


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
            make_url(database_url).get_dialect().import_dbapi()
        except ImportError:
            raise _missing("DATABASE_URL", "psycopg", "postgresql") from None
    if redis_url is not None:
        if find_spec("redis") is None:
            raise _missing("REDIS_URL", "redis", "redis")
        try:
            storage_from_string(redis_url)
        except Exception as why:  # of any of its kinds; its text may quote the address
            raise BadSetting(
                f"COMMENTSVC_REDIS_URL cannot be used ({type(why).__name__}): it must be {REDIS}."
            ) from None


def _missing(setting: str, package: str, extra: str) -> BadSetting:
    return BadSetting(
        f"COMMENTSVC_{setting} needs the package {package}, which is not installed. "
        f"Run: pip install 'commentsvc[{extra}]'"
    )

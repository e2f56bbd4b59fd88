"""PostgreSQL with a streaming replica, and Redis, each on a socket in a folder of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

from deploy.cluster.processes import OWNER, as_owner, program, running

DATABASE = "comments"
OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "hot_standby_feedback": "on",
}


@contextmanager
def primary(folder: Path, **options: str) -> Iterator[str]:
    """Run a new PostgreSQL with an empty database; give the URL of that."""
    _make_folder(folder)
    subprocess.run(
        [program("initdb"), "--pgdata", folder / "data", "--auth", "trust", "--username", OWNER, "--encoding", "UTF8",
         "--locale", "C.UTF-8"],
        cwd=folder, check=True, stdout=subprocess.DEVNULL, **as_owner(),
    )  # fmt: skip
    with _server(folder, **options):
        with psycopg.connect(host=str(folder), user=OWNER, dbname="postgres", autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {DATABASE}")
        yield _url(folder)


@contextmanager
def running_again(folder: Path, **options: str) -> Iterator[str]:
    """Run the PostgreSQL that `primary` made in *folder* before; give the URL of its database."""
    with _server(folder, **options):
        yield _url(folder)


@contextmanager
def replica(folder: Path, of: Path, **options: str) -> Iterator[str]:
    """Run a streaming replica of the server in *of*; give the URL of its database."""
    _make_folder(folder)
    subprocess.run(
        [program("pg_basebackup"), "--host", of, "--username", OWNER, "--pgdata", folder / "data",
         "--write-recovery-conf", "--checkpoint", "fast"],
        cwd=folder, check=True, **as_owner(),
    )  # fmt: skip
    with _server(folder, **options):
        yield _url(folder)


@contextmanager
def counters(folder: Path) -> Iterator[str]:
    """Run a Redis that keeps nothing on disk; give its URL."""
    folder.mkdir()
    path = folder / "redis.sock"

    def answers() -> bool:
        try:
            with redis.Redis(unix_socket_path=str(path)) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    command: list[str | Path] = [
        program("redis-server"),
        "--port",
        "0",
        "--unixsocket",
        path,
        "--save",
        "",
        "--dir",
        folder,
    ]
    with running(command, folder / "log", answers):
        yield f"redis+unix://{path}"


@contextmanager
def _server(folder: Path, **options: str) -> Iterator[None]:
    chosen = OPTIONS | options
    words = [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]

    def answers() -> bool:
        try:
            psycopg.connect(host=str(folder), user=OWNER, dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    command: list[str | Path] = [program("postgres"), "-D", folder / "data", "-k", folder, *words]
    with running(command, folder / "log", answers, cwd=folder, **as_owner()):
        yield


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    if as_owner():
        shutil.chown(folder, OWNER, OWNER)


def _url(folder: Path) -> str:
    return f"postgresql+psycopg://{OWNER}@/{DATABASE}?host={folder}"

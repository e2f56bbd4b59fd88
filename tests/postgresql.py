"""A real PostgreSQL, Debian's, on a private socket. One for all tests of a process, when first needed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from commentsvc.storage.tables import Base
from tests.running_service import make_template

OWNER = "postgres"
SERVICE = "service"
TEMPLATE = "empty"
# What the service's sessions begin with, all of it such that something fails or is lost where it stays so.
WRONG = {
    "client_encoding": "LATIN1",
    "DateStyle": "German, DMY",
    "IntervalStyle": "sql_standard",
    "TimeZone": "America/St_Johns",
    "backslash_quote": "off",
    "bytea_output": "escape",
    "default_transaction_deferrable": "on",
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "extra_float_digits": "-15",
    "idle_in_transaction_session_timeout": "500ms",
    "idle_session_timeout": "500ms",
    "lock_timeout": "1ms",
    "row_security": "off",
    "standard_conforming_strings": "off",
    "statement_timeout": "200ms",
    "synchronous_commit": "off",
    "transform_null_equals": "on",
}
CONFIGURATION = {
    "listen_addresses": "",
    "shared_buffers": "16MB",
    "deadlock_timeout": "100ms",
    # Nothing of it has to outlive the machine.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
}
START_SECONDS = 30
EMPTY = """
SET lock_timeout = '10s';
SET session_replication_role = replica; -- foreign keys are not looked at
{};
SELECT setval(seqrelid, seqstart, false) FROM pg_sequence; -- an ETag is made of numbers of rows, too
INSERT INTO site TABLE first_site;
SELECT nextval('site_id_seq')
""".format(";\n".join(f'DELETE FROM "{name}"' for name in Base.metadata.tables))
# A connection that a thread gave back late, to a pool that was left, would be taken for a service that still runs.
LEAVE = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Server:
    """The processes of a cluster whose data is in *folder*."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = _start(programs(), folder)

    def stop(self) -> None:
        """End at once, whoever is connected, as `pg_ctl stop -m immediate` does."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(START_SECONDS)

    def restart(self) -> None:
        self.stop()
        self._process = _start(programs(), self.folder)
        self.connected().close()

    def connected(self) -> psycopg.Connection:
        """Connect as soon as it takes that."""
        until = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < until:
            try:
                return psycopg.connect(host=str(self.folder), user=OWNER, dbname="postgres", autocommit=True)
            except psycopg.OperationalError:
                time.sleep(0.02)
        pytest.fail(f"PostgreSQL does not start: {(self.folder / 'log').read_text()}")


@dataclass(frozen=True)
class Cluster:
    """A running server, reached through the socket in `folder`."""

    folder: Path
    admin: psycopg.Connection
    server: Server
    _numbers: Iterator[int] = field(default_factory=count)
    _used: list[str] = field(default_factory=list)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{SERVICE}@/{name}?host={self.folder}"

    @contextmanager
    def database(self, template: str = TEMPLATE) -> Iterator[dict[str, str]]:
        """A new database without comments, as the setting that names it; it is gone when the block ends."""
        name = self._create(template)
        try:
            yield {"DATABASE_URL": self.url(name)}
        finally:
            self.admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def emptied(self) -> Iterator[dict[str, str]]:
        """One that was used before, for tests that leave the tables as they are; much sooner ready."""
        name = self._used.pop() if self._used else self._create(TEMPLATE)
        yield {"DATABASE_URL": self.url(name)}
        with self.connected(name) as connection:
            connection.execute(LEAVE)
            connection.execute(EMPTY)
        self._used.append(name)

    def connected(self, name: str) -> psycopg.Connection:
        return psycopg.connect(host=str(self.folder), user=OWNER, dbname=name, autocommit=True)

    def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        self.admin.execute(f"CREATE DATABASE {name} OWNER {SERVICE} TEMPLATE {template}")
        return name


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster() as cluster:
        make_ready(cluster, tmp_path_factory.mktemp("migrated"))
        yield cluster


def make_ready(cluster: Cluster, folder: Path) -> None:
    """Make the database in *cluster* that others are copies of; *folder* is a data directory for that time."""
    cluster.admin.execute(f"CREATE DATABASE {TEMPLATE} OWNER {SERVICE}")
    make_template(folder, DATABASE_URL=cluster.url(TEMPLATE))
    with cluster.connected(TEMPLATE) as connection:
        connection.execute("CREATE TABLE first_site AS TABLE site")


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Make a server with no data, and run it until the block ends."""
    # The tests' own folders are too deep for the name of a socket, and closed to its owner.
    with tempfile.TemporaryDirectory(prefix="commentsvc-") as name:
        folder = Path(name)
        become_owner(folder)
        _make(programs(), folder)
        server = Server(folder)
        try:
            with closing(server.connected()) as admin:
                admin.execute(f"CREATE ROLE {SERVICE} LOGIN")
                for name, value in WRONG.items():
                    admin.execute(f"ALTER ROLE {SERVICE} SET {name} = '{value}'")
                yield Cluster(folder, admin, server)
        finally:
            server.stop()


def programs() -> Path:
    """The folder of PostgreSQL's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.fail("PostgreSQL is not installed here. Run: .ci/debian-packages postgresql")
    return found[-1].parent


def become_owner(folder: Path) -> None:
    """Let its programs write to *folder*."""
    if as_owner():
        shutil.chown(folder, OWNER, OWNER)


def as_owner() -> dict[str, Any]:
    """How to start its programs, which refuse to run as root."""
    return {"user": OWNER, "group": OWNER, "extra_groups": []} if os.geteuid() == 0 else {}


def _make(programs: Path, folder: Path) -> None:
    subprocess.run(
        [
            programs / "initdb", "--pgdata", folder / "data", "--no-sync",
            "--auth", "trust", "--username", OWNER, "--encoding", "UTF8",
            # An order of a language's, as operators have it: ours must not come from there.
            "--locale", "C.UTF-8", "--locale-provider", "icu", "--icu-locale", "en",
        ],
        cwd=folder, check=True, stdout=subprocess.DEVNULL, **as_owner(),
    )  # fmt: skip


def _start(programs: Path, folder: Path) -> subprocess.Popen[bytes]:
    options = [word for name, value in CONFIGURATION.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            # It ends with this process, even when that is killed.
            ["setpriv", "--pdeathsig", "QUIT", programs / "postgres", "-D", "data", "-k", folder, *options],
            cwd=folder, stdout=log, stderr=log, **as_owner(),
        )  # fmt: skip

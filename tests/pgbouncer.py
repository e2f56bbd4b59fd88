"""Debian's PgBouncer in front of a test's PostgreSQL: each transaction gets a session of the server's."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.postgresql import SERVICE, Cluster, as_owner, become_owner

SESSIONS = 3  # of the server's, shared by all of our connections: no two transactions need have the same
START_SECONDS = 20
CONFIGURATION = """
[databases]
* = host={server} user={user}
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
server_round_robin = 1
"""


@contextmanager
def pgbouncer(cluster: Cluster) -> Iterator[Path]:
    """Run one until the block ends; give the folder of its socket."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    assert program, "Debian's pgbouncer is missing. Run: .ci/debian-packages pgbouncer"
    with tempfile.TemporaryDirectory(prefix="commentsvc-") as name:
        folder = Path(name)
        become_owner(folder)
        configuration = folder / "pgbouncer.ini"
        configuration.write_text(
            CONFIGURATION.format(server=cluster.folder, user=SERVICE, folder=folder, sessions=SESSIONS)
        )
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", program, configuration],
                cwd=folder, stdout=log, stderr=log, **as_owner(),
            )  # fmt: skip
        try:
            _wait_until_ready(process, folder)
            yield folder
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            psycopg.connect(host=str(folder), port=6432, user=SERVICE, dbname="postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.02)
    raise AssertionError(f"PgBouncer does not start: {(folder / 'log').read_text()}")

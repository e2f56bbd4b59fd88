"""A server of PostgreSQL's that is a standby: it is read, posts come again, and go on once it is promoted."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.postgresql import (
    OWNER,
    SERVICE,
    Cluster,
    Server,
    as_owner,
    become_owner,
    programs,
    running_cluster,
)
from tests.running_service import serving

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]
PATIENCE_SECONDS = 30


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """One of the test's own, since it ends."""
    with running_cluster() as cluster:
        yield cluster


@contextmanager
def standby_of(cluster: Cluster) -> Iterator[Server]:
    """A server that follows *cluster*'s, begun with a copy of it."""
    with tempfile.TemporaryDirectory(prefix="commentsvc-") as name:
        folder = Path(name)
        become_owner(folder)
        subprocess.run(
            [programs() / "pg_basebackup", "-h", cluster.folder, "-U", OWNER, "-D", folder / "data", "-R", "-X", "stream", "--checkpoint=fast"],
            cwd=folder, check=True, **as_owner(),
        )  # fmt: skip
        server = Server(folder)
        try:
            yield server
        finally:
            server.stop()


def promote(server: Server) -> None:
    with server.connected() as admin:
        assert admin.execute("SELECT pg_promote()").fetchone() == (True,)


def catch_up(standby: Server, primary: Server) -> None:
    """Wait until the standby has all that the primary has."""
    with primary.connected() as admin:
        (written,) = admin.execute("SELECT pg_current_wal_lsn()").fetchone() or ()
    with standby.connected() as follower:
        end = time.monotonic() + PATIENCE_SECONDS
        while follower.execute(f"SELECT pg_last_wal_replay_lsn() >= '{written}'").fetchone() != (True,):
            assert time.monotonic() < end
            time.sleep(0.05)


@pytest.mark.soak
def test_posts_go_on_once_a_standby_is_promoted(cluster: Cluster, tmp_path: Path) -> None:
    with cluster.server.connected() as admin:
        admin.execute(f"CREATE DATABASE promoted OWNER {SERVICE}")
    settings = {"JOBS": "worker", "CACHE_BYTES": "0"}
    with serving(tmp_path / "data", DATABASE_URL=cluster.url("promoted"), **settings) as live:
        live.reader().comment("a", "First.")
    with standby_of(cluster) as standby:
        both = f"postgresql+psycopg://{SERVICE}@/promoted?host={cluster.folder},{standby.folder}"
        # `serve` begins with the primary, and then that is gone.
        with serving(tmp_path / "data", DATABASE_URL=both, **settings) as live:
            reader = live.reader()
            submission = reader.submission("a", "Second.")
            catch_up(standby, cluster.server)
            cluster.server.stop()

            refused = reader.send(submission)
            assert (refused.status_code, refused.headers["Retry-After"].isdecimal()) == (503, True)
            assert reader.texts("a") == ["First."]
            ready = reader.get("/readyz")
            assert (ready.status_code, "standby" in ready.text) == (200, True), ready.text
            promote(standby)

            assert reader.send(submission).status_code == 201
            assert reader.get("/readyz").text == "ok"


@pytest.mark.soak
def test_serve_and_doctor_say_that_it_is_a_standby(cluster: Cluster, tmp_path: Path) -> None:
    with cluster.server.connected() as admin:
        admin.execute(f"CREATE DATABASE told OWNER {SERVICE}")
    folder = tmp_path / "data"
    with serving(folder, DATABASE_URL=cluster.url("told")):
        pass
    with standby_of(cluster) as standby:
        url = f"postgresql+psycopg://{SERVICE}@/told?host={standby.folder}"
        for command in ("serve", "doctor"):
            done = subprocess.run(
                [sys.executable, "-m", "commentsvc", command],
                env={"PATH": os.environ["PATH"], "COMMENTSVC_DATA_DIR": str(folder), "COMMENTSVC_DATABASE_URL": url},
                capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            assert done.returncode == 1
            said = (done.stdout + done.stderr).splitlines()
            assert ["standby" in line for line in said].count(True) == 1, said
            assert "Traceback" not in done.stderr

"""Behind PgBouncer in transaction mode all goes on, and as fast as it can: no session is ours for long."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection

from tests.command_line import examined
from tests.pgbouncer import SESSIONS, pgbouncer
from tests.postgresql import Cluster
from tests.running_service import InProcess, open_in_process
from tests.storage.settings import READING, WRITING, settings_of

pytestmark = pytest.mark.postgresql
MANY = 60  # times: a driver prepares what a connection ran five times, and look-ups have eight connections


@pytest.fixture(scope="module")
def pooler(postgresql: Cluster) -> Iterator[Path]:
    with pgbouncer(postgresql) as folder:
        yield folder


@pytest.fixture
def address(postgresql: Cluster, pooler: Path) -> Iterator[str]:
    with postgresql.database() as where:
        address = where["DATABASE_URL"].replace(f"host={postgresql.folder}", f"host={pooler}&port=6432")
        begin_sessions(address)
        yield address


def begin_sessions(address: str) -> None:
    """Have the pooler open all sessions of the server's that it may; from then on they take turns."""
    clients = [psycopg.connect(address.replace("+psycopg", "")) for _ in range(SESSIONS)]
    for client in clients:
        client.execute("SELECT 1")
    for client in clients:
        client.commit()
        client.close()


@pytest.fixture
def service(tmp_path: Path, address: str) -> Iterator[InProcess]:
    with closing(open_in_process(tmp_path / "data", DATABASE_URL=address)) as service:
        yield service


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    lines = [json.loads(record.message) for record in caplog.records if record.message.startswith("{")]
    return [line["event"] for line in lines if line["level"] == "error"]


def test_what_is_kept_is_answered_without_rendering(
    service: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    reader = service.reader()
    reader.comment("a", "First.")

    for _ in range(MANY):
        assert reader.texts("a") == ["First."]

    misses = service.app.extensions["commentsvc.response_cache"].counters.misses
    assert (misses, service.ours.metrics.kept()) == (1, MANY - 1)
    assert not errors(caplog)


def test_people_post_edit_and_moderate(service: InProcess, caplog: pytest.LogCaptureFixture) -> None:
    reader, moderator = service.reader(name="Жанна"), service.moderator()

    for number in range(12):
        posted = reader.posted("日本", f"{number} € 🎉")
        comment, key = posted["comment"]["id"], posted["edit_key"]
        assert reader.edit(comment, key, f"{number} changed.").status_code == 200
        decision = {"ids": [comment], "action": "spam"}
        assert len(moderator.request("POST", "/decisions", json=decision).json()["decided"]) == 1

    assert reader.thread("日本")["count"] == 0
    assert service.run("rerender").startswith("Rendered")
    assert examined(service)[0] == 0
    assert not errors(caplog)


@pytest.mark.soak
def test_what_a_transaction_needs_is_set_in_it(service: InProcess) -> None:
    for _ in range(MANY):
        with service.ours.reading() as work:
            assert settings_of(work) == READING
        with service.ours.unit_of_work() as work:
            assert settings_of(work) == WRITING


@pytest.mark.parametrize(
    ("told", "threshold"), [("", None), ("&prepare_threshold=none", None), ("&prepare_threshold=3", 3)]
)
def test_nothing_is_prepared_unless_it_is_asked_for(
    tmp_path: Path, address: str, told: str, threshold: int | None
) -> None:
    with (
        closing(open_in_process(tmp_path / "data", DATABASE_URL=address + told)) as service,
        service.ours.database.engine.connect() as connection,
    ):
        assert threshold_of(connection) == threshold


def threshold_of(connection: Connection) -> int | None:
    driver: Any = connection.connection.driver_connection
    found: int | None = driver.prepare_threshold
    return found

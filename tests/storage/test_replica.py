"""Reads go to a replica where it shows what the primary shows, and to the primary where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from commentsvc.errors import BadSetting
from tests.people import Reader
from tests.postgresql import Cluster
from tests.running_service import InProcess, open_in_process

pytestmark = pytest.mark.postgresql


@dataclass
class Late:
    """A service, and in the place of its replica a copy of its database, as late as a test wants it.

    What is read there is known by its HTML.
    """

    service: InProcess
    cluster: Cluster
    primary: str

    @property
    def copied(self) -> str:
        return f"{self.primary}_copy"

    def catch_up(self) -> None:
        self.service.ours.database.disconnect()
        self.service.ours.versions.close()
        self.drop()
        ours = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.primary}'"
        self.cluster.admin.execute(ours)
        self.cluster.admin.execute(f"CREATE DATABASE {self.copied} TEMPLATE {self.primary} OWNER service")
        with self.cluster.connected(self.copied) as copy:
            copy.execute("UPDATE comment SET html = '<p>of the replica</p>'")

    def drop(self) -> None:
        self.cluster.admin.execute(f"DROP DATABASE IF EXISTS {self.copied} WITH (FORCE)")


@pytest.fixture
def late(postgresql: Cluster, tmp_path: Path) -> Iterator[Late]:
    with postgresql.database() as where:
        primary = where["DATABASE_URL"].split("@/")[1].partition("?")[0]
        replica = postgresql.url(f"{primary}_copy")
        service = open_in_process(tmp_path, **where, DATABASE_REPLICA_URL=replica, CACHE_BYTES="0")
        late = Late(service, postgresql, primary)
        yield late
        service.close()
        late.drop()


def shown(reader: Reader, article: str = "a") -> list[str]:
    return [comment["html"].strip() for comment in reader.thread(article)["comments"]]


def test_a_replica_that_has_caught_up_is_read(late: Late) -> None:
    reader = late.service.reader()
    posted = reader.comment("a", "First.")
    late.catch_up()

    assert shown(reader) == ["<p>of the replica</p>"]
    assert "of the replica" in reader.http.get(f"/api/v1/comments/{posted}").text
    assert "of the replica" in reader.http.get("/thread?article=a").text
    assert "of the replica" in reader.http.get("/feeds/site.atom").text


def test_what_a_late_replica_does_not_know_is_seen_at_once(late: Late) -> None:
    reader, moderator = late.service.reader(), late.service.moderator()
    removed = reader.comment("a", "First.")
    late.catch_up()

    moderator.decide("trash", removed)
    gone = reader.http.get(f"/api/v1/comments/{removed}").status_code
    nothing = shown(reader)
    reader.comment("a", "Second.")

    assert (gone, nothing, shown(reader)) == (404, [], ["<p>Second.</p>"])
    assert "of the replica" not in reader.http.get("/feeds/site.atom").text


def test_without_its_replica_all_is_read_from_the_primary(
    late: Late, caplog: pytest.LogCaptureFixture
) -> None:
    reader = late.service.reader()
    reader.comment("a", "First.")

    assert [shown(reader) for _ in range(3)] == [["<p>First.</p>"]] * 3

    assert sum("replica cannot be read" in record.getMessage() for record in caplog.records) == 1


def test_a_file_has_no_replica(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="DATABASE_REPLICA_URL"):
        open_in_process(tmp_path, DATABASE_REPLICA_URL="postgresql+psycopg://reader@replica.example/comments")


def test_a_node_of_before_serves_on_where_the_schema_went_ahead(late: Late) -> None:
    reader = late.service.reader()
    with late.cluster.connected(late.primary) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    assert reader.http.get("/readyz").text == "ok"
    assert reader.comment("a", "First.")

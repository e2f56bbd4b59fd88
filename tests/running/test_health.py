"""`/healthz` and `/readyz`: whether the process lives, and which part it cannot reach."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.people import Reader
from tests.running_service import InProcess


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_all_is_well(reader: Reader, path: str) -> None:
    answer = reader.get(path)

    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.headers["Cache-Control"] == "no-store"


def spoil(service: InProcess) -> None:
    for ending in ("-wal", "-shm"):
        (service.data_dir / f"comments.db{ending}").unlink(missing_ok=True)
    (service.data_dir / "comments.db").write_bytes(b"This is no database. " * 1000)


def remove(service: InProcess) -> None:
    (service.data_dir / "comments.db").unlink()


@pytest.mark.parametrize("lose", [spoil, remove])
def test_a_database_that_is_gone_is_named(service: InProcess, lose: object) -> None:
    reader = service.reader()
    assert callable(lose)
    lose(service)

    answer = reader.get("/readyz")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "database" in answer.json()["detail"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert reader.get("/healthz").status_code == 200


def test_a_database_that_is_gone_while_it_runs_is_named_too(service: InProcess, reader: Reader) -> None:
    assert reader.get("/readyz").status_code == 200
    remove(service)

    assert reader.get("/readyz").status_code == 503
    assert not (service.data_dir / "comments.db").exists()


def test_counters_that_cannot_be_reached_are_named_and_end_no_reading(
    service: InProcess, reader: Reader
) -> None:
    (service.data_dir / "limits.db").unlink(missing_ok=True)
    (service.data_dir / "limits.db").mkdir()

    answer = reader.get("/readyz")

    assert (answer.status_code, answer.text) == (
        200,
        "degraded: the storage of the rate limits cannot be reached",
    )
    assert reader.get("/api/v1/thread", article="a").status_code == 200


def test_a_database_that_is_locked_for_long_is_no_fault_of_ours(service: InProcess, reader: Reader) -> None:
    submission = reader.submission("a")
    with closing(sqlite3.connect(service.data_dir / "comments.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        assert reader.get("/readyz").status_code == 200
        assert reader.get("/api/v1/thread", article="a").status_code == 200
        other.execute("ROLLBACK")

    assert reader.send(submission).status_code == 201

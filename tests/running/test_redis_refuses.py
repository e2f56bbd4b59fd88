"""A Redis that answers and cannot be written to is told of, once and with what is wrong; posts go on."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from tests.conftest import MakeService
from tests.redis_server import RedisServer, redis_server
from tests.running_service import free_port

SECRET = "unspeakable"
DEGRADED = "degraded: the storage of the rate limits cannot be reached"
Spoil = Callable[[redis.Redis, str], str]


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as server:
        yield server


@pytest.fixture
def admin(server: RedisServer) -> Iterator[redis.Redis]:
    with redis.Redis(unix_socket_path=server.url.removeprefix("redis+unix://")) as client:
        yield client


def is_full(admin: redis.Redis, url: str) -> str:
    admin.config_set("maxmemory", "1")
    return url


def is_replica(admin: redis.Redis, url: str) -> str:
    admin.replicaof("127.0.0.1", "1")
    return url


def lacks_replicas(admin: redis.Redis, url: str) -> str:
    admin.config_set("min-replicas-to-write", 1)
    return url


def cannot_save(admin: redis.Redis, url: str) -> str:
    (Path(admin.config_get("dir")["dir"]) / "dump.rdb").mkdir()  # where it would put its file
    admin.config_set("save", "1 1")
    admin.bgsave()
    until = time.monotonic() + 20
    while admin.info("persistence")["rdb_last_bgsave_status"] != "err":
        assert time.monotonic() < until
        time.sleep(0.02)
    return url


def wants_password(admin: redis.Redis, url: str) -> str:
    admin.config_set("requirepass", "another")
    return url


def wants_another_password(admin: redis.Redis, url: str) -> str:
    admin.config_set("requirepass", "another")
    return f"{url}?password={SECRET}"


def gives_no_right_to_run_scripts(admin: redis.Redis, url: str) -> str:
    return as_user(admin, url, commands=["+ping", "+hello", "+client"], keys=["*"])


def gives_no_right_to_write(admin: redis.Redis, url: str) -> str:
    return as_user(admin, url, commands=["+@all", "-@write"], keys=["*"])


def gives_no_right_to_our_keys(admin: redis.Redis, url: str) -> str:
    return as_user(admin, url, commands=["+@all"], keys=["other:*"])


def as_user(admin: redis.Redis, url: str, **rights: list[str]) -> str:
    admin.acl_setuser("ada", enabled=True, passwords=[f"+{SECRET}"], **rights)
    return f"{url}?username=ada&password={SECRET}"


def has_no_such_database(admin: redis.Redis, url: str) -> str:
    return f"{url}?db=99"


def speaks_no_tls(admin: redis.Redis, url: str) -> str:
    port = free_port()
    admin.config_set("port", port)
    return f"rediss://:{SECRET}@127.0.0.1:{port}/0"


def is_not_there(admin: redis.Redis, url: str) -> str:
    return f"redis://:{SECRET}@127.0.0.1:{free_port()}/0"


FAULTS: dict[Spoil, str] = {
    is_full: "maxmemory",
    is_replica: "replica",
    lacks_replicas: "min-replicas-to-write",
    cannot_save: "stop-writes-on-bgsave-error",
    wants_password: "password",
    wants_another_password: "password",
    gives_no_right_to_run_scripts: "ACL",
    gives_no_right_to_write: "ACL",
    gives_no_right_to_our_keys: "ACL",
    has_no_such_database: "no database of the number",
    speaks_no_tls: "TLS",
    is_not_there: "cannot be reached",
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("spoil", FAULTS, ids=lambda spoil: spoil.__name__)
def test_it_is_told_once_and_without_secrets(
    make_service: MakeService,
    server: RedisServer,
    admin: redis.Redis,
    spoil: Spoil,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    service = make_service(REDIS_URL=spoil(admin, server.url))
    reader = service.reader()

    assert [reader.get("/readyz").text for _ in range(4)] == [DEGRADED] * 4
    assert reader.post("a", "First.").status_code == 201
    assert reader.texts("a") == ["First."]

    lines = [json.loads(record.message) for record in caplog.records if record.message.startswith("{")]
    (told,) = [line for line in lines if line["level"] == "error"]
    assert told["event"] == "rate limits cannot be counted"
    assert FAULTS[spoil] in told["reason"]
    assert SECRET not in caplog.text + capfd.readouterr().err


def test_one_that_can_be_written_to_is_ready(make_service: MakeService, server: RedisServer) -> None:
    reader = make_service(REDIS_URL=server.url).reader()

    assert {reader.get("/readyz").text for _ in range(30)} == {"ok"}

"""Nodes that start, or are upgraded, at the same moment on one database: one migrates, the others wait, and all go on."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from alembic.command import downgrade
from alembic.config import Config
from sqlalchemy import text

from commentsvc.settings import PREFIX
from commentsvc.storage import schema
from commentsvc.storage.tables import SCHEMA
from tests.command_line import create_service, typed
from tests.running_service import open_in_process, serving

pytestmark = pytest.mark.slow

NODES, ROUNDS = 4, 10
OLDER = "0007"
KEYS = {"SECRET_KEY": "x" * 43, "ADDRESS_KEYS": "k1:" + "B" * 43}
ONCE = [("sqlite", "db upgrade"), ("postgresql", "serve")]
OFTEN = [(kind, command) for kind in ("sqlite", "postgresql") for command in ("init", "db upgrade", "serve")]
CASES = [(*case, 1) for case in ONCE] + [
    pytest.param(*case, ROUNDS, marks=pytest.mark.soak) for case in OFTEN
]


@pytest.mark.soak
@pytest.mark.parametrize(("kind", "command", "rounds"), CASES)
@pytest.mark.any_database
def test_of_nodes_that_start_at_once_one_migrates(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str, command: str, rounds: int
) -> None:
    for number in range(rounds):
        folder = tmp_path / str(number)
        folder.mkdir()
        nodes = [folder / f"node-{node}" for node in range(NODES)]
        with empty_database(request, kind, folder) as where:
            if command == "db upgrade":
                make_older(nodes[0], where)
            if command == "serve":
                all_serve(nodes, where)
            else:
                all_end(command, nodes, where)
            look_at(nodes[0], where)


def test_sqlite_lets_many_open_what_was_made_a_moment_ago(tmp_path: Path) -> None:
    """Its log is written ahead from the start: of two that begin with it at once, SQLite refuses one."""
    service = open_in_process(tmp_path).ours
    schema.prepare(service.database, service.settings)

    with closing(sqlite3.connect(tmp_path / "comments.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@contextmanager
def empty_database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[dict[str, str]]:
    """The settings that nodes share, each of which has a data directory of its own."""
    if kind == "sqlite":
        yield KEYS | {"DATABASE_URL": f"sqlite:///{folder}/comments.db"}
        return
    with request.getfixturevalue("postgresql").database("template1") as where:
        yield KEYS | where


def make_older(node: Path, where: dict[str, str]) -> None:
    create_service(node, **where)
    service = open_in_process(node, **where)
    with service.ours.database.engine.connect().execution_options(write=True) as connection:
        config = Config()
        config.set_main_option("script_location", schema.MIGRATIONS)
        config.attributes["connection"] = connection
        downgrade(config, OLDER)
        connection.commit()
    service.close()


def all_end(command: str, nodes: list[Path], where: dict[str, str]) -> None:
    """Type *command* at all nodes at once: each does well."""

    def start(node: Path) -> subprocess.Popen[str]:
        settings = {PREFIX + name: value for name, value in (where | {"DATA_DIR": str(node)}).items()}
        return subprocess.Popen(
            [sys.executable, "-m", "commentsvc", *command.split()],
            env=os.environ | settings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    started = [start(node) for node in nodes]
    errors = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0] * NODES, errors


def all_serve(nodes: list[Path], where: dict[str, str]) -> None:
    """Start all nodes at once: each takes a comment, which all show, and ends well."""
    with ThreadPoolExecutor(NODES) as pool, ExitStack() as stack:
        lives = list(pool.map(stack.enter_context, [serving(node, **where) for node in nodes]))
        for number, live in enumerate(lives):
            live.reader().comment("a", f"At node {number}.")
        assert [live.reader().thread("a")["count"] for live in lives] == [NODES] * NODES
        assert [live.stop() for live in lives] == [0] * NODES


def look_at(node: Path, where: dict[str, str]) -> None:
    """The schema is this program's, made once, and all is well."""
    service = open_in_process(node, **where)
    with service.ours.database.engine.connect() as connection:
        assert connection.scalars(text("SELECT version_num FROM alembic_version")).all() == [SCHEMA]
        assert connection.scalar(text("SELECT count(*) FROM site")) == 1
    assert service.reader().post("b").status_code == 201
    service.close()
    examined = typed("doctor", "--deep", data_dir=node, **where)
    assert examined.exit_code == 0, examined.output

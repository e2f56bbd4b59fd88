"""What the databases do for each statement: their plans, and how much they touch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from tests.running_service import InProcess

# Tables that grow with the service; of the others there are a few rows.
GROWING = (
    "comment",
    "thread",
    "address",
    "network",
    "decision",
    "audit",
    "spent_token",
    "sent_form",
    "job",
    "search_text",
    "search_missing",
    "foreign_id",
    "imported_thread",
    "event",
    "outbox",
    "told",
    "mail_stop",
    "follow",
    "notice",
    "question",
    "waiting_notice",
    "used_link",
    "report",
    "erasure",
)
SAMPLES = 8
LITERALS = re.compile(r"[xX]?'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|%\(\w+\)s|%s")
LISTS = re.compile(r"\(\s*[?:\w]+(?:\s*,\s*[?:\w]+)+\s*\)")
MOST_STEPS = 25_000
"""Instructions of SQLite's machine: a page of 200 takes 15,000; to look at 14,000 rows, more than 70,000."""
MOST_ROWS = 1_500
"""Rows that one node of a plan of PostgreSQL may touch: far fewer than a long thread has; for a page of 200 it
sometimes walks through some hundred threads to join them, which is cheaper than to look each up."""


@dataclass(frozen=True)
class Statement:
    """A statement as it went to the database."""

    deed: str
    text: str
    parameters: Any


@dataclass
class Recorder:
    """Listens to the connections of a service, and remembers what was done when each statement came.

    It listens to the driver: prepared statements are run by it alone.
    """

    engine: Engine
    statements: list[Statement] = field(default_factory=list)
    _deed: str | None = None

    def __post_init__(self) -> None:
        event.listen(self.engine, "connect", self._listen)
        self.engine.dispose()  # so that all connections are made anew

    @contextmanager
    def during(self, deed: str) -> Iterator[None]:
        self._deed = deed
        yield
        self._deed = None

    def _listen(self, connection: Any, _record: Any) -> None:
        if self.engine.dialect.name == "sqlite":
            connection.set_trace_callback(self._hear)  # its parameters stand in the text
        else:
            connection.cursor_factory = type("Heard", (_Heard,), {"hear": staticmethod(self._hear)})

    def _hear(self, text: str, parameters: Any = ()) -> None:
        # SQLite's own statements within its index of words depend on how many words came before.
        is_ours = "'search_index_" not in text
        if self._deed and is_ours and re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", text):
            self.statements.append(Statement(self._deed, text, parameters))


class _Heard(psycopg.Cursor[Any]):
    """A cursor that tells what it executes."""

    hear: Callable[[str, Any], None]

    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        self.hear(query, params)
        return super().execute(query, params, **more)


def samples(statements: list[Statement]) -> list[Statement]:
    """Of each thing that was done, some of the statements that differ in their values alone: the first and the last ones."""
    alike: dict[tuple[str, str], list[Statement]] = {}
    for one in statements:
        form = LISTS.sub("(?)", LITERALS.sub("?", one.text))
        alike.setdefault((one.deed, form), []).append(one)
    return [
        one
        for same in alike.values()
        for one in (same[: SAMPLES // 2] + same[SAMPLES // 2 :][-SAMPLES // 2 :])
    ]


def engine_of(service: InProcess) -> Engine:
    return service.ours.database.engine


def analyse(engine: Engine) -> None:
    """Let the database count its rows, as PostgreSQL does by itself in time and SQLite when told to."""
    with engine.connect().execution_options(write=True) as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def faults(engine: Engine, statement: Statement) -> list[str]:
    """What is wrong with the way in which the database does that."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        if engine.dialect.name == "sqlite":
            return list(_faults_on_sqlite(connection.driver_connection, cursor, statement))
        return list(_faults_on_postgresql(cursor, statement))
    finally:
        connection.rollback()
        connection.close()


def _faults_on_sqlite(driver: Any, cursor: Any, statement: Statement) -> Iterator[str]:
    cursor.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.parameters)
    plan = [row[3] for row in cursor.fetchall()]
    if statement.text.startswith("INSERT"):
        return  # its scans are for rows that wait for their parent until the commit: we have none such
    for line in plan:
        scanned = re.match(r"SCAN (\w+)", line)
        if scanned and scanned[1] in (*GROWING, "parent") and "LIMIT" not in statement.text:
            yield line
        if line == "USE TEMP B-TREE FOR ORDER BY":
            yield f"{line} after {plan}"
    if (steps := _steps(driver, cursor, statement)) > MOST_STEPS:
        yield f"{steps} steps: {plan}"


def _steps(driver: Any, cursor: Any, statement: Statement) -> int:
    """Do it, and give the instructions that it took; what it changed is rolled back."""
    if statement.text.lstrip().startswith("INSERT"):
        return 0  # it is there already
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 10

    cursor.execute("BEGIN")
    driver.set_progress_handler(count, 10)
    cursor.execute(statement.text, statement.parameters)
    cursor.fetchall()
    driver.set_progress_handler(None, 10)
    cursor.execute("ROLLBACK")
    return steps


def _faults_on_postgresql(cursor: Any, statement: Statement) -> Iterator[str]:
    done = not statement.text.lstrip().startswith("INSERT")  # which is there already
    how = "ANALYZE, FORMAT JSON" if done else "FORMAT JSON"
    cursor.execute(f"EXPLAIN ({how}) {statement.text}", statement.parameters)
    for node in _nodes(cursor.fetchone()[0][0]["Plan"]):
        kind, table = node["Node Type"], node.get("Relation Name", "")
        loops = node.get("Actual Loops", 0)
        touched = (node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)) * loops
        if kind == "Seq Scan" and table in GROWING:
            yield f"Seq Scan of {table}: {node.get('Filter')}"
        elif touched > MOST_ROWS:
            yield f"{kind} {table} {node.get('Index Name', '')} touches {touched} rows"
        elif kind == "Sort" and node["Plans"][0]["Plan Rows"] > MOST_ROWS:
            yield f"Sort of {node['Plans'][0]['Plan Rows']} rows"


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)

"""Another client of the service's PostgreSQL, which gets in its way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from sqlalchemy.engine import make_url

from tests.postgresql import OWNER
from tests.running_service import InProcess

GATE, RIVALS = 1, 2  # advisory locks

INTERFERENCE = """
CREATE SEQUENCE IF NOT EXISTS tries;
CREATE OR REPLACE FUNCTION interfere() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    {};
    RETURN NULL;
END $$;
CREATE TRIGGER interfere AFTER INSERT OR UPDATE OR DELETE ON {} EXECUTE FUNCTION interfere()
"""


@dataclass(frozen=True)
class Rival:
    """Holds locks in a transaction of its own, and watches from beside it."""

    transaction: psycopg.Connection
    beside: psycopg.Connection

    def give_up(self, table: str, times: int) -> None:
        """Make the next *times* writes to *table* fail as if PostgreSQL could not put them in order."""
        failing = f"IF nextval('tries') <= {times} THEN RAISE SQLSTATE '40001'; END IF"
        self._interfere(table, failing)

    def fail(self, table: str, state: str) -> None:
        """Make each write to *table* fail with that SQLSTATE."""
        self._interfere(table, f"RAISE SQLSTATE '{state}'")

    def leave(self, table: str) -> None:
        self.beside.execute(f"DROP TRIGGER interfere ON {table}")

    def tries(self) -> int:
        """How often a write came as far as the table."""
        return self._one("SELECT last_value FROM tries")

    def wait_for(self, waiting: int) -> None:
        """Wait until that many others wait for locks."""
        until = time.monotonic() + 20
        while self._one("SELECT count(*) FROM pg_locks WHERE NOT granted") < waiting:
            assert time.monotonic() < until, "nobody waits"
            time.sleep(0.005)

    @contextmanager
    def in_deadlock(self, table: str) -> Iterator[None]:
        """Whoever locks the thread and writes to *table* in the block meets a deadlock, and is given up."""
        both = f"PERFORM pg_advisory_xact_lock_shared({GATE}), pg_advisory_xact_lock_shared({RIVALS})"
        self._interfere(table, f"PERFORM nextval('tries'); {both}")
        self.transaction.execute("SET deadlock_timeout = '1 min'")  # so that the other is given up
        self.transaction.execute(f"SELECT pg_advisory_xact_lock({RIVALS})")
        self.beside.execute(f"SELECT pg_advisory_lock({GATE})")
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(self._cross)
            yield
            done.result()

    def _cross(self) -> None:
        self.wait_for(1)
        with ThreadPoolExecutor(1) as pool:
            locked = pool.submit(self.transaction.execute, "SELECT FROM thread FOR UPDATE")
            self.wait_for(2)
            self.beside.execute(f"SELECT pg_advisory_unlock({GATE})")
            locked.result()
        self.transaction.commit()

    def _interfere(self, table: str, how: str) -> None:
        self.beside.execute(INTERFERENCE.format(how, table))

    def _one(self, query: str) -> int:
        row = self.beside.execute(query).fetchone()
        assert row is not None
        return int(row[0])


@contextmanager
def rival_of(service: InProcess) -> Iterator[Rival]:
    url = make_url(service.app.extensions["commentsvc"].settings.database_url)
    address = url.set(drivername="postgresql", username=OWNER).render_as_string()
    with psycopg.connect(address) as transaction, psycopg.connect(address, autocommit=True) as beside:
        yield Rival(transaction, beside)

"""The whole database as one file of SQLite's, from either database and into either.

Such a file is the same whichever database it came from, so that a service can move; what copies rows between
the two knows the types of the tables. SQLite's own copy is made by its backup API (https://sqlite.org/backup.html):
it is of one moment, and neither readers nor writers wait for it.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    MetaData,
    NullPool,
    Table,
    create_engine,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.engine import make_url

from commentsvc.errors import BadSetting
from commentsvc.records import StoredErasure
from commentsvc.settings import Settings
from commentsvc.storage import postgresql, schema
from commentsvc.storage.database import ONE_STATE
from commentsvc.storage.outage import Outage
from commentsvc.storage.outbox import Outbox
from commentsvc.storage.presence import no_service
from commentsvc.storage.sqlite_files import logs_of
from commentsvc.storage.tables import Base, ErasureRow, RateHitRow, SessionRow, SiteRow
from commentsvc.storage.unit_of_work import UnitOfWork

ROWS = 1000  # copied at a time
VERSION_TABLE = "alembic_version"
LOCKS, LOCKS_BYTES = 1 << 30, 512  # of SQLite: https://sqlite.org/fileformat2.html#the_lock_byte_page
STOP = "Stop all nodes and workers first."
INDEX_OF_WORDS = "search_index"  # and the tables that SQLite keeps it in
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name IN (:name, current_setting('application_name'))
AND pid <> pg_backend_pid()
"""
CLOSING_SECONDS = 5  # for which a busy server may still list connections that were closed


def copy_out(settings: Settings, copy: Path) -> None:
    """Write all that the database holds, as it is at one moment, into the new file *copy*.

    :raises NoService: there is no database.
    """
    source = settings.database_file()
    if source is None:
        with _postgresql(settings) as engine:
            _copy_from_postgresql(engine, copy)
        return
    if not source.exists():
        raise no_service(settings, str(source))
    _create_private(copy)
    existing = f"{source.as_uri()}?mode=rw"  # who only reads cannot remove the log as the last to close it
    with closing(sqlite3.connect(existing, uri=True)) as there, closing(sqlite3.connect(copy)) as here:
        there.backup(here)
        here.execute("PRAGMA journal_mode = DELETE")  # else it would need a log beside it


def copy_in(settings: Settings, copy: Path) -> None:
    """Make what the file *copy* holds the content of the database, whole or not at all; the file is used up.

    What begins to use the database waits until that is done.

    :raises BadSetting: another process uses the database.
    """
    target = settings.database_file()
    if target is None:
        with _postgresql(settings) as engine, engine.connect() as connection:
            schema.lock_for_nodes(connection)
            _refuse_others(connection)
            _copy_to_postgresql(copy, engine)
        return
    with schema.locked(target.parent), _unused(target):
        for log in logs_of(target):
            log.unlink(missing_ok=True)
        copy.replace(target)
        schema.sync_folder(target.parent)


def folder_for_copy(settings: Settings) -> Path:
    """Where a file lies that `copy_in` takes: on the disk of SQLite's database, so that it can take its place."""
    target = settings.database_file()
    return settings.data_dir if target is None else target.parent


def is_used(settings: Settings) -> bool:
    """Whether there is a database already."""
    target = settings.database_file()
    if target is not None:
        return target.exists()
    with _postgresql(settings) as engine, engine.connect() as connection:
        return inspect(connection).has_table(VERSION_TABLE)


def erasures_of(copy: Path) -> list[tuple[StoredErasure, str | None]]:
    """The erasures that the file *copy* knows of, each with the slug of its site."""
    with opened(copy) as engine:
        return _erasures(engine)


def erasures_there(settings: Settings) -> list[tuple[StoredErasure, str | None]]:
    """Those that the PostgreSQL database knows of which is there: other nodes may have made them.

    On SQLite there is one node, whose own list has them all.
    """
    if settings.database_file() is not None:
        return []
    with _postgresql(settings) as engine:
        return _erasures(engine)


def _erasures(engine: Engine) -> list[tuple[StoredErasure, str | None]]:
    with engine.connect() as connection:
        if not inspect(connection).has_table(
            ErasureRow.__tablename__
        ):  # of an older program, or of nobody yet
            return []
        return UnitOfWork(connection).erasures.with_sites()


def make_ready(copy: Path, new_epoch: str) -> None:
    """Bring the file *copy* to this program's schema. Nobody is signed in there, and no cached answer is of it.

    Nothing that waited to be sent is sent: it may have been since then.

    :raises SchemaOutdated: it was made by a newer program.
    """
    with opened(copy) as engine:
        schema.upgrade(engine)
        with engine.begin() as connection:
            connection.execute(delete(SessionRow))  # who signed out since then would be signed in again
            connection.execute(delete(RateHitRow))  # of a time that is over
            Outbox(connection).end_all(datetime.now(UTC))
            connection.execute(update(SiteRow).values(epoch=new_epoch))


def fault_of(copy: Path) -> str | None:
    """What SQLite finds wrong with the file *copy*, None if nothing."""
    with closing(sqlite3.connect(copy)) as connection:
        try:
            result: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as why:
            return str(why)
    return None if result == "ok" else " ".join(result.split())


def words_fault_of(copy: Path) -> str | None:
    """What is wrong with the index of words in the file *copy*, None if nothing."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        try:  # which compares it with the texts, too (https://sqlite.org/fts5.html §6.7)
            connection.execute("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError:
            return "the index of words is not that of the comments; make a backup, and restore it"
        (lost,) = connection.execute(
            "SELECT count(*) FROM comment WHERE erased_at IS NULL "
            "AND id NOT IN (SELECT comment_id FROM search_text UNION ALL SELECT comment_id FROM search_missing)"
        ).fetchone()
    return f"{lost} comments are not in the index of words" if lost else None


def rows_of(copy: Path) -> dict[str, int]:
    """How many rows each table of the file *copy* has."""
    with opened(copy) as engine, engine.connect() as connection:
        tables = sorted(
            name
            for name in inspect(connection).get_table_names()
            if name != VERSION_TABLE and not name.startswith(INDEX_OF_WORDS)
        )
        return {
            name: connection.scalar(select(func.count()).select_from(Table(name, MetaData()))) or 0
            for name in tables
        }


def version_of(copy: Path) -> str | None:
    """The schema of the file *copy*; None if it is not of this service."""
    with opened(copy) as engine, engine.connect() as connection:
        return schema.version(connection)


@contextmanager
def opened(copy: Path) -> Iterator[Engine]:
    """Give an engine on the file *copy*, which has no log when the block ends."""
    engine = create_engine(URL.create("sqlite", database=str(copy)), poolclass=NullPool)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def reading_of(copy: Path) -> Iterator[UnitOfWork]:
    """Give a unit of work that reads the file *copy*."""
    with opened(copy) as engine, engine.connect() as connection:
        yield UnitOfWork(connection)


@contextmanager
def writing_to(copy: Path) -> Iterator[UnitOfWork]:
    """Give a unit of work that writes to the file *copy*; what it erases is overwritten."""
    with opened(copy) as engine, engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        connection.commit()
        work = UnitOfWork(connection)
        yield work
        work.finish()
        connection.commit()


@contextmanager
def _postgresql(settings: Settings) -> Iterator[Engine]:
    url = make_url(settings.database_url or "")
    options = postgresql.engine_options(url, settings.database_timeout)
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, **options)
    postgresql.take_over(engine, settings.database_timeout, Outage())
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _unused(file: Path) -> Iterator[None]:
    """Hold SQLite's *file*, where there is one: in WAL mode everybody who has it open holds a shared lock, also when idle.

    :raises BadSetting: somebody has.
    """
    if not file.exists():
        yield
        return
    with file.open("r+b") as opened:
        try:
            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB, LOCKS_BYTES, LOCKS)
        except BlockingIOError:
            raise BadSetting(f"Another process uses the database {file}. {STOP}") from None
        yield


def _refuse_others(connection: Connection) -> None:
    until = time.monotonic() + CLOSING_SECONDS
    while others := connection.scalar(text(OTHERS), {"name": postgresql.APPLICATION_NAME}):
        if time.monotonic() > until:
            raise BadSetting(f"A service uses the database ({others} connections). {STOP}")
        time.sleep(0.1)
        connection.execute(text("SELECT pg_stat_clear_snapshot()"))


def _copy_from_postgresql(engine: Engine, copy: Path) -> None:
    _create_private(copy)
    with opened(copy) as here, engine.connect() as there:
        source = there.execution_options(**ONE_STATE["postgresql"])
        if (found := schema.version(source)) is None:
            raise BadSetting("The database has no tables of this service.")
        schema.upgrade(here, found)
        known = inspect(source)
        with here.begin() as target:
            for name in set(known.get_table_names()) & set(inspect(target).get_table_names()):
                if name not in {VERSION_TABLE, RateHitRow.__tablename__}:
                    _copy_rows(source, target, _table(name, known.get_columns(name)))


def _table(name: str, columns: list[Any]) -> Table:
    """The table as it is there, which may be of an older schema, with the types that ours have."""
    ours = Base.metadata.tables.get(name)
    types = {} if ours is None else {column.name: column.type for column in ours.columns}
    return Table(
        name,
        MetaData(),
        *(Column(column["name"], types.get(column["name"], column["type"])) for column in columns),
    )


def _copy_to_postgresql(copy: Path, engine: Engine) -> None:
    schema.upgrade(engine)
    tables = Base.metadata.sorted_tables
    with opened(copy) as there, there.connect() as source, engine.begin() as target:
        names = ", ".join(f'"{table.name}"' for table in tables)
        target.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
        for table in tables:
            _copy_rows(source, target, table)
            _go_on_counting(target, table)


def _copy_rows(source: Connection, target: Connection, table: Table) -> None:
    """Copy all rows, those before that others point at within the same table."""
    target.execute(delete(table))
    order = [table.c.id] if "id" in table.c else []
    rows = source.execution_options(stream_results=True, yield_per=ROWS).execute(
        select(table).order_by(*order)
    )
    for part in rows.mappings().partitions():
        target.execute(insert(table), [dict(row) for row in part])


def _go_on_counting(target: Connection, table: Table) -> None:
    if "id" not in table.c:
        return
    numbers = func.pg_get_serial_sequence(f'"{table.name}"', "id")
    newest = select(func.max(table.c.id)).scalar_subquery()
    target.execute(select(func.setval(numbers, newest)).where(numbers.is_not(None), newest.is_not(None)))


def _create_private(copy: Path) -> None:
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL, 0o600))

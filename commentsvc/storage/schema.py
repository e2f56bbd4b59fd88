"""The schema of the database: make it, check its version, bring it up to this program's.

Apart from the database itself, since Alembic takes 10 MB, and those who serve never need it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, func, select
from sqlalchemy.exc import DBAPIError

from commentsvc.errors import BadSetting, SchemaOutdated
from commentsvc.settings import Settings
from commentsvc.storage import search_index
from commentsvc.storage.chain import MOST_TAKEN_IN, Chain
from commentsvc.storage.database import Database
from commentsvc.storage.faults import in_one_line
from commentsvc.storage.presence import missing_file, refuse_encoding, refuse_shell, require_service
from commentsvc.storage.retries import retried
from commentsvc.storage.sqlite import log_ahead
from commentsvc.storage.sqlite_files import logs_of
from commentsvc.storage.tables import SCHEMA

MIGRATIONS = str(Path(__file__).parent / "migrations")
ADVISORY_LOCK = 0x636F6D6D656E7473  # the letters “comments”: a number that no other program is likely to take


def prepare(database: Database, settings: Settings) -> None:
    """Make the database where there is none; check the version of one that is there.

    :raises SchemaOutdated: it needs `commentsvc db upgrade`, or a newer program.
    :raises BadSetting: the database or the data directory cannot be used.
    """
    with _alone(database, settings):
        _make_or_check(database)


def migrate(database: Database, settings: Settings) -> None:
    """Bring the database of a service up to this program's version.

    :raises NoService: there is none.
    :raises SchemaOutdated: it is of a newer program.
    :raises BadSetting: the database or the data directory cannot be used.
    """
    require_service(database, settings)
    with _alone(database, settings):
        refuse_encoding(database)
        _refuse_newer(_version(database))
        _upgrade_there(database)


@contextmanager
def _alone(database: Database, settings: Settings) -> Iterator[None]:
    """Several processes and nodes may start at once; one of them looks at the database at a time."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(_folder_of_lock(database, settings)), _locked_for_nodes(database):
            yield
    except OSError as why:
        raise BadSetting(f"The data directory {settings.data_dir} cannot be used: {why.strerror}.") from None
    except DBAPIError as why:
        raise BadSetting(f"The database cannot be used: {in_one_line(why)}") from None


def _folder_of_lock(database: Database, settings: Settings) -> Path:
    """SQLite's own folder, so that services of two data directories that name one file meet there."""
    path = database.file()
    return path.parent if path is not None and path.parent.is_dir() else settings.data_dir


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let every other process that begins to use the database in *folder* wait until the block ends."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _locked_for_nodes(database: Database) -> Iterator[None]:
    """On PostgreSQL, keep other nodes from looking at the same database; it ends with this process, too."""
    if database.engine.dialect.name == "sqlite":
        yield
        return
    with database.engine.connect() as connection:
        lock_for_nodes(connection)
        yield


def lock_for_nodes(connection: Connection) -> None:
    """Let every node that begins to use this database of PostgreSQL's wait until the transaction ends."""
    connection.execute(select(func.pg_advisory_xact_lock(ADVISORY_LOCK)))


def _make_or_check(database: Database) -> None:
    if (path := missing_file(database)) is not None:
        _create(path)
        return
    refuse_encoding(database)
    revision = _version(database)
    if revision is None:
        refuse_shell(database)
        _upgrade_there(database)
        return
    _refuse_newer(revision)
    if revision != SCHEMA:
        raise SchemaOutdated(
            f"The database has version {revision}, this program needs {SCHEMA}. "
            "Make a backup, then run: commentsvc db upgrade"
        )


def _refuse_newer(revision: str | None) -> None:
    if revision in {None, SCHEMA}:
        return  # nearly always: to read all migrations takes a command a fourth of what it does
    known = {script.revision for script in ScriptDirectory(MIGRATIONS).walk_revisions()}
    if revision not in known:
        raise SchemaOutdated(
            f"The database has version {revision}, which this program does not know: it was used by a newer one. "
            "Install that again, or restore the backup from before its: commentsvc db upgrade"
        )


def _create(path: Path) -> None:
    """Make SQLite's database; the file appears whole or not at all, for its owner alone to read."""
    fresh = path.with_name(path.name + ".new")
    try:
        for leftover in (fresh, fresh.with_name(fresh.name + "-journal"), *logs_of(fresh)):
            leftover.unlink(missing_ok=True)
        # SQLite itself would make it for everybody to read; its log gets the mode of the file.
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as why:
        raise BadSetting(f"The database {path} cannot be used: {why.strerror}.") from None
    engine = create_engine(URL.create("sqlite", database=str(fresh)))
    with engine.connect() as connection:
        _upgrade(connection)
        connection.commit()
    engine.dispose()
    log_ahead(fresh)
    fresh.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Let the names too of the files in *folder* be on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def version(connection: Connection) -> str | None:
    """The schema of the database there; None if it is not of this service."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring a database that nobody else uses to that version of the schema; make it where it is empty.

    :raises SchemaOutdated: it is of a newer program.
    """
    with engine.connect() as connection:
        _refuse_newer(version(connection))
        _upgrade(connection, to)
        connection.commit()


def _version(database: Database) -> str | None:
    with database.engine.connect() as connection:
        return version(connection)


@retried
def _upgrade_there(database: Database) -> None:
    """Migrate, again where PostgreSQL gave it up: a post at an older node locks tables in another order."""
    with database.engine.connect().execution_options(write=True) as connection:
        _upgrade(connection)
        connection.commit()


def _upgrade(connection: Connection, to: str = "head") -> None:
    config = Config()
    config.set_main_option("script_location", MIGRATIONS.replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
    search_index.create(connection)
    if to == "head":
        _take_in_older_lines(connection)


def _take_in_older_lines(connection: Connection) -> None:
    """Give the audit log of an older program its chain, and whom it names their opaque ids; others write in between."""
    more = True
    while more:
        more = Chain(connection).take_in() == MOST_TAKEN_IN
        connection.commit()

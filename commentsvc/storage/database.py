"""The database: one connection pool, and units of work, one a thread at a time."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import structlog
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import URL, Connection, Engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, DBAPIError

from commentsvc.errors import BadSetting, Busy
from commentsvc.messages import message
from commentsvc.settings import Settings
from commentsvc.storage import postgresql, sqlite, waiting
from commentsvc.storage.faults import in_one_line, is_of_standby, is_read_only
from commentsvc.storage.illness import Illness
from commentsvc.storage.nul import replace_nul
from commentsvc.storage.outage import Outage
from commentsvc.storage.service_keys import used_with_keys
from commentsvc.storage.sqlite_files import BUSY_SECONDS
from commentsvc.storage.tables import SCHEMA, Base
from commentsvc.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from flask import Flask

POOL_SIZE = 8
"""Connections of one process, and requests that it works on at a time: more would only wait."""

BEHIND = 3
"""Those of them that threads which work behind the requests use at a time, however many they are."""

PROBE_BYTES = 65_536  # what a post adds to SQLite's log, about

# SQLite needs no word for it: what a transaction reads is of one state.
ONE_STATE = {"sqlite": {}, "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}}

CONNECT_SECONDS = 5
"""That jobs and commands wait for a connection; how long for a statement stands in `waiting`."""

CANNOT_WRITE = (Busy, DBAPIError)
"""What a transaction raises where the database takes none now: of no matter to who only reads."""

_writing = threading.Lock()
log = structlog.get_logger("commentsvc.database")


class NestedUnitOfWork(RuntimeError):
    """A unit of work was begun inside another of the same thread: it would wait for itself, or see another state."""


db = SQLAlchemy(model_class=Base)


class Database:
    """The database of one service: begins units of work, of which a thread has one at a time."""

    def __init__(self, engine: Engine, outage: Outage) -> None:
        self.engine = engine
        self.outage = outage
        self.illness = Illness(str(self.file() or engine.dialect.name))
        self._of_thread = threading.local()
        self._behind = threading.BoundedSemaphore(BEHIND)
        self._is_sqlite = engine.dialect.name == "sqlite"

    @contextmanager
    def unit_of_work(self, *, patience: float = BUSY_SECONDS) -> Iterator[UnitOfWork]:
        """One short transaction that writes: committed, durably, when the block ends well.

        :param patience: seconds to wait for other writers, on SQLite; a request waits for no longer than it may.
        :raises Busy: on SQLite, so many write before that its turn did not come.
        :raises NestedUnitOfWork: this thread is within another.
        """
        self._refuse_while_it_hangs()
        patience = min(patience, waiting.bound() or patience)
        try:
            with (
                self._only_one(),
                self._turn_to_write(patience),
                self._connected() as connection,
                connection.execution_options(write=True, patience=patience).begin(),
            ):
                work = UnitOfWork(connection)
                yield work
                work.finish()
            if self.illness.reason is not None and self._may_write():
                self.illness.end()
                self.engine.dispose()  # what was opened for reading in that time stays so
        except DBAPIError as why:
            self.illness.note(why)
            # Another server may be the primary now, or this one soon; so may the file be writable.
            if is_of_standby(why) or (is_read_only(why) and self._may_write()):
                self.engine.dispose()
            raise

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """A unit of work that shows one state of the database throughout, whatever others write.

        :raises NestedUnitOfWork: this thread is within another.
        """
        self._refuse_while_it_hangs()
        with self._only_one():
            connection = self._connected()
            try:
                connection.execution_options(**ONE_STATE[self.engine.dialect.name]).begin()
                yield UnitOfWork(connection)
            except DBAPIError as why:
                self.illness.note(why)
                raise
            finally:
                _give_back(connection)

    def stand_behind(self) -> None:
        """Let this thread, and all others that say so, leave most connections to requests."""
        self._of_thread.stands_behind = True
        waiting.stand_behind()

    def _connected(self) -> Connection:
        """A connection that answers: one that lay in the pool is asked first, and its server may be gone without a word."""
        try:
            with waiting.bounded(CONNECT_SECONDS):
                return self.engine.connect()
        except DBAPIError as why:
            self.illness.note(why)
            raise

    def _refuse_while_it_hangs(self) -> None:
        """Spare a request a second wait, where it met the outage while it was on its way.

        :raises DatabaseHangs: the database did not answer a moment ago.
        """
        if waiting.bound() is not None:
            self.outage.refuse()

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        if getattr(self._of_thread, "is_within", False):
            raise NestedUnitOfWork(
                "A unit of work was begun inside another one; hand that one on as an argument."
            )
        self._of_thread.is_within = True
        try:
            with self._behind if getattr(self._of_thread, "stands_behind", False) else nullcontext():
                yield
        finally:
            self._of_thread.is_within = False

    @contextmanager
    def _turn_to_write(self, patience: float) -> Iterator[None]:
        """Wait for the other writers of this process, in turn.

        SQLite lets one write at a time; who waits in it, sleeps for up to 100 ms and looks again, and
        one that comes just then goes first.
        """
        if not self._is_sqlite:
            yield
            return
        if not _writing.acquire(timeout=patience):
            raise Busy(message("Too many write at the same time. Please send it again in a few seconds."))
        try:
            yield
        finally:
            _writing.release()

    def forget_erased(self) -> None:
        """Empty SQLite's log, in which what was just erased still stands.

        A reader that holds the log for long is not waited for, and an error tells nobody that the erasure failed,
        as it is done: the next one empties the log.
        """
        if not self._is_sqlite:
            return
        try:
            sqlite.empty_log(self.engine)
        except sqlite3.Error as why:
            log.error("log not emptied", kind=type(why).__name__, code=getattr(why, "sqlite_errorname", None))

    def disconnect(self) -> None:
        """Close all connections: none may be open when a process forks (https://sqlite.org/howtocorrupt.html §2.6)."""
        self.outage.stop()
        self.engine.dispose()

    def file(self) -> Path | None:
        """The file of the database, where it is SQLite's and has one."""
        return sqlite.path_of(self.engine.url)

    def name(self) -> str:
        """Where it is, for operators to read: the file, or the host and the name, without a password."""
        url = self.engine.url
        return str(
            self.file()
            or URL.create(url.get_backend_name(), host=url.host, port=url.port, database=url.database)
        )

    def is_there(self) -> bool:
        """Whether the database lies where it should: SQLite would make an empty one without a word."""
        file = self.file()
        return file is None or file.exists()

    def write_fault(self) -> str | None:
        """Why the database takes no writes; None if it does, or others write just now.

        Room and rights are tried with a file beside SQLite's. Only what is known to be ill is written to.

        :raises sqlalchemy.exc.DBAPIError: the database cannot be asked.
        """
        if self.illness.reason is not None:
            self._try_to_write()
            return self.illness.reason
        path = self.file()
        if path is None:
            return None if self._is_sqlite else self._standby_fault()
        if not self._may_write():
            return "it is read-only"
        try:
            with TemporaryFile(dir=path.parent) as beside:
                beside.write(bytes(PROBE_BYTES))
        except OSError as why:
            return why.strerror
        return None

    def _may_write(self) -> bool:
        """Whether a connection that is opened now may write; one that is open already may do so all the same."""
        path = self.file()
        return path is None or os.access(path, os.W_OK)

    def _try_to_write(self) -> None:
        with suppress(*CANNOT_WRITE), self.unit_of_work(patience=0) as work:
            work.write_nothing()

    def _standby_fault(self) -> str | None:
        with self.reading() as work:
            return "it is a standby" if work.is_on_standby() else None

    def has_keys(self) -> bool:
        """Whether there is a database, of this version or an older one, that keys were used with.

        :raises BadSetting: the database cannot be asked.
        """
        if not self.is_there():
            return False
        try:
            with self.engine.connect() as connection:
                return used_with_keys(connection)
        except DatabaseError as why:
            raise BadSetting(f"The database cannot be used: {in_one_line(why)}") from None

    def encoding_fault(self) -> str | None:
        """What is wrong with how the database stores texts, None if it is UTF-8."""
        with self.engine.connect().execution_options(**ONE_STATE[self.engine.dialect.name]) as connection:
            return postgresql.encoding_fault(connection)

    def is_current(self) -> bool:
        """Whether the database can be reached and has this program's version or a newer one; a standby can be, too.

        Migrations add what the program before does not need, so nodes of both serve while one after the other is upgraded.
        """
        state = ONE_STATE[self.engine.dialect.name]
        with self.engine.connect().execution_options(**state) as connection:
            if not inspect(connection).has_table("alembic_version"):
                return False
            revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return revision is not None and revision >= SCHEMA  # four digits each


def _give_back(connection: Connection) -> None:
    """End what was read. A connection that is lost may be that of an answer which is ready: it is told, and no error."""
    try:
        connection.close()
    except DBAPIError as why:
        log.error("connection lost", kind=type(why).__name__)


def connect(app: Flask, settings: Settings) -> Database:
    """Give *app* its database; nothing is opened or made yet.

    :raises BadSetting: an earlier version left the database in another place.
    """
    sqlite.refuse_left_behind(settings, Path(app.instance_path))
    url = _url(settings)
    outage = Outage()
    options: dict[str, Any] = {
        "pool_size": POOL_SIZE,
        "max_overflow": 0,
        "pool_timeout": settings.database_timeout,
        "pool_pre_ping": url.get_backend_name() != "sqlite",
        "hide_parameters": True,  # an error in the log must carry no text and no address
    }
    if url.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": BUSY_SECONDS, "isolation_level": None}
    else:
        options |= postgresql.engine_options(url, settings.database_timeout)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        if url.get_backend_name() == "sqlite":
            sqlite.listen(db.engine)
        else:
            postgresql.take_over(db.engine, settings.database_timeout, outage)
            replace_nul(db.engine)
        return Database(db.engine, outage)


def _url(settings: Settings) -> URL:
    path = settings.database_file()
    return make_url(settings.database_url or "") if path is None else URL.create("sqlite", database=str(path))

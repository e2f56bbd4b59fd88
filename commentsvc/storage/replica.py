"""A streaming replica, which takes reads off the primary: what it shows may be late, so one looks before one reads there."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

import structlog
from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from commentsvc.errors import BadSetting
from commentsvc.settings import PREFIX, Settings
from commentsvc.storage import postgresql
from commentsvc.storage.database import POOL_SIZE, Database
from commentsvc.storage.nul import replace_nul
from commentsvc.storage.outage import DatabaseHangs, Outage
from commentsvc.storage.unit_of_work import UnitOfWork

PAUSE_SECONDS = 5  # until one that failed is asked again: to ask may take its whole time-out

log = structlog.get_logger("commentsvc.database")

_T = TypeVar("_T")


class Replica:
    """The replica's database. That it cannot be read is no error: the primary has all of it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._out_until = -math.inf  # on the monotonic clock
        self._leaving = Lock()

    def read(self, read: Callable[[UnitOfWork], _T]) -> _T | None:
        """What *read* gives of one state of the replica; None where that cannot be read now."""
        if time.monotonic() < self._out_until:
            return None
        try:
            with self._database.reading() as work:
                return read(work)
        except (
            SQLAlchemyError,
            DatabaseHangs,
        ) as why:  # or what it read was cleared away for the primary's sake
            self._leave_alone(why.orig if isinstance(why, DBAPIError) else why)
            return None

    def _leave_alone(self, why: BaseException | None) -> None:
        """Ask it no more for a while. Of the requests that met the fault at the same time, one tells it."""
        now = time.monotonic()
        with self._leaving:
            is_news = now >= self._out_until
            self._out_until = now + PAUSE_SECONDS
        if is_news:
            log.error("the replica cannot be read", kind=type(why).__name__)


def connect_replica(settings: Settings, primary: Database) -> Replica | None:
    """Give the replica of *primary*, if the settings name one; nothing is opened yet.

    :raises BadSetting: the database is none that has replicas.
    """
    if settings.database_replica_url is None:
        return None
    if primary.engine.dialect.name != "postgresql":
        raise BadSetting(
            f"Invalid {PREFIX}DATABASE_REPLICA_URL: expected {PREFIX}DATABASE_URL to name its primary."
        )
    url = make_url(settings.database_replica_url)
    engine = create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=settings.database_timeout,
        pool_pre_ping=True,
        hide_parameters=True,
        **postgresql.engine_options(url, settings.database_timeout),
    )
    outage = Outage("replica")
    postgresql.take_over(engine, settings.database_timeout, outage)
    replace_nul(engine)
    event.listen(primary.engine, "engine_disposed", lambda _engine: engine.dispose())
    return Replica(Database(engine, outage))

"""Whether there is a service in a database; what looks like one and is none is told apart."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from commentsvc.errors import BadSetting, NoService
from commentsvc.settings import PREFIX, Settings
from commentsvc.storage.database import Database
from commentsvc.storage.faults import in_one_line


def require_service(database: Database, settings: Settings) -> None:
    """Refuse where there is no service, before anything is made.

    :raises NoService: there is none; the text says where it was looked for, and how to name another place.
    :raises BadSetting: the database cannot be used, or is another program's.
    """
    if missing_file(database) is not None:
        raise no_service(settings, database.name())
    try:
        refuse_encoding(database)
        with database.engine.connect() as connection:
            has_tables = inspect(connection).has_table("alembic_version")
    except DBAPIError as why:
        raise BadSetting(f"The database cannot be used: {in_one_line(why)}") from None
    if not has_tables:
        refuse_shell(database)
        raise no_service(settings, database.name())


def no_service(settings: Settings, database: str) -> NoService:
    """What to tell where there is no service."""
    return NoService(
        f"There is no service in the data directory {settings.data_dir} and the database {database}. Name another "
        f"with --data-dir, {PREFIX}DATA_DIR or --env-file; to create one, run: commentsvc serve"
    )


def missing_file(database: Database) -> Path | None:
    """The file of SQLite's database, if it is still to be created.

    :raises BadSetting: it is gone, and its log is not.
    """
    path = database.file()
    if path is None:
        return None
    if path.is_dir():
        raise BadSetting(f"The database {path} cannot be used: Is a directory.")
    if path.exists():
        return None
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        raise BadSetting(
            f"{path} is missing, and its log {log.name} is there: put the database back beside it."
        )
    return path


def refuse_encoding(database: Database) -> None:
    """Refuse a database that cannot hold all texts.

    :raises BadSetting: it is one.
    """
    if (fault := database.encoding_fault()) is not None:
        raise BadSetting(f"The database cannot be used: {fault}.")


def refuse_shell(database: Database) -> None:
    """Refuse a file of SQLite's without our tables: we never leave one, see `schema.prepare`.

    :raises BadSetting: the database is such a file.
    """
    path = database.file()
    if path is not None:
        raise BadSetting(
            f"{path} has no tables of this service. A copy that lacks the log {path.name}-wal looks like that: restore a whole "
            "one. For a new service, remove the file."
        )

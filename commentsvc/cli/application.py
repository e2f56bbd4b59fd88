"""The application within which a command works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from commentsvc.cli.owner import settings_as_owner
from commentsvc.errors import Invalid, Problem, UnknownSite

if TYPE_CHECKING:
    from commentsvc.service import Service

DATABASE = "commentsvc.database"
"""Under which name a command's context says which database it used."""


@contextmanager
def service_of(
    context: click.Context, *, create: bool = False, prepare: bool = True, settle: bool = True
) -> Iterator[Service]:
    """Give the service that the environment describes, its database checked; *context* says which it was.

    :param create: True makes the keys and the database where there are none, and does not say it.
    :param prepare: False leaves the database as it is, and its keys unchecked.
    :param settle: False leaves the keys unchecked.
    """
    with told_plainly():
        app = context.obj(settings_as_owner(), create=create)
        service: Service = app.extensions["commentsvc"]
        service.database.illness.is_logged = False
        with app.app_context():  # `doctor` asks Flask-Limiter; nothing below the web needs one
            if prepare:
                from commentsvc.storage import schema  # Alembic, which those who serve need not hold

                schema.prepare(service.database, service.settings)
                if settle:
                    from commentsvc.actions import keys

                    keys.settle(service)
            try:
                yield service
            finally:
                service.database.illness.is_logged = True
                service.database.disconnect()  # the last to close it leaves the file whole, without a log
        if not create:
            context.meta[DATABASE] = service.database.name()


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn what we refuse into one line on standard error, without a traceback."""
    try:
        yield
    except Invalid as wrong:
        raise click.ClickException(
            " ".join(text for texts in wrong.errors.values() for text in texts)
        ) from None
    except UnknownSite as wrong:
        raise click.ClickException(f"{wrong.detail} “commentsvc site list” shows all.") from None
    except Problem as wrong:
        raise click.ClickException(wrong.detail) from None
    except OSError as why:
        if why.filename is None:  # of the output, not of a file
            raise
        raise click.ClickException(f"{why.filename}: {why.strerror}.") from None
    except Exception as why:
        if text := fault_of_database(why):
            raise click.ClickException(f"The database cannot be used: {text}") from None
        raise


def fault_of_database(why: Exception) -> str | None:
    """What the database says, if *why* is of it."""
    import sqlite3

    from sqlalchemy.exc import DBAPIError

    from commentsvc.storage.faults import in_one_line, is_of_database

    if isinstance(why, sqlite3.Error):  # of a file that is copied, or was
        return f"{why}."
    return in_one_line(why) if isinstance(why, DBAPIError) and is_of_database(why) else None

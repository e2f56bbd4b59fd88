"""The application within which a command works."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Pipe, get_context
from typing import Any

import click
from sqlalchemy.exc import DBAPIError

from commentsvc.actions import keys
from commentsvc.errors import Invalid, Problem
from commentsvc.service import Service
from commentsvc.settings import Settings
from commentsvc.storage import database
from commentsvc.storage.faults import in_one_line, is_of_database

CreateApp = Callable[[Settings], Any]


@contextmanager
def service_of(context: click.Context, *, prepare: bool = True, settle: bool = True) -> Iterator[Service]:
    """Give the service that the environment describes, its database made or checked.

    :param prepare: False leaves the database as it is, and its keys unchecked.
    :param settle: False leaves the keys unchecked.
    """
    with told_plainly():
        app = context.obj(Settings.from_environ(os.environ))
        service: Service = app.extensions["commentsvc"]
        with app.app_context():
            if prepare:
                from commentsvc.storage import schema  # Alembic, which those who serve need not hold

                schema.prepare(service.settings)
                if settle:
                    keys.settle(service)
            try:
                yield service
            finally:
                database.disconnect()  # the last to close it leaves the file whole, without a log


def apart(work: Callable[[], None]) -> None:
    """Do *work* in a process of its own, and fail as it does.

    What serves afterwards holds nothing of what it imported, and has no connection to the database
    open when it forks, which SQLite forbids (https://sqlite.org/howtocorrupt.html §2.6).
    """
    told, tell = Pipe(duplex=False)

    def alone() -> None:
        try:
            work()
        except click.ClickException as refused:
            tell.send(refused.message)

    process = get_context("fork").Process(target=alone)
    process.start()
    process.join()
    if told.poll():
        raise click.ClickException(told.recv())
    if process.exitcode:
        sys.exit(1)  # the traceback is out already


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn what we refuse into one line on standard error, without a traceback."""
    try:
        yield
    except Invalid as wrong:
        raise click.ClickException(
            " ".join(text for texts in wrong.errors.values() for text in texts)
        ) from None
    except Problem as wrong:
        raise click.ClickException(wrong.detail) from None
    except DBAPIError as why:
        if not is_of_database(why):
            raise
        raise click.ClickException(f"The database cannot be used: {in_one_line(why)}") from None

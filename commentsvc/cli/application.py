"""The application within which a command works."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from commentsvc.errors import Invalid, Problem
from commentsvc.service import Service
from commentsvc.settings import Settings
from commentsvc.storage import database

CreateApp = Callable[[Settings], Any]


@contextmanager
def service_of(context: click.Context, *, prepare: bool = True) -> Iterator[Service]:
    """Give the service that the environment describes, its database made or checked."""
    with told_plainly():
        app = context.obj(Settings.from_environ(os.environ))
        service: Service = app.extensions["commentsvc"]
        with app.app_context():
            if prepare:
                database.prepare(service.settings)
            yield service


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

"""`commentsvc db`: after an upgrade."""

from __future__ import annotations

import click

from commentsvc.actions import keys
from commentsvc.cli.application import service_of
from commentsvc.cli.words import Group


@click.group(cls=Group)
def db() -> None:
    """The database."""


@db.command()
@click.pass_context
def upgrade(context: click.Context) -> None:
    """Migrate the database to the current schema."""
    from commentsvc.storage import schema  # Alembic, which those who serve need not hold

    with service_of(context, prepare=False) as service:
        schema.migrate(service.database, service.settings)
        keys.settle(service)
    click.echo("The database is up to date.")

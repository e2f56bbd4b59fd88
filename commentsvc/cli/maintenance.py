"""`commentsvc db` and `commentsvc rerender`: after an upgrade."""

from __future__ import annotations

import click

from commentsvc.actions import keys
from commentsvc.actions.rerender import rerender as bring_up
from commentsvc.cli.application import service_of


@click.group()
def db() -> None:
    """The database."""


@db.command()
@click.pass_context
def upgrade(context: click.Context) -> None:
    """Bring the database up to this version of the program."""
    from commentsvc.storage import schema  # Alembic, which those who serve need not hold

    with service_of(context, prepare=False) as service:
        schema.migrate(service.settings)
        keys.settle(service)
    click.echo("The database is up to date.")


@click.command()
@click.pass_context
def rerender(context: click.Context) -> None:
    """Bring the HTML of old comments up to the current rules of sanitising."""
    with service_of(context) as service:
        changed, seen = bring_up(service)
    click.echo(f"Rendered {seen} comments again; {changed} of them look different now.")

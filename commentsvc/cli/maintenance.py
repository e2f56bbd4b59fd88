"""`commentsvc db` and `commentsvc rerender`: after an upgrade."""

from __future__ import annotations

import click

from commentsvc.actions.rerender import rerender as bring_up
from commentsvc.cli.application import service_of
from commentsvc.storage.database import migrate


@click.group()
def db() -> None:
    """The database."""


@db.command()
@click.pass_context
def upgrade(context: click.Context) -> None:
    """Bring the database up to this version of the program."""
    with service_of(context, prepare=False) as service:
        migrate(service.settings)
    click.echo("The database is up to date.")


@click.command()
@click.pass_context
def rerender(context: click.Context) -> None:
    """Bring the HTML of old comments up to the current rules of sanitising."""
    with service_of(context) as service:
        changed, seen = bring_up(service)
    click.echo(f"Rendered {seen} comments again; {changed} of them look different now.")

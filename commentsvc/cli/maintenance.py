"""`commentsvc db` and `commentsvc rerender`: after an upgrade."""

from __future__ import annotations

import click
from flask_migrate import upgrade as run_migrations

from commentsvc.actions.rerender import rerender as bring_up
from commentsvc.cli.application import service_of


@click.group()
def db() -> None:
    """The database."""


@db.command()
@click.pass_context
def upgrade(context: click.Context) -> None:
    """Bring the database up to this version of the program."""
    with service_of(context, prepare=False) as service:
        service.settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        run_migrations()
    click.echo("The database is up to date.")


@click.command()
@click.pass_context
def rerender(context: click.Context) -> None:
    """Bring the HTML of old comments up to the current rules of sanitising."""
    with service_of(context) as service:
        changed, seen = bring_up(service)
    click.echo(f"Rendered {seen} comments again; {changed} of them look different now.")

"""`commentsvc keys`: which keys the database is used with, and going on after one was lost."""

from __future__ import annotations

import click

from commentsvc.actions import keys as actions
from commentsvc.cli.application import service_of


@click.group()
def keys() -> None:
    """The keys of the service."""


@keys.command("list")
@click.pass_context
def list_keys(context: click.Context) -> None:
    """List the keys that the database is used with: what each is for, its name, whether it is here."""
    with service_of(context, settle=False) as service, service.reading() as work:
        for kind, name, state in actions.list_keys(service, work):
            click.echo(f"{kind:8} {name or '-':16} {state}")


@keys.command("accept")
@click.confirmation_option(
    prompt="What lost keys sealed or signed stays lost. Go on with those that are here?"
)
@click.pass_context
def accept(context: click.Context) -> None:
    """Go on with the keys that are here, where others were lost for good."""
    with service_of(context, settle=False) as service:
        actions.accept(service)
    click.echo("The database uses these keys from now on.")

"""`commentsvc init`: a service for scripts, which set it up before it serves."""

from __future__ import annotations

import click

from commentsvc.cli.application import service_of


@click.command()
@click.pass_context
def init(context: click.Context) -> None:
    """Create the service, its database and keys, if it is not there; `serve` does the same."""
    with service_of(context, create=True) as service:
        where = service.settings.data_dir, service.database.name()
    click.echo("The service is in the data directory {} and the database {}.".format(*where))

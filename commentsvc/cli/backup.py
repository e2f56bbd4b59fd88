"""`commentsvc backup` and `commentsvc restore`."""

from __future__ import annotations

from pathlib import Path

import click

from commentsvc.cli.application import service_of, told_plainly
from commentsvc.cli.doctor import tell_proofs
from commentsvc.cli.owner import settings_as_owner
from commentsvc.serving.data_lock import alone_on

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--with-keys", is_flag=True, help="The keys, too: who has FILE then reads all e-mail addresses."
)
def backup(file: Path, with_keys: bool) -> None:
    """Write a backup into FILE, while the service runs."""
    from commentsvc.actions.backup import back_up  # Alembic, which those who serve need not hold

    with told_plainly():
        settings = settings_as_owner()
        made = back_up(settings, file, with_keys=with_keys)
    click.echo(f"Backed up {made.rows['comment']} comments in {made.rows['thread']} threads to {file}.")
    if not with_keys:
        click.echo("The keys are not in it; keep secret.key and address.keys elsewhere.", err=True)


@click.command()
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Lose what is in the database now.")
@click.option(
    "--to",
    type=click.Choice(["sqlite", "postgresql"]),
    help="Move to that database, which DATABASE_URL names.",
)
@click.pass_context
def restore(context: click.Context, file: Path, replace: bool, to: str | None) -> None:
    """Restore the service from the backup FILE, and check it as “commentsvc doctor --deep” does.

    The service must be stopped. Keys that are replaced stay beside the new ones.
    """
    from commentsvc.actions import backup as backups  # Alembic, which those who serve need not hold

    with told_plainly():
        settings = settings_as_owner()
        with alone_on(settings.data_dir):
            made = backups.restore(settings, file, replace_old=replace, to=to)
            click.echo(
                f"Restored the backup of {made.created:%Y-%m-%d %H:%M UTC}, made by version {made.program}."
            )
            with service_of(context) as service, service.reading() as work:
                well = tell_proofs(work)
    if not well:
        context.exit(1)

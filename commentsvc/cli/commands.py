"""The commands of `commentsvc`, put together."""

from __future__ import annotations

import os
from pathlib import Path

import click

from commentsvc import __version__
from commentsvc.cli.accounts import token, user
from commentsvc.cli.application import DATABASE, told_plainly
from commentsvc.cli.audit import audit
from commentsvc.cli.backup import backup, restore
from commentsvc.cli.configuration import config
from commentsvc.cli.demo import demo
from commentsvc.cli.doctor import doctor
from commentsvc.cli.embedding import embed_snippet
from commentsvc.cli.env_file import read_env_file
from commentsvc.cli.exporting import export
from commentsvc.cli.imports import import_, imports
from commentsvc.cli.init import init
from commentsvc.cli.jobs import job, rerender, worker
from commentsvc.cli.keys import keys
from commentsvc.cli.mail import mail
from commentsvc.cli.maintenance import db
from commentsvc.cli.person import person
from commentsvc.cli.privacy import privacy_check, privacy_text
from commentsvc.cli.serve import serve
from commentsvc.cli.sites import site
from commentsvc.cli.terminal import tell
from commentsvc.cli.webhooks import webhook
from commentsvc.cli.words import Program
from commentsvc.settings import PREFIX


@click.group(cls=Program)
@click.version_option(__version__, prog_name="commentsvc")
@click.option("--data-dir", metavar="DIR", help=f"The service's folder, as {PREFIX}DATA_DIR.")
@click.option(
    "--env-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Settings, as systemd's EnvironmentFile; those of the environment win.",
)
def main(data_dir: str | None, env_file: Path | None) -> None:
    """A self-hosted comment section: threaded, fast, and it never publishes an e-mail address."""
    with told_plainly():
        if env_file is not None:
            os.environ.update(read_env_file(env_file) | os.environ)
    if data_dir is not None:
        os.environ[PREFIX + "DATA_DIR"] = data_dir


@main.result_callback()
@click.pass_context
def name_database(context: click.Context, /, _result: object, **_options: object) -> None:
    """Say which database a command used that did what it was asked for."""
    if database := context.meta.get(DATABASE):
        tell(f"Database: {database}")


for command in (
    init,
    serve,
    worker,
    demo,
    config,
    db,
    doctor,
    backup,
    restore,
    export,
    import_,
    imports,
    rerender,
    job,
    site,
    user,
    token,
    webhook,
    keys,
    audit,
    person,
    mail,
    privacy_check,
    privacy_text,
    embed_snippet,
):
    main.add_command(command)

"""The commands of `commentsvc`, put together."""

from __future__ import annotations

import click

from commentsvc import __version__
from commentsvc.cli.accounts import token, user
from commentsvc.cli.audit import audit
from commentsvc.cli.backup import backup, restore
from commentsvc.cli.configuration import config
from commentsvc.cli.demo import demo
from commentsvc.cli.doctor import doctor
from commentsvc.cli.embedding import embed_snippet
from commentsvc.cli.jobs import job, rerender, worker
from commentsvc.cli.keys import keys
from commentsvc.cli.maintenance import db
from commentsvc.cli.serve import serve
from commentsvc.cli.sites import site
from commentsvc.cli.words import Program


@click.group(cls=Program)
@click.version_option(__version__, prog_name="commentsvc")
def main() -> None:
    """A self-hosted comment section: threaded, fast, and it never publishes an e-mail address."""


for command in (
    serve,
    worker,
    demo,
    config,
    db,
    doctor,
    backup,
    restore,
    rerender,
    job,
    site,
    user,
    token,
    keys,
    audit,
    embed_snippet,
):
    main.add_command(command)

"""`commentsvc audit`: what was done by whom, and whether all of it is there."""

from __future__ import annotations

import re

import click
import msgspec

from commentsvc.actions import audit as actions
from commentsvc.audit.trail import Kind
from commentsvc.audit.verification import Broken
from commentsvc.cli.application import service_of
from commentsvc.cli.terminal import tell
from commentsvc.cli.words import Group

PAGE = 200


@click.group(cls=Group)
def audit() -> None:
    """The audit log: decisions, sign-ins, people, API tokens, sites, blocks, rules and threads."""


@audit.command("list")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), help="Of this kind alone.")
@click.option("--last", default=100, show_default=True, type=click.IntRange(1), help="How many entries.")
@click.pass_context
def list_entries(context: click.Context, kind: str | None, last: int) -> None:
    """List the newest entries, newest first: time, who, what."""
    with service_of(context) as service, service.reading() as work:
        cursor, left = None, last
        while left > 0:
            entries, cursor = actions.read_trail(service, work, None, kind, min(left, PAGE), cursor)
            for entry in entries:
                who = f"{entry.by_name} ({entry.by})" if entry.by else "somebody"
                what = msgspec.json.encode(entry.what).decode()
                click.echo(f"{entry.at:%Y-%m-%d %H:%M:%S UTC}  {who}  {entry.kind}  {what}")
            left -= len(entries)
            if cursor is None:
                return


@audit.command()
@click.option(
    "--head", metavar="HASH", help="A hash that this command printed before: nothing up to it was cut off."
)
@click.pass_context
def verify(context: click.Context, head: str | None) -> None:
    """Prove that no entry was changed, added or removed, and print the hash of the newest.

    Note that hash where nobody who can write to the database can write, and give it as --head the next time.
    """
    if head is not None and not re.fullmatch("[0-9a-f]{64}", head := head.strip().lower()):
        raise click.BadParameter("A hash has 64 hexadecimal digits.", param_hint="--head")
    with service_of(context) as service, service.reading() as work:
        found = actions.verify(work, head)
    if isinstance(found, Broken):
        click.echo(found.fault)
        context.exit(1)
    click.echo(found.hash)
    since = (
        f" They are all that was written since {found.gone_at:%Y-%m-%d %H:%M:%S UTC}."
        if found.gone_at
        else ""
    )
    waiting = f" {found.waiting} lines of an older program are not among them yet." if found.waiting else ""
    tell(f"{found.entries} entries are as they were written.{since}{waiting}")

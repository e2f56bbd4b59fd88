"""`commentsvc audit`: what was done by whom."""

from __future__ import annotations

import click
import msgspec

from commentsvc.actions import audit as actions
from commentsvc.audit.trail import Kind
from commentsvc.cli.application import service_of

PAGE = 200


@click.group()
def audit() -> None:
    """The audit trail: sign-ins, people, API tokens, sites, blocks and threads."""


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

"""`commentsvc keys`: which keys the database is used with, new ones, and going on after one was lost."""

from __future__ import annotations

import click

from commentsvc.actions import key_rotation
from commentsvc.actions import keys as actions
from commentsvc.actions.key_rotation import PURPOSES, Rotation
from commentsvc.cli.application import service_of
from commentsvc.cli.words import Group
from commentsvc.model import KeyKind


@click.group(cls=Group)
def keys() -> None:
    """The keys of the service."""


@keys.command("list")
@click.pass_context
def list_keys(context: click.Context) -> None:
    """List the keys: what each is for, its name, whether it is here, and whether it is still needed."""
    with service_of(context, settle=False) as service, service.reading() as work:
        for kind, name, state in actions.list_keys(service, work):
            click.echo(f"{kind:8} {name or '-':16} {state}")


@keys.command("rotate")
@click.argument("kind", type=click.Choice([str(one) for one in PURPOSES]), required=False)
@click.pass_context
def rotate(context: click.Context, kind: str | None) -> None:
    """Make a new key to seal addresses, to find them, or to sign; without a word, all three.

    A key file is written; keys that come by environment are printed, to be set.
    """
    with service_of(context) as service:
        rotations = key_rotation.rotate(service, PURPOSES if kind is None else (KeyKind(kind),))
    for one in rotations:
        if one.written is None:
            click.echo(f"{one.setting}={one.text}")
        else:
            click.echo(f"Wrote {one.written}; the keys of before are in {one.former}.")
    for line in _next_steps(rotations):
        click.echo(line, err=True)


def _next_steps(rotations: list[Rotation]) -> list[str]:
    if any(one.waits for one in rotations):
        return [
            "Set that on every node, and restart each: the new key is then known, and not used yet.",
            "Then run this command again, on any of them.",
        ]
    where = (
        "Set that on every node, and restart each" if any(not one.written for one in rotations) else "Restart"
    )
    return [f"{where}: the new key is used from then on. What addresses need is done by the job “reseal”."]


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

"""`commentsvc mail`: try whether mail goes out, and take in what comes back."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from secrets import token_bytes

import click
from sqlalchemy.exc import SQLAlchemyError

from commentsvc.cli.application import service_of, told_plainly
from commentsvc.cli.owner import settings_as_owner
from commentsvc.cli.terminal import tell
from commentsvc.cli.words import Group
from commentsvc.intake.fields import read_email
from commentsvc.notifications.kind import Dead, Retry, Sent
from commentsvc.notifications.mail import bounces
from commentsvc.notifications.mail.answers import Report
from commentsvc.notifications.mail.compose import compose
from commentsvc.notifications.mail.letters.trial import trial_letter
from commentsvc.notifications.mail.smtp import Talk, deliver
from commentsvc.settings import PREFIX
from commentsvc.storage.outbox import fresh_message_id

NO_DATABASE = os.EX_TEMPFAIL  # a mail server keeps the message, and comes again


@click.group(cls=Group)
def mail() -> None:
    """Try whether mail goes out, and take in what comes back."""


@mail.command()
@click.argument("address")
@click.pass_context
def test(context: click.Context, address: str) -> None:
    """Send a mail to an address, and show what is said with the mail server.

    Where it is not taken, the setting to change is named, and the exit code is 1.
    """
    with told_plainly():
        settings = settings_as_owner()
    if settings.smtp_url is None:
        raise click.ClickException(f"No mail server is set. Change {PREFIX}SMTP_URL.")
    try:
        letter = trial_letter(settings, read_email(address))
    except ValueError as why:
        raise click.ClickException(str(why)) from None
    written = compose(settings, letter, fresh_message_id(token_bytes), datetime.now(UTC))
    report = deliver(settings, written, Talk(click.echo))
    if isinstance(report.outcome, Sent):
        click.echo("The mail server took the mail.")
        return
    for line in told(report):
        click.echo(line)
    context.exit(1)


def told(report: Report) -> Iterator[str]:
    """Why a mail was not taken, and what to change."""
    if isinstance(report.outcome, Retry | Dead):
        yield f"It was not taken ({report.outcome.error})."
    if report.advice is not None:
        end = "" if report.advice.endswith("?") else "."
        yield f"{report.advice[0].upper()}{report.advice[1:]}{end}"
    if report.setting is not None:
        yield f"Change {PREFIX}{report.setting}."


@mail.command()
@click.option(
    "--recipient", metavar="ADDRESS", help="The address at which it came, where its headers do not say."
)
@click.pass_context
def bounce(context: click.Context, recipient: str | None) -> None:
    """Take in a message on standard input that came back, and say what it reports: hard, soft or none, and why.

    A hard one, or a complaint, ends mail to that address until it is confirmed again.
    """
    raw = sys.stdin.buffer.read(bounces.MOST_BYTES)
    while sys.stdin.buffer.read(bounces.MOST_BYTES):  # a mail server must not write to who is gone
        pass
    try:
        with service_of(context) as service:
            found = bounces.take(service, raw, recipient)
    except (click.ClickException, SQLAlchemyError) as why:
        tell(why.format_message() if isinstance(why, click.ClickException) else type(why).__name__)
        context.exit(NO_DATABASE)
    click.echo(f"{found.kind}: {found.why}")

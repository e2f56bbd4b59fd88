"""`commentsvc person`: what belongs to the person of an e-mail address."""

from __future__ import annotations

from typing import TextIO

import click
import msgspec

from commentsvc.actions import erase_person, persons, sites
from commentsvc.cli.application import service_of
from commentsvc.cli.terminal import tell
from commentsvc.cli.words import Group
from commentsvc.model import Certificate, PersonSummary

SITE = click.option("--site", "slug", metavar="SLUG", help="On that site alone; on all unless told.")


@click.group(cls=Group)
def person() -> None:
    """What belongs to the person of an e-mail address: show it, hand it out, erase it."""


@person.command()
@click.argument("email")
@SITE
@click.pass_context
def show(context: click.Context, email: str, slug: str | None) -> None:
    """Show what is stored of a person, in short."""
    with service_of(context) as service, service.reading() as work:
        site = None if slug is None else sites.site_of(service, work, slug)
        _tell_summary(persons.show_person(service, work, None, email, site))


@person.command()
@click.argument("email")
@SITE
@click.pass_context
def export(context: click.Context, email: str, slug: str | None) -> None:
    """Print all that is stored of a person as JSON, to hand it to them."""
    with service_of(context) as service, service.reading() as work:
        site = None if slug is None else sites.site_of(service, work, slug)
        _print_json(persons.export_person(service, work, None, email, site))


@person.command()
@click.argument("email")
@SITE
@click.option("--keep-text", is_flag=True, help="Keep what they wrote, as by “Anonymous”.")
@click.pass_context
def erase(context: click.Context, email: str, slug: str | None, keep_text: bool) -> None:
    """Erase what is stored of a person, and print a certificate, which “person verify” can check.

    Killed or stopped, it goes on when it is run again.
    """
    with service_of(context) as service:
        with service.reading() as work:
            site = None if slug is None else sites.site_of(service, work, slug)
        certificate = erase_person.erase_person(service, None, email, site, keep_text=keep_text)
    _print_json(certificate)
    if certificate.kept["account"]:
        tell("The account at the desk is kept; “commentsvc user remove” removes it.")


@person.command()
@click.argument("certificate", type=click.File(encoding="utf-8"))
@click.pass_context
def verify(context: click.Context, certificate: TextIO) -> None:
    """Check a certificate, a file or - for standard input: whether it is ours, and nothing of then is here again."""
    with service_of(context) as service:
        try:
            read = msgspec.json.decode(certificate.read(), type=Certificate)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise click.ClickException("This is no certificate of an erasure.") from None
        with service.reading() as work:
            found = erase_person.verify_certificate(service, work, read)
    if not found.genuine:
        raise click.ClickException("This service did not sign this certificate, or it was changed.")
    where = "all sites" if read.site is None else f"the site {read.site}"
    click.echo(
        f"Genuine: {read.erased['comments']} comments until {read.at:%Y-%m-%d %H:%M:%S UTC}, on {where}."
    )
    if found.found:
        raise click.ClickException(
            f"{found.found} comments of then are here, as from an older backup or an import; erase again."
        )


def _tell_summary(found: PersonSummary) -> None:
    states = ", ".join(f"{count} {state}" for state, count in found.by_state.items()) or "none"
    click.echo(f"comments: {states}")
    for label, values in (
        ("addresses", found.addresses),
        ("names", found.names),
        ("trusted on", found.trusted),
    ):
        if values:
            click.echo(f"{label}: {', '.join(map(repr, values)) if label == 'names' else ', '.join(values)}")
    if found.follows:
        click.echo(f"emails about comments asked for: {found.follows}")
    click.echo(f"reports made: {found.reports_made}")
    click.echo(f"blocks: {found.blocks}")
    click.echo(f"rules: {found.rules}")
    if found.account:
        click.echo(f"account: {found.account.role} ({found.account.id})")
    for one in found.comments:
        beside = "".join(
            f"  {count} {what}"
            for what, count in (
                ("notes", one.notes),
                ("reports", one.reports),
                ("objections", one.objections),
            )
            if count
        )
        click.echo(
            f"{one.posted_at:%Y-%m-%d %H:%M:%S UTC}  {one.state}  {one.site}  {one.article!r}  {one.id}{beside}"
        )


def _print_json(value: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())

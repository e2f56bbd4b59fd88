"""`commentsvc doctor`: is all well? Exit code 1 if not; no line holds an address or a text."""

from __future__ import annotations

import os
from collections.abc import Iterator

import click
from flask import current_app

from commentsvc.actions import doctor as examining
from commentsvc.cli.application import service_of, told_plainly
from commentsvc.errors import BadSetting
from commentsvc.privacy.keys import address_keys_source, missing_keys
from commentsvc.service import Service
from commentsvc.settings import Settings
from commentsvc.storage.unit_of_work import UnitOfWork


@click.command()
@click.option(
    "--deep",
    is_flag=True,
    help="Also prove counts, places and versions of every thread, and open every address.",
)
@click.pass_context
def doctor(context: click.Context, deep: bool) -> None:
    """Check that the service can work; with --deep, that every thread is right and every address opens."""
    with told_plainly():
        _require_keys(Settings.from_environ(os.environ))
    with service_of(context, prepare=False) as service:
        well = _tell(_quick(service))
        if deep and well:
            with service.reading() as work:
                proofs = tell_proofs(work)
                well = _tell_addresses(service, work) and proofs
    if not well:
        context.exit(1)


def _require_keys(settings: Settings) -> None:
    """Refuse to go on where the application would make new keys: that is for `serve` to do.

    :raises BadSetting: a key is missing.
    """
    for file in missing_keys(settings):
        raise BadSetting(
            f"There is no key in {file}. Restore it from a backup; for a new service, run: commentsvc serve"
        )


def _quick(service: Service) -> Iterator[tuple[str, str | None]]:
    """What is looked at, with what is wrong about it; the database that is well is named with its file."""
    exposed = ", ".join(map(str, examining.exposed(service.settings)))
    yield "data directory", f"other users of this machine may open or exchange {exposed}" if exposed else None
    fault = examining.database_fault(service.database)
    file = service.database.file() if fault is None else None
    yield f"database: {file}" if file else "database", fault
    if fault is None:
        yield "address keys", examining.keys_fault(service)
    can_count = current_app.extensions["commentsvc.limits"].can_count()
    yield "rate limits", None if can_count else "their storage cannot be used"


def _tell(checks: Iterator[tuple[str, str | None]]) -> bool:
    """Print each check as it is done; give whether all is well."""
    well = True
    for what, fault in checks:
        click.echo(f"{'ok' if fault is None else 'wrong':6} {what}" + (f": {fault}" if fault else ""))
        well = well and fault is None
    return well


def _tell_addresses(service: Service, work: UnitOfWork) -> bool:
    """Print how many addresses can be read; give whether all can."""
    total, wrong = examining.unreadable_addresses(service, work)
    if wrong:
        source = address_keys_source(service.settings)
        click.echo(
            f"wrong  {wrong} of {total} addresses cannot be read or found with the keys in {source}; "
            "restore the key that sealed them from a backup"
        )
    else:
        click.echo(f"ok     {total} addresses")
    return not wrong


def tell_proofs(work: UnitOfWork) -> bool:
    """Print what is wrong in each thread; give whether nothing is."""
    threads = comments = faults = 0
    for proof in examining.prove(work):
        threads += 1
        comments += proof.comments
        for fault, rows in proof.faults.items():
            # An article ID may hold anything, line breaks and a terminal's commands too.
            click.echo(f"wrong  {proof.site} {proof.article!r}: {fault} ({rows})")
            faults += 1
    click.echo(f"{'wrong' if faults else 'ok':6} {comments} comments in {threads} threads")
    return not faults

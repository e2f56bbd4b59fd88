"""`commentsvc doctor`: is all well? Exit code 1 if not; no line holds an address or a text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import click
from flask import current_app
from msgspec import json

from commentsvc.actions import doctor as examining
from commentsvc.actions import outbox
from commentsvc.cli.application import fault_of_database, service_of, told_plainly
from commentsvc.cli.owner import settings_as_owner
from commentsvc.diagnosis.browser import Browser
from commentsvc.diagnosis.examination import examine
from commentsvc.diagnosis.findings import Fault, Finding
from commentsvc.errors import BadSetting
from commentsvc.jobs import queue
from commentsvc.notifications import chat
from commentsvc.notifications.kind import Retry
from commentsvc.notifications.mail.smtp import probe
from commentsvc.privacy.keys import address_keys_source, missing_keys
from commentsvc.service import Service
from commentsvc.settings import PREFIX, Settings
from commentsvc.settings.values import shown
from commentsvc.storage.presence import no_service
from commentsvc.storage.unit_of_work import UnitOfWork


@click.command()
@click.option("--deep", is_flag=True, help="Also prove every thread, and open every address.")
@click.option(
    "--page", metavar="URL", help="Also read this page of yours, and the service, as a browser does."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def doctor(context: click.Context, deep: bool, page: str | None, as_json: bool) -> None:
    """Check that the service can work; with --deep, that every thread is right; with --page, that readers reach it."""
    with told_plainly():
        _require_keys(settings_as_owner())
    with service_of(context, create=True, prepare=False) as service:
        findings = _findings(service, deep, page)
        well = _print_json(findings, service) if as_json else _print(findings)
    if not well:
        context.exit(1)


def _require_keys(settings: Settings) -> None:
    """Refuse to go on where the application would make new keys: that is for `serve` to do.

    :raises NoService: there is no database either.
    :raises BadSetting: a key is missing.
    """
    for file in missing_keys(settings):
        database = settings.database_file()
        if database is not None and not database.exists():
            raise no_service(settings, str(database))
        raise BadSetting(
            f"There is no key in {file}. Restore it from a backup; for a new service, run: commentsvc serve"
        )


def _findings(service: Service, deep: bool, page: str | None) -> Iterator[Finding]:
    """All that is looked at, until the database can be read no further."""
    try:
        yield from _all(service, deep, page)
    except Exception as why:
        if (fault := fault_of_database(why)) is None:
            raise
        yield _finding("database", fault, "DATABASE_URL")


def _all(service: Service, deep: bool, page: str | None) -> Iterator[Finding]:
    """All that is looked at; the threads only where all else is well."""
    well = True
    for finding in chain(_quick(service), examine(service, page, Browser()) if page else ()):
        well = well and finding.fault is None
        yield finding
    if deep and well:
        with service.reading() as work:
            yield from _unreadable(service, work)
        if (lost := examining.search_index_fault(service)) is not None:
            yield Finding("search", Fault(lost, None))
        with service.reading() as work:
            yield from _proofs(work)


def _quick(service: Service) -> Iterator[Finding]:
    """What can be looked at in a moment; the database that is well is named with its file."""
    exposed = ", ".join(map(str, examining.exposed(service.settings)))
    fault = f"other users of this machine may open or exchange {exposed}" if exposed else None
    yield _finding("data directory", fault, "DATA_DIR")
    fault = examining.database_fault(service.database)
    file = service.database.file() if fault is None else None
    yield _finding(f"database: {file}" if file else "database", fault, "DATABASE_URL")
    if fault is None:
        yield _finding("address keys", examining.keys_fault(service), "ADDRESS_KEYS")
        yield _finding("search", examining.search_fault(service), "DATABASE_URL")
        yield Finding("outbox", _fault_of_outbox(service))
        fault = examining.jobs_fault(queue.given_up(service))
        yield Finding("jobs", None if fault is None else Fault(fault, None))
    if (server := service.settings.smtp_url) is not None:
        yield _mail(service.settings, str(server))
    if service.settings.notify_urls:
        kinds = ", ".join(chat.faulty(service.settings.notify_urls))
        yield _finding("chats", f"Apprise cannot read: {kinds}" if kinds else None, "NOTIFY_URLS")
    can_count = current_app.extensions["commentsvc.limits"].can_count()
    fault = None if can_count else "their storage cannot be used"
    yield _finding("rate limits", fault, "REDIS_URL" if service.settings.redis_url else "DATA_DIR")


def _mail(settings: Settings, server: str) -> Finding:
    """Whether the mail server takes our connection; nothing is sent."""
    report = probe(settings)
    name = f"mail server: {server}"
    if not isinstance(report.outcome, Retry):
        return Finding(name, None)
    advice = f" ({report.advice})" if report.advice else ""
    return _finding(name, f"{report.outcome.error}{advice}", report.setting or "SMTP_URL")


def _fault_of_outbox(service: Service) -> Fault | None:
    detail = examining.outbox_fault(service, outbox.whole_state(service))
    return None if detail is None else Fault(detail, None)


def _finding(name: str, detail: str | None, setting: str) -> Finding:
    return Finding(name, None if detail is None else Fault(detail, PREFIX + setting))


def _print(findings: Iterator[Finding]) -> bool:
    """Print each finding as it comes; give whether all is well."""
    well = True
    for finding in findings:
        _print_one(finding)
        well = well and finding.fault is None
    return well


def _print_one(finding: Finding) -> None:
    fault = finding.fault
    detail = f": {shown(fault.detail)}" if fault is not None and fault.detail else ""
    click.echo(f"{'ok' if fault is None else 'wrong':6} {finding.name}{detail}")
    if fault is not None and fault.setting is not None:
        click.echo(f"       change {shown(fault.setting)}")


def _print_json(findings: Iterator[Finding], service: Service) -> bool:
    """Print all findings as one object; give whether all is well."""
    found = list(findings)
    well = all(finding.fault is None for finding in found)
    checks = [
        {
            "name": finding.name,
            "ok": finding.fault is None,
            "detail": finding.fault.detail if finding.fault else None,
            "setting": finding.fault.setting if finding.fault else None,
        }
        for finding in found
    ]
    click.echo(json.encode({"ok": well, "checks": checks, "outbox": _outbox(service)}))
    return well


def _outbox(service: Service) -> dict[str, int] | None:
    """How the outbox stands; None where the database cannot be asked, which a check says."""
    if examining.database_fault(service.database) is not None:
        return None
    state = outbox.whole_state(service)
    return {"waiting": state.waiting, "oldest_seconds": state.oldest_seconds, "dead": state.dead}


def _unreadable(service: Service, work: UnitOfWork) -> Iterator[Finding]:
    """How many addresses the keys do not open or find, if there are such."""
    total, wrong = examining.unreadable_addresses(service, work)
    if wrong:
        source = address_keys_source(service.settings)
        detail = (
            f"{wrong} of {total} cannot be read or found with the keys in {source}; restore those of a backup"
        )
        yield _finding("addresses", detail, "ADDRESS_KEYS")


def tell_proofs(work: UnitOfWork) -> bool:
    """Print what is wrong in each thread; give whether nothing is."""
    return _print(_proofs(work))


def _proofs(work: UnitOfWork) -> Iterator[Finding]:
    """What is wrong in each thread, and at the end how many were looked through."""
    threads = comments = faults = 0
    for proof in examining.prove(work):
        threads += 1
        comments += proof.comments
        for fault, rows in proof.faults.items():
            # An article ID may hold anything, line breaks and a terminal's commands too.
            yield Finding(f"{proof.site} {proof.article!r}", Fault(f"{fault} ({rows})", None))
            faults += 1
    if miscounted := work.counts.miscounted():
        yield Finding("comments counted by state", Fault(f"{miscounted} counts are not what there is", None))
        faults += 1
    summary = f"{comments} comments in {threads} threads"
    yield Finding(summary, Fault("", None) if faults else None)

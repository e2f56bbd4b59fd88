"""Records of our own format, brought in as they were: what no other format tells of threads, comments and a site."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from msgspec import json, to_builtins

from commentsvc.actions import closing, sites
from commentsvc.actions.bulk_insert import Loadable
from commentsvc.actions.retention import Kept
from commentsvc.ids import fresh_id
from commentsvc.intake.articles import read_pattern
from commentsvc.intake.fields import read_web_address
from commentsvc.model import SafeHtml, Site
from commentsvc.origins import read_origin
from commentsvc.privacy import sealing
from commentsvc.publishing import sanitise
from commentsvc.publishing.redaction import render_stored
from commentsvc.service import Service
from commentsvc.settings.values import read_privacy_page
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.pages import MAX_PINS
from commentsvc.threads.places import decode
from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.native import NETWORKS, CommentLine, ReportLine, SiteLine, ThreadLine

DECODED = 1000  # records that are at hand: each is asked for several times while it is stored
NO_HTML = SafeHtml("")
_comment = json.Decoder(CommentLine)
_thread = json.Decoder(ThreadLine)


@lru_cache(DECODED)
def comment_line(original: str) -> CommentLine:
    """The comment of a record."""
    return _comment.decode(original)


def settings_to_take(service: Service, site: Site, line: SiteLine) -> dict[str, object]:
    """Which settings of an exported site *site* is to take: all that say something else, if nothing was ever posted there.

    :raises Unreadable: one of them cannot be.
    """
    with service.reading() as work:
        stored = work.sites.by_id(site.id)
        is_strict = site.id in work.sites.requiring_second_factor()
        is_used = bool(work.exporting.threads(site.id, "", 1))
        kept_for = dict(dict(work.sites.retained())[site.id])
    plain = ("mode", "privacy_url", "close_after_days", "reports_hold", "retain_networks")
    now = {name: getattr(stored, name) for name in plain}
    lists = {name: list(getattr(stored, name)) for name in ("origins", "articles", "reasons")}
    before = now | lists | {"checks": dict(stored.checks), "second_factor": is_strict, "retain": kept_for}
    exported = {name: value for name, value in _settings(service, line).items() if _says_something(value)}
    return {} if is_used else {name: value for name, value in exported.items() if before[name] != value}


def settled(service: Service, site: Site, changes: Mapping[str, object]) -> Site:
    """Give *site* these settings, and give it as it is then."""
    sites.change_site(service, site.slug, **cast(Any, changes))
    with service.reading() as work:
        return sites.by_id(service, work, site.id)


def _says_something(value: object) -> bool:
    return bool(value) or (value == 0 and value is not False)  # 0 reports hold no comment


def _settings(service: Service, line: SiteLine) -> dict[str, object]:
    known = sites.check_names(service)
    try:
        return {
            "origins": [read_origin(origin) for origin in line.origins],
            "articles": [read_pattern(pattern) for pattern in line.articles],
            "mode": line.mode,
            "checks": {name: mode for name, mode in line.checks.items() if name in known},
            "privacy_url": None if line.privacy_url is None else read_privacy_page(line.privacy_url),
            "close_after_days": line.close_after_days,
            "reports_hold": line.reports_hold,
            "reasons": line.reasons,
            "second_factor": line.second_factor,
            "retain_networks": line.retain.get(NETWORKS),
            "retain": {kind: _days(line.retain[kind]) for kind in map(str, Kept) if kind in line.retain},
        }
    except ValueError as wrong:
        raise Unreadable(f"A setting of the site “{line.slug}” is not {wrong}.") from None


def _days(days: int | None) -> int | None:
    if days == 0:
        raise ValueError(f"a number of days from 1 to {closing.LONGEST_DAYS}")
    return days


def loadable(
    service: Service,
    site: Site,
    line: CommentLine,
    public_id: str,
    name: str,
    email: str | None,
    url: str | None,
) -> Loadable:
    """Give the comment of *line* as it is stored, under that id; *name*, *email* and *url* were read."""
    spans = None if line.redactions is None else [list(span) for span in line.redactions]
    columns = {
        "public_id": public_id,
        "site_id": site.id,
        "state": line.state,
        "reasons": line.reasons,
        "findings": to_builtins(line.findings),
        "fingerprint": None,
        "author_id": line.author_id,
        "author_name": name,
        "author_url": url,
        "text": line.text,
        "markup": line.markup,
        "html": NO_HTML if line.erased_at is not None else render_stored(line.text, spans, line.markup),
        "rules": sanitise.RULES,
        "revision": line.revision,
        "vouched": line.vouched,
        "staff": line.staff,
        "answered_by": line.answered_by,
        "redactions": spans,
        "posted_at": line.posted_at,
        "edited_at": line.edited_at,
        "erased_at": line.erased_at,
    }
    address = None if email is None else sealing.seal(email, public_id, service.address_keys)
    return Loadable(columns, address)


def describe(work: UnitOfWork, site: Site, thread_id: int, original: str) -> list[str]:
    """Let a thread that was just made be as it was exported; give its other article IDs that were free."""
    line = _thread.decode(original)
    work.threads.describe(
        thread_id,
        open=line.open,
        title=line.title,
        url=_web_address(line.url),
        claimed_title=line.claimed_title,
        claimed_url=_web_address(line.claimed_url),
        close_after_days=line.close_after_days,
        closes_at=line.closes_at,
        expired=line.expired,
        reopened=line.reopened,
        slow_mode_seconds=line.slow_mode_seconds,
    )
    return [
        alias
        for alias in line.aliases
        if alias != line.article and work.threads.reserve(site.id, alias, thread_id) == thread_id
    ]


def hang_on(service: Service, work: UnitOfWork, site: Site, row: int, line: CommentLine) -> None:
    """Store what hangs on the comment in that *row*: notes, reports and objections.

    An id that another one has here, as where a site is brought in beside itself, is replaced by a new one.
    """
    taken = work.restoring.taken_by_notes([note.id for note in line.notes])
    work.restoring.add_notes(
        {
            "public_id": fresh_id() if note.id in taken else note.id,
            "comment_id": row,
            "at": note.at,
            "by": note.by,
            "by_name": note.by_name,
            "text": note.text,
        }
        for note in line.notes
    )
    taken = work.restoring.taken_by_reports([report.id for report in line.reports])
    work.restoring.add_reports(
        _report(service, site, row, report, fresh_id() if report.id in taken else report.id)
        for report in line.reports
    )
    work.restoring.add_objections(
        {
            "comment_id": row,
            "decision": objection.decision,
            "text": objection.text,
            "created_at": objection.created_at,
            "answered_at": objection.answered_at,
            "answer": objection.answer,
            "granted": objection.granted,
        }
        for objection in line.objections
    )


def _report(service: Service, site: Site, row: int, line: ReportLine, public_id: str) -> dict[str, Any]:
    address = None if line.email is None else sealing.seal(line.email, public_id, service.address_keys)
    return {
        "public_id": public_id,
        "comment_id": row,
        "site_id": site.id,
        "client": None,
        "reason": line.reason,
        "text": line.text,
        "name": line.name,
        "sealed": address.sealed if address else None,
        "lookup": address.lookup if address else None,
        "good_faith": line.good_faith,
        "created_at": line.created_at,
        "closed_at": line.closed_at,
    }


def mark(work: UnitOfWork, thread_id: int, pinned: list[int], locked: list[int]) -> None:
    """Pin and lock comments of a thread: *pinned* and *locked* are their rows; the first pinned one stands first."""
    thread = work.threads.by_id(thread_id)
    paths = work.imports.paths(thread_id, {*pinned, *locked})
    pins = [decode(paths[row]) for row in pinned if row in paths and len(paths[row]) == 6]
    locks = [paths[row] for row in locked if row in paths]
    work.threads.describe(
        thread_id,
        pins=list(dict.fromkeys((*pins, *thread.pins)))[:MAX_PINS],
        locks=list(dict.fromkeys((*thread.locks, *locks))),
    )


def _web_address(url: str | None) -> str | None:
    """What would be a link must be one."""
    try:
        return None if url is None else read_web_address(url)
    except ValueError:
        return None

"""Everything of a site as JSON Lines, which we bring in again without a difference; see `transfer.native`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import convert, json

from commentsvc.model import CheckMode
from commentsvc.records import ExportedNote, ExportedObjection, ExportedReport, StoredSite
from commentsvc.transfer.exporting.reading import Reader, WholeComment, WholeThread
from commentsvc.transfer.native import (
    NETWORKS,
    CommentLine,
    FindingLine,
    Header,
    Line,
    NoteLine,
    ObjectionLine,
    ReportLine,
    SiteLine,
    ThreadLine,
)

BEGINNING = b'{"commentsvc":"export",'


def written(reader: Reader) -> Iterator[bytes]:
    """Give the lines of the export."""
    encode = json.Encoder().encode
    selection = reader.selection
    yield encode(Header(sites=[site.slug for site in selection.sites], since=selection.since)) + b"\n"
    for line in _lines(reader):
        yield encode(line) + b"\n"


def _lines(reader: Reader) -> Iterator[Line]:
    strict = reader.work.sites.requiring_second_factor()
    kept_for = dict(reader.work.sites.retained())
    for site in reader.selection.sites:
        yield _site(site, site.id in strict, kept_for[site.id])
        for thread in reader.threads(site):
            yield _thread(thread)
            pinned = {seq: place for place, seq in enumerate(thread.row.pins, start=1)}
            locked = frozenset(thread.row.locks)
            for comment in thread.comments:
                row = comment.row
                yield _comment(reader, thread, comment, pinned.get(row.seq), row.path in locked)


def _site(site: StoredSite, strict: bool, kept_for: Mapping[str, int | None]) -> SiteLine:
    networks = {} if site.retain_networks is None else {NETWORKS: site.retain_networks}
    return SiteLine(
        slug=site.slug,
        origins=list(site.origins),
        articles=list(site.articles),
        mode=site.mode,
        checks={name: CheckMode(mode) for name, mode in site.checks.items()},
        privacy_url=site.privacy_url,
        close_after_days=site.close_after_days,
        reports_hold=site.reports_hold,
        reasons=list(site.reasons),
        second_factor=strict,
        retain=dict(sorted({**kept_for, **networks}.items())),
    )


def _thread(thread: WholeThread) -> ThreadLine:
    row = thread.row
    return ThreadLine(
        site=thread.site.slug,
        article=row.article,
        aliases=list(thread.aliases),
        title=row.title,
        url=row.url,
        claimed_title=row.claimed_title if row.claim_stands else None,
        claimed_url=row.claimed_url if row.claim_stands else None,
        open=row.open,
        close_after_days=row.close_after_days,
        closes_at=row.closes_at,
        expired=row.expired,
        reopened=row.reopened,
        slow_mode_seconds=row.slow_mode_seconds,
    )


def _comment(
    reader: Reader, thread: WholeThread, comment: WholeComment, pinned: int | None, locked: bool
) -> CommentLine:
    row = comment.row
    return CommentLine(
        site=thread.site.slug,
        article=thread.row.article,
        id=row.public_id,
        parent=row.parent,
        depth=row.depth,
        state=row.state,
        name=row.author_name,
        email=reader.address(row.sealed, row.public_id),
        url=row.author_url,
        author_id=row.author_id,
        text=row.text,
        markup=row.markup,
        posted_at=row.posted_at,
        edited_at=row.edited_at,
        erased_at=row.erased_at,
        revision=row.revision,
        staff=row.staff,
        answered_by=row.answered_by,
        vouched=row.vouched,
        pinned=pinned,
        locked=locked,
        redactions=None if row.redactions is None else [(begin, end) for begin, end in row.redactions],
        reasons=list(row.reasons),
        findings=convert(row.findings, list[FindingLine]),
        notes=[_note(note) for note in comment.notes],
        reports=[_report(reader, report) for report in comment.reports],
        objections=[_objection(objection) for objection in comment.objections],
    )


def _note(note: ExportedNote) -> NoteLine:
    return NoteLine(id=note.public_id, at=note.at, by=note.by, by_name=note.by_name, text=note.text)


def _report(reader: Reader, report: ExportedReport) -> ReportLine:
    return ReportLine(
        id=report.public_id,
        reason=report.reason,
        text=report.text,
        name=report.name,
        email=reader.address(report.sealed, report.public_id),
        good_faith=report.good_faith,
        created_at=report.created_at,
        closed_at=report.closed_at,
    )


def _objection(objection: ExportedObjection) -> ObjectionLine:
    return ObjectionLine(
        decision=objection.decision,
        text=objection.text,
        created_at=objection.created_at,
        answered_at=objection.answered_at,
        answer=objection.answer,
        granted=objection.granted,
    )

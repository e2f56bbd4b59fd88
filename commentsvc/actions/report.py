"""Report a comment as a reader; where many do, it is held until a moderator has looked at it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from commentsvc.ids import fresh_id
from commentsvc.model import EventKind, Notice, Outcome, RecordedFinding, Site, State, Told, Verdict
from commentsvc.moderation.reasons import REPORTED
from commentsvc.moderation.reports import reported_by
from commentsvc.privacy import sealing
from commentsvc.privacy.keys import Keys
from commentsvc.records import NewReport, StoredComment
from commentsvc.service import Service
from commentsvc.storage import findings
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.lifecycle import change_state, record_rule, tell

NOBODY = 0  # the row number of no comment
HALF = 8  # bytes of a client: of its widest network, and of its narrowest
CHECK = "reports"  # as which the number of reports counts among the checks


@retried
def report(service: Service, site: Site, public_id: str, notice: Notice, networks: Sequence[str]) -> None:
    """Store *notice* about the comment of that id, if it is one of *site*, and nobody of that client reported it yet.

    :param networks: that count as the client, from the narrowest, which tells clients apart, to the widest: of that, all
        together are one of those who hold a comment.

    Nothing tells whether it is. A comment that is not there takes the same steps.
    """
    new = _new_report(service, public_id, notice, networks)
    clients = [_client(keys, public_id, networks) for keys in service.keys.each()]
    with service.unit_of_work() as work:
        comment = _locked(work, site, public_id)
        row_id = comment.id if comment else NOBODY
        is_new = not work.reports.is_there(row_id, clients)
        if comment and is_new:
            work.reports.add(comment.id, site.id, new)
            tell(work, comment, EventKind.REPORTED, service.now(), report=new.public_id)
        else:
            work.write_nothing()
        reports = len({client[:HALF] for client in work.reports.open_clients(row_id)})
        if comment and comment.state is State.APPROVED and 0 < site.reports_hold <= reports:
            _hold(service, work, comment, reports)


def _locked(work: UnitOfWork, site: Site, public_id: str) -> StoredComment | None:
    """The comment as it is now that nobody else can decide about it; None where the site has none of that id."""
    comment = work.comments.by_public_id(public_id)
    if comment is None or comment.site_id != site.id:
        return None
    work.threads.lock(comment.thread_id)
    return work.comments.by_public_id(public_id)


def _hold(service: Service, work: UnitOfWork, comment: StoredComment, reports: int) -> None:
    found = RecordedFinding(CHECK, Outcome.HOLD, 0.5, reported_by(reports), "", False)
    told = Told(Outcome.HOLD, (findings.text_to_json(REPORTED),))
    verdict = Verdict(State.PENDING, (found,), told)
    article = work.public_comments.author_view(comment.id)[1].article
    work.comments.set_reasons(comment.id, verdict.reasons)
    record_rule(service, work, comment, article, comment.state, verdict)
    change_state(work, comment, verdict.state, service.now())


def _new_report(service: Service, public_id: str, notice: Notice, networks: Sequence[str]) -> NewReport:
    report_id = fresh_id()
    address = sealing.seal(notice.email, report_id, service.address_keys) if notice.email else None
    return NewReport(
        public_id=report_id,
        client=_client(service.keys, public_id, networks),
        reason=notice.reason,
        text=notice.text,
        name=notice.name,
        sealed=address.sealed if address else None,
        lookup=address.lookup if address else None,
        good_faith=notice.good_faith,
        created_at=service.now().replace(microsecond=0),
    )


def _client(keys: Keys, public_id: str, networks: Sequence[str]) -> bytes:
    """A keyed hash of the widest network and one of the narrowest.

    The comment is in them, too: of two comments nobody can tell that one client reported both.
    """
    key = keys.derive("report")
    halves = (f"{public_id} {network}".encode() for network in (networks[-1], networks[0]))
    return b"".join(hmac.digest(key, half, hashlib.sha256)[:HALF] for half in halves)

"""Erase what belongs to the person of an e-mail address (GDPR, Article 17), and certify that.

It is done in steps, each of which is stored with what it erased: one that is killed goes on when it is asked for
again, and ends as it would have. What was erased is also noted in a file in the data directory, so that an older
backup cannot bring it back; see `actions.erased_list`.
"""

from __future__ import annotations

import hmac
from collections import Counter
from datetime import datetime

import msgspec
from msgspec import structs

from commentsvc.actions import erased_list
from commentsvc.actions.persons import account_of, address_of_person, require_admin
from commentsvc.audit.trail import OPERATOR, Kind, record
from commentsvc.ids import fresh_author_id, fresh_id
from commentsvc.model import Actor, Certificate, Moderator, Site, Verified
from commentsvc.moderation import addresses
from commentsvc.privacy.mailboxes import mail_lookups
from commentsvc.privacy.sealing import lookups, person_digests
from commentsvc.publishing.redaction import burnt_in
from commentsvc.records import Holder, Lookups, StoredComment, StoredErasure
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.lifecycle import anonymise, erase

AT_ONCE = 50  # comments: posts wait for a step, some 50 ms on SQLite
PURPOSE = "certificate of erasure"

COMMENTS = "comments"
TEXTS_KEPT = "texts_kept"
NOTES = "notes"
FOLLOWS = "follows"  # stands there only where there were any
REPORTS_ABOUT = "reports_about"
REPORTS_MADE = "reports_made"
OBJECTIONS = "objections"
REASONS = "reasons"
BLOCKS = "blocks"
RULES = "rules"
COUNTED = (
    COMMENTS,
    TEXTS_KEPT,
    NOTES,
    REPORTS_ABOUT,
    REPORTS_MADE,
    OBJECTIONS,
    REASONS,
    BLOCKS,
    RULES,
)


def erase_person(
    service: Service,
    moderator: Moderator | None,
    email: str,
    site: Site | None,
    *,
    keep_text: bool,
    actor: Actor = OPERATOR,
) -> Certificate:
    """Erase all that is stored under an address, on one site or on all, and certify it.

    With *keep_text* the comments stay, as texts by “Anonymous”; else they are erased as if their author had deleted
    them. Where there was nothing to erase since the last time, the certificate of then is given again.
    *actor* is who did it, where no moderator is named.

    :raises Forbidden: this is no admin.
    :raises Invalid: *email* is no address.
    """
    require_admin(moderator, site)
    email = address_of_person(email)
    by, mail = lookups(email, service.address_keys), mail_lookups(email, service.address_keys)
    digests = person_digests(email, service.address_keys)
    site_id = None if site is None else site.id
    erasure = _begun(service, by, digests, site_id, keep_text)
    if erasure.finished_at is None:
        line = erased_list.line_of(erasure, digests, None if site is None else site.slug)
        erased_list.note(erased_list.own(service.settings), [line])
        while _step(service, erasure, by):
            service.database.forget_erased()
        erasure = _finish(service, erasure, by, mail, actor if moderator is None else moderator.actor)
        service.database.forget_erased()
    with service.reading() as work:
        account = account_of(work, moderator, email)
    return _certificate(service, erasure, digests, site, has_account=account is not None)


def verify_certificate(service: Service, work: UnitOfWork, certificate: Certificate) -> Verified:
    """Say whether this service signed *certificate*, and whether comments that it was about are here.

    It looks at every address there is.
    """
    unsigned = structs.replace(certificate, signature="")
    genuine = service.keys.is_signature(PURPOSE, _signed(unsigned), certificate.signature)
    return Verified(genuine, _count_again(service, work, certificate) if genuine else 0)


@retried
def _begun(
    service: Service, by: Lookups, digests: dict[str, str], site_id: int | None, keep_text: bool
) -> StoredErasure:
    """The erasure that goes on, or a new one; the last one, where there is nothing to erase since."""
    now = service.now().replace(microsecond=0)
    with service.unit_of_work() as work:
        last = work.erasures.latest(digests.values(), site_id, keep_text)
        if last is not None and last.finished_at is None:
            work.erasures.change(last.id, begun_at=now)
        elif last is None or work.persons.is_there(by, site_id):
            person = next(iter(digests.values()))
            work.erasures.add(
                {
                    "public_id": fresh_id(),
                    "person": person,
                    "site_id": site_id,
                    "keep_text": keep_text,
                    "begun_at": now,
                    "counts": dict.fromkeys(COUNTED, 0),
                }
            )
        begun = work.erasures.latest(digests.values(), site_id, keep_text)
    assert begun is not None  # noqa: S101 - it was just written
    return begun


@retried
def _step(service: Service, erasure: StoredErasure, by: Lookups) -> bool:
    """Erase some comments; give whether there may be more."""
    now = service.now()
    with service.unit_of_work() as work:
        found = work.persons.comments(by, erasure.site_id, _until(erasure), now, AT_ONCE)
        comments = [comment for one in found if (comment := work.comments.by_public_id(one))]
        # Always in the same order, so that two who write never wait for each other.
        for thread_id in sorted({comment.thread_id for comment in comments}):
            work.threads.lock(thread_id)
        comments = [comment for one in found if (comment := work.comments.by_public_id(one))]
        erased = erase_comments(work, comments, now, keep_text=erasure.keep_text)
        _add_up(work, erasure, erased)
    return bool(found)


@retried
def _finish(
    service: Service, erasure: StoredErasure, by: Lookups, mail: Lookups, actor: Actor
) -> StoredErasure:
    now = service.now().replace(microsecond=0)
    with service.unit_of_work() as work:
        _add_up(work, erasure, erase_beside(work, by, erasure.site_id, _until(erasure), mail))
        work.erasures.change(erasure.id, finished_at=now)
        done = work.erasures.by_public_id(erasure.public_id)
        record(
            work,
            service,
            actor,
            Kind.PERSON_ERASED,
            erasure=done.public_id,
            keep_text=done.keep_text,
            erased=dict(done.counts),
        )
    return done


def erase_comments(
    work: UnitOfWork, comments: list[StoredComment], now: datetime, *, keep_text: bool
) -> Counter[str]:
    """Erase *comments*, whose threads are locked, with all that hangs on them, or leave their texts; count it."""
    erased: Counter[str] = Counter()
    for comment in comments:
        if work.follows.of_comment(comment.id) is not None:
            erased[FOLLOWS] += 1
        erased[NOTES] += work.notes.count(comment.id)
        erased[REPORTS_ABOUT] += len(work.reports.of_comment(comment.id, 0, 1000))
        erased[OBJECTIONS] += len(work.objections.of_comment(comment.id))
        erased[COMMENTS] += 1
        if keep_text:
            erased[TEXTS_KEPT] += 1
            text, redactions = comment.text, comment.redactions
            if redactions is not None:
                text, redactions = burnt_in(text, redactions)
            anonymise(work, comment, fresh_author_id(), text, redactions, now)
        else:
            erase(work, comment, now)
            work.persons.set_author(comment.id, fresh_author_id())
    if comments:
        erased[REASONS] += work.persons.cut(comments)
    by_site: dict[int, set[str]] = {}
    for comment in comments:
        by_site.setdefault(comment.site_id, set()).add(comment.author_id)
    for site_id, author_ids in sorted(by_site.items()):
        erased[BLOCKS] += work.persons.forget_authors(site_id, author_ids, fresh_author_id())
    return erased


def erase_beside(
    work: UnitOfWork, by: Lookups, site_id: int | None, until: datetime, mail: Lookups | None = None
) -> Counter[str]:
    """Erase what was stored under an address until then besides comments, and count it.

    :param mail: by what mail to it is counted and ended, if that is not the same.
    """
    work.persons.forget_searches(by)
    for one in {by, mail or by}:
        work.outbox.forget_recipient(one, site_id, until)
        if site_id is None:
            work.mail_addresses.forget(one, until)  # nothing is sent to who is not there
    if site_id is None:
        work.questions.forget(by, until)
    return Counter(
        {
            REPORTS_MADE: work.persons.forget_reports(by, site_id, until),
            BLOCKS: work.persons.forget_blocks(by, site_id, until),
            RULES: work.persons.forget_rules(by, site_id, until),
        }
    )


def _add_up(work: UnitOfWork, erasure: StoredErasure, erased: Counter[str]) -> None:
    counts = dict(work.erasures.by_public_id(erasure.public_id).counts)
    for what, count in erased.items():
        counts[what] = counts.get(what, 0) + count
    work.erasures.change(erasure.id, counts=counts)


def _until(erasure: StoredErasure) -> datetime:
    return end_of_second(erasure.begun_at)


def end_of_second(moment: datetime) -> datetime:
    """The last moment of a second: what was stored in that in which an erasure began is erased."""
    return moment.replace(microsecond=999_999)


def _certificate(
    service: Service,
    erasure: StoredErasure,
    digests: dict[str, str],
    site: Site | None,
    *,
    has_account: bool,
) -> Certificate:
    unsigned = Certificate(
        id=erasure.public_id,
        at=erasure.begun_at,
        site=None if site is None else site.slug,
        keep_text=erasure.keep_text,
        person=digests,
        erased=dict(erasure.counts),
        kept={"account": int(has_account)},
    )
    return structs.replace(unsigned, signature=service.keys.sign(PURPOSE, _signed(unsigned)))


def _signed(certificate: Certificate) -> str:
    return msgspec.json.encode(certificate, order="sorted").decode()


def _count_again(service: Service, work: UnitOfWork, certificate: Certificate) -> int:
    """How many comments under that address are here that were posted before it was erased."""
    site = None if certificate.site is None else work.sites.by_slug(certificate.site)
    wanted = {digest.lower() for digest in certificate.person.values()}
    found = after = 0
    while rows := work.addresses.some(Holder.COMMENT, after, addresses.AT_ONCE):
        for row in rows:
            digests = addresses.digests_of(row, service.address_keys)
            if not any(hmac.compare_digest(one, other) for one in digests for other in wanted):
                continue
            comment = work.comments.by_id(row.row_id)
            is_of_site = site is None or comment.site_id == site.id
            found += is_of_site and comment.posted_at <= certificate.at
        after = rows[-1].row_id
    return found

"""What a moderator can do with comments and threads: list, decide, look back, open and close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import EllipsisType
from typing import Any

from sqlalchemy.orm import Session

from commentsvc.actions.states import change_state, erase
from commentsvc.audit.trail import Kind, record
from commentsvc.characters import is_line
from commentsvc.errors import EditedMeanwhile, Invalid, NotFound, Refused
from commentsvc.intake.names import read_web_address, spelling_of_email
from commentsvc.model import (
    Action,
    Decided,
    Decision,
    ModeratedComment,
    Moderator,
    Site,
    State,
    ThreadFacts,
)
from commentsvc.moderation import queue
from commentsvc.privacy.sealing import lookup
from commentsvc.publishing.public import permalink, thread_address
from commentsvc.service import Service
from commentsvc.storage import addresses, comments, decisions, threads
from commentsvc.storage.database import forget_erased, reading, retried, transaction
from commentsvc.storage.queue import Filter
from commentsvc.storage.tables import CommentRow
from commentsvc.threads import cursors

MAX_DECIDED = 200  # ids of one request
LONGEST_TITLE = 300
LONGEST_REASON = 500

_STATES = {
    Action.APPROVE: State.APPROVED,
    Action.HOLD: State.PENDING,
    Action.SPAM: State.SPAM,
    Action.TRASH: State.TRASH,
}


@dataclass(frozen=True, slots=True)
class QueueRequest:
    """Which comments a moderator asks for."""

    states: tuple[State, ...] = ()
    site: Site | None = None
    article: str | None = None
    words: str | None = None
    email: str | None = None
    email_of: str | None = None  # a comment: all that came from its address
    limit: int = 50
    cursor: str | None = None


def list_queue(
    service: Service, moderator: Moderator, wanted: QueueRequest
) -> tuple[list[ModeratedComment], str | None]:
    """Give a page of comments, oldest first, and the cursor of the next.

    :raises Refused: the site is not this moderator's.
    :raises NotFound: there is no comment whose address could be looked for.
    :raises Invalid: the cursor does not belong to this list.
    """
    chosen = Filter(
        sites=sites_of(moderator, wanted.site),
        states=wanted.states,
        article=wanted.article,
        words=wanted.words,
        lookup=_lookup(service, moderator, wanted),
    )
    found = _queued(service, chosen, _position(service, wanted.cursor, "queue"), wanted.limit + 1)
    shown = found[: wanted.limit]
    following = _cursor(service, shown[-1][0], "queue") if len(found) > wanted.limit else None
    return [comment for _, comment in shown], following


def _lookup(service: Service, moderator: Moderator, wanted: QueueRequest) -> bytes | None:
    """By what the comments of one address are found, if they are asked for."""
    if wanted.email:
        return lookup(spelling_of_email(wanted.email), service.address_keys)
    if not wanted.email_of:
        return None
    comment = comments.by_public_id(reading(), wanted.email_of)
    found = addresses.lookup_of(reading(), comment.id) if comment else None
    if comment is None or found is None or not moderator.may_see(comment.site_id):
        raise NotFound("There is no such comment any more.")
    return found


def _queued(
    service: Service, chosen: Filter, after: int | None, limit: int
) -> list[tuple[int, ModeratedComment]]:
    def permalink_of(site: str, article: str, comment: str) -> str:
        return permalink(thread_address(service.settings.base_url, site, article), comment)

    return queue.listed(reading(), chosen, after, limit, service.address_keys, permalink_of)


def sites_of(moderator: Moderator, site: Site | None) -> frozenset[int] | None:
    """The sites that a moderator's request is about; None for all.

    :raises Refused: it names one that is not this moderator's.
    """
    if site is None:
        return moderator.sites
    if not moderator.may_see(site.id):
        raise Refused(f"The site “{site.slug}” is not yours to moderate.")
    return frozenset({site.id})


@retried
def decide(
    service: Service,
    moderator: Moderator,
    ids: Sequence[str],
    action: Action,
    reason: str | None,
    *,
    edited_at: datetime | EllipsisType | None = ...,
) -> tuple[list[Decided], list[str]]:
    """Carry out one decision on all of *ids*; give what changed, and which ids there are not.

    What is in that state already stays as it is and is given with the same `from` and `to`.

    :param edited_at: when what was judged had last been edited, where the moderator's page knows.
    :raises EditedMeanwhile: it was edited since.
    """
    decided: list[Decided] = []
    missing: list[str] = []
    with transaction() as tx:
        found = {public_id: comments.by_public_id(tx, public_id) for public_id in dict.fromkeys(ids)}
        # Always in the same order, so that two decisions never wait for each other.
        for thread_id in sorted({comment.thread_id for comment in found.values() if comment}):
            threads.lock(tx, thread_id)
        for public_id in found:
            comment = comments.by_public_id(tx, public_id)
            if comment is None or not moderator.may_see(comment.site_id):
                missing.append(public_id)
            elif edited_at is not ... and edited_at != comment.edited_at:
                raise EditedMeanwhile("Its author edited this comment meanwhile; please read it again.")
            else:
                decided.append(_decide_one(service, tx, moderator, comment, action, reason))
    if action is Action.PURGE and decided:
        forget_erased()
    return decided, missing


def _decide_one(
    service: Service,
    tx: Session,
    moderator: Moderator,
    comment: CommentRow,
    action: Action,
    reason: str | None,
) -> Decided:
    before = comment.state
    if action is Action.PURGE:
        after = None
        erase(tx, comment, service.now().replace(microsecond=0))
    else:
        after = _STATES[action]
        if after is before:
            return Decided(comment.public_id, before, after)
        change_state(tx, comment, after)
    log = decisions.NewDecision(
        by=moderator.name,
        comment=comment.public_id,
        site_id=comment.site_id,
        article=comments.own_one(tx, comment.id)[1].article,
        action=str(action),
        from_state=before,
        to_state=after,
        reason=reason,
    )
    decisions.add(tx, log, service.random_bytes, service.now().replace(microsecond=0))
    return Decided(comment.public_id, before, after)


def audit_log(
    service: Service,
    moderator: Moderator,
    site: Site | None,
    comment: str | None,
    limit: int,
    cursor: str | None,
) -> tuple[list[Decision], str | None]:
    """Give a page of the audit log, newest first, and the cursor of the next.

    :raises Refused, Invalid: as `list_queue` does.
    """
    before = _position(service, cursor, "log")
    found = decisions.latest(reading(), sites_of(moderator, site), comment, before, limit + 1)
    shown = found[:limit]
    following = _cursor(service, shown[-1][0], "log") if len(found) > limit else None
    return [decision for _, decision in shown], following


@retried
def change_thread(
    service: Service, moderator: Moderator, site: Site, article: str, changes: dict[str, Any]
) -> ThreadFacts:
    """Open or close a thread, or set its title and address; one that is not there is made.

    :raises Refused: the site is not this moderator's.
    :raises Invalid: a title or an address cannot be one.
    """
    sites_of(moderator, site)
    errors: dict[str, list[str]] = {}
    if (title := changes.get("title")) and (len(title) > LONGEST_TITLE or not is_line(title)):
        errors["title"] = [f"A title is one line of at most {LONGEST_TITLE} characters."]
    if url := changes.get("url"):
        try:
            read_web_address(url)
        except ValueError as wrong:
            errors["url"] = [str(wrong)]
    if errors:
        raise Invalid(errors)
    with transaction() as tx:
        thread = threads.open_for_writing(tx, site.id, article)
        before = ThreadFacts(site.slug, article, thread.title, thread.url, thread.open, thread.count)
        after = replace(
            before,
            open=changes.get("open", before.open),
            title=changes.get("title", before.title) or None,
            url=changes.get("url", before.url) or None,
        )
        if after != before:
            threads.describe(tx, thread.id, title=after.title, url=after.url, open=after.open)
            threads.changed(tx, thread.id)
            _record_change(service, tx, moderator, before, after)
    return after


def _record_change(
    service: Service, tx: Session, moderator: Moderator, before: ThreadFacts, after: ThreadFacts
) -> None:
    """Write down which of a thread's facts changed; titles and addresses stand in the thread itself."""
    changed = [name for name in ("open", "title", "url") if getattr(before, name) != getattr(after, name)]
    where = {"site": after.site, "article": after.article}
    record(tx, service, moderator.actor, Kind.THREAD_CHANGED, **where, changed=changed, open=after.open)


def _cursor(service: Service, row_id: int, listing: str) -> str:
    return cursors.seal(str(row_id), listing, service.keys.derive("cursor", 64))


def _position(service: Service, cursor: str | None, listing: str) -> int | None:
    if cursor is None:
        return None
    try:
        return int(cursors.unseal(cursor, listing, service.keys.derive("cursor", 64)))
    except cursors.BadCursor as wrong:
        raise Invalid({"cursor": [str(wrong)]}) from None

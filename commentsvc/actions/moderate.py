"""What a moderator can do with comments and threads: list, decide, look back, open and close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from commentsvc.audit.trail import Kind, record
from commentsvc.errors import Forbidden, Invalid, NotFound
from commentsvc.intake.articles import NO_SUCH_ARTICLE, is_article_of
from commentsvc.intake.fields import read_web_address, spelling_of_email
from commentsvc.model import (
    Action,
    Conflict,
    Decided,
    Decision,
    Decisions,
    ModeratedComment,
    Moderator,
    Seen,
    Site,
    State,
    ThreadFacts,
)
from commentsvc.moderation import addresses, queue
from commentsvc.privacy.sealing import lookups
from commentsvc.publishing.public import permalink, thread_url
from commentsvc.records import Filter, Lookups, NewDecision, StoredComment
from commentsvc.service import Service
from commentsvc.storage.database import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads import cursors
from commentsvc.threads.lifecycle import change_state, erase, note_judgement, show_change
from commentsvc.unicode_text import is_line

MAX_DECIDED = 200  # ids of one request, and comments of one transaction: posts wait for it
MAX_OF_AUTHOR = 1000  # comments of an author that one request may decide about
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
    service: Service, work: UnitOfWork, moderator: Moderator, request: QueueRequest
) -> tuple[list[ModeratedComment], str | None]:
    """Give a page of comments, oldest first, and the cursor of the next.

    :raises Forbidden: the site is not this moderator's.
    :raises NotFound: there is no comment whose address could be looked for.
    :raises Invalid: the cursor does not belong to this list.
    """
    chosen = Filter(
        sites=sites_of(moderator, request.site),
        states=request.states,
        article=request.article,
        words=request.words,
        lookups=_lookups(service, work, moderator, request),
    )
    rows = _queued(service, work, chosen, _position(service, request.cursor, "queue"), request.limit + 1)
    page = rows[: request.limit]
    following = _cursor(service, page[-1][0], "queue") if len(rows) > request.limit else None
    return [comment for _, comment in page], following


def _lookups(
    service: Service, work: UnitOfWork, moderator: Moderator, request: QueueRequest
) -> Lookups | None:
    """By what the comments of one address are found, if they are asked for."""
    if request.email:
        return lookups(spelling_of_email(request.email), service.address_keys)
    if not request.email_of:
        return None
    comment = work.comments.by_public_id(request.email_of)
    found_by = addresses.lookups_of(work, comment.id, service.address_keys) if comment else None
    if comment is None or found_by is None or not moderator.may_see(comment.site_id):
        raise NotFound("There is no such comment any more.")
    return found_by


def _queued(
    service: Service, work: UnitOfWork, chosen: Filter, after: int | None, limit: int
) -> list[tuple[int, ModeratedComment]]:
    def permalink_of(site: str, article: str, comment: str) -> str:
        return permalink(thread_url(service.settings.base_url, site, article), comment)

    return queue.listed(work, chosen, after, limit, service.address_keys, permalink_of)


def sites_of(moderator: Moderator, site: Site | None) -> frozenset[int] | None:
    """The sites that a moderator's request is about; None for all.

    :raises Forbidden: it names one that is not this moderator's.
    """
    if site is None:
        return moderator.sites
    if not moderator.may_see(site.id):
        raise Forbidden(f"The site “{site.slug}” is not yours to moderate.")
    return frozenset({site.id})


@retried
def decide(
    service: Service, moderator: Moderator, seen: Sequence[Seen], action: Action, reason: str | None
) -> Decisions:
    """Carry out one decision on all of *seen*; give what changed, and which ids there are not.

    What is in that state already stays as it is and is given with the same `from` and `to`. What is
    no longer as it was seen is not decided about.
    """
    done = Decisions([], [], [])
    first_seen = {one.id: one for one in reversed(seen)}
    distinct = [first_seen[public_id] for public_id in dict.fromkeys(one.id for one in seen)]
    with service.unit_of_work() as work:
        comments = [work.comments.by_public_id(one.id) for one in distinct]
        # Always in the same order, so that two decisions never wait for each other.
        for thread_id in sorted({comment.thread_id for comment in comments if comment}):
            work.threads.lock(thread_id)
        for one in distinct:
            comment = work.comments.by_public_id(one.id)
            if comment is None or not moderator.may_see(comment.site_id):
                done.missing.append(one.id)
            elif conflict := _conflict(work, one, comment):
                done.conflicts.append(conflict)
            else:
                done.decided.append(_decide_one(service, work, moderator, comment, action, reason))
    if action is Action.PURGE and done.decided:
        service.database.forget_erased()
    return done


def decide_author(
    service: Service, moderator: Moderator, author_id: str, action: Action, reason: str | None
) -> Decisions:
    """Carry out one decision on all comments of an author, on the sites of this moderator.

    In steps of `MAX_DECIDED`, between which others may write.

    :raises Invalid: there are more than `MAX_OF_AUTHOR`.
    """
    with service.reading() as work:
        ids = work.comments.of_author(moderator.sites, author_id, MAX_OF_AUTHOR + 1)
    if len(ids) > MAX_OF_AUTHOR:
        raise Invalid(
            {
                "author": [
                    f"This author has more than {MAX_OF_AUTHOR} comments; "
                    f"decide about their ids, {MAX_DECIDED} at a time."
                ]
            }
        )
    done = Decisions([], [], [])
    for start in range(0, len(ids), MAX_DECIDED):
        step = [Seen(public_id) for public_id in ids[start : start + MAX_DECIDED]]
        done.decided.extend(decide(service, moderator, step, action, reason).decided)
    return done


def _conflict(work: UnitOfWork, seen: Seen, comment: StoredComment) -> Conflict | None:
    if seen.revision is not None and seen.revision != comment.revision:
        return Conflict(comment.public_id, "edited-meanwhile")
    if seen.state is not None and seen.state is not comment.state:
        by = work.decisions.latest_by(comment.public_id)
        return Conflict(comment.public_id, "already-decided", by)
    return None


def _decide_one(
    service: Service,
    work: UnitOfWork,
    moderator: Moderator,
    comment: StoredComment,
    action: Action,
    reason: str | None,
) -> Decided:
    before = comment.state
    after = _STATES.get(action)
    if after is before:
        if action is Action.APPROVE:  # it was public without a person's word
            note_judgement(work, comment, action)
        return Decided(comment.public_id, before, after)
    if after is None:
        erase(work, comment, service.now().replace(microsecond=0))
    else:
        change_state(work, comment, after, service.now())
    note_judgement(work, comment, action)
    log = NewDecision(
        by=moderator.name,
        comment=comment.public_id,
        site_id=comment.site_id,
        article=work.comments.author_view(comment.id)[1].article,
        action=str(action),
        from_state=before,
        to_state=after,
        reason=reason,
    )
    work.decisions.add(log, service.random_bytes, service.now().replace(microsecond=0))
    return Decided(comment.public_id, before, after)


def audit_log(
    service: Service,
    work: UnitOfWork,
    moderator: Moderator,
    site: Site | None,
    comment: str | None,
    limit: int,
    cursor: str | None,
) -> tuple[list[Decision], str | None]:
    """Give a page of the audit log, newest first, and the cursor of the next.

    :raises Forbidden, Invalid: as `list_queue` does.
    """
    before = _position(service, cursor, "log")
    rows = work.decisions.latest(sites_of(moderator, site), comment, before, limit + 1)
    page = rows[:limit]
    following = _cursor(service, page[-1][0], "log") if len(rows) > limit else None
    return [decision for _, decision in page], following


@retried
def change_thread(
    service: Service, moderator: Moderator, site: Site, article: str, changes: dict[str, Any]
) -> ThreadFacts:
    """Open or close a thread, or set its title and address; one that is not there is made.

    :raises Forbidden: the site is not this moderator's.
    :raises Invalid: a title or an address cannot be one; or the site has no such article, and no such thread.
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
    with service.unit_of_work() as work:
        if not is_article_of(site, article) and work.threads.find(site.id, article) is None:
            raise Invalid({"article": [NO_SUCH_ARTICLE]})
        thread = work.threads.open_for_writing(site.id, article)
        before = ThreadFacts(site.slug, article, thread.title, thread.url, thread.open, thread.count)
        after = replace(
            before,
            open=changes.get("open", before.open),
            title=changes.get("title", before.title) or None,
            url=changes.get("url", before.url) or None,
        )
        if after != before:
            work.threads.describe(thread.id, title=after.title, url=after.url, open=after.open)
            show_change(work, thread.id, service.now())
            _record_change(service, work, moderator, before, after)
    return after


def _record_change(
    service: Service, work: UnitOfWork, moderator: Moderator, before: ThreadFacts, after: ThreadFacts
) -> None:
    """Write down which of a thread's facts changed; titles and addresses stand in the thread itself."""
    changed = [name for name in ("open", "title", "url") if getattr(before, name) != getattr(after, name)]
    where = {"site": after.site, "article": after.article}
    record(work, service, moderator.actor, Kind.THREAD_CHANGED, **where, changed=changed, open=after.open)


def _cursor(service: Service, row_id: int, listing: str) -> str:
    return cursors.seal(str(row_id), listing, service.keys.derive("cursor", 64))


def _position(service: Service, cursor: str | None, listing: str) -> int | None:
    if cursor is None:
        return None
    try:
        return int(cursors.unseal_any(cursor, listing, service.keys.derive_each("cursor", 64)))
    except cursors.BadCursor as wrong:
        raise Invalid({"cursor": [str(wrong)]}) from None

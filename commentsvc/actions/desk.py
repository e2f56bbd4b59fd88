"""What the desk shows besides lists: one comment, and what became of those that somebody reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from commentsvc.actions.moderate import audit_log, permalinks
from commentsvc.actions.notes import latest_notes
from commentsvc.actions.reported import open_matters
from commentsvc.errors import NotFound
from commentsvc.messages import message
from commentsvc.model import (
    Change,
    Context,
    Decision,
    LatestNotes,
    LoggedDecision,
    ModeratedComment,
    Moderator,
    Seen,
    Site,
)
from commentsvc.moderation import queue, unseen
from commentsvc.moderation.reasons import OBJECTION
from commentsvc.moderation.standing import is_superseded, undo_of, would_publish_unread
from commentsvc.records import Standing, StoredComment, StoredDecision
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

MOST_SEEN = 100  # comments that one question is about
LOG_PAGE = 50  # decisions
FEW_NOTES = 3  # about each comment of a list


def read_comment(
    service: Service, work: UnitOfWork, moderator: Moderator, public_id: str
) -> ModeratedComment:
    """Give one comment.

    :raises NotFound: there is none of that id on this moderator's sites, or it was erased.
    """
    row = work.queue.one(public_id)
    stands = work.queue.standing([public_id])
    if row is None or not all(moderator.may_see(one.site_id) for one in stands):
        raise NotFound(message("There is no such comment any more."))
    comment = queue.moderated(row, service.address_keys, permalinks(service))
    return unseen.comment_for(moderator, comment)


def changes(work: UnitOfWork, moderator: Moderator, seen: Sequence[Seen]) -> list[Change]:
    """Give what became of the comments that are no longer as they were *seen*."""
    rows = work.queue.standing([one.id for one in seen])
    standing = {row.public_id: row for row in rows if moderator.may_see(row.site_id)}
    found = (_change(work, one, standing.get(one.id)) for one in seen)
    return [change for change in found if change is not None]


def _change(work: UnitOfWork, seen: Seen, stands: Standing | None) -> Change | None:
    if stands is None:
        return Change(seen.id, "missing")
    if stands.state is not seen.state:
        by = work.decisions.latest_by(seen.id)
        return Change(seen.id, "already-decided", by.name if by else None, stands.state, stands.revision)
    if stands.revision != seen.revision:
        return Change(seen.id, "edited-meanwhile", None, stands.state, stands.revision)
    return None


def contexts(
    service: Service,
    work: UnitOfWork,
    moderator: Moderator,
    comments: Sequence[ModeratedComment],
    most_notes: int = FEW_NOTES,
) -> Mapping[str, Context]:
    """Give what helps to judge each of these comments, by its id."""
    matters = open_matters(service, work, moderator, comments)
    answered = work.queue.answered([one.parent for one in comments if one.parent])
    histories = work.queue.histories({one.site for one in comments}, {one.author_id for one in comments})
    notes = latest_notes(work, moderator, [one.id for one in comments], most_notes)
    return {
        one.id: Context(
            answered.get(one.parent or ""),
            histories.get((one.site, one.author_id)),
            matters.get(one.id),
            notes.get(one.id, LatestNotes()),
        )
        for one in comments
    }


def decision_log(
    service: Service,
    work: UnitOfWork,
    moderator: Moderator,
    site: Site | None,
    comment: str | None,
    cursor: str | None,
) -> tuple[list[LoggedDecision], str | None]:
    """Give a page of the log of decisions, newest first, each with whether it can be undone.

    :raises Forbidden, Invalid: as `audit_log` does.
    """
    page, following = audit_log(service, work, moderator, site, comment, LOG_PAGE, cursor)
    ids = {one.comment for one in page}
    lines = {comment: work.decisions.of_comment(comment) for comment in ids}
    comments = {comment: work.comments.by_public_id(comment) for comment in ids}
    return [_logged(one, lines[one.comment], comments[one.comment]) for one in page], following


def _logged(
    decision: Decision, lines: Sequence[StoredDecision], comment: StoredComment | None
) -> LoggedDecision:
    line = next(line for line in lines if line.public_id == decision.id)
    if undo_of(line, lines) is not None:
        return LoggedDecision(decision, "undone")
    is_final = (
        comment is None
        or line.from_state is None
        or line.to_state is None
        or line.action == OBJECTION
        or is_superseded(line, lines)
        or would_publish_unread(line, comment)
    )
    return LoggedDecision(decision, "final" if is_final else "undoable")

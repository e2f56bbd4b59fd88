"""What the desk shows besides lists: one comment, and what became of those that somebody reads."""

from __future__ import annotations

from collections.abc import Sequence

from commentsvc.actions.moderate import permalinks
from commentsvc.errors import NotFound
from commentsvc.model import Change, ModeratedComment, Moderator, Seen
from commentsvc.moderation import queue
from commentsvc.records import Standing
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

MOST_SEEN = 100  # comments that one question is about


def read_comment(
    service: Service, work: UnitOfWork, moderator: Moderator, public_id: str
) -> ModeratedComment:
    """Give one comment.

    :raises NotFound: there is none of that id on this moderator's sites, or it was erased.
    """
    row = work.queue.one(public_id)
    stands = work.queue.standing([public_id])
    if row is None or not all(moderator.may_see(one.site_id) for one in stands):
        raise NotFound("There is no such comment any more.")
    return queue.moderated(row, service.address_keys, permalinks(service))


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
        return Change(seen.id, "already-decided", by, stands.state, stands.revision)
    if stands.revision != seen.revision:
        return Change(seen.id, "edited-meanwhile", None, stands.state, stands.revision)
    return None

"""Which decisions about a comment stand: those that nobody undid."""

from __future__ import annotations

from collections.abc import Sequence

from commentsvc.model import State
from commentsvc.records import StoredComment, StoredDecision


def undo_of(line: StoredDecision, lines: Sequence[StoredDecision]) -> StoredDecision | None:
    """The undo of *line* that is in force, of all *lines* about its comment; an undo that was itself undone is not."""
    undos = (other for other in lines if other.undoes == line.public_id)
    return next((undo for undo in undos if undo_of(undo, lines) is None), None)


def stands(line: StoredDecision, lines: Sequence[StoredDecision]) -> bool:
    """Whether *line* is a decision that holds: neither an undone one nor its undo does."""
    return line.undoes is None and undo_of(line, lines) is None


def is_superseded(line: StoredDecision, lines: Sequence[StoredDecision]) -> bool:
    """Whether a decision that came after *line* stands; *lines* are in the order in which they were decided."""
    later = lines[lines.index(line) + 1 :]
    return any(stands(other, lines) for other in later)


def would_publish_unread(line: StoredDecision, comment: StoredComment) -> bool:
    """Whether to undo *line* would make public what the author of *comment* wrote since, which nobody decided about."""
    if line.from_state is not State.APPROVED:
        return False
    if line.revision is not None:
        return line.revision != comment.revision
    # Of an older program. Both times are of whole seconds: an edit in the second of the decision counts as one after it.
    return comment.edited_at is not None and comment.edited_at >= line.decided_at


def origin(line: StoredDecision, lines: Sequence[StoredDecision]) -> tuple[StoredDecision, bool] | None:
    """The decision that *line* undoes or restores in the end, and whether *line* puts it in force.

    None where the log no longer has it: retention forgets the oldest lines first.
    """
    by_id = {one.public_id: one for one in lines}
    puts_in_force = True
    while line.undoes is not None:
        if line.undoes not in by_id:
            return None
        line = by_id[line.undoes]
        puts_in_force = not puts_in_force
    return line, puts_in_force

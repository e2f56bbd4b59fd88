"""Look at what one author wrote."""

from __future__ import annotations

from commentsvc.access.permissions import require
from commentsvc.errors import NotFound
from commentsvc.model import AuthorFacts, Moderator, Permission, State
from commentsvc.storage.unit_of_work import UnitOfWork


def read_author(work: UnitOfWork, moderator: Moderator, author_id: str) -> AuthorFacts:
    """Give what an author wrote on this moderator's sites. It costs as much as they wrote comments.

    :raises Forbidden: this is no moderator.
    :raises NotFound: nothing, or it was erased.
    """
    require(moderator, Permission.READ)
    history = work.queue.author(author_id, moderator.sites)
    if history is None:
        raise NotFound("There is no such author.")
    counts = {str(state): history.by_state.get(state, 0) for state in State}
    return AuthorFacts(
        author_id=author_id,
        first_seen=history.first_seen,
        last_seen=history.last_seen,
        names=list(history.names),
        **counts,
    )

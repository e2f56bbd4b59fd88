"""What a thread is called where others than its moderators read it."""

from __future__ import annotations

from commentsvc.model import State
from commentsvc.records import StoredThread
from commentsvc.storage.unit_of_work import UnitOfWork


def title_of(work: UnitOfWork, thread: StoredThread) -> str:
    """The title that a moderator, a program or an import set; else what a form claimed whose comment is public; else its article."""
    if thread.title:
        return thread.title
    if thread.claimed_title and thread.claimed_by is not None:
        claiming = work.comments.of_row(thread.claimed_by)
        if claiming is None or claiming.state is not State.APPROVED:
            return thread.article
    return thread.claimed_title or thread.article

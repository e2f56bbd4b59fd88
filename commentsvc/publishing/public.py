"""From a row to the public face of a comment."""

from __future__ import annotations

from urllib.parse import urlencode

from commentsvc.model import Author, PublicComment, SafeHtml, State
from commentsvc.records import Marks, PublicRow
from commentsvc.storage.sites import DEFAULT

NOTHING = SafeHtml("")


def public_comment(row: PublicRow, thread: str, marks: Marks, *, own: bool = False) -> PublicComment:
    """Give the public face of *row*: a placeholder if it is not approved, and not shown to its author.

    :param thread: the address of its thread, see `thread_address`.
    :param marks: what moderators set in its thread.
    :param own: its author asks, so a comment that still waits is given whole.
    """
    removed = row.state is not State.APPROVED and not own
    return PublicComment(
        id=row.public_id,
        parent=row.parent,
        depth=row.depth,
        author=None if removed else Author(row.author_name, row.author_url),
        html=NOTHING if removed else SafeHtml(row.html),
        posted_at=row.posted_at,
        edited_at=None if removed else row.edited_at,
        removed=removed,
        replies=row.public_below,
        permalink=permalink(thread, row.public_id),
        pinned=row.depth == 0 and row.root_seq in marks.pins,
        locked=row.path in marks.locks,
        staff=row.staff and not removed,
        redacted=row.redacted and not removed,
        closed=bool(marks.locks) and any(row.path != one and row.path.startswith(one) for one in marks.locks),
    )


def thread_url(base_url: str, site: str, article: str) -> str:
    """The address of the whole page of a thread."""
    query = {"article": article} | ({} if site == DEFAULT else {"site": site})
    return f"{base_url}/thread?{urlencode(query)}"


def permalink(thread: str, comment: str) -> str:
    """The address that opens the page of *thread* on which that comment stands, at the comment.

    :param thread: the address of the thread; ids of comments need no escapes.
    """
    return f"{thread}&comment={comment}#comment-{comment}"

"""Who wants to be told of comments by mail, and what they were asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from commentsvc.model import Notify, QuestionKind


@dataclass(frozen=True, slots=True)
class Follow:
    """What the author of a comment wants to be told of; see `storage.tables.FollowRow`.

    `comment`, `author_id`, `sealed` and `lookup` are of the comment and its address; None once that is gone.
    """

    id: int
    comment_id: int | None
    site_id: int
    thread_id: int
    kind: Notify
    lang: str
    stop: str
    person: str | None
    created_at: datetime
    confirmed_at: datetime | None
    stopped_at: datetime | None
    unasked: bool
    comment: str | None
    author_id: str | None
    sealed: bytes | None
    lookup: bytes | None


@dataclass(frozen=True, slots=True)
class Notice:
    """That a person is to be told of a comment; see `storage.tables.NoticeRow`."""

    id: int
    person: str
    comment_id: int
    thread_id: int
    follow_id: int
    until: datetime | None
    batch: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """A mail with a link that is good for a while; see `storage.tables.QuestionRow`."""

    id: int
    public_id: str
    kind: QuestionKind
    recipient: bytes
    comment_id: int | None
    lang: str
    created_at: datetime
    expires_at: datetime

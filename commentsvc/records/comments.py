"""Comments and their threads, as storage gives and takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from commentsvc.model import (
    Markup,
    ModerationMode,
    State,
)


class PublicRow(NamedTuple):
    """What the public may see of a comment, and its place; nothing else is selected.

    A tuple, as are all that are read by the hundred: they are made in a tenth of the time.
    """

    public_id: str
    parent: str | None
    depth: int
    state: State
    author_name: str
    author_url: str | None
    html: str
    posted_at: datetime
    edited_at: datetime | None
    public_below: int
    staff: bool
    redacted: bool
    root_seq: int
    path: str


class Marks(NamedTuple):
    """What moderators set on places of a thread: the numbers of the pinned roots, and the paths that are locked."""

    pins: Sequence[int] = ()
    locks: Sequence[str] = ()


class ThreadRef(NamedTuple):
    """Where a comment hangs: its site, its article, and what moderators set in that thread."""

    site: str
    article: str
    title: str | None
    pins: Sequence[int]
    locks: Sequence[str]

    @property
    def marks(self) -> Marks:
        """What moderators set on its places."""
        return Marks(self.pins, self.locks)


class Whereabouts(NamedTuple):
    """A comment's row, and the rows of its site and its thread."""

    row_id: int
    site_id: int
    thread_id: int


class Outdated(NamedTuple):
    """A comment whose HTML older rules made."""

    rules: int
    id: int
    thread_id: int
    text: str
    markup: Markup
    redactions: Sequence[Sequence[int]] | None
    html: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a comment stands: `root_seq` is the number of the root it hangs under. See `threads.places`."""

    root_seq: int
    path: str
    depth: int


@dataclass(frozen=True, slots=True)
class Parent:
    """What a reply needs of the comment that it answers."""

    id: int
    path: str


@dataclass(frozen=True, slots=True)
class NewComment:
    """A comment that is to be stored; it has no place yet."""

    public_id: str
    site_id: int
    state: State
    reasons: tuple[str, ...]
    findings: list[dict[str, Any]]
    author_id: str
    author_name: str
    author_url: str | None
    text: str
    html: str
    rules: int
    fingerprint: bytes | None
    posted_at: datetime
    staff: bool = False
    answered_by: str | None = None


@dataclass(frozen=True, slots=True)
class NewText:
    """What an edit makes of a comment."""

    text: str
    html: str
    rules: int
    fingerprint: bytes | None
    findings: list[dict[str, Any]]
    edited_at: datetime
    changed_since_read: int


@dataclass(frozen=True, slots=True)
class StoredComment:
    """A comment as those need it who change it."""

    id: int
    public_id: str
    site_id: int
    thread_id: int
    parent_id: int | None
    path: str
    state: State
    author_id: str
    author_name: str
    author_url: str | None
    text: str
    markup: Markup
    html: str
    revision: int
    changed_since_read: int
    staff: bool
    redactions: Sequence[Sequence[int]] | None
    posted_at: datetime
    edited_at: datetime | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredThread:
    """A thread's row without its counters for writing. `open`: no moderator closed it; `expired`: time did."""

    id: int
    article: str
    title: str | None
    url: str | None
    claimed_title: str | None
    claimed_url: str | None
    claimed_by: int | None
    open: bool
    count: int
    version: int
    pins: Sequence[int]
    locks: Sequence[str]
    close_after_days: int | None
    closes_at: datetime | None
    expired: bool
    reopened: bool
    slow_mode_seconds: int | None

    @property
    def is_open(self) -> bool:
        """Whether readers are told that it takes comments."""
        return self.open and not self.expired

    def is_closed_at(self, now: datetime) -> bool:
        """Whether it takes no comments at that time: readers may be told of a close by time a little later."""
        return not self.is_open or (self.closes_at is not None and self.closes_at <= now)

    @property
    def marks(self) -> Marks:
        """What moderators set on its places."""
        return Marks(self.pins, self.locks)


@dataclass(frozen=True, slots=True)
class StoredSite:
    """A site's own settings; None where the service's hold."""

    id: int
    slug: str
    origins: Sequence[str]
    articles: Sequence[str]
    checks: Mapping[str, str]
    mode: ModerationMode | None
    privacy_url: str | None
    close_after_days: int | None
    reports_hold: int
    reasons: Sequence[str]
    epoch: str
    retain_networks: int | None


@dataclass(frozen=True, slots=True)
class SpentToken:
    """The comment that a token made, and the digest of what was sent with it."""

    comment_id: int
    digest: bytes


class ThreadState(NamedTuple):
    """A thread's row with what is counted there."""

    id: int
    site_id: int
    site: str
    article: str
    public: int
    last_seq: int
    version: int
    pins: Sequence[int]
    locks: Sequence[str]
    moved_to: int | None


class CommentState(NamedTuple):
    """A comment's row without what it says, and of the comment that it answers what its place needs."""

    thread_id: int
    path: str
    id: int
    site_id: int
    seq: int
    root_seq: int
    depth: int
    state: State
    shown: bool
    public_below: int
    is_erased: bool
    says_something: bool
    has_address: bool
    parent_id: int | None
    parent_thread_id: int | None
    parent_seq: int | None
    parent_path: str | None


class Numbered(NamedTuple):
    """A comment's row with what orders it in its thread."""

    thread_id: int
    id: int
    seq: int
    path: str
    posted_at: datetime


class Moved(NamedTuple):
    """A comment's row, and the place that it has now."""

    id: int
    seq: int
    root_seq: int
    path: str


@dataclass(frozen=True, slots=True)
class MergingThread:
    """A thread's row with all that two threads bring together."""

    id: int
    site_id: int
    title: str | None
    url: str | None
    claimed_title: str | None
    claimed_url: str | None
    claimed_by: int | None
    count: int
    last_seq: int
    version: int
    pins: Sequence[int]
    locks: Sequence[str]
    moved_to: int | None


class Beside(NamedTuple):
    """How many public answers of a comment stand beside it instead of below, as at the last level."""

    thread_id: int
    path: str
    id: int
    answers: int

"""All that is stored of sites, threads and comments, as an export reads it: the addresses are still sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from commentsvc.model import Markup, ReportReason, State


class ExportedThread(NamedTuple):
    """A thread with all its settings; `last_seq` is the number of its last comment.

    `claim_stands`: whose form claimed title and address is neither spam nor gone.
    """

    id: int
    article: str
    title: str | None
    url: str | None
    claimed_title: str | None
    claimed_url: str | None
    claim_stands: bool
    open: bool
    last_seq: int
    version: int
    pins: Sequence[int]
    locks: Sequence[str]
    close_after_days: int | None
    closes_at: datetime | None
    expired: bool
    reopened: bool
    slow_mode_seconds: int | None


class ExportedComment(NamedTuple):
    """A comment, whatever its state; `parent` is a public id, `parent_id` and `id` are numbers of rows."""

    id: int
    thread_id: int
    public_id: str
    seq: int
    path: str
    depth: int
    parent_id: int | None
    parent: str | None
    state: State
    shown: bool
    public_below: int
    reasons: Sequence[str]
    findings: Sequence[dict[str, Any]]
    author_id: str
    author_name: str
    author_url: str | None
    sealed: bytes | None
    text: str
    markup: Markup
    html: str
    revision: int
    vouched: bool
    staff: bool
    answered_by: str | None
    redactions: Sequence[Sequence[int]] | None
    posted_at: datetime
    edited_at: datetime | None
    erased_at: datetime | None


class ExportedNote(NamedTuple):
    """What a moderator noted about a comment."""

    comment_id: int
    public_id: str
    at: datetime
    by: str
    by_name: str
    text: str


class ExportedReport(NamedTuple):
    """What a reader reported of a comment."""

    comment_id: int
    public_id: str
    reason: ReportReason
    text: str
    name: str
    sealed: bytes | None
    good_faith: bool
    created_at: datetime
    closed_at: datetime | None


class ExportedObjection(NamedTuple):
    """What an author said against a decision, and what the answer was."""

    comment_id: int
    decision: str
    text: str
    created_at: datetime
    answered_at: datetime | None
    answer: str | None
    granted: bool

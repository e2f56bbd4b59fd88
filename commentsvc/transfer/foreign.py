"""Threads and comments as an export has them, whatever its format: a format reads these, the importer places them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from commentsvc.model import Markup

__all__ = ["ForeignComment", "ForeignState", "ForeignThread", "Markup", "Moment", "Visibility"]

Moment = str | int | float | datetime | None
"""A time as a file has it: ISO 8601, RFC 2822, `YYYY-MM-DD HH:MM:SS`, or seconds or milliseconds since 1970.

Without a zone it is UTC.
"""


class ForeignState(StrEnum):
    """What an export says of a comment."""

    APPROVED = "approved"
    PENDING = "pending"
    SPAM = "spam"
    DELETED = "deleted"


class Visibility(StrEnum):
    """Whether everybody may read an article; one that is a draft, private or has a password is hidden."""

    PUBLIC = "public"
    HIDDEN = "hidden"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignThread:
    """A thread of an export.

    `key` is how the comments of the file name it. `link` stands as in the file. `article` is what names the thread
    where there is no link; None: its key does. `line` is a line of the file or the number of a record, for reports.
    `original` is the record itself where it is of our own format, which says more; see `transfer.restoring`.
    """

    key: str
    link: str | None = None
    article: str | None = None
    title: str | None = None
    closed: bool = False
    visibility: Visibility = Visibility.PUBLIC
    line: int | None = None
    original: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignComment:
    """A comment of an export.

    `parent` is None for a root. `anonymous`: the file says so, or has no name. `malformed` says in a few words why a
    record, which counts as a comment, cannot be one. `original` is as in a thread, `pinned` its place among the pinned ones.
    """

    key: str
    thread: str | None
    parent: str | None = None
    state: ForeignState = ForeignState.APPROVED
    ping: bool = False
    name: str = ""
    anonymous: bool = False
    email: str | None = None
    url: str | None = None
    text: str = ""
    markup: Markup = Markup.HTML
    posted_at: Moment = None
    edited_at: Moment = None
    malformed: str | None = None
    line: int | None = None
    original: str | None = None
    pinned: int | None = None

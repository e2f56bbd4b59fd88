"""Our own format, JSON Lines: a line that says what it is, then one for each site, thread and comment.

`docs/export.schema.json` is made from these classes. A line's needs come before it: a thread's site, a comment's
thread and the comment that it answers.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from commentsvc.actions import closing, slow_mode
from commentsvc.messages import Message
from commentsvc.model import CheckMode, Markup, ModerationMode, Outcome, ReportReason, State

VERSION = 1
NETWORKS = "networks"  # kept for days that are a column of their own

FIRST_YEAR, LAST_YEAR = 1970, 2300
LARGEST = 2**31 - 1  # what a column of either database holds
Count = Annotated[int, Meta(ge=0, le=LARGEST)]
Number = Annotated[int, Meta(ge=1, le=LARGEST // 2)]  # revisions grow
Id = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{16}$")]
Days = Annotated[int, Meta(ge=0, le=closing.LONGEST_DAYS)]
Seconds = Annotated[int, Meta(ge=0, le=slow_mode.LONGEST_SECONDS)]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339, in UTC, to the microsecond")]


class _Line(Struct, kw_only=True):
    """A part of an export; its times are those that a service can count with."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, datetime) and not FIRST_YEAR <= value.year <= LAST_YEAR:
                raise ValueError(f"Expected `{name}` in a year from {FIRST_YEAR} to {LAST_YEAR}")


class Header(Struct, kw_only=True, forbid_unknown_fields=True):
    """The first line. It is the same whenever the same is exported."""

    commentsvc: Literal["export"] = "export"
    version: Literal[1] = 1
    sites: list[str]
    since: Moment | None = None


class SiteLine(_Line, kw_only=True, tag_field="type", tag="site"):
    """A site with its own settings; None where those of the service hold. `retain` has days, by what is kept for so long, or
    None for ever."""

    slug: str
    origins: list[str]
    articles: list[str]
    mode: ModerationMode | None
    checks: dict[str, CheckMode]
    privacy_url: str | None
    close_after_days: Days | None
    reports_hold: Count
    reasons: list[str]
    second_factor: bool
    retain: dict[str, Days | None]


class ThreadLine(_Line, kw_only=True, tag_field="type", tag="thread", omit_defaults=True):
    """A thread. `aliases` are article IDs that it had, or that were merged into it.

    `open` is what moderators say; `closes_at` is when it closes by time, and `expired` that it did. `reopened` is written
    only where somebody opened it after that: it does not close by time again. The `claimed`
    title and address are what the page said when somebody posted, which readers could have altered.
    """

    site: str
    article: Annotated[str, Meta(min_length=1, max_length=255)]
    aliases: list[str]
    title: str | None
    url: str | None
    claimed_title: str | None
    claimed_url: str | None
    open: bool
    close_after_days: Days | None
    closes_at: Moment | None
    expired: bool
    slow_mode_seconds: Seconds | None
    reopened: bool = False


class NoteLine(_Line, kw_only=True):
    """What a moderator noted about a comment."""

    id: Id
    at: Moment
    by: Annotated[str, Meta(max_length=16)]
    by_name: str
    text: str


class ReportLine(_Line, kw_only=True):
    """What a reader reported of a comment."""

    id: Id
    reason: ReportReason
    text: str
    name: str
    email: str | None
    good_faith: bool
    created_at: Moment
    closed_at: Moment | None


class ObjectionLine(_Line, kw_only=True):
    """What an author said against a decision."""

    decision: Annotated[str, Meta(max_length=16)]
    text: str
    created_at: Moment
    answered_at: Moment | None
    answer: str | None
    granted: bool


class FindingLine(Struct, kw_only=True):
    """What a check found: `message` is English, its places `%(name)s` filled with `values`."""

    check: str
    outcome: Outcome
    score: int | float
    message: str
    values: dict[str, str]
    evidence: str
    watching: bool

    def __post_init__(self) -> None:
        try:
            Message(self.message, **self.values)
        except (KeyError, TypeError, ValueError):
            raise ValueError("Expected `values` to fill the places of `message`") from None


class CommentLine(_Line, kw_only=True, tag_field="type", tag="comment"):
    """A comment, whatever its state.

    Those of a thread stand in the order in which they do there; `parent` is the id of the one that it answers, and `depth`
    is 0 for what answers none. One that was erased (`erased_at`) says nothing any more, and keeps its place. `pinned` is 1 for
    what stands first in the thread, 2 for the next; `redactions` are pairs of code points of `text`, from the first
    blacked-out one up to the one behind the last. `vouched`: a moderator let it through, which speaks for its author.
    """

    site: str
    article: str
    id: Id
    parent: str | None
    depth: Count
    state: State
    name: str
    email: str | None
    url: str | None
    author_id: Annotated[str, Meta(max_length=22)]
    text: str
    markup: Markup
    posted_at: Moment
    edited_at: Moment | None
    erased_at: Moment | None
    revision: Number
    staff: bool
    answered_by: Annotated[str, Meta(max_length=16)] | None
    vouched: bool
    pinned: Number | None
    locked: bool
    redactions: list[tuple[Count, Count]] | None
    reasons: list[str]
    findings: list[FindingLine]
    notes: list[NoteLine]
    reports: list[ReportLine]
    objections: list[ObjectionLine]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.erased_at is not None:  # whatever else the line says, as where it was written by hand
            self.state = State.TRASH
            self.name, self.email, self.url, self.text, self.redactions = "", None, None, "", None
            self.reasons, self.findings = [], []


Line = SiteLine | ThreadLine | CommentLine

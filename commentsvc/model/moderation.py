"""What moderators see and decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from commentsvc.model.comments import Author
from commentsvc.model.reports import OpenMatters
from commentsvc.model.terms import BlockAction, BlockKind, Outcome, Permission, SafeHtml, State


class RecordedFinding(Struct, frozen=True):
    """What a check found out about a comment, for its moderators alone.

    `score` is from 0 to 1. `watching`: the check only watches, so the outcome is what it would have been.
    """

    check: str
    outcome: Outcome
    score: float
    message: str
    evidence: str
    watching: bool

    @property
    def effective(self) -> bool:
        """Whether it keeps the comment from being public."""
        return self.outcome is not Outcome.NONE and not self.watching


@dataclass(frozen=True, slots=True)
class Told:
    """What the author of a comment may be told of why it is not public: nothing that their address has a part in.

    `facts` are texts as findings are stored; `outcome` is what they alone would have led to.
    """

    outcome: Outcome
    facts: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What screening says: the state in which a comment is stored, all that was found, and what may be told of it."""

    state: State
    findings: tuple[RecordedFinding, ...] = ()
    told: Told | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is not public."""
        return tuple(str.__str__(finding.message) for finding in self.findings if finding.effective)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, as the audit trail names them: by an opaque id and a name, never by an address."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Moderator:
    """Who decides. `sites` are the ids of the sites it may see and change; None means all.

    `display_name` is the one that readers see where an answer is one of the staff; None where there is none.
    """

    name: str
    permissions: frozenset[Permission]
    sites: frozenset[int] | None
    actor: Actor
    display_name: str | None = None

    def may_see(self, site_id: int) -> bool:
        """Whether comments of that site are this moderator's business."""
        return self.sites is None or site_id in self.sites

    def may(self, permission: Permission) -> bool:
        """Whether this moderator has that permission, at least on its sites."""
        return permission in self.permissions

    def may_everywhere(self, permission: Permission) -> bool:
        """Whether it has that permission for all sites."""
        return self.sites is None and permission in self.permissions


@dataclass(frozen=True, slots=True)
class ModeratedComment:
    """A comment as its moderators see it: the public face, and what is theirs alone.

    `email` is None for who may not see addresses, and empty where it was erased. `network` is the IPv4 /24 or IPv6 /48
    that it came from; None for who may not see addresses too, and where it was not kept or cannot be opened.
    """

    id: str
    parent: str | None
    depth: int
    author: Author
    html: SafeHtml
    posted_at: datetime
    edited_at: datetime | None
    removed: bool
    replies: int
    permalink: str
    pinned: bool
    locked: bool
    staff: bool
    state: State
    email: str | None
    text: str
    article: str
    site: str
    reasons: tuple[str, ...]
    findings: tuple[RecordedFinding, ...]
    author_id: str
    revision: int
    thread_title: str | None
    claimed_title: str | None
    claimed_url: str | None
    reports: int
    network: str | None


class Decided(Struct, frozen=True, rename={"from_": "from"}):
    """One comment's change by a decision; `to` is None where it was erased for good.

    `decision` is the id by which it can be undone; None where nothing changed.
    """

    id: str
    from_: State
    to: State | None
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A comment as somebody read it who decides about it; None where they do not say."""

    id: str
    revision: int | None = None
    state: State | None = None


class Conflict(Struct, frozen=True, omit_defaults=True):
    """A comment that is no longer as it was seen, and so was not decided about.

    `why` is `edited-meanwhile` or `already-decided`; `by` and `by_name` say who decided, as the audit log does.
    """

    id: str
    why: Literal["edited-meanwhile", "already-decided"]
    by: str | None = None
    by_name: str | None = None


class Change(Struct, frozen=True):
    """How a comment stands that is no longer as it was seen; `state` and `revision` are None where it was erased.

    `why` is as in `Conflict`, or `missing`; `by_name` says who decided.
    """

    id: str
    why: Literal["edited-meanwhile", "already-decided", "missing"]
    by_name: str | None = None
    state: State | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a comment answers, shortened."""

    id: str
    author: str
    text: str
    state: State


@dataclass(frozen=True, slots=True)
class AuthorHistory:
    """How many comments of an author at a site are in each state, and when the first was posted."""

    by_state: dict[State, int]
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class AuthorFacts:
    """What one author wrote, on the sites of who asks; `names` are those used last, the latest first."""

    author_id: str
    approved: int
    pending: int
    spam: int
    trash: int
    first_seen: datetime
    last_seen: datetime
    names: list[str]


@dataclass(frozen=True, slots=True)
class Context:
    """What helps to judge a comment: what it answers and what else its author wrote, None where that was erased; and
    what was reported or objected, None where nothing waits to be looked at; and the latest notes about it.
    """

    answers: Answered | None
    history: AuthorHistory | None
    matters: OpenMatters | None
    notes: LatestNotes


@dataclass(frozen=True, slots=True)
class LatestNotes:
    """The latest notes about a comment, the oldest of them first, and how many there were `before` them."""

    notes: Sequence[Note] = ()
    before: int = 0


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """A decision at the desk's log; `standing` says whether it can be undone."""

    decision: Decision
    standing: Literal["undoable", "undone", "final"]


@dataclass(frozen=True, slots=True)
class Decisions:
    """What became of one decision: what it changed, what was not found, and what had changed since it was read."""

    decided: list[Decided]
    missing: list[str]
    conflicts: list[Conflict]


class Undone(Struct, frozen=True, rename={"from_": "from"}):
    """A decision that was undone: `undo` is the id of the new one, by which that in turn can be undone."""

    decision: str
    undo: str
    id: str
    from_: State
    to: State


class NotUndone(Struct, frozen=True):
    """A decision that was not undone.

    A later decision stands, its comment was edited or erased after it, or no decision has that id.
    """

    decision: str
    why: Literal["superseded", "edited", "erased", "unknown"]


@dataclass(frozen=True, slots=True)
class Undoing:
    """What became of decisions that were to be undone."""

    undone: list[Undone]
    refused: list[NotUndone]


class Decision(Struct, frozen=True, rename={"from_": "from"}):
    """An entry of the audit log about a comment; `from` is None where a rule judged it as it came in.

    `by` and `by_name` say who decided, as in `AuditEntry`. `hash` is None in a line that an older program wrote, until
    it is taken into the chain.
    """

    id: str
    decided_at: datetime
    by: str
    by_name: str
    comment: str
    site: str
    article: str
    action: str
    from_: State | None
    to: State | None
    reason: str | None
    hash: str | None


class Note(Struct, frozen=True):
    """What a moderator noted about a comment, for the others; `by` and `by_name` as in `AuditEntry`."""

    id: str
    at: datetime
    by: str
    by_name: str
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A rule that catches comments: by address, network, word, linked domain or author key.

    `site` is the slug of the one site it holds for, or None for all; `value` is None for who may not see it.
    """

    id: str
    kind: BlockKind
    value: str | None
    action: BlockAction
    site: str | None
    until: datetime | None
    note: str | None
    created_at: datetime

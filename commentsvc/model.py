"""The contract's words as types. It imports no other module of the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any, Generic, Literal, NewType, TypeVar

from msgspec import Struct

SafeHtml = NewType("SafeHtml", str)
"""HTML that `publishing.sanitise` made; the only text that a template may show unescaped."""

Clock = Callable[[], datetime]
"""Gives the current time, aware and in UTC; injected, so that tests can move it."""

RandomBytes = Callable[[int], bytes]
"""Gives that many random bytes, fit for secrets; injected, so that tests can repeat it."""

Version = tuple[Any, ...]
"""Changes whenever the public bytes of its subject do."""

T = TypeVar("T")
U = TypeVar("U")


class State(StrEnum):
    """What a comment is; only `APPROVED` is public."""

    PENDING = "pending"
    APPROVED = "approved"
    SPAM = "spam"
    TRASH = "trash"


class Order(StrEnum):
    """The order of a thread's roots; replies are always oldest first."""

    OLDEST = "oldest"
    NEWEST = "newest"


class ModerationMode(StrEnum):
    """Who waits for a moderator: nobody, strangers, or everybody."""

    NONE = "none"
    FIRST = "first"
    ALL = "all"


class Action(StrEnum):
    """What a moderator may decide about a comment."""

    APPROVE = "approve"
    HOLD = "hold"
    SPAM = "spam"
    TRASH = "trash"
    PURGE = "purge"


class BlockKind(StrEnum):
    """What a block looks at."""

    EMAIL = "email"
    RANGE = "range"
    WORD = "word"
    DOMAIN = "domain"
    AUTHOR = "author"


class BlockAction(StrEnum):
    """What happens to a comment that a block catches."""

    REJECT = "reject"
    HOLD = "hold"
    SPAM = "spam"


class Outcome(StrEnum):
    """What a finding is for a comment; `NONE` is a note alone."""

    NONE = "none"
    HOLD = "hold"
    SPAM = "spam"
    REJECT = "reject"


class CheckMode(StrEnum):
    """What a site does with a check; one that is watching records what it would have done."""

    OFF = "off"
    WATCHING = "watching"
    ON = "on"


class KeyKind(StrEnum):
    """What a key of the service is for."""

    SEALING = "sealing"
    LOOKUP = "lookup"
    SECRET = "secret"  # noqa: S105 - the name of a kind


class Role(StrEnum):
    """What an account may do: a moderator judges comments, an admin also sets blocks for all sites."""

    MODERATOR = "moderator"
    ADMIN = "admin"


class Scope(StrEnum):
    """What an API token is good for."""

    MODERATE = "moderate"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Site:
    """One publication.

    `origins` are those that may post and frame; `articles` are shell patterns of the article IDs
    there are, none for any; `mode` and `privacy_url` are already resolved against the service's own settings.
    `checks` are those that the site set, by name; the others are as they are by default.
    """

    id: int
    slug: str
    origins: tuple[str, ...]
    articles: tuple[str, ...]
    mode: ModerationMode
    privacy_url: str | None
    checks: Mapping[str, CheckMode] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from: its IPv4 or IPv6 address as text, behind trusted proxies."""

    ip: str


class Author(Struct, frozen=True):
    """The public face of an author: a name and, if given, an http or https address."""

    name: str
    url: str | None


class PublicComment(Struct, frozen=True):
    """All that the public may know of a comment. It has no e-mail address, nor anything made from one.

    A `Struct`, since a page has hundreds of them: they are made and written in a tenth of the time.
    """

    id: str
    parent: str | None
    depth: int
    author: Author | None
    html: SafeHtml
    posted_at: datetime
    edited_at: datetime | None
    removed: bool
    replies: int
    permalink: str


class SubjectKind(Enum):
    """What a read can be about."""

    THREAD = "a thread, by site and article"
    COMMENT = "one comment, by its id"
    COUNTS = "the counts of articles, by site and articles"
    SITE = "the latest comments of a site"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a read is about: the number of the site (0 for a comment), and articles or a comment's id."""

    kind: SubjectKind
    site: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T]):
    """What an action read, with what it depends on: the *subject*, and the version of that at the time of the read."""

    value: T
    subject: Subject
    version: Version

    def map(self, make: Callable[[T], U]) -> Versioned[U]:
        """Give what *make* makes of the value; it depends on the same."""
        return Versioned(make(self.value), self.subject, self.version)


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """One page of a thread: `count` public comments in all, and the cursor of the next page."""

    site: str
    article: str
    title: str | None
    url: str | None
    open: bool
    count: int
    comments: tuple[PublicComment, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Submission:
    """A valid posting, normalised; what it came in as no longer matters.

    `nonce` names the form token (or the idempotency key) and is None for a program that
    sent neither; `author_id` is the one of a valid author key, else None. What a program
    with an API token (`by_api_client`) says of title and address is no mere claim. `form_digest` is that of
    a plain form (see `intake.plain_forms`), else None. `trap` is what was typed into the field that people
    do not see.
    """

    site: Site
    article: str
    parent: str | None
    name: str
    email: str
    url: str | None
    text: str
    nonce: str | None
    nonce_expires_at: datetime | None
    author_id: str | None
    claimed_title: str | None
    claimed_url: str | None
    by_api_client: bool = False
    form_digest: bytes | None = None
    trap: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """The answer to a posting: the comment with its state as its author may see it, and two keys.

    `state` is `APPROVED` or `PENDING`: to its author every comment that is not public waits. Where only the
    content was the same as before (not `with_keys`), the keys are empty: somebody else may have sent it.
    """

    comment: PublicComment
    state: State
    edit_key: str
    edit_until: datetime
    author_key: str
    repeated: bool = False
    with_keys: bool = True


@dataclass(frozen=True, slots=True)
class Edited:
    """The answer to an edit: the comment, and whether it is public or waits again."""

    comment: PublicComment
    state: State


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
class Verdict:
    """What screening says: the state in which a comment is stored, and all that was found."""

    state: State
    findings: tuple[RecordedFinding, ...] = ()

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
    """Who decides. `sites` are the ids of the sites it may see and change; None means all."""

    name: str
    role: Role
    sites: frozenset[int] | None
    actor: Actor

    def may_see(self, site_id: int) -> bool:
        """Whether comments of that site are this moderator's business."""
        return self.sites is None or site_id in self.sites


@dataclass(frozen=True, slots=True)
class ModeratedComment:
    """A comment as its moderators see it: the public face, and what is theirs alone."""

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
    state: State
    email: str
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


class Decided(Struct, frozen=True, rename={"from_": "from"}):
    """One comment's change by a decision; `to` is None where it was erased for good."""

    id: str
    from_: State
    to: State | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A comment as somebody read it who decides about it; None where they do not say."""

    id: str
    revision: int | None = None
    state: State | None = None


class Conflict(Struct, frozen=True, omit_defaults=True):
    """A comment that is no longer as it was seen, and so was not decided about.

    `why` is `edited-meanwhile` or `already-decided`; `by` says who decided, as the audit log does.
    """

    id: str
    why: Literal["edited-meanwhile", "already-decided"]
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Decisions:
    """What became of one decision: what it changed, what was not found, and what had changed since it was read."""

    decided: list[Decided]
    missing: list[str]
    conflicts: list[Conflict]


class Decision(Struct, frozen=True, rename={"from_": "from"}):
    """A line of the audit log; `from` is None where a rule judged a comment as it came in."""

    id: str
    decided_at: datetime
    by: str
    comment: str
    site: str
    article: str
    action: str
    from_: State | None
    to: State | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Block:
    """A rule that catches comments: by address, network, word, linked domain or author key.

    `site` is the slug of the one site it holds for, or None for all.
    """

    id: str
    kind: BlockKind
    value: str
    action: BlockAction
    site: str | None
    until: datetime | None
    note: str | None
    created_at: datetime


class AuditEntry(Struct, frozen=True):
    """A line of the audit trail: who did what when, to people, tokens, sites, blocks or threads.

    `by` is the opaque id of a person or an API token, `operator` at the command line, empty for a stranger.
    """

    id: str
    at: datetime
    by: str
    by_name: str
    kind: str
    what: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SignedInSession:
    """One browser on which somebody is signed in; `current` is the one that asks."""

    id: str
    browser: str
    began_at: datetime
    used_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class ThreadFacts:
    """A thread without its comments."""

    site: str
    article: str
    title: str | None
    url: str | None
    open: bool
    count: int


class JobState(StrEnum):
    """How far a job is; the last three are its ends."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """Long work that is done in steps.

    `arguments` say what was asked for, and stay; `cursor` says where the next step begins. `done` and `total`
    count what the kind of job counts; `failures` counts those since the last step that went well. At `due_at`
    any runner may take it: of a job that is running, that is the end of its runner's lease.
    """

    id: int
    public_id: str
    kind: str
    state: JobState
    arguments: Mapping[str, Any]
    cursor: Mapping[str, Any]
    done: int
    total: int | None
    failures: int
    due_at: datetime
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class JobStep:
    """What one step came to: how many more are done, where the next begins, and whether there is none."""

    done: int
    cursor: Mapping[str, Any]
    finished: bool

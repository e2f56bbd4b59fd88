"""What is stored, as it leaves and enters the database: frozen, with fields named as the columns. See `storage`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from commentsvc.model import (
    BlockAction,
    BlockKind,
    CheckMode,
    ModerationMode,
    ReportReason,
    Role,
    Scope,
    State,
    When,
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


Lookups = tuple[bytes, bytes]
"""The keyed hashes of one address under the keys there are: twice the same where there is one key."""


class Outdated(NamedTuple):
    """A comment whose HTML older rules made."""

    rules: int
    id: int
    thread_id: int
    text: str
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
    html: str
    revision: int
    staff: bool
    redactions: Sequence[Sequence[int]] | None
    posted_at: datetime
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
    open: bool
    count: int
    version: int
    pins: Sequence[int]
    locks: Sequence[str]
    close_after_days: int | None
    closes_at: datetime | None
    expired: bool
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


class Holder(Enum):
    """What an address is stored with."""

    COMMENT = 0
    BLOCK = 1
    RULE = 2
    TOTP = 3  # the secret of an authenticator app, which is sealed as addresses are
    REPORT = 4


@dataclass(frozen=True, slots=True)
class StoredAddress:
    """A sealed address, and its comment, block, rule, account or report: its own row's number, and the public id to which it is bound."""

    row_id: int
    public_id: str
    sealed: bytes
    lookup: bytes


@dataclass(frozen=True, slots=True)
class NewBlock:
    """What a moderator asks for; `site_id` None blocks on all sites."""

    kind: BlockKind
    value: str
    action: BlockAction
    site_id: int | None
    until: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """A block's row; `value` is None where it is on an address, which is in `sealed`."""

    public_id: str
    site_id: int | None
    site: str | None
    kind: BlockKind
    value: str | None
    sealed: bytes | None
    action: BlockAction
    until: datetime | None
    note: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule as moderators ask for it; `site_id` None is for all sites."""

    site_id: int | None
    name: str
    when: When
    outcome: BlockAction
    mode: CheckMode
    until: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class StoredRule:
    """A rule's row. `when` lacks its e-mail addresses; `names_addresses` says whether it has any."""

    id: int
    public_id: str
    site_id: int | None
    site: str | None
    name: str
    when: When
    outcome: BlockAction
    mode: CheckMode
    until: datetime | None
    note: str | None
    names_addresses: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ActiveRule:
    """A rule that a comment must pass. `of_address`: the comment's e-mail address is one that the rule names."""

    name: str
    when: When
    outcome: BlockAction
    mode: CheckMode
    names_addresses: bool
    of_address: bool


@dataclass(frozen=True, slots=True)
class TriedComment:
    """What a rule that is tried asks of a comment besides its `QueuedRow`.

    `by_person`: a person approved it. `first_comment`: none of its author was vouched for that came before it.
    """

    lookup: bytes | None
    thread_opened_at: datetime
    by_person: bool
    first_comment: bool


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account; `sites` is None where it moderates all."""

    id: int
    public_id: str
    email: str
    name: str | None
    role: Role
    sites: frozenset[int] | None
    password_hash: str


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session's row without the digest of its secret."""

    public_id: str
    account_id: int
    browser: str
    began_at: datetime
    used_at: datetime


@dataclass(frozen=True, slots=True)
class StoredTotp:
    """An account's authenticator app: its sealed secret, and since when it is a second factor."""

    sealed: bytes
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredPasskey:
    """A passkey's row."""

    public_id: str
    account_id: int
    credential_id: bytes
    public_key: bytes
    sign_count: int
    label: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token's row: what it is good for, where, and until when; without a site, everywhere."""

    public_id: str
    scope: Scope
    site_id: int | None
    site: str | None
    label: str | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


class StoredKey(NamedTuple):
    """A key's name, and what tells it from another of the same name."""

    name: str
    check_value: bytes


@dataclass(frozen=True, slots=True)
class SpentToken:
    """The comment that a token made, and the digest of what was sent with it."""

    comment_id: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class NewDecision:
    """What a line of the log says, before it has an id and a time."""

    by: str
    by_name: str
    comment: str
    site_id: int
    article: str
    action: str
    from_state: State | None
    to_state: State | None
    reason: str | None
    undoes: str | None = None


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """What a line of the log says of what it changed; *undoes* is the id of the line that it undid."""

    public_id: str
    by: str
    comment: str
    site_id: int
    action: str
    from_state: State | None
    to_state: State | None
    undoes: str | None


class ChainEnds(NamedTuple):
    """The newest entry of the audit log's chain, and the newest that went from its beginning, at `gone_at`."""

    position: int
    hash: str
    gone_position: int
    gone_hash: str
    gone_at: datetime | None


class LogLine(NamedTuple):
    """A line of the audit log. `content` is what its hash is made of; `reason` and `salt` lie beside that."""

    row_id: int
    position: int | None
    hash: str | None
    content: dict[str, Any]
    is_decision: bool
    reason: str | None
    salt: str | None


class JudgedComment(NamedTuple):
    """A decision with what figures are made of: `findings` and `posted_at` are those of its comment."""

    row_id: int
    position: int
    site_id: int
    comment: str
    at: datetime
    by: str
    by_name: str
    action: str
    from_state: State | None
    undoes: str | None
    findings: Sequence[Mapping[str, Any]]
    posted_at: datetime | None


class Earlier(NamedTuple):
    """A decision about a comment, as far as figures ask for it."""

    row_id: int
    at: datetime
    by: str
    to_state: State | None


class Figure(NamedTuple):
    """What a number is of: a site, a day (`2026-11-24`, UTC), what is counted, and by what it is told apart."""

    site_id: int
    day: str
    what: str
    name: str


@dataclass(frozen=True, slots=True)
class NewNote:
    """What a moderator notes about a comment."""

    public_id: str
    comment_id: int
    at: datetime
    by: str
    by_name: str
    text: str


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report that is to be stored, with its address sealed; see `storage.tables.ReportRow`."""

    public_id: str
    client: bytes
    reason: ReportReason
    text: str
    name: str
    sealed: bytes | None
    lookup: bytes | None
    good_faith: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report's row as its moderators need it."""

    id: int
    comment_id: int
    public_id: str
    reason: ReportReason
    text: str
    name: str
    sealed: bytes | None
    good_faith: bool
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredObjection:
    """An objection's row."""

    id: int
    comment_id: int
    text: str
    created_at: datetime
    answered_at: datetime | None
    answer: str | None
    granted: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """Which comments moderators list; None or nothing leaves a criterion out."""

    sites: frozenset[int] | None = None
    states: Sequence[State] = ()
    article: str | None = None
    words: str | None = None
    lookups: Lookups | None = None
    author: str | None = None
    check: str | None = None
    reported: bool = False
    links: bool = False
    since: datetime | None = None
    until: datetime | None = None
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class AuthorRecord:
    """What one author wrote: how many comments in each state, when, and under which names, the latest first."""

    by_state: Mapping[State, int]
    first_seen: datetime
    last_seen: datetime
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class QueuedRow:
    """A comment's row, its whereabouts, and its address as it is sealed."""

    id: int
    public_id: str
    parent: str | None
    depth: int
    state: State
    reasons: Sequence[str]
    findings: Sequence[Mapping[str, Any]]
    author_id: str
    revision: int
    author_name: str
    author_url: str | None
    text: str
    html: str
    posted_at: datetime
    edited_at: datetime | None
    public_below: int
    staff: bool
    root_seq: int
    path: str
    site: str
    article: str
    thread_title: str | None
    claimed_title: str | None
    claimed_url: str | None
    pins: Sequence[int]
    locks: Sequence[str]
    sealed: bytes | None
    reports: int


class Standing(NamedTuple):
    """What may change of a comment while somebody reads it."""

    public_id: str
    site_id: int
    state: State
    revision: int


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
    is_answer: bool
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

"""What is stored, as it leaves and enters the database: frozen, with fields named as the columns. See `storage`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from commentsvc.model import BlockAction, BlockKind, CheckMode, ModerationMode, Role, Scope, State, When


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
    root_seq: int
    path: str


class ThreadRef(NamedTuple):
    """Where a comment hangs: its site and its article."""

    site: str
    article: str
    title: str | None


Lookups = tuple[bytes, bytes]
"""The keyed hashes of one address under the keys there are: twice the same where there is one key."""


class Outdated(NamedTuple):
    """A comment whose HTML older rules made."""

    rules: int
    id: int
    thread_id: int
    text: str
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
    posted_at: datetime
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredThread:
    """A thread's row without its counters for writing."""

    id: int
    article: str
    title: str | None
    url: str | None
    claimed_title: str | None
    claimed_url: str | None
    open: bool
    count: int
    version: int


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
    epoch: str


class Holder(Enum):
    """What an address is stored with."""

    COMMENT = 0
    BLOCK = 1
    RULE = 2
    TOTP = 3  # the secret of an authenticator app, which is sealed as addresses are


@dataclass(frozen=True, slots=True)
class StoredAddress:
    """A sealed address, and its comment, block, rule or account: the number of its own row, and the public id to which it is bound."""

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
class Filter:
    """Which comments moderators list; None or nothing leaves a criterion out."""

    sites: frozenset[int] | None = None
    states: Sequence[State] = ()
    article: str | None = None
    words: str | None = None
    lookups: Lookups | None = None
    author: str | None = None
    check: str | None = None
    links: bool = False
    since: datetime | None = None
    until: datetime | None = None
    newest_first: bool = False


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
    site: str
    article: str
    thread_title: str | None
    claimed_title: str | None
    claimed_url: str | None
    sealed: bytes | None


class ThreadState(NamedTuple):
    """A thread's row with what is counted there."""

    id: int
    site_id: int
    site: str
    article: str
    public: int
    last_seq: int
    version: int


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


class Beside(NamedTuple):
    """How many public answers of a comment stand beside it instead of below, as at the last level."""

    thread_id: int
    path: str
    id: int
    answers: int

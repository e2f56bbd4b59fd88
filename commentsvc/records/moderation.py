"""Decisions, blocks, rules, reports and notes, and how the queue lists comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from commentsvc.model import (
    BlockAction,
    BlockKind,
    CheckMode,
    ReportReason,
    State,
    When,
)
from commentsvc.records.addresses import Lookups


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
class NewDecision:
    """What a line of the log says, before it has an id and a time. *revision* is that of the comment, as it was decided about."""

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
    revision: int | None = None


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
    reason: str | None
    revision: int | None
    decided_at: datetime


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
    networks: Lookups | None = None
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
    """A comment's row, its whereabouts, and its address and its network as they are sealed."""

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
    sealed_network: bytes | None
    reports: int


class Standing(NamedTuple):
    """What may change of a comment while somebody reads it."""

    public_id: str
    site_id: int
    state: State
    revision: int

"""What belongs to the person of an e-mail address."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from commentsvc.model.reports import Objection, ReportReason
from commentsvc.model.terms import Notify, State


class PersonNote(Struct, frozen=True):
    """What a moderator noted about a comment; who did stays theirs."""

    at: datetime
    text: str


class PersonDecision(Struct, frozen=True, rename={"from_": "from"}):
    """What was decided about a comment, and why."""

    at: datetime
    action: str
    from_: State | None
    to: State | None
    reason: str | None


class ReportAbout(Struct, frozen=True):
    """That somebody reported a comment: who did, and their words, belong to them."""

    at: datetime
    reason: ReportReason
    closed_at: datetime | None


class PersonComment(Struct, frozen=True):
    """A comment with all that is stored of it and hangs on it. `email` is in the spelling that was typed then."""

    id: str
    site: str
    article: str
    permalink: str
    parent: str | None
    state: State
    posted_at: datetime
    edited_at: datetime | None
    name: str
    url: str | None
    email: str
    text: str
    html: str
    author_id: str
    network: str | None
    reasons: tuple[str, ...]
    findings: tuple[str, ...]
    decisions: list[PersonDecision]
    notes: list[PersonNote]
    reports: list[ReportAbout]
    objections: list[Objection]


class MadeReportFacts(Struct, frozen=True):
    """A report that the person made."""

    id: str
    comment: str
    site: str
    article: str
    at: datetime
    reason: ReportReason
    text: str
    name: str
    email: str
    good_faith: bool
    closed_at: datetime | None


class PersonBlock(Struct, frozen=True):
    """A block on the address; without a site it is on all."""

    id: str
    site: str | None
    action: str
    created_at: datetime
    until: datetime | None
    note: str | None


class PersonRule(Struct, frozen=True):
    """A rule that names the address; without a site it is for all."""

    id: str
    name: str
    site: str | None


class PersonFollow(Struct, frozen=True):
    """What the author of a comment wants to be told of by mail, and whether the address was confirmed, and the mail stopped."""

    comment: str
    site: str
    article: str
    notify: Notify
    language: str
    at: datetime
    confirmed_at: datetime | None
    stopped_at: datetime | None


class PersonAccount(Struct, frozen=True):
    """An account at the desk under that address; it is no part of what `erase` erases."""

    id: str
    name: str | None
    role: str


class PersonFile(Struct, frozen=True):
    """All that is stored of a person, on one site or, where it names none, on all.

    `commentsvc` and `version` say what the file is. `trusted`: the sites where a person's word lets them post at once.
    """

    email: str
    site: str | None
    at: datetime
    comments: list[PersonComment]
    trusted: list[str]
    reports_made: list[MadeReportFacts]
    blocks: list[PersonBlock]
    rules: list[PersonRule]
    account: PersonAccount | None
    follows: list[PersonFollow] = []
    commentsvc: str = "person"
    version: int = 1


class PersonLine(Struct, frozen=True):
    """A comment in short, and how much hangs on it."""

    id: str
    site: str
    article: str
    permalink: str
    state: State
    posted_at: datetime
    name: str
    notes: int
    reports: int
    objections: int


class PersonSummary(Struct, frozen=True):
    """What is stored of a person, in short; `by_state` counts the comments, `addresses` are spellings of theirs."""

    email: str
    site: str | None
    at: datetime
    by_state: dict[str, int]
    addresses: list[str]
    names: list[str]
    comments: list[PersonLine]
    trusted: list[str]
    reports_made: int
    blocks: int
    rules: int
    account: PersonAccount | None
    follows: int = 0


class Certificate(Struct, frozen=True):
    """That what belonged to a person was erased, and how much of what; signed by the service.

    `person` are keyed digests of the address by the ids of their keys; who has no key learns nothing from them.
    """

    id: str
    at: datetime
    site: str | None
    keep_text: bool
    person: dict[str, str]
    erased: dict[str, int]
    kept: dict[str, int]
    signature: str = ""
    commentsvc: str = "erasure"
    version: int = 1


class Verified(Struct, frozen=True):
    """What is true of a certificate: whether this service signed it, and how many comments of then are there (again)."""

    genuine: bool
    found: int

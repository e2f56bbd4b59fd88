"""What readers report of a comment, and what its author is told of a decision against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class ReportReason(StrEnum):
    """What a reader says is wrong with a comment."""

    SPAM = "spam"
    ABUSE = "abuse"
    ILLEGAL = "illegal"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Notice:
    """A report of a reader, normalised; all but the reason may be missing.

    An `ILLEGAL` one with an explanation, name, address and `good_faith` has all that a notice needs
    (Regulation (EU) 2022/2065, Article 16 (2)); the comment's id is its exact location.
    """

    reason: ReportReason
    text: str
    name: str
    email: str
    good_faith: bool


@dataclass(frozen=True, slots=True)
class Report:
    """A report as moderators see it; an open one was not looked at yet."""

    id: str
    at: datetime
    reason: ReportReason
    text: str
    name: str
    email: str
    good_faith: bool
    closed_at: datetime | None


class Objection(Struct, frozen=True):
    """What an author says against a decision; *answer* are the words of the one who looked at it again, if any."""

    text: str
    at: datetime
    answered_at: datetime | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """The statement of reasons for a decision against a comment (Regulation (EU) 2022/2065, Article 17 (3)).

    `facts` are sentences. The texts are for people, and may be said in other languages (see `messages`).
    """

    decided_at: datetime
    action: str
    scope: str
    facts: tuple[str, ...]
    automated: bool
    ground: str
    how_to_object: str
    objection: Objection | None
    can_object: bool


@dataclass(frozen=True, slots=True)
class OpenMatters:
    """What of a comment nobody looked at yet: the reports of readers, and an objection of its author."""

    reports: list[Report]
    objections: list[Objection]

"""What a check is, and what it is given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from commentsvc.model import ModerationMode
from commentsvc.records import StoredBlock
from commentsvc.screening.finding import Finding
from commentsvc.screening.rules import Ruled


class Phase(StrEnum):
    """When a check looks: before the transaction, where it may take its time, or inside it, with the database."""

    BEFORE = "before"
    INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class Candidate:
    """The comment that is looked at. Nothing in it is, or is made from, an e-mail or an IP address.

    `site` is the slug; `plain` what is shown, without markup; `links` where its links lead, `url`
    apart; `trap` what was typed into the field that people do not see.
    """

    site: str
    article: str
    name: str
    url: str | None
    text: str
    plain: str
    html: str
    links: tuple[str, ...]
    trap: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known besides.

    `first_comment`: nobody approved of this author yet. `thread_opened_at` is None where this would be the
    first comment. `same_text`: how often the text came to the site within a day, this comment apart; None
    before the transaction. The rest is for our own checks: `caught` are the blocks that catch the comment,
    `known_text` says that a person read what it is about to be, and `ruled` knows the rules that catch it.
    """

    now: datetime
    mode: ModerationMode
    first_comment: bool
    thread_opened_at: datetime | None
    same_text: int | None = None
    known_text: bool = False
    caught: tuple[StoredBlock, ...] = ()
    ruled: Ruled | None = None


class Named(Protocol):
    """What a site can set, and when it is due."""

    @property
    def name(self) -> str:
        """Lower-case letters, digits and hyphens."""

    @property
    def phase(self) -> str:
        """One of `Phase`."""


class Check(Named, Protocol):
    """One thing to look at in a comment. It has no state of its own: many threads use it at once."""

    def look(self, candidate: Candidate, facts: Facts) -> Finding | Iterable[Finding] | None:
        """Say what is to be said of *candidate*, if anything."""

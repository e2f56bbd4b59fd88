"""What an answer was made from, so that it can be kept until that changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

Version = tuple[Any, ...]
"""Changes whenever the public bytes of its subject do."""


T = TypeVar("T")


U = TypeVar("U")


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
class ThreadState:
    """Of which *version* the public thread is, and how many comments it has; *of* tells threads and settings apart."""

    version: int = 0
    count: int = 0
    of: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchedThread:
    """A thread whose changes somebody is told of, and its state when it was looked at."""

    site_id: int
    site: str
    article: str
    state: ThreadState

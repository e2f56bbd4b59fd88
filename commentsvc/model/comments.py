"""Sites, threads and comments, as actions and pages speak of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from msgspec import Struct

from commentsvc.model.terms import CheckMode, ModerationMode, Notify, SafeHtml, State


@dataclass(frozen=True, slots=True)
class Site:
    """One publication.

    `origins` are those that may post and frame; `articles` are shell patterns of the article IDs
    there are, none for any; `mode` and `privacy_url` are already resolved against the service's own settings.
    `checks` are those that the site set, by name; the others are as they are by default. `close_after_days` is when
    threads close that say nothing else. Reports of `reports_hold` clients hold a comment (0: never); `reasons` are the
    texts of the site's rules, which decisions name. Networks of comments are kept for `retain_networks` days.
    """

    id: int
    slug: str
    origins: tuple[str, ...]
    articles: tuple[str, ...]
    mode: ModerationMode
    privacy_url: str | None
    checks: Mapping[str, CheckMode] = field(default_factory=dict)
    close_after_days: int | None = None
    reports_hold: int = 3
    reasons: tuple[str, ...] = ()
    retain_networks: int = 0


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from: its IPv4 or IPv6 address as text, behind trusted proxies."""

    ip: str


class Author(Struct, frozen=True):
    """The public face of an author: a name and, if given, an http or https address."""

    name: str
    url: str | None


class PublicComment(Struct, frozen=True, omit_defaults=True):
    """All that the public may know of a comment. It has no e-mail address, nor anything made from one.

    `locked`: nobody may reply to it or below it. What follows is written only where it is so. `redacted`: a moderator
    blacked out a part of it. `closed`: it stands below one that is locked.

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
    pinned: bool
    locked: bool
    staff: bool
    redacted: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """One page of a thread: `count` public comments in all, and the cursor of the next page."""

    site: str
    article: str
    title: str | None
    url: str | None
    open: bool
    slow_mode_seconds: int | None
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
    do not see. `notify` is what its author wants to be told of by mail, in the language `lang` (RFC 5646).
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
    notify: Notify | None = None
    lang: str = "en"


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


@dataclass(frozen=True, slots=True)
class ThreadFacts:
    """A thread without its comments."""

    site: str
    article: str
    title: str | None
    url: str | None
    open: bool
    count: int
    close_after_days: int | None = None
    slow_mode_seconds: int | None = None

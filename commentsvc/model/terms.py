"""The words of the contract, as values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import NewType

SafeHtml = NewType("SafeHtml", str)
"""HTML that `publishing.sanitise` made; the only text that a template may show unescaped."""


Clock = Callable[[], datetime]
"""Gives the current time, aware and in UTC; injected, so that tests can move it."""


RandomBytes = Callable[[int], bytes]
"""Gives that many random bytes, fit for secrets; injected, so that tests can repeat it."""


class State(StrEnum):
    """What a comment is; only `APPROVED` is public."""

    PENDING = "pending"
    APPROVED = "approved"
    SPAM = "spam"
    TRASH = "trash"


class Markup(StrEnum):
    """What a text is written in; plain text comes from imports alone, and is stored as HTML."""

    MARKDOWN = "markdown"
    HTML = "html"
    TEXT = "text"


class Notify(StrEnum):
    """What who comments wants to be told of by mail: replies to the comment, or all new ones of the thread."""

    REPLIES = "replies"
    ALL = "all"


class QuestionKind(StrEnum):
    """What a mail with a link asks or answers."""

    CONFIRM = "confirm"  # whether mail is wanted
    ACCESS = "access"  # what belongs to the address


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
    RETIRED = "retired"  # sealed addresses once; each was sealed again by a newer one


class Role(StrEnum):
    """What an account is for: judging comments, looking after sites and people too, or reading alone."""

    MODERATOR = "moderator"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Scope(StrEnum):
    """What an API token is good for."""

    READ = "read"
    POST = "post"
    MODERATE = "moderate"
    ADMIN = "admin"
    FEED = "feed"


class Permission(StrEnum):
    """What somebody may do; `access.permissions` says which role and which scope may do what."""

    READ = "read"  # comments, decisions, blocks and rules of one's sites
    SEE_ADDRESSES = "see-addresses"  # e-mail addresses and networks, and look for them
    DECIDE = "decide"  # about comments and threads, and set blocks and rules on one's sites
    SET_FOR_ALL = "set-for-all"  # blocks and rules that hold for all sites
    READ_TRAIL = "read-trail"  # what was done besides decisions
    MANAGE = "manage"  # people, their sessions, and API tokens
    POST = "post"  # comments, without a form token
    FOLLOW = "follow"  # what waits, by a private feed, which shows no address

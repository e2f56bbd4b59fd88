"""The moderation API: for programs with an API token, and for sessions. A subject has a file."""

from __future__ import annotations

from commentsvc.web.api.moderation import (
    accounts,
    blocks,
    comments,
    decisions,
    people,
    rules,
    threads,
    tokens,
)
from commentsvc.web.api.moderation.blueprint import moderating

__all__ = [
    "accounts",
    "blocks",
    "comments",
    "decisions",
    "moderating",
    "people",
    "rules",
    "threads",
    "tokens",
]

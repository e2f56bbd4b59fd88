"""The moderation API: for programs with an API token, and for sessions. A subject has a file."""

from __future__ import annotations

from commentsvc.web.api.moderation import (
    audit,
    blocks,
    comments,
    decisions,
    figures,
    notes,
    people,
    rules,
    threads,
)
from commentsvc.web.api.moderation.blueprint import moderating

__all__ = [
    "audit",
    "blocks",
    "comments",
    "decisions",
    "figures",
    "moderating",
    "notes",
    "people",
    "rules",
    "threads",
]

"""The moderation API: for programs with an API token, and for sessions. A subject has a file."""

from __future__ import annotations

from commentsvc.web.api.moderation import (
    accounts,
    audit,
    authors,
    blocks,
    comments,
    decisions,
    figures,
    jobs,
    marks,
    notes,
    outbox,
    people,
    person,
    reports,
    rules,
    threads,
    tokens,
    webhooks,
)
from commentsvc.web.api.moderation.blueprint import moderating

__all__ = [
    "accounts",
    "audit",
    "authors",
    "blocks",
    "comments",
    "decisions",
    "figures",
    "jobs",
    "marks",
    "moderating",
    "notes",
    "outbox",
    "people",
    "person",
    "reports",
    "rules",
    "threads",
    "tokens",
    "webhooks",
]

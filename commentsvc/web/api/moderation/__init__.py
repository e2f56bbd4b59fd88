"""The moderation API: for programs with an API token, and for sessions. A subject has a file."""

from __future__ import annotations

from commentsvc.web.api.moderation import blocks, comments, decisions, people, reports, rules, threads
from commentsvc.web.api.moderation.blueprint import moderating

__all__ = ["blocks", "comments", "decisions", "moderating", "people", "reports", "rules", "threads"]

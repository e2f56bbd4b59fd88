"""The filters by which templates show what the domain made."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask import Flask
from markupsafe import Markup

from commentsvc.model import PublicComment, SafeHtml
from commentsvc.publishing.avatars import avatar_of
from commentsvc.screening.hosts import linked
from commentsvc.screening.rendered import rendered


def install(app: Flask) -> None:
    """Give the templates of *app* their filters."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["avatar"] = avatar_of
    app.jinja_env.filters["utc"] = utc
    app.jinja_env.filters["safe_html"] = safe_html
    app.jinja_env.filters["names"] = names
    app.jinja_env.filters["closed_branches"] = closed_branches
    app.jinja_env.filters["linked_hosts"] = linked_hosts


def utc(moment: datetime) -> str:
    """A time for machines (RFC 3339)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def safe_html(html: SafeHtml) -> Markup:
    """What `publishing.sanitise` or a template of the service made; the one place where a template shows markup."""
    return Markup(html)  # noqa: S704 - and nothing else is SafeHtml


def names(comments: Iterable[PublicComment]) -> dict[str, str]:
    """Whom a reply on this page answers, where that does not stand right above it already."""
    return {comment.id: comment.author.name for comment in comments if comment.author}


def closed_branches(comments: Iterable[PublicComment]) -> set[str]:
    """The comments of this page that nobody may answer: those that are locked, and what answers them."""
    closed: set[str] = set()
    for comment in comments:  # what is answered comes first
        if comment.locked or comment.parent in closed:
            closed.add(comment.id)
    return closed


def linked_hosts(html: SafeHtml) -> list[str]:
    """The hosts that a comment links to, each once."""
    return list(dict.fromkeys(filter(None, map(linked, rendered(html).links))))

"""The filters of templates that show a discussion, on our pages and in exports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from markupsafe import Markup

from commentsvc.model import PublicComment, SafeHtml
from commentsvc.publishing.avatars import avatar_of


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
        if comment.locked or comment.closed or comment.parent in closed:
            closed.add(comment.id)
    return closed


FILTERS = {
    "avatar": avatar_of,
    "utc": utc,
    "safe_html": safe_html,
    "names": names,
    "closed_branches": closed_branches,
}

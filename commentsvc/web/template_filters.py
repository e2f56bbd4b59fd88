"""The filters by which templates show what the domain made."""

from __future__ import annotations

from flask import Flask

from commentsvc.model import SafeHtml
from commentsvc.publishing.filters import FILTERS
from commentsvc.screening.hosts import linked
from commentsvc.screening.rendered import rendered


def install(app: Flask) -> None:
    """Give the templates of *app* their filters."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= FILTERS
    app.jinja_env.filters["linked_hosts"] = linked_hosts


def linked_hosts(html: SafeHtml) -> list[str]:
    """The hosts that a comment links to, each once."""
    return list(dict.fromkeys(filter(None, map(linked, rendered(html).links))))

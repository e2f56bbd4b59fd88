"""Pages of the publisher's, with scripts that run before the widget's."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from tests.browser.widget import Embedded

NOTE_VIOLATIONS = """window.violations = [];
addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));"""
FORBID_STORAGE = """Object.defineProperty(window, 'localStorage', {
  get() { throw new DOMException('no', 'SecurityError'); },
});"""
SCRIPTS = (NOTE_VIOLATIONS, FORBID_STORAGE)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>An article</title>{scripts}<script async src="{service}/embed.js"></script></head>
<body><h1>An article</h1>{body}</body></html>"""
THREAD = '<comment-thread article="{article}"{attributes}><a href="{service}/thread?article={link}">Comments</a></comment-thread>'


def page_of(at: Embedded, article: str, *, around: str = "{}", script: str = "", **attributes: str) -> str:
    """The address of a page with the widget within *around*; that script runs first."""
    spelled = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    thread = THREAD.format(
        article=escape(article), attributes=spelled, link=quote(article), service=at.live.base_url
    )
    scripts = "".join(f"<script>{each}</script>" for each in (NOTE_VIOLATIONS, script) if each)
    return at.site.whole(PAGE.format(scripts=scripts, service=at.live.base_url, body=around.format(thread)))

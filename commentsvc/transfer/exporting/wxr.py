"""Comments as WordPress eXtended RSS, version 1.2: the WordPress importer takes it, and so do others.

The rules are those of https://github.com/WordPress/wordpress-importer: an article that is there already, by its title
and date, gets the comments; any other is made a post. Comments are brought in by ascending number, so an answer
must have a higher one than what it answers. Every text is CDATA, and an author one line, which the simplest of its
three parsers needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from html import escape

from commentsvc.model import State
from commentsvc.transfer.exporting.reading import Reader, WholeComment, WholeThread

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!-- commentsvc export -->
<rss version="2.0"
\txmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
\txmlns:content="http://purl.org/rss/1.0/modules/content/"
\txmlns:dc="http://purl.org/dc/elements/1.1/"
\txmlns:wp="http://wordpress.org/export/1.2/">
<channel>
"""
BEGINNING = HEAD.encode()[:60]
TAIL = "</channel>\n</rss>\n"
AUTHOR = "comments"  # whom the posts belong to that WordPress makes
STATES = {State.APPROVED: "1", State.PENDING: "0", State.SPAM: "spam", State.TRASH: "trash"}
LONGEST_SLUG = 190  # bytes: WordPress has 200
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2


def written(reader: Reader) -> Iterator[bytes]:
    """Give the file, a thread and a comment at a time."""
    sites = reader.selection.sites
    yield HEAD.encode()
    yield (
        _tag("title", " ".join(site.slug for site in sites))
        + "<wp:wxr_version>1.2</wp:wxr_version>\n"
        + "<wp:base_site_url></wp:base_site_url>\n<wp:base_blog_url></wp:base_blog_url>\n"
        + f"<wp:author><wp:author_id>1</wp:author_id><wp:author_login>{_cdata(AUTHOR)}</wp:author_login></wp:author>\n"
        + "<generator>commentsvc</generator>\n"
    ).encode()
    for site in sites:
        for thread in reader.threads(site):
            yield from _item(reader, thread)
    yield TAIL.encode()


def _item(reader: Reader, thread: WholeThread) -> Iterator[bytes]:
    first = next(thread.comments, None)
    row = thread.row
    posted = _time(first.row.posted_at) if first is not None else "0000-00-00 00:00:00"
    yield (
        "<item>\n"
        + _tag("title", row.title or (row.claim_stands and row.claimed_title) or row.article)
        + _tag("link", row.article)  # WordPress reads none; by it others and we name the article
        + _tag("dc:creator", AUTHOR)
        + f'<guid isPermaLink="false">{_cdata(row.url or (row.claim_stands and row.claimed_url) or row.article)}</guid>\n'
        + _tag("content:encoded", "")
        + _tag("excerpt:encoded", "")
        + f"<wp:post_id>{row.id}</wp:post_id>\n"
        + _tag("wp:post_date", posted)
        + _tag("wp:post_date_gmt", posted)
        + _tag("wp:comment_status", "open" if row.open and not row.expired else "closed")
        + _tag("wp:ping_status", "closed")
        + _tag("wp:post_name", _slug(row.article))
        + _tag("wp:status", "publish")
        + "<wp:post_parent>0</wp:post_parent>\n<wp:menu_order>0</wp:menu_order>\n"
        + _tag("wp:post_type", "post")
        + _tag("wp:post_password", "")
        + "<wp:is_sticky>0</wp:is_sticky>\n"
    ).encode()
    if first is not None:
        yield _comment(reader, first)
    for comment in thread.comments:
        yield _comment(reader, comment)
    yield b"</item>\n"


def _comment(reader: Reader, comment: WholeComment) -> bytes:
    row = comment.row
    posted = _time(row.posted_at)
    return (
        f"<wp:comment>\n<wp:comment_id>{row.id}</wp:comment_id>\n"
        + _tag("wp:comment_author", escape(row.author_name, quote=False))  # as WordPress stores it
        + _tag("wp:comment_author_email", reader.address(row.sealed, row.public_id) or "")
        + _tag("wp:comment_author_url", row.author_url or "")
        + _tag("wp:comment_author_IP", "")
        + _tag("wp:comment_date", posted)
        + _tag("wp:comment_date_gmt", posted)
        + _tag("wp:comment_content", row.html)
        + _tag("wp:comment_approved", STATES[row.state])
        + _tag("wp:comment_type", "comment")
        + f"<wp:comment_parent>{row.parent_id or 0}</wp:comment_parent>\n"
        + "<wp:comment_user_id>0</wp:comment_user_id>\n</wp:comment>\n"
    ).encode()


def _slug(article: str) -> str:
    """A name for the post in addresses: what is left of the article's, and different for each."""
    words = re.sub(r"[^a-z0-9]+", "-", article.lower()).strip("-")[:LONGEST_SLUG]
    return words or sha256(article.encode()).hexdigest()[:16]


def _tag(name: str, text: str) -> str:
    return f"<{name}>{_cdata(text)}</{name}>\n"


def _cdata(text: str) -> str:
    return f"<![CDATA[{_NOT_XML.sub(chr(0xFFFD), text).replace(']]>', ']]]]><![CDATA[>')}]]>"


def _time(moment: datetime) -> str:
    """A time in UTC, as WordPress writes it."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"

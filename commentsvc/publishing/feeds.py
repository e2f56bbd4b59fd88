"""Atom feeds (RFC 4287) with threading (RFC 4685)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

from commentsvc.model import ModeratedComment, PublicComment
from commentsvc.publishing.public import thread_url
from commentsvc.storage.sites import DEFAULT

ATOM = "http://www.w3.org/2005/Atom"
THREADING = "http://purl.org/syndication/thread/1.0"
CONTENT_TYPE = "application/atom+xml; charset=utf-8"
_COMMENTS = UUID(
    "6f0c1c1e-5c0b-5d7e-9a57-0d6b6d1f3c52"
)  # the namespace of all comments' ids, anywhere (RFC 9562 §5.5)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # of a feed that has no entry yet
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2

ET.register_namespace("", ATOM)
ET.register_namespace("thr", THREADING)


@dataclass(frozen=True, slots=True)
class Entry:
    """A comment in a feed: `about` is the article's title or ID, `page` the address of its thread."""

    comment: PublicComment
    about: str
    page: str
    parent_page: str | None

    def title(self) -> str:
        """Who wrote it, on what."""
        return f"{self.comment.author.name if self.comment.author else ''} on {self.about}"


def entry_id(comment: str) -> str:
    """The id of a comment in every feed: made of the comment's own and of nothing else, so it stays.

    A feed reader takes an entry with another id for a new one (RFC 4287 §4.2.6).
    """
    return uuid5(_COMMENTS, comment).urn


def thread_feed_url(base_url: str, site: str, article: str, form: str) -> str:
    """The one address of a thread's feed in that *form*, `atom` or `json`."""
    return thread_url(base_url, site, article).replace("/thread?", f"/feeds/thread.{form}?", 1)


def site_feed_url(base_url: str, site: str, form: str) -> str:
    """The one address of a site's feed in that *form*, `atom` or `json`."""
    return f"{base_url}/feeds/site.{form}" + ("" if site == DEFAULT else f"?site={site}")


def atom(
    feed_url: str, title: str, page_url: str | None, entries: Sequence[Entry], hub: str | None = None
) -> bytes:
    """Give the feed as XML; the same entries always give the same bytes.

    :param page_url: the page that shows the same, if there is one.
    :param hub: the WebSub hub that tells of changes, if there is one.
    """
    feed = ET.Element(f"{{{ATOM}}}feed")
    _add(feed, "id", feed_url)
    _add(feed, "title", title)
    _add(feed, "updated", _time(max((_updated(e.comment) for e in entries), default=_BEGINNING)))
    _add(feed, "link", rel="self", href=feed_url, type="application/atom+xml")
    if hub is not None:
        _add(feed, "link", rel="hub", href=hub)
    if page_url is not None:
        _add(feed, "link", rel="alternate", href=page_url, type="text/html")
    for entry in entries:
        _add_entry(feed, entry)
    xml: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return xml


def waiting(base_url: str, comments: Sequence[ModeratedComment]) -> bytes:
    """Give the feed of comments that wait, for moderators: its links lead to the desk."""
    feed = ET.Element(f"{{{ATOM}}}feed")
    _add(feed, "id", f"{base_url}/feeds/queue.atom")  # never the token by which it was read
    _add(feed, "title", "Comments that wait")
    _add(
        feed, "updated", _time(max((one.edited_at or one.posted_at for one in comments), default=_BEGINNING))
    )
    _add(feed, "link", rel="alternate", href=f"{base_url}/moderation", type="text/html")
    for one in comments:
        element = ET.SubElement(feed, f"{{{ATOM}}}entry")
        # Its own id: what waits again after an edit is news, and none of the public feeds'.
        _add(element, "id", uuid5(_COMMENTS, f"{one.id} waits {one.revision}").urn)
        _add(element, "title", f"{one.author.name} on {one.thread_title or one.article}")
        _add(element, "published", _time(one.posted_at))
        _add(element, "updated", _time(one.edited_at or one.posted_at))
        _add(
            element,
            "link",
            rel="alternate",
            href=f"{base_url}/moderation/comments/{one.id}",
            type="text/html",
        )
        _add(ET.SubElement(element, f"{{{ATOM}}}author"), "name", one.author.name)
        _add(element, "content", one.html, type="html")
    xml: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return xml


def _add_entry(feed: ET.Element, entry: Entry) -> None:
    comment = entry.comment
    name = comment.author.name if comment.author else ""
    element = ET.SubElement(feed, f"{{{ATOM}}}entry")
    _add(element, "id", entry_id(comment.id))
    _add(element, "title", entry.title())
    _add(element, "published", _time(comment.posted_at))
    _add(element, "updated", _time(_updated(comment)))
    _add(element, "link", rel="alternate", href=comment.permalink, type="text/html")
    author = ET.SubElement(element, f"{{{ATOM}}}author")
    _add(author, "name", name)
    if comment.author and comment.author.url:
        _add(author, "uri", comment.author.url)
    if comment.parent is not None:
        ET.SubElement(
            element,
            f"{{{THREADING}}}in-reply-to",
            {"ref": entry_id(comment.parent), "href": entry.parent_page or entry.page},
        )
    _add(element, "content", comment.html, type="html")


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> None:
    cleaned = {key: _xml(value) for key, value in attributes.items()}
    element = ET.SubElement(parent, f"{{{ATOM}}}{name}", cleaned)
    if text is not None:
        element.text = _xml(text)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _updated(comment: PublicComment) -> datetime:
    return comment.edited_at or comment.posted_at


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

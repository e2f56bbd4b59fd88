"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/): what the Atom feeds say, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import UNSET, Struct, UnsetType

from commentsvc.publishing.feeds import Entry, entry_id

CONTENT_TYPE = "application/feed+json"
_VERSION = "https://jsonfeed.org/version/1.1"


class _Author(Struct, omit_defaults=True):
    name: str
    url: str | UnsetType = UNSET


class _Comment(Struct, rename={"in_reply_to": "in-reply-to"}, omit_defaults=True):
    """What JSON Feed has no word for; an extension begins with an underscore."""

    article: str  # its title, or else its ID; what `about` is in an extension, JSON Feed says itself
    in_reply_to: str | UnsetType = UNSET


class _Item(Struct, omit_defaults=True, rename={"comment": "_comment"}):
    id: str
    url: str
    title: str
    content_html: str
    date_published: datetime
    authors: list[_Author]
    comment: _Comment
    date_modified: datetime | UnsetType = UNSET


class _Hub(Struct):
    type: str
    url: str


class _Feed(Struct, omit_defaults=True):
    version: str
    title: str
    feed_url: str
    items: list[_Item]
    home_page_url: str | UnsetType = UNSET
    hubs: list[_Hub] | UnsetType = UNSET


def json_feed(
    feed_url: str, title: str, page_url: str | None, entries: Sequence[Entry], hub: str | None = None
) -> bytes:
    """Give the feed; the same entries always give the same bytes, and have the ids that they have in Atom.

    :param page_url: the page that shows the same, if there is one.
    :param hub: the WebSub hub that tells of changes, if there is one.
    """
    items = [_item(entry) for entry in entries]
    hubs = [_Hub("WebSub", hub)] if hub else UNSET
    return msgspec.json.encode(_Feed(_VERSION, title, feed_url, items, page_url or UNSET, hubs))


def _item(entry: Entry) -> _Item:
    comment = entry.comment
    author = comment.author
    return _Item(
        id=entry_id(comment.id),
        url=comment.permalink,
        title=entry.title(),
        content_html=comment.html,
        date_published=comment.posted_at,
        authors=[_Author(author.name, author.url or UNSET)] if author else [],
        comment=_Comment(entry.about, entry_id(comment.parent) if comment.parent else UNSET),
        date_modified=comment.edited_at or UNSET,
    )

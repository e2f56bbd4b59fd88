"""Artrans, the JSON that Artalk writes and reads, and into which others are brought for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread
from commentsvc.transfer.formats.fields import key, malformed, markup, moment, page, parent, text, true
from commentsvc.transfer.readers.json import Item, items, outline
from commentsvc.transfer.readers.lookup import Lookup
from commentsvc.transfer.sources import Source


class Artrans:
    """A list of comments, each with its page; all values may be texts."""

    name = "artrans"

    def detect(self, head: bytes, name: str) -> bool:
        """Whether comments name the key of a page; the name of the file says it of an empty one."""
        names = outline(head)
        return not names.isdisjoint({"[].page_key", "page_key"}) or (
            bool(names) and name.lower().endswith(".artrans")
        )

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give the comments, and each page before its first one."""
        pages = Lookup()
        for item in items(source):
            if not isinstance(item.value, dict):
                yield malformed(item)
                continue
            thread = page_of(item.value, item.line)
            if pages.is_new(thread.key):
                yield thread
            yield _comment(item, item.value, thread.key)


def page_of(comment: Mapping[str, Any], line: int) -> ForeignThread:
    """Give the page that a comment of Artalk stands below."""
    title = text(comment.get("page_title")) or None
    return page(comment.get("page_key"), line, comment.get("site_name"), title=title)


def _comment(item: Item, comment: dict[str, Any], thread: str) -> ForeignComment:
    name, said = text(comment.get("nick")), text(comment.get("content"))
    return ForeignComment(
        key=key(comment.get("id")),
        thread=thread,
        parent=parent(comment.get("rid")),
        state=ForeignState.PENDING if true(comment.get("is_pending")) else ForeignState.APPROVED,
        name=name,
        anonymous=not name,
        email=text(comment.get("email")) or None,
        url=text(comment.get("link")) or None,
        text=said,
        markup=markup(said),
        posted_at=moment(comment.get("created_at")) or moment(comment.get("date")),  # `date` in version 1
        line=item.line,
    )

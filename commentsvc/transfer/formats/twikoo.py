"""Twikoo's comments, as its database exports them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread, Markup
from commentsvc.transfer.formats.fields import key, malformed, moment, page, parent, text
from commentsvc.transfer.formats.valine import records
from commentsvc.transfer.readers.json import Item, outline
from commentsvc.transfer.readers.lookup import Lookup
from commentsvc.transfer.sources import Source


class Twikoo:
    """One comment a line, or a list of them, bare or as `results`; texts are HTML, times milliseconds."""

    name = "twikoo"

    def detect(self, head: bytes, name: str) -> bool:
        """Whether there are comments with an id of MongoDB's kind below a url."""
        names = outline(head)
        return any(
            {f"{above}_id", f"{above}comment", f"{above}url"} <= names for above in ("", "[].", "results[].")
        )

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give the comments, and each page before its first one."""
        pages = Lookup()
        for item in records(source):
            if not isinstance(item.value, dict):
                yield malformed(item)
                continue
            thread = page(item.value.get("url"), item.line)
            if pages.is_new(thread.key):
                yield thread
            yield _comment(item, item.value, thread.key)


def _comment(item: Item, comment: dict[str, Any], thread: str) -> ForeignComment:
    name = text(comment.get("nick"))
    return ForeignComment(
        key=key(comment.get("_id")),
        thread=thread,
        parent=parent(comment.get("pid")),
        state=ForeignState.SPAM if comment.get("isSpam") else ForeignState.APPROVED,
        name=name,
        anonymous=not name,
        email=text(comment.get("mail")) or None,
        url=text(comment.get("link")) or None,
        text=text(comment.get("comment")),
        markup=Markup.HTML,
        posted_at=moment(comment.get("created")),
        line=item.line,
    )

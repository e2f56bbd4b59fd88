"""Waline's database, where that is SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread
from commentsvc.transfer.formats.fields import key, malformed, markup, moment, page, parent, text
from commentsvc.transfer.formats.valine import STATES
from commentsvc.transfer.readers.json import Item
from commentsvc.transfer.readers.lookup import Lookup
from commentsvc.transfer.readers.sqlite import MAGIC, Database
from commentsvc.transfer.sources import Source


class WalineDb:
    """The table `wl_Comment`."""

    name = "waline-db"

    def detect(self, head: bytes, name: str) -> bool:
        """Whether the schema, which lies in the first pages, names the table."""
        return head.startswith(MAGIC) and b"wl_comment" in head.lower()

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give the comments, and each page before its first one."""
        pages = Lookup()
        required = ("id", "url", "pid", "status", "mail", "nick", "comment")
        for item in Database(source).rows("wl_Comment", required, ("link", "insertedAt", "createdAt")):
            if item.value is None:
                yield malformed(item)
                continue
            thread = page(item.value["url"], item.line)
            if pages.is_new(thread.key):
                yield thread
            yield _comment(item, item.value, thread.key)


def _comment(item: Item, row: dict[str, Any], thread: str) -> ForeignComment:
    name, said = text(row["nick"]), text(row["comment"])
    return ForeignComment(
        key=key(row["id"]),
        thread=thread,
        parent=parent(row["pid"]),
        state=STATES.get(text(row["status"]), ForeignState.APPROVED),
        name=name,
        anonymous=not name,
        email=text(row["mail"]) or None,
        url=text(row["link"]) or None,
        text=said,
        markup=markup(said),
        posted_at=moment(row["insertedAt"]) or moment(row["createdAt"]),
        line=item.line,
    )

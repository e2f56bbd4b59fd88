"""Isso's database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread
from commentsvc.transfer.formats.fields import key, malformed, markup, moment, parent, text
from commentsvc.transfer.readers.json import Item
from commentsvc.transfer.readers.sqlite import MAGIC, Database
from commentsvc.transfer.sources import Source
from commentsvc.unicode_text import without_references

STATES = {2: ForeignState.PENDING, 4: ForeignState.DELETED}  # bits of Isso's `mode`; 1 is accepted

_TABLES = re.compile(rb"CREATE TABLE\s+[\"'`\[]?(threads|comments)\b")


class Isso:
    """The tables `threads` and `comments`; names and websites are escaped in it, texts are Markdown."""

    name = "isso"

    def detect(self, head: bytes, name: str) -> bool:
        """Whether the schema, which lies in the first pages, names both tables."""
        return head.startswith(MAGIC) and set(_TABLES.findall(head)) == {b"threads", b"comments"}

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give all threads, then all comments."""
        database = Database(source)
        for item in database.rows("threads", ("id", "uri"), ("title",)):
            yield _thread(item) if item.value else malformed(item)
        required = ("id", "tid", "parent", "mode", "email", "author", "text")
        for item in database.rows("comments", required, ("created", "modified", "website")):
            yield _comment(item, item.value) if item.value else malformed(item)


def _thread(item: Item) -> ForeignThread:
    row = item.value
    return ForeignThread(
        key=key(row["id"]), link=text(row["uri"]) or None, title=text(row["title"]) or None, line=item.line
    )


def _comment(item: Item, row: dict[str, Any]) -> ForeignComment:
    name, said = without_references(text(row["author"])), text(row["text"])
    return ForeignComment(
        key=key(row["id"]),
        thread=None if row["tid"] is None else key(row["tid"]),
        parent=parent(row["parent"]),
        state=STATES.get(row["mode"], ForeignState.APPROVED),
        name=name,
        anonymous=not name,
        email=text(row["email"]) or None,
        url=without_references(text(row["website"])) or None,
        text=said,
        markup=markup(said),
        posted_at=moment(row["created"]),
        edited_at=moment(row["modified"]),
        line=item.line,
    )

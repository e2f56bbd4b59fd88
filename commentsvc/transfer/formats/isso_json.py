"""The generic JSON that Isso imports: threads with their comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from commentsvc.transfer.foreign import ForeignComment, ForeignThread
from commentsvc.transfer.formats.fields import elements, key, malformed, markup, members, moment, page, text
from commentsvc.transfer.readers.json import Item, items, outline
from commentsvc.transfer.readers.lookup import Lookup
from commentsvc.transfer.sources import Source


class IssoJson:
    """`[{"id", "title", "comments": [{"author", "email", "website", "remote_addr", "created", "text"}]}]`."""

    name = "isso-json"

    def detect(self, head: bytes, name: str) -> bool:
        """Whether a list of threads has comments as Isso names their parts."""
        names = outline(head)
        return "[].comments[]" in names and bool(
            names & {"[].id", "[].comments[].author", "[].comments[].remote_addr"}
        )

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give each thread with its comments, all of which are roots."""
        ids = Lookup()
        for item in items(source):
            thread = members(item.value)
            if "comments" not in thread:
                yield malformed(item, "it has no comments")
                continue
            whole = page(thread.get("id"), item.line, title=text(thread.get("title")) or None)
            yield whole
            yield from _comments(item, whole.key, elements(thread["comments"]), ids)


def _comments(item: Item, thread: str, comments: list[Any], ids: Lookup) -> Iterator[ForeignComment]:
    """Give the comments; an id that was there before (most files have 0 for all) gets a number."""
    for part, comment in enumerate(comments, 1):
        if not isinstance(comment, dict):
            yield malformed(item._replace(part=part))
            continue
        named = key(comment.get("id"))
        times = ids.number(f"{thread} {named}")
        name, said = text(comment.get("author")), text(comment.get("text"))
        yield ForeignComment(
            key=named if times == 1 else f"{named}#{times}",
            thread=thread,
            name=name,
            anonymous=not name,
            email=text(comment.get("email")) or None,
            url=text(comment.get("website")) or None,
            text=said,
            markup=markup(said),
            posted_at=moment(comment.get("created")),
            line=item.line,
        )

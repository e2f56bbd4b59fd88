"""Remark42: its backup, and what its API serves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread, Markup
from commentsvc.transfer.formats.fields import (
    elements,
    key,
    malformed,
    markup,
    members,
    moment,
    page,
    parent,
    text,
)
from commentsvc.transfer.readers.json import HEAD_BYTES, TOP, Item, items, outline
from commentsvc.transfer.readers.lookup import Lookup
from commentsvc.transfer.sources import Source, head
from commentsvc.unicode_text import without_references

LOCATORS = ("locator.url", "[].locator.url", "comments[].locator.url", "comments[].comment.locator.url")


class Remark42:
    """A backup is a line with the version, then a line for each comment; the API serves a list, or a tree.

    Names are escaped; a text is HTML, with what was typed beside it as Markdown (`orig`) since 2018.
    """

    name = "remark42"

    def detect(self, head: bytes, name: str) -> bool:
        """Whether comments have a locator, or the first line is that of a backup."""
        names = outline(head)
        return not names.isdisjoint(LOCATORS) or {"version", "users", "posts"} <= names

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give the comments, and each thread before its first one.

        :raises Unreadable: a backup does not begin with its version.
        """
        threads = Lookup()
        closed: set[str] = set()
        for item in _records(source):
            if item.path == ("posts",):
                post = members(item.value)
                closed |= {text(post.get("url"))} if post.get("read_only") else set()
                continue
            comment = members(item.value)
            locator = members(comment.get("locator"))
            if not locator:
                yield malformed(item, "it does not say where it stands")
                continue
            link, title = locator.get("url"), text(comment.get("title")) or None
            thread = page(link, item.line, locator.get("site"), title=title, closed=text(link) in closed)
            if threads.is_new(thread.key):
                yield thread
            yield _comment(item, comment, thread.key)


def _records(source: Source) -> Iterator[Item]:
    """Give all comments, one by one; those of a tree each after what they answer. A backup's `posts` come first.

    :raises Unreadable: a backup does not begin with its version.
    """
    names = outline(head(source, HEAD_BYTES))
    if "[]" in names or "comments[]" in names:
        for item in items(source, TOP):
            if item.path in ((), ("comments",)):
                yield from _nested(item)
        return
    for number, item in enumerate(items(source)):
        if number == 0 and "version" in members(item.value):
            for post in elements(item.value.get("posts")):
                yield Item(("posts",), post, item.line)
        elif number == 0 and not source.keep_going:
            reason = "It does not begin with the version of a backup."
            raise Unreadable(reason, line=item.line, file=source.name)
        else:
            yield item


def _nested(item: Item) -> Iterator[Item]:
    """Give a comment, and all answers to it, however deep."""
    waiting = [item.value]
    part = 0
    while waiting:
        node = waiting.pop()
        yield item._replace(value=members(node).get("comment", node), part=part)
        part += 1
        waiting += reversed(elements(members(node).get("replies")))


def _comment(item: Item, comment: dict[str, Any], thread: str) -> ForeignComment:
    name = without_references(text(members(comment.get("user")).get("name")))
    typed, shown = text(comment.get("orig")), text(comment.get("text"))
    return ForeignComment(
        key=key(comment.get("id")),
        thread=thread,
        parent=parent(comment.get("pid")),
        state=ForeignState.DELETED if comment.get("delete") else ForeignState.APPROVED,
        name=name,
        anonymous=not name,
        text=typed or shown,
        markup=markup(typed) if typed else Markup.HTML,
        posted_at=moment(comment.get("time")),
        edited_at=moment(members(comment.get("edit")).get("time")),
        line=item.line,
    )

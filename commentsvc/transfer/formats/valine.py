"""Valine's comments, as LeanCloud exports them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread, Markup
from commentsvc.transfer.formats.fields import key, malformed, moment, page, parent, text
from commentsvc.transfer.readers.json import HEAD_BYTES, Item, items, outline
from commentsvc.transfer.readers.lookup import Lookup
from commentsvc.transfer.sources import Source, head

STATES = {"waiting": ForeignState.PENDING, "spam": ForeignState.SPAM}
PATHS = ((), ("results",), ("data", "Comment"))  # where comments stand
INSIDE = ((), ("data",))
OF_WALINE = ("sticky", "like", "user_id")  # columns that Valine has not


class Valine:
    """A list of comments, bare or as `results`, or one a line; texts are HTML."""

    name = "valine"

    def detect(self, head: bytes, name: str) -> bool:
        """Whether there are comments of LeanCloud without the columns of Waline."""
        names = outline(head)
        return (
            any({f"{above}objectId", f"{above}comment", f"{above}url"} <= names for above in ("[].", "results[].", ""))
            and not is_waline(names)
        ) or names == {"results", "results[]"}  # fmt: skip

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give the comments, and each page before its first one."""
        return read(source, lambda said: Markup.HTML)


def is_waline(names: frozenset[str]) -> bool:
    """Whether records of LeanCloud are Waline's."""
    columns = {f"{above}{column}" for above in ("[].", "results[].", "") for column in OF_WALINE}
    return not names.isdisjoint(columns)


def read(source: Source, markup: Callable[[str], Markup]) -> Iterator[ForeignThread | ForeignComment]:
    """Read records of LeanCloud; *markup* tells what a text is."""
    pages = Lookup()
    for item in records(source):
        if not isinstance(item.value, dict):
            yield malformed(item)
            continue
        thread = page(item.value.get("url"), item.line)
        if pages.is_new(thread.key):
            yield thread
        yield _comment(item, item.value, thread.key, markup)


def records(source: Source) -> Iterator[Item]:
    """Give each comment, wherever they stand."""
    names = outline(head(source, HEAD_BYTES))
    inside = INSIDE if names & {"results", "data"} else ()
    for item in items(source, inside):
        if item.fault or (item.path in PATHS and item.value is not None):
            yield item


def _comment(
    item: Item, comment: dict[str, Any], thread: str, markup: Callable[[str], Markup]
) -> ForeignComment:
    name, said = text(comment.get("nick")), text(comment.get("comment"))
    return ForeignComment(
        key=key(comment.get("objectId")),
        thread=thread,
        parent=parent(comment.get("pid")),
        state=STATES.get(text(comment.get("status")), ForeignState.APPROVED),
        name=name,
        anonymous=name in ("", "Anonymous"),
        email=text(comment.get("mail")) or None,
        url=text(comment.get("link")) or None,
        text=said,
        markup=markup(said),
        posted_at=moment(comment.get("insertedAt")) or moment(comment.get("createdAt")),
        line=item.line,
    )

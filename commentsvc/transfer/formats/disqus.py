"""Disqus's XML export: threads, then posts, which name their thread and parent."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread, Markup, Visibility
from commentsvc.transfer.readers.paragraphs import has_breaks, with_paragraphs
from commentsvc.transfer.readers.xml import attribute, child, documents, elements, fields, local, opening
from commentsvc.transfer.sources import Source


class Disqus:
    """`<disqus>` with a `<thread>` for each page that ever showed Disqus, and a `<post>` for each comment."""

    name = "disqus"

    def detect(self, head: bytes, name: str) -> bool:
        """Whether its root element is `disqus`."""
        return opening(head).root == "disqus"

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give threads and posts as they come.

        :raises Unreadable: it is no well-formed XML.
        """
        for file in documents(source, self.detect):
            for element in elements(file, ("thread", "post"), parts={"thread": "post"}):
                yield _thread(element) if local(element) == "thread" else _comment(element)


def _thread(element: etree._Element) -> ForeignThread:
    values = fields(element)
    return ForeignThread(
        key=attribute(element, "id") or "",
        link=values.get("link"),
        title=values.get("title"),
        closed=_is_true(values.get("isClosed")),
        visibility=Visibility.DELETED if _is_true(values.get("isDeleted")) else Visibility.PUBLIC,
        line=element.sourceline,
    )


def _comment(element: etree._Element) -> ForeignComment:
    values = fields(element)
    found = child(element, "author")
    author = {} if found is None else fields(found)
    message = values.get("message", "")
    return ForeignComment(
        key=attribute(element, "id") or "",
        thread=attribute(child(element, "thread"), "id"),
        parent=attribute(child(element, "parent"), "id") or None,
        state=_state(values),
        name=author.get("name", ""),
        anonymous=_is_true(author.get("isAnonymous")) or not author.get("name"),
        email=author.get("email"),
        text=message if has_breaks(message) else with_paragraphs(message),
        markup=Markup.HTML,
        posted_at=values.get("createdAt"),
        line=element.sourceline,
    )


def _state(values: dict[str, str]) -> ForeignState:
    if _is_true(values.get("isDeleted")):
        return ForeignState.DELETED
    if _is_true(values.get("isSpam")):
        return ForeignState.SPAM
    if values.get("isApproved", "").lower() == "false":
        return ForeignState.PENDING
    return ForeignState.APPROVED


def _is_true(text: str | None) -> bool:
    return (text or "").lower() == "true"
